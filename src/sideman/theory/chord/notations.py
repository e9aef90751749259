"""Chord symbols of other notations, translated to letters: Latin, German and Harte's.

A symbol is translated only if it has one meaning. :mod:`sideman.theory.chord.context` reads those
whose meaning follows from the other symbols of a text.

``Sol7``, ``La-7``, ``Reb7M``
    Latin names of notes.
``H7``, ``Es7``, ``Fism7b5``
    German names of notes; a bare B is B flat beside an H.
``F:min7``, ``C:maj/3``
    The notation of Harte's corpora.
"""

from __future__ import annotations

import re

from sideman.errors import ChordError
from sideman.theory.chord.quality import Quality
from sideman.theory.pitch import PitchName

_LATIN = {
    "do": "C", "dó": "C", "ut": "C", "re": "D", "ré": "D", "mi": "E", "fa": "F", "fá": "F",
    "sol": "G", "la": "A", "lá": "A", "si": "B",
}  # fmt: skip
_SIGN = r"(?:##?|bb?|♯|♭|x)?"
_LATIN_NAME = "D[oó]|D[OÓ]|Ut|UT|R[eé]|R[EÉ]|M[iI]|F[aá]|F[AÁ]|S[oO][lL]|L[aá]|L[AÁ]|S[iI]"
_LATIN_CHORD = re.compile(
    rf"({_LATIN_NAME})({_SIGN})([^/]*(?:/[^A-Za-z][^/]*)*)(?:/({_LATIN_NAME}|[A-G])({_SIGN}))?"
)
_GERMAN_NAME = r"[CDFGAEH]is|[CDFGH]es|E(?:e)?s|A(?:e)?s|Bes|H"
_GERMAN_ROOTED = re.compile(rf"({_GERMAN_NAME})(b?)(?!is|es)(.*)", re.DOTALL)
_GERMAN_BASS = re.compile(rf"(.*/\s*)({_GERMAN_NAME})(b?)\s*", re.DOTALL)
_GERMAN = {"Es": "Eb", "Ees": "Eb", "As": "Ab", "Aes": "Ab", "H": "B", "Bes": "Bb", "Hes": "Bb"}
_HARTE = re.compile(
    r"([A-G](?:#{1,2}|b{1,2})?):([a-z]*\d{0,2})(?:\(([^()]*)\))?(?:/((?:#|b)*)(\d{1,2}))?"
)
_HARTE_QUALITIES = {
    "": "", "maj": "", "min": "m", "dim": "dim", "aug": "+", "maj7": "maj7", "min7": "m7", "7": "7",
    "dim7": "dim7", "hdim7": "m7b5", "hdim": "m7b5", "minmaj7": "m(maj7)", "maj6": "6", "6": "6",
    "min6": "m6", "9": "9", "maj9": "maj9", "min9": "m9", "11": "11", "maj11": "maj11",
    "min11": "m11", "13": "13", "maj13": "maj13", "min13": "m13", "sus2": "sus2", "sus4": "sus4",
    "5": "5", "aug7": "+7",
}  # fmt: skip
DEGREE_FIFTHS = {1: 0, 2: 2, 3: 4, 4: -1, 5: 1, 6: 3, 7: 5, 9: 2, 10: 4, 11: -1, 12: 1, 13: 3}
"""The fifths from a root or tonic to each degree of its major scale."""


def in_letters(symbol: str) -> str | None:
    """Return a symbol of another notation, such as ``Es7``, in letters; None if it is of none."""
    return latin(symbol) or german(symbol) or _harte(symbol)


def latin(symbol: str) -> str | None:
    """Return a symbol with a Latin root in letters; None if it has none.

    ``7+``, a major seventh in Italian and a raised fifth elsewhere, is not translated.
    """
    found = _LATIN_CHORD.fullmatch(symbol)
    if found is None or re.match(r"7\+(?!\d)", found[3]):
        return None
    root, sign, quality, bass, bass_sign = found.groups("")
    below = f"/{_LATIN.get(bass.lower(), bass)}{bass_sign}" if bass else ""
    return f"{_LATIN[root.lower()]}{sign}{quality}{below}"


def german(symbol: str) -> str | None:
    """Return a symbol with a German root or bass in letters; None if it has none."""
    text, found = symbol, _GERMAN_BASS.fullmatch(symbol)
    if found is not None:
        text = found[1] + _in_letters(found[2]) + found[3]
    rooted = _GERMAN_ROOTED.fullmatch(text)
    if rooted is not None:
        text = _in_letters(rooted[1]) + rooted[2] + rooted[3]
    return text if text != symbol else None


def _in_letters(name: str) -> str:
    if name in _GERMAN:
        return _GERMAN[name]
    letter = "B" if name[0] == "H" else name[0]
    return letter + ("#" if name.endswith("is") else "b")


def _harte(symbol: str) -> str | None:
    found = _HARTE.fullmatch(symbol)
    if found is None or found[2] not in _HARTE_QUALITIES:
        return None
    root, shorthand, listed, bass_sign, bass = found.groups("")
    try:
        tones = {*Quality.parse(_HARTE_QUALITIES[shorthand]).semitones} if shorthand else {0}
        for degree in filter(None, listed.replace(" ", "").split(",")):
            tones.add(_above(degree))
        quality = Quality.of(tones if shorthand or listed else {0, 4, 7})
        name = PitchName.parse(root)
        below = f"/{name.transpose(_fifths(bass_sign, bass))}" if bass else ""
    except (ChordError, KeyError):
        return None
    return f"{root}{quality.suffix}{below}"


def _above(degree: str) -> int:
    """Return the semitones of a degree such as ``b7``; a KeyError for ``*3``, an omitted one."""
    sign = degree.rstrip("0123456789")
    if sign.strip("#b"):
        raise KeyError(degree)
    return _fifths(sign, degree[len(sign) :]) * 7 % 12


def _fifths(sign: str, degree: str) -> int:
    return DEGREE_FIFTHS[int(degree)] + 7 * (sign.count("#") - sign.count("b"))
