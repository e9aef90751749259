"""A soloist with its instrument, tempo and controls, which plays every line of a take."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from statistics import fmean

from numpy.random import Generator

from sideman.errors import concerning
from sideman.evaluation import novelty
from sideman.models import sampler
from sideman.models.constraints import FREE, Constraints
from sideman.models.controls import MAX_COPY, Controls, Feature
from sideman.models.protocol import Setting, Soloist
from sideman.score import Changes, Note
from sideman.theory.instruments import INSTRUMENT, INSTRUMENTS, Instrument
from sideman.theory.meter import TICKS_PER_QUARTER, check_tempo
from sideman.theory.pitch import Key

SHORTEST_SECONDS = 0.07
"""The shortest time from one note to the next: sixteenths up to 214, triplets up to 285."""


@dataclass(frozen=True)
class Performer:
    """A soloist with its instrument, tempo and controls.

    Parameters
    ----------
    soloist : Soloist
        The model.
    tempo_bpm : float
        Quarter notes a minute; a MusicError where it cannot be played.
    instrument : Instrument
        The instrument, which limits the range.
    controls : Controls or None
        The controls; the soloist's defaults where None.
    max_copy : int or None
        Notes of the longest match with the Weimar solos, fixed notes aside; None for any length.
    """

    soloist: Soloist
    tempo_bpm: float
    instrument: Instrument = INSTRUMENTS[INSTRUMENT]
    controls: Controls | None = None
    max_copy: int | None = MAX_COPY

    def __post_init__(self) -> None:
        with concerning("tempo"):
            check_tempo(self.tempo_bpm)

    @property
    def range(self) -> tuple[int, int]:
        """The lowest and the highest pitch: the good register, unless the soloist plans it."""
        if Feature.PHRASING in self.soloist.features:
            return self.instrument.reach
        return self.instrument.low, self.instrument.high

    def setting(
        self,
        changes: Changes,
        *,
        melody: tuple[Note, ...] = (),
        double_time: float | None = None,
        key: Key | None = None,
    ) -> Setting:
        """Return where a line is played: over all bars, its shortest note playable at the tempo.

        Of several tempos that is the fastest, and the mean one is the tempo of the setting.  The
        line ends in `key`, unless its last bars have another; None for no end.
        """
        tempos = tuple(changes.tempo_at(start) or self.tempo_bpm for start in changes.bar_starts)
        many = len(set(tempos)) > 1
        return Setting(
            changes,
            fmean(tempos[:-1]) if many else tempos[0],
            *self.range,
            shortest=shortest_ticks(max(tempos)),
            asked=self.instrument != INSTRUMENTS[INSTRUMENT],
            melody=melody,
            double_time=double_time,
            key=key and (changes.key_at(changes.length) or key),
        )

    def play(
        self,
        changes: Changes,
        *,
        rng: Generator,
        constraints: Constraints = FREE,
        melody: tuple[Note, ...] = (),
        double_time: float | None = None,
        key: Key | None = None,
    ) -> tuple[Note, ...]:
        """Return a line over changes (:func:`sideman.models.sampler.play`)."""
        return sampler.play(
            self.soloist,
            self.setting(changes, melody=melody, double_time=double_time, key=key),
            rng=rng,
            controls=self.controls,
            constraints=self._limited(constraints),
        )

    def plays(
        self, changes: Changes, *, rng: Generator, constraints: Constraints, count: int
    ) -> Iterator[tuple[Note, ...]]:
        """Yield several lines that begin alike (:func:`sideman.models.sampler.plays`).

        The caller chooses among them; `best_of` of the controls is not used.
        """
        usual = self.soloist.defaults
        return sampler.plays(
            self.soloist,
            self.setting(changes),
            rng=rng,
            controls=replace(self.controls or usual, best_of=usual.best_of),
            constraints=self._limited(constraints),
            count=count,
        )

    def copies(self, line: tuple[Note, ...], constraints: Constraints) -> bool:
        """Return whether a line copies more than is allowed, fixed notes aside."""
        guard = self._limited(constraints).guard
        return guard is not None and guard.broken(line, constraints.pitched)

    def _limited(self, constraints: Constraints) -> Constraints:
        if self.max_copy is None:
            return constraints
        with concerning("max_copy"):
            return replace(constraints, guard=novelty.Limit(novelty.shipped(), self.max_copy))


def shortest_ticks(tempo_bpm: float) -> int:
    """Return the ticks of the shortest note that can be played at a tempo.

    >>> shortest_ticks(132), shortest_ticks(300)
    (4, 9)
    """
    return math.ceil(TICKS_PER_QUARTER * tempo_bpm / 60 * SHORTEST_SECONDS)
