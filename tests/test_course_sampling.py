"""The check of the exercise on temperature names the usual mistakes."""

# ruff: noqa: ARG005 - a wrong sampler is wrong by what it does not use

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from sideman import course
from sideman.course import check_sample, v4
from sideman.course.mistakes import CheckError

Sampler = Callable[..., Any]


def choose(q: Any, rng: Any) -> int:
    return int(rng.choice(len(q), p=q))


def normalised(q: Any) -> Any:
    return q / q.sum()


def right(p: Any, t: float, rng: Any) -> int:
    logits = np.log(p) / t
    return choose(normalised(np.exp(logits - logits.max())), rng)


def by_powers(p: Any, t: float, rng: Any) -> Any:
    q = (p / p.max()) ** (1 / t)
    return rng.choice(np.arange(len(p)), p=normalised(q))


def by_noise(p: Any, t: float, rng: Any) -> Any:
    return np.argmax(np.log(p) / t + rng.gumbel(size=len(p)))


def by_multinomial(p: Any, t: float, rng: Any) -> Any:
    logits = np.log(p) / t
    q = normalised(np.exp(logits - logits.max()))
    return np.argmax(rng.multinomial(1, q))


@pytest.mark.parametrize("sampler", [right, by_powers, by_noise, by_multinomial])
def test_every_right_way_passes(sampler: Sampler, capsys: pytest.CaptureFixture[str]) -> None:
    check_sample(sampler)
    assert "✓ sample_with_temperature" in capsys.readouterr().out


def test_deepjazz_samples_so() -> None:
    check_sample(course.sample)


WRONG: dict[str, tuple[Sampler, str]] = {
    "nothing": (lambda p, t, rng: None, "end it with return"),
    "p / T, not normalised": (lambda p, t, rng: choose(p / t, rng), "do not sum to 1"),
    "log p / T, no exponential": (
        lambda p, t, rng: choose(np.abs(np.log(p) / t), rng),
        "do not sum to 1",
    ),
    "exp, not normalised": (
        lambda p, t, rng: choose(np.exp(np.log(p) / t), rng),
        "do not sum to 1",
    ),
    "p / T, normalised": (
        lambda p, t, rng: choose(normalised(p / t), rng),
        "The temperature is not used",
    ),
    "no temperature": (lambda p, t, rng: choose(p, rng), "The temperature is not used"),
    "no logarithm": (
        lambda p, t, rng: choose(normalised(np.exp(p / t)), rng),
        "The logarithm is missing",
    ),
    "multiplied": (
        lambda p, t, rng: choose(normalised(np.exp(np.log(p) * t)), rng),
        "multiplied by the temperature",
    ),
    "multiplied, no logarithm": (
        lambda p, t, rng: choose(normalised(np.exp(p * t)), rng),
        "and the temperature multiplies",
    ),
    "argmax": (lambda p, t, rng: int(np.argmax(np.log(p) / t)), "that is argmax"),
    "no probabilities": (lambda p, t, rng: int(rng.choice(len(p))), "equally often"),
    "the probabilities": (
        lambda p, t, rng: normalised(np.exp(np.log(p) / t)),
        "returns probabilities",
    ),
    "a value instead of an index": (lambda p, t, rng: float(rng.choice(p)), "instead of one index"),
    "one beyond": (lambda p, t, rng: right(p, t, rng) + 5, "outside 0 to 4"),
    "another base": (
        lambda p, t, rng: choose(normalised(2.0 ** (3 * np.log(p) / t)), rng),
        "they should be proportional",
    ),
    "no maximum": (
        lambda p, t, rng: choose(normalised(np.exp(np.log(p) / t)), rng),
        "subtract the maximum first",
    ),
    "powers, not normalised": (lambda p, t, rng: choose(p ** (1 / t), rng), "do not sum to 1"),
    "powers that all become 0": (
        lambda p, t, rng: choose(normalised(p ** (1 / t)), rng),
        "every weight comes out as 0",
    ),
    "something added": (
        lambda p, t, rng: right(p + 0.01, t, rng),
        "A value with probability 0 is drawn",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_mistake_is_named(name: str) -> None:
    sampler, sentence = WRONG[name]
    with pytest.raises(CheckError, match=sentence):
        check_sample(sampler)


def test_an_error_of_the_learner_s_own_is_placed() -> None:
    def broken(p: Any, t: float, rng: Any) -> int:
        raise ValueError("something else")

    with pytest.raises(CheckError, match=r"stops with an error in broken, line .*something else"):
        check_sample(broken)
    with pytest.raises(CheckError, match=r"without brackets: check_sample\(sample"):
        check_sample(3)  # type: ignore[arg-type]


def test_both_versions_have_it() -> None:
    assert v4.check_sample is course.check_sample
    assert {"check_sample"} <= set(course.__all__) & set(v4.__all__)
