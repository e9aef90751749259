"""The part of TensorFlow that version 4 of the assignment uses, implemented with ``keras.ops``.

It runs on every backend of Keras.  ``tf`` is a plain object: there is no module ``tensorflow``,
because other libraries check for one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sideman.course import layers
from sideman.course.layers import keras

_DTYPES = ("float16", "float32", "float64", "int32", "int64", "bool")
# TensorFlow's names, and those of keras.ops.
_RENAMED = {
    "concat": "concatenate",
    "reduce_max": "max",
    "reduce_mean": "mean",
    "reduce_min": "min",
    "reduce_prod": "prod",
    "reduce_sum": "sum",
}
_ARGUMENTS = {
    "keep_dims": "keepdims",
    **dict.fromkeys(("input", "input_tensor", "tensor", "features", "a"), "x"),
}
# Arguments of one function that keras.ops calls otherwise.
_ARGUMENTS_OF = {
    "concat": {"values": "xs"},
    "reshape": {"shape": "newshape"},
    "split": {"value": "x", "num_or_size_splits": "indices_or_sections"},
    "stack": {"values": "x"},
    "tile": {"multiples": "repeats"},
}


class TensorFlow:
    """``tf``: functions on tensors, symbolic or not, with TensorFlow's names and defaults."""

    def argmax(
        self, input: Any, axis: int | None = None, output_type: Any = None, name: Any = None
    ) -> Any:
        """Return the index of the largest value along an axis, which is 0 where it is None."""
        del name
        index = keras().ops.argmax(input, axis=0 if axis is None else axis)
        return index if output_type is None else keras().ops.cast(index, output_type)

    def one_hot(
        self,
        indices: Any,
        depth: int,
        on_value: Any = None,
        off_value: Any = None,
        axis: int | None = None,
        dtype: Any = None,
        name: Any = None,
    ) -> Any:
        """Return rows of `depth` zeros with a one at each index, or of two other values."""
        del name
        ops = keras().ops
        axis = -1 if axis is None else axis
        rows = ops.one_hot(indices, depth, axis=axis, dtype=dtype or "float32")
        if on_value is None and off_value is None:
            return rows
        on = 1 if on_value is None else on_value
        off = 0 if off_value is None else off_value
        return ops.where(rows > 0, ops.cast(on, rows.dtype), ops.cast(off, rows.dtype))

    def identity(self, input: Any, name: Any = None) -> Any:
        """Return a tensor as it is."""
        del name
        return input

    def transpose(self, a: Any, perm: Any = None, conjugate: bool = False, name: Any = None) -> Any:
        """Return a tensor with its axes in another order, reversed where `perm` is None."""
        del conjugate, name
        return keras().ops.transpose(a, perm)

    def softmax(self, logits: Any, axis: int | None = None, name: Any = None) -> Any:
        """Return probabilities along an axis, the last where it is None."""
        del name
        return keras().ops.softmax(logits, axis=-1 if axis is None else axis)

    def gather(self, params: Any, indices: Any, axis: int = 0, name: Any = None) -> Any:
        """Return the slices of a tensor at some indices of an axis."""
        del name
        return keras().ops.take(params, indices, axis=axis)

    newaxis = None

    def expand_dims(self, input: Any, axis: int = -1, name: Any = None) -> Any:
        """Return a tensor with an additional axis of size 1."""
        del name
        return keras().ops.expand_dims(input, axis)

    def convert_to_tensor(self, value: Any, dtype: Any = None, name: Any = None) -> Any:
        """Return a tensor of an array or a list."""
        del name
        return keras().ops.convert_to_tensor(value, dtype=dtype)

    constant = convert_to_tensor

    def function(self, func: Callable[..., Any] | None = None, **options: Any) -> Any:
        """Return a function as it is: ``@tf.function`` with or without arguments."""
        del options
        return (lambda given: given) if func is None else func

    @property
    def keras(self) -> Any:
        """``tf.keras`` with the course's wrappers."""
        return _StandIns(
            keras,
            Input=layers.Input,
            backend=layers.K,
            layers=_StandIns(lambda: keras().layers),
            models=_StandIns(lambda: keras().models),
            optimizers=_StandIns(lambda: keras().optimizers),
            utils=_StandIns(lambda: keras().utils, to_categorical=layers.to_categorical),
        )

    @property
    def math(self) -> TensorFlow:
        """``tf.math``: the same functions."""
        return self

    nn = math

    @property
    def random(self) -> Any:
        """``tf.random``: ``set_seed``, ``normal``, ``uniform``, ``categorical`` and others."""
        return _StandIns(
            lambda: keras().random, set_seed=lambda seed: keras().utils.set_random_seed(seed)
        )

    def __getattr__(self, name: str) -> Any:
        if name in _DTYPES:
            return name
        operation = (
            None if name.startswith("_") else getattr(keras().ops, _RENAMED.get(name, name), None)
        )
        if operation is None:
            raise AttributeError(
                f"tf.{name} is not among the functions of TensorFlow that the course has here; "
                "look for its equal in keras.ops."
            )

        def renamed(*args: Any, **kwargs: Any) -> Any:
            names = _ARGUMENTS | _ARGUMENTS_OF.get(name, {})
            kwargs.pop("name", None)
            return operation(*args, **{names.get(key, key): arg for key, arg in kwargs.items()})

        return renamed

    def __repr__(self) -> str:
        return "<tf of the course, over keras.ops>"


class _StandIns:
    """A module of Keras in which the course's wrappers replace classes of Keras."""

    def __init__(self, module: Callable[[], Any], **others: Any) -> None:
        self._module = module
        self._others = others

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        if name in self._others:
            return self._others[name]
        if name in (
            "LSTM",
            "Dense",
            "Reshape",
            "RepeatVector",
            "Lambda",
            "Model",
            "Adam",
            "load_model",
        ):
            return getattr(layers, name)
        return getattr(self._module(), name)


tf = TensorFlow()
