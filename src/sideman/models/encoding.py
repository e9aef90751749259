"""The inputs of the soloist's networks: a solo as arrays of inputs, counts and targets.

:func:`encode` turns events into fields (inputs that are one of several), numbers and features;
:class:`Vocabulary` holds the values that a model distinguishes, and returns one factor of a solo as
an :class:`Example`.  Chords are inputs for pitch only: rhythm and duration had lower held-out nats
without them.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sideman.models import corpus, motifs, ngram
from sideman.models.corpus import CorpusCounts
from sideman.models.events import DURATION_TICKS, Events
from sideman.models.motifs import Memory
from sideman.theory.chord import Chord

Array = NDArray[np.float32]
IntArray = NDArray[np.int64]
FACTORS = ("ioi", "pitch", "duration")
LOWEST, CORE = 30, 72
"""The pitches that have a logit of their own begin at LOWEST; the others share an escape evenly."""
LONGEST_BAR = 144
LONGEST_COUNTED = 60
WIDEST = 36  # intervals from -36 to 36 are distinguished

# Sizes of the inputs that are one of several.
FIELDS = {
    "ioi": 102,
    "ioi1": 102,
    "ioi2": 102,
    "duration1": 16,
    "interval": 50,
    "interval1": 50,
    "interval2": 50,
    "register": 25,
    "register1": 25,
    "degree1": 13,
    "next_degree1": 13,
    "quality": 9,
    "next_quality": 9,
    "motion": 13,
    "chord_left": 9,
    "position": LONGEST_BAR,
    "position1": LONGEST_BAR,
    "beat": 24,
    "beat1": 24,
    "phrase": 9,
    "phrase1": 9,
    "tempo": 8,
    "meter": 5,
}
CHORD_DENSE = 49
SUMMED = np.float32(0.2)
"""The scale of the logarithms of the counts' sums beside inputs of zero and one."""
INPUTS: dict[str, tuple[str, ...]] = {
    "ioi": (
        "ioi1",
        "ioi2",
        "duration1",
        "interval1",
        "interval2",
        "register1",
        "position1",
        "beat1",
        "phrase1",
        "tempo",
        "meter",
    ),
    "pitch": (
        "ioi",
        "ioi1",
        "duration1",
        "interval1",
        "interval2",
        "register1",
        "degree1",
        "next_degree1",
        "quality",
        "next_quality",
        "motion",
        "chord_left",
        "position",
        "beat",
        "phrase",
        "tempo",
        "meter",
    ),
    "duration": (
        "ioi",
        "ioi1",
        "duration1",
        "interval",
        "interval1",
        "register",
        "position",
        "beat",
        "phrase",
        "tempo",
        "meter",
    ),
}
MEMORIES: dict[str, tuple[Memory, ...]] = {
    "ioi": (
        Memory(("beat1", "duration1", "ioi1", "ioi2", "ioi3", "ioi4", "ioi5"), (2, 3, 4, 5, 7)),
        Memory(("duration1", "ioi1", "beat1"), (1, 3), 60),
        Memory(("ioi1", "ioi2", "ioi3", "ioi4", "ioi5", "ioi6"), (4, 6)),
        Memory(("interval1", "ioi1", "interval2", "ioi2", "interval3"), (4, 5)),
        Memory(("position1", "duration1", "ioi1"), (2, 3)),
    ),
    "pitch": (
        Memory(
            ("interval1", "interval2", "interval3", "interval4", "interval5"),
            (0, 1, 2, 3, 4, 5),
            moving=True,
        ),
        Memory(("pitch1", "interval1"), (0, 1, 2)),
        Memory((), (0,), 25),
        Memory(("interval1", "ioi1", "ioi", "interval2", "ioi2"), (3, 5), moving=True),
        Memory(("root", "quality", "degree1"), (2, 3)),
        Memory(("position", "pitch1"), (1, 2)),
    ),
    "duration": (
        Memory(("ioi", "duration1", "beat", "ioi1", "duration2"), (0, 1, 2, 3, 4)),
        Memory(("ioi_class", "duration1", "duration2", "duration3"), (1, 2, 3, 4)),
        Memory(("interval1", "interval", "ioi", "interval2"), (2, 3, 4)),
        Memory(("beat", "ioi", "ioi1", "ioi2"), (2, 3, 4)),
        Memory(("pitch", "ioi"), (1, 2)),
        Memory((), (0,), 25),
    ),
}
CHORD_EDGES = (6, 12, 24, 36, 48, 72, 96, 192)
TEMPO_EDGES = (70, 100, 130, 160, 190, 220, 260)
METERS = {96: 0, 72: 1, 120: 2, 144: 3}


