"""Tokens over chords → notes.

:func:`realise` plays tokens over changes within a player's range; a sampler that goes step by
step uses its two parts, :func:`candidates` (the pitches that a token allows here: none means that
it must not be chosen) and :func:`choose` (one of them).

:func:`realise_as_taught` plays them as the course does, its faults included.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from sideman.errors import MusicError
from sideman.models.grammar import harmony
from sideman.models.grammar.harmony import Harmony
from sideman.models.grammar.tokens import Kind, Token
from sideman.score import Note

if TYPE_CHECKING:
    from numpy.random import Generator

    from sideman.score import Changes
    from sideman.theory.chord import Chord

LOW, HIGH = 55, 84
"""The range where none is given: G3 to C6, which every horn's good register holds most of."""
_REACH = 7
"""Without a bracket a line goes on within a fifth of the note before, if it can."""
_VELOCITY = 90
_EVERY = frozenset(range(12))
_SPICE = 0.25
"""What a colour outside the chord's own scale, F♯ over C7, weighs beside the scale's tones."""


def within(tones: Harmony, kind: Kind, low: int, high: int) -> tuple[int, ...]:
    """List the pitches of a kind between two limits.

    Parameters
    ----------
    tones : Harmony
        The harmony that sounds.
    kind : Kind
        The kind; a rest has no pitches.
    low, high : int
        MIDI numbers, both included.

    Returns
    -------
    tuple of int
        MIDI numbers, rising.
    """
    classes = tones.pitch_classes(kind)
    return tuple(pitch for pitch in range(low, high + 1) if pitch % 12 in classes)


def candidates(
    token: Token, chord: Chord | None, previous: int | None, low: int = LOW, high: int = HIGH
) -> tuple[int, ...]:
    """List the pitches that a token allows over a chord, within a range.

    With a bracket they are the pitches of the token's kind inside it.  Without one, or before
    any note, they are those within a fifth of the previous note (of the middle of the range at
    the beginning); if there are none, those nearest to it.

    Parameters
    ----------
    token : Token
        The token.
    chord : Chord or None
        The chord in force; N.C. and None make every pitch a scale tone.
    previous : int or None
        MIDI number of the note before, across the bar line too; None at the beginning.
    low, high : int
        The player's range as MIDI numbers, both included.

    Returns
    -------
    tuple of int
        MIDI numbers, rising.  Empty for a token that cannot be played here, and for a rest,
        which always can.

    Examples
    --------
    >>> from sideman.theory.chord import Chord
    >>> candidates(Token.parse("C,0.500,<P4,m-2>"), Chord.parse("C7"), 63)
    (64, 67)
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
    """Keep the pitches that lie nearest to a centre."""
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
    """Choose one pitch for a token.

    A pitch is the likelier, the nearer it lies to the middle of the bracket, which is the step
    that was played where the token was learnt.  The previous note is repeated only where nothing
    else fits or the middle of the bracket is that very note.

    Parameters
    ----------
    token : Token
        A token that is no rest.
    chord : Chord or None
        The chord in force.
    previous : int or None
        MIDI number of the note before; None at the beginning.
    low, high : int
        The player's range as MIDI numbers, both included.
    rng : numpy.random.Generator
        Where chance comes from; one number is drawn from it.

    Returns
    -------
    int
        A MIDI number inside the range, always: a token that cannot be played here gives the
        nearest pitch of its kind, or failing that of the harmony.

    Raises
    ------
    MusicError
        If the token is a rest, or the range holds no pitch.
    """
    pitches, weights = odds(token, chord, previous, low, high)
    return pick(pitches, weights, float(rng.random()))


def odds(
    token: Token, chord: Chord | None, previous: int | None, low: int = LOW, high: int = HIGH
) -> tuple[tuple[int, ...], tuple[float, ...]]:
    """Weigh the pitches among which :func:`choose` chooses.

    Parameters
    ----------
    token, chord, previous, low, high
        As there.

    Returns
    -------
    tuple of int
        MIDI numbers, rising; at least one.
    tuple of float
        What each weighs; they need not sum to one.

    Raises
    ------
    MusicError
        If the token is a rest, or the range holds no pitch.
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
    """Pick a pitch by its weight.

    Parameters
    ----------
    pitches : sequence of int
        At least one.
    weights : sequence of float
        What each weighs.
    draw : float
        Where chance points, from 0 up to 1.

    Returns
    -------
    int
        One of the pitches.

    Examples
    --------
    >>> pick((60, 64), (3.0, 1.0), 0.7), pick((60, 64), (3.0, 1.0), 0.8)
    (60, 64)
    """
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
    """Play tokens over changes.

    Parameters
    ----------
    tokens : iterable of Token
        Tokens in order, bar after bar; where they fill their bars, the bar lines fall into place.
    changes : Changes
        The bars and chords; the last chord goes on after the end.
    rng : numpy.random.Generator
        Where chance comes from; one number a note.
    low, high : int
        The player's range as MIDI numbers, both included.
    start : int
        The tick at which the first token starts.
    previous : int or None
        MIDI number of a note played just before; None at the beginning.

    Returns
    -------
    tuple of Note
        The line; tokens of no length make no note.

    Raises
    ------
    MusicError
        If the range holds no pitch.

    Examples
    --------
    >>> import numpy as np
    >>> from sideman.theory.chord import Chord
    >>> from sideman.models.grammar.tokens import parse
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
    """A chord as the course knows it: pitches that sound together.

    Parameters
    ----------
    onset, length : float
        Quarters.
    pitches : list of int
        MIDI numbers in the order in which they were played.
    """

    onset: float
    length: float
    pitches: list[int]


def voicing_at(voicings: Sequence[Voicing], onset: float) -> Voicing:
    """Give the last chord that starts no later than a time; before the first one, the first.

    Parameters
    ----------
    voicings : sequence of Voicing
        Chords of one bar, by rising onset; at least one.
    onset : float
        Quarters.

    Returns
    -------
    Voicing
        The chord in force.
    """
    return next((chord for chord in reversed(voicings) if chord.onset <= onset), voicings[0])


def realise_as_taught(
    elements: Iterable[tuple[Token, float]], voicings: Sequence[Voicing], rng: Generator
) -> list[tuple[float, float, int | None]]:
    """Play the tokens of one bar over the chords of a bar, as the course does.

    Its ways, kept: each note stands where it should *end*; a line may run past the bar; nothing
    bounds it above, and below the octave is mended, whatever the line; the opening note of a
    kind other than ``C`` comes from another scale than the one used in reading; a bracket in
    which nothing fits gives a whole tone up or down, of any kind.

    Parameters
    ----------
    elements : iterable of tuple
        Each token and its exact length in quarters (the token's own is in ticks).
    voicings : sequence of Voicing
        The chords, their onsets from the start of the bar.
    rng : numpy.random.Generator
        Where chance comes from.

    Returns
    -------
    list of tuple
        Offset and length in quarters, and MIDI number (None for a rest) of each element.

    Raises
    ------
    MusicError
        If there is no chord, or a bracket comes before any note.
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
    """Put a note that lies below an octave into it (octave 4 begins with middle C)."""
    return pitch if pitch >= 12 * (octave + 1) else 12 * (octave + 1) + pitch % 12
