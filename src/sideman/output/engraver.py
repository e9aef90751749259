"""Engrave with Verovio, in a process of its own (:mod:`sideman.processes`).

Verovio is C++: a crash ends the process that runs it, and it cannot be interrupted.  This module
imports nothing else of sideman, so that the process starts quickly.
"""

from __future__ import annotations

import re
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


def engrave(
    score: str, heads: str, slashes: list[int], chords: list[str], layout: dict[str, Any]
) -> list[str]:
    """Return the pages of a MusicXML score as SVG; none if Verovio cannot read it.

    `heads` are the headings in MEI, `slashes` the slashes that fill each bar instead of its rests
    (empty for none), `chords` the ids of the chord symbols in order (empty for none), `layout`
    options of Verovio beside those of a page of A4.
    """
    import verovio

    options = _OPTIONS | layout
    toolkit = verovio.toolkit()
    toolkit.setOptions(options)
    if not toolkit.loadData(score):
        return []
    music = _edited(toolkit.getMEI(), heads, slashes, chords)
    toolkit = verovio.toolkit()
    # Another seed: the same one would give new elements the identifiers of existing ones.
    toolkit.setOptions(options | {"xmlIdSeed": 2})
    if not toolkit.loadData(music):
        return []
    return [toolkit.renderToSVG(page) for page in range(1, toolkit.getPageCount() + 1)]


def _edited(music: str, heads: str, slashes: list[int], chords: list[str]) -> str:
    music = re.sub(r"(<scoreDef\b[^>]*>)", lambda found: found[1] + heads, music, count=1)
    music = re.sub(r"<label\b[^>]*>.*?</label>|<label\b[^>]*/>", "", music, flags=re.DOTALL)
    # Rehearsal marks stand above the chords, directions below them.
    music = re.sub(r"<(/?)dir\b", r"<\1reh", music)
    if chords:  # Verovio does not keep the ids of chord symbols.
        names = iter(chords)
        music = re.sub(
            r'(<harm\b[^>]*?xml:id=")([^"]*)', lambda found: found[1] + next(names, found[2]), music
        )
    if slashes:
        left = iter(slashes)
        music = re.sub(
            r"(<layer\b[^>]*>).*?</layer>",
            lambda found: found[1] + '<beatRpt slash="1"/>' * next(left) + "</layer>",
            music,
            flags=re.DOTALL,
        )
    return music
