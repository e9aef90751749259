"""Learn a grammar from solos: the files, the number of clusters, the rules."""

from __future__ import annotations

import hashlib
import itertools
import re
import time
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from sideman import opening
from sideman.errors import MusicError
from sideman.evaluation import loading
from sideman.formats.document import over
from sideman.library import etudes
from sideman.models import file
from sideman.models.events import DURATION_TICKS, Events, from_solo
from sideman.models.grammar import cleaning, fitting, learning, playing, writing
from sideman.models.grammar.abstract import Window, untied, windows
from sideman.models.grammar.learning import Fold, Lesson, Settings, Trial
from sideman.models.grammar.rules import Grammar
from sideman.models.soloist import nearest
from sideman.score import Note, Solo
from sideman.training.plan import Given, Progress, Trained, Watch
from sideman.version import VERSION
from sideman.words import counted

_TAKE = re.compile(r"-\d+$")
_TENTHS = 10
ENOUGH = 2000
"""Held-out windows that suffice to compare numbers of clusters where there is no split."""


@dataclass(frozen=True)
class Found:
    """A solo with its name in splits, and as the benchmark reads it where that differs."""

    name: str
    solo: Solo
    item: loading.Item | None = None

    @cached_property
    def events(self) -> Events:
        """The events that the benchmark scores."""
        return from_solo(self.solo, self.name) if self.item is None else self.item.events

    def as_played(self) -> Found:
        """Return the solo with the onsets and lengths of its events."""
        columns = self.events.onset, self.events.pitch, self.events.duration
        notes = tuple(
            Note(onset, DURATION_TICKS[lasting], pitch)
            for onset, pitch, lasting in zip(*(each.tolist() for each in columns), strict=True)
        )
        changes = self.events.changes
        return replace(self, solo=replace(self.solo, notes=notes, changes=changes))


@dataclass(frozen=True, slots=True)
class GrammarPlan:
    """Solos and settings: see :class:`sideman.training.plan.Plan`.

    Numbers of clusters are compared by `folds`; the grammar is learnt from all `lessons`.  The
    parameters of its likelihood are fitted to `held_out`, if there are any, with the `spread` of
    played onsets around written ones.
    """

    kind: str
    settings: Settings
    solos: tuple[Solo, ...]
    lessons: tuple[Lesson, ...]
    folds: tuple[Fold, ...]
    description: str
    held_out: tuple[Events, ...] = ()
    spread: tuple[float, ...] = (1.0,)
    as_played: bool = False
    whole_bars: bool = False
    unit: str = "window"
    learning_rate: float = 0.0

    @property
    def epochs(self) -> int:
        """The steps: the numbers of clusters to be tried, and the rules."""
        return len(self._compared) + 1

    @property
    def _windows(self) -> int:
        return sum(len(lesson.windows) for lesson in self.lessons)

    @property
    def _sizes(self) -> tuple[int, ...]:
        """The numbers of clusters to be tried; none for a grammar without clusters."""
        return learning.candidates(self._windows, self.settings) if self.settings.order else ()

    @property
    def _compared(self) -> tuple[int, ...]:
        """The numbers of clusters that are compared on held-out solos; a single cluster is not."""
        return self._sizes if self.folds and self._sizes != (1,) else ()

    def train(self, out: Path | None, watch: Watch) -> Trained:
        """Learn the grammar; there are no checkpoints."""
        trials: list[Trial] = []
        sizes = self._sizes
        for size in self._compared:
            if watch.stop is not None and watch.stop():
                return Trained(None, {}, finished=False)
            begun = time.perf_counter()
            trials.append(learning.tried(self.folds, size, self.settings))
            self._report(watch, len(trials), begun, _told(trials[-1], self.settings.order))
        if watch.stop is not None and watch.stop():
            return Trained(None, {}, finished=False)
        begun = time.perf_counter()
        labels, size = None, 0
        if sizes:
            size = learning.best(trials) if trials else sizes[-1]
            table = learning.rows(self.lessons)
            labels = learning.sorted_into(table, size, self.settings.seed)
        low, high = learning.reach(self.solos)
        grammar = learning.grammar(self.lessons, labels, self.settings, (low, high))
        if self.as_played:
            grammar = _repeating(grammar)
        if self.held_out:
            if watch.tell is not None:
                watch.tell("Fitting the weights of the likelihood on the held-out solos ...")
            sharings = (0.0,) if self.whole_bars else fitting.SHARINGS
            stop = _ticking(watch, fitting.times(self.held_out, sharings))
            fitted = fitting.fitted(grammar, self.held_out, self.spread, sharings, stop)
            if fitted is None:
                return Trained(None, {}, finished=False)
            grammar = replace(grammar, parameters=(*grammar.parameters, *fitted))
        summary = counted(len(grammar.rules), "rule") + (
            f", {counted(size, 'cluster')}" if size else ""
        )
        heading = f"{learning.HEADING}{summary}.\n{self.description}."
        text = writing.dumps(grammar, heading).encode()
        self._report(watch, self.epochs, begun, f"learnt: {summary}")
        content = file.ModelFile(
            kind=self.kind,
            config={},
            vocabulary=(),
            weights={playing.TEXT: np.frombuffer(text, np.uint8)},
            corpus=_fingerprint(self.solos),
            training={
                **asdict(self.settings),
                "solos": len(self.lessons),
                "trials": [asdict(trial) for trial in trials],
            },
            versions={"sideman": VERSION, "numpy": np.__version__},
        )
        return Trained(content, {}, finished=True, summary=summary)

    def _report(self, watch: Watch, step: int, begun: float, text: str) -> None:
        if watch.report is not None:
            took = time.perf_counter() - begun
            watch.report(Progress(step, self.epochs, 0.0, self._windows, took, text=text))


