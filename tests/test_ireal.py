import contextlib
import random
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from realdata import DATA, needs_data
from sideman.errors import ChordError, FormatError, SidemanError
from sideman.formats import ireal
from sideman.score import Bar, Changes, ChordChange, LeadSheet
from sideman.theory.chord import NO_CHORD, Chord
from sideman.theory.meter import Meter
from sideman.theory.pitch import Key

FOLDER = DATA / "leadsheets" / "ireal"
FILES = ["jazz1460.txt", "blues50.txt", "irealbook.txt", "playlist.html", "strange.html"]


def sheet(chart: str) -> LeadSheet:
    return ireal.Tune("Test", "A B", "Swing", "C", None, chart, "test").sheet()


def written(chart: str) -> list[str]:
    """The bars of a chart, one string each: symbols with their onsets in ticks."""
    return [
        " ".join(f"{change.chord.symbol}@{change.onset}" for change in bar.chords)
        for bar in sheet(chart).changes.bars
    ]


def form(chart: str) -> str:
    """The roots of a chart's bars in playing order."""
    return "".join(
        bar.chords[0].chord.symbol if bar.chords else "-" for bar in sheet(chart).changes.bars
    )


def playlist_of(path: Path) -> ireal.Playlist:
    return ireal.parse(path.read_text(), str(path))


@needs_data
@pytest.mark.parametrize("name", FILES)
def test_real_playlists_read_and_round_trip(name: str) -> None:
    playlist = playlist_of(FOLDER / name)
    sheets = [tune.sheet() for tune in playlist.tunes]
    assert all(one.changes.bars for one in sheets)
    assert not any(ireal.losses(one) for one in sheets)
    back = ireal.parse(ireal.dumps(sheets, playlist.name or "list"), "back")
    assert [tune.sheet() for tune in back.tunes] == sheets
    assert back.name == (playlist.name or "list")


@needs_data
def test_the_big_playlist_is_read_fast_and_right() -> None:
    begun = time.process_time()
    playlist = playlist_of(FOLDER / "jazz1460.txt")
    sheets = {tune.title: tune.sheet() for tune in playlist.tunes}
    took = time.process_time() - begun
    assert len(playlist.tunes) == 1460
    assert playlist.name == "Jazz 1460"
    assert took < 5, f"{took:.2f} s"
    assert len(sheets["26-2"].changes.bars) == 32
    assert sheets["26-2"].composer == "John Coltrane"
    # D.C. al Coda, written out: AABA.
    assert len(sheets["All Or Nothing At All"].changes.bars) == 64
    # The vamp after the coda sign ends the last chorus only.
    assert len(sheets["500 Miles High"].changes.bars) == 18
    assert sheets["Infant Eyes"].key == Key.parse("Eb")
    assert sum(len(one.changes.bars) == 32 for one in sheets.values()) > 700


def test_cells_are_beats() -> None:
    assert written("[T44C^7   |C-7 F7 |A-7,D7,G7,C7|C,n  Z") == [
        "Cmaj7@0",
        "Cm7@0 F7@48",
        "Am7@0 D7@24 G7@48 C7@72",
        "C@0 N.C.@24",
    ]
    assert written("[T34C   |D-7,G7,|T12F7   |Bb7 F7 Z") == [
        "C@0",
        "Dm7@0 G7@48",
        "F7@0",
        "Bb7@0 F7@72",
    ]
    assert written("[T44C7,F7,C7,|A-7, D7|C p G7 Z") == [
        "C7@0 F7@48 C7@72",
        "Am7@0 D7@48",
        "C@0 G7@48",
    ]
    assert written("[T44C7 W/Bb |W/G   Z") == ["C7@0 C7/Bb@48", "C7/G@0"]


def test_repeat_signs_copy_bars() -> None:
    assert written("[C7   | x  |F7   |G7   |   r|    |    Z")[1] == "C7@0"
    assert form("[C   |F   |   r|    |G   Z") == "CFCFG"
    assert form("[C   |    |G   Z") == "C-G"


