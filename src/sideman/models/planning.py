"""The plan of a whole solo: how dense, high and loud each of its stretches is.

A stretch is a chorus, or an equal part of one of over sixteen bars.  From stretch to stretch
players differ from their solo's mean along an arc: they begin with room, rise, and are densest and
highest near two thirds.  Around that arc a plan is drawn with their covariance, so that solos
differ as theirs do (``docs/listening.md``, "Whole solos").
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from sideman.score import Changes

Floats = NDArray[np.float64]
QUALITIES = ("density", "register", "loudness")
"""The planned qualities: the logarithm of notes a bar, the mean pitch in semitones, the mean level
in decibels, each less its mean over the solo."""
LONGEST = 16
"""The most bars in a stretch."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a solo, from its first tick, and its :data:`QUALITIES`."""

    onset: int
    density: float = 0.0
    register: float = 0.0
    loudness: float = 0.0


def onsets(changes: Changes) -> tuple[int, ...]:
    """Return the ticks at which stretches begin, of all choruses.

    >>> from sideman.library import songbook
    >>> onsets(songbook.load("blues-f").changes.repeated(3))
    (0, 1152, 2304)
    """
    starts = changes.bar_starts
    bars = (*(changes.chorus_starts or (0,)), len(starts) - 1)
    found = []
    for first, end in pairwise(bars):
        parts = max(1, -(-(end - first) // LONGEST))
        found += [starts[first + part * (end - first) // parts] for part in range(parts)]
    return tuple(found)


def draw(changes: Changes, arc: Floats, spread: Floats, rng: Generator) -> tuple[Stretch, ...]:
    """Return a random plan, around an arc with a covariance, both of shape (3, 3).

    The arc has coefficients of 1, the place in the solo from 0 to 1 and its square.
    """
    begins = onsets(changes)
    along = np.linspace(0, 1, len(begins))
    noise = rng.standard_normal((len(begins), len(QUALITIES)))
    drawn = np.vander(along, 3, increasing=True) @ arc + noise @ np.linalg.cholesky(spread).T
    drawn -= drawn.mean(axis=0)
    return tuple(Stretch(onset, *row) for onset, row in zip(begins, drawn.tolist(), strict=True))