def _ticking(watch: Watch, times: int) -> Callable[[], bool]:
    """Return the function of a watch that says whether to stop; it is called so many times."""
    done = itertools.count()

    def stop() -> bool:
        if watch.tick is not None:
            watch.tick("Fitting", next(done), times)
        return watch.stop is not None and watch.stop()

    return stop


def _told(trial: Trial, order: int | None) -> str:
    # The number of clusters is chosen by chains of order 2; order 1 is that of the shares.
    further = f", {trial.ordered:.3f} by those of order {order}" if (order or 1) > 2 else ""
    return (
        f"{counted(trial.clusters, 'cluster'):>11}: held-out solos have {trial.shares:.3f} nats a "
        f"window by shares, {trial.chained:.3f} by chains of order 2{further}"
    )


def prepare(given: Given, kind: str, chained: bool) -> GrammarPlan:
    """Return the plan for some files; for the études of the package where there are none.

    Parameters
    ----------
    given : Given
        Files and settings.
    kind : str
        The kind of model.
    chained : bool
        Whether clusters follow each other in chains.
    """
    names = ("window", "per_cluster", "clusters", "order", "form", "seed")
    settings = Settings(**{**given.settings(*names), **({} if chained else {"order": None})})
    learnt, held_out = _read(given)
    by = ""
    if given.whole_bars and not held_out:
        raise MusicError(
            "The likelihood of whole bars is fitted to held-out solos; give a split with some.",
            field="split",
        )
    if given.player is not None:
        players = sorted({one.solo.performer for one in learnt if one.solo.performer})
        player = nearest(given.player, players, "these files have")
        learnt = [one for one in learnt if one.solo.performer == player]
        by = f" by {player}"
    usable = [one for one in learnt if learning.fits(one.solo, settings.window)]
    if not usable:
        raise _unfilled(learnt, settings.window)
    solos = _cleaned(usable, given)
    lessons = _lessons(usable, solos, settings.window, given)
    scored: tuple[Events, ...] = ()
    if held_out is None:
        folds = _tenths(usable, lessons)
    else:
        others = [one for one in held_out if learning.fits(one.solo, settings.window)]
        tested = _lessons(others, _cleaned(others, given), settings.window, given)
        scored = tuple(one.events for one in others)
        if held_out:
            _check_held_out(tested if chained else None, scored, given, settings.window)
        folds = (Fold(lessons, tested),) if tested else ()
    count = sum(len(lesson.windows) for lesson in lessons)
    if settings.clusters is not None and settings.clusters > count:
        raise MusicError(
            f"{settings.clusters:,} clusters of {count:,} windows cannot be made; ask for 1 to "
            f"{count:,}, or give more solos.",
            field="clusters",
        )
    left = len(learnt) - len(usable)
    many = counted(len(lessons), "solo")
    description = (
        f"{many}{by}, {counted(count, 'window')} of {counted(settings.window, 'quarter')}"
        + (f"; {left} left out, whose bars they do not fill" if left else "")
    )
    return GrammarPlan(
        kind,
        settings,
        solos,
        lessons,
        folds,
        description,
        scored,
        _spread(usable, solos) if scored and not given.as_played else (1.0,),
        bool(given.as_played),
        bool(given.whole_bars),
    )


def _check_held_out(
    tested: Sequence[Lesson] | None, scored: Sequence[Events], given: Given, window: int
) -> None:
    """Raise a MusicError if held-out solos are too short to compare clusters or to fit weights."""
    lacks = ""
    if not scored:
        lacks = f"bars that windows of {counted(window, 'quarter')} fill"
    elif all(len(events) < 2 for events in scored):
        lacks = "two notes, and the likelihood is fitted to each note after the first"
    elif tested is not None and all(len(lesson.windows) < 2 for lesson in tested):
        lacks = "two windows, and numbers of clusters are compared by which follows which"
    if lacks:
        name = given.split.name if given.split else "the split"
        raise MusicError(
            f"{name}: no solo of its part 'valid' has {lacks}; name others, or leave it empty.",
            field="split",
        )


