"""The études: solos composed for this project, one lead sheet each.

They are written phrase by phrase, as readable Impro-Visor text beside this file: the changes, then
one melody for each chorus.  :func:`names` lists them, :func:`load` gives one as a solo with all
its choruses joined, :func:`sheet` as its lead sheet, :func:`written_out` as a sheet to be played
from beginning to end, :func:`character` what it teaches.  :mod:`sideman.library.etudes.course` cuts
the course's own small corpus from them.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import replace
from functools import lru_cache
from importlib import resources

from sideman.errors import MusicError
from sideman.formats import leadsheet
from sideman.score import LeadSheet, Solo

_SUFFIX = ".ls"
_COMMENT = re.compile(r"\(comments ([^()]*)\)")


@lru_cache(maxsize=1)
def names() -> tuple[str, ...]:
    """List the études.

    Returns
    -------
    tuple of str
        Their names, sorted: the form first, then the title.
    """
    files = resources.files(__name__).iterdir()
    return tuple(
        sorted(file.name.removesuffix(_SUFFIX) for file in files if file.name.endswith(_SUFFIX))
    )


def sheet(name: str) -> LeadSheet:
    """Read an étude as its lead sheet.

    Parameters
    ----------
    name : str
        One of :func:`names`.

    Returns
    -------
    LeadSheet
        One chorus of changes, and one part for each chorus of the solo.

    Raises
    ------
    MusicError
        If there is no such étude.
    """
    return leadsheet.parse(_text(name), name + _SUFFIX)


def character(name: str) -> str:
    """Say what an étude is like and what it teaches.

    Parameters
    ----------
    name : str
        One of :func:`names`.

    Returns
    -------
    str
        Two or three sentences.

    Raises
    ------
    MusicError
        If there is no such étude.

    Examples
    --------
    >>> character("blues-f-back-stairs").split(".")[0]
    'Blues in F with much air'
    """
    found = _COMMENT.search(_text(name))
    return found.group(1) if found else ""


def search(word: str) -> tuple[str, ...]:
    """Find études by a word of their name, title, key, style or character.

    Parameters
    ----------
    word : str
        What to look for, anywhere in them and in either case.

    Returns
    -------
    tuple of str
        Their names, sorted; empty if none fits.

    Examples
    --------
    >>> search("carousel")
    ('waltz-blues-g-carousel',)
    """
    wanted = word.casefold()
    return tuple(name for name in names() if _holds(name, wanted))


def _holds(name: str, wanted: str) -> bool:
    read = sheet(name)
    texts = (name, read.title, str(read.key), read.style, character(name))
    return any(wanted in text.casefold() for text in texts)


def _text(name: str) -> str:
    if name not in names():
        near = difflib.get_close_matches(name[:100].casefold(), names(), n=3, cutoff=0.4)
        hint = f"the nearest are {', '.join(near)}" if near else "see sideman songbook --etudes"
        raise MusicError(f"There is no étude {name[:60]!r}; {hint}.")
    return resources.files(__name__).joinpath(name + _SUFFIX).read_text(encoding="utf-8")


@lru_cache(maxsize=256)
def load(name: str) -> Solo:
    """Read an étude as a solo, its choruses one after another.

    Parameters
    ----------
    name : str
        One of :func:`names`.

    Returns
    -------
    Solo
        The whole solo over its changes, written out.

    Raises
    ------
    MusicError
        If there is no such étude.
    """
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
    """Read an étude as a sheet to play from: its changes as often as its choruses, one melody.

    Parameters
    ----------
    name : str
        One of :func:`names`.

    Returns
    -------
    LeadSheet
        The whole solo in one part.

    Raises
    ------
    MusicError
        If there is no such étude.

    Examples
    --------
    >>> whole = written_out("blues-f-corner-table")
    >>> len(whole.changes.bars), len(whole.parts)
    (24, 1)
    """
    read, solo = sheet(name), load(name)
    part = replace(read.parts[0], name="Solo", notes=solo.notes)
    return replace(read, changes=read.changes.repeated(len(read.parts)), parts=(part,))


def all() -> tuple[Solo, ...]:
    """Read every étude.

    Returns
    -------
    tuple of Solo
        In the order of :func:`names`.
    """
    return tuple(load(name) for name in names())
