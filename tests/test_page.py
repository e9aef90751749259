"""The page as a copyist sees it: nothing over anything, no bar alone, the whole part when asked."""

import re
from dataclasses import replace
from itertools import combinations, pairwise
from pathlib import Path
from xml.etree.ElementTree import Element, fromstring

import pytest

import sideman
from commands import call, sentence
from sideman.band import arranging
from sideman.errors import MusicError, SidemanError
from sideman.formats import musicxml, typed
from sideman.formats.musicxml.notation import tuplets
from sideman.formats.musicxml.spelling import spell_line
from sideman.library import songbook
from sideman.output import engraver, engraving
from sideman.output.engraving import layout, pages
from sideman.output.engraving.copying import staccato
from sideman.score import Bar, Changes, LeadSheet, Note, Part, Solo
from sideman.service import playing
from sideman.service.requests import LicksRequest, Line, PlayRequest, TradeRequest, Tune
from sideman.theory.meter import Meter

SVG = "{http://www.w3.org/2000/svg}"
ABOVE = {"harm", "reh", "mNum", "pgHead", "tupletNum"}
AABA = "[A] Bmaj7 | E7 | Bmaj7 | F#7 | [A] Bmaj7 | E7 | Bmaj7 | F#7 | [B] Em7 | A7 | Dmaj7 | F#7"
Box = tuple[str, float, float, float, float]


def boxes(page: str) -> list[Box]:
    """The texts above the staves of a page as Verovio measures them: left, top, right, bottom."""
    found: list[Box] = []

    def walk(element: Element, kind: str) -> None:
        names = element.get("class", "").split()
        if "bounding-box" in names:
            for rect in element.iter(f"{SVG}rect"):
                x, y, wide, high = (float(rect.get(n, "")) for n in ("x", "y", "width", "height"))
                if kind and wide and high:
                    found.append((kind, x, y, x + wide, y + high))
            return
        for child in element:
            walk(child, next((name for name in names if name in ABOVE), kind))

    walk(fromstring(page), "")
    return found


def overprints(page: str) -> list[tuple[Box, Box]]:
    """Pairs of texts of two kinds, or of two chords, of which one is printed over the other."""
    return [
        (one, other)
        for one, other in combinations(boxes(page), 2)
        if (one[0] != other[0] or one[0] == other[0] == "harm")
        and min(one[3], other[3]) - max(one[1], other[1]) > 1
        and min(one[4], other[4]) - max(one[2], other[2]) > 1
    ]


