"""IPython as the course's cells use it, imported on first use."""

from __future__ import annotations

import importlib
import os
from pathlib import Path
from typing import Any

from sideman.errors import MissingExtraError


def _import(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise MissingExtraError(
            "Players in a notebook need IPython; install it with pip install 'sideman[notebook]'."
        ) from error


class _Display:
    """``IPython.display``, with a message for missing recordings."""

    def Audio(self, data: Any = None, *args: Any, **kwargs: Any) -> Any:  # noqa: N802
        """Return a player, or print that the recording does not exist."""
        here = not isinstance(data, (str, os.PathLike)) or str(data).startswith("http")
        if here or Path(data).exists():
            return _import("IPython.display").Audio(data, *args, **kwargs)
        print(f"{data}: no such recording here, so nothing to play; go on.")
        return None

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(_import("IPython.display"), name)


class _IPython:
    """The module ``IPython``."""

    display = _Display()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(_import("IPython"), name)


IPython = _IPython()
