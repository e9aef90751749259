"""Explain the notes of a take."""

import os
from typing import Any

from sideman.api import options, sources
from sideman.api.arguments import typed
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
) -> dict[str, Any]:
    """Return what in a grammar gives each note of a solo over chords (``docs/grammars.md``).

    `model` is that of the take, else ``jazz-grammar``, where None; `bar` the only one to explain.

    >>> import sideman
    >>> take = sideman.improvise("| F7 | Bb7 |", model="cfg", seed=1, choruses=1)
    >>> sideman.explain(take, bar=2)["bars"][0]["tree"][0]["right"]
    'Phrase2 (P (- Y 960))'
    """
    with naming("take"):
        file, folders = sources.with_folders(take)
        given = None
        if model is not None:
            name, found = options.model(model)
            given = found or playing.model_named(name)
        elif (request := playing.carried(file)) is not None:
            given = playing.beside(request, folders)
        return explaining.explain(file, model=given, bar=bar).data()
