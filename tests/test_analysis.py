"""``sideman analyze`` and ``sideman reharmonize``: keys, functions, steps and their melody."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from commands import call
from realdata import DATA, needs_data
from sideman.errors import SidemanError
from sideman.formats.typed import parse
from sideman.library import charts, songbook
from sideman.models.harmony import alphabet, analysis, reharmonizing
from sideman.models.harmony.analysis import Analysis
from sideman.models.harmony.reharmonizing import RULES, applied, possible
from sideman.output.printed import printed
from sideman.score import Note
from sideman.service import analyzing
from sideman.service import reharmonizing as service
from sideman.service.requests import Tune
from sideman.theory.chord import Chord
from sideman.theory.pitch import Key


def analyzed(text: str, key: str) -> Analysis:
    return analysis.analyze(parse(text).changes, Key.parse(key))


def numerals(found: Analysis) -> list[str]:
    return [each.numeral for each in found.functions]


def keys(found: Analysis) -> list[tuple[str, int, int]]:
    return [(each.name, each.first_bar, each.last_bar) for each in found.keys]


_CADENCES = """
    | Fm7 | Bbm7 | Eb7 | Abmaj7 | Dbmaj7 | Dm7 G7 | Cmaj7 | % |
    | Cm7 | Fm7 | Bb7 | Ebmaj7 | Abmaj7 | Am7 D7 | Gmaj7 | % |
"""


def test_cadences_begin_local_keys() -> None:
    found = analyzed(_CADENCES, "Ab")
    assert keys(found) == [("Ab", 1, 5), ("C", 6, 8), ("Eb", 9, 13), ("G", 14, 16)]
    assert numerals(found)[:7] == ["VIm7", "IIm7", "V7", "I", "IV", "IIm7", "V7"]


def test_an_applied_dominant_is_no_new_key() -> None:
    found = analyzed("| Cmaj7 A7 | Dm7 D7 | Dm7 G7 | C6 |", "C")
    assert keys(found) == [("C", 1, 4)]
    assert numerals(found) == ["I", "V7/II", "IIm7", "V7/V", "IIm7", "V7", "I"]
    assert found.functions[1].remark == "applied dominant"
    assert found.functions[3].remark == "applied dominant, not resolved"


def test_a_blues_has_one_key_and_its_idioms() -> None:
    sheet = songbook.load("blues-f")
    assert sheet.key is not None
    found = analysis.analyze(sheet.changes, sheet.key)
    assert keys(found) == [("F", 1, 12)]
    assert numerals(found)[:6] == ["I7", "IV7", "I7", "IIm7/IV", "V7/IV", "IV7"]
    assert {each.name for each in found.idioms} == {"ii-V", "minor ii-V-I", "turnaround"}
    turn = next(each for each in found.idioms if each.name == "turnaround")
    assert [each.numeral for each in found.functions[turn.first : turn.after]] == [
        "I7",
        "V7/II",
        "IIm7",
        "V7",
    ]


def test_cadences_a_third_apart_are_keys_and_a_cycle() -> None:
    found = analyzed(
        """| Bmaj7 D7 | Gmaj7 Bb7 | Ebmaj7 | Am7 D7 | Gmaj7 Bb7 | Ebmaj7 F#7 | Bmaj7 | Fm7 Bb7 |
        Ebmaj7 | Am7 D7 | Gmaj7 | C#m7 F#7 | Bmaj7 | Fm7 Bb7 | Ebmaj7 | C#m7 F#7 |""",
        "Eb",
    )
    assert " ".join(name for name, *_ in keys(found)) == "B G Eb G Eb B Eb G B Eb"
    cycles = [each for each in found.idioms if each.name == "Coltrane cycle"]
    assert [(each.first, each.after) for each in cycles] == [(0, 5), (7, 12)]


def test_major_chords_that_fall_in_fifths_to_the_tonic_are_a_turnaround() -> None:
    found = analyzed("| Cmaj7 | Dm7 G7 | Cmaj7 Ebmaj7 | Abmaj7 Dbmaj7 |", "C")
    assert keys(found) == [("C", 1, 4)]
    assert numerals(found)[3:] == ["I", "bIII", "bVI", "bII"]
    assert found.idioms[-1].name == "turnaround"


