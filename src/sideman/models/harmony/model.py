"""The probability of the next change: a mixture of n-gram chains and two memories of the tune.

*Its input*: the changes so far, the positions of all changes (:mod:`.places`), and a key.

*Its output*: the probability of each symbol of the key alphabet as the next change.

*How*: several experts.

- A *chain* is a list of features in order of importance, smoothed by interpolated Kneser–Ney
  (:mod:`sideman.models.kneserney`).  ``key`` and ``interval`` are n-grams of the two alphabets;
  the others also look at the place in the form.
- The *memory* counts what followed the last changes earlier in this tune.
- The *copy* is the change at the same place of an earlier section.

They are interpolated with weights chosen by the lengths of the matches of the memories; a model
without memory interpolates the chains alone.  The weights are fitted by expectation maximisation.

The file also holds the substitutions of the corpus (:mod:`.substitutions`), counts of harmonic
rhythm (:mod:`.rhythm`), and for each tune a hash of its changes and its mean surprise, among which
another tune is ranked.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sideman.models import file, kneserney
from sideman.models.events import IntArray
from sideman.models.harmony import alphabet, memory, rhythm
from sideman.models.harmony.alphabet import NO_ROOT, NOWHERE, SYMBOLS, Change
from sideman.models.harmony.places import Places, places
from sideman.models.harmony.substitutions import Filler, Rules, Substitution
from sideman.models.kneserney import Level, require
from sideman.score import Changes

Array = NDArray[np.float64]
Recalled = tuple[int, dict[int, float]]
"""The prediction of a change by the tune's own memory: state, and share by symbol."""
Copied = tuple[int, int] | None
"""Its prediction by the same place of an earlier section: state and symbol."""
KIND = "harmony"
_LAYOUT = 2  # raise it whenever the features or the hash change
BEFORE = -99
"""The value of a feature before the first change."""
MOST_BACK = 5
"""The largest distance, in changes, of an earlier change that a feature names."""
_MATCHES = np.array((0, 1, 2, 3, 4, 4, 5, 5, 5))
"""The bucket of each length of a match."""
BUCKETS = (int(_MATCHES[-1]) + 1) * memory.COPIES


@dataclass(frozen=True, slots=True)
class Recipe:
    """The features of a chain, the most important first.

    ``key2`` and ``interval2`` are the last change but one in an alphabet, ``class1`` is the class
    of the last one; others are features of :class:`Places`.
    """

    features: tuple[str, ...]
    by_interval: bool = False


def ngram(order: int, *, by_interval: bool = False) -> Recipe:
    """Return the recipe of the n-gram of the last `order` changes."""
    series = "interval" if by_interval else "key"
    return Recipe(tuple(f"{series}{back}" for back in range(1, order + 1)), by_interval)


KEY_ORDER, INTERVAL_ORDER = 3, 4
"""The orders that are best for the 1,460 tunes of a playlist (docs/harmony.md)."""


def recipes(key_order: int = KEY_ORDER, interval_order: int = INTERVAL_ORDER) -> tuple[Recipe, ...]:
    """Return the chains of the model, for two orders of n-grams."""
    keys = ngram(key_order).features
    intervals = ngram(interval_order, by_interval=True)
    return (
        Recipe((*keys[:2], "minor", *keys[2:])),
        Recipe(("class1", *intervals.features), by_interval=True),
        Recipe(("key1", "key2", "minor", "bar4", "key3")),
        Recipe(("key1", "key2", "minor", "bar8", "key3")),
        Recipe(("key1", "key2", "minor", "left", "key3")),
        Recipe(("bar16", "minor", "letter", "rank", "key1", "key2")),
    )


