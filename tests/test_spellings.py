"""Chords as they are spelled elsewhere, and text charts with a header."""

from __future__ import annotations

import pytest

from sideman.errors import ChordError, FormatError, SidemanError
from sideman.formats import words
from sideman.formats.typed import parse
from sideman.library import charts
from sideman.theory.chord import Chord
from sideman.theory.chord.context import Notation
from sideman.theory.pitch import Key


def shown(text: str) -> str:
    return " | ".join(
        " ".join(
            change.chord.symbol + (f"@{change.onset / 24:g}" if change.onset else "")
            for change in bar.chords
        )
        for bar in parse(text).changes.bars
    )


@pytest.mark.parametrize(
    ("spelled", "read"),
    [
        # Brazilian: signs after the numbers.
        ("C7(5-)", "C7b5"), ("C7(9-)", "C7b9"), ("C7(5+)", "C7#5"), ("C7(9+)", "C7#9"),
        ("C7(11+)", "C7#11"), ("C7(13-)", "C7b13"), ("C7(5-,9-)", "C7b5b9"), ("C7/9-", "C7b9"),
        ("Cm7(5-)", "Cm7b5"), ("C7M", "Cmaj7"), ("C7M(5+)", "Cmaj7#5"), ("C7M(9)", "Cmaj9"),
        ("Cm(7M)", "Cm(maj7)"), ("C7(4)", "C7sus4"), ("C7/4", "C7sus4"), ("C4/7", "C7sus4"),
        ("C7(4/9)", "C9sus4"), ("C5+", "C+"), ("C(5-)", "C(b5)"), ("C6(9)", "C6/9"),
        # A nought for the diminished sign.
        ("D07", "Ddim7"), ("F#07", "F#dim7"), ("G0", "Gdim"), ("Bb07/F", "Bbdim7/F"),
        # Latin.
        ("Sol7", "G7"), ("Re-7", "Dm7"), ("Mi7", "E7"), ("Fa7M", "Fmaj7"), ("La-/Sol", "Am/G"),
        ("Sib7", "Bb7"), ("Reb7M", "Dbmaj7"), ("Sol#m7(5-)", "G#m7b5"), ("Dom7", "Cm7"),
        ("DO7", "C7"), ("Ré7", "D7"), ("Dob7", "Cb7"), ("Mim7/Si", "Em7/B"), ("Faug", "F+"),
        # German.
        ("H7", "B7"), ("Hm7b5", "Bm7b5"), ("Es7", "Eb7"), ("As", "Ab"), ("Asus4", "Asus4"),
        ("Fism7", "F#m7"), ("Des7", "Db7"), ("E/Gis", "E/G#"), ("Am7/H", "Am7/B"), ("Hb7", "Bb7"),
        ("Bes7", "Bb7"),
        # Harte.
        ("F:min7", "Fm7"), ("C:maj", "C"), ("C:maj/3", "C/E"), ("Bb:7/b7", "Bb7/Ab"),
        ("F#:hdim7", "F#m7b5"), ("A:sus4(b7)", "A7sus4"), ("C:9", "C9"), ("G:7(b9,13)", "G13b9"),
        ("Eb:minmaj7", "Ebm(maj7)"), ("D:(b3,5)", "Dm"),
        # No chord.
        ("N/C", "N.C."), ("(N.C.)", "N.C."), ("n/c", "N.C."), ("N.C", "N.C."),
    ],
)  # fmt: skip
def test_other_spellings(spelled: str, read: str) -> None:
    assert Chord.parse(spelled).symbol == read
    assert shown(f"| {spelled} | {spelled} |") == f"{read} | {read}"


