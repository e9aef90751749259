"""The most probable derivation of a given solo, and the notes that it does not explain.

A Viterbi search over the stack of a derivation (:mod:`~sideman.models.grammar.deriving`): of all
ways to reach a stack at a slot only the best is kept, and at each slot a limited number of stacks.
Terminals are scored by :mod:`~sideman.models.grammar.matching`; what does not fit has a cost, so
that every solo is parsed.  A pitch that is carried to the next terminal stands on the stack.
A ``share`` is taken for a plain call.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import log
from typing import NamedTuple

import numpy as np

from sideman.errors import MusicError
from sideman.models.grammar import tones
from sideman.models.grammar.deriving import Placed, Step
from sideman.models.grammar.matching import UNEXPECTED, Array, Fitted, Matcher, Rows
from sideman.models.grammar.productions import (
    Argument,
    Binding,
    Call,
    Fill,
    Item,
    Options,
    Production,
    Productions,
    Share,
    Switch,
    evaluated,
    value,
)
from sideman.models.grammar.terminals import SLOTS_PER_QUARTER, Terminal, Tone
from sideman.score import Changes, Note

BEAM = 150
"""The stacks that are kept at each slot."""
_MOST_RULES = 20 * BEAM
_RULES_PER_QUARTER, _SPARE_QUARTERS = 500, 8
"""The most stacks that are rewritten at a slot; the mean for a quarter up to there, beyond which
only the :data:`BEAM` best are; the quarters by which a dense place may exceed that mean.
Left-recursive rules lead to ever deeper stacks at a slot; others need some 300 for a quarter."""
_MANY = 8
"""The least number of rules in a group that are ordered by the most that they can score."""
_COMPARED, _COMPARED_PER_QUARTER = 100_000, 7_000
"""The most rules that are compared with the notes: at first, and more for each quarter.  One learnt
from all solos of the Weimar Jazz Database compares 6,000 for a quarter."""


@dataclass(frozen=True)
class Parse:
    """The derivation, the notes in order of time, and the score in nats."""

    score: float
    steps: tuple[Step, ...]
    placed: tuple[Placed, ...]
    fitted: tuple[Fitted, ...]


class _Repeat(NamedTuple):
    """Items that are derived again and again, for a length or until a slot."""

    items: tuple[_Concrete, ...]
    length: int = 0
    until: int = -1


class _Carried(NamedTuple):
    """The pitch before approach tones that lead to the terminal below on the stack."""

    pitch: int


class _Choice(NamedTuple):
    """A rule that was applied, None where none could be, and the choice before."""

    production: Production | None
    binding: Binding
    probability: float
    before: _Choice | None


_Concrete = Terminal | Call | _Repeat | _Carried
_Arrival = tuple[float, int, "_Choice | None"]  # score, stack, last choice


def parse(
    notes: Sequence[Note],
    changes: Changes,
    productions: Productions,
    *,
    colours: str = tones.HOUSE,
    name: str = "the grammar",
    report: Callable[[float], object] = lambda _: None,
) -> Parse:
    """Return the most probable derivation of some notes, in order of time, over changes.

    `report` gets the share of the solo that is parsed, from 0 to 1.
    """
    if not productions.productive:
        raise MusicError(
            f"{name}: no rule leads from {productions.grammar.start} to a note or a rest, so it "
            "explains no solo; give another grammar.",
            field="model",
        )
    matcher = Matcher(notes, changes, productions.grammar, colours)
    search = _Search(productions, matcher, name)
    score, last = search.best(report)
    return _replayed(score, last, search, matcher)


class _Way(NamedTuple):
    """A way to rewrite a call: its score, the items left after its first terminals, the slot."""

    score: float
    left: tuple[int, ...]
    slot: int
    made: tuple[Production | None, Binding, float]


@dataclass(frozen=True, eq=False)
class _Rewritings:
    """The rules that may rewrite a call, whatever the slot.

    Parameters
    ----------
    made : tuple
        Each rule with its variables and its probability.
    shares : array, shape (rules,)
        The logarithms of the probabilities.
    runs : tuple of tuple of int
        The terminals with which the right-hand sides begin, as numbers of items.
    lengths : tuple of int
        The slots of these terminals.
    rows : Rows or None
        The terminals as arrays; None where no group has many rules.
    groups : tuple
        The indices of the rules that leave the same items after terminals of the same length: what
        they leave, the length, the indices.  Of a group only the best rule counts, unless the
        length is -1: rules that may leave different pitches to be carried on.
    """

    made: tuple[tuple[Production, Binding, float], ...]
    shares: Array
    runs: tuple[tuple[int, ...], ...]
    lengths: tuple[int, ...]
    rows: Rows | None
    groups: tuple[tuple[tuple[int, ...], int, list[int]], ...]


class _Search:
    """The search: stacks by slot, each with its score and the choices that lead to it.

    Items and stacks have numbers; a stack is its top item and the number of the stack below, -1 for
    an empty one.
    """

    def __init__(self, productions: Productions, matcher: Matcher, name: str) -> None:
        self.productions = productions
        self._name = name
        self.matcher = matcher
        self.items: list[_Concrete] = []
        self._slots: list[int] = []
        self._item_numbers: dict[_Concrete, int] = {}
        self._cells: list[tuple[int, int]] = []
        self._cell_numbers: dict[tuple[int, int], int] = {}
        self._made: dict[object, tuple[int, ...]] = {}
        self._rewritings_of: dict[Options, _Rewritings] = {}
        self._ways: dict[tuple[int, int, int | None], list[_Way]] = {}
        self._scores: dict[tuple[int, int, int | None], tuple[float, int | None]] = {}
        self._rewrites = self._compared = 0

    def best(self, report: Callable[[float], object]) -> tuple[float, _Choice | None]:
        """Return the score and the last choice of the best derivation."""
        open_: dict[int, dict[int, _Arrival]] = {0: {-1: (0.0, -1, None)}}
        ended: _Arrival | None = None
        slots = [0]
        while slots:
            slot = heapq.heappop(slots)
            report(slot / self.matcher.end)
            arrivals = heapq.nlargest(BEAM, open_.pop(slot).values(), key=lambda one: one[0])
            if slot >= self.matcher.end:
                ended = arrivals[0]
                continue
            for then, arrival in self._onward(slot, arrivals):
                if then not in open_:
                    open_[then] = {}
                    heapq.heappush(slots, then)
                known = open_[then].get(arrival[1])
                if known is None or arrival[0] > known[0]:
                    open_[then][arrival[1]] = arrival
            self._ways.clear()
            self._scores.clear()
            self.matcher.forget()
        if ended is None:
            raise MusicError(
                f"{self._name}: its rules do not end, so it explains no solo; give another "
                "grammar.",
                field="model",
            )
        return ended[0], ended[2]

    def _onward(self, slot: int, arrivals: Sequence[_Arrival]) -> Iterator[tuple[int, _Arrival]]:
        """Yield what stacks at a slot lead to at later slots, the best stacks first."""
        best = {stack: score for score, stack, _ in arrivals}
        heap = [(-score, at, stack, last) for at, (score, stack, last) in enumerate(arrivals)]
        heapq.heapify(heap)
        order = len(heap)
        mean = _RULES_PER_QUARTER * (slot // SLOTS_PER_QUARTER + _SPARE_QUARTERS)
        most = self._rewrites + min(max(mean - self._rewrites, BEAM), _MOST_RULES)
        while heap and self._rewrites < most:
            self._rewrites += 1
            negative, _, stack, choice = heapq.heappop(heap)
            if best[stack] > -negative:
                continue
            call, below, carried = self._top(stack, slot)
            for way in self._rewritten(call, slot, carried):
                score, ahead, then = self._advanced(self._pushed(way.left, below), way.slot)
                total = score + way.score - negative
                if then > slot:
                    yield then, (total, ahead, _Choice(*way.made, choice))
                elif total > best.get(ahead, float("-inf")):
                    best[ahead] = total
                    order += 1
                    heapq.heappush(heap, (-total, order, ahead, _Choice(*way.made, choice)))

    def _rewritten(self, number: int, slot: int, carried: int | None) -> list[_Way]:
        """Return the ways to rewrite a call, of those that leave the same items the best."""
        key = number, slot, carried
        if key not in self._ways:
            call = self.items[number]
            assert isinstance(call, Call)
            self._ways[key] = self._found(call, slot, carried)
        return self._ways[key]

    def _found(self, call: Call, slot: int, carried: int | None) -> list[_Way]:
        options = self.productions.options(
            call.name, _values(call), self.matcher.form.place(slot), self.matcher.end - slot
        )
        if options is None:
            return [_Way(0.0, self._carrying(carried, ()), slot, (None, {}, 1.0))]
        self._compared += len(options.productions)
        if self._compared > _COMPARED + _COMPARED_PER_QUARTER * (slot // SLOTS_PER_QUARTER):
            raise MusicError(
                f"{self._name}: {self._compared:,} rules were compared with the notes up to beat "
                f"{slot // SLOTS_PER_QUARTER + 1} of the solo; give a shorter solo, or give "
                f"{call.name} fewer rules.",
                field="model",
            )
        found = self._rewritings_of.get(options)
        if found is None:
            found = self._rewritings_of[options] = self._prepared(options)
        most = found.shares
        if found.rows is not None:
            most = most + self.matcher.most(found.rows, slot, carried=carried is not None)
        bounds = most.tolist()
        best: dict[tuple[tuple[int, ...], int], _Way] = {}
        for left, length, rules in found.groups:
            reached = float("-inf")
            for at in sorted(rules, key=lambda rule: -bounds[rule]):
                if length >= 0 and bounds[at] <= reached:
                    break
                worth, onward = self._worth(found.runs[at], slot, carried)
                score = log(found.made[at][2]) + worth
                then = min(slot + found.lengths[at], self.matcher.end)
                key = self._carrying(onward, left), then
                known = best.get(key)
                if known is None or known.score < score:
                    best[key] = _Way(score, *key, found.made[at])
                reached = max(reached, score)
        return list(best.values())

    def _prepared(self, options: Options) -> _Rewritings:
        """Return some options with their terminals, and their groups."""
        made = tuple(zip(options.productions, options.bindings, options.probabilities, strict=True))
        runs: list[tuple[int, ...]] = []
        lengths: list[int] = []
        groups: dict[tuple[tuple[int, ...], int], list[int]] = {}
        for at, (production, binding, _) in enumerate(made):
            run, left = self._divided(self.concrete(production, binding))
            runs.append(run)
            lengths.append(sum(self._slots[each] for each in run))
            open_ = bool(run) and carries(self._terminal(run[-1]))
            groups.setdefault((left, -1 if open_ else lengths[-1]), []).append(at)
        rows = None
        if max(map(len, groups.values())) >= _MANY:
            rows = self.matcher.rows([[self._terminal(each) for each in run] for run in runs])
        shares = np.log(np.array(options.probabilities))
        grouped = tuple((*key, rules) for key, rules in groups.items())
        return _Rewritings(made, shares, tuple(runs), tuple(lengths), rows, grouped)

    def _carrying(self, pitch: int | None, items: tuple[int, ...]) -> tuple[int, ...]:
        """Return items to be put on a stack, below a pitch that is carried on, if any."""
        return items if pitch is None else (self._number(_Carried(pitch)), *items)

    def _divided(self, items: tuple[int, ...]) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Return the terminals with which some items begin, and the others."""
        first = next(
            (at for at, each in enumerate(items) if isinstance(self.items[each], Call | _Repeat)),
            len(items),
        )
        return items[:first], items[first:]

    def _terminal(self, number: int) -> Terminal:
        item = self.items[number]
        assert not isinstance(item, Call | _Repeat | _Carried)
        return item

    def _worth(
        self, run: Iterable[int], slot: int, carried: int | None
    ) -> tuple[float, int | None]:
        """Return the score of terminals in a row, and the pitch that is carried on."""
        total = 0.0
        for each in run:
            if slot >= self.matcher.end:
                break
            key = each, slot, carried
            found = self._scores.get(key)
            if found is None:
                found = self._scores[key] = self.matcher.score(self._terminal(each), slot, carried)
            total += found[0]
            carried = found[1]
            slot += self._slots[each]
        return total, carried

    def _top(self, stack: int, slot: int) -> tuple[int, int, int | None]:
        """Return the call on top of a stack, the stack below it, and the pitch carried to it."""
        carried = None
        if stack >= 0 and isinstance(item := self.items[self._cells[stack][0]], _Carried):
            carried, stack = item.pitch, self._cells[stack][1]
        if stack < 0:
            start = Call(self.productions.grammar.start, (self.matcher.end - slot,))
            return self._number(start), -1, carried
        return *self._cells[stack], carried

    def _advanced(self, stack: int, slot: int) -> tuple[float, int, int]:
        """Match the terminals on top; return the score, the stack that is left and its slot."""
        total, end = 0.0, self.matcher.end
        carried: int | None = None
        while stack >= 0 and slot < end:
            number, below = self._cells[stack]
            item = self.items[number]
            if isinstance(item, Call):
                break
            if isinstance(item, _Carried):
                carried, stack = item.pitch, below
                continue
            if isinstance(item, _Repeat):
                stack = self._pushed([self._number(each) for each in repeated(item, slot)], below)
                continue
            score, carried = self._worth((number,), slot, carried)
            total += score
            slot, stack = slot + self._slots[number], below
        return total, self._pushed(self._carrying(carried, ()), stack), min(slot, end)

    def _pushed(self, items: Sequence[int], below: int) -> int:
        """Return the number of the stack that has some items on top of another stack."""
        for item in reversed(items):
            cell = item, below
            below = self._cell_numbers.setdefault(cell, len(self._cells))
            if below == len(self._cells):
                self._cells.append(cell)
        return below

    def _number(self, item: _Concrete) -> int:
        number = self._item_numbers.setdefault(item, len(self.items))
        if number == len(self.items):
            self.items.append(item)
            self._slots.append(0 if isinstance(item, Call | _Repeat | _Carried) else item.slots)
        return number

    def concrete(self, one: Production, binding: Binding) -> tuple[int, ...]:
        """Return the right-hand side of a rule without variables, as numbers of items."""
        key = one.index, tuple(binding.items())
        if key not in self._made:
            self._made[key] = tuple(map(self._number, self._concrete(one.items, binding)))
        return self._made[key]

    def _concrete(self, items: Iterable[Item], binding: Binding) -> Iterator[_Concrete]:
        for item in items:
            match item:
                case Call(name, arguments) | Share(Call(name, arguments)):
                    values = evaluated(arguments, binding)
                    if values is not None:
                        yield Call(name, values)
                case Fill(beats, inner):
                    length = value(beats, binding)
                    if length is not None and not isinstance(length, str):
                        made = tuple(self._concrete(inner, binding))
                        slots = int(length * SLOTS_PER_QUARTER)
                        if made and slots > 0:
                            yield _Repeat(made, slots)
                case Switch():
                    yield from self._concrete(self.productions.resolve(item), binding)
                case _:
                    yield item


