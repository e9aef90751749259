"""Checks of a learner's solutions: the message of a failed check names the mistake.

A check runs the solution on random inputs and computes the expected result in NumPy.  If they
differ, it also computes the results of common mistakes; the mistake with the learner's result is
the one that is reported.  The correction is written in the code of the given version of the course.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, NoReturn

import numpy as np
from numpy.typing import NDArray

from sideman.course import layers
from sideman.course.layers import N_A
from sideman.course.mistakes import CheckError, own_line
from sideman.course.versions import STEPS, V3A, V4, Version
from sideman.models import lstm
from sideman.models.lstm import Parameters

Array = NDArray[np.floating[Any]]

_WINDOWS = 6
# Rounding may change the logarithm of a probability by this much, in nats.
_NEAR = 0.01
_STEPS_PLAYED = 50
_EPOCHS = 100
_ROWS = 4
# The first loss of new cells differs from that of uniform probabilities by at most this, in nats.
_BELOW, _ABOVE = 2.5, 1.5
# The first loss is above this, in nats, even for trained cells; other kinds of loss are below.
_SMALLEST = 3.5


def _fail(sentence: str) -> NoReturn:
    raise CheckError(sentence)


def _pass(sentence: str) -> None:
    print(f"✓ {sentence}")


def _told(error: BaseException) -> str:
    """Return the most informative line of an error's message, without colours."""
    text = re.sub(r"\x1b\[[0-9;]*m", "", str(error))
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if len(lines) > 1 and lines[0].startswith("Exception encountered when calling"):
        del lines[0]
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__


def _call(name: str, function: Any, *args: Any, check: str = "") -> Any:
    """Call the learner's function; name its line where it raises an error.

    The arguments are copies, because the function may change arrays in place.
    """
    if not callable(function):
        check = check or f"check_{name}"
        _fail(f"Give the check the function itself, without brackets: {check}({name}).")
    try:
        return function(*(arg.copy() if isinstance(arg, np.ndarray) else arg for arg in args))
    except CheckError:
        raise
    except Exception as error:  # a learner's code may raise anything
        place = own_line(error)
        raise CheckError(
            f"{name} stops with an error{f' in {place}' if place else ''}: {_told(error)}"
        ) from error


# --- One step of the LSTM --------------------------------------------------------------------


def check_lstm_step(function: Callable[..., Any]) -> None:
    """Check one step of an LSTM in NumPy, ``function(x, a, c, W, U, b)`` → ``(a, c)``.

    The shapes are x (batch, n), a and c (batch, units), W (n, 4·units), U (units, 4·units) and b
    (4·units,), with the gates in Keras' order i, f, g, o.  A CheckError names the mistake.
    """
    draw = np.random.default_rng(4)
    batch, n, units = 3, 7, 5
    x = np.eye(n)[[0, 3, 6]]
    a, c = draw.uniform(-1, 1, (2, batch, units))
    W, U = draw.normal(size=(n, 4 * units)), draw.normal(size=(units, 4 * units))
    b = draw.normal(size=4 * units)
    given = _call("lstm_step", function, x, a, c, W, U, b)
    if given is None:
        _fail("lstm_step returns nothing: end it with return a, c.")
    if not isinstance(given, (tuple, list)) or len(given) != 2:
        _fail("lstm_step must return two arrays, the new a and the new c: return a, c.")
    got = np.asarray(given[0]), np.asarray(given[1])
    for name, array in zip("ac", got, strict=True):
        if array.shape != (batch, units):
            _fail(
                f"The new {name} has the shape {array.shape} instead of {(batch, units)}: cut "
                "x @ W + a @ U + b into four gates along its last axis, np.split(z, 4, axis=-1)."
            )
    for sentence, expected in _steps_with_faults(x, a, c, W, U, b):
        if all(np.allclose(*pair, atol=1e-5) for pair in zip(got, expected, strict=True)):
            if sentence:
                _fail(sentence)
            _pass("lstm_step: the same numbers as Keras' own cell.")
            return
    if np.allclose(got[1], _gated(x @ W + a @ U + b, c)[1], atol=1e-5):
        _fail(
            "The cell state c is right, the output a is not: it is sigmoid(o) * tanh(c), c the new."
        )
    _fail("Neither a nor c is right: compare your lines with the equations, one by one.")


def _gated(z: Array, c: Array, order: str = "ifgo") -> tuple[Array, Array]:
    gate = dict(zip(order, np.split(z, 4, axis=-1), strict=True))
    c = _sigmoid(gate["f"]) * c + _sigmoid(gate["i"]) * np.tanh(gate["g"])
    return _sigmoid(gate["o"]) * np.tanh(c), c


def _sigmoid(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))


