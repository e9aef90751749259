"""Count a player's solos beside the soloist, and see what is gained in odds and in vocabulary.

``.venv/bin/python benchmarks/vocabulary.py wjazzd.db split.json``

*Odds*: each held-out solo of a player is scored by the soloist as it came, and with the counts of
the player's other solos of train and the same part (those of the same tune left out); as a control
with the counts of as many notes by others.  Differences are paired by solo, with the middle 95 in
100 of 2,000 draws.

*Vocabulary*: share of the notes that are in runs of six or more notes of the player's solos, any
key, with the rhythm's classes (:mod:`sideman.evaluation.novelty`): in lines of the soloist as it
came, like the player, and with the counts by weight; and in the held-out solos of the player.

*Time*: processor time a note of the same solos with and without counts, in turn.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from sideman.evaluation import likelihood, loading, novelty
from sideman.evaluation.loading import Item
from sideman.library import songbook
from sideman.models import corpus, registry, sampler
from sideman.models.protocol import Setting
from sideman.models.soloist import NeuralSoloist
from sideman.score import Solo
from sideman.training import recipe

FORMS = (("blues-f", 180.0), ("rhythm-changes-bb", 220.0), ("ballad-eb", 70.0))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("database", type=Path)
    parser.add_argument("split", type=Path)
    parser.add_argument("--weights", type=float, nargs="+", default=[30.0, 3.0, 10.0, 1.0])
    parser.add_argument("--players", type=int, default=6)
    parser.add_argument("--skip-odds", action="store_true")
    options = parser.parse_args()
    base = registry.load("soloist")
    assert isinstance(base, NeuralSoloist)
    parts = {
        part: [
            item
            for item in loading.select([options.database], options.split, part).items
            if item.common_time and len(item.events) > 1
        ]
        for part in ("train", "valid", "test")
    }
    if not options.skip_odds:
        for part in ("valid", "test"):
            odds(base, part, parts[part], parts["train"])
    vocabulary(base, parts, options.weights, options.players)


def own(item: Item, solos: Sequence[Item]) -> list[Item]:
    """Return the other solos of a solo's player, over other tunes."""
    player, tune = item.events.performer, recipe.tune(item.events)
    return [
        other
        for other in solos
        if other.events.performer == player and recipe.tune(other.events) != tune
    ]


def odds(base: NeuralSoloist, part: str, items: Sequence[Item], train: Sequence[Item]) -> None:
    rng = np.random.default_rng(0)
    scores: dict[str, list[likelihood.Scores]] = {"as it came": [], "own": [], "others": []}
    for item in items:
        counted = own(item, [*train, *items])
        if not counted:
            continue
        wanted = sum(other.length for other in counted)
        others: list[Item] = []
        for at in rng.permutation(len(train)):
            if sum(other.length for other in others) >= wanted:
                break
            if train[at].events.performer != item.events.performer:
                others.append(train[at])
        models = (
            base,
            base.counting([each.events for each in counted], corpus.USUAL_WEIGHT),
            base.counting([each.events for each in others], corpus.USUAL_WEIGHT),
        )
        for name, model in zip(scores, models, strict=True):
            scores[name].append(likelihood.score(model, [item.events]))
    joined = {name: together(each) for name, each in scores.items()}
    print(f"{part}: {len(joined['own'].notes)} solos, {int(joined['own'].notes.sum())} notes")
    for one, two in (("own", "as it came"), ("others", "as it came"), ("own", "others")):
        found = likelihood.compare(joined[one], joined[two], np.random.default_rng(0))
        print(f"  {one} less {two}:", *(f"{k} {v['difference']}" for k, v in found.items()))
        print(f"    joint {found['joint']['interval']}", flush=True)


def together(scores: Sequence[likelihood.Scores]) -> likelihood.Scores:
    """Return the scores of several sets of solos as one."""
    return likelihood.Scores(
        scores[0].name, *(np.concatenate([getattr(one, name) for one in scores]) for name in FIELDS)
    )


FIELDS = ("notes", "nats", "hits")


def vocabulary(
    base: NeuralSoloist,
    parts: dict[str, list[Item]],
    weights: Sequence[float],
    players: int,
) -> None:
    held = parts["valid"] + parts["test"]
    names = sorted({item.events.performer for item in held})
    names.sort(key=lambda name: -sum(one.events.performer == name for one in parts["train"]))
    rows: dict[str, list[novelty.Match]] = {"held-out solos": []}
    spent = {"as it came": 0.0, f"weight {weights[0]:g}": 0.0}
    for name in names[:players]:
        mine = [item for item in parts["train"] if item.events.performer == name]
        index = novelty.build((item.name, item.solo) for item in mine)
        rows["held-out solos"] += [
            index.match(item.solo) for item in held if item.events.performer == name
        ]
        models = {"as it came": base, "like": base.resembling(name)}
        for weight in weights:
            models[f"weight {weight:g}"] = base.counting([item.events for item in mine], weight)
        first = f"weight {weights[0]:g}"
        models[f"{first}, like"] = models[first].resembling(name)
        for form, tempo in FORMS:
            changes = songbook.load(form).changes.repeated(2)
            for label, model in models.items():
                begun = time.process_time()
                notes = sampler.play(model, Setting(changes, tempo), rng=np.random.default_rng(1))
                if label in spent:
                    spent[label] += (time.process_time() - begun) / len(notes)
                rows.setdefault(label, []).append(index.match(Solo("", notes)))
        print(name, flush=True)
    for label, matches in rows.items():
        share = np.mean([match.share for match in matches])
        longest = np.mean([match.longest for match in matches])
        most = max(match.longest for match in matches)
        print(f"{label}: {share:.3f} in runs, longest {longest:.1f} on average, {most} at most")
    print(
        *(
            f"{label} {1e6 * each / (players * len(FORMS)):.0f} µs a note"
            for label, each in spent.items()
        )
    )


if __name__ == "__main__":
    main()
