"""A scorer that counts which note follows which in the phrases of a text file.

A scorer says how likely each note of a solo is.  This one is scored on solos by::

    import sideman
    from counted_scorer import CountedScorer, phrases_of

    text = open("examples/blues.phrases").read()
    sideman.evaluate(CountedScorer(phrases_of(text)), "wjazzd.db", split="split.json")

A note of a phrase is ``degree/wait``: semitones above the root of the chord, and ticks (24 to the
quarter) until the next note.  It sounds for a quarter at most; the rest of the wait is silence.  A
line is a phrase; ``#`` begins a comment.
"""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from sideman.errors import FormatError
from sideman.models.events import LONGEST_IOI, Distributions, Events, duration_classes
from sideman.score import Changes

QUARTER = 24
UNSEEN = 0.02  # the share of probability for what the phrases never do


def phrases_of(text: str, name: str = "the text") -> list[list[str]]:
    """Return the notes of each phrase of a text; `name` is for messages."""
    phrases = [line.partition("#")[0].split() for line in text.splitlines()]
    for number, phrase in enumerate(phrases, 1):
        if not all(re.fullmatch(r"(\d|1[01])/[1-9]\d{0,2}", note) for note in phrase):
            raise FormatError(f"{name}, line {number}: write each note as degree/wait, as in 4/12.")
    if not any(phrases):
        raise FormatError(f"{name}: holds no phrase; write one on each line, as in 0/12 4/12 7/24.")
    return phrases


def degree(changes: Changes | None, tick: int, pitch: int) -> int:
    """Return the semitones from the root of the chord at a tick up to a pitch."""
    chord = changes.chord_at(tick) if changes else None
    return (pitch - (chord.tones[0] if chord and chord.tones else 0)) % 12


class CountedScorer:
    """Knows V different notes, and how likely each follows each (`odds`; last row: a beginning)."""

    name = "counted"

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

    def of_degree(self, before: int, own: int) -> NDArray[np.float64]:
        """Return how likely each note is after another one, if its degree is known."""
        odds: NDArray[np.float64] = self.odds[before]
        able = odds * (self.degrees == own)
        return able / able.sum() if able.any() else odds

    def distributions(self, events: Events) -> Distributions:
        """Return the probabilities of the values at every note of a solo."""
        found = [np.full((len(events), size), UNSEEN / size) for size in (LONGEST_IOI, 128, 15)]
        sounds = duration_classes(np.minimum(self.waits, QUARTER).astype(float))
        before = own = -1
        for at, (tick, pitch) in enumerate(zip(events.onset, events.pitch, strict=True)):
            if at:  # its onset decides how long the note before it waits, and so which note that is
                waits = np.bincount(self.waits - 1, self.of_degree(before, own), LONGEST_IOI)
                found[0][at] += (1 - UNSEEN) * waits
                before = self.nearest(own, int(events.ioi[at]))
            degrees = (degree(events.changes, int(tick), 0) + np.arange(128)) % 12
            near = 2.0 ** -abs(np.arange(128) - events.pitch[max(at - 1, 0)])
            near /= np.bincount(degrees, near)[degrees]
            odds = np.bincount(self.degrees, self.odds[before], 12)[degrees]
            found[1][at] += (1 - UNSEEN) * near * odds
            own = int(degrees[pitch])
            found[2][at] += (1 - UNSEEN) * np.bincount(sounds, self.of_degree(before, own), 15)
        return Distributions(*found)
