"""A personal critic: how much more probably a listener likes a passage than not.

:func:`fitted` is a logistic regression on the features of a critic (:mod:`sideman.models.critic`),
with a normal prior around no preference.  Its mean is that of the marks, and its units are their
spread, so that a quality that varies little in what the soloist plays, such as the register, is
learnt as well as one that varies much.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

STRENGTH = 3.0
"""The factor of the log-odds in the score of a critic, chosen with ``benchmarks/taste.py``."""
_FEATURE_VARIANCE = 0.25  # prior variance of the sum of all features, spread evenly over them
_QUALITY_VARIANCE = 0.05  # prior variance of each quality that a listener may name, beside
_USUAL_SPREAD = 0.5  # spread of a feature over marks before there are any, as so many marks
_USUAL_MARKS = 2
_OFFSET_VARIANCE = 10.0
_STEPS = 25


@dataclass(frozen=True, eq=False)
class Taste:
    """A personal critic.

    Parameters
    ----------
    kernels : mapping of int to array
        By length of a passage, in notes, the nats of each standard feature, shape (F,).
    means : mapping of int to array
        By length of a passage the mean of the marks, which is neither liked nor disliked.
    """

    kernels: Mapping[int, Floats]
    means: Mapping[int, Floats]

    def __call__(self, rows: Floats, size: int) -> Floats:
        """Return the score, in nats, of each row of standard features of `size` notes."""
        if size not in self.kernels:
            return np.zeros(len(rows))
        found: Floats = STRENGTH * (rows - self.means[size]) @ self.kernels[size]
        return found


Marked = tuple[Mapping[int, Floats], bool]
"""The mean standard features of a passage by length, and whether it is liked."""


def fitted(marks: Sequence[Marked], qualities: Sequence[int]) -> Taste:
    """Return the taste that some marks tell; `qualities` are the features that are weighed more.

    A length of passage of which there are no marks of both kinds teaches nothing.
    """
    kernels, means = {}, {}
    for size in sorted({size for rows, _ in marks for size in rows}):
        known = [(rows[size], liked) for rows, liked in marks if size in rows]
        liked = np.array([each for _, each in known])
        if liked.all() or not liked.any():
            continue
        rows = np.array([row for row, _ in known])
        variance = np.full(rows.shape[1], _FEATURE_VARIANCE / rows.shape[1])
        variance[list(qualities)] += _QUALITY_VARIANCE
        means[size], spread = rows.mean(axis=0), _spread(rows)
        kernels[size] = _logistic((rows - means[size]) / spread, liked, variance) / spread
    return Taste(kernels, means)


def _spread(rows: Floats) -> Floats:
    """Return the standard deviation of features over marks, of few marks near the usual one."""
    total = len(rows) * rows.var(axis=0) + _USUAL_MARKS * _USUAL_SPREAD**2
    found: Floats = np.sqrt(total / (len(rows) + _USUAL_MARKS))
    return found


def _logistic(rows: Floats, liked: Bools, variance: Floats) -> Floats:
    """Return the most probable coefficients with a normal prior of some variances.

    Newton's method in the space of the marks (Rasmussen and Williams, "Gaussian Processes for
    Machine Learning", 2006, algorithm 3.1), of which there are fewer than features.
    """
    kernel = (rows * variance) @ rows.T + _OFFSET_VARIANCE
    odds, slope = np.zeros(len(rows)), np.zeros(len(rows))
    for _ in range(_STEPS):
        probability = 1 / (1 + np.exp(-odds))
        weight = probability * (1 - probability)
        root = np.sqrt(weight)
        right = weight * odds + liked - probability
        inner = np.eye(len(rows)) + root[:, None] * kernel * root
        slope = right - root * np.linalg.solve(inner, root * (kernel @ right))
        odds = kernel @ slope
    found: Floats = variance * (rows.T @ slope)
    return found
