"""Passages of a slow solo: singing ones, with long tones, and double time between them.

Players at up to 80 quarters a minute have two bars in five in double time, sixteenths and shorter
for half of the bar, two bars in a row on average.  A network under one multiplier of its IOIs has
every second bar in double time, and the others are nearly as fast.  So the passages of a slow solo
are planned, and the multipliers of IOIs and durations depend on the passage
(``docs/listening.md``).
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from sideman.models.protocol import Setting

SLOW_BPM = 80.0
"""At most so many quarters a minute is slow, whatever the style."""
_PLAYERS = 0.39  # the share of players' bars in double time at these tempi
_BARS = 2.5  # the mean length of a passage in double time, in bars
_SHORTEST = 48  # ticks of a passage
_BEAT = 24  # passages begin on beats
# Multipliers of the logarithms of IOIs and durations, which are added in a passage.
_SUNG_IOIS, _SUNG_DURATIONS = 0.6, 0.15
_QUICK_IOIS = -0.8


@dataclass(frozen=True, slots=True)
class Passages:
    """The passages of a solo: `bounds` are the ticks at which they end, the first one sung.

    A solo without bounds has no passages, and nothing is added.  `contrast` is a factor of all that
    is added: the rarer double time is, the more it differs from what is sung.
    """

    bounds: tuple[int, ...] = ()
    contrast: float = 1.0

    def sung(self, onset: int) -> bool:
        """Return whether a tick is in a singing passage."""
        return bool(self.bounds) and bisect_right(self.bounds, onset) % 2 == 0

    def iois(self, onset: int) -> float:
        """Return what is added to the multiplier of log IOIs from a tick on."""
        if not self.bounds:
            return 0.0
        return self.contrast * (_SUNG_IOIS if self.sung(onset) else _QUICK_IOIS)

    def durations(self, onset: int) -> float:
        """Return the multiplier of log durations at a tick."""
        return self.contrast * _SUNG_DURATIONS if self.sung(onset) else 0.0


def plan(setting: Setting, rng: Generator) -> Passages:
    """Return the passages of a solo; none at tempi that are not slow.

    Lengths are exponential, as players' are.
    """
    share = setting.double_time
    if share is None:
        if (setting.tempo_bpm or SLOW_BPM + 1) > SLOW_BPM:
            return Passages()
        share = _PLAYERS
    changes = setting.changes
    quick = _BARS * changes.meter.ticks_per_bar
    means = (quick * (1 / share - 1), quick) if share else (np.inf, quick)
    bounds = [0.0]
    while bounds[-1] < changes.length:
        length = max(means[len(bounds) % 2 - 1] * rng.standard_exponential(), _SHORTEST)
        bounds.append(min(bounds[-1] + length, changes.length))
    ends = tuple(round(tick / _BEAT) * _BEAT for tick in bounds[1:])
    return Passages(ends, 3 - 2 * share / _PLAYERS)
