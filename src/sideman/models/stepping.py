"""The soloist's networks, one note at a time, for one solo or for many side by side.

A :class:`Network` is prepared once for a model and holds no state.  A :class:`Query` holds the
inputs of one factor in one solo; :func:`evaluate` computes the logits for many solos, those of a
factor in one batch, so that each weight is read from memory once.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sideman.models import lstm, motifs
from sideman.models.encoding import FIELDS, INPUTS, MEMORIES, SUMMED, Vocabulary

Array = NDArray[np.float32]
IntArray = NDArray[np.int64]
Weights = Mapping[str, Sequence[Mapping[str, Array]]]
_SMALLEST = np.log(np.float32(1e-6))
_NOTHING = np.zeros(0, np.float32)


class Inputs(NamedTuple):
    """The inputs of one factor in each of B solos.

    Parameters
    ----------
    rows : array of int, shape (B, fields + 1)
        The rows of the kernel that are added: one of each field, -1 for none, and the player's.
    numbers : ndarray, shape (B, N)
        The numeric inputs.
    counts : ndarray, shape (B, values, K)
        The memory's counts.
    sums : ndarray, shape (B, K)
        The logarithms of their sums.
    motif : ndarray, shape (B, 1)
        Their weight.
    tables : tuple of array of int, shape (B, values)
        The meaning of each value (:meth:`sideman.models.encoding.Vocabulary.tables`).
    """

    rows: IntArray
    numbers: Array
    counts: Array
    sums: Array
    motif: Array
    tables: tuple[IntArray, ...]

    def part(self, here: slice) -> Inputs:
        """Return some of the solos, or of the notes."""
        return Inputs(
            self.rows[here],
            self.numbers[here],
            self.counts[here],
            self.sums[here],
            self.motif[here],
            tuple(table[here] for table in self.tables),
        )


class Network:
    """One factor's network, prepared to step; weights by :data:`sideman.models.soloist.NAMES`."""

    def __init__(self, vocabulary: Vocabulary, factor: str, weights: Mapping[str, Array]) -> None:
        self.units = weights["recurrent_kernel"].shape[0]
        kernel = lstm.fused(weights["kernel"])
        numbers = vocabulary.dense(factor) + vocabulary.counters(factor)
        self._motifs = motifs.size(MEMORIES[factor])
        # The row after those of the fields is that of a field without a value.
        self._numbers = kernel[-numbers:].copy()
        self._rows = kernel[: len(kernel) - numbers + 1]
        self._rows[-1] = 0
        self._recurrent = lstm.fused(weights["recurrent_kernel"])
        self._bias = lstm.fused(weights["bias"])
        self._dense, self._dense_bias = weights["dense_kernel"], weights["dense_bias"]
        self._gate_kernel = weights["gate_kernel"]
        self._prior = np.exp(-weights["prior"])
        self._parts = np.cumsum(vocabulary.parts(factor)).tolist()
        self._own = vocabulary.parts(factor)[0]
        self._symbols = vocabulary.symbols(factor)

    def __call__(self, inputs: Inputs, h: Array, c: Array) -> tuple[Array, Array, Array]:
        """Return the logits (B, V) and the new output and memory (B, U) of B solos."""
        z = self._inputs(inputs)
        z += h @ self._recurrent
        h, c = lstm.fused_cell(z, c)
        return self._head(inputs, h), h, c

    def sequence(self, inputs: Inputs, h: Array, c: Array) -> tuple[Array, Array, Array]:
        """Return logits (T, V) and outputs (T, U) of T notes of one solo, and the memory.

        The T notes take the place of B solos; `h` and `c`, shape (U,), are the state before them.
        """
        z = self._inputs(inputs)
        outputs = np.empty((len(z), self.units), np.float32)
        for t, given in enumerate(z):
            h, c = lstm.fused_cell(given + h @ self._recurrent, c)
            outputs[t] = h
        return self._head(inputs, outputs), outputs, c

    def _inputs(self, inputs: Inputs) -> Array:
        """Return what inputs and bias add to the gates, shape (B, 4U)."""
        z = inputs.numbers @ self._numbers
        z += self._rows[inputs.rows].sum(axis=1)
        z += self._bias
        return z

    def _head(self, inputs: Inputs, h: Array) -> Array:
        """Return the logits, shape (B, V), from the LSTM's outputs and the memory's counts."""
        out = h @ self._dense
        out += self._dense_bias
        logits = np.zeros((len(h), self._symbols), np.float32)
        logits[:, -self._own :] = out[:, : self._own]
        begin, solos = self._parts[0], np.arange(len(h))[:, None]
        for end, table in zip(self._parts[1:], inputs.tables, strict=True):
            logits[:, : table.shape[1]] += out[:, begin:end][solos, table]
            begin = end
        _normalise(logits)
        base = logits[:, : inputs.counts.shape[1]]
        ratio = inputs.counts * self._prior
        ratio *= np.exp(-np.maximum(base, _SMALLEST))[:, :, None]
        gates = out[:, begin:]
        gates += inputs.sums @ self._gate_kernel
        gates[:, : self._motifs] *= inputs.motif
        base += np.matmul(np.log1p(ratio, out=ratio), gates[:, :, None])[:, :, 0]
        return logits


