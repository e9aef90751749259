"""MuseScore scores."""

import io
import re
import zipfile

import pytest

from scores import harmony, mscx, note
from sideman.errors import ChordError, FormatError, SidemanError
from sideman.formats import musescore, registry, typed
from sideman.formats.musescore.order import Jump, Signs, playing_order
from sideman.score import LeadSheet
from sideman.theory.pitch import Key

WHOLE = "<Rest><durationType>measure</durationType></Rest>"


def read(*measures: str, **how: str) -> LeadSheet:
    return musescore.parse(mscx(measures, **how).encode(), "tune.mscx")


def packed(text: str, name: str = "tune.mscx") -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, inside in (
            ("META-INF/container.xml", "<container/>"),
            ("Excerpts/x/x.mscx", "<museScore/>"),
            (name, text),
        ):
            # Without the time, which would be in the names of tests.
            archive.writestr(zipfile.ZipInfo(member), inside, zipfile.ZIP_DEFLATED)
    return held.getvalue()


def test_chords_melody_and_metadata() -> None:
    head = "<metaTag name='workTitle'>My Tune</metaTag><metaTag name='composer'>A. B.</metaTag>"
    first = (
        "<KeySig><accidental>-3</accidental><mode>minor</mode></KeySig>"
        "<TimeSig><sigN>3</sigN><sigD>4</sigD></TimeSig>"
        "<Tempo><tempo>2.5</tempo><text>Medium Swing <sym>x</sym> = 150</text></Tempo>"
        "<RehearsalMark><text>A</text></RehearsalMark>"
    )
    sheet = read(
        first + harmony("C", "m7") + note("C") + harmony("F", "7") + note("Eb") + note("G"),
        harmony("Bb", "Maj7", "<base>16</base>") + WHOLE,
        head=head,
    )
    assert sheet.changes == typed.parse("[A] 3/4 Cm7 F7 . | Bbmaj7/D").changes
    assert (sheet.title, sheet.composer, sheet.style) == ("My Tune", "A. B.", "medium swing")
    assert (sheet.key, sheet.tempo_bpm) == (Key(-3, minor=True), 150)
    assert [(n.onset, n.pitch, str(n.name)) for n in sheet.melody] == [
        (0, 60, "C"), (24, 63, "Eb"), (48, 67, "G"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "symbol"),
    [("t7", "Cmaj7"), ("^7", "Cmaj7"), ("0", "Cm7b5"), ("07", "Cm7b5"), ("mi7b5", "Cm7b5"),
     ("o7", "Cdim7"), ("-7", "Cm7"), ("69", "C6/9"), ("7alt", "C7alt"), ("ma7#5", "Cmaj7#5"),
     ("sus", "Csus4"), ("(7)", "C7")],
)  # fmt: skip
def test_spellings(name: str, symbol: str) -> None:
    assert read(harmony("C", name) + WHOLE).changes.bars[0].chords[0].chord.symbol == symbol


def test_texts_that_are_no_chords() -> None:
    roman = "<Harmony><harmonyType>1</harmonyType><name>V7</name></Harmony>"
    free = "<Harmony><name>N.C.</name></Harmony>"
    other = "<Harmony><name>V65</name></Harmony>"
    aside = harmony("D", "7", "<leftParen/>")
    sheet = read(roman + other + WHOLE, free + WHOLE, harmony("C") + aside + WHOLE, aside + WHOLE)
    assert sheet.changes == typed.parse(". | N.C. | C | D7").changes


def test_version_two_has_ticks_and_numbers() -> None:
    number = "<Harmony><root>14</root><extension>19</extension></Harmony>"
    tuplet = "<Tuplet id='1'><normalNotes>2</normalNotes><actualNotes>3</actualNotes></Tuplet>"
    triplet = "".join(note(n, "eighth", before="<Tuplet>1</Tuplet>") for n in "CDE")
    sheet = read(
        number + note("C", "whole"),
        tuplet + triplet + note("r", "half") + "<tick>3360</tick>" + harmony("G", "7"),
        version="2.06",
    )
    assert [(span.onset, span.chord.symbol) for span in sheet.changes.spans] == [
        (0, "Cm7"), (96 + 72, "G7"),
    ]  # fmt: skip
    assert [n.onset for n in sheet.melody] == [0, 96, 104, 112]


