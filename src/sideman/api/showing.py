"""Takes and charts as HTML for a notebook: every picture and sound is inside, as a data URI."""

import base64
from collections.abc import Callable, Iterable
from html import escape

from sideman.errors import SidemanError
from sideman.score import LeadSheet, Solo
from sideman.words import counted

WIDTH = 800
"""The greatest width of a picture, in CSS pixels."""
_PAPER = f"width:100%;max-width:{WIDTH}px;height:auto;background:#fff;margin:4px 0"
_TYPES = {
    "svg": "image/svg+xml",
    "png": "image/png",
    "mp3": "audio/mpeg",
    "ogg": "audio/ogg",
}


def document(parts: Iterable[str]) -> str:
    """Return parts one below the other."""
    return f'<div class="sideman" style="max-width:{WIDTH}px">{"".join(parts)}</div>'


def heading(title: str, facts: str) -> str:
    """Return a title and a line of facts."""
    return f"<p><strong>{escape(title)}</strong><br>{escape(facts)}</p>"


def text(lines: str) -> str:
    """Return lines in a typewriter's font."""
    return f'<pre style="font-family:monospace;overflow-x:auto">{escape(lines)}</pre>'


def player(sound: bytes, kind: str) -> str:
    """Return a player of a sound file, with its size."""
    size = f"{kind.upper()}, {len(sound) / 1e6:.1f} MB"
    return (
        f'<audio controls preload="metadata" style="width:100%" src="{_uri(sound, kind)}"></audio>'
        f"<br><small>{size}</small>"
    )


def picture(data: bytes, kind: str, alt: str) -> str:
    """Return a picture on white paper; scripts and styles inside an SVG stay in it."""
    return f'<img alt="{escape(alt)}" style="{_PAPER}" src="{_uri(data, kind)}">'


def score(music: LeadSheet | Solo) -> str:
    """Return the first page of music, and the others folded."""
    from sideman.output import engraving

    files = engraving.engrave(music, trim=True)
    shown = [
        picture(page.encode(), "svg", f"Score of {music.title}, page {number} of {len(files)}")
        for number, page in enumerate(files, start=1)
    ]
    if len(shown) == 1:
        return shown[0]
    more = counted(len(shown) - 1, "more page")
    return f"{shown[0]}<details><summary>{more}</summary>{''.join(shown[1:])}</details>"


def possible(part: Callable[[], str]) -> str:
    """Return a part, or the sentence why it cannot be shown, such as a missing extra."""
    try:
        return part()
    except SidemanError as error:
        return f"<p><em>{escape(str(error))}</em></p>"


def _uri(data: bytes, kind: str) -> str:
    return f"data:{_TYPES[kind]};base64,{base64.b64encode(data).decode()}"
