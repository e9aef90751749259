"""Checks of arguments against the annotations of their functions."""

import functools
import inspect
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from numbers import Integral, Real
from types import NoneType, UnionType
from typing import Any, ParamSpec, TypeVar, get_args, get_origin, get_type_hints

from sideman.errors import MusicError

P = ParamSpec("P")
R = TypeVar("R")

_KINDS: dict[Any, tuple[Any, str]] = {
    bool: (bool, "True or False"),
    int: (Integral, "a whole number"),
    float: (Real, "a number"),
    str: (str, "a text"),
    bytes: (bytes, "bytes"),
    os.PathLike: (os.PathLike, "a path"),
    Sequence: (Iterable, "a list"),
    Mapping: (Mapping, "a dict"),
    Callable: (Callable, "a function"),
}
"""The class of the values that each annotation allows, and what a message calls them."""


def typed(function: Callable[P, R]) -> Callable[P, R]:
    """Return a function that checks and converts its arguments first (:func:`converted`)."""
    signature = inspect.signature(function)

    @functools.wraps(function)
    def checked(*values: P.args, **options: P.kwargs) -> R:
        given = signature.bind(*values, **options)
        hints = get_type_hints(function)
        for name, value in given.arguments.items():
            given.arguments[name] = converted(name, value, hints.get(name, Any))
        return function(*given.args, **given.kwargs)

    return checked


def converted(name: str, value: Any, hint: Any) -> Any:
    """Return an argument as plain Python numbers and texts; a MusicError if of another type.

    A type that is not listed above, such as music or a model, is checked where it is used.
    """
    kinds = get_args(hint) if get_origin(hint) is UnionType else (hint,)
    if value is None and NoneType in kinds:
        return None
    wanted = {get_origin(kind) or kind: kind for kind in kinds if kind is not NoneType}
    if not wanted.keys() <= _KINDS.keys():
        return value
    for kind, whole in wanted.items():
        if isinstance(value, _KINDS[kind][0]) and (kind is bool or not isinstance(value, bool)):
            try:
                return _plain(name, value, kind, get_args(whole))
            except (OverflowError, TypeError, ValueError):  # 10**400, an array without axes
                break
    said = " or ".join(_KINDS[kind][1] for kind in wanted)
    raise MusicError(f"{name} must be {said}, got {_shown(value)}.", field=name)


def _plain(name: str, value: Any, kind: Any, inside: tuple[Any, ...]) -> Any:
    if kind in (int, float):
        float(value)  # no number of sideman is beyond that range
        return kind(value)
    if kind in (bool, bytes, os.PathLike, Callable) or isinstance(value, str):
        return str(value) if kind is str else value
    if kind is Mapping:
        key, content = inside
        return {
            converted(name, each, key): converted(name, held, content)
            for each, held in value.items()
        }
    return tuple(converted(name, each, inside[0]) for each in value)


def _shown(value: object) -> str:
    try:
        return f"{value!r:.60}"
    except ValueError:  # an int of more digits than Python writes
        return "a number that is too large"