def test_rhythm_and_ties() -> None:
    tie = '<Spanner type="Tie"><Tie/><next/></Spanner>'
    grace = "<acciaccatura/>"
    slash = "<head>slash</head>"
    sheet = read(
        note("F", "quarter", before=grace)
        + note("C", "quarter", before="<dots>1</dots>")
        + note("D", "eighth")
        + "<Tuplet><normalNotes>2</normalNotes><actualNotes>3</actualNotes></Tuplet>"
        + note("E", "quarter") + note("E", "quarter") + note("E", "quarter", tie)
        + "<endTuplet/><location><fractions>-1/2</fractions></location>" + harmony("C"),
        note("E", "half") + note("G", "half", slash),
    )  # fmt: skip
    assert [(n.onset, n.duration) for n in sheet.melody] == [
        (0, 36), (36, 12), (48, 16), (64, 16), (80, 16 + 48),
    ]  # fmt: skip
    assert sheet.changes.bars[0].chords[0].onset == 48


def test_a_transposing_instrument() -> None:
    part = "<transposeDiatonic>-1</transposeDiatonic><transposeChromatic>-2</transposeChromatic>"
    key = "<KeySig><accidental>2</accidental></KeySig>"
    sheet = read(key + harmony("D", "7") + note("C", "whole"), part=part)
    assert (sheet.changes.spans[0].chord.symbol, sheet.melody[0].pitch) == ("C7", 60)
    assert sheet.key == Key(0, has_mode=False)
    style = "<Style><concertPitch>1</concertPitch></Style>"
    sheet = read(harmony("D", "7") + WHOLE, part=part, head=style)
    assert sheet.changes.spans[0].chord.symbol == "D7"


def marked(chord: str, before: str = "", after: str = "", length: str = "") -> str:
    size = f' len="{length}"' if length else ""
    inside = f"<voice>{after}{harmony(chord)}{WHOLE}</voice>"
    return f"<Measure{size}>{before}{inside}</Measure>"


def test_repeats_voltas_and_jumps_are_played() -> None:
    volta = (
        '<Spanner type="Volta"><Volta><endHookType>1</endHookType><endings>{}</endings></Volta>'
        "<next><location><measures>1</measures></location></next></Spanner>"
    )
    sheet = read(
        marked("C", "<startRepeat/>"),
        marked("D", "<endRepeat>2</endRepeat>", volta.format(1)),
        marked("E", "", volta.format(2)),
        marked("F"),
    )
    assert sheet.changes == typed.parse("C | D | C | E | F").changes
    sheet = read(
        marked("C"),
        marked("D", "<Marker><label>segno</label></Marker>"),
        marked("E", "<Marker><label>coda</label></Marker>"),
        marked("F", "<Jump><jumpTo>segno</jumpTo><playUntil>coda</playUntil>"
               "<continueAt>codab</continueAt></Jump>"),
        marked("G", "<Marker><label>codab</label></Marker>"),
    )  # fmt: skip
    assert sheet.changes == typed.parse("C | D | E | F | D | E | G").changes
    sheet = read(
        marked("C", "<Marker><label>fine</label></Marker>"),
        marked("D", "<Jump><text>D.C. al Fine</text><jumpTo>start</jumpTo></Jump>"),
    )
    assert sheet.changes == typed.parse("C | D | C").changes


def test_jumps_in_repeats_as_in_musescore() -> None:
    bars = [Signs() for _ in range(6)]
    bars[1].before.add("segno")
    bars[2].opens, bars[4].plays, bars[3].jump = True, 2, Jump("segno")
    # From the tests of MuseScore, repeat24.
    assert playing_order(bars, "x") == [0, 1, 2, 3, 4, 2, 3, 1, 2, 3, 4, 5]


def test_a_pickup_and_measures_that_are_no_bars() -> None:
    pickup = f'<Measure len="1/4"><voice>{note("C")}</voice></Measure>'
    rest = "<Measure><multiMeasureRest>4</multiMeasureRest><voice/></Measure>"
    again = "<MeasureRepeat><subtype>1</subtype></MeasureRepeat>"
    sheet = read(pickup, rest, marked("C"), again, marked("F"))
    assert sheet.changes == typed.parse("C | C | F").changes
    assert sheet.melody[0].onset == -24


