"""The choice of a synthesiser.

Both play a General MIDI soundfont without effects and with the same curves: velocity v has the
amplitude (v/127)², controllers 7 and 11 likewise.
"""

from __future__ import annotations

import os

from sideman.output.audio import fluidsynth, soundfonts, stretches
from sideman.output.audio.frames import Player

_LOADING = {"midirenderer": stretches.load, "fluidsynth": fluidsynth.load}
SYNTHESISERS = tuple(_LOADING)


def load(name: str, soundfont: str | os.PathLike[str] | None = None) -> Player:
    """Return a synthesiser with its soundfont.

    `name` is one of :data:`SYNTHESISERS`, `soundfont` as :func:`soundfonts.checked` takes it.
    midirenderer gives the same bytes on every machine; FluidSynth's versions differ.  A
    MissingExtraError is raised if the synthesiser is not installed, and a FileError if the
    soundfont cannot be read.
    """
    return _LOADING[name](lambda: soundfonts.checked(soundfont))
