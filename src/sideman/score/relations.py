"""The relation of each note of a line to its chord."""

from __future__ import annotations

from collections.abc import Sequence

from sideman.score import Changes, Note
from sideman.theory.chord import Chord
from sideman.theory.meter import TICKS_PER_QUARTER

KINDS = ("chord tone", "scale tone", "approach", "outside", "no chord")
"""The relations of a note to its chord."""


def kinds(notes: Sequence[Note], changes: Changes) -> tuple[str, ...]:
    """Return for each note of a line (sorted by onset) one of `KINDS`.

    An approach is outside chord and scale and a semitone from a chord tone that follows within a
    quarter.  A note that anticipates a chord by an eighth and sounds into it belongs to that chord.

    >>> from sideman.formats import typed
    >>> line = [Note(24 * beat, 24, pitch) for beat, pitch in enumerate((64, 62, 61, 60, 63))]
    >>> kinds(line, typed.parse("C7 | C7", "x").changes)
    ('chord tone', 'scale tone', 'approach', 'chord tone', 'outside')
    """
    found = []
    for index, note in enumerate(notes):
        kind = _kind(note.pitch, changes.chord_at(heard_at(note)))
        if kind == "outside" and index + 1 < len(notes):
            following = notes[index + 1]
            soon = following.onset - note.end < TICKS_PER_QUARTER
            target = _kind(following.pitch, changes.chord_at(heard_at(following)))
            near = abs(following.pitch - note.pitch) == 1
            kind = "approach" if soon and near and target == "chord tone" else kind
        found.append(kind)
    return tuple(found)


def heard_at(note: Note) -> int:
    """Return the tick whose chord a note belongs to."""
    soon = note.onset + TICKS_PER_QUARTER // 2
    return soon if note.end > soon else note.onset


def _kind(pitch: int, chord: Chord | None) -> str:
    if chord is None or chord.is_no_chord:
        return "no chord"
    if pitch % 12 in chord.tones:
        return "chord tone"
    scale = pitch % 12 in chord.scale or pitch % 12 in chord.colours
    return "scale tone" if scale else "outside"
