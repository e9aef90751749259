"""The likelihood of held-out solos: nats a note, as ``docs/benchmark.md`` defines.

Any model can be scored that implements :class:`sideman.models.events.Scorer`: distributions of the
IOI, the pitch and the duration of every note, given the notes before it and the chords, form and
tempo of the whole solo.  :func:`score` checks that they are distributions and sums their negative
log-likelihood; :func:`compare` returns the difference of two models with its interval;
:class:`Stepwise` is a model of three functions that receive the past alone.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from sideman.errors import ModelError
from sideman.evaluation import bootstrap
from sideman.models.events import (
    DURATION_TICKS,
    LONGEST_IOI,
    PITCHES,
    Distributions,
    Events,
    FloatArray,
    IntArray,
    Scorer,
)

Array = NDArray[np.float64]
FACTORS = ("rhythm", "pitch", "duration")
_SIZES = {"rhythm": LONGEST_IOI, "pitch": PITCHES, "duration": len(DURATION_TICKS)}
_TOLERANCE = 1e-4


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """The scores of a model on each solo; a solo's first note is not scored.

    Parameters
    ----------
    notes : array of int, shape (solos,)
        Scored notes of each solo.
    nats : array, shape (solos, 3)
        Summed negative log-likelihood of rhythm, pitch and duration.
    hits : array of int, shape (solos, 3)
        The number of notes whose IOI, pitch and duration were the model's first choice.
    """

    name: str
    notes: IntArray
    nats: Array
    hits: IntArray

    def summary(self) -> dict[str, int | float]:
        """Return counts, nats a note, perplexities and top-1 accuracies, to six decimals."""
        notes = int(self.notes.sum())
        rhythm, pitch, duration = (float(nats) / notes for nats in self.nats.sum(axis=0))
        hits = self.hits.sum(axis=0)
        figures = {
            "rhythm_nats": rhythm,
            "pitch_nats": pitch,
            "duration_nats": duration,
            "joint_nats": rhythm + pitch + duration,
            "pitch_perplexity": math.exp(min(pitch, 700)),
            "pitch_accuracy": hits[1] / notes,
            "ioi_perplexity": math.exp(min(rhythm, 700)),
            "ioi_accuracy": hits[0] / notes,
        }
        rounded = {name: round(float(figure), 6) for name, figure in figures.items()}
        return {"notes": notes, "solos": len(self.notes), **rounded}


def score(model: Scorer, solos: Iterable[Events]) -> Scores:
    """Return the scores of a model on solos; those with fewer than two notes are left out.

    Raise ModelError if a result of the model is no distribution, or excludes a note that was
    played; or if there is nothing to score.
    """
    notes, nats, hits = [], [], []
    for events in solos:
        if len(events) < 2:
            continue
        expected = model.distributions(events)
        each = [
            _surprise(f"{model.name}, {events.name}", factor, given, target)
            for factor, given, target in zip(
                FACTORS,
                (expected.ioi, expected.pitch, expected.duration),
                (events.ioi - 1, events.pitch, events.duration),
                strict=True,
            )
        ]
        notes.append(len(events) - 1)
        nats.append([float(surprise.sum()) for surprise, _ in each])
        hits.append([int(hit.sum()) for _, hit in each])
    if not notes:
        raise ModelError("There is no solo of two notes or more to score; give longer ones.")
    return Scores(model.name, np.array(notes), np.array(nats), np.array(hits))


def _surprise(
    where: str, factor: str, given: FloatArray, target: IntArray
) -> tuple[Array, NDArray[np.bool_]]:
    """Return the nats of each scored note, and whether it was the first choice."""
    if given.shape != (len(target), _SIZES[factor]):
        raise ModelError(
            f"{where}: the {factor} distributions have the shape {given.shape}; "
            f"it must be {(len(target), _SIZES[factor])}."
        )
    rows = given[1:]
    wrong = ~(np.abs(rows.sum(axis=1, dtype=np.float64) - 1) <= _TOLERANCE)
    wrong |= (rows < 0).any(axis=1)
    if wrong.any():
        note = int(np.flatnonzero(wrong)[0])
        raise ModelError(
            f"{where}: the {factor} distribution of note {note + 1} is not one: it sums to "
            f"{float(rows[note].sum()):.6g} or has a negative value."
        )
    likely = rows[np.arange(len(rows)), target[1:]].astype(np.float64)
    if not (likely > 0).all():
        note = int(np.flatnonzero(~(likely > 0))[0])
        raise ModelError(
            f"{where}: note {note + 1} has no {factor} probability; every value must have some."
        )
    return -np.log(likely), rows.argmax(axis=1) == target[1:]


def compare(
    model: Scores, baseline: Scores, rng: Generator, draws: int = bootstrap.DRAWS
) -> dict[str, dict[str, float | list[float]]]:
    """Return the differences of two models on the same solos, by a paired bootstrap over solos.

    For ``rhythm``, ``pitch``, ``duration`` and ``joint`` there are ``difference`` (nats a note of
    the model less the baseline's: negative is better), ``interval`` (the middle 95 in 100 draws)
    and ``spread`` (the standard deviation of the draws).  A ModelError is raised if the two did not
    score the same solos in the same order.
    """
    if not np.array_equal(model.notes, baseline.notes):
        raise ModelError("The two models were not scored on the same solos; score both again.")
    difference = model.nats - baseline.nats
    difference = np.concatenate([difference, difference.sum(axis=1, keepdims=True)], axis=1)
    found = bootstrap.paired(difference, model.notes, rng, draws)
    return {
        factor: {
            "difference": round(float(found.mean[index]), 6),
            "interval": [round(float(found.low[index]), 6), round(float(found.high[index]), 6)],
            "spread": round(float(found.spread[index]), 6),
        }
        for index, factor in enumerate((*FACTORS, "joint"))
    }


@dataclass(frozen=True, slots=True)
class Stepwise:
    """A model of three functions that receive the past alone.

    ``ioi(past)`` returns 1,536 probabilities, ``pitch(past, onset)`` 128, and ``duration(past,
    onset, pitch)`` 15.
    """

    name: str
    ioi: Callable[[Events], FloatArray]
    pitch: Callable[[Events, int], FloatArray]
    duration: Callable[[Events, int, int], FloatArray]

    def distributions(self, events: Events) -> Distributions:
        """Return the distributions of the functions, note by note."""
        ioi = np.full((len(events), LONGEST_IOI), 1 / LONGEST_IOI)
        pitch = np.full((len(events), PITCHES), 1 / PITCHES)
        duration = np.full((len(events), len(DURATION_TICKS)), 1 / len(DURATION_TICKS))
        for note in range(1, len(events)):
            past = events.until(note)
            onset, sounding = int(events.onset[note]), int(events.pitch[note])
            ioi[note] = self.ioi(past)
            pitch[note] = self.pitch(past, onset)
            duration[note] = self.duration(past, onset, sounding)
        return Distributions(ioi, pitch, duration)
