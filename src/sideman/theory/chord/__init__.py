"""Chord symbols of several dialects over one table of qualities.

A chord is a root, a quality and optionally another bass. :meth:`Chord.parse` reads the symbols of
all dialects (lead sheets, iReal Pro, Impro-Visor, the Weimar Jazz Database); :meth:`Chord.format`
writes one of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from sideman.errors import ChordError
from sideman.theory.chord.dialects import (
    DIALECTS,
    NO_CHORD_SYMBOLS,
    nearest_quality,
    nearest_spellings,
    spell_quality,
)
from sideman.theory.chord.kinds import KINDS, Degree, kind_of_quality, quality_of_kind
from sideman.theory.chord.naming import name_intervals
from sideman.theory.chord.notations import in_letters, latin
from sideman.theory.chord.quality import Quality
from sideman.theory.chord.scales import SCALES, Scale, colours_of, scales_of
from sideman.theory.chord.spelling import LONGEST_SYMBOL
from sideman.theory.pitch import PitchName

__all__ = [
    "DIALECTS",
    "KINDS",
    "LONGEST_SYMBOL",
    "NO_CHORD",
    "SCALES",
    "Chord",
    "Degree",
    "Quality",
    "Scale",
    "from_kind",
    "from_pitches",
    "to_kind",
]

_PITCH = r"[A-G](?:#{1,2}|b{1,2}|♯{1,2}|♭{1,2}|x|𝄪|𝄫)?"
_RAISED_MINOR = re.compile(rf"{_PITCH}(?:m|-|mi|min)7\+")  # a raised fifth or a major seventh
_SYMBOL = re.compile(rf"({_PITCH})(.*?)(?:\s*/\s*({_PITCH})\s*\)?)?", re.DOTALL)
_NO_CHORD = re.compile(r"\(?(?:[nN]|[nN][./]?\s?[cC]\.?)\)?|[nN]o ?[cC]hord|NONE|[nN]one")
_PROGRAMS = ("ireal", "impro-visor", "weimar")


@dataclass(frozen=True, slots=True)
class Chord:
    """A chord: root, quality, and the bass if it is not the root; the root is None for N.C.

    >>> chord = Chord.parse("Bb-7/Eb")
    >>> chord.symbol, chord.tones, chord.bass_pitch_class, chord.scales[0].name
    ('Bbm7/Eb', (10, 1, 5, 8), 3, 'dorian')
    >>> Chord.parse("C^7") == Chord.parse("CΔ7") == Chord.parse("Cmaj7")
    True
    """

    root: PitchName | None
    quality: Quality
    bass: PitchName | None = None

    def __post_init__(self) -> None:
        if (self.root is None) != (not self.quality.semitones):
            raise ChordError("A chord has both a root and tones, or neither.")
        if self.bass is not None and (
            self.root is None or self.bass.pitch_class == self.root.pitch_class
        ):
            object.__setattr__(self, "bass", None)

    @classmethod
    def parse(cls, symbol: str, dialect: str = "") -> Chord:
        """Read a symbol of any dialect, such as ``Cmaj7``, ``C^7``, ``Cø``, ``Sol7`` or ``N.C.``.

        `dialect` is ``ireal``, ``impro-visor`` or ``weimar`` for a symbol of such a file, in which
        ``Do7`` is D diminished; elsewhere it may be the Latin Do, and is refused.  A ChordError is
        raised if the symbol is unknown; the message lists the nearest known symbols.
        """
        if len(symbol) > LONGEST_SYMBOL:
            raise ChordError(
                f"{symbol[:20]!r}… is not a chord symbol: it has {len(symbol)} characters, more "
                f"than the limit of {LONGEST_SYMBOL}.",
                symbol[:LONGEST_SYMBOL],
            )
        return _parse(symbol, dialect in _PROGRAMS)

    @property
    def is_no_chord(self) -> bool:
        """Whether this is N.C., no chord."""
        return self.root is None

    @property
    def symbol(self) -> str:
        """The symbol in the ``house`` dialect: C, Cm7, Cmaj7, Cm7b5, C6/9, C7b9#11, C/E, N.C."""
        if self.root is None:
            return "N.C."
        return f"{self.root}{self.quality.suffix}" + (f"/{self.bass}" if self.bass else "")

    @property
    def tones(self) -> tuple[int, ...]:
        """Pitch classes of root, third, fifth and sixth or seventh, root first."""
        return self._placed(self.quality.tones)

    @property
    def colours(self) -> tuple[int, ...]:
        """Pitch classes of the colour tones, such as 9, #11 and 13, that fit the quality."""
        return self._placed(colours_of(self.quality))

    def avoids(self, pitch: int) -> bool:
        """Return whether a pitch is an avoid note: a semitone above a chord tone, and no colour."""
        near = (pitch - 1) % 12 in self.tones
        return near and pitch % 12 not in self.tones and pitch % 12 not in self.colours

    @property
    def scales(self) -> tuple[Scale, ...]:
        """The scales for the chord, the most usual first."""
        return scales_of(self.quality)

    @property
    def scale(self) -> tuple[int, ...]:
        """Pitch classes of the most usual scale, root first."""
        return self._placed(self.scales[0].semitones) if self.scales else ()

    @property
    def bass_pitch_class(self) -> int | None:
        """Pitch class of the lowest note; None for no chord."""
        lowest = self.bass or self.root
        return None if lowest is None else lowest.pitch_class

    @property
    def names(self) -> tuple[PitchName, ...]:
        """The names of all tones of the symbol, rising from the root within an octave."""
        if self.root is None:
            return ()
        return tuple(self.root.transpose(fifths) for fifths in self.quality.fifths)

    def format(self, dialect: str = "house") -> str:
        """Write the chord in a dialect; reading the result gives the same chord.

        The dialects are ``house``, ``ireal``, ``impro-visor`` and ``weimar``; for MusicXML see
        :func:`to_kind`.  A ChordError is raised if the dialect is unknown or has no symbol for the
        chord; :meth:`simplified` returns a chord that it has.

        >>> chord = Chord.parse("Cm7b5/Gb")
        >>> [chord.format(dialect) for dialect in ("house", "ireal", "impro-visor", "weimar")]
        ['Cm7b5/Gb', 'Ch7/Gb', 'Cm7b5/Gb', 'Cm7b5/Gb']
        """
        if dialect not in DIALECTS:
            raise ChordError(
                f"{dialect[:40]!r} is not a dialect of chord symbols; "
                f"choose from {', '.join(DIALECTS)}."
            )
        if self.root is None:
            return NO_CHORD_SYMBOLS[dialect]
        suffix = spell_quality(self.quality, dialect)
        if suffix is None:
            near = self.simplified(dialect).format(dialect)
            raise ChordError(
                f"{self.symbol} cannot be written for {dialect}; the nearest chord is {near}.",
                self.symbol,
                (near,),
            )
        return f"{self.root}{suffix}" + (f"/{self.bass}" if self.bass else "")

    def simplified(self, dialect: str) -> Chord:
        """Return the nearest chord on the same root and bass that a dialect can write."""
        return Chord(self.root, nearest_quality(self.quality, dialect), self.bass)

    def _placed(self, semitones: tuple[int, ...]) -> tuple[int, ...]:
        if self.root is None:
            return ()
        root = self.root.pitch_class
        return tuple((root + semitone) % 12 for semitone in semitones)

    def transposed(self, fifths: int) -> Chord:
        """Return the chord moved along the line of fifths: 2 is a major second up, -1 a fourth up.

        A root or bass that would need a double accidental takes its simplest name.
        """
        if self.root is None:
            return self
        return Chord(
            _readable(self.root.transpose(fifths)),
            self.quality,
            None if self.bass is None else _readable(self.bass.transpose(fifths)),
        )

    def __str__(self) -> str:
        return self.symbol


