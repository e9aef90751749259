"""A grammar as its file states it: rules over S-expressions.

An atom keeps its spelling, so that what is read is written again without a difference, and the
duration ``8.`` does not become the number 8.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeAlias

Expression: TypeAlias = "str | tuple[Expression, ...]"
"""An atom as spelled, or a list."""

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")


def number(atom: Expression) -> int | float | None:
    """Return the value of an atom that reads as a number, such as ``1.0E7``, else None."""
    if not isinstance(atom, str) or not _NUMBER.fullmatch(atom):
        return None
    return float(atom) if set(atom) & set(".eE") else int(atom)


def spell(expression: Expression) -> str:
    """Return an expression as text, as ``(slope 1 2 C8)``."""
    if isinstance(expression, str):
        return expression
    return f"({' '.join(map(spell, expression))})"


def atoms(expressions: Iterable[Expression]) -> Iterator[str]:
    """Yield the atoms of expressions, in order."""
    for each in expressions:
        if isinstance(each, str):
            yield each
        else:
            yield from atoms(each)


def called(item: Expression) -> str:
    """Return the symbol that an item of a right-hand side calls, its first atom; empty for none."""
    while isinstance(item, tuple):
        if not item:
            return ""
        item = item[0]
    return item


@dataclass(frozen=True, slots=True)
class Rule:
    """One production.

    Parameters
    ----------
    left : tuple of str
        The name of what is rewritten and its arguments, each a number or a variable.
    right : tuple of Expression
        The items that it is rewritten to.
    weights : tuple of Expression
        The factors of the weight: numbers and calls of built-in functions.
    base : bool
        Whether the rule, where its left-hand side fits exactly, has priority over the others.
    line : int
        The line of the file, from 1; 0 where the rule was not read.
    comment : str
        The comment behind the rule on its last line, after ``//``.
    """

    left: tuple[str, ...]
    right: tuple[Expression, ...]
    weights: tuple[Expression, ...]
    base: bool = False
    line: int = field(default=0, compare=False)
    comment: str = field(default="", compare=False)

    @property
    def name(self) -> str:
        """The symbol that is rewritten."""
        return self.left[0]

    @property
    def brick(self) -> str:
        """The harmonic brick under which alone the rule applies; empty for any harmony."""
        for weight in self.weights:
            if isinstance(weight, tuple) and weight[:2] == ("builtin", "brick"):
                return str(weight[2])
        return ""


@dataclass(frozen=True)
class Grammar:
    """Rules, and the symbol with which a derivation starts.

    Parameters
    ----------
    start : str
        The start symbol.
    rules : tuple of Rule
        All productions in the order of the file, base rules among them.
    parameters : tuple of (str, tuple of str)
        Names and values in the order of the file.
    declared : tuple of tuple of Expression
        The content of each ``terminals`` form; it has no effect.
    others : tuple of tuple of Expression
        The forms of an unknown kind; they have no effect.
    """

    start: str
    rules: tuple[Rule, ...]
    parameters: tuple[tuple[str, tuple[str, ...]], ...] = ()
    declared: tuple[tuple[Expression, ...], ...] = ()
    others: tuple[tuple[Expression, ...], ...] = ()

    @cached_property
    def values(self) -> dict[str, str]:
        """The value of each parameter, several words joined by blanks; the first counts."""
        return {name: " ".join(words) for name, words in reversed(self.parameters)}
