"""Time feel: only off-beat eighths move, nothing is lost, and the grid stays exact."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sideman.feel import (
    PERFORMED_TICKS_PER_QUARTER,
    detached,
    is_straight,
    perform,
    phrase,
    swing,
    swing_ratio,
)
from sideman.meter import TICKS_PER_QUARTER, Meter
from sideman.score import Arrangement, Bar, Changes, Note, Part

FORM = Changes((Bar(),) * 4)
PITCHES = st.integers(40, 90)
FINER = PERFORMED_TICKS_PER_QUARTER // TICKS_PER_QUARTER


def onsets(notes: tuple[Note, ...]) -> list[int]:
    return [note.onset for note in notes]


def test_the_ratio_falls_with_the_tempo() -> None:
    ratios = [swing_ratio(tempo) for tempo in range(20, 401, 5)]
    assert all(first >= second for first, second in pairwise(ratios))
    assert ratios[0] == 2
    assert ratios[-1] == 1
    assert swing_ratio(120) == swing_ratio(130) == 2
    assert swing_ratio(300) == pytest.approx(1.2)


def test_triplets_and_sixteenths_stay() -> None:
    triplet = [Note(8 * n, 8, 60) for n in range(3)]
    sixteenths = [Note(24 + 6 * n, 6, 60) for n in range(4)]
    eighths = [Note(48 + 12 * n, 12, 60) for n in range(2)]
    played = swing(triplet + sixteenths + eighths, FORM, 2.0)
    assert onsets(played) == [
        *(160 * n for n in range(3)),
        *(480 + 120 * n for n in range(4)),
        960,
        960 + 320,
    ]


def test_a_note_tied_to_an_offbeat_ends_where_the_next_begins() -> None:
    played = swing([Note(0, 36, 60), Note(36, 12, 62)], FORM, 1.5)
    assert played[0].end == played[1].onset == 480 + 288
    assert played[1].end == 960


def test_even_eighths_and_compound_meters_stay() -> None:
    line = [Note(12 * n, 12, 60) for n in range(8)]
    written = [note.onset * FINER for note in line]
    assert onsets(swing(line, FORM, 1.0)) == written
    assert onsets(swing(line, Changes((Bar(meter=Meter(12, 8)),) * 2), 2.0)) == written


def test_quarters_are_counted_from_the_bar() -> None:
    # After a bar of 5/8 the quarters of the next stand an eighth off.
    form = Changes((Bar(meter=Meter(5, 8)), Bar()))
    played = swing([Note(60, 12, 60), Note(72, 12, 62), Note(84, 12, 60)], form, 2.0)
    assert onsets(played) == [1200, 1200 + 320, 1680]


def test_a_pickup_swings() -> None:
    assert onsets(swing([Note(-12, 12, 60)], FORM, 2.0)) == [-480 + 320]


@given(
    st.lists(
        st.tuples(st.integers(-48, 400), st.integers(1, 60), st.integers(40, 90)), max_size=40
    ),
    st.floats(1, 4),
)
@settings(deadline=None, max_examples=100, derandomize=True)
def test_order_and_length_survive(raw: list[tuple[int, int, int]], ratio: float) -> None:
    notes = sorted(Note(*values) for values in raw)
    played = swing(notes, FORM, ratio)
    assert len(played) == len(notes)
    assert onsets(played) == sorted(onsets(played))
    assert all(note.duration > 0 for note in played)
    for one, other in zip(notes, played, strict=True):
        assert one.pitch == other.pitch
        assert abs(other.onset - one.onset * FINER) < PERFORMED_TICKS_PER_QUARTER / 2
    apart = detached(played)
    assert all(note.duration > 0 for note in apart)
    assert onsets(apart) == onsets(played)


def test_a_struck_again_pitch_is_let_go_first() -> None:
    played = detached([Note(0, 480, 60), Note(480, 480, 60), Note(960, 480, 62)], 30)
    assert [note.duration for note in played] == [450, 480, 480]


def test_phrases_breathe_and_repeat_with_the_seed() -> None:
    line = [Note(12 * n, 12, 60 + n % 5) for n in range(16)]
    line += [Note(300 + 12 * n, 12, 60) for n in range(4)]
    first = phrase(line, np.random.default_rng(1))
    assert first == phrase(line, np.random.default_rng(1))
    assert first != phrase(line, np.random.default_rng(2))
    assert [note.pitch for note in first] == [note.pitch for note in line]
    loudness = [note.velocity for note in first[:16]]
    assert len(set(loudness)) > 4
    assert max(loudness) - min(loudness) < 40
    middle = np.mean([np.mean(loudness[6:12])])
    assert middle > loudness[0]
    assert phrase([], np.random.default_rng(0)) == ()


def test_loudness_stays_what_midi_can_say() -> None:
    for velocity in (1, 127):
        line = [Note(12 * n, 12, 60 + n % 7, velocity) for n in range(50)]
        played = phrase(line, np.random.default_rng(0))
        assert all(1 <= note.velocity <= 127 for note in played)


def test_a_performance_leaves_the_writing_alone() -> None:
    part = Part("Solo", tuple(Note(12 * n, 12, 60 + n % 3) for n in range(8)), 66)
    written = Arrangement("A", (part,), FORM, tempo_bpm=120)
    played = perform(written, np.random.default_rng(0), style="swing")
    assert written.ticks_per_quarter == 24
    assert played.ticks_per_quarter == PERFORMED_TICKS_PER_QUARTER
    assert onsets(played.parts[0].notes)[:2] == [0, 320]
    straight = perform(written, np.random.default_rng(0), style="bossa")
    assert onsets(straight.parts[0].notes)[:2] == [0, 240]
    assert not is_straight("")
