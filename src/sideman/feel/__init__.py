"""Time feel: from an arrangement as written to a performance.

Written music is on the grid.  A performance adds swing and micro-timing
(:mod:`~sideman.feel.timing`), dynamics (:mod:`~sideman.feel.dynamics`), articulation
(:mod:`~sideman.feel.articulation`) and a final ritardando (:mod:`~sideman.feel.tempo`).

With :mod:`~sideman.feel.expression` timing and loudness wander as those of players do
(:mod:`~sideman.feel.drift`), and the soloist's notes are scooped, bent and shaken
(:mod:`~sideman.feel.inflection`) as its instrument can (:mod:`~sideman.feel.technique`).

The parameters are measurements of the Weimar Jazz Database by ``benchmarks/swing_curve.py`` and
``benchmarks/performance.py``, listed in ``docs/feel.md``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Protocol

from numpy.random import Generator

from sideman.errors import MusicError
from sideman.feel import articulation, dynamics, tempo, timing
from sideman.feel.expression import SOLO_LOOSENESS_SECONDS, Ornamenting, expressive
from sideman.feel.timing import swing_ratio
from sideman.score import Arrangement, Note, Part, Performance
from sideman.theory.meter import PERFORMED_TICKS_PER_QUARTER

__all__ = ["EXPRESSION", "Feeling", "perform", "swing_ratio"]

EXPRESSION = 1.0
"""The expression of a performance where none is asked for: what is measured of players."""

EVEN, LONGEST_SWING = 1.0, 4.0
"""The bounds of a swing ratio: even eighths, and an off-beat of less than a sixteenth."""

# Standard deviation of the onsets: a choice, not a measurement (docs/feel.md).
_BAND_LOOSENESS_SECONDS = 0.003


class Feeling(Ornamenting, Protocol):
    """The time feel of a style, such as :class:`sideman.band.styles.Style`."""

    @property
    def swing(self) -> float | None:
        """On-beat eighth over off-beat eighth; 1 is straight, None derives it from the tempo."""

    @property
    def laid_back_seconds(self) -> float:
        """Added to the delay of the soloist that the tempo gives."""


def perform(
    arrangement: Arrangement,
    style: Feeling,
    rng: Generator,
    *,
    swing: float | None = None,
    expression: float = 0.0,
    soloist: str = "Solo",
) -> Performance:
    """Return an arrangement as played, with the time feel of a style.

    Parameters
    ----------
    arrangement : Arrangement
        The parts as written.
    style : Feeling
        The style.
    rng : numpy.random.Generator
        The random generator.
    swing : float or None
        On-beat eighth over off-beat eighth, from 1 to 4; that of the style or tempo where None.
    expression : float
        From 0, plain timing and dynamics, to 1, which is what is measured of players.
    soloist : str
        The part with delayed on-beats, phrased dynamics and, with expression, bends and breath.

    Raises
    ------
    MusicError
        If `swing` or `expression` is out of its bounds.
    """
    check(swing, expression)
    earliest = min((note.onset for part in arrangement.parts for note in part.notes), default=0)
    earliest = min(0, earliest * timing.FINER)
    end = arrangement.changes.length * timing.FINER
    stretches = _stretches(arrangement)

    def played(part: Part) -> tuple[Note, ...]:
        solo = part.name == soloist
        notes = articulation.shortened(dynamics.shaped(part.notes, rng)) if solo else part.notes
        found: list[Note] = []
        for start, until, bpm in stretches:
            inside = [note for note in notes if start <= note.onset < until]
            ratio = swing or style.swing or swing_ratio(bpm)
            late = behind = 0.0
            if solo:
                late = _ticks(timing.lateness_seconds(bpm), bpm)
                behind = _ticks(style.laid_back_seconds + timing.behind_seconds(ratio), bpm)
            swung = timing.swing(inside, arrangement.changes, ratio, late=late, behind=behind)
            loose = _ticks(SOLO_LOOSENESS_SECONDS if solo else _BAND_LOOSENESS_SECONDS, bpm)
            tongued = articulation.tongued(swung) if solo else swung
            found += timing.loosened(tongued, rng, loose, found[-1].onset if found else earliest)
        return tuple(found)

    plain = tuple(
        replace(part, notes=articulation.detached(played(part))) for part in arrangement.parts
    )
    performance = Performance(
        arrangement.title, plain, arrangement.changes, tempo.tempos(arrangement), arrangement.key
    )
    if expression:
        performance = expressive(arrangement, performance, style, rng, expression, soloist)
    return replace(
        performance,
        parts=tuple(replace(part, notes=_stopped(part.notes, end)) for part in performance.parts),
    )


def _stretches(arrangement: Arrangement) -> list[tuple[float, float, float]]:
    """Return start and end of each stretch of one tempo, in written ticks, and the tempo."""
    written = dict(((0, arrangement.tempo_bpm), *arrangement.changes.tempos))
    edges = [float("-inf"), *list(written)[1:], float("inf")]
    return [(*edge, bpm) for edge, bpm in zip(pairwise(edges), written.values(), strict=True)]


def check(swing: float | None = None, expression: float | None = None) -> None:
    """Raise a MusicError unless a swing ratio is from 1 to 4, and an expression from 0 to 1.

    Either may be None.
    """
    if expression is not None and not 0 <= expression <= 1:
        raise MusicError(
            f"expression must be from 0 (plain) to 1 (as players), got {expression:g}.",
            field="expression",
        )
    if swing is not None and not EVEN <= swing <= LONGEST_SWING:
        raise MusicError(
            f"swing must be from {EVEN:g} (even eighths) to {LONGEST_SWING:g}, got {swing:g}.",
            field="swing",
        )


def _ticks(seconds: float, tempo_bpm: float) -> float:
    return seconds * tempo_bpm / 60 * PERFORMED_TICKS_PER_QUARTER


def _stopped(notes: Sequence[Note], end: int) -> tuple[Note, ...]:
    """End notes of the form no later than the form."""
    return tuple(
        Note(note.onset, end - note.onset, note.pitch, note.velocity, note.name)
        if note.onset < end < note.end
        else note
        for note in notes
    )