@pytest.mark.parametrize(
    ("symbol", "cure"),
    [
        ("Do7", "write C7 or Ddim7"),
        ("Do", "write C or Ddim"),
        ("cm7", "write the root large, Cm7"),
        ("bbmaj7", "write the root large, Bbmaj7"),
        ("f7", "write the root large, F7"),
        ("sol7", "write the root large, Sol7"),
        ("h7", "write the root large, H7"),
        ("C-+7", r"write Cm\(maj7\) or Cm7#5"),
        ("Gm+7", r"write Gm\(maj7\) or Gm7#5"),
        ("Sol7+", "is not a chord symbol"),
        ("C:7(*3)", "is not a chord symbol"),
        ("IIm7", "name the key above the bars"),
        ("5", "name the key above the bars"),
        ("V7/V", "name the key above the bars"),
    ],
)
def test_what_is_ambiguous_is_refused_with_the_cure(symbol: str, cure: str) -> None:
    with pytest.raises(ChordError, match=rf"tune, bar 2: .*{cure}"):
        parse(f"| Am7 | {symbol} |", "tune")


@pytest.mark.parametrize("dialect", ["ireal", "impro-visor", "weimar"])
def test_programs_write_d_diminished_with_an_o(dialect: str) -> None:
    assert Chord.parse("Do7", dialect).symbol == "Ddim7"
    assert Chord.parse(Chord.parse("Ddim7").format(dialect), dialect).symbol == "Ddim7"


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("| Do7 | Fa7 | Sol7 | La7 |", "C7 | F7 | G7 | A7"),
        ("| Do | La- | Re-7 | Sol7 Do |", "C | Am | Dm7 | G7 C@2"),
        ("| H7 | B7 | Es | As7 |", "B7 | Bb7 | Eb | Ab7"),
        ("| Es | As7 | Fm | Bb7 |", "Eb | Ab7 | Fm | Bb7"),
        ("| C:maj7 | A:min7 | D:min7 G:7 |", "Cmaj7 | Am7 | Dm7 G7@2"),
        ("A: | C:maj | F:maj |", "C | F"),
    ],
)
def test_the_other_chords_of_a_text_decide(text: str, read: str) -> None:
    assert shown(text) == read


@pytest.mark.parametrize(
    "text",
    ["| Do7 | Do7 | Do | Do7 |", "| Cmaj7 | Do7 | Em7 |", "| Do7 | La7 | C7 |", "| Es | B7 |",
     "| H7 | Bb7 | B7 |"],
)  # fmt: skip
def test_texts_that_do_not_decide_are_refused(text: str) -> None:
    with pytest.raises(ChordError, match=r"ambiguous|may stand"):
        parse(text)


@pytest.mark.parametrize(
    ("key", "text", "read"),
    [
        ("Bb", "| IIm7 | V7 | Imaj7 | VIm7 |", "Cm7 | F7 | Bbmaj7 | Gm7"),
        ("C", "| ii7 | V7 | Imaj7 | vi |", "Dm7 | G7 | Cmaj7 | Am"),
        ("Eb", "| bVII7 | #IVo7 | viiø7 | iv6 |", "Db7 | Adim7 | Dm7b5 | Abm6"),
        ("G", "| 1 | 4 | 57 | 6- 2-7 |", "G | C | D7 | Em Am7@2"),
        ("C minor", "| i | iv7 | V7 | bVI7 |", "Cm | Fm7 | G7 | Ab7"),
    ],
)
def test_degrees_in_a_named_key(key: str, text: str, read: str) -> None:
    assert shown(f"Key: {key}\n{text}") == read
    with pytest.raises(ChordError, match="name the key"):
        parse(text)


def test_degrees_that_are_not_certain() -> None:
    with pytest.raises(ChordError, match="in a minor key; write bVI"):
        parse("Key: Am\n| i | VI |")
    with pytest.raises(ChordError, match="a bass or another key"):
        parse("Key: C\n| V7/V | V7 |")
    with pytest.raises(ChordError, match="not a degree with a chord"):
        Notation.of(["I"], Key(0)).parse("Iwonderful")


