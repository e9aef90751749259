"""The spellings of chord qualities in each dialect.

Each table lists spellings only; their meaning comes from the grammar in
:mod:`sideman.theory.chord.spelling`. Of several spellings of one quality the first is written.

``house``
    The spelling of sideman and of most lead sheets; it covers every quality.
``ireal``
    The menu of qualities in iReal Pro, which shows any other quality as custom text between
    asterisks.
``impro-visor``
    The chord vocabulary of Impro-Visor, which rejects other chords.
``weimar``
    The Weimar Jazz Database, where accidentals follow the number: ``79b13``.
"""

from __future__ import annotations

import difflib
from functools import lru_cache

from sideman.errors import ChordError
from sideman.theory.chord.quality import Quality
from sideman.theory.chord.spelling import LONGEST_SYMBOL

_IREAL = """
    5 add9 2 + o sus ^7 ^ - -7 7 7sus h7 h o7 ^9 ^13 6 69 ^7#11 ^9#11 ^7#5 -6 -69 -^7 -^9 -9 -11
    -7b5 h9 -b6 -#5 9 7b9 7#9 7#11 7b5 7#5 9#11 9b5 9#5 7b13 7#9#5 7#9b5 7#9#11 7b9#11 7b9b5
    7b9#5 7b9#9 7b9b13 7alt 13 13#11 13b9 13#9 7b9sus 7susadd3 9sus 13sus 7b13sus 11 o^7
"""
_IMPRO_VISOR = """
    m + 5 6 69 M7 7 9 13 11 m7 m6 m69 m9 m11 m13 m7b5 m9b5 m11b5 o o7 mM7 mM9 madd9 mb6 m#5 add9
    sus2 sus4 sus24 7sus4 9sus4 13sus4 7b9sus4 7b9b13sus4 7#5sus4 M7sus4 M9sus4 M7#5sus4 M9#5sus4
    M9 M13 M7#11 M9#11 M13#11 M7#5 M9#5 M7b5 M9b5 M7b6 M7b9 M7add13 M7#9#11 6#11 69#11 Mb5 addb9
    M#5add9 +add#9 7b5 7#5 7b9 7#9 7#11 7b13 7alt 7b5b9 7b5#9 7#5b9 7#5#9 7b9#9 7b9#11 7#9#11
    7b9b13 7#9b13 7#11b13 7b9#11b13 7#9#11b13 7#5b9#11 7b5b13 7no5 9no5 13no5 7add13 9b5
    9#5 9#11 9b13 9#5#11 9#11b13 11b9 13b5 13b9 13#9 13#11 13b9#11 13#9#11 madd4 m7add11
    m7#5 m9#5 m11#5 mb6b9 mM7b6 mM9b6 oM7 o7M7 Blues Bass
"""
_WEIMAR_STEMS = "j7 -j7 +j7 7 +7 -7 sus7"
_WEIMAR_WHOLE = "- + o o7 m7b5 sus 6 69 6911# -6 -69 7alt"


def _weimar() -> tuple[str, ...]:
    """List the spellings: a seventh, then ninth, eleventh and thirteenth in that order."""
    stacks = [""] + [
        ninth + eleventh + thirteenth
        for ninth in ("9", "9b", "9#")
        for eleventh in ("", "11", "11#")
        for thirteenth in ("", "13", "13b")
    ]
    tall = (
        stem + stack
        for stack in stacks
        for stem in _WEIMAR_STEMS.split()
        # A raised ninth is the minor third itself, and would replace a suspended one.
        if not (stack.startswith("9#") and stem.startswith(("-", "sus")))
    )
    return ("", *_WEIMAR_WHOLE.split(), *tall)


_SPELLINGS = {
    "ireal": lambda: ("", *_IREAL.split()),
    "impro-visor": lambda: ("", *_IMPRO_VISOR.split()),
    "weimar": _weimar,
}
DIALECTS = ("house", *_SPELLINGS)
NO_CHORD_SYMBOLS = {"house": "N.C.", "ireal": "n", "impro-visor": "NC", "weimar": "NC"}


@lru_cache(maxsize=8)
def table(dialect: str) -> dict[Quality, str]:
    """Return the spelling of each quality in a dialect but ``house``, or raise ChordError."""
    if dialect not in _SPELLINGS:
        raise ChordError(
            f"{dialect!r} is not a dialect of chord symbols; choose from {', '.join(DIALECTS)}."
        )
    spellings: dict[Quality, str] = {}
    for spelling in _SPELLINGS[dialect]():
        spellings.setdefault(Quality.parse(spelling), spelling)
    return spellings


def spell_quality(quality: Quality, dialect: str) -> str | None:
    """Return the text after the root in a dialect; None if the dialect lacks the quality."""
    if dialect == "house":
        return quality.suffix
    spelling = table(dialect).get(quality)
    if spelling is None and dialect == "ireal":
        # Parentheses mean alternative chords in iReal Pro.
        return "*" + quality.suffix.replace("(", "").replace(")", "") + "*"
    return spelling


@lru_cache(maxsize=4096)
def nearest_quality(quality: Quality, dialect: str) -> Quality:
    """Return the quality of a dialect with the most tones in common and the fewest others."""
    if not quality.semitones or spell_quality(quality, dialect) is not None:
        return quality
    wanted, proper = {*quality.semitones}, {*quality.tones}

    def distance(held: Quality) -> tuple[int, int, int]:
        tones = {*held.semitones}
        return (
            len(proper ^ {*held.tones}),
            2 * len(tones - wanted) + len(wanted - tones),
            len(tones),
        )

    return min(table(dialect), key=distance)


@lru_cache(maxsize=1)
def known_spellings() -> tuple[str, ...]:
    """Return the spellings of all tables, most usual first."""
    rows = [
        spelling
        for dialect in _SPELLINGS
        for quality, own in table(dialect).items()
        for spelling in (quality.suffix, own)
    ]
    return tuple(dict.fromkeys(rows))


def nearest_spellings(suffix: str, count: int = 3) -> tuple[str, ...]:
    """Return at most `count` known spellings similar to an unknown one, best first."""
    return tuple(
        difflib.get_close_matches(suffix[:LONGEST_SYMBOL], known_spellings(), count, cutoff=0.4)
    )
