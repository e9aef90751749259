"""One LSTM layer and a softmax over symbols, in NumPy.

:mod:`~sideman.models.course` generates music with it, :mod:`~sideman.models.letters` names.

*Its parameters*, for a vocabulary of V symbols and U units, in Keras' layout with the gates in the
order i, f, g, o:

===================  ==========  =================================
``kernel``           (V, 4U)     from the symbol to the gates
``recurrent_kernel`` (U, 4U)     from the last output to the gates
``bias``             (4U,)
``dense_kernel``     (U, V)      from the output to the vocabulary
``dense_bias``       (V,)
===================  ==========  =================================

The step is that of Sepp Hochreiter and Jürgen Schmidhuber, "Long Short-Term Memory", Neural
Computation 9(8), 1997, with the forget gate of Felix Gers et al. (2000).
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sideman.errors import ModelError
from sideman.models.file import ModelFile

Array = NDArray[np.float32]
UNITS = 64
MOST_UNITS = 4096


@dataclass(frozen=True, slots=True, eq=False)
class Parameters:
    """The float32 arrays of a network with V tokens and U units; gates in the order i, f, g, o.

    Their shapes are (V, 4U), (U, 4U), (4U,), (U, V) and (V,).
    """

    kernel: Array
    recurrent_kernel: Array
    bias: Array
    dense_kernel: Array
    dense_bias: Array

    @property
    def size(self) -> int:
        """Tokens in the vocabulary, V."""
        return int(self.kernel.shape[0])

    @property
    def units(self) -> int:
        """Units of the LSTM, U."""
        return int(self.recurrent_kernel.shape[0])


NAMES = ("kernel", "recurrent_kernel", "bias", "dense_kernel", "dense_bias")


def shapes(size: int, units: int) -> dict[str, tuple[int, ...]]:
    """Return the shape of every parameter in Keras' order, for `size` tokens."""
    forms = ((size, 4 * units), (units, 4 * units), (4 * units,), (units, size), (size,))
    return dict(zip(NAMES, forms, strict=True))


def sigmoid(x: Array) -> Array:
    """Return the logistic function of numbers, computed by tanh, which never overflows."""
    half = np.float32(0.5)
    return np.asarray(half * np.tanh(half * x) + half, dtype=np.float32)


def cell(z: Array, c: Array) -> tuple[Array, Array]:
    """Return output and memory (..., U) after one LSTM step from pre-activations `z` (..., 4U)."""
    i, f, g, o = np.split(z, 4, axis=-1)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c), c


def fused(kernel: Array) -> Array:
    """Return a kernel or bias for :func:`fused_cell`: gates i, f, o, g, the first three halved."""
    half = np.float32(0.5)
    i, f, g, o = np.split(kernel, 4, axis=-1)
    return np.concatenate([i * half, f * half, o * half, g], axis=-1)


def fused_cell(z: Array, c: Array) -> tuple[Array, Array]:
    """Compute :func:`cell` from pre-activations by :func:`fused` weights; `z` is overwritten.

    As sigmoid(x) = (1 + tanh(x / 2)) / 2, one tanh serves all four gates.
    """
    units, half = c.shape[-1], np.float32(0.5)
    np.tanh(z, out=z)
    gates = z[..., : 3 * units]
    gates *= half
    gates += half
    c = gates[..., units : 2 * units] * c
    c += gates[..., :units] * z[..., 3 * units :]
    return gates[..., 2 * units :] * np.tanh(c), c


def step(parameters: Parameters, x: Array, h: Array, c: Array) -> tuple[Array, Array]:
    """Compute the new output and memory, shape (B, U), from inputs (B, V) and the last ones."""
    w = parameters
    return cell(x @ w.kernel + h @ w.recurrent_kernel + w.bias, c)


def softmax(logits: Array) -> Array:
    """Return the probabilities of logits along the last axis."""
    e = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(e / e.sum(axis=-1, keepdims=True), dtype=np.float32)


