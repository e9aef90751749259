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
turns with the alignment.  Where the player's tempo drifts, so that such a clock loses notes, the
longest chain of runs bends it, and then medians over eight beats each.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

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
_MOST_LINKS = 2000
_DRIFT = 0.15  # of a tempo, between neighbours in a chain
_WINDOW_BEATS, _BENDS_APART = 4, 4
_FEWEST_GAINED, _LEAST_GAINED = 3, 0.05  # right notes by which a drifting clock is better


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
    """The time in a recording: `ratio` times the time in the line, plus `offset` seconds.

    `bends` are times in the line, rising, and the seconds to add there, linear between them.
    """

    ratio: float = 1.0
    offset: float = 0.0
    bends: tuple[tuple[float, float], ...] = ()

    def times(self, onsets: Floats) -> Floats:
        """Return the times in the recording of onsets in the line."""
        times = self.ratio * onsets + self.offset
        if self.bends:
            times += np.interp(onsets, *np.array(self.bends).T)
        return times

    @property
    def ratios(self) -> tuple[float, float]:
        """The smallest and the largest ratio of tempos over a few bends, or all."""
        apart = min(_BENDS_APART, len(self.bends) - 1)
        slopes = [
            self.ratio + (after - before) / (end - start)
            for (start, before), (end, after) in zip(
                self.bends, self.bends[max(apart, 1) :], strict=False
            )
        ]
        return min(slopes, default=self.ratio), max(slopes, default=self.ratio)


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
    best = min(found, key=lambda each: (each.cost, abs(each.semitones)), default=None)
    if best is None or clock is not None:
        return best
    moved = Line(played.onsets, played.pitches - best.semitones)
    bent = _bent(expected, moved, best, beat_seconds)
    gained = len(_same(expected, moved, bent.pairs)) - len(_same(expected, moved, best.pairs))
    return best if gained < max(_FEWEST_GAINED, _LEAST_GAINED * len(expected)) else bent


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
    seeds = _seeds(expected, played, _MOST_SEEDS)
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


def _seeds(expected: Line, played: Line, most: int) -> list[tuple[int, int]]:
    """Return the indices at which runs of the same pitches begin, at most so many."""
    starts: dict[tuple[int, ...], list[int]] = {}
    for at, run in enumerate(_runs(expected)):
        starts.setdefault((int(expected.pitches[at]), *run), []).append(at)
    seeds = [
        (before, at)
        for at, run in enumerate(_runs(played))
        for before in starts.get((int(played.pitches[at]), *run), ())
    ]
    return seeds[:: max(1, -(-len(seeds) // most))]


def _bent(expected: Line, played: Line, steady: Alignment, beat_seconds: float) -> Alignment:
    """Return the alignment by a clock that follows the player's tempo."""
    clock, found = steady.clock, steady
    pairs: Sequence[Pair] = _chain(expected, played, clock)
    for _ in range(_ROUNDS):
        bends = _bends(expected, played, pairs, clock, beat_seconds)
        after = _aligned(expected, played, replace(clock, bends=bends), beat_seconds)
        settled = after.pairs == found.pairs
        found, pairs = after, after.pairs
        if settled:
            break
    return replace(found, semitones=steady.semitones)


def _chain(expected: Line, played: Line, clock: Clock) -> list[Pair]:
    """Return the longest chain of runs with about the tempo of a clock between neighbours."""
    seeds = sorted(_seeds(expected, played, _MOST_LINKS))
    lines = expected.onsets[[a for a, _ in seeds]]
    recorded = played.onsets[[b for _, b in seeds]]
    lengths, before = np.ones(len(seeds), np.int64), np.full(len(seeds), -1)
    for at in range(1, len(seeds)):
        apart = clock.ratio * (lines[at] - lines[:at])
        off = np.abs(recorded[at] - recorded[:at] - apart)
        fits = (apart > 0) & (off <= _DRIFT * apart + _AGREEING_SECONDS)
        best = int(np.argmax(np.where(fits, lengths[:at], 0)))
        if fits[best]:
            lengths[at], before[at] = lengths[best] + 1, best
    chain: list[Pair] = []
    at = int(lengths.argmax()) if len(seeds) else -1
    while at >= 0:
        chain.append(seeds[at])
        at = int(before[at])
    return chain[::-1]


def _bends(
    expected: Line, played: Line, pairs: Sequence[Pair], clock: Clock, beat_seconds: float
) -> tuple[tuple[float, float], ...]:
    """Return a line through medians, over eight beats each, of what a steady clock leaves."""
    same = _same(expected, played, pairs)
    lines = expected.onsets[[a for a, _ in same]]
    rest = played.onsets[[b for _, b in same]] - clock.ratio * lines - clock.offset
    window = _WINDOW_BEATS * beat_seconds
    bends: list[tuple[float, float]] = []
    slope = 0.0
    for time in np.arange(lines.min(initial=0.0), lines.max(initial=0.0) + window, window):
        near = np.abs(lines - time) <= window
        if near.sum() >= _RUN:
            slope, _ = _median_line(lines[near], rest[near])
            level = float(np.median(rest[near] - slope * (lines[near] - time)))
            first = float(lines[0])
            if not bends and first < time:
                bends.append((first, float(level - slope * (time - first))))
            bends.append((float(time), level))
    if bends and bends[-1][0] < lines[-1]:
        time, level = bends[-1]
        bends.append((float(lines[-1]), level + slope * (float(lines[-1]) - time)))
    return tuple(bends)


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
    same = _same(expected, played, pairs)
    if len(same) < 2:
        return None
    lines = np.array([expected.onsets[a] for a, _ in same])
    recorded = np.array([played.onsets[b] for _, b in same])
    return Clock(*_median_line(lines, recorded))


def _median_line(x: Floats, y: Floats) -> tuple[float, float]:
    """Return the median slope of the pairs of points that are far apart, and the intercept."""
    first, second = np.triu_indices(len(x), 1)
    apart = x[second] - x[first]
    usable = apart >= max(apart.max() / 4, 1e-6)
    slope = (
        float(np.median((y[second] - y[first])[usable] / apart[usable])) if usable.any() else 0.0
    )
    return slope, float(np.median(y - slope * x))


def _same(expected: Line, played: Line, pairs: Sequence[Pair]) -> list[tuple[int, int]]:
    """Return the pairs of one pitch."""
    return [
        (a, b)
        for a, b in pairs
        if a is not None and b is not None and expected.pitches[a] == played.pitches[b]
    ]


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
