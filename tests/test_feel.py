"""Time feel: off-beats move, the soloist lies back, phrases breathe, and the writing stays."""

import runpy
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from databases import transcriptions
from realdata import DATA, needs_data
from sideman import feel
from sideman.band import styles
from sideman.errors import SidemanError
from sideman.feel import articulation, dynamics, tempo, timing
from sideman.score import Arrangement, Bar, Changes, Note, Part, Performance
from sideman.theory.meter import PERFORMED_TICKS_PER_QUARTER, TICKS_PER_QUARTER, Meter

CURVE = Path(__file__).parent.parent / "benchmarks" / "swing_curve.py"
FORM = Changes((Bar(),) * 16)
FINER = PERFORMED_TICKS_PER_QUARTER // TICKS_PER_QUARTER
SWING, BOSSA, BALLAD = (styles.load(name) for name in ("swing", "bossa", "ballad"))
EIGHTHS = tuple(Note(12 * n, 12, 60 + (5 * n) % 7) for n in range(128))


def onsets(notes: tuple[Note, ...]) -> list[int]:
    return [note.onset for note in notes]


def played(
    tempo_bpm: float, style: styles.Style = SWING, seed: int = 0, swing: float | None = None
) -> Performance:
    """A soloist and a drummer who both play eighths."""
    parts = (
        Part("Solo", EIGHTHS, 66),
        Part("Drums", tuple(Note(n.onset, 6, 51) for n in EIGHTHS), percussion=True),
    )
    written = Arrangement("A", parts, FORM, tempo_bpm)
    return feel.perform(written, style, np.random.default_rng(seed), swing=swing)


def places(part: Part, tempo_bpm: float, offbeats: bool) -> np.ndarray:
    """Milliseconds after the beat of the eighths on or off it."""
    ticks = np.array(onsets(part.notes))[int(offbeats) :: 2]
    return (ticks - np.arange(len(ticks)) * 480) / 480 * 60_000 / tempo_bpm


# Swing


@pytest.mark.parametrize(("tempo_bpm", "ratio"), [(120.0, 1.96), (200.0, 1.84), (280.0, 1.31)])
def test_onsets_fall_into_two_heaps_where_the_tempo_puts_them(
    tempo_bpm: float, ratio: float
) -> None:
    performance = played(tempo_bpm)
    beat = 60_000 / tempo_bpm
    solo, drums = performance.parts
    for part in (solo, drums):
        off = places(part, tempo_bpm, offbeats=True)
        assert np.median(off) == pytest.approx(beat * ratio / (1 + ratio), abs=4)
        assert off.std() < 7
    assert abs(places(drums, tempo_bpm, offbeats=False)).max() < 8
    on = places(solo, tempo_bpm, offbeats=False)
    late = 1000 * timing.lateness_seconds(tempo_bpm)
    assert np.median(on) == pytest.approx(late, abs=4)
    # The histogram of the band has nothing between the heaps.
    both = np.concatenate([places(drums, tempo_bpm, offbeats) for offbeats in (False, True)])
    counts, _ = np.histogram(both / beat, bins=np.arange(-0.1, 1.0, 0.1))
    assert (counts > 0).sum() <= 4
    assert counts.sum() == len(EIGHTHS)


def test_the_soloists_own_ratio_is_smaller_than_the_bands() -> None:
    for tempo_bpm in (100.0, 140.0, 180.0, 220.0, 260.0):
        solo, drums = played(tempo_bpm).parts
        ratios = []
        for part in (solo, drums):
            ticks = np.array(onsets(part.notes))
            long, short = np.diff(ticks)[::2], np.diff(ticks)[1::2]
            ratios.append(np.median(long[: len(short)] / short))
        assert 1.05 < ratios[0] < ratios[1] - 0.1
        assert ratios[0] < 1.6


def test_the_ratio_falls_with_the_tempo() -> None:
    ratios = [feel.swing_ratio(tempo_bpm) for tempo_bpm in range(20, 401, 5)]
    assert all(first >= second for first, second in pairwise(ratios))
    assert 1.9 < ratios[0] < 2.0
    assert 1.0 < ratios[-1] < 1.1


def test_a_ratio_that_is_asked_for_is_played() -> None:
    _, drums = played(160, swing=3.0).parts
    assert np.median(places(drums, 160, offbeats=True)) == pytest.approx(60_000 / 160 * 0.75, abs=3)
    solo, drums = played(160, swing=1.0).parts
    for part in (solo, drums):
        off, on = (places(part, 160, offbeats=offbeats) for offbeats in (True, False))
        assert np.median(off) - np.median(on) == pytest.approx(60_000 / 160 / 2, abs=3)
    for ratio in (0.9, 4.1, 0.0, -1.0, float("nan"), float("inf")):
        with pytest.raises(SidemanError, match="1 \\(even eighths\\) to 4"):
            played(160, swing=ratio)


