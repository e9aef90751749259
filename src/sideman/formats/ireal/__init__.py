"""iReal Pro: charts as links, alone or in playlists, bare or inside a web page."""

from sideman.formats.ireal.chart import unheld
from sideman.formats.ireal.link import Playlist, Tune, dumps, parse, read, unscramble, write

__all__ = ["Playlist", "Tune", "dumps", "parse", "read", "unheld", "unscramble", "write"]
