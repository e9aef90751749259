"""How far a task is, and how it is cancelled."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast

from numpy.random import Generator

from sideman.models.constraints import Constraints
from sideman.models.controls import Controls
from sideman.models.protocol import Branching, Session, Setting, Soloist
from sideman.score import Note

Progress = Callable[[float], object]
"""Called with the share of the work that is done, from 0 to 1."""
Cancel = Callable[[], bool]
"""Called now and then; where it returns true the work ends with a :class:`CancelledError`."""

_CHOICES = 64


class CancelledError(Exception):
    """The caller has cancelled the work."""


def watch(progress: Progress | None, cancel: Cancel | None) -> Callable[[float], None]:
    """Return one function for both: it raises a CancelledError, or passes the share on."""
    if progress is None and cancel is None:
        return _ignored

    def report(share: float) -> None:
        if cancel is not None and cancel():
            raise CancelledError
        if progress is not None:
            progress(share)

    return report


def _ignored(share: float) -> None:
    pass


def watched(
    soloist: Soloist, report: Callable[[float], None], lines: int, share: float = 1.0
) -> Soloist:
    """Return a soloist that plays the same and reports how much of some lines is played.

    Parameters
    ----------
    soloist : Soloist
        The soloist.
    report : callable
        The function that :func:`watch` returned.
    lines : int
        How many lines will be played.
    share : float
        What is reported when all of them are played.
    """
    if report is _ignored:
        return soloist
    return cast(Soloist, _Soloist(soloist, lambda played: report(share * played), lines))


class _Soloist:
    """A soloist whose sessions are watched; everything else is the soloist's."""

    def __init__(self, soloist: Soloist, report: Callable[[float], None], lines: int) -> None:
        self._soloist, self._report, self._lines = soloist, report, lines
        self._shares: list[float] = []
        self._most = 0.0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._soloist, name)

    def begin(
        self, setting: Setting, controls: Controls, constraints: Constraints, rng: Generator
    ) -> Session:
        session = self._soloist.begin(setting, controls, constraints, rng)
        return _Session(session, self, setting.changes.length)

    def options_of(self, sessions: Sequence[_Session]) -> Any:
        return cast(Any, self._soloist).options_of([each.session for each in sessions])

    def add(self) -> int:
        self._shares.append(0.0)
        return len(self._shares) - 1

    def reached(self, number: int, share: float) -> None:
        # Neither a line that is played again nor a slower branch takes the share back.
        self._shares[number] = min(max(share, self._shares[number]), 1.0)
        self._most = max(self._most, min(sum(self._shares) / self._lines, 1.0))
        self._report(self._most)


class _Session:
    """A session that reports its share of the form after every 64 choices.

    `number` is that of its line, None as long as nothing has been chosen; branches of one line
    (:func:`sideman.models.sampler.search`) share it.
    """

    def __init__(
        self, session: Session, soloist: _Soloist, length: int, number: int | None = None
    ) -> None:
        self.session, self._soloist, self._length = session, soloist, length
        self._number = number
        self._choices = 0

    @property
    def done(self) -> bool:
        return self.session.done

    @property
    def reached(self) -> int:
        return cast(Branching, self.session).reached

    def options(self) -> Any:
        return self.session.options()

    def choose(self, index: int, rng: Generator) -> None:
        self.session.choose(index, rng)
        self._choices += 1
        if self.session.done or self._choices % _CHOICES == 0:
            if self._number is None:
                self._number = self._soloist.add()
            line = self.session.line()
            share = line[-1].onset / self._length if line else 0.0
            self._soloist.reached(self._number, 1.0 if self.session.done else share)

    def line(self) -> tuple[Note, ...]:
        return self.session.line()

    def branch(self, rng: Generator | None = None) -> _Session:
        if rng is None:
            return _Session(self.session.branch(), self._soloist, self._length)
        if self._number is None:
            self._number = self._soloist.add()
        branch = cast(Branching, self.session).branch(rng)
        return _Session(branch, self._soloist, self._length, self._number)