def _steps_with_faults(
    x: Array, a: Array, c: Array, W: Array, U: Array, b: Array
) -> Iterator[tuple[str, tuple[Array, Array]]]:
    """Yield the correct step with an empty sentence, then the steps of common mistakes."""
    z = x @ W + a @ U + b
    right = _gated(z, c)
    yield "", right
    yield "a and c are swapped: return a, c, the output first.", right[::-1]
    for order in map("".join, itertools.permutations("ifgo")):
        if order != "ifgo":
            yield (
                f"The gates are cut in the order {', '.join(order)}: in Keras it is i, f, g, o.",
                _gated(z, c, order),
            )
    yield "The bias is missing: z = x @ W + a @ U + b.", _gated(z - b, c)
    yield (
        "The last output is missing: z = x @ W + a @ U + b, and yours has no a @ U.",
        _gated(z - a @ U, c),
    )
    yield (
        "The input is missing: z = x @ W + a @ U + b, and yours has no x @ W.",
        _gated(z - x @ W, c),
    )
    i, f, g, o = np.split(z, 4, axis=-1)
    kept, new = _sigmoid(f) * c, _sigmoid(i) * np.tanh(g)

    def out(state: Array) -> tuple[Array, Array]:
        return _sigmoid(o) * np.tanh(state), state

    yield "The forget gate is not used: the old cell state counts sigmoid(f) * c.", out(c + new)
    yield "The old cell state is lost: c = sigmoid(f) * c + ..., and yours is new alone.", out(new)
    yield (
        "The input gate is not used: what is new counts sigmoid(i) * tanh(g).",
        out(kept + np.tanh(g)),
    )
    yield (
        "The candidate g goes through a sigmoid: it may be negative, so take np.tanh(g).",
        out(kept + _sigmoid(i) * _sigmoid(g)),
    )
    yield "The candidate g is used as it is: take np.tanh(g).", out(kept + _sigmoid(i) * g)
    yield (
        "The output is made of c without its tanh: a = sigmoid(o) * tanh(c).",
        (_sigmoid(o) * right[1], right[1]),
    )
    yield (
        "The output is made of the old cell state: work out the new c first, then "
        "a = sigmoid(o) * tanh(c).",
        (_sigmoid(o) * np.tanh(c), right[1]),
    )


# --- The training model ----------------------------------------------------------------------


class _Fault(NamedTuple):
    """A common mistake: its name in :func:`_run`, and the sentence that corrects it.

    Names in braces in the sentence are fields of :class:`~sideman.course.versions.Spelling`.
    """

    name: str
    sentence: str


_RIGHT = _Fault("right", "")
_INPUTS = (
    _RIGHT,
    _Fault(
        "last",
        "Every step uses the last step of X: the function in Lambda looks t up when it is called, "
        "after the loop, when t has its last value. Slice at once, X[:, t, :], or bind it: "
        "lambda z, t=t: z[:, t, :].",
    ),
    _Fault("first", "Every step uses the first step of X: slice X[:, t, :], with the loop's t."),
    _Fault("back", "The steps use X from its end: let t run from 0 to Tx - 1."),
    _Fault("later", "Each step uses X one step too late: slice X[:, t, :], not t + 1."),
    _Fault("sooner", "Each step uses X one step too early: slice X[:, t, :], not t - 1."),
)
_STATES = (
    _RIGHT,
    _Fault(
        "again",
        "Every step starts from a0 and c0 again, so that no step depends on the steps before it: "
        "a, _, c = LSTM_cell(x, initial_state=[a, c]), with a = a0 and c = c0 once, before the "
        "loop.",
    ),
    _Fault(
        "zeros",
        "Every step starts from zeros: give the LSTM the state of the step before, "
        "LSTM_cell(x, initial_state=[a, c]).",
    ),
    _Fault(
        "output for state",
        "The cell state c is lost: LSTM_cell returns its output, its output once more, and its "
        "cell state; take the third as c: a, _, c = LSTM_cell(...).",
    ),
    _Fault(
        "state of the start",
        "Each step uses c0 as its cell state: take c from the step before as you do a, "
        "a, _, c = LSTM_cell(...).",
    ),
    _Fault(
        "output of the start",
        "Each step uses a0 as the output before: take a from the step before as you do c, "
        "a, _, c = LSTM_cell(...).",
    ),
    _Fault("crossed", "a and c are swapped: initial_state=[a, c], the output first."),
    _Fault(
        "names crossed",
        "a and c are swapped: LSTM_cell returns the output first and the cell state last, "
        "a, _, c = LSTM_cell(...).",
    ),
    _Fault(
        "starts crossed",
        "a0 and c0 are swapped: a = a0 and c = c0 before the loop, and a0 before c0 among "
        "the inputs of Model.",
    ),
    _Fault("both a0", "c starts from a0: c = c0 before the loop."),
    _Fault("both c0", "a starts from c0: a = a0 before the loop."),
    _Fault("dense on c", "densor is given the cell state c: give it the LSTM's output, densor(a)."),
)
_READINGS = (
    _RIGHT,
    _Fault(
        "twice",
        "The softmax is applied twice: densor has one already, so that out = densor(a) is enough.",
    ),
    _Fault(
        "reversed",
        "The outputs stand in the reverse order: outputs.append(out) in each step, so that the "
        "first step's comes first.",
    ),
)


def _run(
    w: Parameters,
    inputs: Callable[[int, Array, Array], Array],
    steps: int,
    a0: Array,
    c0: Array,
    state: str = "right",
    reading: str = "right",
) -> Array:
    """Return the probabilities (steps, batch, n) with mistakes in the state and the output.

    `inputs` returns the x of a step for its number and the previous output.
    """
    starts = {"starts crossed": (c0, a0), "both a0": (a0, a0), "both c0": (c0, c0)}
    a, c = starts.get(state, (a0, c0))
    outputs = []
    for t in range(steps):
        if state == "again":
            a, c = a0, c0
        elif state == "zeros":
            a, c = np.zeros_like(a0), np.zeros_like(c0)
        elif state == "state of the start":
            c = c0
        elif state == "output of the start":
            a = a0
        elif state == "crossed":
            a, c = c, a
        a, c = lstm.step(w, np.asarray(inputs(t, a, c), np.float32), a, c)
        if state == "names crossed":
            a, c = c, a
        p = lstm.softmax((c if state == "dense on c" else a) @ w.dense_kernel + w.dense_bias)
        outputs.append(lstm.softmax(p) if reading == "twice" else p)
        if state == "output for state":
            c = a
    return np.array(outputs[::-1] if reading == "reversed" else outputs)


