"""What only a face may do, and constants that stand once."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import sideman

SOURCE = Path(sideman.__file__).parent
FACES = ("cli/", "course/", "terminal.py", "__main__.py")
OPTION = re.compile(r"(?:^|[\s`'\"(])(--[a-z][a-z-]*)")
# Options of pip and of uv, in messages that say how to install something.
FOREIGN = {"--no-deps", "--extra"}
EXITS = {"sys.exit", "exit", "quit", "os._exit", "SystemExit"}
# A worker's handler of SIGTERM ends its process; a child ends with its parent;
# Ctrl-C ends a command that is still importing.
MAY_EXIT = {"early.py", "output/audio/batch.py", "processes.py"}


# Modules that still name options, and which: this list only gets shorter.
@cache
def trees() -> dict[str, ast.Module]:
    return {
        path.relative_to(SOURCE).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
        for path in sorted(SOURCE.rglob("*.py"))
    }


def below_the_faces() -> dict[str, ast.Module]:
    return {name: tree for name, tree in trees().items() if not name.startswith(FACES)}


def options(tree: ast.AST) -> set[str]:
    """The options that stand in a module's strings, docstrings included."""
    return {
        option
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        for option in OPTION.findall(node.value)
    } - FOREIGN


def is_program(node: ast.AST) -> bool:
    """Whether it is the part of a module that runs as a program alone."""
    return isinstance(node, ast.If) and ast.unparse(node.test) == "__name__ == '__main__'"


def deeds(node: ast.AST) -> Iterator[str]:
    """What is printed, exited or imported of click."""
    if is_program(node):
        return
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "print":
        yield "prints"
    if isinstance(node, ast.Call) and ast.unparse(node.func) in EXITS:
        yield "exits"
    if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Name) and node.exc.id in EXITS:
        yield "exits"
    if isinstance(node, ast.Import) and any(
        one.name.split(".")[0] == "click" for one in node.names
    ):
        yield "imports click"
    if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "click":
        yield "imports click"
    for child in ast.iter_child_nodes(node):
        yield from deeds(child)


def test_nothing_below_the_faces_names_an_option() -> None:
    for name, tree in below_the_faces().items():
        assert not options(tree), f"{name} names options; give a field"


def test_nothing_below_the_faces_prints_or_exits() -> None:
    found = {name: {*deeds(tree)} for name, tree in below_the_faces().items()}
    assert {name: done for name, done in found.items() if done} == {
        name: {"exits"} for name in MAY_EXIT
    }


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("print('x')", {"prints"}),
        ("def f():\n    raise SystemExit", {"exits"}),
        ("import sys\nsys.exit(2)", {"exits"}),
        ("def f():\n    from click import echo", {"imports click"}),
        ("if __name__ == '__main__':\n    print('x')", set()),
        ("try:\n    pass\nexcept SystemExit:\n    pass", set()),
    ],
)
def test_what_is_done_is_found(text: str, found: set[str]) -> None:
    assert {*deeds(ast.parse(text))} == found


def test_options_are_found() -> None:
    text = 'f"use --synth {x}, or ``--no-deps``"; "--key"; "a -- b"; "x--y"; "(--out)"'
    assert options(ast.parse(text)) == {"--synth", "--key", "--out"}


def modules_with(values: tuple[int, ...]) -> list[str]:
    """The modules in which a tuple of numbers is written out."""
    return [
        name
        for name, tree in trees().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Tuple | ast.List)
        and all(isinstance(one, ast.Constant) for one in node.elts)
        and tuple(getattr(one, "value", None) for one in node.elts) == values
    ]


def constants_of(value: int) -> list[str]:
    """The constants of that value whose names say ticks."""
    return [
        f"{name}: {ast.unparse(node)}"
        for name, tree in trees().items()
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Constant)
        and node.value.value == value
        and "TICKS" in ast.unparse(node.targets[0])
    ]


@pytest.mark.parametrize(
    "values",
    [
        pytest.param((120, 144, 192, 288)),
        pytest.param((3, 5, 7, 9, 13, 19, 25, 49)),
    ],
)
def test_each_table_stands_once(values: tuple[int, ...]) -> None:
    assert len(modules_with(values)) == 1


def test_the_gap_between_phrases_stands_once() -> None:
    assert len(constants_of(21)) == 1
