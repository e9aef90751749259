"""The baseline: interpolated Kneser–Ney n-grams with a memory of the solo itself.

*Its input*: the notes so far as intervals, inter-onset intervals and durations; the position in
bar and beat; the chord (for pitch alone); the tempo, roughly; and everything that this solo has
played before.

*Its output*: the distributions of :mod:`sideman.models.events`.

*How*: several experts for each of the three factors.

- A *chain* is a list of features in order of importance.  Its level k counts what followed the
  same first k features in the corpus, and is smoothed by level k - 1: interpolated Kneser–Ney with
  three discounts (Stanley Chen and Joshua Goodman, "An Empirical Study of Smoothing Techniques for
  Language Modeling", 1998, section 3), where the lower levels count distinct continuations.
- A *memory* counts what followed the same features earlier in this very solo, fading by half in
  400 notes (a cache model: Roland Kuhn and Renato De Mori, 1990), smoothed by the chains.

The experts are mixed in one of several ways, each a model of its own:

``unigram``, ``bigram``
    one chain without a context, or with the one value before.
``kneser-ney``
    the plain chains, interpolated: one for the IOI, three for the pitch, one for the duration.
``ngram``
    these and the plain memories, interpolated with weights chosen by how long a motif the solo
    repeats.  This is the baseline of the benchmark.
``blend``
    all chains and memories multiplied, each raised to a power (a log-linear mixture) that depends
    on the same lengths and on how unsure the chains are.

Weights are fitted on a validation part: by expectation maximisation for the interpolations, by
gradient descent for the blend.

The file holds hashed contexts with counts.  N-grams that occur once are left out from the third
level up, so no solo can be read back from it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sideman.errors import ModelError
from sideman.models import file, mixing
from sideman.models.events import (
    DURATION_TICKS,
    IOI_EDGES,
    LONGEST_IOI,
    PITCHES,
    Distributions,
    Events,
    IntArray,
)
from sideman.models.kneserney import (
    TABLES,
    Array,
    Features,
    Keys,
    Level,
    Sizes,
    context_keys,
    count_chain,
    expect,
    packed,
    require,
    unpacked,
)
from sideman.theory.chord import Chord

KIND = "ngram"
MIXTURES = ("unigram", "bigram", "kneser-ney", "ngram", "blend")
FACTORS = ("ioi", "pitch", "duration")

# The features of each chain, the most telling first.  The first two of each factor are the unigram
# and the bigram, which stand alone; then those of the plain mixtures; then those that only the
# blend uses.
CHAINS: dict[str, tuple[tuple[str, ...], ...]] = {
    "ioi": (
        (),
        ("ioi1",),
        ("beat1", "duration1", "ioi1", "ioi2", "ioi3", "ioi4", "ioi5"),
        ("position1", "duration1", "ioi1", "ioi2", "ioi3"),
        ("duration1", "beat1", "tempo", "ioi1", "ioi2"),
        ("duration1", "beat1", "tempo", "position1", "ioi1"),
        ("beat1", "ioi1", "duration1", "interval1", "ioi2"),
    ),
    "pitch": (
        (),
        ("interval1",),
        ("interval1", "degree1", "quality", "interval2", "interval3", "interval4"),
        ("degree1", "quality", "interval1", "interval2", "beat", "interval3"),
        ("interval1", "interval2", "interval3", "interval4", "interval5", "interval6"),
        ("ioi", "degree1", "quality", "interval1", "interval2"),
        ("register1", "interval1", "ioi_class", "interval2"),
        ("interval1", "ioi1", "ioi", "interval2", "ioi2", "interval3"),
        ("beat", "ioi_class", "degree1", "quality", "interval1"),
        ("interval1", "duration1", "ioi_class", "degree1", "quality", "next_chord"),
    ),
    "duration": (
        (),
        ("duration1",),
        ("ioi", "duration1", "beat", "ioi1", "duration2"),
        ("ioi", "tempo", "beat", "duration1", "interval"),
        ("beat", "ioi", "duration1", "ioi1", "duration2", "ioi2"),
        ("duration1", "duration2", "ioi", "beat", "duration3"),
        ("ioi", "tempo", "duration1", "duration2", "duration3"),
    ),
}
_ALONE = 2
_LAYOUT = 1  # raise it whenever the chains, the memories or the hash change


@dataclass(frozen=True, slots=True)
class Memory:
    """Some levels of a chain of features, each an expert that counts the solo so far.

    `prior` is the weight of the chains, in counted notes.  `moving` memories count an interval from
    the last pitch, not the value itself.  From the level `watched` on (0 for none) a hit counts as
    a repeated motif.
    """

    features: tuple[str, ...]
    levels: tuple[int, ...]
    prior: float
    moving: bool = False
    watched: int = 0


_INTERVAL_SUFFIX = ("interval1", "interval2", "interval3", "interval4", "interval5")
_RHYTHM_SUFFIX = ("beat1", "duration1", "ioi1", "ioi2", "ioi3", "ioi4", "ioi5")
MEMORIES: dict[str, tuple[Memory, ...]] = {
    "ioi": (
        Memory(_RHYTHM_SUFFIX, (2, 3, 4, 5, 6, 7), 2, watched=3),
        Memory(("duration1", "ioi1", "beat1", "ioi2", "ioi3"), (1, 2, 3, 4, 5), 4),
        Memory(("ioi1", "ioi2", "ioi3", "ioi4", "ioi5", "ioi6"), (3, 4, 5, 6), 2),
        Memory(("interval1", "ioi1", "interval2", "ioi2", "interval3"), (2, 4, 5), 2),
        Memory(("position1", "duration1", "ioi1"), (2, 3), 2),
    ),
    "pitch": (
        Memory(_INTERVAL_SUFFIX, (0, 1, 2, 3, 4, 5), 2, moving=True, watched=2),
        Memory(("pitch1", "interval1"), (0, 1, 2), 4),
        Memory(("interval1", "ioi1", "ioi", "interval2", "ioi2"), (3, 5), 2, moving=True),
        Memory(("root", "quality", "degree1"), (2, 3), 4),
        Memory(("position", "pitch1"), (1,), 4),
    ),
    "duration": (
        Memory(("ioi", "duration1", "beat", "ioi1", "duration2"), (0, 1, 2, 3, 4), 4, watched=2),
        Memory(("ioi_class", "duration1", "duration2", "duration3"), (1, 2, 3), 4),
        Memory(("interval1", "interval", "ioi", "interval2"), (2, 3, 4), 2),
        Memory(("beat", "ioi", "ioi1", "ioi2"), (2, 3, 4), 3),
        Memory(("pitch", "ioi"), (1,), 6),
    ),
}
# How many chains (after those alone) and memories the plain mixtures use for each factor.
PLAIN = {"ioi": (1, 1), "pitch": (3, 2), "duration": (1, 1)}

HALF_LIFE = 400
SPAN = 2048  # how many notes back a memory reaches
_HIT = 0.3  # a memory expert was hit if it counts more than this much of a note
_BLOCK = 2048
_INTERVALS = 256  # interval i is symbol i + 128
UNHEARD = -99
_TEMPO_EDGES = (90, 130, 180, 230)


def quality_class(chord: Chord) -> int:
    """Return the class of a chord by its tones.

    0 no chord, 1 major, 2 dominant, 3 minor, 4 minor seventh, 5 half-diminished, 6 diminished, 7
    augmented, 8 without a third.
    """
    tones = {(tone - chord.tones[0]) % 12 for tone in chord.tones}
    if not tones:
        return 0
    if 3 in tones:
        if 6 in tones and 7 not in tones:
            return 5 if 10 in tones else 6
        return 4 if 10 in tones else 3
    if 4 in tones:
        if 8 in tones and 7 not in tones:
            return 7
        return 2 if 10 in tones else 1
    return 8


def tempo_class(tempo_bpm: float) -> int:
    """Return the class of a tempo in quarters a minute, from 0 for slow ones."""
    return bisect_left(_TEMPO_EDGES, tempo_bpm)


def register(pitch: int) -> int:
    """Return the register of a pitch, one of thirteen of four semitones each."""
    return min(max((pitch - 40) // 4, 0), 12)


def features(events: Events) -> dict[str, IntArray]:
    """Return every feature that a chain or a memory may name, one array of shape (notes,) for each.

    ``pitch1`` is the pitch of the note before, ``ioi2`` the IOI of the one before that, and so on;
    ``degree1`` is the last pitch's distance above the root of the chord at this onset.
    """
    notes = len(events)
    interval = np.diff(events.pitch, prepend=events.pitch[:1])
    ioi = events.ioi.copy()
    if notes:
        interval[0] = ioi[0] = UNHEARD + 1
    position = events.onset % events.ticks_per_bar
    beat = events.onset % 24
    at = events.chord_index(events.onset)
    roots = np.array([chord.tones[0] if chord.tones else 12 for chord in events.chords])
    qualities = np.array([quality_class(chord) for chord in events.chords])
    after = np.minimum(at + 1, len(roots) - 1)
    root = roots[at]

    def before(values: IntArray, back: int) -> IntArray:
        return np.concatenate([np.full(min(back, notes), UNHEARD), values[: max(0, notes - back)]])

    found = {
        "interval": interval,
        "ioi": ioi,
        "pitch": events.pitch,
        "duration": events.duration,
        "position": position,
        "beat": beat,
        "root": root,
        "quality": qualities[at],
        "next_chord": (roots[after] - root) % 12 * 16 + qualities[after],
        "tempo": np.full(notes, tempo_class(events.tempo_bpm or 150.0)),
        "ioi_class": np.searchsorted(IOI_EDGES, ioi),
        "position1": before(position, 1),
        "beat1": before(beat, 1),
        "pitch1": before(events.pitch, 1),
    }
    for back in range(1, 7):
        found[f"interval{back}"] = before(interval, back)
        found[f"ioi{back}"] = before(ioi, back)
        found[f"duration{back}"] = before(events.duration, back)
    found["degree1"] = np.where(root < 12, (found["pitch1"] - root) % 12, 12)
    found["register1"] = np.clip((found["pitch1"] - 40) // 4, 0, 12)
    return found


def _to_pitch(of_intervals: Array, pitch1: IntArray) -> Array:
    """Return columns of intervals, (notes, 256), as columns of pitches, (notes, 128)."""
    column = np.arange(PITCHES)[None, :] - pitch1[:, None] + _INTERVALS // 2
    taken: Array = np.take_along_axis(of_intervals, np.clip(column, 0, _INTERVALS - 1), axis=1)
    return taken


@dataclass(frozen=True, slots=True, eq=False)
class _Experts:
    """What each expert of one factor expects of a block of notes.

    ``chains`` and ``memories`` hold arrays of shape (notes, symbols); ``counted`` is the number of
    (faded) notes in each memory, shape (notes, memories); ``base`` is the chains interpolated.
    """

    chains: list[Array]
    memories: list[Array]
    counted: Array
    base: Array

    def after_first(self) -> _Experts:
        """Return the rows without a solo's first note, which is not scored."""
        return _Experts(
            [chain[1:] for chain in self.chains],
            [memory[1:] for memory in self.memories],
            self.counted[1:],
            self.base[1:],
        )

    def bucket(self, factor: str) -> IntArray:
        """Return how many of the watched memories were hit, shape (notes,)."""
        hits: IntArray = (self.counted[:, _watched(factor)] > _HIT).sum(axis=1)
        return hits

    def inputs(self) -> NDArray[np.float32]:
        """Return the logarithms that the blend weighs, shape (notes, symbols, experts)."""
        base = np.log(self.base)
        logs = [base, *map(np.log, self.chains)]
        logs += [np.log(memory) - base for memory in self.memories]
        return np.stack(logs, axis=2).astype(np.float32)

    def gates(self, factor: str) -> Array:
        """Return the factors of the blend's powers, shape (notes, gates)."""
        hits = (self.counted[:, _watched(factor)] > _HIT).astype(np.float64)
        doubt = -(self.base * np.log(self.base)).sum(axis=1, keepdims=True) - 1
        known = np.log1p(self.counted[:, :1]) / 6 - 0.5
        return np.concatenate([np.ones_like(doubt), hits, known, doubt], axis=1)


