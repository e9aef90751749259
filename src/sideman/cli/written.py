"""The lines on files that a command has written."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

from sideman import terminal


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
