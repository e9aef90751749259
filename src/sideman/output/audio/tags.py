"""Tags of sound files in the format of each container.

ID3v2.3 (id3.org, 1999) for MP3 and, as a chunk, for WAV; INFO (Microsoft and IBM, 1991) for WAV;
Vorbis comments (Xiph.Org) for OGG and FLAC.  libsndfile's own tags corrupt characters outside
Latin-1 in MP3 and have no tempo or free fields, so the tags are written here.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from sideman.version import VERSION

SOFTWARE = f"sideman {VERSION}"
_MOST_LETTERS = 1000


@dataclass(frozen=True, slots=True)
class Tags:
    """The tags of a sound file.

    `comment` may be a dedication, `tempo_bpm` is in quarter notes a minute, `soundfont` is a name.
    """

    title: str = ""
    artist: str = ""
    comment: str = ""
    tempo_bpm: float | None = None
    seed: int | None = None
    soundfont: str = ""

    def fields(self) -> dict[str, str]:
        """Return the fields that are not empty.

        They are ``title``, ``artist``, ``comment``, ``tempo`` (rounded), ``seed``,
        ``soundfont`` and ``software``.

        Examples
        --------
        >>> Tags("Blues", tempo_bpm=132.4, seed=7).fields()["tempo"]
        '132'
        """
        every = {
            "title": self.title,
            "artist": self.artist,
            "comment": self.comment,
            "tempo": "" if self.tempo_bpm is None else f"{self.tempo_bpm:.0f}",
            "seed": "" if self.seed is None else str(self.seed),
            "soundfont": self.soundfont,
            "software": SOFTWARE,
        }
        short = {name: " ".join(text.split())[:_MOST_LETTERS] for name, text in every.items()}
        return {
            name: text.replace("\0", "").encode("utf-8", "replace").decode()
            for name, text in short.items()
            if text
        }


def id3(tags: Tags) -> bytes:
    """Return an ID3v2.3 tag: header and frames, texts in UTF-16."""
    names = {
        "title": b"TIT2", "artist": b"TPE1", "tempo": b"TBPM", "software": b"TSSE",
    }  # fmt: skip
    frames = b""
    for name, text in tags.fields().items():
        if name == "comment":  # language XXX, no description
            frames += _frame(b"COMM", b"\1XXX" + _utf16("") + b"\0\0" + _utf16(text))
        elif name in ("seed", "soundfont"):
            frames += _frame(b"TXXX", b"\1" + _utf16(name.upper()) + b"\0\0" + _utf16(text))
        else:
            frames += _frame(names[name], b"\1" + _utf16(text))
    size = bytes(len(frames) >> shift & 0x7F for shift in (21, 14, 7, 0))
    return b"ID3\3\0\0" + size + frames


def _frame(name: bytes, body: bytes) -> bytes:
    return name + struct.pack(">I2x", len(body)) + body


def _utf16(text: str) -> bytes:
    return b"\xff\xfe" + text.encode("utf-16-le")


def info(tags: Tags) -> bytes:
    """Return the final chunks of a WAV file: ``LIST`` with INFO, and ``id3`` with all fields."""
    names = {"title": b"INAM", "artist": b"IART", "comment": b"ICMT", "software": b"ISFT"}
    fields = tags.fields().items()
    listed = b"INFO" + b"".join(
        _chunk(names[name], text.encode() + b"\0") for name, text in fields if name in names
    )
    return _chunk(b"LIST", listed) + _chunk(b"id3 ", id3(tags))


def _chunk(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)


def vorbis_comment(tags: Tags, vendor: bytes) -> bytes:
    """Return the body of a Vorbis comment, without framing bit.

    `vendor` is the name that the encoder wrote.
    """
    names = {"tempo": "BPM", "software": "ENCODER"}
    fields = [
        f"{names.get(name, name.upper())}={text}".encode() for name, text in tags.fields().items()
    ]
    counted = b"".join(struct.pack("<I", len(field)) + field for field in fields)
    return struct.pack("<I", len(vendor)) + vendor + struct.pack("<I", len(fields)) + counted
