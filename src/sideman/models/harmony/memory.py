"""Prediction of the next change from repetition within the tune: progressions and sections."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from sideman.models.events import IntArray
from sideman.models.harmony.places import Places, Source

Array = NDArray[np.float64]

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


def own_share(symbols: IntArray) -> tuple[IntArray, Array]:
    """Return the length of the match before each change, and the change's own share.

    The share is that of the change itself among the symbols that :func:`recalled` counts before it.
    """
    size = len(symbols)
    most = min(FURTHEST, max(size - 1, 0))
    short = symbols.astype(np.int16)
    # Whether each change (row) is equal to each of those before it (column, the last one last).
    before = sliding_window_view(np.concatenate([np.full(most, -1, np.int16), short]), most)
    equal = before[:size] == short[:, None]
    matches = [equal[:-1]]  # of 1, 2, ... changes that end at the change before
    while len(matches) < LONGEST:
        matches.append(matches[-1][:-1] & equal[len(matches) : -1])
    length, whole, own = np.zeros((3, size), np.int64)
    for count, found in enumerate(matches, 1):
        length[np.flatnonzero(found.any(axis=1)) + count] = count
    for count, found in enumerate(matches, 1):
        at = np.flatnonzero(length == count)
        whole[at] = np.count_nonzero(found[at - count], axis=1)
        own[at] = np.count_nonzero(found[at - count] & equal[at], axis=1)
    return length, own / np.maximum(whole, 1)


def copied_along(symbols: IntArray, places: Places) -> tuple[IntArray, IntArray]:
    """Return the results of :func:`copied` before each change of a tune; state 0 for None."""
    onsets, size = np.array(places.onsets), len(symbols)
    found = places.distances
    counts = np.diff(found.first)[places.section]
    change = np.repeat(np.arange(size), counts)
    place = np.arange(len(change)) - np.repeat(np.cumsum(counts) - counts, counts)
    place += found.first[places.section][change]
    wanted = onsets[change] - found.ticks[place]
    source = np.minimum(np.searchsorted(onsets, wanted), size - 1)
    there = np.flatnonzero(onsets[source] == wanted)
    change, source, ticks = change[there], source[there], found.ticks[place[there]]
    same_letter = found.same_letter[place[there]]
    agreed = np.zeros(len(change), np.int64)
    alive = np.arange(len(change))
    for back in range(1, LONGEST + 1):
        now, then = change[alive] - back, source[alive] - back
        agrees = (then >= 0) & (onsets[now] - onsets[then] == ticks[alive])
        agrees &= symbols[now] == symbols[then]
        alive = alive[agrees]
        agreed[alive] += 1
    # The first of the best sources of each change; lexsort is stable.
    order = np.lexsort((-(agreed + 2 * same_letter), change))
    best = order[np.flatnonzero(np.diff(change[order], prepend=-1))]
    state, symbol = np.zeros((2, size), np.int64)
    state[change[best]] = 1 + np.searchsorted(_AGREED, agreed[best], side="right")
    state[change[best]] += (len(_AGREED) + 1) * same_letter[best]
    symbol[change[best]] = symbols[source[best]]
    return state, symbol


_AGREED = (1, 2, 4)
COPIES = 1 + 2 * (len(_AGREED) + 1)
"""The states of a copy: none; 0, 1, 2 or 4 changes agreed; the same in a section of the letter."""
