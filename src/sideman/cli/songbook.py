"""``sideman songbook``: list, show and write tunes and études, or those of a playlist."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import click

from sideman.cli import asked, listing, options
from sideman.cli.options import argument, option
from sideman.cli.written import Files
from sideman.errors import MusicError, SidemanError
from sideman.formats.chart import chart
from sideman.library import songbook
from sideman.library.charts import report
from sideman.score import LeadSheet
from sideman.words import counted


@click.command("songbook")
@argument("name", required=False, shell_complete=options.tunes)
@option("--search", "word", metavar="WORD", help="List only tunes that contain this word.")
@options.file(
    "--file", aliases=("--from",), help="Use a playlist, or any file of charts, as the songbook."
)
@option("--etudes", is_flag=True, help="Use the solos written for sideman as the songbook.")
@options.KEY
@options.TRANSPOSE
@options.file("--out", help="Write to a file: .ls, .musicxml, .mxl, .mid, .html or .txt.")
@options.QUIET
@options.AS_JSON
def command(
    name: str | None,
    word: str | None,
    file: Path | None,
    etudes: bool,
    key: str | None,
    semitones: int | None,
    out: Path | None,
    quiet: bool,
    as_json: bool,
) -> None:
    """List the songbook, or show the changes of a tune.

    NAME is a name from the list; with --file, the title of a tune or a part of it.  With --etudes
    it is an étude, which --out writes with all its choruses.
    """
    if etudes and file is not None:
        raise MusicError("--etudes and --file were both given; give one.")
    if out is not None and name is None:
        raise MusicError(f"Nothing was named for {out}; give the name of what to write.")
    asked.target(out, file)
    if name is None:
        _list(word or "", file, etudes, as_json)
    elif out is not None:
        sheet = songbook.moved(_opened(name, file, etudes), key, semitones)
        _write(out, sheet, Files(quiet, as_json))
    elif as_json:
        sheet = songbook.moved(_opened(name, file, etudes), key, semitones)
        click.echo(json.dumps(report.of(sheet, name).data, ensure_ascii=False, indent=2))
    elif etudes:
        _show_etude(name, key, semitones)
    else:
        _show(songbook.moved(_opened(name, file, etudes), key, semitones))


def _opened(name: str, file: Path | None, etudes: bool) -> LeadSheet:
    if etudes:
        from sideman.library import etudes as solos

        return solos.written_out(name)
    if file is None:
        return songbook.load(name)
    from sideman import opening

    return opening.read(file, name)


def _show(sheet: LeadSheet) -> None:
    by = f" ({sheet.composer})" if sheet.composer else ""
    click.echo(f"{sheet.title}{by}")
    click.echo(", ".join(songbook.summary(sheet)) + "\n")
    click.echo(chart(sheet.changes))


def _show_etude(name: str, key: str | None, semitones: int | None) -> None:
    from sideman.library import etudes

    sheet = songbook.moved(etudes.sheet(name), key, semitones)
    click.echo(sheet.title)
    choruses = counted(len(sheet.parts), "chorus", "es")
    notes = counted(sum(len(part.notes) for part in sheet.parts), "note")
    click.echo(", ".join((*songbook.summary(replace(sheet, parts=())), choruses, notes)))
    # What it teaches names its own key.
    moved = key is not None or semitones is not None
    click.echo("" if moved else f"{etudes.character(name)}\n")
    click.echo(chart(sheet.changes))


def _write(out: Path, sheet: LeadSheet, written: Files) -> None:
    from sideman.library import charts

    bars, lost = len(sheet.changes.bars), charts.write(out, sheet)
    told = f"{sheet.title}, {counted(bars, 'bar')}"
    written.add(out, told, lost, title=sheet.title, bars=bars)
    written.end()


def _list(word: str, file: Path | None, etudes: bool, as_json: bool) -> None:
    if etudes:
        listing.show(listing.etudes(word).plain(), "the études", word, as_json)
    elif file is not None:
        _list_file(file, word, as_json)
    else:
        listing.show(listing.tunes(word).plain(), "the songbook", word, as_json)


def _list_file(file: Path, word: str, as_json: bool) -> None:
    from sideman import opening

    rows: list[tuple[object, ...]] = []
    unread: list[SidemanError] = []
    for tune in opening.tunes(file):
        if word.casefold() in f"{tune.title}\n{tune.composer}\n{tune.style}".casefold():
            try:
                rows.append(listing.tune(tune.open()))
            except SidemanError as error:
                unread.append(error)
    if unread and not rows:
        raise unread[0]
    found = listing.Rows(listing.HEADS, listing.RIGHT, rows)
    listing.show(found, str(file), word, as_json)
    for reason in unread:
        click.echo(f"sideman: {reason}", err=True)
