"""The error that says what a learner's code does wrong, and where in that code."""

from __future__ import annotations

import sys
import traceback
from pathlib import Path

from sideman.errors import SidemanError

_PACKAGE = str(Path(__file__).parents[1])
_INSTALLED = (_PACKAGE, sys.prefix, sys.base_prefix)


class CheckError(SidemanError):
    """What the learner wrote does something else than it should; the message says what."""

    def _render_traceback_(self) -> list[str]:
        """Show a notebook the sentence, and the learner's own line where it was raised there."""
        place = own_line(self)
        return [f"✗ {self}", *([f"  In {place}"] if place else [])]


def own_line(error: BaseException) -> str:
    """Find the last line of the learner's own functions that an error passed through.

    Parameters
    ----------
    error : BaseException
        An error that was raised.

    Returns
    -------
    str
        The function, the line's number in its cell or file, and the line; empty if the error
        passed through none.
    """
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if frame.name != "<module>" and not frame.filename.startswith((*_INSTALLED, "<frozen")):
            line = f": {frame.line}" if frame.line else ""
            return f"{frame.name}, line {frame.lineno}{line}"
    return ""
