"""Fit the critic that chooses among branches of a solo: players against the soloist.

``.venv/bin/python benchmarks/fit_critic.py wjazzd.db split.json --cache FOLDER [--out FILE]``

The solos of the training part stand against solos that were generated over the same tunes, tempi
and ranges, without a critic.  With ``--efforts 1 2`` a second round follows: what still tells solos
that were chosen by the first from players' is learnt by further trees, whose log-odds are added.
Classifiers are gradient-boosted trees of scikit-learn; the n-grams of a tune's lines are counted
without the tune.  A logistic regression recognizes players, for ``--like``.
``docs/listening.md`` has what it brings.

What is played is kept in FOLDER, and a run that was interrupted goes on where it was.
"""

from __future__ import annotations

import argparse
import os
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from numpy.typing import NDArray

import told_apart
from sideman.evaluation import loading
from sideman.models import critic, file, registry, trees
from sideman.models.critic import FIGURES, STEPS, Harmony, Line, Surprise
from sideman.models.protocol import Soloist
from sideman.models.trees import Trees
from sideman.score import Changes

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
MOST_BARS = 64
FOLDS = 10
STRIDES = {32: 12, 64: 16}
"""Notes from one passage of a line to the next, by their length."""
SHAPES = {"interval": (STEPS,) * 3, "figure": (FIGURES,) * 3, "degree": (13, 9, 2, 13)}
TREES = {
    "learning_rate": 0.05,
    "max_iter": 250,
    "max_leaf_nodes": 12,
    "min_samples_leaf": 40,
    "l2_regularization": 5.0,
    "max_features": 0.25,
    "early_stopping": False,
    "random_state": 0,
}
INVERSE_PENALTY = 0.1
"""Of the regression that recognizes players."""
_SEED = 77
_LARGEST = 1e30  # in the place of infinity, which divides NaN from all numbers


@dataclass(frozen=True, eq=False)
class Reading:
    """A line over a tune, by a player or, where that is empty, generated."""

    tune: str
    player: str
    line: Line

    @property
    def generated(self) -> bool:
        """Return whether it was generated, not played by a player."""
        return not self.player


def begun(changes: Changes) -> Changes:
    """Return the first bars of changes."""
    bars = changes.cut(0, MOST_BARS)
    starts = tuple(start for start in changes.chorus_starts if start < len(bars))
    return Changes(bars, starts or (0,))


def played(
    items: Sequence[loading.Item], soloist: Soloist, effort: int, seeds: int, folder: Path
) -> Iterator[tuple[loading.Item, told_apart.Notes]]:
    """Yield solos over training tunes."""
    for seed in range(seeds):
        for number, item in enumerate(items):
            path = folder / f"effort-{effort}" / f"{item.name}-{seed}.json"
            if not path.exists():
                performer = told_apart.performer_like(item, soloist)
                controls = replace(soloist.defaults, effort=effort)
                line = replace(performer, controls=controls).play(
                    begun(changes_of(item)), rng=np.random.default_rng([_SEED, seed, number])
                )
                told_apart.keep(path, [(n.onset, n.pitch, n.duration) for n in line])
            yield item, told_apart.kept(path).notes
            told_apart.progress(
                f"effort {effort}", seed * len(items) + number + 1, seeds * len(items)
            )


def changes_of(item: loading.Item) -> Changes:
    assert item.solo.changes is not None
    return item.solo.changes


def readings(
    items: Sequence[loading.Item], lines: Sequence[tuple[loading.Item, told_apart.Notes]]
) -> list[Reading]:
    """Return players' solos and generated ones as the critic reads them."""
    harmony = {item.name: Harmony(changes_of(item)) for item in items}
    found = []
    for item in items:
        changes = changes_of(item)
        end = changes.bar_starts[min(MOST_BARS, len(changes.bars))]
        early = item.events.onset < end
        onset, pitch = item.events.onset[early], item.events.pitch[early]
        if len(onset) >= min(STRIDES):
            line = Line(onset, pitch, harmony[item.name], int(onset[-1]) + 24)
            found.append(Reading(told_apart.tune_of(item), item.entry.performer, line))
    for item, notes in lines:
        if len(notes) >= min(STRIDES):
            onset, pitch, _ = (np.array(each) for each in zip(*notes, strict=True))
            line = Line(onset, pitch, harmony[item.name], int(onset[-1]) + 24)
            found.append(Reading(told_apart.tune_of(item), "", line))
    return found


