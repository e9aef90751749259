import math
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from databases import Tone, build, transcriptions
from realdata import DATA, needs_data
from sideman.evaluation import distance, loading, players, report, style
from sideman.formats import weimar
from sideman.score import Bar, Changes, ChordChange, Note, Solo
from sideman.theory.chord import Chord
from sideman.theory.meter import Meter


def form(*symbols: str, meter: str = "4/4") -> Changes:
    return Changes(
        tuple(Bar((ChordChange(0, Chord.parse(s)),), Meter.parse(meter)) for s in symbols)
    )


def line(*notes: tuple[int, int], changes: Changes | None = None, length: int = 6) -> Solo:
    return Solo("Line", tuple(Note(onset, length, pitch) for onset, pitch in notes), changes)


def test_chord_and_scale_tones_by_hand() -> None:
    # Over C7: C, E, D and F#; over N.C. nothing counts.  C and E are chord tones; D is a scale
    # tone besides; F# is neither.
    solo = line((0, 60), (12, 64), (24, 62), (36, 66), (96, 61), changes=form("C7", "N.C."))
    assert style.chord_tones(solo) == 2 / 4
    assert style.scale_tones(solo) == 3 / 4
    assert style.chord_tones(line((0, 60))) is None
    assert style.chord_tones(line((0, 60), changes=form("N.C."))) is None


def test_entropy_by_hand() -> None:
    # Bar 0: C C; bar 1: C D; bar 2 is silent; bar 3: E.
    solo = line((0, 60), (48, 72), (96, 60), (144, 62), (288, 64))
    assert style.pitch_class_entropy(solo, 1) == pytest.approx((0 + 1 + 0) / 3)
    # Bars 0-1: C three times, D once.  1-2: C and D.  2-3: E.
    three_one = -(0.75 * math.log2(0.75) + 0.25 * math.log2(0.25))
    assert style.pitch_class_entropy(solo, 2) == pytest.approx((three_one + 1 + 0) / 3)
    # Longer than the solo: one stretch of all five notes.
    whole = -(0.6 * math.log2(0.6) + 2 * 0.2 * math.log2(0.2))
    assert style.pitch_class_entropy(solo, 9) == pytest.approx(whole)
    assert style.pitch_class_entropy(line(), 1) is None


def test_grooving_similarity_by_hand() -> None:
    # Bars 0 and 1 agree; bar 2 has one onset of two elsewhere: two of 64 positions differ.
    solo = line((0, 60), (48, 60), (96, 60), (144, 60), (192, 60), (216, 60))
    assert style.grooving_similarity(solo) == pytest.approx((1 + 2 * (1 - 2 / 64)) / 3)
    assert style.grooving_similarity(line((0, 60), (5, 61))) is None


def test_a_bar_of_another_meter_is_a_whole_groove() -> None:
    # Halfway through a bar of three beats is position 32 as it is in a bar of four.
    waltz = line((0, 60), (36, 60), (72, 60), (108, 60), changes=form("C", "C", meter="3/4"))
    assert style.bars(waltz) == [0, 0, 1, 1]
    assert style.grooving_similarity(waltz) == 1


def test_chord_irregularity_by_hand() -> None:
    # Dm7 G7 C | Dm7 G7 C: four trigrams, three different; a repeated C is one chord.
    changes = form("Dm7", "G7", "C", "C", "Dm7", "G7", "C")
    solo = line((0, 60), (6 * 96, 60), changes=changes)
    assert style.chord_irregularity(solo) == 3 / 4
    # Only what sounds under the line counts.
    assert style.chord_irregularity(line((0, 60), (96, 60), changes=changes)) is None
    assert style.chord_irregularity(line((0, 60), (192, 60), changes=changes)) == 1


