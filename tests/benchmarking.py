"""The scripts of the folder ``benchmarks`` as modules."""

import importlib
import sys
from functools import cache
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent.parent / "benchmarks"


@cache
def module(name: str) -> Any:
    """Import a script by its name."""
    sys.path.insert(0, str(_FOLDER))
    try:
        return importlib.import_module(name)
    finally:
        sys.path.remove(str(_FOLDER))
