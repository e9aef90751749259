"""``sideman improvise``: changes in, a solo out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from sideman.cli import asked as asked_for
from sideman.cli import band, controls, played


@click.command("improvise")
@click.argument("changes", required=False)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    required=True,
    metavar="FOLDER",
    help="Where the files go; made if it is not there.",
)
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    help="Where chance begins: the same seed gives the same files.  [default: a new one each time]",
)
@click.option(
    "--choruses",
    type=int,
    help="How often the form is played.  [default: 3, or as often as in the take]",
)
@click.option("--tune", metavar="TITLE", help="Which tune of a file that holds several.")
@click.option("--key", metavar="KEY", help="Play in another key, such as Eb.")
@click.option("--transpose", "semitones", type=int, metavar="N", help="Play N semitones higher.")
@click.option("--tempo", type=float, metavar="BPM", help="Quarter notes a minute, 20 to 400.")
@click.option(
    "--instrument",
    default="tenor sax",
    show_default=True,
    help="What the soloist plays: tenor, alto, trumpet, trombone, clarinet, guitar ...",
)
@click.option(
    "--prime",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Begin with this phrase and go on from it.",
)
@click.option(
    "--take",
    "earlier",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Play an earlier take anew, but for what --keep and --lock say.",
)
@click.option("--keep", metavar="BARS", help="Bars of the take that stay, such as 1-4,9-12.")
@click.option(
    "--lock",
    type=click.Choice(["rhythm", "contour"]),
    help="What stays of the take's other bars: when notes come, or how they rise and fall.",
)
@click.option(
    "--again",
    type=click.Path(path_type=Path),
    metavar="TAKE",
    help="Play what this take was asked for: the same bytes again, without CHANGES.",
)
@controls.player
@controls.options
@band.options
@played.options(audio=True)
def command(
    changes: str | None,
    out: Path,
    seed: int | None,
    choruses: int | None,
    tune: str | None,
    key: str | None,
    semitones: int | None,
    tempo: float | None,
    instrument: str,
    model_name: str,
    like: str | None,
    prime: Path | None,
    earlier: Path | None,
    keep: str | None,
    lock: str | None,
    again: Path | None,
    max_copy: int,
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
    """Improvise a solo over changes.

    CHANGES is a form of the songbook (happy-birthday, blues-f, ...), a file of changes (a lead
    sheet, MusicXML, iReal Pro, MIDI), or typed changes: "| F7 | Bb7 | F7 | Cm7 F7 |".
    """
    from sideman import files
    from sideman.band.arranging import Plan
    from sideman.errors import MusicError
    from sideman.service import playing
    from sideman.service.requests import PlayRequest

    given = asked_for.model(model_name)
    if again is not None:
        if changes is not None:
            raise MusicError("A take is played again without CHANGES; give one of the two.")
        request = playing.requested(files.read_bytes(again), str(again))
        remark = playing.remark(request)
        if remark:
            click.echo(f"{again}: {remark}", err=True)
        result = playing.again(request, model=given)
        played.write(out / f"{again.stem}.mid", result, wanted)
        return
    if changes is None:
        raise click.UsageError("Missing argument 'CHANGES'.")
    result = playing.play(
        PlayRequest(
            changes=asked_for.tune(changes, tune),
            key=key,
            transpose=semitones,
            choruses=choruses,
            tempo=tempo,
            instrument=instrument,
            swing=swing,
            arrangement=Plan(count_in=count_in, intro=intro, head=head, fours=fours, ending=ending),
            model=model_name if given is None else given.name,
            player=like,
            controls=asked_for.controls(asked),
            max_copy=max_copy,
            prime=asked_for.line(prime),
            take=asked_for.line(earlier),
            keep=keep,
            lock=lock,
            seed=seed,
            **asked_for.style(style),
        ),
        model=given,
    )
    played.write(out / f"{result.name}-{result.request.seed}.mid", result, wanted)
