"""Decoding a Standard MIDI File to tracks of notes.

Conventions: times are the file's own ticks, counted from its start; :meth:`MidiFile.quarters`
converts them to exact quarters. Nothing is rounded here; :mod:`sideman.formats.midi.solo`
quantises.

The decoder is written here because it is short, several times faster than a library on a file of
30,000 events, and as tolerant as a player: it skips unknown chunks and accepts running status
across a system exclusive and a missing end of track.
"""

from __future__ import annotations

import os
import re
from bisect import bisect_right
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import NamedTuple, TypeVar

from sideman.errors import FormatError
from sideman.files import MEBIBYTE, read_bytes
from sideman.formats.midi import xf
from sideman.theory.chord import Chord
from sideman.theory.meter import Meter
from sideman.theory.pitch import Key

MOST_BYTES = 16 * MEBIBYTE
MOST_EVENTS = 1_000_000
MOST_TRACKS = 1_024
DEFAULT_TEMPO = 500_000
"""Microseconds per quarter in a file without tempo: 120 quarters per minute."""
PERCUSSION_CHANNEL = 9
"""Channel 10, counted from 1."""

_TEXTS = {
    1: "text",
    2: "copyright",
    3: "name",
    4: "instrument",
    5: "lyric",
    6: "marker",
    7: "cue",
    8: "program",
    9: "device",
}
_MOST_TEXT = 500
_T = TypeVar("_T")


class MidiNote(NamedTuple):
    """A key pressed and released.

    Parameters
    ----------
    onset, end : int
        File ticks; equal if the key is released at once.
    pitch : int
        MIDI number.
    velocity : int
        1 to 127.
    channel : int
        0 to 15.
    """

    onset: int
    end: int
    pitch: int
    velocity: int
    channel: int


class MidiText(NamedTuple):
    """A text event.

    Parameters
    ----------
    tick : int
        File ticks.
    kind : str
        ``text``, ``copyright``, ``name``, ``instrument``, ``lyric``, ``marker``, ``cue``,
        ``program`` or ``device``.
    text : str
        The text, without control characters and outer spaces.
    """

    tick: int
    kind: str
    text: str


class ProgramChange(NamedTuple):
    """A program change.

    Parameters
    ----------
    tick : int
        File ticks.
    channel : int
        0 to 15.
    program : int
        General MIDI program, 0 to 127.
    """

    tick: int
    channel: int
    program: int


class ControlChange(NamedTuple):
    """A change of a controller or of the pitch wheel.

    Parameters
    ----------
    tick : int
        File ticks.
    channel : int
        0 to 15.
    controller : int
        0 to 127; -1 for the pitch wheel.
    value : int
        0 to 127; for the pitch wheel 0 to 16383, with 8192 at rest.
    """

    tick: int
    channel: int
    controller: int
    value: int


@dataclass(frozen=True, slots=True)
class MidiTrack:
    """One track chunk; all tuples are in file order.

    Parameters
    ----------
    name : str
        The track name, else the instrument name, else empty.
    notes : tuple of MidiNote
        In the order of note-ons; a track may use several channels.
    programs : tuple of ProgramChange
        The program changes.
    tempos : tuple of (int, int)
        File tick and microseconds per quarter.
    meters : tuple of (int, Meter)
        File tick and time signature.
    keys : tuple of (int, Key)
        File tick and key signature.
    texts : tuple of MidiText
        All text events, including the name.
    controls : tuple of ControlChange
        The control changes.
    end : int
        File tick at which the track ends.
    private : tuple of bytes
        Sequencer-specific data (meta event 7F).
    chords : tuple of (int, bytes)
        File tick and data of the chords in XF format (:mod:`sideman.formats.midi.xf`).
    """

    name: str = ""
    notes: tuple[MidiNote, ...] = ()
    programs: tuple[ProgramChange, ...] = ()
    tempos: tuple[tuple[int, int], ...] = ()
    meters: tuple[tuple[int, Meter], ...] = ()
    keys: tuple[tuple[int, Key], ...] = ()
    texts: tuple[MidiText, ...] = ()
    controls: tuple[ControlChange, ...] = ()
    end: int = 0
    private: tuple[bytes, ...] = ()
    chords: tuple[tuple[int, bytes], ...] = ()


