"""``sideman trade``: an answer to a phrase."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from sideman import terminal
from sideman.cli import asked as asked_for
from sideman.cli import controls, options, played
from sideman.cli.options import argument, option


@click.command("trade")
@argument("phrase", type=click.Path(path_type=Path))
@option(
    "--changes",
    metavar="CHANGES",
    shell_complete=options.tunes,
    default_text="the chords in the phrase's file",
    help="Changes over which the phrase is answered.",
)
@options.OUT
@option(
    "--bars",
    type=int,
    default=options.request("TradeRequest", "bars"),
    metavar="N",
    help="Bars of the phrase, the last ones of a take, and of the answer.",
)
@option(
    "--start-bar",
    "first_bar",
    aliases=("--from",),
    type=click.IntRange(min=1),
    default=options.request("TradeRequest", "first_bar"),
    metavar="BAR",
    help="Bar of the form in which the phrase starts.",
)
@options.seed()
@options.tempo("the phrase's")
@options.TITLE
@options.instrument("Instrument that answers.", default_text="the phrase's")
@options.EXPRESSION
@controls.player
@controls.options(options.constant("takes.trading", "USUAL"))
@played.options(audio=False)
def command(
    phrase: Path,
    changes: str | None,
    out: Path,
    bars: int,
    first_bar: int,
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
    """Answer a phrase, as in trading fours.

    PHRASE is a melody as MIDI, a lead sheet or MusicXML.  The answer imitates its rhythm and
    intervals over the changes that follow; both are written with the band.  Of a take, which has
    changes of its own, the last bars are answered, as many as --bars; over other CHANGES they are
    at the place that they have in the take, counted from --start-bar.
    """
    from sideman.files import slug
    from sideman.service import playing
    from sideman.service.requests import TradeRequest

    given, performer = asked_for.performer(model, player, max_copy, asked, taste, phrase)
    line = asked_for.line(phrase)
    assert line is not None
    over = None if changes is None else asked_for.tune(changes)
    whole = TradeRequest(
        phrase=line,
        changes=over,
        bars=bars,
        first_bar=first_bar,
        instrument=instrument,
        tempo=tempo,
        title=title,
        expression=expression,
        seed=seed,
        **performer,
    )
    request = playing.called(whole)
    if request.first_bar > first_bar and not (wanted.quiet or wanted.as_json):
        first = request.first_bar - first_bar + 1
        form = "" if over is None else f", over {playing.tune(over)[1].title}"
        click.echo(f"answering bars {first} to {first + bars - 1}, the last of {phrase}{form}")
    with terminal.share_bar("Playing") as progress:
        result = playing.trade(request, **given, progress=progress)
    played.write(out, f"{slug(phrase.stem)}-trade-{result.request.seed}", result, wanted)
