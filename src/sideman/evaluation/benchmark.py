"""The benchmark: the figures of a model beside a baseline, as ``docs/benchmark.md`` defines."""

from __future__ import annotations

import itertools
import platform
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from sideman.evaluation import bootstrap, likelihood, loading
from sideman.models.events import Events, Scorer
from sideman.version import VERSION


def versions() -> dict[str, str]:
    """Return the versions of sideman, Python and NumPy, on which figures depend."""
    return {
        "sideman": VERSION,
        "python": platform.python_version(),
        "numpy": np.__version__,
    }


def evaluate(
    scored: Scorer,
    compared: Scorer,
    chosen: loading.Selection,
    seed: int = 0,
    progress: Callable[[float], object] = lambda _: None,
) -> dict[str, Any]:
    """Return the figures of a model beside those of a baseline, which may be the same object.

    The result has ``corpus`` (what was scored, with its fingerprint), ``model`` and ``baseline``
    (figures), ``paired`` (the difference of the joint nats, its interval, and each factor's), and
    ``versions``.  `seed` is that of the bootstrap; `progress` gets the share of the solos that are
    scored, from 0 to 1.  A ModelError is raised if nothing can be scored, or a model returns no
    distributions.
    """
    events = [solo for solo in chosen.events if len(solo) > 1]
    models = [scored] if compared is scored else [scored, compared]
    done = itertools.count(1)
    total = len(models) * len(events)

    def counted() -> Iterator[Events]:
        for each in events:
            yield each
            progress(next(done) / total)

    ours, theirs = ([likelihood.score(model, counted()) for model in models] * 2)[:2]
    factors = likelihood.compare(ours, theirs, np.random.default_rng(seed))
    return {
        "corpus": {
            "fingerprint": loading.fingerprint(events),
            "part": chosen.part,
            "solos": len(events),
            "notes": int(ours.notes.sum()),
            "dropped": sum(solo.dropped for solo in events),
            "moved": sum(solo.moved for solo in events),
            "other_meters": chosen.other_meters,
            "absent": chosen.absent,
        },
        "model": {"name": scored.name, **ours.summary()},
        "baseline": {"name": compared.name, **theirs.summary()},
        "paired": {
            **factors["joint"],
            "draws": bootstrap.DRAWS,
            "seed": seed,
            "factors": factors,
        },
        "versions": versions(),
    }
