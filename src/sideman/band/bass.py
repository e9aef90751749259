"""The bass: walking, in two, or in patterns.

First the slots of a line are laid out: when notes fall, and the function of each (root at a chord
change, strong beat, approach).  Then the pitches of all slots are drawn together from a
second-order Markov chain: every two neighbours are weighted by their interval and by the voice
leading between their functions, every three by their contour.  The weights are summed from the end
of the line to its beginning and the pitches drawn from the beginning on (the mirror image of
forward filtering, backward sampling), so that each pitch takes what follows into account.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from functools import cache, lru_cache
from itertools import pairwise

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from sideman.band import rhythm
from sideman.band.listening import MIDDLE, UNHEARD, Heard, louder
from sideman.band.rhythm import Weighted
from sideman.band.styles import Style
from sideman.score import Changes, ChordSpan, Note, Part
from sideman.theory.chord import Chord
from sideman.theory.meter import TICKS_PER_QUARTER, Meter

LOW, HIGH = 28, 55
"""The range: E1 to G3."""

PROGRAM = 32
"""Acoustic bass."""

_EIGHTH = TICKS_PER_QUARTER // 2
_SHORTEST = TICKS_PER_QUARTER // 4
_VELOCITY, _ARRIVING, _SKIPPED = 80, 84, 52
_RANGE_DB, _CHANCE_DB = 2.5, 0.7  # of the intensity, on either side; standard deviation
_FEEL_TILT = 5.0  # in the log weights of feels, for the whole range of the intensity
_ACTIVITY = {"two": -1.0, "patterns": 0.0, "walking": 1.0}
_FASTEST_DOUBLED_BPM = 150.0
_PITCHES = np.arange(LOW, HIGH + 1)
_MOVES = _PITCHES[None, :] - _PITCHES[:, None]  # from row to column
_NEVER = 1e-9  # weight of what is chosen only where nothing else is possible

# Weights of melodic intervals, by semitones.
_INTERVALS = {
    0: 0.12, 1: 1.0, 2: 1.3, 3: 0.75, 4: 0.6, 5: 0.5, 6: 0.04, 7: 0.3, 8: 0.06, 9: 0.05, 10: 0.03,
    11: 0.01, 12: 0.09,
}  # fmt: skip
# Weights of pitches by register: lower at both ends of the range.
_REGISTER = np.interp(_PITCHES, (28, 31, 34, 48, 51, 55), (0.4, 0.8, 1, 1, 0.7, 0.25))

Weights = NDArray[np.float64]


class Role(Enum):
    """The function of a note in the line."""

    ARRIVE = "the chord's bass, or now and then its fifth, where a change arrives"
    ROOT = "the chord's bass"
    FIFTH = "the fifth"
    THIRD = "the third"
    DOWNBEAT = "a chord tone, best the root, on the downbeat of a chord that goes on"
    STRONG = "a chord tone on a strong beat"
    WEAK = "a chord tone or a step between two"
    APPROACH = "into the change that comes next"
    HOLD = "the same bass, on a pedal"


_FREE = (Role.WEAK, Role.STRONG, Role.DOWNBEAT)
_LED = (*_FREE, Role.ARRIVE, Role.APPROACH)
_LEFT_BY_LEAP, _REACHED_BY_LEAP = 0.1, 0.1
_REPEATED = 2.0
_STRICTNESS = 1.15  # the power to which the weights of intervals are raised

_SIGNS = {
    "1": Role.ROOT,
    "5": Role.FIFTH,
    "3": Role.THIRD,
    "x": Role.STRONG,
    "a": Role.APPROACH,
}


@dataclass(frozen=True, slots=True)
class Slot:
    """A note of the line before it has a pitch.

    `onset` and `end` are ticks from the start of the form; `chord` is the chord that the pitch is
    chosen from.
    """

    onset: int
    end: int
    role: Role
    chord: Chord


def walk(
    changes: Changes,
    style: Style,
    rng: Generator,
    *,
    heard: Heard = UNHEARD,
    tempo_bpm: float = 120.0,
    ending: bool = True,
) -> Part:
    """Return a bass line from `LOW` to `HIGH`, which rests under N.C.; one feel for each section.

    The more intense what is `heard` of the soloist, the likelier it walks, and is in double time at
    a slow tempo.  With `ending` the chord of the last bar is held.
    """
    doubles = style.bass.doubles if tempo_bpm <= _FASTEST_DOUBLED_BPM else 0.0
    marks = _marks(changes, style, heard, doubles, rng)
    slots = _filled(changes, list(_slots(changes, marks, rng, ending)))
    pitches = _line(slots, rng)
    notes = _played(changes, slots, pitches, style.bass.skips, heard, rng)
    return Part("Bass", tuple(notes), PROGRAM)


# Slots ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Mark:
    """A note of a feel before its function is known.

    `sign` is that of a pattern, or ``w`` for a beat of a walking line and ``h`` for a half note of
    a line in two; `role` is its function where the chord does not change.
    """

    onset: int
    end: int
    sign: str
    role: Role


def _slots(changes: Changes, marks: list[_Mark], rng: Generator, ending: bool) -> Iterator[Slot]:
    """Yield the slots: the notes of the feel, and one at each chord change."""
    if ending and changes.bars:
        marks = _held(changes, marks)
    onsets = [mark.onset for mark in marks]
    spans = changes.spans
    for number, span in enumerate(spans):
        if span.chord.is_no_chord:
            continue
        before = spans[number - 1].chord if number else None
        after = spans[number + 1] if number + 1 < len(spans) else None
        inside = marks[bisect_left(onsets, span.onset) : bisect_left(onsets, span.end)]
        yield from _span_slots(span, before, after, _arriving(span, inside), rng)


def _filled(changes: Changes, slots: Sequence[Slot]) -> list[Slot]:
    """Add a root in each bar at whose start a chord goes on, and which would be empty.

    The pattern has only rests in it, because the bar is shorter than the pattern or N.C. follows.
    Where N.C. follows at once, the note before is held.
    """
    found: list[Slot] = []
    onsets = [slot.onset for slot in slots]
    spans = [span.onset for span in changes.spans]
    for start, stop in pairwise(changes.bar_starts):
        inside = slots[bisect_left(onsets, start) : bisect_left(onsets, stop)]
        if found and not inside and found[-1].end <= start:
            span = changes.spans[bisect_right(spans, start) - 1]
            if not span.chord.is_no_chord and span.end - start >= _SHORTEST:
                inside = [Slot(start, min(stop, span.end), Role.ROOT, span.chord)]
            elif not span.chord.is_no_chord:
                found[-1] = replace(found[-1], end=span.end)
        found += inside
    return found


def _arriving(span: ChordSpan, marks: list[_Mark]) -> list[_Mark]:
    """Return the marks over one chord with one at its onset, and none too close to either end."""
    if marks and marks[0].onset == span.onset:
        first, rest = marks[0], marks[1:]
    else:
        first = _Mark(span.onset, marks[0].onset if marks else span.end, "1", Role.ROOT)
        rest = [mark for mark in marks if mark.onset >= span.onset + TICKS_PER_QUARTER]
        if len(rest) < len(marks):
            first = replace(first, end=rest[0].onset if rest else span.end)
    while rest and span.end - rest[-1].onset < _SHORTEST < span.end - span.onset:
        dropped = rest.pop()
        last = rest[-1] if rest else first
        if last.end == dropped.onset:
            last = replace(last, end=span.end)
            if rest:
                rest[-1] = last
            else:
                first = last
    return [first, *rest]


def _span_slots(
    span: ChordSpan,
    before: Chord | None,
    after: ChordSpan | None,
    marks: list[_Mark],
    rng: Generator,
) -> Iterator[Slot]:
    """Yield the slots over one chord."""
    chord, bass = span.chord, span.chord.bass_pitch_class
    following = None if after is None else after.chord
    moves = following is not None and following.bass_pitch_class not in (None, bass)
    neighbours = {one.bass_pitch_class for one in (before, following) if one is not None}
    pedal = chord.bass is not None and bass in neighbours
    for index, mark in enumerate(marks):
        heard = chord
        if index == 0 and chord != before:
            enters = before is None or before.is_no_chord
            role = Role.ROOT if enters or pedal or mark.sign != "w" else Role.ARRIVE
        elif mark.sign == "n":
            role, last = Role.ROOT, index == len(marks) - 1
            if last and following is not None and not following.is_no_chord:
                heard = following
        elif pedal:
            role = Role.HOLD
        elif mark.sign in ("w", "h"):
            role = _walking_role(mark, index == len(marks) - 1 and moves, rng)
        elif mark.sign == "a" and not (index == len(marks) - 1 and moves):
            role = Role.WEAK
        else:
            role = mark.role
        yield Slot(mark.onset, min(mark.end, span.end), role, heard)


def _walking_role(mark: _Mark, leads: bool, rng: Generator) -> Role:
    """Return the function of a note of a walking line (``w``) or of one in two (``h``)."""
    if mark.sign == "w":
        return Role.APPROACH if leads else mark.role
    if leads and (mark.role is Role.WEAK or rng.random() < _TWO_LEADS):
        return Role.APPROACH
    return Role.FIFTH if rng.random() < _TWO_FIFTHS else Role.STRONG


_TWO_LEADS, _TWO_FIFTHS = 0.25, 0.7
_TWO_PICKUPS, _TWO_OF_THREE = 0.3, 0.5


def _marks(
    changes: Changes, style: Style, heard: Heard, doubles: float, rng: Generator
) -> list[_Mark]:
    """Return the notes of every bar, a feel for each section, with some bars in double time."""
    patterned: dict[int, list[_Mark]] = {}
    for struck in rhythm.lay(changes, style.bass.patterns, rng):
        role = _SIGNS.get(struck.sign, Role.ROOT)
        mark = _Mark(struck.onset, struck.end, struck.sign, role)
        patterned.setdefault(struck.bar, []).append(mark)
    marks: list[_Mark] = []
    feel = ""
    tops = {*changes.chorus_starts}
    chances = rng.random(len(changes.bars))
    for number, bar in enumerate(changes.bars):
        level = heard.level(number)
        if not feel or bar.section or number in tops:
            feel = rhythm.pick(_tilted(style.bass.feels, level), rng)
        start = changes.bar_starts[number]
        if feel == "patterns":
            marks += patterned.get(number, ())
        elif feel == "two":
            marks += _in_two(start, bar.meter, rng)
        else:
            doubled = chances[number] < doubles * (level - MIDDLE) / MIDDLE
            marks += _walking(start, bar.meter, doubled)
    return [
        mark if mark.end <= after.onset else replace(mark, end=after.onset)
        for mark, after in pairwise(marks)
    ] + marks[-1:]


@lru_cache(maxsize=256)
def _tilted(feels: Weighted[str], level: float) -> Weighted[str]:
    """Return feels weighted by an intensity: the higher, the more walking and the less in two."""
    weights = [upto - below for below, upto in pairwise((0.0, *feels.upto))]
    return rhythm.weighted_choice(
        (feel, weight * math.exp(_FEEL_TILT * _ACTIVITY[feel] * (level - MIDDLE)))
        for feel, weight in zip(feels.things, weights, strict=True)
    )


def _walking(start: int, meter: Meter, doubled: bool) -> Iterator[_Mark]:
    beats = rhythm.pulses(meter)
    strong = _strong(len(beats) - 1)
    for index, (onset, end) in enumerate(pairwise(beats)):
        role = Role.DOWNBEAT if index == 0 else Role.STRONG if index in strong else Role.WEAK
        middle = (onset + end) // 2
        if doubled and middle - onset >= _EIGHTH:
            yield _Mark(start + onset, start + middle, "w", role)
            yield _Mark(start + middle, start + end, "w", Role.WEAK)
        else:
            yield _Mark(start + onset, start + end, "w", role)


def _in_two(start: int, meter: Meter, rng: Generator) -> Iterator[_Mark]:
    beats = rhythm.pulses(meter)
    count = len(beats) - 1
    strong = _strong(count)
    chosen = [index for index in range(count) if index in strong]
    if (
        count == 2
        or (count == 3 and rng.random() < _TWO_OF_THREE)
        or (count > 3 and rng.random() < _TWO_PICKUPS)
    ):
        chosen.append(count - 1)
    for index, after in pairwise((*chosen, count)):
        sign = "1" if index == 0 else "h"
        role = Role.ROOT if index == 0 else Role.STRONG if index in strong else Role.WEAK
        yield _Mark(start + beats[index], start + beats[after], sign, role)


@cache
def _strong(beats: int) -> frozenset[int]:
    """Return the strong beats of a bar, counted from 0."""
    if beats in (2, 3):
        return frozenset({0})
    if beats == 5:
        return frozenset({0, 3})
    return frozenset(range(0, beats - 1, 2) if beats > 1 else {0})


def _held(changes: Changes, marks: list[_Mark]) -> list[_Mark]:
    """Replace the marks of the last bar by one held root."""
    start, end = changes.bar_starts[-2:]
    return [*(mark for mark in marks if mark.onset < start), _Mark(start, end, "1", Role.ROOT)]


# The line ---------------------------------------------------------------------------------------


@lru_cache(maxsize=4096)
def _tones(role: Role, chord: Chord) -> Weights:
    """Return the weight of each pitch for a function over a chord, shape (pitches,)."""
    bass = chord.bass_pitch_class
    fifth = chord.quality.fifth
    root = chord.tones[0]
    by_class = np.full(12, _NEVER)
    if role in (Role.ARRIVE, Role.ROOT, Role.HOLD):
        by_class[bass] = 1
        if role is Role.ARRIVE and chord.bass is None and fifth == 7:
            by_class[(root + fifth) % 12] = 0.05
    elif role is Role.FIFTH:
        by_class[bass if fifth is None else (root + fifth) % 12] = 1
    elif role is Role.THIRD:
        third = chord.quality.third
        by_class[bass if third is None else (root + third) % 12] = 1
    else:
        by_class[:] = {Role.WEAK: 0.25, Role.APPROACH: 0.6}.get(role, _NEVER)
        by_class[list(_scale(chord))] = 0.7 if role in (Role.WEAK, Role.APPROACH) else 0.1
        by_class[list(chord.tones)] = 1
        by_class[bass] = 1.5 if role is Role.DOWNBEAT else 0.8
    weights: Weights = by_class[_PITCHES % 12] * _REGISTER
    return weights


@lru_cache(maxsize=4096)
def _scale(chord: Chord) -> frozenset[int]:
    """Return the pitch classes that are not chromatic over a chord."""
    return frozenset(chord.tones) | frozenset(chord.scale)


@lru_cache(maxsize=8192)
def _steps(role: Role, chord: Chord, after_role: Role, after_chord: Chord) -> Weights:
    """Return the weights of moves between two slots, the second slot's own weights included.

    Shape (from pitch, to pitch).
    """
    weights = np.vectorize(lambda move: _INTERVALS.get(abs(move), _NEVER))(_MOVES).astype(float)
    half, whole = np.abs(_MOVES) == 1, np.abs(_MOVES) == 2
    inside = np.isin(_PITCHES % 12, list(_scale(chord)))[:, None]
    tone = np.isin(_PITCHES % 12, list(chord.tones))[:, None]
    if role is Role.APPROACH:
        dominant = (_MOVES == 5) | (_MOVES == -7)
        weights *= np.select(
            [half, whole & inside, dominant & inside, tone & (_MOVES != 0)],
            [3.0, 1.8, 1.6, 0.5],
            0.02,
        )
    elif role in _FREE:
        # A note outside the scale must move by a semitone, a note outside the chord by a step.
        weights = np.where(inside | half, weights, _NEVER)
        weights = np.where(tone | half | whole, weights, weights * _LEFT_BY_LEAP)
    if after_role in _FREE:
        foreign = ~np.isin(_PITCHES % 12, list(after_chord.tones))[None, :]
        weights = np.where(foreign & ~half & ~whole, weights * _REACHED_BY_LEAP, weights)
    if role not in _LED and after_role not in _LED:
        weights[_MOVES == 0] = _REPEATED  # patterns may repeat a pitch
    weights = np.maximum(weights, _NEVER) ** _STRICTNESS
    return np.asarray(weights * _tones(after_role, after_chord))


@cache
def _contours(role: Role) -> Weights:
    """Return the weights, (middle, first, last), of three pitches around one with a function."""
    first = _MOVES.T[:, :, None]  # [middle, first, -]: from the first to the middle
    second = _MOVES[:, None, :]  # [middle, -, last]: from the middle to the last
    steps = (np.abs(first) <= 4) & (np.abs(second) <= 4)
    onward = first * second > 0
    back = first * second < 0
    leap, leap_again = np.abs(first) >= 5, np.abs(second) >= 5
    weights = np.ones((len(_PITCHES),) * 3)
    weights = np.where(steps & onward, 1.6, weights)
    weights = np.where(steps & back, 0.6, weights)
    weights = np.where(leap & back & ~leap_again, 1.4, weights)
    weights = np.where(leap & onward, 0.3, weights)
    weights = np.where(leap & leap_again, weights * 0.4, weights)
    weights = np.where(back & (first + second == 0), weights * 0.4, weights)  # back to the first
    if role in _LED:  # patterns may repeat a pitch, walking lines may not
        weights = np.where((first == 0) & (second == 0), 0.05, weights)
    return np.ascontiguousarray(weights)


_BLOCK, _LOOKAHEAD = 256, 24


def _line(slots: Sequence[Slot], rng: Generator) -> list[int]:
    """Return a pitch for every slot.

    The line is drawn in blocks of 256 slots, each with 24 slots of the next, so that memory does
    not grow with the piece.
    """
    chances = rng.random(len(slots))
    line: list[int] = []  # as indices of _PITCHES
    for begin in range(0, len(slots), _BLOCK):
        block = slots[begin : begin + _BLOCK + _LOOKAHEAD]
        # ahead_weights[i][a, b]: the summed weight of all continuations, with pitch a in slot i and
        # pitch b in slot i + 1.
        ahead_weights: list[Weights] = []
        rest = np.ones((len(_PITCHES),) * 2)
        for slot, after in zip(block[-2::-1], block[:0:-1], strict=True):
            ahead = _steps(slot.role, slot.chord, after.role, after.chord) * rest
            ahead_weights.append(ahead)
            rest = np.matmul(_contours(slot.role), ahead[:, :, None])[:, :, 0].T
            rest /= rest.max()
        ahead_weights.reverse()
        for index, chance in enumerate(chances[begin : begin + _BLOCK]):
            here = begin + index
            if here == 0:
                weights = _tones(block[0].role, block[0].chord)
                if ahead_weights:
                    weights = weights * ahead_weights[0].sum(axis=1)
            elif index == 0:
                before = slots[here - 1]
                weights = _steps(before.role, before.chord, block[0].role, block[0].chord)[line[-1]]
                if ahead_weights:
                    weights = weights * ahead_weights[0].sum(axis=1)
            else:
                weights = ahead_weights[index - 1][line[-1]]
            if len(line) > 1:
                weights = weights * _contours(slots[here - 1].role)[line[-1], line[-2]]
            upto = np.cumsum(weights)
            line.append(int(np.searchsorted(upto, chance * upto[-1], side="right")))
    return [LOW + index for index in line]


# Playing ----------------------------------------------------------------------------------------


def _played(
    changes: Changes,
    slots: Sequence[Slot],
    pitches: Sequence[int],
    skips: float,
    heard: Heard,
    rng: Generator,
) -> list[Note]:
    """Return the notes of a line, accented at chord changes, with occasional skipped eighths."""
    notes: list[Note] = []
    varied = rng.normal(0.0, _CHANCE_DB, len(slots))
    chances = rng.random((len(slots), 2))
    for index, (slot, pitch) in enumerate(zip(slots, pitches, strict=True)):
        level = heard.decibels(changes.bar_at(slot.onset), _RANGE_DB) + varied[index]
        velocity = louder(_ARRIVING if slot.role is Role.ARRIVE else _VELOCITY, level)
        end, skip = slot.end, slot.end - _EIGHTH
        following = pitches[index + 1] if index + 1 < len(slots) else pitch
        joined = index + 1 < len(slots) and slots[index + 1].onset == end
        skipping = joined and slot.role is not Role.APPROACH and skip - slot.onset >= _EIGHTH
        if skipping and chances[index, 0] < skips and _on_beat(slot.end, changes):
            between = _between(pitch, following, slot.chord)
            dead = chances[index, 1] < 0.5 or not 0 < abs(between - pitch) <= 5
            dead = dead or slot.role not in _LED
            notes.append(Note(slot.onset, skip - slot.onset, pitch, velocity))
            soft = louder(_SKIPPED, level)
            notes.append(Note(skip, _EIGHTH, pitch if dead else between, soft))
        else:
            notes.append(Note(slot.onset, end - slot.onset, pitch, velocity))
    return notes


def _on_beat(tick: int, changes: Changes) -> bool:
    bar = bisect_right(changes.bar_starts, tick) - 1
    inside = tick - changes.bar_starts[bar]
    return inside == 0 or (
        bar < len(changes.bars) and inside in rhythm.pulses(changes.bars[bar].meter)
    )


def _between(pitch: int, following: int, chord: Chord) -> int:
    """Return the scale tone next to `following`, on the side of `pitch`."""
    side = 1 if pitch > following else -1
    for step in (1, 2):
        if (following + side * step) % 12 in _scale(chord):
            return min(max(following + side * step, LOW), HIGH)
    return pitch
