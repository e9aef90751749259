"""What leaves the page and comes back: files, links, names and titles."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import sideman
from browsing import Server, improvise, one_chorus
from sideman.formats import registry

Visit = Callable[..., Any]
HOSTILE = "<img src=x onerror=alert(1)>"
HEADS = {
    "PDF": b"%PDF", "PNG": b"\x89PNG", "MusicXML": b"<?xml", "MIDI": b"MThd",
    "MP3": b"ID3", "WAV": b"RIFF", ".ls": b"(", "JSON": b"{",
}  # fmt: skip


def saved(page: Any, button: Any) -> tuple[str, bytes]:
    """Press a button; return the name and the bytes of what is downloaded."""
    with page.expect_download(timeout=60_000) as download:
        button.click()
    return download.value.suggested_filename, Path(download.value.path()).read_bytes()


def midi(page: Any) -> bytes:
    """Return the MIDI file of the take."""
    return saved(page, page.get_by_role("button", name="MIDI", exact=True))[1]


def test_every_file_is_got_and_read_back(visit: Visit) -> None:
    page = visit()
    one_chorus(page)
    improvise(page)
    page.get_by_role("button", name="more files").first.click()
    got: dict[str, bytes] = {}
    for name, head in HEADS.items():
        button = page.get_by_role("dialog").get_by_role("button", name=name, exact=True)
        file, got[name] = saved(page, button)
        assert file.startswith("happy-birthday")
        assert got[name].startswith(head), name
    take = json.loads(got["JSON"])
    for name, suffix in {"MIDI": "mid", "MusicXML": "musicxml", ".ls": "ls"}.items():
        (tune,) = registry.loads(got[name], f"take.{suffix}").charts or ()
        assert len(tune.open().parts[0].notes) >= 0.9 * len(take["music"]["solo"])
    played = sideman.read(got["MIDI"], name="take.mid")
    assert isinstance(played, sideman.Take)
    assert played == played.again()


def test_a_link_gives_the_same_bytes_in_another_studio(
    visit: Visit, server: Server, tmp_path: Path
) -> None:
    page = visit()
    one_chorus(page)
    improvise(page)
    first = midi(page)
    page.get_by_role("button", name="link", exact=True).click()
    link = page.get_by_role("dialog").get_by_role("textbox").input_value().partition("#")[2]
    assert link
    other = Server(tmp_path)
    other.start()
    here, server.port = server.port, other.port
    try:
        fresh = visit(f"#{link}")
        fresh.wait_for_timeout(500)
        assert fresh.locator(".score .note").count() == 0
        fresh.click(".go")
        fresh.wait_for_selector(".engraved .score", timeout=60_000)
        assert midi(fresh) == first
        for damaged in ("x", link[: len(link) // 2], link[::-1]):
            broken = visit(f"#{damaged}")
            broken.wait_for_selector(".notices p")
            assert "F6" in broken.inner_text(".grid")
    finally:
        server.port = here
        other.end()


def test_markup_in_a_file_is_text(visit: Visit) -> None:
    page = visit()
    sheet = f"(title {HOSTILE})(meter 4 4)(key 0)(tempo 120.0)\n C7 | F7 | C7 | G7 |\n"
    page.set_input_files(
        'input[type="file"]',
        {"name": "song.ls", "mimeType": "text/plain", "buffer": sheet.encode()},
    )
    page.wait_for_selector("h1 >> text=onerror")
    improvise(page)
    assert page.locator("img").count() == 0
    name, _ = saved(page, page.get_by_role("button", name="MusicXML", exact=True))
    assert not set("<>/") & set(name)


def test_the_name_of_a_take_is_kept(visit: Visit) -> None:
    page = visit()
    one_chorus(page)
    improvise(page)
    name = "the <b>one</b> to keep"
    page.get_by_label("name of the take").fill(name)
    page.get_by_label("name of the take").press("Enter")
    page.get_by_role("button", name="star", exact=False).first.click()
    page.wait_for_selector(".takes li >> text=★ starred")
    again = visit()
    again.wait_for_selector(f".takes li >> text={name}")
    assert again.locator(".takes [aria-label=starred]").count() == 1
