"""The table of file formats, and the functions that open and save files.

A format is one line of :data:`FORMATS` and one module, whose ``CODEC`` reads and writes. The module
is imported when a file of that format is first read or written.
"""

from __future__ import annotations

import importlib
import os
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from sideman import files
from sideman.errors import FormatError

if TYPE_CHECKING:
    from sideman.formats.document import Document
    from sideman.score import LeadSheet

HEAD_BYTES = 64 * 1024
"""The number of first bytes from which the format is recognised."""


@dataclass(frozen=True, slots=True)
class Codec:
    """The functions of a format.

    Parameters
    ----------
    read : callable
        Takes the content and the name of the file, for messages.
    most_bytes : int
        The largest file that is read.
    write : callable or None
        Takes a chart and the name of the file, whose suffix may choose a variant, and returns the
        content; None if the format is only read.
    losses : callable
        Returns a short description of each part of a chart that the format cannot store.
    names_mode : bool
        Whether each key has a mode, which is inferred from the chords where it is not given.
    changes : bool
        Whether key and tempo can change within a chart.
    """

    read: Callable[[bytes, str], Document]
    most_bytes: int = 64 * files.MEBIBYTE
    write: Callable[[LeadSheet, str], bytes] | None = None
    losses: Callable[[LeadSheet], tuple[str, ...]] = lambda _: ()
    names_mode: bool = False
    changes: bool = False


@dataclass(frozen=True)
class Format:
    r"""A file format.

    Parameters
    ----------
    name : str
        The key of the format.
    label : str
        The name in messages.
    suffixes : tuple of str
        The suffixes of its files, in lower case.
    module : str
        The module that defines its ``CODEC``; empty for a format that is recognised but contains no
        music.
    writes : tuple of str
        The suffixes under which charts are written.
    solos : bool
        Whether a folder of solos is searched for its files.
    magic : bytes
        A regular expression that matches the first bytes of its files.
    marks : str
        A regular expression that is found in the text of its files; ``\A`` is the first character
        after white space and byte order mark.
    most_bytes : int
        The largest file that is read, for a format that contains no music; 0 where its first bytes
        are enough.
    """

    name: str
    label: str
    suffixes: tuple[str, ...]
    module: str = ""
    writes: tuple[str, ...] = ()
    solos: bool = False
    magic: bytes = b""
    marks: str = ""
    most_bytes: int = 0

    @property
    def codec(self) -> Codec:
        """The functions of the format."""
        codec: Codec = importlib.import_module(self.module).CODEC
        return codec

    def begins(self, data: bytes) -> bool:
        """Return whether the first bytes are those of this format."""
        return bool(self.magic) and re.match(self.magic, data, re.DOTALL) is not None

    def is_marked(self, data: bytes) -> bool:
        """Return whether the text of the content is that of this format."""
        return bool(self.marks) and re.search(self.marks, _text(data)) is not None

    def read(self, data: bytes, name: str) -> Document:
        """Read the content of a file; `name` is used in messages and as the default title."""
        from sideman.formats.document import Document, guarded, named

        name = files.printable(name)
        if not self.module:
            return Document(name=name, label=self.label)
        return named(guarded(self.codec.read, name, self.label)(data, name), name, self.label)

    def write(self, sheet: LeadSheet, name: str) -> bytes:
        """Return the content of a file; its name ends in one of :attr:`writes`."""
        write = self.codec.write
        assert write is not None, f"{self.module} has no writer"
        return write(replace(sheet, key=sheet.tonality) if self.codec.names_mode else sheet, name)

    def losses(self, sheet: LeadSheet) -> tuple[str, ...]:
        """Return a short description of each part of a chart that the format cannot store."""
        found = self.codec.losses(sheet)
        if self.codec.names_mode and sheet.key is not None and not sheet.key.has_mode:
            found += ("that the mode of the key is not given",)
        if not self.codec.changes and (sheet.changes.keys or sheet.changes.tempos):
            found += ("changes of key and tempo",)
        return found


_BARS = re.compile(r"[^\x00-\x08<{]*\|[^\x00-\x08<{]*\Z")


