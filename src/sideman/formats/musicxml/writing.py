"""Write a lead sheet as MusicXML 4.0, partwise, valid against the schema.

Repeats stand written out; :mod:`sideman.formats.musicxml.notation` says how time is written.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from xml.etree.ElementTree import Element, ElementTree, SubElement, indent
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from sideman.chord import Chord, to_kind
from sideman.chord.kinds import quality_of_kind
from sideman.files import write_whole
from sideman.formats.musicxml.notation import VALUES, beams, tuplets, written_values
from sideman.meter import TICKS_PER_QUARTER, Meter
from sideman.pitch import Key, Pitch, PitchName
from sideman.score import Bar, Changes, ChordChange, LeadSheet, Note, Part, spell

_STYLE = "sideman-style"
_DOCTYPE = (
    '<?xml version="1.0" encoding="UTF-8" standalone="no"?>\n'
    '<!DOCTYPE score-partwise PUBLIC "-//Recordare//DTD MusicXML 4.0 Partwise//EN" '
    '"http://www.musicxml.org/dtds/partwise.dtd">\n'
)
_CONTAINER = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<container><rootfiles><rootfile full-path="score.musicxml"/></rootfiles></container>\n'
)
_ACCIDENTALS = {
    -2: "flat-flat", -1: "flat", 0: "natural", 1: "sharp", 2: "double-sharp",
}  # fmt: skip
_CONTROL = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF], " ")
_CONTROL |= dict.fromkeys(range(0xD800, 0xE000), " ")


def losses(sheet: LeadSheet) -> tuple[str, ...]:
    """Name what MusicXML cannot hold of a lead sheet.

    Parameters
    ----------
    sheet : LeadSheet
        The lead sheet.

    Returns
    -------
    tuple of str
        One phrase for each loss; empty if nothing is lost.
    """
    found = []
    if any(bar.style for bar in sheet.changes.bars):
        found.append("the style of a section")
    if any(part.name != " ".join(part.name.split()) for part in sheet.parts):
        found.append("spaces around a part's name")
    if any(
        " ".join(text.translate(_CONTROL).split()) != text
        for text in (sheet.title, sheet.composer, sheet.style)
    ):
        found.append("control characters and double spaces in a name")
    if any(len(_held(part, sheet.changes)) < len(part.notes) for part in sheet.parts):
        found.append("notes outside the form and its upbeat, or below C0")
    if any(note.end > sheet.changes.length for part in sheet.parts for note in part.notes):
        found.append("the end of a note that sounds beyond the form")
    if any(note.velocity != _velocity(note) for part in sheet.parts for note in part.notes):
        found.append("the exact velocity of a note")
    return tuple(found)


def dumps(sheet: LeadSheet) -> bytes:
    """Write a lead sheet as a plain document.

    Parameters
    ----------
    sheet : LeadSheet
        The lead sheet; without parts its bars hold rests.

    Returns
    -------
    bytes
        The document, UTF-8.
    """
    root = Element("score-partwise", {"version": "4.0"})
    if sheet.title:
        SubElement(SubElement(root, "work"), "work-title").text = _clean(sheet.title)
    identification = SubElement(root, "identification")
    if sheet.composer:
        creator = SubElement(identification, "creator", {"type": "composer"})
        creator.text = _clean(sheet.composer)
    encoding = SubElement(identification, "encoding")
    SubElement(encoding, "software").text = "sideman"
    if sheet.style:
        other = SubElement(SubElement(identification, "miscellaneous"), "miscellaneous-field")
        other.set("name", _STYLE)
        other.text = _clean(sheet.style)
    parts = sheet.parts or (Part("Lead"),)
    listed = SubElement(root, "part-list")
    for index, part in enumerate(parts, 1):
        _score_part(listed, part, index)
    for index, part in enumerate(parts, 1):
        _part(SubElement(root, "part", {"id": f"P{index}"}), sheet, part, first=index == 1)
    indent(root, " ")
    stream = BytesIO()
    ElementTree(root).write(stream, encoding="utf-8", xml_declaration=False)
    return _DOCTYPE.encode() + stream.getvalue() + b"\n"


def write(path: str | os.PathLike[str], sheet: LeadSheet) -> None:
    """Write a lead sheet; the suffix ``.mxl`` packs it.

    Parameters
    ----------
    path : path-like
        Where.
    sheet : LeadSheet
        The lead sheet.
    """
    document = dumps(sheet)
    if str(path).lower().endswith(".mxl"):
        stream = BytesIO()
        with ZipFile(stream, "w", ZIP_DEFLATED) as archive:
            # A fixed date, so that the same sheet gives the same bytes.
            for name, content in (
                ("META-INF/container.xml", _CONTAINER.encode()),
                ("score.musicxml", document),
            ):
                archive.writestr(ZipInfo(name, (2000, 1, 1, 0, 0, 0)), content, ZIP_DEFLATED)
        document = stream.getvalue()
    write_whole(path, document)


def _clean(text: str) -> str:
    return text.translate(_CONTROL)


def _score_part(listed: Element, part: Part, index: int) -> None:
    entry = SubElement(listed, "score-part", {"id": f"P{index}"})
    SubElement(entry, "part-name").text = _clean(part.name)
    instrument = SubElement(entry, "score-instrument", {"id": f"P{index}-I1"})
    SubElement(instrument, "instrument-name").text = _clean(part.name) or "Lead"
    midi = SubElement(entry, "midi-instrument", {"id": f"P{index}-I1"})
    channel = 10 if part.percussion else (index - 1) % 15 + 1
    SubElement(midi, "midi-channel").text = str(channel + (not part.percussion and channel >= 10))
    SubElement(midi, "midi-program").text = str(part.program + 1)


@dataclass(frozen=True, slots=True)
class _Place:
    """A measure to write: a bar, or the pickup."""

    start: int
    length: int
    bar: Bar
    number: int


def _part(element: Element, sheet: LeadSheet, part: Part, *, first: bool) -> None:
    places = _places(sheet)
    voices = _voices(_held(part, sheet.changes))
    key = sheet.key or Key(0)
    meter: Meter | None = None
    for place in places:
        pickup = place.number == 0
        measure = SubElement(element, "measure", {"number": str(place.number)})
        if pickup:
            measure.set("implicit", "yes")
        if place is places[0] or place.bar.meter != meter:
            _attributes(measure, key, place, part, first=place is places[0], keyed=sheet.key)
            meter = place.bar.meter
        if first and place is places[0] and sheet.tempo_bpm:
            _tempo(measure, sheet.tempo_bpm)
        if first and place.bar.section and not pickup:
            direction = SubElement(measure, "direction", {"placement": "above"})
            kind = SubElement(direction, "direction-type")
            SubElement(kind, "rehearsal").text = _clean(place.bar.section)
        chords = list(place.bar.chords) if first and not pickup else []
        for number, voice in enumerate(voices, 1):
            if number > 1:
                backup = SubElement(measure, "backup")
                SubElement(backup, "duration").text = str(place.length)
            _voice(
                measure,
                place,
                voice,
                number,
                chords if number == 1 else [],
                key,
                sheet.changes,
            )
        if place is places[-1]:
            barline = SubElement(measure, "barline", {"location": "right"})
            SubElement(barline, "bar-style").text = "light-heavy"


def _places(sheet: LeadSheet) -> list[_Place]:
    changes = sheet.changes if sheet.changes.bars else Changes((Bar(),))
    upbeat = max((-note.onset for part in sheet.parts for note in _held(part, changes)), default=0)
    places = []
    if upbeat > 0:
        places.append(_Place(-upbeat, upbeat, changes.bars[0], 0))
    for number, (start, bar_of_form) in enumerate(
        zip(changes.bar_starts, changes.bars, strict=False), 1
    ):
        places.append(_Place(start, bar_of_form.meter.ticks_per_bar, bar_of_form, number))
    return places


def _held(part: Part, changes: Changes) -> list[Note]:
    """Return the notes that have a place: from less than a bar before the form to its end."""
    bar = changes.meter.ticks_per_bar
    return [note for note in part.notes if -bar < note.onset < changes.length and note.pitch >= 12]


def _voices(notes: Iterable[Note]) -> list[list[list[Note]]]:
    """Lay notes into voices of chords: equal onsets and ends stack, other overlaps part."""
    voices: list[list[list[Note]]] = [[]]
    for note in sorted(notes, key=lambda note: (note.onset, -note.duration, note.pitch)):
        for voice in voices:
            last = voice[-1][0] if voice else None
            if last is not None and (last.onset, last.end) == (note.onset, note.end):
                voice[-1].append(note)
                break
            if last is None or last.end <= note.onset:
                voice.append([note])
                break
        else:
            voices.append([[note]])
    return voices


def _attributes(
    measure: Element, key: Key, place: _Place, part: Part, *, first: bool, keyed: Key | None
) -> None:
    attributes = SubElement(measure, "attributes")
    if first:
        SubElement(attributes, "divisions").text = str(TICKS_PER_QUARTER)
        if keyed is not None:
            signature = SubElement(attributes, "key")
            SubElement(signature, "fifths").text = str(key.fifths)
            SubElement(signature, "mode").text = "minor" if key.minor else "major"
    time = SubElement(attributes, "time")
    SubElement(time, "beats").text = str(place.bar.meter.beats)
    SubElement(time, "beat-type").text = str(place.bar.meter.unit)
    if first:
        pitches = sorted(note.pitch for note in part.notes)
        low = bool(pitches) and pitches[len(pitches) // 2] < 57
        clef = SubElement(attributes, "clef")
        SubElement(clef, "sign").text = "F" if low else "G"
        SubElement(clef, "line").text = "4" if low else "2"


def _tempo(measure: Element, tempo: float) -> None:
    direction = SubElement(measure, "direction", {"placement": "above"})
    mark = SubElement(SubElement(direction, "direction-type"), "metronome")
    SubElement(mark, "beat-unit").text = "quarter"
    SubElement(mark, "per-minute").text = f"{tempo:g}"
    SubElement(direction, "sound", {"tempo": f"{tempo:.10g}"})


@dataclass(frozen=True, slots=True)
class _Piece:
    """One written note or rest: a chord of notes (none for a rest) from tick to tick."""

    start: int
    end: int
    notes: tuple[Note, ...] = ()


def _voice(
    measure: Element,
    place: _Place,
    voice: Sequence[Sequence[Note]],
    number: int,
    chords: list[ChordChange],
    key: Key,
    changes: Changes,
) -> None:
    start, end = place.start, place.start + place.length
    now = start
    pieces: list[_Piece] = []
    for stack in voice:
        if stack[0].end <= start or stack[0].onset >= end:
            continue
        onset, stop = max(stack[0].onset, start), min(stack[0].end, end)
        if onset > now:
            pieces.append(_Piece(now, onset))
        pieces.append(_Piece(onset, stop, tuple(stack)))
        now = stop
    if now < end:
        pieces.append(_Piece(now, end))
    if len(pieces) == 1 and not pieces[0].notes and not (number == 1 and len(chords) > 1):
        _harmonies(measure, chords, start, start, end)
        _whole_rest(measure, place, number)
        return
    written = [
        replace(piece, start=start + begin, end=start + stop)
        for piece in pieces
        for begin, stop in written_values(piece.start - start, piece.end - start)
    ]
    stretches = [(piece.start - start, piece.end - start) for piece in written]
    beamed = beams(stretches, [not piece.notes for piece in written], place.bar.meter)
    altered: dict[tuple[str, int], int] = {}
    for piece, beam, tuplet in zip(written, beamed, tuplets(stretches), strict=True):
        _harmonies(measure, chords, start, piece.start, piece.end)
        _note(measure, piece, number, key, _Marks(beam, tuplet, altered, changes))


@dataclass(frozen=True, slots=True)
class _Marks:
    """What a value carries, and what spells it; `altered` remembers the bar's accidentals."""

    beams: list[str]
    tuplet: str
    altered: dict[tuple[str, int], int]
    changes: Changes


