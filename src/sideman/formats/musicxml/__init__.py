"""MusicXML: lead sheets with chord symbols, plain (``.musicxml``) or packed (``.mxl``)."""

from sideman.formats.musicxml.reading import parse, read
from sideman.formats.musicxml.writing import dumps, losses, write

__all__ = ["dumps", "losses", "parse", "read", "write"]
