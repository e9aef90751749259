import re
import time
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from realdata import DATA, needs_data
from sideman.errors import ChordError, FileError, FormatError, MusicError, SidemanError
from sideman.formats import leadsheet
from sideman.library import charts, songbook
from sideman.score import Bar, Changes, ChordChange, LeadSheet, Note, Part
from sideman.theory.chord import NO_CHORD, Chord
from sideman.theory.meter import Meter
from sideman.theory.pitch import Key, PitchName

REAL = sorted((DATA / "leadsheets" / "impro-visor").glob("*.ls"))


def chords(text: str) -> list[list[tuple[int, str]]]:
    bars = leadsheet.parse(text).changes.bars
    return [[(change.onset, change.chord.symbol) for change in bar.chords] for bar in bars]


def melody(text: str) -> list[tuple[int, int, int]]:
    notes = leadsheet.parse(text).melody
    return [(note.onset, note.duration, note.pitch) for note in notes]


def expect_sentence(error: SidemanError) -> None:
    assert str(error).endswith((".", "?"))
    assert len(str(error)) < 300
    assert "\n" not in str(error)


# The real files ----------------------------------------------------------------------------------


def counted(text: str) -> tuple[int, list[int]]:
    """Count a file's bars and the slots of each melody by other means than the reader's."""
    bare, parts = [], []
    depth = start = 0
    for place, sign in enumerate(text):
        if sign == "(":
            start = place if depth == 0 else start
            depth += 1
        elif sign == ")":
            depth -= 1
            if depth == 0 and text.startswith("(part", start):
                parts.append("melody" in text[start:place])
                bare.append("")
        elif depth == 0 and bare:
            bare[-1] += sign
    melodies = [words for words, melodic in zip(bare, parts, strict=True) if melodic]
    changes = "".join(words for words, melodic in zip(bare, parts, strict=True) if not melodic)
    totals = []
    for words in melodies:
        total = 0
        for value in re.findall(r"\d+(?:/\d+)?", words):
            unit, _, division = value.partition("/")
            span = {"": 480, "3": 320, "5": 384}[division]
            total += span // int(unit)
        totals.append(total)
    bars = changes.count("|") + bool(changes.strip() and not changes.strip().endswith("|"))
    return bars, totals


@needs_data
def test_there_are_real_files() -> None:
    assert len(REAL) >= 183


@needs_data
@pytest.mark.parametrize("path", REAL, ids=lambda path: path.stem)
def test_real_files_read_whole(path: Path) -> None:
    text = path.read_bytes().decode("utf-8").replace("\r", "")
    sheet = charts.read(path)
    bars, totals = counted(text)
    assert len(sheet.changes.bars) == bars > 0
    numerator, unit = re.findall(r"\(meter (\d+) (\d+)\)", text)[0]
    assert str(sheet.changes.meter) == f"{numerator}/{unit}"
    assert sheet.key is not None
    assert sheet.key.fifths == int(re.findall(r"\(key (-?\d+)\)", text)[0])
    assert sheet.tempo_bpm == float(re.findall(r"\(tempo ([\d.]+)\)", text)[0])
    # No chord is lost.
    words = re.sub(r"(?m)^\s*\(.*\)\s*$|\((?:[^()]|\([^()]*\))*\)", " ", text)
    written = [word for word in words.split() if word[0].isupper()]
    assert len(written) == sum(len(bar.chords) for bar in sheet.changes.bars)
    # Every melody fills the form exactly, so its last note ends within it.
    for total in totals:
        assert total == bars * 5 * sheet.changes.meter.ticks_per_bar
    if any("melody" in part for part in re.findall(r"\(type \w+\)", text)):
        assert len(sheet.parts) in (0, len(totals))
    sounding = [part for part in sheet.parts if part.notes]
    for part in sounding:
        assert part.notes[0].onset >= 0
        assert part.notes[-1].end <= sheet.changes.length
        assert all(left.end <= right.onset for left, right in pairwise(part.notes))
    count = len(re.findall(r"(?<![^\s])[a-g][#b]?[-+]*\d", text))
    assert count == sum(len(part.notes) for part in sheet.parts)


