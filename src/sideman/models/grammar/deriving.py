"""The derivation of a solo's terminals from a grammar, one choice of a rule after the other.

A stack is worked off from left to right: a terminal takes its time and is cut at the end; a call is
rewritten by one of the rules that :class:`~sideman.models.grammar.productions.Productions` offers.
When the stack is empty before the end, the start symbol is called again with the slots that are
left.
"""

from __future__ import annotations

import copy
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, NoReturn

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from sideman.errors import MusicError
from sideman.models.grammar import tones
from sideman.models.grammar.productions import (
    Argument,
    Binding,
    Call,
    Fill,
    Item,
    Options,
    Place,
    Production,
    Productions,
    Share,
    Switch,
    Work,
    evaluated,
    value,
)
from sideman.models.grammar.rules import Rule
from sideman.models.grammar.terminals import SLOTS_PER_QUARTER, SLOTS_PER_TICK, Terminal
from sideman.models.harmony import bricks
from sideman.score import Changes
from sideman.theory.chord import Chord

Array = NDArray[np.float32]
Region = tuple[int, int]

MOST_SILENT = 10_000
"""The largest number of rules in a row without a terminal."""
_RULES, _RULES_PER_QUARTER = 20_000, 64
_TRIED, _TRIED_PER_QUARTER = 500_000, 5_000
_ROUNDS = 20
_LONG_CHORUS_BARS = 12


@dataclass(frozen=True, slots=True)
class Step:
    """One application of a rule: `parent` is the index of the step whose right-hand side called it.

    `slot` is where it was applied, `probability` its share among the rules that were applicable,
    before any temperature.  The parent of a start symbol is -1.
    """

    rule: Rule
    parent: int
    slot: int
    probability: float


@dataclass(frozen=True, slots=True)
class Placed:
    """A terminal in its place, its length cut at the end of what is filled; `step` gave it."""

    terminal: Terminal
    slot: int
    slots: int
    step: int


class Form:
    """Chords, families and bricks of changes by the slot."""

    def __init__(self, changes: Changes) -> None:
        self.end = changes.length * SLOTS_PER_TICK
        self._starts: list[int] = []
        self.chords: list[Chord | None] = []
        """The chord of each span, None for N.C."""
        self._rooted: list[Chord | None] = []
        self._families: list[str] = []
        rooted = next((one.chord for one in changes.spans if not one.chord.is_no_chord), None)
        for span in changes.spans:
            silent = span.chord.is_no_chord
            rooted = rooted if silent else span.chord
            self._starts.append(span.onset * SLOTS_PER_TICK)
            self.chords.append(None if silent else span.chord)
            self._rooted.append(rooted)
            self._families.append(tones.family(rooted))
        self.most = _most(changes)
        """The slots that one rule may supply; 0 for any number."""
        self._plain = {name: Place(name, most=self.most) for name in self._families}
        found: dict[int, set[tuple[str, int]]] = {}
        for brick in bricks.recognize(changes):
            length = (brick.end - brick.onset) * SLOTS_PER_TICK
            found.setdefault(brick.onset * SLOTS_PER_TICK, set()).add((brick.name, length))
        self._places = {
            slot: Place(self._families[self.span(slot)], frozenset(named), self.most)
            for slot, named in found.items()
        }

    def span(self, slot: int) -> int:
        """Return the index of the span at a slot; before the first chord, of the first."""
        return max(0, bisect_right(self._starts, slot) - 1)

    def rooted(self, slot: int) -> Chord | None:
        """Return the chord that sounds or, under N.C., the one before."""
        return self._rooted[self.span(slot)]

    def place(self, slot: int) -> Place:
        """Return the :class:`Place` of a slot."""
        return self._places.get(slot) or self._plain[self._families[self.span(slot)]]


def _most(changes: Changes) -> int:
    """Return a third of the shortest chorus of at least twelve bars, in slots; 0 without one."""
    first = [0, *(bar for bar in changes.chorus_starts if 0 < bar < len(changes.bars))]
    ends = [*first[1:], len(changes.bars)]
    starts = changes.bar_starts
    long = [
        starts[end] - starts[begin]
        for begin, end in zip(first, ends, strict=True)
        if end - begin >= _LONG_CHORUS_BARS
    ]
    return min(long) * SLOTS_PER_TICK // 3 if long else 0


