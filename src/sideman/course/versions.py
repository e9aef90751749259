"""What the versions of the course differ in: rests, and so the number of values and the losses."""

from __future__ import annotations

from math import log
from typing import NamedTuple

from sideman.errors import MusicError

STEPS = 30


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
        The lowest and the highest loss after 100 epochs, with the course's file and with the corpus
        that comes along, measured with some seeds and widened.
    line : str
        The import that gives a notebook this version's names.
    """

    name: str
    n_values: int
    rests: bool
    corpus: str
    last_losses: tuple[float, float]
    line: str

    @property
    def blind_loss(self) -> float:
        """The loss, in nats, of a uniform guess at each step; the last step costs nothing."""
        return (STEPS - 1) * log(self.n_values)


V3A = Version("3a", 78, False, "course.mid", (5.4, 7.3), "from sideman.course import *")
V4 = Version("4", 90, True, "course-v4.mid", (5.5, 10.0), "from sideman.course.v4 import *")

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
