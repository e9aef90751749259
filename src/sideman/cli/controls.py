"""Options for the model, the player to imitate, and every control."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from functools import partial
from typing import Any

from sideman.cli.options import file, models, option, together
from sideman.models import registry
from sideman.models.controls import KNOBS, MAX_COPY, Controls

# Version 0.1 named these options after their fields.
_RENAMED = {"rhythm", "pitch", "duration", "typical", "breath", "motif", "softness", "manner"}
_PLAYING = [kind.name for kind in registry.KINDS if kind.plays]
_TYPES = {"bool": bool, "int": int, "float": float}


def _default(name: str, usual: Callable[[], Mapping[str, float]]) -> str:
    """Return the default of a command, or of the first kind of model and of others that differ."""
    if name in usual():
        return _text(usual()[name])
    kinds = [kind for kind in registry.KINDS if kind.plays and not kind.suffixes]
    values = {kind.name: getattr(kind.defaults, name) for kind in kinds}
    first = values[kinds[0].name]
    others = [f"{kind}: {_text(value)}" for kind, value in values.items() if value != first]
    return "; ".join((_text(first), *others))


def _text(value: object) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else f"{value:g}"


def _control(
    name: str, kind: type, usual: Callable[[], Mapping[str, float]]
) -> Callable[[Any], Any]:
    """Return the option of a control: its name is the control's label, with hyphens."""
    knob = KNOBS[name]
    words = knob.label.replace(" ", "-")
    aliases = (f"--{name}",) if name in _RENAMED else ()
    settings: dict[str, Any] = {"help": knob.help, "default_text": partial(_default, name, usual)}
    if kind is bool:
        return option(f"--{words}/--no-{words}", name, default=None, **settings)
    metavar = "N" if kind is int else "X"
    return option(f"--{words}", name, type=kind, metavar=metavar, aliases=aliases, **settings)


player = together(
    option(
        "--model",
        metavar="NAME_OR_FILE",
        shell_complete=models,
        default_text=f"the model of the take, if there is one, else {registry.DEFAULT}",
        help=f"Model that plays: {', '.join(_PLAYING)}, or a .safetensors or .grammar file.",
    ),
    option(
        "--player",
        aliases=("--like",),
        metavar="NAME",
        help="Player to imitate, one of those in the model's training data.",
    ),
    option(
        "--max-match",
        "max_copy",
        aliases=("--max-copy",),
        type=int,
        default=MAX_COPY,
        metavar="N",
        help="Longest run of notes, at least 5, that may match a recorded solo.",
    ),
    file(
        "--taste",
        help="Marks of sideman rate; with --effort 2 or 3, or --best-of (except in trade), the "
        "critic also prefers what they tell.",
    ),
)


def options(usual: Callable[[], Mapping[str, float]] = dict) -> Callable[[Any], Any]:
    """Return all controls, each None where it is not given; `usual` are defaults of a command."""
    return together(
        *(_control(each.name, _TYPES[str(each.type)], usual) for each in fields(Controls))
    )
