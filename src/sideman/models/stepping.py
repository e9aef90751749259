"""The soloist's networks, one note at a time, for one solo or for many side by side.

A :class:`Network` is prepared once for a model and holds no state.  A :class:`Query` holds the
inputs of one factor in one solo; :func:`evaluate` computes the logits for many solos, those of a
factor in one batch, so that each weight is read from memory once.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sideman.models import lstm, motifs
from sideman.models.corpus import CorpusCounts
from sideman.models.encoding import FIELDS, INPUTS, MEMORIES, SUMMED, Vocabulary

Array = NDArray[np.float32]
IntArray = NDArray[np.int64]
Weights = Mapping[str, Sequence[Mapping[str, Array]]]
IMITATION = 3.0
"""The factor of the difference of an imitated player's input from that of no player.

The networks learnt to differ little for a player; in scoring the input is as they learnt it.
"""
_ALONE = 3 << 18
"""Multiplications up to which OpenBLAS computes a product of matrices in one thread.

Threads that share a larger one wait for each other longer than they compute where other programs
are running.
"""
_FEW = 32
"""Rows of a product up to which they are those of solos side by side, not of the notes of one."""
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
        self._numbers = kernel[-numbers:].copy()
        rows = kernel[:-numbers]
        labels = rows[-len(vocabulary.performers) - 1 :]
        further = np.float32(IMITATION) * (labels[1:] - labels[0])
        # The last row is that of a field without a value.
        self._rows = np.concatenate([rows, labels[0] + further, np.zeros_like(rows[:1])])
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
        z += _product(h, self._recurrent)
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
        z = _product(inputs.numbers, self._numbers)
        z += self._rows[inputs.rows].sum(axis=1)
        z += self._bias
        return z

    def _head(self, inputs: Inputs, h: Array) -> Array:
        """Return the logits, shape (B, V), from the LSTM's outputs and the memory's counts."""
        out = _product(h, self._dense)
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


def _product(rows: Array, matrix: Array) -> Array:
    """Return the product of matrices, a few rows at a time where rows are those of solos."""
    some = max(1, _ALONE // matrix.size)
    if len(rows) <= some or len(rows) > _FEW:
        return rows @ matrix
    return np.concatenate(
        [rows[begin : begin + some] @ matrix for begin in range(0, len(rows), some)]
    )


def _normalise(logits: Array) -> None:
    """Normalise the rows to log-probabilities, in place."""
    logits -= np.maximum.reduce(logits, axis=1, keepdims=True)
    logits -= np.log(np.add.reduce(np.exp(logits), axis=1, keepdims=True))


class Voice:
    """One factor of one solo: the states of its networks, whose logits are averaged.

    `corpus` are the counts of the corpus, if the networks take them; `label` is the player to
    imitate (:meth:`sideman.models.encoding.Vocabulary.label`); `motif` is the weight of the solo's
    own motifs, 1 as in training.
    """

    __slots__ = ("_label", "_offsets", "corpus", "motif", "networks", "states")

    def __init__(
        self,
        factor: str,
        networks: tuple[Network, ...],
        corpus: CorpusCounts | None,
        label: int,
        motif: float,
    ) -> None:
        ends = np.cumsum([0, *(FIELDS[name] for name in INPUTS[factor])])
        self._offsets = ends[:-1].tolist()
        self._label = int(ends[-1]) + label
        self.corpus, self.motif = corpus, motif
        self.networks = networks
        self.states = [
            (np.zeros((1, one.units), np.float32), np.zeros((1, one.units), np.float32))
            for one in networks
        ]

    def branch(self) -> Voice:
        """Return a branch, which shares the networks; no state is changed in place."""
        branch = copy.copy(self)
        branch.states = list(self.states)
        return branch

    def rows(self, fields: Sequence[int]) -> list[int]:
        """Return the rows of the kernel for the values of the fields, -1 for none."""
        rows = [
            -1 if value < 0 else offset + value
            for offset, value in zip(self._offsets, fields, strict=True)
        ]
        rows.append(self._label)
        return rows


class Query(NamedTuple):
    """The inputs of one factor in one solo.

    Parameters
    ----------
    voice : Voice
        The networks and their states.
    fields : sequence of int
        One value for each field of the factor, -1 for none.
    dense : ndarray, shape (N,)
        The numeric inputs without the sums of the counts.
    counts : ndarray, shape (values, K)
        The counts of the solo's own motifs.
    known : sequence of int
        The features of the contexts in the corpus, by :data:`sideman.models.corpus.FEATURES`.
    base : int
        The column of the last pitch.
    tables : sequence of array of int, shape (values,)
        The meaning of each value.
    """

    voice: Voice
    fields: Sequence[int]
    dense: Array
    counts: Array
    known: Sequence[int]
    base: int
    tables: Sequence[IntArray]


def evaluate(queries: Sequence[Query]) -> list[Array]:
    """Return the logits of each query, shape (V,), and advance the states.

    Queries for the same networks are computed in one batch.
    """
    if len(queries) == 1:
        return [_evaluated(queries)[0]]
    groups: dict[int, list[int]] = {}
    for place, query in enumerate(queries):
        groups.setdefault(id(query.voice.networks), []).append(place)
    found: list[Array] = [_NOTHING] * len(queries)
    for places in groups.values():
        logits = _evaluated([queries[place] for place in places])
        for place, one in zip(places, logits, strict=True):
            found[place] = one
    return found


def _joined(queries: Sequence[Query]) -> Inputs:
    """Return the inputs of several solos side by side."""
    first = queries[0]
    counts = _side_by_side([query.counts for query in queries])
    if first.voice.corpus is not None:
        known = np.array([query.known for query in queries])
        base = np.array([query.base for query in queries])
        of_corpus = first.voice.corpus.counts(known, counts.shape[1], base)
        counts = np.concatenate([counts, of_corpus], axis=2)
    sums = np.log1p(np.add.reduce(counts, axis=1))
    dense = _side_by_side([query.dense for query in queries])
    return Inputs(
        np.array([query.voice.rows(query.fields) for query in queries]),
        np.concatenate([dense, sums * SUMMED], axis=1),
        counts,
        sums,
        np.array([[query.voice.motif] for query in queries], np.float32),
        tuple(map(_side_by_side, zip(*(query.tables for query in queries), strict=True))),
    )


def _side_by_side(arrays: Sequence[NDArray[Any]]) -> NDArray[Any]:
    return arrays[0][None] if len(arrays) == 1 else np.stack(arrays)


def _evaluated(queries: Sequence[Query]) -> Array:
    """Return the logits, (B, V), of queries for the same networks."""
    inputs, voices = _joined(queries), [query.voice for query in queries]
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
