"""Write changes by a dial of surprise: over a form of letters, or under a melody.

At each place a length and then a chord is drawn.  The probability of a chord is the product of

- the model of harmony's (:class:`sideman.models.harmony.model.Walk`), mixed with that of a
  substitute for another chord (:mod:`.substitutions`), so that a surprise can be deduced;
- that of its length, by its class and place (:mod:`.rhythm`);
- its fit to the notes of the melody that begin in it; and
- the probability of what follows: of the next chord where it is known, or under a melody the sum
  over all chords that may follow to the end, by dynamic programming with one previous chord in the
  place of all.

The dial, 0 to 1, is a quantile of surprise: the chord is drawn among those whose surprise by the
model lies nearest to that quantile of the product, until they have :data:`WINDOW` of it.  That is
locally typical sampling (Meister et al., 2023) with another target than the entropy.

Sections with the same letter are equal but for their last two bars.  A form ends with its tonic or
with a turnaround.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sideman.errors import MusicError
from sideman.models.harmony import alphabet, rhythm
from sideman.models.harmony.alphabet import NO_ROOT
from sideman.models.harmony.model import BEFORE, HarmonyModel, Walk
from sideman.models.harmony.places import places
from sideman.score import Bar, Changes, ChordChange, Note
from sideman.theory.chord import Chord
from sideman.theory.meter import Meter
from sideman.theory.pitch import Key, PitchName

Array = NDArray[np.float64]
WINDOW = 0.25
"""The share of the probability among which a chord is drawn."""
SECTION_BARS = 8
MOST_SECTIONS, MOST_SECTION_BARS = 16, 32
_ENDING_BARS = 2
_LETTERS = "ABCD"
_SUBSTITUTES = 0.3  # the share of substitutes
_NUCLEUS = 0.9  # the rarest chords, of a tenth together, are left out
_UNKNOWN = BEFORE + 1  # a change that no context has

# The last two bars of a form: the quarter of a bar where each chord begins, and the chord.
_ENDINGS = {
    False: (
        "0 0:maj", "0 0:maj 4 2:m7 6 7:7", "0 0:maj 2 9:7 4 2:m7 6 7:7",
        "0 0:maj 2 9:m7 4 2:m7 6 7:7", "0 4:m7 2 9:7 4 2:m7 6 7:7", "0 0:maj 2 3:o 4 2:m7 6 7:7",
        "0 0:maj 2 3:7 4 2:m7 6 1:7", "0 0:maj 2 3:7 4 8:maj 6 1:7", "0 0:maj 2 5:m 4 0:maj",
    ),
    True: (
        "0 0:m", "0 0:m 4 2:ø 6 7:7", "0 0:m 2 9:ø 4 2:ø 6 7:7", "0 0:m 2 8:7 4 2:ø 6 7:7",
        "0 0:m 2 8:7 4 7:7", "0 0:m 2 8:maj 4 2:ø 6 1:7",
    ),
}  # fmt: skip
_HOME = {False: "0:maj", True: "0:m"}
# Nats for a note that begins in a chord, by whether it is a chord tone, a colour tone or neither;
# a note off the beat counts half.
_COLOUR, _AVOID = -0.4, -6.0
_OPEN_ENDING = -4.0  # nats for a last chord that is neither tonic nor dominant


@dataclass(frozen=True, slots=True)
class Section:
    """A section of a form: its letter and its bars."""

    letter: str
    bars: int


def form(text: str) -> tuple[Section, ...]:
    """Return the sections of a form such as ``AABA`` or ``A12``, of 8 bars unless they say.

    >>> [(each.letter, each.bars) for each in form("A12B4")]
    [('A', 12), ('B', 4)]
    """
    found = re.fullmatch(rf"(?:[{_LETTERS}]\d{{0,3}})+", text)
    if found is None:
        raise MusicError(
            f"{text[:40]!r} is not a form; write letters A to D, each with its bars if they are "
            f"not {SECTION_BARS}, such as AABA or A12.",
            field="form",
        )
    sections: list[Section] = []
    known: dict[str, int] = {}
    for letter, bars in re.findall(r"([A-Z])(\d*)", text):
        size = int(bars) if bars else known.get(letter, SECTION_BARS)
        if not 1 <= size <= MOST_SECTION_BARS or known.setdefault(letter, size) != size:
            raise MusicError(
                f"{text[:40]!r}: a section has 1 to {MOST_SECTION_BARS} bars, and sections with "
                "the same letter have equally many; give other numbers.",
                field="form",
            )
        sections.append(Section(letter, size))
    if len(sections) > MOST_SECTIONS:
        raise MusicError(
            f"a form has at most {MOST_SECTIONS} sections, got {len(sections)}; give fewer.",
            field="form",
        )
    return tuple(sections)


def draw(weights: Array, likely: Array, dial: float, rng: np.random.Generator) -> int:
    """Return an index drawn near a quantile of surprise.

    `weights` are what is drawn from, and `likely` the probabilities that surprise is measured by.
    """
    share = weights / weights.sum()
    surprise = -np.log2(np.maximum(likely, 1e-12))
    order = np.argsort(surprise, kind="stable")
    at = int(np.searchsorted(np.cumsum(share[order]), min(dial, 1 - 1e-9)))
    target = surprise[order[min(at, len(order) - 1)]]
    near = np.argsort(np.abs(surprise - target), kind="stable")
    near = near[share[near] > 0]
    size = int(np.searchsorted(np.cumsum(share[near]), WINDOW)) + 1
    near = np.sort(near[:size])
    return int(rng.choice(near, p=share[near] / share[near].sum()))


@dataclass
class _Draft:
    """Changes while they are written; `bars` have meters and sections, and no chords."""

    model: HarmonyModel
    key: Key
    dial: float
    rng: np.random.Generator
    bars: Changes
    walk: Walk = field(init=False)
    onsets: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.walk = self.model.begin(places(self.bars, []))
        self.rates = rhythm.rates(self.model.lengths)

    def options(self, onset: int) -> tuple[Array, Array]:
        """Return the probability of each chord at a tick: with substitutes, and by the model."""
        likely = self.expect(onset)
        mixed = (1 - _SUBSTITUTES) * likely
        mixed += _SUBSTITUTES * (likely @ self.model.rules.matrix[:NO_ROOT, :NO_ROOT])
        mixed[likely == 0] = 0
        order = np.argsort(-mixed, kind="stable")
        more = np.cumsum(mixed[order]) > _NUCLEUS * mixed.sum()
        mixed[order[1:][more[:-1]]] = 0
        return mixed, likely

    def expect(self, onset: int) -> Array:
        """Return the model's probability of each chord, without N.C. and the chord that sounds."""
        self.walk.places = places(self.bars, [*self.onsets, onset], minor=self.key.minor)
        expected = self.walk.expect(remembers=False)[:NO_ROOT]
        if self.walk.symbols:
            expected[self.walk.symbols[-1]] = 0
        found: Array = expected / expected.sum()
        return found

    def place_of(self) -> int:
        """Return the place of the change at hand in its group of four bars."""
        return int(self.walk.places.features["bar4"][-1])

    def add(self, onset: int, symbol: int) -> None:
        """Add a change, unless it sounds already."""
        if self.walk.symbols[-1:] == [symbol]:
            return
        self.onsets.append(onset)
        self.walk.choose(symbol)

    def changes(self) -> Changes:
        """Return the changes."""
        return filled(self.bars, self.onsets, self.walk.symbols, self.key)

    @cached_property
    def following(self) -> Array:
        """The probability of each chord (column) after each (row), (96, 96)."""
        chain = self.model.chains[0]
        rows = np.arange(NO_ROOT)
        known = {
            name: rows if name == "key1" else np.full(NO_ROOT, _UNKNOWN)
            for name in chain.recipe.features
        }
        found = chain.expect(known, np.zeros(NO_ROOT, np.int64))[:, :NO_ROOT]
        np.fill_diagonal(found, 0)
        after: Array = found / found.sum(axis=1, keepdims=True)
        return after


