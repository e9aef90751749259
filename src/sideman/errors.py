"""The exceptions of sideman.

A message is one sentence that names the file, bar or symbol at fault and the remedy. The command
line prints it and exits with code 2.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One error in typed changes, and its place.

    Parameters
    ----------
    message : str
        The error message.
    bar : int
        The bar, counted from 1.
    beat : float or None
        The beat in the bar, counted from 1; None if the error concerns the whole bar.
    start, end : int
        The range of characters in the text, `end` excluded.
    symbol : str
        The unknown chord symbol; empty for any other error.
    nearest : tuple of str
        Similar known symbols, best first.
    """

    message: str
    bar: int
    beat: float | None
    start: int
    end: int
    symbol: str = ""
    nearest: tuple[str, ...] = ()


_LONGEST_WORD, _LONGEST_MESSAGE = 200, 1200


def clipped(message: str) -> str:
    """Return a message in which long words, such as a quoted file, are shortened, and its middle.

    >>> len(clipped("a" * 10_000 + " is too long; give a shorter one."))
    233
    """
    words = (
        word if len(word) <= _LONGEST_WORD else f"{word[:160]}…{word[-39:]}"
        for word in message.split(" ")
    )
    text = " ".join(words)
    if len(text) <= _LONGEST_MESSAGE:
        return text
    half = _LONGEST_MESSAGE // 2
    return f"{text[:half]} … {text[-half:]}"


class SidemanError(Exception):
    """Base class of all errors that sideman raises on purpose.

    Parameters
    ----------
    message : str
        The error message.
    field : str
        The field of the request at fault, such as ``tempo``; empty if there is none.
    problems : tuple of Problem
        All errors in typed changes, in the order of the text.
    """

    def __init__(
        self, message: str, *, field: str = "", problems: tuple[Problem, ...] = ()
    ) -> None:
        super().__init__(clipped(message))
        self.field = field
        self.problems = problems


class FileError(SidemanError):
    """A file or folder cannot be read or written."""


class FormatError(SidemanError):
    """The content of a file is not well-formed."""


class ChordError(SidemanError):
    """A chord symbol is unknown.

    Parameters
    ----------
    message : str
        The error message.
    symbol : str
        The unknown symbol.
    nearest : tuple of str
        Similar known symbols, best first.
    """

    def __init__(
        self,
        message: str,
        symbol: str = "",
        nearest: tuple[str, ...] = (),
        *,
        field: str = "",
        problems: tuple[Problem, ...] = (),
    ) -> None:
        super().__init__(message, field=field, problems=problems)
        self.symbol = symbol
        self.nearest = nearest


class MusicError(SidemanError):
    """The music is well-formed but not usable for the requested operation."""


class ModelError(SidemanError):
    """A model file is unknown, unreadable or incompatible with this version."""


class MissingExtraError(SidemanError):
    """An optional dependency is not installed."""


@contextmanager
def concerning(field: str) -> Iterator[None]:
    """Set the field of each error raised in a block, if it has none."""
    try:
        yield
    except SidemanError as error:
        error.field = error.field or field
        raise
