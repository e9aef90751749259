"""The studio in Chromium, with the real server: by mouse and by keyboard, under its own policy."""

from __future__ import annotations

import json
import random
import re
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from browsing import Server, improvise, one_chorus
from sideman.formats import midi

ROOT = Path(__file__).parents[2]
AXE = ROOT / "studio" / "node_modules" / "axe-core" / "axe.min.js"
ONE_COLUMN = 820
MARKUP = "<img src=x onerror=document.title='run'>"


def test_a_first_visitor_has_a_solo_with_one_press(visit: Callable[..., Any]) -> None:
    page = visit()
    assert page.get_attribute("h1", "aria-label") == "Happy Birthday to You"
    for _ in range(5):  # the last press counts
        page.keyboard.press("Enter")
    page.wait_for_selector(".staves .come, .engraved .score", timeout=60_000)
    page.wait_for_selector(".engraved .score", timeout=60_000)
    assert page.locator(".takes li").count() == 1
    page.wait_for_selector('.player[data-state="playing"]', timeout=60_000)
    assert page.locator(".score .note").count() > 20
    assert re.fullmatch(r"№ \d+", page.inner_text(".sleeve .no"))


def test_a_wrong_chord_is_underlined_and_the_nearest_taken_with_one_key(
    visit: Callable[..., Any],
) -> None:
    page = visit()
    page.click('[data-bar="1"] button')
    page.keyboard.press("Control+A")
    page.keyboard.type("Gm7x")
    page.wait_for_selector(".typing .mirror u >> text=Gm7x")
    assert "not a chord symbol" in page.inner_text("#bar-says")
    page.keyboard.press("ArrowDown")
    assert page.input_value(".typing input") == "Gm7"
    page.wait_for_selector(".typing .mirror", state="detached")
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    page.keyboard.press("Escape")
    assert page.inner_text('[data-bar="1"] button span >> nth=0') == "Gm6"


