"""Substitutions induced from changes, as explanations of chords (after Pachet, 1999).

François Pachet, "Surprising Harmonies", 1999, proposes to induce rules of substitution from a
corpus and to measure surprise with them; how that is done here is our own.

One or two changes between two neighbours are a *filler*, and everything is relative to the root of
the right neighbour, so that ``V7`` is the chord a fifth above it.  A *context* is the left
neighbour, the class of the right one, and the length of the filler.  Two fillers that stand in the
same contexts are substitutes for each other: *shared* sums the smaller of their two counts over
contexts, and the score is shared · ln(shared · N / (n₁ · n₂)) with their counts n and N in all.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sideman.models.harmony import alphabet
from sideman.models.harmony.alphabet import CLASSES, NO_ROOT, NOWHERE, QUALITIES, Change

Array = NDArray[np.float64]
Filler = tuple[int, ...]
"""One or two symbols of the key alphabet; the tonic is the root of the right neighbour."""
LEAST_CONTEXTS = 5
MOST = 10_000
"""The number of substitutions that a model keeps, the best."""
STRONGEST = 300
"""The number of them that explain chords, the best."""
_LONGEST = 2
_THEORY = 20.0  # the score of a rule that has a name


@dataclass(frozen=True, slots=True)
class Substitution:
    """Two fillers that stand for each other; see the module for `shared` and `score`."""

    first: Filler
    second: Filler
    shared: int
    contexts: int
    score: float

    def __str__(self) -> str:
        return f"{numerals(self.first)} <-> {numerals(self.second)}"


def numerals(filler: Filler) -> str:
    """Return a filler as Roman numerals of the chord that it leads to."""
    return " ".join(map(alphabet.numeral, filler))


def induced(
    tunes: Iterable[Sequence[Change]], least_contexts: int = LEAST_CONTEXTS
) -> tuple[Substitution, ...]:
    """Return the substitutions of a corpus by falling score, those that share enough contexts."""
    contexts: defaultdict[tuple[int, int, int], Counter[Filler]] = defaultdict(Counter)
    for tune in tunes:
        for context, filler in _fillers(tune):
            contexts[context][filler] += 1
    counted = Counter[Filler]()
    for inside in contexts.values():
        counted.update(inside)
    whole = counted.total()
    shared, where = Counter[tuple[Filler, Filler]](), Counter[tuple[Filler, Filler]]()
    for inside in contexts.values():
        listed = sorted(inside.items())
        for at, (first, times) in enumerate(listed):
            for second, others in listed[at + 1 :]:
                shared[first, second] += min(times, others)
                where[first, second] += 1
    found = [
        Substitution(
            *pair,
            times,
            where[pair],
            times * math.log(times * whole / (counted[pair[0]] * counted[pair[1]])),
        )
        for pair, times in shared.items()
        if where[pair] >= least_contexts
    ]
    found.sort(key=lambda each: (-each.score, each.first, each.second))
    return tuple(found[:MOST])


def _fillers(tune: Sequence[Change]) -> Iterator[tuple[tuple[int, int, int], Filler]]:
    """Yield context and filler of every filler of a tune."""
    for size in range(1, _LONGEST + 1):
        for at in range(1, len(tune) - size):
            inside, right = tune[at : at + size], tune[at + size]
            whole = [tune[at - 1], *inside, right]
            if any(each.root == NOWHERE for each in whole):
                continue
            left, *filler, _ = alphabet.key_symbols(whole, right.root).tolist()
            yield (left, right.quality, inside[-1].end - inside[0].onset), tuple(filler)


@dataclass(frozen=True, slots=True)
class Rewriting:
    """A chord in the place of another, in the key alphabet, and its bits by this rule."""

    expected: int
    heard: int
    bits: float

    @property
    def name(self) -> str:
        """Its name in the theory of harmony; empty if it has none."""
        return name(self.expected, self.heard)

    def __str__(self) -> str:
        rule = f"{alphabet.numeral(self.heard)} for {alphabet.numeral(self.expected)}"
        return f"{self.name}: {rule}" if self.name else rule


@dataclass(frozen=True)
class Rules:
    """Induced substitutions as probabilities of a chord in the place of another.

    A filler of one chord gives way to the first chord of another filler, and of two fillers of two
    chords that share one, the other gives way; each by its score.  To these a small score is added
    for each rule that the theory of harmony names, so that they are there for a small corpus too.
    """

    substitutions: tuple[Substitution, ...]

    @cached_property
    def weights(self) -> Array:
        """Probabilities by the class of the expected chord, (classes, 96): interval and class."""
        counts = np.zeros((CLASSES, NO_ROOT))
        for quality, interval in _NAMES:
            counts[quality, interval] = _THEORY
        for each in self.substitutions[:STRONGEST]:
            if each.score <= 0:
                continue
            for expected, heard in ((each.first, each.second), (each.second, each.first)):
                pair = place(expected, heard)
                if pair is not None:
                    counts[pair[0] % CLASSES, _between(*pair)] += each.score
        sums = counts.sum(axis=1, keepdims=True)
        return np.asarray(counts / np.maximum(sums, 1e-9))

    @cached_property
    def matrix(self) -> Array:
        """Probability of each symbol (column) in the place of another (row), (97, 97)."""
        found = np.zeros((alphabet.SYMBOLS, alphabet.SYMBOLS))
        column = np.arange(NO_ROOT)
        for expected in range(NO_ROOT):
            degree, quality = divmod(expected, CLASSES)
            moved = (column // CLASSES + degree) % 12 * CLASSES + column % CLASSES
            found[expected, moved] = self.weights[quality]
        return found

    def explanation(self, expected: Array, heard: int) -> Rewriting | None:
        """Return the rule that makes a chord most probable; None if that is no more than it was.

        `expected`, (97,), is the distribution before the chord.  The probability by a rule is that
        of the chord which it replaces times that of the rule.
        """
        likely = expected * self.matrix[:, heard]
        best = int(likely.argmax())
        if likely[best] <= expected[heard]:
            return None
        return Rewriting(best, heard, float(-np.log2(likely[best])))


def _between(expected: int, heard: int) -> int:
    """Return the symbol of `heard` above the root of `expected`."""
    return (heard // CLASSES - expected // CLASSES) % 12 * CLASSES + heard % CLASSES


def place(expected: Filler, heard: Filler) -> tuple[int, int] | None:
    """Return the chord that is replaced, and its substitute, where one filler replaces another.

    None if they differ in more than one place.
    """
    if len(expected) == 1:
        return (expected[0], heard[0]) if heard[0] != expected[0] else None
    if len(heard) == 1:
        return (expected[0], heard[0]) if heard[0] != expected[0] else None
    if expected[1] == heard[1]:
        return expected[0], heard[0]
    return (expected[1], heard[1]) if expected[0] == heard[0] else None


def _rule(expected: str, interval: int, heard: str) -> tuple[int, int]:
    return QUALITIES.index(expected), interval * CLASSES + QUALITIES.index(heard)


_NAMES: Mapping[tuple[int, int], str] = {
    _rule("7", 6, "7"): "tritone substitution",
    _rule("7", 6, "maj"): "tritone substitution",
    _rule("7", 7, "m7"): "ii V for V",
    _rule("7", 7, "ø"): "minor ii V for V",
    _rule("7", 1, "m7"): "ii V of the tritone substitution",
    _rule("7", 3, "7"): "backdoor dominant",
    _rule("7", 10, "m7"): "backdoor ii V",
    _rule("7", 10, "m"): "minor subdominant",
    _rule("7", 0, "sus"): "suspension",
    _rule("7", 0, "+"): "altered dominant",
    **{_rule("7", above, "o"): "diminished for dominant" for above in (1, 4, 7, 10)},
    _rule("m7", 0, "ø"): "modal interchange",
    _rule("m7", 0, "7"): "secondary dominant",
    _rule("ø", 0, "7"): "secondary dominant",
    _rule("ø", 0, "m7"): "modal interchange",
    _rule("m7", 6, "7"): "tritone substitution of the secondary dominant",
    _rule("maj", 0, "7"): "secondary dominant",
    _rule("maj", 0, "m"): "modal interchange",
    _rule("maj", 0, "m7"): "modal interchange",
    _rule("m", 0, "maj"): "modal interchange",
    _rule("m7", 0, "maj"): "modal interchange",
    _rule("maj", 4, "m7"): "mediant",
    _rule("maj", 9, "m7"): "relative minor",
    _rule("maj", 9, "m"): "relative minor",
    _rule("m", 3, "maj"): "relative major",
    _rule("m7", 3, "maj"): "relative major",
}


def name(expected: int, heard: int) -> str:
    """Return the name in the theory of harmony of a chord for another; empty if there is none."""
    return _NAMES.get((expected % CLASSES, _between(expected, heard)), "")
