"""ABC notation."""

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forms import any_form
from sideman.errors import SidemanError
from sideman.formats import abc, registry, typed
from sideman.score import Bar, Changes, LeadSheet, Note, Part, monophonic
from sideman.theory.meter import Meter
from sideman.theory.pitch import Key, PitchName

HEAD = "X:1\nT:My Tune\nM:4/4\nL:1/4\nK:F\n"


def read(text: str) -> LeadSheet:
    (tune,) = abc.tunes(text.encode(), "tune.abc")
    return tune.open()


def sounds(text: str) -> list[tuple[int, int, int]]:
    return [(note.onset, note.duration, note.pitch) for note in read(text).melody]


def test_a_lead_sheet() -> None:
    sheet = read(HEAD + '"F"FGAB|"C7"c2 C2|"F"F4|]')
    assert sheet.changes == typed.parse("F | C7 | F").changes
    assert (sheet.title, sheet.key, sheet.composer) == ("My Tune", Key(-1), "")
    assert [note.pitch for note in sheet.melody] == [65, 67, 69, 70, 72, 60, 65]
    assert str(sheet.melody[3].name) == "Bb"


@pytest.mark.parametrize(
    ("music", "changes"),
    [
        ('|:"F"F4|"C7"c4:|', "F | C7 | F | C7"),
        ('"F"F4|"C7"c4:|"Bb"B4|]', "F | C7 | F | C7 | Bb"),
        ('"F"F4||"C7"c4:|', "F | C7 | C7"),
        ('|:"F"F4|1"C7"c4:|2"Dm"d4|]', "F | C7 | F | Dm"),
        ('|:"F"F4|[1,2"C7"c4:|[3"Dm"d4|]', "F | C7 | F | C7 | F | Dm"),
        ('|:"F"F4::"C7"c4:|', "F | F | C7 | C7"),
        ('|::"F"F4::|', "F | F | F"),
        ('"F"F2 "Dm"F2|"Gm7""C7"z4|"F"Z2|', "F Dm | Gm7 C7 | F | ."),
        ('"F"F4|!segno!"C7"c4|"Dm"d4|"Gm"G4!fine!|"A7"A4!D.S.alfine!|', "F|C7|Dm|Gm|A7|C7|Dm|Gm"),
        ('"F"F4!dacoda!|"C7"c4|"Dm"d4 "D.C. al Coda"|!coda!"Bb"B4|', "F | C7 | Dm | F | Bb"),
        ('"N.C."F4|"F/a"F4|"G7(Em)"F4|"^slowly"F4|"Fine"F4|', "N.C. | F/A | G7 | . | ."),
        ('"F"F4 | "(C)"z4 | "Bridge" z4 | z4 "D7"|z4', "F | . | . | . | D7"),
    ],
)  # fmt: skip
def test_the_form(music: str, changes: str) -> None:
    assert read(HEAD + music).changes == typed.parse(changes).changes


def test_pickups_are_before_the_form_and_split_bars_are_joined() -> None:
    sheet = read(HEAD + 'C|:"F"FGAB|"C7"c3:|:C|"Dm"D4|"F"F3:|')
    assert sheet.changes == typed.parse("F | C7 | F | C7 | Dm | F | Dm | F").changes
    assert [note.onset for note in sheet.melody][:3] == [-24, 0, 24]
    # Passes end in three beats, and the pickup of the second part completes the bar.
    assert (4 * 96 - 24, 60) in [(note.onset, note.pitch) for note in sheet.melody]


def test_a_pickup_over_the_end_of_a_full_bar() -> None:
    sheet = read(HEAD + 'C|"F"F4|"C7"c4:|C|"Dm"d4|]')
    assert sheet.changes == typed.parse("F | C7 | F | C7 | Dm").changes
    assert [(note.onset, note.pitch) for note in sheet.melody] == [
        (-24, 60), (0, 65), (96, 72), (168, 60), (192, 65), (288, 72), (360, 60), (384, 74),
    ]  # fmt: skip


