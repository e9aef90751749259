import io
import json
import re
import sys
import time
from pathlib import Path

import pytest

from commands import call, sentence
from databases import Tone, build
from realdata import DATA, needs_data
from sideman import cli, terminal
from sideman.errors import FormatError, MusicError
from sideman.evaluation import loading

LINE: list[Tone] = [
    (bar, beat, 1, 1, 60 + (bar * 5 + beat * 2) % 12, 0.8)
    for bar in (1, 2, 3)
    for beat in (1, 2, 4)
]
FIGURES = {
    "notes",
    "solos",
    "rhythm_nats",
    "pitch_nats",
    "duration_nats",
    "joint_nats",
    "pitch_perplexity",
    "pitch_accuracy",
    "ioi_perplexity",
    "ioi_accuracy",
}


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return build(tmp_path / "part.db", {"A_One": LINE, "B_Two": LINE[2:], "C_Three": LINE[:4]})


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as left:
        cli.main([str(argument) for argument in arguments])
    printed = capsys.readouterr()
    return int(left.value.code or 0), printed.out, printed.err


def test_json_has_every_figure(database: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "evaluate", database, "--model", "bigram", "--json")
    assert code == 0
    found = json.loads(out)
    for side in ("model", "baseline"):
        assert set(found[side]) == FIGURES | {"name"}
        assert (found[side]["notes"], found[side]["solos"]) == (8 + 6 + 3, 3)
    assert (found["model"]["name"], found["baseline"]["name"]) == ("bigram", "ngram")
    gap = found["model"]["joint_nats"] - found["baseline"]["joint_nats"]
    assert found["paired"]["difference"] == pytest.approx(gap, abs=1e-5)
    low, high = found["paired"]["interval"]
    assert low <= found["paired"]["difference"] <= high
    assert set(found["versions"]) == {"sideman", "python", "numpy"}
    assert len(found["corpus"]["fingerprint"]) == 64


def test_progress_is_shown_on_the_error_stream(
    database: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    silent = run(capsys, "evaluate", database, "--model", "bigram", "--json")
    assert silent[2] == ""
    monkeypatch.setattr(terminal, "LINE_SECONDS", 0.0)
    code, out, err = run(capsys, "evaluate", database, "--model", "bigram", "--json")
    assert (code, out) == silent[:2]
    lines = err.splitlines()
    assert len(lines) == 6
    assert all(re.fullmatch(r"Scoring: \d+%, [\d.]+ %/s, \d+ s left", line) for line in lines)
    assert lines[-1].startswith("Scoring: 100%")


def test_a_terminal_has_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stderr", shown := Terminal())
    monkeypatch.setattr(terminal, "_DELAY_SECONDS", 0)
    with terminal.share_bar("Parsing") as progress:
        progress(0.5)
        time.sleep(0.15)  # the bar is drawn every tenth of a second
        progress(0.75)
    assert re.search(r"Parsing:  75%\|.*<\d\d:\d\d, +[\d.]+%/s", shown.getvalue())


def test_the_same_command_gives_the_same_digits(
    database: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ("evaluate", database, "--model", "kneser-ney", "--seed", "7", "--json")
    assert run(capsys, *arguments) == run(capsys, *arguments)


def test_one_part_of_a_split(
    database: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    split = tmp_path / "split.json"
    split.write_text(json.dumps({"train": ["A_One"], "test": ["B_Two", "D_Absent"]}))
    arguments = ("evaluate", database, "--split", split)
    code, out, _ = run(capsys, *arguments, "--model", "unigram")
    assert code == 0
    assert "1 solo, 6 notes scored (part 'test')" in out
    assert "not found: 1 that the split names" in out
    code, out, _ = run(capsys, *arguments, "--part", "train", "--json", "--model", "unigram")
    assert json.loads(out)["model"]["notes"] == 8
    code, _, err = run(capsys, *arguments, "--part", "dev")
    assert code == 2
    assert "has no part 'dev'; it has train, test" in err


def test_other_files_are_scored_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "tune.ls").write_text(
        "(title Small)\n(meter 4 4)\n C | F7 | G7 | C |\n c8 d8 e8 g8 c+4 r4 a8 b8 c+2\n"
    )
    code, out, err = run(capsys, "evaluate", tmp_path, "--model", "unigram", "--json")
    assert (code, err) == (0, "")
    assert json.loads(out)["model"]["notes"] == 7


def test_only_common_time_is_scored(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    waltz = build(tmp_path / "waltz.db", {"A_B": LINE[:2]}, meter="3/4")
    code, _, err = run(capsys, "evaluate", waltz)
    assert code == 2
    assert "no solo in 4/4" in err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("absent.db",), "no such file"),
        (("{database}", "--model", "nobody"), "Unknown model 'nobody'"),
        (("{database}", "--model", "absent.safetensors"), "no such model file"),
        (("{database}", "--split", "{database}"), "is not JSON"),
    ],
)
def test_what_cannot_be_done_is_a_sentence(
    database: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], said: str
) -> None:
    words = [word.replace("{database}", str(database)) for word in arguments]
    code, out, err = run(capsys, "evaluate", *words)
    assert (code, out) == (2, "")
    assert said in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("text", ["[]", '{"test": 3}', '{"test": [1]}', "{", "[" * 100_000])
