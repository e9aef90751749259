"""The studio in a browser: a real server, headless Chromium, and the policy in force.

Every test fails on an error of the page, on a violation of its policy, and on a request to
another host.
"""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from browsing import Server

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--autoplay-policy=no-user-gesture-required"]
WATCH = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (one) => {
  window.violations.push(`${one.violatedDirective} ${one.blockedURI}`);
});
window.shifted = 0;
new PerformanceObserver((list) => {
  for (const one of list.getEntries()) if (!one.hadRecentInput) window.shifted += one.value;
}).observe({ type: "layout-shift", buffered: true });
"""


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """Headless Chromium; skips the test, and says what to install, where there is none."""
    if CHROMIUM is None:
        pytest.skip("the page needs Chromium to be tested: apt-get install chromium")
    if importlib.util.find_spec("playwright") is None:
        pytest.skip("the page needs Playwright to be tested: make dev-env")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def server(chromium: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A studio with an empty folder."""
    server = Server(tmp_path_factory.mktemp("studio"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def opened(chromium: Any) -> Iterator[Callable[..., Any]]:
    """Open the page of an address in a browser of its own (options are those of a context)."""
    contexts: list[Any] = []
    pages: list[Any] = []
    faults: list[str] = []

    def open_page(address: str, **options: Any) -> Any:
        viewport = options.pop("viewport", {"width": 1280, "height": 900})
        context = chromium.new_context(viewport=viewport, accept_downloads=True, **options)
        contexts.append(context)
        context.add_init_script(WATCH)
        page = context.new_page()
        pages.append(page)
        host = urlsplit(address).netloc

        def asked(request: Any) -> None:
            there = urlsplit(request.url)
            if there.scheme not in ("data", "blob") and there.netloc != host:
                faults.append(f"asked another host: {request.url}")

        page.on("request", asked)
        page.on("pageerror", lambda error: faults.append(f"error: {error}"))
        page.goto(address)
        page.get_by_role("button", name="improvise").wait_for()
        return page

    yield open_page
    for page in pages:
        faults += [f"violation: {one}" for one in page.evaluate("window.violations")]
    for context in contexts:
        context.close()
    assert faults == []