def test_what_sounds_is_lit_in_time(visit: Callable[..., Any]) -> None:
    page = visit()
    one_chorus(page)
    improvise(page)
    page.wait_for_selector('.player[data-state="playing"]', timeout=60_000)
    page.locator(".score .note .notehead").first.click()
    late = page.evaluate(
        """async () => {
          const { takes } = await (await fetch('/api/takes')).json();
          const { music } = await (await fetch('/api/takes/' + takes[0].id)).json();
          const starts = new Map(music.solo.map((note) => ['n' + note.n, note.start]));
          const seen = new Map(), began = performance.now();
          const position = document.querySelector('.pos input');
          await new Promise((done) => (function look() {
            const lit = document.querySelector('.note.lit');
            if (lit && !seen.has(lit.id)) {
              seen.set(lit.id, Number(position.value) - starts.get(lit.id));
            }
            if (performance.now() - began < 3000) requestAnimationFrame(look); else done();
          })());
          return [...seen.values()];
        }"""
    )
    assert len(late) >= 3
    assert sorted(late)[len(late) // 2] < 0.04
    assert page.locator(".bar-light.on").count() == 1
    assert page.locator(".grid .now").count() == 1


def test_bars_are_looped_and_played_anew(visit: Callable[..., Any]) -> None:
    page = visit()
    one_chorus(page)
    improvise(page)
    first, last = (page.locator(f"#b{bar} .staff").bounding_box() for bar in (2, 3))
    page.mouse.move(first["x"] + 20, first["y"] + first["height"] / 2)
    page.mouse.down()
    page.mouse.move(last["x"] + 40, last["y"] + last["height"] / 2, steps=5)
    page.mouse.up()
    assert "bars 2–3" in page.inner_text(".keep")
    page.wait_for_selector('.player[data-state="playing"]', timeout=60_000)
    page.keyboard.press("l")
    page.wait_for_selector('.tr [aria-pressed="true"]')
    before = page.inner_text(".sleeve .no")
    page.click("text=play anew")
    page.wait_for_selector(f'.sleeve .no:not(:has-text("{before}"))', timeout=60_000)
    assert "bars 2–3" in page.inner_text(".keep")
    page.keyboard.press("c")
    assert page.inner_text(".sleeve .no") == before


def test_a_link_plays_the_same_bytes_elsewhere(visit: Callable[..., Any]) -> None:
    page = visit()
    one_chorus(page)
    improvise(page)
    one = _downloaded(page, "MIDI")
    page.click(".get >> text=link")
    page.wait_for_selector("dialog input")
    fragment = page.input_value("dialog input").partition("#")[2]
    other = visit(f"#{fragment}")
    other.wait_for_selector(".notices >> text=press improvise")
    assert other.locator(".score .note").count() == 0
    improvise(other)
    assert _downloaded(other, "MIDI") == one
    assert midi.parse(one).parts


def _downloaded(page: Any, kind: str) -> bytes:
    with page.expect_download() as told:
        page.click(f".get >> text={kind}")
    return Path(told.value.path()).read_bytes()


def test_the_keyboard_alone_goes_from_start_to_download(visit: Callable[..., Any]) -> None:
    page = visit()

    def tab_to(words: str) -> None:
        for _ in range(90):
            page.keyboard.press("Tab")
            text = page.evaluate(
                "(document.activeElement.ariaLabel || document.activeElement.innerText).trim()"
            )
            if text.startswith(words):
                return
        raise AssertionError(f"no tab stop {words}")

    tab_to("bar 1")
    page.keyboard.press("Enter")
    page.keyboard.press("Control+A")
    page.keyboard.type("Fmaj7|Gm7 C7")
    page.keyboard.press("Enter")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(".engraved .score", timeout=60_000)
    tab_to("MusicXML")
    with page.expect_download() as told:
        page.keyboard.press("Enter")
    assert told.value.suggested_filename.endswith(".musicxml")


def test_nothing_typed_is_lost_when_the_server_dies(
    visit: Callable[..., Any], server: Server
) -> None:
    page = visit()
    page.click(".go")
    page.wait_for_selector(".staves .come, .engraved .score", timeout=60_000)
    server.end(signal.SIGKILL)
    page.wait_for_selector(".notices >> text=does not answer", timeout=60_000)
    page.click('[data-bar="0"] button')
    page.keyboard.press("Control+A")
    page.keyboard.type("Fmaj7")
    page.keyboard.press("Enter")
    server.start()
    page.wait_for_selector(".engraved .score", timeout=60_000)
    page.wait_for_selector(".notices p", state="detached")
    assert page.inner_text('[data-bar="0"] button span') == "Fmaj7"


def test_markup_in_every_field_is_text(visit: Callable[..., Any], tmp_path: Path) -> None:
    page = visit()
    sheet = {"title": MARKUP, "composer": MARKUP, "changes": "[A] | F7 | Bb7 | F7 | C7 |\n"}
    request = {"schema": 1, "kind": "play", "choruses": 1, "seed": 3, "changes": {"sheet": sheet}}
    (tmp_path / "shared.json").write_text(json.dumps(request))
    page.set_input_files('input[type="file"]', tmp_path / "shared.json")
    page.wait_for_selector(".notices >> text=press improvise")
    improvise(page)
    page.fill(".details input >> nth=0", MARKUP)
    page.keyboard.press("Tab")
    page.wait_for_selector(".takes .on strong >> text=onerror")
    assert page.locator("img").count() == 0
    assert page.title() == "sideman"


def test_a_deleted_take_comes_back(visit: Callable[..., Any]) -> None:
    page = visit()
    one_chorus(page)
    improvise(page)
    count = page.locator(".takes li").count()
    page.click(".details >> text=delete")
    page.wait_for_selector(".notices >> text=deleted")
    assert page.locator(".takes li").count() == count - 1
    page.click(".notices >> text=undo")
    page.wait_for_selector(".notices >> text=back")
    assert page.locator(".takes li").count() == count


@pytest.mark.parametrize("width", [320, 390, 720, 1024, 2560])
def test_nothing_is_wider_than_the_window(visit: Callable[..., Any], width: int) -> None:
    page = visit()
    page.set_viewport_size({"width": width, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    if width > ONE_COLUMN:  # the columns scroll, and the page does not
        assert page.evaluate("document.documentElement.scrollHeight") <= 800
    for button in page.locator(".grid button").all():
        assert button.evaluate("(one) => one.scrollWidth <= one.clientWidth + 1")


def test_a_file_that_cannot_be_read_is_told_in_colours_that_differ(
    visit: Callable[..., Any], tmp_path: Path
) -> None:
    page = visit()
    (tmp_path / "wrong.mid").write_text("no MIDI")
    page.set_input_files('input[type="file"]', tmp_path / "wrong.mid")
    page.wait_for_selector(".notices .bad >> text=is not a MIDI file")
    ink, paper = page.evaluate(
        """(() => {
          const style = getComputedStyle(document.querySelector('.notices .bad'));
          return [style.color, style.backgroundColor];
        })()"""
    )
    assert ink != paper


def test_escape_closes_the_songbook_after_a_word_was_typed(visit: Callable[..., Any]) -> None:
    page = visit()
    page.click("text=songbook")
    page.wait_for_selector("dialog .tunes li")
    page.keyboard.type("blues")
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog", state="detached")


def test_nothing_jumps(visit: Callable[..., Any]) -> None:
    for device in ({}, {"viewport": {"width": 390, "height": 844}}):
        page = visit()
        if device:
            page.set_viewport_size(device["viewport"])
            page.reload()
            page.wait_for_selector(".grid button >> text=D7♯9")
        improvise(page)
        time.sleep(1)
        shift = page.evaluate(
            """() => new Promise((done) => {
              let sum = 0;
              new PerformanceObserver((list) => {
                for (const each of list.getEntries()) if (!each.hadRecentInput) sum += each.value;
              }).observe({ type: 'layout-shift', buffered: true });
              setTimeout(() => done(sum), 100);
            })"""
        )
        assert shift <= 0.02


@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 390)])
def test_axe_finds_nothing(visit: Callable[..., Any], node: str, scheme: str, width: int) -> None:
    page = visit(color_scheme=scheme, reduced_motion="reduce")
    page.set_viewport_size({"width": width, "height": 844})

    def check(state: str) -> None:
        page.evaluate(AXE.read_text())
        found = page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
        told = [(one["id"], one["nodes"][0]["html"][:120]) for one in found["violations"]]
        assert told == [], state

    check("first")
    page.click('[data-bar="1"] button')
    page.keyboard.type("Q")
    page.wait_for_selector(".grid .wrong")
    check("a wrong chord")
    page.keyboard.press("Control+z")
    page.keyboard.press("Escape")
    for words in ("songbook", "as text"):
        page.click(f".head >> text={words}")
        page.wait_for_selector("dialog")
        check(words)
        page.keyboard.press("Escape")
    one_chorus(page)
    improvise(page)
    page.evaluate("document.querySelector('details').open = true")
    check("a take")
    for words in ("more", "link"):
        page.click(f".get >> text={words}")
        page.wait_for_selector("dialog >> text=close")
        check(words)
        page.keyboard.press("Escape")
    page.click("#tab-numbers")
    check("numbers")


