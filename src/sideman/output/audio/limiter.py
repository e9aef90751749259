"""A look-ahead peak limiter.

The gain comes down in a straight line of decibels over the look-ahead, so that it has arrived when
the peak does, and goes back slowly.  This is the scheme of P. Hämäläinen, "Smoothing of the control
signal without clipped output in digital peak limiters" (DAFx, 2002): hold the largest reduction
that lies ahead, let it go at a steady rate, average it over the look-ahead.  No sample can pass the
ceiling, because every value that is averaged at a peak is at least what the peak needs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from sideman.output.audio.synthesiser import SAMPLE_RATE, Block

LOOK_AHEAD = 256
"""Frames: 6 ms."""
_RELEASE = 30.0 / SAMPLE_RATE * np.log(10) / 20  # 30 dB a second, in nepers a frame


def limited(blocks: Iterable[tuple[Block, Block]], ceiling: float) -> Iterator[Block]:
    """Keep music under a ceiling.

    Parameters
    ----------
    blocks : iterable of (ndarray, ndarray), each of shape (frames, 2)
        The music, and what else is watched beside it: the same gain keeps both under the ceiling.
        Give the music twice to watch it alone.
    ceiling : float
        The greatest amplitude that may leave, 1 for full scale.

    Yields
    ------
    ndarray
        The music in blocks of other sizes; as many frames in all, none delayed.

    Examples
    --------
    >>> loud = np.full((5000, 2), 2.0, np.float32)
    >>> quiet = np.concatenate(list(limited([(loud, loud)], 0.5)))
    >>> len(quiet), float(np.abs(quiet).max())
    (5000, 0.5)
    """
    # It begins in silence, so that it can come down for the first frame too.
    silence = np.zeros((LOOK_AHEAD, 2), np.float32)
    music = silence  # not given yet
    need = np.zeros(LOOK_AHEAD)  # of those frames: the reduction in nepers
    early = LOOK_AHEAD  # frames of that silence, which is not given
    released = 0.0  # the last frame's reduction before averaging
    past = np.zeros(LOOK_AHEAD)  # such reductions of the frames just given
    for block, watched in chain(blocks, [(silence, silence)]):
        music = np.concatenate((music, block))
        need = np.concatenate((need, _needed(block, watched, ceiling)))
        count = len(need) - LOOK_AHEAD
        if count <= 0:
            continue
        reductions = _released(_ahead(need)[:count], released)
        released = float(reductions[-1])
        every = np.concatenate((past, reductions))
        past = every[-LOOK_AHEAD:]
        given, music, need = music[:count], music[count:], need[count:]
        if every.any():
            sums = np.cumsum(np.concatenate(((0.0,), every)))
            smooth = (sums[LOOK_AHEAD + 1 :] - sums[: -LOOK_AHEAD - 1]) / (LOOK_AHEAD + 1)
            gains = np.exp(-smooth).astype(np.float32)[:, None]
            # Rounding alone can pass the ceiling.
            given = (given * gains).clip(-ceiling, ceiling)
        yield given[early:]
        early = max(0, early - count)


def _needed(block: Block, watched: Block, ceiling: float) -> NDArray[np.float64]:
    """The reduction that each frame needs by itself."""
    need = np.zeros(len(block))
    for sound in (block,) if watched is block else (block, watched):
        if sound.size and peak(sound) > ceiling:
            peaks = np.maximum(np.abs(sound[:, 0]), np.abs(sound[:, 1])).astype(np.float64)
            need = np.maximum(need, np.log(peaks.clip(ceiling) / ceiling))
    return need


def peak(block: Block) -> float:
    """Give the largest amplitude.

    Parameters
    ----------
    block : ndarray, shape (frames, 2)
        At least one frame.

    Returns
    -------
    float
        Positive or zero.
    """
    return max(float(block.max()), -float(block.min()))


def _ahead(need: NDArray[np.float64]) -> NDArray[np.float64]:
    """The greatest of each value and the LOOK_AHEAD values after it."""
    if not need.any():
        return need
    greatest, reach = need, 1  # each is the greatest of `reach` values
    while reach < LOOK_AHEAD + 1:
        step = min(reach, LOOK_AHEAD + 1 - reach)
        greatest = np.maximum(greatest[:-step], greatest[step:])
        reach += step
    return greatest


def _released(held: NDArray[np.float64], before: float) -> NDArray[np.float64]:
    """Let go at a steady rate at most: r[n] = max(held[n], r[n - 1] − rate)."""
    if before <= 0.0 and not held.any():
        return held
    fall = _RELEASE * np.arange(1, len(held) + 1)
    return np.asarray(np.maximum(np.maximum.accumulate(held + fall), before) - fall)
