"""The input of a model of solos: a line as arrays of onsets, pitches and durations.

The benchmark (``docs/benchmark.md``) defines these events so that models which cut music into
different tokens can be compared.  The grid has 24 ticks to the quarter; a bar of 4/4 is 96.  A
note is three choices made one after the other: its inter-onset interval (IOI, ticks since the
previous onset, 1 to 1,536), its pitch (MIDI number), its duration (one of fifteen classes).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from sideman.score import Changes, Solo
from sideman.theory.chord import NO_CHORD, Chord

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.floating[Any]]

LONGEST_IOI = 1536
PITCHES = 128
DURATION_TICKS = (1, 2, 3, 4, 6, 8, 9, 12, 16, 18, 24, 36, 48, 72, 96)
"""The ticks that each duration class stands for."""
LOG_DURATIONS = np.log(DURATION_TICKS).astype(np.float32)
"""Their logarithms."""
_CLASS_TICKS = np.array(DURATION_TICKS)
BAR = 96
IOI_EDGES = (3, 5, 7, 9, 13, 19, 25, 49)
"""Where the classes of IOIs begin or end, in ticks."""
PHRASE_GAP_TICKS = 21
"""A phrase ends where at least so many ticks of silence follow."""


@dataclass(frozen=True, eq=False)
class Events:
    """A solo as a model reads it: arrays with one entry a note.

    Parameters
    ----------
    name, performer : str
        The solo's and the player's name; the latter is empty where unknown.
    onset, pitch : array of int, shape (notes,)
        Ticks from the start of the form, strictly rising, negative in a pickup; MIDI numbers.
    duration : array of int, shape (notes,)
        Indices into :data:`DURATION_TICKS`; each is capped by the IOI to the next note.
    changes : Changes or None
        The bars and chords of the whole solo; None where unknown.
    chorus_onsets : tuple of int
        Ticks at which choruses begin; empty where unknown.
    tempo_bpm : float or None
        Quarter notes a minute.
    ticks_per_bar : int
        Ticks in a bar; a downbeat's onset is a multiple of it.
    dropped, moved : int
        How many notes were dropped or moved because two fell on one tick.
    """

    name: str
    onset: IntArray
    pitch: IntArray
    duration: IntArray
    changes: Changes | None = None
    chorus_onsets: tuple[int, ...] = ()
    tempo_bpm: float | None = None
    performer: str = ""
    ticks_per_bar: int = BAR
    dropped: int = 0
    moved: int = 0

    def __len__(self) -> int:
        return len(self.onset)

    @cached_property
    def ioi(self) -> IntArray:
        """Ticks since the previous onset, 1 to 1,536 (longer waits count as 1,536); 0 at first."""
        return np.minimum(np.diff(self.onset, prepend=self.onset[:1]), LONGEST_IOI)

    @cached_property
    def chords(self) -> tuple[Chord, ...]:
        """The chords in order; "no chord" alone where none is known."""
        spans = self.changes.spans if self.changes else ()
        return tuple(span.chord for span in spans) or (NO_CHORD,)

    @cached_property
    def chord_onsets(self) -> IntArray:
        """The tick at which each of :attr:`chords` begins."""
        spans = self.changes.spans if self.changes else ()
        return np.array([span.onset for span in spans] or [0], dtype=np.int64)

    def chord_index(self, ticks: IntArray) -> IntArray:
        """Return the indices of :attr:`chords` at some ticks; the first and last have no bound."""
        found: IntArray = np.searchsorted(self.chord_onsets, ticks, side="right") - 1
        return np.maximum(found, 0)

    def chorus_start(self, tick: int) -> int:
        """Return the tick of the downbeat of the chorus at `tick`; 0 where unknown."""
        at = bisect_right(self.chorus_onsets, tick)
        return self.chorus_onsets[at - 1] if at else 0

    def until(self, notes: int) -> Events:
        """Return the events with the first notes only; chords, form and tempo stay."""
        return replace(
            self,
            onset=self.onset[:notes],
            pitch=self.pitch[:notes],
            duration=self.duration[:notes],
        )


def duration_classes(ticks: NDArray[np.float64]) -> IntArray:
    """Return the index in :data:`DURATION_TICKS` nearest to each duration; the shorter of two."""
    nearest: IntArray = np.abs(ticks[:, None] - _CLASS_TICKS).argmin(axis=1)
    return nearest


def _placed(ticks: Sequence[int]) -> tuple[list[int], list[int], int]:
    """Return distinct places for sorted ticks: indices kept, places, how many moved."""
    taken = set(ticks)
    kept: list[int] = []
    places: list[int] = []
    moved = 0
    for index, tick in enumerate(ticks):
        place = tick
        if places and places[-1] >= tick:
            if places[-1] > tick or tick + 1 in taken:
                continue
            place = tick + 1
            moved += 1
        kept.append(index)
        places.append(place)
    return kept, places, moved


def _arrays(
    ticks: Sequence[int], pitches: Sequence[int], lengths: Sequence[float]
) -> tuple[IntArray, IntArray, IntArray, int, int]:
    kept, places, moved = _placed(ticks)
    onset = np.array(places, dtype=np.int64)
    pitch = np.clip(np.array([pitches[index] for index in kept], dtype=np.int64), 0, 127)
    length = np.array([lengths[index] for index in kept], dtype=np.float64)
    length[:-1] = np.minimum(length[:-1], np.diff(onset))
    return onset, pitch, duration_classes(length), len(ticks) - len(kept), moved


def from_notes(
    name: str,
    onsets: Sequence[int],
    pitches: Sequence[int],
    lengths: Sequence[float],
    changes: Changes | None = None,
    *,
    tempo_bpm: float | None = None,
    performer: str = "",
) -> Events:
    """Return the events of notes by rising onset; notes of one tick follow the benchmark's rule."""
    onset, pitch, duration, dropped, moved = _arrays(onsets, pitches, lengths)
    starts = changes.bar_starts if changes else ()
    chorus_starts = changes.chorus_starts if changes else ()
    return Events(
        name=name,
        onset=onset,
        pitch=pitch,
        duration=duration,
        changes=changes,
        chorus_onsets=tuple(starts[bar] for bar in chorus_starts if bar < len(starts)),
        tempo_bpm=tempo_bpm,
        performer=performer,
        ticks_per_bar=changes.meter.ticks_per_bar if changes else BAR,
        dropped=dropped,
        moved=moved,
    )


