"""Tokens over chords → notes.

:func:`realise` converts tokens over changes to notes within a player's range; a sampler that
advances step by step uses its two parts, :func:`candidates` (the pitches that a token allows here:
none means that it must not be chosen) and :func:`choose` (one of them).

:func:`realise_as_taught` does it as the course does, including its mistakes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from sideman.errors import MusicError
from sideman.models.course import harmony
from sideman.models.course.harmony import Harmony
from sideman.models.course.tokens import Kind, Token
from sideman.models.protocol import HIGH, LOW
from sideman.score import Note

if TYPE_CHECKING:
    from numpy.random import Generator

    from sideman.score import Changes
    from sideman.theory.chord import Chord

_REACH = 7
"""Without a bracket a line goes on within a fifth of the note before, if it can."""
_VELOCITY = 90
_EVERY = frozenset(range(12))
_SPICE = 0.25
"""What a colour outside the chord's own scale, F♯ over C7, weighs beside the scale's tones."""


def within(tones: Harmony, kind: Kind, low: int, high: int) -> tuple[int, ...]:
    """Return the MIDI numbers of a kind from `low` to `high`, rising."""
    classes = tones.pitch_classes(kind)
    return tuple(pitch for pitch in range(low, high + 1) if pitch % 12 in classes)


def candidates(
    token: Token, chord: Chord | None, previous: int | None, low: int = LOW, high: int = HIGH
) -> tuple[int, ...]:
    """Return the pitches of a token's kind over a chord that lie in its bracket and in a range.

    Without a bracket or a note before they lie within a fifth of the previous note (of the middle
    of the range), or else nearest to it.  A rest and a token that is illegal here have none.
    """
    bracket = None if token.bracket is None else token.bracket.span
    return _candidates(token.kind, bracket, chord, previous, low, high)


@lru_cache(maxsize=262144)
def _candidates(
    kind: Kind,
    bracket: tuple[int, int] | None,
    chord: Chord | None,
    previous: int | None,
    low: int,
    high: int,
) -> tuple[int, ...]:
    if kind is Kind.REST:
        return ()
    tones = harmony.of_chord(chord)
    if bracket is not None and previous is not None:
        return within(
            tones, kind, max(low, previous + bracket[0]), min(high, previous + bracket[1])
        )
    centre = (low + high) // 2 if previous is None else previous
    near = within(tones, kind, max(low, centre - _REACH), min(high, centre + _REACH))
    return near or _nearest(within(tones, kind, low, high), centre)


def _nearest(pitches: Sequence[int], centre: int) -> tuple[int, ...]:
    """Return the pitches that are nearest to a centre."""
    least = min((abs(pitch - centre) for pitch in pitches), default=0)
    return tuple(pitch for pitch in pitches if abs(pitch - centre) == least)


def choose(
    token: Token,
    chord: Chord | None,
    previous: int | None,
    low: int,
    high: int,
    rng: Generator,
) -> int:
    """Return one pitch for a token (:func:`weighted_candidates`); one random number is drawn."""
    pitches, weights = weighted_candidates(token, chord, previous, low, high)
    return pick(pitches, weights, float(rng.random()))


def weighted_candidates(
    token: Token, chord: Chord | None, previous: int | None, low: int = LOW, high: int = HIGH
) -> tuple[tuple[int, ...], tuple[float, ...]]:
    """Return the pitches for a token that is no rest, and their weights for a random choice.

    The nearer a pitch is to the middle of the bracket (the step from which the token was learnt),
    the greater its weight.  The previous note is repeated only where nothing else fits or it is the
    middle of the bracket.  A token that is illegal here results in the nearest pitch of its kind,
    or else of the harmony.  A MusicError is raised for a rest, or if the range contains no pitch.
    """
    if token.is_rest:
        raise MusicError("A rest has no pitch to choose.")
    if not 0 <= low <= high <= 127:
        raise MusicError(f"The range {low} to {high} holds no pitch; give MIDI numbers, low first.")
    lower, upper = (-_REACH, _REACH) if token.bracket is None else token.bracket.span
    centre = (low + high) // 2 if previous is None else previous + (lower + upper) / 2
    pitches = candidates(token, chord, previous, low, high)
    if not pitches:
        tones = harmony.of_chord(chord)
        kinds = (token.kind, Kind.CHORD, Kind.SCALE)
        every = next((some for kind in kinds if (some := within(tones, kind, low, high))), None)
        near = min(every or range(low, high + 1), key=lambda pitch: (abs(pitch - centre), pitch))
        return (near,), (1.0,)
    if len(pitches) > 1 and previous is not None and (token.bracket is None or centre != previous):
        pitches = tuple(pitch for pitch in pitches if pitch != previous)
    usual = frozenset(chord.scale) if chord is not None and token.kind is Kind.SCALE else _EVERY
    return pitches, tuple(
        (1.0 if pitch % 12 in usual else _SPICE) / (1 + abs(pitch - centre)) for pitch in pitches
    )


def pick(pitches: Sequence[int], weights: Sequence[float], draw: float) -> int:
    """Return the pitch at a place, `draw` (from 0 up to 1), in the cumulative weights."""
    mark = draw * sum(weights)
    for pitch, weight in zip(pitches, weights, strict=True):
        mark -= weight
        if mark < 0:
            return pitch
    return pitches[-1]


def realise(
    tokens: Iterable[Token],
    changes: Changes,
    rng: Generator,
    *,
    low: int = LOW,
    high: int = HIGH,
    start: int = 0,
    previous: int | None = None,
) -> tuple[Note, ...]:
    """Return the notes of tokens over changes; raise MusicError if the range contains no pitch.

    `start` is the tick of the first token, `previous` the MIDI number of a note just before; a
    token of no length becomes no note, and the last chord continues after the end.

    >>> import numpy as np
    >>> from sideman.theory.chord import Chord
    >>> from sideman.models.course.tokens import parse
    >>> from sideman.score import Bar, ChordChange, Changes
    >>> blues = Changes((Bar((ChordChange(0, Chord.parse("F7")),)),))
    >>> line = realise(parse("C,1.000 R,1.000 C,2.000,<M3,M-3>"), blues, np.random.default_rng(1))
    >>> [(note.onset, note.duration) for note in line]
    [(0, 24), (48, 48)]
    """
    chords = harmony.sounding(changes)
    now = start
    line = []
    for token in tokens:
        if not token.is_rest and token.duration > 0:
            previous = choose(token, chords.chord_at(now), previous, low, high, rng)
            line.append(Note(now, token.duration, previous, _VELOCITY))
        now += token.duration
    return tuple(line)


class Voicing(NamedTuple):
    """A chord of the course: onset and length in quarters, and MIDI numbers in playing order."""

    onset: float
    length: float
    pitches: list[int]


def voicing_at(voicings: Sequence[Voicing], onset: float) -> Voicing:
    """Return the last chord that starts no later than a time; before the first one, the first."""
    return next((chord for chord in reversed(voicings) if chord.onset <= onset), voicings[0])


def realise_as_taught(
    elements: Iterable[tuple[Token, float]], voicings: Sequence[Voicing], rng: Generator
) -> list[tuple[float, float, int | None]]:
    """Return offset, length and MIDI number (or None) of a bar's tokens, as the course does.

    Its behaviour is kept: each note is placed where it should *end*; a line may exceed the bar;
    there is no upper bound, and a low note is moved to a fixed octave, whatever the line; the
    opening note of a kind other than ``C`` comes from another scale than that of the analysis; an
    empty bracket results in a whole tone up or down, of any kind.

    Each token comes with its exact length in quarters (its own is in ticks).  A MusicError is
    raised if there is no chord, or a bracket before any note.
    """
    if not voicings or not all(chord.pitches for chord in voicings):
        raise MusicError("No chord to play over; give the bar at least one chord with pitches.")
    placed: list[tuple[float, float, int | None]] = []
    now = 0.0
    before: int | None = None
    for number, (token, length) in enumerate(elements, 1):
        now += length
        if token.is_rest:
            placed.append((now, length, None))
            continue
        chord = tuple(voicing_at(voicings, now).pitches)
        if token.bracket is None:
            pitch = _octave_at_least(4, _opening_pitch(token.kind, chord, rng))
        elif before is None:
            raise MusicError(
                f"Token {number} ({token}) has a bracket, but no note stands before it; begin with "
                "a token without one, such as C,0.250."
            )
        else:
            pitch = _octave_at_least(3, _following_pitch(token, chord, before, rng))
        placed.append((now, length, pitch))
        before = pitch
    return placed


def _opening_pitch(kind: Kind, chord: tuple[int, ...], rng: Generator) -> int:
    if kind is Kind.CHORD:
        return chord[rng.integers(len(chord))]
    scale, colour = harmony.opening_scale(chord)
    if colour is not None and rng.random() < 0.5:
        scale = (*scale, colour)
    octave = chord[rng.integers(len(chord))] // 12
    pitch = 12 * octave + scale[rng.integers(len(scale))].pitch_class
    return pitch if kind is Kind.SCALE else pitch + (1, -1)[rng.integers(2)]


def _following_pitch(token: Token, chord: tuple[int, ...], before: int, rng: Generator) -> int:
    lower, upper = token.bracket.span if token.bracket is not None else (0, 0)
    # Whatever is neither chord nor scale tone comes as an approach tone.
    fitting = within(harmony.of_voicing(chord), token.kind, before + lower, before + upper)
    if len(fitting) > 1:
        fitting = tuple(pitch for pitch in fitting if pitch != before)
    if not fitting:
        return before + (-2, 2)[rng.integers(2)]
    return fitting[rng.integers(len(fitting))] if len(fitting) > 1 else fitting[0]


def _octave_at_least(octave: int, pitch: int) -> int:
    """Return a note below an octave moved up into it (octave 4 begins with middle C)."""
    return pitch if pitch >= 12 * (octave + 1) else 12 * (octave + 1) + pitch % 12
