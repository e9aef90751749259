"""Tables of the blocks of a grammar, which :mod:`~sideman.models.grammar.scoring` looks up.

Each is computed once, when it is first needed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sideman.models.events import PITCHES, IntArray
from sideman.models.grammar import tones
from sideman.models.grammar.blocks import Array, Blocks, Source, summed

Lines = list[tuple[tuple[int, ...], float]]
"""Pitches in a row, and their probability."""
Spread = tuple[float, ...]
"""The probability that a note is played so many ticks from where it is written, the middle one
being 0; of odd length."""

_NEGLIGIBLE = 1e-14
_LARGEST_TABLE = 2_000_000
_MOST_ROWS = 20_000
_MIDDLE = 60


@dataclass(slots=True)
class Part:
    """The state of the derivation within blocks that begin at one tick.

    `edges` has the share of each edge of the chain that leads into the block, before its notes are
    known; `nodes` are the notes that may have been played last, with their probabilities.
    """

    start: int
    edges: Array
    nodes: IntArray
    odds: Array


@dataclass(frozen=True, slots=True)
class Ways:
    """The next notes in blocks that begin at one tick, and the probability of each block's end."""

    start: int
    edges: Array
    to: IntArray
    odds: Array
    last: Array


class Tables:
    """The blocks of a grammar, its parameters of tones, and what is computed from both."""

    def __init__(self, blocks: Blocks, parameters: tones.Parameters) -> None:
        self.blocks = blocks
        self.parameters = parameters
        self._leads: dict[tuple[str, int, int, int, int, str], Lines] = {}
        self._fresh: dict[tuple[int, Spread, bool], list[Part]] = {}
        self._onward: dict[tuple[int, Spread], list[Ways]] = {}
        self._slopes: dict[str, tuple[IntArray, IntArray, Array]] = {}

    @cached_property
    def edges(self) -> tuple[tuple[int, IntArray], ...]:
        """The lengths of blocks, and the edges to blocks of each."""
        lengths = self.blocks.length[self.blocks.block]
        return tuple((int(one), np.flatnonzero(lengths == one)) for one in np.unique(lengths))

    @cached_property
    def silence(self) -> Array:
        """The probability of each edge times that of no note in its block."""
        return self.blocks.odds * self.blocks.silent[self.blocks.block]

    @cached_property
    def silent(self) -> tuple[tuple[int, IntArray, IntArray, Array], ...]:
        """The :attr:`edges` to blocks that may have no note: length, from, to, probability."""
        return tuple(
            (length, self.blocks.source[quiet], self.blocks.following[quiet], self.silence[quiet])
            for length, mine in self.edges
            if len(quiet := mine[self.silence[mine] > 0])
        )

    @cached_property
    def beginnings(self) -> Array:
        """The :attr:`openings` of the blocks of each chain symbol, shape (symbols, ticks)."""
        blocks = self.blocks
        columns = [
            summed(blocks.source, blocks.odds * column[blocks.block], blocks.symbols)
            for column in self.openings.T
        ]
        return np.ascontiguousarray(np.stack(columns, axis=1))

    @cached_property
    def _drawing(self) -> Array | None:
        """The probability of each block from each chain symbol; None where the table is large."""
        blocks = self.blocks
        shape = blocks.symbols, len(blocks.length)
        if shape[0] * shape[1] > _LARGEST_TABLE:
            return None
        table = np.zeros(shape)
        np.add.at(table, (blocks.source, blocks.block), blocks.odds)
        return table

    def drawn(self, symbols: Array) -> Array:
        """Return the probability of each block for that of each chain symbol."""
        if self._drawing is not None:
            drawn: Array = symbols @ self._drawing
            return drawn
        edges = symbols[self.blocks.source] * self.blocks.odds
        return summed(self.blocks.block, edges, len(self.blocks.length))

    @cached_property
    def openings(self) -> Array:
        """The probability that the first note of a block is at a tick, shape (blocks, ticks)."""
        blocks = self.blocks
        table = np.zeros((len(blocks.length), int(blocks.length.max())))
        np.add.at(table, (blocks.first, blocks.tick[blocks.entry]), blocks.entering)
        return table

    @cached_property
    def entries(self) -> dict[int, IntArray]:
        """The entries whose first note is at a tick."""
        ticks = self.blocks.tick[self.blocks.entry]
        return {int(tick): np.flatnonzero(ticks == tick) for tick in np.unique(ticks)}

    @cached_property
    def grid(self) -> int:
        """Every block begins at a multiple of so many ticks."""
        return int(np.gcd.reduce(self.blocks.length))

    @cached_property
    def begun(self) -> tuple[Array, Array]:
        """The probability of each edge, and of each block, at the start of a solo."""
        blocks = self.blocks
        edges = np.where(blocks.source == blocks.start, blocks.odds, 0.0)
        return edges, summed(blocks.block, edges, len(blocks.length))

    @cached_property
    def visited(self) -> dict[int, tuple[IntArray, Array]]:
        """The nodes at each tick of the grid, and how often the first block contains them."""
        at = self.blocks.tick % self.grid
        found = {}
        for tick in np.unique(at):
            nodes = np.flatnonzero((at == tick) & (self.blocks.visits > 0))
            found[int(tick)] = (nodes, self.blocks.visits[nodes])
        return found

    @cached_property
    def opened(self) -> dict[int, tuple[IntArray, Array]]:
        """The nodes of first notes at each tick of the grid, and how often one is drawn."""
        blocks = self.blocks
        odds = self.begun[1][blocks.first] * blocks.entering
        at = blocks.tick[blocks.entry] % self.grid
        return {
            int(tick): (blocks.entry[at == tick], odds[at == tick])
            for tick in np.unique(at)
            if odds[at == tick].sum() > 0
        }

    @property
    def reach(self) -> tuple[int, int]:
        """The range of the line."""
        return self.parameters.low, self.parameters.high

    @cached_property
    def sloping(self) -> tuple[NDArray[np.bool_], IntArray, IntArray]:
        """Mask of the plain tones of slopes, and the widest window of each, shape (sources,)."""
        sources = self.blocks.sources
        plain = [each.form == "slope" and not each.row for each in sources]
        bounds = [tones.window(each.low, each.high, _MIDDLE) for each in sources]
        # The window of a chord tone is widened where it holds none.
        wider = np.array(
            [tones.WIDENED * (each.kind == tones.CHORD) for each in sources], dtype=np.int64
        )
        widest = np.array(bounds, dtype=np.int64).reshape(-1, 2) - _MIDDLE
        return np.array(plain, dtype=np.bool_), widest[:, 0] - wider, widest[:, 1] + wider

    def fresh(self, tick: int, spread: Spread, opening: bool = False) -> list[Part]:
        """Return the first blocks of a solo that have a note at a tick, together 1; none if none.

        With `opening` it is the first note of its block; `spread` is :attr:`Weights.spread`.
        """
        key = tick % self.grid, spread, opening
        if key not in self._fresh:
            self._fresh[key] = self._fresh_at(*key)
        moved = tick - key[0]
        return [
            Part(part.start + moved, part.edges, part.nodes, part.odds) for part in self._fresh[key]
        ]

    def ways(self, part: Part) -> Ways:
        """Return the next notes in some blocks with their probabilities, and that of their ends."""
        blocks = self.blocks
        begin = blocks.begin[part.nodes]
        many = blocks.begin[part.nodes + 1] - begin
        ways = np.repeat(begin - np.cumsum(many) + many, many) + np.arange(int(many.sum()))
        odds = np.repeat(part.odds, many) * blocks.share[ways]
        ends = part.odds * blocks.last[part.nodes]
        last = summed(blocks.of[part.nodes], ends, len(blocks.length))
        return Ways(part.start, part.edges, blocks.to[ways], odds, last)

    def onward(self, tick: int, spread: Spread) -> list[Ways]:
        """Return the ways from the notes that :meth:`fresh` gives for a tick."""
        key = tick % self.grid, spread
        if key not in self._onward:
            self._onward[key] = [self.ways(part) for part in self.fresh(*key)]
        moved = tick - key[0]
        return [replace(each, start=each.start + moved) for each in self._onward[key]]

    def _fresh_at(self, tick: int, spread: Spread, opening: bool) -> list[Part]:
        table = self.opened if opening else self.visited
        parts = []
        for off, share in enumerate(reversed(spread), start=-(len(spread) // 2)):
            written = tick + off  # the tick of a note that is played at `tick`
            if share <= 0 or written % self.grid not in table:
                continue
            nodes, often = table[written % self.grid]
            starts = written - self.blocks.tick[nodes]
            for start in np.unique(starts):
                same = starts == start
                parts.append(Part(int(start), self.begun[0], nodes[same], often[same] * share))
        total = sum(float(part.odds.sum()) for part in parts)
        for part in parts:
            part.odds = part.odds / total
        return self.merged(parts)

    def merged(self, parts: Iterable[Part]) -> list[Part]:
        """Join the parts that begin at one tick with the same edges."""
        found: dict[tuple[int, int], list[Part]] = {}
        for part in parts:
            found.setdefault((part.start, id(part.edges)), []).append(part)
        joined = []
        for same in found.values():
            every = np.concatenate([part.nodes for part in same])
            nodes, which = np.unique(every, return_inverse=True)
            odds = summed(which, np.concatenate([part.odds for part in same]))
            kept = odds > _NEGLIGIBLE
            if kept.any():
                joined.append(Part(same[0].start, same[0].edges, nodes[kept], odds[kept]))
        return joined

    def slopes(self, letters: str) -> tuple[IntArray, IntArray, Array]:
        """Return sources, intervals and probabilities of all plain tones of slopes.

        The `letters` are those of the intervals 0 to 11 above the note before.
        """
        if letters not in self._slopes:
            found = []
            around = letters[-(_MIDDLE % 12) :] + letters[: -(_MIDDLE % 12)]
            for index in np.flatnonzero(self.sloping[0]).tolist():
                each = self.blocks.sources[index]
                given = (each.kind, each.low, each.high, _MIDDLE, around, (-PITCHES, 2 * PITCHES))
                pairs = zip(*tones.in_slope(*given), strict=True)
                found += [(index, pitch - _MIDDLE, odds) for pitch, odds in pairs]
            indices, intervals, shares = zip(*found, strict=True) if found else ((), (), ())
            self._slopes[letters] = (
                np.array(indices, dtype=np.int64),
                np.array(intervals, dtype=np.int64),
                np.array(shares, dtype=np.float64),
            )
        return self._slopes[letters]

    def leading(self, source: Source, count: int, previous: int, letters: str) -> Lines:
        """Return the pitches of approach tones and their target, with their probabilities.

        They are the last `count` before the target of `source`; `previous` is the pitch before them
        and `letters` are those of the chord at the target.
        """
        key = (source.target, source.low, source.high, count, previous, letters)
        if key not in self._leads:
            bounds = source.low, source.high, previous
            found = []
            target = tones.in_slope(source.target, *bounds, letters, self.reach)
            for pitch, odds in zip(*target, strict=True):
                line = [pitch]
                for _ in range(count):
                    (near, *_), _ = tones.approach_in_slope(*bounds, line[0], self.reach)
                    line.insert(0, near)
                found.append((tuple(line), odds))
            if len(self._leads) >= _MOST_ROWS:
                self._leads.clear()
            self._leads[key] = found
        return self._leads[key]
