"""Impro-Visor lead sheets (``.ls``): changes and melodies as text.

A file is a sequence of directives in parentheses, such as ``(meter 4 4)``, and of words. A word
with a capital initial is a chord, ``/`` continues the previous chord, ``|`` ends a bar, and the
words of a bar share its time evenly. A word with a small initial is a note of the melody or a rest:
letter, accidental, ``+`` for an octave up or ``-`` for an octave down, then the length as note
values joined by ``+`` (``eb+4+8`` is a dotted quarter on the E♭ an octave above middle C's, ``8/3``
an eighth of a triplet). The octave is that of the *sound*: ``cb`` is the B above ``bb``, as in
Impro-Visor. Each ``(part (type melody))`` is a further melody over the same changes.

Conventions: Impro-Visor counts 120 slots per quarter, five per tick; a quintuplet falls between
ticks and is rounded. The key is a signature, and its mode is not given without ``(mode …)``.
Notes have the default velocity up to the first volume (``v80``). The format has no repeats and no
changes of meter.

Three directives are extensions that Impro-Visor ignores: ``(mode major)`` or ``(mode minor)``,
``(pickup N)`` (the first N bars contain a pickup and are not part of the form) and, inside a
section, ``(label A)``. If no section has a label, sections are lettered in order, those with the
same first chords alike.

:func:`losses` lists what the format cannot store.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from math import gcd
from pathlib import Path

from sideman.errors import ChordError, FormatError, MusicError
from sideman.files import MEBIBYTE
from sideman.formats.document import melody_document
from sideman.formats.registry import Codec
from sideman.score import (
    Bar,
    Changes,
    ChordChange,
    LeadSheet,
    Note,
    Part,
    monophonic,
    spell,
)
from sideman.theory.chord import Chord
from sideman.theory.meter import TICKS_PER_QUARTER, Meter
from sideman.theory.pitch import Key, PitchName

SLOTS_PER_TICK = 120 // TICKS_PER_QUARTER
MOST_BYTES = 4 * MEBIBYTE
MOST_BARS = 10_000
MOST_WORDS = 200_000
_MOST_DEPTH = 50
_LONG_WORD = 64
_DEFAULT_VELOCITY = 90
_DIALECT = "impro-visor"
_WHOLE_SLOTS = 480

# A comment, a parenthesis, a bar line, a chord (which may contain parentheses) or another word.
_WORD = re.compile(
    r"//[^\n]*|/\*.*?(?:\*/|\Z)|[()|,]|[A-Z][^\s()|,]*(?:\([^\s()]*\)[^\s()|,]*)*|[^\s()|,]+",
    re.DOTALL,
)
_BRACKET = re.compile(r"[()]")
_NOTE = re.compile(r"([a-g])([#bs]?)([-+u]*)([0-9./+u]*)")
_LENGTH = re.compile(r"(\d{0,4})(?:/([1-9]\d{0,2}))?(\.{0,4})")
_BAR_LINES = {"|", ","}

# Note values from long to short, in ticks; their sums give every number of ticks.
_VALUES = (
    (96, "1"), (48, "2"), (32, "2/3"), (24, "4"), (16, "4/3"), (12, "8"), (8, "8/3"), (6, "16"),
    (4, "16/3"), (3, "32"), (2, "32/3"), (1, "64/3"),
)  # fmt: skip


@dataclass
class _Section:
    """A section mark above the changes."""

    bar: int
    label: str | None
    style: str
    phrase: bool


@dataclass
class _Draft:
    """The content read so far."""

    name: str
    title: str = ""
    composer: str = ""
    meter: Meter = field(default_factory=Meter)
    fifths: int | None = None
    mode: str = ""
    tempo_bpm: float | None = None
    style: str = ""
    pickup: int = 0
    rise: int = 0
    bars: list[list[str]] = field(default_factory=list)
    bar: list[str] = field(default_factory=list)
    sections: list[_Section] = field(default_factory=list)
    parts: list[_Melody] = field(default_factory=list)


@dataclass
class _Melody:
    """The words of one melody part."""

    title: str = ""
    program: int = 0
    words: list[str] = field(default_factory=list)


def parse(data: bytes | str, name: str = "lead sheet") -> LeadSheet:
    """Read an Impro-Visor lead sheet.

    Parameters
    ----------
    data : bytes or str
        The content; bytes are UTF-8, UTF-16 with a byte order mark, or else Latin-1.
    name : str
        The name in messages, and the default title.

    Raises
    ------
    FormatError
        If the text is not a lead sheet, is longer than 4 MiB, or has more than 200,000 words or
        10,000 bars.
    ChordError
        If a chord is unknown; the message names the bar.

    Examples
    --------
    >>> sheet = parse("(title Two Five) (meter 4 4) (key -2) Cm7 | F7 | BbM7 | / | d+4 eb+8 f+8")
    >>> sheet.title, len(sheet.changes.bars), [span.chord.symbol for span in sheet.changes.spans]
    ('Two Five', 4, ['Cm7', 'F7', 'Bbmaj7'])
    >>> [(note.onset, note.duration, note.pitch) for note in sheet.melody]
    [(0, 24, 74), (24, 12, 75), (36, 12, 77)]
    """
    text = _decoded(data, name)
    draft = _Draft(name)
    _scan(text, draft)
    if draft.bar:
        draft.bars.append(draft.bar)
        draft.bar = []
    return _finished(draft)


def _decoded(data: bytes | str, name: str) -> str:
    if len(data) > MOST_BYTES:
        raise FormatError(
            f"{name}: longer than {MOST_BYTES // MEBIBYTE} MiB, the limit for a lead sheet; "
            "give a smaller one."
        )
    if isinstance(data, str):
        text = data
    else:
        encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8"
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            text = data.decode("latin-1")
    if "\0" in text:
        raise FormatError(f"{name}: not a text file, so not an Impro-Visor lead sheet.")
    return text.removeprefix("\ufeff")


def _scan(text: str, draft: _Draft) -> None:
    """Read every directive and every word of the text."""
    position = words = 0
    while match := _WORD.search(text, position):
        words += 1
        if words > MOST_WORDS:
            raise FormatError(
                f"{draft.name}: more than {MOST_WORDS:,} words, the limit for a lead sheet; "
                "give a shorter one."
            )
        word, position = match[0], match.end()
        if word == "(":
            end = _closing(text, position, draft.name)
            _directive(text[position:end], draft)
            position = end + 1
        elif word != ")" and not word.startswith(("//", "/*")):
            _bare(word, draft)  # like Impro-Visor, ignore an unmatched )


def _closing(text: str, start: int, name: str) -> int:
    """Return the position of the parenthesis that closes the one before `start`."""
    depth = 1
    for match in _BRACKET.finditer(text, start):
        depth += 1 if match[0] == "(" else -1
        if depth == 0:
            return match.start()
        if depth > _MOST_DEPTH:
            break
    else:
        raise FormatError(
            f"{name}: the ( before {_shown(text[start : start + 60])} is never closed; add )."
        )
    raise FormatError(
        f"{name}: parentheses more than {_MOST_DEPTH} deep; not an Impro-Visor lead sheet."
    )


def _shown(text: str) -> str:
    """Quote a part of the file in a message, short and on one line."""
    text = " ".join(text.split())
    return repr(text if len(text) <= 30 else text[:27] + "...")


def _keyword(content: str) -> tuple[str, str]:
    words = content.split(None, 1)
    return (words[0] if words else ""), (" ".join(words[1].split()) if len(words) > 1 else "")


def _inner(content: str) -> Iterator[str]:
    """Yield the contents of the parentheses directly inside a directive."""
    depth = start = 0
    for match in _BRACKET.finditer(content):
        if match[0] == "(":
            depth += 1
            if depth == 1:
                start = match.end()
        else:
            if depth == 1:
                yield content[start : match.start()]
            depth -= 1


def _whole_number(text: str) -> int | None:
    match = re.match(r"[-+]?\d{1,6}(?![^\s])", text)
    return int(match[0]) if match else None


def _directive(content: str, draft: _Draft) -> None:
    keyword, value = _keyword(content)
    number = _whole_number(value)
    if keyword == "title":
        draft.title = value
    elif keyword == "composer":
        draft.composer = value
    elif keyword == "meter":
        draft.meter = _meter(value, draft.name)
    elif keyword == "key" and number is not None:
        draft.fifths = _signature(number, draft.name)
    elif keyword == "mode":
        draft.mode = value
    elif keyword == "tempo":
        draft.tempo_bpm = _tempo(value)
    elif keyword == "pickup" and number is not None:
        draft.pickup = number
    elif keyword == "transpose" and number is not None:
        draft.rise = max(-60, min(60, number))
    elif keyword == "style":
        style = _style(value)
        if draft.bars or draft.bar:
            _mark(draft, _Section(0, None, style, phrase=False))
        else:
            draft.style = style
    elif keyword in ("section", "phrase"):
        items = dict(_keyword(item) for item in _inner(content))
        label = items.get("label") or None
        _mark(draft, _Section(0, label, _style(items.get("style", "")), keyword == "phrase"))
    elif keyword == "part":
        _part(content, draft)


def _style(value: str) -> str:
    """Return a style name without the settings in parentheses after it."""
    return value.split("(", 1)[0].split(")", 1)[0].strip()


def _meter(value: str, name: str) -> Meter:
    numbers = [_whole_number(word) for word in value.split()[:2]]
    if not numbers or numbers[0] is None:
        raise FormatError(f"{name}: {_shown(value)} is not a meter; write (meter 4 4).")
    try:
        return Meter(numbers[0], numbers[1] if len(numbers) > 1 and numbers[1] else 4)
    except FormatError as error:
        raise FormatError(f"{name}: {error}") from error


def _signature(fifths: int, name: str) -> int:
    if not -12 <= fifths <= 12:
        raise FormatError(
            f"{name}: a key of {fifths} sharps does not exist; write (key -7) to (key 7)."
        )
    return fifths


def _tempo(value: str) -> float | None:
    match = re.match(r"\d{1,4}(?:\.\d{0,6})?(?![^\s])", value)
    tempo = float(match[0]) if match else 0.0
    return tempo if tempo >= 1 else None


def _mark(draft: _Draft, section: _Section) -> None:
    # A mark inside a bar applies from the next bar.
    section.bar = len(draft.bars) + bool(draft.bar)
    draft.sections.append(section)


def _part(content: str, draft: _Draft) -> None:
    items = dict(_keyword(item) for item in _inner(content))
    if items.get("type") != "melody":
        return
    program = _whole_number(items.get("instrument", "")) or 0
    title = items.get("title", "")
    if draft.parts and not draft.parts[-1].words:
        draft.parts.pop()  # like Impro-Visor, drop a part without words
    draft.parts.append(_Melody(title, program if 0 <= program <= 127 else 0))


def _bare(word: str, draft: _Draft) -> None:
    if word in _BAR_LINES:
        # A bar line before anything else opens the first bar.
        if draft.bar or draft.bars:
            draft.bars.append(draft.bar)
            draft.bar = []
            _check_bars(len(draft.bars), draft.name)
    elif word[0] == "/" or word[0].isupper():
        draft.bar.append(word)
    elif word[0] in "abcdefgrv":
        if not draft.parts:
            draft.parts.append(_Melody())
        draft.parts[-1].words.append(word)
    elif word == "%":
        raise FormatError(
            f"{draft.name}, bar {len(draft.bars) + 1}: Impro-Visor has no %; write / to hold the "
            "chord before, or repeat the chords."
        )
    else:
        raise FormatError(
            f"{draft.name}, bar {len(draft.bars) + 1}: {_shown(word)} is neither a chord, a note "
            "nor a bar line; remove it."
        )


def _check_bars(count: int, name: str) -> None:
    if count > MOST_BARS:
        raise FormatError(f"{name}: more than {MOST_BARS:,} bars, the limit; give a shorter form.")


def _finished(draft: _Draft) -> LeadSheet:
    """Return the lead sheet of the content."""
    fifths_up, semitones_up = _rise(draft)
    parts = [_melody(melody, draft, semitones_up, fifths_up) for melody in draft.parts]
    bar_ticks = draft.meter.ticks_per_bar
    length = max((length for _, length in parts), default=0)
    if not draft.bars:
        # A melody without chords still has bars.
        count = -(-length // bar_ticks)
        _check_bars(count, draft.name)
        draft.bars = [[] for _ in range(count)]
    pickup = draft.pickup = draft.pickup if 0 <= draft.pickup < len(draft.bars) else 0
    bars = _changes(draft, fifths_up)[pickup:]
    if not bars:
        raise FormatError(
            f"{draft.name}: neither chords nor notes; not an Impro-Visor lead sheet, or empty."
        )
    shift = pickup * bar_ticks
    melodies = tuple(
        replace(part, notes=tuple(replace(note, onset=note.onset - shift) for note in part.notes))
        for part, _ in parts
    )
    minor, has_mode = draft.mode == "minor", draft.mode in ("major", "minor")
    key = None if draft.fifths is None else Key(draft.fifths + fifths_up, minor, has_mode)
    return LeadSheet(
        title=draft.title or Path(draft.name).stem,
        changes=Changes(tuple(bars)),
        composer=draft.composer,
        parts=melodies if any(part.notes for part in melodies) else (),
        key=key,
        tempo_bpm=draft.tempo_bpm,
        style=draft.style,
    )


def _rise(draft: _Draft) -> tuple[int, int]:
    """Return ``(transpose N)`` as steps on the line of fifths and semitones."""
    fifths = draft.rise * 7 % 12
    if fifths and (draft.fifths or 0) + fifths > 6:
        fifths -= 12
    return fifths, draft.rise


def _changes(draft: _Draft, fifths_up: int) -> list[Bar]:
    bars = [
        Bar(_chords(words, draft, number, fifths_up), draft.meter)
        for number, words in enumerate(draft.bars, start=1)
    ]
    labels = _labels(draft, bars)
    styles = {max(mark.bar, draft.pickup): mark.style for mark in draft.sections if mark.style}
    draft.style = style = styles.pop(draft.pickup, draft.style)
    for index in sorted(styles):
        if index < len(bars) and styles[index] != style:
            style = styles[index]
            bars[index] = replace(bars[index], style=style)
    for index, label in labels.items():
        bars[index] = replace(bars[index], section=label)
    return bars


def _labels(draft: _Draft, bars: list[Bar]) -> dict[int, str]:
    """Return the labels of the sections by bar: as in the file, else letters."""
    marks = [section for section in draft.sections if section.bar < len(bars)]
    named = {section.bar: section.label for section in marks if section.label}
    if named:
        return named
    starts = sorted({section.bar for section in marks if not section.phrase} | {0})
    if len(starts) == 1:
        return {}
    letters: dict[tuple[tuple[ChordChange, ...], ...], str] = {}
    labels = {}
    for start, end in zip(starts, [*starts[1:], len(bars)], strict=True):
        # Sections with the same first half get the same letter, although they may end differently.
        opening = tuple(bar.chords for bar in bars[start : start + (end - start + 1) // 2])
        number = len(letters)
        letter = chr(ord("A") + number % 26) + (str(number // 26) if number >= 26 else "")
        labels[start] = letters.setdefault(opening, letter)
    return labels


def _chords(
    words: list[str], draft: _Draft, number: int, fifths_up: int
) -> tuple[ChordChange, ...]:
    """Return the chords of a bar, whose words share it evenly."""
    ticks = draft.meter.ticks_per_bar
    if len(words) > ticks:
        raise FormatError(
            f"{draft.name}, bar {number}: {len(words)} chords in one bar; the limit is {ticks}."
        )
    found = []
    for place, word in enumerate(words):
        if word[0] == "/":
            continue
        try:
            chord = _chord(word)
        except ChordError as error:
            sentence = f"{draft.name}, bar {number}: {error}"
            raise ChordError(sentence, error.symbol, error.nearest) from error
        found.append(ChordChange(place * ticks // len(words), chord.transposed(fifths_up)))
    return tuple(found)


def _chord(word: str) -> Chord:
    """Read a chord in Impro-Visor's notation."""
    # A polychord, D\F for D over F, is read as D with F in the bass.
    upper, polychord, lower = word.partition("\\")
    if polychord:
        word = f"{upper}/{lower}"
    # Only a pitch name can be a bass; like Impro-Visor, ignore the text after it.
    match = re.fullmatch(r"([^/]+/[A-G][#b]?).*", word)
    # A trailing _ marks a voicing.
    return Chord.parse((match[1] if match else word).rstrip("_"), _DIALECT)


