"""The page: what stands on it, that it can be read, that it is the same each time."""

import re
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from xml.etree.ElementTree import Element, fromstring

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import workers
from commands import call, sentence
from realdata import DATA, needs_data
from sideman.errors import FileError, FormatError, MissingExtraError, MusicError
from sideman.files import write_whole
from sideman.formats import musicxml, typed
from sideman.formats.musicxml.notation import VALUES, bar_values, tuplets
from sideman.library import charts, etudes, songbook
from sideman.output import engraving
from sideman.output.engraving import layout, pages, strips
from sideman.output.engraving.copying import readable
from sideman.score import Bar, Changes, ChordChange, LeadSheet, Note, Part, Solo
from sideman.theory.chord import Chord
from sideman.theory.instruments import transposition_named
from sideman.theory.meter import Meter
from sideman.theory.pitch import Key

NAMESPACE = "{http://www.w3.org/2000/svg}"


def words(page: str) -> str:
    """All text on a page, in the order in which it is drawn."""
    said = ("".join(text.itertext()) for text in fromstring(page).iter(f"{NAMESPACE}text"))
    # Flats and sharps in text are signs of the music font.
    return " ".join(said).replace("\uea64", "♭").replace("\uea66", "♯")


def things(page: str, name: str) -> int:
    """How many elements of music of a class a page holds."""
    return sum(name in group.get("class", "").split() for group in fromstring(page).iter())


def tune(chords: str, notes: tuple[Note, ...] = (), **fields: object) -> LeadSheet:
    sheet = typed.parse(chords, "typed")
    parts = (Part("Solo", notes),) if notes else ()
    return replace(sheet, title="A Tune", parts=parts, **fields)  # type: ignore[arg-type]


def test_a_page_says_what_a_player_needs() -> None:
    sheet = songbook.load("st-louis-blues")
    found = engraving.engrave(sheet, dedication="Anna", transposition="tenor sax")
    text = words(found[0])
    for said in ("St. Louis Blues", "for Anna", "W. C. Handy", "Swing", "= 112", "Tenor sax"):
        assert said in text, said
    assert "A7" in text  # G7 for a tenor
    assert sum(things(page, "measure") for page in found) == 40
    assert sum(things(page, "reh") for page in found) == 3


def opening_boxes(page: str) -> list[tuple[bool, float, float, float]]:
    """Of the box that begins each system: is it above the chord, its room to the chord on its
    right and to the staff below, its distance from the left end."""
    found = []
    for system in fromstring(page).iter(f"{NAMESPACE}g"):
        if system.get("class") != "system":
            continue
        first = next(group for group in system.iter() if group.get("class") == "measure")
        named = {group.get("class", ""): group for group in reversed(list(first.iter()))}
        mark, chord, staff = named.get("reh"), named["harm"][0], named["staff"][0]
        if mark is None or mark[0].tag != f"{NAMESPACE}rect":
            continue
        box = {name: float(mark[0].get(name, "")) for name in ("x", "y", "width", "height")}
        right, down = map(float, re.findall(r"-?[\d.]+", mark.get("transform", "0 0")))
        left, bottom = box["x"] + right, box["y"] + box["height"] + down
        above = bottom < float(chord.get("y", "")) - 230
        top = float(staff.get("d", "").split()[1])
        found.append((above, float(chord.get("x", "")) - left - box["width"], top - bottom, left))
    return found


