"""The distribution of the next change after each candidate chord of a decoder.

A decoder infers a chord from the notes in each window of time.  The changes before a candidate are
those of a first decoding, so that the distributions after all candidates are computed together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sideman.models.events import IntArray
from sideman.models.harmony import alphabet, memory
from sideman.models.harmony.alphabet import CLASSES, NOWHERE
from sideman.models.harmony.model import BEFORE, MOST_BACK, Array, Copied, HarmonyModel, remembered
from sideman.models.harmony.places import Places, places
from sideman.score import Changes


@dataclass(frozen=True)
class Heard:
    """A first decoding: a symbol of the key alphabet for each window, none of them N.C.

    `onsets` are in ticks of `form`, rising; `tonic` is a pitch class.
    """

    form: Changes
    onsets: Sequence[int]
    symbols: Sequence[int]
    minor: bool


def expected(model: HarmonyModel, heard: Heard, candidates: Sequence[tuple[int, int]]) -> Array:
    """Return the probability of each symbol as a change at a window, (candidates, 97).

    Each candidate is a window and the symbol of the window before it, which need not be that of the
    decoding.
    """
    past: list[int] = []
    begun: list[int] = []
    counts: list[int] = []  # of the changes before each window
    for onset, symbol in zip(heard.onsets, heard.symbols, strict=True):
        counts.append(len(past))
        if not past or past[-1] != symbol:
            past.append(symbol)
            begun.append(onset)
    before = [(*past[: max(counts[at], 1) - 1], symbol) for at, symbol in candidates]
    ticks = [heard.onsets[at] for at, _ in candidates]
    features = {
        **places(heard.form, ticks, minor=heard.minor).features,
        **_series(before),
    }
    last = np.array([each[-1] // CLASSES for each in before], np.int64)
    chains = [chain.expect(features, last) for chain in model.chains]
    earlier = places(heard.form, begun, minor=heard.minor)
    copied = [_copied(each, tick, earlier) for each, tick in zip(before, ticks, strict=True)]
    return model.mixed(np.stack(chains, axis=2), [remembered(each) for each in before], copied)


def _copied(past: Sequence[int], tick: int, earlier: Places) -> Copied:
    """Return the change at the same place of an earlier section: see :func:`memory.copied`."""
    onsets = (*earlier.onsets[: len(past)], tick)
    return memory.copied(past, onsets, earlier.sources_of(tick))


def _series(before: Sequence[Sequence[int]]) -> dict[str, IntArray]:
    """Return the features of the last changes: see :attr:`Progression.features`."""
    found: dict[str, IntArray] = {}
    for back in range(1, MOST_BACK + 1):
        keys = [each[-back] if len(each) >= back else BEFORE for each in before]
        roots = [each[-back - 1] // CLASSES if len(each) > back else NOWHERE for each in before]
        found[f"key{back}"] = np.array(keys, np.int64)
        found[f"class{back}"] = np.where(
            found[f"key{back}"] == BEFORE, BEFORE, found[f"key{back}"] % CLASSES
        )
        found[f"interval{back}"] = np.array(
            [
                BEFORE if symbol == BEFORE else alphabet.to_interval(symbol, root)
                for symbol, root in zip(keys, roots, strict=True)
            ],
            np.int64,
        )
    return found
