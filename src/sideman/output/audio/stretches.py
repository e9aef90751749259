"""midirenderer, in stretches that are added up.

midirenderer returns the sound of a whole MIDI file at once, as 16 bit samples.  To bound memory,
each stretch of a minute is rendered by itself: its notes alone, until they have died away,
with every controller.  The sum is the sound of the whole, because the synthesiser's voices are
independent of one another.  Only strokes of drums end others (a closed hi-hat ends an open one), so
that a stretch has the later strokes too, with velocity 1, which is −84 dB.

The synthesiser applies messages every 64 frames.  They are placed in the middle between two such
frames, so that rounding errors of its clock have no effect.
"""

from __future__ import annotations

import platform
import sys
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from sideman.errors import MissingExtraError
from sideman.formats.midi.reading import PERCUSSION_CHANNEL
from sideman.formats.midi.writing import variable_length
from sideman.output.audio import sf3, stderr
from sideman.output.audio.cues import Event
from sideman.output.audio.frames import (
    IGNORED_CONTROLS,
    LONGEST_TAIL_SECONDS,
    SAMPLE_RATE,
    Block,
    Player,
)
from sideman.output.audio.soundfonts import broken, soundfont_path
from sideman.processes import KilledError, Process

STRETCH = 60 * SAMPLE_RATE  # frames
_LONGEST_NOTE = 300 * SAMPLE_RATE  # after the end of its stretch
_TAIL = round(LONGEST_TAIL_SECONDS * SAMPLE_RATE)
_FADE = SAMPLE_RATE
_GRAIN = 64
_TICKS_PER_QUARTER = SAMPLE_RATE // 2
_TEMPO = b"\0\xff\x51\x03" + (500_000).to_bytes(3, "big")  # so that a tick is a frame
_WAV_HEADER = 44  # bytes
_FULL_SCALE = 32768
_KITS = 128  # the bank of percussion in a soundfont
_SOFTER, _SOFTEST = 4.0, 4.0**-6
_DATA, _VOLUME, _EXPRESSION, _ALL_NOTES_OFF = 6, 7, 11, 123
_FINE = 32  # the number of a fine controller less that of its coarse one
_PARAMETERS = (98, 99, 100, 101)  # NRPN and RPN, fine and coarse
_IGNORED = (*IGNORED_CONTROLS, 96, 97, _VOLUME + _FINE, _EXPRESSION + _FINE)


def remedy() -> str:
    """Return what to do where midirenderer is missing, as a part of a sentence."""
    if sys.platform == "darwin" or platform.machine().lower() in ("x86_64", "amd64"):
        return "run pip install midirenderer"
    return "midirenderer has no build for this machine, so install and choose FluidSynth"


def load(soundfont: Callable[[], Path]) -> Player:
    """Return midirenderer with a soundfont; see :func:`sideman.output.audio.synthesiser.load`."""
    try:
        from midirenderer import render_wave_from
    except ImportError as error:
        raise MissingExtraError(
            f"No synthesiser is installed; {remedy()}, or leave the sound out.", field="audio"
        ) from error
    path = soundfont()
    content = path.read_bytes()
    if path != soundfont_path():
        stat = path.stat()
        _try_in_a_process(path, (stat.st_size, stat.st_mtime_ns))

    packed = sf3.compressed(content)

    def rendered(song: bytes, sounds: bytes) -> bytes:
        try:
            # On a panic Rust prints its message and stack.  The synthesiser keeps the interpreter's
            # lock, so that nothing else is discarded.
            with stderr.discarded():
                return bytes(render_wave_from(sounds, song))
        except BaseException as error:
            # A panic in Rust is a BaseException of a class that cannot be imported.
            if isinstance(error, RuntimeError) or type(error).__name__ == "PanicException":
                raise broken(path) from error
            raise

    def play(events: Sequence[Event], end: int, size: int) -> Iterator[Block]:
        sounds = _expanded(path, content, _played(events)) if packed else content
        return _play(lambda song: rendered(song, sounds), events, end, size)

    if not packed:
        rendered(_song([], _GRAIN), content)
    return play


def _played(events: Sequence[Event]) -> sf3.Played:
    """Return the keys and velocities of messages by bank and program."""
    programs: dict[int, int] = {}
    found: dict[tuple[int, int], set[tuple[int, int]]] = {}
    for event in events:
        if event.kind == "program":
            programs[event.channel] = event.first
        elif event.kind == "on":
            bank = _KITS if event.channel == PERCUSSION_CHANNEL else 0
            notes = found.setdefault((bank, programs.get(event.channel, 0)), set())
            notes.add((event.first, event.second))
    return found


