"""The room around the band: convolution with a made-up impulse response.

A room's late response is noise that dies away exponentially, the high frequencies sooner than the
low ones (J. A. Moorer, "About this reverberation business", Computer Music Journal 3(2), 1979).
Here such noise is drawn once from a fixed seed, left and right on their own, so that the room is
wide; the music is convolved with it by overlap-add (T. G. Stockham, 1966).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache

import numpy as np
from numpy.typing import NDArray

from sideman.output.audio.synthesiser import SAMPLE_RATE, Block

FRAMES = 1 << 16
"""The length of the response, and of the blocks that are taken at once: 1.5 seconds."""
_SEED = 1979
_PREDELAY_SECONDS = 0.014
_LEVEL = 0.2  # of the response's amplitude against the dry sound's
# From each frequency in Hz on: the amplitude, and the seconds until it has died away by 60 dB.
# Walls and air take the high notes; the lowest band is left out, lest the bass swim.
_BANDS = (
    (160.0, 1.0, 1.05),
    (500.0, 1.0, 1.0),
    (1500.0, 0.85, 0.85),
    (4000.0, 0.6, 0.6),
    (9000.0, 0.3, 0.35),
)


@cache
def response() -> NDArray[np.float32]:
    """Draw the room's impulse response.

    Returns
    -------
    ndarray of float32, shape (2, FRAMES)
        Left and right; the energy of each is the square of the room's level.
    """
    rng = np.random.default_rng(_SEED)
    start = round(_PREDELAY_SECONDS * SAMPLE_RATE)
    seconds = np.arange(FRAMES - start) / SAMPLE_RATE
    noise = np.fft.rfft(rng.standard_normal((2, FRAMES)))
    octaves = np.log2(np.fft.rfftfreq(FRAMES, 1 / SAMPLE_RATE).clip(1.0))
    edges = [np.log2(frequency) for frequency, _, _ in _BANDS]
    heard = np.zeros((2, FRAMES))
    for index, (_, amplitude, reverberation_seconds) in enumerate(_BANDS):
        # Bands meet in slopes of an octave whose sum is flat.
        mask = _slope(octaves - edges[index])
        if index + 1 < len(edges):
            mask = mask - _slope(octaves - edges[index + 1])
        band = np.fft.irfft(noise * mask, FRAMES)
        heard[:, start:] += band[:, start:] * (
            amplitude * 10 ** (-3 * seconds / reverberation_seconds)
        )
    heard *= _LEVEL / np.sqrt((heard**2).sum(axis=1, keepdims=True))
    return heard.astype(np.float32)


def _slope(octaves: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rise from 0 to 1 over an octave around zero."""
    return 0.5 - 0.5 * np.cos(np.pi * (octaves + 0.5).clip(0.0, 1.0))


def around(blocks: Iterable[Block]) -> Iterator[Block]:
    """Put the room around music, without delaying it.

    Parameters
    ----------
    blocks : iterable of ndarray, shape (FRAMES, 2)
        The dry music.

    Yields
    ------
    ndarray, shape (FRAMES, 2)
        Dry and wet together.  What rings on after the last block is not given: let silence follow.
    """
    spectra = np.fft.rfft(response(), 2 * FRAMES)
    ringing = np.zeros((2, FRAMES), np.float32)
    for block in blocks:
        middle = np.fft.rfft((block[:, 0] + block[:, 1]) / np.float32(2), 2 * FRAMES)
        wet = np.fft.irfft(spectra * middle, 2 * FRAMES).astype(np.float32, copy=False)
        yield block + (wet[:, :FRAMES] + ringing).T
        ringing = wet[:, FRAMES:]