Tables = dict[str, Floats]


def counted(lines: Sequence[Line]) -> Tables:
    """Return how often each symbol of :meth:`Surprise.symbols` occurs."""
    found = {name: np.zeros(shape) for name, shape in SHAPES.items()}
    for line in lines:
        for name, at in Surprise.symbols(line).items():
            np.add.at(found[name], at, 1)
    return found


def smoothed(counts: Tables) -> dict[str, NDArray[np.float16]]:
    """Return log-probabilities, each order interpolated with the one below.

    Witten and Bell, "The Zero-Frequency Problem", IEEE Transactions on Information Theory 37, 1991.
    """
    orders = {
        "interval": ((0, 1), (0,), ()),
        "figure": ((0, 1), (0,), ()),
        "degree": ((0, 1, 2), (0, 2), (2,), ()),
    }
    found = {}
    for name, table in counts.items():
        p = np.full(table.shape[-1], 1 / table.shape[-1])
        for axes in orders[name]:
            here = table.sum(axis=axes, keepdims=True)
            total = here.sum(axis=-1, keepdims=True)
            kinds = (here > 0).sum(axis=-1, keepdims=True)
            p = np.where(total > 0, (here + kinds * p) / np.maximum(total + kinds, 1), p)
        found[name] = np.log(np.broadcast_to(p, table.shape)).astype(np.float16)
    return found


@dataclass(frozen=True, eq=False)
class Passages:
    """Passages of one size, with an entry each: a row of features, the line, and the weight."""

    rows: Floats
    lines: list[Reading]
    weight: Floats

    @property
    def tunes(self) -> list[str]:
        """The tunes."""
        return [one.tune for one in self.lines]

    @property
    def side(self) -> Bools:
        """Return whether each was generated, shape (lines,)."""
        return np.array([one.generated for one in self.lines])


def passages(every: Sequence[Reading], size: int) -> Passages:
    """Return the passages of `size` notes; both sides weigh the same, and all lines of a side."""
    known = sorted({one.tune for one in every})
    order = np.random.default_rng(3).permutation(len(known))
    fold = {known[at]: turn % FOLDS for turn, at in enumerate(order)}
    parts = [
        counted([one.line for one in every if not one.generated and fold[one.tune] == part])
        for part in range(FOLDS)
    ]
    whole = {name: sum((part[name] for part in parts), np.zeros(1)) for name in SHAPES}
    without = [
        Surprise(smoothed({name: whole[name] - part[name] for name in SHAPES})) for part in parts
    ]
    rows, lines, weight = [], [], []
    for one in every:
        nats = without[fold[one.tune]].nats(one.line)
        ends = range(size, len(one.line) + 1, STRIDES[size])
        for end in ends:
            rows.append(critic.describe(*one.line.until(end, nats), size))
            lines.append(one)
            weight.append(1 / len(ends))
    found = Passages(np.array(rows), lines, np.array(weight))
    for here in (found.side, ~found.side):
        if here.any():
            found.weight[here] *= len(rows) / found.weight[here].sum()
    return found


def recognizers(
    items: Sequence[loading.Item], check: bool
) -> tuple[tuple[str, ...], dict[str, NDArray[Any]]]:
    """Fit who plays; return the players, and the tables of each size of passage."""
    from sklearn.linear_model import LogisticRegression  # takes a second to import

    every = readings(items, [])
    players = tuple(sorted({one.player for one in every}))
    tables = {}
    for size in STRIDES:
        found = passages(every, size)
        mean, scale = np.nanmean(found.rows, axis=0), np.nanstd(found.rows, axis=0) + 1e-6
        z = critic.standard(found.rows, mean, scale)
        who = np.array([players.index(one.player) for one in found.lines])
        weight = found.weight / found.weight.mean()

        def fit(here: Bools, z: Floats = z, who: Ints = who, weight: Floats = weight) -> Any:
            model = LogisticRegression(C=INVERSE_PENALTY, max_iter=60)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # it is stopped early
                return model.fit(z[here], who[here], sample_weight=weight[here])

        if check:
            right = np.zeros(len(who), bool)
            for held in told_apart.folds(found.tunes):
                right[held] = fit(~held).predict(z[held]) == who[held]
            print("players", size, f"{np.average(right, weights=weight):.3f}", flush=True)
        model = fit(np.ones(len(who), bool))
        share = np.bincount(who, weight, len(players)) / weight.sum()
        bias = model.intercept_ - np.log(share)
        for name, table in zip(critic.RECOGNIZER, (mean, scale, model.coef_.T, bias), strict=True):
            kind = np.float16 if name == "kernel" else np.float32
            tables[f"players.{size}.{name}"] = table.astype(kind)
    return players, tables


