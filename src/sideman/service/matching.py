"""Which solos of a corpus are held-out solos, or of the same tunes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sideman import opening
from sideman.errors import FormatError, MusicError
from sideman.evaluation import loading, matching
from sideman.service.requests import File

PARTS = ("valid", "test")
"""The parts of a split that are held out."""
KEPT, LEFT_OUT = "train", "left out"


@dataclass(frozen=True)
class MatchRequest:
    """A corpus, and the held-out solos that it is matched with.

    Parameters
    ----------
    corpus : iterable of File
        Files with solos; those without are skipped.
    against : iterable of File
        Files with the held-out solos.
    split : File or None
        JSON that maps parts to the names of their solos; all solos are held out where None.
    parts : tuple of str
        The parts of the split that are held out.
    limit : int
        The different notes in a shared run from which a solo is left out.
    """

    corpus: Iterable[File]
    against: Iterable[File]
    split: File | None = None
    parts: tuple[str, ...] = PARTS
    limit: int = matching.LIMIT


def match(request: MatchRequest) -> dict[str, Any]:
    """Return what every solo of a corpus shares with the held-out solos, and whether to keep it.

    A solo is left out if a held-out one has its title, or shares a run of `limit` different notes.

    Raises
    ------
    SidemanError
        If a file cannot be read, or a part is unknown or empty, or no file holds a solo.
    """
    if request.limit < matching.SHORTEST:
        raise MusicError(
            f"A run of {request.limit} notes is common to many solos; give "
            f"{matching.SHORTEST} or more.",
            field="limit",
        )
    held = matching.HeldOut(_held_out(request))
    solos, skipped, files = [], [], 0
    for given in request.corpus:
        files += 1
        try:
            found = tuple(loading.Reading(opening.documents([given])))
        except FormatError as error:
            skipped.append(str(error))
            continue
        items = [item for items in found for item in items if item.length > 1]
        if not items:
            skipped.append(f"{given.name}: holds no solo of two notes or more.")
        solos += [_row(item, given.name, held, request.limit) for item in items]
    if not solos:
        raise MusicError(
            "No file holds a solo to match; give MIDI files, lead sheets with melodies, or a "
            f"database. {' '.join(skipped[:1])}".rstrip()
        )
    return {
        "held_out": len(held.names),
        "parts": list(request.parts) if request.split is not None else [],
        "limit": request.limit,
        "files": files,
        "skipped": skipped,
        "kept": sum(solo["keep"] for solo in solos),
        "solos": solos,
    }


def split_of(result: Mapping[str, Any]) -> bytes:
    """Return a split as JSON: the solos to keep as ``train``, and those that are left out."""
    parts: dict[str, list[str]] = {KEPT: [], LEFT_OUT: []}
    for solo in result["solos"]:
        parts[KEPT if solo["keep"] else LEFT_OUT].append(solo["name"])
    # A name that stands for a solo that is left out keeps none.
    parts[KEPT] = [name for name in parts[KEPT] if name not in parts[LEFT_OUT]]
    return (json.dumps(parts, indent=1, ensure_ascii=False) + "\n").encode()


def _held_out(request: MatchRequest) -> tuple[loading.Item, ...]:
    documents = opening.documents(request.against)
    split = request.split
    if split is None:
        return loading.choose(documents).items
    names = [loading.part_of(split.data, split.name, part) for part in request.parts]
    return loading.choose(documents, frozenset().union(*names)).items


def _row(item: loading.Item, name: str, held: matching.HeldOut, limit: int) -> dict[str, Any]:
    found = held.match(item.solo.title, item.solo.notes, "" if item.entry.name else name)
    run = found.run
    return {
        "file": name,
        "name": item.name,
        "title": item.solo.title,
        "notes": item.length,
        "same_title": list(found.titles),
        "run": None if run is None else asdict(run),
        "keep": not found.titles and (run is None or run.different < limit),
    }
