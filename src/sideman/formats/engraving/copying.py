"""What a copyist does to a line so that it can be read at sight.

The line keeps its notes and, wherever a player could read them, its onsets.  Durations are written
to the next note or to the next beat: a short rest between two notes of a line is how it is played,
not what it is (this is how jazz is transcribed: Mark Levine, *The Jazz Theory Book*, 1995; the
*Omnibook*).  A beat whose onsets fit neither sixteenths nor triplets nor a mixture by the half beat
takes the nearest grid.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import groupby

from sideman.meter import TICKS_PER_QUARTER
from sideman.score import Changes, Note

_HALF = TICKS_PER_QUARTER // 2
_SHORTEST_REST = _HALF
_LENIENCE = 2
"""Ticks that a note may sound beyond a place and still be written to end there."""

_HALVES = ((0, 3, 6, 9), (0, 4, 8), (0, 6))
_GRIDS = (
    (0, 6, 12, 18),
    (0, 8, 16),
    (0, 3, 6, 9, 12, 15, 18, 21),
    *(
        (*first, *(_HALF + place for place in second))
        for first in _HALVES
        for second in _HALVES
        if first != second
    ),
    (0, 4, 8, 12, 16, 20),
)


def readable(notes: Sequence[Note], changes: Changes) -> tuple[Note, ...]:
    """Write a line as players read it.

    Parameters
    ----------
    notes : sequence of Note
        The line, by rising onset; notes at one tick are one stack.
    changes : Changes
        The bars under it.

    Returns
    -------
    tuple of Note
        The same notes with readable onsets and durations, one stack at a time.

    Examples
    --------
    >>> line = [Note(0, 9, 60), Note(12, 7, 62), Note(24, 30, 64)]
    >>> [(note.onset, note.duration) for note in readable(line, Changes(()))]
    [(0, 12), (12, 12), (24, 36)]
    """
    stacks = [list(held) for _, held in groupby(sorted(notes, key=_place), lambda n: n.onset)]
    onsets = _readable_onsets([stack[0].onset for stack in stacks], changes)
    written: list[Note] = []
    for index, (stack, onset) in enumerate(zip(stacks, onsets, strict=True)):
        shift = onset - stack[0].onset
        sounding = max(note.end for note in stack) + shift
        following = onsets[index + 1] if index + 1 < len(onsets) else None
        end = _readable_end(onset, sounding, following, changes)
        written += [replace(note, onset=onset, duration=end - onset) for note in stack]
    return tuple(written)


def _place(note: Note) -> tuple[int, int]:
    return note.onset, note.pitch


def _beat_of(tick: int, changes: Changes) -> int:
    """Return the tick of the quarter in which a tick lies, counted within its bar."""
    start = _bar_start(tick, changes)
    return start + (tick - start) // TICKS_PER_QUARTER * TICKS_PER_QUARTER


def _bar_start(tick: int, changes: Changes) -> int:
    bar = changes.bar_at(tick)
    if 0 <= bar < len(changes.bars):
        return changes.bar_starts[bar]
    length = changes.meter.ticks_per_bar
    return tick // length * length


def _readable_onsets(onsets: Sequence[int], changes: Changes) -> list[int]:
    placed: list[int] = []
    for beat, held in groupby(onsets, lambda tick: _beat_of(tick, changes)):
        inside = tuple(tick - beat for tick in held)
        placed += [beat + place for place in _on_a_grid(inside)]
    return placed


@lru_cache(maxsize=4096)
def _on_a_grid(onsets: tuple[int, ...]) -> tuple[int, ...]:
    """Move a beat's onsets to the grid on which they move least, no two to one place."""
    best: tuple[int, tuple[int, ...]] | None = None
    for grid in _GRIDS:
        if len(grid) < len(onsets):
            continue
        moved: list[int] = []
        for index, onset in enumerate(onsets):
            left = len(onsets) - index - 1
            free = [p for p in grid[: len(grid) - left] if not moved or p > moved[-1]]
            moved.append(min(free, key=lambda place: abs(place - onset)))
        cost = sum(abs(one - other) for one, other in zip(moved, onsets, strict=True))
        if best is None or cost < best[0]:
            best = cost, tuple(moved)
    return onsets if best is None else best[1]


def _readable_end(onset: int, end: int, following: int | None, changes: Changes) -> int:
    """Choose where a note is written to end."""
    if following is not None and following - end < _SHORTEST_REST and following - onset <= 192:
        return following
    beat = _beat_of(onset, changes)
    within = onset - beat
    # Up to the next place that is easily read: from a triplet the end of its beat, else a half.
    grid = TICKS_PER_QUARTER if within % 3 else _HALF
    first = beat + (within // grid + 1) * grid
    written = first
    while end - written > _LENIENCE:
        written += _HALF
    if following is not None and following - written < _SHORTEST_REST:
        return following
    return written
