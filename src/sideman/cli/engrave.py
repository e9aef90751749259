"""``sideman engrave``: a page or a piano roll."""

from __future__ import annotations

from pathlib import Path

import click

from sideman.cli import asked, options
from sideman.cli.written import Files


@click.command("engrave")
@click.argument("source", metavar="IN")
@click.argument("target", metavar="OUT", type=click.Path(path_type=Path))
@options.TUNE
@options.KEY
@options.TRANSPOSE
@options.part("C")
@options.DEDICATION
@options.option("--roll", is_flag=True, help="Draw a piano roll instead, as .png or .svg.")
@options.QUIET
@options.AS_JSON
def command(
    source: str,
    target: Path,
    tune: str | None,
    key: str | None,
    semitones: int | None,
    part: str,
    dedication: str,
    roll: bool,
    quiet: bool,
    as_json: bool,
) -> None:
    """Engrave music as a page, or draw a piano roll.

    IN is a file in any format that sideman reads, a tune of the songbook, an iReal Pro link, or
    typed changes.  The suffix of OUT gives the format: .pdf, .png, .svg or .musicxml.  With .png
    and .svg each page is a file with a number.
    """
    from sideman.output import engraving
    from sideman.service import converting

    asked.target(target, source)
    music, name = asked.tune(source, tune), str(target)
    if roll:
        drawn = converting.roll(music, name, key=key, transpose=semitones)
    else:
        drawn = converting.engrave(
            music, name, key=key, transpose=semitones, part=part, dedication=dedication
        )
    title, written = drawn.sheet.title, Files(quiet, as_json)
    for page in engraving.write_pages(target, drawn.pages):
        written.add(page, f"piano roll of {title}" if roll else title, title=title)
    written.end()
