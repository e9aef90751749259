"""Time feel: from an arrangement as written to a performance.

What is written stays on the grid; what is played swings (:mod:`~sideman.feel.timing`), breathes in
loudness (:mod:`~sideman.feel.dynamics`), is let go of as players let go
(:mod:`~sideman.feel.articulation`) and slows down at the end (:mod:`~sideman.feel.tempo`).  The
figures were measured on the solos of the Weimar Jazz Database; ``docs/feel.md`` shows them.
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
"""The bounds of a swing ratio that is asked for: even eighths, and a sixteenth on the off-beat."""

_SOLO_LOOSENESS_SECONDS = 0.005
_BAND_LOOSENESS_SECONDS = 0.003


class Feeling(Protocol):
    """What a style says about time; :class:`sideman.band.styles.Style` says it."""

    @property
    def swing(self) -> float | None:
        """The on-beat eighth over the off-beat one; 1 for straight ones, None for the tempo's."""

    @property
    def laid_back_seconds(self) -> float:
        """How far behind the beat a soloist lies, beside what all do."""


def perform(
    arrangement: Arrangement,
    style: Feeling,
    rng: Generator,
    *,
    swing: float | None = None,
    soloist: str = "Solo",
) -> Performance:
    """Play an arrangement.

    The band swings as its tempo and style ask.  The soloist's off-beats fall together with the
    band's, the on-beats a little later; phrases grow softer, turns have their accents.

    Parameters
    ----------
    arrangement : Arrangement
        As written.
    style : Feeling
        Whether eighths are straight, and how laid back a soloist plays.
    rng : numpy.random.Generator
        Where chance comes from.
    swing : float or None
        The on-beat eighth over the off-beat one, from 1 to 4; the style's or the tempo's own where
        None.
    soloist : str
        The name of the part that plays in front.

    Returns
    -------
    Performance
        What is heard.

    Raises
    ------
    MusicError
        If the swing ratio is out of its bounds.
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
    """Refuse a swing ratio that cannot be played.

    Parameters
    ----------
    swing : float or None
        The on-beat eighth over the off-beat one; None asks for nothing.

    Raises
    ------
    MusicError
        If it is out of its bounds.
    """
    if swing is not None and not EVEN <= swing <= LONGEST_SWING:
        raise MusicError(
            f"A swing ratio of {swing:g} cannot be played; choose one from {EVEN:g} (even eighths) "
            f"to {LONGEST_SWING:g}."
        )


def _ticks(seconds: float, tempo_bpm: float) -> float:
    return seconds * tempo_bpm / 60 * PERFORMED_TICKS_PER_QUARTER


def _stopped(notes: Sequence[Note], end: int) -> tuple[Note, ...]:
    """Let nothing that begins in the form ring on after it for being late."""
    return tuple(
        Note(note.onset, end - note.onset, note.pitch, note.velocity, note.name)
        if note.onset < end < note.end
        else note
        for note in notes
    )
