"""The likelihood of notes by a grammar: the filter against the sum over all derivations."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from pathlib import Path
from string import ascii_lowercase

import numpy as np
import pytest

from sideman.evaluation import scorers
from sideman.models.events import DURATION_TICKS, LONGEST_IOI, PITCHES, Distributions, Events
from sideman.models.grammar import blocks as compiling
from sideman.models.grammar import doubts, fitting, reading, scoring, tones
from sideman.models.grammar.abstract import duration
from sideman.models.grammar.blocks import UndefinedError, compiled
from sideman.models.grammar.scoring import GrammarScorer, Weights
from sideman.models.grammar.tables import Tables
from sideman.score import Bar, Changes, ChordChange
from sideman.theory.chord import Chord

CHAIN = """
(parameter (min-pitch 40)) (parameter (max-pitch 90)) (startsymbol P)
(base (P 0) () 1)
(rule (P Y) ((START 1) (P (- Y 480))) 1) (rule (P Y) ((START 2) (P (- Y 960))) 10)
(rule (START Z) ((Cluster0 Z)) 0.75) (rule (START Z) ((Cluster1 Z)) 0.25)
(rule (Cluster0 Z) (Q0 (Cluster0to1 (- Z 1))) 0.5) (rule (Cluster0 Z) (Q0 (Cluster0 (- Z 1))) 0.5)
(rule (Cluster0to1 Z) (Q1 (Cluster1 (- Z 1))) 1)
(rule (Cluster1 Z) (Q1 (Cluster0 (- Z 1))) 0.7) (rule (Cluster1 Z) (Q1 (START (- Z 1))) 0.3)
(base (Cluster0 0) () 1) (base (Cluster1 0) () 1) (base (Cluster0to1 0) () 1)
(rule (Q0) ((slope 0 0 C4) (slope 1 3 A8 A8 C2)) 0.6)
(rule (Q0) ((slope 0 0 C4) (slope -2 -1 L8 R8) (slope 1 4 X2)) 0.3)
(rule (Q0) ((slope 0 0 R1)) 0.1)
(rule (Q1) ((slope 2 3 R4 C8) (slope -1 -1 A8 C2)) 0.8)
(rule (Q1) ((slope 0 0 R1)) 0.2)
"""
# The same by hand: cluster by symbol and what follows; melodies as (tick, slots, kind, low, high).
START = {"Cluster0": 0.75, "Cluster1": 0.25}
FOLLOWS = {
    "Cluster0": (0, {"Cluster0to1": 0.5, "Cluster0": 0.5}),
    "Cluster0to1": (1, {"Cluster1": 1.0}),
    "Cluster1": (1, {"Cluster0": 0.7, "START": 0.3}),
}
MELODIES = {
    0: (
        (
            0.6,
            ((0, 120, "C", 0, 0), (24, 60, "A", 1, 3), (36, 60, "A", 1, 3), (48, 240, "C", 1, 3)),
        ),
        (0.3, ((0, 120, "C", 0, 0), (24, 60, "L", -2, -1), (48, 240, "X", 1, 4))),
        (0.1, ()),
    ),
    1: (
        (0.8, ((24, 60, "C", 2, 3), (36, 60, "A", -1, -1), (48, 240, "C", -1, -1))),
        (0.2, ()),
    ),
}
BAR, REACH = 96, (40, 90)


class Plain:
    """A unigram with few parameters."""

    name = "plain"

    def distributions(self, events: Events) -> Distributions:
        notes = len(events)
        ioi = 0.97 ** np.arange(LONGEST_IOI)
        pitch = 1.0 + (np.arange(PITCHES) % 7)
        duration = 1.0 + np.arange(len(DURATION_TICKS))
        rows = [np.tile(one / one.sum(), (notes, 1)) for one in (ioi, pitch, duration)]
        return Distributions(*rows)


def chords() -> Changes:
    bars = [["C7"], ["F7", "Bb7"], ["C7"], ["Am7"], ["C7"]]
    return Changes(
        tuple(
            Bar(tuple(ChordChange(48 * at, Chord.parse(one)) for at, one in enumerate(bar)))
            for bar in bars
        )
    )


def line(notes: list[tuple[int, int, int]], name: str = "line") -> Events:
    onset, pitch, duration = (
        np.array(column, dtype=np.int64) for column in zip(*notes, strict=True)
    )
    return Events(name, onset, pitch, duration, chords())


def scorer(weights: Weights, text: str = CHAIN) -> GrammarScorer:
    grammar = reading.loads(text, "toy")
    tables = Tables(compiled(grammar), tones.Parameters.of(grammar))
    return GrammarScorer("toy", tables, weights, Plain())


def likelihood_of(model: GrammarScorer, events: Events) -> float:
    """Return the probability of all notes after the first, by the model's distributions."""
    expected = model.distributions(events)
    total = 0.0
    for note in range(1, len(events)):
        total += math.log(expected.ioi[note, events.ioi[note] - 1])
        total += math.log(expected.pitch[note, events.pitch[note]])
        total += math.log(expected.duration[note, events.duration[note]])
    return math.exp(total)


