"""Reading MuseScore scores.

Source: the files of MuseScore 2, 3 and 4 (musescore.org). Pitches are stored as they sound; key and
chords of a transposing instrument as they are written, unless the score is in concert pitch. Grace
notes, cue notes, slashes and layout are ignored. The staff with most chord symbols gives the form.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from pathlib import PurePath
from xml.etree.ElementTree import Element

from sideman.errors import ChordError, FormatError
from sideman.formats.measures import Measure, Written, form
from sideman.formats.musescore.document import tree
from sideman.formats.musescore.order import Jump, Signs, playing_order
from sideman.score import LeadSheet, Part
from sideman.theory.chord import NO_CHORD, Chord
from sideman.theory.meter import TICKS_PER_QUARTER, Meter
from sideman.theory.pitch import Key, PitchName

MOST_MEASURES = 4000
MOST_STAVES = 200
_LONGEST = 64  # quarters of a measure
_WHOLE = 4 * TICKS_PER_QUARTER
_DURATIONS = {
    "long": Fraction(4), "breve": Fraction(2), "whole": Fraction(1), "half": Fraction(1, 2),
    "quarter": Fraction(1, 4), "eighth": Fraction(1, 8), "16th": Fraction(1, 16),
    "32nd": Fraction(1, 32), "64th": Fraction(1, 64), "128th": Fraction(1, 128),
    "256th": Fraction(1, 256),
}  # fmt: skip
_GRACE = frozenset(
    (
        *("acciaccatura", "appoggiatura", "grace4", "grace16", "grace32", "grace8after"),
        *("grace16after", "grace32after"),
    )
)
# The numbers of the usual chords in the lists of MuseScore 2, which older files use for a name.
_NUMBERED = {
    1: "", 2: "maj", 4: "+", 5: "6", 6: "maj7", 7: "maj9", 8: "maj9#11", 10: "maj13", 12: "+",
    13: "maj7#5", 14: "6/9", 15: "2", 16: "m", 18: "m(maj7)", 19: "m7", 20: "m9", 21: "m11",
    22: "m13", 23: "m6", 26: "m6/9", 29: "maj7b5", 32: "m7b5", 33: "dim", 64: "7", 65: "13",
    66: "7b13", 67: "7#11", 68: "13#11", 70: "9", 72: "9b13", 73: "9#11", 76: "7b9", 77: "13b9",
    78: "7b9b13", 79: "7b9#11", 82: "7#9", 83: "13#9", 84: "7#9b13", 88: "7b5", 93: "7b5b9",
    96: "7b5#9", 99: "7#5", 103: "9#5", 105: "7#5b9", 109: "7#5#9", 113: "7alt", 128: "7sus4",
    129: "13sus4", 134: "9sus4", 140: "7sus4b9", 141: "13sus4b9", 184: "sus4", 185: "dim7",
    186: "sus2", 192: "sus4", 193: "11", 196: "m7add11", 198: "madd9", 199: "m9(maj7)", 200: "5",
    205: "+7", 210: "maj7#11", 214: "add9",
}  # fmt: skip
_OTTAVAS = {"8va": 12, "8vb": -12, "15ma": 24, "15mb": -24, "22ma": 36, "22mb": -36}
_STYLE = re.compile(
    r"swing|bossa|ballad|waltz|samba|latin|bebop|bop\b|funk|blues|shuffle|rumba|mambo|cha.cha"
    r"|tango|reggae|even 8|straight 8|\bjazz\b|gypsy|dixieland|two.beat|rock|calypso|afro",
    re.IGNORECASE,
)


def has_meter(data: bytes, name: str) -> bool:
    """Return whether a score has a time signature."""
    return tree(data, name).find(".//TimeSig") is not None


def parse(data: bytes, name: str) -> LeadSheet:
    """Read a score: the bars in playing order, and every staff with notes.

    Raises
    ------
    FormatError, ChordError
        If it cannot be read; the message names the file and the measure.
    """
    root = tree(data, name)
    version = re.match(r"(\d{1,9})\.", root.get("version", ""))
    if root.tag != "museScore" or version is None:
        raise FormatError(f"{name}: is XML but not a MuseScore score; save it in MuseScore.")
    if not 2 <= int(version[1]) <= 4:
        raise FormatError(
            f"{name}: was saved by MuseScore {version[1]}, and only versions 2 to 4 are read; open "
            "it in MuseScore 4 and save it again."
        )
    score = root.find("Score")
    score = root if score is None else score
    staves = [staff for staff in score.findall("Staff") if staff.find("Measure") is not None]
    if not staves or len(staves) > MOST_STAVES:
        raise FormatError(f"{name}: has no measures, or more than {MOST_STAVES} staves.")
    players = _players(score)
    read = [
        _Staff(players.get(staff.get("id", ""), _Player()), name, number).read(staff)
        for number, staff in enumerate(staves)
    ]
    leader = max(read, key=lambda staff: (staff.harmonies, -staff.number))
    if not leader.measures:
        raise FormatError(f"{name}: has no measures; save it again.")
    first = read[0]
    played = form(leader.measures, name, _order(first.signs, len(leader.measures), name))
    return LeadSheet(
        title=_title(score) or PurePath(name).stem,
        changes=played.changes,
        composer=_tag(score, "composer", "Composer"),
        parts=tuple(
            Part(staff.player.name, notes, staff.player.program, staff.player.percussion)
            for staff in read
            if (notes := played.notes(staff.measures))
        ),
        key=leader.key if leader.key is not None else first.key,
        tempo_bpm=next((staff.tempo for staff in read if staff.tempo), None),
        style=next((staff.style for staff in read if staff.style), ""),
    )


def _order(signs: Sequence[Signs], measures: int, name: str) -> list[int]:
    return [index for index in playing_order(signs, name) if index < measures]


@dataclass(frozen=True, slots=True)
class _Player:
    """The instrument of a staff; `fifths` moves what is written to what sounds."""

    name: str = ""
    program: int = 0
    percussion: bool = False
    fifths: int = 0


def _players(score: Element) -> dict[str, _Player]:
    """Return the instrument of each staff by its number."""
    concert = _text(score.find("Style/concertPitch")) == "1"
    players: dict[str, _Player] = {}
    for part in score.findall("Part"):
        instrument = part.find("Instrument")
        program = part.find("Instrument/Channel/program")
        number = _integer(program.get("value", "") if program is not None else "", 0)
        chromatic = _integer(_text(part.find("Instrument/transposeChromatic")), 0)
        diatonic = _integer(_text(part.find("Instrument/transposeDiatonic")), 0)
        fifths = 0 if concert else 7 * chromatic - 12 * diatonic
        fifths = fifths if abs(fifths) <= 12 else (7 * chromatic + 5) % 12 - 5
        player = _Player(
            _text(part.find("trackName")) or _text(part.find("Instrument/longName")),
            number if 0 <= number < 128 else 0,
            instrument is not None and _text(instrument.find("useDrumset")) == "1",
            fifths,
        )
        for staff in part.findall("Staff"):
            players[staff.get("id") or str(len(players) + 1)] = player
    return players


def _text(element: Element | None) -> str:
    """Return the text of an element and its mark-up on one line, without drawn symbols."""
    if element is None:
        return ""
    if not len(element):
        return " ".join((element.text or "").split())
    pieces = [element.text or ""]
    for child in element:
        pieces += ["" if child.tag == "sym" else _text(child) + " ", child.tail or ""]
    return " ".join("".join(pieces).split())


def _integer(text: str, default: int) -> int:
    return int(text) if re.fullmatch(r"\s*[+-]?\d{1,9}\s*", text) else default


def _fraction(text: str) -> Fraction | None:
    match = re.fullmatch(r"\s*(-?\d{1,6})\s*/\s*(\d{1,6})\s*", text)
    return Fraction(int(match[1]), int(match[2])) if match and int(match[2]) else None


def _title(score: Element) -> str:
    return _tag(score, "workTitle", "Title") or _tag(score, "movementTitle", "")


def _tag(score: Element, name: str, style: str) -> str:
    """Return the words on the page in a text style, else a field of the score's properties."""
    for text in score.iterfind("Staff/VBox/Text"):
        if _text(text.find("style")).lower() == style.lower() and style:
            return _text(text.find("text"))
    return next((_text(tag) for tag in score.findall("metaTag") if tag.get("name") == name), "")


