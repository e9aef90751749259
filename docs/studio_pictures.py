"""Draw the pictures of the studio: its page, with a take that plays, in Debian's Chromium.

python docs/studio_pictures.py
"""

import io
import sys
import tempfile
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

DOCS = Path(__file__).parent
sys.path.insert(0, str(DOCS.parent / "tests"))
SEED, COLOURS = "11", 224
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--autoplay-policy=no-user-gesture-required"]
DESK = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}


def opened(browser: Browser, address: str, tune: str, **options: Any) -> Any:
    """Return a page on which a chorus over a tune of the songbook plays."""
    from browsing import improvise, one_chorus

    page = browser.new_context(**options).new_page()
    page.goto(address)
    page.click("text=songbook")
    page.click(f".tunes strong >> text={tune}")
    page.wait_for_selector("dialog", state="detached")
    one_chorus(page)
    page.fill('.knobs input[type="number"] >> nth=2', SEED)
    page.keyboard.press("Escape")
    improvise(page)
    page.wait_for_selector('.player[data-state="playing"]', timeout=60_000)
    page.evaluate("for (const e of [document.querySelector('.left'), window]) e.scrollTo(0, 0)")
    return page


def select(page: Any, first: int, last: int) -> None:
    """Select bars of the score by dragging."""
    one, two = (page.locator(f"#b{bar} .staff").bounding_box() for bar in (first, last))
    page.mouse.move(one["x"] + 20, one["y"] + 20)
    page.mouse.down()
    page.mouse.move(two["x"] + 40, two["y"] + 20, steps=5)
    page.mouse.up()


def save(page: Any, name: str) -> None:
    """Write what is seen as a PNG of few colours."""
    seen = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    seen.quantize(COLOURS, dither=Image.Dither.NONE).save(DOCS / f"{name}.png", optimize=True)


def draw(address: str) -> None:
    """Draw each picture in a fresh browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        page = opened(browser, address, "Rhythm Changes in B♭", viewport=DESK)
        select(page, 9, 12)
        page.click(".keep >> text=loop")
        page.wait_for_timeout(4000)
        save(page, "studio")
        page.click("#tab-numbers")
        save(page, "studio-numbers")
        page.click("#tab-score")
        page.emulate_media(color_scheme="dark")
        page.wait_for_timeout(2000)
        save(page, "studio-dark")
        page = opened(browser, address, "Happy Birthday", viewport=PHONE, device_scale_factor=2)
        page.wait_for_timeout(5000)
        save(page, "studio-phone")
        browser.close()


if __name__ == "__main__":
    from browsing import Server

    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder))
        server.start()
        try:
            draw(server.address)
        finally:
            server.end()
