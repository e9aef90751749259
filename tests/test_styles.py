"""Styles: small files that a musician can read and change, checked as they are read."""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sideman.band import bass, comping, drums, rhythm, styles
from sideman.errors import FileError, FormatError, MusicError, SidemanError
from sideman.formats import typed
from sideman.library import songbook
from sideman.theory.meter import Meter

DOCS = Path(__file__).parent.parent / "docs" / "styles.md"


def test_the_house_has_thirteen_styles() -> None:
    assert styles.names() == (
        *("ballad", "bebop", "bolero", "bossa", "funk", "gypsy", "modal", "rock", "salsa", "samba"),
        *("swing", "two-beat", "waltz"),
    )
    for name in styles.names():
        style = styles.load(name)
        assert style.name == name
        assert style.comping.rhythms
        assert style.drums.fills
        assert style.drums.solo
        assert 40 <= style.tempo_bpm <= 300
    assert styles.load("swing").swing is None
    assert styles.load("bossa").swing == 1.0
    assert styles.load("ballad").drums.brushes
    assert styles.load("modal").comping.voicings == "quartal"
    assert styles.load("Two_Beat ") is styles.load("two-beat")


@pytest.mark.parametrize(
    ("said", "meter", "meant"),
    [
        ("", "4/4", "swing"),
        ("", "3/4", "waltz"),
        ("", "9/8", "waltz"),
        ("", "5/4", "swing"),
        ("swing", "3/4", "waltz"),
        ("Medium Swing", "4/4", "swing"),
        ("Medium Up Swing", "4/4", "swing"),
        ("Up Tempo Swing", "4/4", "bebop"),
        ("Bossa Nova", "4/4", "bossa"),
        ("bossa", "3/4", "bossa"),
        ("Latin", "4/4", "bossa"),
        ("Even 8ths", "4/4", "bossa"),
        ("Slow Ballad", "4/4", "ballad"),
        ("Ballad", "3/4", "ballad"),
        ("Jazz Waltz", "3/4", "waltz"),
        ("waltz", "4/4", "waltz"),
        ("Dixieland", "4/4", "two-beat"),
        ("Two-Beat", "4/4", "two-beat"),
        ("Modal Jazz", "4/4", "modal"),
        ("Calypsofunkadelic", "4/4", "swing"),
        ("Jump the unswinging bopper", "4/4", "swing"),
        ("♫ БОССА ♫", "4/4", "swing"),
        ("Funk", "4/4", "funk"),
        ("93BPM Soul ALL", "4/4", "funk"),
        ("Even 16ths", "4/4", "funk"),
        ("RnB", "4/4", "funk"),
        ("R&B", "4/4", "funk"),
        ("Rock Pop", "4/4", "rock"),
        ("Slow Rock", "4/4", "rock"),
        ("Pop Ballad", "4/4", "rock"),
        ("Samba", "4/4", "samba"),
        ("Calypso", "4/4", "samba"),
        ("Bolero", "4/4", "bolero"),
        ("Cuba: Bolero", "4/4", "bolero"),
        ("Cuba: Son Montuno 2-3", "4/4", "salsa"),
        ("Cha Cha", "4/4", "salsa"),
        ("Afro", "4/4", "salsa"),
        ("Gypsy Jazz", "4/4", "gypsy"),
        ("Gypsy Jazz", "3/4", "waltz"),
        ("Jazz Manouche", "4/4", "gypsy"),
        ("Slow Bossa", "4/4", "bossa"),
    ],
)
def test_free_words_find_a_style(said: str, meter: str, meant: str) -> None:
    assert styles.matching(said, Meter.parse(meter)).name == meant


def test_every_tune_of_the_songbook_finds_its_style() -> None:
    for name in songbook.names():
        sheet = songbook.load(name)
        found = styles.matching(sheet.style, sheet.changes.meter).name
        if sheet.changes.meter.beats == 3:
            assert found in ("waltz", "ballad"), name
        elif sheet.style:
            wanted = {"latin": "bossa", "waltz": "waltz"}.get(sheet.style, sheet.style)
            assert found == wanted, name


