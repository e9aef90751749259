"""Docstrings shorter than what they describe, and plain words: figures that only fall.

``python tests/test_prose.py`` prints the tables as they are today; copy them here when they fell.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

SOURCE = Path(__file__).parent.parent / "src" / "sideman"

# Functions whose docstring is longer than their body, by room.
LONGER = {
    "api": 2,
    "course": 2,
    "formats": 10,
    "models": 3,
    "output": 3,
    "service": 13,
    "training": 1,
}
# Words that say in a picture what has a plain name, by room; see CONTRIBUTING.md.
QUAINT = {"cli": 1, "output": 1}
WORDS = re.compile(
    r"\b(limp(s|ing)?|tir(e|es|ing)|weary|hears|leans?( on|s)|leant|whom|whoever|whose turn|"
    r"says that|tells|somebody|nobody|anybody|at home|what it says|mend(s|ed)?|heeds?|wishes)\b",
    re.IGNORECASE,
)


def lines(nodes: list[ast.stmt]) -> int:
    return (nodes[-1].end_lineno or 0) - nodes[0].lineno + 1 if nodes else 0


def longer(tree: ast.Module) -> int:
    """Count the functions whose docstring has more lines than their body, if they have one."""
    return sum(
        lines(node.body[:1]) > lines(node.body[1:]) > 0
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and ast.get_docstring(node, clean=False) is not None
    )


@cache
def counted() -> tuple[Counter[str], Counter[str]]:
    """Of each room, the long docstrings and the quaint words."""
    docstrings, words = Counter[str](), Counter[str]()
    for path in SOURCE.rglob("*.py"):
        room = path.relative_to(SOURCE).parts[0].removesuffix(".py")
        text = path.read_text(encoding="utf-8")
        docstrings[room] += longer(ast.parse(text))
        words[room] += len(WORDS.findall(text))
    return docstrings, words


ROOMS = sorted(
    {path.relative_to(SOURCE).parts[0].removesuffix(".py") for path in SOURCE.rglob("*.py")}
)


@pytest.mark.parametrize("room", ROOMS)
def test_docstrings_longer_than_bodies_only_get_fewer(room: str) -> None:
    assert counted()[0][room] <= LONGER.get(room, 0), (
        "shorten a docstring: one line is often enough"
    )


@pytest.mark.parametrize("room", ROOMS)
def test_quaint_words_only_get_fewer(room: str) -> None:
    assert counted()[1][room] <= QUAINT.get(room, 0), "say it in a plain word"


def test_counting() -> None:
    text = 'def f():\n    """Do.\n\n    More.\n    """\n    x()\n    y()\n'
    text += 'def g():\n    """Do."""\n    x()'
    assert longer(ast.parse(text)) == 1
    assert len(WORDS.findall("It tells whom it limps; leans on, lean, clean")) == 4


if __name__ == "__main__":
    for one in counted():
        print({room: many for room, many in sorted(one.items()) if many})
