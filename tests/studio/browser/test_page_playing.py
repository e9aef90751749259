"""The page plays: what is heard, what is lit, and when."""

from __future__ import annotations

from statistics import median
from typing import Any

import pytest
from playwright.sync_api import Page, expect

LIGHTING = """
() => {
  window.lit = [];
  const watch = new MutationObserver((changes) => {
    const at = studio.player.position();
    for (const change of changes) {
      const note = change.target;
      if (note.classList.contains("lit") && note.classList.contains("note")) {
        if (!note.id.includes("-")) window.lit.push([Number(note.id.slice(1)), at]);
      }
    }
  });
  watch.observe(document.querySelector(".score"), {
    subtree: true, attributes: true, attributeFilter: ["class"],
  });
}
"""


@pytest.fixture(scope="module")
def played(server: Any, chromium: Any) -> Any:
    """A page with one chorus of a blues, whose sound is there."""
    page = chromium.new_context(viewport={"width": 1440, "height": 1000}).new_page()
    page.goto(server.address)
    page.get_by_label("choruses").fill("1")
    page.get_by_label("№").fill("7")
    page.get_by_role("button", name="improvise").click()
    page.locator(".score .note").first.wait_for(timeout=60_000)
    page.wait_for_function("() => window.studio?.player?.state.value === 'playing'", timeout=60_000)
    yield page
    page.context.close()


def _take(page: Page) -> Any:
    return page.evaluate("() => studio.take")


def _at(page: Page, seconds: float) -> None:
    page.evaluate("(at) => studio.player.play(at)", seconds)


def test_one_press_gives_a_solo_that_sounds(played: Page) -> None:
    _at(played, 0.0)
    loudest = played.evaluate(
        """async () => {
          const ear = studio.player.analyser();
          const samples = new Float32Array(ear.fftSize);
          let most = 0;
          for (let look = 0; look < 40; look += 1) {
            await new Promise((done) => setTimeout(done, 50));
            ear.getFloatTimeDomainData(samples);
            most = Math.max(most, ...samples.map(Math.abs));
          }
          return most;
        }"""
    )
    assert loudest > 0.01
    expect(played.get_by_role("button", name="Pause")).to_be_visible()


def test_notes_are_lit_while_they_sound(played: Page) -> None:
    music = _take(played)["music"]
    first = music["solo"][0]["start"]
    played.evaluate(LIGHTING)
    _at(played, max(0.0, first - 0.3))
    played.wait_for_timeout(4000)
    lit = played.evaluate("() => window.lit")
    starts = {note["n"]: note["start"] for note in music["solo"]}
    assert len(lit) >= 4
    late = [at - starts[number] for number, at in lit]
    assert median(map(abs, late)) <= 0.04
    sounding = {note["n"] for note in music["solo"] if first - 0.3 <= note["start"] < first + 2.5}
    assert sounding <= {number for number, _ in lit}


def test_a_muted_part_is_not_played(played: Page) -> None:
    _at(played, 0.0)
    played.keyboard.press("3")  # the bass
    expect(played.get_by_role("button", name="bass")).to_have_attribute("aria-pressed", "false")
    played.wait_for_timeout(300)
    began = played.evaluate("() => studio.player.voices().length")
    played.wait_for_timeout(2000)
    voices = played.evaluate("() => studio.player.voices()")
    assert {"drums"} <= {voice["role"] for voice in voices[began:]} or voices
    recent = max(voice["at"] for voice in voices) - 1.5
    assert "bass" not in {voice["role"] for voice in voices if voice["at"] > recent}
    played.keyboard.press("3")
    expect(played.get_by_role("button", name="bass")).to_have_attribute("aria-pressed", "true")


def test_selected_bars_are_looped(played: Page) -> None:
    bars = [bar for bar in _take(played)["music"]["bars"] if bar["written"] is not None]
    score = played.locator(".score .measure")
    from_, to = (score.nth(index).locator(".staff").first.bounding_box() for index in (1, 2))
    assert from_ is not None
    assert to is not None
    played.mouse.move(from_["x"] + from_["width"] / 2, from_["y"] + from_["height"] / 2)
    played.mouse.down()
    played.mouse.move(to["x"] + to["width"] / 2, to["y"] + to["height"] / 2, steps=5)
    played.mouse.up()
    expect(played.get_by_text("bars 2–3")).to_be_visible()
    played.keyboard.press("l")
    loop = played.evaluate("() => studio.player.loop.value")
    assert loop == {"from": bars[1]["start"], "to": bars[2]["end"]}
    _at(played, loop["from"])
    played.wait_for_timeout(1000 * int(loop["to"] - loop["from"] + 1))
    assert loop["from"] <= played.evaluate("() => studio.player.position()") <= loop["to"]
    played.keyboard.press("l")
    played.keyboard.press("Escape")


def test_the_speed_changes(played: Page) -> None:
    played.get_by_label("speed", exact=True).or_(played.locator(".rate input")).first.fill("50")
    _at(played, 0.0)
    first = played.evaluate("() => [studio.player.position(), performance.now()]")
    played.wait_for_timeout(2000)
    then = played.evaluate("() => [studio.player.position(), performance.now()]")
    share = (then[0] - first[0]) / ((then[1] - first[1]) / 1000)
    assert share == pytest.approx(0.5, abs=0.1)
    played.locator(".rate input").fill("100")


def test_a_press_on_a_note_plays_from_there(played: Page) -> None:
    music = _take(played)["music"]
    note = music["solo"][9]
    played.locator(f"#n{note['n']} .notehead").first.click()
    played.wait_for_timeout(200)
    assert note["start"] - 0.2 <= played.evaluate("() => studio.player.position()")
    assert played.evaluate("() => studio.player.position()") <= note["start"] + 2
