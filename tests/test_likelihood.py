from dataclasses import replace

import numpy as np
import pytest

from sideman.errors import ModelError
from sideman.evaluation import likelihood
from sideman.models import registry
from sideman.models.course.network import CourseModel
from sideman.models.events import Distributions, Events, FloatArray, from_solo
from sideman.score import Bar, Changes, ChordChange, Note, Solo
from sideman.theory.chord import Chord


def solo(pitches: list[int], step: int = 12) -> Events:
    notes = tuple(Note(index * step, 6, pitch) for index, pitch in enumerate(pitches))
    return from_solo(Solo("Line", notes))


class Fixed:
    """Gives what played a fixed share and the rest to everything alike."""

    name = "fixed"

    def __init__(self, ioi: float, pitch: float, duration: float) -> None:
        self.shares = ioi, pitch, duration

    def distributions(self, events: Events) -> Distributions:
        made = []
        sizes = (1536, 128, 15)
        targets = (events.ioi - 1, events.pitch, events.duration)
        for size, target, share in zip(sizes, targets, self.shares, strict=True):
            rows = np.full((len(events), size), (1 - share) / (size - 1))
            rows[np.arange(len(events)), target] = share
            made.append(rows)
        return Distributions(*made)


def test_scores_by_hand() -> None:
    scores = likelihood.score(Fixed(0.5, 0.25, 0.01), [solo([60, 62, 64]), solo([70, 71])])
    figures = scores.summary()
    assert figures["notes"] == 3
    assert figures["solos"] == 2
    assert figures["rhythm_nats"] == pytest.approx(np.log(2), abs=1e-6)
    assert figures["pitch_nats"] == pytest.approx(np.log(4), abs=1e-6)
    assert figures["duration_nats"] == pytest.approx(np.log(100), abs=1e-6)
    assert figures["joint_nats"] == pytest.approx(np.log(800), abs=1e-6)
    assert figures["pitch_perplexity"] == pytest.approx(4, abs=1e-4)
    assert figures["ioi_perplexity"] == pytest.approx(2, abs=1e-4)
    assert figures["pitch_accuracy"] == 1
    assert figures["ioi_accuracy"] == 1
    assert scores.hits[:, 2].tolist() == [0, 0]


def test_the_first_note_and_short_solos_are_not_scored() -> None:
    scores = likelihood.score(Fixed(0.5, 0.5, 0.5), [solo([60]), solo([60, 61]), solo([])])
    assert scores.notes.tolist() == [1]
    with pytest.raises(ModelError, match="no solo of two notes"):
        likelihood.score(Fixed(0.5, 0.5, 0.5), [solo([60])])


def uniform(size: int) -> FloatArray:
    return np.full(size, 1 / size)


@pytest.mark.parametrize(
    ("pitch", "said"),
    [
        (np.full(128, 1 / 64), "pitch distribution of note 1 is not one: it sums to 2"),
        (np.eye(128)[3], "note 1 has no pitch probability"),
        (np.full(128, np.nan), "is not one"),
        (np.concatenate([[-1.0, 2.0], np.zeros(126)]), "negative"),
    ],
)
def test_what_is_no_distribution_is_a_sentence(pitch: FloatArray, said: str) -> None:
    model = likelihood.Stepwise(
        "odd", lambda _: uniform(1536), lambda *_: pitch, lambda *_: uniform(15)
    )
    with pytest.raises(ModelError, match=said):
        likelihood.score(model, [solo([60, 61, 62])])


def test_a_wrong_shape_is_a_sentence() -> None:
    class Short:
        name = "short"

        def distributions(self, events: Events) -> Distributions:
            ones = np.ones((len(events), 1))
            return Distributions(ones, ones, ones)

    with pytest.raises(ModelError, match="must be"):
        likelihood.score(Short(), [solo([60, 61])])


