"""The bass: walking, in two, in patterns or on a pedal."""

from __future__ import annotations

from numpy.random import Generator

from sideman.band.rhythm import pulses
from sideman.band.styles import Style
from sideman.score import Changes, Note, Part

LOW, HIGH = 28, 55
"""The range: E1 to G3."""


def walk(changes: Changes, style: Style, rng: Generator) -> Part:
    """Play a bass line (roots and fifths for now)."""
    notes: list[Note] = []
    for number, bar in enumerate(changes.bars):
        start = changes.bar_starts[number]
        beats = pulses(bar.meter)
        for at, end in zip(beats, beats[1:], strict=False):
            chord = changes.chord_at(start + at)
            if chord is None or chord.bass_pitch_class is None:
                continue
            pitch = LOW + (chord.bass_pitch_class - LOW) % 12
            notes.append(Note(start + at, end - at, pitch, 80))
    return Part("Bass", tuple(notes), 32)
