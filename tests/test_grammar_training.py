"""``sideman train`` for grammars: files in, a grammar out, and what is refused."""

import json
import re
from pathlib import Path

import pytest

from commands import call, sentence
from databases import build
from realdata import DATA, needs_data
from sideman import files
from sideman.cli import train as command
from sideman.errors import SidemanError
from sideman.files import File
from sideman.library import etudes
from sideman.models import file, registry
from sideman.models.grammar import reading
from sideman.models.grammar.rules import Grammar
from sideman.service import learning
from sideman.service.learning import TrainRequest
from sideman.training.plan import Progress, Watch

QUICK = ("--model-kind", "jazz-grammar", "--clusters", "6")


def etude(name: str) -> File:
    folder = Path(etudes.__file__).parent
    return File(f"{name}.ls", (folder / f"{name}.ls").read_bytes())


@pytest.fixture(scope="module")
def solos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with some études, a waltz among them."""
    folder = tmp_path_factory.mktemp("solos")
    for name in (*etudes.names()[:6], "waltz-shutters"):
        (folder / f"{name}.ls").write_bytes(etude(name).data)
    return folder


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four solos by as many players, each of eighths that are cut short."""
    rows = {
        f"Player{melid}_Tune{melid}": [
            (bar, 1 + eighth // 2, 1 + eighth % 2, 2, 60 + (eighth * melid + bar) % 9, 0.37)
            for bar in range(1, 17)
            for eighth in range(8)
        ]
        for melid in range(1, 5)
    }
    path = tmp_path_factory.mktemp("weimar") / "small.db"
    return build(path, rows, bars=16, chords={(bar, 1): "C7" for bar in range(1, 17)})


def read(path: Path) -> Grammar:
    return reading.loads(files.decoded(path.read_bytes(), path.name), path.name)


def test_a_grammar_is_learnt_as_text_and_as_safetensors_and_plays(
    tmp_path: Path, solos: Path
) -> None:
    text, packed = tmp_path / "mine.grammar", tmp_path / "mine.safetensors"
    said = call("train", solos, "--out", text, *QUICK, "--order", "3", "--seed", "5")
    assert said.returncode == 0, said.stderr
    # Each chorus of an étude is a melody of its lead sheet; the waltz has other bars.
    assert said.stdout.startswith("9 solos, 164 windows of 4 quarters; 1 left out")
    assert (
        call("train", solos, "--out", packed, *QUICK, "--order", "3", "--seed", "5").returncode == 0
    )
    content = file.read(packed)
    assert content.weights["grammar"].tobytes() == text.read_bytes()
    assert (content.kind, content.training["order"]) == ("jazz-grammar", 3)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine.grammar", "mine.safetensors"]
    takes = []
    for model in (text, packed):
        out = tmp_path / model.suffix[1:]
        played = call(
            "improvise", "blues-f", "--model", model, "--seed", "2", "--no-audio", "--out", out
        )
        assert played.returncode == 0, played.stderr
        takes += [path.read_bytes() for path in out.glob("*.mid")]
    assert len(takes) == 2


def test_the_numbers_of_clusters_are_compared_and_printed(tmp_path: Path) -> None:
    out = tmp_path / "own.grammar"
    said = call(
        *("train", "--out", out, "--model-kind", "jazz-grammar", "--windows-per-cluster", "80"),
        *("--order", "3"),
    )
    assert said.returncode == 0, said.stderr
    first, *rows, learnt, last = said.stdout.splitlines()
    assert first.startswith("41 solos, 1,072 windows of 4 quarters; 6 left out")
    assert [row.split()[0] for row in rows] == ["2", "5", "10", "13"]
    assert all("nats a window by shares" in row for row in rows)
    assert all(row.endswith("by those of order 3") for row in rows)
    chosen = int(read(out).values["clusters"])
    assert f"{chosen} clusters" in learnt
    assert f"{chosen} clusters" in last
    gains = {}
    for row in rows:
        words = row.replace(",", "").split()
        gains[int(words[0])] = float(words[5]) - float(words[words.index("chains") - 2])
    assert gains[chosen] == max(gains.values())


def test_a_grammar_without_chains(tmp_path: Path, solos: Path) -> None:
    out = tmp_path / "bars.grammar"
    assert call("train", solos, "--out", out, "--model-kind", "cfg").returncode == 0
    grammar = read(out)
    names = {rule.name for rule in grammar.rules}
    assert names == {"P", "Seg4"}
    assert registry.identify(out.read_bytes(), out.name).name == "cfg"
    assert all(rule.comment for rule in grammar.rules if rule.name == "Seg4")


def test_a_window_of_three_quarters_learns_waltzes(tmp_path: Path, solos: Path) -> None:
    out = tmp_path / "waltz.grammar"
    said = call("train", solos, "--out", out, *QUICK, "--window", "3")
    assert said.returncode == 0, said.stderr
    assert said.stdout.startswith("1 solo, ")
    assert "(START 1)" in out.read_text()
    assert read(out).values["window-beats"] == "3"


def test_a_player_and_a_split(tmp_path: Path, database: Path) -> None:
    out, split = tmp_path / "one.grammar", tmp_path / "split.json"
    said = call("train", database, "--out", out, *QUICK, "--player", "player 3")
    assert said.returncode == 0, said.stderr
    assert "1 solo by Player 3, " in said.stdout
    wrong = call("train", database, "--out", tmp_path / "one.txt", *QUICK)
    assert "a grammar is a file of .safetensors or .grammar" in wrong.stderr
    comments = [rule.comment for rule in read(out).rules if rule.comment]
    assert comments
    assert all(comment.startswith("Tune 3 (Player 3), bar ") for comment in comments)
    names = [f"Player{melid}_Tune{melid}" for melid in range(1, 5)]
    split.write_text(json.dumps({"train": names[:2], "valid": names[2:3], "test": names[3:]}))
    said = call("train", database, "--out", out, *QUICK, "--split", split)
    assert said.returncode == 0, said.stderr
    text = out.read_text()
    assert "Tune 1 (" in text
    assert "Tune 3 (" not in text
    assert "Tune 4 (" not in text
    assert "C8 " in text


def test_as_played_the_events_of_the_benchmark_are_learnt(tmp_path: Path) -> None:
    """A length of 7.2 ticks is learnt as the class of 8; bars share their parts, or do not."""
    names = [f"Player{melid}_Tune{melid}" for melid in range(1, 4)]
    rows = {
        name: [
            (bar, beat, 1, 1, 60 + (beat * melid + bar) % 9, 0.3)
            for bar in range(1, 9)
            for beat in range(1, 5)
        ]
        for melid, name in enumerate(names, 1)
    }
    chords = {(bar, 1): "C7" for bar in range(1, 9)}
    database = build(tmp_path / "short.db", rows, bars=8, chords=chords)
    split = tmp_path / "split.json"
    split.write_text(json.dumps({"train": names[:2], "valid": names[2:]}))
    sharing = []
    for options in ((), ("--whole-bars",)):
        out = tmp_path / f"played{len(options)}.grammar"
        given = ("train", database, "--out", out, *QUICK, "--as-played", "--split", split)
        said = call(*given, *options)
        assert said.returncode == 0, said.stderr
        tones = re.findall(r"[CLXA]([0-9][0-9./+]*)", out.read_text().split("(rule (Q0)", 1)[1])
        assert set(tones) == {"8/3"}
        sharing.append(float(read(out).values["sharing"]))
    assert sharing[0] > 0
    assert sharing[1] == 0
    assert "unigram-weight" in read(out).values
    refused = call("train", database, "--out", out, *QUICK, "--whole-bars")
    assert "give a split" in sentence(refused)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--epochs", "3"), "is trained without epochs: it is counted in one pass over the solos"),
        (("--units", "3"), "is trained without units: it is counted"),
        (("--learning-rate", "0.1"), "is trained without a learning rate: it is counted"),
        (("--init-from", "soloist"), "A model of kind 'soloist' cannot be fine-tuned"),
        (("--resume",), "no checkpoint to continue from"),
        (("--order", "5"), "order must be a whole number from 1 to 4, got 5"),
        (("--order", "0"), "order must be a whole number from 1 to 4, got 0"),
        (("--clusters", "0"), "clusters must be a whole number from 1"),
        (("--clusters", "100000"), "clusters"),
        (("--window", "7"), "No solo has bars that windows of 7 quarters fill"),
        (("--window", "99"), "window must be a whole number from 1 to 16, got 99"),
        (("--player", "Nobody"), "No player is called 'Nobody'; these files have none."),
        (("--seed", "-1"), "A seed of -1"),
        (("--form", "chords"), "form must be one of slopes, degrees, both, got chords"),
    ],
)
def test_what_does_not_apply_is_refused(
    tmp_path: Path, solos: Path, options: tuple[str, ...], words: str
) -> None:
    out = tmp_path / "no.grammar"
    refused = call("train", solos, "--out", out, "--model-kind", "jazz-grammar", *options)
    assert refused.returncode == 2
    assert words in sentence(refused)
    assert list(tmp_path.iterdir()) == []


