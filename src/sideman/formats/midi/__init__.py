"""Standard MIDI Files: reading, finding the melody and the chords, writing.

:func:`parse` and :func:`read` give the notes exactly as they stand in the file.
"""

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

__all__ = [
    "ControlChange",
    "MidiFile",
    "MidiNote",
    "MidiPart",
    "MidiText",
    "MidiTrack",
    "ProgramChange",
    "parse",
    "read",
]