# The sum over all derivations --------------------------------------------------------------------


@dataclass(frozen=True)
class State:
    """A derivation after a note: `row` are the pitches that approach tones have fixed, if any."""

    start: int
    following: str
    melody: tuple[tuple[int, int, str, int, int], ...]
    at: int
    row: tuple[int, ...] | None = None
    within: bool = False  # an approach tone was before this note

    @property
    def note(self) -> tuple[int, int, str, int, int]:
        return self.melody[self.at]

    @property
    def written(self) -> int:
        return self.start + self.note[0]


def blocks_after(symbol: str) -> Iterator[tuple[float, int, str]]:
    """Yield probability, cluster and next symbol for a chain symbol."""
    if symbol == "START":
        for one, share in START.items():
            for odds, cluster, following in blocks_after(one):
                yield share * odds, cluster, following
        return
    cluster, onward = FOLLOWS[symbol]
    for one, share in onward.items():
        yield share, cluster, one


class Everything:
    """The sum over every derivation, state by state and note by note."""

    def __init__(self, weights: Weights, events: Events) -> None:
        self.weights, self.events = weights, events
        plain = Plain().distributions(events)
        self.ioi, self.pitch, self.duration = plain.ioi[0], plain.pitch[0], plain.duration[0]
        self.half = len(weights.spread) // 2
        self.fresh = cache(self.fresh)  # type: ignore[method-assign]
        self.after = cache(self.after)  # type: ignore[method-assign]

    def letters(self, tick: int) -> str:
        at = int(self.events.chord_index(np.array([tick]))[0])
        return tones.classes(self.events.chords[at])

    def fresh(self, tick: int, opening: bool = False) -> list[tuple[float, State | None]]:
        found: list[tuple[float, State | None]] = []
        for share, cluster, following in blocks_after("START"):
            for odds, melody in MELODIES[cluster]:
                for at, note in enumerate(melody[:1] if opening else melody):
                    for off, near in enumerate(self.weights.spread, -self.half):
                        start = tick - off - note[0]
                        if start % BAR == 0:
                            found.append((share * odds * near, State(start, following, melody, at)))
        total = sum(odds for odds, _ in found)
        return [(odds / total, state) for odds, state in found] if total else []

    def onward(self, state: State, most: int) -> Iterator[tuple[float, State]]:
        """Yield the next notes written at most at a tick."""
        if state.at + 1 < len(state.melody):
            yield 1.0, replace(state, at=state.at + 1, within=state.note[2] == "A")
            return
        open_ = [(1.0, state.start + BAR, state.following)]
        while open_:
            odds, start, symbol = open_.pop()
            for share, cluster, following in blocks_after(symbol):
                for one, melody in MELODIES[cluster]:
                    if melody:
                        yield odds * share * one, State(start, following, melody, 0)
                    elif start < most:
                        open_.append((odds * share * one, start + BAR, following))

    def played(self, written: int, before: int, tick: int) -> float:
        return sum(
            share
            for off, share in enumerate(self.weights.spread, -self.half)
            if min(max(written + off, before + 1), before + LONGEST_IOI) == tick
        )

    def lasting(self, state: State | None, note: int) -> float:
        wanted, plain = self.events.duration[note], self.duration[self.events.duration[note]]
        if state is None:
            return float(plain)
        same = abs(DURATION_TICKS[wanted] * 5 - state.note[1]) < 1
        return float((1 - self.weights.duration) * same + self.weights.duration * plain)

    def sounding(self, state: State | None, note: int) -> Iterator[tuple[float, State | None]]:
        pitch, before = int(self.events.pitch[note]), int(self.events.pitch[note - 1])
        plain, weight = float(self.pitch[pitch]), self.weights.pitch
        if state is None:
            yield plain, None
            return
        low, high = state.note[3:]
        yield weight * plain, replace(state, row=None)
        if state.row is not None:
            if state.row[0] == pitch:
                yield 1 - weight, replace(state, row=state.row[1:] or None)
            return
        ahead = 0
        while state.melody[state.at + ahead][2] == "A":
            ahead += 1
        target = state.melody[state.at + ahead]
        tick = state.start + target[0] if ahead or state.within else self.events.onset[note]
        given = (target[2], low, high, before, self.letters(int(tick)), REACH)
        for last, odds in zip(*tones.in_slope(*given), strict=True):
            row = [last]
            for _ in range(ahead):
                near = tones.approach_in_slope(low, high, before, row[0], REACH)
                row.insert(0, near[0][0])
            if row[0] == pitch:
                yield (1 - weight) * odds, replace(state, row=tuple(row[1:]) or None)

    def after(self, state: State | None, note: int) -> float:
        """Return the probability of the notes from an index on, given the state before it."""
        if note == len(self.events):
            return 1.0
        before, tick = int(self.events.onset[note - 1]), int(self.events.onset[note])
        sharing, weight = self.weights.sharing, self.weights.rhythm
        plain = float(self.ioi[min(tick - before, LONGEST_IOI) - 1])
        fresh = self.fresh(before) if sharing else []
        total = 0.0
        kept = 1 - sharing if fresh else 1.0
        for odds, one in [(kept, state), *((sharing * odds, each) for odds, each in fresh)]:
            broken = plain if one is None else weight * plain
            if one is not None:
                for share, onward in self.onward(one, tick + self.half):
                    near = (1 - weight) * self.played(onward.written, before, tick)
                    if near:
                        total += odds * share * near * self.emitted(onward, note)
            lost = self.fresh(tick, True) if before // BAR != tick // BAR else []
            for share, anew in lost or [(1.0, None)]:
                total += odds * broken * share * self.emitted(anew, note)
        return total

    def emitted(self, state: State | None, note: int) -> float:
        return sum(
            odds * self.lasting(one, note) * self.after(one, note + 1)
            for odds, one in self.sounding(state, note)
        )

    def total(self) -> float:
        first = self.fresh(int(self.events.onset[0])) or [(1.0, None)]
        begun = [(odds * self.lasting(one, 0), one) for odds, one in first]
        whole = sum(odds for odds, _ in begun)
        return sum(odds / whole * self.after(one, 1) for odds, one in begun)


