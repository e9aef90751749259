"""Changes typed as text: ``| F7 | Bb7 | F7 | Cm7 F7 |``.

The notation:

``|``
    A bar line; the end of a line is one too.  ``||`` is one bar line, ``| |`` an empty bar, in
    which the previous chord continues.
``F7 Bb7``
    Several chords share the beats of the bar evenly; the first chords get the remaining beats
    (three chords in 4/4 get two, one and one).
``F7 . . Bb7`` or ``F7 / / Bb7``
    Every sign is one beat; a dot or slash continues the chord.  A single one continues it for the
    bar.
``%`` and ``%%``
    Repeat the previous bar; repeat the previous two bars.
``|: … :|``, ``:| x3``, ``|: … [1 … :| [2 … |``
    Repeats, the total number of times, and endings (also ``[1,2``, ``[1-3`` and ``1.``).
``3/4`` or ``(3/4)``
    The meter from here on; the default is 4/4.
``[A]`` or ``A:``
    The label of a section.

``(Db7)``
    An alternative, which is left out beside other chords.

Above the bars there may be a header (:mod:`sideman.formats.headers`). Chords may be written in
Latin, German or Harte's notation, and as degrees if the header names the key.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain, pairwise
from pathlib import PurePath

from sideman.errors import ChordError, FormatError, MusicError, Problem
from sideman.formats import headers
from sideman.formats.document import chart_document
from sideman.formats.headers import Header
from sideman.formats.registry import Codec
from sideman.formats.report import BARS_A_LINE
from sideman.score import Bar, Changes, ChordChange, LeadSheet
from sideman.theory.chord import Chord
from sideman.theory.chord.context import Notation
from sideman.theory.chord.spelling import LONGEST_SYMBOL
from sideman.theory.meter import Meter

LONGEST_TEXT = 200_000
MOST_BARS = 10_000
_MOST_PROBLEMS = 200  # after so many it is no text of changes
MOST_REPEATS = 99
_MOST_OFFERED = 8
_SECTION_LETTER = re.compile(r"[A-Z][1-4]?'*")
_LETTER_BEFORE = re.compile(r"\s*\(?([A-D])\d?'*\)?\s*\|.*\|\s*\Z")
_UNKNOWN = Chord.parse("N.C.")  # placeholder for an unknown chord until all are checked

_TOKEN = re.compile(
    r"(?P<newline>[\r\n]+)"
    r"|(?P<heading>(?m:^)[ \t]*(?i:intro|verse|chorus|bridge|head|solos?|coda|outro|interlude|vamp"
    r"|tag|refrain|shout|pre-?chorus)(?:[ \t]\d)?(?=[ \t]*(?:[\r\n]|\Z)))"
    r"|(?P<both>:\|+:)"
    r"|(?P<opening>\|+:|𝄆)"
    r"|(?P<closing>:\|+\]?|𝄇)"
    r"|(?P<line>[|‖│¦]+\]?)"
    r"|(?P<times>(?:[x×]\s?\d{1,9}|\d{1,9}\s?[x×])(?![^\s|\[])"
    r"|\(\s?(?:[x×]\s?\d{1,9}|\d{1,9}\s?[x×])\s?\))"
    r"|(?P<space>[^\S\r\n]+|,)"
    r"|(?P<quoted>\[\"[^\"\r\n]{0,200}\"\])"
    r"|(?P<ending>\[\s?\d[\d,\-–. ]{0,30}\]?|\d{1,2}\.(?=\s)|(?<=\|)[1-9](?=[ \t]+[A-H]))"
    r"|(?P<label>\[[^\[\]|\"\r\n]{1,200}\]|[A-Za-z]\w{0,30}:(?=[ \t\r\n]|$))"
    r"|(?P<meter>\(\s?\d{1,9}\s?/\s?\d{1,9}\s?\)|\d{1,9}/\d{1,9}(?![^\s|]))"
    r"|(?P<again>[%𝄎]+)"
    r"|(?P<hold>[./]+(?![^\s|])|[-–—](?![^\s|]))"
    r"|(?P<chord>[A-G][#b♯♭]{0,2}:[a-z0-9(][^\s|\[\]%:]{0,40}"
    r"|(?:\([^()|\r\n]{0,64}\)|[^\s|‖│¦\[\]()%:,]){1,80})"
    r"|(?P<wrong>.)",
)


def parse(text: str | bytes, name: str = "changes") -> LeadSheet:
    """Read typed changes, repeats written out.

    Parameters
    ----------
    text : str or bytes
        The changes; bytes are UTF-8.
    name : str
        The title of the tune, also used in messages.

    Raises
    ------
    FormatError
        If the changes are not well-formed; the message names the bar.
    ChordError
        If a chord symbol is unknown; the message names bar and symbol, and the nearest ones.

    Both have as `problems` all errors up to the first one after which reading is not possible.

    Examples
    --------
    >>> sheet = parse("3/4 |: C | % | [1 Dm7 G7 :| [2 C . G7 |")
    >>> for bar in sheet.changes.bars:
    ...     print(*(f"{change.onset}:{change.chord}" for change in bar.chords))
    0:C
    0:C
    0:Dm7 48:G7
    0:C
    0:C
    0:C 48:G7
    """
    if len(text) > LONGEST_TEXT:
        raise FormatError(
            f"{name}: longer than {LONGEST_TEXT:,} characters, the limit for typed changes; "
            "give a shorter form."
        )
    if isinstance(text, bytes):
        try:
            marked = text.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
            text = text.decode("utf-16" if marked else "utf-8-sig")
        except UnicodeDecodeError as error:
            raise FormatError(f"{name}: not text in UTF-8; save it as UTF-8.") from error
    header, rest = headers.split(text, name, _is_chord)
    reader = _Reader(name, header)
    bars = reader.read(rest)
    if not bars:
        raise FormatError(f"{name}: no bars; write changes like '| F7 | Bb7 | F7 | Cm7 F7 |'.")
    notices = [*header.notices, *reader.notices]
    if header.bars not in (None, len(bars), len(reader.last)):
        notices.append(
            f"{name}: the header says {header.bars} bars, but there are {len(bars)}; check the "
            "bar lines."
        )
    return LeadSheet(
        title=header.title or name,
        changes=Changes(bars),
        composer=header.composer,
        key=header.key,
        tempo_bpm=header.tempo_bpm,
        style=header.style,
        notices=tuple(notices),
    )


def _is_chord(word: str) -> bool:
    try:
        Chord.parse(word)
    except ChordError:
        return False
    return True


def spread(chords: int, meter: Meter) -> tuple[int, ...]:
    """Return the onsets of chords that share a bar, in ticks from its start.

    Compound meters such as 12/8 have one beat for three eighths. Empty if the chords do not fit.

    Examples
    --------
    >>> spread(2, Meter()), spread(3, Meter()), spread(2, Meter(3, 4)), spread(2, Meter(6, 8))
    ((0, 48), (0, 48, 72), (0, 48), (0, 36))
    """
    slots = _felt_beats(meter)
    for finer in (meter.beats, 2 * meter.beats, 4 * meter.beats):
        if chords > slots and meter.ticks_per_bar % finer == 0:
            slots = finer
    if chords > slots:
        return ()
    each, more = divmod(slots, chords)
    ticks = meter.ticks_per_bar // slots
    return tuple(ticks * (each * index + min(index, more)) for index in range(chords))


def _felt_beats(meter: Meter) -> int:
    return meter.beats // 3 if meter.compound else meter.beats


def _is_grid(slots: int, meter: Meter) -> bool:
    """Return whether a bar may be written as that number of equal signs."""
    if meter.ticks_per_bar % slots:
        return False
    return slots in (1, _felt_beats(meter)) or slots % meter.beats == 0


# Reading ---------------------------------------------------------------------------------------


@dataclass
class _Passage:
    """The bars of a repeated passage and its endings."""

    opened: int = 0  # the number of the bar after |:, or 0
    body: list[Bar] = field(default_factory=list)
    endings: list[tuple[tuple[int, ...], list[Bar]]] = field(default_factory=list)
    closed: bool = False  # after a repeat sign; another ending may follow
    times: int = 1

    @property
    def turns(self) -> int:
        """How often the body is played."""
        if not self.endings:
            return self.times
        # If there is only a first ending, the last pass has none.
        return self.endings[-1][0][-1] + (len(self.endings) == 1)

    @property
    def length(self) -> int:
        """Number of bars with repeats written out."""
        endings = sum(len(numbers) * len(bars) for numbers, bars in self.endings)
        return self.turns * len(self.body) + endings

    def unfolded(self) -> list[Bar]:
        """Return the bars with repeats written out."""
        ending = {number: bars for numbers, bars in self.endings for number in numbers}
        return [
            bar for turn in range(1, self.turns + 1) for bar in (*self.body, *ending.get(turn, ()))
        ]


class _Reader:
    """A reader of one text, token by token."""

    def __init__(self, name: str, header: headers.Header) -> None:
        self.name = name
        self.meter = header.meter or Meter()
        self.header = header
        self.notation = Notation()
        self.notices: list[str] = []
        self.bars: list[Bar] = []  # with repeats written out
        self.passage = _Passage()
        self.last: list[Bar] = []  # as typed
        self.force: list[Chord | None] = [None]  # the chord in force before each of them, and now
        self.signs: list[Chord | None] = []  # the signs of the bar; None continues a chord
        self.again = 0
        self.before = ""  # the symbol before in the bar
        self.bracketed: list[tuple[int, int, str]] = []  # place among the signs, start, content
        self.only_brackets = False
        self.section: str | None = None
        self.span = (0, 0)  # the characters of the current token
        self.unknown: list[tuple[int, tuple[int, int], ChordError]] = []  # signs of the bar
        self.problems: list[Problem] = []

    def wrong(self, what: str, bar: int | None = None) -> FormatError:
        """Return an error that names the bar."""
        bar = bar or len(self.last) + 1
        message = f"{self.name}, bar {bar}: {what}"
        self.problems.append(Problem(message, bar, None, *self.span))
        return FormatError(message)

    def read(self, text: str) -> tuple[Bar, ...]:
        """Read the whole text."""
        error: FormatError | None = None
        bars: tuple[Bar, ...] = ()
        try:
            bars = self.signs_of(text)
        except FormatError as stopped:
            error = stopped
        problems = tuple(sorted(self.problems, key=lambda one: one.start))
        if not problems:
            return bars
        first = problems[0]
        if first.symbol:
            raise ChordError(
                first.message, first.symbol, first.nearest, field="changes", problems=problems
            )
        raise FormatError(first.message, field="changes", problems=problems) from error

    def signs_of(self, text: str) -> tuple[Bar, ...]:
        """Read the tokens; unknown chords are recorded and skipped."""
        before = ""
        stream = _TOKEN.finditer(text)
        tokens: list[re.Match[str]] = []
        for token in stream:
            tokens.append(token)
            if token.lastgroup == "wrong" or len(tokens) > 4 * MOST_BARS:
                break
        letters = self.letters(text)
        written = [
            token[0].rstrip("./")
            for token in tokens
            if token.lastgroup == "chord" and token.start() not in letters
        ]
        self.notation = Notation.of(written, self.header.key)
        self.check_bar_lines(tokens)
        for token in chain(tokens, stream):
            if len(self.problems) + len(self.unknown) >= _MOST_PROBLEMS:
                break
            kind, sign, self.span = token.lastgroup or "", token[0], token.span()
            if kind == "space":
                continue
            if kind == "heading" or (kind == "chord" and token.start() in letters):
                kind, sign = "label", sign.strip()
            if kind == "label":
                self.check_label(sign)
            if kind in ("line", "opening", "closing", "both", "newline", "ending", "label"):
                empty = kind == before == "line" and "]" not in sign
                self.end_bar(empty=empty)
            elif kind == "quoted":
                self.end_bar()
            if kind in ("closing", "both"):
                self.close()
            if kind in ("opening", "both"):
                self.finish_passage()
                self.passage.opened = len(self.last) + 1
            elif kind == "times":
                self.repeat(int(re.sub(r"\D", "", sign)), before)
            elif kind == "ending":
                self.open_ending(sign)
            elif kind == "label":
                if self.section is not None:
                    self.notices.append(
                        f"{self.name}, bar {len(self.last) + 1}: the section {self.section!r} has "
                        "no bars; write them out."
                    )
                self.section = sign.strip("[]:").strip()
            elif kind == "quoted":
                self.section = sign[2:-2]
            elif kind == "meter":
                if self.signs or self.again:
                    raise self.wrong(f"the meter {sign} must stand at the start of a bar.")
                self.set_meter(sign)
            elif kind == "again":
                self.again += len(sign)
            elif kind == "hold":
                self.signs += [None] * len(sign)
            elif kind == "chord":
                self.chord(sign)
            elif kind == "wrong":
                raise self.wrong(f"{sign!r} has no meaning here; see the notation of changes.")
            before = kind
        self.end_bar()
        self.finish_passage()
        if self.section is not None:
            raise self.wrong(f"the section {self.section!r} has no bars.")
        return tuple(self.bars)

    def letters(self, text: str) -> frozenset[int]:
        """Return where the letters of sections stand that have a line of their own.

        Letters before the first bar line of their lines may be chords too, and are refused.
        """
        lines = [found for found in re.finditer(r"[^\r\n]+", text) if found[0].strip()]
        barred = any("|" in line[0] for line in lines)
        alone = [line for line in lines if _SECTION_LETTER.fullmatch(line[0].strip())]
        heads = all("|" in two[0] for one, two in pairwise(lines) if one in alone)
        if barred and alone and heads and alone[0][0].strip()[0] == "A":
            return frozenset(line.start() + len(line[0]) - len(line[0].lstrip()) for line in alone)
        before = [_LETTER_BEFORE.match(line[0]) for line in lines]
        said = [found[1] for found in before if found]
        if len(said) > 1 and len(said) == len(before) and said[0] == "A" and "B" in said:
            raise self.wrong(
                "A and B before the bar lines may be sections or chords; write sections as [A]."
            )
        return frozenset()

    def check_bar_lines(self, tokens: Sequence[re.Match[str]]) -> None:
        """Refuse several chords in a line of a text without bar lines or beats."""
        kinds = {token.lastgroup for token in tokens}
        if kinds & {"line", "opening", "closing", "both", "ending", "hold", "again", "meter"}:
            return
        lines: list[list[str]] = [[]]
        for token in tokens:
            if token.lastgroup == "newline":
                lines.append([])
            elif token.lastgroup == "chord":
                lines[-1].append(token[0])
        most = max(lines, key=len)
        if len(most) > 1 and all(map(self.notation.reads, most[:_MOST_OFFERED])):
            shown = most[:_MOST_OFFERED]
            more = " …" if len(most) > len(shown) else ""
            bars, one = f"| {' | '.join(shown)} |{more}", f"| {' '.join(shown)} |{more}"
            chords = [token for token in tokens if token.lastgroup == "chord"]
            message = (
                f"{self.name}: has no bar lines; write '{bars}' for a bar each, or '{one}' for one "
                "bar."
            )
            span = chords[0].start(), chords[-1].end()
            self.problems.append(Problem(message, 1, None, *span, "", (bars, one)))
            raise FormatError(message)

    def check_label(self, sign: str) -> None:
        """Refuse a chord in brackets as the label of a section."""
        label = sign.strip("[]:").strip()
        if headers.is_field(sign.strip("[]")):
            raise self.wrong(f"{sign} belongs in a line of its own above the bars.")
        if re.search(r"(?:^|\W)(?:[x×]\s?\d|\d\s?[x×])(?!\w)", label):
            self.notices.append(
                f"{self.name}, bar {len(self.last) + 1}: {label!r} repeats nothing; write the bars "
                "between |: and :|."
            )
        if sign.startswith("[") and not _SECTION_LETTER.fullmatch(label) and _is_chord(label):
            raise self.wrong(
                f"{sign} is a chord in the place of a section's label; write it without brackets, "
                f"or an alternative as ({label})."
            )

    def set_meter(self, sign: str) -> None:
        """Change the meter."""
        try:
            self.meter = Meter.parse(sign.strip("() "))
        except FormatError as error:
            raise self.wrong(str(error)) from None

    def chord(self, sign: str) -> None:
        """Read a chord with the dots or slashes directly after it."""
        if sign.startswith("(") and sign.endswith(")"):
            self.bracketed.append((len(self.signs), self.span[0], sign[1:-1]))
            return
        symbol, held = sign, 0
        if not re.match(r"[nN][./]?[cC]", symbol):
            symbol = sign.rstrip("./") or sign
            held = len(sign) - len(symbol)
        self.signs.append(self.parsed(symbol, self.span[0]))
        self.before = symbol
        self.signs += [None] * held

    def parsed(self, symbol: str, start: int) -> Chord:
        """Read a chord symbol; an unknown one is recorded."""
        try:
            return self.notation.parse(symbol)
        except ChordError as error:
            wrong, whole = error, f"{self.before}{symbol}"
            apart = (
                bool(self.before) and symbol[0] not in "ABCDEFGH" and len(whole) <= LONGEST_SYMBOL
            )
            if apart and self.notation.reads(whole):
                said = f"{symbol!r} stands apart from {self.before!r}; write {whole}."
                wrong = ChordError(said, symbol, (whole,))
            self.unknown.append((len(self.signs), (start, start + len(symbol)), wrong))
            return _UNKNOWN

    def read_brackets(self) -> None:
        """Read chords in brackets: alone they are the bar's, beside others alternatives."""
        bracketed, self.bracketed = self.bracketed, []
        for place, start, content in bracketed:
            if self.signs and not self.only_brackets:
                if (whole := self.with_brackets(place, content)) is not None:
                    self.signs[place - 1] = whole
                    continue
                self.notices.append(
                    f"{self.name}, bar {len(self.last) + 1}: the alternative ({content[:40]}) is "
                    "left out."
                )
                continue
            self.only_brackets = True
            for word in re.finditer(r"[^\s,]+", content):
                self.signs.append(self.parsed(word[0], start + 1 + word.start()))
        self.only_brackets = False

    def with_brackets(self, place: int, content: str) -> Chord | None:
        """Return a chord with the rest of its symbol in brackets, as in ``C7 (alt)``, else None."""
        before = self.signs[place - 1] if place else None
        if before is None or before == _UNKNOWN or self.notation.reads(content):
            return None
        try:
            return Chord.parse(f"{before}({content})")
        except ChordError:
            return None

    def end_bar(self, *, empty: bool = False) -> None:
        """Make a bar of the signs since the last bar line."""
        self.read_brackets()
        if self.again:
            self.repeat_bars()
        elif self.signs or empty:
            self.add(Bar(self.arrivals(), self.meter, self.section))
        self.signs, self.again, self.before = [], 0, ""

    def note_unknown(self, onsets: Sequence[int]) -> None:
        """Record the bar's unknown chords with their beats."""
        bar = len(self.last) + 1
        for index, span, error in self.unknown:
            beat = 1 + onsets[index] / self.meter.ticks_per_beat if onsets else None
            message = f"{self.name}, bar {bar}: {error}"
            self.problems.append(Problem(message, bar, beat, *span, error.symbol, error.nearest))
        self.unknown = []

    def repeat_bars(self) -> None:
        """Read ``%`` and ``%%``."""
        if self.signs or self.again > 2:
            raise self.wrong("% must stand alone in its bar.")
        repeated = self.last[-self.again :]
        if len(repeated) < self.again:
            raise self.wrong(f"{'%' * self.again} has no bar before it to repeat.")
        first = len(self.last) - self.again
        for index, bar in enumerate(repeated, first):
            if bar.meter != self.meter:
                raise self.wrong(f"% would repeat a bar in {bar.meter}, but this is {self.meter}.")
            chords, sounding = bar.chords, self.force[index]
            begins = bool(chords) and chords[0].onset == 0
            if sounding is not None and sounding != self.force[-1] and not begins:
                chords = (ChordChange(0, sounding), *chords)
            self.add(replace(bar, chords=chords, section=self.section))

    def arrivals(self) -> tuple[ChordChange, ...]:
        """Return the bar's chords with their onsets."""
        count = len(self.signs)
        if None not in self.signs:
            onsets = spread(count, self.meter) if count else ()
            if len(onsets) < count:
                self.note_unknown(())
                raise self.wrong(f"{count} chords do not fit in {self.meter}; add a bar line.")
        else:
            if not _is_grid(count, self.meter):
                self.note_unknown(())
                raise self.wrong(
                    f"{count} beats are written where {self.meter} has {self.meter.beats}; "
                    "add or remove dots or slashes."
                )
            step = self.meter.ticks_per_bar // count
            onsets = tuple(step * index for index in range(count))
        self.note_unknown(onsets)
        changes = [
            ChordChange(onset, chord)
            for onset, chord in zip(onsets, self.signs, strict=True)
            if chord is not None
        ]
        if self.header.corpus:
            before = (None, *(change.chord for change in changes))
            changes = [one for one, last in zip(changes, before, strict=False) if one.chord != last]
        return tuple(changes)

    def add(self, bar: Bar) -> None:
        """Add a bar to the passage."""
        if len(self.last) >= MOST_BARS:
            raise self.wrong(f"a form has at most {MOST_BARS:,} bars; give a shorter one.")
        self.section = None
        self.last.append(bar)
        self.force.append(bar.chords[-1].chord if bar.chords else self.force[-1])
        passage = self.passage
        if passage.endings and not passage.closed:
            passage.endings[-1][1].append(bar)
        elif passage.closed:
            self.finish_passage()
            self.passage.body.append(bar)
        else:
            passage.body.append(bar)

    def close(self) -> None:
        """Read ``:|``."""
        passage = self.passage
        if passage.closed or not passage.body or (passage.endings and not passage.endings[-1][1]):
            raise self.wrong("a repeat sign has nothing before it to repeat.")
        passage.closed = True
        if not passage.endings:
            passage.times = 2

    def repeat(self, times: int, before: str) -> None:
        """Read ``x3``."""
        if before not in ("closing", "both") or self.passage.endings:
            raise self.wrong(f"x{times} must follow a repeat sign without endings, as in ':| x3'.")
        if before == "both":
            raise self.wrong(f"write ':| x{times} |:' to repeat two passages one after the other.")
        if not 1 <= times <= MOST_REPEATS:
            raise self.wrong(f"x{times} is not a number of times from 1 to {MOST_REPEATS}.")
        self.passage.times = times

    def open_ending(self, sign: str) -> None:
        """Read ``[1``, ``[1,2`` or ``[1-3``."""
        numbers: set[int] = set()
        for part in re.split(r"[,. ]+", sign.strip("[]. ")):
            bounds = [int(number) for number in re.split("[-–]", part) if number]
            if not 1 <= len(bounds) <= 2 or not 1 <= bounds[0] <= bounds[-1] <= MOST_REPEATS:
                raise self.wrong(f"{sign!r} is not an ending; write one like [1 or [1,2.")
            numbers |= set(range(bounds[0], bounds[-1] + 1))
        passage = self.passage
        if not passage.body:
            raise self.wrong(f"the ending {sign.strip()} has no bars before it to repeat.")
        if passage.closed and not passage.endings:
            raise self.wrong(
                f"the ending {sign.strip()} comes after the repeat; the first ending, [1, must "
                "come before it."
            )
        taken = {number for one, _ in passage.endings for number in one}
        if sorted(numbers) != list(range(len(taken) + 1, len(taken) + len(numbers) + 1)):
            raise self.wrong(f"the ending {sign.strip()} is out of turn; {len(taken) + 1} is next.")
        passage.endings.append((tuple(sorted(numbers)), []))
        passage.closed = False

    def finish_passage(self) -> None:
        """Write the passage's repeats out and begin a new passage."""
        passage = self.passage
        if not passage.closed and (
            len(passage.endings) == 1 or (passage.opened and passage.body and not passage.endings)
        ):
            raise self.wrong(
                "a repeat begins that is never closed; write :| at its end.",
                passage.opened or 1,
            )
        if passage.opened and not passage.body:
            raise self.wrong("|: has no bars to repeat.")
        if len(self.bars) + passage.length > MOST_BARS:
            raise self.wrong(
                f"with its repeats the form has more than {MOST_BARS:,} bars; give fewer."
            )
        self.bars += passage.unfolded()
        self.passage = _Passage()


