"""The options that say how the band plays, and what it plays beside the solo."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])

_STYLE = (
    click.option(
        "--style",
        metavar="NAME_OR_FILE",
        help="swing, bebop, ballad, bossa, waltz, modal, two-beat, or a .toml file of your own.  "
        "[default: what the tune asks for]",
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