def _whole_rest(measure: Element, place: _Place, number: int) -> None:
    note = SubElement(measure, "note")
    SubElement(note, "rest", {"measure": "yes"})
    SubElement(note, "duration").text = str(place.length)
    SubElement(note, "voice").text = str(number)


def _harmonies(measure: Element, chords: list[ChordChange], bar: int, start: int, end: int) -> None:
    """Write the chords that arrive within a note just before it."""
    while chords and bar + chords[0].onset < end:
        change = chords.pop(0)
        _harmony(measure, change.chord, bar + change.onset - start)


def _harmony(measure: Element, chord: Chord, offset: int) -> None:
    harmony = SubElement(measure, "harmony")
    kind, degrees = to_kind(chord)
    _pitch_name(SubElement(harmony, "root"), "root", chord.root or PitchName(0))
    element = SubElement(harmony, "kind")
    element.text = kind
    # The text stands for the kind alone where degrees follow, which are printed after it.
    whole = chord.quality if not degrees else quality_of_kind(kind)
    element.set("text", "N.C." if chord.root is None else whole.suffix)
    if chord.bass is not None:
        _pitch_name(SubElement(harmony, "bass"), "bass", chord.bass)
    for degree in degrees:
        entry = SubElement(harmony, "degree")
        SubElement(entry, "degree-value").text = str(degree.value)
        SubElement(entry, "degree-alter").text = str(degree.alter)
        SubElement(entry, "degree-type").text = degree.type
    if offset:
        SubElement(harmony, "offset").text = str(offset)