@dataclass(frozen=True)
class Progression:
    """The changes of a tune in its key, and where they begin.

    `symbols` and `intervals` are the changes in the two alphabets; `last` is the degree of the root
    before each.
    """

    changes: tuple[Change, ...]
    symbols: IntArray
    intervals: IntArray
    last: IntArray
    places: Places

    @classmethod
    def of(cls, changes: Changes, tonic: int, *, minor: bool) -> Progression:
        """Return the progression of a form; `tonic` is a pitch class."""
        found = alphabet.spelled_out(changes)
        symbols = alphabet.key_symbols(found, tonic)
        last = alphabet.roots_before(symbols)
        return cls(
            found,
            symbols,
            alphabet.interval_symbols(symbols, last),
            last,
            places(changes, [each.onset for each in found], minor=minor),
        )

    def __len__(self) -> int:
        return len(self.symbols)

    def series(self, *, by_interval: bool) -> IntArray:
        """Return the symbols of the interval or the key alphabet."""
        return self.intervals if by_interval else self.symbols

    @cached_property
    def features(self) -> dict[str, IntArray]:
        """Every feature that a chain may name, an array of shape (changes,) each."""
        series = {
            "key": self.symbols,
            "interval": self.intervals,
            "class": self.symbols % alphabet.CLASSES,
        }
        found = dict(self.places.features)
        for name, values in series.items():
            for back in range(1, MOST_BACK + 1):
                ahead = np.full(min(back, len(self)), BEFORE, np.int64)
                found[f"{name}{back}"] = np.concatenate([ahead, values[: len(self) - len(ahead)]])
        return found

    @cached_property
    def recalled(self) -> tuple[Recalled, ...]:
        """The distribution of each change by the tune's own memory: state, and share by symbol."""
        found = memory.recalled_along(self.symbols.tolist())
        return tuple(_shares(length, counts) for length, counts in found)

    @cached_property
    def copied(self) -> tuple[Copied, ...]:
        """The change at the same place of an earlier section, and its state."""
        found = memory.copied_along(self.symbols, self.places)
        states, symbols = (values.tolist() for values in found)
        pairs = zip(states, symbols, strict=True)
        return tuple((state, symbol) if state else None for state, symbol in pairs)

    @cached_property
    def bucket(self) -> IntArray:
        """The bucket of the weights of each change."""
        return buckets(self.recalled, self.copied)


def remembered(past: Sequence[int]) -> Recalled:
    """Return the state of the memory of the tune after changes, and the share of each symbol."""
    return _shares(*memory.recalled(past))


def _shares(length: int, counts: Counter[int]) -> Recalled:
    whole = counts.total()
    return int(_MATCHES[length]), {symbol: count / whole for symbol, count in counts.items()}


def buckets(recalled: Sequence[Recalled], copied: Sequence[Copied]) -> IntArray:
    """Return the bucket of the weights of each change, from its memory and its copy."""
    return np.array(
        [
            state * memory.COPIES + (0 if copy is None else copy[0])
            for (state, _), copy in zip(recalled, copied, strict=True)
        ],
        np.int64,
    )


@dataclass(frozen=True, slots=True, eq=False)
class Chain:
    """A counted chain: its recipe and its levels."""

    recipe: Recipe
    levels: tuple[Level, ...]

    def smoothed(self, features: Mapping[str, IntArray], changes: int) -> Array:
        """Return the probability of each word of the chain's own alphabet as each change."""
        keys = kneserney.context_keys(features, self.recipe.features, changes)
        words = alphabet.words(by_interval=self.recipe.by_interval)
        return kneserney.expect(self.levels, keys, len(words))

    def expect(self, features: Mapping[str, IntArray], last: IntArray) -> Array:
        """Return the probability of each symbol as each change, (changes, 97)."""
        names = self.recipe.features
        whole = kneserney.context_keys(features, names, len(last))[-1]
        if self.recipe.by_interval:
            whole = kneserney.mixed(whole, last)
        _, first, same = np.unique(whole, return_index=True, return_inverse=True)
        expected = self.smoothed({name: features[name][first] for name in names}, len(first))
        if self.recipe.by_interval:
            expected = alphabet.from_intervals(expected, last[first])
        found: Array = expected[:, :SYMBOLS]
        found /= found.sum(axis=1, keepdims=True)
        return found[same]


def joined(tunes: Sequence[Progression], names: Iterable[str]) -> dict[str, IntArray]:
    """Return some features of the changes of tunes, one tune after another."""
    return {name: np.concatenate([each.features[name] for each in tunes]) for name in names}


