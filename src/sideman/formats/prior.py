"""The interface to a prior on chord successions, for the inference of chords from notes.

A model of harmony is such a prior (:mod:`sideman.opening`); no format imports one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sideman.score import Changes

CLASSES = (
    "major",
    "dominant",
    "altered dominant",
    "minor seventh",
    "tonic minor",
    "half-diminished",
    "diminished",
    "suspended",
)
"""The classes of chords; a chord is 12 times its class plus the pitch class of its root."""
CHORDS = 12 * len(CLASSES)


@dataclass(frozen=True, slots=True)
class Decoding:
    """Chords inferred from notes, in windows of a bar or half a bar.

    Parameters
    ----------
    form : Changes
        The bars, without chords, from the first that sounds.
    begin : int
        The window at which the form begins.
    onsets : tuple of int
        The first tick of each window from there on, from the start of the form.
    path : array of int
        The likeliest chord of each window.
    chords : array of float
        The posterior probability of each chord in each window, (windows, chords).
    key : int
        The pitch class of the tonic, and 12 more for a minor key.
    """

    form: Changes
    begin: int
    onsets: tuple[int, ...]
    path: NDArray[np.int64]
    chords: NDArray[np.float64]
    key: int


Prior = Callable[[Decoding], Mapping[int, tuple[NDArray[np.int64], NDArray[np.float64]]]]
"""A function that returns, for windows at which a chord may begin, chords of the window before and
the probability of each chord after each of them, (before, chords), with the probability of altered
dominants included in that of dominants."""
