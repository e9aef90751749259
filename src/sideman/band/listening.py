"""Listening: the intensity of the soloist in each bar, and the rests to answer.

The intensity is read from the line as written, whose velocities and density follow the plan of the
solo (:mod:`sideman.models.planning`), so that a take which is arranged again, one from a file and a
trade are heard alike.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from sideman.score import Changes, Note
from sideman.theory.meter import TICKS_PER_QUARTER

MIDDLE = 0.5
"""The intensity at which the band plays as its style is written."""

_GROUP, _PART = 4, 16  # bars
_REST = 2 * TICKS_PER_QUARTER
_EIGHTH = TICKS_PER_QUARTER // 2
# About the standard deviations between groups of four bars: decibels, log of notes a quarter,
# semitones.
_LOUDNESS, _DENSITY, _REGISTER = 1.2, 0.35, 4.0
_LOUDNESS_COUNTS, _DENSITY_COUNTS, _REGISTER_COUNTS = 1.0, 0.7, 0.5
_STEP = 0.24  # of the intensity, for a standard deviation
_OWN = 0.3  # weight of the four bars; the rest is that of their part of the form
_SPARSEST = 0.25  # notes a quarter
_LEAST, _MOST = 0.03, 0.97
_ECHOED = 4  # notes


@dataclass(frozen=True, slots=True)
class Heard:
    """The intensity, density, onsets and rests of a soloist, by which the band plays.

    Parameters
    ----------
    levels : tuple of float
        The intensity of each bar, 0 to 1; empty for `MIDDLE` everywhere.
    busier : tuple of float
        By how many notes a quarter each bar is denser than its four bars.
    onsets : tuple of int
        The ticks of all notes.
    rests : tuple of (int, int)
        The start and end of each rest of two quarters or more after a note, in ticks.
    """

    levels: tuple[float, ...] = ()
    busier: tuple[float, ...] = ()
    onsets: tuple[int, ...] = ()
    rests: tuple[tuple[int, int], ...] = ()

    def level(self, bar: int) -> float:
        """Return the intensity of a bar."""
        return self.levels[bar] if self.levels else MIDDLE

    def decibels(self, bar: int, most: float) -> float:
        """Return by how much to play louder in a bar: from -`most` to `most`."""
        return most * (self.level(bar) - MIDDLE) / MIDDLE

    def between(self, start: int, end: int) -> int:
        """Count the notes that begin from `start` up to `end` (excluded)."""
        return bisect_left(self.onsets, end) - bisect_left(self.onsets, start)

    def around(self, tick: int) -> int:
        """Count the notes that begin within an eighth before a tick and a quarter after it."""
        return self.between(tick - _EIGHTH, tick + TICKS_PER_QUARTER)

    def echo(self, rest: tuple[int, int]) -> tuple[int, ...]:
        """Return the rhythm of the last notes before a rest, moved into it by whole quarters.

        >>> Heard(onsets=(0, 12, 36), rests=((48, 96),)).echo((48, 96))
        (48, 60, 84)
        """
        start, end = rest
        last = bisect_left(self.onsets, start)
        motif = self.onsets[max(0, last - _ECHOED) : last]
        motif = tuple(onset for onset in motif if motif[-1] - onset <= _REST)
        if not motif:
            return ()
        later = -(-(start - motif[0]) // TICKS_PER_QUARTER) * TICKS_PER_QUARTER
        return tuple(onset + later for onset in motif if onset + later + _EIGHTH <= end)


UNHEARD = Heard()


def hear(
    changes: Changes, line: Sequence[Note], given: Sequence[tuple[int, int, float]] = ()
) -> Heard:
    """Return what is heard of a line (sorted by onset) over some changes.

    `given` are ranges of ticks whose intensity is known, such as heads: (start, end, intensity).
    """
    if not line:
        return UNHEARD
    onsets = tuple(note.onset for note in line)
    starts = changes.bar_starts
    groups = _groups(changes)
    heard = np.array([_measured(line, onsets, starts[a], starts[b]) for _, a, b in groups])
    played = [_given(starts[a], given) is None for _, a, _ in groups]
    quiet = np.isnan(heard[:, 2])
    means = heard[played & ~quiet].mean(axis=0) if (played & ~quiet).any() else np.zeros(3)
    apart = np.where(quiet[:, None], 0.0, heard - means)
    units = np.array([_LOUDNESS, _DENSITY, _REGISTER])
    counts = np.array([_LOUDNESS_COUNTS, _DENSITY_COUNTS, _REGISTER_COUNTS])
    scores = apart @ (counts / units)
    part = np.array([number for number, _, _ in groups])
    levels, busier = [MIDDLE] * len(changes.bars), [0.0] * len(changes.bars)
    for index, (number, first, end) in enumerate(groups):
        mean = scores[(part == number) & played].mean() if played[index] else 0.0
        level = MIDDLE + _STEP * (_OWN * scores[index] + (1 - _OWN) * mean)
        known = _given(starts[first], given)
        level = min(max(float(level), _LEAST), _MOST) if known is None else known
        for bar in range(first, end):
            levels[bar] = level
            busier[bar] = _density(onsets, starts[bar], starts[bar + 1]) - _density(
                onsets, starts[first], starts[end]
            )
    rests = []
    until = 0
    for note in line:
        if note.onset - until >= _REST and until > 0:
            rests.append((until, note.onset))
        until = max(until, note.end)
    return Heard(tuple(levels), tuple(busier), onsets, tuple(rests))


def _groups(changes: Changes) -> list[tuple[int, int, int]]:
    """Return the groups of up to four bars: the number of their part, the first bar, the end.

    A part is a chorus, or an equal part of one of over sixteen bars.
    """
    tops = sorted({0, *changes.chorus_starts, len(changes.bars)})
    edges = {0}
    for top, end in pairwise(tops):
        parts = -(-(end - top) // _PART)
        edges |= {top + part * (end - top) // parts for part in range(1, parts + 1)}
    return [
        (number, first, min(first + _GROUP, end))
        for number, (top, end) in enumerate(pairwise(sorted(edges)))
        for first in range(top, end, _GROUP)
    ]


def _given(tick: int, given: Sequence[tuple[int, int, float]]) -> float | None:
    return next((level for start, end, level in given if start <= tick < end), None)


def _density(onsets: Sequence[int], start: int, end: int) -> float:
    """Return the notes a quarter between two ticks."""
    count = bisect_left(onsets, end) - bisect_left(onsets, start)
    return count * TICKS_PER_QUARTER / max(1, end - start)


def _measured(
    line: Sequence[Note], onsets: Sequence[int], start: int, end: int
) -> tuple[float, float, float]:
    """Return loudness in decibels, log density and mean pitch; the latter is nan without notes."""
    inside = line[bisect_left(onsets, start) : bisect_left(onsets, end)]
    density = math.log(max(_SPARSEST, _density(onsets, start, end)))
    if not inside:
        return 0.0, density, math.nan
    loudness = sum(40 * math.log10(note.velocity) for note in inside) / len(inside)
    return loudness, density, sum(note.pitch for note in inside) / len(inside)


def louder(velocity: float, decibels: float) -> int:
    """Return a velocity changed by some decibels, 1 to 127: its amplitude is its square."""
    return min(127, max(1, round(velocity * 10 ** (decibels / 40))))