def filled(bars: Changes, onsets: Iterable[int], symbols: Iterable[int], key: Key) -> Changes:
    """Return bars with chords, which begin at `onsets` in ticks."""
    chords: list[list[ChordChange]] = [[] for _ in bars.bars]
    for onset, symbol in zip(onsets, symbols, strict=True):
        bar = bars.bar_at(onset)
        chord = readable(alphabet.chord(symbol, key), key)
        chords[bar].append(ChordChange(onset - bars.bar_starts[bar], chord))
    return replace(
        bars,
        bars=tuple(
            replace(bar, chords=tuple(mine)) for bar, mine in zip(bars.bars, chords, strict=True)
        ),
    )


def readable(chord: Chord, key: Key) -> Chord:
    """Return a chord without Cb, Fb, E# or B# in the root, but where the key has it."""
    root = chord.root
    if root is None or -6 < root.fifths < 11 or key.fifths - 1 <= root.fifths <= key.fifths + 5:
        return chord
    fifths = root.fifths + (12 if root.fifths < 0 else -12)
    return Chord(PitchName(fifths), chord.quality)


def over(
    sections: Sequence[Section],
    key: Key,
    model: HarmonyModel,
    dial: float,
    rng: np.random.Generator,
) -> Changes:
    """Return changes in 4/4 over a form; see the module."""
    bars = [
        Bar(section=None if at else each.letter) for each in sections for at in range(each.bars)
    ]
    draft = _Draft(model, key, dial, rng, Changes(tuple(bars)))
    whole = Meter().ticks_per_bar
    home = alphabet.WORDS.index(_HOME[key.minor])
    bodies: dict[str, list[tuple[int, int]]] = {}
    start = 0
    for at, section in enumerate(sections):
        last = at == len(sections) - 1
        end = start + section.bars * whole
        ending = max(start, end - _ENDING_BARS * whole)
        if section.letter not in bodies:
            closes = section.letter == sections[-1].letter
            known = len(draft.onsets)
            _free(draft, start, ending, home if closes else None)
            new = zip(draft.onsets[known:], draft.walk.symbols[known:], strict=True)
            bodies[section.letter] = [(onset - start, symbol) for onset, symbol in new]
        else:
            for offset, symbol in bodies[section.letter]:
                draft.add(start + offset, symbol)
        if last:
            _end(draft, ending, end)
        else:
            onward = bodies.get(sections[at + 1].letter)
            _free(draft, ending, end, onward[0][1] if onward else None)
        start = end
    return draft.changes()


