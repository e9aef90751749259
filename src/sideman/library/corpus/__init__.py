"""The corpus: solos to learn from.

:func:`embedded` returns the solos of the package (:mod:`sideman.library.etudes`), :func:`chorded`
those of a document in any format.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from sideman.errors import FormatError, MusicError
from sideman.files import is_folder
from sideman.formats import registry
from sideman.formats.document import Document, SoloEntry, over
from sideman.score import Changes, Solo


def embedded() -> tuple[Solo, ...]:
    """Return the solos of the package: original solos over the songbook's forms."""
    from sideman.library import etudes

    return etudes.all()


def files(paths: Iterable[str | os.PathLike[str]], *, charts: bool = False) -> tuple[Path, ...]:
    """Return the files in order, folders replaced by the solo files at any depth, sorted.

    Files that may hold charts are searched for instead where `charts` is true.  Raise MusicError if
    a folder holds none.
    """
    found: list[Path] = []
    suffixes = registry.chart_suffixes() if charts else registry.solo_suffixes()
    wanted = "chart" if charts else "MIDI file or lead sheet"
    for path in map(Path, paths):
        if not is_folder(path):
            found.append(path)
            continue
        inside = sorted(
            one for one in path.rglob("*") if one.suffix.lower() in suffixes and one.is_file()
        )
        if not inside:
            raise MusicError(f"{path}: no {wanted} is in this folder; name another.")
        found += inside
    return tuple(found)


def chorded(document: Document, changes: Changes | None = None) -> tuple[Solo, ...]:
    """Return the solos of a document that have notes and chords.

    `changes` replace the document's own, from the first bar of the solo.  A MusicError is raised if
    it holds no notes, or no chords are known.
    """
    found = [one.open() for one in entries_of(document)]
    if changes is not None:
        found = [over(solo, changes) for solo in found]
    sounding = [solo for solo in found if solo.notes]
    if not sounding:
        raise MusicError(f"{document.name}: has no notes to learn from; name another file.")
    with_chords = [solo for solo in sounding if solo.changes is not None and solo.changes.spans]
    if not with_chords:
        raise MusicError(
            f"{document.name}: has no chords, and learning needs them; give the changes.",
            field="changes",
        )
    return tuple(with_chords)


def entries_of(document: Document) -> tuple[SoloEntry, ...]:
    """Return the solos of a document, each read when it is opened, or raise a FormatError."""
    found = document.solos
    if found is None:
        raise FormatError(
            f"{document.name}: solos are not read from this kind of file; give MIDI (.mid), a "
            "lead sheet (.ls), MusicXML or a Weimar database (.db)."
        )
    return tuple(one for one in found if one.notes or one.name)
