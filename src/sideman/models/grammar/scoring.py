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

import math
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

import numpy as np

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
from sideman.models.grammar.blocks import Array, Source, compiled, summed
from sideman.models.grammar.rules import Grammar, number
from sideman.models.grammar.tables import Lines, Part, Spread, Tables, Ways
from sideman.theory.chord import Chord
from sideman.words import counted

WEIGHT, SHARING, SPREAD = "unigram-weight", "sharing", "onset-spread"
"""The parameters of a grammar that are read here."""
LEAST = 1e-4
"""The least weight of the unigram: nothing may be impossible."""
WIDEST_SPREAD = 12
"""The most ticks between where a note is written and where it is played."""
_SPREADS = range(1, 2 * WIDEST_SPREAD + 2, 2)
_COUNTS = {WEIGHT: (1, 3), SHARING: (1,)}
"""The permitted numbers of values of each parameter."""
_DEFAULT_WEIGHT = 0.5
_SILENCE = 1e-12
"""A silence that is less likely counts as the longest."""
_REMEMBERED = 8


@dataclass(frozen=True, slots=True)
class Weights:
    """The numbers of the model that are no rules.

    Parameters
    ----------
    rhythm, pitch, duration : float
        The weight of the unigram for each factor.
    sharing : float
        The probability that the derivation goes over to another block after a note.
    spread : Spread
        The probability that a note is played so many ticks from where it is written.
    """

    rhythm: float = _DEFAULT_WEIGHT
    pitch: float = _DEFAULT_WEIGHT
    duration: float = _DEFAULT_WEIGHT
    sharing: float = 0.0
    spread: Spread = (1.0,)

    @classmethod
    def of(cls, grammar: Grammar) -> Weights:
        """Return the weights that a grammar states; a value that cannot be used has its default.

        ``unigram-weight`` is one number, or three: for rhythm, pitch and duration.
        """
        values = {**grammar.values, **dict.fromkeys(unusable(grammar), "")}
        given = {
            name: [float(number(word) or 0.0) for word in values.get(name, "").split()]
            for name in (WEIGHT, SHARING, SPREAD)
        }
        three = [max(one, LEAST) for one in given[WEIGHT]]
        if len(three) != 3:
            three = (three or [_DEFAULT_WEIGHT]) * 3
        sharing = (given[SHARING] or [0.0])[0]
        spread = given[SPREAD] or [1.0]
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


def unusable(grammar: Grammar) -> dict[str, str]:
    """Return what is wrong with each parameter of the likelihood that has no usable value."""
    found = {}
    for name in (WEIGHT, SHARING, SPREAD):
        words = grammar.values.get(name, "").split()
        values = [number(word) for word in words]
        most = math.inf if name == SPREAD else 1.0
        wrong = [
            word
            for word, value in zip(words, values, strict=True)
            if value is None or not 0 <= value <= most
        ]
        if wrong:
            found[name] = f"{wrong[0]} is no number from 0" + (" to 1" if most == 1 else "")
        elif name not in grammar.values:
            continue
        elif name == SPREAD and not (sum(filter(None, values)) and len(values) in _SPREADS):
            found[name] = f"its numbers are not 1 to {_SPREADS[-1]}, odd in count, with one above 0"
        elif name != SPREAD and len(values) not in _COUNTS[name]:
            wanted = " or ".join(map(str, _COUNTS[name]))
            found[name] = f"it has {counted(len(values), 'number')}, not {wanted}"
    return found


@dataclass(frozen=True, slots=True)
class _Coming:
    """Blocks that may begin at one tick, as the probability of each chain symbol."""

    start: int
    symbols: Array


@dataclass(slots=True)
class Noise:
    """The expected number of notes whose factor is the unigram's, and the number of notes."""

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
    tables : Tables
        The compiled grammar.
    weights : Weights
        The numbers that are no rules.
    unigram : Scorer
        The model that is mixed in.
    colours : str
        The table of colour tones: see :func:`sideman.models.grammar.tones.classes`.
    """

    name: str
    tables: Tables
    weights: Weights
    unigram: Scorer
    colours: str = tones.HOUSE

    def distributions(self, events: Events) -> Distributions:
        """Compute the probabilities of a solo's notes."""
        return _Filter(self, events).run()

    def noise(self, events: Events) -> Noise:
        """Return the share of the unigram in each factor."""
        filtering = _Filter(self, events)
        filtering.run()
        return filtering.noise


def scorer(grammar: Grammar, name: str, colours: str = tones.HOUSE) -> GrammarScorer:
    """Return the scorer of a grammar, mixed with the unigram that comes with sideman.

    Raise UndefinedError with the reason where the grammar has none.
    """
    return GrammarScorer(
        name,
        Tables(compiled(grammar, name), tones.Parameters.of(grammar)),
        Weights.of(grammar),
        _unigram(),
        colours,
    )


@lru_cache(maxsize=1)
def _unigram() -> Scorer:
    from sideman.models import registry

    model: ngram.NGram = registry.open_model(ngram.KIND)[1]
    return model.called("unigram")


@dataclass(frozen=True, slots=True)
class _Place:
    """The chord at a tick, None for N.C., with its classes and weights."""

    chord: Chord | None
    ground: tones.Ground


