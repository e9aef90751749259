"""Version 4 of the course: rests are tokens, and its star import runs its cells."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from realdata import DATA, needs_data
from sideman import course
from sideman.course import layers, v4
from sideman.course.corpus import embedded_corpus
from sideman.course.models import NumpyInference
from sideman.errors import FileError, MissingExtraError, MusicError
from sideman.models.lstm import Parameters

needs_keras = pytest.mark.skipif(find_spec("keras") is None, reason="needs the training extra")
# Keras 3.15 on NumPy 2.4 warns in its own code.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
METHENY = DATA / "metheny"


@pytest.fixture
def golden() -> dict[str, Any]:
    facts = json.loads((METHENY / "tokens-v4.json").read_text())
    assert isinstance(facts, dict)
    return facts


@needs_data
def test_the_course_file_exactly(golden: dict[str, Any]) -> None:
    chords, grammars = v4.get_musical_data(METHENY / "original_metheny.mid")
    assert grammars == golden["abstract_grammars"]
    assert [[list(chord) for chord in row] for row in chords.values()] == golden["chords"]
    corpus, values, _, indices_values = v4.get_corpus_data(grammars)
    assert corpus == golden["corpus"]
    assert values == golden["values"]
    assert indices_values[42] == "C,0.500"
    assert [value[0] for value in values].count("R") == 12


@needs_data
def test_the_old_tokens_are_unchanged(golden: dict[str, Any]) -> None:
    _, grammars = course.get_musical_data(METHENY / "original_metheny.mid")
    notes = [token for token in golden["corpus"] if not token.startswith("R")]
    assert notes == " ".join(grammars).split()


@needs_data
def test_five_results(golden: dict[str, Any]) -> None:
    X, Y, n_values, indices_values, chords = v4.load_music_utils(METHENY / "original_metheny.mid")
    assert (X.shape, Y.shape, n_values) == ((60, 30, 90), (30, 60, 90), 90)
    assert len(chords) == 19
    draw = np.random.RandomState(0)
    first = int(draw.choice(245))
    assert first == 172
    assert indices_values[int(X[0, 1].argmax())] == golden["corpus"][first + 1]


def test_without_the_file_a_corpus_of_as_many_values_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    X, _, n_values, indices_values, chords = v4.load_music_utils()
    assert (X.shape, n_values, len(chords)) == ((60, 30, 90), 90, 25)
    assert any(value.startswith("R") for value in indices_values.values())
    with pytest.raises(FileError, match="leave the path out"):
        v4.load_music_utils("data/original_metheny.mid")


def test_version_3a_stays_at_78() -> None:
    assert course.load_music_utils()[2] == 78
    assert course.x_initializer.shape == (1, 1, 78)
    assert v4.x_initializer.shape == (1, 1, 90)


def test_a_rest_is_no_note_and_its_length_counts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    values = {0: "R,71.000", 1: "C,0.500"}
    chords: Any = {0: [], **{i: [(0, 4, (60, 64, 67))] for i in range(1, 19)}}
    draw = np.random.default_rng(0)
    shapes = [(2, 256), (64, 256), (256,), (64, 2), (2,)]
    network = Parameters(*(draw.normal(size=shape).astype(np.float32) for shape in shapes))
    model = NumpyInference(network, 3)
    _, indices = v4.predict_and_sample(model)
    stream = v4.generate_music(
        model, values, chords, path=tmp_path / "a.mid", rng=np.random.default_rng(1)
    )
    rests = int((indices == 0).sum())
    assert rests > 0
    assert sum(element.isRest for element in stream) == 5 * rests
    assert stream[-1].offset > 71
    said = capsys.readouterr().out
    assert f"Generated {4 - rests} sounds" in said
    old = course.generate_music(
        model, values, chords, path=tmp_path / "b.mid", rng=np.random.default_rng(1)
    )
    assert old.elements == stream.elements


def test_the_order_of_version_3a_is_refused() -> None:
    with pytest.raises(MusicError, match="the values first"):
        wrong: Any = ["C,0.500"]
        v4.generate_music(None, wrong, wrong)
    with pytest.raises(MusicError, match="the values first"):
        v4.generate_music(None, wrong, wrong, wrong, {}, {})


@pytest.mark.parametrize("module", [course, v4])
def test_two_dictionaries_that_are_not_what_they_should_be(module: Any) -> None:
    chords: Any = {number: [(0, 4, (60, 64, 67))] for number in range(7)}
    with pytest.raises(MusicError, match="have changed places"):
        module.generate_music(None, chords, {0: "C,0.500"})
    with pytest.raises(MusicError, match="from a value to its index"):
        module.generate_music(None, {"C,0.500": 0}, chords)


def test_a_list_of_tokens_is_no_text() -> None:
    wrong: Any = ["C,0.500"]
    for function in (v4.prune_grammar, lambda tokens: v4.unparse_grammar(tokens, [])):
        with pytest.raises(MusicError, match="in one text, and was given a list"):
            function(wrong)


def test_a_file_of_another_layout_has_a_cure_at_hand(tmp_path: Path) -> None:
    chords: Any = {number: [(0, 4, (60, 64, 67))] for number in range(4)}
    shapes = [(1, 4), (1, 4), (4,), (1, 1), (1,)]
    model = NumpyInference(Parameters(*(np.zeros(shape, np.float32) for shape in shapes)), 2)
    other = tmp_path / "other.mid"
    v4.generate_music(model, {0: "C,0.500"}, chords, path=other)
    for read in (v4.load_music_utils, course.load_music):
        with pytest.raises(MusicError, match="in Python with get_musical_data") as caught:
            read(other)
        assert "name the" not in str(caught.value)


def test_no_sound_names_no_option_of_another_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "midirenderer", None)
    monkeypatch.chdir(tmp_path)
    course_file = embedded_corpus()
    with pytest.raises(MissingExtraError, match="midirenderer") as caught:
        v4.mid2wav(course_file)
    assert "--synth" not in str(caught.value)


def test_comparator_compares_lists(capsys: pytest.CaptureFixture[str]) -> None:
    v4.comparator([["Dense", 1]], [["Dense", 1]])
    assert "All tests passed!" in capsys.readouterr().out
    with pytest.raises(AssertionError, match="different number"):
        v4.comparator([], [["Dense", 1]])
    with pytest.raises(AssertionError, match="entry 0"):
        v4.comparator([["Dense", 2]], [["Dense", 1]])
    model: Any = object()
    with pytest.raises(AssertionError, match=r"comparator\(summary\(model\), djmodel_out\)"):
        v4.comparator(model, v4.djmodel_out)


@needs_keras
@pytest.mark.train
def test_tf_is_a_namespace_over_keras() -> None:
    assert np.asarray(v4.tf.argmax(np.array([[1.0, 3.0], [2.0, 0.0]]))).tolist() == [1, 0]
    assert np.asarray(v4.tf.one_hot(v4.tf.math.argmax([[1.0, 3, 2]], axis=-1), 3)).tolist() == [
        [0, 1, 0]
    ]
    assert np.asarray(v4.tf.reduce_sum(v4.tf.constant([1.0, 2]), keepdims=True)).tolist() == [3]

    ones = v4.tf.constant([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    for got, wanted in (
        (v4.tf.identity(ones), [[1, 2, 3], [4, 5, 6]]),
        (v4.tf.one_hot([1], 3, 5.0, -1.0), [[-1, 5, -1]]),
        (v4.tf.transpose(ones, perm=[1, 0]), [[1, 4], [2, 5], [3, 6]]),
        (v4.tf.nn.softmax(logits=0 * ones, axis=0), [[0.5] * 3] * 2),
        (v4.tf.gather(ones, [1]), [[4, 5, 6]]),
        (v4.tf.gather(ones, [2, 0], axis=1), [[3, 1], [6, 4]]),
        (v4.tf.concat(values=[ones, ones], axis=1)[0], [1, 2, 3, 1, 2, 3]),
        (v4.tf.reshape(tensor=ones, shape=(3, 2), name="r")[0], [1, 2]),
        (ones[0, v4.tf.newaxis], [[1, 2, 3]]),
    ):
        assert np.asarray(got).tolist() == wanted
    assert np.shape(v4.tf.random.normal((2, 3), stddev=2.0)) == (2, 3)
    assert v4.tf.keras.callbacks.History is layers.keras().callbacks.History
    assert v4.tf.keras.Sequential([v4.tf.keras.layers.Dense(2)]).layers
    assert v4.tf.keras.Model is layers.Model

    doubled = v4.tf.function(experimental_relax_shapes=True)(lambda x: 2 * x)
    assert doubled(v4.tf.function(lambda x: x + 1)(2)) == 6
    with pytest.raises(AttributeError, match=r"tf\.Session is not among"):
        _ = v4.tf.Session
    assert "tensorflow" not in sys.modules


def djmodel(Tx: int, LSTM_cell: Any, densor: Any, reshaper: Any, keyword: bool = False) -> Any:
    X = v4.Input(shape=(Tx, densor.units))
    a0, c0 = v4.Input(shape=(64,), name="a0"), v4.Input(shape=(64,), name="c0")
    a, c, outputs = a0, c0, []
    for t in range(Tx):
        x = X[:, t, :]
        if keyword:
            x = reshaper(inputs=x)
            _, a, c = LSTM_cell(inputs=x, initial_state=(a, c))
            outputs.append(densor(inputs=a))
        else:
            a, _, c = LSTM_cell(reshaper(x), initial_state=[a, c])
            outputs.append(densor(a))
    return v4.Model([X, a0, c0], outputs)


def player(LSTM_cell: Any, densor: Any, Ty: int = 50, depth: int = 90, axis: int = -1) -> Any:
    x0 = v4.Input(shape=(1, 90))
    a0, c0 = v4.Input(shape=(64,), name="a0"), v4.Input(shape=(64,), name="c0")
    x, a, c, outputs = x0, a0, c0, []
    for _ in range(Ty):
        a, _, c = LSTM_cell(x, initial_state=[a, c])
        out = densor(a)
        outputs.append(out)
        x = v4.RepeatVector(1)(v4.tf.one_hot(v4.tf.math.argmax(out, axis=axis), depth))
    return v4.Model(input=[x0, a0, c0], output=outputs)


@needs_keras
@pytest.mark.train
def test_both_generations_of_the_tests_pass(capsys: pytest.CaptureFixture[str]) -> None:
    cells = v4.LSTM_cell, v4.densor
    for keyword in (False, True):
        learnt = v4.summary(djmodel(30, *cells, v4.reshaper, keyword))
        assert list(learnt) == list(v4.djmodel_out)
        v4.comparator(learnt, v4.djmodel_out)
    played = player(*cells)
    assert list(v4.summary(played)) == list(v4.music_inference_model_out)
    v4.comparator(v4.summary(played), v4.music_inference_model_out)
    assert len(played.outputs) == 50
    assert all(output.shape.as_list() == [None, 90] for output in played.outputs)
    assert played.count_params() == 45_530
    assert capsys.readouterr().out.count("All tests passed!") == 3
    v4.check_djmodel(v4.djmodel(30), *cells, v4.reshaper)
    v4.check_inference_model(v4.music_inference_model(*cells, Ty=50), *cells)
    v4.comparator(v4.summary(v4.djmodel(30, *cells, reshaper=v4.reshaper)), v4.djmodel_out)


CELL = """
def learner(LSTM_cell, densor, reshaper):
    X, a0, c0 = Input(shape=(30, 90)), Input(shape=(64,)), Input(shape=(64,))
    a, c, outputs = a0, c0, []
    for t in range(30):
        x = reshaper(X[:, t, :])
        a, _, c = LSTM_cell(x, initial_state=[a, c])
        out = densor(a)
        outputs.append(out)
    return Model(inputs=[X, a0, c0], outputs=outputs)
