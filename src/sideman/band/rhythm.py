"""Rhythms in a beat-by-beat notation, and their placement in a bar.

The beats are separated by spaces: ``x_ _x -- --`` is the Charleston.  A beat of two signs is in
eighths, of three in triplets, of four in sixteenths.  ``-`` is a rest, ``_`` holds the previous
stroke, any other sign is a stroke whose meaning depends on the player.  ``|`` separates the bars of
a longer rhythm.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import accumulate
from typing import Generic, NamedTuple, TypeVar

from numpy.random import Generator

from sideman.errors import FormatError
from sideman.score import Changes
from sideman.theory.meter import TICKS_PER_QUARTER, Meter

T = TypeVar("T")

_SILENCE, _HOLD = "-", "_"
_DIVISIONS = (1, 2, 3, 4, 6, 8, 12)
# In a dotted beat the second of two signs falls on the third eighth, like a swung eighth.
_DOTTED = TICKS_PER_QUARTER * 3 // 2
_SWUNG = {TICKS_PER_QUARTER // 2: _DOTTED * 2 // 3}

_WIDTH = 0.16  # standard deviation of the intensities at which a rhythm with a level is played


@dataclass(frozen=True, slots=True)
class Stroke:
    """One stroke of a rhythm.

    `onset` and `length` count 24 to the beat, whatever note value the beat has; `sign` is as
    written.
    """

    onset: int
    length: int
    sign: str


@dataclass(frozen=True, slots=True)
class Rhythm:
    """A rhythm of one or more bars of `beats` beats each; `text` is its notation or name.

    `level` is the intensity at which it is played most, from 0 to 1; None for any.
    """

    text: str
    beats: int
    bars: tuple[tuple[Stroke, ...], ...]
    level: float | None = None


class Weighted(NamedTuple, Generic[T]):
    """Alternatives with their cumulative weights."""

    things: tuple[T, ...]
    upto: tuple[float, ...]


def weighted_choice(weighted: Iterable[tuple[T, float]]) -> Weighted[T]:
    """Return things with weights in the form that :func:`pick` takes."""
    pairs = tuple(weighted)
    return Weighted(
        tuple(thing for thing, _ in pairs), tuple(accumulate(weight for _, weight in pairs))
    )


def pick(choice: Weighted[T], rng: Generator) -> T:
    """Return one of the things, drawn with probability proportional to its weight."""
    if len(choice.things) == 1:
        return choice.things[0]
    return choice.things[bisect_right(choice.upto, rng.random() * choice.upto[-1])]


@dataclass(frozen=True, eq=False)  # hashed by identity: looked up once a bar
class Rhythms:
    """Rhythms to choose from, each with its weight."""

    weighted: tuple[tuple[Rhythm, float], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.weighted)


def parse(text: str, signs: str) -> Rhythm:
    """Read a rhythm whose strokes have one of the `signs`, or raise FormatError.

    >>> parse("x_ _x -- --", "x").bars
    ((Stroke(onset=0, length=36, sign='x'), Stroke(onset=36, length=12, sign='x')),)
    """
    bars = [bar.split() for bar in text.split("|")]
    beats = len(bars[0])
    if not beats or any(len(bar) != beats for bar in bars):
        raise FormatError("its bars must all have the same number of beats, and at least one")
    length = beats * TICKS_PER_QUARTER
    strokes = _strokes([beat for bar in bars for beat in bar], signs)
    return Rhythm(
        text,
        beats,
        tuple(
            tuple(
                Stroke(stroke.onset - number * length, stroke.length, stroke.sign)
                for stroke in strokes
                if stroke.onset // length == number
            )
            for number in range(len(bars))
        ),
    )


def together(name: str, voices: Mapping[str, Rhythm], level: float) -> Rhythm:
    """Return the rhythms of several voices as one, with signs such as ``ride x``.

    Raise FormatError if they are not of one length.
    """
    if len({(each.beats, len(each.bars)) for each in voices.values()}) != 1:
        raise FormatError("give it voices, all with the same number of beats and bars")
    first = next(iter(voices.values()))
    bars = tuple(
        tuple(
            sorted(
                (
                    replace(stroke, sign=f"{voice} {stroke.sign}")
                    for voice, each in voices.items()
                    for stroke in each.bars[number]
                ),
                key=lambda stroke: stroke.onset,
            )
        )
        for number in range(len(first.bars))
    )
    return Rhythm(name, first.beats, bars, level)


def _strokes(beats: list[str], signs: str) -> list[Stroke]:
    found: list[Stroke] = []
    for number, beat in enumerate(beats):
        if len(beat) not in _DIVISIONS:
            raise FormatError(f"the beat {beat!r} has {len(beat)} signs; give it 1, 2, 3, 4 or 6")
        step = TICKS_PER_QUARTER // len(beat)
        for place, sign in enumerate(beat):
            onset = number * TICKS_PER_QUARTER + place * step
            if sign == _HOLD:
                if not found or found[-1].onset + found[-1].length != onset:
                    raise FormatError(f"'_' in the beat {beat!r} has nothing before it to hold")
                before = found.pop()
                found.append(Stroke(before.onset, before.length + step, before.sign))
            elif sign in signs:
                found.append(Stroke(onset, step, sign))
            elif sign != _SILENCE:
                raise FormatError(
                    f"{sign!r} is not a sign; strike with {', '.join(signs)}, hold with _, "
                    "rest with -"
                )
    return found


@lru_cache(maxsize=512)
def pulses(meter: Meter) -> tuple[int, ...]:
    """Return the ticks at which the counted beats begin, and the end of the bar.

    Beats are quarters, or dotted values in 6/8 and its like; the last beat of 5/8 or 7/8 is longer.
    """
    ticks = meter.ticks_per_bar
    compound = meter.unit >= 8 and meter.beats % 3 == 0
    step = 3 * meter.ticks_per_beat if compound else TICKS_PER_QUARTER
    starts = list(range(0, ticks, step))
    if len(starts) > 1 and ticks - starts[-1] <= step // 2:
        starts.pop()
    return (*starts, ticks)


def place(onset: int, beats: tuple[int, ...]) -> int:
    """Return the tick, on the beats of a bar (:func:`pulses`), of a place at 24 to the beat.

    What lies beyond the bar is at its end.
    """
    beat, inside = divmod(onset, TICKS_PER_QUARTER)
    if beat >= len(beats) - 1:
        return beats[-1]
    length = beats[beat + 1] - beats[beat]
    if length == TICKS_PER_QUARTER:
        return beats[beat] + inside
    if length == _DOTTED and inside in _SWUNG:
        return beats[beat] + _SWUNG[inside]
    return beats[beat] + round(inside * length / TICKS_PER_QUARTER)


@dataclass(frozen=True, slots=True)
class Struck:
    """A stroke in a form; `onset` and `end` are ticks from its start, `bar` is an index."""

    bar: int
    onset: int
    end: int
    sign: str


def lay(
    changes: Changes,
    rhythms: Rhythms,
    rng: Generator,
    *,
    lively: Sequence[float] = (),
    levels: Sequence[float] = (),
    again: float = 0.0,
) -> list[Struck]:
    """Return strokes that fill every bar of a form, sorted by onset.

    A rhythm of several bars is taken where so many bars of its meter follow within the section.  A
    bar without a rhythm of its length is filled with shorter and shortened ones: five beats as
    three and two, seven as four and three.  `lively` prefers busier rhythms by bar, from -2 to 2:
    the weight of a rhythm with n strokes a bar is multiplied by exp(lively × n).  `levels` are the
    intensities of the bars, for rhythms with a level.  `again` is the probability that a rhythm is
    repeated where the same ones may be chosen.
    """
    found: list[Struck] = []
    if not rhythms:
        return found
    number = 0
    before: _Options = ()
    chosen: list[tuple[Placed, ...]] = []
    while number < len(changes.bars):
        beats = pulses(changes.bars[number].meter)
        room = _room(changes, number)
        prefer = _rounded(lively[number]) if lively else 0.0
        level = round(16 * levels[number]) / 16 if levels else 0.5
        options = _options(rhythms, beats, room, prefer, level)
        if not again or options is not before or rng.random() >= again:
            chosen = [pick(each, rng) for _, each in options]
        before = options
        for strokes in _joined(options, chosen):
            start = changes.bar_starts[number]
            found += [Struck(number, start + on, start + off, sign) for on, off, sign in strokes]
            number += 1
    return found


Placed = tuple[tuple[int, int, str], ...]
"""The strokes of a bar: onset and end in ticks from the bar line, and sign."""

_Options = tuple[tuple[int, Weighted[tuple[Placed, ...]]], ...]


def _rounded(lively: float) -> float:
    """Round to a quarter, so that few tables of weights are computed."""
    return round(4 * max(-2.0, min(2.0, lively))) / 4


def _room(changes: Changes, number: int) -> int:
    """Count the bars of one meter and section from `number` on, up to four."""
    bars = changes.bars[number : number + 4]
    for count, bar in enumerate(bars[1:], 1):
        if bar.meter != bars[0].meter or bar.section:
            return count
    return len(bars)


@lru_cache(maxsize=4096)
def _options(
    rhythms: Rhythms, beats: tuple[int, ...], room: int, lively: float, level: float
) -> _Options:
    """Return what may be played in the next bar or bars: places in it, and rhythms for each."""
    count = len(beats) - 1
    room = min(room, max(len(rhythm.bars) for rhythm, _ in rhythms.weighted))
    sizes = _sizes(rhythms, count)
    if sizes == (count,):
        return ((0, _fitting(rhythms, beats, room, lively, level)),)
    found, at = [], 0
    for size in sizes:
        first = beats[at]
        piece = tuple(tick - first for tick in beats[at : at + size + 1])
        found.append((first, _fitting(rhythms, piece, 1, lively, level)))
        at += size
    return tuple(found)


def _joined(options: _Options, chosen: Sequence[tuple[Placed, ...]]) -> tuple[Placed, ...]:
    """Return the strokes of the chosen rhythms, those in one bar as one."""
    if len(chosen) == 1:
        return chosen[0]
    return (
        tuple(
            (on + first, off + first, sign)
            for (first, _), (bar, *_) in zip(options, chosen, strict=True)
            for on, off, sign in bar
        ),
    )


@lru_cache(maxsize=1024)
def _sizes(rhythms: Rhythms, beats: int) -> tuple[int, ...]:
    """Return the lengths in beats of the rhythms that fill a bar."""
    known = {rhythm.beats for rhythm, _ in rhythms.weighted}
    if beats in known or beats < min(known):
        return (beats,)
    first = {5: 3, 7: 4}.get(beats) or max(size for size in known if size < beats)
    return (*_sizes(rhythms, first), *_sizes(rhythms, beats - first))


@lru_cache(maxsize=4096)
def _fitting(
    rhythms: Rhythms, beats: tuple[int, ...], room: int, lively: float, level: float
) -> Weighted[tuple[Placed, ...]]:
    """Return the rhythms that fit some beats, weighted; shortened ones where none fits."""
    count = len(beats) - 1
    fitting = [
        (rhythm.bars, weight * _suits(rhythm, level))
        for rhythm, weight in rhythms.weighted
        if rhythm.beats == count and len(rhythm.bars) <= room
    ]
    if not fitting:
        fitting = [
            (rhythm.bars[:1], weight * _suits(rhythm, level))
            for rhythm, weight in rhythms.weighted
            if rhythm.beats >= count
        ]
    return weighted_choice(
        (
            tuple(_placed(bar, beats, len(bars)) for bar in bars),
            weight * math.exp(lively * sum(map(len, bars)) / len(bars)),
        )
        for bars, weight in fitting
    )


def _suits(rhythm: Rhythm, level: float) -> float:
    """Return the factor on the weight of a rhythm at an intensity."""
    if rhythm.level is None:
        return 1.0
    return math.exp(-(((rhythm.level - level) / _WIDTH) ** 2) / 2)


def _placed(strokes: Sequence[Stroke], beats: tuple[int, ...], bars: int) -> Placed:
    """Return the strokes of a bar in ticks, none beyond the rhythm's last bar."""
    found = []
    for stroke in strokes:
        onset, end = place(stroke.onset, beats), place(stroke.onset + stroke.length, beats)
        if bars > 1:
            over, inside = divmod(
                stroke.onset + stroke.length, (len(beats) - 1) * TICKS_PER_QUARTER
            )
            end = over * beats[-1] + place(inside, beats)
        if onset < end:
            found.append((onset, end, stroke.sign))
    return tuple(found)