@pytest.mark.parametrize(
    ("text", "read", "notices"),
    [
        ("| C7 (Gb7) | F7 |", "C7 | F7", 1),
        ("| C7 (Gb7 F7) | F7 (B7) |", "C7 | F7", 2),
        ("| C7 | (Dm7 G7) |", "C7 | Dm7 G7@2", 0),
        ("| C7 | (Dm7) (G7) |", "C7 | Dm7 G7@2", 0),
        ("| C7(b9) | F7 |", "C7b9 | F7", 0),
    ],
)
def test_chords_in_brackets(text: str, read: str, notices: int) -> None:
    assert shown(text) == read
    found = parse(text, "tune").notices
    assert len(found) == notices
    assert all("tune, bar" in notice for notice in found)
    with pytest.raises(ChordError, match="'Qb7'"):
        parse("| C7 | (Qb7) |")


def test_a_chord_in_square_brackets_is_no_label() -> None:
    with pytest.raises(FormatError, match=r"bar 1: \[F7\] is a chord"):
        parse("| Cm7 [F7] | Bb |")
    assert [bar.section for bar in parse("[A2] C | [B] F").changes.bars] == ["A2", "B"]


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("Dm7 G7 Cmaj7", "| Dm7 | G7 | Cmaj7 |"),
        ("C A7 Dm7 G7\n", "| C | A7 | Dm7 | G7 |"),
        ("Dm7 G7\nCmaj7 A7", "| Dm7 | G7 |"),
        ("Do7 Fa7", "| Do7 | Fa7 |"),
        ("C F " * 20, "| C | F | C | F | C | F | C | F | …"),
    ],
)
def test_text_without_bar_lines_is_offered_with_them(text: str, offered: str) -> None:
    with pytest.raises(FormatError) as caught:
        parse(text, "tune")
    assert offered in str(caught.value)
    assert caught.value.problems[0].nearest[0] == offered
    assert caught.value.field == "changes"


def test_chords_as_a_tune_are_offered_with_bar_lines() -> None:
    with pytest.raises(FormatError, match=r"'\| Dm7 \| G7 \| Cmaj7 \|'"):
        charts.find("Dm7 G7 Cmaj7")
    with pytest.raises(SidemanError, match="songbook"):
        charts.find("A Foggy Day")


@pytest.mark.parametrize("text", ["C . . F", "F7\nBb7\nF7", "C", "3/4 C F", "C / F /", "G - - -"])
def test_one_chord_a_line_and_beats_need_no_bar_lines(text: str) -> None:
    assert parse(text).changes.bars


HEADERS = [
    "Title: My Tune\nKey: Bb\nTempo: 120\nStyle: Bossa Nova\nComposer: A. Nobody\n\n",
    "title = My Tune\nkey = Bb\ntempo = 120\nstyle = Bossa Nova\nby: A. Nobody\n",
    "[Title My Tune]\n[Key Bb] [Tempo 120]\n[Style Bossa Nova]\n[Composer A. Nobody]\n",
    "[Title] My Tune\n[Key] Bb\n[Tempo] 120\n[Style] Bossa Nova\n[Composer] A. Nobody\n",
    "Title: My Tune\tKey: Bb\tTempo: 120\nStyle: Bossa Nova;  ComposedBy: A. Nobody\n",
    "My Tune\nComposed by: A. Nobody\nKey: Bb major   BPM: 120\nFeel: Bossa Nova\n",
    "My Tune\nBossa Nova\nIn the key of Bb\nby: A. Nobody\nTempo = 120\n",
]


@pytest.mark.parametrize("header", HEADERS)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_headers(header: str, end: str) -> None:
    text = (header + "| Cm7 | F7 | Bbmaj7 | % |\n").replace("\n", end)
    sheet = parse(text.encode(), "tune")
    assert (sheet.title, sheet.composer, sheet.style) == ("My Tune", "A. Nobody", "Bossa Nova")
    assert (sheet.key, sheet.tempo_bpm) == (Key(-2), 120)
    assert shown(text) == "Cm7 | F7 | Bbmaj7 | Bbmaj7"
    assert not sheet.notices


@pytest.mark.parametrize(
    ("line", "key"),
    [("G", Key(1)), ("Gm", Key(-2, True)), ("G minor", Key(-2, True)), ("F# moll", Key(3, True)),
     ("E flat major", Key(-3)), ("C-", Key(-3, True)), ("Bb Dur", Key(-2)), ("EbM", Key(-3)),
     ("D dorian", None)],
)  # fmt: skip
def test_keys_in_headers(line: str, key: Key | None) -> None:
    sheet = parse(f"Key: {line}\n| C |")
    assert sheet.key == key
    assert len(sheet.notices) == (key is None)


