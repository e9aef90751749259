"""The random generator of the course.

Everywhere else in sideman a generator is a required argument.  The course's functions may be called
without one, as in the original; then they draw different numbers in each run.
"""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

_OWN = np.random.default_rng()


def generator(rng: Generator | None) -> Generator:
    """Return the given generator, or the course's own for None."""
    return _OWN if rng is None else rng
