"""The files that the playing commands write, and the options for them."""

from __future__ import annotations

import functools
import json
import shlex
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from sideman import terminal
from sideman.cli import options as shared
from sideman.cli.options import option, together
from sideman.words import counted

if TYPE_CHECKING:
    from sideman.output.audio import Mix
    from sideman.score import LeadSheet, Solo
    from sideman.service.results import PlayResult

Command = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Wanted:
    """The files to write besides MIDI, and what to print: the values of :func:`options`.

    `scores`, `roll` and `sound` are formats (None for no piano roll), `part` the transposition of
    the pages, `whole` whether they have the head and the ending, `without` the parts left out of
    the sound; the default soundfont is used where None.
    """

    scores: tuple[str, ...] = ()
    part: str = "C"
    font: str = "engraved"
    whole: bool = False
    roll: str | None = None
    dedication: str = ""
    audio: bool = False
    sound: str = "mp3"
    without: tuple[str, ...] = ()
    metronome: bool = False
    stems: bool = False
    soundfont: Path | None = None
    quiet: bool = False
    verbose: bool = False
    as_json: bool = False


_DEFAULTS = Wanted()
_TAKES = "sideman.takes"  # the key in the context of the facts of each take
_SCORES = ("pdf", "png", "svg", "musicxml")
_SOUNDS = ("mp3", "wav", "flac", "ogg")
# A MIDI file is never written beside a file of these that belongs to another take.
_KINDS = (*(f".{kind}" for kind in (*_SCORES, *_SOUNDS)), "-roll.png", "-roll.svg")
_PLAYERS = (("afplay",), ("mpv",), ("ffplay", "-nodisp", "-autoexit"), ("cvlc", "--play-and-exit"))
_FILES = together(
    option(
        "--score",
        "scores",
        type=click.Choice(_SCORES),
        multiple=True,
        help="Also write the notes as a page in this format; repeatable.",
    ),
    shared.part(_DEFAULTS.part),
    shared.FONT,
    option("--roll", type=click.Choice(["png", "svg"]), help="Also draw a piano roll."),
    shared.DEDICATION,
)
_OF_SOUND = ("sound", "without", "metronome", "stems", "soundfont")
_SOUND = together(
    option(
        "--audio-format",
        "sound",
        aliases=("--sound",),
        type=click.Choice(_SOUNDS),
        default=_DEFAULTS.sound,
        help="Format of the sound file.",
    ),
    shared.MUTE,
    shared.METRONOME,
    shared.STEMS,
    shared.SOUNDFONT,
)


