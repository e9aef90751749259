"""Can generated solos be told from players'?  A discriminator of lines.

``.venv/bin/python benchmarks/told_apart.py wjazzd.db split.json [--model NAME] [--cache FOLDER]``

The 87 solos of valid and test in 4/4 stand against one generated solo for each with each of two
seeds, over the same changes, tempo, choruses and range.  A classifier (gradient boosting on the
features of ``benchmarks/line_features.py``) is trained on four fifths of the tunes and scores the
rest; printed is the area under its ROC curve (AUC): the probability that it gives a generated
stretch the higher score of two.  .5 is chance.  ``docs/listening.md`` has results.

``--network`` adds a second judge, a convolutional network on windows of 64 notes
(``benchmarks/window_network.py``), ``--groups`` each group of features alone at that length,
``--control`` players against players.

It is no part of playing or fitting: nothing in the package imports it.  Generated solos are kept in
a folder inside that of ``--cache``, named after the fingerprint of the model and of the code that
plays, so that a run that was interrupted goes on where it was, and changed code plays anew.
``--beside`` takes such a folder, whatever played what is in it.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from numpy.typing import NDArray

import line_features
import sideman
from sideman import files
from sideman.evaluation import loading
from sideman.models import file, registry
from sideman.models.events import Events, from_notes
from sideman.models.protocol import Soloist
from sideman.score import Changes
from sideman.service.takes.performer import Performer
from sideman.theory.instruments import Instrument

PARTS = ("valid", "test")
SEEDS = (0, 1)
_FIRST_SEED = 20_260
_OCTAVE = 12
_TENOR_SAX = 66

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Notes = list[tuple[int, int, int]]
"""Onset in ticks, MIDI number and duration in ticks of each note."""


@dataclass(frozen=True)
class Played:
    """A generated line and the seconds of processor time that it took."""

    notes: Notes
    seconds: float


def real(corpus: str, split: str, parts: Sequence[str] = PARTS) -> list[loading.Item]:
    """Return the solos in 4/4 of some parts of a split, sorted by name."""
    found: list[loading.Item] = []
    for part in parts:
        found += loading.select([corpus], split, part, only_common_time=True).items
    return sorted(found, key=lambda item: item.name)


def tune_of(item: loading.Item) -> str:
    """Return the tune of a solo of the Weimar database, without the number of its take."""
    title = item.name.rpartition("_")[2]
    return title[:-2] if title[-2:-1] == "-" else title


def performer_like(item: loading.Item, soloist: Soloist) -> Performer:
    """Return a soloist with the tempo and the range of a real solo, at least an octave."""
    pitches = item.events.pitch
    low, high = int(pitches.min()), int(pitches.max())
    instrument = Instrument("as the player", _TENOR_SAX, low, max(high, low + _OCTAVE))
    return Performer(soloist, item.solo.tempo_bpm or 120.0, instrument)


@cache
def code() -> str:
    """Return a fingerprint of the source of everything that takes part in playing a line."""
    root = Path(sideman.__file__).parent
    digest = sha256()
    for path in sorted([*root.glob("models/**/*.py"), *root.glob("service/takes/performer.py")]):
        digest.update(path.relative_to(root).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()[:8]


@dataclass(frozen=True)
class Model:
    """A model by name or path, with a label for tables and folders."""

    name: str
    label: str

    @cached_property
    def fingerprint(self) -> str:
        """Return a fingerprint of the file and of the code that plays it."""
        return sha256(file.content(self.name)[1]).hexdigest()[:8] + code()

    def soloist(self) -> Soloist:
        """Return the model, loaded once."""
        return _loaded(self.name)


@cache
def _loaded(name: str) -> Soloist:
    return registry.load(name)


class Store:
    """Generated lines in a folder, one file each; without a folder they are played each time."""

    def __init__(self, folder: str | None) -> None:
        self._folder = Path(folder) if folder else None

    def line(
        self, model: Model, key: str, performer: Performer, changes: Changes, seed: Sequence[int]
    ) -> Played:
        """Return a :class:`Played` line, from the folder if it is there."""
        path = self._folder and self._folder / f"{model.label}-{model.fingerprint}" / f"{key}.json"
        if path and path.exists():
            return kept(path)
        rng = np.random.default_rng(list(seed))
        began = time.process_time()
        notes = performer.play(changes, rng=rng)
        took = time.process_time() - began
        played = Played([(n.onset, n.pitch, n.duration) for n in notes], took)
        if path:
            keep(path, played.notes, took)
        return played


def keep(path: Path, notes: Notes, seconds: float = 0.0) -> None:
    """Write a line to a file for :func:`kept`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    files.write_whole(path, json.dumps({"notes": notes, "seconds": seconds}))