# Writing ---------------------------------------------------------------------------------------


def dumps(sheet: LeadSheet) -> str:
    """Return the changes of a tune as typed text under a header: see :func:`form`."""
    header = _header(sheet)[0]
    return (header and f"{header}\n") + form(sheet.changes)


def form(changes: Changes) -> str:
    """Return changes as typed text, repeats written out, in lines of up to four bars.

    Reading the text gives the same changes.

    Raises
    ------
    MusicError
        If the onsets in a bar do not rise within it, or a section label contains a quotation mark
        or a line end.

    Examples
    --------
    >>> print(form(parse("|: 3/4 F7 | Bb7 F7 . :| [B] 4/4 C7 N.C. |").changes), end="")
    (3/4) | F7 | Bb7 F7 . | F7 | Bb7 F7 . |
    [B] (4/4) | C7 N.C. |
    """
    lines: list[str] = []
    line: list[str] = []
    meter = Meter()
    for number, bar in enumerate(changes.bars, 1):
        marks = []
        if bar.section is not None:
            marks.append(_label(bar.section, number))
        if bar.meter != meter:
            marks.append(f"({bar.meter})")
        if line and (len(line) == BARS_A_LINE or marks):
            lines.append("".join(line) + " |")
            line = []
        lead = "".join(f"{mark} " for mark in marks)
        line.append(f"{lead}| {_bar(bar, number)}" if not line else f" | {_bar(bar, number)}")
        meter = bar.meter
    if line:
        lines.append("".join(line) + " |")
    return "".join(f"{line}\n" for line in lines)


