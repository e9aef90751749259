"""Sound: MIDI or an arrangement rendered to WAV, FLAC, OGG or MP3.

Conventions: stereo, 48,000 frames a second, 16 bit where the format has a bit depth; the first
frame is the first tick; the tail after the last note is kept.  The peak is −1 dBFS, in MP3 and OGG
slightly less.  Soft music is amplified by up to 6 dB more, its peaks limited.  The same music gives
the same bytes.

Signal path: ``cues`` (MIDI → messages in seconds) → ``synthesiser`` → ``room`` (reverb) → gain →
metronome → ``limiter`` → ``encoding``, in blocks of 1.4 seconds.  The gain depends on the whole, so
the synthesised sound is first stored in memory, or on disk if it is long.
"""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from sideman.errors import MusicError
from sideman.files import MEBIBYTE, read_bytes, writing_whole
from sideman.formats.midi import reading, writing
from sideman.formats.midi.reading import MidiFile, MidiPart
from sideman.output.audio import cues, encoding, limiter, mp3, room, soundfonts, synthesiser
from sideman.output.audio.frames import LONGEST_TAIL_SECONDS, SAMPLE_RATE, Block
from sideman.output.audio.stretches import remedy
from sideman.output.audio.tags import Tags
from sideman.score import Arrangement, Performance

__all__ = [
    "EVERYBODY",
    "LONGEST_TAIL_SECONDS",
    "PEAK",
    "UNTAGGED",
    "Mix",
    "Tags",
    "check",
    "clock",
    "remedy",
    "render",
    "render_midi",
    "stem_paths",
]

PEAK = 10 ** (-1 / 20)  # −1 dBFS
# MP3 and OGG change the peaks: this margin keeps the decoded sound under PEAK.
_LOSSY_PEAK = 10 ** (-1.8 / 20)
_LOUDNESS = 10 ** (-18 / 20)  # target root mean square of the louder passages
_MOST_LIMITED = 10 ** (6 / 20)
_SILENCE = 10 ** (-70 / 20)  # relative to the peak
_FADE = SAMPLE_RATE // 10
_WINDOW = room.FRAMES // 4
# Sound up to this size (about three minutes) is stored in memory, more on disk.
_SPOOLED_BYTES = 64 * MEBIBYTE
_CLICK_SECONDS = 0.04

Progress = Callable[[float], object]


@dataclass(frozen=True, slots=True)
class Mix:
    """Which parts are rendered, and how.

    Parameters
    ----------
    only, without : tuple of str
        Parts, by number or by a part of their name or instrument: those that play (all where
        empty), and those that are left out.
    click : bool
        Whether to add a metronome.
    room : bool
        Whether to add reverb.
    soundfont : path-like or None
        An ``.sf2`` or ``.sf3`` file, or ``best`` for MuseScore_General where the system has it; the
        default soundfont where None.
    synthesiser : str
        ``midirenderer`` or ``fluidsynth``.
    """

    only: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    click: bool = False
    room: bool = True
    soundfont: str | os.PathLike[str] | None = None
    synthesiser: str = "midirenderer"


UNTAGGED = Tags()
EVERYBODY = Mix()


@dataclass(frozen=True, slots=True)
class _Level:
    """The measurements of the synthesised sound.

    `gain` is a factor, `music` the length in frames without the tail, `frames` that with it.
    """

    gain: float
    music: int
    frames: int


def check(kind: str, mix: Mix = EVERYBODY) -> None:
    """Raise a MissingExtraError or FileError if no sound of a kind, such as mp3, can be made."""
    if kind == "mp3":
        mp3.new_encoder()
    synthesiser.load(mix.synthesiser, mix.soundfont)


def render(
    source: Arrangement | Performance | str | os.PathLike[str],
    path: str | os.PathLike[str],
    *,
    tags: Tags = UNTAGGED,
    mix: Mix = EVERYBODY,
    stems: bool = False,
    progress: Progress | None = None,
) -> float:
    """Render an arrangement, a performance or a MIDI file as :func:`render_midi` does."""
    if isinstance(source, Arrangement | Performance):
        data, name = writing.dumps(source), source.title
    else:
        data, name = read_bytes(source, at_most=reading.MOST_BYTES), str(source)
    return render_midi(data, path, name=name, tags=tags, mix=mix, stems=stems, progress=progress)


