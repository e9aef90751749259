"""A copy of the Weimar Jazz Database beside the solos that are known."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from commands import call, sentence
from databases import build
from realdata import DATA, needs_data
from sideman.evaluation import known
from sideman.formats.weimar import parse

SOLOS = {
    name: [
        (bar, 1 + step // 2, 1 + step % 2, 2, pitch + bar + step, 0.5)
        for bar in (1, 2)
        for step in range(8)
    ]
    for name, pitch in (("A_One", 60), ("B_Two", 50), ("C_Three", 55))
}


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A database whose solos are the known ones."""
    path = build(tmp_path / "wjazzd.db", SOLOS, chords={(1, 1): "F7", (2, 1): "Bb7"})
    solos = {one.name: known.of(one) for one in parse(path.read_bytes())}
    monkeypatch.setattr(known, "solos", lambda: solos)
    return path


def changed(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as db, db:
        for statement in statements:
            db.execute(statement)


def checked(path: Path) -> tuple[int, dict[str, object]]:
    result = call("inspect", path, "--check", "--json")
    return result.returncode, json.loads(result.stdout)


REWRITTEN = (
    "CREATE TABLE other (a)",
    "ALTER TABLE melody ADD COLUMN f0_range REAL",
    "CREATE TABLE turned AS SELECT * FROM melody ORDER BY pitch DESC",
    "DELETE FROM melody",
    "INSERT INTO melody SELECT * FROM turned",
    "UPDATE melody SET bar = CAST(bar AS REAL), onset = round(onset, 6)",
    "UPDATE solo_info SET melid = melid",
)


def test_how_it_is_written_makes_no_difference(database: Path) -> None:
    changed(database, *REWRITTEN)
    code, found = checked(database)
    assert (code, found["complete"], found["same"]) == (0, True, 3)
    assert "published release itself was not at hand" in call("inspect", database, "--check").stdout


@pytest.mark.parametrize(
    ("statement", "key", "value"),
    [
        ("UPDATE melody SET pitch = 61 WHERE eventid = 3", "other", {"A_One": ["notes"]}),
        ("DELETE FROM melody WHERE eventid = 3", "other", {"A_One": ["notes", "times"]}),
        ("UPDATE melody SET onset = onset + .01 WHERE eventid = 3", "other", {"A_One": ["times"]}),
        ("UPDATE beats SET chord = 'F-7' WHERE beatid = 1", "other", {"A_One": ["chords"]}),
        ("DELETE FROM solo_info WHERE melid = 2", "missing", ["B_Two"]),
        (
            "UPDATE transcription_info SET filename_sv = 'New_FINAL.sv' WHERE melid = 1",
            "renamed",
            {"New": "A_One"},
        ),
    ],
)
def test_what_differs_is_named(database: Path, statement: str, key: str, value: object) -> None:
    changed(database, statement)
    code, found = checked(database)
    assert (code, found[key], found["complete"]) == (1, value, False)
    names = call("inspect", database, "--check").stdout
    assert all(str(name) in names for name in value)  # type: ignore[attr-defined]


def test_a_larger_release_is_complete(tmp_path: Path, database: Path) -> None:
    larger = build(
        tmp_path / "larger.db",
        {**SOLOS, "D_Four": SOLOS["A_One"][1:]},
        chords={(1, 1): "F7", (2, 1): "Bb7"},
    )
    code, found = checked(larger)
    assert (code, found["further"], found["renamed"]) == (0, ["D_Four"], {})
    assert call("inspect", larger, "--check", "-q").stdout.startswith("All 3 solos")


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]), "damaged"),
        (lambda path: path.write_text("MThd"), "is not an SQLite database"),
        (lambda path: changed(path, "DROP TABLE beats"), "has no table 'beats'"),
        (lambda path: changed(path, "ALTER TABLE melody DROP COLUMN tatum"), "column 'tatum'"),
    ],
)
def test_another_file_is_one_sentence(
    database: Path, damage: Callable[[Path], object], said: str
) -> None:
    damage(database)
    assert said in sentence(call("inspect", database, "--check"))


def test_other_options_are_refused(database: Path) -> None:
    assert "whole database" in sentence(call("inspect", database, "--check", "--solo", "1"))
    assert "cannot be read" in sentence(call("inspect", "blues-f", "--check"))


@needs_data
def test_the_benchmark_is_known() -> None:
    found = known.compare(parse((DATA / "wjazzd" / "wjazzd.db").read_bytes()))
    assert (found.complete, len(found.same), found.further) == (True, 417, ())
