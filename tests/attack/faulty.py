"""A reader with every kind of fault, to test the attack itself."""

from __future__ import annotations

import os
import signal

from attack import mutators, seeds
from attack.targets import Target
from sideman.errors import SidemanError


def read(data: bytes) -> None:
    """Read the seed; end the process, raise, loop, refuse or read anything else."""
    if data == seeds.name_files()[0]:
        return
    kind = len(data) % 5
    if kind == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    if kind == 1:
        raise ValueError("a fault")
    while kind == 2:
        pass
    if kind == 3:
        raise SidemanError("This is refused; give another.")


TARGET = Target(seeds.name_files, (mutators.bytes_of,), read)
