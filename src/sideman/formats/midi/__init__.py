"""Standard MIDI Files: reading, finding melody and chords, writing.

:func:`parse` and :func:`read` return the notes exactly as in the file, :func:`to_solo` a solo over
changes; :func:`dumps` and :func:`write` write an arrangement or a performance.
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
