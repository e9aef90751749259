"""The names that the assignment imports from Keras, as wrappers that import Keras on first use.

They also accept code written for Keras 2:

==================================  =========================================================
Keras 2 code                        on Keras 3, without these wrappers
==================================  =========================================================
``Adam(lr=0.01)``                   raises: the argument is ``learning_rate``
``Adam(decay=0.01)``                raises or is ignored: a schedule is needed instead
``compile(metrics=['accuracy'])``   raises with 30 outputs: each needs a list
``Lambda(lambda x: X[:, t, :])``    fails, or is called later, when ``t`` is 29
``K.argmax``, ``K.one_hot``         are not in the new backend module
``fit(X of bool, …)``               mixes types in the first product
``LSTM_cell(inputs=x, …)``          raises: the argument is ``sequences``
``LSTM_cell([x, a, c])``            raises: the state is no longer part of the input
``Model(input=…, output=…)``        raises (Keras 1's names)
``model.outputs[0].shape.as_list()``  raises: a shape is a tuple
``loss='categorical_crossentropy'`` has a wrong gradient for all-zero targets on TensorFlow
``import keras``                    needs TensorFlow unless a backend is chosen
==================================  =========================================================

If a learner's code fails while it builds a model, no check runs.  So the wrappers raise a
:class:`~sideman.course.mistakes.CheckError` that names the usual cause: ``LSTM`` validates its
arguments, because some errors appear only when the model runs; the others explain errors of
Keras.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sideman.course.mistakes import CheckError
from sideman.course.versions import V3A, V4
from sideman.errors import MissingExtraError, MusicError
from sideman.training.networks import load_jax

N_A, N_VALUES = 64, V3A.n_values
_SIZES = (V3A.n_values, V4.n_values)
_BACKENDS = ("jax", "tensorflow", "torch")
# Tools that inspect a namespace look these names up; Keras must not be imported for them.
_PRYING = ("__", "_ipython", "_repr")


@lru_cache(maxsize=1)
def keras() -> Any:
    """Return the module ``keras``, on JAX unless another backend was chosen.

    Raise MissingExtraError if Keras, or every backend, is missing.
    """
    if "keras" not in sys.modules and "KERAS_BACKEND" not in os.environ:
        for backend in _BACKENDS:
            if importlib.util.find_spec(backend) is not None:
                os.environ["KERAS_BACKEND"] = backend
                break
    try:
        if os.environ.get("KERAS_BACKEND") == "jax":
            load_jax()  # with the compilation cache, which makes later runs start faster
        return importlib.import_module("keras")
    except ImportError as error:
        raise MissingExtraError(
            "Building a model needs Keras and a backend for it; install them with "
            "pip install 'sideman[train]'."
        ) from error


class Lazy:
    """An object of Keras, or of another large library, that is created on first use.

    It supports calls, attributes, subclassing and ``isinstance``.  `make` returns the object;
    `renamed` maps each renamed keyword argument to its current name.
    """

    def __init__(
        self, name: str, make: Callable[[], Any], renamed: Mapping[str, str] | None = None
    ) -> None:
        self.__name__ = name
        self._make = make
        self._renamed = renamed or {}
        self._made: Any = None

    def _get(self) -> Any:
        if self._made is None:
            self._made = self._make()
        return self._made

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the object."""
        today = {self._renamed.get(name, name): value for name, value in kwargs.items()}
        return self._get()(*args, **today)

    def __getattr__(self, name: str) -> Any:
        if name.startswith(_PRYING):
            raise AttributeError(name)
        return getattr(self._get(), name)

    def __instancecheck__(self, instance: object) -> bool:
        return isinstance(instance, self._get())

    def __mro_entries__(self, bases: tuple[object, ...]) -> tuple[type, ...]:
        return (self._get(),)

    def __repr__(self) -> str:
        return f"<{self.__name__} of the course>"


