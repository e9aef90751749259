"""Chord charts as JSON, and Harte's chord labels."""

import json
import re
from typing import Any

import pytest

from sideman.errors import ChordError, FormatError, SidemanError
from sideman.formats import chordjson, registry, typed
from sideman.formats.harte import read_label
from sideman.score import LeadSheet
from sideman.theory.chord import Chord
from sideman.theory.pitch import Key


def read(content: Any) -> LeadSheet:
    (tune,) = chordjson.charts(json.dumps(content).encode(), "tune.json")
    return tune.open()


def test_sections_with_repeats_and_endings() -> None:
    sheet = read(
        [
            {
                "Title": "My Tune",
                "Composer": "A. B.",
                "Key": "Emin",
                "Rhythm": "Bossa Nova",
                "TimeSignature": "4/4",
                "Sections": [
                    {
                        "Label": "A",
                        "MainSegment": {"Chords": "D9|C07,C0"},
                        "Endings": [{"Chords": "G7,Ab7,G7,"}, {"Chords": "C6(Am7)"}],
                    },
                    {"Label": "B", "Repeats": 1, "MainSegment": {"Chords": "C,(D7)|(D7)"}},
                ],
            }
        ]
    )
    assert [bar.section for bar in sheet.changes.bars] == [
        "A", None, None, "A", None, None, "B", None, "B", None,
    ]  # fmt: skip
    assert [span.chord.symbol for span in sheet.changes.spans] == [
        "D9", "Cdim7", "Cdim", "G7", "Ab7", "G7", "D9", "Cdim7", "Cdim", "C6", "C", "D7", "C", "D7",
    ]  # fmt: skip
    assert (sheet.title, sheet.composer, sheet.style) == ("My Tune", "A. B.", "Bossa Nova")
    assert sheet.key == Key(1, minor=True)


def test_lists_of_chords_measures_and_beats() -> None:
    sheet = read(
        {
            "title": "A",
            "meter": {"numerator": 3, "denominator": 4},
            "chords": ["Dm7", "B%7", "E^7"],
            "measures": [1, 2, 4],
            "beats": [1, 3, 1],
        }
    )
    assert sheet.changes == typed.parse("3/4 Dm7 | . . Bm7b5 | . | Emaj7").changes


def test_parts_with_labels() -> None:
    sheet = read(
        {
            "title": "A",
            "metre": "4/4",
            "sandbox": {"key": ["F"]},
            "parts": [
                {"name": "pickup", "metre": "1/4", "chords": ["|N |"]},
                {"name": "Head", "parts": [{"chords": ["|F:maj7 |E:hdim7 A:7 |", "|C:min/b3|"]}]},
            ],
        }
    )
    expected = typed.parse("[pickup] 1/4 NC | [Head] 4/4 Fmaj7 | Em7b5 A7 | Cm/Eb").changes
    assert sheet.changes == expected
    assert sheet.key == Key(-1)


@pytest.mark.parametrize(
    "bars",
    [
        {"bars": ["F7", "Bb7 F7", ""]},
        {"measures": [["F7"], ["Bb7", "F7"], []]},
        {"changes": "F7 | Bb7 F7 | ."},
        {"bars": [{"chords": ["F7"]}, {"chords": "Bb7, F7"}, {"chords": []}]},
    ],
)
def test_lists_of_bars(bars: dict[str, Any]) -> None:
    sheet = read({"title": "A", "tempo": 132, **bars})
    assert sheet.changes == typed.parse("F7 | Bb7 F7 | .").changes
    assert sheet.tempo_bpm == 132


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({}, "is JSON but not a chart"),
        ([1, 2], "is JSON but not a chart"),
        ({"title": "A", "chords": ["Dm7", "G7"]}, "has chords without bars"),
        ({"bars": []}, "has no bars"),
        ({"bars": ["F7"] * 4001}, "more than 4000"),
        ({"bars": ["F7", "Qx"]}, "bar 2: 'Qx' is not a chord"),
        ({"bars": [5]}, "has an unexpected type"),
        ({"bars": ["C . G"]}, "bar 1: 3 parts do not fit in 4/4"),
        ({"meter": "4/7", "bars": ["C"]}, "4/7 is not a meter"),
        ({"changes": "F7 | Kx |"}, "bar 2: 'Kx'"),
        ({"chords": ["C"], "measures": [1], "beats": []}, "differ in length"),
        ({"chords": ["C", "D"], "measures": [1, 1], "beats": [3, 2]}, "out of its place"),
        ({"Sections": [{"Repeats": 99, "MainSegment": {"Chords": "C"}}]}, "repeats a section"),
        ({"parts": [{"chords": ["|X |"]}]}, "'X' is not a chord label"),
    ],
)
def test_what_cannot_be_read_is_told_in_one_sentence(content: Any, said: str) -> None:
    with pytest.raises(SidemanError, match=re.escape(said)) as raised:
        read(content)
    assert str(raised.value).startswith("tune.json")
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, '{"bars": ["F7"'])
def test_broken_files_are_refused(text: str) -> None:
    with pytest.raises(SidemanError, match="is not well-formed JSON"):
        chordjson.charts(text.encode(), "tune.json")