def _header(sheet: LeadSheet) -> tuple[str, Header]:
    """Return the header lines of a sheet, and what they hold."""
    return headers.written(
        Header(sheet.title, sheet.composer, sheet.style, sheet.key, sheet.tempo_bpm), _is_chord
    )


def _label(section: str, number: int) -> str:
    plain = re.fullmatch(r"[^\W\d][\w' *-]*", section) and section == section.strip()
    is_chord = not _SECTION_LETTER.fullmatch(section) and _is_chord(section)
    if plain and not is_chord and len(section) <= 200:
        return f"[{section}]"
    if len(section) > 200 or re.search(r"[\"\r\n]", section):
        raise MusicError(
            f"bar {number}: the label {section[:20]!r} cannot be typed; give it up to 200 "
            "characters without quotation marks."
        )
    return f'["{section}"]'


def _bar(bar: Bar, number: int) -> str:
    """Write the chords of a bar, with dots only if needed."""
    onsets = tuple(change.onset for change in bar.chords)
    if list(onsets) != sorted({*onsets}) or not all(
        0 <= onset < bar.meter.ticks_per_bar for onset in onsets
    ):
        raise MusicError(f"bar {number}: the onsets of its chords must rise within the bar.")
    if not onsets:
        return "."
    if onsets == spread(len(onsets), bar.meter):
        return " ".join(change.chord.symbol for change in bar.chords)
    slots = _slots(onsets, bar.meter)
    step = bar.meter.ticks_per_bar // slots
    at = {change.onset // step: change.chord.symbol for change in bar.chords}
    return " ".join(at.get(slot, ".") for slot in range(slots))


def _slots(onsets: Sequence[int], meter: Meter) -> int:
    """Return the coarsest grid that contains every onset."""
    length = meter.ticks_per_bar
    return next(
        slots
        for slots in range(2, length + 1)
        if _is_grid(slots, meter) and not any(onset * slots % length for onset in onsets)
    )


def losses(sheet: LeadSheet) -> tuple[str, ...]:
    """Return a short description of each part of a sheet that typed changes cannot store."""
    header = _header(sheet)[1]
    lost = (
        ("the title", sheet.title != header.title),
        ("the composer", sheet.composer != header.composer),
        ("the key", sheet.key != header.key),
        ("the tempo", sheet.tempo_bpm != header.tempo_bpm),
        ("the style", sheet.style != header.style),
        ("the swing ratio", sheet.swing),
        ("the melody", sheet.parts),
        ("the style of a section", any(bar.style for bar in sheet.changes.bars)),
    )
    return tuple(name for name, value in lost if value)


CODEC = Codec(
    read=lambda data, name: chart_document(partial(parse, data, PurePath(name).stem)),
    most_bytes=4 * LONGEST_TEXT,
    write=lambda sheet, _: dumps(sheet).encode(),
    losses=losses,
)
