"""A soloist that plays what the counted scorer beside this file has counted.

A soloist begins a session, one solo while it is played: the session offers the next notes with
their logits, and the sampler chooses.  It plays in Python, and from the command line by its file::

    sideman.improvise("blues-f", model=CountedSoloist(phrases_of(text)))

    sideman improvise blues-f --model examples/blues.phrases --out out
    sideman trade phrase.mid --changes blues-f --model examples/blues.phrases --out out

The command knows this kind of file by one line, an entry point of the package that holds the two
modules::

    [project.entry-points."sideman.kinds"]
    counted = "counted_soloist:KIND"

or, inside sideman, the object below as a line of ``sideman.models.registry.KINDS``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from counted_scorer import QUARTER, CountedScorer, degree, phrases_of
from sideman.models.constraints import Constraints
from sideman.models.controls import Controls, Feature
from sideman.models.protocol import VELOCITY, Setting
from sideman.models.registry import Kind
from sideman.score import Note

KIND = Kind("counted", "counted_soloist", suffixes=(".phrases",))


def from_text(text: str, name: str) -> CountedSoloist:
    """Return the soloist that has counted the phrases of a text."""
    return CountedSoloist(phrases_of(text, name))


class CountedSoloist(CountedScorer):
    """Plays the notes that were counted; it continues phrases, and can rank several solos."""

    features, defaults = frozenset({Feature.PRIME, Feature.SCORING}), Controls()

    def begin(
        self, setting: Setting, controls: Controls, constraints: Constraints, rng: Generator
    ) -> CountedSession:
        """Begin a solo, after the phrase that the constraints give."""
        given = tuple(
            Note(slot.onset or 0, slot.duration or QUARTER, slot.pitch or 0, VELOCITY)
            for slot in constraints.slots
        )
        return CountedSession(self, setting, given, constraints.spans[0][1] if given else 0)


@dataclass
class CountedSession:
    """One solo while it is played: the notes so far, and the tick of the next one."""

    soloist: CountedSoloist
    setting: Setting
    notes: tuple[Note, ...]
    now: int

    @property
    def fits(self) -> NDArray[np.bool_]:
        """Return which notes are slow enough to play and end within the form."""
        waits = self.soloist.waits
        playable = waits >= min(self.setting.shortest, waits.max())
        return np.asarray(playable & (self.now + waits <= self.setting.changes.length))

    @property
    def done(self) -> bool:
        """Return whether the form has no room for another note."""
        return not self.fits.any()

    def options(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return the logits of the next note, and which notes fit."""
        before = -1
        for last in self.notes[-1:]:
            own = degree(self.setting.changes, last.onset, last.pitch)
            before = self.soloist.nearest(own, self.now - last.onset)
        mask = np.where(self.fits, np.float32(0), np.float32(-np.inf))
        return np.log(self.soloist.odds[before]).astype(np.float32), mask

    def choose(self, index: int, rng: Generator) -> None:
        """Play a note at the pitch of its degree that is nearest to the pitch before."""
        low, high = self.setting.low, self.setting.high
        last = self.notes[-1].pitch if self.notes else (low + high) // 2
        wait, wanted = int(self.soloist.waits[index]), self.soloist.degrees[index]
        changes = self.setting.changes
        able = (p for p in range(low, high + 1) if degree(changes, self.now, p) == wanted)
        pitch = min(able, key=lambda pitch: abs(pitch - last))
        self.notes += (Note(self.now, min(wait, QUARTER), pitch, VELOCITY),)
        self.now += wait

    def line(self) -> tuple[Note, ...]:
        """Return the notes so far."""
        return self.notes

    def branch(self) -> CountedSession:
        """Return a copy that is played on independently."""
        return replace(self)
