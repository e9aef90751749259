"""Players compared by cluster profile, and their typical bars: built, read, printed, engraved."""

import json
import re
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from databases import Tone, build
from realdata import DATA, needs_data
from sideman import cli
from sideman.errors import ModelError, MusicError
from sideman.evaluation import loading, profiles, typical
from sideman.evaluation.views import VIEWS, Views, views
from sideman.formats import registry
from sideman.models import file
from sideman.score import Bar, Changes, ChordChange, Note, Solo
from sideman.theory.chord import Chord

CHANGES = Changes((Bar((ChordChange(0, Chord.parse("C7")),)), *[Bar()] * 11))


def line(step: int, low: int, spread: int, seed: int) -> Solo:
    """Return twelve bars of notes of one length within a range."""
    rng = np.random.default_rng(seed)
    notes = tuple(
        Note(onset, step, low + int(rng.integers(spread))) for onset in range(0, 12 * 96, step)
    )
    return Solo(f"line {seed}", notes, CHANGES, tempo_bpm=160)


PLAYERS = {"Slow and low": (24, 45, 7), "Fast and high": (8, 72, 7), "Wide": (12, 48, 30)}


def played(of: int, seed: int) -> list[tuple[str, str, Views]]:
    return [
        (f"{name} {number}", name, views(line(*how, seed + number)))
        for name, how in PLAYERS.items()
        for number in range(of)
    ]


@pytest.fixture(scope="module")
def learnt() -> profiles.Profiles:
    return profiles.learn(played(5, 0), np.random.default_rng(0))


def test_views_of_a_bar() -> None:
    pitches = (60, 64, 63, 63, 72)
    notes = tuple(
        Note(onset, 12, pitch) for onset, pitch in zip((0, 12, 32, 42, 48), pitches, strict=True)
    )
    found = views(Solo("bar", (*notes, Note(288, 24, 60)), CHANGES, tempo_bpm=120))
    assert list(found.starts) == [0, 288]
    assert found.silent == 2
    assert list(found.rows) == list(VIEWS)
    bar = {view: rows[0] for view, rows in found.rows.items()}
    assert list(bar["rhythm"][:6]) == [2, 1, 1, 1, 0, 5]
    assert list(bar["register"]) == [64.4, 60, 72, 12]
    # The first note counts as repeated; then a third, a semitone, a repetition, nine semitones.
    assert list(bar["intervals"]) == pytest.approx([0.4, 0.2, 0, 0.2, 0, 0.2, 0.2, 12, 2.8])
    assert bar["degrees"][[0, 3, 4]] == pytest.approx([0.4, 0.4, 0.2])
    assert bar["pace"][0] == pytest.approx(np.log2(2.5))
    assert bar["pace"][3] == pytest.approx(np.log2(120))


def test_a_solo_without_chords_or_tempo_lacks_views() -> None:
    plain = views(replace(line(12, 60, 12, 0), changes=None, tempo_bpm=None))
    assert set(VIEWS) - set(plain.rows) == {"degrees", "pace"}
    empty = views(Solo("nothing", ()))
    assert len(empty.starts) == 0
    assert {len(rows) for rows in empty.rows.values()} == {0}


def test_players_are_recognised_by_solos_that_were_not_learnt(learnt: profiles.Profiles) -> None:
    for _, player, one in played(3, 100):
        assert learnt.nearest(one)[0][0].name == player
        some = replace(one, rows={view: one.rows[view] for view in ("rhythm", "register")})
        assert learnt.nearest(some)[0][0].name == player


def test_a_learnt_solo_does_not_count_for_its_player(learnt: profiles.Profiles) -> None:
    name, player, one = played(5, 0)[2]
    point, own = learnt.point(one), learnt.player(player)
    rest = [learnt.point(other) for other_name, of, other in played(5, 0)
            if of == player and other_name != name]  # fmt: skip
    expected = np.linalg.norm(point - np.mean(rest, axis=0) * 4 / 5)
    found = {other.name: apart for other, apart in learnt.nearest(one, name)}
    assert found[player] == pytest.approx(expected)
    assert found[player] > {other.name: apart for other, apart in learnt.nearest(one)}[player]
    assert len(own.solos) == 5


