"""What kind of file this is: by its content first, by its name's end where that is silent."""

from __future__ import annotations

import os
import re
from pathlib import Path

from sideman.errors import FileError, FormatError
from sideman.files import reason

_HEAD_BYTES = 64 * 1024
_SUFFIXES = {
    ".mid": "midi",
    ".midi": "midi",
    ".kar": "midi",
    ".rmi": "midi",
    ".smf": "midi",
    ".ls": "leadsheet",
    ".xml": "musicxml",
    ".musicxml": "musicxml",
    ".mxl": "musicxml",
    ".irealb": "ireal",
    ".irealbook": "ireal",
    ".html": "ireal",
    ".htm": "ireal",
    ".txt": "typed",
    ".chords": "typed",
    ".db": "weimar",
    ".sqlite": "weimar",
    ".safetensors": "model",
}
KINDS = {
    "midi": "MIDI (.mid)",
    "leadsheet": "Impro-Visor lead sheet (.ls)",
    "musicxml": "MusicXML (.musicxml, .xml, .mxl)",
    "ireal": "iReal Pro (irealb:// links, .html)",
    "typed": "typed changes (.txt)",
    "weimar": "Weimar Jazz Database (.db)",
    "model": "sideman model (.safetensors)",
}
"""The kinds that are told apart, with what people call them."""

_LEAD_SHEET_FIELD = re.compile(
    r"\(\s*(title|composer|part|section|phrase|key|meter|tempo|style|melody|bass|comments|year)\b"
)


def detect(path: str | os.PathLike[str]) -> str:
    """Tell what kind of file a path holds.

    Parameters
    ----------
    path : path-like
        The file.

    Returns
    -------
    str
        A key of `KINDS`.

    Raises
    ------
    FileError
        If the file cannot be read.
    FormatError
        If it is of no known kind.
    """
    try:
        with Path(path).open("rb") as stream:
            head = stream.read(_HEAD_BYTES)
    except ValueError as error:
        raise FileError(f"{str(path)!r} is not a file name; check the spelling.") from error
    except OSError as error:
        raise FileError(f"{path}: cannot be read ({reason(error)}); check the name.") from error
    return kind_of(head, Path(path).name)


def kind_of(head: bytes, name: str) -> str:
    """Tell what kind of content this is.

    Parameters
    ----------
    head : bytes
        The first bytes of the content, 64 KiB or all of it.
    name : str
        The file's name, whose suffix decides where the content does not.

    Returns
    -------
    str
        A key of `KINDS`.

    Raises
    ------
    FormatError
        If it is of no known kind.

    Examples
    --------
    >>> kind_of(b"MThd", "song.txt"), kind_of(b"", "song.mid")
    ('midi', 'midi')
    """
    found = _by_content(head) or _SUFFIXES.get(Path(name).suffix.lower())
    if found is None:
        raise FormatError(
            f"{name}: is of no kind that sideman reads; give one of: {', '.join(KINDS.values())}."
        )
    return found


def _by_content(head: bytes) -> str | None:
    if head[:4] == b"MThd" or (head[:4] == b"RIFF" and head[8:12] == b"RMID"):
        return "midi"
    if head[:16] == b"SQLite format 3\0":
        return "weimar"
    if head[:4] == b"PK\x03\x04" and (b"META-INF" in head or b".xml" in head):
        return "musicxml"
    if head[8:9] == b"{" and 0 < int.from_bytes(head[:8], "little") < 1 << 32:
        return "model"
    # The zero bytes of UTF-16 fall away, so that its letters are found too.
    text = head.replace(b"\0", b"").decode("utf-8", errors="ignore").lstrip("\ufeff \t\r\n")
    if re.search(r"irealb(ook)?://", text, re.IGNORECASE):
        return "ireal"
    if re.search(r"<(!DOCTYPE\s+)?score-(partwise|timewise)\b", text):
        return "musicxml"
    if _LEAD_SHEET_FIELD.match(text):
        return "leadsheet"
    return None
