"""The options that say who plays a solo, how boldly, and in what shape."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Any, TypeVar

import click

from sideman.models import registry
from sideman.models.controls import KNOBS, Controls

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


class _KnobOption(click.Option):
    """An option of one control, whose help shows the defaults of the models that have it."""

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """Return the option and its help, with the defaults read from the models."""
        record = super().get_help_record(ctx)
        return record and (record[0], f"{record[1]}  [default: {_defaults(self.name or '')}]")


def _defaults(name: str) -> str:
    """Return the default of the first model, and those of others that differ."""
    said: list[str] = []
    first: object = None
    for kind in registry.KINDS:
        if kind.plays and not kind.suffixes:
            value = getattr(kind.defaults, name)
            if not said:
                first = value
                said.append(_written(value))
            elif value != first:
                said.append(f"{kind.name}: {_written(value)}")
    return "; ".join(said)


def _written(value: object) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else f"{value:g}"


def _option(name: str, kind: type) -> Callable[[Command], Command]:
    one = KNOBS[name]
    flag = f"--{name.replace('_', '-')}"
    if kind is bool:
        return click.option(f"{flag}/--no-{flag[2:]}", default=None, cls=_KnobOption, help=one.help)
    metavar = {"rhythm": "T", "pitch": "T", "duration": "T"}.get(name, "N" if kind is int else "X")
    return click.option(flag, name, type=kind, metavar=metavar, cls=_KnobOption, help=one.help)


_TYPES = {"bool": bool, "int": int, "float": float}
_OPTIONS = tuple(_option(each.name, _TYPES[str(each.type)]) for each in fields(Controls))


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
