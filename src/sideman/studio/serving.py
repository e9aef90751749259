"""The server: a time limit for the head of a request, and a prompt end."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import socket
import sys
from collections import Counter
from typing import Any, ClassVar

import h11
import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.h11_impl import H11Protocol

from sideman.studio.limits import HEAD_SECONDS, MOST_CONNECTIONS

_GRACE_SECONDS = 1
# Of glibc's mallopt: the number of arenas, and the size of blocks that are mapped alone.
_M_ARENA_MAX, _M_MMAP_THRESHOLD = -8, -3
_MALLOC = {_M_ARENA_MAX: 1, _M_MMAP_THRESHOLD: 1 << 16}


class Protocol(H11Protocol):
    """HTTP/1.1 with a time limit for the head of a request, and a few connections an address."""

    _open: ClassVar[Counter[str]] = Counter()
    _head: asyncio.TimerHandle | None = None
    _address = ""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Count a connection, and refuse one too many."""
        peer = transport.get_extra_info("peername")
        self._address = str(peer[0]) if peer else ""
        self._open[self._address] += 1
        super().connection_made(transport)
        if self._open[self._address] > MOST_CONNECTIONS:
            transport.abort()
        else:
            self._wait_for_head()

    def data_received(self, data: bytes) -> None:
        """Read a piece; from its first byte on the head of a request must come in time."""
        super().data_received(data)
        if self.conn.their_state is not h11.IDLE:
            self._stop_waiting()
        elif self._head is None:
            self._wait_for_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget a connection."""
        self._stop_waiting()
        self._open[self._address] -= 1
        if self._open[self._address] <= 0:
            del self._open[self._address]
        super().connection_lost(exc)

    def _wait_for_head(self) -> None:
        self._head = self.loop.call_later(HEAD_SECONDS, self.transport.abort)

    def _stop_waiting(self) -> None:
        if self._head is not None:
            self._head.cancel()
            self._head = None


class Server(uvicorn.Server):
    """A server that ends the work of the studio before it waits for its connections."""

    def __init__(self, app: FastAPI) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http=Protocol,
                ws="none",
                loop="asyncio",
                lifespan="on",
                log_config=None,
                log_level="critical",
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=_GRACE_SECONDS,
                proxy_headers=False,
            )
        )
        self._app = app

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the work, then the connections, then the rest."""
        await self._app.state.studio.stop()
        await super().shutdown(sockets)


def serve(app: FastAPI, listening: socket.socket) -> None:
    """Answer requests until a signal ends it."""
    _keep_memory_flat()
    server: Any = Server(app)
    server.run(sockets=[listening])


def _keep_memory_flat() -> None:
    """Let large blocks go back to the system when they are freed, where the C library is glibc."""
    if sys.platform == "linux":
        for parameter, value in _MALLOC.items():
            with contextlib.suppress(AttributeError):  # another C library
                ctypes.CDLL(None).mallopt(parameter, value)
