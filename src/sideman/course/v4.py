"""Version 4 of the course (2021), with rests: 90 values instead of 78.

The import cell of a notebook of version 4 becomes::

    from sideman.course.v4 import *

    X, Y, n_values, indices_values, chords = load_music_utils("data/original_metheny.mid")

Differences from :mod:`sideman.course`, which is versions 1 to 3a
    ``load_music_utils`` returns five values; ``djmodel(Tx, LSTM_cell, densor, reshaper)`` and
    ``music_inference_model(LSTM_cell, densor, Ty)`` get the sizes from the cells;
    ``generate_music(inference_model, indices_tones, chords)`` has another order of arguments; the
    cells and the initial states have 90 values.
Additional names
    ``tf``, ``plt``, ``summary``, ``comparator``, ``djmodel_out``, ``music_inference_model_out``,
    ``mid2wav``.

All other names are those of :mod:`sideman.course`.
"""

import importlib
import os
from collections.abc import Mapping
from functools import partial, update_wrapper
from typing import Any

import numpy as np
from numpy.random import Generator, RandomState
from numpy.typing import NDArray

from sideman import course
from sideman.course import (
    LSTM,
    Activation,
    Adam,
    Dense,
    Dropout,
    Input,
    IPython,
    K,
    Lambda,
    Model,
    RepeatVector,
    Reshape,
    a_initializer,
    c_initializer,
    check_lstm_step,
    check_sample,
    checks,
    clean_up_notes,
    corpus,
    data_processing,
    generate_deepjazz,
    generate_grammar,
    generation,
    get_corpus_data,
    glorot_uniform,
    load_model,
    models,
    next_value_processing,
    parse_melody,
    parsing,
    predict_and_sample,
    prune_grammar,
    prune_notes,
    render_folder,
    sample,
    sequence_to_matrix,
    sys,
    to_categorical,
    unparse_grammar,
)
from sideman.course.layers import Cells, Lazy
from sideman.course.parsing import Chords
from sideman.course.sound import mid2wav
from sideman.course.stream import Stream
from sideman.course.summaries import comparator, djmodel_out, music_inference_model_out, summary
from sideman.course.tensorflow import tf
from sideman.course.versions import STEPS, V4
from sideman.errors import MusicError

plt = Lazy("plt", lambda: importlib.import_module("matplotlib.pyplot"))

n_a = course.n_a
x_initializer = np.zeros((1, 1, V4.n_values))
reshaper, LSTM_cell, densor = Cells.of(V4.n_values)

get_musical_data = partial(parsing.get_musical_data, rests=V4.rests)
load_music = partial(corpus.load_music, version=V4)
one_hot = partial(course.one_hot, n_values=V4.n_values)
check_djmodel = partial(checks.check_djmodel, version=V4)
check_inference_model = partial(checks.check_inference_model, version=V4)
check_one_hot = partial(checks.check_one_hot, version=V4)
check_predict_and_sample = partial(checks.check_predict_and_sample, version=V4)
check_training = partial(checks.check_training, version=V4)
inference_model = partial(models.inference_model, n_x=V4.n_values)
for _bound in (
    get_musical_data,
    load_music,
    one_hot,
    check_djmodel,
    check_inference_model,
    check_one_hot,
    check_predict_and_sample,
    check_training,
    inference_model,
):
    update_wrapper(_bound, _bound.func)


def load_music_utils(
    path: str | os.PathLike[str] | None = None, rng: RandomState | Generator | None = None
) -> tuple[NDArray[np.bool_], NDArray[np.bool_], int, dict[int, str], Chords]:
    """Return X, Y, n_values (90), the token of each index, and the chords of each measure."""
    music = corpus.load_music(path, V4)
    return *corpus.windows(music, rng), music.chords


def djmodel(
    Tx: int = STEPS, LSTM_cell: Any = None, densor: Any = None, reshaper: Any = None
) -> Any:
    """Build the training model: `Tx` steps of one LSTM cell and one dense layer.

    It maps X (batch, Tx, n_values), a0 and c0 (batch, n_a) to a list of `Tx` tensors (batch,
    n_values). The layers determine the sizes; they are the course's where None.
    """
    names = globals()
    reshaper, LSTM_cell, densor = (
        names[name] if given is None else given
        for name, given in (("reshaper", reshaper), ("LSTM_cell", LSTM_cell), ("densor", densor))
    )
    return models.djmodel(
        Tx,
        LSTM_cell.units,
        densor.units,
        reshapor=reshaper,
        LSTM_cell=LSTM_cell,
        densor=densor,
    )


def music_inference_model(LSTM_cell: Any, densor: Any, Ty: int = 100) -> Any:
    """Build the inference model: a step's input is the last step's most likely value, one-hot."""
    return models.music_inference_model(LSTM_cell, densor, densor.units, LSTM_cell.units, Ty)


def generate_music(
    inference_model: Any,
    indices_tones: Mapping[int, str] | None = None,
    chords: Chords | None = None,
    diversity: float = 0.5,
    *older: Any,
    path: str | os.PathLike[str] = generation.OUTPUT,
    rng: Generator | None = None,
) -> Stream:
    """Generate music over the first chords of the solo, and write it as MIDI.

    The stream has melody and chords at 130 quarter notes per minute.  A rest can be as long as the
    longest in the solo, 71 quarters, and delays everything after it.  `indices_tones` and `chords`
    are those of the solo loaded last where None; `diversity` is not used, as in the original;
    `older` is refused: version 3a's call has more arguments.

    A ModelError is raised if the model has more values than `indices_tones`, a MusicError if the
    arguments are in version 3a's order, and a FileError if the file cannot be written.
    """
    del diversity
    if older or not all(
        given is None or isinstance(given, Mapping) for given in (indices_tones, chords)
    ):
        raise MusicError(
            "In version 4 the call is generate_music(inference_model, indices_values, chords): "
            "two dictionaries after the model, the values first."
        )
    music = corpus.loaded(V4)
    return generation.generate_music(
        inference_model,
        indices_tones=music.indices_tones if indices_tones is None else indices_tones,
        chords=music.chords if chords is None else chords,
        path=path,
        rng=rng,
    )


__all__ = [
    "LSTM",
    "Activation",
    "Adam",
    "Dense",
    "Dropout",
    "IPython",
    "Input",
    "K",
    "LSTM_cell",
    "Lambda",
    "Model",
    "RepeatVector",
    "Reshape",
    "a_initializer",
    "c_initializer",
    "check_djmodel",
    "check_inference_model",
    "check_lstm_step",
    "check_one_hot",
    "check_predict_and_sample",
    "check_sample",
    "check_training",
    "clean_up_notes",
    "comparator",
    "data_processing",
    "densor",
    "djmodel",
    "djmodel_out",
    "generate_deepjazz",
    "generate_grammar",
    "generate_music",
    "get_corpus_data",
    "get_musical_data",
    "glorot_uniform",
    "inference_model",
    "load_model",
    "load_music",
    "load_music_utils",
    "mid2wav",
    "music_inference_model",
    "music_inference_model_out",
    "n_a",
    "next_value_processing",
    "np",
    "one_hot",
    "parse_melody",
    "plt",
    "predict_and_sample",
    "prune_grammar",
    "prune_notes",
    "render_folder",
    "reshaper",
    "sample",
    "sequence_to_matrix",
    "summary",
    "sys",
    "tf",
    "to_categorical",
    "unparse_grammar",
    "x_initializer",
]
