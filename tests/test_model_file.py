"""The one model file: canonical bytes, everything checked, one sentence when it does not fit."""

import contextlib
import json
import pickle
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import save

from commands import call, sentence
from playing import small_model, small_model_file
from sideman.errors import FileError, ModelError
from sideman.evaluation import scorers
from sideman.library import etudes
from sideman.models import file, lstm, registry
from sideman.models.course import network as course
from sideman.models.course.network import CourseModel
from sideman.models.events import from_solo
from sideman.models.file import ModelFile
from sideman.models.soloist import NeuralSoloist
from sideman.service import learning

CONTENT = course.to_file(
    small_model(), corpus="ab" * 32, training={"loss": 1.25}, versions={"x": "1"}
)
DATA = file.dumps(CONTENT)


def header(**changed: Any) -> bytes:
    """The small model's file with other entries in its header."""
    size = int.from_bytes(DATA[:8], "little")
    metadata = json.loads(DATA[8 : 8 + size])["__metadata__"]["sideman"]
    entries = json.loads(metadata) | changed
    entries = {key: value for key, value in entries.items() if value is not None}
    return save(dict(CONTENT.weights), {"sideman": json.dumps(entries)})


def test_what_is_written_is_read() -> None:
    found = file.parse(DATA, "x")
    assert replace(found, weights={}).__repr__() == replace(CONTENT, weights={}).__repr__()
    assert found.weights.keys() == CONTENT.weights.keys()
    for name, tensor in CONTENT.weights.items():
        assert found.weights[name].dtype == np.float32
        np.testing.assert_array_equal(found.weights[name], tensor)


def test_the_same_model_gives_the_same_bytes() -> None:
    shuffled = replace(
        CONTENT,
        weights=dict(reversed(list(CONTENT.weights.items()))),
        training={"loss": 1.25},
    )
    assert file.dumps(shuffled) == DATA
    assert file.dumps(file.parse(DATA, "x")) == DATA
    size = int.from_bytes(DATA[:8], "little")
    text = json.loads(DATA[8 : 8 + size])["__metadata__"]["sideman"]
    assert text == json.dumps(json.loads(text), sort_keys=True, separators=(",", ":"))


def test_counts_and_arrays_without_axes_keep_their_types() -> None:
    weights: dict[str, Any] = {
        "a": np.arange(6, dtype=np.uint16).reshape(2, 3).T,
        "b": np.float32(3.5).reshape(()),
        "c": np.arange(3, dtype=np.float64),
    }
    found = file.parse(file.dumps(ModelFile("some", {}, (), weights)), "x").weights
    assert found["a"].dtype == np.uint16
    np.testing.assert_array_equal(found["a"], weights["a"])
    assert found["b"].shape == ()
    assert found["c"].dtype == np.float32


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "not a safetensors file"),
        (b"MThd\0\0\0\6" + bytes(50), "not a safetensors file"),
        (pickle.dumps({"weights": [1.0] * 50}), "not a safetensors file"),
        (DATA[:40], "cut short"),
        (DATA[:-1], "don't fit the file"),
        (DATA + b"\0", "don't fit the file"),
        ((1 << 62).to_bytes(8, "little") + b"{" + bytes(20), "header is said to be"),
        ((20).to_bytes(8, "little") + b"{" + bytes(19), "header is damaged"),
        ((60_000).to_bytes(8, "little") + b'{"a":' + b"[" * 59_995, "header is damaged"),
        (save({"a": np.zeros(3, np.float32)}), "no model of sideman's"),
        (save({"a": np.zeros(3, np.float32)}, {"other": "x"}), "no model of sideman's"),
        (save({"a": np.zeros(3, np.float32)}, {"sideman": "[]"}), "header is damaged"),
        (save({"a": np.zeros(3, np.float32)}, {"sideman": "{"}), "header is damaged"),
        (save({"a": np.zeros(3, np.float32)}, {"sideman": '{"a":NaN}'}), "header is damaged"),
        (save({"a": np.zeros(3)}, {"sideman": "{}"}), "F64"),
        (save({"a": np.array([1, np.nan], "f4")}, {"sideman": "{}"}), "no number"),
        (save({"a": np.array([1, np.inf], "f4")}, {"sideman": "{}"}), "no number"),
        (header(format=2), "written in format 2"),
        (header(format="1"), "no proper 'format'"),
        (header(format=True), "no proper 'format'"),
        (header(grammar=99), "speaks version 99 of the grammar"),
        (header(kind=None), "no proper 'kind'"),
        (header(config=[]), "no proper 'config'"),
        (header(vocabulary=[1, 2]), "vocabulary"),
        (header(vocabulary=["C,0.500", "C,0.500"]), "names a word twice"),
        (header(vocabulary=["C" * 300]), "vocabulary"),
        (header(versions={"jax": 1}), "no proper 'versions'"),
    ],
)
def test_a_file_that_does_not_fit_is_refused_in_a_sentence(data: bytes, words: str) -> None:
    with pytest.raises(ModelError) as caught:
        file.parse(data, "mine.safetensors")
    message = str(caught.value)
    assert words in message
    assert message.startswith("mine.safetensors: ")
    assert message.endswith(".")
    assert "\n" not in message


