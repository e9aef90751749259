"""``sideman vary``: variations of a take."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from sideman.cli import asked as asked_for
from sideman.cli import controls, played


@click.command("vary")
@click.argument("take", type=click.Path(path_type=Path))
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    required=True,
    metavar="FOLDER",
    help="Where the files go; made if it is not there.",
)
@click.option("--changes", metavar="CHANGES", help="The form, for a take that says no chords.")
@click.option(
    "--amount",
    type=float,
    default=0.5,
    show_default=True,
    metavar="SHARE",
    help="The share of the bars that change; 1 leaves the skeleton alone.",
)
@click.option("--count", type=int, default=1, show_default=True, help="How many variations.")
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    help="Where chance begins: the same seed gives the same files.  [default: a new one each time]",
)
@click.option("--tempo", type=float, metavar="BPM", help="[default: the take's]")
@click.option("--instrument", metavar="NAME", help="[default: the take's]")
@controls.player
@controls.options
@played.options(audio=False)
def command(
    take: Path,
    out: Path,
    changes: str | None,
    amount: float,
    count: int,
    seed: int | None,
    tempo: float | None,
    instrument: str | None,
    model_name: str,
    like: str | None,
    max_copy: int,
    wanted: played.Wanted,
    **asked: Any,
) -> None:
    """Play variations of a take.

    TAKE is a MIDI file that sideman has played, or any line over changes: MIDI, a lead sheet,
    MusicXML.  What one knows it by stays: strong beats, beginnings and ends of phrases.  In the
    bars that change, either the rhythm stays too, or the line goes other ways.
    """
    from dataclasses import replace

    from sideman.library import charts
    from sideman.service import playing
    from sideman.service.requests import VaryRequest
    from sideman.service.takes import settling

    given = asked_for.model(model_name)
    line = asked_for.line(take)
    assert line is not None
    if changes is not None:
        form = asked_for.tune(changes).sheet
        assert form is not None
        line = replace(line, solo=settling.over(line.solo, form.changes, line.meter))
    request = VaryRequest(
        take=line,
        amount=amount,
        count=count,
        instrument=instrument,
        tempo=tempo,
        model=model_name if given is None else given.name,
        player=like,
        controls=asked_for.controls(asked),
        max_copy=max_copy,
        seed=seed,
    )
    for number, result in enumerate(playing.vary(request, model=given), start=1):
        name = f"{charts.slug(take.stem)}-vary-{result.request.seed}"
        played.write(out / (f"{name}-{number}.mid" if count > 1 else f"{name}.mid"), result, wanted)
