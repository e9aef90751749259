"""What can go wrong, in one family.

Every message is one clear sentence for a person: it names the file, bar or symbol that is wrong
and says what to do.  A face (the command line, a page) prints the message and nothing else; the
command line then exits with code 2.
"""


class SidemanError(Exception):
    """Base of everything sideman raises on purpose.

    Parameters
    ----------
    message : str
        The sentence.
    field : str
        The field of the request that is wrong, such as ``tempo``; empty where it is none.
    """

    def __init__(self, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.field = field


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
        self, message: str, symbol: str = "", nearest: tuple[str, ...] = (), *, field: str = ""
    ) -> None:
        super().__init__(message, field=field)
        self.symbol = symbol
        self.nearest = nearest


class MusicError(SidemanError):
    """The music is well-formed but cannot be used for what was asked."""


class ModelError(SidemanError):
    """A model file is unknown, unreadable, or does not fit this version."""


class MissingExtraError(SidemanError):
    """A command needs an optional part of sideman that is not installed."""
