"""The choice of a synthesiser, and of its soundfont.

A General MIDI soundfont is played without effects and with the same curves by both synthesisers:
velocity v has the amplitude (v/127)², controllers 7 and 11 likewise.
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sideman.errors import FileError, MissingExtraError
from sideman.output.audio.cues import Event

SAMPLE_RATE = 48_000
"""Frames a second; midirenderer has no other."""
SYNTHESISERS = ("midirenderer", "fluidsynth")
LONGEST_TAIL_SECONDS = 8.0
DRUM_CHANNEL = 9
# Controllers that are not passed on: General MIDI has one bank, and the reverb is our own.
IGNORED_CONTROLS = (0, 32, 91, 93)
Block = NDArray[np.float32]  # (frames, 2)
Player = Callable[[Sequence[Event], int, int], Iterator[Block]]
"""A loaded synthesiser: ``play(events, end, size)`` yields blocks of `size` frames.

Every key is released at the frame `end`, and the tail lasts for LONGEST_TAIL_SECONDS.
"""


def load(name: str, soundfont: str | os.PathLike[str] | None = None) -> Player:
    """Return a synthesiser with its soundfont.

    `name` is one of :data:`SYNTHESISERS`, `soundfont` an ``.sf2`` file or None for the default.
    midirenderer gives the same bytes on every machine; FluidSynth's versions differ.

    Raises
    ------
    MissingExtraError
        If the synthesiser is not installed.
    FileError
        If the soundfont cannot be read.
    """
    from sideman.output.audio import fluidsynth, stretches

    made = {"midirenderer": stretches.load, "fluidsynth": fluidsynth.load}[name]
    return made(lambda: checked(soundfont))


def soundfont_path() -> Path:
    """Return the path of the default soundfont, TimGM6mb.

    Raises
    ------
    MissingExtraError
        If it is not installed.
    """
    spec = importlib.util.find_spec("pretty_midi")  # its wheel carries it; it is not imported
    for folder in (spec and spec.submodule_search_locations) or ():
        found = Path(folder) / "TimGM6mb.sf2"
        if found.is_file():
            return found
    raise MissingExtraError(
        "The soundfont that comes with pretty_midi is not installed; run pip install pretty_midi "
        "or name a soundfont of your own.",
        field="soundfont",
    )


def checked(soundfont: str | os.PathLike[str] | None) -> Path:
    """Return the path of a soundfont whose header is valid; the default one for None.

    Raises
    ------
    FileError
        If it cannot be read, or is no soundfont.
    """
    chosen = Path(soundfont) if soundfont is not None else soundfont_path()
    try:
        with chosen.open("rb") as stream:
            head = stream.read(12)
            size = stream.seek(0, os.SEEK_END)
    except (OSError, ValueError) as error:
        raise FileError(
            f"{chosen}: this soundfont cannot be read; check the name.", field="soundfont"
        ) from error
    whole = int.from_bytes(head[4:8], "little") + 8 <= size
    if head[:4] != b"RIFF" or head[8:] != b"sfbk" or not whole:
        raise broken(chosen)
    return chosen


def broken(soundfont: Path) -> FileError:
    """Return the error for a damaged soundfont."""
    return FileError(
        f"{soundfont}: is not a valid soundfont; give an .sf2 file.", field="soundfont"
    )
