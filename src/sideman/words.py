"""Words of messages, and names that are like what was typed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping
from difflib import SequenceMatcher

_LIKE = 0.75
"""The least ratio of a word to one that it is like: ``rythm`` and ``rhythm`` have 0.91."""
_WHOLE = 0.85
"""The least ratio of all letters where words run together."""
_LONGEST = 100
_SMALL = {"a", "an", "and", "for", "in", "of", "the"}


def counted(count: int, noun: str, ending: str = "s") -> str:
    """Return a number with its noun, which gets the ending unless the number is 1."""
    return f"{count:,} {noun}{'' if count == 1 else ending}"


def alike(typed: str, known: Mapping[str, Collection[str]]) -> tuple[str, ...]:
    """Return the names with a text in which each word typed has a like one, or the best alone.

    >>> tunes = {"blues-f": ["Blues in F"], "bird-blues-f": ["Bird Blues"], "avalon": ["Avalon"]}
    >>> alike("the bleus in f", tunes), alike("blues", tunes), alike("all the things", tunes)
    (('blues-f',), ('blues-f', 'bird-blues-f'), ())
    """
    wanted = _words(typed[:_LONGEST])
    found: list[str] = []
    whole: list[str] = []
    for name, texts in known.items():
        fits = [_fits(wanted, _words(text)) for text in texts]
        found += [name] if any(fits) else []
        whole += [name] if "whole" in fits else []
    return (whole[0],) if len(whole) == 1 else tuple(found)


def plain(text: str) -> str:
    """Return a text in lower case, without accents and apostrophes."""
    return re.sub(r"['’\u0300-\u036f]", "", unicodedata.normalize("NFKD", text.casefold()))


def _words(text: str) -> list[str]:
    found = re.findall(r"\w+", plain(text).replace("_", " "))
    return [word for word in found if word not in _SMALL] or found


def _fits(wanted: list[str], words: list[str]) -> str:
    """Return ``whole`` where all words are alike, ``part`` where the wanted are, or nothing."""
    if not wanted or not words:
        return ""
    if all(any(_like(one, other) for other in words) for one in wanted):
        whole = all(any(_like(one, other) for one in wanted) for other in words)
        return "whole" if whole else "part"
    run = _like("".join(wanted), "".join(words), _WHOLE)
    return "whole" if run else ""


def _like(one: str, other: str, least: float = _LIKE) -> bool:
    if one == other:
        return True
    pair = SequenceMatcher(None, one, other, autojunk=False)
    return (
        pair.real_quick_ratio() >= least and pair.quick_ratio() >= least and pair.ratio() >= least
    )
