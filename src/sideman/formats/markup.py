"""Bounded XML and zip archives, for the formats that consist of them.

Entities are never expanded and no other file is opened.  An archive is unzipped in memory, up to a
limit.
"""

from __future__ import annotations

import contextlib
import io
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from sideman.errors import FormatError
from sideman.files import MEBIBYTE

MOST_BYTES = 64 * MEBIBYTE
MOST_ELEMENTS = 4_000_000
DEEPEST = 100
_MOST_ENTRIES = 2000
_LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class Markup:
    """A kind of XML document.

    Parameters
    ----------
    remedy : str
        What to do with a broken file, such as ``save it again in MuseScore``.
    passed_over : frozenset of str
        Elements that are not read, with everything in them.
    """

    remedy: str
    passed_over: frozenset[str] = frozenset()

    def parse(self, data: bytes, name: str) -> Element:
        """Return the root element of a document; raise a FormatError if it is broken."""
        builder = TreeBuilder()
        parser = expat.ParserCreate()
        parser.buffer_text = True
        depth = count = skipping = 0

        def start(tag: str, attributes: dict[str, str]) -> None:
            nonlocal depth, count, skipping
            depth += 1
            count += 1
            if skipping or tag in self.passed_over:
                skipping += 1
            else:
                builder.start(_local(tag), attributes)
            if depth > DEEPEST or count > MOST_ELEMENTS:
                raise FormatError(
                    f"{name}: more than {DEEPEST} elements deep or {MOST_ELEMENTS:,} long, the "
                    "limit; give a smaller score."
                )

        def end(tag: str) -> None:
            nonlocal depth, skipping
            depth -= 1
            if skipping:
                skipping -= 1
            else:
                builder.end(_local(tag))

        def text(content: str) -> None:
            if not skipping:
                builder.data(content)

        def refuse(*_: object) -> None:
            raise FormatError(
                f"{name}: declares XML entities, which are not expanded; {self.remedy}."
            )

        parser.StartElementHandler = start
        parser.EndElementHandler = end
        parser.CharacterDataHandler = text
        parser.EntityDeclHandler = refuse
        try:
            parser.Parse(data, True)
            return builder.close()
        except expat.ExpatError as error:
            raise FormatError(
                f"{name}, line {error.lineno}: is not well-formed XML "
                f"({expat.errors.messages[error.code]}); {self.remedy}."
            ) from error
        except (LookupError, ValueError) as error:
            raise FormatError(
                f"{name}: its encoding cannot be read ({error}); save it as UTF-8."
            ) from error
        except AssertionError as error:
            raise FormatError(f"{name}: is not well-formed XML; {self.remedy}.") from error

    @contextlib.contextmanager
    def archive(self, data: bytes, name: str) -> Iterator[zipfile.ZipFile]:
        """Open an archive; whatever is broken in the block raises a FormatError."""
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                if len(archive.namelist()) > _MOST_ENTRIES:
                    raise FormatError(
                        f"{name}: contains more than {_MOST_ENTRIES} files, the limit."
                    )
                yield archive
        except (
            *(zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError),
            *(KeyError, ValueError, OSError),
        ) as error:
            raise FormatError(f"{name}: is a broken packed score; {self.remedy}.") from error

    def entry(self, archive: zipfile.ZipFile, entry: str, name: str) -> bytes:
        """Return the content of a file in an archive."""
        # Other methods are not in use for scores, and may ask for gigabytes of memory.
        if archive.getinfo(entry).compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise FormatError(
                f"{name}: {entry[:_LONGEST_NAME]!r} is packed by a method that is not used for "
                f"scores; {self.remedy}."
            )
        with archive.open(entry) as stream:
            content = stream.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise FormatError(
                f"{name}: unpacks to more than {MOST_BYTES // MEBIBYTE} MiB, the limit; give a "
                "smaller score."
            )
        return content


def _local(tag: str) -> str:
    """Return a tag without its namespace."""
    return tag.rpartition(":")[2] if ":" in tag else tag