@needs_data
@pytest.mark.parametrize("path", REAL, ids=lambda path: path.stem)
def test_real_files_go_round(path: Path) -> None:
    sheet = charts.read(path)
    text = leadsheet.dumps(sheet)
    assert leadsheet.parse(text, str(path)) == sheet
    assert leadsheet.losses(sheet) == ()
    bars, totals = counted(text)
    assert bars == len(sheet.changes.bars)
    assert set(totals) <= {bars * 5 * sheet.changes.meter.ticks_per_bar}


@needs_data
def test_real_files_are_read_fast() -> None:
    start = time.process_time()
    for path in REAL:
        charts.read(path)
    assert time.process_time() - start < 10


# Reading, word by word ---------------------------------------------------------------------------


def test_chords_share_their_bar() -> None:
    assert chords("C | F G | Am / / Dm | / G7 | | C") == [
        [(0, "C")],
        [(0, "F"), (48, "G")],
        [(0, "Am"), (72, "Dm")],
        [(48, "G7")],
        [],
        [(0, "C")],
    ]
    assert chords("(meter 3 4) C F G | C / F | C F") == [
        [(0, "C"), (24, "F"), (48, "G")],
        [(0, "C"), (48, "F")],
        [(0, "C"), (36, "F")],
    ]
    assert chords("E7 / / / / Am Dm E7") == [[(0, "E7"), (60, "Am"), (72, "Dm"), (84, "E7")]]
    # Five in a bar fall between ticks.
    assert [onset for onset, _ in chords("C D E F G")[0]] == [0, 19, 38, 57, 76]


def test_bar_lines() -> None:
    assert len(chords("| C | F |")) == 2  # one may open the first bar
    assert len(chords("C | F")) == 2  # the last may be missing
    assert len(chords("C , F ,")) == 2  # a comma is one too
    assert len(chords("C || F |")) == 3  # two of them hold an empty bar


def test_chords_of_impro_visors_own() -> None:
    bars = chords(r"NC | F13_ | Eb7/B6 | D\F | Cm(maj7) Bb7(b9) | BbM7/D | Co7 | Am7b5")
    assert [bar[0][1] for bar in bars] == [
        *("N.C.", "F13", "Eb7/B", "D/F", "Cm(maj7)", "Bbmaj7/D", "Cdim7", "Am7b5"),
    ]
    assert bars[4][1] == (48, "Bb7b9")


def test_unknown_chords_name_bar_and_file() -> None:
    with pytest.raises(ChordError, match=r"tune\.ls, bar 3: 'Cqz'") as caught:
        leadsheet.parse("C | F | G Cqz |", "tune.ls")
    assert caught.value.symbol == "Cqz"


def test_notes() -> None:
    assert melody("C | c4 c#4 eb+8 b-8 r4") == [
        *((0, 24, 60), (24, 24, 61), (48, 12, 75), (60, 12, 59)),
    ]
    assert melody("C | c++2 c--4. c") == [(0, 48, 84), (48, 36, 36), (84, 12, 60)]
    assert melody("C | g4+8 a8/3 b8/3 c+8/3 r2 d1+1+16") == [
        *((0, 36, 67), (36, 8, 69), (44, 8, 71), (52, 8, 72), (108, 198, 62)),
    ]
    assert melody("C | c2.. c16 c32 c32") == [(0, 84, 60), (84, 6, 60), (90, 3, 60), (93, 3, 60)]


def test_the_octave_counts_by_sound() -> None:
    assert [pitch for _, _, pitch in melody("C | cb4 cb+4 b#4 e#4 fb4 bb-4")] == [
        *(71, 83, 60, 65, 64, 58),
    ]
    names = [str(note.name) for note in leadsheet.parse("C | cb4 b#4 fb4").melody]
    assert names == ["Cb", "B#", "Fb"]


