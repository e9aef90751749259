"""Reharmonization by rules of jazz theory, chosen by their surprise by a model of harmony.

Each rule of :data:`RULES` rewrites one place of the changes under a condition.  A rewriting is left
out where a note of the melody would be an avoid note of a new chord
(:meth:`sideman.theory.chord.Chord.avoids`).  The *price* of a step is the bits of all changes after
it less those before, by the model; of the steps that are possible, one near a quantile of the
prices is drawn.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import groupby

import numpy as np
from numpy.random import Generator

from sideman.models.harmony import analysis
from sideman.models.harmony.analysis import TONIC, Analysis, Function
from sideman.models.harmony.model import HarmonyModel, Progression
from sideman.models.harmony.pricing import Pricing, Rewriting
from sideman.models.ngram import quality_class
from sideman.score import Changes, ChordChange, ChordSpan, LeadSheet, Note
from sideman.theory.chord import Chord, Quality
from sideman.theory.pitch import Key, PitchName

_MAJOR, _DOMINANT, _MINOR, _MINOR7, _HALF = range(1, 6)  # of `quality_class`
_FARTHEST = 6  # on the line of fifths: from Gb to F#
MOST_PRICED = 64
"""The most steps that are priced at a time; of more so many are drawn."""
_NEAR = 3
"""The steps of which one is drawn: those whose price is nearest to the quantile."""


@dataclass(frozen=True, slots=True)
class Step:
    """A rewriting of the changes from `onset` to `end` in ticks.

    `before` and `after` are chords with the tick at which they begin, `reason` is a sentence, and
    `price` is in bits.
    """

    rule: str
    onset: int
    end: int
    before: tuple[tuple[int, Chord], ...]
    after: tuple[tuple[int, Chord], ...]
    reason: str
    price: float = 0.0


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A step that is not taken, because a note of the melody would be an avoid note of a chord."""

    step: Step
    note: Note
    chord: Chord


@dataclass(frozen=True)
class Reharmonized:
    """New changes, the steps to them in order, and the steps that the melody forbids at first.

    `bits` are those of all changes, before the first step and after each.
    """

    changes: Changes
    steps: tuple[Step, ...]
    left_out: tuple[LeftOut, ...]
    bits: tuple[float, ...]
    counts: tuple[int, ...]


@dataclass(frozen=True)
class _Place:
    """The chords of changes, repetitions joined, and their analysis, with queries for rules."""

    spans: tuple[ChordSpan, ...]
    changes: Changes
    analysis: Analysis
    key: Key

    def function(self, at: int) -> Function:
        """Return the function of a chord."""
        return self.analysis.function_at(self.spans[at].onset)

    def is_tonic(self, at: int) -> bool:
        """Return whether a chord is the tonic chord of its local key."""
        found = self.function(at)
        return found.function == TONIC and found.change.root == found.tonic

    def repeats(self, at: int) -> bool:
        """Return whether the root of a chord is that of the chord before."""
        return self.falls(at - 1, 0)

    def late(self, at: int) -> int | None:
        """Return the tick from which a dominant can give way; None if nowhere.

        A tonic of two bars or more, as in a blues, gives way in its last bar alone.
        """
        span = self.spans[at]
        if not self.is_tonic(at):
            return span.onset
        start = self.changes.bar_starts[self.changes.bar_at(span.end - 1)]
        return start if self.bars(at) >= 2 and start > span.onset else None

    @cached_property
    def kinds(self) -> tuple[int, ...]:
        """The class of each chord; 0 for N.C."""
        return tuple(quality_class(span.chord) for span in self.spans)

    def kind(self, at: int) -> int:
        """Return the class of a chord; 0 outside the changes and for N.C."""
        return self.kinds[at] if 0 <= at < len(self.spans) else 0

    def falls(self, at: int, semitones: int = 7) -> bool:
        """Return whether the next root is a number of semitones down."""
        if at < 0 or at + 1 >= len(self.spans):
            return False
        root, after = (each.chord.root for each in self.spans[at : at + 2])
        return (
            root is not None
            and after is not None
            and (root.pitch_class - after.pitch_class) % 12 == semitones
        )

    def two_before(self, at: int) -> bool:
        """Return whether the chord before is the ii of a dominant."""
        return self.kind(at - 1) in (_MINOR, _MINOR7, _HALF) and self.falls(at - 1)

    def half(self, at: int, start: int | None = None) -> int | None:
        """Return the tick in the middle of a chord, or of what is left of it from a tick on.

        None if that is not a beat.
        """
        span = self.spans[at]
        onset = span.onset if start is None else start
        bar = self.changes.bar_at(onset)
        beat = self.changes.bars[bar].meter.ticks_per_beat
        whole = (span.end - onset) % (2 * beat) == 0
        return (onset + span.end) // 2 if whole and span.end - onset >= 2 * beat else None

    def bars(self, at: int) -> float:
        """Return the length of a chord in bars."""
        span = self.spans[at]
        ticks = self.changes.bars[self.changes.bar_at(span.onset)].meter.ticks_per_bar
        return (span.end - span.onset) / ticks

    def step(
        self, rule: str, first: int, last: int, after: Sequence[tuple[int, Chord]], reason: str
    ) -> Step:
        """Return the step that rewrites the chords from `first` to `last`."""
        old = self.spans[first : last + 1]
        before = tuple((each.onset, each.chord) for each in old)
        return Step(rule, old[0].onset, old[-1].end, before, tuple(after), reason)


