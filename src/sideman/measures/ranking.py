"""Which of several solos is best: by the model's own odds, less what is copied."""

from __future__ import annotations

import numpy as np

from sideman.measures import novelty
from sideman.models.events import from_solo
from sideman.models.hearing import FACTORS, hear
from sideman.models.soloist import Soloist
from sideman.score import Solo

_COPYING = 2.0  # nats a note that a line loses whose every note stands in a match


def worth(line: Solo, model: Soloist) -> float:
    """Judge a line that a model has played.

    Parameters
    ----------
    line : Solo
        The line, with its changes.
    model : Soloist
        The model; its networks alone judge.

    Returns
    -------
    float
        Nats a note that the networks find it likely, less two for the share of notes that stand
        in a match of six or more with the Weimar solos; the higher, the better.
    """
    events = from_solo(line)
    if len(events) < 2:
        return float("-inf")
    heard = hear(events)
    nats = sum(
        float(
            model.alone.likelihoods(events, factor, heard)[
                np.arange(1, len(events)), model.ear.target(events, factor)[1:]
            ].mean()
        )
        for factor in FACTORS
    )
    return nats - _COPYING * novelty.shipped().match(line).share
