"""Places of a grammar without effect: misspelt terminals, symbols without rules, unknown words.

They are worked round where the grammar plays; here each is given with its line and column.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from sideman.models.grammar import scoring, tones
from sideman.models.grammar.productions import BRICK, FAMILIES, Productions
from sideman.models.grammar.reading import places
from sideman.models.grammar.rules import Expression, Grammar, Rule, atoms, called, number, spell
from sideman.models.grammar.terminals import DEGREE, Slope, Terminal, slots, terminal, tone, whole
from sideman.models.harmony import bricks
from sideman.words import counted

PLAYED = frozenset({*tones.BOUNDS, *tones.SWITCHES, "scale-type"})
"""The parameters that decide how a grammar plays."""
IDLE = frozenset(
    {
        *("use-grammar", "auto-fill", "min-duration", "max-duration", "rest-prob", "scale-root"),
        *("chord-tone-decay", "use-syncopation", "syncopation-type", "syncopation-multiplier"),
        *("syncopation-constant", "expectancy-multiplier", "expectancy-constant"),
    }
)
"""The parameters of Impro-Visor that have no effect where a grammar plays."""
OWN = frozenset(
    {
        *("model-kind", "colours", "clusters", "order", "form", "window-beats", "seed"),
        *("unigram-weight", "sharing", "onset-spread"),
    }
)
"""The parameters of sideman's own, most of which training writes."""
FORMS = {"slope": "(slope 1 4 C8 L8)", "X": "(X b3 8)", "triadic": "(triadic 1 8)"}
"""The terminals that are lists, with an example of each."""
_WRAPPERS = {"fill": 2, "share": 1, "unshare": 1, "splice": 2}  # items before those derived
_SWITCH = "muse-switch"
_OPERATORS = frozenset("+-*/")
_STATED = ("rule", "base", "parameter", "startsymbol")
_SHOWN = 3
_MOST_COMPARED = 200_000  # names that are compared with undefined symbols
_LONGEST = 60


@dataclass
class Found:
    """The findings about a grammar.

    Parameters
    ----------
    faults : dict of str to (Rule, Expression)
        A sentence for each terminal that is misspelt, with what stands there.
    doubts : dict of str to (Rule, Expression)
        The same for other places whose effect is not the one stated.
    undefined : dict of str to Rule
        The symbols without a rule, where they are first called.
    functions : dict of str to Rule
        The functions of weights that are not known.
    headset : bool
        Whether a headset's reading is asked for.
    """

    faults: dict[str, tuple[Rule, Expression]] = field(default_factory=dict)
    doubts: dict[str, tuple[Rule, Expression]] = field(default_factory=dict)
    undefined: dict[str, Rule] = field(default_factory=dict)
    functions: dict[str, Rule] = field(default_factory=dict)
    headset: bool = False


