"""What a solo has played before: counts of what followed the same motif earlier in it.

A :class:`Memory` is a chain of features in order of importance.  Its level k looks at the earlier
notes (at most :data:`SPAN` back) whose first k features are those of the note at hand, and counts
what they were, fading with their distance.  The levels together are an attention by the length of
the matching suffix; the counts are what a cache model is made of (Roland Kuhn and Renato De Mori,
"A Cache-Based Natural Language Model for Speech Recognition", IEEE TPAMI 12(6), 1990).

:func:`motif_counts` counts for whole solos, :class:`MotifCounter` note by note while one is being
played, at the same cost for every note.  A test compares the two.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sideman.models.events import IntArray

Array = NDArray[np.float32]
SPAN = 400
"""How many notes back a memory reaches."""
_BLOCK = 512


@dataclass(frozen=True, slots=True)
class Memory:
    """One chain of features and the levels of it that are counted.

    `features` begin with the most informative; each counter takes as many of them as `levels`
    (rising) gives.  After `half_life` notes one counts half.  `moving` memories count an interval
    from the last pitch, not the value itself.
    """

    features: tuple[str, ...]
    levels: tuple[int, ...]
    half_life: float = 300.0
    moving: bool = False


def size(memories: Sequence[Memory]) -> int:
    """Return the number of levels of some memories together, K."""
    return sum(len(memory.levels) for memory in memories)


def motif_counts(
    memories: Sequence[Memory],
    known: Mapping[str, IntArray],
    symbol: IntArray,
    symbols: int,
    move: IntArray | None = None,
    base: IntArray | None = None,
) -> Array:
    """Count, for every note of a solo, the symbols that followed the same motifs before it.

    Parameters
    ----------
    memories : sequence of Memory
        The memories.
    known : mapping of str to array of int, shape (notes,)
        Every feature that the memories name.
    symbol : array of int, shape (notes,)
        Each note's symbol; the first is not counted, nor are symbols out of range.
    symbols : int
        The number of symbols, V; the counts have the shape (notes, V, K).
    move, base : array of int, shape (notes,), or None
        For moving memories: each note's interval from the one before, and the symbol that the one
        before would be; a motif's interval is counted from there.
    """
    notes, kinds = len(symbol), size(memories)
    counts = np.empty((notes, symbols, kinds), dtype=np.float32)
    for start in range(0, notes, _BLOCK):
        here = np.arange(start, min(start + _BLOCK, notes))
        there = np.arange(max(1, start - SPAN), len(here) + start)
        back = here[:, None] - there[None, :]
        near = np.nonzero((back > 0) & (back <= SPAN))
        column = 0
        for memory in memories:
            rows, columns = here[near[0]], there[near[1]]
            level = 0
            for wanted in memory.levels:
                for name in memory.features[level:wanted]:
                    same = known[name][rows] == known[name][columns]
                    rows, columns = rows[same], columns[same]
                level = wanted
                if memory.moving and move is not None and base is not None:
                    value = base[rows] + move[columns]
                else:
                    value = symbol[columns]
                good = (value >= 0) & (value < symbols)
                weight = 0.5 ** ((rows - columns)[good] / memory.half_life)
                cell = (rows[good] - start) * symbols + value[good]
                counts[here, :, column] = np.bincount(
                    cell, weight, minlength=len(here) * symbols
                ).reshape(len(here), symbols)
                column += 1
    return counts


class MotifCounter:
    """:func:`motif_counts` for a solo that is being played: one note's counts at a time."""

    __slots__ = (
        "_at",
        "_decay",
        "_hash",
        "_keys",
        "_kinds",
        "_moved",
        "_moving",
        "_symbol",
        "_symbols",
        "features",
    )

    def __init__(self, memories: Sequence[Memory], symbols: int) -> None:
        self.features = tuple(name for memory in memories for name in memory.features)
        """The features of a note that are to be given, in this order."""
        self._symbols, self._kinds = symbols, size(memories)
        # Each counter compares one number a note, the features that it looks at, hashed: 64 bits,
        # so that two motifs never meet by chance.
        self._keys = np.zeros((self._kinds, 2 * SPAN), np.int64)
        odd = np.random.default_rng(0).integers(1 << 62, size=len(self.features)) * 2 + 1
        self._hash = np.zeros((self._kinds, len(self.features)), np.int64)
        row = begin = 0
        for memory in memories:
            for level in memory.levels:
                self._hash[row, begin : begin + level] = odd[begin : begin + level]
                row += 1
            begin += len(memory.features)
        self._symbol = np.zeros(2 * SPAN, np.int64)
        self._moved = np.zeros(2 * SPAN, np.int64)
        self._at = 0  # how many places of the buffers are filled
        every = [memory for memory in memories for _ in memory.levels]
        self._moving = np.array([memory.moving for memory in every])
        ages = np.arange(SPAN, 0, -1)
        self._decay = np.array([0.5 ** (ages / memory.half_life) for memory in every])

    def branch(self) -> MotifCounter:
        """Return a copy that counts on independently."""
        branch = copy.copy(self)
        for name in ("_keys", "_symbol", "_moved"):
            setattr(branch, name, getattr(self, name).copy())
        return branch

    def counts(self, features: Sequence[int], base: int = 0) -> Array:
        """Return what followed the features at hand, as counts of shape (V, K).

        `base` is the symbol that the last note would be, for moving memories.
        """
        span = min(self._at, SPAN)
        near = slice(self._at - span, self._at)
        same = self._keys[:, near] == self._hash.dot(features)[:, None]
        kinds, columns = same.nonzero()
        value = self._symbol[near][columns]
        moving = self._moving[kinds]
        value = np.where(moving, self._moved[near][columns] + base, value)
        good = (value >= 0) & (value < self._symbols)
        if not good.all():
            kinds, columns, value = kinds[good], columns[good], value[good]
        weight = self._decay[kinds, columns + (SPAN - span)]
        cell = value * self._kinds + kinds
        counted = np.bincount(cell, weight, minlength=self._symbols * self._kinds)
        return counted.astype(np.float32).reshape(self._symbols, self._kinds)

    def add(self, features: Sequence[int], symbol: int, moved: int = 0) -> None:
        """Add a note: its features (as in :meth:`counts`), symbol and interval from the last."""
        if self._at == 2 * SPAN:
            for buffer in (self._keys, self._symbol, self._moved):
                buffer[..., :SPAN] = buffer[..., SPAN:]
            self._at = SPAN
        self._keys[:, self._at] = self._hash.dot(features)
        self._symbol[self._at] = symbol
        self._moved[self._at] = moved
        self._at += 1