LINES = {
    "as derived": [(0, 60, 10), (24, 62, 7), (36, 63, 7), (48, 64, 12), (120, 67, 7), (132, 66, 7)],
    "a bar of rest": [(24, 60, 7), (36, 62, 7), (48, 61, 12), (192, 60, 10), (216, 58, 7)],
    "off the grid": [(0, 60, 10), (25, 61, 6), (47, 63, 12), (97, 64, 3), (119, 66, 7)],
    "broken off": [
        (0, 60, 10),
        (31, 70, 2),
        (60, 71, 7),
        (96, 72, 10),
        (120, 70, 7),
        (144, 72, 12),
    ],
    "begins nowhere": [(7, 60, 1), (50, 61, 7), (100, 63, 7), (120, 64, 7)],
}


@pytest.mark.parametrize("notes", LINES.values(), ids=LINES)
@pytest.mark.parametrize(
    "weights",
    [
        Weights(0.2, 0.3, 0.4),
        Weights(0.2, 0.3, 0.4, sharing=0.25),
        Weights(0.1, 0.2, 0.5, 0.3, (0.1, 0.7, 0.2)),
    ],
    ids=["whole bars", "sharing", "spread"],
)
def test_the_filter_is_the_sum_over_all_derivations(
    notes: list[tuple[int, int, int]], weights: Weights
) -> None:
    events = line(notes)
    expected = Everything(weights, events).total()
    assert likelihood_of(scorer(weights), events) == pytest.approx(expected, rel=1e-9)


