"""Find out whether the players that the soloist has learnt are real.

``.venv/bin/python benchmarks/labels.py wjazzd.db split.json``

Every solo of the parts valid and test whose player the soloist knows is scored under the player's
own name, under that of another, drawn with a fixed seed, and under nobody's.  Differences are
paired by solo, with the middle 95 in 100 of 2,000 draws.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from adapt import joined
from sideman.evaluation import likelihood, loading
from sideman.evaluation.likelihood import Scores
from sideman.models import registry
from sideman.models.soloist import NeuralSoloist


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("split", type=Path)
    parser.add_argument("--model", default="soloist")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    model = registry.load(options.model)
    assert isinstance(model, NeuralSoloist)
    known = model.vocabulary.performers
    rng = np.random.default_rng(options.seed)
    scores: dict[str, list[Scores]] = {"own": [], "another's": [], "nobody's": []}
    for part in ("valid", "test"):
        for item in loading.select([options.corpus], options.split, part).items:
            solo = item.events
            if solo.performer not in known or not item.common_time or len(solo) < 2:
                continue
            others = [name for name in known if name != solo.performer]
            other = others[int(rng.integers(len(others)))]
            for name, heard in (
                ("own", model.resembling(solo.performer)),
                ("another's", model.resembling(other)),
                ("nobody's", model),
            ):
                scores[name].append(likelihood.score(heard, [solo]))
    own = joined(scores.pop("own"))
    for name, one in scores.items():
        for factor, told in likelihood.compare(own, joined(one), np.random.default_rng(0)).items():
            print(f"own against {name}, {len(own.notes)} solos, {factor}: {told}")


if __name__ == "__main__":
    main()