def test_a_backdoor_is_named() -> None:
    found = analyzed("| Cmaj7 | % | Fm7 | Bb7 | Cmaj7 | % |", "C")
    assert [each.name for each in found.idioms] == ["backdoor ii-V-I"]
    assert numerals(found) == ["I", "IVm7", "bVII7", "I"]


def test_a_dominant_that_its_own_dominant_reached_is_no_substitute() -> None:
    found = analyzed("| F6 | Cm7 F7 | Bb7 | Am7 D7 | Gm7 | C7 | F6 | % |", "F")
    assert numerals(found)[3] == "IV7"
    slid = analyzed("| C6 F7 | Em7 A7 | Dm7 G7 | C6 |", "C")
    assert (numerals(slid)[1], slid.functions[1].remark) == ("bII7/III", "tritone substitute")


def test_a_minor_tonic_is_borrowed_unless_it_is_a_ii() -> None:
    held = analyzed("| Ebmaj7 | % | Ebm7 | % | F7 | Emaj7 | Ebmaj7 | % |", "Eb")
    assert keys(held) == [("Eb", 1, 8)]
    assert held.functions[1].remark == "borrowed from minor"
    two = analyzed("| Gmaj7 | % | Gm7 | C7 | Fmaj7 | % | Am7 | D7 | Gmaj7 |", "G")
    assert keys(two) == [("G", 1, 2), ("F", 3, 6), ("G", 7, 9)]


@pytest.mark.parametrize(
    ("text", "key", "expected"),
    [
        ("| Dm7 | G7alt | Cmaj7 |", "C", "IIm7 V7alt I"),
        ("| C6 | A7alt | Dm7 | G7#5 | C6 |", "C", "I V7alt/II IIm7 V7#5 I"),
        ("| C6 | C#dim7 | Dm7 | G9sus4 | C6 |", "C", "I #Io7 IIm7 V7sus4 I"),
        ("| Csus4 | C | Gsus4 | G | C |", "C", "Isus4 I Vsus4 V I"),
        ("| C | Gsus2 | Am | Fsus2 | C |", "C", "I Vsus2 VIm IVsus2 I"),
        ("| C | Dsus4 | D7 | G7sus4 G7 | C |", "C", "I Vsus4/V V7/V V7sus4 V7 I"),
        ("| C5 |", "C", "I5"),
        ("| Cm | F5 | G5 | C5 |", "Cm", "Im IV5 V5 I5"),
        ("| Cmaj7 | Cmaj7#5 | Am7 | Dm7 |", "C", "I Imaj7#5 VIm7 IIm7"),
        ("| C6 | Gb7sus4 | % | C6 |", "C", "I bV7sus4 I"),
    ],
)
def test_numerals_have_the_figures_of_their_chords(text: str, key: str, expected: str) -> None:
    found = analyzed(text, key)
    assert " ".join(numerals(found)) == expected
    assert found.functions[0].function == analysis.FUNCTIONS.index(
        "subdominant" if expected.startswith("IIm7") else "tonic"
    )


def test_a_suspended_chord_is_a_dominant_where_it_leads() -> None:
    found = analyzed("| C | Dsus4 | D7 | G7sus4 G7 | C | Fsus2 | C |", "C")
    functions = [analysis.FUNCTIONS[each.function] for each in found.functions]
    assert functions[1:4] == ["applied", "applied", "dominant"]
    assert functions[-2:] == ["subdominant", "tonic"]
    assert {each.remark for each in found.functions[1:3]} == {"applied dominant"}
    assert analyzed("| C6 | Gb7sus4 | % | C6 |", "C").functions[1].remark == "suspended"


