"""Play twelve tunes with fixed seeds, to be read as pages, and count what a teacher would mark.

``.venv/bin/python benchmarks/reading.py FOLDER [--src ../sideman-0.1/src] [--stretches TUNE ...]``

What FOLDER lacks is played, MIDI, page and sound, by the command of the source tree.  The first
table has the marks of each solo (``benchmarks/marks.py``, counts).  For the tunes of
``--stretches`` each four bars follow: the level of the sound, of the solo alone and of everything,
notes a bar, the mean pitch, and the share of time in rests of an eighth or longer.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import soundfile

import marks
import sideman
from marks import BEAT
from sideman.models import events
from sideman.score import Solo

TWELVE = {
    "avalon": 1,
    "bird-blues-f": 2,
    "indiana": 3,
    "jazz-waltz-f": 4,
    "ballad-eb": 5,
    "bossa-d": 6,
    "blues-f": 7,
    "minor-blues-c": 8,
    "rhythm-changes-bb": 9,
    "happy-birthday": 10,
    "modal-d-minor": 11,
    "| Cmaj7 B7 | Bb7 A7 | Ab7 G7 | F#7 F7 | E7 Eb7 | D7 Db7 | Cmaj7 | Db7 |": 12,
}
"""Tunes and seeds; the last is a cycle of dominants, each resolved by its tritone substitute."""
CHORUSES = 2
BARS = 4


def play(tune: str, seed: int, folder: Path, source: str) -> Path:
    """Return the MIDI file of a tune, which is played with page and sound if it is not there."""
    place = folder / f"{seed:02}"
    if not place.exists():
        subprocess.run(
            [
                *(sys.executable, "-m", "sideman", "improvise", tune, "--out", place),
                *("--seed", str(seed), "--choruses", str(CHORUSES), "--no-head", "--no-ending"),
                *("--score", "pdf", "--score", "svg", "--audio-format", "wav", "--stems"),
            ],
            env=os.environ | ({"PYTHONPATH": source} if source else {}),
            check=True,
            stdout=subprocess.DEVNULL,
        )
    (found,) = place.rglob("*.mid")
    return found


def level(sound: Path, bars: float, tempo: float, per_bar: int) -> list[float]:
    """Return the level of each four bars in decibels of full scale."""
    samples, rate = soundfile.read(sound)
    step = round(BARS * per_bar / BEAT * 60 / tempo * rate)
    parts = (samples[at : at + step] for at in range(0, round(bars / BARS * step), step))
    return [10 * float(np.log10(np.mean(np.square(part)) + 1e-12)) for part in parts]


def stretches(midi: Path, solo: Solo) -> Iterator[tuple[float, float, float, float, float]]:
    """Yield levels (solo, all), notes a bar, mean pitch and share of rests of each four bars."""
    assert solo.changes is not None
    per_bar = solo.changes.meter.ticks_per_bar
    bars = solo.changes.length / per_bar
    tempo = solo.tempo_bpm or 120.0
    sounds = sorted(midi.parent.glob("*.wav"), key=lambda path: len(path.name))
    (stem,) = (path for path in sounds[1:] if "solo" in path.name)
    levels = (level(path, bars, tempo, per_bar) for path in (stem, sounds[0]))
    for number, (alone, whole) in enumerate(zip(*levels, strict=True)):
        begin = number * BARS * per_bar
        end = min(begin + BARS * per_bar, solo.changes.length)
        notes = [note for note in solo.notes if begin <= note.onset < end]
        edges = [begin, *(edge for note in notes for edge in (note.onset, note.end)), end]
        silent = np.diff(edges)[::2]
        pitch = float(np.mean([note.pitch for note in notes])) if notes else float("nan")
        rests = float(silent[silent >= BEAT // 2].sum()) / (end - begin)
        yield alone, whole, len(notes) * per_bar / (end - begin), pitch, rests


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--src", default="", help="source tree of another version")
    parser.add_argument("--stretches", nargs="*", default=[])
    options = parser.parse_args()
    solos = {}
    for tune, seed in TWELVE.items():
        midi = play(tune, seed, options.folder, options.src)
        solos[tune] = midi, sideman.read(midi).solo
    print("| tune | bars | notes |", " | ".join(marks.MARKS), "|")
    print("|---|---|---|" + "---|" * len(marks.MARKS))
    total = np.zeros(2 + len(marks.MARKS))
    for tune, (_, solo) in solos.items():
        heard = marks.Heard(events.from_solo(solo))
        row = [heard.bars, len(solo.notes), *(mark(heard) for mark in marks.MARKS.values())]
        total += row
        print(f"| {solo.title or tune} |", " | ".join(map(str, row)), "|")
    print("| all |", " | ".join(f"{value:.0f}" for value in total), "|")
    for tune in options.stretches:
        print(f"\n{tune}\n\n| bars | solo, dB | all, dB | notes a bar | pitch | rests |")
        print("|---|---|---|---|---|---|")
        for number, (alone, whole, density, pitch, rests) in enumerate(stretches(*solos[tune])):
            first = number * BARS + 1
            row = f"{alone:.1f} | {whole:.1f} | {density:.1f} | {pitch:.1f} | {rests:.2f}"
            print(f"| {first}–{first + BARS - 1} | {row} |")


if __name__ == "__main__":
    main()
