"""Chord qualities: the set of intervals above the root.

``Cm7b5``, ``CØ``, ``Ch7`` and the kind ``half-diminished`` of MusicXML have the same set of
semitones, so they are the same quality and compare equal.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from sideman.errors import ChordError
from sideman.theory.chord.spelling import ALTERED_TONES, LONGEST_SYMBOL, read_semitones

# Steps on the line of fifths for each degree.
_DEGREE_FIFTHS = {
    "1": 0, "b9": -5, "2": 2, "9": 2, "#9": 9, "b3": -3, "3": 4, "4": -1, "11": -1, "#11": 6,
    "b5": -6, "5": 1, "#5": 8, "b6": -4, "b13": -4, "bb7": -9, "6": 3, "13": 3, "b7": -2, "7": 5,
}  # fmt: skip


@dataclass(frozen=True, slots=True, order=True)
class Quality:
    """The intervals of a chord: semitones above the root, 0 to 11, rising from 0; empty for N.C.

    A ChordError is raised for other semitones.

    >>> Quality.parse("m7b5") == Quality.parse("ø") == Quality((0, 3, 6, 10))
    True
    >>> Quality.of({4, 7, 10, 14, 21}).suffix
    '13'
    """

    semitones: tuple[int, ...]

    def __post_init__(self) -> None:
        rising = tuple(sorted(set(self.semitones)))
        if self.semitones and (
            rising != self.semitones or self.semitones[0] != 0 or self.semitones[-1] > 11
        ):
            raise ChordError(
                f"{self.semitones!r} are not the semitones of a chord; give rising numbers from 0 "
                "to 11, 0 first."
            )

    @classmethod
    def of(cls, semitones: set[int] | frozenset[int]) -> Quality:
        """Return the quality of semitones in any order and octave; the root is added."""
        return cls(tuple(sorted({0, *(semitone % 12 for semitone in semitones)})))

    @classmethod
    def parse(cls, text: str) -> Quality:
        """Read the text after a chord's root, such as ``m7b5``; raise a ChordError if unknown."""
        quality = _parse(text) if len(text) <= LONGEST_SYMBOL else None
        if quality is None:
            raise ChordError(f"{text[:40]!r} is not the quality of a chord.", text[:40])
        return quality

    @property
    def suffix(self) -> str:
        """The spelling in the ``house`` dialect, such as ``m7b5``."""
        return _suffix(self.semitones)

    @property
    def third(self) -> int | None:
        """Semitones of the third, else of the suspended fourth or second, else None."""
        return next((tone for tone in (4, 3, 5, 2) if tone in self.semitones), None)

    @property
    def fifth(self) -> int | None:
        """Semitones of the fifth, 6 to 8, or None."""
        order = (7, 6, 8) if self.third == 3 else (7, 8, 6)
        return next((tone for tone in order if tone in self.semitones), None)

    @property
    def seventh(self) -> int | None:
        """Semitones of the seventh, 9 (diminished) to 11, or None."""
        if self.third == 3 and self.fifth == 6 and not {10, 11} & {*self.semitones}:
            return 9 if 9 in self.semitones else None
        return next((tone for tone in (10, 11) if tone in self.semitones), None)

    @property
    def sixth(self) -> int | None:
        """9 if the chord has a sixth and no seventh, else None."""
        return 9 if 9 in self.semitones and self.seventh is None else None

    @property
    def tones(self) -> tuple[int, ...]:
        """Semitones of root, third, fifth and sixth or seventh."""
        return _tones(self)

    @property
    def extensions(self) -> tuple[int, ...]:
        """Semitones of the symbol that are not in `tones`."""
        return tuple(tone for tone in self.semitones if tone not in self.tones)

    @property
    def degrees(self) -> tuple[tuple[int, str], ...]:
        """Each semitone with the name of its degree, such as ``(3, 'b3')`` or ``(6, '#11')``."""
        return tuple((tone, self._degree(tone)) for tone in self.semitones)

    def _degree(self, tone: int) -> str:
        if tone == self.third:
            return {4: "3", 3: "b3", 5: "4", 2: "2"}[tone]
        if tone == self.fifth:
            return {6: "b5", 7: "5", 8: "#5"}[tone]
        if tone == 9 and self.seventh == 9:
            return "bb7"
        if self.seventh is None and tone in (8, 9):
            return {8: "b6", 9: "6"}[tone]
        return ("1", "b9", "9", "#9", "3", "11", "#11", "5", "b13", "13", "b7", "7")[tone]

    @property
    def fifths(self) -> tuple[int, ...]:
        """The steps of each semitone from the root on the line of fifths, in the same order."""
        return tuple(_DEGREE_FIFTHS[name] for _, name in self.degrees)


