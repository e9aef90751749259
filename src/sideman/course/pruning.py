"""The course's ``qa``: three prunings before and after the notes are made."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from numpy.random import Generator

from sideman.course.chance import generator
from sideman.course.stream import Element, as_element, echo
from sideman.errors import MusicError
from sideman.models.grammar.polish import coin_rounded, without_clashes, without_paired_echoes
from sideman.models.grammar.tokens import Token

_SHORTEST = 0.25


def prune_grammar(curr_grammar: str, rng: Generator | None = None) -> str:
    """Put every length on a multiple of a quarter of a beat, below or above it by a coin.

    Parameters
    ----------
    curr_grammar : str
        Tokens with spaces between them.
    rng : numpy.random.Generator or None
        The coin; the course's own where None.

    Returns
    -------
    str
        The same tokens with their new lengths.

    Raises
    ------
    FormatError
        If a word is no token.
    MusicError
        If it is not a text.

    Examples
    --------
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
    """Of each disjoint pair of neighbours drop the second if both are the same note.

    Parameters
    ----------
    curr_notes : iterable
        Elements in order.

    Returns
    -------
    list of Element
        What is left.  A repetition across two pairs stays: the course's own oversight.
    """
    return without_paired_echoes([as_element(thing) for thing in curr_notes], echo)


def clean_up_notes(curr_notes: Iterable[Any]) -> list[Element]:
    """Give notes of no length a quarter of a beat; of two at one offset keep the first.

    Parameters
    ----------
    curr_notes : iterable
        Elements by rising offset.

    Returns
    -------
    list of Element
        What is left.
    """
    mended = [
        element if element.quarterLength else replace(element, quarterLength=_SHORTEST)
        for element in map(as_element, curr_notes)
    ]
    return without_clashes(
        mended, lambda before, element: element.isNote and element.offset == before.offset
    )