def _watched(factor: str) -> list[int]:
    """Return which memory experts detect a repeated motif; all belong to the first memory."""
    memory = MEMORIES[factor][0]
    return [index for index, level in enumerate(memory.levels) if level >= memory.watched]


@dataclass(frozen=True, slots=True, eq=False)
class Mixture:
    """The weights of one factor's experts.

    Parameters
    ----------
    chains : array, shape (plain chains,)
        Interpolation weights of the plain chains alone.
    recalling : array, shape (buckets, plain chains + memories)
        Interpolation weights of the plain experts, by how many watched memories were hit.
    base : array, shape (chains,)
        Interpolation weights of all chains: the base of the blend's memories.
    powers : array, shape (gates, 1 + chains + memories)
        The blend: the powers of base, chains and memories are the gates times this.
    """

    chains: Array
    recalling: Array
    base: Array
    powers: Array


@dataclass(frozen=True, slots=True, eq=False)
class NGram:
    """A counted model; see the module for the mixtures, one of which is its `name`.

    `chains` and `mixtures` are by factor.  IOIs that are not in `known_iois` share one escape
    symbol evenly; `corpus` is the fingerprint of the training solos.
    """

    name: str
    chains: Mapping[str, tuple[tuple[Level, ...], ...]]
    mixtures: Mapping[str, Mixture]
    known_iois: IntArray
    corpus: str = ""

    def called(self, name: str) -> NGram:
        """Return the same experts mixed as one of :data:`MIXTURES`; raise ModelError if unknown."""
        if name not in MIXTURES:
            raise ModelError(f"No n-gram is called {name!r}; choose {', '.join(MIXTURES)}.")
        return replace(self, name=name)

    def counted_on(self, corpus: Sequence[Events]) -> NGram:
        """Return the counts of another corpus under the same name, weights and IOIs."""
        return replace(self, chains=_counted(corpus, self.known_iois))

    def distributions(self, events: Events) -> Distributions:
        """Compute the probabilities of a solo's notes (:class:`sideman.models.events.Scorer`)."""
        known = features(events)
        mixed = {
            factor: np.concatenate(
                [self._mix(experts, factor) for experts in self._experts(known, factor)]
                or [np.zeros((0, self._symbols(factor)))]
            )
            for factor in FACTORS
        }
        unheard = LONGEST_IOI - len(self.known_iois)
        ioi = np.repeat(mixed["ioi"][:, -1:] / max(1, unheard), LONGEST_IOI, axis=1)
        ioi[:, self.known_iois - 1] = mixed["ioi"][:, :-1]
        if not unheard:
            ioi /= ioi.sum(axis=1, keepdims=True)
        return Distributions(ioi, mixed["pitch"], mixed["duration"])

    def _symbols(self, factor: str) -> int:
        """Return the number of columns of a factor's distributions; the last IOI is the escape."""
        sizes = {
            "ioi": len(self.known_iois) + 1,
            "pitch": PITCHES,
            "duration": len(DURATION_TICKS),
        }
        return sizes[factor]

    def _target(self, known: Features, factor: str) -> IntArray:
        """Return the column that each note's true value has."""
        if factor == "ioi":
            return _ioi_symbols(known["ioi"], self.known_iois)
        return known[factor]

    def _mix(self, experts: _Experts, factor: str) -> Array:
        mixture = self.mixtures[factor]
        if self.name in ("unigram", "bigram"):
            mixed = experts.chains[0]
        elif self.name == "kneser-ney":
            mixed = experts.base
        elif self.name == "ngram":
            weights = mixture.recalling[experts.bucket(factor)]
            mixed = np.zeros_like(experts.base)
            for index, expert in enumerate([*experts.chains, *experts.memories]):
                mixed += weights[:, index : index + 1] * expert
        else:
            powers = (experts.gates(factor) @ mixture.powers).astype(np.float32)
            logits = np.einsum("tvk,tk->tv", experts.inputs(), powers).astype(np.float64)
            mixed = np.exp(logits - logits.max(axis=1, keepdims=True))
        mixed /= mixed.sum(axis=1, keepdims=True)
        return mixed

    def _recipe(self, factor: str) -> tuple[list[int], tuple[Memory, ...], Array]:
        """Return the chains and memories of this mixture, and the weights of the chains alone."""
        if self.name in ("unigram", "bigram"):
            return [MIXTURES.index(self.name)], (), np.ones(1)
        mixture = self.mixtures[factor]
        if self.name == "blend":
            return list(range(_ALONE, len(CHAINS[factor]))), MEMORIES[factor], mixture.base
        chains, memories = PLAIN[factor]
        recalled = MEMORIES[factor][:memories] if self.name == "ngram" else ()
        return list(range(_ALONE, _ALONE + chains)), recalled, mixture.chains

    def _experts(self, known: Features, factor: str) -> Iterator[_Experts]:
        """Yield the experts of one factor, block by block of notes."""
        chosen, recalled, weights = self._recipe(factor)
        notes = len(known["ioi"])
        chain_keys = [context_keys(known, CHAINS[factor][index], notes) for index in chosen]
        memory_keys = [context_keys(known, memory.features, notes) for memory in recalled]
        symbols = _INTERVALS if factor == "pitch" else self._symbols(factor)
        for start in range(0, notes, _BLOCK):
            block = slice(start, min(start + _BLOCK, notes))
            chains = []
            for index, keys in zip(chosen, chain_keys, strict=True):
                cut = [key[block] for key in keys]
                expected = expect(self.chains[factor][index], cut, symbols)
                if factor == "pitch":
                    expected = _to_pitch(expected, known["pitch1"][block])
                    expected /= expected.sum(axis=1, keepdims=True)
                chains.append(expected)
            base = np.zeros_like(chains[0])
            for weight, expected in zip(weights, chains, strict=True):
                base += weight * expected
            memories, totals = [], [np.zeros((block.stop - block.start, 0))]
            near = _nearness(block) if recalled else np.zeros((0, 0), dtype=np.float32)
            for memory, keys in zip(recalled, memory_keys, strict=True):
                counted, over = self._recall(known, factor, memory, keys, block, near)
                for count, times in zip(counted, over, strict=True):
                    memories.append((count + memory.prior * base) / (times[:, None] + memory.prior))
                totals.append(np.stack(over, axis=1))
            yield _Experts(chains, memories, np.concatenate(totals, axis=1), base)

    def _recall(
        self,
        known: Features,
        factor: str,
        memory: Memory,
        keys: Sequence[Keys],
        block: slice,
        near: NDArray[np.float32],
    ) -> tuple[list[Array], list[Array]]:
        """Count what followed the same features earlier in the solo, for some levels of a memory.

        Return counts, each of shape (notes, symbols), and their sums, each of shape (notes,).
        """
        past = slice(max(0, block.start - SPAN), block.stop)
        if memory.moving:
            symbol, size = known["interval"][past] + _INTERVALS // 2, _INTERVALS
        else:
            symbol, size = self._target(known, factor)[past], self._symbols(factor)
        one_hot = np.zeros((len(symbol), size), dtype=np.float32)
        one_hot[np.arange(len(symbol)), symbol] = 1
        counts, sums = [], []
        for level in memory.levels:
            same = near * (keys[level][block, None] == keys[level][None, past])
            count = (same @ one_hot).astype(np.float64)
            if memory.moving:
                count = _to_pitch(count, known["pitch1"][block])
            counts.append(count)
            sums.append(same.sum(axis=1).astype(np.float64))
        return counts, sums


