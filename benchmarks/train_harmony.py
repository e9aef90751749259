"""Train the shipped model of harmony anew, on the songbook and the études.

``.venv/bin/python benchmarks/train_harmony.py --out harmony.safetensors``

The same charts give the same bytes; some seconds on one core.  The tunes are in the public domain
or composed for this project.  A playlist may be given instead: its figures are in
``docs/harmony.md``, and its model is not shipped, because its licence does not allow that.
"""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", nargs="*", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    # The order in which several threads add would show in the last digits; NumPy reads this once.
    for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[threads] = "1"
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
