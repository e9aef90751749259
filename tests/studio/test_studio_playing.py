"""The page plays: what is heard, what is muted, and from where."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from browsing import improvise, one_chorus

Visit = Callable[..., Any]


def playing(visit: Visit) -> Any:
    """Return a page that plays a take of one chorus."""
    page = visit()
    one_chorus(page)
    improvise(page)
    page.wait_for_selector('.player[data-state="playing"]', timeout=60_000)
    return page


def test_what_plays_is_heard(visit: Visit) -> None:
    page = playing(visit)
    loudest = page.evaluate(
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


def test_parts_are_muted_by_key_and_the_speed_changes(visit: Visit) -> None:
    page = playing(visit)
    page.keyboard.press("3")  # the bass
    page.wait_for_selector('.mix [aria-pressed="false"] >> text=bass')
    page.wait_for_timeout(500)
    page.evaluate("studio.player.play(0)")
    page.wait_for_timeout(2000)
    voices = page.evaluate("studio.player.voices()")
    last = max(voice["at"] for voice in voices)
    roles = {voice["role"] for voice in voices if voice["at"] > last - 1}
    assert "drums" in roles
    assert "bass" not in roles
    page.fill(".rate input", "50")
    page.evaluate("studio.player.play(0)")
    page.wait_for_timeout(300)
    at = "[studio.player.position(), performance.now() / 1000]"
    first = page.evaluate(at)
    page.wait_for_timeout(2000)
    then = page.evaluate(at)
    assert (then[0] - first[0]) / (then[1] - first[1]) == pytest.approx(0.5, abs=0.1)


def test_a_press_on_a_note_plays_from_there(visit: Visit) -> None:
    page = playing(visit)
    page.keyboard.press("Space")
    note = page.evaluate("studio.take.music.solo[9]")
    page.locator(f"#n{note['n']} .notehead").first.click()
    page.wait_for_timeout(200)
    assert note["start"] - 0.2 <= page.evaluate("studio.player.position()") <= note["start"] + 3
