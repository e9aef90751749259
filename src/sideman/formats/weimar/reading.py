"""The Weimar Jazz Database: performed solos in one SQLite file.

The schema is that of the Jazzomat Research Project (https://jazzomat.hfm-weimar.de, "Download"):
``solo_info`` has one row per solo; ``melody`` its tones with bar, beat and tatum (the ``tatum``-th
of ``division`` equal parts of the beat); ``beats`` every beat with chord, form label and chorus;
``sections`` spans of notes (phrases, choruses, form parts); ``transcription_info`` the name of its
file. Bars before the form begins are numbered 0, -1, …

:func:`parse` returns every solo as a :class:`Transcription`; :func:`solo` converts one to a
:class:`sideman.score.Solo`. A copy of the database is opened, so SQLite cannot modify the file.
"""

from __future__ import annotations

import contextlib
import re
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from sideman import files
from sideman.errors import ChordError, FormatError
from sideman.score import Bar, Changes, ChordChange, Note, Solo
from sideman.theory.chord import Chord
from sideman.theory.meter import Meter
from sideman.theory.pitch import Key

# Limits: the published file has 456 solos and about 200,000 tones in less than 100 MiB.
LARGEST_FILE = 512 * files.MEBIBYTE
LARGEST_IN_MEMORY = 64 * files.MEBIBYTE
MOST_ROWS = 2_000_000
MOST_BARS = 10_000
_LONGEST_TEXT = 1_000_000

# The required columns, by table.
_COLUMNS = {
    "solo_info": ("melid", "performer", "title", "avgtempo", "signature"),
    "transcription_info": ("melid", "filename_sv"),
    "melody": (
        *("melid", "onset", "pitch", "duration", "division", "bar", "beat", "tatum"),
        *("num", "denom", "beatdur"),
    ),
    "beats": ("melid", "onset", "bar", "beat", "signature", "chord", "form", "chorus_id"),
    "sections": ("melid", "type", "start", "end", "value"),
}


_METER = ("num", "denom")


def _numbers(*names: str) -> str:
    return " AND ".join(f"typeof({name}) IN ('integer', 'real')" for name in names)


def _whole(**limits: tuple[int, int]) -> str:
    """Return an SQL condition: columns contain integers within limits."""
    return " AND ".join(
        f"{name} BETWEEN {low} AND {high} AND CAST({name} AS INTEGER) = {name}"
        for name, (low, high) in limits.items()
    )


_SOUND_TONE = " AND ".join(
    (
        _numbers("onset", "pitch", "duration", "division", "bar", "beat", "tatum", "beatdur"),
        "onset BETWEEN -1e6 AND 1e6 AND pitch BETWEEN -0.5 AND 127.5",
        "duration BETWEEN 0 AND 1e5 AND beatdur BETWEEN 1e-3 AND 1e4",
        _whole(division=(1, 1000), beat=(1, 64), tatum=(1, 1000), bar=(-MOST_BARS, MOST_BARS)),
    )
)
_SOUND_BEAT = f"{_numbers('bar', 'beat')} AND " + _whole(bar=(-MOST_BARS, MOST_BARS), beat=(1, 64))


class ToneEvent(NamedTuple):
    """One row of ``melody``: a performed tone.

    ``bar``, ``beat`` and ``tatum`` are its metrical position (beat and tatum count from 1),
    ``division`` is the number of tatums in its beat, ``loudness`` a level in decibels or None.
    """

    onset_seconds: float
    pitch: float
    duration_seconds: float
    division: int
    bar: int
    beat: int
    tatum: int
    meter_beats: int
    meter_unit: int
    beat_seconds: float
    loudness: float | None


class Beat(NamedTuple):
    """One row of ``beats``; chord, form and signature are empty if unchanged."""

    onset_seconds: float
    bar: int
    beat: int
    signature: str
    chord: str
    form: str
    chorus: int


class Section(NamedTuple):
    """One row of ``sections``: the notes from `first` to `last`, inclusive, counted from 0."""

    kind: str
    first: int
    last: int
    value: str