def test_the_header_of_a_corpus() -> None:
    text = """Title = My Tune
ComposedBy = A. Nobody
DBKeySig = G
TimeSig = 3 4
Bars = 4
 G | C7 | G G A7 | D7 |
"""
    sheet = parse(text, "x")
    assert (sheet.title, sheet.composer, sheet.key) == ("My Tune", "A. Nobody", Key(1))
    assert str(sheet.changes.meter) == "3/4"
    assert shown(text) == "G | C7 | G A7@2 | D7"
    assert not sheet.notices
    with pytest.raises(ChordError, match="'Do7' is ambiguous; write C7 or Ddim7"):
        parse(text.replace("C7 |", "Do7 |"))
    (notice,) = parse(text.replace("Bars = 4", "Bars = 5"), "x").notices
    assert "says 5 bars, but there are 4" in notice


def test_lines_of_a_header_that_are_left_out_are_named() -> None:
    sheet = parse("Title: T\nYear: 1959\nRating = 5\nTempo: 9999\nStyle: Swing 140 bpm\n| C |", "x")
    assert (sheet.style, sheet.tempo_bpm) == ("Swing 140 bpm", 140)
    assert [notice.split("'")[1] for notice in sheet.notices] == [
        "Year: 1959", "Rating: 5", "tempo: 9999"
    ]  # fmt: skip
    assert parse("Tempo: Medium Swing\n| C |").style == "Medium Swing"
    with pytest.raises(FormatError, match="the meter: '4'"):
        parse("Time: 4\n| C |")


def test_plain_lines_above_the_bars() -> None:
    sheet = parse("Blues in F\nMedium Swing 140\n# from memory\n| F7 | Bb7 |", "x")
    assert (sheet.title, sheet.style, sheet.tempo_bpm) == ("Blues in F", "Medium Swing 140", 140)
    assert "from memory" in sheet.notices[0]
    assert shown("| N/C. | C7 | n/c | NC. |") == "N.C. | C7 | N.C. | N.C."


@pytest.mark.parametrize("text", ["Cmqj7\n| C |", "A: Blue Bossa\n| C |"])
def test_mistakes_above_the_bars_are_no_title(text: str) -> None:
    with pytest.raises(ChordError):
        parse(text)


def test_bar_numbers_before_the_lines() -> None:
    assert shown("1: C | F |\n3: G7 | C |") == "C | F | G7 | C"
    assert shown(" 1 | C | F |\n 3 | G7 | C |") == "C | F | G7 | C"
    assert shown("Key: C\n1 | 4 |\n5 | 1 |") == "C | F | G | C"


def test_a_repeated_bar_begins_with_the_chord_that_sounded_there() -> None:
    assert shown("| C | . . F . | % |") == "C | F@2 | C F@2"
    assert shown("| C | . | F | %% |") == "C |  | F | C | F"


def test_words_that_name_a_style_or_a_tempo() -> None:
    said = (
        "(Medium Up Swing)",
        "Bossa Nova q=120",
        "with mute",
        "Blue Bossa",
        "Med. Swing ♩ = 160",
    )
    assert [words.style_in(text) for text in said] == [
        "Medium Up Swing", "Bossa Nova", "", "Blue Bossa", "Med. Swing"
    ]  # fmt: skip
    assert [bool(words.style_in(text, only=True)) for text in said] == [
        True,
        True,
        False,
        False,
        True,
    ]
    assert [words.tempo_in(text) for text in (*said, "93BPM Rock", "Bpm: 70", "q = 9")] == [
        None, 120, None, None, 160, 93, 70, None
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "key", "tempo"),
    [
        ("Titre: Air\nTonalité: Sib\n| Bb |", "Bb major", None),
        ("Tonart: B-Dur\nTitel: Air\n| Bb |", "Bb major", None),
        ("Titel: Air\nTonart: h-Moll\n| Bm |", "B minor", None),
        ("Título: Air\r\nTom: Mi bemol menor\r\n| Ebm |", "Eb minor", None),
        ("Key - F#m\nTempo 96\nTitle: Air\n| F#m |", "F# minor", 96),
        ("Title: Air Key: Am  Tempo: half = 90\n| Am |", "A minor", 180),
        ("Air\n♩. = 60\nKey of F\n| F |", "F major", 90),
    ],
)
def test_headers_in_other_words(text: str, key: str, tempo: float | None) -> None:
    sheet = parse(text)
    assert (sheet.title, str(sheet.key), sheet.tempo_bpm) == ("Air", key, tempo)
    assert len(sheet.changes.bars) == 1


