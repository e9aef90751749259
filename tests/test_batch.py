"""Batches of songs whose processes are killed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from sideman.output.audio import batch
from sideman.output.audio.batch import Job, Rendered
from sideman.processes import KilledError
from workers import work

pytest.importorskip("midirenderer")


def test_a_killed_process_costs_one_song(tmp_path: Path) -> None:
    names = ["a", "once-1", "b", "dies", "bad", "c", "d", "e", "f", "g"]
    jobs = [Job(tmp_path / f"{name}.mid", tmp_path / f"{name}.wav") for name in names]
    found = dict(batch.render_all(jobs, processes=2, work=work))
    assert {
        job.song.stem: outcome
        for job, outcome in found.items()
        if outcome != Rendered(job.sound, 1.0)
    } == {
        "bad": found[jobs[4]],
        "dies": found[jobs[3]],
    }
    assert len(found) == len(jobs)
    killed = found[jobs[3]]
    assert isinstance(killed, KilledError)
    assert "dies.mid: the process that rendered it was killed" in str(killed)


@pytest.mark.skipif(sys.platform == "win32", reason="files are not locked")
def test_a_batch_that_ends_early_removes_what_its_processes_had_begun(tmp_path: Path) -> None:
    jobs = [Job(tmp_path / f"{name}.mid", tmp_path / "sound" / f"{name}.wav") for name in "abcd"]
    begun = batch.render_all(jobs, processes=2, work=work)
    next(begun)
    (tmp_path / "sound").mkdir()
    for name in (".sideman-x.partial.wav", "kept.partial.wav"):
        (tmp_path / "sound" / name).touch()
    begun.close()  # type: ignore[attr-defined]
    assert [each.name for each in (tmp_path / "sound").iterdir()] == ["kept.partial.wav"]


@pytest.mark.skipif(sys.platform == "win32", reason="signals differ")
def test_a_process_that_is_terminated_twice_leaves_no_half_file(tmp_path: Path) -> None:
    program = (
        "import os, signal, sys, pathlib\n"
        "from sideman import files\n"
        "from sideman.output.audio import EVERYBODY, batch\n"
        "def again(path, missing_ok=False, unlink=pathlib.Path.unlink):\n"
        "    os.kill(os.getpid(), signal.SIGTERM)\n"
        "    unlink(path, missing_ok=missing_ok)\n"
        "def render(song, sound, **_):\n"
        "    with files.writing_whole(sound) as path:\n"
        "        path.write_text('half')\n"
        "        pathlib.Path.unlink = again\n"
        "        os.kill(os.getpid(), signal.SIGTERM)\n"
        "batch.render = render\n"
        "batch._initialise()\n"
        "place = pathlib.Path(sys.argv[1])\n"
        "batch._outcome(batch.Job(place / 'a.mid', place / 'a.wav'), EVERYBODY, False)\n"
        "print('still here')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True
    )
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "")
    assert list(tmp_path.iterdir()) == []
