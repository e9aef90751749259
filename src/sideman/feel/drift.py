"""Drift: how the onsets of a soloist and the pulse of a band wander.

The residual of players' onsets, after the beat, the swing and the mean delay are taken away, is no
white noise: neighbouring notes are early or late together, and some of it lasts for many notes
(``benchmarks/performance.py``, ``docs/feel.md``).  The pulse of a band is a random walk.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from sideman.score import Note

# The spread of a soloist's onsets by tempo, in seconds (standard deviations), and the shares of the
# variance that decay from note to note, fast and slowly; the rest is white
# (``benchmarks/performance.py``).
SPREAD = ((130.0, 0.034), (200.0, 0.0226), (260.0, 0.0202), (340.0, 0.018))
FAST, SLOW = (0.64, 0.30), (0.11, 0.79)
"""Shares of the variance, and the correlation from one note to the next."""

TRANSCRIBED_SECONDS = 0.007
"""The part of the players' white deviations that is taken to be errors of transcription."""

FIRST_LATE_SECONDS = 0.006
"""The delay of the first note of a phrase, added to that of the others."""

_LAST_WIDER = 1.25  # the spread of the last note of a phrase
MOST_SPREADS = 2.5
"""The bound of a deviation, in standard deviations."""

_CLOSEST = 0.4  # of the time between two onsets is left between them

# The pulse of the band: a random walk in the players' beats.  Their spread about a line through 33
# beats is 17 ms; a third is played, so that bars and chords stay where a click has them.
_PULSE_SECONDS, _PULSE_CORRELATION = 0.010, 0.95


def spread_seconds(tempo_bpm: float) -> float:
    """Return the standard deviation of players' onsets at a tempo."""
    return float(np.interp(tempo_bpm, [row[0] for row in SPREAD], [row[1] for row in SPREAD]))


def correlated(rng: Generator, count: int, correlation: float) -> NDArray[np.float64]:
    """Return an autoregressive series of the first order with variance 1.

    >>> series = correlated(np.random.default_rng(0), 10_000, 0.8)
    >>> round(float(series.std()), 1), round(float(np.corrcoef(series[1:], series[:-1])[0, 1]), 1)
    (1.0, 0.8)
    """
    drawn = rng.normal(size=count)
    drawn[1:] *= (1 - correlation**2) ** 0.5
    values = drawn.tolist()
    for index in range(1, count):
        values[index] += correlation * values[index - 1]
    return np.array(values)


def deviations(
    rng: Generator, tempos_bpm: NDArray[np.float64], firsts: Sequence[int], plain_seconds: float
) -> NDArray[np.float64]:
    """Return the deviations of a soloist's onsets in seconds, by the tempo at each.

    `firsts` are the indices of the onsets with which phrases begin, rising.  The onsets have white
    deviations of the standard deviation `plain_seconds` already.
    """
    count = len(tempos_bpm)
    fast, slow = (
        math.sqrt(share) * correlated(rng, count, correlation)
        for share, correlation in (FAST, SLOW)
    )
    spread = np.array([spread_seconds(bpm) for bpm in tempos_bpm])
    white = (1 - FAST[0] - SLOW[0]) * spread**2 - TRANSCRIBED_SECONDS**2 - plain_seconds**2
    drawn = spread * (fast + slow) + np.sqrt(white.clip(0)) * rng.normal(size=count)
    found: NDArray[np.float64] = drawn
    found[[*(first - 1 for first in firsts[1:]), count - 1]] *= _LAST_WIDER
    found[[*firsts]] += FIRST_LATE_SECONDS
    return found.clip(-MOST_SPREADS * spread, MOST_SPREADS * spread)


def pulse(rng: Generator, quarters: int) -> NDArray[np.float64]:
    """Return the deviations in seconds of successive quarters of a band, the first in time."""
    walk = correlated(rng, quarters, _PULSE_CORRELATION)
    walk -= walk[:1] * np.power(_PULSE_CORRELATION, np.arange(quarters))
    return _PULSE_SECONDS * walk


def ordered(onsets: Sequence[int], moves: Sequence[float], earliest: int) -> NDArray[np.float64]:
    """Return rising onsets after their moves, at least 40 % of their distances apart."""
    moved: list[float] = []
    for index, (onset, move) in enumerate(zip(onsets, moves, strict=True)):
        after = moved[-1] + _CLOSEST * (onset - onsets[index - 1]) if moved else earliest
        moved.append(max(onset + move, after))
    return np.array(moved)


def warped(
    notes: Sequence[Note], places: Sequence[float], moved: NDArray[np.float64]
) -> tuple[Note, ...]:
    """Return notes on a clock that takes some rising places to others, linear between them.

    Onsets and ends move alike, so that the order and the rests are kept.

    >>> line = [Note(0, 10, 60), Note(20, 10, 62)]
    >>> [(note.onset, note.end) for note in warped(line, [0, 20], np.array([2.0, 18.0]))]
    [(2, 10), (18, 28)]
    """
    if not len(places):
        return tuple(notes)
    edges = [note.onset for note in notes], [note.end for note in notes]
    shifts = moved - np.asarray(places, dtype=float)
    onsets, ends = (np.rint(edge + np.interp(edge, places, shifts)).astype(int) for edge in edges)
    return tuple(
        Note(onset, max(1, end - onset), note.pitch, note.velocity, note.name)
        for note, onset, end in zip(notes, onsets.tolist(), ends.tolist(), strict=True)
    )
