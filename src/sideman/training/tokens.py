"""Solos as tokens of the jazz grammar: what the course's network learns from."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from sideman.errors import MusicError
from sideman.models.course.analyse import analyse_solo
from sideman.score import Solo

Sentences = tuple[tuple[str, ...], ...]
LONGEST_SILENCE = 2
"""Bars of rest that are kept where a player is silent for longer."""
MOST_TOKENS = 4_000_000


def sentences(solos: Iterable[Solo]) -> Sentences:
    """Return solos as tokens: the bars from the first note to the last, each filled exactly.

    Two bars of a longer silence are kept.

    Parameters
    ----------
    solos : iterable of Solo
        Solos with notes and changes.

    Returns
    -------
    tuple of tuple of str
        The tokens of each solo.

    Raises
    ------
    MusicError
        If a solo has no changes, or there are more than 4,000,000 tokens.
    """
    result = []
    count = 0
    for solo in solos:
        words: list[str] = []
        silent = LONGEST_SILENCE  # so that the silence before the first note is left out
        ended = 0
        for bar in analyse_solo(solo):
            rests = all(token.is_rest for token in bar.tokens)
            silent = silent + 1 if rests else 0
            if silent <= LONGEST_SILENCE:
                words += map(str, bar.tokens)
            if not rests:
                ended = len(words)
        count += ended
        if count > MOST_TOKENS:
            raise MusicError(
                f"The corpus has more than {MOST_TOKENS} tokens, the most that is learnt from; "
                "give fewer files."
            )
        if ended:
            result.append(tuple(words[:ended]))
    return tuple(result)


def fingerprint(corpus: Sequence[Sequence[str]]) -> str:
    """Return the SHA-256 of the tokens of each solo, in hexadecimal digits."""
    text = "".join(" ".join(words) + "\n" for words in corpus)
    return hashlib.sha256(text.encode()).hexdigest()
