"""iReal Pro charts: a sequence of cells; a chord lasts through the empty cells after it.

Repeats, endings, D.C. and D.S. are written out, so that :class:`~sideman.score.Changes` contains
one chorus as played. A coda without a D.C. or D.S. ends the last chorus only and is omitted.
Alternative chords in parentheses, comments and font sizes are ignored.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Literal

from sideman.errors import ChordError, FormatError
from sideman.score import Bar, Changes, ChordChange, LeadSheet
from sideman.score.roadmap import Signs, playing_order
from sideman.theory.chord import NO_CHORD, Chord
from sideman.theory.meter import Meter

MOST_BARS = 2000
MOST_CHARACTERS = 64 * 1024

_SECTIONS = {"i": "Intro", "v": "Verse"}
_SECTION_MARKS = {label: mark for mark, label in _SECTIONS.items()}
_METERS = {"12": Meter(12, 8)}

_TOKEN = re.compile(
    r"""
    (?P<comment><[^>]*>)
  | (?P<section>\*[A-Za-z])
  | (?P<meter>T\d\d)
  | (?P<ending>N\d)
  | (?P<chord>[A-GW](?:[b\#](?![\d5])|[b\#](?=[5679h^o+\-]|1[13]))?
        (?:sus|alt|add|[+\-^\dhob\#]|\*[^*]{0,40}\*)*
        (?:/[A-G][b\#]?)?)
  | (?P<alternate>\([^)]*\))
  | (?P<sign>[\[\]{}|Z])
  | (?P<cell>[ pnxr])
  | (?P<mark>[QSUYfsl,])
    """,
    re.VERBOSE,
)


@dataclass(slots=True)
class _Measure:
    """One written bar with its signs."""

    meter: Meter
    number: int
    cells: list[Chord | None] = field(default_factory=list)
    section: str | None = None
    copies: int = 0
    opens: bool = False
    closes: bool = False
    ends_section: bool = False
    final: bool = False
    ending: int | None = None
    segno: bool = False
    coda_before: bool = False
    coda_after: bool = False
    fine: bool = False
    end: bool = False  # the sign of the last bar, which is the Fine where none is written
    jump: str = ""
    times: int = 0
    chords: tuple[ChordChange, ...] = ()


def parse_chart(chart: str, where: str) -> Changes:
    """Read a chart such as ``[*AT44C^7   |D-7 G7 Z`` as one chorus in playing order.

    The text `where` names file and tune in messages.

    Raises
    ------
    FormatError
        If the chart has no bar, is too long, or repeats a bar that does not exist.
    ChordError
        If a symbol is unknown.
    """
    if len(chart) > MOST_CHARACTERS:
        raise FormatError(
            f"{where}: the chart is longer than {MOST_CHARACTERS} characters, the limit; "
            "shorten it."
        )
    measures = _measures(chart, where)
    _place_chords(measures, where)
    if not measures:
        raise FormatError(f"{where}: the chart has no bar; share it again from iReal Pro.")
    return Changes(
        tuple(
            Bar(measures[i].chords, measures[i].meter, measures[i].section)
            for i in playing_order(_signs(measures), where)
        )
    )


def _place_chords(measures: list[_Measure], where: str) -> None:
    """Place the chords of each bar; a chart may begin with repeat signs, which are N.C."""
    force: list[Chord | None] = []  # the chord in force before each bar
    now: Chord | None = None
    for index, measure in enumerate(measures):
        force.append(now)
        source = index - measure.copies
        if not measure.copies:
            measure.chords = _placed(measure.cells, measure.meter)
        elif source >= 0:
            measure.chords = measures[source].chords
            begins = bool(measure.chords) and measure.chords[0].onset == 0
            before = force[source]
            if before not in (None, now) and not begins:
                measure.chords = (ChordChange(0, before), *measure.chords)
        elif now in (None, NO_CHORD):
            measure.chords = (ChordChange(0, NO_CHORD),)
        else:
            raise FormatError(
                f"{where}, bar {index + 1}: repeats a bar before bar 1; write its chords."
            )
        if measure.chords:
            now = measure.chords[-1].chord


def _measures(chart: str, where: str) -> list[_Measure]:
    """Return the bars as written."""
    measures: list[_Measure] = []
    meter, chord = Meter(), None
    # Signs before the bar to which they belong: `*A{`, or a coda sign in an empty cell.
    section: str | None = None
    opens = segno = coda = False
    ending: int | None = None
    double_copy = False
    now = _Measure(meter, 1)
    touched = False
    # Empty cells are a bar that continues the last chord, unless they only fill a row.
    empty_cells, after_bar_line = 0, False

    def close(sign: str) -> None:
        nonlocal now, touched, section, opens, segno, coda, ending, double_copy
        nonlocal empty_cells, after_bar_line
        if not touched and double_copy:
            now.copies, touched = 2, True
        elif not touched and measures and after_bar_line and empty_cells >= 3:
            now.cells, touched = [None], True
        closes, ends_section = sign == "}", sign != "|"
        empty_cells, after_bar_line = 0, sign == "|"
        if touched:
            now.section, now.opens, now.segno = section, opens, segno
            now.coda_before, now.ending = coda, ending
            now.closes, now.ends_section, now.final = closes, ends_section, sign == "Z"
            double_copy = now.copies == 2 and not double_copy
            measures.append(now)
            if len(measures) > MOST_BARS:
                raise FormatError(
                    f"{where}: more than {MOST_BARS} bars, the limit; shorten the chart."
                )
            section, ending = None, None
            opens = segno = coda = False
        elif measures:
            # A closing sign or a comment after the bar line belongs to the previous bar.
            last = measures[-1]
            last.closes |= closes
            last.ends_section |= ends_section
            last.final |= sign == "Z"
            last.jump = last.jump or now.jump
            last.fine |= now.fine
            last.end |= now.end
            last.times = last.times or now.times
        now = _Measure(meter, len(measures) + 1)
        touched = False

    at = 0
    while at < len(chart):
        match = _TOKEN.match(chart, at)
        if match is None:
            if chart[at].isspace() or not chart[at].isalnum():
                at += 1
                continue
            symbol = re.split(r"[|\[\]{} ,]", chart[at : at + 40])[0]
            raise ChordError(
                f"{where}, bar {len(measures) + 1}: {symbol!r} is not a chord symbol; correct it "
                "in iReal Pro and share the chart again.",
                symbol,
            )
        at = match.end()
        kind, text = match.lastgroup, match[0]
        if kind == "sign":
            close(text)
            opens |= text == "{"
        elif kind == "section":
            section = _SECTIONS.get(text[1], text[1].upper())
        elif kind == "meter":
            meter = now.meter = _meter(text[1:], where)
        elif kind == "ending":
            ending = int(text[1])
        elif kind == "comment":
            _take_comment(text, now)
        elif kind == "chord":
            chord = _chord(text, chord, where, len(measures) + 1)
            now.cells.append(chord)
            touched = True
        elif text == "n":
            chord = NO_CHORD
            now.cells.append(chord)
            touched = True
        elif text == "p":
            now.cells.append(None)
            touched = True
        elif text in ("x", "r"):
            # Beside a chord it is no bar to repeat.
            now.copies = 0 if any(now.cells) else 1 if text == "x" else 2
            touched = True
        elif text == " ":
            if touched:
                now.cells.append(None)
            else:
                empty_cells += 1
        elif text == "Q":
            if now.cells or now.copies:
                now.coda_after = True
            else:
                coda = True
        elif text == "S":
            segno = True
        elif text == "U":
            now.end = True
    close("Z")
    return measures


def _meter(digits: str, where: str) -> Meter:
    if digits in _METERS:
        return _METERS[digits]
    try:
        return Meter(int(digits[0]), int(digits[1]))
    except FormatError as error:
        raise FormatError(f"{where}: {error}") from error


def _take_comment(text: str, measure: _Measure) -> None:
    """Read a comment on the playing order; other comments are ignored."""
    words = re.sub(r"^\*\d\d", "", text[1:-1]).strip().lower()
    if words == "fine":
        measure.fine = True
    elif re.match(r"d\.? ?[cs]\.? ?al ", words):
        measure.jump = words
    elif times := re.fullmatch(r"\(?(?:repeat )?(?:(\d{1,2}) ?xs?|x ?(\d{1,2}))\)?", words):
        measure.times = min(16, int(times[1] or times[2]))


def _chord(text: str, before: Chord | None, where: str, bar: int) -> Chord:
    """Read a symbol; ``W`` is the previous chord over a new bass."""
    symbol = re.sub(r"\*([^*]*)\*", r"\1", text)
    try:
        if not symbol.startswith("W"):
            return Chord.parse(symbol, "ireal")
        if before is None or before.is_no_chord:
            raise ChordError(f"{symbol!r} follows no chord.", symbol)
        return replace(before, bass=Chord.parse(symbol[2:]).root) if symbol[2:] else before
    except ChordError as error:
        raise ChordError(f"{where}, bar {bar}: {error}", symbol) from error


def _placed(cells: Sequence[Chord | None], meter: Meter) -> tuple[ChordChange, ...]:
    """Return the onsets of a bar's chords: one beat per cell if possible, else evenly."""
    starts = [i for i, cell in enumerate(cells) if cell is not None]
    if not starts:
        return ()
    ticks, width = meter.ticks_per_bar, len(cells)
    if len(starts) == 1 and starts[0] == 0:
        onsets = [0]
    elif width in (meter.beats, 2 * meter.beats) or (
        meter.beats % 3 == 0 and width == meter.beats // 3
    ):
        onsets = [start * ticks // width for start in starts]
    else:
        held = starts[0]
        lengths = [end - start for start, end in zip(starts, [*starts[1:], width], strict=True)]
        spans = ([held] if held else []) + lengths
        if len(spans) > meter.beats:
            onsets = [i * ticks // len(spans) for i in range(len(spans))]
        else:
            while sum(spans) > meter.beats:
                spans[spans.index(max(spans))] -= 1
            while sum(spans) < meter.beats:
                spans[spans.index(min(spans))] += 1
            onsets = [sum(spans[:i]) * meter.ticks_per_beat for i in range(len(spans))]
        onsets = onsets[1:] if held else onsets
    chords = [cell for cell in cells if cell is not None]
    return tuple(map(ChordChange, onsets, chords))


def _signs(measures: list[_Measure]) -> list[Signs]:
    """Return the signs of each bar."""
    leave, begin = _coda(measures)
    jump_at = next((i for i, measure in enumerate(measures) if measure.jump), None)
    jump: Literal["da capo", "dal segno"] | None = None
    until: str | int = ""
    if jump_at is not None:
        words = measures[jump_at].jump
        jump = "da capo" if re.match(r"d\.? ?c", words) else "dal segno"
        ending = re.search(r"al (\d)", words)
        until = int(ending[1]) if ending else ("coda" if "coda" in words else "fine")
        # The comment is near the end of its section; the jump is at the end.
        last = len(measures) if begin is None else begin
        while jump_at < last - 1 and not measures[jump_at].ends_section:
            jump_at += 1
    ends = until == "fine" and not any(measure.fine for measure in measures)
    return [
        Signs(
            opens=measure.opens,
            closes=measure.closes,
            times=max(m.times for m in measures[_opening(measures, i) : i + 1])
            if measure.closes
            else 0,
            endings=() if measure.ending is None else (measure.ending,),
            ends_section=measure.ends_section,
            segno=measure.segno,
            fine=measure.fine or (measure.end and ends),
            to_coda=leave == i + 1,
            coda=begin == i,
            jump=jump if i == jump_at else None,
            until=until,
        )
        for i, measure in enumerate(measures)
    ]


def _opening(measures: list[_Measure], end: int) -> int:
    """Return the bar at which the repeat that closes at `end` opens."""
    for i in range(end, -1, -1):
        if measures[i].opens or (i < end and measures[i].closes):
            return i
    return 0


def _coda(measures: list[_Measure]) -> tuple[int | None, int | None]:
    """Return the bar before which the jump to the coda is, and the first bar of the coda."""
    signs = [
        i + 1 if measure.coda_after else i
        for i, measure in enumerate(measures)
        if measure.coda_before or measure.coda_after
    ]
    if not signs or not 0 < signs[-1] < len(measures):
        return None, None
    # A single sign marks a coda only after the final bar line.
    if len(signs) == 1 and not measures[signs[0] - 1].final:
        return None, None
    return signs[0], signs[-1]


def losses(sheet: LeadSheet) -> tuple[str, ...]:
    """Return a short description of each part of a sheet that iReal Pro cannot store."""
    found = []
    if sheet.parts:
        found.append("the melody")
    if any(bar.style for bar in sheet.changes.bars):
        found.append("the style of a section")
    if sheet.swing:
        found.append("the swing ratio")
    for number, bar in enumerate(sheet.changes.bars, 1):
        if bar.section is not None and _section_mark(bar.section) is None:
            found.append(f"the section name {bar.section!r}")
        if bar.meter != _METERS["12"] and (bar.meter.beats > 9 or bar.meter.unit > 9):
            found.append(f"the meter {bar.meter} of bar {number}")
        half = Fraction(bar.meter.ticks_per_beat, 2)
        if any(change.onset % half for change in bar.chords):
            found.append(f"a chord between the half beats of bar {number}")
    if any("=" in text for text in (sheet.title, sheet.composer, sheet.style)):
        found.append("the sign = in a name")
    return tuple(dict.fromkeys(found))


def _section_mark(label: str) -> str | None:
    if label in _SECTION_MARKS:
        return _SECTION_MARKS[label]
    return label if re.fullmatch(r"[A-Z]", label) and label not in "IV" else None


def dumps_chart(changes: Changes) -> str:
    """Return bars as a chart, one cell per beat, without their :func:`losses`."""
    pieces: list[str] = []
    meter: Meter | None = None
    for bar in changes.bars:
        sectioned = bar.section is not None
        pieces.append("[" if not pieces else ("][" if sectioned else "|"))
        mark = _section_mark(bar.section) if bar.section is not None else None
        if mark is not None:
            pieces.append(f"*{mark}")
        if bar.meter != meter:
            meter = bar.meter
            pieces.append("T12" if meter == _METERS["12"] else f"T{meter.beats}{meter.unit}"[:3])
        pieces.append(_cells(bar))
    return "".join(pieces) + "Z"


def _cells(bar: Bar) -> str:
    beats, unit = bar.meter.beats, bar.meter.ticks_per_beat
    if any(change.onset % unit for change in bar.chords):
        beats, unit = 2 * beats, max(1, unit // 2)
    cells = [" "] * beats
    for change in bar.chords:
        cells[min(beats - 1, change.onset // unit)] = _written(change.chord)
    if cells[0] == " ":
        cells[0] = "p"
    text = ""
    for cell in cells:
        # A comma separates adjacent symbols.
        text += ("," if text and cell != " " and text[-1] != " " else "") + cell
    return text


def _written(chord: Chord) -> str:
    return "n" if chord.is_no_chord else chord.format("ireal")
