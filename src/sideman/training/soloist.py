"""Training the soloist: solos → three networks, each by itself.

A network is trained on whole solos, its state carried from window to window.  The solos are laid on
parallel streams in an order that is random in each epoch; an update takes the next window of all
streams.  Randomness depends on the seed and the epoch's number only, so that a resumed training
gives the same bytes as one without a stop.

The optimiser is AdamW (Ilya Loshchilov and Frank Hutter, "Decoupled Weight Decay Regularization",
ICLR 2019) with a cosine schedule and clipped gradients; the result is a running average of the
weights (Boris Polyak and Anatoli Juditsky, 1992), from the epoch in which it did best on held-out
solos.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from sideman.errors import MusicError
from sideman.models import encoding, motifs, soloist
from sideman.models.corpus import CorpusCounts
from sideman.models.encoding import Example, Vocabulary
from sideman.models.events import Events
from sideman.training import devices, gradients
from sideman.training.adam import Adam
from sideman.training.checkpoint import Checkpoint, Epochs, Pause, State
from sideman.training.networks import load_jax
from sideman.training.plan import UNWATCHED, Progress, Watch

Array = NDArray[np.float32]
ADAM = Adam(beta_2=0.99, epsilon=1e-8)
_DECAYED = ("kernel", "recurrent_kernel", "dense_kernel", "gate_kernel")


@dataclass(frozen=True, slots=True)
class Settings:
    """How to train one network.

    Parameters
    ----------
    epochs : int
        How many at most; the learning rate falls over so many.
    units : int
        Units of the LSTM.
    seed : int
        Of the random numbers.
    learning_rate : float
        At the beginning, after a short warming up.
    weight_decay : float
        What an update takes off the kernels, times the learning rate.
    dropout, input_dropout, recurrent_dropout, label_dropout, corpus_dropout : float
        Shares of outputs, of inputs and of the recurrent kernel set to zero, of solos without their
        player's label, and of solos without the counts of the corpus.
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
    recurrent_dropout: float = 0.0
    label_dropout: float = 0.5
    corpus_dropout: float = 0.2
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


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """One factor of many solos, end to end; the last row is silence.

    Parameters
    ----------
    vocabulary : Vocabulary
        The values and players that are told apart.
    factor : str
        Which factor.
    index, dense, counts, meaning, target
        Of :class:`sideman.models.encoding.Example`.
    starts : array of int, shape (solos + 1,)
        Where each solo begins.
    """

    vocabulary: Vocabulary
    factor: str
    index: NDArray[np.int32]
    dense: Array
    counts: NDArray[np.float16]
    meaning: NDArray[np.int32]
    target: NDArray[np.int32]
    starts: NDArray[np.int64]

    @property
    def solos(self) -> int:
        """The number of solos."""
        return len(self.starts) - 1

    @property
    def notes(self) -> int:
        """The number of notes that are learnt: all but each solo's first."""
        return int(self.starts[-1]) - self.solos

    def without_corpus(self) -> Part:
        """Return the part without the counts of the corpus."""
        motifs_alone = self.counts[..., : motifs.size(encoding.MEMORIES[self.factor])]
        vocabulary = replace(self.vocabulary, corpus={})
        return replace(self, vocabulary=vocabulary, counts=np.ascontiguousarray(motifs_alone))

    @property
    def unknown_player(self) -> int:
        """The row of the kernel that stands for an unknown player."""
        numbers = self.vocabulary.dense(self.factor) + self.vocabulary.counters(self.factor)
        return self.vocabulary.inputs(self.factor) - numbers - len(self.vocabulary.performers) - 1


