"""Train a soloist on solos, or fine-tune one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sideman.errors import MusicError
from sideman.models import encoding
from sideman.models.events import Events
from sideman.models.soloist import NeuralSoloist
from sideman.training import devices, networks, recipe
from sideman.training.plan import Given, Trained, Watch
from sideman.training.soloist import UNITS, Settings

FIELDS = frozenset({"split", "base", "epochs", "units", "learning_rate"})
METHOD = "networks that learn in epochs"
NETWORKS = encoding.FACTORS
LARGEST_TEXT = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """Solos, and settings: see :class:`sideman.training.plan.Plan`."""

    solos: Sequence[Events]
    held_out: Sequence[Events]
    settings: Mapping[str, Settings]
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
        return next(iter(self.settings.values())).learning_rate

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


def prepare(given: Given) -> Plan:
    """Return the plan for some files."""
    networks.check()
    settings = recipe.usual_settings(
        given.epochs,
        given.seed,
        given.learning_rate,
        units=given.units,
        adapting=given.base is not None,
    )
    files = iter(given.files)
    first = next(files, None)
    if first is None:
        raise MusicError("A soloist needs solos to learn from: name files, or a Weimar database.")
    learnt, held_out = recipe.read([first, *files], given.split)
    notes = sum(len(events) - 1 for events in learnt)
    description = (
        f"{len(learnt)} solos, {notes:,} notes to learn; {len(held_out)} solos held out; "
        f"on {devices.told(networks.load_jax())}"
    )
    return Plan(learnt, held_out, settings, given.base, description)


def defaults() -> Mapping[str, str]:
    """Return the default settings as text."""
    new, adapted = (
        next(iter(recipe.usual_settings(adapting=adapting).values())) for adapting in (False, True)
    )
    return {
        "epochs": f"{new.epochs}, or {adapted.epochs} to fine-tune",
        "units": f"{min(UNITS.values())} to {max(UNITS.values())}",
        "learning_rate": f"{new.learning_rate:g}, or {adapted.learning_rate:g} to fine-tune",
    }
