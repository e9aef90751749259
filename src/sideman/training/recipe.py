"""The soloist's recipe: solos read and divided, an n-gram beside them, three networks, one model.

Each network is trained alone first, then for half as long beside an n-gram that judges every
training solo as if it had not been counted (:func:`partner_of_all`).
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sideman import opening
from sideman.errors import MusicError
from sideman.evaluation import loading
from sideman.files import File
from sideman.models import encoding, ngram, soloist
from sideman.models.encoding import Vocabulary
from sideman.models.events import BAR, Events, from_solo
from sideman.models.ngram import NGram
from sideman.models.soloist import NeuralSoloist
from sideman.training.checkpoint import beside
from sideman.training.networks import load_jax
from sideman.training.plan import UNWATCHED, History, Trained, Watch
from sideman.training.soloist import (
    UNITS,
    Part,
    Settings,
    TrainedNetwork,
    gather,
    train,
    vocabulary_of,
)
from sideman.version import VERSION

Array = NDArray[np.float32]
Logs = list[dict[str, Array]]  # of each solo, by factor
FOLDS = 6
_TAKE = re.compile(r"[- ]\d+$")


def partner_of_all(
    solos: Sequence[Events], partner: NGram, vocabulary: Vocabulary, folds: int = FOLDS
) -> Logs:
    """Compute the log-probabilities by an n-gram of every solo as if it were not counted.

    The solos are split into folds by tune, and each fold is scored by the counts of the others with
    the n-gram's own weights.  The result has, for each solo, one array of each factor
    (:func:`soloist.partner_logs`).
    """
    dealt = [zlib.crc32(tune(events).encode()) % folds for events in solos]
    if len(set(dealt)) == 1:
        dealt = [index % folds for index in range(len(solos))]
    found: dict[int, dict[str, Array]] = {}
    for fold in sorted(set(dealt)):
        others = [events for events, at in zip(solos, dealt, strict=True) if at != fold]
        counted = partner.counted_on(others or solos)
        for index, at in enumerate(dealt):
            if at == fold:
                found[index] = soloist.partner_logs(counted.distributions(solos[index]), vocabulary)
    return [found[index] for index in range(len(solos))]


def tune(events: Events) -> str:
    """Return the tune of a solo: ``Desafinado`` of ``ArtPepper_Desafinado-2``."""
    return _TAKE.sub("", events.name.split("_", 1)[-1])


def usual_settings(
    epochs: int | None = None,
    seed: int = 0,
    learning_rate: float | None = None,
    *,
    units: int | None = None,
    adapting: bool = False,
) -> dict[str, Settings]:
    """Return the settings of each factor's network; None stands for the default.

    The defaults for new networks are those of :class:`Settings` and :data:`UNITS`; to adapt a
    soloist, 6 epochs with a learning rate of 0.0003 (``benchmarks/adapt.py``).
    """
    usual = Settings(epochs=6, learning_rate=3e-4) if adapting else Settings()
    one = replace(
        usual,
        epochs=usual.epochs if epochs is None else epochs,
        learning_rate=usual.learning_rate if learning_rate is None else learning_rate,
        seed=seed,
    )
    return {
        factor: replace(one, units=own if units is None else units) for factor, own in UNITS.items()
    }


def counted(solos: Sequence[Events], held_out: Sequence[Events]) -> NGram:
    """Return the n-gram ``blend`` of some solos, its weights fitted on those held out."""
    return ngram.train(solos, held_out, loading.fingerprint(solos)).called("blend")


def alone(factor: str) -> str:
    """Return the name of the checkpoint of a factor's first stage, without the n-gram."""
    return f"{factor}.alone"


def epochs(settings: Mapping[str, Settings], base: NeuralSoloist | None) -> int:
    """Return the epochs of all stages of all networks."""
    return sum(
        own.epochs + (_second(own, factor).epochs if base is None else 0)
        for factor, own in settings.items()
    )