@lru_cache(maxsize=1)
def _text(data: bytes) -> str:
    # Without zero bytes, UTF-16 text is ASCII and can be searched too.
    return data.replace(b"\0", b"").decode("utf-8", errors="ignore").lstrip("\ufeff \t\r\n")


FORMATS = (
    Format(
        "midi",
        "MIDI (.mid)",
        (".mid", ".midi", ".kar", ".rmi", ".smf"),
        "sideman.formats.midi.sheet",
        writes=(".mid",),
        solos=True,
        magic=rb"MThd|RIFF.{4}RMID",
    ),
    Format(
        "leadsheet",
        "Impro-Visor lead sheet (.ls)",
        (".ls",),
        "sideman.formats.leadsheet",
        writes=(".ls",),
        solos=True,
        marks=r"\A\(\s*(title|composer|part|section|phrase|key|meter|tempo|style|melody|bass"
        r"|comments|year)\b",
    ),
    Format(
        "musescore",
        "MuseScore (.mscz, .mscx)",
        (".mscz", ".mscx"),
        "sideman.formats.musescore",
        solos=True,
        magic=rb"PK\x03\x04.*?(\.mscx|score_style\.mss|viewsettings\.json)",
        marks=r"<museScore\b",
    ),
    Format(
        "musicxml",
        "MusicXML (.musicxml, .xml, .mxl)",
        (".xml", ".musicxml", ".mxl"),
        "sideman.formats.musicxml",
        writes=(".musicxml", ".xml", ".mxl"),
        solos=True,
        magic=rb"PK\x03\x04.*?(META-INF|\.xml)",
        marks=r"<(!DOCTYPE\s+)?score-(partwise|timewise)\b",
    ),
    Format(
        "ireal",
        "iReal Pro (irealb:// links, .html)",
        (".irealb", ".irealbook", ".html", ".htm"),
        "sideman.formats.ireal.link",
        writes=(".html",),
        marks=r"(?i)irealb(ook)?://",
    ),
    Format(
        "chordpro",
        "ChordPro (.cho, .crd, .pro)",
        (".cho", ".crd", ".chopro", ".chordpro", ".pro"),
        "sideman.formats.chordpro",
        writes=(".cho",),
        marks=r"(?m)^[ \t]*\{[ \t]*(title|t|subtitle|st|start_of_\w+|so[gcvbt]|new_song|ns)"
        r"[ \t]*[:}]",
    ),
    Format(
        "abc",
        "ABC (.abc)",
        (".abc",),
        "sideman.formats.abc",
        writes=(".abc",),
        marks=r"(?m)\A%abc|^X:[ \t]*\d[^\n]*\n(?:[^\n]*\n){0,200}?K:",
    ),
    Format(
        "humdrum",
        "Humdrum (.krn, .jazz)",
        (".krn", ".jazz", ".harm", ".hum"),
        "sideman.formats.humdrum",
        marks=r"(?m)^\*\*[a-zA-Z]+[ \t]*[\t\r\n]",
    ),
    Format(
        "labels",
        "chord labels with times (.lab, .jams, .csv)",
        (".lab", ".jams", ".csv"),
        "sideman.formats.labels",
        marks=r"\A\d+\.\d+[ \t]+\d+\.\d+[ \t]+[A-GNX][#b]?(:|\s)"
        r"|\A\{[\s\S]*\"namespace\"\s*:\s*\"chord",
    ),
    Format(
        "json",
        "chord JSON (.json)",
        (".json",),
        "sideman.formats.chordjson",
        marks=r"\A(\[\s*\{|\{\s*\")",
    ),
    Format(
        "bandinabox",
        "Band-in-a-Box (.sgu, .mgu)",
        tuple(f".{kind}g{style}" for style in "u0123456789abcdefghijklmno" for kind in "sm"),
        "sideman.formats.bandinabox",
        solos=True,
    ),
    Format(
        "typed",
        "typed changes (.txt)",
        (".txt", ".chords"),
        "sideman.formats.typed",
        writes=(".txt",),
    ),
    Format(
        "weimar",
        "Weimar Jazz Database (.db)",
        (".db", ".sqlite"),
        "sideman.formats.weimar",
        solos=True,
        magic=rb"SQLite format 3\0",
    ),
    Format(
        "model",
        "sideman model (.safetensors)",
        (".safetensors",),
        magic=rb"(?!\0{4}).{4}\0{4}\{",
        most_bytes=64 * files.MEBIBYTE,
    ),
    Format(
        "grammar",
        "grammar (.grammar)",
        (".grammar",),
        marks=r"(?m)^\s*\(\s*startsymbol\s|\A\(\s*(parameter|rule|base)\s",
        most_bytes=64 * files.MEBIBYTE,
    ),
)
"""All formats; if several match a file, the first is used."""


