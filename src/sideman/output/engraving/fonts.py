"""The fonts of a page, for programs that do not search system fonts.

Text is in STIX General, which has the widths of Times and is included in matplotlib; other scripts
use DejaVu.  Musical symbols in text are made into a small font from Verovio's outlines.
"""

from __future__ import annotations

import importlib.util
import re
import shutil
from pathlib import Path

LETTERS = "STIXGeneral"
_FILES = (
    "STIXGeneral.ttf", "STIXGeneralBol.ttf", "STIXGeneralItalic.ttf", "STIXGeneralBolIta.ttf",
    "DejaVuSerif.ttf",
)  # fmt: skip
_SIGNS = "Leipzig"
_FIRST_SIGN, _LAST_SIGN = 0xE000, 0xF8FF
_UNITS = 1000
_EPOCH = 2_082_844_800
"""1970 in seconds since 1904: a constant date, so that the same page has the same bytes."""


def text_fonts(folder: Path, text: str) -> None:
    """Create `folder` with the fonts that a text needs."""
    folder.mkdir()
    source = _folder_of("matplotlib") / "mpl-data" / "fonts" / "ttf"
    for name in _FILES:
        if (source / name).exists():
            shutil.copy(source / name, folder / name)
    signs = {ord(sign) for sign in text if _FIRST_SIGN <= ord(sign) <= _LAST_SIGN}
    _music_font(folder / f"{_SIGNS}.ttf", sorted(signs))


def _folder_of(package: str) -> Path:
    found = importlib.util.find_spec(package)
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent


def _music_font(path: Path, signs: list[int]) -> None:
    """Write a TrueType font of some of Verovio's outlines."""
    from fontTools.fontBuilder import FontBuilder
    from fontTools.pens.cu2quPen import Cu2QuPen
    from fontTools.pens.ttGlyphPen import TTGlyphPen
    from fontTools.svgLib.path import parse_path

    data = _folder_of("verovio") / "data"
    table = (data / f"{_SIGNS}.xml").read_text(encoding="utf-8")
    glyphs = {".notdef": TTGlyphPen(None).glyph()}
    widths = {".notdef": (_UNITS // 2, 0)}
    names: dict[int, str] = {}
    for sign in signs:
        code = f"{sign:X}"
        outline = data / _SIGNS / f"{code}.xml"
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
        dict.fromkeys(("familyName", "fullName", "psName", "uniqueFontIdentifier"), _SIGNS)
        | {"styleName": "Regular", "version": "1"}
    )
    font.setupOS2(sTypoAscender=_UNITS, sTypoDescender=-_UNITS // 2)
    font.setupPost()
    font.updateHead(created=_EPOCH, modified=_EPOCH)
    font.save(str(path))
