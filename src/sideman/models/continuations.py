"""Counts of the values that followed each context in a corpus, used without training.

A :class:`Table` counts, for one factor, which value followed the same features in a corpus.  Each
of the factor's contexts k (:data:`CONTEXTS`) then adds to the logit of a value with probability p,
for a count c,

    w · g · log(1 + c / (a p))

as the motifs' counters do (:mod:`sideman.models.soloist`), but with a gate g of the factor and a
prior a that were chosen on held-out solos (``benchmarks/vocabulary.py``), and a weight w.  Pitches
are counted as intervals, in any key.

A context is kept as a hash of 32 bits, a linear one: the keys of all contexts are one product.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sideman.models.events import IntArray

Array = NDArray[np.float32]
Keys = NDArray[np.int64]
CONTEXTS: dict[str, tuple[tuple[str, ...], ...]] = {
    "ioi": (
        ("beat1", "ioi1"),
        ("beat1", "duration1", "ioi1"),
        ("beat1", "duration1", "ioi1", "ioi2"),
        ("beat1", "duration1", "ioi1", "ioi2", "ioi3"),
        ("beat1", "ioi1", "interval1", "interval2"),
    ),
    "pitch": (
        ("interval1", "interval2"),
        ("interval1", "degree1", "quality"),
        ("interval1", "interval2", "interval3"),
        ("interval1", "interval2", "degree1", "quality"),
        ("interval1", "interval2", "interval3", "interval4"),
        ("interval1", "interval2", "interval3", "interval4", "interval5"),
        ("interval1", "interval2", "ioi", "ioi1"),
    ),
    "duration": (
        ("ioi", "duration1", "beat"),
        ("ioi", "duration1", "beat", "ioi1"),
        ("ioi", "duration1", "beat", "ioi1", "duration2"),
        ("interval1", "interval", "ioi"),
    ),
}
"""The features of each context; those of :func:`sideman.models.ngram.features`."""
FEATURES = {
    factor: tuple(sorted({name for names in contexts for name in names}))
    for factor, contexts in CONTEXTS.items()
}
"""The features that the contexts of a factor name, in the order in which they are given."""
MOVES = 128
"""The symbol of a repeated pitch; an interval of i semitones is ``MOVES + i``."""
MOST_WEIGHT = 10.0
_ARRAYS = ("context", "entries", "symbol", "count")
NAMES = tuple(f"{factor}.{name}" for factor in CONTEXTS for name in _ARRAYS)
"""The arrays in a model file."""
_GATE = {"ioi": 0.04, "pitch": 0.1, "duration": 0.04}
_PRIOR = np.float32(3)
_MOST = (1 << 16) - 1  # of one symbol after one context
_LEAST_LOG = np.log(np.float32(1e-6))


def _hash(factor: str) -> tuple[Keys, Keys]:
    """Return the multipliers of each feature in each context, (features, K), and offsets, (K,)."""
    contexts, names = CONTEXTS[factor], FEATURES[factor]
    rng = np.random.default_rng(20)
    odd = rng.integers(1 << 62, size=(len(names), len(contexts))) * 2 + 1
    used = np.array([[name in context for context in contexts] for name in names])
    return odd * used, rng.integers(1 << 62, size=len(contexts))


_HASHES = {factor: _hash(factor) for factor in CONTEXTS}


def keys_of(factor: str, features: IntArray) -> Keys:
    """Return the keys of the contexts, (..., K), from the features in order, (..., F)."""
    odd, offset = _HASHES[factor]
    mixed = features @ odd + offset
    return (mixed ^ (mixed >> 29)) >> 16 & 0xFFFF_FFFF


def features_of(factor: str, known: Mapping[str, IntArray]) -> IntArray:
    """Return the features of every note of a solo, (notes, F)."""
    return np.stack([known[name] for name in FEATURES[factor]], axis=1)


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """The counts of one factor.

    Parameters
    ----------
    factor : str
        One of :data:`CONTEXTS`.
    context : array of int, shape (contexts,)
        Keys of all contexts together, rising.
    starts : array of int, shape (contexts + 1,)
        Where the entries of each begin.
    symbol, count : array of int, shape (entries,)
        What followed, and how often.
    weight : float
        The factor of the gates.
    """

    factor: str
    context: IntArray
    starts: IntArray
    symbol: IntArray
    count: IntArray
    weight: float = 1.0

    def add_to(self, logits: Array, keys: Keys, base: IntArray, values: int) -> None:
        """Add what the counts say to log-probabilities, (B, V), in place.

        `keys`, (B, K), are those of the contexts; `base`, (B,), is subtracted from each symbol to
        give its value, of which the first `values` are counted.
        """
        if not len(self.context):
            return
        wanted = keys.ravel()
        found = self.context.searchsorted(wanted)
        hits = (self.context.take(found, mode="clip") == wanted).nonzero()[0]
        if not len(hits):
            return
        found = found[hits]
        first = self.starts[found]
        many = self.starts[found + 1] - first
        ends = np.add.accumulate(many)
        entry = (first - ends + many).repeat(many) + np.arange(ends[-1])
        row = (hits // keys.shape[-1]).repeat(many)
        value = self.symbol[entry] - base[row]
        # As unsigned numbers, those below 0 are large.
        good = value.view(np.uint64) < values
        row, value, count = row[good], value[good], self.count[entry[good]]
        likely = np.exp(np.maximum(logits[row, value], _LEAST_LOG))
        gate = np.float32(self.weight * _GATE[self.factor])
        added = gate * np.log1p(count / (_PRIOR * likely))
        logits += np.bincount(row * logits.shape[1] + value, added, logits.size).reshape(
            logits.shape
        )

    def joined(self, other: Table) -> Table:
        """Return the counts of both, with this weight."""
        both = [
            np.concatenate([np.repeat(one.context, np.diff(one.starts)) for one in (self, other)]),
            np.concatenate([self.symbol, other.symbol]),
            np.concatenate([self.count, other.count]),
        ]
        return replace(_grouped(self.factor, *both), weight=self.weight)


Continuations = Mapping[str, Table]
"""The tables of the three factors."""


def counted(factor: str, features: Sequence[IntArray], symbols: Sequence[IntArray]) -> Table:
    """Return the counts of some solos: of each the features, (notes, F), and symbols, (notes,).

    The first note of a solo, and symbols below 0, do not count.
    """
    keys = keys_of(factor, np.concatenate([each[1:] for each in features]))
    symbol = np.concatenate([each[1:] for each in symbols])
    keys, symbol = keys[symbol >= 0], symbol[symbol >= 0]
    every = np.repeat(symbol, keys.shape[1])
    return _grouped(factor, keys.ravel(), every, np.ones(len(every), np.int64))


def _grouped(factor: str, context: IntArray, symbol: IntArray, count: IntArray) -> Table:
    """Return the table of counts, those of the same context and symbol added up."""
    order = np.lexsort((symbol, context))
    context, symbol, count = context[order], symbol[order], count[order]
    new = np.ones(len(order), bool)
    new[1:] = (np.diff(context) != 0) | (np.diff(symbol) != 0)
    at = np.flatnonzero(new)
    count = np.add.reduceat(count, at) if len(at) else count
    context, symbol = context[at], symbol[at]
    begin = np.flatnonzero(np.diff(context, prepend=-1))
    starts = np.append(begin, len(context))
    return Table(factor, context[begin], starts, symbol, np.minimum(count, _MOST))


def to_tensors(tables: Continuations) -> dict[str, NDArray[Any]]:
    """Return the arrays of a model file."""
    found: dict[str, NDArray[Any]] = {}
    for factor, table in tables.items():
        arrays = (table.context, np.diff(table.starts), table.symbol, table.count)
        kinds = (np.uint32, np.uint16, np.uint16, np.uint16)
        for name, array, kind in zip(_ARRAYS, arrays, kinds, strict=True):
            found[f"{factor}.{name}"] = array.astype(kind)
    return found


def from_tensors(tensors: Mapping[str, NDArray[Any]], weight: float) -> Continuations:
    """Return the tables in a model file; KeyError or ValueError if they do not fit together."""
    found = {}
    if not 0 <= weight <= MOST_WEIGHT:
        raise ValueError("no weight")
    for factor in CONTEXTS:
        given = [tensors[f"{factor}.{name}"] for name in _ARRAYS]
        if any(one.ndim != 1 or one.dtype.kind != "u" for one in given):
            raise ValueError("no table")
        context, entries, symbol, count = (one.astype(np.int64) for one in given)
        sound = len(context) == len(entries) and len(symbol) == len(count) == entries.sum()
        sound = sound and bool((np.diff(context) > 0).all())
        if not sound or entries.min(initial=1) < 1 or count.min(initial=1) < 1:
            raise ValueError("the counts do not belong together")
        starts = np.append(0, np.cumsum(entries))
        found[factor] = Table(factor, context, starts, symbol, count, weight)
    return found