def from_solo(solo: Solo, name: str = "") -> Events:
    """Return the events of a solo, under its title where no name is given."""
    notes = sorted(solo.notes, key=lambda note: note.onset)
    return from_notes(
        name or solo.title,
        [note.onset for note in notes],
        [note.pitch for note in notes],
        [note.duration for note in notes],
        solo.changes,
        tempo_bpm=solo.tempo_bpm,
        performer=solo.performer,
    )


@dataclass(frozen=True, slots=True, eq=False)
class Distributions:
    """What a model expects at every note of a solo; row 0 is not scored and may hold anything.

    Parameters
    ----------
    ioi : array of float, shape (notes, 1536)
        Probability that the IOI is 1, 2, … 1,536 ticks, given all notes before.
    pitch : array of float, shape (notes, 128)
        Probability of each MIDI number, given all notes before and this note's onset.
    duration : array of float, shape (notes, 15)
        Probability of each duration class, given all notes before and this note's onset and pitch.
    """

    ioi: FloatArray
    pitch: FloatArray
    duration: FloatArray


class Scorer(Protocol):
    """A model that gives the probabilities of each next note.

    A row of the distributions may depend on the setting (chords, form, tempo: known as a whole), on
    the notes before its own, and on what of its own note is already decided; never on later ones.
    """

    @property
    def name(self) -> str:
        """The name in tables."""
        ...

    def distributions(self, events: Events) -> Distributions:
        """Return the probabilities of the values at every note of a solo, one row a note."""
        ...
