"""Options that several commands share, and how an option is renamed.

A renamed option keeps its earlier names for one release as `aliases`: they are parsed, and neither
help nor messages show them.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

import click
from click.core import ParameterSource
from click.shell_completion import CompletionItem
from click.types import OptionHelpExtra

Command = TypeVar("Command", bound=Callable[..., Any])


class Option(click.Option):
    """An option with hidden aliases (earlier names) and computed defaults, whose text has a letter.

    `default_text` is what the help shows as the default; the default itself where empty.
    """

    def __init__(
        self,
        declarations: Sequence[str],
        *,
        aliases: Sequence[str] = (),
        default_text: str | Callable[[], str] = "",
        **settings: Any,
    ) -> None:
        settings.setdefault("show_default", not settings.get("is_flag"))
        super().__init__((*declarations, *aliases), **settings)
        self._aliases = aliases
        self._default_text = default_text

    def _visible(self) -> click.Option:
        """Return this option without its aliases."""
        shown = copy.copy(self)
        shown.opts = [name for name in self.opts if name not in self._aliases]
        return shown

    def get_default(self, ctx: click.Context, call: bool = True) -> Any:
        """Return the default, computed if it is a function."""
        return super().get_default(ctx, call=True)

    def type_cast_value(self, ctx: click.Context, value: Any) -> Any:
        """Return a value that was given as its type; an empty text is refused."""
        from sideman.errors import MusicError

        texts = value if isinstance(value, list | tuple) else (value,)
        if given(self.name or "", context=ctx) and "" in texts:
            raise MusicError(
                "This is empty; write a text, or leave this out.", field=self.name or ""
            )
        return super().type_cast_value(ctx, value)

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """Return the visible names and the help."""
        return click.Option.get_help_record(self._visible(), ctx)

    def get_help_extra(self, ctx: click.Context) -> OptionHelpExtra:
        """Return what the help shows in brackets."""
        extra = super().get_help_extra(ctx)
        text = self._default_text
        if text:
            extra["default"] = text if isinstance(text, str) else text()
        return extra

    def get_error_hint(self, ctx: click.Context | None) -> str:
        """Return the visible names, as messages show them."""
        return click.Option.get_error_hint(self._visible(), ctx)


class Argument(click.Argument):
    """An argument; an empty text, such as a variable of the shell without a value, is refused."""

    def type_cast_value(self, ctx: click.Context, value: Any) -> Any:
        """Return a value as its type."""
        from sideman.errors import MusicError

        if "" in (value if isinstance(value, list | tuple) else (value,)):
            name = self.human_readable_name.strip("[].")
            raise MusicError(f"{name} is empty; write a name, or see {ctx.command_path} --help.")
        return super().type_cast_value(ctx, value)


def argument(*declarations: str, **settings: Any) -> Callable[[Command], Command]:
    """Return a decorator that adds an :class:`Argument`."""
    return click.argument(*declarations, cls=Argument, **settings)


def option(*declarations: str, **settings: Any) -> Callable[[Command], Command]:
    """Return a decorator that adds an :class:`Option`."""
    return click.option(*declarations, cls=Option, **settings)


def together(*decorators: Callable[[Any], Any]) -> Callable[[Command], Command]:
    """Return a decorator that adds several options, in this order."""

    def decorate(command: Command) -> Command:
        for one in reversed(decorators):
            command = one(command)
        return command

    return decorate


def request(kind: str, field: str) -> Callable[[], Any]:
    """Return a function that returns a field's default in a class of `sideman.service.requests`."""

    def default() -> Any:
        from sideman.service import requests

        return getattr(getattr(requests, kind), field)

    return default


def constant(module: str, name: str) -> Callable[[], Any]:
    """Return a function that returns a constant of a module of `sideman.service`."""

    def default() -> Any:
        return getattr(import_module(f"sideman.service.{module}"), name)

    return default


def given(*names: str, context: click.Context | None = None) -> list[str]:
    """Return which of some parameters of the command that runs have a value that was given."""
    context = context or click.get_current_context()
    unset = (None, ParameterSource.DEFAULT, ParameterSource.DEFAULT_MAP)
    return [name for name in names if context.get_parameter_source(name) not in unset]


