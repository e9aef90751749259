"""Sampling: temperature, top-k and top-p under a mask, the same seed the same solo."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playing import played_tokens, small_model
from sideman.errors import MusicError
from sideman.library import songbook
from sideman.models.controls import Controls
from sideman.models.course import network as course
from sideman.models.course.network import sample_freely
from sideman.models.protocol import Setting
from sideman.models.sampler import choose, probabilities, sample
from sideman.score import Note

ODDS = np.log(np.array([0.4, 0.3, 0.2, 0.1], np.float32))
FREE = np.zeros(4, np.float32)
INF = float("-inf")


def p(controls: Controls, mask: list[float] | None = None) -> list[float]:
    given = FREE if mask is None else np.array(mask, np.float32)
    return [float(share) for share in probabilities(ODDS, given, controls).round(4)]


def test_what_the_controls_do() -> None:
    assert p(Controls()) == pytest.approx([0.4, 0.3, 0.2, 0.1])
    # Squared and made to sum to one again.
    assert p(Controls(temperature=0.5)) == pytest.approx(
        [16 / 30, 9 / 30, 4 / 30, 1 / 30], abs=1e-4
    )
    assert p(Controls(temperature=0)) == [1, 0, 0, 0]
    assert p(Controls(top_k=2)) == pytest.approx([4 / 7, 3 / 7, 0, 0], abs=1e-4)
    assert p(Controls(top_p=0.5)) == pytest.approx([4 / 7, 3 / 7, 0, 0], abs=1e-4)
    assert p(Controls(top_p=0.35)) == [1, 0, 0, 0]
    assert p(Controls(top_p=0.01)) == [1, 0, 0, 0]
    assert p(Controls(top_k=99)) == pytest.approx([0.4, 0.3, 0.2, 0.1])


def test_min_p_leaves_out_what_is_unlikely_beside_the_likeliest() -> None:
    assert p(Controls(min_p=0.6)) == pytest.approx([4 / 7, 3 / 7, 0, 0], abs=1e-4)
    assert p(Controls(min_p=0.2)) == pytest.approx([0.4, 0.3, 0.2, 0.1], abs=1e-4)
    assert p(Controls(min_p=1)) == [1, 0, 0, 0]
    # Among what is legal, not among all.
    assert p(Controls(min_p=0.6), [INF, INF, 0, 0]) == [0, 0, 1, 0]


def test_typical_sampling_leaves_out_the_obvious_too() -> None:
    """By hand: surprises .51, 1.61, 2.30, 2.30 about an entropy of 1.09."""
    odds = np.log(np.array([0.6, 0.2, 0.1, 0.1], np.float32))
    found = probabilities(odds, FREE, Controls(typical=0.1))
    assert found.tolist() == [0, 1, 0, 0]
    found = probabilities(odds, FREE, Controls(typical=0.5))
    assert found == pytest.approx([0.75, 0.25, 0, 0], abs=1e-4)
    assert p(Controls(typical=0.9999)) == pytest.approx([0.4, 0.3, 0.2, 0.1], abs=1e-4)


def test_the_mask_comes_first() -> None:
    assert p(Controls(), [INF, 0, 0, 0]) == pytest.approx([0, 0.5, 1 / 3, 1 / 6], abs=1e-4)
    assert p(Controls(temperature=0), [INF, 0, 0, 0]) == [0, 1, 0, 0]
    assert p(Controls(top_k=1), [INF, INF, 0, 0]) == [0, 0, 1, 0]
    assert p(Controls(top_p=0.1), [INF, INF, INF, 0]) == [0, 0, 0, 1]


@given(
    logits=st.lists(st.floats(-1e4, 1e4, width=32), min_size=1, max_size=30),
    legal=st.lists(st.booleans(), min_size=30, max_size=30),
    temperature=st.floats(0, 100),
    top_k=st.integers(0, 40),
    top_p=st.floats(0.001, 1),
    min_p=st.floats(0, 1),
    typical=st.floats(0.001, 1),
    seed=st.integers(0, 1000),
)
@settings(deadline=None, max_examples=300, derandomize=True)
def test_nothing_illegal_is_ever_chosen(
    logits: list[float],
    legal: list[bool],
    temperature: float,
    top_k: int,
    top_p: float,
    min_p: float,
    typical: float,
    seed: int,
) -> None:
    legal[seed % len(logits)] = True
    mask = np.where(legal[: len(logits)], np.float32(0), np.float32(INF))
    controls = Controls(temperature, top_k=top_k, top_p=top_p, min_p=min_p, typical=typical)
    given = np.array(logits, np.float32)
    odds = probabilities(given, mask, controls)
    assert odds.sum() == pytest.approx(1, abs=1e-4)
    assert (odds[mask < 0] == 0).all()
    assert mask[choose(given, mask, np.random.default_rng(seed), controls)] == 0
    np.testing.assert_array_equal(given, np.array(logits, np.float32), "the odds were changed")


def test_the_last_alternative_is_not_overrun() -> None:
    class Highest(np.random.Generator):
        def random(self, *_: object, **__: object) -> float:  # type: ignore[override]
            return float(np.nextafter(1, 0))

    rng = Highest(np.random.PCG64(0))
    odds = np.log(np.full(7, 1 / 7, np.float32))
    assert choose(odds, np.zeros(7, np.float32), rng, Controls()) in range(7)
    mask = np.array([0, 0, 0, INF, INF, INF, INF], np.float32)
    assert choose(odds, mask, rng, Controls()) in range(3)


def test_draws_follow_the_odds() -> None:
    rng = np.random.default_rng(0)
    counts = np.bincount([choose(ODDS, FREE, rng, Controls()) for _ in range(20_000)], minlength=4)
    expected = 20_000 * np.exp(ODDS)
    # Three degrees of freedom: 16.3 is passed once in a thousand times.
    assert ((counts - expected) ** 2 / expected).sum() < 16.3


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Controls(temperature=-0.1), "temperature must be between 0 and 100, got -0.1."),
        (
            lambda: Controls(temperature=float("nan")),
            "temperature must be between 0 and 100, got nan.",
        ),
        (
            lambda: Controls(temperature=float("inf")),
            "temperature must be between 0 and 100, got inf.",
        ),
        (lambda: Controls(top_k=-1), "top-k must be 0 or more, got -1."),
        (lambda: Controls(top_p=0), "top-p must be above 0 and at most 1, got 0."),
        (lambda: Controls(top_p=1.5), "top-p must be above 0 and at most 1, got 1.5."),
        (lambda: Controls(top_p=float("nan")), "top-p must be above 0 and at most 1, got nan."),
        (lambda: Controls(min_p=-0.1), "min-p must be between 0 and 1, got -0.1."),
        (lambda: Controls(min_p=float("nan")), "min-p must be between 0 and 1, got nan."),
        (lambda: Controls(typical=0), "typical-p must be above 0 and at most 1, got 0."),
        (lambda: Controls(typical=1.1), "typical-p must be above 0 and at most 1, got 1.1."),
        (lambda: Controls(best_of=0), "best of must be between 1 and 100, got 0."),
        (lambda: Controls(density=0.1), "density must be between 0.25 and 4, got 0.1."),
        (lambda: Controls(breath=-1), "phrasing must be between 0 and 4, got -1."),
        (lambda: Controls(motif=float("nan")), "motifs must be between 0 and 4, got nan."),
        (lambda: Controls(softness=0), "range softness must be between 1 and 24 semitones, got 0."),
        (lambda: Controls(difficulty=6), "difficulty must be between 1 and 5, got 6."),
        (lambda: Controls(rhythm=0), "rhythm temperature must be between 0.1 and 10, got 0."),
    ],
)
def test_controls_out_of_bounds_are_refused(make: object, words: str) -> None:
    assert callable(make)
    with pytest.raises(MusicError) as refused:
        make()
    assert str(refused.value) == words


def test_the_same_seed_gives_the_same_solo_and_another_seed_another() -> None:
    model, changes = small_model(), songbook.load("blues-f").changes.repeated(2)

    def line(seed: int) -> tuple[Note, ...]:
        return sample(model, Setting(changes), rng=np.random.default_rng(seed))

    assert line(1) == line(1)
    assert len({line(seed) for seed in range(8)}) == 8
    one, again = (played_tokens(model, changes, seed=1) for _ in range(2))
    assert one.tokens == again.tokens


def test_a_cold_solo_needs_no_chance_for_its_tokens() -> None:
    model, changes = small_model(), songbook.load("happy-birthday-waltz").changes
    cold = Controls(temperature=0)
    takes = {
        tuple(played_tokens(model, changes, seed=seed, controls=cold).tokens[:3])
        for seed in range(5)
    }
    assert len(takes) == 1


def test_what_is_asked_stands_beside_what_is_usual() -> None:
    usual = small_model().defaults
    assert usual == course.DEFAULTS
    assert usual.asked({"temperature": None}) == usual
    asked = {"temperature": 1.2, "top_k": 3, "difficulty": 2, "density": None}
    assert usual.asked(asked) == Controls(temperature=1.2, top_k=3, difficulty=2)


def test_who_plays_tokens_takes_the_difficulty_and_refuses_the_rest_of_a_shape() -> None:
    model, setting = small_model(), Setting(songbook.load("blues-f").changes)

    def line(controls: Controls) -> tuple[Note, ...]:
        return sample(model, setting, rng=np.random.default_rng(0), controls=controls)

    easy = line(Controls(difficulty=1))
    assert np.ptp([note.pitch for note in easy]) <= 14
    assert min(note.duration for note in easy) >= 12
    for asked in ({"density": 0.5}, {"resolve": True}, {"motif": 0.0}, {"pitch": 2.0}):
        (name,) = asked
        with pytest.raises(
            MusicError, match=r"needs separate choices of onset.*such as soloist"
        ) as refused:
            line(Controls().asked(asked))
        assert refused.value.field == name


def test_talking_freely() -> None:
    model = small_model()
    one = sample_freely(model, 300, rng=np.random.default_rng(0))
    assert one.shape == (1, 300)
    many = sample_freely(model, 40, rng=np.random.default_rng(0), batch=500)
    assert many.shape == (500, 40)
    assert many.max() < len(model.tokens)
    # One by one and side by side the first token has the same odds.
    first = np.concatenate(
        [sample_freely(model, 1, rng=np.random.default_rng(seed))[:, 0] for seed in range(500)]
    )
    a, b = (np.bincount(x, minlength=len(model.tokens)) / 500 for x in (first, many[:, 0]))
    assert np.abs(a - b).sum() < 0.5
