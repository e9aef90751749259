"""Explain the notes of a take."""

import os
from typing import Any

from sideman.api import options, sources
from sideman.api.arguments import typed
from sideman.api.figures import Progress
from sideman.api.names import naming
from sideman.api.sources import Source
from sideman.models.protocol import Soloist
from sideman.service import explaining, playing


@typed
def explain(
    take: Source,
    *,
    model: str | os.PathLike[str] | Soloist | None = None,
    bar: int | None = None,
    solo: str = "",
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Return the explanation of each note of a solo by a grammar (``docs/grammars.md``).

    `model` is that of the take, else ``jazz-grammar``, where None; `solo` is one of a database.

    >>> import sideman
    >>> take = sideman.improvise("| F7 | Bb7 |", model="cfg", seed=1, choruses=1)
    >>> sideman.explain(take, bar=2)["bars"][0]["tree"][0]["right"]
    'Phrase2 (P (- Y 960))'
    """
    with naming("take"):
        file, folders = sources.with_folders(take)
        if model is None:
            given = playing.played_by(file, folders)
        else:
            name, found = options.model(model)
            given = found or playing.model_named(name)
        explanation = explaining.explain(file, model=given, bar=bar, solo=solo, progress=progress)
        return explanation.data()
