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
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from sideman.errors import ModelError, MusicError
from sideman.models import file, hearing, motifs, soloist
from sideman.models.events import Events
from sideman.models.hearing import Ear, Lesson
from sideman.training import devices, gradients
from sideman.training.networks import load_jax

Array = NDArray[np.float32]
UNITS = {"ioi": 256, "pitch": 256, "duration": 128}
BETA_1, BETA_2, EPSILON = 0.9, 0.99, 1e-8
SAVE_EVERY_SECONDS = 30.0
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
    streams: int = 16
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

    Long solos are laid first, so that the streams end together, and each stream is then played in
    the order that was given.

    Parameters
    ----------
    part : Part
        The solos.
    count, window : int
        Streams, and notes in a window.
    order : array of int
        The order of the solos.

    Returns
    -------
    array of int, shape (windows, count, window)
        Rows of the part; its last row (silence) where a stream has ended.
    """
    silence = int(part.starts[-1])
    sizes = np.diff(part.starts)[order]
    # By the power of two: among solos of about a length chance decides.
    longest_first = np.argsort(-np.floor(np.log2(np.maximum(sizes, 1))), kind="stable")
    length = np.zeros(count, dtype=np.int64)
    lines: list[list[int]] = [[] for _ in range(count)]
    for place in longest_first:
        shortest = int(length.argmin())
        lines[shortest].append(int(place))
        length[shortest] += sizes[place]
    windows = -(-int(length.max()) // window)
    laid = np.full((count, windows * window), silence, dtype=np.int64)
    for stream, places in enumerate(lines):
        if places:
            solos = order[sorted(places)]
            laid[stream, : length[stream]] = np.concatenate(
                [np.arange(part.starts[solo], part.starts[solo + 1]) for solo in solos]
            )
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
    recurrent, added, lifted = gradients.lstm(jax), gradients.rows(jax), gradients.lift(jax, 1e-6)

    def run(
        w: Any, batch: Batch, state: Any, key: Any, dropout: float, input_dropout: float
    ) -> tuple[Any, Any]:
        rows, length = batch.target.shape
        # Half precision until here: what is copied for every update is half as much.
        counted = batch.counts.astype(jnp.float32)
        heard = jnp.log1p(counted.sum(axis=2))  # (B, T, K)
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
        by_row = added(
            w["kernel"][:onehot],
            index.reshape(rows * length, -1),
            value.reshape(rows * length, -1),
        )
        numbers = jnp.concatenate([batch.dense, heard * hearing.SUMMED], axis=-1)
        inputs = by_row.reshape(rows, length, -1) + numbers @ w["kernel"][onehot:] + w["bias"]
        z = jnp.swapaxes(inputs, 0, 1)  # (T, B, 4U)
        begins = jnp.swapaxes(batch.begins, 0, 1)[..., None]
        state, hs = recurrent(z, w["recurrent_kernel"], state, begins)
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
            each = piece.shape[-1] == hearing.CORE  # of the pitches themselves none is looked up
            found = piece if each else jnp.take_along_axis(piece, table, axis=-1)
            escape = logits.shape[-1] - found.shape[-1]
            logits = logits + jnp.pad(found, ((0, 0), (0, 0), (0, escape)))
        base = jax.nn.log_softmax(logits)
        lift = lifted(base[..., : counted.shape[2]], gates, w["prior"], counted)
        escape = base.shape[-1] - lift.shape[-1]
        base = base + jnp.pad(lift, ((0, 0), (0, 0), (0, escape)))
        own = jax.nn.log_softmax(base)
        if batch.partner is None:
            return own, state

        def doubt(log_p: Any) -> Any:
            return -(jnp.exp(log_p) * log_p).sum(axis=-1, keepdims=True) - 1

        one = jnp.ones((rows, length, 1))
        partner = batch.partner.astype(jnp.float32)
        said = [h, one, doubt(own), doubt(partner)]
        powers = jnp.concatenate(said, axis=-1) @ w["partner_kernel"]
        both = jax.nn.log_softmax(powers[..., :1] * own + powers[..., 1:] * partner)
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
        part.counts[rows],
        part.meaning[rows],
        part.target[rows],
        (rows < part.starts[-1] if firsts else ~begins).astype(np.float32),
        begins.astype(np.float32),
        None if part.partner is None else part.partner[rows],
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
    tick: Callable[[str, int, int], None] | None = None,
) -> Trained:
    """Train one factor's network, on all devices among which its streams can be shared evenly.

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
    tick : callable or None
        Called after each update with the factor, the notes heard so far in all epochs, and those
        that all epochs will have heard.

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
    shared = devices.several(jax, count)
    dealt, copied = devices.placing(jax, shared)
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
        return dealt((jnp.zeros((rows, units)), jnp.zeros((rows, units))))

    # As many streams on each device: where solos are fewer, some streams are silent.
    quiet = -(-min(settings.streams, len(held_out.starts) - 1) // shared) * shared
    laid_out = streams(
        held_out, quiet, settings.window, np.argsort(-np.diff(held_out.starts), kind="stable")
    )

    def listen(w: Any) -> float:
        sum_of, memory = 0.0, silence(quiet)
        for rows in laid_out:
            value, memory = surprise(w, dealt(_batch(held_out, rows, nobody)), memory)
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
            copied(jax.tree.map(jnp.array, tree))
            for tree in (state.weights, state.first, state.second, state.average)
        ]
        memory, at, losses = silence(count), state.updates, []
        for rows in laid:
            batch = _batch(part, rows, nobody, forget, leave, firsts=factor != "ioi")
            weigh = float(batch.weigh.sum())
            *moving, memory, value = update(
                *moving, dealt(batch), memory, jax.random.fold_in(key, at), jnp.float32(at)
            )
            losses.append((value, weigh))
            at += 1
            if tick is not None:
                # What is asked of JAX is done later: wait for the update before the last.
                jax.block_until_ready(losses[-2:][0][0])
                share = (len(losses) / len(laid) + epoch) / settings.epochs
                tick(factor, round(share * notes * settings.epochs), notes * settings.epochs)
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
        if checkpoint is not None and time.monotonic() - saved > SAVE_EVERY_SECONDS:
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
