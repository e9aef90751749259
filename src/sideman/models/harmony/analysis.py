"""Local keys and functions of changes, by dynamic programming.

Each change has a *local key* and a *function* in it: tonic, subdominant, dominant, or applied,
which leads to another chord of the key than the tonic.  A table gives the cost of each chord in a
key as each function; further costs are those of one function after another, of a change of key,
which grows with the distance of the keys, and of a key whose tonic does not sound.  The analysis is
the path of least cost in all.

The costs are our own, in no unit, and were set on the published analyses and the standards with
which ``benchmarks/analyses.py`` compares (docs/harmony.md has the figures).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sideman.models.harmony import alphabet, bricks
from sideman.models.harmony.alphabet import NOWHERE, QUALITIES, Change, spelled_out
from sideman.models.ngram import quality_class
from sideman.score import Changes
from sideman.theory.chord import Quality
from sideman.theory.pitch import Key, PitchName

Array = NDArray[np.float64]
TONIC, SUBDOMINANT, DOMINANT, APPLIED = range(4)
FUNCTIONS = ("tonic", "subdominant", "dominant", "applied")

_MAJOR = {
    TONIC: "0:maj 0 4:m7 0.5 9:m7 0.4 9:m 0.8 0:7 1.2 0:sus 1.2 0:+ 1.5 0:o 0.8 0:m7 1.3 0:m 1.3",
    SUBDOMINANT: "2:m7 0 2:m 0.3 5:maj 0 5:m 0.7 5:m7 1 2:ø 0.9 8:maj 2.4 3:maj 1.4 10:maj 1.6 "
    "1:maj 1.2 5:7 1 2:7 1.4 6:ø 0.9 6:o 0.8 5:o 1 8:7 1.5",
    DOMINANT: "7:7 0 7:sus 0 7:+ 0.2 7:maj 0.8 11:o 0.3 11:ø 0.4 1:7 0.6 10:7 0.8 7:m7 1.6",
}
_MINOR = {
    TONIC: "0:m 0 0:m7 0.1 3:maj 1 0:maj 3 3:+ 0.8 9:ø 0.8 0:7 2",
    SUBDOMINANT: "5:m 0 5:m7 0 2:ø 0 2:m7 0.7 5:7 0.7 8:maj 0.4 8:7 0.4 "
    "5:maj 2 9:ø 0.8 1:maj 1.6 6:o 0.8",
    DOMINANT: "7:7 0 7:+ 0 7:sus 0 11:o 0.2 1:7 0.6 10:7 1 10:maj 1 7:m7 0.9 7:m 0.9 7:maj 1.8",
}
_BLUES = {TONIC: "0:7 0", SUBDOMINANT: "5:7 0 5:m7 0.5", DOMINANT: "8:7 0.6"}
"""The cost of each chord of the key alphabet as a function, in major, in minor and in a blues."""
_TARGETS = ({2, 4, 5, 7, 9}, {3, 5, 7, 8, 10})
"""The degrees besides the tonic to which applied chords of a major and a minor key lead."""
_APPLIED_COST, _SLID, _FAR, _LED, _PASSING, _UNKNOWN = 0.9, 1.1, 1.8, 0.5, 0.9, 5.0
_AFTER = np.array(
    [  # tonic, subdominant, dominant, applied
        [0.0, 0.0, 0.0, 0.0],
        [0.1, 0.1, -0.3, 0.1],
        [-0.7, 0.5, 0.0, 0.2],
        [-0.2, -0.2, -0.2, -0.5],
    ]
)
"""The cost of a function (column) after another (row)."""
_NEVER = 1e6
_LED_TONIC = 1.0  # of a dominant after its ii as tonic
_LEADING = 1.0  # of a minor chord on the tonic that is the ii of the next
_CHAIN = 1.3  # of a major chord that falls a fifth to another
_REACHED = 1.2  # of a dominant after its own dominant that falls a semitone
_UNHEARD = 2.0  # of a key whose tonic does not sound
_AWAY, _AWAY_RELATIVE = 1.2, 0.8  # of beginning or ending in another key than that of the tune
_OPEN = 0.6  # of leaving a key after a dominant or an applied chord
_ON_DOMINANT = 0.3  # of a key that begins with its dominant
_RELATIVE, _PARALLEL, _NEIGHBOUR, _DISTANT = 0.9, 1.6, 1.5, 1.4
_WITHIN_FOUR = 0.3  # of a change of key elsewhere than at a group of four bars
_WITHIN_BAR = 0.1
_UNPREPARED = 1.1  # of a key that begins with its tonic chord
_SHORTEST, _LONGEST = 0.5, 2.0  # bars that a chord counts at least and at most


@dataclass(frozen=True, slots=True)
class Function:
    """A change with its function in its local key.

    Parameters
    ----------
    change : Change
        The change.
    tonic, minor : int, bool
        The pitch class of the tonic, and the mode, of the local key.
    function : int
        `TONIC`, `SUBDOMINANT`, `DOMINANT` or `APPLIED`; -1 for N.C.
    numeral : str
        Its Roman numeral, such as ``IIm7``, or ``V7/II`` of an applied chord, with the figures of
        altered, suspended and diminished chords: ``V7alt``, ``V7sus4``, ``#Io7``.
    remark : str
        A further name; empty for none.
    """

    change: Change
    tonic: int
    minor: bool
    function: int
    numeral: str
    remark: str


@dataclass(frozen=True, slots=True)
class LocalKey:
    """A local key, from the first to the last bar, counted from 1, and in ticks."""

    key: Key
    first_bar: int
    last_bar: int
    onset: int
    end: int

    @property
    def name(self) -> str:
        """Its name, such as ``Bb`` or ``Gm``."""
        return self.key.name


@dataclass(frozen=True, slots=True)
class Idiom:
    """A ii–V, a turnaround or a cycle of thirds: the functions from `first` up to `after`."""

    name: str
    first: int
    after: int


@dataclass(frozen=True)
class Analysis:
    """The analysis of changes: a function for each change, local keys, idioms and bricks."""

    functions: tuple[Function, ...]
    keys: tuple[LocalKey, ...]
    idioms: tuple[Idiom, ...]
    bricks: tuple[bricks.Brick, ...]

    def function_at(self, tick: int) -> Function:
        """Return the function of the last change that begins at or before a tick."""
        return self.functions[bisect_right(self.functions, tick, key=_onset) - 1]


def _onset(function: Function) -> int:
    return function.change.onset


def analyze(changes: Changes, key: Key) -> Analysis:
    """Return the analysis of changes in a key, which is that of the whole tune."""
    functions = tuple(_functions(spelled_out(changes), changes, key))
    idioms = (*_two_fives(functions), *_thirds(functions), *_turnarounds(functions, changes))
    return Analysis(
        functions,
        tuple(_keys(functions, changes, key)),
        tuple(sorted(idioms, key=lambda each: (each.first, each.after, each.name))),
        bricks.outline(changes),
    )


# The costs ------------------------------------------------------------------------------------


def _table(costs: dict[int, str]) -> dict[tuple[int, int], list[tuple[int, float]]]:
    found: dict[tuple[int, int], list[tuple[int, float]]] = {}
    for function, text in costs.items():
        words = text.split()
        for word, cost in zip(words[::2], words[1::2], strict=True):
            degree, quality = word.split(":")
            known = found.setdefault((int(degree), QUALITIES.index(quality) + 1), [])
            known.append((function, float(cost)))
    return found


_TABLES = (_table(_MAJOR), _table(_MINOR))
_BLUES_TABLE = _table(_BLUES)
_MAJ, _DOM, _MIN, _MIN7, _HALF, _DIM, _AUG, _SUS = range(1, len(QUALITIES) + 1)
_DOMINANTS, _TWOS = (_DOM, _AUG, _SUS), (_MIN7, _HALF, _MIN)


def _costs(found: Sequence[Change], at: int, tonic: int, minor: bool, blues: bool) -> Array:
    """Return the cost of a change as each function in a key."""
    costs = np.full(len(FUNCTIONS), _NEVER)
    change = found[at]
    if change.root == NOWHERE:
        return np.zeros(len(FUNCTIONS))
    place = ((change.root - tonic) % 12, change.quality)
    costs[APPLIED] = _applied(found, at, tonic, minor)
    last = found[at - 1] if at else None
    # After a ii it is the V of IV.
    led = last is not None and (last.root - change.root) % 12 == 7 and last.quality in _TWOS
    for table in (_TABLES[minor], _BLUES_TABLE if blues and not led else {}):
        for function, cost in table.get(place, ()):
            costs[function] = min(costs[function], cost)
    if led and change.quality in _DOMINANTS:
        costs[TONIC] += _LED_TONIC
    goal = _goal(found, at)
    if change.root == tonic and goal is not None and goal.two and not goal.slid:
        costs[TONIC] += _LEADING
    return costs


def _applied(found: Sequence[Change], at: int, tonic: int, minor: bool) -> float:
    """Return the cost of a change that leads to another chord than the tonic."""
    change, targets = found[at], _TARGETS[minor]
    goal = _goal(found, at)
    if goal is None:
        falls = change.quality == _MAJ and _falls(found, at, (_MAJ,))
        return _CHAIN if falls else _UNKNOWN
    if (goal.root - tonic) % 12 not in targets | {0}:
        return _FAR
    if change.quality == _DIM:
        return _PASSING
    if not goal.slid:
        return _APPLIED_COST - _LED * goal.two
    if goal.two:
        return _SLID - _LED
    reached = at > 0 and found[at - 1].quality in _DOMINANTS and _falls(found, at - 1, _DOMINANTS)
    return _SLID + _REACHED * reached


def _falls(found: Sequence[Change], at: int, qualities: Sequence[int]) -> bool:
    """Return whether the next chord, of one of some classes, is a fifth below a change."""
    if at + 1 >= len(found) or found[at + 1].quality not in qualities:
        return False
    return (found[at].root - found[at + 1].root) % 12 == 7


class _Goal(NamedTuple):
    """The root to which a chord leads, whether by a semitone down, and whether it is a ii."""

    root: int
    slid: bool
    two: bool


def _goal(found: Sequence[Change], at: int) -> _Goal | None:
    """Return what a dominant, its ii, or a diminished chord leads to; None for other chords."""
    change = found[at]
    after = found[at + 1] if at + 1 < len(found) else None
    if change.quality in _DOMINANTS:
        down = None if after is None or after.root == NOWHERE else (change.root - after.root) % 12
        slid = down == 1
        return _Goal((change.root - (1 if slid else 7)) % 12, slid, False)
    if after is None or after.root == NOWHERE:
        return None
    if change.quality in _TWOS and after.quality in _DOMINANTS:
        if (after.root - change.root) % 12 == 5:
            return _Goal((after.root + 5) % 12, False, True)
        if (change.root - after.root) % 12 == 1:  # ii, and V's tritone substitute
            return _Goal((after.root - 1) % 12, True, True)
    if change.quality == _DIM and (after.root - change.root) % 12 in (1, 11):
        return _Goal(after.root, False, False)
    return None


def _distances() -> Array:
    """Return the cost of each change of key, (24, 24), by tonic and mode."""
    found = np.zeros((24, 24))
    for one in range(24):
        for other in range(24):
            if one == other:
                continue
            tonics = [at // 2 for at in (one, other)]
            # The tonic of the major key of the same signature.
            majors = [(at // 2 + 3 * (at % 2)) % 12 for at in (one, other)]
            apart = (majors[1] - majors[0]) % 12
            if not apart:
                cost = _RELATIVE
            elif tonics[0] == tonics[1]:
                cost = _PARALLEL
            else:
                cost = _NEIGHBOUR if apart in (5, 7) else _DISTANT
            found[one, other] = cost
    return found


# The path -------------------------------------------------------------------------------------


def _functions(found: Sequence[Change], changes: Changes, key: Key) -> Iterator[Function]:
    home = key.tonic.pitch_class * 2 + key.minor
    heard = _heard(found, changes, key)
    path = _path(heard, changes, home)
    for at, (state, function) in enumerate(path):
        tonic, minor = state // 2, bool(state % 2)
        change, chord = found[at], changes.chord_at(found[at].onset)
        if chord is None or chord.root is None:
            yield Function(change, tonic, minor, -1, "N.C.", "")
        else:
            named = _named(heard, at, (tonic, minor, function), _figure(chord.quality))
            yield Function(change, tonic, minor, function, *named)


def _heard(found: Sequence[Change], changes: Changes, key: Key) -> list[Change]:
    """Return changes with the classes from which their functions are found.

    Power chords and suspended triads have thirds, and a seventh outweighs an augmented fifth.
    """
    with_thirds = alphabet.completed(changes, key.tonic.pitch_class, minor=key.minor)
    heard = []
    for each in found:
        chord = with_thirds.chord_at(each.onset)
        quality = each.quality
        if chord is not None and quality == _AUG and chord.quality.seventh is not None:
            quality = _DOM if chord.quality.seventh == 10 else _MAJ
        elif chord is not None and quality == _SUS:
            quality = quality_class(chord)
        heard.append(replace(each, quality=quality))
    return heard


def _path(found: Sequence[Change], changes: Changes, home: int) -> list[tuple[int, int]]:
    """Return the key, as tonic · 2 + mode, and the function of each change: the path of least cost.

    A state is a key, a function, and whether the tonic of the key has sounded.
    """
    keys, functions = 24, len(FUNCTIONS)
    moves = _distances()
    blues = _is_blues(found, home)
    away = np.full(keys, _AWAY)
    away[moves[home] == _RELATIVE] = _AWAY_RELATIVE
    away[home] = 0
    cost = np.full((keys, functions, 2), _NEVER)
    back: list[NDArray[np.int64]] = []
    known: dict[tuple[object, ...], Array] = {}  # the costs of a chord between two others
    for at, change in enumerate(found):
        bar = changes.bar_at(change.onset)
        ticks = changes.bars[bar].meter.ticks_per_bar
        weight = min(max((change.end - change.onset) / ticks, _SHORTEST), _LONGEST) ** 0.5
        around = at > 0, *((each.root, each.quality) for each in found[max(at - 1, 0) : at + 2])
        if around not in known:
            known[around] = np.array(
                [
                    _costs(found, at, state // 2, bool(state % 2), blues and state == home)
                    for state in range(keys)
                ]
            )
        here = np.where(known[around] > 0, known[around] * weight, known[around])
        if not at:
            arrive = np.broadcast_to(away[:, None, None], cost.shape).copy()
            arrive[:, :, 1] = _NEVER
            source = np.full(cost.shape, -1)
        else:
            # Staying in the key, from the best function before.
            stay = cost[:, :, None, :] + _AFTER[None, :, :, None]
            best = stay.argmin(axis=1)
            arrive = stay.min(axis=1)
            key_index, seen = np.arange(keys)[:, None, None], np.arange(2)[None, None, :]
            source = (key_index * functions + best) * 2 + seen
            # Changing it.
            left = cost + np.array([_UNHEARD, 0.0])
            left[:, [DOMINANT, APPLIED]] += _OPEN
            flat = left.reshape(keys, -1)
            leave, which = flat.min(axis=1), flat.argmin(axis=1)
            late = _WITHIN_BAR if change.onset > changes.bar_starts[bar] else 0.0
            late += _WITHIN_FOUR if _in_group(changes, bar) % 4 else 0.0
            entering = leave[:, None] + moves + late
            if change.root != NOWHERE:
                entering[:, [2 * change.root, 2 * change.root + 1]] += _UNPREPARED
            np.fill_diagonal(entering, _NEVER)
            came = entering.argmin(axis=0)
            enter = entering.min(axis=0)
            entered = enter[:, None] + np.array([0, 0, _ON_DOMINANT, 0])
            better = entered < arrive[:, :, 0]
            arrive[:, :, 0] = np.where(better, entered, arrive[:, :, 0])
            old = (came * functions * 2 + which[came])[:, None]
            source[:, :, 0] = np.where(better, old, source[:, :, 0])
        cost = arrive + here[:, :, None]
        for state in range(keys):
            if change.root != state // 2:
                continue
            # The tonic sounds: both states become one.
            pair = cost[state, TONIC].copy()
            best_seen = int(pair[1] > pair[0])
            one = 0 if best_seen else 1
            source[state, TONIC, 1] = source[state, TONIC, one]
            cost[state, TONIC] = [_NEVER, pair[one]]
        back.append(source)
    # The next chorus begins with the tonic of the tune.
    unheard = np.where(away > 0, _UNHEARD, 0.0)
    cost = cost + away[:, None, None]
    cost[:, :, 0] += unheard[:, None]
    at_end = int(cost.argmin())
    path = []
    for source in reversed(back):
        path.append((at_end // 2 // functions, at_end // 2 % functions))
        at_end = int(source.reshape(-1)[at_end])
    return path[::-1]


def _in_group(changes: Changes, bar: int) -> int:
    """Return the distance of a bar from the beginning of its section, in bars."""
    start = changes.bar_starts[bar]
    sections = bisect_right(changes.sections, start, key=lambda each: each[0])
    return bar - (changes.bar_at(changes.sections[sections - 1][0]) if sections else 0)


def _is_blues(found: Sequence[Change], home: int) -> bool:
    """Return whether the tonic chord of a major key is mostly a dominant seventh chord."""
    lengths = dict.fromkeys((_DOM, _MAJ), 0)
    for each in found:
        if each.root == home // 2 and each.quality in lengths:
            lengths[each.quality] += each.end - each.onset
    return not home % 2 and lengths[_DOM] > lengths[_MAJ]


# The names ------------------------------------------------------------------------------------

_REMARKS = {
    (0, 1, _DOM): "tritone substitute of V",
    (0, 10, _DOM): "backdoor dominant",
    (0, 5, _MIN): "borrowed from minor",
    (0, 5, _MIN7): "borrowed from minor",
    (0, 2, _HALF): "borrowed from minor",
    (0, 8, _MAJ): "borrowed from minor",
    (0, 3, _MAJ): "borrowed from minor",
    (0, 10, _MAJ): "borrowed from minor",
    (0, 0, _MIN): "borrowed from minor",
    (0, 6, _DIM): "passing, after IV",
    (0, 0, _MIN7): "borrowed from minor",
    (0, 1, _MAJ): "Neapolitan",
    (1, 1, _MAJ): "Neapolitan",
    (1, 1, _DOM): "tritone substitute of V",
    (1, 0, _MAJ): "borrowed from major",
    (1, 5, _DOM): "dorian IV",
}


def _named(
    found: Sequence[Change], at: int, state: tuple[int, bool, int], figure: str | None
) -> tuple[str, str]:
    """Return the numeral of a change, with a figure or that of its class, and a remark.

    The state is the tonic, the mode, and the function.
    """
    tonic, minor, function = state
    change = found[at]
    degree = (change.root - tonic) % 12
    plain = _numeral(degree, change.quality, figure)
    if function != APPLIED:
        return plain, _REMARKS.get((int(minor), degree, change.quality), "")
    goal = _goal(found, at)
    if goal is None:
        falls = _falls(found, at, (_MAJ,))
        return plain, "major for dominant" if falls else "chromatic"
    root, slid, two = goal
    to = (root - tonic) % 12
    if change.quality == _DIM:
        return plain, f"passing, to {_numeral(to, _MAJ)}"
    above = (change.root - root) % 12
    target = _numeral(to, _MAJ)
    if two:
        if not to:
            return plain, ""
        numeral = _numeral(2, change.quality, figure)
        return f"{numeral}/{target}", f"II of {target}"
    after = found[at + 1] if at + 1 < len(found) else None
    reached = after is not None and (
        after.root == root or (after.root == change.root and after.quality in _DOMINANTS)
    )
    if change.quality == _SUS and not reached:
        return plain, "suspended"
    numeral = _numeral(above, change.quality, figure) + (f"/{target}" if to else "")
    called = "tritone substitute" if slid else "applied dominant"
    if not to:
        return numeral, "" if reached else "not resolved"
    return numeral, called if reached else f"{called}, not resolved"


_AUGMENTED = {10: "7#5", 11: "maj7#5"}
_RAISED = {1: "#I", 3: "#II", 6: "#IV", 8: "#V"}


def _numeral(degree: int, quality: int, figure: str | None = None) -> str:
    root = alphabet.numeral(degree * alphabet.CLASSES)  # of a major chord, which has no figure
    if quality in (_HALF, _DIM) and degree in _RAISED:
        root = _RAISED[degree]
    return root + (alphabet.FIGURES[quality - 1] if figure is None else figure)


def _figure(quality: Quality) -> str | None:
    """Return the figure of a chord that has more than its class says; None for that of the class.

    >>> [_figure(Quality.parse(text)) for text in ("7alt", "9sus4", "sus2", "5", "dim7", "9")]
    ['7alt', '7sus4', 'sus2', '5', 'o7', None]
    """
    third, fifth, seventh = quality.third, quality.fifth, quality.seventh
    if third in (2, 5):
        return ("7" if seventh == 10 else "") + ("sus4" if third == 5 else "sus2")
    if third is None:
        return "5" if seventh is None else quality.suffix
    if third == 4 and fifth == 8 and seventh is not None:
        return quality.suffix if quality.suffix == "7alt" else _AUGMENTED[seventh]
    return "o7" if seventh == 9 else None


def _keys(functions: Sequence[Function], changes: Changes, key: Key) -> Iterator[LocalKey]:
    begun = [
        0,
        *(
            at + 1
            for at, (one, other) in enumerate(pairwise(functions))
            if (one.tonic, one.minor) != (other.tonic, other.minor)
        ),
        len(functions),
    ]
    for first, after in pairwise(begun):
        if first == after:
            continue
        onset, end = functions[first].change.onset, functions[after - 1].change.end
        bars = changes.bar_at(onset) + 1, changes.bar_at(end - 1) + 1
        yield LocalKey(_spelled(functions[first:after], changes, key), *bars, onset, end)


def _spelled(functions: Sequence[Function], changes: Changes, key: Key) -> Key:
    """Return a local key, spelled after the chord on its tonic, or else near the tune's key."""
    tonic, minor = functions[0].tonic, functions[0].minor
    near = key.tonic.fifths + 3 * (minor - key.minor)
    name = PitchName(key.tonic.fifths + (tonic * 7 - key.tonic.fifths + 6) % 12 - 6)
    if abs(near - name.fifths) > 6 or abs(name.alter) > 1:
        name = name.simplest()
    for each in functions:
        chord = changes.chord_at(each.change.onset)
        if each.change.root == tonic and chord is not None and chord.root is not None:
            name = chord.root
            break
    return Key(name.fifths - 3 * minor, minor)


