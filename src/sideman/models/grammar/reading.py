"""Reading a grammar file: S-expressions with their places, then rules and parameters.

An atom is whatever holds neither a blank nor a parenthesis.  Comments go from ``//`` to the end of
the line, or from ``/*`` to ``*/``.  Atoms outside parentheses are left out; a form whose first word
is unknown has no effect and is kept in :attr:`Grammar.others`.  Nothing here is recursive in what
it reads except for lists, whose depth is bounded.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NoReturn

from sideman import files
from sideman.errors import FormatError
from sideman.models.grammar.rules import Expression, Grammar, Rule, atoms, number, spell

LARGEST = 16 * files.MEBIBYTE
DEEPEST = 64
LONGEST_ATOM = 200
LARGEST_NUMBER = 10**9
LARGEST_WEIGHT = 1e100
"""The most letters of a file, lists in one another and letters of an atom; the largest number and
weight."""

_TOKEN = re.compile(r"//[^\n]*|/\*(?:.*?\*/)?|[()]|(?:[^\s()/]|/(?![/*]))+", re.DOTALL)


@dataclass(slots=True)
class _Form:
    """A list outside all others, its offset, and the comment behind it."""

    items: tuple[Expression, ...]
    offset: int
    comment: str = ""


@dataclass
class _Text:
    """The text of a grammar file and its name."""

    text: str
    name: str
    starts: list[int] = field(default_factory=list)
    known: dict[str, str] = field(default_factory=dict)
    large: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.starts = [0, *(match.end() for match in re.finditer("\n", self.text))]

    def line(self, offset: int) -> int:
        """Return the line of an offset, from 1."""
        return bisect_right(self.starts, offset)

    def fail(self, offset: int, fault: str) -> NoReturn:
        """Raise the error for a fault at an offset."""
        line = self.line(offset)
        column = offset - self.starts[line - 1] + 1
        raise FormatError(f"{self.name}, line {line}, column {column}: {files.printable(fault)}")

    def place(self, form: _Form, item: int, atom: str = "") -> int:
        """Return the offset of an item of a form, or of the first such atom from there on."""
        depth, met = 0, -1
        for match in _TOKEN.finditer(self.text, form.offset):
            token, at = match[0], match.start()
            if token.startswith(("//", "/*")):
                continue
            met += depth == 1 and token != ")"
            if met >= item and atom in ("", token):
                return at
            depth += (token == "(") - (token == ")")
        return form.offset

    def forms(self) -> Iterator[_Form]:
        """Yield the lists outside all others."""
        opened: list[tuple[int, list[Expression]]] = []
        last: _Form | None = None
        ended = 0
        for match in _TOKEN.finditer(self.text):
            token, at = match[0], match.start()
            if opened and (known := self.known.get(token)):
                opened[-1][1].append(known)
            elif token == "(":
                if len(opened) == DEEPEST:
                    self.fail(at, f"more than {DEEPEST} lists one within another; close some.")
                opened.append((at, []))
            elif token == ")":
                if not opened:
                    self.fail(at, "this parenthesis closes nothing; remove it.")
                start, items = opened.pop()
                if opened:
                    opened[-1][1].append(tuple(items))
                else:
                    if last is not None:
                        yield last
                    last, ended = _Form(tuple(items), start), at
            elif token.startswith("//"):
                if last and not opened and "\n" not in self.text[ended:at]:
                    last.comment = last.comment or token[2:].strip()
            elif token.startswith("/*"):
                if token == "/*":
                    self.fail(at, "this comment has no end; write */ behind it.")
            elif opened:
                opened[-1][1].append(self._met(token, at))
        if opened:
            self.fail(opened[0][0], "this parenthesis is not closed; write the missing ).")
        if last is not None:
            yield last

    def _met(self, atom: str, at: int) -> str:
        """Return an atom that is met first, checked; remember whether it is a large number."""
        if len(atom) > LONGEST_ATOM:
            self.fail(at, f"{atom[:20]}… has more than {LONGEST_ATOM} letters; shorten it.")
        value = number(atom)
        if value is not None and abs(value) > LARGEST_NUMBER:
            self.large.add(atom)
        return self.known.setdefault(atom, atom)


def loads(text: str, name: str) -> Grammar:
    """Return the grammar in a text.

    Parameters
    ----------
    text : str
        The text.
    name : str
        The name of its file, for messages.

    Raises
    ------
    FormatError
        If the text is damaged, holds a rule that cannot be understood, or has no start symbol.

    Examples
    --------
    >>> loads("(startsymbol P) (rule (P) (C4 R4) 1) // two beats", "x").rules[0].comment
    'two beats'
    """
    if len(text) > LARGEST:
        raise FormatError(
            f"{name}: has {len(text):,} letters, and a grammar has at most {LARGEST:,}; split it."
        )
    source = _Text(_unix(text), name)
    start = ""
    rules: list[Rule] = []
    parameters: list[tuple[str, tuple[str, ...]]] = []
    declared: list[tuple[Expression, ...]] = []
    others: list[tuple[Expression, ...]] = []
    for form in source.forms():
        match form.items:
            case ("rule" | "base", *_):
                rules.append(_rule(source, form))
            case ("parameter", *_):
                parameters.append(_parameter(source, form))
            case ("startsymbol", str(symbol), *_) if not start:
                start = symbol
            case ("startsymbol", str(), *_):
                others.append(form.items)
            case ("startsymbol", *_):
                source.fail(form.offset, "names no start symbol; write one, as (startsymbol P).")
            case ("terminals", *rest):
                declared.append(tuple(rest))
            case _:
                others.append(form.items)
    if not start:
        source.fail(len(source.text), "no start symbol; add a line such as (startsymbol P).")
    return Grammar(start, tuple(rules), tuple(parameters), tuple(declared), tuple(others))


def places(text: str, wanted: Sequence[tuple[Expression, int]]) -> list[tuple[int, int]]:
    """Return line and column of atoms and lists in a text, from 1, each from its line on.

    Where one stands nowhere, its line and the column 1 are returned.
    """
    source = _Text(_unix(text), "")
    found = [(line, 1) for _, line in wanted]
    if not wanted:
        return found
    sought: dict[Expression, list[int]] = {}
    for index, (expression, _) in enumerate(wanted):
        sought.setdefault(expression, []).append(index)
    begin = min(line for _, line in wanted)
    opened: list[tuple[int, list[Expression]]] = []
    for match in _TOKEN.finditer(source.text, source.starts[min(begin, len(source.starts)) - 1]):
        token, at = match[0], match.start()
        met: Expression = token
        if token == "(":
            opened.append((at, []))
            continue
        if token.startswith(("//", "/*")) or (token == ")" and not opened):
            continue
        if token == ")":
            at, items = opened.pop()
            met = tuple(items)
        if opened:
            opened[-1][1].append(met)
        if met in sought:
            line = source.line(at)
            here = line, at - source.starts[line - 1] + 1
            waiting = sought.pop(met)
            for index in (one for one in waiting if wanted[one][1] <= line):
                found[index] = here
            if left := [one for one in waiting if wanted[one][1] > line]:
                sought[met] = left
            if not sought:
                break
    return found


def _unix(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _rule(source: _Text, form: _Form) -> Rule:
    """Return the rule that a form states."""
    kind = str(form.items[0])
    if len(form.items) < 3:
        source.fail(
            form.offset,
            f"this {kind} has too few items; write ({kind} (NAME) (WHAT IT BECOMES) WEIGHT).",
        )
    left, right, *weights = (
        (each,) if isinstance(each, str) and place < 2 else each
        for place, each in enumerate(form.items[1:])
    )
    if not left or not all(isinstance(each, str) for each in left):
        source.fail(
            form.offset,
            f"the left side of this {kind} is no list of a name and numbers or variables; write "
            "one such as (P Y).",
        )
    _check_size(source, form, (left, right))
    for item, weight in enumerate(weights, start=3):
        _check_weight(source, form, weight, item)
    plain = len(weights) < 2 and not source.large and all(isinstance(each, str) for each in weights)
    if not plain and _product(weights) > LARGEST_WEIGHT:
        at = source.place(form, 3)
        source.fail(at, f"the weight of this {kind} is larger than 1e100; lower it.")
    words = tuple(each for each in left if isinstance(each, str))
    line = source.line(form.offset)
    return Rule(words, tuple(right), tuple(weights), kind == "base", line, form.comment)


def _check_size(source: _Text, form: _Form, expressions: tuple[Expression, ...]) -> None:
    """Raise a FormatError if a number is too large."""
    if source.large:
        for each in atoms(expressions):
            if each in source.large:
                at = source.place(form, 1, each)
                source.fail(at, f"{each} is larger than {LARGEST_NUMBER:,}; lower it.")


def _check_weight(source: _Text, form: _Form, weight: Expression, item: int) -> None:
    """Raise a FormatError unless a factor of a weight is a number or the call of a function.

    `item` is the place in the form of the factor, or of the one that holds it.
    """
    match weight:
        case str():
            value = number(weight)
            if value is None or value < 0:
                source.fail(
                    source.place(form, item, weight),
                    f"{weight} is no weight; write a number that is not negative, such as 1, "
                    "behind one list of all that the rule becomes.",
                )
        case ("builtin", "brick", *rest) if len(rest) != 1 or not isinstance(rest[0], str):
            at = source.place(form, item)
            source.fail(at, "names no brick; write one, as (builtin brick POT).")
        case ("builtin", *_):
            pass
        case (str(), *rest):
            for each in rest:
                _check_weight(source, form, each, item)
        case _:
            at = source.place(form, item)
            source.fail(at, "a factor of the weight is empty; write a number such as 1.")


def _product(weights: list[Expression]) -> float:
    """Return the product of the numbers above 1 in a weight; infinite if it is beyond a float."""
    found = 1.0
    for each in atoms(weights):
        found *= max(float(number(each) or 0), 1.0)
    return found


def _parameter(source: _Text, form: _Form) -> tuple[str, tuple[str, ...]]:
    """Return the name and the values of a parameter; a list counts as one value."""
    said = form.items[1:]
    if said and not isinstance(said[0], str):
        said = said[0]
    if not said or not isinstance(said[0], str):
        source.fail(form.offset, "names no parameter; write one, as (parameter (max-pitch 82)).")
    _check_size(source, form, said)
    return said[0], tuple(map(spell, said[1:]))
