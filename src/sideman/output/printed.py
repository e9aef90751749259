"""Chord symbols with the signs of music, as they are printed."""

from __future__ import annotations

import re

# A sign belongs to the root or bass before it, or to the number behind it.
_FLAT = re.compile(r"(?<=[A-G])b|(?<=♭)b|b(?=\d)")
_SHARP = re.compile(r"(?<=[A-G])#|(?<=♯)#|#(?=\d)")


def printed(symbol: str) -> str:
    """Put ♭ and ♯ into a chord symbol, or into what follows its root.

    Parameters
    ----------
    symbol : str
        In the house spelling.

    Returns
    -------
    str
        The same with signs.

    Examples
    --------
    >>> printed("Bbm7b5/Ab"), printed("F#7#9"), printed("7b9")
    ('B♭m7♭5/A♭', 'F♯7♯9', '7♭9')
    """
    return _SHARP.sub("♯", _FLAT.sub("♭", symbol))
