"""From a lead sheet to its pages: SVG by Verovio, PDF and PNG from it by typst."""

from __future__ import annotations

import importlib.util
import re
import tempfile
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from textwrap import shorten, wrap
from typing import Any, Literal
from xml.etree.ElementTree import fromstring, tostring

from sideman.errors import MissingExtraError, MusicError
from sideman.formats import musicxml
from sideman.formats.musicxml.folding import folded, unfolded
from sideman.output import engraver
from sideman.output.engraving.fonts import (
    HAND,
    HANDWRITTEN_SIGNS,
    LETTERS,
    embedded_hand,
    text_fonts,
)
from sideman.output.printed import printed
from sideman.processes import KilledError, Process
from sideman.score import LeadSheet

_A4: Mapping[str, Any] = {}
_WITH_FIGURES: Mapping[str, Any] = {"defaultTopMargin": 1.0}
_HANDWRITTEN: Mapping[str, Any] = {
    "font": HANDWRITTEN_SIGNS,
    "lyricSize": 5.3,
    "bottomMarginHarm": 1.8,  # the numbers of tuplets are large
}
_LONGEST_SECONDS = 300
_PIXELS_AN_INCH = 150
_WIDEST_TITLE, _WIDEST_SMALL_TITLE, _LONGEST_SYLLABLE = 44, 60, 6
"""The most letters of a title in its usual and in its small size, and how much a line may vary."""
_WIDEST_RUNNING = 90
_QUARTER = "&#xECA5;"
_TYPESETTING = ("verovio", "typst", "fontTools")
_SEARCHED_FONT = 'font-family="Times, serif"'
_FONTS = f'font-family="{LETTERS}, Times, serif"'
verovio_process = Process()


def svg(sheet: LeadSheet, page: musicxml.Page, layout: Mapping[str, Any] = _A4) -> tuple[str, ...]:
    """Return a lead sheet with at most one part as SVG documents, one for each page.

    `layout` are options of Verovio (:mod:`sideman.output.engraver`).
    Raise MissingExtraError if Verovio is not installed, and MusicError if it fails, or takes longer
    than five minutes.
    """
    check("svg")
    slashes = [] if sheet.parts else _slashes(sheet, page)
    heads = "" if layout.get("header") == "none" else _heads(sheet, page)
    document = _for_verovio(musicxml.dumps(sheet, page))
    chords = re.findall(r'<harmony id="(c\d+)"', document)
    if page.figures:
        layout = {**_WITH_FIGURES, **layout}
    if page.handwritten:
        layout = {**layout, **_HANDWRITTEN}
    try:
        pages = verovio_process.ask(
            engraver.engrave,
            document,
            heads,
            slashes,
            chords,
            dict(layout),
            seconds=_LONGEST_SECONDS,
        )
    except (KilledError, RuntimeError):
        pages = []
    if not pages:
        raise MusicError(
            f"{sheet.title or 'The music'}: Verovio cannot engrave it; write MusicXML and open "
            "that in a notation programme."
        )
    if page.handwritten:
        fonts = f'font-family="{HAND}, {LETTERS}, Times, serif"'
        return tuple(
            one.replace(_SEARCHED_FONT, fonts).replace("<defs>", f"{embedded_hand()}<defs>", 1)
            for one in pages
        )
    return tuple(one.replace(_SEARCHED_FONT, _FONTS) for one in pages)


def _slashes(sheet: LeadSheet, page: musicxml.Page) -> list[int]:
    """Return the number of slashes of each written bar: one for each beat."""
    bars = folded(sheet) if page.fold else unfolded(sheet)
    meters = (sheet.changes.bars[one.bar].meter for one in bars)
    return [meter.beats for meter in meters]


def check(kind: str) -> None:
    """Raise a MissingExtraError if a library is missing that pages of a kind need.

    `kind` is ``svg``, ``png``, ``pdf``, or another one, which needs none.
    """
    needed = {"svg": ("verovio",), "png": _TYPESETTING, "pdf": _TYPESETTING}
    for library in needed.get(kind, ()):
        if importlib.util.find_spec(library) is None:
            package = library if library == "verovio" else "'sideman[page]'"
            other = ".musicxml" if library == "verovio" else ".svg or .musicxml"
            raise MissingExtraError(
                f"Such a page needs {library}, which is not installed; run pip install {package}, "
                f"or write {other}.",
                field="score",
            )


