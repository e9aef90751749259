"""Band-in-a-Box songs (``.sgu``, ``.mgu``, and such as ``.mg1`` with a built-in style).

The maker publishes no description. These facts are from public readers (MuseScore, JJazzLab, ChoCo,
Data::BiaB), and were checked on songs. After the version and the title, a file is a coded image: a
byte other than zero is the value of the next place; a zero and a count skip so many places. The
image holds the style, the key, the tempo, a part marker for each of 255 bars, the type and the root
of a chord for each of four slots per bar, and the first and last bar of the chorus. The name of the
style follows. The melody is a table of events, whose place and length are the last four bytes.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from functools import partial
from itertools import zip_longest
from pathlib import PurePath

from sideman.errors import FormatError
from sideman.files import MEBIBYTE
from sideman.formats.document import melody_document
from sideman.formats.registry import Codec
from sideman.score import Bar, Changes, ChordChange, LeadSheet, Note, Part
from sideman.theory.chord import Chord, Quality
from sideman.theory.meter import FASTEST_BPM, SLOWEST_BPM, Meter, quantise
from sideman.theory.pitch import Key, PitchName

_VERSIONS, _UNCODED = range(0x43, 0x4A), (0xBB, 0xBC)
_MOST_BARS, _SLOTS = 255, 4
# Places in the image.
_STYLE, _KEY, _TEMPO, _MARKERS = 0x3E, 0x3F, 0x40, 0x42
_TYPES = _MARKERS + _MOST_BARS
_ROOTS = _TYPES + _MOST_BARS * _SLOTS
_CHORUS = _ROOTS + _MOST_BARS * _SLOTS + 1
_END = _CHORUS + 2

_NAMES = (
    *("C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B"),
    *("C#", "D#", "F#", "G#", "A#"),
)
_DOMINANTS = (
    "7 13 7b13 7#11 13#11 7#11b13 9 ? 9b13 9#11 13#11 9#11b13 7b9 13b9 7b9b13 7b9#11 13b9#11"
    " 7b9#11b13 7#9 13#9 7#9b13 ? 13#9#11 7#9#11b13 7b5 13b5 7b5b13 9b5 9b5b13 7b5b9 13b5b9"
    " 7b5b9b13 7b5#9 13b5#9 7b5#9b13 7#5 13#5 7#5#11 13#5#11 9#5 9#5#11 7#5b9 13#5b9 7#5b9#11"
    " 13#5b9#11 7#5#9 ? 7#5#9#11 13#5#9#11"
)
# The first number of each run of chord types; those that readers name differently are left open.
_RUNS = {
    1: "maj maj b5 aug 6 maj7 maj9 maj9#11 maj13#11 maj13 maj9no3 aug maj7#5 69 2 m m#5 mmaj7 m7 m9"
    " m11 m13 m6 m#5 m7#5 m69 ? maj7#11 maj7b5",
    32: "m7b5 dim m9b5 dim",
    40: "5 add9 madd9",
    56: "7#5 9#5 13#5",
    64: _DOMINANTS,
    113: "7alt",
    128: re.sub(r"(^| )(\d+)", r"\1\2sus", _DOMINANTS),
    184: "sus4",
}
_SUFFIXES = {
    number: suffix
    for first, suffixes in _RUNS.items()
    for number, suffix in enumerate(suffixes.split(), first)
    if suffix != "?"
}

# The number of a built-in style gives its meter; songs with other styles have the number 1.
_METERS = {8: Meter(3, 4), 17: Meter(3, 4)} | dict.fromkeys((2, 22, 23), Meter(12, 8))
_BUILT_IN = {1: "swing", 4: "bossa nova", 8: "waltz", 16: "funk", 17: "jazz waltz"}
_STYLES = ("swing", "bossa", "samba", "waltz", "ballad", "bolero", "funk", "salsa")
_STYLE_FILE = re.compile(rb"([\x05-\x0c])([ -~]{1,8}\.STY)")

_EVENT = struct.Struct("<IBBBBI")  # tick, status, pitch, velocity, channel, ticks
_TICKS_PER_QUARTER = 120
_LEAD_IN_BARS = 2
_LONGEST_ADDRESS = 0xFFFF
_MOST_TOGETHER = 0.1  # the share of notes that begin with another, in a melody of one voice


def parse(data: bytes, name: str) -> LeadSheet:
    """Read a song: one chorus, and its melody.

    Raises
    ------
    FormatError
        If the file is no song of a known version, is damaged, or has no chords.
    """
    image, end = _image(data, name)
    first, last = image[_CHORUS], image[_CHORUS + 1]
    if image[_KEY] > 2 * len(_NAMES) or not 1 <= first <= last <= _MOST_BARS:
        raise FormatError(
            f"{name}: is damaged, or not a Band-in-a-Box song: its chorus is bars {first} to {last}"
            f" and its key number {image[_KEY]}; get it again."
        )
    notices: list[str] = []
    style = _style_file(data[end:])
    meter = _meter(image, style, name, notices)
    bars = _bars(image, meter, name, notices)
    notes: tuple[Note, ...] = ()
    if meter == Meter():
        notes = _melody(data, image, name, notices)
    elif any(data[-2:]):
        notices.append(f"{name}: the melody is left out; of songs in {meter} only chords are read.")
    tempo = image[_TEMPO] + 256 * image[_TEMPO + 1]
    return LeadSheet(
        _title(data, name),
        Changes(bars),
        parts=(Part("Melody", notes),) if notes else (),
        key=_key(image[_KEY]),
        tempo_bpm=float(tempo) if SLOWEST_BPM <= tempo <= FASTEST_BPM else None,
        style=_words(image[_STYLE], style),
        notices=tuple(notices),
    )


def _image(data: bytes, name: str) -> tuple[bytes, int]:
    """Return the decoded image, and the position of the byte after it."""
    if data[:1] and data[0] in _UNCODED:
        raise FormatError(
            f"{name}: is of an old version of Band-in-a-Box; open and save it in a newer one."
        )
    if len(data) < 2 or data[0] not in _VERSIONS or 2 + data[1] > _STYLE:
        raise FormatError(f"{name}: is not a Band-in-a-Box song of a known version.")
    image = bytearray(_END)
    at = place = 2 + data[1]
    while place < _END:
        if at + 1 >= len(data) or not (data[at] or data[at + 1]):
            raise FormatError(
                f"{name}: is damaged, or not a Band-in-a-Box song: its bars break off at byte {at};"
                " get it again."
            )
        if data[at]:
            image[place] = data[at]
            at, place = at + 1, place + 1
        else:
            at, place = at + 2, place + data[at + 1]
    return bytes(image), at


def _title(data: bytes, name: str) -> str:
    title = data[2 : 2 + data[1]].decode("cp1252", errors="replace")
    plain = "".join(sign if sign.isprintable() else " " for sign in title)
    return " ".join(plain.split()) or PurePath(name).stem


def _key(number: int) -> Key | None:
    """Return the key: 1 to 17 are major, 18 to 34 minor."""
    if not number:
        return None
    minor, tonic = divmod(number - 1, len(_NAMES))
    fifths = PitchName.parse(_NAMES[tonic]).fifths - 3 * minor
    if abs(fifths) > 7:
        fifths -= 12 if fifths > 0 else -12
    return Key(fifths, bool(minor))


def _style_file(rest: bytes) -> str:
    """Return the name of the style without its suffix, in lower case; empty if there is none."""
    for match in _STYLE_FILE.finditer(rest):
        if match[1][0] == len(match[2]):
            return match[2][:-4].decode("ascii").lower()
    return ""


def _words(number: int, style: str) -> str:
    """Return the words for a style of which they are certain, else none."""
    if not style or style.startswith("zz"):
        return _BUILT_IN.get(number, "")
    return next((word for word in _STYLES if word in style), "")


def _meter(image: bytes, style: str, name: str, notices: list[str]) -> Meter:
    """Return the meter, which the file does not hold where its style is not built in."""
    built_in = not style or style.startswith("zz")
    if built_in or image[_STYLE] in _METERS:
        return _METERS.get(image[_STYLE], Meter())
    first, last = image[_CHORUS], image[_CHORUS + 1]
    if any(image[_TYPES + _SLOTS * (first - 1) + 3 : _TYPES + _SLOTS * last : _SLOTS]):
        return Meter()  # a chord on the fourth beat
    if re.search("wal(t|z|$)|wltz", style):
        return Meter(3, 4)
    notices.append(
        f"{name}: the meter is assumed to be 4/4; the file names its style ({style}) but no meter."
    )
    return Meter()


def _bars(image: bytes, meter: Meter, name: str, notices: list[str]) -> tuple[Bar, ...]:
    """Return the bars of the chorus."""
    first, last = image[_CHORUS], image[_CHORUS + 1]
    beats = 3 if meter == Meter(3, 4) else _SLOTS
    onsets: dict[tuple[int, int], Chord] = {}
    slots = zip(image[_TYPES:_ROOTS], image[_ROOTS:_CHORUS], strict=False)
    for index, (number, root) in enumerate(slots):
        if not number and not root:
            continue
        bar, slot = index // _SLOTS + 1, index % _SLOTS
        where = f"{name}, bar {bar}"
        if not number or not root:
            raise FormatError(
                f"{where}: is damaged: a chord has a type or a root only; get it again."
            )
        chord = _chord(number, root)
        if chord is None and not first <= bar <= last:
            continue
        if chord is None:
            notices.append(f"{where}: a chord is left out, as its type {number} is not known.")
        elif slot >= beats:
            notices.append(f"{where}: the chord {chord} on beat {slot + 1} is left out; it is 3/4.")
        else:
            onsets[bar, slot] = chord
    before = [chord for (bar, _), chord in onsets.items() if bar < first]
    if before:
        onsets.setdefault((first, 0), before[-1])
    if not any(first <= bar <= last for bar, _ in onsets):
        raise FormatError(f"{name}: has no chords in its chorus; give a song with chords.")
    if first > 1:
        notices.append(f"{name}: the intro before bar {first} is left out.")
    if any(bar > last for bar, _ in onsets):
        notices.append(f"{name}: the ending after bar {last} is left out.")
    step = meter.ticks_per_bar // beats
    return tuple(
        Bar(
            tuple(
                ChordChange(slot * step, onsets[bar, slot])
                for slot in range(beats)
                if (bar, slot) in onsets
            ),
            meter,
            {1: "A", 2: "B", 3: "C", 4: "D"}.get(image[_MARKERS + bar - 1]),
        )
        for bar in range(first, last + 1)
    )


def _chord(number: int, root: int) -> Chord | None:
    """Return the chord of a type and of a root with its bass; None if one is not known."""
    shift, tonic = divmod(root, len(_NAMES) + 1)
    if number not in _SUFFIXES or not tonic:
        return None
    name = PitchName.parse(_NAMES[tonic - 1])
    bass = Key(name.fifths).spell(60 + name.pitch_class + shift).name if shift % 12 else None
    return Chord(name, Quality.parse(_SUFFIXES[number]), bass)


def _melody(data: bytes, image: bytes, name: str, notices: list[str]) -> tuple[Note, ...]:
    """Return the melody of the first chorus, with its pickup if there is no intro."""
    start, count = struct.unpack("<HH", data[-4:])
    if not count:
        return ()
    stop = start + count * _EVENT.size
    if len(data) > _LONGEST_ADDRESS or stop > len(data) - 4:
        notices.append(f"{name}: the melody is left out, as its place in the file is not certain.")
        return ()
    first, last = image[_CHORUS], image[_CHORUS + 1]
    bar = Meter().ticks_per_bar
    shift = (_LEAD_IN_BARS + first - 1) * bar
    notes = []
    for tick, status, pitch, velocity, _, length in _EVENT.iter_unpack(data[start:stop]):
        if not status:
            break  # the soloist follows
        if status & 0xF0 == 0x90 and pitch < 128 and 0 < velocity < 128 and length:
            onset = quantise(Fraction(tick, _TICKS_PER_QUARTER)) - shift
            duration = quantise(Fraction(length, _TICKS_PER_QUARTER)) or quantise(Fraction(1, 4))
            notes.append(Note(onset, duration, pitch, velocity))
    end = (last - first + 1) * bar
    within = [
        replace(note, duration=min(note.duration, end - note.onset))
        for note in notes
        if (-bar if first == 1 else 0) <= note.onset < end
    ]
    line = _one_voice(within)
    if len(within) - len(line) > _MOST_TOGETHER * len(within):
        notices.append(f"{name}: the melody is left out, as several of its notes sound together.")
        return ()
    if any(note.onset >= end for note in notes):
        notices.append(f"{name}: of the melody only the first chorus is read.")
    return line


def _one_voice(notes: Sequence[Note]) -> tuple[Note, ...]:
    """Return the highest note at each onset, each ending before the next begins."""
    highest: dict[int, Note] = {}
    for note in sorted(notes, key=lambda note: (note.onset, note.pitch)):
        highest[note.onset] = note
    line = tuple(highest.values())
    return tuple(
        note
        if after is None
        else replace(note, duration=min(note.duration, after.onset - note.onset))
        for note, after in zip_longest(line, line[1:])
    )


CODEC = Codec(
    read=lambda data, name: melody_document(partial(parse, data, name)), most_bytes=4 * MEBIBYTE
)