def test_a_straight_style_plays_even_eighths() -> None:
    solo, drums = played(140, BOSSA).parts
    assert np.median(places(drums, 140, offbeats=True)) == pytest.approx(60_000 / 140 / 2, abs=2)
    behind = 1000 * (BOSSA.laid_back_seconds + timing.EVEN_BEHIND_SECONDS)
    assert np.median(places(solo, 140, offbeats=True)) == pytest.approx(
        60_000 / 140 / 2 + behind, abs=2
    )
    assert np.median(places(solo, 140, offbeats=False)) == pytest.approx(behind, abs=2)


def test_a_style_may_lie_back_further() -> None:
    solo, drums = played(66, BALLAD).parts
    late = 1000 * (timing.lateness_seconds(66) + BALLAD.laid_back_seconds)
    assert np.median(places(solo, 66, offbeats=False)) == pytest.approx(late, abs=4)
    assert np.median(places(drums, 66, offbeats=False)) == pytest.approx(0, abs=2)


def test_triplets_and_sixteenths_stay() -> None:
    triplet = [Note(8 * n, 8, 60) for n in range(3)]
    sixteenths = [Note(24 + 6 * n, 6, 60) for n in range(4)]
    eighths = [Note(48 + 12 * n, 12, 60) for n in range(2)]
    line = triplet + sixteenths + eighths
    assert onsets(timing.swing(line, FORM, 2.0)) == [
        *(160 * n for n in range(3)),
        *(480 + 120 * n for n in range(4)),
        960,
        960 + 320,
    ]
    # A soloist's are late together.
    late = timing.swing(line, FORM, 2.0, late=30)
    assert np.diff(onsets(late)[:3]).tolist() == [160, 160]
    assert onsets(late)[0] == 30
    assert onsets(late)[-2:] == [990, 1280]


def test_a_short_note_does_not_stop_its_quarter_from_swinging() -> None:
    played = timing.swing([Note(0, 22, 60), Note(36, 10, 62)], FORM, 2.0)
    assert onsets(played) == [0, 480 + 320]
    assert played[1].end < 960


def test_a_note_tied_to_an_offbeat_ends_where_the_next_begins() -> None:
    played = timing.swing([Note(0, 36, 60), Note(36, 12, 62)], FORM, 1.5)
    assert played[0].end == played[1].onset == 480 + 288
    assert played[1].end == 960


def test_even_eighths_and_compound_meters_stay() -> None:
    line = [Note(12 * n, 12, 60) for n in range(8)]
    written = [note.onset * FINER for note in line]
    assert onsets(timing.swing(line, FORM, 1.0)) == written
    assert onsets(timing.swing(line, Changes((Bar(meter=Meter(12, 8)),) * 2), 2.0)) == written


def test_quarters_are_counted_from_the_bar() -> None:
    # After a bar of 5/8 the quarters of the next stand an eighth off.
    form = Changes((Bar(meter=Meter(5, 8)), Bar()))
    line = [Note(60, 12, 60), Note(72, 12, 62), Note(84, 12, 60)]
    assert onsets(timing.swing(line, form, 2.0)) == [1200, 1200 + 320, 1680]


def test_a_pickup_swings() -> None:
    assert onsets(timing.swing([Note(-12, 12, 60)], FORM, 2.0)) == [-480 + 320]


@given(
    st.lists(
        st.tuples(st.integers(-48, 400), st.integers(1, 60), st.integers(40, 90)), max_size=40
    ),
    st.floats(1, 4),
    st.floats(0, 60),
    st.integers(0, 9),
)
@settings(deadline=None, max_examples=100, derandomize=True)
def test_order_and_length_survive(
    raw: list[tuple[int, int, int]], ratio: float, late: float, seed: int
) -> None:
    notes = tuple(sorted(Note(*values) for values in raw))
    swung = timing.swing(notes, FORM, ratio, late=late)
    assert len(swung) == len(notes)
    assert onsets(swung) == sorted(onsets(swung))
    for one, other in zip(notes, swung, strict=True):
        assert one.pitch == other.pitch
        assert abs(other.onset - one.onset * FINER) < PERFORMED_TICKS_PER_QUARTER / 2
    loose = timing.loosened(swung, np.random.default_rng(seed), 6.0, -48 * FINER)
    assert onsets(loose) == sorted(onsets(loose))
    assert all(abs(a.onset - b.onset) <= 30 for a, b in zip(swung, loose, strict=True))
    for notes in (swung, loose, articulation.detached(loose), articulation.tongued(loose)):
        assert all(note.duration > 0 for note in notes)


# Loudness


def test_phrases_grow_softer_and_turns_have_accents() -> None:
    # Many phrases of ten notes that zigzag upwards.
    line = [
        Note(192 * n + 12 * i, 12, 60 + i + 4 * (i % 2), 90) for n in range(200) for i in range(10)
    ]
    shaped = dynamics.shaped(line, np.random.default_rng(1))
    assert [note.pitch for note in shaped] == [note.pitch for note in line]
    levels = 40 * np.log10([note.velocity / 90 for note in shaped]).reshape(200, 10)
    mean = np.median(levels, axis=0)
    tops, bottoms = mean[[1, 3, 5, 7]], mean[[2, 4, 6, 8]]
    assert np.all(tops - bottoms > 2)
    assert mean[[0, 1, 2]].mean() > mean[[6, 7, 8]].mean() + 1
    assert mean[9] < mean[7]
    assert min(note.velocity for note in shaped) >= 24


