"""Count the baseline anew: the n-gram that ``sideman evaluate`` compares with.

``.venv/bin/python benchmarks/train_ngram.py wjazzd.db split.json --out ngram.safetensors``

Counts the 4/4 solos of the part ``train`` and fits the weights on ``valid``; ``test`` is not
read.  The same files give the same bytes.  About a minute on one core, 2 GB.
"""

from __future__ import annotations

import argparse
import os
import time


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus")
    parser.add_argument("split")
    parser.add_argument("--out", required=True)
    options = parser.parse_args()
    # The order in which several threads add would show in the last digits; NumPy reads this once.
    for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[threads] = "1"
    from sideman.evaluation import loading
    from sideman.models import file, ngram

    began = time.perf_counter()
    train, valid = (
        loading.select([options.corpus], options.split, part, only_common_time=True).events
        for part in ("train", "valid")
    )
    model = ngram.train(train, valid, loading.fingerprint(train))
    training = {
        "counted": {"solos": len(train), "notes": sum(len(events) - 1 for events in train)},
        "fitted": {"solos": len(valid), "notes": sum(len(events) - 1 for events in valid)},
        "fitted_on": loading.fingerprint(valid),
    }
    file.write(options.out, ngram.to_file(model, training))
    print(f"{options.out}: counted in {time.perf_counter() - began:.0f} seconds")


if __name__ == "__main__":
    main()
