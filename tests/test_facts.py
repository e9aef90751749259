"""What is printed of facts: one line, a text, more, or JSON; and files without a name."""

import json
from pathlib import Path

import pytest

from commands import call, sentence
from sideman.cli import facts

GRAMMAR = "jazz-grammar"


@pytest.fixture(scope="module")
def take(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("take")
    chosen = ("--model", GRAMMAR, "--seed", "1", "--choruses", "1", "--no-audio")
    assert call("improvise", "blues-f", *chosen, "--out", folder).returncode == 0
    return folder / "blues-f-1.mid"


@pytest.mark.parametrize(
    ("command", "more"),
    [
        (("analyze", "blues-f"), "subdominant"),
        (("surprise", "blues-f"), "beat  change"),
        (("inspect", "TAKE"), "SHA-256"),
        (("inspect", "blues-f"), "no file"),
        (("explain", "TAKE"), "used  line"),
        (("measure", "TAKE"), "solo       chord tones"),
        (("measure", "TAKE", "--nearest"), "Kid Ory"),
        (("match", "TAKE", "--against", "TAKE"), "leave out"),
        (("evaluate", "TAKE", "--model", "unigram", "--baseline", "bigram"), "difference"),
    ],
)
def test_one_line_a_text_more_and_json(take: Path, command: tuple[str, ...], more: str) -> None:
    words = [str(take) if word == "TAKE" else word for word in command]
    brief, text, verbose, data = (
        call(*words, *extra) for extra in (["-q"], [], ["--verbose"], ["--json", "-q"])
    )
    assert len(brief.stdout.splitlines()) == 1
    assert len(text.stdout.splitlines()) > 1
    assert verbose.stdout.startswith(text.stdout)
    assert more in verbose.stdout.removeprefix(text.stdout)
    assert isinstance(json.loads(data.stdout), dict)


def test_names_of_files_are_on_the_error_stream_beside_json(tmp_path: Path) -> None:
    out = tmp_path / "curve.svg"
    found = call("surprise", "blues-f", "--json", "--out", out)
    assert json.loads(found.stdout)["title"] == "Blues in F"
    assert found.stderr == f"{out}\n"
    assert call("surprise", "blues-f", "-q", "--out", out).stdout.endswith(f"\n{out}\n")


def test_large_json_is_printed_whole(capsys: pytest.CaptureFixture[str]) -> None:
    data = {"rows": list(range(30_000))}
    facts.Facts(as_json=True).show(data, str, brief=str, more=str)
    assert json.loads(capsys.readouterr().out) == data


def test_names_are_listed_alone() -> None:
    assert call("list", "styles", "-q").stdout.split("\n")[:2] == ["ballad", "bebop"]


@pytest.mark.parametrize(("command", "suffix"), [("convert", "ls"), ("engrave", "svg")])
def test_a_file_without_a_name_replaces_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, suffix: str
) -> None:
    monkeypatch.chdir(tmp_path)
    first = Path("sideman-out", f"blues-f.{suffix}")
    for extra, name in (
        ((), first),
        ((), first),
        (("--key", "Bb"), first.with_stem("blues-f-2")),
        (("--out", "x"), Path("x", first.name)),
    ):
        done = call(command, "blues-f", "--format", suffix, "-q", *extra)
        assert done.stdout == f"{name}\n"
        assert name.is_file()
    assert len(list(first.parent.iterdir())) == 2


def test_a_named_file_takes_no_format(tmp_path: Path) -> None:
    for command in ("convert", "engrave"):
        named = call(command, "blues-f", tmp_path / "a.musicxml", "--format", "musicxml")
        assert "--format" in sentence(named)
    (tmp_path / "file").touch()
    refused = sentence(call("convert", "blues-f", "--out", tmp_path / "file"))
    assert refused.endswith("(option --out)")
    assert "is not a folder" in refused
