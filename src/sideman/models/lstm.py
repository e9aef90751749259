"""The course's model: one LSTM layer of 64 units and a softmax, played by NumPy.

*What it sees*: the token before, as a one-hot vector (zeros before the first).  Neither chords nor
bar lines nor pitches.

*What it says*: how likely each token of its vocabulary is next.

*Its parameters*, for a vocabulary of V tokens and U units, in Keras' layout with the gates in the
order i, f, g, o:

===================  ==========  =================================
``kernel``           (V, 4U)     from the token to the gates
``recurrent_kernel`` (U, 4U)     from the last output to the gates
``bias``             (4U,)
``dense_kernel``     (U, V)      from the output to the vocabulary
``dense_bias``       (V,)
===================  ==========  =================================

*Its legal mask*: metre, range and form, which the network does not hear, are held by
:class:`Performance`, which lets no token be chosen that would break them.

The step is that of Sepp Hochreiter and Jürgen Schmidhuber, "Long Short-Term Memory", Neural
Computation 9(8), 1997, with the forget gate of Felix Gers et al. (2000); the architecture that of
the course "Sequence Models" (deeplearning.ai), after deepjazz.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from sideman.chord import Chord
from sideman.errors import FormatError, ModelError, MusicError
from sideman.grammar import harmony
from sideman.grammar.realise import HIGH, LOW, candidates, odds, pick
from sideman.grammar.tokens import Kind, Token
from sideman.meter import TICKS_PER_QUARTER
from sideman.models.file import ModelFile
from sideman.score import Changes, Note

Array = NDArray[np.float32]
Flags = NDArray[np.bool_]
KIND = "course"
UNITS = 64
MOST_UNITS = 4096
MOST_BARS = 20_000
_VELOCITY = 90
_MOST_MASKS = 4096


@dataclass(frozen=True, slots=True, eq=False)
class Parameters:
    """The five arrays, float32; V tokens, U units.

    Parameters
    ----------
    kernel : ndarray, shape (V, 4U)
        From the input to the gates.
    recurrent_kernel : ndarray, shape (U, 4U)
        From the last output to the gates.
    bias : ndarray, shape (4U,)
        Of the gates.
    dense_kernel : ndarray, shape (U, V)
        From the output to the vocabulary.
    dense_bias : ndarray, shape (V,)
        Of the vocabulary.
    """

    kernel: Array
    recurrent_kernel: Array
    bias: Array
    dense_kernel: Array
    dense_bias: Array

    @property
    def size(self) -> int:
        """Tokens in the vocabulary, V."""
        return int(self.kernel.shape[0])

    @property
    def units(self) -> int:
        """Units of the LSTM, U."""
        return int(self.recurrent_kernel.shape[0])


NAMES = ("kernel", "recurrent_kernel", "bias", "dense_kernel", "dense_bias")


def shapes(size: int, units: int) -> dict[str, tuple[int, ...]]:
    """Give the shape of every parameter.

    Parameters
    ----------
    size : int
        Tokens in the vocabulary, V.
    units : int
        Units of the LSTM, U.

    Returns
    -------
    dict of str to tuple of int
        Shapes by name, in Keras' order.

    Examples
    --------
    >>> sum(int(np.prod(shape)) for shape in shapes(78, 64).values())
    41678
    """
    forms = ((size, 4 * units), (units, 4 * units), (4 * units,), (units, size), (size,))
    return dict(zip(NAMES, forms, strict=True))


def sigmoid(x: Array) -> Array:
    """Squash numbers into (0, 1); written with tanh, which never overflows.

    Parameters
    ----------
    x : ndarray
        Any shape.

    Returns
    -------
    ndarray
        The same shape.
    """
    half = np.float32(0.5)
    return np.asarray(half * np.tanh(half * x) + half, dtype=np.float32)


def step(parameters: Parameters, x: Array, h: Array, c: Array) -> tuple[Array, Array]:
    """Take one step of the LSTM, as the equations read.

    Parameters
    ----------
    parameters : Parameters
        The weights.
    x : ndarray, shape (B, V)
        The input: one-hot rows, or any others.
    h, c : ndarray, shape (B, U)
        The last output and the memory.

    Returns
    -------
    h, c : ndarray, shape (B, U)
        The new output and memory.
    """
    w = parameters
    z = x @ w.kernel + h @ w.recurrent_kernel + w.bias  # (B, 4U)
    i, f, g, o = np.split(z, 4, axis=-1)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    h = sigmoid(o) * np.tanh(c)
    return h, c


def softmax(logits: Array) -> Array:
    """Turn logits into probabilities along the last axis.

    Parameters
    ----------
    logits : ndarray, shape (..., V)
        Unnormalised log-probabilities.

    Returns
    -------
    ndarray, shape (..., V)
        Probabilities.
    """
    e = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(e / e.sum(axis=-1, keepdims=True), dtype=np.float32)


def probabilities(
    parameters: Parameters, X: Array, h: Array | None = None, c: Array | None = None
) -> Array:
    """Run the network over whole sequences.

    Parameters
    ----------
    parameters : Parameters
        The weights.
    X : ndarray, shape (B, T, V)
        The inputs.
    h, c : ndarray, shape (B, U), or None
        Where to begin; zeros where None.

    Returns
    -------
    ndarray, shape (B, T, V)
        At each step how likely each token is next.
    """
    zeros = np.zeros((X.shape[0], parameters.units), np.float32)
    h = zeros if h is None else h
    c = zeros if c is None else c
    out = np.empty((X.shape[0], X.shape[1], parameters.size), np.float32)
    for t in range(X.shape[1]):
        h, c = step(parameters, X[:, t], h, c)
        out[:, t] = softmax(h @ parameters.dense_kernel + parameters.dense_bias)
    return out


class Stepper:
    """:func:`step` and the dense layer for one-hot inputs, without an allocation.

    A one-hot input times the kernel is a row of the kernel.  A sigmoid is a tanh at half the
    argument, so with the columns of i, f and o halved beforehand one tanh serves all four gates.

    Parameters
    ----------
    parameters : Parameters
        The weights.
    batch : int or None
        Sequences that go side by side, B; None for a single one without the batch's axis, which
        is the fastest way to play one.
    """

    __slots__ = (
        "_bias",
        "_c",
        "_dense",
        "_f",
        "_g",
        "_gates",
        "_h",
        "_half",
        "_i",
        "_logits",
        "_o",
        "_recurrent",
        "_rows",
        "_spare",
        "_z",
    )

    def __init__(self, parameters: Parameters, batch: int | None = None) -> None:
        units, size = parameters.units, parameters.size
        # The columns in the order i, f, o, g: the three sigmoids stand together.
        order = np.concatenate(
            [np.arange(2 * units), np.arange(3 * units, 4 * units), np.arange(2 * units, 3 * units)]
        )
        scale = np.where(np.arange(4 * units) < 3 * units, np.float32(0.5), np.float32(1))
        # The last row is the input before the first token: zeros.
        rows = np.vstack([parameters.kernel, np.zeros((1, 4 * units), np.float32)])
        rows = (rows + parameters.bias)[:, order] * scale
        self._rows: Any = rows if batch is not None else list(rows)
        self._recurrent = np.ascontiguousarray(parameters.recurrent_kernel[:, order] * scale)
        self._dense = np.ascontiguousarray(parameters.dense_kernel)
        self._bias = parameters.dense_bias
        lead = () if batch is None else (batch,)
        self._h = np.zeros((*lead, units), np.float32)
        self._c = np.zeros((*lead, units), np.float32)
        self._spare = np.empty((*lead, units), np.float32)
        self._logits = np.empty((*lead, size), np.float32)
        self._z = np.empty((*lead, 4 * units), np.float32)
        self._half = np.full(3 * units, 0.5, np.float32)
        self._gates = self._z[..., : 3 * units]
        self._i, self._f, self._o, self._g = (
            self._z[..., n * units : (n + 1) * units] for n in range(4)
        )

    def __call__(self, tokens: int | NDArray[np.intp]) -> Array:
        """Take one step.

        Parameters
        ----------
        tokens : int or ndarray of int, shape (B,)
            The tokens before; V before the first.

        Returns
        -------
        ndarray, shape (V,) or (B, V)
            Logits: log-probabilities but for a constant.  The next call overwrites them.
        """
        z, gates, c, h, spare, half = (
            self._z,
            self._gates,
            self._c,
            self._h,
            self._spare,
            self._half,
        )
        np.dot(h, self._recurrent, out=z)
        np.add(z, self._rows[tokens], out=z)
        np.tanh(z, out=z)
        np.multiply(gates, half, out=gates)
        np.add(gates, half, out=gates)
        np.multiply(c, self._f, out=c)
        np.multiply(self._i, self._g, out=spare)
        np.add(c, spare, out=c)
        np.tanh(c, out=spare)
        np.multiply(self._o, spare, out=h)
        np.dot(h, self._dense, out=self._logits)
        np.add(self._logits, self._bias, out=self._logits)
        return self._logits


def on_grid(left: int, length: int) -> bool:
    """Tell whether a length keeps to the grid that its beat is already divided by.

    Whoever has begun a triplet finishes it, and a sixteenth is not followed by a triplet inside
    the beat; on a beat any length may begin.

    Parameters
    ----------
    left : int
        Ticks from where it begins to the bar line.
    length : int
        Its ticks.

    Returns
    -------
    bool
        Whether it does.

    Examples
    --------
    >>> on_grid(96, 8), on_grid(88, 8), on_grid(88, 12), on_grid(84, 8)
    (True, True, False, False)
    """
    place = -left % TICKS_PER_QUARTER
    grid = next((grid for grid in (8, 6, 4, 3) if place % grid == 0), 1)
    return place == 0 or length % grid == 0


class Rules:
    """What may follow in a bar, for one vocabulary; see :class:`Performance`.

    Parameters
    ----------
    tokens : tuple of Token
        The vocabulary.
    shortest : int
        Ticks of the shortest note that may be played; rests may be shorter.
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
        """Tell whether lengths of the vocabulary can fill the rest of a bar exactly.

        Parameters
        ----------
        ticks : int
            What is left of the bar.
        has_note : bool
            Whether the bar has a note already.

        Returns
        -------
        bool
            Whether it can be done, pitches aside.
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
        """Tell which tokens are legal.

        Parameters
        ----------
        left : int
            Ticks left of the bar.
        has_note : bool
            Whether the bar has a note already.
        chord : Chord
            The chord in force.
        previous : int or None
            MIDI number of the note before, across the bar line too.
        low, high : int
            The range as MIDI numbers.

        Returns
        -------
        ndarray, shape (V,)
            0 for each legal token and minus infinity for the others; of size 0 if none is legal.
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
        """Tell which tokens fit the rest of a bar, and after which it can still be filled."""
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
        """Tell which tokens have a pitch here, or need none."""
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
    """Tell whether a token has a pitch here, the same again only where it asks for that."""
    if not pitches or pitches != (previous,):
        return bool(pitches)
    return token.bracket is not None and sum(token.bracket.span) == 0


