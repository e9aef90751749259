"""A soloist that counts which note follows which in the phrases of a text file.

A note of a phrase is ``degree/wait``: semitones above the root of the chord, and ticks (24 to the
quarter) until the next note.  It sounds for a quarter at most; the rest of the wait is silence.  A
line is a phrase; ``#`` begins a comment.  ``blues.phrases`` beside this file is an example::

    sideman improvise blues-f --model examples/blues.phrases --out out
    sideman trade phrase.mid --changes blues-f --model examples/blues.phrases --out out

sideman knows this kind by one line, an entry point of the package that holds this module::

    [project.entry-points."sideman.kinds"]
    counted = "counted_soloist:KIND"

or, inside sideman, the object below as a line of ``sideman.models.registry.KINDS``.
"""

from __future__ import annotations

import copy
import re

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from sideman.errors import FormatError
from sideman.models.constraints import Constraints
from sideman.models.controls import Controls, Feature
from sideman.models.events import LONGEST_IOI, Distributions, Events, duration_classes
from sideman.models.protocol import VELOCITY, Setting
from sideman.models.registry import Kind
from sideman.score import Changes, Note

KIND = Kind("counted", "counted_soloist", suffixes=(".phrases",))
QUARTER = 24
UNSEEN = 0.02  # the share of probability for what the phrases never do


def from_text(text: str, name: str) -> CountedSoloist:
    """Return the soloist that has counted the phrases of a text."""
    phrases = [line.partition("#")[0].split() for line in text.splitlines()]
    for number, phrase in enumerate(phrases, 1):
        if not all(re.fullmatch(r"(\d|1[01])/[1-9]\d{0,2}", note) for note in phrase):
            raise FormatError(f"{name}, line {number}: write each note as degree/wait, as in 4/12.")
    if not any(phrases):
        raise FormatError(f"{name}: holds no phrase; write one on each line, as in 0/12 4/12 7/24.")
    return CountedSoloist(phrases)


def degree(changes: Changes | None, tick: int, pitch: int) -> int:
    """Return the semitones from the root of the chord at a tick up to a pitch."""
    chord = changes.chord_at(tick) if changes else None
    return (pitch - (chord.tones[0] if chord and chord.tones else 0)) % 12


class CountedSoloist:
    """Knows V different notes, and how likely each follows each (`odds`; last row: a beginning)."""

    name, features, defaults = KIND.name, frozenset({Feature.PRIME, Feature.SCORING}), Controls()

    def __init__(self, phrases: list[list[str]]) -> None:
        notes = sorted({note for phrase in phrases for note in phrase})
        self.degrees, self.waits = np.array([note.split("/") for note in notes], int).T
        counts = np.zeros((len(notes) + 1, len(notes)))
        for phrase in phrases:
            places = [notes.index(note) for note in phrase]
            np.add.at(counts, ([-1, *places[:-1]][: len(places)], places), 1)
        counts += counts.sum(axis=0) / counts.sum()
        self.odds = counts / counts.sum(axis=1, keepdims=True)

    def nearest(self, degree: int, wait: int) -> int:
        """Return the note that is most like a note that is given."""
        return int((4 * (self.degrees != degree) + abs(np.log(self.waits / wait))).argmin())

    def begin(
        self, setting: Setting, controls: Controls, constraints: Constraints, rng: Generator
    ) -> CountedSession:
        """Begin a solo, after the phrase that the constraints give."""
        return CountedSession(self, setting, constraints)

    def distributions(self, events: Events) -> Distributions:
        """Return what is expected at every note of a solo."""
        found = [np.full((len(events), size), UNSEEN / size) for size in (LONGEST_IOI, 128, 15)]
        sounds = duration_classes(np.minimum(self.waits, QUARTER).astype(float))
        places = [degree(events.changes, int(tick), 0) for tick in events.onset]
        before, own, able = -1, 0, self.odds[-1]
        for at, pitch in enumerate(events.pitch):
            if at:  # how long the note before waits: once known, it tells which note that was
                found[0][at] += (1 - UNSEEN) * np.bincount(self.waits - 1, able, LONGEST_IOI)
                before = self.nearest(own, int(events.ioi[at]))
            odds, degrees = self.odds[before], (places[at] + np.arange(128)) % 12
            near = 2.0 ** -abs(np.arange(128) - events.pitch[max(at - 1, 0)])
            near /= np.bincount(degrees, near)[degrees]
            found[1][at] += (1 - UNSEEN) * near * np.bincount(self.degrees, odds, 12)[degrees]
            own = int(degrees[pitch])
            able = odds * (self.degrees == own)
            able = able / able.sum() if able.any() else odds
            found[2][at] += (1 - UNSEEN) * np.bincount(sounds, able, 15)
        return Distributions(*found)


class CountedSession:
    """One solo while it is played."""

    def __init__(self, soloist: CountedSoloist, setting: Setting, given: Constraints) -> None:
        self._soloist, self._setting, self._before = soloist, setting, -1
        self._now = given.spans[0][1] if given.spans else 0
        self._line = tuple(
            Note(slot.onset or 0, slot.duration or QUARTER, slot.pitch or 0, VELOCITY)
            for slot in given.slots
        )
        if self._line:
            last = self._line[-1]
            own = degree(setting.changes, last.onset, last.pitch)
            self._before = soloist.nearest(own, self._now - last.onset)

    @property
    def done(self) -> bool:
        """Return whether the form has no room for another note."""
        return not self._fits.any()

    @property
    def _fits(self) -> NDArray[np.bool_]:
        waits = self._soloist.waits
        playable = waits >= min(self._setting.shortest, waits.max())
        return np.asarray(playable & (self._now + waits <= self._setting.changes.length))

    def options(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return the logits of the next note, and which notes fit."""
        mask = np.where(self._fits, np.float32(0), np.float32(-np.inf))
        return np.log(self._soloist.odds[self._before]).astype(np.float32), mask

    def choose(self, index: int, rng: Generator) -> None:
        """Play a note at the pitch of its degree that is nearest to the pitch before."""
        setting, wait = self._setting, int(self._soloist.waits[index])
        last = self._line[-1].pitch if self._line else (setting.low + setting.high) // 2
        pitch = min(
            (
                pitch
                for pitch in range(setting.low, setting.high + 1)
                if degree(setting.changes, self._now, pitch) == self._soloist.degrees[index]
            ),
            key=lambda pitch: abs(pitch - last),
        )
        self._line += (Note(self._now, min(wait, QUARTER), pitch, VELOCITY),)
        self._now, self._before = self._now + wait, index

    def line(self) -> tuple[Note, ...]:
        """Return the notes so far."""
        return self._line

    def branch(self) -> CountedSession:
        """Return a copy that is played on independently: nothing is changed in place."""
        return copy.copy(self)
