"""A teacher's marks by rule, players beside generated solos: a table of ``docs/listening.md``.

``.venv/bin/python benchmarks/marks.py wjazzd.db split.json [--model NAME] [--cache FOLDER]``

The solos are those of ``benchmarks/told_apart.py``, with the same options: the 87 of valid and test
and two generated ones for each, from the same folder.  Each rate is printed for players and for
ours, with the ratio and the middle 95 in 100 of its bootstrap over tunes.

Where a note lies and how long the next one waits is that of the beatwise reading
(:func:`line_features.read`), so that a transcriber's grid makes no marks; lengths are as played.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, groupby

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from numpy.typing import NDArray

import line_features
import told_apart
from line_features import BAR, BEAT
from sideman.evaluation import novelty
from sideman.models.events import DURATION_TICKS, Events
from sideman.score import Note

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

EIGHTH = 12
FIFTH = 7
REPEATED = 4
LONG = BEAT
PER_BARS = 32
CELL = 4
CELL_NOTES = 128
DRAWS = 2000


class Heard:
    """A solo as it is marked; all arrays have an entry a note."""

    def __init__(self, events: Events, without: str = "") -> None:
        self.events, self._without = events, without
        self.line = line_features.read(events, beatwise=True)
        self.onset: Ints = self.line.onset
        self.pitch: Ints = self.line.pitch

    @cached_property
    def bars(self) -> int:
        """Bars from the first note's to the last's."""
        return int(self.onset[-1] // BAR - self.onset[0] // BAR + 1)

    @cached_property
    def length(self) -> Ints:
        """Ticks of each note as played."""
        return np.array(DURATION_TICKS)[self.events.duration]

    @cached_property
    def wait(self) -> Ints:
        """Ticks to the next note; none after the last."""
        return np.append(np.diff(self.onset), 0)

    @cached_property
    def step(self) -> Ints:
        """Semitones to the next note; none after the last."""
        return np.append(np.diff(self.pitch), 0)

    @cached_property
    def known(self) -> Bools:
        """Notes over a chord."""
        return ~np.isnan(self.line.inside("chord"))

    @cached_property
    def outside(self) -> Bools:
        """Notes neither in the chord nor in its first scale."""
        return self.line.inside("scale") == 0

    @cached_property
    def resolved(self) -> Bools:
        """Notes that a semitone follows."""
        return np.abs(self.step) == 1

    @cached_property
    def avoided(self) -> Bools:
        """Avoid notes of their chord (:meth:`sideman.theory.chord.Chord.avoids`)."""
        chords = self.events.chords
        both = zip(self.line.chord.tolist(), self.pitch.tolist(), strict=True)
        return np.array([chords[chord].avoids(pitch) for chord, pitch in both])

    @cached_property
    def copied(self) -> float:
        """The share of notes inside matches of six or more, the solo of the same name aside."""
        notes = [
            Note(onset, length, pitch)
            for onset, length, pitch in zip(
                self.events.onset.tolist(), self.length.tolist(), self.pitch.tolist(), strict=True
            )
        ]
        index = novelty.shipped()
        return index.match_symbols(novelty.symbols_of(notes), {self._without}).share


# Marks: how many there are in a solo


def outside_unresolved(solo: Heard) -> int:
    """Count notes outside chord and scale on beat 1 or 3 that no semitone follows."""
    return int((solo.outside & (solo.onset % (2 * BEAT) == 0) & ~solo.resolved).sum())


def avoid_held(solo: Heard) -> int:
    """Count avoid notes of a quarter or longer that begin on a beat."""
    return int((solo.avoided & (solo.onset % BEAT == 0) & (solo.length >= LONG)).sum())


def pitch_repeated(solo: Heard) -> int:
    """Count runs of four or more notes of one pitch.

    >>> from sideman.models.events import from_notes
    >>> pitches = [60] * 5 + [62] * 3 + [60] * 4
    >>> pitch_repeated(Heard(from_notes("", range(0, 144, 12), pitches, [6] * 12)))
    2
    """
    runs = [len(list(run)) for _, run in groupby(solo.pitch.tolist())]
    return sum(run >= REPEATED for run in runs)


def leap_not_turned(solo: Heard) -> int:
    """Count leaps over a fifth, an eighth after the note before, that do not turn back."""
    leap = (np.abs(solo.step[:-2]) > FIFTH) & (solo.wait[:-2] == EIGHTH)
    return int((leap & (np.sign(solo.step[1:-1]) != -np.sign(solo.step[:-2]))).sum())


def silence(solo: Heard) -> int:
    """Count waits of two bars or more from one note to the next."""
    return int((solo.wait >= 2 * BAR).sum())


MARKS: dict[str, Callable[[Heard], int]] = {
    "outside note on 1 or 3, unresolved": outside_unresolved,
    "avoid note held on a beat": avoid_held,
    "same pitch four times": pitch_repeated,
    "leap in eighths not turned back": leap_not_turned,
    "silence of two bars": silence,
}


# Rates: a count and what it is counted among


@dataclass(frozen=True)
class Counted:
    """Counts of some solos or pairs of solos: a rate is the sum of `hits` over that of `of`."""

    tunes: tuple[str, ...]
    hits: Floats
    of: Floats

    @property
    def rate(self) -> float:
        """The rate of all together."""
        return float(self.hits.sum() / self.of.sum()) if self.of.any() else float("nan")

    def drawn(self, tunes: Sequence[str], times: Ints) -> Floats:
        """Return the rate of each draw; `times`, (draws, tunes), says how often tunes are in it."""
        number = [tunes.index(tune) for tune in self.tunes]
        hits, of = (np.bincount(number, values, len(tunes)) for values in (self.hits, self.of))
        with np.errstate(invalid="ignore"):
            rates: Floats = (times @ hits) / (times @ of)
        return rates


Named = Sequence[tuple[str, Heard]]
"""Solos, each with its tune."""


def counted(solos: Named, count: Callable[[Heard], tuple[float, float]]) -> Counted:
    """Return what a function counts in each solo."""
    hits, of = zip(*(count(solo) for _, solo in solos), strict=True)
    return Counted(tuple(tune for tune, _ in solos), np.array(hits, float), np.array(of, float))


def long_notes(solo: Heard) -> Bools:
    """Return the notes of a quarter or longer over a chord."""
    return solo.known & (solo.length >= LONG)


def _among(hits: Bools, of: Bools) -> tuple[int, int]:
    return int((hits & of).sum()), int(of.sum())


SHARES: dict[str, Callable[[Heard], tuple[float, float]]] = {
    "long notes on chord tones": lambda solo: _among(
        solo.line.inside("chord") == 1, long_notes(solo)
    ),
    "long notes outside": lambda solo: _among(solo.outside, long_notes(solo)),
    "of them resolved by a semitone": lambda solo: _among(
        solo.resolved, long_notes(solo) & solo.outside
    ),
    "notes in matches of six or more": lambda solo: (solo.copied * len(solo.line), len(solo.line)),
    "entropy of durations, bits": lambda solo: (line_features.entropy(solo.length.tolist()), 1),
}


def measured(solos: Named, pairs: Sequence[tuple[str, Heard, Heard]]) -> dict[str, Counted]:
    """Return everything that is measured of some solos, and of pairs of solos over one tune."""
    found = {
        name: counted(solos, lambda solo, mark=mark: (mark(solo), solo.bars / PER_BARS))  # type: ignore[misc]
        for name, mark in MARKS.items()
    }
    found["all marks"] = counted(
        solos, lambda solo: (sum(mark(solo) for mark in MARKS.values()), solo.bars / PER_BARS)
    )
    found |= {name: counted(solos, share) for name, share in SHARES.items()}
    return found | {"cells shared by two solos over a tune": shared_cells(pairs)}


def shared_cells(pairs: Sequence[tuple[str, Heard, Heard]]) -> Counted:
    """Return the cells that two solos share in their first 128 notes; all tunes weigh the same."""
    found: dict[str, list[float]] = {}
    for tune, one, other in pairs:
        if min(len(one.line), len(other.line)) >= CELL_NOTES:
            found.setdefault(tune, []).append(shared(cells(one), cells(other)))
    shares = np.array([np.mean(of_tune) for of_tune in found.values()])
    return Counted(tuple(found), shares, np.ones(len(shares)))


def cells(solo: Heard) -> list[tuple[int, ...]]:
    """Return every four intervals in a row among the first 128 notes."""
    steps = np.diff(solo.pitch[:CELL_NOTES]).tolist()
    return [tuple(steps[at : at + CELL]) for at in range(len(steps) - CELL + 1)]


def shared(one: Sequence[tuple[int, ...]], other: Sequence[tuple[int, ...]]) -> float:
    """Return the share of cells of either that the other has too.

    >>> shared([(1, 2), (1, 2), (3, 4)], [(1, 2), (5, 6)])
    0.6
    """
    known = set(one) & set(other)
    return sum(cell in known for cell in (*one, *other)) / (len(one) + len(other))


def ratio(ours: Counted, theirs: Counted, rng: np.random.Generator) -> tuple[float, float, float]:
    """Return the ratio of two rates with an interval over tunes, drawn with replacement."""
    tunes = sorted({*ours.tunes, *theirs.tunes})
    times = rng.multinomial(len(tunes), np.full(len(tunes), 1 / len(tunes)), DRAWS)
    with np.errstate(divide="ignore", invalid="ignore"):
        drawn = ours.drawn(tunes, times) / theirs.drawn(tunes, times)
    low, high = np.nanquantile(drawn, (0.025, 0.975))
    return ours.rate / theirs.rate, float(low), float(high)


def by_players(solos: Sequence[tuple[str, Heard]]) -> Iterator[tuple[str, Heard, Heard]]:
    """Yield every two solos of different players over the same tune."""
    for (tune, one), (other_tune, other) in combinations(solos, 2):
        if tune == other_tune and one.events.performer != other.events.performer:
            yield tune, one, other


def by_seeds(solos: Sequence[tuple[str, Heard]]) -> Iterator[tuple[str, Heard, Heard]]:
    """Yield every two solos of different seeds over the changes of the same solo."""
    for (tune, one), (_, other) in combinations(solos, 2):
        if one.events.name == other.events.name:
            yield tune, one, other


def main() -> None:
    options = told_apart.arguments(__doc__).parse_args()
    items = told_apart.real(options.corpus, options.split)
    players = [(told_apart.tune_of(item), Heard(item.events, item.name)) for item in items]
    theirs = measured(players, list(by_players(players)))
    for label, solos in told_apart.asked(options, items).items():
        played = [(told_apart.tune_of(item), Heard(events, item.name)) for item, events in solos]
        ours = measured(played, list(by_seeds(played)))
        print(f"| | players | {label} | ratio |\n|---|---|---|---|")
        for name, real in theirs.items():
            value, low, high = ratio(ours[name], real, np.random.default_rng(0))
            rates = f"{real.rate:.3g} | {ours[name].rate:.3g}"
            print(f"| {name} | {rates} | {value:.2f} ({low:.2f}–{high:.2f}) |")
        print()


if __name__ == "__main__":
    main()
