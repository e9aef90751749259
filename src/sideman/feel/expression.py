"""Expression: a plain performance with the drift, the dynamics and the inflections of players."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from sideman.feel import drift, dynamics, inflection, technique
from sideman.feel.timing import FINER
from sideman.score import Arrangement, Note, Performance
from sideman.theory.meter import PERFORMED_TICKS_PER_QUARTER

SOLO_LOOSENESS_SECONDS = 0.005
"""Standard deviation of the soloist's onsets in a plain performance: a choice (docs/feel.md)."""

_TICKS_A_SECOND = PERFORMED_TICKS_PER_QUARTER / 60  # at one quarter a minute


class Ornamenting(Protocol):
    """The inflections of a style, such as :class:`sideman.band.styles.Style`."""

    @property
    def ornaments(self) -> float:
        """A factor on the number of scoops, bends and falls."""

    @property
    def vibrato(self) -> float:
        """A factor on the vibrato."""


def expressive(
    arrangement: Arrangement,
    plain: Performance,
    style: Ornamenting,
    rng: Generator,
    amount: float,
    soloist: str,
) -> Performance:
    """Return a plain performance of an arrangement, played with expression.

    Parameters
    ----------
    arrangement : Arrangement
        The parts as written.
    plain : Performance
        The same notes, in the same order, on the performed clock.
    style : Ornamenting
        The style.
    rng : numpy.random.Generator
        The random generator, of which others are spawned; `amount` does not change what is drawn.
    amount : float
        From 0 to 1, which is what is measured of players.
    soloist : str
        The part with drift, dynamics and inflections of its own; the band shares its pulse.
    """
    timed, loud, inflected, beating = rng.spawn(4)
    quarters = -(-arrangement.changes.length * FINER // PERFORMED_TICKS_PER_QUARTER)
    beats = range(0, quarters * PERFORMED_TICKS_PER_QUARTER, PERFORMED_TICKS_PER_QUARTER)
    moved = beats + amount * _TICKS_A_SECOND * _tempos(plain, beats) * drift.pulse(
        beating, quarters
    )
    parts = []
    for written, part in zip(arrangement.parts, plain.parts, strict=True):
        notes, alone = part.notes, part.name == soloist and bool(part.notes)
        skill = technique.of(part.program)
        if alone:
            notes = dynamics.varied(written.notes, notes, skill, loud, amount)
            notes = _drifting(written.notes, notes, plain, timed, amount)
        notes = drift.warped(notes, beats, moved)
        if alone:
            controls = inflection.controls(
                notes,
                skill,
                plain.seconds_at,
                inflected,
                amount=amount,
                ornaments=style.ornaments,
                vibrato=style.vibrato,
            )
            volume = round(part.volume * 10 ** (amount * dynamics.HEADROOM_DB / 40))
            part = replace(part, controls=controls, volume=min(127, volume))
        parts.append(replace(part, notes=notes))
    return replace(plain, parts=tuple(parts))


def _drifting(
    written: Sequence[Note],
    played: Sequence[Note],
    plain: Performance,
    rng: Generator,
    amount: float,
) -> tuple[Note, ...]:
    """Return a soloist's notes with onsets that wander, none before the form or the first note."""
    onsets = sorted({note.onset for note in played})
    phrases = dynamics.phrases(written)
    begun = np.cumsum([0, *map(len, phrases[:-1])])
    firsts = sorted({onsets.index(played[at].onset) for at in begun.tolist()})
    tempos = _tempos(plain, onsets)
    found = drift.deviations(rng, tempos, firsts, SOLO_LOOSENESS_SECONDS)
    moves = amount * _TICKS_A_SECOND * tempos * found
    return drift.warped(played, onsets, drift.ordered(onsets, moves.tolist(), min(0, onsets[0])))


def _tempos(performance: Performance, ticks: Sequence[int]) -> NDArray[np.float64]:
    """Return the tempos at some performed ticks."""
    starts = [tick for tick, _ in performance.tempos]
    found = [performance.tempos[max(0, bisect_right(starts, tick) - 1)][1] for tick in ticks]
    return np.array(found)
