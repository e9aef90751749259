"""Solos → a grammar: windows, features, clusters, chains of clusters, rules.

After Gillick, Tang and Keller, "Learning Jazz Grammars", 2009, and "Machine Learning of Jazz
Grammars", 2010.  A solo is cut into windows, each abstracted to a melody of kinds and slopes
(:mod:`~sideman.models.grammar.abstract`); the windows are put into clusters by seven features, and
an n-gram of clusters says which follows which (:mod:`~sideman.models.grammar.chains`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sideman.errors import MusicError
from sideman.models.grammar import chains
from sideman.models.grammar.abstract import Window, expression
from sideman.models.grammar.clusters import centres, clusters, nearest
from sideman.models.grammar.features import features, normalised, scale
from sideman.models.grammar.rules import Grammar, Rule
from sideman.models.grammar.terminals import SLOTS_PER_QUARTER, Terminal
from sideman.score import Solo
from sideman.theory.meter import TICKS_PER_QUARTER

KIND = "jazz-grammar"
MOST_CLUSTERS = 80
"""The most that are tried; held-out chains of more are predicted worse."""
WINDOWS_PER_CLUSTER = 12
CANDIDATES = (2, 5, 10, 20, 30, 40, 60)
LONGEST_WINDOW = 16
SLOPES, DEGREES, BOTH = FORMS = ("slopes", "degrees", "both")
"""Forms of a learnt bar: kinds of tones in slopes, scale degrees, or a rule of each."""
HEADING = "Learnt by sideman: "
"""The start of the first comment of a learnt grammar."""
_LARGEST_BLOCK = 6
"""The exponent of the longest block of windows that is one chain: 64 of them."""
_LONGEST_TITLE = 80
_LEFT_OUT = 200
"""One note in so many of the lowest, and of the highest, does not count for the range."""
_PARAMETERS = (
    ("min-interval", "0"),
    ("max-interval", "6"),
    ("chord-tone-weight", "0.7"),
    ("color-tone-weight", "0.2"),
    ("scale-tone-weight", "0.1"),
    ("leap-prob", "0.01"),
    ("avoid-repeats", "true"),
    ("rectify", "false"),
    ("scale-type", "Use_First_Scale"),
    ("use-grammar", "true"),
    ("colours", "house"),
)


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of learning.

    Parameters
    ----------
    window : int
        Quarters of a window.
    per_cluster : int
        Windows for which there is one cluster at most.
    clusters : int or None
        The number of clusters; by the held-out solos where None.
    order : int or None
        The n of the n-gram of clusters; held-out chains of the Weimar solos and of the études have
        the fewest nats with 2.  None for a grammar without clusters, which plays each window by its
        share.
    form : str
        The form of the bars: one of :data:`FORMS`.
    seed : int
        The seed of the random numbers.

    Raises
    ------
    MusicError
        If one of them is out of its bounds.
    """

    window: int = 4
    per_cluster: int = WINDOWS_PER_CLUSTER
    clusters: int | None = None
    order: int | None = 2
    form: str = SLOPES
    seed: int = 0

    def __post_init__(self) -> None:
        for field, value, low, high in (
            ("window", self.window, 1, LONGEST_WINDOW),
            ("per_cluster", self.per_cluster, 1, 1_000_000),
            ("clusters", self.clusters, 1, 1_000_000),
            ("order", self.order, 1, chains.HIGHEST_ORDER),
        ):
            if value is not None and not low <= value <= high:
                said = {"per_cluster": "windows per cluster"}.get(field, field)
                raise MusicError(
                    f"{said} must be a whole number from {low} to {high:,}, got {value}.",
                    field=field,
                )
        if self.form not in FORMS:
            raise MusicError(
                f"form must be one of {', '.join(FORMS)}, got {self.form[:40]}.", field="form"
            )
        if not 0 <= self.seed < 1 << 63:
            raise MusicError(f"A seed of {self.seed}: give a whole number from 0 up.", field="seed")


