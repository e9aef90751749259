"""Writing ABC: one voice for each melody, chord symbols in the first, repeats written out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

from sideman.errors import MusicError
from sideman.formats.musicxml.notation import written_values
from sideman.formats.report import BARS_A_LINE
from sideman.score import Bar, LeadSheet, Note, Part, monophonic, spell
from sideman.theory.meter import Meter
from sideman.theory.pitch import Key, Pitch

_UNIT = 12  # ticks of L:1/8
_DEFAULT_VELOCITY = 90
_FINEST = 3


def losses(sheet: LeadSheet) -> tuple[str, ...]:
    """Return a short description of each part of a sheet that ABC cannot store."""
    tuned = [part for part in sheet.parts if not part.percussion]
    notes = [note for part in tuned for note in part.notes]
    bars = sheet.changes.bars
    held = (
        ("drum parts", len(tuned) < len(sheet.parts)),
        ("notes that sound together", any(monophonic(p.notes) != p.notes for p in tuned)),
        ("how loud notes are", any(note.velocity != _DEFAULT_VELOCITY for note in notes)),
        ("instruments", any(part.program for part in tuned)),
        ("a pickup of a bar or more", _pickup(tuned) >= sheet.changes.meter.ticks_per_bar),
        ("notes after the form", any(note.end > sheet.changes.length for note in notes)),
        ("the style of a section", any(bar.style for bar in bars)),
    )
    return tuple(name for name, value in held if value)


def _pickup(parts: Sequence[Part]) -> int:
    """Return the length of the pickup in whole thirty-seconds, as ticks."""
    first = min((note.onset for part in parts for note in part.notes), default=0)
    return max(0, -(first // _FINEST) * _FINEST)


def dumps(sheet: LeadSheet) -> str:
    """Return a lead sheet as one tune in ABC, without its :func:`losses`.

    Raises
    ------
    MusicError
        If there are no bars.
    """
    if not sheet.changes.bars:
        raise MusicError(f"{sheet.title}: has no bars; a tune needs at least one.")
    meter = sheet.changes.meter
    lines = ["X:1", f"T:{_plain(sheet.title)}"]
    if sheet.composer:
        lines.append(f"C:{_plain(sheet.composer)}")
    if sheet.style:
        lines.append(f"R:{_plain(sheet.style)}")
    lines += [f"M:{meter}", "L:1/8"]
    if sheet.tempo_bpm is not None:
        lines.append(f"Q:1/4={round(sheet.tempo_bpm, 6):g}")
    key = "none" if sheet.key is None else sheet.key.name
    tuned = [part for part in sheet.parts if not part.percussion] or [Part("")]
    lines.append(f"K:{key}")
    pickup = _pickup(tuned)
    pickup = pickup if pickup < meter.ticks_per_bar else 0
    for number, part in enumerate(tuned, 1):
        if len(tuned) > 1 or part.name:
            label = f' name="{_plain(part.name).replace(chr(34), " ")}"' if part.name else ""
            lines.append(f"V:{number}{label}")
        lines += _Voice(sheet, monophonic(part.notes), pickup, chords=number == 1).lines()
    return "".join(f"{line}\n" for line in lines)


def _plain(text: str) -> str:
    """Return a text on one line, with the signs escaped that ABC would interpret."""
    line = " ".join(re.sub(r"[\0\\]", " ", text).split())
    return line.replace("%", r"\%").replace("&", "&amp;")


class _Voice:
    """A writer of one melody."""

    def __init__(
        self, sheet: LeadSheet, notes: Sequence[Note], pickup: int, *, chords: bool
    ) -> None:
        self.sheet = sheet
        self.pickup = pickup
        self.chords = chords
        self.signature = _signature(sheet.key)
        self.altered: dict[str, int] = {}
        end = sheet.changes.length
        self.notes = [
            replace(note, duration=min(note.end, end) - note.onset)
            for note in notes
            if -pickup <= note.onset < end
        ]

    def lines(self) -> Iterator[str]:
        """Yield the lines, of up to four bars; a section begins a line."""
        row: list[str] = []
        if self.pickup:
            row.append(self.bar(-self.pickup, Bar((), Meter(self.pickup // _FINEST, 32))) + " |")
        meter = self.sheet.changes.meter
        bars = self.sheet.changes.bars
        width = 0
        for number, bar in enumerate(bars):
            if width == BARS_A_LINE or (bar.section is not None and self.chords):
                if row:
                    yield " ".join(row)
                row, width = [], 0
            if bar.section is not None and self.chords:
                yield f"P:{_plain(bar.section)}"
            mark = f"[M:{bar.meter}] " if bar.meter != meter else ""
            meter = bar.meter
            text = self.bar(self.sheet.changes.bar_starts[number], bar)
            row.append(f"{mark}{text} {'|]' if number == len(bars) - 1 else '|'}")
            width += 1
        yield " ".join(row)

    def bar(self, start: int, bar: Bar) -> str:
        """Write one bar."""
        end = start + bar.meter.ticks_per_bar
        self.altered = {}
        symbols = {start + c.onset: c.chord.symbol for c in bar.chords} if self.chords else {}
        words = []
        for first, last, note in self.pieces(start, end, symbols):
            values = [(first, last)]
            if first // 24 != (last - 1) // 24 or (last - first) not in (6, 8, 12, 16, 18, 24):
                span = (first - start, last - start)
                values = [
                    (start + a, start + b)
                    for a, b in written_values(*span, bar.meter, rest=note is None)
                ]
            for index, (one, two) in enumerate(values):
                tied = note is not None and (index < len(values) - 1 or two < note.end)
                symbol = symbols.get(one)
                mark = f'"{symbol}"' if symbol and index == 0 else ""
                sound = "z" if note is None else self.pitch(note)
                words.append(f"{mark}{sound}{_length(two - one)}{'-' if tied else ''}")
        return " ".join(words)

    def pieces(
        self, start: int, end: int, symbols: dict[int, str]
    ) -> Iterator[tuple[int, int, Note | None]]:
        """Yield the notes and rests of a bar, split where a chord begins."""
        bounds = {start, end, *symbols}
        here = [note for note in self.notes if note.onset < end and note.end > start]
        for note in here:
            bounds |= {max(start, note.onset), min(end, note.end)}
        cuts = sorted(bounds)
        for first, last in pairwise(cuts):
            yield first, last, next((n for n in here if n.onset <= first < n.end), None)

    def pitch(self, note: Note) -> str:
        """Write a pitch, with an accidental where the bar or the key does not give it."""
        spelled: Pitch = spell(note, self.sheet.key, self.sheet.changes.chord_at(note.onset))
        letter, alter = spelled.name.letter, spelled.name.alter
        if abs(alter) > 2:
            spelled = Key(0).spell(note.pitch)
            letter, alter = spelled.name.letter, spelled.name.alter
        sign = ""
        # Programs differ on whether an accidental holds in other octaves, so it is repeated.
        if letter in self.altered or alter != self.signature.get(letter, 0):
            sign = "^" * alter or "_" * -alter or "="
            self.altered[letter] = alter
        octave = spelled.octave - 4
        if octave > 0:
            return sign + letter.lower() + "'" * (octave - 1)
        return sign + letter + "," * -octave


def _signature(key: Key | None) -> dict[str, int]:
    fifths = key.fifths if key is not None else 0
    letters = "FCGDAEB" if fifths > 0 else "BEADGCF"
    signature: dict[str, int] = {}
    for place in range(abs(fifths)):
        letter = letters[place % 7]
        signature[letter] = signature.get(letter, 0) + (1 if fifths > 0 else -1)
    return signature


def _length(ticks: int) -> str:
    length = Fraction(ticks, _UNIT)
    over = "" if length.numerator == 1 else str(length.numerator)
    return over if length.denominator == 1 else f"{over}/{length.denominator}"
