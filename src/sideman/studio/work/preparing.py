"""What the processes load when they start, so that the first requests find them ready."""

from __future__ import annotations

import contextlib

from sideman.errors import MissingExtraError
from sideman.formats import typed
from sideman.output import engraving
from sideman.score import LeadSheet
from sideman.service.requests import PlayRequest, Tune
from sideman.studio.work import catalogue, changes, files, takes

__all__ = ["catalogue", "files", "opener", "player", "reader"]


def player() -> None:
    """Load all that a solo needs, by playing one."""
    request = PlayRequest(changes=Tune(text="| Dm7 | G7 | C6 | . |"), choruses=1, seed=1)
    takes.play(request.to_json(), progress=lambda _: None)


def opener() -> None:
    """Load what most charts need."""
    changes.of_song("blues-f")


def reader() -> None:
    """Load what most charts need, and Verovio if it is there."""
    opener()
    with contextlib.suppress(MissingExtraError):
        engraving.strip(LeadSheet("", typed.parse("| C | F |").changes))