class _Search:
    """The findings about the rules of a grammar."""

    def __init__(self, productions: Productions) -> None:
        self.found = Found()
        self._undefined = productions.undefined
        self._known: set[Expression] = set()  # terminals that are examined already
        for rule in productions.grammar.rules:
            self._rule(rule)

    def _rule(self, rule: Rule) -> None:
        if not rule.weights:
            self._doubt(f"the rule {rule.name} has no weight, and counts as 1", rule, rule.name)
        for weight in rule.weights:
            self._weight(weight, rule)
        variables = {each for each in rule.left[1:] if number(each) is None}
        if rule.right[:1] and rule.right[0] in FORMS and terminal(rule.right) is not None:
            shown = _cut(rule.right)
            sentence = f"{shown} stands without a list around it; write ({shown})"
            self.found.faults.setdefault(sentence, (rule, rule.right))
            return
        for item in rule.right:
            self._item(item, rule, variables)

    def _doubt(self, sentence: str, rule: Rule, place: Expression) -> None:
        self.found.doubts.setdefault(sentence, (rule, place))

    def _item(self, item: Expression, rule: Rule, variables: set[str]) -> None:
        if not item or item in self._known:
            return
        if (found := terminal(item)) is not None:
            self._terminal(item, found, rule)
            self._known.add(item)
        elif isinstance(item, str):
            self._symbol(item, rule, variables)
        elif not isinstance(item[0], str) or all(map(tone, item)):
            for each in item:
                self._item(each, rule, variables)
        elif item[0] in FORMS:
            self.found.faults.setdefault(_fault(item), (rule, item))
        else:
            self._call(item[0], item, rule, variables)

    def _call(
        self, head: str, item: tuple[Expression, ...], rule: Rule, variables: set[str]
    ) -> None:
        items: tuple[Expression, ...] = ()
        arguments: tuple[Expression, ...] = ()
        if head == _SWITCH:
            self.found.headset = True
            pairs = item[2] if len(item) > 2 else ()
            items = tuple(one for pair in pairs if isinstance(pair, tuple) for one in pair[1:])
        elif head in _WRAPPERS:
            items = item[_WRAPPERS[head] :]
            arguments = item[1:2] if head == "fill" else ()
        elif number(head) is None:
            self._symbol(head, rule, variables)
            arguments = item[1:]
        for each in items:
            self._item(each, rule, variables)
        for name in atoms(arguments):
            if name not in variables and name not in _OPERATORS and number(name) is None:
                left = spell(rule.left)
                self._doubt(
                    f"{name} in {_cut(item)} is no variable of the left side {left}", rule, item
                )

    def _symbol(self, symbol: str, rule: Rule, variables: set[str]) -> None:
        if symbol in self._undefined and symbol not in variables and number(symbol) is None:
            self.found.undefined.setdefault(symbol, rule)

    def _terminal(self, item: Expression, found: Terminal, rule: Rule) -> None:
        for length in _lengths(item):
            if not whole(length):
                self._doubt(
                    f"{length} in {_cut(item)} is no note length; {slots(length)} slots are "
                    "played, of 120 to a quarter",
                    rule,
                    item,
                )
        if isinstance(found, Slope) and found.low > found.high:
            self._doubt(f"the first bound of {_cut(item)} is above the second", rule, item)

    def _weight(self, weight: Expression, rule: Rule) -> None:
        match weight:
            case ("builtin", "chord-family", (*names,)):
                for family in map(str, names):
                    if family not in tones.FAMILIES:
                        self._doubt(
                            f"there are no chords of the family {family}; write one of "
                            f"{', '.join(tones.FAMILIES)}",
                            rule,
                            family,
                        )
            case ("builtin", "chord-family", *_):
                self._doubt(
                    f"{_cut(weight)} names no list of families, and counts as 1; write one such as "
                    "(builtin chord-family (dominant))",
                    rule,
                    weight,
                )
            case ("builtin", *rest):
                name = str(rest[0]) if rest and isinstance(rest[0], str) else "builtin"
                if name not in (BRICK, FAMILIES):
                    self.found.functions.setdefault(name, rule)
            case (str(name), *rest):
                if name != "*":
                    self.found.functions.setdefault(name, rule)
                for each in rest:
                    self._weight(each, rule)


def search(productions: Productions) -> Found:
    """Return the findings about a grammar."""
    return _Search(productions).found


def sentences(found: Found, grammar: Grammar, text: str = "") -> list[str]:
    """Return a sentence for each finding, with its line and, by the text of the file, column."""
    known = sorted({rule.name for rule in grammar.rules})
    said = {**found.faults, **found.doubts}
    hinted = len(known) * len(found.undefined) <= _MOST_COMPARED
    for symbol, rule in found.undefined.items():
        near = difflib.get_close_matches(symbol, known, n=1, cutoff=0.7) if hinted else []
        hint = f"; did you mean {near[0]}?" if near else ""
        said[f"{symbol} is no terminal and has no rule{hint}"] = rule, symbol
    for name, rule in found.functions.items():
        said[f"the function {name} of a weight is unknown, and counts as 1"] = rule, name
    return [*_placed(said, text), *_others(grammar)]


def first(found: Found, text: str) -> str:
    """Return the first fault, or else the first doubt, with its place; empty for none."""
    for said in (found.faults, found.doubts):
        for sentence, place in said.items():
            return _placed({sentence: place}, text)[0]
    return ""


def _placed(said: Mapping[str, tuple[Rule, Expression]], text: str) -> list[str]:
    """Return sentences with their places, in order."""
    found = places(text, [(expression, rule.line) for rule, expression in said.values()])
    return [
        f"line {line}, column {column}: {sentence}"
        for (line, column), sentence in sorted(zip(found, said, strict=True))
    ]


def notice(found: Found, grammar: Grammar, text: str) -> str:
    """Return a clause on the places that are worked round in playing; empty for none."""
    unknown = sorted({rule.brick for rule in grammar.rules} - {"", *bricks.NAMES})
    parts = [
        missing(found),
        "a muse-switch takes its first choice, as no headset is read" if found.headset else "",
        _counted("the brick {} is not recognised", "the bricks {} are not recognised", unknown),
        _counted(
            "the function {} of a weight counts as 1",
            "the functions {} of weights count as 1",
            _with_lines(found.functions),
        ),
        _counted(
            "the parameter {} is unknown",
            "the parameters {} are unknown",
            [_nearest(name, PLAYED | OWN) for name in unknown_parameters(grammar)],
        ),
        first(found, text),
    ]
    others = list(_others(grammar))
    if not parts[-1]:
        parts += others[:1]
    if (more := len(found.faults) + len(found.doubts) + len(others) - 1) > 0:
        parts.append(counted(more, "more such place"))
    return "; ".join(filter(None, parts))