def test_quintuplets_keep_the_beat() -> None:
    notes = melody("C | c16/5 d16/5 e16/5 f16/5 g16/5 a4")
    assert [onset for onset, _, _ in notes] == [0, 5, 10, 14, 19, 24]
    # Notes shorter than a tick are kept, and the next note is on time.
    assert melody("C | c4 d480 e4+16+32+120+480")[-1][0] in (24, 25)
    assert leadsheet.parse("C | " + "c480 " * 480).melody[-1].end <= 96


def test_volumes() -> None:
    notes = leadsheet.parse("C | c4 v40 d4 e4 v127 f4").melody
    assert [note.velocity for note in notes] == [90, 40, 40, 127]


def test_headers() -> None:
    sheet = leadsheet.parse(
        "(title (Back Home) Again)\n(composer Hanley, James)\n(meter 6 8)(key -3)(tempo 92.5)"
        "(style swing-SonnyClark (swing 0.67) (chord-base c- e- g-))(zither (tuned no))"
        "(bars 12)(layout 4 4)(volume)()( )\nCm | / | G7 | Cm |"
    )
    assert (sheet.title, sheet.composer) == ("(Back Home) Again", "Hanley, James")
    assert sheet.changes.meter == Meter(6, 8)
    assert sheet.key == Key(-3, has_mode=False)
    assert (sheet.tempo_bpm, sheet.style) == (92.5, "swing-SonnyClark")
    bare = leadsheet.parse("C | F |", "folder/my tune.ls")
    assert (bare.title, bare.key, bare.tempo_bpm, bare.style) == ("my tune", None, None, "")
    assert leadsheet.parse("(meter 3) C |").changes.meter == Meter(3, 4)
    assert leadsheet.parse("(key 0)(mode minor) Am |").key == Key(0, minor=True)
    assert leadsheet.parse("(key 0)(mode major) Am |").key == Key(0)


def test_comments_are_passed_over() -> None:
    assert chords("C // (title no) | G7\n| /* F | ( */ F |") == [[(0, "C")], [(0, "F")]]
    assert leadsheet.parse("(comments see http://a.b) C |").title == "lead sheet"


def test_parts_are_choruses() -> None:
    sheet = leadsheet.parse(
        "(part (type chords)) C | (part (type melody) (title Head) (instrument 65)) c1"
        "(part (type melody) (title Two) (instrument 999)) r1 (part (type melody)) e1"
    )
    assert [(part.name, part.program, len(part.notes)) for part in sheet.parts] == [
        *(("Head", 65, 1), ("Two", 0, 0), ("", 0, 1)),
    ]
    # Rests alone are not a melody.
    assert leadsheet.parse("C | (part (type melody)) r1").parts == ()


def test_a_melody_alone_has_bars() -> None:
    sheet = leadsheet.parse("(meter 3 4) c2+4 d2+4 e4")
    assert sheet.changes.bars == (Bar(meter=Meter(3, 4)),) * 3


def test_transposed_files() -> None:
    sheet = leadsheet.parse("(key 0)(transpose 2) C | F | c4 e4")
    assert sheet.key == Key(2, has_mode=False)
    assert [span.chord.symbol for span in sheet.changes.spans] == ["D", "G"]
    assert [(note.pitch, str(note.name)) for note in sheet.melody] == [(62, "D"), (66, "F#")]


def sections(text: str) -> str:
    return "".join(bar.section or "." for bar in leadsheet.parse(text).changes.bars)


def test_sections() -> None:
    mark = "(section (style)) "
    tune = "C | F | C | C |"
    assert sections(tune) == "...."
    assert sections("(section (style swing)) " + tune) == "...."
    assert sections(mark + tune + mark + tune + mark + "G | / | / | / | " + mark + tune) == (
        "A...A...B...A..."
    )
    # Sections with the same first half get the same letter; a phrase is not a section.
    assert sections(mark + "C | F | " + mark + "C | (phrase (style)) G | ") == "A.A."
    assert sections(mark + tune + "(section (label Bridge))" + tune) == "....Bridge..."
    # A mark in the middle of a bar applies from the next bar.
    assert sections("C | F " + mark + "G | Am | Dm |") == "A.B."
    # After Z, letters get a number.
    roots = [letter + sign for sign in ("", "m", "7", "m7") for letter in "CDEFGAB"]
    many = leadsheet.parse("".join(f"{mark}{root} | " for root in roots)).changes.bars
    assert [bar.section for bar in many][24:] == ["Y", "Z", "A1", "B1"]


