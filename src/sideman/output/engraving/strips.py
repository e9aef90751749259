"""A score as one SVG that takes style and colour from the page around it."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any
from xml.etree.ElementTree import Element, fromstring, tostring

from sideman.errors import MusicError
from sideman.output.engraving.fonts import LETTERS

WIDTHS = {1: 560, 2: 1010, 4: 2100}
"""The width of a line by its bars, in tenths of a millimetre with a staff of 7 mm."""
_WIDEST_LINE = 54.0
"""The most written notes and rests in a line as long as one of A4: closer than on paper."""
_WIDER = 1.25
"""How much wider a line may be, and so its notes smaller, to hold all of its bars."""
_MARGIN = 20
_PAGE = 2100 - 2 * 120  # what a page of A4 has between its margins
_HIGHEST = 60_000
_SVG = "{http://www.w3.org/2000/svg}"
_LINK = "{http://www.w3.org/1999/xlink}href"
_UNSEEN = {f"{_SVG}{name}" for name in ("style", "desc", "title")}
_BOLD, _ITALIC = {"font-weight": "bold"}, {"font-style": "italic"}
_STYLES = {"ending": _BOLD, "reh": _BOLD, "tempo": _BOLD, "dir": _ITALIC, "mNum": _ITALIC}
_OURS = re.compile(r"n\d+(-\d+)?|[bc]\d+")
_GLYPH = re.compile(r"([0-9A-F]{4,5})-\w+")
_PREFIX = re.compile(r"([a-zA-Z][\w-]{0,39})?")


def width(bars_a_line: int, needed: Sequence[float]) -> int:
    """Return the width that holds lines of so many notes and rests, where it is allowed."""
    usual = WIDTHS[bars_a_line]
    wide = [math.ceil(each / _WIDEST_LINE * _PAGE) + 2 * _MARGIN for each in needed]
    return max([usual, *(each for each in wide if each <= _WIDER * usual)])


def widest(width: int) -> float:
    """Return the most notes and rests in a line of a width."""
    return _WIDEST_LINE * (width - 2 * _MARGIN) / _PAGE


def options(width: int) -> dict[str, Any]:
    """Return the options of Verovio (:mod:`sideman.output.engraver`) for one endless page."""
    sides = ("Left", "Right", "Top", "Bottom")
    return {
        "pageWidth": width,
        "pageHeight": _HIGHEST,
        "adjustPageHeight": True,
        "header": "none",
        **{f"pageMargin{side}": _MARGIN for side in sides},
    }


def plain(document: str, prefix: str = "") -> str:
    """Return an SVG of Verovio without styles and fonts, its ids our own ones and the glyphs'.

    What its styles say is said in attributes.
    """
    if not _PREFIX.fullmatch(prefix):
        raise MusicError(f"{prefix[:40]!r} cannot begin an id; use letters and digits.")
    root = fromstring(document)
    root.attrib.pop("id", None)
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag in _UNSEEN or "placeholder" in child.get("class", ""):
                parent.remove(child)
    for element in root.iter():
        _own(element, prefix)
    root.set("xmlns", _SVG[1:-1])
    root.set("fill", "currentColor")
    root.set("stroke", "currentColor")
    return tostring(root, encoding="unicode")


def _own(element: Element, prefix: str) -> None:
    """Drop what is styled, and name by our own names only."""
    element.tag = element.tag.removeprefix(_SVG)
    for name in ("style", "color"):
        element.attrib.pop(name, None)
    if LETTERS in element.get("font-family", ""):
        del element.attrib["font-family"]
    if element.tag == "text":
        element.set("stroke", "none")
    for kind in element.get("class", "").split():
        element.attrib.update(_STYLES.get(kind, {}))
    name = element.attrib.pop("id", "")
    if _OURS.fullmatch(name):
        element.set("id", prefix + name)
    elif glyph := _GLYPH.fullmatch(name):
        element.set("id", prefix + glyph[1])
    link = element.attrib.pop(_LINK, "")
    if glyph := _GLYPH.fullmatch(link.removeprefix("#")):
        element.set("href", f"#{prefix}{glyph[1]}")