def _distance(got: Array, expected: Array) -> float:
    """Return the largest difference of the logarithms of probabilities, in nats."""
    with np.errstate(divide="ignore"):
        logs = np.maximum(np.log(got), -30), np.maximum(np.log(expected), -30)
    return float(np.abs(logs[0] - logs[1]).max())


def check_djmodel(
    model: Any,
    LSTM_cell: Any = None,
    densor: Any = None,
    reshapor: Any = None,
    *,
    Tx: int = STEPS,
    n_a: int = N_A,
    n_values: int | None = None,
    version: Version = V3A,
) -> None:
    """Check the training model, which need not be trained; a CheckError names the mistake.

    `LSTM_cell` and `densor` are the layers that it must use, any layers where None; `reshapor` is
    accepted but not compared.  Messages use the code of `version`, whose number of values is the
    default.
    """
    del reshapor
    n = version.n_values if n_values is None else n_values
    _is_model(model, "djmodel", "Model(inputs=[X, a0, c0], outputs=outputs)")
    _has_inputs(model, [("X", (Tx, n)), ("a0", (n_a,)), ("c0", (n_a,))], version)
    _has_outputs(model, Tx, n, n_a, "Tx")
    cell, dense = _cells(model, LSTM_cell, densor)
    _has_single_steps(model, cell, n, f"{version.spelling.reshape} = Reshape((1, n_values))")
    draw = np.random.default_rng(5)
    X = np.eye(n, dtype=np.float32)[draw.integers(n, size=(_WINDOWS, Tx))]
    a0, c0 = draw.uniform(-1, 1, (2, _WINDOWS, n_a)).astype(np.float32)
    w = _weights(cell, dense)
    got = _ask(model, cell, dense, w, [X, a0, c0])
    order: dict[str, Sequence[int]] = {
        "right": range(Tx),
        "last": [Tx - 1] * Tx,
        "first": [0] * Tx,
        "back": range(Tx)[::-1],
        "later": [*range(1, Tx), Tx - 1],
        "sooner": [Tx - 1, *range(Tx - 1)],
    }
    fixed = {f"step {t}": [t] * Tx for t in range(1, Tx - 1)}

    def expected(read: str, state: str, reading: str) -> Array:
        steps = (order | fixed)[read]
        return _run(w, lambda t, *_: X[:, steps[t]], Tx, a0, c0, state, reading)

    always = [
        _Fault(name, f"Every step uses {name} of X: slice X[:, t, :], with the loop's t.")
        for name in fixed
    ]
    _name_fault(got, (*_INPUTS, *always), expected, version)
    _pass(
        f"djmodel: {Tx} steps share one LSTM and one dense layer, {model.count_params():,} "
        "parameters; each step uses its own slice of X and the state of the step before."
    )


def _name_fault(
    got: Array,
    inputs: Sequence[_Fault],
    expected: Callable[[str, str, str], Array],
    version: Version,
) -> None:
    """Raise an error for the one or two mistakes with these results; none for correct results."""
    triples = list(itertools.product(inputs, _STATES, _READINGS))
    for mistakes in (1, 2):
        # Correct results have the smallest distance, because a mistake adds 1e-4.
        near = min(
            (_distance(got, expected(*(fault.name for fault in triple))) + 1e-4 * bool(made), made)
            for triple in triples
            if len(made := _made(triple)) <= mistakes
        )
        if near[0] < _NEAR:
            if near[1]:
                cures = [cure.format(**version.spelling._asdict()) for cure in near[1]]
                _fail(" ".join(cures))
            return
    right = expected("right", "right", "right")
    wrong = [t for t in range(len(got)) if _distance(got[t], right[t]) >= _NEAR]
    _fail(
        f"From output {wrong[0]} on (counted from 0) the numbers are wrong, and none of the usual "
        "mistakes gives them: check that each step takes its input, one LSTM step from [a, c], and "
        "densor on a, in this order."
    )


def _made(faults: Iterable[_Fault]) -> list[str]:
    return [fault.sentence for fault in faults if fault.sentence]


def _is_model(model: Any, function: str, ending: str) -> None:
    if model is None:
        _fail(f"{function} returns nothing: end it with return {ending}.")
    if isinstance(model, layers.keras().Model):
        return
    if callable(model) and not isinstance(model, (list, tuple)):
        _fail(f"The check takes the model, not the function: call {function}(...) first.")
    _fail(
        f"{function} returns a {type(model).__name__} instead of a model: make a model of what you "
        f"have built, return {ending}."
    )


def _has_inputs(
    model: Any, wanted: Sequence[tuple[str, tuple[int, ...]]], version: Version
) -> None:
    shapes = [tuple(tensor.shape[1:]) for tensor in model.inputs]
    if shapes == [shape for _, shape in wanted]:
        return
    names = ", ".join(name for name, _ in wanted)
    expected = ", ".join(f"{name} {shape}" for name, shape in wanted)
    if sorted(shapes) == sorted(shape for _, shape in wanted):
        _fail(f"The inputs are in another order: Model(inputs=[{names}], ...).")
    other, n_values = V4 if version is V3A else V3A, wanted[0][1][-1]
    if n_values == version.n_values and shapes and shapes[0][-1] == other.n_values:
        _fail(
            f"The model has {other.n_values} values, as version {other.name} has; version "
            f"{version.name} has {n_values}: take n_values from the data, make LSTM_cell, densor "
            f"and {version.spelling.reshape} anew, and build the model again."
        )
    _fail(
        f"The model takes inputs of the shapes {', '.join(map(str, shapes))} (the batch not "
        f"counted); it should take {expected}: Model(inputs=[{names}], ...)."
    )


