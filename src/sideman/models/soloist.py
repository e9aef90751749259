"""The soloist: three LSTMs that hear the changes, the metre and their own motifs.

*What it sees*: the notes so far, the chords and their scales (for pitch alone), the place in bar
and beat, the tempo, the player whom it shall resemble, and how the motif that is being played went
on earlier in this solo (:mod:`sideman.models.motifs`).

*What it says*: how likely each inter-onset interval is, then each pitch at that onset, then each
duration: the three factors of :mod:`sideman.models.events`.  Each factor has a network of its own.

*How*: one LSTM layer h.  Its dense layer gives a logit for each value by itself, and others by what
the value would mean: where in the beat and the bar the note would come; which interval, which
degree of the chord, which pitch it would be.  Their sum, normalised, is the base p.  Every counter
k of the motifs' memory then lifts what it heard, count c, by

    g_k · log(1 + c_k / (a_k p))

with a prior a_k that is learnt and a gate g_k that h and the sums of the counts open.  With one
counter and an open gate this is the mean of a Dirichlet posterior around p.

*Its parameters*, for each factor with D inputs, U units, H logits and K counters, in Keras' layout
(gates in the order i, f, g, o):

===================  ==========  =============================================
``kernel``           (D, 4U)     from the input to the LSTM
``recurrent_kernel`` (U, 4U)     from its last output
``bias``             (4U,)
``dense_kernel``     (U, H+K)    from its output to logits and gates
``dense_bias``       (H+K,)
``gate_kernel``      (K, K)      from the sums of the counts to the gates
``prior``            (K,)        log a
===================  ==========  =============================================
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sideman.models import motifs
from sideman.models.events import LONGEST_IOI, PITCHES, Distributions, Events
from sideman.models.hearing import CORE, FACTORS, LOWEST, MEMORIES, Ear, Heard, hear

Array = NDArray[np.float32]
IntArray = NDArray[np.int64]
KIND = "soloist"
NAMES = (
    "kernel",
    "recurrent_kernel",
    "bias",
    "dense_kernel",
    "dense_bias",
    "gate_kernel",
    "prior",
)
_SMALLEST = np.float32(1e-6)
_BLOCK = 512


def shapes(ear: Ear, factor: str, units: int) -> dict[str, tuple[int, ...]]:
    """Give the shape of every parameter of a factor's network.

    Parameters
    ----------
    ear : Ear
        What it tells apart.
    factor : str
        One of :data:`FACTORS`.
    units : int
        Units of the LSTM, U.

    Returns
    -------
    dict of str to tuple of int
        Shapes by name, in the order of :data:`NAMES`.
    """
    inputs, counters = ear.inputs(factor), motifs.size(MEMORIES[factor])
    logits = sum(ear.parts(factor))
    forms = (
        (inputs, 4 * units),
        (units, 4 * units),
        (4 * units,),
        (units, logits + counters),
        (logits + counters,),
        (counters, counters),
        (counters,),
    )
    return dict(zip(NAMES, forms, strict=True))


def log_softmax(logits: Array) -> Array:
    """Normalise logits along the last axis.

    Parameters
    ----------
    logits : ndarray, shape (..., V)
        Log-probabilities but for a constant.

    Returns
    -------
    ndarray, shape (..., V)
        Log-probabilities.
    """
    logits = logits - logits.max(axis=-1, keepdims=True)
    return np.asarray(logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True)))


def _sigmoid(x: Array) -> Array:
    half = np.float32(0.5)
    return np.asarray(half * np.tanh(half * x) + half)


def states(weights: Mapping[str, Array], inputs: Array) -> Array:
    """Run the LSTM over a whole solo.

    Parameters
    ----------
    weights : mapping of str to ndarray
        Of one factor.
    inputs : ndarray, shape (notes, 4U)
        Input times kernel, and bias.

    Returns
    -------
    ndarray, shape (notes, U)
        Its outputs, from a silent beginning.
    """
    recurrent = weights["recurrent_kernel"]
    units = recurrent.shape[0]
    h = np.zeros(units, np.float32)
    c = np.zeros(units, np.float32)
    outputs = np.empty((len(inputs), units), np.float32)
    for note, given in enumerate(inputs):
        i, f, g, o = np.split(given + h @ recurrent, 4)
        c = _sigmoid(f) * c + _sigmoid(i) * np.tanh(g)
        h = _sigmoid(o) * np.tanh(c)
        outputs[note] = h
    return outputs


def log_odds(
    weights: Mapping[str, Array], ear: Ear, factor: str, h: Array, counts: Array, meaning: IntArray
) -> Array:
    """Turn the LSTM's output and the memory into log-probabilities.

    Parameters
    ----------
    weights : mapping of str to ndarray
        Of one factor.
    ear : Ear
        What it tells apart.
    factor : str
        One of :data:`FACTORS`.
    h : ndarray, shape (notes, U)
        The LSTM's outputs.
    counts : ndarray, shape (notes, values, K)
        The memory's counts.
    meaning : array of int, shape (notes, 3)
        Of :class:`Lesson`.

    Returns
    -------
    ndarray, shape (notes, V)
        Log-probabilities.
    """
    notes = len(h)
    out = h @ weights["dense_kernel"] + weights["dense_bias"]
    *pieces, gates = np.split(out, np.cumsum(ear.parts(factor)), axis=-1)
    gates = gates + np.log1p(counts.sum(axis=1)) @ weights["gate_kernel"]
    logits = np.zeros((notes, ear.symbols(factor)), np.float32)
    logits[:, -pieces[0].shape[-1] :] = pieces[0]  # of pitch only the escape stands by itself
    for piece, table in zip(pieces[1:], ear.tables(factor, meaning), strict=True):
        logits[:, : table.shape[-1]] += np.take_along_axis(piece, table, axis=-1)
    base = log_softmax(logits)
    heard = base[:, : counts.shape[1]]
    scale = np.exp(-np.maximum(heard, np.log(_SMALLEST)))
    ratio = counts * np.exp(-weights["prior"]) * scale[:, :, None]
    base[:, : counts.shape[1]] += np.einsum("tvk,tk->tv", np.log1p(ratio), gates)
    return log_softmax(base)


@dataclass(frozen=True, slots=True, eq=False)
class Soloist:
    """The three networks.

    Parameters
    ----------
    ear : Ear
        What they tell apart.
    weights : mapping of str to mapping of str to ndarray
        Of each factor, by :data:`NAMES`.
    like : str
        Whom it shall resemble; empty for nobody.
    """

    ear: Ear
    weights: Mapping[str, Mapping[str, Array]]
    like: str = ""

    @property
    def name(self) -> str:
        """What tables call the model."""
        return f"{KIND}, like {self.like}" if self.like else KIND

    def likelihoods(self, events: Events, factor: str, heard: Heard | None = None) -> Array:
        """Say how likely each value of one factor was at every note of a solo.

        Parameters
        ----------
        events : Events
            The solo.
        factor : str
            One of :data:`FACTORS`.
        heard : Heard or None
            The solo as :func:`hear` gives it.

        Returns
        -------
        ndarray, shape (notes, V)
            Log-probabilities; the escape is the last value of IOI and pitch.
        """
        heard = heard or hear(events)
        weights = self.weights[factor]
        lesson = self.ear.lesson(heard, events, factor, self.ear.label(self.like))
        kernel = weights["kernel"]
        sums = np.log1p(lesson.counts.sum(axis=1))
        numbers = np.concatenate([lesson.dense, sums], axis=1)
        inputs = numbers @ kernel[len(kernel) - numbers.shape[1] :] + weights["bias"]
        for column in lesson.index.T:
            inputs += np.where((column >= 0)[:, None], kernel[np.maximum(column, 0)], 0)
        outputs = states(weights, inputs)
        blocks = [
            log_odds(
                weights,
                self.ear,
                factor,
                outputs[at : at + _BLOCK],
                lesson.counts[at : at + _BLOCK],
                lesson.meaning[at : at + _BLOCK],
            )
            for at in range(0, len(events), _BLOCK)
        ]
        return np.concatenate(blocks) if blocks else np.zeros((0, self.ear.symbols(factor)))

    def distributions(self, events: Events) -> Distributions:
        """Say what was expected at every note of a solo (:class:`sideman.models.events.Model`).

        Parameters
        ----------
        events : Events
            The solo.

        Returns
        -------
        Distributions
            One row a note.
        """
        heard = hear(events)
        ioi, pitch, duration = (
            np.exp(self.likelihoods(events, factor, heard).astype(np.float64)) for factor in FACTORS
        )
        others = LONGEST_IOI - len(self.ear.iois)
        every_ioi = np.repeat(ioi[:, -1:] / max(1, others), LONGEST_IOI, axis=1)
        every_ioi[:, self.ear.iois - 1] = ioi[:, :-1]
        every_pitch = np.repeat(pitch[:, -1:] / (PITCHES - CORE), PITCHES, axis=1)
        every_pitch[:, LOWEST : LOWEST + CORE] = pitch[:, :-1]
        return Distributions(
            *(each / each.sum(axis=1, keepdims=True) for each in (every_ioi, every_pitch, duration))
        )
