"""ChordPro: the grids of a song."""

import re

import pytest
from hypothesis import given, settings

from forms import any_form
from sideman.errors import ChordError, FormatError, SidemanError
from sideman.formats import chordpro, registry, typed
from sideman.score import Changes, LeadSheet
from sideman.theory.pitch import Key

GRID = "{{title: My Tune}}\n{{key: C}}\n{{start_of_grid}}\n{}\n{{end_of_grid}}\n"


def read(text: str) -> LeadSheet:
    (tune,) = chordpro.songs(text.encode(), "song.cho")
    return tune.open()


def same(text: str, changes: str) -> None:
    assert read(text).changes == typed.parse(changes).changes


def test_a_grid() -> None:
    sheet = read(GRID.format("| Dm7 . . . | G7 . . . | Cmaj7 . . . | % |"))
    assert sheet.changes == typed.parse("Dm7 | G7 | Cmaj7 | Cmaj7").changes
    assert (sheet.title, sheet.key) == ("My Tune", Key(0))


@pytest.mark.parametrize(
    ("grid", "changes"),
    [
        ("|| Dm7 / G7 / | C . . . ||", "Dm7 G7 | C"),
        ("| Dm7 . | G7 . |\n| C . | . . |", "Dm7 | G7 | C | ."),
        ("|: C . | F . :|", "C | F | C | F"),
        ("|: C . | F . :| repeat 3 times", "C | F | C | F | C | F"),
        ("|: C |1 Am :|2 F | G |", "C | Am | C | F | G"),
        ("|: C :|: F :|", "C | C | F | F"),
        ("| C | F | %% . | . . | G |", "C | F | C | F | G"),
        ("| C ~A . . | C~Am~F~G . . . |", "C . . A . . . . | C Am F G . . . . . . . . . . . ."),
        ("A | C | (F) | [G] |\nB | Am | NC |", "[A] C | F | G | [B] Am | N.C."),
        ("| C | F |\n|s d~u d~u | d d |\n| G |", "C | F | G"),
        ("| C | | F |", "C | . | F"),
        ("| C F G |", "| C F G |"),
    ],
)
def test_the_signs_of_a_grid(grid: str, changes: str) -> None:
    same(GRID.format(grid), changes)


def test_the_meter_is_that_of_the_song_or_of_the_shape() -> None:
    same("{time: 3/4}\n{sog}\n| C . . | G . . |\n{eog}", "3/4 C | G")
    same('{start_of_grid shape="4x3"}\n| C . G |\n{end_of_grid}', "3/4 C . G")
    digits = "9" * 5000
    same(f'{{start_of_grid shape="4x{digits}"}}\n| C . . G |\n{{end_of_grid}}', "C . . G")
    same("{time: 6/8}\n{sog}\n| C . . F . . | G . |\n{eog}", "6/8 C F | G")
    changing = "{sog}\n| C |\n{eog}\n{time: 2/4}\n{sog label='Tag'}\n| F G |\n{eog}"
    same(changing, "C | [Tag] 2/4 F G")


def test_labels() -> None:
    same("{c: Bridge}\n{sog: 4x4}\n| C |\n{eog}", "[Bridge] C")
    same("{sog: 1+4x4 Intro}\n| C |\n{eog}", "[Intro] C")


def test_songs_and_their_metadata() -> None:
    text = (
        "\ufeff# two songs\n{t: One}\n{composer: Ann}\n{tempo: 132}\n{meta: style swing}\n"
        "{sog}\n| C |\n{eog}\n{new_song}\n{t: Two}\n{key: Am}\n{transpose: 3}\n{sog}\n| Am |\n{eog}"
    )
    one, two = (tune.open() for tune in chordpro.songs(text.encode(), "book.cho"))
    assert (one.title, one.composer, one.tempo_bpm, one.style) == ("One", "Ann", 132, "swing")
    assert [span.chord.symbol for span in two.changes.spans] == ["Cm"]
    assert str(two.key) == "C minor"


def test_lyrics_beside_a_grid() -> None:
    song = "{sog}\n| C | G7 |\n{eog}\nMary [C]had a [G7]lamb [*softly]\n{sot}\n[F]\n{eot}"
    same(song, "C | G7")
    with pytest.raises(FormatError, match=r"its lyrics have chords that its grids lack \(Am\)"):
        read(song + "\n[Am]little")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{title: A}\n[C]Mary had a [G]little lamb", "has no grid"),
        ("", "is empty"),
        ("{t: A}\0", "not a text file"),
        (GRID.format("| C . . |"), "bar 1: 3 cells do not fit in 4/4"),
        (GRID.format("| C | Qx |"), "bar 2: 'Qx' is not a chord"),
        (GRID.format("| % |"), "bar 1: % has no bar before it"),
        (GRID.format("| C | % F |"), "bar 2: % must stand alone"),
        (GRID.format("C F G"), "no bar lines"),
        (GRID.format("| C | D.C. al Fine"), "is a jump"),
        (GRID.format("| C |\n{transpose: 2}\n| F |"), "transposed in the middle"),
        ("{time: 4/5}\n" + GRID.format("| C |"), "4/5 is not a meter"),
        (GRID.format("| C " * 2001 + "|"), "at most 2,000 bars"),
        ("x" * 10_001, "more than 10,000 characters"),
        ("{ns}\n{t: a}\n" * 5001, "more than 5,000 songs"),
    ],
)
def test_what_cannot_be_read_is_told_in_one_sentence(text: str, said: str) -> None:
    with pytest.raises(SidemanError, match=re.escape(said)) as raised:
        read(text)
    assert str(raised.value).startswith("song.cho")
    assert "\n" not in str(raised.value)


def test_an_unknown_chord_has_its_nearest() -> None:
    with pytest.raises(ChordError) as raised:
        read(GRID.format("| Cm7x |"))
    assert raised.value.nearest


@given(any_form())
@settings(deadline=None, max_examples=80, derandomize=True)
def test_what_is_written_reads_back(form: Changes) -> None:
    if not form.bars:
        return
    sheet = LeadSheet("A Tune", form, "Bo Lee", key=Key(-3, minor=True), tempo_bpm=92.5, style="x")
    assert chordpro.losses(sheet) == ()
    assert read(chordpro.dumps(sheet)) == sheet


def test_what_is_lost_is_named() -> None:
    odd = LeadSheet("a {b}", typed.parse('["c d"] C').changes)
    assert chordpro.losses(odd) == ('the signs { } and " in names',)


@pytest.mark.parametrize("name", ["song.cho", "song.txt", "song"])
def test_songs_are_told_by_their_directives(name: str) -> None:
    assert registry.format_of(b"\n{title: A}\n{sog}\n| C |\n{eog}", name).name == "chordpro"


def test_cells_in_other_notations() -> None:
    same(GRID.format("| H7 . | Em . | B7 H7 |"), "| B7 | Em | Bb7 B7 |")
    same(GRID.format("| Do7 . | Sol7 . |"), "| C7 | G7 |")


@pytest.mark.parametrize("line", ["C . | F . |", "Am7 | D7 |"])
def test_cells_before_the_first_bar_line_are_refused(line: str) -> None:
    with pytest.raises(FormatError, match="before the first bar line"):
        read(GRID.format(line))


def test_what_is_not_played_is_said() -> None:
    notices = read(GRID.format("| C . |") + "{capo: 2}\n{chorus}\n").notices
    assert "{capo: 2}" in notices[0]
    assert "bar 2: {chorus} repeats nothing" in notices[1]
