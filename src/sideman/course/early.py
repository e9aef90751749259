"""Ctrl-C while ``python -m sideman.course`` is still importing.

Python imports the package before its ``__main__``, which therefore cannot catch an interrupt of
these imports.  Only that command is changed; a program that imports the package keeps its own
handler.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from typing import NoReturn

_INTERRUPTED = 130


def _leave(*_: object) -> NoReturn:
    os.write(2, b"sideman: interrupted\n")
    os._exit(_INTERRUPTED)


def end() -> None:
    """Restore Python's own handler of Ctrl-C."""
    if signal.getsignal(signal.SIGINT) is _leave:
        signal.signal(signal.SIGINT, signal.default_int_handler)


# While Python looks for the module to run, its own argument stands as -m.
if (
    sys.argv[:1] == ["-m"]
    and "sideman.course" in sys.orig_argv
    and threading.current_thread() is threading.main_thread()
    and signal.getsignal(signal.SIGINT) is signal.default_int_handler
):
    signal.signal(signal.SIGINT, _leave)
