"""Comping: in range, near the voicing before, in the style's rhythms, an ear on the solo."""

from collections.abc import Sequence
from itertools import groupby, pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forms import any_form, form
from sideman.band import comping, listening, styles
from sideman.library import songbook
from sideman.score import Bar, Changes, Note
from sideman.theory.chord import Chord

SWING, BOSSA, MODAL = (styles.load(name) for name in ("swing", "bossa", "modal"))
CYCLE = form("Dm7 | G7 | Cmaj7 | Cmaj7 | Fm7 | Bb7 | Ebmaj7 | D7 G7")


def chords(
    changes: Changes,
    style: styles.Style = SWING,
    seed: int = 0,
    solo: Sequence[Note] = (),
) -> list[tuple[int, int, tuple[int, ...]]]:
    """What is struck: onset, end, pitches."""
    notes = comping.comp(
        changes, style, np.random.default_rng(seed), heard=listening.hear(changes, solo)
    ).notes
    struck = []
    for onset, together in groupby(notes, key=lambda note: note.onset):
        held = list(together)
        struck.append((onset, held[0].end, tuple(note.pitch for note in held)))
    return struck


def check(changes: Changes, notes: Sequence[Note]) -> None:
    """Hold a part to what holds for all."""
    until: dict[int, int] = {}
    for note in notes:
        assert 0 <= note.onset < note.end <= changes.length
        assert comping.LOW <= note.pitch <= comping.HIGH
        assert 1 <= note.velocity <= 127
        assert until.get(note.pitch, 0) <= note.onset, "struck while it still sounds"
        until[note.pitch] = note.end
        meant = [changes.chord_at(note.onset), changes.chord_at(note.onset + 12)]
        classes: set[int] = set()
        for chord in meant:
            if chord is not None:
                classes |= {*chord.tones, *chord.colours, *chord.scale}
        assert note.pitch % 12 in classes
    for _, together in groupby(notes, key=lambda note: note.onset):
        pitches = [note.pitch for note in together]
        assert max(pitches) - min(pitches) <= 18


@pytest.mark.parametrize("name", styles.names())
def test_every_tune_in_every_style(name: str) -> None:
    style = styles.load(name)
    for seed, tune in enumerate(songbook.names()):
        changes = songbook.load(tune).changes
        notes = comping.comp(changes, style, np.random.default_rng(seed)).notes
        check(changes, notes)
        onsets = np.array([note.onset for note in notes])
        for span in changes.spans:
            early = span.onset - 12
            if not span.chord.is_no_chord:
                assert np.any((early <= onsets) & (onsets < span.end)), f"{tune}: {span}"


@given(any_form(), st.sampled_from(styles.names()), st.integers(0, 1000), st.booleans())
@settings(deadline=None, max_examples=60, derandomize=True)
def test_any_form_can_be_comped(changes: Changes, name: str, seed: int, busy: bool) -> None:
    solo = [Note(at, 12, 70) for at in range(0, changes.length, 12)] if busy else []
    rng = np.random.default_rng(seed)
    check(
        changes,
        comping.comp(changes, styles.load(name), rng, heard=listening.hear(changes, solo)).notes,
    )


@pytest.mark.parametrize("seed", range(5))
def test_every_bar_sounds_with_its_chord(seed: int) -> None:
    part = comping.comp(CYCLE, SWING, np.random.default_rng(seed))
    assert part.name == "Chords"
    assert list(part.notes) == sorted(part.notes, key=lambda note: note.onset)
    for start in CYCLE.bar_starts[:-1]:
        # From the push before the bar line to the next one.
        assert any(start - 12 <= note.onset < start + 84 for note in part.notes)
    for note in part.notes:
        meant = [CYCLE.chord_at(note.onset), CYCLE.chord_at(note.onset + 12)]
        classes = {tone for chord in meant if chord for tone in chord.tones + chord.colours}
        assert note.pitch % 12 in classes


def test_the_same_seed_comps_the_same() -> None:
    assert chords(CYCLE, seed=1) == chords(CYCLE, seed=1)
    assert chords(CYCLE, seed=1) != chords(CYCLE, seed=2)


def test_fingers_move_little() -> None:
    before = comping.voicing(Chord.parse("Dm7"))
    for symbol in ("G7", "Cmaj7", "A7", "Dm7", "Db7", "Cmaj7", "F7", "Bb7", "Eb7"):
        hands = comping.voicing(Chord.parse(symbol), before)
        assert sum(hands) / len(hands) == pytest.approx(sum(before) / len(before), abs=4)
        assert max(abs(a - b) for a, b in zip(hands, before, strict=True)) <= 4
        before = hands


@pytest.mark.parametrize("name", styles.names())
def test_voices_lead_smoothly_over_whole_tunes(name: str) -> None:
    moved: list[float] = []
    kept: list[bool] = []
    tops: list[int] = []
    for tune in ("blues-f", "rhythm-changes-bb", "bossa-d", "jazz-waltz-f", "ballad-eb"):
        for (_, _, before), (_, _, after) in pairwise(
            chords(songbook.load(tune).changes, styles.load(name))
        ):
            moved += [min(abs(pitch - old) for old in before) for pitch in after]
            common = {pitch % 12 for pitch in before} & {pitch % 12 for pitch in after}
            kept += [pitch in before for pitch in after if pitch % 12 in common]
            tops.append(abs(after[-1] - before[-1]))
    parallel = name == "modal"  # stacks of fourths move as one
    assert np.mean(moved) < (1.6 if parallel else 1.3)
    assert max(moved) <= 7
    assert np.mean(kept) > (0.7 if parallel else 0.9)
    assert np.mean(tops) < 3


