"""Seven features of an abstract melody, by which windows of solos are compared.

After Gillick, Tang and Keller, 2009; the weights are Impro-Visor's.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sideman.models.grammar.abstract import Melody
from sideman.models.grammar.terminals import REST, SLOTS_PER_QUARTER

WEIGHTS = (1.0, 0.5, 1.2, 1.0, 1.0, 1.3, 1.1)
_CONSONANCE = {"C": 8, "A": 6, "L": 4, "X": 1, REST: 0}  # tenths a slot


def features(melody: Melody) -> tuple[float, ...]:
    """Return the features of an abstract melody.

    They are the slot of the first attack (the whole length where there is none), the consonance,
    the number of notes, the slots of rests, the mean over slopes of the steepest interval, whether
    the first item is a note or a rest of whole beats, and the number of slopes.

    >>> from sideman.models.grammar.terminals import Slope, Tone
    >>> features(Melody((Slope(0, 0, (Tone("C", 120), Tone("R", 360))),)))
    (0, 96, 1, 360, 0.0, 1, 1)
    """
    slopes = melody.terminals
    tones = [tone for slope in slopes for tone in slope.tones]
    attack = 0
    for tone in tones:
        if tone.kind != REST:
            break
        attack += tone.slots
    steepest = [-slope.low if min(slope.low, slope.high) < 0 else slope.high for slope in slopes]
    return (
        attack,
        sum(_CONSONANCE[tone.kind] * tone.slots // 10 for tone in tones),
        sum(tone.kind != REST for tone in tones),
        sum(tone.slots for tone in tones if tone.kind == REST),
        sum(steepest) / len(steepest),
        int(tones[0].kind != REST or tones[0].slots % SLOTS_PER_QUARTER == 0),
        len(slopes),
    )


def scale(rows: NDArray[Any]) -> NDArray[np.float64]:
    """Return the root of each feature's weight over its mean in `rows`; a mean of 0 counts as 1."""
    means = np.add.accumulate(rows.astype(np.float64), axis=0)[-1] / len(rows)
    return np.sqrt(WEIGHTS) / np.where(means == 0, 1.0, means)


def normalised(rows: NDArray[Any]) -> NDArray[np.float64]:
    """Return rows, shape (windows, 7), whose Euclidean distance is the weighted distance."""
    return rows * scale(rows)
