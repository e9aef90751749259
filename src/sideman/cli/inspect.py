"""``sideman inspect``: the content of a file."""

from __future__ import annotations

import json
import re
from pathlib import Path

import click

from sideman.cli import asked
from sideman.cli import options as shared
from sideman.cli.options import option
from sideman.errors import MusicError


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@option("--melody", metavar="PART", help="MIDI: part with the melody, by number or name.")
@option("--chords", metavar="PART", help="MIDI: part with the chords, by number or name.")
@option(
    "--beats",
    metavar="FROM:TO",
    help="MIDI: range to read, in quarter notes from the start of the file, such as 476:548.",
)
@option("--tune", metavar="TITLE", help="Playlist: tune to show.")
@option("--solo", metavar="N", help="Database of solos: number of the solo to show.")
@shared.AS_JSON
def command(file: Path, as_json: bool, beats: str | None, **options: str | None) -> None:
    """Show what sideman reads from a file.

    The parts, which of them are melody and chords and why, measures, chords, first bars of melody,
    bricks; of a grammar its rules and symbols, of a model of harmony its substitutions.
    """
    from sideman.service import converting

    bounds = None if beats is None else _beats(beats)
    report = converting.inspect(asked.file(file), beats=bounds, **options)
    click.echo(json.dumps(report.data, ensure_ascii=False, indent=2) if as_json else report.text)


def _beats(text: str) -> tuple[float, float]:
    match = re.fullmatch(r"(\d{1,9}(?:\.\d{1,9})?):(\d{1,9}(?:\.\d{1,9})?)", text.strip())
    if match is None:
        raise MusicError(f"--beats {text[:40]!r} is not a range; write one like 476:548.")
    return float(match[1]), float(match[2])
