"""Typed changes: the notation, its errors, and the round trip."""

import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sideman.errors import ChordError, FileError, FormatError, MusicError, SidemanError
from sideman.formats.typed import LONGEST_TEXT, MOST_BARS, dumps, losses, parse, spread
from sideman.library import charts
from sideman.score import Bar, Changes, ChordChange, LeadSheet
from sideman.theory.chord import NO_CHORD, Chord, Quality
from sideman.theory.meter import Meter
from sideman.theory.pitch import Key, PitchName

BOUNDED = settings(deadline=None, max_examples=100, derandomize=True)


def shown(text: str) -> str:
    """The bars of a text in the plainest words: onsets in quarters where not on the downbeat."""
    words = []
    for bar in parse(text).changes.bars:
        chords = [
            change.chord.symbol + (f"@{change.onset / 24:g}" if change.onset else "")
            for change in bar.chords
        ]
        words.append((f"{bar.section}: " if bar.section is not None else "") + " ".join(chords))
    return " | ".join(words)


@pytest.mark.parametrize(
    ("text", "bars"),
    [
        ("| F7 | Bb7 | F7 | Cm7 F7 |", "F7 | Bb7 | F7 | Cm7 F7@2"),
        ("F7|Bb7|F7|Cm7 F7", "F7 | Bb7 | F7 | Cm7 F7@2"),
        ("F7\nBb7\r\n\nF7 |\n| C7", "F7 | Bb7 | F7 | C7"),
        ("|| F7 || Bb7 |]", "F7 | Bb7"),
        # Beats.
        ("| Am7 D7 G |", "Am7 D7@2 G@3"),
        ("| C A7 Dm7 G7", "C A7@1 Dm7@2 G7@3"),
        ("C . . F", "C F@3"),
        ("C / F /", "C F@2"),
        ("C/// | C/E // G7", "C | C/E G7@3"),
        (". . . F | / | F .... F . .", "F@3 |  | F F@2.5"),
        ("| C C C C C C C F", "C C@0.5 C@1 C@1.5 C@2 C@2.5 C@3 F@3.5"),
        ("Dm7, G7 | C", "Dm7 G7@2 | C"),
        ("C | | F", "C |  | F"),
        ("3/4 C F | (5/4) C F | 6/8 C F", "C F@2 | C F@3 | C F@1.5"),
        ("6/8 C . . . F . | C F G | 12/8 C F G", "C F@2 | C F@1 G@2 | C F@3 G@4.5"),
        # Again.
        ("C | % | F |%|", "C | C | F | F"),
        ("C | F . . G | %% | 𝄎", "C | F G@3 | C | F G@3 | F G@3"),
        # Repeats.
        ("|: C | F :| G", "C | F | C | F | G"),
        ("C | F :| G", "C | F | C | F | G"),
        ("C |: F :| G :|", "C | F | F | G | G"),
        ("|: C :|: F :| G", "C | C | F | F | G"),
        ("|: C :| x3 F", "C | C | C | F"),
        ("||: C :|| (x3) | F", "C | C | C | F"),
        ("|: C :| 3x |: F :| x1", "C | C | C | F"),
        ("𝄆 C 𝄇 ×3 F", "C | C | C | F"),
        ("|: C | [1 Dm7 G7 :| [2 F | G", "C | Dm7 G7@2 | C | F | G"),
        ("|: C | [1 F :|[2 G |]", "C | F | C | G"),
        ("|: C | 1. F :| 2. G", "C | F | C | G"),
        ("C | [1] F :| [2] G :| A", "C | F | C | G | A"),
        ("|: C | [1,2 F :| [3 G | A", "C | F | C | F | C | G | A"),
        ("|: C | [1-3 F :| [4 G", "C | F | C | F | C | F | C | G"),
        ("|: C | [1 F :| [2 G :| [3 A | B", "C | F | C | G | C | A | B"),
        ("|: C | [1 F :| G", "C | F | C | G"),
        ("|: C | [1 F :| [2 G |: A :|", "C | F | C | G | A | A"),
        # Sections.
        ("[A] C | F | [B] G | C", "A: C | F | B: G | C"),
        ("A: C | F\nB: G | C", "A: C | F | B: G | C"),
        ("[Head in] |: C :| [Solos] F", "Head in: C | Head in: C | Solos: F"),
        ('["1st [x]"] C', "1st [x]: C"),
        ("[A] C | [A] % ", "A: C | A: C"),
        # Chords of every dialect.
        ("C^7 | C-7 | C79b | CmM7", "Cmaj7 | Cm7 | C7b9 | Cm(maj7)"),
        ("N.C. | NC NC", "N.C. | N.C. N.C.@2"),
        ("C7(b9, #11)/G | C6/9 . N.C. .", "C7b9#11/G | C6/9 N.C.@2"),
    ],
)  # fmt: skip
def test_reading(text: str, bars: str) -> None:
    assert shown(text) == bars