def _nearness(block: slice) -> NDArray[np.float32]:
    """Return the weight of each earlier note at each note of a block; the first note has none."""
    past = np.arange(max(0, block.start - SPAN), block.stop)
    back = np.arange(block.start, block.stop)[:, None] - past[None, :]
    counts = (back > 0) & (back <= SPAN) & (past > 0)
    return np.where(counts, 0.5 ** (np.maximum(back, 0) / HALF_LIFE), 0).astype(np.float32)


def _ioi_symbols(ioi: IntArray, known_iois: IntArray) -> IntArray:
    at = np.minimum(np.searchsorted(known_iois, ioi), len(known_iois) - 1)
    return np.where(known_iois[at] == ioi, at, len(known_iois))


def train(corpus: Sequence[Events], validation: Sequence[Events], fingerprint: str = "") -> NGram:
    """Return the n-gram of a corpus, its experts weighted on validation solos of other tunes.

    Raise ModelError if either part has no note to score.
    """
    if not any(len(events) > 1 for events in corpus) or not any(len(e) > 1 for e in validation):
        raise ModelError("There is no note to learn from; give solos of at least two notes.")
    known_iois = np.unique(np.concatenate([events.ioi[1:] for events in corpus]))
    chains = _counted(corpus, known_iois)
    mixtures = {factor: _even(factor) for factor in FACTORS}
    model = NGram("ngram", chains, mixtures, known_iois, fingerprint)
    for factor in FACTORS:
        mixtures[factor] = _fit(model, factor, validation)
    return model