def test_intervals_and_density_by_hand() -> None:
    solo = line((0, 60), (12, 60), (24, 62), (48, 63), (96, 71), (108, 64))
    assert style.steps(solo) == 2 / 5
    assert style.repeats(solo) == 1 / 5
    assert style.leaps(solo) == 1 / 5  # 63 to 71 is 8; 71 to 64 is a fifth
    assert style.pitch_range(solo) == 11
    assert style.mean_ioi(solo) == 108 / 5
    assert style.notes_a_bar(solo) == 3
    assert style.steps(line((0, 60))) is None
    assert style.mean_ioi(line((0, 60))) is None


def test_a_pickup_has_a_bar_of_its_own() -> None:
    solo = line((-12, 60), (0, 60), (96, 60), changes=form("C", "C"))
    assert style.bars(solo) == [-1, 0, 1]
    assert style.notes_a_bar(solo) == 1


def test_phrases_by_hand() -> None:
    # Notes of 6 ticks: silences of 6, 20, 21 and 6.
    solo = line((0, 60), (12, 61), (38, 62), (65, 63), (77, 64))
    assert [len(phrase) for phrase in style.phrases(solo)] == [3, 2]
    assert style.phrase_notes(solo) == 2.5
    assert style.phrase_beats(solo) == pytest.approx((44 + 18) / 2 / 24)
    assert style.phrase_notes(line()) is None


@pytest.mark.parametrize(("off_beat", "ratio"), [(12, 1), (14, 1.4), (16, 2), (18, 3)])
def test_swing_by_hand(off_beat: int, ratio: float) -> None:
    notes = [(beat * 24 + at, 60) for beat in range(5) for at in (0, off_beat)]
    assert style.swing_ratio(line(*notes)) == pytest.approx(ratio)
    assert style.swing_ratio(line(*notes[:6])) is None


def test_swing_is_told_from_seconds(tmp_path_factory: pytest.TempPathFactory) -> None:
    tones: list[Tone] = [(1, beat, tatum, 2, 60, 0.4) for beat in range(1, 5) for tatum in (1, 2)]
    tones += [(2, 1, 1, 1, 60, 0.4)]
    path = build(tmp_path_factory.mktemp("swing") / "a.db", {"A_B": tones})
    found = transcriptions(path)[0]
    assert style.performed_swing_ratio(weimar.swing_shares(found)) == pytest.approx(1)
    late = tuple(
        tone._replace(onset_seconds=tone.onset_seconds + (tone.tatum == 2) / 12)
        for tone in found.tones
    )
    # A third of a second of half a second is two thirds: a triplet.
    swung = weimar.Transcription(
        **{name: getattr(found, name) for name in found.__slots__ if name != "tones"}, tones=late
    )
    assert style.performed_swing_ratio(weimar.swing_shares(swung)) == pytest.approx(2)


@settings(deadline=None, max_examples=60, derandomize=True)
@given(
    st.lists(st.tuples(st.integers(-200, 3000), st.integers(0, 127)), max_size=30),
    st.booleans(),
)
def test_every_statistic_is_a_number_or_nothing(notes: list[tuple[int, int]], chords: bool) -> None:
    distinct = sorted(dict(notes).items())
    solo = line(*distinct, changes=form("C7", "Fm7", "N.C.") if chords else None)
    found = style.measure(solo)
    assert set(found) == {statistic.name for statistic in style.STATISTICS}
    for value in found.values():
        assert value is None or math.isfinite(value)
    shares = ("chord_tones", "scale_tones", "steps", "leaps", "repeats", "grooving_similarity")
    assert all(0 <= (found[name] or 0) <= 1 for name in shares)


def test_distances_by_hand() -> None:
    assert distance.intra([1.0, 2.0, 4.0]).choice().tolist() == [1, 3, 2]
    assert distance.inter([1.0, 2.0], [4.0, 0.0]).choice().tolist() == [3, 1, 2, 2]
    assert distance.intra([1.0, 2.0, 4.0]).extent() == (1, 3)
    # Scott's rule: the standard deviation (1 here) times n to the -1/5.
    assert distance.bandwidth(distance.inter([0.0], [1.0, 2.0, 3.0])) == pytest.approx(3**-0.2)


