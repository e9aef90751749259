from itertools import pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner

from realdata import DATA, needs_data
from sideman.cli import command_line
from sideman.errors import FormatError, MusicError, SidemanError
from sideman.formats import leadsheet
from sideman.formats.chart import chart
from sideman.formats.typed import parse
from sideman.library import charts, etudes, songbook
from sideman.theory.pitch import PitchName
from sideman.words import counted

HEADS = [name for name in songbook.names() if songbook.load(name).melody]


def test_what_is_promised_is_there() -> None:
    names = set(songbook.names())
    assert len(names) >= 24
    assert names >= {
        *("happy-birthday", "happy-birthday-waltz", "blues-f", "rhythm-changes-bb"),
        *("bird-blues-f", "minor-blues-c", "eight-bar-blues-bb", "waltz-blues-g"),
        *("two-five-one-major", "two-five-one-minor", "turnarounds-c", "modal-d-minor"),
        *("bossa-d", "jazz-waltz-f", "ballad-eb", "when-the-saints", "st-louis-blues"),
        *("indiana", "after-youve-gone"),
    }
    assert len(HEADS) >= 10


@pytest.mark.parametrize("name", songbook.names())
def test_every_form_is_whole(name: str) -> None:
    sheet = songbook.load(name)
    assert sheet.title
    assert sheet.key is not None
    assert sheet.tempo_bpm is not None
    assert 50 <= sheet.tempo_bpm <= 300
    assert sheet.style in {"swing", "waltz", "bossa", "ballad", "latin"}
    assert {bar.meter for bar in sheet.changes.bars} == {sheet.changes.meter}
    bars = len(sheet.changes.bars)
    assert bars % 4 == 0
    # The chords fill the form from its first tick to its last.
    spans = sheet.changes.spans
    assert spans[0].onset == 0
    assert all(before.end == after.onset for before, after in pairwise(spans))
    assert spans[-1].end == sheet.changes.length
    assert not any(span.chord.is_no_chord for span in spans)
    labels = [bar.section for bar in sheet.changes.bars if bar.section]
    assert (not labels) or (sheet.changes.bars[0].section == "A" and len(labels) > 1)
    assert leadsheet.losses(sheet) == ()
    assert leadsheet.parse(leadsheet.dumps(sheet), name) == sheet


@pytest.mark.parametrize("name", songbook.names())
def test_the_form_stays_near_its_key(name: str) -> None:
    """A wrong key signature shows: most chords of a tune are at home in its key."""
    sheet = songbook.load(name)
    drills = ("two-five", "cycle", "turnarounds", "suspended", "modal")
    if any(word in name for word in drills):
        return
    assert sheet.key is not None
    tonic = sheet.key.tonic.pitch_class
    roots = {span.chord.bass_pitch_class for span in sheet.changes.spans}
    assert tonic in {span.chord.root.pitch_class for span in sheet.changes.spans if span.chord.root}
    assert (tonic + 7) % 12 in roots


@pytest.mark.parametrize("name", HEADS)
def test_heads_can_be_sung(name: str) -> None:
    sheet = songbook.load(name)
    assert sheet.key is not None
    notes = sheet.melody
    pitches = [note.pitch for note in notes]
    assert max(pitches) - min(pitches) <= 20
    assert all(abs(high - low) <= 15 for low, high in pairwise(pitches))
    assert all(left.end <= right.onset for left, right in pairwise(notes))
    # One chorus and the pickup in front of it, no more.
    bar = sheet.changes.meter.ticks_per_bar
    assert -bar < notes[0].onset < bar
    assert sheet.changes.length - 2 * bar < notes[-1].end <= sheet.changes.length
    # In its key: not many notes are foreign, and it ends on the tonic.
    scale = {(sheet.key.fifths * 7 + step) % 12 for step in (0, 2, 4, 5, 7, 9, 11)}
    foreign = [note for note in notes if note.pitch % 12 not in scale]
    assert len(foreign) <= len(notes) / 4
    assert notes[-1].pitch % 12 == sheet.key.tonic.pitch_class


