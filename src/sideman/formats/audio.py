"""Sound: from a MIDI file or an arrangement to WAV, FLAC, OGG or MP3.

Conventions: stereo, 44,100 frames a second, 16 bit where the format counts bits; the loudest
sample stands at −1 dBFS; the first frame is the first tick; after the last note its tail is kept.
The same music gives the same bytes.

The synthesiser is TinySoundFont with a General MIDI soundfont.  It is driven so that it answers
as FluidSynth does: velocity v sounds at amplitude (v/127)², controllers 7 and 11 likewise.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import struct
import tempfile
import zlib
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sideman.errors import FileError, FormatError, MissingExtraError
from sideman.files import MEBIBYTE, read_bytes, writing_whole
from sideman.formats.midi import reading, writing
from sideman.formats.midi.reading import MidiFile
from sideman.score import Arrangement, Performance

SAMPLE_RATE = 44_100
PEAK = 10 ** (-1 / 20)  # −1 dBFS
LONGEST_SECONDS = 3600.0
LONGEST_TAIL_SECONDS = 8.0
FORMATS = {
    ".wav": ("WAV", "PCM_16"),
    ".flac": ("FLAC", "PCM_16"),
    ".ogg": ("OGG", "VORBIS"),
    ".mp3": ("MP3", "MPEG_LAYER_III"),
}
_BLOCK_FRAMES = 1 << 15
_SILENCE = 10 ** (-72 / 20)
_DRUM_CHANNEL = 9
_PEDAL = 64
# Rendered sound up to this size stays in memory (about three minutes), then goes to the disk.
_SPOOLED_BYTES = 64 * MEBIBYTE

Block = NDArray[np.float32]  # (frames, 2)


@dataclass(frozen=True, slots=True)
class Event:
    """One message to the synthesiser.

    Parameters
    ----------
    seconds : float
        When.
    channel : int
        MIDI channel, 0 to 15.
    kind : str
        ``on``, ``off``, ``control``, ``program`` or ``bend``.
    first, second : int
        The message's data: key and velocity, controller and value, programme, bend.
    """

    seconds: float
    channel: int
    kind: str
    first: int
    second: int = 0


def render(
    source: Arrangement | Performance | str | os.PathLike[str],
    path: str | os.PathLike[str],
    *,
    soundfont: str | os.PathLike[str] | None = None,
) -> float:
    """Render an arrangement or a MIDI file to a sound file.

    Parameters
    ----------
    source : Arrangement, Performance or path-like
        What to play.
    path : path-like
        Where; the format follows from ``.wav``, ``.flac``, ``.ogg`` or ``.mp3``.
    soundfont : path-like or None
        An ``.sf2`` file; the one that is installed along where None.

    Returns
    -------
    float
        Seconds of sound written.

    Raises
    ------
    MissingExtraError
        If no synthesiser is installed.
    FileError
        If the soundfont, the MIDI file or the target cannot be used.
    FormatError
        If the MIDI file is broken, or longer than an hour.
    """
    if isinstance(source, Arrangement | Performance):
        return render_midi(writing.dumps(source), path, name=source.title, soundfont=soundfont)
    data = read_bytes(source, at_most=reading.MOST_BYTES)
    return render_midi(data, path, name=str(source), soundfont=soundfont)


def render_midi(
    data: bytes,
    path: str | os.PathLike[str],
    *,
    name: str = "the MIDI data",
    soundfont: str | os.PathLike[str] | None = None,
) -> float:
    """Render a MIDI file's bytes to a sound file.

    Parameters
    ----------
    data : bytes
        A standard MIDI file.
    path : path-like
        Where; the format follows from the suffix.
    name : str
        What errors call the data.
    soundfont : path-like or None
        An ``.sf2`` file; the one that is installed along where None.

    Returns
    -------
    float
        Seconds of sound written.

    Raises
    ------
    SidemanError
        As :func:`render`.
    """
    target = Path(path)
    if target.suffix.lower() not in FORMATS:
        raise FileError(f"{target}: sound is written as {', '.join(FORMATS)}; name it so.")
    events, end = read_events(data, name)
    synth = _synthesiser(soundfont)
    with (
        writing_whole(target) as temporary,
        tempfile.SpooledTemporaryFile(_SPOOLED_BYTES, dir=str(target.parent)) as spool,
    ):
        peak, frames = 0.0, 0
        for block in _sound(synth, events, end):
            peak = max(peak, float(np.abs(block).max(initial=0.0)))
            frames += len(block)
            spool.write(block.tobytes())
        spool.seek(0)
        gain = np.float32(PEAK / peak if peak > 0 else 1.0)
        _encode((gain * block for block in _spooled(spool)), frames, temporary, target)
    return frames / SAMPLE_RATE


def soundfont_path() -> Path:
    """Find the soundfont that is installed along.

    Returns
    -------
    pathlib.Path
        The General MIDI soundfont TimGM6mb.

    Raises
    ------
    MissingExtraError
        If it is not there.
    """
    spec = importlib.util.find_spec("pretty_midi")  # its wheel carries it; it is not imported
    for folder in (spec and spec.submodule_search_locations) or ():
        found = Path(folder) / "TimGM6mb.sf2"
        if found.is_file():
            return found
    raise MissingExtraError(
        "The soundfont that comes with pretty_midi is not installed; run pip install pretty_midi "
        "or name a soundfont of your own."
    )


def read_events(data: bytes, name: str) -> tuple[list[Event], float]:
    """Read what a MIDI file tells a synthesiser, in seconds.

    The tempo map is honoured, and the sustain pedal is played: a note let go under it ends when
    the pedal comes up.

    Parameters
    ----------
    data : bytes
        A standard MIDI file of format 0, 1 or 2 (the patterns of format 2 follow one another).
    name : str
        What errors call it.

    Returns
    -------
    events : list of Event
        By rising time.
    end : float
        Seconds until the last track's end.

    Raises
    ------
    FormatError
        If the data is not a MIDI file, or lasts longer than an hour.
    """
    file = reading.parse(data, name)
    alone = range(len(file.tracks)) if file.format == 2 else (0,)
    events: list[Event] = []
    end = 0.0
    for pattern in (file.pattern(track) for track in alone):
        events += (replace(event, seconds=end + event.seconds) for event in _events(pattern))
        end += pattern.seconds(max(track.end for track in pattern.tracks))
    if end > LONGEST_SECONDS:
        raise FormatError(
            f"{name}: lasts {end / 60:.0f} minutes, and at most {LONGEST_SECONDS / 60:.0f} are "
            "rendered; cut it."
        )
    return events, end


def _events(file: MidiFile) -> list[Event]:
    """List what sounds together, by rising time."""
    # (tick, rank at that tick, channel, kind, first, second).  The pedal comes up before and goes
    # down after the notes that end there.
    moves: list[tuple[int, int, int, str, int, int]] = []
    for track in file.tracks:
        for change in track.programs:
            moves.append((change.tick, 0, change.channel, "program", change.program, 0))
        for tick, channel, controller, value in track.controls:
            if controller < 0:
                moves.append((tick, 0, channel, "bend", value, 0))
            else:
                down = controller == _PEDAL and value >= 64
                moves.append((tick, 2 if down else 0, channel, "control", controller, value))
        for note in track.notes:
            off = 1 if note.end > note.onset else 4
            moves.append((note.onset, 3, note.channel, "on", note.pitch, note.velocity))
            moves.append((note.end, off, note.channel, "off", note.pitch, 0))
    moves.sort(key=lambda move: move[:2])

    events: list[Event] = []
    held: list[list[int]] = [[] for _ in range(16)]  # keys let go under the pedal
    pedal = [False] * 16
    seconds = _clock(file)
    for tick, _, channel, kind, first, second in moves:
        now = seconds(tick)
        if kind == "off" and pedal[channel]:
            held[channel].append(first)
        elif kind == "control" and first == _PEDAL:
            pedal[channel] = second >= 64
            if not pedal[channel]:
                events += [Event(now, channel, "off", key) for key in held[channel]]
                held[channel].clear()
        else:
            events.append(Event(now, channel, kind, first, second))
    return events


def _clock(file: MidiFile) -> Callable[[int], float]:
    """Give seconds of rising ticks, walking the tempo map once."""
    starts = [tick for tick, _ in file.tempos]
    at = [file.seconds(0)]
    for (before, tempo), tick in zip(file.tempos, starts[1:], strict=False):
        at.append(at[-1] + float((tick - before) * tempo / file.ticks_per_quarter / 1_000_000))
    paces = [float(tempo / file.ticks_per_quarter / 1_000_000) for _, tempo in file.tempos]

    def seconds(tick: int) -> float:
        index = bisect_right(starts, tick) - 1
        return at[index] + (tick - starts[index]) * paces[index]

    return seconds


def _synthesiser(soundfont: str | os.PathLike[str] | None) -> Any:
    """Make a synthesiser with its soundfont loaded and every channel at General MIDI's start."""
    try:
        import tinysoundfont
    except ImportError as error:
        raise MissingExtraError(
            "No synthesiser is installed; run pip install --no-deps tinysoundfont==0.3.7 "
            "(it needs Python 3.11 or 3.12), or leave the sound out."
        ) from error
    chosen = Path(soundfont) if soundfont is not None else soundfont_path()
    head = b""
    try:
        with chosen.open("rb") as stream:
            head = stream.read(12)
    except (OSError, ValueError) as error:
        raise FileError(f"{chosen}: this soundfont cannot be read; check the name.") from error
    synth = tinysoundfont.Synth(samplerate=SAMPLE_RATE)
    try:
        if head[:4] != b"RIFF" or head[8:] != b"sfbk":
            raise ValueError("no RIFF header of a soundfont")
        synth.sfload(str(chosen))
    except Exception as error:  # its wrapper raises bare RuntimeError and Exception
        raise FileError(
            f"{chosen}: not a soundfont, or a broken one; give an .sf2 file."
        ) from error
    for channel in range(16):
        _send(synth, Event(0.0, channel, "program", 0))
        _send(synth, Event(0.0, channel, "control", 7, 100))
    return synth


