"""Tone choice in grammars: exact probabilities of the cases worked out by hand over C7."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sideman.models.grammar import terminals, tones
from sideman.models.grammar.rules import Grammar
from sideman.models.grammar.tones import Ground, Parameters
from sideman.theory.chord import Chord

C7 = Chord.parse("C7")
LETTERS = tones.classes(C7)
REACH = (40, 90)


def table(odds: tones.Odds) -> dict[int, float]:
    pitches, shares = odds
    assert sum(shares) == pytest.approx(1)
    assert list(pitches) == sorted(set(pitches))
    return dict(zip(pitches, (round(share, 6) for share in shares), strict=True))


@pytest.mark.parametrize(
    ("low", "high", "kind", "expected"),
    [
        (1, 3, "C", {64: 1}),  # no chord tone in 61 to 63: widened, but not onto C
        (0, 0, "C", {60: 1}),
        (2, 2, "L", {62: 1}),
        (-2, -1, "C", {58: 1}),
        (7, 9, "L", {66: 0.5, 69: 0.5}),  # a leap's window opens by three semitones
        (-9, -7, "L", {54: 1}),
        (1, 4, "X", {64: 0.5, 62: 0.25, 61: 0.125, 63: 0.125}),
        (1, 4, "Y", {64: 0.5, 62: 0.25, 61: 0.125, 63: 0.125}),
        (1, 4, "S", {62: 0.5, 64: 0.5}),
        (1, 3, "H", {62: 1}),
        (4, 5, "H", {64: 1}),
        (4, 5, "L", {64: 0.85, 65: 0.15}),
        (4, 5, "X", {64: 0.5, 65: 0.5}),
        (1, 2, "X", {61: 0.5, 62: 0.5}),
        (6, 7, "X", {64: 0.25, 67: 0.25, 66: 0.25, 63: 0.125, 65: 0.125}),
        (1, 1, "L", {62: 1}),
        (-1, -1, "C", {58: 1}),
    ],
)
def test_slopes_over_c7(low: int, high: int, kind: str, expected: dict[int, float]) -> None:
    assert table(tones.in_slope(kind, low, high, 60, LETTERS, REACH)) == expected


def test_lengths_in_slots() -> None:
    texts = [
        "8",
        "8.",
        "8..",
        "8/3",
        "4/3",
        "2/3",
        "16/3",
        "32/3",
        "16/5",
        "8/5",
        "4+8",
        "2+4+8",
        "1+1",
        "4+32+120+480",
        "0",
        "x",
        "4+",
    ]
    lengths = [60, 90, 105, 40, 80, 160, 20, 10, 24, 48, 180, 420, 960, 140, 0, 0, 0]
    assert list(map(terminals.slots, texts)) == lengths
    assert [terminals.terminal(atom) for atom in ("Q8", "V8", "N4", "M8", "C0")] == [None] * 5


def test_slope_after_another_note() -> None:
    assert table(tones.in_slope("L", -4, -1, 58, LETTERS, REACH)) == {54: 0.5, 57: 0.5}


def test_a_slope_beyond_the_range_moves_by_octaves() -> None:
    assert table(tones.in_slope("C", 2, 5, 84, LETTERS, (55, 84))) == {76: 1}
    assert table(tones.in_slope("C", -5, -2, 56, LETTERS, (55, 84))) == {64: 1}


def test_a_slope_of_a_thousand_million_semitones_is_one_window() -> None:
    for far in (10**9, -(10**9)):
        odds = table(tones.in_slope("C", far, far, 60, LETTERS, (55, 84)))
        assert all(55 <= pitch <= 84 for pitch in odds)


def test_without_a_chord_every_tone_of_a_window_counts_alike() -> None:
    assert table(tones.in_slope("C", 1, 4, 60, tones.classes(None), REACH)) == dict.fromkeys(
        (61, 62, 63, 64), 0.25
    )


@pytest.mark.parametrize(
    ("low", "high", "previous", "target", "pitch"),
    [
        (1, 3, 60, 64, 63),
        (-4, -1, 67, 64, 65),
        (0, 0, 60, 64, 63),
        (1, 3, 60, 61, 62),
        (-3, -1, 60, 59, 58),
    ],
)
def test_approach_in_a_slope(low: int, high: int, previous: int, target: int, pitch: int) -> None:
    assert tones.approach_in_slope(low, high, previous, target, REACH) == ((pitch,), (1.0,))


def test_approach_tones_stay_within_the_range() -> None:
    assert tones.approach_in_slope(1, 3, 60, 64, (64, 90)) == ((65,), (1.0,))
    assert tones.approach(64, 63, (64, 90)) == ((65,), (1.0,))
    assert table(tones.approach(64, 60, REACH)) == {63: 0.5, 65: 0.5}
    assert table(tones.approach(64, 63, REACH)) == {65: 1}


PLAIN = Parameters(low=58, high=82, farthest=6, leap=0)
GROUND = Ground.of(C7, "house", PLAIN)


def free(kind: str, *played: int, parameters: Parameters = PLAIN) -> dict[int, float]:
    return table(tones.free(kind, 60, GROUND, parameters, (58, 82), played))


def test_free_terminals_over_c7() -> None:
    third = round(1 / 3, 6)
    assert free("C") == {58: third, 60: third, 64: third}
    assert free("C", 60) == {58: 0.499025, 60: 0.001949, 64: 0.499025}
    weights = {58: 0.8, 60: 0.8, 64: 0.8, 62: 0.3, 65: 0.1, 66: 0.2}
    assert free("H") == {pitch: round(weight / 3, 6) for pitch, weight in weights.items()}
    assert free("L") == {62: 0.6, 66: 0.4}
    assert free("X") == dict.fromkeys((58, 60, 62, 64, 65, 66), round(1 / 6, 6))
    assert set(free("S")) == {58, 60, 62, 64, 65}
    assert {pitch - 1 for pitch in free("Y")} == set(weights)


def test_a_free_terminal_may_leave_from_an_octave_higher() -> None:
    mixed = free("C", parameters=replace(PLAIN, leap=0.3))
    far = table(tones.free("C", 72, GROUND, PLAIN, (58, 82)))
    assert set(mixed) == {58, 60, 64} | set(far)
    assert mixed[60] == pytest.approx(0.7 / 3, abs=1e-5)
    assert mixed[76] == pytest.approx(0.3 * far[76], abs=1e-5)


def test_intervals_widen_where_nothing_is_near() -> None:
    narrow = replace(PLAIN, farthest=1)
    found = table(tones.free("L", 64, GROUND, narrow, (58, 82)))
    assert set(found) == {62, 66}
    nothing = Ground.of(None, "house", PLAIN)
    assert len(table(tones.free("C", 60, nothing, PLAIN, (58, 82)))) == 9


@pytest.mark.parametrize(
    ("degree", "symbol", "pitch"),
    [
        ("b3", "C7", 63),
        ("b3", "Cm7", 62),
        ("7", "C7", 58),
        ("#7", "C7", 59),
        ("8", "C7", 60),
        ("-1", "Cmaj7", 59),
        ("0", "C7", 60),
        ("#4", "C7", 54),
        ("bb7", "Cmaj7", 57),
        ("5", "F#m7b5", 61),
    ],
)
def test_scale_degrees(degree: str, symbol: str, pitch: int) -> None:
    assert tones.degree(degree, Chord.parse(symbol), 60, REACH) == ((pitch,), (1.0,))


def test_triads_start_next_to_the_last_note_and_change() -> None:
    choices = tones.triads(60, (), REACH)
    assert sum(one.weight for one in choices) == pytest.approx(1)
    assert sum(one.weight for one in choices if one.kind == "diminished") == pytest.approx(1 / 11)
    assert sum(one.weight for one in choices if min(one.pitches) == 61) == pytest.approx(0.45)
    last = choices[0]
    after = tones.triads(60, [last], REACH)
    assert after
    assert all(one.inversion != last.inversion for one in after)
    first = tones.triadic(choices, ())
    second = tones.triadic(choices, (first[0][0],))
    third = tones.triadic(choices, (first[0][0], second[0][0]))
    assert any(one.pitches == (first[0][0], second[0][0], third[0][0]) for one in choices)


def test_parameters_of_a_grammar() -> None:
    stated = (("min-pitch", ("58",)), ("leap-prob", ("2",)), ("rectify", ("false",)))
    found = Parameters.of(Grammar("P", (), stated))
    assert found == replace(Parameters(), low=58, rectifies=False)
