"""What the versions of the course differ in: rests, and so the number of values and the losses."""

from __future__ import annotations

from math import log
from typing import NamedTuple

from sideman.errors import MusicError

STEPS = 30


class Spelling(NamedTuple):
    """How the code of a version is written where versions differ.

    Parameters
    ----------
    reshape : str
        The name of the shared layer that makes a sequence of one step.
    argmax : str
        The function that finds the index of the largest value.
    one_hot : str
        The function that makes one-hot rows of indices.
    next_input : str
        How a step's output becomes the next step's input.
    """

    reshape: str
    argmax: str
    one_hot: str
    next_input: str


class Version(NamedTuple):
    """A version of the assignment.

    Parameters
    ----------
    name : str
        As the course names it.
    n_values : int
        Distinct tokens of the course's solo.
    rests : bool
        Whether gaps in the melody are tokens.
    corpus : str
        The file of the corpus that comes with sideman.
    last_losses : tuple of float
        The lowest and the highest loss after 100 epochs that a right training ends at.  Measured
        (docs/course.md), on the real solo and on the corpus that comes along: 5.6 to 6.5 for
        version 3a and 5.7 to 8.5 for version 4, and without the decay of the rate 4.4 to 5.1.
        Public notebooks of version 4 print 8.9 to 10.4, with TensorFlow (docs/course.md).
    line : str
        The import that gives a notebook this version's names.
    spelling : Spelling
        How its code is written.
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
        """The loss, in nats, of a uniform guess at each step; the last step costs nothing."""
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
    """Return the version that the course calls by a name.

    Parameters
    ----------
    name : str
        Such as ``3a`` or ``v4``; versions 1 to 3a have the same data.

    Returns
    -------
    Version
        The version.

    Raises
    ------
    MusicError
        If there is no such version.

    Examples
    --------
    >>> named("v4").n_values
    90
    """
    version = _NAMES.get(name.strip().lower().removeprefix("v"))
    if version is None:
        raise MusicError(
            f"The course has no version {name!r:.40}; its versions are {', '.join(_NAMES)}."
        )
    return version