def fitted(rows: Floats, side: Bools, weight: Floats) -> Trees:
    """Fit trees whose sum is the log-odds of players."""
    from sklearn.ensemble import HistGradientBoostingClassifier  # takes a second to import

    model = HistGradientBoostingClassifier(**TREES).fit(rows, ~side, sample_weight=weight)
    tables: dict[str, list[float]] = {name: [] for name in trees.TABLES}
    for (tree,) in model._predictors:
        first = len(tables["value"])
        tables["root"].append(first)
        for at, node in enumerate(tree.nodes):
            leaf = bool(node["is_leaf"])
            tables["feature"].append(0 if leaf else int(node["feature_idx"]))
            tables["threshold"].append(0.0 if leaf else min(float(node["num_threshold"]), _LARGEST))
            tables["low"].append(first + (at if leaf else int(node["left"])))
            tables["high"].append(first + (at if leaf else int(node["right"])))
            tables["missing"].append(float(node["missing_go_to_left"]))
            tables["value"].append(float(node["value"]) if leaf else 0.0)
    exact = np.array(tables.pop("threshold"))
    threshold = exact.astype(np.float32)
    # Rounded up, so that a value that equals the threshold stays on its side.
    threshold[threshold < exact] = np.nextafter(threshold[threshold < exact], np.float32(np.inf))
    kinds = {"value": np.float32, "missing": np.uint8}
    arrays = {name: np.array(each, kinds.get(name, np.uint16)) for name, each in tables.items()}
    return Trees(arrays | {"threshold": threshold})


def held_out(every: Passages) -> float:
    """Return the AUC of trees fitted on four fifths of the tunes, judging the rest."""
    rows, side, weight = every.rows, every.side, every.weight
    scores = np.zeros(len(rows))
    for held in told_apart.folds(every.tunes):
        scores[held] = -fitted(rows[~held], side[~held], weight[~held])(rows[held])
    return told_apart.area(scores, side, weight)


def to_file(
    surprise: Mapping[str, NDArray[np.float16]],
    classifiers: Mapping[int, Trees],
    players: tuple[str, ...],
    known: Mapping[str, NDArray[Any]],
) -> file.ModelFile:
    """Return the file of a critic; `players` and `known` are what :func:`recognizers` returns."""
    weights = {f"surprise.{name}": table for name, table in surprise.items()}
    for size, one in classifiers.items():
        weights |= {f"{size}.{name}": table for name, table in one.tables.items()}
    return file.ModelFile("critic", {"windows": list(classifiers)}, players, weights | known)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus")
    parser.add_argument("split")
    parser.add_argument("--model", default="soloist")
    parser.add_argument("--cache", type=Path, default=Path("played"), help="folder of solos")
    parser.add_argument("--efforts", type=int, nargs="+", default=[1])
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--check", action="store_true", help="print AUCs on held-out tunes")
    parser.add_argument("--players-only", action="store_true", help="keep the trees of the file")
    parser.add_argument("--out", type=Path, default=critic._FILE)
    options = parser.parse_args()
    critic._FILE = options.out
    items = [
        item
        for item in told_apart.real(options.corpus, options.split, ("train",))
        if item.solo.changes
        and item.solo.changes.cut(0, MOST_BARS)
        and begun(item.solo.changes).spans
    ]
    players, known = recognizers(items, options.check)
    if options.players_only:
        before = file.read(options.out)
        file.write(options.out, replace(before, vocabulary=players, weights=before.weights | known))
        return
    soloist = registry.load(options.model)
    found: dict[int, list[Trees]] = {size: [] for size in STRIDES}
    for effort in options.efforts:
        lines = list(played(items, soloist, effort, options.seeds, options.cache))
        every = readings(items, lines)
        for size in STRIDES:
            one = passages(every, size)
            if options.check:
                print(effort, size, f"{held_out(one):.3f}", flush=True)
            found[size].append(fitted(one.rows, one.side, one.weight))
        tables = smoothed(counted([one.line for one in every if not one.generated]))
        added = {size: trees.joined(each) for size, each in found.items()}
        file.write(options.out, to_file(tables, added, players, known))
        critic.shipped.cache_clear()


if __name__ == "__main__":
    main()
