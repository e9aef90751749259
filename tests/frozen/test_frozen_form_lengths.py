"""The forms whose chorus length version 0.1 guesses wrong.

``form_lengths.json`` lists for every tune of the songbook, and for some typed forms, its real
number of bars and the number that ``sideman.models.soloing.form_bars`` guesses from one to three
choruses of it.  Where the two differ, what is played changes on purpose once nothing guesses any
more.  The file is a record of version 0.1 and is not renewed.
"""

import pytest

from frozen import facts
from sideman import songbook
from sideman.formats import typed
from sideman.models import soloing

FROZEN = facts.stored("form_lengths")
WRONG = {"auld-lang-syne", "| F7 | F7 | F7 | F7 |", "| Dm7 | G7 | Dm7 | G7 |"}


def forms() -> dict[str, dict[str, int]]:
    return {**FROZEN["songbook"], **FROZEN["typed"]}


def test_the_forms_that_are_guessed_wrong() -> None:
    assert {name for name, form in forms().items() if form["guessed"] != form["bars"]} == WRONG


@pytest.mark.parametrize("name", FROZEN["songbook"])
def test_the_songbook_has_the_recorded_bars(name: str) -> None:
    assert len(songbook.load(name).changes.bars) == FROZEN["songbook"][name]["bars"]


def test_the_guess_is_the_recorded_one() -> None:
    """It goes with ``form_bars``: delete this test where that is deleted."""
    for name, form in forms().items():
        changes = (
            songbook.load(name).changes if name in FROZEN["songbook"] else typed.parse(name).changes
        )
        for choruses in (1, 2, 3):
            assert soloing.form_bars(changes.repeated(choruses)) == form["guessed"], name