def dense(changes: Changes, step: int) -> tuple[Note, ...]:
    """High notes of equal length over a whole form."""
    return tuple(Note(at, step, 77 + at // step % 11) for at in range(0, changes.length, step))


@pytest.mark.parametrize("step", [8, 12, 4])
@pytest.mark.parametrize("form", [AABA, "| F7 | Bb7 | F7 | Cm7 F7 |"])
@pytest.mark.parametrize("font", ["engraved", "handwritten"])
def test_nothing_is_printed_over_anything(step: int, form: str, font: str) -> None:
    """Sections and choruses begin together, and brackets lift the chords of the first system."""
    changes = typed.parse(form, "typed").changes.repeated(2)
    solo = Solo("A Title", dense(changes, step), changes, tempo_bpm=120, style="swing")
    sheet, page = engraving.sheet_to_read(solo, font=font)
    found = pages.svg(sheet, page, {"svgBoundingBoxes": True})
    assert any(kind == "reh" for kind, *_ in boxes(found[0]))
    assert [overprints(one) for one in found] == [[]] * len(found)


@pytest.mark.parametrize("font", ["engraved", "handwritten"])
def test_boxes_stand_clear_of_the_chords_below_and_beside_them(font: str) -> None:
    form = "[Phrase] F7 | Bb7 | [Answer] F7 | Cm7 F7 | [A] Bb7 | Bdim7 | [C] F7 | [D] D7"
    changes = typed.parse(form, "typed").changes
    sheet, page = engraving.sheet_to_read(Solo("Title", (), changes, tempo_bpm=120), font=font)
    (one,) = pages.svg(sheet, replace(page, lines=frozenset({0, 4})))
    found = 0
    for system in re.split('class="system"', one)[1:]:
        chords = re.findall(r'class="harm"[^>]*><text x="([\d.]+)" y="([\d.]+)"', system)
        for mark in re.finditer(
            r'class="reh"[^>]*?(?: transform="translate\((.*?), (.*?)\)")?><rect [^>]*? x="(.*?)" '
            r'y="(.*?)" height="(.*?)" width="(.*?)"',
            system,
        ):
            found += 1
            right, down, x, y, high, wide = (float(each or 0) for each in mark.groups())
            for left, line in ((float(a), float(b)) for a, b in chords):
                below = float(line) - 340 - (y + high + down) >= 89
                aside = left - (x + right + wide) >= 119 or left < x + right - 119
                assert below or aside, (mark[0], left, line)
    assert found == 5


@pytest.mark.parametrize("many", range(1, 60))
def test_systems_are_divided_evenly(many: int) -> None:
    systems = [(2200.0 * at + 1500, 2200.0 * at + 3500) for at in range(many)]
    starts, _ = engraver.divisions(systems, 27_700)
    sizes = [b - a for a, b in pairwise((*starts, many))]
    assert max(sizes) <= 12
    assert max(sizes) - min(sizes) <= 1
    if many > 17:
        assert min(sizes) >= 7


def test_a_last_page_is_as_full_as_the_others() -> None:
    changes = typed.parse("| F7 | Bb7 | F7 | C7 |", "typed").changes.repeated(14)
    solo = Solo("Long", dense(changes, 12), changes, tempo_bpm=120, style="swing")
    found = engraving.engrave(solo)
    assert [page.count('class="system"') for page in found] == [7, 7]
    lowest = [max(float(y) for y in re.findall(r'd="M\d+ (\d+) L', page)) for page in found]
    assert all(y > 0.6 * 27_700 for y in lowest)
    short = engraving.engrave(replace(solo, notes=solo.notes[:24], changes=None))
    assert len(short) == 1


def sizes(form: str, notes: tuple[Note, ...] = (), size: int = 4) -> list[int]:
    """How many bars there are on each line."""
    sheet = typed.parse(form, "typed")
    sheet = replace(sheet, parts=(Part("Solo", notes),) if notes else ())
    many = len(sheet.changes.bars)
    starts = sorted(layout.line_starts(sheet, range(many), frozenset(), size))
    return [b - a for a, b in pairwise((*starts, many))]


def test_no_bar_is_alone_on_a_line() -> None:
    for many in range(2, 40):
        assert 1 not in sizes(" | ".join(["F7"] * many)), many
    sixteenths = tuple(Note(6 * at, 6, 60) for at in range(13 * 16))
    assert sizes(" | ".join(["F7"] * 13), sixteenths) == [2, 2, 2, 2, 2, 3]
    twelve = [Note(8 * at, 8, 60) for at in range(-12, 12 * 12)]
    assert sizes(" | ".join(["F7"] * 12), (*twelve[12:],))[0] == 3
    assert sizes(" | ".join(["F7"] * 12), (*twelve,))[0] == 2, "a pickup is part of the first line"
    short = " ".join(f"[{letter}] F7 |" for letter in "ABCD")
    assert sizes(short) == [2, 2]
    assert sizes(" ".join(f"[{letter}] F7 | C7 |" for letter in "ABC")) == [2, 2, 2]
    assert sizes(" | ".join(["F7"] * 5), size=1) == [1] * 5


def test_a_sextuplet_has_one_bracket() -> None:
    sixths = [(4 * at, 4 * at + 4) for at in range(6)]
    found = [one for one in tuplets(sixths) if one]
    assert [(one.actual, one.normal, one.mark) for one in found] == [
        (6, 4, "start"), *[(6, 4, "")] * 4, (6, 4, "stop"),
    ]  # fmt: skip
    # A triplet of which notes are divided, and half a beat, stay triplets.
    for places in ((0, 4, 8, 16, 20, 24), (0, 4, 8, 12, 18, 24), (0, 8, 16, 24)):
        actual = {one.actual for one in tuplets(list(pairwise(places))) if one}
        assert actual == {3}, places
    changes = typed.parse("| C |", "typed").changes
    solo = Solo("Run", tuple(Note(4 * at, 4, 60 + at) for at in range(24)), changes)
    page = engraving.engrave(solo)[0]
    assert page.count('class="tupletNum"') == 4
    back = musicxml.parse(engraving.as_musicxml(solo), "back")
    assert [note.duration for note in back.melody] == [4] * 24


LINE = (Note(0, 12, 60), Note(24, 12, 62), Note(36, 12, 64), Note(60, 12, 65), Note(72, 12, 67))


def test_an_eighth_and_a_rest_are_a_staccato_quarter() -> None:
    solo = Solo("Short", LINE, typed.parse("| C |", "typed").changes, tempo_bpm=140)
    document = engraving.as_musicxml(solo)
    notes = [note for note in fromstring(document).iter("note") if note.find("rest") is None]
    assert [note.get("release") for note in notes] == ["-12", None, None, None, "-12"]
    assert [note.findtext("type") for note in notes] == [
        "quarter", "eighth", "eighth", "eighth", "quarter",
    ]  # fmt: skip
    assert document.count(b"<staccato") == 2
    assert b'<rest measure="yes"' not in document
    back = musicxml.parse(document, "back")
    assert [(n.onset, n.duration, n.pitch) for n in back.melody] == [
        (n.onset, n.duration, n.pitch) for n in LINE
    ]
    # Not at the tempo of a ballad, not in eighths, and not what its composer wrote.
    assert b"staccato" not in engraving.as_musicxml(replace(solo, tempo_bpm=66))
    eighths = Changes((Bar(meter=Meter(7, 8)),))
    assert not staccato(LINE, eighths)
    spelled = songbook.load("st-louis-blues")
    assert b"staccato" not in engraving.as_musicxml(spelled)


def test_a_letter_has_one_accidental_in_a_bar() -> None:
    changes = typed.parse("| Bmaj7 |", "typed").changes
    for pitches in ((64, 63, 66, 70, 65, 68), (71, 70, 69, 68, 67), (63, 62, 61, 60, 59, 61, 63)):
        line = [Note(12 * at, 12, pitch) for at, pitch in enumerate(pitches)]
        names = {str(pitch.name) for pitch in spell_line(line, None, changes)}
        assert not [one for one in names if f"{one[0]}#" in names and f"{one[0]}b" in names], names
        assert not {"Db", "Eb", "Gb"} & names


# ------------------------------------------------------------------------------------------- takes


@pytest.fixture(scope="module")
def take() -> sideman.Take:
    return sideman.improvise("happy-birthday", seed=7, choruses=2)


def text(page: str | bytes) -> str:
    said = ("".join(one.itertext()) for one in fromstring(page).iter(f"{SVG}text"))
    return " ".join(said)


def test_feel_and_tempo_are_on_every_page(take: sideman.Take) -> None:
    typed_changes = playing.play(PlayRequest(changes=Tune(text="| Dm7 | G7 |"), seed=1))
    waltz = playing.play(
        PlayRequest(changes=Tune(text="(3/4) | Dm7 | G7 |"), seed=1, choruses=1, tempo=150)
    )
    plain = replace(take.solo, style="")
    answer = playing.trade(TradeRequest(phrase=Line(replace(plain, tempo_bpm=None)), seed=1))
    cut = playing.cut(LicksRequest(take=Line(replace(plain, tempo_bpm=None))))
    for music, feel, tempo in (
        (typed_changes.solo, "Swing", 132),
        (waltz.solo, "Jazz waltz", 150),
        (answer.solo, "Swing", 132),
        (cut.sheet, "Swing", 132),
        (cut.licks[0].page, "Swing", 132),
    ):
        said = text(engraving.engrave(music, transposition="Bb")[0])
        assert feel in said, music.title
        assert f"= {tempo}" in said, music.title
    ratio = LeadSheet("Ratio", typed.parse("| C |", "typed").changes, swing=1.6)
    assert "Swing" in text(engraving.engrave(ratio)[0])
    assert "Straight eighths" in text(engraving.engrave(replace(ratio, swing=1.0))[0])


def test_the_whole_part_has_the_head_and_the_ending(take: sideman.Take) -> None:
    result = playing.again(playing.requested(take.midi, "take.mid"))
    music, marks = playing.whole(result.request, result.solo)
    assert list(marks.values()) == ["Head", "Chorus 1", "Chorus 2", "Head out", "Ending"]
    played = result.arrangement.parts[0].notes
    shift = played[0].onset - music.notes[0].onset
    moved = [(note.onset + shift, note.duration, note.pitch) for note in music.notes]
    assert moved == [(note.onset, note.duration, note.pitch) for note in played]
    assert music.notes[0].onset < 0  # the upbeat is before the first bar
    said = text(take.score("svg", whole=True)[0])
    assert all(mark in said for mark in marks.values())
    assert "Head" not in text(take.score("svg")[0])


def test_the_whole_part_begins_after_the_count_in() -> None:
    sheet = songbook.load("happy-birthday")
    solo = Solo("S", (Note(0, 24, 60),), sheet.changes, tempo_bpm=120)
    plan = arranging.Plan(count_in=True, intro=True, ending=False)
    music, marks = arranging.front(sheet, solo, plan)
    assert list(marks.items())[:3] == [(0, "Intro"), (4, "Head"), (12, "Chorus 1")]
    assert music.changes is not None
    assert len(music.changes.bars) == 4 + 8 + 8 + 8


def test_a_title_is_printed_and_written(tmp_path: Path) -> None:
    take = sideman.improvise("blues-f", seed=3, choruses=1, title="Late & Early")
    assert take.title == take.solo.title == take.to_json()["music"]["title"] == "Late & Early"
    assert "Late & Early" in text(take.score("svg")[0])
    assert take.again() == take
    assert sideman.vary(take, seed=1, title="Other")[0].title == "Other"
    assert sideman.licks(take, title="Cut", numbers=[1])[1][0].title == "Cut, lick 1"
    assert sideman.trade(take, seed=1, title="Answer").title == "Answer"
    done = call("engrave", "| C | F |", tmp_path / "page.svg", "--title", "Mine")
    assert done.returncode == 0
    assert "Mine" in text((tmp_path / "page.svg").read_bytes())
    assert call("convert", "| C | F |", tmp_path / "a.ls", "--title", "Mine").returncode == 0
    assert "(title Mine)" in (tmp_path / "a.ls").read_text()


@pytest.mark.parametrize("title", [" ", "a\nb", "x" * 201])
def test_a_title_that_cannot_be_printed_is_refused(title: str, tmp_path: Path) -> None:
    with pytest.raises(SidemanError, match="title must be one line") as refused:
        sideman.improvise("blues-f", title=title)
    assert refused.value.field == "title"
    out = tmp_path / "out"
    for command in (
        ("improvise", "blues-f", "--out", out),
        ("engrave", "blues-f", out / "a.svg"),
        ("convert", "blues-f", out / "a.ls"),
    ):
        assert "--title" in sentence(call(*command, "--title", title))
    assert not out.exists()


def test_a_take_that_is_read_prints_the_same_page(take: sideman.Take, tmp_path: Path) -> None:
    pytest.importorskip("typst")
    (midi,) = take.save(tmp_path / "take.mid")
    take.save(tmp_path / "own.pdf")
    read = sideman.read(midi)
    assert isinstance(read, sideman.Take)
    read.save(tmp_path / "read.pdf")
    assert call("engrave", midi, tmp_path / "engraved.pdf").returncode == 0
    own, again, engraved = (
        (tmp_path / f"{name}.pdf").read_bytes() for name in ("own", "read", "engraved")
    )
    assert own == again == engraved
    assert call("engrave", midi, tmp_path / "engraved.svg").returncode == 0
    assert "Chorus 2" in text((tmp_path / "engraved.svg").read_bytes())


def test_a_page_can_look_handwritten(take: sideman.Take, tmp_path: Path) -> None:
    page = take.score("svg", font="handwritten")[0].decode()
    assert "Petaluma Script" in page
    assert "data:font/woff2" in page
    assert "Petaluma" not in take.score("svg")[0].decode()
    assert b'font-family="Petaluma"' in take.score("musicxml", font="handwritten")[0]
    assert musicxml.parse(take.score("musicxml", font="handwritten")[0], "back").melody
    pytest.importorskip("typst")
    (path,) = take.save(tmp_path / "a.pdf", font="handwritten", whole=True, part="Eb")
    fonts = set(re.findall(rb"/BaseFont\s*/[A-Z]{6}\+([\w-]+)", path.read_bytes()))
    assert b"PetalumaScript" in fonts
    assert not any(font.startswith(b"STIX") for font in fonts)


def test_wrong_fonts_and_parts_are_named(tmp_path: Path) -> None:
    with pytest.raises(MusicError, match="did you mean handwritten") as refused:
        sideman.read("blues-f").score("svg", font="handwriten")
    assert refused.value.field == "font"
    done = call("engrave", "blues-f", tmp_path / "a.svg", "--font", "comic")
    assert done.returncode == 2
    assert "--font" in done.stderr
    for option in (("--part", "C"), ("--font", "handwritten"), ("--dedication", "Anna")):
        done = call("engrave", "happy-birthday", tmp_path / "a.svg", "--roll", *option)
        assert (done.returncode, "--roll out" in done.stderr) == (2, True)
    foreign = sideman.Take(songbook_midi(tmp_path))
    with pytest.raises(MusicError, match="carries no request") as refused:
        foreign.save(tmp_path / "a.svg", whole=True)
    assert refused.value.field == "whole"
    assert call("licks", "x.mid", "--whole").returncode == 2
    assert not (tmp_path / "a.svg").exists()


def songbook_midi(folder: Path) -> bytes:
    assert call("convert", "happy-birthday", folder / "tune.mid").returncode == 0
    return (folder / "tune.mid").read_bytes()


def heights(page: str, kind: str) -> list[float]:
    found = re.findall(rf'class="{kind}">.*?<text [^>]*?y="(-?[\d.]+)"', page, re.DOTALL)
    return [float(y) for y in found]


def test_marks_and_later_tempos_are_above_the_chords_that_high_notes_lift() -> None:
    form = typed.parse("| F7 | Bb7 | F7 | C7 |", "typed").changes
    bars = (*form.bars, replace(form.bars[0], tempo_bpm=160.0), *form.bars[1:])
    low, high = Note(0, 24, 60), [Note(at, 12, 88) for at in range(140, 236, 12)]
    notes = (low, *high, replace(low, onset=384), *(replace(n, onset=n.onset + 384) for n in high))
    solo = Solo("High", notes, Changes(bars, (0, 4)), tempo_bpm=120)
    for part in ("C", "tenor sax"):
        (page,) = engraving.engrave(solo, transposition=part)
        marks, chords = heights(page, "reh"), heights(page, "harm")
        assert len(marks) == 2
        assert marks[0] < chords[0]
        assert marks[1] < chords[4]
        assert "= 160" in re.sub(r"<[^>]*>", "", page)
        assert not heights(page, "tempo")


def test_a_long_title_is_in_lines_within_the_page() -> None:
    sheet = songbook.load("happy-birthday")
    for letters in (45, 120, 200):
        title = ("A title of many words " * 10)[:letters].strip()
        (page,) = engraving.engrave(replace(sheet, title=title))
        head = page.partition('class="pgHead"')[2].partition('class="system"')[0]
        texts = [text for text in re.findall(r">([^<>]+)</tspan>", head) if "word" in text]
        assert " ".join(text.strip() for text in texts) == title
        assert max(map(len, texts)) <= 66