def _pitch_name(element: Element, part: str, name: PitchName) -> None:
    SubElement(element, f"{part}-step").text = name.letter
    if name.alter:
        SubElement(element, f"{part}-alter").text = str(name.alter)


def _note(measure: Element, piece: _Piece, voice: int, key: Key, marks: _Marks) -> None:
    """Write one value: a rest, a note, or a stack of notes."""
    for index, sounding in enumerate(piece.notes or (None,)):
        note = SubElement(measure, "note")
        before = sounding is not None and sounding.onset < piece.start
        after = sounding is not None and sounding.end > piece.end
        accidental = None
        if sounding is None:
            SubElement(note, "rest")
        else:
            if sounding.velocity != 90:
                note.set("dynamics", f"{sounding.velocity / 0.9:.4f}")
            if index:
                SubElement(note, "chord")
            spelled = spell(sounding, key, marks.changes.chord_at(sounding.onset))
            _pitch(note, spelled)
            accidental = _accidental(spelled, key, marks.altered, tied=before)
        SubElement(note, "duration").text = str(piece.end - piece.start)
        ties = [tie for tie, here in (("stop", before), ("start", after)) if here]
        for tie in ties:
            SubElement(note, "tie", {"type": tie})
        SubElement(note, "voice").text = str(voice)
        kind, dots, triplet = VALUES[piece.end - piece.start]
        SubElement(note, "type").text = kind
        for _ in range(dots):
            SubElement(note, "dot")
        if accidental is not None:
            SubElement(note, "accidental").text = accidental
        if triplet:
            ratio = SubElement(note, "time-modification")
            SubElement(ratio, "actual-notes").text = "3"
            SubElement(ratio, "normal-notes").text = "2"
        if index == 0:
            for number, beam in enumerate(marks.beams, 1):
                SubElement(note, "beam", {"number": str(number)}).text = beam
        if ties or (marks.tuplet and index == 0):
            notations = SubElement(note, "notations")
            for tie in ties:
                SubElement(notations, "tied", {"type": tie})
            if marks.tuplet and index == 0:
                bracket = SubElement(notations, "tuplet", {"type": marks.tuplet, "number": "1"})
                if marks.tuplet == "start":
                    bracket.set("bracket", "yes")


def _pitch(note: Element, spelled: Pitch) -> None:
    pitch = SubElement(note, "pitch")
    SubElement(pitch, "step").text = spelled.name.letter
    if spelled.name.alter:
        SubElement(pitch, "alter").text = str(spelled.name.alter)
    SubElement(pitch, "octave").text = str(max(0, min(9, spelled.octave)))


def _accidental(
    spelled: Pitch, key: Key, altered: dict[tuple[str, int], int], *, tied: bool
) -> str | None:
    """Name the accidental to print: none where key or bar say it already, or a tie goes on."""
    letter, alter = spelled.name.letter, spelled.name.alter
    # The signature's own alteration of the letter: seven fifths wide from the key's F.
    signature = (key.fifths - PitchName.of(letter).fifths + 5) // 7
    if tied or altered.get((letter, spelled.octave), signature) == alter:
        return None
    altered[letter, spelled.octave] = alter
    return _ACCIDENTALS.get(alter)


def _velocity(note: Note) -> int:
    """Return what reading makes of the written dynamics."""
    return max(1, min(127, round(float(f"{note.velocity / 0.9:.4f}") * 0.9)))