class _Filter:
    """The filtering of one solo."""

    def __init__(self, scorer: GrammarScorer, events: Events) -> None:
        self.tables = scorer.tables
        self.blocks = scorer.tables.blocks
        self.weights = scorer.weights
        self.events = events
        self.onset = events.onset.tolist()
        self.pitch = events.pitch.tolist()
        self.duration = events.duration.tolist()
        self.plain = scorer.unigram.distributions(events)
        self.parts: list[Part] = []
        self.shared: list[Ways] = []
        self.lost = 0.0
        self.noise = Noise()
        self.half = len(self.weights.spread) // 2
        self._known: dict[tuple[int, int], tones.Odds] = {}
        self._onsets = events.chord_onsets.tolist()
        chords = [None if chord.is_no_chord else chord for chord in events.chords]
        given = scorer.colours, scorer.tables.parameters
        self._places = [_Place(chord, tones.Ground.of(chord, *given)) for chord in chords]

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
        self.parts = self.tables.fresh(tick, self.weights.spread)
        self.lost = 0.0 if self.parts else 1.0

    def _shared(self, tick: int) -> None:
        """Go over to another block with a note at a tick, with the probability `sharing`."""
        sharing = self.weights.sharing
        if sharing <= 0:
            return
        self.shared = [
            replace(each, odds=each.odds * sharing, last=each.last * sharing)
            for each in self.tables.onward(tick, self.weights.spread)
        ]
        if self.shared:
            for part in self.parts:
                part.odds = part.odds * (1 - sharing)
            self.lost *= 1 - sharing

    def _next_onset(self, note: int) -> Array:
        """Return the distribution of the IOI, and follow the one that was played."""
        now, then = self.onset[note - 1], self.onset[note]
        waiting = min(then - now, LONGEST_IOI)
        steps = [*map(self.tables.ways, self.parts), *self.shared]
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
        self, steps: Sequence[Ways], now: int, begin: Callable[[int, Array], None]
    ) -> list[_Coming]:
        """Return the blocks that may hold the next note, and pass on where their notes begin."""
        blocks, tables = self.blocks, self.tables
        waiting: dict[int, Array] = {}

        def reached(start: int, following: IntArray, odds: Array) -> None:
            symbols = summed(following, odds, blocks.symbols)
            waiting[start] = waiting[start] + symbols if start in waiting else symbols

        for each in steps:
            if each.last.any():
                whole = summed(blocks.block, each.edges, len(each.last))
                ratio = np.divide(each.last, whole, out=np.zeros_like(whole), where=whole > 0)
                edges = each.edges * ratio[blocks.block]
                for length, mine in tables.edges:
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
            begin(start, symbols @ tables.beginnings)
            for length, source, following, silence in tables.silent:
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
        steps: Sequence[Ways],
        coming: Sequence[_Coming],
        then: int,
        waiting: int,
        broken: float,
    ) -> None:
        """Keep the derivations with a note at a tick; `broken` is the probability of no other."""
        blocks, tables = self.blocks, self.tables
        now = then - waiting
        parts = []
        for each in steps:
            odds = each.odds * self._kernel(each.start + blocks.tick[each.to] - now, waiting)
            kept = odds > 0
            if kept.any():
                parts.append(Part(each.start, each.edges, each.to[kept], odds[kept]))
        for one in coming:
            nodes, found = [], []
            near = range(then - one.start - self.half, then - one.start + self.half + 1)
            entries = [tables.entries[tick] for tick in near if tick in tables.entries]
            drawn = tables.drawn(one.symbols) if entries else np.zeros(0)
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
                    parts.append(Part(one.start, edges, every[kept], odds[kept]))
        total = sum(float(part.odds.sum()) for part in parts)
        for part in parts:
            part.odds = part.odds * ((1 - broken) / total)
        self.lost = broken if parts else 1.0
        if then // tables.grid != now // tables.grid:
            fresh = tables.fresh(then, self.weights.spread, opening=True)
            if fresh:
                for part in fresh:
                    part.odds = part.odds * self.lost
                parts += fresh
                self.lost = 0.0
        self.parts = self.tables.merged(parts)

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

    def _part_sounding(self, note: int, part: Part, mixed: Array) -> Array:
        """Add the distribution of the pitch to `mixed`; return that of the one played by node."""
        tables, sources = self.tables, self.blocks.pitch[part.nodes]
        previous, played = self.pitch[note - 1], self.pitch[note]
        plain, low, high = tables.sloping
        many = len(plain)
        inside = previous + low >= tables.reach[0]
        inside &= previous + high <= tables.reach[1]
        inside &= plain
        by_source = summed(sources, part.odds, many)
        letters = self._chord(self.onset[note]).ground.letters
        turn = previous % 12
        index, interval, share = tables.slopes(letters[turn:] + letters[:turn])
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

    def _keys(self, part: Part, chosen: IntArray) -> tuple[list[tuple[int, int]], IntArray]:
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
        """The number of notes from each source to the target of its approach tones, else -1."""
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
            return tones.degree(source.kind, at.chord, previous, self.tables.reach)
        if source.row:
            return self._led(note, source, self._places[after].ground.letters)
        given = (source.kind, source.low, source.high, previous, at.ground.letters)
        return tones.in_slope(*given, self.tables.reach)

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
            fresh = self.tables.leading(source, count, self.pitch[index - 1], letters)
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
        parameters, reach = self.tables.parameters, self.tables.reach
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
