"""Sound files on the machine's audio device, or opened by the system's own player."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Collection, Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sideman.output.audio import stderr

if TYPE_CHECKING:
    from numpy.typing import NDArray

_BUFFER_MILLISECONDS = 200
_TICK_SECONDS = 0.05
_GRACE_SECONDS = 2.0


def play(
    path: str | os.PathLike[str],
    started: Callable[[], object] = lambda: None,
    backends: Collection[Any] = (),
) -> bool:
    """Play a sound file to its end; return False at once if there is no audio device.

    An exception in the main thread, such as that of Ctrl-C, stops the sound at once.

    Parameters
    ----------
    path : path-like
        A sound file that libsndfile reads.
    started : callable
        Called when there is a device, just before the sound begins.
    backends : collection of miniaudio.Backend
        The sound systems to try; those of this machine where empty.
    """
    try:
        import miniaudio
        import soundfile
    except (ImportError, OSError):
        return False
    silent = (miniaudio.Backend.NULL, miniaudio.Backend.CUSTOM)
    enabled = miniaudio.get_enabled_backends()
    real = [each for each in miniaudio.Backend if each in enabled and each not in silent]
    ended = threading.Event()
    with contextlib.ExitStack() as stack:
        sound = stack.enter_context(soundfile.SoundFile(path))
        try:
            with stderr.discarded():  # of ALSA and JACK
                device = miniaudio.PlaybackDevice(
                    miniaudio.SampleFormat.SIGNED16,
                    sound.channels,
                    sound.samplerate,
                    buffersize_msec=_BUFFER_MILLISECONDS,
                    backends=list(backends) or real,
                    app_name="sideman",
                )
        except miniaudio.MiniaudioError:
            return False
        stack.callback(device.close)
        blocks = _blocks(sound, ended)
        next(blocks)
        started()
        device.start(blocks)
        # A device that is unplugged asks for no more blocks.
        latest = time.monotonic() + sound.frames / sound.samplerate + _GRACE_SECONDS
        while not ended.wait(_TICK_SECONDS) and time.monotonic() < latest:
            pass
    return True


def _blocks(sound: Any, ended: threading.Event) -> Generator[bytes | NDArray[Any], int, None]:
    """Yield as many frames as are sent, then silence until the device has played them."""
    silence = 0
    try:
        wanted = yield b""
        while silence < 2 * _BUFFER_MILLISECONDS * sound.samplerate // 1000:
            block = sound.read(wanted, dtype="int16", always_2d=True)
            silence += wanted - len(block)
            wanted = yield block
    finally:
        ended.set()


def open_elsewhere(path: Path) -> bool:
    """Open a file with the system's player; return False without a display or such a program."""
    if sys.platform == "win32":
        try:
            os.startfile(path)
        except OSError:
            return False
        return True
    opener = "open" if sys.platform == "darwin" else "xdg-open"
    shown = (
        sys.platform == "darwin" or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    )
    program = shutil.which(opener) if shown else None
    if program is None:
        return False
    done = subprocess.run(
        [program, path],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    return done.returncode == 0
