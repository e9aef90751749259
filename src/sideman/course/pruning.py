"""The course's ``qa``: pruning of grammars and of notes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from numpy.random import Generator

from sideman.course.chance import generator
from sideman.course.stream import Element, as_element, echo
from sideman.errors import MusicError
from sideman.models.course.polish import coin_rounded, without_clashes, without_paired_echoes
from sideman.models.course.tokens import Token

_SHORTEST = 0.25


def prune_grammar(curr_grammar: str, rng: Generator | None = None) -> str:
    """Return tokens with each length rounded up or down at random to a multiple of 0.25 beats.

    Raise FormatError if a word is not a token, and MusicError if it is not text.

    >>> import numpy as np
    >>> prune_grammar("C,0.333 S,0.250,<m2,P-4>", np.random.default_rng(3))
    'C,0.25 S,0.25,<m2,P-4>'
    """
    given: Any = curr_grammar
    if not isinstance(given, str):
        raise MusicError(
            f"prune_grammar takes the tokens of one measure in one text, and was given a "
            f"{type(given).__name__}: give one element of a list of grammars, or ' '.join(tokens)."
        )
    coin = generator(rng)
    pruned = []
    for word in curr_grammar.split():
        Token.parse(word)
        kind, length, *bracket = word.split(",", 2)
        pruned.append(",".join([kind, str(coin_rounded(float(length), coin)), *bracket]))
    return " ".join(pruned)


def prune_notes(curr_notes: Iterable[Any]) -> list[Element]:
    """Return notes without the second of each disjoint pair of equal neighbours, as taught."""
    return without_paired_echoes([as_element(thing) for thing in curr_notes], echo)


def clean_up_notes(curr_notes: Iterable[Any]) -> list[Element]:
    """Return notes with length 0.25 instead of 0, and only the first note of each offset."""
    corrected = [
        element if element.quarterLength else replace(element, quarterLength=_SHORTEST)
        for element in map(as_element, curr_notes)
    ]
    return without_clashes(
        corrected, lambda before, element: element.isNote and element.offset == before.offset
    )
