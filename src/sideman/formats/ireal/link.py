"""iReal Pro links: tunes in playlists, as text or in a web page.

A link consists of percent-encoded fields separated by ``=``; tunes are separated by ``===``, and
the last piece is the name of the playlist. In ``irealb://`` links the chart is scrambled in blocks
of fifty characters; ``irealbook://`` is the older, plain form.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote, unquote

from sideman.errors import FormatError
from sideman.files import MEBIBYTE
from sideman.formats import document, words
from sideman.formats.ireal.chart import dumps_chart, losses, parse_chart
from sideman.formats.registry import Codec
from sideman.score import LeadSheet
from sideman.theory.pitch import Key

MOST_BYTES = 32 * MEBIBYTE
_MAGIC = "1r34LbKcu7"
_LINK = re.compile(
    r"(?:(?<=')irealb(ook)?://([^'\"<>\s]*))|irealb(ook)?://([^\"<>\s]*)", re.IGNORECASE
)
_ABBREVIATIONS = (("Kcl", "| x"), ("LZ", " |"), ("XyQ", "   "))


@dataclass(frozen=True, slots=True)
class Tune:
    """One tune of a playlist; its chart is read by :meth:`sheet`.

    Parameters
    ----------
    title, composer, style : str
        As in the link, but with the composer's first name first.
    key : str
        The key as written, such as ``Eb`` or ``A-``.
    tempo_bpm : float or None
        The tempo, if given; a style such as ``93BPM Rock`` may also give one.
    chart : str
        The unscrambled chart.
    source : str
        The name of the file in messages.
    """

    title: str
    composer: str
    style: str
    key: str
    tempo_bpm: float | None
    chart: str
    source: str

    def sheet(self) -> LeadSheet:
        """Read the chart as one chorus in playing order.

        Raises
        ------
        FormatError
            If the chart has no bar or is not a chart.
        ChordError
            If a symbol is unknown; the message names tune and bar.
        """
        where = f"{self.source}: {self.title!r}"
        return LeadSheet(
            title=self.title,
            composer=self.composer,
            style=self.style,
            key=_key(self.key),
            tempo_bpm=self.tempo_bpm or words.tempo_in(self.style),
            changes=parse_chart(self.chart, where),
        )


@dataclass(frozen=True, slots=True)
class Playlist:
    """The content of a link or a file of links.

    Parameters
    ----------
    name : str
        The name of the playlist; empty for a single tune.
    tunes : tuple of Tune
        In the order of the link.
    """

    name: str
    tunes: tuple[Tune, ...]


def parse(text: str, name: str) -> Playlist:
    """Read every link in a text or web page; the playlist has the first name found.

    Raises
    ------
    FormatError
        If there is no link, or no link with a tune.
    """
    if len(text) > MOST_BYTES:
        raise FormatError(f"{name}: longer than 32 MiB, the limit; give a part of it.")
    playlist, tunes, links = "", [], 0
    for link in _LINK.finditer(text):
        links += 1
        old, quoted = link[1] or link[3], link[2] or link[4] or ""
        content = unquote(html.unescape(quoted), errors="replace")
        read_link = _old_tunes if old else _new_tunes
        title, found = read_link(content, name)
        playlist = playlist or title
        tunes += found
    if not links:
        raise FormatError(
            f"{name}: has no irealb:// or irealbook:// link; share one from iReal Pro."
        )
    if not tunes:
        raise FormatError(f"{name}: its link contains no tune; share it again from iReal Pro.")
    return Playlist(playlist, tuple(tunes))


def _new_tunes(content: str, name: str) -> tuple[str, list[Tune]]:
    """Read ``Title=Composer==Style=Key==chart=comping=tempo=repeats===…===Playlist``."""
    pieces = content.split("===")
    tunes, waiting = [], ""
    for piece in pieces:
        # A tune without a composer contains `===` too: collect pieces up to the chart.
        waiting = f"{waiting}==={piece}" if waiting else piece
        head, magic, tail = waiting.partition(_MAGIC)
        if not magic:
            continue
        fields = head.split("=")
        chart, *rest = tail.split("=")
        tunes.append(
            Tune(
                title=fields[0].strip(),
                composer=_names_swapped(fields[1]) if len(fields) > 1 else "",
                style=fields[3].strip() if len(fields) > 3 else "",
                key=fields[4].strip() if len(fields) > 4 else "",
                tempo_bpm=_tempo(rest[1]) if len(rest) > 1 else None,
                chart=_expanded(unscramble(chart)),
                source=name,
            )
        )
        waiting = ""
    return waiting.strip(), tunes


def _old_tunes(content: str, name: str) -> tuple[str, list[Tune]]:
    """Read ``Title=Composer=Style=Key=n=chart=…``, six fields per tune."""
    fields = content.split("=")
    tunes = [
        Tune(
            title=fields[at].strip(),
            composer=_names_swapped(fields[at + 1]),
            style=fields[at + 2].strip(),
            key=fields[at + 3].strip(),
            tempo_bpm=None,
            chart=fields[at + 5],
            source=name,
        )
        for at in range(0, len(fields) - 5, 6)
    ]
    return "".join(fields[len(tunes) * 6 :]).strip(), tunes


def unscramble(chart: str) -> str:
    """Scramble or unscramble a chart of an ``irealb://`` link; the operation is its own inverse.

    Examples
    --------
    >>> text = "".join(chr(40 + i) for i in range(80))
    >>> unscramble(text) != text, unscramble(unscramble(text)) == text
    (True, True)
    """
    blocks = []
    at = 0
    # A block followed by fewer than two characters is not scrambled.
    while len(chart) - at > 50:
        block = chart[at : at + 50]
        at += 50
        if len(chart) - at >= 2:
            mirrored = block[::-1]
            block = (
                mirrored[:5]
                + block[5:10]
                + mirrored[10:24]
                + block[24:26]
                + mirrored[26:40]
                + block[40:45]
                + mirrored[45:]
            )
        blocks.append(block)
    return "".join(blocks) + chart[at:]


def _expanded(chart: str) -> str:
    for short, long in _ABBREVIATIONS:
        chart = chart.replace(short, long)
    return chart


def _names_swapped(composer: str) -> str:
    """Swap first and last name, if there are two names."""
    words = composer.split()
    return " ".join(reversed(words)) if len(words) == 2 else " ".join(words)


def _tempo(text: str) -> float | None:
    return float(text) if re.fullmatch(r"\d{1,4}", text) and 20 <= int(text) <= 999 else None


def _key(text: str) -> Key | None:
    try:
        return Key.parse(text)
    except FormatError:
        return None


def dumps(sheets: Sequence[LeadSheet], playlist: str = "") -> str:
    """Return lead sheets as one ``irealb://`` link, without their :func:`losses`."""
    tunes = []
    for sheet in sheets:
        chart = dumps_chart(sheet.changes)
        for short, long in reversed(_ABBREVIATIONS):
            chart = chart.replace(long, short)
        fields = [
            sheet.title,
            _names_swapped(sheet.composer),
            "",
            sheet.style,
            _written_key(sheet.key),
            "",
        ]
        head = "=".join(text.replace("=", "-") for text in fields)
        tempo = round(sheet.tempo_bpm) if sheet.tempo_bpm else 0
        tunes.append(f"{head}={_MAGIC}{unscramble(chart)}=={tempo}=0")
    content = "===".join([*tunes, playlist.replace("=", "-")] if playlist else tunes)
    return "irealb://" + quote(content, safe="-_.!~*'()")


def page(sheets: Sequence[LeadSheet], playlist: str = "") -> str:
    """Return a web page with one link, as iReal Pro shares them."""
    link = dumps(sheets, playlist)
    name = html.escape(playlist or sheets[0].title)
    return (
        '<!DOCTYPE html>\n<html><head><meta charset="utf-8"><title>iReal Pro</title></head>\n'
        f'<body><a href="{link}">{name}</a></body></html>\n'
    )


def _written_key(key: Key | None) -> str:
    return "C" if key is None else f"{key.tonic}{'-' if key.minor else ''}"


def _document(data: bytes, name: str) -> document.Document:
    def charts() -> tuple[document.Tune, ...]:
        tunes = parse(data.decode("utf-8", errors="replace"), name).tunes
        return tuple(
            document.Tune(tune.title, tune.composer, tune.style, tune.sheet) for tune in tunes
        )

    return document.Document(read_charts=charts)


CODEC = Codec(
    read=_document,
    most_bytes=MOST_BYTES,
    write=lambda sheet, _: page([sheet]).encode(),
    losses=losses,
    names_mode=True,
)
