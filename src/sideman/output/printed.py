"""Chord symbols and Roman numerals with ♭ and ♯ for print."""

from __future__ import annotations

import re

# An accidental follows a root or bass, or precedes a number or a Roman numeral.

_FLAT = re.compile(r"(?<=[A-G])b|(?<=♭)b|b(?=[\dIV])")
_SHARP = re.compile(r"(?<=[A-G])#|(?<=♯)#|#(?=[\dIV])")
_DIMINISHED = re.compile(r"(?<=[IV])o")


def printed(symbol: str) -> str:
    """Return a chord symbol, what follows its root, or a numeral, with ♭ and ♯ for b and #.

    >>> printed("Bbm7b5"), printed("Eb: V7/bVII"), printed("#Io7")
    ('B♭m7♭5', 'E♭: V7/♭VII', '♯I°7')
    """
    return _DIMINISHED.sub("°", _SHARP.sub("♯", _FLAT.sub("♭", symbol)))
