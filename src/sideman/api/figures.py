"""Figures: how likely a model finds solos, and what solos are like beside players'."""

import json
import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sideman.api import sources
from sideman.api.arguments import typed
from sideman.api.names import naming
from sideman.api.sources import Corpus
from sideman.errors import ModelError
from sideman.evaluation import scorers
from sideman.evaluation.loading import split_file
from sideman.models.events import Scorer
from sideman.service import measuring
from sideman.service.measuring import EvaluateRequest, MeasureRequest
from sideman.service.requests import File

Split = str | os.PathLike[str] | Mapping[str, Sequence[str]]
Progress = Callable[[float], object]


@typed
def evaluate(
    model: str | os.PathLike[str] | Scorer,
    corpus: Corpus,
    *,
    baseline: str | os.PathLike[str] | Scorer = scorers.BASELINE,
    split: Split | None = None,
    subset: str = "test",
    seed: int = 0,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Return the likelihood of solos under a model beside that of a baseline, in nats a note.

    A model is a name, a model file or a Scorer; `split` is ``"wjazzd"``, the benchmark's, a file,
    or maps each subset to names of solos; `seed` is that of the bootstrap.  The figures are defined
    in ``docs/benchmark.md``.

    >>> import sideman
    >>> figures = sideman.evaluate("ngram", sideman.improvise("blues-f", seed=7, choruses=1))
    >>> sorted(figures)
    ['baseline', 'corpus', 'model', 'paired', 'versions']
    """
    with naming("model"):
        scored = _scorer(model)
    with naming("baseline"):
        compared = scored if baseline is model else _scorer(baseline)
    request = EvaluateRequest(
        corpus=sources.several(corpus),
        model=scored,
        baseline=compared,
        split=_split(split),
        part=subset,
        seed=seed,
    )
    with naming("corpus"):
        return measuring.evaluate(request, progress=progress)


@typed
def measure(
    corpus: Corpus,
    *,
    against: Corpus | None = None,
    reference: str = "test",
    split: Split | None = None,
    subset: str = "test",
    solo: str = "",
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Return statistics of solos beside those of real players, and their novelty.

    `against` is another set to compare with, `reference` the players: ``test`` or ``all``
    (``docs/benchmark.md``); `solo` is the number or name of the only solo of a database.

    >>> import sideman
    >>> sorted(sideman.measure(sideman.improvise("blues-f", seed=7))["summary"]["chord_tones"])
    ['mean', 'quantiles', 'solos', 'spread']
    """
    request = MeasureRequest(
        corpus=sources.several(corpus),
        split=_split(split),
        part=subset,
        against=None if against is None else sources.several(against),
        players=reference,
        solo=solo,
    )
    with naming("corpus"):
        return measuring.measure(request, progress=progress)


def _split(given: Split | None) -> File | None:
    if given is None:
        return None
    if isinstance(given, str | os.PathLike):
        with naming("split"):
            return split_file(given)
    return File("split", json.dumps({part: list(names) for part, names in given.items()}).encode())


def _scorer(source: str | os.PathLike[str] | Scorer) -> str | File | Scorer:
    """Return a model that comes with sideman by its name, another one as its file or itself."""
    if isinstance(source, str) and source in scorers.known():
        return source
    if isinstance(source, str | os.PathLike):
        return sources.model(source, scorers.scoring())
    if not callable(getattr(source, "distributions", None)):
        raise ModelError(
            f"{source!r:.60} does not give the likelihood of notes; give the name of a model, a "
            "model file, or a Scorer (sideman.models.events)."
        )
    return source
