"""``sideman engrave``: music as a page or a picture."""

from __future__ import annotations

from pathlib import Path

import click

from sideman.cli import asked


@click.command("engrave")
@click.argument("source", metavar="IN")
@click.argument("target", metavar="OUT", type=click.Path(path_type=Path))
@click.option("--tune", metavar="TITLE", help="Which tune of a file that holds several.")
@click.option("--key", metavar="KEY", help="Put it into another key, such as Eb.")
@click.option("--transpose", "semitones", type=int, metavar="N", help="Move it N semitones up.")
@click.option(
    "--part",
    default="C",
    show_default=True,
    metavar="PLAYER",
    help="Whose part: C, Bb, Eb, F, or an instrument such as tenor sax or trumpet.",
)
@click.option("--for", "dedication", default="", metavar="NAME", help="Whom it is for.")
@click.option("--roll", is_flag=True, help="Draw a piano roll instead, .png or .svg.")
def command(
    source: str,
    target: Path,
    tune: str | None,
    key: str | None,
    semitones: int | None,
    part: str,
    dedication: str,
    roll: bool,
) -> None:
    """Write music as a page for players, or draw it.

    IN is a file in any format that sideman reads, a form of the songbook, an iReal Pro link, or
    typed changes. OUT's ending says the format: .pdf, .png, .svg or .musicxml. Several pages of
    .png or .svg are numbered.
    """
    from sideman.output import engraving
    from sideman.service import converting

    music, name = asked.tune(source, tune), str(target)
    if roll:
        drawn = converting.roll(music, name, key=key, transpose=semitones)
    else:
        drawn = converting.engrave(
            music, name, key=key, transpose=semitones, part=part, dedication=dedication
        )
    for page in engraving.write_pages(target, drawn.pages):
        click.echo(f"{page}  {'piano roll of ' if roll else ''}{drawn.sheet.title}")