def _melody(melody: _Melody, draft: _Draft, semitones: int, fifths: int) -> tuple[Part, int]:
    """Return the part of a melody, and its length in ticks including rests."""
    notes: list[Note] = []
    velocity = _DEFAULT_VELOCITY
    slots = 0
    for number, word in enumerate(melody.words, start=1):
        if word[0] == "v":
            velocity = _velocity(word, number, draft.name)
            continue
        # A melody has few different words, so results are cached, except for overlong words.
        read = _sound(word) if len(word) < _LONG_WORD else _sound.__wrapped__(word)
        if read is None:
            raise FormatError(
                f"{draft.name}: {_shown(word)}, word {number} of a melody, is not a note; write "
                "one like c8, eb+4+8 or r2."
            )
        name, pitch, length = read
        start, slots = slots, slots + length
        if name is None or not length:
            continue
        pitch += semitones
        if not 0 <= pitch <= 127:
            raise FormatError(
                f"{draft.name}: {_shown(word)}, word {number} of a melody, is outside MIDI's "
                "range; remove octave signs."
            )
        onset, end = _ticks(start), _ticks(slots)
        if onset == end:  # shorter than a tick: round the onset down, to last one tick
            onset = start // SLOTS_PER_TICK
        if notes and notes[-1].end > onset:
            # Shorten or drop the previous note, which had that tick.
            last = notes.pop()
            if last.onset < onset:
                notes.append(replace(last, duration=onset - last.onset))
        name = name.transpose(fifths) if fifths else name
        notes.append(Note(onset, max(1, end - onset), pitch, velocity, name))
    return Part(melody.title, tuple(notes), melody.program), _ticks(slots)