def _expanded(path: Path, content: bytes, played: sf3.Played) -> bytes:
    try:
        return sf3.expanded(content, played)
    except ValueError as error:
        raise broken(path) from error


_TRIAL_SECONDS = 120
_TRIAL_BYTES = 1 << 30


def _tried(path: str, song: bytes) -> None:
    """Render a song and return nothing, in a process that may end by it."""
    from midirenderer import render_wave_from

    content = Path(path).read_bytes()
    # The samples of an SF3 are opened here, and decoded when it is known which are needed.
    render_wave_from(sf3.expanded(content, {}) if sf3.compressed(content) else content, song)


@lru_cache(maxsize=16)
def _try_in_a_process(path: Path, version: tuple[int, int]) -> None:
    """Play every program of a soundfont in another process; raise a FileError if it ends it.

    A damaged soundfont can ask for more memory than there is, which ends a process at once.  The
    version of the file is its size and time.
    """
    moves = [Event(0.0, 0, "program", program) for program in range(128)]
    messages = [
        each
        for number, move in enumerate(moves)
        for each in (
            (480 * number, move),
            (480 * number, Event(0.0, 0, "on", 60, 100)),
            (480 * number, Event(0.0, PERCUSSION_CHANNEL, "on", number, 100)),
            (480 * number + 240, Event(0.0, 0, "off", 60, 0)),
        )
    ]
    song = _song(messages, 128 * 480)
    with Process(memory=_TRIAL_BYTES + 8 * version[0]) as process:
        try:
            process.ask(_tried, str(path), song, seconds=_TRIAL_SECONDS)
        except (KilledError, RuntimeError, ValueError) as error:
            raise broken(path) from error


