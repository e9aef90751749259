"""Chords: one table behind every dialect.

A chord is a root, a quality and perhaps another bass.  :meth:`Chord.parse` reads what any dialect
writes (players' lead sheets, iReal Pro, Impro-Visor, the Weimar Jazz Database);
:meth:`Chord.format` writes it in one of them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from sideman.chord.quality import LONGEST_SYMBOL, Quality, nearest
from sideman.chord.scales import Scale, colours_of, scales_of
from sideman.errors import ChordError
from sideman.pitch import PitchName

__all__ = ["LONGEST_SYMBOL", "NO_CHORD", "Chord", "Quality", "Scale"]

_PITCH = r"[A-G](?:#{1,2}|b{1,2}|♯{1,2}|♭{1,2}|x|𝄪|𝄫)?"
_SYMBOL = re.compile(rf"({_PITCH})(.*?)(?:\s*/\s*({_PITCH})\s*\)?)?", re.DOTALL)
_NO_CHORD = re.compile(r"[nN]|[nN]\.?\s?[cC]\.?|[nN]o ?[cC]hord|NONE|[nN]one")
_NO_QUALITY = Quality(())


@dataclass(frozen=True, slots=True)
class Chord:
    """A chord.

    Parameters
    ----------
    root : PitchName or None
        The root; None where no chord is to be played (N.C.).
    quality : Quality
        Its intervals; empty for no chord.
    bass : PitchName or None
        The bass where it is not the root.

    Examples
    --------
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
    def parse(cls, symbol: str) -> Chord:
        """Read a chord symbol in any dialect's spelling.

        Parameters
        ----------
        symbol : str
            Such as ``Cmaj7``, ``C^7``, ``C-7``, ``Cø``, ``C79b13``, ``C13sus4/G`` or ``N.C.``.

        Returns
        -------
        Chord
            The chord.

        Raises
        ------
        ChordError
            If the symbol is unknown; it names the nearest known ones.
        """
        if len(symbol) > LONGEST_SYMBOL:
            raise ChordError(
                f"{symbol[:20]!r}… is not a chord symbol: it has {len(symbol)} characters, and "
                f"the most that is read is {LONGEST_SYMBOL}.",
                symbol[:LONGEST_SYMBOL],
            )
        return _parse(symbol)

    @property
    def is_no_chord(self) -> bool:
        """Whether this says that no chord is to be played."""
        return self.root is None

    @property
    def symbol(self) -> str:
        """The house spelling: C, Cm, C7, Cmaj7, Cm7b5, Cdim7, C6/9, C7b9#11, C/E, N.C."""
        if self.root is None:
            return "N.C."
        return f"{self.root}{self.quality.suffix}" + (f"/{self.bass}" if self.bass else "")

    @property
    def tones(self) -> tuple[int, ...]:
        """Pitch classes of the chord proper, root first; sixths and sevenths are in."""
        return self._placed(self.quality.tones)

    @property
    def colours(self) -> tuple[int, ...]:
        """Pitch classes of the colour tones: 9, 11 or #11, 13 … as fit the quality."""
        return self._placed(colours_of(self.quality))

    @property
    def scales(self) -> tuple[Scale, ...]:
        """The scales played over it, the most usual first, from the root."""
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
        """Every tone that the symbol asks for, spelled, rising from the root within an octave."""
        if self.root is None:
            return ()
        return tuple(self.root.transpose(fifths) for fifths in self.quality.fifths)

    def _placed(self, semitones: tuple[int, ...]) -> tuple[int, ...]:
        if self.root is None:
            return ()
        root = self.root.pitch_class
        return tuple((root + semitone) % 12 for semitone in semitones)

    def transposed(self, fifths: int) -> Chord:
        """Move the chord along the line of fifths.

        Parameters
        ----------
        fifths : int
            Steps on the line of fifths (2 is a major second up, -1 a fourth up).

        Returns
        -------
        Chord
            The moved chord; where the root or bass would need a double flat or sharp it takes
            its simplest name.

        Examples
        --------
        >>> Chord.parse("Fm7/Bb").transposed(2).symbol
        'Gm7/C'
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


NO_CHORD = Chord(None, _NO_QUALITY)


def _readable(name: PitchName) -> PitchName:
    return name if abs(name.alter) < 2 else name.simplest()


@lru_cache(maxsize=65536)
def _parse(symbol: str) -> Chord:
    """Read a symbol of bounded length."""
    text = symbol.strip()
    if _NO_CHORD.fullmatch(text):
        return NO_CHORD
    match = _SYMBOL.fullmatch(text)
    if match is None:
        raise _unknown(symbol)
    try:
        quality = Quality.parse(match[2])
    except ChordError:
        raise _unknown(symbol) from None
    return Chord(
        PitchName.parse(match[1]), quality, PitchName.parse(match[3]) if match[3] else None
    )


def _unknown(symbol: str) -> ChordError:
    close: tuple[str, ...] = ()
    return ChordError(f"{symbol!r} is not a chord symbol.", symbol, close)