@dataclass(frozen=True, slots=True)
class MidiPart:
    """The notes of one player: one channel of one track.

    Parameters
    ----------
    number : int
        The index of the part; tracks without notes are not counted.
    name : str
        The track's name; empty if it has none.
    track : int
        Index of the track.
    channel : int
        0 to 15.
    program : int
        General MIDI program at the first note.
    notes : tuple of MidiNote
        In the order of note-ons.
    """

    number: int
    name: str
    track: int
    channel: int
    program: int
    notes: tuple[MidiNote, ...]

    @property
    def percussion(self) -> bool:
        """Return whether the part is on the percussion channel."""
        return self.channel == PERCUSSION_CHANNEL


@dataclass(frozen=True)
class MidiFile:
    """A MIDI file.

    Parameters
    ----------
    name : str
        The name in messages.
    format : int
        0: one track; 1: simultaneous tracks; 2: independent patterns.
    ticks_per_quarter : Fraction
        The resolution; an integer unless the file counts SMPTE frames.
    tracks : tuple of MidiTrack
        In file order.
    remarks : tuple of str
        One sentence for each irregularity and its interpretation.
    """

    name: str
    format: int
    ticks_per_quarter: Fraction
    tracks: tuple[MidiTrack, ...]
    remarks: tuple[str, ...] = ()

    def quarters(self, tick: int) -> Fraction:
        """Convert file ticks to exact quarters from the start of the file."""
        return tick / self.ticks_per_quarter

    @cached_property
    def parts(self) -> tuple[MidiPart, ...]:
        """The notes of each track, split by channel; tracks without notes are omitted."""
        parts: list[MidiPart] = []
        everywhere = _by_channel(change for track in self.tracks for change in track.programs)
        for index, track in enumerate(self.tracks):
            by_channel: dict[int, list[MidiNote]] = {}
            for note in track.notes:
                by_channel.setdefault(note.channel, []).append(note)
            # In format 0 the track name is the title, not a player.
            own = _by_channel(track.programs)
            shared = self.format == 0 and len(by_channel) > 1
            for channel, notes in by_channel.items():
                first = min(note.onset for note in notes)
                chosen = own.get(channel) or everywhere.get(channel) or ()
                parts.append(
                    MidiPart(
                        number=len(parts),
                        name="" if shared else track.name,
                        track=index,
                        channel=channel,
                        program=_program_at(first, chosen),
                        notes=tuple(notes),
                    )
                )
        return tuple(parts)

    @cached_property
    def tempos(self) -> tuple[tuple[int, int], ...]:
        """File tick and microseconds per quarter of each tempo, by rising tick, from tick 0 on."""
        found = _one_per_tick(tempo for track in self._common for tempo in track.tempos)
        if not found or found[0][0] > 0:
            found = ((0, DEFAULT_TEMPO), *found)
        return found

    @cached_property
    def meters(self) -> tuple[tuple[int, Meter], ...]:
        """File tick and meter of each time signature, by rising tick; may be empty."""
        return _one_per_tick(meter for track in self._common for meter in track.meters)

    @cached_property
    def keys(self) -> tuple[tuple[int, Key], ...]:
        """File tick and key of each key signature, by rising tick."""
        return _one_per_tick(key for track in self._common for key in track.keys)

    @cached_property
    def texts(self) -> tuple[MidiText, ...]:
        """The text events of all tracks, by rising tick."""
        every = [text for track in self._common for text in track.texts]
        return tuple(sorted(every, key=lambda text: text.tick))

    @cached_property
    def chords(self) -> tuple[tuple[int, Chord], ...]:
        """The chords in XF format: ticks of 24 to the quarter from the start, and chords."""
        return xf.arrivals(
            (float(self.quarters(tick)), data)
            for track in self._common
            for tick, data in track.chords
        )

    @property
    def _common(self) -> tuple[MidiTrack, ...]:
        # The patterns of a format-2 file have separate clocks: see `pattern`.
        return self.tracks[:1] if self.format == 2 else self.tracks

    @cached_property
    def end(self) -> int:
        """File tick of the last release; 0 without notes."""
        return max((note.end for track in self.tracks for note in track.notes), default=0)

    @property
    def tempo_bpm(self) -> float:
        """Quarters per minute at the first note, or at the start without notes."""
        onsets = (note.onset for track in self._common for note in track.notes)
        index = bisect_right(self.tempos, (min(onsets, default=0), 1 << 24)) - 1
        return round(60_000_000 / self.tempos[index][1], 3)

    def seconds(self, tick: int) -> float:
        """Convert file ticks to seconds from the start of the file."""
        total, before, pace = 0, 0, DEFAULT_TEMPO
        for when, tempo in self.tempos:
            if when >= tick:
                break
            total += (when - before) * pace
            before, pace = when, tempo
        return float((total + (tick - before) * pace) / self.ticks_per_quarter / 1_000_000)

    def pattern(self, track: int) -> MidiFile:
        """Return what sounds together with a track: this file, or in format 2 the track alone."""
        if self.format != 2:
            return self
        return MidiFile(self.name, 0, self.ticks_per_quarter, (self.tracks[track],), self.remarks)


