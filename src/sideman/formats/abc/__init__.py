"""ABC notation: lead sheets with chord symbols, single or in tune books."""

import re
from dataclasses import replace
from functools import partial

from sideman.formats.abc.reading import MOST_BYTES, tunes
from sideman.formats.abc.writing import dumps, losses
from sideman.formats.document import Document, melody_document
from sideman.formats.registry import Codec

__all__ = ["CODEC", "dumps", "losses", "tunes"]


_METER = re.compile(rb"(?:^|\[)M:\s*(?!none)[^\s\]]", re.MULTILINE)


def _read(data: bytes, name: str) -> Document:
    document = Document(read_charts=partial(tunes, data, name))
    first = melody_document(lambda: (document.charts or ())[0].open())
    return replace(
        document,
        read_phrase=first.read_phrase,
        has_meter=lambda: _METER.search(data) is not None,
    )


CODEC = Codec(
    read=_read,
    most_bytes=MOST_BYTES,
    write=lambda sheet, _: dumps(sheet).encode(),
    losses=losses,
    names_mode=True,
)
