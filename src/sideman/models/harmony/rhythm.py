"""Harmonic rhythm: the length of a chord by its place in four bars, its class and earlier lengths.

Lengths and places are counted in quarters of a bar, whatever the meter.  A tune whose chords are
held has more of them, so that the last three lengths are part of the context.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from sideman.models import kneserney
from sideman.models.events import IntArray
from sideman.models.harmony.alphabet import CLASSES, Change
from sideman.models.kneserney import Level

PLACES = 16
"""Quarters of a bar in a group of four bars."""
LONGEST = 32
"""The longest length that is counted, eight bars; a longer chord counts as one of these."""
EARLIER = 3
"""The number of earlier lengths in the context."""
UNKNOWN = -1
"""An earlier length that is not known, or before the first chord."""
FEATURES = ("bar4", "class", *(f"length{back}" for back in range(1, EARLIER + 1)))


def counted(tunes: Iterable[tuple[Sequence[Change], IntArray, int]]) -> tuple[Level, ...]:
    """Return the chain of lengths of tunes.

    A tune is its changes, their places in groups of four bars, and the ticks of a bar.
    """
    rows: list[tuple[int, ...]] = []
    lengths: list[int] = []
    for changes, bar4, bar_ticks in tunes:
        mine = [length((each.end - each.onset) * 4, bar_ticks) for each in changes]
        before = [*(UNKNOWN,) * EARLIER, *mine]
        for at, (change, place) in enumerate(zip(changes, bar4.tolist(), strict=True)):
            rows.append((place, change.quality, *before[at : at + EARLIER][::-1]))
        lengths += mine
    table = np.array(rows, np.int64).reshape(len(rows), len(FEATURES))
    known = dict(zip(FEATURES, table.T, strict=True))
    return kneserney.count_chain(known, FEATURES, np.array(lengths, np.int64) - 1, whole=True)


def length(ticks: int, quarter_ticks: int) -> int:
    """Return a length in quarters of a bar, 1 to `LONGEST`."""
    return min(max(round(ticks / quarter_ticks), 1), LONGEST)


def rates(chain: Sequence[Level], place: int, before: Sequence[int] = ()) -> NDArray[np.float64]:
    """Return the probability of each length of a chord of each symbol at a place, (96, 32).

    `before` are the lengths of the chords before it, the last one last.
    """
    known = [*(UNKNOWN,) * EARLIER, *before][: -EARLIER - 1 : -1]
    features = {
        "bar4": np.full(CLASSES, place),
        "class": np.arange(1, CLASSES + 1),
        **{f"length{back}": np.full(CLASSES, each) for back, each in enumerate(known, 1)},
    }
    keys = kneserney.context_keys(features, FEATURES, CLASSES)
    return np.tile(kneserney.expect(chain, keys, LONGEST), (12, 1))
