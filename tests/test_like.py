"""Imitating a player: what changes for one, and that nothing changes for none."""

from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from benchmarking import module
from sideman.errors import ModelError
from sideman.library import songbook
from sideman.models import critic, file, lstm, registry, sampler, shaping, stepping
from sideman.models.events import Events, from_notes
from sideman.models.protocol import Setting
from sideman.score import Note

CHANGES = songbook.load("rhythm-changes-bb").changes
SETTING = Setting(CHANGES, 170.0, 46, 84, 5)
DENSE, SPARSE, LOW = "Michael Brecker", "Miles Davis", "Sonny Rollins"
Line = tuple[Note, ...]


@lru_cache(maxsize=8)
def solos(like: str) -> list[Line]:
    model = registry.load("soloist", like=like)
    controls = replace(model.defaults, effort=1)
    rngs = [np.random.default_rng(seed) for seed in range(4)]
    return [sampler.play(model, SETTING, rng=rng, controls=controls) for rng in rngs]


def test_a_solo_is_nearer_to_its_player() -> None:
    assert np.mean(list(map(len, solos(SPARSE)))) < 0.7 * np.mean(list(map(len, solos(DENSE))))
    register = shaping.players().register
    for own, other in ((SPARSE, LOW), (LOW, SPARSE)):
        heights = np.array([np.mean([note.pitch for note in line]) for line in solos(own)])
        assert (abs(heights - register[own]) < abs(heights - register[other])).sum() >= 3


def test_the_critic_recognizes_players() -> None:
    def score(like: str, player: str) -> float:
        judge = critic.shipped().favouring(player).over(CHANGES)
        return float(np.mean([judge.whole(line, CHANGES.length) for line in solos(like)]))

    for own, other in ((SPARSE, DENSE), (DENSE, SPARSE)):
        assert score(own, own) > score(own, other) + 1
        assert score(own, "") == score(own, "Nobody") != score(own, own)


def test_nobody_is_imitated_by_default() -> None:
    model: Any = registry.load("soloist")
    known = model.vocabulary
    assert known.imitation("") == known.label("") == 0
    labels = [known.imitation(name) for name in known.performers]
    assert labels == list(range(len(labels) + 1, 2 * len(labels) + 1))
    for factor, (network,) in model.networks.items():
        kernel = lstm.fused(model.weights[factor][0]["kernel"])
        first = len(kernel) - known.dense(factor) - known.counters(factor) - len(labels) - 1
        rows = network._rows[first:]
        assert len(rows) == 2 * len(labels) + 2
        assert not rows[-1].any()
        assert np.array_equal(rows[: len(labels) + 1], kernel[first : first + len(labels) + 1])
        own, imitated = rows[known.label(SPARSE)], rows[known.imitation(SPARSE)]
        further = stepping.IMITATION * (own - rows[0])
        assert np.allclose(imitated - rows[0], further, atol=1e-5)


def test_a_recognizer_says_what_the_library_that_fitted_it_says() -> None:
    rng = np.random.default_rng(1)
    who = rng.integers(0, 3, 300)
    rows = rng.standard_normal((300, 4)) + who[:, None]
    rows[::7, 1] = np.nan
    mean, scale = np.nanmean(rows, axis=0), np.nanstd(rows, axis=0)
    model = LogisticRegression().fit(critic.standard(rows, mean, scale), who)
    tables = {"mean": mean, "scale": scale, "kernel": model.coef_.T, "bias": model.intercept_}
    theirs = model.predict_log_proba(critic.standard(rows, mean, scale))
    for player in range(3):
        assert np.allclose(critic.Recognizer(tables)(rows, player), theirs[:, player])
    with pytest.raises(ValueError, match="fit together"):
        critic.Recognizer(tables | {"bias": model.intercept_[:2]})
    whole = file.read(critic._FILE)
    with pytest.raises(ModelError, match="critic"):
        critic.from_file(replace(whole, vocabulary=whole.vocabulary[1:]))


def heard(player: int, seed: int) -> Events:
    """Return a solo of one of two players, by steps or by leaps."""
    rng = np.random.default_rng(seed)
    onsets = np.cumsum(rng.choice((6, 12, 24), 150))
    onsets = onsets[onsets < CHANGES.length * 2]
    steps = rng.choice((-9, -7, 7, 9) if player else (-2, -1, 1, 2), len(onsets))
    pitches = 50 + np.cumsum(steps) % 25
    lengths = np.full(len(onsets), 6)
    changes = CHANGES.repeated(2)
    return from_notes("", onsets.tolist(), pitches.tolist(), lengths.tolist(), changes)


def test_the_benchmark_names_players() -> None:
    like = module("like")
    who = np.arange(8) % 2
    rows = [like.stretches(heard(int(player), seed)) for seed, player in enumerate(who)]
    real = like.Solos(who, [f"tune {number // 2}" for number in range(8)], rows)
    judge = like.JUDGES[like.FIRST]
    assert (judge.of_real(real) == who).mean() > 0.8
    wrong = like.Solos(1 - who, real.tunes, rows)
    assert (judge.named(wrong, real) != who).mean() > 0.8
