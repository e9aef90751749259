"""The critic: its trees are those that were fitted, and the search plays what it prefers."""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier

import benchmarking
from sideman.errors import ModelError, MusicError
from sideman.library import songbook
from sideman.models import critic, file, registry, sampler
from sideman.models.constraints import FREE
from sideman.models.controls import Controls
from sideman.models.protocol import Setting, Soloist
from sideman.models.trees import Trees
from sideman.score import Note

CHANGES = songbook.load("blues-f").changes.repeated(4)
SETTING = Setting(CHANGES, 160.0, 46, 77, 5)


@lru_cache(maxsize=1)
def soloist() -> Soloist:
    return registry.load("soloist")


def played(seed: int, effort: int = 1) -> tuple[Note, ...]:
    controls = replace(soloist().defaults, effort=effort)
    return sampler.play(
        soloist(), SETTING, rng=np.random.default_rng(seed), controls=controls, constraints=FREE
    )


def score(notes: Sequence[Note]) -> float:
    return critic.shipped().over(CHANGES).whole(notes, CHANGES.length)


def test_trees_sum_to_what_the_library_that_fitted_them_says() -> None:
    rng = np.random.default_rng(1)
    rows = rng.standard_normal((400, 5))
    rows[rng.random(rows.shape) < 0.1] = np.nan
    players = np.nan_to_num(rows[:, 0]) + np.nan_to_num(rows[:, 1]) ** 2 > 0.7
    fit_critic = benchmarking.module("fit_critic")
    trees = fit_critic.fitted(rows, ~players, np.ones(len(rows)))
    model = HistGradientBoostingClassifier(**fit_critic.TREES)
    model.fit(rows, players, sample_weight=np.ones(len(rows)))
    theirs = model.decision_function(rows) - model._baseline_prediction.item()
    assert np.abs(trees(rows) - theirs).max() < 1e-4
    assert trees.features <= 5


def test_trees_with_a_circle_or_without_a_successor_are_refused() -> None:
    def tables(low: Sequence[int]) -> dict[str, NDArray[np.generic]]:
        return {
            "root": np.array([0]),
            "feature": np.array([0, 0]),
            "threshold": np.zeros(2),
            "low": np.array(low),
            "high": np.array([1, 1]),
            "missing": np.array([1, 0]),
            "value": np.array([0.0, 2.0]),
        }

    assert Trees(tables([1, 1]))(np.zeros((3, 1))).tolist() == [2, 2, 2]
    with pytest.raises(ValueError, match="successor"):
        Trees(tables([7, 1]))
    circle = tables([0, 0]) | {"high": np.array([1, 0])}
    with pytest.raises(ValueError, match="circle"):
        Trees(circle)


def test_a_damaged_critic_is_refused_in_a_sentence() -> None:
    whole = file.read(critic._FILE)
    weights = dict(whole.weights)
    weights["32.value"] = weights["32.value"][:-1]
    for broken in (replace(whole, weights=weights), replace(whole, config={})):
        with pytest.raises(ModelError, match="critic"):
            critic.from_file(broken)


def test_a_passage_is_read_without_what_comes_after_it() -> None:
    notes = played(3)
    judge = critic.shipped().over(CHANGES)
    onsets = np.array([note.onset for note in notes])
    pitches = np.array([note.pitch for note in notes])
    line = critic.Line(onsets, pitches, critic.Harmony(CHANGES), CHANGES.length)
    nats = critic.shipped().surprise.nats(line)
    # After a rest, so that the last beat is whole, and before a note that is read where it is.
    gaps = np.flatnonzero((np.diff(onsets) > 60) & (onsets[1:] % 12 == 0)) + 1
    ends = [int(end) for end in gaps if end >= 64]
    assert ends
    for end in ends:
        cut = critic.Line(onsets[:end], pitches[:end], critic.Harmony(CHANGES), int(onsets[end]))
        alone = critic.describe(cut, critic.shipped().surprise.nats(cut), 64)
        within = critic.describe(*line.until(end, nats), 64)
        assert np.allclose(alone, within, equal_nan=True)
        scores = judge([(notes[:end], int(onsets[end])), (notes, CHANGES.length)])
        assert scores[0] == judge([(notes[:end], int(onsets[end]))])[0]
    assert judge([(notes[:20], int(onsets[20]))]).tolist() == [0.0]


def test_even_eighths_score_lower() -> None:
    lines = [played(seed) for seed in range(6)]
    even = [[Note(12 * at, 12, note.pitch, 90) for at, note in enumerate(line)] for line in lines]
    assert np.mean(list(map(score, lines))) > np.mean(list(map(score, even))) + 1


def test_search_plays_what_the_critic_prefers_and_the_same_every_time() -> None:
    plain = [score(played(seed)) for seed in range(6)]
    searched = [played(seed, effort=2) for seed in range(6)]
    assert np.mean([score(line) for line in searched]) > np.mean(plain) + 0.2
    assert searched[1] == played(1, effort=2)
    assert all(note.onset < CHANGES.length for line in searched for note in line)


def test_effort_needs_a_critic() -> None:
    with pytest.raises(MusicError, match="effort needs a critic, which the model course"):
        sampler.check(registry.load("course"), Controls(effort=2))
    with pytest.raises(MusicError, match="effort must be between 1 and 3, got 4"):
        Controls(effort=4)