def render_midi(
    data: bytes,
    path: str | os.PathLike[str],
    *,
    name: str = "the MIDI data",
    tags: Tags = UNTAGGED,
    mix: Mix = EVERYBODY,
    stems: bool = False,
    progress: Progress | None = None,
) -> float:
    """Render the bytes of a MIDI file; return the seconds of sound written.

    Parameters
    ----------
    data : bytes
        A standard MIDI file.
    path : path-like
        The target; ``.wav``, ``.flac``, ``.ogg`` or ``.mp3`` sets the format.
    name : str
        The name of the data in messages.
    tags : Tags
        Title and tempo default to those of the MIDI file; the soundfont is that of `mix`.
    mix : Mix
        Which parts are rendered, and how.
    stems : bool
        Whether to write each part to a file as well: those of :func:`stem_paths`.  They have the
        gain and the limiter of the mix, so that their sum is the mix up to rounding.  (A part that
        is louder than the mix, by cancellation, is limited by itself.)
    progress : callable or None
        Called from time to time with the share of the work done, from 0 to 1.

    Raises
    ------
    MissingExtraError
        If the synthesiser or the encoder is not installed.
    FileError
        If the soundfont or the target cannot be used.
    FormatError
        If the MIDI file is malformed, or longer than an hour.
    MusicError
        If a named part does not exist, or no part is left.
    """
    target = Path(path)
    lossy = encoding.check_suffix(target) in encoding.LOSSY
    ceiling = _LOSSY_PEAK if lossy else PEAK
    file = reading.parse(data, name)
    length = cues.seconds(file)
    players = _players(file, mix)
    tags = replace(
        tags,
        title=tags.title or cues.title(file),
        tempo_bpm=file.tempo_bpm if tags.tempo_bpm is None else tags.tempo_bpm,
        soundfont=soundfonts.checked(mix.soundfont).stem,
    )
    beats = cues.beats(file) if mix.click else []
    separate = _stems(file, target, mix) if stems else {}
    player = synthesiser.load(mix.synthesiser, mix.soundfont)
    blocks = round(length * SAMPLE_RATE) // room.FRAMES + 2
    count = _counter(progress, blocks * (2 + len(separate)))

    def play(who: Collection[MidiPart]) -> Iterator[Block]:
        dry = player(cues.events(file, who), round(length * SAMPLE_RATE), room.FRAMES)
        return room.around(dry) if mix.room else dry

    # No file appears before all are complete.
    with contextlib.ExitStack() as files:
        temporary = files.enter_context(writing_whole(target))
        others = {path: files.enter_context(writing_whole(path)) for path in separate}
        spool = files.enter_context(
            tempfile.SpooledTemporaryFile(_SPOOLED_BYTES, dir=str(target.parent))
        )
        level = _spooled(count(play(players)), length, spool)

        def whole() -> Iterator[Block]:
            return _finished(_from(spool), level, beats)

        sound = limiter.limited(((block, block) for block in whole()), ceiling)
        encoding.write(count(sound), level.frames, temporary, target, tags)
        for path, part in separate.items():
            if part is None:
                alone = _finished(_silent(), level, beats)
            else:
                alone = _finished(play([part]), level)
            keyed = limiter.limited(zip(alone, whole(), strict=True), ceiling)
            label = "click" if part is None else part.name or cues.instrument(part)
            named = replace(tags, title=f"{tags.title} ({label})".strip())
            encoding.write(count(keyed), level.frames, others[path], path, named)
    if progress is not None:
        progress(1.0)
    return level.frames / SAMPLE_RATE


def stem_paths(
    data: bytes, path: str | os.PathLike[str], *, name: str = "the MIDI data", mix: Mix = EVERYBODY
) -> tuple[Path, ...]:
    """Return the files of a mix's stems, beside `path`: ``song-bass.wav``."""
    return tuple(_stems(reading.parse(data, name), Path(path), mix))


def clock(seconds: float) -> str:
    """Return a duration as minutes and seconds, such as ``1:04.2``."""
    tenths = round(seconds * 10)
    return f"{tenths // 600}:{tenths // 10 % 60:02d}.{tenths % 10}"


def _players(file: MidiFile, mix: Mix) -> tuple[MidiPart, ...]:
    """Return the parts that play."""
    players = cues.named(file, mix.only) if mix.only else file.parts
    silent = {part.number for part in cues.named(file, mix.without)}
    left = tuple(part for part in players if part.number not in silent)
    if players and not left and not mix.click:
        raise MusicError(f"{file.name}: nobody is left to play; leave out fewer parts.")
    return left


