"""Synthesisers: TinySoundFont, a Python package, and the system's FluidSynth.

Both play a General MIDI soundfont without effects and with the same curves: velocity v has the
amplitude (v/127)², controllers 7 and 11 likewise.  TinySoundFont's own curves differ and are
converted to FluidSynth's.
"""

from __future__ import annotations

import contextlib
import ctypes
import ctypes.util
import importlib.util
import os
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sideman.errors import FileError, MissingExtraError
from sideman.output.audio.cues import Event

SAMPLE_RATE = 44_100
SYNTHESISERS = ("tinysoundfont", "fluidsynth")
Block = NDArray[np.float32]  # (frames, 2)
_DRUM_CHANNEL = 9
_ALL_NOTES_OFF = 123
_BANKS = (0, 32)  # controllers of other standards; General MIDI has one bank
_VOICES = 256


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Synthesiser:
    """A synthesiser.

    Parameters
    ----------
    send : callable
        Plays an :class:`Event` at once, whatever its time.
    fill : callable
        Fills a block, (frames, 2) of float32 and contiguous, with the sound that follows.
    """

    send: Callable[[Event], None]
    fill: Callable[[Block], None]

    def hush(self) -> None:
        """Release every key."""
        for channel in range(16):
            self.send(Event(0.0, channel, "control", _ALL_NOTES_OFF, 0))


def load(name: str, soundfont: str | os.PathLike[str] | None = None) -> Synthesiser:
    """Return a synthesiser with its soundfont, every channel in the initial state of General MIDI.

    `name` is one of :data:`SYNTHESISERS`, `soundfont` an ``.sf2`` file or None for the default.
    TinySoundFont gives the same bytes on every machine; FluidSynth's versions differ.

    Raises
    ------
    MissingExtraError
        If the synthesiser is not installed.
    FileError
        If the soundfont cannot be read.
    """
    make = {"tinysoundfont": _tinysoundfont, "fluidsynth": _fluidsynth}[name]
    start = make(lambda: _checked(soundfont))
    for channel in range(16):
        start.send(Event(0.0, channel, "program", 0))
        start.send(Event(0.0, channel, "control", 7, 100))
    return start


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
        "or name a soundfont of your own."
    )


def _checked(soundfont: str | os.PathLike[str] | None) -> Path:
    """Return the path of a soundfont whose header is valid."""
    chosen = Path(soundfont) if soundfont is not None else soundfont_path()
    try:
        with chosen.open("rb") as stream:
            head = stream.read(12)
            size = stream.seek(0, os.SEEK_END)
    except (OSError, ValueError) as error:
        raise FileError(f"{chosen}: this soundfont cannot be read; check the name.") from error
    whole = int.from_bytes(head[4:8], "little") + 8 <= size
    if head[:4] != b"RIFF" or head[8:] != b"sfbk" or not whole:
        raise _broken(chosen)
    return chosen


def _broken(soundfont: Path) -> FileError:
    return FileError(f"{soundfont}: is not a valid soundfont; give an .sf2 file.")


def _tinysoundfont(soundfont: Callable[[], Path]) -> Synthesiser:
    try:
        import tinysoundfont
    except ImportError as error:
        raise MissingExtraError(
            "No synthesiser is installed; run pip install --no-deps tinysoundfont==0.3.7 "
            "(it needs Python 3.11 or 3.12), use fluidsynth, or leave the sound out.",
            field="synth",
        ) from error
    chosen = soundfont()
    synth: Any = tinysoundfont.Synth(samplerate=SAMPLE_RATE)
    try:
        synth.sfload(str(chosen), max_voices=_VOICES)
    except Exception as error:  # its wrapper raises bare RuntimeError and Exception
        raise _broken(chosen) from error

    def send(event: Event) -> None:
        if event.kind == "on":
            synth.noteon(event.channel, event.first, event.second**2 / 127)
        elif event.kind == "off":
            synth.noteoff(event.channel, event.first)
        elif event.kind == "bend":
            synth.pitchbend(event.channel, event.first)
        elif event.kind == "program":
            # Where the soundfont lacks the program the channel keeps the previous one.
            with contextlib.suppress(RuntimeError):
                synth.program_change(event.channel, event.first, event.channel == _DRUM_CHANNEL)
        elif event.kind == "control" and event.first not in _BANKS:
            value = event.second
            if event.first in (7, 11):  # TinySoundFont: amplitude ~ value³, FluidSynth: value²
                value = round(127 * (value / 127) ** (2 / 3))
            synth.control_change(event.channel, event.first, value)

    def fill(block: Block) -> None:
        synth.generate_simple(len(block), buffer=block.data.cast("B"))

    return Synthesiser(send, fill)


def _fluidsynth(soundfont: Callable[[], Path]) -> Synthesiser:
    """Return a synthesiser by the system's FluidSynth, its reverb and chorus disabled."""
    found = ctypes.util.find_library("fluidsynth") or ctypes.util.find_library("libfluidsynth-3")
    try:
        library = ctypes.CDLL(found or "libfluidsynth.so.3")
    except OSError as error:
        raise MissingExtraError(
            "FluidSynth is not installed; install it (apt install libfluidsynth3, brew install "
            "fluid-synth) or use tinysoundfont.",
            field="synth",
        ) from error
    for name in ("new_fluid_settings", "new_fluid_synth"):
        getattr(library, name).restype = ctypes.c_void_p
    for level in range(5):  # no log messages on standard error
        library.fluid_set_log_function(level, None, None)
    settings = ctypes.c_void_p(library.new_fluid_settings())
    library.fluid_settings_setnum(settings, b"synth.sample-rate", ctypes.c_double(SAMPLE_RATE))
    for switch in (b"synth.reverb.active", b"synth.chorus.active", b"synth.threadsafe-api"):
        library.fluid_settings_setint(settings, switch, 0)
    library.fluid_settings_setint(settings, b"synth.polyphony", _VOICES)
    synth = ctypes.c_void_p(library.new_fluid_synth(settings))

    def free() -> None:
        library.delete_fluid_synth(synth)
        library.delete_fluid_settings(settings)

    try:
        chosen = soundfont()
        if library.fluid_synth_sfload(synth, os.fsencode(chosen), 1) < 0:
            raise _broken(chosen)
    except Exception:
        free()
        raise

    def send(event: Event) -> None:
        if event.kind == "on":
            library.fluid_synth_noteon(synth, event.channel, event.first, event.second)
        elif event.kind == "off":
            library.fluid_synth_noteoff(synth, event.channel, event.first)
        elif event.kind == "bend":
            library.fluid_synth_pitch_bend(synth, event.channel, event.first)
        elif event.kind == "program":
            library.fluid_synth_program_change(synth, event.channel, event.first)
        elif event.kind == "control" and event.first not in _BANKS:
            library.fluid_synth_cc(synth, event.channel, event.first, event.second)

    def fill(block: Block) -> None:
        out = block.ctypes.data_as(ctypes.c_void_p)
        library.fluid_synth_write_float(synth, len(block), out, 0, 2, out, 1, 2)

    made = Synthesiser(send, fill)
    weakref.finalize(made, free)
    return made