@dataclass(frozen=True, slots=True)
class Transcription:
    """One solo of the database.

    Parameters
    ----------
    number : int
        The solo's ``melid``.
    name : str
        The name of its transcription file without ``_FINAL.sv``, as in the lists of a split.
    performer, title, signature : str
        From ``solo_info``; empty if unknown.
    tempo_bpm : float or None
        The average tempo.
    tempo_class, style, feel, key, instrument : str
        From ``solo_info``; empty if absent.
    tones : tuple of ToneEvent
        By performed onset.
    beats : tuple of Beat
        The beats, in order.
    sections : tuple of Section
        Phrases, choruses, form parts and other spans.
    """

    number: int
    name: str
    performer: str
    title: str
    signature: str
    tempo_bpm: float | None
    tempo_class: str
    style: str
    feel: str
    key: str
    instrument: str
    tones: tuple[ToneEvent, ...]
    beats: tuple[Beat, ...]
    sections: tuple[Section, ...]

    def spans(self, kind: str) -> tuple[Section, ...]:
        """Return the sections of a kind, such as ``PHRASE``, ``CHORUS`` or ``FORM``."""
        return tuple(section for section in self.sections if section.kind == kind)


def parse(
    data: bytes, name: str = "database", numbers: Sequence[int] | None = None
) -> tuple[Transcription, ...]:
    """Read the solos of a database, by rising number.

    Parameters
    ----------
    data : bytes
        A database in the published schema, or a part of one.
    name : str
        The name in messages.
    numbers : sequence of int or None
        The ``melid`` of the solos to read; None for all.

    Raises
    ------
    FormatError
        If it is not an SQLite file, lacks a table or column, is damaged, contains impossible
        values, or lacks a solo in `numbers`.
    """
    if not data.startswith(b"SQLite format 3\0"):
        raise FormatError(f"{name}: is not an SQLite database; give wjazzd.db or a part of it.")
    with contextlib.ExitStack() as stack:
        return _transcriptions(_connection(data, stack), name, numbers)


def _connection(data: bytes, stack: contextlib.ExitStack) -> sqlite3.Connection:
    """Open a database in memory; a large one, of which SQLite would make two copies, in a file."""
    # Bytes 18 and 19 request a write-ahead log, which a database that is only read cannot have.
    head = data[:18] + b"\1\1"
    if len(data) <= LARGEST_IN_MEMORY:
        connection = sqlite3.connect(":memory:", isolation_level=None)
        stack.callback(connection.close)
        connection.deserialize(head + data[20:])
        return connection
    copy = stack.enter_context(tempfile.NamedTemporaryFile(suffix=".db"))  # noqa: SIM115
    copy.write(head)
    copy.write(memoryview(data)[20:])
    copy.flush()
    where = f"{Path(copy.name).as_uri()}?mode=ro&immutable=1"
    connection = sqlite3.connect(where, uri=True, isolation_level=None)
    stack.callback(connection.close)
    return connection


def _transcriptions(
    connection: sqlite3.Connection, name: str, numbers: Sequence[int] | None
) -> tuple[Transcription, ...]:
    budget = iter(range(20_000))
    try:
        # A malicious schema may run functions or loop for ever; both are prevented.
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST_TEXT)
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA cell_size_check = ON")
        connection.set_progress_handler(lambda: next(budget, None) is None, 50_000)
        return _Reader(connection, name).transcriptions(numbers)
    except (sqlite3.Error, sqlite3.Warning, OverflowError, UnicodeDecodeError) as error:
        code = getattr(error, "sqlite_errorcode", None)
        if code == sqlite3.SQLITE_INTERRUPT and next(budget, None) is not None:
            # What Ctrl-C raises in the progress handler, SQLite reports as this error.
            raise KeyboardInterrupt from error
        raise FormatError(
            f"{name}: is damaged ({str(error).lower()[:80]}); download it again."
        ) from error


