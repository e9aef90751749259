"""Solos and events from files, parts of a split, and fingerprints of a corpus."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from importlib import resources
from pathlib import Path

import numpy as np

from sideman import files, opening
from sideman.errors import FileError, FormatError, MusicError
from sideman.formats.document import Document, SoloEntry
from sideman.library import corpus
from sideman.models.events import Events, from_notes, from_solo
from sideman.score import Solo

MOST_SPLIT_BYTES = 16 * files.MEBIBYTE
_SPLIT = ".split.json"
MOST_NOTES = 20_000
"""The longest solo that is measured."""


@dataclass(frozen=True)
class Item:
    """A solo to measure: its name in splits and tables, and the entry that it is read from.

    `number` is that of a database, or else its place in the file, from 1.
    """

    name: str
    entry: SoloEntry
    number: int = 1

    @cached_property
    def solo(self) -> Solo:
        """The solo as score."""
        return self.entry.open()

    @cached_property
    def events(self) -> Events:
        """The solo as the benchmark's events."""
        if self.entry.grid is None:
            return from_solo(self.solo, self.name)
        notes = self.entry.grid()
        return from_notes(
            self.name,
            notes.onsets,
            notes.pitches,
            notes.lengths,
            notes.changes,
            tempo_bpm=self.entry.tempo_bpm,
            performer=self.entry.performer,
        )

    @property
    def common_time(self) -> bool:
        """Return whether the meter is 4/4 or unknown."""
        return self.entry.common_time

    @property
    def length(self) -> int:
        """Its number of notes."""
        return self.entry.notes


@dataclass(frozen=True, slots=True)
class Selection:
    """Solos selected for measuring, by the part of a split, if any, and counts of those left out.

    `other_meters` counts those that are not in 4/4, and `absent` the names of the part that are in
    no file.
    """

    items: tuple[Item, ...]
    other_meters: int = 0
    absent: int = 0
    part: str | None = None

    @property
    def events(self) -> tuple[Events, ...]:
        """The events of each solo."""
        return tuple(item.events for item in self.items)


@dataclass(slots=True)
class Reading:
    """The wanted solos of documents (all where None), read when they are iterated over, once.

    `solo` is the number or name of the only one to read; empty for all.
    `count` is the number of documents, 0 where unknown; the other numbers are those of
    :class:`Selection`, of the documents that are read so far.
    """

    documents: Iterable[Document]
    wanted: frozenset[str] | None = None
    part: str | None = None
    only_common_time: bool = False
    count: int = 0
    solo: str = ""
    other_meters: int = 0
    _found: set[str] = field(default_factory=set)

    def __iter__(self) -> Iterator[tuple[Item, ...]]:
        """Yield the solos of each document; raise a SidemanError where it cannot be read."""
        for document in self.documents:
            yield tuple(self._chosen(document))

    def _chosen(self, document: Document) -> Iterator[Item]:
        for item in _items(document, self.wanted):
            if self.solo not in ("", item.name, str(item.number)):
                continue
            if self.wanted is not None:
                self._found.add(item.name)
            if self.only_common_time and not item.common_time:
                self.other_meters += 1
                continue
            if item.length > MOST_NOTES:
                raise MusicError(
                    f"{document.name}: {item.name} has over {MOST_NOTES:,} notes, the most that is "
                    "measured; cut it into pieces."
                )
            yield item

    @property
    def absent(self) -> int:
        """The number of wanted names that were not found."""
        return len(self.wanted - self._found) if self.wanted is not None else 0

    def nothing(self) -> MusicError:
        """Return the error for documents without a solo to measure."""
        if self.solo:
            return MusicError(
                f"There is no solo {self.solo[:80]!r} of two notes or more; give a number or a "
                "name that the file lists.",
                field="solo",
            )
        if self.wanted is not None and not self._found:
            return MusicError(
                "None of the solos that the split names is in the files; name the files that hold "
                "them, or give another split.",
                field="split",
            )
        left = " in 4/4" if self.only_common_time else ""
        where = "in the files" if self.wanted is None else "among those of the split"
        return MusicError(f"There is no solo{left} of two notes or more {where}; name others.")


def splits() -> tuple[str, ...]:
    """Return the names of the splits that come with sideman."""
    return files.packaged("sideman.evaluation", _SPLIT)