def test_octave_lines() -> None:
    line = '<Spanner type="Ottava"><Ottava><subtype>8va</subtype></Ottava></Spanner>'
    end = '<Spanner type="Ottava"><prev/></Spanner>'
    sheet = read(line + note("C", "half") + end + note("C", "half"))
    assert [n.pitch for n in sheet.melody] == [72, 60]


def test_packed_scores_are_told_and_read() -> None:
    data = packed(mscx([marked("C")]))
    assert registry.format_of(data, "x.mxl").name == "musescore"
    assert len(registry.loads(data, "x").charts[0].open().changes.bars) == 1  # type: ignore[index]


BOMB = (
    '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><museScore version="3.0">&b;</museScore>'
)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"<museScore version='1.14'/>", "saved by MuseScore 1"),
        (b"<museScore version='3.01'/>", "has no measures"),
        (b"<museScore version='3.01'>", "is not well-formed XML"),
        (b"<other version='3.01'/>", "not a MuseScore score"),
        (b"", "is not well-formed XML"),
        (BOMB.encode(), "declares XML entities"),
        (b"<museScore>" + b"<a>" * 101, "more than 100 elements deep"),
        (packed("<museScore", "x.txt"), "contains no MuseScore score"),
        (packed("<museScore")[:200], "is a broken packed score"),
        (packed("<a>" + " " * (65 << 20)), "unpacks to more than 64 MiB"),
        (mscx([note("C", "3rd")]).encode(), "measure 1: '3rd' is not a length"),
        (mscx([note("C", "whole") * 17]).encode(), "measure 1: its notes do not fit"),
        (mscx(["<Measure len='99/1'/>"]).encode(), "is longer than 64 quarters"),
        (mscx(["<TimeSig><sigN>4</sigN><sigD>7</sigD></TimeSig>"]).encode(), "4/7 is not a meter"),
        (mscx([WHOLE] * 4001).encode(), "more than 4000 measures"),
        (mscx([harmony("C", "7x")]).encode(), "measure 1: 'C7x' is not a chord"),
        (mscx([WHOLE], version="9" * 5000 + ".1").encode(), "not a MuseScore score"),
        (mscx([harmony("C", "", "<rootCase>1</rootCase>")]).encode(), "write the root large"),
        (mscx([harmony("C", "", "<extension>999</extension>")]).encode(), "chord number 999"),
        (mscx([note("C").replace(">60<", ">600<")]).encode(), "outside MIDI's range"),
        (mscx([marked("C", "<startRepeat/><endRepeat>16</endRepeat>")] * 300).encode(),
         "more than 4000 bars"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_told_in_one_sentence(data: bytes, said: str) -> None:
    with pytest.raises(SidemanError, match=re.escape(said)) as raised:
        musescore.parse(data, "tune.mscx")
    assert str(raised.value).startswith("tune.mscx")
    assert "\n" not in str(raised.value)


def test_two_voltas_over_one_measure_are_refused() -> None:
    volta = (
        '<Spanner type="Volta"><Volta><endings>{}</endings></Volta>'
        "<next><location><measures>2</measures></location></next></Spanner>"
    )
    with pytest.raises(FormatError, match="measure 2: has two voltas"):
        read(marked("C", "", volta.format(1)), marked("D", "", volta.format(2)), marked("E"))
    with pytest.raises(ChordError, match="is a polychord"):
        read("<Harmony><harmonyInfo/><harmonyInfo/></Harmony>")


@pytest.mark.parametrize("size", [1, 2, 4])
def test_repeats_of_several_measures_have_one_sign(size: int) -> None:
    inner = f"<subtype>{size}</subtype><durationType>measure</durationType>"
    sign = f"<MeasureRepeat>{inner}</MeasureRepeat>"
    again = [
        f"<Measure><measureRepeatCount>{place}</measureRepeatCount><voice>"
        f"{sign if place == max(1, size // 2) else WHOLE}</voice></Measure>"
        for place in range(1, size + 1)
    ]
    roots = ["C", "F", "G", "A"][:size]
    sheet = read(*(harmony(root) + WHOLE for root in roots), *again, harmony("D") + WHOLE)
    assert sheet.changes == typed.parse(" | ".join([*roots, *roots, "D"]) + " |").changes


def test_an_altered_triad_in_brackets() -> None:
    assert read(harmony("C", "(b5)") + WHOLE).changes == typed.parse("| C(b5) |").changes