@lru_cache(maxsize=4096)
def _tones(quality: Quality) -> tuple[int, ...]:
    if not quality.semitones:
        return ()
    found = (0, quality.third, quality.fifth, quality.sixth, quality.seventh)
    return tuple(tone for tone in found if tone is not None)


@lru_cache(maxsize=8192)
def _parse(text: str) -> Quality | None:
    semitones = read_semitones(text)
    return None if semitones is None else Quality.of(semitones)


# Writing ---------------------------------------------------------------------------------------


@lru_cache(maxsize=4096)
def _suffix(semitones: tuple[int, ...]) -> str:
    """Spell a quality in the ``house`` dialect."""
    rest = {*semitones} - {0}
    if rest == ALTERED_TONES - {0}:
        return "7alt"
    if rest == {7}:
        return "5"
    quality = Quality(semitones)
    third, fifth, seventh, sixth = quality.third, quality.fifth, quality.seventh, quality.sixth
    rest -= {tone for tone in quality.tones if tone is not None}
    suspended = {5: "sus4", 2: "sus2"}.get(third or 0, "")
    diminished = third == 3 and fifth == 6 and seventh != 10 and sixth is None
    ninth_altered = bool({1, 3} & rest)
    raised_fifth = fifth == 8

    number = ""
    if seventh in (10, 11) and not diminished:
        number = "7"
        if 9 in rest and 8 not in rest and (2 in rest or ninth_altered):
            number = "13"
            rest -= {9} if ninth_altered else {9, 2}
        elif 5 in rest and 6 not in rest and (2 in rest or ninth_altered):
            number = "11"
            rest -= {5} if ninth_altered else {5, 2}
        elif 2 in rest and not ninth_altered:
            number = "9"
            rest -= {2}
    elif seventh == 9:
        number = "7"
    elif sixth is not None:
        number = "6"
        if 2 in rest and not ninth_altered:
            number = "6/9"
            rest -= {2}

    if diminished:
        stem = "dim" + ("(maj7)" if seventh == 11 else number)
    else:
        stem = "m" if third == 3 else ""
        if seventh == 11:
            stem += f"(maj{number})" if stem else f"maj{number}"
        elif raised_fifth and third == 4 and not number:
            stem, raised_fifth = "+", False
        else:
            stem += number

    text = stem + suspended
    changes = []
    if fifth == 6 and not diminished:
        changes.append("b5")
    if raised_fifth:
        changes.append("#5")
    additions: list[str] = []
    altering = bool(number) and not diminished
    for tone, name in ((1, "b9"), (3, "#9"), (6, "#11"), (8, "b13")):
        if tone in rest:
            name = "b6" if tone == 8 and not number else name
            (changes if altering else additions).append(name)
    for tone, name in ((2, "9"), (5, "11"), (9, "13"), (11, "maj7")):
        if tone in rest:
            additions.append(name)
    altered = "".join(changes)
    # Without parentheses "Cb5" would be the power chord on C flat.
    text += f"({altered})" if altered and not text else altered
    text += "".join(f"add{name}" for name in additions)
    text += "no3" if third is None else ""
    text += "no5" if fifth is None else ""
    return text
