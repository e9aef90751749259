"""The XML of a MusicXML document, plain or compressed (``.mxl``); namespaces are ignored."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from sideman.errors import FormatError
from sideman.formats.markup import MOST_BYTES, Markup

__all__ = ["MOST_BYTES", "STYLE_FIELD", "tree"]

STYLE_FIELD = "sideman-style"
"""The miscellaneous field with the style of the tune."""

# Unused elements of layout and engraving, which are most of a score.
_PASSED_OVER = frozenset(
    (
        *("accidental", "appearance", "beam", "clef", "defaults", "dot", "layout", "lyric"),
        *("notations", "print", "staff-details", "stem", "supports", "time-modification"),
        *("type", "voice"),
    )
)
_MARKUP = Markup("save it again as MusicXML", _PASSED_OVER)
_CONTAINER = "META-INF/container.xml"


def tree(data: bytes, name: str, notices: list[str]) -> Element:
    """Return the root element of a document, plain or compressed; add guesses to `notices`."""
    if data[:4] == b"PK\x03\x04":
        data = _unpacked(data, name, notices)
    return _MARKUP.parse(data, name)


def _unpacked(data: bytes, name: str, notices: list[str]) -> bytes:
    """Return the score of a compressed file."""
    with _MARKUP.archive(data, name) as archive:
        names = archive.namelist()
        if _CONTAINER not in names:
            only = _only_score(names, f"{name}: has no {_CONTAINER}")
            return _MARKUP.entry(archive, only, name)
        container = _MARKUP.entry(archive, _CONTAINER, name)
        try:
            root = _MARKUP.parse(container, name)
        except FormatError:
            paths, fault = [], "is not well-formed"
        else:
            paths = [element.get("full-path") or "" for element in root.iter("rootfile")]
            fault = (
                f"names {paths[0][:80]!r}, which is not in the file" if paths else "names no score"
            )
        score = next((path for path in paths if path in names), None)
        if score is None:
            score = _only_score(names, f"{name}: its {_CONTAINER} {fault}")
            notices.append(
                f"{name}: its {_CONTAINER} {fault}, so the only score, {score[:80]!r}, is read."
            )
        return _MARKUP.entry(archive, score, name)


def _only_score(names: list[str], fault: str) -> str:
    """Return the only score among the names of an archive; a FormatError begins with `fault`."""
    scores = [
        path
        for path in names
        if path.lower().endswith((".xml", ".musicxml"))
        and not path.startswith(("META-INF/", "__MACOSX/"))
    ]
    if len(scores) != 1:
        raise FormatError(
            f"{fault}, and the file contains {len(scores) or 'no'} scores; save it again as "
            "MusicXML."
        )
    return scores[0]
