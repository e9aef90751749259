"""MIDI files: decoding, finding melody and chords, writing."""

import io
import random
import struct
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import mido
import pretty_midi
import pytest
import symusic
from hypothesis import given, settings
from hypothesis import strategies as st

from realdata import DATA, needs_data
from sideman.errors import FileError, FormatError, MusicError, SidemanError
from sideman.formats import midi
from sideman.formats.midi import bars, parts, reading, report, solo
from sideman.score import Arrangement, Bar, Changes, ChordChange, Note, Part, Performance
from sideman.theory.chord import Chord
from sideman.theory.meter import Meter
from sideman.theory.pitch import Key

METHENY = DATA / "metheny" / "original_metheny.mid"
REAL = [*sorted((DATA / "midi").glob("*.mid")), METHENY] if DATA.is_dir() else []
END = b"\x00\xff\x2f\x00"


def chunk(*events: bytes, end: bytes = END) -> bytes:
    body = b"".join(events) + end
    return b"MTrk" + struct.pack(">I", len(body)) + body


def smf(*chunks: bytes, kind: int = 1, division: int = 96, announced: int | None = None) -> bytes:
    count = sum(one[:4] == b"MTrk" for one in chunks) if announced is None else announced
    return b"MThd" + struct.pack(">IHHH", 6, kind, count, division) + b"".join(chunks)


def meta(kind: int, data: bytes, delta: int = 0) -> bytes:
    return bytes((delta, 0xFF, kind, len(data))) + data


def name(text: str) -> bytes:
    return meta(3, text.encode())


def note(pitch: int, length: int, *, before: int = 0, channel: int = 0) -> bytes:
    """One note after a rest, lengths in file ticks below 128."""
    return bytes((before, 0x90 | channel, pitch, 90, length, 0x80 | channel, pitch, 64))


def chord_stroke(pitches: list[int], length: int, *, before: int = 0, channel: int = 0) -> bytes:
    ons = [bytes((before if i == 0 else 0, 0x90 | channel, p, 80)) for i, p in enumerate(pitches)]
    offs = [bytes((length if i == 0 else 0, 0x90 | channel, p, 0)) for i, p in enumerate(pitches)]
    return b"".join(ons + offs)


def spans(file: midi.MidiFile) -> list[tuple[int, int, int]]:
    return [(n.onset, n.end, n.pitch) for track in file.tracks for n in track.notes]


# Reading, against another library and against known facts


@needs_data
@pytest.mark.parametrize("path", REAL, ids=lambda path: path.stem)
def test_notes_are_those_of_another_library(path: Path) -> None:
    ours = midi.read(path)
    theirs = symusic.Score(path)
    assert Counter(
        (n.onset, n.end - n.onset, n.pitch, n.velocity) for t in ours.tracks for n in t.notes
    ) == Counter((n.time, n.duration, n.pitch, n.velocity) for t in theirs.tracks for n in t.notes)
    assert ours.tempos[0][1] == theirs.tempos[0].mspq
    assert [(t, m.beats, m.unit) for t, m in ours.meters] == [
        (s.time, s.numerator, s.denominator) for s in theirs.time_signatures
    ]


@needs_data
@pytest.mark.parametrize("path", REAL, ids=lambda path: path.stem)
def test_events_in_file_order_are_those_of_mido(path: Path) -> None:
    for ours, theirs in zip(midi.read(path).tracks, mido.MidiFile(path).tracks, strict=True):
        tick, struck = 0, []
        for message in theirs:
            tick += message.time
            if message.type == "note_on" and message.velocity:
                struck.append((tick, message.note, message.velocity, message.channel))
        assert [(n.onset, n.pitch, n.velocity, n.channel) for n in ours.notes] == struck
        assert ours.end == tick


@needs_data
def test_metheny() -> None:
    file = midi.read(METHENY)
    assert len(file.parts) == 19
    assert (file.parts[5].name, file.parts[0].name) == ("Guitar", "Piano")
    assert file.tempo_bpm == pytest.approx(112, abs=0.01)
    assert file.meters == ((0, Meter(4, 4)),)
    assert str(file.keys[0][1]) == "G major"
    chord = [n.pitch for n in file.parts[0].notes if file.quarters(n.onset) == 476]
    assert chord == [63, 67, 60, 58, 44]
    choice = parts.choose(file)
    assert choice.melody is not None
    assert choice.melody.part.name == "Guitar"
    assert choice.chords is not None
    assert choice.chords.part.name == "Piano"
    taken = solo.take(file, melody="guitar", chords="piano", quarters=(476, 548))
    assert taken.first_bar == 119
    assert taken.solo.changes is not None
    assert len(taken.solo.changes.bars) == 18
    # The course counts 193 tokens, including overlapping notes; a monophonic line has fewer.
    assert 170 <= len(taken.solo.notes) <= 193


@needs_data
def test_metheny_is_read_in_a_moment() -> None:
    data = METHENY.read_bytes()
    best = 10.0
    for _ in range(5):
        before = time.process_time()
        midi.parse(data, "metheny")
        best = min(best, time.process_time() - before)
    assert best < 0.1


