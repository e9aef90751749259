"""Similarity of two sets of lines: overlap and divergence of distances.

After Li-Chia Yang and Alexander Lerch, "On the evaluation of generative models in music", Neural
Computing and Applications 32 (2020), section 3.4 (*MGEval*): for one statistic take the distances
of every line to the other lines of its own set (intra), and to every line of the other set
(inter); smooth both into densities with Gaussian kernels; the *overlap* is the area under both, 1
for equal sets and 0 for disjoint ones; the *KL divergence* is that of the intra density from the
inter density, in nats.

Where their code differs from their paper, this follows the paper: both densities are evaluated at
the same points (their ``kl_dist`` uses a grid of its own for each), up to three bandwidths beyond
the outermost values.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_POINTS = 1000
_MOST_VALUES = 20_000
_LEAST = 1e-12


def intra(values: Sequence[float]) -> Array:
    """Return the distance of every value to every other, each pair once."""
    given = np.asarray(values, dtype=np.float64)
    rows, columns = np.triu_indices(len(given), k=1)
    return np.abs(given[rows] - given[columns])


def inter(one: Sequence[float], other: Sequence[float]) -> Array:
    """Return the distance of every value of one set to every value of the other."""
    first, second = np.asarray(one, dtype=np.float64), np.asarray(other, dtype=np.float64)
    return np.abs(first[:, None] - second[None, :]).ravel()


def bandwidth(values: Array) -> float:
    """Return the kernel width by Scott's rule ("Multivariate Density Estimation", 1992)."""
    return float(values.std(ddof=1) * len(values) ** -0.2)


def density(values: Array, points: Array, width: float) -> Array:
    """Return the density of values at some points, by Gaussian kernels of one width.

    Of more than 20,000 values an even choice is used.
    """
    chosen = values[:: max(1, -(-len(values) // _MOST_VALUES))]
    found = np.empty(len(points))
    for start in range(0, len(points), 50):
        off = (points[start : start + 50, None] - chosen[None, :]) / width
        found[start : start + 50] = np.exp(-0.5 * off**2).mean(axis=1)
    found /= width * np.sqrt(2 * np.pi)
    return found


def compare(one: Sequence[float], other: Sequence[float]) -> dict[str, float] | None:
    """Return the overlap and divergence of one statistic of two sets of lines.

    ``overlap`` (0 to 1) and ``kl`` (nats) compare the distances within `one` with those between the
    sets; None if a set has fewer than three lines or all its distances are equal.
    """
    if min(len(one), len(other)) < 3:
        return None
    within, between = intra(one), inter(one, other)
    widths = bandwidth(within), bandwidth(between)
    if not min(widths) > 0:
        return None
    reach = 3 * max(widths)
    low = min(within.min(), between.min()) - reach
    high = max(within.max(), between.max()) + reach
    points = np.linspace(low, high, _POINTS)
    inside = density(within, points, widths[0])
    across = density(between, points, widths[1])
    step = points[1] - points[0]
    inside, across = inside / (inside.sum() * step), across / (across.sum() * step)
    seen = inside > _LEAST
    ratio = inside[seen] / np.maximum(across[seen], _LEAST)
    return {
        "overlap": float(np.minimum(inside, across).sum() * step),
        "kl": float(max(0.0, (inside[seen] * np.log(ratio)).sum() * step)),
    }
