"""Comping: what a pianist's hands play under a solo.

Voicings leave the root to the bass and hold the chord's guide tones and a colour in close
position; each is the one nearest to the voicing before.  Rhythms are a few of the standard ones
(the Charleston and its turnings, the pushed chord), chosen bar by bar.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

from numpy.random import Generator

from sideman.band.styles import Style
from sideman.chord import Chord
from sideman.meter import TICKS_PER_QUARTER
from sideman.score import Changes, Note, Part

LOW, HIGH = 48, 72
"""The range of the hands: C3 to C5, under most of a horn's."""

_CENTRE = 59
_VOICES = 4
_EIGHTH = TICKS_PER_QUARTER // 2
_NINTH, _FIFTH, _THIRTEENTH = 2, 7, 9  # semitones above the root, less an octave
_PUSHED = 0.25
_VELOCITY = 76

# Ticks that a chord lasts: the rhythms it may have, as (onset, length) pairs from its arrival.
_RHYTHMS: dict[int, tuple[tuple[tuple[int, int], ...], ...]] = {
    96: (
        ((0, 30), (36, 10)),  # the Charleston
        ((0, 10), (36, 36)),
        ((12, 10), (60, 10)),  # on the off-beats of one and three
        ((0, 60),),
        ((24, 10), (72, 10)),  # two and four
        ((36, 10), (84, 10)),
    ),
    72: (
        ((0, 30), (36, 10)),
        ((0, 60),),
        ((24, 10), (48, 10)),
        ((36, 24),),
    ),
    48: (
        ((0, 36),),
        ((0, 10), (36, 10)),
        ((12, 30),),
    ),
    24: (((0, 18),),),
}


def comp(changes: Changes, style: Style, rng: Generator, *, solo: Sequence[Note] = ()) -> Part:
    """Comp over changes, the last bar held.

    Parameters
    ----------
    changes : Changes
        The bars and chords; where they say N.C. the hands rest.
    style : Style
        How to comp.
    rng : numpy.random.Generator
        Where the choice of rhythms comes from.
    solo : sequence of Note
        What is played over it, by rising onset.

    Returns
    -------
    Part
        A piano part named ``Chords``, all notes between `LOW` and `HIGH`.
    """
    strokes = list(_strokes(changes, rng))
    notes: list[Note] = []
    before: tuple[int, ...] = ()
    for index, (onset, end, chord) in enumerate(strokes):
        if index + 1 < len(strokes):
            end = min(end, strokes[index + 1][0])
        before = voicing(chord, before)
        velocity = _VELOCITY + int(rng.integers(-4, 5))
        notes += [Note(onset, end - onset, pitch, velocity) for pitch in before]
    return Part("Chords", tuple(notes))


