"""Measure whether solos move towards what a listener has marked.

``.venv/bin/python benchmarks/taste.py [--listeners NAME ...] [--seeds 2] [--marks 20]``

A simulated listener likes one quality of solos, and nothing else.  Of takes over twenty tunes of
the songbook it marks twenty up or down: up with the probability 1 / (1 + exp(-3 z)), where z is the
quality in units of its spread over the takes, from their median.  A taste is learnt of the marks as
by ``sideman rate``, and a solo over another tune is played with it and without it, from the same
seed; each solo has a set of marks of its own.  Printed are the shift of the quality, in units of
its spread over solos without a taste, the same with each set of marks in a random order, and the
change of the critic's own score, in nats, with bootstrap intervals of 95 % over tunes, and at last
what the score is with ``--effort 1`` and with the effort.  ``docs/listening.md`` has results.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Mapping, Sequence
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
from sideman.models.taste import Taste, fitted
from sideman.score import Solo
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
"""A quality of each simulated listener, and the sign of its preference for more of it."""


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


Passage = Mapping[int, Floats]


def passage(take: Solo) -> Passage:
    """Return the features of a whole take."""
    assert take.changes is not None
    judge = critic.shipped().over(take.changes)
    return judge.passage(take.notes, 0, len(take.notes), take.changes.length)


@dataclass(frozen=True)
class Listener:
    """A listener to takes; those over a tune follow one another."""

    takes: Sequence[Solo]
    passages: Sequence[Passage]
    quality: Callable[[Solo], float]
    sign: int
    marks: int = MARKS

    def taste(self, rng: np.random.Generator, *, mixed: bool) -> Taste:
        """Return the taste of a set of marks, one a tune; `mixed` has them in a random order."""
        each = len(self.takes) // MARKS
        at = [each * tune + int(rng.integers(each)) for tune in range(MARKS)]
        at = [at[k] for k in rng.permutation(MARKS)[: self.marks]]
        liked = marked([self.takes[k] for k in at], self.quality, self.sign, rng)
        order = rng.permutation(len(liked)).tolist()
        liked = [liked[k] for k in order] if mixed else liked
        known = [(self.passages[k], like) for k, like in zip(at, liked, strict=True)]
        return fitted(known, tuple(critic.QUALITIES.values()))


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
    parser.add_argument("--seeds", type=int, default=2, help="solos over each tune")
    parser.add_argument("--marks", type=int, default=MARKS, help="marks of a set, at most 20")
    parser.add_argument("--effort", type=int, default=2)
    parser.add_argument("--best-of", type=int, default=1)
    options = parser.parse_args()
    usual = soloist().defaults
    controls = replace(usual, effort=options.effort, best_of=options.best_of)
    rated, others = tunes()
    seeds = range(options.seeds)
    takes = [solo(name, [1, at, n], controls=usual) for at, name in enumerate(rated) for n in seeds]
    passages = [passage(take) for take in takes]
    places = [(name, [2, at, n]) for at, name in enumerate(others) for n in seeds]
    before = [solo(*place, controls=controls) for place in places]
    print("| likes | shift | marks in a random order | the critic's score |\n|---|---|---|---|")
    for name in options.listeners:
        listener = Listener(takes, passages, *LISTENERS[name], options.marks)
        cells: list[str] = []
        for mixed in (False, True):
            rng = np.random.default_rng(list(LISTENERS).index(name))
            after = [
                solo(*place, controls=controls, taste=listener.taste(rng, mixed=mixed))
                for place in places
            ]
            cells += shift(before, after, listener.quality).told(rng)
        print(f"| {name} | {cells[0]} | {cells[2]} | {cells[1]} |", flush=True)
    plain = [solo(*place, controls=replace(usual, effort=1)) for place in places]
    means = [float(np.mean(list(map(score, each)))) for each in (plain, before)]
    print(f"\nthe critic's score: effort 1 {means[0]:.2f}, without a taste {means[1]:.2f}")


if __name__ == "__main__":
    main()
