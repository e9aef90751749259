"""What the commands that play have in common: the files they write, and what they say of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from sideman.improviser import Improvisation

Command = TypeVar("Command", bound=Callable[..., Any])

_FILES = (
    click.option(
        "--score",
        "scores",
        type=click.Choice(["pdf", "png", "svg", "musicxml"]),
        multiple=True,
        help="Print the solo as well; repeatable.",
    ),
    click.option(
        "--part",
        default="C",
        show_default=True,
        metavar="PLAYER",
        help="For whom it is printed: C, Bb, Eb, F, or an instrument.",
    ),
    click.option(
        "--roll",
        type=click.Choice(["png", "svg"]),
        help="Draw the solo as a piano roll as well.",
    ),
    click.option(
        "--for",
        "dedication",
        default="",
        metavar="NAME",
        help="Whom it is for: on the page and in the sound file's tags.",
    ),
)
_SOUND = (
    click.option(
        "--sound",
        type=click.Choice(["mp3", "wav", "flac", "ogg"]),
        default="mp3",
        show_default=True,
        help="What the sound file is.",
    ),
    click.option(
        "--without",
        multiple=True,
        metavar="PART",
        help="Leave a part out of the sound to play it yourself: solo, piano ...; repeatable.",
    ),
    click.option("--click", "metronome", is_flag=True, help="Let a metronome play along."),
    click.option("--stems", is_flag=True, help="Write each part's sound into a file of its own."),
    click.option(
        "--soundfont",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="An .sf2 file to play with.",
    ),
)


def options(command: Command) -> Command:
    """Give a command the options of everything that :func:`write` can write."""
    for option in reversed((*_FILES, *_SOUND)):
        command = option(command)
    return command


def write(
    path: Path,
    take: Improvisation,
    *,
    audio: bool,
    seed: int | None = None,
    scores: tuple[str, ...] = (),
    part: str = "C",
    roll: str | None = None,
    dedication: str = "",
    sound: str = "mp3",
    without: tuple[str, ...] = (),
    metronome: bool = False,
    stems: bool = False,
    soundfont: Path | None = None,
) -> None:
    """Write a MIDI file that carries the written line and its novelty, and what else is wanted.

    Parameters
    ----------
    path : pathlib.Path
        Where the MIDI file goes; the others stand beside it.
    take : Improvisation
        What was played.
    audio : bool
        Whether to write the sound too.
    seed : int or None
        Where chance began, for the tags.
    scores, part, roll, dedication, sound, without, metronome, stems, soundfont
        The options of :func:`options`.
    """
    from sideman import improviser
    from sideman.files import write_whole
    from sideman.formats.midi import writing
    from sideman.formats.midi.written import inscribed
    from sideman.measures import novelty

    told = novelty.told(novelty.shipped().match(take.solo))
    midi = inscribed(writing.dumps(take.performance), take.solo, [f"Novelty: {told}"])
    write_whole(path, midi)
    click.echo(f"{path}  MIDI: {improviser.description(take)}")
    click.echo(f"novelty: {told}")
    for kind in scores:
        from sideman.formats import engraving

        printed = path.with_suffix(f".{kind}")
        pages = engraving.write(printed, take.solo, dedication=dedication, transposition=part)
        for page in pages:
            click.echo(f"{page}  page")
    if roll is not None:
        from sideman.formats import pianoroll

        # A page of the same kind has the plain name.
        drawn = path.with_name(f"{path.stem}-roll.{roll}")
        click.echo(f"{pianoroll.write(drawn, take.solo)}  piano roll")
    if audio:
        from sideman.formats import audio as heard

        target = path.with_suffix(f".{sound}")
        seconds = heard.render_midi(
            midi,
            target,
            name=str(path),
            tags=heard.Tags(
                title=take.solo.title,
                artist="sideman",
                comment=f"For {dedication}" if dedication else "",
                tempo_bpm=take.arrangement.tempo_bpm,
                seed=seed,
            ),
            mix=heard.Mix(without=without, click=metronome, soundfont=soundfont),
            stems=stems,
        )
        click.echo(f"{target}  {sound.upper()}: {heard.clock(seconds)}")
