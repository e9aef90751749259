"""The learner's checks: each wrong solution must be found, and the mistake named.

A solution is the text of a cell, as a learner of version 3a or 4 writes it; a wrong one is the
right one with a piece of text changed.
"""

# ruff: noqa: ARG005 - wrong functions leave their arguments alone

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from sideman import course
from sideman.course import K, RepeatVector, checks, layers, v4
from sideman.course.checks import check_lstm_step, check_one_hot, check_training
from sideman.course.mistakes import CheckError
from sideman.course.versions import V3A, V4, Version

STEPS, UNITS, VALUES = 4, 8, 12
SIZES = {"n_a": UNITS, "n_values": VALUES}
MODULES = {"3a": course, "4": v4}

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
    check_lstm_step(step_in_place)
    assert capsys.readouterr().out.startswith("✓ lstm_step")


def step_in_place(x: Any, a: Any, c: Any, W: Any, U: Any, b: Any) -> Any:
    i, f, g, o = np.split(x @ W + a @ U + b, 4, axis=-1)
    c *= sigmoid(f)
    c += sigmoid(i) * np.tanh(g)
    a[:] = sigmoid(o) * np.tanh(c)
    return a, c


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
        (
            lambda x, a, c, W, U, b: x @ W + U @ a + b,
            "stops with an error in <lambda>, line .*matmul",
        ),
        (lambda *_: np.zeros(3), "two arrays"),
        (lambda x, a, c, W, U, b: (x @ W, c), "np.split"),
        (lambda *given: step(*given)[::-1], "swapped"),
        (lambda x, a, c, W, U, b: step(x, a, c, W, U, 0), "bias is missing"),
        (lambda x, a, c, W, U, b: step(x, a, c, W, 0 * U, b), "no a @ U"),
        (lambda x, a, c, W, U, b: step(0 * x, a, c, W, U, b), "no x @ W"),
        (lambda x, a, c, W, U, b: step(x, a, 0 * c, W, U, b), "old cell state is lost"),
        (lambda x, a, c, W, U, b: step(x, a, c, 2 * W, U, b), "Neither"),
        (other_order, "order f, i, g, o"),
        (without_tanh, "without its tanh"),
        (stale_memory, "made of the old cell state"),
        (odd_output, "output a is not"),
        (sigmoid_candidate, "may be negative"),
        (no_forgetting, "forget gate is not used"),
    ],
)
def test_wrong_lstm_steps(function: Callable[..., Any], said: str) -> None:
    with pytest.raises(CheckError, match=said):
        check_lstm_step(function)


# What learners of the two versions write otherwise.
WORDS = {
    "3a": {"slice": "Lambda(lambda x: X[:, t, :])(X)", "reshape": "reshapor"},
    "4": {"slice": "X[:, t, :]", "reshape": "reshaper"},
}
DJMODEL = """
def djmodel(Tx, n_a, n_values):
    X = Input(shape=(Tx, n_values))
    a0 = Input(shape=(n_a,), name="a0")
    c0 = Input(shape=(n_a,), name="c0")
    a = a0
    c = c0
    outputs = []
    for t in range(Tx):
        x = {slice}
        x = {reshape}(x)
        a, _, c = LSTM_cell(x, initial_state=[a, c])
        out = densor(a)
        outputs.append(out)
    return Model(inputs=[X, a0, c0], outputs=outputs)

model = djmodel(STEPS, UNITS, VALUES)
"""
PLAYER = """
def music_inference_model(LSTM_cell, densor, n_values, n_a, Ty):
    x0 = Input(shape=(1, n_values))
    a0 = Input(shape=(n_a,), name="a0")
    c0 = Input(shape=(n_a,), name="c0")
    a = a0
    c = c0
    x = x0
    outputs = []
    for t in range(Ty):
        a, _, c = LSTM_cell(x, initial_state=[a, c])
        out = densor(a)
        outputs.append(out)
        NEXT
    return Model(inputs=[x0, a0, c0], outputs=outputs)

model = music_inference_model(LSTM_cell, densor, VALUES, UNITS, STEPS)
"""
PLAYERS = {
    "3a": """
def one_hot(x):
    x = K.argmax(x)
    x = K.one_hot(x, 12)
    x = RepeatVector(1)(x)
    return x
"""
    + PLAYER.replace("NEXT", "x = Lambda(one_hot)(out)"),
    "4": PLAYER.replace(
        "NEXT",
        """x = tf.math.argmax(out, axis=-1)
        x = tf.one_hot(x, n_values)
        x = RepeatVector(1)(x)""",
    ),
}