_LONG_IOIS = (120, 144, 192, 288)


def ioi_field(ioi: int) -> int:
    """Return the field of an IOI in ticks: 0 for none, 1 to 96 its own, then five classes."""
    return max(ioi, 0) if ioi <= 96 else 97 + bisect_left(_LONG_IOIS, ioi)


def interval_field(interval: int) -> int:
    """Return the field of an interval in semitones: 1 for -24 and less to 49 for 24 and more."""
    return min(max(interval, -24), 24) + 25


_IOI_FIELDS = np.array([ioi_field(ioi) for ioi in range(_LONG_IOIS[-1] + 2)])
_INTERVAL_FIELDS = np.array([interval_field(interval) for interval in range(-127, 128)])


def _ioi_fields(ioi: IntArray, present: NDArray[np.bool_]) -> IntArray:
    return np.where(present, _IOI_FIELDS[np.clip(ioi, 0, len(_IOI_FIELDS) - 1)], 0)


def _interval_fields(interval: IntArray, present: NDArray[np.bool_]) -> IntArray:
    return np.where(present, _INTERVAL_FIELDS[interval + 127], 0)


def _bits(pitch_classes: Sequence[int]) -> int:
    return sum(1 << pitch_class for pitch_class in set(pitch_classes))


def log_tempo(tempo_bpm: float) -> float:
    """Return the logarithm of the ratio of a tempo to 150 quarters a minute."""
    return math.log(min(max(tempo_bpm, 30.0), 400.0) / 150)


@dataclass(frozen=True, slots=True, eq=False)
class Encoded:
    """The networks' inputs for a solo, one row a note.

    Parameters
    ----------
    fields : mapping of str to array of int, shape (notes,)
        The inputs of :data:`FIELDS`.
    chord : array of float32, shape (notes, 49)
        Chord tones above the root; chord tones, scale tones and the next chord's tones above the
        last pitch; the tempo.
    known : mapping of str to array of int, shape (notes,)
        The features that the memories name.
    root, bar : array of int, shape (notes,)
        The chord's root and the ticks in a bar, for the tables of meanings.
    """

    fields: Mapping[str, IntArray]
    chord: Array
    known: Mapping[str, IntArray]
    root: IntArray
    bar: IntArray


