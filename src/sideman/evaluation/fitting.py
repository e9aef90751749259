"""Fit of a melody to changes: counts of chord and colour tones, and of avoid notes on the beat.

An avoid note is one of the chord at its onset (:meth:`sideman.theory.chord.Chord.avoids`).  Notes
before the form, or where no chord sounds, are not counted.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sideman.score import Changes, Note


@dataclass(frozen=True, slots=True)
class Fit:
    """Counts of a melody's notes: all, chord or colour tones, on a beat, avoid notes on a beat."""

    notes: int = 0
    inside: int = 0
    on_beat: int = 0
    avoided: int = 0

    def __add__(self, other: Fit) -> Fit:
        return Fit(
            self.notes + other.notes,
            self.inside + other.inside,
            self.on_beat + other.on_beat,
            self.avoided + other.avoided,
        )

    @property
    def share_inside(self) -> float:
        """The share of chord and colour tones."""
        return self.inside / max(self.notes, 1)

    @property
    def share_avoided(self) -> float:
        """The share of avoid notes among the notes on a beat."""
        return self.avoided / max(self.on_beat, 1)


def fit(melody: Iterable[Note], changes: Changes) -> Fit:
    """Return the fit of a melody to changes."""
    found = Fit()
    for note in melody:
        chord = changes.chord_at(note.onset) if 0 <= note.onset < changes.length else None
        if chord is None or chord.root is None:
            continue
        on_beat = changes.position(note.onset)[1].is_integer()
        inside = note.pitch % 12 in {*chord.tones, *chord.colours}
        found += Fit(1, int(inside), int(on_beat), int(on_beat and chord.avoids(note.pitch)))
    return found
