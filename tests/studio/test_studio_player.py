"""The studio's player in Chromium; what it does is read off the samples it put out."""

import base64
import importlib
import importlib.util
import json
import shutil
import subprocess
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pretty_midi
import pytest

import sideman
from studio.player_server import serving

HERE = Path(__file__).parent
CHROMIUM = shutil.which("chromium")

for name, there in {
    "chromium (apt-get install chromium)": CHROMIUM,
    "playwright (uv sync)": importlib.util.find_spec("playwright"),
}.items():
    if not there:
        pytest.skip(f"the player's tests need {name}", allow_module_level=True)

SILENCE = 1e-3
"""The largest sample that counts as silence; the band's are a hundred times as large."""


class Sound(NamedTuple):
    """What was put out: samples of one channel from a time of the audio clock on."""

    samples: np.ndarray
    start: float
    rate: float

    def between(self, start: float, end: float) -> np.ndarray:
        """Return the samples within [start, end) of the audio clock."""
        first, last = (round((time - self.start) * self.rate) for time in (start, end))
        return self.samples[max(0, first) : max(0, last)]

    def rms(self, start: float, end: float) -> float:
        """Compute the root mean square of [start, end)."""
        return float(np.sqrt(np.mean(self.between(start, end) ** 2)))

    def onsets(self, apart: float, share: float = 0.1) -> list[float]:
        """Return where the sound passes a share of its peak after `apart` seconds below."""
        size = np.abs(self.samples)
        loud = np.flatnonzero(size > max(SILENCE, share * size.max()))
        first = np.diff(loud, prepend=-self.rate * apart - 1) > self.rate * apart
        return [float(self.start + frame / self.rate) for frame in loud[first]]

    def pitch(self, start: float, end: float) -> float:
        """Compute the strongest frequency of [start, end)."""
        part = self.between(start, end)
        size = 1 << 18
        spectrum = np.abs(np.fft.rfft(part * np.hanning(len(part)), size))
        return float(np.argmax(spectrum) * self.rate / size)


class Tab:
    """The harness in one tab."""

    def __init__(self, page: Any) -> None:
        self.page = page

    def __call__(self, script: str) -> Any:
        return self.page.evaluate(f"async () => {{ const p = harness.player; {script} }}")

    def sound(self, script: str) -> tuple[Sound, Any]:
        """Run a script; return what sounded meanwhile, and what it returned."""
        self("await harness.record()")
        value = self(script)
        told = self("return harness.recorded()")
        samples = np.frombuffer(base64.b64decode(told["samples"]), "<f4")
        return Sound(samples, told["start"], told["rate"]), value

    def only(self, *roles: str) -> None:
        """Mute all roles but these."""
        muted = {"solo", "chords", "bass", "drums", "click"} - set(roles)
        self(f"p.muted.value = new Set({json.dumps(sorted(muted))})")

    def now(self) -> float:
        time = self("return harness.context.currentTime")
        assert isinstance(time, float)
        return time


def _steady(pitches: list[int], length: float = 0.5) -> dict[str, Any]:
    """Return music of one bass, a note a beat, at 120."""
    bars = len(pitches) // 4
    return {
        "seconds": bars * 2.0,
        "bars": [
            {
                "start": 2.0 * k,
                "end": 2.0 * k + 2,
                "beats": [2 * k + beat / 2 for beat in range(4)],
                "place": "solo",
                "chorus": 1,
                "form": k,
            }
            for k in range(bars)
        ],
        "parts": [
            {
                "role": "bass",
                "program": 16,
                "percussion": False,
                "volume": 100,
                "pan": 64,
                "notes": [[k / 2, k / 2 + length, p, 90] for k, p in enumerate(pitches)],
            }
        ],
    }


