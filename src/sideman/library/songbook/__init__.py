"""The songbook: standard forms as lead sheets.

Each is an Impro-Visor file beside this module, named in lower case with hyphens: ``blues-f``,
``happy-birthday``.  Melodies are included where the tune is in the public domain.
"""

from __future__ import annotations

import difflib
import re
from functools import cache
from importlib import resources

from sideman import files
from sideman.errors import MusicError
from sideman.formats import leadsheet
from sideman.score import LeadSheet
from sideman.theory.pitch import Key
from sideman.words import counted

MOST_SEMITONES = 36
_TONIC = re.compile(r"[A-Ga-g][#♯b♭]?")
_SUFFIX = ".ls"


@cache
def names() -> tuple[str, ...]:
    """Return the names of the forms, sorted."""
    return files.packaged(__name__, _SUFFIX)


@cache
def load(name: str) -> LeadSheet:
    """Return a form by its name, or raise MusicError, which names the nearest.

    Capitals, spaces and apostrophes are ignored: ``Happy Birthday`` is ``happy-birthday``.
    """
    wanted = _slug(name)
    if wanted not in names():
        near = difflib.get_close_matches(wanted, names(), n=3, cutoff=0.4)
        hint = f"the nearest: {', '.join(near)}" if near else "see sideman songbook"
        raise MusicError(f"{name[:60]!r} is not in the songbook; {hint}.")
    file = resources.files(__name__) / (wanted + _SUFFIX)
    return leadsheet.parse(file.read_bytes(), wanted)


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