class _Reader:
    """A reader of an open database."""

    def __init__(self, connection: sqlite3.Connection, name: str) -> None:
        self.connection = connection
        self.name = name
        self.columns = {table: self._check(table, needed) for table, needed in _COLUMNS.items()}

    def fail(self, what: str) -> NoReturn:
        raise FormatError(f"{self.name}: {what}")

    def _check(self, table: str, needed: tuple[str, ...]) -> set[str]:
        found = self.connection.execute(
            "SELECT type, sql FROM sqlite_master "
            "WHERE lower(name) = ? AND type IN ('table', 'view')",
            (table,),
        ).fetchone()
        if found is None:
            self.fail(f"has no table {table!r}; give a database in the Weimar schema.")
        kind, sql = found
        if kind != "table" or not isinstance(sql, str) or re.match(r"\s*CREATE\s+V", sql, re.I):
            self.fail(f"{table!r} is not a plain table; give a database in the Weimar schema.")
        columns = {
            str(row[1]).lower() for row in self.connection.execute(f"PRAGMA table_info({table})")
        }
        for column in needed:
            if column not in columns:
                self.fail(
                    f"table {table!r} has no column {column!r}; "
                    "give a database in the Weimar schema."
                )
        return columns

    def rows(
        self, table: str, wanted: Sequence[str], only: set[int] | None
    ) -> list[tuple[Any, ...]]:
        """Fetch columns of a table, melid first; NULL for an absent optional column."""
        listed = ", ".join(
            f'"{column}"' if column in self.columns[table] else "NULL" for column in wanted
        )
        return self._select(listed, table, only)

    def _select(self, listed: str, table: str, only: set[int] | None) -> list[tuple[Any, ...]]:
        query = f"SELECT {listed} FROM {table}"
        if only is not None:
            query += f" WHERE melid IN ({', '.join(map(str, sorted(only)))})"
        found = self.connection.execute(query).fetchmany(MOST_ROWS + 1)
        if len(found) > MOST_ROWS:
            self.fail(f"table {table!r} has over {MOST_ROWS:,} rows, the limit.")
        return found

    def transcriptions(self, numbers: Sequence[int] | None) -> tuple[Transcription, ...]:
        only = None if numbers is None else {int(number) for number in numbers}
        if only is not None and (len(only) > 10_000 or any(abs(n) >= 2**62 for n in only)):
            self.fail("solo numbers must be below 2**62, and at most 10,000 of them.")
        infos: dict[int, tuple[Any, ...]] = {}
        wanted = (*_COLUMNS["solo_info"], "tempoclass", "style", "rhythmfeel", "key", "instrument")
        for row in self.rows("solo_info", wanted, only):
            number = self.integer(row[0], "solo_info", "melid", row[0])
            if number in infos:
                self.fail(f"solo {number} is twice in 'solo_info'; give an undamaged file.")
            infos[number] = row
        for number in sorted(only or ()):
            if number not in infos:
                self.fail(f"has no solo {number}; it holds {_range_of(self.numbers())}.")
        file_names = {
            row[0]: _text(row[1])
            for row in self.rows("transcription_info", ("melid", "filename_sv"), only)
        }
        tones = self.tones(only, infos.keys())
        beats = self.beats(only, infos.keys())
        sections = self.sections(only, infos.keys())
        return tuple(
            Transcription(
                number=number,
                name=re.sub(r"(_FINAL)?\.sv$", "", file_names.get(number, "")) or str(number),
                performer=_text(row[1]),
                title=_text(row[2]),
                signature=_text(row[4]),
                tempo_bpm=_tempo(row[3]),
                tempo_class=_text(row[5]),
                style=_text(row[6]),
                feel=_text(row[7]),
                key=_text(row[8]),
                instrument=_text(row[9]),
                tones=tuple(tones.get(number, ())),
                beats=tuple(beats.get(number, ())),
                sections=tuple(sections.get(number, ())),
            )
            for number, row in sorted(infos.items())
        )

    def numbers(self) -> list[int]:
        found = self.connection.execute("SELECT melid FROM solo_info").fetchmany(MOST_ROWS)
        return sorted(row[0] for row in found if isinstance(row[0], int))

    def checked(
        self, table: str, columns: Sequence[str], sound: str, only: set[int] | None
    ) -> list[tuple[Any, ...]]:
        """Fetch expressions of a table; the last column is 1 for an invalid row."""
        # SQLite checks 200,000 rows several times faster than a Python loop.
        listed = f"melid, {', '.join(columns)}, CASE WHEN {sound} THEN 0 ELSE 1 END"
        return self._select(listed, table, only)

    def first_unsound(self, table: str, sound: str, number: object) -> tuple[Any, ...]:
        """Fetch the first invalid row of a solo."""
        listed = ", ".join(f'"{column}"' for column in _COLUMNS[table])
        row: tuple[Any, ...] = self.connection.execute(
            f"SELECT {listed} FROM {table} "
            f"WHERE melid = ? AND CASE WHEN {sound} THEN 0 ELSE 1 END LIMIT 1",
            (number,),
        ).fetchone()
        return row

    def tones(self, only: set[int] | None, known: Any) -> dict[int, list[ToneEvent]]:
        loud = next((n for n in ("loud_med", "loud_max") if n in self.columns["melody"]), "NULL")
        columns = (
            *("CAST(onset AS REAL)", "CAST(pitch AS REAL)", "CAST(duration AS REAL)"),
            *(f"CAST({name} AS INTEGER)" for name in ("division", "bar", "beat", "tatum")),
            *(f"CASE typeof({name}) WHEN 'integer' THEN {name} ELSE 0 END" for name in _METER),
            "CAST(beatdur AS REAL)",
            f"CASE WHEN typeof({loud}) IN ('integer', 'real') THEN CAST({loud} AS REAL) END",
        )
        found: dict[int, list[ToneEvent]] = {number: [] for number in known}
        make = ToneEvent._make
        for row in self.checked("melody", columns, _SOUND_TONE, only):
            into = found.get(row[0])
            if into is not None:
                if row[-1]:
                    self.tone_is_wrong(self.first_unsound("melody", _SOUND_TONE, row[0]))
                into.append(make(row[1:-1]))
        for events in found.values():
            events.sort(key=_onset)
        return found

    def tone_is_wrong(self, row: tuple[Any, ...]) -> NoReturn:
        for column, value in zip(_COLUMNS["melody"], row, strict=False):
            if not isinstance(value, (int, float)):
                self.fail(f"solo {row[0]}: a tone's {column!r} is not a number; correct that row.")
        self.fail(
            f"solo {row[0]}: the tone at {row[1]} seconds has an impossible value (bar {row[5]}, "
            f"beat {row[6]}, tatum {row[7]} of {row[4]}, pitch {row[2]}, duration {row[3]}, beat "
            f"of {row[10]} seconds); correct that row."
        )

    def beats(self, only: set[int] | None, known: Any) -> dict[int, list[Beat]]:
        columns = (
            "CASE WHEN typeof(onset) IN ('integer', 'real') THEN CAST(onset AS REAL) ELSE 0.0 END",
            *("CAST(bar AS INTEGER)", "CAST(beat AS INTEGER)"),
            *(
                f"coalesce(trim(CAST({name} AS TEXT)), '')"
                for name in ("signature", "chord", "form")
            ),
            "CASE typeof(chorus_id) WHEN 'integer' THEN chorus_id ELSE 0 END",
        )
        found: dict[int, list[Beat]] = {number: [] for number in known}
        make = Beat._make
        for row in self.checked("beats", columns, _SOUND_BEAT, only):
            into = found.get(row[0])
            if into is not None:
                if row[-1]:
                    _, _, bar, beat, *_ = self.first_unsound("beats", _SOUND_BEAT, row[0])
                    self.integer(bar, "beats", "bar", row[0])
                    self.integer(beat, "beats", "beat", row[0])
                    self.fail(
                        f"solo {row[0]}: 'beats' has bar {bar}, beat {beat}; correct that row."
                    )
                into.append(make(row[1:-1]))
        for beats in found.values():
            beats.sort(key=_place)
        return found

    def sections(self, only: set[int] | None, known: Any) -> dict[int, list[Section]]:
        found: dict[int, list[Section]] = {number: [] for number in known}
        for melid, kind, first, last, value in self.rows("sections", _COLUMNS["sections"], only):
            into = found.get(melid)
            if into is None:
                continue
            into.append(
                Section(
                    _text(kind).upper(),
                    self.integer(first, "sections", "start", melid),
                    self.integer(last, "sections", "end", melid),
                    _text(value),
                )
            )
        for sections in found.values():
            sections.sort(key=lambda section: section.first)
        return found

    def integer(self, value: object, table: str, column: str, number: object) -> int:
        if isinstance(value, float) and value.is_integer() and abs(value) < 2**62:
            return int(value)
        if not isinstance(value, int):
            self.fail(
                f"solo {str(number)[:20]}: {column!r} in {table!r} is not a whole number; "
                "correct that row."
            )
        return value


