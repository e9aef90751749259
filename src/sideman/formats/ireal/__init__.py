"""iReal Pro: charts as links, alone or in playlists, bare or inside a web page."""

from sideman.formats.ireal.chart import losses
from sideman.formats.ireal.link import Playlist, Tune, dumps, page, parse, unscramble

__all__ = ["Playlist", "Tune", "dumps", "losses", "page", "parse", "unscramble"]
