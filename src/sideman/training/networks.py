"""The course's network as a training loop sees it.

A :class:`Network` is four plain things: parameters, the optimiser's variables, and two pure
functions.  :func:`by_keras` takes them from Keras' layers and optimizer through their stateless
calls; :func:`by_equations` writes the same formulas out, so that a loop can start without Keras
(which takes longer to import than the course takes to train).  A test ties the two together.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from sideman.errors import MissingExtraError, ModelError
from sideman.models import lstm
from sideman.training import gradients
from sideman.training.adam import BETA_1, Adam

Array = NDArray[np.float32]
# What JAX hands about inside a compiled function: arrays of its own, traced.
Arrays = list[Any]
ADAM = Adam()


class Network(NamedTuple):
    """What a training loop needs of a network and its optimiser.

    Parameters
    ----------
    weights : list of array
        The parameters, in the order of :data:`sideman.models.lstm.NAMES`.
    optimiser : list of array
        The optimiser's variables.
    logits : callable
        ``logits(weights, X)`` for X of shape (B, T, V), one-hot: logits of shape (B, T, V).
    update : callable
        ``update(gradients, optimiser, weights)``: the new weights and optimiser.
    """

    weights: Arrays
    optimiser: Arrays
    logits: Callable[[Arrays, Any], Any]
    update: Callable[[Arrays, Arrays, Arrays], tuple[Arrays, Arrays]]


def check() -> None:
    """Raise a MissingExtraError if Keras or JAX is not installed."""
    if not all(map(importlib.util.find_spec, ("jax", "keras"))):
        raise _missing()


def load_jax() -> Any:
    """Return JAX, with its compile cache on; raise MissingExtraError if it is missing."""
    try:
        import jax
    except ImportError as error:
        raise _missing() from error
    if jax.config.jax_compilation_cache_dir is None and (folder := _cache_folder()) is not None:
        # At JAX's own thresholds a network of this size would never be kept.
        jax.config.update("jax_compilation_cache_dir", str(folder))
        jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
        jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)
    return jax


def load_keras() -> Any:
    """Return Keras on JAX.

    Raise MissingExtraError if it is missing, and ModelError if it has another backend.
    """
    load_jax()
    if "keras" not in sys.modules:
        os.environ.setdefault("KERAS_BACKEND", "jax")
    if os.environ.get("KERAS_BACKEND", "jax") == "jax":
        try:
            import keras
        except ImportError as error:
            raise _missing() from error
        if keras.backend.backend() == "jax":
            return keras
    raise ModelError(
        "Training runs Keras on JAX, and another backend is chosen; unset KERAS_BACKEND."
    )


def _missing() -> MissingExtraError:
    return MissingExtraError(
        "Training needs Keras and JAX, which are not installed; install them: "
        "pip install 'sideman[train]' (in a checkout: uv sync --extra train)."
    )


def _cache_folder() -> Path | None:
    """The user's own cache, if there is a home to keep it in."""
    try:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
        folder = base / "sideman" / "jax"
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, RuntimeError):
        return None
    return folder if os.access(folder, os.W_OK) else None


def fresh_weights(size: int, units: int, rng: Generator) -> list[Array]:
    """Return random first weights for V tokens and U units, distributed as in Keras.

    Kernels are uniform after Glorot and Bengio (2010), the recurrent one orthogonal after Saxe et
    al. (2014), biases zero, but the forget gate's one after Jozefowicz et al. (2015).
    """
    shapes = lstm.shapes(size, units)

    def glorot(shape: tuple[int, ...]) -> Array:
        limit = np.sqrt(6 / sum(shape))
        return rng.uniform(-limit, limit, shape).astype(np.float32)

    q, r = np.linalg.qr(rng.standard_normal((4 * units, units)))
    bias = np.zeros(4 * units, np.float32)
    bias[units : 2 * units] = 1
    return [
        glorot(shapes["kernel"]),
        np.ascontiguousarray((q * np.sign(np.diag(r))).T, dtype=np.float32),
        bias,
        glorot(shapes["dense_kernel"]),
        np.zeros(size, np.float32),
    ]


def by_equations(weights: Sequence[Array], *, learning_rate: float, decay: float) -> Network:
    """Write the network and Adam out in JAX.

    Parameters
    ----------
    weights : sequence of ndarray
        Where to begin, in Keras' order.
    learning_rate, decay : float
        The rate is learning_rate / (1 + decay · updates).

    Returns
    -------
    Network
        The network.
    """
    jax = load_jax()
    jnp = jax.numpy
    units = weights[1].shape[0]

    def logits(w: Arrays, x: Any) -> Any:
        kernel, recurrent, bias, dense, dense_bias = w
        # All inputs at once; only the recurrence has to go step by step.
        inputs = jnp.swapaxes(x @ kernel + bias, 0, 1)  # (T, B, 4U)

        def step(carry: Any, z: Any) -> Any:
            h, c = carry
            h, c, _ = gradients.cell(jax, z + h @ recurrent, c)
            return (h, c), h

        zeros = jnp.zeros((x.shape[0], units), jnp.float32)
        _, outputs = jax.lax.scan(step, (zeros, zeros), inputs)  # (T, B, U)
        return jnp.swapaxes(outputs, 0, 1) @ dense + dense_bias

    def update(slopes: Arrays, state: Arrays, w: Arrays) -> tuple[Arrays, Arrays]:
        count, moments = state[0], (state[1 : 1 + len(w)], state[1 + len(w) :])
        rate = learning_rate / (1 + decay * count)
        steps, (first, second) = ADAM.steps(jax, slopes, moments, count + 1, rate)
        return [a - step for a, step in zip(w, steps, strict=True)], [count + 1, *first, *second]

    begin = [jnp.asarray(array, jnp.float32) for array in weights]
    moments = [jnp.zeros_like(array) for array in begin * 2]
    return Network(begin, [jnp.zeros((), jnp.float32), *moments], logits, update)


def by_keras(weights: Sequence[Array], *, learning_rate: float, decay: float) -> Network:
    """Take the network from Keras' LSTM, Dense and Adam.

    Parameters
    ----------
    weights : sequence of ndarray
        Where to begin, in Keras' order.
    learning_rate, decay : float
        The rate is learning_rate / (1 + decay · updates).

    Returns
    -------
    Network
        The network.
    """
    keras = load_keras()
    size, units = weights[0].shape[0], weights[1].shape[0]
    recurrent = keras.layers.LSTM(units, return_sequences=True)
    dense = keras.layers.Dense(size)
    recurrent.build((None, None, size))
    dense.build((None, None, units))
    recurrent.set_weights(list(weights[:3]))
    dense.set_weights(list(weights[3:]))
    variables = [*recurrent.trainable_variables, *dense.trainable_variables]
    others = [variable.value for variable in recurrent.non_trainable_variables]
    optimizer = keras.optimizers.Adam(
        keras.optimizers.schedules.InverseTimeDecay(learning_rate, 1, decay),
        beta_1=BETA_1,
        beta_2=ADAM.beta_2,
        epsilon=ADAM.epsilon,
    )
    optimizer.build(variables)

    def logits(w: Arrays, x: Any) -> Any:
        outputs, _ = recurrent.stateless_call(w[:3], others, x)
        return dense.stateless_call(w[3:], [], outputs)[0]

    def update(gradients: Arrays, state: Arrays, w: Arrays) -> tuple[Arrays, Arrays]:
        w, state = optimizer.stateless_apply(state, gradients, w)
        return w, state

    return Network(
        [variable.value for variable in variables],
        [variable.value for variable in optimizer.variables],
        logits,
        update,
    )