@lru_cache(maxsize=256)
def _chord(fifths: int, suffix: str) -> Chord:
    name = PitchName(fifths)
    highest = _FARTHEST + 4 * (suffix == "dim7")  # which is read upwards: D#dim7
    usual = -_FARTHEST <= fifths <= highest
    return Chord(name if usual else name.simplest(), Quality.parse(suffix))


def _root(span: ChordSpan) -> int:
    """Return the place of a root on the line of fifths."""
    assert span.chord.root is not None
    return span.chord.root.fifths


def _tritone(place: _Place) -> Iterator[Step]:
    for at, span in enumerate(place.spans):
        start = place.late(at)
        if place.kind(at) == _DOMINANT and place.falls(at) and start:
            goal = place.spans[at + 1].chord
            new = _chord(_root(place.spans[at + 1]) - 5, "7")
            reason = (
                f"{span.chord} goes a fifth down to {goal}; {new} has the same tritone and goes a "
                "semitone down"
            )
            kept = [(span.onset, span.chord)] if start > span.onset else []
            yield place.step("tritone", at, at, [*kept, (start, new)], reason)


def _two_five(place: _Place) -> Iterator[Step]:
    for at, span in enumerate(place.spans):
        start = place.late(at)
        middle = None if start is None else place.half(at, start)
        if place.kind(at) != _DOMINANT or start is None or middle is None:
            continue
        if place.two_before(at) or place.repeats(at):
            continue
        if not place.falls(at) and not place.falls(at, 1):
            continue
        to_minor = place.falls(at) and place.kind(at + 1) in (_MINOR, _MINOR7, _HALF)
        two = _chord(_root(span) + 1, "m7b5" if to_minor else "m7")
        half = "first half" if start == span.onset else "last bar's first half"
        reason = f"{two} is the ii of {span.chord} and takes its {half}"
        kept = [(span.onset, span.chord)] if start > span.onset else []
        after = [*kept, (start, two), (middle, span.chord)]
        yield place.step("ii-V", at, at, after, reason)


def _backdoor(place: _Place) -> Iterator[Step]:
    for at, span in enumerate(place.spans):
        if place.kind(at) != _DOMINANT or not place.falls(at) or place.kind(at + 1) != _MAJOR:
            continue
        if not place.is_tonic(at + 1) or place.repeats(at):
            continue
        tonic = place.spans[at + 1]
        four, seven = _chord(_root(tonic) - 1, "m7"), _chord(_root(tonic) - 2, "7")
        first = at - 1 if place.two_before(at) else at
        middle = span.onset if first < at else place.half(at)
        if middle is None:
            continue
        reason = (
            f"{four} {seven}, the IV and the bVII of the minor key on {tonic.chord.root}, lead to "
            f"{tonic.chord}, the last a whole tone up"
        )
        after = [(place.spans[first].onset, four), (middle, seven)]
        yield place.step("backdoor", first, at, after, reason)


