"""iReal Pro: charts as links, single or in playlists, as text or in a web page."""

from sideman.formats.ireal.chart import losses
from sideman.formats.ireal.link import Playlist, Tune, dumps, page, parse, unscramble

__all__ = ["Playlist", "Tune", "dumps", "losses", "page", "parse", "unscramble"]