def test_styles_change_on_the_way() -> None:
    sheet = leadsheet.parse(
        "(style swing (swing .67)) (section (style latin)) C | C | (phrase (style swing)) F |"
        "(section (style)) C | (section (style latin)) C | (section (style latin)) C |"
    )
    assert sheet.style == "latin"
    assert [bar.style for bar in sheet.changes.bars] == ["", "", "swing", "", "latin", ""]
    assert leadsheet.parse(leadsheet.dumps(sheet)) == sheet


def test_pickups() -> None:
    sheet = leadsheet.parse("(pickup 1) NC | C | F | r2 g4 a4 c+1")
    assert len(sheet.changes.bars) == 2
    assert [note.onset for note in sheet.melody] == [-48, -24, 0]
    assert "(pickup 1)" in leadsheet.dumps(sheet)
    assert leadsheet.parse(leadsheet.dumps(sheet)) == sheet
    # A pickup as long as the form is ignored.
    assert len(leadsheet.parse("(pickup 9) C | F |").changes.bars) == 2


def test_encodings() -> None:
    text = "(title Às três) (composer Antônio)\r\nC | F |\r\nc4 d4\r\n"
    wanted = leadsheet.parse(text)
    assert wanted.title == "Às três"
    for data in (
        text.encode(),
        b"\xef\xbb\xbf" + text.encode(),
        text.encode("latin-1"),
        text.encode("utf-16"),
        text.replace("\r\n", "\r").encode(),
    ):
        assert leadsheet.parse(data) == wanted


