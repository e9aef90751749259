"""From what a model finds likely to what is played.

A model plays by *decisions*.  Its ``perform(changes, low=, high=, tempo_bpm=)`` begins a
A model plays by *decisions*.  Its ``perform(changes, low=, high=, shortest=)`` begins a
performance, which holds the model's memory and the place in the form, and offers
(:class:`Performance`):

``done``
    whether the form is filled;
``logits()``
    for the decision at hand, log-probabilities of the alternatives but for a constant;
``mask``
    0 for each legal alternative, minus infinity for the others;
``advance(choice, rng)``
    take one and go on to the next decision;
``tokens``, ``notes``
    what was played.

:func:`finish` joins the two: it knows nothing of music, and says names as it plays solos
(:mod:`sideman.models.letters`); a performance knows nothing of chance beyond the generator it is
handed.

The same seed gives the same solo.  On another processor, or with another BLAS library, a product
of matrices may differ in its last bit; a draw then falls otherwise only if it lies within a ten
millionth of the border between two alternatives.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from sideman.errors import MusicError
from sideman.grammar.realise import HIGH, LOW
from sideman.grammar.tokens import Token
from sideman.models.course import CourseModel
from sideman.models.lstm import Stepper
from sideman.score import Changes, Note

Array = NDArray[np.float32]
HOTTEST = 100.0


class Decisions(Protocol):
    """Anything that is made by one choice after the other: a solo, a name."""

    @property
    def done(self) -> bool:
        """Whether nothing is left to choose."""

    @property
    def mask(self) -> Array:
        """0 for each legal alternative, minus infinity for the others."""

    def logits(self) -> Array:
        """Log-probabilities of the alternatives but for a constant."""

    def advance(self, choice: int, rng: Generator) -> None:
        """Take an alternative."""


class Performance(Decisions, Protocol):
    """One solo as it is being played: see the module's own words."""

    @property
    def tokens(self) -> list[Token]:
        """What was played so far."""

    @property
    def notes(self) -> list[Note]:
        """The notes so far."""


class Model(Protocol):
    """Whatever can begin a performance."""

    def perform(
        self,
        changes: Changes,
        *,
        low: int,
        high: int,
        shortest: int,
        tempo_bpm: float | None = None,
    ) -> Performance:
        """Begin a solo."""


@dataclass(frozen=True, slots=True)
class Controls:
    """How boldly to choose.

    Parameters
    ----------
    temperature : float
        0 takes the likeliest always; 1 believes the model; above 1 flattens its odds.
    top_k : int
        Choose among so many of the likeliest only; 0 for all.
    top_p : float
        Choose among the likeliest whose probabilities together reach this share; 1 for all.
        After Ari Holtzman et al., "The Curious Case of Neural Text Degeneration", ICLR 2020.

    Raises
    ------
    MusicError
        If one of them is out of its bounds.
    """

    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 1.0

    def __post_init__(self) -> None:
        if not 0 <= self.temperature <= HOTTEST:
            raise MusicError(
                f"A temperature of {self.temperature:g} is none; give one from 0 (the likeliest "
                f"always) over 1 (as the model has it) to {HOTTEST:g}."
            )
        if self.top_k < 0:
            raise MusicError(f"top-k of {self.top_k} leaves nothing; give 1 or more, or 0 for all.")
        if not 0 < self.top_p <= 1:
            raise MusicError(f"top-p of {self.top_p:g} is no share; give one above 0, up to 1.")


@dataclass(frozen=True, slots=True)
class Take:
    """A solo that was sampled.

    Parameters
    ----------
    tokens : tuple of Token
        What the model said, rests included; they fill the form.
    notes : tuple of Note
        The line.
    """

    tokens: tuple[Token, ...]
    notes: tuple[Note, ...]


def probabilities(logits: Array, mask: Array, controls: Controls) -> Array:
    """Turn a model's odds into those that are drawn from.

    Parameters
    ----------
    logits : ndarray, shape (V,)
        Log-probabilities but for a constant.
    mask : ndarray, shape (V,)
        0 for each legal alternative, minus infinity for the others; one must be legal.
    controls : Controls
        How boldly; top-k counts before top-p.

    Returns
    -------
    ndarray, shape (V,)
        Probabilities, summing to 1.

    Examples
    --------
    >>> odds = np.log(np.array([0.5, 0.3, 0.2], np.float32))
    >>> free = np.zeros(3, np.float32)
    >>> probabilities(odds, free, Controls(top_k=2)).round(3).tolist()
    [0.625, 0.375, 0.0]
    """
    p = _unnormalised(logits, mask, controls)
    return np.asarray(p / p.sum(), np.float32)


