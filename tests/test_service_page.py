"""``docs/service.md`` is made of the docstrings of the requests."""

import importlib.util
from pathlib import Path

DOCS = Path(__file__).parent.parent / "docs"


def test_the_page_lists_every_field_of_every_request() -> None:
    spec = importlib.util.spec_from_file_location("service_page", DOCS / "service_page.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert (DOCS / "service.md").read_text() == module.page(), (
        "run: python docs/service_page.py >docs/service.md"
    )