@pytest.mark.parametrize("font", ["engraved", "handwritten"])
@pytest.mark.parametrize("fifths", [0, 4, -4])
def test_boxed_marks_begin_their_lines_and_touch_no_chord(fifths: int, font: str) -> None:
    names = ("A", "B♭", "G♭", "F#m", "Interlude", "Intro")
    bars = "B7 | Am7 D7 | Cmaj7 | Dm7"
    high = tuple(Note(96 * bar + 12, 24, 92) for bar in range(0, 24, 8))
    sheet = tune(f"{bars}\n" * len(names), high, key=Key(fifths))
    marked = [
        replace(bar, section=None if at % 4 else names[at // 4])
        for at, bar in enumerate(sheet.changes.bars)
    ]
    sheet = replace(sheet, changes=Changes(tuple(marked)))
    boxes = opening_boxes(engraving.engrave(sheet, font=font)[0])
    assert len(boxes) == len(names)
    for name, (above, beside, over, left) in zip(names, boxes, strict=True):
        assert left == 0, name
        assert over >= 250, name
        assert above or beside >= 119, name
        assert not above or len(name) > 2, name


def test_chords_are_printed_as_players_write_them() -> None:
    page = engraving.engrave(tune("C7sus4 | Bbm7b5/Ab | NC | F#7#9 | Ebmaj7#11 | G7alt | C6/9"))[0]
    text = words(page)
    for symbol in ("C7sus4", "B♭m7♭5/A♭", "N.C.", "F♯7♯9", "E♭maj7♯11", "G7alt", "C6/9"):
        assert symbol in text.split(), symbol


def test_bars_without_a_melody_have_slashes_and_sections_repeat() -> None:
    sheet = songbook.load("rhythm-changes-bb")
    page = engraving.engrave(sheet)[0]
    assert things(page, "beatRpt") == 26 * 4
    assert things(page, "ending") >= 2
    assert things(page, "rest") == things(page, "mRest") == 0


def test_a_pickup_shares_the_first_line() -> None:
    sheet = songbook.load("amazing-grace")
    assert sheet.melody[0].onset < 0
    page = fromstring(engraving.engrave(sheet)[0])
    systems = [group for group in page.iter() if group.get("class") == "system"]
    measures = [sum(g.get("class") == "measure" for g in system.iter()) for system in systems]
    assert measures == [5, 4, 4, 4]


def test_the_same_music_gives_the_same_bytes(tmp_path: Path) -> None:
    solo = etudes.load("waltz-shutters")
    for suffix in engraving.SUFFIXES:
        first, second = (
            [path.read_bytes() for path in engraving.write(tmp_path / f"{n}{suffix}", solo)]
            for n in (1, 2)
        )
        assert first == second
        assert first[0][:4] in {b"<svg", b"\x89PNG", b"%PDF", b"<?xm", b"PK\x03\x04"}


def test_ids_are_unique() -> None:
    """Twice the same name would tie the wrong notes together."""
    for page in engraving.engrave(etudes.load("bird-blues-f-swift-errand")):
        ids = re.findall(r'<g id="([^"]+)"', page)
        assert len(ids) == len(set(ids))


def test_several_pages_are_numbered(tmp_path: Path) -> None:
    sheet = songbook.load("st-louis-blues")
    long = replace(sheet, changes=sheet.changes.repeated(4), parts=())
    written = engraving.write(tmp_path / "long.png", long)
    assert [path.name for path in written] == [f"long-{n}.png" for n in range(1, len(written) + 1)]
    assert len(written) > 1
    (bound,) = engraving.write(tmp_path / "long.pdf", long)
    counts = [int(count) for count in re.findall(rb"/Count (\d+)", bound.read_bytes())]
    assert max(counts) == len(written)
    assert len(list(tmp_path.iterdir())) == len(written) + 1


def test_choruses_follow_one_another() -> None:
    name = next(name for name in etudes.names() if len(etudes.sheet(name).parts) > 1)
    solo, sheet = etudes.load(name), etudes.sheet(name)
    by_solo, by_sheet = engraving.engrave(solo), engraving.engrave(sheet)
    assert "Chorus 2" in " ".join(map(words, by_solo))
    assert [things(page, "note") for page in by_solo] == [things(p, "note") for p in by_sheet]


@pytest.mark.parametrize(
    ("part", "key", "first"),
    [("C", -2, 60), ("Bb", 0, 62), ("tenor sax", 0, 74), ("Eb", 1, 69), ("alto", 1, 69)],
)
def test_parts_are_written_for_their_players(part: str, key: int, first: int) -> None:
    sheet = tune("Bb6 | Bb6", (Note(0, 24, 60), Note(24, 24, 71)), key=Key(-2))
    document = engraving.as_musicxml(sheet, transposition=part)
    root = fromstring(document)
    fifths = root.findtext(".//key/fifths")
    assert fifths is not None
    assert int(fifths) == key
    back = musicxml.parse(document, "back")
    assert [note.pitch for note in back.melody] == [60, 71]
    assert back.changes.spans[0].chord == Chord.parse("Bb6")
    assert back.key == Key(-2)
    assert transposition_named(part).semitones == first - 60


def test_a_part_has_at_most_six_signs() -> None:
    sheet = tune("B6 | B6", (Note(0, 24, 63),), key=Key(5))
    root = fromstring(engraving.as_musicxml(sheet, transposition="Eb"))
    assert root.findtext(".//key/fifths") == "-4"
    assert root.findtext(".//harmony/root/root-step") == "A"
    assert musicxml.parse(engraving.as_musicxml(sheet, transposition="Eb"), "x").key in (
        Key(5),
        Key(-7),
    )


@pytest.mark.parametrize("name", songbook.names())
def test_every_tune_of_the_songbook_reads_back_from_its_page(name: str) -> None:
    """Repeats, endings and lines lose nothing: the score gives the form and its melody back."""
    sheet, page = engraving.sheet_to_read(songbook.load(name), transposition="Eb")
    document = musicxml.dumps(sheet, page)
    back = musicxml.parse(document, name)
    plain = tuple(replace(bar, style="") for bar in sheet.changes.bars)
    assert back.changes == Changes(plain)
    heard = [(note.onset, note.duration, note.pitch) for note in back.melody]
    assert heard == [(note.onset, note.duration, note.pitch) for note in sheet.melody]


def test_repeats_are_worth_it() -> None:
    """At least the forms that everybody knows to repeat do so."""
    folded = {
        name
        for name in songbook.names()
        if b"<repeat" in engraving.as_musicxml(songbook.load(name))
    }
    assert "rhythm-changes-bb" in folded


# -------------------------------------------------------------------------------- readable lines


def line(*places: tuple[int, int]) -> list[Note]:
    return [Note(onset, duration, 60 + i) for i, (onset, duration) in enumerate(places)]


def spans(notes: tuple[Note, ...]) -> list[tuple[int, int]]:
    return [(note.onset, note.end) for note in notes]


@pytest.mark.parametrize(
    ("played", "written"),
    [
        # Short rests between the notes of a line are how it is played.
        ([(0, 8), (12, 9), (24, 3)], [(0, 12), (12, 24), (24, 36)]),
        # A rest of an eighth or more stays.
        ([(0, 12), (24, 12)], [(0, 12), (24, 36)]),
        # Long notes end on a place that is easily read.
        ([(0, 41), (72, 24)], [(0, 48), (72, 96)]),
        # A triplet runs to the end of its beat.
        ([(0, 7), (8, 7), (16, 5), (60, 12)], [(0, 8), (8, 16), (16, 24), (60, 72)]),
        # A sixteenth triplet in half a beat is what it is.
        ([(0, 4), (4, 4), (8, 4), (12, 6), (18, 6)], [(0, 4), (4, 8), (8, 12), (12, 18), (18, 24)]),
        # Onsets that fit no grid take the nearest.
        ([(0, 5), (7, 8), (16, 8)], [(0, 8), (8, 16), (16, 24)]),
    ],
)
def test_a_line_is_written_to_be_read(
    played: list[tuple[int, int]], written: list[tuple[int, int]]
) -> None:
    assert spans(readable(line(*played), Changes((Bar(),)))) == written


def test_under_a_swing_mark_long_and_short_are_eighths() -> None:
    pair, triplet, quarters = [(0, 16), (16, 8)], [(24, 8), (32, 8), (40, 8)], [16, 16, 16]
    wide = [(48 + sum(quarters[:index]), 16) for index in range(3)]
    played = line(*pair, *triplet, *wide)
    for swung, first in ((True, [(0, 12), (12, 24)]), (False, [(0, 16), (16, 24)])):
        written = spans(readable(played, Changes((Bar(),)), swung=swung))
        assert written == [*first, (24, 32), (32, 40), (40, 48), (48, 64), (64, 80), (80, 96)]


def test_what_is_too_quick_to_be_played_is_placing() -> None:
    played = line((0, 9), (9, 3), (12, 12))
    assert spans(readable(played, Changes(()), tempo_bpm=220))[1][0] in (6, 8)
    assert spans(readable(played, Changes(()), tempo_bpm=60))[1][0] == 9


onsets = st.lists(st.integers(-48, 400), min_size=1, max_size=40, unique=True).map(sorted)


@settings(deadline=None, derandomize=True, max_examples=200)
@given(onsets, st.integers(1, 40), st.sampled_from([None, 90.0, 240.0]), st.booleans())
def test_a_readable_line_keeps_its_notes(
    placed: list[int], length: int, tempo: float | None, swung: bool
) -> None:
    played = line(*((onset, length) for onset in placed))
    changes = Changes((Bar(),) * 4)
    written = readable(played, changes, tempo_bpm=tempo, swung=swung)
    assert [note.pitch for note in written] == [note.pitch for note in played]
    assert all(note.duration > 0 for note in written)
    assert all(a.onset < b.onset for a, b in pairwise(written))
    # Notes that are closer than a sixteenth spread over their beat.
    assert all(a.onset // 24 == b.onset // 24 for a, b in zip(played, written, strict=True))
    if all(after - before >= 6 for before, after in pairwise(placed)):
        assert all(abs(a.onset - b.onset) <= 12 for a, b in zip(played, written, strict=True))
    on_sixteenths = [onset % 6 == 0 for onset in placed]
    if all(on_sixteenths) and tempo is None:
        assert [note.onset for note in written] == placed


meters = st.sampled_from([Meter(4, 4), Meter(3, 4), Meter(5, 4), Meter(6, 8), Meter(12, 8)])


@settings(deadline=None, derandomize=True, max_examples=300)
@given(meters, st.sets(st.integers(1, 143)), st.integers(0, 3))
def test_note_values_fill_the_bar(meter: Meter, cuts: set[int], rests: int) -> None:
    bar = meter.ticks_per_bar
    edges = [0, *sorted(cut for cut in cuts if cut < bar), bar]
    pieces = [
        (start, end, index % 4 == rests) for index, (start, end) in enumerate(pairwise(edges))
    ]
    values = bar_values(pieces, meter)
    assert values[0].start == 0
    assert values[-1].end == bar
    assert all(a.end == b.start for a, b in pairwise(values))
    assert all(value.end - value.start in VALUES for value in values)
    for index, (start, end, _) in enumerate(pieces):
        mine = [value for value in values if value.piece == index]
        assert (mine[0].start, mine[-1].end) == (start, end)


def test_brackets_hold_whole_triplets() -> None:
    """On every page of the études each bracket adds up to two, one or half a quarter."""
    for name in etudes.names():
        root = fromstring(engraving.as_musicxml(etudes.load(name)))
        for measure in root.iter("measure"):
            inside, total = False, 0
            for note in measure.iter("note"):
                mark = note.find("notations/tuplet")
                kind = None if mark is None else mark.get("type")
                if kind == "start":
                    inside, total = True, 0
                if inside:
                    assert note.find("time-modification") is not None
                    total += int(note.findtext("duration", "0"))
                elif note.find("time-modification") is not None:
                    pytest.fail(f"{name}: a triplet without a bracket")
                if kind == "stop":
                    inside = False
                    assert total in (12, 24, 48), name


def test_quarter_triplets_and_syncopation() -> None:
    values = bar_values([(0, 12, False), (12, 36, False), (36, 60, False), (60, 96, True)], Meter())
    assert [(v.start, v.end) for v in values] == [
        (0, 12), (12, 36), (36, 48), (48, 60), (60, 72), (72, 96),
    ]  # fmt: skip
    wide = bar_values([(0, 48, True), (48, 64, False), (64, 80, False), (80, 96, False)], Meter())
    stretches = [(value.start, value.end) for value in wide]
    assert [one and one.mark for one in tuplets(stretches)] == [None, "start", "", "stop"]


def test_four_bars_a_line_and_fewer_where_they_are_full() -> None:
    form = typed.parse(" | ".join(["F7"] * 12), "x")
    assert sorted(layout.line_starts(form, range(12), frozenset())) == [0, 4, 8]
    full = replace(form, parts=(Part("Solo", tuple(line(*((6 * i, 6) for i in range(64))))),))
    assert sorted(layout.line_starts(full, range(12), frozenset()))[:3] == [0, 2, 4]


# ------------------------------------------------------------------------------ refused, or not


@pytest.mark.parametrize("name", ["page.doc", "page", "page.mid"])
def test_unknown_endings_are_named(name: str, tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"page.*\.svg, \.png, \.pdf, \.musicxml"):
        engraving.write(tmp_path / name, songbook.load("blues-f"))
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_player_is_named() -> None:
    with pytest.raises(MusicError, match="'kazoo'"):
        engraving.engrave(songbook.load("blues-f"), transposition="kazoo")
    with pytest.raises(MusicError, match="tenor sax"):
        engraving.engrave(songbook.load("blues-f"), transposition="tenro sax")


def test_endless_music_is_refused_at_once() -> None:
    sheet = songbook.load("blues-f")
    with pytest.raises(MusicError, match="2000 that are"):
        engraving.engrave(replace(sheet, changes=sheet.changes.repeated(200)))


def test_a_full_disk_leaves_no_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sheet = songbook.load("st-louis-blues")
    long = replace(sheet, changes=sheet.changes.repeated(4), parts=())

    def full(path: Path, content: bytes) -> None:
        if "-2" in path.name:
            raise FileError(f"{path}: cannot be written (no space left on device).")
        write_whole(path, content)

    monkeypatch.setattr("sideman.output.engraving.write_whole", full)
    with pytest.raises(FileError, match="long-2"):
        engraving.write(tmp_path / "long.svg", long)
    assert list(tmp_path.iterdir()) == []


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(MissingExtraError, match="pip install verovio"):
        engraving.write(tmp_path / "a.svg", songbook.load("blues-f"))
    engraving.write(tmp_path / "a.musicxml", songbook.load("blues-f"))


def test_when_verovio_hangs_or_dies_it_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    sheet = songbook.load("blues-f")
    monkeypatch.setattr(pages, "_LONGEST_SECONDS", 0.001)
    with pytest.raises(MusicError, match="cannot engrave"):
        engraving.engrave(sheet)
    monkeypatch.undo()

    monkeypatch.setattr("sideman.output.engraver.engrave", workers.die)
    with pytest.raises(MusicError, match=r"Blues in F.*cannot engrave"):
        engraving.engrave(sheet)
    monkeypatch.undo()
    assert engraving.engrave(sheet)


def test_verovio_stays_warm_and_comes_back_when_it_is_killed() -> None:
    sheet = songbook.load("blues-f")
    first = engraving.engrave(sheet)
    pid = pages.verovio_process.pid
    assert engraving.engrave(sheet) == first
    assert pages.verovio_process.pid == pid
    pages.verovio_process.kill()
    assert engraving.engrave(sheet) == first
    assert pages.verovio_process.pid != pid


def test_odd_music_is_engraved() -> None:
    empty = LeadSheet("", Changes(()))
    assert engraving.engrave(empty)
    strange = LeadSheet(
        "<&\"'> \x01 ♭ 日本",
        Changes(
            (Bar((ChordChange(5, Chord.parse("C7")),), Meter(7, 8), "<A>"), Bar(meter=Meter(1, 1)))
        ),
        composer="& co",
        parts=(Part("x", (Note(-13, 500, 127), Note(30, 1, 0), Note(31, 2, 60), Note(31, 9, 64))),),
        key=Key(-7, minor=True),
        tempo_bpm=33.3333,
        style="<b>",
    )
    (page,) = engraving.engrave(strange, dedication="<Anna> & co")
    assert "<&\"'>" in words(page)
    assert "for <Anna> & co" in words(page)
    alone = Solo("Free", (Note(0, 24, 60), Note(300, 24, 64)))
    assert things(engraving.engrave(alone)[0], "note") == 2


@needs_data
def test_real_charts_are_engraved() -> None:
    for path in sorted((DATA / "leadsheets" / "musicxml").glob("*.xml"))[:6]:
        sheet = charts.read(path)
        assert sum(things(page, "note") for page in engraving.engrave(sheet)) > 20


# ---------------------------------------------------------------------------------- the command


def test_the_command_writes_pages_and_rolls(tmp_path: Path) -> None:
    out = tmp_path / "page.pdf"
    result = call("engrave", "amazing-grace", out, "--for", "Anna", "--part", "trumpet")
    assert result.returncode == 0, result.stderr
    assert out.read_bytes().startswith(b"%PDF")
    assert "Amazing Grace" in result.stdout
    roll = tmp_path / "roll.svg"
    assert call("engrave", "amazing-grace", roll, "--roll").returncode == 0
    assert b"<svg" in roll.read_bytes()


def test_the_command_refuses_in_a_sentence(tmp_path: Path) -> None:
    assert ".gif" in sentence(call("engrave", "blues-f", tmp_path / "a.gif"))
    assert "kazoo" in sentence(call("engrave", "blues-f", tmp_path / "a.svg", "--part", "kazoo"))
    assert "no notes" in sentence(call("engrave", "blues-f", tmp_path / "a.png", "--roll"))
    zero = tmp_path / "zero.musicxml"
    zero.write_text(
        "<score-partwise><part-list><score-part id='P1'/></part-list><part id='P1'><measure>"
        "<attributes><divisions>1</divisions><time><beats>4</beats><beat-type>0</beat-type></time>"
        "</attributes></measure></part></score-partwise>"
    )
    assert "4/0 is not a meter" in sentence(call("engrave", zero, tmp_path / "a.svg"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["zero.musicxml"]


def test_engraving_is_imported_only_when_asked_for() -> None:
    program = (
        "import sys, sideman.output.engraving; "
        "sys.exit(bool({'verovio', 'typst', 'fontTools', 'matplotlib'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def elements(page: str, name: str) -> list[Element]:
    return [group for group in fromstring(page).iter() if group.get("class") == name]


def test_a_minor_key_and_its_accidentals_are_drawn() -> None:
    notes = (Note(0, 24, 72), Note(24, 24, 71), Note(48, 24, 69), Note(72, 24, 68))
    page = engraving.engrave(tune("Am | Am", notes, key=Key(0, minor=True)))[0]
    assert len(elements(page, "keySig")) <= 1
    assert len([a for a in elements(page, "accid") if len(a)]) == 1  # G sharp alone


# ------------------------------------------------------------------------------------------- names

TIED = Solo(
    "Tied <img src=x onerror=alert(1)>",
    (Note(-12, 12, 60), Note(0, 250, 62), Note(252, 8, 64), Note(260, 8, 64), Note(276, 12, 65)),
    typed.parse("[<b>A</b>] C7 | F7 Bb7 | C7 | G7 || C7 |", "typed").changes,
    style="swing",
)


def ids(document: str | bytes, name: str) -> list[str]:
    found = [one.get("id", "") for one in fromstring(document).iter() if one.tag.endswith(name)]
    return [one for one in found if re.fullmatch(r"n\d+(-\d+)?|[bc]\d+", one)]


def test_notes_bars_and_chords_of_a_solo_have_names() -> None:
    document = engraving.as_musicxml(TIED)
    notes = ids(document, "note")
    assert notes[:2] == ["n1", "n2"]
    assert "n2-3" in notes
    assert [one for one in notes if "-" not in one] == [f"n{n}" for n in range(1, 6)]
    assert len(set(notes)) == len(notes)
    assert ids(document, "measure") == [f"b{n}" for n in range(6)]
    assert ids(document, "harmony") == [f"c{n}" for n in range(1, 7)]
    page = engraving.engrave(TIED)[0]
    drawn = re.findall(r'<g id="(n[0-9-]+|[bc][0-9]+)" class="(note|measure|harm)"', page)
    assert sorted(one for one, _ in drawn) == sorted(
        [*notes, *ids(document, "measure"), *ids(document, "harmony")]
    )


def test_the_names_are_the_numbers_of_the_line() -> None:
    solo = etudes.load("bird-blues-f-swift-errand")
    root = fromstring(engraving.as_musicxml(solo, transposition="Bb"))
    steps = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
    for note in root.iter("note"):
        if (name := note.get("id")) is not None:
            number = int(name[1:].split("-")[0])
            pitch = (
                steps[note.findtext("pitch/step") or ""]
                + 12
                + 12 * int(note.findtext("pitch/octave") or 0)
            )
            pitch += int(note.findtext("pitch/alter") or 0)
            assert pitch - 2 == solo.notes[number - 1].pitch


def test_a_tune_has_no_names() -> None:
    document = engraving.as_musicxml(songbook.load("amazing-grace"))
    assert ids(document, "note") == ids(document, "measure") == ids(document, "harmony") == []


@pytest.mark.parametrize("bars_a_line", [1, 2, 4])
def test_a_strip_has_its_bars_a_line_and_no_style(bars_a_line: int) -> None:
    solo = etudes.load("bird-blues-f-swift-errand")
    document = engraving.strip(solo, bars_a_line)
    root = fromstring(document)
    systems = [group for group in root.iter() if group.get("class") == "system"]
    counts = [sum(g.get("class") == "measure" for g in system.iter()) for system in systems]
    assert set(counts) == {bars_a_line}
    assert sum(counts) == 24
    assert ids(document, "g").count("n17") == 1
    assert ids(document, "g")[:2] == ["b1", "n1"]
    every = [one.get("id") for one in root.iter() if one.get("id")]
    assert len(every) == len(set(every))
    assert "style" not in {one.tag.split("}")[-1] for one in root.iter()}
    assert not {"style", "color"} & {name for one in root.iter() for name in one.attrib}
    assert not re.search(r"<style|data:|@font-face|onerror|placeholder|STIX|Times", document)
    glyphs = {one.get("href", "")[1:] for one in root.iter() if one.get("href")}
    assert glyphs <= {*every}
    assert document == engraving.strip(solo, bars_a_line)


@pytest.mark.parametrize(
    ("notes_a_bar", "lines", "wider"),
    [(8, 2, False), (12, 2, False), (16, 2, True), (24, 4, False)],
)
def test_dense_bars_stand_four_on_a_line_by_a_wider_page(
    notes_a_bar: int, lines: int, wider: bool
) -> None:
    long = 96 // notes_a_bar
    notes = tuple(Note(onset, long, 60 + onset % 7) for onset in range(0, 8 * 96, long))
    chords = typed.parse("| F7 | F7 | F7 | F7 | F7 | F7 | F7 | F7 |").changes
    document = engraving.strip(Solo("Dense", notes, chords))
    assert document.count('class="system"') == lines
    width = int(re.search(r'viewBox="0 0 (\d+)', document)[1])  # type: ignore[index]
    assert (width > strips.WIDTHS[4]) == wider
    assert width <= 1.25 * strips.WIDTHS[4]


def test_a_chord_symbol_has_its_number() -> None:
    solo = etudes.load("bird-blues-f-swift-errand")
    assert solo.changes is not None
    root = fromstring(engraving.strip(solo))
    texts = {one.get("id"): "".join(one.itertext()) for one in root.iter() if one.get("id")}
    for number, span in enumerate(solo.changes.spans, start=1):
        text = texts[f"c{number}"].replace("\uea64", "b").replace("\uea66", "#")
        assert "".join(text.split()) == span.chord.symbol


def test_two_strips_share_a_page() -> None:
    solo = etudes.load("bird-blues-f-swift-errand")
    one, other = (
        re.findall(r' id="([^"]+)"', engraving.strip(solo, prefix=prefix)) for prefix in ("", "b-")
    )
    assert len(one) == len(other) > 100
    assert not set(one) & set(other)
    with pytest.raises(MusicError, match="cannot begin an id"):
        engraving.strip(solo, prefix='"><script>')


def test_markup_in_a_solo_stays_text() -> None:
    document = engraving.strip(TIED)
    assert "<b>A" not in document
    assert "<b>A</b>" in words(document)
    for page in engraving.engrave(TIED, dedication="<img onerror=x>"):
        assert "<img" not in page
    assert ids(document, "g").count("b0") == 1


def test_no_bar_of_a_strip_is_folded() -> None:
    notes = tuple(Note(24 * n, 24, 60) for n in range(32))
    changes = typed.parse("[A] C | F | C | F | [A] C | F | C | F", "typed").changes
    document = engraving.strip(Solo("Twice", notes, changes))
    assert [one for one in ids(document, "g") if one[0] == "b"] == [f"b{n}" for n in range(1, 9)]
    silent = engraving.strip(Solo("Silent", (), changes))
    assert things(silent, "beatRpt") == 32


def test_an_unknown_layout_is_refused() -> None:
    with pytest.raises(MusicError, match="1, 2 or 4"):
        engraving.strip(TIED, 3)
    long = typed.parse("| C | F | G7 | C " * 120, "typed").changes
    with pytest.raises(MusicError, match="more bars a line"):
        engraving.strip(Solo("Long", (Note(0, 24, 60),), long), 1)
