"""Perplexity of changes by a model of harmony, by n-grams and by a Lempel–Ziv tree.

*Perplexity a change* is 2 to the mean bits of the changes of all tunes of a part together.  Two
models are compared on the same tunes by a paired bootstrap over tunes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from sideman.evaluation import bootstrap
from sideman.models.harmony import alphabet, memory
from sideman.models.harmony.learning import PARTS, Tune, crossing
from sideman.models.harmony.model import (
    Array,
    Chain,
    HarmonyModel,
    Progression,
    counted,
    joined,
    ngram,
)

_Probable = Callable[[Sequence[Progression]], Array]
ALPHABETS = ("interval", "key")
ORDERS = range(6)
LEAST_HELD_OUT = 20
"""Tunes from which an order is chosen."""
_CONTEXT = 8
_HALF = 0.5
_STEPS = 20  # of the weight of the plain memory, from 0 to 1
_VALID, _TEST = PARTS[1:]


@dataclass(frozen=True, slots=True)
class Row:
    """Bits by one predictor: one array of shape (changes,) for each tune of each part."""

    name: str
    bits: Mapping[str, tuple[Array, ...]]

    def perplexity(self, part: str, among: Sequence[bool] | None = None) -> float:
        """Return the perplexity a change on a part; `among` says which of its tunes count."""
        chosen = among or [True] * len(self.bits[part])
        each = [bits for bits, yes in zip(self.bits[part], chosen, strict=True) if yes]
        return float(2 ** np.concatenate(each).mean()) if each else float("nan")


@dataclass(frozen=True, slots=True)
class Corpus:
    """The tunes of each part, and groups with the same changes in several (:func:`crossing`)."""

    tunes: Mapping[str, tuple[Tune, ...]]
    crossing: tuple[tuple[Tune, ...], ...]

    @classmethod
    def of(cls, tunes: Sequence[Tune]) -> Corpus:
        """Return the corpus of tunes, which hold at least one of each part."""
        parts = {part: tuple(each for each in tunes if each.part == part) for part in PARTS}
        return cls(parts, crossing(tunes))

    def apart(self, part: str) -> list[bool]:
        """Return whether each tune of a part has changes that no tune of another part has."""
        crossed = {each.title for group in self.crossing for each in group}
        return [tune.title not in crossed for tune in self.tunes[part]]

    def progressions(self, part: str) -> list[Progression]:
        """Return the changes of a part's tunes."""
        return [tune.progression for tune in self.tunes[part]]


def ngrams(corpus: Corpus, by_interval: bool) -> list[Row]:
    """Return the n-grams of orders 0 to 5, the first counting no previous change."""
    train = corpus.progressions(PARTS[0])
    found = []
    for order in ORDERS:
        chain = counted(train, ngram(order, by_interval=by_interval))
        name = f"{order} previous changes" if order else "unigram"
        found.append(_row(corpus, name, partial(_by_chain, chain)))
    return found


def _by_chain(chain: Chain, tunes: Sequence[Progression]) -> Array:
    """Return the probability of each change in the alphabet of an n-gram, (changes,)."""
    by_interval = chain.recipe.by_interval
    symbols = np.concatenate([tune.series(by_interval=by_interval) for tune in tunes])
    expected = chain.smoothed(joined(tunes, chain.recipe.features), len(symbols))
    return np.asarray(expected[np.arange(len(symbols)), symbols])


def _first(tune: Progression) -> NDArray[np.bool_]:
    """Return which changes have the first root, which is no interval."""
    return np.asarray((tune.last == alphabet.NOWHERE) & (tune.symbols != alphabet.NO_ROOT))


def best_order(corpus: Corpus, rows: Sequence[Row], usual: int) -> int:
    """Return the order of the n-gram, 1 or more, that is best on ``valid``.

    Tunes whose changes are in another part do not count; with too few others it is `usual`.
    """
    apart = corpus.apart(_VALID)
    if sum(apart) < LEAST_HELD_OUT:
        return usual
    return min(ORDERS[1:], key=lambda order: rows[order].perplexity(_VALID, apart))


def with_memory(corpus: Corpus, plain: Sequence[Row], by_interval: bool) -> Row:
    """Return an n-gram interpolated with a memory of the tune.

    The memory is what followed the last 4, 3 or 2 changes in this tune, the longest found; where
    it was met n times, its weight is λ · n / (n + ½).  The order and λ are chosen on ``valid``.
    """
    recalled = {
        part: [remembered(tune, by_interval) for tune in corpus.progressions(part)]
        for part in (_VALID, _TEST)
    }

    def mixed(order: int, strength: float) -> Row:
        bits = {}
        for part, pairs in recalled.items():
            tunes = zip(plain[order].bits[part], pairs, strict=True)
            bits[part] = tuple(
                -np.log2(2**-own + strength * met / (met + _HALF) * (share - 2**-own))
                for own, (share, met) in tunes
            )
        return Row(f"{plain[order].name}, and memory of the tune", bits)

    choices = [(order, step / _STEPS) for order in ORDERS for step in range(_STEPS)]
    best = min(choices, key=lambda each: mixed(*each).perplexity(_VALID))
    return mixed(*best)