def _for_verovio(document: bytes) -> str:
    """Return MusicXML without what Verovio would print wrongly.

    It prints degrees that are marked as invisible, the part's name, and text unchanged.  Headings
    and slashes are added, and words put above the chords, in MEI (:mod:`sideman.output.engraver`).
    """
    root = fromstring(document)
    for name in root.iter("part-name"):
        name.text = ""
    for credit in root.findall("credit"):
        root.remove(credit)
    for opening in root.findall("part/measure[1]"):
        for direction in opening.findall("direction"):  # the heading has the tempo
            if direction.find("direction-type/metronome") is not None or (
                direction.find("sound/swing") is not None
            ):
                opening.remove(direction)
    for harmony in root.iter("harmony"):
        for degree in harmony.findall("degree"):
            harmony.remove(degree)
        kind = harmony.find("kind")
        if kind is not None:
            kind.set("text", printed(kind.get("text", "")))
    return tostring(root, encoding="unicode")


def _heads(sheet: LeadSheet, page: musicxml.Page) -> str:
    """Return the headings in MEI: of the first page, and of the following pages."""

    def words(text: str, across: str, down: str, **style: str) -> str:
        attributes = "".join(f' {name}="{value}"' for name, value in style.items())
        return f'<rend halign="{across}" valign="{down}"{attributes}>{text}</rend>' if text else ""

    title, size = _title(sheet.title)
    feel = _text(page.feel)
    if sheet.tempo_bpm:
        quarter = f'<rend glyph.auth="smufl">{_QUARTER}</rend>'
        feel = f"{feel}   {quarter} = {sheet.tempo_bpm:.0f}".strip()
    first = (
        words(_text(page.transposition.name), "left", "top")
        + words(title, "center", "top", fontsize=size)
        + words(_text(page.dedication), "center", "bottom", fontstyle="italic", fontsize="115%")
        + words(feel, "left", "bottom", fontweight="bold", fontsize="100%")
        + words(_text(sheet.composer), "right", "bottom", fontsize="100%")
    )
    number = '<num label="page">#</num>'
    running = _text(shorten(sheet.title, _WIDEST_RUNNING, placeholder=" …"))
    later = words(running, "left", "top", fontstyle="italic") + words(number, "right", "top")
    return f'<pgHead func="first">{first}</pgHead><pgHead func="all">{later}</pgHead>'


def _title(title: str) -> tuple[str, str]:
    """Return a title as MEI and its size: a long one is smaller, in lines of equal length."""
    if len(title) <= _WIDEST_TITLE:
        return _text(title), "190%"
    many = -(-len(title) // _WIDEST_SMALL_TITLE)
    lines = wrap(title, len(title) // many + _LONGEST_SYLLABLE)
    return "<lb/>".join(map(_text, lines)), "130%"


def _text(text: str) -> str:
    """Escape a text for XML, without unprintable characters."""
    return escape("".join(sign if sign.isprintable() else " " for sign in text)).strip()


def pdf(pages: Sequence[str], title: str) -> bytes:
    """Return SVG pages as one PDF document with searchable text."""
    return _typeset(pages, title, "pdf")[0]


def png(pages: Sequence[str]) -> list[bytes]:
    """Return SVG pages as PNG pictures of 150 pixels an inch."""
    return _typeset(pages, "", "png")


def _typeset(pages: Sequence[str], title: str, kind: Literal["pdf", "png"]) -> list[bytes]:
    check(kind)
    import typst

    lines = [
        "#set document(title: sys.inputs.title, date: none)",
        "#set page(width: 210mm, height: 297mm, margin: 0mm)",
    ]
    for number in range(len(pages)):
        lines += ["#pagebreak()"] if number else []
        lines.append(f'#image("{number}.svg", width: 100%)')
    with tempfile.TemporaryDirectory(prefix="sideman-") as name:
        folder = Path(name)
        for number, page in enumerate(pages):
            (folder / f"{number}.svg").write_text(page, encoding="utf-8")
        (folder / "pages.typ").write_text("\n".join(lines), encoding="utf-8")
        text_fonts(folder / "fonts", "".join(pages))
        fonts = typst.Fonts(
            include_system_fonts=False,
            include_embedded_fonts=False,
            font_paths=[str(folder / "fonts")],
        )
        made = typst.compile(
            str(folder / "pages.typ"),
            format=kind,
            ppi=_PIXELS_AN_INCH,
            sys_inputs={"title": title},
            font_paths=fonts,
        )
    return [made] if isinstance(made, bytes) else list(made)