# Irregular bytes are read as players do


def test_velocity_zero_ends_a_note() -> None:
    events = b"\x00\x90\x3c\x50\x60\x3c\x00"
    assert spans(midi.parse(smf(chunk(events)))) == [(0, 96, 60)]


def test_of_overlapping_notes_the_oldest_ends_first() -> None:
    events = b"\x00\x90\x3c\x50\x10\x3c\x51\x10\x3c\x00\x10\x3c\x00"
    assert spans(midi.parse(smf(chunk(events)))) == [(0, 32, 60), (16, 48, 60)]


def test_one_pitch_on_two_channels_is_two_notes() -> None:
    events = b"\x00\x90\x3c\x50\x10\x91\x3c\x51\x10\x80\x3c\x00\x10\x81\x3c\x00"
    assert spans(midi.parse(smf(chunk(events)))) == [(0, 32, 60), (16, 48, 60)]


def test_a_note_never_ended_lasts_to_the_track_end() -> None:
    assert spans(midi.parse(smf(chunk(b"\x00\x90\x3c\x50", end=b"\x60\xff\x2f\x00")))) == [
        (0, 96, 60)
    ]


def test_a_missing_end_of_track_and_what_follows_one_do_no_harm() -> None:
    assert spans(midi.parse(smf(chunk(note(60, 96), end=b"")))) == [(0, 96, 60)]
    assert spans(midi.parse(smf(chunk(note(60, 96), end=END + b"\x99garbage")))) == [(0, 96, 60)]


@pytest.mark.parametrize(
    "between", [b"\x00\xf0\x03\x7e\x7f\xf7", b"\x00\xff\x06\x01A", b"\x00\xf8", b"\x00\xf2\x01\x02"]
)
def test_running_status_goes_on_across_what_is_no_channel_message(between: bytes) -> None:
    events = b"\x00\x90\x3c\x50" + between + b"\x60\x3c\x00"
    assert spans(midi.parse(smf(chunk(events)))) == [(0, 96, 60)]


def test_foreign_chunks_and_a_longer_header_are_passed_over() -> None:
    alien = b"XFIH" + struct.pack(">I", 5) + b"hello"
    data = smf(alien, chunk(note(60, 96)), alien)
    longer = data[:4] + struct.pack(">I", 8) + data[8:14] + b"\0\0" + data[14:]
    assert spans(midi.parse(data)) == spans(midi.parse(longer)) == [(0, 96, 60)]


def test_riff_is_unwrapped() -> None:
    data = smf(chunk(note(60, 96)))
    riff = b"RIFF" + struct.pack("<I", len(data) + 12) + b"RMIDdata" + struct.pack("<I", len(data))
    assert spans(midi.parse(riff + data)) == [(0, 96, 60)]


def test_format_0_is_split_by_channel() -> None:
    events = [
        name("My Tune"),
        b"\x00\xc0\x42\x00\xc1\x20",
        note(70, 48),
        note(40, 48, channel=1),
        note(36, 48, channel=9),
    ]
    file = midi.parse(smf(chunk(*events), kind=0), "tune.mid")
    assert [(p.name, p.channel, p.program, p.percussion) for p in file.parts] == [
        ("", 0, 66, False),
        ("", 1, 32, False),
        ("", 9, 0, True),
    ]


def test_a_program_change_may_be_in_another_track() -> None:
    file = midi.parse(smf(chunk(b"\x00\xc0\x42"), chunk(name("Sax"), note(70, 48))))
    assert [(p.number, p.name, p.program, p.track) for p in file.parts] == [(0, "Sax", 66, 1)]


def test_format_2_keeps_its_patterns_apart() -> None:
    tempo = meta(0x51, (300_000).to_bytes(3, "big"))
    second = chunk(name("Tune"), tempo, *(note(60 + i % 5, 48) for i in range(20)))
    file = midi.parse(smf(chunk(name("Riff"), note(50, 48)), second, kind=2))
    taken = solo.take(file)
    assert taken.choice.melody is not None
    assert taken.choice.melody.part.name == "Tune"
    assert taken.solo.tempo_bpm == 200
    assert taken.choice.chords is None
    assert len(taken.solo.notes) == 20
    assert file.tempo_bpm == 120


def test_tempo_map() -> None:
    slow, fast = (meta(0x51, t.to_bytes(3, "big"), d) for t, d in ((1_000_000, 0), (250_000, 96)))
    file = midi.parse(smf(chunk(slow, fast), chunk(note(60, 96), note(62, 96))))
    assert [file.seconds(tick) for tick in (0, 48, 96, 192)] == [0, 0.5, 1, 1.25]
    assert file.tempo_bpm == 60
    assert midi.parse(smf(chunk())).tempos == ((0, 500_000),)