def _onset(tone: ToneEvent) -> float:
    return tone.onset_seconds


def _place(beat: Beat) -> tuple[int, int]:
    return beat.bar, beat.beat


def _text(value: object) -> str:
    return "" if value is None else str(value).strip()


def _tempo(value: object) -> float | None:
    sound = isinstance(value, (int, float)) and 1 <= value <= 2000
    return float(value) if sound and isinstance(value, (int, float)) else None


def _range_of(numbers: Sequence[int]) -> str:
    if not numbers:
        return "no solo at all"
    return f"{len(numbers)} solos, {numbers[0]} to {numbers[-1]}"


@lru_cache(maxsize=4096)
def _meter(text: str) -> Meter | None:
    try:
        return Meter.parse(text)
    except FormatError:
        return None


@lru_cache(maxsize=4096)
def _chord(symbol: str) -> Chord:
    return Chord.parse(symbol, "weimar")


def chord_of(symbol: str, bar: int, name: str) -> Chord:
    """Read a chord such as ``Bbj7911#``; the ChordError of an unknown one names solo and bar."""
    try:
        return _chord(symbol)
    except ChordError as error:
        raise ChordError(f"{name}, bar {bar}: {error}") from error


def first_bar(transcription: Transcription) -> int:
    """Return the number of the bar in which the form begins, almost always 1.

    Bars without chords before the first chorus are a count-in or a pickup; an intro with chords is
    part of the form.
    """
    for beat in transcription.beats:
        if beat.chorus >= 1 or beat.chord not in ("", "NC"):
            return beat.bar
    if transcription.beats:
        return transcription.beats[0].bar
    return min((tone.bar for tone in transcription.tones), default=1)


