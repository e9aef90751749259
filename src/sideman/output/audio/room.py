"""Reverb: convolution with a synthetic impulse response.

The late response of a room is noise with an exponential decay, faster at high frequencies (J. A.
Moorer, "About this reverberation business", Computer Music Journal 3(2), 1979).  Such noise is
drawn from a fixed seed, independently for left and right; the convolution is by overlap-add (T. G.
Stockham, 1966).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache

import numpy as np
from numpy.typing import NDArray

from sideman.output.audio.frames import SAMPLE_RATE, Block

FRAMES = 1 << 16
"""The length of the response and of the blocks: 1.4 seconds."""
_SEED = 1979
_PREDELAY_SECONDS = 0.014
_LEVEL = 0.2  # amplitude relative to the dry sound
# Lower band edge in Hz, amplitude, and decay time by 60 dB in seconds.  Frequencies below 160 Hz
# get no reverb, so that the bass stays clear.
_BANDS = (
    (160.0, 1.0, 1.05),
    (500.0, 1.0, 1.0),
    (1500.0, 0.85, 0.85),
    (4000.0, 0.6, 0.6),
    (9000.0, 0.3, 0.35),
)


@cache
def response() -> NDArray[np.float32]:
    """Return the impulse response, shape (2, FRAMES), each channel with an energy of _LEVEL²."""
    rng = np.random.default_rng(_SEED)
    start = round(_PREDELAY_SECONDS * SAMPLE_RATE)
    seconds = np.arange(FRAMES - start) / SAMPLE_RATE
    noise = np.fft.rfft(rng.standard_normal((2, FRAMES)))
    octaves = np.log2(np.fft.rfftfreq(FRAMES, 1 / SAMPLE_RATE).clip(1.0))
    edges = [np.log2(frequency) for frequency, _, _ in _BANDS]
    heard = np.zeros((2, FRAMES))
    for index, (_, amplitude, reverberation_seconds) in enumerate(_BANDS):
        # Crossovers are an octave wide; their sum is flat.
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
    """Return a raised-cosine step from 0 to 1, one octave wide, centred at 0."""
    return 0.5 - 0.5 * np.cos(np.pi * (octaves + 0.5).clip(0.0, 1.0))


def around(blocks: Iterable[Block]) -> Iterator[Block]:
    """Yield dry music with reverb added, without delay.

    `blocks` have the shape (FRAMES, 2).  The tail after the last block is not yielded: append
    silence.
    """
    spectra = np.fft.rfft(response(), 2 * FRAMES)
    ringing = np.zeros((2, FRAMES), np.float32)
    for block in blocks:
        middle = np.fft.rfft((block[:, 0] + block[:, 1]) / np.float32(2), 2 * FRAMES)
        wet = np.fft.irfft(spectra * middle, 2 * FRAMES).astype(np.float32, copy=False)
        yield block + (wet[:, :FRAMES] + ringing).T
        ringing = wet[:, FRAMES:]