def in_meter(item: loading.Item) -> Events | None:
    """Return the events of a solo in its own meter; in 4/4 those of the benchmark.

    None if the meter is not 3/4, 4/4, 5/4 or 6/4, or if there are fewer than two notes.
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
        if len(meters) != 1 or events.ticks_per_bar not in encoding.METERS:
            return None
    return events if len(events) > 1 else None


def read(sources: Iterable[File], split: File | None = None) -> tuple[list[Events], list[Events]]:
    """Return the training solos and the held-out solos of some files.

    Parameters
    ----------
    sources : iterable of File
        Databases in the Weimar schema, MIDI files or lead sheets.
    split : File or None
        JSON with the parts ``train`` and ``valid``; a tune in ten is held out where None.

    Raises
    ------
    SidemanError
        If something cannot be read, or a part would be empty.
    """
    documents = opening.documents(sources)
    if split is None:
        return divided(loading.choose(documents).items)
    train, valid = (loading.part_of(split.data, split.name, part) for part in ("train", "valid"))
    found = [
        (item.name, events)
        for item in loading.choose(documents, train | valid).items
        if (events := in_meter(item)) is not None
    ]
    learnt = [events for name, events in found if name in train]
    # The benchmark scores solos in 4/4 only.
    held_out = [events for name, events in found if name in valid and events.ticks_per_bar == BAR]
    if not learnt or not held_out:
        raise MusicError(
            f"{split.name}: leaves nothing to learn from, or nothing in 4/4 to hold out.",
            field="split",
        )
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
            "There is nothing to hold out: give solos over two tunes or more, or a split.",
            field="split",
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
    settings: Mapping[str, Settings] | None = None,
    begin: NeuralSoloist | None = None,
    partner: NGram | None = None,
    out: Path | None = None,
    watch: Watch = UNWATCHED,
) -> Trained:
    """Train a soloist: a network for each factor, first alone, then beside an n-gram.

    Parameters
    ----------
    solos, held_out : sequence of Events
        What is learnt from, and what says when it is enough.
    settings : mapping of str to Settings, or None
        How each factor is trained; :func:`usual_settings` without arguments where None.
    begin : NeuralSoloist or None
        A soloist to continue from; its vocabulary and sizes are kept, and the resulting weights are
        half way between its own and the adapted ones.
    partner : NGram or None
        The n-gram, counted on `solos`, that is put beside the networks; where a soloist is gone on
        from, its own stays.
    out : pathlib.Path or None
        The model's path; each network is continued from its checkpoint beside it.
    watch : Watch
        What is called meanwhile.

    Returns
    -------
    Trained
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
    chosen = settings or usual_settings()
    vocabulary = begin.vocabulary if begin is not None else vocabulary_of(solos)
    if begin is not None and begin.partner is not None:
        # Its counts do not include these solos, and they stay as they are.
        partner = begin.partner
        logs: Logs | None = _logs(solos, partner, vocabulary)
    else:
        logs = None if partner is None else partner_of_all(solos, partner, vocabulary)
    logs_held_out = None if partner is None else _logs(held_out, partner, vocabulary)
    identity = f"{loading.fingerprint(solos)} {loading.fingerprint(held_out)}"
    networks: dict[str, TrainedNetwork] = {}
    for factor in encoding.FACTORS:
        part = gather(solos, vocabulary, factor, _one(logs, factor))
        quiet = gather(held_out, vocabulary, factor, _one(logs_held_out, factor))
        old = None if begin is None else dict(begin.weights[factor][0])
        networks[factor] = _network(part, quiet, chosen[factor], old, out, identity, watch)
        if not networks[factor].finished and networks[factor].failed_in is None:
            break
    histories = {name: History(each.losses, each.held_out) for name, each in networks.items()}
    failed = {name: each.failed_in for name, each in networks.items() if each.failed_in is not None}
    if len(networks) < len(encoding.FACTORS) or not all(
        each.held_out and (each.finished or each.failed_in) for each in networks.values()
    ):
        return Trained(None, histories, False, failed)
    settled = {
        key: value
        for key, value in asdict(chosen[encoding.FACTORS[-1]]).items()
        if key not in ("epochs", "units")
    }
    content = soloist.to_file(
        NeuralSoloist(
            vocabulary,
            {name: (each.weights,) for name, each in networks.items()},
            partner=partner,
            counted=None if begin is None else begin.counted,
        ),
        corpus=loading.fingerprint(solos),
        training={
            "epochs": {name: len(each.losses) for name, each in networks.items()},
            "held_out": {name: min(each.held_out) for name, each in networks.items()},
            "notes": sum(len(events) - 1 for events in solos),
            "solos": len(solos),
            **settled,
        },
        versions={"jax": str(jax.__version__), "numpy": np.__version__, "sideman": VERSION},
    )
    return Trained(content, histories, not failed, failed)


