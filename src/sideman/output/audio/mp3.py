"""MP3: LAME's stream, preceded by a tag and by the frame with its exact length.

An encoder delays the music and pads its last frame; players undo both if the first frame gives the
numbers (G. Bouvigne, "MP3 Info Tag revision 1"; Xing's variable bit rate header).  lameenc streams
and so omits that frame; it is written here.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from sideman.errors import MissingExtraError
from sideman.output.audio.frames import SAMPLE_RATE, Block
from sideman.output.audio.tags import Tags, id3

_VBR_NEW, _VBR_QUALITY = 4, 1  # "-V 1": about 220 kb/s for jazz
_QUALITY = 7  # the same accuracy and size as 5, 1.5 times as fast (docs/decisions.md)
_DELAY = 576  # frames by which LAME delays
_FRAMES = 1152  # samples in a frame of MPEG 1 layer III
_KILOBITS = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_INFO_HEADER = bytes((0xFF, 0xFB, 0x94, 0x64))  # 128 kb/s, 48 kHz, joint stereo
_INFO_BYTES = 144 * 128_000 // SAMPLE_RATE
_TABLE = 100


def write(blocks: Iterable[Block], frames: int, path: Path, tags: Tags) -> None:
    """Encode music as MP3.

    `blocks` have the shape (n, 2), full scale at 1, and `frames` frames together.

    Raises
    ------
    MissingExtraError
        If lameenc is not installed.
    OSError
        If the file cannot be written.
    """
    encoder = new_encoder()
    encoder.silence()
    encoder.set_in_sample_rate(SAMPLE_RATE)
    encoder.set_channels(2)
    encoder.set_quality(_QUALITY)
    encoder.set_vbr(_VBR_NEW)
    encoder.set_vbr_quality(_VBR_QUALITY)
    head = id3(tags)
    starts: list[int] = []  # of the stream's frames
    size = 0
    with path.open("wb") as stream:
        stream.write(head + bytes(_INFO_BYTES))
        unread = b""
        for data in _encoded(encoder, blocks):
            stream.write(data)
            unread = _walk(unread + data, size - len(unread), starts)
            size += len(data)
        stream.seek(len(head))
        stream.write(_info(frames, starts, size))


def new_encoder() -> Any:
    """Return LAME's encoder.

    Raises
    ------
    MissingExtraError
        If lameenc is not installed.
    """
    try:
        import lameenc
    except ImportError as error:
        raise MissingExtraError(
            "MP3 needs lameenc; run pip install lameenc, or write .ogg, .flac or .wav.",
            field="audio_format",
        ) from error
    return lameenc.Encoder()


def _encoded(encoder: Any, blocks: Iterable[Block]) -> Iterator[bytes]:
    begun = False
    for block in blocks:
        if len(block):
            samples = np.rint(block * np.float32(32767)).astype("<i2")
            yield bytes(encoder.encode(samples.tobytes()))
            begun = True
    if not begun:  # lameenc cannot flush without input; counted as padding
        yield bytes(encoder.encode(bytes(4 * _FRAMES)))
    yield bytes(encoder.flush())


def _walk(data: bytes, position: int, starts: list[int]) -> bytes:
    """Append the starts of frames in `data`, which is at `position`; return the incomplete rest."""
    offset = 0
    while len(data) - offset >= 4:
        index, padded = data[offset + 2] >> 4, data[offset + 2] >> 1 & 1
        size = 144_000 * _KILOBITS[index] // SAMPLE_RATE + padded
        if len(data) - offset < size:
            break
        starts.append(position + offset)
        offset += size
    return data[offset:]


def _info(frames: int, starts: list[int], size: int) -> bytes:
    """Return the first frame: the stream's length, its seek table, and the padding."""
    whole = _INFO_BYTES + size
    count = len(starts)
    table = bytes(
        min(255, 256 * (_INFO_BYTES + starts[count * part // _TABLE]) // whole)
        for part in range(_TABLE)
    )
    padding = max(0, count * _FRAMES - _DELAY - frames)
    body = _INFO_HEADER + bytes(32) + b"Xing"
    body += (
        struct.pack(">III", 0xF, count, whole) + table + struct.pack(">I", 100 - 10 * _VBR_QUALITY)
    )
    lame = b"LAME3.100" + bytes((_VBR_NEW,)) + bytes(1 + 4 + 2 + 2 + 1 + 1)
    lame += ((_DELAY << 12) | padding).to_bytes(3, "big") + bytes(1 + 1 + 2)
    lame += struct.pack(">IH", whole, 0)
    body += lame
    body += struct.pack(">H", _checksum(body))
    return body + bytes(_INFO_BYTES - len(body))


def _checksum(data: bytes) -> int:
    """Return the CRC-16 of the LAME tag (polynomial 0x8005, reflected, initial value 0)."""
    value = 0
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0xA001 if value & 1 else 0)
    return value
