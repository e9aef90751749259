"""The course's ``midi.py`` and ``mid2wav``: MP3 and WAV of MIDI files."""

from __future__ import annotations

import os
from pathlib import Path

from sideman.errors import FileError
from sideman.files import writing_whole

_KILOBITS = 128
# The compression level of libsndfile: 0 is 320 kb/s, 1 is 32 kb/s.
_COMPRESSION = (320 - _KILOBITS) / (320 - 32)
_MOST_FILES = 1000
_RENDERED = Path("output") / "rendered.wav"


def render_folder(folder: str | os.PathLike[str] = ".") -> list[Path]:
    """Render every ``*.mid`` in a folder and its subfolders to an MP3 (128 kb/s) beside it, sorted.

    Each is first rendered to a WAV (48 kHz, 16 bit, stereo), which is deleted afterwards.  A
    FileError is raised if the folder does not exist, or has more than 1,000 MIDI files, and a
    FormatError or MissingExtraError if a file cannot be rendered.
    """
    root = Path(folder)
    if not root.is_dir():
        raise FileError(f"{root}: no such folder; check the name.")
    files = sorted(path for path in root.rglob("*.mid") if path.is_file())
    if len(files) > _MOST_FILES:
        raise FileError(f"{root}: holds more than {_MOST_FILES} MIDI files; give a smaller folder.")
    done = []
    for path in files:
        wav = path.with_suffix(".wav")
        print(f"Playing {path.name}")
        play(path, wav)
        print(f"Saving {wav.name}")
        try:
            done.append(_to_mp3(wav))
        finally:
            wav.unlink(missing_ok=True)
    return done


def mid2wav(file: str | os.PathLike[str] = "output/my_music.midi") -> None:
    """Render a MIDI file to ``output/rendered.wav``, as in version 4, but with the synthesiser."""
    play(Path(file), _RENDERED)


def play(file: Path, target: Path) -> None:
    """Render a MIDI file to a sound file, whose suffix gives the format."""
    from sideman.output import audio

    audio.render(file, target)


def _to_mp3(wav: Path) -> Path:
    import soundfile

    target = wav.with_suffix(".mp3")
    samples, rate = soundfile.read(wav, dtype="int16", always_2d=True)
    with writing_whole(target) as temporary:
        soundfile.write(
            temporary,
            samples,
            rate,
            format="MP3",
            subtype="MPEG_LAYER_III",
            bitrate_mode="CONSTANT",
            compression_level=_COMPRESSION,
        )
    return target
