"""The house has floors: a module imports from lower ones or its own room, in no circle."""

import ast
import re
from pathlib import Path

import pytest

import sideman
from sideman import api

SOURCE = Path(__file__).parent.parent / "src" / "sideman"

# A row of the package's table: the floor, and its rooms.
ROW = re.compile(r"^(\d+) +((?:``\w+``(?:, )?)+)", re.M)
HEIGHT = {
    room: int(floor)
    for floor, rooms in ROW.findall(sideman.__doc__ or "")
    for room in re.findall(r"``(\w+)``", rooms)
}


def module_name(path: Path) -> str:
    parts = path.relative_to(SOURCE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path): path for path in sorted(SOURCE.rglob("*.py"))}


def imports(module: str) -> set[str]:
    """The sideman modules that a module imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(MODULES[module].read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: write imports out in full"
            source = node.module or ""
            inside = {f"{source}.{alias.name}" for alias in node.names} & MODULES.keys()
            found |= inside or {source}
    return {name for name in found if name.split(".")[0] == "sideman" and name in MODULES}


def room(module: str) -> str:
    """The part of the package; the package's own module is a room of its own."""
    return module.split(".")[1] if "." in module else module


@pytest.mark.parametrize("module", MODULES)
def test_imports_go_down(module: str) -> None:
    assert room(module) in HEIGHT, f"{module} has no floor: add its room to the package's table"
    for imported in imports(module):
        above, below = HEIGHT[room(module)], HEIGHT[room(imported)]
        assert below < above or room(module) == room(imported), (
            f"{module} (floor {above}) imports {imported} (floor {below})"
        )


def test_the_table_names_every_room() -> None:
    assert {room(module) for module in MODULES} == HEIGHT.keys()


def test_the_package_offers_what_its_docstring_and_the_api_name() -> None:
    text = (sideman.__doc__ or "").partition("offers these names")[2].partition("How a take")[0]
    named = set(re.findall(r"^(?:``\w+``(?:, )?)+", text, re.M))
    offered = {name for row in named for name in re.findall(r"``(\w+)``", row)}
    assert offered == {*api.__all__} == {*sideman.__all__} - {"__version__"}
    assert all(getattr(sideman, name) is getattr(api, name) for name in offered)
    assert offered <= {*dir(sideman)}
    assert not offered & {room(module) for module in MODULES}, "a name hides a room"
    with pytest.raises(AttributeError, match="no attribute 'improvize'"):
        _ = sideman.improvize  # type: ignore[attr-defined]


def test_no_circles() -> None:
    done: set[str] = set()

    def visit(module: str, path: tuple[str, ...]) -> None:
        assert module not in path, " -> ".join((*path, module))
        if module not in done:
            for imported in imports(module):
                visit(imported, (*path, module))
            done.add(module)

    for module in MODULES:
        visit(module, ())