def test_film_frames_become_beats_of_the_first_tempo() -> None:
    # 25 frames of 40 ticks: 1,000 ticks a second, so 500 to a quarter at 120.
    film = (256 - 25) << 8 | 40
    plain = midi.parse(smf(chunk(note(60, 100)), division=film))
    assert plain.ticks_per_quarter == 500
    assert plain.seconds(1000) == 1
    tempo = meta(0x51, (600_000).to_bytes(3, "big"))
    paced = midi.parse(smf(chunk(tempo, note(60, 100)), division=film))
    assert paced.ticks_per_quarter == 600
    assert paced.seconds(1000) == 1
    assert "film frames" in paced.remarks[0]
    dropped = midi.parse(smf(chunk(), division=(256 - 29) << 8 | 100))
    assert dropped.ticks_per_quarter == Fraction(30_000 * 100, 2 * 1_001)


def test_words_are_cleaned_and_decoded() -> None:
    events = [meta(3, "Högsby\r\n".encode("latin-1")), meta(6, "Coda é".encode()), meta(5, b"\0la")]
    file = midi.parse(smf(chunk(*events)))
    assert [(t.kind, t.text) for t in file.texts] == [
        ("name", "Högsby"),
        ("marker", "Coda é"),
        ("lyric", "la"),
    ]


def test_signatures_that_no_music_has_are_passed_over() -> None:
    events = [
        meta(0x58, b"\x00\x02\x18\x08"),
        meta(0x58, b"\x04\xff\x18\x08"),
        meta(0x59, b"\x40\0"),
    ]
    file = midi.parse(
        smf(chunk(*events, meta(0x58, b"\x03\x02"), meta(0x51, b"\0\0\0"))), "odd.mid"
    )
    assert file.meters == ((0, Meter(3, 4)),)
    assert file.keys == ()
    assert file.tempos == ((0, 500_000),)
    assert file.remarks == ("odd.mid, track 1: a time signature that no music has is passed over.",)


def test_fewer_tracks_than_announced_are_remarked() -> None:
    file = midi.parse(smf(chunk(note(60, 96)), announced=3))
    assert "announces 3 tracks and holds 1" in file.remarks[0]


GOOD = smf(chunk(name("x")), chunk(note(60, 96), note(62, 96)))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (b"PK\x03\x04 not music at all", "is not a MIDI file"),
        (b"RIFF\0\0\0\0RMIDdata\0\0\0\0", "is not a MIDI file"),
        (b"MThd\0\0\0\6\0\1", "within its header"),
        (b"MThd\xff\xff\xff\xff\0\1\0\1\0\x60", "within its header"),
        (b"MThd\0\0\0\2\0\1\0\0\0\0\0\0\0\0", "header of 2 bytes"),
        (smf(), "has no tracks"),
        (smf(chunk(), kind=7), "format 7"),
        (smf(chunk(), division=0), "0 ticks to a quarter"),
        (smf(chunk(), division=0x9A00), "no such clock"),
        (GOOD[:-6], "cut off within track 2"),
        (smf(chunk(b"\x00\x90\x3c", end=b"")), "in the middle of an event"),
        (smf(chunk(b"\x00\xff\x03\x7fshort", end=b"")), "in the middle of an event"),
        (smf(chunk(b"\x00\x3c\x40")), "data before any status"),
        (smf(chunk(b"\x00\x90\x3c\x90\x10")), "a status byte instead of data"),
        (smf(chunk(b"\x00\xc0\xff\x10")), "a status byte instead of data"),
        (smf(chunk(b"\xff\xff\xff\xff\x00\x90\x3c\x40")), "more than four bytes"),
        (smf(*[chunk()] * 1_025), "more than 1,024 tracks"),
    ],
)
def test_bad_files_get_a_sentence(data: bytes, words: str) -> None:
    with pytest.raises(FormatError, match=words) as caught:
        midi.parse(data, "bad.mid")
    sentence = str(caught.value)
    assert sentence.startswith("bad.mid")
    assert sentence.endswith(".")
    assert "\n" not in sentence


