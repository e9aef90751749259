"""``sideman inspect``: the report on a file, as text and as JSON."""

import json
import struct
import time
from pathlib import Path

import pytest

from realdata import DATA, needs_data
from sideman.cli import main
from sideman.errors import FormatError
from sideman.formats import midi
from sideman.formats.registry import format_of
from sideman.library import charts, songbook
from sideman.score import Arrangement, Bar, Changes, ChordChange, Note, Part
from sideman.theory.chord import Chord

METHENY = DATA / "metheny" / "original_metheny.mid"
MIDIS = sorted((DATA / "midi").glob("*.mid")) if DATA.is_dir() else []
EMPTY_TRACK = b"MTrk\0\0\0\4\0\xff\x2f\0"


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """Run ``sideman inspect``; gives the exit code, what it printed, and its complaint."""
    with pytest.raises(SystemExit) as leaving:
        main(["inspect", *words])
    said = capsys.readouterr()
    assert isinstance(leaving.value.code, int)
    return leaving.value.code, said.out, said.err


@pytest.fixture
def blues(tmp_path: Path) -> Path:
    form = Changes(tuple(Bar((ChordChange(0, Chord.parse(s)),)) for s in ("F7", "Bb7", "F7", "C7")))
    line = tuple(Note(24 * i, 12, 65 + i % 7) for i in range(16))
    path = tmp_path / "blues.mid"
    midi.write(path, Arrangement("A Blues", (Part("Solo", line, 65),), form, 140))
    return path


def test_a_file_in_words(blues: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, str(blues))
    assert (code, err) == (0, "")
    for line in (
        "blues.mid: MIDI format 1 (tracks that sound together), 2 tracks, 480 ticks a quarter",
        "Title   A Blues",
        "Length  4 bars, 15.5 quarters, 0:06",
        "Tempo   140 quarters a minute",
        "Meter   4/4",
        "part  name  instrument  ch  notes  range  polyphony  density",
        "   0  Solo  Alto Sax     1     16  F4–B4        1.0      1.0",
        "Chords: 4 chord symbols written in the file.",
        "     1  | F7  | Bb7 | F7  | C7  |",
        "     2  1:A4 0.5  2:Bb4 0.5  3:B4 0.5  4:F4 0.5",
    ):
        assert line in out.splitlines()


def test_the_same_as_json(blues: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, str(blues), "--json", "--beats", "4:12")
    data = json.loads(out)
    assert code == 0
    assert (data["kind"], data["melody"], data["chords"]) == ("midi", 0, None)
    assert (data["range_quarters"], data["first_bar"]) == ([4, 12], 2)
    assert data["changes"] == ["Bb7", "F7"]
    assert [measure["bar"] for measure in data["measures"]] == [2, 3]
    assert data["measures"][0]["notes"][0] == {
        "beat": 1.0,
        "pitch": 69,
        "name": "A4",
        "quarters": 0.5,
    }


