"""The XML of a MuseScore document, plain or packed (``.mscz``)."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element

from sideman.errors import FormatError
from sideman.formats.markup import MOST_BYTES, Markup

__all__ = ["MOST_BYTES", "tree"]

# Elements of layout and sound that are not used, which are most of a score.
_PASSED_OVER = frozenset(
    (
        *("Articulation", "Beam", "Clef", "Lyrics", "Segment", "Stem", "StaffType", "Slur", "Hook"),
        *("PageList", "page-layout", "eid", "offset", "pos", "Synthesizer"),
        *("SlurSegment", "StemSlash", "Drum", "Events", "Accidental", "StringData", "linkedMain"),
    )
)
_MARKUP = Markup("save it again in MuseScore", _PASSED_OVER)


def tree(data: bytes, name: str) -> Element:
    """Return the root element of a score, plain or packed; raise a FormatError if broken."""
    if data[:4] == b"PK\x03\x04":
        data = _unpacked(data, name)
    return _MARKUP.parse(data, name)


def _unpacked(data: bytes, name: str) -> bytes:
    """Return the score of a packed file; excerpts in folders are left out."""
    with _MARKUP.archive(data, name) as archive:
        scores = [entry for entry in archive.namelist() if re.fullmatch(r"[^/]*\.mscx", entry)]
        if not scores:
            raise FormatError(f"{name}: contains no MuseScore score; save it again in MuseScore.")
        return _MARKUP.entry(archive, scores[0], name)