def _stems(file: MidiFile, target: Path, mix: Mix) -> dict[Path, MidiPart | None]:
    """Return a file for each part, and one for the metronome (None)."""
    players: list[MidiPart | None] = [*_players(file, mix)]
    if mix.click:
        players.append(None)
    found: dict[Path, MidiPart | None] = {}
    for player in players:
        label = "click" if player is None else player.name or cues.instrument(player)
        slug = re.sub(r"[^\w]+", "-", label.lower()).strip("-")[:40] or "part"
        names = (f"{slug}{'' if turn == 1 else f'-{turn}'}" for turn in range(1, 10_000))
        paths = (target.with_name(f"{target.stem}-{name}{target.suffix}") for name in names)
        found[next(path for path in paths if path not in found)] = player
    return found


def _counter(progress: Progress | None, total: int) -> Callable[[Iterable[Block]], Iterator[Block]]:
    """Return a function that reports progress as blocks pass; `total` is about their number."""
    frames = 0

    def counted(blocks: Iterable[Block]) -> Iterator[Block]:
        nonlocal frames
        for block in blocks:
            frames += len(block)
            if progress is not None:
                progress(min(frames / (total * room.FRAMES), 1.0))
            yield block

    return counted


def _spooled(blocks: Iterator[Block], length: float, spool: IO[bytes]) -> _Level:
    """Store the sound until its tail is silent, and measure it."""
    music = round(length * SAMPLE_RATE)
    frames, start, peak = music, 0, 0.0
    squares: list[NDArray[np.float64]] = []
    for block in blocks:
        peak = max(peak, limiter.peak(block))
        spool.write(block.tobytes())
        windows = block.reshape(-1, _WINDOW * 2)
        squares.append(np.einsum("ij,ij->i", windows, windows, dtype=np.float64) / (2 * _WINDOW))
        start += room.FRAMES
        if start > music:
            audible = np.flatnonzero((np.abs(block) > peak * _SILENCE).any(axis=1))
            if not len(audible):
                break
            frames = max(frames, start - room.FRAMES + int(audible[-1]) + 1)
    if peak == 0:
        return _Level(1.0, music, frames)
    # Gated as in ITU-R BS.1770: passages down to 10 dB below the average.
    powers = np.concatenate(squares)
    powers = powers[powers > (peak * _SILENCE) ** 2]
    loudness = float(np.sqrt(powers[powers > powers.mean() / 10].mean()))
    full = PEAK / peak
    return _Level(max(full, min(_LOUDNESS / loudness, full * _MOST_LIMITED)), music, frames)


def _from(spool: IO[bytes]) -> Iterator[Block]:
    """Yield the stored sound from the start."""
    size = room.FRAMES * 8
    spool.seek(0)
    while data := spool.read(size):
        yield np.frombuffer(data, np.float32).reshape(-1, 2)


def _silent() -> Iterator[Block]:
    while True:
        yield np.zeros((room.FRAMES, 2), np.float32)


def _finished(
    blocks: Iterable[Block], level: _Level, beats: Sequence[cues.Beat] = ()
) -> Iterator[Block]:
    """Apply the gain, add the metronome, fade out the tail and cut the end."""
    clicks = [(round(beat.seconds * SAMPLE_RATE), _click(beat.downbeat)) for beat in beats]
    fading = max(level.music, level.frames - _FADE)
    upcoming = start = 0
    for block in blocks:
        sound = block * np.float32(level.gain)
        if start + len(block) > fading:
            frame = np.arange(start, start + len(block), dtype=np.float32)
            left = (level.frames - frame) / np.float32(max(level.frames - fading, 1))
            sound *= np.where(frame < fading, np.float32(1), left.clip(0, 1))[:, None]
        for onset, click in clicks[upcoming:]:
            if onset >= start + len(block):
                break
            first, last = max(onset, start), min(onset + len(click), start + len(block))
            sound[first - start : last - start] += click[first - onset : last - onset]
            upcoming += onset + len(click) <= start + len(block)
        yield sound[: level.frames - start]
        start += len(block)
        if start >= level.frames:
            return


@cache
def _click(downbeat: bool) -> Block:
    """Return the sound of the metronome, higher and louder on a downbeat."""
    seconds = np.arange(round(_CLICK_SECONDS * SAMPLE_RATE)) / SAMPLE_RATE
    wave = np.sin(2 * np.pi * (1568 if downbeat else 1047) * seconds) * np.exp(-120 * seconds)
    return np.repeat((wave * (0.5 if downbeat else 0.32)).astype(np.float32)[:, None], 2, axis=1)
