"""How a stretch of time is written: note values, ties, beams and tuplets.

A note is split where a bar ends and where a beat of triplets meets a beat of sixteenths; values
shorter than a quarter are beamed within their beat; triplets are bracketed by the beat.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from sideman.meter import TICKS_PER_QUARTER, Meter

# ticks: (note type, dots, whether it is one of a triplet)
VALUES = {
    96: ("whole", 0, False), 72: ("half", 1, False), 48: ("half", 0, False),
    36: ("quarter", 1, False), 24: ("quarter", 0, False), 18: ("eighth", 1, False),
    12: ("eighth", 0, False), 9: ("16th", 1, False), 6: ("16th", 0, False),
    3: ("32nd", 0, False), 32: ("half", 0, True), 16: ("quarter", 0, True),
    8: ("eighth", 0, True), 4: ("16th", 0, True), 2: ("32nd", 0, True), 1: ("64th", 0, True),
}  # fmt: skip
_STRAIGHT = tuple(ticks for ticks, value in VALUES.items() if not value[2])
_TRIPLET = tuple(ticks for ticks, value in VALUES.items() if value[2])

_BEAMS = {"eighth": 1, "16th": 2, "32nd": 3, "64th": 4}


@lru_cache(maxsize=8192)
def written_values(start: int, end: int) -> tuple[tuple[int, int], ...]:
    """Split a stretch of one bar into note values, tied where there are several.

    A value that fits is taken whole if it begins where such values do: on a multiple of its own
    length, or on a beat.  Otherwise the stretch is split at the next beat.

    Parameters
    ----------
    start, end : int
        Ticks from the start of the bar.

    Returns
    -------
    tuple of (int, int)
        Start and end of each value; the lengths are keys of `VALUES`.

    Examples
    --------
    >>> written_values(12, 60), written_values(0, 20)
    (((12, 24), (24, 60)), ((0, 16), (16, 20)))
    """
    if end == start:
        return ()
    length = end - start
    if length in VALUES and _sits_well(start, length):
        return ((start, end),)
    beat_end = (start // TICKS_PER_QUARTER + 1) * TICKS_PER_QUARTER
    if beat_end < end:
        if start % TICKS_PER_QUARTER == 0:
            whole = (end - start) // TICKS_PER_QUARTER * TICKS_PER_QUARTER
            longest = next(v for v in _STRAIGHT if v <= whole)
            return ((start, start + longest), *written_values(start + longest, end))
        return (*written_values(start, beat_end), *written_values(beat_end, end))
    # Within one beat: straight values on the straight grid, triplets on the other.
    straight = start % 3 == 0 and end % 3 == 0
    grid = _STRAIGHT if straight else _TRIPLET
    value = next((v for v in grid if v <= length and (straight or start % v == 0)), 1)
    return ((start, start + value), *written_values(start + value, end))


def _sits_well(start: int, length: int) -> bool:
    if VALUES[length][2]:
        return start % length == 0 or (length == 16 and start % 8 == 0)
    if length in (36, 72, 18, 9):
        return start % (length // 3) == 0
    return start % min(length, TICKS_PER_QUARTER) == 0 or (length in (12, 24) and start % 6 == 0)


def beams(
    stretches: Sequence[tuple[int, int]], rests: Sequence[bool], meter: Meter
) -> list[list[str]]:
    """Beam a bar's values by the beat.

    Parameters
    ----------
    stretches : sequence of (int, int)
        The bar's values in order, from :func:`written_values`.
    rests : sequence of bool
        Which of them are rests.
    meter : Meter
        The bar's meter.

    Returns
    -------
    list of list of str
        For each value its beams from the outermost: ``begin``, ``continue``, ``end``,
        ``forward hook`` or ``backward hook``; empty for none.

    Examples
    --------
    >>> beams([(0, 12), (12, 18), (18, 24), (24, 48)], [False] * 4, Meter())
    [['begin'], ['continue', 'begin'], ['end', 'end'], []]
    """
    compound = meter.unit == 8 and meter.beats % 3 == 0
    beat = 3 * meter.ticks_per_beat if compound else max(meter.ticks_per_beat, TICKS_PER_QUARTER)
    levels = [
        0 if rest else _BEAMS.get(VALUES[end - start][0], 0)
        for (start, end), rest in zip(stretches, rests, strict=True)
    ]
    written: list[list[str]] = [[] for _ in stretches]
    group: list[int] = []
    for index in range(len(stretches) + 1):
        joins = (
            index < len(stretches)
            and levels[index] > 0
            and (not group or stretches[group[0]][0] // beat == stretches[index][0] // beat)
        )
        if not joins:
            _beam(group, levels, written)
            group = []
        if index < len(stretches) and levels[index]:
            group.append(index)
    return written


def _beam(group: list[int], levels: list[int], written: list[list[str]]) -> None:
    if len(group) < 2:
        return
    for place, index in enumerate(group):
        for level in range(1, levels[index] + 1):
            before = place > 0 and levels[group[place - 1]] >= level
            after = place + 1 < len(group) and levels[group[place + 1]] >= level
            if before:
                word = "continue" if after else "end"
            elif after:
                word = "begin"
            else:
                word = "forward hook" if place == 0 else "backward hook"
            written[index].append(word)


def tuplets(stretches: Sequence[tuple[int, int]]) -> list[str]:
    """Bracket a bar's triplets by the beat.

    Parameters
    ----------
    stretches : sequence of (int, int)
        The bar's values in order.

    Returns
    -------
    list of str
        For each value ``start``, ``stop`` or nothing.

    Examples
    --------
    >>> tuplets([(0, 8), (8, 16), (16, 24), (24, 48)])
    ['start', '', 'stop', '']
    """
    marks = [""] * len(stretches)
    first: int | None = None
    for index, (start, end) in enumerate(stretches):
        if not VALUES[end - start][2]:
            first = None
            continue
        if first is None:
            first = index
        if (end - stretches[first][0]) % TICKS_PER_QUARTER == 0:
            if index > first:
                marks[first], marks[index] = "start", "stop"
            first = None
    return marks