def counted(tunes: Sequence[Progression], recipe: Recipe) -> Chain:
    """Return a chain counted on tunes."""
    names = recipe.features
    symbols = np.concatenate([each.series(by_interval=recipe.by_interval) for each in tunes])
    known = joined(tunes, names)
    return Chain(recipe, kneserney.count_chain(known, names, symbols, whole=True))


@dataclass(frozen=True, slots=True, eq=False)
class Weights:
    """Weights of the experts: `alone` of the chains, and `recalling` of all, by bucket.

    Their shapes are (chains,) and (buckets, chains + 2); memory and copy come last.
    """

    alone: Array
    recalling: Array

    def known(self, bucket: IntArray) -> Array:
        """Return the weights at changes, (changes, experts); a memory of nothing has none."""
        weights = self.recalling[bucket]
        weights[bucket < memory.COPIES, -2] = 0
        weights[bucket % memory.COPIES == 0, -1] = 0
        whole: Array = weights / weights.sum(axis=1, keepdims=True)
        return whole


@dataclass(frozen=True, slots=True, eq=False)
class Corpus:
    """The tunes of a model's corpus: a hash of each one's changes, and its bits a change.

    A tune from which the model was counted is scored by one that was not counted on it.
    """

    hashes: NDArray[np.uint32]
    bits: NDArray[np.float32]

    def place(self, bits: float) -> float:
        """Return the share of the tunes with fewer bits a change."""
        return float((self.bits < bits).mean())

    def own(self, progression: Progression) -> float | None:
        """Return the bits of a tune that is among them; None if it is not."""
        at = np.flatnonzero(self.hashes == digest(progression))
        return float(self.bits[at[0]]) if len(at) else None


def digest(progression: Progression) -> int:
    """Return a 32-bit hash of the changes of a tune, relative to its tonic, with their onsets."""
    table = np.stack([progression.symbols, np.array(progression.places.onsets)]).astype("<i8")
    return int.from_bytes(hashlib.sha256(table.tobytes()).digest()[:4], "little")


@dataclass(frozen=True, eq=False)
class HarmonyModel:
    """A model of the next change; see the module.

    `rules` are the substitutions of the corpus, and `rhythm` the chain of its lengths of chords.
    """

    chains: tuple[Chain, ...]
    weights: Weights
    rules: Rules
    corpus: Corpus
    rhythm: tuple[Level, ...] = ()
    fingerprint: str = ""
    training: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def rows(self) -> dict[tuple[int, ...], Array]:
        """A cache of the distributions by the chains, by context."""
        return {}

    def chains_expect(self, tune: Progression) -> Array:
        """Return the distribution of each change by each chain, (changes, 97, chains)."""
        found = [chain.expect(tune.features, tune.last) for chain in self.chains]
        return np.stack(found, axis=2)

    def expect(self, tune: Progression, *, remembers: bool = True) -> Array:
        """Return the probability of each symbol as each change, (changes, 97)."""
        chains = self.chains_expect(tune)
        if not remembers:
            return np.asarray((chains * self.weights.alone).sum(axis=2))
        return self.mixed(chains, tune.recalled, tune.copied)

    def mixed(self, chains: Array, recalled: Sequence[Recalled], copied: Sequence[Copied]) -> Array:
        """Return the mixture of distributions by the chains, (changes, 97, chains), and memory."""
        weights = self.weights.known(buckets(recalled, copied))
        found: Array = (chains * weights[:, None, :-2]).sum(axis=2)
        for row, weight, (_, shares), copy in zip(found, weights, recalled, copied, strict=True):
            for symbol, share in shares.items():
                row[symbol] += weight[-2] * share
            if copy is not None:
                row[copy[1]] += weight[-1]
        return found

    def own(self, by_chain: Array, tune: Progression) -> Array:
        """Return the probability of each change, from those by the chains, (changes, chains).

        It is that of :meth:`expect`, to the last bit.
        """
        length, share = memory.own_share(tune.symbols)
        state, copied = memory.copied_along(tune.symbols, tune.places)
        weights = self.weights.known(_MATCHES[length] * memory.COPIES + state)
        found: Array = (by_chain * weights[:, :-2]).sum(axis=1)
        found += weights[:, -2] * share
        found += np.where(copied == tune.symbols, weights[:, -1], 0)
        return found

    def surprise(self, tune: Progression, *, remembers: bool = True) -> Array:
        """Return the bits of each change: minus the binary logarithm of its probability."""
        return bits(self.expect(tune, remembers=remembers), tune.symbols)

    def begin(self, form: Places) -> Walk:
        """Begin a progression with changes at the places of a form."""
        return Walk(self, form)


