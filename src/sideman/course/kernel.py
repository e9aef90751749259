"""An IPython extension that answers a failed import of the assignment's modules.

The assignment's first cell imports TensorFlow, Keras, music21 and the course's own files, most of
which are not installed here.  ``make notebook`` starts its kernels with this extension, by the
kernel specification in ``jupyter/kernels/python3`` beside this file; where such an import fails,
the error's text and traceback are one sentence that names the line which replaces the cell.  The
cell still fails, and every other error is shown as IPython shows it.

Only what is printed is changed: no module is put into ``sys.modules`` and no import is
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

# Files that lie beside the assignment's notebook.
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
    """What is used of IPython's ``InteractiveShell``."""

    user_ns: dict[str, object]

    def set_custom_exc(
        self, exc_tuple: tuple[type[BaseException], ...], handler: Callable[..., None]
    ) -> None:
        """Call a handler for exceptions of these types that end a cell."""

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
    """Show an import error, as one sentence where it is one of the assignment's imports."""
    sentence = _sentence_for(error, trace, shell.user_ns)
    if sentence is not None:
        # The kernel's reply holds the text of the exception itself; a traceback is formatted by
        # this method of the exception where it has one.
        error.msg, error.args = sentence, (sentence,)
        vars(error)["_render_traceback_"] = lambda: [sentence]
    shell.showtraceback(running_compiled_code=True)


def _sentence_for(
    error: ImportError, trace: TracebackType | None, namespace: dict[str, object]
) -> str | None:
    """Return the answer to an import error that ended a cell, None where it has none."""
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
    """Return the sentence that answers a failed import.

    Parameters
    ----------
    error : ImportError
        What was raised.
    cell : str
        The text of the cell, without magics.
    line : int
        The line of the cell that was running, counted from 1.

    Returns
    -------
    str or None
        None where the line imports none of the assignment's modules, or where the import failed
        for a reason that is not theirs.

    Examples
    --------
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

    For a name that the learner's own file lacks, Python's message is kept.
    """
    if error.name in _FILES and isinstance(error, ModuleNotFoundError):
        return error.name
    if error.name is None or _root(error.name) not in _PACKAGES:
        return None
    lacks = isinstance(error, ModuleNotFoundError) or _missing_name(error)
    return error.name if lacks else None


def _missing_name(error: ImportError) -> str | None:
    """Return the name that a module lacks; Python 3.11 has it in the message alone."""
    found = re.match(r"cannot import name '(\w+)'", str(error))
    return found[1] if found else None


def _modules(node: ast.Import | ast.ImportFrom) -> list[str]:
    """Return the modules that a statement imports, by their full names."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module] if node.module and not node.level else []


def _root(module: str) -> str:
    return module.partition(".")[0]
