"""From what a model finds likely to what is played.

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

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Protocol

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from sideman.errors import MusicError
from sideman.grammar.realise import HIGH, LOW
from sideman.grammar.tokens import Token
from sideman.models.course import CourseModel
from sideman.models.lstm import Stepper
from sideman.models.plans import FREE, Plan
from sideman.models.shaping import HARDEST, Shape, easier
from sideman.models.soloing import Guard
from sideman.models.soloing import Performance as SoloistPerformance
from sideman.models.soloist import Soloist
from sideman.models.stepping import answers
from sideman.score import Changes, Note

Array = NDArray[np.float32]
HOTTEST = 100.0
MOST_DRAWN = 100


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
    min_p : float
        Leave out what is less likely than this share of the likeliest; 0 for nothing.  Slips
        vanish, and where the model is in doubt it stays as free as it is.  After Nguyen Nhat Minh
        et al., "Turning Up the Heat: Min-p Sampling", ICLR 2025.
    typical : float
        Choose among those that surprise about as much as is to be expected, up to this share; 1
        for all.  Below 1 the obvious goes along with the odd: fewer clichés, less colour.  After
        Clara Meister et al., "Locally Typical Sampling", TACL 11, 2023.
    shape : Shape or None
        How a solo is held together: density, breath, motifs, register, difficulty
        (:class:`sideman.models.shaping.Shape`); None leaves the model alone.
    best_of : int
        Draw so many solos and keep the one that the model finds likeliest and that copies least
        (:mod:`sideman.takes.drawing`): surer lines, and less of a surprise.

    Raises
    ------
    MusicError
        If one of them is out of its bounds.
    """

    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 1.0
    min_p: float = 0.0
    typical: float = 1.0
    shape: Shape | None = None
    best_of: int = 1

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
        if not 0 <= self.min_p <= 1:
            raise MusicError(f"min-p of {self.min_p:g} is no share; give one from 0 to 1.")
        if not 0 < self.typical <= 1:
            raise MusicError(f"typical of {self.typical:g} is no share; give one above 0, up to 1.")
        if not 1 <= self.best_of <= MOST_DRAWN:
            raise MusicError(
                f"The best of {self.best_of} cannot be found; give 1 to {MOST_DRAWN} solos."
            )


_SHAPE_FIELDS = frozenset(field.name for field in fields(Shape))
COURSE = Controls(temperature=0.9)
SOLOIST = Controls(min_p=0.03, shape=Shape(pitch=0.92, motif=1.15))


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
        How boldly; top-k counts first, then top-p, min-p and typical.

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
    if controls.min_p > 0:
        p[p < np.float32(controls.min_p) * np.maximum.reduce(p)] = 0
    if controls.typical < 1:
        p = _typical(p, controls.typical)
    return p


def _typical(p: Array, share: float) -> Array:
    """Keep those whose surprise is nearest to the expected one."""
    odds = p / p.sum()
    surprise = -np.log(np.maximum(odds, 1e-30))
    order = np.argsort(np.abs(surprise - odds @ surprise), kind="stable")
    order = order[p[order] > 0]
    kept = order[: int(np.searchsorted(np.cumsum(odds[order], dtype=np.float64), share)) + 1]
    left = np.zeros_like(p)
    left[kept] = p[kept]
    return left


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


def finish_together(
    performances: Sequence[SoloistPerformance],
    *,
    rngs: Sequence[Generator],
    controls: Controls = Controls(),
) -> None:
    """Play the soloist's solos side by side: the networks hear a note of every solo at once.

    Parameters
    ----------
    performances : sequence of sideman.models.soloing.Performance
        Solos that were begun; each is played to its end.
    rngs : sequence of numpy.random.Generator
        Where the chance of each comes from; with the same generator a solo comes out as
        :func:`finish` plays it.
    controls : Controls
        How boldly to choose.
    """
    going = [pair for pair in zip(performances, rngs, strict=True) if not pair[0].done]
    while going:
        odds = answers([performance.question() for performance, _ in going])
        for (performance, rng), heard in zip(going, odds, strict=True):
            choice = choose(performance.lean(heard), performance.mask, rng, controls)
            performance.advance(choice, rng)
        going = [pair for pair in going if not pair[0].done]


