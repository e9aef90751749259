"""Harmonic bricks in changes."""

import json
from pathlib import Path

import pytest

from sideman.cli import main
from sideman.formats import typed
from sideman.library import songbook
from sideman.models.harmony import bricks
from sideman.score import Changes

BAR = 96


def changes(text: str) -> Changes:
    return typed.parse(text).changes


def outline(text: str) -> list[tuple[str, int, int, int]]:
    """Return name, first bar, last bar (both from 1) and key of the bricks in the outline."""
    found = changes(text)
    return [
        (each.name, found.bar_at(each.onset) + 1, found.bar_at(each.end - 1) + 1, each.key)
        for each in bricks.outline(found)
    ]


@pytest.mark.parametrize(
    ("text", "name", "key"),
    [
        ("| Dm7 G7 |", "Straight-Approach", 0),
        ("Dm7 | G7 | Cmaj7", "Straight-Cadence", 0),
        ("Dm9 G13 | C6/9", "Straight-Cadence", 0),
        ("Gm7 C7 | F7", "Straight-Cadence", 5),
        ("Dm7b5 | G7b9 | Cm6", "Sad-Cadence", 0),
        ("F#m7b5 B7alt | Em7", "Sad-Cadence", 4),
        ("Dm7b5 G7 | Cmaj7", "Surprise-Major-Cadence", 0),
        ("G7 | C", "Perfect-Cadence", 0),
        ("G7sus4 G7 | C/E", "Perfect-Cadence", 0),
        ("C Am7 | Dm7 G7", "POT", 0),
        ("C A7 | Dm7 G7", "POT", 0),
        ("Em7 A7 | Dm7 G7", "SPOT", 0),
        ("Em7b5 A7 | Dm7 G7", "SPOT", 0),
        ("Ebmaj7 | C7", "Dropback", 3),
        ("C | Em7 A7", "Dropback", 0),
        ("Abmaj7", "Major-On", 8),
        ("Dm7", "Minor-On", 2),
        ("D7 | G7 | C7 | F7", "Dominant-Cycle", 10),
    ],
)
def test_each_brick_is_found(text: str, name: str, key: int) -> None:
    found = outline(text)
    assert [(each[0], each[3]) for each in found] == [(name, key)]
    assert name in bricks.NAMES


@pytest.mark.parametrize(
    "text",
    [
        "Dm7 . . G7",  # unequal lengths
        "Cm7b5 | Bb7",
        "G7 | N.C. | C7",
        "F7 | Bb7",
        "Bdim7 | C7",
        "N.C.",
    ],
)
def test_other_progressions_are_no_cadences(text: str) -> None:
    names = {each[0] for each in outline(text)}
    assert not names - {"Major-On", "Minor-On", "Dominant-Cycle"}


def test_blues_and_rhythm_changes() -> None:
    def named(name: str) -> list[tuple[str, int, int]]:
        found = songbook.load(name).changes
        return [
            (each.name, found.bar_at(each.onset) + 1, each.key) for each in bricks.outline(found)
        ]

    assert named("blues-f") == [
        ("Major-On", 1, 5),
        ("Major-On", 3, 5),
        ("Straight-Cadence", 4, 10),
        ("Dropback", 7, 5),
        ("Sad-Cadence", 8, 7),
        ("Straight-Cadence", 9, 5),
        ("POT", 11, 5),
    ]
    rhythm = named("rhythm-changes-bb")
    assert rhythm[:4] == [
        ("POT", 1, 10),
        ("SPOT", 3, 10),
        ("Straight-Cadence", 5, 3),
        ("SPOT", 7, 10),
    ]
    assert ("Dominant-Cycle", 17, 10) in rhythm


def test_autumn_leaves() -> None:
    """Its eight bars: a major cadence in B flat, a minor one in G."""
    text = "Cm7 | F7 | Bbmaj7 | Ebmaj7 | Am7b5 | D7 | Gm6 | ."
    assert outline(text) == [
        ("Straight-Cadence", 1, 3, 10),
        ("Major-On", 4, 4, 3),
        ("Sad-Cadence", 5, 8, 7),
    ]


def test_a_final_tonic_is_also_cut() -> None:
    found = bricks.recognize(changes("Dm7 G7 | Cmaj7 | . | ."))
    ends = [each.end for each in found if each.name == "Straight-Cadence"]
    assert ends == [BAR + each * BAR // 2 for each in range(1, 7)]


def test_a_turnaround_enters_a_long_tonic_late() -> None:
    found = bricks.recognize(changes("Cmaj7 | . . . A7 | Dm7 . . G7"))
    assert not [each for each in found if each.name == "POT"]
    found = bricks.recognize(changes("Cmaj7 | . . A7 . | Dm7 G7"))
    assert [each.onset for each in found if each.name == "POT"] == [0, BAR]


def test_a_cycle_has_two_to_five_dominants() -> None:
    found = bricks.recognize(changes("B7 | E7 | A7 | D7 | G7 | C7"))
    lengths = {each.end - each.onset for each in found if each.name == "Dominant-Cycle"}
    assert lengths == {2 * BAR, 3 * BAR, 4 * BAR, 5 * BAR}
    assert "Dominant-Cycle" not in {each[0] for each in outline("F7 | Bb7 | F7")}


def test_every_key_has_the_same_bricks() -> None:
    found = songbook.load("rhythm-changes-bb").changes
    here = bricks.recognize(found)
    for fifths in (-5, 1, 6):
        there = bricks.recognize(found.transposed(fifths))
        moved = sorted((each.onset, each.end, each.name, each.key) for each in there)
        assert moved == sorted(
            (each.onset, each.end, each.name, (each.key + 7 * fifths) % 12) for each in here
        )


def test_inspect_prints_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    chart = tmp_path / "tune.txt"
    chart.write_text("| C#m7 . F#7 . | Bmaj7 | F#m7b5 . B7 . | Em7 |")

    def run(*words: str) -> str:
        with pytest.raises(SystemExit):
            main(["inspect", str(chart), *words])
        return capsys.readouterr().out

    assert run().splitlines()[-3:] == [
        "bars    key  brick",
        "1 to 2  B    Straight-Cadence",
        "3 to 4  Em   Sad-Cadence",
    ]
    assert json.loads(run("--json"))["bricks"][1] == {
        "name": "Sad-Cadence",
        "key": "Em",
        "bars": [3, 4],
        "onset": 2 * BAR,
        "end": 4 * BAR,
    }
    chart.write_text("| N.C. |")
    assert "brick" not in run()
