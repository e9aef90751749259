"""Chord symbols whose meaning depends on the other symbols of a text.

``Do7`` is C7 among ``Fa7`` and ``Sol7``, ``B7`` is B flat among ``H7`` and ``Es7``, and ``IIm7`` is
a chord if the key is known. What remains ambiguous is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from sideman.errors import ChordError
from sideman.theory.chord import Chord
from sideman.theory.chord.notations import DEGREE_FIFTHS, german, latin
from sideman.theory.chord.spelling import LONGEST_SYMBOL, read_semitones
from sideman.theory.pitch import Key

_DO = re.compile("D[oó]")
_BARE_B = re.compile(r"B(?![b♭#♯x]|es)")
_DEGREE = re.compile(
    r"([b#♭♯]?)(VII|VI|IV|V|III|II|I|vii|vi|iv|v|iii|ii|i|[1-7])(?![ivIV])([^/]*)(/.*)?"
)
_DEGREES = {"I": 1, "II": 2, "III": 3, "IV": 4, "V": 5, "VI": 6, "VII": 7}
_MINOR_ALREADY = re.compile(r"m(?!aj|a\b)|-|mi|o|°|º|dim|ø|h|Ø")
_ALIKE_IN_MINOR = (1, 2, 4, 5)


@dataclass(frozen=True, slots=True)
class Notation:
    """The notation of a text.

    Parameters
    ----------
    kind : {"letters", "latin", "german", "either", "degrees"}
        ``either``: a bare B may be B or B flat.
    key : Key or None
        The key, for degrees.
    """

    kind: Literal["letters", "latin", "german", "either", "degrees"] = "letters"
    key: Key | None = None

    @classmethod
    def of(cls, symbols: Iterable[str], key: Key | None = None) -> Notation:
        """Return the notation of a text with these symbols.

        Examples
        --------
        >>> Notation.of(["Do7", "Fa7"]).parse("Do7").symbol
        'C7'
        >>> Notation.of(["IIm7", "V7"], Key.parse("Bb")).parse("IIm7").symbol
        'Cm7'
        """
        known = [symbol for symbol in dict.fromkeys(symbols) if not _is_no_chord(symbol)]
        if known and all(map(_is_degree, known)):
            return cls("degrees", key)
        if any(map(_is_latin, known)) and all(
            _is_latin(symbol) or _DO.match(symbol) for symbol in known
        ):
            return cls("latin")
        if any(map(_is_german, known)):
            bare = any(_BARE_B.match(symbol) for symbol in known)
            flats = any(re.match(r"B[b♭]|Bes", symbol) for symbol in known)
            natural = any("H" in symbol for symbol in known)
            if bare:
                return cls("german" if natural and not flats else "either")
        return cls()

    def reads(self, symbol: str) -> bool:
        """Return whether a symbol is a chord."""
        try:
            self.parse(symbol)
        except ChordError:
            return False
        return True

    def parse(self, symbol: str) -> Chord:
        """Read a symbol of the text; raise a ChordError if it is unknown or ambiguous."""
        text = symbol.strip()
        if self.kind == "latin" and _DO.match(text):
            return Chord.parse(latin(text) or text)
        if self.kind == "german" and _BARE_B.match(text):
            return Chord.parse(f"Bb{text[1:]}")
        if self.kind == "either" and _BARE_B.match(text):
            raise ChordError(
                f"{symbol!r} may stand on B or on B flat beside German names; write "
                f"H{text[1:]} or Bb{text[1:]}.",
                symbol,
                (f"Bb{text[1:]}",),
            )
        if _is_degree(text) or (self.kind == "degrees" and _DEGREE.fullmatch(text)):
            return self._degree(symbol, text)
        return Chord.parse(symbol)

    def _degree(self, symbol: str, text: str) -> Chord:
        """Read a Roman or Nashville numeral in the key."""
        if self.kind != "degrees" or self.key is None:
            raise ChordError(
                f"{symbol!r} is a degree of a key; write its root, or name the key above the bars, "
                "as in 'Key: Bb', and write every chord so.",
                symbol,
            )
        found = _DEGREE.fullmatch(text)
        assert found is not None
        sign, numeral, quality, below = found.groups()
        if below:
            raise ChordError(
                f"{symbol!r} may have a bass or another key below; write the chord's letters.",
                symbol,
            )
        degree = _DEGREES.get(numeral.upper()) or int(numeral)
        if self.key.minor and not sign and degree not in _ALIKE_IN_MINOR:
            raise ChordError(
                f"{symbol!r} may be raised or not in a minor key; write b{text}, or the chord's "
                "root.",
                symbol,
            )
        if numeral.islower() and not _MINOR_ALREADY.match(quality):
            quality = f"m({quality})" if quality.startswith("maj") else f"m{quality}"
        raised = {"": 0, "b": -7, "♭": -7, "#": 7, "♯": 7}[sign]
        root = self.key.tonic.transpose(DEGREE_FIFTHS[degree] + raised)
        root = root if abs(root.alter) < 2 else root.simplest()
        try:
            return Chord.parse(f"{root}{quality}")
        except ChordError:
            raise ChordError(
                f"{symbol!r} is not a degree with a chord; write one like IIm7, V7 or bVII.", symbol
            ) from None


def _is_no_chord(symbol: str) -> bool:
    return re.fullmatch(r"\(?[nN][./]?[cC]?\.?\)?", symbol) is not None


def _is_degree(symbol: str) -> bool:
    found = _DEGREE.fullmatch(symbol)
    if found is None:
        return False
    return len(found[3]) <= LONGEST_SYMBOL and read_semitones(found[3]) is not None


def _is_latin(symbol: str) -> bool:
    """Return whether a symbol is a chord with a Latin root and none with a letter."""
    return not _DO.match(symbol) and _reads(latin(symbol)) and not _reads(symbol, "weimar")


def _is_german(symbol: str) -> bool:
    return _reads(german(symbol)) and not _reads(symbol, "weimar")


def _reads(symbol: str | None, dialect: str = "") -> bool:
    if symbol is None:
        return False
    try:
        Chord.parse(symbol, dialect)
    except ChordError:
        return False
    return True
