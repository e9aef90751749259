"""Note values, ties, beams and tuplets.

The rules follow Gardner Read, *Music Notation*, 1969, chapters 6, 10 and 11, and the practice of
jazz charts: the middle of a bar and the beats of a rest are visible; a note may be syncopated but
not across the middle of the bar; eighths are beamed per half bar and shorter notes per beat;
triplets are bracketed over half a beat, a beat or two beats, and two of sixteenths in one beat as a
sextuplet.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from sideman.theory.meter import TICKS_PER_QUARTER, Meter

# ticks: (note type, dots, whether it is one of a triplet)
VALUES = {
    96: ("whole", 0, False), 72: ("half", 1, False), 48: ("half", 0, False),
    36: ("quarter", 1, False), 24: ("quarter", 0, False), 18: ("eighth", 1, False),
    12: ("eighth", 0, False), 9: ("16th", 1, False), 6: ("16th", 0, False),
    3: ("32nd", 0, False), 32: ("half", 0, True), 16: ("quarter", 0, True),
    8: ("eighth", 0, True), 4: ("16th", 0, True), 2: ("32nd", 0, True), 1: ("64th", 0, True),
}  # fmt: skip
_STRAIGHT = tuple(ticks for ticks, value in VALUES.items() if not value[2])
_TRIPLET = tuple(ticks for ticks, value in VALUES.items() if value[2] and ticks < 32)
_UNDOTTED = (96, 48, 24, 12, 6, 3)

_BEAMS = {"eighth": 1, "16th": 2, "32nd": 3, "64th": 4}
_HALF = TICKS_PER_QUARTER // 2


@dataclass(frozen=True, slots=True)
class Value:
    """One written note or rest.

    Parameters
    ----------
    start, end : int
        Ticks from the start of the bar; the difference is a key of `VALUES`.
    piece : int
        The index of the piece to which it belongs.
    """

    start: int
    end: int
    piece: int


def bar_values(pieces: Sequence[tuple[int, int, bool]], meter: Meter) -> list[Value]:
    """Split the pieces of a bar into note values; those of one piece are tied.

    Parameters
    ----------
    pieces : sequence of (int, int, bool)
        Start, end and whether it is a rest, in ticks from the start of the bar, without gaps.
    meter : Meter
        The meter of the bar.

    Examples
    --------
    >>> def lengths(*pieces):
    ...     return [value.end - value.start for value in bar_values(pieces, Meter())]
    >>> lengths((0, 36, False), (36, 60, False), (60, 96, True))
    [36, 12, 12, 12, 24]
    >>> lengths((0, 16, False), (16, 32, False), (32, 48, False), (48, 96, False))
    [16, 16, 16, 48]
    """
    wide = _wide_triplets(pieces, meter)
    edges = sorted({edge for start in wide for edge in (start, start + 2 * TICKS_PER_QUARTER)})
    values: list[Value] = []
    for index, (start, end, rest) in enumerate(pieces):
        cuts = [start, *(edge for edge in edges if start < edge < end), end]
        for first, last in pairwise(cuts):
            inside = any(zone <= first < zone + 2 * TICKS_PER_QUARTER for zone in wide)
            parts = ((first, last),) if inside else written_values(first, last, meter, rest=rest)
            values += [Value(one, other, index) for one, other in parts]
    return values


def _wide_triplets(pieces: Sequence[tuple[int, int, bool]], meter: Meter) -> set[int]:
    """Return the starts of half bars with a triplet of quarters."""
    if meter.unit != 4:
        return set()
    edges = {edge for start, end, _ in pieces for edge in (start, end)}
    found = set()
    for start in range(0, meter.ticks_per_bar - 2 * TICKS_PER_QUARTER + 1, TICKS_PER_QUARTER):
        inside = {edge - start for edge in edges if 0 < edge - start < 2 * TICKS_PER_QUARTER}
        if inside == {16, 32} and {start, start + 48} <= edges and start - 24 not in found:
            found.add(start)
    return found


def strong_beats(meter: Meter) -> tuple[int, ...]:
    """Return the ticks at which notes are split.

    These are the middle of four beats, the groups of a compound meter, and in other meters groups
    of three before groups of two.
    """
    ticks, bar = meter.ticks_per_beat, meter.ticks_per_bar
    if _compound(meter):
        return tuple(range(3 * ticks, bar, 3 * ticks))
    if ticks < TICKS_PER_QUARTER:
        return tuple(range(TICKS_PER_QUARTER, bar, TICKS_PER_QUARTER))
    if meter.beats == 4:
        return (2 * ticks,)
    if meter.beats in (5, 7):
        return tuple(place * ticks for place in ((3,) if meter.beats == 5 else (4,)))
    return tuple(range(2 * ticks, bar, 2 * ticks)) if meter.beats > 4 else ()


def _compound(meter: Meter) -> bool:
    return meter.unit == 8 and meter.beats % 3 == 0


@lru_cache(maxsize=16384)
def written_values(
    start: int, end: int, meter: Meter, *, rest: bool = False
) -> tuple[tuple[int, int], ...]:
    """Split a span of one bar into note values; lengths are keys of `VALUES`.

    Examples
    --------
    >>> written_values(12, 60, Meter()), written_values(0, 20, Meter())
    (((12, 48), (48, 60)), ((0, 16), (16, 20)))
    >>> written_values(12, 48, Meter(), rest=True)
    ((12, 24), (24, 48))
    """
    if end == start:
        return ()
    beat = 3 * meter.ticks_per_beat if _compound(meter) else TICKS_PER_QUARTER
    length = end - start
    on_beats = start % beat == 0 and end % beat == 0
    for middle in strong_beats(meter):
        # Notes of whole beats may cross the middle (a quarter, a half, a quarter), rests may not.
        whole = start == 0 or (on_beats and not rest and not _compound(meter))
        if start < middle < end and not (whole and length in VALUES and length not in (16, 32)):
            return (
                *written_values(start, middle, meter, rest=rest),
                *written_values(middle, end, meter, rest=rest),
            )
    if length in VALUES and _sits_well(start, end, beat, rest=rest):
        return ((start, end),)
    next_beat = (start // beat + 1) * beat
    if next_beat < end:
        if start % beat:
            return (
                *written_values(start, next_beat, meter, rest=rest),
                *written_values(next_beat, end, meter, rest=rest),
            )
        longest = _longest(start, end, beat, rest=rest)
        return ((start, start + longest), *written_values(start + longest, end, meter, rest=rest))
    # Within one beat: straight values on the straight grid, else triplet values.
    straight = start % 3 == 0 and end % 3 == 0
    if straight and start % _HALF and start // _HALF * _HALF + _HALF < end:
        half = start // _HALF * _HALF + _HALF
        return (
            *written_values(start, half, meter, rest=rest),
            *written_values(half, end, meter, rest=rest),
        )
    grid = _STRAIGHT if straight else _TRIPLET
    value = next((v for v in grid if v <= length and (straight or start % v == 0)), 1)
    return ((start, start + value), *written_values(start + value, end, meter, rest=rest))


def _longest(start: int, end: int, beat: int, *, rest: bool) -> int:
    """Return the longest value of whole beats that may begin here."""
    whole = (end - start) // beat * beat
    values = _UNDOTTED if rest and beat == TICKS_PER_QUARTER else _STRAIGHT
    return next(
        v
        for v in (*values, beat)
        if v <= whole and v % beat == 0 and (not rest or start % min(v, 2 * beat) == 0)
    )


def _sits_well(start: int, end: int, beat: int, *, rest: bool) -> bool:
    """Return whether a value may begin here."""
    length = end - start
    if VALUES[length][2]:
        if length == 32 or start // TICKS_PER_QUARTER != (end - 1) // TICKS_PER_QUARTER:
            return False
        return start % length == 0 or (length == 16 and start % 8 == 0)
    if start % beat == 0:
        if beat != TICKS_PER_QUARTER:
            return length <= beat or length % beat == 0
        dotted = VALUES[length][1] > 0
        return not (rest and dotted and length > TICKS_PER_QUARTER)
    if rest or beat != TICKS_PER_QUARTER:
        # A rest, or a note in a compound meter, is within its beat and on the grid of its length.
        within = start // beat == (end - 1) // beat
        return within and start % length == 0 and (not rest or VALUES[length][1] == 0)
    if length in (36, 24):
        return start % _HALF == 0
    if length in (18, 9):
        return start % (length // 3) == 0 and start // 24 == (end - 1) // 24
    return start % min(length, TICKS_PER_QUARTER) == 0 or (length == 12 and start % 6 == 0
        and start // 24 == (end - 1) // 24)  # fmt: skip


def beams(
    stretches: Sequence[tuple[int, int]], rests: Sequence[bool], meter: Meter
) -> list[list[str]]:
    """Beam a bar's values: eighths per half bar, shorter ones per beat.

    Parameters
    ----------
    stretches : sequence of (int, int)
        The bar's values in order, from :func:`bar_values`.
    rests : sequence of bool
        Which of them are rests.
    meter : Meter
        The meter of the bar.

    Returns
    -------
    list of list of str
        For each value its beams from the outermost: ``begin``, ``continue``, ``end``, ``forward
        hook`` or ``backward hook``.

    Examples
    --------
    >>> beams([(0, 12), (12, 18), (18, 24), (24, 48)], [False] * 4, Meter())
    [['begin'], ['continue', 'begin'], ['end', 'end'], []]
    """
    beat = (
        3 * meter.ticks_per_beat
        if _compound(meter)
        else max(meter.ticks_per_beat, TICKS_PER_QUARTER)
    )
    halves = _half_bars_of_eighths(stretches, rests, meter)
    levels = [
        0 if rest else _BEAMS.get(VALUES[end - start][0], 0)
        for (start, end), rest in zip(stretches, rests, strict=True)
    ]
    written: list[list[str]] = [[] for _ in stretches]
    group: list[int] = []

    def place(index: int) -> int:
        start = stretches[index][0]
        half = start // (2 * TICKS_PER_QUARTER)
        return -1 - half if half in halves else start // beat

    for index in range(len(stretches) + 1):
        joins = (
            index < len(stretches)
            and levels[index] > 0
            and (not group or place(group[0]) == place(index))
        )
        if not joins:
            _beam(group, levels, written)
            group = []
        if index < len(stretches) and levels[index]:
            group.append(index)
    return written


def _half_bars_of_eighths(
    stretches: Sequence[tuple[int, int]], rests: Sequence[bool], meter: Meter
) -> set[int]:
    """Return the half bars of 4/4 that are four eighths."""
    if (meter.beats, meter.unit) != (4, 4):
        return set()
    halves: dict[int, int] = {}
    for (start, end), rest in zip(stretches, rests, strict=True):
        if end - start == _HALF and start % _HALF == 0 and not rest:
            half = start // (2 * TICKS_PER_QUARTER)
            halves[half] = halves.get(half, 0) + 1
    return {half for half, eighths in halves.items() if eighths == 4}


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


@dataclass(frozen=True, slots=True)
class Tuplet:
    """A value in a bracket: how many in the time of how many, and ``start`` or ``stop`` there."""

    actual: int = 3
    normal: int = 2
    mark: str = ""


def tuplets(stretches: Sequence[tuple[int, int]]) -> list[Tuplet | None]:
    """Return for each value of a bar the tuplet that holds it; None for a straight value.

    Brackets cover half a beat, a beat, or two beats for triplets of quarters.  A beat that is
    divided into two halves of triplets is one sextuplet.

    Examples
    --------
    >>> [(one.actual, one.mark) if one else None for one in tuplets([(0, 16), (16, 24), (24, 48)])]
    [(3, 'start'), (3, 'stop'), None]
    >>> found = tuplets([(0, 4), (4, 8), (8, 12), (12, 20), (20, 24)])
    >>> [(one.actual, one.mark) for one in found if one]
    [(6, 'start'), (6, ''), (6, ''), (6, ''), (6, 'stop')]
    """
    found: list[Tuplet | None] = [None] * len(stretches)
    first: int | None = None
    for index, (start, end) in enumerate(stretches):
        if not VALUES[end - start][2]:
            first = None
            continue
        found[index] = Tuplet()
        if first is None:
            first = index
        length = end - stretches[first][0]
        half = length == _HALF and end % _HALF == 0
        if half and end % TICKS_PER_QUARTER and _fills_the_beat(stretches, index):
            continue
        if half or (length in (24, 48) and end % TICKS_PER_QUARTER == 0):
            _bracket(found, stretches, first, index)
            first = None
    return found


def _fills_the_beat(stretches: Sequence[tuple[int, int]], index: int) -> bool:
    """Return whether the values from the middle of a beat to its end are triplets, too."""
    end = stretches[index][1] + _HALF
    rest = [one for one in stretches[index + 1 :] if one[0] < end]
    return bool(rest) and rest[-1][1] == end and all(VALUES[b - a][2] for a, b in rest)


def _bracket(
    found: list[Tuplet | None], stretches: Sequence[tuple[int, int]], first: int, last: int
) -> None:
    """Mark the ends of a bracket, and write a beat with a value from its middle on in sixths."""
    begin, end = stretches[first][0], stretches[last][1]
    inside = {place - begin for place, _ in stretches[first : last + 1]}
    divided = {8, 16} <= inside and _HALF not in inside  # a triplet of which notes are divided
    sixths = end - begin == TICKS_PER_QUARTER and not (inside <= {0, 8, 16} or divided)
    ratio = (6, 4) if sixths else (3, 2)
    for index in range(first, last + 1):
        found[index] = Tuplet(*ratio)
    if last > first:
        found[first], found[last] = Tuplet(*ratio, "start"), Tuplet(*ratio, "stop")
