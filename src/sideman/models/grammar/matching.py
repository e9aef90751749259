"""The comparison of terminals with the notes of a given solo.

A terminal is scored by the notes that begin in its time: the probability of each pitch, the one
before being that of the solo.  What does not fit has a cost in nats.

As in playing, the tone that approach tones lead to is chosen from the pitch before them.  Where
that tone stands in the next terminal, this pitch is carried there.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import log
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from sideman.models.grammar import tones
from sideman.models.grammar.deriving import Form, Placed
from sideman.models.grammar.rules import Grammar
from sideman.models.grammar.terminals import (
    REST,
    SLOTS_PER_TICK,
    Degree,
    Slope,
    Terminal,
    Tone,
    Triadic,
    tones_of,
)
from sideman.score import Changes, Note

Array = NDArray[np.float64]
IntArray = NDArray[np.int64]
_Slots = TypeVar("_Slots", int, IntArray)

OUTSIDE, WRONG_KIND, WRONG_PITCH = "window", "kind", "pitch"
"""A pitch outside the window of a slope; one of another kind; both, or not that of a degree."""
UNEXPECTED, UNPLAYED = "unexpected", "unplayed"
"""A note where no terminal begins; a terminal without a note."""
_COSTS = {OUTSIDE: 4.0, WRONG_KIND: 5.0, WRONG_PITCH: 7.0, UNEXPECTED: 10.0, UNPLAYED: 8.0}
_LETTERS = {"C": tones.CHORD, "L": tones.COLOUR}
_LENGTH_COST, _MOST_LENGTH_COST = 0.02, 0.5  # nats a tick that a note ends early or late
_LATE = 2  # ticks that a note may begin late, where a terminal begins between two ticks
_FREE, _SLOPE, _DEGREE, _TRIAD = range(4)
_FORMS = {Slope: _SLOPE, Tone: _FREE, Degree: _DEGREE, Triadic: _TRIAD}
_PLAIN, _TARGET, _HELD, _OTHER = range(4)
_APPROACH, _SCALE = "A", "S"
_CACHED = 100_000
_ANY = 1 / 24  # of a triad's tones, over an octave each way


@dataclass(frozen=True, slots=True)
class Fitted:
    """A note of the solo, or a terminal without one, and what explains it.

    Parameters
    ----------
    note : int
        The index of the note; -1 for a terminal that is not played.
    slot : int
        The begin of the tone.
    placed, tone : int
        The index of the terminal, and of the tone within it; -1 for a note that nothing explains.
    kind : str
        A kind of tone, or a scale degree.
    window : (int, int) or None
        The lowest and the highest pitch within a slope.
    probability : float
        The probability of the pitch, given the terminal.
    misfit : str
        The misfit, such as `OUTSIDE`; empty for none.
    """

    note: int
    slot: int = 0
    placed: int = -1
    tone: int = -1
    kind: str = ""
    window: tuple[int, int] | None = None
    probability: float = 0.0
    misfit: str = ""


class _Source(NamedTuple):
    """The source of a tone's pitch; an approach tone may lead on to the tone after it."""

    kind: str
    form: int
    low: int = 0
    high: int = 0
    leads: bool = False


class _Part(NamedTuple):
    """A tone or rest of a terminal, its begin and end in slots from that of the terminal.

    `source` is a number of the matcher.
    """

    at: int
    begin: int
    end: int
    source: int


class _Match(NamedTuple):
    """A tone as it is played: its explanation, its score, and the pitch that is carried on.

    `unexpected` are the indices of the other notes in its time; the score includes their cost.
    """

    fitted: Fitted | None
    score: float
    carried: int | None
    unexpected: range