def broken(change: Callable[[dict[str, Any]], object], **header: Any) -> ModelFile:
    weights = dict(CONTENT.weights)
    change(weights)
    return replace(CONTENT, weights=weights, **header)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (replace(CONTENT, kind="soloist"), "kind 'soloist'"),
        (replace(CONTENT, config={}), "None units"),
        (replace(CONTENT, config={"units": 8.0}), "8.0 units"),
        (replace(CONTENT, config={"units": True}), "True units"),
        (replace(CONTENT, config={"units": 10**12}), "cannot be played"),
        (replace(CONTENT, config={"units": 9}), "needs (36,)"),
        (replace(CONTENT, vocabulary=CONTENT.vocabulary[:-1]), "needs"),
        (replace(CONTENT, vocabulary=()), "0 tokens"),
        (replace(CONTENT, vocabulary=("Q,1", *CONTENT.vocabulary[1:])), "'Q,1' is not a token"),
        (broken(lambda w: w.pop("bias")), "'bias' have the shape None"),
        (broken(lambda w: w.update(extra=w["bias"])), "'extra'"),
        (broken(lambda w: w.update(bias=w["bias"][:-1])), "'bias' have the shape (31,)"),
        (broken(lambda w: w.update(bias=w["bias"].astype("u1"))), "float32"),
    ],
)
def test_a_model_whose_parts_do_not_fit_is_refused(content: ModelFile, words: str) -> None:
    with pytest.raises(ModelError) as caught:
        course.from_file(file.parse(file.dumps(content), "mine"), "mine")
    assert words in str(caught.value)
    assert str(caught.value).startswith("mine: ")


def test_weights_that_are_no_numbers_are_not_written(tmp_path: Path) -> None:
    content = broken(lambda w: w.update(bias=w["bias"] * np.float32(np.nan)))
    with pytest.raises(ModelError, match="'bias' hold a value that is no number"):
        file.write(tmp_path / "a.safetensors", content)
    assert list(tmp_path.iterdir()) == []


@given(st.data())
@settings(deadline=None, max_examples=300, derandomize=True)
def test_damage_gives_a_model_or_a_sentence(data: st.DataObject) -> None:
    damaged = bytearray(DATA)
    size = int.from_bytes(DATA[:8], "little")
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, size + 16))
        damaged[at] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(damaged)) | st.just(len(damaged)))
    with contextlib.suppress(ModelError):
        model = course.from_file(file.parse(bytes(damaged[:cut]), "x"), "x")
        assert model.parameters.size == len(model.tokens)


