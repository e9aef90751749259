"""SF3 soundfonts, as MuseScore has them: SoundFont 2 with each sample compressed as Ogg Vorbis.

The layout is that of SoundFont 2.04 (Creative Technology, 2006) with version 3 in ``ifil``.  The
start and end of a compressed sample are bytes of the chunk ``smpl``, and its loop counts from its
first frame.
"""

from __future__ import annotations

import io
from collections.abc import Collection, Iterator

import numpy as np
import soundfile
from numpy.typing import NDArray

_VERSION = 3
_COMPRESSED = 0x10
_SILENCE = 46  # frames after each sample, as SoundFont 2.04 asks
_INSTRUMENT, _SAMPLE = 41, 53  # generators
_MOST_FRAMES = 1 << 27
_NAME = ("name", "S20")
_TABLES = {
    b"phdr": [_NAME, ("program", "<u2"), ("bank", "<u2"), ("bag", "<u2"), ("more", "V12")],
    b"pbag": [("generator", "<u2"), ("modulator", "<u2")],
    b"pgen": [("operator", "<u2"), ("amount", "<u2")],
    b"inst": [_NAME, ("bag", "<u2")],
    b"ibag": [("generator", "<u2"), ("modulator", "<u2")],
    b"igen": [("operator", "<u2"), ("amount", "<u2")],
    b"shdr": [
        *(_NAME, ("start", "<u4"), ("end", "<u4"), ("loop", "<u4"), ("loop_end", "<u4")),
        *(("rate", "<u4"), ("key", "u1"), ("cents", "i1"), ("link", "<u2"), ("kind", "<u2")),
    ],
}
_ORDER = (b"phdr", b"pbag", b"pmod", b"pgen", b"inst", b"ibag", b"imod", b"igen", b"shdr")
Table = NDArray[np.void]


def compressed(head: bytes) -> bool:
    """Return whether the first 36 bytes of a soundfont are those of an SF3."""
    return head[24:28] == b"ifil" and head[32:34] == _VERSION.to_bytes(2, "little")


def expanded(data: bytes, programs: Collection[tuple[int, int]] | None = None) -> bytes:
    """Return an SF3 as SoundFont 2, with the samples of some programs and the others silent.

    `programs` are (bank, program), with bank 128 for drum kits, and all where None.  Program 0
    replaces one that the soundfont lacks.  A ValueError is raised if it is malformed.
    """
    chunks = dict(_chunks(data))
    if missing := {*_ORDER, b"smpl"} - chunks.keys():
        raise ValueError(f"chunks are missing: {missing}")
    tables = {name: np.frombuffer(chunks[name], kind) for name, kind in _TABLES.items()}
    samples = tables[b"shdr"].copy()
    needed = _needed(tables, programs)
    streams = [_opened(chunks[b"smpl"], row) for row in samples[:-1]]
    # Samples that are not needed keep their lengths, because zones count from their ends, and share
    # one silence before the others.
    silent = [stream.frames for index, stream in enumerate(streams) if index not in needed]
    decoded = [np.zeros(max(silent, default=0) + _SILENCE, "<i2")]
    frames = len(decoded[0])
    for index, (row, stream) in enumerate(zip(samples[:-1], streams, strict=True)):
        begin = frames if index in needed else 0
        if index in needed:
            heard = stream.read(dtype="int16")
            decoded += [heard, np.zeros(_SILENCE, "<i2")]
            frames += len(heard) + _SILENCE
        if frames > _MOST_FRAMES:
            raise ValueError("the samples are too long")
        row["start"], row["end"] = begin, begin + stream.frames
        row["loop"] += begin
        row["loop_end"] += begin
    samples["kind"] &= ~np.uint16(_COMPRESSED)
    chunks[b"shdr"] = samples.tobytes()
    body = b"sfbk" + b"".join(
        (
            _listed(b"INFO", {b"ifil": b"\2\0\4\0"}),
            _listed(b"sdta", {b"smpl": np.concatenate(decoded).tobytes()}),
            _listed(b"pdta", {name: chunks[name] for name in _ORDER}),
        )
    )
    return _chunk(b"RIFF", body)


def _opened(sound: bytes, row: np.void) -> soundfile.SoundFile:
    """Return the stream of a sample; raise a ValueError if it is none of one channel."""
    try:
        stream = soundfile.SoundFile(io.BytesIO(sound[row["start"] : row["end"]]))
    except soundfile.SoundFileError as error:
        raise ValueError("a sample is not Ogg Vorbis") from error
    if not row["kind"] & _COMPRESSED or stream.channels != 1 or row["loop_end"] > stream.frames:
        raise ValueError("a sample does not fit its header")
    return stream


def _needed(tables: dict[bytes, Table], programs: Collection[tuple[int, int]] | None) -> set[int]:
    """Return the indices of the samples that some programs play."""
    presets = tables[b"phdr"]
    known = [(int(row["bank"]), int(row["program"])) for row in presets[:-1]]
    if programs is not None:
        wanted = {each if each in known else (each[0], 0) for each in programs}
    found: set[int] = set()
    for number, each in enumerate(known):
        if programs is None or each in wanted:
            for instrument in _amounts(tables, presets, number, b"p", _INSTRUMENT):
                found.update(_amounts(tables, tables[b"inst"], instrument, b"i", _SAMPLE))
    return found


def _amounts(
    tables: dict[bytes, Table], owners: Table, number: int, kind: bytes, operator: int
) -> list[int]:
    """Return the amounts of a generator in the zones of a preset (``p``) or instrument (``i``)."""
    try:
        first, last = (int(owners[at]["bag"]) for at in (number, number + 1))
        bags = tables[kind + b"bag"]
        begin, end = (int(bags[at]["generator"]) for at in (first, last))
    except IndexError as error:
        raise ValueError("a zone is missing") from error
    generators = tables[kind + b"gen"][begin:end]
    return [int(row["amount"]) for row in generators if row["operator"] == operator]


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the chunks of the lists of a soundfont.

    Some writers leave out the padding after a chunk of odd length.
    """
    at = 12
    while at + 12 <= len(data):
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        if data[at : at + 4] == b"LIST":
            at += 12
            continue
        if at + 8 + size > len(data):
            raise ValueError("a chunk is longer than the file")
        yield data[at : at + 4], data[at + 8 : at + 8 + size]
        at += 8 + size
        at += size % 2 and data[at : at + 4] != b"LIST"


def _chunk(name: bytes, body: bytes) -> bytes:
    return name + len(body).to_bytes(4, "little") + body + b"\0" * (len(body) % 2)


def _listed(name: bytes, chunks: dict[bytes, bytes]) -> bytes:
    return _chunk(b"LIST", name + b"".join(_chunk(*each) for each in chunks.items()))