@pytest.mark.parametrize(
    ("chart", "bars"),
    [
        ("[T44r|    |C7   Z", ["N.C.@0", "N.C.@0", "C7@0"]),
        ("[T44 x  |C7   Z", ["N.C.@0", "C7@0"]),
        ("[T34Kcl  |D-7   Z", ["N.C.@0", "Dm7@0"]),
        ("{*iT44 r|    }[*AC7   | x  Z", ["N.C.@0"] * 4 + ["C7@0", "C7@0"]),
        ("[T44n   | r  |    |C7   Z", ["N.C.@0", "N.C.@0", "N.C.@0", "C7@0"]),
        # The chord that sounded at the beginning of the bar is repeated too.
        ("[C   |    |F   |   r|    |G   Z", ["C@0", "", "F@0", "C@0", "F@0", "G@0"]),
        # Beside a chord the sign is no bar to repeat.
        ("[C7   |F7,x |G7   Z", ["C7@0", "F7@0", "G7@0"]),
    ],
)
def test_repeat_signs_at_the_beginning_are_no_chord(chart: str, bars: list[str]) -> None:
    assert written(ireal.link._expanded(chart)) == bars


@pytest.mark.parametrize(
    ("style", "tempo", "expected"),
    [
        ("93BPM Rock ALL", None, 93),
        ("Medium Swing 140 bpm", None, 140),
        ("93BPM Rock", 120.0, 120),
        ("Even 8ths", None, None),
    ],
)
def test_a_tempo_inside_the_style(style: str, tempo: float | None, expected: float | None) -> None:
    tune = ireal.Tune("Test", "A B", style, "C", tempo, "[C7   Z", "test")
    assert (tune.sheet().tempo_bpm, tune.sheet().style) == (expected, style)


@pytest.mark.parametrize(
    ("chart", "played"),
    [
        ("{C   |D   }E   Z", "CDCDE"),
        ("{C   |N1D   }|N2E   Z", "CDCE"),
        ("{C   |N1D   }|N2E   }|N3F   ]G   Z", "CDCECFG"),
        ("{C   |N1D   }        |N2E   ]{F   |N1G   }|N2A   Z", "CDCEFGFA"),
        ("{C   <3x> }D   Z", "CCCD"),
        ("[C   |D   <Fine> ]E   |F   <D.C. al Fine> Z", "CDEFCD"),
        ("{C   |N1D   }|N2E   ]F   <D.C. al Fine> |G   Z", "CDCEFGCEFG"),
        ("{C   |N1D   }|N2E   ]F   <D.C. al 2nd ending>Z", "CDCEFCE"),
        ("[C   |SD   |E  Q |F   <D.S. al Coda> ]Y[QG   |A   Z", "CDEFDEGA"),
        ("[C   |D  Q Z        Y[QE   Z", "CD"),
        ("[C   |D   Z    YQ |E   Z", "CD"),
    ],
)
def test_the_order_of_playing(chart: str, played: str) -> None:
    assert form(chart) == played


def test_sections_and_meters() -> None:
    changes = sheet("[*iT34C   ]*A{F   }[*BT44G   Z").changes
    assert [bar.section for bar in changes.bars] == ["Intro", "A", "A", "B"]
    assert [str(bar.meter) for bar in changes.bars] == ["3/4", "3/4", "3/4", "4/4"]


def test_a_tune_without_a_composer() -> None:
    tune = LeadSheet("Riff", Changes((Bar((ChordChange(0, Chord.parse("F7")),)),)), style="Swing")
    back = ireal.parse(ireal.dumps([tune, tune]), "back")
    assert [one.title for one in back.tunes] == ["Riff", "Riff"]
    assert back.tunes[0].sheet().changes == tune.changes


def test_what_a_chart_cannot_hold_is_named() -> None:
    bar = Bar((ChordChange(5, Chord.parse("C")),), Meter(13, 16), "Solo break")
    lost = ireal.losses(LeadSheet("a=b", Changes((bar,))))
    assert len(lost) == 4, lost


