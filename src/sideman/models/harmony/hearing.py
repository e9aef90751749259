"""The probability of the next change where changes are decoded from what sounds.

A decoder has a chord for each window of time, and wants to know which change each of its candidates
makes probable next.  What came before the candidate is taken from its first decoding, so that all
questions are answered together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sideman.models.events import IntArray
from sideman.models.harmony import alphabet, memory
from sideman.models.harmony.alphabet import CLASSES, NOWHERE
from sideman.models.harmony.model import BEFORE, Array, HarmonyModel, bucket_of, remembered
from sideman.models.harmony.places import Places, places
from sideman.score import Changes

_FURTHEST = 5


@dataclass(frozen=True)
class Heard:
    """A first decoding: a symbol of the key alphabet for each window, none of them N.C.

    `onsets` are in ticks of `form`, rising; `tonic` is a pitch class.
    """

    form: Changes
    onsets: Sequence[int]
    symbols: Sequence[int]
    minor: bool


def expected(model: HarmonyModel, heard: Heard, asked: Sequence[tuple[int, int]]) -> Array:
    """Return the probability of each symbol as a change at a window, (asked, 97).

    Each of `asked` is a window and the symbol of the window before it, which need not be that of
    the decoding.
    """
    past: list[int] = []
    begun: list[int] = []
    counts: list[int] = []  # of the changes before each window
    for onset, symbol in zip(heard.onsets, heard.symbols, strict=True):
        counts.append(len(past))
        if not past or past[-1] != symbol:
            past.append(symbol)
            begun.append(onset)
    before = [(*past[: max(counts[at], 1) - 1], symbol) for at, symbol in asked]
    ticks = [heard.onsets[at] for at, _ in asked]
    features = {
        **places(heard.form, ticks, minor=heard.minor).features,
        **_series(before),
    }
    last = np.array([each[-1] // CLASSES for each in before], np.int64)
    chains = [chain.expect(features, last) for chain in model.chains]
    earlier = places(heard.form, begun, minor=heard.minor)
    recalled = [remembered(each) for each in before]
    copies = [_copied(each, tick, earlier) for each, tick in zip(before, ticks, strict=True)]
    states = zip(recalled, copies, strict=True)
    weights = model.weights.known(np.array([bucket_of(one[0], copy) for one, copy in states]))
    found: Array = (np.stack(chains, axis=2) * weights[:, None, :-2]).sum(axis=2)
    for row, weight, (_, shares), copy in zip(found, weights, recalled, copies, strict=True):
        for symbol, share in shares.items():
            row[symbol] += weight[-2] * share
        if copy is not None:
            row[copy[1]] += weight[-1]
    return found


def _copied(past: Sequence[int], tick: int, earlier: Places) -> tuple[int, int] | None:
    """Return the change at the same place of an earlier section: see :func:`memory.copied`."""
    onsets = (*earlier.onsets[: len(past)], tick)
    return memory.copied(past, onsets, earlier.sources_of(tick))


def _series(before: Sequence[Sequence[int]]) -> dict[str, IntArray]:
    """Return the features of the last changes: see :attr:`Progression.features`."""
    found: dict[str, IntArray] = {}
    for back in range(1, _FURTHEST + 1):
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
