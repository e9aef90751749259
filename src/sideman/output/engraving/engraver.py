"""Run Verovio in its own process: a script that imports nothing else of sideman.

It reads a score and writes its pages, both as JSON.  Verovio is C++: a crash ends the process that
runs it, and it cannot be interrupted.
"""

from __future__ import annotations

import json
import re
import sys

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


def _engrave(score: str, heads: str, slashes: list[int], trim: bool) -> list[str]:
    """Return the pages of a score with headings, bars of `slashes` filled with slashes only."""
    import verovio

    options = _OPTIONS | {"adjustPageHeight": trim}
    toolkit = verovio.toolkit()
    toolkit.setOptions(options)
    if not toolkit.loadData(score):
        return []
    music = toolkit.getMEI()
    music = re.sub(r"(<scoreDef\b[^>]*>)", lambda found: found[1] + heads, music, count=1)
    music = re.sub(r"<label\b[^>]*>.*?</label>|<label\b[^>]*/>", "", music, flags=re.DOTALL)
    # Rehearsal marks stand above the chords, directions below them.
    music = re.sub(r"<(/?)dir\b", r"<\1reh", music)
    if slashes:
        left = iter(slashes)
        music = re.sub(
            r"(<layer\b[^>]*>).*?</layer>",
            lambda found: found[1] + '<beatRpt slash="1"/>' * next(left) + "</layer>",
            music,
            flags=re.DOTALL,
        )
    toolkit = verovio.toolkit()
    # Another seed: the same one would give new elements the identifiers of existing ones.
    toolkit.setOptions(options | {"xmlIdSeed": 2})
    if not toolkit.loadData(music):
        return []
    return [toolkit.renderToSVG(page) for page in range(1, toolkit.getPageCount() + 1)]


def main() -> None:
    """Read a score from standard input and print its pages."""
    request = json.load(sys.stdin)
    pages = _engrave(request["score"], request["heads"], request["slashes"], request["trim"])
    json.dump(pages, sys.stdout)


if __name__ == "__main__":
    main()