@pytest.mark.parametrize("name", HEADS)
def test_heads_fit_their_changes(name: str) -> None:
    sheet = songbook.load(name)
    quarter = 24
    on_the_beat = [
        note
        for note in sheet.melody
        if note.onset >= 0
        and note.duration >= quarter
        and not note.onset % sheet.changes.meter.ticks_per_bar
    ]
    fitting = [
        note
        for note in on_the_beat
        if (chord := sheet.changes.chord_at(note.onset)) is not None
        and note.pitch % 12 in chord.tones + chord.colours
    ]
    assert len(fitting) >= 0.85 * len(on_the_beat)


def test_happy_birthday_is_happy_birthday() -> None:
    """The tune as everybody knows it, as steps of the scale."""
    waltz, swing = songbook.load("happy-birthday-waltz"), songbook.load("happy-birthday")
    line = " ".join(str(note.name) for note in waltz.melody)
    assert line == "C C D C F E C C D C G F C C C A F E D Bb Bb A F G F"
    assert [note.pitch for note in waltz.melody] == [note.pitch for note in swing.melody]
    assert [note.onset for note in waltz.melody][:3] == [-24, -12, 0]


@pytest.mark.parametrize(
    ("name", "opening", "ending"),
    [
        ("avalon", "C G A Bb C Bb A G C F G A", "C F A C E D E D Bb A F"),
        ("bye-bye-blackbird", "A A A A Bb A A A G G G F F F G F E", "G F# F# G Bb E F"),
        ("sweet-georgia-brown", "F G A F C A D C F C A F", "Eb F Ab C Eb E F C Bb Eb C Ab"),
    ],
)
def test_heads_are_their_tunes(name: str, opening: str, ending: str) -> None:
    line = " ".join(str(note.name) for note in songbook.load(name).melody)
    assert line.startswith(opening)
    assert line.endswith(ending)


def test_rhythm_changes_and_blues() -> None:
    blues = [bar.chords[0].chord.symbol for bar in songbook.load("blues-f").changes.bars]
    assert blues[:8] == ["F7", "Bb7", "F7", "Cm7", "Bb7", "Bdim7", "F7", "Am7b5"]
    rhythm = songbook.load("rhythm-changes-bb").changes
    assert "".join(bar.section or "." for bar in rhythm.bars) == "A.......A.......B.......A......."
    assert [c.chord.symbol for c in rhythm.bars[16].chords] == ["D7"]


def test_names_are_forgiven_their_dress() -> None:
    assert songbook.load("After You've Gone") == songbook.load("after-youve-gone")
    assert songbook.load("BLUES_F") == songbook.load("blues-f")


@pytest.mark.parametrize("name", ["", "../secret", "x" * 10_000, "\0"])
def test_unknown_forms_are_a_sentence(name: str) -> None:
    with pytest.raises(MusicError, match="not in the songbook") as caught:
        songbook.load(name)
    assert len(str(caught.value)) < 300


def test_search() -> None:
    assert "waltz-blues-g" in songbook.search("WALTZ")
    assert "st-louis-blues" in songbook.search("handy")
    assert songbook.search("no such thing") == ()
    assert songbook.search("") == songbook.names()


def test_transposition_moves_everything_alike() -> None:
    sheet = songbook.load("happy-birthday")
    moved = sheet.in_key(PitchName.parse("Ab"))
    assert str(moved.key) == "Ab major"
    assert {new.pitch - old.pitch for old, new in zip(sheet.melody, moved.melody, strict=True)} == {
        3
    }
    assert [str(note.name) for note in moved.melody[:3]] == ["Eb", "Eb", "F"]
    assert moved.changes.bars[0].chords[0].chord.symbol == "Ab6"
    assert moved.in_key(PitchName.parse("F")) == sheet


@pytest.mark.parametrize("name", songbook.names())
@pytest.mark.parametrize("semitones", [-14, -1, 1, 6, 12])
def test_there_and_back_again(name: str, semitones: int) -> None:
    sheet = songbook.load(name)
    moved = songbook.moved(sheet, semitones=semitones)
    assert moved.key is not None
    assert -6 <= moved.key.fifths <= 6
    assert all(
        new.pitch - old.pitch == semitones
        for old, new in zip(sheet.melody, moved.melody, strict=True)
    )
    back = songbook.moved(moved, semitones=-semitones)
    assert [note.pitch for note in back.melody] == [note.pitch for note in sheet.melody]
    assert [span.chord.tones for span in back.changes.spans] == [
        span.chord.tones for span in sheet.changes.spans
    ]


