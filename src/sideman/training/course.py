"""The course's own training: sixty windows of thirty values, a hundred epochs.

``djmodel`` shares one LSTM cell and one dense layer among thirty steps and asks each step for the
next value.  Its loss is the sum over the steps of the mean cross-entropy over the windows.  A
step whose target is all zero (the last one) costs nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.random import Generator
from numpy.typing import ArrayLike, NDArray

from sideman.errors import MusicError
from sideman.training.networks import Network, by_equations, fresh_weights, load_jax

Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Setup:
    """What the course itself leaves as it is.

    Parameters
    ----------
    weights : sequence of ndarray or None
        Where to begin, in Keras' order; random ones where None.
    units : int
        Units of the LSTM, where no weights are given.
    batch : int
        Windows in an update.
    learning_rate : float
        The rate is learning_rate / (1 + decay · updates).
    network : callable
        :func:`~sideman.training.networks.by_equations`, or ``by_keras``.
    """

    weights: Sequence[Array] | None = None
    units: int = 64
    batch: int = 32
    learning_rate: float = 0.01
    network: Callable[..., Network] = by_equations


class Fitted(NamedTuple):
    """What came of training.

    Parameters
    ----------
    weights : list of ndarray
        LSTM kernel, recurrent kernel, bias, dense kernel, dense bias: the first three go into
        ``LSTM.set_weights``, the others into ``Dense.set_weights``.
    losses : list of float
        The loss of each epoch: the mean over its windows as they came, like Keras' own.
    compile_seconds, seconds : float
        How long it took to compile, and then to train.
    """

    weights: list[Array]
    losses: list[float]
    compile_seconds: float
    seconds: float


def train_windows(
    X: ArrayLike,
    Y: ArrayLike,
    *,
    rng: Generator,
    epochs: int = 100,
    decay: float = 0.01,
    report: Callable[[int, float], None] | None = None,
    setup: Setup = Setup(),
) -> Fitted:
    """Train the course's model.

    Parameters
    ----------
    X : array, shape (m, Tx, V)
        One-hot inputs; a row of zeros where there is none.
    Y : array, shape (Tx, m, V)
        One-hot targets; a row of zeros where there is none.
    rng : numpy.random.Generator
        The source of randomness: the first weights, where none are given, and the windows' order.
    epochs : int
        How often all windows are seen.
    decay : float
        The rate is learning_rate / (1 + decay · updates).
    report : callable or None
        Called as ``report(epoch, loss)`` after each epoch, counted from 1.
    setup : Setup
        The rest.

    Returns
    -------
    Fitted
        Weights and losses.

    Raises
    ------
    MusicError
        If X and Y don't fit each other, or the loss becomes no number.
    """
    inputs = np.asarray(X, np.float32)
    if inputs.ndim != 3 or 0 in inputs.shape:
        raise MusicError(f"X has the shape {inputs.shape}; give windows, steps and values.")
    m, steps, size = inputs.shape
    targets = np.asarray(Y, np.float32)
    if targets.shape != (steps, m, size):
        raise MusicError(
            f"Y has the shape {targets.shape}, and X needs {(steps, m, size)}: steps first."
        )
    weights = setup.weights or fresh_weights(size, setup.units, rng)
    jax = load_jax()
    net = setup.network(weights, learning_rate=setup.learning_rate, decay=decay)
    batch = min(setup.batch, m)
    updates = -(-m // batch)
    # The last batch is filled up with windows that weigh nothing: one shape, one compilation.
    order = np.zeros((epochs, updates * batch), np.int32)
    for epoch in range(epochs):
        order[epoch, :m] = rng.permutation(m)
    order = order.reshape(epochs, updates, batch)
    weigh = (np.arange(updates * batch) < m).astype(np.float32).reshape(updates, batch)
    at_once = max(n for n in range(1, 11) if epochs % n == 0) if epochs else 1

    begun = time.perf_counter()
    some_epochs = jax.jit(_some_epochs(jax, net, inputs, targets, weigh))
    state: Any = (net.weights, net.optimiser)
    if epochs:
        some_epochs = some_epochs.lower(state, order[:at_once]).compile()
    compiled = time.perf_counter()
    losses: list[float] = []
    for first in range(0, epochs, at_once):
        state, some = some_epochs(state, order[first : first + at_once])
        for loss in np.asarray(some).tolist():
            losses.append(loss)
            if not np.isfinite(loss):
                raise MusicError(
                    f"The loss became no number in epoch {len(losses)}; train again with a "
                    f"learning rate lower than {setup.learning_rate:g}."
                )
            if report is not None:
                report(len(losses), loss)
    final = [np.asarray(array, np.float32) for array in state[0]]
    return Fitted(final, losses, compiled - begun, time.perf_counter() - compiled)


def _some_epochs(
    jax: Any, net: Network, inputs: Array, targets: Array, weigh: Array
) -> Callable[[Any, Any], Any]:
    """Make the function that runs whole epochs: a scan over updates in a scan over epochs."""
    jnp = jax.numpy
    X = jnp.asarray(inputs)
    Y = jnp.asarray(targets.swapaxes(0, 1))

    def loss(weights: Any, rows: Any, weight: Any) -> Any:
        log_p = jax.nn.log_softmax(net.logits(weights, X[rows]))
        per_window = -(log_p * Y[rows]).sum((1, 2))  # (B,): the sum over the steps
        return per_window @ weight / weight.sum()

    def one_update(state: Any, row: Any) -> Any:
        weights, optimiser = state
        value, gradients = jax.value_and_grad(loss)(weights, *row)
        return net.update(gradients, optimiser, weights), value * row[1].sum()

    def one_epoch(state: Any, order: Any) -> Any:
        state, sums = jax.lax.scan(one_update, state, (order, jnp.asarray(weigh)))
        return state, sums.sum() / weigh.sum()

    def run(state: Any, orders: Any) -> Any:
        return jax.lax.scan(one_epoch, state, orders)

    return run
