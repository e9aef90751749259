"""Names: ``sideman list``, and what is found by likeness."""

import json
from pathlib import Path

import pytest

from commands import call, sentence
from sideman.errors import MusicError
from sideman.formats import ireal
from sideman.library import charts, songbook
from sideman.words import alike


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("tunes", "rhythm-changes-bb"),
        ("etudes", "avalon-short-notice"),
        ("players", "Charlie Parker"),
        ("instruments", "tenor sax"),
        ("styles", "two-beat"),
        ("models", "soloist"),
    ],
)
def test_list_prints_what_other_commands_take(kind: str, name: str) -> None:
    result = call("list", kind)
    assert result.returncode == 0, result.stderr
    assert any(line.startswith(name) for line in result.stdout.splitlines()[1:])
    rows = json.loads(call("list", kind, "--json").stdout)
    assert len(rows) == len(result.stdout.splitlines()) - 1
    assert name in [next(iter(row.values())) for row in rows]
    found = call("list", kind, "--search", name.upper()).stdout.splitlines()
    assert [line.split("  ")[0] for line in found[1:]] == [name]


def test_list_takes_accents_and_verbose_has_more_columns() -> None:
    plain, accents = call("list", "etudes").stdout, call("list", "Études").stdout
    assert plain == accents
    assert plain == call("songbook", "--etudes").stdout
    for kind in ("tunes", "etudes", "instruments", "styles", "models"):
        few, many = call("list", kind, "--json"), call("list", kind, "--verbose", "--json")
        for fewer, more in zip(json.loads(few.stdout), json.loads(many.stdout), strict=True):
            assert fewer.items() < more.items()


def test_list_refuses_and_says_what_there_is() -> None:
    assert call("list", "songs").returncode == 2
    assert "one of 'tunes', 'etudes', 'players'" in call("list", "songs").stderr
    assert call("list").returncode == 2
    assert "holds 'zzz'; leave --search out" in call("list", "styles", "--search", "zzz").stdout
    assert json.loads(call("list", "styles", "--search", "zzz", "--json").stdout) == []


def test_the_songbook_prints_json() -> None:
    assert json.loads(call("songbook", "blues-f", "--json").stdout)["title"] == "Blues in F"
    listed = json.loads(call("songbook", "--json").stdout)
    assert [row["name"] for row in listed] == [*songbook.names()]


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("rythm changes", "rhythm-changes-bb"),
        ("hapy-birthday", "happy-birthday"),
        ("Saint Louis Blues", "st-louis-blues"),
        ("St. Louis", "st-louis-blues"),
        ("back home again in Indiana", "indiana"),
        ("avalonn", "avalon"),
        ("sweetgeorgiabrown", "sweet-georgia-brown"),
        ("Londonderry", "londonderry-air"),
        ("all the things", ""),
        ("giant steps", ""),
        ("blues-g7", ""),
        ("", ""),
        ("x" * 10_000, ""),
    ],
)
def test_tunes_are_found_by_likeness(typed: str, name: str) -> None:
    if name:
        assert songbook.called(typed) == name
    else:
        with pytest.raises(MusicError, match=r"not in the songbook.* give its chart as a file"):
            songbook.called(typed)


def test_what_was_found_is_told(tmp_path: Path) -> None:
    found = call("songbook", "rythm changes", "--out", tmp_path / "a.txt")
    assert found.returncode == 0
    options = ("--choruses", "1", "--seed", "1", "--no-audio", "--model", "cfg", "--out", tmp_path)
    result = call("improvise", "rythm changes", *options)
    assert result.stderr == "'rythm changes' is read as rhythm-changes-bb.\n"
    assert (tmp_path / "rhythm-changes-bb-1.mid").exists()
    assert call("improvise", "Happy Birthday", *options).stderr == ""
    told = sentence(call("improvise", "blues", *options))
    assert "may be any of basic-blues-c, bird-blues-f, blues-f," in told
    told = sentence(call("improvise", "all the things", *options))
    # One sentence without unlike names.
    assert not any(name in told for name in songbook.names())


def test_titles_of_a_playlist_are_found_by_likeness(tmp_path: Path) -> None:
    path = tmp_path / "two.html"
    tunes = [songbook.load(name) for name in ("after-youve-gone", "happy-birthday", "avalon")]
    path.write_text(ireal.page(tunes))
    sheet = charts.read(path, "after you are gone")
    assert sheet.title == "After You've Gone"
    assert "'after you are gone' is read as \"After You've Gone\"." in sheet.notices
    assert not any("is read as" in notice for notice in charts.read(path, "birthday").notices)
    with pytest.raises(MusicError, match=r"two\.html: holds no tune called 'all the things'"):
        charts.read(path, "all the things")


def test_the_best_alone_or_all_that_fit() -> None:
    known = {"a": ["Blue Bossa"], "b": ["Blue Monk", "Monk's Blues"], "c": ["Déjà Vu"]}
    assert alike("blue", known) == ("a", "b")
    assert alike("monks blue", known) == ("b",)
    assert alike("deja vu", known) == ("c",)
    assert alike("the", known) == alike("", known) == ()


@pytest.mark.parametrize(
    ("typed", "code", "told"),
    [
        ("improvize", 0, "sideman: improvize is read as improvise.\n"),
        ("trian", 2, "did you mean train?"),
        ("zzz", 2, "No such command 'zzz'."),
        ("x" * 10_000, 2, "No such command"),
    ],
)
def test_commands_are_found_by_likeness(typed: str, code: int, told: str) -> None:
    result = call(typed, "--help")
    assert result.returncode == code
    assert told in result.stderr


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("sideman pl", "play"),
        ("sideman li", "list"),
        ("sideman list pl", "players"),
        ("sideman play rhy", "rhythm-changes-bb"),
        ("sideman play --qu", "--quiet"),
        ("sideman evaluate --split wj", "wjazzd"),
    ],
)
def test_the_shell_completes_names(typed: str, offered: str) -> None:
    from click.shell_completion import ShellComplete

    from sideman.cli import command_line

    _, *words, begun = typed.split()
    shell = ShellComplete(command_line, {}, "sideman", "_SIDEMAN_COMPLETE")
    assert offered in [each.value for each in shell.get_completions(words, begun)]
