"""A studio in a process of its own, and what tests do on its page."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any


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
        options = ["--no-browser", "--workers", "1", "--port", str(self.port)]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "sideman", "studio", *options, "--data", str(self.folder)],
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert self.process.stdout is not None
        for line in self.process.stdout:
            found = re.search(r"http://127\.0\.0\.1:(\d+)/", line)
            if found:
                self.port = int(found[1])
                return
        raise AssertionError("the studio did not start")

    def end(self, by: signal.Signals = signal.SIGTERM) -> None:
        if self.process is not None:
            os.killpg(self.process.pid, by)
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
