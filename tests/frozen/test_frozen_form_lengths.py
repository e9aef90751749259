"""The forms whose chorus length version 0.1 guessed wrong.

``form_lengths.json`` lists for every tune of the songbook, and for some typed forms, its real
number of bars and the number that version 0.1 guessed from one to three choruses of it.  Where the
two differ, what is played has changed on purpose: nothing guesses any more.  The file is a record
of version 0.1 and is not renewed.
"""

import pytest

from frozen import facts
from sideman.formats import typed
from sideman.library import songbook

FROZEN = facts.stored("form_lengths")
WRONG = {"auld-lang-syne", "| F7 | F7 | F7 | F7 |", "| Dm7 | G7 | Dm7 | G7 |"}


def forms() -> dict[str, dict[str, int]]:
    return {**FROZEN["songbook"], **FROZEN["typed"]}


def test_the_forms_that_are_guessed_wrong() -> None:
    assert {name for name, form in forms().items() if form["guessed"] != form["bars"]} == WRONG


@pytest.mark.parametrize("name", FROZEN["songbook"])
def test_the_songbook_has_the_recorded_bars(name: str) -> None:
    assert len(songbook.load(name).changes.bars) == FROZEN["songbook"][name]["bars"]


@pytest.mark.parametrize("choruses", [1, 2, 3])
def test_choruses_are_known_and_not_guessed(choruses: int) -> None:
    for name, form in forms().items():
        changes = (
            songbook.load(name).changes if name in FROZEN["songbook"] else typed.parse(name).changes
        )
        starts = tuple(form["bars"] * chorus for chorus in range(choruses))
        assert changes.repeated(choruses).chorus_starts == starts, name
