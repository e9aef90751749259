"""``sideman vary``: variations of a take."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

import click

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
    from numpy.random import default_rng

    from sideman import charts, improviser, instruments
    from sideman.models import registry
    from sideman.takes import reading, varying
    from sideman.takes.performer import Performer

    form = None if changes is None else charts.find(changes)[1].changes
    heard = reading.read_take(take, form)
    player = heard.instrument if instrument is None else instruments.named(instrument)
    model = registry.load(model_name, like=like)
    chosen = secrets.randbelow(1_000_000) if seed is None else seed
    playing, accompanying = default_rng(chosen).spawn(2)
    performer = Performer(
        model,
        heard.tempo_bpm if tempo is None else tempo,
        player,
        model.defaults.asked(asked),
        max_copy,
    )
    variations = varying.vary(heard.solo, performer, rng=playing, count=count, amount=amount)
    name = f"{charts.slug(take.stem)}-vary-{chosen}"
    for number, solo in enumerate(variations, start=1):
        variation = improviser.accompany(solo, rng=accompanying, instrument=player)
        written = out / (f"{name}-{number}.mid" if count > 1 else f"{name}.mid")
        played.write(written, variation, wanted, seed=chosen)
