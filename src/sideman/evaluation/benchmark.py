"""The benchmark as one function: files in, figures out."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable
from typing import Any

import numpy as np

import sideman
from sideman.evaluation import likelihood, loading, scorers
from sideman.models import file


def versions() -> dict[str, str]:
    """Name the libraries that figures depend on.

    Returns
    -------
    dict of str to str
        sideman, Python and NumPy with their versions.
    """
    return {
        "sideman": sideman.__version__,
        "python": platform.python_version(),
        "numpy": np.__version__,
    }


def evaluate(
    paths: Iterable[str | os.PathLike[str]],
    model: str | None = None,
    baseline: str = scorers.BASELINE,
    split: str | os.PathLike[str] | None = None,
    part: str = "test",
    seed: int = 0,
) -> dict[str, Any]:
    """Score a model and a baseline on the 4/4 solos of some files.

    Parameters
    ----------
    paths : iterable of path-like
        Databases in the Weimar schema, or any other files with solos.
    model : str or None
        What to score (:func:`sideman.evaluation.scorers.named`); the best that is here where None.
    baseline : str
        What to compare it with.
    split : path-like or None
        Which solos make up which part; all are scored where None.
    part : str
        Which part of the split.
    seed : int
        Of the bootstrap.

    Returns
    -------
    dict
        ``corpus`` (what was scored, with its fingerprint), ``model`` and ``baseline`` (figures),
        ``paired`` (the difference of the joint nats, its interval, and each factor's), and
        ``versions``.

    Raises
    ------
    SidemanError
        If a file cannot be read, a model is unknown, or nothing is left to score.
    """
    name = model or ("soloist" if "soloist" in file.names() else "blend")
    scored, compared = scorers.named(name), scorers.named(baseline)
    chosen = loading.select(paths, split, part, only_common_time=True)
    events = [solo for solo in chosen.events if len(solo) > 1]
    ours = likelihood.score(scored, events)
    theirs = ours if name == baseline else likelihood.score(compared, events)
    factors = likelihood.compare(ours, theirs, np.random.default_rng(seed))
    return {
        "corpus": {
            "fingerprint": loading.fingerprint(events),
            "part": part if split is not None else None,
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
            "draws": likelihood.DRAWS,
            "seed": seed,
            "factors": factors,
        },
        "versions": versions(),
    }
