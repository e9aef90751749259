"""Names that a command chooses: the same for the same take, and nothing is overwritten."""

import json
import sys
from pathlib import Path

import pytest

from commands import call, sentence
from playing import small_model_file
from sideman import files
from sideman.errors import FileError
from sideman.library import charts, songbook


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_model_file(tmp_path_factory.mktemp("model"))


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def placed(folder: Path, *texts: str, **options: object) -> list[str]:
    """Place a file for each ``suffix=text``, all called take; return their names."""
    with files.staging(folder) as staged:
        for suffix, text in (each.split("=") for each in texts):
            (staged / f"take{suffix}").write_text(text)
        found = files.place(staged, folder, "take", **options)  # type: ignore[arg-type]
    assert not list(folder.glob(".*"))
    return sorted(path.name for path in found.values())


def test_files_of_one_name_get_a_number_together(tmp_path: Path) -> None:
    for _ in range(2):
        assert placed(tmp_path, ".mid=a", "-roll.svg=a") == ["take-roll.svg", "take.mid"]
    assert placed(tmp_path, ".mid=b", "-roll.svg=b") == ["take-2-roll.svg", "take-2.mid"]
    # One file that differs is enough.
    assert placed(tmp_path, ".mid=a", "-roll.svg=b") == ["take-3-roll.svg", "take-3.mid"]
    assert placed(tmp_path, ".mid=a") == ["take.mid"]
    (tmp_path / "take-4.mid").mkdir()
    assert placed(tmp_path, ".mid=d") == ["take-5.mid"]
    assert placed(tmp_path) == []


def test_no_file_joins_those_of_another_take(tmp_path: Path) -> None:
    belongs = {"first": ".mid", "kinds": (".mp3", ".pdf")}
    (tmp_path / "take.mp3").write_text("of a take whose MIDI file was removed")
    assert placed(tmp_path, ".mid=a", **belongs) == ["take-2.mid"]
    assert placed(tmp_path, ".mid=a", ".mp3=a", **belongs) == ["take-2.mid", "take-2.mp3"]
    # Where its MIDI file was removed, the same sound shows that it is the same take.
    (tmp_path / "take-2.mid").unlink()
    assert placed(tmp_path, ".mid=a", ".mp3=a", **belongs) == ["take-2.mid", "take-2.mp3"]


def test_a_name_that_another_process_takes_meanwhile_is_left_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exists = Path.exists

    def late(path: Path) -> bool:
        """Return that the first name is free, as if another process took it just afterwards."""
        return path.name != "take.mid" and exists(path)

    (tmp_path / "take.mid").write_text("of another process")
    monkeypatch.setattr(Path, "exists", late)
    assert placed(tmp_path, ".mid=a") == ["take-2.mid"]
    assert (tmp_path / "take.mid").read_text() == "of another process"


def test_a_disk_without_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(Path, "hardlink_to", refused)
    assert [placed(tmp_path, f".mid={text}") for text in "aab"] == [
        ["take.mid"], ["take.mid"], ["take-2.mid"],
    ]  # fmt: skip


@pytest.mark.skipif(sys.platform == "win32", reason="without locks nothing is removed")
def test_what_a_killed_process_staged_is_removed(tmp_path: Path) -> None:
    left = tmp_path / ".sideman-x.partial"
    left.mkdir()
    (left / "take.mid").touch()
    files._remove_earlier.cache_clear()
    with files.staging(tmp_path) as staged:
        files.remove_abandoned(tmp_path)  # one that is in use is kept
        assert list(tmp_path.iterdir()) == [staged]
    assert list(tmp_path.iterdir()) == []


