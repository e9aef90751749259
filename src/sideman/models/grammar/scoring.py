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
3. The duration class is that of the terminal, or, with the probability `duration`, from the
   unigram.
4. With the probability `sharing` the derivation then goes over to another block that has a note at
   this place, drawn as at the start of a solo: bars share their parts.

Forward filtering (Lawrence Rabiner, "A Tutorial on Hidden Markov Models", 1989, section III) sums
over everything hidden, so the figures are those of this model exactly.  What happens to a line
after its derivation (equal pitches held as one note, tones rectified) is not part of it: repeated
notes are scored as they were learnt, one by one.  A free ``A``, outside slopes, is a semitone from
a chord tone that would be chosen at its place; the note after it is chosen anew.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sideman.models import ngram
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
from sideman.models.grammar.blocks import Blocks, Source, UndefinedError, compiled, summed
from sideman.models.grammar.rules import Grammar, number

Array = NDArray[np.float64]
Lines = list[tuple[tuple[int, ...], float]]
"""Pitches in a row, and their probability."""

WEIGHT, SHARING, SPREAD = "unigram-weight", "sharing", "onset-spread"
"""The parameters of a grammar that are read here."""
_DEFAULT_WEIGHT = 0.5
_LEAST = 1e-4
"""The least weight of the unigram: nothing may be impossible."""
_NEGLIGIBLE = 1e-14
_SILENCE = 1e-12
"""A silence that is less likely counts as the longest."""
_LARGEST_TABLE = 2_000_000
_REMEMBERED = 8
_WIDEST_SPREAD = 12
_MOST_ROWS = 20_000
_MIDDLE = 60


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


KIND = "grammar"
_FIRST = Weights(rhythm=0.05, pitch=0.4, duration=0.4)
SHARINGS = (0.2, 0.3, 0.4, 0.5)
"""The probabilities of sharing that :func:`fitted` tries."""
_FITTING_SOLOS, _FITTING_NOTES = 12, 100
_STEPS = 2


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
class _Ways:
    """The next notes in blocks that begin at one tick, and the probability of each block's end."""

    start: int
    edges: Array
    to: IntArray
    odds: Array
    last: Array


@dataclass(frozen=True, slots=True)
class _Coming:
    """Blocks that may begin at one tick, as the probability of each chain symbol."""

    start: int
    symbols: Array


