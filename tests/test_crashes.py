"""Kills at any moment: nothing torn, nothing left over, the same result when run again."""

from __future__ import annotations

from pathlib import Path

import pytest

from attack import crashes
from attack.crashes import Command

PLAYING = Command.of(
    "improvise '| F7 | Bb7 |' --choruses 1 --seed 1 --no-audio --score musicxml --roll svg "
    "--out {out}"
)


def test_no_kill_leaves_a_torn_file(tmp_path: Path) -> None:
    found, final = crashes.states(PLAYING)
    assert len(final) == 3
    assert len(found) >= 6
    for number, files in enumerate(found):
        assert list(crashes.wrong(files, final)) == []
        if number % 3 == 1:  # run again, it clears what was left and completes the rest
            folder = tmp_path / str(number)
            crashes.restore(files, folder)
            assert PLAYING.run(folder) == 0
            assert crashes.state(folder) == final


@pytest.mark.train
def test_a_killed_training_continues_to_the_same_bytes(tmp_path: Path) -> None:
    pytest.importorskip("jax")
    names = tmp_path / "names.txt"
    names.write_text("Bebop\nBlues\nSwing\n", encoding="utf-8")
    command = Command.of(
        f"train {names} --model-kind letters --epochs 3 --units 4 --out {{out}}/m.safetensors"
    )
    found, final = crashes.states(command)
    assert list(final) == ["m.safetensors"]
    assert sum("m.checkpoint.safetensors" in files for files in found) >= 3
    for files in found:
        assert list(crashes.wrong(files, final, ("checkpoint",))) == []
    folder = tmp_path / "again"
    crashes.restore(found[len(found) // 2], folder)
    assert command.run(folder) == 0
    assert crashes.state(folder) == final


def test_a_torn_file_would_be_found(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    crashes.restore({"a.mid": b"half", ".sideman-x.partial.mid": b"h"}, folder)
    assert list(crashes.wrong(crashes.state(folder), {"a.mid": b"whole"})) == [
        "a.mid: 4 bytes of 5"
    ]
