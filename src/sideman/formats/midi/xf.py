"""Chords in Yamaha's XF format: sequencer-specific events ``FF 7F … 43 7B 01 cr ct bn bt``.

Source: the data lists of Yamaha's keyboards, section Chord Control. `cr` and `bn` are the root and
the bass (accidental in the high half byte, letter in the low one), `ct` is the type.
"""

from __future__ import annotations

from collections.abc import Iterable

from sideman.theory.chord import NO_CHORD, Chord, Quality
from sideman.theory.meter import quantise
from sideman.theory.pitch import LETTERS, PitchName

MARK = b"\x43\x7b\x01"
"""The first bytes of a chord event."""

_GRID = (2,)  # Chords of a live recording come a little early or late.
_ALTERS = range(-3, 4)
_NONE = (34, 127)
_TYPES = (
    *("", "6", "maj7", "maj7#11", "add9", "maj9", "6/9", "+", "m", "m6", "m7", "m7b5", "madd9"),
    *("m9", "m7add11", "m(maj7)", "m(maj9)", "dim", "dim7", "7", "7sus4", "7b5", "9", "7#11"),
    *("7add13", "7b9", "7b13", "7#9", "maj7#5", "7#5", "no3no5", "5", "sus4", "sus2"),
)


def chord(data: bytes) -> Chord | None:
    """Return the chord of an event's data after its mark; None if its type or root is unknown.

    Examples
    --------
    >>> str(chord(bytes([0x36, 0x0A, 0x7F, 0x7F]))), str(chord(bytes([0x22, 0x13, 0x31, 0])))
    ('Am7', 'Db7/C')
    """
    if len(data) < 2:
        return None
    if data[1] in _NONE:
        return NO_CHORD
    root = _name(data[0])
    if root is None or data[1] >= len(_TYPES):
        return None
    bass = _name(data[2]) if len(data) > 2 else None
    return Chord(root, Quality.parse(_TYPES[data[1]]), bass)


def arrivals(
    events: Iterable[tuple[float, bytes]],
) -> tuple[tuple[int, Chord], ...]:
    """Return ticks of 24 to the quarter and chords, rising; no chord twice in a row.

    Parameters
    ----------
    events : iterable of (float, bytes)
        Quarters from the start of the file, and the data after the mark.
    """
    found: dict[int, Chord] = {}
    for quarters, data in sorted(events, key=lambda event: event[0]):
        read = chord(data)
        if read is not None:
            found[quantise(quarters, _GRID)] = read
    before = (None, *found.values())
    return tuple(
        (tick, one) for (tick, one), last in zip(found.items(), before, strict=False) if one != last
    )


def _name(code: int) -> PitchName | None:
    alter, letter = code >> 4, code & 15
    if not 1 <= letter <= len(LETTERS) or alter >= len(_ALTERS):
        return None
    return PitchName.of(LETTERS[letter - 1], _ALTERS[alter])
