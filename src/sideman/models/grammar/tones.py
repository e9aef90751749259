"""The choice of a pitch for every kind of terminal, as an exact distribution over MIDI numbers.

Playing, scoring and parsing use the same functions.  A distribution is a pair of tuples
(:data:`Odds`): the pitches, rising, and their probabilities.  What a pitch is over a chord is one
letter for each pitch class (:func:`classes`): chord tone, colour tone, or other.

Every function takes the range of the line as `reach`, the lowest and the highest MIDI number; where
nothing in a window lies within it, the window is moved by octaves.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import permutations

from sideman.models.grammar.rules import Grammar, number
from sideman.models.grammar.terminals import DEGREE
from sideman.theory.chord import Chord

Odds = tuple[tuple[int, ...], tuple[float, ...]]
Reach = tuple[int, int]

CHORD, COLOUR, OTHER = "C", "L", "O"
HOUSE, IMPRO_VISOR = "house", "impro-visor"
NO_CHORD = OTHER * 12
WIDENED = 2
"""The semitones by which a window without a chord tone is at most wider each way."""
_CACHED = 65_536

# Semitones of the scale degrees 1 to 7 over each family of chords.
_MAJOR = (0, 2, 4, 5, 7, 9, 11)
_DEGREES = {
    "major": _MAJOR,
    "minor": (0, 2, 3, 5, 7, 9, 11),
    "minor7": (0, 2, 3, 5, 7, 9, 10),
    "dominant": (0, 2, 4, 5, 7, 9, 10),
    "half-diminished": (0, 2, 3, 5, 7, 9, 10),
    "diminished": (0, 2, 3, 5, 6, 8, 9),
    "augmented": (0, 2, 4, 5, 8, 9, 10),
    "sus4": _MAJOR,
}
# What Impro-Visor's vocabulary calls a colour tone over each family, less what the chord holds.
_COLOURS = {
    "major": (2, 6, 9, 11),
    "minor": (2, 5, 6, 8, 9, 10, 11),
    "minor7": (2, 5, 9, 11),
    "dominant": (1, 2, 3, 5, 6, 8, 9),
    "half-diminished": (1, 2, 5, 8, 9),
    "diminished": (2, 5, 8, 11),
    "augmented": (2, 11),
    "sus4": (1, 2, 4, 9),
}
FAMILIES = tuple(_DEGREES)
BOUNDS: dict[str, tuple[float, float]] = {
    "min-pitch": (0, 116),
    "max-pitch": (0, 127),
    "min-interval": (0, 24),
    "max-interval": (0, 127),
    "chord-tone-weight": (0, 1e6),
    "color-tone-weight": (0, 1e6),
    "scale-tone-weight": (0, 1e6),
    "leap-prob": (0, 1),
}
"""The parameters whose values are numbers, with the least and the largest that counts."""
SWITCHES = ("avoid-repeats", "rectify")
"""The parameters that are ``true`` or ``false``."""


@dataclass(frozen=True, slots=True)
class Parameters:
    """Parameters of the tones of a grammar, with the defaults of Impro-Visor.

    The interval bounds, in semitones, and the weights of the tone classes apply to free terminals;
    `leap` is the probability that the point of departure is moved by an octave.  `holds` makes one
    note of equal pitches in a row, `rectifies` moves notes that neither fit the chord nor lead to
    one that does.
    """

    low: int = 54
    high: int = 84
    nearest: int = 0
    farthest: int = 9
    chord: float = 0.7
    colour: float = 0.2
    scale: float = 0.1
    leap: float = 0.01
    holds: bool = True
    rectifies: bool = True

    @classmethod
    def of(cls, grammar: Grammar) -> Parameters:
        """Return the parameters of a grammar; a value that cannot be used has its default."""
        values, plain = grammar.values, cls()

        def number_of(name: str, default: float) -> float:
            value = number(values.get(name, ""))
            least, most = BOUNDS[name]
            return default if value is None or not least <= value <= most else value

        low = int(number_of("min-pitch", plain.low))
        high = int(number_of("max-pitch", plain.high))
        nearest = int(number_of("min-interval", plain.nearest))
        return cls(
            low=low,
            high=max(high, low + 11),
            nearest=nearest,
            farthest=max(int(number_of("max-interval", plain.farthest)), nearest),
            chord=number_of("chord-tone-weight", plain.chord),
            colour=number_of("color-tone-weight", plain.colour),
            scale=number_of("scale-tone-weight", plain.scale),
            leap=number_of("leap-prob", plain.leap),
            holds=values.get("avoid-repeats", "true") != "false",
            rectifies=values.get("rectify", "true") != "false",
        )


# Harmony -------------------------------------------------------------------------------------


@lru_cache(maxsize=4096)
def family(chord: Chord | None) -> str:
    """Return one of :data:`FAMILIES`; empty for no chord.

    >>> [family(Chord.parse(symbol)) for symbol in ("C6", "Cm7b5", "C7alt", "C7sus4")]
    ['major', 'half-diminished', 'dominant', 'sus4']
    """
    if chord is None or chord.is_no_chord:
        return ""
    quality = chord.quality
    if quality.third == 3:
        if quality.fifth == 6:
            return "half-diminished" if quality.seventh == 10 else "diminished"
        return "minor7" if quality.seventh == 10 else "minor"
    if quality.seventh == 10:
        return "dominant" if quality.third == 4 else "sus4"
    return "augmented" if quality.fifth == 8 and quality.seventh is None else "major"


@lru_cache(maxsize=4096)
def classes(chord: Chord | None, colours: str = HOUSE) -> str:
    """Return the class of each pitch class, twelve letters from C up; all other where no chord is.

    `colours` is ``house`` for the colour tones of :attr:`Chord.colours`, or ``impro-visor`` for
    those of Impro-Visor's vocabulary, which are more: over C7 all but B, here only D, F♯ and A.

    >>> classes(Chord.parse("C7")), classes(Chord.parse("C7"), "impro-visor")
    ('COLOCOLCOLCO', 'CLLLCLLCLLCO')
    """
    kind = family(chord)
    if chord is None or chord.root is None or not kind:
        return NO_CHORD
    coloured: Iterable[int] = chord.colours
    if colours == IMPRO_VISOR:
        coloured = [(chord.root.pitch_class + step) % 12 for step in _COLOURS[kind]]
    letters = [OTHER] * 12
    for one in coloured:
        letters[one] = COLOUR
    for one in chord.tones:
        letters[one] = CHORD
    return "".join(letters)


# Slopes --------------------------------------------------------------------------------------


def window(low: int, high: int, previous: int) -> tuple[int, int]:
    """Return the lowest and highest pitch of a slope's note after the pitch `previous`.

    `low` and `high` are the slope's bounds in semitones.
    """
    least, most = previous + low, previous + high
    if low == high:
        least, most = _wider(least, most, previous)
    if low >= 6:
        least -= 3
    if high <= -6:
        most += 3
    return least, most


def _wider(least: int, most: int, previous: int) -> tuple[int, int]:
    """Return a window a semitone wider each way, but not from a step onto the note before."""
    return least - (least != previous + 1), most + (most != previous - 1)


def _within(least: int, most: int, reach: Reach) -> tuple[int, int]:
    octaves = max((reach[0] - most + 11) // 12, 0) or min((reach[1] - least) // 12, 0)
    least, most = least + 12 * octaves, most + 12 * octaves
    # A range of less than an octave may lie between two octaves of a window.
    return min(max(least, reach[0]), reach[1]), max(min(most, reach[1]), reach[0])


@lru_cache(maxsize=_CACHED)
def in_slope(kind: str, low: int, high: int, previous: int, letters: str, reach: Reach) -> Odds:
    """Return the distribution of a note of a kind within a slope.

    The class is chosen first, by the kind and by the classes that the window holds; the pitches of
    a class are equally likely.  An ``A`` before a rest counts as ``S``, a ``Y`` as ``X``.

    >>> in_slope("X", 1, 4, 60, classes(Chord.parse("C7")), (54, 84))
    ((61, 62, 63, 64), (0.125, 0.25, 0.125, 0.5))
    """
    wide = window(low, high, previous)
    least, most = _within(*wide, reach)
    held = _by_class(least, most, letters)
    if kind == CHORD:
        for _ in range(WIDENED):
            if CHORD in held or letters == NO_CHORD:
                break
            wide = _wider(*wide, previous)
            least, most = _within(*wide, reach)
            held = _by_class(least, most, letters)
    shares = _shares(kind, {one: len(pitches) for one, pitches in held.items()})
    return odds(
        {pitch: share / len(held[one]) for one, share in shares.items() for pitch in held[one]}
    )


def _by_class(least: int, most: int, letters: str) -> dict[str, list[int]]:
    held: dict[str, list[int]] = {}
    for pitch in range(least, max(most, least) + 1):
        held.setdefault(letters[pitch % 12], []).append(pitch)
    return held


def _shares(kind: str, sizes: Mapping[str, int]) -> dict[str, float]:
    """Return the probability of each class, by the kind and the pitches that each class has."""
    if len(sizes) == 1:
        return dict.fromkeys(sizes, 1.0)
    chord, colour, other = CHORD in sizes, COLOUR in sizes, OTHER in sizes
    if kind in "XY":
        if not other:
            return {CHORD: 0.8, COLOUR: 0.2}
        if chord and colour:
            return {CHORD: 0.5, COLOUR: 0.25, OTHER: 0.25}
        return dict.fromkeys(sizes, 0.5)
    if not chord:
        return {COLOUR: 1.0}
    if kind == "C":
        return {CHORD: 1.0}
    if kind == "L":
        if not colour:
            return {CHORD: 0.85, OTHER: 0.15}
        return {COLOUR: 1.0} if other else {COLOUR: 0.9, CHORD: 0.1}
    if not colour:
        return {CHORD: 1.0}
    both = sizes[CHORD] + sizes[COLOUR]
    return {one: sizes[one] / both for one in (CHORD, COLOUR)}


def approach_in_slope(low: int, high: int, previous: int, target: int, reach: Reach) -> Odds:
    """Return the pitch of an approach tone within a slope, before the pitch `target`.

    It lies a semitone from the target: on its other side from the note before where that is a
    semitone away, else below it in a rising slope and above it in a falling one; inside the range
    in any case.

    >>> approach_in_slope(1, 3, 60, 64, (54, 84))
    ((63,), (1.0,))
    """
    if target + 1 == previous:
        pitch = target - 1
    elif target - 1 == previous or low + high < 0:
        pitch = target + 1
    else:
        pitch = target - 1
    if not reach[0] <= pitch <= reach[1]:
        pitch = 2 * target - pitch
    return (pitch,), (1.0,)


# Free terminals ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """The classes, scale and weights of a chord, shape (12,), for a free terminal."""

    letters: str
    scale: frozenset[int]
    weights: tuple[float, ...]

    @classmethod
    def of(cls, chord: Chord | None, colours: str, parameters: Parameters) -> Ground:
        """Return the ground of a chord, the same object for the same arguments."""
        return _ground(chord, colours, parameters)


@lru_cache(maxsize=4096)
def _ground(chord: Chord | None, colours: str, parameters: Parameters) -> Ground:
    letters = classes(chord, colours)
    scale = frozenset(chord.scale) if chord is not None else frozenset()
    of_class = {CHORD: parameters.chord, COLOUR: parameters.colour, OTHER: 0.0}
    weights = tuple(
        of_class[letter] + parameters.scale * (one in scale) for one, letter in enumerate(letters)
    )
    return Ground(letters, scale, weights)


def free(
    kind: str,
    previous: int,
    ground: Ground,
    parameters: Parameters,
    reach: Reach,
    played: Sequence[int | None] = (),
) -> Odds:
    """Return the distribution of a free terminal of a kind.

    `played` are the last items, rests being None: a pitch among the last eight is less likely, by
    half for each item nearer (where repeats are avoided).  A ``Y`` is an ``H`` moved up by a
    semitone.  Where no pitch is possible the interval bounds are widened, at last every pitch of
    the range is possible.
    """
    bounds = (parameters.nearest, parameters.farthest)
    faded = _faded(_near(kind, previous, ground, bounds, reach), played if parameters.holds else ())
    if parameters.leap:
        farther = reach[1] - previous >= previous - reach[0]
        moved = previous + (12 if farther else -12)
        far = _near(kind, moved, ground, bounds, reach)
        faded = mixed(faded, _faded(far, played if parameters.holds else ()), parameters.leap)
    if kind != "Y":
        return faded
    return tuple(pitch + 1 for pitch in faded[0]), faded[1]


def _faded(near: Odds, played: Sequence[int | None]) -> Odds:
    """Return weights as a distribution in which pitches that were just played are less likely."""
    factors: dict[int, float] = {}
    for ago, pitch in enumerate(reversed(played[-8:]), start=1):
        if pitch is not None and pitch not in factors:
            factors[pitch] = 2.0**ago / 512
    pitches, weights = near
    weighed = [weight * factors.get(p, 1.0) for p, weight in zip(pitches, weights, strict=True)]
    total = sum(weighed)
    return pitches, tuple([weight / total for weight in weighed])


@lru_cache(maxsize=_CACHED)
def _near(kind: str, previous: int, ground: Ground, bounds: tuple[int, int], reach: Reach) -> Odds:
    """Return the pitches that a free terminal may take, with their weights."""
    least, most = (reach[0], reach[1] - 1) if kind == "Y" else reach
    of_kind = {CHORD: CHORD, "L": COLOUR}.get(kind, "")
    for wider in (0, 3, 6, 12, 127):
        around = bounds[1] + wider
        found: dict[int, float] = {}
        for pitch in range(max(least, previous - around), min(most, previous + around) + 1):
            one = pitch % 12
            weight = ground.weights[one]
            if abs(pitch - previous) < bounds[0] - wider or weight <= 0:
                continue
            if of_kind and ground.letters[one] != of_kind:
                continue
            if kind == "S" and one not in ground.scale:
                continue
            found[pitch] = 1.0 if kind == "X" else weight
        if found:
            break
    if not found:
        # No chord, or none of its tones of this kind: anything near.
        around = bounds[1]
        near = range(max(least, previous - around), min(most, previous + around) + 1)
        found = dict.fromkeys(near or range(least, most + 1), 1.0)
    return tuple(found), tuple(found.values())


def approach(target: int, previous: int, reach: Reach) -> Odds:
    """Return the tones a semitone from `target`, equally likely, without the note before."""
    near = [target - 1, target + 1]
    inside = [pitch for pitch in near if reach[0] <= pitch <= reach[1]]
    return odds(dict.fromkeys([pitch for pitch in inside if pitch != previous] or inside, 1.0))


# Scale degrees -------------------------------------------------------------------------------


@lru_cache(maxsize=4096)
def semitones(degree: str, of_family: str) -> int | None:
    """Return a scale degree in semitones above the root; None if the spelling is no degree.

    >>> [semitones("b3", one) for one in ("dominant", "minor7")]  # flat of the family's third
    [3, 2]
    >>> [semitones(one, "dominant") for one in ("8", "-1", "#7")]
    [12, -2, 11]
    """
    found = DEGREE.fullmatch(degree)
    if found is None:
        return None
    total = sum(1 if sign in "#♯" else -1 for sign in found[1])
    step = int(found[2])
    if step < 0:
        octaves = step // 8
        step, total = step - 8 * octaves, total + 12 * octaves
    if step > 7:
        octaves = (step - 1) // 7
        step, total = step - 7 * octaves, total + 12 * octaves
    return total + (_DEGREES.get(of_family, _MAJOR)[step - 1] if step else 0)


@lru_cache(maxsize=_CACHED)
def degree(name: str, chord: Chord | None, previous: int, reach: Reach) -> Odds:
    """Return the pitch of a scale degree, nearest to the note before, the lower of two as near.

    >>> degree("b3", Chord.parse("C7"), 60, (54, 84))
    ((63,), (1.0,))
    """
    root = 0 if chord is None or chord.root is None else chord.root.pitch_class
    above = semitones(name, family(chord) or "major") or 0
    one = (root + above) % 12
    inside = [pitch for pitch in range(reach[0], reach[1] + 1) if pitch % 12 == one]
    nearest = min(inside or [previous], key=lambda pitch: abs(pitch - previous))
    return (nearest,), (1.0,)


# Triads --------------------------------------------------------------------------------------

_UP, _DOWN, _SAME = 0.45, 0.45, 0.1
_TRIADS: tuple[tuple[str, int, tuple[int, int], float], ...] = (
    # Its kind, the semitones from the root to the tone it starts with, those of the other tones
    # above the start, its share.
    ("major", 0, (4, 7), 1.5 / 11),
    ("minor", 0, (3, 7), 1.5 / 11),
    ("major", 4, (3, 8), 1.5 / 11),
    ("minor", 3, (4, 9), 1.5 / 11),
    ("major", 7, (5, 9), 1.5 / 11),
    ("minor", 7, (5, 8), 1.5 / 11),
    ("diminished", 0, (3, 6), 1 / 11),
    ("augmented", 0, (4, 8), 1 / 11),
)


@dataclass(frozen=True, slots=True)
class Triad:
    """A triad in the order in which it is played; `inversion` is the tone it starts from."""

    pitches: tuple[int, int, int]
    kind: str
    inversion: int
    root: int
    weight: float


def triads(previous: int, recent: Sequence[Triad], reach: Reach) -> tuple[Triad, ...]:
    """Return the triads that may follow a pitch, in every order of their tones.

    A triad starts a semitone above or below the last note, seldom on it; its inversion is not that
    of the last triad, nor its root one of the last six of its kind.
    """
    last = recent[-1].inversion if recent else None
    taken = {(one.root, one.kind) for one in recent[-6:]}
    every = _every_triad(previous, reach)
    return tuple(
        one for one in every if one.inversion != last and (one.root, one.kind) not in taken
    )


@lru_cache(maxsize=1024)
def _every_triad(previous: int, reach: Reach) -> tuple[Triad, ...]:
    found: list[Triad] = []
    for step, share in ((1, _UP), (-1, _DOWN), (0, _SAME)):
        start = previous + step
        start += 12 * ((start < reach[0]) - (start > reach[1]))
        for kind, inversion, others, weight in _TRIADS:
            tones = [_folded(start + above, reach) for above in (0, *others)]
            root, place = (start - inversion) % 12, _place(inversion)
            for a, b, c in permutations(tones):
                found.append(Triad((a, b, c), kind, place, root, weight * share / 6))
    return tuple(found)


def _place(inversion: int) -> int:
    return 0 if not inversion else 1 if inversion < 5 else 2


def _folded(pitch: int, reach: Reach) -> int:
    while pitch > reach[1]:
        pitch -= 12
    while pitch < reach[0]:
        pitch += 12
    return pitch


def triadic(choices: Sequence[Triad], begun: Sequence[int]) -> Odds:
    """Return the distribution of the next tone of a triad of which some tones were played."""
    weights: dict[int, float] = {}
    for one in choices:
        if one.pitches[: len(begun)] == tuple(begun):
            pitch = one.pitches[len(begun)]
            weights[pitch] = weights.get(pitch, 0.0) + one.weight
    return odds(weights)


# Distributions -------------------------------------------------------------------------------


def odds(weights: Mapping[int, float]) -> Odds:
    """Return the distribution that is proportional to some weights, not all 0."""
    pitches = tuple(sorted(weights))
    total = sum(weights.values())
    return pitches, tuple(weights[pitch] / total for pitch in pitches)


def mixed(one: Odds, other: Odds, share: float) -> Odds:
    """Return a mixture of two distributions, `share` of it the second."""
    weights = dict(zip(one[0], [(1 - share) * p for p in one[1]], strict=True))
    for pitch, p in zip(*other, strict=True):
        weights[pitch] = weights.get(pitch, 0.0) + share * p
    return odds(weights)
