"""Spelled pitches, intervals and keys.

Conventions: a *pitch name* is a position on the line of fifths (… B♭ = -2, F = -1, C = 0, G = 1,
D = 2 …), so that E♭ and D♯ differ; a *MIDI number* is 60 for middle C, which is C4; an *interval*
is a pair of letter steps and semitones, both signed. Flats print as ``b`` and sharps as ``#``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from sideman.errors import FormatError
from sideman.words import counted

LETTERS = "CDEFGAB"
_LETTER_FIFTHS = {"F": -1, "C": 0, "G": 1, "D": 2, "A": 3, "E": 4, "B": 5}
_FIFTHS_LETTERS = "FCGDAEB"
_LETTER_PITCH_CLASSES = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_ACCIDENTALS = {"#": 1, "♯": 1, "b": -1, "♭": -1, "x": 2, "𝄪": 2, "𝄫": -2}
_PITCH_NAME = re.compile(r"([A-Ga-g])((?:#|♯|b|♭|x|𝄪|𝄫)*)")


@dataclass(frozen=True, slots=True, order=True)
class PitchName:
    """A letter with accidentals, as steps up from C on the line of fifths.

    >>> flat = PitchName.parse("Eb")
    >>> flat.fifths, flat.letter, flat.alter, flat.pitch_class
    (-3, 'E', -1, 3)
    >>> str(flat)
    'Eb'
    """

    fifths: int

    @classmethod
    def parse(cls, text: str) -> PitchName:
        """Read a name such as ``C``, ``F#``, ``Bb``, ``e♭`` or ``Gx``, or raise FormatError."""
        match = _PITCH_NAME.fullmatch(text.strip())
        if match is None or len(match[2]) > 8:
            raise FormatError(
                f"{text[:40]!r} is not a pitch name; write a letter A to G, then # or b."
            )
        return cls.of(match[1], sum(_ACCIDENTALS[sign] for sign in match[2]))

    @classmethod
    def of(cls, letter: str, alter: int = 0) -> PitchName:
        """Return the name of a letter, in either case, raised by `alter` semitones."""
        return cls(_LETTER_FIFTHS[letter.upper()] + 7 * alter)

    @property
    def letter(self) -> str:
        """The letter, ``A`` to ``G``."""
        return _FIFTHS_LETTERS[(self.fifths + 1) % 7]

    @property
    def alter(self) -> int:
        """Semitones above the bare letter: 1 for a sharp, -1 for a flat."""
        return (self.fifths + 1) // 7

    @property
    def pitch_class(self) -> int:
        """Semitones above C, 0 to 11."""
        return self.fifths * 7 % 12

    def transpose(self, fifths: int) -> PitchName:
        """Move along the line of fifths: 2 is a major second up, -3 a minor third up."""
        return PitchName(self.fifths + fifths)

    def simplest(self) -> PitchName:
        """Return the enharmonic name between D♭ (-5) and F♯ (6) on the line of fifths."""
        return PitchName((self.fifths + 5) % 12 - 5)

    def __str__(self) -> str:
        return self.letter + ("#" * self.alter if self.alter > 0 else "b" * -self.alter)


@dataclass(frozen=True, slots=True)
class Pitch:
    """A pitch name in an octave, that of the *letter*; C4 is middle C, MIDI number 60.

    >>> Pitch(PitchName.parse("B#"), 3).midi, Pitch(PitchName.parse("Cb"), 5).midi
    (60, 71)
    """

    name: PitchName
    octave: int

    @property
    def midi(self) -> int:
        """The MIDI number."""
        return 12 * (self.octave + 1) + _LETTER_PITCH_CLASSES[self.name.letter] + self.name.alter

    @property
    def diatonic(self) -> int:
        """Letter steps above C0; neighbours on the staff differ by one."""
        return 7 * self.octave + LETTERS.index(self.name.letter)

    def __str__(self) -> str:
        return f"{self.name}{self.octave}"


_QUALITIES_PERFECT = {0: "P"}
_QUALITIES_MAJOR = {0: "M", -1: "m"}
_PERFECT_STEPS = {0, 3, 4}
_INTERVAL = re.compile(r"(P|M|m|A+|d+)(-?)(\d+)")