def test_bars_of_degrees_are_learnt_played_and_scored(tmp_path: Path, solos: Path) -> None:
    out = tmp_path / "degrees.grammar"
    for kind in ("jazz-grammar", "cfg"):
        done = call("train", solos, "--out", out, "--model-kind", kind, "--form", "degrees")
        assert done.returncode == 0, done.stderr
        bars = [rule for rule in read(out).rules if rule.comment]
        assert all(str(each[0]) in "XR" for rule in bars for each in rule.right)
        assert "(X b" in out.read_text()
    words = ("--model", out, "--seed", "2", "--no-audio", "--out", tmp_path)
    assert call("improvise", "blues-f", *words).returncode == 0
    told = call("explain", tmp_path / "blues-f-2.mid", "--model", out)
    assert "derived again" in told.stdout
    scored = call("evaluate", solos, "--model", out, "--baseline", "unigram")
    assert scored.returncode == 0, scored.stderr


@pytest.mark.parametrize("kind", ["jazz-grammar", "cfg", "course"])
def test_the_solos_that_come_with_sideman_take_no_changes(tmp_path: Path, kind: str) -> None:
    out = tmp_path / "no.safetensors"
    refused = call("train", "--out", out, "--model-kind", kind, "--changes", "blues-f")
    assert refused.returncode == 2
    assert "take no changes; name files" in sentence(refused)
    if kind != "course":
        (tmp_path / "split.json").write_text("{}")
        options = ("--model-kind", kind, "--split", tmp_path / "split.json")
        assert "take no split" in sentence(call("train", "--out", out, *options))
    assert not out.exists()


