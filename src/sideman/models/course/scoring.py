"""The course's LSTM on the benchmark: the probability of a note is that of the tokens for it.

The network's symbols are tokens: a note's function over the chord, its length, its distance from
the note before.  Every performed note is given to it as the nearest token of its vocabulary, a
silence counting as part of the note before it; and the probabilities of the next token become those
of the next note:

- a *pitch* has the probability of all tokens that can stand there (with a bracket if the bar has a
  note already), each shared among its pitches by the weights with which the player chooses;
- a *duration* has the probability of the tokens that can be that pitch, by their length;
- the *IOI* to the next note likewise, before that token is an input of the network.

A share of the probability is spread evenly over all values, as large as the share of this solo's
notes so far that no token could express.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from sideman.models.course import harmony
from sideman.models.course.realise import weighted_candidates
from sideman.models.course.tokens import Token
from sideman.models.events import (
    DURATION_TICKS,
    LONGEST_IOI,
    PITCHES,
    Distributions,
    Events,
    duration_classes,
)
from sideman.models.lstm import Parameters, Stepper, softmax
from sideman.theory.chord import Chord

Array = NDArray[np.float64]

_TINY = 1e-300
_RARE = 1e-6  # a probability below which no token expresses a value


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
        unexpressed = np.ones(3)  # of two notes: the initial share
        allowed: Array | None = None
        bars = events.onset // events.ticks_per_bar
        for note in range(len(events)):
            share = unexpressed / (note + 2)
            waited, sounding = int(events.ioi[note]), int(events.pitch[note])
            if allowed is not None:
                waits = _sums(self._lengths, allowed, LONGEST_IOI + 1)[1 : LONGEST_IOI + 1]
                ioi[note] = _spread(waits, share[0])
                unexpressed[0] += waits[waited - 1] < _RARE
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
            unexpressed[1] += pitches[sounding] < _RARE
            able = expected * matrix[self._shape, sounding]
            allowed = able / able.sum() if able.sum() > 0 else expected
            lengths = _sums(self._classes, allowed, len(DURATION_TICKS))
            duration[note] = _spread(lengths, share[2])
            unexpressed[2] += lengths[events.duration[note]] < _RARE
        return Distributions(ioi, pitch, duration)

    def _nearest(self, events: Events, note: int, waited: int, allowed: Array) -> int:
        """Return the token that can be a note's pitch and is nearest to its length."""
        moved = float(events.pitch[note] - events.pitch[note - 1]) if note else 0.0
        off = np.abs(self._lengths - waited) + 0.01 * np.abs(self._middles - moved)
        off = np.where(allowed > 0, off, np.inf)
        return int(self._notes[off.argmin()])


def _sums(places: NDArray[np.int64], shares: Array, size: int) -> Array:
    """Return the sums of the probabilities of the tokens that share a place."""
    return np.bincount(places, shares, size).astype(np.float64)


def _spread(given: Array, share: float) -> Array:
    """Return probabilities of which a share is spread evenly over all values."""
    whole = given.sum()
    if not whole > 0:
        return np.full(len(given), 1 / len(given))
    mixed: Array = (1 - share) * given / whole + share / len(given)
    return mixed


@lru_cache(maxsize=4096)
def _pitches(shapes: tuple[Token, ...], chord: Chord | None, before: int | None) -> Array:
    """Return the distribution over pitches of each kind of token, shape (shapes, 128)."""
    matrix = np.zeros((len(shapes), PITCHES))
    for row, token in enumerate(shapes):
        pitches, weights = weighted_candidates(token, chord, before, 0, PITCHES - 1)
        matrix[row, list(pitches)] = np.array(weights) / sum(weights)
    return matrix
