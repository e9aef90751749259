"""What every part of the signal path shares: the sample rate and the type of a block."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from sideman.output.audio.cues import Event

SAMPLE_RATE = 48_000
"""Frames a second; midirenderer has no other."""
LONGEST_TAIL_SECONDS = 8.0
# Controllers that are not passed on: General MIDI has one bank, and the reverb is our own.
IGNORED_CONTROLS = (0, 32, 91, 93)
Block = NDArray[np.float32]  # (frames, 2)
Player = Callable[[Sequence[Event], int, int], Iterator[Block]]
"""A loaded synthesiser: ``play(events, end, size)`` yields blocks of `size` frames.

Every key is released at the frame `end`, and the tail lasts for LONGEST_TAIL_SECONDS.
"""
