"""Chords in MusicXML: a kind, and degrees that are added, altered or subtracted.

Source: MusicXML 4.0, types ``kind-value``, ``degree`` and ``degree-alter``. Thirteenth chords are
read as in jazz practice: without the eleventh, so that an altered eleventh is an added degree.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from sideman.errors import ChordError
from sideman.theory.chord.quality import Quality

_MOST_DEGREES = 24


@dataclass(frozen=True, slots=True)
class Degree:
    """One ``<degree>``, such as 9, of type ``add``, ``alter`` or ``subtract``.

    `alter` is in semitones: for an added degree relative to a dominant chord (so that 7 is the
    minor seventh), for an altered degree relative to the tone of the kind.
    """

    value: int
    alter: int = 0
    type: str = "add"


# Each kind with the spelling of its quality; those with fewer tones first.
_KINDS = {
    "major": "", "minor": "m", "augmented": "+", "diminished": "dim", "dominant": "7",
    "major-seventh": "maj7", "minor-seventh": "m7", "diminished-seventh": "dim7",
    "augmented-seventh": "+7", "half-diminished": "m7b5", "major-minor": "m(maj7)",
    "major-sixth": "6", "minor-sixth": "m6", "dominant-ninth": "9", "major-ninth": "maj9",
    "minor-ninth": "m9", "dominant-11th": "11", "major-11th": "maj11", "minor-11th": "m11",
    "dominant-13th": "13", "major-13th": "maj13", "minor-13th": "m13", "suspended-second": "sus2",
    "suspended-fourth": "sus4", "power": "5",
}  # fmt: skip
# Read, but never written.  The root of the functional sixths is the tonic.
_OTHER_KINDS = {
    "other": (0,), "pedal": (0,), "Neapolitan": (0, 4, 7), "Italian": (0, 6, 8),
    "French": (0, 2, 6, 8), "German": (0, 3, 6, 8), "Tristan": (0, 3, 6, 10),
}  # fmt: skip
# Written by older programs.
_ALIASES = {
    "min": "minor", "maj": "major", "aug": "augmented", "dim": "diminished",
    "dominant-seventh": "dominant", "seventh": "dominant", "7": "dominant",
    "maj7": "major-seventh", "min7": "minor-seventh", "dim7": "diminished-seventh",
    "minor-major": "major-minor", "minMaj7": "major-minor", "m7b5": "half-diminished",
    "half-diminished-seventh": "half-diminished", "sixth": "major-sixth", "6": "major-sixth",
    "min6": "minor-sixth", "ninth": "dominant-ninth", "9": "dominant-ninth",
    "maj9": "major-ninth", "min9": "minor-ninth", "11": "dominant-11th", "13": "dominant-13th",
    "eleventh": "dominant-11th", "thirteenth": "dominant-13th", "sus2": "suspended-second",
    "sus4": "suspended-fourth", "suspended": "suspended-fourth", "sus": "suspended-fourth",
}  # fmt: skip
# Nonstandard kinds that programs have written, with the spelling of their quality.
_WILD_KINDS = {
    "minor-major-seventh": "m(maj7)", "minor-major-ninth": "m(maj9)",
    "minor-major-11th": "m(maj11)", "minor-major-13th": "m(maj13)",
    "augmented-major-seventh": "maj7#5", "augmented-major-ninth": "maj9#5",
    "augmented-ninth": "9#5", "augmented-dominant-ninth": "9#5", "seventh-flat-five": "7b5",
    "half-diminished-ninth": "m9b5", "half-diminished-11th": "m11b5",
    "half-diminished-minor-ninth": "m7b5b9", "diminished-ninth": "dim9",
    "suspended-fourth-seventh": "7sus4",
}  # fmt: skip
_FULL = {1: 0, 2: 2, 3: 4, 4: 5, 5: 7, 6: 9, 7: 10}
# The tones of a kind to which a degree number may refer, by its position in the octave.
_PLACES = {1: (0,), 2: (2,), 3: (4, 3), 4: (5,), 5: (7, 6, 8), 6: (9,), 7: (10, 11, 9)}
_NAMES = {
    1: (9, -1), 2: (9, 0), 3: (9, 1), 4: (3, 0), 5: (11, 0), 6: (11, 1), 7: (5, 0), 8: (13, -1),
    9: (13, 0), 10: (7, 0), 11: (7, 1),
}  # fmt: skip
KINDS = (*_KINDS, *_OTHER_KINDS, "none")


@lru_cache(maxsize=1)
def _qualities() -> dict[str, Quality]:
    spelled = {**_KINDS, **_WILD_KINDS}
    return {kind: Quality.parse(spelling) for kind, spelling in spelled.items()} | {
        kind: Quality(semitones) for kind, semitones in _OTHER_KINDS.items()
    }


def quality_of_kind(kind: str, degrees: Iterable[Degree] = ()) -> Quality:
    """Return the quality of a ``<kind>`` with degrees, empty for ``none``, or raise ChordError."""
    kind = kind.strip()
    kind = _ALIASES.get(kind, kind)
    if kind not in _qualities():
        kind = next((known for known in _qualities() if known.lower() == kind.lower()), kind)
    if kind == "none":
        return Quality(())
    if kind not in _qualities():
        close = tuple(difflib.get_close_matches(kind[:40], KINDS, 3, 0.4))
        hint = f"; the nearest known are {', '.join(close)}" if close else ""
        raise ChordError(f"{kind[:40]!r} is not a kind of chord in MusicXML{hint}.", kind, close)
    base = {*_qualities()[kind].semitones}
    tones = set(base)
    for count, degree in enumerate(degrees):
        if not 1 <= degree.value <= 30 or not -12 <= degree.alter <= 12 or count >= _MOST_DEGREES:
            raise ChordError(
                f"degree {degree.value} altered by {degree.alter} is not valid in a chord; give at "
                f"most {_MOST_DEGREES} degrees from 1 to 13, altered by a few semitones."
            )
        place = (degree.value - 1) % 7 + 1
        held = _held(place, base)
        if degree.type == "subtract":
            tones.discard(-1 if held is None else held)
        elif degree.type == "alter" and held is not None:
            tones.discard(held)
            tones.add((held + degree.alter) % 12)
        elif degree.type in ("add", "alter"):
            # Some programs write an added seventh relative to the major one.
            flat_seventh = place == 7 and degree.alter == -1 and base != {0, 3, 6}
            tones.add((_FULL[place] + (0 if flat_seventh else degree.alter)) % 12)
        else:
            raise ChordError(
                f"{degree.type[:40]!r} is not a type of degree; use add, alter or subtract."
            )
    return Quality.of(tones)


def _held(place: int, base: set[int]) -> int | None:
    """Return the tone of a kind to which a degree number refers, or None."""
    order = _PLACES[place]
    # Nine semitones are the seventh of a diminished chord, and the sixth or thirteenth elsewhere.
    diminished = base == {0, 3, 6, 9}
    if diminished and place == 6:
        return None
    if not diminished and place == 7:
        order = (10, 11)
    return next((tone for tone in order if tone in base and tone != 0), None)


@lru_cache(maxsize=4096)
def kind_of_quality(quality: Quality) -> tuple[str, tuple[Degree, ...]]:
    """Return the kind and the degrees that write a quality.

    Of the kinds with the same third or suspension the one with the fewest degrees is chosen; a
    suspended seventh chord is a dominant without its third. The degrees are alterations, then
    subtractions, then additions.
    """
    if not quality.semitones:
        return "none", ()
    if quality.third == 5 and quality.seventh == 10:
        # Programs disagree on the seventh added to a suspended kind, so write a dominant kind.
        kind, rest = kind_of_quality(Quality.of({*quality.semitones} - {5} | {4}))
        return kind, (Degree(3, 0, "subtract"), Degree(4), *rest)
    best: tuple[str, tuple[Degree, ...]] | None = None
    for kind in _KINDS:
        base = _qualities()[kind]
        if base.third != quality.third and (base.third or quality.third) is not None:
            continue
        degrees = _degrees(quality, base)
        if best is None or len(degrees) < len(best[1]):
            best = kind, degrees
    assert best is not None
    return best


def _degrees(quality: Quality, base: Quality) -> tuple[Degree, ...]:
    """Return the degrees that turn `base` into `quality`."""
    missing = {*base.semitones} - {*quality.semitones}
    extra = {*quality.semitones} - {*base.semitones}
    degrees: list[Degree] = []
    fifth = base.fifth
    if fifth in missing and quality.fifth in extra and fifth is not None and quality.fifth:
        degrees.append(Degree(5, quality.fifth - fifth, "alter"))
        missing -= {fifth}
        extra -= {quality.fifth}
    for tone, value in ((2, 9), (5, 11), (9, 13)):
        if tone not in missing or tone in base.tones:
            continue
        alter = next((step for step in (-1, 1) if _NAMES[tone + step] == (value, step)), 0)
        if tone + alter in extra:
            degrees.append(Degree(value, alter, "alter"))
            missing -= {tone}
            extra -= {tone + alter}
    for tone in sorted(missing):
        degrees.append(Degree(_place_in(tone, base), 0, "subtract"))
    for tone in sorted(extra):
        value, alter = _NAMES[tone]
        if value == 11 and alter and {2, 9} <= {*base.extensions}:
            # By the standard a thirteenth chord contains the eleventh, so other programs alter it.
            degrees.append(Degree(11, alter, "alter"))
            continue
        if tone == quality.third:
            value, alter = {4: (3, 0), 3: (3, -1), 5: (4, 0), 2: (2, 0)}[tone]
        elif tone == quality.fifth:
            value, alter = 5, tone - 7
        elif tone in (8, 9) and quality.seventh is None:
            value, alter = 6, tone - 9
        degrees.append(Degree(value, alter, "add"))
    return tuple(degrees)


def _place_in(tone: int, base: Quality) -> int:
    """Return the degree number by which a tone of a kind is subtracted."""
    if tone == base.third:
        return {4: 3, 3: 3, 5: 4, 2: 2}[tone]
    if tone == base.fifth:
        return 5
    if tone == base.seventh:
        return 7
    if tone == base.sixth:
        return 6
    return {2: 9, 5: 11, 9: 13}[tone]
