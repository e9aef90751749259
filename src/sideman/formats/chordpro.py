"""ChordPro: the bars of a song's grids.

Source: the documentation of ChordPro 6 (chordpro.org). Bars are read from grids
(``{start_of_grid}``); the cells of a bar share it evenly, and ``~`` divides a cell. Chords over
lyrics have no duration, so a song without a grid is refused, and so is one whose lyrics have chords
that its grids lack. A file may hold several songs (``{new_song}``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import partial
from math import lcm
from pathlib import PurePath

from sideman.errors import ChordError, FormatError
from sideman.files import decoded
from sideman.formats.document import Document, Tune
from sideman.formats.registry import Codec
from sideman.formats.report import BARS_A_LINE
from sideman.formats.typed import spread
from sideman.score import Bar, Changes, ChordChange, LeadSheet
from sideman.score.roadmap import Signs, playing_order
from sideman.theory.chord import Chord
from sideman.theory.chord.context import Notation
from sideman.theory.meter import Meter
from sideman.theory.pitch import Key

MOST_BYTES = 4 * 1024 * 1024
MOST_BARS = 2000
MOST_SONGS = 5000
_LONGEST_LINE = 10_000

_DIRECTIVE = re.compile(r"\{\s*([A-Za-z_]+)(-!?[\w-]+)?\s*(?:[:\s]\s*(.*?))?\s*\}\s*")
_SHORT = {
    "t": "title", "ns": "new_song", "sog": "start_of_grid", "eog": "end_of_grid",
    "sot": "start_of_tab", "eot": "end_of_tab", "c": "comment",
}  # fmt: skip
_SKIPPED = ("tab", "abc", "ly", "svg", "textblock", "strum")
"""Environments whose content is not ChordPro."""
_PROPERTY = re.compile(r"(\w+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|(\S+))")
_SHAPE = re.compile(r"(?:(?:\d+\s*\+\s*)?(\d{1,3})(?:\s*x\s*(\d{1,3}))?(?:\s*\+\s*\d+)?)(?=\s|$)")
_BAR_LINE = re.compile(
    r"(?P<both>:\|+:)|(?P<ending>:?\|+\d(?:[,-]\d)*>?(?=\s|$))|(?P<opens>\|+:)|(?P<closes>:\|+\.?)"
    r"|(?P<line>\|+\.?)"
)
_TIMES = re.compile(r"(?:repeat\s+|\()?(?:[x×]\s*(\d{1,2})|(\d{1,2})\s*(?:[x×]|times))\b", re.I)
_PART = re.compile(
    r"(?:section\s+|part\s+)?[A-Z]\d?'*|(?:intro|verse|chorus|bridge|outro|coda|solo|head|vamp|tag"
    r"|interlude|refrain|ending)\s*\d*",
    re.IGNORECASE,
)
_LYRIC_CHORD = re.compile(r"\[([^\]\[*|][^\]\[]{0,63})\]")


@dataclass(slots=True)
class _Measure:
    """One written bar."""

    meter: Meter
    chords: tuple[ChordChange, ...] = ()
    signs: Signs = field(default_factory=Signs)
    section: str | None = None


def songs(data: bytes, name: str) -> tuple[Tune, ...]:
    """Return the songs of a file, each read when it is opened.

    Raises
    ------
    FormatError
        If the file is not text, is empty, or has too many songs.
    """
    pieces: list[list[str]] = [[]]
    for line in decoded(data, name).splitlines():
        if len(line) > _LONGEST_LINE:
            raise FormatError(
                f"{name}: has a line of more than {_LONGEST_LINE:,} characters, the limit for "
                "ChordPro; break it."
            )
        directive = _directive(line)
        if directive and directive[0] == "new_song":
            pieces.append([])
        elif line.strip() and not line.startswith("#"):
            pieces[-1].append(line)
    pieces = [lines for lines in pieces if lines]
    if not pieces:
        raise FormatError(f"{name}: is empty; give a song in ChordPro.")
    if len(pieces) > MOST_SONGS:
        raise FormatError(f"{name}: holds more than {MOST_SONGS:,} songs, the limit; split it.")
    tunes = []
    for number, lines in enumerate(pieces, 1):
        held = _metadata(lines)
        stem = PurePath(name).stem + (f" {number}" if len(pieces) > 1 else "")
        title = held.get("title") or stem
        where = name if len(pieces) == 1 else f"{name}: {title!r}"
        tunes.append(
            Tune(
                title,
                held.get("composer", ""),
                held.get("style", ""),
                partial(_sheet, lines, held, title, where),
            )
        )
    return tuple(tunes)


def _directive(line: str) -> tuple[str, str] | None:
    """Return the full name and the value of a directive; None for another line."""
    match = _DIRECTIVE.fullmatch(line.strip())
    if match is None:
        return None
    word = match[1].lower()
    if match[2] and not match[2].startswith("-!"):
        return "", ""  # a selector: for one instrument or user only
    return _SHORT.get(word, word), match[3] or ""


def _metadata(lines: Sequence[str]) -> dict[str, str]:
    """Return the first value of each directive, with ``{meta: name value}`` as ``name``."""
    held: dict[str, str] = {}
    for line in lines:
        directive = _directive(line)
        if directive is None:
            continue
        word, value = directive
        if word == "meta":
            word, _, value = value.partition(" ")
        if value.strip():
            held.setdefault(word.lower().rstrip(":"), " ".join(value.split()))
    return held


def _sheet(lines: Sequence[str], held: dict[str, str], title: str, where: str) -> LeadSheet:
    """Read the grids of one song."""
    reader = _Reader(where, _first_meter(lines))
    reader.read(lines)
    measures = reader.measures
    if not measures:
        raise FormatError(
            f"{where}: has no grid, and chords over lyrics have no durations; write the bars "
            "between {start_of_grid} and {end_of_grid}."
        )
    missing = sorted(reader.sung - reader.gridded)
    if missing:
        raise FormatError(
            f"{where}: its lyrics have chords that its grids lack ({', '.join(missing[:5])}), and "
            "chords over lyrics have no durations; write the whole song as a grid."
        )
    order = playing_order([measure.signs for measure in measures], where)
    bars = tuple(Bar(measures[i].chords, measures[i].meter, measures[i].section) for i in order)
    sheet = LeadSheet(
        title=title,
        changes=Changes(bars),
        composer=held.get("composer", ""),
        key=_key(held.get("key", "")),
        tempo_bpm=_tempo(held.get("tempo", "")),
        style=held.get("style", ""),
        notices=tuple(reader.notices),
    )
    return reader.transposed(sheet)


def _key(text: str) -> Key | None:
    try:
        return Key.parse(text)
    except FormatError:
        return None


def _tempo(text: str) -> float | None:
    match = re.fullmatch(r"(\d{1,3}(?:\.\d{1,6})?)(?:\s*bpm)?", text.strip(), re.IGNORECASE)
    return float(match[1]) if match and 10 <= float(match[1]) <= 999 else None


def _first_meter(lines: Sequence[str]) -> Meter:
    """Return the meter before the first ``{time}``: that of the first shape, else 4/4."""
    for line in lines:
        word, value = _directive(line) or ("", "")
        if word == "time":
            break
        if word == "start_of_grid":
            shape = _SHAPE.match(_shape(value))
            if shape and shape[2] and int(shape[2]) in (3, 5, 7):
                return Meter(int(shape[2]), 4)
            break
    return Meter()


def _shape(value: str) -> str:
    held = {match[1]: match[2] or match[3] or match[4] or "" for match in _PROPERTY.finditer(value)}
    return held.get("shape", "") if held else value


class _Reader:
    """A reader of one song, line by line."""

    def __init__(self, where: str, meter: Meter) -> None:
        self.where = where
        self.meter = meter
        self.measures: list[_Measure] = []
        self.section: str | None = None
        self.comment: str | None = None
        self.opens = False
        self.endings: tuple[int, ...] = ()
        self.blank = 0  # the bars that %% leaves blank
        self.semitones: list[tuple[int, int]] = []  # bar and transposition
        self.sung: set[str] = set()
        self.gridded: set[str] = set()
        self.notation = Notation()
        self.notices: list[str] = []

    def wrong(self, what: str) -> FormatError:
        """Return an error that names the bar."""
        return FormatError(f"{self.where}, bar {len(self.measures) + 1}: {what}")

    def read(self, lines: Sequence[str]) -> None:
        """Read the lines of a song."""
        self.notation = Notation.of(_symbols(lines))
        inside = ""
        for line in lines:
            directive = _directive(line)
            if directive is not None:
                word, value = directive
                if word == f"end_of_{inside}":
                    inside = ""
                elif word.startswith("start_of_") and not inside:
                    place = word.removeprefix("start_of_")
                    inside = place if place == "grid" or place in _SKIPPED else ""
                    self.named(place, value)
                else:
                    self.directive(word, value)
            elif inside == "grid":
                self.line(line)
            elif not inside:
                self.lyrics(line)

    def named(self, place: str, value: str) -> None:
        """Read the label of a grid."""
        if place != "grid":
            return
        held = {m[1]: m[2] or m[3] or m[4] or "" for m in _PROPERTY.finditer(value)}
        label = held.get("label", "") if held else _SHAPE.sub("", value, count=1).strip(" :")
        self.section = label or self.comment
        self.comment = None

    def directive(self, word: str, value: str) -> None:
        """Read a directive that matters to the bars."""
        if word == "time":
            try:
                self.meter = Meter.parse({"C": "4/4", "C|": "2/2"}.get(value, value))
            except FormatError as error:
                raise self.wrong(str(error)) from None
        elif word == "transpose":
            by = re.fullmatch(r"([+-]?\d{1,2})[sf]?", value.strip())
            if value.strip() and by is None:
                raise self.wrong(f"{{transpose: {value[:20]}}} is not a number of semitones.")
            self.semitones.append((len(self.measures), int(by[1]) if by else 0))
        elif word == "capo" and value.strip() not in ("", "0"):
            self.notices.append(
                f"{self.where}: {{capo: {value[:20]}}}: chords are read as written."
            )
        elif word == "chorus" and self.measures:
            bar = len(self.measures) + 1
            self.notices.append(
                f"{self.where}, bar {bar}: {{chorus}} repeats nothing; write its bars again."
            )
        elif word == "comment" and _PART.fullmatch(value.strip()):
            self.comment = value.strip()

    def lyrics(self, line: str) -> None:
        """Note the chords over a line of lyrics."""
        for match in _LYRIC_CHORD.finditer(line):
            try:
                chord = Chord.parse(match[1].strip("()"))
            except ChordError:
                continue
            if not chord.is_no_chord:
                self.sung.add(chord.symbol)

    def line(self, line: str) -> None:
        """Read one line of a grid."""
        marks = list(_BAR_LINE.finditer(line))
        if not marks:
            words = line.split()
            if words and all(map(_is_chord, words)):
                raise self.wrong("a line of a grid has no bar lines; write | between its bars.")
            return
        after = line[marks[0].end() :]
        if re.match(r"[sS](\s|$)", after):
            return  # a strum pattern
        margin = line[: marks[0].start()].strip()
        words = margin.split()
        if any(word in (".", "/") for word in words) or (
            margin and len(margin) > 1 and all(map(_is_chord, words))
        ):
            raise self.wrong(
                f"{margin[:40]!r} stands before the first bar line; write | before it."
            )
        if margin:
            self.section = margin.strip(" :")[:200]
        before = False  # whether the bar line before is one that may bound an empty bar
        for mark, following in zip(marks, [*marks[1:], None], strict=True):
            self.bar_line(mark)
            plain = mark.lastgroup == "line" and "." not in mark[0]
            if following is None:
                self.margin(line[mark.end() :])
                break
            cells = line[mark.end() : following.start()].split()
            ends = following.lastgroup == "line"
            if cells or (plain and ends and before):
                self.measure(cells)
            before = plain or bool(cells)

    def bar_line(self, mark: re.Match[str]) -> None:
        """Read a bar line with its repeat signs and endings."""
        sign = mark[0]
        if sign.startswith(":") and self.measures:
            last = self.measures[-1]
            last.signs = replace(last.signs, closes=True)
        if "||" in sign and self.measures:
            last = self.measures[-1]
            last.signs = replace(last.signs, ends_section=True)
        if mark.lastgroup in ("opens", "both"):
            self.opens = True
        elif mark.lastgroup == "ending":
            numbers = [int(n) for n in re.findall(r"\d", sign)]
            wide = "-" in sign
            self.endings = tuple(range(numbers[0], numbers[-1] + 1) if wide else sorted({*numbers}))

    def margin(self, text: str) -> None:
        """Read the words after the last bar line."""
        if not self.measures:
            return
        last = self.measures[-1]
        said = re.sub(r"[\s.]", "", text.lower())
        if (times := _TIMES.search(text)) and last.signs.closes:
            last.signs = replace(last.signs, times=min(16, int(times[1] or times[2])))
        if said.startswith(("dcal", "dsal", "dacapo", "dalsegno")) or said in ("dc", "ds"):
            raise FormatError(
                f"{self.where}, bar {len(self.measures)}: {text.strip()[:30]!r} is a jump, which "
                "ChordPro does not define; write the bars out."
            )

    def measure(self, cells: list[str]) -> None:
        """Read one bar of a grid."""
        if len(self.measures) >= MOST_BARS:
            raise self.wrong(f"a song has at most {MOST_BARS:,} bars; give a shorter one.")
        copies = len(cells[0]) if cells and cells[0] in ("%", "%%") else 0
        blank = all(cell in (".", "/", "%") for cell in cells[1 if copies else 0 :])
        if copies and not blank:
            raise self.wrong(f"{cells[0]} must stand alone in its bar.")
        if copies:
            if len(self.measures) < copies:
                raise self.wrong(f"{cells[0]} has no bar before it to repeat.")
            source = self.measures[-copies]
            if source.meter != self.meter:
                raise self.wrong(f"{cells[0]} would repeat a bar in {source.meter}.")
            chords, self.blank = source.chords, copies - 1
        elif self.blank and blank:
            chords, self.blank = self.measures[-2].chords, 0
        else:
            if self.blank:
                raise self.wrong("the bar after %% must be blank.")
            chords = self.chords(cells)
        signs = Signs(opens=self.opens, endings=self.endings)
        self.measures.append(_Measure(self.meter, chords, signs, self.section))
        self.opens, self.endings, self.section = False, (), None

    def chords(self, cells: list[str]) -> tuple[ChordChange, ...]:
        """Place the chords of a bar."""
        if not cells:
            return ()
        onsets = self.onsets(cells)
        found: list[ChordChange] = []
        for onset, end, cell in zip(
            onsets, [*onsets[1:], self.meter.ticks_per_bar], cells, strict=True
        ):
            pieces = cell.split("~")
            if (end - onset) % len(pieces):
                raise self.wrong(f"{cell[:40]!r} divides its cell into parts that are too short.")
            for place, piece in enumerate(pieces):
                if piece not in (".", "/", "") and not piece.startswith("*"):
                    at = onset + place * (end - onset) // len(pieces)
                    found.append(ChordChange(at, self.chord(piece)))
        return tuple(found)

    def onsets(self, cells: list[str]) -> tuple[int, ...]:
        """Return the onset of each cell."""
        count, meter = len(cells), self.meter
        felt = meter.beats // 3 if meter.compound else meter.beats
        even = felt % count == 0 or count % felt == 0 or count == meter.beats
        if even and meter.ticks_per_bar % count == 0:
            step = meter.ticks_per_bar // count
            return tuple(step * place for place in range(count))
        onsets = () if "." in cells or "/" in cells else spread(count, meter)
        if len(onsets) < count:
            raise self.wrong(
                f"{count} cells do not fit in {meter}; write one for each beat, or give the meter "
                "as in {time: 3/4}."
            )
        return onsets

    def chord(self, symbol: str) -> Chord:
        """Read a chord, also in brackets or parentheses."""
        plain = symbol[1:-1] if re.fullmatch(r"\[.+\]|\(.+\)", symbol) else symbol
        try:
            chord = self.notation.parse(plain)
        except ChordError as error:
            raise ChordError(str(self.wrong(str(error))), error.symbol, error.nearest) from error
        if not chord.is_no_chord:
            self.gridded.add(chord.symbol)
        return chord

    def transposed(self, sheet: LeadSheet) -> LeadSheet:
        """Return the sheet with ``{transpose}`` applied."""
        steps = [semitones for _, semitones in self.semitones]
        if not any(steps):
            return sheet
        if len(steps) > 1 or self.semitones[0][0]:
            raise FormatError(
                f"{self.where}: is transposed in the middle of the song; write the chords as they "
                "sound."
            )
        return sheet.shifted(steps[0])


def _symbols(lines: Sequence[str]) -> Iterator[str]:
    """Yield the cells of all grids."""
    inside = False
    for line in lines:
        word, _ = _directive(line) or ("", "")
        inside = word == "start_of_grid" or (inside and word != "end_of_grid")
        first = _BAR_LINE.search(line) if inside and not word else None
        if first is not None:
            for cell in re.split(r"[\s~]+", _BAR_LINE.sub(" ", line[first.start() :])):
                if cell and cell[0] not in "./%*":
                    yield cell.strip("()[]")


def _is_chord(word: str) -> bool:
    try:
        return bool(Chord.parse(word))
    except ChordError:
        return False


# Writing ---------------------------------------------------------------------------------------


def losses(sheet: LeadSheet) -> tuple[str, ...]:
    """Return a short description of each part of a sheet that ChordPro cannot store."""
    labels = [bar.section for bar in sheet.changes.bars if bar.section]
    held = (
        ("the melody", sheet.parts),
        ("the style of a section", any(bar.style for bar in sheet.changes.bars)),
        ("the signs { } and \" in names", any(_plain(label) != label for label in labels)
         or any(_plain(text) != text for text in (sheet.title, sheet.composer, sheet.style))),
    )  # fmt: skip
    return tuple(name for name, value in held if value)


def _plain(text: str) -> str:
    return " ".join(re.sub(r"[{}\"\0]", " ", text).split())


def dumps(sheet: LeadSheet) -> str:
    """Return the changes of a tune as a song with grids, without its :func:`losses`.

    Examples
    --------
    >>> from sideman.formats import typed
    >>> print(dumps(typed.parse("[A] F7 | Bb7 . Bdim7 . | [B] 3/4 Cm7 F7", "Blues")), end="")
    {title: Blues}
    {time: 4/4}
    {start_of_grid shape="4x4" label="A"}
    | F7 . . . | Bb7 . Bdim7 . |
    {end_of_grid}
    {time: 3/4}
    {start_of_grid shape="4x3" label="B"}
    | Cm7 . F7 |
    {end_of_grid}
    """
    lines = [f"{{title: {_plain(sheet.title)}}}"]
    if sheet.composer:
        lines.append(f"{{composer: {_plain(sheet.composer)}}}")
    if sheet.key is not None:
        lines.append(f"{{key: {sheet.key.name}}}")
    if sheet.tempo_bpm is not None:
        lines.append(f"{{tempo: {round(sheet.tempo_bpm, 6):g}}}")
    if sheet.style:
        lines.append(f"{{meta: style {_plain(sheet.style)}}}")
    meter: Meter | None = None
    row: list[str] = []
    open_grid = False

    def turn() -> None:
        if row:
            lines.append("| " + " | ".join(row) + " |")
            row.clear()

    for bar in sheet.changes.bars:
        section = _plain(bar.section or "")
        if not open_grid or section or bar.meter != meter:
            turn()
            if open_grid:
                lines.append("{end_of_grid}")
            if bar.meter != meter:
                lines.append(f"{{time: {bar.meter}}}")
            label = f' label="{section}"' if section else ""
            lines.append(f'{{start_of_grid shape="{BARS_A_LINE}x{bar.meter.beats}"{label}}}')
            meter, open_grid = bar.meter, True
        elif len(row) == BARS_A_LINE:
            turn()
        row.append(_written(bar))
    turn()
    if open_grid:
        lines.append("{end_of_grid}")
    return "".join(f"{line}\n" for line in lines)


def _written(bar: Bar) -> str:
    """Write a bar, one cell for each beat."""
    beat = bar.meter.ticks_per_beat
    cells = []
    for place in range(bar.meter.beats):
        here = {
            change.onset - place * beat: change.chord.symbol
            for change in bar.chords
            if place * beat <= change.onset < (place + 1) * beat
        }
        # The fewest equal parts of a beat on which all its chords begin.
        parts = lcm(*(Fraction(onset, beat).denominator for onset in here)) if here else 1
        pieces = [here.get(part * beat // parts, "") for part in range(parts)]
        cells.append("~".join(pieces) if here else ".")
    return " ".join(cells)


CODEC = Codec(
    read=lambda data, name: Document(read_charts=partial(songs, data, name)),
    most_bytes=MOST_BYTES,
    write=lambda sheet, _: dumps(sheet).encode(),
    losses=losses,
    names_mode=True,
)
