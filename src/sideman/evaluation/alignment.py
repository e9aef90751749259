"""Alignment of a recording with the line that its player read, by dynamic programming.

Two sequences of notes are aligned at the least cost: a pair of notes costs as much as they differ
in pitch and in time, and a note without a partner, missed or added, costs a constant.  The global
minimum is found as by Saul Needleman and Christian Wunsch, "A general method applicable to the
search for similarities in the amino acid sequence of two proteins", Journal of Molecular Biology
48(3), 1970, which Roger Dannenberg, "An on-line algorithm for real-time accompaniment", ICMC 1984,
and Edward Large, "Dynamic programming for the analysis of serial behaviors", Behavior Research
Methods 25(2), 1993, apply to performances and scores.

Differences in time need a clock: an offset and a constant ratio of tempos.  Runs of three notes
with the same intervals give pairs of times; each two of them give a clock and a transposition, and
those on which most pairs agree are refined by medians (Henri Theil, 1950; Pranab Sen, 1968) in
turns with the alignment.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Pair = tuple[int | None, int | None]
MOST_NOTES = 3000
"""The most notes of either sequence."""
GAP = 0.75
"""The cost of a missed or an added note; that of a pair is 1 for a wrong pitch."""
_OCTAVE = 0.5
_BEATS = 0.5
"""The difference in time, in beats, that costs as much as a wrong pitch."""
_FASTEST = 4.0  # the largest ratio of two tempos
_RUN = 3
_MOST_SEEDS = 150
_AGREEING_SECONDS = 0.12
_MOST_SHIFTS = 6
_MOST_SEMITONES = 24
_ROUNDS = 6


@dataclass(frozen=True, slots=True)
class Line:
    """Onsets in seconds, rising, and MIDI pitches of a line."""

    onsets: Floats
    pitches: NDArray[np.int64]

    @classmethod
    def of(cls, notes: Sequence[tuple[float, int]]) -> Line:
        """Return the line of notes as onset and pitch."""
        return cls(
            np.array([onset for onset, _ in notes], np.float64),
            np.array([pitch for _, pitch in notes], np.int64),
        )

    def __len__(self) -> int:
        return len(self.pitches)


@dataclass(frozen=True, slots=True)
class Clock:
    """The time in a recording: `ratio` times the time in the line, plus `offset` seconds."""

    ratio: float = 1.0
    offset: float = 0.0

    def times(self, onsets: Floats) -> Floats:
        """Return the times in the recording of onsets in the line."""
        return self.ratio * onsets + self.offset


@dataclass(frozen=True, slots=True)
class Alignment:
    """Pairs of indices in order, None for no partner; clock, semitones of transposition, cost."""

    pairs: tuple[Pair, ...]
    clock: Clock
    semitones: int
    cost: float


def align(
    expected: Line, played: Line, *, beat_seconds: float, clock: Clock | None = None
) -> Alignment | None:
    """Return the alignment of a recording with a line; None where they share too little.

    A beat of the line has `beat_seconds`; the clock is estimated where None.

    >>> line = Line.of([(0.0, 60), (0.5, 62), (1.0, 64), (1.5, 65)])
    >>> found = align(line, Line.of([(3.0, 65), (4.0, 67), (5.0, 69)]), beat_seconds=0.5)
    >>> assert found.pairs == ((0, 0), (1, 1), (2, 2), (3, None)) and found.clock.ratio == 2
    """
    found = []
    for semitones in _shifts(expected, played):
        moved = Line(played.onsets, played.pitches - semitones)
        begun = clock or _agreed(expected, moved)
        if begun is not None:
            one = _refined(expected, moved, begun, beat_seconds, fixed=clock is not None)
            found.append(Alignment(one.pairs, one.clock, semitones, one.cost))
    # Of equal ones that in the line's own key.
    return min(found, key=lambda each: (each.cost, abs(each.semitones)), default=None)


def _runs(line: Line) -> list[tuple[int, ...]]:
    steps = np.diff(line.pitches).tolist()
    return [tuple(steps[at : at + _RUN - 1]) for at in range(len(line) - _RUN + 1)]


def _shifts(expected: Line, played: Line) -> list[int]:
    """Return the transpositions at which most runs are alike, and none."""
    starts: dict[tuple[int, ...], Counter[int]] = {}
    for run, pitch in zip(_runs(expected), expected.pitches.tolist(), strict=False):
        starts.setdefault(run, Counter())[pitch] += 1
    votes = Counter[int]()
    for run, pitch in zip(_runs(played), played.pitches.tolist(), strict=False):
        for other, many in starts.get(run, Counter()).items():
            if abs(pitch - other) <= _MOST_SEMITONES:
                votes[pitch - other] += many
    often = sorted(votes, key=lambda shift: (-votes[shift], abs(shift), shift))
    return list(dict.fromkeys([0, *often[:_MOST_SHIFTS]]))


def _agreed(expected: Line, played: Line) -> Clock | None:
    """Return the clock on which most runs of the same pitches agree; None without two runs."""
    starts: dict[tuple[int, ...], list[int]] = {}
    for at, run in enumerate(_runs(expected)):
        starts.setdefault((int(expected.pitches[at]), *run), []).append(at)
    seeds = [
        (before, at)
        for at, run in enumerate(_runs(played))
        for before in starts.get((int(played.pitches[at]), *run), ())
    ]
    seeds = seeds[:: -(-len(seeds) // _MOST_SEEDS)] if seeds else []
    # Each run gives the times of its first and of its last note.
    pairs = dict.fromkeys((a + end, b + end) for a, b in seeds for end in (0, _RUN - 1))
    lines = np.array([expected.onsets[a] for a, _ in pairs])
    recorded = np.array([played.onsets[b] for _, b in pairs])
    best: tuple[int, Clock] | None = None
    for at in range(len(pairs)):
        apart = lines[at + 1 :] - lines[at]
        usable = apart > 0.0
        if not usable.any():
            continue
        ratios = (recorded[at + 1 :] - recorded[at])[usable] / apart[usable]
        ratios = ratios[(ratios >= 1 / _FASTEST) & (ratios <= _FASTEST)]
        away = np.abs(
            recorded[None, :] - recorded[at] - ratios[:, None] * (lines[None, :] - lines[at])
        )
        agreeing = (away <= _AGREEING_SECONDS).sum(1)
        if len(agreeing) and (best is None or agreeing.max() > best[0]):
            ratio = float(ratios[agreeing.argmax()])
            best = int(agreeing.max()), Clock(ratio, float(recorded[at] - ratio * lines[at]))
    return None if best is None else best[1]


def _refined(
    expected: Line, played: Line, clock: Clock, beat_seconds: float, *, fixed: bool
) -> Alignment:
    """Return the alignment and the clock, each improved by the other until they stay."""
    found = _aligned(expected, played, clock, beat_seconds)
    for _ in range(0 if fixed else _ROUNDS):
        fitted = _fitted(expected, played, found.pairs) or clock
        after = _aligned(expected, played, fitted, beat_seconds)
        if after.pairs == found.pairs:
            return after
        found = after
    return found


def _fitted(expected: Line, played: Line, pairs: Sequence[Pair]) -> Clock | None:
    """Return the clock of the pairs of one pitch, by medians; None for fewer than two."""
    same = [
        (a, b)
        for a, b in pairs
        if a is not None and b is not None and expected.pitches[a] == played.pitches[b]
    ]
    if len(same) < 2:
        return None
    lines = np.array([expected.onsets[a] for a, _ in same])
    recorded = np.array([played.onsets[b] for _, b in same])
    first, second = np.triu_indices(len(same), 1)
    apart = lines[second] - lines[first]
    # Times that are close together say little of the tempo.
    usable = apart >= max(apart.max() / 4, 1e-6)
    ratio = float(np.median((recorded[second] - recorded[first])[usable] / apart[usable]))
    return Clock(ratio, float(np.median(recorded - ratio * lines)))


def _aligned(expected: Line, played: Line, clock: Clock, beat_seconds: float) -> Alignment:
    away = played.pitches[None, :] - expected.pitches[:, None]
    costs = np.where(away == 0, 0.0, np.where(away % 12 == 0, _OCTAVE, 1.0))
    late = played.onsets[None, :] - clock.times(expected.onsets)[:, None]
    costs += np.abs(late) / (_BEATS * beat_seconds * clock.ratio)
    pairs, cost = least(costs, GAP)
    return Alignment(pairs, clock, 0, cost)


def least(costs: Floats, gap: float) -> tuple[tuple[Pair, ...], float]:
    """Return the pairs of rows and columns in order of the least cost, and the cost.

    A row or a column without a partner costs `gap`.

    >>> least(np.array([[0.0, 2.0, 2.0], [2.0, 2.0, 0.0]]), 0.75)
    (((0, 0), (None, 1), (1, 2)), 0.75)
    """
    rows, columns = costs.shape
    steps = gap * np.arange(columns + 1)
    table = np.empty((rows + 1, columns + 1))
    table[0] = steps
    for row in range(rows):
        above = table[row]
        best = np.append(above[0] + gap, np.minimum(above[:-1] + costs[row], above[1:] + gap))
        # What comes from the left adds a gap each: a running minimum of the rest.
        table[row + 1] = np.minimum.accumulate(best - steps) + steps
    pairs: list[Pair] = []
    row, column = rows, columns
    while row or column:
        here = table[row, column] + 1e-9
        if row and column and table[row - 1, column - 1] + costs[row - 1, column - 1] <= here:
            row, column = row - 1, column - 1
            pairs.append((row, column))
        elif row and table[row - 1, column] + gap <= here:
            row -= 1
            pairs.append((row, None))
        else:
            column -= 1
            pairs.append((None, column))
    return tuple(reversed(pairs)), float(table[rows, columns])