def test_nothing_to_compare_lies_in_the_middle(learnt: profiles.Profiles) -> None:
    empty = views(Solo("nothing", ()))
    shares = learnt.codebook.shares(learnt.codebook.counts(empty))
    assert shares == pytest.approx(learnt.codebook.corpus)


def test_shares_of_each_view_sum_to_one(learnt: profiles.Profiles) -> None:
    counts = learnt.codebook.counts(played(1, 7)[0][2])
    shares = learnt.codebook.shares(counts)
    bounds = np.cumsum([1, *map(len, learnt.codebook.centres.values())])
    assert np.add.reduceat(shares, bounds[:-1]) == pytest.approx(np.ones(6))
    assert (shares > 0).all()


def test_typical_windows_are_those_that_others_do_not_play(learnt: profiles.Profiles) -> None:
    own, other = (views(line(*PLAYERS[name], 50)) for name in ("Wide", "Slow and low"))
    player = learnt.player(" wide ")
    assert learnt.typical(own, player).min() > 0 > learnt.typical(other, player).max()


def test_profiles_are_the_same_when_read_again(learnt: profiles.Profiles, tmp_path: Path) -> None:
    content = profiles.to_file(learnt, "0" * 64)
    again = profiles.to_file(profiles.learn(played(5, 0), np.random.default_rng(0)), "0" * 64)
    assert file.dumps(again) == file.dumps(content)
    read = profiles.from_file(file.parse(file.dumps(content), "x"), "x")
    one = played(1, 9)[0][2]
    for (first, near), (second, far) in zip(learnt.nearest(one), read.nearest(one), strict=True):
        assert (first.name, first.solos) == (second.name, second.solos)
        assert near == pytest.approx(far, rel=1e-4)
    damaged = replace(content, weights={**content.weights, "points": np.zeros((1, 2))})
    for broken in (replace(content, kind="course"), damaged):
        with pytest.raises(ModelError, match=r"x: holds .*profiles"):
            profiles.from_file(broken, "x")


def test_too_few_solos_are_refused() -> None:
    with pytest.raises(MusicError, match="4 solos or more"):
        profiles.learn(played(3, 0), np.random.default_rng(0))


def test_what_ships_has_no_notes_and_no_solo_of_the_held_out_parts() -> None:
    known = profiles.shipped()
    assert len(known.players) == 46
    assert [player.name for player in known.players] == sorted(one.name for one in known.players)
    assert all(len(player.solos) >= profiles.FEWEST_SOLOS for player in known.players)
    assert list(known.codebook.centres) == list(VIEWS)


@needs_data
def test_held_out_solos_are_given_to_their_players() -> None:
    database = DATA / "wjazzd" / "wjazzd.db"
    parts = loading.read_split(DATA / "wjazzd" / "split.json")
    known = profiles.shipped()
    names = {player.name for player in known.players}
    assert {solo for player in known.players for solo in player.solos} <= set(parts["train"])
    chosen = loading.choose([registry.open_document(database)], frozenset(parts["test"]))
    places = [
        [player.name for player, _ in known.nearest(views(item.solo))].index(item.entry.performer)
        for item in chosen.items
        if item.entry.performer in names
    ]
    assert len(places) == 29
    assert sum(place == 0 for place in places) >= 10
    assert sum(place < 3 for place in places) >= 16


# The command ---------------------------------------------------------------------------------

TONES: list[Tone] = [
    (bar, beat, tatum, 2, 60 + (bar * 5 + beat * 2 + tatum) % 12, 0.4)
    for bar in (1, 2, 3, 4)
    for beat in (1, 2, 3, 4)
    for tatum in (1, 2)
]


