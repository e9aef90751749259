"""``sideman convert``: a chart from one tool to another."""

from __future__ import annotations

from pathlib import Path

import click

from sideman.cli import asked


@click.command("convert")
@click.argument("source", metavar="IN")
@click.argument("target", metavar="OUT", type=click.Path(path_type=Path))
@click.option("--tune", metavar="TITLE", help="Which tune of a file that holds several.")
@click.option("--key", metavar="KEY", help="Put it into another key, such as Eb.")
@click.option("--transpose", "semitones", type=int, metavar="N", help="Move it N semitones up.")
def command(
    source: str, target: Path, tune: str | None, key: str | None, semitones: int | None
) -> None:
    """Write a chart in another format.

    IN is a file in any format that sideman reads, a form of the songbook, an iReal Pro link, or
    typed changes. OUT's ending says the format: .ls (Impro-Visor), .musicxml, .xml or .mxl,
    .html (an iReal Pro link), .mid, or .txt (typed changes). What OUT cannot hold is named.
    """
    from sideman.files import write_whole
    from sideman.service import converting

    chart = converting.convert(asked.tune(source, tune), str(target), key=key, transpose=semitones)
    write_whole(target, chart.data)
    click.echo(f"{target}  {chart.sheet.title}, {len(chart.sheet.changes.bars)} bars")
    if chart.lost:
        click.echo(f"  left out: {', '.join(chart.lost)}")