def chord_bits(chords: Sequence[Chord]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return chord tones and scale tones of each chord as rows of twelve."""
    each = np.arange(12)
    tones = np.array([_bits(chord.tones) for chord in chords])[:, None] >> each & 1
    scales = np.array([_bits(chord.scale) for chord in chords])[:, None] >> each & 1
    return tones.astype(bool), scales.astype(bool)


def avoid_bits(chords: Sequence[Chord]) -> NDArray[np.bool_]:
    """Return the avoid notes (:meth:`Chord.avoids`) of each chord as rows of twelve."""
    rows = {chord: [chord.avoids(tone) for tone in range(12)] for chord in {*chords}}
    return np.array([rows[chord] for chord in chords])


def encode(events: Events) -> Encoded:
    """Return the networks' inputs for a solo.

    The row of a note depends on the notes before it and on what of the note itself is an input of
    its factor.
    """
    notes = len(events)
    known = ngram.features(events)
    at = events.chord_index(events.onset)
    after = np.minimum(at + 1, len(events.chords) - 1)
    roots = np.array([chord.tones[0] if chord.tones else 12 for chord in events.chords])
    qualities = np.array([ngram.quality_class(chord) for chord in events.chords])
    ends = np.append(events.chord_onsets[1:], np.iinfo(np.int64).max)
    root, next_root = roots[at], roots[after]
    row = np.arange(notes)
    one, two = row >= 1, row >= 2
    pitch1 = np.where(one, known["pitch1"], 60)
    bar = np.full(notes, min(events.ticks_per_bar, LONGEST_BAR))
    starts = np.array(sorted(events.chorus_onsets), dtype=np.int64)
    chorus = np.searchsorted(starts, events.onset, side="right") - 1
    begun = starts[np.maximum(chorus, 0)] if len(starts) else np.zeros(notes, dtype=np.int64)
    phrase = np.where(
        chorus >= 0, (events.onset - begun) // max(1, events.ticks_per_bar) % 8 + 1, 0
    )
    position = np.minimum(events.onset % events.ticks_per_bar, LONGEST_BAR - 1)
    beat = events.onset % 24
    first = {"position1": -1, "beat1": -1, "phrase1": -1}

    def before(values: IntArray, nothing: int) -> IntArray:
        return np.concatenate([[nothing], values[:-1]]) if notes else values

    fields = {
        "ioi": _ioi_fields(events.ioi, one),
        "ioi1": _ioi_fields(known["ioi1"], two),
        "ioi2": _ioi_fields(known["ioi2"], row >= 3),
        "duration1": np.where(one, known["duration1"] + 1, 0),
        "interval": _interval_fields(known["interval"], one),
        "interval1": _interval_fields(known["interval1"], two),
        "interval2": _interval_fields(known["interval2"], row >= 3),
        "register": np.clip((events.pitch - LOWEST) // 3, 0, 23),
        "register1": np.where(one, np.clip((pitch1 - LOWEST) // 3, 0, 23) + 1, 0),
        "degree1": known["degree1"],
        "next_degree1": np.where(next_root < 12, (pitch1 - next_root) % 12, 12),
        "quality": qualities[at],
        "next_quality": qualities[after],
        "motion": np.where((root < 12) & (next_root < 12), (next_root - root) % 12, 12),
        "chord_left": np.searchsorted(CHORD_EDGES, ends[at] - events.onset, side="right"),
        "position": position,
        "position1": before(position, first["position1"]),
        "beat": beat,
        "beat1": before(beat, first["beat1"]),
        "phrase": phrase,
        "phrase1": before(phrase, first["phrase1"]),
        "tempo": np.full(notes, np.searchsorted(TEMPO_EDGES, events.tempo_bpm or 150.0)),
        "meter": np.full(notes, METERS.get(events.ticks_per_bar, 4)),
    }
    tones, scales = chord_bits(events.chords)
    turn = (np.arange(12)[None, :] + pitch1[:, None]) % 12
    own = (np.arange(12)[None, :] + np.where(root < 12, root, 0)[:, None]) % 12
    tempo = log_tempo(events.tempo_bpm or 150.0)
    chord = np.concatenate(
        [
            np.take_along_axis(tones[at], own, axis=1),
            np.take_along_axis(tones[at], turn, axis=1),
            np.take_along_axis(scales[at], turn, axis=1),
            np.take_along_axis(tones[after], turn, axis=1),
            np.full((notes, 1), tempo),
        ],
        axis=1,
    ).astype(np.float32)
    known = {**known, "pitch1": np.where(one, known["pitch1"], ngram.UNHEARD)}
    return Encoded(fields, chord, known, root, bar)


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """The inputs and targets of one factor of a solo.

    Parameters
    ----------
    index : array of int, shape (notes, fields)
        Rows of the kernel, one a field; -1 for none.
    dense : array of float32, shape (notes, dense inputs)
        The numeric inputs.
    counts : array of float32, shape (notes, V, K)
        The memory's counts.
    meaning : array of int, shape (notes, 3)
        What the values' meanings depend on (:func:`meanings`).
    target : array of int, shape (notes,)
        The column of the logits that each note has.
    """

    index: IntArray
    dense: Array
    counts: Array
    meaning: IntArray
    target: IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Vocabulary:
    """The values that a model distinguishes, and what followed what in its corpus.

    The rising `iois` have a logit of their own, and the others share an escape evenly; `performers`
    are the players of the training solos, sorted.  `corpus` holds the counts of each factor, none
    where the networks were trained without them.
    """

    iois: IntArray
    performers: tuple[str, ...] = ()
    corpus: Mapping[str, CorpusCounts] = field(default_factory=dict)

    def counters(self, factor: str) -> int:
        """Return the number of counters of a factor, K: of the solo's motifs, then the corpus's."""
        return motifs.size(MEMORIES[factor]) + (corpus.size(factor) if self.corpus else 0)

    def symbols(self, factor: str) -> int:
        """Return the number of values of a factor, V, the escape included."""
        return {"ioi": len(self.iois) + 1, "pitch": CORE + 1, "duration": len(DURATION_TICKS)}[
            factor
        ]

    def counted(self, factor: str) -> int:
        """Return how many values of a factor, the first ones, are counted; IOIs up to 60 ticks."""
        if factor == "ioi":
            return int(np.searchsorted(self.iois, LONGEST_COUNTED, side="right"))
        return CORE if factor == "pitch" else len(DURATION_TICKS)

    def inputs(self, factor: str) -> int:
        """Return the number of inputs of a factor's network, D."""
        labels = len(self.performers) + 1
        fields = sum(FIELDS[name] for name in INPUTS[factor])
        return fields + labels + self.dense(factor) + self.counters(factor)

    def dense(self, factor: str) -> int:
        """Return the number of numeric inputs of a factor, without the sums of the counts."""
        return CHORD_DENSE if factor == "pitch" else 1

    def parts(self, factor: str) -> tuple[int, ...]:
        """Return the sizes of a factor's logits: of its values, then of each table of meanings."""
        return {
            "ioi": (self.symbols("ioi"), 24, LONGEST_BAR),
            "pitch": (1, 2 * WIDEST + 1, 12, CORE),
            "duration": (len(DURATION_TICKS),),
        }[factor]

    def label(self, performer: str) -> int:
        """Return the number of a player, from 1; 0 for an unknown one."""
        return self.performers.index(performer) + 1 if performer in self.performers else 0

    def imitation(self, performer: str) -> int:
        """Return the number, after all labels, for playing like a player; 0 for an unknown one."""
        label = self.label(performer)
        return len(self.performers) + label if label else 0

    def example(
        self,
        encoded: Encoded,
        events: Events,
        factor: str,
        label: int = 0,
        less: CorpusCounts | None = None,
    ) -> Example:
        """Return the arrays of one factor of a solo.

        `label` is that of the player to imitate; `less` holds what is subtracted from the counts of
        the corpus.
        """
        notes = len(events)
        columns = []
        offset = 0
        for name in INPUTS[factor]:
            value = encoded.fields[name]
            columns.append(np.where(value >= 0, value + offset, -1))
            offset += FIELDS[name]
        columns.append(np.full(notes, offset + label))
        dense = encoded.chord if factor == "pitch" else encoded.chord[:, -1:]
        memories, counted = MEMORIES[factor], self.counted(factor)
        target = self.target(events, factor)
        if factor == "pitch":
            counts = motifs.motif_counts(
                memories,
                encoded.known,
                target,
                counted,
                encoded.known["interval"],
                encoded.known["pitch1"] - LOWEST,
            )
            pitch1 = np.where(np.arange(notes) > 0, encoded.known["pitch1"], 60)
            meaning = np.stack([pitch1, encoded.root % 12, encoded.bar], axis=1)
        else:
            counts = motifs.motif_counts(memories, encoded.known, target, counted)
            position1 = np.maximum(encoded.fields["position1"], 0)
            meaning = np.stack([position1, position1 % 24, encoded.bar], axis=1)
        if self.corpus:
            of_corpus = self.corpus[factor].counts(
                corpus.values_of(factor, encoded.known),
                counted,
                encoded.known["pitch1"] - LOWEST,
                less,
            )
            counts = np.concatenate([counts, of_corpus], axis=2)
        return Example(np.stack(columns, axis=1), dense, counts, meaning, target)

    def counted_part(
        self, known: Mapping[str, IntArray], events: Events, factor: str
    ) -> tuple[IntArray, IntArray]:
        """Return what is counted of a solo with these features, for :func:`corpus.count`."""
        interval = known["interval"] + corpus.ZERO
        symbol = interval if factor == "pitch" else self.target(events, factor)
        return corpus.values_of(factor, known)[1:], symbol[1:]

    def target(self, events: Events, factor: str) -> IntArray:
        """Return the column of a factor's logits that each note has."""
        if factor == "ioi":
            at = np.minimum(np.searchsorted(self.iois, events.ioi), len(self.iois) - 1)
            return np.where(self.iois[at] == events.ioi, at, len(self.iois))
        if factor == "pitch":
            inside = (events.pitch >= LOWEST) & (events.pitch < LOWEST + CORE)
            return np.where(inside, events.pitch - LOWEST, CORE)
        return events.duration

    def tables(self, factor: str, meaning: IntArray) -> tuple[IntArray, ...]:
        """Return the entry that each value takes in each table of :meth:`parts`."""
        return meanings(factor, meaning, self.iois, np)


def meanings(factor: str, meaning: Any, iois: Any, xp: Any) -> tuple[Any, ...]:
    """Return the meaning of each value, with NumPy or JAX (`xp`); see :meth:`Vocabulary.tables`."""
    first, second, bar = (meaning[..., index, None] for index in range(3))
    if factor == "ioi":
        landing = (first + iois) % bar
        return (second + iois) % 24, landing
    if factor == "pitch":
        pitch = LOWEST + xp.arange(CORE)
        interval = xp.clip(pitch - first, -WIDEST, WIDEST) + WIDEST
        return interval, (pitch - second) % 12, xp.zeros_like(interval) + pitch - LOWEST
    return ()