def _by_channel(changes: Iterable[ProgramChange]) -> dict[int, list[ProgramChange]]:
    """Return the program changes of each channel, by rising tick."""
    sorted_by_channel: dict[int, list[ProgramChange]] = {}
    for change in sorted(changes, key=lambda change: change.tick):
        sorted_by_channel.setdefault(change.channel, []).append(change)
    return sorted_by_channel


def _program_at(tick: int, changes: Sequence[ProgramChange]) -> int:
    """Return the program at a tick, or the first later one."""
    if not changes:
        return 0
    index = bisect_right(changes, tick, key=lambda change: change.tick) - 1
    return changes[max(index, 0)].program


def _one_per_tick(pairs: Iterable[tuple[int, _T]]) -> tuple[tuple[int, _T], ...]:
    """Sort by tick; the last of several at one tick is kept."""
    return tuple(sorted(dict(pairs).items(), key=lambda pair: pair[0]))


def read(path: str | os.PathLike[str]) -> MidiFile:
    """Read a MIDI file of at most 16 MiB; see :func:`parse`."""
    return parse(read_bytes(path, at_most=MOST_BYTES), Path(path).name)


def parse(data: bytes, name: str = "MIDI data") -> MidiFile:
    """Decode a Standard MIDI File, also inside RIFF (``.rmi``).

    Notes are paired within a track, channel and pitch: a note-on of velocity 0 is a note-off, a
    note-off ends the oldest sounding note, and a note without note-off lasts to the end of its
    track.

    Raises
    ------
    FormatError
        If it is not a MIDI file, is truncated, or has more than 16 MiB, 1,000,000 events or 1,024
        tracks.

    Examples
    --------
    >>> header = b"MThd" + bytes([0, 0, 0, 6, 0, 0, 0, 1, 0, 96])
    >>> track = bytes([0, 0x90, 60, 90, 96, 60, 0, 0, 0xFF, 0x2F, 0])
    >>> parse(header + b"MTrk" + len(track).to_bytes(4, "big") + track).tracks[0].notes
    (MidiNote(onset=0, end=96, pitch=60, velocity=90, channel=0),)
    """
    if len(data) > MOST_BYTES:
        raise FormatError(
            f"{name}: larger than {MOST_BYTES // MEBIBYTE} MiB, the limit for a MIDI file; "
            "give a smaller one."
        )
    data = _unwrapped(data)
    if not data:
        raise FormatError(f"{name}: is empty; give a MIDI file.")
    if data[:4] != b"MThd":
        raise FormatError(f"{name}: is not a MIDI file; give one, such as a take.")
    length = int.from_bytes(data[4:8], "big")
    if len(data) < 14 or len(data) < 8 + length:
        raise FormatError(f"{name}: is cut off within its header; get a complete copy.")
    if length < 6:
        raise FormatError(f"{name}: has a MIDI header of {length} bytes instead of 6.")
    kind, announced, division = (int.from_bytes(data[at : at + 2], "big") for at in (8, 10, 12))
    if kind > 2:
        raise FormatError(f"{name}: is of MIDI format {kind}; only 0, 1 and 2 exist.")
    if division == 0:
        raise FormatError(f"{name}: counts 0 ticks to a quarter; give at least 1.")

    remarks: list[str] = []
    tracks: list[MidiTrack] = []
    budget = MOST_EVENTS
    position = 8 + length
    while position + 8 <= len(data):
        size = int.from_bytes(data[position + 4 : position + 8], "big")
        start, position = position + 8, position + 8 + size
        if data[start - 8 : start - 4] != b"MTrk":
            continue  # By the standard, unknown chunks are skipped.
        if len(tracks) == MOST_TRACKS:
            raise FormatError(
                f"{name}: has more than {MOST_TRACKS:,} tracks, the limit; give a smaller file."
            )
        if position > len(data):
            raise FormatError(
                f"{name}: is cut off within track {len(tracks) + 1}; get a complete copy."
            )
        where = f"{name}, track {len(tracks) + 1}"
        track, budget = _read_track(data[start:position], where, budget, remarks)
        tracks.append(track)
    if not tracks:
        raise FormatError(f"{name}: has no tracks; give a MIDI file with music in it.")
    if len(tracks) < announced:
        remarks.append(
            f"It announces {announced:,} tracks and holds {len(tracks):,}: perhaps it is cut off."
        )
    if kind == 0 and len(tracks) > 1:
        remarks.append(f"It says format 0 but holds {len(tracks)} tracks: read as format 1.")
        kind = 1
    clock = _clock(name, division, tracks, remarks)
    return MidiFile(name, kind, clock, tuple(tracks), tuple(remarks))


