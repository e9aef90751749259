"""SF3 soundfonts, as MuseScore has them: SoundFont 2 with each sample compressed as Ogg Vorbis.

The layout is that of SoundFont 2.04 (Creative Technology, 2006) with version 3 in ``ifil``.  The
start and end of a compressed sample are bytes of the chunk ``smpl``, and its loop counts from its
first frame.
"""

from __future__ import annotations

import io
from collections.abc import Collection, Iterator, Mapping
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

_VERSION = 3
_COMPRESSED = 0x10
_SILENCE = 46  # frames after each sample, as SoundFont 2.04 asks
# Generators; a range has its lowest value in the low byte.
_LEADS_TO = {b"p": 41, b"i": 53}  # an instrument, a sample
_KEYS, _VELOCITIES, _WHOLE = 43, 44, 127 << 8
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


Played = Mapping[tuple[int, int], Collection[tuple[int, int]]]
"""The keys and velocities of notes by bank and program; drum kits have bank 128."""


def compressed(head: bytes) -> bool:
    """Return whether the first 36 bytes of a soundfont are those of an SF3."""
    return head[24:28] == b"ifil" and head[32:34] == _VERSION.to_bytes(2, "little")


def expanded(data: bytes, played: Played) -> bytes:
    """Return an SF3 as SoundFont 2, with the samples of some notes and the others silent.

    Program 0 replaces one that the soundfont lacks.  A ValueError is raised if it is malformed.
    """
    chunks = dict(_chunks(data))
    if missing := {*_ORDER, b"smpl"} - chunks.keys():
        raise ValueError(f"chunks are missing: {missing}")
    tables = {name: np.frombuffer(chunks[name], kind) for name, kind in _TABLES.items()}
    samples = tables[b"shdr"].copy()
    needed = _needed(tables, played)
    lengths = [_frames(chunks[b"smpl"], row) for row in samples[:-1]]
    # Samples that are not needed keep their lengths, because zones count from their ends, and share
    # one silence before the others.
    silence = max((size for at, size in enumerate(lengths) if at not in needed), default=0)
    if silence + sum(lengths[at] for at in needed if at < len(lengths)) > _MOST_FRAMES:
        raise ValueError("the samples are too long")
    decoded = [np.zeros(silence + _SILENCE, "<i2")]
    frames = len(decoded[0])
    for index, (row, length) in enumerate(zip(samples[:-1], lengths, strict=True)):
        begin = frames if index in needed else 0
        if index in needed:
            decoded += [_decoded(chunks[b"smpl"], row, length), np.zeros(_SILENCE, "<i2")]
            frames += length + _SILENCE
        row["start"], row["end"] = begin, begin + length
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


def _frames(sound: bytes, row: np.void) -> int:
    """Return the length of a sample; raise a ValueError if it is no Ogg Vorbis of one channel.

    It is the granule position of the last page (RFC 3533); a decoder for each of more than a
    thousand samples takes 0.6 s.
    """
    start, end = int(row["start"]), int(row["end"])
    last = sound.rfind(b"OggS", start, end)
    if last < 0 or sound[start + 28 : start + 35] != b"\1vorbis":
        raise ValueError("a sample is not Ogg Vorbis")
    frames = int.from_bytes(sound[last + 6 : last + 14], "little")
    if not row["kind"] & _COMPRESSED or sound[start + 39] != 1 or row["loop_end"] > frames:
        raise ValueError("a sample does not fit its header")
    return frames


def _decoded(sound: bytes, row: np.void, frames: int) -> NDArray[np.int16]:
    import soundfile

    try:
        heard, _ = soundfile.read(io.BytesIO(sound[row["start"] : row["end"]]), dtype="int16")
    except soundfile.SoundFileError as error:
        raise ValueError("a sample is not Ogg Vorbis") from error
    if heard.shape != (frames,):
        raise ValueError("a sample does not fit its header")
    return np.asarray(heard, "<i2")


def _needed(tables: dict[bytes, Table], played: Played) -> set[int]:
    """Return the indices of the samples that some notes play."""
    presets = tables[b"phdr"]
    known = {(int(row["bank"]), int(row["program"])): at for at, row in enumerate(presets[:-1])}
    found: set[int] = set()
    for (bank, program), notes in played.items():
        preset = known.get((bank, program), known.get((bank, 0)))
        if preset is None:
            continue
        for instrument, inside in _zones(tables, presets, preset, b"p", notes):
            zones = _zones(tables, tables[b"inst"], instrument, b"i", inside)
            found.update(sample for sample, _ in zones)
    return found


def _zones(
    tables: dict[bytes, Table],
    owners: Table,
    number: int,
    kind: bytes,
    notes: Collection[tuple[int, int]],
) -> Iterator[tuple[int, list[tuple[int, int]]]]:
    """Yield what the zones of a preset (``p``) or an instrument (``i``) lead to, and their notes.

    A preset leads to instruments, an instrument to samples; zones without notes are left out.  The
    ranges of a first zone that leads nowhere hold for those that have none.
    """
    try:
        bags = tables[kind + b"bag"]["generator"]
        first, last = (int(owners[at]["bag"]) for at in (number, number + 1))
        edges = [int(bags[at]) for at in range(first, last + 1)]
    except IndexError as error:
        raise ValueError("a zone is missing") from error
    usual: dict[int, int] = {}
    for index, (begin, end) in enumerate(pairwise(edges)):
        rows = tables[kind + b"gen"][begin:end]
        own = {int(row["operator"]): int(row["amount"]) for row in rows}
        leads_to = own.get(_LEADS_TO[kind])
        if leads_to is None:
            usual = own if index == 0 else usual
            continue
        ranges = [divmod({**usual, **own}.get(each, _WHOLE), 256) for each in (_KEYS, _VELOCITIES)]
        inside = [
            note
            for note in notes
            if all(low <= one <= high for one, (high, low) in zip(note, ranges, strict=True))
        ]
        if inside:
            yield leads_to, inside


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
