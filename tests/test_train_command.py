"""``sideman train``: from files to a model; Ctrl-C, going on, and what it refuses."""

import re
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from commands import call, sentence
from sideman import terminal
from sideman.cli.train import _Bar, _Stopping
from sideman.formats.midi import writing
from sideman.library import charts
from sideman.models import file, registry
from sideman.models.course import network as course
from sideman.score import Arrangement, Bar, Changes, ChordChange, LeadSheet, Note, Part
from sideman.theory.chord import Chord
from sideman.training import loop
from sideman.training.plan import Progress, Trained

pytestmark = pytest.mark.train

BLUES = Changes(tuple(Bar((ChordChange(0, Chord.parse(s)),)) for s in ("F7", "Bb7", "F7", "C7")))
LINE = tuple(
    Note(12 * n, 12, 60 + (0, 3, 5, 6, 7, 10, 9, 5)[n * 5 % 8]) for n in range(32) if n % 7
)


@pytest.fixture(scope="module")
def solos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of one lead sheet, and one MIDI file with chords."""
    folder = tmp_path_factory.mktemp("solos")
    charts.write(folder / "one.ls", LeadSheet("One", BLUES, parts=(Part("Solo", LINE),)))
    line = tuple(Note(note.onset, note.duration, 130 - note.pitch) for note in LINE)
    writing.write(folder / "two.mid", Arrangement("Two", (Part("Solo", line, 66),), BLUES))
    return folder


def _course(path: Path) -> course.CourseModel:
    model = registry.load(path)
    assert isinstance(model, course.CourseModel)
    return model


def test_it_makes_a_model_that_plays(tmp_path: Path, solos: Path) -> None:
    pytest.importorskip("jax")
    out = tmp_path / "new" / "mine.safetensors"
    options = ("--epochs", "4", "--units", "8", "--seed", "3")
    result = call("train", solos, "--out", out, *options)
    assert result.returncode == 0, result.stderr
    lines = result.stdout.splitlines()
    assert lines[0].startswith("2 solos, ")
    assert lines[-1].startswith(f"{out}  4 epochs, ")
    assert sum(line.startswith("epoch ") for line in lines) == 4
    assert [path.name for path in out.parent.iterdir()] == ["mine.safetensors"]
    content = file.read(out)
    assert content.training["seed"] == 3
    assert content.training["solos"] == 2
    assert _course(out).parameters.units == 8
    before = out.read_bytes()
    again = tmp_path / "again.safetensors"
    command = ("train", solos / "one.ls", solos / "two.mid", "--out", again, *options)
    assert call(*command).returncode == 0
    assert again.read_bytes() == before
    played = tmp_path / "played"
    result = call("improvise", "blues-f", "--model", out, "--out", played, "--no-audio")
    assert result.returncode == 0, result.stderr
    assert len(list(played.glob("*.mid"))) == 1


def interrupted(*arguments: str | Path, after: str, times: int = 1) -> tuple[int, str]:
    """Run ``sideman train``, send Ctrl-C once a line begins so; give the code and what it said."""
    process = subprocess.Popen(
        [sys.executable, "-m", "sideman", "train", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith(after):
            break
    for _ in range(times):
        process.send_signal(signal.SIGINT)
        time.sleep(0.05)
    _, said = process.communicate(timeout=60)
    return process.returncode, said


def test_ctrl_c_leaves_a_checkpoint_and_going_on_gives_the_same_bytes(
    tmp_path: Path, solos: Path
) -> None:
    pytest.importorskip("jax")
    options = ("--epochs", "600", "--units", "16")
    whole, parts = tmp_path / "whole.safetensors", tmp_path / "parts.safetensors"
    code, said = interrupted(solos, "--out", parts, *options, after="epoch 60/")
    assert code == 130, said
    assert "Stopped after " in said
    assert "run the same command again" in said
    assert "Traceback" not in said
    checkpoint = tmp_path / "parts.checkpoint.safetensors"
    assert [path.name for path in tmp_path.iterdir()] == [checkpoint.name]
    done = len(file.read(checkpoint).training["losses"])
    assert 60 <= done < 600

    result = call("train", solos, "--out", parts, *options, "--resume")
    assert result.returncode == 0, result.stderr
    assert "epoch 60/" not in result.stdout
    assert not checkpoint.exists()
    assert call("train", solos, "--out", whole, *options).returncode == 0
    assert parts.read_bytes() == whole.read_bytes()


def test_ctrl_c_before_it_begins_leaves_nothing_bad(tmp_path: Path, solos: Path) -> None:
    pytest.importorskip("jax")
    out = tmp_path / "mine.safetensors"
    code, said = interrupted(solos, "--out", out, "--epochs", "5", after="2 solos", times=1)
    assert code == 130, said
    assert "Traceback" not in said
    assert not out.exists()
    result = call("train", solos, "--out", out, "--epochs", "5")
    assert result.returncode == 0, result.stderr


def test_ctrl_c_in_a_callback_stops_without_a_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    class Collected:
        def __del__(self) -> None:
            signal.raise_signal(signal.SIGINT)

    hook = sys.unraisablehook
    with _Stopping() as stopping:
        Collected()
        assert stopping()
    assert sys.unraisablehook is hook
    assert capsys.readouterr() == ("", "")


def test_what_cannot_be_learnt_from_is_refused(tmp_path: Path, solos: Path) -> None:
    out = tmp_path / "mine.safetensors"

    def refusal(*arguments: str | Path) -> str:
        said = sentence(call("train", *arguments, "--out", out))
        assert not out.exists()
        return said

    silent = tmp_path / "silent.ls"
    charts.write(silent, LeadSheet("Silent", BLUES))
    assert "has no notes to learn from" in refusal(silent)
    bare = tmp_path / "bare.mid"
    empty = Changes((Bar(), Bar(), Bar(), Bar()))
    writing.write(bare, Arrangement("Bare", (Part("Solo", LINE, 66),), empty))
    assert "give the changes. (option --changes)" in refusal(bare)
    assert "no MIDI file or lead sheet" in refusal(_made(tmp_path / "folder"))
    assert "none.mid" in refusal(tmp_path / "none.mid")
    before = bare.read_bytes()
    assert "one of the files to learn from" in sentence(call("train", bare, "--out", bare))
    assert bare.read_bytes() == before
    (tmp_path / "junk.mid").write_bytes(b"MThd" + bytes(40))
    assert "junk.mid" in refusal(tmp_path / "junk.mid")
    assert "not read from this kind" in refusal(file.locate("course"))
    assert "is not in the songbook" in refusal(solos, "--changes", "blues-h")
    assert "0 epochs" in refusal(solos, "--epochs", "0")
    assert "no checkpoint to continue from" in refusal(solos, "--resume")


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def test_changes_can_be_given(tmp_path: Path, solos: Path) -> None:
    pytest.importorskip("jax")
    bare = tmp_path / "bare.mid"
    empty = Changes((Bar(), Bar(), Bar(), Bar()))
    writing.write(bare, Arrangement("Bare", (Part("Solo", LINE, 66),), empty))
    out = tmp_path / "mine.safetensors"
    result = call("train", bare, "--changes", "blues-f", "--out", out, "--epochs", "1")
    assert result.returncode == 0, result.stderr
    assert file.read(out).training["solos"] == 1


def test_a_folder_that_cannot_be_written_is_told_before_the_work(
    tmp_path: Path, solos: Path
) -> None:
    (tmp_path / "file").write_text("")
    result = call("train", solos, "--out", tmp_path / "file" / "mine.safetensors")
    assert "cannot be written" in sentence(result)
    assert "epoch" not in result.stdout
    result = call("train", solos, "--out", tmp_path)
    assert "is a folder" in sentence(result)
    assert "epoch" not in result.stdout


def test_a_loss_that_is_no_number_leaves_the_last_good_weights(
    tmp_path: Path, solos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("jax")
    whole = loop.train

    def breaks_in_epoch_3(*arguments: Any, **options: Any) -> Trained:
        settings = replace(arguments[1], epochs=2)
        return replace(whole(arguments[0], settings, **options), finished=False, failed={"": 3})

    monkeypatch.setattr(loop, "train", breaks_in_epoch_3)
    out = tmp_path / "mine.safetensors"
    said = sentence(call("train", solos, "--out", out))
    assert "no number (in epoch 3)" in said
    assert f"{out} holds the last good weights" in said
    assert "learning rate lower than 0.01. (option --learning-rate)" in said
    assert file.read(out).training["epochs"] == 2
    assert _course(out).parameters.units == 64
    assert [path.name for path in tmp_path.iterdir()] == [out.name]


def test_a_missing_extra_is_found_before_anything_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "jax", None)
    result = call("train", tmp_path / "absent.mid", "--out", tmp_path / "m.safetensors")
    assert "pip install 'sideman[train]'" in sentence(result)
    (tmp_path / "file").write_text("")
    result = call("train", tmp_path / "absent.mid", "--out", tmp_path / "file" / "m.safetensors")
    assert "(option --out)" in sentence(result)


def test_the_time_left_is_printed_off_a_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(terminal, "LINE_SECONDS", 0.0)
    with _Bar() as bar:
        for done in (1, 2, 30, 100):
            time.sleep(0.001)
            bar.tick("pitch", done, 100)
        bar.report(Progress(1, 3, 0.0, 0, 1.0, text="counted"))
    said = capsys.readouterr()
    assert said.out == "counted\n"
    lines = said.err.splitlines()
    assert [re.sub(r"\d+ (s|min)", "N s", line) for line in lines] == [
        "pitch: 30%, N s left",
        "pitch: 100%, N s left",
        "step 1/3, N s so far",
    ]


def test_without_checkpoints_ctrl_c_stops_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as leaving, _Stopping(resumable=False) as stopping:
        assert not stopping()
        signal.raise_signal(signal.SIGINT)
    assert leaving.value.code == 130
    assert capsys.readouterr().err == "Stopped; nothing was written.\n"