def _unwrapped(data: bytes) -> bytes:
    """Return the MIDI file in a RIFF container."""
    if data[:4] == b"RIFF" and data[8:12] == b"RMID":
        start = data.find(b"MThd", 12, 4096)
        return data[start:] if start >= 0 else data
    return data


def _clock(name: str, division: int, tracks: list[MidiTrack], remarks: list[str]) -> Fraction:
    """Return file ticks per quarter; SMPTE ticks are converted at the first tempo."""
    if division < 0x8000:
        return Fraction(division)
    frames, ticks = 256 - (division >> 8), division & 0xFF
    if frames not in (24, 25, 29, 30) or ticks == 0:
        raise FormatError(
            f"{name}: counts {ticks} ticks at {frames} frames a second: no such clock."
        )
    per_second = (Fraction(30_000, 1_001) if frames == 29 else Fraction(frames)) * ticks
    tempos = [tempo for track in tracks for tempo in track.tempos]
    tempo = min(tempos, key=lambda pair: pair[0])[1] if tempos else DEFAULT_TEMPO
    remarks.append(
        f"It counts film frames ({frames} a second, {ticks} ticks each): beats are taken at "
        f"{60_000_000 / tempo:g} a minute."
    )
    return per_second * tempo / 1_000_000


def _length(chunk: bytes, position: int) -> tuple[int, int]:
    """Read a variable-length number; raises ValueError above four bytes."""
    number = 0
    for _ in range(4):
        byte = chunk[position]
        position += 1
        number = number << 7 | byte & 0x7F
        if byte < 0x80:
            return number, position
    raise ValueError("a number of more than four bytes")


def _read_track(chunk: bytes, where: str, budget: int, remarks: list[str]) -> tuple[MidiTrack, int]:
    """Decode the events of one track; return it and the remaining budget of events."""
    onsets: list[tuple[int, int, int, int]] = []
    ends: list[int] = []
    sounding: dict[int, deque[int]] = {}
    programs: list[ProgramChange] = []
    controls: list[ControlChange] = []
    metas: list[tuple[int, int, bytes]] = []
    size = len(chunk)
    position = tick = running = used = 0
    try:
        for used in range(budget + 1):  # noqa: B007 (its last value is what was used)
            if position >= size:
                break
            byte = chunk[position]
            position += 1
            if byte < 0x80:
                tick += byte
            else:
                delta, position = _length(chunk, position - 1)
                tick += delta
            status = chunk[position]
            if status < 0x80:
                status = running
            else:
                position += 1
            if 0x80 <= status < 0xC0 or 0xE0 <= status < 0xF0:
                running = status
                first, second = chunk[position], chunk[position + 1]
                position += 2
                if (first | second) & 0x80:
                    raise ValueError("a status byte instead of data")
                if status < 0xA0:
                    key = (status & 0x0F) << 7 | first
                    if status >= 0x90 and second:
                        if key in sounding:
                            sounding[key].append(len(ends))
                        else:
                            sounding[key] = deque((len(ends),))
                        onsets.append((tick, first, second, status & 0x0F))
                        ends.append(-1)
                    elif sounding.get(key):
                        ends[sounding[key].popleft()] = tick
                elif 0xB0 <= status < 0xC0:
                    controls.append(ControlChange(tick, status & 0x0F, first, second))
                elif status >= 0xE0:
                    controls.append(ControlChange(tick, status & 0x0F, -1, second << 7 | first))
            elif status >= 0xF0:
                if status == 0xFF:
                    meta = chunk[position]
                    length, position = _length(chunk, position + 1)
                    if position + length > size:
                        raise IndexError
                    if meta == 0x2F:
                        break
                    metas.append((tick, meta, chunk[position : position + length]))
                    position += length
                elif status in (0xF0, 0xF7):
                    length, position = _length(chunk, position)
                    position += length
                    if position > size:
                        raise IndexError
                else:  # System messages are not allowed in a file; skip them as players do.
                    position += {0xF1: 1, 0xF2: 2, 0xF3: 1}.get(status, 0)
            elif status >= 0xC0:
                running = status
                first = chunk[position]
                position += 1
                if first & 0x80:
                    raise ValueError("a status byte instead of data")
                if status < 0xD0:
                    programs.append(ProgramChange(tick, status & 0x0F, first))
            else:
                raise ValueError("data before any status")
        else:
            raise FormatError(
                f"{where}: the file has more than {MOST_EVENTS:,} events, the limit; give a "
                "smaller one."
            )
    except IndexError:
        raise FormatError(
            f"{where}: ends in the middle of an event; get a complete copy of the file."
        ) from None
    except ValueError as error:
        raise FormatError(
            f"{where}: is damaged at byte {position:,} ({error}); get another copy of the file."
        ) from None
    notes = tuple(
        MidiNote(onset, tick if end < 0 else end, pitch, velocity, channel)
        for (onset, pitch, velocity, channel), end in zip(onsets, ends, strict=True)
    )
    track = MidiTrack(notes=notes, programs=tuple(programs), controls=tuple(controls), end=tick)
    return _with_metas(track, metas, where, remarks), budget - used


