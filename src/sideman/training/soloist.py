"""Training the soloist: solos → three networks, each by itself.

A network hears every solo from its first note to its last with its state carried along.  The solos
of a part are laid on parallel streams, whole, in an order that chance chooses anew for every epoch;
an update takes the next window of all streams.  Chance for an epoch comes from the seed and the
epoch's number alone, so that a training that was interrupted goes on exactly as if it had not been.

The optimiser is AdamW (Ilya Loshchilov and Frank Hutter, "Decoupled Weight Decay Regularization",
ICLR 2019) with a cosine schedule and clipped gradients; what is kept is a running average of the
weights (Boris Polyak and Anatoli Juditsky, 1992), from the epoch in which it did best on held-out
solos.
"""

from __future__ import annotations

import math
import re
import time
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from sideman import __version__
from sideman.errors import ModelError, MusicError
from sideman.measures import loading
from sideman.models import file, hearing, motifs, ngram, soloist
from sideman.models.events import BAR, Events, from_solo
from sideman.models.hearing import Ear, Lesson
from sideman.models.ngram import NGram
from sideman.models.soloist import Soloist
from sideman.training.networks import load_jax

Array = NDArray[np.float32]
UNITS = {"ioi": 256, "pitch": 256, "duration": 128}
BETA_1, BETA_2, EPSILON = 0.9, 0.99, 1e-8
_DECAYED = ("kernel", "recurrent_kernel", "dense_kernel", "gate_kernel", "partner_kernel")


@dataclass(frozen=True, slots=True)
class Settings:
    """How to train one network.

    Parameters
    ----------
    epochs : int
        How often every note is heard at most; the learning rate falls over so many.
    units : int
        Units of the LSTM.
    seed : int
        Where chance begins.
    learning_rate : float
        At the beginning, after a short warming up.
    weight_decay : float
        What an update takes off the kernels, times the learning rate.
    dropout, input_dropout, label_dropout, partner_dropout : float
        Shares of outputs, of inputs, of solos whose player is not told, and of solos that are heard
        without the partner.
    streams, window : int
        Solos side by side, and notes of each in one update.
    average : float
        How much of the running average stays at each update.
    patience : int
        After how many epochs without gain on the held-out solos to stop.
    """

    epochs: int = 14
    units: int = 256
    seed: int = 0
    learning_rate: float = 2e-3
    weight_decay: float = 0.03
    dropout: float = 0.4
    input_dropout: float = 0.15
    label_dropout: float = 0.5
    partner_dropout: float = 0.3
    streams: int = 32
    window: int = 64
    average: float = 0.998
    patience: int = 4

    def __post_init__(self) -> None:
        for name, value, most in (
            ("epochs", self.epochs, 1000),
            ("units", self.units, 2048),
            ("streams", self.streams, 1024),
            ("notes of a window", self.window, 4096),
            ("epochs of patience", self.patience, 1000),
        ):
            if not 1 <= value <= most:
                raise MusicError(f"{value} {name}: give a number from 1 to {most}.")
        if not 0 <= self.seed < 1 << 63:
            raise MusicError(f"A seed of {self.seed}: give a whole number from 0 up.")
        if not 0 < self.learning_rate <= 10:
            raise MusicError(
                f"A learning rate of {self.learning_rate:g}: give one above 0, up to 10."
            )


class Progress(NamedTuple):
    """How far the training of a network has come.

    Parameters
    ----------
    factor : str
        Which network.
    epoch, epochs : int
        Epochs done, and all.
    loss, held_out : float
        Mean nats a note: as heard with dropout, and of the average on the held-out solos.
    notes : int
        Notes heard in the epoch.
    seconds : float
        How long it took.
    """

    factor: str
    epoch: int
    epochs: int
    loss: float
    held_out: float
    notes: int
    seconds: float


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """One factor of many solos, end to end; the last row is silence.

    Parameters
    ----------
    index, dense, counts, meaning, target
        Of :class:`sideman.models.hearing.Lesson`.
    starts : array of int, shape (solos + 1,)
        Where each solo begins.
    partner : array of float16, shape (notes + 1, V), or None
        The log-probabilities of an n-gram that has not counted the solo.
    """

    index: NDArray[np.int32]
    dense: Array
    counts: NDArray[np.float16]
    meaning: NDArray[np.int32]
    target: NDArray[np.int32]
    starts: NDArray[np.int64]
    partner: NDArray[np.float16] | None = None