@dataclass(slots=True)
class _Voice:
    """The position in a measure, and the tuplets that are open."""

    at: Fraction = Fraction(0)
    stack: list[Fraction] = field(default_factory=list)
    numbered: dict[str, Fraction] = field(default_factory=dict)

    @property
    def ratio(self) -> Fraction:
        ratio = Fraction(1)
        for one in self.stack:
            ratio *= one
        return ratio


class _Staff:
    """A reader of one staff, measure by measure."""

    def __init__(self, player: _Player, name: str, number: int) -> None:
        self.player, self.name, self.number = player, name, number
        self.meter = Meter()
        self.measures: list[Measure] = []
        self.signs: list[Signs] = []
        self.key: Key | None = None
        self.tempo: float | None = None
        self.style = ""
        self.start = Fraction(0)  # of the measure, in wholes from the start of the score
        self.division = 480
        self.now = Measure()
        self.nominal = Fraction(1)
        self.parenthesised: list[tuple[int, Chord]] = []
        self.voltas: dict[str, tuple[int, ...]] = {}  # those that last, by their number
        self.lasting: list[tuple[str, int]] = []  # their numbers and first measures
        self.volta_ends: list[tuple[int, tuple[int, ...]]] = []
        self.open_ends: list[tuple[int, tuple[int, ...]]] = []
        self.harmonies = 0
        self.counted = False  # whether the measure has its place in such a group
        self.repeats: list[int] = []  # the place of each measure in a group of repeats, or 0
        self.ottava = 0
        self.ottava_number = ""

    @property
    def where(self) -> str:
        """The file and the current measure, for messages."""
        return f"{self.name}, measure {len(self.measures) + 1}"

    def read(self, staff: Element) -> _Staff:
        """Read the measures."""
        for element in staff.findall("Measure"):
            if element.find("multiMeasureRest") is not None:
                continue  # stands for measures that follow
            if len(self.measures) >= MOST_MEASURES:
                raise FormatError(
                    f"{self.name}: more than {MOST_MEASURES} measures, the limit; shorten it."
                )
            self.measure(element)
            self.repeats.append(_integer(_text(element.find("measureRepeatCount")), 0))
        self.copy_groups()
        self.extend_voltas()
        for index, passes in self.volta_ends:
            if index < len(self.signs):
                if self.signs[index].passes and self.signs[index].passes != passes:
                    raise FormatError(
                        f"{self.name}, measure {index + 1}: has two voltas, so that its order is "
                        "not clear; remove one."
                    )
                self.signs[index].passes = tuple(sorted({*self.signs[index].passes, *passes}))
        self.harmonies = sum(len(measure.chords) for measure in self.measures)
        # A signature without accidentals is not written.
        self.key = self.key or Key(self.player.fifths, has_mode=False)
        return self

    def copy_groups(self) -> None:
        """Copy the measures that a sign over one, two or four measures repeats."""
        for index, place in enumerate(self.repeats):
            size = place
            while place and self.repeats[index + size - place + 1 :][:1] == [size + 1]:
                size += 1
            if place and index >= size:
                source, now = self.measures[index - size], self.measures[index]
                now.chords = now.chords or list(source.chords)
                if now.meter == source.meter:
                    now.notes = now.notes or list(source.notes)

    def extend_voltas(self) -> None:
        """Extend voltas without a hook to the repeat sign of their ending."""
        begun = {index for index, _ in self.volta_ends}
        for last, passes in self.open_ends:
            end = last
            while end < len(self.signs) and not self.signs[end].plays:
                end += 1
            between = range(last + 1, min(end + 1, len(self.signs)))
            if end < len(self.signs) and not any(
                index in begun or self.signs[index].opens for index in between
            ):
                self.volta_ends += [(index, passes) for index in between]

    def measure(self, element: Element) -> None:
        """Read one measure."""
        self.now, signs = Measure(), Signs()
        self.counted = element.find("measureRepeatCount") is not None
        self.parenthesised = []
        self.signs.append(signs)
        voices = element.findall("voice") or [element]
        for time in (one for voice in voices for one in voice.findall("TimeSig")):
            self.time_signature(time)
        length = _fraction(element.get("len", ""))
        self.nominal = Fraction(self.meter.beats, self.meter.unit)
        actual = length if length is not None and length > 0 else self.nominal
        if actual * 4 > _LONGEST:
            raise FormatError(f"{self.where}: is longer than {_LONGEST} quarters; correct it.")
        self.now.meter = self.meter
        self.now.length = round(actual * _WHOLE)
        if element.find("startRepeat") is not None:
            signs.opens = True
        if (repeat := element.find("endRepeat")) is not None:
            signs.plays = max(2, min(16, _integer(_text(repeat), 2)))
        for child in element.iterfind("LayoutBreak/subtype"):
            signs.breaks |= _text(child) == "section"
        self.roadmap(element, signs)
        for voice in voices:
            self.voice(voice, signs)
        taken = {onset for onset, _ in self.now.chords}
        self.now.chords += [one for one in self.parenthesised if one[0] not in taken]
        held = [one for one in self.now.chords if one[0] < self.now.length]
        self.now.chords = sorted(held, key=lambda one: one[0])
        self.measures.append(self.now)
        self.start += actual

    def time_signature(self, element: Element) -> None:
        """Read a meter."""
        beats = _integer(_text(element.find("sigN")), 0)
        unit = _integer(_text(element.find("sigD")), 0)
        if beats and unit:
            try:
                self.meter = Meter(beats, unit)
            except FormatError as error:
                raise FormatError(f"{self.where}: {error}") from error

    def roadmap(self, element: Element, signs: Signs) -> None:
        """Read markers and jumps."""
        for marker in element.iter("Marker"):
            label = _text(marker.find("label"))
            kind = _text(marker.find("subtype")) or label
            # Fine and To Coda are at the end of their measure.
            ends = label in ("fine", "coda") or kind in ("fine", "toCoda", "tocoda", "coda")
            ends = ends or label.startswith("tocoda") or _text(marker.find("text")) == "To Coda"
            (signs.after if ends and label != "codab" else signs.before).add(label)
        for jump in element.iter("Jump"):
            to = _text(jump.find("jumpTo"))
            until, then = _text(jump.find("playUntil")), _text(jump.find("continueAt"))
            said = re.sub(r"[\s.]", "", _text(jump.find("text")).lower())
            if until in ("", "end") and said.endswith(("alcoda", "alfine")):
                # Scores from other programs may have the words only.
                until = "coda" if said.endswith("coda") else "fine"
                then = "codab" if until == "coda" else ""
            if to:
                again = _text(jump.find("playRepeats")) == "1"
                signs.jump = Jump(to, until, then, again)

    def voice(self, element: Element, signs: Signs) -> None:
        """Read the elements of a voice; in version 2 a measure is one, with explicit ticks."""
        voice = _Voice()
        for child in element:
            tag = child.tag
            if tag in ("Chord", "Rest"):
                self.sound(child, voice)
            elif tag == "location":
                voice.at += _fraction(_text(child.find("fractions"))) or 0
            elif tag == "tick":
                ticks = _integer(_text(child), 0)
                voice.at = Fraction(ticks, 4 * self.division) - self.start
            elif tag == "Tuplet":
                self.tuplet(child, voice)
            elif tag == "endTuplet":
                del voice.stack[-1:]
            elif tag == "Harmony":
                self.harmony(child, voice)
            elif tag == "FretDiagram":
                for harmony in child.findall("Harmony"):
                    self.harmony(harmony, voice)
            elif tag == "KeySig":
                self.key_signature(child)
            elif tag == "Tempo":
                self.take_tempo(child)
            elif tag in ("StaffText", "SystemText", "Text"):
                self.words(_text(child.find("text")))
            elif tag == "RehearsalMark":
                self.now.section = _text(child.find("text"))[:200] or self.now.section
            elif tag in ("RepeatMeasure", "MeasureRepeat"):
                self.repeat(child)
            elif tag == "Volta":
                self.voltas[child.get("id", "")] = _passes(child)
                self.open_volta(child.get("id", ""), _passes(child), None)
            elif tag == "endSpanner":
                self.close_volta(child.get("id", ""), voice)
            elif tag == "Spanner" and child.get("type") == "Volta":
                self.spanner(child)
            elif tag == "Ottava" or (tag == "Spanner" and child.get("type") == "Ottava"):
                self.octaves(child)
            elif tag == "BarLine" and _text(child.find("subtype")) == "end-repeat":
                signs.plays = signs.plays or 2

    def octaves(self, element: Element) -> None:
        """Read an octave line; its notes are stored as written."""
        line = element if element.tag == "Ottava" else element.find("Ottava")
        if line is None:
            self.ottava = 0
        else:
            self.ottava = _OTTAVAS.get(_text(line.find("subtype")), 0)
            self.ottava_number = element.get("id", "")

    def open_volta(self, key: str, passes: tuple[int, ...], measures: int | None) -> None:
        """Note a volta that begins here, over so many measures, or until its end is read."""
        if not passes:
            return
        here = len(self.measures)
        if measures is None:
            self.lasting.append((key, here))
        else:
            self.volta_ends += [(here + i, passes) for i in range(min(measures, MOST_MEASURES))]

    def close_volta(self, key: str, voice: _Voice) -> None:
        """Note the end of a volta or octave line of version 2."""
        if key == self.ottava_number:
            self.ottava, self.ottava_number = 0, ""
        here = len(self.measures) + (voice.at > 0)
        for one in [one for one in self.lasting if one[0] == key]:
            self.lasting.remove(one)
            self.volta_ends += [(index, self.voltas[key]) for index in range(one[1], here)]

    def spanner(self, element: Element) -> None:
        """Read a volta of version 3 or 4."""
        volta = element.find("Volta")
        if volta is not None:
            measures = element.find("next/location/measures")
            count = max(1, _integer(_text(measures), 1))
            self.open_volta("", _passes(volta), count)
            if _text(volta.find("endHookType")) in ("", "0"):
                self.open_ends.append((len(self.measures) + count - 1, _passes(volta)))

    def tuplet(self, element: Element, voice: _Voice) -> None:
        """Read the ratio of a tuplet."""
        normal = _integer(_text(element.find("normalNotes")), 2)
        actual = _integer(_text(element.find("actualNotes")), 3)
        ratio = Fraction(max(1, normal), max(1, actual))
        if element.get("id"):  # version 2: notes name their tuplet
            outer = voice.numbered.get(_text(element.find("Tuplet")), Fraction(1))
            voice.numbered[element.get("id", "")] = ratio * outer
        else:
            voice.stack.append(ratio)

    def length(self, element: Element, voice: _Voice) -> Fraction:
        """Return the length of a note or rest in wholes."""
        kind = _text(element.find("durationType"))
        if kind == "measure":
            given = element.find("duration")
            whole = _fraction(_text(given)) if given is not None else None
            if whole is None and given is not None and given.get("z"):
                whole = _fraction(f"{given.get('z')}/{given.get('n')}")
            return whole or Fraction(self.now.length, _WHOLE)
        if kind not in _DURATIONS:
            raise FormatError(f"{self.where}: {kind[:20]!r} is not a length of a note; correct it.")
        length = dotted = _DURATIONS[kind]
        for _ in range(min(4, _integer(_text(element.find("dots")), 0))):
            dotted /= 2
            length += dotted
        own = voice.numbered.get(_text(element.find("Tuplet")), Fraction(1))
        return length * own * voice.ratio

    def sound(self, element: Element, voice: _Voice) -> None:
        """Read a note, a chord of notes or a rest."""
        if any(child.tag in _GRACE for child in element):
            return
        length = self.length(element, voice)
        start, end = round(voice.at * _WHOLE), round((voice.at + length) * _WHOLE)
        voice.at += length
        if end > _LONGEST * TICKS_PER_QUARTER or start < 0:
            raise FormatError(f"{self.where}: its notes do not fit in it; correct their lengths.")
        if element.tag == "Rest" or _text(element.find("small")) == "1":
            return
        for note in element.findall("Note"):
            head = _text(note.find("head"))
            if head.startswith("slash") or _text(note.find("small")) == "1":
                continue
            pitch = _integer(_text(note.find("pitch")), -1 - self.ottava) + self.ottava
            if not 0 <= pitch < 128:
                raise FormatError(f"{self.where}: a note is outside MIDI's range; correct it.")
            tied = note.find("Tie") is not None or any(
                spanner.get("type") == "Tie" and spanner.find("next") is not None
                for spanner in note.findall("Spanner")
            )
            name = PitchName(max(-1, min(33, _integer(_text(note.find("tpc")), 14))) - 14)
            fits = name.pitch_class == pitch % 12
            self.now.notes.append(
                Written(start, max(end, start + 1), pitch, name if fits else None, tied)
            )

    def harmony(self, element: Element, voice: _Voice) -> None:
        """Read a chord symbol; Roman and Nashville numerals are left out."""
        if _text(element.find("harmonyType")) not in ("", "0"):
            return
        info = element.findall("harmonyInfo") or [element]
        symbol = _text(info[0].find("name"))
        try:
            if len(info) > 1:
                raise ChordError(f"{symbol!r} is a polychord; write one chord.", symbol)
            chord = _chord(info[0], symbol)
        except ChordError as error:
            raise ChordError(f"{self.where}: {error}", error.symbol, error.nearest) from error
        if chord is None:
            return
        onset = max(0, round(voice.at * _WHOLE))
        chord = chord.transposed(self.player.fifths) if self.player.fifths else chord
        aside = element.find("leftParen") is not None or symbol.startswith("(")
        (self.parenthesised if aside else self.now.chords).append((onset, chord))

    def key_signature(self, element: Element) -> None:
        """Read the first key."""
        written = element.find("accidental")
        sounding = element.find("concertKey")
        found = sounding if sounding is not None else written
        if self.key is None and found is not None and not self.measures:
            fifths = _integer(_text(found), 0)
            fifths += self.player.fifths if sounding is None else 0
            mode = _text(element.find("mode"))
            minor, has_mode = mode in ("minor", "aeolian"), mode not in ("", "none", "unknown")
            self.key = Key(max(-12, min(12, fifths)), minor, has_mode)

    def take_tempo(self, element: Element) -> None:
        """Read the first tempo, which is in quarters per second, and its words."""
        text = _text(element.find("tempo"))
        match = re.fullmatch(r"\d{1,3}(\.\d{1,12})?", text)
        if match and self.tempo is None and 10 <= float(text) * 60 <= 999:
            self.tempo = round(float(text) * 60, 2)
        self.words(_text(element.find("text")))

    def words(self, text: str) -> None:
        """Take a style from words such as ``Medium Swing (♩ = 120)``."""
        words = re.sub(r"\(?[^\w\s]*\s*=.*", "", text).strip(" (")
        words = " ".join(re.sub(r"[^\w\s.,'/-]", " ", words).split())
        if not self.style and len(words) <= 40 and _STYLE.search(words) and not self.measures[4:]:
            self.style = words.lower()

    def repeat(self, element: Element) -> None:
        """Repeat the chords of one, two or four measures, in versions without a count of them."""
        if self.counted:
            return
        count = _integer(_text(element.find("subtype")), 1)
        if not self.now.chords and 1 <= count <= len(self.measures):
            source = self.measures[-count]
            self.now.chords += source.chords
            self.now.notes += [note for note in source.notes if self.now.meter == source.meter]