@lru_cache(maxsize=4096)
def _sound(word: str) -> tuple[PitchName | None, int, int] | None:
    """Read a note or rest as name (None for a rest), MIDI number and slots; None if invalid."""
    rest = word[0] == "r"
    match = _NOTE.fullmatch("c" + word[1:] if rest else word)
    length = None if match is None else _slots(match[4])
    if match is None or length is None or (rest and (match[2] or match[3])):
        return None
    if rest:
        return None, 0, length
    name = PitchName.of(match[1], {"": 0, "#": 1, "s": 1, "b": -1}[match[2]])
    octave = match[3].count("+") + match[3].count("u") - match[3].count("-")
    return name, 60 + 12 * octave + name.pitch_class, length


def _ticks(slots: int) -> int:
    return (2 * slots + SLOTS_PER_TICK) // (2 * SLOTS_PER_TICK)


def _velocity(word: str, number: int, name: str) -> int:
    match = re.fullmatch(r"v(\d{1,4})", word)
    if match is None:
        raise FormatError(
            f"{name}: {_shown(word)}, word {number} of a melody, is not a volume; write v0 to v127."
        )
    return max(1, min(127, int(match[1])))


def _slots(text: str) -> int | None:
    """Return the slots of a length such as ``2.+8/3``; None if invalid."""
    if not text:
        return _WHOLE_SLOTS // 8
    total = 0
    for value in re.split("[+u]", text):
        match = _LENGTH.fullmatch(value)
        if match is None:
            return None
        unit = int(match[1] or 8)
        division = int(match[2] or 1)
        if unit == 0:
            continue
        # Tuplets as in Impro-Visor: n in the time of n - 1, rounded down to whole slots.
        step = length = _WHOLE_SLOTS * max(1, division - 1) // (unit * division)
        for _ in match[3]:
            step //= 2
            length += step
        total += length
    return total


