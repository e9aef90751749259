"""The losses of the course's versions, before and after a hundred epochs, by two ways to train.

    python benchmarks/course_losses.py                          the table of docs/course.md
    python benchmarks/course_losses.py --seeds 5 --version 4    some of it
    python benchmarks/course_losses.py --decay 0                without the decay of the rate

*Quick* is what ``make course`` runs (:func:`sideman.training.course.train_windows`), *Keras* what a
learner's cells run: ``djmodel``, ``Adam(lr, beta_1, beta_2, decay)``, ``compile`` and ``fit``.
The real solo is looked for where the tests look for it (``SIDEMAN_DATA``).
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

from sideman.course import corpus, layers, models, versions
from sideman.training.course import train_windows

ROOT = Path(__file__).parent.parent
DATA = Path(os.environ.get("SIDEMAN_DATA") or ROOT.parent / "shared" / "data")
METHENY = DATA / "metheny" / "original_metheny.mid"
EPOCHS = 100


def quick(X: Any, Y: Any, seed: int, decay: float) -> tuple[float, float]:
    """Train as ``make course`` does; the first and the last loss."""
    losses = train_windows(X, Y, rng=np.random.default_rng(seed), epochs=EPOCHS, decay=decay).losses
    return losses[0], losses[-1]


def by_cells(X: Any, Y: Any, seed: int, decay: float) -> tuple[float, float]:
    """Train as a learner's cells do; the first and the last loss."""
    keras = layers.keras()
    keras.utils.clear_session()
    keras.utils.set_random_seed(seed)
    m, steps, n_values = X.shape
    reshape, lstm, dense = layers.Cells.of(n_values)
    model = models.djmodel(
        steps, layers.N_A, n_values, reshapor=reshape, LSTM_cell=lstm, densor=dense
    )
    model.compile(
        optimizer=layers.Adam(lr=0.01, beta_1=0.9, beta_2=0.999, decay=decay),
        loss="categorical_crossentropy",
        metrics=["accuracy"],
    )
    zeros = np.zeros((m, layers.N_A))
    history = model.fit([X, zeros, zeros], list(Y), epochs=EPOCHS, verbose=0).history["loss"]
    return history[0], history[-1]


WAYS = {"quick": quick, "Keras": by_cells}


def main() -> None:
    """Print a row for each version, solo and way."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--version", choices=["3a", "4"], action="append")
    parser.add_argument("--way", choices=list(WAYS), action="append")
    parser.add_argument("--solo", choices=["Metheny", "embedded"], action="append")
    parser.add_argument("--decay", type=float, default=0.01)
    asked = parser.parse_args()
    print("| version | solo | way | before | after |\n|---|---|---|---|---|", flush=True)
    for name in asked.version or ["3a", "4"]:
        version = versions.named(name)
        for solo in asked.solo or ["Metheny", "embedded"]:
            if solo == "Metheny" and not METHENY.exists():
                print(f"no material at {DATA}", file=sys.stderr)
                continue
            path = METHENY if solo == "Metheny" else None
            X, Y, _, _ = corpus.windows(corpus.load_music(path, version))
            for way in asked.way or WAYS:
                pairs = [WAYS[way](X, Y, seed, asked.decay) for seed in range(asked.seeds)]
                before, after = (
                    ", ".join(f"{loss:.2f}" for loss in column)
                    for column in zip(*pairs, strict=True)
                )
                print(f"| {name} | {solo} | {way} | {before} | {after} |", flush=True)


if __name__ == "__main__":
    main()
