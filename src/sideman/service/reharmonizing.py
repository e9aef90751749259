"""A tune reharmonized step by step, each with its reason and its price in bits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Any

import numpy as np

from sideman.errors import FormatError, MusicError
from sideman.formats import registry
from sideman.models.harmony import reharmonizing
from sideman.models.harmony.model import KIND
from sideman.models.harmony.reharmonizing import RULES, LeftOut, Reharmonized, Step
from sideman.score import LeadSheet, spell
from sideman.service import harmony, playing
from sideman.service.harmony import Chart
from sideman.service.requests import File, Tune, check_seed

SURPRISE, STEPS = 0.5, 4
"""The defaults of :func:`reharmonize`."""
MOST_STEPS = 64
"""The largest number of steps."""
_PAGES = (".svg", ".png", ".pdf")


@dataclass(frozen=True)
class Reharmonization:
    """A tune, and the steps that changed it."""

    chart: Chart
    sheet: LeadSheet
    found: Reharmonized
    seed: int

    def mean(self, steps: int) -> float:
        """Return the bits a change after a number of steps."""
        return self.found.bits[steps] / self.found.counts[steps]

    def data(self) -> dict[str, Any]:
        """Return the steps as JSON values."""
        return {
            **self.chart.to_json(),
            "seed": self.seed,
            "bits": [round(each, 4) for each in self.found.bits],
            "bits_a_change": [round(self.mean(at), 4) for at in range(len(self.found.bits))],
            "steps": [self._step(each) for each in self.found.steps],
            "left_out": [
                {**self._step(each.step), "why": self.why(each)} for each in self.found.left_out
            ],
            "changes": [
                [str(change.chord) for change in bar.chords] for bar in self.sheet.changes.bars
            ],
        }

    def _step(self, step: Step) -> dict[str, Any]:
        bar, beat = self.sheet.changes.position(step.onset)
        return {
            "rule": step.rule,
            "bar": bar,
            "beat": beat,
            "before": [str(chord) for _, chord in step.before],
            "after": [str(chord) for _, chord in step.after],
            "reason": step.reason,
            "price": round(step.price, 4),
        }

    def why(self, left: LeftOut) -> str:
        """Return the reason for which a step is left out."""
        name = spell(left.note, self.chart.key).name
        bar, _ = self.sheet.changes.position(max(left.note.onset, 0))
        return f"{name} in bar {bar} of the melody is an avoid note of {left.chord}"


def reharmonize(
    source: Tune,
    model: str | File = KIND,
    *,
    by: Sequence[str] = tuple(RULES),
    surprise: float = SURPRISE,
    steps: int = STEPS,
    seed: int | None = None,
    told: Callable[[int], None] = lambda _: None,
) -> Reharmonization:
    """Return a tune reharmonized.

    Parameters
    ----------
    source : Tune
        The tune.
    model : str or File
        The model of harmony.
    by : sequence of str
        The rules, of :data:`RULES`.
    surprise : float
        The quantile of the prices of possible steps near which each step is drawn, 0 to 1.
    steps, seed : int, int or None
        The largest number of steps, and the seed of the draws, a random one for None.
    told : function
        It is called with the number of steps after each.

    Raises
    ------
    SidemanError
        If an argument is out of its bounds, or as :func:`sideman.service.harmony.read`.
    """
    unknown = [each for each in by if each not in RULES]
    if unknown or not by:
        raise MusicError(
            f"{(unknown or [''])[0][:40]!r} is not a rule of reharmonizing; choose from "
            f"{', '.join(RULES)}.",
            field="by",
        )
    harmony.check_surprise(surprise)
    if not 1 <= steps <= MOST_STEPS:
        raise MusicError(f"steps must be between 1 and {MOST_STEPS}, got {steps}.", field="steps")
    check_seed(seed)
    chosen = playing.seed_of(seed)
    learnt = harmony.opened(model)
    chart = harmony.read(source, learnt)
    found = reharmonizing.reharmonized(
        chart.sheet,
        chart.key,
        learnt,
        tuple(dict.fromkeys(by)),
        (surprise, steps),
        np.random.default_rng(chosen),
        told,
    )
    return Reharmonization(chart, replace(chart.sheet, changes=found.changes), found, chosen)


def written(result: Reharmonization, name: str) -> tuple[list[bytes], tuple[str, ...]]:
    """Return the new chart in the format of a file's name, and what that cannot hold.

    As SVG, PNG or PDF it is engraved, and the number of each step, its rule and its price stand
    under the chord at which it begins.
    """
    suffix = PurePath(name).suffix.lower()
    if suffix in _PAGES:
        return _pages(result, name), ()
    charts = registry.written_suffixes()
    if suffix not in charts:
        raise FormatError(
            f"{name}: sideman does not write this format; let its name end in one of "
            f"{', '.join((*charts, *_PAGES))}.",
            field="out",
        )
    data, lost = registry.dumps(result.sheet, name)
    return [data], lost


def _pages(result: Reharmonization, name: str) -> list[bytes]:
    """Return the new chart engraved with the steps under the staff."""
    from sideman.output import engraving

    below: dict[int, tuple[str, ...]] = {}
    for number, step in enumerate(result.found.steps, 1):
        line = f"{number}. {step.rule} {step.price:+.1f} bits"
        below[step.onset] = (*below.get(step.onset, ("",)), line)
    return engraving.dumps(result.sheet, name, words=engraving.Words(figures=below))
