"""``sideman render``: a MIDI file to sound, from the command line."""

from pathlib import Path

import pytest

from commands import call, run, sentence
from playing import small_model_file

pytest.importorskip("tinysoundfont")
soundfile = pytest.importorskip("soundfile")


@pytest.fixture(scope="module")
def song(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("song")
    model = small_model_file(folder)
    options = ("--no-audio", "--seed", "1", "--choruses", "1", "--model", model, "--out", folder)
    assert call("improvise", "happy-birthday", *options).returncode == 0
    return folder / "happy-birthday-1.mid"


@pytest.mark.parametrize("suffix", ["wav", "flac", "ogg", "mp3"])
def test_it_renders_and_says_how_long(tmp_path: Path, song: Path, suffix: str) -> None:
    sound = tmp_path / f"song.{suffix}"
    result = call("render", song, sound)
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith(f"{sound}  {suffix.upper()}: 0:")
    assert soundfile.info(sound).channels == 2
    assert soundfile.info(sound).duration > 8 * 4 * 60 / 132


def test_what_is_wrong_is_told_in_one_sentence(tmp_path: Path, song: Path) -> None:
    (tmp_path / "bad.mid").write_bytes(b"nothing")
    (tmp_path / "bad.sf2").write_bytes(b"nothing")
    for arguments, words in [
        ((tmp_path / "absent.mid", tmp_path / "a.wav"), "absent.mid"),
        ((tmp_path / "bad.mid", tmp_path / "a.wav"), "bad.mid"),
        ((song, tmp_path / "a.aac"), "a.aac"),
        ((song, tmp_path), "named" if tmp_path.suffix else ".mp3"),
        ((song, tmp_path / "a.wav", "--soundfont", tmp_path / "bad.sf2"), "bad.sf2"),
    ]:
        assert words in sentence(call("render", *arguments))
    assert "make room" in sentence(run("render", song, tmp_path / "a.wav", most_bytes=10_000))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bad.mid", "bad.sf2"]