def test_caps_on_size_and_events(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(FormatError, match="larger than 16 MiB"):
        midi.parse(b"MThd" + bytes(16 * 1024 * 1024), "huge.mid")
    path = tmp_path / "huge.mid"
    path.write_bytes(bytes(16 * 1024 * 1024 + 1))
    with pytest.raises(FileError, match="larger than 16 MiB"):
        midi.read(path)
    monkeypatch.setattr(reading, "MOST_EVENTS", 1_000)
    many = chunk(*[note(60, 1)] * 300)
    midi.parse(smf(many))
    with pytest.raises(FormatError, match="more than 1,000 events"):
        midi.parse(smf(many, many))


def test_a_million_events_are_refused_in_seconds() -> None:
    before = time.process_time()
    with pytest.raises(FormatError, match="more than 1,000,000 events"):
        midi.parse(smf(chunk(b"\x00\x90\x3c\x01", b"\x00\x3c\x01" * 1_100_000)))
    assert time.process_time() - before < 10


def test_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    with pytest.raises(FileError):
        midi.read(tmp_path / "none.mid")
    with pytest.raises(FileError):
        midi.read(tmp_path)


# Bars


def signature(beats: int, unit: int, delta: int = 0) -> bytes:
    return meta(0x58, bytes((beats, unit.bit_length() - 1, 24, 8)), delta)


def test_bars_follow_the_signatures() -> None:
    file = midi.parse(smf(chunk(signature(3, 4), b"\x84" + signature(4, 4, 0x40))))  # 576 ticks
    lines = bars.bar_lines(file, 300)
    assert lines.starts == (0, 72, 144, 240)
    assert [str(meter) for meter in lines.meters] == ["3/4", "3/4", "4/4", "4/4"]
    assert [lines.bar_at(tick) for tick in (0, 71, 72, 1000)] == [0, 0, 1, 3]


def test_a_signature_within_a_bar_ends_it() -> None:
    short = bars.bar_lines(midi.parse(smf(chunk(signature(4, 4), signature(3, 4, 96)))), 100)
    assert [str(meter) for meter in short.meters] == ["1/4", "3/4", "3/4"]
    # Two thirds of a quarter are not a bar: the new meter applies from the next bar line.
    odd = bars.bar_lines(midi.parse(smf(chunk(signature(4, 4), signature(3, 4, 64)))), 100)
    assert [str(meter) for meter in odd.meters] == ["4/4", "3/4"]
    hair = bars.bar_lines(midi.parse(smf(chunk(signature(3, 4, 4)))), 80)
    assert [str(meter) for meter in hair.meters] == ["3/4", "3/4"]


def test_a_piece_of_a_million_bars_is_refused() -> None:
    file = midi.parse(
        smf(chunk(b"\xff\xff\xff\x7f\x90\x3c\x40\x10\x3c\x00"), division=1), "long.mid"
    )
    with pytest.raises(MusicError, match=r"long\.mid: lasts more than 20,000 bars"):
        report.report(file)


# Finding parts


def band() -> midi.MidiFile:
    """Four bars: a sax line, piano chords, a bass and drums."""
    line = [70, 72, 74, 75, 77, 75, 74, 72] * 4
    dm7, g7 = [60, 62, 65, 69], [59, 62, 65, 67]
    return midi.parse(
        smf(
            chunk(name("Test Tune"), signature(4, 4)),
            chunk(name("Drums"), *(note(42, 48, channel=9) for _ in range(32))),
            chunk(
                name("Bass"), b"\x00\xc1\x20", *(note(38 + i % 7, 96, channel=1) for i in range(16))
            ),
            chunk(
                name("Piano"), *(chord_stroke(c, 96, before=96, channel=2) for c in [dm7, g7] * 4)
            ),
            chunk(name("Tenor Sax"), b"\x00\xc3\x42", *(note(p, 48, channel=3) for p in line)),
        ),
        "tune.mid",
    )


def test_melody_and_chords_are_found() -> None:
    choice = parts.choose(band())
    assert choice.melody is not None
    assert choice.chords is not None
    assert choice.bass is not None
    assert [one.part.name for one in (choice.melody, choice.chords, choice.bass)] == [
        "Tenor Sax",
        "Piano",
        "Bass",
    ]
    assert [choice.first, choice.last] == [0, 16]
    assert choice.reasons[0].startswith("Melody: part 3 (Tenor Sax): 100% of its strokes")
    assert choice.reasons[1].startswith("Chords: part 2 (Piano): 100% of its strokes")
    assert choice.reasons[2] == ("Range: beats 0 to 16, from the melody's first note to its last.")


@pytest.mark.parametrize(
    ("wanted", "found"),
    [("2", "Piano"), (2, "Piano"), ("SAX", "Tenor Sax"), ("acoustic b", "Bass")],
)
def test_a_part_is_named(wanted: str | int, found: str) -> None:
    choice = parts.choose(band(), melody=wanted, quarters=(4, 8))
    assert choice.melody is not None
    assert choice.melody.part.name == found
    assert choice.reasons[0].endswith("as named.")
    assert choice.reasons[2] == "Range: beats 4 to 8, as named."


@pytest.mark.parametrize("wanted", ["kazoo", "9", "", "-1"])
def test_a_part_that_is_not_there(wanted: str) -> None:
    with pytest.raises(MusicError, match=r"tune\.mid: no part .* choose one of: 0 Drums, 1 Bass"):
        parts.choose(band(), chords=wanted)


def test_an_empty_range_and_one_beyond_the_end() -> None:
    with pytest.raises(MusicError, match="8:8 is empty"):
        parts.choose(band(), quarters=(8, 8))
    assert midi.to_solo(band(), quarters=(400, 500)).notes == ()


def test_drums_alone_and_nothing_at_all() -> None:
    drums = midi.parse(smf(chunk(name("Kit"), note(36, 48, channel=9))))
    assert parts.choose(drums).reasons[0] == "Melody: none; only drums play."
    assert midi.to_solo(drums).notes == ()
    silence = midi.parse(smf(chunk(name("Silence"))))
    assert parts.choose(silence).reasons[0] == "Melody: none; the file holds no notes."
    assert midi.to_solo(silence) == midi.to_solo(silence)
    with pytest.raises(MusicError, match="the file holds no notes"):
        parts.choose(silence, melody="guitar")


def test_a_lone_piano_is_melody_and_chords() -> None:
    strokes = [chord_stroke([48, 64, 67, 72 + i % 3], 96) for i in range(8)]
    choice = parts.choose(midi.parse(smf(chunk(name("Piano"), *strokes))))
    assert choice.melody == choice.chords is not None


def test_a_marker_announces_the_solo() -> None:
    line = [note(60 + i % 9, 96) for i in range(16)]
    for words, expected in (
        ("Guitar solo 2:20", (4.0, 8.0)),
        ("SOLO", (4, 8)),
        ("Piano solo", (0, 16)),
    ):
        markers = [
            b"\x00\xff\x06\x01A",
            b"\x83\x00" + meta(6, words.encode())[1:],
            b"\x81\x40" + meta(6, b"2:45")[1:],
            b"\x81\x40" + meta(6, b"B 3:00")[1:],
        ]
        data = smf(chunk(*markers), chunk(name("Guitar"), b"\x00\xc0\x1a", *line))
        choice = parts.choose(midi.parse(data))
        assert (float(choice.first), float(choice.last)) == expected, words


# From a file to a solo


def test_the_solo_of_the_band() -> None:
    taken = solo.take(band())
    found = taken.solo
    assert found.title == "Test Tune"
    assert [n.pitch for n in found.notes[:5]] == [70, 72, 74, 75, 77]
    assert [(n.onset, n.duration) for n in found.notes[:3]] == [(0, 12), (12, 12), (24, 12)]
    assert found.changes is not None
    assert len(found.changes.bars) == 4
    symbols = [span.chord.symbol for span in found.changes.spans]
    assert symbols[:2] == ["Dm7", "G7"]
    assert taken.chord_source == "named from what part 2 (Piano) plays"


def test_another_part_gives_chords_where_the_first_is_silent() -> None:
    """Piano for two bars, strings for four, nothing for five, then piano again."""
    dm7, g7, c = [50, 60, 65, 69], [55, 59, 65, 71], [48, 64, 67, 72]
    rest = b"\x83\x00\xb0\x07\x64"  # four quarters of 96, then a controller
    held = chord_stroke(g7, 0, channel=1)[: 4 * len(g7)]
    release = b"\x8c\x00" + b"".join(bytes((0x81, p, 0, 0)) for p in g7)[:-1]
    file = midi.parse(
        smf(
            chunk(name("Sax"), *(note(70 + i % 7, 96) for i in range(92))),
            chunk(
                name("Piano"),
                *(chord_stroke(dm7, 96) for _ in range(8)),
                *(rest for _ in range(9)),
                *(chord_stroke(c, 96) for _ in range(48)),
            ),
            chunk(name("Strings"), b"\x00\xc1\x30", rest, rest, held, release),
        )
    )
    taken = solo.take(file)
    assert taken.chord_source == (
        "named from what part 1 (Piano) plays, where it is silent part 2 (Strings)"
    )
    assert taken.solo.changes is not None
    assert [(span.onset // 96, span.chord.symbol) for span in taken.solo.changes.spans] == [
        (0, "Dm7"),
        (2, "G7"),
        (6, "N.C."),
        (11, "C"),
    ]
    assert solo.take(file, chords="strings").choice.stand_ins == ()


def test_quantising_is_to_sixteenths_or_triplets() -> None:
    # Late, early, too short for any grid; then a triplet.
    events = [note(60, 40, before=3), note(62, 2, before=7), note(64, 30, before=12)]
    file = midi.parse(smf(chunk(name("Sax"), *events)))
    assert [(n.onset, n.duration) for n in solo.quantised(file, file.parts[0])] == [
        (0, 12),
        (12, 6),
        (16, 8),
    ]


def test_of_notes_struck_together_the_highest_is_the_line() -> None:
    file = midi.parse(smf(chunk(name("Guitar"), chord_stroke([60, 64], 48), note(62, 48))))
    assert [n.pitch for n in midi.to_solo(file, melody=0).notes] == [64, 62]


def marked(*symbols: str, kind: int = 6) -> midi.MidiFile:
    """A line of four bars with words at each bar."""
    words = [
        (b"\x00" if i == 0 else b"\x83\x00") + meta(kind, s.encode())[1:]
        for i, s in enumerate(symbols)
    ]
    line = [note(70 + i % 5, 96) for i in range(16)]
    return midi.parse(smf(chunk(*words), chunk(name("Sax"), *line)))


@pytest.mark.parametrize("kind", [1, 5, 6, 7])
def test_written_chord_symbols_are_read(kind: int) -> None:
    changes = midi.to_solo(marked("Cm7", "F7", "Intro", "BbMaj7", kind=kind)).changes
    assert changes is not None
    assert [(span.onset, span.chord.symbol) for span in changes.spans] == [
        (0, "Cm7"),
        (96, "F7"),
        (288, "Bbmaj7"),
    ]


@pytest.mark.parametrize(
    ("words", "read"),
    [
        (("Em", "H7", "B7", "Es"), ["Em", "B7", "Bb7", "Eb"]),
        (("Do7", "Fa7", "Sol7", "Rem7"), ["C7", "F7", "G7", "Dm7"]),
    ],
)
def test_chord_symbols_in_other_notations(words: tuple[str, ...], read: list[str]) -> None:
    changes = midi.to_solo(marked(*words)).changes
    assert changes is not None
    assert [span.chord.symbol for span in changes.spans] == read
    assert midi.to_solo(marked("La", "la", "Mi", "Do", kind=5)).changes is None


def test_chord_symbols_shortly_after_the_bar_line_are_on_it() -> None:
    late = [meta(6, b"C7"), b"\x83\x08" + meta(6, b"F7")[1:]]
    line = [note(70 + i % 5, 96) for i in range(8)]
    changes = midi.to_solo(midi.parse(smf(chunk(*late), chunk(name("Sax"), *line)))).changes
    assert changes is not None
    assert [span.onset for span in changes.spans] == [0, 96]


def test_letters_of_sections_are_no_chords() -> None:
    file = marked("A", "A", "B", "A")
    assert midi.to_solo(file).changes is None
    assert [label for _, label in solo.sections(file)] == ["A", "A", "B", "A"]
    assert midi.to_solo(marked("verse one", "hello", "C", "world")).changes is None
    three_chords = midi.to_solo(marked("C", "F", "G", "C")).changes
    assert three_chords is not None
    assert len(three_chords.spans) == 4


def test_a_range_that_begins_within_a_chord_begins_with_it() -> None:
    found = midi.to_solo(marked("Cm7", "F7", "Bb6", "N.C."), quarters=(5, 9))
    assert [n.onset for n in found.notes] == [24, 48, 72, 96]
    assert found.changes is not None
    assert [bar.chords[0].chord.symbol for bar in found.changes.bars] == ["F7", "Bb6"]


def test_a_pickup_stands_before_the_form() -> None:
    line = [note(67, 96), *(note(70 + i % 5, 96) for i in range(8))]
    chords = chord_stroke([48, 64, 67, 70], 96, before=96, channel=1)
    later = chord_stroke([53, 63, 69, 72], 96, before=127, channel=1)
    file = midi.parse(
        smf(
            chunk(signature(1, 4), signature(4, 4, 96)),
            chunk(name("Sax"), *line),
            chunk(name("Piano"), chords, later),
        )
    )
    found = midi.to_solo(file)
    assert [n.onset for n in found.notes[:3]] == [-24, 0, 24]
    assert found.changes is not None
    assert [bar.meter for bar in found.changes.bars] == [Meter(4, 4)] * 2


# Writing

BLUES = ("F7", "Bb7", "F7", "Cm7")


def tune(notes: tuple[Note, ...], meters: tuple[Meter, ...] = (Meter(),) * 4) -> Arrangement:
    form = Changes(
        tuple(
            Bar((ChordChange(0, Chord.parse(symbol)),), meter, "A" if i == 0 else None)
            for i, (symbol, meter) in enumerate(zip(BLUES, meters, strict=True))
        )
    )
    comping = tuple(Note(span.onset, 24, p) for span in form.spans for p in (53, 57, 63))
    return Arrangement(
        "A tune – é",
        (
            Part("Solo", notes, 65),
            Part("Chords", comping, 0),
            Part("Drums", (Note(0, 6, 36), Note(24, 6, 42)), percussion=True),
        ),
        form,
        tempo_bpm=140,
        key=Key.parse("F"),
    )


LINE = (Note(0, 12, 60, 80), Note(12, 12, 62), Note(24, 30, 64), Note(96, 8, 65), Note(104, 8, 67))


def test_other_libraries_read_what_is_written(tmp_path: Path) -> None:
    path = tmp_path / "tune.mid"
    midi.write(path, tune(LINE, (Meter(4, 4), Meter(4, 4), Meter(3, 4), Meter(6, 8))))
    score = symusic.Score(path)
    assert (score.ticks_per_quarter, [track.name for track in score.tracks]) == (
        480,
        ["Solo", "Chords", "Drums"],
    )
    assert [(n.time, n.duration, n.pitch, n.velocity) for n in score.tracks[0].notes] == [
        (n.onset * 20, n.duration * 20, n.pitch, n.velocity) for n in LINE
    ]
    assert [(s.time, s.numerator, s.denominator) for s in score.time_signatures] == [
        (0, 4, 4),
        (192 * 20, 3, 4),
        (264 * 20, 6, 8),
    ]
    assert [marker.text for marker in score.markers] == ["[A]", *BLUES]
    assert score.key_signatures[0].key == -1
    song = pretty_midi.PrettyMIDI(str(path))
    assert [(i.name, i.program, i.is_drum) for i in song.instruments] == [
        ("Solo", 65, False),
        ("Chords", 0, False),
        ("Drums", 0, True),
    ]
    assert song.instruments[0].notes[1].start == pytest.approx(60 / 140 / 2, abs=1e-4)
    assert song.get_tempo_changes()[1][0] == pytest.approx(140, abs=0.01)
    track = mido.MidiFile(path).tracks[0]
    assert track[-1].type == "end_of_track"
    assert sum(message.time for message in track) == 336 * 20


def performance(tempos: tuple[tuple[int, float], ...], first: int = 0) -> Performance:
    arrangement = tune(LINE)
    line = Part("Solo", (Note(first, 200, 60), Note(1013, 77, 62)), 66, volume=110, pan=30)
    drums = Part("Drums", (Note(0, 40, 51),), 40, percussion=True, volume=90, pan=64)
    return Performance("A", (line, drums), arrangement.changes, tempos, Key.parse("F"))


def test_a_performance_keeps_its_clock_and_its_tempo_map() -> None:
    played = performance(((0, 140.0), (3840, 120.0), (5760, 60.0)))
    data = midi.dumps(played)
    assert data == midi.dumps(played)
    file = mido.MidiFile(file=io.BytesIO(data))
    assert file.ticks_per_beat == 480
    assert file.length == pytest.approx(played.seconds, abs=1e-3)
    score = symusic.Score.from_midi(data)
    assert [(t.time, round(t.qpm)) for t in score.tempos] == [(0, 140), (3840, 120), (5760, 60)]
    assert [(n.time, n.duration) for n in score.tracks[0].notes] == [(0, 200), (1013, 77)]
    assert [(t.name, t.program, t.is_drum) for t in score.tracks] == [
        ("Solo", 66, False),
        ("Drums", 40, True),
    ]
    controls = [[(c.time, c.number, c.value) for c in t.controls] for t in score.tracks]
    assert controls == [[(0, 7, 110), (0, 10, 30)], [(0, 7, 90), (0, 10, 64)]]
    ours = midi.parse(data)
    assert ours.seconds(played.changes.length * 20) == pytest.approx(played.seconds, abs=1e-3)


def test_a_performance_that_begins_early_moves_with_its_tempo_map() -> None:
    played = performance(((0, 140.0), (3840, 70.0)), first=-100)
    file = midi.parse(midi.dumps(played))
    assert [n.onset for n in file.parts[0].notes] == [1920 - 100, 1920 + 1013]
    assert [tick for tick, _ in file.tempos] == [0, 1920 + 3840]


def test_what_is_written_is_read_back_as_a_solo() -> None:
    for notes in (LINE, (Note(-12, 12, 59), *LINE)):
        arrangement = tune(notes, (Meter(4, 4), Meter(3, 4), Meter(4, 4), Meter(6, 8)))
        data = midi.dumps(arrangement)
        assert data == midi.dumps(arrangement)
        found = midi.to_solo(midi.parse(data))
        assert found.notes == notes
        assert found.changes == replace(arrangement.changes, chorus_starts=())
        assert (found.title, found.key, found.tempo_bpm) == ("A tune – é", Key(-1), 140)


def test_a_tune_on_the_chord_of_a_is_no_list_of_sections() -> None:
    arrangement = tune(LINE)
    bars_of_a = tuple(Bar((ChordChange(0, Chord.parse(s)),)) for s in ("A", "D", "A", "E"))
    found = midi.to_solo(
        midi.parse(midi.dumps(Arrangement("x", arrangement.parts, Changes(bars_of_a))))
    )
    assert found.changes == Changes(bars_of_a, chorus_starts=())


def test_a_long_pickup_moves_everything_by_whole_bars() -> None:
    data = midi.dumps(tune((Note(-100, 12, 59), *LINE)))
    notes = midi.parse(data).parts[0].notes
    assert [n.onset for n in notes[:2]] == [(192 - 100) * 20, 192 * 20]


def test_sixteen_players_leave_the_drums_their_channel() -> None:
    players = tuple(Part(f"Player {i}", (Note(0, 24, 60 + i),)) for i in range(16))
    data = midi.dumps(Arrangement("many", players, Changes((Bar(),))))
    channels = [part.channel for part in midi.parse(data).parts]
    assert channels == [*range(9), *range(10, 16), 0]


def test_a_pitch_struck_again_ends_the_first_one() -> None:
    again = (Note(0, 48, 60), Note(24, 6, 60), Note(24, 12, 60))
    data = midi.dumps(Arrangement("x", (Part("Solo", again),), Changes((Bar(),))))
    assert [(n.onset // 20, n.end // 20) for n in midi.parse(data).parts[0].notes] == [
        (0, 24),
        (24, 36),
    ]


def test_nothing_to_play_is_still_a_file() -> None:
    data = midi.dumps(Arrangement("", (Part("Solo"),), Changes(())))
    assert midi.parse(data).parts == ()
    assert mido.MidiFile(file=io.BytesIO(data)).type == 1


@pytest.mark.parametrize(
    "arrangement",
    [
        Arrangement("x", (Part("S", (Note(0, 1, 128),)),), Changes(())),
        Arrangement("x", (Part("S", (Note(0, 1, 60, 0),)),), Changes(())),
        Arrangement("x", (Part("S", (Note(0, 0, 60),)),), Changes(())),
        Arrangement("x", (Part("S", (), 128),), Changes(())),
        Arrangement("x", (Part("S", (Note(1 << 40, 1, 60),)),), Changes(())),
        Arrangement("x", (Part("S", (), volume=128),), Changes(())),
        Arrangement("x", (Part("S", (), pan=-1),), Changes(())),
        Performance("x", (), Changes(()), ((0, 120.0), (480, 1001.0))),
        Arrangement("x", (), Changes(()), tempo_bpm=0),
        Arrangement("x", (), Changes(()), tempo_bpm=float("nan")),
    ],
)
def test_what_midi_cannot_say_is_refused(
    arrangement: Arrangement | Performance, tmp_path: Path
) -> None:
    with pytest.raises(MusicError):
        midi.write(tmp_path / "x.mid", arrangement)
    assert list(tmp_path.iterdir()) == []


# Properties, and a bounded fuzz

NOTES = st.lists(
    st.builds(
        Note,
        onset=st.integers(-200, 2_000),
        duration=st.integers(1, 400),
        pitch=st.integers(0, 127),
        velocity=st.integers(1, 127),
    ),
    max_size=40,
    unique_by=lambda note: (note.onset, note.pitch),
)
METERS = st.sampled_from([Meter(), Meter(3, 4), Meter(5, 4), Meter(6, 8), Meter(7, 8), Meter(2, 2)])


@settings(deadline=None, max_examples=100, derandomize=True)
@given(NOTES, st.lists(METERS, min_size=1, max_size=6), st.floats(20, 400))
def test_every_arrangement_comes_back(notes: list[Note], meters: list[Meter], tempo: float) -> None:
    form = Changes(tuple(Bar(meter=meter) for meter in meters))
    data = midi.dumps(Arrangement("x", (Part("Solo", tuple(notes)),), form, tempo))
    file = midi.parse(data)
    assert file.tempo_bpm == pytest.approx(tempo, rel=1e-3)
    read = [n for part in file.parts for n in part.notes]
    shift = 0
    if notes:
        shift = min(n.onset for n in read) - min(n.onset for n in notes) * 20
        assert shift % (meters[0].ticks_per_bar * 20) == 0
    assert sorted((n.onset - shift, n.pitch, n.velocity) for n in read) == sorted(
        (n.onset * 20, n.pitch, n.velocity) for n in notes
    )
    theirs = symusic.Score.from_midi(data)
    assert sorted((n.onset, n.end - n.onset, n.pitch) for n in read) == sorted(
        (n.time, n.duration, n.pitch) for track in theirs.tracks for n in track.notes
    )


def survives(data: bytes) -> bool:
    """Whether reading, choosing and reporting give a result or a SidemanError."""
    try:
        report.report(midi.parse(data, "fuzz.mid"))
    except SidemanError:
        return False
    return True


@settings(deadline=None, max_examples=150, derandomize=True)
@given(st.binary(max_size=300), st.sampled_from([0, 1, 2]), st.integers(1, 0xFFFF))
def test_any_track_bytes(body: bytes, kind: int, division: int) -> None:
    survives(smf(chunk(body), chunk(body[::-1]), kind=kind, division=division))


def mutants(seed: bytes, rng: random.Random) -> Iterator[bytes]:
    while True:
        data = bytearray(seed)
        # Half of them keep their length, so that most pass the check of track lengths.
        kinds = rng.choice([(0, 3), (0, 1, 2, 3, 4)])
        for _ in range(rng.randint(1, 8)):
            at = rng.randrange(len(data))
            what = rng.choice(kinds)
            if what == 0:
                data[at] = rng.randrange(256)
            elif what == 1:
                del data[at : at + rng.randint(1, 20)]
            elif what == 2:
                data[at:at] = bytes(rng.choices(range(256), k=rng.randint(1, 20)))
            elif what == 3:
                data[at : at + 4] = rng.choice(
                    [b"\xff\xff\xff\x7f", b"\0\0\0\0", b"\xff\x51\x03\0"]
                )
            else:
                data = data[: at + 1]
            if not data:
                break
        yield bytes(data)


def test_mutants_of_files_give_a_result_or_a_sentence() -> None:
    rng = random.Random(1)
    seeds = [midi.dumps(tune(LINE)), GOOD]
    if DATA.is_dir():
        seeds += [path.read_bytes() for path in REAL if path.stat().st_size < 20_000]
    sources = [mutants(seed, rng) for seed in seeds]
    began = time.process_time()
    survived, tried = 0, 0
    while tried < 400 and time.process_time() - began < 10:
        survived += survives(next(sources[tried % len(sources)]))
        tried += 1
    assert tried >= 50
    assert 0 < survived < tried
