"""Grammars beside networks and players: the table of ``docs/heritage.md``.

``.venv/bin/python benchmarks/heritage.py wjazzd.db split.json --cache FOLDER [--grammars FOLDER]``

Every model plays one chorus over each of five forms with each of forty seeds: statistics of the
lines beside players', the longest match with the Weimar solos, nats a note by ``ngram``, time a
chorus.  The AUC of ``benchmarks/told_apart.py`` is measured on the solos that it defines.  The
forms are in 4/4, as the players' solos are, so that ``ngram`` and the statistics are comparable.

``--grammars`` is the folder of Impro-Visor's grammar files, which are no part of sideman; without
it their columns are left out.  Jazz grammars are learnt from the training part on the way.  What is
played, learnt and measured stays in the folder of ``--cache``: an interrupted run goes on.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

import told_apart
from sideman import files
from sideman.evaluation import likelihood, novelty, players, scorers, style
from sideman.library import songbook
from sideman.models.events import Events, from_solo
from sideman.score import Note, Solo
from sideman.service.takes.performer import Performer
from sideman.theory.meter import SLOWEST_BPM
from told_apart import Model, Store

FORMS = ("blues-f", "rhythm-changes-bb", "minor-blues-c", "minor-bossa-a", "ballad-eb")
SEEDS = 40
_FIRST_SEED = 1999
ORDERS = (2, 3, 4)
IMPRO_VISOR = ("BillWatrous", "JohnColtrane", "CliffordBrownMotif", "Bergonzi-method", "MilesDavis")
SIZES = (16, 64, None)
WITHIN = 0.5
"""Largest deviation of a mean from players', in players' standard deviations."""

Figures = dict[str, Any]


def models(
    corpus: str, split: str, folder: Path, grammars: str | None
) -> dict[str, Callable[[], Model]]:
    """Return the models by their names in the table, those that are learnt on first use."""
    found: dict[str, Callable[[], Model]] = {}

    def shipped(name: str) -> Callable[[], Model]:
        return lambda: Model(name, name)

    def learnt(order: int) -> Callable[[], Model]:
        return lambda: Model(str(learn(corpus, split, folder, order)), f"jazz-grammar-{order}")

    found["cfg"] = shipped("cfg")
    found["jazz-grammar"] = shipped("jazz-grammar")
    for order in ORDERS:
        found[f"Weimar, order {order}"] = learnt(order)
    for name in IMPRO_VISOR if grammars else ():
        path = str(Path(grammars or "") / f"{name}.grammar")
        found[name] = lambda path=path, name=name: Model(path, name)  # type: ignore[misc]
    found["course"] = shipped("course")
    found["soloist"] = shipped("soloist")
    return found


def learn(corpus: str, split: str, folder: Path, order: int) -> Path:
    """Learn a jazz grammar of an order from the training part, unless the folder has it."""
    path = folder / f"weimar-{order}-{told_apart.code()}.grammar"
    if not path.exists():
        command = ["train", corpus, "--split", split, "--model-kind", "jazz-grammar"]
        command += ["--order", str(order), "--out", str(path)]
        subprocess.run([sys.executable, "-m", "sideman", *command], check=True)
    return path


def choruses(model: Model, store: Store, seeds: int) -> list[tuple[Solo, float]]:
    """Return a chorus over every form with every seed, and its seconds of processor time."""
    found = []
    for number, form in enumerate(FORMS):
        sheet = songbook.load(form)
        tempo = sheet.tempo_bpm or SLOWEST_BPM
        performer = Performer(model.soloist(), tempo)
        for seed in range(seeds):
            place = [_FIRST_SEED, number, seed]
            played = store.line(model, f"{form}-{seed}", performer, sheet.changes, place)
            notes = tuple(Note(on, length, pitch) for on, pitch, length in played.notes)
            solo = Solo(sheet.title, notes, sheet.changes, tempo_bpm=tempo)
            found.append((solo, played.seconds))
            told_apart.progress(f"{model.label}, choruses", len(found), len(FORMS) * seeds)
    return found


def lines(model: Model, store: Store, seeds: int) -> Figures:
    """Return what is measured on choruses: statistics, matches, nats and time."""
    played = choruses(model, store, seeds)
    solos = [solo for solo, _ in played]
    summary = players.summary([style.measure(solo) for solo in solos])
    index = novelty.shipped()
    scored = nats([from_solo(solo) for solo in solos if len(solo.notes) > 1])
    return {
        "statistics": {name: row["mean"] for name, row in summary.items()},
        **copying([index.match(solo) for solo in solos]),
        "nats": scored,
        "different": len({solo.notes for solo in solos}),
        "solos": len(solos),
        "milliseconds": float(np.median([seconds for _, seconds in played]) * 1000),
    }


def copying(matches: Sequence[novelty.Match]) -> Figures:
    """Return mean and greatest length of matches, and the share of notes in matches of six."""
    longest = [one.longest for one in matches]
    return {
        "match": [float(np.mean(longest)), max(longest)],
        "copied": float(np.mean([one.share for one in matches])),
    }


def nats(events: Sequence[Events]) -> list[float]:
    """Return nats a note by the baseline: joint, rhythm, pitch."""
    found = likelihood.score(scorers.named(scorers.BASELINE), events).summary()
    return [found["joint_nats"], found["rhythm_nats"], found["pitch_nats"]]


def areas(discriminator: told_apart.Discriminator, model: Model, store: Store) -> Figures:
    """Return the discriminator's area with its interval by the size of stretches."""
    solos = told_apart.generated(model, discriminator.items, store)
    found = discriminator.areas(solos, [told_apart.HEADLINE], SIZES)
    return {
        str(size): [area.value, area.low, area.high] if area else None
        for (_, size), area in found.items()
    }


