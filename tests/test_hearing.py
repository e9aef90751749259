"""``sideman play``: heard on a device, opened elsewhere, or named; Ctrl-C stops it at once."""

import os
import signal
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from commands import call, sentence
from playing import small_model_file
from sideman.output.audio import device

miniaudio = pytest.importorskip("miniaudio")
soundfile = pytest.importorskip("soundfile")
pytest.importorskip("midirenderer")
NULL = (miniaudio.Backend.NULL,)


@pytest.fixture
def words(tmp_path: Path) -> tuple[object, ...]:
    """A short take."""
    model = small_model_file(tmp_path)
    take = ("play", "| F7 |", "--choruses", "1", "--seed", "1", "--tempo", "400", "--no-ending")
    return (*take, "--model", model, "--audio-format", "wav", "--out", tmp_path / "out")


@pytest.fixture
def tone(tmp_path: Path) -> Path:
    path = tmp_path / "tone.wav"
    soundfile.write(path, [[0.1, -0.1]] * 4800, 48_000)
    return path


def test_a_device_plays_a_file_to_its_end(tone: Path) -> None:
    begun: list[float] = []
    assert device.play(tone, lambda: begun.append(time.monotonic()), NULL)
    assert time.monotonic() - begun[0] > 0.1


def test_the_device_gets_the_frames_of_the_file(tone: Path) -> None:
    with soundfile.SoundFile(tone) as sound:
        ended = threading.Event()
        blocks = device._blocks(sound, ended)
        next(blocks)
        heard = [np.asarray(blocks.send(1000)) for _ in range(5)]
        assert [len(block) for block in heard] == [1000, 1000, 1000, 1000, 800]
        assert heard[0].tolist() == [[3276, -3277]] * 1000
        # Silence as long as two buffers, so that the last frames are heard.
        assert [*blocks_after(blocks)] == [0] * 19
        assert ended.is_set()


def blocks_after(blocks: object) -> list[int]:
    found = []
    try:
        while True:
            found.append(len(blocks.send(1000)))  # type: ignore[attr-defined]
    except StopIteration:
        return found


@pytest.mark.parametrize("missing", ["miniaudio", "soundfile"])
def test_without_a_library_there_is_no_device(
    tone: Path, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    assert not device.play(tone, backends=NULL)


def test_a_device_that_fails_is_none(tone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> None:
        raise miniaudio.MiniaudioError("no device")

    monkeypatch.setattr(miniaudio, "PlaybackDevice", fails)
    assert not device.play(tone)


def test_play_plays_what_it_wrote(
    words: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    played: list[Path] = []

    def play(path: Path, started: object) -> bool:
        played.append(path)
        started()  # type: ignore[operator]
        return True

    monkeypatch.setattr(device, "play", play)
    result = call(*words)
    assert result.returncode == 0, result.stderr
    sound = tmp_path / "out" / "changes-1.wav"
    assert played == [sound]
    assert sound.exists()
    assert result.stdout.splitlines()[-1] == f"playing {sound}; Ctrl-C stops it"
    quiet = call(*words, "--quiet")
    assert quiet.stdout.splitlines() == [str(sound.with_suffix(".mid")), str(sound)]


@pytest.mark.skipif(sys.platform != "linux", reason="xdg-open is Linux's")
def test_without_a_device_the_system_opens_it_and_without_a_display_it_is_named(
    words: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(device, "play", lambda *_: False)
    program = tmp_path / "xdg-open"
    program.write_text(f'#!/bin/sh\nprintf %s "$1" > {tmp_path / "opened"}\n')
    program.chmod(program.stat().st_mode | stat.S_IEXEC)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.delenv("DISPLAY", raising=False)
    result = call(*words)
    sound = tmp_path / "out" / "changes-1.wav"
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines()[-1].startswith("listen: ")
    assert str(sound) in result.stdout.splitlines()[-1]
    assert not (tmp_path / "opened").exists()
    monkeypatch.setenv("DISPLAY", ":0")
    result = call(*words)
    assert result.stdout.splitlines()[-1] == f"opened {sound} with the system's player"
    assert (tmp_path / "opened").read_text() == str(sound)
    program.write_text("#!/bin/sh\nexit 3\n")
    assert call(*words).stdout.splitlines()[-1].startswith("listen: ")


def test_play_without_changes_plays_a_blues(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(device, "play", lambda *_: True)
    monkeypatch.chdir(tmp_path)
    model = small_model_file(tmp_path)
    result = call("play", "--model", model, "--choruses", "1", "--seed", "1")
    assert result.returncode == 0, result.stderr
    assert Path("sideman-out", "blues-f-1.mp3").exists()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("all the things",), "give its chart as a file"),
        (("absent.ls",), "absent.ls"),
        (("blues-f", "--tempo", "5"), "20 to 400"),
        (("blues-f", "--again", "x.mid"), "takes no CHANGES"),
    ],
)
def test_wrong_input_is_one_sentence(tmp_path: Path, arguments: tuple[str, ...], told: str) -> None:
    assert told in sentence(call("play", *arguments, "--out", tmp_path / "out"))
    assert not (tmp_path / "out").exists()
    assert call("play", "blues-f", "--no-audio").returncode == 2


@pytest.mark.skipif(sys.platform == "win32", reason="signals differ")
def test_ctrl_c_stops_the_sound_at_once(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "long.wav", np.zeros((48_000 * 300, 2), np.int16), 48_000)
    code = (
        "import sys, miniaudio\n"
        "from sideman.output.audio import device\n"
        "try:\n"
        "    device.play(sys.argv[1], lambda: print('on', flush=True), [miniaudio.Backend.NULL])\n"
        "except KeyboardInterrupt:\n"
        "    print('off')\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, tmp_path / "long.wav"], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "on\n"
        process.send_signal(signal.SIGINT)
        # The file lasts five minutes.
        assert process.communicate(timeout=120)[0] == "off\n"
    assert process.returncode == 0
