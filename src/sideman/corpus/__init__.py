"""The corpus: solos to learn from.

:func:`embedded` gives the solos composed for this project (:mod:`sideman.corpus.etudes`),
:func:`read` those of a file, whatever its format; :func:`sentences` tells them as tokens, and
:func:`fingerprint` says in a word which corpus that is.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from sideman.errors import FormatError, MusicError
from sideman.formats import registry
from sideman.formats.document import SoloEntry, over
from sideman.grammar.analyse import analyse_solo
from sideman.score import Changes, Solo

Sentences = tuple[tuple[str, ...], ...]
LONGEST_SILENCE = 2
"""Bars of rest that are kept where a player is silent for longer."""
MOST_TOKENS = 4_000_000


def embedded() -> tuple[Solo, ...]:
    """Load the solos that come with sideman.

    Returns
    -------
    tuple of Solo
        Original solos over the songbook's forms.
    """
    from sideman.corpus import etudes

    return etudes.all()


def files(paths: Iterable[str | os.PathLike[str]]) -> tuple[Path, ...]:
    """Name every file that is meant: a folder stands for the solos in it and below it.

    Parameters
    ----------
    paths : iterable of path-like
        Files and folders.

    Returns
    -------
    tuple of pathlib.Path
        Files in the order given; a folder's sorted by name.

    Raises
    ------
    MusicError
        If a folder holds no solo.
    """
    found: list[Path] = []
    suffixes = registry.solo_suffixes()
    for path in map(Path, paths):
        if "\0" in str(path) or not path.is_dir():
            found.append(path)
            continue
        inside = sorted(
            one for one in path.rglob("*") if one.suffix.lower() in suffixes and one.is_file()
        )
        if not inside:
            raise MusicError(f"{path}: no MIDI file or lead sheet is in this folder; name another.")
        found += inside
    return tuple(found)


def read(path: str | os.PathLike[str], *, changes: Changes | None = None) -> tuple[Solo, ...]:
    """Read the solos of a file: MIDI, a lead sheet with a melody, or a database of solos.

    Parameters
    ----------
    path : path-like
        The file.
    changes : Changes or None
        Changes to hear its solos over, chorus after chorus from the first bar; the file's own
        where None.

    Returns
    -------
    tuple of Solo
        Every one with notes and changes; of several in a file those without are left out.

    Raises
    ------
    SidemanError
        If the file cannot be read, holds no notes, or no chords are known.
    """
    found = [one.open() for one in entries(path)]
    if changes is not None:
        found = [over(solo, changes) for solo in found]
    sounding = [solo for solo in found if solo.notes]
    if not sounding:
        raise MusicError(f"{path}: has no notes to learn from; name another file.")
    chorded = [solo for solo in sounding if solo.changes is not None and solo.changes.spans]
    if not chorded:
        raise MusicError(
            f"{path}: no chords are known, and the grammar hears notes over chords; "
            "give them with --changes."
        )
    return tuple(chorded)


def solos(path: str | os.PathLike[str]) -> tuple[Solo, ...]:
    """Read the solos of a file as they are, with or without chords.

    Parameters
    ----------
    path : path-like
        MIDI, a lead sheet with a melody, or a database of solos.

    Returns
    -------
    tuple of Solo
        The solos; none where the file holds no notes.

    Raises
    ------
    SidemanError
        If the file cannot be read.
    """
    return tuple(solo for solo in (one.open() for one in entries(path)) if solo.notes)


def entries(path: str | os.PathLike[str]) -> tuple[SoloEntry, ...]:
    """Return the solos of a file, each read when it is opened.

    Solos without notes are left out, except in a database that names them.

    Raises
    ------
    SidemanError
        If the file cannot be read, or its format holds no solos.
    """
    found = registry.open_document(path).solos
    if found is None:
        raise FormatError(
            f"{path}: solos are not read from this kind of file; give MIDI (.mid), a lead sheet "
            "(.ls), MusicXML or a Weimar database (.db)."
        )
    return tuple(one for one in found if one.notes or one.name)


def sentences(solos: Iterable[Solo]) -> Sentences:
    """Tell solos as tokens: the bars from the first note to the last, each filled exactly.

    Of a longer silence two bars are kept: what the others play meanwhile is not the soloist's.

    Parameters
    ----------
    solos : iterable of Solo
        Solos with notes and changes.

    Returns
    -------
    tuple of tuple of str
        The tokens of each solo.

    Raises
    ------
    MusicError
        If a solo has no changes, or there are more than 4,000,000 tokens.
    """
    result = []
    count = 0
    for solo in solos:
        words: list[str] = []
        silent = LONGEST_SILENCE  # so that the silence before the first note is left out
        ended = 0
        for bar in analyse_solo(solo):
            rests = all(token.is_rest for token in bar.tokens)
            silent = silent + 1 if rests else 0
            if silent <= LONGEST_SILENCE:
                words += map(str, bar.tokens)
            if not rests:
                ended = len(words)
        count += ended
        if count > MOST_TOKENS:
            raise MusicError(
                f"The corpus has more than {MOST_TOKENS} tokens, the most that is learnt from; "
                "give fewer files."
            )
        if ended:
            result.append(tuple(words[:ended]))
    return tuple(result)


def fingerprint(corpus: Sequence[Sequence[str]]) -> str:
    """Say in a word which corpus this is.

    Parameters
    ----------
    corpus : sequence of sequence of str
        The tokens of each solo (:func:`sentences`).

    Returns
    -------
    str
        SHA-256 over the tokens, 64 hexadecimal digits.

    Examples
    --------
    >>> fingerprint([["C,1.000", "R,3.000"]])[:8]
    '0b9dea4a'
    """
    text = "".join(" ".join(words) + "\n" for words in corpus)
    return hashlib.sha256(text.encode()).hexdigest()