def bits(expected: Array, symbols: IntArray) -> Array:
    """Return minus the binary logarithm of the probability of each symbol, (changes,)."""
    found: Array = -np.log2(expected[np.arange(len(symbols)), symbols])
    return found


class Walk:
    """A progression that is chosen change by change; ``model.begin(places)`` begins one."""

    def __init__(self, model: HarmonyModel, form: Places) -> None:
        self.model = model
        self.places = form
        self.symbols: list[int] = []
        """The changes so far, in the key alphabet."""
        self._intervals: list[int] = []
        self._last = NOWHERE

    @property
    def done(self) -> bool:
        """Whether every place has its change."""
        return len(self.symbols) == len(self.places.onsets)

    def branch(self) -> Walk:
        """Return an independent walk with the same changes so far."""
        other = Walk(self.model, self.places)
        other.symbols, other._intervals = self.symbols.copy(), self._intervals.copy()
        other._last = self._last
        return other

    def expect(self, *, remembers: bool = True) -> Array:
        """Return the probability of each symbol as the next change, (97,)."""
        chains = [self._chain(index) for index in range(len(self.model.chains))]
        if not remembers:
            alone = self.model.weights.alone
            return np.asarray((np.stack(chains, axis=1) * alone).sum(axis=1))
        sources = self.places.sources[len(self.symbols)]
        copy = memory.copied(self.symbols, self.places.onsets, sources)
        mixed = self.model.mixed(np.stack(chains, axis=1)[None], [remembered(self.symbols)], [copy])
        return np.asarray(mixed[0])

    def choose(self, symbol: int) -> None:
        """Choose the next change; a root that is repeated with its class is no change."""
        self.symbols.append(symbol)
        self._intervals.append(alphabet.to_interval(symbol, self._last))
        self._last = alphabet.root_after(symbol, self._last)

    def _chain(self, index: int) -> Array:
        chain = self.model.chains[index]
        values = tuple(self._feature(name) for name in chain.recipe.features)
        last = self._last if chain.recipe.by_interval else 0
        rows = self.model.rows
        if (index, last, *values) not in rows:
            if len(rows) >= _MOST_ROWS:
                rows.clear()
            named = zip(chain.recipe.features, values, strict=True)
            known = {name: np.array([value], np.int64) for name, value in named}
            rows[index, last, *values] = chain.expect(known, np.array([last]))[0]
        return rows[index, last, *values]

    def _feature(self, name: str) -> int:
        if name in self.places.features:
            return int(self.places.features[name][len(self.symbols)])
        series, back = name[:-1], int(name[-1])
        if back > len(self.symbols):
            return BEFORE
        if series == "class":
            return self.symbols[-back] % alphabet.CLASSES
        return (self._intervals if series == "interval" else self.symbols)[-back]


_MOST_ROWS = 20_000


# The file -------------------------------------------------------------------------------------

_SUBSTITUTIONS = ("first", "second", "shared", "contexts", "score")
_NONE = 255  # in the place of a filler's second chord


