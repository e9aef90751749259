"""The players nearest to solos, and the most typical bars of players."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sideman import opening
from sideman.errors import MusicError
from sideman.evaluation import loading, profiles, typical
from sideman.evaluation.typical import Example
from sideman.evaluation.views import views
from sideman.output import engraving
from sideman.score import LeadSheet, Part
from sideman.service.requests import File

_EXAMPLES = 4


@dataclass(frozen=True)
class NearestRequest:
    """Solos to compare with the players that come with sideman.

    Parameters
    ----------
    corpus : iterable of File
        Files with solos.
    split : File or None
        JSON that maps parts to the names of their solos; every solo is compared where None.
    part : str
        The part of the split.
    solo : str
        The number or name of the only solo; empty for all.
    """

    corpus: Iterable[File]
    split: File | None = None
    part: str = "test"
    solo: str = ""


def nearest(request: NearestRequest) -> dict[str, Any]:
    """Return the players nearest to each solo by cluster profile, with their distances.

    Raises
    ------
    SidemanError
        If a file cannot be read, or no solo is left.
    """
    known, split = profiles.shipped(), request.split
    names = None if split is None else loading.part_of(split.data, split.name, request.part)
    documents = opening.documents(request.corpus)
    chosen = loading.choose(documents, names, request.part, solo=request.solo)
    solos = []
    for item in chosen.items:
        if item.length < 2:
            continue
        measured = views(item.solo)
        order = known.nearest(measured, item.name)
        solos.append(
            {
                "name": item.name,
                "windows": len(measured.starts) + measured.silent,
                "nearest": [
                    {
                        "player": player.name,
                        "distance": round(distance, 3),
                        "solos": len(player.solos) - (item.name in player.solos),
                    }
                    for player, distance in order
                ],
            }
        )
    return {"players": len(known.players), "solos": solos}


def examples(corpus: Iterable[File], players: Iterable[str]) -> tuple[Example, ...]:
    """Return the most typical bars of players in a corpus of solos in 4/4, four of each at most.

    Raises
    ------
    SidemanError
        If a file cannot be read, a player is not compared, or the corpus has no solo of one.
    """
    known = profiles.shipped()
    wanted = [known.player(name) for name in players]
    chosen = loading.choose(opening.documents(corpus), only_common_time=True)
    found = typical.examples(chosen.items, known, wanted, _EXAMPLES)
    for player, bars in found.items():
        if not bars:
            raise MusicError(
                f"The corpus has no solo in 4/4 with chords by {player}; give a database that has.",
                field="corpus",
            )
    return tuple(one for bars in found.values() for one in bars)


def engrave(found: Iterable[Example], name: str) -> list[bytes]:
    """Return bars with chords, titles and bar numbers as pages, by the suffix of a file's name."""
    shown = tuple(found)
    changes, notes, labels = typical.joined(shown)
    names = list(dict.fromkeys(one.player for one in shown))
    title = f"Typical bars: {' and '.join(names)}"
    sheet = LeadSheet(title, changes, parts=(Part("Solo", notes),))
    return engraving.excerpts(sheet, labels, name)
