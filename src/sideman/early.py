"""Ctrl-C before :func:`sideman.terminal.run`, while a command is still importing."""

from __future__ import annotations

import os
import signal
import threading
from typing import NoReturn

INTERRUPTED = 130
"""The exit code after Ctrl-C."""


def _leave(*_: object) -> NoReturn:
    os.write(2, b"sideman: interrupted\n")
    os._exit(INTERRUPTED)


def begin() -> None:
    """End the process at once on Ctrl-C, unless a handler other than Python's is set."""
    if (
        threading.current_thread() is threading.main_thread()
        and signal.getsignal(signal.SIGINT) is signal.default_int_handler
    ):
        signal.signal(signal.SIGINT, _leave)


def end() -> None:
    """Restore Python's own handler of Ctrl-C."""
    if signal.getsignal(signal.SIGINT) is _leave:
        signal.signal(signal.SIGINT, signal.default_int_handler)
