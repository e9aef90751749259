"""MuseScore scores (``.mscz``, ``.mscx``) of versions 2 to 4."""

from functools import partial

from sideman.formats.document import melody_document
from sideman.formats.musescore.document import MOST_BYTES
from sideman.formats.musescore.reading import has_meter, parse
from sideman.formats.registry import Codec

__all__ = ["CODEC", "parse"]

CODEC = Codec(
    read=lambda data, name: melody_document(
        partial(parse, data, name), partial(has_meter, data, name)
    ),
    most_bytes=MOST_BYTES,
)
