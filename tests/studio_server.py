"""A studio as a process of its own, for tests."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

JSON = {"Content-Type": "application/json"}


@dataclass
class Server:
    process: subprocess.Popen[str]
    port: int
    told: list[str] = field(default_factory=list)

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        sent = None if body is None else json.dumps(body)
        with contextlib.closing(connection):
            connection.request(method, path, sent, {**(JSON if sent else {}), **headers})
            with connection.getresponse() as answer:
                data = answer.read()
                return answer.status, json.loads(data) if data else None

    def metric(self, name: str, labels: str = "") -> float:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        with contextlib.closing(connection):
            connection.request("GET", "/metrics")
            with connection.getresponse() as answer:
                text = answer.read().decode()
        key = f"sideman_{name}{{{labels}}}" if labels else f"sideman_{name}"
        return float(dict(line.rsplit(" ", 1) for line in text.splitlines())[key])

    def idle(self) -> None:
        """Wait until no process is at work."""
        for _ in range(2000):
            if not self.metric("processes_busy") and not self.metric("queue"):
                return
            time.sleep(0.05)
        raise AssertionError("still at work")

    def children(self) -> list[int]:
        found = []
        for path in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):
                state, parent = path.read_text().rsplit(")", 1)[1].split()[:2]
                if int(parent) == self.process.pid and state != "Z":
                    found.append(int(path.parent.name))
        return found


def command(folder: Path, port: int) -> list[str]:
    """Return the command of a studio with one worker."""
    studio = [sys.executable, "-m", "sideman", "studio", "--no-browser", "--workers", "1"]
    return [*studio, "--port", str(port), "--data", str(folder)]


def start(words: list[str]) -> Server:
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert process.stdout is not None
    told = []
    for line in process.stdout:
        told.append(line)
        if line.startswith("studio:"):
            port = int(line.split(":")[-1].split("/")[0])
            return Server(process, port, told)
    raise AssertionError("".join(told))


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


@contextlib.contextmanager
def serving(folder: Path, *options: str) -> Iterator[Server]:
    server = start([*command(folder, free_port()), *options])
    try:
        yield server
    finally:
        server.process.kill()
        server.process.communicate()
