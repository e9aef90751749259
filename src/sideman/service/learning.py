"""Train a model: a request in, the bytes of a model file out."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, cast

from sideman.errors import ModelError
from sideman.files import File
from sideman.models import file, registry
from sideman.models.grammar.learning import HEADING
from sideman.models.grammar.playing import TEXT
from sideman.models.registry import Kind
from sideman.service.playing import tune
from sideman.service.requests import Tune
from sideman.service.watching import Cancel, Progress, watch
from sideman.training import checkpoint, curves, logs, plan
from sideman.training.plan import UNWATCHED, History, Settings, Trainer, Watch
from sideman.words import counted

_DEFAULT = "course"
_FIELDS = {
    "changes": "changes",
    "split": "a split",
    "base": "another model",
    "epochs": "epochs",
    "units": "units",
    "learning_rate": "a learning rate",
    "window": "windows",
    "per_cluster": "windows per cluster",
    "clusters": "clusters",
    "order": "an order",
    "form": "a form of bars",
    "player": "the choice of a player",
    "as_played": "the choice of played lengths",
    "whole_bars": "the choice of whole bars",
    "counts_only": "counts alone",
    "weight": "a weight of counts",
}
"""The fields of a request that only some kinds use, as messages call them."""


@dataclass(frozen=True)
class TrainRequest(Settings):
    """A corpus, the kind of model and its settings.

    Parameters
    ----------
    corpus : iterable of File
        Files with solos, or with names for letters; some kinds have a corpus of their own.
    kind : str or None
        The kind of model; that of `base`, or ``course``, where None.
    changes : Tune or None
        The changes of solos that have none of their own.
    split : File or None
        JSON that lists the solos of the parts ``train`` and ``valid``.
    base : str, File or None
        A model to fine-tune: the name of one that comes with sideman, or its file.  Counts alone
        are added to ``soloist`` where None.
    """

    corpus: Iterable[File] = ()
    kind: str | None = None
    changes: Tune | None = None
    split: File | None = None
    base: str | File | None = None


@dataclass(frozen=True)
class TrainResult:
    """The result of a training.

    Parameters
    ----------
    model : bytes or None
        The model file with the last good weights; None where there are none.
    text : bytes or None
        The model as text, where its kind has text files.
    unit : str
        What the losses are counted in: ``token``, ``letter`` or ``note``.
    histories : mapping of str to History
        The losses of each network.
    finished : bool
        Whether the training ended by itself; if not, it was cancelled or failed.
    failure : str
        The networks and epochs in which the loss was not finite; else empty.
    learning_rate : float
        The initial learning rate.
    summary : str
        What the model is, where there are no losses.
    """

    model: bytes | None
    text: bytes | None
    unit: str
    histories: Mapping[str, History]
    finished: bool
    failure: str
    learning_rate: float
    summary: str = ""

    @property
    def epochs(self) -> int:
        """The epochs that are done, of all networks."""
        return sum(len(each.losses) for each in self.histories.values())

    @property
    def description(self) -> str:
        """The last loss, or the best on the held-out solos; else the summary."""
        if self.summary:
            return self.summary
        held_out = [min(each.held_out) for each in self.histories.values() if each.held_out]
        if held_out:
            return f"{sum(held_out):.3f} nats a {self.unit} on the held-out solos"
        loss = sum(each.losses[-1] for each in self.histories.values() if each.losses)
        return f"{counted(self.epochs, 'epoch')}, {loss:.3f} nats a {self.unit}"

    @property
    def has_held_out(self) -> bool:
        """Whether there were held-out solos."""
        return any(each.held_out for each in self.histories.values())

    def picture(self) -> bytes:
        """Return the losses by epoch as a PNG."""
        return curves.picture(self.histories)


def train(
    request: TrainRequest,
    *,
    out: Path | None = None,
    resume: bool = False,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
    watching: Watch = UNWATCHED,
    log: logs.Logs = logs.NONE,
) -> TrainResult:
    """Train a model.

    Parameters
    ----------
    request : TrainRequest
        The request.
    out : pathlib.Path or None
        Where the caller will write the model.  Checkpoints are kept beside it, and a training of
        the same request continues from them; no checkpoint is kept where None.
    resume : bool
        Whether a checkpoint must exist.
    progress : callable or None
        Called with the share of the epochs that are done.
    cancel : callable or None
        Called before each epoch or step and after updates; the training stops where it returns
        true.
    watching : Watch
        Functions that are called with more than the share.
    log : Logs
        Files with the losses of each epoch.

    Returns
    -------
    TrainResult
        The model.  Once it is written, :func:`forget` removes the checkpoints.

    Raises
    ------
    SidemanError
        If something in the request is wrong, a file cannot be read, or a checkpoint belongs to
        another training.
    """
    named = registry.DEFAULT if request.counts_only and request.base is None else request.base
    base = None if named is None else _opened(named)
    kind = _kind(request, None if base is None else base[0])
    trainer = _trainer(kind)
    for field, label in _FIELDS.items():
        if getattr(request, field) is not None and field not in trainer.FIELDS:
            method = getattr(trainer, "METHOD", "")
            reason = f": it is {method}" if method else ""
            raise ModelError(
                f"A model of kind {kind.name!r} is trained without {label}{reason}; leave it out.",
                field=field,
            )
    resumed = out is not None and any(path.exists() for path in _checkpoints(trainer, out))
    log.check(resumed)
    if resume and not resumed:
        raise ModelError(
            f"{out}: no checkpoint to continue from; train it from the start.", field="resume"
        )
    prepared = trainer.prepare(
        plan.Given(
            files=request.corpus,
            changes=None if request.changes is None else tune(request.changes)[1].changes,
            split=request.split,
            base=None if base is None else base[1],
            **{each.name: getattr(request, each.name) for each in fields(Settings)},
        )
    )
    if watching.tell is not None:
        watching.tell(prepared.description)
    share = _Share(prepared.epochs, progress)
    with log.opened(resumed) as write:
        report = share.reported(watching, write)
        trained = prepared.train(
            out, replace(watching, stop=cancel or watching.stop, report=report)
        )
    model = text = None
    if trained.content is not None:
        model = file.dumps(trained.content)
        if (stated := trained.content.weights.get(TEXT)) is not None:
            text = stated.tobytes()
    if trained.finished:
        share.report(1.0)
    failure = ", ".join(
        f"{name} in epoch {epoch}" if name else f"in epoch {epoch}"
        for name, epoch in trained.failed.items()
    )
    return TrainResult(
        model,
        text,
        prepared.unit,
        trained.histories,
        trained.finished,
        failure,
        prepared.learning_rate,
        trained.summary,
    )


def forget(out: Path) -> None:
    """Remove the checkpoints beside a model of any kind."""
    for name in registry.trained():
        for path in _checkpoints(_trainer(_named(name)), out):
            path.unlink(missing_ok=True)


def tunable() -> tuple[str, ...]:
    """Return the names of the models that come with sideman and can be fine-tuned."""
    trained = (name for name in registry.trained() if name in file.names())
    return tuple(name for name in trained if "base" in _trainer(_named(name)).FIELDS)


def largest_text(kind: str | None) -> int:
    """Return the largest text file that a kind is trained on; 0 for a kind trained on solos."""
    return _trainer(_named(kind or _DEFAULT)).LARGEST_TEXT


def reads_charts(kind: str | None) -> bool:
    """Return whether a kind is trained on charts rather than on solos."""
    return getattr(_trainer(_named(kind or _DEFAULT)), "CHARTS", False)


def defaults(setting: str) -> Mapping[str, str]:
    """Return the default of a numeric setting as text, by the kinds that have it."""
    found = {name: _trainer(_named(name)).defaults() for name in registry.trained()}
    return {name: texts[setting] for name, texts in found.items() if setting in texts}


def resumable(kind: str | None) -> bool:
    """Return whether a training of a kind keeps checkpoints, from which it continues."""
    return bool(_trainer(_named(kind or _DEFAULT)).NETWORKS)


def text_suffixes(kind: str | None) -> tuple[str, ...]:
    """Return the suffixes of the text files of a kind; none where there are no text files."""
    return _named(kind or _DEFAULT).suffixes


def is_learnt(text: bytes) -> bool:
    """Return whether a grammar was written by a training, rather than by hand."""
    return text.startswith(f"// {HEADING}".encode())


class _Share:
    """The share of the epochs of all networks that are done."""

    def __init__(self, epochs: int, progress: Progress | None) -> None:
        self.epochs = epochs
        self.report = watch(progress, None)
        self._before = 0
        self._last: plan.Progress | None = None

    def reported(self, watching: Watch, log: logs.Log) -> Any:
        """Return the function that is called after each epoch."""

        def report(now: plan.Progress) -> None:
            last = self._last
            if last is not None and (now.network != last.network or now.epoch <= last.epoch):
                self._before += last.epochs
            self._last = now
            log(now)
            self.report(min((self._before + now.epoch) / self.epochs, 1.0))
            if watching.report is not None:
                watching.report(now)

        return report


def _kind(request: TrainRequest, base: Kind | None) -> Kind:
    kind = _named(request.kind or (base.name if base is not None else _DEFAULT))
    if base is not None and base.name != kind.name:
        raise ModelError(
            f"A model of kind {base.name!r} cannot be fine-tuned as one of kind {kind.name!r}; "
            "leave the kind out.",
            field="base",
        )
    return kind


def _named(name: str) -> Kind:
    for kind in registry.kinds():
        if kind.name == name and kind.trainer:
            return kind
    raise ModelError(
        f"No model of kind {name[:40]!r} can be trained; choose one of "
        f"{', '.join(registry.trained())}.",
        field="kind",
    )


def _opened(base: str | File) -> tuple[Kind, Any]:
    found = base if isinstance(base, File) else file.shipped(base, tunable())
    kind = registry.identify(found.data, found.name)
    return kind, kind.load(found.data, found.name)


def _trainer(kind: Kind) -> Trainer:
    return cast(Trainer, importlib.import_module(kind.trainer))


def _checkpoints(trainer: Trainer, out: Path) -> list[Path]:
    return [checkpoint.beside(out, network) for network in trainer.NETWORKS]