def test_meters() -> None:
    sheet = parse("3/4 C | F | (4/4) G | [B] 7/8 C :| 5/4 D", "Odd")
    assert [str(bar.meter) for bar in sheet.changes.bars] == ["3/4", "3/4", "4/4", "7/8"] * 2 + [
        "5/4"
    ]
    assert sheet.title == "Odd"
    assert sheet.parts == ()
    assert parse("C").changes.meter == Meter(4, 4)


@pytest.mark.parametrize(
    ("chords", "meter", "onsets"),
    [
        (1, "4/4", (0,)),
        (2, "4/4", (0, 48)),
        (3, "4/4", (0, 48, 72)),
        (4, "4/4", (0, 24, 48, 72)),
        (2, "3/4", (0, 48)),
        (3, "5/4", (0, 48, 96)),
        (2, "5/4", (0, 72)),
        (2, "6/8", (0, 36)),
        (3, "9/8", (0, 36, 72)),
        (2, "2/2", (0, 48)),
        (99, "4/4", ()),
    ],
)
def test_spread(chords: int, meter: str, onsets: tuple[int, ...]) -> None:
    assert spread(chords, Meter.parse(meter)) == onsets


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "tune: no bars"),
        (" | \n|| |]\n", "tune: no bars"),
        ("C / F", "bar 1: 3 beats are written where 4/4 has 4"),
        ("C | 3/4 C . F .", "bar 2: 4 beats are written where 3/4 has 3"),
        (f"C | {'C ' * 30}", "bar 2: 30 chords do not fit in 4/4"),
        ("C | 3/5 D", "bar 2: 3/5 is not a meter"),
        ("C | 999/4 D", "bar 2: 999/4 is not a meter"),
        ("C | D 3/4", "bar 2: the meter 3/4 must stand at the start"),
        ("% | C", "bar 1: % has no bar before it"),
        ("C | %%", "bar 2: %% has no bar before it"),
        ("C | D %", "bar 2: % must stand alone"),
        ("C | %%%", "bar 2: % must stand alone"),
        ("C | 3/4 %", "bar 2: % would repeat a bar in 4/4, but this is 3/4"),
        ("C |: D | E", "bar 2: a repeat begins that is never closed"),
        ("|: C |: D :|", "bar 1: a repeat begins that is never closed"),
        ("|: C [1 D | E", "bar 1: a repeat begins that is never closed"),
        ("|: :|", "bar 1: a repeat sign has nothing before it"),
        ("C :| :|", "bar 2: a repeat sign has nothing before it"),
        ("C [1 :| D", "bar 2: a repeat sign has nothing before it"),
        ("C |:", "bar 2: |: has no bars"),
        ("[1 C :|", "bar 1: the ending [1 has no bars before it"),
        ("C :| [2 D", "bar 2: the ending [2 comes after the repeat"),
        ("C | [2 D :| [1 E", "bar 2: the ending [2 is out of turn; 1 is next"),
        ("C | [1 D :| [3 E", "bar 3: the ending [3 is out of turn; 2 is next"),
        ("C | [1-99999 D :|", "is not an ending"),
        ("C x3 | D", "bar 1: x3 must follow a repeat sign"),
        ("C | [1 D :| x3", "must follow a repeat sign without endings"),
        ("C :|: x3 D", "write ':| x3 |:'"),
        ("C :| x0", "x0 is not a number of times"),
        ("C :| x100", "x100 is not a number of times"),
        ("C | [B]", "bar 2: the section 'B' has no bars"),
        ("C | [", "bar 2: '[' has no meaning"),
        ("C | :: D", "bar 2: ':' has no meaning"),
    ],
)
def test_what_is_wrong_is_named(text: str, message: str) -> None:
    with pytest.raises(FormatError) as caught:
        parse(text, "tune")
    assert str(caught.value).startswith("tune")
    assert message in str(caught.value)


