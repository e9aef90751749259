"""A lead sheet as a MIDI file and back: chords and sections as markers, melodies as tracks."""

from __future__ import annotations

import os

from sideman.errors import MusicError
from sideman.formats.midi.reading import MidiFile, read
from sideman.formats.midi.solo import to_solo
from sideman.formats.midi.writing import write
from sideman.score import Arrangement, Changes, LeadSheet, Part, monophonic

_TEMPO_BPM = 120.0


def read_sheet(path: str | os.PathLike[str]) -> LeadSheet:
    """Read a MIDI file as a lead sheet.

    Parameters
    ----------
    path : path-like
        The file.

    Returns
    -------
    LeadSheet
        The melody that was found, over chords that are written in the file or named from what a
        part plays.

    Raises
    ------
    FileError, FormatError
        If the file cannot be read.
    MusicError
        If it has no chords.
    """
    return to_sheet(read(path), str(path))


def to_sheet(file: MidiFile, name: str) -> LeadSheet:
    """Take a lead sheet from a MIDI file.

    Parameters
    ----------
    file : MidiFile
        What was read.
    name : str
        What to call it in messages.

    Returns
    -------
    LeadSheet
        Melody and changes.

    Raises
    ------
    MusicError
        If it has no chords.
    """
    solo = to_solo(file)
    if solo.changes is None or not solo.changes.spans:
        raise MusicError(f"{name}: has no chords; give a file with a chord part or chord markers.")
    parts = (Part("Melody", solo.notes),) if solo.notes else ()
    return LeadSheet(
        solo.title,
        Changes(solo.changes.bars),
        parts=parts,
        key=solo.key,
        tempo_bpm=solo.tempo_bpm,
        style=solo.style,
    )


def write_sheet(path: str | os.PathLike[str], sheet: LeadSheet) -> None:
    """Write a lead sheet as a MIDI file.

    Parameters
    ----------
    path : path-like
        Where.
    sheet : LeadSheet
        The lead sheet.
    """
    tempo = sheet.tempo_bpm or _TEMPO_BPM
    write(path, Arrangement(sheet.title, sheet.parts, sheet.changes, tempo, sheet.key))


def losses(sheet: LeadSheet) -> tuple[str, ...]:
    """Name what is lost of a lead sheet in a MIDI file.

    Parameters
    ----------
    sheet : LeadSheet
        The lead sheet.

    Returns
    -------
    tuple of str
        A few words for each loss; empty if nothing is lost.
    """
    found = [
        name
        for name, text in (("the composer", sheet.composer), ("the style", sheet.style))
        if text
    ]
    if any(bar.style for bar in sheet.changes.bars):
        found.append("the style of a section")
    if any(note.name is not None for part in sheet.parts for note in part.notes):
        found.append("how notes are spelled")
    if any(monophonic(part.notes) != part.notes for part in sheet.parts):
        found.append("notes that sound together in a melody")
    return tuple(found)
