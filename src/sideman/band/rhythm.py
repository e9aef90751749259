"""Rhythms as musicians count them, and where they fall in a bar.

A rhythm is written beat by beat, the beats apart: ``x_ _x -- --`` is the Charleston.  A beat of
two signs is in eighths, of three in triplets, of four in sixteenths.  ``-`` is silent, ``_`` holds
what was struck before, any other sign strikes; what the signs mean is up to the player.  A bar
line, ``|``, parts the bars of a longer rhythm.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
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
# In a dotted beat the second of two signs falls on the third eighth, where swung eighths fall.
_DOTTED = TICKS_PER_QUARTER * 3 // 2
_SWUNG = {TICKS_PER_QUARTER // 2: _DOTTED * 2 // 3}


@dataclass(frozen=True, slots=True)
class Stroke:
    """One sign of a rhythm that strikes.

    Parameters
    ----------
    onset, length : int
        Where in the bar and how long, 24 to the beat, whatever the beat is.
    sign : str
        What is written there.
    """

    onset: int
    length: int
    sign: str


@dataclass(frozen=True, slots=True)
class Rhythm:
    """A rhythm of one or more bars.

    Parameters
    ----------
    text : str
        As it is written.
    beats : int
        Beats to the bar.
    bars : tuple of tuple of Stroke
        What is struck in each bar.
    """

    text: str
    beats: int
    bars: tuple[tuple[Stroke, ...], ...]


class Odds(NamedTuple, Generic[T]):
    """Things to choose from.

    Parameters
    ----------
    things : tuple
        The things.
    upto : tuple of float
        For each, the weight of all up to it.
    """

    things: tuple[T, ...]
    upto: tuple[float, ...]


def odds(weighted: Iterable[tuple[T, float]]) -> Odds[T]:
    """Make things with weights ready to choose from.

    Parameters
    ----------
    weighted : iterable of (thing, float)
        The things and how often each is wanted.

    Returns
    -------
    Odds
        For `pick`.
    """
    pairs = tuple(weighted)
    return Odds(
        tuple(thing for thing, _ in pairs), tuple(accumulate(weight for _, weight in pairs))
    )


def pick(choice: Odds[T], rng: Generator) -> T:
    """Choose one of several things, each as often as its weight says.

    Parameters
    ----------
    choice : Odds
        At least one thing.
    rng : numpy.random.Generator
        Where chance comes from.

    Returns
    -------
    thing
        One of them.
    """
    if len(choice.things) == 1:
        return choice.things[0]
    return choice.things[bisect_right(choice.upto, rng.random() * choice.upto[-1])]


@dataclass(frozen=True, eq=False)  # told apart by identity: they are looked up once a bar
class Rhythms:
    """Rhythms to choose from, by the beats of their bars.

    Parameters
    ----------
    weighted : tuple of (Rhythm, float)
        Each rhythm with its weight.
    """

    weighted: tuple[tuple[Rhythm, float], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.weighted)


def parse(text: str, signs: str) -> Rhythm:
    """Read a rhythm.

    Parameters
    ----------
    text : str
        As it is written.
    signs : str
        The signs that strike.

    Returns
    -------
    Rhythm
        The rhythm.

    Raises
    ------
    FormatError
        If it is not one; the message says what is wrong, and leaves out where.

    Examples
    --------
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
    """Give the ticks at which the beats that a band counts begin, and the end of the bar.

    Quarters; dotted values in 6/8 and its like; what is left of 5/8 or 7/8 lengthens the last.

    Parameters
    ----------
    meter : Meter
        The meter.

    Returns
    -------
    tuple of int
        Ticks from the bar line, the bar's length last.

    Examples
    --------
    >>> pulses(Meter(3, 4)), pulses(Meter(6, 8)), pulses(Meter(7, 8))
    ((0, 24, 48, 72), (0, 36, 72), (0, 24, 48, 84))
    """
    ticks = meter.ticks_per_bar
    compound = meter.unit >= 8 and meter.beats % 3 == 0
    step = 3 * meter.ticks_per_beat if compound else TICKS_PER_QUARTER
    starts = list(range(0, ticks, step))
    if len(starts) > 1 and ticks - starts[-1] <= step // 2:
        starts.pop()
    return (*starts, ticks)