def test_unknown_chords_are_named_with_their_bar() -> None:
    with pytest.raises(ChordError) as caught:
        parse("| F7 | Bb7 | Fmqj7 F7 |", "blues")
    assert str(caught.value).startswith("blues, bar 3: 'Fmqj7' is not a chord symbol; the nearest")
    assert caught.value.symbol == "Fmqj7"
    assert "Fmaj7" in caught.value.nearest


FLOODS = """
[ ( | . x 1 % : / [1 %| C| C:| (C C[A] |: |:C:|x99 C[1,2,3 [A] A.B 3/4 C(b9 𝄆
"""


@pytest.mark.parametrize("sign", [*FLOODS.split(), "| ", "C ", "[A] ", ". ", "C | F7\n"])
def test_floods_are_refused_at_once(sign: str) -> None:
    for size in (LONGEST_TEXT - 10, 10_000_000):
        start = time.process_time()
        with pytest.raises(SidemanError) as caught:
            parse(sign * (size // len(sign)))
        assert time.process_time() - start < 2
        assert len(str(caught.value)) < 400


def test_caps_are_said() -> None:
    with pytest.raises(FormatError, match=f"longer than {LONGEST_TEXT:,} characters"):
        parse("C " * LONGEST_TEXT)
    with pytest.raises(FormatError, match=f"at most {MOST_BARS:,} bars"):
        parse("C|" * (MOST_BARS + 1))
    with pytest.raises(FormatError, match=f"more than {MOST_BARS:,} bars"):
        parse("|: " + "C|" * 200 + " :| x99")
    assert len(parse("C|" * MOST_BARS).changes.bars) == MOST_BARS


# Round trips ------------------------------------------------------------------------------------

pitch_names = st.integers(-7, 11).map(PitchName)
qualities = st.sets(st.integers(1, 11)).map(Quality.of)
chords = st.just(NO_CHORD) | st.builds(Chord, pitch_names, qualities, st.none() | pitch_names)
meters = st.builds(Meter, st.integers(1, 13), st.sampled_from([2, 4, 8, 16]))
labels = st.sampled_from(
    ["A", "B'", "Head in", "1", "1st time", "", " A ", "A:", "[x]", "Ⅱ", "a|b"]
)


@st.composite
def bars(draw: st.DrawFn) -> Bar:
    meter = draw(st.just(Meter()) | meters)
    ticks = st.integers(0, meter.ticks_per_bar - 1)
    beats = st.integers(0, meter.beats - 1).map(lambda beat: beat * meter.ticks_per_beat)
    onsets = draw(st.sets(st.just(0) | beats | ticks, max_size=6))
    changes = tuple(ChordChange(onset, draw(chords)) for onset in sorted(onsets))
    return Bar(changes, meter, draw(st.none() | labels))


sheets = st.lists(bars(), min_size=1, max_size=12).map(
    lambda written: LeadSheet("A Tune", Changes(tuple(written)))
)


@given(sheets)
@BOUNDED
def test_round_trip(sheet: LeadSheet) -> None:
    text = dumps(sheet)
    assert parse(text, "A Tune") == sheet
    assert dumps(parse(text)) == text


def test_writing_is_plain() -> None:
    lines = [
        "| F7 | Bb7 | F7 | Cm7 F7 |",
        "| Bb7 | Am7 D7 G7 | C . . F |",
        "[B] (3/4) | N.C. | . | C F . |",
    ]
    text = "".join(f"{line}\n" for line in lines)
    assert dumps(parse(text, "")) == text


@pytest.mark.parametrize(
    ("title", "style", "lost"),
    [
        ("St. Thomas: A Calypso; Again", "Medium Swing", ()),
        ("Key: Bb", "Bossa Nova", ()),
        ("", "", ()),
        ("Two\nLines", "Swing", ("the title",)),
        ("A  Song", "Ballad 60", ("the style",)),
        (" padded ", "Up Tempo Swing", ("the title",)),
    ],
)
def test_the_header_is_written_where_it_is_read_back(
    title: str, style: str, lost: tuple[str, ...]
) -> None:
    key = Key.parse("F minor")
    sheet = replace(parse("| C7 | F7 |"), title=title, style=style, key=key, composer="A. Nobody")
    held = parse(dumps(sheet), "a name")
    assert losses(sheet) == lost
    assert (held.key, held.composer, held.changes) == (key, "A. Nobody", sheet.changes)
    assert (held.style == style) == ("the style" not in lost)
    assert held.tempo_bpm is None
    assert held.title == (title if title and "the title" not in lost else "a name")


@pytest.mark.parametrize("onsets", [(0, 0), (48, 0), (96,), (-1,)])
def test_chords_out_of_their_bar_cannot_be_written(onsets: tuple[int, ...]) -> None:
    bar = Bar(tuple(ChordChange(onset, NO_CHORD) for onset in onsets))
    with pytest.raises(MusicError, match="bar 2"):
        dumps(LeadSheet("", Changes((Bar(), bar))))


@pytest.mark.parametrize("label", ['"', "A\nB", "A" * 201])
def test_labels_that_cannot_be_written(label: str) -> None:
    with pytest.raises(MusicError, match="bar 1: the label"):
        dumps(LeadSheet("", Changes((Bar(section=label),))))


def test_files(tmp_path: Path) -> None:
    sheet = parse("[A] 3/4 C^7 | Bø . E7", "waltz")
    charts.write(tmp_path / "waltz.txt", sheet)
    assert charts.read(tmp_path / "waltz.txt") == sheet
    (tmp_path / "marked.txt").write_bytes(b"\xef\xbb\xbfC\xe2\x99\xaf7 |")
    assert charts.read(tmp_path / "marked.txt").changes.bars[0].chords[0].chord.symbol == "C#7"
    (tmp_path / "latin.txt").write_bytes(b"| C | \xe97 |")
    with pytest.raises(FormatError, match="latin: not text in UTF-8"):
        charts.read(tmp_path / "latin.txt")
    with pytest.raises(FileError, match="no such file"):
        charts.read(tmp_path / "none.txt")


# Fuzz -------------------------------------------------------------------------------------------

PARTS = """
| || |: :| :|: x3 x99 [1 [2 [1,2 1. 2. [A] B: (3/4) 6/8 4/4 % %% . / // C F7 Bbm7 C7(b9,#11)/G N.C.
NC ( ) [ ] : :: 3x "
"""
signs = st.lists(st.sampled_from([" ", "\n", "", *PARTS.split()]), max_size=40)


@example("C .[1")
@given(st.text(max_size=60) | signs.map("".join) | signs.map(" ".join))
@settings(deadline=None, max_examples=600, derandomize=True)
def test_any_text_is_changes_or_an_error(text: str) -> None:
    try:
        sheet = parse(text)
    except SidemanError:
        return
    assert parse(dumps(sheet)).changes == sheet.changes


@given(st.binary(max_size=60))
@BOUNDED
def test_any_bytes_are_changes_or_an_error(data: bytes) -> None:
    try:
        parse(data)
    except SidemanError:
        return


def test_all_that_is_wrong_is_told_at_once_with_its_place() -> None:
    text = "| F7x | Bb7 . . Qm7 | % | Cm7 Y7 |"
    with pytest.raises(ChordError) as raised:
        parse(text)
    found = raised.value.problems
    assert [(one.bar, one.beat, text[one.start : one.end]) for one in found] == [
        (1, 1, "F7x"),
        (2, 4, "Qm7"),
        (4, 3, "Y7"),
    ]
    assert found[0].nearest[0] == "F7"
    assert str(raised.value) == found[0].message
    assert raised.value.field == "changes"


def test_what_is_no_text_of_changes_is_left_early() -> None:
    with pytest.raises(ChordError) as raised:
        parse("lorem ipsum " * 10_000)
    assert 200 <= len(raised.value.problems) < 210


def test_a_wrong_structure_is_told_after_the_chords_before_it() -> None:
    text = "| F7 |: Q7 | Zz"
    with pytest.raises(ChordError) as raised:
        parse(text)
    found = raised.value.problems
    assert {one.symbol for one in found} == {"Q7", "Zz", ""}
    assert [one.start for one in found] == sorted(one.start for one in found)