def _layer(name: str) -> Lazy:
    return Lazy(name, lambda: getattr(keras().layers, name))


def _explained(name: str, explain: Callable[[Any, Any], str]) -> Lazy:
    """Return a layer of Keras whose ValueErrors are replaced by the sentence of `explain`."""

    def make() -> type:
        base: Any = getattr(keras().layers, name)

        def call(self: Any, *args: Any, **kwargs: Any) -> Any:
            try:
                return base.__call__(self, *args, **kwargs)
            except (AttributeError, TypeError, ValueError) as error:
                given = args[0] if args else kwargs.get("inputs")
                sentence = explain(self, given)
                if not sentence:
                    raise
                raise CheckError(sentence) from error

        layer = type(name, (base,), {"__call__": call, "__doc__": base.__doc__})
        registered: type = keras().saving.register_keras_serializable(package="sideman")(layer)
        return registered

    return Lazy(name, make)


def _shape(tensor: Any) -> tuple[int | None, ...] | None:
    shape = getattr(tensor, "shape", None)
    return None if shape is None else tuple(shape)


def written(shape: Sequence[int | None]) -> str:
    """Return a shape as text for a learner, such as ``(batch, 1, 78)``."""
    inside = ", ".join("batch" if size is None else str(size) for size in shape)
    return f"({inside},)" if len(shape) == 1 else f"({inside})"


def _why_dense_refuses(layer: Any, given: Any) -> str:
    if isinstance(given, (list, tuple)):
        return (
            "densor takes one tensor, and was given all three results of LSTM_cell: "
            "a, _, c = LSTM_cell(x, initial_state=[a, c]), then densor(a)."
        )
    shape = _shape(given)
    if shape is None or not layer.built or shape[-1] == layer.kernel.shape[0]:
        return ""
    return (
        f"densor has weights for rows of {layer.kernel.shape[0]}, the output a of the LSTM, and "
        f"was given the shape {written(shape)}: out = densor(a)."
    )


def _why_repeat_vector_refuses(layer: Any, given: Any) -> str:
    del layer
    shape = _shape(given)
    if shape is None or len(shape) == 2:
        return ""
    if len(shape) == 1:
        return (
            f"RepeatVector was given indices, of the shape {written(shape)}: first make one-hot "
            "rows of them, one_hot(x, n_values)."
        )
    return (
        f"RepeatVector takes the shape (batch, n_values), and was given {written(shape)}: take "
        "the argmax of this step's out, over its last axis, before one_hot."
    )


def _why_reshape_refuses(layer: Any, given: Any) -> str:
    rows = layer.target_shape[-1]
    shape = _shape(given)
    if shape is None:
        return (
            f"Reshape takes one step of X, a tensor, and was given {_kind(given)}: slice "
            "X[:, t, :], with the loop's t."
        )
    if len(layer.target_shape) != 2 or layer.target_shape[0] != 1 or None in shape[1:]:
        return ""
    if len(shape) == 3 and shape[-1] == rows:
        return (
            f"Reshape was given all of X, of the shape {written(shape)}: slice one step of it, "
            "X[:, t, :], with the loop's t."
        )
    start = f"Reshape((1, {rows})) takes rows of {rows} values, and was given {written(shape)}"
    if shape[-1] in _SIZES:
        return (
            f"{start}: make the cells anew with the n_values of your data, "
            f"Reshape((1, {shape[-1]}))."
        )
    return (
        f"{start}: slice X[:, t, :], the step in the middle and the values last, or make Reshape "
        "with the n_values of your data."
    )


Dense = _explained("Dense", _why_dense_refuses)
Reshape = _explained("Reshape", _why_reshape_refuses)
RepeatVector = _explained("RepeatVector", _why_repeat_vector_refuses)
Activation = _layer("Activation")
Dropout = _layer("Dropout")
Input = Lazy("Input", lambda: keras().Input)
load_model = Lazy("load_model", lambda: _loader())
glorot_uniform = Lazy("glorot_uniform", lambda: keras().initializers.GlorotUniform)


