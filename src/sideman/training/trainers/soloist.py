"""Train a soloist on solos, fine-tune one, or add counts of solos to one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sideman import opening
from sideman.errors import MusicError
from sideman.evaluation import loading
from sideman.files import File
from sideman.models import corpus, encoding, soloist
from sideman.models.events import Events
from sideman.models.soloist import NeuralSoloist
from sideman.training import devices, networks, recipe
from sideman.training.plan import Given, Trained, Watch
from sideman.version import VERSION

FIELDS = frozenset(
    {"split", "base", "epochs", "units", "learning_rate", "counts_only", "weight", "player"}
)
METHOD = "networks that learn in epochs"
NETWORKS = (*encoding.FACTORS, *map(recipe.alone, encoding.FACTORS))
LARGEST_TEXT = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """Solos, and settings: see :class:`sideman.training.plan.Plan`."""

    solos: Sequence[Events]
    held_out: Sequence[Events]
    settings: Mapping[str, recipe.Stages]
    base: NeuralSoloist | None
    description: str
    unit = "note"

    @property
    def epochs(self) -> int:
        """The epochs of all networks."""
        return sum(own.epochs for own in self.settings.values())

    @property
    def learning_rate(self) -> float:
        """The initial learning rate."""
        return next(iter(self.settings.values())).begun.learning_rate

    def train(self, out: Path | None, watch: Watch) -> Trained:
        """Train the networks."""
        return recipe.learn(
            self.solos,
            self.held_out,
            settings=self.settings,
            begin=self.base,
            out=out,
            watch=watch,
        )


@dataclass(frozen=True, slots=True)
class Counting:
    """Solos to count, and the soloist that they are added to: a plan without epochs."""

    solos: Sequence[Events]
    base: NeuralSoloist
    weight: float
    unit = "note"
    epochs = 1
    learning_rate = 0.0

    @property
    def description(self) -> str:
        """A sentence on the data."""
        return f"{len(self.solos)} solos, {self._notes:,} notes to count"

    @property
    def _notes(self) -> int:
        return sum(len(events) - 1 for events in self.solos)

    def train(self, out: Path | None, watch: Watch) -> Trained:
        """Count the solos; nothing is written to `out`."""
        content = soloist.to_file(
            self.base.counting(self.solos, self.weight),
            corpus=loading.fingerprint(self.solos),
            training={"solos": len(self.solos), "notes": self._notes, "weight": self.weight},
            versions={"numpy": np.__version__, "sideman": VERSION},
        )
        summary = f"the counts of {self._notes:,} notes beside the networks of {self.base.name}"
        return Trained(content, {}, True, summary=summary)


def prepare(given: Given) -> Plan | Counting:
    """Return the plan for some files."""
    if given.counts_only:
        return _counting(given)
    for name, label in (("weight", "weight"), ("player", "choice of a player")):
        if getattr(given, name) is not None:
            raise MusicError(
                f"A soloist takes a {label} for counts only; ask for them, or leave it out.",
                field=name,
            )
    networks.check()
    settings = recipe.usual_settings(
        given.epochs,
        given.seed,
        given.learning_rate,
        units=given.units,
        adapting=given.base is not None,
    )
    learnt, held_out = recipe.read(_some(given.files), given.split)
    notes = sum(len(events) - 1 for events in learnt)
    description = (
        f"{len(learnt)} solos, {notes:,} notes to learn; {len(held_out)} solos held out; "
        f"on {devices.told(networks.load_jax())}"
    )
    return Plan(learnt, held_out, settings, given.base, description)


def _counting(given: Given) -> Counting:
    """Return the plan of counting; of a split its part ``train`` is counted."""
    for name in given.settings("epochs", "units", "learning_rate"):
        raise MusicError(
            "Counts are not trained; leave out epochs, units and learning rate.", field=name
        )
    weight = corpus.USUAL_WEIGHT if given.weight is None else given.weight
    if not 0 < weight <= corpus.MOST_WEIGHT:
        raise MusicError(
            f"The weight of counts {weight:g} is not above 0 and up to "
            f"{corpus.MOST_WEIGHT:g}; give such a number, {corpus.USUAL_WEIGHT:g} for the usual.",
            field="weight",
        )
    base: NeuralSoloist = given.base
    if not base.vocabulary.corpus:
        raise MusicError(
            "The soloist's networks were trained without counts; name one that was trained with "
            "them, or leave it out.",
            field="base",
        )
    split = given.split
    names = None if split is None else loading.part_of(split.data, split.name, "train")
    documents = opening.documents(_some(given.files))
    items = loading.choose(documents, names, "train").items
    solos = [events for item in items if (events := recipe.in_meter(item)) is not None]
    if given.player is not None:
        known = sorted({events.performer for events in solos} - {""})
        player = soloist.nearest(given.player, known, "these files have")
        solos = [events for events in solos if events.performer == player]
    if not solos:
        raise MusicError("There is nothing to count: give solos in 3/4, 4/4, 5/4 or 6/4.")
    return Counting(solos, base, weight)


def _some(given: Iterable[File]) -> Iterable[File]:
    """Return the files; raise a MusicError where there is none."""
    files = iter(given)
    first = next(files, None)
    if first is None:
        raise MusicError("A soloist needs solos to learn from: name files, or a Weimar database.")
    return [first, *files]


def defaults() -> Mapping[str, str]:
    """Return the default settings as text."""
    new, adapted = (
        [stages.begun for stages in recipe.usual_settings(adapting=adapting).values()]
        for adapting in (False, True)
    )
    units = {own.units for own in new}
    return {
        "epochs": f"{new[0].epochs}, or {adapted[0].epochs} to fine-tune",
        "units": f"{min(units)} to {max(units)}",
        "learning_rate": f"{new[0].learning_rate:g}, or {adapted[0].learning_rate:g} to fine-tune",
    }
