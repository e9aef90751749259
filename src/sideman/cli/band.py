"""The options that say how the band plays, and what it plays beside the solo."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])


class _StyleOption(click.Option):
    """An option whose help lists the styles."""

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """Return the option and its help, with the names of the styles."""
        from sideman.band import styles

        record = super().get_help_record(ctx)
        return record and (record[0], f"{', '.join(styles.names())}, or {record[1]}")


_STYLE = (
    click.option(
        "--style",
        metavar="NAME_OR_FILE",
        cls=_StyleOption,
        help="a .toml file of your own.  [default: what the tune asks for]",
    ),
    click.option(
        "--swing",
        type=float,
        metavar="RATIO",
        help="The on-beat eighth over the off-beat one: 1 is even, 2 a triplet.  "
        "[default: as players swing at the tempo]",
    ),
)
_PLAN = (
    click.option("--count-in", is_flag=True, help="Let the drummer count in."),
    click.option("--intro", is_flag=True, help="Let the band play four bars first."),
    click.option(
        "--head/--no-head",
        default=True,
        show_default=True,
        help="Whether the tune is played before and after the solo, where it is known.",
    ),
    click.option("--fours", is_flag=True, help="Trade fours with the drums in the last chorus."),
    click.option(
        "--ending/--no-ending",
        default=True,
        show_default=True,
        help="Whether the piece slows down into a last chord.",
    ),
)


def options(command: Command) -> Command:
    """Give a command all the options."""
    for option in reversed((*_STYLE, *_PLAN)):
        command = option(command)
    return command
