"""A grammar as a Markov chain of blocks, from which the likelihood of a solo is computed.

Many grammars derive a solo block by block: a chain symbol is rewritten to a block, such as a bar,
and to the chain symbol that comes next.  A learnt grammar does, and so do grammars written by hand
whose rules end in one recursive symbol.  :func:`compiled` turns the rules of such a grammar into
arrays:

- *edges*: from a chain symbol to a block and the next chain symbol, with the probability;
- *nodes*: the notes of all blocks.  A node is a note at its place in the block with what remains
  to be derived behind it, so that melodies with the same end share nodes.  From a node the next
  note is one of few, or the block ends.

How long a chain may be (``(START 8)``, ``(P 5760)``) is left out: it goes on to the end of the
solo.  Rules for harmonic bricks are left out too.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sideman.errors import ModelError
from sideman.models.events import DURATION_TICKS, IntArray, duration_classes
from sideman.models.grammar.rules import Expression, Grammar, Rule, called, number
from sideman.models.grammar.terminals import (
    REST,
    SLOTS_PER_TICK,
    Degree,
    Slope,
    Terminal,
    Tone,
    Triadic,
    terminal,
)

Array = NDArray[np.float64]

MOST_NODES = 500_000
MOST_EDGES = 500_000
MOST_STEPS = 1_500_000
"""Rules, rests and notes that are followed at most: derivations may double with each symbol."""
_LONGEST = 4 * 16 * 120
"""Slots of the longest block."""
_DEEPEST = 200
_WRAPPERS = frozenset({"share", "unshare", "unshareall", "fill", "splice", "muse-switch"})


def summed(index: IntArray, values: Array, size: int = 0) -> Array:
    """Return the sums of the values of each index, shape (size,) or longer."""
    return np.asarray(np.bincount(index, values, minlength=size), dtype=np.float64)


class UndefinedError(ModelError):
    """The likelihood of a solo is not defined for a grammar, or not computed."""


class Source(NamedTuple):
    """The source of a note's pitch.

    `form` is ``slope``, ``free`` or ``degree``, `kind` the kind of tone or the scale degree.  In a
    slope, `row` approach tones lead to a target of the kind `target`; this note is the one with the
    index `at` of them, or, where `at` is `row`, the target.  Elsewhere `row` is 0.
    """

    form: str
    kind: str
    low: int = 0
    high: int = 0
    target: str = ""
    row: int = 0
    at: int = 0

    @property
    def plain(self) -> Source:
        """The source of the same note without the approach tones before it."""
        if not self.at:
            return self
        if self.at == self.row:
            return self._replace(target="", row=0, at=0)
        return self._replace(row=self.row - self.at, at=0)


@dataclass(frozen=True, eq=False)
class Blocks:
    """The compiled grammar.

    Parameters
    ----------
    start : int
        The chain symbol with which a solo begins.
    symbols : int
        The number of chain symbols.
    source, block, following, odds : arrays, shape (edges,)
        From which chain symbol, to which block and which next chain symbol, how probably.
    length : array of int, shape (blocks,)
        Ticks of each block.
    first, entry, entering : arrays, shape (entries,)
        The block, the node of its first note, and the probability.
    silent : array, shape (blocks,)
        The probability that a block has no note.
    tick, duration, pitch : arrays of int, shape (nodes,)
        A note's place in its block in ticks, its duration class, its index in `sources`.
    of : array of int, shape (nodes,)
        The block that a node belongs to.
    begin : array of int, shape (nodes + 1,)
        The first index in `to` and `share` of the ways on from each node.
    to, share : arrays, shape (ways,)
        The node of the next note, and its probability.
    last : array, shape (nodes,)
        The probability that no note follows in the block.
    visits : array, shape (nodes,)
        The probability that a block contains the node, the block being drawn at the start symbol.
        Notes after an approach tone have a copy without it, which alone has such a probability.
    sources : tuple of Source
        The different ways to choose a pitch.
    """

    start: int
    symbols: int
    source: IntArray
    block: IntArray
    following: IntArray
    odds: Array
    length: IntArray
    first: IntArray
    entry: IntArray
    entering: Array
    silent: Array
    tick: IntArray
    duration: IntArray
    pitch: IntArray
    of: IntArray
    begin: IntArray
    to: IntArray
    share: Array
    last: Array
    visits: Array
    sources: tuple[Source, ...]


def compiled(grammar: Grammar, name: str = "The grammar") -> Blocks:
    """Return the blocks of a grammar; raise UndefinedError with the reason where it has none."""
    return _Compiler(grammar, name).result()


_Item = str | tuple[Source | None, int]
"""A symbol to derive, or a note's source (None for a rest) and its length in slots."""