@pytest.mark.parametrize(
    ("label", "symbol"),
    [
        ("C", "C"), ("A:min", "Am"), ("Bb:hdim7", "Bbm7b5"),
        ("F#:maj7/5", "F#maj7/C#"),
        ("G:7(b9)", "G7b9"), ("D:sus4(b7)", "D7sus4"), ("C:maj(9)", "Cadd9"), ("E:(1,b3,5)", "Em"),
        ("C:maj(*5)", "C(no5)"), ("Db:minmaj7", "Dbm(maj7)"), ("N", "N.C."),
    ],
)  # fmt: skip
def test_labels(label: str, symbol: str) -> None:
    assert read_label(label) == Chord.parse(symbol)


@pytest.mark.parametrize("label", ["", "X", "H:maj", "C:foo", "C:maj(z)", "C:maj/x", "C:(14)"])
def test_no_labels(label: str) -> None:
    with pytest.raises(ChordError):
        read_label(label)


def test_charts_are_told_by_their_content() -> None:
    assert registry.format_of(b'\n[{"Title": "A"}]', "x.txt").name == "json"
    # A quoted label of typed changes is no JSON.
    assert registry.format_of(b'["a b"] | C |', "x.txt").name == "typed"


@pytest.mark.parametrize(
    ("content", "changes"),
    [
        ({"bars": [["C", None, None, "F"], "%", "H7", "B7"]}, "C . . F | % | B7 | Bb7"),
        ({"time": "3/4", "bars": ["C", "F G7(b9,#11)"]}, "3/4 C | F G7(b9,#11)"),
        ({"timeSignature": [3, 4], "bars": ["Do7", "Sol7"]}, "3/4 C7 | G7"),
        ({"beatsPerBar": 5, "bars": ["C"]}, "5/4 C"),
        ({"time_signature": {"beats": 6, "beat_type": 8}, "bars": ["C"]}, "6/8 C"),
        ({"key": "Bb", "bars": ["IIm7 V7"]}, "Cm7 F7"),
        ({"bars": [{"chord": "C"}, {"chords": [{"symbol": "C"}, {"symbol": "F", "beat": 4}]}]},
         "C | C . . F"),
        ({"bars": [{"chords": [{"chord": "C", "beats": 3}, {"chord": "F", "beats": 1}]}]},
         "C . . F"),
    ],
)  # fmt: skip
def test_other_ways_of_writing(content: Any, changes: str) -> None:
    data = json.dumps({"title": "A", "tempo": "120 bpm", **content}).encode()
    (tune,) = chordjson.charts(data, "x.json")
    sheet = tune.open()
    wanted = typed.parse(f"| {changes} |").changes
    assert (sheet.changes, sheet.tempo_bpm) == (wanted, 120)


def test_chords_that_do_not_fill_their_bar() -> None:
    chords = [{"chord": "C", "beats": 2}, {"chord": "F", "beats": 1}]
    (tune,) = chordjson.charts(json.dumps({"bars": [{"chords": chords}]}).encode(), "x.json")
    with pytest.raises(FormatError, match="unexpected type"):
        tune.open()
