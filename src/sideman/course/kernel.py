"""An IPython extension that explains failed imports of the assignment's modules.

The assignment's first cell imports TensorFlow, Keras, music21 and the course's own files, most of
which are not installed here.  ``make notebook`` starts its kernels with this extension, by the
kernel specification in ``jupyter/kernels/python3`` beside this file.  Where such an import fails,
the message and traceback are replaced by one sentence with the line that replaces the cell.  The
cell still fails, and other errors are unchanged.

Only the printed text changes: no module is added to ``sys.modules``, and no import is
intercepted.
"""

from __future__ import annotations

import ast
import linecache
import re
import traceback
from collections.abc import Callable
from types import TracebackType
from typing import Protocol

# Files in the folder of the assignment's notebook.
_FILES = frozenset(
    (
        "grammar",
        "qa",
        "preprocess",
        "music_utils",
        "data_utils",
        "inference_code",
        "test_utils",
        "outputs",
    )
)
_PACKAGES = frozenset(("tensorflow", "keras", "music21"))
_MODULES = _FILES | _PACKAGES
# Only version 4 of the assignment imports these.
_VERSION_4 = frozenset(("tensorflow", "test_utils", "outputs"))

_LINES = (
    "`from sideman.course import *` (versions 1 to 3a)",
    "`from sideman.course.v4 import *` (version 4)",
)


class Shell(Protocol):
    """The part of IPython's ``InteractiveShell`` that is used."""

    user_ns: dict[str, object]

    def set_custom_exc(
        self, exc_tuple: tuple[type[BaseException], ...], handler: Callable[..., None]
    ) -> None:
        """Set the handler for exceptions of these types that end a cell."""

    def showtraceback(self, *, running_compiled_code: bool = False) -> None:
        """Show the exception that is being handled."""


def load_ipython_extension(ipython: Shell) -> None:
    """Install the handler; IPython calls this when it loads the extension."""
    ipython.set_custom_exc((ImportError,), _show)


def _show(
    shell: Shell,
    _kind: type[ImportError],
    error: ImportError,
    trace: TracebackType | None,
    **_options: object,
) -> None:
    """Show an import error, as one sentence for an import of the assignment."""
    sentence = _sentence_for(error, trace, shell.user_ns)
    if sentence is not None:
        # The kernel's reply contains the text of the exception; IPython formats a traceback with
        # this method of the exception, if it has one.
        error.msg, error.args = sentence, (sentence,)
        vars(error)["_render_traceback_"] = lambda: [sentence]
    shell.showtraceback(running_compiled_code=True)


def _sentence_for(
    error: ImportError, trace: TracebackType | None, namespace: dict[str, object]
) -> str | None:
    """Return the sentence for an import error that ended a cell, None for other imports."""
    places = [
        (frame.f_code.co_filename, line)
        for frame, line in traceback.walk_tb(trace)
        if frame.f_globals is namespace
    ]
    if not places:
        return None
    cell = places[0][0]
    line = [line for file, line in places if file == cell][-1]
    return answer(error, "".join(linecache.getlines(cell)), line)


def answer(error: ImportError, cell: str, line: int) -> str | None:
    """Return the sentence that explains a failed import, None if the assignment is not the cause.

    `line` is the line of the cell that was running, counted from 1.

    >>> error = ModuleNotFoundError("No module named 'music21'", name="music21")
    >>> print(answer(error, "from music21 import *", 1))  # doctest: +NORMALIZE_WHITESPACE
    There is no module `music21` here and none is needed: replace this whole cell by
    `from sideman.course import *` (versions 1 to 3a), or by `from sideman.course.v4 import *`
    (version 4).
    """
    missing = _missing(error)
    imports = [
        node for node in ast.walk(ast.parse(cell)) if isinstance(node, (ast.Import, ast.ImportFrom))
    ]
    here = [
        module
        for node in imports
        if node.lineno <= line <= (node.end_lineno or node.lineno)
        for module in _modules(node)
        if _root(module) in _MODULES
    ]
    if missing is None or not here:
        return None
    if _root(missing) not in map(_root, here):
        reason = f"`{here[0]}` needs `{missing}`, which is not here and not needed"
    elif name := _missing_name(error):
        reason = f"`{missing}` has no `{name}` here and none is needed"
    else:
        reason = f"There is no module `{missing}` here and none is needed"
    version_4 = any(_root(module) in _VERSION_4 for node in imports for module in _modules(node))
    first, second = reversed(_LINES) if version_4 else _LINES
    return f"{reason}: replace this whole cell by {first}, or by {second}."


def _missing(error: ImportError) -> str | None:
    """Return the module of the assignment that is missing, or that lacks a name.

    For a name that is missing in the learner's own file, it is None.
    """
    if error.name in _FILES and isinstance(error, ModuleNotFoundError):
        return error.name
    if error.name is None or _root(error.name) not in _PACKAGES:
        return None
    lacks = isinstance(error, ModuleNotFoundError) or _missing_name(error)
    return error.name if lacks else None


def _missing_name(error: ImportError) -> str | None:
    """Return the name that a module lacks; in Python 3.11 only the message has it."""
    found = re.match(r"cannot import name '(\w+)'", str(error))
    return found[1] if found else None


def _modules(node: ast.Import | ast.ImportFrom) -> list[str]:
    """Return the modules that a statement imports, by their full names."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module] if node.module and not node.level else []


def _root(module: str) -> str:
    return module.partition(".")[0]
