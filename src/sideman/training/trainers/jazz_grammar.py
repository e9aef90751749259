"""Learn a grammar of chained clusters of bars from solos."""

from __future__ import annotations

from collections.abc import Mapping

from sideman.models.grammar.learning import KIND, Settings
from sideman.training import grammars
from sideman.training.plan import Given

FIELDS = frozenset(
    {"changes", "split", "window", "per_cluster", "clusters", "order", "form", "player"}
    | {"as_played", "whole_bars"}
)
METHOD = "counted in one pass over the solos"
NETWORKS = ()
LARGEST_TEXT = 0


def prepare(given: Given) -> grammars.GrammarPlan:
    """Return the plan for some files; for the études of the package where there are none."""
    return grammars.prepare(given, KIND, chained=True)


def defaults() -> Mapping[str, str]:
    """Return the default settings as text."""
    usual = Settings()
    return {
        "window": str(usual.window),
        "per_cluster": str(usual.per_cluster),
        "clusters": "what predicts held-out solos best, at most 80",
        "order": str(usual.order),
        "form": usual.form,
    }
