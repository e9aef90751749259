"""``sideman inspect``."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import click

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
    from sideman.formats import registry

    document = registry.open_document(file)
    if document.report is None and document.read_charts is None:
        raise MusicError(f"{file}: is {document.label}, which inspect does not show yet.")
    given: dict[str, Any] = {name: value for name, value in options.items() if value is not None}
    if beats is not None:
        given["beats"] = _beats(beats)
    for name in given:
        if name not in document.report_options:
            raise MusicError(f"{file}: --{name} is not for {document.label}; leave it out.")
    if document.report is not None:
        report = document.report(**given)
    else:
        from sideman.library.charts import report as charts

        report = charts.report(document.charts or (), file, **given)
    click.echo(json.dumps(report.data, ensure_ascii=False, indent=2) if as_json else report.text)


def _beats(text: str) -> tuple[float, float]:
    match = re.fullmatch(r"(\d{1,9}(?:\.\d{1,9})?):(\d{1,9}(?:\.\d{1,9})?)", text.strip())
    if match is None:
        raise MusicError(f"--beats {text[:40]!r} is not a range; write one like 476:548.")
    return float(match[1]), float(match[2])
