"""Writing a lead sheet as MusicXML 4.0, partwise, valid against the schema.

Repeats are written out unless a :class:`Page` folds them. Note values come from
:mod:`sideman.formats.musicxml.notation`, names from :mod:`sideman.formats.musicxml.spelling`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from io import BytesIO
from itertools import accumulate, count
from xml.etree.ElementTree import Element, ElementTree, SubElement, indent
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from sideman.formats.musicxml.document import STYLE_FIELD
from sideman.formats.musicxml.folding import Written, folded, unfolded
from sideman.formats.musicxml.notation import VALUES, Tuplet, bar_values, beams, tuplets
from sideman.formats.musicxml.spelling import spell_line
from sideman.score import Bar, Changes, ChordChange, LeadSheet, Note, Part
from sideman.theory.chord import Chord, to_kind
from sideman.theory.instruments import CONCERT, Transposition
from sideman.theory.meter import TICKS_PER_QUARTER, Meter
from sideman.theory.pitch import Key, Pitch, PitchName

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
_RECALLED = 99
_CONTROL = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF], " ")
_CONTROL |= dict.fromkeys(range(0xD800, 0xE000), " ")


@dataclass(frozen=True, slots=True)
class Page:
    """Additions to a lead sheet for a printed page.

    Parameters
    ----------
    dedication : str
        The printed dedication; empty for none.
    transposition : Transposition
        The transposition of the part.
    handwritten : bool
        Whether notes and letters are to look written by hand, as in jazz charts.
    feel : str
        A word before the metronome mark, such as ``Swing``.
    swung : bool
        Whether eighths are swung.
    marks : mapping of int to str
        Words above bars, such as ``Chorus 2``, by the bar's index in the form.
    lines : frozenset of int
        The bars that begin a line.
    fold : bool
        Whether sections that are played twice are written once, with repeat signs.
    staccato : frozenset of int
        The onsets of eighths on a beat that are written as quarters with a staccato dot.  Their
        attribute ``release`` has the difference, so that they are read as long as they sound.
    names : bool
        Whether the first part's notes, bars and chords have an ``id``: ``n17``, with ``n17-2`` …
        for further notes tied to it, ``b3`` (``b0`` is the pickup) and ``c5``, all counted from 1.
    verses : mapping of int to tuple of str
        Words under the notes that have an ``id``, line by line, by the note's number from 1.
    below : mapping of int to str
        Words below bars, by the bar's index in the form.
    figures : mapping of int to tuple of str
        Words below the staff by the tick in the form at which they begin: one upright, which may be
        empty, and lines in italics.
    """

    dedication: str = ""
    transposition: Transposition = CONCERT
    handwritten: bool = False
    feel: str = ""
    swung: bool = False
    marks: Mapping[int, str] = field(default_factory=dict)
    lines: frozenset[int] = frozenset()
    fold: bool = True
    staccato: frozenset[int] = frozenset()
    names: bool = False
    verses: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    below: Mapping[int, str] = field(default_factory=dict)
    figures: Mapping[int, tuple[str, ...]] = field(default_factory=dict)


_PLAIN = Page(fold=False)


def losses(sheet: LeadSheet) -> tuple[str, ...]:
    """Return a short description of each part of a sheet that MusicXML cannot store."""
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
    # Two to one is the usual sign for swing, whatever the ratio.
    if sheet.swing and (sheet.swing == 2 or float(_parts_of(sheet.swing)) != sheet.swing):
        found.append("the exact swing ratio")
    return tuple(found)


def dumps(sheet: LeadSheet, page: Page = _PLAIN) -> bytes:
    """Return a lead sheet at sounding pitch as an uncompressed document, UTF-8.

    Without parts its bars contain rests.
    """
    key = sheet.key or Key(0)
    page = replace(page, transposition=page.transposition.within_signs(key.fifths))
    sheet = sheet.transposed(page.transposition.fifths, page.transposition.semitones)
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
        other.set("name", STYLE_FIELD)
        other.text = _clean(sheet.style)
    if page.handwritten:
        defaults = SubElement(root, "defaults")
        SubElement(defaults, "music-font", {"font-family": "Petaluma"})
        SubElement(defaults, "word-font", {"font-family": "Petaluma Script"})
    if page.dedication:
        _credits(root, sheet, page)
    parts = sheet.parts or (Part("Lead"),)
    bars = folded(sheet) if page.fold else unfolded(sheet)
    listed = SubElement(root, "part-list")
    for index, part in enumerate(parts, 1):
        _score_part(listed, part, index)
    for index, part in enumerate(parts, 1):
        element = SubElement(root, "part", {"id": f"P{index}"})
        _part(element, sheet, part, bars, page, first=index == 1)
    indent(root, " ")
    stream = BytesIO()
    ElementTree(root).write(stream, encoding="utf-8", xml_declaration=False)
    return _DOCTYPE.encode() + stream.getvalue() + b"\n"


def packed(document: bytes) -> bytes:
    """Return a document as a compressed file (``.mxl``); equal documents give equal bytes."""
    stream = BytesIO()
    with ZipFile(stream, "w", ZIP_DEFLATED) as archive:
        for name, content in (
            ("META-INF/container.xml", _CONTAINER.encode()),
            ("score.musicxml", document),
        ):
            archive.writestr(ZipInfo(name, (2000, 1, 1, 0, 0, 0)), content, ZIP_DEFLATED)
    return stream.getvalue()


def _clean(text: str) -> str:
    return text.translate(_CONTROL)


def _credits(root: Element, sheet: LeadSheet, page: Page) -> None:
    """Write title, dedication and composer, because some programs print nothing else."""
    for kind, words, justify in (
        ("title", sheet.title, "center"),
        ("dedication", page.dedication, "center"),
        ("composer", sheet.composer, "right"),
    ):
        if words:
            credit = SubElement(root, "credit", {"page": "1"})
            SubElement(credit, "credit-type").text = kind
            element = SubElement(credit, "credit-words", {"justify": justify, "valign": "top"})
            if kind == "dedication":
                element.set("font-style", "italic")
            element.text = _clean(words)


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
    written: Written = Written(-1)
    closes_section: bool = False


def _part(
    element: Element,
    sheet: LeadSheet,
    part: Part,
    bars: Sequence[Written],
    page: Page,
    *,
    first: bool,
) -> None:
    places = _places(sheet, bars, page)
    held = sorted(_held(part, sheet.changes), key=lambda note: (note.onset, note.pitch))
    voices = _voices(held)
    names = {
        (note.onset, note.pitch): pitch
        for note, pitch in zip(held, spell_line(held, sheet.key, sheet.changes), strict=True)
    }
    key, tempo = sheet.key or Key(0), sheet.tempo_bpm
    meter: Meter | None = None
    before: list[tuple[str, int]] = []
    named = first and page.names
    ids = _Ids.of(part.notes if named else (), page.verses)
    earlier = [0, *accumulate(len(bar.chords) for bar in sheet.changes.bars)]
    for place in places:
        pickup = place.number == 0
        measure = SubElement(element, "measure", {"number": str(place.number)})
        if named:
            measure.set("id", f"b{place.written.bar + 1}")
        if pickup:
            measure.set("implicit", "yes")
        if first and place.written.bar in page.lines and place.number > 1:
            SubElement(measure, "print", {"new-system": "yes"})
        _left_barline(measure, place.written)
        begins = place is places[0]
        changed = None if place.bar.key in (None, key) else place.bar.key
        key = changed or key
        signed = key if changed or (begins and sheet.key) else None
        if begins or place.bar.meter != meter or signed:
            meter = None if begins else meter
            _attributes(measure, signed, place, part, page, first=begins, before=meter)
            meter = place.bar.meter
        if first and begins and (sheet.tempo_bpm or page.feel or sheet.swing):
            _tempo(
                measure, sheet.tempo_bpm, page.feel, sheet.swing or (2.0 if page.swung else None)
            )
        elif first and place.bar.tempo_bpm not in (None, tempo):
            _tempo(measure, place.bar.tempo_bpm)
        tempo = place.bar.tempo_bpm or tempo
        if first and place.bar.section and not pickup:
            direction = SubElement(measure, "direction", {"placement": "above"})
            kind = SubElement(direction, "direction-type")
            SubElement(kind, "rehearsal").text = _clean(place.bar.section)
        for placement, texts in (("above", page.marks), ("below", page.below)) if first else ():
            if place.written.bar in texts:
                direction = SubElement(measure, "direction", {"placement": placement})
                words = SubElement(SubElement(direction, "direction-type"), "words")
                words.set("font-style", "italic")
                words.text = _clean(texts[place.written.bar])
        if first:
            _figures(measure, place, page)
        chords = []
        if first and not pickup:
            numbers = count(earlier[place.written.bar] + 1)
            chords = [
                (f"c{number}" if named else "", change)
                for number, change in zip(numbers, place.bar.chords, strict=False)
            ]
        recalled, before = before, []
        for number, voice in enumerate(voices, 1):
            if number > 1:
                backup = SubElement(measure, "backup")
                SubElement(backup, "duration").text = str(place.length)
            short = page.staccato if number == 1 else frozenset()
            marks = _Marks(key, names, dict.fromkeys(recalled, _RECALLED), ids, short)
            _voice(measure, place, voice, number, chords if number == 1 else [], marks)
            before += [
                (letter, octave)
                for (letter, octave), alter in marks.altered.items()
                if alter not in (_RECALLED, _signature(letter, key))
            ]
        _right_barline(measure, place, last=place is places[-1])


def _figures(measure: Element, place: _Place, page: Page) -> None:
    """Write the words below the staff that begin in a bar."""
    inside = (tick for tick in page.figures if place.start <= tick < place.start + place.length)
    for tick in sorted(inside):
        first, *more = page.figures[tick]
        for lines, style in (([first] if first else [], "normal"), (more, "italic")):
            if not lines:
                continue
            direction = SubElement(measure, "direction", {"placement": "below"})
            kind = SubElement(direction, "direction-type")
            for at, text in enumerate(lines, 1):
                words = SubElement(kind, "words", {"font-style": style, "font-weight": "normal"})
                words.text = _clean(text) + "\n" * (at < len(lines))
            if tick > place.start:
                SubElement(direction, "offset").text = str(tick - place.start)


def _places(sheet: LeadSheet, bars: Sequence[Written], page: Page) -> list[_Place]:
    changes = sheet.changes if sheet.changes.bars else Changes((Bar(),))
    upbeat = max((-note.onset for part in sheet.parts for note in _held(part, changes)), default=0)
    places = []
    if upbeat > 0:
        places.append(_Place(-upbeat, upbeat, changes.bars[0], 0))
    for number, written in enumerate(bars or (Written(0),), 1):
        bar = changes.bars[written.bar]
        after = changes.bars[written.bar + 1 : written.bar + 2]
        closes = bool(after) and (after[0].section is not None or written.bar + 1 in page.marks)
        start = changes.bar_starts[written.bar]
        places.append(_Place(start, bar.meter.ticks_per_bar, bar, number, written, closes))
    return places


def _left_barline(measure: Element, written: Written) -> None:
    if not written.opens and not written.ending:
        return
    barline = SubElement(measure, "barline", {"location": "left"})
    if written.opens:
        SubElement(barline, "bar-style").text = "heavy-light"
    if written.ending:
        SubElement(barline, "ending", {"number": str(written.ending), "type": "start"})
    if written.opens:
        SubElement(barline, "repeat", {"direction": "forward"})


def _right_barline(measure: Element, place: _Place, *, last: bool) -> None:
    written = place.written
    if not (last or written.closes or written.ends or place.closes_section):
        return
    barline = SubElement(measure, "barline", {"location": "right"})
    if last or written.closes:
        SubElement(barline, "bar-style").text = "light-heavy"
    elif place.closes_section:
        SubElement(barline, "bar-style").text = "light-light"
    if written.ends:
        kind = "stop" if written.closes else "discontinue"
        SubElement(barline, "ending", {"number": str(written.ends), "type": kind})
    if written.closes:
        SubElement(barline, "repeat", {"direction": "backward"})


def _held(part: Part, changes: Changes) -> list[Note]:
    """Return the notes that can be written: from less than a bar before the form to its end."""
    bar = changes.meter.ticks_per_bar
    return [note for note in part.notes if -bar < note.onset < changes.length and note.pitch >= 12]


def _voices(notes: Iterable[Note]) -> list[list[list[Note]]]:
    """Arrange notes in voices of chords; overlapping notes are in different voices."""
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
    measure: Element,
    key: Key | None,
    place: _Place,
    part: Part,
    page: Page,
    *,
    first: bool,
    before: Meter | None,
) -> None:
    """Write a key signature that is given, and a meter other than that of the bar before."""
    attributes = SubElement(measure, "attributes")
    if first:
        SubElement(attributes, "divisions").text = str(TICKS_PER_QUARTER)
    if key is not None:
        signature = SubElement(attributes, "key")
        SubElement(signature, "fifths").text = str(key.fifths)
        if key.has_mode:
            SubElement(signature, "mode").text = "minor" if key.minor else "major"
    if place.bar.meter != before:
        time = SubElement(attributes, "time")
        SubElement(time, "beats").text = str(place.bar.meter.beats)
        SubElement(time, "beat-type").text = str(place.bar.meter.unit)
    if first:
        pitches = sorted(note.pitch for note in part.notes)
        low = bool(pitches) and pitches[len(pitches) // 2] < 57
        clef = SubElement(attributes, "clef")
        SubElement(clef, "sign").text = "F" if low else "G"
        SubElement(clef, "line").text = "4" if low else "2"
    moved = page.transposition
    if first and (moved.fifths or moved.semitones):
        transpose = SubElement(attributes, "transpose")
        octaves = moved.semitones // 12
        SubElement(transpose, "diatonic").text = str(-(moved.steps - 7 * octaves))
        SubElement(transpose, "chromatic").text = str(-(moved.semitones - 12 * octaves))
        if octaves:
            SubElement(transpose, "octave-change").text = str(-octaves)


def _tempo(
    measure: Element, tempo: float | None, feel: str = "", swing: float | None = None
) -> None:
    direction = measure
    if tempo or feel:
        direction = SubElement(measure, "direction", {"placement": "above"})
    if feel:
        words = SubElement(SubElement(direction, "direction-type"), "words")
        words.set("font-weight", "bold")
        words.text = _clean(feel)
    if tempo:
        mark = SubElement(SubElement(direction, "direction-type"), "metronome")
        SubElement(mark, "beat-unit").text = "quarter"
        SubElement(mark, "per-minute").text = f"{tempo:g}"
    if tempo or swing:
        sound = SubElement(direction, "sound")
        if tempo:
            sound.set("tempo", f"{tempo:.10g}")
        if swing:
            _swing(SubElement(sound, "swing"), swing)


def _swing(element: Element, ratio: float) -> None:
    if ratio == 1:
        SubElement(element, "straight")
        return
    parts = _parts_of(ratio)
    SubElement(element, "first").text = str(parts.numerator)
    SubElement(element, "second").text = str(parts.denominator)
    SubElement(element, "swing-type").text = "eighth"


def _parts_of(ratio: float) -> Fraction:
    return Fraction(ratio).limit_denominator(100)


@dataclass(frozen=True, slots=True)
class _Piece:
    """A span with a chord of notes, or a rest."""

    start: int
    end: int
    notes: tuple[Note, ...] = ()
    staccato: bool = False


@dataclass(frozen=True, slots=True)
class _Marks:
    """The spelling of a bar: the key, the notes' names, and the accidentals so far.

    Alterations of the previous bar are recalled, so that the next accidental there is printed
    again.  `staccato` are onsets of notes.
    """

    key: Key
    names: Mapping[tuple[int, int], Pitch]
    altered: dict[tuple[str, int], int]
    ids: _Ids
    staccato: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class _Ids:
    """The number of each note by onset and pitch, of its values written so far, and its words."""

    numbers: Mapping[tuple[int, int], int]
    verses: Mapping[int, tuple[str, ...]]
    written: Counter[int] = field(default_factory=Counter)

    @classmethod
    def of(cls, notes: Sequence[Note], verses: Mapping[int, tuple[str, ...]]) -> _Ids:
        return cls({(note.onset, note.pitch): at for at, note in enumerate(notes, 1)}, verses)

    def words(self, note: Note) -> tuple[str, ...]:
        """Return the words under the first written value of a note."""
        number = self.numbers.get((note.onset, note.pitch), 0)
        return self.verses.get(number, ()) if self.written[number] == 1 else ()

    def next(self, note: Note) -> str:
        """Return the id of the next written value of a note; empty if it has no number."""
        number = self.numbers.get((note.onset, note.pitch))
        if number is None:
            return ""
        self.written[number] += 1
        times = self.written[number]
        return f"n{number}" if times == 1 else f"n{number}-{times}"


def _voice(
    measure: Element,
    place: _Place,
    voice: Sequence[Sequence[Note]],
    number: int,
    chords: list[tuple[str, ChordChange]],
    marks: _Marks,
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
        staccato = stack[0].onset in marks.staccato
        now = onset + TICKS_PER_QUARTER if staccato else stop
        pieces.append(_Piece(onset, now, tuple(stack), staccato))
    if now < end:
        pieces.append(_Piece(now, end))
    if len(pieces) == 1 and not pieces[0].notes and not (number == 1 and len(chords) > 1):
        _harmonies(measure, chords, start, start, end)
        _whole_rest(measure, place, number)
        return
    # A pickup is the end of a bar, so its beats are counted from the end.
    offset = place.bar.meter.ticks_per_bar - place.length
    written = bar_values(
        [
            (piece.start - start + offset, piece.end - start + offset, not piece.notes)
            for piece in pieces
        ],
        place.bar.meter,
    )
    stretches = [(value.start, value.end) for value in written]
    beamed = beams(stretches, [not pieces[value.piece].notes for value in written], place.bar.meter)
    for value, beam, tuplet in zip(written, beamed, tuplets(stretches), strict=True):
        piece = replace(
            pieces[value.piece],
            start=start + value.start - offset,
            end=start + value.end - offset,
        )
        _harmonies(measure, chords, start, piece.start, piece.end)
        _note(measure, piece, number, beam, tuplet, marks)


def _whole_rest(measure: Element, place: _Place, number: int) -> None:
    note = SubElement(measure, "note")
    SubElement(note, "rest", {"measure": "yes"})
    SubElement(note, "duration").text = str(place.length)
    SubElement(note, "voice").text = str(number)


def _harmonies(
    measure: Element, chords: list[tuple[str, ChordChange]], bar: int, start: int, end: int
) -> None:
    """Write the chords with an onset within a note just before it."""
    while chords and bar + chords[0][1].onset < end:
        name, change = chords.pop(0)
        harmony = SubElement(measure, "harmony", {"id": name} if name else {})
        _harmony(harmony, change.chord, bar + change.onset - start)


def _harmony(harmony: Element, chord: Chord, offset: int) -> None:
    kind, degrees = to_kind(chord)
    root = SubElement(harmony, "root")
    _pitch_name(root, "root", chord.root or PitchName(0))
    element = SubElement(harmony, "kind")
    element.text = kind
    # The text is the whole symbol as players write it; the degrees are not printed.
    element.set("text", "N.C." if chord.root is None else chord.quality.suffix)
    if chord.root is None:
        root[0].set("text", "")
    if chord.bass is not None:
        _pitch_name(SubElement(harmony, "bass"), "bass", chord.bass)
    for degree in degrees:
        entry = SubElement(harmony, "degree", {"print-object": "no"})
        SubElement(entry, "degree-value").text = str(degree.value)
        SubElement(entry, "degree-alter").text = str(degree.alter)
        SubElement(entry, "degree-type").text = degree.type
    if offset:
        SubElement(harmony, "offset").text = str(offset)


def _pitch_name(element: Element, part: str, name: PitchName) -> None:
    SubElement(element, f"{part}-step").text = name.letter
    if name.alter:
        SubElement(element, f"{part}-alter").text = str(name.alter)


def _note(
    measure: Element,
    piece: _Piece,
    voice: int,
    beams: list[str],
    tuplet: Tuplet | None,
    marks: _Marks,
) -> None:
    """Write one value: a rest, a note, or a chord of notes."""
    for index, sounding in enumerate(piece.notes or (None,)):
        note = SubElement(measure, "note")
        before = sounding is not None and sounding.onset < piece.start
        after = sounding is not None and sounding.end > piece.end
        accidental = None
        if sounding is None:
            SubElement(note, "rest")
        else:
            if name := marks.ids.next(sounding):
                note.set("id", name)
            if sounding.velocity != 90:
                note.set("dynamics", f"{sounding.velocity / 0.9:.4f}")
            if piece.staccato:  # it sounds as long as it does in `sounding`
                note.set("release", str(sounding.end - piece.end))
            if index:
                SubElement(note, "chord")
            spelled = marks.names[sounding.onset, sounding.pitch]
            _pitch(note, spelled)
            accidental = _accidental(spelled, marks.key, marks.altered, tied=before)
        SubElement(note, "duration").text = str(piece.end - piece.start)
        ties = [tie for tie, here in (("stop", before), ("start", after)) if here]
        for tie in ties:
            SubElement(note, "tie", {"type": tie})
        SubElement(note, "voice").text = str(voice)
        value, dots, _ = VALUES[piece.end - piece.start]
        SubElement(note, "type").text = value
        for _ in range(dots):
            SubElement(note, "dot")
        if accidental is not None:
            SubElement(note, "accidental").text = accidental
        if tuplet is not None:
            ratio = SubElement(note, "time-modification")
            SubElement(ratio, "actual-notes").text = str(tuplet.actual)
            SubElement(ratio, "normal-notes").text = str(tuplet.normal)
        if index == 0:
            for number, beam in enumerate(beams, 1):
                SubElement(note, "beam", {"number": str(number)}).text = beam
        _notations(note, ties, tuplet if index == 0 else None, staccato=piece.staccato)
        for line, words in enumerate(marks.ids.words(sounding) if sounding else (), 1):
            if words:
                lyric = SubElement(note, "lyric", {"number": str(line)})
                SubElement(lyric, "text").text = _clean(words)


def _notations(
    note: Element, ties: Sequence[str], tuplet: Tuplet | None, *, staccato: bool
) -> None:
    """Write ties, the end of a bracket, and a staccato dot."""
    bracketed = tuplet is not None and tuplet.mark
    if not (ties or bracketed or staccato):
        return
    notations = SubElement(note, "notations")
    for tie in ties:
        SubElement(notations, "tied", {"type": tie})
    if tuplet is not None and bracketed:
        bracket = SubElement(notations, "tuplet", {"type": tuplet.mark, "number": "1"})
        if tuplet.mark == "start":
            bracket.set("bracket", "yes")
    if staccato:
        SubElement(SubElement(notations, "articulations"), "staccato")


def _pitch(note: Element, spelled: Pitch) -> None:
    pitch = SubElement(note, "pitch")
    SubElement(pitch, "step").text = spelled.name.letter
    if spelled.name.alter:
        SubElement(pitch, "alter").text = str(spelled.name.alter)
    SubElement(pitch, "octave").text = str(max(0, min(9, spelled.octave)))


def _accidental(
    spelled: Pitch, key: Key, altered: dict[tuple[str, int], int], *, tied: bool
) -> str | None:
    """Return the accidental to print; None if key, bar or tie imply it."""
    letter, alter = spelled.name.letter, spelled.name.alter
    place = letter, spelled.octave
    own = _signature(letter, key)
    if tied and alter != own:
        altered.setdefault(place, _RECALLED)
    if tied or altered.get(place, own) == alter:
        return None
    altered[place] = alter
    return _ACCIDENTALS.get(alter)


def _signature(letter: str, key: Key) -> int:
    """Return the alteration of a letter in the key signature."""
    return (key.fifths - PitchName.of(letter).fifths + 5) // 7


def _velocity(note: Note) -> int:
    """Return the velocity that is read from the written dynamics."""
    return max(1, min(127, round(float(f"{note.velocity / 0.9:.4f}") * 0.9)))
