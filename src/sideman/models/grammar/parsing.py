"""The most probable derivation of a given solo, and the notes that it does not explain.

A Viterbi search over the stack of a derivation (:mod:`~sideman.models.grammar.deriving`): of all
ways to reach a stack at a slot only the best is kept, and at each slot a limited number of stacks.
A terminal is scored by the notes that begin in its time: the probability of each pitch, the one
before being that of the solo.  What does not fit has a cost in nats, so that every solo is parsed.
A ``share`` is taken for a plain call.
"""

from __future__ import annotations

import heapq
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import log
from typing import NamedTuple

from sideman.errors import MusicError
from sideman.models.grammar import tones
from sideman.models.grammar.deriving import Form, Placed, Step
from sideman.models.grammar.productions import (
    Argument,
    Binding,
    Call,
    Fill,
    Item,
    Production,
    Productions,
    Share,
    Switch,
    evaluated,
    value,
)
from sideman.models.grammar.terminals import (
    REST,
    SLOTS_PER_QUARTER,
    SLOTS_PER_TICK,
    Degree,
    Slope,
    Terminal,
    Tone,
    Triadic,
    tones_of,
)
from sideman.score import Changes, Note

BEAM = 150
"""The stacks that are kept at each slot."""
OUTSIDE, WRONG_KIND, WRONG_PITCH = "window", "kind", "pitch"
"""A pitch outside the window of a slope; one of another kind; both, or not what a degree says."""
UNEXPECTED, UNPLAYED = "unexpected", "unplayed"
"""A note where no terminal begins; a terminal without a note."""
_COSTS = {OUTSIDE: 4.0, WRONG_KIND: 5.0, WRONG_PITCH: 7.0, UNEXPECTED: 10.0, UNPLAYED: 8.0}
_LETTERS = {"C": tones.CHORD, "L": tones.COLOUR}
_LENGTH_COST, _MOST_LENGTH_COST = 0.02, 0.5  # nats a tick that a note ends early or late
_LATE = 2  # ticks that a note may begin late, where a terminal begins between two ticks
_MOST_RULES = 20 * BEAM
_RULES_PER_QUARTER, _SPARE_QUARTERS = 500, 8
"""The most stacks that are rewritten at a slot; the mean for a quarter up to there, beyond which
only the :data:`BEAM` best are; the quarters by which a dense place may exceed that mean.
Left-recursive rules lead to ever deeper stacks at a slot; others need some 300 for a quarter."""
_COMPARED, _COMPARED_PER_QUARTER = 100_000, 7_000
"""The most rules that are compared with the notes: at first, and more for each quarter.  One learnt
from all solos of the Weimar Jazz Database compares 6,000 for a quarter."""
_FORMS = {Slope: "slope", Tone: "free", Degree: "degree", Triadic: "triad"}
_ANY = 1 / 24  # of a triad's tones, over an octave each way


@dataclass(frozen=True, slots=True)
class Fitted:
    """A note of the solo, or a terminal without one, and what explains it.

    Parameters
    ----------
    note : int
        The index of the note; -1 for a terminal that is not played.
    slot : int
        The begin of the tone.
    placed, tone : int
        The index of the terminal, and of the tone within it; -1 for a note that nothing explains.
    kind : str
        A kind of tone, or a scale degree.
    window : (int, int) or None
        The lowest and the highest pitch within a slope.
    probability : float
        The probability of the pitch, given the terminal.
    misfit : str
        The misfit, such as `OUTSIDE`; empty for none.
    """

    note: int
    slot: int = 0
    placed: int = -1
    tone: int = -1
    kind: str = ""
    window: tuple[int, int] | None = None
    probability: float = 0.0
    misfit: str = ""


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


class _Choice(NamedTuple):
    """A rule that was applied, None where none could be, and the choice before."""

    production: Production | None
    binding: Binding
    probability: float
    before: _Choice | None