def log_softmax(logits: Array) -> Array:
    """Return logits normalised along the last axis to log-probabilities."""
    logits = logits - logits.max(axis=-1, keepdims=True)
    return np.asarray(logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True)))


def probabilities(
    parameters: Parameters, X: Array, h: Array | None = None, c: Array | None = None
) -> Array:
    """Compute the probabilities of the next token at each step of whole sequences, (B, T, V).

    `h` and `c`, shape (B, U), are the initial state; zeros where None.
    """
    zeros = np.zeros((X.shape[0], parameters.units), np.float32)
    h = zeros if h is None else h
    c = zeros if c is None else c
    out = np.empty((X.shape[0], X.shape[1], parameters.size), np.float32)
    for t in range(X.shape[1]):
        h, c = step(parameters, X[:, t], h, c)
        out[:, t] = softmax(h @ parameters.dense_kernel + parameters.dense_bias)
    return out


class Stepper:
    """The LSTM and the dense layer for one-hot inputs: such an input selects a row of the kernel.

    `batch` is the number of sequences, B; None for one sequence without the batch axis, which is
    faster.
    """

    __slots__ = ("_bias", "_c", "_dense", "_h", "_logits", "_recurrent", "_rows", "_z")

    def __init__(self, parameters: Parameters, batch: int | None = None) -> None:
        units, size = parameters.units, parameters.size
        # The last row is the input before the first token: zeros.
        rows = np.vstack([parameters.kernel, np.zeros((1, 4 * units), np.float32)])
        rows = fused(rows + parameters.bias)
        self._rows: Sequence[Array] | Array = rows if batch is not None else list(rows)
        self._recurrent = fused(parameters.recurrent_kernel)
        self._dense = np.ascontiguousarray(parameters.dense_kernel)
        self._bias = parameters.dense_bias
        lead = () if batch is None else (batch,)
        self._h = np.zeros((*lead, units), np.float32)
        self._c = np.zeros((*lead, units), np.float32)
        self._z = np.empty((*lead, 4 * units), np.float32)
        self._logits = np.empty((*lead, size), np.float32)

    def branch(self) -> Stepper:
        """Return an independent stepper in the same state; the weights are shared."""
        other = copy.copy(self)
        other._z, other._logits = self._z.copy(), self._logits.copy()
        return other

    def __call__(self, tokens: int | NDArray[np.intp]) -> Array:
        """Compute the logits of the next tokens, (V,) or (B, V), from those before; V for none."""
        np.dot(self._h, self._recurrent, out=self._z)
        np.add(self._z, self._rows[tokens], out=self._z)  # type: ignore[index]
        self._h, self._c = fused_cell(self._z, self._c)
        np.dot(self._h, self._dense, out=self._logits)
        np.add(self._logits, self._bias, out=self._logits)
        return self._logits


def from_file(content: ModelFile, name: str) -> Parameters:
    """Return the weights of a file; others are ignored.  Raise ModelError if they do not fit."""
    units, size = content.config.get("units"), len(content.vocabulary)
    if type(units) is not int or not 1 <= units <= MOST_UNITS or size == 0:
        raise ModelError(
            f"{name}: a model of {units!r} units and {size} tokens cannot be played; it needs 1 to "
            f"{MOST_UNITS} units and a token: train it again."
        )
    expected = shapes(size, units)
    found = {key: tensor.shape for key, tensor in content.weights.items()}
    for key in sorted(NAMES):
        if expected[key] != found.get(key):
            raise ModelError(
                f"{name}: the weights {key!r} have the shape {found.get(key)}, and a model of "
                f"{units} units and {size} tokens needs {expected[key]}; train it again."
            )
    if any(content.weights[key].dtype != np.float32 for key in NAMES):
        raise ModelError(f"{name}: its weights are not all float32; train it again.")
    return Parameters(**{key: content.weights[key] for key in NAMES})
