"""``sideman licks``: the phrases of a take, in twelve keys."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from sideman.cli import asked as asked_for
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
    from sideman.library import charts
    from sideman.service import playing
    from sideman.service.requests import LicksRequest
    from sideman.service.takes import licks

    line = asked_for.line(take)
    assert line is not None
    result = playing.cut(
        LicksRequest(
            take=line,
            changes=None if changes is None else asked_for.tune(changes),
            numbers=numbers,
            fewest=fewest,
            part=wanted.part,
            instrument=instrument,
            tempo=tempo,
            seed=seed,
        )
    )
    name = charts.slug(take.stem)
    count = f"{len(result.licks)} lick{'s' if len(result.licks) != 1 else ''}"
    paper = replace(wanted, scores=("musicxml", *wanted.scores))
    sound = replace(wanted, scores=(), roll=None)
    played.draw(
        out / f"{name}-licks.mid", result.sheet, paper, told=f"{count} of {result.take.title}"
    )
    for each in result.licks:
        target = out / f"{name}-lick-{each.lick.number:02}.mid"
        played.draw(target, each.page, paper, told=licks.description(each.lick))
        played.write(target, each.loop, sound)
