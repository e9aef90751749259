"""``sideman play``: a solo, heard at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from sideman.cli import improvise, played

TUNE = "blues-f"


_HELP = """Improvise a solo and play it at once.

CHANGES is as for sideman improvise; without them it is a blues in F.  The take is written to a
folder too, and played on the audio device of this machine; Ctrl-C stops it.  Without a device the
sound file is opened with the system's player, and without a display its name is printed.
"""


@click.command("play", help=_HELP)
@improvise.arguments
@played.options(audio=True, heard=True)
def command(changes: str | None, again: Path | None, **values: Any) -> None:
    """Improvise and play."""
    if changes is None and again is None:
        changes = TUNE
    improvise.improvise(changes=changes, again=again, **values)
