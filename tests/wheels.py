"""Install the built wheel with each extra on several Pythons, and use it.

python tests/wheels.py dist/sideman-0.1.0-py3-none-any.whl [PYTHON ...] [--extras NAME,...]

For each Python (those of the machine where none is named) and each extra the wheel is installed by
pip into a new environment, and a command that needs the extra is run.  The last lines are a table;
the exit code is 1 if anything failed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

VERSIONS = ("3.11", "3.12", "3.13", "3.14")
PLAIN = ""
_SOUNDS = """
import sys, soundfile
samples, rate = soundfile.read(sys.argv[1])
peak = abs(samples).max()
assert 0.5 < peak < 0.95, peak
print(f"sounds, {len(samples) / rate:.0f} s")
"""
_TRAINS = """
from pathlib import Path
assert Path("m.safetensors").stat().st_size > 1000
print("trains")
"""
_EXECUTES = """
import nbclient, nbformat
cell = nbformat.v4.new_code_cell("import sideman; print(sideman.__version__)")
book = nbformat.v4.new_notebook(cells=[cell])
nbclient.NotebookClient(book, timeout=120, kernel_name="python3").execute()
print("runs a notebook with sideman", book.cells[0].outputs[0].text.strip())
"""
_DRAWS = """
import sys
assert open(sys.argv[1], "rb").read(5) == b"%PDF-"
print("engraves a PDF")
"""
_PLAY = ("sideman", "improvise", "blues-f", "--seed", "1")
_LOGS = """
from pathlib import Path
from sideman.training import logs
from sideman.training.plan import Progress
with logs.Logs(board=Path("runs")).opened(resumed=False) as log:
    log(Progress(1, 1, 0.5, 1, 1.0))
print("logs", len(list(Path("runs").iterdir())), "event file")
"""

# The commands that show that an extra works, by its name; the last one's output is reported.
USES: dict[str, tuple[tuple[str, ...], ...]] = {
    PLAIN: (_PLAY, ("python", "-c", _SOUNDS, "sideman-out/blues-f-1.mp3")),
    "page": (
        (*_PLAY, "--no-audio", "--score", "pdf"),
        ("python", "-c", _DRAWS, "sideman-out/blues-f-1.pdf"),
    ),
    "train": (
        (*_PLAY, "--no-audio"),
        (
            "sideman",
            "train",
            "sideman-out/blues-f-1.mid",
            "--epochs",
            "1",
            "--out",
            "m.safetensors",
        ),
        ("python", "-c", _TRAINS),
    ),
    "log": (("python", "-c", _LOGS),),
    "notebook": (("jupyter-lab", "--version"), ("python", "-c", _EXECUTES)),
    "all": (
        (*_PLAY, "--score", "pdf"),
        ("python", "-c", _SOUNDS, "sideman-out/blues-f-1.mp3"),
    ),
}


def pythons() -> Iterator[str]:
    """Yield the Pythons of the machine, one of each version, that can make an environment."""
    for version in VERSIONS:
        found = [shutil.which(f"python{version}")]
        found += map(str, sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python3")))
        for python in filter(None, found):
            try:
                subprocess.run(
                    [python, "-c", "import ensurepip, venv"], check=True, capture_output=True
                )
            except (OSError, subprocess.CalledProcessError):
                continue  # a shim that only says that it is not installed
            yield python
            break


def tried(python: str, wheel: Path, extra: str, *options: str) -> str:
    """Return what was seen of an extra on a Python, or the end of the error.

    `options` are further ones of pip.
    """
    with tempfile.TemporaryDirectory(prefix="sideman-wheel-") as name:
        folder = Path(name)
        scripts = folder / "venv" / ("Scripts" if os.name == "nt" else "bin")
        environment = {
            key: value for key, value in os.environ.items() if not key.startswith("PYTHON")
        }
        environment["PATH"] = f"{scripts}{os.pathsep}{environment['PATH']}"
        asked = f"{wheel}[{extra}]" if extra else str(wheel)
        begun = time.monotonic()
        said = ""
        for command in (
            (python, "-m", "venv", str(folder / "venv")),
            (
                str(scripts / "python"),
                "-m",
                "pip",
                "install",
                "--quiet",
                "--no-input",
                *options,
                asked,
            ),
            *USES[extra],
        ):
            path = shutil.which(command[0], path=environment["PATH"]) or command[0]
            done = subprocess.run(
                [path, *command[1:]],
                cwd=folder,
                env=environment,
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode:
                last = (done.stderr or done.stdout).strip().splitlines()[-1:]
                return f"FAILED: {' '.join(command)[:60]}: {' '.join(last)[:200]}"
            said = done.stdout.strip()
        print(f"{python} [{extra}]: {said}, {time.monotonic() - begun:.0f} s", flush=True)
        return said


def main(arguments: list[str]) -> int:
    """Print the table; return the exit code."""
    extras = list(USES)
    if "--extras" in arguments:
        at = arguments.index("--extras")
        extras = arguments[at + 1].split(",")
        del arguments[at : at + 2]
    wheel = Path(arguments[0]).resolve()
    rows = []
    for python in arguments[1:] or pythons():
        version = subprocess.run(
            [python, "-c", "import platform; print(platform.python_version())"],
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()
        rows.append([version, *(tried(python, wheel, extra) for extra in extras)])
    print(
        "| Python |", " | ".join(f"`[{extra}]`" if extra else "no extra" for extra in extras), "|"
    )
    print("|---" * (1 + len(extras)) + "|")
    for row in rows:
        print(f"| {' | '.join(row)} |")
    return any(cell.startswith("FAILED") for row in rows for cell in row)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
