"""Writing an arrangement or a performance as a Standard MIDI File.

The file has format 1 and 480 ticks per quarter. Its first track contains the title, the tempo map,
the key, time signatures, a marker with the symbol of each chord, and a marker such as ``[A]`` at
each section (the brackets distinguish section A from a chord of A). Each part has a track with its
name, program, volume (controller 7) and pan (controller 10), and the changes of controllers and of
the pitch wheel that it plays; drums are on channel 10. The same music gives the same bytes.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from itertools import pairwise

from sideman.errors import MusicError
from sideman.files import write_whole
from sideman.formats.midi.reading import PERCUSSION_CHANNEL
from sideman.score import (
    PITCH,
    Arrangement,
    Changes,
    Control,
    Note,
    Part,
    Performance,
    settled,
)
from sideman.theory.meter import PERFORMED_TICKS_PER_QUARTER, TICKS_PER_QUARTER, Meter
from sideman.theory.pitch import Key

FILE_TICKS_PER_QUARTER = PERFORMED_TICKS_PER_QUARTER
CHORDS_ARE_MARKERS = "Markers are chords, or [sections]."
"""A text event in files by sideman, after which a marker ``A`` is read as a chord."""
_SCALE = FILE_TICKS_PER_QUARTER // TICKS_PER_QUARTER
_LONGEST_DELTA = 0x0FFFFFFF
_SLOWEST_BPM = 4.0
_FASTEST_BPM = 1000.0
VOLUME, PAN = 7, 10
"""The controllers of a part's loudness and place."""
_CHANNELS = tuple(channel for channel in range(16) if channel != PERCUSSION_CHANNEL)

# (file tick, rank at that tick, bytes): note-offs precede meta events, note-ons come last.
_Event = tuple[int, int, bytes]
_OFF, _META, _PROGRAM, _ON = range(4)


def write(path: str | os.PathLike[str], music: Arrangement | Performance) -> None:
    """Write music as a MIDI file, atomically; see :func:`dumps`."""
    write_whole(path, dumps(music))


def dumps(music: Arrangement | Performance) -> bytes:
    """Return music as the bytes of a MIDI file of format 1.

    Notes before the form (a pickup has negative onsets) shift everything by whole bars.

    Raises
    ------
    MusicError
        If a pitch, a length or a tempo is outside the range of MIDI.
    """
    performed = isinstance(music, Performance)
    tempos = music.tempos if isinstance(music, Performance) else _written_tempos(music)
    scale = 1 if performed else _SCALE
    shift = _lead_in(music.parts, music.changes, scale)
    last = max((note.end for part in music.parts for note in part.notes), default=0) * scale
    length = max(music.changes.length * _SCALE, last) + shift * _SCALE
    head = [
        _meta(0, 0x03, _encoded(music.title)),
        *(_tempo_changes(tempos, shift * _SCALE)),
    ]
    head += (_meta(tick, 0x59, _key(key)) for tick, key in _keys(music, shift))
    tracks = [_track(head + _signposts(music.changes, shift), length)]
    melodic = 0
    for part in music.parts:
        channel = PERCUSSION_CHANNEL
        if not part.percussion:
            channel = _CHANNELS[melodic % len(_CHANNELS)]
            melodic += 1
        tracks.append(_part(part, channel, shift * _SCALE, scale))
    header = b"MThd" + b"".join(
        number.to_bytes(size, "big")
        for number, size in ((6, 4), (1, 2), (len(tracks), 2), (FILE_TICKS_PER_QUARTER, 2))
    )
    return header + b"".join(tracks)