def _send(synth: Any, event: Event) -> None:
    """Give the synthesiser one event."""
    if event.kind == "on":
        synth.noteon(event.channel, event.first, event.second**2 / 127)
    elif event.kind == "off":
        synth.noteoff(event.channel, event.first)
    elif event.kind == "bend":
        synth.pitchbend(event.channel, event.first)
    elif event.kind == "program":
        # A small soundfont may lack it: then the channel keeps what it had.
        with contextlib.suppress(RuntimeError):
            synth.program_change(event.channel, event.first, event.channel == _DRUM_CHANNEL)
    elif event.first not in (0, 32):  # banks are another standard's; General MIDI has one
        value = event.second
        if event.first in (7, 11):  # it cubes what FluidSynth squares
            value = round(127 * (value / 127) ** (2 / 3))
        synth.control_change(event.channel, event.first, value)


def _sound(synth: Any, events: list[Event], end: float) -> Iterator[Block]:
    """Play the events, then the tail until it is silent, in blocks."""
    done = 0
    for event in events:
        frame = round(event.seconds * SAMPLE_RATE)
        yield from _blocks(synth, frame - done)
        done = max(done, frame)
        _send(synth, event)
    yield from _blocks(synth, round(end * SAMPLE_RATE) - done)
    synth.notes_off()
    # The tail in short blocks; the last one is faded, so that nothing is ever cut with a click.
    step = SAMPLE_RATE // 10
    for left in range(round(LONGEST_TAIL_SECONDS * 10) - 1, -1, -1):
        (block,) = _blocks(synth, step)
        last = left == 0 or float(np.abs(block).max()) < _SILENCE
        if last:
            block = block * np.linspace(1, 0, step, dtype=np.float32)[:, None]
        yield block
        if last:
            return


