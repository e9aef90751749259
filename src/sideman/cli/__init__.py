"""The command line: parse, call one function, print.

Each command lives in a module of its own, imported only when it is run, so that ``sideman --help``
answers at once.  A command raises :class:`sideman.errors.SidemanError` for anything a person can
mend; :func:`main` prints its sentence and exits with code 2.
"""

from __future__ import annotations

import importlib
from typing import Any, NoReturn

import click

import sideman
from sideman import terminal
from sideman.errors import SidemanError

# name: (module under sideman.cli, one line for --help).  A test holds the lines to the commands'
# own docstrings.
COMMANDS = {
    "convert": ("convert", "Write a chart in another format."),
    "engrave": ("engrave", "Write music as a page for players, or draw it."),
    "evaluate": ("evaluate", "Say how likely a model finds held-out solos."),
    "improvise": ("improvise", "Improvise a solo over changes."),
    "inspect": ("inspect", "Show what sideman reads in a file."),
    "licks": ("licks", "Cut a take into licks to practise in twelve keys."),
    "measure": ("measure", "Measure lines: harmony, rhythm, phrases, novelty."),
    "render": ("render", "Render a MIDI file to sound."),
    "say": ("say", "Say names that a model makes up."),
    "songbook": ("songbook", "List the songbook, or show the changes of one form."),
    "trade": ("trade", "Answer a phrase."),
    "train": ("train", "Train a model on solos, or on names."),
    "vary": ("vary", "Play variations of a take."),
}


class LazyGroup(click.Group):
    """A group that imports a command's module when the command is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """List the commands in their order."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"sideman.cli.{COMMANDS[cmd_name][0]}")
        command: click.Command = module.command
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; an error that names a field says which option that is."""
        try:
            return super().invoke(ctx)
        except SidemanError as error:
            command = self.get_command(ctx, ctx.invoked_subcommand or "")
            option = f"--{error.field.replace('_', '-')}"
            if command is None or not any(option in one.opts for one in command.params):
                raise
            raise SidemanError(f"{error} (option {option})") from error

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(sideman.__version__, prog_name="sideman")
def command_line() -> None:
    """A jazz soloist: give it changes and hear a solo.

    Try:  sideman improvise happy-birthday --out out
    """


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the command line and exit.

    Parameters
    ----------
    arguments : list of str or None
        The words after ``sideman``; the process's own where None.

    Raises
    ------
    SystemExit
        Always: 0 done, 2 for input that must be mended, 130 after Ctrl-C.
    """
    terminal.run(command_line, "sideman", arguments)
