import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commands import call, sentence
from databases import Tone, build
from realdata import DATA, needs_data
from sideman.errors import MusicError
from sideman.evaluation import loading, matching
from sideman.formats.document import entry
from sideman.score import Note, Solo


def line(pitches: list[int], *, step: int = 6) -> tuple[Note, ...]:
    return tuple(Note(step * at, 3, pitch) for at, pitch in enumerate(pitches))


def walk(seed: int, notes: int) -> list[int]:
    return [int(one) for one in np.random.default_rng(seed).integers(40, 90, notes)]


def held_out(*solos: tuple[str, list[int]]) -> matching.HeldOut:
    items = [
        loading.Item(f"held-{at}", entry(Solo(title, line(pitches))))
        for at, (title, pitches) in enumerate(solos)
    ]
    return matching.HeldOut(items)


HELD = held_out(*((f"Tune {chr(65 + seed)}", walk(seed, 200)) for seed in range(6)))


@pytest.mark.parametrize("notes", [9, 10, 15, 40])
@pytest.mark.parametrize("key", [0, 5, -7])
def test_a_run_is_found_in_any_key_and_rhythm(notes: int, key: int) -> None:
    source = walk(3, 200)[50 : 50 + notes]
    # The notes around it are chosen so that the run is no longer.
    pitches = [*walk(99, 30), *(pitch + key for pitch in source), *walk(98, 30)]
    found = HELD.match("Another", line(pitches, step=13)).run
    assert found == matching.Run(notes, notes, 30, "held-3", 50)


def test_shorter_runs_are_not_found() -> None:
    pitches = [*walk(99, 30), *walk(3, 200)[50:58], *walk(98, 30)]
    assert HELD.match("Another", line(pitches)) == matching.Found((), None)


@given(st.lists(st.integers(60, 63), max_size=60), st.lists(st.integers(60, 63), max_size=60))
@settings(max_examples=60, deadline=None)
def test_the_longest_run_is_that_of_a_search_of_all_places(one: list[int], two: list[int]) -> None:
    longest = 0
    for first in range(len(one)):
        for there in range(len(two)):
            size = 0
            while (
                first + size < len(one)
                and there + size < len(two)
                and one[first + size] - one[first] == two[there + size] - two[there]
            ):
                size += 1
            if size >= matching.SHORTEST:
                run = np.diff(np.array(one[first : first + size]))
                longest = max(longest, matching.different(run))
    other = [*two, *walk(5, 30)] if len(two) < 2 else two
    found = held_out(("", other)).match("", line(one)).run
    assert (found.different if found else 0) == longest


def test_trills_and_repeated_notes_count_little() -> None:
    trill, repeated = [60, 62] * 20, [60] * 40
    held = held_out(("Trill", trill), ("Repeated", repeated))
    for pitches, notes in ((trill, 5), (repeated, 4)):
        run = held.match("Another", line(pitches)).run
        assert run is not None
        assert (run.notes, run.different) == (40, notes)


@pytest.mark.parametrize(
    ("title", "name", "held"),
    [
        ("Body and Soul", "", "Body And Soul-1"),
        ("BODY & SOUL", "", "Body And Soul_Alternate Take"),
        ("Joy Spring Solo by Stan Getz", "", "Joy Spring"),
        ("Just Fiends", "folder/JustFriendsBillWatrousSolo.ls", "Just Friends"),
        ("How High The Moon (Morgan Lewis)", "", "How High the Moon"),
        ("ANOTHER YOU (THERE WILL NEVER BE)", "", "There Will Never Be Another You"),
        ("Groovin' High", "", "Groovin'High"),
        ("Blue 'n' Boogie, take 2", "", "Blue'n Boogie"),
        ("Desafinado", "", "Désafinado"),
        ("Everywhere Calypso", "", "The Everywhere Calypso-2"),
    ],
)
def test_titles_are_the_same_however_they_are_written(title: str, name: str, held: str) -> None:
    found = held_out((held, walk(1, 20))).match(title, line(walk(2, 20)), name)
    assert found.titles == ("held-0",)


@pytest.mark.parametrize("title", ["Body and Mind", "Soul", "", "Bodyand", "In Body and Soul"])
def test_other_titles_are_not_the_same(title: str) -> None:
    assert held_out(("Body and Soul", walk(1, 20))).match(title, line(walk(2, 20))).titles == ()