def carries(terminal: Terminal) -> bool:
    """Return whether a terminal may lead to the next one: an approach tone outside slopes."""
    return isinstance(terminal, Tone) and terminal.kind == "A"


def _values(call: Call) -> tuple[Argument, ...]:
    return tuple(each for each in call.arguments if not isinstance(each, tuple))


def repeated(item: _Repeat, slot: int) -> tuple[_Concrete, ...]:
    """Return what a repetition is rewritten to at a slot."""
    until = slot + item.length if item.until < 0 else item.until
    return (*item.items, item._replace(until=until)) if slot < until else ()


def _replayed(score: float, last: _Choice | None, search: _Search, matcher: Matcher) -> Parse:
    """Return the derivation with its steps, by the choices of its rules from the last one back."""
    choices: list[_Choice] = []
    while last is not None:
        choices.append(last)
        last = last.before
    steps: list[Step] = []
    placed: list[Placed] = []
    fitted = [Fitted(index, misfit=UNEXPECTED) for index in range(matcher.begin(0))]
    stack: list[tuple[_Concrete, int]] = []
    slot, carried = 0, None
    while slot < matcher.end and (stack or choices):
        if not stack:
            stack.append((Call(search.productions.grammar.start), -1))
        item, parent = stack.pop()
        if isinstance(item, Call):
            made = choices.pop()
            if made.production is not None:
                steps.append(Step(made.production.rule, parent, slot, made.probability))
                numbers = search.concrete(made.production, made.binding)
                items = [search.items[each] for each in numbers]
                stack += [(each, len(steps) - 1) for each in reversed(items)]
        elif isinstance(item, _Repeat):
            stack += [(each, parent) for each in reversed(repeated(item, slot))]
        else:
            assert not isinstance(item, _Carried)
            one = Placed(item, slot, min(item.slots, matcher.end - slot), parent)
            found, carried = matcher.fitted(one, len(placed), carried)
            fitted += found
            placed.append(one)
            slot += item.slots
    fitted += [
        Fitted(index, misfit=UNEXPECTED)
        for index in range(matcher.begin(matcher.end), len(matcher.notes))
    ]
    return Parse(score, tuple(steps), tuple(placed), tuple(fitted))
