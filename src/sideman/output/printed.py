"""Chord symbols and Roman numerals with ♭ and ♯ for print."""

from __future__ import annotations

import re

# An accidental follows a root or bass, or precedes a number or a Roman numeral.

_FLAT = re.compile(r"(?<=[A-G])b|(?<=♭)b|b(?=[\dIV])")
_SHARP = re.compile(r"(?<=[A-G])#|(?<=♯)#|#(?=[\dIV])")
_DIMINISHED = re.compile(r"(?<=[IV])o")


def printed(symbol: str) -> str:
    """Return a chord symbol, part of one, or a numeral, with ♭, ♯ and ° for b, # and o."""
    return _DIMINISHED.sub("°", _SHARP.sub("♯", _FLAT.sub("♭", symbol)))
