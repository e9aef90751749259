"""Comping: in range, close to the voicing before, silent where there is no chord."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sideman.band import comping, styles
from sideman.chord import Chord
from sideman.meter import Meter
from sideman.score import Bar, Changes, ChordChange

SWING = styles.load("swing")
METERS = ["4/4", "3/4", "5/4", "6/8", "7/4", "2/4", "12/8", "7/8", "3/2", "1/4", "5/8", "6/4"]
SYMBOLS = ["Cmaj7", "Dm7", "G7", "F", "Ebm", "Bm7b5", "Cdim7", "A7b9", "C6/9", "Fsus4", "Bb/D"]


def form(text: str, meter: str = "4/4") -> Changes:
    """Bars divided by ``|``; the chords of a bar share its beats."""
    bars = []
    for words in text.split("|"):
        symbols = words.split()
        one = Meter.parse(meter)
        step = one.ticks_per_bar // max(1, len(symbols))
        chords = tuple(ChordChange(i * step, Chord.parse(s)) for i, s in enumerate(symbols))
        bars.append(Bar(chords, one))
    return Changes(tuple(bars))


CYCLE = form("Dm7 | G7 | Cmaj7 | Cmaj7 | Fm7 | Bb7 | Ebmaj7 | D7 G7")


@pytest.mark.parametrize("seed", range(5))
def test_every_bar_sounds_in_range_with_its_chord(seed: int) -> None:
    part = comping.comp(CYCLE, SWING, np.random.default_rng(seed))
    assert part.name == "Chords"
    assert list(part.notes) == sorted(part.notes, key=lambda note: note.onset)
    assert all(comping.LOW <= note.pitch <= comping.HIGH for note in part.notes)
    assert all(0 <= note.onset < note.end <= CYCLE.length for note in part.notes)
    for start in CYCLE.bar_starts[:-1]:
        # From the push before the bar line to the next one.
        assert any(start - 12 <= note.onset < start + 84 for note in part.notes)
    for note in part.notes:
        meant = [CYCLE.chord_at(note.onset), CYCLE.chord_at(note.onset + 12)]
        classes = {tone for chord in meant if chord for tone in chord.tones + chord.colours}
        assert note.pitch % 12 in classes


def test_the_same_seed_comps_the_same() -> None:
    first, again, other = (comping.comp(CYCLE, SWING, np.random.default_rng(s)) for s in (1, 1, 2))
    assert first == again
    assert first != other


def test_fingers_move_little() -> None:
    before = comping.voicing(Chord.parse("Dm7"))
    for symbol in ("G7", "Cmaj7", "A7", "Dm7", "Db7", "Cmaj7", "F7", "Bb7", "Eb7"):
        hands = comping.voicing(Chord.parse(symbol), before)
        assert sum(hands) / len(hands) == pytest.approx(sum(before) / len(before), abs=4)
        assert max(abs(a - b) for a, b in zip(hands, before, strict=True)) <= 4
        before = hands


def test_guide_tones_are_there_and_the_root_is_not() -> None:
    for symbol in ("Dm7", "G7", "Cmaj7", "Ab7", "F#m7"):
        chord = Chord.parse(symbol)
        classes = {pitch % 12 for pitch in comping.voicing(chord)}
        third, seventh = chord.tones[1], chord.tones[3]
        assert {third, seventh} <= classes
        assert chord.tones[0] not in classes
        assert len(classes) == 4


def test_a_triad_keeps_its_root() -> None:
    assert {pitch % 12 for pitch in comping.voicing(Chord.parse("C"))} == {0, 4, 7}


def test_the_hands_rest_where_there_is_no_chord() -> None:
    changes = form("C7 | N.C. | N.C. | F7 | N.C.")
    for seed in range(20):
        for note in comping.comp(changes, SWING, np.random.default_rng(seed)).notes:
            bar = changes.bar_at(note.onset)
            assert bar in (0, 3)
            assert note.end <= changes.bar_starts[bar + 1]
    assert comping.comp(form("N.C."), SWING, np.random.default_rng(0)).notes == ()
    assert comping.comp(Changes((Bar(), Bar())), SWING, np.random.default_rng(0)).notes == ()
    assert comping.comp(Changes(()), SWING, np.random.default_rng(0)).notes == ()


@given(
    st.lists(
        st.tuples(
            st.sampled_from(METERS),
            st.lists(st.tuples(st.integers(0, 120), st.sampled_from([*SYMBOLS, "N.C."]))),
        ),
        max_size=12,
    ),
    st.integers(0, 1000),
)
@settings(deadline=None, max_examples=100, derandomize=True)
def test_any_form_can_be_comped(raw: list[tuple[str, list[tuple[int, str]]]], seed: int) -> None:
    bars = []
    for meter, chords in raw:
        one = Meter.parse(meter)
        arrivals = {onset: symbol for onset, symbol in chords if onset < one.ticks_per_bar}
        changes = tuple(ChordChange(at, Chord.parse(arrivals[at])) for at in sorted(arrivals))
        bars.append(Bar(changes, one))
    part = comping.comp(Changes(tuple(bars)), SWING, np.random.default_rng(seed))
    length = Changes(tuple(bars)).length
    assert all(0 <= note.onset < note.end <= length for note in part.notes)
    assert all(comping.LOW <= note.pitch <= comping.HIGH for note in part.notes)
    # No pitch is struck while it still sounds.
    until: dict[int, int] = {}
    for note in part.notes:
        assert until.get(note.pitch, 0) <= note.onset
        until[note.pitch] = note.end