@pytest.fixture(scope="module")
def folder(node: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the harness, the soundfont and three pieces of music."""
    folder = tmp_path_factory.mktemp("player")
    subprocess.run([node, str(HERE / "harness/build.mjs"), str(folder)], check=True)
    font = Path(pretty_midi.__file__).with_name("TimGM6mb.sf2")
    shutil.copyfile(font, folder / "font.sf2")
    (folder / "broken.sf2").write_bytes(b"no soundfont")
    for seed in (7, 9):
        music = sideman.improvise("blues-f", seed=seed).to_json().get("music")
        if music is None:
            pytest.skip("a take's JSON has no music here")
        (folder / f"{seed}.json").write_text(json.dumps(music))
    (folder / "steady.json").write_text(json.dumps(_steady([57, 60, 64, 69] * 4)))
    (folder / "held.json").write_text(json.dumps(_steady([57, 0, 0, 0], 3.0)))
    return folder


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with importlib.import_module("playwright.sync_api").sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--autoplay-policy=no-user-gesture-required"],
        )
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    with serving(folder) as address:
        yield address


@pytest.fixture
def page(browser: Any, address: str, request: pytest.FixtureRequest) -> Iterator[Any]:
    """The harness, loaded; a test's parameter is a script that runs before it."""
    page = browser.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    if hasattr(request, "param"):
        page.add_init_script(request.param)
    page.goto(f"{address}/harness.html")
    yield page
    assert page.evaluate("harness.violations") == []
    page.close()
    assert errors == []


@pytest.fixture
def tab(page: Any) -> Tab:
    """The player with a take loaded and its sound there."""
    assert page.evaluate("harness.make({}, '/7.json')") == "ready"
    return Tab(page)


def test_a_press_sounds_within_a_tenth_of_a_second(tab: Tab) -> None:
    tab("await harness.record()")
    tab.page.click("#play")
    tab.page.wait_for_timeout(1500)
    pressed, latency = tab("return [harness.press(), harness.latency()]")
    told = tab("return harness.recorded()")
    sound = Sound(
        np.frombuffer(base64.b64decode(told["samples"]), "<f4"), told["start"], told["rate"]
    )
    assert sound.rms(sound.start, pressed) < 1e-5
    assert sound.rms(pressed + 0.1, pressed + 1.4) > 0.01
    assert sound.onsets(9, 0)[0] - pressed + latency < 0.1
    assert np.abs(sound.samples).max() < 1


def test_a_loop_returns_to_its_place_in_every_round(tab: Tab) -> None:
    tab.only("click")
    start, _, end, _ = tab("return (await harness.music('/7.json')).bars[1].beats")
    sound, voices = tab.sound(
        f"p.speed.value = 1.2; p.loop.value = {{from: {start}, to: {end}}};"
        "await p.play(); await harness.wait(9); const v = p.voices(); p.pause(); return v"
    )
    found = sound.onsets(0.1)
    rounds = found[::2]
    length = (end - start) / 1.2
    assert len(rounds) >= 11
    errors = [time - rounds[0] - k * length for k, time in enumerate(rounds)]
    assert max(map(abs, errors)) <= 0.002
    # The block's sound comes up within a millisecond.
    assert max(abs(a - v["at"]) for a, v in zip(found, voices, strict=False)) <= 0.002


def test_the_loop_is_faster_each_time_up_to_the_fastest(tab: Tab) -> None:
    tab.only("click")
    tab("p.faster.value = 0.1; p.loop.value = {from: 1.7143, to: 3.4286}; await p.play()")
    tab.page.wait_for_timeout(7600)
    told = tab("const v = p.voices(), s = p.speed.value; p.pause(); return [v, s]")
    accents = [voice["at"] for voice in told[0] if voice["pitch"] == 76]
    lengths = [b - a for a, b in pairwise(accents)][:5]
    assert lengths == pytest.approx([1.7143 / rate for rate in (1, 1.1, 1.2, 1.2, 1.2)], abs=1e-6)
    assert told[1] == pytest.approx(1.2)


def test_a_mute_is_heard_at_once_and_without_a_click(tab: Tab) -> None:
    tab("await harness.load('/held.json', false); p.muted.value = new Set(['click'])")
    sound, muted = tab.sound(
        "await p.play(); await harness.wait(0.8); const at = harness.context.currentTime;"
        "p.muted.value = new Set(['click', 'bass']); await harness.wait(0.8); return at"
    )
    before = sound.between(muted - 0.5, muted)
    around = sound.between(muted, muted + 0.2)
    assert sound.rms(muted - 0.5, muted) > 0.01
    assert sound.rms(muted + 0.08, muted + 0.2) < 0.1 * sound.rms(muted - 0.5, muted)
    steepest = np.abs(np.diff(before)).max()
    assert np.abs(np.diff(around)).max() <= 1.1 * steepest


def test_a_muted_part_is_absent_and_comes_back(tab: Tab) -> None:
    tab.only("bass", "solo", "chords")
    sound, (muted, back, voices) = tab.sound(
        "await p.play(4); await harness.wait(2); const a = harness.context.currentTime;"
        "p.muted.value = new Set(['click', 'drums', 'bass']); await harness.wait(2.5);"
        "const b = harness.context.currentTime; p.muted.value = new Set(['click', 'drums']);"
        "await harness.wait(2); const v = p.voices(); p.pause(); return [a, b, v]"
    )

    def low(start: float, end: float) -> float:
        part = sound.between(start, end)
        spectrum = np.abs(np.fft.rfft(part * np.hanning(len(part)))) / len(part)
        return float(np.sum(spectrum[: round(110 * len(part) / sound.rate)] ** 2))

    with_bass, without, again = (low(a, a + 1.5) for a in (muted - 1.6, muted + 0.9, back + 0.4))
    assert without < 0.02 * with_bass
    assert again > 0.2 * with_bass
    bass = [v["at"] for v in voices if v["role"] == "bass"]
    assert not [at for at in bass if muted < at < back]
    assert [at for at in bass if at > back]


def test_speed_changes_the_time_and_not_the_pitch(tab: Tab) -> None:
    tab("await harness.load('/steady.json', false)")
    sound, (changed, voices, places) = tab.sound(
        "p.speed.value = 1; await p.play(); await harness.wait(2.1);"
        "const at = harness.context.currentTime; const before = p.position(); p.speed.value = 0.6;"
        "const places = await harness.follow(2.5);"
        "const v = p.voices(); p.pause(); return [at, v, places]"
    )
    at = [voice["at"] for voice in voices]
    steps = [b - a for a, b in pairwise(at)]
    assert steps[0] == pytest.approx(0.5, abs=1e-6)
    assert steps[-1] == pytest.approx(0.5 / 0.6, abs=1e-6)
    jumps = [b[1] - a[1] for a, b in pairwise(places)]
    assert min(jumps) >= 0
    assert max(jumps) < 0.12
    for k, pitch in ((1, 60), (2, 64), (5, 60), (6, 64)):
        assert (at[k] > changed) == (k > 4)
        heard = sound.pitch(at[k] + 0.1, at[k] + 0.45)
        wanted = 440 * 2 ** ((pitch - 69) / 12)
        cents = 1200 * np.log2(heard / wanted)
        assert abs(cents - 1200 * round(cents / 1200)) < 10


def test_nothing_hangs_after_seeking_and_pausing(tab: Tab) -> None:
    sound, paused = tab.sound(
        "await p.play(); for (let k = 0; k < 40; k++) { p.seek((k * 7.3) % 60);"
        "await harness.wait(0.02 + 0.002 * k); } p.pause(); const at = harness.context.currentTime;"
        "await harness.wait(3.5); return at"
    )
    assert sound.rms(paused - 1, paused) > 0.005
    assert sound.rms(paused + 3, paused + 3.4) < 1e-4


def test_position_is_what_is_heard(tab: Tab) -> None:
    tab("p.loop.value = {from: 1.7143, to: 3.4286}; await p.play()")
    tab.page.wait_for_timeout(500)
    latency, first, places = tab(
        "const f = p.voices()[0].at; return [harness.latency(), f, await harness.follow(4)]"
    )
    for time, place in places:
        assert 1.7143 <= place <= 3.4286
        want = 1.7143 + (time - latency - first) % (3.4286 - 1.7143)
        assert abs(place - want) < 0.025 or abs(abs(place - want) - 1.7143) < 0.025


def test_a_count_in_is_one_bar_and_the_music_waits(tab: Tab) -> None:
    tab("p.countIn.value = true; p.loop.value = {from: 1.7143, to: 3.4286}")
    tab("await p.play()")
    tab.page.wait_for_timeout(900)
    assert tab("return p.position()") == 1.7143
    tab.page.wait_for_timeout(1500)
    voices, place = tab("return [p.voices(), p.position()]")
    counts = [voice["at"] for voice in voices if voice["role"] == "click"]
    steps = [b - a for a, b in pairwise(counts)]
    assert steps == pytest.approx([0.4286] * 3, abs=1e-3)
    band = [voice["at"] for voice in voices if voice["role"] == "drums"]
    assert band[0] - counts[0] == pytest.approx(1.7143, abs=0.01)
    assert place > 1.7143


def test_another_take_goes_on_at_the_same_beat(tab: Tab) -> None:
    tab("await p.play(10)")
    tab.page.wait_for_timeout(500)
    before, after, state, clock = tab(
        "const m = await harness.music('/9.json'); const t = harness.context.currentTime;"
        "const a = p.position(); p.load(m, true); await harness.wait(0.4);"
        "return [a, p.position(), p.state.value, harness.context.currentTime - t]"
    )
    assert state == "playing"
    assert after - before == pytest.approx(clock, abs=0.04)


def test_a_chord_is_heard_at_once_while_nothing_plays(tab: Tab) -> None:
    sound, at = tab.sound(
        "const at = harness.context.currentTime; p.chord([53, 57, 60, 63]);"
        "await harness.wait(1); return at"
    )
    assert 0 < sound.onsets(9, 0)[0] - at < 0.1
    assert tab("return p.state.value") == "ready"


def test_the_end_returns_to_the_beginning(tab: Tab) -> None:
    tab("await harness.load('/steady.json', false); await p.play(7)")
    tab.page.wait_for_timeout(1600)
    assert tab("return [p.state.value, p.position()]") == ["ready", 0]


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ("{soundfont: null}", "no soundfont"),
        ("{soundfont: '/none.sf2'}", "404"),
        ("{soundfont: '/broken.sf2'}", "cannot be read"),
        ("{worklet: '/none.js'}", "refused the synthesiser"),
    ],
)
def test_what_lacks_is_said_in_a_sentence(page: Any, files: str, words: str) -> None:
    assert page.evaluate(f"harness.make({files}, '/7.json')") == "failed"
    sentence = page.evaluate("harness.player.error.value")
    assert words in sentence
    assert sentence.endswith(".")
    assert page.evaluate("harness.player.position()") == 0


