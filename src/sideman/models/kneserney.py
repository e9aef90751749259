"""Interpolated Kneser–Ney smoothing over chains of features, counted and evaluated with arrays.

A *chain* is a list of features in order of importance; its level k looks at the first k of them.
Each level is smoothed by the one below with three discounts, and all but the last count distinct
continuations (Stanley Chen and Joshua Goodman, "An Empirical Study of Smoothing Techniques for
Language Modeling", 1998, section 3).  Contexts are kept as hashes alone; n-grams that occur once
are left out from the third level up where no solo should be read back from the counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sideman.models.events import IntArray

Array = NDArray[np.float64]
Keys = NDArray[np.uint64]
Features = Mapping[str, IntArray]

_PLAIN_LEVELS = 2  # the highest level that keeps n-grams which occur once


def mixed(key: Keys, value: IntArray) -> Keys:
    """Return the hash of a value (the finishing steps of SplitMix64; Guy Steele et al., 2014)."""
    key = (
        key ^ (value.astype(np.int64).view(np.uint64) * np.uint64(0xBF58476D1CE4E5B9))
    ) + np.uint64(0x94D049BB133111EB)
    key = (key ^ (key >> np.uint64(30))) * np.uint64(0x9E3779B97F4A7C15)
    finished: Keys = key ^ (key >> np.uint64(31))
    return finished


def context_keys(known: Features, names: Sequence[str], rows: int) -> list[Keys]:
    """Return the hashes of each level's contexts: of no feature, the first, the first two, …."""
    keys = [np.full(rows, 0x5851F42D4C957F2D, dtype=np.uint64)]
    for name in names:
        keys.append(mixed(keys[-1], known[name]))
    return keys


def _short(keys: Keys) -> NDArray[np.uint32]:
    """Return the half of a key that is kept in the file."""
    return (keys >> np.uint64(32)).astype(np.uint32)


@dataclass(frozen=True, slots=True, eq=False)
class Level:
    """Counts of the symbols that followed each context of one level.

    Parameters
    ----------
    context : array of uint32, shape (contexts,)
        Hashes of the contexts, rising.
    entries, dropped : array of int, shape (contexts,)
        The number of symbols that are kept of each, and of counted notes whose symbol is not.
    symbol, count : array of int, shape (entries,)
        The symbols, context by context, and how often each followed; at least 1.
    discounts : tuple of float
        What is subtracted from a count of one, of two, of three or more.
    """

    context: NDArray[np.uint32]
    entries: IntArray
    dropped: IntArray
    symbol: IntArray
    count: IntArray
    discounts: tuple[float, float, float]

    def smooth(self, keys: Keys, expected: Array) -> None:
        """Interpolate the lower level's expectation, (notes, symbols), with these, in place."""
        if not len(self.context):
            return
        wanted = _short(keys)
        at = np.minimum(np.searchsorted(self.context, wanted), len(self.context) - 1)
        rows = np.flatnonzero(self.context[at] == wanted)
        # Many rows have the same context, above all on the lower levels.
        at, same = np.unique(at[rows], return_inverse=True)
        lengths = self.entries[at]
        starts = np.cumsum(self.entries) - self.entries
        steps = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        entry = np.repeat(starts[at], lengths) + steps
        row = np.repeat(np.arange(len(at)), lengths)
        count = self.count[entry]
        total = np.bincount(row, count, len(at)) + self.dropped[at]
        taken = np.array(self.discounts)[np.minimum(count, 3) - 1]
        share = (count - taken) / total[row]
        left = 1 - np.bincount(row, share, len(at))
        shares = np.zeros((len(at), expected.shape[1]))
        shares[row, self.symbol[entry]] = share
        expected[rows] = expected[rows] * left[same, None] + shares[same]


def _count(contexts: Keys, symbols: IntArray, least: int) -> Level:
    """Count which symbols follow which contexts, dropping pairs rarer than `least`."""
    order = np.lexsort((symbols, _short(contexts)))
    context, symbol = _short(contexts)[order], symbols[order]
    new = np.flatnonzero(np.r_[True, (np.diff(context) != 0) | (np.diff(symbol) != 0)])
    count = np.diff(np.append(new, len(context)))
    context, symbol = context[new], symbol[new]
    spectrum = [max(1, int((count == times).sum())) for times in (1, 2, 3, 4)]
    spread = spectrum[0] / (spectrum[0] + 2 * spectrum[1])
    discounts = tuple(
        float(np.clip(n - (n + 1) * spread * spectrum[n] / spectrum[n - 1], 0.05, n - 0.05))
        for n in (1, 2, 3)
    )
    first = np.flatnonzero(np.r_[True, np.diff(context) != 0])
    kept = count >= least
    sizes = np.add.reduceat(kept.astype(np.int64), first)
    dropped = np.add.reduceat(np.where(kept, 0, count), first)
    some = sizes > 0
    return Level(
        context[first][some],
        sizes[some],
        dropped[some],
        symbol[kept],
        count[kept],
        (discounts[0], discounts[1], discounts[2]),
    )


