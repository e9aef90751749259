"""Read a take or a phrase from any file with notes."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

from sideman import opening
from sideman.errors import FormatError, MusicError
from sideman.formats.document import Document, Phrase
from sideman.score import Changes, Note, monophonic
from sideman.service.takes import settling
from sideman.theory.instruments import INSTRUMENT, INSTRUMENTS, PROGRAMS, Instrument, named
from sideman.theory.meter import TICKS_PER_QUARTER

_EIGHTH = TICKS_PER_QUARTER // 2
_SWUNG = 16


@dataclass(frozen=True, slots=True)
class Take(Phrase):
    """A phrase or a take, on the grid and one note at a time."""

    @property
    def over(self) -> Changes:
        """The changes; of a take there are some."""
        assert self.solo.changes is not None
        return self.solo.changes

    @property
    def instrument(self) -> Instrument:
        """The instrument; the usual one where the file gives none."""
        if self.program is None:
            return INSTRUMENTS[INSTRUMENT]
        return named(PROGRAMS[self.program])


def read_phrase(path: str | os.PathLike[str]) -> Take:
    """Read a phrase, a line with or without changes; of several in a file the first one.

    Raises
    ------
    SidemanError
        If the file cannot be read, contains no single lines, or no notes.
    """
    return parsed(opening.open_document(path))


def parsed(document: Document) -> Take:
    """Return the phrase in a document: see :func:`read_phrase`."""
    phrase = document.phrase
    if phrase is None:
        raise FormatError(
            f"{document.name}: is {document.label}; give one line as MIDI (.mid), a lead "
            "sheet (.ls) or MusicXML."
        )
    take = Take(phrase.solo, phrase.meter, phrase.program, phrase.exact)
    if not take.exact:
        take = replace(take, solo=replace(take.solo, notes=even(take.solo.notes)))
    if not take.solo.notes:
        raise MusicError(f"{document.name}: has no melody; give a file with one.")
    line = replace(take.solo, notes=monophonic(take.solo.notes))
    return replace(take, solo=replace(line, title=line.title or Path(document.name).stem))


def read_take(path: str | os.PathLike[str], changes: Changes | None = None) -> Take:
    """Read a take: a line over changes, those of the file or one chorus that is repeated.

    Raises
    ------
    SidemanError
        If the file cannot be read, or there are no changes, or they do not fit.
    """
    take = read_phrase(path)
    solo = take.solo
    if changes is not None:
        line = settling.over(solo, changes, take.meter)
        return replace(take, solo=line, meter=changes.meter)
    if solo.changes is None or not solo.changes.spans:
        raise MusicError(
            f"{path}: contains no chords, and a take is played over some; give the changes.",
            field="changes",
        )
    return take


def even(notes: Sequence[Note]) -> tuple[Note, ...]:
    """Return a line whose swung eighths are written as eighths.

    A quarter with a note on its third triplet and none on its second is two eighths; that is how
    swing is notated.

    >>> line = even([Note(0, 16, 60), Note(16, 8, 62), Note(24, 8, 60), Note(32, 8, 62)])
    >>> [(note.onset, note.duration) for note in line]
    [(0, 12), (12, 12), (24, 8), (32, 8)]
    """
    swung = {
        quarter
        for quarter, run in groupby(notes, key=lambda note: note.onset // TICKS_PER_QUARTER)
        if {note.onset % TICKS_PER_QUARTER for note in run} <= {0, _SWUNG}
    }

    def moved(tick: int) -> int:
        quarter, place = divmod(tick, TICKS_PER_QUARTER)
        return tick - _SWUNG + _EIGHTH if place == _SWUNG and quarter in swung else tick

    return tuple(
        replace(note, onset=moved(note.onset), duration=moved(note.end) - moved(note.onset))
        for note in notes
    )