@pytest.mark.parametrize(
    ("page", "words"),
    [
        ("delete window.AudioContext", "no Web Audio"),
        (
            "Object.defineProperty(BaseAudioContext.prototype, 'audioWorklet', {value: undefined})",
            "safe address",
        ),
    ],
    indirect=["page"],
)
def test_a_browser_without_audio_is_told(page: Any, words: str) -> None:
    assert page.evaluate("harness.make({}, '/7.json')") == "failed"
    assert words in page.evaluate("harness.player.error.value")


def test_a_press_tries_again_what_failed(page: Any, folder: Path) -> None:
    assert page.evaluate("harness.make({soundfont: '/later.sf2'}, '/7.json')") == "failed"
    shutil.copyfile(folder / "font.sf2", folder / "later.sf2")
    page.evaluate("harness.player.play()")
    page.wait_for_timeout(300)
    assert page.evaluate("[harness.player.state.value, harness.player.error.value]") == [
        "playing",
        "",
    ]


@pytest.mark.parametrize(
    "page",
    [
        "Object.defineProperty(document, 'hidden', {value: true}); window.setInterval = () => 0",
        "window.Worker = class { constructor() { throw new Error('refused') } }",
    ],
    indirect=True,
)
def test_notes_are_handed_over_without_the_page_or_the_worker(page: Any) -> None:
    assert page.evaluate("harness.make({}, '/7.json')") == "ready"
    tab = Tab(page)
    tab("await p.play()")
    page.wait_for_timeout(3000)
    ahead = []
    for _ in range(20):  # between two notes the last one may be past
        hidden, last, now = tab(
            "return [document.hidden, p.voices().at(-1).at, harness.context.currentTime]"
        )
        ahead.append(last - now)
        page.wait_for_timeout(50)
    assert max(ahead) > (1.0 if hidden else 0.02)


