"""``sideman engrave``: a page or a piano roll."""

from __future__ import annotations

from pathlib import Path

import click

from sideman.cli import asked, options
from sideman.cli.options import argument
from sideman.cli.written import Files, Target


@click.command("engrave")
@argument("source", metavar="IN", shell_complete=options.tunes)
@argument("target", metavar="[OUT]", required=False, type=click.Path(path_type=Path))
@options.OUT_FOLDER
@options.option(
    "--format",
    "kind",
    type=click.Choice(["pdf", "png", "svg", "musicxml"]),
    default_text="pdf; png with --roll",
    help="Format of the file, where OUT is not given.",
)
@options.TUNE
@options.KEY
@options.TRANSPOSE
@options.TITLE
@options.part("C")
@options.FONT
@options.DEDICATION
@options.option("--roll", is_flag=True, help="Draw a piano roll instead, as .png or .svg.")
@options.QUIET
@options.AS_JSON
def command(
    source: str,
    target: Path | None,
    folder: Path | None,
    kind: str | None,
    tune: str | None,
    key: str | None,
    semitones: int | None,
    title: str,
    part: str,
    font: str,
    dedication: str,
    roll: bool,
    quiet: bool,
    as_json: bool,
) -> None:
    """Engrave music as a page, or draw a piano roll.

    IN is a file in any format that sideman reads, a tune of the songbook, an iReal Pro link, or
    typed changes.  The suffix of OUT gives the format: .pdf, .png, .svg or .musicxml.  With .png
    and .svg each page is a file with a number.  Without OUT the file is named after IN, with a
    number where there is another file.
    """
    from sideman.output import engraving
    from sideman.service import converting

    if roll:
        options.refuse(
            ("part", "font", "dedication"), "This is for a page; leave it or --roll out."
        )
    place = Target.of(target, folder, kind, source)
    music = asked.tune(source, tune)
    stem = f"{music.name}-roll" if roll else music.name
    place = place.called(f"{stem}.{kind or ('png' if roll else 'pdf')}")
    name = str(place.path)
    if roll:
        drawn = converting.roll(music, name, key=key, transpose=semitones, title=title)
    else:
        drawn = converting.engrave(
            music,
            name,
            key=key,
            transpose=semitones,
            title=title,
            transposition=part,
            dedication=dedication,
            font=font,
            marks=asked.choruses(source),
        )
    named, written = drawn.sheet.title, Files(quiet, as_json)
    for page in place.write(lambda path: engraving.write_pages(path, drawn.pages)):
        written.add(page, f"piano roll of {named}" if roll else named, title=named)
    written.end()