expected = djmodel_out
"""
PLAYER = """
def learner(LSTM_cell, densor, reshaper):
    x0, a0, c0 = Input(shape=(1, 90)), Input(shape=(64,)), Input(shape=(64,))
    x, a, c, outputs = x0, a0, c0, []
    for t in range(50):
        a, _, c = LSTM_cell(x, initial_state=[a, c])
        out = densor(a)
        outputs.append(out)
        x = tf.math.argmax(out, axis=-1)
        x = tf.one_hot(x, 90)
        x = RepeatVector(1)(x)
    return Model(inputs=[x0, a0, c0], outputs=outputs)
expected = music_inference_model_out
"""


def compare(source: str, before: str, after: str) -> None:
    space: dict[str, Any] = {}
    exec("from sideman.course.v4 import *" + source.replace(before, after), space)
    model = space["learner"](space["LSTM_cell"], space["densor"], space["reshaper"])
    space["comparator"](space["summary"](model), space["expected"])


@needs_keras
@pytest.mark.train
@pytest.mark.parametrize(
    ("source", "before", "after"),
    [
        (CELL, "X[:, t, :]", "Lambda(lambda z: X[:, t, :])(X)"),
        (CELL, "a, _, c = LSTM_cell(x,", "_, a, c = LSTM_cell(inputs=x,"),
        (CELL, "inputs=[X, a0, c0], outputs=outputs", "[X, a0, c0], outputs"),
        (PLAYER, "out, axis=-1", "out, 1"),
        (PLAYER, "tf.one_hot(x, 90)", "tf.one_hot(indices=x, depth=90)"),
        (PLAYER, "RepeatVector(1)(x)", "tf.expand_dims(x, 1)"),
    ],
)
def test_usual_spellings_pass_the_comparator(
    source: str, before: str, after: str, capsys: pytest.CaptureFixture[str]
) -> None:
    compare(source, before, after)
    assert "All tests passed!" in capsys.readouterr().out


@needs_keras
@pytest.mark.train
@pytest.mark.parametrize(
    ("source", "before", "after", "said"),
    [
        (CELL, "X[:, t, :]", "X[:, 1, :]", "uses step 1 of X"),
        (CELL, "[a, c])", "[a0, c0])", "starts from a0 and c0 again"),
        (CELL, "densor(a)", "densor(Dropout(0.5)(a))", "do not belong to it, Dropout"),
        (CELL, "inputs=[X, a0, c0]", "inputs=[X, c0, a0]", "swapped"),
        (CELL, "return Model(inputs=[X, a0, c0], outputs=outputs)", "return outputs", "a list"),
        (PLAYER, "a, _, c =", "a, _, _ =", "uses c0 as its cell state"),
        (PLAYER, "tf.one_hot(x, 90)", "out", r"one-hot, x = tf\.math\.argmax\(out, axis=-1\)"),
        (PLAYER, "        x = RepeatVector(1)(x)", "        x = x0", "uses x0 again"),
        (PLAYER, "range(50)", "range(30)", "30 outputs instead of Ty = 50"),
    ],
)
def test_wrong_solutions_fail_the_comparator(
    source: str, before: str, after: str, said: str
) -> None:
    with pytest.raises(AssertionError, match=said):
        compare(source, before, after)


@needs_keras
@pytest.mark.train
def test_the_state_may_stand_behind_the_input_in_one_list() -> None:
    cell = v4.LSTM(64, return_state=True)
    inputs = [v4.Input(shape=shape) for shape in ((1, 90), (64,), (64,))]
    for a, _, c in (cell(inputs), cell(inputs=inputs), cell(inputs=tuple(inputs))):
        assert a.shape == c.shape == (None, 64)


def test_a_function_is_no_model_that_plays() -> None:
    nothing: Any = v4.inference_model
    with pytest.raises(MusicError, match="build it first"):
        v4.generate_music(nothing, {0: "C,0.500"}, {number: [] for number in range(7)})


@needs_keras
@pytest.mark.train
def test_a_wrong_solution_fails_with_the_reason() -> None:
    short = v4.summary(djmodel(29, v4.LSTM_cell, v4.densor, v4.reshaper))
    with pytest.raises(AssertionError, match="Error in test"):
        v4.comparator(short, v4.djmodel_out)
    with pytest.raises(AssertionError, match="return Model"):
        v4.summary(None)
    with pytest.raises(AssertionError, match=r"not the function: call djmodel\(\.\.\.\)"):
        v4.summary(djmodel)


CELLS = sorted((DATA / "course-v4").glob("*.py")) + sorted((DATA / "reports").glob("cell-*.py"))


@needs_data
@needs_keras
@pytest.mark.train
def test_the_cells_of_learners_print_what_they_should(tmp_path: Path) -> None:
    """Each file's last comment is what its last line prints; all run in one process."""
    (tmp_path / "data").mkdir()
    shutil.copy(METHENY / "original_metheny.mid", tmp_path / "data")
    assert len(CELLS) == 8
    program = "".join(
        f"print('#', {path.name!r})\nexec({path.read_text()!r}, {{}})\n" for path in CELLS
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    said = dict(block.strip().split("\n", 1) for block in done.stdout.split("# ") if block.strip())
    assert said == {
        "01_load.py": "(60, 30, 90) (30, 60, 90) 90 19",
        "02_rests.py": "12",
        "03_inputs_keyword.py": "(None, 64)",
        "04_tf.py": "[[0.0, 1.0, 0.0]]",
        "05_comparator.py": "\033[32mAll tests passed!\033[0m",
        "cell-inputs-keyword.py": "(None, 64)",
        "cell-model-input.py": "1",
        "cell-v4-load.py": "(60, 30, 90) (30, 60, 90) 90",
    }


def test_the_star_import_has_every_name() -> None:
    names: dict[str, Any] = {}
    exec("from sideman.course.v4 import *", names)
    assert set(v4.__all__) <= set(names)
    assert "reshapor" not in names
    assert names["LSTM_cell"] is not course.LSTM_cell
    assert names["check_training"].__doc__.startswith("Check that the loss")
