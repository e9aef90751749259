"""A studio in a process of its own, for tests that look at its page."""

from __future__ import annotations

import contextlib
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

_START_SECONDS = 120


class Server:
    """A studio in a process of its own."""

    def __init__(self, data: Path, port: int | None = None) -> None:
        self.data, self.port = data, port or _free_port()
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """Its address, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "sideman", "studio", "--no-browser", "--workers", "1"),
                *("--port", str(self.port), "--data", str(self.data)),
            ],
            stdout=subprocess.DEVNULL,
        )
        end = time.monotonic() + _START_SECONDS
        while True:
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"{self.address}/health", timeout=5).close()
                return
            assert self.process.poll() is None
            assert time.monotonic() < end, "the studio does not answer"
            time.sleep(0.1)

    def kill(self) -> None:
        """End it without warning."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def stop(self) -> None:
        """End it as Ctrl-C does."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port
