"""The table of formats: one line and one module per format, used by every command."""

import json
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from databases import build
from scores import SAMPLES
from sideman.cli import command_line
from sideman.cli.convert import command as convert
from sideman.cli.songbook import command as show
from sideman.errors import FormatError
from sideman.formats import registry
from sideman.formats.registry import FORMATS, Format
from sideman.library import charts, corpus, songbook

README = Path(__file__).parent.parent / "README.md"
WRITTEN = [(one, suffix) for one in FORMATS for suffix in one.writes]

# One chord per line and bar; a comment is the title.
CHORD_LINES = """
    from sideman.theory.chord import Chord
    from sideman.formats.document import melody_document
    from sideman.formats.registry import Codec
    from sideman.score import Bar, Changes, ChordChange, LeadSheet

    def parse(data, name):
        title, *symbols = data.decode().splitlines()
        bars = tuple(Bar((ChordChange(0, Chord.parse(symbol)),)) for symbol in symbols)
        return LeadSheet(title.removeprefix("% ").strip(), Changes(bars))

    def dumps(sheet, name):
        chords = [bar.chords[0].chord.symbol for bar in sheet.changes.bars if bar.chords]
        return "\\n".join([f"% {sheet.title}", *chords, ""]).encode()

    CODEC = Codec(
        read=lambda data, name: melody_document(lambda: parse(data, name)),
        write=dumps,
        losses=lambda sheet: ("all chords of a bar but the first",),
    )
"""
LINE = Format(
    "chord-lines", "chord lines (.cpl)", (".cpl",), "chord_lines", (".cpl",), True, rb"% "
)


@pytest.fixture
def added(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Add a format: one module on the path and one line in the table."""
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "chord_lines.py").write_text(textwrap.dedent(CHORD_LINES))
    monkeypatch.syspath_prepend(tmp_path / "package")
    monkeypatch.setattr(registry, "FORMATS", (*FORMATS, LINE))
    path = tmp_path / "Vamp.cpl"
    path.write_text("% Vamp\nDm7\nG7\nCmaj7\nCmaj7\n")
    return path


def run(*words: object) -> Result:
    done = CliRunner().invoke(command_line, [str(word) for word in words])
    assert done.exit_code == 0, done.output
    return done


def test_an_added_format_is_converted_to_and_from(added: Path, tmp_path: Path) -> None:
    target = tmp_path / "blues.cpl"
    assert "left out: all chords of a bar but the first" in run("convert", "blues-f", target).output
    assert target.read_text().startswith("% Blues in F\nF7\nBb7\n")
    for _, suffix in WRITTEN:
        run("convert", added, tmp_path / f"back{suffix}")
        back = charts.read(tmp_path / f"back{suffix}")
        assert [span.chord.symbol for span in back.changes.spans[:3]] == ["Dm7", "G7", "Cmaj7"]


def test_an_added_format_is_inspected(added: Path) -> None:
    assert "Vamp" in run("inspect", added).output
    shown = json.loads(run("inspect", added, "--json", "--tune", "vamp").output)
    assert len(shown["bars"]) == 4


def test_an_added_format_is_told_by_its_content(added: Path) -> None:
    renamed = added.rename(added.with_name("unnamed"))
    assert registry.format_of(renamed.read_bytes(), renamed.name) is LINE
    assert charts.read(renamed).title == "Vamp"


def test_an_added_format_is_listed(added: Path, tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"chord lines \(\.cpl\)\."):
        registry.format_of(b"", "x.doc")
    with pytest.raises(FormatError, match=r"one of .*\.cpl\."):
        charts.write(tmp_path / "x.doc", songbook.load("blues-f"))
    assert corpus.files([tmp_path]) == (added,)
    entries = corpus.entries_of(registry.open_document(added))
    assert not any(one.open().notes for one in entries)


def test_improvising_over_an_added_format(added: Path, tmp_path: Path) -> None:
    words = ("--seed", 1, "--choruses", 1, "--no-audio", "--out", tmp_path / "out")
    run("improvise", added, *words)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["vamp-1.mid"]


def test_names_and_suffixes_are_unique() -> None:
    suffixes = [suffix for one in FORMATS for suffix in one.suffixes]
    assert len({*suffixes}) == len(suffixes)
    assert len({one.name for one in FORMATS}) == len(FORMATS)
    for one in FORMATS:
        assert {*one.writes} <= {*one.suffixes}
        assert {*re.findall(r"\.[a-z]{2,}\b", one.label)} <= {*one.suffixes}


@pytest.mark.parametrize("one", [one for one in FORMATS if one.module], ids=lambda one: one.name)
def test_the_table_says_what_the_module_does(one: Format, tmp_path: Path) -> None:
    assert (one.codec.write is not None) == bool(one.writes)
    path = tmp_path / f"tune{one.suffixes[0]}"
    if one.writes:
        path = tmp_path / f"tune{one.writes[0]}"
        charts.write(path, songbook.load("happy-birthday"))
    elif one.name in SAMPLES:
        path.write_bytes(SAMPLES[one.name])
    else:
        build(path, {"A_B": [(1, 1, 1, 1, 60, 1.0)]})
    document = registry.open_document(path)
    assert (document.label, document.name) == (one.label, str(path))
    assert (document.read_solos is not None) == one.solos
    assert document.charts is not None
    assert document.charts[0].open().changes.bars


@pytest.mark.parametrize(("one", "suffix"), WRITTEN, ids=[suffix for _, suffix in WRITTEN])
def test_help_and_readme_name_every_format_that_is_written(one: Format, suffix: str) -> None:
    named = convert.help or ""
    assert re.search(rf"(?<!\w){re.escape(suffix)}\b", named)
    assert one.label.split(" (")[0] in " ".join(README.read_text().split())


def test_songbook_names_no_suffix_that_is_not_written() -> None:
    (out,) = (option for option in show.params if option.name == "out")
    named = re.findall(r"\.[a-z]+\b", getattr(out, "help", ""))
    assert {*named} <= {suffix for _, suffix in WRITTEN}


def test_readers_are_imported_when_they_are_needed() -> None:
    program = (
        "import sys; from sideman.library import charts; from sideman.formats import registry; "
        "print([one.module for one in registry.FORMATS if one.module in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.strip() == "['sideman.formats.leadsheet']", done.stderr


def test_models_import_no_format() -> None:
    models = Path(registry.__file__).parent.parent / "models"
    for path in models.rglob("*.py"):
        assert "sideman.formats" not in path.read_text(), path