# The idioms -----------------------------------------------------------------------------------


def _two_fives(functions: Sequence[Function]) -> Iterator[Idiom]:
    for at, (one, other) in enumerate(pairwise(functions)):
        two, five = one.change, other.change
        if two.quality not in (_MIN7, _HALF) or five.quality not in _DOMINANTS:
            continue
        after = functions[at + 2].change if at + 2 < len(functions) else None
        if (five.root - two.root) % 12 == 5:
            home = (five.root + 5) % 12
            name = "minor ii-V" if two.quality == _HALF else "ii-V"
            if other.function == DOMINANT and (five.root - other.tonic) % 12 == 10:
                home, name = other.tonic, "backdoor ii-V"
            goal = after is not None and after.root == home and after.quality in (_MAJ, _MIN, _MIN7)
            yield Idiom(f"{name}-I" if goal else name, at, at + 2 + goal)
        elif (two.root - five.root) % 12 == 1:
            yield Idiom("ii-V with the tritone substitute", at, at + 2)


def _thirds(functions: Sequence[Function]) -> Iterator[Idiom]:
    """Yield the cycles of major chords a major third apart, all but the first after a dominant."""
    at = 0
    while at < len(functions):
        end, step = at, 0
        while end + 2 < len(functions):
            one, five, other = (each.change for each in functions[end : end + 3])
            apart = (other.root - one.root) % 12
            falls = five.quality == _DOM and (five.root - other.root) % 12 == 7
            if not (falls and one.quality == other.quality == _MAJ and apart in (4, 8)):
                break
            if step and apart != step:
                break
            end, step = end + 2, apart
        if end >= at + 4:
            yield Idiom("Coltrane cycle", at, end + 1)
        at = max(end, at + 1)


def _turnarounds(functions: Sequence[Function], changes: Changes) -> Iterator[Idiom]:
    """Yield the progressions of two bars before a section or the end that lead to its first chord.

    They begin with a tonic, or with a chord that leads away from it, and end with a dominant.
    """
    ends = [*(tick for tick, _ in changes.sections if tick), changes.length]
    for end in ends:
        bar = changes.bar_at(end - 1)
        start = changes.bar_starts[max(bar - 1, 0)]
        inside = [at for at, each in enumerate(functions) if start <= each.change.onset < end]
        if len(inside) < 3 or bar < 1:
            continue
        last, first = functions[inside[-1]], functions[inside[0]]
        after = functions[inside[-1] + 1] if inside[-1] + 1 < len(functions) else functions[0]
        leads = (last.change.root - after.change.root) % 12 in (7, 1) or last.function == DOMINANT
        ends_open = last.change.quality in (*_DOMINANTS, _MAJ)
        if leads and ends_open and first.function in (TONIC, APPLIED):
            yield Idiom("turnaround", inside[0], inside[-1] + 1)
