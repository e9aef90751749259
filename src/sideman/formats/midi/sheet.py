"""MIDI as a format of charts: chords and sections are markers, melodies are tracks."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import PurePath

from sideman.errors import MusicError
from sideman.formats.document import Document, Phrase, chart_document, entry
from sideman.formats.midi.reading import MOST_BYTES, MidiFile, parse
from sideman.formats.midi.report import report
from sideman.formats.midi.solo import take, to_solo
from sideman.formats.midi.writing import dumps
from sideman.formats.midi.written import SOLO, written
from sideman.formats.prior import Prior
from sideman.formats.registry import Codec
from sideman.score import Arrangement, Changes, LeadSheet, Part, monophonic

_TEMPO_BPM = 120.0


def to_sheet(file: MidiFile, name: str, prior: Prior | None = None) -> LeadSheet:
    """Return the melody over the chords, which are written as markers or played by a part.

    Raises
    ------
    MusicError
        If the file has no chords.
    """
    solo = to_solo(file, prior=prior)
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


def losses(sheet: LeadSheet) -> tuple[str, ...]:
    """Return a short description of each part of a sheet that MIDI cannot store."""
    found = [
        name
        for name, held in (
            ("the composer", sheet.composer),
            ("the style", sheet.style),
            ("the swing ratio", sheet.swing),
        )
        if held
    ]
    if sheet.changes.bars and not sheet.changes.bars[0].chords and not sheet.parts:
        found.append("the empty bars at the start")
    if any(bar.style for bar in sheet.changes.bars):
        found.append("the style of a section")
    if any(note.name is not None for part in sheet.parts for note in part.notes):
        found.append("how notes are spelled")
    if any(monophonic(part.notes) != part.notes for part in sheet.parts):
        found.append("notes that sound together in a melody")
    return tuple(found)


def phrase(file: MidiFile, prior: Prior | None = None) -> Phrase:
    """Return the line as written by sideman, else the melody that is found."""
    own = written(file)
    if own is not None:
        program = next((part.program for part in file.parts if part.name == SOLO), None)
        return Phrase(own, own.changes.meter if own.changes is not None else None, program)
    taken = take(file, prior=prior)
    meter = taken.lines.meters[taken.first_bar] if taken.lines.meters else None
    melody = taken.choice.melody
    program = None if melody is None else melody.part.program
    return Phrase(taken.solo, meter, program, exact=False)


def _read(data: bytes, name: str) -> Document:
    return _document(parse(data, PurePath(name).name), name)


def _document(file: MidiFile, name: str, prior: Prior | None = None) -> Document:
    return replace(
        chart_document(partial(to_sheet, file, name, prior)),
        read_solos=lambda: (entry(to_solo(file, prior=prior)),),
        read_phrase=partial(phrase, file, prior),
        report=partial(report, file, prior=prior),
        has_meter=lambda: bool(file.meters),
        report_options=("melody", "chords", "beats"),
        informed=partial(_document, file, name),
    )


def _write(sheet: LeadSheet, _: str) -> bytes:
    tempo = sheet.tempo_bpm or _TEMPO_BPM
    return dumps(Arrangement(sheet.title, sheet.parts, sheet.changes, tempo, sheet.key))


CODEC = Codec(
    read=_read, most_bytes=MOST_BYTES, write=_write, losses=losses, names_mode=True, changes=True
)