def _counted(
    corpus: Sequence[Events], known_iois: IntArray
) -> dict[str, tuple[tuple[Level, ...], ...]]:
    """Count the chains of every factor."""
    # Events of a solo's first note are no n-grams: it has nothing before it.
    parts = [{name: values[1:] for name, values in features(events).items()} for events in corpus]
    known = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    symbols = {
        "ioi": _ioi_symbols(known["ioi"], known_iois),
        "pitch": known["interval"] + _INTERVALS // 2,
        "duration": known["duration"],
    }
    return {
        factor: tuple(count_chain(known, names, symbols[factor]) for names in CHAINS[factor])
        for factor in FACTORS
    }


def _even(factor: str) -> Mixture:
    """Return equal weights for all experts."""
    plain, memories = PLAIN[factor]
    every = len(CHAINS[factor]) - _ALONE
    levels = [len(memory.levels) for memory in MEMORIES[factor]]
    experts = plain + sum(levels[:memories])
    buckets = len(_watched(factor)) + 1
    powers = np.zeros((buckets + 2, 1 + every + sum(levels)))
    powers[0] = 1 / powers.shape[1]
    return Mixture(
        np.full(plain, 1 / plain),
        np.full((buckets, experts), 1 / experts),
        np.full(every, 1 / every),
        powers,
    )


