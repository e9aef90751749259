"""A style and a knob are added to a copy of the package: each is one file, or one line.

A format is added so in ``test_formats.py``, a kind of model in ``test_protocol.py``.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import mido
import pytest

import sideman
from commands import call

SOURCE = Path(sideman.__file__).parent
SHOUT = """
words = ["shout"]
tempo_bpm = 190
[comping.rhythms]
"x x x x" = 1
[bass.feels]
patterns = 1
[bass.patterns]
"1 5 1 5" = 1
[drums.ride]
"x x x x" = 1
"""
KNOB = '    lilt: float = _knob(0.5, 0, 2, "lilt", "How much it lilts.", _LINE, unit="beats")\n'
PROGRAM = """
import json
from click.testing import CliRunner
from sideman.band import styles
from sideman.cli import command_line
from sideman.models.controls import KNOBS, Controls
from sideman.service.requests import PlayRequest

def out(*words):
    done = CliRunner().invoke(command_line, words, terminal_width=200)
    return done.stdout or str(done.exception)

asked = PlayRequest(controls={"lilt": 1.5})
print(json.dumps({
    "help": {name: out(name, "--help") for name in ("improvise", "trade", "vary")},
    "refused": out("improvise", "blues-f", "--out", "no-folder", "--lilt", "3"),
    "json": asked.to_json(),
    "again": PlayRequest.from_json(asked.to_json()) == asked,
    "asked": Controls().asked({"lilt": 1.5}).lilt,
    "usual": Controls().lilt,
    "knob": KNOBS["lilt"].label,
    "styles": styles.names(),
    "matching": styles.matching("Shout").name,
    "tempo": styles.load("shout").tempo_bpm,
}))
"""


@pytest.fixture(scope="module")
def extended(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a copy of the package says to which a style's file and a knob's line were added."""
    folder = tmp_path_factory.mktemp("package")
    copy = folder / "sideman"
    shutil.copytree(SOURCE, copy, copy_function=os.symlink)
    (copy / "band" / "styles" / "shout.toml").write_text(SHOUT)
    controls = copy / "models" / "controls.py"
    before, after = controls.read_text().split("    best_of:")
    controls.unlink()
    controls.write_text(f"{before}{KNOB}    best_of:{after}")
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("command", ["improvise", "trade", "vary"])
def test_a_knob_is_an_option(extended: dict[str, Any], command: str) -> None:
    (line,) = (row for row in extended["help"][command].splitlines() if "--lilt" in row)
    assert " ".join(line.split()) == "--lilt X How much it lilts. [default: 0.5]"


def test_a_knob_is_checked(extended: dict[str, Any]) -> None:
    assert extended["refused"].startswith("lilt must be between 0 and 2 beats, got 3.")
    assert extended["refused"].endswith("(option --lilt)")


def test_a_knob_is_part_of_a_request_and_of_the_controls(extended: dict[str, Any]) -> None:
    assert extended["json"]["controls"] == {"lilt": 1.5}
    assert extended["again"]
    assert (extended["usual"], extended["asked"], extended["knob"]) == (0.5, 1.5, "lilt")


def test_a_style_of_the_package_is_found(extended: dict[str, Any]) -> None:
    assert "shout" in extended["styles"]
    assert (extended["matching"], extended["tempo"]) == ("shout", 190)


def test_help_lists_a_style_of_the_package(extended: dict[str, Any]) -> None:
    assert "samba, shout, swing" in " ".join(extended["help"]["improvise"].split())


def test_a_style_of_ones_own_plays(tmp_path: Path) -> None:
    path = tmp_path / "shout.toml"
    path.write_text(SHOUT)
    words = ("--seed", "1", "--choruses", "1", "--no-head", "--no-audio", "--model", "course")
    done = call("improvise", "blues-f", "--style", path, *words, "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    (take,) = (tmp_path / "out").glob("*.mid")
    names = {track.name for track in mido.MidiFile(take).tracks}
    assert any("bass" in name.casefold() for name in names)
