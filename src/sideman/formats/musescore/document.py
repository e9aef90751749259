"""Parsing a MuseScore document.

As for MusicXML, entities are never expanded and no other file is opened. A ``.mscz`` is unzipped in
memory, up to a limit.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from sideman.errors import FormatError
from sideman.files import MEBIBYTE

MOST_BYTES = 64 * MEBIBYTE
MOST_ELEMENTS = 4_000_000
DEEPEST = 60
_MOST_ENTRIES = 2000
# Elements of layout and sound that are not used, which are most of a score.
_PASSED_OVER = frozenset(
    (
        *("Articulation", "Beam", "Clef", "Lyrics", "Segment", "Stem", "StaffType", "Slur", "Hook"),
        *("PageList", "page-layout", "eid", "offset", "pos", "Synthesizer"),
        *("SlurSegment", "StemSlash", "Drum", "Events", "Accidental", "StringData", "linkedMain"),
    )
)


def tree(data: bytes, name: str) -> Element:
    """Return the root element of a score, plain or packed; raise a FormatError if broken."""
    if data[:4] == b"PK\x03\x04":
        data = _unpacked(data, name)
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
            builder.start(tag, attributes)
        if depth > DEEPEST or count > MOST_ELEMENTS:
            raise FormatError(
                f"{name}: more than {DEEPEST} elements deep or {MOST_ELEMENTS:,} long, the limit; "
                "give a smaller score."
            )

    def end(tag: str) -> None:
        nonlocal depth, skipping
        depth -= 1
        if skipping:
            skipping -= 1
        else:
            builder.end(tag)

    def refuse(*_: object) -> None:
        raise FormatError(
            f"{name}: declares XML entities, which are not expanded; save it again in MuseScore."
        )

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = lambda text: None if skipping else builder.data(text)
    parser.EntityDeclHandler = refuse
    try:
        parser.Parse(data, True)
        return builder.close()
    except expat.ExpatError as error:
        raise FormatError(
            f"{name}, line {error.lineno}: is not well-formed XML "
            f"({expat.errors.messages[error.code]}); save it again in MuseScore."
        ) from error
    except (LookupError, ValueError, AssertionError) as error:
        raise FormatError(f"{name}: is not well-formed XML; save it again in MuseScore.") from error


def _unpacked(data: bytes, name: str) -> bytes:
    """Return the score of a packed file; excerpts in folders are left out."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
            if len(names) > _MOST_ENTRIES:
                raise FormatError(f"{name}: contains more than {_MOST_ENTRIES} files, the limit.")
            scores = [entry for entry in names if re.fullmatch(r"[^/]*\.mscx", entry)]
            if not scores:
                raise FormatError(
                    f"{name}: contains no MuseScore score; save it again in MuseScore."
                )
            with archive.open(scores[0]) as stream:
                content = stream.read(MOST_BYTES + 1)
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
        raise FormatError(
            f"{name}: is a broken packed score; save it again in MuseScore."
        ) from error
    if len(content) > MOST_BYTES:
        raise FormatError(
            f"{name}: unpacks to more than {MOST_BYTES // MEBIBYTE} MiB, the limit; give a smaller "
            "score."
        )
    return content
