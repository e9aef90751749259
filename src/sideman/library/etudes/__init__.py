"""The études: solos composed for this project, one lead sheet each.

Each is an Impro-Visor file beside this module: the changes, then one melody for each chorus.
:mod:`sideman.library.etudes.course` takes the course's own small corpus from them.  Functions that
take a name raise a `MusicError` where there is no such étude.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import replace
from functools import lru_cache
from importlib import resources

from sideman import files
from sideman.errors import MusicError
from sideman.formats import leadsheet
from sideman.score import LeadSheet, Solo

_SUFFIX = ".ls"
_COMMENT = re.compile(r"\(comments ([^()]*)\)")


@lru_cache(maxsize=1)
def names() -> tuple[str, ...]:
    """Return the names of the études, sorted; a name is the form and the title."""
    return files.packaged(__name__, _SUFFIX)


def sheet(name: str) -> LeadSheet:
    """Return an étude as a lead sheet: one chorus of changes, and one part for each chorus."""
    return leadsheet.parse(_text(name), name + _SUFFIX)


def character(name: str) -> str:
    """Return two or three sentences on what an étude is like and what it teaches."""
    found = _COMMENT.search(_text(name))
    return found.group(1) if found else ""


def search(word: str) -> tuple[str, ...]:
    """Return the études with a word in their name, title, key, style or character, in any case."""
    wanted = word.casefold()
    return tuple(name for name in names() if _holds(name, wanted))


def _holds(name: str, wanted: str) -> bool:
    read = sheet(name)
    texts = (name, read.title, str(read.key), read.style, character(name))
    return any(wanted in text.casefold() for text in texts)


def _text(name: str) -> str:
    if name not in names():
        near = difflib.get_close_matches(name[:100].casefold(), names(), n=3, cutoff=0.4)
        hint = f"the nearest: {', '.join(near)}" if near else "list the études to see the names"
        raise MusicError(f"There is no étude {name[:60]!r}; {hint}.")
    return resources.files(__name__).joinpath(name + _SUFFIX).read_text(encoding="utf-8")


@lru_cache(maxsize=256)
def load(name: str) -> Solo:
    """Return an étude as a solo of all its choruses over its changes, written out."""
    read = sheet(name)
    chorus = read.changes.length
    return Solo(
        title=read.title,
        notes=tuple(
            replace(note, onset=note.onset + index * chorus)
            for index, part in enumerate(read.parts)
            for note in part.notes
        ),
        changes=read.changes.repeated(len(read.parts)),
        key=read.key,
        tempo_bpm=read.tempo_bpm,
        style=read.style,
    )


def written_out(name: str) -> LeadSheet:
    """Return an étude as a lead sheet of one part, its changes repeated for each chorus."""
    read, solo = sheet(name), load(name)
    part = replace(read.parts[0], name="Solo", notes=solo.notes)
    return replace(read, changes=read.changes.repeated(len(read.parts)), parts=(part,))


def all() -> tuple[Solo, ...]:
    """Return every étude as a solo, in the order of :func:`names`."""
    return tuple(load(name) for name in names())
