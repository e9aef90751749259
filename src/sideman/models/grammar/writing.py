"""Writing a grammar as the text that :mod:`~sideman.models.grammar.reading` reads."""

from __future__ import annotations

from collections.abc import Iterator

from sideman.models.grammar.rules import Grammar, Rule, spell


def dumps(grammar: Grammar, heading: str = "") -> str:
    """Return a grammar as text that is read again as the same, `heading` above it as comments."""
    return "".join(f"{line}\n" for line in _lines(grammar, heading))


def _lines(grammar: Grammar, heading: str) -> Iterator[str]:
    for line in heading.splitlines():
        yield f"// {line}".rstrip()
    yield spell(("startsymbol", grammar.start))
    for name, values in grammar.parameters:
        yield spell(("parameter", (name, *values)))
    for declared in grammar.declared:
        yield spell(("terminals", *declared))
    for rule in grammar.rules:
        yield _rule(rule)
    for other in grammar.others:
        yield spell(other)


def _rule(rule: Rule) -> str:
    kind = "base" if rule.base else "rule"
    line = spell((kind, rule.left, rule.right, *rule.weights))
    return f"{line} // {' '.join(rule.comment.split())}" if rule.comment.split() else line
