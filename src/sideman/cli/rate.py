"""``sideman rate``: marks on takes, which tell a taste."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sideman.cli import asked, facts, options
from sideman.cli.options import argument, option
from sideman.words import counted

if TYPE_CHECKING:
    from sideman.service.rating import Marks


@click.command("rate")
@argument("take", type=click.Path(path_type=Path))
@argument("mark", type=click.Choice(["up", "down"]))
@option("--bars", metavar="BARS", default_text="all", help="Bars that are marked, such as 9-12.")
@options.file("--taste", required=True, help="File of the marks; written if it does not exist.")
@facts.options
def command(take: Path, mark: str, bars: str | None, taste: Path, printing: facts.Facts) -> None:
    """Mark a take, or bars of it, up or down, for a taste that solos move to.

    TAKE is a MIDI file written by sideman.  The mark is added to a taste file, JSON lines, with
    the request and the line of the take, so that the file is all that sideman improvise --taste
    needs.  A later mark on the same bars replaces an earlier one.  Marks of both kinds are
    needed, best twenty or more, on passages of a chorus or so.
    """
    from sideman import files
    from sideman.service import rating

    asked.target(taste, take, field="taste")
    known = asked.taste(taste) if taste.exists() else None
    marks = rating.rated(known or rating.Marks(str(taste)), asked.file(take), mark == "up", bars)
    files.write_whole(taste, marks.data())
    found = marks.json()
    printing.show(
        found,
        lambda: "\n".join(_lines(marks, found)),
        brief=lambda: _heading(found),
        more=lambda: _all(marks),
    )


def _heading(found: dict[str, Any]) -> str:
    marks = counted(found["marks"], "mark")
    return f"{found['taste']}: {marks}, {found['up']} up and {found['down']} down"


def _lines(marks: Marks, found: dict[str, Any]) -> Iterator[str]:
    """Yield the numbers of marks, what they prefer, and how to use them."""
    yield _heading(found)
    lacking = next((kind for kind in ("up", "down") if not found[kind]), None)
    if lacking is not None:
        yield f"nothing is preferred before some passages are marked {lacking}"
        return
    preferences = marks.preferences()
    if preferences:
        yield f"prefers {'; '.join(each.told for each in preferences[:3])}"
    else:
        yield "no single quality is clearly preferred so far"
    yield f"play by it: sideman improvise blues-f --taste {shlex.quote(found['taste'])}"


def _all(marks: Marks) -> str:
    """Return a row for each mark that counts."""
    from sideman.formats.report import table

    rows = [
        (mark.told, mark.bars or "all", mark.line.title, mark.request.seed)
        for mark in marks.counted
    ]
    return "\n".join(table(("mark", "bars", "title", "seed"), rows, "lllr"))