def test_a_split_that_is_none_is_a_sentence(tmp_path: Path, text: str) -> None:
    (tmp_path / "split.json").write_text(text)
    with pytest.raises(FormatError):
        loading.read_split(tmp_path / "split.json")


def test_a_split_comes_with_sideman_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    parts = loading.read_split("wjazzd")
    assert {part: len(names) for part, names in parts.items()} == {
        "train": 327,
        "valid": 44,
        "test": 46,
    }
    assert "sideman (wjazzd)" in sentence(call("evaluate", "--split", "wjazz", "x.mid"))
    (tmp_path / "wjazzd").write_text('{"test": ["mine"]}')
    assert loading.read_split("wjazzd") == {"test": ("mine",)}  # a file comes first


def test_a_solo_in_two_parts_is_refused(tmp_path: Path) -> None:
    (tmp_path / "split.json").write_text('{"train": ["a", "b"], "test": ["b"]}')
    with pytest.raises(FormatError, match="'b' stands in 'train' and in 'test'"):
        loading.read_split(tmp_path / "split.json")


def test_a_solo_beyond_all_measure_is_refused(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "MOST_NOTES", 5)
    with pytest.raises(MusicError, match="A_One has over 5 notes"):
        loading.select([database])


def test_the_fingerprint_tells_solos_apart(database: Path) -> None:
    chosen = loading.select([database]).events
    assert loading.fingerprint(chosen) == loading.fingerprint(loading.select([database]).events)
    assert loading.fingerprint(chosen) != loading.fingerprint(chosen[:2])


@needs_data
def test_the_published_figures(capsys: pytest.CaptureFixture[str]) -> None:
    folder = DATA / "wjazzd"
    arguments = ("evaluate", folder / "wjazzd.db", "--split", folder / "split.json")
    code, out, _ = run(capsys, *arguments, "--model", "bigram", "--baseline", "unigram", "--json")
    assert code == 0
    found = json.loads(out)
    assert (found["model"]["notes"], found["model"]["solos"]) == (17_044, 44)
    assert found["baseline"]["joint_nats"] == pytest.approx(7.392, abs=0.001)
    assert found["model"]["joint_nats"] == pytest.approx(6.473, abs=0.002)
    assert found["paired"]["interval"][1] < -0.5


def test_the_example_in_the_documentation_runs(
    database: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    page = Path(__file__).parent.parent / "docs" / "benchmark.md"
    example = page.read_text(encoding="utf-8").split("```python\n")[1].split("```")[0]
    database.rename(tmp_path / "wjazzd.db")
    (tmp_path / "wjazzd").write_text('{"test": ["A_One", "B_Two"]}')
    monkeypatch.chdir(tmp_path)
    exec(compile(example, str(page), "exec"), {})
    joint, difference = map(float, capsys.readouterr().out.split())
    assert 0 < joint < 20
    assert abs(difference) < 20
