"""Page layout: the style above the music, and the line breaks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from types import MappingProxyType

from sideman.formats.musicxml.notation import bar_values
from sideman.score import LeadSheet

BARS_A_LINE = 4
WIDEST_LINE = 46.0
"""The most written notes and rests in a line across a page of A4."""
_BAR = 2.0
_NARROWEST = 5.0
_CHORD = 2.2
_LETTER = 0.5
_UNEVEN = 1.5  # under notes of different lengths, whose distances are not those in time
_FEELS = {
    "swing": "Swing", "bebop": "Bebop", "ballad": "Ballad", "bossa": "Bossa nova",
    "waltz": "Jazz waltz", "modal": "Medium swing", "two-beat": "Two-beat", "latin": "Latin",
}  # fmt: skip
_SWUNG = frozenset({"swing", "bebop", "ballad", "waltz", "modal", "two-beat"})


def feel(style: str) -> str:
    """Return a style as printed before a metronome mark, an unknown one capitalised."""
    return _FEELS.get(style.casefold(), style[:1].upper() + style[1:])


def is_swung(style: str) -> bool:
    """Return whether a style has swung eighths."""
    plain = style.casefold()
    return plain in _SWUNG or "swing" in plain


def line_starts(
    sheet: LeadSheet,
    bars: Sequence[int],
    begins: frozenset[int],
    bars_a_line: int = BARS_A_LINE,
    widest: float = WIDEST_LINE,
    figures: Mapping[int, tuple[str, ...]] = MappingProxyType({}),
) -> frozenset[int]:
    """Return the bars that begin a line: so many to a line, fewer where they have many notes.

    `bars` are the bars to be written, in order, by their index in the form.  A line begins at each
    section and at each bar of `begins`; `widest` is what it holds at most, in notes and rests.
    `figures` are words below the staff, as in :class:`sideman.formats.musicxml.Page`.
    """
    widths, words = _widths(sheet), _widths_of_words(sheet, figures)

    def fits(line: Sequence[int]) -> bool:
        # Bars are about equally wide, whatever stands below them.
        longest = max((words.get(bar, 0.0) for bar in line), default=0.0)
        return max(_width(line, widths), longest * len(line)) <= widest

    return frozenset(
        start
        for section in _sections(sheet, bars, begins)
        for start in _lines(section, bars_a_line, fits)
    )


def lines_needed(
    sheet: LeadSheet, bars: Sequence[int], begins: frozenset[int], bars_a_line: int = BARS_A_LINE
) -> list[float]:
    """Return the notes and rests of each line if all but the last of a section are full."""
    widths = _widths(sheet)
    return [
        _width(section[start : start + bars_a_line], widths)
        for section in _sections(sheet, bars, begins)
        for start in range(0, len(section), bars_a_line)
    ]


def _sections(sheet: LeadSheet, bars: Sequence[int], begins: frozenset[int]) -> list[list[int]]:
    """Return the bars by section, where a line begins."""
    sections: list[list[int]] = []
    for bar in bars:
        if not sections or sheet.changes.bars[bar].section is not None or bar in begins:
            sections.append([])
        sections[-1].append(bar)
    return sections


def _lines(section: Sequence[int], size: int, fits: Callable[[Sequence[int]], bool]) -> list[int]:
    """Split a section into lines of `size` bars, and a line that does not fit into halves."""
    starts: list[int] = []
    for index in range(0, len(section), size):
        line = section[index : index + size]
        alone = len(line) == 1 < size and starts
        if alone and fits([*section[index - size : index], *line]):
            continue  # a last bar by itself joins the line before
        starts.append(line[0])
        if not fits(line) and len(line) > 1:
            halves = line[: (len(line) + 1) // 2], line[(len(line) + 1) // 2 :]
            starts.append(halves[1][0])
            for half in halves:
                if not fits(half):
                    starts += half[1:]
    return starts


def _width(bars: Sequence[int], widths: Sequence[float]) -> float:
    return sum(widths[bar] for bar in bars)


def _widths_of_words(sheet: LeadSheet, figures: Mapping[int, tuple[str, ...]]) -> dict[int, float]:
    """Return the width that the words below each bar need, none of them beyond its end."""
    changes, found = sheet.changes, dict[int, float]()
    letter = _LETTER * (_UNEVEN if sheet.parts else 1)
    for row in range(max(map(len, figures.values()), default=0)):
        ticks = [tick for tick in sorted(figures) if any(figures[tick][row : row + 1])]
        for tick, after in pairwise([*ticks, changes.length]):
            bar = changes.bar_at(tick)
            end = changes.bar_starts[bar] + changes.bars[bar].meter.ticks_per_bar
            share = (min(after, end) - tick) / changes.bars[bar].meter.ticks_per_bar
            width = letter * (len(figures[tick][row]) + 1) / share
            found[bar] = max(found.get(bar, 0.0), width)
    return found


def _widths(sheet: LeadSheet) -> list[float]:
    """Return the width of each bar, estimated in written notes and rests."""
    changes = sheet.changes
    pieces: list[list[tuple[int, int, bool]]] = [[] for _ in changes.bars]
    for note in sheet.melody:
        first, last = changes.bar_at(note.onset), changes.bar_at(note.end - 1)
        for bar in range(max(first, 0), min(last, len(pieces) - 1) + 1):
            start, length = changes.bar_starts[bar], changes.bars[bar].meter.ticks_per_bar
            begin, end = max(note.onset - start, 0), min(note.end - start, length)
            before = pieces[bar][-1][1] if pieces[bar] else 0
            if begin > before:
                pieces[bar].append((before, begin, True))
            if begin >= before:
                pieces[bar].append((begin, end, False))
    return [
        max(
            _NARROWEST,
            _BAR + _CHORD * len(bar.chords),
            _BAR + len(bar_values(held, bar.meter)),
        )
        for held, bar in zip(pieces, changes.bars, strict=True)
    ]
