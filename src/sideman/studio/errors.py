"""The exceptions of the studio."""

from __future__ import annotations

from sideman.errors import FileError


class RefusedError(Exception):
    """A request that is refused with a status and a sentence."""

    def __init__(self, status: int, detail: str, field: str = "", **headers: str) -> None:
        super().__init__(detail)
        self.status, self.detail, self.field = status, detail, field
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


class StoreError(FileError):
    """The takes cannot be read or written."""


def no_take() -> RefusedError:
    """Return the error for a take that is not there."""
    return RefusedError(404, "There is no such take; it may have been deleted.")
