"""Train the course's LSTM on the tokens of solos."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from sideman.formats import registry
from sideman.library import corpus
from sideman.models import course
from sideman.training import loop, networks, tokens
from sideman.training.plan import Given, Trained, Watch

FIELDS = frozenset({"changes"})
NETWORKS = ("",)
LARGEST_TEXT = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """Tokens of solos, and settings: see :class:`sideman.training.plan.Plan`."""

    sentences: tokens.Sentences
    settings: loop.Settings
    unit = "token"

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
        """The number of solos and tokens."""
        return (
            f"{len(self.sentences)} solos, {sum(map(len, self.sentences))} tokens, "
            f"{len({word for words in self.sentences for word in words})} different; "
            f"corpus {tokens.fingerprint(self.sentences)[:12]}"
        )

    def train(self, out: Path | None, watch: Watch) -> Trained:
        """Train the network."""
        return loop.train(self.sentences, self.settings, out=out, watch=watch, kind=course.KIND)


def prepare(given: Given) -> Plan:
    """Return the plan for some files; for the solos of the package where there are none."""
    networks.check()
    settings = replace(
        loop.Settings(), **given.settings("epochs", "units", "learning_rate", "seed")
    )
    documents = (registry.loads(each.data, each.name) for each in given.files)
    solos = [solo for each in documents for solo in corpus.chorded(each, given.changes)]
    return Plan(tokens.sentences(solos or corpus.embedded()), settings)


def defaults() -> Mapping[str, str]:
    """Return the default settings as text."""
    return loop.Settings().texts
