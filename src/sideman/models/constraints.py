"""Constraints on a solo: notes that are fixed and pitches that are forbidden.

:class:`Constraints` require notes (:class:`Slot`), each with as much of it as is fixed: everything
for a phrase that is continued or a bar that is kept; onset and duration where only the rhythm
stays; the direction from the note before where only the contour stays.  They close ticks to all
other notes.  What is neither required nor closed is played freely.  A :class:`Guard` forbids
pitches, such as those that would copy a recorded solo too far.

:class:`Script` is the state of the constraints while a solo is played: it returns which onsets and
pitches leave room for all that is still to come.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from sideman.errors import MusicError
from sideman.score import Note

IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
FloatArray = NDArray[np.float32]

_EIGHTH = 12
_GRIDS = (6, 8, 12, 24)
# How a line walks: the spread of a step in semitones, and the intervals that need no reason.
_STRIDE, _NEAR = 3.0, 2
_ARRIVED = 1.0  # nats that it costs to be there a note too early
_LEAST_PACE = 0.6  # of the pace at which the notes that are still to come would be even


@dataclass(frozen=True, slots=True)
class Slot:
    """A note that constraints require, with as much of it as is fixed; None leaves a value free.

    `onset` is in ticks from the start of the form; without one the rhythm places the note between
    the required notes around it, and it has to end by `until`, in ticks, as it has where only its
    duration is free.  `duration` is in ticks, `pitch` a MIDI number; `motion` is 1 above the note
    before, -1 below it, 0 for a repeated pitch.
    """

    onset: int | None = None
    duration: int | None = None
    pitch: int | None = None
    motion: int | None = None
    until: int | None = None


class Guard(Protocol):
    """A check that a line does not copy, while it is played and afterwards."""

    def barred(self, notes: Sequence[Note], onset: int, pitches: IntArray) -> BoolArray:
        """Return which of some pitches may not follow the notes so far, at an onset."""

    def broken(self, line: Sequence[Note], fixed: frozenset[int | None]) -> bool:
        """Return whether a whole line copies too much, by more than notes at fixed onsets."""

    def copied(self, line: Sequence[Note]) -> float:
        """Return the share of a line's notes that stand in a match."""


@dataclass(frozen=True)
class Constraints:
    """What is fixed of a solo, and what is forbidden.

    `slots` are the required notes in order.  No other note begins in a range of `closed` (ticks,
    the last one excluded) or sounds into it.  `guard` forbids further pitches.  `theme` is a phrase
    that the line takes up (:mod:`sideman.models.theme`), `take` the line whose manner it has
    (:mod:`sideman.models.traits`).

    >>> fixed = Constraints((Slot(0, 24, 60),), ((0, 96),))
    >>> fixed.settles(0), fixed.settles(48), fixed.settles(96)
    (True, True, False)
    """

    slots: tuple[Slot, ...] = ()
    closed: tuple[tuple[int, int], ...] = ()
    guard: Guard | None = None
    theme: tuple[Note, ...] = ()
    take: tuple[Note, ...] = ()

    @property
    def free(self) -> bool:
        """Whether no note is required and no tick closed."""
        return not self.slots and not self.closed

    @property
    def continues(self) -> bool:
        """Whether a phrase at the beginning is all that is fixed."""
        given = all(slot.pitch is not None and slot.onset is not None for slot in self.slots)
        if not given or len(self.spans) != 1:
            return False
        begin, end = self.spans[0]
        if begin > 0:
            return False
        return all(slot.onset is not None and slot.onset < end for slot in self.slots)

    @property
    def pitched(self) -> frozenset[int | None]:
        """The onsets of the notes whose pitch is fixed."""
        return frozenset(slot.onset for slot in self.slots if slot.pitch is not None)

    @cached_property
    def _onsets(self) -> frozenset[int | None]:
        return frozenset(slot.onset for slot in self.slots)

    @cached_property
    def spans(self) -> tuple[tuple[int, int], ...]:
        """The closed spans, in order and disjoint."""
        spans: list[tuple[int, int]] = []
        for begin, end in sorted(self.closed):
            if spans and begin <= spans[-1][1]:
                spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
            else:
                spans.append((begin, end))
        return tuple(spans)

    def settles(self, tick: int) -> bool:
        """Return whether a note that begins at a tick is fixed, or none may begin there."""
        at = bisect_right(self.spans, tick, key=lambda span: span[0]) - 1
        return tick in self._onsets or (at >= 0 and tick < self.spans[at][1])


FREE = Constraints()
"""Nothing is fixed or forbidden."""


def given(note: Note) -> Slot:
    """Return the slot of a note that is fixed as it is."""
    return Slot(note.onset, note.duration, note.pitch)


