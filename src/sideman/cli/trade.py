"""``sideman trade``: a phrase in, its answer out."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

import click

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
    best_of: int | None,
    **asked: Any,
) -> None:
    """Answer a phrase.

    PHRASE is one line as MIDI, a lead sheet or MusicXML.  The answer takes up its rhythm and its
    intervals and goes on over the changes; both are written with the band.
    """
    from dataclasses import replace

    from numpy.random import default_rng

    from sideman import charts, improviser, instruments
    from sideman.models import registry
    from sideman.takes import reading, trading
    from sideman.takes.performer import Performer

    if changes is None:
        heard = reading.read_take(phrase)
        called, form = heard.solo, heard.over
    else:
        heard = reading.read_phrase(phrase)
        sheet = charts.find(changes)[1]
        called = replace(
            heard.solo, style=heard.solo.style or sheet.style, key=heard.solo.key or sheet.key
        )
        form = sheet.changes
    player = heard.instrument if instrument is None else instruments.named(instrument)
    model = registry.load(model_name, like=like)
    chosen = secrets.randbelow(1_000_000) if seed is None else seed
    playing, accompanying = default_rng(chosen).spawn(2)
    traded = trading.exchange(
        Performer(
            model,
            heard.tempo_bpm if tempo is None else tempo,
            player,
            model.defaults.asked({**asked, "best_of": best_of or trading.BEST_OF}),
            max_copy,
        ),
        called,
        form,
        meter=heard.meter,
        bars=bars,
        first_bar=first_bar - 1,
        rng=playing,
    )
    take = improviser.accompany(traded.whole, rng=accompanying, instrument=player)
    written = out / f"{charts.slug(phrase.stem)}-trade-{chosen}.mid"
    played.write(written, take, wanted, seed=chosen)
