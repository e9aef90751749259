"""Write what was played, and say so: what the commands that play have in common."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from sideman.improviser import Improvisation


def write(path: Path, take: Improvisation, *, audio: bool) -> None:
    """Write a MIDI file that carries the written line and its novelty, and an MP3 beside it.

    Parameters
    ----------
    path : pathlib.Path
        Where the MIDI file goes.
    take : Improvisation
        What was played.
    audio : bool
        Whether to write the MP3 too.
    """
    from sideman import improviser
    from sideman.files import write_whole
    from sideman.formats.midi import writing
    from sideman.formats.midi.written import inscribed
    from sideman.measures import novelty

    told = novelty.told(novelty.shipped().match(take.solo))
    score = inscribed(writing.dumps(take.performance), take.solo, [f"Novelty: {told}"])
    write_whole(path, score)
    click.echo(f"{path}  MIDI: {improviser.description(take)}")
    click.echo(f"novelty: {told}")
    if audio:
        from sideman.formats import audio as sound

        heard = path.with_suffix(".mp3")
        seconds = sound.render_midi(score, heard, name=str(path))
        click.echo(f"{heard}  MP3: {sound.clock(seconds)}")