def _fit(model: NGram, factor: str, validation: Sequence[Events]) -> Mixture:
    """Fit one factor's weights: the chains first, then the memories."""
    known = [features(events) for events in validation if len(events) > 1]
    target = np.concatenate([model._target(part, factor)[1:] for part in known])
    mixture = model.mixtures[factor]

    def evaluated(name: str) -> list[_Experts]:
        """Return the experts of one mixture at every note, with the weights fitted so far."""
        fitted = replace(model, name=name, mixtures={factor: mixture})
        return [_joined(fitted._experts(part, factor)).after_first() for part in known]

    def scored(experts: list[_Experts]) -> Array:
        """Return the probability of each true value by each expert, shape (notes, experts)."""
        columns = zip(*((*each.chains, *each.memories) for each in experts), strict=True)
        notes = np.arange(len(target))
        return np.stack([np.concatenate(column)[notes, target] for column in columns], axis=1)

    one = np.zeros(len(target), dtype=np.int64)
    chains = mixing.interpolation(scored(evaluated("kneser-ney")), one, 1)[0]
    mixture = replace(mixture, chains=chains)
    experts = evaluated("ngram")
    bucket = np.concatenate([each.bucket(factor) for each in experts])
    recalling = mixing.interpolation(scored(experts), bucket, len(mixture.recalling))
    every = [replace(each, memories=[]) for each in evaluated("blend")]
    mixture = replace(mixture, recalling=recalling)
    mixture = replace(mixture, base=mixing.interpolation(scored(every), one, 1)[0])
    experts = evaluated("blend")
    inputs = np.concatenate([each.inputs() for each in experts])
    gates = np.concatenate([each.gates(factor) for each in experts])
    return replace(mixture, powers=mixing.blend(inputs, gates, target, mixture.powers))