def run(name: str, source: str, change: tuple[str, str], **names: Any) -> dict[str, Any]:
    """Run a learner's cell, with one change, below the import cell of a version."""
    before, after = change
    assert before in source
    space: dict[str, Any] = {}
    exec(f"from {MODULES[name].__name__} import *", space)
    cell = space["LSTM"](UNITS, return_state=True)
    dense = space["Dense"](VALUES, activation=names.pop("activation", "softmax"))
    # As trained cells are
    cell.build((None, 1, VALUES))
    dense.build((None, UNITS))
    reshape = space["Reshape"]((1, VALUES))
    space |= {"LSTM_cell": cell, "densor": dense, WORDS[name]["reshape"]: reshape}
    space |= {"STEPS": STEPS, "UNITS": UNITS, "VALUES": VALUES, "keras": layers.keras(), **names}
    exec(source.replace(before, after), space)
    return space


def learn(name: str, change: tuple[str, str] = ("", ""), **names: Any) -> None:
    source = DJMODEL.format(**WORDS[name])
    before, after = (part.format(**WORDS[name]) for part in change)
    space = run(name, source, (before, after), **names)
    space["check_djmodel"](space["model"], space["LSTM_cell"], space["densor"], Tx=STEPS, **SIZES)


def play(name: str, change: tuple[str, str] = ("", ""), **names: Any) -> None:
    space = run(name, PLAYERS[name], change, **names)
    check = space["check_inference_model"]
    check(space["model"], space["LSTM_cell"], space["densor"], Ty=STEPS, **SIZES)


both = pytest.mark.parametrize("name", ["3a", "4"])