def test_files_without_notes_or_chords_are_reported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    header = b"MThd" + struct.pack(">IHHH", 6, 1, 1, 96)
    silent = tmp_path / "silent.mid"
    silent.write_bytes(header + EMPTY_TRACK)
    code, out, _ = run(capsys, str(silent))
    assert code == 0
    assert "The file holds no notes." in out
    assert json.loads(run(capsys, str(silent), "--json")[1])["parts"] == []
    bare = tmp_path / "bare.mid"
    line = Part("Sax", (Note(0, 12, 65), Note(24, 12, 67)), 65)
    midi.write(bare, Arrangement("Bare", (line,), Changes(())))
    code, out, _ = run(capsys, str(bare))
    assert code == 0
    assert "Chords: no part; none often plays three notes at once." in out
    assert "Chords: none." in out
    assert "1:F4 0.5  2:G4 0.5" in out


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--melody", "kazoo"], "no part 'kazoo' for the melody; choose one of: 0 Solo."),
        (["--chords", "7"], "no part '7' for the chords"),
        (["--beats", "12"], "--beats '12' is not a range; write one like 476:548."),
        (["--beats", "9:3"], "the range 9.0:3.0 is empty"),
    ],
)
def test_what_cannot_be_found_is_said(
    blues: Path, capsys: pytest.CaptureFixture[str], words: list[str], complaint: str
) -> None:
    code, out, err = run(capsys, str(blues), *words)
    assert (code, out) == (2, "")
    assert complaint in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("empty.mid", b"", "empty.mid: is empty"),
        ("text.mid", b"hello", "text.mid: is not a MIDI file"),
        ("cut.mid", b"MThd\0\0\0\6\0\1\0\1\0\x60MTrk\0\0\1\0\0\x90", "is cut off within track 1"),
        ("zero.mid", b"MThd\0\0\0\6\0\1\0\0\0\x60", "zero.mid: has no tracks"),
        ("cake.jpg", b"\xff\xd8\xff", "is not in a format that sideman reads"),
    ],
)
def test_bad_files_get_one_sentence(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    name: str,
    content: bytes,
    complaint: str,
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    code, out, err = run(capsys, str(path))
    assert (code, out) == (2, "")
    assert complaint in err
    assert err.count("\n") == 1
    assert err.startswith("sideman: ")


def test_missing_files_and_folders(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for path in (tmp_path / "none.mid", tmp_path):
        code, _, err = run(capsys, str(path))
        assert code == 2
        assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("head", "name", "kind"),
    [
        (b"MThd\0\0", "x.txt", "midi"),
        (b"RIFF\0\0\0\0RMIDdata", "x", "midi"),
        (b"SQLite format 3\0rest", "x.mid", "weimar"),
        (b"PK\x03\x04....META-INF/container.xml", "x.zip", "musicxml"),
        (b"<?xml version='1.0'?><!DOCTYPE score-partwise PUBLIC ''>", "x.txt", "musicxml"),
        ("<?xml version='1.0'?><score-timewise>".encode("utf-16"), "x", "musicxml"),
        (b"<html><a href='irealb://Tune'>", "x.htm", "ireal"),
        (b"irealbook://Tune=", "x.txt", "ireal"),
        (b"\xef\xbb\xbf(title Blues)\n", "x.txt", "leadsheet"),
        (b'\x10\0\0\0\0\0\0\0{"x": 1}', "x.bin", "model"),
        (b"", "TUNE.MID", "midi"),
        (b"C | F |", "x.ls", "leadsheet"),
    ],
)
def test_content_decides_before_the_name(head: bytes, name: str, kind: str) -> None:
    assert format_of(head, name).name == kind


def test_an_unknown_kind_names_those_that_are_known() -> None:
    with pytest.raises(FormatError, match=r"x\.doc: .* MIDI \(\.mid\), Impro-Visor"):
        format_of(b"plain words", "x.doc")


@needs_data
@pytest.mark.parametrize("path", [*MIDIS, METHENY], ids=lambda path: path.stem)
def test_real_files_in_under_a_second(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spent = []
    for _ in range(2):  # the better of two: a busy machine costs processor time too
        before = time.process_time()
        code, out, _ = run(capsys, str(path), "--json")
        spent.append(time.process_time() - before)
    assert min(spent) < 1
    data = json.loads(out)
    assert code == 0
    assert data["melody"] is not None
    assert data["measures"]
    assert not data["parts"][data["melody"]]["percussion"]


@needs_data
def test_the_course_file(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(
        capsys, str(METHENY), "--melody", "guitar", "--chords", "piano", "--beats", "476:548"
    )
    assert code == 0
    assert "Melody: part 5 (Guitar), as named." in out
    assert "Range: beats 476 to 548, as named." in out
    assert "   120  | Abmaj9" in out


@pytest.mark.parametrize("name", ["harmony", "ngram"])
def test_a_model_is_found_by_its_name(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, *said = run(capsys, name)
    assert f"{name}.safetensors: " in "".join(said)
    assert code == (0 if name == "harmony" else 2)


def test_a_tune_that_is_no_file_is_shown_with_its_bricks(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "blues-f.ls"
    charts.write(path, songbook.load("blues-f"))
    code, out, _ = run(capsys, "blues-f")
    assert (code, out.splitlines()[0]) == (0, "blues-f: Blues in F")
    assert out.splitlines()[1:] == run(capsys, str(path))[1].splitlines()[1:]
    link = "irealbook://Song=One%20Some=Swing=C=n=T44C%20|G7%20Z"
    for typed, brick in (("| Dm7 / G7 / | Cmaj7 |", "Straight-Cadence"), (link, "Major-On")):
        data = json.loads(run(capsys, typed, "--json")[1])
        assert data["bricks"][0]["name"] == brick
    for words, message in (
        (("blues-g7",), "is not in the songbook"),
        (("no.mid",), "no.mid: cannot be read (no such file"),
        ((str(tmp_path),), "is a directory"),
        (("blues-f", "--solo", "1"), "blues-f: solo is not for a tune that is no file"),
        (("blues-f", "--out", str(tmp_path / "x")), "is no grammar, which alone is copied."),
    ):
        code, _, error = run(capsys, *words)
        assert code == 2
        assert message in error
