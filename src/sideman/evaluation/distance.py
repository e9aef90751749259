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

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_POINTS = 1000
_MOST_VALUES = 20_000
_LEAST = 1e-12
# Pairs whose distances are computed at once; NumPy sums up to 128 numbers in one loop.
_BLOCK = 8192


@dataclass(frozen=True, eq=False)
class Distances:
    """The distances of pairs of values, computed block by block: all of them may fill the memory.

    Row r has a pair of ``first[r]`` with each of some consecutive values of `second`; pair k, one
    of ``starts[r]`` to before ``starts[r + 1]``, is with ``second[k + offsets[r]]``.
    """

    first: Array
    second: Array
    starts: NDArray[np.int64]
    offsets: NDArray[np.int64]

    def __len__(self) -> int:
        return int(self.starts[-1])

    def at(self, pairs: NDArray[np.int64]) -> Array:
        """Return the distances of some pairs."""
        rows = np.searchsorted(self.starts, pairs, side="right") - 1
        distances: Array = np.abs(self.first[rows] - self.second[pairs + self.offsets[rows]])
        return distances

    def total(self, function: Callable[[Array], Array], start: int, end: int) -> float:
        """Return the sum of a function of the distances of consecutive pairs.

        The pairs are halved as NumPy halves an array that it sums, so that rounding is the same.
        """
        if end - start <= _BLOCK:
            return float(function(self._block(start, end)).sum())
        middle = start + (end - start) // 16 * 8
        return self.total(function, start, middle) + self.total(function, middle, end)

    def extent(self) -> tuple[float, float]:
        """Return the smallest and the largest distance."""
        blocks = (self._block(start, start + _BLOCK) for start in range(0, len(self), _BLOCK))
        lows, highs = zip(*((block.min(), block.max()) for block in blocks), strict=True)
        return float(min(lows)), float(max(highs))

    def choice(self) -> Array:
        """Return all distances, or an even choice of at most 20,000."""
        return self.at(np.arange(0, len(self), max(1, -(-len(self) // _MOST_VALUES))))

    def _block(self, start: int, end: int) -> Array:
        return self.at(np.arange(start, min(end, len(self))))


def intra(values: Sequence[float]) -> Distances:
    """Return the distance of every value to every other, each pair once."""
    given = np.asarray(values, dtype=np.float64)
    columns = np.arange(1, len(given) + 1)
    starts = np.concatenate(([0], np.cumsum(len(given) - columns)))
    return Distances(given, given, starts, columns - starts[:-1])


def inter(one: Sequence[float], other: Sequence[float]) -> Distances:
    """Return the distance of every value of one set to every value of the other."""
    starts = len(other) * np.arange(len(one) + 1)
    first, second = np.asarray(one, dtype=np.float64), np.asarray(other, dtype=np.float64)
    return Distances(first, second, starts, -starts[:-1])


def bandwidth(values: Distances) -> float:
    """Return the kernel width by Scott's rule ("Multivariate Density Estimation", 1992)."""
    count = len(values)
    mean = values.total(lambda part: part, 0, count) / count
    variance = values.total(lambda part: (part - mean) ** 2, 0, count) / (count - 1)
    return float(np.sqrt(variance) * count**-0.2)


def density(values: Array, points: Array, width: float) -> Array:
    """Return the density of values at some points, by Gaussian kernels of one width."""
    found = np.empty(len(points))
    for start in range(0, len(points), 50):
        off = (points[start : start + 50, None] - values[None, :]) / width
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
    (low, high), (lowest, highest) = within.extent(), between.extent()
    points = np.linspace(min(low, lowest) - reach, max(high, highest) + reach, _POINTS)
    inside = density(within.choice(), points, widths[0])
    across = density(between.choice(), points, widths[1])
    step = points[1] - points[0]
    inside, across = inside / (inside.sum() * step), across / (across.sum() * step)
    seen = inside > _LEAST
    ratio = inside[seen] / np.maximum(across[seen], _LEAST)
    return {
        "overlap": float(np.minimum(inside, across).sum() * step),
        "kl": float(max(0.0, (inside[seen] * np.log(ratio)).sum() * step)),
    }