def gather(
    solos: Sequence[Events],
    vocabulary: Vocabulary,
    factor: str,
    less: Sequence[CorpusCounts | None] | None = None,
) -> Part:
    """Lay out one factor of many solos.

    Parameters
    ----------
    solos : sequence of Events
        The solos.
    vocabulary : Vocabulary
        What can be told apart.
    factor : str
        Which factor.
    less : sequence of CorpusCounts, or None
        For each solo what is subtracted from the counts of the corpus.

    Returns
    -------
    Part
        Their arrays; the counts in half precision, or they would not fit.
    """
    lessons: list[Example] = []
    halves = []
    for number, events in enumerate(solos):
        label = vocabulary.label(events.performer)
        lesson = vocabulary.example(
            encoding.encode(events), events, factor, label, less[number] if less else None
        )
        halves.append(lesson.counts.astype(np.float16))
        lessons.append(replace(lesson, counts=halves[-1][:0].astype(np.float32)))
    starts = np.cumsum([0, *(len(lesson.target) for lesson in lessons)])

    def joined(arrays: list[Any], kind: Any, last: int = 0) -> Any:
        silence = np.full((1, *arrays[0].shape[1:]), last, dtype=kind)
        return np.concatenate([*arrays, silence], axis=0, dtype=kind, casting="unsafe")

    return Part(
        vocabulary,
        factor,
        joined([lesson.index for lesson in lessons], np.int32, -1),
        joined([lesson.dense for lesson in lessons], np.float32),
        joined(halves, np.float16),
        joined([lesson.meaning for lesson in lessons], np.int32, 96),
        joined([lesson.target for lesson in lessons], np.int32),
        starts,
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


def fresh(vocabulary: Vocabulary, factor: str, units: int, rng: Generator) -> dict[str, Array]:
    """Return random first weights by :data:`sideman.models.soloist.NAMES`.

    Kernels are uniform after Glorot and Bengio (2010), the recurrent one orthogonal, the forget
    gate's bias one, and the counters' gates 0.2.
    """
    shapes = soloist.shapes(vocabulary, factor, units)
    weights = {name: np.zeros(shape, dtype=np.float32) for name, shape in shapes.items()}
    # Of the many inputs only one in each field is not zero.
    heard = len(encoding.INPUTS[factor]) + vocabulary.dense(factor)
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
    return weights


def widened(weights: Mapping[str, Array], vocabulary: Vocabulary, factor: str) -> dict[str, Array]:
    """Return the weights of a network that takes the counts of a corpus too.

    The new parameters are zero, but for gates of 0.05 and priors of 4.
    """
    units = weights["recurrent_kernel"].shape[0]
    found = {}
    for name, shape in soloist.shapes(vocabulary, factor, units).items():
        more = [(0, wanted - size) for wanted, size in zip(shape, weights[name].shape, strict=True)]
        found[name] = np.pad(weights[name], more)
    added = len(found["prior"]) - len(weights["prior"])
    if added:
        found["dense_bias"][-added:] = 0.05
        found["prior"][-added:] = math.log(4)
    return found


class Batch(NamedTuple):
    """The inputs and targets of one update, B streams by T notes."""

    index: Any
    dense: Any
    counts: Any
    meaning: Any
    target: Any
    weigh: Any
    begins: Any


def network(
    jax: Any, vocabulary: Vocabulary, factor: str, recurrent_dropout: float = 0.0
) -> Callable[..., Any]:
    """Write a factor's network in JAX.

    Parameters
    ----------
    jax : module
        JAX.
    vocabulary : Vocabulary
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
    inputs = vocabulary.inputs(factor)
    counters = vocabulary.counters(factor)
    onehot = inputs - vocabulary.dense(factor) - counters
    parts = vocabulary.parts(factor)
    cuts = np.cumsum(parts).tolist()
    iois = jnp.asarray(vocabulary.iois, jnp.int32)
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
        numbers = jnp.concatenate([batch.dense, heard * encoding.SUMMED], axis=-1)
        inputs = by_row.reshape(rows, length, -1) + numbers @ w["kernel"][onehot:] + w["bias"]
        z = jnp.swapaxes(inputs, 0, 1)  # (T, B, 4U)
        begins = jnp.swapaxes(batch.begins, 0, 1)[..., None]
        kernel = w["recurrent_kernel"]
        if key is not None and recurrent_dropout:
            key, own = jax.random.split(key)
            keep = 1 - recurrent_dropout
            kernel = jnp.where(jax.random.bernoulli(own, keep, kernel.shape), kernel / keep, 0)
        state, hs = recurrent(z, kernel, state, begins)
        h = jnp.swapaxes(hs, 0, 1)  # (B, T, U)
        if key is not None:
            keep = 1 - dropout
            h = jnp.where(jax.random.bernoulli(other, keep, h.shape), h / keep, 0)
        out = h @ w["dense_kernel"] + w["dense_bias"]
        pieces = jnp.split(out, cuts, axis=-1)
        gates = pieces.pop() + heard @ w["gate_kernel"]
        logits = pieces[0]
        if factor == "pitch":  # the escape alone stands by itself
            logits = jnp.concatenate([jnp.zeros((rows, length, encoding.CORE)), logits], axis=-1)
        tables = encoding.meanings(factor, batch.meaning, iois, jnp)
        for piece, table in zip(pieces[1:], tables, strict=True):
            each = piece.shape[-1] == encoding.CORE  # of the pitches themselves none is looked up
            found = piece if each else jnp.take_along_axis(piece, table, axis=-1)
            escape = logits.shape[-1] - found.shape[-1]
            logits = logits + jnp.pad(found, ((0, 0), (0, 0), (0, escape)))
        base = jax.nn.log_softmax(logits)
        lift = lifted(base[..., : counted.shape[2]], gates, w["prior"], counted)
        escape = base.shape[-1] - lift.shape[-1]
        base = base + jnp.pad(lift, ((0, 0), (0, 0), (0, escape)))
        return jax.nn.log_softmax(base), state

    return run


def _batch(
    part: Part,
    rows: NDArray[np.int64],
    forget: NDArray[np.bool_] | None = None,
    without: NDArray[np.bool_] | None = None,
    firsts: bool = False,
) -> Batch:
    """Collect what the rows of one window hold.

    The solos that are to `forget` (all where None) do not know their player, and those
    `without` the corpus not its counts; `firsts` says whether a solo's first note is learnt.
    """
    index = part.index[rows]
    solo = np.minimum(np.searchsorted(part.starts, rows, side="right") - 1, len(part.starts) - 2)
    unknown = True if forget is None else forget[solo]
    index[..., -1] = np.where(unknown, part.unknown_player, index[..., -1])
    begins = np.isin(rows, part.starts)
    counts = part.counts[rows]
    if without is not None:
        of_corpus = counts[..., motifs.size(encoding.MEMORIES[part.factor]) :]
        of_corpus *= ~without[solo][..., None, None]
    return Batch(
        index,
        part.dense[rows],
        counts,
        part.meaning[rows],
        part.target[rows],
        (rows < part.starts[-1] if firsts else ~begins).astype(np.float32),
        begins.astype(np.float32),
    )


@dataclass(frozen=True, slots=True)
class TrainedNetwork:
    """What came of training one network.

    Parameters
    ----------
    weights : dict of str to ndarray
        The best average.
    losses, held_out : tuple of float
        Nats per note of each epoch, in training and on the held-out solos.
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
    settings: Settings,
    *,
    begin: dict[str, Array] | None = None,
    checkpoint: Path | None = None,
    identity: str = "",
    watch: Watch = UNWATCHED,
) -> TrainedNetwork:
    """Train one factor's network, on all devices among which its streams can be shared evenly.

    Parameters
    ----------
    part, held_out : Part
        What is learnt from, and what says when to stop.
    settings : Settings
        How.
    begin : dict of str to ndarray or None
        The weights to begin with; random ones where None.
    checkpoint : pathlib.Path or None
        Where the training is kept and resumed from.
    identity : str
        What must be the same to resume a training, such as the corpus's fingerprint.
    watch : Watch
        What is called meanwhile.

    Raises
    ------
    ModelError
        If the checkpoint belongs to another training.
    """
    jax = load_jax()
    weights = begin or fresh(
        part.vocabulary, part.factor, settings.units, np.random.default_rng(settings.seed)
    )
    zeros = {name: np.zeros_like(value) for name, value in weights.items()}
    moving = {"weights": weights, "first": zeros, "second": zeros, "average": weights}
    silent = np.zeros((min(settings.streams, part.solos), weights["recurrent_kernel"].shape[0]))
    memory = dict.fromkeys(("h", "c"), silent.astype(np.float32))
    state = State({**moving, "best": weights, "memory": memory})
    kept = None
    if checkpoint is not None:
        recipe = {"factor": part.factor, **asdict(settings)}
        kept = Checkpoint(checkpoint, recipe, identity)
        state = kept.begin(state, settings.epochs)
    lesson = _Training(jax, part, held_out, settings, watch)

    def told(state: State, seconds: float) -> None:
        if watch.report is not None:
            done, loss, quality = len(state.losses), state.losses[-1], state.held_out[-1]
            watch.report(
                Progress(done, settings.epochs, loss, part.notes, seconds, part.factor, quality)
            )

    outcome = Epochs(settings.epochs, lesson.epoch, kept, told, watch.stop, settings.patience).run(
        state
    )
    state = outcome.state
    weights = {name: np.asarray(value, np.float32) for name, value in state.trees["best"].items()}
    return TrainedNetwork(
        weights, state.losses, state.held_out, outcome.finished, outcome.failed_in
    )


