"""Inflections of notes: scoops, bends, falls, vibrato and breath, as changes of controllers.

The pitch wheel has its usual range of two semitones; it is at rest between the notes that it
bends.  Breath is controller 11.  A scoop begins below the pitch, a bend leaves it and comes back, a
fall ends a phrase, and the vibrato of a long note begins late.  Which notes get what is a choice
(``docs/feel.md``).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

from numpy.random import Generator

from sideman.feel.technique import Technique
from sideman.score import PITCH, PITCH_AT_REST, Control, Note

BREATH = 11
"""The controller of the breath, General MIDI's expression."""

FULL = 127
"""The breath at rest."""

_RANGE_CENTS = 200
_SAMPLED_SECONDS = 0.02
_SMALLEST_BEND, _SMALLEST_BREATH = 123, 3  # smaller changes (123 is 3 cents) are left out
_RESTING_SECONDS = 0.3  # after a note until the wheel is at rest: its release is over

_PHRASE_GAP_SECONDS = 0.3
_LEAP = 3  # semitones up to a note that is scooped more often
_SHORTEST_SECONDS = 0.18  # of a note that is scooped or falls
_BENT_SECONDS = 0.45  # the shortest note that is bent
_SHAKEN_SECONDS = 0.5  # the shortest note with vibrato
_BREATHED_SECONDS = 0.35  # the shortest note with breath
_SCOOPS_FIRST, _SCOOPS_LEAP, _SCOOPS = 0.25, 0.12, 0.03
_BENDS, _FALLS = 0.06, 0.12
_STILL_SECONDS, _STILL_SHARE = 0.22, 0.4  # of a note before its vibrato
_GROWING_SECONDS = 0.3
_ATTACK_DB, _SWELL, _FADE_DB = -3.0, 0.25, -4.0
_FALL_SECONDS, _FALLING_DB = 0.22, -10.0
_DRAWS = 6  # random numbers a note

Curve = Callable[[float], float]


class _Place(NamedTuple):
    """A note in its phrase: its seconds, those of the rests around it, and the leap to it."""

    seconds: float
    before: float
    after: float
    leap: int


class _Shape(NamedTuple):
    """The pitch in cents and the breath in decibels, by the seconds in a note; None at rest."""

    cents: Curve | None
    decibels: Curve | None


def controls(
    notes: Sequence[Note],
    technique: Technique,
    seconds_at: Callable[[float], float],
    rng: Generator,
    *,
    amount: float,
    ornaments: float = 1.0,
    vibrato: float = 1.0,
) -> tuple[Control, ...]:
    """Return the changes of controllers with which a line is played.

    Parameters
    ----------
    notes : sequence of Note
        The line (sorted by onset), on the performed clock; strokes of several notes are left out.
    technique : Technique
        The instrument's.
    seconds_at : callable
        Returns the time of a performed tick.
    rng : numpy.random.Generator
        The random generator; what is drawn depends on the number of notes alone.
    amount : float
        From 0, without, to 1.
    ornaments, vibrato : float
        Factors of the style: on the number of scoops, bends and falls, and on the vibrato.
    """
    draws = rng.random((len(notes), _DRAWS)).tolist()
    changes: dict[tuple[int, int], int] = {}
    for index, (note, drawn) in enumerate(zip(notes, draws, strict=True)):
        until = notes[index + 1].onset if index + 1 < len(notes) else math.inf
        since = notes[index - 1].end if index else -math.inf
        if until <= note.onset or (index and notes[index - 1].onset == note.onset):
            continue
        end = min(note.end, until)
        seconds = seconds_at(end) - seconds_at(note.onset)
        place = _Place(
            seconds,
            seconds_at(note.onset) - seconds_at(since) if index else math.inf,
            seconds_at(until) - seconds_at(note.end) if until < math.inf else math.inf,
            note.pitch - notes[index - 1].pitch if index else 0,
        )
        shape = _shape(place, technique, drawn, amount, amount * ornaments, amount * vibrato)
        pace = (end - note.onset) / seconds
        rest = int(min(until, note.end + _RESTING_SECONDS * pace))
        for number, at_rest, values in (
            (PITCH, PITCH_AT_REST, _sampled(shape.cents, seconds, _wheel, _SMALLEST_BEND)),
            (BREATH, FULL, _sampled(shape.decibels, seconds, _breath, _SMALLEST_BREATH)),
        ):
            for second, value in values:
                changes[note.onset + int(second * pace), number] = value
            if values:
                changes[rest, number] = at_rest
    return _changed(changes, min((note.onset for note in notes), default=0))


