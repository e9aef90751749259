"""The run over epochs that every network's training shares, and its checkpoints.

A training is a :class:`State` and a function that computes the state after one epoch more, or
within it where it is to stop.  As randomness in an epoch depends on the seed and the epoch's number
only, a training that is resumed from a checkpoint gives the same bytes as one without a stop.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from sideman.errors import ModelError
from sideman.models import file

KIND = "checkpoint"
SAVE_EVERY_SECONDS = 30.0
_DIGITS, _MOST_STORED = 6, 1000
Tree = Mapping[str, Any]
Pause = Callable[[Callable[[], "State"]], "State | None"]
"""Called after an update with a function that returns the state within the epoch; where the
training is to stop it returns that state."""


def beside(out: Path, network: str = "") -> Path:
    """Return the path of a network's checkpoint, beside that of its model.

    Examples
    --------
    >>> beside(Path("mine.safetensors")).name, beside(Path("mine.safetensors"), "pitch").name
    ('mine.checkpoint.safetensors', 'mine.pitch.checkpoint.safetensors')
    """
    return out.with_name(".".join(filter(None, (out.stem, network, "checkpoint.safetensors"))))


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """Everything that a later epoch depends on.

    Parameters
    ----------
    trees : mapping of str to mapping of str to array
        Weights and the optimiser's variables: float32, or whole numbers that float32 holds.
    losses : tuple of float
        Mean nats per symbol of each epoch.
    held_out : tuple of float
        The same on the held-out material, where there is some.
    updates : int
        Updates so far.
    within : int
        Those of them in an epoch that is not complete.
    sums : tuple of float
        In that epoch the sums of nats and of weights so far.
    """

    trees: Mapping[str, Tree]
    losses: tuple[float, ...] = ()
    held_out: tuple[float, ...] = ()
    updates: int = 0
    within: int = 0
    sums: tuple[float, float] = (0.0, 0.0)

    @property
    def tensors(self) -> dict[str, Any]:
        """All arrays, by the names in a checkpoint."""
        return {
            f"{tree}.{name}": array
            for tree, arrays in self.trees.items()
            for name, array in arrays.items()
        }


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The file in which a training is kept, and what must be the same to resume it.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    recipe : mapping
        Settings by name, as JSON can hold them.
    fingerprint : str
        Of the corpus.
    vocabulary : tuple of str
        The symbols, if the network has some of its own.
    """

    path: Path
    recipe: Mapping[str, Any]
    fingerprint: str
    vocabulary: tuple[str, ...] = ()

    def write(self, state: State) -> None:
        """Write a state."""
        tensors = {name: np.asarray(array, np.float32) for name, array in state.tensors.items()}
        history = {
            "losses": list(state.losses),
            "held_out": list(state.held_out),
            "updates": state.updates,
            "within": state.within,
            "sums": list(state.sums),
        }
        content = file.ModelFile(
            KIND, dict(self.recipe), self.vocabulary, tensors, self.fingerprint, history
        )
        file.write(self.path, content)

    def begin(self, fresh: State, epochs: int) -> State:
        """Return the state to begin with: the one of the file, or `fresh`, which is then written.

        So a folder that cannot be written to is an error before the work.
        """
        if self.path.exists():
            return self.resumed(fresh, epochs)
        self.write(fresh)
        return fresh

    def resumed(self, fresh: State, epochs: int) -> State:
        """Read the state of the file.

        Parameters
        ----------
        fresh : State
            The state before the first epoch; it says which arrays are needed.
        epochs : int
            How many epochs the training takes.

        Raises
        ------
        ModelError
            If the file is damaged or belongs to another training.
        """
        found = file.read(self.path)

        def refusal(reason: str) -> ModelError:
            return ModelError(
                f"{self.path}: {reason}; remove it to begin anew, or repeat the command that it "
                "comes from."
            )

        if found.kind != KIND:
            raise refusal("stands where the checkpoint goes, and is none")
        if found.corpus != self.fingerprint or found.vocabulary != self.vocabulary:
            raise refusal("a checkpoint of a training on another corpus")
        for key, value in self.recipe.items():
            if found.config.get(key) != value:
                was = found.config.get(key)
                raise refusal(f"a checkpoint of a training with {key} {was}, not {value}")
        try:
            losses, held_out = (
                tuple(map(_number, found.training[name])) for name in ("losses", "held_out")
            )
            updates, within = (int(found.training.get(name, 0)) for name in ("updates", "within"))
            nats, weights = map(_number, found.training.get("sums", fresh.sums))
            trees = {
                tree: {name: _like(found.weights[f"{tree}.{name}"], array) for name, array in own}
                for tree, own in ((tree, arrays.items()) for tree, arrays in fresh.trees.items())
            }
        except (KeyError, TypeError, ValueError) as error:
            raise refusal("a damaged checkpoint") from error
        if len(losses) > epochs:
            raise refusal(
                f"a checkpoint after {len(losses)} epochs, and only {epochs} are asked for"
            )
        return State(trees, losses, held_out, updates, within, (nats, weights))