def _play(
    rendered: Callable[[bytes], bytes], events: Sequence[Event], end: int, size: int
) -> Iterator[Block]:
    """Yield the sound; see :data:`sideman.output.audio.frames.Player`."""
    moves = [*_passed(events)]
    starts = [_grain(move.seconds) for move in moves]
    end = _grain(end / SAMPLE_RATE)
    blocks = -(-(end + _TAIL) // size)
    many = max(1, STRETCH // size)
    state = {_key(move): move for move in _initial()}
    ringing = np.zeros((0, 2), np.float32)
    for number in range(0, blocks, many):
        first, length = number * size, min(many, blocks - number) * size
        begin, stop = (bisect_left(starts, at) for at in (first, first + length))
        messages, frames = _messages(moves, starts, range(begin, stop), first, end)
        sound = np.zeros((max(length, frames, len(ringing)), 2), np.float32)
        sound[: len(ringing)] = ringing
        if frames:
            before = [(0, move) for move in state.values()]
            sound[:frames] += _rendered(rendered, before + messages, frames)
        yield from (sound[at : at + size] for at in range(0, length, size))
        ringing = sound[length:].copy()
        for move in moves[begin:stop]:
            if move.kind not in ("on", "off"):
                state.pop(_key(move), None)  # so that the order is that of the last changes
                state[_key(move)] = move


def _messages(
    moves: Sequence[Event], starts: Sequence[int], own: range, first: int, end: int
) -> tuple[list[tuple[int, Event]], int]:
    """Return the messages of a stretch with their ticks, and the frames until it has died away.

    `own` are the indices of what starts in it, `first` is its first frame, and at `end` every key
    is released.  A stretch without notes has no frames.
    """
    messages: list[tuple[int, Event]] = []
    held: set[tuple[int, int]] = set()
    limit = min(end, starts[own.stop - 1] + _LONGEST_NOTE) if own else end
    released = first
    for index in range(own.start, len(moves)):
        move, at = moves[index], starts[index]
        key = move.channel, move.first
        inside = index in own
        if not inside and at >= (limit if held else released + _TAIL):
            break
        if move.kind == "on" and inside:
            held.add(key)
        elif move.kind == "on" and move.channel == PERCUSSION_CHANNEL:
            move = replace(move, second=1)
        elif move.kind == "on":
            continue
        elif move.kind == "off" and key in held:
            held.discard(key)
            released = at
        messages.append((max(0, at - first - _GRAIN // 2), move))
    if not any(moves[index].kind == "on" for index in own):
        return [], 0
    over = limit if held else end
    released = over if held else released
    if over < released + _TAIL:
        tick = max(0, over - first - _GRAIN // 2)
        messages += [
            (tick, Event(0.0, channel, "control", _ALL_NOTES_OFF)) for channel in range(16)
        ]
    frames = released + _TAIL - first
    # Controllers may change after the sound has died away.
    heard = [message for message in messages if message[0] < frames]
    return sorted(heard, key=lambda message: message[0]), frames


def _rendered(
    rendered: Callable[[bytes], bytes], messages: Sequence[tuple[int, Event]], frames: int
) -> Block:
    """Return the sound of messages, its last second faded out."""
    loudness = 1.0
    while True:
        wav = rendered(_song(messages, frames, loudness))
        samples = np.frombuffer(wav, "<i2", 2 * frames, _WAV_HEADER).reshape(-1, 2)
        clips = samples.max() >= _FULL_SCALE - 1 or samples.min() <= -_FULL_SCALE
        if not clips or loudness <= _SOFTEST:
            break
        loudness /= _SOFTER
    sound = samples * np.float32(1 / (_FULL_SCALE * loudness))
    sound[-_FADE:] *= np.linspace(1, 0, _FADE, dtype=np.float32)[:, None]
    return sound


def _song(messages: Sequence[tuple[int, Event]], frames: int, loudness: float = 1.0) -> bytes:
    """Return a MIDI file of messages, `frames` long, its amplitude scaled by `loudness`."""
    body, now = bytearray(_TEMPO), 0
    for tick, message in messages:
        for data in _bytes(message, loudness**0.5):
            body += variable_length(tick - now) + data
            now = tick
    body += variable_length(frames + _GRAIN - now) + b"\xff\x2f\0"
    header = b"MThd\0\0\0\6\0\0\0\1" + _TICKS_PER_QUARTER.to_bytes(2, "big")
    return header + b"MTrk" + len(body).to_bytes(4, "big") + bytes(body)


def _bytes(message: Event, scale: float) -> list[bytes]:
    """Return the MIDI messages of an event; `scale` is a factor of every volume."""
    channel, first, second = message.channel, message.first, message.second
    if message.kind == "on":
        return [bytes((0x90 | channel, first, second))]
    if message.kind == "off":
        return [bytes((0x80 | channel, first, 0))]
    if message.kind == "program":
        return [bytes((0xC0 | channel, first))]
    if message.kind == "bend":
        return [bytes((0xE0 | channel, first & 0x7F, first >> 7))]
    control = 0xB0 | channel
    if message.kind == "parameter":
        number, data = divmod(first, 128)
        return [
            bytes((control, 101, number >> 7)),
            bytes((control, 100, number & 0x7F)),
            bytes((control, data, second)),
        ]
    if first in (_VOLUME, _EXPRESSION):
        exact = round(second / 127 * 16383 * (scale if first == _VOLUME else 1.0))
        return [
            bytes((control, first, exact >> 7)),
            bytes((control, first + _FINE, exact & 0x7F)),
        ]
    return [bytes((control, first, second))]


def _initial() -> Iterator[Event]:
    """Yield the initial state of General MIDI, without effects."""
    for channel in range(16):
        for controller, value in ((_VOLUME, 100), (_EXPRESSION, 127), (91, 0), (93, 0)):
            yield Event(0.0, channel, "control", controller, value)


def _passed(events: Sequence[Event]) -> Iterator[Event]:
    """Yield the events that are passed on, with registered parameters as ``parameter``."""
    chosen = [[127, 127] for _ in range(16)]  # the coarse and fine number, 127 for none
    for event in events:
        control = event.kind == "control"
        if event.kind == "rest" or (control and event.first in _IGNORED):
            continue
        if control and event.first in _PARAMETERS:
            registered = event.first >= 100
            chosen[event.channel][101 - event.first if registered else 0] = (
                event.second if registered else 127
            )
        elif control and event.first in (_DATA, _DATA + _FINE):
            coarse, fine = chosen[event.channel]
            if coarse != 127:
                number = (coarse << 7 | fine) * 128 + event.first
                yield replace(event, kind="parameter", first=number)
        else:
            yield event


def _key(event: Event) -> tuple[int, str, int]:
    """Return what an event sets: a later event with the same key replaces it."""
    return event.channel, event.kind, event.first if event.kind in ("control", "parameter") else 0


def _grain(seconds: float) -> int:
    """Return the nearest frame at which the synthesiser applies messages."""
    return round(seconds * SAMPLE_RATE / _GRAIN) * _GRAIN
