"""Standard MIDI Files: reading, finding the melody and the chords, writing.

:func:`parse` and :func:`read` give the notes exactly as they stand in the file, :func:`to_solo`
what they mean as a solo over changes, :func:`dumps` and :func:`write` make a file of an
arrangement.
"""

from sideman.formats.midi.parts import choose
from sideman.formats.midi.reading import (
    ControlChange,
    MidiFile,
    MidiNote,
    MidiPart,
    MidiText,
    MidiTrack,
    ProgramChange,
    parse,
    read,
)
from sideman.formats.midi.solo import take, to_solo
from sideman.formats.midi.writing import dumps, write

__all__ = [
    "ControlChange",
    "MidiFile",
    "MidiNote",
    "MidiPart",
    "MidiText",
    "MidiTrack",
    "ProgramChange",
    "choose",
    "dumps",
    "parse",
    "read",
    "take",
    "to_solo",
    "write",
]
