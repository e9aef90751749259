"""Time feel: from an arrangement as written to a performance.

Written music is on the grid.  A performance adds swing and micro-timing
(:mod:`~sideman.feel.timing`), dynamics (:mod:`~sideman.feel.dynamics`), articulation
(:mod:`~sideman.feel.articulation`) and a final ritardando (:mod:`~sideman.feel.tempo`).  The
parameters are measurements of the Weimar Jazz Database by ``benchmarks/swing_curve.py``, listed in
``docs/feel.md``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from numpy.random import Generator

from sideman.errors import MusicError
from sideman.feel import articulation, dynamics, tempo, timing
from sideman.feel.timing import swing_ratio
from sideman.score import Arrangement, Note, Part, Performance
from sideman.theory.meter import PERFORMED_TICKS_PER_QUARTER

__all__ = ["Feeling", "perform", "swing_ratio"]

EVEN, LONGEST_SWING = 1.0, 4.0
"""The bounds of a swing ratio: even eighths, and an off-beat of less than a sixteenth."""

# Standard deviations of the onsets: a choice, not a measurement (docs/feel.md).
_SOLO_LOOSENESS_SECONDS = 0.005
_BAND_LOOSENESS_SECONDS = 0.003


class Feeling(Protocol):
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
    soloist: str = "Solo",
) -> Performance:
    """Return an arrangement as played, with the time feel of a style.

    `swing` is on-beat eighth over off-beat eighth, from 1 to 4 (else a MusicError); that of the
    style or tempo where None.  The part named `soloist` has delayed on-beats and phrased dynamics.
    """
    check(swing)
    bpm = arrangement.tempo_bpm
    ratio = swing or style.swing or swing_ratio(bpm)
    earliest = min((note.onset for part in arrangement.parts for note in part.notes), default=0)
    earliest = min(0, earliest * timing.FINER)
    end = arrangement.changes.length * timing.FINER

    def played(part: Part) -> tuple[Note, ...]:
        if part.name != soloist:
            swung = timing.swing(part.notes, arrangement.changes, ratio)
            loose = _ticks(_BAND_LOOSENESS_SECONDS, bpm)
            return timing.loosened(swung, rng, loose, earliest)
        shaped = dynamics.shaped(part.notes, rng)
        swung = timing.swing(
            articulation.shortened(shaped),
            arrangement.changes,
            ratio,
            late=_ticks(timing.lateness_seconds(bpm), bpm),
            behind=_ticks(style.laid_back_seconds + timing.behind_seconds(ratio), bpm),
        )
        loose = _ticks(_SOLO_LOOSENESS_SECONDS, bpm)
        return timing.loosened(articulation.tongued(swung), rng, loose, earliest)

    return Performance(
        arrangement.title,
        tuple(
            replace(part, notes=_stopped(articulation.detached(played(part)), end))
            for part in arrangement.parts
        ),
        arrangement.changes,
        tempo.tempos(arrangement),
        arrangement.key,
    )


def check(swing: float | None) -> None:
    """Raise a MusicError unless a swing ratio is None or from 1 to 4."""
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
