"""The written line inside a performed MIDI file.

The written line cannot be recovered exactly from performed notes. Therefore files by sideman also
contain it, in a sequencer-specific meta event (``FF 7F``) that other programs ignore: title,
changes with sections, and the quantised notes. A checksum of the part named ``Solo`` detects later
edits; an edited file is read from its sounding notes.

The data of the event begin with 7D, the manufacturer number for non-commercial use, and the word
``sideman``; JSON follows.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sideman.errors import SidemanError
from sideman.formats.midi.bars import MOST_BARS
from sideman.formats.midi.reading import MidiFile, MidiNote, parse
from sideman.formats.midi.writing import variable_length
from sideman.score import Bar, Changes, ChordChange, Note, Solo, monophonic
from sideman.theory.chord import Chord
from sideman.theory.meter import Meter
from sideman.theory.pitch import Key

SOLO = "Solo"
"""The name of the soloist's track."""
_MARK = b"\x7dsideman"
_REQUEST = b"\x7dask-sideman"
_VERSION = 1
_MOST_NOTES = 200_000
_FURTHEST = 1 << 24
_HEADER, _CHUNK = 14, 8


def inscribed(data: bytes, solo: Solo, remarks: Sequence[str] = (), *, request: str = "") -> bytes:
    """Return a performance's file with the written solo added to its first track.

    Parameters
    ----------
    data : bytes
        A file by :func:`sideman.formats.midi.writing.dumps` with a part named ``Solo``.
    solo : Solo
        The solo, with changes.
    remarks : sequence of str
        Text events to add.
    request : str
        The request as JSON; empty for none.
    """
    bars = solo.changes.bars if solo.changes is not None else ()
    content = {
        "version": _VERSION,
        "check": _checksum(parse(data)),
        "title": solo.title,
        "performer": solo.performer,
        "key": None if solo.key is None else _key_content(solo.key),
        "tempo": solo.tempo_bpm,
        "style": solo.style,
        "choruses": list(solo.chorus_bars),
        "bars": [_bar_content(bar) for bar in bars],
        "notes": [[note.onset, note.duration, note.pitch, note.velocity] for note in solo.notes],
    }
    text = json.dumps(content, separators=(",", ":"))
    events = b"".join(
        b"\x00\xff" + kind + variable_length(len(content)) + content
        for kind, content in (
            *((b"\x01", remark.encode()) for remark in remarks),
            (b"\x7f", _MARK + text.encode()),
            *([(b"\x7f", _REQUEST + request.encode())] if request else []),
        )
    )
    begin = _HEADER + _CHUNK
    size = int.from_bytes(data[begin - 4 : begin], "big") + len(events)
    return data[: begin - 4] + size.to_bytes(4, "big") + events + data[begin:]


def written(file: MidiFile) -> Solo | None:
    """Return the solo as written; None if the file has none or was edited since."""
    for data in _private(file, _MARK):
        try:
            return _solo(json.loads(data), _checksum(file))
        except (LookupError, ValueError, TypeError, RecursionError, SidemanError):
            continue
    return None


def request(file: MidiFile) -> str | None:
    """Return the request in a take as unchecked JSON text; None if the file has none."""
    data = next(_private(file, _REQUEST), None)
    return None if data is None else data.decode("utf-8", "replace")


def _private(file: MidiFile, mark: bytes) -> Iterator[bytes]:
    for track in file.tracks:
        for data in track.private:
            if data.startswith(mark):
                yield data[len(mark) :]


def _bar_content(bar: Bar) -> list[Any]:
    chords = [[change.onset, change.chord.symbol] for change in bar.chords]
    content: list[Any] = [str(bar.meter), bar.section, bar.style, chords]
    if bar.key is not None or bar.tempo_bpm is not None:
        content += [None if bar.key is None else _key_content(bar.key), bar.tempo_bpm]
    return content


def _solo(content: dict[str, Any], checksum: int) -> Solo | None:
    if content["version"] != _VERSION or content["check"] != checksum:
        return None
    bars, rows = content["bars"], content["notes"]
    _require(len(bars) <= MOST_BARS and len(rows) <= _MOST_NOTES)
    notes = tuple(_note(*row) for row in rows)
    _require(notes == monophonic(notes))
    _require(all(_sound(note) for note in notes))
    key = content["key"]
    choruses = tuple(map(_whole, content["choruses"]))
    _require(all(0 <= bar < len(bars) for bar in choruses))
    changes = Changes(tuple(_bar(*bar) for bar in bars), choruses)
    return Solo(
        _words(content["title"]),
        notes,
        changes if bars else None,
        performer=_words(content["performer"]),
        key=None if key is None else _key(*key),
        tempo_bpm=_tempo(content["tempo"]),
        style=_words(content["style"]),
    )


def _bar(
    meter: str,
    section: str | None,
    style: str,
    chords: Iterable[tuple[int, str]],
    key: Sequence[object] | None = None,
    tempo: float | None = None,
) -> Bar:
    counted = Meter.parse(meter)
    changes = tuple(
        ChordChange(_whole(onset), Chord.parse(_words(symbol))) for onset, symbol in chords
    )
    _require(all(0 <= change.onset < counted.ticks_per_bar for change in changes))
    return Bar(
        changes,
        counted,
        None if section is None else _words(section),
        _words(style),
        None if key is None else _key(*key),
        _tempo(tempo),
    )


def _note(onset: int, duration: int, pitch: int, velocity: int) -> Note:
    return Note(_whole(onset), _whole(duration), _whole(pitch), _whole(velocity))


def _sound(note: Note) -> bool:
    return (
        abs(note.onset) < _FURTHEST
        and 1 <= note.duration < _FURTHEST
        and 0 <= note.pitch <= 127
        and 1 <= note.velocity <= 127
    )


def _key_content(key: Key) -> list[int]:
    return [key.fifths, int(key.minor), *([] if key.has_mode else [0])]


def _key(fifths: object, minor: object, has_mode: object = 1) -> Key:
    return Key(_signs(fifths), bool(minor), bool(has_mode))


def _tempo(bpm: float | None) -> float | None:
    _require(bpm is None or 1 <= bpm <= 1000)
    return None if bpm is None else float(bpm)


def _signs(fifths: object) -> int:
    signs = _whole(fifths)
    _require(-14 <= signs <= 14)
    return signs


def _whole(value: object) -> int:
    _require(type(value) is int)
    return int(str(value))


def _words(value: object) -> str:
    _require(isinstance(value, str))
    return str(value)[:500]


def _require(holds: bool) -> None:
    if not holds:
        raise ValueError("not a solo of this version")


def _checksum(file: MidiFile) -> int:
    """Return a checksum of the solo's notes."""
    notes: Sequence[MidiNote] = next((part.notes for part in file.parts if part.name == SOLO), ())
    sounding = sorted((note.onset, note.end, note.pitch) for note in notes)
    return zlib.crc32(repr((file.ticks_per_quarter, sounding)).encode())
