"""Measure the sound of takes: balance, spectrum, loudness, peak, tail, and the speed of rendering.

python benchmarks/sound.py [--soundfont FILE|best] [--seed N]

Happy Birthday, a blues and a ballad are played as sideman improvise plays them, and rendered with
their stems.  Levels are root mean squares in decibels of full scale over the passages in which a
part sounds (within 40 dB of its loudest tenth of a second), flat and with the A-weighting of IEC
61672-1.  The speed is the length over the processor time of one rendering without stems.
"""

from __future__ import annotations

import argparse
import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
import tempfile
import time
from itertools import pairwise
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

import sideman
from sideman.formats.midi import reading
from sideman.output import audio
from sideman.output.audio import Mix, cues

TUNES = ("happy-birthday", "blues-f", "ballad-eb")
BANDS = (20, 60, 120, 250, 500, 1000, 2000, 4000, 8000, 16000)  # Hz
_TENTH, _SILENT_DB = 4800, -40
Floats = NDArray[np.float64]


def weighted(sound: Floats, rate: int = 48_000) -> Floats:
    """Return a sound of one channel with A-weighting."""
    spectrum = np.fft.rfft(sound)
    f = np.fft.rfftfreq(len(sound), 1 / rate)
    gain = 12194.0**2 * f**4
    gain /= (f**2 + 20.6**2) * (f**2 + 12194.0**2)
    gain /= np.sqrt((f**2 + 107.7**2) * (f**2 + 737.9**2))
    return np.fft.irfft(spectrum * gain * 10 ** (2.0 / 20), len(sound))


def level(sound: Floats) -> float:
    """Return the level in decibels of the passages that sound."""
    powers = (sound[: len(sound) // _TENTH * _TENTH].reshape(-1, _TENTH) ** 2).mean(axis=1)
    heard = powers[powers > powers.max() * 10 ** (_SILENT_DB / 10)]
    return float(10 * np.log10(heard.mean()))


def report(tune: str, seed: int, soundfont: str | None) -> None:
    """Render a take and print its measurements."""
    take = sideman.improvise(tune, seed=seed)
    mix = Mix(soundfont=soundfont)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "take.wav"
        take.save(Path(folder) / "take.mid")
        data = (Path(folder) / "take.mid").read_bytes()
        begun = time.process_time()
        audio.render_midi(data, path, mix=mix)
        took = time.process_time() - begun
        audio.render_midi(data, path, mix=mix, stems=True)
        whole, rate = soundfile.read(path)
        parts = {
            each.stem.removeprefix("take-"): soundfile.read(each)[0].mean(axis=1)
            for each in audio.stem_paths(data, path, mix=mix)
        }
    mono = whole.mean(axis=1)
    print(
        f"\n{tune}, seed {seed}: {len(mono) / rate:.1f} s, "
        f"{len(mono) / rate / took:.0f} × real time"
    )
    flat = {name: level(sound) for name, sound in parts.items()}
    heard = {name: level(weighted(sound)) for name, sound in parts.items()}
    solo = next(iter(parts))
    print("| part | flat, dB | less the solo | A-weighted | less the solo |\n|---|---|---|---|---|")
    for name in parts:
        print(
            f"| {name} | {flat[name]:.1f} | {flat[name] - flat[solo]:+.1f} | {heard[name]:.1f} | "
            f"{heard[name] - heard[solo]:+.1f} |"
        )
    band = np.sum([sound for name, sound in parts.items() if name != solo], axis=0)
    print(
        f"solo less the band: {flat[solo] - level(band):+.1f} dB flat, "
        f"{heard[solo] - level(weighted(band)):+.1f} dB A-weighted"
    )
    power = np.abs(np.fft.rfft(mono)) ** 2
    at = np.fft.rfftfreq(len(mono), 1 / rate)
    sums = [power[(at >= low) & (at < high)].sum() for low, high in pairwise(BANDS)]
    print(
        "spectrum, dB: "
        + ", ".join(
            f"{low}–{high} Hz {10 * np.log10(one / power.sum()):.0f}"
            for (low, high), one in zip(pairwise(BANDS), sums, strict=True)
        )
    )
    file = reading.parse(data, tune)
    bars = [round(beat.seconds * rate) for beat in cues.beats(file) if beat.downbeat]
    edges = [*bars[::4], len(mono)]
    four = [level(mono[begin:end]) for begin, end in pairwise(edges) if end - begin > rate]
    print("level by four bars, dB:", " ".join(f"{one:.1f}" for one in four))
    tail = 20 * np.log10(np.abs(whole[-rate // 10 :]).max() + 1e-9)
    print(f"peak {20 * np.log10(np.abs(whole).max()):.2f} dB, last tenth of a second {tail:.0f} dB")


def main() -> None:
    """Print a report for each tune."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--soundfont", help="an .sf2 or .sf3 file, or best")
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    for tune in TUNES:
        report(tune, options.seed, options.soundfont)


if __name__ == "__main__":
    main()
