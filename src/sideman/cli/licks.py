"""``sideman licks``: the phrases of a take, in twelve keys."""

from __future__ import annotations

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
@click.option("--audio/--no-audio", default=False, help="Write an MP3 beside each practice loop.")
def command(
    take: Path,
    out: Path,
    changes: str | None,
    numbers: tuple[int, ...],
    fewest: int,
    tempo: float | None,
    instrument: str | None,
    seed: int,
    audio: bool,
) -> None:
    """Cut a take into licks to practise in twelve keys.

    TAKE is a MIDI file that sideman has played, or any line over changes: MIDI, a lead sheet,
    MusicXML.  Written are a sheet of all licks and, for each, a page and a MIDI loop through the
    cycle of fourths: the lick with the band, then the same bars for you to answer.
    """
    from numpy.random import default_rng

    from sideman import charts, improviser, instruments
    from sideman.takes import licks, reading

    form = None if changes is None else charts.find(changes)[1].changes
    heard = reading.read_take(take, form)
    player = heard.instrument if instrument is None else instruments.named(instrument)
    found = licks.licks(heard.solo, fewest=fewest)
    chosen = licks.numbered(found, numbers)
    name = charts.slug(take.stem)
    sheet = out / f"{name}-licks.musicxml"
    charts.write(sheet, licks.sheet(heard.solo, chosen))
    count = f"{len(chosen)} lick{'s' if len(chosen) != 1 else ''}"
    click.echo(f"{sheet}  {count} of {heard.solo.title}")
    for lick in chosen:
        written = out / f"{name}-lick-{lick.number:02}.mid"
        page = written.with_suffix(".musicxml")
        keys = licks.in_twelve_keys(lick, heard.solo.title, low=player.low, high=player.high)
        charts.write(page, keys)
        click.echo(f"{page}  {licks.description(lick)}")
        loop = licks.loop(
            lick,
            heard.solo,
            low=player.low,
            high=player.high,
            tempo_bpm=heard.tempo_bpm if tempo is None else tempo,
        )
        practice = improviser.accompany(
            loop, rng=default_rng([seed, lick.number]), instrument=player
        )
        played.write(written, practice, audio=audio)
