"""The models: one file a model, telling what it sees, what it says, and its parameters.

:mod:`~sideman.models.file`
    the one file format; ``locate(name)``, ``read(path)``, ``write(path, model_file)``.
:mod:`~sideman.models.lstm`
    the recurrent core, which knows no music.
:mod:`~sideman.models.course`
    the course's model, which hears only its own last token.
:mod:`~sideman.models.letters`
    the same network on the letters of names.
:mod:`~sideman.models.soloist`
    the soloist, which hears changes, metre and its own motifs; it stands on
    :mod:`~sideman.models.hearing` and :mod:`~sideman.models.motifs`, and plays by
    :mod:`~sideman.models.stepping` and :mod:`~sideman.models.soloing`.

``load(name)`` gives a model ready to play.  Every model that plays has the method
``perform(changes, low=, high=, shortest=)``, which begins a *performance*;
:mod:`sideman.sampling` says what that is.
"""

from __future__ import annotations

import os
from collections.abc import Callable

from sideman.errors import ModelError
from sideman.models import course, file, letters, soloist
from sideman.models.course import CourseModel
from sideman.models.soloist import Soloist

DEFAULT = soloist.KIND
_KINDS: dict[str, Callable[[file.ModelFile, str], CourseModel | Soloist]] = {
    course.KIND: course.from_file,
    soloist.KIND: soloist.from_file,
}


def load(
    name: str | os.PathLike[str] | None = None, *, like: str | None = None
) -> CourseModel | Soloist:
    """Load a model.

    Parameters
    ----------
    name : str, path-like or None
        The name of a model that comes with sideman, such as ``soloist``, or the path of a file;
        None for ``soloist``.
    like : str or None
        The player whom it shall resemble, for a model that knows players.

    Returns
    -------
    CourseModel or Soloist
        The model, ready to play.

    Raises
    ------
    FileError
        If the file cannot be read.
    ModelError
        If there is no such model, the file does not fit this version, or it knows no such player.
    """
    path = file.locate(name or DEFAULT)
    content = file.read(path)
    if content.kind == letters.KIND:
        raise ModelError(
            f"{path}: says names and plays no solos; hear them with sideman say, or name another "
            "model."
        )
    if content.kind not in _KINDS:
        raise ModelError(
            f"{path}: a model of kind {content.kind[:40]!r} does not play in this sideman, only "
            f"one of kind {' or '.join(sorted(_KINDS))} does; name another."
        )
    model = _KINDS[content.kind](content, os.fspath(path))
    if like is None:
        return model
    if not isinstance(model, Soloist):
        raise ModelError(
            f"{path}: this model knows no players; use one that does: --model soloist."
        )
    return model.resembling(like)
