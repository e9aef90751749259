"""``sideman improvise``: changes in, a solo out."""

from __future__ import annotations

import secrets
from pathlib import Path

import click


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
    default=3,
    show_default=True,
    help="How often the form is played.",
)
@click.option(
    "--temperature",
    type=float,
    default=0.9,
    show_default=True,
    help="0 plays the likeliest note always; higher is bolder.",
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
    "--model",
    "model_name",
    metavar="NAME_OR_PATH",
    help="A model that comes with sideman, or a .safetensors file.  "
    "[default: course; with --like soloist]",
)
@click.option("--like", metavar="PLAYER", help="Play like somebody whom the soloist has heard.")
@click.option("--audio/--no-audio", default=True, help="Write an MP3 beside the MIDI file.")
def command(
    changes: str,
    out: Path,
    seed: int | None,
    choruses: int,
    temperature: float,
    tune: str | None,
    key: str | None,
    semitones: int | None,
    tempo: float | None,
    instrument: str,
    model_name: str | None,
    like: str | None,
    audio: bool,
) -> None:
    """Improvise a solo over changes.

    CHANGES is a form of the songbook (happy-birthday, blues-f, ...), a file of changes (a lead
    sheet, MusicXML, iReal Pro, MIDI), or typed changes: "| F7 | Bb7 | F7 | Cm7 F7 |".
    """
    from numpy.random import default_rng

    from sideman import charts, improviser, instruments, models, songbook
    from sideman.files import write_whole
    from sideman.formats.midi import writing
    from sideman.sampling import Controls

    name, sheet = charts.find(changes, tune)
    chosen = secrets.randbelow(1_000_000) if seed is None else seed
    take = improviser.improvise(
        songbook.moved(sheet, key, semitones),
        model=models.load(model_name, like=like),
        rng=default_rng(chosen),
        choruses=choruses,
        controls=Controls(temperature=temperature),
        tempo_bpm=tempo,
        instrument=instruments.named(instrument),
    )
    score = writing.dumps(take.performance)
    written = out / f"{name}-{chosen}.mid"
    write_whole(written, score)
    click.echo(f"{written}  MIDI: {improviser.description(take)}")
    if audio:
        from sideman.formats import audio as sound

        heard = written.with_suffix(".mp3")
        seconds = sound.render_midi(score, heard, name=str(written))
        click.echo(f"{heard}  MP3: {sound.clock(seconds)}")