_Concrete = Terminal | Call | _Repeat
_Arrival = tuple[float, int, "_Choice | None"]  # score, stack, last choice


def parse(
    notes: Sequence[Note],
    changes: Changes,
    productions: Productions,
    *,
    colours: str = tones.HOUSE,
    name: str = "the grammar",
) -> Parse:
    """Return the most probable derivation of some notes, in order of time, over changes."""
    if not productions.productive:
        raise MusicError(
            f"{name}: no rule leads from {productions.grammar.start} to a note or a rest, so it "
            "explains no solo; give another grammar.",
            field="model",
        )
    matcher = _Matcher(notes, changes, productions, colours)
    search = _Search(productions, matcher, name)
    score, last = search.best()
    return _replayed(score, last, search, matcher)


class _Tone(NamedTuple):
    """A tone of a terminal in its place: `low` and `high` are a slope's bounds."""

    at: int
    slot: int
    end: int
    kind: str
    form: str
    low: int = 0
    high: int = 0


def _tones(terminal: Terminal, slot: int, limit: int) -> Iterator[_Tone]:
    """Yield the tones of a terminal, rests included, cut at a slot."""
    form = _FORMS[type(terminal)]
    low, high = (terminal.low, terminal.high) if isinstance(terminal, Slope) else (0, 0)
    for at, begin, end, kind in tones_of(terminal, slot, min(slot + terminal.slots, limit)):
        yield _Tone(at, begin, end, kind, form, low, high)


