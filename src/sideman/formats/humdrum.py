"""Humdrum: chord symbols in ``**jazz``, ``**mxhm`` or ``**harm``, and melodies in ``**kern``.

Source: the Humdrum guide (humdrum.org) and the iRb corpus (Y. Broze, D. Shanahan, 2013), whose
chords are a duration and a symbol, as in ``2B-:maj7``. Chords without durations take the time of
the notes beside them. Sections are played in the order of the list ``*>[A,A,B,A]``, or repeats as
they are written.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import lru_cache, partial
from pathlib import PurePath

from sideman.errors import ChordError, FormatError
from sideman.files import decoded
from sideman.formats.document import chart_document
from sideman.formats.harte import read_label
from sideman.formats.measures import Measure, Written, form, sign_order
from sideman.formats.registry import Codec
from sideman.score import LeadSheet, Part
from sideman.theory.chord import NO_CHORD, Chord, from_kind
from sideman.theory.meter import TICKS_PER_QUARTER, Meter
from sideman.theory.pitch import Key, PitchName

MOST_BYTES = 4 * 1024 * 1024
MOST_MEASURES = 4000
MOST_SPINES = 200
_LONGEST = 256  # quarters of a measure
_WHOLE = 4 * TICKS_PER_QUARTER
_SYMBOLS = ("**jazz", "**mxhm", "**chord", "**irb", "**harte")
_RECIP = re.compile(r"(\d{1,4})(?:%(\d{1,4}))?(\.{0,3})")
_ROMAN = re.compile(
    r"([-#]?)(VII|VI|IV|V|III|II|I|vii|vi|iv|v|iii|ii|i)(o|\+)?((?:[Mm]|D)?(?:7|9|11|13)|6)?([a-d]?)"
)
_DEGREES = {"I": 0, "II": 2, "III": 4, "IV": -1, "V": 1, "VI": 3, "VII": 5}
_MINOR_DEGREES = {"III": -3, "VI": -4, "VII": -2}


def parse(data: bytes, name: str) -> LeadSheet:
    """Read a Humdrum file as a lead sheet.

    Raises
    ------
    FormatError, ChordError
        If it cannot be read; the message names the file and the line.
    """
    reader = _Reader(name)
    reader.read(decoded(data, name).splitlines())
    measures = [measure for measure in reader.measures if measure.length]
    if not measures:
        raise FormatError(
            f"{name}: has neither chords with durations nor notes; give a file with **jazz or "
            "**kern."
        )
    played = form(measures, name, _order(measures, reader.expansion, name))
    voices = sorted({voice for lines in reader.lines.values() for voice in lines})
    parts = []
    for voice in voices:
        held = [replace(m, notes=reader.lines.get(id(m), {}).get(voice, [])) for m in measures]
        if notes := played.notes(held):
            parts.append(Part("", notes))
    return LeadSheet(
        title=reader.records.get("OTL", "") or PurePath(name).stem,
        changes=played.changes,
        composer=_named(reader.records.get("COM", "")),
        parts=tuple(parts),
        key=reader.key,
        tempo_bpm=reader.tempo,
    )


def _named(composer: str) -> str:
    """Return a name with the first name first."""
    last, comma, first = composer.partition(", ")
    return f"{first} {last}" if comma and "," not in first else composer


def _order(measures: Sequence[Measure], expansion: Sequence[str], name: str) -> list[int]:
    """Return the playing order by the list of sections, else by the repeat signs."""
    starts = [(index, m.section) for index, m in enumerate(measures) if m.section]
    labels = {label for _, label in starts}
    if not expansion or not starts or any(label not in labels for label in expansion):
        return sign_order(measures, name)
    ends = [*(index for index, _ in starts[1:]), len(measures)]
    blocks = {
        label: range(begin, end)
        for (begin, label), end in reversed([*zip(starts, ends, strict=True)])
    }
    played = [*range(starts[0][0])]
    for label in expansion:
        played += blocks[label]
        if len(played) > MOST_MEASURES:
            raise FormatError(f"{name}: more than {MOST_MEASURES} bars as played, the limit.")
    return played


@dataclass(slots=True)
class _Spine:
    """One spine: its interpretation, and when its last token ends."""

    kind: str
    number: int
    end: Fraction = Fraction(0)


@dataclass
class _Reader:
    """A reader of one file, line by line."""

    name: str
    records: dict[str, str] = field(default_factory=dict)
    spines: list[_Spine] = field(default_factory=list)
    measures: list[Measure] = field(default_factory=list)
    lines: dict[int, dict[int, list[Written]]] = field(default_factory=dict)
    expansion: list[str] = field(default_factory=list)
    key: Key | None = None
    local: Key | None = None
    tempo: float | None = None
    meter: Meter | None = None
    now: Fraction = Fraction(0)  # in wholes from the start of the measure
    line: int = 0

    def wrong(self, what: str) -> FormatError:
        """Return an error that names the line."""
        return FormatError(f"{self.name}, line {self.line}: {what}")

    def read(self, lines: Sequence[str]) -> None:
        """Read all lines."""
        self.begin()
        for self.line, line in enumerate(lines, 1):
            if line.startswith("!!!"):
                match = re.match(r"!!!\s*([A-Z]{3})\d*(?:@+\w+)?:\s*(.*)", line)
                if match:
                    self.records.setdefault(match[1], " ".join(match[2].split()))
            elif line.startswith("!") or not line.strip():
                continue
            elif line.startswith("**"):
                self.exclusive(line.rstrip("\r\n").split("\t"))
            elif not self.spines:
                raise self.wrong("data before the line with ** that says what they are.")
            else:
                self.tokens(line.rstrip("\r\n").split("\t"))
        self.close()

    def exclusive(self, tokens: list[str]) -> None:
        """Read the kinds of the spines."""
        if len(tokens) > MOST_SPINES:
            raise self.wrong(f"more than {MOST_SPINES} spines, the limit; remove some.")
        self.spines = [_Spine(token.strip(), number) for number, token in enumerate(tokens)]

    def tokens(self, tokens: list[str]) -> None:
        """Read a line with one token for each spine."""
        if len(tokens) != len(self.spines):
            raise self.wrong(
                f"has {len(tokens)} columns where there are {len(self.spines)} spines; separate "
                "them by tabs."
            )
        if tokens[0].startswith("*"):
            for token in tokens:
                self.interpretation(token.strip())
            self.rearrange([token.strip() for token in tokens])
        elif tokens[0].startswith("="):
            self.bar_line(tokens[0])
        else:
            self.data(tokens)

    def interpretation(self, token: str) -> None:
        """Read meter, key, tempo or section."""
        if token.startswith("*>"):
            listed = re.fullmatch(r"\*>\[(.*)\]", token)
            if listed:
                self.expansion = self.expansion or [
                    label.strip() for label in listed[1].split(",") if label.strip()
                ]
            elif "[" not in token:
                if self.now:
                    self.close()
                    self.begin()
                self.measures[-1].section = token[2:] or None
        elif match := re.fullmatch(r"\*M(\d{1,2})/(\d{1,2})", token):
            try:
                self.meter = Meter(int(match[1]), int(match[2]))
            except FormatError as error:
                raise self.wrong(str(error)) from None
            self.measures[-1].meter = self.meter
        elif match := re.fullmatch(r"\*MM(\d{2,3}(?:\.\d{1,6})?)", token):
            tempo = float(match[1])
            self.tempo = self.tempo or (tempo if 10 <= tempo <= 999 else None)
        elif match := re.fullmatch(r"\*([A-Ga-g])([-#]?):(?:\w{3})?", token):
            minor = match[1].islower()
            name = PitchName.of(match[1], {"-": -1, "#": 1, "": 0}[match[2]])
            self.local = Key(name.fifths - (3 if minor else 0), minor)
            self.key = self.key or self.local

    def rearrange(self, tokens: list[str]) -> None:
        """Split, join, end and add spines."""
        if not any(token in ("*^", "*v", "*-", "*+", "*x") for token in tokens):
            return
        spines: list[_Spine] = []
        crossed: _Spine | None = None
        for place, (token, spine) in enumerate(zip(tokens, self.spines, strict=True)):
            if token == "*-":
                continue
            joined = token == "*v" and place > 0 and tokens[place - 1] == "*v"
            if joined and spines:
                spines[-1].end = max(spines[-1].end, spine.end)
            elif token == "*x" and crossed is not None:
                spines[spines.index(crossed)], crossed = spine, None
                spines.append(self.spines[place - 1])
            else:
                spines.append(spine)
                crossed = spine if token == "*x" else crossed
                if token == "*^":
                    spines.append(_Spine(spine.kind, spine.number, spine.end))
        if len(spines) > MOST_SPINES:
            raise self.wrong(f"more than {MOST_SPINES} spines, the limit; remove some.")
        self.spines = spines

    def bar_line(self, token: str) -> None:
        """Read a bar line with repeat signs."""
        closes, opens = ":|" in token or ":!" in token, "|:" in token or "!:" in token
        self.close()
        if closes and self.measures:
            played = [measure for measure in self.measures if measure.length]
            if played:
                played[-1].signs = replace(played[-1].signs, closes=True)
        self.begin()
        if opens:
            self.measures[-1].signs = replace(self.measures[-1].signs, opens=True)

    def begin(self) -> None:
        """Begin a measure; one without content is begun anew."""
        if len(self.measures) >= MOST_MEASURES:
            raise self.wrong(f"more than {MOST_MEASURES} measures, the limit; shorten it.")
        before = self.measures.pop() if self.measures and not self.measures[-1].length else None
        self.measures.append(before or Measure(self.meter or Meter()))

    def close(self) -> None:
        """End a measure at the end of its last token."""
        end = max([self.now, *(spine.end for spine in self.spines)])
        if not self.measures or not end:
            return
        if end * 4 > _LONGEST:
            raise self.wrong(f"the measure is longer than {_LONGEST} quarters; write bar lines.")
        now = self.measures[-1]
        now.length = round(end * _WHOLE)
        if self.meter is None and now.length != now.meter.ticks_per_bar:
            raise self.wrong(
                f"a measure of {float(end * 4):g} quarters has no meter; write one like *M3/4."
            )
        self.now = Fraction(0)
        for spine in self.spines:
            spine.end = Fraction(0)

    def data(self, tokens: list[str]) -> None:
        """Read the tokens that begin together, and move on to when the next one can."""
        ends = [spine.end for spine in self.spines if spine.end > self.now]
        for token, spine in zip(tokens, self.spines, strict=True):
            text = token.strip()
            if text in ("", ".", "*"):
                continue
            if spine.kind == "**kern":
                self.kern(text, spine)
            elif spine.kind in _SYMBOLS or spine.kind == "**harm":
                self.symbol(text, spine)
            elif spine.kind == "**recip":
                spine.end = self.now + (_duration(text) or 0)
            if spine.end > self.now:
                ends.append(spine.end)
        # Several tokens of a spine on a line last as long as the shortest.
        self.now = min(ends, default=self.now)

    def symbol(self, text: str, spine: _Spine) -> None:
        """Read a chord symbol."""
        length = _duration(text)
        if length is not None:
            text = _RECIP.sub("", text, count=1)
            spine.end = self.now + length
        if text in ("r", "R", "N", "NC", "N.C.", "ryy"):
            chord = NO_CHORD
        elif not text or text == ";":
            return
        else:
            try:
                roman = spine.kind == "**harm"
                if spine.kind == "**harte" and ":" in text:
                    chord = read_label(text)
                else:
                    chord = _roman(text, self.local) if roman else _chord(text.strip("()"))
            except ChordError as error:
                said = f"{self.name}, line {self.line}: {error}"
                raise ChordError(said, error.symbol, error.nearest) from error
        self.measures[-1].chords.append((round(self.now * _WHOLE), chord))

    def kern(self, text: str, spine: _Spine) -> None:
        """Read the notes of a token of ``**kern``."""
        here = self.lines.setdefault(id(self.measures[-1]), {}).setdefault(spine.number, [])
        lengths = []
        for piece in text.split():
            if "q" in piece.lower():
                continue
            length = _duration(piece)
            if length is None:
                raise self.wrong(f"{piece[:20]!r} has no duration; write one like 4cc.")
            lengths.append(length)
            match = re.search(r"([A-Ga-g])\1*([#-]{0,3})", piece)
            if match is None or "r" in piece:
                continue
            letters = match[0].rstrip("#-")
            count, alter = len(letters), match[2].count("#") - match[2].count("-")
            octave = 3 + count if letters[0].islower() else 4 - count
            name = PitchName.of(letters[0], alter)
            pitch = 12 * (octave + 1) + PitchName.of(letters[0]).pitch_class + alter
            if not 0 <= pitch < 128:
                raise self.wrong("a note is outside MIDI's range; correct it.")
            start, end = round(self.now * _WHOLE), round((self.now + length) * _WHOLE)
            tied = "[" in piece or "_" in piece
            here.append(Written(start, max(end, start + 1), pitch, name, tied))
        if lengths:
            spine.end = self.now + min(lengths)


@lru_cache(maxsize=4096)
def _duration(text: str) -> Fraction | None:
    """Return the duration at the start of a token, as a share of a whole; None without one."""
    match = re.search(_RECIP, text) if not text[:1].isalpha() else None
    if match is None or match.start() > 3:
        return None
    under, over = int(match[1]), int(match[2] or 1)
    # 0 is a breve, 00 a long.
    base = Fraction(over, under) if under else Fraction(2 ** len(match[1]))
    return base * (2 - Fraction(1, 2 ** len(match[3])))


@lru_cache(maxsize=4096)
def _chord(text: str) -> Chord:
    """Read a symbol such as ``B-:maj7/D`` or ``Bbmaj7``; in front of a colon ``-`` is flat."""
    match = re.fullmatch(r"([A-G])([-#b]*)(:?)(.*?)(?:/([A-G])([-#b]*))?", text)
    if match is None:
        return Chord.parse(text)
    if match[4].startswith(" "):  # a kind of MusicXML, as its converter writes: "C minor-seventh"
        tonic = PitchName.of(match[1], match[2].count("#") - len(match[2].replace("#", "")))
        lowest = None
        if match[5]:
            lowest = PitchName.of(match[5], match[6].count("#") - len(match[6].replace("#", "")))
        return from_kind(tonic, match[4].strip(), (), lowest)
    root, signs, colon, quality, bass, bass_signs = match.groups()
    if "-" in signs and not colon and quality:
        raise ChordError(
            f"{text!r} may be a flat root or a minor chord; write {root}-:{quality} or "
            f"{root}:min{quality}.",
            text,
        )
    below = f"/{bass}{bass_signs.replace('-', 'b')}" if bass else ""
    return Chord.parse(f"{root}{signs.replace('-', 'b')}{quality}{below}")


@lru_cache(maxsize=4096)
def _roman(text: str, key: Key | None) -> Chord:
    """Read a Roman numeral of ``**harm`` such as ``V7b`` or ``viio7/V`` in its key."""
    if key is None:
        raise ChordError(f"{text!r} has no key; write one like *F: before it.", text)
    plain = text.rstrip(";").strip("()")
    head, *above = plain.split("/")
    for function in reversed(above):
        target = _roman(function, key)
        assert target.root is not None
        minor = target.quality.third == 3
        key = Key(target.root.fifths - (3 if minor else 0), minor)
    match = _ROMAN.fullmatch(head)
    if match is None:
        raise ChordError(f"{text!r} is not a Roman numeral of **harm; write one like V7.", text)
    sign, numeral, triad, seventh, inversion = match.groups()
    degree = numeral.upper()
    steps = _DEGREES[degree]
    if key.minor and not sign:
        lowered = _MINOR_DEGREES.get(degree, steps)
        steps = steps if degree == "VII" and (triad or numeral.islower()) else lowered
    root = key.tonic.transpose(steps + {"": 0, "#": 7, "-": -7}[sign])
    chord = Chord.parse(f"{root}{_suffix(numeral, triad, seventh, key)}")
    tones = chord.quality.tones
    place = "abcd".find(inversion) if inversion else 0
    if not place or place >= len(tones):
        return chord
    return Chord(root, chord.quality, _tone(chord, tones[place]))


def _tone(chord: Chord, semitones: int) -> PitchName:
    assert chord.root is not None
    wanted = (chord.root.pitch_class + semitones) % 12
    return next(name for name in chord.names if name.pitch_class == wanted)


def _suffix(numeral: str, triad: str | None, seventh: str | None, key: Key) -> str:
    """Return the quality of a numeral: upper case is major, lower minor; sevenths are diatonic."""
    small = numeral.islower()
    number = (seventh or "").lstrip("MmD")
    if triad == "o":
        half = number and not (seventh or "").startswith("D") and not key.minor
        return f"m{number}b5" if half else f"dim{number}"
    if triad == "+":
        return f"+{number}"
    if number in ("", "6"):
        return ("m" if small else "") + number
    if small:
        return f"m(maj{number})" if (seventh or "").startswith("M") else f"m{number}"
    diatonic = numeral in (("III", "VI") if key.minor else ("I", "IV"))
    major = (seventh or "").startswith("M") or (diatonic and seventh == number)
    return f"maj{number}" if major else number


CODEC = Codec(
    read=lambda data, name: replace(
        chart_document(partial(parse, data, name)),
        has_meter=lambda: re.search(rb"\*M\d", data) is not None,
    ),
    most_bytes=MOST_BYTES,
)
