"""The yardstick for training: the course's model as one hand-written, hand-jitted JAX loop.

The same work as :mod:`course_port`'s ``fit`` (sixty windows of thirty values, two batches an epoch,
Adam with the course's decay), written with nothing but ``jax.numpy`` and two nested scans.

    python benchmarks/jax_loop.py

prints the seconds of compiling and of running, and the last epoch's loss.
"""

from __future__ import annotations

import time
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

N_UNITS, N_VALUES, EPOCHS = 64, 78, 100


def start(rng: np.random.Generator) -> dict[str, Any]:
    """Keras's own initialisation: Glorot, orthogonal, forget bias one."""
    limit = np.sqrt(6 / (N_VALUES + 4 * N_UNITS))
    recurrent = np.linalg.qr(rng.standard_normal((4 * N_UNITS, N_UNITS)))[0].T
    out_limit = np.sqrt(6 / (N_UNITS + N_VALUES))
    return {
        "kernel": jnp.asarray(rng.uniform(-limit, limit, (N_VALUES, 4 * N_UNITS)), jnp.float32),
        "recurrent": jnp.asarray(recurrent, jnp.float32),
        "bias": jnp.concatenate(
            [jnp.zeros(N_UNITS), jnp.ones(N_UNITS), jnp.zeros(2 * N_UNITS)]
        ).astype(jnp.float32),
        "out": jnp.asarray(rng.uniform(-out_limit, out_limit, (N_UNITS, N_VALUES)), jnp.float32),
        "out_bias": jnp.zeros(N_VALUES, jnp.float32),
    }


def loss(w: dict[str, Any], X: Any, Y: Any) -> Any:
    """Sum over the steps of each step's mean cross-entropy; X (m, T, n), Y (T, m, n)."""
    zeros = jnp.zeros((X.shape[0], N_UNITS))

    def step(carry: tuple[Any, Any], x: Any) -> tuple[tuple[Any, Any], Any]:
        h, c = carry
        i, f, g, o = jnp.split(x @ w["kernel"] + h @ w["recurrent"] + w["bias"], 4, axis=1)
        c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
        h = jax.nn.sigmoid(o) * jnp.tanh(c)
        return (h, c), h @ w["out"] + w["out_bias"]

    _, logits = jax.lax.scan(step, (zeros, zeros), jnp.swapaxes(X, 0, 1))
    return -(Y * jax.nn.log_softmax(logits)).sum(-1).mean(1).sum()


def train(w: dict[str, Any], X: Any, Y: Any, orders: Any) -> tuple[dict[str, Any], Any]:
    """All updates in one scan; each order is the rows of one epoch."""
    adam = jax.tree.map(jnp.zeros_like, w), jax.tree.map(jnp.zeros_like, w)

    def update(carry: Any, rows: Any) -> tuple[Any, Any]:
        w, (m, v), t = carry
        value, gradient = jax.value_and_grad(loss)(w, X[rows], Y[:, rows])
        m = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, m, gradient)
        v = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, v, gradient)
        rate = 0.01 / (1 + 0.01 * t)
        rate = rate * jnp.sqrt(1 - 0.999 ** (t + 1)) / (1 - 0.9 ** (t + 1))
        w = jax.tree.map(lambda w, m, v: w - rate * m / (jnp.sqrt(v) + 1e-7), w, m, v)
        return (w, (m, v), t + 1), value

    def epoch(carry: Any, order: Any) -> tuple[Any, Any]:
        carry, first = update(carry, order[:32])
        carry, second = update(carry, order[32:])
        return carry, (first * 32 + second * (len(order) - 32)) / len(order)

    (w, _, _), losses = jax.lax.scan(epoch, (w, adam, jnp.float32(0)), orders)
    return w, losses


def measure(X: np.ndarray, Y: np.ndarray, seed: int = 0) -> tuple[float, float, float]:
    """Return the seconds of compiling and of running, and the last epoch's loss."""
    rng = np.random.default_rng(seed)
    orders = jnp.asarray(np.stack([rng.permutation(len(X)) for _ in range(EPOCHS)]))
    data = start(rng), jnp.asarray(X, jnp.float32), jnp.asarray(Y, jnp.float32), orders
    begun = time.perf_counter()
    compiled = jax.jit(train).lower(*data).compile()
    ready = time.perf_counter()
    _, losses = jax.block_until_ready(compiled(*data))
    return ready - begun, time.perf_counter() - ready, float(losses[-1])


def windows(seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Random windows of the course's shape, for when no corpus is at hand."""
    rng = np.random.default_rng(seed)
    corpus = rng.integers(0, N_VALUES, 193)
    X = np.zeros((60, 30, N_VALUES), bool)
    Y = np.zeros((60, 30, N_VALUES), bool)
    for i, begin in enumerate(rng.integers(0, 163, 60)):
        for j in range(1, 30):
            X[i, j, corpus[begin + j]] = Y[i, j - 1, corpus[begin + j]] = True
    return X, np.swapaxes(Y, 0, 1)


if __name__ == "__main__":
    compiling, running, last = measure(*windows())
    print(f"compile {compiling:.3f}\nrun {running:.3f}\n# loss {last:.2f}")
