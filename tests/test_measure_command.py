import gc
import json
import tracemalloc
from pathlib import Path

import pytest

import sideman
from commands import call, sentence
from databases import Tone, build
from realdata import DATA, needs_data
from sideman import cli
from sideman.evaluation import style
from sideman.files import File
from sideman.library import charts
from sideman.score import Bar, Changes, ChordChange, LeadSheet, Note, Part
from sideman.service import measuring
from sideman.theory.chord import Chord

LINE: list[Tone] = [
    (bar, beat, tatum, 2, 60 + (bar * 5 + beat * 2 + tatum) % 12, 0.4)
    for bar in (1, 2, 3)
    for beat in (1, 2, 4)
    for tatum in (1, 2)
]


@pytest.fixture
def database(tmp_path: Path) -> Path:
    solos = {"A_One": LINE, "B_Two": LINE[2:], "C_Three": LINE[:7], "D_Four": LINE[4:]}
    return build(tmp_path / "part.db", solos)


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as left:
        cli.main([str(argument) for argument in arguments])
    printed = capsys.readouterr()
    return int(left.value.code or 0), printed.out, printed.err


def test_the_table_has_every_statistic(database: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "measure", database)
    assert (code, err) == (0, "")
    assert "4 solos, 55 notes, beside 44 solos by real players" in out
    for statistic in style.STATISTICS:
        assert f"\n{statistic.label} " in out
    assert "players" in out
    assert "shared with a recorded solo; players share 8.2 on average." in out


def test_json_has_every_solo(database: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "measure", database, "--json")
    assert code == 0
    found = json.loads(out)
    names = {statistic.name for statistic in style.STATISTICS}
    assert [solo["name"] for solo in found["solos"]] == ["A_One", "B_Two", "C_Three", "D_Four"]
    for solo in found["solos"]:
        assert set(solo["statistics"]) == names
        assert set(solo["novelty"]) == {"longest", "source", "first_note", "share"}
    assert set(found["summary"]) == set(found["players"]["statistics"]) == names
    assert found["players"]["statistics"]["chord_tones"]["mean"] == pytest.approx(0.5, abs=0.02)
    assert set(found["versions"]) == {"sideman", "python", "numpy"}
    assert run(capsys, "measure", database, "--json")[1] == out


def test_two_sets_are_compared(database: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "measure", database, "--against", database, "--json")
    assert code == 0
    found = json.loads(out)
    pair = found["distance"]["notes_a_bar"]
    assert 0 <= pair["overlap"] <= 1
    assert pair["kl"] >= 0
    assert found["against"]["solos"] == 4
    code, out, _ = run(capsys, "measure", database, "--against", database)
    assert "overlap" in out


def test_a_part_of_a_split(
    database: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    split = tmp_path / "split.json"
    split.write_text('{"test": ["B_Two"], "train": ["A_One", "C_Three"]}')
    code, out, _ = run(capsys, "measure", database, "--split", split, "--part", "train", "--json")
    assert code == 0
    assert [solo["name"] for solo in json.loads(out)["solos"]] == ["A_One", "C_Three"]


def test_solos_of_a_database_are_no_source_for_lines_before_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # Weimar solos contain this line.
    notes = " ".join(["c8 d8 e8 f8 g8 a8 b8 c+8"] * 2)
    line = f"(title Run)\n(meter 4 4)\n {notes}\n"
    (tmp_path / "run.ls").write_text(line)
    first = json.loads(run(capsys, "measure", tmp_path / "run.ls", "--json")[1])
    source = first["solos"][0]["novelty"]["source"]
    assert source
    database = build(tmp_path / "part.db", {source: LINE})
    orders = [(tmp_path / "run.ls", database), (database, tmp_path / "run.ls")]
    both = [json.loads(run(capsys, "measure", *order, "--json")[1])["solos"] for order in orders]
    assert both[0] == both[1][::-1]
    assert both[0][0]["novelty"]["source"] not in ("", source)


def test_measured_solos_are_not_kept() -> None:
    notes = " ".join(["c8 d8 e8 f8 g8 a8 b8 c+8"] * 16)
    data = f"(title Run)\n(meter 4 4)\n {notes}\n".encode()
    used: list[int] = []

    def sample() -> bool:
        gc.collect()
        used.append(tracemalloc.get_traced_memory()[0])
        return False

    tracemalloc.start()
    try:
        corpus = (File(f"{number}.ls", data) for number in range(30))
        measuring.measure(measuring.MeasureRequest(corpus), cancel=sample)
    finally:
        tracemalloc.stop()
    assert len(used) == 30
    assert used[29] - used[9] < 20 * 1024


@pytest.mark.parametrize(
    ("suffix", "head"), [(".png", b"\x89PNG"), (".svg", b"<?xml"), (".pdf", b"%PDF")]
)
def test_a_picture_is_drawn(
    database: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], suffix: str, head: bytes
) -> None:
    drawn = []
    for name in ("one", "two"):
        path = tmp_path / (name + suffix)
        code, _, err = run(capsys, "measure", database, "--picture", path)
        assert (code, err) == (0, "")
        drawn.append(path.read_bytes())
    assert drawn[0].startswith(head)
    assert drawn[0] == drawn[1]


