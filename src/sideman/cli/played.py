"""The files that the playing commands write, and the options for them."""

from __future__ import annotations

import functools
import shlex
import shutil
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from sideman.cli import options as shared
from sideman.cli.options import option, together

if TYPE_CHECKING:
    from sideman.output.audio import Mix
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
_HEARD = "sideman.heard"  # the key in the context of the first file that can be heard
_NOTICES = "sideman.notices"  # the key of the notices that are printed
_PLAYERS = (("afplay",), ("mpv",), ("ffplay", "-nodisp", "-autoexit"), ("cvlc", "--play-and-exit"))
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
    written by default, if there is a synthesiser; otherwise it is where ``--audio`` or any other
    option for the sound is given.
    """
    whether = option(
        "--audio/--no-audio",
        default=None,
        default_text=(
            f"audio if {'a synthesiser is installed' if audio else 'another option asks for it'}"
        ),
        help="Also write a sound file.",
    )

    def given(command: Command) -> Command:
        @functools.wraps(command)
        def told(**values: Any) -> Any:
            asked = {field.name: values.pop(field.name) for field in fields(Wanted)}
            silent = asked["audio"] is False
            if asked["audio"] is None:
                asked["audio"] = _asks_for_sound(click.get_current_context())
            wanted = Wanted(**asked)
            _check(wanted, values["out"], values.get("instrument"))
            if audio and not silent and not wanted.audio:
                wanted = replace(wanted, audio=_can_sound(wanted))
            done = command(**values, wanted=wanted)
            heard = click.get_current_context().meta.get(_HEARD)
            if heard is not None and not silent:
                click.echo(f"listen: {_listening(heard)}")
            return done

        return together(_FILES, whether, _SOUND)(told)

    return given


def _check(wanted: Wanted, out: Path, instrument: str | None) -> None:
    """Raise an error for what cannot be written, before anything is played."""
    from sideman.files import check_folder

    check_folder(out, field="out")
    if wanted.scores:
        from sideman.output import engraving
        from sideman.theory.instruments import transposition_named

        transposition_named(wanted.part)
        for kind in wanted.scores:
            engraving.check(kind)
    if wanted.without:
        from sideman.service import improviser

        improviser.check_parts(wanted.without, instrument)
    if wanted.audio:
        from sideman.output import audio

        audio.check(wanted.sound, _mix(wanted))


def _mix(wanted: Wanted) -> Mix:
    from sideman.output import audio

    return audio.Mix(without=wanted.without, click=wanted.metronome, soundfont=wanted.soundfont)


def _can_sound(wanted: Wanted) -> bool:
    """Return whether sound can be made here."""
    from sideman.errors import MissingExtraError
    from sideman.output import audio

    try:
        audio.check(wanted.sound, _mix(wanted))
    except MissingExtraError:
        return False
    return True


def _listening(path: Path) -> str:
    """Return how to hear a file: a command that is there, or else a few words."""
    name = shlex.quote(str(path))
    if path.suffix == ".mid":
        if _can_sound(_DEFAULTS):
            return f"sideman render {name}"
        from sideman.output.audio import remedy

        return f"open {name} in a MIDI player; for a sound file, {remedy()}"
    for player in _PLAYERS:
        if shutil.which(player[0]):
            return " ".join((*player, name))
    return f"open {name} in a music player or a browser"


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
    meta = click.get_current_context().meta
    for notice in result.notices:
        if notice not in meta.setdefault(_NOTICES, set()):
            meta[_NOTICES].add(notice)
            click.echo(notice, err=True)
    meta.setdefault(_HEARD, path)
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
            mix=_mix(wanted),
            stems=wanted.stems,
        )
        meta.update({_HEARD: target} if meta[_HEARD] == path else {})
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