@dataclass(slots=True)
class _Noise:
    """How often each factor was left to the unigram, as the notes suggest, and their number."""

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
    _leads: dict[tuple[Any, ...], Lines] = field(default_factory=dict, repr=False)
    _fresh: dict[tuple[int, bool], list[_Part]] = field(default_factory=dict, repr=False)
    _onward: dict[int, list[_Ways]] = field(default_factory=dict, repr=False)
    _slopes: dict[str, tuple[IntArray, IntArray, Array]] = field(default_factory=dict, repr=False)

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
        """Which sources are plain tones of slopes, and their widest windows, shape (sources,)."""
        sources = self.blocks.sources
        plain = [each.form == "slope" and not each.row for each in sources]
        bounds = [tones.window(each.low, each.high, _MIDDLE) for each in sources]
        # The window of a chord tone is widened twice where it holds none.
        wider = np.array([2 * (each.kind == tones.CHORD) for each in sources], dtype=np.int64)
        widest = np.array(bounds, dtype=np.int64).reshape(-1, 2) - _MIDDLE
        return np.array(plain, dtype=np.bool_), widest[:, 0] - wider, widest[:, 1] + wider

    def fresh(self, tick: int, opening: bool = False) -> list[_Part]:
        """Return the first blocks of a solo that have a note at a tick, together 1; none if none.

        With `opening` it is the first note of its block.
        """
        key = tick % self.grid, opening
        if key not in self._fresh:
            self._fresh[key] = self._fresh_at(*key)
        moved = tick - key[0]
        return [
            _Part(part.start + moved, part.edges, part.nodes, part.odds)
            for part in self._fresh[key]
        ]

    def ways(self, part: _Part) -> _Ways:
        """Return the next notes in some blocks with their probabilities, and that of their ends."""
        blocks = self.blocks
        begin = blocks.begin[part.nodes]
        many = blocks.begin[part.nodes + 1] - begin
        ways = np.repeat(begin - np.cumsum(many) + many, many) + np.arange(int(many.sum()))
        odds = np.repeat(part.odds, many) * blocks.share[ways]
        ends = part.odds * blocks.last[part.nodes]
        last = summed(blocks.of[part.nodes], ends, len(blocks.length))
        return _Ways(part.start, part.edges, blocks.to[ways], odds, last)

    def onward(self, tick: int) -> list[_Ways]:
        """Return the ways from the notes that :meth:`fresh` gives for a tick."""
        key = tick % self.grid
        if key not in self._onward:
            self._onward[key] = [self.ways(part) for part in self.fresh(key)]
        return [replace(each, start=each.start + tick - key) for each in self._onward[key]]

    def _fresh_at(self, tick: int, opening: bool) -> list[_Part]:
        table = self.opened if opening else self.visited
        spread = self.weights.spread
        half = len(spread) // 2
        # The note is written `off` ticks after the tick at which it is played.
        found = [
            (tick + off, *table[(tick + off) % self.grid], spread[half - off])
            for off in range(-half, half + 1)
            if (tick + off) % self.grid in table and spread[half - off] > 0
        ]
        parts = []
        for written, nodes, often, share in found:
            starts = written - self.blocks.tick[nodes]
            parts += [
                _Part(int(start), self.begun[0], nodes[starts == start], often[starts == start])
                for start in np.unique(starts)
            ]
            for part in parts[-len(np.unique(starts)) :]:
                part.odds = part.odds * share
        total = sum(float(part.odds.sum()) for part in parts)
        for part in parts:
            part.odds = part.odds / total
        return self.merged(parts)

    def merged(self, parts: Iterable[_Part]) -> list[_Part]:
        """Join the parts that begin at one tick with the same edges."""
        found: dict[tuple[int, int], list[_Part]] = {}
        for part in parts:
            found.setdefault((part.start, id(part.edges)), []).append(part)
        joined = []
        for same in found.values():
            every = np.concatenate([part.nodes for part in same])
            nodes, which = np.unique(every, return_inverse=True)
            odds = summed(which, np.concatenate([part.odds for part in same]))
            kept = odds > _NEGLIGIBLE
            if kept.any():
                joined.append(_Part(same[0].start, same[0].edges, nodes[kept], odds[kept]))
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


def scorer(grammar: Grammar, name: str, colours: str = tones.HOUSE) -> GrammarScorer:
    """Return the scorer of a grammar, mixed with the unigram that comes with sideman.

    Raise UndefinedError with the reason where the grammar has none.
    """
    return GrammarScorer(
        name,
        compiled(grammar, name),
        tones.Parameters.of(grammar),
        Weights.of(grammar),
        _unigram(),
        colours,
    )


@lru_cache(maxsize=1)
def _unigram() -> Scorer:
    from sideman.models import registry

    model: ngram.NGram = registry.open_model(ngram.KIND)[1]
    return model.called("unigram")


