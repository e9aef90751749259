"""Work for child processes, in a module that they can import."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable

from sideman.errors import ChordError

prepared: list[int] = []


def prepare() -> None:
    prepared.append(os.getpid())


def fail_to_prepare() -> None:
    raise ChordError("No such chord; write another.", "H9", ("B9",), field="changes")


def add(one: int, other: int) -> int:
    print("what is printed is no answer")
    sys.stdout.flush()
    return one + other


def count(most: int, *, progress: Callable[[int], None]) -> list[int]:
    for number in range(most):
        progress(number)
    return prepared


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def sleep(seconds: float) -> None:
    time.sleep(seconds)


def take(size: int) -> int:
    return len(bytearray(size))


class OddError(Exception):
    """An exception that cannot be made again from its arguments."""

    def __init__(self, one: int, other: int) -> None:
        super().__init__("odd")


def raise_odd() -> None:
    raise OddError(1, 2)


def unanswerable() -> Callable[[], None]:
    return lambda: None


def child_of_child() -> int:
    import subprocess

    return subprocess.Popen(["sleep", "600"]).pid
