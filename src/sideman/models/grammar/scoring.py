"""The likelihood of solos by a grammar whose derivation goes on block by block: exact filtering.

*Its input*: the notes so far and the chords; *its output*: the distributions of
:mod:`sideman.models.events`.

Such a grammar (:mod:`~sideman.models.grammar.blocks`) is a hidden Markov model.  What is hidden is
the chain symbol, the melody of the block, and which of its notes was played last.  At each note:

1. The derivation goes on to the next note of the block, or of a later block, and the note is played
   at its place, or within the fitted spread around it.  With the probability `rhythm` it breaks off
   instead: the IOI is one of the ``unigram``, and so are those after it until a new block begins.
2. The pitch is chosen as the terminal says (:mod:`~sideman.models.grammar.tones`), or, with the
   probability `pitch`, from the unigram.
3. The duration class is that of the terminal, or, with the probability `duration`, from the unigram.
4. With the probability `sharing` the derivation then goes over to another block that has a note at
   this place, drawn as at the start of a solo: bars share their parts.

Forward filtering (Lawrence Rabiner, "A Tutorial on Hidden Markov Models", 1989, section III) sums
over everything hidden, so the figures are those of this model exactly.  What happens to a line
after its derivation (equal pitches held as one note, tones rectified) is not part of it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sideman.models.events import (
    DURATION_TICKS,
    LONGEST_IOI,
    PITCHES,
    Distributions,
    Events,
    IntArray,
    Scorer,
)
from sideman.models.grammar import tones
from sideman.models.grammar.blocks import Blocks, Source, compiled
from sideman.models.grammar.rules import Grammar, number
from sideman.models.grammar.terminals import SLOTS_PER_TICK

Array = NDArray[np.float64]

WEIGHT, SHARING, SPREAD = "unigram-weight", "sharing", "onset-spread"
"""The parameters of a grammar that are read here."""
_DEFAULT_WEIGHT = 0.5
_LEAST = 1e-4
"""The least weight of the unigram: nothing may be impossible."""
_NEGLIGIBLE = 1e-13
_REMEMBERED = 8
_WIDEST_SPREAD = 12


@dataclass(frozen=True, slots=True)
class Weights:
    """The numbers of the model that are no rules.

    Parameters
    ----------
    rhythm, pitch, duration : float
        The weight of the unigram for each factor.
    sharing : float
        The probability that the derivation goes over to another block after a note.
    spread : tuple of float
        The probability that a note is played so many ticks from where it is written, the middle one
        being 0; of odd length.
    """

    rhythm: float = _DEFAULT_WEIGHT
    pitch: float = _DEFAULT_WEIGHT
    duration: float = _DEFAULT_WEIGHT
    sharing: float = 0.0
    spread: tuple[float, ...] = (1.0,)

    @classmethod
    def of(cls, grammar: Grammar) -> Weights:
        """Return the weights that a grammar states; a value that cannot be used has its default.

        ``unigram-weight`` is one number, or three: for rhythm, pitch and duration.
        """
        given = {
            name: [float(number(word) or 0.0) for word in grammar.values.get(name, "").split()]
            for name in (WEIGHT, SHARING, SPREAD)
        }
        three = [min(max(one, _LEAST), 1.0) for one in given[WEIGHT]]
        if len(three) != 3:
            three = (three[:1] or [_DEFAULT_WEIGHT]) * 3
        sharing = min(max((given[SHARING] or [0.0])[0], 0.0), 1.0)
        spread = [max(one, 0.0) for one in given[SPREAD]]
        if len(spread) % 2 == 0 or len(spread) > 2 * _WIDEST_SPREAD + 1 or not sum(spread):
            spread = [1.0]
        total = sum(spread)
        return cls(three[0], three[1], three[2], sharing, tuple(one / total for one in spread))

    def parameters(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Return the weights as parameters of a grammar."""
        three = tuple(f"{one:.4f}" for one in (self.rhythm, self.pitch, self.duration))
        found: list[tuple[str, tuple[str, ...]]] = [
            (WEIGHT, three),
            (SHARING, (f"{self.sharing:.4f}",)),
        ]
        if len(self.spread) > 1:
            found.append((SPREAD, tuple(f"{one:.4f}" for one in self.spread)))
        return tuple(found)