def gather(
    solos: Sequence[Events],
    ear: Ear,
    factor: str,
    partner: Sequence[NDArray[np.floating[Any]]] | None = None,
) -> Part:
    """Lay out one factor of many solos.

    Parameters
    ----------
    solos : sequence of Events
        The solos.
    ear : Ear
        What can be told apart.
    factor : str
        Which factor.
    partner : sequence of ndarray, or None
        Of each solo what an n-gram says that has not counted it.

    Returns
    -------
    Part
        Their arrays; the counts in half precision, or they would not fit.
    """
    lessons: list[Lesson] = []
    halves = []
    for events in solos:
        label = ear.label(events.performer)
        lesson = ear.lesson(hearing.hear(events), events, factor, label)
        halves.append(lesson.counts.astype(np.float16))
        lessons.append(replace(lesson, counts=halves[-1][:0].astype(np.float32)))
    starts = np.cumsum([0, *(len(lesson.target) for lesson in lessons)])

    def joined(arrays: list[Any], kind: Any, last: int = 0) -> Any:
        silence = np.full((1, *arrays[0].shape[1:]), last, dtype=kind)
        return np.concatenate([*arrays, silence], axis=0, dtype=kind, casting="unsafe")

    return Part(
        joined([lesson.index for lesson in lessons], np.int32, -1),
        joined([lesson.dense for lesson in lessons], np.float32),
        joined(halves, np.float16),
        joined([lesson.meaning for lesson in lessons], np.int32, 96),
        joined([lesson.target for lesson in lessons], np.int32),
        starts,
        None if partner is None else joined(list(partner), np.float16),
    )


