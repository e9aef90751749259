"""Examples in docstrings write their files into a folder of their own."""

import pytest


@pytest.fixture(autouse=True)
def _folder(request: pytest.FixtureRequest) -> None:
    if isinstance(request.node, pytest.DoctestItem):
        request.getfixturevalue("monkeypatch").chdir(request.getfixturevalue("tmp_path"))