def test_a_file_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "shout.toml"
    path.write_text(
        'words = ["shout"]\ntempo_bpm = 190\nswing = 1.5\n'
        '[comping]\nvoicings = "triads"\n[comping.rhythms]\n"x x x x" = 1\n'
        "[bass]\nskips = 0\n[bass.feels]\npatterns = 1\n"
        '[bass.patterns]\n"1 5 1 5" = 1\n'
        '[drums.ride]\n"x x x x" = 1\n'
    )
    for given_path in (path, str(path)):
        style = styles.load(given_path)
        assert (style.name, style.tempo_bpm, style.swing) == ("shout", 190, 1.5)
    changes = songbook.load("blues-f").changes
    rng = np.random.default_rng(0)
    quarters = set(range(0, 96, 24))
    for part in (
        comping.comp(changes, style, rng, ending=False),
        bass.walk(changes, style, rng, ending=False),
        drums.drum(changes, style, rng, ending=False),
    ):
        ride = [note for note in part.notes if not part.percussion or note.pitch == 51]
        assert {note.onset % 96 for note in ride} <= quarters
        assert {note.onset % 96 for note in ride} >= quarters - {0}


def test_an_empty_file_is_a_style_that_walks(tmp_path: Path) -> None:
    path = tmp_path / "plain.toml"
    path.write_text("")
    style = styles.load(path)
    changes = songbook.load("jazz-waltz-f").changes
    rng = np.random.default_rng(0)
    assert len(bass.walk(changes, style, rng).notes) > 60
    assert comping.comp(changes, style, rng).notes  # each chord once, where it arrives
    assert drums.drum(changes, style, rng).notes


def test_an_unknown_style_names_the_nearest() -> None:
    with pytest.raises(MusicError, match=r"'balad' is not a style; choose ballad.* \.toml"):
        styles.load("balad")
    with pytest.raises(MusicError, match="choose ballad, bebop, bolero"):
        styles.load("§§§")
    with pytest.raises(MusicError):
        styles.load("")
    with pytest.raises(MusicError) as caught:
        styles.load("x" * 10_000)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("tempo_bpm = 'fast'", "mine.toml: tempo_bpm: write a number from 20 to 400"),
        ("tempo_bpm = 5", "tempo_bpm: write a number from 20 to 400"),
        ("tempo_bpm = nan", "tempo_bpm: write a number"),
        ("tempo_bpm = true", "tempo_bpm: write a number"),
        ("tempo = 120", "mine.toml: tempo: is not known here; it may be tempo_bpm"),
        ("swing = 'hard'", "swing: write \"tempo\", \"straight\" or a ratio"),
        ("swing = 7", "swing: write a number from 1 to 4"),
        ("words = 'bossa'", "words: write a list of words"),
        ("words = [1]", "words: write a list of words"),
        ("in_three = 'valse'", "in_three: name a style of the house: ballad"),
        ("comping = 3", r"comping: write it as a table, \[comping\]"),
        ("[comping]\nvoicings = 'drop2'", "comping.voicings: choose rootless, shell"),
        ("[comping]\nvoicings = 2", "comping.voicings: write a word in quotation marks"),
        ("[comping]\nrythms = {}", "comping.rythms: is not known here; it may be rhythms"),
        ("[comping.rhythms]\n'x- q-' = 1", "comping.rhythms.\"x- q-\": 'q' is not a sign"),
        ("[comping.rhythms]\n'x- ----- x' = 1", "the beat '-----' has 5 signs"),
        ("[comping.rhythms]\n'_x x-' = 1", "has nothing before it to hold"),
        ("[comping.rhythms]\n'x x | x' = 1", "the same number of beats"),
        ("[comping.rhythms]\n'' = 1", "the same number of beats, and at least one"),
        ("[comping.rhythms]\n'x x' = 'often'", "\"x x\": write a number from 0 to 1000"),
        ("[comping.rhythms]\n'x x' = -1", "\"x x\": write a number from 0 to 1000"),
        ("[bass.feels]\nhopping = 1", "bass.feels.hopping: is not known here; it may be"),
        ("[bass.feels]\nwalking = 0", "bass.feels: give at least one feel a weight above 0"),
        ("[bass.feels]\npatterns = 1", "bass.patterns: write at least one"),
        ("[bass]\nskips = 2", "bass.skips: write a number from 0 to 1"),
        ("[drums]\nbrushes = 'yes'", "drums.brushes: write true or false"),
        ("[drums]\nride = 'x x x x'", r"drums.ride: write it as a table, \[drums.ride\]"),
        ("[drums.triangle]\n'x x' = 1", "drums.triangle: is not known here; it may be"),
        ("[drums.fills]\n'x x' = 1", "drums.fills.\"x x\": 'x' is not a sign"),
        ("[drums.ride\n", "is not TOML: .* correct that line"),
        ("x = " + "[" * 5000, "mine.toml: is "),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_place(tmp_path: Path, text: str, complaint: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text)
    with pytest.raises(FormatError, match=complaint) as caught:
        styles.load(path)
    message = str(caught.value)
    assert message.startswith(str(path))
    assert message.endswith(".")
    assert "\n" not in message


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"nowhere\.toml"):
        styles.load(str(tmp_path / "nowhere.toml"))
    with pytest.raises(FileError):
        (tmp_path / "folder.toml").mkdir()
        styles.load(tmp_path / "folder.toml")
    binary = tmp_path / "binary.toml"
    binary.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(FormatError, match="UTF-8"):
        styles.load(binary)
    large = tmp_path / "large.toml"
    large.write_bytes(b"#" * 200_000)
    with pytest.raises(FileError):
        styles.load(large)


