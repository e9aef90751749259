"""``sideman trade``: a phrase in, its answer out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from sideman.cli import asked as asked_for
from sideman.cli import controls, played


@click.command("trade")
@click.argument("phrase", type=click.Path(path_type=Path))
@click.option(
    "--changes",
    metavar="CHANGES",
    help="The form over which it is traded.  [default: the chords in the phrase's file]",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    required=True,
    metavar="FOLDER",
    help="Where the files go; made if it is not there.",
)
@click.option("--bars", type=int, default=4, show_default=True, help="How many bars each has.")
@click.option(
    "--from",
    "first_bar",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    metavar="BAR",
    help="The bar of the form in which the phrase begins.",
)
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    help="Where chance begins: the same seed gives the same files.  [default: a new one each time]",
)
@click.option("--tempo", type=float, metavar="BPM", help="[default: the phrase's]")
@click.option("--instrument", metavar="NAME", help="What answers.  [default: the phrase's]")
@controls.player
@controls.options
@played.options(audio=False)
def command(
    phrase: Path,
    changes: str | None,
    out: Path,
    bars: int,
    first_bar: int,
    seed: int | None,
    tempo: float | None,
    instrument: str | None,
    model_name: str,
    like: str | None,
    max_copy: int,
    wanted: played.Wanted,
    **asked: Any,
) -> None:
    """Answer a phrase.

    PHRASE is one line as MIDI, a lead sheet or MusicXML.  The answer takes up its rhythm and its
    intervals and goes on over the changes; both are written with the band.
    """
    from sideman.library import charts
    from sideman.service import playing
    from sideman.service.requests import TradeRequest

    given = asked_for.model(model_name)
    called = asked_for.line(phrase)
    assert called is not None
    result = playing.trade(
        TradeRequest(
            phrase=called,
            changes=None if changes is None else asked_for.tune(changes),
            bars=bars,
            first_bar=first_bar,
            instrument=instrument,
            tempo=tempo,
            model=model_name if given is None else given.name,
            player=like,
            controls=asked_for.controls(asked),
            max_copy=max_copy,
            seed=seed,
        ),
        model=given,
    )
    name = f"{charts.slug(phrase.stem)}-trade-{result.request.seed}"
    played.write(out / f"{name}.mid", result, wanted)