@train
@needs_keras
@both
def test_the_course_own_models_pass(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    module: Any = MODULES[name]
    cells = module.LSTM_cell, module.densor
    module.check_djmodel(module.djmodel(30), *cells)
    said = capsys.readouterr().out
    assert {"3a": "41,678 parameters", "4": "45,530 parameters"}[name] in said
    module.check_inference_model(module.music_inference_model(*cells, Ty=50), *cells)
    module.check_one_hot(module.one_hot)


RIGHT_DJMODELS = [
    ("", ""),
    ("{slice}", "X[:, t]"),
    ("{slice}", "Lambda(lambda z: z[:, t, :])(X)"),
    ("{slice}", "keras.layers.Lambda(lambda z, t=t: z[:, t, :])(X)"),
    ("{reshape}(x)", "Reshape((1, n_values))(x)"),
    ("a, _, c = LSTM_cell(x, initial_state=[a, c])", "_, a, c = LSTM_cell(x, [a, c])"),
    ("LSTM_cell(x, initial_state=[a, c])", "LSTM_cell(inputs=x, initial_state=(a, c))"),
    ("inputs=[X, a0, c0], outputs=outputs", "[X, a0, c0], outputs"),
]


@train
@needs_keras
@both
@pytest.mark.parametrize("change", RIGHT_DJMODELS)
def test_right_djmodels(name: str, change: tuple[str, str]) -> None:
    learn(name, change)


@train
@needs_keras
@both
def test_a_softmax_after_a_linear_layer_is_right(name: str) -> None:
    learn(name, ("densor(a)", 'Activation("softmax")(densor(a))'), activation=None)


STEP = """a, _, c = LSTM_cell(x, initial_state=[a, c])
        out = densor(a)"""
LOOP_LAMBDA = "keras.layers.Lambda(lambda z: z[:, t, :])(X)"
WRONG_DJMODELS = [
    # What each step takes from X
    (("{slice}", LOOP_LAMBDA), "uses the last step of X: .* looks t up"),
    (("{slice}", "X[:, 0, :]"), "uses the first step of X"),
    (("{slice}", "X[:, 1, :]"), "uses step 1 of X"),
    (("{slice}", "X[:, Tx - 1 - t, :]"), "from its end"),
    (("{slice}", "X[:, min(t + 1, Tx - 1), :]"), "too late"),
    (("{slice}", "X[:, t - 1, :]"), "too early"),
    (("{slice}", "X[:, (2 * t) % (Tx - 1), :]"), "none of the usual"),
    (("{slice}", "X[t, :]"), r"\(4, 1, 12\), .* the batch stands first"),
    (("        x = {reshape}(x)\n", ""), r"goes through Reshape\(\(1, n_values\)\) first"),
    (("{reshape}(x)", "Reshape((n_values, 1))(x)"), "the step first"),
    (("{slice}", "X"), r"given all of X, of the shape \(batch, 4, 12\): slice"),
    (("{slice}", "X[:, :, t]"), "the step in the middle"),
    (("{slice}", "None"), "was given None: slice"),
    # How the state is kept
    (("[a, c]", "[a0, c0]"), "starts from a0 and c0 again"),
    ((", initial_state=[a, c]", ""), "starts from zeros"),
    (("[a, c]", "[c, a]"), r"initial_state=\[a, c\], the output first"),
    (("a, _, c =", "c, _, a ="), "returns the output first"),
    (("a, _, c =", "a, c, _ ="), "take the third as c"),
    (("a, _, c =", "a, _, _ ="), "uses c0 as its cell state"),
    ((STEP, STEP.replace("a, _, c =", "b, _, c =").replace("(a)", "(b)")), "uses a0 as the output"),
    (("a, _, c =", "a ="), "all three results"),
    (("initial_state=[a, c]", "a, c"), "as one list"),
    (("[a, c]", "a"), "is two tensors"),
    (("c = c0", "c = a0"), "c starts from a0"),
    (("a = a0", "a = c0"), "a starts from c0"),
    # What is put out
    (("densor(a)", "densor(c)"), "given the cell state c"),
    (("densor(a)", "densor(x)"), "weights for rows of 8"),
    (("densor(a)", "a"), "holds the LSTM's output a"),
    (("append(out)", "append(x)"), "holds x, the input"),
    (("        outputs.append", "    outputs.append"), "one output instead of 4"),
    (
        ("        x = {slice}", "        outputs = []\n        x = {slice}"),
        "once, .* before the loop",
    ),
    (("    return Model", "        return Model"), r"return Model\(...\) after it"),
    (("densor(a)", "densor(Dropout(0.5)(a))"), "do not belong to it, Dropout"),
    (("densor(a)", "densor(Dense(n_a)(a))"), "Beside densor there are 4 Dense layers"),
    (("outputs=outputs", "outputs=outputs[::-1]"), "in the reverse order"),
    (("append(out)", "append(None)"), "there is None"),
    (("        outputs.append(out)\n", ""), "list of outputs is empty"),
    (("range(Tx)", "range(Tx - 1)"), "3 outputs instead of Tx = 4"),
    (("densor(a)", 'Activation("softmax")(densor(a))'), "softmax is applied twice"),
    (("densor(a)", "K.softmax(densor(a), axis=0)"), "goes over the batch"),
    # Layers that are not shared
    (("LSTM_cell(x", "LSTM(n_a, return_state=True)(x"), "4 LSTM layers .* a new one in every step"),
    (("densor(a)", 'Dense(n_values, activation="softmax")(a)'), "4 Dense layers .* a new one"),
    (
        ("    a = a0", "    a, densor = a0, Dense(n_values, activation='softmax')"),
        "does not change",
    ),
    # The model
    (("return Model(inputs=[X, a0, c0], outputs=outputs)", "return outputs"), "returns a list"),
    (("return Model(inputs", "Model(inputs"), "returns nothing: end it with return Model"),
    (("inputs=[X, a0, c0]", "inputs=[a0, X, c0]"), "another order"),
    (("inputs=[X, a0, c0]", "inputs=[X, c0, a0]"), "a0 and c0 are swapped"),
    (("inputs=[X, a0, c0]", "inputs=X"), "does not have among its inputs"),
    (("inputs=[X, a0, c0]", "inputs=[x, a, c]"), "other values after the loop"),
    (("model = djmodel(STEPS, UNITS, VALUES)", "model = djmodel"), "not the function"),
]


@train
@needs_keras
@both
@pytest.mark.parametrize(("change", "said"), WRONG_DJMODELS)
def test_wrong_djmodels(name: str, change: tuple[str, str], said: str) -> None:
    with pytest.raises(CheckError, match=said):
        learn(name, change)


@train
@needs_keras
@both
def test_an_lstm_without_its_state(name: str) -> None:
    module: Any = MODULES[name]
    cell = module.LSTM(UNITS)
    with pytest.raises(CheckError, match=r"LSTM_cell = LSTM\(n_a, return_state=True\)"):
        run(
            name,
            DJMODEL.format(**WORDS[name]).replace("LSTM_cell(x", "cell(x"),
            ("", ""),
            cell=cell,
        )
    x, a = module.Input(shape=(1, VALUES)), module.Input(shape=(UNITS,))
    single = cell(x, initial_state=[a, a])
    assert module.Model([x, a], module.Dense(2)(single)).output_shape == (None, 2)


@train
@needs_keras
@pytest.mark.parametrize(("name", "values", "other"), [("3a", 90, 78), ("4", 78, 90)])
def test_a_reshape_of_the_other_version(name: str, values: int, other: int) -> None:
    module: Any = MODULES[name]
    reshape = vars(module)[WORDS[name]["reshape"]]
    with pytest.raises(CheckError, match=rf"rows of {other} .*Reshape\(\(1, {values}\)\)\."):
        reshape(module.Input(shape=(values,)))


@train
@needs_keras
@both
@pytest.mark.parametrize(
    ("activation", "said"),
    [(None, "need.* a softmax"), (lambda z: K.softmax(z, axis=0), "goes over the batch")],
)
def test_wrong_activations(name: str, activation: Any, said: str) -> None:
    for check in (learn, play):
        with pytest.raises(CheckError, match=said):
            check(name, activation=activation)


@train
@needs_keras
def test_two_mistakes_at_once_are_both_named() -> None:
    change = ("{slice}\n        x = {reshape}(x)", f"{{reshape}}({LOOP_LAMBDA}); a, c = a0, c0")
    with pytest.raises(CheckError, match=r"last step of X.*a0 and c0 again"):
        learn("4", change)


@train
@needs_keras
@pytest.mark.parametrize(("name", "other"), [("3a", "4"), ("4", "3a")])
def test_cells_of_the_other_version_are_told(name: str, other: str) -> None:
    here: Any = MODULES[name]
    there: Any = MODULES[other]
    model = there.music_inference_model(there.LSTM_cell, there.densor, Ty=1)
    with pytest.raises(CheckError, match=f"make LSTM_cell, densor and {WORDS[name]['reshape']}"):
        here.check_inference_model(model, Ty=1)


RIGHT_PLAYERS = {
    "3a": [
        ("", ""),
        ("K.argmax(x)", "K.argmax(x, axis=-1)"),
        ("Lambda(one_hot)(out)", "one_hot(out)"),
    ],
    "4": [
        ("", ""),
        ("out, axis=-1", "out, 1"),
        ("tf.one_hot(x, n_values)", "tf.one_hot(indices=x, depth=n_values)"),
        ("RepeatVector(1)(x)", "tf.expand_dims(x, axis=1)"),
        ("tf.math.argmax(out, axis=-1)", "K.argmax(out)"),
    ],
}


@train
@needs_keras
@pytest.mark.parametrize(
    ("name", "change"), [(name, change) for name in MODULES for change in RIGHT_PLAYERS[name]]
)
def test_right_inference_models(name: str, change: tuple[str, str]) -> None:
    play(name, change)


NEXT = PLAYERS["4"][PLAYERS["4"].index("x = tf") : PLAYERS["4"].index("    return Model")].strip()
WRONG_PLAYERS = {
    "3a": [
        (("Lambda(one_hot)(out)", "RepeatVector(1)(out)"), r"x = Lambda\(one_hot\)\(out\)"),
        (("Lambda(one_hot)(out)", "x0"), "x0 again: .*Lambda"),
        (("Lambda(one_hot)(out)", "Lambda(one_hot)(outputs[0])"), "always made of the first"),
        (("Lambda(one_hot)(out)", "Lambda(one_hot)(c)"), "made of the cell state c"),
        (("Lambda(one_hot)(out)", "Lambda(one_hot)(a)"), "made of the LSTM's output a: .*Lambda"),
        (("Lambda(one_hot)(out)", "Lambda(one_hot)(x)"), "before one_hot"),
        (("Lambda(one_hot)(out)", "Lambda(one_hot(out))"), "takes a function"),
        (("Lambda(one_hot)(out)", "one_hot"), "was given a function as x"),
        (("K.argmax(x)", "K.argmax(x, axis=0)"), "argmax went over the batch"),
        (("K.argmax(x)", "K.argmin(x)"), r"unlikeliest value: K\.argmax"),
        (("K.one_hot(x, 12)", "K.one_hot(x, STEPS)"), "depth of one_hot is n_values"),
        (("    x = RepeatVector(1)(x)\n", ""), r"row through RepeatVector\(1\)"),
        (("    return x\n", ""), "one_hot returns nothing"),
    ],
    "4": [
        ((NEXT, "x = RepeatVector(1)(out)"), r"one-hot, x = tf\.math\.argmax\(out, axis=-1\)"),
        ((NEXT, "x = x0"), r"x0 again: .*tf\.one_hot\(x, n_values\)"),
        ((NEXT, ""), "x0 again"),
        (("argmax(out", "argmax(outputs[0]"), "always made of the first"),
        (("argmax(out", "argmax(c"), "made of the cell state c"),
        (("one_hot(x, n_values)", "one_hot(x, n_values, axis=0)"), "axis: leave its axis out"),
        (("argmax(out", "argmax(a"), r"made of the LSTM's output a: .*tf\.math"),
        (("argmax(out", "argmax(x"), "before one_hot"),
        (("argmax(out, axis=-1)", "argmax(out)"), "argmax went over the batch: .* axis=-1"),
        (("argmax(out, axis=-1)", "argmax(out, axis=0)"), "argmax went over the batch"),
        (("argmax", "argmin"), r"unlikeliest value: tf\.math\.argmax"),
        (("tf.one_hot(x, n_values)", "tf.one_hot(x, Ty)"), "depth of one_hot is n_values"),
        (("tf.one_hot(x, n_values)", "tf.one_hot(x, 78)"), "depth of one_hot is n_values"),
        (("tf.one_hot(x, n_values)", "x"), "first make one-hot rows"),
        (("        x = RepeatVector(1)(x)\n", ""), r"row through RepeatVector\(1\)"),
    ],
}
# Mistakes that are written alike in both versions
WRONG_IN_BOTH = [
    (("RepeatVector(1)", "RepeatVector(4)"), r"shape \(batch, 4, 12\) instead of \(batch, 1, 12\)"),
    (("[a, c]", "[a0, c0]"), "starts from a0 and c0 again"),
    (("a, _, c =", "a, c, _ ="), "take the third as c"),
    (("a, _, c =", "a, _, _ ="), "uses c0 as its cell state"),
    (("[a, c]", "[c, a]"), "the output first"),
    (("LSTM_cell(x", "LSTM(n_a, return_state=True)(x"), "a new one in every step"),
    (("append(out)", "append(x)"), "holds x, the input"),
    (("append(out)", "append(K.one_hot(K.argmax(out), 12))"), "outputs are one-hot rows"),
    (("append(out)", "insert(0, out)"), "in the reverse order"),
    (("inputs=[x0, a0, c0]", "inputs=[x0, c0, a0]"), "a0 and c0 are swapped"),
    (("inputs=[x0, a0, c0]", "inputs=[x, a0, c0]"), "other values after the loop"),
    (("inputs=[x0, a0, c0]", "inputs=x0"), "does not have among its inputs"),
    (("return Model(inputs=[x0, a0, c0], outputs=outputs)", "return outputs"), "returns a list"),
    (
        ("RepeatVector(1)(x)", "to_categorical(x, 12)"),
        "has no numbers yet.* K.one_hot.* tf.one_hot",
    ),
]


@train
@needs_keras
@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        (name, change, said)
        for name in MODULES
        for change, said in WRONG_PLAYERS[name] + WRONG_IN_BOTH
    ],
)
def test_wrong_inference_models(name: str, change: tuple[str, str], said: str) -> None:
    with pytest.raises(CheckError, match=said):
        play(name, change)


