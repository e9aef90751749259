"""Fitting the weights of a mixture of experts to held-out notes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sideman.models.events import IntArray

Array = NDArray[np.float64]


def interpolation(
    scored: Array, bucket: IntArray, buckets: int, rounds: int = 80, *, prior: float = 0.0
) -> Array:
    """Fit interpolation weights by expectation maximisation, each bucket for itself.

    `scored` holds the probability that each expert gave to what came, shape (notes, experts).
    `prior` is the weight, in notes, of the weights of all buckets together in each.
    """
    together = np.full(scored.shape[1], 1 / scored.shape[1])
    if prior:
        together = interpolation(scored, np.zeros(len(scored), np.int64), 1, rounds)[0]
    weights = np.tile(together, (buckets, 1))
    for index in range(buckets):
        mine = scored[bucket == index]
        for _ in range(rounds if len(mine) else 0):
            share = mine * weights[index]
            share /= share.sum(axis=1, keepdims=True)
            weights[index] = (share.sum(axis=0) + prior * together) / (len(mine) + prior)
    return weights


def blend(
    inputs: NDArray[np.float32],
    gates: Array,
    target: IntArray,
    begin: Array,
    penalty: float = 1e-3,
    rounds: int = 60,
) -> Array:
    """Fit the powers of a log-linear mixture by L-BFGS (Jorge Nocedal, 1980), ten steps of memory.

    The loss is convex: mean nats, and `penalty` times the squared distance from `begin`.
    """
    notes = np.arange(len(inputs))
    of_target = inputs[notes, target]

    def loss(flat: Array) -> tuple[float, Array]:
        powers = flat.reshape(begin.shape)
        weights = (gates @ powers).astype(np.float32)
        logits = np.einsum("tvk,tk->tv", inputs, weights)
        top = logits.max(axis=1, keepdims=True)
        likely = np.exp(logits - top)
        whole = likely.sum(axis=1, keepdims=True)
        nats = top[:, 0] + np.log(whole[:, 0]) - (weights * of_target).sum(axis=1)
        slope = np.einsum("tv,tvk->tk", likely / whole, inputs) - of_target
        off = powers - begin
        gradient = gates.T @ slope.astype(np.float64) / len(notes) + 2 * penalty * off
        return float(nats.mean(dtype=np.float64) + penalty * (off**2).sum()), gradient.ravel()

    at = begin.ravel().copy()
    value, gradient = loss(at)
    steps: list[tuple[Array, Array]] = []
    for _ in range(rounds):
        direction = -gradient
        pulls = []
        for moved, turned in reversed(steps):
            pull = moved @ direction / (moved @ turned)
            direction = direction - pull * turned
            pulls.append(pull)
        if steps:
            moved, turned = steps[-1]
            direction = direction * (moved @ turned) / (turned @ turned)
        for (moved, turned), pull in zip(steps, reversed(pulls), strict=True):
            direction = direction + (pull - turned @ direction / (moved @ turned)) * moved
        stride = 1.0 if steps else min(1.0, 0.1 / float(np.linalg.norm(gradient)))
        while True:
            there = at + stride * direction
            reached, slope = loss(there)
            if reached <= value + 1e-4 * stride * float(gradient @ direction) or stride < 1e-6:
                break
            stride /= 2
        if stride < 1e-6 or value - reached < 1e-7:
            break
        if (there - at) @ (slope - gradient) > 1e-12:
            steps = [*steps[-9:], (there - at, slope - gradient)]
        at, value, gradient = there, reached, slope
    return at.reshape(begin.shape)