def _loader() -> Callable[..., Any]:
    """Return Keras' own, once it knows the stand-ins that a saved model may hold."""
    for made in (Model, LSTM, Dense, Reshape, RepeatVector):
        made._get()
    load: Callable[..., Any] = keras().models.load_model
    return load


def _lstm() -> type:
    base: Any = keras().layers.LSTM

    @keras().saving.register_keras_serializable(package="sideman")
    class LSTM(base):  # type: ignore[misc]
        """Keras' LSTM, which also accepts ``inputs=`` as in Keras 2.

        A sequence of one step is unrolled: compiling thirty loops takes 1.5 times as long.
        """

        def __call__(self, *args: Any, **kwargs: Any) -> Any:
            if "inputs" in kwargs:
                kwargs["sequences"] = kwargs.pop("inputs")
            names = ("sequences", "initial_state", "mask", "training")
            given = dict(zip(names, args, strict=False)) | kwargs
            x = given.get("sequences")
            if isinstance(x, (list, tuple)) and len(x) == 3 and "initial_state" not in given:
                # In Keras 2 the input and the state could be one list.
                given["sequences"], given["initial_state"] = x[0], list(x[1:])
            sentence = _wrong_sequence(self, given) or _wrong_state(self, given)
            if sentence:
                raise CheckError(sentence)
            result = super().__call__(given.pop("sequences"), **given)
            if type(result) is keras().KerasTensor:  # one tensor, for want of return_state
                result.__class__ = _single_result()
            return result

        def call(
            self,
            sequences: Any,
            initial_state: Any = None,
            mask: Any = None,
            training: bool = False,
        ) -> Any:
            self.unroll = sequences.shape[1] == 1
            return super().call(
                sequences, initial_state=initial_state, mask=mask, training=training
            )

    return LSTM


@lru_cache(maxsize=1)
def _single_result() -> type:
    base: Any = keras().KerasTensor

    class SingleResult(base):  # type: ignore[misc]
        """The output of an LSTM without return_state; unpacking it raises an error."""

        def __iter__(self) -> Any:
            raise CheckError(
                "This LSTM returns its output alone, and a, _, c = ... needs its state too: make "
                "it with return_state=True, LSTM_cell = LSTM(n_a, return_state=True)."
            )

    return SingleResult


def _wrong_sequence(cell: Any, given: Mapping[str, Any]) -> str:
    """Return what is wrong with the first argument of an LSTM; empty if it is valid."""
    x = given.get("sequences")
    shape = _shape(x)
    if shape is None:
        if isinstance(x, (list, tuple)):
            return (
                "LSTM_cell takes x alone as its first argument: LSTM_cell(x, initial_state=[a, c])."
            )
        return (
            f"LSTM_cell was given {_kind(x)} as x: see that the line that makes x gives a tensor, "
            "and that your own function ends with return."
        )
    if len(shape) != 3:
        return (
            f"LSTM_cell takes a sequence of one step, (batch, 1, n_values), and x has the shape "
            f"{written(shape)}: a slice of X goes through Reshape((1, n_values)) first, a one-hot "
            "row through RepeatVector(1)."
        )
    state = given.get("initial_state")
    states = [_shape(part) for part in state] if isinstance(state, (list, tuple)) else []
    if shape[0] is not None and any(part and part[0] is None for part in states):
        cause = (
            "argmax went over the batch: give it the last axis, axis=-1 (tf.math.argmax takes "
            "axis 0 where none is given)"
            if shape[0] == shape[-1] or (shape[-1] is not None and _played(x))
            else "one_hot writes along another axis: leave its axis out"
            if shape[-1] is None
            else "slice X[:, t, :], the batch stands first"
        )
        return (
            f"x has the shape {written(shape)}, and its first axis must be the batch, "
            f"(batch, 1, n_values): {cause}."
        )
    rows = cell.cell.kernel.shape[0] if cell.built else shape[-1]
    if shape[-1] != rows:
        cause = (
            "Reshape takes (1, n_values), the step first"
            if shape[-1] == 1
            else "the depth of one_hot is n_values; or, if all your data have "
            f"{shape[-1]} values, make new cells"
        )
        return (
            f"LSTM_cell has weights for rows of {rows} values, and x has the shape "
            f"{written(shape)}: {cause}."
        )
    return ""