def count_chain(
    known: Features, names: Sequence[str], symbols: IntArray, *, whole: bool = False
) -> tuple[Level, ...]:
    """Count every level of a chain; all but the last count distinct continuations.

    `whole` keeps the n-grams that occur once on all levels.
    """
    keys = context_keys(known, names, len(symbols))
    levels = []
    for level, key in enumerate(keys):
        contexts, following = key, symbols
        if level < len(names):
            longer = mixed(keys[level + 1], symbols)
            _, distinct = np.unique(longer, return_index=True)
            contexts, following = key[distinct], symbols[distinct]
        least = 1 if whole or level <= _PLAIN_LEVELS else 2
        levels.append(_count(contexts, following, least))
    return tuple(levels)


def expect(chain: Sequence[Level], keys: Sequence[Keys], symbols: int) -> Array:
    """Return a chain's probabilities, (notes, symbols): each level smoothed by the one below."""
    expected = np.full((len(keys[0]), symbols), 1 / symbols)
    for level, key in zip(chain, keys, strict=True):
        level.smooth(key, expected)
    return expected


# In a model file: the levels of several chains one after another ------------------------------

TABLES = ("context", "entries", "dropped", "symbol", "count", "large_counts")
_LARGE = 255
Sizes = list[list[list[float]]]


def packed(chains: Sequence[Sequence[Level]]) -> tuple[dict[str, NDArray[Any]], Sizes]:
    """Return the arrays of chains, one for each of :data:`TABLES`, and the sizes of each level."""
    levels = [level for chain in chains for level in chain]
    count = np.concatenate([level.count for level in levels])
    tables = {
        "context": np.concatenate([level.context for level in levels]),
        "entries": _narrow(np.concatenate([level.entries for level in levels])),
        "dropped": _narrow(np.concatenate([level.dropped for level in levels])),
        "symbol": _narrow(np.concatenate([level.symbol for level in levels])),
        # Most counts are small: one byte each, and the larger ones in order beside them.
        "count": np.minimum(count, _LARGE).astype(np.uint8),
        "large_counts": count[count >= _LARGE].astype(np.uint32),
    }
    sizes = [
        [[len(level.context), len(level.symbol), *level.discounts] for level in chain]
        for chain in chains
    ]
    return tables, sizes


def _narrow(values: NDArray[Any]) -> NDArray[Any]:
    """Return whole numbers as uint8 where they fit, else as uint16."""
    return values.astype(np.uint8 if values.max(initial=0) < 256 else np.uint16)


def unpacked(
    tables: Mapping[str, NDArray[Any]], sizes: Sizes, symbols: Sequence[int]
) -> list[tuple[Level, ...]]:
    """Return the chains of :func:`packed`; `symbols` is the number of symbols of each.

    Raise KeyError, TypeError or ValueError if the tables do not belong together.
    """
    found = {name: np.asarray(tables[name]) for name in TABLES}
    for array in found.values():
        require(array.ndim == 1 and array.dtype.kind == "u")
    arrays = {name: array.astype(np.int64) for name, array in found.items()}
    large = arrays["count"] == _LARGE
    require(int(large.sum()) == len(arrays["large_counts"]))
    arrays["count"][large] = arrays["large_counts"]
    contexts = entries = 0
    chains = []
    for chain, most in zip(sizes, symbols, strict=True):
        levels = []
        for many, more, *discounts in chain:
            of_context = slice(contexts, contexts + int(many))
            of_entry = slice(entries, entries + int(more))
            contexts, entries = of_context.stop, of_entry.stop
            level = Level(
                arrays["context"][of_context].astype(np.uint32),
                arrays["entries"][of_context],
                arrays["dropped"][of_context],
                arrays["symbol"][of_entry],
                arrays["count"][of_entry],
                _three(discounts),
            )
            _check(level, most)
            levels.append(level)
        chains.append(tuple(levels))
    require(contexts == len(arrays["context"]) and entries == len(arrays["symbol"]))
    return chains


def _three(discounts: Sequence[float]) -> tuple[float, float, float]:
    one, two, more = (float(discount) for discount in discounts)
    require(0 < one < 1 and 0 < two < 2 and 0 < more < 3)
    return one, two, more


def _check(level: Level, symbols: int) -> None:
    require(int(level.entries.sum()) == len(level.symbol) == len(level.count))
    require(bool((np.diff(level.context.astype(np.int64)) > 0).all()))
    if len(level.context):
        require(int(level.entries.min()) > 0 and int(level.count.min()) > 0)
        require(int(level.count.max()) < 2**31 and int(level.symbol.max()) < symbols)


def require(holds: bool) -> None:
    """Raise ValueError unless something holds that must hold in a model file."""
    if not holds:
        raise ValueError("the tables do not belong together")