@dataclass(frozen=True, eq=False)
class Lesson:
    """A solo to learn from: its title, and its windows in order."""

    title: str
    windows: tuple[Window, ...]

    @cached_property
    def rows(self) -> NDArray[np.float64]:
        """The features of every window, shape (windows, 7)."""
        found = [features(window.melody) for window in self.windows]
        return np.array(found, dtype=np.float64).reshape(-1, 7)


@dataclass(frozen=True, slots=True)
class Fold:
    """Solos that are learnt from, and solos that are held out, to compare numbers of clusters."""

    learnt: tuple[Lesson, ...]
    held_out: tuple[Lesson, ...]


@dataclass(frozen=True, slots=True)
class Trial:
    """A number of clusters, and mean nats a window of held-out solos.

    `shares` are those of the clusters by their shares alone, `chained` those given the cluster
    before, and `ordered` those given the clusters before by the order of the grammar.
    """

    clusters: int
    shares: float
    chained: float
    ordered: float

    @property
    def gain(self) -> float:
        """The nats that the cluster before saves."""
        return self.shares - self.chained


def fits(solo: Solo, window: int) -> bool:
    """Return whether the bars of a solo are made of windows, or its windows of bars."""
    ticks = window * TICKS_PER_QUARTER
    bars = solo.changes.bars if solo.changes else ()
    lengths = {bar.meter.ticks_per_bar for bar in bars}
    return len(lengths) == 1 and all(not ticks % one or not one % ticks for one in lengths)


def title(solo: Solo, name: str = "") -> str:
    """Return the name of a solo in the rules learnt from it: its title, and any player."""
    called = " ".join((solo.title or name or "untitled").split())[:_LONGEST_TITLE]
    player = " ".join(solo.performer.split())[:_LONGEST_TITLE]
    return f"{called} ({player})" if player else called


