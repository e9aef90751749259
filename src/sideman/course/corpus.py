"""The course's ``data_utils`` and ``music_utils``: one-hot windows of grammars."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.random import Generator, RandomState
from numpy.typing import NDArray

from sideman.course.parsing import Chords, get_musical_data
from sideman.course.versions import STEPS, V3A, Version
from sideman.errors import FileError, MusicError

COURSE_FILE = "data/original_metheny.mid"
WINDOWS = 60
_MOST_CELLS = 2_000_000_000


class Music(NamedTuple):
    """A solo in the form that the course's functions use.

    `chords` and `abstract_grammars` hold the chords and tokens of each measure (measure 0 has no
    chords; the tokens begin with measure 1), `corpus` all tokens in order, `tones` the distinct
    ones, sorted. `tones_indices` and `indices_tones` map each of them to its index and back.
    """

    chords: Chords
    abstract_grammars: list[str]
    corpus: list[str]
    tones: list[str]
    tones_indices: dict[str, int]
    indices_tones: dict[int, str]


def get_corpus_data(
    abstract_grammars: Iterable[str],
) -> tuple[list[str], list[str], dict[str, int], dict[int, str]]:
    """Return all tokens, the distinct ones sorted, and maps from each to its index and back.

    >>> get_corpus_data(["C,0.500 S,0.250,<m2,P-4>", "C,0.500"])[1]
    ['C,0.500', 'S,0.250,<m2,P-4>']
    """
    corpus = [token for grammar in abstract_grammars for token in grammar.split()]
    values = sorted(set(corpus))
    indices_val = dict(enumerate(values))
    return corpus, values, {value: index for index, value in indices_val.items()}, indices_val


def data_processing(
    corpus: Sequence[str],
    values_indices: Mapping[str, int],
    m: int = WINDOWS,
    Tx: int = STEPS,
    rng: RandomState | Generator | None = None,
) -> tuple[NDArray[np.bool_], NDArray[np.bool_], int]:
    """Return `m` windows of `Tx` tokens, cut at random positions of the corpus, and their targets.

    Parameters
    ----------
    rng : numpy.random.RandomState, numpy.random.Generator or None
        The random generator; the course's seed 0 where None, private to this call.

    Returns
    -------
    X : numpy.ndarray
        (m, Tx, N) one-hot, bool; each window's first step is all zero.
    Y : numpy.ndarray
        (Tx, m, N): X one step later; the last step is all zero.
    N_values : int
        The number of values.

    Raises
    ------
    MusicError
        If the corpus has at most `Tx` tokens, one has no index, or the windows are too many.
    """
    N_values = len(set(corpus) | set(values_indices))
    if m < 1 or Tx < 1 or m * Tx * max(N_values, 1) > _MOST_CELLS:
        raise MusicError(
            f"{m} windows of {Tx} tokens of {N_values} values cannot be cut; ask for at least one, "
            f"and for at most {_MOST_CELLS:,} cells."
        )
    if len(corpus) <= Tx:
        raise MusicError(
            f"The corpus has {len(corpus)} tokens; windows of {Tx} need more: give a longer solo."
        )
    draw = RandomState(0) if rng is None else rng
    indices = np.array([values_indices.get(token, -1) for token in corpus])
    if indices.min() < 0 or indices.max() >= N_values:
        unknown = corpus[int(np.argmin(indices))]
        raise MusicError(f"Token {unknown!r} of the corpus has no index among the values.")
    X = np.zeros((m, Tx, N_values), dtype=np.bool_)
    Y = np.zeros((m, Tx, N_values), dtype=np.bool_)
    steps = np.arange(1, Tx)
    for i in range(m):
        begin = int(draw.choice(len(corpus) - Tx))
        window = indices[begin + steps]
        X[i, steps, window] = True
        Y[i, steps - 1, window] = True
    return X, np.swapaxes(Y, 0, 1), N_values


def sequence_to_matrix(
    sequence: Sequence[str], values_indices: Mapping[str, int]
) -> NDArray[np.float64]:
    """Return tokens as one-hot rows, (1, len, n); raise MusicError if a token has no index.

    >>> sequence_to_matrix(["b", "a"], {"a": 0, "b": 1}).tolist()
    [[[0.0, 1.0], [1.0, 0.0]]]
    """
    matrix = np.zeros((1, len(sequence), len(values_indices)))
    for step, token in enumerate(sequence):
        index = values_indices.get(token)
        if index is None:
            raise MusicError(f"Token {token!r} has no index among the values.")
        matrix[0, step, index] = 1
    return matrix


def load_music(path: str | os.PathLike[str] | None = None, version: Version = V3A) -> Music:
    """Read the solo to train on; raise FileError, FormatError or MusicError if it cannot be read.

    `path` is a MIDI file with the layout of the course's file; where None it is
    ``data/original_metheny.mid`` if it exists, otherwise the corpus that comes with sideman.
    """
    if path is None:
        path = COURSE_FILE if Path(COURSE_FILE).is_file() else None
    file = embedded_corpus(version) if path is None else Path(path)
    try:
        changed = file.stat().st_mtime_ns
    except (OSError, ValueError) as error:
        cure = "check the name."
        if os.fspath(path or "") == COURSE_FILE:
            cure = (
                "put the assignment's file there, or leave the path out: load_music_utils() then "
                "reads a solo that comes with sideman."
            )
        raise FileError(f"{file}: cannot be read; {cure}") from error
    _last[:] = [_load(str(file.resolve()), changed, version, path is None)]
    return _last[0]


# Functions of the course without a data argument use the solo that was loaded last.
_last: list[Music] = []


def loaded(version: Version = V3A) -> Music:
    """Return the solo that was loaded last; load the default one if there is none."""
    return _last[0] if _last else load_music(version=version)


@lru_cache(maxsize=4)
def _load(path: str, _changed: int, version: Version, embedded: bool) -> Music:
    if embedded:
        # The embedded file has the solo's track first, then the chords, and is read whole.
        chords, grammars = get_musical_data(
            path, melody_part=0, chord_part=1, beats=(0, 1_000_000), rests=version.rests
        )
    else:
        try:
            chords, grammars = get_musical_data(path, rests=version.rests)
        except MusicError as error:
            # Its remedy, an argument, does not exist for a call with a file only.
            found = str(error).rpartition("; ")[0]
            raise MusicError(
                f"{found}, as in the course's file; give that file, or read this one in Python "
                "with get_musical_data(path, melody_part=..., chord_part=..., beats=...)."
            ) from error
    return Music(chords, grammars, *get_corpus_data(grammars))


def embedded_corpus(version: Version = V3A) -> Path:
    """Return the path of the corpus that comes with sideman for a version of the course."""
    return Path(__file__).parent.parent / "library" / "corpus" / version.corpus


def load_music_utils(
    path: str | os.PathLike[str] | None = None,
    rng: RandomState | Generator | None = None,
) -> tuple[NDArray[np.bool_], NDArray[np.bool_], int, dict[int, str]]:
    """Return X (60, 30, 78), Y (30, 60, 78), 78, and the token of each index."""
    return windows(load_music(path), rng)


def windows(
    music: Music, rng: RandomState | Generator | None = None
) -> tuple[NDArray[np.bool_], NDArray[np.bool_], int, dict[int, str]]:
    """Return X, Y, n_values and indices_values of a solo, as :func:`load_music_utils` does."""
    X, Y, n_values = data_processing(music.corpus, music.tones_indices, rng=rng)
    return X, Y, n_values, music.indices_tones