def _played(tensor: Any) -> bool:
    """Return whether a tensor is computed from the output of an LSTM."""
    kind = keras().layers.LSTM
    return any(isinstance(operation, kind) for operation in _operations([tensor]))


def _operations(tensors: Sequence[Any]) -> Iterator[Any]:
    """Yield the operations from which tensors are computed, once for each of their calls."""
    left, seen = [*tensors], set()
    while left:
        history = getattr(left.pop(), "_keras_history", None)
        if history is None or (place := history[:2]) in seen:
            continue
        seen.add(place)
        operation, node, _ = history
        yield operation
        left += operation._inbound_nodes[node].input_tensors


def _wrong_state(cell: Any, given: Mapping[str, Any]) -> str:
    """Return what is wrong with the initial state of an LSTM; empty if it is valid."""
    state = given.get("initial_state")
    cure = "LSTM_cell(x, initial_state=[a, c])"
    if state is None:
        return ""
    if _shape(state) is not None and _shape(given.get("mask")) is not None:
        return f"a and c come as one list: {cure}."
    if not isinstance(state, (list, tuple)) or len(state) != 2:
        return f"The state of an LSTM is two tensors, the output a and the cell state c: {cure}."
    for part in state:
        shape = _shape(part)
        if shape is None:
            return f"The state must be two tensors, and one is {_kind(part)}: {cure}."
        if len(shape) != 2 or shape[1] != cell.units:
            return (
                f"Each part of the state has the shape (batch, {cell.units}), and one was given "
                f"as {written(shape)}: {cure}, with a and c as LSTM(n_a, return_state=True) "
                "returns them."
            )
    return ""


def _kind(value: Any) -> str:
    return "None" if value is None else f"a {type(value).__name__}"


LSTM = Lazy("LSTM", _lstm)