def _coltrane(place: _Place) -> Iterator[Step]:
    for at in range(1, len(place.spans) - 1):
        two, five, one = place.spans[at - 1 : at + 2]
        if not (
            place.kind(at) == _DOMINANT
            and place.two_before(at)
            and place.falls(at)
            and place.kind(at + 1) == _MAJOR
            and place.bars(at - 1) == place.bars(at) == 1
            and place.bars(at + 1) >= 2
        ):
            continue
        beats = [place.half(each) for each in (at - 1, at)]
        starts = place.changes.bar_starts
        if None in beats or two.onset not in starts:
            continue
        bar = five.onset - two.onset
        half = bar // 2
        home = _root(one)
        cycle = [
            (two.onset, two.chord),
            (two.onset + half, _chord(home - 3, "7")),
            (five.onset, _chord(home - 4, "maj7")),
            (five.onset + half, _chord(home + 5, "7")),
            (one.onset, _chord(home + 4, "maj7")),
            (one.onset + half, five.chord),
            (one.onset + bar, one.chord),
        ]
        reason = (
            f"{two.chord} {five.chord} {one.chord} over four bars becomes a cycle of major keys a "
            f"third apart, {cycle[2][1].root}, {cycle[4][1].root}, {one.chord.root}, each after "
            "its dominant"
        )
        yield place.step("coltrane", at - 1, at + 1, cycle, reason)


_INTERCHANGED = {
    (0, _MAJOR): ("m6", {2, 5, 7}),
    (5, _MAJOR): ("m6", {0, 4, 7, 10}),
    (2, _MINOR7): ("m7b5", {7, 1}),
}
"""By degree and class: the suffix in the parallel minor key, and the degrees that may follow."""


def _interchange(place: _Place) -> Iterator[Step]:
    for at, span in enumerate(place.spans):
        if span.chord.root is None or not 0 < at < len(place.spans) - 1:
            continue
        function, after = place.function(at), place.spans[at + 1].chord.root
        degree = (function.change.root - function.tonic) % 12
        suffix, next_degrees = _INTERCHANGED.get((degree, place.kind(at)), ("", set()))
        if function.minor or after is None:
            continue
        if (after.pitch_class - function.tonic) % 12 not in next_degrees:
            continue
        if not degree and (place.kind(at - 1) == _DOMINANT or place.bars(at) < 1):
            continue
        if degree == 2 and place.kind(at + 1) != _DOMINANT:
            continue
        if degree and place.key.minor and place.key.tonic.pitch_class == function.change.root:
            continue
        new = _chord(_root(span), suffix)
        tonic = PitchName(_root(span) + {0: 0, 5: 1, 2: -2}[degree])
        reason = f"{new} is the chord on the same degree in {tonic} minor"
        yield place.step("interchange", at, at, [(span.onset, new)], reason)


def _diminished(place: _Place) -> Iterator[Step]:
    for at, span in enumerate(place.spans):
        middle = place.half(at)
        if middle is None or place.kind(at) not in (_MAJOR, _MINOR7):
            continue
        up = place.falls(at, 10) and place.kind(at + 1) in (_MAJOR, _MINOR7, _DOMINANT)
        down = place.falls(at, 2) and place.kind(at) == place.kind(at + 1) == _MINOR7
        if up or down:
            new = _chord(_root(span) + (7 if up else -7), "dim7")
            after = [(span.onset, span.chord), (middle, new)]
            reason = f"{new} passes between {span.chord} and {place.spans[at + 1].chord}"
            yield place.step("diminished", at, at, after, reason)


RULES: Mapping[str, Callable[[_Place], Iterator[Step]]] = {
    "tritone": _tritone,
    "ii-V": _two_five,
    "backdoor": _backdoor,
    "coltrane": _coltrane,
    "interchange": _interchange,
    "diminished": _diminished,
}
"""The rules by name."""


def possible(
    changes: Changes, melody: Sequence[Note], key: Key, rules: Sequence[str]
) -> tuple[list[Step], list[LeftOut]]:
    """Return the steps that some rules allow, and those that the melody forbids."""
    place = _Place(tuple(_joined(changes)), changes, analysis.analyze(changes, key), key)
    steps: list[Step] = []
    left_out: list[LeftOut] = []
    line = _Line(melody)
    for rule in rules:
        for step in RULES[rule](place):
            clash = next(_clashes(step, line), None)
            if clash is None:
                steps.append(step)
            else:
                left_out.append(LeftOut(step, *clash))
    return steps, left_out


