"""The soloist's recipe: solos read and divided, counted, three networks, one model.

Each network is trained in two stages: first without the counts of the corpus, then with them; the
counts from the beginning give higher held-out nats.  Of each training solo the counts of its own
tune are subtracted (:mod:`sideman.models.corpus`).
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sideman import opening
from sideman.errors import MusicError
from sideman.evaluation import loading
from sideman.files import File
from sideman.models import corpus, encoding, soloist
from sideman.models.corpus import CorpusCounts
from sideman.models.encoding import Vocabulary
from sideman.models.events import BAR, Events, from_solo
from sideman.models.soloist import NeuralSoloist
from sideman.training.checkpoint import beside, stored
from sideman.training.networks import load_jax
from sideman.training.plan import UNWATCHED, History, Progress, Trained, Watch
from sideman.training.soloist import (
    Part,
    Settings,
    TrainedNetwork,
    gather,
    train,
    vocabulary_of,
    widened,
)
from sideman.version import VERSION

Array = NDArray[np.float32]
Report = Callable[[Progress], object]
_TAKE = re.compile(r"[- ]\d+$")
_UNITS = {"ioi": 256, "pitch": 256, "duration": 128}
# More regularisation once the counts are there; without them it costs (docs/experiments.md).
_BESIDE_COUNTS = {
    "ioi": Settings(dropout=0.5, recurrent_dropout=0.3),
    "pitch": Settings(dropout=0.6, input_dropout=0.25, recurrent_dropout=0.5),
    "duration": Settings(recurrent_dropout=0.3),
}


def counted(
    solos: Sequence[Events], vocabulary: Vocabulary, factor: str
) -> tuple[CorpusCounts, CorpusCounts, list[CorpusCounts]]:
    """Count a corpus: without and with the n-grams that occur once, and each solo's own tune.

    The last holds one value for each solo, the same for those of the same tune.
    """
    parts = [
        vocabulary.counted_part(encoding.encode(events).known, events, factor) for events in solos
    ]
    tunes: dict[str, list[int]] = {}
    for index, events in enumerate(solos):
        tunes.setdefault(tune(events), []).append(index)
    own: dict[int, CorpusCounts] = {}
    for indices in tunes.values():
        counts = corpus.count(factor, [parts[index] for index in indices], whole=True)
        own |= dict.fromkeys(indices, counts)
    return (
        corpus.count(factor, parts),
        corpus.count(factor, parts, whole=True),
        [own[index] for index in range(len(solos))],
    )


def tune(events: Events) -> str:
    """Return the tune of a solo: ``Desafinado`` of ``ArtPepper_Desafinado-2``."""
    return _TAKE.sub("", events.name.split("_", 1)[-1])


@dataclass(frozen=True, slots=True)
class Stages:
    """Settings of a factor's two stages: without the counts of the corpus, then with them.

    `first` is None where a soloist is adapted, which has learnt what its counts are worth.
    """

    first: Settings | None
    second: Settings

    @property
    def begun(self) -> Settings:
        """The settings of the stage that comes first."""
        return self.first or self.second

    @property
    def epochs(self) -> int:
        """The epochs of both."""
        return self.second.epochs + (self.first.epochs if self.first else 0)


def usual_settings(
    epochs: int | None = None,
    seed: int = 0,
    learning_rate: float | None = None,
    *,
    units: int | None = None,
    adapting: bool = False,
) -> dict[str, Stages]:
    """Return the settings of each factor's network; None stands for the default.

    `epochs` and `learning_rate` are those of the first stage; the second has half of both.  The
    defaults were chosen on held-out solos (``docs/experiments.md``).  To adapt a soloist: 6 epochs
    with a learning rate of 0.0003 (``benchmarks/adapt.py``).
    """
    usual = Settings(epochs=6, learning_rate=3e-4) if adapting else Settings()
    found = {}
    for factor, regularised in _BESIDE_COUNTS.items():
        first = replace(
            regularised if adapting else usual,
            epochs=usual.epochs if epochs is None else epochs,
            learning_rate=usual.learning_rate if learning_rate is None else learning_rate,
            units=_UNITS[factor] if units is None else units,
            seed=seed,
        )
        second = replace(
            regularised,
            epochs=max(1, first.epochs // 2),
            learning_rate=first.learning_rate / 2,
            units=first.units,
            seed=seed,
        )
        found[factor] = Stages(None, first) if adapting else Stages(first, second)
    return found


def alone(factor: str) -> str:
    """Return the name of the checkpoint of a factor's first stage."""
    return f"{factor}.alone"


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
    settings: Mapping[str, Stages] | None = None,
    begin: NeuralSoloist | None = None,
    out: Path | None = None,
    watch: Watch = UNWATCHED,
) -> Trained:
    """Train a soloist: a network for each factor, beside the counts of the solos.

    Parameters
    ----------
    solos, held_out : sequence of Events
        What is learnt from, and what says when it is enough.
    settings : mapping of str to Stages, or None
        How each factor is trained; :func:`usual_settings` without arguments where None.
    begin : NeuralSoloist or None
        A soloist to continue from; its vocabulary, counts and sizes are kept, and the resulting
        weights are half way between its own and the adapted ones.
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
    chosen = settings or usual_settings(adapting=begin is not None)
    vocabulary = begin.vocabulary if begin is not None else vocabulary_of(solos)
    counts = dict(vocabulary.corpus)
    identity = f"{loading.fingerprint(solos)} {loading.fingerprint(held_out)}"
    networks: dict[str, TrainedNetwork] = {}
    if begin is None and watch.tell is not None:
        watch.tell("Counting what followed each context in the solos ...")
    for factor in encoding.FACTORS:
        if begin is None:
            counts[factor], whole, own = counted(solos, vocabulary, factor)
            learning = replace(vocabulary, corpus={factor: whole})
            vocabulary = replace(vocabulary, corpus=counts)
            # The networks learn what the counts are worth for a tune that is not in them.
            part = gather(solos, learning, factor, own)
        else:
            part = gather(solos, vocabulary, factor)
        quiet = gather(held_out, vocabulary, factor)
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
    content = soloist.to_file(
        NeuralSoloist(vocabulary, {name: (each.weights,) for name, each in networks.items()}),
        corpus=loading.fingerprint(solos),
        training={
            "epochs": {name: len(each.losses) for name, each in networks.items()},
            "held_out": {name: min(each.held_out) for name, each in networks.items()},
            "losses": {name: stored(each.losses) for name, each in networks.items()},
            "held_out_losses": {name: stored(each.held_out) for name, each in networks.items()},
            "notes": sum(len(events) - 1 for events in solos),
            "solos": len(solos),
            "settings": {name: asdict(each) for name, each in chosen.items()},
        },
        versions={"jax": str(jax.__version__), "numpy": np.__version__, "sideman": VERSION},
    )
    return Trained(content, histories, not failed, failed)


def _network(
    part: Part,
    held_out: Part,
    stages: Stages,
    old: dict[str, Array] | None,
    out: Path | None,
    identity: str,
    watch: Watch,
) -> TrainedNetwork:
    """Train one network in its stages; `old` weights are adapted."""
    done: list[TrainedNetwork] = []

    def stage(name: str, these: Part, those: Part, how: Settings, weights: Any) -> bool:
        path = None if out is None else beside(out, name)
        told = replace(watch, report=_after(done, watch.report))
        done.append(
            train(these, those, how, begin=weights, checkpoint=path, identity=identity, watch=told)
        )
        return done[-1].finished

    weights, second = old, stages.second
    if old is not None:
        second = replace(second, units=old["recurrent_kernel"].shape[0])
    if stages.first is not None:
        bare = part.without_corpus(), held_out.without_corpus()
        finished = stage(alone(part.factor), *bare, stages.first, None)
        weights = widened(done[0].weights, part.vocabulary, part.factor)
        if not finished:
            return replace(done[0], weights=weights)
    stage(part.factor, part, held_out, second, weights)
    trained = _together(done)
    return trained if old is None else _halfway(old, trained)


def _after(done: Sequence[TrainedNetwork], report: Report | None) -> Report | None:
    """Return a function that reports epochs as if those of earlier stages came before them."""
    before = sum(len(stage.losses) for stage in done)
    if report is None:
        return None
    return lambda each: report(
        each._replace(epoch=before + each.epoch, epochs=before + each.epochs)
    )


def _together(done: Sequence[TrainedNetwork]) -> TrainedNetwork:
    """Return the stages of a training as one, with the weights of the last."""
    before, last = sum(len(stage.losses) for stage in done[:-1]), done[-1]
    return replace(
        last,
        losses=tuple(loss for stage in done for loss in stage.losses),
        held_out=tuple(loss for stage in done for loss in stage.held_out),
        failed_in=None if last.failed_in is None else before + last.failed_in,
    )


def _halfway(begun: Mapping[str, Array], adapted: TrainedNetwork) -> TrainedNetwork:
    """Return the mean of the weights before and after adapting.

    Source: Wortsman et al., "Robust fine-tuning of zero-shot models", CVPR 2022.
    """
    both = {
        name: np.float32(0.5) * (begun[name] + value) for name, value in adapted.weights.items()
    }
    return replace(adapted, weights=both)
