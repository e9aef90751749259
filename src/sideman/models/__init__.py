"""The models: one file a model, telling what it sees, what it says, and its parameters.

:mod:`~sideman.models.file`
    the one file format; ``locate(name)``, ``read(path)``, ``write(path, model_file)``.
:mod:`~sideman.models.lstm`
    the course's LSTM, which hears only its own last token.

``load(name)`` gives a model ready to play.  Every model that plays has the method
``perform(changes, low=, high=, shortest=)``, which begins a *performance*;
:mod:`sideman.sampling` says what that is.
"""

from __future__ import annotations

import os

from sideman.errors import ModelError
from sideman.models import file, lstm
from sideman.models.lstm import CourseModel

DEFAULT = "course"
_KINDS = {lstm.KIND: lstm.from_file}


def load(name: str | os.PathLike[str] = DEFAULT) -> CourseModel:
    """Load a model.

    Parameters
    ----------
    name : str or path-like
        The name of a model that comes with sideman, such as ``course``, or the path of a file.

    Returns
    -------
    CourseModel
        The model, ready to play.

    Raises
    ------
    FileError
        If the file cannot be read.
    ModelError
        If there is no such model, or the file does not fit this version.
    """
    path = file.locate(name)
    content = file.read(path)
    if content.kind not in _KINDS:
        raise ModelError(
            f"{path}: a model of kind {content.kind[:40]!r} does not play in this sideman, only "
            f"one of kind {' or '.join(sorted(_KINDS))} does; name another."
        )
    return _KINDS[content.kind](content, os.fspath(path))