class Lambda:
    """A layer that calls a function from tensor to tensor immediately.

    The ``Lambda`` of Keras 3 calls the function whenever the model runs; by then a loop variable in
    the function has its last value.  Called immediately on the symbolic tensor, the function
    records its operations.  `arguments` are further keyword arguments of the function;
    `output_shape`, `mask`, `name` and `dtype` are accepted for compatibility and not used.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        output_shape: Any = None,
        mask: Any = None,
        arguments: dict[str, Any] | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        if not callable(function):
            raise CheckError(
                f"Lambda takes a function, and was given {_kind(function)}: "
                "Lambda(one_hot)(out), the tensor in brackets of its own."
            )
        self.function = function
        self.arguments = arguments or {}
        self.output_shape, self.mask, self.name, self.dtype = output_shape, mask, name, dtype

    def __call__(self, inputs: Any) -> Any:
        """Return the value of the function."""
        result = self.function(inputs, **self.arguments)
        if result is None:
            name = getattr(self.function, "__name__", "function")
            raise CheckError(f"{name} returns nothing: end it with return x.")
        return result


def _adam() -> Callable[..., Any]:
    def adam(
        lr: Any = None,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        decay: float = 0.0,
        **others: Any,
    ) -> Any:
        rate = others.pop("learning_rate", 0.001) if lr is None else lr
        if decay:
            rate = keras().optimizers.schedules.InverseTimeDecay(
                rate, decay_steps=1, decay_rate=decay
            )
        return keras().optimizers.Adam(
            rate, beta_1=beta_1, beta_2=beta_2, epsilon=epsilon, **others
        )

    return adam


Adam = Lazy("Adam", _adam)
"""``Adam(lr, beta_1, beta_2, epsilon, decay)``: the rate is lr / (1 + decay · updates)."""


def categorical_crossentropy(y_true: Any, y_pred: Any) -> Any:
    """Return −Σ target · log(probability), (batch,), with the same gradient on every backend.

    TensorFlow's fused operation assumes targets that sum to one; those of the last step are zero.
    """
    ops = keras().ops
    probability = y_pred / ops.sum(y_pred, axis=-1, keepdims=True)
    probability = ops.clip(probability, 1e-7, 1 - 1e-7)
    return -ops.sum(ops.cast(y_true, probability.dtype) * ops.log(probability), axis=-1)


def _model() -> type:
    base: Any = keras().Model

    @keras().saving.register_keras_serializable(package="sideman")
    class Model(base):  # type: ignore[misc]
        """A Keras model that accepts Keras 2's arguments."""

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            given = dict(zip(("inputs", "outputs"), args, strict=False)) | kwargs
            _connect(given.get("inputs"))
            try:
                super().__init__(*args, **kwargs)
            except ValueError as error:
                sentence = _why_no_model(given.get("inputs"), given.get("outputs"))
                if not sentence:
                    raise
                raise CheckError(sentence) from error
            if "outputs" not in given:
                return
            # Keras before 3.14 builds a model of which an input is missing.
            inputs = {tensor._keras_history.operation for tensor in self.inputs}
            kind = keras().layers.InputLayer
            needed = (made for made in _operations(self.outputs) if isinstance(made, kind))
            _expect("" if inputs.issuperset(needed) else _MISSING_INPUT)
            for tensor in (*self.inputs, *self.outputs):
                # Keras has no public way to set a shape.
                tensor._shape = Shape(tensor.shape)

        def compile(
            self,
            optimizer: Any = "rmsprop",
            loss: Any = None,
            metrics: Any = None,
            **others: Any,
        ) -> None:
            if loss == "categorical_crossentropy":
                loss = categorical_crossentropy
            several = len(self.outputs)
            if several > 1:
                if metrics and all(isinstance(metric, str) for metric in metrics):
                    metrics = [list(metrics) for _ in range(several)]
                if callable(loss) or isinstance(loss, str):
                    loss = [loss] * several
            super().compile(optimizer=optimizer, loss=loss, metrics=metrics, **others)

        def get_compile_config(self) -> dict[str, Any]:
            # A loaded model must be compiled again, with Keras 2's arguments.
            return {}

        def fit(self, x: Any = None, y: Any = None, *args: Any, **kwargs: Any) -> Any:
            _expect(wrong_inputs(self, x) or _wrong_targets(self, y))
            return super().fit(_floats(x), _floats(y), *args, **kwargs)

        def evaluate(self, x: Any = None, y: Any = None, *args: Any, **kwargs: Any) -> Any:
            return super().evaluate(_floats(x), _floats(y), *args, **kwargs)

        def predict(self, x: Any, *args: Any, **kwargs: Any) -> Any:
            _expect(wrong_inputs(self, x))
            return super().predict(_floats(x), *args, **kwargs)

    return Model


Model = Lazy("Model", _model, {"input": "inputs", "output": "outputs"})


def _connect(inputs: Any) -> None:
    """Use each input that nothing uses: Keras before 3.14 builds no model with it otherwise."""
    symbolic, identity = keras().KerasTensor, keras().layers.Identity
    for tensor in inputs if isinstance(inputs, (list, tuple)) else [inputs]:
        if isinstance(tensor, symbolic) and not tensor._keras_history.operation._outbound_nodes:
            identity()(tensor)


_MISSING_INPUT = (
    "The outputs depend on an Input that the model does not have among its inputs: "
    "inputs=[X, a0, c0], or [x0, a0, c0] in music_inference_model."
)


