"""The learner's checks: each wrong way must be caught, and named."""

# ruff: noqa: ARG005 - wrong functions leave their arguments alone

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from sideman.course import (
    LSTM,
    Dense,
    Input,
    K,
    Lambda,
    Model,
    RepeatVector,
    checks,
    layers,
    to_categorical,
)
from sideman.course.checks import (
    CheckError,
    check_djmodel,
    check_inference_model,
    check_lstm_step,
    check_one_hot,
    check_predict_and_sample,
    check_training,
)

TX, UNITS, VALUES = 5, 4, 6
SIZES = {"n_a": UNITS, "n_values": VALUES}

# Keras' variables under NumPy 2.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
train = pytest.mark.train
needs_keras = pytest.mark.skipif(
    importlib.util.find_spec("keras") is None, reason="needs the extra train"
)


def sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


def step(x: Any, a: Any, c: Any, W: Any, U: Any, b: Any) -> Any:
    i, f, g, o = np.split(x @ W + a @ U + b, 4, axis=-1)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c), c


def test_lstm_step(capsys: pytest.CaptureFixture[str]) -> None:
    check_lstm_step(step)
    assert capsys.readouterr().out.startswith("✓ lstm_step")


def other_order(x: Any, a: Any, c: Any, W: Any, U: Any, b: Any) -> Any:
    f, i, g, o = np.split(x @ W + a @ U + b, 4, axis=-1)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c), c


def without_tanh(x: Any, a: Any, c: Any, W: Any, U: Any, b: Any) -> Any:
    i, f, g, o = np.split(x @ W + a @ U + b, 4, axis=-1)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * c, c


def stale_memory(x: Any, a: Any, c: Any, W: Any, U: Any, b: Any) -> Any:
    i, f, g, o = np.split(x @ W + a @ U + b, 4, axis=-1)
    return sigmoid(o) * np.tanh(c), sigmoid(f) * c + sigmoid(i) * np.tanh(g)


def odd_output(x: Any, a: Any, c: Any, W: Any, U: Any, b: Any) -> Any:
    return step(x, a, c, W, U, b)[0] * 2, step(x, a, c, W, U, b)[1]


def sigmoid_candidate(x: Any, a: Any, c: Any, W: Any, U: Any, b: Any) -> Any:
    i, f, g, o = np.split(x @ W + a @ U + b, 4, axis=-1)
    c = sigmoid(f) * c + sigmoid(i) * sigmoid(g)
    return sigmoid(o) * np.tanh(c), c


def no_forgetting(x: Any, a: Any, c: Any, W: Any, U: Any, b: Any) -> Any:
    i, _, g, o = np.split(x @ W + a @ U + b, 4, axis=-1)
    c = c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c), c


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (lambda *_: None, "return a, c"),
        (lambda *_: np.zeros(3), "two arrays"),
        (lambda x, a, c, W, U, b: (x @ W, c), "np.split"),
        (lambda *given: step(*given)[::-1], "changed places"),
        (lambda x, a, c, W, U, b: step(x, a, c, W, U, 0), "bias is missing"),
        (lambda x, a, c, W, U, b: step(x, a, c, W, 0 * U, b), "no a @ U"),
        (lambda x, a, c, W, U, b: step(0 * x, a, c, W, U, b), "no x @ W"),
        (lambda x, a, c, W, U, b: step(x, a, 0 * c, W, U, b), "old memory is lost"),
        (lambda x, a, c, W, U, b: step(x, a, c, 2 * W, U, b), "Neither"),
        (other_order, "order f, i, g, o"),
        (without_tanh, "without its tanh"),
        (stale_memory, "memory of before"),
        (odd_output, "output a is not"),
        (sigmoid_candidate, "may be negative"),
        (no_forgetting, "forget gate is not used"),
    ],
)
def test_wrong_lstm_steps(function: Callable[..., Any], said: str) -> None:
    with pytest.raises(CheckError, match=said):
        check_lstm_step(function)


