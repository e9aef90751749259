"""Charts: lead sheets from the songbook, from files of any format, and from typed changes.

A file may hold one tune or a playlist; a tune of a playlist is selected by its title or a part of
it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from sideman import files
from sideman.errors import FormatError, MusicError
from sideman.formats import registry
from sideman.formats.document import Document, Tune
from sideman.formats.registry import save as write
from sideman.library import songbook
from sideman.score import LeadSheet
from sideman.theory.chord.context import Notation
from sideman.words import alike

__all__ = ["chosen", "find", "read", "tunes", "write"]

Opens = Callable[[bytes, str], Document]
"""Returns what the bytes of a file of a name hold: see :func:`registry.loads`."""
_LONGEST_NAME = 1000
TYPED = "typed changes"
"""The title of typed changes that have none."""
_LINK = re.compile(r"\s*irealb(ook)?://", re.IGNORECASE)


def tunes(path: str | os.PathLike[str], opens: Opens = registry.loads) -> tuple[Tune, ...]:
    """Return the charts of a file, at least one, in the file's order, or raise a SidemanError."""
    return held(opens(registry.content(path), str(path)))


def read(
    path: str | os.PathLike[str], tune: str | None = None, opens: Opens = registry.loads
) -> LeadSheet:
    """Return the chart of a file whose title alone contains `tune`, or raise a SidemanError."""
    return chosen(tunes(path, opens), path, tune)


def chosen(
    held: tuple[Tune, ...], path: str | os.PathLike[str], tune: str | None = None
) -> LeadSheet:
    """Read one of the charts of a file; see :func:`read`."""
    if tune is None:
        if len(held) > 1:
            raise MusicError(
                f"{path}: holds {len(held)} tunes; name the tune, such as {held[0].title!r} "
                "(sideman inspect lists them).",
                field="tune",
            )
        return held[0].open()
    wanted = _plain(tune)
    found = [one for one in held if _plain(one.title) == wanted]
    found = found or [one for one in held if wanted in _plain(one.title)]
    guessed = not found
    if guessed:
        near = alike(tune, {one.title: (one.title,) for one in held})
        found = [one for one in held if one.title in near]
    if len({one.title for one in found}) > 1:
        names = ", ".join(repr(one.title) for one in found[:5])
        raise MusicError(
            f"{path}: {tune[:60]!r} may be any of {names}; give more of the title.", field="tune"
        )
    if not found:
        raise MusicError(
            f"{path}: holds no tune called {tune[:60]!r} among its {len(held)} "
            "(sideman inspect lists them); give another title.",
            field="tune",
        )
    sheet = found[0].open()
    if not guessed:
        return sheet
    return replace(sheet, notices=(*sheet.notices, f"{tune[:60]!r} is read as {found[0].title!r}."))


def find(
    asked: str, tune: str | None = None, opens: Opens = registry.loads
) -> tuple[str, LeadSheet]:
    """Return the chart that a string names, and a short name for its files.

    The string is a name in the songbook, the path of a file, a pasted iReal Pro link, or typed
    changes; `tune` is the title of one of several charts in a file.  A SidemanError is raised if
    there is no such chart, or it cannot be read.

    >>> find("| F7 | Bb7 |")[0]
    'changes'
    """
    if "|" in asked or "\n" in asked or is_link(asked):
        return typed_or_link(asked)
    path = Path(asked)
    if "\0" not in asked and len(asked) <= _LONGEST_NAME:
        if files.is_file(path):
            sheet = read(path, tune, opens)
            return files.slug(path.stem if tune is None else sheet.title), sheet
        if _are_chords(asked):
            return typed_or_link(asked)
        # A path of no file: raises the error of a missing file.
        if (path.suffix or len(path.parts) > 1) and files.slug(asked) not in songbook.names():
            registry.content(path)
    return songbook.called(asked), songbook.load(asked)


def held(document: Document) -> tuple[Tune, ...]:
    """Return the charts of a document; a FormatError where it holds none."""
    if document.charts is None:
        raise FormatError(
            f"{document.name}: is {document.label}, which holds no chart; give a lead sheet."
        )
    return document.charts


def is_link(text: str) -> bool:
    """Return whether a text is an iReal Pro link."""
    return _LINK.match(text) is not None


def typed_or_link(text: str) -> tuple[str, LeadSheet]:
    """Read typed changes or a pasted iReal Pro link: see :func:`find`."""
    if is_link(text):
        from sideman.formats import ireal

        sheet = ireal.parse(text, "the link").tunes[0].sheet()
        return files.slug(sheet.title), sheet
    from sideman.formats import typed

    return "changes", typed.parse(text, TYPED)


def _are_chords(text: str) -> bool:
    said = text.split()
    return len(said) > 1 and all(map(Notation.of(said).reads, said))


def _plain(title: str) -> str:
    return re.sub(r"[^\w]+", " ", title.casefold()).strip()