def test_what_other_kinds_have_no_use_for(tmp_path: Path, solos: Path) -> None:
    out = tmp_path / "no.safetensors"
    refused = call("train", solos, "--out", out, "--order", "3")
    assert "'course' is trained without an order: it is a network" in sentence(refused)
    refused = call("train", solos, "--out", out, "--model-kind", "cfg", "--clusters", "3")
    assert "each window alone" in sentence(refused)
    refused = call("train", solos, "--out", tmp_path / "no.grammar", "--model-kind", "soloist")
    assert "a model of kind 'soloist' is not text" in sentence(refused)


def test_files_that_teach_nothing(tmp_path: Path) -> None:
    broken, silent = tmp_path / "broken.mid", tmp_path / "silent.ls"
    broken.write_bytes(b"MThd")
    silent.write_text("(title Silent)\n(meter 4 4)\nC | F | C | G7 |\n")
    for path in (broken, silent):
        refused = call("train", path, "--out", tmp_path / "no.grammar", *QUICK)
        assert refused.returncode == 2
        assert sentence(refused)
    bare = TrainRequest((etude("bossa-low-tide"),), "jazz-grammar", clusters=4, player="x")
    with pytest.raises(SidemanError, match="these files have none") as error:
        learning.train(bare)
    assert error.value.field == "player"


def test_it_stops_between_two_numbers_of_clusters(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Progress] = []
    request = TrainRequest(kind="jazz-grammar", per_cluster=200)
    result = learning.train(
        request, cancel=lambda: len(seen) == 1, watching=Watch(report=seen.append)
    )
    assert (result.model, result.text, result.finished) == (None, None, False)
    assert len(seen) == 1
    monkeypatch.setattr(command._Stopping, "__call__", lambda _: True)
    stopped = call("train", "--out", tmp_path / "no.grammar", "--model-kind", "jazz-grammar")
    assert stopped.returncode == 130
    assert stopped.stderr.splitlines()[-1] == "Stopped; nothing was written."
    assert list(tmp_path.iterdir()) == []