def test_a_long_tune_leaves_action_and_knobs_in_sight(visit: Callable[..., Any]) -> None:
    page = visit()
    page.set_viewport_size({"width": 1280, "height": 720})
    page.click("text=songbook")
    page.click(".tunes strong >> text=Rhythm Changes in B♭")
    page.wait_for_selector(".grid li >> nth=31")
    fold = page.locator(".player").bounding_box()["y"]
    for part in (".go", ".knobs summary", ".form h2"):
        box = page.locator(part).bounding_box()
        assert 0 <= box["y"] < box["y"] + box["height"] < fold, part
    page.click("text=as text")
    page.fill("dialog input", "🎷" * 60)
    page.click("dialog >> text=only the title")
    page.wait_for_selector("h1[aria-label^='🎷']")
    size = page.locator("h1 .lines").evaluate("(one) => parseFloat(getComputedStyle(one).fontSize)")
    assert size >= 26
    assert page.locator("h1 .lines").evaluate("(one) => one.scrollWidth <= one.clientWidth + 1")


def _request(page: Any) -> Any:
    """The request that the page would send, as its file holds it."""
    page.click(".get >> text=link")
    with page.expect_download() as told:
        page.click("dialog >> text=as a file")
    page.keyboard.press("Escape")
    return json.loads(Path(told.value.path()).read_text())