def test_nothing_held_out_is_an_error() -> None:
    with pytest.raises(MusicError, match="no held-out solo"):
        matching.HeldOut(())


SOLO: list[Tone] = [
    (bar, beat, tatum, 2, 50 + (bar * 7 + beat * 5 + tatum * 3 + bar * beat) % 24, 0.4)
    for bar in (1, 2, 3)
    for beat in (1, 2, 3, 4)
    for tatum in (1, 2)
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    other = [(*tone[:4], 90 - tone[4] // 3, tone[5]) for tone in SOLO]
    build(tmp_path / "held.db", {"A_One": SOLO, "B_Two": other, "C_Three": other[:9]})
    build(tmp_path / "own.db", {"W": SOLO[:3], "X": SOLO[3:], "Y": SOLO[:4], "Z": SOLO[:5]})
    (tmp_path / "split.json").write_text('{"valid": ["A_One"], "test": ["C_Three"], "train": []}')
    return tmp_path


def test_the_command_tells_what_to_leave_out(folder: Path) -> None:
    split = ("--against", folder / "held.db", "--split", folder / "split.json")
    done = call("match", folder / "own.db", *split, "--out", folder / "kept.json")
    assert done.returncode == 0, done.stdout
    assert "4 solos, matched with 2 held-out solos (valid, test)" in done.stdout
    assert "Keep 1, leave out 3." in done.stdout
    written = json.loads((folder / "kept.json").read_text())
    assert written == {"train": ["Z"], "left out": ["W", "X", "Y"]}
    found = json.loads(call("match", folder / "own.db", *split, "--json").stdout)
    assert [solo["keep"] for solo in found["solos"]] == [False, False, False, True]
    one, two, three, four = found["solos"]
    assert one["same_title"] == ["A_One"]
    assert three["same_title"] == ["C_Three"]
    assert (two["same_title"], two["run"]["source"]) == ([], "A_One")
    assert two["run"]["notes"] == len(SOLO) - 3
    assert (four["same_title"], four["run"]) == ([], None)
    # Only the wanted part counts, and only a run as long as the limit.
    for options, kept in (
        (("--subset", "test"), [True, True, False, True]),
        (("--limit", "40"), [False, True, False, True]),
    ):
        done = call("match", folder / "own.db", *split, *options, "--json")
        assert [solo["keep"] for solo in json.loads(done.stdout)["solos"]] == kept


def test_files_without_solos_are_skipped(folder: Path) -> None:
    (folder / "changes.txt").write_text("| C | F | G7 | C |\n")
    given = (folder / "own.db", folder / "changes.txt", "--against", folder / "held.db")
    assert "Files without solos: 1." in call("match", *given).stdout


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--limit", "5"], "common to many solos"),
        (["--subset", "hidden"], "has no part 'hidden'"),
        (["--subset", "train"], "None of the solos that the split names"),
    ],
)
def test_bad_input_is_refused(folder: Path, options: list[str], reason: str) -> None:
    split = ("--against", folder / "held.db", "--split", folder / "split.json")
    done = call("match", folder / "own.db", *split, *options)
    assert done.returncode == 2
    assert reason in sentence(done)


def test_a_corpus_without_solos_is_refused(folder: Path) -> None:
    (folder / "changes.txt").write_text("| C | F | G7 | C |\n")
    done = call("match", folder / "changes.txt", "--against", folder / "held.db")
    assert done.returncode == 2
    assert "No file holds a solo to match" in sentence(done)


@needs_data
def test_transcriptions_of_held_out_solos_are_found() -> None:
    sheets, weimar = DATA / "leadsheets" / "impro-visor", DATA / "wjazzd"
    # Also by their notes alone, were their titles others.
    for name, run, source in (
        ("BodyAndSoulHawkins", 26, "ColemanHawkins_BodyAndSoul"),
        ("RiverboatShuffleSoloBixBeiderbecke", 32, "BixBeiderbecke_RiverboatShuffle"),
    ):
        split = ("--against", weimar / "wjazzd.db", "--split", weimar / "split.json")
        (found,) = json.loads(call("match", sheets / f"{name}.ls", *split, "--json").stdout)[
            "solos"
        ]
        assert not found["keep"]
        assert source in found["same_title"]
        assert (found["run"]["notes"], found["run"]["different"]) == (run, run)
        assert found["run"]["source"] == source