@pytest.fixture
def database(tmp_path: Path) -> Path:
    chords = {(1, 1): "C7", (3, 1): "F7"}
    path = build(tmp_path / "part.db", {"A_One": TONES, "B_Two": TONES[3:]}, chords=chords)
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE solo_info SET performer = 'Chet Baker' WHERE melid = 1")
        db.execute("UPDATE solo_info SET performer = 'Don Byas' WHERE melid = 2")
    return path


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as left:
        cli.main([str(argument) for argument in arguments])
    printed = capsys.readouterr()
    return int(left.value.code or 0), printed.out, printed.err


def test_the_nearest_players_are_printed(
    database: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = run(capsys, "measure", database, "--nearest")
    assert (code, err) == (0, "")
    assert "nearest of 46 players" in out
    assert "A_One, 4 windows" in out
    assert len(re.findall(r"^[A-Z].*  \d+\.\d\d +\d+$", out, re.MULTILINE)) == 10
    code, again, _ = run(capsys, "measure", database, "--nearest", "--json")
    found = json.loads(again)
    assert code == 0
    assert [solo["name"] for solo in found["solos"]] == ["A_One", "B_Two"]
    for solo in found["solos"]:
        distances = [one["distance"] for one in solo["nearest"]]
        assert len(distances) == 46
        assert distances == sorted(distances)
        assert solo["nearest"][0]["player"] in out


def test_typical_bars_are_engraved_with_chords_titles_and_numbers(
    database: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "page.svg"
    given = ("measure", database, "--nearest", "--corpus", database, "--typical-bars", page)
    code, out, _ = run(capsys, *given, "--player", "chet baker", "--player", "Don Byas")
    assert code == 0
    labels = re.findall(r"page\.svg  (.*)", out)
    assert [label.split(":")[0] for label in labels] == ["Chet Baker", "Don Byas"]
    drawn = page.read_text(encoding="utf-8")
    for label in (*labels, "Typical bars: Chet Baker and Don Byas"):
        assert label in drawn
    assert re.search(r"Tune 1, bars \d and \d", drawn)
    assert 'class="harm"' in drawn
    assert len(re.findall('class="note"', drawn)) == 32 - 3 * ("Tune 2, bars 1 and 2" in drawn)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--player", "Chet Baker"), "add --typical-bars"),
        (("--typical-bars", "page.svg"), "add --corpus"),
        (("--typical-bars", "page.svg", "--player", "Chet Bakr"), "Chet Baker"),
        (
            ("--typical-bars", "page.svg", "--player", "Zoot Sims"),
            "no solo in 4/4 with chords by Zoot",
        ),
        (("--typical-bars", "page.txt", "--player", "Don Byas"), "page.txt: a page is not written"),
    ],
)
def test_what_cannot_be_shown_is_said_in_a_sentence(
    options: tuple[str, ...],
    message: str,
    database: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(database.parent)
    given = ("--corpus", database) if "--player" in options and len(options) > 2 else ()
    code, out, err = run(capsys, "measure", database, "--nearest", *options, *given)
    assert (code, out) == (2, "")
    assert message in err
    assert not Path("page.svg").exists()


def test_examples_are_cut_at_their_bars() -> None:
    notes = (Note(90, 30, 60), Note(200, 24, 62), Note(280, 60, 64))
    solo = Solo("A", notes, CHANGES, tempo_bpm=120)
    example = typical.Example("B", solo, 1, 0.0)
    changes, cut, labels = typical.joined([example, example])
    assert [(note.onset, note.duration) for note in cut] == [
        (0, 24), (104, 24), (184, 8), (192, 24), (296, 24), (376, 8)
    ]  # fmt: skip
    assert labels == {0: "B: A, bars 2 and 3", 2: "B: A, bars 2 and 3"}
    assert [span.chord.symbol for span in changes.spans] == ["C7", "C7"]
