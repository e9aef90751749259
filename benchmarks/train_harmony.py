"""Train the shipped model of harmony anew, on the songbook and the études.

``.venv/bin/python benchmarks/train_harmony.py --out harmony.safetensors``

The same charts give the same bytes; some seconds on one core.  The tunes are in the public domain
or composed for this project.  A playlist may be given instead: its figures are in
``docs/harmony.md``, and its model is not shipped, because its licence does not allow that.

``--intervals`` prints instead the perplexity of a model whose chains know neither the key nor its
mode, only intervals, and its comparison with the n-gram of intervals with memory.
"""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path


def by_intervals(paths: list[Path]) -> None:
    import numpy as np

    from sideman.cli import asked
    from sideman.evaluation import harmony as evaluation
    from sideman.models.harmony import learning, model
    from sideman.training.plan import Given
    from sideman.training.trainers import harmony

    tunes = harmony.prepare(Given(files=asked.training_corpus(paths, model.KIND))).tunes
    recipes = [
        model.Recipe(
            tuple(
                dict.fromkeys(
                    name.replace("key", "interval") for name in each.features if name != "minor"
                )
            ),
            by_interval=True,
        )
        for each in model.recipes()
    ]
    corpus = evaluation.Corpus.of(tunes)
    found = evaluation.of_model(
        corpus, learning.learn(tunes, recipes), remembers=True, by_interval=True
    )
    memory = evaluation.with_memory(corpus, evaluation.ngrams(corpus, True), True)
    everything = [True] * len(corpus.tunes["test"])
    mean, low, high = evaluation.compare(found, memory, everything, np.random.default_rng(0))
    print(
        f"valid {found.perplexity('valid'):.2f}, test {found.perplexity('test'):.2f}; less "
        f"{memory.name}, test: {mean:+.3f} bits a change (95 %: {low:+.3f} to {high:+.3f})"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", nargs="*", type=Path)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--intervals", action="store_true")
    options = parser.parse_args()
    if options.out is None and not options.intervals:
        parser.error("--out is needed for a model")
    # The order in which several threads add would show in the last digits; NumPy reads this once.
    for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[threads] = "1"
    if options.intervals:
        by_intervals(options.corpus)
        return
    from sideman import files
    from sideman.cli import asked
    from sideman.models.harmony.model import KIND
    from sideman.service import learning
    from sideman.training.plan import Watch

    began = time.perf_counter()
    result = learning.train(
        learning.TrainRequest(asked.training_corpus(options.corpus, KIND), KIND),
        watching=Watch(report=lambda progress: print(progress.text), tell=print),
    )
    assert result.model is not None
    files.write_whole(options.out, result.model)
    print(f"{options.out}: {result.description}; {time.perf_counter() - began:.0f} seconds")


if __name__ == "__main__":
    main()