def test_a_stepwise_model_sees_the_past_alone() -> None:
    seen: list[tuple[int, ...]] = []

    def ioi(past: Events) -> FloatArray:
        seen.append((len(past), int(past.pitch[-1])))
        return uniform(1536)

    def duration(past: Events, onset: int, pitch: int) -> FloatArray:
        seen.append((len(past), onset, pitch))
        return uniform(15)

    model = likelihood.Stepwise("watcher", ioi, lambda *_: uniform(128), duration)
    likelihood.score(model, [solo([60, 61, 62])])
    assert seen == [(1, 60), (1, 12, 61), (2, 61), (2, 24, 62)]


def test_a_paired_comparison() -> None:
    solos = [solo([60, 62, 64]), solo([70, 71]), solo([50, 51, 52, 53])]
    better = likelihood.score(Fixed(0.5, 0.5, 0.5), solos)
    worse = likelihood.score(Fixed(0.5, 0.25, 0.5), solos)
    found = likelihood.compare(better, worse, np.random.default_rng(0))
    # Every note gains the same, so no draw can differ.
    assert found["pitch"]["difference"] == pytest.approx(-np.log(2), abs=1e-6)
    assert found["pitch"]["interval"] == [found["pitch"]["difference"]] * 2
    assert found["joint"]["difference"] == pytest.approx(-np.log(2), abs=1e-6)
    assert found["rhythm"]["difference"] == 0
    with pytest.raises(ModelError, match="same solos"):
        likelihood.compare(
            better, likelihood.score(Fixed(0.5, 0.5, 0.5), solos[:2]), np.random.default_rng(0)
        )


def test_the_spread_of_a_bootstrap() -> None:
    # Two solos as long, one a nat a note better, one as good: means of two draws from {-1, 0}
    # spread by sqrt(1/8).
    notes = np.array([4, 4])
    hits = np.zeros((2, 3), dtype=np.int64)
    ours = likelihood.Scores("a", notes, np.array([[4.0, 4, 4], [8.0, 4, 4]]), hits)
    theirs = likelihood.Scores("b", notes, np.array([[8.0, 4, 4], [8.0, 4, 4]]), hits)
    found = likelihood.compare(ours, theirs, np.random.default_rng(1))
    assert found["rhythm"]["difference"] == -0.5
    assert found["rhythm"]["interval"] == [-1, 0]
    assert found["rhythm"]["spread"] == pytest.approx(np.sqrt(1 / 8), abs=0.01)
    again = likelihood.compare(ours, theirs, np.random.default_rng(1))
    assert found == again


def network() -> CourseModel:
    model: object = registry.load("course")
    assert isinstance(model, CourseModel)
    return model


def test_the_course_network_gives_distributions_and_hears_no_future() -> None:
    model = network()
    rng = np.random.default_rng(4)
    bars = tuple(Bar((ChordChange(0, Chord.parse(s)),)) for s in ("F7", "Bb7", "N.C."))
    onset = np.cumsum(rng.choice([6, 8, 12, 31], size=60))
    notes = [Note(int(at), 6, int(rng.integers(50, 80))) for at in onset]
    events = from_solo(Solo("Line", tuple(notes), Changes(bars * 6)))
    found = model.distributions(events)
    for rows in (found.ioi, found.pitch, found.duration):
        assert np.allclose(rows.sum(axis=1), 1)
        assert (rows[1:] > 0).all()
    pitch = events.pitch.copy()
    pitch[30] += 7
    other = model.distributions(replace(events, pitch=pitch))
    assert np.array_equal(found.ioi[:31], other.ioi[:31])
    assert np.array_equal(found.pitch[:31], other.pitch[:31])
    assert np.array_equal(found.duration[:30], other.duration[:30])
    assert not np.array_equal(found.pitch[31], other.pitch[31])


def test_a_pitch_that_no_token_can_say_has_odds() -> None:
    model = network()
    leaps = solo([40, 100, 40, 100, 40])
    scores = likelihood.score(model, [leaps])
    assert np.isfinite(scores.nats).all()