def reharmonized(
    sheet: LeadSheet,
    key: Key,
    model: HarmonyModel,
    rules: Sequence[str],
    dial: tuple[float, int],
    rng: Generator,
    told: Callable[[int], None] = lambda _: None,
) -> Reharmonized:
    """Return the changes of a sheet rewritten by steps drawn near a quantile of their prices.

    Parameters
    ----------
    sheet, key
        The tune, and its key.
    model : HarmonyModel
        The model that prices the steps.
    rules : sequence of str
        Names of :data:`RULES`.
    dial : float, int
        The quantile of the prices, 0 to 1, and the largest number of steps.
    rng : Generator
        What draws among the steps nearest to the quantile.
    told : function
        It is called with the number of steps after each.
    """
    quantile, most = dial
    changes, melody = sheet.changes, sheet.melody
    tune = Progression.of(changes, key.tonic.pitch_class, minor=key.minor)
    totals, counts = [float(model.surprise(tune).sum())], [len(tune)]
    done: list[Step] = []
    left_out: list[LeftOut] = []
    for number in range(most):
        steps, refused = possible(changes, melody, key, rules)
        if not number:
            left_out = refused
        steps = [step for step in steps if _untouched(step, done)]
        if not steps:
            break
        if len(steps) > MOST_PRICED:
            chosen = rng.choice(len(steps), MOST_PRICED, replace=False)
            steps = [steps[at] for at in sorted(chosen.tolist())]
        rewritings = [Rewriting(step.onset, step.end, step.after) for step in steps]
        found = Pricing(changes, key, model).rewritten(rewritings)
        priced = []
        for step, bits in zip(steps, found, strict=True):
            total = float(bits.sum())
            priced.append((replace(step, price=total - totals[-1]), total, len(bits)))
        target = float(np.quantile([step.price for step, *_ in priced], quantile))
        priced.sort(key=lambda each: (abs(each[0].price - target), each[0].onset, each[0].rule))
        step, total, count = priced[int(rng.integers(min(_NEAR, len(priced))))]
        changes = applied(changes, step)
        done.append(step)
        totals.append(total)
        counts.append(count)
        told(len(done))
    return Reharmonized(changes, tuple(done), tuple(left_out), tuple(totals), tuple(counts))


def _untouched(step: Step, done: Sequence[Step]) -> bool:
    """Return whether no step has written the place; a ii may come before a tritone substitute."""
    over = [each.rule for each in done if each.onset < step.end and step.onset < each.end]
    return not over or (step.rule == "ii-V" and over == ["tritone"])


def applied(changes: Changes, step: Step) -> Changes:
    """Return changes with a step."""
    arrivals = [
        (start + change.onset, change.chord)
        for start, bar in zip(changes.bar_starts, changes.bars, strict=False)
        for change in bar.chords
        if not step.onset <= start + change.onset < step.end
    ]
    chords: list[list[ChordChange]] = [[] for _ in changes.bars]
    for tick, chord in sorted([*arrivals, *step.after], key=lambda each: each[0]):
        bar = changes.bar_at(tick)
        chords[bar].append(ChordChange(tick - changes.bar_starts[bar], chord))
    bars = (replace(bar, chords=tuple(new)) for bar, new in zip(changes.bars, chords, strict=True))
    return replace(changes, bars=tuple(bars))


def _joined(changes: Changes) -> Iterator[ChordSpan]:
    """Yield the chords of changes, one that is written again being one."""
    for _, same in groupby(changes.spans, key=lambda span: span.chord):
        first, *more = same
        yield replace(first, end=more[-1].end) if more else first


class _Line:
    """The notes of a melody by time."""

    def __init__(self, melody: Sequence[Note]) -> None:
        self._notes = sorted(melody, key=lambda note: note.onset)
        self._onsets = [note.onset for note in self._notes]
        self._longest = max((note.duration for note in self._notes), default=0)

    def sounding(self, start: int, end: int) -> Iterator[Note]:
        """Yield the notes that sound between two ticks."""
        first = bisect_right(self._onsets, start - self._longest)
        for note in self._notes[first : bisect_left(self._onsets, end)]:
            if note.end > start:
                yield note


def _clashes(step: Step, melody: _Line) -> Iterator[tuple[Note, Chord]]:
    """Yield the notes of a melody that are avoid notes of a new chord, with it."""
    old = dict(step.before)
    ticks = [tick for tick, _ in step.after]
    ends = [*ticks[1:], step.end]
    for (tick, chord), end in zip(step.after, ends, strict=True):
        if chord == _at(old, tick):
            continue
        for note in melody.sounding(tick, end):
            if chord.avoids(note.pitch):
                yield note, chord


def _at(chords: dict[int, Chord], tick: int) -> Chord | None:
    ticks = sorted(chords)
    at = bisect_right(ticks, tick)
    return chords[ticks[at - 1]] if at else None
