"""Harmonic rhythm: lengths of chords, by class and by place in the group of four bars.

Lengths and places are counted in quarters of a bar, whatever the meter.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from sideman.models.events import IntArray
from sideman.models.harmony.alphabet import CLASSES, NO_ROOT, Change

PLACES = 16
"""Quarters of a bar in a group of four bars."""
LONGEST = 16
"""The longest length that is counted; a longer chord counts as one of these."""
SHAPE = (CLASSES, PLACES, LONGEST)
_PRIOR = 5.0  # chords of the mean of all classes in each class's own


def counted(tunes: Iterable[tuple[tuple[Change, ...], IntArray, int]]) -> IntArray:
    """Return the number of chords of each class, place and length, of shape `SHAPE`.

    A tune is its changes, their places in groups of four bars, and the ticks of a bar.
    """
    found = np.zeros(SHAPE, np.int64)
    for changes, bar4, bar_ticks in tunes:
        for change, place in zip(changes, bar4.tolist(), strict=True):
            if change.root >= 0:
                length = round((change.end - change.onset) * 4 / bar_ticks)
                found[change.quality - 1, place, min(max(length, 1), LONGEST) - 1] += 1
    return found


def rates(counts: IntArray) -> NDArray[np.float64]:
    """Return the probability of each length of each symbol at each place, (96, 16, 16)."""
    pooled = counts.sum(axis=0) + 0.01
    pooled = pooled / pooled.sum(axis=1, keepdims=True)
    smooth = counts + _PRIOR * pooled
    smooth /= smooth.sum(axis=2, keepdims=True)
    found: NDArray[np.float64] = smooth[np.arange(NO_ROOT) % CLASSES]
    return found