class _Compiler:
    def __init__(self, grammar: Grammar, name: str) -> None:
        self.name = name
        self.grammar = grammar
        self.rules: dict[str, list[Rule]] = {}
        for rule in grammar.rules:
            if not rule.base and not rule.brick:
                self.rules.setdefault(rule.name, []).append(rule)
        self._terminals: dict[Expression, Terminal | None] = {}
        self._weights: dict[Expression, float | None] = {}
        self._steps = 0
        self.closed = self._closed()

    def fail(self, reason: str) -> UndefinedError:
        """Return the error for a reason."""
        return UndefinedError(
            f"{self.name}: the likelihood of notes is not defined for this grammar: {reason}; "
            "take one that goes on block by block, such as jazz-grammar or another learnt one.",
            field="model",
        )

    def count(self) -> None:
        """Count a step; raise UndefinedError beyond :data:`MOST_STEPS`."""
        self._steps += 1
        if self._steps > MOST_STEPS:
            raise self.fail("its rules lead to the same notes in too many ways")

    def _terminal(self, item: Expression) -> Terminal | None:
        """Return the terminal that an item states, if any; each item is read once."""
        if item not in self._terminals:
            self._terminals[item] = terminal(item)
        return self._terminals[item]

    def _closed(self) -> frozenset[str]:
        """Return the symbols from which every derivation ends, by a fixed point."""
        waiting = {name: self._names(rules) for name, rules in self.rules.items()}
        users: dict[str, list[str]] = {}
        for name, used in waiting.items():
            for one in used:
                users.setdefault(one, []).append(name)
        ready = [name for name, used in waiting.items() if not used]
        found: set[str] = set()
        while ready:
            name = ready.pop()
            found.add(name)
            for user in users.get(name, ()):
                waiting[user].discard(name)
                if not waiting[user] and user not in found:
                    ready.append(user)
        return frozenset(found)

    def _names(self, rules: Iterable[Rule]) -> set[str]:
        """Return the defined symbols that some rules contain; a wrapper is a symbol of its own."""
        return {
            symbol
            for rule in rules
            for item in rule.right
            if self._terminal(item) is None
            and ((symbol := called(item)) in self.rules or symbol in _WRAPPERS)
        }

    # The chain ------------------------------------------------------------------------------

    def chain(self) -> tuple[list[str], list[tuple[int, tuple[_Item, ...], int, float]]]:
        """Return the chain symbols and the edges: from, block, to, probability."""
        start = self._entered(self.grammar.start)
        names = [start]
        index = {start: 0}
        edges = []
        for at, name in enumerate(names):
            for odds, block, following in self._edges(name, 0):
                if following not in index:
                    index[following] = len(names)
                    names.append(following)
                edges.append((at, block, index[following], odds))
            if len(edges) > MOST_EDGES:
                raise self.fail(f"it has over {MOST_EDGES:,} ways from block to block")
        return names, edges

    def _entered(self, name: str) -> str:
        """Return the chain symbol behind a symbol that only divides a solo, as P divides it."""
        seen = {name}
        while one := self._divided(name):
            if one in seen:
                raise self.fail(f"its symbol {name} leads back to itself without a note")
            seen.add(one)
            name = one
        return name

    def _divided(self, name: str) -> str:
        """Return the symbol into which all rules of one divide a solo; empty for none."""
        found = {
            called(rule.right[0]) if len(rule.right) == 2 and called(rule.right[1]) == name else ""
            for rule in self._usable(name)
        }
        one = found.pop() if len(found) == 1 else ""
        return one if one in self.rules and one not in self.closed else ""

    def _usable(self, name: str) -> list[Rule]:
        """Return the rules of a symbol that may be chosen."""
        rules = self.rules.get(name, [])
        sound = [rule for rule in rules if self._sounds(rule)]
        weighed = [rule for rule in sound if self._weight(rule) > 0]
        if not sound:
            bricks = any(rule.brick for rule in self.grammar.rules)
            raise self.fail(
                "it consists of harmonic bricks alone"
                if bricks
                else f"its symbol {name} has no rule that leads to a note or a rest"
            )
        return weighed or sound

    def _sounds(self, rule: Rule) -> bool:
        """Return whether every symbol of a rule is defined."""
        return bool(rule.right) and all(
            self._terminal(item) is not None
            or called(item) in self.rules
            or called(item) in _WRAPPERS
            or number(item) is not None
            for item in rule.right
        )

    def _weight(self, rule: Rule) -> float:
        numbers = [self._number(weight) for weight in rule.weights]
        if any(one is None for one in numbers):
            raise self.fail(f"the weight of a rule for {rule.name} depends on the chord")
        return math.prod(one for one in numbers if one is not None)

    def _number(self, weight: Expression) -> float | None:
        if weight not in self._weights:
            match weight:
                case ("*", *factors):
                    values = [number(one) for one in factors]
                    known = [one for one in values if one is not None]
                    self._weights[weight] = math.prod(known) if len(known) == len(values) else None
                case _:
                    self._weights[weight] = number(weight)
        return self._weights[weight]

    def _alternatives(self, name: str) -> list[tuple[float, Rule]]:
        rules = self._usable(name)
        weights = [self._weight(rule) for rule in rules]
        total = sum(weights)
        if not total:
            return [(1 / len(rules), rule) for rule in rules]
        return [(weight / total, rule) for weight, rule in zip(weights, rules, strict=True)]

    def _edges(self, name: str, depth: int) -> list[tuple[float, tuple[_Item, ...], str]]:
        """Return the ways from a chain symbol: probability, block, next chain symbol."""
        if depth > _DEEPEST:
            raise self.fail(f"its symbol {name} leads back to itself without a note")
        found = []
        for odds, rule in self._alternatives(name):
            self.count()
            if any(number(one) is not None for one in rule.left[1:]):
                raise self.fail(f"what {name} leads to depends on a number")
            block: list[_Item] = []
            following = ""
            for item in rule.right:
                symbol = called(item)
                if number(item) is not None:
                    continue
                if symbol in _WRAPPERS:
                    raise self.fail(
                        f"a rule for {name} repeats motifs or asks for input ({symbol})"
                    )
                if following:
                    raise self._followed(following, name)
                if self._terminal(item) is not None or symbol in self.closed:
                    block += self._converted((item,))
                else:
                    following = symbol
            if block:
                after = self._entered(following or self.grammar.start)
                found.append((odds, tuple(block), after))
            elif following:
                for more, one, after in self._edges(following, depth + 1):
                    self.count()
                    found.append((odds * more, one, after))
        return found

    def _followed(self, following: str, name: str) -> UndefinedError:
        """Return the error for an open symbol with something behind it; motifs keep one open."""
        open_, seen = [following], {following, name}
        for one in open_:
            used = self._names(self.rules[one])
            if motif := sorted(used & _WRAPPERS):
                return self.fail(f"a rule for {one} repeats motifs or asks for input ({motif[0]})")
            open_ += sorted(used - self.closed - seen)
            seen |= used
        return self.fail(f"something follows {following} in a rule for {name}")

    # The blocks -----------------------------------------------------------------------------

    def _converted(self, right: Sequence[Expression]) -> list[_Item]:
        """Return items of a stack for the right-hand side of a rule."""
        items: list[_Item] = []
        for item in right:
            one = self._terminal(item)
            if one is not None:
                items += self._notes(one)
            elif number(item) is not None:
                continue
            elif isinstance(item, str) or len(item) == 1:
                items.append(called(item))
            else:
                raise self.fail(f"a block calls {called(item)} with an argument")
        return items

    def _notes(self, one: Terminal) -> list[_Item]:
        match one:
            case Tone(kind, slots):
                return [(None if kind == REST else Source("free", kind), slots)]
            case Degree(degree, slots):
                return [(Source("degree", degree), slots)]
            case Triadic():
                raise self.fail("it plays rows of triads")
            case Slope(low, high, tones):
                return list(_slope(low, high, tones))

    def derived(self, name: str) -> list[tuple[float, tuple[_Item, ...]]]:
        """Return the right-hand sides of a closed symbol with their probabilities."""
        return [
            (odds, tuple(self._converted(rule.right))) for odds, rule in self._alternatives(name)
        ]

    def result(self) -> Blocks:
        names, edges = self.chain()
        indices: dict[tuple[_Item, ...], int] = {}
        for _, items, _, _ in edges:
            indices.setdefault(items, len(indices))
        nodes = _Nodes(self)
        for items in indices:
            nodes.add(items)
        lengths = np.array(nodes.lengths, dtype=np.int64) // SLOTS_PER_TICK
        chained = np.array([(at, indices[one], to) for at, one, to, _ in edges], dtype=np.int64)
        odds = np.array([one for *_, one in edges], dtype=np.float64)
        drawn = summed(chained[:, 1], np.where(chained[:, 0] == 0, odds, 0.0), len(indices))
        return nodes.arrays(len(names), chained, odds, lengths, drawn)


