"""``sideman improvise``: files named after tune and seed, whole or not at all, the same bytes."""

import importlib.util
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path

import mido
import pytest

from commands import call, run, seconds, sentence
from playing import small_model_file
from sideman.formats import ireal
from sideman.formats.midi import reading
from sideman.library import charts, songbook
from sideman.service import playing


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_model_file(tmp_path_factory.mktemp("model"))


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_it_writes_midi_and_mp3_and_says_so(tmp_path: Path, model: Path) -> None:
    soundfile = pytest.importorskip("soundfile")
    out = tmp_path / "a" / "b"
    options = ("--out", out, "--seed", "7", "--choruses", "2", "--model", model)
    result = call("improvise", "happy-birthday", *options)
    assert result.returncode == 0, result.stderr
    assert names(out) == ["happy-birthday-7.mid", "happy-birthday-7.mp3"]
    lines = result.stdout.splitlines()
    assert len(lines) == 5
    assert str(out / "happy-birthday-7.mid") in lines[0]
    assert lines[1].startswith("recording: ")
    assert lines[2].startswith("novelty: ")
    assert str(out / "happy-birthday-7.mp3") in lines[3]
    assert lines[4].startswith("listen: ")
    assert "happy-birthday-7.mp3" in lines[4]
    file = reading.read(out / "happy-birthday-7.mid")
    assert any(text.text.startswith("Novelty: ") for text in file.texts)
    assert [part.name for part in file.parts] == ["Solo", "Chords", "Bass", "Drums"]
    assert file.parts[0].program == 66
    # The pickup, 31 bars of 4/4 at the tune's own tempo, the ritardando, the last chord, a tail.
    seconds = mido.MidiFile(out / "happy-birthday-7.mid").length
    assert 0 < seconds - (1 + 31 * 4) * 60 / file.tempo_bpm < 6
    assert seconds < soundfile.info(out / "happy-birthday-7.mp3").duration < seconds + 8.2
    before = [(out / name).read_bytes() for name in names(out)]
    assert call("improvise", "happy-birthday", *options).returncode == 0
    assert [(out / name).read_bytes() for name in names(out)] == before


def test_a_seed_is_drawn_and_told(tmp_path: Path, model: Path) -> None:
    for _ in range(2):
        result = call("improvise", "blues-f", "--out", tmp_path, "--no-audio", "--model", model)
        assert result.returncode == 0, result.stderr
    found = names(tmp_path)
    assert len(found) == 2
    for name in found:
        seed = re.fullmatch(r"blues-f-(\d+)\.mid", name)
        assert seed is not None
        again = tmp_path / "again"
        options = ("--seed", seed[1], "--no-audio", "--model", model, "--out", again)
        assert call("improvise", "blues-f", *options).returncode == 0
        assert (again / name).read_bytes() == (tmp_path / name).read_bytes()


def test_typed_changes_tempo_and_instrument(tmp_path: Path, model: Path) -> None:
    options = ("--seed", "1", "--no-audio", "--model", model, "--out", tmp_path)
    more = ("--tempo", "200", "--instrument", "trumpet", "--temperature", "0.8")
    result = call("improvise", "| Dm7 | G7 | Cmaj7 | % |", *options, *more)
    assert result.returncode == 0, result.stderr
    file = reading.read(tmp_path / "changes-1.mid")
    assert file.tempo_bpm == pytest.approx(200, abs=0.01)
    assert file.parts[0].program == 56


def test_files_playlists_and_keys(tmp_path: Path, model: Path) -> None:
    options = ("--seed", "1", "--no-audio", "--model", model, "--out", tmp_path)
    charts.write(tmp_path / "My Tune.ls", songbook.load("blues-f"))
    assert call("improvise", tmp_path / "My Tune.ls", *options, "--key", "G").returncode == 0
    markers = [text.text for text in reading.read(tmp_path / "my-tune-1.mid").texts]
    assert "G7" in markers
    # What it wrote it plays over again.
    assert call("improvise", tmp_path / "my-tune-1.mid", *options).returncode == 0
    page = ireal.page([songbook.load("blues-f"), songbook.load("indiana")])
    (tmp_path / "two.html").write_text(page)
    assert "--tune" in sentence(call("improvise", tmp_path / "two.html", *options))
    result = call("improvise", tmp_path / "two.html", *options, "--tune", "blues")
    assert result.returncode == 0, result.stderr
    assert (tmp_path / "blues-in-f-1.mid").exists()


def test_midi_is_there_within_a_second(tmp_path: Path, model: Path) -> None:
    options = ("--seed", "1", "--no-audio", "--model", str(model), "--out", str(tmp_path))
    # Half a second by itself; the other core is busy with tests.
    assert min(seconds("improvise", "happy-birthday", *options) for _ in range(3)) < 1.5


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("all the things",), "not in the songbook"),
        (("| Y7 |",), "Y7"),
        (("absent.ls",), "absent.ls"),
        (("blues-f", "--model", "corse"), "model"),
        (("blues-f", "--model", "absent.safetensors"), "absent.safetensors"),
        (("blues-f", "--temperature", "-1"), "temperature"),
        (("blues-f", "--temperature", "nan"), "temperature"),
        (("blues-f", "--tempo", "5"), "20 to 400"),
        (("blues-f", "--choruses", "0"), "1 to 100"),
        (("blues-f", "--instrument", "kazoo"), "kazoo"),
    ],
)
def test_what_is_wrong_is_told_in_one_sentence(
    tmp_path: Path, model: Path, arguments: tuple[str, ...], words: str
) -> None:
    if "--model" not in arguments:
        arguments = (*arguments, "--model", str(model))
    result = call("improvise", *arguments, "--out", tmp_path / "out", "--no-audio")
    assert words in sentence(result)
    assert not (tmp_path / "out").exists()


