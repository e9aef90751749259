"""The course "Improvise a Jazz Solo with an LSTM Network", on current Python and Keras 3.

One star import provides every name that the assignment's cells use::

    from sideman.course import *

    X, Y, n_values, indices_values = load_music_utils()

Names from the course's own files
    ``get_musical_data parse_melody unparse_grammar`` (preprocess, grammar), ``prune_grammar
    prune_notes clean_up_notes`` (qa), ``get_corpus_data data_processing sequence_to_matrix
    load_music_utils one_hot`` (data and music utilities), ``generate_music predict_and_sample``,
    ``render_folder`` (midi.py).
Reference solutions of the exercises
    ``djmodel music_inference_model inference_model`` over the shared
    ``reshapor LSTM_cell densor``.
Names from Keras
    ``Input Dense LSTM Reshape Lambda RepeatVector Activation Dropout Model Adam to_categorical
    load_model glorot_uniform K``, as wrappers that accept Keras 2's arguments
    (:mod:`sideman.course.layers`) and import Keras on first use.
Checks of the exercises
    ``check_lstm_step check_djmodel check_training check_one_hot check_inference_model
    check_predict_and_sample check_sample`` (:mod:`sideman.course.checks`).
Sampler of deepjazz, from which the course was made
    ``sample next_value_processing generate_grammar generate_deepjazz``.

The implementation is :mod:`sideman.models.course`; these functions are thin wrappers with the
course's signatures.  Functions that draw random numbers take an optional ``rng``.
``python -m sideman.course`` runs the whole course.
"""

import sys

import sideman.course.early  # noqa: F401 - first, because the others take long

# isort: split
import numpy as np

from sideman.course.checks import (
    check_djmodel,
    check_inference_model,
    check_lstm_step,
    check_one_hot,
    check_predict_and_sample,
    check_sample,
    check_training,
)
from sideman.course.corpus import (
    data_processing,
    get_corpus_data,
    load_music,
    load_music_utils,
    sequence_to_matrix,
)
from sideman.course.generation import (
    generate_deepjazz,
    generate_grammar,
    generate_music,
    next_value_processing,
    sample,
)
from sideman.course.layers import (
    LSTM,
    Activation,
    Adam,
    Dense,
    Dropout,
    Input,
    K,
    Lambda,
    LSTM_cell,
    Model,
    RepeatVector,
    Reshape,
    densor,
    glorot_uniform,
    load_model,
    one_hot,
    reshapor,
    to_categorical,
)
from sideman.course.models import (
    djmodel,
    inference_model,
    music_inference_model,
    predict_and_sample,
)
from sideman.course.notebook import IPython
from sideman.course.parsing import get_musical_data, parse_melody, unparse_grammar
from sideman.course.pruning import clean_up_notes, prune_grammar, prune_notes
from sideman.course.sound import render_folder

n_a = 64
x_initializer = np.zeros((1, 1, 78))
a_initializer = np.zeros((1, n_a))
c_initializer = np.zeros((1, n_a))

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
    "data_processing",
    "densor",
    "djmodel",
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
    "music_inference_model",
    "n_a",
    "next_value_processing",
    "np",
    "one_hot",
    "parse_melody",
    "predict_and_sample",
    "prune_grammar",
    "prune_notes",
    "render_folder",
    "reshapor",
    "sample",
    "sequence_to_matrix",
    "sys",
    "to_categorical",
    "unparse_grammar",
    "x_initializer",
]