class Script:
    """The state of constraints while a solo is played.

    `end` is the tick at which the form ends, `low` and `high` the range as MIDI numbers (both
    included), `shortest` the fewest ticks from one onset to the next.  A MusicError is raised if
    the required notes cannot be played: out of order, beyond the form, or with a contour for which
    the range has no room.
    """

    def __init__(
        self, constraints: Constraints, end: int, low: int, high: int, shortest: int
    ) -> None:
        self._slots = constraints.slots
        self._end = end
        self._shortest = shortest
        self._at = 0
        self._closed = constraints.spans
        closed = np.zeros(end + 1, bool)
        for begin, until in self._closed:
            closed[max(begin, 0) : max(until, 0)] = True
        closed[end] = True
        self._open = ~closed
        self._open_ticks = np.flatnonzero(self._open)
        onsets = [slot.onset for slot in constraints.slots if slot.onset is not None]
        if any(later <= earlier for earlier, later in pairwise(onsets)):
            raise MusicError("The notes that are kept do not follow one another; keep one line.")
        if onsets and onsets[-1] >= end:
            raise MusicError(
                "The notes that are kept go beyond the form; give more choruses, or fewer notes."
            )
        self._bounds = _bounds(constraints.slots, low, high)

    @property
    def slot(self) -> Slot | None:
        """The next required note; None where none is left."""
        return self._slots[self._at] if self._at < len(self._slots) else None

    @property
    def bounds(self) -> tuple[int, int]:
        """The lowest and the highest pitch of that note."""
        return self._bounds[self._at]

    def take(self) -> None:
        """Advance to the next slot."""
        self._at += 1

    @property
    def limit(self) -> int:
        """The tick at which free play ends for now: the next note with an onset, or the form."""
        slot = self.slot
        return self._end if slot is None or slot.onset is None else slot.onset

    @property
    def loose(self) -> bool:
        """Whether the next required note has no onset."""
        slot = self.slot
        return slot is not None and slot.onset is None

    def open(self, ticks: IntArray) -> BoolArray:
        """Return whether a free note may begin at each of some ticks, before the limit."""
        limit = self.limit
        room = limit if limit == self._end else limit - self._shortest + 1
        return np.asarray(self._open[np.clip(ticks, 0, self._end)] & (ticks < room))

    def next_open(self, tick: int) -> int | None:
        """Return the next tick for a free note before the limit, on an eighth if any, or None."""
        limit = self.limit
        room = limit if limit == self._end else limit - self._shortest + 1
        at = int(np.searchsorted(self._open_ticks, tick + self._shortest))
        stop = int(np.searchsorted(self._open_ticks, room))
        found = self._open_ticks[at:stop]
        if not len(found):
            return None
        eighths = found[found % _EIGHTH == 0]
        return int(eighths[0] if len(eighths) else found[0])

    def firsts(self, bar: int) -> IntArray:
        """Return the onsets for a first note: eighths of the first open bar, and a pickup bar.

        `bar` is in ticks.  The array is empty where the first note is fixed.
        """
        if self.loose:
            return np.zeros(0, np.int64)
        begin = self.next_open(-self._shortest)
        if begin is None:
            return np.zeros(0, np.int64)
        earliest = begin if begin else -bar
        ticks = np.arange(-(-earliest // _EIGHTH) * _EIGHTH, min(begin + bar, self._end), _EIGHTH)
        return ticks[self.open(ticks)]

    def barrier(self, onset: int) -> int:
        """Return the tick of the next fixed note or closed tick after `onset`, or the end."""
        slot = self.slot
        barrier = self._end if slot is None or slot.onset is None else slot.onset
        following = bisect_right(self._closed, onset, key=lambda span: span[0])
        if following < len(self._closed):
            barrier = min(barrier, self._closed[following][0])
        return max(barrier, onset + 1)

    def latest(self, onset: int) -> tuple[int, int]:
        """Return how late the next note without an onset may come after `onset`, in ticks.

        The first tick leaves the others room at more than half their pace, the second any room.
        """
        slot = self.slot
        until = self._end if slot is None or slot.until is None else slot.until
        others = 0
        for other in self._slots[self._at + 1 :]:
            if other.onset is not None or other.until != until:
                break
            others += 1
        pace = (until - onset) / (others + 2)
        least = next((grid for grid in _GRIDS if grid >= self._shortest), self._shortest)
        step = max(least, _LEAST_PACE * pace)
        return int(until - (others + 1) * step), onset + max(1, int(pace))

    def pull(self, onset: int, pitches: IntArray) -> FloatArray:
        """Return the correction of the logits of MIDI numbers for the next fixed pitch, 0 or less.

        The line is modelled as a random walk that ends there (a Brownian bridge): with few notes
        left only near pitches are likely, with many nearly all.
        """
        for ahead, slot in enumerate(self._slots[self._at :], start=1):
            if slot.pitch is None:
                if ahead > 8:
                    break
                continue
            steps: float = ahead
            if slot.onset is not None and self._open[max(onset + 1, 0) : slot.onset].any():
                steps = max(steps, (slot.onset - onset) / _EIGHTH)
            if steps > 16:
                break
            away = np.abs(pitches - slot.pitch)
            pulled = -(np.maximum(away - _NEAR, 0) ** 2) / (2 * _STRIDE**2 * steps)
            if steps <= 1:
                pulled = pulled - _ARRIVED * (away == 0)
            return np.asarray(pulled, np.float32)
        return np.zeros(len(pitches), np.float32)


def _bounds(slots: tuple[Slot, ...], low: int, high: int) -> list[tuple[int, int]]:
    """Return the pitches from which each slot's successors can still be reached."""
    bounds: list[tuple[int, int]] = []
    after: tuple[int, int] | None = None
    motion: int | None = None
    for slot in reversed(slots):
        least, most = low, high
        if after is not None and motion is not None:
            if motion > 0:
                most = min(most, after[1] - 1)
            elif motion < 0:
                least = max(least, after[0] + 1)
            else:
                least, most = after
        if slot.pitch is not None:
            # What is kept is kept, in the player's range or not.
            least = most = slot.pitch
        if least > most:
            raise MusicError(
                "The line that is to be followed has no room in the instrument's range; choose an "
                "instrument of a wider range, or follow less of it."
            )
        after, motion = (least, most), slot.motion
        bounds.append(after)
    return bounds[::-1]
