"""The piano roll: what its colours say, its rows, the same bytes, its errors."""

import math
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pytest

from sideman.errors import FormatError, MusicError
from sideman.formats import typed
from sideman.library import etudes, songbook
from sideman.output import pianoroll
from sideman.score import Changes, Note, Solo, relations


def line(*pitches: int, length: int = 12) -> list[Note]:
    return [Note(length * index, length, pitch) for index, pitch in enumerate(pitches)]


def kinds(chords: str, *pitches: int) -> tuple[str, ...]:
    return relations.kinds(line(*pitches), typed.parse(chords, "typed").changes)


def test_what_a_note_is_to_its_chord() -> None:
    assert kinds("C7 | C7", 60, 64, 67, 70) == ("chord tone",) * 4
    assert kinds("C7 | C7", 62, 69) == ("scale tone", "scale tone")
    # A leading note, a chromatic neighbour from above, and one that leads nowhere.
    assert kinds("C7 | C7", 63, 64)[0] == "approach"
    assert kinds("C7 | C7", 61, 60)[0] == "approach"
    assert kinds("C7 | C7", 63, 67)[0] == "outside"
    assert kinds("NC | C", 60) == ("no chord",)
    assert kinds("Cm7 | C7", 63) == ("chord tone",)


def test_an_approach_comes_at_once() -> None:
    changes = typed.parse("C7 | C7", "typed").changes
    late = [Note(0, 12, 63), Note(60, 12, 64)]
    assert relations.kinds(late, changes)[0] == "outside"


def test_an_anticipation_belongs_to_the_chord_that_comes() -> None:
    changes = typed.parse("C7 | F#7", "typed").changes
    assert relations.kinds([Note(84, 24, 66)], changes) == ("chord tone",)
    assert relations.kinds([Note(84, 12, 63)], changes) == ("outside",)


def test_the_same_solo_gives_the_same_bytes(tmp_path: Path) -> None:
    solo = Solo("Short", tuple(line(60, 62, 63, 64)), typed.parse("C7 | F7", "typed").changes)
    for suffix in pianoroll.SUFFIXES:
        written = pianoroll.write(tmp_path / f"a{suffix}", solo).read_bytes()
        assert written == pianoroll.draw(solo, suffix[1:])
    assert pianoroll.draw(solo)[:4] == b"\x89PNG"


def test_a_roll_says_chords_sections_and_bars() -> None:
    sheet = songbook.load("st-louis-blues")
    picture = pianoroll.draw(sheet, "svg").decode()
    # Text is drawn as outlines, and what it says stands beside it.
    for said in ("St. Louis Blues", "Gm6", "chord tone", "C5", "40"):
        assert f"<!-- {said} -->" in picture, said


def test_choruses_take_rows_that_end_where_sections_do() -> None:
    def rows(solo: Solo) -> list[tuple[int, int, str]]:
        return [(row.first, row.last, row.label) for row in pianoroll._roll(solo).rows]

    blues = songbook.load("blues-f").changes
    notes = tuple(line(60, 62))
    solo = Solo("Blues", notes, blues.repeated(3))
    assert rows(solo) == [(0, 12, "Chorus 1"), (12, 24, "Chorus 2"), (24, 36, "Chorus 3")]
    louis = Solo("Blues", notes, songbook.load("st-louis-blues").changes)
    assert rows(louis) == [(0, 12, ""), (12, 28, ""), (28, 40, "")]
    plain = Solo("Long", notes, typed.parse(" | ".join(["C"] * 24), "x").changes)
    assert rows(plain) == [(0, 12, ""), (12, 24, "")]


def test_music_without_chords_and_before_the_first_bar() -> None:
    free = Solo("Free", (Note(-12, 12, 60), Note(0, 100, 64)))
    assert pianoroll.draw(free)[:4] == b"\x89PNG"
    lone = Solo("Lone", (Note(0, 1, 127),), Changes(()))
    assert pianoroll.draw(lone, "svg")


def test_what_cannot_be_drawn_is_said(tmp_path: Path) -> None:
    solo = etudes.load("waltz-shutters")
    with pytest.raises(FormatError, match=r"roll\.pdf.*\.png or \.svg"):
        pianoroll.write(tmp_path / "roll.pdf", solo)
    with pytest.raises(MusicError, match="has no notes"):
        pianoroll.write(tmp_path / "roll.png", songbook.load("blues-f"))
    with pytest.raises(MusicError, match="800 bars"):
        pianoroll.draw(replace(solo, changes=songbook.load("blues-f").changes.repeated(70)))
    with pytest.raises(MusicError, match="800 bars"):
        pianoroll.draw(Solo("Far", (Note(10**9, 12, 60),)))
    with pytest.raises(MusicError, match="within its bars"):
        pianoroll.draw(replace(solo, notes=(Note(-900, 12, 60),)))
    assert list(tmp_path.iterdir()) == []


# How the cones that remain see a colour, in linear light (G. M. Machado, M. M. Oliveira and
# L. A. F. Fernandes, "A Physiologically-based Model for Simulation of Color Vision Deficiency",
# 2009, severity 1).
_SIGHTS = {
    "all cones": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "no red cones": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "no green cones": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "no blue cones": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}


def _lab(colour: str, sight: tuple[tuple[float, ...], ...]) -> tuple[float, ...]:
    """CIE L*a*b* of a colour as somebody sees it."""

    def linear(value: int) -> float:
        share = value / 255
        return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4

    light = [linear(int(colour[i : i + 2], 16)) for i in (1, 3, 5)]
    seen = [min(1, max(0, sum(a * b for a, b in zip(row, light, strict=True)))) for row in sight]
    to_xyz = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))
    white = (0.9505, 1.0, 1.089)
    x, y, z = (
        sum(a * b for a, b in zip(row, seen, strict=True)) / w
        for row, w in zip(to_xyz, white, strict=True)
    )
    f = [v ** (1 / 3) if v > 0.008856 else 7.787 * v + 16 / 116 for v in (x, y, z)]
    return 116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])


@pytest.mark.parametrize("sight", _SIGHTS)
def test_everybody_can_tell_the_colours_apart(sight: str) -> None:
    seen = {name: _lab(colour, _SIGHTS[sight]) for name, colour in pianoroll.COLOURS.items()}
    distances = {
        (one, other): math.dist(seen[one], seen[other]) for one, other in combinations(seen, 2)
    }
    assert min(distances.values()) > 20, sorted(distances.items(), key=lambda pair: pair[1])[:2]
