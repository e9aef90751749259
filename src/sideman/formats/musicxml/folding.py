"""Folding repeated sections of a lead sheet into repeat signs.

In a lead sheet the form is written out. If two neighbouring sections have the same notes and chords
(or the halves of a form without sections do), the first is written with a repeat; if they differ in
their last bars, these become first and second endings. Reading such a score gives the same form.
"""

from __future__ import annotations

from dataclasses import dataclass

from sideman.score import Bar, LeadSheet, Note

_LONGEST_ENDING = 4
_SHORTEST_WITH_HALVES = 16


@dataclass(frozen=True, slots=True)
class Written:
    """A written bar with the signs around it.

    Parameters
    ----------
    bar : int
        The index in the form; the first one if played twice.
    opens, closes : bool
        Whether a repeat begins before or ends after this bar.
    ending : int
        1 or 2 if an ending begins here, else 0.
    ends : int
        1 or 2 if that ending stops after this bar, else 0.
    """

    bar: int
    opens: bool = False
    closes: bool = False
    ending: int = 0
    ends: int = 0


def unfolded(sheet: LeadSheet) -> tuple[Written, ...]:
    """Return every bar of the form."""
    return tuple(Written(index) for index in range(len(sheet.changes.bars)))


def folded(sheet: LeadSheet) -> tuple[Written, ...]:
    """Return the bars with sections that are played twice written once.

    Examples
    --------
    >>> from sideman.formats import typed
    >>> sheet = typed.parse("[A] C | F | G7 | C | [A] C | F | G7 | Am | [B] F | C", "x")
    >>> [(one.bar, one.ending) for one in folded(sheet)]
    [(0, 0), (1, 0), (2, 0), (3, 1), (7, 2), (8, 0), (9, 0)]
    """
    contents = _contents(sheet)
    bars = sheet.changes.bars
    if not bars:
        return ()
    starts = [i for i, bar in enumerate(bars) if bar.section is not None or i == 0]
    if len(bars) >= _SHORTEST_WITH_HALVES and not any(bar.section for bar in bars):
        starts += [len(bars) // 2]
    written: list[Written] = []
    bounds = list(zip(starts, [*starts[1:], len(contents)], strict=True))
    index = 0
    while index < len(bounds):
        start, end = bounds[index]
        length = end - start
        following = bounds[index + 1] if index + 1 < len(bounds) else (0, 0)
        same = 0
        if following[1] - following[0] == length and following[0]:
            same = _shared(contents[start:end], contents[end : following[1]])
        if length > 1 and same == length:
            written += _repeated(start, end)
            index += 2
        elif same and length - _LONGEST_ENDING <= same < length <= 2 * same:
            written += _with_endings(start, end, same)
            index += 2
        else:
            written += [Written(bar) for bar in range(start, end)]
            index += 1
    return tuple(written)


def _repeated(start: int, end: int) -> list[Written]:
    last = end - 1
    return [Written(bar, opens=bar == start, closes=bar == last) for bar in range(start, end)]


def _with_endings(start: int, end: int, same: int) -> list[Written]:
    length = end - start
    written = [Written(start + place, opens=place == 0) for place in range(same)]
    for number, base in ((1, start), (2, end)):
        for place in range(same, length):
            last = place == length - 1
            written.append(
                Written(
                    base + place,
                    closes=last and number == 1,
                    ending=number if place == same else 0,
                    ends=number if last else 0,
                )
            )
    return written


@dataclass(frozen=True, slots=True)
class _Content:
    """A bar, the notes that begin in it, and whether no note sounds beyond it."""

    bar: Bar
    notes: tuple[tuple[Note, ...], ...]
    closed: bool


def _contents(sheet: LeadSheet) -> list[_Content]:
    """Return the content of each bar, with onsets from the start of the bar."""
    changes = sheet.changes
    notes: list[list[list[Note]]] = [[[] for _ in sheet.parts] for _ in changes.bars]
    crossing = set()
    for number, part in enumerate(sheet.parts):
        for note in part.notes:
            bar = changes.bar_at(note.onset)
            if not 0 <= bar < len(changes.bars):
                continue
            start, end = changes.bar_starts[bar], changes.bar_starts[bar + 1]
            notes[bar][number].append(
                Note(note.onset - start, note.duration, note.pitch, note.velocity, note.name)
            )
            if note.end > end:
                crossing.add(bar)
    return [
        _Content(bar, tuple(tuple(held) for held in notes[index]), index not in crossing)
        for index, bar in enumerate(changes.bars)
    ]


def _shared(one: list[_Content], other: list[_Content]) -> int:
    """Return how many first bars two sections share; 0 if they cannot be folded."""
    if not (one[-1].closed and other[-1].closed):
        return 0
    same = 0
    while same < len(one) and one[same] == other[same]:
        same += 1
    # A note that is tied into the next bar cannot precede an ending.
    while same and not one[same - 1].closed:
        same -= 1
    return same
