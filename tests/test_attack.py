"""Each reader under attack: 2,000 mutated files, or as many as 10 s of processor time allow."""

from __future__ import annotations

import pytest

from attack import running
from attack.targets import TARGETS


@pytest.mark.parametrize("reader", TARGETS)
def test_a_mutated_file_is_read_or_refused_in_one_sentence(reader: str) -> None:
    report = running.run(reader, inputs=TARGETS[reader].inputs, seconds=10, seed=20261129)
    assert not report.findings, "\n".join(
        f"{one.reason}: {one.data[:200]!r}" for one in report.findings.values()
    )
    assert report.inputs >= 60
    # Mutants that are all refused, or all read, test little.
    assert 0.02 < report.outcomes["refused"] / report.inputs < 0.999
    assert report.outcomes["read"]


def test_faults_are_found() -> None:
    """What ends the process, takes too long, or raises is a finding; a refusal is none."""
    report = running.run("faulty", inputs=24, seconds=60, seed=1, limit=0.05)
    assert report.inputs == 24
    assert {reason.split(" in ")[0] for reason in report.findings} == {
        "fault: the process ended (-9)",
        "fault: ValueError at a library",
        "fault: more than 0.05 s",
    }
    assert report.outcomes["refused"]
    assert report.outcomes["read"]