def refuse(names: Sequence[str], why: str) -> None:
    """Raise an error for the first of some parameters that was given, though it has no effect."""
    from sideman.errors import MusicError

    for name in given(*names):
        raise MusicError(why, field=name)


def file(*declarations: str, **settings: Any) -> Callable[[Command], Command]:
    """Return a decorator that adds an option whose value is the path of a file."""
    return option(*declarations, type=click.Path(path_type=Path), **{"metavar": "FILE", **settings})


def seed(default_text: str = "random", **settings: Any) -> Callable[[Command], Command]:
    """Return a decorator that adds ``--seed``."""
    return option(
        "--seed",
        type=click.IntRange(min=0),
        default_text=default_text,
        help="Seed of the random numbers: the same seed gives the same output.",
        **settings,
    )


def tempo(default_text: str) -> Callable[[Command], Command]:
    """Return a decorator that adds ``--tempo``."""
    return option(
        "--tempo",
        type=float,
        metavar="BPM",
        default_text=default_text,
        help="Tempo in quarter notes per minute, 20 to 400.",
    )


def instrument(help: str, **settings: Any) -> Callable[[Command], Command]:
    """Return a decorator that adds ``--instrument``."""
    return option("--instrument", metavar="NAME", help=help, **settings)


EXPRESSION = option(
    "--expression",
    type=float,
    metavar="SHARE",
    default_text="1",  # requests.EXPRESSION, without its imports
    help="Timing and loudness that wander, scoops, falls, vibrato and breath: from 0, plain, to 1, "
    "as players.",
)


def harmony_model(
    help: str = "Model of how changes go on: that of sideman, or one that sideman train made of "
    "charts.",
) -> Callable[[Command], Command]:
    """Return a decorator that adds ``--model`` for a model of harmony."""
    return option("--model", default=constant("harmony", "KIND"), metavar="NAME_OR_FILE", help=help)


def part(default: str) -> Callable[[Command], Command]:
    """Return a decorator that adds ``--part``."""
    return option(
        "--part",
        default=default,
        metavar="PLAYER",
        help="Transposition of the page: C, Bb, Eb, F, or an instrument such as tenor sax.",
    )


FONT = option(
    "--font",
    type=click.Choice(["engraved", "handwritten"]),
    default="engraved",
    help="Look of notes and letters on the page.",
)
WHOLE = option(
    "--whole",
    is_flag=True,
    help="Print all that the soloist plays, with the head and the ending, instead of the solo.",
)


def _either(names: Iterable[str], begun: str) -> list[CompletionItem]:
    """Return the names that begin with what was typed, or else files, for the shell."""
    found = [CompletionItem(name) for name in names if name.startswith(begun.casefold())]
    return found or [CompletionItem(begun, type="file")]


def tunes(_: click.Context, __: click.Parameter, begun: str) -> list[CompletionItem]:
    """Return the names of the songbook that begin with what was typed, or else files."""
    from sideman.library import songbook

    return _either(songbook.names(), begun)


def tunes_and_models(_: click.Context, __: click.Parameter, begun: str) -> list[CompletionItem]:
    """Return the tunes, and the models that come with sideman, that begin so, or else files."""
    from sideman.library import songbook
    from sideman.models import file

    return _either((*songbook.names(), *file.names()), begun)


def styles(_: click.Context, __: click.Parameter, begun: str) -> list[CompletionItem]:
    """Return the styles that begin with what was typed, or else files."""
    from sideman.band import styles

    return _either(styles.names(), begun)


def models(_: click.Context, __: click.Parameter, begun: str) -> list[CompletionItem]:
    """Return the models that play and begin with what was typed, or else files."""
    from sideman.models import registry

    return _either(registry.players(), begun)


def min_notes(kind: str, **settings: Any) -> Callable[[Command], Command]:
    """Return a decorator that adds ``--min-notes`` with the default of a kind of request."""
    return option(
        "--min-notes",
        "fewest",
        type=click.IntRange(min=1),
        default=request(kind, "fewest"),
        metavar="N",
        help="Leave out phrases with fewer notes.",
        **settings,
    )