def remembered(tune: Progression, by_interval: bool) -> tuple[Array, Array]:
    """Return the share of each change by a plain memory, and the number of matches."""
    past = tune.series(by_interval=by_interval).tolist()
    shares, met = [], []
    for at, symbol in enumerate(past):
        _, counts = memory.recalled(past[:at], longest=4, least=2)
        met.append(counts.total())
        shares.append(counts[symbol] / max(1, counts.total()))
    return np.array(shares), np.array(met, np.float64)


@dataclass(slots=True)
class _Node:
    count: int = 0
    after: dict[int, _Node] = field(default_factory=dict)


def tree(corpus: Corpus, by_interval: bool) -> Row:
    """Return the prediction by a Lempel–Ziv tree.

    The tunes of ``train`` are cut into phrases (Jacob Ziv and Abraham Lempel, 1978).  A node of the
    tree is a context of at most eight changes, and escapes to shorter ones are those of PPM-C with
    exclusion (Alistair Moffat, 1990).
    """
    root: dict[int, _Node] = {}
    for tune in corpus.progressions(PARTS[0]):
        inside = root
        for symbol in tune.series(by_interval=by_interval).tolist():
            node = inside.setdefault(symbol, _Node())
            node.count += 1
            inside = node.after if node.count > 1 else root
    size = len(alphabet.words(by_interval=by_interval))

    def probable(tunes: Sequence[Progression]) -> Array:
        pasts = [each.series(by_interval=by_interval).tolist() for each in tunes]
        return np.array(
            [
                _by_ppm(root, past[max(0, at - _CONTEXT) : at], past[at], size)
                for past in pasts
                for at in range(len(past))
            ]
        )

    return _row(corpus, "Lempel-Ziv tree", probable)


def _by_ppm(root: dict[int, _Node], past: Sequence[int], symbol: int, size: int) -> float:
    escaped, excluded = 1.0, set[int]()
    for begin in range(len(past) + 1):
        inside = root
        for one in past[begin:]:
            inside = inside[one].after if one in inside else {}
        counts = {one: node.count for one, node in inside.items() if one not in excluded}
        whole = sum(counts.values()) + len(counts)
        if symbol in counts:
            return escaped * counts[symbol] / whole
        if counts:
            escaped *= len(counts) / whole
            excluded |= counts.keys()
    return escaped / (size - len(excluded))


def of_model(corpus: Corpus, model: HarmonyModel, *, remembers: bool, by_interval: bool) -> Row:
    """Return the prediction by a model of harmony.

    In the interval alphabet the first root may be any, so that its probabilities are summed.
    """

    def probable(tunes: Sequence[Progression]) -> Array:
        found = []
        for tune in tunes:
            expected = model.expect(tune, remembers=remembers)
            likely = expected[np.arange(len(tune)), tune.symbols]
            for at in np.flatnonzero(_first(tune)) if by_interval else ():
                quality = tune.symbols[at] % alphabet.CLASSES
                likely[at] = expected[at, quality : alphabet.NO_ROOT : alphabet.CLASSES].sum()
            found.append(likely)
        return np.concatenate(found)

    return _row(corpus, f"this model{'' if remembers else ' without memory'}", probable)


def _row(corpus: Corpus, name: str, probable: _Probable) -> Row:
    found = {}
    for part in (_VALID, _TEST):
        tunes = corpus.progressions(part)
        cuts = np.cumsum([len(tune) for tune in tunes])[:-1]
        found[part] = tuple(np.split(-np.log2(probable(tunes)), cuts))
    return Row(name, found)


def compare(
    model: Row, baseline: Row, among: Sequence[bool], rng: Generator
) -> tuple[float, float, float]:
    """Return the bits a change of a model less a baseline's on ``test``, and their interval.

    The interval is the middle 95 in 100 draws of as many tunes as there are, with replacement.
    """
    pairs = [
        ((mine - other).sum(), len(mine))
        for mine, other, yes in zip(model.bits[_TEST], baseline.bits[_TEST], among, strict=True)
        if yes
    ]
    difference, changes = (np.array(column) for column in zip(*pairs, strict=True))
    found = bootstrap.paired(difference[:, None], changes, rng)
    return float(found.mean[0]), float(found.low[0]), float(found.high[0])
