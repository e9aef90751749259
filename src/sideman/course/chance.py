"""Chance in the course: optional, and never anybody else's.

Everywhere else in sideman a generator is a required argument.  The course's functions may go
without: then they draw from a generator of their own, different on each run as in the original.
"""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

_OWN = np.random.default_rng()


def generator(rng: Generator | None) -> Generator:
    """Give the generator to draw from.

    Parameters
    ----------
    rng : numpy.random.Generator or None
        The caller's, if it has one.

    Returns
    -------
    numpy.random.Generator
        That one, or the course's own.
    """
    return _OWN if rng is None else rng
