"""MusicXML: lead sheets and parts, plain or compressed."""

from functools import partial

from sideman.formats.document import melody_document
from sideman.formats.musicxml.document import MOST_BYTES
from sideman.formats.musicxml.reading import has_meter, parse
from sideman.formats.musicxml.writing import Page, dumps, losses, packed
from sideman.formats.registry import Codec
from sideman.score import LeadSheet

__all__ = ["CODEC", "Page", "dumps", "has_meter", "losses", "packed", "parse"]


def _written(sheet: LeadSheet, name: str) -> bytes:
    document = dumps(sheet)
    return packed(document) if name.lower().endswith(".mxl") else document


CODEC = Codec(
    read=lambda data, name: melody_document(
        partial(parse, data, name), partial(has_meter, data, name)
    ),
    most_bytes=MOST_BYTES,
    write=_written,
    losses=losses,
    changes=True,
)