def _changed(changes: dict[tuple[int, int], int], first: int) -> tuple[Control, ...]:
    """Return changes by rising onset, each to another value; those at rest begin there."""
    found: list[Control] = []
    now = {PITCH: PITCH_AT_REST, BREATH: -1}
    if any(number == BREATH for _, number in changes):
        changes.setdefault((min(0, first), BREATH), FULL)
    for (onset, number), value in sorted(changes.items()):
        if now[number] != value:
            found.append(Control(onset, number, value))
            now[number] = value
    return tuple(found)


def _shape(
    place: _Place,
    technique: Technique,
    drawn: Sequence[float],
    amount: float,
    ornaments: float,
    vibrato: float,
) -> _Shape:
    """Return what is done to a note; `drawn` are random numbers from 0 to 1."""
    seconds = place.seconds
    depth = 0.6 + 0.4 * drawn[3]
    cents: list[Curve] = []
    decibels: list[Curve] = []
    falls = place.after >= _PHRASE_GAP_SECONDS and seconds >= _SHORTEST_SECONDS
    falls = falls and technique.fall_cents > 0 and drawn[1] < ornaments * _FALLS
    if technique.scoop_cents and seconds >= _SHORTEST_SECONDS:
        if drawn[0] < ornaments * _scoops(place):
            cents.append(_scoop(-depth * technique.scoop_cents, min(0.11, 0.4 * seconds)))
        elif seconds >= _BENT_SECONDS and not falls and drawn[2] < ornaments * _BENDS:
            cents.append(_bend(-depth * technique.scoop_cents, 0.5 * seconds))
    if falls:
        length = min(_FALL_SECONDS, 0.6 * seconds)
        cents.append(_fall(-depth * technique.fall_cents, seconds - length, length))
        if technique.breath:
            decibels.append(_fall(_FALLING_DB, seconds - length, length))
    elif technique.vibrato_cents and vibrato and seconds >= _SHAKEN_SECONDS:
        extent = vibrato * technique.vibrato_cents * (0.7 + 0.6 * drawn[4])
        rate = technique.vibrato_hz * (0.94 + 0.12 * drawn[5])
        cents.append(_vibrato(extent, rate, max(_STILL_SECONDS, _STILL_SHARE * seconds)))
    if technique.breath and amount and seconds >= _BREATHED_SECONDS and not falls:
        decibels.append(_swelling(amount, seconds))
    return _Shape(_sum(cents), _sum(decibels))


def _scoops(place: _Place) -> float:
    """Return the share of scoops among notes at such a place."""
    if place.before >= _PHRASE_GAP_SECONDS:
        return _SCOOPS_FIRST
    return _SCOOPS_LEAP if place.leap >= _LEAP else _SCOOPS


def _scoop(depth: float, length: float) -> Curve:
    return lambda at: depth * (1 + math.cos(math.pi * min(at / length, 1))) / 2


def _bend(depth: float, length: float) -> Curve:
    return lambda at: depth * (1 - math.cos(2 * math.pi * min(at / length, 1))) / 2


def _fall(depth: float, start: float, length: float) -> Curve:
    return lambda at: depth * max(0.0, (at - start) / length) ** 2


def _vibrato(extent: float, rate: float, start: float) -> Curve:
    def cents(at: float) -> float:
        grown = min(1.0, max(0.0, at - start) / _GROWING_SECONDS)
        return -extent * grown * math.sin(2 * math.pi * rate * (at - start))

    return cents


def _swelling(amount: float, seconds: float) -> Curve:
    def decibels(at: float) -> float:
        share = at / seconds
        if share < _SWELL:
            return amount * _ATTACK_DB * (1 - share / _SWELL)
        return amount * _FADE_DB * ((share - _SWELL) / (1 - _SWELL)) ** 2

    return decibels


def _sum(curves: Sequence[Curve]) -> Curve | None:
    return (lambda at: sum(curve(at) for curve in curves)) if curves else None


def _wheel(cents: float) -> int:
    """Return the value of the pitch wheel."""
    return min(16383, max(0, round(PITCH_AT_REST * (1 + cents / _RANGE_CENTS))))


def _breath(decibels: float) -> int:
    """Return the value of controller 11, whose square is the amplitude."""
    return min(FULL, max(1, round(FULL * 10 ** (decibels / 40))))


def _sampled(
    curve: Curve | None, seconds: float, value: Callable[[float], int], smallest: int
) -> list[tuple[float, int]]:
    """Return the seconds and the values of a curve where it has changed; none where it is None."""
    if curve is None:
        return []
    found: list[tuple[float, int]] = []
    for step in range(math.ceil(seconds / _SAMPLED_SECONDS)):
        at = step * _SAMPLED_SECONDS
        now = value(curve(at))
        if not found or abs(now - found[-1][1]) >= smallest:
            found.append((at, now))
    return found
