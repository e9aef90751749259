"""The tests of version 4: ``summary``, ``comparator`` and the two tables of expected layers.

The original compares a list of layers with a list recorded on TensorFlow 2.3.  Other releases use
other names for operations, and a correct solution with one operation more would fail.  So for a
summary of a model and one of the two tables, ``comparator`` runs the check of that exercise on the
model (:mod:`sideman.course.checks`), whose message also explains the mistake.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from sideman.course import layers
from sideman.course.checks import check_djmodel, check_inference_model
from sideman.course.mistakes import CheckError
from sideman.course.versions import STEPS, V4

_N_A, _STEPS_PLAYED = layers.N_A, 50
_OPERATION = "TensorFlowOpLayer"
# The order of layers in a summary; other operations follow in the order of the calls.
_ORDER = ("InputLayer", "Reshape", "LSTM", "Dense")
_PASSED = "\033[32mAll tests passed!\033[0m"


class ComparisonError(CheckError, AssertionError):
    """The model differs from the expected one, as described by the message."""


class Summary(list[list[Any]]):
    """A list for each layer of a model (class, output shape, parameters, …), and the model."""

    def __init__(self, rows: Iterable[list[Any]], model: Any) -> None:
        super().__init__(rows)
        self.model = model


class Expected(list[list[Any]]):
    """A list for each layer of the correct solution, and the check of the exercise."""

    def __init__(self, rows: Iterable[list[Any]], check: Callable[[Any], None]) -> None:
        super().__init__(rows)
        self.check = check


def summary(model: Any) -> Summary:
    """Compile a functional model and return a list for each of its layers and operations.

    It has the class, output shape and number of parameters; for Dense also the activation, for LSTM
    the input shapes and the activation, for RepeatVector its number.  Other operations have the
    name that they have in TensorFlow 2.3.
    """
    if not isinstance(model, layers.keras().Model):
        if callable(model):
            name = getattr(model, "__name__", "djmodel")
            raise ComparisonError(
                f"summary takes the model, not the function: call {name}(...) first."
            )
        raise ComparisonError(
            f"summary was given a {type(model).__name__} instead of a model: end the function with "
            "return Model(inputs=..., outputs=...)."
        )
    model.compile(optimizer="adam", loss="categorical_crossentropy", metrics=["accuracy"])
    return Summary(sorted(map(_row, model.operations), key=_place), model)


def _place(row: list[Any]) -> int:
    return _ORDER.index(row[0]) if row[0] in _ORDER else len(_ORDER)


def _row(operation: Any) -> list[Any]:
    node = operation._inbound_nodes[0]
    out = [tuple(tensor.shape) for tensor in node.output_tensors]
    if not isinstance(operation, layers.keras().layers.Layer):
        return [_OPERATION, out, 0]
    kind = type(operation).__name__
    several = len(out) > 1 or kind == "InputLayer"
    row = [kind, out if several else out[0], operation.count_params()]
    if kind == "Dense":
        row.append(operation.activation.__name__)
    elif kind == "LSTM":
        row += [[tuple(t.shape) for t in node.input_tensors], operation.activation.__name__]
    elif kind == "RepeatVector":
        row.append(operation.n)
    return row


def comparator(learner: Sequence[Sequence[Any]], instructor: Sequence[Sequence[Any]]) -> None:
    """Compare the summary of a learner's model with the expected one, such as ``djmodel_out``.

    Raise ComparisonError, an AssertionError, if they differ.

    >>> comparator([["Dense", 1]], [["Dense", 2]])
    Traceback (most recent call last):
    sideman.course.summaries.ComparisonError: Error in test: entry 0 is ['Dense', 1], expected \
['Dense', 2].
    """
    if isinstance(learner, Summary) and isinstance(instructor, Expected):
        try:
            with contextlib.redirect_stdout(io.StringIO()):  # replaced by the line below
                instructor.check(learner.model)
        except CheckError as error:
            raise ComparisonError(f"Error in test: {error}") from None
    elif not isinstance(learner, (list, tuple)) or not isinstance(instructor, (list, tuple)):
        raise ComparisonError(
            "comparator takes what summary gives, then the expected table: "
            "comparator(summary(model), djmodel_out)."
        )
    elif len(learner) != len(instructor):
        raise ComparisonError(
            "Error in test. The lists contain a different number of elements: "
            f"{len(learner)} instead of {len(instructor)}."
        )
    else:
        for index, (given, wanted) in enumerate(zip(learner, instructor, strict=True)):
            if tuple(given) != tuple(wanted):
                raise ComparisonError(
                    f"Error in test: entry {index} is {list(given)}, expected {list(wanted)}."
                )
    print(_PASSED)


def _inputs(x: tuple[int, int]) -> list[list[Any]]:
    return [["InputLayer", [(None, *shape)], 0] for shape in (x, (_N_A,), (_N_A,))]


def _shared(n: int) -> list[list[Any]]:
    state = (None, _N_A)
    lstm = 4 * _N_A * (n + _N_A + 1)
    return [
        ["LSTM", [state] * 3, lstm, [(None, 1, n), state, state], "tanh"],
        ["Dense", (None, n), (_N_A + 1) * n, "softmax"],
    ]


def _djmodel_rows(n: int) -> list[list[Any]]:
    cut = [_OPERATION, [(None, n)], 0]
    return [*_inputs((STEPS, n)), ["Reshape", (None, 1, n), 0], *_shared(n), *[cut] * STEPS]


def _inference_rows(n: int) -> list[list[Any]]:
    step = [
        [_OPERATION, [(None,)], 0],
        [_OPERATION, [(None, n)], 0],
        ["RepeatVector", (None, 1, n), 0, 1],
    ]
    return [*_inputs((1, n)), *_shared(n), *step * (_STEPS_PLAYED - 1)]


djmodel_out = Expected(_djmodel_rows(V4.n_values), lambda model: check_djmodel(model, version=V4))
music_inference_model_out = Expected(
    _inference_rows(V4.n_values), lambda model: check_inference_model(model, version=V4)
)