def fitted(
    grammar: Grammar,
    held_out: Sequence[Events],
    spread: Sequence[float] = (1.0,),
    sharings: Sequence[float] = SHARINGS,
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return the parameters of a grammar that fit held-out solos: the weights, and the sharing.

    The weights are those of the unigram by a few steps of expectation maximisation, given the notes
    so far; of the probabilities of sharing the best is taken.  A thousand notes suffice.  None are
    returned for a grammar whose likelihood is not defined.

    Parameters
    ----------
    grammar : Grammar
        A learnt grammar.
    held_out : sequence of Events
        Solos from which it was not learnt.
    spread : sequence of float
        See :attr:`Weights.spread`; :func:`spread_of` counts it.
    sharings : sequence of float
        The probabilities of sharing to be tried.
    """
    step = max(1, len(held_out) // _FITTING_SOLOS)
    chosen = [each.until(_FITTING_NOTES) for each in held_out[::step] if len(each) > 1]
    try:
        model = replace(scorer(grammar, KIND), weights=replace(_FIRST, spread=tuple(spread)))
    except UndefinedError:
        return ()
    if not chosen:
        return model.weights.parameters()
    first = sharings[len(sharings) // 2]
    model = replace(model, weights=replace(model.weights, sharing=first))
    model = replace(model, weights=_maximised(model, chosen))
    if len(sharings) > 1:
        tried = [replace(model, weights=replace(model.weights, sharing=one)) for one in sharings]
        model = max(tried, key=lambda one: sum(_likelihood(one, each) for each in chosen))
    for _ in range(_STEPS):
        model = replace(model, weights=_maximised(model, chosen))
    return model.weights.parameters()


def _maximised(model: GrammarScorer, solos: Sequence[Events]) -> Weights:
    """Return the weights after a step of expectation maximisation."""
    found = [model.noise(each) for each in solos]
    notes = sum(each.notes for each in found)
    return replace(
        model.weights,
        rhythm=max(sum(each.rhythm for each in found) / notes, _LEAST),
        pitch=max(sum(each.pitch for each in found) / notes, _LEAST),
        duration=max(sum(each.duration for each in found) / notes, _LEAST),
    )


def _likelihood(model: GrammarScorer, events: Events) -> float:
    """Return the log-likelihood of a solo."""
    expected = model.distributions(events)
    rows = np.arange(1, len(events))
    pairs = (
        (expected.ioi, events.ioi - 1),
        (expected.pitch, events.pitch),
        (expected.duration, events.duration),
    )
    return sum(float(np.log(odds[rows, index[1:]]).sum()) for odds, index in pairs)


def spread_of(
    played: Iterable[Sequence[int]], written: Iterable[Sequence[int]]
) -> tuple[float, ...]:
    """Return the shares of the distances, in ticks, of played onsets from the nearest written ones.

    Both are the onsets of the same solos, rising.
    """
    found = np.zeros(2 * _WIDEST_SPREAD + 1)
    for ours, theirs in zip(played, written, strict=True):
        if not len(theirs):
            continue
        near = np.array(theirs)
        at = np.clip(np.searchsorted(near, ours), 1, max(len(near) - 1, 1))
        both = np.array(ours)[:, None] - near[np.stack([at - 1, at % len(near)], axis=1)]
        off = np.take_along_axis(both, np.abs(both).argmin(axis=1)[:, None], axis=1)[:, 0]
        kept = off[np.abs(off) <= _WIDEST_SPREAD]
        found += summed(kept + _WIDEST_SPREAD, np.ones(len(kept)), len(found))
    if not found.sum():
        return (1.0,)
    shares = found / found.sum()
    half = max(
        (abs(at - _WIDEST_SPREAD) for at in np.flatnonzero(shares >= _LEAST).tolist()), default=0
    )
    middle = shares[_WIDEST_SPREAD - half : _WIDEST_SPREAD + half + 1]
    return tuple(float(one) for one in middle / middle.sum())


@dataclass(frozen=True, slots=True)
class _Place:
    """The chord at a tick, its classes, and what a free terminal is chosen over."""

    chord: Any
    letters: str
    ground: tones.Ground


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
        self.shared: list[_Ways] = []
        self.lost = 0.0
        self.noise = _Noise()
        self.half = len(self.weights.spread) // 2
        self._known: dict[tuple[int, int], tones.Odds] = {}
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
        self.parts = self.scorer.fresh(tick)
        self.lost = 0.0 if self.parts else 1.0

    def _shared(self, tick: int) -> None:
        """Go over to another block with a note at a tick, with the probability `sharing`."""
        sharing = self.weights.sharing
        if sharing <= 0:
            return
        self.shared = [
            replace(each, odds=each.odds * sharing, last=each.last * sharing)
            for each in self.scorer.onward(tick)
        ]
        if self.shared:
            for part in self.parts:
                part.odds = part.odds * (1 - sharing)
            self.lost *= 1 - sharing

    def _next_onset(self, note: int) -> Array:
        """Return the distribution of the IOI, and follow the one that was played."""
        now, then = self.onset[note - 1], self.onset[note]
        waiting = min(then - now, LONGEST_IOI)
        steps = [*map(self.scorer.ways, self.parts), *self.shared]
        mass = np.zeros(LONGEST_IOI + 2 * self.half + 2)
        shift = self.half  # mass[shift + i]: written i ticks after this note

        def put(ticks: IntArray, odds: Array) -> None:
            place = np.clip(ticks - now + shift, 0, len(mass) - 1)
            mass[:] += summed(place, odds, len(mass))

        def begin(start: int, odds: Array) -> None:
            at = start - now + shift
            if 0 <= at < len(mass) - len(odds):
                mass[at : at + len(odds)] += odds
            else:
                put(start + np.arange(len(odds)), odds)

        for each in steps:
            put(each.start + self.blocks.tick[each.to], each.odds)
        coming = self._coming(steps, now, begin)
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

    def _coming(
        self, steps: Sequence[_Ways], now: int, begin: Callable[[int, Array], None]
    ) -> list[_Coming]:
        """Return the blocks that may hold the next note, and pass on where their notes begin."""
        blocks, scorer = self.blocks, self.scorer
        waiting: dict[int, Array] = {}

        def reached(start: int, following: IntArray, odds: Array) -> None:
            symbols = summed(following, odds, blocks.symbols)
            waiting[start] = waiting[start] + symbols if start in waiting else symbols

        for each in steps:
            if each.last.any():
                whole = summed(blocks.block, each.edges, len(each.last))
                ratio = np.divide(each.last, whole, out=np.zeros_like(whole), where=whole > 0)
                edges = each.edges * ratio[blocks.block]
                for length, mine in scorer.edges:
                    reached(each.start + length, blocks.following[mine], edges[mine])
        found = []
        while waiting:
            start = min(waiting)
            symbols = waiting.pop(start)
            mass = float(symbols.sum())
            if start - now > LONGEST_IOI + self.half or mass < _SILENCE:
                begin(now + 2 * LONGEST_IOI, np.array([mass]))
                continue
            found.append(_Coming(start, symbols))
            begin(start, symbols @ scorer.beginnings)
            for length, source, following, silence in scorer.silent:
                reached(start + length, following, symbols[source] * silence)
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
        if not self.half and 1 < waiting < LONGEST_IOI:
            return np.asarray(written == waiting, dtype=np.float64)
        spread = np.array(self.weights.spread)
        off = np.arange(len(spread)) - self.half
        at = np.clip(written[:, None] + off, 1, LONGEST_IOI)
        result: Array = (spread * (at == waiting)).sum(axis=1)
        return result

    def _follow(
        self,
        steps: Sequence[_Ways],
        coming: Sequence[_Coming],
        then: int,
        waiting: int,
        broken: float,
    ) -> None:
        """Keep the derivations with a note at a tick; `broken` is the probability of no other."""
        blocks, scorer = self.blocks, self.scorer
        now = then - waiting
        parts = []
        for each in steps:
            odds = each.odds * self._kernel(each.start + blocks.tick[each.to] - now, waiting)
            kept = odds > 0
            if kept.any():
                parts.append(_Part(each.start, each.edges, each.to[kept], odds[kept]))
        for one in coming:
            nodes, found = [], []
            near = range(then - one.start - self.half, then - one.start + self.half + 1)
            entries = [scorer.entries[tick] for tick in near if tick in scorer.entries]
            drawn = scorer.drawn(one.symbols) if entries else np.zeros(0)
            for chosen in entries:
                nodes.append(blocks.entry[chosen])
                found.append(drawn[blocks.first[chosen]] * blocks.entering[chosen])
            if nodes:
                every = np.concatenate(nodes)
                odds = np.concatenate(found)
                odds = odds * self._kernel(one.start + blocks.tick[every] - now, waiting)
                kept = odds > 0
                if kept.any():
                    edges = one.symbols[blocks.source] * blocks.odds
                    parts.append(_Part(one.start, edges, every[kept], odds[kept]))
        total = sum(float(part.odds.sum()) for part in parts)
        for part in parts:
            part.odds = part.odds * ((1 - broken) / total)
        self.lost = broken if parts else 1.0
        if then // scorer.grid != now // scorer.grid:
            fresh = scorer.fresh(then, opening=True)
            if fresh:
                for part in fresh:
                    part.odds = part.odds * self.lost
                parts += fresh
                self.lost = 0.0
        self.parts = self.scorer.merged(parts)

    # Pitches --------------------------------------------------------------------------------

    def _chord(self, tick: int) -> _Place:
        return self._places[max(bisect_right(self._onsets, tick) - 1, 0)]

    def _sounding(self, note: int) -> Array:
        """Return the distribution of the pitch, and weigh the derivations by the one played."""
        plain, weight = self.plain.pitch[note], self.weights.pitch
        mixed = np.zeros(PITCHES)
        played = self.pitch[note]
        self._known = {}
        likely = [self._part_sounding(note, part, mixed) for part in self.parts]
        noise = weight + (1 - weight) * self.lost
        mixed = (1 - weight) * mixed + noise * plain
        of_played = float(mixed[played])
        self.noise.pitch += weight * plain[played] / of_played
        for part, odds in zip(self.parts, likely, strict=True):
            part.odds = part.odds * ((1 - weight) * odds + weight * plain[played]) / of_played
        self.lost *= plain[played] / of_played
        result: Array = mixed / mixed.sum()
        return result

    def _part_sounding(self, note: int, part: _Part, mixed: Array) -> Array:
        """Add the distribution of the pitch to `mixed`; return that of the one played by node."""
        scorer, sources = self.scorer, self.blocks.pitch[part.nodes]
        previous, played = self.pitch[note - 1], self.pitch[note]
        plain, low, high = scorer.sloping
        many = len(plain)
        inside = previous + low >= scorer.reach[0]
        inside &= previous + high <= scorer.reach[1]
        inside &= plain
        by_source = summed(sources, part.odds, many)
        letters = self._chord(self.onset[note]).letters
        turn = previous % 12
        index, interval, share = scorer.slopes(letters[turn:] + letters[:turn])
        of_source = np.where(inside, by_source, 0.0)
        used = of_source[index] > 0
        index, pitch, share = index[used], previous + interval[used], share[used]
        mixed += summed(pitch, of_source[index] * share, PITCHES)
        by_source[:] = 0
        same = pitch == played
        by_source[index[same]] = share[same]
        likely: Array = by_source[sources]
        others = np.flatnonzero(~inside[sources])
        if len(others):
            keys, which = self._keys(part, others)
            for key in keys:
                if key not in self._known:
                    self._known[key] = self._odds(note, *key)
            found = [self._known[key] for key in keys]
            of_key = summed(which, part.odds[others], len(keys))
            share = np.array([one for _, odds in found for one in odds])
            pitch = np.array([one for pitches, _ in found for one in pitches], dtype=np.int64)
            size = np.array([len(pitches) for pitches, _ in found])
            mixed += summed(pitch, np.repeat(of_key, size) * share, PITCHES)
            of_played = summed(np.repeat(np.arange(len(keys)), size), share * (pitch == played))
            likely[others] = of_played[which]
        return likely

    def _keys(self, part: _Part, chosen: IntArray) -> tuple[list[tuple[int, int]], IntArray]:
        """Return the different (source, chord at the next note) of some nodes, and each node's.

        The chord is 0 where the source does not depend on it.
        """
        blocks = self.blocks
        nodes = part.nodes[chosen]
        sources = blocks.pitch[nodes]
        after = np.zeros(len(sources), dtype=np.int64)
        # Within a slope there is one way on, so that the target is known.
        ahead = self._ahead[sources]
        if (ahead >= 0).any():
            to = nodes.copy()
            for step in range(int(ahead.max())):
                going = ahead > step
                to[going] = blocks.to[blocks.begin[to[going]]]
            chords = self.events.chord_index(part.start + blocks.tick[to])
            after = np.where(ahead >= 0, chords, 0)
        size = len(self._places)
        keys, which = np.unique(sources * size + after, return_inverse=True)
        return [divmod(int(key), size) for key in keys], which

    @cached_property
    def _ahead(self) -> IntArray:
        """How many notes each source is before the target of approach tones; -1 without one."""
        ahead = [each.row - each.at if each.row else -1 for each in self.blocks.sources]
        return np.array(ahead, dtype=np.int64)

    def _odds(self, note: int, index: int, after: int) -> tones.Odds:
        """Return the distribution of a pitch by a source.

        `after` is the index of the chord at the target of approach tones.
        """
        source = self.blocks.sources[index]
        at, previous = self._chord(self.onset[note]), self.pitch[note - 1]
        if source.form == "free":
            return self._free(note, source, at)
        if source.form == "degree":
            return tones.degree(source.kind, at.chord, previous, self.scorer.reach)
        if source.row:
            return self._led(note, source, self._places[after].letters)
        given = (source.kind, source.low, source.high, previous, at.letters)
        return tones.in_slope(*given, self.scorer.reach)

    def _led(self, note: int, source: Source, letters: str) -> tones.Odds:
        """Return the distribution of an approach tone or its target, given the row before it.

        The target is chosen before its approach tones.  Where one of them is left to the unigram,
        a target is chosen anew after it.
        """
        weight = self.weights.pitch
        lines: Lines = []
        anew = 1.0
        for index in range(max(note - source.at, 1), note + 1):
            count = source.row - source.at + note - index
            fresh = self.scorer.leading(source, count, self.pitch[index - 1], letters)
            lines += [(line, anew * odds) for line, odds in fresh]
            if index < note:
                played = self.pitch[index]
                anew = weight * float(self.plain.pitch[index, played])
                anew *= sum(odds for _, odds in lines)
                lines = [
                    (line[1:], odds * (1 - weight)) for line, odds in lines if line[0] == played
                ]
        found: dict[int, float] = {}
        for line, odds in lines:
            found[line[0]] = found.get(line[0], 0.0) + odds
        return tones.odds(found)

    def _free(self, note: int, source: Source, at: _Place) -> tones.Odds:
        parameters, reach = self.scorer.parameters, self.scorer.reach
        played = tuple(self.pitch[max(0, note - _REMEMBERED) : note])
        previous = self.pitch[note - 1]
        if source.kind != "A":
            given = (source.kind, previous, at.ground, parameters, reach, played)
            return tones.free(*given)
        # A free approach tone: a semitone from a chord tone that would be chosen here.
        found: dict[int, float] = {}
        targets = tones.free("C", previous, at.ground, parameters, reach, played)
        for target, odds in zip(*targets, strict=True):
            for pitch, share in zip(*tones.approach(target, previous, reach), strict=True):
                found[pitch] = found.get(pitch, 0.0) + odds * share
        return tones.odds(found)

    # Durations ------------------------------------------------------------------------------

    def _lasting(self, note: int) -> Array:
        """Return the distribution of the duration, and weigh the derivations by the one played."""
        plain, weight = self.plain.duration[note], self.weights.duration
        played = self.duration[note]
        mixed = np.zeros(len(DURATION_TICKS))
        for part in self.parts:
            classes = self.blocks.duration[part.nodes]
            mixed += summed(classes, part.odds, len(mixed))
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
