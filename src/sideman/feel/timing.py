"""Timing: swing, the soloist's delay, and random deviations.

Input is in written ticks (24 to the quarter), output in performed ticks (480).

The values come from 17,934 pairs of eighths in 234 solos of the Weimar Jazz Database
(``benchmarks/swing_curve.py``, ``docs/feel.md``).  They agree with Anders Friberg and Andreas
Sundström, "Swing ratios and ensemble timing in jazz performance", Music Perception 19(3), 2002: the
soloist's off-beats coincide with the cymbal's and the on-beats are delayed, so that the soloist's
own ratio is much smaller than the drummer's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

import numpy as np
from numpy.random import Generator

from sideman.score import Changes, Note
from sideman.theory.meter import PERFORMED_TICKS_PER_QUARTER, TICKS_PER_QUARTER

FINER = PERFORMED_TICKS_PER_QUARTER // TICKS_PER_QUARTER

# (quarter notes a minute, place of the off-beat eighth in the beat, delay in seconds of a soloist's
# on-beat eighth); linear between the points.
CURVE = ((130.0, 0.662, 0.035), (200.0, 0.648, 0.022), (260.0, 0.585, 0.008), (340.0, 0.518, 0.002))

EVEN_BEHIND_SECONDS = 0.009
"""Delay of a soloist's straight eighths."""

_OFFBEAT = TICKS_PER_QUARTER // 2
_MOST_LOOSE = 2.0  # standard deviations


def swing_ratio(tempo_bpm: float) -> float:
    """Return the band's swing ratio at a tempo: on-beat eighth over off-beat eighth."""
    place = float(np.interp(tempo_bpm, [row[0] for row in CURVE], [row[1] for row in CURVE]))
    return place / (1 - place)


def lateness_seconds(tempo_bpm: float) -> float:
    """Return the delay in seconds of a soloist's on-beat eighths at a tempo."""
    return float(np.interp(tempo_bpm, [row[0] for row in CURVE], [row[2] for row in CURVE]))


def behind_seconds(ratio: float) -> float:
    """Return the delay in seconds of a soloist's whole line: above 0 for straight eighths only."""
    return EVEN_BEHIND_SECONDS if ratio == 1 else 0.0


def swing(
    notes: Sequence[Note],
    changes: Changes,
    ratio: float,
    *,
    late: float = 0.0,
    behind: float = 0.0,
) -> tuple[Note, ...]:
    """Return one player's notes with off-beat eighths delayed, on the performed clock.

    Triplets, sixteenths and compound meters keep their written places.  `ratio` is on-beat eighth
    over off-beat eighth.  On-beats are delayed by `late` performed ticks, limited so that the
    player's own eighths are not reversed in length; off-beats are not, triplets and sixteenths are,
    all alike. Everything is delayed by `behind` performed ticks.

    >>> from sideman.score import Bar
    >>> line = [Note(0, 12, 60), Note(12, 12, 62)]
    >>> [(note.onset, note.end) for note in swing(line, Changes((Bar(),)), 2.0)]
    [(0, 320), (320, 480)]
    >>> [(note.onset, note.end) for note in swing(line, Changes((Bar(),)), 2.0, late=30)]
    [(30, 320), (320, 510)]
    """
    place = _placing(changes)
    # A quarter with an onset off the eighth grid is played as written.
    divided = {
        quarter
        for quarter, within, _ in (place(note.onset) for note in notes)
        if within not in (0, _OFFBEAT)
    }
    offbeat = PERFORMED_TICKS_PER_QUARTER * ratio / (1 + ratio)
    late = min(late, max(0.0, offbeat - PERFORMED_TICKS_PER_QUARTER / 2))

    @cache
    def played(tick: int) -> int:
        quarter, within, swings = place(tick)
        if not swings or quarter in divided:
            return round(tick * FINER + late + behind)
        if within == 0:
            return round(quarter * FINER + late + behind)
        if within <= _OFFBEAT:
            return round(quarter * FINER + behind + within / _OFFBEAT * offbeat)
        rest = (TICKS_PER_QUARTER - within) / _OFFBEAT
        short = PERFORMED_TICKS_PER_QUARTER - offbeat
        return round((quarter + TICKS_PER_QUARTER) * FINER + behind - rest * short)

    swung = []
    for note in notes:
        onset = played(note.onset)
        length = max(1, played(note.end) - onset)
        swung.append(Note(onset, length, note.pitch, note.velocity, note.name))
    return tuple(swung)


def _placing(changes: Changes) -> Callable[[int], tuple[int, int, bool]]:
    """Return a function from a tick to its quarter's tick, the place in it, and whether it swings.

    Quarters are counted from the downbeat; eighths swing where the meter's unit is a quarter or
    longer.
    """
    starts, bars = changes.bar_starts, changes.bars

    @cache
    def place(tick: int) -> tuple[int, int, bool]:
        bar = changes.bar_at(tick)
        within = (tick - starts[min(max(bar, 0), len(bars))]) % TICKS_PER_QUARTER
        swings = not bars or bars[min(max(bar, 0), len(bars) - 1)].meter.unit <= 4
        return tick - within, within, swings

    return place


def loosened(
    notes: Sequence[Note], rng: Generator, deviation: float, earliest: int
) -> tuple[Note, ...]:
    """Return notes on the performed clock with random deviations of their onsets.

    Notes at one onset move together, the order is kept, the ends do not move, and no note begins
    before `earliest`.  `deviation` is the standard deviation in ticks; the largest deviation is
    twice that.
    """
    drawn = rng.normal(0.0, deviation, len(notes)).clip(
        -_MOST_LOOSE * deviation, _MOST_LOOSE * deviation
    )
    moved: list[Note] = []
    before, moved_to = None, earliest
    for note, deviation_drawn in zip(notes, drawn.tolist(), strict=True):
        if note.onset != before:
            before = note.onset
            moved_to = max(moved_to, before + round(deviation_drawn))
        length = max(1, note.end - moved_to)
        moved.append(Note(moved_to, length, note.pitch, note.velocity, note.name))
    return tuple(moved)
