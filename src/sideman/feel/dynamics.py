"""Dynamics: decrescendo in phrases, accents on high notes and on turns, ghost notes.

The values are means over the solos of the Weimar Jazz Database, in decibels
(``benchmarks/swing_curve.py``, ``docs/feel.md``).  The amplitude of velocity v is taken as v
squared, as General MIDI suggests, so that a decibel is a factor of 10^(1/40) in velocity.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import numpy as np
from numpy.random import Generator

from sideman.feel import drift
from sideman.feel.technique import Technique
from sideman.score import Note
from sideman.theory.meter import TICKS_PER_QUARTER

PHRASE_GAP = TICKS_PER_QUARTER
"""Ticks of silence that end a phrase."""

_OFFBEAT = TICKS_PER_QUARTER // 2
_TOP_DB, _BOTTOM_DB = 1.6, -2.0
_ON_BEAT_DB, _OFF_BEAT_DB = 0.5, -0.2
_FIRST_DB, _LAST_DB = 1.0, -1.7  # linear from the first to the last note of a phrase
_ENDING_DB = -1.0  # added to the last note
_OCTAVE_DB = 2.2  # per octave above the mean pitch of the line
_AROUND = 4  # notes on either side over which the pitch is averaged
_CHANCE_DB = 0.8  # standard deviation
_GHOST_DB = -12.0
_GHOSTS = 0.06  # share of the off-beat notes at the bottom of a turn
_SOFTEST, _LOUDEST = 24, 127

HEADROOM_DB = 3.0
"""By how much :func:`varied` plays softer, so that loud notes are not cut off."""

# What the above leaves of the loudness of players: standard deviations in decibels, and the
# correlation from one note to the next.  Of the white part, which contains the errors of the
# measurement, half is played (``benchmarks/performance.py``).
_FAST_DB, _FAST = 1.9, 0.40
_SLOW_DB, _SLOW = 1.25, 0.93
_WHITE_DB = 1.9
_LENGTH_DB = 0.64  # for a note that is longer by a factor of e
_LONG_ENDING_DB = -1.5  # added to the last note of a phrase, which is long
_ADDED_GHOSTS = 0.3  # of those of the instrument; the rest comes from the above
_SWALLOWED = 0.35  # share of the ghost notes that are cut short as well: a choice
_SWALLOWED_LENGTH = 0.5


def shaped(notes: Sequence[Note], rng: Generator) -> tuple[Note, ...]:
    """Return a line (sorted by onset) with the velocities of a performance.

    Notes on one onset get the same change.
    """
    louder: list[Note] = []
    middle = sum(note.pitch for note in notes) / max(1, len(notes))
    for group in phrases(notes):
        strokes = [list(stroke) for _, stroke in groupby(group, key=lambda note: note.onset)]
        tops = [max(note.pitch for note in stroke) for stroke in strokes]
        count = len(strokes)
        chances = rng.normal(0.0, _CHANCE_DB, count).tolist()
        for index, stroke in enumerate(strokes):
            along = (index + 0.5) / count
            level = _FIRST_DB + (_LAST_DB - _FIRST_DB) * along + chances[index]
            around = tops[max(0, index - _AROUND) : index + _AROUND + 1]
            level += _OCTAVE_DB * (sum(around) / len(around) - middle) / 12
            place = stroke[0].onset % TICKS_PER_QUARTER
            level += {0: _ON_BEAT_DB, _OFFBEAT: _OFF_BEAT_DB}.get(place, 0.0)
            if index == count - 1 and count > 1:
                level += _ENDING_DB
            elif index > 0:
                below, here, above = tops[index - 1 : index + 2]
                if here > max(below, above):
                    level += _TOP_DB
                elif here < min(below, above):
                    level += _BOTTOM_DB
                    if place and rng.random() < _GHOSTS:
                        level += _GHOST_DB
            factor = 10 ** (level / 40)
            for note in stroke:
                velocity = min(_LOUDEST, max(_SOFTEST, round(note.velocity * factor)))
                louder.append(Note(note.onset, note.duration, note.pitch, velocity, note.name))
    return tuple(louder)


def varied(
    written: Sequence[Note],
    played: Sequence[Note],
    technique: Technique,
    rng: Generator,
    amount: float,
) -> tuple[Note, ...]:
    """Return played notes with loudness that wanders, and the ghost notes of an instrument.

    Parameters
    ----------
    written, played : sequence of Note
        The same line (sorted by onset), as written and by :func:`shaped`, on any clock.
    technique : Technique
        The instrument's.
    rng : numpy.random.Generator
        The random generator; what is drawn depends on the notes alone.
    amount : float
        From 0, as they are, to 1, as players do.
    """
    count = len(written)
    pitches = np.array([note.pitch for note in written], dtype=float)
    lengths = np.array([note.duration for note in written], dtype=float)
    levels = _FAST_DB * drift.correlated(rng, count, _FAST)
    levels += _SLOW_DB * drift.correlated(rng, count, _SLOW)
    levels += _WHITE_DB * rng.normal(size=count) - HEADROOM_DB
    levels += (technique.register_db - _OCTAVE_DB) / 12 * (pitches - pitches.mean())
    levels += _LENGTH_DB * (np.log(lengths) - np.log(lengths).mean())
    lasts = np.cumsum([len(phrase) for phrase in phrases(written)]) - 1
    levels[lasts] += _LONG_ENDING_DB
    chances = rng.random((2, count))
    inside = np.arange(1, count - 1)
    low = inside[(pitches[1:-1] < pitches[:-2]) & (pitches[1:-1] < pitches[2:])]
    off = [at for at in low.tolist() if written[at].onset % TICKS_PER_QUARTER]
    ghosts = {at for at in off if chances[0, at] < amount * technique.ghosts * _ADDED_GHOSTS}
    found: list[Note] = []
    for at, (note, level) in enumerate(zip(played, (amount * levels).tolist(), strict=True)):
        length = note.duration
        if at in ghosts:
            level += _GHOST_DB
            if chances[1, at] < _SWALLOWED:
                length = max(1, round(length * _SWALLOWED_LENGTH))
        velocity = min(_LOUDEST, max(_SOFTEST, round(note.velocity * 10 ** (level / 40))))
        found.append(Note(note.onset, length, note.pitch, velocity, note.name))
    return tuple(found)


def phrases(notes: Sequence[Note]) -> list[list[Note]]:
    """Split a line (sorted by onset) at rests of a quarter or more."""
    groups: list[list[Note]] = []
    end = 0
    for note in notes:
        if not groups or note.onset - end >= PHRASE_GAP:
            groups.append([])
            end = note.end
        groups[-1].append(note)
        end = max(end, note.end)
    return groups