def options(
    *, audio: bool, heard: bool = False, sheets: bool = False
) -> Callable[[Command], Command]:
    """Return a decorator that adds the options of every file that :func:`write` can write.

    The command receives their values as its argument ``wanted``.  `audio` says whether sound is
    written by default, if there is a synthesiser; otherwise it is where ``--audio`` or any other
    option for the sound is given.  With `heard` sound is always written if it can be, and the
    first sound is played.  With `sheets` MusicXML is always written, of other music than a solo.
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
            if heard:
                values["audio"] = None
            asked = {field.name: values.pop(field.name, field.default) for field in fields(Wanted)}
            silent = asked["audio"] is False
            if asked["audio"] is None:
                asked["audio"] = bool(shared.given(*_OF_SOUND))
            if sheets:
                asked["scores"] = ("musicxml", *asked["scores"])
            wanted = Wanted(**asked)
            _refuse(wanted, sounds=wanted.audio or (audio and not silent))
            _check(wanted, values["out"], values.get("instrument"))
            if audio and not silent and not wanted.audio:
                wanted = replace(wanted, audio=_can_sound(wanted))
            done = command(**values, wanted=wanted)
            takes = click.get_current_context().meta.get(_TAKES, [])
            if wanted.as_json:
                click.echo(json.dumps({"takes": takes}, ensure_ascii=False, indent=2))
            first = None if silent else _first(takes)
            if heard and first is not None and _sounded(first, wanted):
                return done
            if first is not None and not wanted.quiet and not wanted.as_json:
                click.echo(f"listen: {_listening(first)}")
            return done

        audible = _SOUND if heard else together(whether, _SOUND)
        printed = _FILES if sheets else together(_FILES, shared.WHOLE)
        return together(printed, audible, shared.PRINTING)(told)

    return given


def _refuse(wanted: Wanted, *, sounds: bool) -> None:
    """Raise an error for an option of a page or a sound that is not written."""
    ask = "ask for one with --score, or leave this out."
    if not wanted.scores:
        shared.refuse(("part", "font"), f"This is for a page, and none is written; {ask}")
        if wanted.roll is None:
            shared.refuse(("whole",), f"This is for a page, and none is written; {ask}")
        if not sounds:
            told = "This is for a page or a sound file, and none is written"
            shared.refuse(("dedication",), f"{told}; {ask}")
    if not sounds:
        shared.refuse(_OF_SOUND, "This is for a sound file; leave it or --no-audio out.")


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


def _sounded(path: Path, wanted: Wanted) -> bool:
    """Play a file, or open it elsewhere; return whether that was possible."""
    from sideman.output.audio import device

    silent = wanted.quiet or wanted.as_json
    told = "" if silent else f"playing {path}; Ctrl-C stops it\n"
    if path.suffix != ".mid" and device.play(path, lambda: click.echo(told, nl=False)):
        return True
    if not device.open_elsewhere(path):
        return False
    if not silent:
        click.echo(f"opened {path} with the system's player")
    return True


def _first(takes: Iterable[dict[str, Any]]) -> Path | None:
    """Return the first sound file, or else the first MIDI file."""
    written = [(one["kind"], Path(one["path"])) for take in takes for one in take["files"]]
    for kinds in (_SOUNDS, ("midi",)):
        if found := [path for kind, path in written if kind in kinds]:
            return found[0]
    return None


def write(
    folder: Path, name: str, result: PlayResult, wanted: Wanted, page: Page | None = None
) -> Path:
    """Write a take to files of one name, print what was written, and return the MIDI file.

    They are a MIDI file and the wanted files; the page is of the solo where `page` is None.  The
    same take has the same name again; another one of that name gets a number.  Where one of the
    files cannot be made, the others are written all the same; Ctrl-C leaves none.
    """
    from sideman import files
    from sideman.errors import SidemanError

    midi, written = result.midi(), _Staged()
    with files.staging(folder) as staged:
        path = staged / f"{name}.mid"
        files.write_whole(path, midi)
        written.add(path, "midi", result.description)
        failed = None
        try:
            _draw(written, path, page or _page(result, wanted), wanted)
            if wanted.audio:
                _sound(written, path, result, wanted)
        except SidemanError as error:
            failed = error
        placed = files.place(staged, folder, name, first=path.suffix, kinds=_KINDS)
        _say(result, written.moved(placed), wanted)
        if failed is not None:
            raise failed
    return placed[path.name]


def write_pages(folder: Path, name: str, music: LeadSheet, wanted: Wanted, told: str) -> None:
    """Write the pages and the piano roll that are wanted of music without a take of its own."""
    from sideman import files

    written = _Staged()
    with files.staging(folder) as staged:
        _draw(written, staged / f"{name}.mid", Page(music, told), wanted)
        placed = files.place(staged, folder, name)
    found = written.moved(placed)
    _note({"title": music.title, "files": found}, wanted)


class Page(NamedTuple):
    """Music to print, what it is, and what begins at its bars if not a chorus."""

    music: LeadSheet | Solo
    told: str = "page"
    marks: Mapping[int, str] | None = None


def _page(result: PlayResult, wanted: Wanted) -> Page:
    """Return the solo, or with the head and the ending what is around it."""
    if not wanted.whole:
        return Page(result.solo)
    from sideman.service import playing

    music, marks = playing.whole(result.request, result.solo)
    return Page(music, marks=marks)


class _Staged:
    """The files of a take in a temporary folder, each with its kind and a description."""

    def __init__(self) -> None:
        self._files: list[tuple[Path, str, str, dict[str, Any]]] = []

    def add(self, path: Path, kind: str, told: str, **facts: Any) -> None:
        """Add a file."""
        self._files.append((path, kind, told, facts))

    def moved(self, placed: dict[str, Path]) -> list[dict[str, Any]]:
        """Return the facts of the files that are complete, with their new paths."""
        return [
            {"path": str(placed[path.name]), "kind": kind, "told": told, **facts}
            for path, kind, told, facts in self._files
            if path.name in placed
        ]


def _sound(written: _Staged, path: Path, result: PlayResult, wanted: Wanted) -> None:
    from sideman.output import audio

    target, midi, mix = path.with_suffix(f".{wanted.sound}"), result.midi(), _mix(wanted)
    with terminal.share_bar("Rendering") as progress:
        seconds = audio.render_midi(
            midi,
            target,
            name=path.name,
            tags=result.tags(wanted.dedication),
            mix=mix,
            stems=wanted.stems,
            progress=progress,
        )
    written.add(target, wanted.sound, audio.clock(seconds), seconds=round(seconds, 3))


def _draw(written: _Staged, path: Path, page: Page, wanted: Wanted) -> None:
    """Write the pages and the piano roll that are wanted, named after a path."""
    for kind in dict.fromkeys(wanted.scores):
        from sideman.output import engraving

        sheets = engraving.write(
            path.with_suffix(f".{kind}"),
            page.music,
            dedication=wanted.dedication,
            transposition=wanted.part,
            font=wanted.font,
            marks=page.marks,
        )
        written.add(sheets[0], kind, page.told)
        for number, sheet in enumerate(sheets[1:], start=2):
            written.add(sheet, kind, f"page {number}")
    if wanted.roll is not None:
        from sideman.output import pianoroll

        # A page in the same format has the plain name.
        drawn = pianoroll.write(path.with_name(f"{path.stem}-roll.{wanted.roll}"), page.music)
        written.add(drawn, f"roll.{wanted.roll}", "piano roll")


def _say(result: PlayResult, written: list[dict[str, Any]], wanted: Wanted) -> None:
    """Print the facts of a take, and its notices where they are new."""
    before = click.get_current_context().meta.get(_TAKES, [])
    for notice in result.notices:
        if not any(notice in take.get("notices", ()) for take in before):
            click.echo(notice, err=True)
    _note({**result.facts(), "files": written}, wanted)


def _note(facts: dict[str, Any], wanted: Wanted) -> None:
    """Keep the facts of a take, and print them unless they are printed as JSON."""
    click.get_current_context().meta.setdefault(_TAKES, []).append(facts)
    for one in facts["files"]:
        told = one.pop("told")
        if wanted.as_json:
            continue
        if wanted.quiet:
            terminal.named(one["path"], "")
            continue
        kind = f"{one['kind'].upper()}: " if one["kind"] in ("midi", *_SOUNDS) else ""
        terminal.named(one["path"], f"  {kind}{told}")
        if one["kind"] == "midi":
            click.echo("\n".join(_lines(facts, wanted.verbose)))


def _lines(facts: dict[str, Any], verbose: bool) -> Iterator[str]:
    """Yield what is printed of a take below its name."""
    from sideman.output.audio import clock

    whole, novelty = facts["recording"], facts["novelty"]
    sounds = any(one["kind"] in _SOUNDS for one in facts["files"])
    length = f"{counted(whole['bars'], 'bar')}, {clock(whole['seconds'])}"
    yield f"{'recording' if sounds else 'length'}: {length}"
    yield f"novelty: {novelty['sentence']}"
    if verbose:
        yield f"matches: {novelty['details']}"
        by = f" as {facts['player']}" if facts["player"] else ""
        yield f"request: seed {facts['seed']}, model {facts['model']}{by}"
        taste = click.get_current_context().params.get("taste")
        with_taste = "" if taste is None else f" --taste {shlex.quote(str(taste))}"
        again = shlex.quote(facts["files"][0]["path"])
        yield f"play it again: sideman improvise --again {again}{with_taste}"