# Properties ---------------------------------------------------------------------------------------

HAND = """
(startsymbol P) (base (P 0) () 1)
(rule (P Y) (Seg2 (P (- Y 240))) 0.5) (rule (P Y) (Seg4 (P (- Y 480))) 0.5)
(rule (Seg2) (V4 V4) 0.7) (rule (Seg2) (H4/3 H4/3 H4/3) 0.3)
(rule (Seg4) (V4 (X 3 4) (slope -3 -1 X8 A8) (slope 1 2 A8 L8)) 1)
(rule (V4) (C8 N8) 0.5) (rule (V4) (A8 S8) 0.3) (rule (V4) (R4) 0.2)
(rule (N8) (L8) 0.5) (rule (N8) (X16 Y16) 0.5)
"""
WEIGHTS = Weights(0.1, 0.2, 0.3, 0.3, (0.1, 0.7, 0.2))


def walk(notes: int, seed: int) -> Events:
    rng = np.random.default_rng(seed)
    onset = np.cumsum(rng.choice([1, 6, 8, 12, 24, 150], notes, p=[0.05, 0.1, 0.1, 0.5, 0.2, 0.05]))
    pitch = 60 + np.cumsum(rng.integers(-3, 4, notes)) % 24
    lasting = rng.integers(0, len(DURATION_TICKS), notes)
    return line(list(zip(onset.tolist(), pitch.tolist(), lasting.tolist(), strict=True)))


@pytest.mark.parametrize("text", [CHAIN, HAND], ids=["learnt", "by hand"])
def test_every_distribution_sums_to_one_and_excludes_nothing(text: str) -> None:
    expected = scorer(WEIGHTS, text).distributions(walk(60, 1))
    for rows in (expected.ioi, expected.pitch, expected.duration):
        assert rows[1:].sum(axis=1) == pytest.approx(1, abs=1e-12)
        assert rows[1:].min() > 0


@pytest.mark.parametrize("text", [CHAIN, HAND], ids=["learnt", "by hand"])
def test_only_the_past_is_used(text: str) -> None:
    """With another future, all rows up to the present are the same, the present IOI's too."""
    model, events, present = scorer(WEIGHTS, text), walk(40, 2), 25
    other = walk(40, 3)
    pitch, lasting = events.pitch.copy(), events.duration.copy()
    pitch[present:], lasting[present:] = other.pitch[present:], other.duration[present:]
    onset = events.onset.copy()
    onset[present:] = onset[present - 1] + np.cumsum(other.ioi[present:])
    changed = replace(events, onset=onset, pitch=pitch, duration=lasting)
    ours, theirs = model.distributions(events), model.distributions(changed)
    assert np.array_equal(ours.ioi[: present + 1], theirs.ioi[: present + 1])
    assert np.array_equal(ours.pitch[:present], theirs.pitch[:present])
    assert np.array_equal(ours.duration[:present], theirs.duration[:present])
    assert not np.array_equal(ours.ioi, theirs.ioi)


