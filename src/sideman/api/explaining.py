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
    """Return the explanation of each note of a take, or of any solo over chords, by a grammar.

    `model` is a grammar; the one that has played the take, else ``jazz-grammar``, where None.
    `bar` is the only one to explain, from 1.  ``bars`` of the result has the rules, terminals and
    notes of each bar in order, with their depth in the tree (``docs/grammars.md``).

    >>> import sideman
    >>> take = sideman.improvise("| F7 | Bb7 |", model="cfg", seed=1, choruses=1)
    >>> found = sideman.explain(take, bar=2)
    >>> found["method"], [each["name"] for each in found["bars"][0]["tree"] if each.get("name")]
    ('derived', ['C4', 'B3', 'Bb3', 'D4', 'B3', 'Bb3'])
    """
    with naming("take"):
        file, folders = sources.with_folders(take)
        if model is None:
            request = playing.carried(file)
            given = None if request is None else playing.beside(request, folders)
        else:
            name, found = options.model(model)
            given = found or playing.model_named(name)
        return explaining.explain(file, model=given, bar=bar).data()