def solo(transcription: Transcription) -> Solo:
    """Return a transcription on the grid of 24 ticks to the quarter.

    Onsets are the annotated tatums, durations the performed ones at the local tempo, cut at the
    next onset; of two notes on one tick the earlier one is kept. Tick 0 is the downbeat of the bar
    in which the form begins (:func:`first_bar`).

    Raises
    ------
    ChordError
        If a chord symbol is unknown; the message names solo and bar.
    FormatError
        If the solo has more than 10,000 bars.
    """
    start = first_bar(transcription)
    meters = _bar_meters(transcription, start)
    changes = form(transcription)
    home = meters[start] if start in meters else _home_meter(transcription)
    starts = changes.bar_starts if changes else (0,)
    placed: list[tuple[int, int, int]] = []  # onset, index of the tone, duration
    for index, tone in enumerate(transcription.tones):
        number = tone.bar - start
        if number < 0:
            downbeat = number * home.ticks_per_bar
        elif number < len(starts):
            downbeat = starts[number]
        else:
            downbeat = starts[-1] + (number - len(starts) + 1) * home.ticks_per_bar
        beat_ticks = meters.get(tone.bar, home).ticks_per_beat
        onset = downbeat + (tone.beat - 1) * beat_ticks
        onset += round(beat_ticks * (tone.tatum - 1) / tone.division)
        duration = max(1, round(beat_ticks * tone.duration_seconds / tone.beat_seconds))
        placed.append((onset, index, duration))
    placed.sort()
    kept = [next(group) for _, group in groupby(placed, key=itemgetter(0))]
    notes = []
    for at, (onset, index, duration) in enumerate(kept):
        tone = transcription.tones[index]
        if at + 1 < len(kept):
            duration = min(duration, kept[at + 1][0] - onset)
        pitch = min(127, max(0, round(tone.pitch)))
        notes.append(Note(onset, duration, pitch, _velocity(tone.loudness)))
    phrases = {section.first for section in transcription.spans("PHRASE")}
    return Solo(
        title=transcription.title,
        notes=tuple(notes),
        changes=changes,
        performer=transcription.performer,
        key=_key(transcription.key),
        tempo_bpm=transcription.tempo_bpm,
        style=transcription.style,
        phrase_starts=tuple(at for at, (_, index, _) in enumerate(kept) if index in phrases),
    )


