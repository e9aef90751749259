"""The drums: time, comments, fills, solos, and the count-in."""

from __future__ import annotations

from collections.abc import Sequence

from numpy.random import Generator

from sideman.band import rhythm
from sideman.band.styles import VOICES, Style
from sideman.meter import Meter
from sideman.score import Bar, Changes, Note, Part

_STICKS = 37
_BRUSH_KIT = 40
_VELOCITIES = {"o": 36, "x": 62, "X": 80}


def drum(changes: Changes, style: Style, rng: Generator, *, solo: Sequence[Note] = ()) -> Part:
    """Keep time over changes."""
    notes = []
    for voice, rhythms in style.drums.voices:
        for struck in rhythm.lay(changes, rhythms, rng):
            velocity = _VELOCITIES[struck.sign] + int(rng.integers(-4, 5))
            notes.append(Note(struck.onset, 6, VOICES[voice], velocity))
    return _part(notes, style)


def fours(changes: Changes, style: Style, rng: Generator) -> Part:
    """Play a solo over the bars given."""
    notes = []
    for struck in rhythm.lay(changes, style.drums.fills, rng):
        notes.append(Note(struck.onset, 6, VOICES["snare"], 90))
    return _part(notes, style)


def count_in(meter: Meter, bars: int, rng: Generator) -> Part:
    """Count in with the sticks."""
    notes = []
    changes = Changes((Bar(meter=meter),) * bars)
    for start in changes.bar_starts[:-1]:
        for at in rhythm.pulses(meter)[:-1]:
            notes.append(Note(start + at, 6, _STICKS, 84 + int(rng.integers(-4, 5))))
    return Part("Drums", tuple(notes), percussion=True)


def _part(notes: list[Note], style: Style) -> Part:
    program = _BRUSH_KIT if style.drums.brushes else 0
    return Part("Drums", tuple(sorted(notes)), program, percussion=True)
