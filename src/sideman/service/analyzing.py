"""The harmonic analysis of a tune: local keys, functions, idioms and bricks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Any

from sideman.models.harmony import analysis, bricks
from sideman.models.harmony.analysis import FUNCTIONS, Analysis, Function
from sideman.models.harmony.model import KIND
from sideman.output.printed import printed
from sideman.service import harmony
from sideman.service.harmony import Chart
from sideman.service.requests import File, Tune


@dataclass(frozen=True)
class Analyzed:
    """A tune and its analysis."""

    chart: Chart
    analysis: Analysis

    def chord(self, function: Function) -> str:
        """Return the symbol of a change."""
        return str(self.chart.sheet.changes.chord_at(function.change.onset))

    def key_at(self, tick: int) -> str:
        """Return the name of the local key at a tick."""
        keys = self.analysis.keys
        return next((each.name for each in keys if each.onset <= tick < each.end), "")

    def bars(self) -> Iterator[tuple[int, list[Function]]]:
        """Yield each bar, from 1, in which changes begin, and these."""
        bar_at = self.chart.sheet.changes.bar_at
        for bar, inside in groupby(
            self.analysis.functions, lambda each: bar_at(each.change.onset) + 1
        ):
            yield bar, list(inside)

    def names_at(self, tick: int, end: int) -> tuple[str, ...]:
        """Return the names of the idioms, then the bricks, that begin from a tick up to an end."""
        found = self.analysis
        begun = [(found.functions[each.first].change.onset, each.name) for each in found.idioms]
        begun += [(each.onset, each.name) for each in found.bricks]
        return tuple(dict.fromkeys(name for onset, name in begun if tick <= onset < end))

    def data(self) -> dict[str, Any]:
        """Return the analysis as JSON values."""
        found, changes = self.analysis, self.chart.sheet.changes
        position = changes.position
        return {
            **self.chart.to_json(),
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
                for bar, beat in [position(each.change.onset)]
            ],
            "idioms": [
                {
                    "name": each.name,
                    "bars": [
                        position(found.functions[each.first].change.onset)[0],
                        position(found.functions[each.after - 1].change.end - 1)[0],
                    ],
                    "changes": [each.first + 1, each.after],
                }
                for each in found.idioms
            ],
            "bricks": [
                {
                    "name": each.name,
                    "key": bricks.tonic(each, changes),
                    "bars": [position(each.onset)[0], position(each.end - 1)[0]],
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

    Under each chord stands its numeral, after its local key where one begins; on further lines
    follow the idioms and the bricks that begin in each bar.
    """
    from sideman.output import engraving

    changes = result.chart.sheet.changes
    begun = ""
    figures: dict[int, tuple[str, ...]] = {}
    for span in changes.spans:  # also those that repeat a chord, which are no changes
        numeral = result.analysis.function_at(span.onset).numeral
        key = result.key_at(span.onset)
        figures[span.onset] = (printed(f"{key}: {numeral}" if key != begun else numeral),)
        begun = key
    for start, end in pairwise(changes.bar_starts):
        if names := result.names_at(start, end):
            figures[start] = (*figures.get(start, ("",)), *names)
    return engraving.dumps(result.chart.sheet, name, words=engraving.Words(figures=figures))
