"""What happens where the machine, not the music, is at fault: streams, signals, pipes, names."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from commands import FAULT, call, run
from sideman import files
from sideman.band import styles
from sideman.errors import FileError, FormatError, MusicError, SidemanError
from sideman.formats import registry

SIDEMAN = (sys.executable, "-m", "sideman")
CHANGES = b"| F7 | Bb7 |\n"


def shell(line: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a line of bash, in which ``sideman`` is the command."""
    script = f'sideman() {{ "{sys.executable}" -m sideman "$@"; }}; {line}'
    result = subprocess.run(
        ["bash", "-c", script], capture_output=True, text=True, timeout=120, cwd=folder
    )
    assert "Traceback" not in result.stderr
    return result


def test_closed_streams_are_no_fault(tmp_path: Path) -> None:
    done = shell("sideman songbook >&-; echo $?; sideman inspect none.mid 2>&-; echo $?", tmp_path)
    assert done.stdout.split() == ["0", "2"]
    assert done.stderr == ""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device")
def test_a_full_output_is_a_sentence(tmp_path: Path) -> None:
    done = shell("sideman songbook >/dev/full; echo $?", tmp_path)
    assert done.stdout.strip() == "2"
    assert done.stderr == "sideman: no space left on device; check the name, or make room.\n"


def test_process_substitution_is_read_once(tmp_path: Path) -> None:
    played = call("improvise", "blues-f", "--seed", "1", "--no-audio", "--out", tmp_path)
    assert played.returncode == 0
    done = shell(
        "sideman inspect <(cat blues-f-1.mid); sideman render <(cat blues-f-1.mid) x.wav",
        tmp_path,
    )
    assert "5 tracks" in done.stdout
    done = shell("sideman inspect <(echo '| F7 | Bb7 |')", tmp_path)
    assert "| F7 | Bb7 |" in done.stdout
    assert done.returncode in (0, 2)


def test_what_is_no_regular_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "_PIPE_SECONDS", 0.05)
    pipe = tmp_path / "pipe.mid"
    os.mkfifo(pipe)
    with pytest.raises(FileError, match="is a pipe into which nothing is written"):
        files.read_bytes(pipe)
    for path, words in (
        (Path("/dev/null"), "is a device and not a regular file"),
        (tmp_path, "is a directory"),
    ):
        with pytest.raises(FileError, match=words):
            files.read_bytes(path)
        assert call("inspect", path).returncode == 2


def test_a_pipe_is_read_to_its_end(tmp_path: Path) -> None:
    pipe = tmp_path / "changes.txt"
    os.mkfifo(pipe)
    writer = subprocess.Popen(["bash", "-c", f"cat > {pipe}"], stdin=subprocess.PIPE)
    assert writer.stdin is not None
    writer.stdin.write(CHANGES)
    writer.stdin.close()
    assert registry.content(pipe) == CHANGES
    assert writer.wait(timeout=120) == 0


def test_a_fault_is_one_sentence_and_a_file(tmp_path: Path) -> None:
    code = (
        "import sys, sideman.cli as cli\n"
        "cli.COMMANDS = {'break': ('nowhere', '')}\n"
        "cli.main(['break'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True,
        env=os.environ | {"TMPDIR": str(tmp_path)},
    )  # fmt: skip
    assert done.returncode == FAULT
    found = re.fullmatch(
        r"sideman: a fault in sideman \(ModuleNotFoundError: .*\); the details are in (.*); "
        r"please report it\.\n",
        done.stderr,
    )
    assert found is not None, done.stderr
    details = Path(found[1])
    assert details.parent == tmp_path
    assert "Traceback" in details.read_text(encoding="utf-8")


def catches(pid: int, number: signal.Signals) -> bool:
    """Return whether a process has installed a handler for a signal."""
    status = Path(f"/proc/{pid}/status").read_text()
    mask = re.search(r"^SigCgt:\s*([0-9a-f]+)$", status, re.MULTILINE)
    return mask is not None and bool(int(mask[1], 16) >> (number - 1) & 1)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads the table of processes")