ONE_HOTS: list[tuple[Callable[[Any], Any], str]] = [
    (lambda p: None, "end it with return"),
    (lambda p: K.one_hot(K.argmax(p), VALUES), "add RepeatVector"),
    (lambda p: p, "are unchanged: take {argmax}"),
    (lambda p: RepeatVector(1)(p), "are unchanged: take {argmax}"),
    (lambda p: RepeatVector(1)(K.one_hot(K.argmin(p), VALUES)), "likeliest .* take {argmax}"),
    (lambda p: RepeatVector(1)(K.one_hot(K.argmax(p, 0), VALUES)), r"{argmax}\(x, axis=-1\)"),
    (lambda p: v4.tf.one_hot(v4.tf.math.argmax(p), VALUES), r"{argmax}\(x, axis=-1\)"),
    (lambda p: RepeatVector(1)(K.one_hot(K.argmax(p), 5)), "5 columns .* depth of {one_hot}"),
    (lambda p: RepeatVector(4)(K.one_hot(K.argmax(p), VALUES)), "repeated 4 times"),
    (lambda p: RepeatVector(1)(K.argmax(p)), "given indices"),
    (lambda p: K.argmax(p), "shape is"),
    (lambda p: p.nothing, "stops with an error in <lambda>, line .*AttributeError"),
]


