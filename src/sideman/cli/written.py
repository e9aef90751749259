"""The files that a command writes: their names, and the lines on them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import click

from sideman import terminal
from sideman.cli import asked
from sideman.errors import MusicError

Write = Callable[[Path], Iterable[Path]]


@dataclass(frozen=True)
class Target:
    """A file that is named, and is replaced; or a folder, in which a free name is chosen."""

    path: Path
    named: bool

    @classmethod
    def of(cls, out: Path | None, folder: Path | None, kind: str | None, source: str) -> Target:
        """Return the target of OUT, or of ``--out`` and ``--format``; raise an error for a bad one.

        Where OUT is not given the path is that of the folder, until it is :meth:`called`.
        """
        from sideman.cli.options import FOLDER
        from sideman.files import check_folder

        if out is None:
            check_folder(folder or FOLDER, field="out")
            return cls(folder or FOLDER, False)
        if kind is not None:
            raise MusicError(
                f"{out}: the suffix of this name is the format; leave --format out, or the name.",
                field="format",
            )
        path = out if folder is None else folder / out
        asked.target(path, source, field="")
        return cls(path, True)

    @classmethod
    def to(cls, out: Path | None, name: str, sources: Iterable[Path]) -> Target:
        """Return the target of ``--out FILE``, or of a name in the default folder."""
        from sideman.cli.options import FOLDER
        from sideman.files import check_folder

        if out is None:
            check_folder(FOLDER, field="out")
            return cls(FOLDER / name, False)
        asked.target(out, *sources)
        return cls(out, True)

    def called(self, name: str) -> Target:
        """Return the target with this name where none was given."""
        return self if self.named else replace(self, path=self.path / name)

    def write(self, write: Write) -> tuple[Path, ...]:
        """Call a function that writes files under a path and names them; return their paths."""
        from sideman import files

        if self.named:
            return tuple(write(self.path))
        with files.staging(self.path.parent) as staged:
            done = tuple(write(staged / self.path.name))
            placed = files.place(staged, self.path.parent, self.path.stem)
        return tuple(placed[path.name] for path in done)


@dataclass(frozen=True)
class Files:
    """Print a line for each file, its name alone, or all of them as JSON at the end."""

    quiet: bool = False
    as_json: bool = False
    _found: list[dict[str, Any]] = field(default_factory=list)

    def line(self, path: Path, told: str, lost: Iterable[str] = (), **facts: Any) -> str:
        """Return the line of a file, and what its format does not hold; empty for JSON."""
        self._found.append({"path": str(path), **facts, **({"left_out": [*lost]} if lost else {})})
        if self.as_json:
            return ""
        if self.quiet:
            return str(path)
        return f"{path}  {told}" + (f"\n  left out: {', '.join(lost)}" if lost else "")

    def add(self, path: Path, told: str, lost: Iterable[str] = (), **facts: Any) -> None:
        """Print the line of a file."""
        if line := self.line(path, told, lost, **facts):
            terminal.named(str(path), line.removeprefix(str(path)))

    def end(self) -> None:
        """Print the JSON, if it is wanted."""
        if self.as_json:
            click.echo(json.dumps({"files": self._found}, ensure_ascii=False, indent=2))
