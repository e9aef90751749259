"""The facts that a command prints: one line, a text, more facts, or JSON."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import click

from sideman.cli import options as shared

Command = Callable[..., Any]
_PIECES = 10_000


@dataclass(frozen=True, slots=True)
class Facts:
    """The values of :func:`options`.  With `as_json`, `quiet` has no effect."""

    quiet: bool = False
    verbose: bool = False
    as_json: bool = False

    def show(
        self,
        data: Mapping[str, Any],
        text: Callable[[], str],
        *,
        brief: Callable[[], str],
        more: Callable[[], str],
    ) -> None:
        """Print facts as JSON, in one line (`brief`), as a text, or as a text and `more`."""
        if self.as_json:
            # In pieces: the whole text is larger than what it is made of.
            pieces = json.JSONEncoder(indent=2, ensure_ascii=False).iterencode(data)
            while part := "".join(islice(pieces, _PIECES)):
                click.echo(part, nl=False)
            click.echo()
        elif self.quiet:
            click.echo(brief())
        else:
            click.echo(text())
            if self.verbose:
                click.echo(f"\n{more()}")

    def written(self, paths: Iterable[Path]) -> None:
        """Print the names of files; on the error stream beside JSON."""
        for path in paths:
            click.echo(str(path), err=self.as_json)


def options(command: Command) -> Command:
    """Add ``--quiet``, ``--verbose`` and ``--json``; the command receives them as `printing`."""

    def told(*, quiet: bool, verbose: bool, as_json: bool, **values: Any) -> Any:
        return command(printing=Facts(quiet, verbose, as_json), **values)

    functools.update_wrapper(told, command)
    return shared.together(shared.BRIEF, shared.VERBOSE, shared.AS_JSON)(told)
