"""Charts across formats: what both formats can store is equal after conversion."""

import random
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from realdata import DATA, needs_data
from sideman.cli import command_line
from sideman.errors import FormatError, MusicError, SidemanError
from sideman.files import slug
from sideman.library import charts, songbook
from sideman.score import Changes, LeadSheet

SUFFIXES = (".ls", ".musicxml", ".mxl", ".html", ".mid", ".txt")


def held(sheet: LeadSheet, lost: tuple[str, ...]) -> LeadSheet:
    """Take from a sheet what a format says that it loses."""
    bare: dict[str, object] = {}
    if "the composer" in lost:
        bare["composer"] = ""
    if "the style" in lost:
        bare["style"] = ""
    if "the key" in lost:
        bare["key"] = None
    if "the tempo" in lost:
        bare["tempo_bpm"] = None
    if "the title" in lost:
        bare["title"] = ""
    if "the melody" in lost:
        bare["parts"] = ()
    if "the style of a section" in lost:
        bars = tuple(replace(bar, style="") for bar in sheet.changes.bars)
        bare["changes"] = Changes(bars)
    return replace(sheet, **bare)  # type: ignore[arg-type]


def sound(sheet: LeadSheet) -> list[tuple[int, int, int]]:
    return [(note.onset, note.duration, note.pitch) for note in sheet.melody]


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("name", songbook.names())
def test_the_songbook_goes_through_every_format(name: str, suffix: str, tmp_path: Path) -> None:
    sheet = songbook.load(name)
    path = tmp_path / f"tune{suffix}"
    lost = charts.write(path, sheet)
    back = charts.read(path)
    expected = held(sheet, lost)
    assert back.changes == expected.changes
    assert sound(back) == sound(expected)
    assert (back.title, back.composer, back.style) == (
        expected.title,
        expected.composer,
        expected.style,
    )
    if suffix != ".html":  # iReal Pro always says a key
        assert back.key == expected.key
    if expected.tempo_bpm is not None:
        assert back.tempo_bpm == pytest.approx(expected.tempo_bpm, abs=0.01)


def sample() -> list[Path]:
    if not DATA.is_dir():
        return []
    lead_sheets = sorted((DATA / "leadsheets" / "impro-visor").glob("*.ls"))
    scores = sorted((DATA / "leadsheets" / "musicxml").glob("*.xml"))
    return random.Random(2).sample(lead_sheets, 12) + random.Random(2).sample(scores, 5)


@needs_data
@pytest.mark.parametrize("path", sample(), ids=lambda path: path.name)
def test_real_charts_go_through_every_format(path: Path, tmp_path: Path) -> None:
    sheet = charts.read(path)
    for suffix in (".ls", ".musicxml", ".html", ".txt"):
        target = tmp_path / f"tune{suffix}"
        try:
            lost = charts.write(target, sheet)
        except MusicError:  # one meter for a whole .ls file
            continue
        back = charts.read(target)
        if not any("chord" in loss or "meter" in loss or "section" in loss for loss in lost):
            assert back.changes == held(sheet, lost).changes, suffix
        if suffix in (".ls", ".musicxml") and not any("note" in loss for loss in lost):
            assert sound(back) == sound(sheet), suffix


def test_find_knows_names_files_links_and_typing(tmp_path: Path) -> None:
    assert charts.find("Blues F")[1] == songbook.load("blues-f")
    assert charts.find("| F7 | Bb7 |")[0] == "changes"
    path = tmp_path / "My Tune.ls"
    charts.write(path, songbook.load("blues-f"))
    assert charts.find(str(path)) == ("my-tune", songbook.load("blues-f"))
    charts.write(tmp_path / "link.html", songbook.load("blues-f"))
    page = (tmp_path / "link.html").read_text()
    begin = page.index("irealb://")
    link = page[begin : page.index('">', begin)]
    name, sheet = charts.find(link)
    assert name == slug(songbook.load("blues-f").title)
    assert sheet.changes == songbook.load("blues-f").changes


@needs_data
def test_a_tune_of_a_playlist() -> None:
    path = DATA / "leadsheets" / "ireal" / "jazz1460.txt"
    assert charts.find(str(path), "26-2")[0] == "26-2"
    assert charts.read(path, "infant eyes").title == "Infant Eyes"
    with pytest.raises(MusicError, match="holds 1460 tunes; name the tune"):
        charts.read(path)
    with pytest.raises(MusicError, match="may be any of"):
        charts.read(path, "blues")
    assert charts.read(path, "Confirmatoin").title == "Confirmation"
    with pytest.raises(MusicError, match="holds no tune called"):
        charts.read(path, "Bohemian Rhapsody")


def test_what_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    for asked in ("nowhere.ls", "a/b", "blues-q", "\0", "irealb://x", "|", "x" * 5000):
        with pytest.raises(SidemanError):
            charts.find(asked)
    with pytest.raises(FormatError, match=r"let its name end in one of \.mid, \.ls"):
        charts.write(tmp_path / "tune.pdf", songbook.load("blues-f"))
    assert not list(tmp_path.iterdir())


def test_convert_and_inspect(tmp_path: Path) -> None:
    runner = CliRunner()
    out = tmp_path / "waltz.musicxml"
    done = runner.invoke(command_line, ["convert", "happy-birthday-waltz", str(out), "--key", "Eb"])
    assert done.exit_code == 0, done.output
    assert charts.read(out).key == songbook.moved(songbook.load("happy-birthday-waltz"), "Eb").key
    shown = runner.invoke(command_line, ["inspect", str(out)])
    assert shown.exit_code == 0
    assert "Eb major, 3/4" in shown.output
    assert "pickup" in shown.output
    silent = tmp_path / "silent.mid"
    assert runner.invoke(command_line, ["convert", "blues-f", str(silent)]).exit_code == 0
    shown = runner.invoke(command_line, ["inspect", str(silent)])
    assert "holds no notes" in shown.output
    assert "chord symbols written in the file" in shown.output
    assert "Bdim7" in shown.output
    lossy = runner.invoke(
        command_line, ["convert", "happy-birthday-waltz", str(tmp_path / "b.txt")]
    )
    assert "left out: the melody" in lossy.output
    assert runner.invoke(command_line, ["inspect", str(tmp_path / "b.txt")]).exit_code == 0


@needs_data
def test_inspect_lists_a_playlist() -> None:
    path = DATA / "leadsheets" / "ireal" / "playlist.html"
    listed = CliRunner().invoke(command_line, ["inspect", str(path)])
    assert listed.exit_code == 0
    assert "6 tunes" in listed.output
    assert "Moanin'" in listed.output
    one = CliRunner().invoke(command_line, ["inspect", str(path), "--tune", "Bolivia", "--json"])
    assert one.exit_code == 0
    assert '"title": "Bolivia"' in one.output