def _blocks(synth: Any, frames: int) -> Iterator[Block]:
    """Render some frames, (n, 2) at a time."""
    while frames > 0:
        size = min(frames, _BLOCK_FRAMES)
        yield np.frombuffer(synth.generate_simple(size), np.float32).reshape(size, 2)
        frames -= size


def _spooled(spool: Any) -> Iterator[Block]:
    """Read rendered sound back, a block at a time."""
    while data := spool.read(_BLOCK_FRAMES * 8):
        yield np.frombuffer(data, np.float32).reshape(-1, 2)


def _encode(blocks: Iterator[Block], frames: int, temporary: Path, target: Path) -> None:
    """Write blocks in the format that the suffix names, and see that they have arrived."""
    import soundfile

    file_format, subtype = FORMATS[target.suffix.lower()]
    try:
        with soundfile.SoundFile(
            temporary, "w", SAMPLE_RATE, 2, format=file_format, subtype=subtype
        ) as stream:
            for block in blocks:
                stream.write(block)
        arrived = soundfile.info(temporary).frames
    except (soundfile.SoundFileError, AssertionError) as error:
        raise FileError(
            f"{target}: the sound cannot be written; choose another folder or make room."
        ) from error
    if arrived != frames:
        raise FileError(f"{target}: the disk took only a part; choose another folder or make room.")
    if file_format == "OGG":
        _fix_serial_numbers(temporary)


_BITS_REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


def _fix_serial_numbers(path: Path) -> None:
    """Number an Ogg file's one stream 1: the encoder numbers it by the clock (RFC 3533)."""
    with path.open("r+b") as stream:
        while len(head := stream.read(27)) == 27:
            start = stream.tell() - 27
            lacing = stream.read(head[26])
            body = stream.read(sum(lacing))
            page = bytearray(head + lacing + body)
            page[14:18] = struct.pack("<I", 1)
            page[22:26] = bytes(4)
            page[22:26] = struct.pack("<I", _ogg_checksum(bytes(page)))
            stream.seek(start)
            stream.write(page)


def _ogg_checksum(page: bytes) -> int:
    """CRC-32 from the high bit, begun at zero: zlib's, with every bit string turned round."""
    turned = zlib.crc32(page.translate(_BITS_REVERSED), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return int(f"{turned:032b}"[::-1], 2)


def clock(seconds: float) -> str:
    """Say a length as a player shows it.

    Parameters
    ----------
    seconds : float
        The length.

    Returns
    -------
    str
        Minutes and seconds.

    Examples
    --------
    >>> clock(64.25), clock(59.96)
    ('1:04.2', '1:00.0')
    """
    tenths = round(seconds * 10)
    return f"{tenths // 600}:{tenths // 10 % 60:02d}.{tenths % 10}"