def _has_outputs(model: Any, steps: int, n_values: int, n_a: int, name: str) -> None:
    shapes = [tuple(tensor.shape[1:]) for tensor in model.outputs]
    if len(shapes) == 1 and steps != 1:
        _fail(
            f"The model has one output instead of {steps}: make the list once, outputs = [], "
            "before the loop, append(out) in each step inside it, and return Model(...) after it."
        )
    if len(shapes) != steps:
        _fail(
            f"The model has {len(shapes)} outputs instead of {name} = {steps}: one for each step."
        )
    for shape in shapes:
        if shape == (n_values,):
            continue
        appended = {(1, n_values): "x, the input of a step", (n_a,): "the LSTM's output a"}
        if shape in appended:
            _fail(f"The list of outputs holds {appended[shape]}: out = densor(a), append(out).")
        _fail(
            f"Each output has the shape {shape} instead of {(n_values,)}: it is densor(a), one "
            "probability for each value."
        )


def _layers_of(model: Any, kind: Any) -> list[Any]:
    return [layer for layer in model.layers if isinstance(layer, kind)]


def _cells(model: Any, LSTM_cell: Any, densor: Any) -> tuple[Any, Any]:
    """Return the LSTM and the dense layer; raise an error unless each is one shared layer."""
    kinds = layers.keras().layers
    found = []
    for kind, name, wanted in (
        (kinds.LSTM, "LSTM_cell", LSTM_cell),
        (kinds.Dense, "densor", densor),
    ):
        wanted = getattr(wanted, "_get", lambda wanted=wanted: wanted)()
        inside = _layers_of(model, kind)
        if not inside:
            _fail(f"There is no {kind.__name__} layer in the model: call {name} in every step.")
        others = [layer for layer in inside if layer is not wanted]
        if len(others) < len(inside) > 1:
            _fail(
                f"Beside {name} there are {len(others)} {kind.__name__} layers in the model that "
                f"do not belong to it: call {name} alone."
            )
        if 1 < len(inside) < len(model.outputs):
            _fail(
                f"There are {len(inside)} {kind.__name__} layers in the model, and one, {name}, is "
                "enough for all steps."
            )
        if len(inside) > 1:
            _fail(
                f"There are {len(inside)} {kind.__name__} layers in the model, which makes "
                f"{model.count_params():,} parameters: you made a new one in every step. Make "
                f"{name} once, before the function, and call that same layer in the loop."
            )
        if wanted is not None and inside[0] is not wanted:
            _fail(
                f"The model has a {kind.__name__} layer of its own, so that training one model "
                f"does not change the other: call the {name} that was made before."
            )
        found.append(inside[0])
    others = sorted(
        {
            type(layer).__name__
            for layer in model.layers
            if layer not in found and not isinstance(layer, _plain())
        }
    )
    if others:
        _fail(
            f"The model has layers that do not belong to it, {', '.join(others)}: each step is "
            "one LSTM step and densor, out = densor(a)."
        )
    return found[0], found[1]


def _plain() -> tuple[type, ...]:
    """Return the kinds of layers that move or rescale numbers and learn nothing."""
    kinds = layers.keras().layers
    names = (
        "InputLayer Reshape RepeatVector Lambda Activation Softmax Flatten Permute Identity "
        "Concatenate Cropping1D Masking TimeDistributed Add Multiply CategoryEncoding"
    )
    return tuple(getattr(kinds, name) for name in names.split())


def _has_single_steps(model: Any, cell: Any, n_values: int, cure: str) -> None:
    """Raise an error unless each call of the LSTM has a sequence of one step."""
    inside = {id(node) for nodes in model._nodes_by_depth.values() for node in nodes}
    shapes = [
        tuple(node.input_tensors[0].shape[1:]) for node in cell._inbound_nodes if id(node) in inside
    ]
    for t, shape in enumerate(shapes):
        if shape != (1, n_values):
            _fail(
                f"Step {t} (counted from 0) gives the LSTM the shape "
                f"{layers.written((None, *shape))} instead of "
                f"{layers.written((None, 1, n_values))}: {cure}."
            )


_UNUSED = ("dropout", "recurrent_dropout", "kernel_regularizer", "recurrent_regularizer")


def _weights(cell: Any, dense: Any) -> Parameters:
    """Return random weights for the two layers, larger than those of new layers.

    With small weights all probabilities would be similar.  The recurrent weights are small enough
    that rounding errors do not grow from step to step.
    """
    shapes = [tuple(weight.shape) for layer in (cell, dense) for weight in layer.weights]
    if [len(shape) for shape in shapes] != [2, 2, 1, 2, 1] or any(
        getattr(layer, option, None) for layer in (cell, dense) for option in _UNUSED
    ):
        _fail(
            "The cells must be LSTM(n_a, return_state=True) and "
            "Dense(n_values, activation='softmax'), with no other options."
        )
    draw = np.random.default_rng(10)
    scales = 2.0, 1 / np.sqrt(cell.units), 0.5, 6 / np.sqrt(cell.units), 0.5
    return Parameters(
        *(
            (scale * draw.normal(size=shape)).astype(np.float32)
            for scale, shape in zip(scales, shapes, strict=True)
        )
    )


