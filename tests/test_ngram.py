from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from realdata import DATA, needs_data
from sideman.errors import ModelError
from sideman.evaluation import likelihood, loading, scorers
from sideman.models import file, kneserney, mixing, ngram
from sideman.models.events import Events, from_solo
from sideman.score import Bar, Changes, ChordChange, Note, Solo
from sideman.theory.chord import Chord

BARS = tuple(
    Bar((ChordChange(0, Chord.parse(symbol)),)) for symbol in ("F7", "Bb7", "F7", "Cm7", "N.C.")
)


def line(rng: np.random.Generator, notes: int, tempo: float | None = 200) -> Events:
    """A random walk in eighths and triplets over a blues."""
    onset = np.cumsum(rng.choice([6, 8, 12, 24], size=notes)) - 24
    pitch = 60 + np.cumsum(rng.integers(-3, 4, size=notes)) % 24
    made = tuple(
        Note(int(at), int(rng.integers(1, 30)), int(key))
        for at, key in zip(onset, pitch, strict=True)
    )
    return from_solo(Solo("Walk", made, Changes(BARS * 8, (0, 5)), tempo_bpm=tempo))


@lru_cache(maxsize=1)
def small() -> ngram.NGram:
    rng = np.random.default_rng(0)
    corpus = [line(rng, 150) for _ in range(6)]
    return ngram.train(corpus, [line(rng, 80), line(rng, 60, None)], "fingerprint")


def changed(events: Events, note: int, rng: np.random.Generator) -> Events:
    """The same solo with everything from `note` on made up anew."""
    onset, pitch, duration = (
        values.copy() for values in (events.onset, events.pitch, events.duration)
    )
    left = len(events) - note
    onset[note:] = onset[note - 1] + np.cumsum(rng.integers(1, 40, size=left))
    pitch[note:] = rng.integers(0, 128, size=left)
    duration[note:] = rng.integers(0, 15, size=left)
    return replace(events, onset=onset, pitch=pitch, duration=duration)


@pytest.mark.parametrize("name", ngram.MIXTURES)
def test_each_factor_sums_to_one_and_leaves_nothing_out(name: str) -> None:
    found = small().called(name).distributions(line(np.random.default_rng(5), 50))
    for rows in (found.ioi, found.pitch, found.duration):
        assert np.allclose(rows.sum(axis=1), 1, atol=1e-9)
        assert (rows > 0).all()
    assert found.ioi.shape == (50, 1536)
    # IOIs that the corpus lacks share one escape evenly.
    assert len(np.unique(found.ioi[1, 40:])) == 1