def kept(path: Path) -> Played:
    """Return the line in a file of a :class:`Store`."""
    found = json.loads(path.read_text())
    return Played([tuple(note) for note in found["notes"]], found["seconds"])


def progress(what: str, done: int, of: int) -> None:
    """Print how far a run is."""
    print(f"\r{what}: {done} of {of}    ", end="\n" * (done == of), file=sys.stderr, flush=True)


Solos = list[tuple[loading.Item, Events]]
"""Generated lines, each with the real solo in whose place it stands."""


def generated(
    model: Model, items: Sequence[loading.Item], store: Store, seeds: Iterable[int] = SEEDS
) -> Solos:
    """Return a generated solo for each real one and each seed, over its changes and range."""
    seeds = tuple(seeds)
    found = []
    for number, item in enumerate(items):
        for seed in seeds:
            changes = item.solo.changes
            assert changes is not None
            place = [_FIRST_SEED + seed, number]
            performer = performer_like(item, model.soloist())
            line = store.line(model, f"{item.name}-{seed}", performer, changes, place).notes
            found.append((item, events_of(item, line)))
            progress(model.label, len(found), len(items) * len(seeds))
    return found


def found_in(folder: Path, items: Sequence[loading.Item]) -> Solos:
    """Return what :func:`generated` left in a folder, with all seeds."""
    return [
        (item, events_of(item, kept(folder / f"{item.name}-{seed}.json").notes))
        for item in items
        for seed in SEEDS
    ]


def events_of(item: loading.Item, line: Notes) -> Events:
    """Return the events of a line over the changes of a real solo."""
    onsets, pitches, lengths = zip(*line, strict=True) if line else ((), (), ())
    changes, tempo = item.solo.changes, item.solo.tempo_bpm
    return from_notes(item.name, onsets, pitches, lengths, changes, tempo_bpm=tempo)


# The classifier

SIZES = (16, 32, 64, None)
"""Lengths of the stretches that are classified, in notes; None for the whole solo."""
MOST_STRETCHES = 8
"""The most stretches of one solo, evenly spread over it."""
FEWEST_NOTES = 12
FOLDS = 5
ROUNDS = 1
"""Number of divisions of the tunes into folds; a stretch's score is the mean over them."""
DRAWS = 1000
READINGS = {
    "beatwise": (True, line_features.GROUPS),
    "beatwise, rhythm": (True, line_features.RHYTHM),
    "beatwise, pitch": (True, (*line_features.PITCH, line_features.harmony)),
    "raw": (False, line_features.GROUPS),
}
HEADLINE = "beatwise"
ALONE = {f"beatwise, {group.__name__}": (True, (group,)) for group in line_features.GROUPS}
del ALONE["beatwise, articulation"]  # the beatwise reading has no durations
ALONE["raw, articulation"] = (False, (line_features.articulation,))


@dataclass(frozen=True, eq=False)
class Sample:
    """The stretches of one side: a row of features each, their tunes and their solos."""

    names: tuple[str, ...]
    rows: Floats
    tunes: list[str]
    solos: list[str]


@dataclass(frozen=True)
class Area:
    """An AUC with the middle 95 in 100 of its bootstrap over tunes, and stretches on each side."""

    value: float
    low: float
    high: float
    stretches: tuple[int, int]

    def __str__(self) -> str:
        return f"{self.value:.3f} ({self.low:.2f}–{self.high:.2f})"