def _ask(model: Any, cell: Any, dense: Any, w: Parameters, inputs: list[Array]) -> Array:
    """Return a model's outputs with other weights; raise an error unless they are probabilities.

    The model runs without compilation, which would take longer than running it.
    """
    ops = layers.keras().ops
    drawn = dict(
        zip(
            map(id, (*cell.weights, *dense.weights)),
            [getattr(w, name) for name in lstm.NAMES],
            strict=True,
        )
    )
    weights = [
        [ops.convert_to_tensor(drawn.get(id(weight), weight)) for weight in kind]
        for kind in (model.trainable_variables, model.non_trainable_variables)
    ]
    try:
        outputs, _ = model.stateless_call(*weights, list(map(ops.convert_to_tensor, inputs)))
    except Exception as error:  # a learner's layers may raise anything
        raise CheckError(f"The model is built but cannot be run: {_told(error)}") from error
    got = np.array([ops.convert_to_numpy(output) for output in outputs])
    if got.min() >= 0 and np.allclose(got.sum(axis=-1), 1, atol=1e-3):
        if np.isin(got, (0, 1)).all():
            _fail(
                "The outputs are one-hot rows, not probabilities: append out itself, "
                "outputs.append(out), before the next input is made of it."
            )
        return got
    if got.min() >= 0 and np.allclose(got.sum(axis=1), 1, atol=1e-3):
        _fail(
            "The softmax goes over the batch: the probabilities of each row must sum to 1, so "
            "take the last axis, Dense(n_values, activation='softmax')."
        )
    _fail(
        "The outputs are no probabilities: densor needs a softmax, "
        "Dense(n_values, activation='softmax')."
    )


def check_training(history: Any, epochs: int = _EPOCHS, *, version: Version = V3A) -> None:
    """Check that the loss of the training is that of the course; a CheckError says how it differs.

    `history` is the result of ``fit``, or the loss of each epoch.
    """
    blind, (lowest, highest) = version.blind_loss, version.last_losses
    band = f"{lowest:g} to {highest:g}"
    if history is None or isinstance(history, layers.Lazy) or hasattr(history, "fit"):
        _fail(
            "The check takes what fit returns: history = model.fit(...), check_training(history)."
        )
    told = getattr(history, "history", history)
    told = told.get("loss") if isinstance(told, Mapping) else told
    try:
        losses = [float(loss) for loss in told or ()]
    except (TypeError, ValueError) as error:
        raise CheckError(
            "The check takes what fit returns, or the list of its losses: "
            "history = model.fit(...), check_training(history)."
        ) from error
    if not losses:
        _fail(
            "There is no loss in what was given: history = model.fit(...), then "
            "check_training(history)."
        )
    if not np.isfinite(losses).all():
        _fail("The loss is not a number: make new cells and train with lr=0.01.")
    first, last = losses[0], losses[-1]
    other = V4 if version is V3A else V3A
    if -_BELOW < first - other.blind_loss < _ABOVE and not -_BELOW < first - blind < _ABOVE:
        _fail(
            f"The loss begins at {first:.1f}, as with the {other.n_values} values of version "
            f"{other.name}; here there are {version.n_values}. Use the import cell of that "
            f"version: {other.line}."
        )
    if first < _SMALLEST:
        _fail(
            f"The loss begins at {first:.2f}, and a sum of {STEPS} cross-entropies begins near "
            f"{blind - 0.6:.1f}: compile with loss='categorical_crossentropy'."
        )
    if first < blind - _BELOW:
        _fail(
            f"The loss begins at {first:.1f}; fresh cells begin near {blind - 0.6:.1f}, "
            f"{STEPS - 1} steps of log({version.n_values}), for the loss of the last step is 0. "
            "These cells had been trained before, as when fit is run twice: make LSTM_cell and "
            "densor anew, then the model, then compile and fit once."
        )
    if first > blind + _ABOVE:
        _fail(
            f"The loss begins at {first:.1f}, above the {blind:.1f} of a uniform guess: check that "
            "the targets are list(Y), and that densor ends in a softmax."
        )
    if len(losses) != epochs:
        _fail(f"The model was trained for {len(losses)} epochs instead of {epochs}.")
    if last < lowest:
        _fail(
            f"The loss ends at {last:.2f}, below the course's {band}: the rate was not slowed "
            "down. Give Adam its decay: Adam(lr=0.01, beta_1=0.9, beta_2=0.999, decay=0.01)."
        )
    if last > 60:
        _fail(
            f"The loss has only come down to {last:.1f}: the rate is too small. Adam's own is "
            "0.001; the course asks for lr=0.01."
        )
    if last > highest:
        _fail(
            f"The loss ends at {last:.2f} instead of {band}: check lr=0.01, decay=0.01, batches "
            "of 32, and that each step reads its own slice of X."
        )
    _pass(f"training: the loss fell from {first:.1f} to {last:.2f} in {epochs} epochs.")


# --- The inference model ---------------------------------------------------------------------

_FEEDS = (
    _RIGHT,
    _Fault(
        "probabilities",
        "The probabilities themselves are the next input: take the likeliest value and write it "
        "as one-hot, {next_input}.",
    ),
    _Fault(
        "start",
        "Every step uses x0 again: after each step let x be the one-hot of its out, {next_input}.",
    ),
    _Fault(
        "second",
        "The next input is always made of the first step's out: use this step's out, inside the "
        "loop.",
    ),
    _Fault(
        "of a",
        "The next input is made of the LSTM's output a: make it of densor's out, {next_input}.",
    ),
    _Fault(
        "of c",
        "The next input is made of the cell state c: make it of densor's out, {next_input}.",
    ),
    _Fault("unlikeliest", "The next input is the unlikeliest value: {argmax} finds the likeliest."),
)