@dataclass(slots=True)
class _Part:
    """Where the derivation may be within blocks that begin at one tick.

    `edges` has the share of each edge of the chain that leads into the block, before its notes are
    known; `nodes` are the notes that may have been played last, with their probabilities.
    """

    start: int
    edges: Array
    nodes: IntArray
    odds: Array


@dataclass(frozen=True, slots=True)
class _Coming:
    """Blocks that may begin at one tick: the probability of each edge, and of each block."""

    start: int
    edges: Array
    blocks: Array


@dataclass(slots=True)
class _Noise:
    """How often each factor was left to the unigram, as the notes suggest, and how many there are."""

    rhythm: float = 0.0
    pitch: float = 0.0
    duration: float = 0.0
    notes: int = 0


@dataclass(frozen=True, eq=False)
class GrammarScorer:
    """A grammar as :class:`sideman.models.events.Scorer`.

    Parameters
    ----------
    name : str
        The name in tables.
    blocks : Blocks
        The compiled grammar.
    parameters : tones.Parameters
        What the grammar says about tones.
    weights : Weights
        The numbers that are no rules.
    unigram : Scorer
        What is mixed in.
    colours : str
        The table of colour tones: see :func:`sideman.models.grammar.tones.classes`.
    """

    name: str
    blocks: Blocks
    parameters: tones.Parameters
    weights: Weights
    unigram: Scorer
    colours: str = tones.HOUSE
    _rows: dict[tuple[Any, ...], Array] = field(default_factory=dict, repr=False)

    def distributions(self, events: Events) -> Distributions:
        """Compute the probabilities of a solo's notes."""
        return _Filter(self, events).run()

    def noise(self, events: Events) -> _Noise:
        """Return how much of each factor the unigram explains."""
        filtering = _Filter(self, events)
        filtering.run()
        return filtering.noise

    # Tables of the blocks -------------------------------------------------------------------

    @cached_property
    def silent(self) -> Array:
        """The probability of each edge times that of silence in its block."""
        return self.blocks.silent[self.blocks.block]

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
        return edges, np.bincount(blocks.block, edges, minlength=len(blocks.length))

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
        """The nodes of first notes at each tick of the grid, and how often the first block has it."""
        blocks = self.blocks
        odds = self.begun[1][blocks.first] * blocks.entering
        at = blocks.tick[blocks.entry] % self.grid
        return {
            int(tick): (blocks.entry[at == tick], odds[at == tick])
            for tick in np.unique(at)
            if odds[at == tick].sum() > 0
        }

    def row(self, source: Source, previous: int, at: _Place, after: _Place | None) -> Array:
        """Return the distribution of a pitch, shape (128,), for a source that depends on no more.

        `previous` is the pitch before, `at` the chord at the note and `after` that at the note
        after it, on which an approach tone depends.
        """
        if source.form == "degree":
            return _dense(tones.degree(source.kind, at.chord, previous, self.reach))
        key = (source, previous, at.letters, after.letters if after and source.target else "")
        if key not in self._rows:
            if len(self._rows) > 200_000:
                self._rows.clear()
            self._rows[key] = self._slope_row(source, previous, at, after)
        return self._rows[key]

    @property
    def reach(self) -> tuple[int, int]:
        """The range of the line."""
        return self.parameters.low, self.parameters.high

    def _slope_row(
        self, source: Source, previous: int, at: _Place, after: _Place | None
    ) -> Array:
        joint = self.joint(source, previous, at, after)
        if joint is not None:
            return joint.sum(axis=1)
        given = (source.kind, source.low, source.high, previous, at.letters, self.reach)
        return _dense(tones.in_slope(*given))

    def joint(
        self, source: Source, previous: int, at: _Place, after: _Place | None
    ) -> Array | None:
        """Return the probabilities of an approach tone and its target, shape (128, 128).

        None is returned for another source.
        """
        target = source.target
        if target is None or after is None:
            return None
        table = np.zeros((PITCHES, PITCHES))
        given = (target.kind, target.low, target.high, previous, after.letters, self.reach)
        for pitch, odds in zip(*tones.in_slope(*given), strict=True):
            near = tones.approach_in_slope(source.low, source.high, previous, pitch, self.reach)
            for one, share in zip(*near, strict=True):
                table[one, pitch] += odds * share
        return table