@given(st.binary(max_size=300))
@settings(deadline=None, max_examples=200, derandomize=True)
def test_any_bytes_give_a_sentence(data: bytes) -> None:
    with pytest.raises(ModelError):
        file.parse(data, "x")


def test_a_model_is_named_by_its_path_or_by_the_name_it_comes_under(tmp_path: Path) -> None:
    path = small_model_file(tmp_path)
    model, shipped = registry.load(path), registry.load("course")
    assert isinstance(model, CourseModel)
    assert isinstance(shipped, CourseModel)
    assert model.tokens == small_model().tokens
    assert shipped.parameters.units == lstm.UNITS
    assert isinstance(registry.load(), NeuralSoloist)
    assert isinstance(registry.load("soloist"), NeuralSoloist)
    like = registry.load(like="parker")
    assert isinstance(like, NeuralSoloist)
    assert like.like == "Charlie Parker"
    with pytest.raises(ModelError, match="has no players"):
        registry.load("course", like="parker")
    assert file.locate("course") == file.locate(file.locate("course"))
    assert "course" in file.names()


def test_an_unknown_model_is_answered_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"Unknown model 'corse'; did you mean course\?"):
        registry.load("corse")
    with pytest.raises(ModelError, match=r"Known: cfg, course, jazz-grammar, soloist\."):
        registry.load("zzzzzzz")
    for name in (tmp_path / "none.safetensors", "none.safetensors", "a/b"):
        with pytest.raises(FileError, match="no such model file"):
            registry.load(name)
    with pytest.raises(
        FileError, match=r"make it: sideman train, or sideman inspect, which copies"
    ):
        registry.load("my.grammar")
    with pytest.raises(FileError, match="is a folder; give the file of a model"):
        registry.load(tmp_path)
    with pytest.raises(ModelError):
        registry.load("a\0b")


def test_a_model_of_an_unknown_kind_is_told(tmp_path: Path) -> None:
    path = tmp_path / "new.safetensors"
    file.write(path, replace(CONTENT, kind="chorister"))
    with pytest.raises(ModelError, match="of kind 'chorister' is unknown to this version"):
        registry.load(path)


def test_what_is_shipped_says_where_it_comes_from() -> None:
    content = file.read(file.locate("course"))
    assert content.kind == "course"
    assert len(content.corpus) == 64
    assert content.training["epochs"] > 0
    assert {"jax", "keras", "numpy", "sideman"} <= content.versions.keys()
    assert file.locate("course").stat().st_size < 1024 * 1024


def test_the_models_listed_are_those_that_fit_what_is_asked() -> None:
    """A model that comes with sideman has the name of its kind; those listed do what is asked."""
    events = from_solo(etudes.load(etudes.names()[0]), "an étude").until(3)
    for name in file.names():
        kind, model = registry.open_model(name)
        assert kind.name == name
        assert hasattr(model, "defaults") == kind.plays == (name in registry.players())
        try:
            scored = bool(scorers.named(name).distributions(events))
        except ModelError:
            scored = False
        assert scored == (name in scorers.scoring())
    assert learning.tunable() == ("soloist",)


@pytest.mark.parametrize(
    ("command", "listed"),
    [
        ("improvise blues-f --model", "Known: cfg, course, jazz-grammar, soloist. Or give"),
        ("surprise blues-f --model", "Known: harmony. Or give"),
        ("reharmonize blues-f --model", "Known: harmony. Or give"),
        ("train --out x.safetensors --init-from", "Known: soloist. Or give"),
        ("say", "check the name. Or give the path"),
        (
            "evaluate one.ls --model",
            "Known: unigram, bigram, kneser-ney, ngram, blend, course, jazz",
        ),
    ],
)
def test_an_unknown_name_lists_what_fits_the_command(
    command: str, listed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "one.ls").write_text("(title One)\nC7 | F7 |\nc4 d4 e4 f4\n")
    assert listed in sentence(call(*command.split(), "xyzzy"))