def _free(draft: _Draft, start: int, end: int, goal: int | None) -> None:
    """Write from `start` to `end`; `goal` is the chord that follows, None if it is not known."""
    quarter = Meter().ticks_per_bar // 4
    while start < end:
        mixed, likely = draft.options(start)
        left = (end - start) // quarter
        rates = draft.rates[:, draft.place_of()]
        if left < rhythm.LONGEST:
            rates = np.c_[rates[:, : left - 1], rates[:, left - 1 :].sum(axis=1)]
        shares = mixed @ rates
        length = 1 + int(draft.rng.choice(len(shares), p=shares / shares.sum()))
        weights = mixed * rates[:, length - 1]
        if length == left and goal is not None and weights @ draft.following[:, goal] > 0:
            weights = weights * draft.following[:, goal]
        draft.add(start, draw(weights, likely, draft.dial, draft.rng))
        start += length * quarter


def _end(draft: _Draft, start: int, end: int) -> None:
    """Write the last two bars: the tonic, or a turnaround, drawn by the dial as a whole."""
    quarter = Meter().ticks_per_bar // 4
    likely, found = [], []
    for text in _ENDINGS[draft.key.minor]:
        words = text.split()
        chords = [
            (start + int(offset) * quarter, alphabet.WORDS.index(word))
            for offset, word in zip(words[::2], words[1::2], strict=True)
        ]
        if chords[-1][0] >= end:  # too long for a last section of one bar
            continue
        trial = replace(draft, onsets=draft.onsets.copy())
        trial.walk = draft.walk.branch()
        mean = 0.0
        for onset, symbol in chords:
            if trial.walk.symbols[-1:] != [symbol]:
                mean += float(np.log(max(trial.expect(onset)[symbol], 1e-9)))
            trial.add(onset, symbol)
        found.append(chords)
        likely.append(np.exp(mean / len(chords)))
    chosen = np.array(likely)
    for onset, symbol in found[draw(chosen, chosen / chosen.sum(), draft.dial, draft.rng)]:
        draft.add(onset, symbol)


# Under a melody -------------------------------------------------------------------------------