@train
@needs_keras
@pytest.mark.parametrize("version", [V3A, V4])
@pytest.mark.parametrize(("function", "said"), ONE_HOTS)
def test_wrong_one_hot(version: Version, function: Callable[..., Any], said: str) -> None:
    with pytest.raises(CheckError, match=said.format(**version.spelling._asdict())):
        check_one_hot(function, VALUES, version=version)


@train
@needs_keras
def test_right_one_hot() -> None:
    check_one_hot(lambda p: RepeatVector(1)(K.one_hot(K.argmax(p), VALUES)), VALUES)
    with pytest.raises(CheckError, match=r"check_one_hot\(one_hot\)"):
        check_one_hot(np.zeros(3))  # type: ignore[arg-type]


SAMPLE = """
def predict_and_sample(inference_model, x_initializer=x_initializer, a_initializer=a_initializer,
                       c_initializer=c_initializer):
    n_values = x_initializer.shape[2]
    pred = inference_model.predict([x_initializer, a_initializer, c_initializer])
    indices = np.argmax(np.array(pred), axis=-1)
    results = to_categorical(indices, num_classes=n_values)
    return results, indices
"""
RIGHT_SAMPLES = [
    ("", ""),
    ("np.array(pred), axis=-1", "pred, 2"),
    ("num_classes=n_values", "n_values"),
    ("x_initializer.shape[2]", "inference_model.output_shape[0][-1]"),
    ("results =", "pred[0][:] = 0; results ="),
    ("np.argmax(np.array(pred), axis=-1)", "np.argmax(np.concatenate(pred), axis=1)[:, None]"),
    ("c_initializer])", "c_initializer], verbose=0)"),
]
WRONG_SAMPLES = [
    (("    return results, indices", ""), "returns nothing: .* return results, indices"),
    (("return results, indices", "return indices"), "two arrays"),
    (("return results, indices", "return indices, results"), "swapped"),
    (("[x_initializer, a_initializer, c_initializer]", "[x_initializer]"), "1 arrays instead"),
    (("[x_initializer, a_initializer, c_initializer]", "x_initializer"), "in one list"),
    (("([x_initializer, a_initializer, c_initializer])", "(x_initializer, a_initializer)"), "list"),
    (("[x_initializer, a_initializer", "[0 * x_initializer, a_initializer"), "other arrays"),
    (("a_initializer, c_initializer]", "c_initializer, a_initializer]"), "on their way"),
    (
        ("pred = inference_model.predict", "pred = np.zeros((50, 1, n_values)); print"),
        "was not run",
    ),
    (("np.argmax(np.array(pred), axis=-1)", "np.argmax(pred)"), "line 7: .* without axis=-1"),
    (("axis=-1", "axis=0"), "went over the steps"),
    (("axis=-1", "axis=1"), "went over axis 1"),
    (("axis=-1)", "axis=-1).ravel()"), "right, their shape"),
    (("np.array(pred), axis=-1", "pred[-1], axis=-1"), "that of the last step"),
    (("np.array(pred), axis=-1", "pred[0], axis=-1"), "that of the first step"),
    (("num_classes=n_values", "num_classes=64"), "64 columns instead of .*, one for each"),
    (("num_classes=n_values", "num_classes=100"), "100 columns instead of .*, one for each"),
    (("num_classes=n_values", "num_classes=12"), "check num_classes=n_values"),
    (("axis=-1)", "axis=-1)[::-1]"), "not those of the likeliest"),
    (("np.argmax(np.array(pred), axis=-1)", "np.array(pred)[:, 0, :2]"), "instead of"),
    (("np.argmax(np.array(pred), axis=-1)", "pred.argmax(axis=-1)"), "line 6: .*AttributeError"),
    ((", num_classes=n_values", ""), "without num_classes"),
    (("to_categorical(indices,", "to_categorical(pred,"), "not made of the indices|row for each"),
    (("to_categorical(indices, num_classes=n_values)", "np.array(pred)[:, 0]"), "probabilities"),
    (("to_categorical(indices,", "to_categorical(indices[::-1],"), "do not mark"),
    (("to_categorical(indices,", "to_categorical(results.shape[0],"), "UnboundLocalError"),
    (("x_initializer=x_initializer", "x_initializer"), "defaults|stops"),
]


