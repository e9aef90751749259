"""Settings of a studio."""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass
from pathlib import Path

EVERYWHERE = ("0.0.0.0", "::", "")
LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class Settings:
    """Settings of a studio.

    Parameters
    ----------
    folder : pathlib.Path
        Where the takes are.
    host : str
        The address that it listens on.
    workers : int
        The number of processes that improvise.
    allowed : tuple of str
        Names in addition to those of the loopback by which it may be called.
    token : str
        What a browser must know; empty for a studio on the loopback.
    log : bool
        Whether each request is logged as a line of JSON.
    """

    folder: Path
    host: str = "127.0.0.1"
    workers: int = 1
    allowed: tuple[str, ...] = ()
    token: str = ""
    log: bool = False

    @property
    def everywhere(self) -> bool:
        """Whether it listens on all addresses of this machine."""
        return self.host in EVERYWHERE

    @property
    def names(self) -> frozenset[str]:
        """The names by which the studio may be called, in lower case."""
        own = socket.gethostname() if self.everywhere else self.host
        return frozenset(name.casefold() for name in (*LOOPBACK_NAMES, own, *self.allowed))


def is_loopback(host: str) -> bool:
    """Return whether only this machine can reach an address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.casefold() == "localhost"