def _joined(blocks: Iterable[_Experts]) -> _Experts:
    """Return the blocks of one solo as one."""
    parts = list(blocks)
    return _Experts(
        [np.concatenate(column) for column in zip(*(part.chains for part in parts), strict=True)],
        [np.concatenate(column) for column in zip(*(part.memories for part in parts), strict=True)],
        np.concatenate([part.counted for part in parts]),
        np.concatenate([part.base for part in parts]),
    )


_WEIGHTS = ("chains", "recalling", "base", "powers")


def to_file(model: NGram, training: Mapping[str, Any] | None = None) -> file.ModelFile:
    """Return the model file of an n-gram, whatever its mixture, with a note on its training."""
    weights: dict[str, NDArray[Any]] = {"heard_iois": model.known_iois.astype(np.uint16)}
    sizes: dict[str, Sizes] = {}
    for factor in FACTORS:
        tables, sizes[factor] = packed(model.chains[factor])
        weights.update({f"{factor}.{name}": table for name, table in tables.items()})
        mixture = model.mixtures[factor]
        for name in _WEIGHTS:
            weights[f"{factor}.weights.{name}"] = getattr(mixture, name).astype(np.float32)
    return file.ModelFile(
        kind=KIND,
        config={"layout": _LAYOUT, "levels": sizes},
        vocabulary=(),
        weights=weights,
        corpus=model.corpus,
        training=training or {},
        versions={"numpy": np.__version__},
    )


