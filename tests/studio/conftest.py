"""A studio for tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from sideman.studio import app as application
from sideman.studio.settings import Settings

LOCAL = "http://127.0.0.1:7711"


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
