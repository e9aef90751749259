"""What the parts of a performance agree on: setting, soloist, session, scorer.

A *soloist* is anything that plays: a network, a counted model, a grammar.  It begins a *session*,
one solo while it is played, which offers for every decision the alternatives with their logits and
a mask of the legal ones.  :mod:`sideman.models.sampler` chooses; only the session interprets the
choice.  A *scorer* is anything that gives the likelihood of every note of a solo.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from sideman.errors import MusicError
from sideman.models.constraints import Constraints
from sideman.models.controls import Controls, Feature
from sideman.models.events import Scorer
from sideman.models.taste import Taste
from sideman.score import Changes, Note
from sideman.theory.pitch import Key

__all__ = ["Decisions", "Feature", "Scorer", "Session", "Setting", "Soloist"]

Logits = NDArray[np.float32]
Mask = NDArray[np.float32]
MOST_BARS = 20_000
VELOCITY = 92
"""The velocity of every note before it is performed (:mod:`sideman.feel.dynamics`)."""
LOW, HIGH = 55, 84
"""The default range, G3 to C6: most of the good register of every horn."""


@dataclass(frozen=True)
class Setting:
    """The conditions of a solo.

    `changes` hold all the bars to fill, every chorus written out; `low` and `high` are MIDI
    numbers, both included; `shortest` is the fewest ticks from one onset to the next.  A soloist
    with a range of its own keeps to it unless the setting's was `asked` for.  `melody` is the
    tune's, one note at a time, over every chorus; `double_time` the share of the time that a style
    gives to double time, None for a style that leaves it to the tempo; `key` the one in which the
    solo ends, None where that is unknown or not wanted.  A MusicError is raised if the changes hold
    no bar, no chord or too many bars, or the range no octave.
    """

    changes: Changes
    tempo_bpm: float | None = None
    low: int = LOW
    high: int = HIGH
    shortest: int = 1
    asked: bool = False
    melody: tuple[Note, ...] = ()
    double_time: float | None = None
    key: Key | None = None

    def __post_init__(self) -> None:
        if not self.changes.bars or not self.changes.spans:
            raise MusicError(
                "There is nothing to play over: give changes with a bar and a chord.",
                field="changes",
            )
        if len(self.changes.bars) > MOST_BARS:
            raise MusicError(
                f"{len(self.changes.bars)} bars are more than {MOST_BARS}, the most that one solo "
                "is played over; ask for fewer choruses.",
                field="choruses",
            )
        if self.low < 0 or self.high > 127 or self.high - self.low < 11:
            raise MusicError(
                f"The range {self.low} to {self.high} is no range; give two MIDI numbers from 0 to "
                "127, the lower first, at least an octave apart.",
                field="range",
            )


class Decisions(Protocol):
    """Anything that is made by one choice after the other: a solo, a name."""

    @property
    def done(self) -> bool:
        """Whether nothing is left to choose."""

    def options(self) -> tuple[Logits, Mask]:
        """Return logits and legal mask (0 or minus infinity), shape (V,); call it once a choice."""

    def choose(self, index: int, rng: Generator) -> None:
        """Choose an alternative and advance to the next decision."""


class Session(Decisions, Protocol):
    """One solo while it is played."""

    def line(self) -> tuple[Note, ...]:
        """Return the notes so far, as written."""

    def branch(self) -> Session:
        """Return a copy that is played on independently."""


class Branching(Session, Protocol):
    """A session that can be searched (:func:`sideman.models.sampler.search`)."""

    @property
    def reached(self) -> int:
        """The tick before which no more notes come."""

    def branch(self, rng: Generator | None = None) -> Branching:
        """Return a copy that is played on, with a random stream for what it plans."""


class Soloist(Protocol):
    """Anything that plays solos."""

    @property
    def name(self) -> str:
        """The name in tables and messages."""

    @property
    def features(self) -> frozenset[Feature]:
        """The features beyond playing."""

    @property
    def defaults(self) -> Controls:
        """The controls with which it plays best."""

    def begin(
        self, setting: Setting, controls: Controls, constraints: Constraints, rng: Generator
    ) -> Session:
        """Begin a solo."""


class Batching(Soloist, Protocol):
    """A soloist with :attr:`Feature.BATCH`: it evaluates many sessions together."""

    def options_of(self, sessions: Sequence[Any]) -> list[tuple[Logits, Mask]]:
        """Return what :meth:`Session.options` gives, of several sessions at once."""


class Judge(Protocol):
    """Scores the last notes of several lines over the same changes, in nats; more is better."""

    def __call__(self, lines: Sequence[tuple[Sequence[Note], int]]) -> NDArray[np.float64]:
        """Return the score of each line, given with the tick of its next note or of its end."""

    def whole(self, notes: Sequence[Note], end: int) -> float:
        """Return the score of a whole line."""


class Critic(Protocol):
    """Rates lines, so that the best of several branches can be kept."""

    def over(self, changes: Changes) -> Judge:
        """Return the judge of lines over changes."""


class Searching(Batching, Protocol):
    """A soloist with :attr:`Feature.CRITIC`; its sessions are :class:`Branching`."""

    @property
    def critic(self) -> Critic:
        """The critic that rates branches of its solos."""

    def tasting(self, taste: Taste | None) -> Searching:
        """Return the soloist whose critic also prefers what a listener likes."""
