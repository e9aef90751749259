"""Files as documents and charts, as every command reads them.

Where a MIDI file names no chords, those of a piano are inferred
(:mod:`sideman.formats.midi.harmony`), and the prior of the inference is the model of harmony that
comes with sideman.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sideman.files import File
from sideman.formats import registry
from sideman.formats.document import Document
from sideman.formats.prior import CHORDS, Decoding
from sideman.library import charts
from sideman.score import LeadSheet

if TYPE_CHECKING:
    from sideman.models.harmony.model import HarmonyModel

_QUALITIES = ("maj", "7", "7", "m7", "m", "ø", "o", "sus")
"""The class in the model of harmony of each class of the inference."""
# The least posterior probability of a candidate, and the most candidates in a window.
_CANDIDATE, _CANDIDATES = 0.02, 4


def loads(data: bytes, name: str) -> Document:
    """Return the document in the bytes of a file: see :func:`registry.loads`."""
    document = registry.loads(data, name)
    return document if document.informed is None else document.informed(prior)


def open_document(path: str | os.PathLike[str]) -> Document:
    """Read a file of any format; a SidemanError if it cannot be read or is not well-formed."""
    return loads(registry.content(path), str(path))


def documents(given: Iterable[File]) -> Iterator[Document]:
    """Return the documents in files, each read when it is iterated over."""
    return (loads(each.data, each.name) for each in given)


def chart(data: bytes, name: str, tune: str | None = None) -> LeadSheet:
    """Read the chart in the bytes of a file: see :func:`charts.read`."""
    return charts.chosen(charts.held(loads(data, name)), name, tune)


find = partial(charts.find, opens=loads)
read = partial(charts.read, opens=loads)
tunes = partial(charts.tunes, opens=loads)


def prior(first: Decoding) -> Mapping[int, tuple[NDArray[np.int64], NDArray[np.float64]]]:
    """Return the expectations of the shipped model of harmony: see :func:`informed`."""
    return informed(_shipped(), first)


@cache
def _shipped() -> HarmonyModel:
    from sideman.models import file
    from sideman.models import registry as kinds
    from sideman.models.harmony.model import KIND

    found = file.shipped(KIND)
    model: HarmonyModel = kinds.identify(found.data, found.name).load(found.data, found.name)
    return model


def informed(
    model: HarmonyModel, first: Decoding
) -> Mapping[int, tuple[NDArray[np.int64], NDArray[np.float64]]]:
    """Return a model's distributions of the next chord after the likely chords of a decoding."""
    from sideman.models.harmony import hearing
    from sideman.models.harmony.alphabet import CLASSES, QUALITIES

    minor, tonic = divmod(first.key, 12)
    kinds, roots = np.divmod(np.arange(CHORDS), 12)
    qualities = np.array([QUALITIES.index(name) for name in _QUALITIES])
    symbols = (roots - tonic) % 12 * CLASSES + qualities[kinds]
    heard = hearing.Heard(
        first.form, first.onsets, symbols[first.path[first.begin :]].tolist(), bool(minor)
    )
    chords = first.chords[first.begin : -1]
    least = np.sort(chords, axis=1)[:, -_CANDIDATES, None]
    likely = np.argwhere(chords >= np.maximum(least, _CANDIDATE))
    if not len(likely):
        return {}
    windows, before = likely[:, 0] + 1, likely[:, 1]
    candidates = list(zip(windows.tolist(), symbols[before].tolist(), strict=True))
    expected = hearing.expected(model, heard, candidates)[:, symbols]
    # The same root and class is no change.
    expected[symbols[None, :] == symbols[before][:, None]] = 0
    return {
        first.begin + window: (before[windows == window], expected[windows == window])
        for window in np.unique(windows).tolist()
    }