def off(figures: Figures, real: Mapping[str, Any]) -> int:
    """Return the number of means within half of players' standard deviation."""
    return sum(
        abs(mean - real[name]["mean"]) <= WITHIN * real[name]["spread"]
        for name, mean in figures["statistics"].items()
        if mean is not None and name != "swing_ratio"
    )


def of_players(discriminator: told_apart.Discriminator) -> Figures:
    """Return the same figures of the held-out players, their own solos aside for matches."""
    index = novelty.shipped()
    items = discriminator.items
    return {
        **copying([index.match(item.solo, without={item.name}) for item in items]),
        "nats": nats([item.events for item in items]),
    }


def by_chance(discriminator: told_apart.Discriminator) -> Figures:
    """Return the mean area of players against players, by the size of stretches."""
    return {str(size): float(np.mean(found)) for size, found in discriminator.control().items()}


def table(rows: Mapping[str, Figures], order: Sequence[str]) -> str:
    """Return the table: a row a measure, a column a model."""
    real = players.reference("test")["statistics"]
    real_rows = rows.get("players", {})
    names = [name for name in order if name in rows]
    made = [["", "players", *names], ["---"] * (len(names) + 2)]

    def add(what: str, theirs: str, value: Callable[[Figures], str]) -> None:
        made.append([what, theirs, *(value(rows[name]) for name in names)])

    def area(size: int | None) -> Callable[[Figures], str]:
        return lambda row: f"{a[0]:.2f}" if (a := row["areas"].get(str(size))) else "–"

    def statistic(name: str) -> Callable[[Figures], str]:
        return lambda row: "–" if (m := row["statistics"][name]) is None else f"{m:.3g}"

    for size in SIZES:
        chance = real_rows.get("areas", {}).get(str(size))
        theirs = f"{chance:.2f}" if chance else "–"
        add(f"AUC, {f'{size} notes' if size else 'whole solo'}", theirs, area(size))
    for one in style.STATISTICS:
        if one.name != "swing_ratio":
            add(one.name.replace("_", " "), f"{real[one.name]['mean']:.3g}", statistic(one.name))
    add("means within half a spread", "", lambda row: f"{off(row, real)} of 14")
    match = "{0:.1f} ({1:.0f})"
    theirs = match.format(*real_rows["match"]) if real_rows else ""
    add("longest match, mean (most)", theirs, lambda row: match.format(*row["match"]))
    theirs = f"{real_rows['copied']:.0%}" if real_rows else ""
    add("notes in matches of six", theirs, lambda row: f"{row['copied']:.0%}")
    for number, what in enumerate(("nats by ngram", "of it rhythm", "of it pitch")):
        theirs = f"{real_rows['nats'][number]:.2f}" if real_rows else ""
        add(what, theirs, lambda row, number=number: f"{row['nats'][number]:.2f}")  # type: ignore[misc]
    add("different solos", "", lambda row: f"{row['different']} of {row['solos']}")
    add("ms a chorus", "", lambda row: f"{row['milliseconds']:.0f}")
    return "\n".join("| " + " | ".join(row) + " |" for row in made)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus")
    parser.add_argument("split")
    parser.add_argument("--cache", required=True, help="folder for solos, grammars and figures")
    parser.add_argument("--grammars", help="folder of Impro-Visor's grammar files")
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--part", choices=("lines", "areas", "table"), help="only this part")
    options = parser.parse_args()
    folder = Path(options.cache)
    folder.mkdir(parents=True, exist_ok=True)
    store = Store(str(folder))
    chosen = models(options.corpus, options.split, folder, options.grammars)
    kept = {part: Kept(folder / f"figures-{part}.json") for part in ("lines", "areas")}
    if options.part in (None, "lines"):
        for model in (make() for make in chosen.values()):
            kept["lines"].get(model, lambda model=model: lines(model, store, options.seeds))  # type: ignore[misc]
    if options.part in (None, "areas"):
        discriminator = told_apart.Discriminator(options.corpus, options.split)
        kept["areas"].named("players", lambda: of_players(discriminator))
        kept["areas"].named("control", lambda: by_chance(discriminator))
        for model in (make() for make in chosen.values()):
            kept["areas"].get(model, lambda model=model: areas(discriminator, model, store))  # type: ignore[misc]
    rows: dict[str, Figures] = {}
    for name, make in chosen.items():
        model = make()
        measured, separated = (kept[part].found(model) for part in ("lines", "areas"))
        if measured:
            rows[name] = {**measured, "areas": separated or {}}
    held_out, control = (kept["areas"].known(key) for key in ("players", "control"))
    if held_out:
        rows["players"] = {**held_out, "areas": control or {}}
    print(table(rows, list(chosen)))


class Kept:
    """Figures in a file of JSON, by the fingerprint of the model and of the code that plays it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def _all(self) -> dict[str, Figures]:
        return json.loads(self._path.read_text()) if self._path.exists() else {}

    def known(self, key: str) -> Figures | None:
        """Return the figures under a key, if any."""
        return self._all().get(key)

    def found(self, model: Model) -> Figures | None:
        """Return the figures of a model, if any."""
        return self.known(f"{model.label}-{model.fingerprint}")

    def named(self, key: str, measure: Callable[[], Figures]) -> None:
        """Measure what is under a key and keep it, unless it is there."""
        if self.known(key) is None:
            made = measure()
            files.write_whole(self._path, json.dumps({**self._all(), key: made}, indent=1))

    def get(self, model: Model, measure: Callable[[], Figures]) -> None:
        """Measure a model and keep it, unless it is there."""
        self.named(f"{model.label}-{model.fingerprint}", measure)


if __name__ == "__main__":
    main()