@lru_cache(maxsize=8)
def rules(tokens: tuple[Token, ...], shortest: int = 1) -> Rules:
    """Give the rules of a vocabulary, made once.

    Parameters
    ----------
    tokens : tuple of Token
        The vocabulary.
    shortest : int
        Ticks of the shortest note that may be played.

    Returns
    -------
    Rules
        Its rules.
    """
    return Rules(tokens, shortest)


@dataclass(frozen=True, slots=True, eq=False)
class CourseModel:
    """The network with its vocabulary.

    Parameters
    ----------
    parameters : Parameters
        The weights.
    tokens : tuple of Token
        What the outputs mean.
    """

    parameters: Parameters
    tokens: tuple[Token, ...]

    def perform(
        self,
        changes: Changes,
        *,
        low: int = LOW,
        high: int = HIGH,
        tempo_bpm: float | None = None,
        shortest: int = 1,
    ) -> Performance:
        """Begin a solo.

        Parameters
        ----------
        changes : Changes
            All the bars to fill, every chorus written out.
        low, high : int
            The player's range as MIDI numbers, both included.
        tempo_bpm : float or None
            Not heard.
        shortest : int
            Ticks of the shortest note that can be played at the tempo.

        Returns
        -------
        Performance
            A solo of no notes yet.

        Raises
        ------
        MusicError
            If the changes hold no bar, no chord or too many bars, or the range no octave.
        """
        return Performance(self, changes, low, high, shortest)


