"""Band-in-a-Box songs."""

import pytest

from scores import BARS, CHORUS, ROOTS, TYPES, song
from sideman.errors import FormatError
from sideman.formats import registry
from sideman.formats.bandinabox import parse
from sideman.formats.chart import chart
from sideman.score import LeadSheet

SEVENTH, MINOR_SEVENTH, MAJOR_SEVENTH = 64, 19, 6
C, DB, D, F, G = 1, 2, 3, 6, 8
TURNAROUND = {(1, 0): (MAJOR_SEVENTH, C), (2, 0): (MINOR_SEVENTH, D), (2, 2): (SEVENTH, G)}
NUMBERS = (*range(1, 27), 28, 29, 32, 33, 34, 35, 40, 41, 42, 56, 57, 58, *range(64, 71),
           *range(72, 85), *range(86, 110), *range(111, 114), *range(128, 135),
           *range(136, 149), *range(150, 174), 175, 176, 184)  # fmt: skip
LEAD_IN = 2 * 480


def read(data: bytes) -> LeadSheet:
    return parse(data, "x.mgu")


def said(sheet: LeadSheet) -> str:
    return "\n".join(sheet.notices)


def test_a_song() -> None:
    sheet = read(song(TURNAROUND, title="Señor  Blues", places={0x3F: 17 + C, BARS + 2: 2}))
    assert (sheet.title, str(sheet.key), sheet.tempo_bpm) == ("Señor Blues", "C minor", 120)
    assert chart(sheet.changes) == "| Cmaj7 | Dm7 G7 |\n[B] | .     | .      |".replace(
        "| Cmaj7", "    | Cmaj7"
    )
    assert (sheet.style, sheet.notices) == ("swing", ())


def test_a_file_is_known_by_its_suffix() -> None:
    for suffix in ("sgu", "MGU", "mg1", "SGA"):
        document = registry.loads(song(TURNAROUND), f"x.{suffix}")
        assert document.label == "Band-in-a-Box (.sgu, .mgu)"
        assert document.charts is not None
        assert document.charts[0].title == "A"


@pytest.mark.parametrize(
    ("kind", "root", "symbol"),
    [
        (1, F, "F"),
        (3, C, "C(b5)"),
        (16, D, "Dm"),
        (18, C, "Cm(maj7)"),
        (32, G, "Gm7b5"),
        (79, DB, "Db7b9#11"),
        (113, G, "G7alt"),
        (128, 14, "D#7sus4"),
        (141, G, "G13sus4b9"),
        (64, C + 18 * 10, "C7/Bb"),
        (64, D + 18 * 4, "D7/F#"),
        (64, DB + 18 * 7, "Db7/Ab"),
    ],
)
def test_chords(kind: int, root: int, symbol: str) -> None:
    sheet = read(song({(1, 0): (kind, root)}))
    assert [span.chord.symbol for span in sheet.changes.spans] == [symbol]


def test_an_unknown_chord_is_left_out_and_named() -> None:
    for number in range(1, 256):
        sheet = read(song({(1, 0): (1, C), (3, 1): (number, G)}))
        assert (len(sheet.changes.spans) == 2) == (number in NUMBERS), number
        wanted = (
            "" if number in NUMBERS else f"x.mgu, bar 3: a chord is left out, as its type {number}"
        )
        assert said(sheet).startswith(wanted)


@pytest.mark.parametrize(
    ("number", "key"), [(1, "C major"), (14, "Eb major"), (18, "C minor"), (24, "F# minor")]
)
def test_keys(number: int, key: str) -> None:
    assert str(read(song(TURNAROUND, places={0x3F: number})).key) == key


def test_one_chorus_is_read() -> None:
    chords = {(1, 2): (SEVENTH, C), (6, 0): (SEVENTH, F), (7, 0): (SEVENTH, G)}
    sheet = read(song(chords, (5, 6)))
    assert chart(sheet.changes) == "| C7 | F7 |"
    assert sheet.notices == (
        "x.mgu: the intro before bar 5 is left out.",
        "x.mgu: the ending after bar 6 is left out.",
    )