def _network(
    part: Part,
    held_out: Part,
    settings: Settings,
    old: dict[str, Array] | None,
    out: Path | None,
    identity: str,
    watch: Watch,
) -> TrainedNetwork:
    """Train one network in its stages; `old` weights are adapted in a single one."""
    factor = part.factor
    if old is not None:
        settings = replace(settings, units=old["recurrent_kernel"].shape[0])
    stages = [(factor, part, held_out, settings)]
    if part.partner is not None and old is None:
        # Alone first: with the n-gram from the start the held-out nats are higher.
        without = replace(part, partner=None), replace(held_out, partner=None), settings
        stages = [
            (alone(factor), *without),
            (factor, part, held_out, _second(settings, factor)),
        ]
    weights = old
    done: list[TrainedNetwork] = []
    for name, these, those, how in stages:
        path = None if out is None else beside(out, name)
        done.append(
            train(these, those, how, begin=weights, checkpoint=path, identity=identity, watch=watch)
        )
        if not done[-1].finished:
            break
        weights = done[-1].weights
    trained = _together(done)
    return trained if old is None else _halfway(old, trained)


def _halfway(begun: Mapping[str, Array], adapted: TrainedNetwork) -> TrainedNetwork:
    """Return the mean of the weights before and after adapting.

    Source: Wortsman et al., "Robust fine-tuning of zero-shot models", CVPR 2022.
    """
    both = {
        name: np.float32(0.5) * (begun[name] + value) for name, value in adapted.weights.items()
    }
    return replace(adapted, weights=both)


def _logs(solos: Sequence[Events], partner: NGram, vocabulary: Vocabulary) -> Logs:
    return [soloist.partner_logs(partner.distributions(events), vocabulary) for events in solos]


def _one(logs: Sequence[Mapping[str, Array]] | None, factor: str) -> list[Array] | None:
    return None if logs is None else [each[factor] for each in logs]


def _second(settings: Settings, factor: str) -> Settings:
    """Half the epochs and two thirds of the rate, once the n-gram comes in."""
    return replace(
        settings,
        epochs=max(1, settings.epochs // 2),
        learning_rate=settings.learning_rate * 2 / 3,
        # Of rhythm the n-gram predicts so much that the network alone would get worse.
        partner_dropout=0.6 if factor == "ioi" else settings.partner_dropout,
    )


def _together(done: Sequence[TrainedNetwork]) -> TrainedNetwork:
    """Tell the stages of a training as one; the weights are those of the last good stage."""
    good = next((stage for stage in reversed(done) if stage.held_out), done[-1])
    before = sum(len(stage.losses) for stage in done[:-1])
    failed_in = done[-1].failed_in
    return TrainedNetwork(
        good.weights,
        tuple(loss for stage in done for loss in stage.losses),
        tuple(loss for stage in done for loss in stage.held_out),
        done[-1].finished,
        None if failed_in is None else before + failed_in,
    )