def _spread(found: Iterable[Found], solos: Iterable[Solo]) -> tuple[float, ...]:
    """Return the spread of the onsets of solos around those of the same solos cleaned."""
    return fitting.spread_of(
        [[note.onset for note in one.solo.notes] for one in found],
        [[note.onset for note in solo.notes] for solo in solos],
    )


def _repeating(grammar: Grammar) -> Grammar:
    """Return a grammar that plays equal pitches in a row one by one."""
    kept = [one for one in grammar.parameters if one[0] != "avoid-repeats"]
    return replace(grammar, parameters=(*kept, ("avoid-repeats", ("false",))))


def _read(given: Given) -> tuple[list[Found], list[Found] | None]:
    """Return the solos to learn from, and those that a split holds out; None without a split."""
    documents = list(opening.documents(given.files))
    if not documents:
        given.check_no_data()
        return [Found(name, etudes.load(name)) for name in etudes.names()], None
    if given.split is None:
        return _chorded(loading.choose(documents).items, given), None
    train, valid = (
        loading.part_of(given.split.data, given.split.name, part) for part in ("train", "valid")
    )
    items = loading.choose(documents, train | valid).items
    learnt, held_out = (
        _chorded([item for item in items if item.name in part], given) for part in (train, valid)
    )
    for part, names, found in (("train", train, learnt), ("valid", valid, held_out)):
        if not found and (names or part == "train"):
            raise MusicError(
                f"{given.split.name}: none of the solos in its part {part!r} is in the files, with "
                "notes; name the files that hold them.",
                field="split",
            )
    return learnt, held_out


def _unfilled(found: Sequence[Found], window: int) -> MusicError:
    """Return the error for solos whose bars no window fills; it names the nearest that would."""
    sizes = range(1, learning.LONGEST_WINDOW + 1)
    fits = [size for size in sizes if any(learning.fits(one.solo, size) for one in found)]
    # Of two as near the longer one.
    advised = min(fits, key=lambda size: (abs(size - window), -size), default=0)
    advice = f"give a window of {advised}." if advised else "name solos of other meters."
    return MusicError(
        f"No solo has bars that windows of {counted(window, 'quarter')} fill; {advice}",
        field="window",
    )


def _chorded(items: Sequence[loading.Item], given: Given) -> list[Found]:
    """Return the solos that have notes and chords."""
    solos = [
        Found(item.name, item.solo, item if item.common_time else None)
        for item in items
        if item.length
    ]
    if given.changes is not None:
        solos = [Found(one.name, over(one.solo, given.changes)) for one in solos]
    if given.as_played:
        solos = [one.as_played() for one in solos]
    found = [one for one in solos if one.solo.notes and one.solo.changes and one.solo.changes.spans]
    if solos and not found:
        raise MusicError(
            "None of the solos has chords, and learning needs them; give the changes.",
            field="changes",
        )
    return found


def _tenths(found: Sequence[Found], lessons: Sequence[Lesson]) -> tuple[Fold, ...]:
    """Return folds that hold out one tune in ten each, by a hash of the title.

    There are as few as hold out :data:`ENOUGH` windows, none where all solos are of one tune.
    """
    tenths = [zlib.crc32(_tune(one).encode()) % _TENTHS for one in found]
    folds: list[Fold] = []
    windows_ = 0
    for tenth in range(_TENTHS):
        held_out = tuple(each for each, own in zip(lessons, tenths, strict=True) if own == tenth)
        learnt = tuple(each for each, own in zip(lessons, tenths, strict=True) if own != tenth)
        # A single window follows none, and says nothing about chains.
        compares = any(len(each.windows) > 1 for each in held_out)
        if compares and learnt and windows_ < ENOUGH:
            folds.append(Fold(learnt, held_out))
            windows_ += sum(len(each.windows) for each in held_out)
    return tuple(folds)


def _tune(one: Found) -> str:
    return _TAKE.sub("", one.solo.title or one.name)


def _cleaned(found: Iterable[Found], given: Given) -> tuple[Solo, ...]:
    if given.as_played:
        return tuple(one.solo for one in found)
    return tuple(cleaning.cleaned(one.solo) for one in found)


def _lessons(
    found: Sequence[Found], solos: Sequence[Solo], window: int, given: Given
) -> tuple[Lesson, ...]:
    def of(solo: Solo, index: int) -> Iterable[Window]:
        found = windows(solo, beats=window, slide=window, index=index)
        # As played, a note that is tied into a window ends before it: its onset is not there.
        return map(untied, found) if given.as_played else found

    return tuple(
        Lesson(learning.title(solo, one.name), tuple(of(solo, index)))
        for index, (one, solo) in enumerate(zip(found, solos, strict=True))
    )


def _fingerprint(solos: Iterable[Solo]) -> str:
    """Return the SHA-256 of onsets, lengths and pitches."""
    digest = hashlib.sha256()
    for solo in solos:
        values = [(note.onset, note.duration, note.pitch) for note in solo.notes]
        digest.update(np.array(values, dtype="<i8").tobytes())
    return digest.hexdigest()