def _why_no_model(inputs: Any, outputs: Any) -> str:
    """Return why Keras cannot build a model of these tensors; empty for another reason."""
    symbolic = keras().KerasTensor
    for tensor in outputs if isinstance(outputs, (list, tuple)) else [outputs]:
        if not isinstance(tensor, symbolic):
            return (
                f"outputs must hold tensors, and there is {_kind(tensor)}: write "
                "outputs.append(out) in the loop, with out = densor(a), and give Model the list."
            )
    if not outputs:
        return "The list of outputs is empty: outputs.append(out) in each step of the loop."
    made = [inputs] if isinstance(inputs, symbolic) else inputs
    if not isinstance(made, (list, tuple)) or not all(isinstance(x, symbolic) for x in made):
        return "inputs must hold the three tensors that Input made, in a list."
    kind = keras().layers.InputLayer
    if not all(isinstance(tensor._keras_history.operation, kind) for tensor in made):
        return (
            "The inputs of the model must be the tensors that Input made, and x, a and c have "
            "other values after the loop: inputs=[X, a0, c0], or [x0, a0, c0] in "
            "music_inference_model."
        )
    return _MISSING_INPUT


def _expect(wrong: str) -> None:
    if wrong:
        raise CheckError(wrong)


def wrong_inputs(model: Any, x: Any) -> str:
    """Return why a model cannot be run on arrays; empty if it can, or if `x` is not a list."""
    shapes = [_shape(array) for array in x] if isinstance(x, (list, tuple)) else []
    wanted = [tuple(tensor.shape) for tensor in model.inputs]
    if not shapes or None in shapes:
        return ""
    if len(shapes) != len(wanted):
        return (
            f"The model takes a list of {len(wanted)} arrays, and was given {len(shapes)}: "
            "[X, a0, c0], or [x_initializer, a_initializer, c_initializer]."
        )
    rows = [shape[1:] for shape in shapes if shape]
    if rows != [sizes[1:] for sizes in wanted] and Counter(rows) == Counter(
        sizes[1:] for sizes in wanted
    ):
        return (
            "The arrays stand in another order than the inputs of the model: [X, a0, c0], or "
            "[x_initializer, a_initializer, c_initializer]."
        )
    if len({shape[0] for shape in shapes if shape}) > 1:
        return (
            f"The arrays have different numbers of rows, {', '.join(map(str, shapes))}: give each "
            "window of X its own row of zeros, a0 = np.zeros((m, n_a)), with m = X.shape[0]."
        )
    for shape, sizes in zip(shapes, wanted, strict=True):
        if shape is not None and shape[1:] != sizes[1:]:
            return (
                f"The model takes arrays of the shapes {', '.join(map(written, wanted))}, and "
                f"was given {shape}: make data, cells and model with the same n_values."
            )
    return ""


def _wrong_targets(model: Any, y: Any) -> str:
    """Return why a model cannot be trained with these targets; empty if it can."""
    steps = len(model.outputs)
    if steps == 1 or y is None:
        return ""
    if not isinstance(y, (list, tuple)):
        return (
            f"The model has {steps} outputs, so that fit takes a list of {steps} arrays: list(Y)."
        )
    if len(y) != steps:
        return (
            f"The model has {steps} outputs, and fit was given {len(y)} targets: list(Y), with Y "
            f"of the shape ({steps}, m, n_values)."
        )
    return ""


class Shape(tuple[int | None, ...]):
    """The shape of a tensor: a tuple, as in Keras 3, with TensorFlow's ``as_list``."""

    __slots__ = ()

    def as_list(self) -> list[int | None]:
        """Return the sizes as a list."""
        return list(self)


