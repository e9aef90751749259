"""``sideman licks``: the phrases of a take, in twelve keys."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from sideman.cli import played


@click.command("licks")
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
    "--lick",
    "numbers",
    type=int,
    multiple=True,
    metavar="N",
    help="Only the lick of this number.  May be given several times.",
)
@click.option(
    "--fewest",
    type=click.IntRange(min=1),
    default=4,
    show_default=True,
    metavar="NOTES",
    help="Leave out phrases of fewer notes.",
)
@click.option("--tempo", type=float, metavar="BPM", help="[default: the take's]")
@click.option("--instrument", metavar="NAME", help="For whom.  [default: the take's]")
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="Where the band's chance begins.",
)
@played.options(audio=False)
def command(
    take: Path,
    out: Path,
    changes: str | None,
    numbers: tuple[int, ...],
    fewest: int,
    tempo: float | None,
    instrument: str | None,
    seed: int,
    wanted: played.Wanted,
) -> None:
    """Cut a take into licks to practise in twelve keys.

    TAKE is a MIDI file that sideman has played, or any line over changes: MIDI, a lead sheet,
    MusicXML.  Written are a sheet of all licks and, for each, a page and a MIDI loop through the
    cycle of fourths: the lick with the band, then the same bars for you to answer.  Sheet and pages
    are MusicXML, and what --score names.
    """
    from numpy.random import default_rng

    from sideman import charts, improviser, instruments
    from sideman.takes import licks, reading

    form = None if changes is None else charts.find(changes)[1].changes
    heard = reading.read_take(take, form)
    player = heard.instrument if instrument is None else instruments.named(instrument)
    found = licks.licks(heard.solo, fewest=fewest)
    chosen = licks.numbered(found, numbers)
    bpm = heard.tempo_bpm if tempo is None else tempo
    low, high = player.low, player.high
    sheet = licks.sheet(heard.solo, chosen)
    pages = [
        licks.page(lick, heard.solo, low=low, high=high, tempo_bpm=bpm, part=wanted.part)
        for lick in chosen
    ]
    name = charts.slug(take.stem)
    count = f"{len(chosen)} lick{'s' if len(chosen) != 1 else ''}"
    paper = replace(wanted, scores=("musicxml", *wanted.scores))
    sound = replace(wanted, scores=(), roll=None)
    played.draw(out / f"{name}-licks.mid", sheet, paper, told=f"{count} of {heard.solo.title}")
    for lick, page in zip(chosen, pages, strict=True):
        written = out / f"{name}-lick-{lick.number:02}.mid"
        played.draw(written, page, paper, told=licks.description(lick))
        loop = licks.loop(lick, heard.solo, low=low, high=high, tempo_bpm=bpm)
        practice = improviser.accompany(
            loop, rng=default_rng([seed, lick.number]), instrument=player
        )
        played.write(written, practice, sound, seed=seed)
