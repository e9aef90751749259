"""Training through the service: requests, progress, cancelling, and kinds of other packages."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from sideman.errors import FormatError, ModelError, MusicError, SidemanError
from sideman.files import File
from sideman.formats import registry as formats
from sideman.library import etudes, songbook
from sideman.models import file, registry
from sideman.models.file import ModelFile
from sideman.models.registry import Kind
from sideman.service import learning
from sideman.service.learning import TrainRequest
from sideman.service.requests import Tune
from sideman.training.plan import Given, History, Progress, Trained, Watch

ETUDE = File("etude.ls", formats.dumps(songbook.load("blues-f"), "etude.ls")[0])
NAMES = File("names.txt", b"Bebop\nBlues\nSwing\n")


@pytest.mark.train
def test_it_reports_shares_and_gives_a_model_file() -> None:
    pytest.importorskip("jax")
    shares: list[float] = []
    told: list[str] = []
    request = TrainRequest((NAMES,), "letters", epochs=3, units=4)
    result = learning.train(request, progress=shares.append, watching=Watch(tell=told.append))
    assert result.finished
    assert shares == pytest.approx([1 / 3, 2 / 3, 1, 1])
    assert told == ["3 names, 15 letters, 13 different"]
    assert result.model is not None
    assert file.parse(result.model, "m").training["epochs"] == 3
    assert result.description.startswith("3 epochs, ")
    assert result.description.endswith(" nats a letter")
    assert learning.train(request).model == result.model


@pytest.mark.train
def test_a_cancelled_training_continues_from_its_checkpoint(tmp_path: Path) -> None:
    pytest.importorskip("jax")
    request = TrainRequest((NAMES,), "letters", epochs=4, units=4)
    out = tmp_path / "m.safetensors"
    answers = iter([False, False, True])
    stopped = learning.train(request, out=out, cancel=lambda: next(answers))
    assert (stopped.finished, stopped.failure, stopped.epochs) == (False, "", 2)
    shares: list[float] = []
    rest = learning.train(request, out=out, resume=True, progress=shares.append)
    assert shares == [0.75, 1, 1]
    assert rest.model == learning.train(request).model
    learning.forget(out)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(ModelError, match="no checkpoint") as error:
        learning.train(request, out=out, resume=True)
    assert error.value.field == "resume"


@pytest.mark.parametrize(
    ("request_", "words", "field"),
    [
        (TrainRequest(kind="waltz"), "choose one of soloist, course, letters", "kind"),
        (TrainRequest(kind="ngram"), "No model of kind 'ngram' can be trained", "kind"),
        (TrainRequest((NAMES,), "letters", changes=Tune("blues-f")), "without changes", "changes"),
        (TrainRequest((NAMES,), "letters", split=NAMES), "without a split", "split"),
        (TrainRequest((), "letters", base="soloist"), "cannot be fine-tuned", "base"),
        (TrainRequest(base="course"), "without another model", "base"),
        (TrainRequest(base="nobody"), "Unknown model 'nobody'", "model"),
        (TrainRequest(epochs=0), "0 epochs", "epochs"),
        (TrainRequest(learning_rate=-1.0), "learning rate of -1", "learning_rate"),
        (TrainRequest(kind="soloist"), "needs solos", ""),
        (TrainRequest((ETUDE,), "soloist", units=0), "0 units", ""),
        (TrainRequest((NAMES,), changes=Tune("blues-f")), "names.txt", ""),
    ],
)
def test_what_is_wrong_is_named_before_any_work(
    request_: TrainRequest, words: str, field: str
) -> None:
    with pytest.raises(SidemanError, match=words) as error:
        learning.train(request_)
    assert error.value.field == field


@dataclass(frozen=True)
class Counting:
    """A plan that counts bytes."""

    data: bytes
    unit = "byte"
    epochs = 1
    learning_rate = 1.0
    description = "bytes"

    def train(self, out: Path | None, watch: Watch) -> Trained:
        assert watch.report is not None
        watch.report(Progress(1, 1, 2.0, len(self.data), 1.0))
        content = ModelFile("counting", {"bytes": len(self.data)}, ("a",), {})
        return Trained(content, {"": History((2.0,))}, True)


def test_a_kind_of_another_package_is_trained(monkeypatch: pytest.MonkeyPatch) -> None:
    trainer: Any = ModuleType("counting_trainer")
    trainer.FIELDS, trainer.NETWORKS, trainer.LARGEST_TEXT = frozenset(), ("",), 100

    def prepare(given: Given) -> Counting:
        return Counting(b"".join(each.data for each in given.files))

    trainer.prepare = prepare
    monkeypatch.setitem(sys.modules, "counting_trainer", trainer)
    kind = Kind("counting", "counting", plays=False, trainer="counting_trainer")
    monkeypatch.setattr(registry, "_installed", lambda: (kind,))
    assert registry.trained() == (
        "soloist",
        "course",
        "letters",
        "harmony",
        "jazz-grammar",
        "cfg",
        "counting",
    )
    shares: list[float] = []
    result = learning.train(TrainRequest((NAMES,), "counting"), progress=shares.append)
    assert result.description == "1 epoch, 2.000 nats a byte"
    assert shares == [1, 1]
    assert result.model is not None
    assert registry.identify(result.model, "m.safetensors") is kind
    assert learning.largest_text("counting") == 100


def test_the_corpus_of_the_package_is_the_default() -> None:
    from sideman.training.trainers import course

    assert course.prepare(Given()).description.startswith(f"{len(etudes.all())} solos, ")
    with pytest.raises(MusicError, match=r"etude\.ls: has no notes"):
        course.prepare(Given((ETUDE,)))
    with pytest.raises(FormatError):
        course.prepare(Given((NAMES,)))
