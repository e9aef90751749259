"""Articulation: durations of eighths and of phrase endings, and gaps between repeated pitches."""

from __future__ import annotations

from collections.abc import Sequence

from sideman.score import Note
from sideman.theory.meter import PERFORMED_TICKS_PER_QUARTER, TICKS_PER_QUARTER

_EIGHTH = TICKS_PER_QUARTER // 2
_SOUNDING = 0.87
_LONGEST_TONGUED = PERFORMED_TICKS_PER_QUARTER * 3 // 4  # a long eighth, less than a quarter
_SHORTENED = 4  # ticks


def shortened(notes: Sequence[Note]) -> tuple[Note, ...]:
    """Return a line (sorted by onset) whose off-beat eighths before a rest are a third shorter."""
    played: list[Note] = []
    following = None
    for note in reversed(notes):
        alone = following is None or following - note.end >= _EIGHTH
        if alone and note.duration == _EIGHTH and note.onset % TICKS_PER_QUARTER == _EIGHTH:
            note = Note(note.onset, _EIGHTH - _SHORTENED, note.pitch, note.velocity, note.name)
        played.append(note)
        following = note.onset
    return tuple(reversed(played))


def tongued(notes: Sequence[Note]) -> tuple[Note, ...]:
    """Return a line on the performed clock with successive eighths and shorter notes separated.

    Such notes sound for 87 % of the time to the next one, as in the Weimar Jazz Database
    (``benchmarks/swing_curve.py``).
    """
    played: list[Note] = []
    following = None
    for note in reversed(notes):
        joined = following == note.end and note.duration < _LONGEST_TONGUED
        following = note.onset
        if joined:
            length = max(1, round(note.duration * _SOUNDING))
            note = Note(note.onset, length, note.pitch, note.velocity, note.name)
        played.append(note)
    return tuple(reversed(played))


def detached(
    notes: Sequence[Note], gap: int = PERFORMED_TICKS_PER_QUARTER // 16
) -> tuple[Note, ...]:
    """Return notes that end `gap` ticks before their own pitch is repeated.

    The gap is at most half the note.  `notes` are sorted by onset, on any clock.
    """
    again: dict[int, int] = {}  # pitch: onset of its next note
    played: list[Note] = []
    for note in reversed(notes):
        following = again.get(note.pitch)
        again[note.pitch] = note.onset
        if following is not None and note.onset < following <= note.end:
            room = following - note.onset
            room = max(1, room - min(gap, room // 2))
            note = Note(note.onset, room, note.pitch, note.velocity, note.name)
        played.append(note)
    return tuple(reversed(played))