@pytest.mark.parametrize(
    ("style", "number", "meter", "words"),
    [
        ("ZZWALTZ.STY", 8, "3/4", "waltz"),
        ("ZZCOUNT.STY", 2, "12/8", ""),
        ("J_WALTZ.STY", 1, "3/4", "waltz"),
        ("J_WALKER.STY", 1, "4/4", ""),
        ("BOSSA_2.STY", 1, "4/4", "bossa"),
    ],
)
def test_meters(style: str, number: int, meter: str, words: str) -> None:
    sheet = read(song(TURNAROUND, style=style, places={0x3E: number}))
    bar = sheet.changes.bars[1]
    assert (str(bar.meter), sheet.style) == (meter, words)
    assert bar.chords[1].onset == {"3/4": 48, "4/4": 48, "12/8": 72}[meter]
    assert ("the meter is assumed to be 4/4" in said(sheet)) == (number == 1 and meter == "4/4")


def test_a_chord_on_the_fourth_beat() -> None:
    chords = {**TURNAROUND, (3, 3): (SEVENTH, G)}
    assert read(song(chords, style="J_WALTZ.STY")).notices == ()
    sheet = read(song(chords, style="ZZWALTZ.STY", places={0x3E: 8}))
    assert said(sheet) == "x.mgu, bar 3: the chord G7 on beat 4 is left out; it is 3/4."


def test_the_melody_of_the_first_chorus() -> None:
    notes = [(-60, 67, 60), (0, 72, 40), (80, 71, 90), (92, 55, 30), (4 * 480, 60, 480)]
    data = song(TURNAROUND, notes=[(LEAD_IN + tick, key, size) for tick, key, size in notes])
    sheet = read(data)
    found = [(note.onset, note.duration, note.pitch) for note in sheet.melody]
    assert found == [(-12, 12, 67), (0, 8, 72), (16, 2, 71), (18, 6, 55)]
    assert said(sheet) == "x.mgu: of the melody only the first chorus is read."
    later = read(song(TURNAROUND, (2, 4), notes=[(LEAD_IN + 480, 60, 480), (LEAD_IN, 72, 480)]))
    assert [(note.onset, note.pitch) for note in later.melody] == [(0, 60)]
    (held,) = read(song(TURNAROUND, notes=[(LEAD_IN + 480, 60, 2**31)])).melody
    assert (held.onset, held.end) == (96, 4 * 96)


def test_a_melody_that_is_not_certain_is_left_out() -> None:
    notes = [(LEAD_IN, 60, 120), (LEAD_IN, 64, 120)]
    assert read(song(TURNAROUND, notes=[(99999, 60, 120)])).melody == ()
    assert "several of its notes sound together" in said(read(song(TURNAROUND, notes=notes)))
    broken = song(TURNAROUND, notes=notes[:1])[:-2] + b"\xff\0"
    assert "its place in the file is not certain" in said(read(broken))
    waltz = song(TURNAROUND, notes=notes[:1], style="ZZWALTZ.STY", places={0x3E: 8})
    assert "of songs in 3/4 only chords are read" in said(read(waltz))


def test_damaged_files() -> None:
    whole = song(TURNAROUND)
    for end in range(whole.index(b"ZZJAZZ") - 7):
        with pytest.raises(FormatError, match=r"^x\.mgu: .*\.$"):
            read(whole[:end])
    for wrong in (
        b"",
        b"I",
        b"\x42" + whole[1:],
        b"\x49\x3d" + bytes(80),
        b"\x49\x01A" + bytes(80),
        song(TURNAROUND, (5, 4)),
        song(TURNAROUND, places={0x3F: 35}),
        song({}),
        song(TURNAROUND, places={TYPES + 500: 1}),
        song(TURNAROUND, places={ROOTS + 500: 1}),
        song(TURNAROUND, places={CHORUS: 0}),
    ):
        with pytest.raises(FormatError, match=r"^x\.mgu[:,] .*\.$"):
            read(wrong)
    with pytest.raises(FormatError, match="an old version of Band-in-a-Box; open and save it"):
        read(b"\xbc\x01A" + bytes(600))