def form(transcription: Transcription, meter: Meter | None = None) -> Changes | None:
    """Return the bars of a solo from :func:`first_bar` on, with chords and chorus starts.

    Every bar has the given meter, or its own if None. The result is None without beats.

    Raises
    ------
    ChordError
        If a chord symbol is unknown; the message names solo and bar.
    FormatError
        If the solo has more than 10,000 bars.
    """
    start = first_bar(transcription)
    meters = _bar_meters(transcription, start)
    if meter is not None:
        meters = dict.fromkeys(meters, meter)
    bars = _bars(transcription, meters)
    return Changes(bars, tuple(_chorus_starts(transcription.beats, start))) if bars else None


def _home_meter(transcription: Transcription) -> Meter:
    return _meter(transcription.signature) or Meter()


def _bar_meters(transcription: Transcription, start: int) -> dict[int, Meter]:
    """Return the meter of every bar of the form, by bar number in the database."""
    meter = _home_meter(transcription)
    said: dict[int, Meter] = {}
    for beat in transcription.beats:
        if beat.bar not in said and beat.bar >= start:
            said[beat.bar] = meter = _meter(beat.signature) or meter
    if not said:
        return {}
    last = max(said)
    if last - start > MOST_BARS:
        raise FormatError(f"{transcription.name}: has over {MOST_BARS:,} bars, the limit.")
    meter = said[min(said)]
    filled: dict[int, Meter] = {}
    for number in range(start, last + 1):
        filled[number] = meter = said.get(number, meter)
    return filled


def _bars(transcription: Transcription, meters: dict[int, Meter]) -> tuple[Bar, ...]:
    chords: dict[int, list[ChordChange]] = {number: [] for number in meters}
    sections: dict[int, str] = {}
    for beat in transcription.beats:
        if beat.bar not in meters:
            continue
        if beat.form:
            sections.setdefault(beat.bar, beat.form)
        if beat.chord:
            onset = (beat.beat - 1) * meters[beat.bar].ticks_per_beat
            if onset < meters[beat.bar].ticks_per_bar:
                chord = chord_of(beat.chord, beat.bar, transcription.name)
                chords[beat.bar].append(ChordChange(onset, chord))
    return tuple(
        Bar(tuple(chords[number]), meter, sections.get(number)) for number, meter in meters.items()
    )


def _chorus_starts(beats: Sequence[Beat], start: int) -> Iterator[int]:
    current = 0
    for beat in beats:
        if beat.chorus > current and beat.bar >= start:
            current = beat.chorus
            yield beat.bar - start


def _velocity(loudness: float | None) -> int:
    """Map the median level of a tone, mostly 55 to 80 dB, to a velocity."""
    if loudness is None or not -200 < loudness < 200:
        return 90
    return min(127, max(20, round(90 + 2.5 * (loudness - 68))))


def _key(text: str) -> Key | None:
    """Read a key such as ``Bb-maj`` or ``F-min``; None for anything else."""
    match = re.fullmatch(r"([A-G][#b]?)-(maj|min)(?:or)?", text)
    try:
        return Key.parse(f"{match[1]} {match[2]}") if match else None
    except FormatError:
        return None
