"""Reading MusicXML as a lead sheet.

Source: MusicXML 4.0 (W3C Community Group). Notes are read at sounding pitch (``<transpose>``), tied
notes are joined, repeats and jumps are written out, and a pickup has negative onsets. Cue notes and
slashes take time but are no melody. Grace notes, lyrics and layout are ignored.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import PurePath
from xml.etree.ElementTree import Element

from sideman.errors import ChordError, FormatError
from sideman.formats import words
from sideman.formats.musicxml.document import STYLE_FIELD, tree
from sideman.formats.musicxml.signs import Marks, SignReader, resolved
from sideman.score import Bar, Changes, ChordChange, LeadSheet, Note, Part
from sideman.score.roadmap import playing_order
from sideman.theory.chord import Chord, from_kind
from sideman.theory.chord.kinds import Degree
from sideman.theory.meter import TICKS_PER_QUARTER, Meter
from sideman.theory.pitch import Key, PitchName

MOST_MEASURES = 10_000
_MOST_QUARTERS = 256
_NO_CHORD = re.compile(r"\W*n\W*o?\W*c(?:hord)?\W*|tacet\.?|none", re.IGNORECASE)
_FIRST_MEASURES = 2  # the measures whose words may name the style


def parse(data: bytes, name: str) -> LeadSheet:
    """Read a MusicXML document: the bars in playing order, and every part with notes.

    Raises
    ------
    FormatError, ChordError
        If it cannot be read; the message names the file and the measure.
    """
    notices: list[str] = []
    root = tree(data, name, notices)
    if root.tag == "score-timewise":
        root = _partwise(root)
    if root.tag != "score-partwise":
        raise FormatError(
            f"{name}: is XML but not a MusicXML score (its root is <{root.tag[:40]}>); save the "
            "score as MusicXML."
        )
    read_parts = [
        _part(part, _header(root, part.get("id", "")), name) for part in root.findall("part")
    ]
    if not read_parts or not any(part.measures for part in read_parts):
        raise FormatError(f"{name}: the score has no measure; save it again.")
    # The form is that of the part with most chords; a lead sheet has only one such part.
    leader = max(read_parts, key=lambda part: (part.harmonies, len(part.measures)))
    notices += leader.notices
    pickup = _pickup(leader.measures)
    order, left_out = _order(leader, read_parts, bool(pickup), name)
    changes = Changes(
        tuple(
            Bar(_chords(measure), measure.meter, measure.section)
            for measure in (leader.measures[index] for index in order)
        )
    )
    first = read_parts[0].measures[0] if read_parts[0].measures else _Measure(Meter())
    return LeadSheet(
        title=_title(root, name),
        composer=_composer(root),
        style=_style(root, read_parts),
        key=leader.key or first.key,
        tempo_bpm=_tempo(read_parts),
        swing=next((part.swing for part in read_parts if part.swing), None),
        changes=changes,
        parts=tuple(
            Part(part.name, notes, part.program, part.percussion)
            for part in read_parts
            if (notes := _notes(part.measures, order, changes, pickup))
        ),
        notices=(*notices, *left_out, *_later(read_parts, leader, name)),
    )


def has_meter(data: bytes, name: str) -> bool:
    """Return whether a MusicXML document has a time signature."""
    return tree(data, name, []).find(".//time/beats") is not None


@dataclass(slots=True)
class _Tied:
    """A note, and whether ties join it to the previous or the next one."""

    onset: int
    end: int
    pitch: int
    name: PitchName
    velocity: int
    from_before: bool
    to_next: bool


@dataclass(slots=True)
class _Measure:
    meter: Meter
    number: str = ""
    implicit: bool = False
    length: int = 0
    section: str | None = None
    key: Key | None = None
    tempo: float | None = None
    marks: Marks = Marks()
    copies: int = 0  # the measures back to the one that this one repeats; 0 for none
    chords: list[tuple[int, Chord]] = field(default_factory=list)
    notes: list[_Tied] = field(default_factory=list)


@dataclass(slots=True)
class _ReadPart:
    name: str
    program: int
    percussion: bool
    measures: list[_Measure] = field(default_factory=list)
    key: Key | None = None
    tempo: float | None = None
    swing: float | None = None
    feel: str = ""  # what <swing> says, in words
    words: list[str] = field(default_factory=list)  # of the first measures
    notices: list[str] = field(default_factory=list)

    @property
    def harmonies(self) -> int:
        return sum(len(measure.chords) for measure in self.measures)


# ---------------------------------------------------------------------------- the header


def _partwise(root: Element) -> Element:
    """Convert a timewise score to a partwise one."""
    turned = Element("score-partwise")
    turned.extend(child for child in root if child.tag != "measure")
    parts: dict[str, Element] = {}
    for measure in root.findall("measure"):
        for part in measure.findall("part"):
            name = part.get("id", "")
            parts.setdefault(name, Element("part", {"id": name}))
            copy = Element("measure", dict(measure.attrib))
            copy.extend(list(part))
            parts[name].append(copy)
    turned.extend(parts.values())
    return turned


def _text(element: Element | None, path: str = "") -> str:
    found = element.find(path) if element is not None and path else element
    text = found.text if found is not None else None
    if not text:
        return ""
    return text if text.isalnum() else " ".join(text.split())


def _later(parts: list[_ReadPart], leader: _ReadPart, name: str) -> Iterator[str]:
    """Yield a notice where another key or tempo begins than that of the beginning."""
    keys = [(one.number, one.key.fifths) for one in leader.measures if one.key is not None]
    tempos = [(one.number, one.tempo) for part in parts for one in part.measures if one.tempo]
    for what, values in (("key", keys), ("tempo", tempos)):
        number = next((number for number, value in values if value != values[0][1]), None)
        if number is not None:
            yield (
                f"{name}, measure {number}: another {what} begins here and is left out, as one "
                f"{what} is read."
            )


def _title(root: Element, name: str) -> str:
    return (
        _text(root, "work/work-title")
        or _text(root, "movement-title")
        or _text(root, "credit/credit-words")
        or PurePath(name).stem
    )


def _composer(root: Element) -> str:
    for creator in root.iterfind("identification/creator"):
        if creator.get("type", "composer") == "composer":
            return _text(creator)
    return ""


def _style(root: Element, parts: list[_ReadPart]) -> str:
    """Return the style in the own field, in words at the beginning, or of the swing."""
    for other in root.iterfind("identification/miscellaneous/miscellaneous-field"):
        if other.get("name") == STYLE_FIELD:
            return _text(other)
    if _text(root, "identification/encoding/software") == "sideman":
        return ""
    said = (words.style_in(text) for part in parts for text in part.words)
    printed = (*root.iterfind("credit/credit-words"), *root.iterfind("identification/creator"))
    titles = {_text(root, "work/work-title"), _text(root, "movement-title")}
    listed = (
        words.style_in(text, only=True) for one in printed if (text := _text(one)) not in titles
    )
    feel = (part.feel for part in parts)
    return next((style for style in (*said, *listed, *feel) if style), "")


def _tempo(parts: list[_ReadPart]) -> float | None:
    """Return the tempo of a sign or sound, else of words such as "Ballad, q = 60"."""
    given = [part.tempo for part in parts] + [
        words.tempo_in(text) for part in parts for text in part.words
    ]
    return next((tempo for tempo in given if tempo), None)


def _header(root: Element, part: str) -> _ReadPart:
    for header in root.iterfind("part-list/score-part"):
        if header.get("id", "") == part:
            instrument = header.find("midi-instrument")
            program = _integer(_text(instrument, "midi-program"), 1) - 1
            return _ReadPart(
                name=_text(header, "part-name"),
                program=program if 0 <= program < 128 else 0,
                percussion=_text(instrument, "midi-channel") == "10",
            )
    return _ReadPart("", 0, False)


def _integer(text: str, default: int) -> int:
    if text.isascii() and text.isdigit() and len(text) < 10:
        return int(text)
    return int(text) if re.fullmatch(r"\s*[+-]?\d{1,9}\s*", text) else default


def _number(text: str) -> float | None:
    if text.isascii() and text.isdigit() and len(text) < 10:
        return float(text)
    return float(text) if re.fullmatch(r"\s*[+-]?\d{1,9}(\.\d{0,12})?\s*", text) else None


# ------------------------------------------------------------------------ the measures of a part


def _part(part: Element, read: _ReadPart, name: str) -> _ReadPart:
    reader = _Reader(read, name)
    for element in part.findall("measure"):
        if len(read.measures) >= MOST_MEASURES:
            raise FormatError(f"{name}: more than {MOST_MEASURES} measures, the limit; shorten it.")
        reader.measure(element)
    _copy_repeated(read, name)
    _join_split_measures(read.measures)
    return read


class _Reader:
    """A reader of a part, with its current meter, divisions and transposition."""

    def __init__(self, read: _ReadPart, name: str) -> None:
        self.read = read
        self.name = name
        self.meter = Meter()
        self.divisions = 1.0
        self.semitones = 0
        self.fifths = 0
        self.slashes = False
        self.copies = 0

    def ticks(self, divisions: float) -> int:
        return int(divisions * TICKS_PER_QUARTER / self.divisions + 0.5)

    def measure(self, element: Element) -> None:
        """Read one measure."""
        number = element.get("number", str(len(self.read.measures) + 1))
        where = f"{self.name}, measure {number[:20]}"
        now = _Measure(self.meter, number, element.get("implicit") == "yes" or number == "0")
        now.copies = self.copies
        position = furthest = last_onset = 0.0
        signs = SignReader()
        for child in element:
            tag = child.tag
            if tag == "note":
                fields = {field.tag: field for field in child}
                if "grace" in fields:
                    continue
                duration = _number(_text(fields.get("duration"))) or 0.0
                rest = fields.get("rest")
                if rest is not None and rest.get("measure") == "yes" and not position:
                    # Some programs give it the length of a whole rest in any meter.
                    bar = self.meter.ticks_per_bar * self.divisions / TICKS_PER_QUARTER
                    duration = min(duration, bar)
                if "chord" not in fields:
                    last_onset = position
                    position += max(0.0, duration)
                if "pitch" in fields and duration > 0 and not self._is_slash(fields):
                    self._note(child, fields, now, last_onset, duration, where)
            elif tag in ("backup", "forward"):
                step = max(0.0, _number(_text(child, "duration")) or 0.0)
                position = max(0.0, position - step if tag == "backup" else position + step)
            elif tag == "harmony":
                at = position + (_number(_text(child, "offset")) or 0.0)
                self._harmony(child, now, at, where)
            elif tag == "attributes":
                self._attributes(child, now, where)
                self._measure_style(child, now, position)
            elif tag == "direction":
                at = position + (_number(_text(child, "offset")) or 0.0)
                self._direction(child, now, signs, at)
            elif tag == "sound":
                self._sound(child, now)
                signs.direction("", (), (child,), position)
            elif tag == "barline":
                signs.barline(child)
            furthest = max(furthest, position)
            if furthest > _MOST_QUARTERS * self.divisions:
                raise FormatError(
                    f"{where}: is longer than {_MOST_QUARTERS} quarters; correct its durations."
                )
        now.meter = self.meter
        now.length = self.ticks(furthest)
        now.marks = signs.marks(furthest)
        if now.length > now.meter.ticks_per_bar:
            now.meter = _longer_meter(now.length, self.meter, where)
        self.read.measures.append(now)

    def _is_slash(self, fields: dict[str, Element]) -> bool:
        """Return whether a note is a cue or a rhythm slash, which is no melody."""
        return "cue" in fields or self.slashes or _text(fields.get("notehead")) == "slash"

    def _measure_style(self, element: Element, now: _Measure, position: float) -> None:
        """Read where slashes and repeated measures begin and end."""
        for style in element.iterfind("measure-style/*"):
            begins = style.get("type") == "start"
            if style.tag == "slash":
                self.slashes = begins
            elif style.tag == "measure-repeat":
                self.copies = max(1, min(16, _integer(_text(style), 1))) if begins else 0
                if position == 0:
                    now.copies = self.copies

    def _attributes(self, element: Element, now: _Measure, where: str) -> None:
        if (divisions := _number(_text(element, "divisions"))) is not None:
            if not 0 < divisions <= 1_000_000:
                raise FormatError(f"{where}: has {divisions:g} divisions; save the score again.")
            self.divisions = divisions
        if (time := element.find("time")) is not None and time.find("beats") is not None:
            beats, unit = _text(time, "beats"), _text(time, "beat-type")
            counts = [_integer(count, 0) for count in beats.split("+")]
            try:
                self.meter = Meter(sum(counts), _integer(unit, 0))
            except FormatError as error:
                raise FormatError(f"{where}: {error}") from error
        if (transpose := element.find("transpose")) is not None:
            chromatic = _integer(_text(transpose, "chromatic"), 0)
            octaves = _integer(_text(transpose, "octave-change"), 0)
            diatonic = _integer(_text(transpose, "diatonic"), _steps(chromatic))
            if abs(chromatic) + abs(12 * octaves) > 96 or abs(diatonic) > 56:
                raise FormatError(f"{where}: transposes by more than eight octaves; correct it.")
            self.semitones = chromatic + 12 * octaves
            # An interval of d letters and s semitones is 7s - 12d fifths.
            self.fifths = 7 * chromatic - 12 * diatonic
            if abs(self.fifths) > 12:
                self.fifths = (7 * chromatic + 5) % 12 - 5
        if (key := element.find("key")) is not None and key.find("fifths") is not None:
            fifths = _integer(_text(key, "fifths"), 0) + self.fifths
            mode = _text(key, "mode")
            minor, has_mode = mode in ("minor", "aeolian"), mode not in ("", "none")
            now.key = Key(max(-12, min(12, fifths)), minor, has_mode)
            self.read.key = self.read.key or now.key

    def _note(
        self,
        element: Element,
        fields: dict[str, Element],
        now: _Measure,
        onset: float,
        duration: float,
        where: str,
    ) -> None:
        pitch = {part.tag: part.text or "" for part in fields["pitch"]}
        read = _pitch(pitch.get("step", ""), pitch.get("octave", ""), pitch.get("alter", ""))
        if read is None:
            raise FormatError(f"{where}: a note's pitch cannot be read; correct it.")
        name, midi = read
        midi += self.semitones
        if not 0 <= midi < 128:
            raise FormatError(f"{where}: a note is outside MIDI's range; correct its octave.")
        ties = {tie.get("type") for tie in element.iterfind("tie")} if "tie" in fields else ()
        release = _number(element.get("release", ""))
        if release is not None and release == -duration / 2:  # a staccato quarter of a page
            duration += release
        start, end = self.ticks(onset), self.ticks(onset + duration)
        dynamics = _number(element.get("dynamics", ""))
        velocity = 90 if dynamics is None else max(1, min(127, round(dynamics * 0.9)))
        now.notes.append(
            _Tied(
                start,
                max(end, start + 1),
                midi,
                name.transpose(self.fifths) if self.fifths else name,
                velocity,
                "stop" in ties,
                "start" in ties,
            )
        )

    def _harmony(self, element: Element, now: _Measure, at: float, where: str) -> None:
        kind = element.find("kind")
        text = (kind.get("text") or "") if kind is not None else ""
        root = self._pitch_name(element, "root")
        written = _text(element, "root/root-step") + (text or _text(kind))
        if root is None and (degree := _text(element, "function") or _numeral(element)):
            self.read.notices.append(
                f"{where}: the chord {degree[:40]} is left out, as it has a degree but no root; "
                "write it with its root."
            )
            return
        if _text(kind) == "none" and text.strip() and not _NO_CHORD.fullmatch(text.strip()):
            self.read.notices.append(
                f"{where}: the words {text.strip()[:40]!r} in the place of a chord are left out."
            )
            return
        if element.get("type") == "alternate":
            self.read.notices.append(f"{where}: the alternative chord {written[:40]} is left out.")
            return
        degrees = [
            Degree(
                _integer(_text(degree, "degree-value"), 0),
                _integer(_text(degree, "degree-alter"), 0),
                _text(degree, "degree-type") or "add",
            )
            for degree in element.findall("degree")
        ]
        try:
            chord = from_kind(
                root,
                _text(kind) or ("other" if text and not degrees else "major"),
                degrees,
                self._pitch_name(element, "bass"),
                text=text,
            )
        except ChordError as error:
            raise ChordError(f"{where}: {written[:40]}: {error}", written) from error
        now.chords.append((max(0, self.ticks(max(0.0, at))), chord))

    def _pitch_name(self, element: Element, part: str) -> PitchName | None:
        step = _text(element, f"{part}/{part}-step").upper()
        if len(step) != 1 or step not in "ABCDEFG":
            return None
        alter = max(-3, min(3, _integer(_text(element, f"{part}/{part}-alter"), 0)))
        return PitchName.of(step, alter).transpose(self.fifths)

    def _direction(self, element: Element, now: _Measure, signs: SignReader, at: float) -> None:
        said: list[str] = []
        symbols: list[str] = []
        for kind in element.iterfind("direction-type/*"):
            if kind.tag == "rehearsal":
                now.section = _text(kind) or now.section
                if now.section and now.section.lower().startswith("coda"):
                    said.append(now.section)
            elif kind.tag in ("words", "symbol"):
                said.append(_text(kind))
            elif kind.tag in ("segno", "coda"):
                symbols.append(kind.tag)
            elif kind.tag == "metronome":
                self._tempo(_metronome(kind), now)
        sounds = element.findall("sound")
        signs.direction(" ".join(said), symbols, sounds, at)
        if said and len(self.read.measures) < _FIRST_MEASURES:
            self.read.words += [" ".join(said), *said[1:]]
        for sound in sounds:
            self._sound(sound, now)

    def _tempo(self, tempo: float | None, now: _Measure) -> None:
        now.tempo = now.tempo or tempo
        self.read.tempo = self.read.tempo or tempo

    def _sound(self, element: Element, now: _Measure) -> None:
        tempo = _number(element.get("tempo", ""))
        self._tempo(tempo if tempo and 10 <= tempo <= 999 else None, now)
        swing = element.find("swing")
        if swing is not None and not self.read.feel:
            self.read.feel, self.read.swing = _swing(swing)


@lru_cache(maxsize=1024)
def _pitch(step: str, octave: str, alter: str) -> tuple[PitchName, int] | None:
    """Read a written pitch as name and MIDI number; None if invalid."""
    letter, height = step.strip().upper(), _integer(octave, 99)
    raised = round(_number(alter) or 0.0)
    if len(letter) != 1 or letter not in "ABCDEFG" or abs(height) > 12 or abs(raised) > 4:
        return None
    natural = PitchName.of(letter)
    return PitchName.of(letter, raised), 12 * (height + 1) + natural.pitch_class + raised


def _steps(chromatic: int) -> int:
    """Return the letter steps of the usual transposing interval of so many semitones."""
    size = (0, 1, 1, 2, 2, 3, 3, 4, 5, 5, 6, 6)[abs(chromatic) % 12]
    steps = abs(chromatic) // 12 * 7 + size
    return steps if chromatic >= 0 else -steps


_BEAT_UNITS = {"whole": 4.0, "half": 2.0, "quarter": 1.0, "eighth": 0.5, "16th": 0.25}


def _metronome(element: Element) -> float | None:
    per_minute = re.search(r"\d{1,3}(\.\d{1,6})?", _text(element, "per-minute"))
    unit = _BEAT_UNITS.get(_text(element, "beat-unit"))
    if per_minute is None or unit is None:
        return None
    unit *= 1.5 if element.find("beat-unit-dot") is not None else 1.0
    tempo = float(per_minute[0]) * unit
    return tempo if 10 <= tempo <= 999 else None


def _numeral(element: Element) -> str:
    numeral = element.find("numeral/numeral-root")
    if numeral is None:
        return ""
    return numeral.get("text") or _text(numeral)


def _swing(element: Element) -> tuple[str, float | None]:
    """Return what ``<swing>`` says in words, and its ratio; 2:1 only means that eighths swing."""
    if element.find("straight") is not None:
        return "Straight 8ths", 1.0
    first, second = _number(_text(element, "first")), _number(_text(element, "second"))
    if not first or not second or _text(element, "swing-type") == "16th":
        return "", None
    ratio = first / second
    if ratio == 1:
        return "Straight 8ths", 1.0
    return "Swing", ratio if 1 < ratio <= 4 and ratio != 2 else None


# ---------------------------------------------------------------------------- the whole score


def _order(
    leader: _ReadPart, parts: list[_ReadPart], pickup: bool, name: str
) -> tuple[list[int], tuple[str, ...]]:
    """Return the measures in playing order, with those of the other parts' signs, and notices."""
    measures = leader.measures
    for part in parts:
        if part is not leader and len(part.measures) == len(measures):
            for own, other in zip(measures, part.measures, strict=True):
                own.marks = own.marks.with_those_of(other.marks)
                own.section = own.section or other.section
                if other.chords and not own.chords:
                    own.chords = list(other.chords)
    played = measures[pickup:]
    signs, notices = resolved(
        [measure.marks for measure in played],
        [f"{name}, measure {measure.number[:20]}" for measure in played],
    )
    return [index + pickup for index in playing_order(signs, name)], notices


