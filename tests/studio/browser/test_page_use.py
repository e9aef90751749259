"""The page in use: changes, takes, links and files, by mouse, finger and keyboard."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sideman
from browsing import Server
from playwright.sync_api import Page, expect

from sideman.formats import registry

Opened = Callable[..., Page]
HOSTILE = "<img src=x onerror=alert(1)>"


def improvise(page: Page, seed: int = 7) -> None:
    """Improvise one chorus, and wait for its page."""
    page.get_by_label("choruses").fill("1")
    page.get_by_label("№").fill(str(seed))
    page.get_by_role("button", name="improvise").click()
    page.locator(".score .note").first.wait_for(timeout=60_000)
    expect(page.get_by_role("button", name="improvise")).to_be_visible()


def bars(page: Page) -> Any:
    """Return the bars of the grid."""
    return page.locator(".grid [data-bar]")


def typed(page: Page, bar: int, text: str) -> None:
    """Type in a bar, counted from 1."""
    bars(page).nth(bar - 1).get_by_role("button").click()
    page.get_by_role("textbox", name=f"bar {bar}", exact=True).fill(text)


def test_a_wrong_chord_is_underlined_and_the_nearest_taken(server: Server, opened: Opened) -> None:
    page = opened(server.address)
    typed(page, 2, "Gm6 Cq7")
    expect(page.locator("#bar-says .bad")).to_contain_text("Cq7")
    expect(page.locator(".mirror u")).to_have_text("Cq7")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#bar-says .bad")).to_have_count(0)
    assert "q" not in page.get_by_role("textbox", name="bar 2", exact=True).input_value()
    page.keyboard.press("Enter")
    for _ in range(3):
        page.keyboard.press("Control+z")
    expect(bars(page).nth(1)).to_contain_text("C7")


def test_bars_are_added_copied_removed_and_brought_back(server: Server, opened: Opened) -> None:
    page = opened(server.address)
    before = bars(page).count()
    page.get_by_role("button", name="copy", exact=True).click()
    expect(bars(page)).to_have_count(before + 1)
    page.get_by_role("button", name="remove", exact=True).click()
    expect(bars(page)).to_have_count(before)
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    expect(bars(page)).to_have_count(before)


def test_every_file_is_got_and_read_back(
    server: Server, opened: Opened, tmp_path: Path
) -> None:
    page = opened(server.address)
    improvise(page)
    heads = {
        "PDF": b"%PDF", "PNG": b"\x89PNG", "MusicXML": b"<?xml", "MIDI": b"MThd",
        "MP3": b"ID3", "WAV": b"RIFF", ".ls": b"(", "JSON": b"{",
    }  # fmt: skip
    page.get_by_role("button", name="more", exact=True).first.click()
    got: dict[str, bytes] = {}
    for name, head in heads.items():
        with page.expect_download(timeout=60_000) as download:
            page.get_by_role("dialog").get_by_role("button", name=name, exact=True).click()
        assert download.value.suggested_filename.startswith("happy-birthday")
        got[name] = Path(download.value.path()).read_bytes()
        assert got[name].startswith(head), name
    take = json.loads(got["JSON"])
    for name, suffix in {"MIDI": "mid", "MusicXML": "musicxml", ".ls": "ls"}.items():
        (tune,) = registry.loads(got[name], f"take.{suffix}").charts or ()
        assert len(tune.open().parts[0].notes) >= len(take["music"]["solo"]) * 0.9
    played = sideman.read(got["MIDI"], name="take.mid")
    assert played == played.again()


def test_a_link_gives_the_same_bytes_elsewhere(
    server: Server, opened: Opened, tmp_path: Path
) -> None:
    page = opened(server.address)
    improvise(page, seed=3)
    first = _midi(page)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="link", exact=True).click()
    field = page.get_by_role("dialog").get_by_role("textbox")
    link = field.input_value().partition("#")[2]
    assert link
    other = Server(tmp_path / "other")
    other.start()
    try:
        fresh = opened(f"{other.address}/#{link}")
        expect(fresh.locator(".score .note")).to_have_count(0)
        fresh.get_by_role("button", name="improvise").click()
        fresh.locator(".score .note").first.wait_for(timeout=60_000)
        assert _midi(fresh) == first
        for damaged in ("x", link[: len(link) // 2], link[::-1]):
            broken = opened(f"{other.address}/#{damaged}")
            expect(broken.locator(".notices")).not_to_be_empty()
    finally:
        other.stop()


def _midi(page: Page) -> bytes:
    with page.expect_download() as download:
        page.get_by_role("button", name="MIDI", exact=True).click()
    return Path(download.value.path()).read_bytes()


def test_the_keyboard_is_enough(server: Server, opened: Opened) -> None:
    page = opened(server.address)
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("() => document.activeElement.closest('.grid') !== null"):
            break
    page.keyboard.press("ArrowRight")
    page.keyboard.type("Gm7")
    page.keyboard.press("Enter")
    expect(bars(page).nth(1)).to_contain_text("Gm7")
    page.keyboard.press("Control+Enter")
    page.locator(".score .note").first.wait_for(timeout=60_000)
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("() => document.activeElement.textContent") == "MIDI":
            break
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    assert Path(download.value.path()).read_bytes()[:4] == b"MThd"


@pytest.mark.parametrize("width", [320, 390, 640, 1024, 1440, 2560])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_width_is_too_small(server: Server, opened: Opened, width: int, scheme: str) -> None:
    page = opened(
        server.address,
        viewport={"width": width, "height": 800},
        color_scheme=scheme,
        reduced_motion="reduce",
    )
    page.locator(".takes").wait_for(state="attached")
    page.wait_for_timeout(700)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= width
    assert page.evaluate("() => window.shifted") <= 0.02
    paper = page.evaluate("() => getComputedStyle(document.body.parentElement).backgroundColor")
    dark = sum(int(part) for part in paper.removeprefix("rgb(").rstrip(")").split(",")) < 380
    assert dark == (scheme == "dark")


def test_markup_in_a_title_is_text(server: Server, opened: Opened) -> None:
    page = opened(server.address)
    sheet = f'(title {HOSTILE})(meter 4 4)(key 0)(tempo 120.0)\n C7 | F7 | C7 | G7 |\n'
    page.get_by_label("Open a file of changes").set_input_files(
        {"name": f"{HOSTILE}.ls".replace("/", ""), "mimeType": "text/plain", "buffer": sheet.encode()}
    )
    expect(bars(page)).to_have_count(4)
    improvise(page)
    assert page.locator("img").count() == 0
    expect(page.get_by_role("heading", level=1)).to_contain_text("onerror")
    with page.expect_download() as download:
        page.get_by_role("button", name="MusicXML", exact=True).click()
    assert all(sign not in download.value.suggested_filename for sign in "<>/")


def test_takes_are_kept_named_and_deleted_with_undo(server: Server, opened: Opened) -> None:
    page = opened(server.address)
    improvise(page, seed=11)
    takes = page.locator(".takes li")
    there = takes.count()
    name = "the <b>one</b> to keep"
    page.get_by_label("name of the take").fill(name)
    page.get_by_label("name of the take").press("Enter")
    page.get_by_role("button", name="star", exact=False).first.click()
    expect(takes.first).to_contain_text(name)
    page.get_by_role("button", name="delete", exact=True).click()
    expect(takes).to_have_count(there - 1)
    page.locator(".notices").get_by_role("button", name="undo", exact=True).click()
    expect(takes).to_have_count(there)
    again = opened(server.address)
    expect(again.locator(".takes li").filter(has_text=name)).to_have_count(1)


def test_a_server_that_dies_costs_nothing_that_was_typed(
    opened: Opened, chromium: Any, tmp_path: Path
) -> None:
    server = Server(tmp_path)
    server.start()
    page = opened(server.address)
    typed(page, 1, "Fmaj7 D7")
    page.get_by_role("button", name="improvise").click()
    server.kill()
    expect(page.locator(".notices")).to_contain_text("does not answer", timeout=30_000)
    again = Server(tmp_path, server.port)
    again.start()
    try:
        expect(page.locator(".notices")).not_to_contain_text("does not answer", timeout=60_000)
        expect(bars(page).first).to_contain_text("maj7")
        page.locator(".score .note").first.wait_for(timeout=60_000)
    finally:
        again.stop()
