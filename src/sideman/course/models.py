"""The course's three models, and sampling from them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sideman.course import layers
from sideman.course.layers import N_A, N_VALUES, Input, Lambda, Model, RepeatVector
from sideman.errors import MusicError
from sideman.models import lstm
from sideman.models.lstm import Parameters

_MOST_STEPS = 10_000


def djmodel(
    Tx: int = 30,
    n_a: int = N_A,
    n_values: int = N_VALUES,
    *,
    reshapor: Any = None,
    LSTM_cell: Any = None,
    densor: Any = None,
) -> Any:
    """Build the training model: `Tx` steps of one LSTM cell with `n_a` units and one dense layer.

    It maps X (batch, Tx, n_values), a0 and c0 (batch, n_a) to a list of `Tx` tensors (batch,
    n_values). The layers are the course's three where None (new ones for other sizes).
    """
    _check(Tx, n_a, n_values)
    own = (n_a, n_values) == (N_A, N_VALUES)
    made = layers.Cells(layers.reshapor, layers.LSTM_cell, layers.densor)
    made = made if own else layers.Cells.of(n_values, n_a)
    reshapor, LSTM_cell, densor = (
        fresh if given is None else given
        for given, fresh in zip((reshapor, LSTM_cell, densor), made, strict=True)
    )
    X = Input(shape=(Tx, n_values))
    a0 = Input(shape=(n_a,), name="a0")
    c0 = Input(shape=(n_a,), name="c0")
    a, c = a0, c0
    outputs = []
    for t in range(Tx):
        x = reshapor(X[:, t, :])
        a, _, c = LSTM_cell(x, initial_state=[a, c])
        outputs.append(densor(a))
    return Model(inputs=[X, a0, c0], outputs=outputs)


def _check(*sizes: int) -> None:
    if not all(1 <= size <= _MOST_STEPS for size in sizes):
        raise MusicError(
            f"A model of sizes {', '.join(map(str, sizes))} cannot be built; each must lie from 1 "
            f"to {_MOST_STEPS:,}."
        )


def music_inference_model(
    LSTM_cell: Any, densor: Any, n_values: int = N_VALUES, n_a: int = N_A, Ty: int = 100
) -> Any:
    """Build the inference model: a step's input is the last step's most likely value, one-hot."""
    return _unrolled(
        LSTM_cell, densor, n_values, n_a, Ty, lambda out: layers.one_hot(out, n_values)
    )


def inference_model(
    LSTM_cell: Any, densor: Any, n_x: int = N_VALUES, n_a: int = N_A, Ty: int = 100
) -> Any:
    """Build the course's other inference model: a step's input is the last step's probabilities."""
    return _unrolled(LSTM_cell, densor, n_x, n_a, Ty, lambda out: RepeatVector(1)(out))


def _unrolled(LSTM_cell: Any, densor: Any, n_values: int, n_a: int, Ty: int, feed: Any) -> Any:
    _check(n_values, n_a, Ty)
    x0 = Input(shape=(1, n_values))
    a0 = Input(shape=(n_a,), name="a0")
    c0 = Input(shape=(n_a,), name="c0")
    x, a, c = x0, a0, c0
    outputs = []
    for _ in range(Ty):
        a, _, c = LSTM_cell(x, initial_state=[a, c])
        out = densor(a)
        outputs.append(out)
        x = Lambda(feed)(out)
    return Model(inputs=[x0, a0, c0], outputs=outputs)


class NumpyInference:
    """The model of :func:`music_inference_model` in NumPy, without Keras and compilation."""

    def __init__(self, parameters: Parameters, Ty: int = 50) -> None:
        _check(Ty)
        self.parameters = parameters
        self.Ty = Ty
        self.inputs = [np.empty((1, 1, parameters.size)), *[np.empty((1, parameters.units))] * 2]

    def predict(self, inputs: Sequence[NDArray[Any]], verbose: int = 0) -> list[NDArray[Any]]:
        """Return the probabilities (batch, n) of each of the `Ty` steps.

        `inputs` are x0 (batch, 1, n), a0 and c0 (batch, n_a); `verbose` is not used.
        """
        x, a, c = (np.asarray(array, np.float32) for array in inputs)
        x = x[:, 0, :]
        w = self.parameters
        outputs: list[NDArray[Any]] = []
        for _ in range(self.Ty):
            a, c = lstm.step(w, x, a, c)
            out = lstm.softmax(a @ w.dense_kernel + w.dense_bias)
            outputs.append(out)
            x = np.eye(w.size, dtype=np.float32)[np.argmax(out, axis=-1)]
        return outputs


def predict_and_sample(
    inference_model: Any,
    x_initializer: NDArray[Any] | None = None,
    a_initializer: NDArray[Any] | None = None,
    c_initializer: NDArray[Any] | None = None,
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return the values that an inference model generates: one-hot (Ty, n), and indices (Ty, 1).

    The initial values, x (1, 1, n), a and c (1, n_a), are zeros where None; each index is that of
    the most likely value.  A MusicError is raised if it is not a model.
    """
    if not hasattr(inference_model, "predict") or not hasattr(inference_model, "inputs"):
        raise MusicError(
            "The inference model is missing: build it first, inference_model = "
            "music_inference_model(LSTM_cell, densor, Ty = 50)."
        )
    x, a, c = (
        np.zeros((1, *map(int, tensor.shape[1:]))) if given is None else given
        for given, tensor in zip(
            (x_initializer, a_initializer, c_initializer), inference_model.inputs, strict=True
        )
    )
    predicted = np.array(inference_model.predict([x, a, c], verbose=0))
    indices = np.argmax(predicted, axis=-1).reshape(-1, 1)
    return layers.to_categorical(indices, num_classes=predicted.shape[-1]), indices
