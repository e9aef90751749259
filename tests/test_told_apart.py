"""The discriminator of lines: readings, features, areas (``benchmarks/told_apart.py``)."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import databases
from benchmarking import module
from sideman.library import songbook
from sideman.models.events import Events, from_notes


@pytest.fixture(scope="module")
def extraction() -> Any:
    return module("line_features")


def line(seed: int, *, even: bool = False, bars: int = 24) -> Events:
    """Return a line over a blues: eighths by step if even, otherwise any rhythm and interval."""
    rng = np.random.default_rng(seed)
    changes = songbook.load("blues-f").changes.repeated(2)
    iois = np.full(8 * bars, 12) if even else rng.choice([6, 8, 12, 24, 36], 8 * bars)
    onsets = np.cumsum(iois)
    onsets = onsets[onsets < bars * 96]
    steps = rng.choice([-2, -1, 1, 2] if even else [-7, -3, 0, 4, 5], len(onsets))
    pitches = 60 + np.cumsum(steps) % 20
    lengths = np.full(len(onsets), 6)
    return from_notes(f"line {seed}", onsets.tolist(), pitches.tolist(), lengths.tolist(), changes)


@given(st.sets(st.integers(-30, 400), min_size=1, max_size=60))
def test_a_plain_reading_keeps_every_note_and_their_order(onsets: set[int]) -> None:
    given_onsets = np.array(sorted(onsets))
    plain = module("line_features").plainest(given_onsets)
    assert len(plain) == len(given_onsets)
    assert (np.diff(plain) > 0).all()
    assert (abs(plain - given_onsets) <= 18).all()


def test_timing_and_length_leave_no_trace_in_the_plain_reading(extraction: Any) -> None:
    written = line(1, even=True)
    late = from_notes(
        "late",
        [onset + index % 4 for index, onset in enumerate(written.onset.tolist())],
        written.pitch.tolist(),
        [3 + index % 5 for index in range(len(written))],
        written.changes,
    )
    counts = {
        plain: extraction.Counts([extraction.read(written, beatwise=plain)]) for plain in (0, 1)
    }

    def measured(events: Events, plain: bool) -> dict[str, float]:
        read = counts[plain].annotated(extraction.read(events, beatwise=plain))
        found: dict[str, float] = extraction.features(extraction.Stretch(read, 0, 32))
        return found

    assert measured(written, True) == pytest.approx(measured(late, True), nan_ok=True)
    assert measured(written, False) != pytest.approx(measured(late, False), nan_ok=True)


def test_features_say_what_they_are_named_after(extraction: Any) -> None:
    events = line(2, even=True)
    read = extraction.read(events, beatwise=True)
    found = extraction.features(
        extraction.Stretch(extraction.Counts([read]).annotated(read), 1, 33)
    )
    assert found["rhythm: beat eighths"] == 1
    assert found["self_similarity: beat 1 back"] == 1
    assert found["rhythm_order: ioi given last"] == pytest.approx(0, abs=1e-9)
    assert found["pitch: octave and wider"] == np.mean(abs(np.diff(events.pitch[1:33])) >= 12)
    chords = [events.changes.chord_at(int(tick)) for tick in events.onset[1:33]]  # type: ignore[union-attr]
    inside = [p % 12 in c.tones for p, c in zip(events.pitch[1:33], chords, strict=True) if c]
    assert found["harmony: chord all"] == pytest.approx(np.mean(inside))
    groups = {name.partition(":")[0] for name in found}
    assert groups == {group.__name__ for group in extraction.GROUPS} - {"articulation"}


def test_counts_are_distributions_and_know_what_they_have_counted(extraction: Any) -> None:
    reads = [extraction.read(line(seed, even=True), beatwise=True) for seed in range(3)]
    counts = extraction.Counts(reads)
    known = counts.annotated(extraction.read(line(0, even=True), beatwise=True)).surprisal[
        "interval"
    ]
    other = counts.annotated(extraction.read(line(0), beatwise=True)).surprisal["interval"]
    assert known.mean() + 1 < other.mean()
    wide = extraction.WIDEST
    seen = {step for read in reads for step in np.clip(read.interval, -wide, wide).tolist()}
    symbols = [*seen, "unseen"]
    for history in ((), (2,), (2, -1)):
        total = sum(counts._odds("interval", symbol, history) for symbol in symbols)
        assert total == pytest.approx(1)


def test_an_area_is_the_share_of_pairs_in_order() -> None:
    apart = module("told_apart")
    rng = np.random.default_rng(0)
    scores, side = rng.normal(size=80), rng.random(80) < 0.4
    weight = rng.integers(0, 3, 80).astype(float)
    pairs = [
        (weight[a] * weight[b], scores[a] > scores[b])
        for a in np.flatnonzero(side)
        for b in np.flatnonzero(~side)
    ]
    wanted = sum(w for w, right in pairs if right) / sum(w for w, _ in pairs)
    assert apart.area(scores, side, weight) == pytest.approx(wanted)


def test_even_lines_are_told_from_others_and_others_are_not_from_themselves() -> None:
    apart = module("told_apart")
    events = [line(seed, even=seed % 2 == 1) for seed in range(24)]
    extractor = apart.Extractor([line(seed) for seed in range(100, 103)])
    solos = [(f"tune {seed // 4}", one.name, one) for seed, one in enumerate(events)]
    sample = extractor.sample(solos, 16, beatwise=True)
    even = np.array([int(name.split()[1]) % 2 == 1 for name in sample.solos])
    groups = apart.line_features.GROUPS
    scores = apart.scored(apart.columns(sample, groups), even, sample.tunes, sample.solos)
    assert apart.bootstrapped(scores, even, sample.tunes).low > 0.95
    # Halves of lines of one kind, divided at random: no difference.
    chance = np.array([int(name.split()[1]) % 4 == 2 for name in sample.solos])[~even]
    rows = apart.columns(sample, groups)[~even]
    tunes = [tune for tune, one in zip(sample.tunes, even, strict=True) if not one]
    names = [name for name, one in zip(sample.solos, even, strict=True) if not one]
    scores = apart.scored(rows, chance, tunes, names)
    assert 0.25 < apart.area(scores, chance, np.ones(len(rows))) < 0.7


def test_a_stretch_is_cut_evenly() -> None:
    apart = module("told_apart")
    assert apart.starts(15, 16) == []
    assert apart.starts(16, 16) == [0]
    many = apart.starts(1000, 16)
    assert len(many) == apart.MOST_STRETCHES
    assert (many[0], many[-1]) == (0, 984)


def test_solos_in_a_folder_are_those_that_were_generated(tmp_path: Path) -> None:
    apart = module("told_apart")
    tones = [(bar, beat, 1, 1, 60 + bar + beat, 1.0) for bar in range(1, 5) for beat in range(1, 5)]
    chords = {(bar, 1): chord for bar, chord in enumerate(("C6", "A7", "Dm7", "G7"), start=1)}
    names = {"valid": ["One_Solar"], "test": ["Two_Oleo-1"]}
    every = [name for part in names.values() for name in part]
    database = databases.build(tmp_path / "db", dict.fromkeys(every, tones), chords=chords)
    split = tmp_path / "split.json"
    split.write_text(json.dumps(names))
    items = apart.real(str(database), str(split))
    assert [apart.tune_of(item) for item in items] == ["Solar", "Oleo"]

    store = apart.Store(str(tmp_path / "kept"))
    played = apart.generated(apart.Model("cfg", "rules"), items, store)
    (folder,) = (tmp_path / "kept").iterdir()
    found = apart.found_in(folder, items)
    assert [item.name for item, _ in found] == [name for name in every for _ in apart.SEEDS]
    assert len({tuple(events.pitch) for _, events in found}) == 4
    for (_, one), (_, other) in zip(played, found, strict=True):
        np.testing.assert_array_equal(one.onset, other.onset)
        np.testing.assert_array_equal(one.pitch, other.pitch)
