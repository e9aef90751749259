"""Containers: WAV, FLAC and OGG by libsndfile, MP3 by LAME, each with its tags.

The same music gives the same bytes: what an encoder takes from the clock is overwritten.
"""

from __future__ import annotations

import shutil
import struct
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np

from sideman.errors import FileError
from sideman.output.audio import mp3
from sideman.output.audio.frames import SAMPLE_RATE, Block
from sideman.output.audio.tags import Tags, info, vorbis_comment

FORMATS = {
    ".wav": ("WAV", "PCM_16"),
    ".flac": ("FLAC", "PCM_16"),
    ".ogg": ("OGG", "VORBIS"),
    ".mp3": ("MP3", "MPEG_LAYER_III"),
}
LOSSY = (".ogg", ".mp3")
_CHOICE = f"{', '.join(list(FORMATS)[:-1])} or {list(FORMATS)[-1]}"


def check_suffix(path: Path) -> str:
    """Return the suffix of a sound file in lower case; a FileError if it is not in FORMATS."""
    suffix = path.suffix.lower()
    if suffix not in FORMATS:
        raise FileError(f"{path}: the name of a sound file must end in {_CHOICE}.")
    return suffix


def write(blocks: Iterable[Block], frames: int, temporary: Path, target: Path, tags: Tags) -> None:
    """Write music to `temporary` in the format of `target`'s suffix, and check its length.

    `blocks` have the shape (n, 2), full scale at 1, and `frames` frames together.  An OSError is
    raised if the file cannot be written, and a FileError if libsndfile cannot.
    """
    suffix = check_suffix(target)
    if suffix == ".mp3":
        mp3.write(blocks, frames, temporary, tags)
        return
    _by_libsndfile(blocks, frames, temporary, target)
    if suffix == ".wav":
        _tag_wav(temporary, tags)
    else:
        _rewritten(temporary, {".flac": _tag_flac, ".ogg": _tag_ogg}[suffix], tags)


def _by_libsndfile(blocks: Iterable[Block], frames: int, temporary: Path, target: Path) -> None:
    import soundfile

    container, subtype = FORMATS[target.suffix.lower()]
    whole = subtype == "PCM_16"
    try:
        with soundfile.SoundFile(
            temporary, "w", SAMPLE_RATE, 2, format=container, subtype=subtype
        ) as stream:
            for block in blocks:
                stream.write(np.rint(block * np.float32(32767)).astype("<i2") if whole else block)
        arrived = soundfile.info(temporary).frames
    except (soundfile.SoundFileError, AssertionError) as error:
        raise FileError(
            f"{target}: the sound cannot be written; choose another folder or make room."
        ) from error
    if arrived != frames:
        raise FileError(f"{target}: was not written whole; choose another folder or make room.")


def _tag_wav(path: Path, tags: Tags) -> None:
    """Append the chunks and update the size in the header."""
    with path.open("r+b") as stream:
        stream.seek(0, 2)
        stream.write(info(tags))
        size = stream.tell()
        stream.seek(4)
        stream.write(struct.pack("<I", size - 8))


def _rewritten(path: Path, rewrite: Callable[[BinaryIO, BinaryIO, Tags], None], tags: Tags) -> None:
    """Replace a file by a changed copy."""
    copy = path.with_suffix(".tagged")
    try:
        with path.open("rb") as old, copy.open("wb") as new:
            rewrite(old, new, tags)
        copy.replace(path)
    finally:
        copy.unlink(missing_ok=True)


def _tag_flac(old: BinaryIO, new: BinaryIO, tags: Tags) -> None:
    """Replace the comment block (RFC 9639, section 8), directly after STREAMINFO."""
    new.write(old.read(4))
    last = False
    while not last:
        head = old.read(4)
        last, kind, size = bool(head[0] & 0x80), head[0] & 0x7F, int.from_bytes(head[1:], "big")
        body = old.read(size)
        if kind == 4:
            continue
        new.write(bytes((kind,)) + head[1:] + body)
        if kind == 0:
            comment = vorbis_comment(tags, b"libFLAC")
            new.write(b"\4" + len(comment).to_bytes(3, "big") + comment)
    new.write(b"\x81\0\0\0")  # an empty padding block is the last one
    shutil.copyfileobj(old, new)


def _tag_ogg(old: BinaryIO, new: BinaryIO, tags: Tags) -> None:
    """Replace the comment packet; set the serial number (by libsndfile: the clock) to 1."""
    pages = _pages(old)
    _put_page(new, *next(pages), 0)
    # The comment and setup packets share no page with audio (Vorbis I, appendix A).
    packets: list[bytes] = [b""]
    while len(packets) < 3:
        _, lacing, body = next(pages)
        offset = 0
        for size in lacing:
            packets[-1] += body[offset : offset + size]
            offset += size
            if size < 255:
                packets.append(b"")
    vendor_size = int.from_bytes(packets[0][7:11], "little")
    comment = vorbis_comment(tags, packets[0][11 : 11 + vendor_size])
    sizes: list[int] = []
    headers = (b"\3vorbis" + comment + b"\1", packets[1])
    for packet in headers:
        sizes += [255] * (len(packet) // 255) + [len(packet) % 255]
    data = b"".join(headers)
    number, before = 1, 0
    while sizes:
        lacing = bytes(sizes[:255])
        sizes = sizes[255:]
        goes_on = before == 255
        before = lacing[-1]
        body, data = data[: sum(lacing)], data[sum(lacing) :]
        # The position of a page on which no packet ends is −1.
        position = bytes(8) if any(size < 255 for size in lacing) else b"\xff" * 8
        _put_page(new, b"OggS\0" + bytes((goes_on,)) + position + bytes(12), lacing, body, number)
        number += 1
    for page in pages:
        _put_page(new, *page, number)
        number += 1


def _pages(stream: BinaryIO) -> Iterator[tuple[bytes, bytes, bytes]]:
    """Yield the pages of an Ogg stream (RFC 3533): 26 bytes of header, lacing, body."""
    while len(head := stream.read(27)) == 27:
        lacing = stream.read(head[26])
        yield head[:26], lacing, stream.read(sum(lacing))


def _put_page(stream: BinaryIO, head: bytes, lacing: bytes, body: bytes, number: int) -> None:
    page = bytearray(head[:14] + struct.pack("<III", 1, number, 0))
    page += bytes((len(lacing),)) + lacing + body
    page[22:26] = struct.pack("<I", _ogg_checksum(bytes(page)))
    stream.write(page)


_BITS_REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


def _ogg_checksum(page: bytes) -> int:
    """Return Ogg's CRC-32: unreflected, initial value 0, computed with zlib's reflected one."""
    turned = zlib.crc32(page.translate(_BITS_REVERSED), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return int(f"{turned:032b}"[::-1], 2)