NO_CHORD = Chord(None, Quality(()))


def _readable(name: PitchName) -> PitchName:
    return name if abs(name.alter) < 2 else name.simplest()


def to_kind(chord: Chord) -> tuple[str, tuple[Degree, ...]]:
    """Return the text of ``<kind>`` and the ``<degree>`` elements of a chord in MusicXML."""
    return kind_of_quality(chord.quality)


def from_kind(
    root: PitchName | None,
    kind: str,
    degrees: Iterable[Degree] = (),
    bass: PitchName | None = None,
    *,
    text: str = "",
) -> Chord:
    """Read a chord in MusicXML; the root is ignored for the kind ``none``.

    `text` is the attribute of ``<kind>``, used for the kind ``other`` without degrees and for
    altered dominants.  A ChordError is raised if kind or degree is unknown, or the root is missing.

    >>> c = PitchName.parse("C")
    >>> from_kind(c, "dominant-13th", [Degree(11, 1, "alter")]).symbol
    'C13#11'
    """
    listed = tuple(degrees)
    quality = quality_of_kind(kind, listed)
    if not quality.semitones:
        return NO_CHORD
    if root is None:
        raise ChordError(f"a chord of the kind {kind[:40]!r} needs a root.", kind[:40])
    if text and not listed and (kind == "other" or (kind == "dominant" and "alt" in text)):
        quality = Quality.parse(text)
    return Chord(root, quality, bass)


