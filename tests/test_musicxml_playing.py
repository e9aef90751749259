"""MusicXML as other programs write it: cue slashes, codas, repeated measures, style words."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest

from commands import call
from sideman.band import styles
from sideman.band.arranging import Plan
from sideman.errors import FormatError
from sideman.formats import musicxml, words
from sideman.score import Bar, Changes, ChordChange, LeadSheet, Note, Solo
from sideman.service import improviser, portable
from sideman.theory.chord import Chord


def measure(content: str, number: int, length: int = 8) -> str:
    return f'<measure number="{number}">{content.replace("@", str(length))}</measure>'


def harmony(root: str, kind: str = "major", more: str = "") -> str:
    return f"<harmony><root><root-step>{root}</root-step></root><kind>{kind}</kind>{more}</harmony>"


def note(duration: object = "@", more: str = "", step: str = "G") -> str:
    pitch = f"<pitch><step>{step}</step><octave>5</octave></pitch>"
    head, _, tail = more.partition("|")
    return f"<note>{head}{pitch}<duration>{duration}</duration>{tail}</note>"


def direction(kind: str = "", sound: str = "") -> str:
    kinds = "".join(
        f"<direction-type><{one}/></direction-type>"
        if one in ("coda", "segno")
        else f"<direction-type><words>{one}</words></direction-type>"
        for one in filter(None, kind.split("+"))
    )
    return f"<direction>{kinds}{f'<sound {sound}/>' if sound else ''}</direction>"


def score(*measures: str, meter: str = "4/4", head: str = "", parts: int = 1) -> bytes:
    beats, unit = meter.split("/")
    attributes = (
        f"<attributes><divisions>2</divisions><time><beats>{beats}</beats>"
        f"<beat-type>{unit}</beat-type></time></attributes>"
    )
    length = 8 * int(beats) // int(unit)
    body = "".join(
        measure((attributes if number == 1 else "") + content, number, length)
        for number, content in enumerate(measures, 1)
    )
    listed = "".join(
        f'<score-part id="P{part}"><part-name>Lead</part-name></score-part>'
        for part in range(1, parts + 1)
    )
    return (
        f'<score-partwise version="4.0">{head}<part-list>{listed}</part-list>'
        f'<part id="P1">{body}</part></score-partwise>'
    ).encode()


def bars(document: bytes) -> str:
    """The chords of each bar, with their beats where not the first."""
    sheet = musicxml.parse(document, "test")
    return " | ".join(
        " ".join(
            change.chord.symbol + (f"@{change.onset // 24 + 1}" if change.onset else "")
            for change in bar.chords
        )
        for bar in sheet.changes.bars
    )


def form(*measures: str) -> str:
    """The letters of the bars as played: measure 1 has the chord A, 2 has B and so on."""
    written = [
        content.replace("*", harmony("ABCDEFG"[index]) + note())
        for index, content in enumerate(measures)
    ]
    return bars(score(*written)).replace(" | ", "")


CUE = "<cue/>|<notehead>slash</notehead>"


@pytest.mark.parametrize("head", [CUE, "<cue/>", "|<notehead>slash</notehead>"])
@pytest.mark.parametrize(
    ("meter", "lengths", "expected"),
    [
        ("4/4", (4, 2, 2), "A B@3 C@4"),
        ("4/4", (2, 4, 2), "A B@2 C@4"),
        ("4/4", (6, 2), "A B@4"),
        ("3/4", (4, 2), "A B@3"),
        ("5/4", (6, 4), "A B@4"),
    ],
)
def test_cue_notes_and_slashes_take_time_but_are_no_melody(
    meter: str, lengths: tuple[int, ...], expected: str, head: str
) -> None:
    content = "".join(
        harmony(root) + note(length, head) for root, length in zip("ABC", lengths, strict=False)
    )
    document = score(content, harmony("D") + note(), meter=meter)
    assert bars(document) == f"{expected} | D"
    (part,) = musicxml.parse(document, "x").parts
    assert len(part.notes) == 1


def test_a_melody_after_a_cue_note_begins_where_it_stands() -> None:
    document = score(
        harmony("C") + note(4, "<cue/>") + harmony("F") + note(4), harmony("C") + note()
    )
    assert bars(document) == "C F@3 | C"
    assert [one.onset for one in musicxml.parse(document, "x").melody] == [48, 96]


def test_notes_under_a_slash_region_are_no_melody() -> None:
    def slash(kind: str) -> str:
        return f'<attributes><measure-style><slash type="{kind}"/></measure-style></attributes>'

    document = score(
        slash("start") + harmony("C") + note(), harmony("F") + note(), slash("stop") + note()
    )
    assert [one.onset for one in musicxml.parse(document, "x").melody] == [192]


SEGNO, CODA = direction("segno"), direction("coda")
AL_CODA = direction("D.S. al Coda")


@pytest.mark.parametrize(
    ("measures", "played"),
    [
        # Symbols with the same sound at both places (Finale), at the start of the measures.
        ((direction("segno", 'segno="1"') + "*", "*", direction("coda", 'coda="1"') + "*",
          "*" + AL_CODA, direction("coda", 'coda="1"') + "*"), "ABCDABE"),
        # The same at the end of the measure.
        (("*", SEGNO + "*", "*" + direction("coda", 'coda="1"'), "*" + AL_CODA,
          direction("coda", 'coda="1"') + "*"), "ABCDBCE"),
        # Symbols without sounds.
        (("*", SEGNO + "*", CODA + "*", "*" + AL_CODA, CODA + "*"), "ABCDBE"),
        # Words without sounds (Sibelius), and without a symbol for the coda.
        (("*", SEGNO + "*", "*" + direction("To Coda"), "*" + AL_CODA, CODA + "*"), "ABCDBCE"),
        (("*", SEGNO + "*", "*" + direction("To Coda"), "*" + AL_CODA, direction("Coda") + "*"),
         "ABCDBCE"),
        (("*", SEGNO + "*", "*" + direction("To Coda"), "*" + AL_CODA, "*"), "ABCDBCE"),
        # Words and sounds (MuseScore, Dorico).
        (("*", direction("segno", 'segno="segno"') + "*",
          "*" + direction("To Coda", 'tocoda="codab"'),
          "*" + direction("D.S. al Coda", 'dalsegno="segno"'),
          direction("coda", 'coda="codab"') + "*"), "ABCDBCE"),
        # Sounds alone.
        (("*", direction("", 'segno="s"') + "*", "*" + direction("", 'tocoda="c"'),
          "*" + direction("", 'dalsegno="s"'), direction("", 'coda="c"') + "*"), "ABCDBCE"),
        # Words at the start of their measure are about its end.
        (("*", SEGNO + "*", direction("To Coda", 'tocoda="c"') + "*", "*" + AL_CODA, CODA + "*"),
         "ABCDBCE"),
        # Words and symbol in one direction, in two, and words with another sound.
        (("*", "*" + direction("To+coda"), "*" + direction("D.C. al+coda"), CODA + "*"), "ABCABD"),
        (("*", "*" + direction("To") + CODA, "*" + direction("D.C. al Coda"), CODA + "*"),
         "ABCABD"),
        (("*", "*" + direction("To Coda", 'coda="1"'), "*" + direction("D.C. al Coda"),
          direction("coda", 'coda="1"') + "*"), "ABCABD"),
        (("*", "*" + direction("al Coda"), "*" + direction("Da Capo al Coda"),
          direction("Coda ⊕") + "*"), "ABCABD"),
        (("*", "*" + direction("to ⊕"), "*" + direction("D. C. al ⊕"), direction("⊕") + "*"),
         "ABCABD"),
        (("*", "*" + direction("2nd x to Coda"), "*" + direction("After solos D.C. al coda"),
          direction("CODA") + "*"), "ABCABD"),
        # Every spelling of the jump.
        *(
            (("*", "*" + direction("To Coda"), "*" + direction(words), CODA + "*"), "ABCABD")
            for words in ("DC al Coda", "d.c. al coda", "Da Capo alla Coda", "D.C. e Coda",
                          "D.C. to Coda", "(D.C. al Coda)", "D.C.",
                          "Back to the top, al Coda")
        ),
        *(
            (("*", SEGNO + "*", "*" + direction("To Coda"), "*" + direction(words), CODA + "*"),
             "ABCDBCE")
            for words in ("DS al Coda", "D. S. al Coda", "Dal Segno al Coda", "d.s. al coda",
                          "D.S. al+coda", "D.S.+segno+al Coda", "D.S.", "D.𝄋. al Coda",
                          "𝄋 al Coda", "Ao 𝄋 e 𝄌", "Back to the sign, al Coda")
        ),
        # Words about a jump are no jump.
        (("*", "*" + direction("no repeat on D.C."), "*"), "ABC"),
        # Words before the double bar line of their section.
        (("*", "*" + direction("To Coda"), "*" + direction("D.C. al Coda"),
          '*<barline><bar-style>light-light</bar-style></barline>', CODA + "*"), "ABCDABE"),
        # At the start of the coda.
        (("*", "*" + direction("To Coda"), "*", direction("D.C. al Coda") + CODA + "*"), "ABCABD"),
        # Fine.
        (("*", "*" + direction("Fine"), "*" + direction("D.C. al Fine")), "ABCAB"),
        (("*", SEGNO + "*", "*" + direction("Fine", 'fine="yes"'), "*" + direction("D.S. al Fine")),
         "ABCDBC"),
        # Segno at the end of the measure before.
        (("*" + SEGNO, "*" + direction("To Coda"), "*" + AL_CODA, CODA + "*"), "ABCBD"),
        # Without a jump the coda ends the last chorus.
        (("*", "*" + direction("To Coda"), "*", CODA + "*"), "ABC"),
        (("*", "*" + CODA, "*", CODA + "*"), "ABC"),
        (("*", "*", "*<barline><bar-style>light-heavy</bar-style></barline>", CODA + "*"), "ABC"),
        (("*", "*", "*", CODA + "*"), "ABCD"),
    ],
)  # fmt: skip
def test_codas_in_every_spelling(measures: tuple[str, ...], played: str) -> None:
    assert form(*measures) == played


def test_what_a_jump_lacks_is_a_notice() -> None:
    def notices(*measures: str) -> str:
        written = (one.replace("*", harmony("C") + note()) for one in measures)
        return " ".join(musicxml.parse(score(*written), "test").notices)

    assert "no segno" in notices("*", "*" + direction("D.S."))
    assert "measure 2: no sign To Coda" in notices("*", "*" + direction("D.C. al Coda"), CODA + "*")
    assert "measure 3: only the first" in notices(
        "*", "*" + direction("D.C. al Fine"), "*" + direction("D.C. al Fine")
    )
    assert "measure 3: the coda ends the last chorus" in notices(
        "*" + direction("To Coda"), "*", CODA + "*"
    )
    assert not notices("*", SEGNO + "*" + direction("D.S."))


def test_signs_of_another_part_count() -> None:
    """Programs write the words above the first part only, the chords above any."""
    attributes = "<attributes><divisions>2</divisions></attributes>"
    tune = "".join(
        measure((attributes if number == 1 else "") + note() + sign, number)
        for number, sign in enumerate(("", direction("To Coda"), direction("D.C. al Coda"), ""), 1)
    ).replace('<measure number="4">', f'<measure number="4">{CODA}')
    chords = "".join(
        measure((attributes if number == 1 else "") + harmony(root) + note(), number)
        for number, root in enumerate("ABCD", 1)
    )
    document = (
        '<score-partwise><part-list><score-part id="P1"/><score-part id="P2"/></part-list>'
        f'<part id="P1">{tune}</part><part id="P2">{chords}</part></score-partwise>'
    )
    assert bars(document.encode()) == "A | B | C | A | B | D"


def again(kind: str, count: str = "") -> str:
    return (
        f'<attributes><measure-style><measure-repeat type="{kind}">{count}</measure-repeat>'
        "</measure-style></attributes>"
    )


REST = '<note><rest measure="yes"/><duration>@</duration></note>'


@pytest.mark.parametrize(
    ("measures", "meter", "expected", "onsets"),
    [
        ((harmony("D") + note(4) + harmony("G") + note(2), again("start", "1") + REST,
          again("stop") + harmony("C") + note()), "3/4", "D G@3 | D G@3 | C", 5),
        ((harmony("D") + note(), harmony("G") + note(), again("start", "2") + REST, REST,
          again("stop") + harmony("C") + note()), "4/4", "D | G | D | G | C", 5),
        (("*A", "*B", "*C", "*D", again("start", "4") + REST, REST, REST, REST), "4/4",
         "A | B | C | D | A | B | C | D", 8),
        # Several in a row, each with its own start, or one start for all.
        (("*A", again("start", "1") + REST, again("stop") + again("start", "1") + REST, "*B"),
         "4/4", "A | A | A | B", 4),
        (("*A", again("start", "1") + REST, REST, again("stop") + harmony("B") + note()), "4/4",
         "A | A | A | B", 4),
        # The chord that sounded there is repeated too.
        (("*A", note(), "*B", again("start", "2") + REST, REST, again("stop") + note()), "4/4",
         "A |  | B | A | B | ", 6),
        # There is nothing before it.
        ((again("start", "1") + REST, again("stop") + harmony("B") + note()), "4/4", " | B", 1),
    ],
)  # fmt: skip
def test_repeated_measures(
    measures: tuple[str, ...], meter: str, expected: str, onsets: int
) -> None:
    written = [
        harmony(content[1]) + note() if content.startswith("*") else content for content in measures
    ]
    document = score(*written, meter=meter)
    assert bars(document) == expected
    assert len(musicxml.parse(document, "x").melody) == onsets


@pytest.mark.parametrize(
    "degree",
    [
        "<function>V</function><kind>dominant</kind>",
        "<numeral><numeral-root text='V7'>5</numeral-root></numeral><kind>dominant</kind>",
    ],
)
def test_a_degree_without_a_root_is_left_out_and_named(degree: str) -> None:
    document = score(harmony("C") + note(), f"<harmony>{degree}</harmony>" + note())
    assert bars(document) == "C | "
    (notice,) = musicxml.parse(document, "test").notices
    assert "test, measure 2: the chord V" in notice


def test_an_alternative_chord_is_left_out_and_named() -> None:
    other = harmony("D").replace("<harmony>", '<harmony type="alternate">')
    document = score(harmony("C") + other + note(), harmony("F") + note())
    assert bars(document) == "C | F"
    assert "alternative chord Dmajor" in musicxml.parse(document, "x").notices[0]


@pytest.mark.parametrize(
    ("said", "style", "chosen"),
    [
        ("Ballad", "Ballad", "ballad"),
        ("Bossa Nova", "Bossa Nova", "bossa"),
        ("Medium Up Swing", "Medium Up Swing", "swing"),
        ("(Jazz Waltz)", "Jazz Waltz", "waltz"),
        ("Samba ♩ = 200", "Samba", "samba"),
        ("Fast", "Fast", "bebop"),
        ("solo", "", "swing"),
        ("with a harmon mute, as far away as you can swing it", "", "swing"),
    ],
)
def test_style_words_choose_the_style(said: str, style: str, chosen: str) -> None:
    document = score(direction(said) + harmony("C") + note(), harmony("F") + note())
    sheet = musicxml.parse(document, "x")
    assert sheet.style == style
    assert styles.matching(sheet.style).name == chosen
    later = score(*[harmony("C") + note()] * 3, direction(said) + harmony("F") + note())
    assert musicxml.parse(later, "x").style == ""
    credit = f"<credit><credit-words>{said}</credit-words></credit>"
    printed = score(harmony("C") + note(), head=f"<work><work-title>T</work-title></work>{credit}")
    assert musicxml.parse(printed, "x").style == style


def test_words_may_give_the_tempo() -> None:
    document = score(direction("Ballad ♩ = 62") + harmony("C") + note())
    assert musicxml.parse(document, "x").tempo_bpm == 62
    marked = score(direction("Ballad (q=62)", 'tempo="70"') + harmony("C") + note())
    assert musicxml.parse(marked, "x").tempo_bpm == 70


@pytest.mark.parametrize(
    ("swing", "style", "ratio"),
    [
        ("<straight/>", "Straight 8ths", 1.0),
        ("<first>1</first><second>1</second>", "Straight 8ths", 1.0),
        ("<first>2</first><second>1</second><swing-type>eighth</swing-type>", "Swing", None),
        ("<first>3</first><second>2</second>", "Swing", 1.5),
        ("<first>3</first><second>1</second><swing-type>16th</swing-type>", "", None),
    ],
)
def test_the_swing_sign(swing: str, style: str, ratio: float | None) -> None:
    sound = f"<sound><swing>{swing}</swing></sound>"
    for said in ("", "Ballad"):
        sheet = musicxml.parse(
            score((direction(said) if said else "") + sound + harmony("C") + note()), "x"
        )
        assert (sheet.style, sheet.swing) == (said or style, ratio)


@pytest.mark.parametrize("ratio", [1.0, 1.5, 3.0])
def test_a_swing_ratio_is_written(ratio: float) -> None:
    sheet = LeadSheet("T", Changes((Bar(),)), swing=ratio)
    assert musicxml.parse(musicxml.dumps(sheet), "x") == sheet
    assert not musicxml.losses(sheet)


def packed(container: str | None, *names: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        if container is not None:
            archive.writestr(zipfile.ZipInfo("META-INF/container.xml"), container)
        for name in names:
            text = score(harmony("C") + note(), harmony("F") + note())
            archive.writestr(zipfile.ZipInfo(name), text)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("container", "fault"),
    [
        ("<container><rootfiles><rootfile full-path='it's.xml'/>", "is not well-formed"),
        ("", "is not well-formed"),
        ("<container/>", "names no score"),
        ("<container><rootfile full-path='x.xml'/></container>", "'x.xml', which is not in"),
    ],
)
def test_a_broken_container_is_named_and_the_only_score_read(container: str, fault: str) -> None:
    sheet = musicxml.parse(packed(container, "it's.xml"), "test.mxl")
    assert len(sheet.changes.bars) == 2
    assert fault in sheet.notices[0]
    assert "META-INF/container.xml" in sheet.notices[0]
    with pytest.raises(FormatError, match=r"META-INF/container\.xml .* contains 2 scores"):
        musicxml.parse(packed(container, "a.xml", "b.musicxml"), "test.mxl")


def test_an_archive_without_container_has_one_score() -> None:
    assert not musicxml.parse(packed(None, "a.xml"), "test.mxl").notices
    with pytest.raises(FormatError, match=r"has no META-INF/container\.xml.* 2 scores"):
        musicxml.parse(packed(None, "a.xml", "b.xml"), "test.mxl")


def test_every_word_of_a_style_is_known_as_one() -> None:
    for name in styles.names():
        for word in (name, *styles.load(name).words):
            assert words.style_in(word), word


def test_the_swing_of_a_chart_is_played() -> None:
    form = Changes((Bar((ChordChange(0, Chord.parse("C7")),)),) * 4)
    line = tuple(Note(12 * place, 12, 60 + place % 5) for place in range(24))
    solo = Solo("T", line, form)

    def onsets(sheet: LeadSheet, **band: float | styles.Style) -> list[int]:
        plays = improviser.Band(plan=Plan(ending=False), **band)  # type: ignore[arg-type]
        performed = improviser.accompany(
            solo, rng=np.random.default_rng(0), sheet=sheet, band=plays
        ).performance
        return [note.onset for note in performed.parts[0].notes]

    plain = LeadSheet("T", form, style="Swing")
    even = LeadSheet("T", form, style="Swing", swing=1.0)
    assert onsets(even) == onsets(plain, swing=1.0) != onsets(plain)
    # What is asked for comes before what the chart says.
    assert onsets(even, swing=2.5) == onsets(plain, swing=2.5)
    swing = styles.load("swing")
    assert onsets(even, style=swing) == onsets(plain, style=swing)
    assert portable.sheet_from(portable.sheet_json(even)) == even


def test_notices_are_printed(tmp_path: Path) -> None:
    path = tmp_path / "chart.musicxml"
    degree = "<harmony><function>V</function><kind>dominant</kind></harmony>"
    path.write_bytes(score(harmony("C") + note(), degree + note()))
    done = call("convert", path, tmp_path / "chart.ls")
    assert done.returncode == 0
    assert "measure 2: the chord V is left out" in done.stderr
    shown = call("inspect", path)
    assert "measure 2: the chord V is left out" in shown.stdout
    assert not shown.stderr


def test_a_fine_that_is_missing_or_in_portuguese() -> None:
    jump = direction("D.C. ao Fim")
    assert form("*", "*" + direction("Fim"), "*" + jump, "*") == "ABCAB"
    read = musicxml.parse(score("@", "@" + jump), "x")
    assert "there is no Fine" in read.notices[0]


def test_words_in_the_place_of_a_chord_are_no_chord() -> None:
    def chord(text: str) -> str:
        kind = f'<kind text="{text}">none</kind>'
        return f"<harmony><root><root-step>C</root-step></root>{kind}</harmony>"

    read = musicxml.parse(
        score(harmony("F") + note(), chord("rit.") + note(), chord("N.C.") + note()), "x"
    )
    assert [[str(one.chord) for one in bar.chords] for bar in read.changes.bars] == [
        ["F"], [], ["N.C."],
    ]  # fmt: skip
    assert "the words 'rit.'" in read.notices[0]
    shouted = musicxml.parse(score(harmony("F", "Minor-Seventh") + note()), "x")
    assert str(shouted.changes.bars[0].chords[0].chord) == "Fm7"


def test_chords_of_several_parts_are_joined() -> None:
    attributes = "<attributes><divisions>2</divisions></attributes>"
    first = measure(attributes + harmony("C") + note(), 1) + measure(harmony("D") + note(), 2)
    rest = measure(attributes + note(), 1) + measure(note(), 2)
    document = (
        '<score-partwise><part-list><score-part id="P1"/><score-part id="P2"/></part-list>'
        f'<part id="P1">{first}{measure(note(), 3)}</part>'
        f'<part id="P2">{rest}{measure(harmony("E") + note(), 3)}</part></score-partwise>'
    )
    assert bars(document.encode()) == "C | D | E"


def test_a_rest_of_a_measure_has_its_length() -> None:
    rest = '<note><rest measure="yes"/><duration>8</duration></note>'
    document = score(harmony("C") + rest, harmony("D") + note(6), meter="3/4")
    assert [str(bar.meter) for bar in musicxml.parse(document, "x").changes.bars] == ["3/4"] * 2
