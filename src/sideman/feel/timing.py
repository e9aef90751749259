"""Where notes fall: swing, laid-back placement, and the looseness of hands.

Ticks are written ones (24 to the quarter) going in and performed ones (480) coming out.

The figures come from 17,934 pairs of eighths in 234 solos of the Weimar Jazz Database
(``benchmarks/swing_curve.py``, ``docs/feel.md``).  They agree with what Anders Friberg and Andreas
Sundström heard in four recordings ("Swing ratios and ensemble timing in jazz performance", Music
Perception 19(3), 2002): the soloist's off-beats fall together with the cymbal's, the on-beats come
late, and so the soloist's own ratio is much smaller than the drummer's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

import numpy as np
from numpy.random import Generator

from sideman.score import Changes, Note
from sideman.theory.meter import PERFORMED_TICKS_PER_QUARTER, TICKS_PER_QUARTER

FINER = PERFORMED_TICKS_PER_QUARTER // TICKS_PER_QUARTER

# Quarters a minute; where in the beat the off-beat eighth falls, 1/2 being even; how many seconds
# after the beat a soloist's on-beat eighth comes.
CURVE = ((130.0, 0.662, 0.035), (200.0, 0.648, 0.022), (260.0, 0.585, 0.008), (340.0, 0.518, 0.002))

EVEN_BEHIND_SECONDS = 0.009
"""How late all of a soloist's eighths come where they are even."""

_OFFBEAT = TICKS_PER_QUARTER // 2
_MOST_LOOSE = 2.0  # standard deviations


def swing_ratio(tempo_bpm: float) -> float:
    """Give the length of the band's on-beat eighth over that of the off-beat one.

    Parameters
    ----------
    tempo_bpm : float
        Quarter notes a minute.

    Returns
    -------
    float
        The ratio: nearly 2 up to medium tempi, then falling towards even eighths.

    Examples
    --------
    >>> [round(swing_ratio(tempo), 2) for tempo in (60, 130, 200, 260, 340)]
    [1.96, 1.96, 1.84, 1.41, 1.07]
    """
    place = float(np.interp(tempo_bpm, [row[0] for row in CURVE], [row[1] for row in CURVE]))
    return place / (1 - place)


def lateness_seconds(tempo_bpm: float) -> float:
    """Say how long after the beat a soloist's on-beat eighths come.

    Parameters
    ----------
    tempo_bpm : float
        Quarter notes a minute.

    Returns
    -------
    float
        Seconds.

    Examples
    --------
    >>> [round(1000 * lateness_seconds(tempo)) for tempo in (60, 130, 200, 260, 340)]
    [35, 35, 22, 8, 2]
    """
    return float(np.interp(tempo_bpm, [row[0] for row in CURVE], [row[2] for row in CURVE]))


def behind_seconds(ratio: float) -> float:
    """Say how far behind the beat a soloist's whole line lies, on and off the beat alike.

    Where eighths swing, on-beats are late and off-beats are not; the few solos of the database in
    even eighths lie behind with both.

    Parameters
    ----------
    ratio : float
        The band's swing ratio.

    Returns
    -------
    float
        Seconds.
    """
    return EVEN_BEHIND_SECONDS if ratio == 1 else 0.0


def swing(
    notes: Sequence[Note],
    changes: Changes,
    ratio: float,
    *,
    late: float = 0.0,
    behind: float = 0.0,
) -> tuple[Note, ...]:
    """Play the off-beat eighths late; triplets, sixteenths and compound meters stay as they are.

    Parameters
    ----------
    notes : sequence of Note
        The notes of one player as written, 24 ticks to the quarter.
    changes : Changes
        The bars they stand in.
    ratio : float
        The on-beat eighth over the off-beat one; 1 plays them even.
    late : float
        Performed ticks by which notes on the beat come late, at most so much that the player's
        own eighths become even.  Off-beats are on time; triplets and sixteenths are late together.
    behind : float
        Performed ticks by which everything comes late.

    Returns
    -------
    tuple of Note
        The same notes in the same order, on the performed clock.

    Examples
    --------
    >>> from sideman.score import Bar
    >>> line = [Note(0, 12, 60), Note(12, 12, 62)]
    >>> [(note.onset, note.end) for note in swing(line, Changes((Bar(),)), 2.0)]
    [(0, 320), (320, 480)]
    >>> [(note.onset, note.end) for note in swing(line, Changes((Bar(),)), 2.0, late=30)]
    [(30, 320), (320, 510)]
    """
    place = _placing(changes)
    # A quarter that is struck anywhere off the eighths is played as written.
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
    """Say where ticks stand: their quarter's tick, the place in it, and whether eighths swing.

    Quarters are counted from the bar's downbeat; eighths swing where the bar counts in quarters
    (or longer notes), so that they come in pairs.
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
    """Move each stroke a hair; notes struck together stay together, and strokes in order.

    Parameters
    ----------
    notes : sequence of Note
        By rising onset, on the performed clock.
    rng : numpy.random.Generator
        Where chance comes from.
    deviation : float
        The standard deviation in ticks; nothing moves farther than twice that.
    earliest : int
        The tick before which nothing may sound.

    Returns
    -------
    tuple of Note
        The same notes, moved; their ends stay, so that what was legato is.
    """
    drawn = rng.normal(0.0, deviation, len(notes)).clip(
        -_MOST_LOOSE * deviation, _MOST_LOOSE * deviation
    )
    moved: list[Note] = []
    before, moved_to = None, earliest
    for note, hair in zip(notes, drawn.tolist(), strict=True):
        if note.onset != before:
            before = note.onset
            moved_to = max(moved_to, before + round(hair))
        length = max(1, note.end - moved_to)
        moved.append(Note(moved_to, length, note.pitch, note.velocity, note.name))
    return tuple(moved)
