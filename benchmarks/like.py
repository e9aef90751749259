"""Name the players of solos that imitate them.

``.venv/bin/python benchmarks/like.py wjazzd.db split.json [--model NAME] [--cache FOLDER]``

The eight players with the most solos in the database, of those that the model knows, are imitated
over the same twenty tunes of valid and test, which none of them plays in the database, at the tempi
of the recordings.  Judges learn from all their real solos whose a stretch of notes is, and name the
player of each generated solo.  Printed are the shares of right names, of real solos (judged by
classifiers of other tunes) and of generated ones, and for each player Wilson's intervals of 95 %
and who is named instead.  Chance is one in eight.  ``docs/listening.md`` has results.

The judges have the features of ``benchmarks/line_features.py`` in both readings, without surprise
and without the tempo, and the register.  They are no part of playing or fitting.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from numpy.typing import NDArray

import line_features
import told_apart
from nearest_players import interval
from sideman.evaluation import loading, novelty
from sideman.models.events import Events, from_notes
from sideman.models.soloist import NeuralSoloist
from sideman.score import Changes, Note
from sideman.service.takes.performer import Performer

PLAYERS, TUNES = 8, 20
MOST_BARS = 48
SIZE = 64
"""Notes of a stretch."""
MOST_STRETCHES = 24
_FEWEST_BARS = 32
_SEED = 99
_BOTH = tuple(group for group in line_features.GROUPS if "surprise" not in group.__name__)
_RAW = (line_features.articulation, line_features.rhythm, line_features.rhythm_order)

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def stretches(events: Events) -> list[dict[str, float]]:
    """Return the features of stretches evenly spread over a solo."""
    beatwise, raw = (line_features.read(events, beatwise=each) for each in (True, False))
    size = min(SIZE, len(events))
    many = max(1, min(MOST_STRETCHES, len(events) // size))
    found = []
    for first in np.linspace(0, len(events) - size, many).round().astype(int).tolist():
        here = slice(first, first + size)
        row: dict[str, float] = {}
        for reading, line, groups in (("beatwise", beatwise, _BOTH), ("raw", raw, _RAW)):
            values = line_features.features(
                line_features.Stretch(line, first, first + size), groups
            )
            row |= {f"{reading} {name}": value for name, value in values.items()}
        low, high = np.quantile(events.pitch[here], (0.05, 0.95))
        mean = float(events.pitch[here].mean())
        found.append(row | {"register mean": mean, "register low": low, "register high": high})
    return found


@dataclass(frozen=True, eq=False)
class Solos:
    """Solos, each with the player that it is by, or like, and its tune."""

    players: Ints
    tunes: list[str]
    rows: list[list[dict[str, float]]]

    def part(self, wanted: NDArray[np.bool_]) -> Solos:
        """Return some of the solos."""
        at = np.flatnonzero(wanted)
        return Solos(
            self.players[at], [self.tunes[k] for k in at], [self.rows[k] for k in at.tolist()]
        )

    def table(self, readings: Sequence[str]) -> tuple[Floats, Ints]:
        """Return the features of some readings of each stretch, and whose solo it is of."""
        names = [name for name in self.rows[0][0] if name.startswith(tuple(readings))]
        owner = np.repeat(np.arange(len(self.rows)), [len(rows) for rows in self.rows])
        return np.array([[row[n] for n in names] for rows in self.rows for row in rows]), owner


def _regression() -> Any:
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return make_pipeline(
        SimpleImputer(),
        StandardScaler(),
        LogisticRegression(C=0.003, max_iter=500),
    )


@dataclass(frozen=True)
class Judge:
    """A classifier of stretches by player, players weighing the same; a solo has their mean."""

    readings: tuple[str, ...]
    make: Callable[[], Any]

    def named(self, known: Solos, judged: Solos) -> Ints:
        """Return the player named for each solo of `judged`, having learnt from `known`."""
        rows, owner = known.table(self.readings)
        who = known.players[owner]
        weight = 1 / np.bincount(owner)[owner]
        weight /= np.bincount(who, weight)[who]
        weight *= len(weight) / weight.sum()
        model = self.make()
        last = getattr(model, "steps", [("",)])[-1][0]
        defined = ~np.isnan(rows).all(axis=0)
        model.fit(
            rows[:, defined], who, **{f"{last}__sample_weight" if last else "sample_weight": weight}
        )
        rows, owner = judged.table(self.readings)
        nats = np.log(model.predict_proba(rows[:, defined]) + 1e-9)
        mean = [nats[owner == one].mean(axis=0) for one in range(len(judged.rows))]
        return np.array(model.classes_[np.argmax(mean, axis=1)])

    def of_real(self, real: Solos) -> Ints:
        """Return the player named for each real solo by classifiers of other tunes."""
        named = np.zeros(len(real.rows), np.int64)
        for held in told_apart.folds(real.tunes):
            if held.any():
                named[held] = self.named(real.part(~held), real.part(held))
        return named


_ALL = ("beatwise", "raw", "register")
_BOOSTING = partial(told_apart.boosting, 80, 0)
JUDGES = {
    "regression": Judge(_ALL, _regression),
    "regression, beatwise": Judge(("beatwise",), _regression),
    "boosting": Judge(_ALL, _BOOSTING),
    "boosting, beatwise and register": Judge(("beatwise", "register"), _BOOSTING),
}
FIRST = "regression"


def most_recorded(items: Sequence[loading.Item], known: Sequence[str]) -> list[str]:
    """Return the players with the most solos, of those known."""
    counts = Counter(item.entry.performer for item in items if item.entry.performer in known)
    return sorted(counts, key=lambda name: (-counts[name], name))[:PLAYERS]


def common_tunes(
    items: Sequence[loading.Item], held_out: Sequence[loading.Item], players: Sequence[str]
) -> list[loading.Item]:
    """Return solos over different tunes that none of the players plays, evenly by tempo."""
    theirs = {told_apart.tune_of(item) for item in items if item.entry.performer in players}
    found: dict[str, loading.Item] = {}
    for item in held_out:
        tune, changes = told_apart.tune_of(item), item.solo.changes
        long = changes is not None and len(changes.bars) >= _FEWEST_BARS
        if long and tune not in theirs and item.solo.tempo_bpm:
            found.setdefault(tune, item)
    by_tempo = sorted(found.values(), key=lambda item: item.solo.tempo_bpm or 0)
    at = np.linspace(0, len(by_tempo) - 1, min(TUNES, len(by_tempo))).round().astype(int)
    return [by_tempo[k] for k in at.tolist()]


def begun(item: loading.Item) -> Changes:
    """Return the first bars of a solo's changes."""
    changes = item.solo.changes
    assert changes is not None
    bars = changes.cut(0, MOST_BARS)
    starts = tuple(start for start in changes.chorus_starts if start < len(bars))
    return Changes(bars, starts or (0,))