def test_a_press_wakes_a_sleeping_context(tab: Tab) -> None:
    tab("await harness.context.suspend()")
    asleep = tab.now()
    tab.page.click("#play")
    tab.page.wait_for_timeout(500)
    assert tab.now() > asleep
    assert tab("return p.voices()[0].at") - asleep < 0.1


DEVICE = """
window.sent = [];
const send = (message, time) => {
  if (device.state === 'disconnected') throw new DOMException('gone', 'InvalidStateError');
  window.sent.push([performance.now(), time, ...message]);
};
const device = {id: 'd', name: 'Piano', state: 'connected', send};
navigator.requestMIDIAccess = async () => ({outputs: new Map([['d', device]])});
window.unplug = () => {
  device.state = 'disconnected';
  device.onstatechange();
};
"""


@pytest.mark.parametrize("page", [DEVICE], indirect=True)
def test_a_midi_instrument_plays_in_time_and_is_left_silent(page: Any) -> None:
    """The device is the one thing that a test machine has not; all before it is real."""
    assert page.evaluate("harness.make({soundfont: null}, '/7.json')") == "failed"
    tab = Tab(page)
    assert tab("return p.midiOutputs()") == [{"id": "d", "name": "Piano"}]
    tab("p.midiOut.value = 'd'; await harness.wait(0.1); await p.play()")
    page.wait_for_timeout(2000)
    tab("p.muted.value = new Set(['click', 'bass']); await harness.wait(1)")
    cut = tab("const t = performance.now(); p.pause(); await harness.wait(0.5); return t")
    sent = page.evaluate("window.sent")
    notes = [message for message in sent if message[2] >> 4 in (8, 9)]
    assert len(notes) > 40
    assert all(0 < at - now < 200 for now, at, *_ in notes if now < cut)
    on: dict[tuple[int, int], int] = {}
    for _, _, status, pitch, *_ in sorted(notes, key=lambda message: message[1]):
        key = (status & 15, pitch)
        on[key] = 1 if status >> 4 == 9 else 0
    assert set(on.values()) == {0}
    assert [message[3] for message in sent if message[2] >> 4 == 12][:3] == [66, 0, 32]


