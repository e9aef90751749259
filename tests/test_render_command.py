"""``sideman render``: MIDI files to sound, from the command line."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from commands import call, run, sentence
from playing import small_model_file

soundfile = pytest.importorskip("soundfile")


@pytest.fixture(scope="module")
def song(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("song")
    model = small_model_file(folder)
    options = ("--no-audio", "--seed", "1", "--choruses", "1", "--model", model, "--out", folder)
    assert call("improvise", "happy-birthday", *options).returncode == 0
    return folder / "happy-birthday-1.mid"


@pytest.fixture
def folder(tmp_path: Path, song: Path) -> Path:
    """Three songs, one of them deeper, and a file that is none."""
    (tmp_path / "songs" / "deep").mkdir(parents=True)
    for name in ("a.mid", "b.MIDI", "deep/a.mid"):
        shutil.copy(song, tmp_path / "songs" / name)
    (tmp_path / "songs" / "notes.txt").write_text("no song")
    return tmp_path / "songs"


def names(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("suffix", ["wav", "flac", "ogg", "mp3"])
def test_it_renders_and_says_how_long(tmp_path: Path, song: Path, suffix: str) -> None:
    sound = tmp_path / f"song.{suffix}"
    result = call("render", song, sound)
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith(f"{sound}  {suffix.upper()}: 0:")
    assert result.stderr == ""
    assert soundfile.info(sound).channels == 2
    assert soundfile.info(sound).duration > 8 * 4 * 60 / 132


def test_without_a_sound_it_stands_beside_the_song_or_in_a_folder(
    tmp_path: Path, folder: Path
) -> None:
    assert call("render", folder / "a.mid").returncode == 0
    assert (folder / "a.mp3").exists()
    out = tmp_path / "out"
    assert call("render", folder / "a.mid", "--out", out, "--format", "ogg").returncode == 0
    assert names(out) == ["a.ogg"]


def test_a_folder_is_rendered_side_by_side_and_goes_on(tmp_path: Path, folder: Path) -> None:
    (folder / "broken.mid").write_bytes(b"nothing")
    arguments = ("render", folder, "--out", tmp_path / "out", "--format", "flac")
    result = run(*arguments, "--jobs", "2")
    assert result.returncode == 2
    assert names(tmp_path / "out") == ["a.flac", "b.flac", "deep/a.flac"]
    assert len(result.stdout.splitlines()) == 3
    told = result.stderr.splitlines()
    assert len(told) == 2
    assert "broken.mid" in told[0]
    assert "1 of 4 songs" in told[1]
    # Processes and their number make no difference to the sound.
    sounds = {path: path.read_bytes() for path in (tmp_path / "out").rglob("*.flac")}
    assert len(set(sounds.values())) == 1
    (folder / "broken.mid").unlink()
    (tmp_path / "out" / "b.flac").unlink()
    again = run(*arguments, "--resume")
    assert again.returncode == 0, again.stderr
    assert again.stdout.splitlines() == [
        line for line in result.stdout.splitlines() if "b.flac" in line
    ]
    assert {path: path.read_bytes() for path in sounds} == sounds
    assert "there already" in run(*arguments, "--resume").stdout


def test_a_batch_that_is_interrupted_leaves_only_whole_files(tmp_path: Path, folder: Path) -> None:
    for number in range(40):
        shutil.copy(folder / "a.mid", folder / f"{number}.mid")
    out = tmp_path / "out"
    command = [sys.executable, "-m", "sideman", "render", str(folder), "--out", str(out)]
    with subprocess.Popen(
        [*command, "--jobs", "2", "--format", "wav"],
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as working:
        deadline = time.monotonic() + 60
        while not list(out.glob("[!.]*.wav")) and time.monotonic() < deadline:
            time.sleep(0.05)
        os.killpg(working.pid, signal.SIGINT)  # as Ctrl-C does: to every process
        _, errors = working.communicate(timeout=60)
    assert working.returncode == 130
    assert errors.strip() == "sideman: interrupted"
    done = names(out)
    assert 0 < len(done) < 43
    assert all(name.endswith(".wav") and ".partial" not in name for name in done)
    lengths = {soundfile.info(out / name).frames for name in done}
    assert len(lengths) == 1


def test_parts_stems_and_metronome(tmp_path: Path, song: Path) -> None:
    result = call("render", song, tmp_path / "a.wav", "--stems", "--click", "--without", "Solo")
    assert result.returncode == 0, result.stderr
    written = names(tmp_path)
    assert {"a.wav", "a-chords.wav", "a-click.wav"} <= set(written)
    assert "a-solo.wav" not in written
    assert result.stdout.startswith(f"{tmp_path / 'a.wav'}  WAV: 0:")
    assert len(result.stdout.splitlines()) == len(written)
    alone = call("render", song, tmp_path / "b.wav", "--only", "solo", "--dry")
    assert alone.returncode == 0, alone.stderr
    assert (tmp_path / "b.wav").read_bytes() != (tmp_path / "a.wav").read_bytes()


def test_what_is_wrong_is_told_in_one_sentence(tmp_path: Path, song: Path) -> None:
    (tmp_path / "bad.mid").write_bytes(b"nothing")
    (tmp_path / "bad.sf2").write_bytes(b"nothing")
    (tmp_path / "empty").mkdir()
    other = tmp_path / "other"
    other.mkdir()
    for name in ("a.mid", "a.midi"):
        shutil.copy(song, other / name)
    for arguments, words in [
        ((tmp_path / "absent.mid", tmp_path / "a.wav"), "absent.mid"),
        ((tmp_path / "absent.mid", song, "--out", tmp_path / "never"), "absent.mid"),
        ((tmp_path / "bad.mid", tmp_path / "a.wav"), "bad.mid"),
        ((song, tmp_path / "a.aac"), "a.aac"),
        ((song, song, tmp_path / "a.wav"), "--out FOLDER --format wav"),
        ((other, tmp_path / "a.wav"), "--out FOLDER --format wav"),
        ((other,), "rename one of them"),
        ((tmp_path / "empty",), "holds no MIDI file"),
        ((song, tmp_path / "a.wav", "--soundfont", tmp_path / "bad.sf2"), "bad.sf2"),
        ((other / "a.mid", song, "--soundfont", tmp_path / "bad.sf2"), "bad.sf2"),
        ((song, tmp_path / "a.wav", "--without", "kazoo"), "no part 'kazoo'"),
        ((song, tmp_path / "a.wav", "--only", "kazoo"), "no part 'kazoo'"),
    ]:
        assert words in sentence(call("render", *arguments))
    for suffix in ("wav", "flac", "ogg", "mp3"):
        full = run("render", song, tmp_path / f"a.{suffix}", most_bytes=10_000)
        assert "make room" in sentence(full)
    assert names(tmp_path) == ["bad.mid", "bad.sf2", "other/a.mid", "other/a.midi"]