def check_one_hot(
    function: Callable[[Any], Any], n_values: int | None = None, *, version: Version = V3A
) -> None:
    """Check the function that turns a step's probabilities into the next step's input.

    It maps a tensor (batch, n_values) to a tensor (batch, 1, n_values); a CheckError names the
    mistake.
    """
    n = version.n_values if n_values is None else n_values
    _, argmax, one_hot, _ = version.spelling
    draw = np.random.default_rng(6)
    p = draw.dirichlet(np.full(n, 0.3), _ROWS).astype(np.float32)
    given = _call("one_hot", function, layers.keras().ops.convert_to_tensor(p.copy()))
    if given is None:
        _fail("one_hot returns nothing: end it with return x.")
    got = np.asarray(layers.keras().ops.convert_to_numpy(given))
    right = np.eye(n)[p.argmax(axis=-1)]
    size = got.shape[-1] if got.ndim else 0
    if size == n and got.size == p.size and np.allclose(got.reshape(p.shape), p):
        _fail(f"The probabilities are unchanged: take {argmax} of them first.")
    if got.shape[0:1] == (n,):
        _fail(
            f"The shape is {got.shape}, with {n} rows for a batch of {_ROWS}: argmax went over "
            f"the batch. Take the last axis, {argmax}(x, axis=-1)."
        )
    if got.ndim > 1 and size != n:
        _fail(
            f"The rows have {size} columns instead of {n}: the depth of {one_hot} is n_values, "
            f"{one_hot}(x, {n})."
        )
    if got.shape == p.shape:
        if np.allclose(got, right):
            _fail(
                f"The values are right, the shape is {layers.written((None, n))}: the LSTM takes "
                "a sequence of one step, so add RepeatVector(1)."
            )
        _fail(
            f"The likeliest value is not the one marked: take {argmax} over the last axis, axis=-1."
        )
    if got.ndim == 3 and got.shape[::2] == (_ROWS, n) and got.shape[1] != 1:
        _fail(f"The row is repeated {got.shape[1]} times: one step, RepeatVector(1).")
    if got.shape != (_ROWS, 1, n):
        _fail(
            f"For {_ROWS} rows of probabilities the shape is {got.shape} instead of "
            f"{(_ROWS, 1, n)}: {argmax} over the last axis, {one_hot}, then RepeatVector(1)."
        )
    if not np.allclose(got[:, 0], right):
        _fail(
            f"The likeliest value is not the one marked: take {argmax} over the last axis, axis=-1."
        )
    _pass("one_hot: the likeliest value of each row, as a sequence of one step.")


def check_inference_model(
    model: Any,
    LSTM_cell: Any = None,
    densor: Any = None,
    *,
    Ty: int = _STEPS_PLAYED,
    n_a: int = N_A,
    n_values: int | None = None,
    version: Version = V3A,
) -> None:
    """Check the inference model; a CheckError names the mistake.

    `LSTM_cell` and `densor` are the trained layers that it must use, any layers where None.
    """
    n = version.n_values if n_values is None else n_values
    _is_model(model, "music_inference_model", "Model(inputs=[x0, a0, c0], outputs=outputs)")
    _has_inputs(model, [("x0", (1, n)), ("a0", (n_a,)), ("c0", (n_a,))], version)
    _has_outputs(model, Ty, n, n_a, "Ty")
    cell, dense = _cells(model, LSTM_cell, densor)
    _has_single_steps(model, cell, n, "make it a sequence of one step, RepeatVector(1)")
    draw = np.random.default_rng(7)
    x0 = np.eye(n, dtype=np.float32)[draw.integers(n, size=_WINDOWS)]
    a0, c0 = draw.uniform(-1, 1, (2, _WINDOWS, n_a)).astype(np.float32)
    w = _weights(cell, dense)
    got = _ask(model, cell, dense, w, [x0[:, None], a0, c0])
    one_hot = np.eye(n, dtype=np.float32)

    def expected(feed: str, state: str, reading: str) -> Array:
        played = got[::-1] if reading == "reversed" else got
        likeliest = one_hot[played.argmax(axis=-1)]
        # The next input is made of the model's own output, so that differences do not accumulate.
        inputs: dict[str, Array] = {
            "right": likeliest,
            "probabilities": played,
            "start": np.array([x0] * Ty),
            "second": likeliest[:1].repeat(Ty, 0),
            "unlikeliest": one_hot[played.argmin(axis=-1)],
        }

        def x(t: int, a: Array, c: Array) -> Array:
            if t == 0:
                return x0
            # Where n_a is larger, an index may be too large; that gives a row of zeros.
            of_state: Array = np.eye(max(n, n_a), n, dtype=np.float32)
            if feed in ("of a", "of c"):
                return np.asarray(of_state[(a if feed == "of a" else c).argmax(axis=-1)])
            return np.asarray(inputs[feed][t - 1])

        return _run(w, x, Ty, a0, c0, state, reading)

    _name_fault(got, _FEEDS, expected, version)
    _pass(
        f"music_inference_model: {Ty} steps on the trained cells; the input of each is the one-hot "
        "of the likeliest value of the step before."
    )


