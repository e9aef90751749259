"""The songbook: forms that everybody plays, as lead sheets in the package.

Each is an Impro-Visor file beside this module, named in small letters with hyphens:
``blues-f``, ``happy-birthday``.  Heads are given where the tune is in the public domain.
"""

from __future__ import annotations

import difflib
import re
from functools import cache
from importlib import resources

from sideman.errors import MusicError
from sideman.formats import leadsheet
from sideman.score import LeadSheet

_SUFFIX = ".ls"


@cache
def names() -> tuple[str, ...]:
    """List the forms.

    Returns
    -------
    tuple of str
        Their names in the order of the alphabet.

    Examples
    --------
    >>> "blues-f" in names()
    True
    """
    return tuple(
        sorted(
            entry.name.removesuffix(_SUFFIX)
            for entry in resources.files(__name__).iterdir()
            if entry.name.endswith(_SUFFIX)
        )
    )


@cache
def load(name: str) -> LeadSheet:
    """Open a form by its name.

    Parameters
    ----------
    name : str
        One of :func:`names`; capitals, spaces and apostrophes do not matter.

    Returns
    -------
    LeadSheet
        The form.

    Raises
    ------
    MusicError
        If there is no such form; the message names the nearest.

    Examples
    --------
    >>> sheet = load("Happy Birthday")
    >>> sheet.title, len(sheet.changes.bars), str(sheet.changes.meter)
    ('Happy Birthday to You', 8, '4/4')
    """
    wanted = _slug(name)
    if wanted not in names():
        near = difflib.get_close_matches(wanted, names(), n=3, cutoff=0.4)
        hint = f"the nearest are {', '.join(near)}" if near else "see sideman songbook"
        raise MusicError(f"{name[:60]!r} is not in the songbook; {hint}.")
    file = resources.files(__name__) / (wanted + _SUFFIX)
    return leadsheet.parse(file.read_bytes(), wanted)


def search(word: str) -> tuple[str, ...]:
    """Find forms by a word of their name, title, composer or style.

    Parameters
    ----------
    word : str
        What to look for, anywhere in them and in either case.

    Returns
    -------
    tuple of str
        The names, in the order of the alphabet; empty if none fits.

    Examples
    --------
    >>> search("birthday")
    ('happy-birthday', 'happy-birthday-waltz')
    """
    wanted = word.casefold()
    found = []
    for name in names():
        sheet = load(name)
        if any(wanted in text.casefold() for text in (name, sheet.title, sheet.composer)):
            found.append(name)
        elif wanted == sheet.style.casefold():
            found.append(name)
    return tuple(found)


def _slug(name: str) -> str:
    return re.sub(r"[\s_-]+", "-", re.sub(r"['’.,()]", "", name.strip().casefold()))