@dataclass(frozen=True, slots=True)
class _Place:
    """The chord at a tick, its classes, and what a free terminal is chosen over."""

    chord: Any
    letters: str
    ground: tones.Ground


def _dense(odds: tones.Odds) -> Array:
    row = np.zeros(PITCHES)
    row[list(odds[0])] = odds[1]
    return row


class _Filter:
    """The filtering of one solo."""

    def __init__(self, scorer: GrammarScorer, events: Events) -> None:
        self.scorer = scorer
        self.blocks = scorer.blocks
        self.weights = scorer.weights
        self.events = events
        self.onset = events.onset.tolist()
        self.pitch = events.pitch.tolist()
        self.duration = events.duration.tolist()
        self.plain = scorer.unigram.distributions(events)
        self.parts: list[_Part] = []
        self.lost = 0.0
        self.noise = _Noise()
        self.half = len(self.weights.spread) // 2
        self._onsets = events.chord_onsets.tolist()
        self._places = [self._place_of(chord) for chord in events.chords]

    def _place_of(self, chord: Any) -> _Place:
        parameters, colours = self.scorer.parameters, self.scorer.colours
        known = None if chord.is_no_chord else chord
        return _Place(
            known, tones.classes(known, colours), tones.Ground.of(known, colours, parameters)
        )

    def run(self) -> Distributions:
        """Compute the distributions and count the noise."""
        notes = len(self.onset)
        plain = self.plain
        expected = Distributions(
            np.array(plain.ioi, dtype=np.float64),
            np.array(plain.pitch, dtype=np.float64),
            np.array(plain.duration, dtype=np.float64),
        )
        if not notes:
            return expected
        self._begin(self.onset[0])
        self._lasting(0)
        for note in range(1, notes):
            self._shared(self.onset[note - 1])
            expected.ioi[note] = self._next_onset(note)
            expected.pitch[note] = self._sounding(note)
            expected.duration[note] = self._lasting(note)
        return expected

    # Onsets ---------------------------------------------------------------------------------

    def _begin(self, tick: int) -> None:
        """Start at the first note of a solo: a block that has a note there."""
        self.parts, self.lost = [], 1.0
        found = self._fresh(tick, self.scorer.visited)
        if found is not None:
            self.parts, self.lost = found, 0.0

    def _fresh(
        self, tick: int, table: dict[int, tuple[IntArray, Array]]
    ) -> list[_Part] | None:
        """Return first blocks with a note at a tick, together 1; None if no block has one."""
        blocks, grid = self.blocks, self.scorer.grid
        nodes, odds = [], []
        for off, share in enumerate(self.weights.spread):
            # The note is played at `tick` and written `off - half` ticks earlier.
            written = (tick - (off - self.half)) % grid
            if share > 0 and written in table:
                found, often = table[written]
                nodes.append(found)
                odds.append(often * share)
        if not nodes:
            return None
        every, often = np.concatenate(nodes), np.concatenate(odds)
        # Of several written ticks the one within the spread is meant.
        at = blocks.tick[every]
        first = tick + self.half - (tick + self.half - at) % grid
        starts = first - at
        parts = []
        for start in np.unique(starts):
            mine = starts == start
            parts.append(_Part(int(start), self.scorer.begun[0], every[mine], often[mine]))
        total = float(often.sum())
        for part in parts:
            part.odds = part.odds / total
        return parts

    def _shared(self, tick: int) -> None:
        """Go over to another block with a note at a tick, with the probability `sharing`."""
        sharing = self.weights.sharing
        if sharing <= 0:
            return
        fresh = self._fresh(tick, self.scorer.visited)
        if fresh is None:
            return
        for part in self.parts:
            part.odds = part.odds * (1 - sharing)
        for part in fresh:
            part.odds = part.odds * sharing
        self.lost *= 1 - sharing
        self.parts = _merged([*self.parts, *fresh])

    def _next_onset(self, note: int) -> Array:
        """Return the distribution of the IOI, and follow the one that was played."""
        now, then = self.onset[note - 1], self.onset[note]
        waiting = min(then - now, LONGEST_IOI)
        steps = [self._ways(part) for part in self.parts]
        mass = np.zeros(LONGEST_IOI + 2 * self.half + 2)
        shift = self.half  # mass[shift + i]: written i ticks after this note

        def put(ticks: IntArray, odds: Array) -> None:
            place = np.clip(ticks - now + shift, 0, len(mass) - 1)
            mass[:] += np.bincount(place, odds, minlength=len(mass))

        for part, (to, odds, _) in zip(self.parts, steps, strict=True):
            put(part.start + self.blocks.tick[to], odds)
        coming = self._coming([last for _, _, last in steps], now, put)
        played = self._spread(mass)
        plain = self.plain.ioi[note]
        weight = self.weights.rhythm
        noise = weight + (1 - weight) * self.lost
        mixed = (1 - weight) * played + noise * plain
        likely = mixed[waiting - 1]
        broken = noise * plain[waiting - 1] / likely
        self.noise.notes += 1
        self.noise.rhythm += weight * plain[waiting - 1] / likely
        self._follow(steps, coming, then, waiting, broken)
        result: Array = mixed / mixed.sum()
        return result

    def _ways(self, part: _Part) -> tuple[IntArray, Array, Array]:
        """Return the next notes in the block with their probabilities, and that of its end."""
        blocks = self.blocks
        begin = blocks.begin[part.nodes]
        many = blocks.begin[part.nodes + 1] - begin
        ways = np.repeat(begin - np.cumsum(many) + many, many) + np.arange(int(many.sum()))
        odds = np.repeat(part.odds, many) * blocks.share[ways]
        ends = part.odds * blocks.last[part.nodes]
        last = np.bincount(blocks.of[part.nodes], ends, minlength=len(blocks.length))
        return blocks.to[ways], odds, last

    def _coming(self, ends: Sequence[Array], now: int, put: Any) -> list[_Coming]:
        """Return the blocks that may hold the next note, and put their first notes."""
        blocks, scorer = self.blocks, self.scorer
        waiting: dict[int, Array] = {}

        def reached(start: int, edges: Array) -> None:
            for length in np.unique(blocks.length):
                mine = blocks.length[blocks.block] == length
                if (mass := np.where(mine, edges, 0.0)).any():
                    symbols = np.bincount(blocks.following, mass, minlength=blocks.symbols)
                    at = start + int(length)
                    waiting[at] = waiting[at] + symbols if at in waiting else symbols

        for part, last in zip(self.parts, ends, strict=True):
            if last.any():
                whole = np.bincount(blocks.block, part.edges, minlength=len(last))
                ratio = np.divide(last, whole, out=np.zeros_like(last), where=whole > 0)
                reached(part.start, part.edges * ratio[blocks.block])
        found = []
        while waiting:
            start = min(waiting)
            symbols = waiting.pop(start)
            if start - now > LONGEST_IOI + self.half or symbols.sum() < _NEGLIGIBLE:
                put(np.array([now + 2 * LONGEST_IOI]), np.array([symbols.sum()]))
                continue
            edges = symbols[blocks.source] * blocks.odds
            drawn = np.bincount(blocks.block, edges, minlength=len(blocks.length))
            found.append(_Coming(start, edges, drawn))
            first = drawn @ scorer.openings
            put(start + np.arange(len(first)), first)
            reached(start, edges * scorer.silent)
        return found

    def _spread(self, mass: Array) -> Array:
        """Return the distribution of the IOI for that of the written one, shifted by `half`."""
        if self.half:
            mass = np.convolve(mass, self.weights.spread)[self.half : -self.half]
        played = np.zeros(LONGEST_IOI)
        at = np.arange(len(mass)) - self.half  # ticks after this note
        np.add.at(played, np.clip(at, 1, LONGEST_IOI) - 1, mass)
        return played

    def _kernel(self, written: IntArray, waiting: int) -> Array:
        """Return the probability that notes written so many ticks after the last are played now."""
        spread = np.array(self.weights.spread)
        off = np.arange(len(spread)) - self.half
        at = np.clip(written[:, None] + off, 1, LONGEST_IOI)
        result: Array = (spread * (at == waiting)).sum(axis=1)
        return result

    def _follow(
        self,
        steps: Sequence[tuple[IntArray, Array, Array]],
        coming: Sequence[_Coming],
        then: int,
        waiting: int,
        broken: float,
    ) -> None:
        """Keep the derivations with a note at a tick; `broken` is the probability of no other."""
        blocks, scorer = self.blocks, self.scorer
        now = then - waiting
        parts = []
        for part, (to, odds, _) in zip(self.parts, steps, strict=True):
            odds = odds * self._kernel(part.start + blocks.tick[to] - now, waiting)
            kept = odds > 0
            if kept.any():
                parts.append(_Part(part.start, part.edges, to[kept], odds[kept]))
        for one in coming:
            nodes, found = [], []
            for tick in range(then - one.start - self.half, then - one.start + self.half + 1):
                if tick in scorer.entries:
                    chosen = scorer.entries[tick]
                    nodes.append(blocks.entry[chosen])
                    found.append(one.blocks[blocks.first[chosen]] * blocks.entering[chosen])
            if nodes:
                every = np.concatenate(nodes)
                odds = np.concatenate(found)
                odds = odds * self._kernel(one.start + blocks.tick[every] - now, waiting)
                kept = odds > 0
                if kept.any():
                    parts.append(_Part(one.start, one.edges, every[kept], odds[kept]))
        total = sum(float(part.odds.sum()) for part in parts)
        for part in parts:
            part.odds = part.odds * ((1 - broken) / total)
        self.lost = broken if parts else 1.0
        if then // scorer.grid != now // scorer.grid:
            fresh = self._fresh(then, scorer.opened)
            if fresh is not None:
                for part in fresh:
                    part.odds = part.odds * self.lost
                parts += fresh
                self.lost = 0.0
        self.parts = _merged(parts)

    # Pitches --------------------------------------------------------------------------------

    def _chord(self, tick: int) -> _Place:
        return self._places[max(bisect_right(self._onsets, tick) - 1, 0)]

    def _sounding(self, note: int) -> Array:
        """Return the distribution of the pitch, and weigh the derivations by the one played."""
        plain, weight = self.plain.pitch[note], self.weights.pitch
        mixed = np.zeros(PITCHES)
        played = self.pitch[note]
        likely = []
        for part in self.parts:
            keys, which = self._keys(part)
            rows = np.stack([self._row(note, *key) for key in keys])
            mixed += np.bincount(which, part.odds, minlength=len(keys)) @ rows
            likely.append(rows[which, played])
        noise = weight + (1 - weight) * self.lost
        mixed = (1 - weight) * mixed + noise * plain
        of_played = float(mixed[played])
        self.noise.pitch += weight * plain[played] / of_played
        for part, odds in zip(self.parts, likely, strict=True):
            part.odds = part.odds * ((1 - weight) * odds + weight * plain[played]) / of_played
        self.lost *= plain[played] / of_played
        result: Array = mixed / mixed.sum()
        return result

    def _keys(self, part: _Part) -> tuple[list[tuple[int, int]], IntArray]:
        """Return the different (source, tick of the next note) of nodes, and which each node has.

        The tick is 0 where the source does not depend on it.
        """
        blocks = self.blocks
        sources = blocks.pitch[part.nodes]
        after = np.zeros(len(sources), dtype=np.int64)
        approach = self._approaching[sources]
        if approach.any():
            # An approach tone in a slope has one way on.
            following = blocks.to[blocks.begin[part.nodes[approach]]]
            after[approach] = part.start + blocks.tick[following]
            # Only the chord there matters.
            chords = np.searchsorted(self._onsets, after[approach], side="right")
            after[approach] = np.maximum(chords - 1, 0)
        size = len(self._places)
        keys, which = np.unique(sources * size + after, return_inverse=True)
        return [divmod(int(key), size) for key in keys], which

    @cached_property
    def _approaching(self) -> NDArray[np.bool_]:
        return np.array([source.target is not None for source in self.blocks.sources])

    def _row(self, note: int, index: int, after: int) -> Array:
        """Return the distribution of a pitch by a source, shape (128,)."""
        scorer, source = self.scorer, self.blocks.sources[index]
        at, following = self._chord(self.onset[note]), self._places[after]
        previous = self.pitch[note - 1]
        if source.approached is not None and note > 1:
            return self._resolved(note, source, following)
        if source.form == "free":
            return self._free(note, source, at)
        return scorer.row(source, previous, at, following)

    def _resolved(self, note: int, source: Source, following: _Place) -> Array:
        """Return the distribution of the note after an approach tone, given the approach tone."""
        assert source.approached is not None
        previous, approach = self.pitch[note - 2], self.pitch[note - 1]
        before, at = self._chord(self.onset[note - 1]), self._chord(self.onset[note])
        table = self.scorer.joint(source.approached, previous, before, at)
        assert table is not None
        weight = self.weights.pitch
        meant = (1 - weight) * table[approach]
        noise = weight * self.plain.pitch[note - 1, approach]
        alone = self.scorer.row(source._replace(approached=None), approach, at, following)
        result: Array = (meant + noise * alone) / (meant.sum() + noise)
        return result

    def _free(self, note: int, source: Source, at: _Place) -> Array:
        parameters, reach = self.scorer.parameters, self.scorer.reach
        played = tuple(self.pitch[max(0, note - _REMEMBERED) : note])
        previous = self.pitch[note - 1]
        if source.kind != "A":
            given = (source.kind, previous, at.ground, parameters, reach, played)
            return _dense(tones.free(*given))
        # A free approach tone: a semitone from a chord tone that would be chosen here.
        row = np.zeros(PITCHES)
        targets = tones.free("C", previous, at.ground, parameters, reach, played)
        for target, odds in zip(*targets, strict=True):
            row += odds * _dense(tones.approach(target, previous, reach))
        return row

    # Durations ------------------------------------------------------------------------------

    def _lasting(self, note: int) -> Array:
        """Return the distribution of the duration, and weigh the derivations by the one played."""
        plain, weight = self.plain.duration[note], self.weights.duration
        played = self.duration[note]
        mixed = np.zeros(len(DURATION_TICKS))
        for part in self.parts:
            classes = self.blocks.duration[part.nodes]
            mixed += np.bincount(classes, part.odds, minlength=len(mixed))
        noise = weight + (1 - weight) * self.lost
        mixed = (1 - weight) * mixed + noise * plain
        of_played = float(mixed[played])
        self.noise.duration += weight * plain[played] / of_played * (note > 0)
        for part in self.parts:
            same = self.blocks.duration[part.nodes] == played
            part.odds = part.odds * ((1 - weight) * same + weight * plain[played]) / of_played
        self.lost *= plain[played] / of_played
        result: Array = mixed / mixed.sum()
        return result


def _merged(parts: Iterable[_Part]) -> list[_Part]:
    """Join the parts that begin at one tick with the same edges."""
    found: dict[tuple[int, int], list[_Part]] = {}
    for part in parts:
        found.setdefault((part.start, id(part.edges)), []).append(part)
    joined = []
    for same in found.values():
        first = same[0]
        nodes, which = np.unique(
            np.concatenate([part.nodes for part in same]), return_inverse=True
        )
        odds = np.bincount(which, np.concatenate([part.odds for part in same]))
        kept = odds > _NEGLIGIBLE
        if kept.any():
            joined.append(_Part(first.start, first.edges, nodes[kept], odds[kept]))
    return joined