def cycles(_: click.Context, __: click.Parameter, begun: str) -> list[str]:
    """Return the cycles of keys that begin with what was typed, for the shell."""
    from sideman.score.practice import CYCLES

    return [name for name in CYCLES if name.startswith(begun.casefold())]


def cycle(help: str, **settings: Any) -> Callable[[Command], Command]:
    """Return a decorator that adds ``--cycle``."""
    return option("--cycle", metavar="NAME", shell_complete=cycles, help=help, **settings)


def solo(which: str, default_text: str) -> Callable[[Command], Command]:
    """Return a decorator that adds ``--solo``, a solo of a database."""
    return option(
        "--solo",
        default="",
        default_text=default_text,
        metavar="N",
        help=f"Database of solos: {which}, by number or name, as in sideman inspect.",
    )


FOLDER = Path("sideman-out")
"""The default folder of files that a command writes."""
OUT = option(
    "--out",
    type=click.Path(path_type=Path),
    default=FOLDER,
    metavar="FOLDER",
    help="Folder for the files; created if it does not exist.",
)
OUT_FOLDER = option(
    "--out",
    "folder",
    type=click.Path(path_type=Path),
    default_text=str(FOLDER),
    metavar="FOLDER",
    help="Folder for the file; created if it does not exist.",
)
TUNE = option("--tune", metavar="TITLE", help="Tune to read from a file that holds several.")
KEY = option("--key", metavar="KEY", help="Transpose to this key, such as Eb.")
TRANSPOSE = option(
    "--transpose", "semitones", type=int, metavar="N", help="Transpose up by N semitones."
)
TAKE_CHANGES = option(
    "--changes",
    metavar="CHANGES",
    shell_complete=tunes,
    help="Changes, for a take that contains no chords.",
)
TITLE = option(
    "--title",
    default="",
    default_text="that of the tune or the take",
    metavar="TEXT",
    help="Title that is printed on pages and written to files.",
)
DEDICATION = option(
    "--dedication",
    aliases=("--for",),
    default="",
    show_default=False,
    metavar="NAME",
    help="Person to whom the page is dedicated.",
)
MUTE = option(
    "--mute",
    "without",
    aliases=("--without",),
    multiple=True,
    metavar="PART",
    help="Leave a part out of the sound, by name, instrument or number; repeatable.",
)
METRONOME = option("--click", "metronome", is_flag=True, help="Add a metronome.")
STEMS = option("--stems", is_flag=True, help="Also write each part to a sound file of its own.")
SOUNDFONT = file(
    "--soundfont",
    default_text="TimGM6mb, which is installed",
    help="Soundfont, an .sf2 or .sf3 file; best is MuseScore_General where the system has it.",
)


def _splits(_: click.Context, __: click.Parameter, begun: str) -> list[CompletionItem]:
    """Return the splits whose names begin with what was typed, or else files."""
    from sideman.evaluation import loading

    return _either(loading.splits(), begun)


def split(help: str, prefix: str = "") -> Callable[[Command], Command]:
    """Return a decorator that adds ``--split``."""
    return option(
        "--split",
        metavar="NAME_OR_FILE",
        shell_complete=_splits,
        help=f"{prefix}wjazzd, the benchmark's, or a JSON file that lists the solos of each "
        f"subset; {help}",
    )


SPLIT = split("all solos without it.")
SUBSET = option(
    "--subset",
    "part",
    aliases=("--part",),
    default="test",
    metavar="NAME",
    help="Subset of the split to read.",
)
AS_JSON = option("--json", "as_json", is_flag=True, help="Print JSON.")
QUIET = option("--quiet", "-q", is_flag=True, help="Print only the names of the files.")
BRIEF = option(
    "--quiet", "-q", is_flag=True, help="Print only the result, in one line, and names of files."
)
VERBOSE = option("--verbose", "-v", is_flag=True, help="Print more facts.")
PRINTING = together(QUIET, VERBOSE, AS_JSON)
