"""Terminals: the notes and rests in which a derivation ends.

A terminal is a note or a rest by its kind (``C8``), a note by its scale degree (``(X b3 8)``), a
run of notes that rises or falls (``(slope 1 4 C8 L8)``), or a row of triads (``(triadic 1 8)``: a
whole note's time of eighths).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from sideman.models.grammar.rules import Expression, number

SLOTS_PER_QUARTER = 120
SLOTS_PER_TICK = 5
REST = "R"
KINDS = "ACHLRSXY"
"""Approach tone, chord tone, any helpful tone, colour tone, rest, scale tone, any tone, and a
semitone above a helpful tone."""

DEGREE = re.compile(r"(?=.{1,8}\Z)([#b♯♭]*)([+-]?\d+)(?:\.0*)?")
"""A scale degree of at most eight letters: its accidentals and its number."""

_WHOLE = 4 * SLOTS_PER_QUARTER
_PART = re.compile(r"(\d{1,4})(?:/(\d{1,4}))?(\.*)")


@lru_cache(maxsize=4096)
def slots(duration: str) -> int:
    """Return the length of a duration in slots; 0 if it is none.

    A part ``n`` is the n-th of a whole note, ``n/b`` b of them in the time of b - 1; each dot adds
    half of the last addition; parts are joined by plus signs.

    >>> [slots(one) for one in ("8.", "8/3", "4+32+120+480", "C")]
    [90, 40, 140, 0]
    """
    total = 0
    for part in duration.split("+"):
        found = _PART.fullmatch(part)
        if found is None or not int(found[1]) or found[2] == "0":
            return 0
        note, tuplet = int(found[1]), int(found[2] or 0)
        added = _WHOLE * (tuplet - 1) // (note * tuplet) if tuplet else _WHOLE // note
        total += added
        for _ in found[3]:
            added //= 2
            total += added
    return total


@lru_cache(maxsize=4096)
def whole(duration: str) -> bool:
    """Return whether a duration is that of a note: a power of two, or exact in slots.

    >>> [whole(one) for one in ("8.", "64", "16/5", "7", "4+9")]
    [True, True, True, False, False]
    """
    for note, tuplet, dots in _PART.findall(duration):
        parts, many = int(note) * int(tuplet or 1), int(tuplet or 2) - 1
        exact = _WHOLE * many % parts == 0 and _WHOLE * many // parts % 2 ** len(dots) == 0
        if not exact and int(note) & (int(note) - 1):
            return False
    return True


@dataclass(frozen=True, slots=True)
class Tone:
    """A note of a kind of :data:`KINDS`, or a rest, and its length in slots."""

    kind: str
    slots: int


@dataclass(frozen=True, slots=True)
class Degree:
    """A note by its scale degree over the chord, such as ``b3``, and its length in slots."""

    degree: str
    slots: int


@dataclass(frozen=True, slots=True)
class Slope:
    """Tones of which each lies `low` to `high` semitones from the one before."""

    low: int
    high: int
    tones: tuple[Tone, ...]

    @property
    def slots(self) -> int:
        """The length of all tones."""
        return sum(tone.slots for tone in self.tones)


@dataclass(frozen=True, slots=True)
class Triadic:
    """Triads in notes of `unit` slots, `slots` in all."""

    slots: int
    unit: int


Terminal = Tone | Degree | Slope | Triadic


def tones_of(terminal: Terminal, slot: int, end: int) -> Iterator[tuple[int, int, int, str]]:
    """Yield the index, begin, end and kind of the tones of a terminal, which is cut at `end`.

    Rests are included; the kind of a scale degree is the degree.
    """
    match terminal:
        case Slope(tones=tones):
            for index, each in enumerate(tones):
                if slot >= end:
                    return
                yield index, slot, min(slot + each.slots, end), each.kind
                slot += each.slots
        case Triadic(unit=unit):
            for index, begin in enumerate(range(slot, end, unit)):
                yield index, begin, min(begin + unit, end), "X"
        case Tone(kind=kind) | Degree(degree=kind):
            yield 0, slot, end, kind


@lru_cache(maxsize=4096)
def tone(expression: Expression) -> Tone | None:
    """Return the tone that an atom such as ``C8`` or ``R4.`` spells; None if it is none."""
    if not isinstance(expression, str) or expression[:1] not in KINDS or len(expression) < 2:
        return None
    length = slots(expression[1:])
    return Tone(expression[0], length) if length else None


@lru_cache(maxsize=16_384)
def terminal(expression: Expression) -> Terminal | None:
    """Return the terminal that an expression states; None if it is none.

    >>> terminal(("slope", "1", "4", "C8", "R8"))
    Slope(low=1, high=4, tones=(Tone(kind='C', slots=60), Tone(kind='R', slots=60)))
    """
    if isinstance(expression, str):
        return tone(expression)
    if len(expression) == 1:
        return terminal(expression[0])
    match expression:
        case ("X", str(degree), str(duration)) if DEGREE.fullmatch(degree) and slots(duration):
            return Degree(degree, slots(duration))
        case ("slope", str(low), str(high), *rest) if rest:
            return _slope(low, high, rest)
        case ("triadic", str(total), str(unit)):
            lengths = slots(total), slots(unit)
            return Triadic(*lengths) if min(lengths) > 0 else None
    return None


def _slope(low: str, high: str, rest: Sequence[Expression]) -> Slope | None:
    bounds = number(low), number(high)
    tones = [tone(each) for each in rest]
    found = [each for each in tones if each is not None]
    if len(found) < len(tones) or bounds[0] is None or bounds[1] is None:
        return None
    return Slope(int(bounds[0]), int(bounds[1]), tuple(found))


def kinds(expression: Expression) -> Iterator[str]:
    """Yield the kinds of the terminals in an expression, those of tones in slopes too."""
    match terminal(expression):
        case Tone(kind=kind):
            yield kind
        case Degree():
            yield "degree"
        case Slope(tones=tones):
            yield "slope"
            yield from (each.kind for each in tones)
        case Triadic():
            yield "triadic"
        case None:
            if not isinstance(expression, str):
                for each in expression:
                    yield from kinds(each)
