"""Harmonic bricks: idioms such as cadences and turnarounds, found in changes.

The names and the idea are Conrad Cork's, extended by John Elliott in "Insights in Jazz", in the
spelling of Impro-Visor; of its dictionary the eleven bricks with most rules in its grammars are
recognised.  Chords count by function, in any key, and the bass is ignored:

======================  =====================================================================
Straight-Approach       ii V: minor seventh and dominant, of equal length
Straight-Cadence        Straight-Approach, then I
Sad-Cadence             half-diminished ii and V, of equal length, then a minor i
Surprise-Major-Cadence  the same, then a major I
Perfect-Cadence         V, then a major I
POT                     I, VI or vi, ii, V, of equal length; the I may begin earlier
SPOT                    iii, VI, ii, V, of equal length
Dropback                I, VI, or I, iii, VI with the last two of equal length
Major-On, Minor-On      one or more bars of the tonic alone
Dominant-Cycle          two to five dominants of equal length, each a fourth above the last
======================  =====================================================================

A dominant counts as I, as in the blues, if its root is that of a I7 IV7 I7 and its own ii does not
precede it; after ii V also if the next chord is not a fourth above it.  A minor seventh counts as i
alone where no dominant a fourth above follows.

>>> from sideman.library import songbook
>>> [each.name for each in outline(songbook.load("blues-f").changes)][3:]
['Dropback', 'Sad-Cadence', 'Straight-Cadence', 'POT']
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from sideman.score import Changes
from sideman.theory.chord import Chord
from sideman.theory.pitch import PitchName

STRAIGHT_APPROACH = "Straight-Approach"
DOMINANT_CYCLE = "Dominant-Cycle"
MAJOR_ON = "Major-On"
MINOR_ON = "Minor-On"

_MAJOR, _MINOR, _DOMINANT, _TWO, _HALF, _BLUES, _GOAL = "MmD2hBG"
"""Functions: major and minor tonic, dominant, ii, half-diminished, tonic of a blues, and a dominant
which does not go on to the chord a fourth above."""
_I = _MAJOR + _BLUES

_PATTERNS: tuple[tuple[str, tuple[tuple[int, str], ...]], ...] = (
    (STRAIGHT_APPROACH, ((2, _TWO), (7, _DOMINANT))),
    ("Straight-Cadence", ((2, _TWO), (7, _DOMINANT), (0, _I + _GOAL))),
    ("Sad-Cadence", ((2, _HALF), (7, _DOMINANT), (0, _MINOR))),
    ("Surprise-Major-Cadence", ((2, _HALF), (7, _DOMINANT), (0, _I))),
    ("Perfect-Cadence", ((7, _DOMINANT), (0, _MAJOR))),
    ("POT", ((0, _I), (9, _DOMINANT + _TWO), (2, _TWO), (7, _DOMINANT))),
    ("SPOT", ((4, _TWO + _HALF), (9, _DOMINANT), (2, _TWO), (7, _DOMINANT))),
    ("Dropback", ((0, _I), (9, _DOMINANT))),
    ("Dropback", ((0, _I), (4, _TWO + _HALF), (9, _DOMINANT))),
)
"""Each chord's root in semitones above the tonic, and the functions that it may have."""

NAMES = frozenset([*(name for name, _ in _PATTERNS), MAJOR_ON, MINOR_ON, DOMINANT_CYCLE])
"""The names of the bricks that are recognised."""

_IN_MINOR = ("Sad-Cadence", MINOR_ON)
_LONGEST_CYCLE = 5
_MOST_UNITS = 8
"""A tonic at the end of a brick is cut after 1 to 8 lengths of the chord before it, and a tonic
alone after 1 to 8 bars."""


@dataclass(frozen=True, slots=True)
class Brick:
    """A brick in changes, from `onset` to `end` in ticks; `key` is the pitch class of its tonic."""

    name: str
    onset: int
    end: int
    key: int


@dataclass(frozen=True, slots=True)
class _Span:
    onset: int
    end: int
    root: int
    functions: str
    after: int = 0
    """The index of the span that follows."""

    @property
    def length(self) -> int:
        return self.end - self.onset


@lru_cache(maxsize=64)
def recognize(changes: Changes) -> tuple[Brick, ...]:
    """Return all bricks in changes by onset, overlapping ones and those with a shortened tonic."""
    spans = _spans(changes)
    found = {*_progressions(spans), *_cycles(spans), *_tonics(spans, changes)}
    return tuple(sorted(found, key=lambda each: (each.onset, each.end, each.name, each.key)))


def outline(changes: Changes) -> tuple[Brick, ...]:
    """Return the bricks that no other brick covers, each as long as it can be."""
    kept: list[Brick] = []
    for each in sorted(recognize(changes), key=lambda each: (each.onset, -each.end)):
        if not kept or each.end > kept[-1].end:
            kept.append(each)
    return tuple(kept)


def tonic(brick: Brick, changes: Changes) -> str:
    """Return the name of a brick's key, such as ``Bb`` or ``Gm``, spelled after its first chord."""
    chord = changes.chord_at(brick.onset)
    near = chord.root.fifths if chord is not None and chord.root is not None else 0
    fifths = near + (brick.key * 7 - near + 6) % 12 - 6
    return f"{PitchName(fifths)}{'m' if brick.name in _IN_MINOR else ''}"