def test_a_header_or_a_bar() -> None:
    with pytest.raises(FormatError, match="may be a header or a bar"):
        parse("Vocals: Am\n| Am | E7 |")


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("A\n| C | F |\nB\n| G7 | C |", "[A] C | F | [B] G7 | C"),
        ("Intro\n| C |\nA1\n| F |\nA2\n| G7 |", "[Intro] C | [A1] F | [A2] G7"),
        ("Verse\nDm7 | G7\nChorus\nC | C", "[Verse] Dm7 | G7 | [Chorus] C | C"),
        ("C7 (alt) Fm7 (b5) | G7 (9,13) | F7 (B7)", "C7alt Fm7b5 | G13 | F7"),
    ],
)
def test_sections_and_brackets_apart(text: str, read: str) -> None:
    assert parse(text).changes == parse(f"| {read} |").changes


def test_letters_that_may_be_sections_or_chords() -> None:
    for text in ("A | C | F |\nB | G7 | C |", "(A) | C |\n(B) | F |"):
        with pytest.raises(FormatError, match="sections or chords"):
            parse(text)
    assert shown("A | C | F | G7\nA | D7 | G7 | C") == "A | C | F | G7 | A | D7 | G7 | C"


def test_a_symbol_in_two_pieces_is_named_whole() -> None:
    for text, whole in (("| C 7 |", "C7"), ("| F m7 |", "Fm7"), ("| La m |", "Lam")):
        with pytest.raises(ChordError, match=f"write {whole}") as raised:
            parse(text)
        assert raised.value.nearest == (whole,)
    with pytest.raises(ChordError, match="ambiguous"):
        parse("| Cm7+ |")


def test_fields_and_repetitions_out_of_place() -> None:
    for text in ("Key: C | C | F |", "[Key: C] | C |", "| C | Tempo: 120 | F |"):
        with pytest.raises(FormatError, match="a line of its own above the bars"):
            parse(text)
    for text, said in (
        ("AABA\nA: C | F\nB: G7 | C", "'AABA' above the bars is left out"),
        ("[A x2] C | F\n[B] G7 | C", "'A x2' repeats nothing"),
        ("[A] C | F\n[A]\n[B] G7 | C", "the section 'A' has no bars"),
    ):
        assert said in " ".join(parse(text).notices)
    assert shown("|: C |1 F :|2 G7 |") == "C | F | C | G7"
    assert shown("Key: C\n|1 |4 |57 |1 |") == "C | F | G7 | C"


@pytest.mark.parametrize(
    "text",
    [
        "Title:\tBlue Air\r\nKey:\tBb\r\n|\tBb\t|\tF7\t|",
        "Blue Air (in Bb)\n=====\nConcert key: Bb\n| Bb | F7 |",
        "[Title Blue Air]\n[Key Bb]\n| Bb | F7 |",
        "Key: Bb (sounding)\nTime: common time\nTitle: Blue Air\n| Bb | F7 |",
    ],
)
def test_headers_as_they_are_pasted(text: str) -> None:
    sheet = parse(text)
    assert sheet.title.removesuffix(" (in Bb)") == "Blue Air"
    assert (str(sheet.key), sheet.changes) == ("Bb major", parse("| Bb | F7 |").changes)


def test_text_in_utf_16() -> None:
    assert parse("Title: Été\n| CΔ |".encode("utf-16")).title == "Été"