@dataclass(frozen=True)
class Imitations:
    """Generated solos with what they cost and copied."""

    solos: Solos
    copied: float
    microseconds: float


def imitated(
    model: told_apart.Model,
    players: Sequence[str],
    tunes: Sequence[loading.Item],
    store: told_apart.Store,
    effort: int,
) -> Imitations:
    """Return a solo like each player over each tune."""
    soloist = model.soloist()
    assert isinstance(soloist, NeuralSoloist)
    controls = replace(soloist.defaults, effort=effort)
    limit = novelty.Limit(novelty.shipped(), 10)
    who, named, rows, copied, seconds, notes = [], [], [], [], 0.0, 0
    for number, item in enumerate(tunes):
        changes, tempo = begun(item), item.solo.tempo_bpm or 120.0
        for player, name in enumerate(players):
            performer = Performer(soloist.resembling(name), tempo, controls=controls)
            key = f"{item.name}-{effort}-{name.replace(' ', '')}"
            played = store.line(model, key, performer, changes, [_SEED, number, player])
            onsets, pitches, lengths = zip(*played.notes, strict=True)
            events = from_notes(key, onsets, pitches, lengths, changes, tempo_bpm=tempo)
            who.append(player)
            named.append(told_apart.tune_of(item))
            rows.append(stretches(events))
            copied.append(limit.copied([Note(o, d, p, 90) for o, p, d in played.notes]))
            seconds, notes = seconds + played.seconds, notes + len(played.notes)
            told_apart.progress(f"effort {effort}", len(who), len(tunes) * len(players))
    solos = Solos(np.array(who), named, rows)
    return Imitations(solos, float(np.mean(copied)), 1e6 * seconds / notes)


def share(right: NDArray[np.bool_]) -> str:
    """Return a share with its interval.

    >>> share(np.array([True, True, False, True]))
    '.75 (.30–.95)'
    """
    low, high = interval(int(right.sum()), len(right))
    return f"{right.mean():.2f} ({low:.2f}–{high:.2f})".replace("0.", ".")


def main() -> None:
    parser = told_apart.arguments(__doc__)
    parser.add_argument("--efforts", type=int, nargs="+", default=[2])
    options = parser.parse_args()
    model = told_apart.Model(options.model, "like")
    items = loading.select([options.corpus]).items
    soloist = model.soloist()
    assert isinstance(soloist, NeuralSoloist)
    players = most_recorded(items, soloist.players)
    theirs = [item for item in items if item.entry.performer in players]
    real = Solos(
        np.array([players.index(item.entry.performer) for item in theirs]),
        [told_apart.tune_of(item) for item in theirs],
        [stretches(item.events) for item in theirs],
    )
    tunes = common_tunes(items, told_apart.real(options.corpus, options.split), players)
    of_real = {name: judge.of_real(real) for name, judge in JUDGES.items()}
    for effort in options.efforts:
        ours = imitated(model, players, tunes, told_apart.Store(options.cache), effort)
        named = {name: judge.named(real, ours.solos) for name, judge in JUDGES.items()}
        print(f"\n--effort {effort}: {len(ours.solos.rows)} solos over {len(tunes)} tunes")
        print(f"in matches {ours.copied:.3f}, {ours.microseconds:.0f} µs a note\n")
        print("| judge | real solos, of other tunes | generated |\n|---|---|---|")
        for name in JUDGES:
            theirs_right, right = of_real[name] == real.players, named[name] == ours.solos.players
            print(f"| {name} | {share(theirs_right)} | {share(right)} |")
        print(f"\n| | real | generated | boosting | named by the {FIRST}: ", end="")
        print(" | ".join(name.split()[-1] for name in players), "|")
        print("|---" * (4 + len(players)) + "|")
        for number, name in enumerate(players):
            here = ours.solos.players == number
            cells = [
                f"{(of_real[FIRST] == number)[real.players == number].mean():.2f}".lstrip("0"),
                share(named[FIRST][here] == number),
                share(named["boosting"][here] == number),
                *map(str, np.bincount(named[FIRST][here], minlength=len(players)).tolist()),
            ]
            print(" | ".join([f"| {name}", *cells]), "|")


if __name__ == "__main__":
    main()
