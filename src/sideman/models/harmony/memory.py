"""Prediction of the next change from repetition within the tune: progressions and sections."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np

from sideman.models.harmony.places import Source

LONGEST = 8
"""The largest length of a match, in changes."""
FURTHEST = 512
"""The largest distance of a match, in changes."""


def recalled(
    past: Sequence[int], *, longest: int = LONGEST, least: int = 1
) -> tuple[int, Counter[int]]:
    """Return counts of the symbols that followed the last changes earlier in the tune.

    The result is the length of the longest match of the end of `past`, from `least` to `longest`
    changes (0 for none), and the number of times that each symbol followed a match of that length.
    """
    best, found = 0, Counter[int]()
    end = len(past) - 1
    for at in range(max(0, end - FURTHEST), end):
        size = 0
        while size < longest and size <= at and past[at - size] == past[end - size]:
            size += 1
        if size < least or size < best:
            continue
        if size > best:
            best, found = size, Counter()
        found[past[at + 1]] += 1
    return best, found


def recalled_along(symbols: Sequence[int]) -> Iterator[tuple[int, Counter[int]]]:
    """Yield the result of :func:`recalled` before each change of a tune, in linear time.

    A match that ends at a change is one longer than the match that ended at the change before.
    """
    whole = np.array(symbols, np.int64)
    if len(whole):
        yield 0, Counter()
    sizes = np.zeros(len(whole), np.int64)  # of the match that ends before each change
    for end in range(len(whole) - 1):
        first = max(0, end - FURTHEST)
        longer = np.minimum(sizes[first:end] + 1, LONGEST)
        found = np.where(whole[first:end] == whole[end], longer, 0)
        sizes[first + 1 : end + 1] = found
        best = int(found.max(initial=0))
        after = np.flatnonzero((found == best) & (found > 0)) + first + 1
        yield best, Counter(whole[after].tolist())


def copied(
    past: Sequence[int], onsets: Sequence[int], sources: Sequence[Source]
) -> tuple[int, int] | None:
    """Return the symbol at the same place earlier in the tune; None if no change began there.

    Of several places, the one is chosen before which most changes agree, at most `LONGEST`; a
    section with the same letter counts two more.  The result is its state (:data:`COPIES`) and the
    symbol.
    """
    best: tuple[int, int, Source] | None = None
    for source in sources:
        agreed, now, then = 0, len(past) - 1, source.index - 1
        while (
            agreed < LONGEST
            and then >= 0
            and onsets[now] - onsets[then] == source.ticks
            and past[now] == past[then]
        ):
            agreed, now, then = agreed + 1, now - 1, then - 1
        score = agreed + 2 * source.same_letter
        if best is None or score > best[0]:
            best = score, agreed, source
    if best is None:
        return None
    _, agreed, source = best
    state = sum(agreed >= least for least in _AGREED)
    return 1 + state + (len(_AGREED) + 1) * source.same_letter, past[source.index]


_AGREED = (1, 2, 4)
COPIES = 1 + 2 * (len(_AGREED) + 1)
"""The states of a copy: none; 0, 1, 2 or 4 changes agreed; the same in a section of the letter."""
