"""Parsing a MusicXML document.

Entities are never expanded and no other file is opened. A compressed file (``.mxl``) is unzipped in
memory, up to a limit. Namespaces and the document type are ignored.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from sideman.errors import FormatError
from sideman.files import MEBIBYTE

STYLE_FIELD = "sideman-style"
"""The miscellaneous field with the style of the tune."""

MOST_BYTES = 64 * MEBIBYTE
MOST_ELEMENTS = 2_000_000
DEEPEST = 100
_MOST_ENTRIES = 1000
# Unused elements of layout and engraving, which are most of a score.
_PASSED_OVER = frozenset(
    (
        *("accidental", "appearance", "beam", "clef", "defaults", "dot", "layout", "lyric"),
        *("notations", "print", "staff-details", "stem", "supports", "time-modification"),
        *("type", "voice"),
    )
)


def tree(data: bytes, name: str, notices: list[str]) -> Element:
    """Return the root element of a document, plain or compressed; add guesses to `notices`."""
    if data[:4] == b"PK\x03\x04":
        data = _unpacked(data, name, notices)
    return _parsed(data, name)


def _parsed(data: bytes, name: str) -> Element:
    builder = TreeBuilder()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    depth = count = skipping = 0

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth, count, skipping
        depth += 1
        count += 1
        if skipping or tag in _PASSED_OVER:
            skipping += 1
        else:
            builder.start(tag.rpartition(":")[2] if ":" in tag else tag, attributes)
        if depth > DEEPEST or count > MOST_ELEMENTS:
            raise FormatError(
                f"{name}: more than {DEEPEST} elements deep or {MOST_ELEMENTS} long, the limit; "
                "give a smaller score."
            )

    def end(tag: str) -> None:
        nonlocal depth, skipping
        depth -= 1
        if skipping:
            skipping -= 1
        else:
            builder.end(tag.rpartition(":")[2] if ":" in tag else tag)

    def refuse(*_: object) -> None:
        raise FormatError(
            f"{name}: declares XML entities, which are not expanded; save it again as MusicXML."
        )

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = builder.data
    parser.EntityDeclHandler = refuse
    try:
        parser.Parse(data, True)
        return builder.close()
    except expat.ExpatError as error:
        raise FormatError(
            f"{name}, line {error.lineno}: is not well-formed XML "
            f"({expat.errors.messages[error.code]}); save it again as MusicXML."
        ) from error
    except (LookupError, ValueError) as error:
        raise FormatError(
            f"{name}: its encoding cannot be read ({error}); save it as UTF-8."
        ) from error
    except AssertionError as error:
        raise FormatError(f"{name}: is not well-formed XML; save it again.") from error


_CONTAINER = "META-INF/container.xml"


def _unpacked(data: bytes, name: str, notices: list[str]) -> bytes:
    """Return the score of a compressed file."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
            if len(names) > _MOST_ENTRIES:
                raise FormatError(f"{name}: contains more than {_MOST_ENTRIES} files, the limit.")
            if _CONTAINER not in names:
                return _entry(archive, _only_score(names, f"{name}: has no {_CONTAINER}"), name)
            try:
                container = _parsed(_entry(archive, _CONTAINER, name), name)
                paths = [element.get("full-path") or "" for element in container.iter("rootfile")]
                fault = (
                    f"names {paths[0][:80]!r}, which is not in the file"
                    if paths
                    else ("names no score")
                )
            except FormatError:
                paths, fault = [], "is not well-formed"
            score = next((path for path in paths if path in names), None)
            if score is None:
                score = _only_score(names, f"{name}: its {_CONTAINER} {fault}")
                notices.append(
                    f"{name}: its {_CONTAINER} {fault}, so the only score, {score[:80]!r}, is read."
                )
            return _entry(archive, score, name)
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        RuntimeError,
        KeyError,
        ValueError,
        OSError,
    ) as error:
        raise FormatError(f"{name}: is a broken packed score; save it again.") from error


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


def _entry(archive: zipfile.ZipFile, entry: str, name: str) -> bytes:
    with archive.open(entry) as stream:
        content = stream.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise FormatError(
            f"{name}: unpacks to more than {MOST_BYTES // MEBIBYTE} MiB, the limit; give a smaller "
            "score."
        )
    return content