class Cells:
    """Fresh cells, small and sharp: with weights near zero all values would be alike."""

    def __init__(self, activation: str | None = "softmax") -> None:
        draw = np.random.default_rng(1)
        self.cell: Any = LSTM(UNITS, return_state=True)
        self.dense: Any = Dense(VALUES, activation=activation)
        self.cell.build((None, 1, VALUES))
        self.dense.build((None, UNITS))
        for layer in (self.cell, self.dense):
            layer.set_weights([draw.normal(size=array.shape) for array in layer.get_weights()])


def inputs(first: tuple[int, int]) -> tuple[Any, Any, Any]:
    return Input(shape=first), Input(shape=(UNITS,)), Input(shape=(UNITS,))


def learner(
    cells: Cells,
    *,
    at: Callable[[int], int] = lambda t: t,
    late: bool = False,
    state: str = "",
    new_lstm: bool = False,
    new_dense: bool = False,
    steps: int = TX,
) -> Any:
    X, a0, c0 = inputs((TX, VALUES))
    a, c = a0, c0
    outputs = []
    for t in range(steps):
        if late:
            # Keras' own: it calls the function again whenever the model runs.
            x = layers.keras().layers.Lambda(lambda z: z[:, t : t + 1, :])(X)  # noqa: B023
        else:
            x = X[:, at(t) : at(t) + 1, :]
        cell = LSTM(UNITS, return_state=True) if new_lstm else cells.cell
        dense = Dense(VALUES, activation="softmax") if new_dense else cells.dense
        if state == "zeros":
            a, _, c = cell(x)
        elif state == "crossed":
            a, _, c = cell(x, initial_state=[c, a])
        else:
            before_a, before_c = a, c
            a, again, c = cell(x, initial_state=[a, c])
        out = dense(c if state == "dense on memory" else a)
        outputs.append(out)
        if state == "again":
            a, c = a0, c0
        elif state == "output for memory":
            c = again
        elif state == "memory of the start":
            c = before_c
        elif state == "output of the start":
            a = before_a
    return Model(inputs=[X, a0, c0], outputs=outputs)


def check_small(model: Any, *cells: Any) -> None:
    check_djmodel(model, *cells, Tx=TX, **SIZES)


@train
@needs_keras
def test_djmodel(capsys: pytest.CaptureFixture[str]) -> None:
    cells = Cells()
    model = learner(cells)
    check_small(model)
    check_small(model, cells.cell, cells.dense)
    assert f"{model.count_params()} parameters" in capsys.readouterr().out


@train
@needs_keras
def test_the_course_own_models_pass(capsys: pytest.CaptureFixture[str]) -> None:
    from sideman.course import LSTM_cell, densor, djmodel, music_inference_model

    check_djmodel(djmodel(30, 64, 78), LSTM_cell, densor)
    assert "41,678 parameters" in capsys.readouterr().out
    played = music_inference_model(LSTM_cell, densor, 78, 64, Ty=50)
    check_inference_model(played, LSTM_cell, densor)
    check_one_hot(layers.one_hot)


