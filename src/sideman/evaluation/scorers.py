"""Models by name or file that return the likelihood of notes."""

from __future__ import annotations

import os
from functools import lru_cache
from typing import Any

from sideman.errors import ModelError
from sideman.models import file, ngram, registry
from sideman.models.events import Scorer

BASELINE = "ngram"
_UNSCORED = ("cfg", "harmony")
"""The models that come with sideman and give no likelihood of notes."""


@lru_cache(maxsize=1)
def _shipped() -> ngram.NGram:
    baseline: ngram.NGram = registry.open_model(BASELINE)[1]
    return baseline


def named(name: str | os.PathLike[str]) -> Scorer:
    """Return the model of a name (:func:`known`) or path; raise FileError or ModelError if none."""
    if name in ngram.MIXTURES:
        return _shipped().called(str(name))
    kind, model = registry.open_model(name)
    return _scoring(kind, model, str(name))


def parsed(data: bytes, name: str) -> Scorer:
    """Return the model in the bytes of a file: see :func:`named`."""
    kind = registry.identify(data, name)
    return _scoring(kind, kind.load(data, name), name)


def known() -> tuple[str, ...]:
    """Return the names of the mixtures and of the models that come with sideman."""
    return tuple(dict.fromkeys((*ngram.MIXTURES, *file.names())))


def scoring() -> tuple[str, ...]:
    """Return the names of :func:`known` whose models give the likelihood of notes."""
    return tuple(name for name in known() if name not in _UNSCORED)


def _scoring(kind: registry.Kind, model: Any, name: str) -> Scorer:
    if not callable(getattr(model, "distributions", None)):
        raise ModelError(
            f"{name}: a model of kind {kind.name!r} does not give the likelihood of notes; give "
            f"one of {', '.join(scoring())}, or another model file.",
            field="model",
        )
    scorer: Scorer = model
    return scorer
