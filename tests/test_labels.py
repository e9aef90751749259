"""Chord labels with times."""

import json
import random
import re
from collections.abc import Sequence

import pytest

from sideman.errors import SidemanError
from sideman.formats import labels, registry, typed
from sideman.library import songbook
from sideman.score import Changes, LeadSheet


def timed(changes: Changes, tempo: float, drift: float = 0.0) -> list[tuple[float, float, str]]:
    """Return the chords with times at an unsteady tempo, after half a second of silence."""
    rows, now, chance = [], 0.5, random.Random(1)
    for span in changes.spans:
        length = (span.end - span.onset) / 24 * 60 / tempo * (1 + chance.gauss(0, drift))
        rows.append((now, now + length, span.chord.symbol))
        now += length
    return [(0.0, 0.5, "N"), *rows, (now, now + 3, "N")]


def lab(rows: Sequence[tuple[float, float, str]]) -> bytes:
    return "".join(f"{a:.3f}\t{b:.3f}\t{c}\n" for a, b, c in rows).encode()


def read(text: str | bytes, name: str = "tune.lab") -> LeadSheet:
    return labels.parse(text if type(text) is bytes else str(text).encode(), name)


@pytest.mark.parametrize("name", ["blues-f", "happy-birthday", "rhythm-changes-bb"])
def test_bars_are_estimated_from_the_lengths_of_the_chords(name: str) -> None:
    changes = songbook.load(name).changes
    sheet = read(lab(timed(changes, 150, 0.01)))
    bars = typed.parse(typed.dumps(LeadSheet("", changes))).changes
    kept, before = [], None
    for span in bars.spans:
        if span.chord != before:
            kept.append((span.onset, span.chord))
        before = span.chord
    assert [(span.onset, span.chord) for span in sheet.changes.spans] == kept
    assert sheet.tempo_bpm is not None
    assert abs(sheet.tempo_bpm - 150) < 3


ROWS = [(0, 2, "C:maj7"), (2, 3, "D:min7"), (3, 4, "G:7"), (4, 6, "C:maj7"), (6, 8, "A:7")]


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(f"{a}.0 {b}.0 {c}" for a, b, c in ROWS),
        "start,end,chord\n" + "\n".join(f"{a},{b},{c}" for a, b, c in ROWS),
        "chord,time,duration\n" + "\n".join(f'"{c}",{a},{b - a}' for a, b, c in ROWS),
        "\n".join(f"{a},{c}" for a, _, c in ROWS) + "\n8,N",
    ],
)
def test_tables(text: str) -> None:
    expected = typed.parse("Cmaj7 | Dm7 G7 | Cmaj7 | A7").changes
    assert read(text).changes == expected
    assert read(text).tempo_bpm == 120


def jams(beats: list[tuple[float, int]]) -> bytes:
    chords = [{"time": a, "duration": b - a, "value": c} for a, b, c in ROWS]
    content = {
        "file_metadata": {"title": "My Tune"},
        "annotations": [
            {"namespace": "chord", "data": chords},
            {"namespace": "beat", "data": [{"time": t, "value": v} for t, v in beats]},
        ],
    }
    return json.dumps(content).encode()


def test_jams_with_beats_has_their_bars() -> None:
    sheet = read(jams([(0.02 + i * 2 / 3, i % 3 + 1) for i in range(12)]), "x.jams")
    # Bars begin every two seconds; a chord goes to the nearest beat.
    assert [str(bar.meter) for bar in sheet.changes.bars] == ["3/4"] * 4
    assert [(span.onset, span.chord.symbol) for span in sheet.changes.spans] == [
        (0, "Cmaj7"), (72, "Dm7"), (96, "G7"), (144, "Cmaj7"), (216, "A7"),
    ]  # fmt: skip
    assert (sheet.title, sheet.tempo_bpm) == ("My Tune", 90)


def test_jams_without_beats_is_estimated() -> None:
    assert len(read(jams([]), "x.jams").changes.bars) == 4


UNEVEN = "\n".join(f"{a} {b} C:{q}" for a, b, q in zip(
    (0.0, 1.3, 2.0, 4.7, 5.9, 9.1), (1.3, 2.0, 4.7, 5.9, 9.1, 10.0),
    ("7", "min", "7", "min", "7", "min"), strict=True))  # fmt: skip
LONG = "\n".join(f"{a * 10}.0 {a * 10 + 10}.0 {c}:7" for a, c in enumerate("CFCGC"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "has no chord labels with times"),
        ("0.0 2.0 C:7\n2.0 4.0 F:7", "too few to estimate a beat"),
        ("0.0 2.0 C:foo\n2.0 4.0 F:7", "at 0 s: 'C:foo' is not a chord"),
        (UNEVEN, "do not fit a steady beat"),
        (LONG, "do not fit a steady beat"),
        ("0.0 2.0 C:7\nx y z", "row 2: is not a time and a chord"),
        ("a,b\n1,2", "has no columns for time and chord"),
        ("3.0 2.0 C:7", "has impossible times"),
        ("0.0 1.0 C:7\n" * 20_001, "more than 20,000 labels"),
        ("{}", "is not a JAMS file with chords"),
        ("{" * 100_000, "is not a JAMS file with chords"),
    ],
)
def test_what_cannot_be_read_is_told_in_one_sentence(text: str, said: str) -> None:
    with pytest.raises(SidemanError, match=re.escape(said)) as raised:
        read(text)
    assert str(raised.value).startswith("tune.lab")
    assert "\n" not in str(raised.value)


def test_labels_are_told_by_their_content() -> None:
    assert registry.format_of(lab(ROWS), "x.txt").name == "labels"
    assert registry.format_of(jams([]), "x.json").name == "labels"
