"""Chord labels by C. Harte, *Towards Automatic Extraction of Harmony Information*, 2010.

A label is a root, a quality and a bass as a degree: ``C:maj7``, ``D:min7/b3``, ``F:(3,5,b7,#11)``.
"""

from __future__ import annotations

import re
from functools import lru_cache

from sideman.errors import ChordError
from sideman.theory.chord import NO_CHORD, Chord, Quality
from sideman.theory.pitch import PitchName

_SHORTHANDS = {
    "maj": (4, 7), "min": (3, 7), "dim": (3, 6), "aug": (4, 8), "maj7": (4, 7, 11),
    "min7": (3, 7, 10), "7": (4, 7, 10), "dim7": (3, 6, 9), "hdim7": (3, 6, 10),
    "minmaj7": (3, 7, 11), "maj6": (4, 7, 9), "6": (4, 7, 9), "min6": (3, 7, 9),
    "9": (2, 4, 7, 10), "maj9": (2, 4, 7, 11), "min9": (2, 3, 7, 10), "sus4": (5, 7),
    "sus2": (2, 7), "11": (2, 4, 5, 7, 10), "min11": (2, 3, 5, 7, 10), "maj11": (2, 4, 5, 7, 11),
    "13": (2, 4, 7, 9, 10), "maj13": (2, 4, 7, 9, 11), "min13": (2, 3, 5, 7, 9, 10),
    "aug7": (4, 8, 10), "5": (7,), "1": (),
}  # fmt: skip
_DEGREES = {1: (0, 0), 2: (2, 2), 3: (4, 4), 4: (5, -1), 5: (7, 1), 6: (9, 3), 7: (11, 5)}
_LABEL = re.compile(
    r"([A-G])([#b]{0,3})(?::([a-z0-9]*)(?:\(([^()]{0,60})\))?)?(?:/([#b]{0,2}\d{1,2}))?"
)


@lru_cache(maxsize=4096)
def read_label(label: str) -> Chord:
    """Read a label; ``N`` is no chord.

    Raises
    ------
    ChordError
        If it is not a label; ``X``, an unknown chord, is none.

    Examples
    --------
    >>> [str(read_label(label)) for label in ("Bb:hdim7", "F:(3,5,b7,#11)", "D:min7/b3", "N")]
    ['Bbm7b5', 'F7#11', 'Dm7/F', 'N.C.']
    """
    text = label.strip()
    if text == "N":
        return NO_CHORD
    match = _LABEL.fullmatch(text)
    if match is None or (match[3] or "") not in ("", *_SHORTHANDS):
        raise ChordError(f"{label[:40]!r} is not a chord label; write one like C:maj7.", label[:64])
    root = PitchName.of(match[1], match[2].count("#") - match[2].count("b"))
    plain = ":" not in text or (match[4] is None and not match[3])
    tones = {0, *_SHORTHANDS[match[3] or ("maj" if plain else "1")]}
    for degree in (match[4] or "").split(","):
        found = re.fullmatch(r"(\*?)([#b]{0,2})(\d{1,2})", degree.strip())
        if not degree.strip():
            continue
        if found is None or not 1 <= int(found[3]) <= 13:
            raise ChordError(f"{degree[:20]!r} is not a degree of {label[:40]!r}.", label[:64])
        tone = (_degree(found[2], found[3])[0]) % 12
        tones = tones - {tone} if found[1] else tones | {tone}
    bass = None
    if match[5]:
        signs, number = re.fullmatch(r"([#b]*)(\d+)", match[5]).groups()  # type: ignore[union-attr]
        if not 1 <= int(number) <= 13:
            raise ChordError(f"{match[5]!r} is not a degree of {label[:40]!r}.", label[:64])
        bass = root.transpose(_degree(signs, number)[1])
    return Chord(root, Quality.of(tones), bass)


def _degree(signs: str, number: str) -> tuple[int, int]:
    """Return the semitones and the fifths of a degree above the root."""
    semitones, fifths = _DEGREES[(int(number) - 1) % 7 + 1]
    alter = signs.count("#") - signs.count("b")
    return semitones + alter, fifths + 7 * alter
