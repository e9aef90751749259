"""``sideman convert``: a chart from one tool to another."""

from __future__ import annotations

from pathlib import Path

import click

from sideman.cli import asked, options
from sideman.cli.written import Files
from sideman.words import counted


@click.command("convert")
@click.argument("source", metavar="IN")
@click.argument("target", metavar="OUT", type=click.Path(path_type=Path))
@options.TUNE
@options.KEY
@options.TRANSPOSE
@options.QUIET
@options.AS_JSON
def command(
    source: str,
    target: Path,
    tune: str | None,
    key: str | None,
    semitones: int | None,
    quiet: bool,
    as_json: bool,
) -> None:
    """Write a chart in another format.

    IN is a file in any format that sideman reads, a tune of the songbook, an iReal Pro link, or
    typed changes.  The suffix of OUT gives the format: .ls (Impro-Visor), .musicxml, .xml or .mxl,
    .html (an iReal Pro link), .mid, .cho (ChordPro), .abc, or .txt (typed changes).  What that
    format cannot hold is listed.
    """
    from sideman.files import write_whole
    from sideman.service import converting

    asked.target(target, source)
    chart = converting.convert(asked.tune(source, tune), str(target), key=key, transpose=semitones)
    write_whole(target, chart.data)
    title, bars = chart.sheet.title, len(chart.sheet.changes.bars)
    written = Files(quiet, as_json)
    written.add(target, f"{title}, {counted(bars, 'bar')}", chart.lost, title=title, bars=bars)
    written.end()
