"""The error for a mistake in a learner's code, and its position in that code."""

from __future__ import annotations

import sys
import traceback
from pathlib import Path

from sideman.errors import SidemanError

_PACKAGE = str(Path(__file__).parents[1])
_INSTALLED = (_PACKAGE, sys.prefix, sys.base_prefix)


class CheckError(SidemanError):
    """A mistake in what the learner wrote, described by the message."""

    def _render_traceback_(self) -> list[str]:
        """Return the message, and the learner's line in which it was raised, for a notebook."""
        place = own_line(self)
        return [f"✗ {self}", *([f"  In {place}"] if place else [])]


def own_line(error: BaseException) -> str:
    """Return the last line of the learner's functions in an error's traceback; empty if none."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if frame.name != "<module>" and not frame.filename.startswith((*_INSTALLED, "<frozen")):
            line = f": {frame.line}" if frame.line else ""
            return f"{frame.name}, line {frame.lineno}{line}"
    return ""
