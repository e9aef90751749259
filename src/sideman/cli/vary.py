"""``sideman vary``: variations of a take."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from sideman import terminal
from sideman.cli import asked as asked_for
from sideman.cli import controls, options, played
from sideman.cli.options import argument, option


@click.command("vary")
@argument("take", type=click.Path(path_type=Path))
@options.OUT
@options.TAKE_CHANGES
@option(
    "--amount",
    type=float,
    default=options.request("VaryRequest", "amount"),
    metavar="SHARE",
    help="Share of the bars to change; 1 also changes strong beats and the ends of phrases.",
)
@option(
    "--count",
    type=int,
    default=options.request("VaryRequest", "count"),
    metavar="N",
    help="Number of variations.",
)
@options.seed()
@options.tempo("the take's")
@options.TITLE
@options.instrument("Instrument of the soloist.", default_text="the take's")
@options.EXPRESSION
@controls.player
@controls.options()
@played.options(audio=False)
def command(
    take: Path,
    out: Path,
    changes: str | None,
    amount: float,
    count: int,
    seed: int | None,
    tempo: float | None,
    title: str,
    instrument: str | None,
    expression: float | None,
    model: str | None,
    player: str | None,
    max_copy: int,
    taste: Path | None,
    wanted: played.Wanted,
    **asked: Any,
) -> None:
    """Write variations of a take.

    TAKE is a MIDI file written by sideman, or any melody over changes: MIDI, a lead sheet or
    MusicXML.  Notes on strong beats and at the start and end of phrases are kept.  In the bars that
    change, either the rhythm is kept and the pitches are new, or both are new.
    """
    from sideman.files import slug
    from sideman.service import playing
    from sideman.service.requests import VaryRequest

    given, performer = asked_for.performer(model, player, max_copy, asked, taste, take)
    line = asked_for.line(take)
    assert line is not None
    request = VaryRequest(
        take=line,
        changes=None if changes is None else asked_for.tune(changes),
        amount=amount,
        count=count,
        instrument=instrument,
        tempo=tempo,
        title=title,
        expression=expression,
        seed=seed,
        **performer,
    )
    with terminal.share_bar("Playing") as progress:
        results = list(playing.vary(request, **given, progress=progress))
    for number, result in enumerate(results, start=1):
        name = f"{slug(take.stem)}-vary-{result.request.seed}"
        played.write(out, f"{name}-{number}" if count > 1 else name, result, wanted)
