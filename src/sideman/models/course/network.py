"""The course's model: one LSTM layer of 64 units and a softmax over a jazz grammar's tokens.

*Its input*: the token before, as a one-hot vector (zeros before the first).  Neither chords nor
bar lines nor pitches.

*Its output*: the probability of each token of its vocabulary as the next one.

*Its parameters*: those of :mod:`sideman.models.lstm`.

*Its legal mask*: metre, range and form, which are no input of the network, are kept by
:class:`TokenSession`, which lets no token be chosen that would break them.

The architecture is that of the course "Sequence Models" (deeplearning.ai), after deepjazz.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from sideman.errors import FormatError, ModelError
from sideman.models import lstm, registry, sampler
from sideman.models.constraints import Constraints
from sideman.models.controls import Controls, Feature
from sideman.models.course import harmony, polish
from sideman.models.course.realise import candidates, pick, weighted_candidates
from sideman.models.course.scoring import TokenScorer
from sideman.models.course.tokens import Kind, Token
from sideman.models.events import Distributions, Events
from sideman.models.file import ModelFile
from sideman.models.lstm import Parameters, Stepper
from sideman.models.protocol import VELOCITY, Setting
from sideman.score import Note
from sideman.theory.chord import Chord
from sideman.theory.meter import TICKS_PER_QUARTER

Array = NDArray[np.float32]
Flags = NDArray[np.bool_]
KIND = "course"
FEATURES = frozenset({Feature.SCORING})
DEFAULTS = registry.defaults(KIND)
_MOST_MASKS = 4096


def on_grid(left: int, length: int) -> bool:
    """Return whether `length` ticks, `left` before the bar line, keep to the grid of their beat."""
    place = -left % TICKS_PER_QUARTER
    grid = next((grid for grid in (8, 6, 4, 3) if place % grid == 0), 1)
    return place == 0 or length % grid == 0


class Rules:
    """What may follow in a bar, for one vocabulary; see :class:`TokenSession`.

    `shortest` is the shortest note that may be played, in ticks; rests may be shorter.
    """

    __slots__ = (
        "_by_length",
        "_durations",
        "_fillable",
        "_going",
        "_lengths",
        "_masks",
        "_opening",
        "_rests",
        "_tokens",
    )

    def __init__(self, tokens: tuple[Token, ...], shortest: int = 1) -> None:
        self._tokens = tokens
        # A length of 0 is never legal.
        self._durations = np.array(
            [
                token.duration if token.is_rest or token.duration >= shortest else 0
                for token in tokens
            ],
            np.intp,
        )
        self._rests = np.array([token.is_rest for token in tokens], bool)
        self._going = np.array([token.bracket is not None for token in tokens], bool)
        self._opening = ~self._rests & ~self._going
        self._lengths = tuple(
            sorted(set(self._durations[role].tolist()) - {0})
            for role in (self._rests, self._opening, self._going)
        )
        self._by_length: dict[tuple[int, bool], tuple[Flags, Flags]] = {}
        # Whether so many ticks can be filled, in a bar without a note and in one with a note.
        self._fillable = ([True], [True])
        self._masks: dict[tuple[Chord, int | None, int, int], Flags] = {}

    def fillable(self, ticks: int, *, has_note: bool) -> bool:
        """Return whether the vocabulary's lengths can fill the rest of a bar, in ticks, exactly.

        Pitches are not considered; `has_note` says whether the bar has a note already.
        """
        empty, begun = self._fillable
        rest, opening, going = self._lengths
        for left in range(len(begun), ticks + 1):
            begun.append(
                any(left >= n and on_grid(left, n) and begun[left - n] for n in (*rest, *going))
            )
            empty.append(
                any(left >= n and on_grid(left, n) and empty[left - n] for n in rest)
                or any(left >= n and on_grid(left, n) and begun[left - n] for n in opening)
            )
        return (begun if has_note else empty)[ticks]

    def mask(
        self, left: int, has_note: bool, chord: Chord, previous: int | None, low: int, high: int
    ) -> Array:
        """Return 0 for each legal token and minus infinity for others; empty if none is legal.

        `left` is in ticks; `previous` is the MIDI number of the note before, across the bar line
        too.
        """
        fits, closes = self._lengths_legal(left, has_note)
        playable = self._playable(chord, previous, low, high)
        legal = closes & playable
        if not legal.any():
            legal = fits & playable
        if not legal.any():
            return np.empty(0, np.float32)
        return np.where(legal, np.float32(0), np.float32(-np.inf))

    def _lengths_legal(self, left: int, has_note: bool) -> tuple[Flags, Flags]:
        """Return which tokens fit the rest of a bar so that it can still be filled."""
        found = self._by_length.get((left, has_note))
        if found is None:
            suits = self._rests | (self._going if has_note else self._opening)
            fits = suits & (self._durations > 0) & (self._durations <= left)
            closes = fits.copy()
            for index in np.flatnonzero(fits):
                length = int(self._durations[index])
                begun = has_note or not self._rests[index]
                closes[index] = on_grid(left, length) and self.fillable(
                    left - length, has_note=begun
                )
            found = self._by_length[left, has_note] = (fits, closes)
        return found

    def _playable(self, chord: Chord, previous: int | None, low: int, high: int) -> Flags:
        """Return which tokens have a pitch here, or need none."""
        key = (chord, previous, low, high)
        found = self._masks.get(key)
        if found is None:
            if len(self._masks) > _MOST_MASKS:
                self._masks.clear()
            found = self._masks[key] = np.array(
                [
                    token.is_rest
                    or _moves(token, candidates(token, chord, previous, low, high), previous)
                    for token in self._tokens
                ],
                bool,
            )
        return found


def _moves(token: Token, pitches: tuple[int, ...], previous: int | None) -> bool:
    """Return whether a token has a pitch here, other than the last one unless it repeats it."""
    if not pitches or pitches != (previous,):
        return bool(pitches)
    return token.bracket is not None and sum(token.bracket.span) == 0


@lru_cache(maxsize=8)
def rules(tokens: tuple[Token, ...], shortest: int = 1) -> Rules:
    """Return the rules of a vocabulary, made once; `shortest` is in ticks."""
    return Rules(tokens, shortest)


@dataclass(frozen=True, slots=True, eq=False)
class CourseModel:
    """The network with its vocabulary: `tokens` holds the meaning of each output."""

    parameters: Parameters
    tokens: tuple[Token, ...]

    name: str = KIND
    features: frozenset[Feature] = field(default=FEATURES, init=False, repr=False)
    defaults: Controls = field(default=DEFAULTS, init=False, repr=False)

    def begin(
        self, setting: Setting, controls: Controls, constraints: Constraints, rng: Generator
    ) -> TokenSession:
        """Begin a solo (:class:`sideman.models.protocol.Soloist`); the tempo is not used."""
        return TokenSession(self, setting)

    def distributions(self, events: Events) -> Distributions:
        """Return what is expected at every note (:class:`sideman.models.events.Scorer`)."""
        return TokenScorer(self.parameters, self.tokens).distributions(events)


class TokenSession:
    """One solo while it is played: the network's state, and where in the form the line is.

    A token is legal if

    - it is a rest, or no shorter than what can be played at the tempo;
    - its length fits the rest of the bar, and lengths of the vocabulary can fill what then remains;
    - it keeps to the grid by which its beat is already divided (:func:`on_grid`);
    - it has a bracket if, and only if, the bar already has a note (rests never have one);
    - it has a pitch over the chord, from the note before, within the range, and not only the note
      before again (unless it stands for a repeated note), or a line at the end of its range would
      stay there.

    So every bar is filled exactly, in any metre, and the solo ends with the form.  Where a
    vocabulary cannot fill the rest of a bar, whatever still fits is legal, and when nothing does, a
    rest outside the vocabulary fills the bar; it is no input of the network.
    """

    __slots__ = (
        "_bar",
        "_bar_end",
        "_chord_ends",
        "_chords",
        "_ends",
        "_has_note",
        "_high",
        "_last",
        "_low",
        "_masks",
        "_model",
        "_now",
        "_numbers",
        "_odds",
        "_previous",
        "_rules",
        "_span",
        "_stepper",
        "done",
        "mask",
        "notes",
        "tokens",
    )

    def __init__(self, model: CourseModel, setting: Setting) -> None:
        changes = setting.changes
        self._model = model
        self._low, self._high = setting.low, setting.high
        self._stepper = Stepper(model.parameters)
        self._rules = rules(model.tokens, setting.shortest)
        spans = harmony.sounding(changes).spans
        self._chords = [span.chord for span in spans]
        numbers: dict[Chord, int] = {}
        self._numbers = [numbers.setdefault(chord, len(numbers)) for chord in self._chords]
        # Time before the first chord belongs to it, as Changes.chord_at has it.
        self._chord_ends = [span.end for span in spans]
        self._ends = changes.bar_starts[1:]
        self._span = 0
        self._bar = 0
        self._bar_end = self._ends[0]
        self._now = 0
        self._has_note = False
        self._previous: int | None = None
        self._last = len(model.tokens)
        self._masks: dict[tuple[int, bool, int, int | None], Array] = {}
        self._odds: dict[
            tuple[int, int, int | None], tuple[tuple[int, ...], tuple[float, ...]]
        ] = {}
        self.tokens: list[Token] = []
        """What was played so far, rests included."""
        self.notes: list[Note] = []
        """The notes so far."""
        self.done = False
        """Whether the form is filled."""
        self.mask: Array = np.zeros(len(model.tokens), np.float32)
        """0 for each legal token, minus infinity for the others; one is legal until done."""
        self._settle()

    def options(self) -> tuple[Array, Array]:
        """Return the logits of the next token, and which tokens are legal."""
        return self._stepper(self._last), self.mask

    def line(self) -> tuple[Note, ...]:
        """Return the line; a chord tone that is struck twice in a row is held."""
        return tuple(polish.tidy(self.notes))

    def branch(self) -> TokenSession:
        """Return a copy that is played on independently; the model and caches are shared."""
        other = copy.copy(self)
        other._stepper = self._stepper.branch()
        other.tokens, other.notes = list(self.tokens), list(self.notes)
        return other

    def choose(self, index: int, rng: Generator) -> None:
        """Choose a legal token and draw its pitch: one random number a note."""
        token = self._model.tokens[index]
        self._last = index
        self.tokens.append(token)
        if token.kind is not Kind.REST:
            key = (index, self._numbers[self._span], self._previous)
            found = self._odds.get(key)
            if found is None:
                chord = self._chords[self._span]
                found = weighted_candidates(token, chord, self._previous, self._low, self._high)
                self._odds[key] = found
            pitch = pick(*found, rng.random())
            self.notes.append(Note(self._now, token.duration, pitch, VELOCITY))
            self._previous = pitch
            self._has_note = True
        self._now += token.duration
        self._settle()

    def _settle(self) -> None:
        """Cross bar lines and set the mask; where nothing is legal, rest to the bar's end."""
        while True:
            while self._now >= self._bar_end:
                self._bar += 1
                if self._bar == len(self._ends):
                    self.done = True
                    return
                self._bar_end = self._ends[self._bar]
                self._has_note = False
            while self._now >= self._chord_ends[self._span]:
                self._span += 1
            left, number = self._bar_end - self._now, self._numbers[self._span]
            key = (left, self._has_note, number, self._previous)
            mask = self._masks.get(key)
            if mask is None:
                chord = self._chords[self._span]
                mask = self._masks[key] = self._rules.mask(
                    left, self._has_note, chord, self._previous, self._low, self._high
                )
            if mask.size:
                self.mask = mask
                return
            self.tokens.append(Token(Kind.REST, self._bar_end - self._now))
            self._now = self._bar_end


