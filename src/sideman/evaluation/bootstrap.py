"""A paired bootstrap (Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 13).

Two predictors are compared on the same solos or tunes.  Each draw takes as many of them as there
are, with replacement, and their difference a note or a change.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from sideman.models.events import IntArray

Array = NDArray[np.float64]
DRAWS = 2000


@dataclass(frozen=True, slots=True, eq=False)
class Difference:
    """Differences, each an array of shape (factors,).

    Parameters
    ----------
    mean : array
        Over all pieces together.
    low, high : array
        The ends of the middle 95 in 100 draws.
    spread : array
        The standard deviation of the draws.
    """

    mean: Array
    low: Array
    high: Array
    spread: Array


def paired(difference: Array, sizes: IntArray, rng: Generator, draws: int = DRAWS) -> Difference:
    """Return the difference of two predictors a note.

    `difference`, (pieces, factors), is summed over the notes of each piece; `sizes`, (pieces,), are
    their numbers.
    """
    pieces = len(sizes)
    drawn = rng.integers(pieces, size=(draws, pieces))
    # How often each draw contains each piece, so that a draw is one row of a matrix product.
    times = np.zeros((draws, pieces))
    np.add.at(times, (np.arange(draws)[:, None], drawn), 1)
    resampled = (times @ difference) / (times @ sizes)[:, None]
    low, high = np.percentile(resampled, [2.5, 97.5], axis=0)
    mean = difference.sum(axis=0) / sizes.sum()
    return Difference(mean, low, high, resampled.std(axis=0))