class _Training:
    """The compiled functions of one training, and the windows that they are called with."""

    def __init__(
        self, jax: Any, part: Part, held_out: Part, settings: Settings, watch: Watch
    ) -> None:
        self._jax, self._part, self._settings, self._watch = jax, part, settings, watch
        self._held_out = held_out
        self._run = network(jax, part.vocabulary, part.factor, settings.recurrent_dropout)
        self._count = min(settings.streams, part.solos)
        shared = devices.several(jax, self._count)
        self._dealt, self._copied = devices.placing(jax, shared)
        per_epoch = -(-int(part.starts[-1]) // (self._count * settings.window))
        self._total = settings.epochs * per_epoch
        self._update = jax.jit(self._updated, donate_argnums=(0,))
        self._surprise = jax.jit(self._summed)
        # As many streams on each device: where solos are fewer, some streams are silent.
        self._quiet = -(-min(settings.streams, held_out.solos) // shared) * shared
        longest_first = np.argsort(-np.diff(held_out.starts), kind="stable")
        self._laid_out = streams(held_out, self._quiet, settings.window, longest_first)

    def _loss(self, w: Any, batch: Batch, memory: Any, key: Any) -> Any:
        jnp, settings = self._jax.numpy, self._settings
        log_p, memory = self._run(w, batch, memory, key, settings.dropout, settings.input_dropout)
        nats = -jnp.take_along_axis(log_p, batch.target[..., None], axis=-1)[..., 0]
        return (nats * batch.weigh).sum() / jnp.maximum(batch.weigh.sum(), 1), memory

    def _summed(self, w: Any, batch: Batch, memory: Any) -> Any:
        value, memory = self._loss(w, batch, memory, None)
        return value * batch.weigh.sum(), memory

    def _updated(self, moving: Any, batch: Batch, memory: Any, key: Any, at: Any) -> Any:
        """Compute weights, moments and average after an update, the LSTM's state, and the loss."""
        jnp, settings, w = self._jax.numpy, self._settings, moving["weights"]
        slope_of = self._jax.value_and_grad(self._loss, has_aux=True)
        (value, memory), slope = slope_of(w, batch, memory, key)
        norm = jnp.sqrt(sum((g * g).sum() for g in slope.values()))
        slope = {name: g * jnp.minimum(1.0, 1.0 / (norm + 1e-9)) for name, g in slope.items()}
        at = at + 1
        warm = jnp.minimum(1.0, at / 50)
        fall = 0.02 + 0.98 * 0.5 * (1 + jnp.cos(jnp.pi * jnp.minimum(1.0, at / self._total)))
        rate = settings.learning_rate * warm * fall
        steps, (first, second) = ADAM.steps(
            self._jax, slope, (moving["first"], moving["second"]), at, rate
        )
        keep = jnp.minimum(settings.average, (1 + at) / (10 + at))
        new = {}
        for name, step in steps.items():
            decay = rate * settings.weight_decay if name in _DECAYED else 0.0
            new[name] = w[name] * (1 - decay) - step
        average = {
            name: keep * moving["average"][name] + (1 - keep) * value for name, value in new.items()
        }
        return (
            {"weights": new, "first": first, "second": second, "average": average},
            memory,
            value,
        )

    def _silence(self, rows: int) -> Any:
        shape = (rows, self._settings.units)
        return self._dealt((self._jax.numpy.zeros(shape), self._jax.numpy.zeros(shape)))

    def _nats(self, w: Any) -> float:
        """Compute the mean nats per note on the held-out solos."""
        sum_of, memory = 0.0, self._silence(self._quiet)
        for rows in self._laid_out:
            batch = self._dealt(_batch(self._held_out, rows))
            value, memory = self._surprise(w, batch, memory)
            sum_of += float(value)
        return sum_of / self._held_out.notes

    def epoch(self, state: State, pause: Pause) -> State:
        """Compute the state after one epoch more, or within it where `pause` says so."""
        jax, part, settings = self._jax, self._part, self._settings
        epoch, at, done = len(state.losses), state.updates, state.within
        rng = np.random.default_rng([settings.seed, epoch])
        laid = streams(part, self._count, settings.window, rng.permutation(part.solos))
        forget = rng.random(part.solos) < settings.label_dropout
        without = rng.random(part.solos) < settings.corpus_dropout
        key = jax.random.key(int(rng.integers(1 << 31)))
        # Copies, for the update takes its arguments' memory.
        moving = {
            tree: self._copied(jax.tree.map(jax.numpy.array, dict(state.trees[tree])))
            for tree in ("weights", "first", "second", "average")
        }
        memory = self._dealt(tuple(map(jax.numpy.array, state.trees["memory"].values())))
        sums = _Sums(*state.sums)
        for rows in laid[done:]:
            batch = _batch(part, rows, forget, without, firsts=part.factor != "ioi")
            weigh = float(batch.weigh.sum())
            moving, memory, value = self._update(
                moving,
                self._dealt(batch),
                memory,
                jax.random.fold_in(key, at),
                jax.numpy.float32(at),
            )
            # What is asked of JAX is done later: this waits for the update before the last.
            sums.add(value, weigh)
            at, done = at + 1, done + 1
            if self._watch.tick is not None:
                notes = part.notes * settings.epochs
                share = (done / len(laid) + epoch) / settings.epochs
                self._watch.tick(part.factor, round(share * notes), notes)
            if done == len(laid):
                break

            def within(
                moving: Any = moving, memory: Any = memory, at: int = at, done: int = done
            ) -> State:
                carried = dict(zip(("h", "c"), memory, strict=True))
                trees = {**moving, "best": state.trees["best"], "memory": carried}
                return State(trees, state.losses, state.held_out, at, done, sums.all())

            if (stopped := pause(within)) is not None:
                return stopped
        nats, weights = sums.all()
        heard = nats / weights
        quality = self._nats(moving["average"])
        better = not state.held_out or quality < min(state.held_out)
        best = moving["average"] if better else state.trees["best"]
        silent = dict(zip(("h", "c"), self._silence(self._count), strict=True))
        return State(
            {**moving, "best": best, "memory": silent},
            (*state.losses, heard),
            (*state.held_out, quality),
            at,
        )


class _Sums:
    """The sums of nats and of weights of an epoch, in the order of its updates."""

    def __init__(self, nats: float, weights: float) -> None:
        self._nats, self._weights = nats, weights
        self._last: tuple[Any, float] | None = None

    def add(self, value: Any, weigh: float) -> None:
        """Add an update's mean loss, of which the value is asked for at the next call."""
        self.all()
        self._last = value, weigh

    def all(self) -> tuple[float, float]:
        """Return the sums of all updates."""
        if self._last is not None:
            value, weigh = self._last
            self._nats, self._weights = self._nats + float(value) * weigh, self._weights + weigh
            self._last = None
        return self._nats, self._weights


def vocabulary_of(solos: Sequence[Events]) -> Vocabulary:
    """Return the IOIs that occur three times or more in a corpus, and its players.

    Raise MusicError if there is no such IOI.
    """
    iois = np.concatenate([events.ioi[1:] for events in solos] or [np.zeros(0, np.int64)])
    values, times = np.unique(iois, return_counts=True)
    often = values[times >= 3]
    if not len(often):
        raise MusicError("There is nothing to learn from: give solos with more notes.")
    return Vocabulary(often, tuple(sorted({events.performer for events in solos} - {""})))
