"""Sequences → a network: the loop, its checkpoints, and what it does when things go wrong.

The symbols are tokens of solos or letters of names.

An epoch contains every token of the corpus once.  Each solo is cut into windows of equal length at
a random phase (names are never cut), and the windows are shuffled into batches.  The network begins
each window with a zero state and the token before it as input (zero before the first).  Randomness
depends on the seed and the epoch's number only, so that a resumed training gives the same bytes as
one without a stop.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sideman.errors import MusicError
from sideman.models import file, lstm
from sideman.models.file import ModelFile
from sideman.training import tokens
from sideman.training.checkpoint import Checkpoint, Epochs, Pause, State, beside, stored
from sideman.training.networks import Network, by_keras, fresh_weights, load_jax
from sideman.training.plan import UNWATCHED, History, Progress, Trained, Watch
from sideman.version import VERSION

Indices = NDArray[np.int32]
Array = NDArray[np.float32]
MOST_EPOCHS = 100_000
_PAUSE_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Settings:
    """How to train.

    Parameters
    ----------
    epochs : int
        Passes over the corpus.
    units : int
        Units of the LSTM.
    seed : int
        Of the random numbers.
    learning_rate, decay : float
        The rate is learning_rate / (1 + decay · updates).
    window : int
        Tokens in a window.
    batch : int
        Windows at a time.
    whole : bool
        Whether windows begin where sequences begin, whatever chance says.

    Raises
    ------
    MusicError
        If one of them is out of its bounds.
    """

    epochs: int = 30
    units: int = lstm.UNITS
    seed: int = 0
    learning_rate: float = 0.01
    decay: float = 0.001
    window: int = 64
    batch: int = 16
    whole: bool = False

    def __post_init__(self) -> None:
        for name, value, most in (
            ("epochs", self.epochs, MOST_EPOCHS),
            ("units", self.units, lstm.MOST_UNITS),
            ("window", self.window, 4096),
            ("batch", self.batch, 4096),
        ):
            if not 1 <= value <= most:
                raise MusicError(f"{value} {name}: give a number from 1 to {most}.", field=name)
        if not 0 <= self.seed < 1 << 63:
            raise MusicError(f"A seed of {self.seed}: give a whole number from 0 up.", field="seed")
        if not (0 < self.learning_rate <= 10 and 0 <= self.decay <= 10):
            raise MusicError(
                f"A learning rate of {self.learning_rate:g} with decay {self.decay:g}: give a rate "
                "above 0 and a decay from 0, up to 10.",
                field="learning_rate",
            )

    @property
    def texts(self) -> dict[str, str]:
        """Epochs, units and learning rate as text."""
        return {name: f"{getattr(self, name):g}" for name in ("epochs", "units", "learning_rate")}


@dataclass(frozen=True, slots=True)
class SequencePlan:
    """The plan of a network of one kind on sequences: see :class:`sideman.training.plan.Plan`."""

    sentences: Sequence[Sequence[str]]
    settings: Settings
    kind: str
    unit: str
    description: str

    @property
    def epochs(self) -> int:
        """The epochs."""
        return self.settings.epochs

    @property
    def learning_rate(self) -> float:
        """The initial learning rate."""
        return self.settings.learning_rate

    def train(self, out: Path | None, watch: Watch) -> Trained:
        """Train the network (:func:`train`)."""
        return train(self.sentences, self.settings, out=out, watch=watch, kind=self.kind)


def train(
    sentences: Sequence[Sequence[str]],
    settings: Settings = Settings(),
    *,
    out: Path | None = None,
    watch: Watch = UNWATCHED,
    network: Callable[..., Network] = by_keras,
    kind: str = "course",
) -> Trained:
    """Train a network to say what comes next.

    Parameters
    ----------
    sentences : sequence of sequence of str
        The tokens of each solo (:func:`sideman.training.tokens.sentences`), or other symbols.
    settings : Settings
        How.
    out : pathlib.Path or None
        The model's path; a checkpoint of the same corpus and settings beside it is continued from.
        It is written every half minute and on stopping.
    watch : Watch
        What is called meanwhile.
    network : callable
        ``by_keras``, or ``by_equations``.
    kind : str
        The kind of model that the file shall be.

    Returns
    -------
    Trained
        The model.

    Raises
    ------
    MusicError
        If there is nothing to learn from.
    ModelError
        If the checkpoint belongs to another training.
    MissingExtraError
        If Keras and JAX are not installed.
    """
    if sum(map(len, sentences)) < 2:
        raise MusicError("There is nothing to learn from: give solos with notes.")
    vocabulary = tuple(sorted({word for words in sentences for word in words}))
    if len(vocabulary) > file.MOST_WORDS:
        raise MusicError(
            f"The corpus has {len(vocabulary)} different tokens, and a model holds at most "
            f"{file.MOST_WORDS}; give fewer files."
        )
    fingerprint = tokens.fingerprint(sentences)
    jax = load_jax()
    weights = fresh_weights(len(vocabulary), settings.units, np.random.default_rng(settings.seed))
    net = network(weights, learning_rate=settings.learning_rate, decay=settings.decay)
    windows = _Windows(sentences, vocabulary, settings)
    state = _state(net.weights, net.optimiser)
    kept = None
    if out is not None:
        # More epochs may be asked for on the way: no epoch depends on how many will follow.
        recipe = {key: value for key, value in asdict(settings).items() if key != "epochs"}
        kept = Checkpoint(beside(out), recipe, fingerprint, vocabulary)
        state = kept.begin(state, settings.epochs)

    compiled = jax.jit(_updates(jax, net, len(vocabulary)))
    none = np.float32(0), np.int32(0), np.int32(0)
    compiled = compiled.lower(*_lists(state), *none, *windows.epoch(0)).compile()
    some = 1

    def one(state: State, pause: Pause) -> State:
        nonlocal some
        heard = jax.device_put(windows.epoch(len(state.losses)))
        carry = (*_lists(state), np.float32(state.sums[0]))
        done, updates = state.within, state.updates - state.within
        while done < windows.updates:
            begun = time.perf_counter()
            until = min(done + some, windows.updates)
            carry = jax.block_until_ready(compiled(*carry, np.int32(done), np.int32(until), *heard))
            done = until
            if time.perf_counter() - begun < _PAUSE_SECONDS / 2:
                some *= 2
            if watch.tick is not None:
                notes = windows.tokens * settings.epochs
                share = (done / windows.updates + len(state.losses)) / settings.epochs
                watch.tick("", round(share * notes), notes)
            if done == windows.updates:
                break

            def within(carry: Any = carry, done: int = done) -> State:
                sums = (float(carry[2]), 0.0)
                return _state(*carry[:2], state.losses, (), updates + done, done, sums)

            if (stopped := pause(within)) is not None:
                return stopped
        losses = (*state.losses, float(carry[2]) / windows.tokens)
        return _state(*carry[:2], losses, (), updates + windows.updates)

    def told(state: State, seconds: float) -> None:
        if watch.report is not None:
            done, loss = len(state.losses), state.losses[-1]
            watch.report(Progress(done, settings.epochs, loss, windows.tokens, seconds))

    outcome = Epochs(settings.epochs, one, kept, told, watch.stop).run(state)
    state = outcome.state
    training = {
        **{key: value for key, value in asdict(settings).items() if key != "epochs"},
        "epochs": len(state.losses),
        "loss": state.losses[-1] if state.losses else None,
        "losses": stored(state.losses),
        "tokens": windows.tokens,
        "solos": len(sentences),
    }
    arrays = (np.asarray(array, np.float32) for array in _lists(state)[0])
    content = ModelFile(
        kind=kind,
        config={"units": settings.units},
        vocabulary=vocabulary,
        weights=dict(zip(lstm.NAMES, arrays, strict=True)),
        corpus=fingerprint,
        training=training,
        versions=_versions(jax),
    )
    failed = {} if outcome.failed_in is None else {"": outcome.failed_in}
    return Trained(
        content if state.losses else None, {"": History(state.losses)}, outcome.finished, failed
    )


def _state(weights: Sequence[Any], optimiser: Sequence[Any], *rest: Any) -> State:
    return State({"weight": _numbered(weights), "optimiser": _numbered(optimiser)}, *rest)


def _numbered(arrays: Sequence[Any]) -> dict[str, Any]:
    return {f"{number:03}": array for number, array in enumerate(arrays)}


def _lists(state: State) -> tuple[list[Any], list[Any]]:
    """Return the weights and the optimiser's variables."""
    return list(state.trees["weight"].values()), list(state.trees["optimiser"].values())


