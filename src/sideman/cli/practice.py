"""``sideman practice``: licks of a take in all keys at rising tempos."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from sideman.cli import asked as asked_for
from sideman.cli import options, played
from sideman.cli.options import argument, option


@click.command("practice")
@argument("take", type=click.Path(path_type=Path))
@options.OUT
@options.TAKE_CHANGES
@option(
    "--lick",
    "numbers",
    type=int,
    multiple=True,
    metavar="N",
    default_text="the first 3",
    help="Number of a lick, as sideman licks counts them; repeatable.",
)
@options.min_notes("PracticeRequest")
@options.cycle(
    "Order of the keys, such as fifths or semitones.",
    default=options.request("PracticeRequest", "cycle"),
)
@option(
    "--ramp",
    metavar="BPM:BPM",
    default_text="from three fifths of --tempo up to it",
    help="First and last tempo, such as 84:140.",
)
@option(
    "--steps",
    type=int,
    default=options.request("PracticeRequest", "steps"),
    metavar="N",
    help="Number of tempos; at each a lick goes through all keys.",
)
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
    cycle: str,
    ramp: str | None,
    steps: int,
    tempo: float | None,
    title: str,
    instrument: str | None,
    seed: int,
    expression: float | None,
    wanted: played.Wanted,
) -> None:
    """Write a practice sheet: licks of a take in all keys at rising tempos.

    TAKE is a MIDI file written by sideman, or any melody over changes: MIDI, a lead sheet or
    MusicXML.  The page has each lick in every key with its chords; the MIDI file has the band and,
    at each tempo and in each key, the lick and then the same bars without it for you to play.  The
    page is MusicXML, and also in the formats that --score names.
    """
    from sideman.files import slug
    from sideman.service import playing
    from sideman.service.requests import PracticeRequest
    from sideman.service.takes import licks

    line = asked_for.line(take)
    assert line is not None
    result = playing.practise(
        PracticeRequest(
            take=line,
            changes=None if changes is None else asked_for.tune(changes),
            numbers=numbers,
            fewest=fewest,
            cycle=cycle,
            ramp=ramp,
            steps=steps,
            part=wanted.part,
            instrument=instrument,
            tempo=tempo,
            title=title,
            seed=seed,
            expression=expression,
        )
    )
    wanted = replace(wanted, dedication=result.heading(wanted.dedication))
    told = "; ".join(map(licks.description, result.licks))
    name = f"{slug(take.stem)}-practice"
    played.write(out, name, result.loop, wanted, played.Page(result.page, told))
