"""Positions of changes in a form: the features of a change that do not depend on its chord.

A section begins where a bar has a letter; a form without letters is one section.  Positions are
counted in quarters of a bar, whatever the meter.  `Places` holds, for each change:

``bar4``, ``bar8``, ``bar16``
    the position in the group of 4, 8 or 16 bars, counted from the beginning of the section;
``left``
    the position counted from the end of the section, at most 8 bars;
``letter``
    the letter of the section: none, A to D, or another;
``rank``
    the number of earlier sections with its letter, at most 2;
``minor``
    whether the key is a minor one;
``sources``
    the earlier changes that began at the same place: of a section with the same letter, or 4, 8,
    12, 16, 24 or 32 bars before.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from sideman.models.events import IntArray
from sideman.score import Changes

LETTERS = ("", "A", "B", "C", "D")
BARS_BACK = (4, 8, 12, 16, 24, 32)
_QUARTERS = 4
_MOST_LEFT = 8
_MOST_RANK = 2


@dataclass(frozen=True, slots=True)
class Source:
    """An earlier change at the same place: its index, and its distance in ticks."""

    index: int
    ticks: int
    same_letter: bool


@dataclass(frozen=True, slots=True, eq=False)
class Distances:
    """The distances in ticks from a change to the same place earlier, section by section.

    Those of a section begin at its `first`; `same_letter` is whether a distance leads to a
    section with the same letter.
    """

    ticks: IntArray
    same_letter: NDArray[np.bool_]
    first: IntArray

    def of(self, section: int) -> Iterator[tuple[int, bool]]:
        """Return the distances of a section, each with its `same_letter`."""
        mine = slice(self.first[section], self.first[section + 1])
        return zip(self.ticks[mine].tolist(), self.same_letter[mine].tolist(), strict=True)


@dataclass(frozen=True)
class Places:
    """The places of changes; see the module for the arrays, one value for each change."""

    onsets: tuple[int, ...]
    features: Mapping[str, IntArray]
    sections: tuple[tuple[int, int, str], ...]
    """First tick, end and letter of each section."""
    bar_ticks: int

    @cached_property
    def sources(self) -> tuple[tuple[Source, ...], ...]:
        """The earlier changes at the same place as each change."""
        return tuple(map(self.sources_of, self.onsets))

    def sources_of(self, onset: int) -> tuple[Source, ...]:
        """Return the earlier changes at the same place as a tick of the form."""
        at = self._at
        mine = bisect_right(self.sections, onset, key=lambda section: section[0]) - 1
        back = self.distances.of(mine)
        return tuple(
            Source(at[onset - ticks], ticks, same) for ticks, same in back if onset - ticks in at
        )

    @property
    def distances(self) -> Distances:
        """The distances of :attr:`sources`."""
        return _distances(self.sections, self.bar_ticks)

    @cached_property
    def section(self) -> IntArray:
        """The index of the section of each change."""
        starts = [start for start, _, _ in self.sections]
        return np.searchsorted(starts, self.onsets, side="right") - 1

    @cached_property
    def _at(self) -> dict[int, int]:
        return {onset: index for index, onset in enumerate(self.onsets)}


@lru_cache(maxsize=64)
def _distances(sections: tuple[tuple[int, int, str], ...], bar_ticks: int) -> Distances:
    earlier: dict[str, list[int]] = {}
    ticks: list[int] = []
    same_letter: list[bool] = []
    first = [0]
    for start, _, letter in sections:
        same = earlier.setdefault(letter, []) if letter else []
        ticks += [*(start - other for other in reversed(same)), *(n * bar_ticks for n in BARS_BACK)]
        same_letter += [*(True for _ in same), *(False for _ in BARS_BACK)]
        first.append(len(ticks))
        same.append(start)
    return Distances(np.array(ticks), np.array(same_letter), np.array(first))


def places(changes: Changes, onsets: Sequence[int], *, minor: bool = False) -> Places:
    """Return the places of changes that begin at `onsets`, in ticks, rising, in a form's bars."""
    starts = changes.bar_starts
    bars = np.array([changes.bar_at(onset) for onset in onsets], np.int64)
    meters = [changes.bars[bar].meter.ticks_per_bar for bar in bars]
    part = np.array(
        [
            (onset - starts[bar]) * _QUARTERS // ticks
            for onset, bar, ticks in zip(onsets, bars, meters, strict=True)
        ],
        np.int64,
    )
    labelled = list(changes.sections)
    if not labelled or labelled[0][0] > 0:
        labelled.insert(0, (0, ""))
    ends = [*(tick for tick, _ in labelled[1:]), changes.length]
    sections = tuple((tick, end, name) for (tick, name), end in zip(labelled, ends, strict=True))
    first_ticks = [tick for tick, _, _ in sections]
    mine = [bisect_right(first_ticks, onset) - 1 for onset in onsets]
    first = np.array([changes.bar_at(sections[at][0]) for at in mine], np.int64)
    last = np.array([bisect_right(starts, max(sections[at][1] - 1, 0)) for at in mine], np.int64)
    names = [name for _, _, name in sections]
    ranks = [sum(names[at] == other for other in names[:at]) for at in range(len(names))]
    letters = [LETTERS.index(each) if each in LETTERS else len(LETTERS) for each in names]
    inside = bars - first
    features = {
        **{f"bar{size}": inside % size * _QUARTERS + part for size in (4, 8, 16)},
        "left": np.minimum(last - bars, _MOST_LEFT) * _QUARTERS + part,
        "letter": np.array([letters[at] for at in mine], np.int64),
        "rank": np.array([min(ranks[at], _MOST_RANK) for at in mine], np.int64),
        "minor": np.full(len(bars), int(minor), np.int64),
    }
    return Places(tuple(onsets), features, sections, changes.meter.ticks_per_bar)