def test_bad_transpositions() -> None:
    blues = songbook.load("blues-f")
    with pytest.raises(FormatError, match="not a key"):
        songbook.moved(blues, key="H")
    with pytest.raises(MusicError, match="major key"):
        songbook.moved(blues, key="Dm")
    with pytest.raises(MusicError, match="give one"):
        songbook.moved(blues, key="D", semitones=2)
    with pytest.raises(MusicError, match="36"):
        songbook.moved(blues, semitones=1000)
    with pytest.raises(MusicError, match="range of MIDI"):
        songbook.load("happy-birthday").shifted(72)
    with pytest.raises(MusicError, match="has no key"):
        leadsheet.parse("C | F |").in_key(PitchName.parse("D"))
    with pytest.raises(MusicError, match="are not 6 semitones"):
        blues.transposed(1, 6)
    # Without a mode the key keeps the sheet's own.
    minor = songbook.moved(songbook.load("minor-blues-c"), key="G")
    assert str(minor.key) == "G minor"


def test_charts_can_be_typed_back() -> None:
    for name in songbook.names():
        sheet = songbook.load(name)
        bars = parse(chart(sheet.changes)).changes.bars
        assert [(bar.chords, bar.meter, bar.section) for bar in bars] == [
            (bar.chords, bar.meter, bar.section) for bar in sheet.changes.bars
        ], name


def test_the_command_lists() -> None:
    result = CliRunner().invoke(command_line, ["songbook"])
    assert result.exit_code == 0
    lines = result.output.splitlines()
    assert lines[0].split() == ["name", "title", "key", "metre", "bars", "tempo", "style"]
    assert len(lines) == 1 + len(songbook.names())
    row = next(line for line in lines if line.startswith("happy-birthday-waltz"))
    assert row.split()[-5:] == ["major", "3/4", "8", "150", "waltz"]


def test_the_command_shows() -> None:
    result = CliRunner().invoke(command_line, ["songbook", "rhythm-changes-bb", "--key", "Eb"])
    assert result.exit_code == 0
    title, facts, empty, first, *rest = result.output.splitlines()
    assert title == "Rhythm Changes in Bb"
    assert facts.startswith("Eb major, 4/4, 32 bars")
    assert empty == ""
    assert first.startswith("[A] | Eb6 C7 ")
    assert len(rest) == 7


def test_the_command_searches() -> None:
    result = CliRunner().invoke(command_line, ["songbook", "--search", "birthday"])
    assert [line.split()[0] for line in result.output.splitlines()[1:]] == [
        "happy-birthday",
        "happy-birthday-waltz",
    ]
    result = CliRunner().invoke(command_line, ["songbook", "--search", "zzz"])
    assert result.exit_code == 0
    assert "Nothing in the songbook holds 'zzz'" in result.output


def test_the_command_takes_a_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.ls"
    path.write_text("(title My Tune) (meter 3 4) (key -2) (section (style waltz)) Gm7 | C7 |")
    result = CliRunner().invoke(command_line, ["songbook", "--from", str(path)])
    assert result.output.splitlines()[1].split() == [
        "My",
        "Tune",
        "2",
        "flats",
        "3/4",
        "2",
        "waltz",
    ]
    result = CliRunner().invoke(
        command_line, ["songbook", "--from", str(path), "my tune", "--transpose", "2"]
    )
    assert result.output.splitlines()[-1] == "| (3/4) Am7 | D7 |"
    result = CliRunner().invoke(command_line, ["songbook", "--from", str(path), "--search", "zzz"])
    assert "holds 'zzz'" in result.output


