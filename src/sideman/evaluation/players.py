"""Statistics of real players, with which ``sideman measure`` compares a line.

Computed from the Weimar Jazz Database (https://jazzomat.hfm-weimar.de, Open Database License 1.0)
by ``benchmarks/measure_players.py``; only means, spreads and quantiles are included.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from sideman.errors import MusicError
from sideman.evaluation.style import STATISTICS

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
_SHIPPED = Path(__file__).parent / "players.json"


def summary(measured: Sequence[Mapping[str, float | None]]) -> dict[str, dict[str, Any]]:
    """Return mean and spread of each statistic (:func:`sideman.evaluation.style.measure`).

    For each there are ``solos`` (how many have it), ``mean``, ``spread`` (the standard deviation
    over solos; None for fewer than two) and ``quantiles`` (5, 25, 50, 75, 95 %); None where no solo
    has it.
    """
    found: dict[str, dict[str, Any]] = {}
    for statistic in STATISTICS:
        given = [one[statistic.name] for one in measured]
        values = np.array([value for value in given if value is not None], dtype=np.float64)
        found[statistic.name] = {
            "solos": len(values),
            "mean": _rounded(values.mean()) if len(values) else None,
            "spread": _rounded(values.std(ddof=1)) if len(values) > 1 else None,
            "quantiles": (
                [_rounded(value) for value in np.quantile(values, QUANTILES)]
                if len(values)
                else None
            ),
        }
    return found


def _rounded(value: float) -> float:
    return round(float(value), 6)


@lru_cache(maxsize=1)
def shipped() -> dict[str, Any]:
    """Return the statistics of the sets ``test`` (the held-out solos) and ``all``, all in 4/4."""
    found: dict[str, Any] = json.loads(_SHIPPED.read_text(encoding="utf-8"))
    return found


def reference(name: str) -> dict[str, Any]:
    """Return one set of :func:`shipped`; a MusicError where there is none of that name."""
    known = shipped()
    if name not in known:
        raise MusicError(f"No players are called {name[:40]!r}; choose {' or '.join(known)}.")
    chosen: dict[str, Any] = known[name]
    return chosen