class Performance:
    """One solo as it is being played: the network's memory, and where in the form the line is.

    A token is legal if

    - it is a rest, or no shorter than what can be played at the tempo;
    - its length fits what is left of the bar, and what then is left can still be filled by
      lengths of the vocabulary;
    - it keeps to the grid that its beat is already divided by (:func:`on_grid`);
    - it has a bracket if, and only if, the bar already has a note (rests never have one);
    - over the chord in force, from the note before, within the range, it has a pitch, and not
      only the note before again (unless it stands for a repeated note): else a line that has come
      to the end of its range would stay there.

    So every bar is filled exactly, in any metre, and the solo stops where the form does.  Where a
    vocabulary cannot fill what is left of a bar, whatever still fits is legal, and when nothing
    does, a rest outside the vocabulary fills the bar; the network does not hear of it.

    Parameters
    ----------
    model : CourseModel
        The network.
    changes : Changes
        All the bars to fill.
    low, high : int
        The player's range as MIDI numbers.
    shortest : int
        Ticks of the shortest note that can be played at the tempo.
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

    def __init__(
        self, model: CourseModel, changes: Changes, low: int, high: int, shortest: int = 1
    ) -> None:
        if not changes.bars or not changes.spans:
            raise MusicError("There is nothing to play over: give changes with a bar and a chord.")
        if len(changes.bars) > MOST_BARS:
            raise MusicError(
                f"{len(changes.bars)} bars are more than {MOST_BARS}, the most that one solo is "
                "played over; ask for fewer choruses."
            )
        if low < 0 or high > 127 or high - low < 11:
            raise MusicError(
                f"The range {low} to {high} is no range; give two MIDI numbers from 0 to 127, the "
                "lower first, at least an octave apart."
            )
        self._model = model
        self._low, self._high = low, high
        self._stepper = Stepper(model.parameters)
        self._rules = rules(model.tokens, shortest)
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

    def logits(self) -> Array:
        """Let the network hear the last token.  Call it once before each :meth:`advance`.

        Returns
        -------
        ndarray, shape (V,)
            Log-probabilities of the next token but for a constant; the next call overwrites them.
        """
        return self._stepper(self._last)

    def advance(self, choice: int, rng: Generator) -> None:
        """Play a token: choose its pitch and move on.

        Parameters
        ----------
        choice : int
            The index of a legal token.
        rng : numpy.random.Generator
            Where chance comes from; one number a note.
        """
        token = self._model.tokens[choice]
        self._last = choice
        self.tokens.append(token)
        if token.kind is not Kind.REST:
            key = (choice, self._numbers[self._span], self._previous)
            found = self._odds.get(key)
            if found is None:
                chord = self._chords[self._span]
                found = odds(token, chord, self._previous, self._low, self._high)
                self._odds[key] = found
            pitch = pick(*found, rng.random())
            self.notes.append(Note(self._now, token.duration, pitch, _VELOCITY))
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


def to_file(
    model: CourseModel,
    *,
    corpus: str = "",
    training: Mapping[str, Any] | None = None,
    versions: Mapping[str, str] | None = None,
) -> ModelFile:
    """Put the model into the form that is written.

    Parameters
    ----------
    model : CourseModel
        The model.
    corpus : str
        The fingerprint of what it learnt from.
    training : mapping or None
        How it was trained.
    versions : mapping or None
        Libraries and their versions.

    Returns
    -------
    ModelFile
        What :func:`sideman.models.file.write` writes.
    """
    return ModelFile(
        kind=KIND,
        config={"units": model.parameters.units},
        vocabulary=tuple(map(str, model.tokens)),
        weights={name: getattr(model.parameters, name) for name in NAMES},
        corpus=corpus,
        training=training or {},
        versions=versions or {},
    )


def from_file(content: ModelFile, name: str) -> CourseModel:
    """Build the model from what a file holds.

    Parameters
    ----------
    content : ModelFile
        What was read.
    name : str
        What messages call the file.

    Returns
    -------
    CourseModel
        The model.

    Raises
    ------
    ModelError
        If kind, configuration, vocabulary and tensors don't fit one another.
    """
    if content.kind != KIND:
        raise ModelError(f"{name}: a model of kind {content.kind[:40]!r}, not {KIND!r}.")
    units, size = content.config.get("units"), len(content.vocabulary)
    if type(units) is not int or not 1 <= units <= MOST_UNITS or size == 0:
        raise ModelError(
            f"{name}: a model of {units!r} units and {size} tokens cannot be played; it needs 1 to "
            f"{MOST_UNITS} units and a token: train it again."
        )
    expected = shapes(size, units)
    found = {key: tensor.shape for key, tensor in content.weights.items()}
    for key in sorted(expected.keys() | found.keys()):
        if expected.get(key) != found.get(key):
            raise ModelError(
                f"{name}: the weights {key[:40]!r} have the shape {found.get(key)}, and a model of "
                f"{units} units and {size} tokens needs {expected.get(key)}; train it again."
            )
    if any(tensor.dtype != np.float32 for tensor in content.weights.values()):
        raise ModelError(f"{name}: its weights are not all float32; train it again.")
    try:
        tokens = tuple(map(Token.parse, content.vocabulary))
    except FormatError as error:
        raise ModelError(f"{name}: its vocabulary is damaged: {error}") from error
    return CourseModel(Parameters(**content.weights), tokens)
