"""Write changes by a dial of surprise: over a form of letters, or under a melody.

Changes are written as they are expected, and then some are replaced by substitutes, so that a
surprise can be deduced (after François Pachet, "Surprising Harmonies", 1999).

*As expected*: at each place a length and then a chord is drawn.  The probability of a chord is the
product of

- the model of harmony's without memory (:class:`sideman.models.harmony.model.Walk`);
- that of its length (:mod:`.rhythm`);
- its fit to the notes of the melody that begin in it; and
- the probability of what follows: of the next chord where it is known, or under a melody the sum
  over all chords that may follow to the end, by dynamic programming with one previous chord in the
  place of all.

Under a melody the length is drawn first, by its probability and the fit of the chord that fits the
notes best in it.  By the sums over what follows a chord that no note contradicts would be held for
bars, because most of the others fit less.

The chord is drawn among those whose surprise by the model lies nearest to a quantile, until they
have :data:`WINDOW` of the probability: locally typical sampling (Meister et al., 2023) with another
target than the entropy.  The quantile is :data:`EXPECTED` times the dial.

*Substitutes*: a chord d gives way to c with odds of

    odds(dial) · P(c for d) · P(next | c) / P(next | d) · fit(c) / fit(d),

where the first probability is that of the rule (:mod:`.substitutions`) and the others are those of
leading on to the next chord.  The model goes on from d, so that the next chord is what it would
have been: ii ♭II I instead of ii V I.

Sections with the same letter are equal but for their last two bars.  A form ends with its tonic or
with a turnaround.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise

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
EXPECTED = 0.5
"""The highest quantile of surprise of a chord before it is replaced."""
SUBSTITUTES = 0.6
"""The share of changes that are substitutes for what was expected, at a dial of 1."""
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
_HOMES = {False: ("0:maj", "0:7"), True: ("0:m", "0:m7")}
# Nats for a note that begins in a chord, by whether it is a chord tone, a colour tone or neither;
# a note off the beat counts half, and one that is held a part in every slot that it is held into.
_COLOUR, _AVOID = -0.4, -6.0
_HELD = 0.25
_BEST = 0.5  # the power of the best chord's fit in the choice of a length
_OPEN_ENDING = -12.0  # nats for a last chord that is no tonic
_LEAST = 1e-9  # the least probability of a tonic as the last chord


@dataclass(frozen=True, slots=True)
class Section:
    """A section of a form: its letter and its bars."""

    letter: str
    bars: int

    def __str__(self) -> str:
        """Return the section as in :func:`form`."""
        return self.letter if self.bars == SECTION_BARS else f"{self.letter}{self.bars}"


def form(text: str) -> tuple[Section, ...]:
    """Return the sections of a form such as ``AABA`` or ``A12``, of 8 bars unless they say.

    >>> [(each.letter, each.bars) for each in form("A12B4")]
    [('A', 12), ('B', 4)]
    """
    found = re.fullmatch(rf"(?:[{_LETTERS}][0-9]{{0,3}})+", text)
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
class Draft:
    """Changes while they are written; `bars` have meters and sections, and no chords.

    The walk has the chords as they are expected, `heard` are those that sound, and `held` has the
    probability of each change's length for each chord, (96,).
    """

    model: HarmonyModel
    key: Key
    dial: float
    rng: np.random.Generator
    bars: Changes
    walk: Walk = field(init=False)
    onsets: list[int] = field(default_factory=list)
    heard: list[int] = field(default_factory=list)
    held: list[Array] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.walk = self.model.begin(places(self.bars, []))

    def expect(self, onset: int) -> Array:
        """Return the model's probability of each chord, without N.C. and the chord that sounds."""
        self.walk.places = places(self.bars, [*self.onsets, onset], minor=self.key.minor)
        expected = self.walk.expect(remembers=False)[:NO_ROOT]
        if self.walk.symbols:
            expected[self.walk.symbols[-1]] = 0
        found: Array = expected / expected.sum()
        return found

    def rates(self) -> Array:
        """Return the probability of each length of each chord at the place at hand, (96, 32)."""
        known = [*self.onsets[-rhythm.EARLIER :], self.walk.places.onsets[-1]]
        quarter = self.bars.meter.ticks_per_bar // 4
        before = [rhythm.length(b - a, quarter) for a, b in pairwise(known)]
        place = int(self.walk.places.features["bar4"][-1])
        return rhythm.rates(self.model.rhythm, place, before)

    def draw(self, weights: Array, likely: Array) -> int:
        """Return a chord as it is expected."""
        return draw(weights, likely, EXPECTED * self.dial, self.rng)

    def add(
        self, onset: int, symbol: int, held: Array | None = None, heard: int | None = None
    ) -> None:
        """Add a change, unless it sounds already."""
        sounds = symbol if heard is None else heard
        if self.walk.symbols[-1:] == [symbol] and self.heard[-1] == sounds:
            return
        self.onsets.append(onset)
        self.walk.choose(symbol)
        self.held.append(np.ones(NO_ROOT) if held is None else held)
        self.heard.append(sounds)

    def replace(
        self, first: int, last: int, after: int | None = None, fits: Array | None = None
    ) -> None:
        """Replace some of the changes from index `first` to before `last` by substitutes.

        `after` is the chord that follows all changes, None if it is not known; `fits` is the fit
        of each chord to the melody in each change, in nats, (changes, 96).  The odds are those of
        the module's docstring.
        """

        def substitutes(at: int) -> Array:
            return self._substitutes(at, after, None if fits is None else fits[at])

        sums = [float(substitutes(at).sum()) for at in range(first, last)]
        odds = _odds(sums, SUBSTITUTES * self.dial)
        for at in range(last - 1, first - 1, -1):
            weights = odds * substitutes(at)
            weights[self.heard[at]] = 1
            self.heard[at] = int(self.rng.choice(NO_ROOT, p=weights / weights.sum()))

    def _substitutes(self, at: int, after: int | None, fit: Array | None) -> Array:
        """Return the odds of each chord in the place of a change, by its rule; see the module."""
        expected = self.heard[at]
        following = self.heard[at + 1] if at + 1 < len(self.heard) else after
        if following is None or not at:
            return np.zeros(NO_ROOT)
        found = self.model.rules.matrix[expected, :NO_ROOT] * self.following[:, following]
        found /= max(self.following[expected, following], 1e-9)
        before = self.following[self.heard[at - 1]]
        found *= before / max(before[expected], 1e-9)
        held = self.held[at]
        found *= held / held[expected]
        if fit is not None:
            found *= np.exp(fit - fit[expected])
        found[[self.heard[at - 1], expected, following]] = 0
        return found

    def changes(self) -> Changes:
        """Return the changes."""
        return filled(self.bars, self.onsets, self.heard, self.key)

    @cached_property
    def following(self) -> Array:
        """The probability of each chord (column) after each (row), (96, 96).

        It is the mean of that by the last chord in the key and that by its class alone.
        """
        rows = np.arange(NO_ROOT)
        known = {
            "key1": rows,
            "class1": rows % alphabet.CLASSES,
            "minor": np.full(NO_ROOT, int(self.key.minor)),
        }
        found = np.zeros((NO_ROOT, NO_ROOT))
        for chain in self.model.chains[:2]:
            names = chain.recipe.features
            features = {name: known.get(name, np.full(NO_ROOT, _UNKNOWN)) for name in names}
            found += chain.expect(features, rows // alphabet.CLASSES)[:, :NO_ROOT]
        np.fill_diagonal(found, 0)
        after: Array = found / found.sum(axis=1, keepdims=True)
        return after


def _odds(weights: Sequence[float], share: float) -> float:
    """Return the number by which weights are odds of which a share comes true, at most 10^6."""
    known = np.array(weights)
    low, high = 0.0, 1e6
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (
            (middle, high)
            if (middle * known / (1 + middle * known)).sum() < share * len(known)
            else (low, middle)
        )
    return high


def filled(bars: Changes, onsets: Iterable[int], symbols: Iterable[int], key: Key) -> Changes:
    """Return bars with chords, which begin at `onsets` in ticks."""
    chords: list[list[ChordChange]] = [[] for _ in bars.bars]
    for onset, symbol in zip(onsets, symbols, strict=True):
        bar = bars.bar_at(onset)
        chord = readable(alphabet.chord(symbol, key), key)
        chords[bar].append(ChordChange(onset - bars.bar_starts[bar], chord))
    sounding: list[ChordChange] = []
    for each, mine in zip(bars.bars, chords, strict=True):
        if each.section and not mine:  # a chart names anew what sounds on into a section
            mine += [ChordChange(0, last.chord) for last in sounding]
        sounding = mine[-1:] or sounding
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
    draft = Draft(model, key, dial, rng, Changes(tuple(bars)))
    whole = Meter().ticks_per_bar
    bodies: dict[str, list[tuple[int, int, int]]] = {}
    start = 0
    for at, section in enumerate(sections):
        end = start + section.bars * whole
        ending = max(start, end - _ENDING_BARS * whole)
        new = len(draft.onsets)
        again = section.letter in bodies
        if again:
            for offset, symbol, heard in bodies[section.letter]:
                draft.add(start + offset, symbol, heard=heard)
        else:
            closes = section.letter == sections[-1].letter
            _free(draft, start, ending, _home(draft) if closes else None)
        body = len(draft.onsets)
        if at == len(sections) - 1:
            _end(draft, ending, end)
            draft.replace(body if again else new, body)
        else:
            onward = bodies.get(sections[at + 1].letter)
            _free(draft, ending, end, onward[0][1] if onward else None)
            after = onward[0][2] if onward else None
            draft.replace(body if again else new, len(draft.onsets), after)
        bodies.setdefault(
            section.letter,
            [
                (draft.onsets[each] - start, draft.walk.symbols[each], draft.heard[each])
                for each in range(new, body)
            ],
        )
        start = end
    return draft.changes()


def _home(draft: Draft) -> int:
    """Return the tonic chord that the changes have most often so far."""
    homes = [alphabet.WORDS.index(word) for word in _HOMES[draft.key.minor]]
    return max(homes, key=draft.walk.symbols.count)


def _free(draft: Draft, start: int, end: int, goal: int | None) -> None:
    """Write from `start` to `end`; `goal` is the chord that follows, None if it is not known."""
    quarter = Meter().ticks_per_bar // 4
    while start < end:
        likely = draft.expect(start)
        common = _common(likely)
        left = (end - start) // quarter
        rates = draft.rates()
        if left < rhythm.LONGEST:
            rates = np.c_[rates[:, : left - 1], rates[:, left - 1 :].sum(axis=1)]
        shares = common @ rates
        length = 1 + int(draft.rng.choice(len(shares), p=shares / shares.sum()))
        weights = common * rates[:, length - 1]
        if length == left and goal is not None and weights @ draft.following[:, goal] > 0:
            weights, likely = (each * draft.following[:, goal] for each in (weights, likely))
        draft.add(start, draft.draw(weights, likely), rates[:, length - 1])
        start += length * quarter


def _common(likely: Array) -> Array:
    """Return probabilities without the rarest chords."""
    order = np.argsort(-likely, kind="stable")
    more = np.cumsum(likely[order]) > _NUCLEUS
    found = likely.copy()
    found[order[1:][more[:-1]]] = 0
    return found


def _end(draft: Draft, start: int, end: int) -> None:
    """Write the last two bars: the tonic, or a turnaround, drawn by the dial as a whole."""
    quarter = Meter().ticks_per_bar // 4
    home = _home(draft)
    likely, found = [], []
    for text in _ENDINGS[draft.key.minor]:
        words = text.split()
        chords = [
            (
                start + int(offset) * quarter,
                home if word == _HOMES[draft.key.minor][0] else alphabet.WORDS.index(word),
            )
            for offset, word in zip(words[::2], words[1::2], strict=True)
        ]
        if chords[-1][0] >= end:  # too long for a last section of one bar
            continue
        trial = replace(
            draft, onsets=draft.onsets.copy(), heard=draft.heard.copy(), held=draft.held.copy()
        )
        trial.walk = draft.walk.branch()
        mean = 0.0
        for onset, symbol in chords:
            if trial.walk.symbols[-1:] != [symbol]:
                mean += float(np.log(max(trial.expect(onset)[symbol], 1e-9)))
            trial.add(onset, symbol)
        found.append(chords)
        likely.append(np.exp(mean / len(chords)))
    chosen = np.array(likely)
    for onset, symbol in found[draft.draw(chosen, chosen / chosen.sum())]:
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
    draft = Draft(model, key, dial, rng, empty)
    grid = _grid(empty)
    fits = np.concatenate([np.zeros((1, NO_ROOT)), _fit(melody, empty, grid, key).cumsum(axis=0)])
    ahead = _ahead(draft, grid, fits)
    at, slots = 0, [0]
    while at < len(grid) - 1:
        likely = draft.expect(grid[at].tick)
        common = _common(likely)
        spans = _spans(draft.rates(), grid, at)
        prior = np.array([common @ rates for _, rates in spans])
        best = np.array([(fits[to] - fits[at])[common > 0].max() for to, _ in spans])
        if spans[-1][0] == len(grid) - 1:  # a longer chord ends with the tune
            prior[-1] += 1 - prior.sum()
            best[-1] = (fits[-1] - fits[at] + ahead[-1])[common > 0].max()
        shares = prior * np.exp(_BEST * (best - best.max()))
        to, rates = spans[int(rng.choice(len(shares), p=shares / shares.sum()))]
        possible, after = common, ahead[to]
        if to == len(grid) - 1:
            home = _last_home(draft)
            if draft.walk.symbols[-1:] == [home]:
                break
            possible, after = common.copy(), _closing(home)
            possible[home] = max(likely[home], _LEAST)
        weights = np.log(rates) + fits[to] - fits[at] + after
        weights = possible * np.exp(weights - weights[possible > 0].max())
        draft.add(grid[at].tick, draft.draw(weights, likely), rates)
        at = to
        slots.append(at)
    draft.replace(0, len(draft.heard) - 1, fits=np.diff(fits[slots], axis=0))
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
            slot, end = np.searchsorted(ticks, (note.onset + 1, min(note.end, bars.length)))
            found[slot - 1] += by_class[:, note.pitch % 12] * (1 if beat.is_integer() else 0.5)
            found[slot:end] += by_class[:, note.pitch % 12] * _HELD
    return found


def _spans(rates: Array, grid: Sequence[_Slot], at: int) -> list[tuple[int, Array]]:
    """Return the slots at which a chord from a slot may end, each with its rate by symbol."""
    return [
        (to, rates[:, grid[to].time - grid[at].time - 1])
        for to in range(at + 1, min(len(grid), at + 1 + rhythm.LONGEST))
        if grid[to].time - grid[at].time <= rhythm.LONGEST
    ]


def _closing(*homes: int) -> Array:
    """Return the nats of each chord as the last one, shape (96,); `homes` are tonics."""
    found = np.full(NO_ROOT, _OPEN_ENDING)
    found[list(homes)] = 0
    return found


def _last_home(draft: Draft) -> int:
    """Return the tonic on which a melody ends: a seventh chord only where no other tonic came."""
    plain = alphabet.WORDS.index(_HOMES[draft.key.minor][0])
    return plain if plain in draft.walk.symbols else _home(draft)


def _ahead(draft: Draft, grid: Sequence[_Slot], fits: Array) -> Array:
    """Return the log sum of all that may follow a chord that ends at a slot, (slots, 96)."""
    found = np.zeros((len(grid), NO_ROOT))
    found[-1] = _closing(*(alphabet.WORDS.index(word) for word in _HOMES[draft.key.minor]))
    by_place = [rhythm.rates(draft.model.rhythm, place) for place in range(rhythm.PLACES)]
    for at in range(len(grid) - 2, -1, -1):
        terms = np.array(
            [
                np.log(rates) + fits[to] - fits[at] + found[to]
                for to, rates in _spans(by_place[grid[at].place], grid, at)
            ]
        )
        whole = np.logaddexp.reduce(terms, axis=0)
        top = whole.max()
        found[at] = top + np.log(draft.following @ np.exp(whole - top) + 1e-300)
    return found
