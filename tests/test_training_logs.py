"""Training logs, and how they go on where a training is resumed."""

import csv
import struct
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from commands import call, sentence
from sideman.errors import SidemanError
from sideman.service import learning
from sideman.service.requests import File
from sideman.training import logs
from sideman.training.plan import Progress

pb = pytest.importorskip("tensorboardX.proto.event_pb2")
NAMES = "\n".join(("anna", "anton", "nina", "tina", "tanna", "nanon", "antonina"))


def epoch(number: int, network: str = "", **more: object) -> Progress:
    return Progress(number, 4, 1 / number, 100, 0.5, network, **more)  # type: ignore[arg-type]


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as stream:
        return list(csv.DictReader(stream))


def events(folder: Path) -> Iterator[tuple[str, int, float, int]]:
    """Yield the scalars of the event files, and the steps from which earlier ones are dropped."""
    for path in sorted(folder.rglob(logs._EVENTS)):
        data = path.read_bytes()
        while data:
            (length,) = struct.unpack("<Q", data[:8])
            event = pb.Event.FromString(data[12 : 12 + length])
            data = data[16 + length :]
            if event.session_log.status:
                yield "purge", event.step, 0.0, event.session_log.status
            for value in event.summary.value:
                yield value.tag, event.step, round(value.simple_value, 4), 0


def written(table: Path, *reports: Progress, resumed: bool = False) -> None:
    logs.Logs(table, None).check(resumed)
    with logs.Logs(table, None).opened(resumed) as log:
        for each in reports:
            log(each)


def test_a_resumed_log_has_each_epoch_once(tmp_path: Path) -> None:
    table = tmp_path / "log.csv"
    written(table, epoch(1, "ioi"), epoch(2, "ioi", held_out=0.25), epoch(1, "pitch"))
    written(table, epoch(2, "ioi"), epoch(3, "ioi"), epoch(2, "pitch"), resumed=True)
    found = [(row["network"], row["epoch"], row["held_out"]) for row in rows(table)]
    assert sorted(found) == [
        ("ioi", "1", ""),
        ("ioi", "2", ""),
        ("ioi", "3", ""),
        ("pitch", "1", ""),
        ("pitch", "2", ""),
    ]
    assert rows(table)[0]["loss"] == "1.0"
    written(table, epoch(1), epoch(2, text="a step,\nin two lines"))
    assert [(row["loss"], row["text"]) for row in rows(table)] == [
        ("1.0", ""),
        ("", "a step,\nin two lines"),
    ]


def test_a_row_that_is_cut_is_left_out(tmp_path: Path) -> None:
    table = tmp_path / "log.csv"
    written(table, epoch(1), epoch(2))
    table.write_text(table.read_text()[:-12])
    written(table, epoch(2), resumed=True)
    assert [row["epoch"] for row in rows(table)] == ["1", "2"]


def test_event_files_of_a_resumed_training_drop_what_comes_again(tmp_path: Path) -> None:
    for resumed, first in ((False, 1), (True, 2)):
        logs.Logs(None, tmp_path).check(resumed)
        with logs.Logs(None, tmp_path).opened(resumed) as log:
            log(epoch(first, "pitch", held_out=0.5))
            log(epoch(first + 1, "pitch"))
    found = list(events(tmp_path / "pitch"))
    assert ("loss/training", 3, round(1 / 3, 4), 0) in found
    assert ("loss/held_out", 1, 0.5, 0) in found
    assert [step for tag, step, *_ in found if tag == "purge"] == [1, 2]
    with pytest.raises(SidemanError, match="event files of another training"):
        logs.Logs(None, tmp_path).check(False)


def test_what_is_no_log_is_kept(tmp_path: Path) -> None:
    other = tmp_path / "figures.csv"
    other.write_text("a,b\n1,2\n")
    with pytest.raises(SidemanError, match="is no log of a training"):
        logs.Logs(other, None).check(True)
    assert other.read_text() == "a,b\n1,2\n"


@pytest.mark.train
def test_a_training_that_was_stopped_goes_on_in_its_log(tmp_path: Path) -> None:
    pytest.importorskip("jax")
    request = {"kind": "letters", "epochs": 6, "units": 6}
    stops = iter([False] * 4 + [True] + [False] * 1000)

    def train(name: str, cancel: object = None) -> tuple[learning.TrainResult, Path]:
        table = tmp_path / f"{name}.csv"
        result = learning.train(
            learning.TrainRequest(corpus=[File("names.txt", NAMES.encode())], **request),  # type: ignore[arg-type]
            out=tmp_path / f"{name}.safetensors",
            log=logs.Logs(table),
            cancel=cancel,  # type: ignore[arg-type]
        )
        return result, table

    whole, once = train("whole")
    cut, twice = train("parts", lambda: next(stops))
    assert not cut.finished
    assert 0 < len(rows(twice)) < 6
    again, _ = train("parts")
    assert again.model == whole.model
    first, second = ([{**row, "seconds": ""} for row in rows(path)] for path in (once, twice))
    assert first == second
    assert [float(row["loss"]) for row in first] == [*whole.histories[""].losses]


def test_wrong_logs_are_refused_before_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = tmp_path / "names.txt"
    names.write_text(NAMES)
    command = ("train", names, "--model-kind", "letters", "--out", tmp_path / "m.safetensors")
    assert "(option --log)" in sentence(call(*command, "--log", names))
    assert "is a folder" in sentence(call(*command, "--log", tmp_path))
    assert "is not a folder" in sentence(call(*command, "--tensorboard", names))
    monkeypatch.setitem(sys.modules, "tensorboardX", None)
    assert "sideman[log]" in sentence(call(*command, "--tensorboard", tmp_path / "runs"))
    assert [*tmp_path.iterdir()] == [names]