class _Recorder:
    """A stand-in for an inference model that records its inputs."""

    def __init__(self, n_values: int, n_a: int, Ty: int) -> None:
        draw = np.random.default_rng(8)
        # The largest index is below n_values - 1, so that missing num_classes is noticed.
        likeliest = draw.integers(n_values // 2, size=Ty)
        p = draw.uniform(0, 0.5, (Ty, 1, n_values)).astype(np.float32)
        p[np.arange(Ty), 0, likeliest] = 1
        # The likeliest of all is not of the first step, so that argmax without an axis shows.
        p[min(1, Ty - 1), 0, likeliest[min(1, Ty - 1)]] = 4
        self.answers = p / p.sum(axis=-1, keepdims=True)
        self.likeliest = likeliest.reshape(-1, 1)
        self.inputs = [np.empty(shape) for shape in ((1, 1, n_values), (1, n_a), (1, n_a))]
        self.outputs = list(self.answers)
        self.input_shape = [(None, *array.shape[1:]) for array in self.inputs]
        self.output_shape = [(None, n_values)] * Ty
        self.asked: list[list[Array]] = []

    def predict(self, x: Any, *args: Any, **kwargs: Any) -> list[Array]:
        if not isinstance(x, (list, tuple)) or any(map(np.ndim, args)):
            _fail(
                "predict takes the three arrays in one list: "
                "inference_model.predict([x_initializer, a_initializer, c_initializer])."
            )
        self.asked.append([np.array(array) for array in x])
        return list(self.answers.copy())

    __call__ = predict


def check_predict_and_sample(
    function: Callable[..., Any],
    *,
    Ty: int = _STEPS_PLAYED,
    n_a: int = N_A,
    n_values: int | None = None,
    version: Version = V3A,
) -> None:
    """Check the function that generates values with an inference model.

    It is ``function(inference_model, x_initializer, a_initializer, c_initializer)`` → ``(results,
    indices)``; a CheckError names the mistake.
    """
    n = version.n_values if n_values is None else n_values
    model = _Recorder(n, n_a, Ty)
    draw = np.random.default_rng(9)
    start = [
        np.eye(n)[[[n // 2]]],
        draw.uniform(-1, 1, (1, n_a)),
        draw.uniform(-1, 1, (1, n_a)),
    ]
    given = _call("predict_and_sample", function, model, *start)
    if given is None:
        _fail("predict_and_sample returns nothing: end it with return results, indices.")
    if not isinstance(given, (tuple, list)) or len(given) != 2:
        _fail("predict_and_sample must return two arrays: return results, indices.")
    _was_asked(model, start)
    results, indices = np.asarray(given[0]), np.asarray(given[1])
    if results.shape == (Ty, 1) and indices.ndim > 1 and indices.shape[-1] > 1:
        _fail("results and indices are swapped: return results, indices.")
    _are_likeliest(indices, model)
    hot = np.eye(n)[model.likeliest.ravel()]
    if results.ndim > hot.ndim and results.shape[:1] + results.shape[-1:] != hot.shape:
        _fail("results are not made of the indices: to_categorical(indices, num_classes=n_values).")
    columns = results.shape[-1] if results.ndim else 0
    if columns == (V4 if version is V3A else V3A).n_values != n:
        _fail(
            f"results has {columns} columns, and version {version.name} has {n} values: "
            "num_classes=n_values, or num_classes=x_initializer.shape[2]."
        )
    if columns == model.likeliest.max() + 1:
        _fail(
            f"results has {columns} columns instead of {n}: without num_classes, to_categorical "
            "makes as many as the highest index needs. Write num_classes=n_values."
        )
    if columns != n and results.shape[:1] == hot.shape[:1]:
        _fail(
            f"results has {columns} columns instead of {n}, one for each value: write "
            "num_classes=n_values."
        )
    if results.shape in (model.answers.shape, hot.shape) and np.allclose(
        results.reshape(hot.shape), model.answers[:, 0]
    ):
        _fail(
            "results are the probabilities: make them of the indices, "
            "to_categorical(indices, num_classes=n_values)."
        )
    if results.shape != hot.shape:
        _fail(f"results has the shape {results.shape} instead of {hot.shape}: a row for each step.")
    if not np.array_equal(results, hot):
        _fail(
            "The rows of results do not mark the indices: "
            "to_categorical(indices, num_classes=n_values)."
        )
    try:
        function(model)
    except TypeError as error:
        raise CheckError(
            "predict_and_sample needs all four arguments: give the last three the zeros "
            "x_initializer, a_initializer, c_initializer as their defaults."
        ) from error
    _pass(f"predict_and_sample: {Ty} indices, and the same as {Ty} one-hot rows of {n}.")


def _was_asked(model: _Recorder, start: Sequence[Array]) -> None:
    if not model.asked:
        _fail(
            "The model was not run: "
            "inference_model.predict([x_initializer, a_initializer, c_initializer])."
        )
    asked = model.asked[-1]
    if len(asked) != len(start):
        _fail(f"The model was given {len(asked)} arrays instead of three: x, a and c.")
    if [array.shape for array in asked] == [array.shape for array in start]:
        if all(map(np.allclose, asked, start)):
            return
        if np.allclose(asked[1], start[2]) and np.allclose(asked[2], start[1]):
            _fail("a_initializer and c_initializer are swapped on their way to the model.")
    _fail(
        "The model was given other arrays than predict_and_sample was: use its own "
        "arguments, in the order x_initializer, a_initializer, c_initializer."
    )


def _are_likeliest(indices: Array, model: _Recorder) -> None:
    right = model.likeliest
    steps, _, n_values = model.answers.shape
    if indices.shape == right.shape:
        if np.array_equal(indices, right):
            return
        _fail("The indices are not those of the likeliest values: np.argmax(pred, axis=-1).")
    if indices.size == right.size and np.array_equal(indices.reshape(right.shape), right):
        _fail(
            f"The indices are right, their shape {indices.shape} is not {right.shape}: make an "
            "array of the list of predictions, and take np.argmax(pred, axis=-1)."
        )
    if indices.shape == (1, n_values):
        _fail(
            f"The shape of indices is {indices.shape}: argmax went over the steps. Over the "
            f"values it is np.argmax(pred, axis=-1), of the shape {right.shape}."
        )
    if indices.shape == (steps, n_values):
        _fail(
            f"The shape of indices is {indices.shape}: argmax went over axis 1, which has one "
            f"element. Over the values it is np.argmax(pred, axis=-1), of the shape {right.shape}."
        )
    for t, name in ((-1, "last"), (0, "first")):
        if indices.size == 1 and indices.ravel()[0] == right[t, 0]:
            _fail(
                f"There is one index, that of the {name} step: take those of all steps, "
                f"np.argmax(pred, axis=-1), pred the array of {steps} predictions."
            )
    if indices.size == 1:
        _fail("There is one index for all steps: np.argmax needs its axis, axis=-1.")
    _fail(
        f"indices has the shape {indices.shape} instead of {right.shape}: "
        f"np.argmax(pred, axis=-1), pred the array of {steps} predictions."
    )


# --- Sampling at a temperature ----------------------------------------------------------------

_DRAWS = 4000
_TEMPERATURES = (0.5, 2.0)
# Total variation distance: the distributions below differ by more, and samples of one by less.
_LIKE = 0.06


def check_sample(function: Callable[..., Any]) -> None:
    """Check ``function(probabilities, temperature, rng)`` → int, by many draws.

    The probability of index k is proportional to exp(log p_k / temperature); else a CheckError is
    raised.
    """
    p = np.array([0.05, 0.5, 0.1, 0.3, 0.05])
    found = [_drawn(function, p, temperature) for temperature in _TEMPERATURES]
    usual = zip(*(_samplers(p, temperature) for temperature in _TEMPERATURES), strict=True)
    for (sentence, low), (_, high) in usual:
        apart = (
            np.abs(one - other).sum() / 2 for one, other in zip(found, (low, high), strict=True)
        )
        if max(apart) < _LIKE:
            if sentence:
                _fail(sentence)
            break
    else:
        cold, hot = (", ".join(f"{share:.2f}" for share in shares) for shares in found)
        _fail(
            f"For p = {', '.join(f'{share:g}' for share in p)} the shares of what is drawn are "
            f"{cold} at T = 0.5 and {hot} at T = 2; they should be proportional to "
            "exp(log(p) / T)."
        )
    _zeros_and_cold(function)
    _pass("sample_with_temperature: draws with probabilities proportional to exp(log(p) / T).")


def _softmax(z: Array) -> Array:
    return lstm.softmax(np.asarray(z, np.float64))


def _samplers(p: Array, t: float) -> list[tuple[str, Array]]:
    """Return the correct probabilities with an empty sentence, then those of common mistakes."""
    logs = np.log(p)
    return [
        ("", _softmax(logs / t)),
        ("The temperature is not used: divide log(p) by it before the exponential.", p),
        (
            "The logarithm is missing: the exponent is log(p) / T, and yours is p / T. Write "
            "np.exp(np.log(p) / T).",
            _softmax(p / t),
        ),
        (
            "log(p) is multiplied by the temperature: divide by it, so that a low one favours the "
            "most probable value.",
            _softmax(logs * t),
        ),
        (
            "The logarithm is missing, and the temperature multiplies: the exponent is log(p) / T.",
            _softmax(p * t),
        ),
        (
            "The most probable index is taken every time: that is argmax. Draw one with "
            "rng.choice(len(q), p=q).",
            np.eye(len(p))[p.argmax()],
        ),
        (
            "Every index is drawn equally often: give the probabilities to rng.choice, p=q.",
            np.full(len(p), 1 / len(p)),
        ),
    ]


def _drawn(function: Callable[..., Any], p: Array, temperature: float) -> Array:
    """Return the share of each index in many draws."""
    rng = np.random.default_rng(10)
    counts = np.zeros(len(p))
    for _ in range(_DRAWS):
        index = _asked(function, p.copy(), temperature, rng)
        counts[index] += 1
    return counts / _DRAWS


def _asked(function: Callable[..., Any], p: Array, temperature: float, rng: Any) -> int:
    name = "sample_with_temperature"
    try:
        given = _call(name, function, p, temperature, rng, check="check_sample")
    except CheckError as error:
        if "sum to 1" not in str(error) and "pvals" not in str(error):
            raise
        raise CheckError(
            "The probabilities given to rng do not sum to 1: take q = np.exp(np.log(p) / T), then "
            "divide by the sum, q = q / q.sum()."
        ) from error
    if given is None:
        _fail("sample_with_temperature returns nothing: end it with return.")
    index = np.asarray(given)
    if index.dtype.kind == "f" and index.shape == p.shape:
        _fail(
            "sample_with_temperature returns probabilities: draw one index with them, "
            "rng.choice(len(q), p=q)."
        )
    if index.size != 1 or index.dtype.kind not in "iu":
        _fail(
            f"sample_with_temperature returns {str(given)[:40]!r} instead of one index, an integer."
        )
    value = int(index.ravel()[0])
    if not 0 <= value < len(p):
        _fail(f"The index {value} is outside 0 to {len(p) - 1}.")
    return value


def _zeros_and_cold(function: Callable[..., Any]) -> None:
    """Check values with probability 0, and a very low temperature."""
    rng = np.random.default_rng(11)
    with np.errstate(all="ignore"):
        if any(_asked(function, np.array([0.0, 0.6, 0.4]), 2.0, rng) == 0 for _ in range(100)):
            _fail("A value with probability 0 is drawn: do not add anything to p.")
        try:
            cold = {_asked(function, np.array([0.2, 0.7, 0.1]), 0.0001, rng) for _ in range(20)}
        except CheckError as error:
            if not isinstance(
                error.__cause__, (ValueError, ArithmeticError, CheckError, type(None))
            ):
                raise
            raise CheckError(
                "At a temperature of 0.0001 every weight comes out as 0 or too large: with "
                "logits = np.log(p) / T subtract the maximum first, np.exp(logits - logits.max())."
            ) from error
    if cold != {1}:
        _fail("At a temperature of 0.0001 other values than the most probable one are drawn.")
