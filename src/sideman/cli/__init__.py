"""The command line.

Each command is a module that is imported only when the command is run, so that ``sideman --help``
is fast.  A command raises :class:`sideman.errors.SidemanError` for wrong input; :func:`main` prints
the message and exits with code 2.
"""

from __future__ import annotations

import importlib
from typing import Any, NoReturn

import click

from sideman import terminal
from sideman.errors import SidemanError
from sideman.version import VERSION

# name: (module in sideman.cli, first line of the command's docstring)
COMMANDS = {
    "analyze": ("analyze", "Analyze the harmony of a tune, bar by bar."),
    "compare": ("compare", "Compare what you played with the line of a take, bar by bar."),
    "convert": ("convert", "Write a chart in another format."),
    "engrave": ("engrave", "Engrave music as a page, or draw a piano roll."),
    "evaluate": ("evaluate", "Score a model on held-out solos."),
    "explain": ("explain", "Explain each note of a take by a grammar."),
    "export": ("export", "Export tokens, events or features of solos as JSONL."),
    "harmonize": (
        "harmonize",
        "Write changes: over a form by a dial of surprise, or under a melody.",
    ),
    "improvise": ("improvise", "Improvise a solo over changes."),
    "inspect": ("inspect", "Show what sideman reads from a file."),
    "licks": ("licks", "Cut a take into licks to practise in twelve keys."),
    "list": ("listing", "List tunes, études, players, instruments, styles or models."),
    "match": ("match", "Match a corpus with held-out solos, before anything is trained on it."),
    "measure": ("measure", "Compute statistics of solos, and compare them with players'."),
    "play": ("play", "Improvise a solo and play it at once."),
    "practice": (
        "practice",
        "Write a practice sheet: licks of a take in all keys at rising tempos.",
    ),
    "rate": ("rate", "Mark a take, or bars of it, up or down, for a taste that solos move to."),
    "reharmonize": ("reharmonize", "Reharmonize a tune, step by step, each explained."),
    "render": ("render", "Render a MIDI file to sound."),
    "say": ("say", "Generate names with a letter model."),
    "songbook": ("songbook", "List the songbook, or show the changes of a tune."),
    "studio": ("studio", "Open the studio: improvise, look and listen in the browser."),
    "surprise": ("surprise", "Compute the surprise of changes in bits, bar by bar."),
    "trade": ("trade", "Answer a phrase, as in trading fours."),
    "train": ("train", "Train a model on solos, charts or names, or learn a grammar from solos."),
    "vary": ("vary", "Write variations of a take."),
}

# A command with one wrong letter in nine, such as improvize, is run.
_LIKE, _LESS_LIKE, _LONGEST_NAME = 0.85, 0.6, 40


class LazyGroup(click.Group):
    """A group that imports a command when it is needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, None for an unknown name."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"sideman.cli.{COMMANDS[cmd_name][0]}")
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return a command and its arguments; a name that is like that of one command is read so.

        The name is that of the command, so that messages and help show it.
        """
        name, *rest = args
        if name not in COMMANDS and not name.startswith("-"):
            from difflib import get_close_matches

            near = get_close_matches(name[:_LONGEST_NAME], COMMANDS, 1, _LIKE)
            less = get_close_matches(name[:_LONGEST_NAME], COMMANDS, 1, _LESS_LIKE)
            if less and not near:
                ctx.fail(f"No such command {name!r}; did you mean {less[0]}?")
            if near:
                click.echo(f"sideman: {name} is read as {near[0]}.", err=True)
                return super().resolve_command(ctx, [*near, *rest])
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; add the name of the option to an error that names a field."""
        try:
            return super().invoke(ctx)
        except SidemanError as error:
            command = self.get_command(ctx, ctx.invoked_subcommand or "")
            spelling = f"--{error.field.replace('_', '-')}"
            for one in command.params if command is not None else ():
                if one.param_type_name == "option" and (
                    error.field == one.name or spelling in one.opts
                ):
                    raise SidemanError(f"{error} (option {one.opts[0]})") from error
            raise

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, prog_name="sideman")
def command_line() -> None:
    """Improvise jazz solos over chord changes.

    Try:  sideman play blues-f
    """


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the command line and exit: with 0 on success, 2 for wrong input, 130 after Ctrl-C."""
    terminal.run(command_line, "sideman", arguments)
