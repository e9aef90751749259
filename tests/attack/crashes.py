"""What a kill leaves: the state of a folder before each file operation of a command.

An audit hook in a child process copies the folder whenever a file is opened for writing, renamed or
removed, which is what a kill at that moment would leave.
"""

from __future__ import annotations

import os
import random
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

State = dict[str, bytes]

_CHILD = """
import os, shutil, sys
from pathlib import Path
folder, copies = Path(sys.argv[1]), Path(sys.argv[2])
from sideman.training import checkpoint
checkpoint.SAVE_EVERY_SECONDS = 0
busy = False
def copy():
    number = len(os.listdir(copies))
    if folder.exists():
        shutil.copytree(folder, copies / f"{number:05}")
def hook(event, arguments):
    global busy
    if busy:
        return
    writing = event == "open" and isinstance(arguments[2], int) and arguments[2] & (
        os.O_WRONLY | os.O_RDWR
    )
    if writing or event in ("os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate"):
        busy = True
        copy()
        busy = False
from sideman.cli import main
sys.addaudithook(hook)
main(sys.argv[3:])
"""


@dataclass(frozen=True)
class Command:
    """A command that writes into a folder.

    Parameters
    ----------
    arguments : tuple of str
        The arguments; ``{out}`` stands for the folder.
    """

    arguments: tuple[str, ...]

    @classmethod
    def of(cls, line: str) -> Command:
        """Return the command of a line."""
        return cls(tuple(shlex.split(line)))

    def words(self, folder: Path) -> list[str]:
        """Return the arguments for a folder."""
        return [word.replace("{out}", str(folder)) for word in self.arguments]

    def run(self, folder: Path, seconds: float | None = None) -> int:
        """Run the command, kill it after some seconds, and return the exit code."""
        code = "from sideman.training import checkpoint; checkpoint.SAVE_EVERY_SECONDS = 0\n"
        code += "import sys; from sideman.cli import main; main(sys.argv[1:])"
        process = subprocess.Popen(
            [sys.executable, "-c", code, *self.words(folder)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            return process.wait(seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            return process.wait()


def state(folder: Path) -> State:
    """Return the files of a folder."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def restore(files: State, folder: Path) -> None:
    """Write the files of a state into a folder."""
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def states(command: Command) -> tuple[list[State], State]:
    """Return the distinct states that kills can leave, and the final one."""
    with tempfile.TemporaryDirectory() as name:
        folder, copies = Path(name) / "out", Path(name) / "copies"
        copies.mkdir()
        done = subprocess.run(
            [sys.executable, "-c", _CHILD, folder, copies, *command.words(folder)],
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        final = state(folder)
        found: list[State] = []
        for copy in sorted(copies.iterdir()):
            one = state(copy)
            if one not in found:
                found.append(one)
    return found, final


def wrong(files: State, final: State, resumable: Sequence[str] = ()) -> Iterator[str]:
    """Yield what is wrong with a state: a file under a final name that is not the final one."""
    for name, data in files.items():
        path = Path(name)
        hidden = any(part.startswith(".") for part in path.parts)
        if hidden or any(part in path.name for part in resumable):
            continue
        if final.get(name) != data:
            yield f"{name}: {len(data)} bytes of {len(final.get(name, b''))}"


def kills(command: Command, count: int, seed: int, resumable: Sequence[str] = ()) -> list[str]:
    """Kill a command `count` times at random moments, each time in the folder of the time before.

    Return what is wrong with the states, and with the result of a last run that is not killed.
    """
    rng = random.Random(seed)
    found: list[str] = []
    with tempfile.TemporaryDirectory() as name:
        whole, folder = Path(name) / "whole", Path(name) / "out"
        begun = time.monotonic()
        assert command.run(whole) == 0
        longest = time.monotonic() - begun
        final = state(whole)
        for _ in range(count):
            if command.run(folder, rng.uniform(0, longest)) == 0:
                found += [f"differs: {each}" for each in wrong(state(folder), final)]
                shutil.rmtree(folder, ignore_errors=True)
            if folder.exists():
                found += wrong(state(folder), final, resumable)
        assert command.run(folder) == 0
        if state(folder) != final:
            found.append(f"the last run leaves {sorted(state(folder))}, not {sorted(final)}")
    return found