def losses(sheet: LeadSheet) -> tuple[str, ...]:
    """Return a short description of each part of a sheet that a ``.ls`` file cannot store."""
    found = []
    if any(part.percussion for part in sheet.parts):
        found.append("drum parts")
    if any(monophonic(part.notes) != part.notes for part in sheet.parts if not part.percussion):
        found.append("notes that sound together")
    if any(note.name and abs(note.name.alter) > 1 for part in sheet.parts for note in part.notes):
        found.append("double sharps and flats")
    chords = {change.chord for bar in sheet.changes.bars for change in bar.chords}
    unknown = sorted(chord.symbol for chord in chords if chord.simplified(_DIALECT) != chord)
    if unknown:
        found.append("the chords " + ", ".join(unknown))
    if sheet.swing:
        found.append("the swing ratio")
    return tuple(found)


def dumps(sheet: LeadSheet) -> str:
    """Return a lead sheet as the text of a ``.ls`` file, without its :func:`losses`.

    Raises
    ------
    MusicError
        If the meter changes, or there are no bars.
    """
    meter = _one_meter(sheet)
    parts = [
        replace(part, notes=monophonic(part.notes)) for part in sheet.parts if not part.percussion
    ]
    first = min((part.notes[0].onset for part in parts if part.notes), default=0)
    pickup = max(0, -(first // meter.ticks_per_bar))
    key = sheet.key or Key(0)
    lines = [
        f"(title {_text(sheet.title)})",
        f"(composer {_text(sheet.composer)})",
        f"(meter {meter.beats} {meter.unit})",
    ]
    if sheet.key is not None:
        lines.append(f"(key {key.fifths})")
        if key.has_mode:
            lines.append(f"(mode {'minor' if key.minor else 'major'})")
    if sheet.tempo_bpm is not None:
        lines.append(f"(tempo {float(sheet.tempo_bpm)})")
    if pickup:
        lines.append(f"(pickup {pickup})")
    if sheet.style:
        lines.append(f"(style {_style(_text(sheet.style))})")
    lines += ["(part", "    (type chords)", f"    (key {key.fifths})", ")", ""]
    lines += _written_changes(sheet.changes, sheet.style, pickup)
    for part in parts:
        lines += [
            "",
            "(part",
            "    (type melody)",
            f"    (title {_text(part.name)})",
            f"    (instrument {part.program})",
            f"    (key {key.fifths})",
            ")",
            *_written_melody(part, sheet, meter, pickup),
        ]
    return "\n".join(lines) + "\n"


def _one_meter(sheet: LeadSheet) -> Meter:
    bars = sheet.changes.bars
    if not bars:
        raise MusicError(f"{sheet.title}: has no bars; a lead sheet needs at least one.")
    for number, bar in enumerate(bars, start=1):
        if bar.meter != bars[0].meter:
            raise MusicError(
                f"{sheet.title}, bar {number}: the meter changes to {bar.meter}, but an "
                "Impro-Visor lead sheet has only one meter; write MusicXML instead."
            )
    return bars[0].meter


def _text(text: str) -> str:
    """Return a text on one line with balanced parentheses, for use inside a directive."""
    text = " ".join(text.replace("\0", " ").split())
    depth = 0
    for sign in text:
        depth += (sign == "(") - (sign == ")")
        if depth < 0:
            break
    if depth or depth > _MOST_DEPTH - 5:
        text = text.replace("(", "[").replace(")", "]")
    return text


def _written_changes(changes: Changes, style: str, pickup: int) -> list[str]:
    lines = []
    row: list[str] = []
    if pickup:
        lines.append("NC | " * pickup)
    for bar in changes.bars:
        mark = ""
        if bar.section:
            given = f" {_style(_text(bar.style))}" if bar.style else ""
            mark = f"(section (style{given}) (label {_text(bar.section)}))"
        elif bar.style and bar.style != style:
            mark = f"(phrase (style {_style(_text(bar.style))}))"
        style = bar.style or style
        if mark or len(row) == 4:
            lines += [" ".join(row)] if row else []
            row = []
        if mark:
            lines += ["", mark]
        row.append(_written_bar(bar) + " |")
    return [*lines, " ".join(row)]


def _written_bar(bar: Bar) -> str:
    """Write a bar as the fewest words that share it evenly."""
    ticks = bar.meter.ticks_per_bar
    step = gcd(ticks, *(change.onset for change in bar.chords))
    words = ["/"] * (ticks // step)
    for change in bar.chords:
        words[change.onset // step] = _written_chord(change.chord)
    return " ".join(words)


def _written_chord(chord: Chord) -> str:
    return chord.simplified(_DIALECT).format(_DIALECT)


def _written_melody(part: Part, sheet: LeadSheet, meter: Meter, pickup: int) -> list[str]:
    """Write a melody, one line for each bar in which a note or rest begins."""
    lines = []
    row: list[str] = []
    now = -pickup * meter.ticks_per_bar
    velocity = _DEFAULT_VELOCITY
    bar = now // meter.ticks_per_bar

    def turn() -> None:
        nonlocal bar, row
        if now // meter.ticks_per_bar != bar:
            if row:
                lines.append(" ".join(row))
            row, bar = [], now // meter.ticks_per_bar

    for note in part.notes:
        while now < note.onset:
            turn()
            rest = min(note.onset, (bar + 1) * meter.ticks_per_bar) - now
            row.append("r" + _written_length(rest))
            now += rest
        turn()
        if note.velocity != velocity:
            velocity = note.velocity
            row.append(f"v{velocity}")
        row.append(_written_pitch(note, sheet) + _written_length(note.duration))
        now = note.end
    while now < sheet.changes.length or now % meter.ticks_per_bar:
        turn()
        rest = (bar + 1) * meter.ticks_per_bar - now
        row.append("r" + _written_length(rest))
        now += rest
    return [*lines, " ".join(row)]


def _written_pitch(note: Note, sheet: LeadSheet) -> str:
    name = spell(note, sheet.key, sheet.changes.chord_at(note.onset)).name
    if abs(name.alter) > 1:
        name = name.simplest()
    octave = (note.pitch - 60) // 12
    sign = "#" if name.alter > 0 else "b" if name.alter < 0 else ""
    return name.letter.lower() + sign + ("+" * octave if octave > 0 else "-" * -octave)


def _written_length(ticks: int) -> str:
    values = []
    for value, name in _VALUES:
        count, ticks = divmod(ticks, value)
        values += [name] * count
    return "+".join(values)


CODEC = Codec(
    read=lambda data, name: melody_document(
        partial(parse, data, name), lambda: b"(meter" in data.replace(b" ", b"")
    ),
    most_bytes=MOST_BYTES,
    write=lambda sheet, _: dumps(sheet).encode(),
    losses=losses,
)