@given(st.binary(max_size=200))
@settings(max_examples=100, derandomize=True, deadline=None)
def test_any_bytes_are_a_style_or_a_sentence(data: bytes) -> None:
    message = "any.toml: none"
    try:
        styles.parse(data, "any.toml")
    except SidemanError as error:
        message = str(error)
    assert message.startswith("any.toml: ")


SIGNS = st.text(alphabet="x-_oX| 9", max_size=24)


@given(SIGNS)
@settings(max_examples=150, derandomize=True, deadline=None)
def test_a_rhythm_is_read_or_refused(text: str) -> None:
    try:
        read = rhythm.parse(text, "xoX")
    except FormatError:
        return
    whole = read.beats * 24 * len(read.bars)
    end = 0
    for number, bar in enumerate(read.bars):
        for stroke in bar:
            at = number * read.beats * 24 + stroke.onset
            assert end <= at < at + stroke.length <= whole
            end = at + stroke.length
    assert sum(map(len, read.bars)) == sum(text.count(sign) for sign in "xoX")


def test_a_rhythm_may_hold_over_its_own_bar_lines() -> None:
    (first, second) = rhythm.parse("x_ -x | __ x-", "x").bars
    assert [(s.onset, s.length) for s in first] == [(0, 24), (36, 36)]
    assert [(s.onset, s.length) for s in second] == [(24, 12)]


def test_pulses_are_what_a_band_counts() -> None:
    assert rhythm.pulses(Meter(4, 4)) == (0, 24, 48, 72, 96)
    assert rhythm.pulses(Meter(12, 8)) == (0, 36, 72, 108, 144)
    assert rhythm.pulses(Meter(5, 8)) == (0, 24, 60)
    assert rhythm.pulses(Meter(1, 8)) == (0, 12)
    assert rhythm.pulses(Meter(3, 2)) == (0, 24, 48, 72, 96, 120, 144)
    for beats in range(1, 17):
        for unit in (1, 2, 4, 8, 16, 32):
            meter = Meter(beats, unit)
            starts = rhythm.pulses(meter)
            assert starts[0] == 0
            assert starts[-1] == meter.ticks_per_bar
            assert list(starts) == sorted(set(starts))


def test_the_page_about_styles_is_right() -> None:
    """Its example is a style; it names every key, sign and voice."""
    page = DOCS.read_text()
    example, patterns = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    style = styles.parse(f"{example}\n{patterns}".encode(), "example.toml")
    assert style.comping.rhythms
    assert style.drums.fills
    for word in (
        *styles.names(), *styles.VOICES, *styles.VOICINGS, *styles.FEELS, "words", "in_three",
        "tempo_bpm", "swing", "laid_back_seconds", "double_time", "melody", "skips", "fills",
        "solo", "brushes",
    ):  # fmt: skip
        assert any(form in page for form in (f"`{word}`", f'"{word}"', f"\n{word} =")), word
    for sign in styles.BASS_SIGNS + styles.COMPING_SIGNS + "".join(styles.FILL_SIGNS):
        assert f"`{sign}`" in page, sign


