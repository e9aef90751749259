"""``python -m sideman.course``: the whole course in one command."""

import contextlib
import os
import pty
import re
import signal
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.train,
    pytest.mark.skipif(find_spec("jax") is None, reason="needs the training extra"),
]
ROOT = Path(__file__).parent.parent
COMMAND = [sys.executable, "-m", "sideman.course"]


def course(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments], cwd=folder, capture_output=True, text=True, timeout=120
    )


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    folder = tmp_path_factory.mktemp("course")
    return folder, course(folder)


def test_it_runs_to_the_end(ran: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    folder, done = ran
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0] == "version 3a of the course: 78 values, rests are left out"
    assert lines[1] == "data: course.mid, which comes with sideman"
    assert lines.index("loading JAX ...") + 1 == lines.index("compiling the training step ...")
    assert "total # of unique values: 78" in lines
    assert "shape of X: (60, 30, 78)" in lines
    epochs = [line for line in lines if line.startswith("Epoch ")]
    assert epochs[0].startswith("Epoch 1/100 - loss: 125.")
    assert epochs[-1].startswith("Epoch 100/100 - loss: ")
    assert any(line.startswith("41,678 parameters") for line in lines)
    assert "Predicting new values for different set of chords." in lines
    assert "Your generated music is saved in output/my_music.midi" in lines
    made = {path.name: path.read_bytes() for path in (folder / "output").iterdir()}
    assert made["my_music.midi"][:4] == b"MThd"
    assert made["loss.png"][:4] == b"\x89PNG"
    if find_spec("midirenderer"):
        assert len(made["my_music.mp3"]) > 50_000


def test_version_4_learns_rests_too(tmp_path: Path) -> None:
    done = course(tmp_path, "--version", "v4", "--epochs", "1")
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0] == "version 4 of the course: 90 values, rests are tokens"
    assert lines[1] == "data: course-v4.mid, which comes with sideman"
    assert "Shape of Y: (30, 60, 90)" in lines
    assert "Number of chords 25" in lines
    assert any(line.startswith("45,530 parameters; loss 1") for line in lines)
    assert "Your generated music is saved in output/my_music.midi" in lines


def test_make_course_takes_the_version() -> None:
    told = {
        words: subprocess.run(
            ["make", "--dry-run", "course", *words.split()],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for words in ("", "VERSION=4")
    }
    assert '-m sideman.course --version "3a"' in told[""]
    assert '-m sideman.course --version "4"' in told["VERSION=4"]


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    for seed, name in (("3", "a"), ("3", "b"), ("4", "c")):
        course(tmp_path, "--seed", seed, "--epochs", "2", "--out", name)
    a, b, c = ((tmp_path / name / "my_music.midi").read_bytes() for name in "abc")
    assert a == b != c


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["nowhere.mid"], "sideman: nowhere.mid: cannot be read"),
        (["words.mid"], "sideman: words.mid: is not a MIDI file"),
        (["--epochs", "0"], "Invalid value for '--epochs'"),
        (["--out", "words.mid/in/it"], "sideman: words.mid: is not a folder"),
        (["--out", "/proc/nothing"], "sideman: /proc: cannot be written into"),
        (["--out", "taken"], "taken/my_music.midi: is a folder"),
        (["--version", "5"], "sideman: The course has no version '5'; its versions are 1, 2, 3"),
    ],
)
def test_what_must_be_mended(arguments: list[str], sentence: str, tmp_path: Path) -> None:
    (tmp_path / "words.mid").write_text("no music")
    (tmp_path / "taken" / "my_music.midi").mkdir(parents=True)
    done = course(tmp_path, *arguments)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert not done.stdout


def test_a_terminal_gets_a_bar(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    running = subprocess.Popen(
        [*COMMAND, "--epochs", "20"], cwd=tmp_path, stdout=subprocess.PIPE, stderr=theirs, text=True
    )
    os.close(theirs)
    output, _ = running.communicate(timeout=120)
    shown = b""
    # The terminal's end is an error on Linux.
    with contextlib.suppress(OSError):
        while block := os.read(ours, 4096):
            shown += block
    os.close(ours)
    assert running.returncode == 0
    assert re.search(rb"loading JAX \.\.\. \d+\.\d s\r?\n", shown)
    assert re.search(rb"compiling the training step \.\.\. \d+\.\d s\r?\n", shown)
    assert b"Training: 100%" in shown
    assert b"20/20" in shown
    assert b"loss=" in shown
    assert "Epoch" not in output
    assert "..." not in output


def test_ctrl_c_during_the_imports(tmp_path: Path) -> None:
    (tmp_path / "numpy.py").write_text(
        "print('importing', flush=True)\nimport time\ntime.sleep(60)\n"
    )
    running = subprocess.Popen(
        COMMAND,
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert running.stdout is not None
    assert running.stdout.readline() == "importing\n"
    running.send_signal(signal.SIGINT)
    _, errors = running.communicate(timeout=60)
    assert (running.returncode, errors) == (130, "sideman: interrupted\n")


@pytest.mark.parametrize("during", ["compiling", "Epoch"])
def test_ctrl_c(during: str, tmp_path: Path) -> None:
    folder = tmp_path / "here"
    folder.mkdir()
    running = subprocess.Popen(
        [*COMMAND, "--epochs", "10000"],
        cwd=folder,
        # Where nothing is compiled yet, compiling takes seconds.
        env=os.environ | ({"XDG_CACHE_HOME": str(tmp_path)} if during == "compiling" else {}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert running.stdout is not None
    for line in running.stdout:
        if line.startswith(during):
            break
    time.sleep(0.5)
    running.send_signal(signal.SIGINT)
    _, errors = running.communicate(timeout=60)
    assert running.returncode == 130
    assert errors.strip() == "sideman: interrupted"
    assert not list(folder.iterdir())