def place(onset: int, beats: tuple[int, ...]) -> int:
    """Put a place of a rhythm on the beats of a bar.

    Parameters
    ----------
    onset : int
        24 to the beat.
    beats : tuple of int
        As `pulses` gives them.

    Returns
    -------
    int
        Ticks from the bar line; the bar's end for what lies beyond.

    Examples
    --------
    >>> place(36, pulses(Meter(4, 4))), place(36, pulses(Meter(12, 8)))
    (36, 60)
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
    """A stroke in its place in a form.

    Parameters
    ----------
    bar : int
        The bar's index.
    onset, end : int
        Ticks from the start of the form.
    sign : str
        What is written there.
    """

    bar: int
    onset: int
    end: int
    sign: str


def lay(
    changes: Changes, rhythms: Rhythms, rng: Generator, *, lively: Sequence[float] = ()
) -> list[Struck]:
    """Fill every bar of a form with rhythms.

    A rhythm of several bars is taken where so many bars of its meter follow within the section.
    A bar that has no rhythm of its length is put together from shorter and shortened ones: five
    beats are three and two, seven four and three.

    Parameters
    ----------
    changes : Changes
        The form; its chords are not looked at.
    rhythms : Rhythms
        What to choose from.
    rng : numpy.random.Generator
        Where the choice comes from.
    lively : sequence of float
        For each bar, how much busier rhythms are preferred: 0 not at all, 1 much, -1 the
        opposite; empty for nowhere.

    Returns
    -------
    list of Struck
        By rising onset.
    """
    found: list[Struck] = []
    if not rhythms:
        return found
    number = 0
    while number < len(changes.bars):
        beats = pulses(changes.bars[number].meter)
        room = _room(changes, number)
        prefer = _rounded(lively[number]) if lively else 0.0
        for strokes in _choose(rhythms, beats, room, prefer, rng):
            start = changes.bar_starts[number]
            found += [Struck(number, start + on, start + off, sign) for on, off, sign in strokes]
            number += 1
    return found


Placed = tuple[tuple[int, int, str], ...]
"""The strokes of a bar: when they begin and end, in ticks from the bar line, and their signs."""


def _rounded(lively: float) -> float:
    """Round to a quarter, so that few tables of odds are ever made."""
    return round(4 * max(-2.0, min(2.0, lively))) / 4


def _room(changes: Changes, number: int) -> int:
    """Count the bars from here on that are of one meter and one section, to four."""
    bars = changes.bars[number : number + 4]
    for count, bar in enumerate(bars[1:], 1):
        if bar.meter != bars[0].meter or bar.section:
            return count
    return len(bars)


def _choose(
    rhythms: Rhythms, beats: tuple[int, ...], room: int, lively: float, rng: Generator
) -> tuple[Placed, ...]:
    """Choose the strokes of the next bar or bars."""
    count = len(beats) - 1
    sizes = _sizes(rhythms, count)
    if sizes == (count,):
        return pick(_fitting(rhythms, beats, room, lively), rng)
    joined: list[tuple[int, int, str]] = []
    at = 0
    for size in sizes:
        first = beats[at]
        piece = tuple(tick - first for tick in beats[at : at + size + 1])
        (bar, *_) = pick(_fitting(rhythms, piece, 1, lively), rng)
        joined += [(on + first, off + first, sign) for on, off, sign in bar]
        at += size
    return (tuple(joined),)


@lru_cache(maxsize=1024)
def _sizes(rhythms: Rhythms, beats: int) -> tuple[int, ...]:
    """Divide a bar into pieces for which there are rhythms, whole or shortened."""
    known = {rhythm.beats for rhythm, _ in rhythms.weighted}
    if beats in known or beats < min(known):
        return (beats,)
    first = {5: 3, 7: 4}.get(beats) or max(size for size in known if size < beats)
    return (*_sizes(rhythms, first), *_sizes(rhythms, beats - first))


@lru_cache(maxsize=4096)
def _fitting(
    rhythms: Rhythms, beats: tuple[int, ...], room: int, lively: float
) -> Odds[tuple[Placed, ...]]:
    """Put the rhythms for some beats on them, with their weights; shortened where none fits."""
    count = len(beats) - 1
    fitting = [
        (rhythm.bars, weight)
        for rhythm, weight in rhythms.weighted
        if rhythm.beats == count and len(rhythm.bars) <= room
    ]
    if not fitting:
        fitting = [
            (rhythm.bars[:1], weight)
            for rhythm, weight in rhythms.weighted
            if rhythm.beats >= count
        ]
    return odds(
        (
            tuple(_placed(bar, beats, len(bars)) for bar in bars),
            weight * math.exp(lively * sum(map(len, bars)) / len(bars)),
        )
        for bars, weight in fitting
    )


def _placed(strokes: Sequence[Stroke], beats: tuple[int, ...], bars: int) -> Placed:
    """Put strokes on the beats of their bar, none of them beyond its rhythm's last bar."""
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
