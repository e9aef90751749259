"""``sideman improvise``: changes in, a solo out."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

import click

from sideman.cli import band, controls, played


@click.command("improvise")
@click.argument("changes")
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
@controls.player
@controls.options
@band.options
@played.options(audio=True)
def command(
    changes: str,
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
    from numpy.random import default_rng

    from sideman import charts, improviser, instruments, songbook
    from sideman.band import styles
    from sideman.band.arranging import Plan
    from sideman.models import registry
    from sideman.takes import settling

    name, sheet = charts.find(changes, tune)
    sheet = songbook.moved(sheet, key, semitones)
    player = instruments.named(instrument)
    many, settled = settling.settled(
        sheet.changes,
        choruses=choruses,
        usual_choruses=3,
        instrument=player,
        prime=prime,
        take=earlier,
        keep=keep,
        lock=lock,
    )
    chosen = secrets.randbelow(1_000_000) if seed is None else seed
    model = registry.load(model_name, like=like)
    take = improviser.improvise(
        sheet,
        model=model,
        rng=default_rng(chosen),
        choruses=many,
        controls=model.defaults.asked(asked),
        tempo_bpm=tempo,
        instrument=player,
        style=None if style is None else styles.load(style),
        plan=Plan(count_in=count_in, intro=intro, head=head, fours=fours, ending=ending),
        swing=swing,
        settled=settled,
        max_copy=max_copy,
    )
    played.write(out / f"{name}-{chosen}.mid", take, wanted, seed=chosen)
