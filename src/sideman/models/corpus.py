"""Counts of the values that followed each context in a corpus of solos.

A context is the first few features of a chain in order of importance, as in
:mod:`sideman.models.ngram`; of each, a table holds the values that followed it in the corpus.  The
soloist's networks take these counts beside those of the solo's own motifs
(:mod:`sideman.models.motifs`).

A training solo is counted as if its tune were not in the corpus: :meth:`CorpusCounts.counts`
subtracts the counts of the tune's own solos.  So the networks learn what the counts are worth for a
new tune, and no folds are necessary.

Contexts are kept as hashes alone.  N-grams that occur once are left out from three features up, so
that no solo can be read back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sideman.models.events import IntArray
from sideman.models.kneserney import require

Array = NDArray[np.float32]
ZERO = 128
"""The symbol of an interval of no semitone; one of i has i more."""
_BITS = 16
"""The bits of a symbol beside the hash of its context."""
_MOST = 65535
"""The largest count in a model file."""
USUAL_WEIGHT, MOST_WEIGHT = 30.0, 1000.0
"""Weight of the notes that are added to a corpus: the default, and the largest."""
TABLES = ("context", "entries", "symbol", "count")
_PLAIN = 2
"""The most features of a context of which n-grams that occur once are kept."""


@dataclass(frozen=True, slots=True)
class Contexts:
    """One chain of features, and how many of them each counter looks at, rising."""

    features: tuple[str, ...]
    levels: tuple[int, ...]


CONTEXTS: dict[str, tuple[Contexts, ...]] = {
    "ioi": (
        Contexts(
            ("beat1", "duration1", "ioi1", "ioi2", "ioi3", "ioi4", "ioi5"), (2, 3, 4, 5, 6, 7)
        ),
        Contexts(("position1", "duration1", "ioi1", "ioi2", "ioi3"), (2, 3, 4, 5)),
        Contexts(("ioi1", "ioi2", "ioi3", "ioi4", "ioi5", "ioi6"), (3, 4, 5, 6)),
        Contexts(("duration1", "beat1", "tempo", "ioi1", "ioi2"), (3, 4, 5)),
        Contexts(("duration1", "beat1", "tempo", "position1", "ioi1"), (4, 5)),
        Contexts(("beat1", "ioi1", "duration1", "interval1", "ioi2"), (4, 5)),
        Contexts(("beat1", "ioi1", "interval1", "interval2"), (4,)),
    ),
    "pitch": (
        Contexts(
            ("interval1", "interval2", "interval3", "interval4", "interval5", "interval6"),
            (2, 3, 4, 5, 6),
        ),
        Contexts(("interval1", "ioi1", "ioi", "interval2", "ioi2", "interval3"), (3, 4, 5, 6)),
        Contexts(
            ("degree1", "quality", "interval1", "interval2", "beat", "interval3"), (3, 4, 5, 6)
        ),
        Contexts(("ioi", "degree1", "quality", "interval1", "interval2"), (4, 5)),
        Contexts(("register1", "interval1", "ioi_class", "interval2"), (2, 4)),
        Contexts(("beat", "ioi_class", "degree1", "quality", "interval1"), (4, 5)),
        Contexts(
            ("interval1", "duration1", "ioi_class", "degree1", "quality", "next_chord"), (5, 6)
        ),
    ),
    "duration": (
        Contexts(("ioi", "duration1", "beat", "ioi1", "duration2", "ioi2"), (2, 3, 4, 5, 6)),
        Contexts(("ioi", "tempo", "beat", "duration1", "interval"), (2, 3, 4, 5)),
        Contexts(("beat", "ioi", "duration1", "ioi1", "duration2", "ioi2"), (4, 6)),
        Contexts(("duration1", "duration2", "ioi", "beat", "duration3"), (3, 4, 5)),
        Contexts(("ioi", "tempo", "duration1", "duration2", "duration3"), (3, 4, 5)),
        Contexts(("interval", "ioi", "duration1", "interval1", "beat"), (3, 4, 5)),
        Contexts(("position", "ioi", "duration1", "ioi1"), (3, 4)),
        Contexts(("pitch", "ioi", "duration1"), (2, 3)),
    ),
}


def size(factor: str) -> int:
    """Return the number of counters of a factor, K."""
    return sum(len(one.levels) for one in CONTEXTS[factor])


FEATURES = {
    factor: tuple(dict.fromkeys(name for one in chosen for name in one.features))
    for factor, chosen in CONTEXTS.items()
}
"""The features of a note that the contexts of a factor need, in order."""


def _hashing(factor: str) -> tuple[IntArray, IntArray]:
    """Return a linear hash: one row of factors, (K, features), and one offset for each counter."""
    names = FEATURES[factor]
    rng = np.random.default_rng(1)
    odd = rng.integers(1 << 62, size=len(names)) * 2 + 1
    offsets = rng.integers(1 << 62, size=size(factor))
    rows = np.zeros((size(factor), len(names)), np.int64)
    row = 0
    for one in CONTEXTS[factor]:
        for level in one.levels:
            taken = [names.index(name) for name in one.features[:level]]
            rows[row, taken] = odd[taken]
            row += 1
    return rows, offsets


_HASHES = {factor: _hashing(factor) for factor in CONTEXTS}
_LEVELS = {
    factor: np.array([level for one in chosen for level in one.levels])
    for factor, chosen in CONTEXTS.items()
}
_SHUFFLE = np.uint64(0x9E3779B97F4A7C15)


def _keys(factor: str, values: IntArray) -> NDArray[np.uint32]:
    """Return the hashes of contexts, (notes, K), of features, (notes, features)."""
    rows, offsets = _HASHES[factor]
    linear: NDArray[np.uint64] = (values @ rows.T + offsets).view(np.uint64)
    linear = (linear ^ (linear >> np.uint64(29))) * _SHUFFLE
    return (linear >> np.uint64(32)).astype(np.uint32)


@dataclass(frozen=True, slots=True, eq=False)
class CorpusCounts:
    """The counts of one factor.

    Parameters
    ----------
    factor : str
        Which.
    context : array of uint32, shape (contexts,)
        Hashes of the contexts of all counters, rising.
    first : array of int, shape (contexts + 1,)
        Where the entries of each begin.
    symbol, count : array of int, shape (entries,)
        The values that followed, and how often.
    """

    factor: str
    context: NDArray[np.uint32]
    first: IntArray
    symbol: IntArray
    count: NDArray[np.float32]

    def counts(
        self,
        values: IntArray,
        symbols: int,
        base: IntArray,
        less: CorpusCounts | None = None,
    ) -> Array:
        """Return what followed the contexts of some notes, as counts of shape (notes, V, K).

        `values`, (notes, features), are by :data:`FEATURES`, `symbols` is V; `base`, (notes,), is
        the column of the last pitch, used for pitch alone, and `less` the counts of solos that are
        left out.
        """
        keys = _keys(self.factor, values)
        counted = self._spread(keys, symbols, base)
        if less is not None:
            counted -= less._spread(keys, symbols, base)
            counted[(counted < 2) & (_LEVELS[self.factor] > _PLAIN)] = 0
        return counted

    def _spread(self, keys: NDArray[np.uint32], symbols: int, base: IntArray) -> Array:
        """Return the counts of some contexts, shape (notes, V, K), of hashes (notes, K)."""
        notes, kinds = keys.shape
        flat = keys.ravel()
        at = self.context.searchsorted(flat)
        known = (self.context.take(at, mode="clip") == flat).nonzero()[0]
        begin = self.first[at[known]]
        lengths = self.first[at[known] + 1] - begin
        ends = lengths.cumsum()
        entry = np.arange(ends[-1] if len(ends) else 0) + (begin - ends + lengths).repeat(lengths)
        value = self.symbol[entry]
        row = known.repeat(lengths)
        note = row // kinds
        if self.factor == "pitch":
            value = value + base[note] - ZERO
        # As unsigned numbers, those below 0 are large.
        good = value.view(np.uint64) < symbols
        cell = (row + note * (symbols - 1) * kinds + value * kinds)[good]
        counted = np.zeros((notes, symbols, kinds), np.float32)
        counted.reshape(-1)[cell] = self.count[entry[good]]
        return counted

    def joined(self, other: CorpusCounts, weight: float = 1.0) -> CorpusCounts:
        """Return these counts with others added, each times `weight`."""
        both = (self, other)
        context = np.concatenate([one.context.repeat(np.diff(one.first)) for one in both])
        symbol = np.concatenate([one.symbol for one in both])
        times = np.concatenate([self.count, np.float32(weight) * other.count])
        pairs, place = np.unique(
            context.astype(np.uint64) << np.uint64(_BITS) | symbol.astype(np.uint64),
            return_inverse=True,
        )
        return _grouped(self.factor, pairs, np.bincount(place, times, len(pairs)))

    def packed(self) -> dict[str, NDArray[Any]]:
        """Return the arrays of a model file, by :data:`TABLES`."""
        times = np.minimum(self.count, _MOST).astype(np.uint16)
        return {
            "context": self.context,
            "entries": _narrow(np.diff(self.first)),
            "symbol": _narrow(self.symbol),
            "count": times if (times == self.count).all() else self.count,
        }


def _narrow(values: IntArray) -> NDArray[Any]:
    return values.astype(np.min_scalar_type(int(values.max(initial=0))))


def unpacked(factor: str, tables: Mapping[str, NDArray[Any]]) -> CorpusCounts:
    """Return the counts of :meth:`CorpusCounts.packed`.

    Raise KeyError or ValueError if the tables do not belong together.
    """
    context, entries, symbol, times = (np.asarray(tables[name]) for name in TABLES)
    require(all(one.ndim == 1 for one in tables.values()) and times.dtype.kind in "uf")
    require(all(one.dtype.kind == "u" for one in (context, entries, symbol)))
    require(context.dtype == np.uint32 and bool((context[1:] > context[:-1]).all()))
    require(len(context) == len(entries) > 0 and len(symbol) == len(times))
    first = np.concatenate([[0], np.cumsum(entries, dtype=np.int64)])
    require(bool(entries.min() > 0) and first[-1] == len(symbol))
    # Neither negative nor NaN.
    require(bool((times > 0).all()) and bool(np.isfinite(times).all()))
    return CorpusCounts(factor, context, first, symbol.astype(np.int64), times.astype(np.float32))


def values_of(factor: str, known: Mapping[str, IntArray]) -> IntArray:
    """Return the features of a solo's notes as :meth:`CorpusCounts.counts` takes them."""
    return np.stack([known[name] for name in FEATURES[factor]], axis=1).astype(np.int64)


