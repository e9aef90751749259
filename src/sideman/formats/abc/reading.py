"""Reading ABC.

Source: the ABC standard 2.1 (abcnotation.com). Repeats, endings, the order of parts (``P:``) and
jumps are written out. Grace notes, lyrics and layout are ignored. The voice with most chord symbols
gives the form.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import lru_cache, partial
from itertools import pairwise
from pathlib import PurePath
from typing import Literal

from sideman.errors import ChordError, FormatError
from sideman.files import MEBIBYTE, decoded
from sideman.formats.document import Tune
from sideman.formats.measures import Measure, Written, form, sign_order
from sideman.formats.words import style_in
from sideman.score import LeadSheet, Part
from sideman.score.roadmap import Signs
from sideman.theory.chord import Chord
from sideman.theory.chord.context import Notation
from sideman.theory.meter import TICKS_PER_QUARTER, Meter
from sideman.theory.pitch import Key, PitchName

MOST_BYTES = 32 * MEBIBYTE
MOST_TUNES = 50_000
MOST_MEASURES = 4000
MOST_VOICES = 64
_LONGEST_TUNE = 400_000
_MOST_UNITS = 256
_WHOLE = 4 * TICKS_PER_QUARTER

_FIELD = re.compile(r"([A-Za-z+]):\s*(.*)")
_COMMENT = re.compile(r"(?<!\\)%.*")
_TOKEN = re.compile(
    r"""
    (?P<quoted>"[^"]*")
  | (?P<field>\[[A-Za-z]:[^\]]*\])
  | (?P<bar>\.?(?::+\|*\]?(?:\[\|+)?\|*:*|\[\|[\]|]*:*|\|+[\]|]*(?:\[\|+)?:*)
        (?:\[?(?P<pass>\d[\d,.-]*))?)
  | (?P<ending>\[\s*(?P<pass2>\d[\d,.-]*))
  | (?P<named_ending>\[(?="))
  | (?P<chord>\[(?P<inner>[^\]|\[]*)\](?P<chord_length>\d*/*\d*))
  | (?P<grace>\{[^}]*\})
  | (?P<decoration>![^!|]*!|\+[A-Za-z.()<>]*[h-zH-Z.()<>][A-Za-z.()<>]*\+)
  | (?P<tuplet>\((?P<p>\d+)(?::(?P<q>\d*))?(?::(?P<r>\d*))?)
  | (?P<note>(?P<sign>\^{1,2}|_{1,2}|=)?(?P<letter>[A-Ga-g])(?P<octave>[,']*)(?P<length>\d*/*\d*))
  | (?P<rest>[zxZX])(?P<rest_length>\d*/*\d*)
  | (?P<spacer>y\d*)
  | (?P<broken>>+|<+)
  | (?P<tie>\.?-)
  | (?P<mark>[SO])
  | (?P<skip>[\s().~H-Wh-w`&$*;?@\\!])
    """,
    re.VERBOSE,
)
_INNER = re.compile(
    r"\"[^\"]*\"|![^!]*!|\+[a-z]*[h-z][a-z]*\+|(?P<note>(?P<sign>\^{1,2}|_{1,2}|=)?(?P<letter>[A-Ga-g])(?P<octave>[,']*)"
    r"(?P<length>\d*/*\d*)(?P<tie>-?))|[\s().~u-wHLMOPSTz-]\d*"
)
_MODES = {
    "": 0, "maj": 0, "ion": 0, "mix": -1, "dor": -2, "m": -3, "min": -3, "aeo": -3, "phr": -4,
    "loc": -5, "lyd": 1,
}  # fmt: skip
_TUPLETS = {2: 3, 3: 2, 4: 3, 6: 2, 8: 3}
_SHARPS = "FCGDAEB"
_ACCENTS = {"'": "\u0301", "`": "\u0300", "^": "\u0302", '"': "\u0308", "~": "\u0303"}
_ACCENTED = re.compile(r"""\\(['`^"~])([A-Za-z])""")
_ESCAPED = re.compile(r"\\u([0-9A-Fa-f]{4})")
_SMALL_BASS = re.compile(r"/([a-g])([#b+]?)$")
_CHORD_LIKE = re.compile(
    r"[A-H]|Do|Re|Ré|Mi|Fa|Sol|La|Si|[a-g][#b]?(?:m|maj|min|dim|aug|sus|\d)[^\s]*$"
)
_WORD = re.compile(r"[A-G][a-z]{2,}\b|[A-G][A-Z]{2,}\b|D\.?\s?[CS]\b\.?|Da |Dal |[A-G][a-z]+ [a-z]")


# The file -----------------------------------------------------------------------------------------


def tunes(data: bytes, name: str) -> tuple[Tune, ...]:
    """Return the tunes of a file, each read when it is opened.

    Raises
    ------
    FormatError
        If the file is not text, or has no tune.
    """
    before: list[str] = []
    found: list[list[str]] = []
    for line in decoded(data, name).splitlines():
        if re.match(r"X:", line):
            found.append([*before])
            if len(found) > MOST_TUNES:
                raise FormatError(f"{name}: holds more than {MOST_TUNES:,} tunes; split it.")
        if found:
            found[-1].append(line)
        elif re.match(r"[CKLMQR]:", line):
            before.append(line)
    if not found and any(line.startswith("K:") for line in before):
        found = [decoded(data, name).splitlines()]  # a tune without a number
    held = tuple(_entry(lines, name, several=len(found) > 1) for lines in found)
    if not held:
        raise FormatError(f"{name}: has no tune in ABC; a tune begins with a line like X:1.")
    return held


def _entry(lines: Sequence[str], name: str, *, several: bool) -> Tune:
    """Return the entry of a tune by its header."""
    held: dict[str, str] = {}
    for line in lines:
        match = _FIELD.match(line)
        if match:
            held.setdefault(match[1], _text(_COMMENT.sub("", match[2])))
            if match[1] == "K":
                break
    number = f" {held.get('X', '')}".rstrip() if several else ""
    title = held.get("T") or PurePath(name).stem + number
    where = f"{name}: {title!r}" if several else name
    composer, style = held.get("C", ""), held.get("R", "")
    return Tune(title, composer, style, partial(_sheet, lines, title, where))


def _text(text: str) -> str:
    """Return a text with its escapes resolved."""
    text = _ACCENTED.sub(lambda m: unicodedata.normalize("NFC", m[2] + _ACCENTS[m[1]]), text)
    text = _ESCAPED.sub(lambda m: chr(int(m[1], 16)), text).replace(r"\%", "%")
    return " ".join(html.unescape(text).replace("\\&", "&").split())


# One tune -----------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Event:
    """A note, a chord of notes, or a rest, with the signs before it."""

    length: Fraction
    notes: list[tuple[int, PitchName, bool]] = field(default_factory=list)
    chords: list[Chord] = field(default_factory=list)
    tied: bool = False


@dataclass(slots=True)
class _Voice:
    """One voice while it is read."""

    name: str
    number: int
    unit: Fraction
    meter: Meter | None
    signature: dict[str, int]
    semitones: int = 0
    measures: list[Measure] = field(default_factory=list)
    layers: list[list[_Event]] = field(default_factory=lambda: [[]])
    altered: dict[str, int] = field(default_factory=dict)
    pending: list[Chord] = field(default_factory=list)
    tuplet: tuple[Fraction, int] = (Fraction(1), 0)
    broken: int = 0
    signs: Signs = field(default_factory=Signs)
    drawn_coda: bool = False
    section: str | None = None
    repeat_from: int = 0  # where a repeat without a start sign begins
    opened: bool = False


@dataclass(slots=True)
class _Header:
    """The header of a tune."""

    title: str
    composer: str = ""
    style: str = ""
    order: str = ""
    tempo: float | None = None
    key: Key | None = None


def _sheet(lines: Sequence[str], title: str, where: str) -> LeadSheet:
    """Read one tune."""
    if sum(map(len, lines)) > _LONGEST_TUNE:
        raise FormatError(
            f"{where}: longer than {_LONGEST_TUNE:,} characters, the limit for a tune; shorten it."
        )
    reader = _Reader(title, where)
    reader.read(lines)
    voices = [voice for voice in reader.voices.values() if voice.measures]
    if not voices:
        raise FormatError(f"{where}: has no bars; write notes after the line K:.")
    leader = max(
        voices, key=lambda voice: (sum(len(one.chords) for one in voice.measures), -voice.number)
    )
    played = form(leader.measures, where, _order(leader.measures, reader.header.order, where))
    if not played.changes.bars:
        raise FormatError(f"{where}: has no bars; write notes after the line K:.")
    header = reader.header
    return LeadSheet(
        title=title,
        changes=played.changes,
        composer=header.composer,
        parts=tuple(
            Part(voice.name, notes) for voice in voices if (notes := played.notes(voice.measures))
        ),
        key=header.key,
        tempo_bpm=header.tempo,
        style=header.style,
    )


def _order(measures: Sequence[Measure], parts: str, where: str) -> list[int]:
    """Return the playing order: of the signs, or of the header's ``P:``."""
    starts = {
        measure.section[0]: index
        for index, measure in reversed([*enumerate(measures)])
        if measure.section
    }
    letters = [*_expanded(re.sub(r"[\s.]", "", parts), where)]
    if not letters or not starts or any(letter not in starts for letter in letters):
        return sign_order(measures, where)
    bounds = [*sorted({*starts.values()}), len(measures)]
    blocks = {}
    for start, end in pairwise(bounds):
        order = sign_order(measures[start:end], where)
        blocks[(measures[start].section or "")[0]] = [start + index for index in order]
    played = sign_order(measures[: bounds[0]], where) if bounds[0] else []
    for letter in letters:
        played += blocks[letter]
        if len(played) > MOST_MEASURES:
            raise FormatError(f"{where}: more than {MOST_MEASURES} bars as played, the limit.")
    return played


def _expanded(text: str, where: str) -> Iterator[str]:
    """Yield the letters of an order such as ``A(BC)2``."""
    if re.fullmatch(r"(?:[A-Za-z]\d?|\((?:[A-Za-z]\d?)+\)\d?)*", text) is None or len(text) > 200:
        return
    for match in re.finditer(r"([A-Za-z])(\d?)|\(([^)]*)\)(\d?)", text):
        inner = [match[1]] if match[1] else [*_expanded(match[3], where)]
        yield from inner * int(match[2] or match[4] or 1)


class _Reader:
    """A reader of one tune, line by line."""

    def __init__(self, title: str, where: str) -> None:
        self.where = where
        self.header = _Header(title)
        self.meter: Meter | None = Meter()
        self.unit: Fraction | None = None
        self.signature: dict[str, int] = {}
        self.semitones = 0
        self.voices: dict[str, _Voice] = {}
        self.named: dict[str, str] = {}
        self.now: _Voice | None = None
        self.in_body = False
        self.notation = Notation()

    def wrong(self, what: str) -> FormatError:
        """Return an error that names the bar."""
        bar = len(self.now.measures) + 1 if self.now else 1
        return FormatError(f"{self.where}, bar {bar}: {what}")

    def read(self, lines: Sequence[str]) -> None:
        """Read the lines of the tune."""
        quoted = (text for line in lines for text in re.findall(r'"([^"^_<>@][^"]{0,60})"', line))
        self.notation = Notation.of(text for text in quoted if _CHORD_LIKE.match(text))
        blank = False
        for raw in lines:
            if raw.startswith("%"):
                continue
            line = _COMMENT.sub("", raw).strip()
            match = re.match(r"([A-Za-z+]):(?![|:])\s*(.*)", line)
            if not line:
                blank = self.in_body
            elif match:
                self.take(match[1], match[2].strip())
            elif self.in_body and (not blank or "|" in line):
                self.music(line)
        for voice in self.voices.values():
            self.now = voice
            self.end_measure()

    # Fields

    def take(self, letter: str, value: str) -> None:
        """Read an information field."""
        header = self.header
        if letter == "K":
            self.key(value)
        elif letter == "M":
            self.set_meter(value)
        elif letter == "L":
            self.set_unit(value)
        elif letter == "Q" and header.tempo is None:
            header.tempo = _tempo(value, self.default_unit())
            said = " ".join(re.findall(r'"([^"]*)"', value))
            header.style = header.style or style_in(said, only=True)
        elif letter == "V":
            self.voice(value)
        elif letter == "P":
            if self.in_body:
                self.voice_now().section = _text(value) or None
                self.voice_now().repeat_from = len(self.voice_now().measures)
            else:
                header.order = value
        elif letter == "C" and not self.in_body and not header.composer:
            header.composer = _text(value)
        elif letter == "R" and value:
            header.style = _text(value)

    def default_unit(self) -> Fraction:
        """Return the unit of length: ``L:``, else by the meter."""
        if self.unit is not None:
            return self.unit
        narrow = self.meter is not None and self.meter.beats / self.meter.unit < 0.75
        return Fraction(1, 16) if narrow else Fraction(1, 8)

    def voice_now(self) -> _Voice:
        """Return the current voice."""
        if self.now is None:
            self.voice("1")
        assert self.now is not None
        return self.now

    def voice(self, value: str) -> None:
        """Read ``V:`` and change to that voice."""
        label, _, rest = value.partition(" ")
        name = re.search(r"(?:name|nm)\s*=\s*\"?([^\"=]*)\"?", rest)
        if name:
            self.named[label] = _text(name[1])
        if label not in self.voices:
            if len(self.voices) >= MOST_VOICES:
                raise self.wrong(f"more than {MOST_VOICES} voices, the limit; remove some.")
            self.voices[label] = _Voice(
                self.named.get(label, ""), len(self.voices), self.default_unit(), self.meter,
                {**self.signature}, self.semitones,
            )  # fmt: skip
        self.now = self.voices[label]
        self.now.semitones = _transposition(rest, self.now.semitones)

    def set_meter(self, value: str) -> None:
        """Read ``M:``."""
        plain = value.strip().strip("()")
        meter: Meter | None
        if plain.lower() in ("none", "free", ""):
            meter = None
        elif plain in ("C", "C|"):
            meter = Meter(4, 4) if plain == "C" else Meter(2, 2)
        else:
            match = re.fullmatch(r"\(?([\d+\s]{1,20})\)?\s*/\s*(\d{1,3})", plain.replace(")/", "/"))
            counts = [int(n) for n in re.findall(r"\d{1,3}", match[1])] if match else []
            try:
                meter = Meter(sum(counts), int(match[2]) if match else 0)
            except FormatError as error:
                raise self.wrong(str(error)) from None
        self.meter = meter
        for voice in self.affected():
            self.end_measure()
            voice.meter = meter
            if self.unit is None and not self.in_body:
                voice.unit = self.default_unit()

    def set_unit(self, value: str) -> None:
        """Read ``L:``."""
        match = re.fullmatch(r"(\d{1,3})(?:\s*/\s*(\d{1,3}))?", value.strip())
        if match is None or not int(match[1]) or not int(match[2] or 1):
            raise self.wrong(f"L:{value[:20]} is not a length of a note; write one like L:1/8.")
        unit = Fraction(int(match[1]), int(match[2] or 1))
        if not self.in_body:
            self.unit = unit
        for voice in self.affected():
            voice.unit = unit

    def affected(self) -> list[_Voice]:
        """Return the voices that a field concerns: in the body the current one."""
        if self.in_body:
            return [self.voice_now()]
        return list(self.voices.values())

    def key(self, value: str) -> None:
        """Read ``K:``; the first ends the header."""
        read = _key(value)
        if read is None and not re.search(r"=|\b(clef|treble|bass|alto|tenor)", value):
            raise self.wrong(f"K:{value[:20]} is not a key; write one like K:Eb or K:Am.")
        if read is not None:
            key, signature = read
            if not self.in_body:
                self.header.key, self.signature = key, signature
                for voice in self.voices.values():
                    voice.signature = {**signature}
            else:
                self.voice_now().signature = signature
        semitones = _transposition(value, self.semitones)
        if not self.in_body:
            self.semitones = semitones
            for voice in self.voices.values():
                voice.semitones = voice.semitones or semitones
        elif semitones != self.semitones:
            self.voice_now().semitones = semitones
        if not self.in_body and len(self.voices) > 1:
            self.now = next(iter(self.voices.values()))
        self.in_body = True

    # Music

    def music(self, line: str) -> None:
        """Read a line of music."""
        self.voice_now()
        at = 0
        while at < len(line):
            match = _TOKEN.match(line, at)
            if match is None or match.end() == at:
                raise self.wrong(f"{line[at : at + 12]!r} has no meaning in ABC; correct it.")
            at = match.end()
            self.token(match)

    def token(self, match: re.Match[str]) -> None:
        """Read one token."""
        voice = self.voice_now()
        kind = match.lastgroup or ""
        if match["note"]:
            kind = "note"
        if match["bar"]:
            self.bar(match["bar"], match["pass"])
        elif match["quoted"]:
            self.quoted(match["quoted"][1:-1])
        elif match["field"]:
            self.take(match["field"][1], match["field"][3:-1].strip())
        elif kind == "note":
            pitch = self.pitch(match["sign"], match["letter"], match["octave"])
            self.add(_Event(_length(match["length"]) * voice.unit, [(*pitch, False)]))
        elif match["chord"] is not None and match["inner"] is not None:
            self.notes(match["inner"], match["chord_length"])
        elif match["rest"]:
            self.rest(match["rest"], match["rest_length"])
        elif match["tuplet"]:
            self.tuplet(int(match["p"][:2]), match["q"], match["r"])
        elif match["broken"]:
            self.break_rhythm(match["broken"])
        elif match["tie"]:
            if voice.layers[-1]:
                voice.layers[-1][-1].tied = True
        elif match["ending"]:
            if voice.layers[0]:
                self.end_measure()
            self.ending(match["pass2"])
        elif match["mark"]:
            self.decoration("segno" if match["mark"] == "S" else "coda")
        elif match["decoration"]:
            self.decoration(match["decoration"][1:-1])
        elif match[0] == "&":
            voice.layers.append([])

    def add(self, event: _Event) -> None:
        """Add a note or rest to the measure."""
        voice = self.voice_now()
        ratio, left = voice.tuplet
        if left:
            event.length *= ratio
            voice.tuplet = (ratio, left - 1)
        if voice.broken:
            # a>b: the second note loses what the first one gained.
            share = Fraction(1, 2 ** abs(voice.broken))
            event.length *= share if voice.broken > 0 else 2 - share
            voice.broken = 0
        before = voice.layers[-1][-1] if voice.layers[-1] else None
        if before is None and len(voice.layers) == 1 and voice.measures:
            self.carry(event, _tied_names(voice))
        elif before is not None and before.tied:
            self.carry(event, [name for _, name, _ in before.notes])
        event.chords = voice.pending
        voice.pending = []
        voice.layers[-1].append(event)
        if event.length > _MOST_UNITS:
            raise self.wrong("a note is too long; correct its length.")

    def carry(self, event: _Event, names: Sequence[PitchName]) -> None:
        """Set the accidental of a tied note to that of the note before it."""
        letters = {name.letter: name for name in names}
        for place, (midi, name, tied) in enumerate(event.notes):
            held = letters.get(name.letter)
            if (
                held is not None
                and held.alter != name.alter
                and name.letter not in (self.voice_now().altered)
            ):
                event.notes[place] = (midi + held.alter - name.alter, held, tied)

    def pitch(self, sign: str | None, letter: str, octave: str) -> tuple[int, PitchName]:
        """Return MIDI number and name of a note; accidentals last to the end of the bar."""
        voice = self.voice_now()
        upper = letter.upper()
        if sign:
            voice.altered[upper] = sign.count("^") - sign.count("_")
        alter = voice.altered.get(upper, voice.signature.get(upper, 0))
        name = PitchName.of(upper, alter)
        natural = PitchName.of(upper).pitch_class
        height = 60 + (12 if letter.islower() else 0) + 12 * (octave.count("'") - octave.count(","))
        midi = height + natural + alter
        if not 0 <= midi + voice.semitones <= 127:
            raise self.wrong("a note is outside MIDI's range; correct its octave.")
        return midi, name

    def notes(self, inner: str, length: str) -> None:
        """Read notes in brackets, which sound together."""
        voice = self.voice_now()
        held: list[tuple[int, PitchName, bool]] = []
        lengths: list[Fraction] = []
        at = 0
        while at < len(inner):
            match = _INNER.match(inner, at)
            if match is None or match.end() == at:
                raise self.wrong(f"[{inner[:12]}] has no meaning in ABC; correct it.")
            at = match.end()
            if match["note"]:
                pitch = self.pitch(match["sign"], match["letter"], match["octave"])
                held.append((*pitch, bool(match["tie"])))
                lengths.append(_length(match["length"]))
            elif match[0].startswith('"'):
                self.quoted(match[0][1:-1])
        if held:
            self.add(_Event(lengths[0] * _length(length) * voice.unit, held))

    def rest(self, letter: str, length: str) -> None:
        """Read a rest; ``Z`` lasts whole bars."""
        voice = self.voice_now()
        if letter in "zx":
            self.add(_Event(_length(length) * voice.unit))
            return
        bars = int(length) if length.isdigit() and len(length) < 4 else 1
        if voice.layers[0]:
            self.end_measure()
        for _ in range(max(1, bars)):
            ticks = (voice.meter or Meter()).ticks_per_bar
            self.add(_Event(Fraction(ticks, _WHOLE)))
            self.end_measure()

    def tuplet(self, notes: int, time: str | None, over: str | None) -> None:
        """Read ``(3`` or ``(3:2:4``."""
        voice = self.voice_now()
        compound = voice.meter is not None and voice.meter.compound
        of = int(time[:2]) if time else _TUPLETS.get(notes, 3 if compound else 2)
        if not notes or not of:
            raise self.wrong("a tuplet has no notes; write one like (3abc.")
        voice.tuplet = (Fraction(of, notes), int(over[:2]) if over else notes)

    def break_rhythm(self, signs: str) -> None:
        """Read ``>`` or ``<`` between two notes."""
        voice = self.voice_now()
        if not voice.layers[-1] or len(signs) > 3:
            raise self.wrong(f"{signs[:5]!r} must stand between two notes.")
        share = Fraction(1, 2 ** len(signs))
        voice.layers[-1][-1].length *= 2 - share if signs[0] == ">" else share
        voice.broken = len(signs) if signs[0] == ">" else -len(signs)

    def quoted(self, text: str) -> None:
        """Read a chord symbol; other quoted words are ignored except for those of a jump."""
        voice = self.voice_now()
        text = _text(text)
        if not text:
            return
        if text[0] in "^_<>@":
            self.words(text.lstrip("^_<>@"))
            return
        if text.startswith("(") and text.endswith(")"):
            return  # an alternative
        try:
            voice.pending.append(_chord(text, self.notation))
        except ChordError as error:
            if _CHORD_LIKE.match(text) and not _WORD.match(text):
                said = str(self.wrong(str(error)))
                raise ChordError(said, error.symbol, error.nearest) from error
            self.words(text)

    def words(self, text: str) -> None:
        """Read words such as ``D.C. al Fine``."""
        said = re.sub(r"[\s]", "", text.lower()).strip(".!()")
        if re.match(r"(d\.?c\.?(al|$)|dacapo)", said):
            self.jump("da capo", said)
        elif re.match(r"(d\.?s\.?(al|$)|dalsegno)", said):
            self.jump("dal segno", said)
        elif said == "fine":
            self.decoration("fine")
        elif said in ("tocoda", "dacoda"):
            self.decoration("dacoda")
        elif said == "coda":
            self.voice_now().signs = replace(self.voice_now().signs, coda=True)
        elif said == "segno":
            self.decoration("segno")

    def jump(self, jump: Literal["da capo", "dal segno"], said: str) -> None:
        """Read a jump at the end of its measure."""
        until = "coda" if "coda" in said else "fine" if "fine" in said else ""
        self.mark_measure(jump=jump, until=until)

    def decoration(self, name: str) -> None:
        """Read a decoration that is a sign of the playing order."""
        voice = self.voice_now()
        plain = name.lower().replace(".", "").replace(" ", "")
        if plain == "segno":
            voice.signs = replace(voice.signs, segno=True)
        elif plain == "coda":
            voice.drawn_coda = True
        elif plain == "fine":
            self.mark_measure(fine=True)
        elif plain == "dacoda":
            self.mark_measure(to_coda=True)
        elif re.match(r"(dc|ds|dacapo|dalsegno)(al.*)?$", plain):
            self.jump("da capo" if plain.startswith(("dc", "dacapo")) else "dal segno", plain)

    def mark_measure(self, **signs: object) -> None:
        """Set signs at the end of the current measure, or of the last one after its bar line."""
        voice = self.voice_now()
        if any(voice.layers) or not voice.measures:
            voice.signs = replace(voice.signs, **signs)  # type: ignore[arg-type]
        else:
            last = voice.measures[-1]
            last.signs = replace(last.signs, **signs)  # type: ignore[arg-type]

    def bar(self, sign: str, number: str | None) -> None:
        """Read a bar line with repeat signs and endings."""
        voice = self.voice_now()
        sign = re.sub(r"\[?\d.*", "", sign).lstrip(".")
        self.end_measure()
        closes, opens = sign.startswith(":"), sign.endswith(":") and sign != ":"
        if re.fullmatch(r":{2,}", sign):
            closes = opens = True
        if voice.measures:
            last = voice.measures[-1]
            double = "||" in sign or "]" in sign or sign.startswith("[|") or closes
            # The whole tune begins at the first bar line, so :| there closes nothing.
            last.signs = replace(
                last.signs,
                closes=last.signs.closes or closes,
                ends_section=last.signs.ends_section or double,
                times=max(last.signs.times, _colons(sign)),
            )
            if closes:
                if not voice.opened and voice.repeat_from < len(voice.measures):
                    first = voice.measures[voice.repeat_from]
                    first.signs = replace(first.signs, opens=True)
                voice.repeat_from, voice.opened = len(voice.measures), False
            elif double and not (voice.opened or _in_endings(voice)):
                voice.repeat_from = len(voice.measures)
        if opens:
            voice.signs = replace(voice.signs, opens=True)
            voice.repeat_from, voice.opened = len(voice.measures), True
        if number:
            self.ending(number)

    def ending(self, number: str) -> None:
        """Read the passes of an ending such as ``1``, ``1,2`` or ``1-3``."""
        passes: list[int] = []
        for piece in re.split(r"[,.]", number):
            bounds = [int(n[:2]) for n in piece.split("-") if n]
            passes += range(bounds[0], bounds[-1] + 1) if bounds else ()
        if not passes or max(passes) > 16 or min(passes) < 1:
            raise self.wrong(f"[{number[:10]} is not an ending; write one like [1 or [1,2.")
        self.voice_now().signs = replace(self.voice_now().signs, endings=tuple(sorted({*passes})))

    def end_measure(self) -> None:
        """Make a measure of the notes since the last bar line."""
        voice = self.voice_now()
        if not any(voice.layers):
            voice.layers = [[]]
            return
        if len(voice.measures) >= MOST_MEASURES:
            raise self.wrong(f"more than {MOST_MEASURES} measures, the limit; shorten it.")
        measure = Measure(signs=voice.signs, section=voice.section, drawn_coda=voice.drawn_coda)
        for layer in voice.layers:
            self.lay_out(layer, measure)
        if voice.meter is not None:
            measure.meter = voice.meter
        elif measure.length:
            measure.meter = _free_meter(measure.length)
        voice.measures.append(measure)
        voice.layers, voice.altered, voice.broken = [[]], {}, 0
        voice.signs, voice.section, voice.drawn_coda = Signs(), None, False

    def lay_out(self, layer: Sequence[_Event], measure: Measure) -> None:
        """Place the events of one layer."""
        voice = self.voice_now()
        at = Fraction(0)
        for event in layer:
            start, end = round(at * _WHOLE), round((at + event.length) * _WHOLE)
            fifths = _fifths(voice.semitones)
            for chord in event.chords:
                measure.chords.append((start, chord.transposed(fifths) if fifths else chord))
            for midi, name, tied in event.notes:
                if event.length:
                    measure.notes.append(
                        Written(
                            start, max(end, start + 1), midi + voice.semitones,
                            name.transpose(fifths) if fifths else name, tied or event.tied,
                        )
                    )  # fmt: skip
            at += event.length
        measure.length = max(measure.length, round(at * _WHOLE))
        if measure.length > _MOST_UNITS * TICKS_PER_QUARTER:
            raise self.wrong(f"is longer than {_MOST_UNITS} quarters; write bar lines.")


def _in_endings(voice: _Voice) -> bool:
    return any(measure.signs.endings for measure in voice.measures[voice.repeat_from :])


def _colons(sign: str) -> int:
    """Return how often ``::|`` plays a passage; 0 for twice."""
    colons = len(sign) - len(sign.lstrip(":"))
    return min(16, colons + 1) if colons > 1 and not re.fullmatch(":+", sign) else 0


def _tied_names(voice: _Voice) -> list[PitchName]:
    return [note.name for note in voice.measures[-1].notes if note.tied and note.name is not None]


def _free_meter(ticks: int) -> Meter:
    """Return the meter of a measure without one."""
    for unit in (4, 8, 16, 32):
        beats, rest = divmod(ticks * unit, _WHOLE)
        if not rest and 1 <= beats <= 64:
            return Meter(beats, unit)
    return Meter()


@lru_cache(maxsize=4096)
def _length(text: str) -> Fraction:
    """Return a length such as ``3/2``, ``/`` or ``//`` in units."""
    over, slash, under = text.partition("/")
    top = int(over[:6]) if over else 1
    if not slash:
        return Fraction(top)
    digits = under.lstrip("/")
    halves = len(under) - len(digits) + 1
    bottom = int(digits[:6]) if digits else 2 ** min(halves, 8)
    return Fraction(top, max(1, bottom))


@lru_cache(maxsize=4096)
def _chord(text: str, notation: Notation) -> Chord:
    """Read a chord symbol; an alternative after it, as in ``G(Em)`` or ``G or Em``, is left out.

    A bass may be a small letter, as in ``D/f#``, where older collections write ``D/f+``.
    """
    text = _SMALL_BASS.sub(lambda m: f"/{m[1].upper()}{m[2].replace('+', '#')}", text)
    try:
        return notation.parse(text)
    except ChordError:
        first = re.match(r"([^\s(;]+)\s*(?:\([A-G][^)]*\)|or [A-G]\S*)$", text)
        if first is None:
            raise
        return notation.parse(first[1])


def _fifths(semitones: int) -> int:
    return (semitones * 7 + 5) % 12 - 5


def _tempo(value: str, unit: Fraction) -> float | None:
    """Read ``Q:`` as quarters per minute."""
    plain = re.sub(r"\"[^\"]*\"", " ", value)
    match = re.search(r"((?:\d{1,3}/\d{1,3}\s*)+)=\s*(\d{1,4}(?:\.\d{1,6})?)", plain)
    if match:
        beat = sum((Fraction(int(a), int(b) or 1)
                    for a, b in re.findall(r"(\d+)/(\d+)", match[1])), Fraction(0))  # fmt: skip
        tempo = float(match[2]) * float(beat) * 4
    else:
        bare = re.fullmatch(r"\s*(?:C\d?\s*=\s*)?(\d{1,4}(?:\.\d{1,6})?)\s*", plain)
        if bare is None:
            return None
        # An old form: so many units, or beats of a quarter, per minute.
        tempo = float(bare[1]) * (float(unit) * 4 if "=" in plain else 1.0)
    return tempo if 10 <= tempo <= 999 else None


def _transposition(text: str, before: int) -> int:
    """Return the semitones of ``transpose=``, ``octave=`` and clefs such as ``treble-8``."""
    found = re.search(r"\btranspose\s*=\s*([+-]?\d{1,2})", text)
    octave = re.search(r"\boctave\s*=\s*([+-]?\d)", text)
    clef = re.search(r"(?:treble|bass|alto|tenor)\d?([+-])8", text)
    if not (found or octave or clef):
        return before
    semitones = int(found[1]) if found else 0
    semitones += 12 * int(octave[1]) if octave else 0
    semitones += (12 if clef[1] == "+" else -12) if clef else 0
    return max(-60, min(60, semitones))


def _key(value: str) -> tuple[Key | None, dict[str, int]] | None:
    """Read a key as signature and altered letters; None if the field does not give one."""
    text = value.strip()
    if re.match(r"(none|perc)\b", text, re.IGNORECASE):
        return None, {}
    if re.match(r"H[Pp]\b", text):
        return Key(2), ({"F": 1, "C": 1} if text.startswith("Hp") else {})
    match = re.match(r"([A-G])([#b]?)\s*(?:([A-Za-z]+)(?!\w*=))?", text)
    if match is None:
        return (Key(0), {}) if not text else None
    mode = (match[3] or "").lower()
    known = _MODES.get("m" if mode == "m" else mode[:3])
    if known is None:
        known = 0 if mode in ("clef", "treble", "bass", "exp", "alto", "tenor") else None
    if known is None:
        return None
    fifths = PitchName.of(match[1], {"#": 1, "b": -1}.get(match[2], 0)).fifths + known
    fifths = max(-12, min(12, fifths))
    signature: dict[str, int] = {}
    if mode != "exp" and " exp" not in text:
        for place in range(abs(fifths)):
            letter = _SHARPS[place % 7] if fifths > 0 else _SHARPS[6 - place % 7]
            signature[letter] = signature.get(letter, 0) + (1 if fifths > 0 else -1)
    for sign, letter in re.findall(r"(?<=\s)(\^{1,2}|_{1,2}|=)([A-Ga-g])\b", text):
        signature[letter.upper()] = sign.count("^") - sign.count("_")
    return Key(fifths, minor=known == -3), signature
