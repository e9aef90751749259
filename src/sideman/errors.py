"""What can go wrong, in one family.

Every message is one clear sentence for a person: it names the file, bar or symbol that is wrong
and says what to do.  A face (the command line, a page) prints the message and nothing else; the
command line then exits with code 2.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong in typed changes, and where.

    Parameters
    ----------
    message : str
        The sentence.
    bar : int
        The bar, counted from 1.
    beat : float or None
        The beat in it, counted from 1, where one is meant.
    start, end : int
        The characters of the text, `end` excluded.
    symbol : str
        The chord symbol; empty where the problem is another.
    nearest : tuple of str
        Known symbols that look like it, best first.
    """

    message: str
    bar: int
    beat: float | None
    start: int
    end: int
    symbol: str = ""
    nearest: tuple[str, ...] = ()


class SidemanError(Exception):
    """Base of everything sideman raises on purpose.

    Parameters
    ----------
    message : str
        The sentence.
    field : str
        The field of the request that is wrong, such as ``tempo``; empty where it is none.
    problems : tuple of Problem
        For typed changes everything that is wrong in them, in the order of the text.
    """

    def __init__(
        self, message: str, *, field: str = "", problems: tuple[Problem, ...] = ()
    ) -> None:
        super().__init__(message)
        self.field = field
        self.problems = problems


class FileError(SidemanError):
    """A file or folder cannot be read or written."""


class FormatError(SidemanError):
    """A file was read, but what it says is not well-formed."""


class ChordError(SidemanError):
    """A chord symbol is unknown.

    Parameters
    ----------
    message : str
        The sentence.
    symbol : str
        The symbol, so that a reader can say where it stands.
    nearest : tuple of str
        Known symbols that look like it, best first.
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
    """The music is well-formed but cannot be used for what was asked."""


class ModelError(SidemanError):
    """A model file is unknown, unreadable, or does not fit this version."""


class MissingExtraError(SidemanError):
    """A command needs an optional part of sideman that is not installed."""
