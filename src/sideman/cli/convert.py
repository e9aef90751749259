"""``sideman convert``: a chart from one tool to another."""

from __future__ import annotations

from pathlib import Path

import click

from sideman.cli import asked, options
from sideman.cli.options import argument, option
from sideman.cli.written import Files, Target
from sideman.words import counted


@click.command("convert")
@argument("source", metavar="IN", shell_complete=options.tunes)
@argument("target", metavar="[OUT]", required=False, type=click.Path(path_type=Path))
@options.OUT_FOLDER
@option(
    "--format",
    "kind",
    type=click.Choice(["musicxml", "mxl", "ls", "html", "mid", "cho", "abc", "txt"]),
    default_text="musicxml",
    help="Format of the file, where OUT is not given.",
)
@options.TUNE
@options.KEY
@options.TRANSPOSE
@options.TITLE
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
    quiet: bool,
    as_json: bool,
) -> None:
    """Write a chart in another format.

    IN is a file in any format that sideman reads, a tune of the songbook, an iReal Pro link, or
    typed changes.  The suffix of OUT gives the format: .ls (Impro-Visor), .musicxml, .xml or .mxl,
    .html (an iReal Pro link), .mid, .cho (ChordPro), .abc, or .txt (typed changes).  Without OUT
    the file is named after IN, with a number where there is another file.  What that format cannot
    hold is listed.
    """
    from sideman.files import write_whole
    from sideman.service import converting

    place = Target.of(target, folder, kind, source)
    given = asked.tune(source, tune)
    place = place.called(f"{given.name}.{kind or 'musicxml'}")
    chart = converting.convert(given, str(place.path), key=key, transpose=semitones, title=title)

    def write(path: Path) -> tuple[Path]:
        write_whole(path, chart.data)
        return (path,)

    (done,) = place.write(write)
    named, bars = chart.sheet.title, len(chart.sheet.changes.bars)
    written = Files(quiet, as_json)
    written.add(done, f"{named}, {counted(bars, 'bar')}", chart.lost, title=named, bars=bars)
    written.end()