def test_guide_tones_are_there_and_the_root_is_not() -> None:
    for symbol in ("Dm7", "G7", "Cmaj7", "Ab7", "F#m7"):
        chord = Chord.parse(symbol)
        for kind, count in (("rootless", 4), ("shell", 3)):
            classes = {pitch % 12 for pitch in comping.voicing(chord, (), kind)}
            third, seventh = chord.tones[1], chord.tones[3]
            assert {third, seventh} <= classes
            assert chord.tones[0] not in classes
            assert len(classes) == count


def test_a_triad_keeps_its_root() -> None:
    assert {pitch % 12 for pitch in comping.voicing(Chord.parse("C"))} == {0, 4, 7}
    assert {pitch % 12 for pitch in comping.voicing(Chord.parse("F6"), (), "triads")} == {
        0,
        2,
        5,
        9,
    }


def test_modal_voicings_are_stacks_of_fourths() -> None:
    for symbol in ("Dm7", "Ebm7", "F9sus4", "Cm11"):
        hands = comping.voicing(Chord.parse(symbol), (), "quartal")
        assert all(high - low in (5, 6) for low, high in pairwise(hands)), symbol
    altered = comping.voicing(Chord.parse("A7b9"), (), "quartal")
    assert {1, 7, 10} <= {pitch % 12 for pitch in altered}  # where fourths would blur it
    vamp = {hands for _, _, hands in chords(form("Dm7 | " * 15 + "Dm7"), MODAL)}
    assert len(vamp) >= 2  # they move about


def test_a_chord_before_its_time_is_the_next_one() -> None:
    changes = form("Dm7 | G7 | " * 20 + "Cmaj7")
    pushed = 0
    for onset, end, hands in chords(changes):
        if onset % 96 == 84 and end >= onset + 12:
            after = changes.chord_at(onset + 12)
            assert after is not None
            assert {after.tones[1], after.tones[3]} <= {pitch % 12 for pitch in hands}
            pushed += 1
    assert pushed >= 5


def test_styles_have_rhythms_of_their_own() -> None:
    changes = songbook.load("rhythm-changes-bb").changes
    share = {
        name: np.mean([onset % 24 != 0 for onset, _, _ in chords(changes, styles.load(name))])
        for name in styles.names()
    }
    assert share["two-beat"] < share["ballad"] < share["bebop"]
    length = {
        name: np.mean([end - onset for onset, end, _ in chords(changes, styles.load(name))])
        for name in styles.names()
    }
    assert length["ballad"] > 1.5 * length["bebop"]
    backbeats = chords(changes, styles.load("two-beat"))
    assert np.mean([onset % 48 == 24 for onset, _, _ in backbeats[:-1]]) > 0.5


def test_a_bossa_repeats_its_two_bars() -> None:
    places = {onset % 192 for onset, _, _ in chords(form("Dm7 | " * 16 + "Dm7"), BOSSA)[:-1]}
    assert len(places) > 5
    assert all(place % 12 == 0 for place in places)


def test_the_hands_play_less_under_a_busy_solo() -> None:
    changes = songbook.load("blues-f").changes.repeated(4)
    busy = [Note(at, 12, 70) for at in range(0, changes.length, 12)]
    calm = [Note(at, 40, 70) for at in range(0, changes.length, 96)]
    counts = [
        np.mean([len(chords(changes, SWING, seed, solo)) for seed in range(4)])
        for solo in (busy, (), calm)
    ]
    assert counts[0] < 0.85 * counts[1]
    assert counts[0] < 0.8 * counts[2]


def test_the_hands_answer_in_the_rests() -> None:
    changes = form("Dm7 | " * 31 + "Dm7")
    # Two bars of eighths, then two bars of rest, and so on.
    solo = [Note(at, 12, 70) for at in range(0, changes.length, 12) if at // 96 % 4 < 2]
    playing = resting = 0
    for seed in range(5):
        for onset, _, _ in chords(changes, SWING, seed, solo):
            if onset < changes.length - 96:
                playing += onset // 96 % 4 < 2
                resting += onset // 96 % 4 >= 2
    assert resting > 1.4 * playing


def test_the_hands_rest_where_there_is_no_chord() -> None:
    changes = form("C7 | N.C. | N.C. | F7 | N.C.")
    for seed in range(20):
        for note in comping.comp(changes, SWING, np.random.default_rng(seed)).notes:
            bar = changes.bar_at(note.onset)
            assert bar in (0, 3)
            assert note.end <= changes.bar_starts[bar + 1]
    assert chords(form("N.C.")) == chords(Changes((Bar(), Bar()))) == chords(Changes(())) == []
    assert chords(form(" | C7 | F7"))[0][0] >= 84


def test_the_last_bar_is_held_unless_the_piece_goes_on() -> None:
    changes = form("Dm7 | G7 | Cmaj7 Am7")
    ends = [(onset, end) for onset, end, _ in chords(changes) if onset >= 192]
    assert ends == [(192, 240), (240, 288)]
    rng = np.random.default_rng(3)
    going_on = comping.comp(changes, SWING, rng, ending=False).notes
    assert {(note.onset, note.end) for note in going_on if note.onset >= 192} != set(ends)
    check(changes, going_on)


def test_loudness_varies_with_the_rhythm() -> None:
    notes = comping.comp(CYCLE.repeated(4), SWING, np.random.default_rng(0)).notes
    assert len({note.velocity for note in notes}) > 6
    assert all(50 <= note.velocity <= 100 for note in notes)
