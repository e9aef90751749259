"""Train a letter model on names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from sideman.errors import FormatError
from sideman.models import letters
from sideman.training import loop, networks
from sideman.training.plan import Given, Trained, Watch

FIELDS = frozenset({"epochs", "units", "learning_rate"})
METHOD = "a network that learns names in epochs"
NETWORKS = ("",)
LARGEST_TEXT = letters.LARGEST_FILE
_SETTINGS = loop.Settings(epochs=40, whole=True)


@dataclass(frozen=True, slots=True)
class Plan(loop.SequencePlan):
    """Names as sequences of letters."""

    names: tuple[str, ...]

    def train(self, out: Path | None, watch: Watch) -> Trained:
        """Train the network, and add the hashes of the names to its file."""
        trained = loop.SequencePlan.train(self, out, watch)
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
    settings = replace(settings, window=1 + max(map(len, names)))
    description = (
        f"{len(names):,} names, {sum(map(len, names)):,} letters, "
        f"{len(set().union(*names))} different"
    )
    return Plan(letters.spelled(names), settings, letters.KIND, "letter", description, names)


def defaults() -> Mapping[str, str]:
    """Return the default settings as text."""
    return _SETTINGS.texts