def streams(part: Part, count: int, window: int, order: NDArray[np.int64]) -> NDArray[np.int64]:
    """Lay solos on parallel streams, each on the one that is shortest so far.

    Parameters
    ----------
    part : Part
        The solos.
    count, window : int
        Streams, and notes in a window.
    order : array of int
        The order in which the solos are laid down.

    Returns
    -------
    array of int, shape (windows, count, window)
        Rows of the part; its last row (silence) where a stream has ended.
    """
    silence = int(part.starts[-1])
    length = np.zeros(count, dtype=np.int64)
    lines: list[list[NDArray[np.int64]]] = [[] for _ in range(count)]
    for solo in order:
        shortest = int(length.argmin())
        rows = np.arange(part.starts[solo], part.starts[solo + 1])
        lines[shortest].append(rows)
        length[shortest] += len(rows)
    windows = -(-int(length.max()) // window)
    laid = np.full((count, windows * window), silence, dtype=np.int64)
    for stream, rows_of in enumerate(lines):
        if rows_of:
            laid[stream, : length[stream]] = np.concatenate(rows_of)
    return laid.reshape(count, windows, window).transpose(1, 0, 2)


def fresh(ear: Ear, factor: str, units: int, rng: Generator) -> dict[str, Array]:
    """Draw a network's first weights.

    Parameters
    ----------
    ear : Ear
        What can be told apart.
    factor : str
        Which factor.
    units : int
        Units of the LSTM.
    rng : numpy.random.Generator
        Where chance comes from.

    Returns
    -------
    dict of str to ndarray
        Weights by the names of :data:`sideman.models.soloist.NAMES`: kernels after
        Glorot and Bengio (2010), the recurrent one orthogonal, the forget gate's bias one, gates
        open by a fifth.
    """
    shapes = soloist.shapes(ear, factor, units)
    weights = {name: np.zeros(shape, dtype=np.float32) for name, shape in shapes.items()}
    # Of the many inputs only one in each field is not zero.
    heard = len(hearing.INPUTS[factor]) + ear.dense(factor)
    for name, rows in (("kernel", heard), ("dense_kernel", units)):
        limit = math.sqrt(6 / (rows + units))
        weights[name] = rng.uniform(-limit, limit, shapes[name]).astype(np.float32)
    q, r = np.linalg.qr(rng.standard_normal((4 * units, units)))
    weights["recurrent_kernel"] = np.ascontiguousarray((q * np.sign(np.diag(r))).T, np.float32)
    weights["bias"][units : 2 * units] = 1
    counters = shapes["prior"][0]
    weights["dense_bias"][-counters:] = 0.2
    weights["dense_kernel"][:, -counters:] *= 0.1
    weights["prior"][:] = math.log(2)
    weights["partner_kernel"][units] = 0.5
    return weights


class Batch(NamedTuple):
    """What one update hears, B streams by T notes."""

    index: Any
    dense: Any
    counts: Any
    meaning: Any
    target: Any
    weigh: Any
    begins: Any
    partner: Any
    told: Any


def network(jax: Any, ear: Ear, factor: str) -> Callable[..., Any]:
    """Write a factor's network in JAX.

    Parameters
    ----------
    jax : module
        JAX.
    ear : Ear
        What can be told apart.
    factor : str
        Which factor.

    Returns
    -------
    callable
        ``run(weights, batch, state, key, dropout, input_dropout)`` gives log-probabilities of
        shape (B, T, V) and the new state; key None: without dropout.
    """
    jnp = jax.numpy
    inputs = ear.inputs(factor)
    counters = motifs.size(hearing.MEMORIES[factor])
    onehot = inputs - ear.dense(factor) - counters
    parts = ear.parts(factor)
    cuts = np.cumsum(parts).tolist()
    iois = jnp.asarray(ear.iois, jnp.int32)

    def run(
        w: Any, batch: Batch, state: Any, key: Any, dropout: float, input_dropout: float
    ) -> tuple[Any, Any]:
        rows, length = batch.target.shape
        heard = jnp.log1p(batch.counts.sum(axis=2))  # (B, T, K)
        index = jnp.where(batch.index < 0, onehot, batch.index)
        value = jnp.ones(index.shape, jnp.float32)
        if key is not None:
            key, own, other = jax.random.split(key, 3)
            keep = 1 - input_dropout
            # The player's own column has its own dropout.
            kept = jax.random.bernoulli(own, keep, index.shape).at[..., -1].set(True)
            value = jnp.where(
                kept,
                1 / jnp.where(jnp.arange(index.shape[-1]) < index.shape[-1] - 1, keep, 1.0),
                0.0,
            )
        each = jnp.arange(rows * length)[:, None]
        flat = jnp.zeros((rows * length, onehot), jnp.float32)
        flat = flat.at[each, index.reshape(rows * length, -1)].add(
            value.reshape(rows * length, -1), mode="drop"
        )
        x = jnp.concatenate(
            [flat.reshape(rows, length, onehot), batch.dense, heard * hearing.SUMMED], axis=-1
        )
        z = jnp.swapaxes(x @ w["kernel"] + w["bias"], 0, 1)  # (T, B, 4U)

        def step(carry: Any, now: Any) -> Any:
            h, c = carry
            z, begins = now
            h, c = h * (1 - begins), c * (1 - begins)
            i, f, g, o = jnp.split(z + h @ w["recurrent_kernel"], 4, axis=-1)
            c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
            h = jax.nn.sigmoid(o) * jnp.tanh(c)
            return (h, c), h

        begins = jnp.swapaxes(batch.begins, 0, 1)[..., None]
        state, hs = jax.lax.scan(step, state, (z, begins))
        h = jnp.swapaxes(hs, 0, 1)  # (B, T, U)
        if key is not None:
            keep = 1 - dropout
            h = jnp.where(jax.random.bernoulli(other, keep, h.shape), h / keep, 0)
        out = h @ w["dense_kernel"] + w["dense_bias"]
        pieces = jnp.split(out, cuts, axis=-1)
        gates = pieces.pop() + heard @ w["gate_kernel"]
        logits = pieces[0]
        if factor == "pitch":  # the escape alone stands by itself
            logits = jnp.concatenate([jnp.zeros((rows, length, hearing.CORE)), logits], axis=-1)
        tables = hearing.meanings(factor, batch.meaning, iois, jnp)
        for piece, table in zip(pieces[1:], tables, strict=True):
            found = jnp.take_along_axis(piece, table, axis=-1)
            escape = logits.shape[-1] - found.shape[-1]
            logits = logits + jnp.pad(found, ((0, 0), (0, 0), (0, escape)))
        base = jax.nn.log_softmax(logits)
        counted = batch.counts
        lifted = base[..., : counted.shape[2], None]
        ratio = counted * jnp.exp(-w["prior"]) * jnp.exp(-jnp.maximum(lifted, math.log(1e-6)))
        lift = jnp.einsum("btvk,btk->btv", jnp.log1p(ratio), gates)
        escape = base.shape[-1] - lift.shape[-1]
        base = base + jnp.pad(lift, ((0, 0), (0, 0), (0, escape)))
        own = jax.nn.log_softmax(base)
        if batch.partner is None:
            return own, state

        def doubt(log_p: Any) -> Any:
            return -(jnp.exp(log_p) * log_p).sum(axis=-1, keepdims=True) - 1

        one = jnp.ones((rows, length, 1))
        said = [h, one, doubt(own), doubt(batch.partner)]
        powers = jnp.concatenate(said, axis=-1) @ w["partner_kernel"]
        both = jax.nn.log_softmax(powers[..., :1] * own + powers[..., 1:] * batch.partner)
        return jnp.where(batch.told[..., None] > 0, both, own), state

    return run


def _batch(
    part: Part,
    rows: NDArray[np.int64],
    nobody: int,
    forget: NDArray[np.bool_] | None = None,
    leave: NDArray[np.bool_] | None = None,
    firsts: bool = False,
) -> Batch:
    """Collect what the rows of one window hold.

    The solos that are to `forget` (all where None) do not know their player, and those to `leave`
    have no partner; `firsts` says whether a solo's first note is learnt.
    """
    index = part.index[rows]
    solo = np.minimum(np.searchsorted(part.starts, rows, side="right") - 1, len(part.starts) - 2)
    unknown = True if forget is None else forget[solo]
    index[..., -1] = np.where(unknown, nobody, index[..., -1])
    begins = np.isin(rows, part.starts)
    left = np.zeros(rows.shape, bool) if leave is None else leave[solo]
    return Batch(
        index,
        part.dense[rows],
        part.counts[rows].astype(np.float32),
        part.meaning[rows],
        part.target[rows],
        (rows < part.starts[-1] if firsts else ~begins).astype(np.float32),
        begins.astype(np.float32),
        None if part.partner is None else part.partner[rows].astype(np.float32),
        (~left).astype(np.float32),
    )


class _State(NamedTuple):
    """Everything that a later epoch depends on."""

    weights: dict[str, Any]
    first: dict[str, Any]
    second: dict[str, Any]
    average: dict[str, Any]
    best: dict[str, Any]
    updates: int
    losses: tuple[float, ...]
    held_out: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Trained:
    """What came of training one network.

    Parameters
    ----------
    weights : dict of str to ndarray
        The best average.
    losses, held_out : tuple of float
        Nats a note of each epoch, as heard and on the held-out solos.
    finished : bool
        Whether it ended by itself.
    failed_in : int or None
        The epoch in which the loss became no number.
    """

    weights: dict[str, Array]
    losses: tuple[float, ...]
    held_out: tuple[float, ...]
    finished: bool
    failed_in: int | None


def train(
    part: Part,
    held_out: Part,
    ear: Ear,
    factor: str,
    settings: Settings,
    *,
    begin: dict[str, Array] | None = None,
    checkpoint: Path | None = None,
    identity: str = "",
    report: Callable[[Progress], None] | None = None,
    stop: Callable[[], bool] | None = None,
) -> Trained:
    """Train one factor's network.

    Parameters
    ----------
    part, held_out : Part
        What is learnt from, and what says when it is enough.
    ear : Ear
        What can be told apart.
    factor : str
        Which factor.
    settings : Settings
        How.
    begin : dict of str to ndarray or None
        The weights to begin with; fresh ones where None.
    checkpoint : pathlib.Path or None
        Where to leave off and to go on from.
    identity : str
        What must be the same for a training to go on, such as the corpus's fingerprint.
    report : callable or None
        Called after each epoch.
    stop : callable or None
        Asked after each epoch whether to stop.

    Returns
    -------
    Trained
        The network.

    Raises
    ------
    ModelError
        If the checkpoint belongs to another training.
    """
    jax = load_jax()
    jnp = jax.numpy
    rng = np.random.default_rng(settings.seed)
    weights = begin or fresh(ear, factor, settings.units, rng)
    zeros = {name: np.zeros_like(value) for name, value in weights.items()}
    state = _State(weights, zeros, zeros, weights, weights, 0, (), ())
    recipe = {"factor": factor, "identity": identity, **asdict(settings)}
    if checkpoint is not None and checkpoint.exists():
        state = _resumed(checkpoint, recipe, state)
    run = network(jax, ear, factor)
    solos = len(part.starts) - 1
    nobody = ear.inputs(factor) - ear.dense(factor) - motifs.size(hearing.MEMORIES[factor])
    nobody -= len(ear.performers) + 1
    units = settings.units
    notes = int(part.starts[-1]) - solos
    count = min(settings.streams, solos)
    per_epoch = -(-int(part.starts[-1]) // (count * settings.window))
    total = settings.epochs * per_epoch

    def loss(w: Any, batch: Batch, memory: Any, key: Any) -> Any:
        log_p, memory = run(w, batch, memory, key, settings.dropout, settings.input_dropout)
        nats = -jnp.take_along_axis(log_p, batch.target[..., None], axis=-1)[..., 0]
        return (nats * batch.weigh).sum() / jnp.maximum(batch.weigh.sum(), 1), memory

    def updated(
        w: Any, first: Any, second: Any, average: Any, batch: Batch, memory: Any, key: Any, at: Any
    ) -> Any:
        (value, memory), slope = jax.value_and_grad(loss, has_aux=True)(w, batch, memory, key)
        norm = jnp.sqrt(sum((g * g).sum() for g in slope.values()))
        slope = {name: g * jnp.minimum(1.0, 1.0 / (norm + 1e-9)) for name, g in slope.items()}
        at = at + 1
        warm = jnp.minimum(1.0, at / 50)
        fall = 0.02 + 0.98 * 0.5 * (1 + jnp.cos(jnp.pi * jnp.minimum(1.0, at / total)))
        rate = settings.learning_rate * warm * fall
        keep = jnp.minimum(settings.average, (1 + at) / (10 + at))
        new: list[dict[str, Any]] = [{}, {}, {}, {}]
        for name, g in slope.items():
            m = BETA_1 * first[name] + (1 - BETA_1) * g
            v = BETA_2 * second[name] + (1 - BETA_2) * g * g
            off = (m / (1 - BETA_1**at)) / (jnp.sqrt(v / (1 - BETA_2**at)) + EPSILON)
            if name in _DECAYED:
                off = off + settings.weight_decay * w[name]
            new[0][name] = w[name] - rate * off
            new[1][name], new[2][name] = m, v
            new[3][name] = keep * average[name] + (1 - keep) * new[0][name]
        return (*new, memory, value)

    update = jax.jit(updated, donate_argnums=(0, 1, 2, 3))

    def summed(w: Any, batch: Batch, memory: Any) -> Any:
        value, memory = loss(w, batch, memory, None)
        return value * batch.weigh.sum(), memory

    surprise = jax.jit(summed)

    def silence(rows: int) -> Any:
        return jnp.zeros((rows, units)), jnp.zeros((rows, units))

    quiet = min(settings.streams, len(held_out.starts) - 1)
    laid_out = streams(
        held_out, quiet, settings.window, np.argsort(-np.diff(held_out.starts), kind="stable")
    )

    def listen(w: Any) -> float:
        sum_of, memory = 0.0, silence(quiet)
        for rows in laid_out:
            value, memory = surprise(w, _batch(held_out, rows, nobody), memory)
            sum_of += float(value)
        return sum_of / (int(held_out.starts[-1]) - len(held_out.starts) + 1)

    finished, failed_in = True, None
    saved = time.monotonic()
    while (epoch := len(state.losses)) < settings.epochs:
        best = int(np.argmin(state.held_out)) if state.held_out else 0
        if state.held_out and epoch - 1 - best >= settings.patience:
            break
        if stop is not None and stop():
            finished = False
            break
        begun = time.perf_counter()
        chance = np.random.default_rng([settings.seed, epoch])
        laid = streams(part, count, settings.window, chance.permutation(solos))
        forget = chance.random(solos) < settings.label_dropout
        leave = chance.random(solos) < settings.partner_dropout
        key = jax.random.key(int(chance.integers(1 << 31)))
        # Copies, for the update takes its arguments' memory.
        moving = [
            jax.tree.map(jnp.array, tree)
            for tree in (state.weights, state.first, state.second, state.average)
        ]
        memory, at, losses = silence(count), state.updates, []
        for rows in laid:
            batch = _batch(part, rows, nobody, forget, leave, firsts=factor != "ioi")
            *moving, memory, value = update(
                *moving, batch, memory, jax.random.fold_in(key, at), jnp.float32(at)
            )
            losses.append((value, float(batch.weigh.sum())))
            at += 1
        heard = sum(float(value) * weigh for value, weigh in losses) / sum(
            weigh for _, weigh in losses
        )
        if not math.isfinite(heard) or not all(
            bool(jnp.isfinite(value).all()) for value in moving[3].values()
        ):
            finished, failed_in = False, epoch + 1
            break
        quality = listen(moving[3])
        better = not state.held_out or quality < min(state.held_out)
        new, first, second, average = moving
        state = _State(
            new,
            first,
            second,
            average,
            average if better else state.best,
            at,
            (*state.losses, heard),
            (*state.held_out, quality),
        )
        if checkpoint is not None and time.monotonic() - saved > 30:
            file.write(checkpoint, _frozen(state, recipe))
            saved = time.monotonic()
        if report is not None:
            seconds = time.perf_counter() - begun
            report(Progress(factor, epoch + 1, settings.epochs, heard, quality, notes, seconds))
    if checkpoint is not None:
        file.write(checkpoint, _frozen(state, recipe))
    weights = {name: np.asarray(value, np.float32) for name, value in state.best.items()}
    return Trained(weights, state.losses, state.held_out, finished, failed_in)


_TREES = ("weights", "first", "second", "average", "best")


def _frozen(state: _State, recipe: dict[str, Any]) -> file.ModelFile:
    """Make a checkpoint."""
    tensors = {
        f"{tree}.{name}": np.asarray(value, np.float32)
        for tree in _TREES
        for name, value in getattr(state, tree).items()
    }
    training = {
        "updates": state.updates,
        "losses": list(state.losses),
        "held_out": list(state.held_out),
    }
    return file.ModelFile("soloist-checkpoint", recipe, (), tensors, training=training)


def _resumed(path: Path, recipe: dict[str, Any], state: _State) -> _State:
    """Go on from a checkpoint, if it is one of this training."""
    content = file.read(path)
    fits = content.kind == "soloist-checkpoint" and dict(content.config) == recipe
    expected = {
        f"{tree}.{name}": value.shape
        for tree in _TREES
        for name, value in getattr(state, tree).items()
    }
    if not fits or expected != {name: value.shape for name, value in content.weights.items()}:
        raise ModelError(
            f"{path}: a checkpoint of another training; remove it, or train with its settings."
        )
    told = content.training
    new, first, second, average, best = (
        {name: content.weights[f"{tree}.{name}"] for name in getattr(state, tree)}
        for tree in _TREES
    )
    done = int(told["updates"])
    losses, held_out = tuple(told["losses"]), tuple(told["held_out"])
    return _State(new, first, second, average, best, done, losses, held_out)


def ear_of(solos: Sequence[Events]) -> Ear:
    """Find out what of a corpus is worth telling apart.

    Parameters
    ----------
    solos : sequence of Events
        The corpus.

    Returns
    -------
    Ear
        The IOIs that occur three times or more, and the players.

    Raises
    ------
    MusicError
        If there is nothing to learn from.
    """
    iois = np.concatenate([events.ioi[1:] for events in solos] or [np.zeros(0, np.int64)])
    values, times = np.unique(iois, return_counts=True)
    often = values[times >= 3]
    if not len(often):
        raise MusicError("There is nothing to learn from: give solos with more notes.")
    return Ear(often, tuple(sorted({events.performer for events in solos} - {""})))


FOLDS = 6
_TAKE = re.compile(r"[- ]\d+$")


def partner_of_all(
    solos: Sequence[Events], partner: NGram, ear: Ear, folds: int = FOLDS
) -> list[dict[str, Array]]:
    """Let an n-gram judge every solo that it is trained on, as if it had not been.

    The solos are dealt into folds by tune; each fold is judged by counts of the others, mixed as
    the n-gram itself mixes.

    Parameters
    ----------
    solos : sequence of Events
        The solos.
    partner : NGram
        The n-gram, counted on all of them.
    ear : Ear
        What the networks tell apart.
    folds : int
        How many.

    Returns
    -------
    list of dict of str to ndarray
        For each solo the log-probabilities of each factor (:func:`soloist.partner_logs`).
    """
    dealt = [zlib.crc32(_tune(events).encode()) % folds for events in solos]
    if len(set(dealt)) == 1:
        dealt = [index % folds for index in range(len(solos))]
    found: dict[int, dict[str, Array]] = {}
    for fold in sorted(set(dealt)):
        others = [events for events, at in zip(solos, dealt, strict=True) if at != fold]
        counted = partner.counted_on(others or solos)
        for index, at in enumerate(dealt):
            if at == fold:
                found[index] = soloist.partner_logs(counted.distributions(solos[index]), ear)
    return [found[index] for index in range(len(solos))]


def _tune(events: Events) -> str:
    """The tune of a solo by its name, such as ``ArtPepper_Desafinado-2``."""
    return _TAKE.sub("", events.name.split("_", 1)[-1])


@dataclass(frozen=True, slots=True, eq=False)
class Learnt:
    """What came of training a soloist.

    Parameters
    ----------
    content : ModelFile or None
        The model as it is written; None until every network has begun.
    trained : dict of str to Trained
        Each network.
    finished : bool
        Whether every network was done.
    """

    content: file.ModelFile | None
    trained: dict[str, Trained]
    finished: bool

    @property
    def failed(self) -> dict[str, int]:
        """The networks whose loss became no number, and in which epoch."""
        return {
            factor: network.failed_in
            for factor, network in self.trained.items()
            if network.failed_in is not None
        }


def settings(
    epochs: int | None = None,
    seed: int = 0,
    learning_rate: float | None = None,
    *,
    adapting: bool = False,
) -> Settings:
    """Choose how to train.

    Parameters
    ----------
    epochs : int or None
        How often every note is heard; 14 where None, 6 to adapt a soloist.
    seed : int
        Where chance begins.
    learning_rate : float or None
        0.002 where None, 0.0003 to adapt a soloist.
    adapting : bool
        Whether a soloist is adapted.

    Returns
    -------
    Settings
        The settings.
    """
    usual = Settings(epochs=6, learning_rate=3e-4) if adapting else Settings()
    return replace(
        usual,
        epochs=usual.epochs if epochs is None else epochs,
        learning_rate=usual.learning_rate if learning_rate is None else learning_rate,
        seed=seed,
    )


def counted(solos: Sequence[Events], held_out: Sequence[Events]) -> NGram:
    """Count the n-gram that is put beside the networks.

    Parameters
    ----------
    solos : sequence of Events
        What is counted.
    held_out : sequence of Events
        What its experts' weights are fitted on.

    Returns
    -------
    NGram
        The one called ``blend``.
    """
    return ngram.train(solos, held_out, loading.fingerprint(solos)).called("blend")


def checkpoints(out: Path) -> dict[str, Path]:
    """Name the checkpoints of a soloist's networks: beside it.

    Parameters
    ----------
    out : pathlib.Path
        Where the model shall be written.

    Returns
    -------
    dict of str to pathlib.Path
        One for each factor.
    """
    return {
        factor: out.with_name(f"{out.stem}.{factor}.checkpoint.safetensors")
        for factor in hearing.FACTORS
    }


def in_meter(item: loading.Item) -> Events | None:
    """Take a solo as events in its own meter.

    Parameters
    ----------
    item : loading.Item
        A solo.

    Returns
    -------
    Events or None
        In 4/4 the benchmark's own; None in a meter that the soloist does not hear (it hears 3/4,
        4/4, 5/4 and 6/4) and where there is no note to learn.
    """
    if item.common_time:
        events = item.events
    else:
        events = from_solo(item.solo, item.name)
        meters = (
            {bar.meter.ticks_per_bar for bar in item.solo.changes.bars}
            if (item.solo.changes)
            else set()
        )
        if len(meters) != 1 or events.ticks_per_bar not in hearing.METERS:
            return None
    return events if len(events) > 1 else None


def read(paths: Sequence[Path], split: Path | None = None) -> tuple[list[Events], list[Events]]:
    """Read the solos to learn from, and those to be held out.

    Parameters
    ----------
    paths : sequence of pathlib.Path
        Databases in the Weimar schema, MIDI files, lead sheets, or folders of them.
    split : pathlib.Path or None
        JSON whose parts ``train`` and ``valid`` are taken; a tune in ten is held out where None.

    Returns
    -------
    learnt, held_out : list of Events
        Solos in 3/4, 4/4, 5/4 and 6/4.

    Raises
    ------
    SidemanError
        If something cannot be read, or there is nothing to learn from or to hold out.
    """
    if split is None:
        return divided(loading.select(paths).items)
    learnt, held_out = (
        [
            events
            for item in loading.select(paths, split, part).items
            if (events := in_meter(item)) is not None
        ]
        for part in ("train", "valid")
    )
    # What is held out is what the benchmark scores.
    held_out = [events for events in held_out if events.ticks_per_bar == BAR]
    if not learnt or not held_out:
        raise MusicError(f"{split}: leaves nothing to learn from, or nothing in 4/4 to hold out.")
    return learnt, held_out


def divided(items: Sequence[loading.Item]) -> tuple[list[Events], list[Events]]:
    """Divide solos into those to learn from and those to be held out, by tune.

    Parameters
    ----------
    items : sequence of loading.Item
        The solos.

    Returns
    -------
    learnt, held_out : list of Events
        A tune in ten is held out, chosen by a hash of its title; the last tune where none is.

    Raises
    ------
    MusicError
        If all solos are of one tune.
    """
    tunes: dict[str, list[Events]] = {}
    for item in items:
        events = in_meter(item)
        if events is not None:
            # "My Favourite Things-2" is a second take of the same tune.
            title = _TAKE.sub("", item.solo.title or item.name)
            tunes.setdefault(title, []).append(events)
    if len(tunes) < 2:
        raise MusicError(
            "There is nothing to hold out: give solos over two tunes or more, or a --split."
        )
    names = sorted(tunes)
    chosen = [name for name in names if zlib.crc32(name.encode()) % 10 == 0][: len(names) - 1]
    chosen = chosen or names[-1:]
    learnt = [events for name in names if name not in chosen for events in tunes[name]]
    return learnt, [events for name in chosen for events in tunes[name]]


def learn(
    solos: Sequence[Events],
    held_out: Sequence[Events],
    *,
    settings: Settings = Settings(),
    units: Mapping[str, int] = UNITS,
    begin: Soloist | None = None,
    partner: NGram | None = None,
    checkpoint: Mapping[str, Path] | None = None,
    report: Callable[[Progress], None] | None = None,
    stop: Callable[[], bool] | None = None,
) -> Learnt:
    """Train a soloist: a network for each factor, and how to weigh them with an n-gram.

    Parameters
    ----------
    solos, held_out : sequence of Events
        What is learnt from, and what says when it is enough.
    settings : Settings
        How; its units are not looked at.
    units : mapping of str to int
        Units of each factor's LSTM.
    begin : Soloist or None
        A soloist to go on from; its ear and its sizes are kept.
    partner : NGram or None
        The n-gram, counted on `solos`, that is put beside the networks; where a soloist is gone on
        from, its own stays.
    checkpoint : mapping of str to pathlib.Path or None
        Where each network is left and gone on from.
    report, stop : callable or None
        As in :func:`train`.

    Returns
    -------
    Learnt
        The model.

    Raises
    ------
    MusicError
        If there is nothing to learn from.
    ModelError
        If a checkpoint belongs to another training.
    MissingExtraError
        If JAX is not installed.
    """
    if not any(len(events) > 1 for events in solos) or not any(len(e) > 1 for e in held_out):
        raise MusicError("There is nothing to learn from: give solos with notes.")
    jax = load_jax()
    ear = begin.ear if begin is not None else ear_of(solos)
    identity = f"{loading.fingerprint(solos)} {loading.fingerprint(held_out)}"
    trained: dict[str, Trained] = {}
    beside: list[dict[str, Array]] | None = None
    beside_held_out: list[dict[str, Array]] | None = None
    if begin is not None and begin.partner is not None:
        # It has not counted these solos; and it stays as it is.
        partner = begin.partner
        beside = [soloist.partner_logs(partner.distributions(events), ear) for events in solos]
    elif partner is not None:
        beside = partner_of_all(solos, partner, ear)
    if partner is not None:
        beside_held_out = [
            soloist.partner_logs(partner.distributions(events), ear) for events in held_out
        ]
    for factor in hearing.FACTORS:
        weights = None if begin is None else dict(begin.weights[factor][0])
        own = replace(
            settings,
            units=units[factor] if weights is None else weights["recurrent_kernel"].shape[0],
        )
        trained[factor] = train(
            gather(solos, ear, factor, _one(beside, factor)),
            gather(held_out, ear, factor, _one(beside_held_out, factor)),
            ear,
            factor,
            own,
            begin=weights,
            checkpoint=None if checkpoint is None else checkpoint[factor],
            identity=identity,
            report=report,
            stop=stop,
        )
        if not trained[factor].finished and trained[factor].failed_in is None:
            return Learnt(None, trained, False)
    if not all(network.held_out for network in trained.values()):
        return Learnt(None, trained, False)
    model = Soloist(
        ear,
        {factor: (network.weights,) for factor, network in trained.items()},
        partner=partner,
    )
    told = {
        "epochs": {factor: len(network.losses) for factor, network in trained.items()},
        "held_out": {factor: min(network.held_out) for factor, network in trained.items()},
        "notes": sum(len(events) - 1 for events in solos),
        "solos": len(solos),
        **{key: value for key, value in asdict(settings).items() if key not in ("epochs", "units")},
    }
    content = soloist.to_file(
        model,
        corpus=loading.fingerprint(solos),
        training=told,
        versions={"jax": str(jax.__version__), "numpy": np.__version__, "sideman": __version__},
    )
    return Learnt(content, trained, all(network.finished for network in trained.values()))


def _one(beside: Sequence[Mapping[str, Array]] | None, factor: str) -> list[Array] | None:
    return None if beside is None else [each[factor] for each in beside]
