"""Uptake of a phrase by another line: the best local alignment of rhythm and of contour.

A line is read as two sequences: the classes of its IOIs (:data:`IOI_EDGES`) and of its intervals
(:data:`INTERVAL_EDGES`, rising and falling apart).  The sequences of two lines are aligned without
gaps: a pair of equal classes scores the surprise of that class in bits, by its frequency in both
lines, and any other pair costs :data:`MISMATCH` bits.  So eight eighths between lines of eighths
score next to nothing, and an unusual figure that returns scores much.  The best segments of two
unrelated sequences of m and n symbols score about log2(m n) bits (Samuel Karlin and Stephen
Altschul, "Methods for assessing the statistical significance of molecular sequence features by
using general scoring schemes", PNAS 87, 1990); an uptake is what lies above that.

:func:`uptake` is the largest of three alignments: of rhythm, of contour, and of both at once, in
which the scores of a note's IOI and interval are added.  From :data:`TAKEN_UP` bits on a line takes
the phrase up; ``benchmarks/uptake.py`` prints how many pairs of an answer and another phrase do.

>>> riff = [Note(at, 6, pitch) for at, pitch in ((0, 60), (18, 63), (24, 65), (60, 63), (66, 60))]
>>> again = [Note(96 + note.onset, 6, note.pitch + 5) for note in riff]
>>> round(uptake(riff, again), 1), round(uptake(riff, [Note(12 * n, 9, n) for n in range(8)]), 1)
(10.0, -4.1)
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from sideman.score import Note

Floats = NDArray[np.float64]

IOI_EDGES = (5, 10, 18, 30, 42, 66, 114)
"""The lower edges of classes of IOIs, in ticks: 32nds, sixteenths and triplets, eighths ..."""
INTERVAL_EDGES = (1, 3, 5, 8)
"""The lower edges of classes of intervals, in semitones: steps, thirds, to the fifth, wider."""
MISMATCH = 3.0
"""Bits for a pair of unequal classes; two thirds where rhythm and contour are aligned at once."""
TAKEN_UP = 1.5
"""Bits above chance."""
ALIKE, NEAR = 0.7, 3
"""The share of onsets and directions that a statement has in common with a riff; ticks."""
_AT_ONCE = 2 / 3


def uptake(phrase: Sequence[Note], line: Sequence[Note]) -> float:
    """Return how much of a phrase's rhythm or contour a line takes up, in bits above chance."""
    return max(rhythm(phrase, line), contour(phrase, line), both(phrase, line))


def rhythm(phrase: Sequence[Note], line: Sequence[Note]) -> float:
    """Return what a line takes up of a phrase's IOIs, in bits above chance."""
    return _best(_scores(_iois(phrase), _iois(line)))


def contour(phrase: Sequence[Note], line: Sequence[Note]) -> float:
    """Return what a line takes up of a phrase's intervals, in bits above chance."""
    return _best(_scores(_intervals(phrase), _intervals(line)))


def both(phrase: Sequence[Note], line: Sequence[Note]) -> float:
    """Return what a line takes up of IOIs and intervals at once, in bits above chance."""
    mismatch = _AT_ONCE * MISMATCH
    rhythms = _scores(_iois(phrase), _iois(line), mismatch)
    return _best(rhythms + _scores(_intervals(phrase), _intervals(line), mismatch))


def _iois(notes: Sequence[Note]) -> list[int]:
    return [
        bisect_right(IOI_EDGES, after.onset - before.onset) for before, after in pairwise(notes)
    ]


def _intervals(notes: Sequence[Note]) -> list[int]:
    steps = [after.pitch - before.pitch for before, after in pairwise(notes)]
    return [int(math.copysign(bisect_right(INTERVAL_EDGES, abs(step)), step)) for step in steps]


def _scores(theirs: Sequence[int], own: Sequence[int], mismatch: float = MISMATCH) -> Floats:
    """Return the score of every pair of symbols, shape (own, theirs)."""
    counts = Counter(theirs) + Counter(own)
    total = counts.total() + len(counts)
    worth = np.array([math.log2(total / (counts[symbol] + 1)) for symbol in own])
    same = np.array(own)[:, None] == np.array(theirs)
    return np.where(same, worth[:, None], -mismatch)


def _best(scores: Floats) -> float:
    """Return the score of the best segment of a diagonal, less what chance gives."""
    if not scores.size:
        return -math.inf
    best = 0.0
    sums = np.zeros(scores.shape[1])
    for row in scores:
        sums = np.maximum(np.concatenate([[0.0], sums[:-1]]) + row, 0)
        best = max(best, float(sums.max()))
    return best - math.log2(scores.size)


def statements(riff: Sequence[Note], line: Sequence[Note], bar: int) -> tuple[int, ...]:
    """Return the bars, of `bar` ticks, in which a line states a riff, where in the bar it was.

    Of the onsets of riff and line in that span :data:`ALIKE` are common, :data:`NEAR` ticks apart
    at most, and of the directions from one common onset to the next as many.

    >>> riff = [Note(at, 6, pitch) for at, pitch in ((0, 60), (18, 63), (24, 65), (60, 63))]
    >>> statements(riff, [Note(192 + note.onset, 6, note.pitch + 1) for note in riff], 96)
    (2,)
    """
    if len(riff) < 2 or not line:
        return ()
    home = riff[0].onset // bar
    onsets = np.array([note.onset for note in line])
    pitches = np.array([note.pitch for note in line])
    riff_pitches = np.array([note.pitch for note in riff])
    found = []
    for at in range(line[0].onset // bar, line[-1].onset // bar + 1):
        wanted = np.array([note.onset + (at - home) * bar for note in riff])
        inside = (onsets >= wanted[0] - NEAR) & (onsets <= wanted[-1] + NEAR)
        nearest = np.abs(wanted[:, None] - onsets).argmin(axis=1)
        common = np.flatnonzero(np.abs(onsets[nearest] - wanted) <= NEAR)
        either = int(inside.sum()) + len(riff) - len(common)
        if len(common) < max(2, ALIKE * either):
            continue
        theirs = np.sign(np.diff(riff_pitches[common]))
        own = np.sign(np.diff(pitches[nearest[common]]))
        if (theirs == own).mean() >= ALIKE:
            found.append(at)
    return tuple(found)