def starts(notes: int, size: int) -> list[int]:
    """Return the first notes of stretches of `size` notes that do not overlap.

    >>> starts(100, 32)
    [0, 34, 68]
    """
    many = min(MOST_STRETCHES, notes // size)
    return [round(at) for at in np.linspace(0, notes - size, many)] if many else []


class Extractor:
    """Extracts the features of solos, with n-grams counted on other solos.

    Parameters
    ----------
    counted : sequence of Events
        The solos of the training part.
    """

    def __init__(self, counted: Sequence[Events]) -> None:
        self._counts = {
            beatwise: line_features.Counts(
                line_features.read(one, beatwise=beatwise) for one in counted
            )
            for beatwise in (True, False)
        }

    def sample(
        self, solos: Sequence[tuple[str, str, Events]], size: int | None, *, beatwise: bool
    ) -> Sample:
        """Return the features of all stretches of some solos, each with its tune and its name."""
        rows, tunes, names = [], [], []
        for tune, name, events in solos:
            if len(events) < max(FEWEST_NOTES, size or 0):
                continue
            line = self._counts[beatwise].annotated(line_features.read(events, beatwise=beatwise))
            for first in starts(len(line), size or len(line)):
                stretch = line_features.Stretch(line, first, first + (size or len(line)))
                rows.append(line_features.features(stretch))
                tunes.append(tune)
                names.append(name)
        keys = tuple(rows[0]) if rows else ()
        return Sample(keys, np.array([list(row.values()) for row in rows]), tunes, names)


def columns(sample: Sample, groups: Sequence[line_features.Group]) -> Floats:
    """Return the columns of some groups of features."""
    wanted = {group.__name__ for group in groups}
    return sample.rows[:, [name.partition(":")[0] in wanted for name in sample.names]]


def folds(tunes: Sequence[str], turn: int = 0) -> Iterator[Bools]:
    """Yield which entries are held out of each fold: all of a tune together.

    >>> [held.tolist() for held in folds(["Solar", "Oleo", "Solar"]) if held.any()]
    [[False, True, False], [True, False, True]]
    """
    known = sorted(set(tunes))
    number = np.array([known.index(tune) for tune in tunes])
    deal = np.random.default_rng(turn).permutation(len(known)) % FOLDS
    for fold in range(FOLDS):
        yield deal[number] == fold


def boosting(trees: int, seed: int) -> Any:
    """Return a classifier of stretches: gradient boosting of small trees."""
    from sklearn.ensemble import HistGradientBoostingClassifier  # takes a second to import

    return HistGradientBoostingClassifier(
        learning_rate=0.06,
        max_iter=trees,
        max_leaf_nodes=8,
        min_samples_leaf=10,
        l2_regularization=1.0,
        max_features=0.25,
        early_stopping=False,
        random_state=seed,
    )


def scored(rows: Floats, generated: Bools, tunes: Sequence[str], solos: Sequence[str]) -> Floats:
    """Return the score of each stretch for being generated, by classifiers of other tunes.

    Both sides weigh the same, and all solos of a side.  The score is the mean logit over
    :data:`ROUNDS` divisions of the tunes into :data:`FOLDS` folds.
    """
    of_solo = Counter(zip(solos, generated.tolist(), strict=True))
    weight = np.array([1 / of_solo[key] for key in zip(solos, generated.tolist(), strict=True)])
    for side in (False, True):
        weight[generated == side] /= weight[generated == side].sum()
    weight *= len(weight)
    total = np.zeros(len(rows))
    for turn in range(ROUNDS):
        for held in folds(tunes, turn):
            if not held.any():
                continue
            model = boosting(100, turn)
            known_columns = ~np.isnan(rows[~held]).all(axis=0)
            defined = rows[:, known_columns]
            model.fit(defined[~held], generated[~held], sample_weight=weight[~held])
            total[held] += model.decision_function(defined[held]) / ROUNDS
    return total


def area(scores: Floats, generated: Bools, weight: Floats) -> float:
    """Return the weighted share of pairs in which the generated stretch scores higher."""
    order = np.argsort(scores, kind="stable")
    positive = np.where(generated, weight, 0)[order]
    negative = np.where(generated, 0, weight)[order]
    below = np.cumsum(negative) - negative / 2
    whole = positive.sum() * negative.sum()
    return float((positive * below).sum() / whole) if whole else float("nan")


def bootstrapped(scores: Floats, generated: Bools, tunes: Sequence[str]) -> Area:
    """Return the AUC of scores with an interval over tunes, drawn with replacement."""
    known = sorted(set(tunes))
    number = np.array([known.index(tune) for tune in tunes])
    rng = np.random.default_rng(0)
    drawn = []
    for _ in range(DRAWS):
        times = np.bincount(rng.integers(0, len(known), len(known)), minlength=len(known))
        drawn.append(area(scores, generated, times[number].astype(float)))
    low, high = np.nanquantile(drawn, (0.025, 0.975))
    value = area(scores, generated, np.ones(len(scores)))
    return Area(value, float(low), float(high), (int((~generated).sum()), int(generated.sum())))


class Discriminator:
    """The real solos of valid and test, against which generated ones are classified."""

    def __init__(self, corpus: str, split: str) -> None:
        self.items = real(corpus, split)
        self._extractor = Extractor([item.events for item in real(corpus, split, ("train",))])
        self._real = [(tune_of(item), item.name, item.events) for item in self.items]
        self._samples: dict[tuple[int | None, bool], Sample] = {}

    def _of_players(self, size: int | None, beatwise: bool) -> Sample:
        key = (size, beatwise)
        if key not in self._samples:
            self._samples[key] = self._extractor.sample(self._real, size, beatwise=beatwise)
        return self._samples[key]

    def areas(
        self,
        solos: Solos,
        readings: Sequence[str] = tuple(READINGS),
        sizes: Sequence[int | None] = SIZES,
    ) -> dict[tuple[str, int | None], Area | None]:
        """Return the AUC of generated solos by reading and size; None where all are too short."""
        named = [(tune_of(item), item.name, events) for item, events in solos]
        known = READINGS | ALONE
        found: dict[tuple[str, int | None], Area | None] = {}
        for beatwise in (True, False):
            wanted = [name for name in readings if known[name][0] == beatwise]
            for size in sizes if wanted else ():
                theirs = self._of_players(size, beatwise)
                ours = self._extractor.sample(named, size, beatwise=beatwise)
                for name in wanted:
                    groups = known[name][1]
                    found[name, size] = self._area(theirs, ours, groups) if ours.solos else None
        return found

    @staticmethod
    def _area(theirs: Sample, ours: Sample, groups: Sequence[line_features.Group]) -> Area:
        rows = np.concatenate([columns(theirs, groups), columns(ours, groups)])
        side = np.arange(len(rows)) >= len(theirs.rows)
        tunes, solos = theirs.tunes + ours.tunes, theirs.solos + ours.solos
        return bootstrapped(scored(rows, side, tunes, solos), side, tunes)

    def by_network(self, solos: Solos) -> Area:
        """Return the AUC of generated solos by the network, over the stretches of its length."""
        ours = [(tune_of(item), events) for item, events in solos]
        theirs = [(tune, events) for tune, _, events in self._real]
        side = np.arange(len(theirs) + len(ours)) >= len(theirs)
        tunes, lines = zip(*theirs, *ours, strict=True)
        return _by_network(lines, side, tunes)

    def control(self, reading: str = HEADLINE, turns: int = 4) -> dict[int | None, list[float]]:
        """Return AUCs of players against players: the tunes divided into two sides at random."""
        beatwise, groups = READINGS[reading]
        found: dict[int | None, list[float]] = {}
        for size in SIZES:
            sample = self._of_players(size, beatwise)
            for turn in range(turns):
                side = _dealt(sample.tunes, turn)
                rows = columns(sample, groups)
                scores = scored(rows, side, sample.tunes, sample.solos)
                found.setdefault(size, []).append(area(scores, side, np.ones(len(rows))))
        return found

    def control_by_network(self, turns: int = 2) -> list[float]:
        """Return AUCs of players against players by the network."""
        tunes, _, lines = zip(*self._real, strict=True)
        return [_by_network(lines, _dealt(tunes, turn), tunes).value for turn in range(turns)]


def _dealt(tunes: Sequence[str], turn: int) -> Bools:
    """Return a side for each entry, by chance, all of a tune on the same."""
    known = sorted(set(tunes))
    rng = np.random.default_rng(100 + turn)
    chosen = set(rng.permutation(known)[: len(known) // 2].tolist())
    return np.array([tune in chosen for tune in tunes])


def _by_network(lines: Sequence[Events], side: Bools, tunes: Sequence[str]) -> Area:
    import window_network  # JAX takes a second to import

    long = [at for at, line in enumerate(lines) if len(line) >= window_network.SIZE]
    read = [line_features.read(lines[at], beatwise=True) for at in long]
    firsts = [starts(len(line), window_network.SIZE) for line in read]
    held = list(folds([tunes[at] for at in long]))
    scores = window_network.scored(read, side[long], held, firsts)
    owner = np.repeat(long, [len(of_line) for of_line in firsts])
    return bootstrapped(scores, side[owner], [tunes[at] for at in owner])


def arguments(about: str | None) -> argparse.ArgumentParser:
    """Return the options that say which solos are measured."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("corpus")
    parser.add_argument("split")
    parser.add_argument("--model", default="soloist", help="name or file")
    parser.add_argument("--cache", help="folder for the solos that are generated")
    parser.add_argument(
        "--beside",
        action="append",
        default=[],
        metavar="FOLDER",
        help="solos that were generated before: a folder inside that of --cache; may be repeated",
    )
    parser.add_argument("--only-beside", action="store_true", help="leave the model out")
    return parser


def asked(options: argparse.Namespace, items: Sequence[loading.Item]) -> dict[str, Solos]:
    """Return the solos that options ask for, by the name of their model or folder."""
    found = {Path(folder).name: found_in(Path(folder), items) for folder in options.beside}
    if not options.only_beside:
        model = Model(options.model, Path(options.model).stem)
        found[model.label] = generated(model, items, Store(options.cache))
    return found


def row(name: str, cells: Mapping[int | None, object]) -> str:
    """Return a row of a table with a cell for each of :data:`SIZES`."""
    return " | ".join([f"| {name}", *(str(cells.get(size) or "–") for size in SIZES)]) + " |"


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--network", action="store_true", help="the network's judgement too")
    parser.add_argument(
        "--groups", action="store_true", help="each group of features alone too, from 64 notes"
    )
    parser.add_argument("--control", action="store_true", help="players against players too")
    options = parser.parse_args()
    discriminator = Discriminator(options.corpus, options.split)
    for label, solos in asked(options, discriminator.items).items():
        print(row(label, {size: size or "whole solo" for size in SIZES}))
        print("|---" * (1 + len(SIZES)) + "|")
        areas = discriminator.areas(solos)
        for name in READINGS:
            print(row(name, {size: areas[name, size] for size in SIZES}))
        alone = discriminator.areas(solos, tuple(ALONE), [64]) if options.groups else {}
        for (name, size), found in alone.items():
            print(row(name, {size: found}))
        if options.network:
            print(row("network, beatwise", {64: discriminator.by_network(solos)}))
        print()
    if options.control:
        control = discriminator.control()
        means = {size: f"{np.mean(found):.2f}" for size, found in control.items()}
        print(row("players against players", means))
    if options.control and options.network:
        mean = f"{np.mean(discriminator.control_by_network()):.2f}"
        print(row("players against players, network", {64: mean}))


if __name__ == "__main__":
    main()
