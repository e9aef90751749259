"""``sideman songbook``: list, show and search the forms that come along."""

from __future__ import annotations

import click

from sideman import songbook
from sideman.formats.chart import chart
from sideman.formats.report import table


@click.command("songbook")
@click.argument("name", required=False)
@click.option("--search", "word", metavar="WORD", help="List only the forms that hold a word.")
@click.option("--key", metavar="KEY", help="Show the form in another key, such as Eb.")
@click.option("--transpose", "semitones", type=int, metavar="N", help="Show it N semitones higher.")
def command(name: str | None, word: str | None, key: str | None, semitones: int | None) -> None:
    """List the songbook, or show the changes of one form.

    NAME is a form's name in the list.
    """
    if name is None:
        click.echo("\n".join(_listed(songbook.search(word or ""))) or _nothing(word))
        return
    sheet = songbook.moved(songbook.load(name), key, semitones)
    by = f" ({sheet.composer})" if sheet.composer else ""
    click.echo(f"{sheet.title}{by}")
    click.echo(", ".join(songbook.summary(sheet)) + "\n")
    click.echo(chart(sheet.changes))


def _listed(names: tuple[str, ...]) -> list[str]:
    if not names:
        return []
    heads = ("name", "title", "key", "metre", "bars", "tempo", "style")
    rows = []
    for name in names:
        sheet = songbook.load(name)
        tempo = "" if sheet.tempo_bpm is None else f"{sheet.tempo_bpm:g}"
        meter, bars = sheet.changes.meter, len(sheet.changes.bars)
        rows.append((name, sheet.title, sheet.key or "", meter, bars, tempo, sheet.style))
    return table(heads, rows, "lllrrrl")


def _nothing(word: str | None) -> str:
    return f"Nothing in the songbook holds {word!r}; sideman songbook lists it all."