def test_blocks_of_distances_give_the_same_as_all_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(1)
    one, other = rng.gamma(3, size=83).tolist(), rng.gamma(4, size=97).tolist()
    every = np.abs(np.subtract.outer(one, other))
    pairs = np.abs(np.subtract.outer(one, one))[np.triu_indices(83, k=1)]
    found = []
    for size in (128, 1000, 8192):
        monkeypatch.setattr(distance, "_BLOCK", size)
        found.append(distance.compare(one, other))
        for distances, whole in (
            (distance.inter(one, other), every.ravel()),
            (distance.intra(one), pairs),
        ):
            assert distances.choice().tolist() == whole.tolist()
            assert distances.extent() == (whole.min(), whole.max())
            assert distance.bandwidth(distances) == whole.std(ddof=1) * len(whole) ** -0.2
    assert found[0] == found[1] == found[2] is not None


def test_the_memory_of_distances_does_not_grow_with_their_number() -> None:
    values = np.random.default_rng(2).normal(size=3000).tolist()
    tracemalloc.start()
    try:
        assert distance.compare(values, values)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    # Nine million distances are 72 MB; the kernels of the densities take 8 MB, a few times.
    assert peak < 40e6


def test_overlap_and_divergence_of_two_normals() -> None:
    # With kernels as wide as the values are far apart, two kernels of width 1 at 0 and at 1
    # overlap by 2 * Phi(-1/2) = 0.617 and diverge by 1/2 nat.
    points = np.linspace(-8, 9, 4001)
    step = points[1] - points[0]
    one = distance.density(np.array([0.0]), points, 1.0)
    two = distance.density(np.array([1.0]), points, 1.0)
    assert one.sum() * step == pytest.approx(1, abs=1e-6)
    assert np.minimum(one, two).sum() * step == pytest.approx(0.6171, abs=1e-3)
    assert (one * np.log(one / two)).sum() * step == pytest.approx(0.5, abs=1e-3)


def test_alike_sets_overlap_and_others_do_not() -> None:
    rng = np.random.default_rng(0)
    real, alike, other = (rng.normal(mean, 1, 60).tolist() for mean in (0, 0, 9))
    near, far = distance.compare(real, alike), distance.compare(real, other)
    assert near is not None
    assert far is not None
    assert near["overlap"] > 0.9
    assert near["kl"] < 0.05
    assert far["overlap"] < 0.05
    assert far["kl"] > 2
    assert distance.compare([1, 2], [1, 2, 3]) is None
    assert distance.compare([1, 1, 1], [1, 1, 1]) is None


def test_a_summary_by_hand() -> None:
    empty = dict.fromkeys((s.name for s in style.STATISTICS), None)
    found = players.summary([{**empty, "steps": 0.5}, {**empty, "steps": 0.7}, empty])
    assert found["steps"]["mean"] == pytest.approx(0.6)
    assert found["steps"]["spread"] == pytest.approx(math.sqrt(0.02), abs=1e-6)
    assert found["steps"]["solos"] == 2
    assert found["leaps"] == {"solos": 0, "mean": None, "spread": None, "quantiles": None}


@needs_data
def test_the_figures_that_ship_are_those_of_the_held_out_solos() -> None:
    folder = DATA / "wjazzd"
    chosen = loading.select(
        [folder / "wjazzd.db"], folder / "split.json", "test", only_common_time=True
    )
    found = players.summary([report.statistics(item) for item in chosen.items])
    shipped = players.reference("test")
    assert shipped["fingerprint"] == loading.fingerprint(chosen.events)
    for name, figures in found.items():
        assert figures["mean"] == pytest.approx(shipped["statistics"][name]["mean"], rel=1e-5)
    # What an independent study measured on the same solos.
    study = {"chord_tones": 0.503, "scale_tones": 0.789, "entropy_1": 1.88, "range_semitones": 26.5}
    for name, value in study.items():
        assert found[name]["mean"] == pytest.approx(value, rel=0.02)
