"""The fonts of a page, for programs that do not search system fonts.

Text is in STIX General, which has the widths of Times and is included in matplotlib, or in Petaluma
Script (``hand/``); other scripts use DejaVu.  Musical symbols in text are made into a small font
from Verovio's outlines.
"""

from __future__ import annotations

import base64
import difflib
import importlib.util
import re
import shutil
from functools import cache
from pathlib import Path

from sideman.errors import MusicError

FONTS = ("engraved", "handwritten")
"""The fonts of notes and letters."""
LETTERS = "STIXGeneral"
HAND, HANDWRITTEN_SIGNS = "Petaluma Script", "Petaluma"
"""The handwritten letters, and Verovio's name of the signs that match them."""
_HAND = Path(__file__).parent / "hand" / "PetalumaScript.otf"
_FILES = (
    "STIXGeneral.ttf", "STIXGeneralBol.ttf", "STIXGeneralItalic.ttf", "STIXGeneralBolIta.ttf",
    "DejaVuSerif.ttf",
)  # fmt: skip
_SIGNS = "Leipzig"
_FIRST_SIGN, _LAST_SIGN = 0xE000, 0xF8FF
_UNITS = 1000
_EPOCH = 2_082_844_800
"""1970 in seconds since 1904: a constant date, so that the same page has the same bytes."""


def check_font(name: str) -> None:
    """Raise a MusicError unless a name is one of `FONTS`."""
    if name not in FONTS:
        near = difflib.get_close_matches(name, FONTS, n=1)
        choice = f"did you mean {near[0]}?" if near else f"choose {' or '.join(FONTS)}."
        raise MusicError(f"There is no font {name!r:.60}; {choice}", field="font")


@cache
def embedded_hand() -> str:
    """Return a style sheet that contains the handwritten letters."""
    data = base64.b64encode(_HAND.with_suffix(".woff2").read_bytes()).decode()
    source = f"url(data:font/woff2;base64,{data}) format('woff2')"
    return f"<style>@font-face{{font-family:'{HAND}';src:{source}}}</style>"


def text_fonts(folder: Path, text: str) -> None:
    """Create `folder` with the fonts that a text needs."""
    folder.mkdir()
    signs_of = HANDWRITTEN_SIGNS if HAND in text else _SIGNS
    if HAND in text:
        shutil.copy(_HAND, folder / _HAND.name)
    source = _folder_of("matplotlib") / "mpl-data" / "fonts" / "ttf"
    for name in _FILES:
        if (source / name).exists():
            shutil.copy(source / name, folder / name)
    signs = {ord(sign) for sign in text if _FIRST_SIGN <= ord(sign) <= _LAST_SIGN}
    _music_font(folder / f"{signs_of}.ttf", signs_of, sorted(signs))


def _folder_of(package: str) -> Path:
    found = importlib.util.find_spec(package)
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent


def _music_font(path: Path, name: str, signs: list[int]) -> None:
    """Write a TrueType font of some outlines of a font of Verovio."""
    from fontTools.fontBuilder import FontBuilder
    from fontTools.pens.cu2quPen import Cu2QuPen
    from fontTools.pens.ttGlyphPen import TTGlyphPen
    from fontTools.svgLib.path import parse_path

    data = _folder_of("verovio") / "data"
    table = (data / f"{name}.xml").read_text(encoding="utf-8")
    glyphs = {".notdef": TTGlyphPen(None).glyph()}
    widths = {".notdef": (_UNITS // 2, 0)}
    names: dict[int, str] = {}
    for sign in signs:
        code = f"{sign:X}"
        outline = data / name / f"{code}.xml"
        width = re.search(rf'c="{code}"[^>]*?h-a-x="([\d.]+)"', table)
        if width is None or not outline.exists():
            continue
        pen = TTGlyphPen(None)
        drawn = re.search(r' d="([^"]*)"', outline.read_text(encoding="utf-8"))
        if drawn is not None:
            parse_path(drawn[1], Cu2QuPen(pen, 1.0))
        names[sign] = f"u{code}"
        glyphs[names[sign]] = pen.glyph()
        widths[names[sign]] = (round(float(width[1])), 0)
    font = FontBuilder(_UNITS, isTTF=True)
    font.setupGlyphOrder(list(glyphs))
    font.setupCharacterMap(names)
    font.setupGlyf(glyphs)
    font.setupHorizontalMetrics(widths)
    font.setupHorizontalHeader(ascent=_UNITS, descent=-_UNITS // 2)
    # Font readers require every one of these.
    font.setupNameTable(
        dict.fromkeys(("familyName", "fullName", "psName", "uniqueFontIdentifier"), name)
        | {"styleName": "Regular", "version": "1"}
    )
    font.setupOS2(sTypoAscender=_UNITS, sTypoDescender=-_UNITS // 2)
    font.setupPost()
    font.updateHead(created=_EPOCH, modified=_EPOCH)
    font.save(str(path))
