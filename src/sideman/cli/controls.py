"""The options that say who plays a solo, how boldly, and in what shape."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])

_PLAYER = (
    click.option(
        "--model",
        "model_name",
        default="soloist",
        show_default=True,
        metavar="NAME_OR_PATH",
        help="Who plays: a model that comes with sideman, or a .safetensors file.",
    ),
    click.option("--like", metavar="PLAYER", help="Play like somebody whom the soloist has heard."),
    click.option(
        "--max-copy",
        type=int,
        default=10,
        show_default=True,
        metavar="N",
        help="No more than N notes in a row as in a solo of the corpus; at least 5.",
    ),
)
_OPTIONS = (
    click.option(
        "--temperature",
        type=float,
        help="0 plays the likeliest note always; higher is bolder.  [default: 1; course: 0.9]",
    ),
    click.option(
        "--rhythm", type=float, metavar="T", help="Temperature of the rhythm beside the whole's."
    ),
    click.option(
        "--pitch",
        type=float,
        metavar="T",
        help="Temperature of the pitches beside the whole's.  [default: 0.92]",
    ),
    click.option(
        "--duration",
        type=float,
        metavar="T",
        help="Temperature of the durations: how even the articulation is.",
    ),
    click.option("--top-k", type=int, metavar="K", help="Choose among the K likeliest only."),
    click.option(
        "--top-p", type=float, metavar="P", help="Choose among the likeliest up to a share of P."
    ),
    click.option(
        "--min-p",
        type=float,
        metavar="P",
        help="Leave out what is less likely than P of the likeliest: slips vanish.  "
        "[default: 0.03; course: 0]",
    ),
    click.option(
        "--typical",
        type=float,
        metavar="P",
        help="Leave out the obvious and the odd, down to a share of P.",
    ),
    click.option(
        "--density", type=float, metavar="X", help="How many notes, players having 1: 0.5 is airy."
    ),
    click.option(
        "--breath",
        type=float,
        metavar="X",
        help="How firmly phrases keep to a player's length: 0 lets them run on.",
    ),
    click.option(
        "--motif",
        type=float,
        metavar="X",
        help="How much the solo comes back to its own motifs: 0 always goes on to something new.  "
        "[default: 1.15]",
    ),
    click.option(
        "--register",
        type=float,
        metavar="X",
        help="How surely the line makes for high and low places and turns back at the edges.",
    ),
    click.option(
        "--softness",
        type=float,
        metavar="N",
        help="Semitones over which the edge of the range is felt.",
    ),
    click.option(
        "--manner",
        type=float,
        metavar="X",
        help="How firmly a solo keeps to a manner of its own: 0 leaves all to the networks.",
    ),
    click.option(
        "--resolve/--no-resolve",
        default=None,
        help="Whether the last phrase comes to rest on a chord tone.  [default: it does]",
    ),
    click.option(
        "--difficulty",
        type=click.IntRange(1, 5),
        help="1 for beginners to 5 for whatever players play.  [default: 5]",
    ),
    click.option(
        "--best-of",
        type=click.IntRange(1, 100),
        metavar="N",
        help="Draw N and keep the best: the likeliest that copies least; of answers to a phrase "
        "the one that takes up most of it.  [default: 1; answers: 3]",
    ),
)


def player(command: Command) -> Command:
    """Give a command the options of who plays."""
    for option in reversed(_PLAYER):
        command = option(command)
    return command


def options(command: Command) -> Command:
    """Give a command all the options; each is None where it is not asked for."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command