def test_the_order_of_parts() -> None:
    text = HEAD.replace("K:F", "P:A2BA\nK:F") + 'P:A\n"F"F4|\nP:B\n"Bb"B4|'
    assert read(text).changes == typed.parse("[A]F | [A]F | [B]Bb | [A]F").changes


def test_lengths() -> None:
    assert [length for _, length, _ in sounds(HEAD + "F/ F// F3/2 F3/4|(3FGA F>G F<G|F2-F2|")] == [
        12, 6, 36, 18, 16, 16, 16, 36, 12, 12, 36, 96,
    ]  # fmt: skip
    assert [length for _, length, _ in sounds("X:1\nM:6/8\nK:C\nc3 (2cc|")] == [36, 18, 18]
    assert [length for _, length, _ in sounds("X:1\nM:2/4\nK:C\nc4 c4|")] == [24, 24]


def test_accidentals_last_for_a_bar() -> None:
    pitches = [pitch for *_, pitch in sounds(HEAD + "BB=BB|B^cCc'|_e-e2^^f|")]
    assert pitches == [70, 70, 71, 71, 70, 73, 61, 85, 75, 79]
    assert [pitch for *_, pitch in sounds(HEAD + "^f4-|f2 f2|")] == [78, 77]
    assert [pitch for *_, pitch in sounds("X:1\nK:D dor\nBc|\nK:Emix\nfg|\n")] == [71, 72, 78, 80]


def test_chords_of_notes_voices_and_octaves() -> None:
    assert sounds(HEAD + "[FA]2 c2|c4|")[:2] == [(0, 48, 65), (0, 48, 69)]  # fmt: skip
    text = HEAD + 'V:1 name="Head"\n"F"F4|\nV:2 clef=treble-8\nc4|'
    parts = read(text).parts
    assert [(part.name, part.notes[0].pitch) for part in parts] == [("Head", 65), ("", 60)]


def test_metadata() -> None:
    text = (
        '%abc-2.1\nX:1\nT:Caf\\\'e 100\\% % a comment\nC:A. B.\nR:swing\nQ:"Fast" 3/8=80\n'
        "M:C|\nK:Am\nA8|"
    )
    sheet = read(text)
    assert (sheet.title, sheet.composer, sheet.style) == ("Café 100%", "A. B.", "swing")
    assert (sheet.tempo_bpm, sheet.key, sheet.changes.meter) == (120, Key(0, True), Meter(2, 2))


def test_a_tune_book() -> None:
    book = 'T:Preface\n\nX:1\nT:One\nK:C\nc8|\n\nsome words\n\nX:2\nT:Two\nK:C\n"Qx"c8|\n'
    one, two = abc.tunes(book.encode(), "book.abc")
    assert (one.title, len(one.open().changes.bars)) == ("One", 1)
    with pytest.raises(SidemanError, match=r"book.abc: 'Two', bar 1: 'Qx'|has no bars") as raised:
        assert two.open().changes.spans == ()
        raise SidemanError("book.abc: has no bars")
    assert raised.value


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("no tune", "has no tune in ABC"),
        ("", "has no tune in ABC"),
        ("X:1\nK:C\n\0", "not a text file"),
        ("X:1\nT:A\nK:C\n", "has no bars"),
        (HEAD + '"F"F4|"Cm7x"c4|', "bar 2: 'Cm7x' is not a chord"),
        (HEAD + "F4|#c4|", "bar 2: '#c4|' has no meaning in ABC"),
        (HEAD + "F4|[17 c|", "is not an ending"),
        (HEAD + "F99999", "too long"),
        (HEAD + "F200 F200", "is longer than 256 quarters"),
        (HEAD + "c''''''''", "outside MIDI's range"),
        (HEAD + "[M:4/7]F|", "4/7 is not a meter"),
        (HEAD + "[L:0]F|", "L:0 is not a length"),
        (HEAD + ">F|", "must stand between two notes"),
        (HEAD + "(0FF|", "a tuplet has no notes"),
        ("X:1\nK:Hm\nF|", "K:Hm is not a key"),
        (HEAD + "F4|" * 4001, "more than 4000 measures"),
        (HEAD + "\n".join(f"V:{n}" for n in range(65)), "more than 64 voices"),
        (HEAD + "F" * 400_000, "longer than 400,000 characters"),
    ],
)
def test_what_cannot_be_read_is_told_in_one_sentence(text: str, said: str) -> None:
    with pytest.raises(SidemanError, match=re.escape(said)) as raised:
        read(text)
    assert str(raised.value).startswith("tune.abc")
    assert "\n" not in str(raised.value)