def unknown_parameters(grammar: Grammar) -> tuple[str, ...]:
    """Return the names of the parameters that neither Impro-Visor nor sideman has."""
    names = dict.fromkeys(name for name, _ in grammar.parameters)
    return tuple(name for name in names if name not in PLAYED | IDLE | OWN)


def missing(found: Found) -> str:
    """Return a clause about symbols that have no rule; empty for none."""
    return _counted("{} has no rule", "{} have no rules", _with_lines(found.undefined))


def _with_lines(named: Mapping[str, Rule]) -> list[str]:
    return [f"{name} (line {rule.line})" for name, rule in named.items()]


def _nearest(name: str, known: Collection[str]) -> str:
    """Return a name, and the one that it may be meant for."""
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.7)
    return f"{name} (did you mean {near[0]}?)" if near else name


def _counted(one: str, many: str, names: list[str]) -> str:
    """Return a clause about some names, of which a few are given."""
    if not names:
        return ""
    shown, more = names[:_SHOWN], len(names) - _SHOWN
    last = f"{more} more" if more > 0 else shown.pop() if len(shown) > 1 else ""
    said = ", ".join(shown) + (f" and {last}" if last else "")
    return (one if len(names) == 1 else many).format(said)


def _others(grammar: Grammar) -> Iterator[str]:
    """Yield a sentence for each parameter without effect, and for a second start symbol."""
    for other in grammar.others:
        if other[:1] == ("startsymbol",):
            yield f"a second start symbol, {spell(other[1])}, has no effect; {grammar.start} counts"
        elif (name := called(other).lower()) in _STATED:
            yield f"a form {called(other)} has no effect; did you mean {name}?"
    values = grammar.values
    for name, (least, most) in tones.BOUNDS.items():
        if name not in values:
            continue
        if (value := number(values[name])) is None:
            wrong = "no number"
        elif not least <= value <= most:
            wrong = f"not from {least:g} to {most:g}"
        else:
            continue
        yield f"parameter {name}: {values[name]} is {wrong}, so that its default is taken"
    for name in tones.SWITCHES:
        if values.get(name, "true") not in ("true", "false"):
            yield f"parameter {name}: {values[name]} is neither true nor false, and counts as true"
    for name, wrong in scoring.unusable(grammar).items():
        yield f"parameter {name}: {wrong}, so that its default is taken"
    low, high = (number(values.get(name, "")) for name in ("min-pitch", "max-pitch"))
    if low is not None and high is not None and low > high:
        yield f"parameter max-pitch: {high} is below min-pitch, {low}; exchange them"
    tables = (tones.HOUSE, tones.IMPRO_VISOR)
    if (colours := values.get("colours", tones.HOUSE)) not in tables:
        yield f"parameter colours: {colours} is neither {' nor '.join(tables)}"


def _fault(form: tuple[Expression, ...]) -> str:
    """Return the fault of a slope, scale degree or row of triads that is no terminal."""
    head, *rest = form
    remedy = f"write one as {FORMS[str(head)]}"
    if head == "slope" and len(rest) > 2:
        bounds = [spell(each) for each in rest[:2] if number(each) is None]
        wrong = [spell(each)[:_LONGEST] for each in rest[2:] if tone(each) is None]
        if bounds:
            wanted = "whole numbers" if len(bounds) > 1 else "a whole number"
            return f"{' and '.join(bounds)} in {_cut(form)} must be {wanted}; {remedy}"
        return f"{wrong[0]} in {_cut(form)} is no note and no rest; {remedy}"
    if head == "X" and len(rest) == 2 and not DEGREE.fullmatch(spell(rest[0])):
        return f"{spell(rest[0])[:_LONGEST]} in {_cut(form)} is no scale degree; {remedy}"
    if head != "slope" and len(rest) == 2:
        return f"{_cut(form)} has a length that is none; {remedy}"
    return f"{_cut(form)} is incomplete; {remedy}"


def _lengths(item: Expression) -> Iterator[str]:
    """Yield the lengths in a terminal."""
    match item:
        case str():
            yield item[1:]
        case ("slope", _, _, *rest):
            yield from (each[1:] for each in rest if isinstance(each, str))
        case ("X", _, str(length)):
            yield length
        case ("triadic", str(total), str(unit)):
            yield from (total, unit)
        case (one,):
            yield from _lengths(one)


def _cut(form: Expression) -> str:
    text = spell(form)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 2]} …"
