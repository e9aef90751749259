"""Run the suite on each Python of the machine, and once with the lowest versions of dependencies.

    python tests/matrix.py UV              every Python from 3.11 that runs here
    python tests/matrix.py UV 3.12 lowest  one Python, or the lowest versions on the first

UV is the uv command.  Each run has an environment of its own in ``.matrix``; warnings are errors.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import wheels

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / ".matrix"
LOWEST = "lowest"


def version(python: str) -> str:
    """Return the version of an interpreter, such as ``3.12``."""
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    return subprocess.run([python, "-c", code], capture_output=True, text=True).stdout.strip()


def tried(uv: str, python: str, resolution: str) -> bool:
    """Install sideman with its development tools, and return whether its tests pass."""
    place = FOLDER / f"{version(python)}-{resolution}"
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("UV_")},
        "VIRTUAL_ENV": str(place),
        "UV_PYTHON_DOWNLOADS": "never",
    }
    install = (uv, "pip", "install", "--quiet", "--resolution", resolution)
    for command in (
        (uv, "venv", "--quiet", "--clear", "--python", python, str(place)),
        (*install, "--editable", f"{ROOT}[all]", "--group", f"{ROOT}/pyproject.toml:dev"),
        (str(place / "bin/python"), "-m", "pytest", "-q", "-n", "auto", "--dist", "loadfile"),
    ):
        if subprocess.run(command, env=environment, cwd=ROOT).returncode:
            return False
    return True


def main() -> None:
    """Run the matrix, print a line for each run, and exit with code 1 if one failed."""
    # A shell starts what runs in the background with Ctrl-C ignored, which its tests send.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    uv, *wanted = sys.argv[1:]
    found = list(wheels.pythons())
    chosen = [(python, "highest") for python in found if not wanted or version(python) in wanted]
    if not wanted or LOWEST in wanted:
        chosen.append((found[0], "lowest-direct"))
    passed = {run: tried(uv, *run) for run in chosen}
    for (python, resolution), good in passed.items():
        print(f"Python {version(python)}, {resolution} versions: {'passed' if good else 'FAILED'}")
    absent = set(wheels.VERSIONS) - set(map(version, found))
    print(f"not on this machine: {', '.join(sorted(absent)) or 'none'}")
    sys.exit(not all(passed.values()))


if __name__ == "__main__":
    main()
