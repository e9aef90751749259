"""The bass: roots where chords arrive, chord tones on strong beats, lines that lead somewhere."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from forms import any_form, form
from sideman.band import bass, listening, rhythm, styles
from sideman.library import songbook
from sideman.score import Bar, Changes, ChordChange, ChordSpan, Note
from sideman.theory.chord import Chord

BOSSA, TWO = (styles.load(name) for name in ("bossa", "two-beat"))
SWING = replace(styles.load("swing"), bass=styles.Bass())  # walking in all sections
PLAIN = replace(SWING, bass=styles.Bass(skips=0.0))


def line(changes: Changes, style: styles.Style = SWING, seed: int = 0) -> tuple[Note, ...]:
    return bass.walk(changes, style, np.random.default_rng(seed)).notes


def arrivals(changes: Changes) -> list[ChordSpan]:
    """Where the harmony changes to a chord that sounds."""
    found, before = [], None
    for span in changes.spans:
        if span.chord != before and not span.chord.is_no_chord:
            found.append(span)
        before = span.chord
    return found


def check(changes: Changes, notes: Sequence[Note]) -> None:
    """Hold a line to what holds for all."""
    end = 0
    for note in notes:
        assert end <= note.onset < note.end <= changes.length
        assert bass.LOW <= note.pitch <= bass.HIGH
        assert 1 <= note.velocity <= 127
        end = note.end
    at = {note.onset: note.pitch % 12 for note in notes}
    for span in arrivals(changes):
        chord = span.chord
        fifth = (chord.tones[0] + (chord.quality.fifth or 0)) % 12
        wanted = {chord.bass_pitch_class} | ({fifth} if chord.bass is None else set())
        assert at[span.onset] in wanted, f"{chord} at {span.onset}"
    for span in changes.spans:
        sounding = [note for note in notes if note.onset < span.end and span.onset < note.end]
        assert bool(sounding) != span.chord.is_no_chord
    for start, stop in pairwise(changes.bar_starts):
        held = changes.chord_at(start)
        begun = changes.spans and changes.spans[0].onset <= start
        if begun and held and not held.is_no_chord:
            assert any(note.onset < stop and start < note.end for note in notes), "an empty bar"


@pytest.mark.parametrize("name", styles.names())
def test_every_tune_in_every_style(name: str) -> None:
    style = styles.load(name)
    for seed, tune in enumerate(songbook.names()):
        changes = songbook.load(tune).changes
        notes = line(changes, style, seed)
        check(changes, notes)
        last = changes.bar_starts[-2]
        final = next(note for note in notes if note.onset >= last)
        chord = changes.chord_at(last)
        assert chord is not None
        first = next(span.chord for span in changes.spans if not span.chord.is_no_chord)
        assert notes[0].pitch % 12 == first.bass_pitch_class
        assert final.onset == last
        assert final.pitch % 12 == chord.bass_pitch_class
        leaps = [abs(b.pitch - a.pitch) for a, b in pairwise(notes)]
        assert max(leaps) <= 12


C7, NO_CHORD = Chord.parse("C7"), Chord.parse("N.C.")


def stopping(tick: int) -> Changes:
    """A chord that stops at a tick of the third bar."""
    return Changes(
        (Bar((ChordChange(0, C7),)), Bar(), Bar((ChordChange(tick, NO_CHORD),)), Bar()),
    )


# In a bar of one beat the salsa has only rests; N.C. at once, and before the first stroke.
@example(form("C7||", "1/4"), "salsa", 0, False)
@example(stopping(1), "funk", 0, False)
@example(stopping(20), "salsa", 0, False)
@given(any_form(), st.sampled_from(styles.names()), st.integers(0, 1000), st.booleans())
@settings(deadline=None, max_examples=60, derandomize=True)
def test_any_form_can_be_played(changes: Changes, name: str, seed: int, ending: bool) -> None:
    rng = np.random.default_rng(seed)
    check(changes, bass.walk(changes, styles.load(name), rng, ending=ending).notes)


def walked() -> list[tuple[Changes, tuple[Note, ...]]]:
    """Walking lines over every tune in four."""
    return [
        (changes, line(changes, PLAIN, seed))
        for seed, tune in enumerate(songbook.names())
        if (changes := songbook.load(tune).changes).meter.beats == 4
    ]


def test_walking_is_quarters_with_chord_tones_on_strong_beats() -> None:
    strong, total = 0, 0
    for changes, notes in walked():
        for note in notes:
            place = note.onset - changes.bar_starts[changes.bar_at(note.onset)]
            chord = changes.chord_at(note.onset)
            assert chord is not None
            if note.onset < changes.bar_starts[-2]:
                assert note.duration == 24
            if place in (0, 48):
                total += 1
                strong += note.pitch % 12 in {*chord.tones, chord.bass_pitch_class}
    assert total > 1000
    assert strong / total > 0.95


def test_the_note_before_a_change_leads_into_it() -> None:
    leading = []
    for changes, notes in walked():
        before = {note.end: note for note in notes}
        at = {note.onset: note for note in notes}
        for span in arrivals(changes)[1:]:
            if span.onset in before and span.onset < changes.bar_starts[-2]:
                last = before[span.onset]
                held = any(last.onset == one.onset for one in arrivals(changes))
                if not held:
                    leading.append(at[span.onset].pitch - last.pitch)
    steps = np.mean([0 < abs(move) <= 2 for move in leading])
    fifths = np.mean([move in (5, -7) for move in leading])
    assert len(leading) > 300
    assert steps > 0.6
    assert steps + fifths > 0.75
    assert {1, -1, 2, -2, 5} <= set(leading)


def test_lines_go_somewhere() -> None:
    rng = np.random.default_rng(0)
    kept, shuffled, moves, roots, beats = [], [], [], 0, 0
    for changes, notes in walked():
        pitches = np.array([note.pitch for note in notes])
        step = np.diff(pitches)
        moves += list(abs(step))
        kept += list(step[1:] * step[:-1] > 0)
        mixed = np.diff(rng.permutation(pitches))
        shuffled += list(mixed[1:] * mixed[:-1] > 0)
        for note in notes:
            chord = changes.chord_at(note.onset)
            roots += chord is not None and note.pitch % 12 == chord.tones[0]
            beats += 1
    assert 1.8 < np.mean(moves) < 3.4  # mostly steps and thirds
    assert np.mean(np.array(moves) == 0) < 0.08
    assert np.mean(np.array(moves) > 7) < 0.02
    assert np.mean(kept) > np.mean(shuffled) + 0.15
    assert 0.25 < roots / beats < 0.6


def test_a_long_line_has_no_seams() -> None:
    changes = songbook.load("modal-d-minor").changes.repeated(12)
    notes = line(changes, PLAIN)
    check(changes, notes)
    assert len(notes) > 1500
    assert max(abs(b.pitch - a.pitch) for a, b in pairwise(notes)) <= 12


def test_the_feel_in_two_is_halves() -> None:
    notes = line(songbook.load("when-the-saints").changes, TWO)
    assert np.mean([note.duration >= 36 for note in notes]) > 0.6
    fifths = line(form("C6 | C6 | C6 | C6 | C6 | C6 | C6"), TWO)
    assert {note.pitch % 12 for note in fifths if note.onset % 96 == 48} & {7}


def test_bossa_plays_its_pattern() -> None:
    notes = line(songbook.load("bossa-d").changes, BOSSA)
    places = {note.onset % 96 for note in notes}
    assert places <= {0, 36, 48, 84}
    assert {0, 36} <= places
    assert np.mean([note.onset % 96 == 0 for note in notes]) < 0.5


def test_a_bass_that_stays_under_moving_chords_is_a_pedal() -> None:
    changes = form("Fm7/Bb | Gm7/Bb | Fm7/Bb | Ebmaj7")
    for seed in range(5):
        notes = line(changes, SWING, seed)
        assert {note.pitch % 12 for note in notes if note.onset < 3 * 96} == {10}


def test_a_slash_chord_alone_gets_its_bass() -> None:
    changes = form("C | C/E | F | G7")
    for seed in range(5):
        at = {note.onset: note.pitch % 12 for note in line(changes, SWING, seed)}
        assert (at[0] in (0, 7), at[96], at[288]) == (True, 4, 7)


def test_sections_have_feels_of_their_own() -> None:
    ballad = styles.load("ballad")
    bars = form("C6 | Dm7 | G7 | C6 | " * 16 + "C6").bars
    named = tuple(
        replace(bar, section="A" if number % 8 == 0 else None) for number, bar in enumerate(bars)
    )
    notes = line(Changes(named), ballad, 3)
    counts = [
        sum(start <= note.onset < start + 8 * 96 for note in notes)
        for start in range(0, 64 * 96, 8 * 96)
    ]
    assert min(counts) <= 22  # in two
    assert max(counts) >= 30  # walking


def test_the_bass_rests_where_there_is_no_chord() -> None:
    for seed in range(10):
        for note in line(form("C7 | N.C. | N.C. | F7 | N.C."), SWING, seed):
            assert note.onset // 96 in (0, 3)
            assert (note.end - 1) // 96 in (0, 3)
    assert line(form("N.C.")) == line(Changes((Bar(), Bar()))) == line(Changes(())) == ()
    late = line(form(" | C7 | F7"))
    assert late[0].onset == 96


def test_skips_are_eighths_now_and_then() -> None:
    changes = songbook.load("blues-f").changes.repeated(8)
    many = replace(SWING, bass=replace(SWING.bass, skips=0.3))
    shares = [
        np.mean([note.duration == 12 for note in line(changes, style)])
        for style in (PLAIN, SWING, many)
    ]
    assert shares[0] == 0 < shares[1] < 0.2 < shares[2]


def test_double_time_is_for_an_intense_solo_at_a_slow_tempo() -> None:
    changes = form("Dm7 | " * 63 + "Dm7")
    doubling = replace(PLAIN, bass=replace(PLAIN.bass, doubles=0.5))
    shares = {}
    for level, tempo in ((0.97, 100.0), (0.5, 100.0), (0.97, 200.0)):
        heard = listening.Heard(levels=(level,) * 64, busier=(0.0,) * 64)
        rng = np.random.default_rng(0)
        notes = bass.walk(changes, doubling, rng, heard=heard, tempo_bpm=tempo).notes
        check(changes, notes)
        shares[level, tempo] = np.mean([note.duration == 12 for note in notes])
    assert 0.3 < shares.pop((0.97, 100.0)) < 0.9
    assert set(shares.values()) == {0.0}


def test_without_an_ending_the_last_bar_walks_on() -> None:
    changes = form("Dm7 | G7 | C6")
    rng = np.random.default_rng(0)
    held = line(changes, PLAIN)
    walking = bass.walk(changes, PLAIN, rng, ending=False).notes
    assert [note.duration for note in held if note.onset >= 192] == [96]
    assert [note.duration for note in walking if note.onset >= 192] == [24] * 4


def test_the_same_seed_plays_the_same() -> None:
    changes = songbook.load("rhythm-changes-bb").changes
    assert line(changes, seed=1) == line(changes, seed=1)
    assert line(changes, seed=1) != line(changes, seed=2)


def test_a_dotted_beat_is_one_step_of_the_line() -> None:
    notes = line(form("Cm7 | Cm7 | F7 | F7", "12/8"), PLAIN)
    assert {note.duration for note in notes if note.onset < 3 * 144} == {36}


def test_loudness_varies_and_arrivals_stand_out() -> None:
    changes = songbook.load("blues-f").changes.repeated(4)
    notes = line(changes, PLAIN)
    at = {span.onset for span in arrivals(changes)}
    arriving = np.mean([note.velocity for note in notes if note.onset in at])
    others = np.mean([note.velocity for note in notes if note.onset not in at])
    assert len({note.velocity for note in notes}) > 5
    assert arriving > others + 2


def test_a_style_may_ask_for_another_feel() -> None:
    changes = form("C6 | " * 8 + "C6")
    two = replace(PLAIN, bass=replace(PLAIN.bass, feels=rhythm.weighted_choice([("two", 1.0)])))
    assert len(line(changes, two)) < 0.75 * len(line(changes, PLAIN))