class _Frame(NamedTuple):
    """A right-hand side from one of its items on, and the stack below."""

    items: Sequence[Item]
    at: int
    binding: Binding
    step: int
    below: _Frame | _Filling | None


class _Filling(NamedTuple):
    """Items that are derived again and again until `end`; `silent` rounds in a row gave nothing."""

    items: Sequence[Item]
    binding: Binding
    step: int
    end: int
    outer: int
    last: int
    silent: int
    below: _Frame | _Filling | None


class _Waiting(NamedTuple):
    """The choice that is open: the rules, the step that asks, and whether the rule is shared."""

    options: Options
    step: int
    key: tuple[str, tuple[Argument, ...]] | None


class Derivation:
    """A derivation while it is made (:class:`sideman.models.protocol.Decisions`).

    A choice is a rule among those that may rewrite a call, its logit the logarithm of its
    probability; a rule without an alternative is applied without a choice.  Each of `regions`, in
    slots, is filled by itself.  A MusicError says where a grammar gives nothing or does not end.
    """

    def __init__(
        self, productions: Productions, form: Form, regions: Sequence[Region], name: str
    ) -> None:
        self._productions, self._form, self._name = productions, form, name
        self._regions = tuple(region for region in regions if region[1] > region[0])
        self._region = -1
        self._now = self._limit = 0
        self._stack: _Frame | _Filling | None = None
        self._shared: dict[tuple[str, tuple[Argument, ...]], tuple[Production, Binding]] = {}
        self._rounds = self._silent = 0
        self._round_slot = -1
        quarters = sum(end - begin for begin, end in self._regions) / SLOTS_PER_QUARTER
        self._most = int(_RULES + _RULES_PER_QUARTER * quarters)
        self._work, self._most_tried = Work(), int(_TRIED + _TRIED_PER_QUARTER * quarters)
        self._waiting: _Waiting | None = None
        self.steps: list[Step] = []
        """Every application of a rule, in order."""
        self.placed: list[Placed] = []
        """The terminals, in order of time."""
        self.done = False
        """Whether every region is filled."""
        self._settle()

    def options(self) -> tuple[Array, Array]:
        """Return the logits of the applicable rules, and a mask under which all are legal."""
        assert self._waiting is not None
        return self._waiting.options.logits, self._waiting.options.mask

    @property
    def applicable(self) -> Options:
        """The rules among which the next choice is."""
        assert self._waiting is not None
        return self._waiting.options

    def choose(self, index: int, rng: Generator) -> None:
        """Apply a rule, and whatever follows without a choice."""
        waiting, self._waiting = self._waiting, None
        assert waiting is not None
        self._apply(waiting, index)
        self._settle()

    def branch(self) -> Derivation:
        """Return a copy that goes on independently; the grammar and what is cached are shared."""
        other = copy.copy(self)
        other.steps, other.placed = list(self.steps), list(self.placed)
        other._shared = dict(self._shared)
        other._work = self._work.copy()
        return other

    def _apply(self, waiting: _Waiting, index: int) -> None:
        options = waiting.options
        one, binding = options.productions[index], options.bindings[index]
        if waiting.key is not None:
            self._shared[waiting.key] = one, binding
        self._push(one, binding, waiting.step, options.probabilities[index])

    def _push(self, one: Production, binding: Binding, parent: int, probability: float) -> None:
        self.steps.append(Step(one.rule, parent, self._now, probability))
        self._silent += 1
        if self._work.tried > self._most_tried:
            raise MusicError(
                f"{self._name}: {self._work.tried:,} rules were compared, and the solo is not "
                f"filled; give {one.rule.name} and the symbols in its rules fewer rules.",
                field="model",
            )
        if len(self.steps) > self._most or self._silent > MOST_SILENT:
            self._endless(one.rule)
        if one.items:
            self._stack = _Frame(one.items, 0, binding, len(self.steps) - 1, self._stack)

    def _endless(self, rule: Rule) -> NoReturn:
        raise MusicError(
            f"{self._name}: {len(self.steps):,} rules were applied, the last one of {rule.name} "
            f"(line {rule.line}), and the solo is not filled; give {rule.name} a rule that leads "
            "to notes or rests.",
            field="model",
        )

    def _settle(self) -> None:
        """Work off the stack up to the next choice, or to the end."""
        while self._waiting is None:
            if self._now >= self._limit:
                if self._leave():
                    return
                continue
            frame = self._stack
            if frame is None:
                self._start()
            elif isinstance(frame, _Filling):
                self._refill(frame)
            else:
                at = frame.at + 1
                # A last item leaves nothing behind: recursion at the end does not deepen the stack.
                self._stack = frame.below if at == len(frame.items) else frame._replace(at=at)
                self._take(frame.items[frame.at], frame.binding, frame.step)

    def _leave(self) -> bool:
        """Leave what is full: a `fill`, or a region; return whether all are full."""
        frame = self._stack
        while frame is not None:
            if isinstance(frame, _Filling):
                self._end_filling(frame)
                return False
            frame = frame.below
        self._stack = None
        self._region += 1
        if self._region == len(self._regions):
            self.done = True
            return True
        self._now, self._limit = self._regions[self._region]
        self._shared = {}
        self._rounds, self._round_slot = 0, -1
        return False

    def _start(self) -> None:
        """Call the start symbol with the slots that are left."""
        self._rounds = self._rounds + 1 if self._now == self._round_slot else 0
        self._round_slot = self._now
        if self._rounds >= _ROUNDS:
            raise MusicError(
                f"{self._name}: {_ROUNDS} derivations from {self._productions.grammar.start} gave "
                "no note and no rest; give it a rule that leads to some.",
                field="model",
            )
        self._call(self._productions.grammar.start, (self._limit - self._now,), -1)

    def _take(self, item: Item, binding: Binding, step: int) -> None:
        match item:
            case Call():
                arguments = evaluated(item.arguments, binding)
                if arguments is not None:
                    self._call(item.name, arguments, step)
            case Share():
                self._share(item, binding, step)
            case Fill():
                beats = value(item.beats, binding)
                length = 0 if beats is None or isinstance(beats, str) else beats * SLOTS_PER_QUARTER
                end = min(self._now + int(length), self._limit)
                if end > self._now and item.items:
                    self._stack = _Filling(
                        item.items, binding, step, end, self._limit, -1, 0, self._stack
                    )
                    self._limit = end
            case Switch():
                if chosen := self._productions.resolve(item):
                    self._stack = _Frame(chosen, 0, binding, step, self._stack)
            case _:
                length = min(item.slots, self._limit - self._now)
                self.placed.append(Placed(item, self._now, length, step))
                self._now += length
                self._silent = 0

    def _call(
        self,
        name: str,
        arguments: tuple[Argument, ...],
        step: int,
        key: tuple[str, tuple[Argument, ...]] | None = None,
    ) -> None:
        place = self._form.place(self._now)
        left = self._limit - self._now
        options = self._productions.options(name, arguments, place, left, self._work)
        if options is None:
            return
        waiting = _Waiting(options, step, key)
        if len(options.productions) == 1:
            self._apply(waiting, 0)
        else:
            self._waiting = waiting

    def _share(self, item: Share, binding: Binding, step: int) -> None:
        arguments = evaluated(item.call.arguments, binding)
        if arguments is None:
            return
        key = item.call.name, arguments
        known = self._shared.get(key)
        if known is None:
            self._call(*key, step, None if item.forget else key)
            return
        if item.forget:
            del self._shared[key]
        self._push(*known, step, 1.0)

    def _refill(self, frame: _Filling) -> None:
        """Derive the items of a `fill` once more, unless many rounds gave nothing."""
        silent = frame.silent + 1 if self._now == frame.last else 0
        if silent >= _ROUNDS:
            self._end_filling(frame)
            return
        self._stack = frame._replace(last=self._now, silent=silent)
        self._stack = _Frame(frame.items, 0, frame.binding, frame.step, self._stack)

    def _end_filling(self, frame: _Filling) -> None:
        self._stack, self._limit, self._shared = frame.below, frame.outer, {}