def sample(name: str, change: tuple[str, str]) -> None:
    space: dict[str, Any] = {}
    exec(f"from {MODULES[name].__name__} import *", space)
    before, after = change
    assert before in SAMPLE
    source = SAMPLE.replace(before, after)
    exec(compile(source, "cell", "exec"), space)
    space["check_predict_and_sample"](space["predict_and_sample"])


@both
@pytest.mark.parametrize("change", RIGHT_SAMPLES)
def test_predict_and_sample(
    name: str, change: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    sample(name, change)
    assert capsys.readouterr().out.startswith("✓")


@both
@pytest.mark.parametrize(("change", "said"), WRONG_SAMPLES)
def test_wrong_predict_and_sample(name: str, change: tuple[str, str], said: str) -> None:
    with pytest.raises(CheckError, match=said):
        sample(name, change)


@pytest.mark.parametrize(("name", "other"), [("3a", 90), ("4", 78)])
def test_the_number_of_values_of_the_other_version(name: str, other: int) -> None:
    with pytest.raises(CheckError, match=f"{other} columns, and version {name}"):
        sample(name, ("num_classes=n_values", f"num_classes={other}"))


def curve(first: float, last: float, epochs: int = 100) -> list[float]:
    return [float(loss) for loss in np.geomspace(first, last, epochs)]


# The first loss, the last, and how many epochs; as measured, on JAX, for each mistake
LOSSES: dict[str, list[tuple[list[float], str]]] = {
    "3a": [
        (curve(125.7, 4.7), "slowed"),
        (curve(126.2, 90), r"rate is too small. Adam's own is 0\.001;"),
        (curve(125.7, 9), "own slice"),
        (curve(6.3, 5.9), "trained before, as when fit is run twice"),
        (curve(0.38, 0.1), "categorical_crossentropy"),
        (curve(2.0, 0.3), "categorical_crossentropy"),
        (curve(400, 6), "uniform guess"),
        (curve(129.9, 7.8), "90 values of version 4"),
        (curve(125.7, 30, 20), "20 epochs instead of 100"),
        (curve(125.7, 3, 500), "500 epochs instead of 100"),
        ([125.7, float("nan")], "not a number"),
        ([], "no loss"),
    ],
    "4": [
        (curve(129.9, 5.05), "slowed"),
        (curve(130.2, 95), "rate is too small"),
        (curve(129.9, 12), "own slice"),
        (curve(7.9, 7.2), "trained before, as when fit is run twice"),
        (curve(0.33, 0.1), "categorical_crossentropy"),
        (curve(400, 8), "uniform guess"),
        (curve(125.7, 6.2), "78 values of version 3a"),
        (curve(129.9, 3, 500), "500 epochs instead of 100"),
        ([], "no loss"),
    ],
}


@both
def test_right_training(name: str) -> None:
    module: Any = MODULES[name]
    for last in {"3a": (5.6, 6.6), "4": (5.98, 8.0, 9.39)}[name]:
        module.check_training(curve({"3a": 125.7, "4": 129.87}[name], last))


@pytest.mark.parametrize(
    ("name", "losses", "said"), [(name, *case) for name in MODULES for case in LOSSES[name]]
)
def test_wrong_training(name: str, losses: list[float], said: str) -> None:
    module: Any = MODULES[name]
    with pytest.raises(CheckError, match=said):
        module.check_training(losses)


FIT = """
model.compile(optimizer=Adam(lr=0.01, beta_1=0.9, beta_2=0.999, decay=0.01),
              loss="categorical_crossentropy", metrics=["accuracy"])
X, Y = np.zeros((2, STEPS, VALUES), bool), np.zeros((STEPS, 2, VALUES), bool)
a0, c0 = np.zeros((2, UNITS)), np.zeros((2, UNITS))
history = model.fit([X, a0, c0], list(Y), epochs=1, verbose=0)
"""


@train
@needs_keras
@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("list(Y)", "Y"), r"a list of 4 arrays: list\(Y\)"),
        (("list(Y)", "list(Y.swapaxes(0, 1))"), r"given 2 targets: list\(Y\)"),
        (("2, STEPS, VALUES", "2, STEPS, 78"), r"shapes \(batch, 4, 12\).*same n_values"),
        (("[X, a0, c0], list", "[a0, X, c0], list"), "in another order"),
        (("a0, c0 = np.zeros((2,", "a0, c0 = np.zeros((1,"), r"a0 = np\.zeros\(\(m, n_a\)\)"),
        (("[X, a0, c0], list", "[X, a0], list"), "list of 3 arrays, and was given 2"),
    ],
)
def test_what_fit_is_given(change: tuple[str, str], said: str) -> None:
    with pytest.raises(CheckError, match=said):
        run("4", DJMODEL.format(**WORDS["4"]) + FIT, change)


