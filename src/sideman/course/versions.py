"""The versions of the course, which differ in rests, number of values, losses and spelling."""

from __future__ import annotations

from math import log
from typing import NamedTuple

from sideman.errors import MusicError

STEPS = 30


class Spelling(NamedTuple):
    """Names and code that differ between versions.

    `reshape` is the shared Reshape layer; `argmax` and `one_hot` are the functions of that name;
    `next_input` is the code that makes a step's output the next step's input.
    """

    reshape: str
    argmax: str
    one_hot: str
    next_input: str


class Version(NamedTuple):
    """A version of the assignment.

    `n_values` counts the distinct tokens of the course's solo; `rests` says whether gaps in the
    melody are tokens; `corpus` is the file that comes with sideman; `line` imports this version's
    names. `last_losses` are the lowest and the highest loss, in nats, that a correct training
    reaches after 100 epochs.  Measured by benchmarks/course_losses.py on the course's solo and on
    the corpus of sideman: 5.6 to 6.5 for version 3a and 5.7 to 8.5 for version 4; without
    learning-rate decay 4.4 to 5.1. Public notebooks of version 4 print 8.9 to 10.4, with TensorFlow
    (docs/course.md).
    """

    name: str
    n_values: int
    rests: bool
    corpus: str
    last_losses: tuple[float, float]
    line: str
    spelling: Spelling

    @property
    def blind_loss(self) -> float:
        """The loss, in nats, of uniform probabilities at each step; that of the last step is 0."""
        return (STEPS - 1) * log(self.n_values)


V3A = Version(
    name="3a",
    n_values=78,
    rests=False,
    corpus="course.mid",
    last_losses=(5.4, 7.3),
    line="from sideman.course import *",
    spelling=Spelling(
        reshape="reshapor",
        argmax="K.argmax",
        one_hot="K.one_hot",
        next_input="x = Lambda(one_hot)(out)",
    ),
)
V4 = Version(
    name="4",
    n_values=90,
    rests=True,
    corpus="course-v4.mid",
    last_losses=(5.4, 10.5),
    line="from sideman.course.v4 import *",
    spelling=Spelling(
        reshape="reshaper",
        argmax="tf.math.argmax",
        one_hot="tf.one_hot",
        next_input="x = tf.math.argmax(out, axis=-1), x = tf.one_hot(x, n_values), "
        "x = RepeatVector(1)(x)",
    ),
)

_NAMES = {"1": V3A, "2": V3A, "3": V3A, "3a": V3A, "4": V4}


def named(name: str) -> Version:
    """Return the version with a name such as ``3a`` or ``v4``, or raise MusicError.

    Versions 1 to 3a are the same.
    """
    version = _NAMES.get(name.strip().lower().removeprefix("v"))
    if version is None:
        raise MusicError(
            f"The course has no version {name!r:.40}; its versions are {', '.join(_NAMES)}."
        )
    return version
