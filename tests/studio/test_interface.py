"""Every door against its description: Schemathesis with all checks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.config import SchemathesisConfig

from studio_server import Server, serving

EXAMPLES = 150
"""Valid requests for each door, and as many invalid ones."""
REAL = 12
"""Requests for each door of a take with one that there is."""
REQUEST = {"changes": {"text": "| Dm7 | G7 | C6 | . |"}, "choruses": 1, "seed": 1}
SESSION = requests.Session()  # one connection: a new one for each request takes half of the time
SESSION.trust_env = False
CONFIG = """
[checks.positive_data_acceptance]
# A grammar of chords, or what a take holds, is not in the schema: such requests get a sentence.
expected-statuses = ["2xx", 206, 304, 404, 413, 416, 422, 429]
[checks.negative_data_rejection]
expected-statuses = [400, 404, 405, 413, 415, 422, 429]
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("served")) as server:
        yield server


@pytest.fixture
def described(server: Server, tmp_path: Path) -> schemathesis.BaseSchema:
    file = tmp_path / "schemathesis.toml"
    file.write_text(CONFIG)
    return schemathesis.openapi.from_url(
        f"http://127.0.0.1:{server.port}/openapi.json", config=SchemathesisConfig.from_path(file)
    )


def failures(operation: Any, examples: int, **options: Any) -> list[str]:
    """The failures of an operation, each with what was asked."""

    @settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(**options))
    def ask(case: Any) -> None:
        response = case.call(timeout=60, session=SESSION)
        last[:] = [response.status_code]
        case.validate_response(response)

    last: list[Any] = []
    try:
        ask()
    except BaseExceptionGroup as group:
        return [f"{operation.label}: {error}\n{last}" for error in group.exceptions]
    except Unsatisfiable:
        pass  # nothing in it can be wrong
    return []


def test_every_door_is_as_it_is_described(
    server: Server, described: schemathesis.BaseSchema
) -> None:
    found: list[str] = []
    for result in described.get_all_operations():
        operation: Any = result.ok()  # type: ignore[union-attr]
        for mode in schemathesis.GenerationMode:
            found += failures(operation, EXAMPLES, generation_mode=mode)
        if "{id}" in operation.path:
            status, take = server.ask("POST", "/api/takes", {"request": REQUEST})
            assert status == 201
            found += failures(operation, REAL, path_parameters={"id": take["id"]})
    assert not found, "\n\n".join(found)
    answered = server.metric("requests_total", 'method="GET",status="200"')
    assert answered > 20 * REAL
    assert server.metric("requests_total", 'method="POST",status="201"') > 2 * REAL
