"""Models by name, for ``sideman evaluate``: whatever can say how likely the next note is."""

from __future__ import annotations

import os
from functools import lru_cache
from typing import cast

from sideman.errors import ModelError
from sideman.measures import course
from sideman.models import file, ngram
from sideman.models.course import CourseModel
from sideman.models.events import Model

BASELINE = "ngram"


@lru_cache(maxsize=1)
def _shipped() -> ngram.NGram:
    path = file.locate(BASELINE)
    return ngram.from_file(file.read(path), os.fspath(path))


def named(name: str | os.PathLike[str]) -> Model:
    """Find a model that can be scored.

    Parameters
    ----------
    name : str or path-like
        ``unigram``, ``bigram``, ``kneser-ney``, ``ngram`` or ``blend``; the name of another model
        that comes with sideman; or the path of a model file.

    Returns
    -------
    Model
        The model.

    Raises
    ------
    FileError
        If the file cannot be read.
    ModelError
        If there is no such model, or it does not say how likely notes are.
    """
    if name in ngram.MIXTURES:
        return _shipped().called(str(name))
    path = file.locate(name)
    content = file.read(path)
    if content.kind == ngram.KIND:
        return ngram.from_file(content, os.fspath(path))
    from sideman import models

    model: object = models.load(path)
    if isinstance(model, CourseModel):
        return course.Told(model, path.stem)
    if callable(getattr(model, "distributions", None)):
        return cast(Model, model)
    raise ModelError(
        f"{path}: a model of kind {content.kind[:40]!r} does not say how likely notes are; "
        f"give one of {', '.join(ngram.MIXTURES)}, or another model file."
    )
