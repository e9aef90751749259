"""How notes end: tongued eighths, short ends of phrases, a gap before a pitch is struck again."""

from __future__ import annotations

from collections.abc import Sequence

from sideman.score import Note
from sideman.theory.meter import PERFORMED_TICKS_PER_QUARTER, TICKS_PER_QUARTER

_EIGHTH = TICKS_PER_QUARTER // 2
_SOUNDING = 0.87
_LONGEST_TONGUED = PERFORMED_TICKS_PER_QUARTER * 3 // 4  # a long eighth, less than a quarter
_SHORTENED = 4  # ticks off an eighth on the off-beat before a rest: the "dat" of "doo-dat"


def shortened(notes: Sequence[Note]) -> tuple[Note, ...]:
    """Cut an eighth on the off-beat short where silence follows: a phrase ends with a "dat".

    Parameters
    ----------
    notes : sequence of Note
        A line as written, by rising onset.

    Returns
    -------
    tuple of Note
        The same notes, some shorter.
    """
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
    """Part eighths and shorter notes that follow one another, as a tongue or a finger does.

    Players of the Weimar solos let eighths sound for 87 % of the time to the next one.

    Parameters
    ----------
    notes : sequence of Note
        A line by rising onset, on the performed clock.

    Returns
    -------
    tuple of Note
        The same notes, some shorter.
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
    """Let a note go a moment before its own pitch is struck again.

    Parameters
    ----------
    notes : sequence of Note
        By rising onset, on any clock.
    gap : int
        Ticks of silence; never more than half the note.

    Returns
    -------
    tuple of Note
        The same notes, some a little shorter.
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
