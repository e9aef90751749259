"""The tempo map: the tempos of the bars, with a ritardando into the last chord."""

from __future__ import annotations

from sideman.feel.timing import FINER
from sideman.score import Arrangement
from sideman.theory.meter import PERFORMED_TICKS_PER_QUARTER

SLOWED = 0.6
"""The tempo at the last chord, over the tempo of the piece."""

HELD_SECONDS = (2.5, 5.0)
"""The shortest and the longest duration of the last bar."""

_CURVATURE = 3
_STEP = PERFORMED_TICKS_PER_QUARTER // 2


def tempos(arrangement: Arrangement) -> tuple[tuple[int, float], ...]:
    """Return the tempo map of an arrangement: (performed tick, quarter notes a minute from there).

    In the ritardando v(x)³ is linear in the score position x, as in Anders Friberg and Johan
    Sundberg, "Does music performance allude to locomotion?  A model of final ritardandi", JASA
    105(3), 1999.  It changes with every eighth.

    Examples
    --------
    >>> from sideman.score import Bar, Changes
    >>> form = Changes((Bar(), Bar()))
    >>> [(tick, round(bpm)) for tick, bpm in tempos(
    ...     Arrangement("A", (), form, 100.0, ritardando=(48, 96)))]
    [(0, 100), (960, 97), (1200, 89), (1440, 80), (1680, 68), (1920, 60)]
    """
    written = ((0, arrangement.tempo_bpm), *arrangement.changes.tempos)
    found = {tick * FINER: bpm for tick, bpm in written}
    if arrangement.ritardando is None:
        return tuple(found.items())
    bpm = written[-1][1]
    first, last = (tick * FINER for tick in arrangement.ritardando)
    steps = max(1, (last - first) // _STEP)
    for step in range(steps):
        x = (step + 0.5) / steps
        speed = (1 + (SLOWED**_CURVATURE - 1) * x) ** (1 / _CURVATURE)
        found[first + (last - first) * step // steps] = bpm * speed
    held = arrangement.changes.length * FINER - last
    if held > 0:
        seconds = held / PERFORMED_TICKS_PER_QUARTER * 60 / (bpm * SLOWED)
        shortest, longest = HELD_SECONDS
        found[last] = bpm * SLOWED * seconds / min(max(seconds, shortest), longest)
    return tuple(found.items())