class _Matcher:
    """The comparison of terminals with the notes that begin in their time."""

    def __init__(
        self, notes: Sequence[Note], changes: Changes, productions: Productions, colours: str
    ) -> None:
        self.notes = notes
        self.form = Form(changes)
        self.end = self.form.end
        self._onsets = [note.onset for note in notes]
        self._parameters = tones.Parameters.of(productions.grammar)
        pitches = [note.pitch for note in notes]
        self._reach = (
            min([self._parameters.low, *pitches]),
            max([self._parameters.high, *pitches]),
        )
        self._colours = colours
        ticks = max([changes.length, *(note.end for note in notes)]) + 1
        self._sounds = bytearray(ticks)
        for note in notes:
            begin = max(note.onset + 1, 0)
            self._sounds[begin : note.end] = b"\1" * max(note.end - begin, 0)

    def score(self, terminal: Terminal, slot: int) -> float:
        """Return the log probability of the notes in the time of a terminal, less its costs."""
        ends = {one.at: one.end for one in _tones(terminal, slot, self.end)}
        return sum(
            self._worth(one, ends.get(one.tone, 0)) for one in self.fitted(terminal, slot, 0)
        )

    def least(self, beginnings: Sequence[int], slot: int) -> float:
        """Return the least cost of tones that begin at some slots, by their rhythm alone.

        `beginnings` are counted from `slot`; the last one is where all end.
        """
        end = round(min(slot + beginnings[-1], self.end) / SLOTS_PER_TICK)
        first, last = self.begin(slot), bisect_left(self._onsets, end)
        cost, met = 0.0, 0
        for each in beginnings[:-1]:
            tick = round((slot + each) / SLOTS_PER_TICK)
            if tick >= end:
                break
            at = bisect_left(self._onsets, tick, first, last)
            if at < last and self._onsets[at] < tick + _LATE:
                met += 1
            elif not self._sounds[tick]:
                cost += _COSTS[UNPLAYED]
        return cost + _COSTS[UNEXPECTED] * max(last - first - met, 0)

    def _worth(self, one: Fitted, end: int) -> float:
        if one.misfit:
            return -_COSTS[one.misfit]
        off = abs(self.notes[one.note].end - round(end / SLOTS_PER_TICK))
        return log(one.probability) - min(_LENGTH_COST * off, _MOST_LENGTH_COST)

    def fitted(self, terminal: Terminal, slot: int, placed: int) -> list[Fitted]:
        """Return what a terminal explains of the notes that begin in its time."""
        found: list[Fitted] = []
        before: int | None = None  # the pitch from which the note after an approach tone is chosen
        for one in _tones(terminal, slot, self.end):
            first, last = self.begin(one.slot), self.begin(one.end)
            if one.kind != REST:
                fit, before = self._tone(one, first, last, before)
                if fit is not None:
                    found.append(
                        replace(fit, slot=one.slot, placed=placed, tone=one.at, kind=one.kind)
                    )
                    first += fit.note == first
            found += [
                Fitted(index, one.slot, placed, misfit=UNEXPECTED) for index in range(first, last)
            ]
        return found

    def begin(self, slot: int) -> int:
        """Return the index of the first note from a slot on."""
        return bisect_left(self._onsets, round(slot / SLOTS_PER_TICK))

    def _tone(
        self, one: _Tone, first: int, last: int, before: int | None
    ) -> tuple[Fitted | None, int | None]:
        """Return how a tone is played, and the pitch that the next one starts from, if another.

        A tone without a note is no misfit where the note before sounds on at a possible pitch.
        """
        start = round(one.slot / SLOTS_PER_TICK)
        played = first < last and self._onsets[first] < start + _LATE
        index = first if played else first - 1
        held = not played and index >= 0 and self.notes[index].end > start
        if not played and not (held and self._parameters.holds):
            return Fitted(-1, misfit=UNPLAYED), None
        pitch = self.notes[index].pitch
        if before is None:
            if not played:
                before = pitch
            elif index:
                before = self.notes[index - 1].pitch
            else:
                # The first note of a line counts as in the middle of its window.
                before = pitch - (one.low + one.high) // 2
        chances, window, onward = self._odds(one, index, before)
        odds = dict(zip(*chances, strict=True)).get(pitch, 0.0)
        if not played:
            return (None if odds else Fitted(-1, misfit=UNPLAYED)), None
        if not odds:
            return Fitted(index, window=window, misfit=self._misfit(one, pitch, window)), onward
        return Fitted(index, window=window, probability=odds), onward

    def _misfit(self, one: _Tone, pitch: int, window: tuple[int, int] | None) -> str:
        """Return what is wrong with a pitch that a tone cannot have."""
        chord = self.form.chords[self.form.span(one.slot)]
        letter = tones.classes(chord, self._colours)[pitch % 12]
        of_kind = _LETTERS.get(one.kind, letter) == letter and one.form != "degree"
        if window is not None and window[0] <= pitch <= window[1]:
            return WRONG_KIND
        return OUTSIDE if of_kind and window is not None else WRONG_PITCH

    def _odds(
        self, one: _Tone, index: int, previous: int
    ) -> tuple[tones.Odds, tuple[int, int] | None, int | None]:
        """Return the distribution of a tone's pitch, its window, and what the next starts from."""
        chord = self.form.chords[self.form.span(one.slot)]
        letters = tones.classes(chord, self._colours)
        reach = self._reach
        following = self.notes[index + 1] if index + 1 < len(self.notes) else None
        if following is not None and following.onset > round(one.end / SLOTS_PER_TICK) + _LATE:
            following = None
        if one.form == "slope":
            window = tones.window(one.low, one.high, previous)
            if one.kind == "A" and following is not None:
                target = following.pitch
                odds = tones.approach_in_slope(one.low, one.high, previous, target, reach)
                return odds, None, previous
            kind = "S" if one.kind == "A" else one.kind
            return tones.in_slope(kind, one.low, one.high, previous, letters, reach), window, None
        if one.form == "degree":
            rooted = self.form.rooted(one.slot)
            return tones.degree(one.kind, rooted, previous, reach), None, None
        if one.form == "triad":
            near = range(max(previous - 12, 0), min(previous + 12, 127) + 1)
            return (tuple(near), (_ANY,) * len(near)), None, None
        if one.kind == "A" and following is not None:
            return tones.approach(following.pitch, previous, reach), None, previous
        ground = tones.Ground.of(chord, self._colours, self._parameters)
        kind = "H" if one.kind == "A" else one.kind
        return tones.free(kind, previous, ground, self._parameters, reach), None, None


