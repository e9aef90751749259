"""Measurements of the windows of a solo, to compare players: six views of four quarters each.

A view is a table with a row for each window that has an onset.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sideman.models.grammar.abstract import windows
from sideman.models.grammar.features import WEIGHTS, features
from sideman.score import Solo, monophonic
from sideman.theory.meter import TICKS_PER_QUARTER

Rows = NDArray[np.float64]
VIEWS = ("melody", "rhythm", "register", "intervals", "degrees", "pace")
"""The seven features of an abstract melody; onsets within the beat, their number and distances;
pitches; intervals and turns; degrees above the chord's root; speed, length and legato."""

_BEATS = 4
_TICKS = _BEATS * TICKS_PER_QUARTER
# Where in the beat an onset lies: on it, at its half, third, quarter, or elsewhere.
_PLACES = np.full(TICKS_PER_QUARTER, 4)
_PLACES[[0, 12, 8, 16, 6, 18]] = 0, 1, 2, 2, 3, 3
# The class of an interval by its semitones: repeated, semitone, tone, thirds, to a fifth, larger.
_LEAPS = np.array([0, 1, 2, 3, 3, 4, 4, 4, 5])
_SHORTEST_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Views:
    """The windows of a solo that have an onset.

    Parameters
    ----------
    starts : ndarray, shape (windows,)
        The tick at which each begins.
    rows : mapping of str to ndarray
        The measures of each view, shape (windows, measures); a view that needs chords or a tempo
        is absent where the solo has none.
    silent : int
        The number of windows between the first note and the last that have no onset.
    """

    starts: NDArray[np.int64]
    rows: Mapping[str, Rows]
    silent: int = 0


class _Windowed:
    """The notes of a solo with the window of each."""

    def __init__(self, solo: Solo) -> None:
        notes = [note for note in monophonic(solo.notes) if note.duration > 0]
        self.onset = np.array([note.onset for note in notes], dtype=np.int64)
        self.pitch = np.array([note.pitch for note in notes], dtype=np.int64)
        self.length = np.array([note.duration for note in notes], dtype=np.int64)
        self.ioi = np.clip(np.append(np.diff(self.onset), 0), 1, _TICKS)
        places = self.onset // _TICKS
        self.numbers, self.of, self.count = np.unique(
            places, return_inverse=True, return_counts=True
        )

    def sum(self, values: NDArray[Any]) -> Rows:
        """Return the sum of a value of each note over each window."""
        return np.bincount(self.of, values.astype(np.float64), len(self.count)).astype(np.float64)

    def mean(self, values: NDArray[Any]) -> Rows:
        """Return the mean of a value of each note over each window."""
        return self.sum(values) / self.count

    def shares(self, classes: NDArray[Any], size: int) -> list[Rows]:
        """Return the share of each class of notes in each window."""
        return [self.mean(classes == one) for one in range(size)]


def views(solo: Solo) -> Views:
    """Return the measurements of a solo; without rows where it has no notes."""
    line = _Windowed(solo)
    found = windows(solo, _BEATS, _BEATS)
    first = line.numbers[0] if len(line.numbers) else 0
    melodies = [features(found[number - first].melody) for number in line.numbers]
    rows = {
        "melody": np.array(melodies, dtype=np.float64).reshape(-1, len(WEIGHTS)),
        "rhythm": _rhythm(line),
        "register": _register(line),
        "intervals": _intervals(line),
    }
    if solo.changes is not None and solo.changes.spans:
        rows["degrees"] = _degrees(line, solo)
    if solo.tempo_bpm:
        rows["pace"] = _pace(line, solo.tempo_bpm)
    return Views(line.numbers * _TICKS, rows, len(found) - len(melodies))


def _rhythm(line: _Windowed) -> Rows:
    places = [
        share * line.count for share in line.shares(_PLACES[line.onset % TICKS_PER_QUARTER], 5)
    ]
    return np.stack([*places, line.count, line.mean(np.log2(line.ioi))], axis=1)


def _register(line: _Windowed) -> Rows:
    low = np.full(len(line.count), 127)
    high = np.zeros(len(line.count), dtype=np.int64)
    np.minimum.at(low, line.of, line.pitch)
    np.maximum.at(high, line.of, line.pitch)
    return np.stack([line.mean(line.pitch), low, high, high - low], axis=1)


def _intervals(line: _Windowed) -> Rows:
    leap = np.diff(line.pitch, prepend=line.pitch[:1])
    within = np.diff(line.of, prepend=-1) == 0
    turned = within & (leap * np.append(0, leap[:-1]) < 0)
    classes = _LEAPS[np.minimum(abs(leap), 8)]
    return np.stack(
        [*line.shares(classes, 6), line.mean(turned), line.sum(leap), line.mean(abs(leap))], axis=1
    )


def _degrees(line: _Windowed, solo: Solo) -> Rows:
    """Return the share of each semitone above the root; notes over no chord count for none."""
    assert solo.changes is not None
    chords = [solo.changes.chord_at(int(onset)) for onset in line.onset]
    roots = [chord.root.pitch_class if chord and chord.root else -1 for chord in chords]
    above = np.where(np.array(roots) < 0, -1, (line.pitch - roots) % 12)
    return np.stack(line.shares(above, 12), axis=1)


def _pace(line: _Windowed, tempo_bpm: float) -> Rows:
    """Return the rate of notes, their mean length, the share of time that sounds, and the tempo."""
    seconds = 60 / tempo_bpm / TICKS_PER_QUARTER
    return np.stack(
        [
            np.log2(line.count / (_TICKS * seconds)),
            np.log2(line.mean(line.length) * seconds + _SHORTEST_SECONDS),
            line.mean(np.minimum(line.length / line.ioi, 1)),
            np.full(len(line.count), np.log2(tempo_bpm)),
        ],
        axis=1,
    )
