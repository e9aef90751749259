"""Simplification of a played line to readable notation.

Notes keep their onsets wherever these can be read.  Durations extend to the next note or the next
beat: short rests between notes are articulation.  A beat uses the grid to which its onsets are
nearest among those playable at the tempo; under a swing mark a long and a short note are written
as two eighths, as in printed transcriptions of jazz.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import groupby, pairwise, zip_longest

from sideman.score import Changes, Note
from sideman.theory.meter import TICKS_PER_QUARTER

_HALF = TICKS_PER_QUARTER // 2
_SHORTEST_REST = _HALF
_LENIENCE = 2
"""Ticks by which a note may exceed its written end."""

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
    tuple(range(0, TICKS_PER_QUARTER, 2)),
)
_SHORTEST_SECONDS = 0.055
"""The shortest written value; smaller distances are micro-timing."""

_FINEST = 3
"""Ticks between the places of the finest grid, unless a beat holds more notes."""

_STACCATO_BPM = 90.0
"""The slowest tempo at which an eighth and a rest are a staccato quarter; below, both are long."""

_LONG_SHORT = ((0, 16), (16,))
_EIGHTHS = ((0, 12), (12,))


def readable(
    notes: Sequence[Note], changes: Changes, *, tempo_bpm: float | None = None, swung: bool = False
) -> tuple[Note, ...]:
    """Return a line in readable notation: the same notes with other onsets and durations.

    Notes on one tick are a chord.  The tempo, in quarter notes a minute, excludes unplayable grids;
    all are allowed where None; of several the slowest counts.  `swung` says whether the line is
    under a swing mark.

    >>> line = [Note(0, 9, 60), Note(16, 7, 62), Note(24, 30, 64)]
    >>> [(note.onset, note.duration) for note in readable(line, Changes(()))]
    [(0, 16), (16, 8), (24, 36)]
    >>> [(note.onset, note.duration) for note in readable(line, Changes(()), swung=True)]
    [(0, 12), (12, 12), (24, 36)]
    """
    shortest = _FINEST
    if tempo_bpm:
        slowest = min([tempo_bpm, *(tempo for _, tempo in changes.tempos)])
        played = math.ceil(_SHORTEST_SECONDS * slowest / 60 * TICKS_PER_QUARTER)
        shortest = max(shortest, played)
    stacks = [list(held) for _, held in groupby(sorted(notes, key=_place), lambda n: n.onset)]
    beats = [
        (beat, _on_a_grid(tuple(tick - beat for tick in held), shortest))
        for beat, held in groupby(
            (stack[0].onset for stack in stacks), lambda tick: _beat_of(tick, changes)
        )
    ]
    onsets: list[int] = []
    for index, (beat, inside) in enumerate(beats):
        after = beats[index + 1] if index + 1 < len(beats) else (beat, ())
        # A triplet of quarters begins with a long and a short part and continues off the beat.
        goes_on = after[0] == beat + TICKS_PER_QUARTER and after[1][:1] == (8,)
        if swung and inside in _LONG_SHORT and not goes_on:
            inside = _EIGHTHS[_LONG_SHORT.index(inside)]
        onsets += [beat + place for place in inside]
    written: list[Note] = []
    for index, (stack, onset) in enumerate(zip(stacks, onsets, strict=True)):
        shift = onset - stack[0].onset
        sounding = max(note.end for note in stack) + shift
        following = onsets[index + 1] if index + 1 < len(onsets) else None
        end = _readable_end(onset, sounding, following, changes)
        written += [replace(note, onset=onset, duration=end - onset) for note in stack]
    return tuple(written)


def staccato(
    notes: Sequence[Note], changes: Changes, *, tempo_bpm: float | None = None
) -> frozenset[int]:
    """Return the onsets of eighths that are written as quarters with a staccato dot.

    They are on a beat of a quarter, and a rest lasts to the next one.  A note that is spelled in
    its source is as its composer wrote it.

    >>> line = [Note(0, 12, 60), Note(24, 12, 62), Note(36, 12, 64), Note(60, 12, 65)]
    >>> sorted(staccato(line, Changes(())))
    [0]
    """
    if tempo_bpm and tempo_bpm < _STACCATO_BPM:
        return frozenset()
    found = set()
    ordered = sorted(notes, key=_place)
    for note, following in zip_longest(ordered, ordered[1:]):
        bar = changes.bars[max(changes.bar_at(note.onset), 0) :][:1]
        meter = bar[0].meter if bar else changes.meter
        end = _beat_of(note.onset, changes) + TICKS_PER_QUARTER
        alone = following is None or following.onset >= end
        whole = end <= _bar_start(note.onset, changes) + meter.ticks_per_bar
        on_beat = end - note.onset == TICKS_PER_QUARTER and meter.unit == 4
        if note.duration == _HALF and note.name is None and alone and whole and on_beat:
            found.add(note.onset)
    held = {note.onset for note in notes if note.duration != _HALF}
    return frozenset(found - held)


def _place(note: Note) -> tuple[int, int]:
    return note.onset, note.pitch


def _beat_of(tick: int, changes: Changes) -> int:
    """Return the tick of the quarter that contains a tick, counted within its bar."""
    start = _bar_start(tick, changes)
    return start + (tick - start) // TICKS_PER_QUARTER * TICKS_PER_QUARTER


def _bar_start(tick: int, changes: Changes) -> int:
    bar = changes.bar_at(tick)
    if 0 <= bar < len(changes.bars):
        return changes.bar_starts[bar]
    length = changes.meter.ticks_per_bar
    return tick // length * length


@lru_cache(maxsize=4096)
def _on_a_grid(onsets: tuple[int, ...], shortest: int) -> tuple[int, ...]:
    """Move a beat's onsets to the nearest grid, no two to one place.

    Grids with steps below `shortest` ticks are used only where the others have too few places.
    """
    fine = [grid for grid in _GRIDS if len(grid) >= len(onsets)]
    coarse = [grid for grid in fine if _step(grid) >= shortest]
    best: tuple[int, tuple[int, ...]] | None = None
    for grid in coarse or fine:
        moved: list[int] = []
        for index, onset in enumerate(onsets):
            left = len(onsets) - index - 1
            free = [p for p in grid[: len(grid) - left] if not moved or p > moved[-1]]
            moved.append(min(free, key=lambda place: abs(place - onset)))
        cost = sum(abs(one - other) for one, other in zip(moved, onsets, strict=True))
        if best is None or cost < best[0]:
            best = cost, tuple(moved)
    return onsets if best is None else best[1]


def _step(grid: Sequence[int]) -> int:
    return min(after - before for before, after in pairwise((*grid, TICKS_PER_QUARTER)))


def _readable_end(onset: int, end: int, following: int | None, changes: Changes) -> int:
    """Return the written end of a note."""
    if following is not None and following - end < _SHORTEST_REST and following - onset <= 192:
        return following
    beat = _beat_of(onset, changes)
    within = onset - beat
    # To the next readable place: from a triplet the end of the beat, else the half beat.
    grid = TICKS_PER_QUARTER if within % 3 else _HALF
    first = beat + (within // grid + 1) * grid
    written = first
    while end - written > _LENIENCE:
        written += _HALF
    if following is not None and following - written < _SHORTEST_REST:
        return following
    return written
