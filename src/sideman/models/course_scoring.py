"""The course's LSTM on the benchmark: the odds of a note are those of the tokens that realise it.

The network speaks of tokens: what a note is to the chord, its length, how far it lies from the
note before.  Here every performed note is told to it as the nearest token of its vocabulary, a
silence counting as part of the note before it; and its odds of the next token become those of the
next note:

- a *pitch* has the odds of all tokens that can stand there (with a bracket if the bar has a note
  already), each shared among the pitches that it allows as the player would choose among them;
- a *duration* has the odds of the tokens that can be that pitch, by their length;
- the *IOI* to the next note likewise, before the network has heard which token it was.

What no token can say must have some odds too: a share that is spread evenly over all values, as
large as the share of this solo's notes so far that no token could say.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from sideman.models.events import (
    DURATION_TICKS,
    LONGEST_IOI,
    PITCHES,
    Distributions,
    Events,
    duration_classes,
)
from sideman.models.grammar import harmony
from sideman.models.grammar.realise import odds
from sideman.models.grammar.tokens import Token
from sideman.models.lstm import Parameters, Stepper, softmax
from sideman.theory.chord import Chord

Array = NDArray[np.float64]

_TINY = 1e-300
_RARE = 1e-6  # what has lower odds than this no token can say


class TokenScorer:
    """A token model as a model of notes; `vocabulary` holds the meaning of its outputs."""

    def __init__(self, parameters: Parameters, vocabulary: tuple[Token, ...]) -> None:
        self._parameters, self._start = parameters, len(vocabulary)
        notes = [index for index, token in enumerate(vocabulary) if not token.is_rest]
        self._notes = np.array(notes, dtype=np.int64)
        tokens = [vocabulary[index] for index in notes]
        self._going = np.array([token.bracket is not None for token in tokens])
        self._lengths = np.array([token.duration for token in tokens], dtype=np.int64)
        self._classes = duration_classes(self._lengths.astype(np.float64))
        self._middles = np.array(
            [sum(token.bracket.span) / 2 if token.bracket else 0.0 for token in tokens]
        )
        # Tokens that differ in length alone allow the same pitches.
        shapes: dict[tuple[object, object], int] = {}
        self._shape = np.array(
            [shapes.setdefault((token.kind, token.bracket), len(shapes)) for token in tokens]
        )
        firsts = [int(np.flatnonzero(self._shape == shape)[0]) for shape in range(len(shapes))]
        self._shapes = tuple(tokens[first] for first in firsts)

    def distributions(self, events: Events) -> Distributions:
        """Compute the probabilities of a solo's notes (:class:`sideman.models.events.Scorer`)."""
        chords = harmony.sounding(events.changes) if events.changes else None
        stepper = Stepper(self._parameters)
        last = self._start
        ioi = np.full((len(events), LONGEST_IOI), 1 / LONGEST_IOI)
        pitch = np.full((len(events), PITCHES), 1 / PITCHES)
        duration = np.full((len(events), len(DURATION_TICKS)), 1 / len(DURATION_TICKS))
        unsaid = np.ones(3)  # one note that no token could say, of two: where the share begins
        allowed: Array | None = None
        bars = events.onset // events.ticks_per_bar
        for note in range(len(events)):
            share = unsaid / (note + 2)
            waited, sounding = int(events.ioi[note]), int(events.pitch[note])
            if allowed is not None:
                waits = _sums(self._lengths, allowed, LONGEST_IOI + 1)[1 : LONGEST_IOI + 1]
                ioi[note] = _spread(waits, share[0])
                unsaid[0] += waits[waited - 1] < _RARE
                # Now that the wait is known, so is the token that the note before was.
                last = self._nearest(events, note - 1, waited, allowed)
            expected = softmax(stepper(last))[self._notes].astype(np.float64)
            following = note > 0 and bars[note] == bars[note - 1]
            expected[self._going != following] = 0
            expected /= max(expected.sum(), _TINY)
            before = int(events.pitch[note - 1]) if note else None
            chord = chords.chord_at(int(events.onset[note])) if chords else None
            matrix = _pitches(self._shapes, chord, before)
            pitches = _sums(self._shape, expected, len(self._shapes)) @ matrix
            pitch[note] = _spread(pitches, share[1])
            unsaid[1] += pitches[sounding] < _RARE
            able = expected * matrix[self._shape, sounding]
            allowed = able / able.sum() if able.sum() > 0 else expected
            lengths = _sums(self._classes, allowed, len(DURATION_TICKS))
            duration[note] = _spread(lengths, share[2])
            unsaid[2] += lengths[events.duration[note]] < _RARE
        return Distributions(ioi, pitch, duration)

    def _nearest(self, events: Events, note: int, waited: int, allowed: Array) -> int:
        """Return the token that can be a note's pitch and is nearest to its length."""
        moved = float(events.pitch[note] - events.pitch[note - 1]) if note else 0.0
        off = np.abs(self._lengths - waited) + 0.01 * np.abs(self._middles - moved)
        off = np.where(allowed > 0, off, np.inf)
        return int(self._notes[off.argmin()])


def _sums(places: NDArray[np.int64], odds_of: Array, size: int) -> Array:
    """Return the sums of the probabilities of the tokens that share a place."""
    return np.bincount(places, odds_of, size).astype(np.float64)


def _spread(told: Array, share: float) -> Array:
    """Return probabilities of which a share is spread evenly over all values."""
    whole = told.sum()
    if not whole > 0:
        return np.full(len(told), 1 / len(told))
    mixed: Array = (1 - share) * told / whole + share / len(told)
    return mixed


@lru_cache(maxsize=4096)
def _pitches(shapes: tuple[Token, ...], chord: Chord | None, before: int | None) -> Array:
    """Return the distribution over pitches of each kind of token, shape (shapes, 128)."""
    matrix = np.zeros((len(shapes), PITCHES))
    for row, token in enumerate(shapes):
        pitches, weights = odds(token, chord, before, 0, PITCHES - 1)
        matrix[row, list(pitches)] = np.array(weights) / sum(weights)
    return matrix