def test_sigterm_is_ctrl_c(tmp_path: Path) -> None:
    words = (*SIDEMAN, "improvise", "blues-f", "--choruses", "60", "--best-of", "16")
    process = subprocess.Popen(
        [*words, "--no-audio", "--out", str(tmp_path)], stderr=subprocess.PIPE, text=True
    )
    while not catches(process.pid, signal.SIGTERM):
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=60)
    # CPython ends itself by the signal where it came within exec() of a text, as in dataclasses;
    # a shell calls both 130.
    assert process.returncode in (130, -signal.SIGINT), said
    assert said.endswith("sideman: interrupted\n")
    assert list(tmp_path.iterdir()) == []


def test_names_that_are_not_utf_8(tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path)
    chart = os.path.join(folder, b"caf\xe9.txt")  # noqa: PTH118 - pathlib has no bytes
    Path(os.fsdecode(chart)).write_bytes(CHANGES)
    page = tmp_path / "page.musicxml"
    done = run("convert", os.fsdecode(chart), page)
    assert done.returncode == 0, done.stderr
    assert "café" in page.read_text(encoding="utf-8")
    done = run("inspect", os.fsdecode(chart))
    assert done.returncode == 0, done.stderr
    assert "caf\\udce9.txt: café" in done.stdout
    done = run("inspect", os.fsdecode(os.path.join(folder, b"none\xff.mid")))  # noqa: PTH118
    assert done.returncode == 2
    assert "no such file" in done.stderr


def test_escape_sequences_do_not_reach_the_terminal(tmp_path: Path) -> None:
    chart = tmp_path / "red.ls"
    chart.write_text("(title \x1b[31mRed\x1b[0m)\n(meter 4 4)\n F7 | Bb7 |\n")
    for words in (("inspect", chart), ("inspect", tmp_path / "no\x1b[2Jne.mid")):
        done = run(*words)
        assert "\x1b" not in done.stdout + done.stderr
    assert "\\x1b[2J" in done.stderr


def test_long_values_are_shortened_in_messages() -> None:
    for words in (("improvise", "| " + "x" * 10_000 + " |"), ("improvise", "y" * 10_000)):
        done = call(*words, "--no-audio")
        assert done.returncode == 2
        assert len(done.stderr) < 1500
    assert len(str(SidemanError("a " * 10_000))) < 1500


@pytest.mark.skipif(sys.platform == "win32", reason="without locks nothing is removed")
def test_what_a_killed_process_left_is_removed(tmp_path: Path) -> None:
    code = (
        "import os, signal, sys; from sideman import files\n"
        "with files.writing_whole(sys.argv[1]) as path:\n"
        "    path.write_bytes(b'half'); os.kill(os.getpid(), signal.SIGKILL)"
    )
    target = tmp_path / "whole.txt"
    subprocess.run([sys.executable, "-c", code, target])
    (left,) = tmp_path.iterdir()
    assert left.name.startswith(".sideman-")
    other = tmp_path / ".sideman-notes"
    other.write_text("of the user")
    files._remove_earlier.cache_clear()
    with files.writing_whole(target) as busy:
        files._remove_earlier.cache_clear()
        # A file that is being written is left alone.
        files.write_whole(tmp_path / "other.txt", "whole")
        assert busy.exists()
        busy.write_text("whole")
    assert {path.name for path in tmp_path.iterdir()} == {
        ".sideman-notes", "whole.txt", "other.txt",
    }  # fmt: skip


def test_what_a_library_raises_is_the_readers_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sideman.formats import musicxml

    packed = tmp_path / "a.mxl"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("a.xml", "<score-partwise/>" * 50)
    data = bytearray(packed.read_bytes())
    data[50:60] = bytes(10)
    packed.write_bytes(bytes(data))
    assert call("inspect", packed).returncode == 2

    def broken(*_: object) -> None:
        raise KeyError("a library's own")

    monkeypatch.setattr(musicxml, "parse", broken)
    document = registry.loads(b"<score-partwise/>", "a.xml")
    for view in ("charts", "solos", "phrase"):
        with pytest.raises(
            FormatError, match=r"a\.xml: is damaged, or not MusicXML .*\(KeyError\)"
        ):
            getattr(document, view)


def test_numbers_of_thousands_of_digits_are_refused() -> None:
    with pytest.raises(FormatError, match="is not TOML"):
        styles.parse(b"tempo_bpm = " + b"9" * 6000, "long.toml")
    with pytest.raises(MusicError):
        styles.load("x" * 10_000)