def _with_metas(
    track: MidiTrack, metas: list[tuple[int, int, bytes]], where: str, remarks: list[str]
) -> MidiTrack:
    """Add the meta events: texts, tempos, time and key signatures."""
    tempos: list[tuple[int, int]] = []
    meters: list[tuple[int, Meter]] = []
    keys: list[tuple[int, Key]] = []
    texts: list[MidiText] = []
    for tick, kind, data in metas:
        if kind in _TEXTS:
            texts.append(MidiText(tick, _TEXTS[kind], _words(data)))
        elif kind == 0x51 and any(data[:3]) and len(data) >= 3:
            tempos.append((tick, int.from_bytes(data[:3], "big")))
        elif kind == 0x58 and len(data) >= 2:
            try:
                meters.append((tick, Meter(data[0], 1 << data[1])))
            except FormatError:
                remark = f"{where}: a time signature that no music has is passed over."
                if remark not in remarks:
                    remarks.append(remark)
        elif kind == 0x59 and len(data) >= 2:
            fifths = data[0] - 256 if data[0] > 127 else data[0]
            if abs(fifths) <= 7 and data[1] <= 1:
                keys.append((tick, Key(fifths, minor=data[1] == 1)))
    return replace(
        track,
        name=_first(texts, "name") or _first(texts, "instrument"),
        tempos=tuple(tempos),
        meters=tuple(meters),
        keys=tuple(keys),
        texts=tuple(texts),
        private=tuple(data for _, kind, data in metas if kind == 0x7F),
        chords=tuple(
            (tick, data[len(xf.MARK) :])
            for tick, kind, data in metas
            if kind == 0x7F and data.startswith(xf.MARK)
        ),
    )


def _first(texts: Iterable[MidiText], kind: str) -> str:
    return next((text.text for text in texts if text.kind == kind and text.text), "")


def _words(data: bytes) -> str:
    """Decode text as UTF-8, else as Shift-JIS, else as Western European (cp1252)."""
    data = data[: 4 * _MOST_TEXT]
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = _japanese(data) or data.decode("cp1252", errors="replace")
    return re.sub(r"[\x00-\x1f\x7f-\x9f\ufeff]+", " ", text).strip()[:_MOST_TEXT]


_WIDE = r"\u2010-\u206f\u2190-\u27bf\u3000-\u30ff\u4e00-\u9fff\uff01-\uff5e\uffe0-\uffe6"
_NARROW = r"\uff61-\uff9f"
# In Western text read as Shift-JIS an accented letter or quotation mark swallows the next letter.
_SWALLOWED = re.compile(
    rf"(?<![{_WIDE}{_NARROW}])(?:[{_WIDE}]|[{_NARROW}]{{1,2}})(?![{_WIDE}{_NARROW}])"
)


_NO_CP1252 = b"\x81\x8d\x8f\x90\x9d"


def _japanese(data: bytes) -> str | None:
    """Decode text as Shift-JIS; None if it is rather Western."""
    try:
        text = data.decode("cp932")
    except UnicodeDecodeError:
        return None
    if re.search(rf"[^\x00-\x7f{_WIDE}{_NARROW}]", text):
        return None
    if any(byte in data for byte in _NO_CP1252):
        return text
    for found in _SWALLOWED.finditer(text):
        around = text[max(0, found.start() - 1) : found.start()] + text[found.end() :][:1]
        if re.search(r"[A-Za-z]", around) or found[0][0] > "\uff60" or len(text.strip()) > 1:
            return None
    return text
