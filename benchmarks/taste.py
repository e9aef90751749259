"""Measure whether solos move towards what a listener has marked.

``.venv/bin/python benchmarks/taste.py [--listeners NAME ...] [--sets 3] [--effort 2]``

A simulated listener likes one quality of solos and hears nothing else.  It marks twenty takes over
twenty tunes of the songbook up or down: up with the probability 1 / (1 + exp(-3 z)), where z is the
quality in units of its spread over the takes, from their median.  The marks make a taste as those
of ``sideman rate`` do, and the solos over the other tunes are played with it and without it, with
the same seeds.  Printed are the shift of the quality, in units of its spread over solos without a
taste, the same with the marks in a random order, so that they tell nothing, and the loss of the
critic's own score, in nats, each with a bootstrap interval of 95 % over tunes.  Each set of marks
has takes of its own.  ``docs/listening.md`` has results.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from numpy.typing import NDArray

from sideman.evaluation import style
from sideman.evaluation.bootstrap import paired
from sideman.library import songbook
from sideman.models import critic, registry
from sideman.models.controls import Controls
from sideman.models.soloist import NeuralSoloist
from sideman.models.taste import Taste
from sideman.score import Solo
from sideman.service.rating import Mark, Marks
from sideman.service.requests import PlayRequest
from sideman.service.takes.performer import Performer

MARKS = 20
BARS = 40
_SURENESS = 3.0
_STRETCH_TICKS = 4 * 96
_USUAL_BPM = 140.0

Floats = NDArray[np.float64]


def density(solo: Solo) -> float:
    """Return the notes a quarter."""
    assert solo.changes is not None
    return 24 * len(solo.notes) / solo.changes.length


def register(solo: Solo) -> float:
    """Return the mean pitch."""
    return float(np.mean([note.pitch for note in solo.notes]))


def chord_tones(solo: Solo) -> float:
    """Return the share of chord tones."""
    return style.chord_tones(solo) or 0.0


def range_width(solo: Solo) -> float:
    """Return the mean range of stretches of four bars, in semitones."""
    stretches: dict[int, list[int]] = {}
    for note in solo.notes:
        stretches.setdefault(note.onset // _STRETCH_TICKS, []).append(note.pitch)
    return float(np.mean([max(pitches) - min(pitches) for pitches in stretches.values()]))


LISTENERS: dict[str, tuple[Callable[[Solo], float], int]] = {
    "few notes": (density, -1),
    "many notes": (density, 1),
    "a high register": (register, 1),
    "a wide range": (range_width, 1),
    "chord tones": (chord_tones, 1),
}
"""What is heard, and whether more or less of it is liked."""


@lru_cache(maxsize=1)
def soloist() -> NeuralSoloist:
    """Return the soloist."""
    found = registry.load()
    assert isinstance(found, NeuralSoloist)
    return found


def solo(tune: str, seed: Sequence[int], *, controls: Controls, taste: Taste | None = None) -> Solo:
    """Return a solo of about 40 bars over a tune."""
    sheet = songbook.load(tune)
    changes = sheet.changes.repeated(max(1, round(BARS / len(sheet.changes.bars))))
    tempo = sheet.tempo_bpm or _USUAL_BPM
    performer = Performer(soloist().tasting(taste), tempo, controls=controls)
    notes = performer.play(changes, rng=np.random.default_rng(seed))
    return Solo(tune, notes, changes, tempo_bpm=tempo)


def tunes() -> tuple[list[str], list[str]]:
    """Return the tunes of the songbook whose takes are marked, and the others."""
    names = sorted(songbook.names())
    order = np.random.default_rng(0).permutation(len(names)).tolist()
    mixed = [names[at] for at in order]
    return mixed[:MARKS], mixed[MARKS:]


def marked(
    takes: Sequence[Solo], quality: Callable[[Solo], float], sign: int, rng: np.random.Generator
) -> list[bool]:
    """Return which takes a listener likes; some, and not all."""
    heard = sign * np.array([quality(take) for take in takes])
    z = (heard - np.median(heard)) / heard.std()
    while True:
        liked = rng.random(len(z)) < 1 / (1 + np.exp(-_SURENESS * z))
        if 0 < liked.sum() < len(liked):
            return [bool(each) for each in liked]


def learnt(takes: Sequence[Solo], liked: Sequence[bool]) -> Taste:
    """Return the taste of a listener who likes some of the takes."""
    requests = [PlayRequest(seed=number) for number in range(len(takes))]
    marks = (Mark(like, take, ask) for like, take, ask in zip(liked, takes, requests, strict=True))
    return Marks("taste", tuple(marks)).taste


@dataclass(frozen=True)
class Shift:
    """Differences of solos with a taste and without, by tune: (tunes, 2), quality and score."""

    differences: Floats

    def told(self, rng: np.random.Generator) -> list[str]:
        """Return both means with their intervals."""
        found = paired(self.differences, np.ones(len(self.differences), np.int64), rng)
        ends = zip(found.mean, found.low, found.high, strict=True)
        return [f"{mean:+.2f} ({low:+.2f} to {high:+.2f})" for mean, low, high in ends]


def score(line: Solo) -> float:
    """Return the score of the critic without a taste."""
    assert line.changes is not None
    judge = critic.shipped().over(line.changes)
    return judge.whole(line.notes, line.changes.length)


def shift(before: Sequence[Solo], after: Sequence[Solo], quality: Callable[[Solo], float]) -> Shift:
    """Return how far solos moved; those over a tune follow one another."""
    spread = np.std([quality(each) for each in before])
    rows = [
        [(quality(b) - quality(a)) / spread, score(b) - score(a)]
        for a, b in zip(before, after, strict=True)
    ]
    names = [each.title for each in before]
    return Shift(
        np.array(
            [
                np.mean(
                    [row for row, name in zip(rows, names, strict=True) if name == tune], axis=0
                )
                for tune in sorted(set(names))
            ]
        )
    )


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--listeners", nargs="+", default=list(LISTENERS), choices=LISTENERS)
    parser.add_argument("--sets", type=int, default=3, help="sets of marks")
    parser.add_argument("--effort", type=int, default=2)
    parser.add_argument("--best-of", type=int, default=1)
    options = parser.parse_args()
    controls = replace(soloist().defaults, effort=options.effort, best_of=options.best_of)
    train, test = tunes()
    seeds = range(options.sets)
    takes = [
        [solo(tune, [1, number, at], controls=soloist().defaults) for at, tune in enumerate(train)]
        for number in seeds
    ]
    before = [
        solo(tune, [2, n, at], controls=controls) for at, tune in enumerate(test) for n in seeds
    ]
    print(
        "| likes | shift | with marks in a random order | the critic's score |\n|---|---|---|---|"
    )
    for number, name in enumerate(options.listeners):
        quality, sign = LISTENERS[name]
        cells = []
        for mixed in (False, True):
            tastes = []
            for each, heard in enumerate(takes):
                rng = np.random.default_rng([3, each, list(LISTENERS).index(name)])
                liked = marked(heard, quality, sign, rng)
                order = rng.permutation(len(liked)).tolist()
                tastes.append(learnt(heard, [liked[k] for k in order] if mixed else liked))
            after = [
                solo(tune, [2, n, at], controls=controls, taste=tastes[n])
                for at, tune in enumerate(test)
                for n in seeds
            ]
            cells.append(shift(before, after, quality).told(np.random.default_rng(number)))
        print(f"| {name} | {cells[0][0]} | {cells[1][0]} | {cells[0][1]} |", flush=True)


if __name__ == "__main__":
    main()