def test_a_line_of_the_grammar_is_more_likely_than_another() -> None:
    model = scorer(Weights(0.05, 0.05, 0.05))
    derived, other = line(LINES["as derived"]), line(LINES["broken off"])
    assert likelihood_of(model, derived) > 1e3 * likelihood_of(model, other)


def test_blocks_share_the_ends_of_melodies() -> None:
    blocks = compiled(reading.loads(CHAIN, "toy"))
    assert blocks.symbols == 4
    assert blocks.silent.tolist() == pytest.approx([0.1, 0.2])
    # The two melodies of the first cluster have one beginning, different ways on, and copies of
    # the notes after approach tones.
    assert blocks.visits.sum() == pytest.approx(0.75 * (0.6 * 4 + 0.3 * 3) + 0.25 * 0.8 * 3)
    hand = compiled(reading.loads(HAND, "hand"))
    assert sorted(hand.length.tolist()) == [48, 96]


@pytest.mark.parametrize(
    ("rules", "reason"),
    [
        ("(rule (P Y) ((BRICK 480) (P (- Y 480))) 1)"
         "(rule (BRICK 480) (C1) (builtin brick Dropback) 1)", "harmonic bricks alone"),
        ("(rule (P) ((fill 16 M) P 10000) 1) (rule (M) (C1) 1)", "repeats motifs"),
        ("(rule (P Y) (V (P (- Y 480))) 1) (rule (V) (M C2)) (rule (M) ((share N) (unshare N)))"
         "(rule (N) (C4) 1)", r"a rule for M repeats motifs .* \(share\)"),
        ("(rule (P Y) (C4 V (P (- Y 480))) 1) (rule (V) (C1 V) 1)", "something follows V"),
        ("(rule (P Y) (V (P (- Y 480))) 1) (rule (V) (C1) (builtin chord-family (minor)))",
         "depends on the chord"),
        ("(rule (P Y) (V (P (- Y 480))) 1) (rule (V) (C1) 1) (rule (V) (C2) 1)", "fixed length"),
        ("(rule (P Y) (V (P (- Y 480))) 1) (rule (V) ((triadic 480 60)) 1)", "rows of triads"),
        ("(rule (P Y) ((P (- Y 1))) 1)", "without a note"),
        ("(rule (P Y) ((P (/ Y 2)) (P (/ Y 2))) 1)", "symbol P leads back to itself without"),
        ("(rule (P) (Q P) 1) (rule (Q) (P Q) 1)", "leads back to itself without a note"),
        ("(rule (P) (" + "V " * 40 + "P) 1)" + "(rule (V) (R32) 1)" * 2, "too many ways"),
        ("(rule (P) (Aa) 1) (rule (Az) (C4 P) 1)"
         + "".join(f"(rule (A{a}) (A{b}) 1)" * 2 for a, b in pairwise(ascii_lowercase)),
         "too many ways"),
        ("", "has no rule"),
    ],
)  # fmt: skip
def test_where_the_likelihood_is_not_defined_the_reason_is_told(
    rules: str, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compiling, "MOST_STEPS", 20_000)
    with pytest.raises(UndefinedError, match=reason) as error:
        compiled(reading.loads(f"(startsymbol P) {rules}", "mine.grammar"), "mine.grammar")
    assert str(error.value).startswith("mine.grammar: the likelihood")


def test_a_tick_without_notes_in_first_blocks_takes_no_share() -> None:
    text = (
        "(startsymbol P) (rule (P) (A Q) 1) (rule (Q) (B P) 1)"
        f"(rule (A) (C{duration(10)} C{duration(110)}) 1)"
        f"(rule (B) (R{duration(5)} C{duration(115)}) 1)"
    )
    grammar = reading.loads(text, "toy")
    blocks = compiled(grammar)
    assert list(zip(blocks.tick.tolist(), blocks.visits.tolist(), strict=True)) == [
        (0, 1),
        (2, 1),
        (1, 0),
    ]
    (part,) = Tables(blocks, tones.Parameters.of(grammar)).fresh(1, (0.25, 0.5, 0.25))
    assert part.odds.tolist() == [0.5, 0.5]


