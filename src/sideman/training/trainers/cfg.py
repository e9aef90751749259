"""Learn a grammar from solos that plays each bar by its share, whatever was before it."""

from __future__ import annotations

from collections.abc import Mapping

from sideman.models.grammar.learning import Settings
from sideman.training import grammars
from sideman.training.plan import Given

KIND = "cfg"
FIELDS = frozenset(
    {"changes", "split", "window", "form", "player", "as_played", "whole_bars"},
)
METHOD = "counted in one pass over the solos, each window alone"
NETWORKS = ()
LARGEST_TEXT = 0


def prepare(given: Given) -> grammars.GrammarPlan:
    """Return the plan for some files; for the études of the package where there are none."""
    return grammars.prepare(given, KIND, chained=False)


def defaults() -> Mapping[str, str]:
    """Return the default settings as text."""
    return {"window": str(Settings().window), "form": Settings().form}