@pytest.mark.parametrize(
    ("text", "minor", "expected"),
    [
        ("| C5 | Dsus2 | Gsus4 | Asus4 Am |", False, "C Dm G Am Am"),
        ("| C5 | Fsus2 | Gsus4 | C5 |", True, "Cm Fm Gsus4 Cm"),
        ("| C7sus4 | N.C. | F#5 | Cmaj7 |", False, "C7sus4 N.C. F# Cmaj7"),
    ],
)
def test_chords_without_a_third_get_one(text: str, minor: bool, expected: str) -> None:
    found = alphabet.completed(parse(text).changes, 0, minor=minor)
    assert " ".join(str(span.chord) for span in found.spans) == expected


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("| C5 |", "C major"),
        ("| A5 | D5 | E5 | A5 |", "A major"),
        ("| Gm | C5 | D7 | G5 |", "G minor"),
    ],
)
def test_power_chords_tell_a_key(text: str, key: str) -> None:
    assert str(analyzing.analyze(Tune(text=text)).chart.key) == key


_STANDARDS = {
    "All The Things You Are": "Ab C Eb G E Fm Ab",
    "Blue Bossa": "Cm Db Cm",
    "Cherokee": "Bb B A G Bb",
    "Have You Met Miss Jones?": "F Gb D Gb F",
    "How High The Moon": "G F Eb G F Eb G",
    "Joy Spring": "F Gb G F Eb Gb F",
    "Lady Bird": "C Ab C",
    "Solar": "Cm F Eb Db Cm",
    "Tune Up": "D C Bb D C Bb D",
}


@needs_data
def test_the_keys_of_standards() -> None:
    listed = charts.tunes(DATA / "leadsheets" / "ireal" / "jazz1460.txt")
    tunes = {each.title: each for each in listed if each.title in _STANDARDS}
    for title, expected in _STANDARDS.items():
        sheet = tunes[title].open()
        assert sheet.key is not None
        found = analysis.analyze(sheet.changes, sheet.key)
        assert " ".join(name for name, *_ in keys(found)) == expected, title


@pytest.mark.parametrize("semitones", range(12))
def test_an_analysis_moves_with_its_key(semitones: int) -> None:
    sheet = parse(_CADENCES)
    home = analyzed(_CADENCES, "Ab")
    moved = sheet.changes.transposed(semitones * 7 % 12 - 6)
    found = analysis.analyze(moved, Key.parse("Ab").transpose(semitones * 7 % 12 - 6))
    assert numerals(found) == numerals(home)
    assert [each[1:] for each in keys(found)] == [each[1:] for each in keys(home)]


def test_every_tune_of_the_songbook_is_analyzed_to_the_end() -> None:
    for name in songbook.names():
        found = analyzing.analyze(Tune(name=name))
        bars = found.chart.sheet.changes
        assert found.analysis.keys[0].onset == found.analysis.functions[0].change.onset
        assert found.analysis.keys[-1].end == bars.length
        json.dumps(found.data())


def test_analyze_prints_and_engraves(tmp_path: Path) -> None:
    out = tmp_path / "x.musicxml"
    told = call("analyze", "| Dm7b5 G7 | Cm6 | Fm7 | Bb7 | Ebmaj7 | % |", "--out", str(out))
    assert told.returncode == 0, told.stderr
    assert "Cm 1-2, Eb 3-6" in told.stdout
    assert "minor ii-V-I" in told.stdout
    assert "E♭: IIm7" in out.read_text()
    found = json.loads(call("analyze", "blues-f", "--json").stdout)
    assert found["keys"] == [{"key": "F major", "bars": [1, 12]}]
    assert found["changes"][1]["function"] == "subdominant"


# Reharmonizing --------------------------------------------------------------------------------


def steps(text: str, rule: str, melody: Sequence[Note] = (), key: str = "C") -> list[str]:
    found, _ = possible(parse(text).changes, melody, Key.parse(key), [rule])
    return [" ".join(str(chord) for _, chord in each.after) for each in found]


