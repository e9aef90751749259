"""``sideman render``: a MIDI file in, sound out."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("render")
@click.argument("song", type=click.Path(path_type=Path))
@click.argument("sound", type=click.Path(path_type=Path))
@click.option(
    "--soundfont",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="An .sf2 file to play with.  [default: the General MIDI one that comes along]",
)
def command(song: Path, sound: Path, soundfont: Path | None) -> None:
    """Render a MIDI file to sound.

    SONG is the MIDI file; SOUND ends in .wav, .flac, .ogg or .mp3.
    """
    from sideman.formats import audio

    seconds = audio.render(song, sound, soundfont=soundfont)
    click.echo(f"{sound}  {sound.suffix[1:].upper()}: {audio.clock(seconds)}")
