"""Train a letter model on names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from sideman.errors import FormatError
from sideman.models import letters
from sideman.training import loop, networks
from sideman.training.plan import Given, Trained, Watch

FIELDS: frozenset[str] = frozenset()
NETWORKS = ("",)
LARGEST_TEXT = letters.LARGEST_FILE
_SETTINGS = loop.Settings(epochs=40, whole=True)


@dataclass(frozen=True, slots=True)
class Plan:
    """Names, and settings: see :class:`sideman.training.plan.Plan`."""

    names: tuple[str, ...]
    settings: loop.Settings
    unit = "letter"

    @property
    def epochs(self) -> int:
        """The epochs."""
        return self.settings.epochs

    @property
    def learning_rate(self) -> float:
        """The initial learning rate."""
        return self.settings.learning_rate

    @property
    def description(self) -> str:
        """The number of names and letters."""
        return (
            f"{len(self.names):,} names, {sum(map(len, self.names)):,} letters, "
            f"{len(set().union(*self.names))} different"
        )

    def train(self, out: Path | None, watch: Watch) -> Trained:
        """Train the network, and add the hashes of the names to its file."""
        trained = loop.train(
            letters.spelled(self.names), self.settings, out=out, watch=watch, kind=letters.KIND
        )
        if trained.content is None:
            return trained
        return replace(trained, content=letters.with_heard(trained.content, self.names))


def prepare(given: Given) -> Plan:
    """Return the plan for text files with one name per line."""
    networks.check()
    settings = replace(_SETTINGS, **given.settings("epochs", "units", "learning_rate", "seed"))
    names = tuple(
        dict.fromkeys(name for each in given.files for name in letters.parse(each.data, each.name))
    )
    if not names:
        raise FormatError("There are no names to learn from: give a text file with one a line.")
    # The longest name and its end.
    return Plan(names, replace(settings, window=1 + max(map(len, names))))


def defaults() -> Mapping[str, str]:
    """Return the default settings as text."""
    return _SETTINGS.texts