def to_file(model: HarmonyModel) -> file.ModelFile:
    """Return the model file of a model of harmony."""
    tables, sizes = kneserney.packed([*(chain.levels for chain in model.chains), model.rhythm])
    found = model.rules.substitutions
    weights: dict[str, NDArray[Any]] = {
        **{f"chains.{name}": table for name, table in tables.items()},
        "weights.alone": model.weights.alone.astype(np.float32),
        "weights.recalling": model.weights.recalling.astype(np.float32),
        "corpus.hashes": model.corpus.hashes.astype(np.uint32),
        "corpus.bits": model.corpus.bits.astype(np.float32),
        "substitutions.first": _fillers([each.first for each in found]),
        "substitutions.second": _fillers([each.second for each in found]),
        "substitutions.shared": np.array([each.shared for each in found], np.uint32),
        "substitutions.contexts": np.array([each.contexts for each in found], np.uint32),
        "substitutions.score": np.array([each.score for each in found], np.float32),
    }
    return file.ModelFile(
        kind=KIND,
        config={
            "layout": _LAYOUT,
            "levels": sizes,
            "chains": [[each.recipe.by_interval, *each.recipe.features] for each in model.chains],
        },
        vocabulary=alphabet.WORDS,
        weights=weights,
        corpus=model.fingerprint,
        training=model.training,
        versions={"numpy": np.__version__},
    )


def _fillers(fillers: Sequence[Filler]) -> NDArray[np.uint8]:
    rows = [[*each, _NONE][:2] for each in fillers]
    return np.array(rows, np.uint8).reshape(len(rows), 2)


def from_file(content: file.ModelFile, name: str) -> HarmonyModel:
    """Return the model of a file; raise ModelError if it does not fit this version."""
    with file.fitting(
        f"{name}: its tables do not fit this version of the model of harmony; train it again."
    ):
        return _from_file(content)


def _from_file(content: file.ModelFile) -> HarmonyModel:
    config, given = content.config, content.weights
    require(content.kind == KIND and config["layout"] == _LAYOUT)
    require(content.vocabulary == alphabet.WORDS)
    listed = [Recipe(tuple(names), bool(by)) for by, *names in config["chains"]]
    known = Progression.of(Changes(()), 0, minor=False).features
    require(all(name in known for recipe in listed for name in recipe.features))
    sizes = [*(len(each.features) for each in listed), len(rhythm.FEATURES)]
    require([size + 1 for size in sizes] == [len(each) for each in config["levels"]])
    # Without the last word, which is never a change.
    symbols = [len(alphabet.words(by_interval=each.by_interval)) - 1 for each in listed]
    tables = {key: given[f"chains.{key}"] for key in kneserney.TABLES}
    symbols.append(rhythm.LONGEST)
    *levels, lengths = kneserney.unpacked(tables, config["levels"], symbols)
    alone, recalling = (
        given[f"weights.{key}"].astype(np.float64) for key in ("alone", "recalling")
    )
    require(0 < len(listed) == len(alone) and alone.ndim == 1)
    require(recalling.shape == (BUCKETS, len(listed) + 2))
    for rows in (alone[None], recalling[:, :-2]):
        require(bool((rows >= 0).all() and (rows.sum(axis=1) > 0).all()))
    require(bool((recalling >= 0).all()))
    hashes, heard = given["corpus.hashes"], given["corpus.bits"]
    require(hashes.ndim == 1 and hashes.shape == heard.shape and hashes.dtype == np.uint32)
    return HarmonyModel(
        chains=tuple(Chain(*each) for each in zip(listed, levels, strict=True)),
        weights=Weights(alone / alone.sum(), recalling),
        rules=Rules(_substitutions(given)),
        corpus=Corpus(hashes, heard),
        rhythm=lengths,
        fingerprint=content.corpus,
        training=content.training,
    )


def _substitutions(given: file.Weights) -> tuple[Substitution, ...]:
    columns = [given[f"substitutions.{key}"] for key in _SUBSTITUTIONS]
    count = len(columns[0])
    for column, width in zip(columns, ((2,), (2,), (), (), ()), strict=True):
        require(column.shape == (count, *width))
    pairs = np.concatenate(columns[:2], axis=1)
    firsts, seconds = pairs[:, [0, 2]], pairs[:, [1, 3]]
    require(bool((firsts < NO_ROOT).all() and ((seconds < NO_ROOT) | (seconds == _NONE)).all()))
    return tuple(
        Substitution(_filler(first), _filler(second), int(shared), int(contexts), float(score))
        for first, second, shared, contexts, score in zip(
            *(column.tolist() for column in columns), strict=True
        )
    )


def _filler(row: Sequence[int]) -> Filler:
    return tuple(symbol for symbol in row if symbol != _NONE)
