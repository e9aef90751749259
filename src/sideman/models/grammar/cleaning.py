"""Played notes → written ones: onsets and lengths on the sixteenth or the triplet grid.

The lengths of a transcribed performance are fractions of a beat of any size, and the short silences
between its notes are articulation.  A grammar that is learnt from them as they are writes lengths
such as ``C16+32+120+480``, and a rest after every other note.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import groupby

from sideman.score import Note, Solo
from sideman.theory.meter import TICKS_PER_QUARTER

GRIDS = (TICKS_PER_QUARTER // 4, TICKS_PER_QUARTER // 3)
"""Ticks of a sixteenth and of an eighth of a triplet."""
FINE_GRIDS = (TICKS_PER_QUARTER // 6, TICKS_PER_QUARTER // 8)
"""Ticks of a sextuplet and of a thirty-second, for beats with more notes than the grids hold."""
WIDEST_GAP = TICKS_PER_QUARTER // 2
"""Ticks of the longest silence before a note that is closed."""


def is_written(solo: Solo) -> bool:
    """Return whether every note begins and ends on the grids, so that nothing is to be cleaned."""
    onsets = [note.onset for note in solo.notes]
    return all(
        _lies_on(note.onset, GRIDS + FINE_GRIDS)
        and (note.end == after or _lies_on(note.end, GRIDS))
        for note, after in zip(solo.notes, [*onsets[1:], None], strict=True)
    )


def _lies_on(tick: int, grids: Sequence[int]) -> bool:
    return any(tick % grid == 0 for grid in grids)


def cleaned(solo: Solo) -> Solo:
    """Return a solo on the grids; one that is written on them already, unchanged.

    The onsets of each beat go to the grid from which they differ least, the sixteenths where both
    are equally near; to a finer one where notes would meet, and of those that meet there too the
    longest is kept.  A note ends at the nearest sixteenth or triplet eighth, and a gap of up to an
    eighth to the next note is closed.
    """
    if is_written(solo):
        return solo
    placed = []
    for _, beat in groupby(solo.notes, lambda note: note.onset // TICKS_PER_QUARTER):
        notes = list(beat)
        grid = _grid(tuple(note.onset % TICKS_PER_QUARTER for note in notes))
        placed += [replace(note, onset=_near(note.onset, grid)) for note in notes]
    kept = [
        max(meeting, key=lambda note: note.duration)
        for _, meeting in groupby(placed, lambda note: note.onset)
    ]
    return replace(solo, notes=_lengthened(kept), phrase_starts=())


@lru_cache(maxsize=4096)
def _grid(onsets: tuple[int, ...]) -> int:
    """Return the grid for the onsets of a beat, in ticks from its start."""

    def cost(grid: int) -> tuple[int, bool, int]:
        near = [_near(onset, grid) for onset in onsets]
        moved = sum(abs(one - onset) for one, onset in zip(near, onsets, strict=True))
        return len(near) - len(set(near)), grid in FINE_GRIDS, moved

    return min(GRIDS + FINE_GRIDS, key=cost)


def _lengthened(notes: Sequence[Note]) -> tuple[Note, ...]:
    ends = [_end(note.onset, note.end) for note in notes]
    for index, following in enumerate(notes[1:]):
        if following.onset - ends[index] <= WIDEST_GAP:
            ends[index] = following.onset
    return tuple(
        replace(note, duration=end - note.onset) for note, end in zip(notes, ends, strict=True)
    )


def _end(onset: int, end: int) -> int:
    """Return the tick of a grid that is nearest to the end of a note, after its onset."""
    ends = (max(_near(end, grid), onset // grid * grid + grid) for grid in GRIDS)
    return min(ends, key=lambda one: abs(one - end))


def _near(tick: int, grid: int) -> int:
    """Return the nearest tick of a grid, of two the earlier."""
    return -(-(2 * tick - grid) // (2 * grid)) * grid