def _strokes(changes: Changes, rng: Generator) -> Iterator[tuple[int, int, Chord]]:
    """Choose when each chord is struck: onset, end, chord."""
    taken = 0  # until when the hands are busy, so that a push never falls into another chord
    for onset, end, chord, compound, last in _segments(changes):
        if chord.is_no_chord:
            taken = end
            continue
        rhythms = _RHYTHMS.get(end - onset, (((0, end - onset),),))
        if compound:  # dotted quarters, as 6/8 and 12/8 are counted
            rhythms = (tuple((at, 30) for at in range(0, end - onset, 36)),)
        rhythm = rhythms[int(rng.integers(len(rhythms)))]
        push = rng.random() < _PUSHED
        if last:
            rhythm = ((0, end - onset),)
        for at, length in rhythm:
            start = onset + at
            if at == 0 and push and not compound and onset - taken >= _EIGHTH:
                start -= _EIGHTH
            stop = min(onset + at + length, end)
            if start < stop:
                yield start, stop, chord
                taken = max(start + _EIGHTH // 2, onset)


def _segments(changes: Changes) -> Iterator[tuple[int, int, Chord, bool, bool]]:
    """Cut the chords at bar lines and into lengths that rhythms are made for.

    Yields onset, end, chord, whether the bar is compound, and whether it is the last.
    """
    starts = changes.bar_starts
    sounding: Chord | None = None
    for number, bar in enumerate(changes.bars):
        compound = bar.meter.unit >= 8 and bar.meter.beats % 3 == 0
        last = number == len(changes.bars) - 1
        arrivals = [(starts[number] + change.onset, change.chord) for change in bar.chords]
        if sounding is not None and (not arrivals or arrivals[0][0] > starts[number]):
            arrivals.insert(0, (starts[number], sounding))
        ends = [onset for onset, _ in arrivals[1:]] + [starts[number + 1]]
        for (onset, chord), end in zip(arrivals, ends, strict=False):
            sounding = chord
            while onset < end:
                size = end - onset if compound or last else _bite(end - onset)
                yield onset, onset + size, chord, compound, last
                onset += size


def _bite(ticks: int) -> int:
    """Take the largest length that a rhythm is made for and that leaves no single beat over."""
    for size in sorted(_RHYTHMS, reverse=True):
        if ticks == size or ticks - size >= 2 * TICKS_PER_QUARTER:
            return size
    return min(ticks, TICKS_PER_QUARTER)


def voicing(chord: Chord, before: tuple[int, ...] = ()) -> tuple[int, ...]:
    """Voice a chord near the voicing before it.

    Parameters
    ----------
    chord : Chord
        A chord; N.C. has no voicing.
    before : tuple of int
        The MIDI numbers of the voicing before, rising; empty at the beginning.

    Returns
    -------
    tuple of int
        MIDI numbers between `LOW` and `HIGH`, rising; empty for N.C.
    """
    if chord.is_no_chord:
        return ()
    return min(_positions(chord), key=lambda hands: (_cost(hands, before), hands))


@lru_cache(maxsize=4096)
def _positions(chord: Chord) -> tuple[tuple[int, ...], ...]:
    """List the close positions of a chord in the hands' range, with a guide tone at the bottom."""
    voices = _voices(chord)
    root, *others = chord.tones
    guides = {tone for tone in others if tone != (root + _FIFTH) % 12} & voices
    if len(others) < 3:
        guides = voices
    positions = []
    for bottom in range(LOW, HIGH + 1):
        hands = tuple(sorted(bottom + (voice - bottom) % 12 for voice in voices))
        if bottom % 12 in guides and hands[-1] <= HIGH:
            positions.append(hands)
    return tuple(positions)


def _voices(chord: Chord) -> set[int]:
    """Choose the pitch classes of a voicing.

    Guide tones, the tensions that the symbol asks for, a ninth and over a dominant a thirteenth
    where they fit, then the fifth and the root.  A triad stays one, root and all.
    """
    root, *others = chord.tones
    if len(others) < 3:
        return set(chord.tones)
    quality = chord.quality
    fifth, ninth, thirteenth = ((root + degree) % 12 for degree in (_FIFTH, _NINTH, _THIRTEENTH))
    voices = [tone for tone in others if tone != fifth]
    voices += [(root + tension) % 12 for tension in quality.extensions]
    if not {1, 3} & {*quality.extensions} and ninth in chord.colours and fifth in others:
        voices.append(ninth)
        if quality.third == 4 and quality.seventh == 10 and thirteenth in chord.colours:
            voices.append(thirteenth)
    if fifth in others:
        voices.append(fifth)
    return set(tuple(dict.fromkeys((*voices, root)))[:_VOICES])


def _cost(hands: tuple[int, ...], before: tuple[int, ...]) -> float:
    """Weigh a voicing: how far the fingers move, how far from the middle, how muddy or harsh."""
    middle = sum(hands) / len(hands)
    cost = 0.4 * abs(middle - _CENTRE)
    if len(hands) > 1 and hands[-1] - hands[-2] == 1:
        cost += 4  # a semitone on top is heard as a wrong note
    if len(hands) > 1 and hands[0] < 52 and hands[1] - hands[0] <= 2:
        cost += 3
    if before:
        cost += sum(min(abs(pitch - old) for old in before) for pitch in hands)
        cost += sum(min(abs(pitch - old) for pitch in hands) for old in before)
        cost += abs(hands[-1] - before[-1])
    return cost
