"""Adapt the soloist to a player it has not heard, and see what is gained there and lost elsewhere.

``.venv/bin/python benchmarks/adapt.py wjazzd.db split.json --player "Michael Brecker" ...``

The solos of the parts valid and test are new to the shipped soloist.  Of each player's, the takes
of one tune are left out, the soloist goes on from its weights with the others, and the takes left
out are scored; then those of the next tune.  "Others" are some thirty new solos of other players,
scored once for each player.  Differences to the soloist as it came are paired by solo, with the
middle 95 in 100 of 2,000 draws.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from sideman.evaluation import likelihood, loading
from sideman.evaluation.likelihood import Scores
from sideman.models import registry, soloist
from sideman.models.soloist import NeuralSoloist
from sideman.training import recipe


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("split", type=Path)
    parser.add_argument("--player", action="append", required=True)
    parser.add_argument("--model", default="soloist")
    parser.add_argument("--epochs", type=int)
    parser.add_argument("--learning-rate", type=float)
    options = parser.parse_args()
    base = registry.load(options.model)
    assert isinstance(base, NeuralSoloist)
    settings = recipe.usual_settings(options.epochs, 0, options.learning_rate, adapting=True)
    parts = {
        part: [
            item.events
            for item in loading.select([options.corpus], options.split, part).items
            if item.common_time and len(item.events) > 1
        ]
        for part in ("train", "valid", "test")
    }
    new = parts["valid"] + parts["test"]
    found: dict[str, list[tuple[Scores, Scores]]] = {}
    for player in options.player:
        own = [solo for solo in new if solo.performer == player]
        known = [solo for solo in parts["train"] if solo.performer == player][:2]
        tunes = sorted({recipe.tune(solo) for solo in own})
        for number, tune in enumerate(tunes):
            left = [solo for solo in own if recipe.tune(solo) == tune]
            heard = [solo for solo in own if recipe.tune(solo) != tune]
            begun = time.perf_counter()
            learnt = recipe.learn(heard, known or heard, settings=settings, begin=base)
            took = time.perf_counter() - begun
            assert learnt.content is not None
            adapted = soloist.from_file(learnt.content, "adapted")
            groups = {"own": left}
            if number == 0:
                groups["others"] = [solo for solo in new if solo.performer != player][::3]
            for who, solos in groups.items():
                scores = (likelihood.score(adapted, solos), likelihood.score(base, solos))
                found.setdefault(who, []).append(scores)
            notes = sum(len(solo) - 1 for solo in heard)
            print(f"{player}, without {tune}: {notes} notes, {took:.0f} s", flush=True)
    for name, pairs in found.items():
        mine, before = (joined([pair[side] for pair in pairs]) for side in (0, 1))
        joint = likelihood.compare(mine, before, np.random.default_rng(0))["joint"]
        print(f"{name}: {len(mine.notes)} solos, {joint}")


def joined(scores: Sequence[Scores]) -> Scores:
    """Put scores of several sets of solos end to end."""
    return Scores(
        scores[0].name,
        np.concatenate([one.notes for one in scores]),
        np.concatenate([one.nats for one in scores]),
        np.concatenate([one.hits for one in scores]),
    )


if __name__ == "__main__":
    main()
