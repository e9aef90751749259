"""Clusters of windows: k-means that starts from k-means++ and leaves no cluster empty.

Distances are summed feature by feature, so that every machine computes the same.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sideman.errors import MusicError

MOST_ROUNDS = 100
_BLOCK = 256


def clusters(rows: NDArray[Any], k: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return the cluster of each row, numbered from the largest; equal ones by their first rows.

    Parameters
    ----------
    rows : ndarray, shape (windows, features)
        As from :func:`sideman.models.grammar.features.normalised`.
    k : int
        The number of clusters, at most the number of rows; else a MusicError.
    rng : numpy.random.Generator
        Draws the first centres.
    """
    if not 1 <= k <= len(rows):
        raise MusicError(
            f"{k} clusters of {len(rows)} windows cannot be made; ask for 1 to {len(rows)}, or "
            "give more solos.",
            field="clusters",
        )
    points = np.asarray(rows, dtype=np.float64)
    middle = points[_seeds(points, k, rng)]
    labels = np.full(len(points), -1)
    for _ in range(MOST_ROUNDS):
        found = _filled(points, middle)
        if np.array_equal(found, labels):
            break
        labels = found
        middle = centres(points, labels)
    sizes = np.bincount(labels, minlength=k)
    first = np.full(k, len(points))
    np.minimum.at(first, labels, np.arange(len(points)))
    place = np.empty(k, dtype=np.int64)
    place[np.lexsort((first, -sizes))] = np.arange(k)
    numbered: NDArray[np.int64] = place[labels]
    return numbered


def centres(rows: NDArray[Any], labels: NDArray[Any]) -> NDArray[np.float64]:
    """Return the mean of each cluster, shape (clusters, features); none may be empty."""
    sizes = np.bincount(labels)
    sums = [np.bincount(labels, weights=column) for column in rows.T]
    means: NDArray[np.float64] = np.stack(sums, axis=1) / sizes[:, None]
    return means


def nearest(rows: NDArray[Any], middle: NDArray[Any]) -> NDArray[np.int64]:
    """Return the cluster whose centre is nearest to each row; of equally near ones the first."""
    found: NDArray[np.int64] = _distances(rows, middle).argmin(axis=1)
    return found


def _distances(rows: NDArray[Any], middle: NDArray[Any]) -> NDArray[np.float64]:
    """Return squared distances, shape (rows, centres)."""
    found = np.zeros((len(rows), len(middle)))
    apart = np.empty((_BLOCK, len(middle)))
    for start in range(0, len(rows), _BLOCK):  # small enough for the cache
        block = rows[start : start + _BLOCK]
        for column, centre in zip(block.T, middle.T, strict=True):
            one = np.subtract(column[:, None], centre, out=apart[: len(block)])
            np.multiply(one, one, out=one)
            found[start : start + _BLOCK] += one
    return found


def _seeds(points: NDArray[np.float64], k: int, rng: np.random.Generator) -> list[int]:
    """Return rows for first centres, each drawn in proportion to the distance from those before."""
    chosen = [int(rng.random() * len(points))]
    apart = np.full(len(points), np.inf)
    while len(chosen) < k:
        apart = np.minimum(apart, _distances(points, points[chosen[-1:]])[:, 0])
        apart[chosen] = 0.0
        reached = np.cumsum(apart)
        if reached[-1] > 0:
            drawn = int(np.searchsorted(reached, rng.random() * reached[-1], side="right"))
            drawn = min(drawn, int(np.flatnonzero(apart)[-1]))
        else:  # fewer different rows than clusters
            drawn = int(np.setdiff1d(np.arange(len(points)), chosen)[0])
        chosen.append(drawn)
    return chosen


def _filled(points: NDArray[np.float64], middle: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the nearest centre of each row; an empty cluster takes the farthest row."""
    apart = _distances(points, middle)
    labels: NDArray[np.int64] = apart.argmin(axis=1)
    sizes = np.bincount(labels, minlength=len(middle))
    if sizes.all():
        return labels
    own = apart[np.arange(len(points)), labels]
    for empty in np.flatnonzero(sizes == 0):
        moved = int(np.where(sizes[labels] > 1, own, -1.0).argmax())
        sizes[labels[moved]] -= 1
        labels[moved], own[moved] = empty, 0.0
        sizes[empty] = 1
    return labels