def from_pitches(midi_numbers: Sequence[int]) -> Chord | None:
    """Return the most likely chord of sounding MIDI numbers, the lowest being the bass, or None.

    >>> [str(from_pitches(notes)) for notes in ([48, 58, 64, 69], [52, 60, 67], [60, 61, 62])]
    ['C13', 'C/E', 'None']
    """
    named = name_intervals(midi_numbers)
    if named is None:
        return None
    root, quality, bass = named
    # Minor chords prefer sharps more than others do: C#m7, but Db7.
    flattest = -3 if quality.third == 3 else -5
    name = PitchName((root * 7 - flattest) % 12 + flattest)
    tones = {tone.pitch_class: tone for tone in Chord(name, quality).names}
    return Chord(name, quality, tones.get(bass) or PitchName(bass * 7 % 12).simplest())


@lru_cache(maxsize=65536)
def _parse(symbol: str, by_program: bool) -> Chord:
    """Read a symbol of bounded length."""
    text = symbol.strip()
    if _NO_CHORD.fullmatch(text):
        return NO_CHORD
    if "\\" in text:
        return _polychord(symbol)
    # "C:maj" is a triad in Harte's notation; elsewhere a colon only separates.
    harte = None if by_program or ":" not in text else in_letters(text)
    chord = _in_letters(harte or text)
    if by_program:
        if chord is None:
            raise _unknown(symbol)
        return chord
    if chord is not None and _RAISED_MINOR.fullmatch(text):
        raise _unknown(symbol)
    if chord is not None and text.startswith("Do"):
        raise _ambiguous_do(symbol, chord)
    if chord is None and (translated := in_letters(text)) is not None:
        chord = _in_letters(translated)
    if chord is None:
        raise _unknown(symbol)
    return chord


def _in_letters(text: str) -> Chord | None:
    """Read a symbol with a root from A to G; None if it is unknown."""
    match = _SYMBOL.fullmatch(text)
    if match is None:
        return None
    try:
        quality = Quality.parse(match[2])
    except ChordError:
        return None
    return Chord(
        PitchName.parse(match[1]), quality, PitchName.parse(match[3]) if match[3] else None
    )


def _ambiguous_do(symbol: str, diminished: Chord) -> ChordError:
    """Return the error for ``Do7``, which is C7 in Latin names."""
    other = _in_letters(latin(symbol.strip()) or "")
    near = tuple(one.symbol for one in (other, diminished) if one is not None)
    return ChordError(f"{symbol!r} is ambiguous; write {' or '.join(near)}.", symbol, near)


def _polychord(symbol: str) -> Chord:
    r"""Read Impro-Visor's ``C\D``: C above D, with D as the root."""
    upper, _, lower = symbol.partition("\\")
    try:
        above, below = Chord.parse(upper), Chord.parse(lower)
    except ChordError:
        raise _unknown(symbol) from None
    if above.root is None or below.root is None:
        raise _unknown(symbol)
    shift = above.root.pitch_class - below.root.pitch_class
    raised = {semitone + shift for semitone in above.quality.semitones}
    return Chord(below.root, Quality.of({*below.quality.semitones, *raised}), below.bass)


def _unknown(symbol: str) -> ChordError:
    """Return the error for an unknown symbol, with the nearest known ones."""
    text = symbol.strip()
    # Suggest a capital root, and drop the text after the bass.
    capital = text[:1].upper() + text[1:]
    if capital != text and (_known(capital) or _known(in_letters(capital) or "")):
        return ChordError(
            f"{symbol!r} is not a chord symbol: write the root large, {capital}.",
            symbol,
            (capital,),
        )
    match = re.match(rf"({_PITCH})([^/]*)(/{_PITCH})?", capital)
    if match is None:
        return ChordError(
            f"{symbol!r} is not a chord symbol: it must begin with a root from A to G, as in Bb7.",
            symbol,
        )
    if re.fullmatch(r"(?:m|-|mi|min)(?:\+7|7\+)", match[2]):
        near = [f"{match[1]}{suffix}{match[3] or ''}" for suffix in ("m(maj7)", "m7#5")]
        return ChordError(f"{symbol!r} is ambiguous; write {' or '.join(near)}.", symbol, (*near,))
    suffixes = (match[2], *nearest_spellings(match[2])) if capital != text or match[3] else ()
    suffixes = suffixes or nearest_spellings(match[2])
    near = [f"{match[1]}{suffix}{match[3] or ''}" for suffix in suffixes]
    near = [spelling for spelling in dict.fromkeys(near) if _known(spelling)][:3]
    hint = f"the nearest known are {', '.join(near)}" if near else "write one like Cm7 or C7b9"
    hint = hint.replace("nearest known are", "nearest known is") if len(near) == 1 else hint
    return ChordError(f"{symbol!r} is not a chord symbol; {hint}.", symbol, tuple(near))


def _known(symbol: str) -> bool:
    return _in_letters(symbol) is not None