@dataclass(frozen=True, slots=True)
class Interval:
    """A directed interval in letter steps (2 for a third up) and semitones; negative is down.

    >>> Interval(2, 3).name, Interval(-4, -6).name, Interval(10, 17).name
    ('m3', 'd-5', 'P11')
    >>> Interval.parse("d1")
    Interval(steps=0, semitones=-1)
    """

    steps: int
    semitones: int

    @classmethod
    def between(cls, low: Pitch, high: Pitch) -> Interval:
        """Return the interval from `low` to `high`; it goes down if `high` is the lower pitch."""
        return cls(high.diatonic - low.diatonic, high.midi - low.midi)

    @classmethod
    def parse(cls, text: str) -> Interval:
        """Read a directed name such as ``m3``, ``d-5`` or ``P11``, or raise FormatError.

        The name is the quality, ``-`` if the letters go down, and the number, which may be
        compound.
        """
        match = _INTERVAL.fullmatch(text)
        # The bounds are far beyond any instrument.
        if match is None or len(text) > 60 or not 1 <= int(match[3]) <= 200:
            raise FormatError(f"{text[:40]!r} is not an interval; write one like m3, P-4 or A11.")
        quality, sign = match[1], -1 if match[2] else 1
        size = int(match[3]) - 1
        if sign < 0 and size == 0:
            raise FormatError(f"{text!r} is not an interval: a unison has no direction.")
        perfect = size % 7 in _PERFECT_STEPS
        if (quality == "P" and not perfect) or (quality in "Mm" and perfect):
            raise FormatError(f"{text!r} is not an interval: this number has no such quality.")
        deviation = {"P": 0, "M": 0, "m": -1}.get(quality)
        if deviation is None:
            deviation = len(quality) if quality[0] == "A" else -len(quality) - (not perfect)
        return cls(sign * size, sign * (_natural_semitones(size) + deviation))

    @property
    def name(self) -> str:
        """The directed name: quality, ``-`` if the letters go down, number."""
        sign = -1 if self.steps < 0 else 1
        size = abs(self.steps)
        deviation = self.semitones * sign - _natural_semitones(size)
        perfect = size % 7 in _PERFECT_STEPS
        quality = (_QUALITIES_PERFECT if perfect else _QUALITIES_MAJOR).get(deviation)
        if quality is None and deviation > 0:
            quality = "A" * deviation
        elif quality is None:
            quality = "d" * (-deviation - (not perfect))
        return f"{quality}{'-' if self.steps < 0 else ''}{size + 1}"

    def __add__(self, other: Interval) -> Interval:
        return Interval(self.steps + other.steps, self.semitones + other.semitones)

    def __sub__(self, other: Interval) -> Interval:
        return Interval(self.steps - other.steps, self.semitones - other.semitones)

    def __str__(self) -> str:
        return self.name


def _natural_semitones(size: int) -> int:
    """Semitones of the perfect or major interval of `size` letter steps."""
    octaves, step = divmod(size, 7)
    return 12 * octaves + _LETTER_PITCH_CLASSES[LETTERS[step]]


@dataclass(frozen=True, slots=True)
class Key:
    """A key: its signature, in sharps (flats if negative), and its mode; major if that is unknown.

    >>> str(Key(-3)), str(Key(-3, minor=True)), str(Key(-3, has_mode=False))
    ('Eb major', 'C minor', '3 flats')
    """

    fifths: int
    minor: bool = False
    has_mode: bool = True

    @classmethod
    def parse(cls, text: str) -> Key:
        """Read a key such as ``Eb``, ``Cm``, ``C-``, ``F# minor``; raise a FormatError if wrong."""
        match = re.fullmatch(
            r"([A-Ga-g](?:#|♯|b|♭)?)\s*-?\s*(major|maj|minor|min|m|-|)", text.strip()
        )
        if match is None:
            raise FormatError(f"{text[:40]!r} is not a key; write one like Eb, Cm or F# minor.")
        minor = match[2] in ("minor", "min", "m", "-") or (
            match[2] == "" and text.strip().endswith("-")
        )
        return cls(PitchName.parse(match[1]).fifths - (3 if minor else 0), minor)

    @property
    def tonic(self) -> PitchName:
        """The tonic's name."""
        return PitchName(self.fifths + (3 if self.minor else 0))

    @property
    def name(self) -> str:
        """The short name, such as ``Eb`` or ``Cm``."""
        return f"{self.tonic}{'m' if self.minor else ''}"

    def spell(self, midi: int) -> Pitch:
        """Return a MIDI number spelled in this key; chromatic notes take the nearest fifth."""
        # A window of twelve fifths: from the lowered second to the raised fourth of the key.
        lowest = self.fifths - 5 + (3 if self.minor else 0)
        return spelled(PitchName((midi * 7 - lowest) % 12 + lowest), midi)

    def transpose(self, fifths: int) -> Key:
        """Move the key along the line of fifths."""
        return replace(self, fifths=self.fifths + fifths)

    def __str__(self) -> str:
        if not self.has_mode:
            sign = "flat" if self.fifths < 0 else "sharp"
            return counted(abs(self.fifths), sign) if self.fifths else "no sharps or flats"
        return f"{self.tonic} {'minor' if self.minor else 'major'}"


def spelled(name: PitchName, midi: int) -> Pitch:
    """Return the pitch of that name that sounds as `midi`; both must have the same pitch class."""
    return Pitch(name, (midi - _LETTER_PITCH_CLASSES[name.letter] - name.alter) // 12 - 1)
