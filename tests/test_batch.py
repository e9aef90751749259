"""Batches of songs whose processes are killed."""

from __future__ import annotations

from pathlib import Path

import pytest

from sideman.output.audio import batch
from sideman.output.audio.batch import Job
from sideman.processes import KilledError
from workers import work

pytest.importorskip("midirenderer")


def test_a_killed_process_costs_one_song(tmp_path: Path) -> None:
    names = ["a", "once-1", "b", "dies", "bad", "c", "d", "e", "f", "g"]
    jobs = [Job(tmp_path / f"{name}.mid", tmp_path / f"{name}.wav") for name in names]
    found = dict(batch.render_all(jobs, processes=2, work=work))
    assert {job.song.stem: outcome for job, outcome in found.items() if outcome != 1.0} == {
        "bad": found[jobs[4]],
        "dies": found[jobs[3]],
    }
    assert len(found) == len(jobs)
    killed = found[jobs[3]]
    assert isinstance(killed, KilledError)
    assert "dies.mid: the process that rendered it was killed" in str(killed)