def _slope(low: int, high: int, tones: Sequence[Tone]) -> Iterable[_Item]:
    """Yield the items of a slope.

    A row of approach tones leads to the note after it, or, before a rest or at the end, to its last
    tone, which is then chosen as a scale tone.
    """
    kinds = [one.kind for one in tones]
    row = 0
    for at, one in enumerate(tones):
        following = kinds[at + 1] if at + 1 < len(kinds) else REST
        if one.kind == REST:
            yield None, one.slots
        elif one.kind == "A" and following != REST:
            ahead = next(to for to in range(at, len(kinds)) if _ends_row(kinds, to))
            target = "S" if kinds[ahead] == "A" else kinds[ahead]
            yield Source("slope", "A", low, high, target, row + ahead - at, row), one.slots
            row += 1
            continue
        else:
            kind = "S" if one.kind == "A" else one.kind
            plain = Source("slope", kind, low, high)
            yield plain._replace(target=kind, row=row, at=row) if row else plain, one.slots
        row = 0


def _ends_row(kinds: Sequence[str], at: int) -> bool:
    """Return whether a row of approach tones leads to a tone of a slope."""
    return kinds[at] != "A" or at + 1 == len(kinds) or kinds[at + 1] == REST


_END = 0
"""The stack without an item."""
_Key = tuple[int, int, int]
"""A node: its offset in slots, its item, the stack behind it."""


