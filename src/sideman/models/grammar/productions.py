"""A grammar compiled for deriving: rules by name, numbers read, terminals made, weights multiplied.

:meth:`Productions.options` returns the rules that may rewrite a call, with their probabilities.  Of
the rules that fit and apply, those of the best rank are drawn from:

0. rules of which every symbol leads to a terminal; a rule for a harmonic brick, and one that begins
   with a call of such rules, only where the harmony is that brick, of that length;
1. where the harmony is a brick that has rules, those that would go on for longer than it lasts:
   the files give 8 bars of anything a hundred times the weight of a brick of two;
2. rules for a brick which the harmony is not: taken only where nothing else is productive;
3. rules that would by themselves supply more than a third of a chorus of twelve bars or more, so
   that a solo is not one transcribed line as long as another rule applies;
4. rules with an undefined or unproductive symbol.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from sideman.models.grammar.rules import Expression, Grammar, Rule, number
from sideman.models.grammar.terminals import (
    REST,
    Degree,
    Slope,
    Terminal,
    Tone,
    Triadic,
    terminal,
    tone,
)

Number = int | float
Argument = Number | str
Template: TypeAlias = "Number | str | tuple[Template, ...]"
Binding = Mapping[str, Argument]

_FIT, _PASSING, _FOREIGN, _LONG, _DEAD = range(5)
_LARGEST = 1e12
CACHED = 200_000
"""The rules in the options that are remembered."""
FAMILIES, BRICK = "chord-family", "brick"


@dataclass(frozen=True, slots=True)
class Call:
    """A nonterminal with its arguments: numbers, variables and arithmetic."""

    name: str
    arguments: tuple[Template, ...] = ()


@dataclass(frozen=True, slots=True)
class Fill:
    """Items that are derived again and again until some beats are filled."""

    beats: Template
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Share:
    """A call whose rule is chosen once and then used again, until `forget`."""

    call: Call
    forget: bool


@dataclass(frozen=True, slots=True)
class Switch:
    """Items by the reading of a headset; without one the first choice that is not a rest."""

    choices: tuple[tuple[str, tuple[Item, ...]], ...]


Item = Terminal | Call | Fill | Share | Switch
_TERMINALS = (Tone, Degree, Slope, Triadic)
_PLAIN = (*_TERMINALS, Call)


@dataclass(frozen=True, slots=True, eq=False)
class Production:
    """A rule ready for use.

    `weight` is the product of its numbers, `families` those of the chords under which alone it
    counts.  `calls` are those whose arguments decide whether it applies, `all_calls` also those
    within other items; `supplies` are the slots of its own terminals, and `ends`, `sounds`
    and `switches` say whether it holds a terminal, a note and a switch.
    """

    index: int
    rule: Rule
    pattern: tuple[Argument, ...]
    items: tuple[Item, ...]
    weight: float
    families: frozenset[str] | None
    brick: str
    calls: tuple[Call, ...]
    all_calls: tuple[Call, ...]
    supplies: int
    ends: bool
    sounds: bool
    switches: bool

    @property
    def length(self) -> int:
        """The slots that its left-hand side states; 0 if none."""
        first = self.pattern[0] if self.pattern else 0
        return 0 if isinstance(first, str) else int(first)


@dataclass(frozen=True, slots=True, eq=False)
class Options:
    """The rules that may rewrite a call, with their variables and probabilities."""

    productions: tuple[Production, ...]
    bindings: tuple[Binding, ...]
    probabilities: tuple[float, ...]
    logits: NDArray[np.float32]
    mask: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Place:
    """A place at which a rule is chosen.

    `family` is the family of the chord, `bricks` are the names and lengths in slots of the bricks
    that begin here, `most` the slots that one rule may supply by itself, 0 for any number.
    """

    family: str = ""
    bricks: frozenset[tuple[str, int]] = frozenset()
    most: int = 0


Key = tuple[str, tuple[Argument, ...], bool, str, frozenset[tuple[str, int]] | None, int]
"""A call and what of its place decides which rules may rewrite it."""


class Found(NamedTuple):
    """The options for a call, and the number of rules that were compared."""

    options: Options | None
    tried: int


class _Memory:
    """Findings by call, all forgotten when there are too many."""

    def __init__(self) -> None:
        self.found: dict[Key, Found] = {}
        self._held = 0

    def add(self, key: Key, found: Found) -> None:
        """Remember what was found for a call."""
        size = 1 + (len(found.options.productions) if found.options else 0)
        self._held += size
        if self._held > CACHED:
            self.found.clear()
            self._held = size
        self.found[key] = found

    def copy(self) -> _Memory:
        """Return an independent copy."""
        other = _Memory()
        other.found, other._held = dict(self.found), self._held
        return other


class Productions:
    """A grammar compiled once; several derivations may use it at the same time."""

    def __init__(self, grammar: Grammar) -> None:
        self.grammar = grammar
        compiled = [_compiled(index, rule) for index, rule in enumerate(grammar.rules)]
        self._by_name: dict[str, _Indexed] = {}
        self._bases: dict[tuple[str, tuple[Argument, ...]], list[Production]] = {}
        for one in compiled:
            if one.rule.base:
                self._bases.setdefault((one.rule.name, one.pattern), []).append(one)
            else:
                self._by_name.setdefault(one.rule.name, _Indexed()).add(one)
        self._all = compiled
        self._bricked = frozenset(one.rule.name for one in compiled if one.brick)
        self._familial = frozenset(one.rule.name for one in compiled if one.families is not None)
        # Names whose choice depends on bricks: their own rules, or a first call of such a name.
        self._by_brick = self._bricked | {
            one.rule.name for one in compiled if self.opens(one) is not None
        }
        defined = {one.rule.name for one in compiled}
        called = {call.name for one in compiled for call in one.all_calls} | {grammar.start}
        self.undefined: frozenset[str] = frozenset(called - defined)
        """Symbols that are called and have no rule."""
        reaching, dead = _reaching(compiled, grammar.start)
        self.unproductive: frozenset[str] = frozenset(defined - reaching)
        """Symbols whose rules lead to no terminal."""
        living = [one for one in compiled if one.index not in dead]
        self._sounding = _leading(living, [one for one in living if one.sounds])
        self.ranks = [_DEAD if one.index in dead else _FIT for one in compiled]
        """The rank of each rule as far as it does not depend on a place."""
        self._cache = _Memory()

    @property
    def productive(self) -> bool:
        """Whether the start symbol leads to a terminal."""
        return self.grammar.start not in self.unproductive | self.undefined

    def options(
        self,
        name: str,
        arguments: tuple[Argument, ...],
        place: Place,
        left: int,
        work: Work | None = None,
    ) -> Options | None:
        """Return the rules that may rewrite a call with `left` slots to fill; None if none may.

        Where every rule that fits would need a negative length, they are all taken for a call of at
        least `left` slots, since the last terminal is cut at the end.  What was compared is added
        to `work`.
        """
        first = arguments[0] if arguments else 0
        covers = not isinstance(first, str) and first > 0 and first >= left
        by_brick = name in self._by_brick
        key: Key = (
            name,
            arguments,
            covers,
            place.family if name in self._familial else "",
            place.bricks if by_brick else None,
            place.most,
        )
        found = self._cache.found.get(key)
        if found is None:
            found = _Lookup(self, place).options(name, arguments, covers)
            self._cache.add(key, found)
        if work is not None:
            work.add(key, found)
        return found.options

    def resolve(self, switch: Switch) -> tuple[Item, ...]:
        """Return the items of a switch: `default`, or if that is silent the first with a note."""
        ordered = sorted(switch.choices, key=lambda choice: choice[0] != "default")
        for _, items in ordered:
            if any(self._sounds(item) for item in items):
                return items
        return ordered[0][1] if ordered else ()

    def _sounds(self, item: Item) -> bool:
        return _is_note(item) or any(call.name in self._sounding for call in _calls((item,)))

    @property
    def sounds(self) -> bool:
        """True if any rule holds a note."""
        return any(one.sounds for one in self._all)

    def candidates(self, name: str, arguments: tuple[Argument, ...]) -> Sequence[Production]:
        """Return the rules of a name that may fit some arguments."""
        indexed = self._by_name.get(name)
        return indexed.candidates(arguments) if indexed else ()

    def bases(self, name: str, arguments: tuple[Argument, ...]) -> Sequence[Production]:
        """Return the base rules of exactly this call."""
        return self._bases.get((name, arguments), ())

    def opens(self, one: Production) -> Call | None:
        """Return the call of brick rules with which a rule begins, if any."""
        match one.items[:1]:
            case (Call(name=name) as call,) if name in self._bricked and not one.brick:
                return call
        return None


class Work:
    """The rules compared in one derivation, the same whatever was derived from the grammar before.

    A call is compared once as long as it is remembered, as by a grammar used for the first time.
    """

    __slots__ = ("_met", "tried")

    def __init__(self) -> None:
        self.tried = 0
        self._met = _Memory()

    def add(self, key: Key, found: Found) -> None:
        """Count what was compared for a call, unless it is remembered."""
        if key not in self._met.found:
            self.tried += found.tried
            self._met.add(key, found)

    def copy(self) -> Work:
        """Return a copy that is counted independently."""
        other = Work()
        other.tried, other._met = self.tried, self._met.copy()
        return other


class _Lookup:
    """The search for the rules that may rewrite one call at a place; `tried` were compared."""

    def __init__(self, productions: Productions, place: Place) -> None:
        self._of, self._place = productions, place
        self._tried = 0
        self._opened: dict[tuple[str, tuple[Argument, ...]], int] = {}

    def options(self, name: str, arguments: tuple[Argument, ...], covers: bool) -> Found:
        """Return the options, with `covers` also rules that need a negative length."""
        found = self._options(name, arguments, covers)
        return Found(found, self._tried)

    def _options(self, name: str, arguments: tuple[Argument, ...], covers: bool) -> Options | None:
        place = self._place
        if bases := self._of.bases(name, arguments):
            return _weighed([(one, {}) for one in bases], place)
        fitting = list(self._fitting(name, arguments))
        usable = [pair for pair in fitting if _applies(*pair)] or (fitting if covers else [])
        if not usable:
            return None
        ranked: dict[int, list[tuple[Production, Binding]]] = {}
        lasts = self._brick_lasts(usable)
        for one, binding in usable:
            rank = self._rank(one, binding)
            if rank == _FIT and lasts and _goes_on(one, binding) > lasts:
                rank = _PASSING
            ranked.setdefault(rank, []).append((one, binding))
        for rank in sorted(ranked):
            if any(_weight(one, place) > 0 for one, _ in ranked[rank]):
                return _weighed(ranked[rank], place)
        return _weighed(ranked[min(ranked)], place)

    def _fitting(
        self, name: str, arguments: tuple[Argument, ...]
    ) -> Iterator[tuple[Production, Binding]]:
        candidates = self._of.candidates(name, arguments)
        self._tried += len(candidates)
        for one in candidates:
            bound = _unified(one.pattern, arguments)
            if bound is not None:
                yield one, bound

    def _rank(self, one: Production, binding: Binding) -> int:
        if static := self._of.ranks[one.index]:
            return static
        place = self._place
        if place.most and max(one.supplies, one.length if one.brick else 0) > place.most:
            return _LONG
        if one.brick:
            return _FIT if (one.brick, one.length) in place.bricks else _FOREIGN
        opening = self._of.opens(one)
        if opening is None:
            return _FIT
        # A call of brick rules stands or falls with the best of them here.
        called = opening.name, evaluated(opening.arguments, binding) or ()
        if called not in self._opened:
            fitting = (each for each, _ in self._fitting(*called) if each.brick)
            ranks = (self._rank(each, {}) for each in fitting)
            self._opened[called] = min(ranks, default=_DEAD)
        return self._opened[called]

    def _brick_lasts(self, usable: list[tuple[Production, Binding]]) -> float:
        """Return the slots of the longest brick with rules that begins here; 0 without one."""
        if not self._place.bricks:
            return 0
        found = [
            _goes_on(one, binding)
            for one, binding in usable
            if self._of.opens(one) is not None and self._rank(one, binding) == _FIT
        ]
        return max(found, default=0)


# What leads to a terminal ------------------------------------------------------------------------


def _leading(rules: Iterable[Production], ending: Iterable[Production]) -> frozenset[str]:
    """Return the names of rules that end, and those that lead to them through a symbol."""
    callers: dict[str, set[str]] = {}
    for one in rules:
        for call in one.all_calls:
            callers.setdefault(call.name, set()).add(one.rule.name)
    waiting = {one.rule.name for one in ending}
    found = set(waiting)
    while waiting:
        more = callers.get(waiting.pop(), set()) - found
        found |= more
        waiting |= more
    return frozenset(found)


def _reaching(rules: Sequence[Production], start: str) -> tuple[frozenset[str], set[int]]:
    """Return the symbols that lead to a terminal, and the indices of the rules that do not.

    A rule with a symbol that leads nowhere is dead, and its name leads nowhere if no other rule
    does; where that would leave the start symbol without one, it is the symbols before any rule was
    dead that are returned.
    """
    first = _leading(rules, [one for one in rules if one.ends])
    leading = _Leading(rules, first)
    empty = {one.rule.name for one in rules if not one.rule.right}
    needing: dict[str, list[Production]] = {}
    for one in rules:
        for call in one.calls if one.switches else one.all_calls:
            if call.name not in empty:
                needing.setdefault(call.name, []).append(one)
    gone = needing.keys() - first
    while gone:
        gone = leading.without({one.index for name in gone for one in needing.get(name, ())})
    if start in first and start not in leading.names:
        return first, leading.dead
    return frozenset(leading.names), leading.dead


class _Leading:
    """The names that lead to a terminal, while rules are removed.

    Each name has a reason, a rule that ends or one with a call of a name that leads to a terminal,
    and the reasons form no circle: when rules are removed, the names that lose theirs, directly
    or through a call, are examined again, and no others.
    """

    def __init__(self, rules: Sequence[Production], names: Iterable[str]) -> None:
        self.names = set(names)
        self.dead: set[int] = set()
        self._rules = rules
        self._callers: dict[str, list[Production]] = {}
        # Possible reasons by name, as a stack: rules that end are on top.
        self._reasons: dict[str, list[tuple[int, str]]] = {}
        for one in reversed(rules):
            for name in {call.name: None for call in one.all_calls}:
                self._callers.setdefault(name, []).append(one)
                self._reasons.setdefault(one.rule.name, []).append((one.index, name))
        for one in reversed(rules):
            if one.ends:
                self._reasons.setdefault(one.rule.name, []).append((one.index, ""))
        self._reason: dict[str, tuple[int, str]] = {}
        self._restored(self.names)

    def without(self, dead: set[int]) -> set[str]:
        """Remove rules, and return the names that lead to no terminal any more."""
        dead = dead - self.dead
        self.dead |= dead
        names = {self._rules[index].rule.name for index in dead}
        lost = {name for name in names if self._reason.get(name, (-1, ""))[0] in dead}
        waiting = list(lost)
        while waiting:
            name = waiting.pop()
            for one in self._callers.get(name, ()):
                caller = one.rule.name
                if caller not in lost and self._reason.get(caller) == (one.index, name):
                    lost.add(caller)
                    waiting.append(caller)
        for name in lost:
            del self._reason[name]
        gone = lost - self._restored(lost)
        self.names -= gone
        return gone

    def _restored(self, names: set[str]) -> set[str]:
        """Assign a reason to each of some names that has one, and return these names."""
        waiting = [name for name in sorted(names) if self._found(name)]
        restored = set(waiting)
        while waiting:
            called = waiting.pop()
            for one in self._callers.get(called, ()):
                name = one.rule.name
                if name in names and name not in restored and one.index not in self.dead:
                    self._reason[name] = one.index, called
                    restored.add(name)
                    waiting.append(name)
        return restored

    def _found(self, name: str) -> bool:
        """Return whether a name has a reason independent of names without one, and assign it."""
        reasons = self._reasons.get(name, [])
        while reasons:
            index, called = reasons[-1]
            if index not in self.dead and (not called or called in self.names):
                break
            reasons.pop()
        for index, called in reversed(reasons):
            if index not in self.dead and (not called or called in self._reason):
                self._reason[name] = index, called
                return True
        return False


class _Indexed:
    """The rules of one name, by the number that their first argument must be."""

    __slots__ = ("_any", "_by_first", "rules")

    def __init__(self) -> None:
        self.rules: list[Production] = []
        self._any: list[Production] = []
        self._by_first: dict[Argument, list[Production]] = {}

    def add(self, one: Production) -> None:
        self.rules.append(one)
        first = one.pattern[0] if one.pattern else ""
        (self._any if isinstance(first, str) else self._by_first.setdefault(first, [])).append(one)

    def candidates(self, arguments: tuple[Argument, ...]) -> list[Production]:
        if not arguments:
            return self.rules
        exact = self._by_first.get(arguments[0])
        if not exact:
            return self._any
        return sorted([*exact, *self._any], key=lambda one: one.index) if self._any else exact


# Weights and variables -------------------------------------------------------------------------


def _weight(one: Production, place: Place) -> float:
    return one.weight if one.families is None or place.family in one.families else 0.0


def _weighed(pairs: list[tuple[Production, Binding]], place: Place) -> Options:
    """Return options in proportion to their weights; where all are 0 they count alike."""
    weights = [_weight(one, place) for one, _ in pairs]
    kept = [at for at, weight in enumerate(weights) if weight > 0]
    if not kept:
        kept, weights = list(range(len(pairs))), [1.0] * len(pairs)
    total = sum(weights[at] for at in kept)
    shares = tuple(weights[at] / total for at in kept)
    logits = np.log(np.maximum(np.array(shares), 1e-300)).astype(np.float32)
    return Options(
        tuple(pairs[at][0] for at in kept),
        tuple(pairs[at][1] for at in kept),
        shares,
        logits,
        np.zeros(len(kept), np.float32),
    )


def _unified(pattern: tuple[Argument, ...], arguments: tuple[Argument, ...]) -> Binding | None:
    """Return the variables of a left-hand side that fits some arguments, else None.

    Positions that one side lacks are left out of account.
    """
    bound: dict[str, Argument] = {}
    for wanted, given in zip(pattern, arguments, strict=False):
        if isinstance(wanted, str):
            if bound.setdefault(wanted, given) != given:
                return None
        elif wanted != given:
            return None
    return bound


def _goes_on(one: Production, binding: Binding) -> float:
    """Return by how much a rule that calls its own name again reduces its first argument."""
    first = one.pattern[0] if one.pattern else 0
    given = binding.get(first, 0) if isinstance(first, str) else first
    for call in one.calls:
        if call.name == one.rule.name and call.arguments:
            left = value(call.arguments[0], binding)
            if not isinstance(given, str) and left is not None and not isinstance(left, str):
                return given - left
    return 0


def _applies(one: Production, binding: Binding) -> bool:
    """Return whether no call of a rule has an argument that is negative or no number."""
    for call in one.calls:
        values = evaluated(call.arguments, binding)
        if values is None or any(not isinstance(value, str) and value < 0 for value in values):
            return False
    return True


def evaluated(arguments: tuple[Template, ...], binding: Binding) -> tuple[Argument, ...] | None:
    """Return the values of arguments; None if arithmetic fails on one of them."""
    values = [value(argument, binding) for argument in arguments]
    return None if None in values else tuple(each for each in values if each is not None)


def value(template: Template, binding: Binding) -> Argument | None:
    """Return the value of an argument: a number, a symbol, or None where arithmetic fails."""
    if isinstance(template, str):
        return binding.get(template, template)
    if not isinstance(template, tuple):
        return template
    operands = [value(each, binding) for each in template[1:]]
    numbers = [each for each in operands if each is not None and not isinstance(each, str)]
    if len(numbers) < len(operands) or not numbers:
        return None
    total = numbers[0]
    if len(numbers) == 1 and template[0] == "-":
        total = -total
    for each in numbers[1:]:
        match template[0]:
            case "+":
                total = total + each
            case "-":
                total = total - each
            case "*":
                total = total * each
            case _:
                if not each:
                    return None
                total = total / each
        if abs(total) > _LARGEST:
            return None
    return int(total) if total == int(total) else total


# Compiling -------------------------------------------------------------------------------------


def _compiled(index: int, rule: Rule) -> Production:
    pattern = tuple(_argument(each) for each in rule.left[1:])
    variables = {each for each in pattern if isinstance(each, str)}
    items = tuple(_items(rule.right, variables))
    weight, families, brick = 1.0, None, ""
    for factor in rule.weights:
        for kind, of in _factors(factor):
            if kind == FAMILIES:
                families = of if families is None else families & of
            elif kind == BRICK:
                brick = next(iter(of))
            else:
                weight *= float(kind)
    if not weight < float("inf"):
        weight = 0.0
    flat = items if all(isinstance(item, _PLAIN) for item in items) else tuple(_flat(items))
    own = [item for item in items if isinstance(item, _TERMINALS)]
    return Production(
        index,
        rule,
        pattern,
        items,
        max(weight, 0.0),
        families,
        brick,
        tuple(item for item in items if isinstance(item, Call)),
        tuple(item for item in flat if isinstance(item, Call)),
        sum(item.slots for item in own),
        bool(own) or any(isinstance(item, _TERMINALS) for item in flat),
        any(_is_note(item) for item in flat),
        any(isinstance(item, Switch) for item in flat),
    )


def _factors(factor: Expression) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield what a weight is multiplied from: numbers as spelled, or a condition with its names."""
    match factor:
        case ("*", *parts):
            for part in parts:
                yield from _factors(part)
        case ("builtin", "chord-family", (*names,)):
            yield FAMILIES, frozenset(map(str, names))
        case ("builtin", "brick", str(name)):
            yield BRICK, frozenset((name,))
        case str() if number(factor) is not None:
            yield factor, frozenset()