def _passes(volta: Element) -> tuple[int, ...]:
    """Return the passes of a volta."""
    text = _text(volta.find("endings")) or _text(volta.find("beginText"))
    return tuple(sorted({int(n) for n in re.findall(r"\d{1,2}", text) if 1 <= int(n) <= 16}))


def _chord(element: Element, symbol: str) -> Chord | None:
    """Read a chord; None for other text."""
    root = _name(element.find("root"))
    if root is None:
        plain = symbol.replace(" ", "").lower().strip("().")
        return NO_CHORD if plain in ("n.c", "nc", "nochord", "tacet") else None
    if _text(element.find("rootCase")) not in ("", "0"):
        raise ChordError(f"{root}{symbol} has a small root; write the root large.", symbol)
    number = element.find("extension")
    if not symbol and number is not None:
        known = _NUMBERED.get(_integer(_text(number), -1))
        if known is None:
            raise ChordError(
                f"chord number {_text(number)[:10]} of an old chord list is not known; save the "
                "score again in MuseScore 4.",
                str(root),
            )
        symbol = known
    bass = element.find("base")
    return _parsed(str(root), symbol, _name(bass if bass is not None else element.find("bass")))


@lru_cache(maxsize=4096)
def _parsed(root: str, symbol: str, bass: PitchName | None) -> Chord:
    """Read root and quality in MuseScore's spelling: ``t7`` is a triangle, ``0`` ø."""
    aside = re.match(r"\s*\((?![b#♭♯])", symbol)
    suffix = symbol.strip().strip("()").strip() if aside else symbol
    suffix = re.sub(r"^t(?=7|9|1|$)", "^", re.sub(r"^0(?=7|9|1|$)", "ø", suffix))
    chord = Chord.parse(root + suffix.replace(" ", ""))
    return Chord(chord.root, chord.quality, bass if bass is not None else chord.bass)


def _name(element: Element | None) -> PitchName | None:
    """Return the name of a tonal pitch class, where 14 is C; None if there is none."""
    number = _integer(_text(element), -100)
    return PitchName(number - 14) if -1 <= number <= 33 else None