NO_SYNTHESISER = "listen: open {} in a MIDI player; for a sound file, run pip install midirenderer"


def test_without_a_synthesiser_the_default_is_midi(
    tmp_path: Path, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "midirenderer", None)
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    monkeypatch.chdir(tmp_path)
    result = call("improvise", "blues-f", "--seed", "1", "--model", model)
    assert (result.returncode, result.stderr) == (0, "")
    assert names(tmp_path / "sideman-out") == ["blues-f-1.mid"]
    written = Path("sideman-out", "blues-f-1.mid")
    assert result.stdout.splitlines()[-1] == NO_SYNTHESISER.format(written)
    other = call("trade", written, "--bars", "2", "--seed", "2", "--model", "soloist")
    assert other.returncode == 0, other.stderr
    told = NO_SYNTHESISER.format(Path("sideman-out", "blues-f-1-trade-2.mid"))
    assert other.stdout.splitlines()[-1] == told


@pytest.mark.parametrize(
    ("missing", "options", "words"),
    [
        ("midirenderer", ("--audio",), "run pip install midirenderer"),
        ("midirenderer", ("--audio-format", "wav"), "(option --audio)"),
        ("lameenc", ("--audio-format", "mp3"), "(option --audio-format)"),
        ("verovio", ("--score", "svg"), "run pip install verovio"),
        ("typst", ("--score", "musicxml", "--score", "pdf"), "(option --score)"),
        ("", ("--soundfont", "absent.sf2"), "(option --soundfont)"),
        ("", ("--out", "file/out"), "(option --out)"),
    ],
)
def test_what_is_missing_is_found_before_anything_is_played(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    missing: str,
    options: tuple[str, ...],
    words: str,
) -> None:
    def played(*_: object, **__: object) -> None:
        raise AssertionError("played")

    find = importlib.util.find_spec
    monkeypatch.setitem(sys.modules, missing, None)
    monkeypatch.setattr(
        importlib.util,
        "find_spec",
        lambda name, *rest: None if name == missing else find(name, *rest),
    )
    monkeypatch.setattr(playing, "play", played)
    monkeypatch.chdir(tmp_path)
    Path("file").write_text("")
    assert words in sentence(call("improvise", "blues-f", *options))
    assert names(tmp_path) == ["file"]


def test_a_player_that_is_there_is_named(
    tmp_path: Path, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: name == "mpv" or None)
    options = ("--choruses", "1", "--no-head", "--seed", "1", "--model", model, "--out", tmp_path)
    result = call("improvise", "blues-f", *options, "--audio-format", "ogg")
    assert result.stdout.splitlines()[-1] == f"listen: mpv {tmp_path / 'blues-f-1.ogg'}"
    silent = call("improvise", "blues-f", *options, "--no-audio")
    assert "listen" not in silent.stdout


def test_a_broken_model_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bad.safetensors").write_bytes(b"not a model at all")
    out = tmp_path / "out"
    result = call("improvise", "blues-f", "--out", out, "--model", tmp_path / "bad.safetensors")
    assert "bad.safetensors" in sentence(result)


def test_where_nothing_can_be_written_it_says_so(tmp_path: Path, model: Path) -> None:
    (tmp_path / "file").write_text("")
    out = tmp_path / "file" / "out"
    result = call("improvise", "blues-f", "--out", out, "--model", model)
    assert "cannot be written" in sentence(result)


@pytest.mark.skipif(sys.platform == "win32", reason="needs resource limits")
def test_a_full_disk_leaves_whole_files_or_none(tmp_path: Path, model: Path) -> None:
    options = ("--out", tmp_path, "--model", model, "--seed", "1")
    result = run("improvise", "blues-f", *options, most_bytes=1000)
    assert "make room" in sentence(result)
    assert names(tmp_path) == []
    # Room for the MIDI file, but not for the sound.
    result = run("improvise", "blues-f", *options, most_bytes=50_000)
    assert "make room" in sentence(result)
    assert names(tmp_path) == ["blues-f-1.mid"]
    assert reading.read(tmp_path / "blues-f-1.mid").parts


def test_a_part_that_no_take_has_is_refused_before_playing(tmp_path: Path) -> None:
    out = tmp_path / "out"
    for word in ("nosuch", "drums,bass", "4", "trumpet", " "):
        said = sentence(call("improvise", "| F7 |", "--mute", word, "--out", out))
        assert "choose from: 0 Solo, 1 Chords, 2 Bass, 3 Drums. (option --mute)" in said
        assert not out.exists()
    for word in ("3", "sax"):
        arguments = ("--choruses", "1", "--seed", "1", "--audio-format", "wav", "--mute", word)
        assert call("improvise", "| F7 |", *arguments, "--out", out).returncode == 0


@pytest.mark.skipif(shutil.which("make") is None, reason="needs make")
def test_make_solo_has_a_first_take_and_then_others(tmp_path: Path) -> None:
    told = []
    for _ in range(2):
        told.append(
            subprocess.run(
                ["make", "--dry-run", "solo", f"OUT={tmp_path}"],
                cwd=Path(__file__).parents[1],
                capture_output=True,
                text=True,
                check=True,
            ).stdout
        )
        (tmp_path / "happy-birthday-6.mid").touch()
    assert f"improvise happy-birthday --out {tmp_path}" in " ".join(told[0].split())
    assert "--seed 6" in told[0]
    assert "--seed" not in told[1]
