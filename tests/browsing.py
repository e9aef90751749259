"""A studio in a process of its own, and what tests do on its page."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path
from typing import Any

import studio_server


class Server:
    """A studio of its own process, which can be ended and started again at its port."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = 7750
        self.process: subprocess.Popen[str] | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def start(self) -> None:
        begun = studio_server.start(studio_server.command(self.folder, self.port))
        self.process, self.port = begun.process, begun.port

    def end(self, by: signal.Signals = signal.SIGTERM) -> None:
        if self.process is not None:
            self.process.send_signal(by)
            self.process.wait(20)
            assert self.process.stdout is not None
            self.process.stdout.close()
            self.process = None


def improvise(page: Any) -> None:
    """Press the one big action, and wait for the score of a new take."""
    before = page.locator(".takes .on .open").count() and page.inner_text(".sleeve .no")
    page.click(".go")
    page.wait_for_selector(".engraved .score", timeout=60_000)
    if before:
        page.wait_for_selector(f'.sleeve .no:not(:has-text("{before}"))', timeout=60_000)
        page.wait_for_selector(".engraved .score", timeout=60_000)


def one_chorus(page: Any) -> None:
    page.fill('.knobs input[type="number"] >> nth=1', "1")
