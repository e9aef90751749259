"""The slow parts of the soloist's networks, with their gradients written out.

What JAX finds by itself is right, and slower: of an LSTM's backward pass it makes a chain of small
products, where all steps' share in the recurrent kernel is one product at the end; of a one-hot
input times a kernel a product of matrices, where a few rows are to be added up; and of what the
counters say it keeps every step of the way.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import numpy as np


def cell(jax: Any, z: Any, c: Any) -> tuple[Any, Any, tuple[Any, ...]]:
    """Compute one LSTM step as :func:`sideman.models.lstm.cell`, and what its gradient needs.

    Return h, c, and the gates i, f, g, o with tanh(c).
    """
    i, f, g, o = jax.numpy.split(z, 4, axis=-1)
    i, f, g, o = jax.nn.sigmoid(i), jax.nn.sigmoid(f), jax.numpy.tanh(g), jax.nn.sigmoid(o)
    c = f * c + i * g
    t = jax.numpy.tanh(c)
    return o * t, c, (i, f, g, o, t)


def lstm(jax: Any) -> Callable[..., Any]:
    """Write the LSTM's recurrence over a window.

    Parameters
    ----------
    jax : module
        JAX.

    Returns
    -------
    callable
        ``run(z, recurrent_kernel, state, begins)``: of what the inputs give to the gates, shape
        (T, B, 4U), the pair of output and memory to begin with, (B, U) each, and where a sequence
        begins anew, (T, B, 1) of zeros and ones; gives the new pair, and the outputs (T, B, U).
    """
    jnp = jax.numpy

    def step(kernel: Any, carry: Any, now: Any) -> Any:
        h, c = carry
        z, begins = now
        h, c = h * (1 - begins), c * (1 - begins)
        new_h, new_c, gates = cell(jax, z + h @ kernel, c)
        return (new_h, new_c), (h, c, *gates)

    @jax.custom_vjp  # type: ignore[untyped-decorator]
    def run(z: Any, kernel: Any, state: Any, begins: Any) -> Any:
        def only_output(carry: Any, now: Any) -> Any:
            carry, _ = step(kernel, carry, now)
            return carry, carry[0]

        return jax.lax.scan(only_output, state, (z, begins))

    def forward(z: Any, kernel: Any, state: Any, begins: Any) -> Any:
        def and_all_else(carry: Any, now: Any) -> Any:
            carry, kept = step(kernel, carry, now)
            return carry, (carry[0], kept)

        state, (hs, kept) = jax.lax.scan(and_all_else, state, (z, begins))
        return (state, hs), (kernel, kept, begins)

    def backward(saved: Any, slopes: Any) -> Any:
        kernel, kept, begins = saved
        end, outputs = slopes
        transposed = kernel.T

        def back(carry: Any, now: Any) -> Any:
            dh, dc = carry
            output, (_, c, i, f, g, o, t), begins = now
            dh = dh + output
            dc = dc + dh * o * (1 - t * t)
            dz = jnp.concatenate(
                [
                    dc * g * i * (1 - i),
                    dc * c * f * (1 - f),
                    dc * i * (1 - g * g),
                    dh * t * o * (1 - o),
                ],
                axis=-1,
            )
            return (dz @ transposed * (1 - begins), dc * f * (1 - begins)), dz

        start, dz = jax.lax.scan(back, end, (outputs, kept, begins), reverse=True)
        return dz, jnp.einsum("tbu,tbz->uz", kept[0], dz), start, None

    run.defvjp(forward, backward)
    return cast("Callable[..., Any]", run)


def rows(jax: Any) -> Callable[..., Any]:
    """Write the product of one-hot inputs and a kernel: a sum of the kernel's rows.

    Parameters
    ----------
    jax : module
        JAX.

    Returns
    -------
    callable
        ``add(kernel, index, value)``: of a kernel (V, Z), rows to take (N, F), of which V is none,
        and what to multiply each with, (N, F); gives the sums, (N, Z).
    """
    jnp = jax.numpy

    @jax.custom_vjp  # type: ignore[untyped-decorator]
    def add(kernel: Any, index: Any, value: Any) -> Any:
        kernel = jnp.concatenate([kernel, jnp.zeros_like(kernel[:1])])
        return sum(kernel[index[:, f]] * value[:, f, None] for f in range(index.shape[1]))

    def forward(kernel: Any, index: Any, value: Any) -> Any:
        return add(kernel, index, value), (kernel.shape[0], index, value)

    def backward(saved: Any, slope: Any) -> Any:
        # Adding to rows here and there is slower than the product with the inputs written out.
        size, index, value = saved
        each = jnp.arange(len(index))[:, None]
        flat = jnp.zeros((len(index), size), slope.dtype).at[each, index].add(value, mode="drop")
        return jnp.einsum("nv,nz->vz", flat, slope), None, None

    add.defvjp(forward, backward)
    return cast("Callable[..., Any]", add)


def lift(jax: Any, smallest: float) -> Callable[..., Any]:
    """Write what counters add to log-probabilities.

    Parameters
    ----------
    jax : module
        JAX.
    smallest : float
        The probability below which a base counts no less.

    Returns
    -------
    callable
        ``lifted(base, gates, prior, counts)``: of log-probabilities (B, T, V), the counters' gates
        (B, T, K), the logarithms of their priors (K,) and the counts (B, T, V, K); gives what to
        add, (B, T, V): the gated sum of log(1 + count / (prior · base)).
    """
    jnp = jax.numpy
    least = float(np.log(smallest))

    def ratios(base: Any, prior: Any, counts: Any) -> Any:
        return counts * jnp.exp(-prior) * jnp.exp(-jnp.maximum(base, least))[..., None]

    @jax.custom_vjp  # type: ignore[untyped-decorator]
    def lifted(base: Any, gates: Any, prior: Any, counts: Any) -> Any:
        return jnp.einsum("btvk,btk->btv", jnp.log1p(ratios(base, prior, counts)), gates)

    def forward(base: Any, gates: Any, prior: Any, counts: Any) -> Any:
        return lifted(base, gates, prior, counts), (base, gates, prior, counts)

    def backward(saved: Any, slope: Any) -> Any:
        base, gates, prior, counts = saved
        ratio = ratios(base, prior, counts)
        share = ratio / (1 + ratio)
        to_base = jnp.where(base > least, -slope * jnp.einsum("btvk,btk->btv", share, gates), 0)
        to_gates = jnp.einsum("btv,btvk->btk", slope, jnp.log1p(ratio))
        to_prior = -(gates * jnp.einsum("btv,btvk->btk", slope, share)).sum(axis=(0, 1))
        return to_base, to_gates, to_prior, None

    lifted.defvjp(forward, backward)
    return cast("Callable[..., Any]", lifted)