@pytest.mark.parametrize("name", ngram.MIXTURES)
@settings(deadline=None, max_examples=10, derandomize=True)
@given(note=st.integers(2, 39), seed=st.integers(0, 1000))
def test_a_later_note_changes_nothing_before_it(name: str, note: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    events = line(rng, 40)
    model = small().called(name)
    one, two = model.distributions(events), model.distributions(changed(events, note, rng))
    # The IOI of note `note` is said before anything of it is known; so is all before.
    assert np.array_equal(one.ioi[: note + 1], two.ioi[: note + 1])
    assert np.array_equal(one.pitch[:note], two.pitch[:note])
    assert np.array_equal(one.duration[:note], two.duration[:note])


@pytest.mark.parametrize("name", ngram.MIXTURES)
def test_each_choice_sees_only_the_choices_before(name: str) -> None:
    events = line(np.random.default_rng(3), 30)
    model = small().called(name)
    one = model.distributions(events)
    pitch, duration = events.pitch.copy(), events.duration.copy()
    pitch[20] = (pitch[20] + 5) % 128
    duration[20] = (duration[20] + 3) % 15
    two = model.distributions(replace(events, pitch=pitch, duration=duration))
    assert np.array_equal(one.ioi[:21], two.ioi[:21])
    assert np.array_equal(one.pitch[:21], two.pitch[:21])
    three = model.distributions(replace(events, duration=duration))
    assert np.array_equal(one.duration[:21], three.duration[:21])


def test_blocks_of_a_long_solo_fit_together(monkeypatch: pytest.MonkeyPatch) -> None:
    events = line(np.random.default_rng(4), 90)
    whole = small().called("blend").distributions(events)
    monkeypatch.setattr(ngram, "_BLOCK", 32)
    pieces = small().called("blend").distributions(events)
    assert np.allclose(whole.pitch, pieces.pitch, atol=1e-6)
    assert np.allclose(whole.ioi, pieces.ioi, atol=1e-6)


def test_a_motif_that_returns_is_remembered() -> None:
    rng = np.random.default_rng(9)
    motif = line(rng, 20)
    step = 96 * 10
    twice = replace(
        motif,
        onset=np.concatenate([motif.onset, motif.onset + step]),
        pitch=np.concatenate([motif.pitch, motif.pitch]),
        duration=np.concatenate([motif.duration, motif.duration]),
    )
    nats = {}
    for name in ("kneser-ney", "ngram"):
        found = small().called(name).distributions(twice).pitch
        nats[name] = -np.log(found[np.arange(40), twice.pitch])[26:].mean()
    assert nats["ngram"] < nats["kneser-ney"] - 0.5


def test_kneser_ney_by_hand() -> None:
    # After "a": x x y; after "b": x z.  One feature, symbols x y z are 0 1 2.
    known = {"ioi": np.zeros(5, dtype=np.int64), "context": np.array([7, 7, 7, 8, 8])}
    lowest, level = kneserney.count_chain(known, ["context"], np.array([0, 0, 1, 0, 2]))
    # The lower level counts distinct continuations: x after a and b, y after a, z after b.
    assert dict(zip(lowest.symbol, lowest.count, strict=True)) == {0: 2, 1: 1, 2: 1}
    assert sorted(zip(level.symbol, level.count, strict=True)) == [(0, 1), (0, 2), (1, 1), (2, 1)]
    # Chen and Goodman: Y = n1 / (n1 + 2 n2), D1 = 1 - 2 Y n2 / n1, with 2 ones and 1 two below.
    assert lowest.discounts[0] == pytest.approx(1 - 2 * 0.5 * 1 / 2)
    keys = kneserney.context_keys(
        {"ioi": np.zeros(1, dtype=np.int64), "context": np.array([7])}, ["context"], 1
    )
    found = kneserney.expect([lowest, level], keys, 3)[0]
    low = [level_share(lowest, symbol, 4, 1 / 3) for symbol in range(3)]
    first, second, _ = level.discounts
    left = (first + second) / 3
    assert found == pytest.approx(
        [(2 - second) / 3 + left * low[0], (1 - first) / 3 + left * low[1], left * low[2]]
    )
    assert found.sum() == pytest.approx(1)


def level_share(level: kneserney.Level, symbol: int, total: int, below: float) -> float:
    """What one context's level gives a symbol, written out."""
    counts = dict(zip(level.symbol.tolist(), level.count.tolist(), strict=True))
    taken = {key: level.discounts[min(count, 3) - 1] for key, count in counts.items()}
    kept: float = (counts[symbol] - taken[symbol]) / total
    return float(kept + sum(taken.values()) / total * below)


def test_interpolation_finds_the_better_expert() -> None:
    scored = np.array([[0.9, 0.1]] * 50 + [[0.2, 0.6]] * 50)
    bucket = np.repeat([0, 1], 50)
    weights = mixing.interpolation(scored, bucket, 3)
    assert weights[0] == pytest.approx([1, 0], abs=1e-3)
    assert weights[1] == pytest.approx([0, 1], abs=1e-3)
    assert weights[2].tolist() == [0.5, 0.5]


def test_the_blend_finds_the_power_that_made_the_data() -> None:
    rng = np.random.default_rng(2)
    logs = np.log(rng.dirichlet(np.ones(4), size=4000)).astype(np.float32)
    sharp = np.exp(2.0 * logs)
    sharp /= sharp.sum(axis=1, keepdims=True)
    target = (sharp.cumsum(axis=1) < rng.random((4000, 1))).sum(axis=1)
    powers = mixing.blend(logs[:, :, None], np.ones((4000, 1)), target, np.ones((1, 1)), 0.0)
    assert powers[0, 0] == pytest.approx(2, abs=0.15)


def test_a_file_holds_the_whole_model() -> None:
    data = file.dumps(ngram.to_file(small()))
    again = ngram.from_file(file.parse(data, "small"), "small")
    assert again.corpus == "fingerprint"
    assert file.dumps(ngram.to_file(again)) == data
    events = line(np.random.default_rng(8), 30)
    for name in ngram.MIXTURES:
        one = small().called(name).distributions(events)
        two = again.called(name).distributions(events)
        assert np.allclose(one.pitch, two.pitch, atol=1e-6)


@pytest.mark.parametrize(
    "name", ["heard_iois", "pitch.count", "ioi.symbol", "pitch.weights.powers"]
)
def test_a_file_that_does_not_fit_is_refused(name: str) -> None:
    content = ngram.to_file(small())
    without = {key: value for key, value in content.weights.items() if key != name}
    for weights in (without, {**content.weights, name: content.weights[name][:-1]}):
        with pytest.raises(ModelError, match="mine: its tables do not fit"):
            ngram.from_file(replace(content, weights=weights), "mine")


def test_symbols_out_of_range_are_refused() -> None:
    content = ngram.to_file(small())
    wrong = np.full_like(content.weights["duration.symbol"], 200)
    weights = {**content.weights, "duration.symbol": wrong}
    with pytest.raises(ModelError, match="do not fit"):
        ngram.from_file(replace(content, weights=weights), "mine")


def test_nothing_to_learn_from_is_a_sentence() -> None:
    with pytest.raises(ModelError, match="no note to learn from"):
        ngram.train([], [])
    with pytest.raises(ModelError, match="choose unigram"):
        small().called("trigram")


def test_odd_solos_are_heard() -> None:
    for solo in (
        Solo("empty", ()),
        Solo("one", (Note(0, 1, 60),)),
        Solo("edges", (Note(0, 1, 0), Note(5000, 1, 127), Note(5001, 900, 0))),
    ):
        for name in ngram.MIXTURES:
            found = small().called(name).distributions(from_solo(solo))
            assert len(found.pitch) == len(solo.notes)
            assert np.allclose(found.pitch.sum(axis=1), 1)


def test_what_ships_is_small_and_holds_no_rare_context() -> None:
    path = file.locate("ngram")
    assert path.stat().st_size < 4e6
    model = scorers.named("ngram")
    assert isinstance(model, ngram.NGram)
    for chains in model.chains.values():
        for chain in chains:
            for level in chain[3:]:
                assert level.count.min(initial=2) >= 2


@needs_data
def test_the_baseline_that_ships_reaches_its_figures() -> None:
    folder = DATA / "wjazzd"
    chosen = loading.select(
        [folder / "wjazzd.db"], folder / "split.json", "test", only_common_time=True
    )
    figures = likelihood.score(scorers.named("ngram"), chosen.events).summary()
    assert figures["notes"] == 17_044
    assert 5.0 < figures["joint_nats"] <= 5.06
    assert figures["pitch_accuracy"] > 0.36
