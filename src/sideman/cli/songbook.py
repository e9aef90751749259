"""``sideman songbook``: list, show and search the forms that come along, or another playlist."""

from __future__ import annotations

from pathlib import Path

import click

from sideman import songbook
from sideman.errors import SidemanError
from sideman.formats.chart import chart
from sideman.formats.report import table
from sideman.score import LeadSheet

_HEADS = ("title", "key", "metre", "bars", "tempo", "style")
_RIGHT = "llrrrl"


@click.command("songbook")
@click.argument("name", required=False)
@click.option("--search", "word", metavar="WORD", help="List only the forms that hold a word.")
@click.option(
    "--from",
    "file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Take a playlist, or any file of charts, as the songbook.",
)
@click.option("--key", metavar="KEY", help="Show the form in another key, such as Eb.")
@click.option("--transpose", "semitones", type=int, metavar="N", help="Show it N semitones higher.")
def command(
    name: str | None, word: str | None, file: Path | None, key: str | None, semitones: int | None
) -> None:
    """List the songbook, or show the changes of one form.

    NAME is a form's name in the list; with --from, a tune's title or a part of it.
    """
    if name is not None:
        _show(songbook.moved(_opened(name, file), key, semitones))
    elif file is not None:
        _list_file(file, word or "")
    else:
        _list_forms(word or "")


def _opened(name: str, file: Path | None) -> LeadSheet:
    if file is None:
        return songbook.load(name)
    from sideman import charts

    return charts.read(file, name)


def _show(sheet: LeadSheet) -> None:
    by = f" ({sheet.composer})" if sheet.composer else ""
    click.echo(f"{sheet.title}{by}")
    click.echo(", ".join(songbook.summary(sheet)) + "\n")
    click.echo(chart(sheet.changes))


def _list_forms(word: str) -> None:
    rows = [(name, *_row(songbook.load(name))) for name in songbook.search(word)]
    _print(("name", *_HEADS), rows, "l" + _RIGHT, "the songbook", word)


def _list_file(file: Path, word: str) -> None:
    from sideman import charts

    rows: list[tuple[object, ...]] = []
    unread: list[SidemanError] = []
    for tune in charts.tunes(file):
        if word.casefold() in f"{tune.title}\n{tune.composer}\n{tune.style}".casefold():
            try:
                rows.append(_row(tune.open()))
            except SidemanError as error:
                unread.append(error)
    if unread and not rows:
        raise unread[0]
    _print(_HEADS, rows, _RIGHT, str(file), word)
    for reason in unread:
        click.echo(f"sideman: {reason}", err=True)


def _row(sheet: LeadSheet) -> tuple[object, ...]:
    tempo = "" if sheet.tempo_bpm is None else f"{sheet.tempo_bpm:g}"
    meter, bars = sheet.changes.meter, len(sheet.changes.bars)
    return (sheet.title, sheet.key or "", meter, bars, tempo, sheet.style)


def _print(
    heads: tuple[str, ...], rows: list[tuple[object, ...]], right: str, where: str, word: str
) -> None:
    if rows:
        click.echo("\n".join(table(heads, rows, right)))
    else:
        click.echo(f"Nothing in {where} holds {word!r}; leave --search out to see it all.")