class _Way(NamedTuple):
    """A way to rewrite a call: its score, the items left after its first terminals, the slot."""

    score: float
    left: tuple[int, ...]
    slot: int
    made: tuple[Production | None, Binding, float]


class _Search:
    """The search: stacks by slot, each with its score and the choices that lead to it.

    Items and stacks have numbers; a stack is its top item and the number of the stack below, -1 for
    an empty one.
    """

    def __init__(self, productions: Productions, matcher: _Matcher, name: str) -> None:
        self.productions = productions
        self._name = name
        self.matcher = matcher
        self.items: list[_Concrete] = []
        self._item_numbers: dict[_Concrete, int] = {}
        self._cells: list[tuple[int, int]] = []
        self._cell_numbers: dict[tuple[int, int], int] = {}
        self._made: dict[object, tuple[int, ...]] = {}
        self._ways: dict[tuple[int, int], list[_Way]] = {}
        self._scores: dict[tuple[int, int], float] = {}
        self._onsets: dict[tuple[int, ...], tuple[int, ...]] = {}
        self._rewritings = self._compared = 0

    def best(self) -> tuple[float, _Choice | None]:
        """Return the score and the last choice of the best derivation."""
        open_: dict[int, dict[int, _Arrival]] = {0: {-1: (0.0, -1, None)}}
        ended: _Arrival | None = None
        slots = [0]
        while slots:
            slot = heapq.heappop(slots)
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
        most = self._rewritings + min(max(mean - self._rewritings, BEAM), _MOST_RULES)
        while heap and self._rewritings < most:
            self._rewritings += 1
            negative, _, stack, choice = heapq.heappop(heap)
            if best[stack] > -negative:
                continue
            call, below = self._top(stack, slot)
            for way in self._rewritten(call, slot):
                score, ahead, then = self._advanced(self._pushed(way.left, below), way.slot)
                total = score + way.score - negative
                if then > slot:
                    yield then, (total, ahead, _Choice(*way.made, choice))
                elif total > best.get(ahead, float("-inf")):
                    best[ahead] = total
                    order += 1
                    heapq.heappush(heap, (-total, order, ahead, _Choice(*way.made, choice)))

    def _rewritten(self, number: int, slot: int) -> list[_Way]:
        """Return the ways to rewrite a call, of those that leave the same items the best."""
        key = number, slot
        if key not in self._ways:
            call = self.items[number]
            assert isinstance(call, Call)
            self._ways[key] = self._found(call, slot)
        return self._ways[key]

    def _found(self, call: Call, slot: int) -> list[_Way]:
        options = self.productions.options(
            call.name, _values(call), self.matcher.form.place(slot), self.matcher.end - slot
        )
        if options is None:
            return [_Way(0.0, (), slot, (None, {}, 1.0))]
        self._compared += len(options.productions)
        if self._compared > _COMPARED + _COMPARED_PER_QUARTER * (slot // SLOTS_PER_QUARTER):
            raise MusicError(
                f"{self._name}: {self._compared:,} rules were compared with the notes up to beat "
                f"{slot // SLOTS_PER_QUARTER + 1} of the solo; give a shorter solo, or give "
                f"{call.name} fewer rules.",
                field="model",
            )
        bounded = []
        for made in zip(options.productions, options.bindings, options.probabilities, strict=True):
            run, left = self._divided(self.concrete(made[0], made[1]))
            most = log(made[2]) - self.matcher.least(self._beginnings(run), slot)
            bounded.append((most, run, left, made))
        best: dict[tuple[tuple[int, ...], int], _Way] = {}
        for most, run, left, made in sorted(bounded, key=lambda one: -one[0]):
            then = min(slot + sum(self._terminal(each).slots for each in run), self.matcher.end)
            known = best.get((left, then))
            if known is None or known.score < most:
                score = log(made[2]) + self._worth(run, slot)
                if known is None or known.score < score:
                    best[left, then] = _Way(score, left, then, made)
        return list(best.values())

    def _divided(self, items: tuple[int, ...]) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Return the terminals with which some items begin, and the others."""
        first = next(
            (at for at, each in enumerate(items) if isinstance(self.items[each], Call | _Repeat)),
            len(items),
        )
        return items[:first], items[first:]

    def _terminal(self, number: int) -> Terminal:
        item = self.items[number]
        assert not isinstance(item, Call | _Repeat)
        return item

    def _worth(self, run: Iterable[int], slot: int) -> float:
        """Return the score of terminals in a row."""
        total = 0.0
        for each in run:
            if slot >= self.matcher.end:
                break
            key = each, slot
            item = self._terminal(each)
            if key not in self._scores:
                self._scores[key] = self.matcher.score(item, slot)
            total += self._scores[key]
            slot += item.slots
        return total

    def _beginnings(self, run: tuple[int, ...]) -> tuple[int, ...]:
        """Return where the tones of some terminals begin, in slots, and where the last one ends."""
        if run not in self._onsets:
            slot, found = 0, []
            for each in run:
                item = self._terminal(each)
                found += [
                    one.slot for one in _tones(item, slot, slot + item.slots) if one.kind != REST
                ]
                slot += item.slots
            self._onsets[run] = (*found, slot)
        return self._onsets[run]

    def _top(self, stack: int, slot: int) -> tuple[int, int]:
        if stack < 0:
            return self._number(
                Call(self.productions.grammar.start, (self.matcher.end - slot,))
            ), -1
        return self._cells[stack]

    def _advanced(self, stack: int, slot: int) -> tuple[float, int, int]:
        """Take the terminals on top: the score, the stack, whose top is a call, and the slot."""
        score, end = 0.0, self.matcher.end
        while stack >= 0 and slot < end:
            number, below = self._cells[stack]
            item = self.items[number]
            if isinstance(item, Call):
                break
            if isinstance(item, _Repeat):
                stack = self._pushed([self._number(each) for each in repeated(item, slot)], below)
                continue
            score += self._worth((number,), slot)
            slot, stack = slot + item.slots, below
        return score, stack, min(slot, end)

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


def _values(call: Call) -> tuple[Argument, ...]:
    return tuple(each for each in call.arguments if not isinstance(each, tuple))


def repeated(item: _Repeat, slot: int) -> tuple[_Concrete, ...]:
    """Return what a repetition is rewritten to at a slot."""
    until = slot + item.length if item.until < 0 else item.until
    return (*item.items, item._replace(until=until)) if slot < until else ()


def _replayed(score: float, last: _Choice | None, search: _Search, matcher: _Matcher) -> Parse:
    """Return the derivation with its steps, by the choices of its rules from the last one back."""
    choices: list[_Choice] = []
    while last is not None:
        choices.append(last)
        last = last.before
    steps: list[Step] = []
    placed: list[Placed] = []
    fitted = [Fitted(index, misfit=UNEXPECTED) for index in range(matcher.begin(0))]
    stack: list[tuple[_Concrete, int]] = []
    slot = 0
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
            fitted += matcher.fitted(item, slot, len(placed))
            placed.append(Placed(item, slot, min(item.slots, matcher.end - slot), parent))
            slot += item.slots
    fitted += [
        Fitted(index, misfit=UNEXPECTED)
        for index in range(matcher.begin(matcher.end), len(matcher.notes))
    ]
    return Parse(score, tuple(steps), tuple(placed), tuple(fitted))
