"""The bits of many rewritings of the same changes.

They are those of :meth:`~sideman.models.harmony.model.HarmonyModel.surprise`, bit for bit.  The
chains are evaluated only for changes whose context is new, for all rewritings together; the
memories of the tune are computed anew for each rewriting, because they reach to its end.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sideman.models.events import IntArray
from sideman.models.harmony import alphabet
from sideman.models.harmony.model import Array, HarmonyModel, Progression
from sideman.models.harmony.places import Places, places
from sideman.score import Changes
from sideman.theory.chord import Chord
from sideman.theory.pitch import Key


@dataclass(frozen=True, slots=True)
class Rewriting:
    """New chords from `onset` to `end`, each with the tick at which it begins."""

    onset: int
    end: int
    chords: Sequence[tuple[int, Chord]]


@dataclass(frozen=True)
class Pricing:
    """Changes in a key, whose rewritings a model prices."""

    changes: Changes
    key: Key
    model: HarmonyModel

    def rewritten(self, rewritings: Sequence[Rewriting]) -> Iterator[Array]:
        """Yield the bits of each change after each rewriting."""
        tunes = list(self._tunes(rewritings))
        tables = [_table(tune) for tune in tunes]
        known = [_known(self._table, table) for table in tables]
        asked = [table[at < 0] for table, at in zip(tables, known, strict=True)]
        found = self._by_chain(np.concatenate(asked))
        ends = np.cumsum([len(each) for each in asked])
        for tune, at, new in zip(tunes, known, np.split(found, ends[:-1]), strict=True):
            by_chain = self._chains[at]
            by_chain[at < 0] = new
            yield -np.log2(self.model.own(by_chain, tune))

    def _tunes(self, rewritings: Sequence[Rewriting]) -> Iterator[Progression]:
        tonic = self.key.tonic.pitch_class
        spans = self.changes.spans
        before = np.array([span.onset for span in spans])
        symbols = np.array([alphabet.key_symbol(span.chord, tonic) for span in spans])
        new = {tick for each in rewritings for tick, _ in each.chords}
        ticks = sorted({*before.tolist(), *new})
        every = places(self.changes, ticks, minor=self.key.minor)
        for each in rewritings:
            first, after = np.searchsorted(before, [each.onset, each.end])
            onsets = np.r_[before[:first], [tick for tick, _ in each.chords], before[after:]]
            chords = [alphabet.key_symbol(chord, tonic) for _, chord in each.chords]
            heard = np.r_[symbols[:first], chords, symbols[after:]]
            begins = np.diff(heard, prepend=-1) != 0
            yield _progression(heard[begins], onsets[begins], every)

    @cached_property
    def _tune(self) -> Progression:
        return Progression.of(self.changes, self.key.tonic.pitch_class, minor=self.key.minor)

    @cached_property
    def _table(self) -> IntArray:
        return _table(self._tune)

    @cached_property
    def _chains(self) -> Array:
        return self._by_chain(self._table)

    def _by_chain(self, table: IntArray) -> Array:
        """Return the probability of each change by each chain, (changes, chains)."""
        symbol, last, *values = table.T
        features = dict(zip(self._tune.features, values, strict=True))
        rows = np.arange(len(table))
        own = [chain.expect(features, last)[rows, symbol] for chain in self.model.chains]
        return np.stack(own, axis=1)


def _progression(symbols: IntArray, onsets: IntArray, every: Places) -> Progression:
    at = np.searchsorted(every.onsets, onsets)
    features = {name: values[at] for name, values in every.features.items()}
    last = alphabet.roots_before(symbols)
    mine = Places(tuple(onsets.tolist()), features, every.sections, every.bar_ticks)
    return Progression((), symbols, alphabet.interval_symbols(symbols, last), last, mine)


def _table(tune: Progression) -> IntArray:
    """Return the symbol, last root and features of each change, (changes, values)."""
    return np.stack([tune.symbols, tune.last, *tune.features.values()], axis=1)


def _known(before: IntArray, after: IntArray) -> IntArray:
    """Return the row of `before` to which each row of `after` is equal; -1 where none is found.

    It is sought at the same distance from the first or the last row.
    """
    found = np.full(len(after), -1)
    size = min(len(before), len(after))
    for start, other in ((0, 0), (len(after) - size, len(before) - size)):
        same = (after[start : start + size] == before[other : other + size]).all(axis=1)
        found[start : start + size][same] = other + np.flatnonzero(same)
    return found
