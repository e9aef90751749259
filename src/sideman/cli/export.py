"""``sideman export``: solos as JSONL."""

from __future__ import annotations

from pathlib import Path

import click

from sideman import terminal
from sideman.cli import asked, options
from sideman.cli.options import argument, option
from sideman.cli.written import Files, Target
from sideman.words import counted

_KINDS = ("tokens", "events", "features")


@click.command("export")
@argument("files", nargs=-1, required=True, metavar="FILES...", type=click.Path(path_type=Path))
@option(
    "--what",
    type=click.Choice(_KINDS),
    default="events",
    help="Events, a row for each note; or tokens of the course's grammar or features, the "
    "statistics of sideman measure, a row for each solo.",
)
@options.file(
    "--out",
    default_text="sideman-out/NAME-WHAT.jsonl, with a number where there is another file",
    help="File to write; an earlier one is replaced.",
)
@options.SPLIT
@options.SUBSET
@options.solo("the only solo to export", "all solos")
@options.QUIET
@options.AS_JSON
def command(
    files: tuple[Path, ...],
    what: str,
    out: Path | None,
    split: str | None,
    part: str,
    solo: str,
    quiet: bool,
    as_json: bool,
) -> None:
    """Export tokens, events or features of solos as JSONL.

    FILES are MIDI files, takes, lead sheets with melodies, databases in the Weimar schema, or
    folders of them.  Each line is a JSON object, in the order of the files and of the notes, as
    pandas.read_json(FILE, lines=True) reads it; docs/research.md describes the rows.  Without --out
    the file is named after the only one of FILES, or else solos.
    """
    from sideman.files import slug, writing_whole
    from sideman.service import exporting

    found = asked.solo_files(files)
    name = slug(files[0].absolute().stem) if len(files) == 1 else "solos"
    target = Target.to(out, f"{name}-{what}.jsonl", found)
    request = exporting.ExportRequest(
        map(asked.file, found), what, len(found), asked.split(split), part, solo
    )
    rows = solos = 0

    def write(path: Path) -> tuple[Path]:
        nonlocal rows, solos
        with (
            writing_whole(path) as temporary,
            temporary.open("w", encoding="utf-8", newline="\n") as stream,
            terminal.share_bar("Exporting") as progress,
        ):
            for line, first in exporting.lines(request, progress=progress):
                stream.write(f"{line}\n")
                rows, solos = rows + 1, solos + first
        return (path,)

    (done,) = target.write(write)
    written = Files(quiet, as_json)
    told = f"{what} of {counted(solos, 'solo')}, {counted(rows, 'row')}"
    written.add(done, told, what=what, solos=solos, rows=rows)
    written.end()
