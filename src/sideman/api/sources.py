"""Convert a source (a name, typed changes, path, bytes, take or chart) to part of a request."""

import os
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TypeAlias

from sideman import opening
from sideman.api.arguments import typed
from sideman.api.names import naming
from sideman.errors import MusicError
from sideman.files import slug
from sideman.formats import registry
from sideman.library import corpus
from sideman.models import file
from sideman.score import LeadSheet, Solo
from sideman.service import playing
from sideman.service.requests import File, Line, Tune

UNNAMED = "the data"
"""The name of bytes in messages."""


class Music(ABC):
    """A take or a chart."""

    @typed
    def score(
        self, kind: str = "pdf", part: str = "C", *, dedication: str = "", font: str = "engraved"
    ) -> list[bytes]:
        """Return one file as ``pdf`` or ``musicxml``, or one a page as ``svg`` or ``png``.

        `part` is C, Bb, Eb, F, or an instrument; `font` is ``engraved`` or ``handwritten``.
        """
        from sideman.service import results

        with naming("kind", score="kind"):
            return results.page(self._written, kind, part, dedication=dedication, font=font)

    @property
    @abstractmethod
    def _written(self) -> LeadSheet | Solo: ...

    @abstractmethod
    def _tune(self) -> Tune: ...

    @abstractmethod
    def _line(self) -> Line: ...

    @abstractmethod
    def _file(self) -> File: ...


Source: TypeAlias = str | os.PathLike[str] | bytes | Music
"""A name of the songbook, typed changes, a path, the bytes of a file, a take or a chart."""
Corpus: TypeAlias = Source | Iterable[Source]
"""Files with solos, folders of them, takes and charts."""


def _checked(source: object) -> None:
    if not isinstance(source, str | os.PathLike | bytes | Music):
        raise MusicError(
            f"{source!r:.60} is no music; give a name, typed changes, a path, the bytes of a file, "
            "a take or a chart."
        )


def tune(source: Source, title: str | None = None) -> Tune:
    """Return the tune that a source names or holds; `title` selects one of several in a file."""
    _checked(source)
    if isinstance(source, Music):
        return source._tune()
    if isinstance(source, bytes):
        return Tune(name=slug(UNNAMED), sheet=opening.chart(source, UNNAMED, title))
    if isinstance(source, str):
        name, sheet = opening.find(source, title)
        return Tune(name=name, sheet=sheet)
    sheet = opening.read(source, title)
    name = Path(source).stem if title is None else sheet.title
    return Tune(name=slug(name), sheet=sheet)


def line(source: Source) -> Line:
    """Return the phrase or take that a source holds."""
    return source._line() if isinstance(source, Music) else playing.line(opened(source))


def with_folders(source: Source) -> tuple[File, tuple[Path, ...]]:
    """Return the file of a source, and the folders where its model may be."""
    if isinstance(source, Music):
        return source._file(), (Path(),)
    file = opened(source)
    return file, (Path(),) if isinstance(source, bytes) else (Path(source).parent, Path())


def opened(source: str | os.PathLike[str] | bytes) -> File:
    """Return a file of any format."""
    _checked(source)
    if isinstance(source, bytes):
        return File(UNNAMED, source)
    return File(str(source), registry.content(source))


def several(source: Corpus) -> Iterator[File]:
    """Yield the files of a corpus, each read when it is needed."""
    if isinstance(source, str | os.PathLike):
        yield from map(opened, corpus.files([source]))
    elif isinstance(source, bytes):
        yield opened(source)
    elif isinstance(source, Music):
        yield source._file()
    else:
        try:
            inside = iter(source)
        except TypeError:
            _checked(source)
            raise
        for number, one in enumerate(inside, start=1):
            for each in several(one):
                named = isinstance(one, Music | bytes)
                yield File(f"{number}-{each.name}", each.data) if named else each


def model(name: str | os.PathLike[str], known: Sequence[str]) -> File:
    """Return the file of a model; the error for an unknown name lists the names `known`."""
    path, data = file.content(name, known)
    return File(str(path), data)
