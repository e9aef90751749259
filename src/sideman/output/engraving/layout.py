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
# The costs of a line: for itself, of each bar fewer or more as a share of the usual number, of a
# bar alone, of a beginning at an even or odd bar within a phrase, and of a section within it.
_LINE, _OTHER_SIZE, _ALONE, _WITHIN, _JOINED = 1.0, (0.8, 4.8), 4.0, (0.3, 0.8), 2.5
_CLOSER, _CLOSEST = 20.0, 0.25  # the cost of a line that is closer, as a share, and the most
_LETTER = 0.5
_UNEVEN = 1.5  # under notes of different lengths, whose distances are not those in time
_FEELS = {
    "swing": "Swing", "bebop": "Bebop", "ballad": "Ballad", "bossa": "Bossa nova",
    "waltz": "Jazz waltz", "modal": "Medium swing", "two-beat": "Two-beat", "latin": "Latin",
}  # fmt: skip
_SWUNG = frozenset({"swing", "bebop", "ballad", "waltz", "modal", "two-beat"})


def feel(style: str, swing: float | None = None) -> str:
    """Return a style as printed, an unknown one capitalised, or else what the eighths are."""
    if not style and swing is not None:
        return "Swing" if swing > 1 else "Straight eighths"
    return _FEELS.get(style.casefold(), style[:1].upper() + style[1:])


def is_swung(style: str, swing: float | None = None) -> bool:
    """Return whether a style, or without one a ratio of the eighths, is swung."""
    if not style:
        return swing is not None and swing > 1
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
    section and at each bar of `begins`, except that short ones join for a bar alone; `widest` is
    what it holds at most, in notes and rests.
    `figures` are words below the staff, as in :class:`sideman.formats.musicxml.Page`.
    """
    widths, words = _widths(sheet), _widths_of_words(sheet, figures)

    def excess(line: Sequence[int]) -> float:
        # Bars are about equally wide, whatever stands below them.
        longest = max((words.get(bar, 0.0) for bar in line), default=0.0)
        return max(_width(line, widths), longest * len(line)) / widest - 1

    return frozenset(_lines(_sections(sheet, bars, begins), bars_a_line, excess))


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


def _lines(
    sections: Sequence[Sequence[int]], size: int, excess: Callable[[Sequence[int]], float]
) -> list[int]:
    """Return the bars that begin a line, of the division with the lowest cost.

    For a bar that would be alone, a line has at most one bar more than `size`, or is a little
    closer; `excess` returns how much, as a share of the widest.
    """
    bars = [bar for section in sections for bar in section]
    places = [place for section in sections for place in range(len(section))]
    longest = size + (size > 1)
    # For each number of bars: the cost, and the first bar of the last line.
    best: list[tuple[float, int]] = [(0.0, 0)]
    for end in range(1, len(bars) + 1):
        found = []
        for start in range(end - 1, max(end - longest, 0) - 1, -1):
            closer = max(excess(bars[start:end]), 0.0) if end - start > 1 else 0.0
            if closer > _CLOSEST:
                break
            cost = _cost(places[start:end], size) + _CLOSER * closer
            found.append((best[start][0] + cost, start))
        best.append(min(found))
    starts: list[int] = []
    at = len(bars)
    while at:
        at = best[at][1]
        starts.insert(0, bars[at])
    return starts


def _cost(places: Sequence[int], size: int) -> float:
    """Return the cost of a line of bars, by their places in their sections."""
    many, first = len(places), places[0]
    cost = _LINE + _OTHER_SIZE[many > size] * abs(size - many) / size
    if many == 1 < size:
        cost += _ALONE
    if first % size:
        cost += _WITHIN[first % 2]
    return cost + _JOINED * sum(place == 0 for place in places[1:])


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
    """Return the written notes and rests of each bar, as its width; the first with its pickup."""
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
    widths = [
        max(
            _NARROWEST,
            _BAR + _CHORD * len(bar.chords),
            _BAR + len(bar_values(held, bar.meter)),
        )
        for held, bar in zip(pieces, changes.bars, strict=True)
    ]
    pickup = sum(note.onset < 0 for note in sheet.melody)
    if pickup and widths:
        widths[0] += _BAR + pickup
    return widths