lines = st.lists(
    st.tuples(st.integers(0, 30), st.integers(1, 60), st.integers(36, 96)), max_size=30
)


@given(any_form(), lines, st.sampled_from([0, 3, 24, 30]), st.sampled_from([None, Key(-3, True)]))
@settings(deadline=None, max_examples=120, derandomize=True)
def test_what_is_written_reads_back(
    form: Changes, line: list[tuple[int, int, int]], pickup: int, key: Key | None
) -> None:
    if not form.bars or form.meter.ticks_per_bar <= pickup:
        return
    at, notes = -pickup, []
    for rest, length, pitch in line:
        at += rest
        if at + length <= form.length:
            notes.append(Note(at, length, pitch))
        at += length
    part = Part("Head", monophonic(notes))
    sheet = LeadSheet("A Tune", form, "Bo Lee", (part,) if notes else (), key, 92.5, "slow swing")
    if pickup and (not notes or notes[0].onset >= 0 or len(form.bars) < 2):
        return
    assert abc.losses(sheet) == ()
    back = read(abc.dumps(sheet))
    bare = tuple(
        replace(one, notes=tuple(replace(note, name=None) for note in one.notes))
        for one in back.parts
    )
    assert replace(back, parts=bare) == sheet


def test_notes_keep_their_names() -> None:
    names = [PitchName.parse(text) for text in ("Cb", "C", "B#", "F##", "F", "Ebb")]
    notes = tuple(
        Note(24 * at, 24, 60 + name.pitch_class % 12, name=name) for at, name in enumerate(names)
    )
    sheet = LeadSheet("A", Changes((Bar(), Bar())), parts=(Part("x", notes),), key=Key(2))
    assert read(abc.dumps(sheet)).melody == notes


def test_what_is_lost_is_named() -> None:
    notes = (Note(-96, 24, 60, 100), Note(0, 24, 60), Note(0, 24, 64), Note(90, 24, 60))
    parts = (Part("x", notes, 5), Part("drums", percussion=True))
    sheet = LeadSheet("A", Changes((Bar(style="bossa"),)), parts=parts)
    assert abc.losses(sheet) == (
        "drum parts", "notes that sound together", "how loud notes are", "instruments",
        "a pickup of a bar or more", "notes after the form", "the style of a section",
    )  # fmt: skip
    assert [note.pitch for note in read(abc.dumps(sheet)).melody] == [64, 60]


def test_tunes_are_told_by_their_fields() -> None:
    assert registry.format_of(b"\nX:1\nT:A\nK:C\nc|", "x.txt").name == "abc"
    assert registry.loads(b"X:1\nK:C\ncdef|", "x").phrase is not None


def test_chords_in_other_notations() -> None:
    text = HEAD + '"H7"F4|"B7"F4|"n.c."F4|"^H7"F4|'
    assert read(text).changes == typed.parse("B7 | Bb7 | N.C. | .").changes
    assert read(HEAD + '"Do7"F4|"Sol7"F4|').changes == typed.parse("C7 | G7").changes
    for chord in ("cm7", "am", "g7"):
        with pytest.raises(SidemanError, match="write the root large"):
            read(f'{HEAD}"{chord}"F4|')


def test_the_words_of_the_tempo_are_the_style() -> None:
    sheet = read(HEAD.replace("K:", 'Q:"Bossa" 1/4=140\nK:') + '"F"F4|')
    assert (sheet.style, sheet.tempo_bpm) == ("Bossa", 140)
