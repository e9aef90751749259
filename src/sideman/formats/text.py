"""Decoding the text of formats that do not name their encoding."""

from __future__ import annotations

import codecs

from sideman.errors import FormatError

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def decoded(data: bytes, name: str) -> str:
    """Decode text by its byte order mark, else as UTF-8, else as Windows-1252.

    Examples
    --------
    >>> decoded("é".encode("cp1252"), "x"), decoded("é".encode("utf-16"), "x")
    ('é', 'é')
    """
    encodings = [encoding for mark, encoding in _MARKS if data.startswith(mark)]
    if encodings:
        text = data.decode(encodings[0], errors="replace")
    else:
        try:
            text = data.decode()
        except UnicodeDecodeError:
            text = data.decode("cp1252", errors="replace")
    if "\0" in text:
        raise FormatError(f"{name}: is not a text file; save it as text in UTF-8.")
    return text