def _argument(text: str) -> Argument:
    found = number(text)
    if found is None:
        return text
    return int(found) if found == int(found) else found


def _items(right: Iterable[Expression], variables: set[str]) -> Iterator[Item]:
    for each in right:
        yield from _item(each, variables)


def _item(expression: Expression, variables: set[str]) -> Iterator[Item]:
    found = terminal(expression)
    if found is not None:
        yield found
        return
    if isinstance(expression, str):
        # A number, or the value of a variable, stands for nothing.
        if number(expression) is None and expression not in variables:
            yield Call(expression)
        return
    if not expression:
        return
    if all(tone(each) for each in expression) or not isinstance(expression[0], str):
        yield from _items(expression, variables)
        return
    match expression:
        case ("fill", beats, *rest):
            yield Fill(_template(beats), tuple(_items(rest, variables)))
        case ("share" | "unshare" as wrapper, *rest):
            for item in _items(rest, variables):
                yield Share(item, wrapper == "unshare") if isinstance(item, Call) else item
        case ("muse-switch", _, (*pairs,)):
            yield Switch(
                tuple(
                    (str(pair[0]), tuple(_items(pair[1:], variables)))
                    for pair in pairs
                    if isinstance(pair, tuple) and pair
                )
            )
        case ("splice", _, *rest):
            yield from _items(rest, variables)
        case (str(name), *rest):
            if number(name) is None:
                yield Call(name, tuple(map(_template, rest)))


@lru_cache(maxsize=4096)
def _template(expression: Expression) -> Template:
    if isinstance(expression, str):
        return _argument(expression)
    if len(expression) == 1:
        return _template(expression[0])
    if expression and expression[0] in ("+", "-", "*", "/"):
        return (str(expression[0]), *map(_template, expression[1:]))
    return " ".join(map(str, expression))


def _flat(items: Iterable[Item]) -> Iterator[Item]:
    """Yield items and those within them."""
    for item in items:
        yield item
        if isinstance(item, Fill):
            yield from _flat(item.items)
        elif isinstance(item, Share):
            yield item.call
        elif isinstance(item, Switch):
            for _, inner in item.choices:
                yield from _flat(inner)


def _calls(items: Iterable[Item]) -> Iterator[Call]:
    return (item for item in _flat(items) if isinstance(item, Call))


def _is_note(item: Item) -> bool:
    """Return whether an item is a terminal and not silent."""
    if isinstance(item, Slope):
        return any(each.kind != REST for each in item.tones)
    return item.kind != REST if isinstance(item, Tone) else isinstance(item, _TERMINALS)
