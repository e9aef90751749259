"""Abstract melodies: windows of a solo as slopes of tones of which only the kind is kept.

After the abstraction of Gillick, Tang and Keller, "Learning Jazz Grammars", 2009.  A note is a
chord tone (C), a colour tone (L), an approach tone (A: the next item is a note a semitone away) or
any other (X).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from sideman.models.grammar.rules import Expression, spell
from sideman.models.grammar.terminals import (
    REST,
    SLOTS_PER_TICK,
    Degree,
    Slope,
    Terminal,
    Tone,
    Triadic,
)
from sideman.models.grammar.tones import CHORD, HOUSE, OTHER, classes, family
from sideman.score import Changes, Note, Solo, monophonic
from sideman.theory.chord import Chord
from sideman.theory.meter import TICKS_PER_QUARTER

_LENGTHS = {
    480: "1", 360: "2.", 240: "2", 180: "4.", 160: "2/3", 120: "4", 90: "8.", 80: "4/3", 60: "8",
    45: "16.", 40: "8/3", 30: "16", 20: "16/3", 15: "32", 10: "32/3", 5: "64/3", 4: "120",
    2: "240", 1: "480",
}  # fmt: skip
# The degree of each semitone above the root, as the reader of degrees takes it for the family.
_MAJOR = "1 b2 2 b3 3 4 #4 5 #5 6 b7 7"
_SEVENTH = "1 b2 2 3 #3 4 b5 5 b6 6 7 #7"
_DEGREES = {
    "major": _MAJOR,
    "sus4": _MAJOR,
    "minor": "1 b2 2 3 #3 4 b5 5 b6 6 b7 7",
    "minor7": _SEVENTH,
    "half-diminished": _SEVENTH,
    "dominant": "1 b2 2 b3 3 4 #4 5 #5 6 7 #7",
    "diminished": "1 b2 2 3 #3 4 5 #5 6 7 #7 b1",
    "augmented": "1 b2 2 b3 3 4 #4 b5 5 6 7 #7",
}


@lru_cache(maxsize=4096)
def duration(slots: int) -> str:
    """Return the shortest spelling of a length in slots.

    >>> [duration(slots) for slots in (90, 140, 960)]
    ['8.', '4+16/3', '1+1']
    """
    best: dict[int, tuple[str, ...]] = {0: ()}
    rest = slots % 480
    for total in range(1, rest + 1):
        ways = [(one, *best[total - size]) for size, one in _LENGTHS.items() if size <= total]
        best[total] = min(ways, key=len)
    return "+".join(("1",) * (slots // 480) + best[rest])


def expression(terminal: Terminal) -> Expression:
    """Return a terminal as a file states it, such as ``C8`` or ``(slope 1 2 C8)``."""
    match terminal:
        case Tone(kind, slots):
            return kind + duration(slots)
        case Degree(degree, slots):
            return ("X", degree, duration(slots))
        case Slope(low, high, tones):
            return ("slope", str(low), str(high), *map(expression, tones))
        case Triadic(slots, unit):
            return ("triadic", str(slots), str(unit))


@dataclass(frozen=True, slots=True)
class Melody:
    """An abstract melody: slopes, of which the first has the rests before the first note."""

    terminals: tuple[Slope, ...]

    @property
    def expressions(self) -> tuple[Expression, ...]:
        """The right-hand side of a rule for it."""
        return tuple(map(expression, self.terminals))

    @property
    def text(self) -> str:
        """The S-expressions, one for each slope."""
        return " ".join(map(spell, self.expressions))


@dataclass(frozen=True, slots=True)
class Window:
    """A part of a solo of fixed length, abstracted.

    Parameters
    ----------
    melody : Melody
        The first form: kinds of tones in slopes.
    degrees : tuple of Degree or Tone
        The second form: scale degrees, and rests.
    tied : bool
        Whether the first note began before the window.
    solo : int
        The index of the solo.
    bar : int
        The bar in which the window begins, from 0; negative for a pickup.
    """

    melody: Melody
    degrees: tuple[Degree | Tone, ...]
    tied: bool
    solo: int
    bar: int


@dataclass(frozen=True, slots=True)
class _Item:
    """A note, or a rest (pitch None), within a window."""

    slots: int
    kind: str = REST
    pitch: int = -1
    chord: Chord | None = None


def windows(
    solo: Solo, beats: int = 4, slide: int = 4, colours: str = HOUSE, index: int = 0
) -> tuple[Window, ...]:
    """Return the windows of a solo from its first note to its last.

    Parameters
    ----------
    solo : Solo
        The line; of notes that sound together the highest counts.
    beats, slide : int
        The length of a window and the distance between beginnings, in quarters.
    colours : str
        The table of colour tones: see :func:`sideman.models.grammar.tones.classes`.
    index : int
        The index of the solo that windows carry.
    """
    notes = [note for note in monophonic(solo.notes) if note.duration > 0]
    if not notes:
        return ()
    size, step = beats * TICKS_PER_QUARTER, slide * TICKS_PER_QUARTER
    onsets = [note.onset for note in notes]
    harmony = _Harmony(solo.changes, colours)
    found = []
    for start in range(onsets[0] // step * step, notes[-1].end, step):
        begin, end = bisect_right(onsets, start - 1), bisect_right(onsets, start + size - 1)
        tied = begin > 0 and notes[begin - 1].end > start
        items = tuple(_items(notes[begin - tied : end], start, start + size, harmony))
        previous = notes[begin - 1].pitch if begin else None
        found.append(
            Window(
                _melody(items, previous),
                tuple(map(_degree, items)),
                tied,
                index,
                solo.changes.bar_at(start) if solo.changes else start // step,
            )
        )
    return tuple(found)


def untied(window: Window) -> Window:
    """Return a window with a rest in place of a note that is tied into it."""
    if not window.tied:
        return window
    first, *others = window.melody.terminals
    rest = _tone(REST, first.tones[0].slots)
    melody = Melody((replace(first, tones=(rest, *first.tones[1:])), *others))
    degrees = (_tone(REST, window.degrees[0].slots), *window.degrees[1:])
    return replace(window, melody=melody, degrees=degrees, tied=False)


class _Harmony:
    """The chord at a tick with the classes of its pitches."""

    def __init__(self, changes: Changes | None, colours: str) -> None:
        spans = changes.spans if changes else ()
        self._onsets = [span.onset for span in spans[1:]]
        self._found = [(span.chord, classes(span.chord, colours)) for span in spans]

    def at(self, tick: int) -> tuple[Chord | None, str]:
        """Return the chord and the twelve letters; every pitch is a chord tone without chord."""
        if not self._found:
            return None, CHORD * 12
        chord, letters = self._found[bisect_right(self._onsets, tick)]
        return chord, CHORD * 12 if chord.is_no_chord else letters


def _items(notes: Sequence[Note], start: int, end: int, harmony: _Harmony) -> Iterator[_Item]:
    """Yield notes and rests of a window."""
    tick = start
    for number, note in enumerate(notes):
        onset, stop = max(note.onset, start), min(note.end, end)
        if onset > tick:
            yield _Item((onset - tick) * SLOTS_PER_TICK)
        chord, letters = harmony.at(onset)
        kind = letters[note.pitch % 12]
        if kind == OTHER:
            following = notes[number + 1 : number + 2]
            near = [one for one in following if one.onset == stop]
            kind = "A" if near and abs(near[0].pitch - note.pitch) == 1 else "X"
        yield _Item((stop - onset) * SLOTS_PER_TICK, kind, note.pitch, chord)
        tick = stop
    if tick < end:
        yield _Item((end - tick) * SLOTS_PER_TICK)


_tone = lru_cache(maxsize=4096)(Tone)
_step = lru_cache(maxsize=4096)(Degree)


def _melody(items: Sequence[_Item], previous: int | None) -> Melody:
    """Return the slopes: the first note alone, then maximal runs of one direction."""
    slopes: list[tuple[list[int], list[Tone]]] = [([], [])]
    waiting: list[Tone] = []
    last = first = None
    for item in items:
        waiting.append(_tone(item.kind, item.slots))
        if item.kind == REST:
            continue
        if last is None:
            first = item.pitch - (item.pitch if previous is None else previous)
        else:
            leap = item.pitch - last
            leaps = slopes[-1][0]
            if not leaps or _sign(leaps[-1]) != _sign(leap):
                slopes.append(([], []))
            slopes[-1][0].append(leap)
        slopes[-1][1].extend(waiting)
        waiting, last = [], item.pitch
    slopes[-1][1].extend(waiting)
    (_, tones), *others = slopes
    return Melody(
        (
            Slope(*_around(first or 0), tuple(tones)),
            *(Slope(min(leaps), max(leaps), tuple(tones)) for leaps, tones in others),
        )
    )


def _sign(leap: int) -> int:
    return (leap > 0) - (leap < 0)


def _around(leap: int) -> tuple[int, int]:
    """Return the bounds of the first slope for the interval from the note before the window."""
    return {0: (0, 0), 1: (1, 2), -1: (-2, -1)}.get(leap, (leap - 1, leap + 1))


def _degree(item: _Item) -> Degree | Tone:
    if item.kind == REST:
        return _tone(REST, item.slots)
    return _step(_names(item.chord)[item.pitch % 12], item.slots)


@lru_cache(maxsize=4096)
def _names(chord: Chord | None) -> tuple[str, ...]:
    """Return the degree of each pitch class; over no chord those of C major."""
    names = _DEGREES[family(chord) or "major"].split()
    root = chord.root.pitch_class if chord and chord.root else 0
    return tuple(names[(pitch - root) % 12] for pitch in range(12))