def under(
    melody: Sequence[Note],
    bars: Changes,
    key: Key,
    model: HarmonyModel,
    dial: float,
    rng: np.random.Generator,
) -> Changes:
    """Return changes under a melody, whose bars have meters and sections; see the module."""
    empty = replace(bars, bars=tuple(replace(bar, chords=()) for bar in bars.bars))
    draft = _Draft(model, key, dial, rng, empty)
    grid = _grid(empty)
    fits = np.concatenate([np.zeros((1, NO_ROOT)), _fit(melody, empty, grid, key).cumsum(axis=0)])
    ahead = _ahead(draft, grid, fits)
    at = 0
    while at < len(grid) - 1:
        mixed, likely = draft.options(grid[at].tick)
        spans = _spans(draft, grid, at)
        weights = np.full((NO_ROOT, len(spans)), -np.inf)
        for column, (to, rates) in enumerate(spans):
            weights[:, column] = np.log(rates) + fits[to] - fits[at] + ahead[to]
        weights = mixed[:, None] * np.exp(weights - weights[mixed > 0].max())
        shares = weights.sum(axis=0)
        column = int(rng.choice(len(shares), p=shares / shares.sum()))
        draft.add(grid[at].tick, draw(weights[:, column], likely, dial, rng))
        at = spans[column][0]
    return draft.changes()


@dataclass(frozen=True, slots=True)
class _Slot:
    """A tick where a chord may begin, its place in four bars, and its time, both in quarters."""

    tick: int
    place: int
    time: int


def _grid(bars: Changes) -> list[_Slot]:
    """Return the ticks where a chord may begin: quarters of a bar that are beats; and the end."""
    ticks, time = [], 0
    for start, bar in zip(bars.bar_starts, bars.bars, strict=False):
        whole, beat = bar.meter.ticks_per_bar, bar.meter.ticks_per_beat
        for quarter in range(4):
            if whole * quarter % (4 * beat) == 0:
                ticks.append((start + whole * quarter // 4, time + quarter))
        time += 4
    place = places(bars, [tick for tick, _ in ticks]).features["bar4"].tolist()
    found = [_Slot(tick, where, at) for (tick, at), where in zip(ticks, place, strict=True)]
    return [*found, _Slot(bars.length, 0, time)]


def _fit(melody: Sequence[Note], bars: Changes, grid: Sequence[_Slot], key: Key) -> Array:
    """Return the fit of each chord to the notes that begin in each slot, in nats, (slots, 96)."""
    by_class = np.full((NO_ROOT, 12), _AVOID)
    for symbol in range(NO_ROOT):
        chord = alphabet.chord(symbol, key)
        by_class[symbol, list(chord.colours)] = _COLOUR
        by_class[symbol, list(chord.tones)] = 0
    found = np.zeros((len(grid) - 1, NO_ROOT))
    ticks = np.array([each.tick for each in grid])
    for note in melody:
        if 0 <= note.onset < bars.length:
            _, beat = bars.position(note.onset)
            slot = int(np.searchsorted(ticks, note.onset, side="right")) - 1
            found[slot] += by_class[:, note.pitch % 12] * (1 if beat.is_integer() else 0.5)
    return found


def _spans(draft: _Draft, grid: Sequence[_Slot], at: int) -> list[tuple[int, Array]]:
    """Return the slots at which a chord from a slot may end, each with its rate by symbol."""
    rates = draft.rates[:, grid[at].place]
    return [
        (to, rates[:, grid[to].time - grid[at].time - 1])
        for to in range(at + 1, len(grid))
        if grid[to].time - grid[at].time <= rhythm.LONGEST
    ]


def _ahead(draft: _Draft, grid: Sequence[_Slot], fits: Array) -> Array:
    """Return the log sum of all that may follow a chord that ends at a slot, (slots, 96)."""
    found = np.zeros((len(grid), NO_ROOT))
    homes = [alphabet.WORDS.index(word) for word in (_HOME[draft.key.minor], "0:7", "7:7")]
    found[-1] = _OPEN_ENDING
    found[-1, homes] = 0
    for at in range(len(grid) - 2, -1, -1):
        terms = np.array(
            [
                np.log(rates) + fits[to] - fits[at] + found[to]
                for to, rates in _spans(draft, grid, at)
            ]
        )
        whole = np.logaddexp.reduce(terms, axis=0)
        top = whole.max()
        found[at] = top + np.log(draft.following @ np.exp(whole - top) + 1e-300)
    return found