# What marks the even styles and gypsy swing: the voice or player, and where it plays in a bar of
# eight eighths, the downbeat 0; a voice of the drums plays nowhere else.
VAMP = typed.parse("| Dm7 | % | G7 | % | Dm7 | % | G7 | % | Dm7 | % |").changes


def only(voice: str, pattern: rhythm.Rhythm) -> rhythm.Rhythm:
    """One voice of a pattern of the drums."""
    bars = tuple(
        tuple(stroke for stroke in bar if stroke.sign.split()[0] == voice) for bar in pattern.bars
    )
    return replace(pattern, bars=bars)


def heard(style: str, voice: str, bar: int) -> set[float]:
    """The eighths of a bar on which a player or a voice of the drums plays."""
    rng = np.random.default_rng(1)
    read = styles.load(style)
    if voice == "bass":
        notes = bass.walk(VAMP, read, rng, ending=False).notes
    elif voice == "chords":
        notes = comping.comp(VAMP, read, rng, ending=False).notes
    else:
        alone = tuple(one for one in read.drums.voices if one[0] == voice)
        patterns = rhythm.Rhythms(
            tuple(
                (only(voice, pattern), weight) for pattern, weight in read.drums.patterns.weighted
            )
        )
        kit = replace(read.drums, voices=alone, patterns=patterns, fills=rhythm.Rhythms())
        notes = drums.drum(VAMP, replace(read, drums=kit), rng, ending=False).notes
        notes = tuple(note for note in notes if note.pitch == styles.VOICES[voice])
    return {(note.onset - 96 * bar) / 12 for note in notes if note.onset // 96 == bar}


@pytest.mark.parametrize(
    ("style", "voice", "bars", "eighths"),
    [
        ("rock", "backbeat", range(8), {2, 6}),
        ("samba", "pedal", range(8), {2, 6}),
        ("salsa", "clave", (0, 2, 4, 6), {2, 4}),  # two
        ("salsa", "clave", (1, 3, 5, 7), {0, 3, 6}),  # three
        ("bolero", "conga", range(8), {6, 7}),
        ("gypsy", "brush", range(8), {0, 2, 4, 6}),
    ],
)
def test_what_a_voice_always_plays(
    style: str, voice: str, bars: Sequence[int], eighths: set[float]
) -> None:
    for bar in bars:
        assert heard(style, voice, bar) == eighths


@pytest.mark.parametrize(
    ("style", "voice", "eighths"),
    [
        ("funk", "backbeat", {2}),
        ("funk", "kick", {0}),
        ("rock", "bass", {0}),
        ("rock", "kick", {0}),
        ("samba", "kick", {0, 4}),
        ("samba", "bass", {0, 4}),
        ("bolero", "bass", {0, 4, 6}),
        ("bolero", "maracas", {0, 2, 3, 4, 5, 6, 7}),
        ("salsa", "bass", {3, 6}),
        ("gypsy", "chords", {0, 2, 4, 6}),
        ("gypsy", "bass", {0, 4}),
    ],
)
def test_what_a_player_plays_in_every_bar(style: str, voice: str, eighths: set[float]) -> None:
    for bar in range(8):
        assert eighths <= heard(style, voice, bar), bar


def test_even_styles_are_even_and_gypsy_swings() -> None:
    for name in ("funk", "rock", "samba", "bolero", "salsa", "bossa"):
        assert styles.load(name).swing == 1.0
    assert styles.load("gypsy").swing is None
    sixteenths = {place % 1 for bar in range(8) for place in heard("funk", "kick", bar)}
    assert sixteenths == {0.0, 0.5}


def test_slow_words_make_a_fast_style_slower() -> None:
    def tempo(text: str) -> int:
        return round(styles.matching(text).tempo_for(text))

    assert [tempo(text) for text in ("Rock", "Slow Rock", "Pop Ballad", "Ballad", "Bolero")] == [
        120, 78, 78, 66, 96
    ]  # fmt: skip