def _floats(arrays: Any) -> Any:
    """Return arrays, in nested lists, as float32."""
    if isinstance(arrays, (list, tuple)):
        return [_floats(array) for array in arrays]
    if isinstance(arrays, np.ndarray):
        return arrays.astype(np.float32)
    return arrays


class _Backend:
    """Keras 2's ``keras.backend``, implemented with ``keras.ops``."""

    def argmax(self, x: Any, axis: int = -1) -> Any:
        return keras().ops.argmax(x, axis=axis)

    def argmin(self, x: Any, axis: int = -1) -> Any:
        return keras().ops.argmin(x, axis=axis)

    def one_hot(self, indices: Any, num_classes: int) -> Any:
        return keras().ops.one_hot(indices, num_classes)

    def int_shape(self, x: Any) -> tuple[int | None, ...]:
        return tuple(x.shape)

    def concatenate(self, tensors: Sequence[Any], axis: int = -1) -> Any:
        return keras().ops.concatenate(tensors, axis=axis)

    def permute_dimensions(self, x: Any, pattern: Sequence[int]) -> Any:
        return keras().ops.transpose(x, pattern)

    def clear_session(self) -> None:
        keras().utils.clear_session()

    def __getattr__(self, name: str) -> Any:
        if name.startswith(_PRYING):
            raise AttributeError(name)
        for module in (keras().ops, keras().backend):
            if hasattr(module, name):
                return getattr(module, name)
        raise AttributeError(f"The backend of Keras 3 has no {name!r}; look into keras.ops.")


K = _Backend()


def to_categorical(y: ArrayLike, num_classes: int | None = None) -> NDArray[np.float64]:
    """Return class numbers as one-hot rows; a last axis of length 1 is removed.

    There are `num_classes` columns, where None the largest number + 1.  A MusicError is raised if a
    number is negative or has no column.

    >>> to_categorical([[2], [0]], 3).tolist()
    [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]
    """
    if hasattr(y, "_keras_history") or type(y).__name__ == "KerasTensor":
        raise CheckError(
            "to_categorical takes an array of indices, and was given a tensor of a model, which "
            "has no numbers yet. In the model take K.one_hot(K.argmax(out), n_values), or "
            "tf.one_hot(tf.math.argmax(out, axis=-1), n_values) in version 4."
        )
    numbers = np.asarray(y).astype(np.int64)
    if numbers.ndim > 1 and numbers.shape[-1] == 1:
        numbers = numbers[..., 0]
    highest = int(numbers.max(initial=-1))
    columns = highest + 1 if num_classes is None else num_classes
    if highest >= columns or numbers.min(initial=0) < 0:
        wrong = highest if highest >= columns else numbers.min()
        raise MusicError(
            f"Class numbers must lie from 0 to {columns - 1} to be one-hot, and one is {wrong}: "
            "check num_classes=n_values, and np.argmax, which without axis=-1 counts on from step "
            "to step."
        )
    hot = np.zeros((*numbers.shape, columns))
    np.put_along_axis(hot, numbers[..., None], 1, axis=-1)
    return hot


def one_hot(x: Any, n_values: int = N_VALUES) -> Any:
    """Return the most likely value of probabilities (batch, n) as one-hot rows (batch, 1, n)."""
    return RepeatVector(1)(K.one_hot(K.argmax(x), n_values))


class Cells(NamedTuple):
    """The layers that all steps of the course's models share; the LSTM also returns its state."""

    reshape: Lazy
    lstm: Lazy
    dense: Lazy

    @classmethod
    def of(cls, n_values: int, n_a: int = N_A) -> Cells:
        """Return new layers for `n_values` values and `n_a` units, created on first use."""
        return cls(
            Lazy("reshapor", lambda: Reshape((1, n_values))),
            Lazy("LSTM_cell", lambda: LSTM(n_a, return_state=True)),
            Lazy("densor", lambda: Dense(n_values, activation="softmax")),
        )


reshapor, LSTM_cell, densor = Cells.of(N_VALUES)