def test_progress_rises_to_one() -> None:
    shares: list[float] = []
    request = TrainRequest(kind="jazz-grammar", per_cluster=200)
    one = learning.train(request, progress=shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert learning.train(request).text == one.text


def test_the_shipped_grammar_is_the_one_that_the_etudes_teach() -> None:
    path = file.locate("jazz-grammar")
    clusters = int(read(path).values["clusters"])
    anew = learning.train(TrainRequest(kind="jazz-grammar", clusters=clusters))
    assert anew.text == path.read_bytes(), (
        "the études changed: sideman train --model-kind jazz-grammar --out "
        "src/sideman/models/weights/jazz-grammar.grammar"
    )


@needs_data
def test_twenty_weimar_solos_without_dust(tmp_path: Path) -> None:
    folder = DATA / "wjazzd"
    names = json.loads((folder / "split.json").read_text())["train"]
    split = File("s", json.dumps({"train": sorted(names)[:20], "valid": []}).encode())
    database = File("wjazzd.db", (folder / "wjazzd.db").read_bytes())
    request = TrainRequest((database,), "jazz-grammar", split=split, clusters=40)
    learnt = learning.train(request)
    assert learnt.text is not None
    grammar = reading.loads(files.decoded(learnt.text, "weimar.grammar"), "weimar.grammar")
    melodies = [rule for rule in grammar.rules if rule.name.startswith("Q")]
    assert len(melodies) > 900
    tones = [
        tone[1:]
        for rule in melodies
        for slope in rule.right
        if isinstance(slope, tuple)
        for tone in slope[3:]
        if isinstance(tone, str)
    ]
    assert not any("120" in tone or "480" in tone or "240" in tone for tone in tones)
    assert sum("+" in tone for tone in tones) < 0.1 * len(tones)


def test_a_grammar_written_by_hand_is_not_overwritten(tmp_path: Path, solos: Path) -> None:
    out = tmp_path / "mine.grammar"
    assert call("inspect", "cfg", "--out", out).returncode == 0
    hand = out.read_bytes()
    told = sentence(call("train", solos, "--out", out, "--model-kind", "cfg"))
    assert told.endswith("no training has written; give the model another name. (option --out)")
    assert out.read_bytes() == hand
    again = tmp_path / "learnt.grammar"
    for _ in range(2):
        assert call("train", solos, "--out", again, "--model-kind", "cfg").returncode == 0


@pytest.mark.parametrize(
    ("parts", "options", "said"),
    [
        ('{"train": ["x"], "valid": ["y"]}', (), "None of the solos that the split names is in"),
        ('{"train": ["x"], "valid": ["NAME"]}', (), "solos in its part 'train' is in the files"),
        ('{"train": ["NAME"], "valid": ["x"]}', (), "solos in its part 'valid' is in the files"),
        ('{"train": ["NAME"], "valid": []}', ("--whole-bars",), "give a split with some."),
    ],
)
def test_a_split_without_solos_is_refused(
    parts: str, options: tuple[str, ...], said: str, tmp_path: Path
) -> None:
    chart, split = tmp_path / "one.ls", tmp_path / "split.json"
    chart.write_text("(title One)\nC7 | F7 |\nc4 d4 e4 f4 g2 a2\n")
    split.write_text(parts.replace("NAME", "one"))
    out = tmp_path / "m.grammar"
    told = sentence(call("train", chart, "--out", out, *QUICK[:2], "--split", split, *options))
    assert said in told
    assert told.endswith("(option --split)")
    assert not out.exists()


@pytest.mark.parametrize(
    ("held_out", "kind", "said"),
    [
        ("C7 | F7 |\nr4 c4 r2", "cfg", "has two notes, and the likelihood is fitted to each note"),
        ("C7 | F7 |\nr4 c4 d4 r4", "jazz-grammar", "has two windows, and numbers of clusters"),
        ("(meter 3 4)\nC7 | F7 |\nc4 d4 e4 f4", "cfg", "has bars that windows of 4 quarters fill"),
        ("C7 | F7 |\nr4 c4 d4 r4", "cfg", ""),
        ("C7 | F7 |\nr4 c4 d2 e4", "jazz-grammar", ""),
    ],
)
def test_too_few_held_out_notes_are_refused(
    tmp_path: Path, held_out: str, kind: str, said: str
) -> None:
    (tmp_path / "one.ls").write_text("(title One)\nC7 | F7 |\nc4 d4 e4 f4 g2 a2\n")
    (tmp_path / "two.ls").write_text(f"(title Two)\n{held_out}\n")
    split, out = tmp_path / "split.json", tmp_path / "m.grammar"
    split.write_text('{"train": ["one"], "valid": ["two"]}')
    told = call("train", tmp_path, "--out", out, "--model-kind", kind, "--split", split)
    if said:
        assert "split.json: no solo of its part 'valid' " + said in sentence(told)
    else:
        assert told.returncode == 0, told.stderr
        assert "0.000 nats" not in told.stdout
        assert "1 clusters" not in told.stdout


def test_a_window_that_fills_no_bar_names_the_nearest_that_does(tmp_path: Path) -> None:
    chart = tmp_path / "one.ls"
    chart.write_text("(title One)\nC7 | F7 |\nc4 d4 e4 f4 g2 a2\n")
    told = sentence(
        call("train", chart, "--out", tmp_path / "m.grammar", *QUICK[:2], "--window", "3")
    )
    assert "windows of 3 quarters fill; give a window of 4." in told
