"""The études: solos composed for this project, one lead sheet each.

They are written phrase by phrase, as readable Impro-Visor text beside this file: the changes, then
one melody for each chorus.  :func:`names` lists them, :func:`load` gives one as a solo with all
its choruses joined, :func:`sheet` as its lead sheet.  :mod:`sideman.corpus.etudes.course` cuts the
course's own small corpus from them.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from importlib import resources

from sideman.errors import MusicError
from sideman.formats import leadsheet
from sideman.score import LeadSheet, Solo

_SUFFIX = ".ls"


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
    if name not in names():
        raise MusicError(f"There is no étude {name!r}; choose one of: {', '.join(names())}.")
    text = resources.files(__name__).joinpath(name + _SUFFIX).read_text(encoding="utf-8")
    return leadsheet.parse(text, name + _SUFFIX)


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
        chorus_bars=tuple(len(read.changes.bars) * index for index in range(len(read.parts))),
    )


def all() -> tuple[Solo, ...]:
    """Read every étude.

    Returns
    -------
    tuple of Solo
        In the order of :func:`names`.
    """
    return tuple(load(name) for name in names())
