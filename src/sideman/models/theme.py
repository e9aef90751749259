"""A given phrase that a line takes up: rewards for its rhythm and its contour at planned places.

A soloist that continues a phrase, or answers one, gets its notes as input and soon leaves them.
:func:`planned` therefore draws *statements*: a cell of the phrase (all of it, if it is short; else
a segment with varied rhythm and direction), where in the bar it was, in later bars.  Before a long
free span these are the next multiples of four bars, and with falling probability beginnings of
choruses and every eighth and fourth bar, at most six in all; in a short one, such as an answer, its
beginning and every second bar.

While a line reaches a statement and is in it, :class:`Theme` rewards the IOIs that lead to its
onsets and the intervals near those of the cell.  Rewards are soft: the networks still place the
cell on the chords, embellish or shorten it.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from sideman.models.constraints import Constraints
from sideman.models.encoding import CORE, LOWEST
from sideman.models.protocol import Setting
from sideman.score import Changes, Note

Array = NDArray[np.float32]
IntArray = NDArray[np.int64]

_RHYTHM = np.float32(5)  # nats for the next onset of a statement, and against passing it
_CONTOUR = 3.5  # nats against the other direction
_SIZE, _SIZES = 1.0, 4  # nats for each semitone by which an interval differs; semitones at most
_ROOM = 2.0  # nats against a first pitch from which the cell leaves the range
_FEWEST = 3  # notes of a statement
_NEAR = 48  # ticks before a statement from which its beginning is rewarded
_CELL_BARS = 2  # a cell is shorter
_WHOLE = 12  # notes up to which a phrase is one cell in a long span, else _CELL[1]
_CELL = (5, 8)  # notes of a cell of a longer one
_EDGE = 2.0  # bits by which a cell at a phrase's beginning or end is preferred
_AMONG = 2  # the cells of a longer phrase that statements are drawn from
_SHORT_BARS = 8  # a free span of fewer bars has statements every _OFTEN bars
_OFTEN = 2
_AGAIN = 0.8  # probability of each of these after the first
_SPACING = 4  # bars between places in a longer one
_SOON = (1.0, 0.9)  # the probabilities of the first places
_LATER = {0: 0.8, 8: 0.35, 4: 0.15}  # and of others, by the bar of the chorus
_MOST = 6
_GRIDS = (6, 8, 4, 3)  # ticks between the onsets of a beat
_FINE = 6  # a finer grid is for runs alone


@dataclass(frozen=True, slots=True, eq=False)
class Statement:
    """A planned return of a cell: onsets in ticks from the start of the form, and its pitches."""

    onsets: tuple[int, ...]
    pitches: tuple[int, ...]


class Theme:
    """Rewards that are added to the logits of a solo for its planned statements; without state.

    `iois`, shape (V,), are the IOIs that are decided among; `weight` is a factor of all rewards.
    """

    def __init__(
        self,
        statements: Sequence[Statement],
        setting: Setting,
        iois: IntArray,
        weight: float = 1.0,
    ) -> None:
        self._statements, self._iois = tuple(statements), iois
        self._ends = [one.onsets[-1] for one in statements]
        self._low, self._high, self._weight = setting.low, setting.high, np.float32(weight)
        self._pitches = np.arange(LOWEST, LOWEST + CORE)

    def iois(self, logits: Array, onset: int) -> None:
        """Add rewards to the logits, shape (V,), of the IOIs after a note at `onset`, in place."""
        at = bisect_right(self._ends, onset)
        if at == len(self._ends):
            return
        onsets = self._statements[at].onsets
        away = onsets[bisect_right(onsets, onset)] - onset
        reward = self._weight * _RHYTHM
        logits[self._iois > away] -= reward
        if away <= _NEAR or onset >= onsets[0]:
            logits[self._iois == away] += reward

    def pitches(self, logits: Array, onset: int, line: Iterable[tuple[int, int]]) -> None:
        """Add rewards to the logits, shape (72,), of the pitches of a note at `onset`, in place.

        `line` are onset and pitch of the notes before it, the last one first.
        """
        at = bisect_left(self._ends, onset)
        if at == len(self._ends) or onset not in self._statements[at].onsets:
            return
        one = self._statements[at]
        wanted = dict(zip(one.onsets, one.pitches, strict=True))
        if onset == one.onsets[0]:
            by = self._pitches - one.pitches[0]
            out = (by + min(one.pitches) < self._low) | (by + max(one.pitches) > self._high)
            logits[out] -= self._weight * np.float32(_ROOM)
            return
        before = next((each for each in line if each[0] in wanted or each[0] < one.onsets[0]), None)
        if before is None or before[0] not in wanted:
            return
        interval = wanted[onset] - wanted[before[0]]
        intervals = self._pitches - before[1]
        off = _SIZE * np.minimum(np.abs(intervals - interval), _SIZES)
        off += _CONTOUR * (np.sign(intervals) != np.sign(interval))
        logits -= self._weight * off.astype(np.float32)


def planned(constraints: Constraints, setting: Setting, rng: Generator) -> tuple[Statement, ...]:
    """Return the statements of a phrase that are planned for the bars after it."""
    changes, phrase = setting.changes, constraints.theme
    bar = changes.meter.ticks_per_bar
    begin = max((end for _, end in constraints.closed), default=0)
    free = range(-(-begin // bar), len(changes.bars))
    short = len(free) < _SHORT_BARS
    cells = _cells(_on_grid(phrase, setting.shortest), bar, _CELL[1] if short else _WHOLE)
    home = phrase[0].onset // bar
    found: list[Statement] = []
    for at in _soon(free, rng) if short else _later(free, changes, home, rng):
        cell = cells[int(rng.integers(len(cells)))]
        by = at * bar - cell[0].onset // bar * bar if cell else 0
        kept = [note for note in cell if note.onset + by < changes.length]
        earliest = found[-1].onsets[-1] + 1 if found else begin
        if len(kept) >= _FEWEST and kept[0].onset + by >= earliest:
            onsets = tuple(note.onset + by for note in kept)
            found.append(Statement(onsets, tuple(note.pitch for note in kept)))
    return tuple(found[:_MOST])


def _soon(free: range, rng: Generator) -> list[int]:
    """Return the bars of statements in a short span."""
    return [at for at in free[::_OFTEN] if at == free[0] or rng.random() < _AGAIN]


def _later(free: range, changes: Changes, home: int, rng: Generator) -> list[int]:
    """Return the bars of statements in a long span; the phrase is in bar `home`."""
    choruses = changes.chorus_starts or (0,)
    shares = list(_SOON)
    found = []
    for at in free:
        place = at - choruses[max(bisect_right(choruses, at) - 1, 0)]
        if shares:
            share = 0.0 if (at - home) % _SPACING else shares.pop(0)
        else:
            share = _LATER.get(place and math.gcd(place, 8), 0.0)
        if share and rng.random() < share:
            found.append(at)
    return found


def _cells(notes: Sequence[Note], bar: int, whole: int) -> list[Sequence[Note]]:
    """Return a phrase of up to `whole` notes, or else the rarest cells of it in their order."""
    if len(notes) < _FEWEST:
        return [()]
    if len(notes) <= whole and notes[-1].onset - notes[0].onset < _CELL_BARS * bar:
        return [notes]
    iois = _surprise(np.diff([note.onset for note in notes]))
    intervals = _surprise(np.diff([note.pitch for note in notes]))
    bits = np.cumsum([0.0, *(iois + intervals)])
    found = []
    for size in range(_FEWEST, _CELL[1] + 1):
        for at in range(len(notes) - size + 1):
            cell = notes[at : at + size]
            if cell[-1].onset - cell[0].onset < _CELL_BARS * bar:
                edges = (at == 0) + (at + size == len(notes))
                worth = float(bits[at + size - 1] - bits[at]) + _EDGE * edges
                found.append((size < _CELL[0], -worth, at, size))
    return [notes[at : at + size] for *_, at, size in sorted(found)[:_AMONG]] or [()]


def _surprise(values: IntArray) -> NDArray[np.float64]:
    """Return how rare each of some values is among them, in bits."""
    _, at, counts = np.unique(values, return_inverse=True, return_counts=True)
    rarity: NDArray[np.float64] = np.log2(len(values) / counts)[at]
    return rarity


def _on_grid(phrase: Sequence[Note], shortest: int) -> list[Note]:
    """Return a phrase in quarters of even divisions, without notes that are too quick to play."""
    beats: dict[int, list[Note]] = {}
    for note in phrase:
        beats.setdefault(note.onset // 24, []).append(note)
    grids = [grid for grid in _GRIDS if grid >= min(shortest, _FINE)]
    found: list[Note] = []
    for beat, notes in beats.items():
        ticks = np.array([note.onset % 24 for note in notes])
        *_, grid = min((*_error(ticks, grid), grid) for grid in grids)
        for note, tick in zip(notes, _rounded(ticks, grid).tolist(), strict=True):
            onset = beat * 24 + tick
            if not found or onset - found[-1].onset >= shortest:
                found.append(Note(onset, note.duration, note.pitch))
    return found


def _error(ticks: IntArray, grid: int) -> tuple[int, int]:
    """Return how many notes of a beat a grid loses, and by how many ticks it moves the others."""
    rounded = _rounded(ticks, grid)
    runs = grid >= _FINE or bool((np.diff(rounded) == grid).all())
    lost = len(ticks) - len(np.unique(rounded)) if runs else len(ticks)
    return lost, int(np.abs(rounded - ticks).sum())


def _rounded(ticks: IntArray, grid: int) -> IntArray:
    return (ticks + grid // 2) // grid * grid