class _Windows:
    """The corpus cut into windows, anew for each epoch but always as many."""

    def __init__(
        self, sentences: Sequence[Sequence[str]], vocabulary: tuple[str, ...], settings: Settings
    ) -> None:
        index = {word: number for number, word in enumerate(vocabulary)}
        self.settings = settings
        self.tokens = sum(map(len, sentences))
        self.nothing = len(vocabulary)
        # Before the first token the input is zero.
        self.solos = [
            np.array([self.nothing, *(index[word] for word in words)], np.int32)
            for words in sentences
        ]
        spare = 0 if settings.whole else 1
        self.counts = [spare - (spare - len(words)) // settings.window for words in sentences]
        self.updates = -(-sum(self.counts) // settings.batch)

    def epoch(self, number: int) -> tuple[Indices, Indices]:
        """Cut the windows of an epoch.

        Returns
        -------
        inputs, targets : ndarray of int, shape (updates, B, T)
            Indices; V where there is none.
        """
        window, batch = self.settings.window, self.settings.batch
        rng = np.random.default_rng([self.settings.seed, number])
        cut = np.full((self.updates * batch, window + 1), self.nothing, np.int32)
        rows = iter(cut)
        for solo, count in zip(self.solos, self.counts, strict=True):
            start, length = 0, window if self.settings.whole else int(rng.integers(1, window + 1))
            for _ in range(count):
                piece = solo[start : start + length + 1]
                next(rows)[: len(piece)] = piece
                start, length = start + length, window
        batches = cut[rng.permutation(len(cut))].reshape(self.updates, batch, window + 1)
        return batches[..., :-1], batches[..., 1:]


def _updates(jax: Any, net: Network, size: int) -> Callable[..., Any]:
    """Make the function of some updates of an epoch, from `first` to before `end`.

    How the updates are divided among calls makes no difference to the result.
    """
    jnp = jax.numpy

    def loss(weights: Any, inputs: Any, targets: Any) -> Any:
        # An index of V gives a row of zeros: no input, and no loss.
        x = jax.nn.one_hot(inputs, size, dtype=jnp.float32)  # (B, T, V)
        y = jax.nn.one_hot(targets, size, dtype=jnp.float32)
        total = -(jax.nn.log_softmax(net.logits(weights, x)) * y).sum()
        return total / jnp.maximum(y.sum(), 1), total

    def run(
        weights: Any, optimiser: Any, total: Any, first: Any, end: Any, inputs: Any, targets: Any
    ) -> Any:
        def one_update(number: Any, carry: Any) -> Any:
            weights, optimiser, total = carry
            slope = jax.value_and_grad(loss, has_aux=True)
            (_, nats), gradients = slope(weights, inputs[number], targets[number])
            return *net.update(gradients, optimiser, weights), total + nats

        return jax.lax.fori_loop(first, end, one_update, (weights, optimiser, total))

    return run


def _versions(jax: Any) -> dict[str, str]:
    """Name the libraries that the weights come from."""
    import importlib.metadata

    return {
        "jax": str(jax.__version__),
        "keras": importlib.metadata.version("keras"),
        "numpy": np.__version__,
        "sideman": VERSION,
    }
