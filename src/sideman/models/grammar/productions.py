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
from typing import TypeAlias

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
_CACHED = 200_000  # rules in the options that are remembered
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


class Productions:
    """A grammar compiled once."""

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
            one.rule.name for one in compiled if self._opens(one) is not None
        }
        defined = {one.rule.name for one in compiled}
        called = {call.name for one in compiled for call in one.all_calls} | {grammar.start}
        self.undefined: frozenset[str] = frozenset(called - defined)
        """Symbols that are called and have no rule."""
        self._dead: set[int] = set()
        reaching = self._reaching()
        self.unproductive: frozenset[str] = frozenset(defined - reaching)
        """Symbols whose rules lead to no terminal."""
        self._sounding = self._leading([one.sounds for one in compiled])
        self._ranks = [_DEAD if one.index in self._dead else _FIT for one in compiled]
        self._cache: dict[object, Options | None] = {}
        self._held = 0
        self.tried = 0
        """Number of rules compared with a call so far."""

    @property
    def productive(self) -> bool:
        """Whether the start symbol leads to a terminal."""
        return self.grammar.start not in self.unproductive | self.undefined

    def options(
        self, name: str, arguments: tuple[Argument, ...], place: Place, left: int
    ) -> Options | None:
        """Return the rules that may rewrite a call with `left` slots to fill; None if none may.

        Where every rule that fits would need a negative length, they are all taken for a call of at
        least `left` slots, since the last terminal is cut at the end.
        """
        first = arguments[0] if arguments else 0
        covers = not isinstance(first, str) and first > 0 and first >= left
        by_brick = name in self._by_brick
        key = (
            name,
            arguments,
            covers,
            place.family if name in self._familial else "",
            place.bricks if by_brick else None,
            place.most,
        )
        if key in self._cache:
            return self._cache[key]
        found = self._options(name, arguments, place, covers)
        self._held += 1 + (len(found.productions) if found else 0)
        if self._held > _CACHED:
            self._cache.clear()
            self._held = 0
        self._cache[key] = found
        return found

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
        """Whether a rule holds a note."""
        return any(one.sounds for one in self._all)

    # What fits and applies ------------------------------------------------------------------

    def _options(
        self, name: str, arguments: tuple[Argument, ...], place: Place, covers: bool
    ) -> Options | None:
        if bases := self._bases.get((name, arguments)):
            return _weighed([(one, {}) for one in bases], place)
        fitting = list(self._fitting(name, arguments))
        usable = [pair for pair in fitting if _applies(*pair)] or (fitting if covers else [])
        if not usable:
            return None
        ranked: dict[int, list[tuple[Production, Binding]]] = {}
        lasts = self._brick_lasts(usable, place)
        for one, binding in usable:
            rank = self._rank(one, binding, place)
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
        indexed = self._by_name.get(name)
        candidates = indexed.candidates(arguments) if indexed else []
        self.tried += len(candidates)
        for one in candidates:
            bound = _unified(one.pattern, arguments)
            if bound is not None:
                yield one, bound

    def _rank(self, one: Production, binding: Binding, place: Place) -> int:
        if static := self._ranks[one.index]:
            return static
        if place.most and max(one.supplies, one.length if one.brick else 0) > place.most:
            return _LONG
        if one.brick:
            return _FIT if (one.brick, one.length) in place.bricks else _FOREIGN
        opening = self._opens(one)
        if opening is None:
            return _FIT
        # A call of brick rules stands or falls with the best of them here.
        called = evaluated(opening.arguments, binding) or ()
        fitting = (each for each, _ in self._fitting(opening.name, called) if each.brick)
        return min((self._rank(each, {}, place) for each in fitting), default=_DEAD)

    def _brick_lasts(self, usable: list[tuple[Production, Binding]], place: Place) -> float:
        """Return the slots of the longest brick with rules that begins here; 0 without one."""
        if not place.bricks:
            return 0
        found = [
            _goes_on(one, binding)
            for one, binding in usable
            if self._opens(one) is not None and self._rank(one, binding, place) == _FIT
        ]
        return max(found, default=0)

    def _opens(self, one: Production) -> Call | None:
        """Return the call of brick rules with which a rule begins, if any."""
        match one.items[:1]:
            case (Call(name=name) as call,) if name in self._bricked and not one.brick:
                return call
        return None

    # What leads to a terminal ----------------------------------------------------------------

    def _leading(self, ends: Sequence[bool]) -> frozenset[str]:
        """Return the names with a rule that ends, by itself or through a symbol; see `ends`."""
        callers: dict[str, set[str]] = {}
        waiting: set[str] = set()
        for one in self._all:
            if one.index not in self._dead:
                name = one.rule.name
                for call in one.all_calls:
                    callers.setdefault(call.name, set()).add(name)
                if ends[one.index]:
                    waiting.add(name)
        found = set(waiting)
        while waiting:
            more = callers.get(waiting.pop(), set()) - found
            found |= more
            waiting |= more
        return frozenset(found)

    def _reaching(self) -> frozenset[str]:
        """Return the symbols that lead to a terminal, and fill `_dead` with rules that do not.

        A rule with a symbol that leads nowhere is dead, and its name leads nowhere if no other rule
        does; a grammar all of whose rules would be dead keeps those of the first round.
        """
        ends = [one.ends for one in self._all]
        first = self._leading(ends)
        reaching = first
        empty = {one.rule.name for one in self._all if not one.rule.right}
        while True:
            more = {
                one.index
                for one in self._all
                if one.index not in self._dead
                and not all(
                    call.name in reaching or call.name in empty
                    for call in (one.all_calls if not one.switches else one.calls)
                )
            }
            if not more:
                break
            self._dead |= more
            reaching = self._leading(ends)
        if self.grammar.start in first and self.grammar.start not in reaching:
            return first
        return reaching


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