@train
@needs_keras
def test_what_fit_returns_is_checked() -> None:
    space = run("3a", DJMODEL.format(**WORDS["3a"]) + FIT, ("", ""))
    with pytest.raises(CheckError, match="begins at 0"):
        check_training(space["history"])
    with pytest.raises(CheckError, match=r"history = model\.fit"):
        check_training(space["model"])
    for nothing in (None, 5.9, {"accuracy": [1.0]}, ["loss"]):
        with pytest.raises(CheckError, match=r"history = model\.fit"):
            check_training(nothing)
    check_training({"loss": curve(125.7, 6)})


@both
@train
@needs_keras
def test_a_real_training_passes_and_one_without_decay_does_not(name: str) -> None:
    from sideman.training.course import train_windows

    module: Any = MODULES[name]
    X, Y = module.load_music_utils()[:2]
    module.check_training(train_windows(X, Y, rng=np.random.default_rng(0)).losses)
    undecayed = train_windows(X, Y, rng=np.random.default_rng(0), decay=0.0)
    with pytest.raises(CheckError, match="slowed"):
        module.check_training(undecayed.losses)


def test_a_notebook_shows_the_sentence_and_the_learners_line() -> None:
    error = CheckError("Mend this.")
    assert error._render_traceback_() == ["✗ Mend this."]
    with pytest.raises(CheckError) as caught:
        layers.Lambda(0)  # type: ignore[arg-type]
    sentence, place = caught.value._render_traceback_()
    assert sentence.startswith("✗ Lambda takes a function")
    assert "layers.Lambda(0)" in place


def test_every_check_is_among_the_course_names() -> None:
    import sideman.course

    names = [name for name in vars(checks) if name.startswith("check_")]
    assert names
    assert set(names) <= set(sideman.course.__all__)