def begin(
    model: Model,
    changes: Changes,
    *,
    rng: Generator,
    shape: Shape | None = None,
    low: int = LOW,
    high: int = HIGH,
    tempo_bpm: float | None = None,
    shortest: int = 1,
    plan: Plan = FREE,
    guard: Guard | None = None,
) -> Performance:
    """Begin a solo in a shape.

    Parameters
    ----------
    model : Model
        The model.
    changes : Changes
        All the bars to fill.
    rng : numpy.random.Generator
        Where chance comes from.
    shape : Shape or None
        How the solo is held together.  The course's network hears neither phrases nor register:
        of a shape it takes the difficulty alone.
    low, high, tempo_bpm, shortest, plan, guard
        As in :func:`sample`.

    Returns
    -------
    Performance
        The solo, not yet played.

    Raises
    ------
    MusicError
        If there is nothing to play over, the range is none, or the model cannot take the shape
        or follow the plan.
    """
    if shape is not None:
        low, high, shortest = easier(shape, low, high, shortest)
    if isinstance(model, Soloist):
        return model.perform(
            changes,
            low=low,
            high=high,
            shortest=shortest,
            tempo_bpm=tempo_bpm,
            shape=shape,
            rng=rng,
            plan=plan,
            guard=guard,
        )
    if plan != FREE:
        raise MusicError(
            "This model hears no notes but its own, so it cannot go on from a phrase, keep bars or "
            "follow a line; use one that does: --model soloist."
        )
    if shape is not None and replace(shape, difficulty=HARDEST) != Shape():
        raise MusicError(
            "This model plays token by token and knows neither density nor phrases, motifs or "
            "register; of these only the difficulty is for it: take the soloist for the others."
        )
    return model.perform(changes, low=low, high=high, shortest=shortest, tempo_bpm=tempo_bpm)


def usual(model: Model) -> Controls:
    """Give the controls with which a model plays best.

    Parameters
    ----------
    model : Model
        The model.

    Returns
    -------
    Controls
        What ``sideman improvise`` plays with (``docs/listening.md`` tells why).
    """
    return SOLOIST if isinstance(model, Soloist) else COURSE


def adjusted(model: Model, asked: Mapping[str, Any]) -> Controls:
    """Give the controls with which a model plays best, but for what is asked.

    Parameters
    ----------
    model : Model
        The model.
    asked : mapping of str to value
        Fields of :class:`Controls` and of :class:`sideman.models.shaping.Shape` by name; None
        stands for what is usual.

    Returns
    -------
    Controls
        The controls.

    Raises
    ------
    MusicError
        If a value is out of its bounds.
    """
    controls = usual(model)
    given = {name: value for name, value in asked.items() if value is not None}
    of_shape = {name: given.pop(name) for name in _SHAPE_FIELDS & given.keys()}
    if of_shape:
        given["shape"] = replace(controls.shape or Shape(), **of_shape)
    return replace(controls, **given)


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
    plan: Plan = FREE,
    guard: Guard | None = None,
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
    plan : Plan
        What is settled before it is played; the soloist alone can follow one.
    guard : Guard or None
        What bars pitches further; the soloist alone heeds one.

    Returns
    -------
    Take
        Tokens that fill the form exactly, and the line.

    Raises
    ------
    MusicError
        If there is nothing to play over, or the range is none.
    """
    performance = begin(
        model,
        changes,
        rng=rng,
        shape=controls.shape,
        low=low,
        high=high,
        tempo_bpm=tempo_bpm,
        shortest=shortest,
        plan=plan,
        guard=guard,
    )
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
