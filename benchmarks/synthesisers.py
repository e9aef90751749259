"""Compare synthesisers: speed, and distance from the system's FluidSynth.

python benchmarks/synthesisers.py song.mid ...

Each song is rendered without reverb by midirenderer as sideman drives it, by tinysoundfont (where
`pip install --no-deps tinysoundfont` was done) and by FluidSynth (where libfluidsynth3 is
installed).  Printed are times real time in processor time, peak and level, the distance of the
log-mel spectra from FluidSynth's in decibels, and by how many milliseconds notes are late.
"""

import contextlib
import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from sideman.errors import MissingExtraError
from sideman.formats.midi import reading
from sideman.output.audio import cues, room, soundfonts, synthesiser
from sideman.output.audio.cues import Event
from sideman.output.audio.frames import SAMPLE_RATE, Block

MELS, WINDOW, HOP = 64, 2048, 512


def tiny() -> Callable[[Sequence[Event], int, int], Iterator[Block]]:
    """Return tinysoundfont, driven with FluidSynth's curves."""
    import tinysoundfont

    synth: Any = tinysoundfont.Synth(samplerate=SAMPLE_RATE)
    synth.sfload(str(soundfonts.soundfont_path()), max_voices=256)
    for channel in range(16):
        with contextlib.suppress(RuntimeError):
            synth.program_change(channel, 0, channel == 9)
        synth.control_change(channel, 7, round(127 * (100 / 127) ** (2 / 3)))

    def send(event: Event) -> None:
        if event.kind == "on":
            synth.noteon(event.channel, event.first, event.second**2 / 127)
        elif event.kind == "off":
            synth.noteoff(event.channel, event.first)
        elif event.kind == "bend":
            synth.pitchbend(event.channel, event.first)
        elif event.kind == "program":
            with contextlib.suppress(RuntimeError):
                synth.program_change(event.channel, event.first, event.channel == 9)
        elif event.kind == "control" and event.first not in (0, 32):
            value = event.second
            if event.first in (7, 11):
                value = round(127 * (value / 127) ** (2 / 3))
            synth.control_change(event.channel, event.first, value)

    def play(events: Sequence[Event], end: int, size: int) -> Iterator[Block]:
        upcoming = 0
        for start in range(0, end, size):
            block = np.zeros((size, 2), np.float32)
            done = 0
            while done < size:
                while upcoming < len(events) and (
                    events[upcoming].seconds * SAMPLE_RATE <= start + done + 0.5
                ):
                    send(events[upcoming])
                    upcoming += 1
                until = size
                if upcoming < len(events):
                    until = min(size, round(events[upcoming].seconds * SAMPLE_RATE) - start)
                until = max(until, done + 1)
                synth.generate_simple(until - done, buffer=block[done:until].data.cast("B"))
                done = until
            yield block

    return play


def mel_filters() -> Any:
    """Return triangular filters, shape (MELS, WINDOW // 2 + 1), from 40 Hz to 16 kHz."""
    edges = 700 * (np.expm1(np.linspace(np.log1p(40 / 700), np.log1p(16_000 / 700), MELS + 2)))
    at = np.fft.rfftfreq(WINDOW, 1 / SAMPLE_RATE)
    low, middle, high = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    return np.minimum((at - low) / (middle - low), (high - at) / (high - middle)).clip(0)


def log_mel(sound: Block) -> Any:
    """Return the log-mel spectrogram in decibels of a sound of level 1, at least −60."""
    mono = sound.mean(axis=1) / sound.std()
    frames = np.lib.stride_tricks.sliding_window_view(mono, WINDOW)[::HOP]
    power = np.abs(np.fft.rfft(frames * np.hanning(WINDOW))) ** 2
    decibels = 10 * np.log10(power @ mel_filters().T + 1e-12)
    return decibels.clip(decibels.max() - 60)


def lateness(sound: Block, reference: Block) -> float:
    """Return the shift in milliseconds at which the energy of two sounds correlates best."""

    def rises(one: Block) -> Any:
        energy = np.sqrt((one[: len(one) // 48 * 48] ** 2).reshape(-1, 96).sum(axis=1))
        return np.diff(np.log(energy + 1e-4)).clip(0)

    mine, other = rises(sound), rises(reference)
    scores = {
        shift: float(np.roll(mine, -shift)[50:-50] @ other[50:-50]) for shift in range(-20, 21)
    }
    return float(max(scores, key=scores.__getitem__))


def main(paths: Sequence[str]) -> None:
    """Print a table."""
    players = {}
    for name, make in {
        "fluidsynth": lambda: synthesiser.load("fluidsynth"),
        "midirenderer": lambda: synthesiser.load("midirenderer"),
        "tinysoundfont": tiny,
    }.items():
        try:
            players[name] = make
            make()
        except (MissingExtraError, ImportError):
            del players[name]
    print("| song | synthesiser | × real time | peak | level, dBFS | log-mel, dB | late, ms |")
    print("|---|---|---|---|---|---|---|")
    for path in paths:
        file = reading.parse(Path(path).read_bytes(), path)
        events, end = cues.events(file), round(cues.seconds(file) * SAMPLE_RATE)
        reference = None
        for name, make in players.items():
            times = []
            for _ in range(3):
                play = make()
                begun = time.process_time()
                sound = np.concatenate([*play(events, end, room.FRAMES)])[:end]
                times.append(time.process_time() - begun)
            distance = late = ""
            if reference is None:
                reference = sound
            elif "fluidsynth" in players:
                distance = f"{np.abs(log_mel(sound) - log_mel(reference)).mean():.1f}"
                late = f"{lateness(sound, reference):+.0f}"
            level = 20 * np.log10(sound.std())
            print(
                f"| {Path(path).stem} | {name} | {end / SAMPLE_RATE / min(times):.0f} | "
                f"{np.abs(sound).max():.2f} | {level:.1f} | {distance} | {late} |"
            )


if __name__ == "__main__":
    main(sys.argv[1:])
