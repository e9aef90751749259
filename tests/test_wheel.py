"""The built wheel: pip installs it, and it plays; extras resolve on every Python from wheels alone.

``make wheels`` installs each extra on each Python of the machine.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import wheels

ROOT = Path(__file__).parent.parent
UV = shutil.which("uv") or str(ROOT / ".uv" / "bin" / "uv")
INDEXES = ("UV_INDEX_URL", "UV_EXTRA_INDEX_URL", "UV_DEFAULT_INDEX", "UV_INDEX", "UV_FIND_LINKS")
CLEAN = {name: value for name, value in os.environ.items() if name not in INDEXES}

needs_uv = pytest.mark.skipif(not Path(UV).exists(), reason="uv is not here: make dev-env")


@needs_uv
def test_pip_installs_the_wheel_and_it_sounds(tmp_path: Path) -> None:
    build = [UV, "build", "--quiet", "--wheel", "--out-dir", str(tmp_path), str(ROOT)]
    subprocess.run(build, check=True, env=CLEAN)
    (wheel,) = tmp_path.glob("*.whl")
    assert wheels.tried(sys.executable, wheel, wheels.PLAIN, "--no-compile").startswith(
        "sounds, 67"
    )


@needs_uv
@pytest.mark.parametrize("version", wheels.VERSIONS)
def test_every_extra_has_wheels_for_every_python(version: str) -> None:
    words = [
        "pip",
        "compile",
        "--quiet",
        "--all-extras",
        "--only-binary",
        ":all:",
        "--no-header",
        "--no-annotate",
    ]
    done = subprocess.run(
        [UV, *words, "--python-version", version, "pyproject.toml"],
        cwd=ROOT,
        env=CLEAN,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = {line.split("==")[0] for line in done.stdout.splitlines()}
    assert {"midirenderer", "verovio", "typst", "jax", "keras", "jupyterlab"} <= found
