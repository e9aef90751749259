"""A look-ahead peak limiter.

The gain falls linearly in decibels over the look-ahead, reaches its target at the peak, and rises
slowly.  The method is that of P. Hämäläinen, "Smoothing of the control signal without clipped
output in digital peak limiters" (DAFx, 2002): hold the largest reduction within the look-ahead,
release it at a constant rate, average it over the look-ahead.  No sample can exceed the ceiling,
because every value averaged at a peak is at least the reduction that the peak needs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from sideman.output.audio.frames import SAMPLE_RATE, Block

LOOK_AHEAD = 256
"""Frames: 6 ms."""
_RELEASE = 30.0 / SAMPLE_RATE * np.log(10) / 20  # 30 dB a second, in nepers a frame


def limited(blocks: Iterable[tuple[Block, Block]], ceiling: float) -> Iterator[Block]:
    """Yield music limited to a ceiling, in blocks of other sizes, without delay.

    Parameters
    ----------
    blocks : iterable of (ndarray, ndarray), each of shape (frames, 2)
        The music, and a sidechain: the same gain keeps both under the ceiling.  Pass the music
        twice for none.
    ceiling : float
        The largest amplitude of the output, 1 for full scale.

    Examples
    --------
    >>> loud = np.full((5000, 2), 2.0, np.float32)
    >>> quiet = np.concatenate(list(limited([(loud, loud)], 0.5)))
    >>> len(quiet), float(np.abs(quiet).max())
    (5000, 0.5)
    """
    # Silence in front, so that the gain can fall before the first frame.
    silence = np.zeros((LOOK_AHEAD, 2), np.float32)
    music = silence  # not yet yielded
    need = np.zeros(LOOK_AHEAD)  # the reduction in nepers of each frame of it
    early = LOOK_AHEAD  # frames of that silence still to be dropped
    released = 0.0  # the last frame's reduction before averaging
    past = np.zeros(LOOK_AHEAD)  # such reductions of the frames last yielded
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
            # Only rounding errors can exceed the ceiling.
            given = (given * gains).clip(-ceiling, ceiling)
        yield given[early:]
        early = max(0, early - count)


def _needed(block: Block, watched: Block, ceiling: float) -> NDArray[np.float64]:
    """Return the reduction that each frame needs, in nepers."""
    need = np.zeros(len(block))
    for sound in (block,) if watched is block else (block, watched):
        if sound.size and peak(sound) > ceiling:
            peaks = np.maximum(np.abs(sound[:, 0]), np.abs(sound[:, 1])).astype(np.float64)
            need = np.maximum(need, np.log(peaks.clip(ceiling) / ceiling))
    return need


def peak(block: Block) -> float:
    """Return the largest absolute sample of a block of at least one frame."""
    return max(float(block.max()), -float(block.min()))


def _ahead(need: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the maximum of each value and the LOOK_AHEAD values after it."""
    if not need.any():
        return need
    greatest, reach = need, 1  # each is the greatest of `reach` values
    while reach < LOOK_AHEAD + 1:
        step = min(reach, LOOK_AHEAD + 1 - reach)
        greatest = np.maximum(greatest[:-step], greatest[step:])
        reach += step
    return greatest


def _released(held: NDArray[np.float64], before: float) -> NDArray[np.float64]:
    """Apply the release: r[n] = max(held[n], r[n - 1] − rate)."""
    if before <= 0.0 and not held.any():
        return held
    fall = _RELEASE * np.arange(1, len(held) + 1)
    return np.asarray(np.maximum(np.maximum.accumulate(held + fall), before) - fall)
