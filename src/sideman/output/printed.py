"""Chord symbols with ♭ and ♯ for print."""

from __future__ import annotations

import re

# An accidental follows a root or bass, or precedes a number.

_FLAT = re.compile(r"(?<=[A-G])b|(?<=♭)b|b(?=\d)")
_SHARP = re.compile(r"(?<=[A-G])#|(?<=♯)#|#(?=\d)")


def printed(symbol: str) -> str:
    """Return a chord symbol, or what follows its root, with ♭ and ♯ for b and #."""
    return _SHARP.sub("♯", _FLAT.sub("♭", symbol))
