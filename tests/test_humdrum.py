"""Humdrum files."""

import re

import pytest

from sideman.errors import SidemanError
from sideman.formats import humdrum, registry, typed
from sideman.score import LeadSheet
from sideman.theory.pitch import Key

IRB = """!!!OTL: My Tune
!!!COM: Kern, Jerome
**jazz
*>[A,A,B,A]
*M4/4
*E-:
*>A
1F:min7
=
2B-:7
2B-:7b9/A-
=
1r
=
*>B
2.C#:h7
4C:-7
==
*-
"""


def read(text: str) -> LeadSheet:
    return humdrum.parse(text.encode(), "tune.krn")


def harm(*tokens: str, key: str = "*C:") -> list[str]:
    rows = "".join(f"1{token}\n=\n" for token in tokens)
    sheet = read(f"**harm\n{key}\n*M4/4\n{rows}*-\n")
    return [span.chord.symbol for span in sheet.changes.spans]


def test_a_tune_of_the_irb_corpus() -> None:
    sheet = read(IRB)
    a = "[A] Fm7 | Bb7 Bb7b9/Ab | N.C. | "
    assert sheet.changes == typed.parse(f"{a}{a}[B] C#m7b5 . . Cm7 | {a}").changes
    assert (sheet.title, sheet.composer, sheet.key) == ("My Tune", "Jerome Kern", Key(-3))


def test_chords_beside_notes() -> None:
    text = (
        "**kern\t**mxhm\n*M3/4\t*M3/4\n*MM132\t*\n4c\t.\n=1\t=1\n8.a-L\tF7\n16gJ\t.\n2[f#;\tBb7\n"
        "=2\t=2\n2.f#]\t.\n==\t==\n*-\t*-\n"
    )
    sheet = read(text)
    assert sheet.changes == typed.parse("3/4 F7 Bb7 . | .").changes
    assert sheet.tempo_bpm == 132
    assert [(n.onset, n.duration, n.pitch) for n in sheet.melody] == [
        (-24, 24, 60), (0, 18, 68), (18, 6, 67), (24, 48 + 72, 66),
    ]  # fmt: skip


def test_repeats_and_split_spines() -> None:
    text = "**kern\n*M2/4\n=!|:\n2c\n=:|!\n*^\n4e\t2g\n4f\t.\n*v\t*v\n==\n*-\n"
    sheet = read(text)
    assert len(sheet.changes.bars) == 3
    assert [(n.onset, n.pitch) for n in sheet.melody] == [
        (0, 60), (48, 60), (96, 64), (96, 67), (120, 65),
    ]  # fmt: skip


def test_roman_numerals() -> None:
    assert harm("I", "ii7", "V7b", "IV7", "viio7", "V7/V", "-II", "vi") == [
        "C", "Dm7", "G7/B", "Fmaj7", "Bm7b5", "D7", "Db", "Am",
    ]  # fmt: skip
    assert harm("i", "iio7", "V7", "VI", "viioD7", "iv6", key="*a:") == [
        "Am", "Bdim7", "E7", "F", "G#dim7", "Dm6",
    ]  # fmt: skip


HEAD = "**jazz\n*M4/4\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "has neither chords with durations nor notes"),
        ("**jazz\n*-\n", "has neither chords with durations nor notes"),
        ("**jazz\nC:7\n*-\n", "has neither chords with durations nor notes"),
        ("1C:7\n**jazz\n", "line 1: data before the line with **"),
        (HEAD + "1C:7\t.\n", "line 3: has 2 columns where there are 1 spines"),
        (HEAD + "1C:xyz\n", "line 3: 'Cxyz' is not a chord"),
        (HEAD + "1C-7\n", "may be a flat root or a minor chord"),
        ("**jazz\n*M4/7\n", "line 2: 4/7 is not a meter"),
        ("**jazz\n2.C:7\n=\n2.C:7\n==\n", "has no meter"),
        ("**harm\n*M4/4\n1V\n", "has no key"),
        ("**harm\n*M4/4\n*C:\n1Lt\n", "is not a Roman numeral"),
        ("**kern\n*M4/4\ncc\n", "'cc' has no duration"),
        ("**kern\n*M4/4\n4" + "c" * 12 + "\n", "outside MIDI's range"),
        (HEAD + "1C:7\n" * 70, "is longer than 256 quarters"),
        (HEAD + "1C:7\n=\n" * 4001, "more than 4000 measures"),
        ("\t".join(["**kern"] * 201), "more than 200 spines"),
    ],
)
def test_what_cannot_be_read_is_told_in_one_sentence(text: str, said: str) -> None:
    with pytest.raises(SidemanError, match=re.escape(said)) as raised:
        read(text)
    assert str(raised.value).startswith("tune.krn")
    assert "\n" not in str(raised.value)


def test_files_are_told_by_their_spines() -> None:
    assert registry.format_of(IRB.encode(), "tune.txt").name == "humdrum"


def test_labels_and_kinds_beside_notes() -> None:
    head = "**kern\t**{}\n*M4/4\t*M4/4\n"
    rows = "1c\t{}\n=\t=\n1d\t{}\n==\t==\n*-\t*-\n"
    for kind, one, two in (
        ("harte", "C:min7/b3", "Bb:7"),
        ("mxhm", "C minor-seventh/E-", "B- dominant"),
    ):
        sheet = read(head.format(kind) + rows.format(one, two))
        assert sheet.changes == typed.parse("Cm7/Eb | Bb7").changes
