"""One request, one result: in any folder, locale, time zone, with any seed of hashes or threads."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from attack.crashes import state
from sideman.service import playing, requests

LINE = (
    "improvise", "| Dm7 | G7 | Cmaj7 | A7 |", "--choruses", "1", "--seed", "5", "--best-of", "2",
    "--score", "musicxml", "--roll", "svg",
)  # fmt: skip
HERE = {"LANG": "C.UTF-8", "PYTHONHASHSEED": "0", "OMP_NUM_THREADS": "1", "TZ": "UTC"}
THERE = {
    "LANG": "C",
    "LC_ALL": "C",
    "PYTHONHASHSEED": "12345",
    "OMP_NUM_THREADS": "4",
    "OPENBLAS_NUM_THREADS": "3",
    "TZ": "Pacific/Kiritimati",
    "COLUMNS": "40",
    "NO_COLOR": "1",
}
SOUND = ("--audio-format", "wav")
SEEDS = (1, 2, 3)


def files(cwd: Path, out: str, environment: dict[str, str], *more: str) -> dict[str, bytes]:
    """Run the command in a folder, and return the files that it has written."""
    cwd.mkdir(exist_ok=True)
    settings = {name: value for name, value in os.environ.items() if not name.startswith("LC_")}
    done = subprocess.run(
        [sys.executable, "-m", "sideman", *LINE, "--out", out, *more],
        cwd=cwd,
        env=settings | {"HOME": str(cwd)} | environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return {name: data for name, data in state(cwd / out).items() if not name.startswith(".")}


def test_surroundings_change_no_byte(tmp_path: Path) -> None:
    one = files(tmp_path / "here", "out", HERE, *SOUND)
    assert {Path(name).suffix for name in one} == {".mid", ".musicxml", ".svg", ".wav"}
    other = str(tmp_path / "there" / "other" / "place")
    assert files(tmp_path / "there", other, THERE, *SOUND) == one
    # The sound beside it changes nothing in the other files.
    silent = files(tmp_path / "silent", "out", HERE, "--no-audio")
    assert silent == {name: data for name, data in one.items() if not name.endswith(".wav")}


def test_one_process_and_two_render_the_same_bytes(tmp_path: Path) -> None:
    songs = tmp_path / "songs"
    songs.mkdir()
    for seed in SEEDS:
        changes = requests.Tune(text="| F7 | Bb7 |")
        request = requests.PlayRequest(changes=changes, choruses=1, seed=seed)
        (songs / f"{seed}.mid").write_bytes(playing.play(request).midi())
    command = (sys.executable, "-m", "sideman", "render", songs, "--format", "wav")
    found = {}
    for jobs, environment in (("1", HERE), ("2", THERE)):
        out = tmp_path / jobs
        done = subprocess.run(
            [*command, "--out", out, "--jobs", jobs],
            env=os.environ | environment,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        found[jobs] = state(out)
    assert len({found["1"][f"{seed}.wav"] for seed in SEEDS}) == len(SEEDS)
    assert found["2"] == found["1"]