def _lead_in(parts: Sequence[Part], changes: Changes, scale: int) -> int:
    """Return the ticks of the whole bars that a pickup needs before the form."""
    first = min((note.onset for part in parts for note in part.notes), default=0)
    first = first * scale // _SCALE
    bar = changes.meter.ticks_per_bar
    return -(first // bar) * bar if first < 0 else 0


def _written_tempos(music: Arrangement) -> tuple[tuple[int, float], ...]:
    """Return the tempo of an arrangement and those of its bars, by file tick."""
    tempos = dict(((0, music.tempo_bpm), *music.changes.tempos))
    return tuple((tick * _SCALE, bpm) for tick, bpm in tempos.items())


def _keys(music: Arrangement | Performance, shift: int) -> Iterable[tuple[int, Key]]:
    """Yield the tick of each key signature, and the key with its mode."""
    before = None
    keys = dict(((0, music.key), *music.changes.keys))
    for tick, key in keys.items():
        now = key and settled(key, music.changes)
        if now is not None and now != before:
            yield tick + shift if tick else 0, now
            before = now


def _tempo_changes(tempos: Sequence[tuple[int, float]], shift: int) -> Iterable[_Event]:
    """Yield the tempo map, `shift` file ticks later; the first tempo is at the start."""
    for index, (tick, bpm) in enumerate(tempos):
        yield _meta_at(tick + shift if index else 0, 0x51, _tempo(bpm))


def _signposts(changes: Changes, shift: int) -> list[_Event]:
    """Return time signatures, sections and chords."""
    events = [_meta(tick, 0x58, data) for tick, data in _meters(changes, shift)]
    markers = list(_markers(changes, shift))
    if markers:
        events.append(_meta(0, 0x01, _encoded(CHORDS_ARE_MARKERS)))
    return events + [_meta(tick, 0x06, _encoded(text)) for tick, text in markers]


def _meters(changes: Changes, shift: int) -> Iterable[tuple[int, bytes]]:
    """Yield the tick and the data of each time signature."""
    before: Meter | None = None
    starts = (0, *(start + shift for start in changes.bar_starts[1:]))
    meters = [bar.meter for bar in changes.bars] or [changes.meter]
    for start, meter in zip(starts, meters, strict=False):
        if meter != before:
            # The metronome click: a dotted quarter in 6/8, 9/8 and 12/8, otherwise the beat.
            click = meter.ticks_per_beat * (3 if meter.compound else 1)
            yield start, bytes((meter.beats, meter.unit.bit_length() - 1, click, 8))
            before = meter


def _markers(changes: Changes, shift: int) -> Iterable[tuple[int, str]]:
    """Yield sections and chord symbols, by rising tick."""
    for start, bar in zip(changes.bar_starts, changes.bars, strict=False):
        if bar.section:
            yield start + shift, f"[{bar.section}]"
        for change in bar.chords:
            yield start + change.onset + shift, change.chord.symbol


def _part(part: Part, channel: int, shift: int, scale: int) -> bytes:
    """Return a part's track; `shift` is in file ticks, `scale` is file ticks per note tick."""
    if not 0 <= part.program <= 127:
        raise MusicError(f"{part.name}: program {part.program} is outside 0 to 127.")
    if not 0 <= part.volume <= 127 or not 0 <= part.pan <= 127:
        raise MusicError(
            f"{part.name}: volume {part.volume} or pan {part.pan} is outside 0 to 127."
        )
    events = [
        _meta(0, 0x03, _encoded(part.name)),
        (0, _PROGRAM, bytes((0xC0 | channel, part.program))),
        (0, _PROGRAM, bytes((0xB0 | channel, VOLUME, part.volume))),
        (0, _PROGRAM, bytes((0xB0 | channel, PAN, part.pan))),
    ]
    events += (
        (control.onset * scale + shift, _PROGRAM, _control(control, channel))
        for control in part.controls
    )
    for note in _playable(part):
        on, off = note.onset * scale + shift, note.end * scale + shift
        events.append((on, _ON, bytes((0x90 | channel, note.pitch, note.velocity))))
        events.append((off, _OFF, bytes((0x80 | channel, note.pitch, 64))))
    return _track(events, max(event[0] for event in events))


def _control(control: Control, channel: int) -> bytes:
    if control.number == PITCH:
        return bytes((0xE0 | channel, control.value & 0x7F, control.value >> 7))
    return bytes((0xB0 | channel, control.number, control.value))


def _playable(part: Part) -> Iterable[Note]:
    """Yield the notes, each ended at the next onset of its pitch."""
    by_pitch: dict[int, list[Note]] = {}
    for note in part.notes:
        if not 0 <= note.pitch <= 127 or not 1 <= note.velocity <= 127 or note.duration < 1:
            raise MusicError(
                f"{part.name}: a note of pitch {note.pitch}, velocity {note.velocity} and "
                f"{note.duration} ticks cannot be written; MIDI has pitches 0 to 127, velocities "
                "1 to 127 and lengths above 0."
            )
        by_pitch.setdefault(note.pitch, []).append(note)
    for pitch in sorted(by_pitch):
        # Of several with one onset the longest is kept: it comes last.
        notes = sorted(by_pitch[pitch], key=lambda note: (note.onset, note.duration))
        for note, following in pairwise(notes):
            if note.onset < following.onset:
                end = min(note.end, following.onset)
                yield Note(note.onset, end - note.onset, pitch, note.velocity)
        yield notes[-1]


def _track(events: list[_Event], end: int) -> bytes:
    """Join events into a track chunk that lasts at least until `end`."""
    chunks: list[bytes] = []
    now = 0
    for tick, _, data in sorted(events, key=lambda event: event[:2]):
        chunks += (variable_length(tick - now), data)
        now = tick
    chunks += (variable_length(max(end - now, 0)), b"\xff\x2f\x00")
    body = b"".join(chunks)
    return b"MTrk" + len(body).to_bytes(4, "big") + body


def _meta(tick: int, kind: int, data: bytes) -> _Event:
    """Return a meta event at a written tick."""
    return _meta_at(tick * _SCALE, kind, data)


def _meta_at(file_tick: int, kind: int, data: bytes) -> _Event:
    return file_tick, _META, bytes((0xFF, kind)) + variable_length(len(data)) + data


def variable_length(number: int) -> bytes:
    """Return a number as one to four bytes: seven bits each, the high bit on all but the last.

    >>> variable_length(64).hex(), variable_length(200).hex()
    ('40', '8148')
    """
    assert number >= 0, f"a negative time: {number}"
    if number > _LONGEST_DELTA:
        raise MusicError("The music has a gap longer than a MIDI file can store; shorten it.")
    groups = [number & 0x7F]
    while number := number >> 7:
        groups.append(number & 0x7F | 0x80)
    return bytes(reversed(groups))


def _tempo(bpm: float) -> bytes:
    if not _SLOWEST_BPM <= bpm <= _FASTEST_BPM:
        raise MusicError(
            f"A tempo of {bpm:g} quarters per minute cannot be written; choose one from "
            f"{_SLOWEST_BPM:g} to {_FASTEST_BPM:g}."
        )
    return round(60_000_000 / bpm).to_bytes(3, "big")


def _key(key: Key) -> bytes:
    # A signature has at most seven accidentals; otherwise write the enharmonic key.
    fifths = key.fifths if -7 <= key.fifths <= 7 else (key.fifths + 6) % 12 - 6
    return bytes((fifths % 256, key.minor))


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", errors="replace")
