"""``sideman improvise``: a solo over changes."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import click

from sideman import terminal
from sideman.cli import asked as asked_for
from sideman.cli import band, controls, options, played
from sideman.cli.options import argument, option, together
from sideman.theory.instruments import INSTRUMENT

_WITH_AGAIN = ("again", "model", "taste", "out", "title")
arguments = together(
    argument("changes", required=False, shell_complete=options.tunes),
    options.OUT,
    options.seed(),
    option(
        "--choruses",
        type=int,
        metavar="N",
        default_text="3, one for each key of a cycle, or as many as the take has",
        help="Number of choruses of the solo.",
    ),
    option(
        "--ramp",
        metavar="BPM:BPM",
        help="Tempos of the first and the last chorus, such as 120:200; the others lie between.",
    ),
    options.cycle("Order of the keys, one for each chorus, such as fourths."),
    option("--loop", metavar="BARS", help="Play only these bars of the tune, such as 9-12."),
    options.TUNE,
    options.KEY,
    options.TRANSPOSE,
    options.tempo("the tune's"),
    options.TITLE,
    options.instrument(
        "Instrument of the soloist, such as tenor, trumpet or guitar.", default=INSTRUMENT
    ),
    options.EXPRESSION,
    options.file("--prime", help="Start the solo with this phrase and return to it."),
    options.file(
        "--take",
        help="Regenerate this take in its own manner, except for what --keep and --lock preserve.",
    ),
    option("--keep", metavar="BARS", help="Bars of the take to keep, such as 1-4,9-12."),
    option(
        "--lock",
        type=click.Choice(["rhythm", "contour"]),
        help="Keep the rhythm or the contour of the other bars of the take.",
    ),
    options.file(
        "--again",
        metavar="TAKE",
        help="Reproduce this take from the request stored in it, byte for byte; takes no CHANGES.",
    ),
    controls.player,
    controls.options(),
    band.options,
)
"""CHANGES and the options of a solo with its band."""


_HELP = """Improvise a solo over changes.

CHANGES is the name of a tune in the songbook (happy-birthday, blues-f, ...), a file (lead sheet,
MusicXML, iReal Pro, MIDI), or typed changes: "| F7 | Bb7 | F7 | Cm7 F7 |".
"""


@click.command("improvise", help=_HELP)
@arguments
@played.options(audio=True)
def command(**values: Any) -> None:
    """Improvise."""
    improvise(**values)


def improvise(
    changes: str | None,
    out: Path,
    seed: int | None,
    choruses: int | None,
    tune: str | None,
    key: str | None,
    semitones: int | None,
    tempo: float | None,
    title: str,
    instrument: str,
    expression: float | None,
    model: str | None,
    player: str | None,
    prime: Path | None,
    take: Path | None,
    keep: str | None,
    lock: str | None,
    ramp: str | None,
    cycle: str | None,
    loop: str | None,
    again: Path | None,
    max_copy: int,
    taste: Path | None,
    style: str | None,
    swing: float | None,
    count_in: bool,
    intro: bool,
    head: bool,
    fours: bool,
    ending: bool,
    wanted: played.Wanted,
    **asked: Any,
) -> None:
    """Write the take that the options of :data:`arguments` describe."""
    from sideman import files
    from sideman.band.arranging import Plan
    from sideman.errors import MusicError
    from sideman.service import playing
    from sideman.service.requests import PlayRequest

    if again is not None:
        if changes is not None:
            raise MusicError("--again takes no CHANGES; give one of the two.")
        names = {one.name or "" for one in click.get_current_context().command.params}
        asks = sorted(
            names - {"changes", *_WITH_AGAIN, *(one.name for one in fields(played.Wanted))}
        )
        options.refuse(asks, "--again repeats the request of the take; leave this out.")
        request = playing.requested(files.read_bytes(again), str(again))
        request = replace(request, title=title or request.title)
        remark = playing.remark(request)
        if remark:
            click.echo(f"{again}: {remark}", err=True)
        given: dict[str, Any] = {
            "model": (
                playing.beside(request, (again.parent, "."))
                if model is None
                else asked_for.model(model)
            ),
            "taste": asked_for.taste(taste),
        }
        with terminal.share_bar("Playing") as progress:
            result = playing.again(request, **given, progress=progress)
        played.write(out, again.stem, result, wanted)
        return
    if changes is None:
        raise click.UsageError("Missing argument 'CHANGES'.")
    given, performer = asked_for.performer(model, player, max_copy, asked, taste, take)
    plan = Plan(count_in=count_in, intro=intro, head=head, fours=fours, ending=ending)
    with terminal.share_bar("Playing") as progress:
        result = playing.play(
            PlayRequest(
                changes=asked_for.tune(changes, tune),
                key=key,
                transpose=semitones,
                choruses=choruses,
                tempo=tempo,
                title=title,
                instrument=instrument,
                expression=expression,
                swing=swing,
                arrangement=plan,
                prime=asked_for.line(prime),
                take=asked_for.line(take),
                keep=keep,
                lock=lock,
                ramp=ramp,
                cycle=cycle,
                loop=loop,
                seed=seed,
                **performer,
                **asked_for.style(style),
            ),
            **given,
            progress=progress,
        )
    played.write(out, f"{result.name}-{result.request.seed}", result, wanted)