def candidates(windows: int, settings: Settings) -> tuple[int, ...]:
    """Return the numbers of clusters to be tried; one where there is nothing to choose."""
    if settings.clusters is not None:
        return (settings.clusters,)
    most = max(1, min(MOST_CLUSTERS, windows // settings.per_cluster))
    return (*(one for one in CANDIDATES if one < most), most)


def rows(lessons: Iterable[Lesson]) -> NDArray[np.float64]:
    """Return the features of every window of some solos, shape (windows, 7)."""
    return np.concatenate([lesson.rows for lesson in lessons])


def sorted_into(table: NDArray[np.float64], k: int, seed: int) -> NDArray[np.int64]:
    """Return the cluster of each window of a table of features (:func:`rows`)."""
    return clusters(normalised(table), k, np.random.default_rng((seed, k)))


def tried(folds: Iterable[Fold], k: int, settings: Settings) -> Trial:
    """Return how well k clusters of some solos predict those of held-out solos, over all folds."""
    order = settings.order or 1
    total = np.zeros(3)
    held_out = 0
    for fold in folds:
        table = rows(fold.learnt)
        factors = scale(table)
        labels = sorted_into(table, min(k, len(table)), settings.seed)
        middle = centres(table * factors, labels)
        counted = chains.count(_divided(labels, fold.learnt), max(order, 2))
        others = _divided(nearest(rows(fold.held_out) * factors, middle), fold.held_out)
        number = sum(len(each) for each in others) - len(others)
        total += [number * chains.nats(counted, others, k, of) for of in (1, 2, order)]
        held_out += number
    shares, chained, ordered = (total / max(held_out, 1)).tolist()
    return Trial(k, shares, chained, ordered)


def best(trials: Iterable[Trial]) -> int:
    """Return the number of clusters of which the one before says most about the next."""
    return max(trials, key=lambda trial: (trial.gain, -trial.clusters)).clusters


def grammar(
    lessons: Sequence[Lesson],
    labels: NDArray[np.int64] | None,
    settings: Settings,
    span: tuple[int, int],
) -> Grammar:
    """Return the grammar of some solos.

    Parameters
    ----------
    lessons : sequence of Lesson
        The solos.
    labels : ndarray of int, shape (windows,), or None
        The cluster of each window (:func:`sorted_into`); None for a grammar without clusters.
    settings : Settings
        The settings; their numbers are written into the grammar as parameters.
    span : tuple of int
        The lowest and the highest pitch (:func:`reach`).
    """
    described: list[tuple[str, tuple[str, ...]]] = []
    slots = settings.window * SLOTS_PER_QUARTER
    if labels is None:
        segment = f"Seg{settings.window}"
        numbers = np.zeros(sum(len(lesson.windows) for lesson in lessons), dtype=np.int64)
        phrases = [Rule(("P", "Y"), (segment, ("P", ("-", "Y", str(slots)))), ("1.0",))]
        chained: tuple[Rule, ...] = ()
        symbols = [segment]
    else:
        numbers = labels
        phrases = [
            Rule(
                ("P", "Y"),
                ((chains.START, str(2**power)), ("P", ("-", "Y", str(slots * 2**power)))),
                (f"{10.0**power:.1f}",),
            )
            for power in range(_LARGEST_BLOCK + 1)
        ]
        counted = chains.count(_divided(labels, lessons), settings.order or 1)
        chained = chains.rules(counted)
        symbols = [chains.sounding(cluster) for cluster in range(int(labels.max()) + 1)]
        described = [
            ("model-kind", (KIND,)),
            ("clusters", (str(len(symbols)),)),
            ("order", (str(settings.order),)),
        ]
    if settings.form != SLOPES:
        described.append(("form", (settings.form,)))
    described += [("window-beats", (str(settings.window),)), ("seed", (str(settings.seed),))]
    described += [("min-pitch", (str(span[0]),)), ("max-pitch", (str(span[1]),))]
    ends = [Rule(("P", "0"), (), ("1",), base=True)]
    return Grammar(
        "P",
        (*ends, *phrases, *chained, *_melodies(lessons, numbers, symbols, settings.form)),
        (*described, *((name, (value,)) for name, value in _PARAMETERS)),
    )


def _divided(labels: NDArray[np.int64], lessons: Iterable[Lesson]) -> list[list[int]]:
    """Return the clusters of each solo."""
    left: Iterator[int] = iter(labels.tolist())
    return [[next(left) for _ in lesson.windows] for lesson in lessons]


def _melodies(
    lessons: Iterable[Lesson], labels: NDArray[np.int64], symbols: Sequence[str], form: str
) -> Iterator[Rule]:
    """Yield a rule for each melody of each cluster, with the bar that it was learnt from."""
    members: list[dict[tuple[Terminal, ...], list[str]]] = [defaultdict(list) for _ in symbols]
    left = iter(labels.tolist())
    for lesson in lessons:
        for window in lesson.windows:
            place = f"{lesson.title}, bar {window.bar + 1}"
            cluster = members[next(left)]
            if form != DEGREES:
                cluster[window.melody.terminals].append(place)
            if form != SLOPES:
                cluster[window.degrees].append(place)
    for symbol, melodies in zip(symbols, members, strict=True):
        whole = sum(map(len, melodies.values()))
        for melody, places in melodies.items():
            more = f" and {len(places) - 1} more" if len(places) > 1 else ""
            right = tuple(map(expression, melody))
            weight = chains.share(len(places), whole)
            yield Rule((symbol,), right, (weight,), comment=places[0] + more)


def reach(solos: Iterable[Solo]) -> tuple[int, int]:
    """Return the lowest and the highest pitch without the outermost notes, 1 in 200 at each end."""
    pitches = sorted(note.pitch for solo in solos for note in solo.notes)
    left_out = len(pitches) // _LEFT_OUT
    return pitches[left_out], pitches[-1 - left_out]