@pytest.mark.parametrize(
    ("rule", "text", "expected"),
    [
        ("tritone", "| Dm7 | G7 | Cmaj7 |", ["Db7"]),
        ("tritone", "| Dm7 | G7 | Am7 |", []),
        ("ii-V", "| Cmaj7 | G7 | Cmaj7 |", ["Dm7 G7"]),
        ("ii-V", "| Cmaj7 | G7 | Cm6 |", ["Dm7b5 G7"]),
        ("ii-V", "| Dm7 | G7 | Cmaj7 |", []),
        ("backdoor", "| Dm7 | G7 | Cmaj7 |", ["Fm7 Bb7"]),
        ("tritone", "| F7 | C7 | % | F7 | Dm7 | G7 | C7 | % |", ["C7 Gb7", "Db7"]),
        ("ii-V", "| C7 | % | F7 | % | C7 |", ["C7 Gm7 C7"]),
        ("ii-V", "| Cmaj7 | G7sus4 | G7 | Cmaj7 |", []),
        ("backdoor", "| Dm7 | G7 | Cm7 |", []),
        ("backdoor", "| Cmaj7 | C7 | Fmaj7 | G7 | Cmaj7 |", ["Fm7 Bb7"]),
        ("backdoor", "| Cmaj7 | G7sus4 | G7 | Cmaj7 |", []),
        ("coltrane", "| Dm7 | G7 | Cmaj7 | % |", ["Dm7 Eb7 Abmaj7 B7 Emaj7 G7 Cmaj7"]),
        ("coltrane", "| Dm7 | G7 | Cmaj7 |", []),
        ("interchange", "| Cmaj7 | Fmaj7 | Cmaj7 |", ["Fm6"]),
        ("interchange", "| Dm7 | G7 | Cmaj7 | F7 |", []),
        ("interchange", "| C6 | F6 | C6 | Dm7 | G7 |", ["Fm6", "Cm6", "Dm7b5"]),
        ("interchange", "| C6 | Dm7 | Em7 | Am7 | Dm7 | Fm7 | C6 |", []),
        ("interchange", "| Cmaj7 | Fmaj7 | Fm7 | Cmaj7 |", []),
        ("diminished", "| Cmaj7 | Dm7 | G7 |", ["Cmaj7 C#dim7"]),
        ("diminished", "| Em7 | Dm7 | G7 |", ["Em7 Ebdim7"]),
        ("diminished", "| Cmaj7 | Bbmaj7 | Cmaj7 |", ["Bbmaj7 Bdim7"]),
    ],
)
def test_each_rule_has_its_condition(rule: str, text: str, expected: list[str]) -> None:
    assert steps(text, rule) == expected


def test_the_tonic_of_a_minor_tune_is_not_a_borrowed_two() -> None:
    text = "| Am7 | E7 | Am7 | D7 | Gmaj7 | E7 | Am6 |"
    assert steps(text, "interchange", key="G") == ["Am7b5"]
    assert steps(text, "interchange", key="Am") == []


def test_an_avoid_note_forbids_a_step() -> None:
    text = "| Dm7 | G7 | Cmaj7 |"
    assert steps(text, "tritone", [Note(96, 96, 65)]) == ["Db7"]
    found, refused = possible(
        parse(text).changes, [Note(48, 96, 74)], Key.parse("C"), ["tritone"]
    )  # D is held into the second bar
    assert not found
    assert [(str(each.chord), each.note.pitch) for each in refused] == [("Db7", 74)]


@pytest.mark.parametrize("name", ["avalon", "londonderry-air"])
def test_no_step_puts_the_melody_on_a_new_avoid_note(name: str) -> None:
    result = service.reharmonize(Tune(name=name), surprise=0.6, steps=4, seed=3)
    assert result.found.steps
    old, new = result.chart.sheet.changes, result.sheet.changes
    assert new.length == old.length
    for note in result.sheet.melody:
        for span in new.spans:
            if note.onset < span.end and note.end > span.onset and span.chord.avoids(note.pitch):
                assert old.chord_at(max(note.onset, span.onset)) == span.chord
    assert sum(each.price for each in result.found.steps) == pytest.approx(
        result.found.bits[-1] - result.found.bits[0]
    )


def test_the_dial_raises_the_price() -> None:
    prices = [
        sum(
            service.reharmonize(Tune(name="rhythm-changes-bb"), surprise=dial, steps=1, seed=seed)
            .found.steps[0]
            .price
            for seed in range(2)
        )
        for dial in (0, 0.5, 1)
    ]
    assert prices[0] < prices[1] < prices[2]


