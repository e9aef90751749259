"""Changes as symbols of two alphabets, for models of harmony.

A *change* is a chord that differs from the last one in root or class.  There are nine classes
(:func:`sideman.models.ngram.quality_class`), and the bass is ignored.  Two alphabets:

key
    the root in semitones above the tonic, and the class: ``2:m7`` is ii;
interval
    the root in semitones above the last root, and the class; ``-`` for the first root.

N.C. is a symbol of its own in both.  It has no root, and the last root stays what it was.  The last
column of each alphabet, ``<unk>``, is never a change; it has a share of every smoothed count.

>>> chord(7 * CLASSES + 1, Key.parse("Bb")).symbol
'F7'
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from sideman.models.events import IntArray
from sideman.models.ngram import quality_class
from sideman.score import Changes
from sideman.theory.chord import NO_CHORD, Chord, Quality
from sideman.theory.pitch import Key, PitchName

QUALITIES = ("maj", "7", "m", "m7", "ø", "o", "+", "sus")
"""The classes of chords with a root; `quality_class` counts them from 1."""
CLASSES = len(QUALITIES)
NO_ROOT = 12 * CLASSES
"""The symbol of N.C."""
SYMBOLS = NO_ROOT + 1
"""The number of symbols of the key alphabet."""
WORDS = (*(f"{root}:{quality}" for root in range(12) for quality in QUALITIES), "NC", "<unk>")
"""The key alphabet."""
INTERVAL_WORDS = (*WORDS[:SYMBOLS], *(f"-:{quality}" for quality in QUALITIES), "<unk>")
"""The interval alphabet."""


def words(*, by_interval: bool) -> tuple[str, ...]:
    """Return the interval or the key alphabet."""
    return INTERVAL_WORDS if by_interval else WORDS


NOWHERE = -1
"""The last root before the first chord."""

_MINOR_TRIADS = ({2, 4, 9, 11}, {0, 2, 5, 7})
"""The degrees with a minor third in a major and a minor key."""
_SUFFIXES = ("maj7", "7", "m6", "m7", "m7b5", "dim7", "+", "7sus4")
_SIMPLE = ("", "7", "m", "m7", "m7b5", "dim7", "+", "7sus4")
_FIFTHS = (0, -5, 2, -3, 4, -1, -6, 1, -4, 3, -2, 5)
_SHARP = {1: 7, 3: 9, 6: 6, 8: 8}  # of chords with a diminished fifth, which lead upwards


@dataclass(frozen=True, slots=True)
class Change:
    """A chord from `onset` to `end` in ticks; `root` is its pitch class, `NOWHERE` for N.C."""

    root: int
    quality: int
    onset: int
    end: int


def spelled_out(changes: Changes) -> tuple[Change, ...]:
    """Return the changes of a form in playing order; a chord that continues is not repeated."""
    found: list[Change] = []
    for span in changes.spans:
        root = NOWHERE if span.chord.root is None else span.chord.root.pitch_class
        quality = _class(span.chord.quality)
        begun = span.onset
        if found and (found[-1].root, found[-1].quality) == (root, quality):
            begun = found.pop().onset
        found.append(Change(root, quality, begun, span.end))
    return tuple(found)


@lru_cache(maxsize=4096)
def _class(quality: Quality) -> int:
    return quality_class(Chord(PitchName(0), quality) if quality.semitones else NO_CHORD)


def completed(changes: Changes, tonic: int, *, minor: bool) -> Changes:
    """Return changes with thirds in power chords and suspended triads, for an analysis.

    The chord on the same root that follows has the third, or else the key.  A suspended fourth that
    goes a fifth down stays, as a dominant.
    """
    spans = changes.spans
    following = [*(span.chord for span in spans[1:]), None]
    found = (
        _completed(span.chord, after, tonic, minor)
        for span, after in zip(spans, following, strict=True)
    )
    bars = []
    for bar in changes.bars:
        chords = tuple(replace(each, chord=next(found)) for each in bar.chords)
        bars.append(replace(bar, chords=chords))
    return replace(changes, bars=tuple(bars))


def _completed(chord: Chord, after: Chord | None, tonic: int, minor: bool) -> Chord:
    quality = chord.quality
    if chord.root is None or quality.third in (3, 4) or quality.seventh is not None:
        return chord
    if after is not None and after.root is not None:
        down = (chord.root.pitch_class - after.root.pitch_class) % 12
        if not down and after.quality.third in (3, 4):
            return replace(chord, quality=after.quality)
        if down == 7 and quality.third == 5:
            return chord
    degree = (chord.root.pitch_class - tonic) % 12
    return replace(chord, quality=Quality.parse("m" * (degree in _MINOR_TRIADS[minor])))


def key_symbol(chord: Chord, tonic: int) -> int:
    """Return a chord in the key alphabet; `tonic` is a pitch class."""
    root = NOWHERE if chord.root is None else chord.root.pitch_class
    return _in_key(root, _class(chord.quality), tonic)


def key_symbols(changes: Sequence[Change], tonic: int) -> IntArray:
    """Return the symbols of changes in the key alphabet; `tonic` is a pitch class."""
    return np.array([_in_key(each.root, each.quality, tonic) for each in changes], np.int64)


def _in_key(root: int, quality: int, tonic: int) -> int:
    return NO_ROOT if root == NOWHERE else (root - tonic) % 12 * CLASSES + quality - 1


def roots_before(symbols: IntArray) -> IntArray:
    """Return the degree of the last root before each symbol of the key alphabet."""
    # The index, from 1, of the last symbol with a root: 0 for none.
    rooted = np.where(symbols == NO_ROOT, 0, np.arange(1, len(symbols) + 1))
    at = np.maximum.accumulate(np.concatenate([[0], rooted]))[:-1]
    return np.concatenate([[NOWHERE], symbols // CLASSES])[at]


def interval_symbols(symbols: IntArray, last: IntArray) -> IntArray:
    """Return symbols of the key alphabet in the interval alphabet; see :func:`to_interval`."""
    degree, quality = np.divmod(symbols, CLASSES)
    later = (degree - last) % 12 * CLASSES + quality
    found = np.where(last == NOWHERE, SYMBOLS + quality, later)
    return np.where(symbols == NO_ROOT, NO_ROOT, found)


def root_after(symbol: int, last: int) -> int:
    """Return the degree of the root (0 to 11) after a symbol of the key alphabet."""
    return last if symbol == NO_ROOT else symbol // CLASSES


def to_interval(symbol: int, last: int) -> int:
    """Return a symbol of the key alphabet in the interval alphabet; `last` is the last degree."""
    if symbol == NO_ROOT:
        return NO_ROOT
    degree, quality = divmod(symbol, CLASSES)
    return SYMBOLS + quality if last == NOWHERE else (degree - last) % 12 * CLASSES + quality


def from_intervals(expected: NDArray[np.float64], last: IntArray) -> NDArray[np.float64]:
    """Return probabilities over the interval alphabet, (changes, 106), over the key's, (…, 98).

    `last` is the degree of the root before each change.  A first root may be any degree.
    """
    column = np.arange(NO_ROOT)
    degree, quality = np.divmod(column, CLASSES)
    known = (degree[None, :] - last[:, None]) % 12 * CLASSES + quality
    at = np.where(last[:, None] == NOWHERE, SYMBOLS + quality, known)
    found = np.concatenate(
        [
            np.take_along_axis(expected, at, axis=1),
            expected[:, [NO_ROOT, len(INTERVAL_WORDS) - 1]],
        ],
        axis=1,
    )
    found[last == NOWHERE, :NO_ROOT] /= 12
    return found


def chord(symbol: int, key: Key, *, simple: bool = False) -> Chord:
    """Return a chord of a symbol's class, spelled in a key; triads for major and minor if `simple`.

    Every dialect of :data:`sideman.theory.chord.DIALECTS` can write it.
    """
    if symbol == NO_ROOT:
        return NO_CHORD
    degree, quality = divmod(symbol, CLASSES)
    fifths = _FIFTHS[degree]
    if QUALITIES[quality] in ("ø", "o"):
        fifths = _SHARP.get(degree, fifths)
    name = PitchName(key.tonic.fifths + fifths)
    suffix = (_SIMPLE if simple else _SUFFIXES)[quality]
    return Chord(name if abs(name.alter) < 2 else name.simplest(), Quality.parse(suffix))


FIGURES = ("", *QUALITIES[1:])
"""The figures of the classes behind a Roman numeral."""
_NUMERALS = ("I", "bII", "II", "bIII", "III", "IV", "bV", "V", "bVI", "VI", "bVII", "VII")


def numeral(symbol: int) -> str:
    """Return a symbol of the key alphabet as a Roman numeral, such as ``IIm7`` or ``bII7``."""
    if symbol == NO_ROOT:
        return "N.C."
    degree, quality = divmod(symbol, CLASSES)
    return _NUMERALS[degree] + FIGURES[quality]
