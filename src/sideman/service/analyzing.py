"""The harmonic analysis of a tune: local keys, functions, idioms and bricks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sideman.models.harmony import analysis, bricks
from sideman.models.harmony.analysis import FUNCTIONS, Analysis, Function
from sideman.models.harmony.model import KIND
from sideman.service import harmony
from sideman.service.harmony import Chart
from sideman.service.requests import File, Tune


@dataclass(frozen=True)
class Analyzed:
    """A tune and its analysis."""

    chart: Chart
    analysis: Analysis

    def place(self, tick: int) -> tuple[int, float]:
        """Return bar and beat of a tick, both from 1."""
        changes = self.chart.sheet.changes
        bar = changes.bar_at(tick)
        ticks = changes.bars[bar].meter.ticks_per_beat
        return bar + 1, 1 + (tick - changes.bar_starts[bar]) / ticks

    def chord(self, function: Function) -> str:
        """Return the symbol of a change."""
        return str(self.chart.sheet.changes.chord_at(function.change.onset))

    def key_at(self, tick: int) -> str:
        """Return the name of the local key at a tick."""
        keys = self.analysis.keys
        return next((each.name for each in keys if each.onset <= tick < each.end), "")

    def bars(self) -> Iterator[tuple[int, list[Function]]]:
        """Yield each bar, from 1, in which changes begin, and these."""
        for bar, inside in groupby(
            self.analysis.functions, lambda each: self.place(each.change.onset)[0]
        ):
            yield bar, list(inside)

    def names_at(self, tick: int, end: int) -> list[str]:
        """Return the idioms that begin from a tick up to an end, and the bricks that do."""
        functions = self.analysis.functions
        idioms = [
            each.name
            for each in self.analysis.idioms
            if tick <= functions[each.first].change.onset < end
        ]
        return idioms + [each.name for each in self.analysis.bricks if tick <= each.onset < end]

    def data(self) -> dict[str, Any]:
        """Return the analysis as JSON values."""
        found, changes = self.analysis, self.chart.sheet.changes
        return {
            "title": self.chart.sheet.title,
            "key": str(self.chart.key),
            "key_inferred": self.chart.inferred,
            "keys": [
                {"key": str(each.key), "bars": [each.first_bar, each.last_bar]}
                for each in found.keys
            ],
            "changes": [
                {
                    "bar": bar,
                    "beat": beat,
                    "chord": self.chord(each),
                    "key": self.key_at(each.change.onset),
                    "numeral": each.numeral,
                    "function": FUNCTIONS[each.function] if each.function >= 0 else None,
                    "remark": each.remark,
                }
                for each in found.functions
                for bar, beat in [self.place(each.change.onset)]
            ],
            "idioms": [
                {
                    "name": each.name,
                    "bars": [
                        self.place(found.functions[each.first].change.onset)[0],
                        self.place(found.functions[each.after - 1].change.end - 1)[0],
                    ],
                    "changes": [each.first + 1, each.after],
                }
                for each in found.idioms
            ],
            "bricks": [
                {
                    "name": each.name,
                    "key": bricks.tonic(each, changes),
                    "bars": [self.place(each.onset)[0], self.place(each.end - 1)[0]],
                }
                for each in found.bricks
            ],
        }


def analyze(source: Tune, model: str | File = KIND) -> Analyzed:
    """Return the analysis of a tune; the model finds its key where the chart names none.

    Raises
    ------
    SidemanError
        As :func:`sideman.service.harmony.opened` and :func:`sideman.service.harmony.read`.
    """
    chart = harmony.read(source, harmony.opened(model))
    return Analyzed(chart, analysis.analyze(chart.sheet.changes, chart.key))


def pages(result: Analyzed, name: str) -> list[bytes]:
    """Return the lead sheet with the analysis under the staff, in the format of a file's name.

    Under each bar stand its local key where one begins, the numerals, and the idioms that begin.
    """
    from sideman.output import engraving

    starts = result.chart.sheet.changes.bar_starts
    functions, begun = result.analysis.functions, ""
    below = {}
    for bar, inside in result.bars():
        words = []
        key = result.key_at(inside[0].change.onset)
        for each in inside:
            key = result.key_at(each.change.onset)
            words.append(f"{key}: {each.numeral}" if key != begun else each.numeral)
            begun = key
        idioms = [
            each.name
            for each in result.analysis.idioms
            if starts[bar - 1] <= functions[each.first].change.onset < starts[bar]
        ]
        below[bar - 1] = "  ".join(words) + (f"  ({', '.join(idioms)})" if idioms else "")
    return engraving.dumps(result.chart.sheet, name, words=engraving.Words({}, below))
