"""Instruments: names, ranges and transpositions; hints for misspelled names."""

import pytest

from sideman.errors import SidemanError
from sideman.library import songbook
from sideman.theory import instruments
from sideman.theory.instruments import INSTRUMENTS, PROGRAMS, named


@pytest.mark.parametrize("program", range(128))
def test_every_program_is_found_by_its_name_and_has_a_range(program: int) -> None:
    found = named(PROGRAMS[program])
    assert found.program == program
    assert 28 <= found.low <= found.high - 16
    assert found.high <= 100
    assert found.transposition in (0, 2, 7, 9, 12, 14, 21, 24)


@pytest.mark.parametrize(
    ("name", "program"),
    [
        ("Tenor Saxophone", 66),
        ("tenor", 66),
        ("tenor-sax", 66),
        ("  ALTO_sax ", 65),
        ("trumpet", 56),
        ("piano", 0),
        ("Acoustic Guitar (nylon)", 24),
        ("Electric Bass (finger)", 33),
        ("Lead 1 (square)", 80),
        ("Lead 8 (bass + lead)", 87),
        ("Pad 2 (warm)", 89),
        ("SynthBrass 1", 62),
        ("Orchestral Harp", 46),
        ("vibes", 11),
    ],
)
def test_what_people_say_is_understood(name: str, program: int) -> None:
    assert named(name).program == program


@pytest.mark.parametrize(
    ("name", "words"),
    [("trombome", "trombone"), ("kazoo", "kazoo"), ("", "choose one"), ("🎷", "choose one")],
)
def test_what_is_no_instrument_is_refused_with_the_nearest(name: str, words: str) -> None:
    with pytest.raises(SidemanError, match=words):
        named(name)


@pytest.mark.parametrize(
    ("name", "key", "moved"),
    [
        ("tenor sax", "G major", 14),
        ("trumpet", "G major", 2),
        ("clarinet", "G major", 2),
        ("alto sax", "D major", 9),
        ("baritone sax", "D major", 21),
        ("trombone", "F major", 0),
        ("guitar", "F major", 12),
    ],
)
def test_players_read_in_their_own_key(name: str, key: str, moved: int) -> None:
    sheet = songbook.load("happy-birthday")  # in F
    page = sheet.shifted(INSTRUMENTS[name].transposition)
    assert str(page.key) == key
    assert page.melody[0].pitch - sheet.melody[0].pitch == moved


def test_plain_names_come_first() -> None:
    assert named("guitar") is INSTRUMENTS["guitar"]
    assert instruments.INSTRUMENT in INSTRUMENTS
    assert list(INSTRUMENTS) == [one.name for one in INSTRUMENTS.values()]