def test_a_product_of_numbers_is_a_weight_of_its_own() -> None:
    text = "(startsymbol P) (rule (P) (C4 P) (* 2 3)) (rule (P) (C2 P) 2)"
    assert compiled(reading.loads(text, "toy")).odds.tolist() == [0.75, 0.25]


@pytest.mark.parametrize(
    ("name", "value", "wrong"),
    [
        ("unigram-weight", "0.2 nan 0.3", "nan is no number from 0 to 1"),
        ("unigram-weight", "0.2 0.3", "it has 2 numbers, not 1 or 3"),
        ("sharing", "5", "5 is no number from 0 to 1"),
        ("onset-spread", "0.5 -1 0.5", "-1 is no number from 0"),
        ("onset-spread", "1 1", "its numbers are not 1 to 25, odd in count, with one above 0"),
        ("onset-spread", "0", "its numbers are not 1 to 25, odd in count, with one above 0"),
    ],
)
def test_a_parameter_of_the_likelihood_without_a_usable_value_is_named(
    name: str, value: str, wrong: str
) -> None:
    grammar = reading.loads(
        f"(parameter ({name} {value})) (startsymbol P) (rule (P) (C4) 1)", "toy"
    )
    assert Weights.of(grammar) == Weights()
    assert scoring.unusable(grammar) == {name: wrong}
    (sentence,) = doubts.sentences(doubts.Found(), grammar)
    assert sentence == f"parameter {name}: {wrong}, so that its default is taken"


def test_parameters_are_written_as_they_are_read() -> None:
    grammar = reading.loads(HAND, "hand")
    assert Weights.of(grammar) == Weights(0.5, 0.5, 0.5)
    stated = replace(grammar, parameters=WEIGHTS.parameters())
    assert Weights.of(stated) == WEIGHTS
    one = replace(grammar, parameters=((scoring.WEIGHT, ("0.25",)), (scoring.SPREAD, ("x", "1"))))
    assert Weights.of(one) == Weights(0.25, 0.25, 0.25)


def test_fitting_makes_held_out_solos_more_likely() -> None:
    grammar = reading.loads(CHAIN, "toy")
    solos = [line(notes) for notes in LINES.values()]
    calls = iter((False, True))
    assert fitting.fitted(grammar, solos, stop=lambda: next(calls)) is None
    asked: list[None] = []
    found = fitting.fitted(grammar, solos, stop=lambda: bool(asked.append(None)))  # type: ignore[func-returns-value]
    assert len(asked) == fitting.times(solos)
    assert found is not None
    fitted = replace(grammar, parameters=(*grammar.parameters, *found))
    before, after = (
        sum(math.log(likelihood_of(scoring.scorer(one, "toy"), each)) for each in solos)
        for one in (grammar, fitted)
    )
    assert after > before
    assert fitting.fitted(reading.loads("(startsymbol P)", "none"), solos) == ()


def test_the_spread_of_onsets() -> None:
    assert fitting.spread_of([[0, 13, 25, 48]], [[0, 12, 24, 48]]) == (0, 0.5, 0.5)
    assert fitting.spread_of([[0, 12]], [[0, 12]]) == (1,)


def test_a_grammar_file_is_a_scorer(tmp_path: Path) -> None:
    path = tmp_path / "hand.grammar"
    path.write_text(HAND)
    model = scorers.named(path)
    assert model.name == "hand"
    assert model.distributions(walk(10, 4)).pitch.shape == (10, PITCHES)
    path.write_text("(startsymbol P) (rule (P Y) ((triadic 480 60)) 1)")
    with pytest.raises(UndefinedError, match="rows of triads"):
        scorers.named(path).distributions(walk(10, 4))