@needs_data
def test_the_command_takes_a_playlist() -> None:
    path = DATA / "leadsheets" / "ireal" / "jazz1460.txt"
    result = CliRunner().invoke(
        command_line, ["songbook", "--from", str(path), "--search", "up tempo swing"]
    )
    assert result.exit_code == 0
    assert len(result.output.splitlines()) > 100
    result = CliRunner().invoke(
        command_line, ["songbook", "--from", str(path), "Sweet Georgia Brown"]
    )
    assert "| F7 " in result.output


def test_the_command_refuses() -> None:
    result = CliRunner().invoke(command_line, ["songbook", "bluess"])
    assert isinstance(result.exception, MusicError)
    assert "blues-f" in str(result.exception)


def test_the_command_lists_etudes() -> None:
    result = CliRunner().invoke(command_line, ["songbook", "--etudes"])
    assert result.exit_code == 0
    heads, *rows = result.output.splitlines()
    assert heads.split()[-1] == "choruses"
    assert [row.split()[0] for row in rows] == list(etudes.names())
    found = CliRunner().invoke(command_line, ["songbook", "--etudes", "--search", "Carousel"])
    assert found.output.splitlines()[1].split()[-6:] == ["major", "3/4", "24", "160", "waltz", "1"]
    none = CliRunner().invoke(command_line, ["songbook", "--etudes", "--search", "zzz"])
    assert "Nothing in the études holds 'zzz'" in none.output


def test_the_command_shows_an_etude() -> None:
    result = CliRunner().invoke(command_line, ["songbook", "--etudes", "bossa-low-tide"])
    title, facts, character, empty, first, *rest = result.output.splitlines()
    assert title == "Low Tide"
    assert facts.startswith("D minor, 4/4, 16 bars, 132 bpm, bossa, 2 choruses, ")
    assert character == etudes.character("bossa-low-tide")
    assert empty == ""
    assert first.startswith("| Dm7")
    assert len(rest) == 3
    moved = CliRunner().invoke(
        command_line, ["songbook", "--etudes", "bossa-low-tide", "--key", "E"]
    )
    assert "E minor" in moved.output
    assert "D minor" not in moved.output


@pytest.mark.parametrize("ending", [".ls", ".musicxml", ".mid"])
def test_the_command_writes(tmp_path: Path, ending: str) -> None:
    out = tmp_path / f"sock{ending}"
    name = "five-four-e-minor-odd-sock"
    result = CliRunner().invoke(
        command_line, ["songbook", "--etudes", name, "--transpose", "-2", "--out", str(out)]
    )
    assert result.exit_code == 0, result.output
    assert f"{out}  Odd Sock, 32 bars" in result.output
    back = charts.read(out)
    solo = etudes.load(name)
    assert [(note.onset, note.duration, note.pitch + 2) for note in back.melody] == [
        (note.onset, note.duration, note.pitch) for note in solo.notes
    ]
    assert back.tempo_bpm == 152
    assert {str(bar.meter) for bar in back.changes.bars} == {"5/4"}
    form = tmp_path / f"form{ending}"
    assert (
        CliRunner().invoke(command_line, ["songbook", "avalon", "--out", str(form)]).exit_code == 0
    )
    head = songbook.load("avalon").melody
    assert [(note.onset, note.pitch) for note in charts.read(form).melody] == [
        (note.onset, note.pitch) for note in head
    ]


def test_the_command_refuses_what_does_not_fit(tmp_path: Path) -> None:
    out = tmp_path / "x.ls"
    for arguments, word in (
        (["--etudes", "--from", "x.ls"], "give one"),
        (["--out", str(out)], "give the name"),
        (["--etudes", "blues-f"], "blues-f-back-stairs"),
        (["--etudes", "x" * 10_000], "list the études"),
        (["avalon", "--out", str(tmp_path / "x.pdf")], "let its name end in"),
    ):
        result = CliRunner().invoke(command_line, ["songbook", *arguments])
        assert isinstance(result.exception, SidemanError), arguments
        assert word in str(result.exception)
        assert len(str(result.exception)) < 300
    assert not list(tmp_path.iterdir())


def test_one_is_singular() -> None:
    found = [counted(1, "cluster"), counted(0, "note"), counted(2000, "chorus", "es")]
    assert found == ["1 cluster", "0 notes", "2,000 choruses"]