@dataclass(frozen=True, eq=False)
class Rows:
    """Several rows of terminals: the tones of all rows, and the lengths of the rows.

    Parameters
    ----------
    slots : array of int, shape (rows,)
        The length of each row.
    row, begin, end, source : arrays of int, shape (tones,)
        The row of each tone, its place in slots from the begin of the row, and its source.
    place : array of int, shape (tones,)
        `_TARGET` for a tone that a single approach tone leads to, `_OTHER` for other tones in a row
        of approach tones and its target, else `_PLAIN`.
    leads : array of bool, shape (tones,)
        Whether a tone is an approach tone that leads to the next one.
    first : array of bool, shape (tones,)
        Whether a tone is the first of its row, to which another terminal may lead.
    """

    slots: IntArray
    row: IntArray
    begin: IntArray
    end: IntArray
    source: IntArray
    place: IntArray
    leads: NDArray[np.bool_]
    first: NDArray[np.bool_]


class Matcher:
    """The comparison of terminals with the notes that begin in their time."""

    def __init__(
        self, notes: Sequence[Note], changes: Changes, grammar: Grammar, colours: str
    ) -> None:
        self.notes = notes
        self.form = Form(changes)
        self.end = self.form.end
        self._parameters = tones.Parameters.of(grammar)
        self._middle = (self._parameters.low + self._parameters.high) // 2
        pitches = [note.pitch for note in notes]
        self._reach = (
            min([self._parameters.low, *pitches]),
            max([self._parameters.high, *pitches]),
        )
        self._colours = colours
        self._sources: list[_Source] = []
        self._source_numbers: dict[_Source, int] = {}
        self._parts: dict[Terminal, tuple[int, tuple[_Part, ...]]] = {}
        self._matches: dict[tuple[int, int, int, int | None], _Match] = {}
        self._worths: dict[int, float] = {}
        ticks = max([changes.length, *(note.end for note in notes)]) + _LATE
        onsets = [note.onset for note in notes]
        self._firsts = [bisect_left(onsets, tick) for tick in range(ticks + 1)]
        # For the bounds of whole rows.
        following = np.array([*onsets, ticks + _LATE], dtype=np.int64)
        self._first = np.array(self._firsts, dtype=np.int64)
        self._following = following[self._first]
        self._ends = np.array([*(note.end for note in notes), 0], dtype=np.int64)
        self._onsets = np.array([*onsets, 2 * ticks, 2 * ticks], dtype=np.int64)
        self._far = np.abs(np.diff([*pitches, 0, 0])) != 1
        self._spans = np.array([span.onset * SLOTS_PER_TICK for span in changes.spans], np.int64)

    def score(
        self, terminal: Terminal, slot: int, carried: int | None = None
    ) -> tuple[float, int | None]:
        """Return the log probability of the notes in the time of a terminal, less its costs.

        `carried` is the pitch before approach tones that lead to this terminal.  The one that is
        carried on is the second value.
        """
        total = 0.0
        for part in self._parts_of(terminal, slot):
            match = self._match(slot + part.begin, slot + part.end, part.source, carried)
            total += match.score
            carried = match.carried
        return total, carried

    def fitted(
        self, placed: Placed, index: int, carried: int | None = None
    ) -> tuple[list[Fitted], int | None]:
        """Return what the terminal with an index explains, and the pitch that is carried on."""
        found: list[Fitted] = []
        for part in self._parts_of(placed.terminal, placed.slot):
            slot = placed.slot + part.begin
            match = self._match(slot, placed.slot + part.end, part.source, carried)
            carried = match.carried
            if match.fitted is not None:
                kind = self._sources[part.source].kind
                found.append(
                    replace(match.fitted, slot=slot, placed=index, tone=part.at, kind=kind)
                )
            found += [Fitted(note, slot, index, misfit=UNEXPECTED) for note in match.unexpected]
        return found, carried

    def _parts_of(self, terminal: Terminal, slot: int) -> tuple[_Part, ...]:
        """Return the tones of a terminal at a slot, rests included, cut at the end."""
        length, parts = self._whole(terminal)
        if slot + length >= self.end:
            return self._divided(terminal, self.end - slot)
        return parts

    def _whole(self, terminal: Terminal) -> tuple[int, tuple[_Part, ...]]:
        """Return the length of a terminal that another one may follow, and its tones."""
        found = self._parts.get(terminal)
        if found is None:
            length = terminal.slots
            found = self._parts[terminal] = length, self._divided(terminal, length + 1)
        return found

    def _divided(self, terminal: Terminal, length: int) -> tuple[_Part, ...]:
        form = _FORMS[type(terminal)]
        low, high = (terminal.low, terminal.high) if isinstance(terminal, Slope) else (0, 0)
        each = list(tones_of(terminal, 0, min(terminal.slots, length)))
        # Outside a slope an approach tone leads to the next terminal.
        after = [kind for *_, kind in each[1:]]
        after.append(REST if form == _SLOPE or terminal.slots >= length else "")
        return tuple(
            _Part(at, begin, end, self._number(_Source(kind, form, low, high, following != REST)))
            for (at, begin, end, kind), following in zip(each, after, strict=True)
        )

    def _number(self, source: _Source) -> int:
        number = self._source_numbers.setdefault(source, len(self._sources))
        if number == len(self._sources):
            self._sources.append(source)
        return number

    def begin(self, slot: int) -> int:
        """Return the index of the first note from a slot on."""
        return self._firsts[_tick(slot)]

    # Many terminals at once ----------------------------------------------------------------------

    def rows(self, rows: Sequence[Sequence[Terminal]]) -> Rows:
        """Return rows of terminals for :meth:`most`."""
        found: list[tuple[int, int, int, int, int, bool, bool]] = []
        slots: list[int] = []
        for row, terminals in enumerate(rows):
            slot, led, first = 0, 0, True
            for terminal in terminals:
                length, parts = self._whole(terminal)
                for _, begin, end, number in parts:
                    kind, _, _, _, leads = self._sources[number]
                    leads = leads and kind == _APPROACH
                    if kind != REST:
                        place = _OTHER if leads or led > 1 else _TARGET if led else _PLAIN
                        found.append((row, slot + begin, slot + end, number, place, leads, first))
                    led, first = (led + 1) * leads, False
                slot += length
            slots.append(slot)
        at = list(np.array(found, dtype=np.int64).reshape(-1, 7).T)
        lengths = np.array(slots, dtype=np.int64)
        return Rows(lengths, at[0], at[1], at[2], at[3], at[4], at[5] > 0, at[6] > 0)

    def most(self, rows: Rows, slot: int, *, carried: bool) -> Array:
        """Return the most that rows of terminals from a slot on can score, shape (rows,).

        It is the score itself but for approach tones and tones after them.  `carried` is whether
        a pitch is carried to the first tones.
        """
        ends = _tick(np.minimum(slot + rows.slots, self.end))
        begins = _tick(slot + rows.begin)
        stops = _tick(np.minimum(slot + rows.end, self.end))
        inside = begins < ends[rows.row]
        begins = np.where(inside, begins, 0)
        met = inside & (self._following[begins] < np.minimum(begins + _LATE, stops))
        beyond = self._first[ends] - self.begin(slot) - np.bincount(rows.row, met, len(ends))
        score = -_COSTS[UNEXPECTED] * np.maximum(beyond, 0)
        index = self._first[begins]
        held = inside & ~met & (self._ends[index - 1] > begins) & self._parameters.holds
        silent = inside & ~met & ~held
        each = np.where(silent, -_COSTS[UNPLAYED], 0.0)
        known = inside & ~silent & ~(rows.first & carried)
        plain = known & (rows.place == _PLAIN)
        led = known & met & (rows.place == _TARGET)
        spans = np.searchsorted(self._spans, slot + rows.begin, side="right") - 1
        keys = rows.source * (len(self.notes) + 1) + index - held
        keys = (keys * len(self._spans) + np.maximum(spans, 0)) * _OTHER
        each[plain] = self._worths_of((keys + _HELD * held)[plain])
        each[led] = np.maximum(
            self._worths_of(keys[led] + _PLAIN), self._worths_of(keys[led] + _TARGET)
        )
        off = np.abs(self._ends[index] - stops)
        off = np.where(met & (plain | led) & (each > -_COSTS[OUTSIDE]), off, 0)
        each -= np.minimum(_LENGTH_COST * off, _MOST_LENGTH_COST)
        near = self._onsets[index + 1] <= stops + _LATE
        each[met & rows.leads & near & self._far[index]] = -_COSTS[WRONG_PITCH]
        score += np.bincount(rows.row, each, len(ends))
        return np.asarray(score, dtype=np.float64)

    # One tone ------------------------------------------------------------------------------------

    def _worths_of(self, keys: IntArray) -> Array:
        """Return the scores of tones without the costs of their lengths."""
        different, at = np.unique(keys, return_inverse=True)
        found = np.array([self._worth(key) for key in different.tolist()], dtype=np.float64)
        return np.asarray(found[at])

    def _worth(self, key: int) -> float:
        found = self._worths.get(key)
        if found is None:
            rest, place = divmod(key, _OTHER)
            rest, span = divmod(rest, len(self._spans))
            source, index = divmod(rest, len(self.notes) + 1)
            slot = int(self._spans[span])
            found = self._worths[key] = self._worth_of(slot, self._sources[source], index, place)
        return found

    def _worth_of(self, slot: int, source: _Source, index: int, place: int) -> float:
        """Return the score of a note as a tone, without the cost of its length."""
        carried = None
        if place == _HELD:
            return 0.0 if self._lengthens(slot, source, index, None) else -_COSTS[UNPLAYED]
        if place == _TARGET:
            if index < 2:
                return 0.0
            carried = self.notes[index - 2].pitch
        chance, before = self._chance(slot, source, index, None, carried)
        if chance:
            return log(chance)
        return -_COSTS[self._misfit(slot, source, index, self._window(source, before))]

    def _match(self, slot: int, end: int, source: int, carried: int | None) -> _Match:
        key = slot, end, source, carried
        found = self._matches.get(key)
        if found is None:
            found = self._matches[key] = self._matched(slot, end, self._sources[source], carried)
        return found

    def forget(self) -> None:
        """Clear the cache of tones as they are played; those of later slots differ."""
        self._matches.clear()
        if len(self._worths) > _CACHED:
            self._worths.clear()

    def _matched(self, slot: int, end: int, source: _Source, carried: int | None) -> _Match:
        """Return how a tone is played.

        A tone without a note is no misfit where the note before sounds on at a possible pitch.
        """
        start, stop = _tick(slot), _tick(end)
        first, last = self._firsts[start], self._firsts[stop]
        others = range(first, last)
        cost = _COSTS[UNEXPECTED] * len(others)
        if source.kind == REST:
            return _Match(None, -cost, None, others)
        unplayed = _Match(Fitted(-1, misfit=UNPLAYED), -_COSTS[UNPLAYED] - cost, None, others)
        if first == last or self.notes[first].onset >= start + _LATE:
            held = self._parameters.holds and first > 0 and self.notes[first - 1].end > start
            if held and self._lengthens(slot, source, first - 1, carried):
                return _Match(None, -cost, None, others)
            return unplayed
        index = first
        following = self.notes[index + 1] if index + 1 < len(self.notes) else None
        target = None
        if source.leads and following is not None and following.onset <= stop + _LATE:
            target = following.pitch
        chance, before = self._chance(slot, source, index, target, carried)
        others = others[1:]
        cost -= _COSTS[UNEXPECTED]
        leads = source.kind == _APPROACH and target is not None
        window = None if leads else self._window(source, before)
        onward = before if leads else None
        if not chance:
            misfit = self._misfit(slot, source, index, window)
            score = -_COSTS[misfit] - cost
            return _Match(Fitted(index, window=window, misfit=misfit), score, onward, others)
        off = abs(self.notes[index].end - stop)
        score = log(chance) - min(_LENGTH_COST * off, _MOST_LENGTH_COST) - cost
        return _Match(Fitted(index, window=window, probability=chance), score, onward, others)

    def _chance(
        self, slot: int, source: _Source, index: int, target: int | None, carried: int | None
    ) -> tuple[float, int]:
        """Return the probability of a note's pitch, and the pitch from which it is chosen.

        `target` is the pitch that an approach tone leads to, if any.  The player begins in the
        middle of the range; the first note of another line counts as in the middle of its window.
        """
        pitch = self.notes[index].pitch
        if carried is not None:
            from_ = [carried]
        elif index:
            from_ = [self.notes[index - 1].pitch]
        else:
            from_ = [self._middle, pitch - (source.low + source.high) // 2]
        for before in from_:
            odds = self._odds(slot, source, before, target, led=carried is not None)
            if chance := _of(odds, pitch):
                return chance, before
        return 0.0, from_[-1]

    def _lengthens(self, slot: int, source: _Source, index: int, carried: int | None) -> bool:
        """Return whether a note that sounds on at a slot may be a tone that begins there."""
        pitch = self.notes[index].pitch
        following = self.notes[index + 1].pitch if index + 1 < len(self.notes) else None
        target = following if source.leads and source.kind == _APPROACH else None
        before = pitch if carried is None else carried
        return _of(self._odds(slot, source, before, target, led=carried is not None), pitch) > 0

    def _window(self, source: _Source, before: int) -> tuple[int, int] | None:
        if source.form != _SLOPE:
            return None
        return tones.window(source.low, source.high, before)

    def _misfit(
        self, slot: int, source: _Source, index: int, window: tuple[int, int] | None
    ) -> str:
        """Return the misfit of a pitch that a tone cannot have."""
        chord = self.form.chords[self.form.span(slot)]
        pitch = self.notes[index].pitch
        letter = tones.classes(chord, self._colours)[pitch % 12]
        of_kind = _LETTERS.get(source.kind, letter) == letter and source.form != _DEGREE
        if window is not None and window[0] <= pitch <= window[1]:
            return WRONG_KIND
        return OUTSIDE if of_kind and window is not None else WRONG_PITCH

    def _odds(
        self, slot: int, source: _Source, previous: int, target: int | None, *, led: bool
    ) -> tones.Odds:
        """Return the distribution of a tone's pitch.

        `target` is the pitch that an approach tone leads to, if any; `led` is whether approach
        tones of an earlier terminal lead to this tone.
        """
        kind, form, low, high, _ = source
        reach = self._reach
        chord = self.form.chords[self.form.span(slot)]
        if kind == _APPROACH:
            if target is not None and form == _SLOPE:
                return tones.approach_in_slope(low, high, previous, target, reach)
            if target is not None:
                return tones.approach(target, previous, reach)
            kind = _SCALE
        if form == _SLOPE:
            letters = tones.classes(chord, self._colours)
            return tones.in_slope(kind, low, high, previous, letters, reach)
        if form == _DEGREE:
            return tones.degree(kind, self.form.rooted(slot), previous, reach)
        if form == _TRIAD:
            near = range(max(previous - 12, 0), min(previous + 12, 127) + 1)
            return tuple(near), (_ANY,) * len(near)
        ground = tones.Ground.of(chord, self._colours, self._parameters)
        return tones.free(tones.CHORD if led else kind, previous, ground, self._parameters, reach)


def _tick(slot: _Slots) -> _Slots:
    """Return the tick nearest to a slot, or to each slot of an array."""
    return (slot + SLOTS_PER_TICK // 2) // SLOTS_PER_TICK


def _of(odds: tones.Odds, pitch: int) -> float:
    """Return the probability of a pitch."""
    at = bisect_left(odds[0], pitch)
    return odds[1][at] if at < len(odds[0]) and odds[0][at] == pitch else 0.0
