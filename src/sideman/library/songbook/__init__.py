"""The songbook: standard forms as lead sheets.

Each is an Impro-Visor file beside this module, named in lower case with hyphens: ``blues-f``,
``happy-birthday``.  Melodies are included where the tune is in the public domain.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from importlib import resources

from sideman import files
from sideman.errors import MusicError
from sideman.formats import leadsheet
from sideman.score import LeadSheet
from sideman.theory.pitch import Key
from sideman.words import alike, counted

MOST_SEMITONES = 36
_MOST_NEAR = 5
_TONIC = re.compile(r"[A-Ga-g][#♯b♭]?")
_SUFFIX = ".ls"


@cache
def names() -> tuple[str, ...]:
    """Return the names of the forms, sorted."""
    return files.packaged(__name__, _SUFFIX)


@cache
def load(name: str) -> LeadSheet:
    """Return a form by a name of :func:`called`; a notice where its own name is another."""
    own = called(name)
    file = resources.files(__name__) / (own + _SUFFIX)
    sheet = leadsheet.parse(file.read_bytes(), own)
    if own == _slug(name):
        return sheet
    return replace(sheet, notices=(*sheet.notices, f"{name[:60]!r} is read as {own}."))


@cache
def called(name: str) -> str:
    """Return the name of the form that a text names, or raise MusicError.

    Capitals, spaces and apostrophes are ignored: ``Happy Birthday`` is ``happy-birthday``.  A name
    or title that is like no other is found too: ``rythm changes`` is ``rhythm-changes-bb``.
    """
    wanted = _slug(name)
    if wanted in names():
        return wanted
    near = alike(name, {each: (each.replace("-", " "), _title(each)) for each in names()})
    if len(near) == 1:
        return near[0]
    if near:
        more = ", ..." if len(near) > _MOST_NEAR else ""
        raise MusicError(
            f"{name[:60]!r} may be any of {', '.join(near[:_MOST_NEAR])}{more}; give more of the "
            "name."
        )
    raise MusicError(
        f"{name[:60]!r} is not in the songbook, which sideman list tunes shows; give its chart as "
        "a file (iReal Pro, MusicXML, Impro-Visor ...) or type its changes, such as "
        "'| Dm7 | G7 | Cmaj7 |'."
    )


@cache
def _title(name: str) -> str:
    return leadsheet.parse((resources.files(__name__) / (name + _SUFFIX)).read_bytes(), name).title


def search(word: str) -> tuple[str, ...]:
    """Return the forms with a word in their name, title, composer or style, in any case."""
    wanted = word.casefold()
    return tuple(name for name in names() if _holds(name, load(name), wanted))


def _holds(name: str, sheet: LeadSheet, wanted: str) -> bool:
    texts = (name, sheet.title, sheet.composer, sheet.style)
    return any(wanted in text.casefold() for text in texts)


def moved(sheet: LeadSheet, key: str | None = None, semitones: int | None = None) -> LeadSheet:
    """Return a lead sheet in another key, or `semitones` (-36 to 36) higher; unchanged for None.

    `key` is a tonic such as ``Eb``, with or without its mode (``Cm``); a FormatError is raised if
    it is none, and a MusicError if both are given, the mode would change, or the melody would leave
    the range of MIDI.

    >>> str(moved(load("blues-f"), key="Bb").key), str(moved(load("blues-f"), semitones=-2).key)
    ('Bb major', 'Eb major')
    """
    if key is not None and semitones is not None:
        raise MusicError("A key and a number of semitones were both given; give one.")
    if key is not None:
        wanted = Key.parse(key)
        says_mode = _TONIC.fullmatch(key.strip()) is None
        if sheet.key is not None and says_mode and not sheet.key.has_mode:
            return sheet.transposed(wanted.fifths - sheet.key.fifths)
        if sheet.key is not None and says_mode and wanted.minor != sheet.key.minor:
            raise MusicError(
                f"{sheet.title}: is in {sheet.key}, so it cannot be moved to {wanted}; "
                f"give {'a minor' if sheet.key.minor else 'a major'} key."
            )
        return sheet.in_key(wanted.tonic)
    if semitones:
        if abs(semitones) > MOST_SEMITONES:
            raise MusicError(
                f"{semitones} semitones are too many; the most is {MOST_SEMITONES}, three octaves."
            )
        return sheet.shifted(semitones)
    return sheet


def summary(sheet: LeadSheet) -> tuple[str, ...]:
    """Return key, meter, bars, tempo, style and melody of a lead sheet, without those it lacks.

    >>> summary(load("happy-birthday"))
    ('F major', '4/4', '8 bars', '132 bpm', 'swing', 'a head of 25 notes')
    """
    facts = (
        str(sheet.key) if sheet.key else "",
        str(sheet.changes.meter),
        counted(len(sheet.changes.bars), "bar"),
        f"{sheet.tempo_bpm:g} bpm" if sheet.tempo_bpm else "",
        sheet.style,
        f"a head of {counted(len(sheet.melody), 'note')}" if sheet.melody else "",
    )
    return tuple(fact for fact in facts if fact)


def _slug(name: str) -> str:
    return re.sub(r"[\s_-]+", "-", re.sub(r"['’.,()]", "", name.strip().casefold()))
