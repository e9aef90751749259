"""A second judge of lines: a convolutional network on windows of 64 notes.

``benchmarks/told_apart.py --network`` uses it under the same protocol as the first judge: trained
on the solos of four fifths of the tunes, it scores windows of the rest.  It is told nothing but the
notes of the beatwise reading (:func:`line_features.read`), each by its interval, inter-onset
interval, place in the beat and the bar, degree, tones of the chord, and height: no statistics, no
surprisal, no form.  So it can find what the features leave out, and has far less to learn from.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

import line_features
from line_features import BAR, BEAT, IOI_CLASSES, WIDEST, Line
from sideman.training.adam import Adam
from sideman.training.networks import load_jax

SIZE = 64
"""Notes of a window."""
_BACKWARD = 2 * WIDEST + 1 + len(IOI_CLASSES) + 1  # channels that look back at the note before
_OCTAVE = 12

Array = NDArray[np.float32]
Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Weights = dict[str, Any]


@dataclass(frozen=True)
class Settings:
    """Sizes of the network and of its training, chosen on the solos of version 0.1."""

    embedded: int = 24
    filters: tuple[int, ...] = (32, 48, 64)
    width: int = 5
    dropout: float = 0.4
    updates: int = 500
    batch: int = 64
    learning_rate: float = 0.002
    decay: float = 0.002
    networks: int = 2


def encoded(line: Line) -> Array:
    """Return the notes of a line as the network reads them, (notes, channels), but for the height.

    The first channels are the interval and the IOI from the note before.
    """
    one_hot = [
        (np.clip(line.interval, -WIDEST, WIDEST) + WIDEST, 2 * WIDEST + 1),
        (line.pace, len(IOI_CLASSES) + 1),
        (line.onset % BEAT // 3, BEAT // 3),
        (line.onset % BAR // BEAT, BAR // BEAT),
        (line.degree + 1, _OCTAVE + 1),
    ]
    flags = [np.nan_to_num(line.inside(name))[:, None] for name in line.tables]
    made = [np.eye(many)[values] for values, many in one_hot]
    return np.concatenate([*made, *flags], axis=1).astype(np.float32)


class Windows:
    """Windows of :data:`SIZE` notes of some lines of at least that length."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self._notes = np.concatenate([encoded(line) for line in lines])
        self._pitch = np.concatenate([line.pitch for line in lines]).astype(np.float32)
        self.lengths = np.array([len(line) for line in lines])
        self._offset = np.cumsum(self.lengths) - self.lengths

    @property
    def channels(self) -> int:
        """The number of channels of a note."""
        return self._notes.shape[1] + 1

    def cut(self, line: Ints, first: Ints) -> Array:
        """Return the windows of some lines from some notes on, (windows, SIZE, channels)."""
        at = (self._offset[line] + first)[:, None] + np.arange(SIZE)
        notes = self._notes[at]
        notes[:, 0, :_BACKWARD] = 0
        pitch = self._pitch[at]
        height = (pitch - pitch.mean(axis=1, keepdims=True)) / _OCTAVE
        return np.concatenate([notes, height[:, :, None]], axis=2)

    def draw(self, lines: Ints, generated: Bools, many: int, rng: np.random.Generator) -> Ints:
        """Return lines and first notes of windows by chance, half of each side, all lines alike."""
        sides = [lines[generated[lines] == side] for side in (False, True)]
        line = np.concatenate([rng.choice(side, many // 2) for side in sides])
        return np.stack([line, rng.integers(0, self.lengths[line] - SIZE + 1)])


def fresh(channels: int, settings: Settings, rng: np.random.Generator) -> Weights:
    """Return random first weights after He et al. (2015)."""
    shapes = {"embed": (channels, settings.embedded)}
    below = settings.embedded
    for layer, filters in enumerate(settings.filters):
        shapes[f"filter {layer}"] = (settings.width * below, filters)
        below = filters
    shapes["out"] = (2 * below, 1)
    weights: Weights = {
        name: (rng.standard_normal(shape) * np.sqrt(2 / shape[0])).astype(np.float32)
        for name, shape in shapes.items()
    }
    biases = {f"{name} bias": np.zeros(shape[1], np.float32) for name, shape in shapes.items()}
    return weights | biases


class Network:
    """The compiled functions of a network: windows to logits, and one update of its weights.

    Each note is embedded, then convolutions over time follow, each with a ReLU and all but the last
    with pooling of two; mean and maximum over time are weighed to one logit.  In training whole
    filters are dropped.
    """

    def __init__(self, settings: Settings) -> None:
        jax = load_jax()
        self._settings, self._jax, self._adam = settings, jax, Adam()
        self.logits = jax.jit(lambda weights, x: self._logits(weights, x, ()))
        self.update = jax.jit(self._update)

    def _logits(self, weights: Weights, x: Any, kept: Sequence[Any]) -> Any:
        """Return logits; `kept` has for each layer what filters are multiplied by, if anything."""
        jnp, settings = self._jax.numpy, self._settings
        h = x @ weights["embed"] + weights["embed bias"]
        for layer in range(len(settings.filters)):
            if layer:
                h = h.reshape(h.shape[0], -1, 2, h.shape[2]).max(axis=2)
            side = settings.width // 2
            padded = jnp.pad(h, ((0, 0), (side, side), (0, 0)))
            shifted = [padded[:, at : at + h.shape[1]] for at in range(settings.width)]
            h = jnp.concatenate(shifted, axis=2) @ weights[f"filter {layer}"]
            h = jnp.maximum(h + weights[f"filter {layer} bias"], 0)
            h = h * kept[layer][:, None, :] if kept else h
        pooled = jnp.concatenate([h.mean(axis=1), h.max(axis=1)], axis=1)
        return (pooled @ weights["out"] + weights["out bias"])[:, 0]

    def _update(self, weights: Weights, moments: Any, count: Any, x: Any, kept: Any) -> Any:
        """Return the weights and moments after a batch; its second half is generated."""
        jnp, jax, settings = self._jax.numpy, self._jax, self._settings
        sign = jnp.where(jnp.arange(x.shape[0]) < x.shape[0] // 2, 1.0, -1.0)

        def loss(weights: Weights) -> Any:
            squares = sum((weights[name] ** 2).sum() for name in weights if "bias" not in name)
            logits = self._logits(weights, x, kept)
            return jnp.logaddexp(sign * logits, 0).mean() + settings.decay * squares

        rate = settings.learning_rate * (1 - count / settings.updates)
        slopes = jax.grad(loss)(weights)
        steps, moments = self._adam.steps(jax, slopes, moments, count + 1.0, rate)
        return jax.tree.map(jnp.subtract, weights, steps), moments

    def trained(self, windows: Windows, lines: Ints, generated: Bools, seed: int) -> Weights:
        """Return the weights after training on windows of some lines."""
        settings, rng = self._settings, np.random.default_rng(seed)
        weights = fresh(windows.channels, settings, rng)
        zeros = {name: np.zeros_like(values) for name, values in weights.items()}
        moments = (zeros, zeros)
        for count in range(settings.updates):
            x = windows.cut(*windows.draw(lines, generated, settings.batch, rng))
            kept = [
                (rng.random((len(x), filters)) >= settings.dropout)
                / np.float32(1 - settings.dropout)
                for filters in settings.filters
            ]
            weights, moments = self.update(weights, moments, count, x, kept)
        return weights


def scored(
    lines: Sequence[Line],
    generated: Bools,
    held: Iterable[Bools],
    firsts: Sequence[Sequence[int]],
    settings: Settings = Settings(),
) -> Floats:
    """Return the score for being generated of the windows of all lines, by networks of other tunes.

    Parameters
    ----------
    lines : sequence of Line
        Lines of at least :data:`SIZE` notes.
    generated : array of bool, shape (lines,)
        Which lines are not players'.
    held : iterable of array of bool, shape (lines,)
        For each fold which lines are scored; the network is trained on the others.
    firsts : sequence of sequence of int
        The first notes of the windows that are scored, for each line.
    settings : Settings
        Sizes.

    Returns
    -------
    array of float
        The mean logits of the fold's networks, by line and first note.
    """
    windows, network = Windows(lines), Network(settings)
    owner = np.repeat(np.arange(len(lines)), [len(of_line) for of_line in firsts])
    first = np.concatenate([np.array(of_line, dtype=np.int64) for of_line in firsts])
    scores = np.zeros(len(owner))
    for fold in held:
        here = np.flatnonzero(fold[owner])
        for seed in range(settings.networks if len(here) else 0):
            weights = network.trained(windows, np.flatnonzero(~fold), generated, seed)
            logits = network.logits(weights, windows.cut(owner[here], first[here]))
            scores[here] += np.asarray(logits) / settings.networks
    return scores


__all__ = ["SIZE", "Network", "Settings", "Windows", "encoded", "line_features", "scored"]