symbols = st.sampled_from(["C", "F7", "Bb^7", "D-7", "Eh7", "Ab7#11", "F#o7", "G7sus", "C/E"])
bars = st.builds(
    lambda meter, section, chords: Bar(
        tuple(
            ChordChange(beat * meter.ticks_per_beat, chord)
            for beat, chord in sorted(chords.items())
            if beat < meter.beats
        ),
        meter,
        section,
    ),
    st.sampled_from([Meter(), Meter(3, 4), Meter(5, 4), Meter(6, 8), Meter(12, 8)]),
    st.sampled_from([None, "A", "B", "Intro", "Verse"]),
    st.dictionaries(st.integers(0, 4), symbols.map(Chord.parse) | st.just(NO_CHORD), max_size=4),
)


@settings(deadline=None, derandomize=True, max_examples=150)
@given(st.lists(bars, min_size=1, max_size=12).map(tuple), st.sampled_from(["", "Ann Lee", "Bo"]))
def test_what_is_written_reads_back(form: tuple[Bar, ...], composer: str) -> None:
    tune = LeadSheet("A Tune", Changes(form), composer, style="Swing", key=Key(-3), tempo_bpm=132)
    assert not ireal.losses(tune)
    assert ireal.parse(ireal.dumps([tune], "list"), "x").tunes[0].sheet() == tune


def test_written_pages_read_back() -> None:
    tune = sheet("[T44C^7   |D-7 G7 Z")
    playlist = ireal.parse(ireal.page([tune, tune], "Mum's list"), "list.html")
    assert playlist.name == "Mum's list"
    assert [one.sheet() for one in playlist.tunes] == [tune, tune]


def test_bad_charts_are_sentences() -> None:
    with pytest.raises(ChordError, match=r"test: 'Test', bar 2.*H7"):
        sheet("[C7   |H7   Z")
    with pytest.raises(FormatError, match="no bar"):
        sheet("")
    with pytest.raises(FormatError, match="bar 2: repeats a bar before"):
        sheet("[C   | r  |    |D Z")
    with pytest.raises(FormatError, match="0/4"):
        sheet("[T04C Z")
    with pytest.raises(FormatError, match="more than 2000 bars"):
        sheet("[" + "C   |" * 3000)
    with pytest.raises(FormatError, match="longer than"):
        sheet("[" * 100_000)
    with pytest.raises(FormatError, match="no irealb"):
        ireal.parse("hello", "text")
    with pytest.raises(FormatError, match="contains no tune"):
        ireal.parse("irealb://nothing", "text")


def test_ten_megabytes_of_brackets_are_answered_at_once() -> None:
    begun = time.process_time()
    for text in ("[" * 10_000_000, "irealb://a=b==c=d==1r34LbKcu7" + "{" * 10_000_000):
        with pytest.raises(SidemanError):
            [tune.sheet() for tune in ireal.parse(text, "brackets").tunes]
    assert time.process_time() - begun < 30


@needs_data
def test_mutants_give_a_result_or_a_sentence() -> None:
    rng = random.Random(1)
    text = (FOLDER / "playlist.html").read_text()
    charts = [tune.chart for tune in playlist_of(FOLDER / "blues50.txt").tunes]
    for _ in range(400):
        chart = list(rng.choice(charts))
        for _ in range(rng.randint(1, 8)):
            at = rng.randrange(len(chart))
            chart[at : at + rng.randint(0, 3)] = rng.choice("[]{}|ZNQST*<>()xrnpW/#b7 12,\x00é")
        page = list(text)
        for _ in range(20):
            page[rng.randrange(len(page))] = chr(rng.randrange(32, 300))
        with contextlib.suppress(SidemanError):
            sheet("".join(chart))
        with contextlib.suppress(SidemanError):
            [tune.sheet() for tune in ireal.parse("".join(page), "page").tunes]


def test_the_end_sign_is_the_fine_where_none_is_written() -> None:
    assert written("[C |F U|G <D.C. al Fine>Z") == ["C@0", "F@0", "G@0", "C@0", "F@0"]
    assert written("[C |F U|G Z") == ["C@0", "F@0", "G@0"]
