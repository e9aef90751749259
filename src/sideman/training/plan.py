"""What a kind of model offers to be trained: a plan made from files, and a result.

A trainer is a module that a :class:`~sideman.models.registry.Kind` names.  It offers what
:class:`Trainer` lists; :mod:`sideman.service.learning` calls it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from sideman.errors import MusicError
from sideman.files import File
from sideman.models.file import ModelFile
from sideman.score import Changes


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Settings of a training; what is None has the kind's default.

    Parameters
    ----------
    epochs, units : int or None
        Passes over the corpus, and units of each LSTM.
    learning_rate : float or None
        The initial learning rate.
    window : int or None
        For a grammar: the quarters of a window.
    per_cluster, clusters : int or None
        For a grammar: windows for which there is one cluster at most; the number of clusters.
    order : int or None
        For a grammar: the n of the n-gram of clusters, 1 to 4.
    form : str or None
        For a grammar: the form of its bars, ``slopes``, ``degrees`` or ``both``.
    player : str or None
        For a grammar, and counts: the player whose solos alone are learnt from.
    as_played : bool or None
        For a grammar: whether played onsets and lengths are learnt as they are.
    whole_bars : bool or None
        For a grammar: whether its likelihood is fitted without sharing of parts of bars.
    counts_only : bool or None
        For a soloist: whether solos are only counted, beside networks that stay as they are.
    weight : float or None
        For a soloist: the weight of the counts, 0 to 10.
    seed : int
        The seed of the random numbers.
    """

    epochs: int | None = None
    units: int | None = None
    learning_rate: float | None = None
    window: int | None = None
    per_cluster: int | None = None
    clusters: int | None = None
    order: int | None = None
    form: str | None = None
    player: str | None = None
    as_played: bool | None = None
    whole_bars: bool | None = None
    counts_only: bool | None = None
    weight: float | None = None
    seed: int = 0


@dataclass(frozen=True)
class Given(Settings):
    """Data and settings of a training.

    Parameters
    ----------
    files : iterable of File
        The corpus.
    changes : Changes or None
        The changes of solos that have none of their own.
    split : File or None
        JSON that lists the solos of the parts ``train`` and ``valid``.
    base : object or None
        A model to fine-tune.
    """

    files: Iterable[File] = ()
    changes: Changes | None = None
    split: File | None = None
    base: Any = None

    def settings(self, *names: str) -> dict[str, Any]:
        """Return the settings that are given, of those named."""
        given = {name: getattr(self, name) for name in names}
        return {name: value for name, value in given.items() if value is not None}

    def check_no_data(self) -> None:
        """Raise a MusicError if changes or a split are given; for a training without files."""
        for name in self.settings("changes", "split"):
            raise MusicError(
                "The solos that come with sideman, which are learnt where no files are named, "
                f"take no {name}; name files, or leave the {name} out.",
                field=name,
            )


class Progress(NamedTuple):
    """The state of a training after an epoch.

    Parameters
    ----------
    epoch, epochs : int
        Number of the epoch, from 1, and how many there are.
    loss : float
        Mean nats per symbol in the epoch.
    symbols : int
        Symbols in an epoch: tokens, letters or notes.
    seconds : float
        Duration of the epoch.
    network : str
        The network, where a model has several.
    held_out : float or None
        Mean nats per symbol on the held-out solos, where there are any.
    text : str
        What is shown instead, where a model is not trained in epochs.
    """

    epoch: int
    epochs: int
    loss: float
    symbols: int
    seconds: float
    network: str = ""
    held_out: float | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Watch:
    """Functions that are called during a training.

    Parameters
    ----------
    report : callable or None
        Called after each epoch.
    stop : callable or None
        Called before each epoch, or step, and after updates; the training stops where it returns
        true.
    tick : callable or None
        Called after some updates with the network, the symbols of all epochs so far, and the
        symbols of all epochs; or with the name of another long work and how much of it is done.
    tell : callable or None
        Called with a sentence on the data, and one before each long preparation.
    """

    report: Callable[[Progress], object] | None = None
    stop: Callable[[], bool] | None = None
    tick: Callable[[str, int, int], object] | None = None
    tell: Callable[[str], object] | None = None


UNWATCHED = Watch()


class History(NamedTuple):
    """Mean nats per symbol of each epoch of a network, in training and on held-out solos."""

    losses: tuple[float, ...]
    held_out: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Trained:
    """The result of a training.

    Parameters
    ----------
    content : ModelFile or None
        The model with the last good weights; None where no epoch was complete.
    histories : mapping of str to History
        The losses of each network.
    finished : bool
        Whether the training ended by itself.
    failed : mapping of str to int
        The networks whose loss was not finite, and the epoch, from 1.
    summary : str
        What the model is, where there are no losses.
    """

    content: ModelFile | None
    histories: Mapping[str, History]
    finished: bool
    failed: Mapping[str, int] = field(default_factory=dict)
    summary: str = ""


class Plan(Protocol):
    """A training whose data has been read and checked."""

    @property
    def unit(self) -> str:
        """What the losses are counted in: ``token``, ``letter`` or ``note``."""

    @property
    def epochs(self) -> int:
        """The epochs of all networks together."""

    @property
    def learning_rate(self) -> float:
        """The initial learning rate."""

    @property
    def description(self) -> str:
        """A sentence on the data."""

    def train(self, out: Path | None, watch: Watch) -> Trained:
        """Train, and continue from the checkpoints beside `out` if there are any."""


class Trainer(Protocol):
    """The module that trains a kind of model.

    Attributes
    ----------
    FIELDS : frozenset of str
        The fields of :class:`Given` that it uses, besides ``files`` and ``seed``.
    METHOD : str
        How a model of the kind is made, as the reason why it has no use for other fields; it may
        be left out.
    NETWORKS : tuple of str
        The names of its checkpoints (:func:`sideman.training.checkpoint.beside`).
    LARGEST_TEXT : int
        The most bytes of a text file, for a trainer that reads text; 0 for one that reads solos.
    CHARTS : bool
        Whether it reads charts rather than solos; it may be left out.
    """

    FIELDS: frozenset[str]
    METHOD: str
    NETWORKS: tuple[str, ...]
    LARGEST_TEXT: int

    def prepare(self, given: Given) -> Plan:
        """Read and check the data and the settings."""

    def defaults(self) -> Mapping[str, str]:
        """Return the defaults of numeric fields as a help text shows them."""
