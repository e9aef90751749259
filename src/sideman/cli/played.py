"""What the commands that play have in common: the files they write, and what they say of them."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

if TYPE_CHECKING:
    from sideman.score import LeadSheet, Solo
    from sideman.service.results import PlayResult

Command = Callable[..., Any]

_FILES = (
    click.option(
        "--score",
        "scores",
        type=click.Choice(["pdf", "png", "svg", "musicxml"]),
        multiple=True,
        help="Print the notes as well; repeatable.",
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
        help="Draw the notes as a piano roll as well.",
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


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is wanted beside a MIDI file: the values of the options of :func:`options`.

    Parameters
    ----------
    scores : tuple of str
        The kinds of page.
    part : str
        For whom the page is.
    roll : str or None
        The kind of piano roll.
    dedication : str
        Whom it is for.
    audio : bool
        Whether the sound is wanted.
    sound : str
        Its kind.
    without : tuple of str
        The parts that are not heard.
    metronome, stems : bool
        Whether a metronome plays along, and each part gets a file.
    soundfont : pathlib.Path or None
        What to play with.
    """

    scores: tuple[str, ...] = ()
    part: str = "C"
    roll: str | None = None
    dedication: str = ""
    audio: bool = False
    sound: str = "mp3"
    without: tuple[str, ...] = ()
    metronome: bool = False
    stems: bool = False
    soundfont: Path | None = None


def options(*, audio: bool) -> Callable[[Command], Command]:
    """Give a command the options of everything that :func:`write` can write.

    The command gets their values whole, as its argument ``wanted``.

    Parameters
    ----------
    audio : bool
        Whether it writes the sound where nobody says so.  Otherwise it writes the sound where one
        is asked for: by ``--audio``, or by any option that says how it shall be.

    Returns
    -------
    callable
        What decorates the command.
    """
    usual = "" if audio else "  [default: where an option of the sound is given]"
    heard = click.option(
        "--audio/--no-audio",
        default=True if audio else None,
        show_default=audio,
        help=f"Write the sound beside the MIDI file.{usual}",
    )

    def given(command: Command) -> Command:
        @functools.wraps(command)
        def told(**values: Any) -> Any:
            asked = {field.name: values.pop(field.name) for field in fields(Wanted)}
            if asked["audio"] is None:
                asked["audio"] = _speaks_of_sound(click.get_current_context())
            wanted = Wanted(**asked)
            _check(wanted)
            return command(**values, wanted=wanted)

        decorated: Command = told
        for option in reversed((*_FILES, heard, *_SOUND)):
            decorated = option(decorated)
        return decorated

    return given


def _check(wanted: Wanted) -> None:
    """Refuse a page for a player who is not known, before anything is played."""
    if wanted.scores:
        from sideman.theory.instruments import transposition_named

        transposition_named(wanted.part)


def _speaks_of_sound(context: click.Context) -> bool:
    """Tell whether somebody said how the sound shall be."""
    return any(
        context.get_parameter_source(name) not in (None, ParameterSource.DEFAULT)
        for name in ("sound", "without", "metronome", "stems", "soundfont")
    )


def write(path: Path, result: PlayResult, wanted: Wanted) -> None:
    """Write the MIDI file of a result, and what else is wanted.

    Parameters
    ----------
    path : pathlib.Path
        Where the MIDI file goes; the others stand beside it.
    result : PlayResult
        What was played.
    wanted : Wanted
        What else to write.
    """
    from sideman.files import write_whole

    midi = result.midi()
    write_whole(path, midi)
    click.echo(f"{path}  MIDI: {result.description}")
    click.echo(f"novelty: {result.novelty}")
    draw(path, result.solo, wanted)
    if wanted.audio:
        from sideman.output import audio

        target = path.with_suffix(f".{wanted.sound}")
        seconds = audio.render_midi(
            midi,
            target,
            name=str(path),
            tags=result.tags(wanted.dedication),
            mix=audio.Mix(
                without=wanted.without, click=wanted.metronome, soundfont=wanted.soundfont
            ),
            stems=wanted.stems,
        )
        click.echo(f"{target}  {wanted.sound.upper()}: {audio.clock(seconds)}")


def draw(path: Path, music: LeadSheet | Solo, wanted: Wanted, *, told: str = "page") -> None:
    """Write the pages that are wanted, and the piano roll.

    Parameters
    ----------
    path : pathlib.Path
        A file beside which they stand.
    music : LeadSheet or Solo
        The notes.
    wanted : Wanted
        Which, and for whom.
    told : str
        What to say of a page.
    """
    for kind in dict.fromkeys(wanted.scores):
        from sideman.output import engraving

        printed = path.with_suffix(f".{kind}")
        for page in engraving.write(
            printed, music, dedication=wanted.dedication, transposition=wanted.part
        ):
            click.echo(f"{page}  {told}")
    if wanted.roll is not None:
        from sideman.output import pianoroll

        # A page of the same kind has the plain name.
        drawn = path.with_name(f"{path.stem}-roll.{wanted.roll}")
        click.echo(f"{pianoroll.write(drawn, music)}  piano roll")