def test_errors_name_the_folder_that_was_asked_for(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    with pytest.raises(FileError) as raised, files.staging(folder) as staged:
        raise FileError(f"{staged / 'take.mid'}: cannot be written.")
    assert str(raised.value) == f"{folder / 'take.mid'}: cannot be written."
    assert not folder.exists()
    (tmp_path / "file").touch()
    with pytest.raises(FileError, match="cannot be written"), files.staging(tmp_path / "file"):
        pass


def test_a_take_overwrites_no_other(tmp_path: Path, model: Path) -> None:
    pytest.importorskip("midirenderer")
    words = ("improvise", "| F7 | Bb7 |", "--seed", "1", "--choruses", "1", "--model", model)
    options = ("--out", tmp_path, "--audio-format", "ogg")
    assert call(*words, *options).returncode == 0
    first = content(tmp_path)
    assert list(first) == ["changes-1.mid", "changes-1.ogg"]
    # The same again, and from the request in the take.
    assert call(*words, *options).returncode == 0
    again = ("improvise", "--again", tmp_path / "changes-1.mid", "--model", model)
    assert call(*again, *options).returncode == 0
    assert content(tmp_path) == first
    # Another tempo; another mix of the first take, which has its MIDI file beside it.
    assert call(*words, *options, "--tempo", "99").returncode == 0
    result = call(*words, *options, "--mute", "solo")
    assert result.returncode == 0
    found = content(tmp_path)
    assert list(found) == [
        f"changes-1{n}.{kind}" for n in ("-2", "-3", "") for kind in ("mid", "ogg")
    ]
    assert {name: found[name] for name in first} == first
    assert found["changes-1-3.mid"] == found["changes-1.mid"] != found["changes-1-2.mid"]
    assert found["changes-1-3.ogg"] != found["changes-1.ogg"]
    assert str(tmp_path / "changes-1-3.ogg") in result.stdout


def test_variations_and_licks_overwrite_no_others(tmp_path: Path) -> None:
    words = ("improvise", "blues-f", "--seed", "1", "--choruses", "1", "--no-audio")
    assert call(*words, "--out", tmp_path).returncode == 0
    take = tmp_path / "blues-f-1.mid"
    for given, names in (
        (("vary", take, "--seed", "2"), ["blues-f-1-vary-2"]),
        (("licks", take, "--lick", "1"), ["blues-f-1-lick-01", "blues-f-1-licks"]),
    ):
        before = set(content(tmp_path))
        for options, numbers in (((), ("",)), ((), ("",)), (("--tempo", "99"), ("", "-2"))):
            assert call(*given, *options, "--out", tmp_path).returncode == 0
            stems = {name.rpartition(".")[0] for name in set(content(tmp_path)) - before}
            # The sheet of all licks has no tempo that would differ.
            assert stems >= {f"{names[0]}{number}" for number in numbers}
            assert stems <= {f"{name}{number}" for name in names for number in numbers}


def test_a_sound_overwrites_no_other_unless_it_is_named(tmp_path: Path, model: Path) -> None:
    pytest.importorskip("midirenderer")
    words = ("improvise", "| F7 |", "--choruses", "1", "--model", model, "--no-audio")
    for seed in ("1", "2"):
        assert call(*words, "--seed", seed, "--out", tmp_path / "songs").returncode == 0
    songs = [tmp_path / "songs" / f"changes-{seed}.mid" for seed in "12"]
    out = tmp_path / "sounds"
    for options, number in (((), ""), ((), ""), (("--dry",), "-2")):
        result = call("render", *songs, "--out", out, "--format", "ogg", "--jobs", "1", *options)
        assert result.returncode == 0, result.stderr
        assert str(out / f"changes-1{number}.ogg") in result.stdout
    assert len(content(out)) == 4
    named = out / "changes-1.ogg"
    before = named.read_bytes()
    assert call("render", songs[1], named).returncode == 0
    assert named.read_bytes() != before
    assert len(content(out)) == 4


@pytest.mark.parametrize(
    "words",
    [
        ("convert", "a.ls", "a.ls", "--transpose", "2"),
        ("engrave", "a.musicxml", "a.musicxml"),
        ("harmonize", "--melody", "a.ls", "--out", "a.ls"),
        ("reharmonize", "a.ls", "--out", "a.ls"),
        ("songbook", "Blues in F", "--file", "a.ls", "--out", "a.ls"),
    ],
)
def test_no_file_is_written_over_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a.ls", "a.musicxml"):
        charts.write(name, songbook.load("blues-f"))
    before = content(tmp_path)
    assert "is the file that is read; give the output another name." in sentence(call(*words))
    assert content(tmp_path) == before


@pytest.mark.parametrize(
    ("words", "name", "facts"),
    [
        (
            ("convert", "blues-f", "a.txt"),
            "a.txt",
            {"title": "Blues in F", "bars": 12, "left_out": ["composer"]},
        ),
        (("songbook", "blues-f", "--out", "a.ls"), "a.ls", {"title": "Blues in F", "bars": 12}),
        (("engrave", "blues-f", "a.musicxml"), "a.musicxml", {"title": "Blues in F"}),
    ],
)
def test_files_are_named_alone_or_as_json(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...],
    name: str,
    facts: dict[str, object],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert call(*words).stdout.startswith(f"{name}  Blues in F")
    assert call(*words, "--quiet").stdout == f"{name}\n"
    (found,) = json.loads(call(*words, "--json").stdout)["files"]
    left_out = found.pop("left_out", None)
    assert (left_out is not None) <= ("left_out" in facts)
    assert found == {"path": name, **{each: facts[each] for each in facts if each != "left_out"}}


def test_facts_of_takes_are_json_too(tmp_path: Path) -> None:
    words = (
        "improvise",
        "blues-f",
        "--seed",
        "1",
        "--choruses",
        "1",
        "--no-audio",
        "--model",
        "cfg",
    )
    result = call(*words, "--roll", "svg", "--json", "--out", tmp_path)
    assert result.returncode == 0, result.stderr
    (take,) = json.loads(result.stdout)["takes"]
    assert [one["kind"] for one in take["files"]] == ["midi", "roll.svg"]
    assert all(Path(one["path"]).exists() for one in take["files"])
    assert (take["bars"], take["choruses"], take["seed"], take["model"]) == (12, 1, 1, "cfg")
    # The last chord is held in a bar of its own.
    assert take["recording"]["bars"] == 13
    assert take["recording"]["seconds"] > 12 * 4 * 60 / 140
    assert take["novelty"]["players"] == 8.2
    plain = call(*words, "--out", tmp_path).stdout.splitlines()
    assert plain[1].startswith("length: 13 bars, 0:2")
    assert plain[2] == f"novelty: {take['novelty']['sentence']}"
    longer = call(*words, "--verbose", "--out", tmp_path).stdout
    assert longer.startswith("\n".join(plain))
    assert "request: seed 1, model cfg\n" in longer
    varied = call("vary", tmp_path / "blues-f-1.mid", "--count", "2", "--json", "--out", tmp_path)
    assert len(json.loads(varied.stdout)["takes"]) == 2


def test_a_sound_is_named_alone_or_as_json(tmp_path: Path, model: Path) -> None:
    pytest.importorskip("midirenderer")
    words = ("improvise", "| F7 |", "--choruses", "1", "--seed", "1", "--model", model)
    assert call(*words, "--no-audio", "--out", tmp_path).returncode == 0
    song = tmp_path / "changes-1.mid"
    sound = tmp_path / "changes-1.ogg"
    render = ("render", song, "--format", "ogg")
    assert call(*render, "--quiet").stdout == f"{sound}\n"
    (found,) = json.loads(call(*render, "--json").stdout)["files"]
    assert (found["path"], found["seconds"] > 1) == (str(sound), True)
    resumed = call(*render, "--resume", "--json")
    assert json.loads(resumed.stdout) == {"files": []}
    assert resumed.stderr == "Every sound is there already.\n"


@pytest.mark.train
def test_a_model_without_a_name_goes_to_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("jax")
    monkeypatch.chdir(tmp_path)
    Path("names.txt").write_text("Bebop\nBlues\nSwing\n")
    words = ("train", "names.txt", "--model-kind", "letters", "--epochs", "1", "--units", "4")
    for options, number in (((), ""), ((), ""), (("--seed", "1"), "-2")):
        result = call(*words, *options)
        assert result.returncode == 0, result.stderr
        assert f"{Path('sideman-out')}/letters{number}.safetensors  " in result.stdout
    assert sorted(content(Path("sideman-out"))) == ["letters-2.safetensors", "letters.safetensors"]
