"""The system's FluidSynth, loaded with ctypes; its reverb and chorus are disabled."""

from __future__ import annotations

import ctypes
import ctypes.util
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from sideman.errors import MissingExtraError
from sideman.output.audio.cues import Event
from sideman.output.audio.frames import (
    IGNORED_CONTROLS,
    LONGEST_TAIL_SECONDS,
    SAMPLE_RATE,
    Block,
    Player,
)
from sideman.output.audio.soundfonts import broken

_VOICES = 256
_ALL_NOTES_OFF = 123
_VOLUME = 7


def load(soundfont: Callable[[], Path]) -> Player:
    """Return FluidSynth with a soundfont; see :func:`sideman.output.audio.synthesiser.load`."""
    library = _library()
    chosen = soundfont()

    def play(events: Sequence[Event], end: int, size: int) -> Iterator[Block]:
        synth = _Synth(library, chosen)
        try:
            yield from synth.play(events, end, size)
        finally:
            synth.free()

    _Synth(library, chosen).free()  # a damaged soundfont is found before anything is played
    return play


def _library() -> ctypes.CDLL:
    found = ctypes.util.find_library("fluidsynth") or ctypes.util.find_library("libfluidsynth-3")
    try:
        library = ctypes.CDLL(found or "libfluidsynth.so.3")
    except OSError as error:
        raise MissingExtraError(
            "FluidSynth is not installed; install it (apt install libfluidsynth3, brew install "
            "fluid-synth) or use midirenderer.",
            field="synth",
        ) from error
    for name in ("new_fluid_settings", "new_fluid_synth"):
        getattr(library, name).restype = ctypes.c_void_p
    for level in range(5):  # no log messages on standard error
        library.fluid_set_log_function(level, None, None)
    return library


class _Synth:
    """A synthesiser in the initial state of General MIDI."""

    def __init__(self, library: ctypes.CDLL, soundfont: Path) -> None:
        self._library = library
        self._settings = ctypes.c_void_p(library.new_fluid_settings())
        library.fluid_settings_setnum(
            self._settings, b"synth.sample-rate", ctypes.c_double(SAMPLE_RATE)
        )
        for switch in (b"synth.reverb.active", b"synth.chorus.active", b"synth.threadsafe-api"):
            library.fluid_settings_setint(self._settings, switch, 0)
        library.fluid_settings_setint(self._settings, b"synth.polyphony", _VOICES)
        self._synth = ctypes.c_void_p(library.new_fluid_synth(self._settings))
        if library.fluid_synth_sfload(self._synth, os.fsencode(soundfont), 1) < 0:
            self.free()
            raise broken(soundfont)
        for channel in range(16):
            self._send(Event(0.0, channel, "program", 0))
            self._send(Event(0.0, channel, "control", _VOLUME, 100))

    def free(self) -> None:
        self._library.delete_fluid_synth(self._synth)
        self._library.delete_fluid_settings(self._settings)

    def play(self, events: Sequence[Event], end: int, size: int) -> Iterator[Block]:
        due = [round(event.seconds * SAMPLE_RATE) for event in events]
        count = -(-(end + round(LONGEST_TAIL_SECONDS * SAMPLE_RATE)) // size)
        upcoming, ringing = 0, False
        for start in range(0, count * size, size):
            block = np.empty((size, 2), np.float32)
            done = 0
            while done < size:
                while upcoming < len(due) and due[upcoming] <= start + done:
                    self._send(events[upcoming])
                    upcoming += 1
                if not ringing and end <= start + done:
                    for channel in range(16):
                        self._send(Event(0.0, channel, "control", _ALL_NOTES_OFF, 0))
                    ringing = True
                stops = [size, *([] if ringing else [end - start])]
                if upcoming < len(due):
                    stops.append(due[upcoming] - start)
                until = min(stops)
                self._fill(block[done:until])
                done = until
            yield block

    def _send(self, event: Event) -> None:
        synth, channel = self._synth, event.channel
        if event.kind == "on":
            self._library.fluid_synth_noteon(synth, channel, event.first, event.second)
        elif event.kind == "off":
            self._library.fluid_synth_noteoff(synth, channel, event.first)
        elif event.kind == "bend":
            self._library.fluid_synth_pitch_bend(synth, channel, event.first)
        elif event.kind == "program":
            self._library.fluid_synth_program_change(synth, channel, event.first)
        elif event.kind == "control" and event.first not in IGNORED_CONTROLS:
            self._library.fluid_synth_cc(synth, channel, event.first, event.second)

    def _fill(self, block: Block) -> None:
        out = block.ctypes.data_as(ctypes.c_void_p)
        self._library.fluid_synth_write_float(self._synth, len(block), out, 0, 2, out, 1, 2)