def test_a_melody_is_kept_only_where_the_bars_match_it(visit: Callable[..., Any]) -> None:
    page = visit()
    page.click('[data-bar="1"] button')
    page.keyboard.press("Control+A")
    page.keyboard.type("Em7 A7")
    page.keyboard.press("Enter")
    sheet = _request(page)["changes"]["sheet"]
    assert "Em7 A7" in sheet["changes"]
    assert sheet["parts"]
    page.click(".tools >> text=remove")
    page.wait_for_selector(".notices >> text=no longer match the melody")
    page.click(".tools >> text=add")  # as many bars as before, but not the same
    page.keyboard.press("Escape")
    assert "parts" not in _request(page)["changes"]["sheet"]
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    assert _request(page)["changes"]["sheet"]["parts"] == sheet["parts"]
    page.click(".head >> text=as text")
    page.locator("dialog textarea").evaluate("(one) => one.setSelectionRange(0, 0)")
    page.fill("dialog textarea", page.input_value("dialog textarea").replace("Em7", "Ebm7"))
    page.click("dialog >> text=take these changes")
    page.wait_for_selector("dialog", state="detached")
    changed = _request(page)["changes"]["sheet"]
    assert "Ebm7" in changed["changes"]
    assert changed["parts"] == sheet["parts"]


def test_back_and_forward_go_through_links(visit: Callable[..., Any]) -> None:
    page = visit()
    page.click('[data-bar="0"] button')
    page.keyboard.press("Control+A")
    page.keyboard.type("Fmaj9")
    page.keyboard.press("Enter")
    for title in ("One", "Two"):
        page.evaluate(
            """async (title) => {
              const sheet = { title, changes: '| C7 | F7 |' };
              const text = JSON.stringify({ schema: 1, kind: 'play', changes: { sheet } });
              const packer = new CompressionStream('deflate-raw');
              const packed = new Response(new Blob([text]).stream().pipeThrough(packer));
              const bytes = new Uint8Array(await packed.arrayBuffer());
              const plain = btoa(String.fromCharCode(...bytes));
              location.hash = plain.replace(/=/g, '').replace(/\\+/g, '-').replace(/\\//g, '_');
            }""",
            title,
        )
        page.wait_for_selector(f"h1[aria-label='{title}']")
    page.go_back()
    page.wait_for_selector("h1[aria-label='One']")
    page.go_back()
    page.wait_for_selector("h1[aria-label='Happy Birthday to You']")
    assert page.inner_text('[data-bar="0"] button span') == "Fmaj9"
    page.go_forward()
    page.wait_for_selector("h1[aria-label='One']")
    page.click('[data-bar="1"] button')
    page.keyboard.press("Control+A")
    page.keyboard.type("Bb7")
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == ""  # it no longer holds what is on the page
    page.reload()
    page.wait_for_selector('[data-bar="1"] button >> text=B♭7')


def test_what_is_refused_leaves_no_step_to_undo(visit: Callable[..., Any], tmp_path: Path) -> None:
    page = visit()
    one_chorus(page)
    page.click("summary")
    page.check("text=fours")
    improvise(page)
    assert page.locator(".score .drums").count() == 1
    before = page.get_attribute(".foot >> text=undo", "title")
    page.evaluate("fetch('/api/takes/' + studio.take.id, { method: 'DELETE' })")
    page.fill(".details input >> nth=0", "gone")
    page.keyboard.press("Tab")
    page.wait_for_selector(".notices >> text=no such take")
    page.click(".notices [aria-label=Dismiss]")
    page.click(".details >> text=delete")
    page.wait_for_selector(".notices >> text=no such take")
    assert page.get_attribute(".foot >> text=undo", "title") == before
    sheet = {
        "title": "Long",
        "changes": "| C |",
        "composer": random.Random(1).randbytes(9000).hex(),
    }
    request = {"schema": 1, "kind": "play", "changes": {"sheet": sheet}}
    (tmp_path / "long.json").write_text(json.dumps(request))
    page.set_input_files('input[type="file"]', tmp_path / "long.json")
    page.wait_for_selector(".notices >> text=press improvise")
    page.click(".get >> text=link")
    with page.expect_download() as told:
        page.click("dialog >> text=save the file")
    assert json.loads(Path(told.value.path()).read_text()) == request
    page.keyboard.press("Escape")
    one_chorus(page)  # what has been changed is not the shared solo
    page.wait_for_selector(".notices p", state="detached")