@train
@needs_keras
@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"late": True}, "reads the last step of X"),
        ({"at": lambda t: 0}, "reads the first step of X"),
        ({"at": lambda t: TX - 1 - t}, "from its end"),
        ({"at": lambda t: min(t + 1, TX - 1)}, "too late"),
        ({"at": lambda t: (t - 1) % TX}, "too early"),
        ({"at": lambda t: (2 * t) % TX}, "none of the usual"),
        ({"state": "again"}, "starts from a0 and c0 again"),
        ({"state": "zeros"}, "starts from zeros"),
        ({"state": "crossed"}, "changed places"),
        ({"state": "output for memory"}, "take the third as c"),
        ({"state": "memory of the start"}, "gets c0 again"),
        ({"state": "output of the start"}, "gets a0 again"),
        ({"state": "dense on memory"}, "given the memory c"),
        ({"new_lstm": True}, "5 LSTM layers .* a new one in every step"),
        ({"new_dense": True}, "5 Dense layers .* a new one in every step"),
        ({"steps": 1}, "one output instead of 5"),
        ({"steps": 4}, "4 outputs instead of Tx = 5"),
    ],
)
def test_wrong_djmodels(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(CheckError, match=said):
        check_small(learner(Cells(), **wrong))


@train
@needs_keras
def test_two_mistakes_at_once_are_both_named() -> None:
    with pytest.raises(CheckError, match=r"last step of X.*a0 and c0 again"):
        check_small(learner(Cells(), late=True, state="again"))


@train
@needs_keras
def test_models_that_are_none() -> None:
    cells = Cells()
    with pytest.raises(CheckError, match="end it with return"):
        check_small(None)
    with pytest.raises(CheckError, match="gives a list instead of a model"):
        check_small([])
    X, a0, c0 = inputs((TX, VALUES))
    a, _, _ = cells.cell(X, initial_state=[a0, c0])
    with pytest.raises(CheckError, match="another order"):
        check_small(Model(inputs=[a0, X, c0], outputs=cells.dense(a)))
    with pytest.raises(CheckError, match="There is no Dense layer"):
        check_small(Model(inputs=[X, a0, c0], outputs=a))
    with pytest.raises(CheckError, match="shapes"):
        check_small(Model(inputs=a0, outputs=cells.dense(a0)))
    with pytest.raises(CheckError, match="of its own"):
        check_small(learner(cells), Cells().cell)
    with pytest.raises(CheckError, match="softmax"):
        check_small(learner(Cells(activation=None)))


def hot(out: Any) -> Any:
    return RepeatVector(1)(K.one_hot(K.argmax(out), VALUES))


def player(cells: Cells, feed: str = "", state: str = "", new_lstm: bool = False) -> Any:
    x0, a0, c0 = inputs((1, VALUES))
    x, a, c = x0, a0, c0
    outputs: list[Any] = []
    for _ in range(TX):
        cell = LSTM(UNITS, return_state=True) if new_lstm else cells.cell
        a, again, c = cell(x, initial_state=[a, c])
        out = cells.dense(a)
        outputs.append(out)
        if feed == "probabilities":
            x = RepeatVector(1)(out)
        elif feed != "start":
            x = Lambda(hot)(outputs[0] if feed == "second" else out)
        if state == "again":
            a, c = a0, c0
        elif state == "output for memory":
            c = again
    return Model(inputs=[x0, a0, c0], outputs=outputs)


@train
@needs_keras
def test_inference_model() -> None:
    cells = Cells()
    check_inference_model(player(cells), cells.cell, cells.dense, Ty=TX, **SIZES)


@train
@needs_keras
@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"feed": "probabilities"}, "probabilities themselves are fed back"),
        ({"feed": "start"}, "reads x0 again"),
        ({"feed": "second"}, "always that of the first step"),
        ({"state": "again"}, "starts from a0 and c0 again"),
        ({"state": "output for memory"}, "take the third as c"),
        ({"new_lstm": True}, "a new one in every step"),
    ],
)
def test_wrong_inference_models(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(CheckError, match=said):
        check_inference_model(player(Cells(), **wrong), Ty=TX, **SIZES)


@train
@needs_keras
def test_untrained_cells_are_told() -> None:
    with pytest.raises(CheckError, match="never gets"):
        check_inference_model(player(Cells()), Cells().cell, Ty=TX, **SIZES)


@train
@needs_keras
@pytest.mark.parametrize(
    ("function", "said"),
    [
        (lambda p: None, "end it with return"),
        (lambda p: K.one_hot(K.argmax(p), VALUES), "add RepeatVector"),
        (lambda p: p, "as they went in"),
        (lambda p: RepeatVector(1)(p), "as they went in"),
        (lambda p: RepeatVector(1)(K.one_hot(K.argmin(p), VALUES)), "likeliest"),
        (lambda p: K.argmax(p), "shape is"),
    ],
)
def test_wrong_one_hot(function: Callable[[Any], Any], said: str) -> None:
    check_one_hot(hot, VALUES)
    with pytest.raises(CheckError, match=said):
        check_one_hot(function, VALUES)


def asked(model: Any, x: Any = None, a: Any = None, c: Any = None) -> Any:
    zeros = [np.zeros((1, *tensor.shape[1:])) for tensor in model.inputs]
    given = [zero if one is None else one for zero, one in zip(zeros, (x, a, c), strict=True)]
    return np.array(model.predict(given))


def right(model: Any, x: Any = None, a: Any = None, c: Any = None) -> Any:
    indices = np.argmax(asked(model, x, a, c), axis=-1)
    return to_categorical(indices, num_classes=78), indices


def too_few_columns(model: Any, x: Any, a: Any, c: Any) -> Any:
    indices = np.argmax(asked(model, x, a, c), axis=-1)
    return to_categorical(indices), indices


def shifted(model: Any, x: Any, a: Any, c: Any) -> Any:
    return right(model, x, a, c)[0], (right(model, x, a, c)[1] + 1) % 78


def probabilities(model: Any, x: Any, a: Any, c: Any) -> Any:
    return asked(model, x, a, c)[:, 0], right(model, x, a, c)[1]


def every_argument(model: Any, x: Any, a: Any, c: Any) -> Any:
    return right(model, x, a, c)


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (lambda model, *start: None, "return results, indices"),
        (lambda model, *start: right(model, *start)[1], "two arrays"),
        (lambda model, *start: right(model, *start)[::-1], "changed places"),
        (lambda model, *start: ([], []), "was not asked"),
        (lambda model, *start: right(model), "other arrays"),
        (lambda model, x, a, c: right(model, x, c, a), "on their way"),
        (lambda model, x, a, c: (model.predict([x, a]), 0), "instead of three"),
        (
            lambda model, *start: (right(model, *start)[0], right(model, *start)[1].ravel()),
            "right, their shape",
        ),
        (lambda model, *start: (0, np.argmax(asked(model, *start), axis=0)), "over the steps"),
        (lambda model, *start: (0, np.argmax(asked(model, *start))), "needs its axis"),
        (lambda model, *start: (0, np.zeros((2, 2))), None),
        (too_few_columns, "num_classes"),
        (shifted, "not those of the likeliest"),
        (probabilities, "are the probabilities"),
        (every_argument, "defaults"),
    ],
)
def test_wrong_predict_and_sample(function: Callable[..., Any], said: str | None) -> None:
    with pytest.raises(CheckError, match=said):
        check_predict_and_sample(function)


