"""``sideman analyze``: local keys, functions and idioms of changes, bar by bar."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sideman.cli import asked, facts, options
from sideman.cli.options import argument

if TYPE_CHECKING:
    from sideman.service.analyzing import Analyzed


@click.command("analyze")
@argument("changes", shell_complete=options.tunes)
@options.TUNE
@options.harmony_model(
    "Model of how changes go on, which finds the key where the chart names none."
)
@options.file("--out", help="Also engrave the lead sheet with the analysis under the staff.")
@facts.options
def command(
    changes: str, tune: str | None, model: str, out: Path | None, printing: facts.Facts
) -> None:
    """Analyze the harmony of a tune, bar by bar.

    CHANGES is the name of a tune in the songbook, a file (lead sheet, MusicXML, iReal Pro, MIDI),
    or typed changes.  Each chord has a Roman numeral in its local key, V7/II being the dominant of
    II; then come ii-Vs, turnarounds and harmonic bricks, at the bar in which they begin.
    """
    from sideman.output import engraving
    from sideman.service import analyzing

    if asked.target(out, changes) is not None:
        engraving.kind_of(str(out))
    result = analyzing.analyze(asked.tune(changes, tune), asked.harmony_model(model))
    written = () if out is None else engraving.write_pages(out, analyzing.pages(result, str(out)))
    printing.show(
        result.data(),
        lambda: _text(result),
        brief=lambda: _heading(result),
        more=lambda: _changes(result.data()["changes"]),
    )
    printing.written(written)


def _heading(result: Analyzed) -> str:
    keys = [f"{each.name} {each.first_bar}-{each.last_bar}" for each in result.analysis.keys]
    return f"{result.chart.heading}; local keys by bars: {', '.join(keys)}"


def _changes(changes: Iterable[Mapping[str, Any]]) -> str:
    """Return a row for each chord."""
    from sideman.formats.report import table

    heads = ("bar", "beat", "chord", "key", "numeral", "function", "remark")
    rows = [
        tuple(f"{each[name]:g}" if name == "beat" else each[name] for name in heads)
        for each in changes
    ]
    return "\n".join(table(heads, rows, "rrlllll"))


def _text(result: Analyzed) -> str:
    from sideman.formats.report import table

    starts = result.chart.sheet.changes.bar_starts
    rows, last = [], ""
    for bar, inside in result.bars():
        keys = list(dict.fromkeys(result.key_at(each.change.onset) for each in inside))
        shown = " ".join(key for key in keys if key != last)
        last = keys[-1]
        remarks = list(dict.fromkeys(each.remark for each in inside if each.remark))
        rows.append(
            (
                bar,
                " ".join(map(result.chord, inside)),
                shown,
                " ".join(each.numeral for each in inside),
                ", ".join(result.names_at(starts[bar - 1], starts[bar])),
                ", ".join(remarks),
            )
        )
    heads = ("bar", "changes", "key", "function", "begins here", "remark")
    return "\n".join(
        (
            _heading(result),
            "",
            *table(heads, rows, "rlllll"),
        )
    )