def _unnormalised(logits: Array, mask: Array, controls: Controls) -> Array:
    p = logits + mask
    if controls.temperature == 0:
        best = np.zeros_like(p)
        best[p.argmax()] = 1
        return best
    p -= np.maximum.reduce(p)
    if controls.temperature != 1:
        p *= np.float32(1 / max(controls.temperature, 1e-6))
    np.exp(p, out=p)
    if 0 < controls.top_k < p.size:
        # A stable order: of equals the first stays.
        p[np.argsort(-p, kind="stable")[controls.top_k :]] = 0
    if controls.top_p < 1:
        order = np.argsort(-p, kind="stable")
        share = np.cumsum(p[order], dtype=np.float64)
        share /= share[-1]
        # The one that crosses the line stays.
        p[order[int(np.searchsorted(share, controls.top_p)) + 1 :]] = 0
    return p


def choose(logits: Array, mask: Array, rng: Generator, controls: Controls) -> int:
    """Draw one alternative by the inverse of the cumulative distribution.

    Parameters
    ----------
    logits, mask : ndarray, shape (V,)
        As in :func:`probabilities`.
    rng : numpy.random.Generator
        Where chance comes from; one number is drawn.
    controls : Controls
        How boldly.

    Returns
    -------
    int
        The index of a legal alternative.
    """
    p = _unnormalised(logits, mask, controls)
    cumulative = np.add.accumulate(p)
    choice = int(cumulative.searchsorted(rng.random() * float(cumulative[-1]), "right"))
    # Rounding may put the mark on the very end; the likeliest is as good as any there.
    return choice if choice < p.size and p[choice] > 0 else int(p.argmax())


def finish(decisions: Decisions, *, rng: Generator, controls: Controls = Controls()) -> None:
    """Choose until nothing is left to choose.

    Parameters
    ----------
    decisions : Decisions
        A solo that was begun, or a name (:meth:`sideman.models.letters.LettersModel.begin`).
    rng : numpy.random.Generator
        Where chance comes from.
    controls : Controls
        How boldly to choose.
    """
    while not decisions.done:
        choice = choose(decisions.logits(), decisions.mask, rng, controls)
        decisions.advance(choice, rng)


def sample(
    model: Model,
    changes: Changes,
    *,
    rng: Generator,
    controls: Controls = Controls(),
    low: int = LOW,
    high: int = HIGH,
    tempo_bpm: float | None = None,
    shortest: int = 1,
) -> Take:
    """Improvise: let a model fill a form.

    Parameters
    ----------
    model : Model
        The model.
    changes : Changes
        All the bars to fill, every chorus written out (:meth:`Changes.repeated`).
    rng : numpy.random.Generator
        Where chance comes from.
    controls : Controls
        How boldly to choose.
    low, high : int
        The player's range as MIDI numbers, both included.
    tempo_bpm : float or None
        Quarter notes a minute, for models that hear the tempo.
    shortest : int
        Ticks of the shortest note that can be played at the tempo.

    Returns
    -------
    Take
        Tokens that fill the form exactly, and the line.

    Raises
    ------
    MusicError
        If there is nothing to play over, or the range is none.
    """
    performance = model.perform(changes, low=low, high=high, shortest=shortest, tempo_bpm=tempo_bpm)
    finish(performance, rng=rng, controls=controls)
    return Take(tuple(performance.tokens), tuple(performance.notes))


def sample_freely(
    model: CourseModel,
    length: int,
    *,
    rng: Generator,
    controls: Controls = Controls(),
    batch: int = 1,
) -> NDArray[np.intp]:
    """Let the course's network talk by itself, without bars or chords.

    Parameters
    ----------
    model : CourseModel
        The model.
    length : int
        Tokens to draw.
    rng : numpy.random.Generator
        Where chance comes from.
    controls : Controls
        How boldly to choose; in a batch of several the temperature alone counts.
    batch : int
        Sequences side by side, B.

    Returns
    -------
    ndarray of int, shape (B, length)
        Indices into the model's vocabulary.
    """
    size = model.parameters.size
    out = np.empty((batch, length), np.intp)
    if batch == 1:
        stepper, free, last = Stepper(model.parameters), np.zeros(size, np.float32), size
        for t in range(length):
            last = choose(stepper(last), free, rng, controls)
            out[0, t] = last
        return out
    stepper = Stepper(model.parameters, batch)
    heat = np.float32(1 / max(controls.temperature, 1e-6))
    last_row = np.full(batch, size, np.intp)
    for t in range(length):
        logits = stepper(last_row)
        p = np.exp((logits - logits.max(axis=1, keepdims=True)) * heat)
        cumulative = np.cumsum(p, axis=1)
        mark = rng.random((batch, 1), np.float32) * cumulative[:, -1:]
        last_row = np.minimum((cumulative <= mark).sum(axis=1), size - 1)
        out[:, t] = last_row
    return out
