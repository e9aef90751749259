"""Read a take, or a phrase, from any file with notes."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

from sideman.errors import FormatError, MusicError
from sideman.formats import registry
from sideman.score import Changes, Note, Solo, monophonic
from sideman.service.takes import settling
from sideman.theory.instruments import INSTRUMENT, INSTRUMENTS, PROGRAMS, Instrument, named
from sideman.theory.meter import FASTEST_BPM, SLOWEST_BPM, TICKS_PER_QUARTER, Meter

_EIGHTH = TICKS_PER_QUARTER // 2
_SWUNG = 16
_MEDIUM_BPM = 132.0


@dataclass(frozen=True, slots=True)
class Heard:
    """What was read.

    Parameters
    ----------
    solo : Solo
        The line, on the grid, one note at a time.
    meter : Meter or None
        Its meter, where the file says one.
    program : int or None
        The General MIDI programme that played it, where the file says one.
    exact : bool
        Whether the file says what was written; otherwise the line was put on the grid.
    """

    solo: Solo
    meter: Meter | None
    program: int | None
    exact: bool

    @property
    def over(self) -> Changes:
        """The changes; of a take there are some."""
        assert self.solo.changes is not None
        return self.solo.changes

    @property
    def instrument(self) -> Instrument:
        """Who played it; the usual instrument where the file does not say."""
        if self.program is None:
            return INSTRUMENTS[INSTRUMENT]
        return named(PROGRAMS[self.program])

    @property
    def tempo_bpm(self) -> float:
        """Quarter notes a minute, one that can be played; a medium tempo where none is said."""
        return min(max(self.solo.tempo_bpm or _MEDIUM_BPM, SLOWEST_BPM), FASTEST_BPM)


def read_phrase(path: str | os.PathLike[str]) -> Heard:
    """Read a phrase: a line, with or without changes.

    Parameters
    ----------
    path : path-like
        MIDI, a lead sheet or MusicXML; of several melodies in a file the first counts.

    Returns
    -------
    Heard
        The phrase, in its place within its first bar.

    Raises
    ------
    SidemanError
        If the file cannot be read, is no file of one line, or has no notes.
    """
    document = registry.open_document(path)
    phrase = document.phrase
    if phrase is None:
        raise FormatError(
            f"{path}: is {document.label}; give one line as MIDI (.mid), a lead sheet (.ls) or "
            "MusicXML."
        )
    heard = Heard(phrase.solo, phrase.meter, phrase.program, phrase.exact)
    if not heard.exact:
        heard = replace(heard, solo=replace(heard.solo, notes=even(heard.solo.notes)))
    if not heard.solo.notes:
        raise MusicError(f"{path}: has no melody; give a file with one.")
    line = replace(heard.solo, notes=monophonic(heard.solo.notes))
    return replace(heard, solo=replace(line, title=line.title or Path(path).stem))


def read_take(path: str | os.PathLike[str], changes: Changes | None = None) -> Heard:
    """Read a take: a line over changes.

    Parameters
    ----------
    path : path-like
        As :func:`read_phrase` takes it.
    changes : Changes or None
        One chorus of changes, for a file that has none; they are repeated as far as the line goes.

    Returns
    -------
    Heard
        The take; its solo has changes.

    Raises
    ------
    SidemanError
        If the file cannot be read, or no changes are known or fit.
    """
    heard = read_phrase(path)
    solo = heard.solo
    if changes is not None:
        line = settling.over(solo, changes, heard.meter)
        return replace(heard, solo=line, meter=changes.meter)
    if solo.changes is None or not solo.changes.spans:
        raise MusicError(
            f"{path}: says no chords, and a take is played over some; give them with --changes."
        )
    return heard


def even(notes: Sequence[Note]) -> tuple[Note, ...]:
    """Write swung eighths as eighths.

    A quarter that is struck on its third triplet but not on its second was meant as two eighths;
    that is how swing is notated.

    Parameters
    ----------
    notes : sequence of Note
        A line on the grid, by rising onset.

    Returns
    -------
    tuple of Note
        The same line; some onsets and ends have moved from the triplet to the eighth.

    Examples
    --------
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
