"""Engrave with Verovio, in a process of its own (:mod:`sideman.processes`).

Verovio is C++: a crash ends the process that runs it, and it cannot be interrupted.  This module
imports nothing else of sideman, so that the process starts quickly.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

# A4 in tenths of a millimetre; the staff is 7 mm high, as in printed charts.
_OPTIONS = {
    "pageWidth": 2100,
    "pageHeight": 2970,
    "pageMarginLeft": 120,
    "pageMarginRight": 120,
    "pageMarginTop": 100,
    "pageMarginBottom": 100,
    "unit": 8.6,
    "breaks": "line",
    "header": "encoded",
    "footer": "none",
    "xmlIdSeed": 1,
    "spacingSystem": 6,
    "justifyVertically": False,
    "svgFormatRaw": True,
    "svgViewBox": True,
    "mnumInterval": 0,
    "harmDist": 1.6,
    "lyricSize": 4.8,
}


_BELOW = re.compile(r'<dir\b(?=[^>]*place="below")(.*?)</dir>', re.DOTALL)
_BETWEEN = re.compile(r"</rend>\s*<rend")


def engrave(
    score: str, heads: str, slashes: list[int], chords: list[str], layout: dict[str, Any]
) -> list[str]:
    """Return the pages of a MusicXML score as SVG; none if Verovio cannot read it.

    `heads` are the headings in MEI, `slashes` the slashes that fill each bar instead of its rests
    (empty for none), `chords` the ids of the chord symbols in order (empty for none), `layout`
    options of Verovio beside those of a page of A4.
    """
    if not heads and not slashes and "<words" not in score:  # nothing to edit
        toolkit = _loaded(score, layout, 2)
        pages = [] if toolkit is None else _pages(toolkit)
        names = iter(chords)
        return [_renamed(page, names) for page in pages]
    toolkit = _loaded(score, layout, 1)
    if toolkit is None:
        return []
    # Another seed: the same one would give new elements the identifiers of existing ones.
    toolkit = _loaded(_edited(toolkit.getMEI(), heads, slashes, chords), layout, 2)
    return [] if toolkit is None else _pages(toolkit)


@lru_cache(maxsize=1)
def _toolkit() -> Any:
    import verovio

    return verovio.toolkit()


def _loaded(score: str, layout: dict[str, Any], seed: int) -> Any | None:
    """Return the toolkit with a score, in MusicXML or MEI; None if it cannot be read."""
    toolkit = _toolkit()
    toolkit.resetOptions()
    toolkit.setOptions(_OPTIONS | layout | {"xmlIdSeed": seed})
    toolkit.resetXmlIdSeed(seed)
    return toolkit if toolkit.loadData(score) else None


def _pages(toolkit: Any) -> list[str]:
    return [toolkit.renderToSVG(page) for page in range(1, toolkit.getPageCount() + 1)]


def _renamed(page: str, names: Iterator[str]) -> str:
    """Return a page with the ids of its chord symbols, which Verovio does not keep."""
    return re.sub(
        r'(<g id=")([^"]*)(?=" class="harm")', lambda found: found[1] + next(names, found[2]), page
    )


def _levelled(words: re.Match[str]) -> str:
    """Return words below the staff on the level of the others of their kind in a line of music.

    Upright ones are a direction, and the lines in italics of another kind, below it.
    """
    text = _BETWEEN.sub("</rend><lb/><rend", words[1])
    if 'fontstyle="italic"' in text:
        return f'<repeatMark vgrp="2"{text}</repeatMark>'
    return f'<dir vgrp="1"{text}</dir>'


def _edited(music: str, heads: str, slashes: list[int], chords: list[str]) -> str:
    music = re.sub(r"(<scoreDef\b[^>]*>)", lambda found: found[1] + heads, music, count=1)
    # Rehearsal marks stand above the chords, directions below them; what is to stand below the
    # staff stays a direction, which begins at its note instead of being centred on it.
    music = re.sub(
        r'<dir\b(?![^>]*place="below")([^>]*>.*?)</dir>', r"<reh\1</reh>", music, flags=re.DOTALL
    )
    if chords:  # Verovio does not keep the ids of chord symbols.
        names = iter(chords)
        music = re.sub(
            r'(<harm\b[^>]*?xml:id=")([^"]*)', lambda found: found[1] + next(names, found[2]), music
        )
    if 'fontweight="normal"' in music:
        music = _BELOW.sub(_levelled, music)
    if slashes:
        left = iter(slashes)
        music = re.sub(
            r"(<layer\b[^>]*>).*?</layer>",
            lambda found: found[1] + '<beatRpt slash="1"/>' * next(left) + "</layer>",
            music,
            flags=re.DOTALL,
        )
    return music