def test_a_step_changes_its_place_alone() -> None:
    changes = parse("| Dm7 | G7 | Cmaj7 | % |").changes
    found, _ = possible(changes, [], Key.parse("C"), list(RULES))
    for step in found:
        after = applied(changes, step)
        for tick in range(0, changes.length, 24):
            if not step.onset <= tick < step.end:
                assert after.chord_at(tick) == changes.chord_at(tick)


def test_reharmonize_explains_and_writes_the_same_again(tmp_path: Path) -> None:
    arguments = ("minor-bossa-a", "--surprise", "0.3", "--seed", "5", "--steps", "2")
    outs = [tmp_path / name for name in ("a.ls", "b.ls")]
    told = [call("reharmonize", *arguments, "--out", str(out)) for out in outs]
    assert told[0].returncode == 0, told[0].stderr
    assert told[0].stdout.count(" bits\n") == 2
    assert outs[0].read_bytes() == outs[1].read_bytes()
    _, sheet = charts.find(str(outs[0]))
    result = service.reharmonize(Tune(name="minor-bossa-a"), surprise=0.3, seed=5, steps=2)
    assert [span.chord for span in sheet.changes.spans] == [
        span.chord for span in result.sheet.changes.spans
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("analyze", "no-such-tune"), "no-such-tune"),
        (("analyze", "| N.C. |"), "has no chords"),
        (("analyze", "| Cdim7 |"), "names no key"),
        (("analyze", "blues-f", "--out", "x.gif"), "is not written in that format"),
        (("reharmonize", "| N.C. |"), "has no chords"),
        (("reharmonize", "| Cdim7 |"), "names no key"),
        (("reharmonize", "blues-f", "--by", "jazz"), "is not a rule"),
        (("reharmonize", "blues-f", "--surprise", "1.5"), "between 0 and 1"),
        (("reharmonize", "blues-f", "--surprise", "nan"), "between 0 and 1"),
        (("reharmonize", "blues-f", "--steps", "0"), "between 1 and"),
        (("analyze", "blues-f", "--model", "course"), "of kind 'course'"),
        (("reharmonize", "blues-f", "--model", "course", "--out", "x.ls"), "of kind 'course'"),
        (("reharmonize", "blues-f", "--steps", "1", "--out", "x.gif"), ".txt, .svg, .png, .pdf"),
    ],
)
def test_bad_input_is_refused_in_a_sentence(
    arguments: Sequence[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    told = call(*arguments)
    assert told.returncode == 2
    assert message in told.stderr
    assert told.stderr.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_each_step_is_reported_and_can_be_interrupted() -> None:
    done: list[int] = []
    service.reharmonize(Tune(name="avalon"), steps=2, told=done.append)
    assert done == [1, 2]

    def interrupt(_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        service.reharmonize(Tune(name="avalon"), steps=2, told=interrupt)


def test_an_empty_list_of_rules_is_refused() -> None:
    with pytest.raises(SidemanError, match="is not a rule"):
        service.reharmonize(Tune(name="blues-f"), by=())


def test_colours_are_not_avoided() -> None:
    assert not Chord.parse("G7").avoids(69)
    assert Chord.parse("G7").avoids(72)
    assert not Chord.parse("N.C.").avoids(72)
    assert [each for each in range(60, 72) if Chord.parse("Cmaj7").avoids(each)] == [61, 65, 68]
    assert list(RULES) == list(reharmonizing.RULES)


def test_of_many_steps_some_are_priced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reharmonizing, "MOST_PRICED", 2)
    asked = Tune(text="| Dm7 | G7 | Cmaj7 | % |" * 8)
    first, again = (service.reharmonize(asked, by=("tritone",), steps=3, seed=4) for _ in range(2))
    assert len(first.found.steps) == 3
    assert first.found == again.found


def test_a_page_has_each_numeral_at_its_chord_and_names_on_lines_below() -> None:
    text = "| Dm7 G7 | Cmaj7 | N.C. | Fm7 Bb7 | C6 | % |"
    found = analyzing.analyze(Tune(text=text))
    document = analyzing.pages(found, "x.musicxml")[0].decode()
    below = re.findall(
        r'<direction placement="below">\s*<direction-type>(.*?)</direction-type>'
        r"(?:\s*<offset>(\d+)</offset>)?",
        document,
        re.DOTALL,
    )
    words = [(" ".join(re.findall(r">([^<>]+)</words>", each)).split(), at) for each, at in below]
    assert words[0] == (["C:", "IIm7"], "")
    assert words[1] == (["ii-V-I", "Straight-Cadence"], "")
    assert words[2] == (["V7"], "48")
    assert (["backdoor", "ii-V-I", "Straight-Approach"], "") in words
    page = analyzing.pages(found, "x.svg")[0].decode()
    assert page.count('class="dir"') == 8  # a chord each, N.C. too
    assert page.count('class="repeatMark"') == 3


def test_a_page_has_the_signs_of_music() -> None:
    text = "| Ebmaj7 Edim7 | Fm7 Bb7alt | Eb6 | Abm7 Db7 | Eb6 |"
    found = analyzing.analyze(Tune(text=text))
    page = analyzing.pages(found, "x.svg")[0].decode()
    for figure in ("E♭: I", "♯I°7", "V7alt", "♭VII7"):
        assert figure in page
    assert not re.search(r">\s*[A-G]b", page)
    pdf = analyzing.pages(found, "x.pdf")[0]
    fonts = {name.split(b"+")[-1] for name in re.findall(rb"/BaseFont\s*/([\w+-]+)", pdf)}
    assert fonts == {b"STIXGeneral-Regular", b"STIXGeneral-Italic", b"Leipzig"}


def test_wide_words_halve_a_line() -> None:
    narrow = analyzing.pages(analyzing.analyze(Tune(text="| C6 | F6 | G7 | C6 |")), "x.musicxml")
    text = "| C6 | Dm7b5 G7 Em7b5 A7 | Dm7 G7 | C6 |"
    wide = analyzing.pages(analyzing.analyze(Tune(text=text)), "x.musicxml")
    assert [each[0].count(b"new-system") for each in (narrow, wide)] == [0, 1]


def test_reharmonize_engraves_the_steps(tmp_path: Path) -> None:
    out = tmp_path / "x.svg"
    told = call("reharmonize", "blues-f", "--steps", "2", "--out", str(out))
    assert told.returncode == 0, told.stderr
    assert told.stdout.endswith(f"{out}\n")
    page = out.read_text()
    assert ">1. " in page
    assert ">2. " in page
    assert page.count(" bits<") == 2


def test_a_step_stands_under_its_first_chord() -> None:
    tune = Tune(text="| Bbmaj7 G7 | Cm7 F7 |")
    result = service.reharmonize(tune, by=("tritone",), steps=1, seed=1)
    assert result.data()["steps"][0]["beat"] == 3
    page = service.written(result, "x.svg")[0][0].decode()
    under = re.findall(r'class="repeatMark"[^>]*><text x="(\d+)"', page)
    assert under == re.findall(r'class="harm"[^>]*><text x="(\d+)"', page)[1:2]


@pytest.mark.parametrize("command", ["analyze", "reharmonize"])
def test_a_file_that_cannot_be_written_is_told_before_the_work(
    command: str, tmp_path: Path
) -> None:
    told = call(command, "blues-f", "--out", str(tmp_path))
    assert told.returncode == 2
    assert "is a folder" in told.stderr
    assert not told.stdout


def test_symbols_and_numerals_are_printed_with_the_signs_of_music() -> None:
    said = {"Bbm7b5": "B♭m7♭5", "F#7#9/A#": "F♯7♯9/A♯", "Eb: V7/bVII": "E♭: V7/♭VII"}
    said |= {"#Io7": "♯I°7", "#IVo": "♯IV°", "IIø": "IIø", "bII7alt": "♭II7alt"}
    assert {symbol: printed(symbol) for symbol in said} == said
