"""A take and a model file of version 0.1 are read and give the same notes as in version 0.1."""

from pathlib import Path

from frozen import facts

FROZEN = facts.stored("files")


def test_a_take_gives_its_line_and_changes() -> None:
    assert facts.take_facts(facts.TAKE) == FROZEN["take"]


def test_a_take_is_converted(tmp_path: Path) -> None:
    assert facts.chart_facts(facts.TAKE, tmp_path) == FROZEN["chart"]


def test_a_model_file_plays(tmp_path: Path) -> None:
    found = facts.model_facts(facts.MODEL, tmp_path)
    assert found["tracks"] == FROZEN["model"]["tracks"]