def test_high_lines_are_louder() -> None:
    low = [Note(12 * n, 12, 55 + n % 2, 90) for n in range(40)]
    high = [Note(1000 * 24 + 12 * n, 12, 67 + n % 2, 90) for n in range(40)]
    shaped = dynamics.shaped(low + high, np.random.default_rng(1))
    levels = 40 * np.log10([note.velocity / 90 for note in shaped])
    assert np.median(levels[40:]) - np.median(levels[:40]) == pytest.approx(2.2, abs=0.5)


def test_some_low_notes_off_the_beat_are_ghosts() -> None:
    line = [Note(12 * n, 12, 60 + 3 * ((n + 1) % 2), 90) for n in range(2000)]
    shaped = dynamics.shaped(line, np.random.default_rng(1))
    ghosts = [note for note in shaped if note.velocity < 60]
    assert all(note.onset % 24 == 12 and note.pitch == 60 for note in ghosts)
    assert 0.03 < len(ghosts) / 1000 < 0.1


def test_loudness_repeats_with_the_seed_and_stays_what_midi_can_say() -> None:
    for velocity in (1, 90, 127):
        line = [Note(12 * n, 12, 60 + n % 7, velocity) for n in range(50)]
        shaped = dynamics.shaped(line, np.random.default_rng(0))
        assert shaped == dynamics.shaped(line, np.random.default_rng(0))
        assert velocity == 1 or shaped != dynamics.shaped(line, np.random.default_rng(1))
        assert all(1 <= note.velocity <= 127 for note in shaped)
    assert dynamics.shaped([], np.random.default_rng(0)) == ()


# Ends of notes


def test_a_struck_again_pitch_is_let_go_first() -> None:
    line = [Note(0, 480, 60), Note(480, 480, 60), Note(960, 480, 62)]
    assert [note.duration for note in articulation.detached(line, 30)] == [450, 480, 480]


def test_eighths_are_tongued_and_long_notes_held() -> None:
    line = [Note(0, 320, 60), Note(320, 160, 62), Note(480, 480, 64), Note(960, 240, 65)]
    assert [note.duration for note in articulation.tongued(line)] == [278, 139, 480, 240]


def test_a_phrase_ends_with_a_dat() -> None:
    line = [Note(0, 12, 60), Note(12, 12, 62), Note(48, 12, 60), Note(60, 12, 60), Note(72, 24, 60)]
    assert [note.duration for note in articulation.shortened(line)] == [12, 8, 12, 12, 24]


# The end of the piece


@pytest.mark.parametrize("bpm", [20.0, 66.0, 132.0, 400.0])
def test_it_slows_down_and_holds_the_last_chord(bpm: float) -> None:
    form = Changes((Bar(),) * 4)
    written = Arrangement("A", (), form, bpm, ritardando=(192, 288))
    performance = feel.perform(written, SWING, np.random.default_rng(0))
    ticks = [tick for tick, _ in performance.tempos]
    tempi = [tempo for _, tempo in performance.tempos]
    assert ticks == sorted(set(ticks))
    assert ticks[0] == 0
    assert ticks[-1] == 288 * FINER
    assert tempi[0] == bpm
    assert all(first > second for first, second in pairwise(tempi[:-1]))
    assert tempi[-2] > bpm * tempo.SLOWED
    held = performance.seconds - performance.seconds_at(288 * FINER)
    assert tempo.HELD_SECONDS[0] - 1e-6 <= held <= tempo.HELD_SECONDS[1] + 1e-6
    steady = feel.perform(Arrangement("A", (), form, bpm), SWING, np.random.default_rng(0))
    assert steady.seconds == pytest.approx(16 * 60 / bpm)


def test_a_performance_repeats_with_the_seed_and_leaves_the_writing_alone() -> None:
    first, again, other = played(150), played(150), played(150, seed=1)
    assert first == again
    assert first != other
    assert len(first.parts[0].notes) == len(EIGHTHS)
    assert [note.pitch for note in first.parts[0].notes] == [note.pitch for note in EIGHTHS]
    assert all(note.onset == 12 * n for n, note in enumerate(EIGHTHS))
    assert all(note.onset >= 0 for part in first.parts for note in part.notes)


# The figures


@needs_data
def test_the_curve_is_what_the_solos_play() -> None:
    script = runpy.run_path(str(CURVE))
    swinging, fitted = script["swinging"], script["fitted"]
    solos = transcriptions(DATA / "wjazzd" / "wjazzd.db")
    measured = [one for one in map(swinging, solos) if one is not None]
    assert len(measured) > 200
    tempi = [one.tempo_bpm for one in measured]
    places = fitted(tempi, [one.offbeat for one in measured])
    late = fitted(tempi, [one.late_ms for one in measured])
    for (bpm, place, seconds), corner, ours, theirs in zip(
        timing.CURVE, script["CORNERS_BPM"], places, late, strict=True
    ):
        assert bpm == corner
        assert place == pytest.approx(ours, abs=0.002)
        assert 1000 * seconds == pytest.approx(theirs, abs=1)