def sample_freely(
    model: CourseModel,
    length: int,
    *,
    rng: Generator,
    controls: Controls = sampler.NEUTRAL,
    batch: int = 1,
) -> NDArray[np.intp]:
    """Return tokens sampled from the network alone, without bars, chords or a legal mask.

    The result has the shape (`batch`, `length`); in a batch of several sequences only the
    temperature of the controls applies.
    """
    size = model.parameters.size
    out = np.empty((batch, length), np.intp)
    if batch == 1:
        stepper, free, last = Stepper(model.parameters), np.zeros(size, np.float32), size
        for t in range(length):
            last = sampler.choose(stepper(last), free, rng, controls)
            out[0, t] = last
        return out
    stepper = Stepper(model.parameters, batch)
    inverse = np.float32(1 / max(controls.temperature, 1e-6))
    last_row = np.full(batch, size, np.intp)
    for t in range(length):
        logits = stepper(last_row)
        p = np.exp((logits - logits.max(axis=1, keepdims=True)) * inverse)
        cumulative = np.cumsum(p, axis=1)
        mark = rng.random((batch, 1), np.float32) * cumulative[:, -1:]
        last_row = np.minimum((cumulative <= mark).sum(axis=1), size - 1)
        out[:, t] = last_row
    return out


def to_file(
    model: CourseModel,
    *,
    corpus: str = "",
    training: Mapping[str, Any] | None = None,
    versions: Mapping[str, str] | None = None,
) -> ModelFile:
    """Return the model as a file, with the corpus fingerprint, training record and versions."""
    return ModelFile(
        kind=KIND,
        config={"units": model.parameters.units},
        vocabulary=tuple(map(str, model.tokens)),
        weights={name: getattr(model.parameters, name) for name in lstm.NAMES},
        corpus=corpus,
        training=training or {},
        versions=versions or {},
    )


def from_file(content: ModelFile, name: str) -> CourseModel:
    """Return the model of a file; `name` is for messages.  Raise ModelError if it is damaged."""
    if content.kind != KIND:
        raise ModelError(f"{name}: a model of kind {content.kind[:40]!r}, not {KIND!r}.")
    parameters = lstm.from_file(content, name)
    if unknown := sorted(content.weights.keys() - set(lstm.NAMES)):
        raise ModelError(
            f"{name}: holds weights {unknown[0][:40]!r}, which no course model has; train it again."
        )
    try:
        tokens = tuple(map(Token.parse, content.vocabulary))
    except FormatError as error:
        raise ModelError(f"{name}: its vocabulary is damaged: {error}") from error
    return CourseModel(parameters, tokens, name=Path(name).stem)