def count(
    factor: str, parts: Sequence[tuple[IntArray, IntArray]], *, whole: bool = False
) -> CorpusCounts:
    """Count the solos of a corpus.

    `parts` are the features, (notes, features), and the symbols, (notes,), of each solo without its
    first note; `whole` is whether n-grams of three features or more that occur once are kept.
    """
    keys = _keys(factor, np.concatenate([values for values, _ in parts])).astype(np.uint64)
    symbols = np.concatenate([symbols for _, symbols in parts]).astype(np.uint64)
    pairs, first, times = np.unique(
        keys << np.uint64(_BITS) | symbols[:, None], return_index=True, return_counts=True
    )
    if not whole:
        kept = (times > 1) | (_LEVELS[factor][first % size(factor)] <= _PLAIN)
        pairs, times = pairs[kept], times[kept]
    return _grouped(factor, pairs, times)


def _grouped(
    factor: str, pairs: NDArray[np.uint64], times: NDArray[np.integer[Any] | np.floating[Any]]
) -> CorpusCounts:
    """Return the counts of rising pairs of a context's hash and a symbol."""
    context = (pairs >> np.uint64(_BITS)).astype(np.uint32)
    new = np.flatnonzero(np.diff(context, prepend=context[:1] + np.uint32(1)))
    return CorpusCounts(
        factor,
        context[new],
        np.append(new, len(context)),
        (pairs & np.uint64((1 << _BITS) - 1)).astype(np.int64),
        times.astype(np.float32),
    )
