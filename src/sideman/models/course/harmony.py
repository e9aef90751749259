"""The kind of a pitch over a harmony: chord tone, scale tone, approach tone, or other.

There are two functions from a chord to a :class:`Harmony`.

:func:`of_chord`
    sideman's own: the chord is given by its symbol; its tones, scale and colour tones come from
    :mod:`sideman.theory.chord`; each pitch class is of exactly one kind, so that what is realised
    as a scale tone is analysed as one.
:func:`of_voicing`
    the course's: the chord is a set of sounding pitches; its quality and scale are inferred
    from their spelling (:func:`quality`, :func:`tonic`), and the kinds overlap: a chord
    tone a semitone from another one is an approach tone as well.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from sideman.models.course.tokens import Kind
from sideman.theory.pitch import LETTERS, Interval, Pitch, PitchName, spelled

if TYPE_CHECKING:
    from sideman.score import Changes
    from sideman.theory.chord import Chord

_ALL = frozenset(range(12))
# How the course spells each pitch class, C C♯ D E♭ E F F♯ G G♯ A B♭ B, on the line of fifths.
_NAMES = tuple(map(PitchName, (0, 7, 2, -3, 4, -1, 6, 1, 8, 3, -2, 5)))
# Every tonic that is tried, C♭ C C♯ D♭ D D♯ E♭ E F F♯ G G♯ A B♭ B: of equals the last wins.
_TONICS = tuple(map(PitchName, (-7, 0, 7, -5, 2, 9, -3, 4, -1, 6, 1, 8, 3, -2, 5)))
# Degrees as steps on the line of fifths from the tonic.
_MAJOR = (0, 2, 4, -1, 1, 3, 5)
_DORIAN = (0, 2, -3, -1, 1, 3, -2)
_MINOR_PENTATONIC = (0, -3, -1, 1, -2)
_RAISED_FOURTH = 6
_TRIADS = {(4, 7): "major", (3, 7): "minor", (4, 8): "augmented", (3, 6): "diminished"}
# The letter steps tested above a candidate root, in this order: 3rd 5th 7th 2nd 4th 6th.
_STACK = (2, 4, 6, 1, 3, 5)


@dataclass(frozen=True, slots=True)
class Harmony:
    """The pitch classes of each kind while a chord sounds.

    The sets may overlap: :meth:`kind` tests chord, scale and approach in this order.
    """

    chord: frozenset[int]
    scale: frozenset[int]
    approach: frozenset[int]
    other: frozenset[int]

    def kind(self, pitch: int) -> Kind:
        """Return the first of chord, scale, approach that contains a pitch; otherwise ``OTHER``."""
        pitch_class = pitch % 12
        if pitch_class in self.chord:
            return Kind.CHORD
        if pitch_class in self.scale:
            return Kind.SCALE
        return Kind.APPROACH if pitch_class in self.approach else Kind.OTHER

    def pitch_classes(self, kind: Kind) -> frozenset[int]:
        """Return the pitch classes of a kind; none for a rest."""
        if kind is Kind.CHORD:
            return self.chord
        if kind is Kind.SCALE:
            return self.scale
        if kind is Kind.APPROACH:
            return self.approach
        return self.other if kind is Kind.OTHER else frozenset()


@lru_cache(maxsize=4096)
def of_chord(chord: Chord | None) -> Harmony:
    """Return the harmony of a chord by its symbol; its kinds are a partition of all classes.

    Where there is no chord, every pitch is a scale tone.
    """
    if chord is None or chord.is_no_chord:
        return Harmony(frozenset(), _ALL, frozenset(), frozenset())
    tones = frozenset(chord.tones)
    scale = frozenset(chord.scale) | frozenset(chord.colours)
    near = _neighbours(tones)
    return Harmony(tones, scale - tones, near - tones - scale, _ALL - tones - scale - near)


@lru_cache(maxsize=4096)
def of_voicing(pitches: tuple[int, ...]) -> Harmony:
    """Return the harmony of MIDI numbers as the course infers it; the kinds overlap."""
    tones = frozenset(pitch % 12 for pitch in pitches)
    names = {tonic(pitches).transpose(step) for step in _scale_of(quality(pitches))}
    scale = frozenset(number for number, name in enumerate(_NAMES) if name in names)
    near = _neighbours(tones)
    return Harmony(tones, scale, near, near)


def _neighbours(pitch_classes: frozenset[int]) -> frozenset[int]:
    return frozenset((tone + side) % 12 for tone in pitch_classes for side in (-1, 1))


def spell(pitch: int) -> Pitch:
    """Return a MIDI number as the course spells it in any key, such as ``Eb4`` for 63."""
    return spelled(_NAMES[pitch % 12], pitch)


def step_between(before: int, pitch: int) -> Interval:
    """Return the directed interval of two MIDI numbers, spelled as in the course: ``A-2``."""
    return Interval.between(spell(before), spell(pitch))


@lru_cache(maxsize=4096)
def quality(pitches: tuple[int, ...]) -> str:
    """Return the triad of MIDI numbers, by their letters as music21 does; else ``other``.

    >>> quality((60, 64, 67)), quality((53, 58, 57, 62)), quality((58, 57))
    ('major', 'major', 'other')
    """
    if not pitches:
        return "other"
    root = _root(pitches)
    intervals: dict[int, set[int]] = {}
    for pitch in pitches:
        name = _NAMES[pitch % 12]
        steps = _letter_steps(root, name)
        intervals.setdefault(steps, set()).add((name.pitch_class - root.pitch_class) % 12)
    thirds, fifths = intervals.get(2, set()), intervals.get(4, set())
    if len(thirds) != 1:
        return "other"
    (third,) = thirds
    if not fifths:
        return {4: "major", 3: "minor"}.get(third, "other")
    if len(fifths) > 1:
        return "other"
    (fifth,) = fifths
    return _TRIADS.get((third, fifth), "other")


def _letter_steps(low: PitchName, high: PitchName) -> int:
    return (LETTERS.index(high.letter) - LETTERS.index(low.letter)) % 7


def _root(pitches: tuple[int, ...]) -> PitchName:
    """Return the pitch over which the others stack best in thirds, by letter."""
    by_letter: dict[str, PitchName] = {}
    for pitch in pitches:
        name = _NAMES[pitch % 12]
        by_letter.setdefault(name.letter, name)
    names = list(by_letter.values())
    answers = []
    for name in names:
        above = {_letter_steps(name, other) for other in names}
        answers.append([step in above for step in _STACK])
    full = [all(answer[: len(names) - 1]) for answer in answers]
    if sum(full) == 1:
        return names[full.index(True)]
    if all(full):
        return _NAMES[min(pitches) % 12]
    scores = [sum(1 / (i + 6) for i, yes in enumerate(answer) if yes) for answer in answers]
    return names[scores.index(max(scores))]


@lru_cache(maxsize=4096)
def tonic(pitches: tuple[int, ...]) -> PitchName:
    """Return the tonic whose scale contains most of a chord: major if the chord is, else dorian.

    It need not be the chord's root; of equals it is the highest from C to B.

    >>> str(tonic((60, 64, 67))), str(tonic((60, 63, 67)))
    ('G', 'Bb')
    """
    degrees = _scale_of(quality(pitches))
    tones = {pitch % 12 for pitch in pitches}

    def shared(name: PitchName) -> int:
        return len(tones & {name.transpose(step).pitch_class for step in degrees})

    return max(reversed(_TONICS), key=shared)


def _scale_of(chord_quality: str) -> tuple[int, ...]:
    return _MAJOR if chord_quality == "major" else _DORIAN


def opening_scale(pitches: tuple[int, ...]) -> tuple[tuple[PitchName, ...], PitchName | None]:
    """Return the scale with which the course opens a bar over a chord, and its colour tone.

    The tonic's major scale over a major chord; else its minor pentatonic, with the raised fourth,
    which is used about half the time.
    """
    name = tonic(pitches)
    if quality(pitches) == "major":
        return tuple(name.transpose(step) for step in _MAJOR), None
    scale = tuple(name.transpose(step) for step in _MINOR_PENTATONIC)
    return scale, name.transpose(_RAISED_FOURTH)


def sounding(changes: Changes) -> Changes:
    """Return a form in which the chord before continues through every N.C. (or the next).

    The band is silent in a break, but its line still follows the harmony.
    """
    chords = [change.chord for bar in changes.bars for change in bar.chords]
    real = [chord for chord in chords if not chord.is_no_chord]
    if not real or len(real) == len(chords):
        return changes
    current = real[0]
    bars = []
    for bar in changes.bars:
        row = []
        for change in bar.chords:
            current = current if change.chord.is_no_chord else change.chord
            row.append(replace(change, chord=current))
        bars.append(replace(bar, chords=tuple(row)))
    return replace(changes, bars=tuple(bars))