def _copy_repeated(read: _ReadPart, name: str) -> None:
    """Write out measures with a repeat sign (``%``), which may stand for several."""
    force: list[Chord | None] = []  # the chord in force at the start of each measure
    now: Chord | None = None
    for index, measure in enumerate(read.measures):
        force.append(now)
        source = index - measure.copies
        if measure.copies and source < 0:
            read.notices.append(
                f"{name}, measure {measure.number[:20]}: its repeat sign has nothing before it to "
                "repeat; write its chords."
            )
        elif measure.copies:
            copied = read.measures[source]
            if not measure.chords:
                measure.chords = list(copied.chords)
                before = force[source]
                if before not in (None, now) and all(onset > 0 for onset, _ in copied.chords):
                    measure.chords[:0] = [(0, before)]
            measure.notes = measure.notes or [replace(note) for note in copied.notes]
        if measure.chords:
            now = max(measure.chords, key=lambda one: one[0])[1]


def _longer_meter(length: int, meter: Meter, where: str) -> Meter:
    """Return the meter of a measure that is longer than its time signature."""
    for unit in (meter.unit, 4, 8, 16, 32):
        beat = 4 * TICKS_PER_QUARTER // unit
        if length % beat == 0 and length // beat <= 64:
            return Meter(length // beat, unit)
    raise FormatError(
        f"{where}: its notes do not add up to its meter {meter}; correct their durations."
    )


def _join_split_measures(measures: list[_Measure]) -> None:
    """Join the two halves of a bar that is split by a repeat sign or a double bar line."""
    index = 1
    while index < len(measures):
        half, rest = measures[index - 1], measures[index]
        bar = half.meter.ticks_per_bar
        halved = 0 < half.length < bar and half.length + rest.length == bar and index > 1
        split = half.marks.signs.closes or rest.marks.signs.opens
        if halved and rest.implicit and not split:
            for note in rest.notes:
                note.onset += half.length
                note.end += half.length
            half.notes += rest.notes
            half.chords += [(onset + half.length, chord) for onset, chord in rest.chords]
            half.marks = half.marks.joined(rest.marks)
            half.length = bar
            del measures[index]
        else:
            index += 1


def _pickup(measures: list[_Measure]) -> int:
    """Return the ticks of a pickup before the first full bar; 0 for none."""
    if len(measures) < 2:
        return 0
    first = measures[0]
    short = 0 < first.length < first.meter.ticks_per_bar
    return first.length if short and (first.implicit or not first.chords) else 0


def _chords(measure: _Measure) -> tuple[ChordChange, ...]:
    """Return the chords with onsets; several at one position share the time to the next."""
    bar = measure.meter.ticks_per_bar
    placed: dict[int, list[Chord]] = {}
    for onset, chord in measure.chords:
        placed.setdefault(min(onset, bar - 1), []).append(chord)
    onsets = sorted(placed)
    changes: list[ChordChange] = []
    for onset, following in zip(onsets, [*onsets, bar][1:], strict=True):
        chords = [
            chord
            for index, chord in enumerate(placed[onset])
            if index == 0 or chord != placed[onset][index - 1]
        ]
        share = (following - onset) / len(chords)
        beat = measure.meter.ticks_per_beat
        step = share // beat * beat or share
        changes += [
            ChordChange(onset + int(index * step), chord)
            for index, chord in enumerate(chords)
            if onset + int(index * step) < following
        ]
    return tuple(changes)


def _notes(
    measures: list[_Measure], order: list[int], changes: Changes, pickup: int
) -> tuple[Note, ...]:
    """Return a part's notes in playing order with ties joined."""
    joined: list[Note] = []
    open_ties: dict[int, int] = {}
    for note in _laid_out(measures, order, changes, pickup):
        before = open_ties.pop(note.pitch, None) if note.from_before else None
        if before is not None and joined[before].end == note.onset:
            joined[before] = replace(joined[before], duration=note.end - joined[before].onset)
            index = before
        else:
            joined.append(
                Note(note.onset, note.end - note.onset, note.pitch, note.velocity, note.name)
            )
            index = len(joined) - 1
        if note.to_next:
            open_ties[note.pitch] = index
    return tuple(sorted(joined, key=lambda note: (note.onset, note.pitch)))


def _laid_out(
    measures: list[_Measure], order: list[int], changes: Changes, pickup: int
) -> Iterator[_Tied]:
    places = [(0, -pickup)] if pickup and measures else []
    places += list(zip(order, changes.bar_starts, strict=False))
    for index, start in places:
        if index < len(measures):
            for note in sorted(measures[index].notes, key=lambda note: (note.onset, note.pitch)):
                yield _Tied(
                    note.onset + start,
                    note.end + start,
                    note.pitch,
                    note.name,
                    note.velocity,
                    note.from_before,
                    note.to_next,
                )