class _Nodes:
    """The nodes of all blocks, made one after the other.

    Items and stacks are numbered, so that a stack is a pair of numbers: its first item and the
    stack behind that.
    """

    def __init__(self, compiler: _Compiler) -> None:
        self.compiler = compiler
        self.lengths: list[int] = []
        self._items: list[_Item] = []
        self._numbers: dict[_Item, int] = {}
        self._stacks: list[tuple[int, int]] = [(-1, -1)]
        self._stacked: dict[tuple[int, int], int] = {}
        self._derived: dict[str, list[tuple[float, list[int]]]] = {}
        self._sources: dict[Source, int] = {}
        self._place: list[tuple[int, int, int, int]] = []  # offset, slots, source, block
        self._ways: list[list[tuple[int, float]]] = []  # -1 for the end of the block
        self._entries: list[tuple[int, int, float]] = []
        self._silent: list[float] = []
        self._plain: list[int] = []  # the node without an approach tone before it, or itself
        self._known: dict[_Key, int] = {}
        self._waiting: list[_Key] = []
        self._ends: set[int] = set()

    def _note(self, item: int) -> tuple[Source, int]:
        """Return the source and the slots of an item that is a note."""
        note = self._items[item]
        assert not isinstance(note, str)
        assert note[0] is not None
        return note[0], note[1]

    def _numbered(self, items: Iterable[_Item]) -> list[int]:
        found = []
        for item in items:
            if item not in self._numbers:
                self._numbers[item] = len(self._items)
                self._items.append(item)
            found.append(self._numbers[item])
        return found

    def _pushed(self, items: Sequence[int], stack: int) -> int:
        """Return the stack with some items before it."""
        for item in reversed(items):
            pair = item, stack
            if pair not in self._stacked:
                self._stacked[pair] = len(self._stacks)
                self._stacks.append(pair)
            stack = self._stacked[pair]
        return stack

    def add(self, items: tuple[_Item, ...]) -> None:
        """Add the nodes of one more block."""
        block = len(self.lengths)
        self._known, self._ends = {}, set()
        entries = self._from(0, self._pushed(self._numbered(items), _END), block)
        while self._waiting:
            key = self._waiting.pop()
            offset, item, stack = key
            source, slots = self._note(item)
            node = self._known[key]
            self._ways[node] = self._from(offset + slots, stack, block)
            if source.at:
                plain = self._numbered([(source.plain, slots)])[0]
                self._plain[node] = self._node((offset, plain, stack), block)
            if len(self._place) > MOST_NODES:
                raise self.compiler.fail(f"its blocks have over {MOST_NODES:,} different notes")
        if len(self._ends) != 1:
            raise self.compiler.fail("its blocks have no fixed length")
        length = self._ends.pop()
        if length % SLOTS_PER_TICK or not 0 < length <= _LONGEST:
            raise self.compiler.fail("a block is no whole number of ticks, or very long")
        self.lengths.append(length)
        self._entries += [(block, to, odds) for to, odds in entries if to >= 0]
        self._silent.append(sum(odds for to, odds in entries if to < 0))

    def _node(self, key: _Key, block: int) -> int:
        """Return the number of a node, made where it is new."""
        if key not in self._known:
            offset, item, _ = key
            source, slots = self._note(item)
            self._known[key] = node = len(self._place)
            place = self._sources.setdefault(source, len(self._sources))
            self._place.append((offset, slots, place, block))
            self._ways.append([])
            self._plain.append(node)
            self._waiting.append(key)
        return self._known[key]

    def _from(self, offset: int, stack: int, block: int) -> list[tuple[int, float]]:
        """Return the next nodes, or -1 for the end of the block, with their probabilities."""
        found: dict[int, float] = {}
        open_ = [(offset, stack, 1.0, 0)]
        while open_:
            offset, stack, odds, depth = open_.pop()
            self.compiler.count()
            if depth > _DEEPEST or offset > _LONGEST:
                raise self.compiler.fail("a block of it is very long")
            if stack == _END:
                self._ends.add(offset)
                found[-1] = found.get(-1, 0.0) + odds
                continue
            number_, rest = self._stacks[stack]
            item = self._items[number_]
            if isinstance(item, str):
                for one, items in self._right(item):
                    open_.append((offset, self._pushed(items, rest), odds * one, depth + 1))
            elif item[0] is None:
                open_.append((offset + item[1], rest, odds, depth))
            else:
                node = self._node((offset, number_, rest), block)
                found[node] = found.get(node, 0.0) + odds
        return list(found.items())

    def _right(self, name: str) -> list[tuple[float, list[int]]]:
        if name not in self._derived:
            self._derived[name] = [
                (odds, self._numbered(items)) for odds, items in self.compiler.derived(name)
            ]
        return self._derived[name]

    def arrays(
        self,
        symbols: int,
        edges: IntArray,
        odds: NDArray[np.float64],
        lengths: IntArray,
        drawn: NDArray[np.float64],
    ) -> Blocks:
        """Return everything as arrays; `drawn` is the probability of each block at the start."""
        place = np.array(self._place, dtype=np.int64).reshape(-1, 4)
        rounded = np.round(place[:, 0] / SLOTS_PER_TICK).astype(np.int64)
        tick = np.minimum(rounded, lengths[place[:, 3]] - 1)
        on = [[way for way in ways if way[0] >= 0] for ways in self._ways]
        begin = np.cumsum([0, *map(len, on)])
        flat = [way for ways in on for way in ways]
        entries = self._entries
        visits = np.zeros(len(place))
        for block, to, one in entries:
            visits[to] += drawn[block] * one
        # A way leads to a later place, so that by rising place all visits of a node are known.
        for node in np.argsort(place[:, 0], kind="stable").tolist():
            for to, one in on[node]:
                visits[to] += visits[node] * one
        plain = np.array(self._plain, dtype=np.int64)
        return Blocks(
            start=0,
            symbols=symbols,
            source=edges[:, 0],
            block=edges[:, 1],
            following=edges[:, 2],
            odds=odds,
            length=lengths,
            first=np.array([block for block, _, _ in entries], dtype=np.int64),
            entry=np.array([to for _, to, _ in entries], dtype=np.int64),
            entering=np.array([one for _, _, one in entries], dtype=np.float64),
            silent=np.array(self._silent),
            tick=tick,
            duration=duration_classes(np.maximum(place[:, 1] / SLOTS_PER_TICK, DURATION_TICKS[0])),
            pitch=place[:, 2],
            of=place[:, 3],
            begin=begin,
            to=np.array([to for to, _ in flat], dtype=np.int64),
            share=np.array([one for _, one in flat], dtype=np.float64),
            last=np.array([sum(one for to, one in ways if to < 0) for ways in self._ways]),
            visits=summed(plain, visits, len(place)),
            sources=tuple(self._sources),
        )