def test_predict_and_sample(capsys: pytest.CaptureFixture[str]) -> None:
    check_predict_and_sample(right)
    assert capsys.readouterr().out.startswith("✓")


def curve(first: float, last: float, epochs: int = 100) -> list[float]:
    return [float(loss) for loss in np.geomspace(first, last, epochs)]


@pytest.mark.parametrize(
    ("losses", "said"),
    [
        (curve(125.7, 4.7), "slowed"),
        (curve(126.2, 90), "rate is too small"),
        (curve(125.7, 9), "own slice"),
        (curve(6.3, 5.9), "trained before"),
        (curve(400, 6), "guessing blindly"),
        (curve(125.7, 30, 20), "20 epochs instead of 100"),
        ([125.7, float("nan")], "no number"),
        ([], "no number"),
    ],
)
def test_wrong_training(losses: list[float], said: str) -> None:
    check_training(curve(125.7, 6.2))
    with pytest.raises(CheckError, match=said):
        check_training(losses)


@pytest.mark.parametrize("seed", [0, 1])
@train
@needs_keras
def test_a_real_training_passes_and_one_without_decay_does_not(seed: int) -> None:
    from sideman.course import load_music_utils
    from sideman.training.course import train_windows

    X, Y, _, _ = load_music_utils()
    check_training(train_windows(X, Y, rng=np.random.default_rng(seed)).losses)
    undecayed = train_windows(X, Y, rng=np.random.default_rng(seed), decay=0.0)
    with pytest.raises(CheckError, match="slowed"):
        check_training(undecayed.losses)


def test_a_failing_check_shows_a_notebook_its_sentence_alone() -> None:
    error = CheckError("Mend this.")
    assert error._render_traceback_() == ["✗ Mend this."]


def test_every_check_is_among_the_course_names() -> None:
    import sideman.course

    names = [name for name in vars(checks) if name.startswith("check_")]
    assert names
    assert set(names) <= set(sideman.course.__all__)