def split_file(name: str | os.PathLike[str]) -> files.File:
    """Return the split that comes with sideman under a name, or a JSON file, which comes first.

    Raises
    ------
    FileError
        If there is neither, or the file cannot be read.
    """
    asked = os.fspath(name)
    if asked in splits() and not files.is_file(asked):
        place = resources.files("sideman.evaluation") / f"{asked}{_SPLIT}"
        return files.File(asked, place.read_bytes())
    if not Path(asked).suffix and not os.path.lexists(asked):
        raise FileError(
            f"{asked[:80]}: is neither a file nor a split that comes with sideman "
            f"({', '.join(splits())}); give one of them.",
            field="split",
        )
    return files.File(asked, files.read_bytes(asked, at_most=MOST_SPLIT_BYTES))


def read_split(path: str | os.PathLike[str]) -> dict[str, tuple[str, ...]]:
    """Return the parts of a split and their solos' names; raise FileError or FormatError."""
    given = split_file(path)
    return parse_split(given.data, given.name)


def parse_split(data: bytes, path: str) -> dict[str, tuple[str, ...]]:
    """Return the parts of a split as bytes of JSON: see :func:`read_split`."""
    try:
        found = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise FormatError(f"{path}: is not JSON; give a split such as {_EXAMPLE}.") from error
    sound = isinstance(found, dict) and all(
        isinstance(names, list) and all(isinstance(name, str) for name in names)
        for names in found.values()
    )
    if not sound:
        raise FormatError(f"{path}: does not map parts to lists of names; write {_EXAMPLE}.")
    seen: dict[str, str] = {}
    for part, names in found.items():
        for name in names:
            if seen.setdefault(name, part) != part:
                raise FormatError(
                    f"{path}: {name[:80]!r} stands in {seen[name]!r} and in {part!r}; "
                    "a solo belongs to one part."
                )
    return {part: tuple(names) for part, names in found.items()}


_EXAMPLE = '{"train": ["name", …], "test": […]}'


def select(
    paths: Iterable[str | os.PathLike[str]],
    split: str | os.PathLike[str] | None = None,
    part: str = "test",
    *,
    only_common_time: bool = False,
) -> Selection:
    """Return the solos of some files or folders that are in one part of a split.

    `only_common_time` leaves out what is not in 4/4, as the benchmark does.  A SidemanError is
    raised if a file cannot be read, the split has no such part, or nothing is left.
    """
    names = None
    if split is not None:
        given = split_file(split)
        names = part_of(given.data, given.name, part)
    documents = map(opening.open_document, corpus.files(paths))
    return choose(documents, names, part, only_common_time=only_common_time)


def part_of(data: bytes, name: str, part: str) -> frozenset[str]:
    """Return the names of the solos of one part of a split; a MusicError where it has none."""
    parts = parse_split(data, name)
    if part not in parts:
        raise MusicError(f"{name}: has no part {part[:40]!r}; it has {', '.join(parts) or 'none'}.")
    return frozenset(parts[part])


def choose(
    documents: Iterable[Document],
    wanted: frozenset[str] | None = None,
    part: str = "test",
    *,
    only_common_time: bool = False,
    solo: str = "",
) -> Selection:
    """Return the solos of documents whose names are wanted, all where None: see :func:`select`.

    `solo` is the number or name of the only one; empty for all.
    """
    reading = Reading(
        documents,
        wanted,
        None if wanted is None else part,
        only_common_time=only_common_time,
        solo=solo,
    )
    found = tuple(item for items in reading for item in items)
    if not any(item.length > 1 for item in found):
        raise reading.nothing()
    return Selection(found, reading.other_meters, reading.absent, reading.part)


def _items(document: Document, wanted: frozenset[str] | None) -> Iterable[Item]:
    """Return the solos of a file that are wanted; those without names are called after the file."""
    entries = corpus.entries_of(document)
    stem = Path(document.name).stem
    items = [
        Item(
            one.name or (stem if len(entries) == 1 else f"{stem}-{number}"),
            one,
            one.number or number,
        )
        for number, one in enumerate(entries, start=1)
    ]
    return (item for item in items if wanted is None or item.name in wanted)


class Fingerprint:
    """The SHA-256 of onsets, pitches and durations of solos."""

    def __init__(self) -> None:
        self._digest = hashlib.sha256()

    def add(self, solo: Events) -> None:
        """Add a solo."""
        self._digest.update(len(solo).to_bytes(8, "little"))
        for values in (solo.onset, solo.pitch, solo.duration):
            self._digest.update(np.ascontiguousarray(values, dtype="<i8").tobytes())

    def text(self) -> str:
        """Return the hexadecimal digits."""
        return self._digest.hexdigest()


def fingerprint(events: Iterable[Events]) -> str:
    """Return the :class:`Fingerprint` of solos."""
    found = Fingerprint()
    for solo in events:
        found.add(solo)
    return found.text()