def _progressions(spans: list[_Span]) -> Iterator[Brick]:
    for first in range(len(spans)):
        for name, pattern in _PATTERNS:
            key = (spans[first].root - pattern[0][0]) % 12
            held = _match(spans, first, key, pattern)
            if held is None:
                continue
            starts, ends = [held[0].onset], [held[-1].end]
            inner = held
            if pattern[0][0] == 0:  # a tonic that may be entered late
                inner = inner[1:]
                starts.append(held[0].end - inner[0].length)
            if pattern[-1][0] == 0:
                inner = inner[:-1]
                unit = inner[-1].length
                onset, end = held[-1].onset, held[-1].end
                ends += range(onset + unit, min(end, onset + _MOST_UNITS * unit), unit)
            if len({each.length for each in inner}) == 1:
                for start in starts:
                    if start >= held[0].onset:
                        yield from (Brick(name, start, end, key) for end in ends)


def _cycles(spans: list[_Span]) -> Iterator[Brick]:
    for first in range(len(spans)):
        run: list[_Span] = []
        root = spans[first].root
        while len(run) < _LONGEST_CYCLE and (not run or _next(spans, run[-1])):
            held = _joined(spans, run[-1].after if run else first, root, _DOMINANT)
            if held is None or (run and held.length != run[0].length):
                break
            run.append(held)
            root = (root + 5) % 12
            after = _next(spans, held)
            returns = len(run) == 2 and after is not None and after.root == run[0].root
            if len(run) > 1 and not returns:
                yield Brick(DOMINANT_CYCLE, run[0].onset, held.end, root)


def _tonics(spans: list[_Span], changes: Changes) -> Iterator[Brick]:
    for at, span in enumerate(spans):
        for name, functions in ((MAJOR_ON, _I), (MINOR_ON, _MINOR)):
            held = _joined(spans, at, span.root, functions)
            if held is None or (functions == _MINOR and _is_two(spans, held)):
                continue
            bars = changes.bar_starts
            inside = slice(bisect_right(bars, held.onset), bisect_left(bars, held.end))
            edges = [held.onset, *bars[inside], held.end]
            bar = changes.bars[changes.bar_at(held.onset)].meter.ticks_per_bar
            for index, start in enumerate(edges):
                for end in edges[index + 1 : index + 1 + _MOST_UNITS]:
                    if end - start >= bar:
                        yield Brick(name, start, end, span.root)
            if held.length > _MOST_UNITS * bar:
                yield Brick(name, held.onset, held.end, span.root)


def _match(
    spans: list[_Span], first: int, key: int, pattern: tuple[tuple[int, str], ...]
) -> list[_Span] | None:
    held: list[_Span] = []
    for interval, functions in pattern:
        if held and _next(spans, held[-1]) is None:
            return None
        at = held[-1].after if held else first
        one = _joined(spans, at, (key + interval) % 12, functions)
        if one is None:
            return None
        held.append(one)
    return held


def _joined(spans: list[_Span], at: int, root: int, functions: str) -> _Span | None:
    """Return the chords from `at` that have a root and one of the functions, as one; else None."""

    def fits(span: _Span) -> bool:
        return span.root == root and any(each in span.functions for each in functions)

    if not fits(spans[at]) or (at and fits(spans[at - 1])):
        return None
    end = at
    while end < len(spans) and fits(spans[end]):
        end += 1
    return _Span(spans[at].onset, spans[end - 1].end, root, functions, end)


def _next(spans: list[_Span], held: _Span) -> _Span | None:
    """Return the span that begins where another ends; None after the last and before N.C."""
    found = spans[held.after] if held.after < len(spans) else None
    return found if found is not None and found.onset == held.end else None


def _is_two(spans: list[_Span], held: _Span) -> bool:
    after = _next(spans, held)
    return after is not None and after.root == (held.root + 5) % 12 and _DOMINANT in after.functions


def _spans(changes: Changes) -> list[_Span]:
    found: list[_Span] = []
    for span in changes.spans:
        if span.chord.root is None or span.end <= span.onset:
            continue
        functions = _functions(span.chord)
        root = span.chord.root.pitch_class
        last = found[-1] if found else None
        if last is not None and (last.end, last.root, last.functions) == (
            span.onset,
            root,
            functions,
        ):
            found[-1] = _Span(last.onset, span.end, root, functions)
        else:
            found.append(_Span(span.onset, span.end, root, functions))
    homes = _blues_tonics(found)
    return [_placed(found, at, homes) for at in range(len(found))]


def _placed(spans: list[_Span], at: int, homes: set[int]) -> _Span:
    """Return a span with the functions that a dominant has by what stands around it."""
    span = spans[at]
    if span.functions != _DOMINANT:
        return span
    before = spans[at - 1] if at else None
    prepared = before is not None and (before.root, before.functions[-1:]) == (
        (span.root + 7) % 12,
        _TWO,
    )
    added = _BLUES if span.root in homes and not prepared else ""
    if at + 1 == len(spans) or spans[at + 1].root != (span.root + 5) % 12:
        added += _GOAL
    return replace(span, functions=span.functions + added)


def _functions(chord: Chord) -> str:
    """Return the functions of a chord by its third, fifth, sixth and seventh."""
    quality = chord.quality
    third, fifth, seventh = quality.third, quality.fifth, quality.seventh
    if third == 3:
        if fifth == 6:
            return _HALF if seventh == 10 else ""
        return _MINOR + _TWO if seventh == 10 or quality.tones == (0, 3, 7) else _MINOR
    if seventh == 10 or (third == 4 and fifth == 8 and seventh is None):
        return _DOMINANT
    return _MAJOR if third == 4 or quality.sixth else ""


def _blues_tonics(spans: list[_Span]) -> set[int]:
    """Return the roots r of which I7 IV7 I7 occurs, also with a diminished chord before I7."""
    homes = set()
    for index, first in enumerate(spans[:-2]):
        second, third, *more = spans[index + 1 : index + 4]
        if third.functions == "" and more:
            third = more[0]
        dominants = all(_DOMINANT in each.functions for each in (first, second, third))
        if dominants and second.root == (first.root + 5) % 12 and third.root == first.root:
            homes.add(first.root)
    return homes
