"""Chords in XF format, and titles that are not in UTF-8."""

from __future__ import annotations

import struct

import pytest

from sideman.formats import midi
from sideman.formats.midi import sheet as sheets
from sideman.formats.midi import xf

END = b"\x00\xff\x2f\x00"


def chunk(*events: bytes) -> bytes:
    body = b"".join(events) + END
    return b"MTrk" + struct.pack(">I", len(body)) + body


def smf(*chunks: bytes) -> midi.MidiFile:
    head = b"MThd" + struct.pack(">IHHH", 6, 1, len(chunks), 96)
    return midi.parse(head + b"".join(chunks), "song.mid")


def meta(kind: int, data: bytes, delta: bytes = b"\x00") -> bytes:
    return delta + bytes((0xFF, kind, len(data))) + data


def chord(root: int, kind: int, delta: bytes = b"\x00", bass: int = 0x7F) -> bytes:
    return meta(0x7F, b"\x43\x7b\x01" + bytes((root, kind, bass, 0x7F)), delta)


LINE = b"".join(bytes((0, 0x90, 70 + i % 5, 90, 96, 0x80, 70 + i % 5, 0)) for i in range(16))
BAR = b"\x83\x00"  # 384 ticks


def test_xf_chords_are_read() -> None:
    file = smf(
        chunk(
            meta(3, b"Song"),
            chord(0x32, 0x0A),  # Dm7
            chord(0x35, 0x13, b"\x82\x7e"),  # G7, two ticks early
            chord(0x35, 0x13, b"\x40"),  # again
            chord(0x31, 0x02, b"\x82\x42", bass=0x33),  # Cmaj7/E
            chord(0x31, 0x22, BAR),  # cancelled
        ),
        chunk(meta(3, b"Sax"), LINE),
    )
    read = sheets.to_sheet(file, "song.mid")
    assert [
        [(change.onset, change.chord.symbol) for change in bar.chords] for bar in read.changes.bars
    ] == [[(0, "Dm7")], [(0, "G7")], [(0, "Cmaj7/E")], [(0, "N.C.")]]
    assert [note.onset for note in read.melody[:2]] == [0, 24]


@pytest.mark.parametrize(
    ("data", "symbol"),
    [
        ((0x31, 0x00), "C"),
        ((0x23, 0x00), "Eb"),
        ((0x44, 0x0B), "F#m7b5"),
        ((0x27, 0x12), "Bbdim7"),
        ((0x35, 0x14), "G7sus4"),
        ((0x35, 0x18), "G7add13"),
        ((0x36, 0x0F), "Am(maj7)"),
        ((0x31, 0x1D), "C7#5"),
        ((0x31, 0x21), "Csus2"),
        ((0x31, 0x22), "N.C."),
        ((0x31, 0x13, 0x7F, 0x7F), "C7"),
        ((0x31, 0x13, 0x35, 0x7F), "C7/G"),
    ],
)
def test_xf_types(data: tuple[int, ...], symbol: str) -> None:
    assert str(xf.chord(bytes(data))) == symbol


@pytest.mark.parametrize("data", [b"", b"\x31", b"\x30\x00", b"\x71\x00", b"\x31\x23", b"\x38\x00"])
def test_what_is_no_xf_chord_is_passed_over(data: bytes) -> None:
    assert xf.chord(data) is None
    file = smf(chunk(meta(0x7F, xf.MARK + data)), chunk(LINE))
    assert file.chords == ()


def test_chord_texts_are_read_where_there_are_no_xf_chords() -> None:
    words = [meta(6, text, delta) for text, delta in ((b"Dm7", b"\x00"), (b"G7", BAR))]
    file = smf(chunk(*words), chunk(LINE))
    assert [str(one) for _, one in midi.solo.chord_symbols(file)] == ["Dm7", "G7"]
    # "Do7" may be C7 or D diminished; "La" is a syllable.
    for text in (b"Do7", b"La", b"Sol"):
        assert not midi.solo.chord_symbols(smf(chunk(meta(6, text)), chunk(LINE)))


@pytest.mark.parametrize(
    "title",
    [
        "枯葉",
        "夢",
        "いそしぎ",
        "スタンダード・ジャズ",
        "Jazz 枯葉",
        "A列車で行こう",
        "ﾋﾟｱﾉ",
        "★Bossa★ 音楽",
    ],
)
def test_titles_in_shift_jis(title: str) -> None:
    assert smf(chunk(meta(3, title.encode("cp932"))), chunk(LINE)).tracks[0].name == title
    assert smf(chunk(meta(3, title.encode("utf-8"))), chunk(LINE)).tracks[0].name == title


@pytest.mark.parametrize(
    "title",
    ["Högsby", "São Paulo", "Café", "Étude", "NOËL", "Größe", "Coração", "Manhã", "Ça va", "À la"],
)
def test_titles_in_latin_1(title: str) -> None:
    for coding in ("latin-1", "cp1252", "utf-8"):
        assert smf(chunk(meta(3, title.encode(coding))), chunk(LINE)).tracks[0].name == title


@pytest.mark.parametrize("title", ["Don’t", "It’s “so”…", "Dança – Samba", "“Quoted”", "Œuvre"])
def test_western_punctuation_is_not_japanese(title: str) -> None:
    assert smf(chunk(meta(3, title.encode("cp1252"))), chunk(LINE)).tracks[0].name == title
