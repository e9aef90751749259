"""A free port to listen on."""

from __future__ import annotations

import errno
import socket
import sys

from sideman.errors import FileError

_TRIES = 100
_BACKLOG = 128


def bound(host: str, port: int) -> socket.socket:
    """Return a socket on a port, or on the next one that is free.

    Raises
    ------
    FileError
        If there is none, or the host is not of this machine.
    """
    last = min(port + _TRIES, 65536)
    for number in range(port, last):
        try:
            family, kind, protocol, _, address = socket.getaddrinfo(
                host, number, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
            )[0]
            # Only with its protocol named does asyncio send small answers at once (TCP_NODELAY).
            found = socket.socket(family, kind, protocol)
            try:
                if sys.platform != "win32":  # there it would share a port that is in use
                    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                found.bind(address)
                found.listen(_BACKLOG)
            except OSError:
                found.close()
                raise
            return found
        except (OSError, UnicodeError) as error:
            taken = getattr(error, "errno", None) in (errno.EADDRINUSE, errno.EACCES)
            if not taken:
                raise FileError(
                    f"{host[:60]!r} is no address of this machine; give another.", field="host"
                ) from error
    raise FileError(f"No port from {port} to {last - 1} is free; give another.", field="port")