def from_file(content: file.ModelFile, name: str) -> NGram:
    """Return the model ``ngram`` of a file; raise ModelError if it does not fit this version."""
    with file.fitting(
        f"{name}: its tables do not fit this version of the n-gram; train the model again."
    ):
        return _from_file(content)


def _from_file(content: file.ModelFile) -> NGram:
    if content.kind != KIND or content.config["layout"] != _LAYOUT:
        raise ValueError("another kind or layout")
    known_iois = content.weights["heard_iois"].astype(np.int64)
    require(0 < len(known_iois) <= LONGEST_IOI and bool((np.diff(known_iois) > 0).all()))
    require(bool(known_iois[0] >= 1 and known_iois[-1] <= LONGEST_IOI))
    # The escape is never counted.
    symbols = {"ioi": len(known_iois), "pitch": _INTERVALS, "duration": len(DURATION_TICKS)}
    chains, mixtures = {}, {}
    for factor in FACTORS:
        sizes = content.config["levels"][factor]
        require([len(chain) for chain in sizes] == [len(names) + 1 for names in CHAINS[factor]])
        tables = {key: content.weights[f"{factor}.{key}"] for key in TABLES}
        chains[factor] = tuple(unpacked(tables, sizes, [symbols[factor]] * len(sizes)))
        even = _even(factor)
        given = [content.weights[f"{factor}.weights.{key}"].astype(np.float64) for key in _WEIGHTS]
        mixture = Mixture(*given)
        for key in _WEIGHTS:
            require(getattr(mixture, key).shape == getattr(even, key).shape)
        for weights in (mixture.chains[None], mixture.recalling, mixture.base[None]):
            require(bool((weights >= 0).all() and np.allclose(weights.sum(axis=1), 1, atol=1e-3)))
        mixtures[factor] = mixture
    return NGram("ngram", chains, mixtures, known_iois, content.corpus)