# Errors ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "neither chords nor notes"),
        ("(title Nothing)", "neither chords nor notes"),
        ("(title Open", "never closed"),
        ("C | (section (style", "never closed"),
        ("C | ]", "neither a chord"),
        ("C | % | F", "bar 2: Impro-Visor has no %; write /"),
        ("C | h8", "bar 2: 'h8' is neither"),
        ("C | 1234", "neither a chord"),
        ("C | c4x", "not a note"),
        ("C | cbb4", "not a note"),
        ("C | c4/0", "not a note"),
        ("C | r+4", "not a note"),
        ("C | c" + "9" * 5000, "not a note"),
        ("C | vv", "not a volume"),
        ("C | c" + "+" * 50 + "4", "range"),
        ("C | c" + "-" * 5000 + "4", "range"),
        ("(meter 4 5) C", "not a meter"),
        ("(meter 0 4) C", "not a meter"),
        ("(meter) C", "not a meter"),
        ("(key 900) C", "does not exist"),
        ("C " * 97, "97 chords"),
        ("\0\1\2", "not a text file"),
        ("|" * 20_000, "neither"),
        ("C " + "|" * 20_000, "10,000 bars"),
        ("c1 " * 10_001, "10,000 bars"),
        ("() " * 200_001, "200,000 words"),
    ],
)
def test_bad_sheets(text: str, words: str) -> None:
    with pytest.raises(FormatError, match=re.escape(words)) as caught:
        leadsheet.parse(text, "bad.ls")
    assert str(caught.value).startswith("bad.ls")
    assert len(str(caught.value)) < 200
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("sign", ["(", ")", "()", "(a ", "[", "|", "c8 ", "C ", "/* ", "(x)", "+"])
def test_ten_megabytes_are_answered_at_once(sign: str, tmp_path: Path) -> None:
    path = tmp_path / "huge.ls"
    path.write_text(sign * (10_000_000 // len(sign)))
    start = time.process_time()
    with pytest.raises(FileError, match="4 MiB"):
        charts.read(path)
    with pytest.raises(FormatError, match="4 MiB"):
        leadsheet.parse(path.read_bytes())
    try:
        leadsheet.parse(sign * (leadsheet.MOST_BYTES // len(sign)))
    except SidemanError as error:
        expect_sentence(error)
    assert time.process_time() - start < 10


def test_missing_files(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"absent\.ls: cannot be read"):
        charts.read(tmp_path / "absent.ls")


def test_writing_to_a_file(tmp_path: Path) -> None:
    sheet = songbook.load("happy-birthday")
    charts.write(tmp_path / "new" / "tune.ls", sheet)
    assert charts.read(tmp_path / "new" / "tune.ls") == sheet


# Losses ------------------------------------------------------------------------------------------


def test_losses() -> None:
    changes = Changes((Bar((ChordChange(0, Chord.parse("C")),)),))
    low, high = Note(0, 24, 60), Note(0, 24, 64)
    assert leadsheet.losses(LeadSheet("A", changes, parts=(Part("", (low,)),))) == ()
    sheet = LeadSheet(
        "A",
        Changes((Bar((ChordChange(0, Chord.parse("Cmaj7sus2")),)),)),
        parts=(
            Part("", (low, high, replace(low, onset=24, name=PitchName.parse("Dbb")))),
            Part("", (low,), percussion=True),
        ),
    )
    assert leadsheet.losses(sheet) == (
        *("drum parts", "notes that sound together", "double sharps and flats"),
        "the chords Cmaj7sus2",
    )
    read = leadsheet.parse(leadsheet.dumps(sheet))
    assert [note.pitch for note in read.melody] == [64, 60]


def test_what_the_format_does_not_know_is_refused() -> None:
    with pytest.raises(MusicError, match="bar 2: the meter changes to 3/4"):
        leadsheet.dumps(LeadSheet("A", Changes((Bar(), Bar(meter=Meter(3, 4))))))
    with pytest.raises(MusicError, match="no bars"):
        leadsheet.dumps(LeadSheet("A", Changes(())))


def test_texts_keep_their_brackets() -> None:
    for title in ("(I Love) You", "Smile :)", "((", ")(", "a ( b", "x" * 300, "// no", "(" * 90):
        sheet = LeadSheet(title, Changes((Bar((ChordChange(0, Chord.parse("C")),)),)))
        read = leadsheet.parse(leadsheet.dumps(sheet))
        assert read.title == title or set("()") & set(title)
        assert len(read.changes.bars) == 1
        assert leadsheet.parse(leadsheet.dumps(read)) == read
    sheet = LeadSheet("(I Love) You", sheet.changes)
    assert leadsheet.parse(leadsheet.dumps(sheet)).title == "(I Love) You"


# Properties --------------------------------------------------------------------------------------

SYMBOLS = ["C", "Dm7", "G7b9", "F#m7b5", "Bbmaj7", "Eb7#11", "Ab6/9", "Co7", "A7sus4", "E/G#"]
CHORDS = st.one_of(st.sampled_from(SYMBOLS).map(Chord.parse), st.just(NO_CHORD))
TEXTS = st.text("abcxyz ABÉ'.,-1", max_size=12).map(lambda text: " ".join(text.split()))
METERS = st.sampled_from([Meter(4, 4), Meter(3, 4), Meter(6, 8), Meter(5, 4), Meter(2, 2)])


@st.composite
def bars(draw: st.DrawFn, meter: Meter) -> Bar:
    onsets = sorted(draw(st.sets(st.integers(0, meter.ticks_per_bar - 1), max_size=4)))
    return Bar(
        tuple(ChordChange(onset, draw(CHORDS)) for onset in onsets),
        meter,
        draw(st.sampled_from([None, None, None, "A", "B", "Coda 2"])),
    )


@st.composite
def lines(draw: st.DrawFn, start: int, end: int, key: Key) -> tuple[Note, ...]:
    notes: list[Note] = []
    now = start
    for rest, length, pitch, loud in draw(
        st.lists(
            st.tuples(
                st.integers(0, 60), st.integers(1, 120), st.integers(0, 127), st.integers(1, 127)
            ),
            max_size=12,
        )
    ):
        onset = now + rest
        if onset + length > end:
            break
        name = key.spell(pitch).name
        name = name if abs(name.alter) < 2 else name.simplest()
        notes.append(Note(onset, length, pitch, loud, name))
        now = onset + length
    return tuple(notes)


MODES = st.sampled_from([(False, True), (True, True), (False, False)])


@st.composite
def sheets(draw: st.DrawFn) -> LeadSheet:
    meter = draw(METERS)
    form = Changes(tuple(draw(st.lists(bars(meter), min_size=1, max_size=9))))
    key = Key(draw(st.integers(-7, 7)), *draw(MODES))
    pickup = draw(st.sampled_from([0, 0, -24, -100]))
    end = form.length + 2 * meter.ticks_per_bar
    parts = [
        Part(draw(TEXTS), draw(lines(pickup, end, key)), draw(st.integers(0, 127)))
        for _ in range(draw(st.integers(0, 3)))
    ]
    return LeadSheet(
        draw(TEXTS) or "T",
        form,
        draw(TEXTS),
        tuple(parts) if any(part.notes for part in parts) else (),
        key,
        draw(st.sampled_from([None, 60.0, 132.5])),
        draw(st.sampled_from(["", "swing", "bossa nova"])),
    )


@settings(deadline=None, max_examples=150, derandomize=True)
@given(sheets())
def test_any_sheet_goes_round(sheet: LeadSheet) -> None:
    assert leadsheet.losses(sheet) == ()
    text = leadsheet.dumps(sheet)
    assert leadsheet.parse(text) == sheet
    assert leadsheet.parse(text.encode()) == sheet


@settings(deadline=None, max_examples=300, derandomize=True)
@given(st.integers(1, 20_000))
def test_every_length_can_be_written(ticks: int) -> None:
    note = Note(0, ticks, 60, name=PitchName(0))
    form = Changes((Bar((ChordChange(0, Chord.parse("C")),)),))
    sheet = LeadSheet("T", form, parts=(Part("", (note,)),))
    assert leadsheet.parse(leadsheet.dumps(sheet)).melody == (note,)


VOCABULARY = r"""
( ) | / , [ ] C F7 NC Cqq c8 r4 eb+8/3 v90 (title (meter 4 4) (key -3) (part (type melody))
(section (style swing)) (pickup 1) (transpose 7) // /* */ c4+ c8/0 x 9 é C( C(b9) D\F F13_ ||
"""
WORDS = st.sampled_from([*VOCABULARY.split(), "\n", "\0"])


@settings(deadline=None, max_examples=400, derandomize=True)
@given(st.lists(WORDS, max_size=40).map(" ".join))
def test_any_words_give_a_sheet_or_a_sentence(text: str) -> None:
    try:
        sheet = leadsheet.parse(text)
        read = leadsheet.parse(leadsheet.dumps(sheet))
        assert read == sheet or leadsheet.losses(sheet)
    except SidemanError as error:
        expect_sentence(error)


@settings(deadline=None, max_examples=300, derandomize=True)
@given(st.binary(max_size=300))
def test_any_bytes_give_a_sheet_or_a_sentence(data: bytes) -> None:
    try:
        leadsheet.parse(data)
    except SidemanError as error:
        expect_sentence(error)


SEED = leadsheet.dumps(songbook.load("greensleeves")).encode()


@settings(deadline=None, max_examples=400, derandomize=True)
@given(
    st.lists(
        st.tuples(st.integers(0, len(SEED) - 1), st.integers(0, 40), st.binary(max_size=4)),
        min_size=1,
        max_size=6,
    )
)
def test_mutants_give_a_sheet_or_a_sentence(cuts: list[tuple[int, int, bytes]]) -> None:
    data = SEED
    for place, length, new in cuts:
        data = data[:place] + new + data[place + length :]
    try:
        sheet = leadsheet.parse(data)
        leadsheet.dumps(sheet)
    except SidemanError as error:
        expect_sentence(error)