def _number(value: object) -> float:
    if not isinstance(value, float):
        raise TypeError(value)
    return value


def _like(found: Any, array: Any) -> Any:
    """Return a tensor of the file in the type of an array of the same shape."""
    if found.shape != array.shape:
        raise ValueError(found.shape)
    return found.astype(array.dtype)


def stored(losses: Sequence[float]) -> list[float]:
    """Return losses by epoch as a model file holds them; none of more than 1,000 epochs."""
    return [round(loss, _DIGITS) for loss in losses] if len(losses) <= _MOST_STORED else []


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a training ended.

    Parameters
    ----------
    state : State
        After the last good epoch, or within one where the training was stopped.
    finished : bool
        Whether all epochs were done, or there was no gain for the epochs of patience.
    failed_in : int or None
        The epoch, from 1, whose loss or weights were not finite.
    """

    state: State
    finished: bool = True
    failed_in: int | None = None


@dataclass(frozen=True, slots=True)
class Epochs:
    """The run over epochs.

    Parameters
    ----------
    count : int
        How many at most.
    one : callable
        Computes the state after the next epoch; it asks a :data:`Pause` after an update, and
        returns the state of it, if any.
    checkpoint : Checkpoint or None
        Where the state is written every 30 s and at the end, and read from at the start.
    report : callable or None
        Called after each epoch with the state and the seconds that the epoch took.
    stop : callable or None
        Asked before each epoch and after an update whether to stop.
    patience : int or None
        After how many epochs without gain on the held-out material to stop.
    """

    count: int
    one: Callable[[State, Pause], State]
    checkpoint: Checkpoint | None = None
    report: Callable[[State, float], None] | None = None
    stop: Callable[[], bool] | None = None
    patience: int | None = None

    def run(self, state: State) -> Outcome:
        """Train from a state to the end."""
        finished, failed_in = True, None
        saving = _Saving(self.checkpoint)

        def pause(within: Callable[[], State]) -> State | None:
            if self.stop is not None and self.stop():
                return within()
            saving.now_and_then(within)
            return None

        while len(state.losses) < self.count and not self._out_of_patience(state):
            if self.stop is not None and self.stop():
                finished = False
                break
            begun = time.perf_counter()
            new = self.one(state, pause)
            if not _is_finite(new):
                finished, failed_in = False, len(state.losses) + 1
                break
            state = new
            if state.within:
                finished = False
                break
            saving.now_and_then(partial(_itself, state))
            if self.report is not None:
                self.report(state, time.perf_counter() - begun)
        if self.checkpoint is not None and failed_in is None:
            self.checkpoint.write(state)
        return Outcome(state, finished, failed_in)

    def _out_of_patience(self, state: State) -> bool:
        if self.patience is None or not state.held_out:
            return False
        return len(state.held_out) - 1 - int(np.argmin(state.held_out)) >= self.patience


def _itself(state: State) -> State:
    return state


class _Saving:
    """Write a state to a checkpoint, if there is one, every 30 s."""

    def __init__(self, checkpoint: Checkpoint | None) -> None:
        self._checkpoint = checkpoint
        self._saved = time.monotonic()

    def now_and_then(self, state: Callable[[], State]) -> None:
        if self._checkpoint is None or time.monotonic() - self._saved <= SAVE_EVERY_SECONDS:
            return
        found = state()
        if _is_finite(found):  # else the last good state is kept
            self._checkpoint.write(found)
        self._saved = time.monotonic()


def _is_finite(state: State) -> bool:
    return all(map(math.isfinite, (*state.losses[-1:], *state.held_out[-1:], *state.sums))) and all(
        bool(np.isfinite(np.asarray(array)).all()) for array in state.tensors.values()
    )
