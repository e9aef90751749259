"""Every door against its description: Schemathesis with all checks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.config import SchemathesisConfig

from studio_server import Server, serving

EXAMPLES = 40
CONFIG = """
[checks.positive_data_acceptance]
# A grammar of chords, or what a take holds, is not in the schema: such requests get a sentence.
expected-statuses = ["2xx", 206, 304, 404, 413, 416, 422, 429]
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


schema = schemathesis.pytest.from_fixture("described")


@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_every_door_is_as_it_is_described(case: schemathesis.Case) -> None:
    case.call_and_validate(timeout=60)