def _normalise(logits: Array) -> None:
    """Normalise the rows to log-probabilities, in place."""
    logits -= np.maximum.reduce(logits, axis=1, keepdims=True)
    logits -= np.log(np.add.reduce(np.exp(logits), axis=1, keepdims=True))


class Voice:
    """One factor of one solo: the states of its networks, whose logits are averaged.

    `label` is the player to imitate (:meth:`sideman.models.encoding.Vocabulary.label`); `motif` is
    the weight of the solo's own motifs, 1 as in training.
    """

    __slots__ = ("_label", "_motif", "_offsets", "networks", "states")

    def __init__(
        self, factor: str, networks: tuple[Network, ...], label: int, motif: float
    ) -> None:
        ends = np.cumsum([0, *(FIELDS[name] for name in INPUTS[factor])])
        self._offsets = ends[:-1]
        self._label = int(ends[-1]) + label
        self._motif = np.array([[motif]], np.float32)
        self.networks = networks
        self.states = [
            (np.zeros((1, one.units), np.float32), np.zeros((1, one.units), np.float32))
            for one in networks
        ]

    def __deepcopy__(self, memo: object) -> Voice:
        """Return a branch, which shares the networks; no state is changed in place."""
        branch = copy.copy(self)
        branch.states = list(self.states)
        return branch

    def query(
        self, fields: Sequence[int], dense: Array, counts: Array, tables: Sequence[IntArray]
    ) -> Query:
        """Return the query for the next value (:func:`evaluate`).

        `fields` has one value for each field of the factor, -1 for none; `dense` holds the numeric
        inputs without the sums of the counts; `counts` and `tables` are as in :class:`Inputs`, of
        one solo.
        """
        rows = np.empty((1, len(fields) + 1), np.int64)
        rows[0, :-1] = fields
        np.add(rows[0, :-1], self._offsets, out=rows[0, :-1], where=rows[0, :-1] >= 0)
        rows[0, -1] = self._label
        sums = np.log1p(np.add.reduce(counts, axis=0))
        numbers = np.concatenate([dense, sums * SUMMED])
        inputs = Inputs(
            rows,
            numbers[None],
            counts[None],
            sums[None],
            self._motif,
            tuple(table[None] for table in tables),
        )
        return Query(self, inputs)


class Query(NamedTuple):
    """The inputs (B = 1) and the network states of one factor in one solo."""

    voice: Voice
    inputs: Inputs


def evaluate(queries: Sequence[Query]) -> list[Array]:
    """Return the logits of each query, shape (V,), and advance the states.

    Queries for the same networks are computed in one batch.
    """
    if len(queries) == 1:
        return [_evaluated([queries[0].voice], queries[0].inputs)[0]]
    groups: dict[int, list[int]] = {}
    for place, query in enumerate(queries):
        groups.setdefault(id(query.voice.networks), []).append(place)
    found: list[Array] = [_NOTHING] * len(queries)
    for places in groups.values():
        joined = _joined([queries[place].inputs for place in places])
        logits = _evaluated([queries[place].voice for place in places], joined)
        for place, one in zip(places, logits, strict=True):
            found[place] = one
    return found


def _joined(every: Sequence[Inputs]) -> Inputs:
    """Return the inputs of several solos side by side."""
    return Inputs(
        np.concatenate([inputs.rows for inputs in every]),
        np.concatenate([inputs.numbers for inputs in every]),
        np.concatenate([inputs.counts for inputs in every]),
        np.concatenate([inputs.sums for inputs in every]),
        np.concatenate([inputs.motif for inputs in every]),
        tuple(map(np.concatenate, zip(*(inputs.tables for inputs in every), strict=True))),
    )


def _evaluated(voices: Sequence[Voice], inputs: Inputs) -> Array:
    """Return the logits, (B, V), of voices with the same networks."""
    networks = voices[0].networks
    together = None
    for number, network in enumerate(networks):
        states = [voice.states[number] for voice in voices]
        h, c = states[0] if len(states) == 1 else map(np.concatenate, zip(*states, strict=True))
        logits, h, c = network(inputs, h, c)
        for place, voice in enumerate(voices):
            voice.states[number] = h[place : place + 1], c[place : place + 1]
        if len(networks) > 1:
            logits = lstm.log_softmax(logits)
        together = logits if together is None else together + logits
    assert together is not None
    return together if len(networks) == 1 else together / np.float32(len(networks))


def prepared(vocabulary: Vocabulary, weights: Weights) -> dict[str, tuple[Network, ...]]:
    """Return the networks of each factor, prepared to step."""
    return {
        factor: tuple(Network(vocabulary, factor, one) for one in several)
        for factor, several in weights.items()
    }