def test_a_line_without_chords_is_measured(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "tune.ls").write_text("(title Small)\n(meter 4 4)\n c8 d8 e8 g8 c+4 r4 a8 b8 c+2\n")
    code, out, _ = run(capsys, "measure", tmp_path / "tune.ls", "--json")
    assert code == 0
    assert json.loads(out)["solos"][0]["statistics"]["chord_tones"] is None


def test_musicxml_is_measured(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    notes = tuple(Note(12 * at, 12, 60 + at) for at in range(8))
    changes = Changes((Bar((ChordChange(0, Chord.parse("C7")),)),))
    charts.write(
        tmp_path / "tune.musicxml", LeadSheet("Tune", changes, parts=(Part("Lead", notes),))
    )
    code, out, _ = run(capsys, "measure", tmp_path, "--json")
    assert code == 0
    found = json.loads(out)["solos"][0]["statistics"]
    assert found["chord_tones"] == 3 / 8
    assert found["steps"] == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("absent.mid",), "no such file"),
        (("{database}", "--players", "nobody"), "choose test or all"),
        (("{database}", "--picture", "a.bmp"), "PNG, SVG or PDF"),
    ],
)
def test_what_cannot_be_done_is_a_sentence(
    database: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], said: str
) -> None:
    words = [word.replace("{database}", str(database)) for word in arguments]
    code, out, err = run(capsys, "measure", *words)
    assert (code, out) == (2, "")
    assert said in err


@needs_data
def test_real_players_beside_real_players(capsys: pytest.CaptureFixture[str]) -> None:
    folder = DATA / "wjazzd"
    code, out, _ = run(
        capsys, "measure", folder / "wjazzd.db", "--split", folder / "split.json", "--json"
    )
    assert code == 0
    found = json.loads(out)
    assert found["corpus"]["solos"] == 46  # two of them in 3/4
    for name, figures in found["summary"].items():
        real = found["players"]["statistics"][name]
        assert abs(figures["mean"] - real["mean"]) < 0.2 * real["spread"]
    assert 6 <= found["novelty"]["mean_longest"] <= 9
    assert found["novelty"]["longest"] <= 12


def test_one_solo_of_a_database_is_measured(tmp_path: Path) -> None:
    path = build(tmp_path / "two.db", {"A_One": LINE, "B_Two": LINE[3:]})
    for solo in ("2", "B_Two"):
        found = json.loads(call("measure", path, "--solo", solo, "--json").stdout)
        assert [one["name"] for one in found["solos"]] == ["B_Two"]
        assert found["summary"] == sideman.measure(path, solo=solo)["summary"]
        near = json.loads(call("measure", path, "--solo", solo, "--nearest", "--json").stdout)
        assert [one["name"] for one in near["solos"]] == ["B_Two"]
        assert call("inspect", path, "--solo", solo).returncode == 0
    options: tuple[str, ...]
    for options in ((), ("--nearest",)):
        told = sentence(call("measure", path, "--solo", "3", *options))
        assert "There is no solo '3' of two notes or more" in told
        assert "(option --solo)" in told
