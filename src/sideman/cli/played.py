"""The files that the playing commands write, and the options for them."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from sideman.cli import options as shared
from sideman.cli.options import option, together

if TYPE_CHECKING:
    from sideman.score import LeadSheet, Solo
    from sideman.service.results import PlayResult

Command = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Wanted:
    """The files to write besides MIDI: the values of the options of :func:`options`.

    `scores`, `roll` and `sound` are formats (None for no piano roll), `part` the transposition of
    the pages, `without` the parts left out of the sound; the default soundfont is used where None.
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


_DEFAULTS = Wanted()
_FILES = together(
    option(
        "--score",
        "scores",
        type=click.Choice(["pdf", "png", "svg", "musicxml"]),
        multiple=True,
        help="Also write the notes as a page in this format; repeatable.",
    ),
    shared.part(_DEFAULTS.part),
    option("--roll", type=click.Choice(["png", "svg"]), help="Also draw a piano roll."),
    shared.DEDICATION,
)
_SOUND = together(
    option(
        "--audio-format",
        "sound",
        aliases=("--sound",),
        type=click.Choice(["mp3", "wav", "flac", "ogg"]),
        default=_DEFAULTS.sound,
        help="Format of the sound file.",
    ),
    shared.MUTE,
    shared.METRONOME,
    shared.STEMS,
    shared.SOUNDFONT,
)


def options(*, audio: bool) -> Callable[[Command], Command]:
    """Return a decorator that adds the options of every file that :func:`write` can write.

    The command receives their values as its argument ``wanted``.  `audio` says whether sound is
    written by default; otherwise it is where ``--audio`` or any other option for the sound is
    given.
    """
    heard = option(
        "--audio/--no-audio",
        default=True if audio else None,
        default_text="" if audio else "audio if another option for the sound is given",
        help="Also write a sound file.",
    )

    def given(command: Command) -> Command:
        @functools.wraps(command)
        def told(**values: Any) -> Any:
            asked = {field.name: values.pop(field.name) for field in fields(Wanted)}
            if asked["audio"] is None:
                asked["audio"] = _asks_for_sound(click.get_current_context())
            wanted = Wanted(**asked)
            _check(wanted)
            return command(**values, wanted=wanted)

        return together(_FILES, heard, _SOUND)(told)

    return given


def _check(wanted: Wanted) -> None:
    """Raise an error for an unknown transposition, before anything is played."""
    if wanted.scores:
        from sideman.theory.instruments import transposition_named

        transposition_named(wanted.part)


def _asks_for_sound(context: click.Context) -> bool:
    """Return whether any option for the sound was given."""
    return any(
        context.get_parameter_source(name) not in (None, ParameterSource.DEFAULT)
        for name in ("sound", "without", "metronome", "stems", "soundfont")
    )


def write(path: Path, result: PlayResult, wanted: Wanted) -> None:
    """Write the MIDI file and the wanted files with the same stem, and print their names."""
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
    """Write the pages and the piano roll that are wanted, and print their names.

    They get the stem of `path`; `told` is the description to print for a page.
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

        # A page in the same format has the plain name.
        drawn = path.with_name(f"{path.stem}-roll.{wanted.roll}")
        click.echo(f"{pianoroll.write(drawn, music)}  piano roll")
