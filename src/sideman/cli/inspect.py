"""``sideman inspect``: the content of a file."""

from __future__ import annotations

import hashlib
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sideman.cli import asked, facts
from sideman.cli import options as shared
from sideman.cli.options import argument, option
from sideman.errors import FileError, MusicError

if TYPE_CHECKING:
    from sideman.files import File


@click.command()
@argument("file", type=click.Path(), shell_complete=shared.tunes_and_models)
@option("--melody", metavar="PART", help="MIDI: part with the melody, by number or name.")
@option("--chords", metavar="PART", help="MIDI: part with the chords, by number or name.")
@option(
    "--beats",
    metavar="FROM:TO",
    help="MIDI: range to read, in quarter notes from the start of the file, such as 476:548.",
)
@option("--tune", metavar="TITLE", help="Playlist: tune to show.")
@option("--solo", metavar="N", help="Database of solos: number of the solo to show.")
@option(
    "--check",
    is_flag=True,
    help="Database of solos: compare its solos with those of the benchmark; exits with 1 where any "
    "is missing or has other events.",
)
@option("--card", is_flag=True, help="Model: show its card as Markdown; --out writes it.")
@shared.file(
    "--out", help="Grammar: also write its text to this new file, to be changed. Or see --card."
)
@facts.options
def command(
    file: str,
    beats: str | None,
    check: bool,
    card: bool,
    out: Path | None,
    printing: facts.Facts,
    **options: str | None,
) -> None:
    """Show what sideman reads from a file.

    The parts, which of them are melody and chords and why, measures, chords, the first bars of the
    melody and a chart's harmonic bricks; of a grammar its rules, symbols, parameters and bricks; of
    a model of harmony its substitutions.  FILE may also be the name of a model that comes with
    sideman, such as cfg or harmony, the name of a tune in the songbook, or typed changes.
    """
    from sideman import files, opening
    from sideman.service import converting
    from sideman.service.requests import Tune

    if check:
        _check(file, bool(card or out or beats or any(options.values())), printing)
        return
    if card:
        _card(file, bool(beats or any(options.values())), out, printing)
        return
    bounds = None if beats is None else _beats(beats)
    given = asked.shipped(file)
    if given is None and (files.is_file(file) or files.is_folder(file)):
        given = asked.file(Path(file))
    if given is not None:
        report = converting.inspect(given, beats=bounds, **options)
    else:
        name, sheet = opening.find(file)
        report = converting.inspect_tune(Tune(name=name, sheet=sheet), beats=bounds, **options)
    if out is not None:
        _copy(given, str(report.data.get("format")), out)
    printing.show(
        report.data,
        lambda: report.text,
        brief=lambda: report.brief or report.text.strip().partition("\n")[0],
        more=lambda: _source(file, given),
    )
    if out is not None:
        printing.written([out])


def _check(file: str, otherwise: bool, printing: facts.Facts) -> None:
    """Compare a database with the solos of the benchmark; exit with 1 where they differ."""
    from sideman.service import checking

    if otherwise:
        raise MusicError("The check is of a whole database; leave the other options out.")
    given = asked.file(Path(file))
    report = checking.check(given)
    printing.show(
        report.data,
        lambda: report.text,
        brief=lambda: report.text.partition("\n")[0],
        more=lambda: "\n".join(
            (*(f"{each}: {_names(report.data[each])}" for each in _LISTED), _source(file, given))
        ),
    )
    if not report.data["complete"]:
        sys.exit(1)


def _card(file: str, otherwise: bool, out: Path | None, printing: facts.Facts) -> None:
    """Print the card of a model, or write it to a file, which is replaced."""
    from sideman.files import write_whole
    from sideman.service import cards

    if otherwise:
        raise MusicError("A card is of a whole model; leave the other options out.")
    asked.target(out, file)
    if out is not None and out.suffix.lower() not in _CARDS:
        raise FileError(
            f"{out}: a card is Markdown; let the name end in {' or '.join(_CARDS)}.", field="out"
        )
    given = asked.shipped(file) or asked.file(Path(file))
    report = cards.card(given)
    if out is not None:
        write_whole(out, report.text + "\n")
    if out is None or printing.as_json:
        printing.show(
            report.data,
            lambda: report.text,
            brief=lambda: f"{report.data['file']}  {report.data['kind']}: {report.data['is']}",
            more=lambda: _source(file, given),
        )
    if out is not None:
        printing.written([out])


def _names(found: object) -> str:
    return ", ".join(map(str, found)) or "none" if isinstance(found, list | dict) else str(found)


_CARDS = (".md", ".txt")
_LISTED = ("missing", "other", "further")


def _source(asked: str, given: File | None) -> str:
    """Return where a report comes from: the file's size and its SHA-256."""
    if given is None:
        return f"source  {asked}, no file"
    digest = hashlib.sha256(given.data).hexdigest()
    return f"file     {given.name}\nbytes    {len(given.data):,}\nSHA-256  {digest}"


def _copy(given: File | None, kind: str, out: Path) -> None:
    """Write a grammar to a new file."""
    from sideman import files
    from sideman.models.file import GRAMMAR
    from sideman.service import grammars

    if given is None or kind != "grammar":
        name = "This" if given is None else f"{given.name}:"
        raise MusicError(f"{name} is no grammar, which alone is copied.", field="out")
    if out.suffix != GRAMMAR:
        raise FileError(
            f"{out}: a grammar is read by the suffix {GRAMMAR}; give such a name.", field="out"
        )
    if out.exists():
        raise FileError(f"{out}: is there already; give the copy another name.", field="out")
    files.check_folder(out.parent, field="out")
    files.write_whole(out, grammars.text(given))


def _beats(text: str) -> tuple[float, float]:
    match = re.fullmatch(r"(\d{1,9}(?:\.\d{1,9})?):(\d{1,9}(?:\.\d{1,9})?)", text.strip())
    if match is None:
        raise MusicError(f"--beats {text[:40]!r} is not a range; write one like 476:548.")
    return float(match[1]), float(match[2])
