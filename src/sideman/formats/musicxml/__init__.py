"""MusicXML: lead sheets with chord symbols, plain (``.musicxml``) or packed (``.mxl``)."""

from sideman.formats.musicxml.reading import parse, read
from sideman.formats.musicxml.writing import Page, dumps, losses, write

__all__ = ["Page", "dumps", "losses", "parse", "read", "write"]
