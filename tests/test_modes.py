"""Keys whose mode a chart does not give: kept by readers and writers, told from the chords."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from commands import call
from realdata import DATA, needs_data
from sideman import opening
from sideman.band.arranging import _last_chord
from sideman.errors import SidemanError
from sideman.formats import registry
from sideman.formats.typed import parse
from sideman.library import songbook
from sideman.score import LeadSheet, Solo, settled
from sideman.service import analyzing, playing, portable
from sideman.service.requests import File, PlayRequest, Tune
from sideman.theory.pitch import Key

FLATS = Key(-3, has_mode=False)
MINOR = "| Cm7 | Fm7 | Dm7b5 | G7 | Cm6 | Ebm7 Ab7 | Dbmaj7 | Dm7b5 G7 |"


def chart(text: str = MINOR, key: Key = FLATS) -> LeadSheet:
    return replace(parse(text, "Bossa"), title="Bossa", key=key)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (MINOR, "C minor"),  # begins with i
        ("| Abmaj7 | G7 | Cm6 |", "C minor"),  # ends with i
        ("| Cm7 | Fm7 | Bb7 | Ebmaj7 |", "Eb major"),  # the last chord before the first
        ("| Fm7 | Bb7 | Ebmaj7 | Fm7 Bb7 |", "Eb major"),
        ("| C7 | F7 | C7 |", "Eb major"),
        ("| N.C. | Cm7 | N.C. |", "C minor"),
        ("| N.C. |", "Eb major"),
    ],
)
def test_a_mode_is_told_from_the_last_or_the_first_chord(text: str, expected: str) -> None:
    assert str(chart(text).tonality) == expected
    named = Key(-3, minor=expected != "C minor")
    assert settled(named, parse(text).changes) == named


def test_a_signature_is_said_in_words() -> None:
    said = {0: "no sharps or flats", 1: "1 sharp", -1: "1 flat", 4: "4 sharps"}
    assert {signs: str(Key(signs, has_mode=False)) for signs in said} == said


@pytest.mark.parametrize("suffix", [".ls", ".musicxml", ".txt"])
@pytest.mark.parametrize("key", [FLATS, Key(0, has_mode=False), Key(-3), Key(-3, minor=True)])
def test_a_round_trip_keeps_what_is_said_of_the_mode(suffix: str, key: Key) -> None:
    data, lost = registry.dumps(chart(key=key), f"x{suffix}")
    assert not [each for each in lost if "mode" in each]
    again = opening.chart(data, f"x{suffix}")
    assert again.key == key
    assert registry.dumps(again, f"x{suffix}")[0] == data


@pytest.mark.parametrize("suffix", [".abc", ".cho", ".html", ".mid"])
def test_a_format_that_needs_a_mode_gets_that_of_the_chords(suffix: str) -> None:
    data, lost = registry.dumps(chart(), f"x{suffix}")
    assert "that the mode of the key is not given" in lost
    assert opening.chart(data, f"x{suffix}").key == Key(-3, minor=True)
    assert (
        "that the mode of the key is not given"
        not in registry.dumps(chart(key=Key(-3)), f"x{suffix}")[1]
    )


def test_a_request_and_a_take_keep_it() -> None:
    assert portable.sheet_from(portable.sheet_json(chart())).key == FLATS
    assert portable.sheet_from(portable.sheet_json(chart(key=Key(-3)))).key == Key(-3)
    request = PlayRequest(changes=Tune(name="bossa", sheet=chart()), seed=1, choruses=1)
    result = playing.play(request)
    assert result.solo.key == FLATS
    assert result.music()["key"] == "Cm"
    line = playing.line(File("bossa.mid", result.midi()))
    assert line.solo.key == FLATS
    major = replace(request, changes=Tune(name="bossa", sheet=chart(key=Key(-3))))
    # The mode decides how the line ends, and nothing before that.
    before = 6 * 96
    ours, other = result.solo.notes, playing.play(major).solo.notes
    assert [n for n in ours if n.onset < before] == [n for n in other if n.onset < before]
    assert ours != other


def test_the_band_ends_in_that_mode() -> None:
    ends = "| Abmaj7 | Dm7b5 G7 | Cm7 |"
    assert str(_last_chord(chart(ends))) == "Cm7"
    assert str(_last_chord(chart("| Cm7/G | Ab7 | G7 |"))) == "Cm7"
    assert str(_last_chord(chart(ends, Key(-3)))) == "Eb6"


def test_a_key_to_transpose_to_may_be_of_either_mode() -> None:
    assert songbook.moved(chart(), key="Dm").key == Key(-1, has_mode=False)
    assert songbook.moved(chart(), key="D").key == Key(-1, has_mode=False)  # D minor, as C minor
    assert songbook.moved(chart(), key="F major").key == Key(-1, has_mode=False)
    with pytest.raises(SidemanError, match="cannot be moved"):
        songbook.moved(chart(key=Key(-3)), key="Dm")


def test_the_commands_say_that_the_mode_is_told(tmp_path: Path) -> None:
    path = tmp_path / "bossa.ls"
    path.write_bytes(registry.dumps(chart(), path.name)[0])
    for command in ("analyze", "surprise", "reharmonize"):
        told = call(command, str(path)).stdout
        assert told.startswith("Bossa, in C minor, by its signature of 3 flats and its chords")
    found = analyzing.analyze(Tune(sheet=chart())).data()
    assert (found["key"], found["key_inferred"], found["mode_inferred"]) == ("C minor", False, True)
    assert found["changes"][0]["numeral"] == "Im7"
    path.write_bytes(registry.dumps(chart(key=Key(-3, minor=True)), path.name)[0])
    assert call("analyze", str(path)).stdout.startswith("Bossa, in C minor; local keys")
    assert Solo("", (), key=FLATS).tonality == Key(-3)


@needs_data
@pytest.mark.parametrize("name", ["impro-visor/BlueBossa.ls", "musicxml/Blue_Bossa.xml"])
def test_blue_bossa_is_in_minor(name: str) -> None:
    sheet = opening.read(DATA / "leadsheets" / name)
    assert sheet.key is not None
    assert str(replace(sheet, key=replace(sheet.key, has_mode=False)).tonality) == "C minor"