@pytest.mark.parametrize("page", [DEVICE], indirect=True)
def test_an_instrument_that_is_unplugged_hands_over_to_the_synthesiser(page: Any) -> None:
    assert page.evaluate("harness.make({}, '/7.json')") == "ready"
    tab = Tab(page)
    tab("p.midiOut.value = 'd'; await harness.wait(0.1); await p.play(); await harness.wait(0.5)")
    before = tab("unplug(); return p.position()")
    after = tab("await harness.wait(1); return p.position()")
    sentence, chosen, state = tab("return [p.error.value, p.midiOut.value, p.state.value]")
    assert "disconnected" in sentence
    assert (chosen, state) == (None, "playing")
    assert after > before + 0.5


def test_a_browser_without_the_instrument_says_so(tab: Tab) -> None:
    tab("p.midiOut.value = 'none'; await harness.wait(0.5)")
    sentence, chosen = tab("return [p.error.value, p.midiOut.value]")
    assert "MIDI" in sentence
    assert chosen is None


@pytest.mark.parametrize("page", ["delete Navigator.prototype.requestMIDIAccess"], indirect=True)
def test_a_browser_without_midi_says_so(page: Any) -> None:
    assert page.evaluate("harness.make({}, '/7.json')") == "ready"
    assert Tab(page)("return p.midiOutputs().catch((error) => error.message)").startswith(
        "This browser has no Web MIDI"
    )


FUZZ = """
let seed = 5; const dice = (n) => { seed = (seed * 48271) % 2147483647; return seed % n; };
const musics = [await harness.music('/7.json'), await harness.music('/9.json')];
const roles = ['solo', 'chords', 'bass', 'drums', 'click'];
const odd = [];
await p.play();
for (let k = 0; k < 150; k++) {
  const bar = musics[0].bars[dice(30)];
  switch (dice(8)) {
    case 0: p.seek(dice(600) / 10); break;
    case 1: p.speed.value = 0.4 + dice(9) / 10; break;
    case 2: p.loop.value = {from: bar.start, to: bar.end}; break;
    case 3: p.loop.value = null; break;
    case 4: p.muted.value = new Set(roles.filter(() => dice(2))); break;
    case 5: p.load(musics[dice(2)], true); break;
    case 6: p.faster.value = dice(3) / 20; break;
    case 7: dice(2) ? p.pause() : p.play(); break;
  }
  await harness.wait(dice(90) / 1000);
  const place = p.position();
  if (!(place >= 0 && place <= 66)) odd.push(['position', place]);
  const seen = new Set();
  for (const {role, pitch, at} of p.voices().slice(-300)) {
    const key = role + pitch + '@' + Math.round(at * 5000);
    if (seen.has(key)) odd.push(['twice', key]);
    seen.add(key);
  }
}
p.pause();
const at = harness.context.currentTime;
await harness.wait(3.5);
return [at, odd, p.state.value, p.error.value];
"""


def test_a_hundred_and_fifty_changes_leave_nothing_twice_and_nothing_hanging(tab: Tab) -> None:
    sound, (paused, odd, state, error) = tab.sound(FUZZ)
    assert odd == []
    assert (state, error) == ("paused", "")
    assert sound.rms(paused + 3, paused + 3.4) < 1e-4
    assert np.abs(sound.samples).max() < 1
