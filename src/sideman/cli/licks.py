"""``sideman licks``: the phrases of a take, in twelve keys."""

from __future__ import annotations

from pathlib import Path

import click

from sideman.cli import asked as asked_for
from sideman.cli import options, played
from sideman.cli.options import argument, option
from sideman.words import counted


@click.command("licks")
@argument("take", type=click.Path(path_type=Path))
@options.OUT
@options.TAKE_CHANGES
@option(
    "--lick",
    "numbers",
    type=int,
    multiple=True,
    metavar="N",
    help="Write only the lick with this number; repeatable.",
)
@options.min_notes("LicksRequest", aliases=("--fewest",))
@options.tempo("the take's")
@options.TITLE
@options.instrument("Instrument whose range the licks fit.", default_text="the take's")
@options.seed("", default=0)
@options.EXPRESSION
@played.options(audio=False, sheets=True)
def command(
    take: Path,
    out: Path,
    changes: str | None,
    numbers: tuple[int, ...],
    fewest: int,
    tempo: float | None,
    title: str,
    instrument: str | None,
    seed: int,
    expression: float | None,
    wanted: played.Wanted,
) -> None:
    """Cut a take into licks to practise in twelve keys.

    TAKE is a MIDI file written by sideman, or any melody over changes: MIDI, a lead sheet or
    MusicXML.  The command writes a sheet of all licks and, for each lick, a page and a MIDI loop
    through the cycle of fourths: the lick with the band, then the same bars without it for you to
    play.  Pages are MusicXML, and also in the formats that --score names.
    """
    from sideman.files import slug
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
            title=title,
            seed=seed,
            expression=expression,
        )
    )
    name = slug(take.stem)
    count = counted(len(result.licks), "lick")
    told = f"{count} of {result.take.title}"
    played.write_pages(out, f"{name}-licks", result.sheet, wanted, told)
    for each in result.licks:
        told = licks.description(each.lick)
        stem = f"{name}-lick-{each.lick.number:02}"
        played.write(out, stem, each.loop, wanted, played.Page(each.page, told))