def named(name: str) -> Format:
    """Return a format by its key."""
    return next(one for one in FORMATS if one.name == name)


def format_of(head: bytes, name: str) -> Format:
    """Return the format of content: by its first bytes, by its text, or by the suffix of its name.

    Parameters
    ----------
    head : bytes
        The first :data:`HEAD_BYTES` bytes, or all.
    name : str
        The name of the file.

    Raises
    ------
    FormatError
        If the format is unknown; the message lists the known formats.

    Examples
    --------
    >>> format_of(b"MThd", "song.txt").name, format_of(b"", "song.mid").name
    ('midi', 'midi')
    """
    suffix = Path(name).suffix.lower()
    begun = (one for one in FORMATS if one.begins(head))
    marked = (one for one in FORMATS if one.is_marked(head))
    called = (one for one in FORMATS if suffix in one.suffixes)
    for one in chain(begun, marked, called):
        return one
    if not suffix and _BARS.match(_text(head)):
        return named("typed")  # such as changes from a pipe
    raise FormatError(
        f"{name}: is not in a format that sideman reads; give one of: "
        f"{', '.join(one.label for one in FORMATS)}."
    )


def open_document(path: str | os.PathLike[str]) -> Document:
    """Read a file of any format; a SidemanError if it cannot be read or is not well-formed."""
    return loads(content(path), str(path))


def content(path: str | os.PathLike[str]) -> bytes:
    """Return the bytes of a file of any format; the first ones where the format holds no music.

    Raises
    ------
    FileError
        If it cannot be read or is too large.
    FormatError
        If it is of no known format.
    """
    with files.opened(path) as stream:
        head = stream.read(HEAD_BYTES)
        found = format_of(head, files.printable(Path(path).name))
        at_most = found.codec.most_bytes if found.module else found.most_bytes
        return files.read_rest(stream, path, at_most=at_most, head=head) if at_most else head


def loads(data: bytes, name: str) -> Document:
    """Return what the bytes of a file hold; a FormatError where they are of no known format."""
    return format_of(data[:HEAD_BYTES], Path(name).name).read(data, name)


def save(path: str | os.PathLike[str], sheet: LeadSheet) -> tuple[str, ...]:
    """Write a chart in the format of the suffix, and return what is lost.

    Raises
    ------
    FormatError
        If no format is written under that suffix; the message lists the known ones.
    SidemanError
        If the format cannot store the chart, or the file cannot be written.
    """
    data, lost = dumps(sheet, str(path))
    files.write_whole(path, data)
    return lost


def dumps(sheet: LeadSheet, name: str) -> tuple[bytes, tuple[str, ...]]:
    """Return a chart in the format of a file's name, and what the format cannot hold of it.

    Raises
    ------
    FormatError
        If no format writes that suffix.
    SidemanError
        If the format cannot say it.
    """
    path = Path(name)
    suffix = path.suffix.lower()
    found = next((one for one in FORMATS if suffix in one.writes), None)
    if found is None:
        raise FormatError(
            f"{name}: sideman does not write this format; let its name end in one of "
            f"{', '.join(written_suffixes())}."
        )
    return found.write(sheet, path.name), found.losses(sheet)


def written_suffixes() -> tuple[str, ...]:
    """Return the suffixes of files that charts can be written to."""
    return tuple(suffix for one in FORMATS for suffix in one.writes)


def chart_suffixes() -> tuple[str, ...]:
    """Return the suffixes of files that may contain charts."""
    return tuple(suffix for one in FORMATS if one.module for suffix in one.suffixes)


def solo_suffixes() -> tuple[str, ...]:
    """Return the suffixes of files that may contain solos."""
    return tuple(suffix for one in FORMATS if one.solos for suffix in one.suffixes)
