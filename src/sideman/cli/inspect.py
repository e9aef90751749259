"""``sideman inspect``."""

from __future__ import annotations

import json
import re
from pathlib import Path

import click

from sideman.cli import asked
from sideman.errors import MusicError


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--melody", metavar="PART", help="MIDI: the melody, by number or part of its name.")
@click.option("--chords", metavar="PART", help="MIDI: the part that plays the chords.")
@click.option(
    "--beats",
    metavar="FROM:TO",
    help="MIDI: the range that counts, in quarters from the start of the file, such as 476:548.",
)
@click.option("--tune", metavar="TITLE", help="A playlist: the tune to show.")
@click.option("--solo", metavar="N", help="A database of solos: the one to show.")
@click.option("--json", "as_json", is_flag=True, help="Print the same as JSON.")
def command(file: Path, as_json: bool, beats: str | None, **options: str | None) -> None:
    """Show what sideman reads in a file.

    Parts, what was chosen and why, measures, chords and the first bars of the melody.
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
