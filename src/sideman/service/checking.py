"""A copy of the Weimar Jazz Database beside the solos of the benchmark."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sideman.evaluation import known, loading
from sideman.evaluation.known import Comparison
from sideman.formats import weimar
from sideman.formats.report import Report
from sideman.service.requests import File
from sideman.words import counted

_SPLIT = "wjazzd"
_NAMED = 12
_SOURCE = (
    "The solos known here are of a copy that was rebuilt from CSV exports; the published release "
    "itself was not at hand, so no file is compared, but names, notes, chords and times."
)


def check(file: File) -> Report:
    """Return how the solos of a database differ from those that are known, as text and values.

    Raises
    ------
    FormatError
        If the file is not a database in the Weimar schema, or is damaged.
    """
    found = known.compare(weimar.parse(file.data, file.name))
    parts = loading.read_split(_SPLIT)
    data: dict[str, Any] = {
        "file": file.name,
        "complete": found.complete,
        "known": len(known.solos()),
        "same": len(found.same),
        "other": {name: list(what) for name, what in found.other.items()},
        "missing": list(found.missing),
        "further": list(found.further),
        "renamed": dict(found.renamed),
        "parts": {
            part: {"solos": len(names), "same": len(set(names) & {*found.same})}
            for part, names in parts.items()
        },
        "source": _SOURCE,
    }
    return Report("\n".join(_lines(found, data["parts"])), data)


def _lines(found: Comparison, parts: Mapping[str, Mapping[str, int]]) -> Iterator[str]:
    every = len(known.solos())
    yield (
        f"All {every} solos of the benchmark are there, with the same notes, chords and times."
        if found.complete
        else f"{len(found.same)} of the {every} solos of the benchmark are there, with the same "
        "notes, chords and times."
    )
    if found.missing:
        yield f"{counted(len(found.missing), 'solo')} missing: {_some(found.missing)}."
    if found.other:
        told = [f"{name} ({', '.join(what)})" for name, what in found.other.items()]
        yield f"{counted(len(told), 'solo')} of a known name with other events: {_some(told)}."
    if found.further:
        told = [
            name + (f" (the notes of {found.renamed[name]})" if name in found.renamed else "")
            for name in found.further
        ]
        more = counted(len(told), "solo")
        yield f"{more} more, which the benchmark does not have: {_some(told)}."
    told = [f"{part} {own['same']} of {own['solos']}" for part, own in parts.items()]
    yield f"Of its parts: {', '.join(told)}."
    if any(own["same"] < own["solos"] for own in parts.values()):
        yield "Figures of a part that is not complete are not those of docs/benchmark.md."
    yield _SOURCE


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
