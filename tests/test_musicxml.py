import contextlib
import io
import random
import re
import time
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from realdata import DATA, needs_data
from sideman.errors import ChordError, FormatError, SidemanError
from sideman.formats import musicxml, typed
from sideman.library import charts, etudes
from sideman.output import engraving
from sideman.score import Bar, Changes, ChordChange, LeadSheet, Note, Part
from sideman.theory.chord import NO_CHORD, Chord
from sideman.theory.instruments import transposition_named
from sideman.theory.meter import Meter
from sideman.theory.pitch import Key, PitchName

FOLDER = DATA / "leadsheets" / "musicxml"
REAL = sorted(FOLDER.glob("*.xml")) if FOLDER.is_dir() else []


@pytest.fixture(scope="module")
def schema() -> etree.XMLSchema:
    folder = DATA / "musicxml-schema"
    document = etree.parse(folder / "musicxml.xsd")
    for element in document.iter("{http://www.w3.org/2001/XMLSchema}import"):
        element.set("schemaLocation", str(folder / element.get("schemaLocation").split("/")[-1]))
    return etree.XMLSchema(document)


def valid(schema: etree.XMLSchema, document: bytes) -> None:
    parser = etree.XMLParser(load_dtd=False, no_network=True)
    schema.assertValid(etree.fromstring(document, parser))


def score(measures: str, *, head: str = "", part: str = "<part-name>Lead</part-name>") -> bytes:
    return (
        f'<score-partwise version="4.0">{head}<part-list><score-part id="P1">{part}</score-part>'
        f'</part-list><part id="P1">{measures}</part></score-partwise>'
    ).encode()


ATTRIBUTES = (
    "<attributes><divisions>2</divisions><time><beats>4</beats><beat-type>4</beat-type></time>"
    "</attributes>"
)


def note(step: str, duration: int, extra: str = "", *, octave: int = 4) -> str:
    return (
        f"<note>{extra}<pitch><step>{step}</step><octave>{octave}</octave></pitch>"
        f"<duration>{duration}</duration></note>"
    )


def harmony(root: str, kind: str = "major", rest: str = "") -> str:
    return f"<harmony><root><root-step>{root}</root-step></root><kind>{kind}</kind>{rest}</harmony>"


def bar(content: str, number: int = 1, attributes: str = "") -> str:
    return f'<measure number="{number}" {attributes}>{content}</measure>'


def form(document: bytes) -> str:
    return "".join(
        one.chords[0].chord.symbol if one.chords else "-"
        for one in musicxml.parse(document, "test").changes.bars
    )


@needs_data
@pytest.mark.parametrize("path", REAL, ids=lambda path: path.stem)
def test_real_files_read_round_trip_and_are_valid(path: Path, schema: etree.XMLSchema) -> None:
    sheet = charts.read(path)
    assert sheet.title
    assert sheet.tempo_bpm
    assert len(sheet.changes.spans) > 10
    assert sheet.melody[-1].end <= sheet.changes.length
    document = musicxml.dumps(sheet)
    valid(schema, document)
    assert musicxml.parse(document, "back") == sheet


@needs_data
def test_another_reader_agrees() -> None:
    """music21 finds the same notes and the same chord roots at the same places."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from music21 import converter

        for path in REAL[:3]:
            sheet = charts.read(path)
            for document in (path.read_bytes(), musicxml.dumps(sheet)):
                other = converter.parse(document.decode(), format="musicxml").parts[0]
                flat = other.toSoundingPitch().flatten()
                notes = [
                    (round(n.offset * 24), n.pitch.midi)
                    for n in flat.notes
                    if n.isNote and (n.tie is None or n.tie.type == "start")
                ]
                assert notes == [(n.onset, n.pitch) for n in sheet.melody]
                chords = [
                    (round(c.offset * 24), c.root().pitchClass)
                    for c in flat.getElementsByClass("ChordSymbol")
                    if c.root() is not None
                ]
                ours = [
                    (span.onset, span.chord.root.pitch_class)
                    for span in sheet.changes.spans
                    if span.chord.root is not None
                ]
                assert sorted(chords) == ours


SYMBOLS = [
    *("C", "Cm", "C7", "Cmaj7", "Cm7", "Cm7b5", "Cdim7", "C6", "Cm6", "C9", "Cmaj9", "Cm9"),
    *("C7sus4", "C9sus4", "C7b9sus4", "C7b9", "C7#9", "C7#11", "C7b13", "C7b9#11", "C7alt"),
    *("C7#5", "C+", "Cdim", "Csus4", "Csus2", "C6/9", "Cm6/9", "Cm(maj7)", "Cmaj7#11"),
    *("Cmaj7#5", "C7b5", "Cadd9", "Bb7/D", "F#m7b5/E", "Ab13b9", "N.C."),
]


def one_bar_each(symbols: list[str]) -> LeadSheet:
    bars = tuple(Bar((ChordChange(0, Chord.parse(symbol)),)) for symbol in symbols)
    notes = tuple(Note(96 * index, 96, 60) for index in range(len(symbols)))
    return LeadSheet("Chords", Changes(bars), parts=(Part("Solo", notes),))


def test_another_reader_understands_the_chords() -> None:
    """music21 hears the pitches that each symbol asks for, over its bass."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from music21 import converter

        document = musicxml.dumps(one_bar_each(SYMBOLS))
        other = converter.parse(document.decode(), format="musicxml")
        found = list(other.recurse().getElementsByClass("ChordSymbol"))
    assert len(found) == len(SYMBOLS)
    for symbol, read in zip(SYMBOLS, found, strict=True):
        chord = Chord.parse(symbol)
        root = chord.root.pitch_class if chord.root else 0
        asked = {(root + tone) % 12 for tone in chord.quality.semitones}
        bass = {chord.bass.pitch_class} if chord.bass else set()
        sounding = {pitch.pitchClass for pitch in read.pitches}
        # In music21 a thirteenth chord contains the eleventh.
        extra = {5} if "13b9" in symbol else set()
        assert sounding - {(root + tone) % 12 for tone in extra} == asked | bass, symbol


def test_a_third_reader_shows_the_chords_as_they_were_written() -> None:
    """Verovio's importer: root and text stand as in the symbol, whatever else it adds."""
    verovio = pytest.importorskip("verovio")
    toolkit = verovio.toolkit()
    assert toolkit.loadData(musicxml.dumps(one_bar_each(SYMBOLS)).decode())
    shown = re.findall(r"<harm [^>]*>([^<]*)</harm>", toolkit.getMEI())
    plain = [text.replace("♭", "b").replace("♯", "#") for text in shown]
    assert len(plain) == len(SYMBOLS)
    for symbol, text in zip(SYMBOLS, plain, strict=True):
        stem = Chord.parse(symbol).symbol.partition("/")[0] if "6/9" not in symbol else symbol
        assert text.startswith(stem), (symbol, text)


def pitches(document: bytes) -> list[str]:
    names = []
    for pitch in etree.fromstring(document).iter("pitch"):
        sign = {-1: "b", 0: "", 1: "#"}[int(pitch.findtext("alter", "0"))]
        names.append(f"{pitch.findtext('step')}{sign}")
    return names


@pytest.mark.parametrize(
    ("key", "chords", "line", "names"),
    [
        # Chromatic notes follow the direction; white keys have no accidental unless required.
        ("Bb", "Bb6", [72, 71, 70], "C B Bb"),
        ("Bb", "Bb6", [70, 71, 72], "Bb B C"),
        ("C", "C", [60, 61, 62, 61, 60], "C C# D Db C"),
        ("F", "F6", [65, 66, 67, 68, 69], "F F# G G# A"),
        ("Eb", "Fm7b5", [71, 70, 68], "Cb Bb Ab"),
        # Chord tones follow the chord, other notes its scale.
        ("C", "Dbmaj7", [66, 65, 63, 61], "Gb F Eb Db"),
        ("C", "E7", [68, 71], "G# B"),
        ("Bb", "G7", [71, 68], "B Ab"),
        ("F", "D7#9", [65, 66], "F F#"),
        ("Gb", "Gb6", [70, 71, 73], "Bb Cb Db"),
        ("F#", "F#6", [77, 78, 80], "E# F# G#"),
        ("Am", "E7", [68, 69, 66, 68], "G# A F# G#"),
        # A diminished chord has four possible roots.
        ("F", "Abdim7", [68, 71, 74, 77], "Ab B D F"),
    ],
)
def test_notes_are_spelled_by_chord_key_and_direction(
    key: str, chords: str, line: list[int], names: str
) -> None:
    changes = Changes((Bar((ChordChange(0, Chord.parse(chords)),)),))
    notes = tuple(Note(12 * index, 12, pitch) for index, pitch in enumerate(line))
    sheet = LeadSheet("Line", changes, parts=(Part("Solo", notes),), key=Key.parse(key))
    assert pitches(musicxml.dumps(sheet)) == names.split()


def accidentals(document: bytes) -> list[str]:
    return [note.findtext("accidental", "-") for note in etree.fromstring(document).iter("note")]


def test_accidentals_are_printed_once_a_bar_and_recalled_in_the_next() -> None:
    sharp, natural = PitchName.parse("F#"), PitchName.parse("F")
    notes = tuple(
        Note(48 * index, 48, pitch, name=name)
        for index, (pitch, name) in enumerate(
            [(66, sharp), (66, sharp), (65, natural), (65, natural), (65, natural), (66, sharp)]
        )
    )
    sheet = LeadSheet("F", Changes((Bar(),) * 3), parts=(Part("Solo", notes),), key=Key(0))
    assert accidentals(musicxml.dumps(sheet)) == ["sharp", "-", "natural", "-", "-", "sharp"]
    tied = (Note(48, 96, 66, name=sharp), Note(144, 48, 65, name=natural))
    held = replace(sheet, parts=(Part("Solo", tied),), changes=Changes((Bar(),) * 2))
    assert accidentals(musicxml.dumps(held)) == ["-", "sharp", "-", "natural"]


def test_repeats_endings_and_jumps_are_written_out() -> None:
    def barline(text: str, location: str = "right") -> str:
        return f'<barline location="{location}">{text}</barline>'

    forward, backward = '<repeat direction="forward"/>', '<repeat direction="backward"/>'
    document = score(
        bar(ATTRIBUTES + barline(forward, "left") + harmony("C") + note("C", 8))
        + bar(
            barline('<ending number="1" type="start"/>', "left")
            + harmony("D")
            + note("D", 8)
            + barline('<ending number="1" type="stop"/>' + backward)
        )
        + bar(barline('<ending number="2" type="start"/>', "left") + harmony("E") + note("E", 8))
        + bar(harmony("F") + note("F", 8) + '<direction><direction-type><words>D.C. al Fine</words>'
              '</direction-type><sound dacapo="yes"/></direction>')
    )  # fmt: skip
    assert form(document) == "CDCEFCEF"
    assert [n.pitch for n in musicxml.parse(document, "x").melody][:4] == [60, 62, 60, 64]
    fine = document.replace(
        harmony("C").encode(), (harmony("C") + '<sound fine="yes"/>').encode(), 1
    )
    assert form(fine) == "CDCEFC"


def test_a_coda_without_a_jump_is_played_through() -> None:
    document = score(
        bar(ATTRIBUTES + harmony("C") + note("C", 8))
        + bar('<sound coda="coda"/>' + harmony("D") + note("D", 8))
    )
    assert form(document) == "CD"


def test_coda_signs_that_are_only_drawn_count() -> None:
    def sign(kind: str) -> str:
        return f"<direction><direction-type>{kind}</direction-type></direction>"

    document = score(
        bar(ATTRIBUTES + harmony("C") + note("C", 8))
        + bar(harmony("D") + note("D", 8) + sign("<coda/>"))
        + bar(harmony("E") + note("E", 8) + sign("<words>D.C. al Coda</words>"))
        + bar(sign("<coda/>") + harmony("F") + note("F", 8))
    )
    assert form(document) == "CDECDF"


def test_pickup_transposition_and_ties() -> None:
    transpose = (
        "<transpose><diatonic>-1</diatonic><chromatic>-2</chromatic>"
        "<octave-change>-1</octave-change></transpose>"
    )
    attributes = ATTRIBUTES.replace("</attributes>", f"{transpose}</attributes>").replace(
        "<time>", "<key><fifths>2</fifths></key><time>"
    )

    def tied(text: str, kind: str) -> str:
        return text.replace("</note>", f'<tie type="{kind}"/></note>')

    document = score(
        bar(attributes + note("D", 2), 0, 'implicit="yes"')
        + bar(harmony("D", "dominant") + tied(note("E", 8), "start"))
        + bar(tied(note("E", 4), "stop") + note("F", 4))
    )
    sheet = musicxml.parse(document, "tenor")
    assert sheet.key == Key(0, has_mode=False)
    assert sheet.changes.spans[0].chord.symbol == "C7"
    assert [(n.onset, n.duration, n.pitch, str(n.name)) for n in sheet.melody] == [
        (-24, 24, 48, "C"),
        (0, 144, 50, "D"),
        (144, 48, 51, "Eb"),
    ]


def test_chords_at_one_place_share_the_bar_and_offsets_count() -> None:
    document = score(
        bar(ATTRIBUTES + harmony("C") + harmony("F") + note("C", 8))
        + bar(harmony("D") + harmony("G", rest="<offset>6</offset>") + note("C", 8))
    )
    bars = musicxml.parse(document, "x").changes.bars
    assert [change.onset for change in bars[0].chords] == [0, 48]
    assert [change.onset for change in bars[1].chords] == [0, 72]


def test_timewise_utf16_and_packed_scores(tmp_path: Path) -> None:
    plain = score(
        bar(ATTRIBUTES + harmony("C") + note("C", 8)), head="<movement-title>É</movement-title>"
    )
    expected = musicxml.parse(plain, "x")
    timewise = (
        '<score-timewise><movement-title>É</movement-title><part-list><score-part id="P1">'
        '<part-name>Lead</part-name></score-part></part-list><measure number="1"><part id="P1">'
        f"{ATTRIBUTES}{harmony('C')}{note('C', 8)}</part></measure></score-timewise>"
    )
    assert musicxml.parse(timewise.encode(), "x") == expected
    utf16 = '<?xml version="1.0" encoding="UTF-16"?>' + plain.decode()
    assert musicxml.parse(utf16.encode("utf-16"), "x") == expected
    charts.write(tmp_path / "one.mxl", expected)
    charts.write(tmp_path / "one.musicxml", expected)
    assert charts.read(tmp_path / "one.mxl") == charts.read(tmp_path / "one.musicxml")
    first = (tmp_path / "one.mxl").read_bytes()
    charts.write(tmp_path / "one.mxl", expected)
    assert (tmp_path / "one.mxl").read_bytes() == first


chords = st.sampled_from(
    ["C", "F7", "Bbmaj7", "Dm7", "Em7b5", "Ab7#11", "F#dim7", "G7sus4", "C/E", "C6/9", "G7alt"]
).map(Chord.parse) | st.just(NO_CHORD)
meters = st.sampled_from([Meter(), Meter(3, 4), Meter(5, 4), Meter(6, 8)])
bars_of_form = st.builds(
    lambda meter, section, placed: Bar(
        tuple(
            ChordChange(tick, chord)
            for tick, chord in sorted(placed.items())
            if tick < meter.ticks_per_bar
        ),
        meter,
        section,
    ),
    meters,
    st.sampled_from([None, "A", "Bridge"]),
    st.dictionaries(st.integers(0, 95), chords, max_size=3),
)


MODES = st.sampled_from([(False, True), (True, True), (False, False)])


@st.composite
def sheets(draw: st.DrawFn) -> LeadSheet:
    changes = Changes(tuple(draw(st.lists(bars_of_form, min_size=1, max_size=5))))
    key = Key(draw(st.integers(-6, 6)), *draw(MODES))
    parts = []
    for name in draw(st.lists(st.sampled_from(["Solo", "Alto sax"]), max_size=2)):
        now = -draw(st.integers(0, changes.meter.ticks_per_bar - 1))
        notes = []
        for gap, length, pitch in draw(
            st.lists(
                st.tuples(st.integers(0, 30), st.integers(1, 60), st.integers(40, 90)),
                min_size=1,
                max_size=12,
            )
        ):
            onset = now + gap
            now = onset + length
            if now <= changes.length:
                name_of = key.spell(pitch).name
                notes.append(Note(onset, length, pitch, draw(st.sampled_from([90, 64])), name_of))
        if notes:
            parts.append(Part(name, tuple(notes), draw(st.integers(0, 127))))
    tempo = draw(st.none() | st.integers(40, 300).map(float))
    return LeadSheet("A Tune", changes, "Somebody", tuple(parts), key, tempo, "bossa")


@settings(deadline=None, derandomize=True, max_examples=120)
@given(sheets())
def test_what_is_written_reads_back(sheet: LeadSheet) -> None:
    assert not musicxml.losses(sheet)
    assert musicxml.parse(musicxml.dumps(sheet), "back") == sheet


@needs_data
@pytest.mark.parametrize("name", etudes.names()[:6])
def test_a_solo_with_names_is_valid_and_reads_the_same(name: str, schema: etree.XMLSchema) -> None:
    document = engraving.as_musicxml(etudes.load(name))
    assert b'<note id="n1"' in document
    valid(schema, document)
    plain = re.sub(rb'(<(?:note|measure|harmony)[^>]*?) id="[nbc][0-9-]+"', rb"\1", document)
    assert b'id="n1"' not in plain
    assert musicxml.parse(document, "x") == musicxml.parse(plain, "x")


@needs_data
@settings(deadline=None, derandomize=True, max_examples=40)
@given(sheets())
def test_what_is_written_is_valid(sheet: LeadSheet) -> None:
    folder = DATA / "musicxml-schema"
    document = etree.parse(folder / "musicxml.xsd")
    for element in document.iter("{http://www.w3.org/2001/XMLSchema}import"):
        element.set("schemaLocation", str(folder / element.get("schemaLocation").split("/")[-1]))
    valid(_schema(document), musicxml.dumps(sheet))


_SCHEMAS: list[etree.XMLSchema] = []


def _schema(document: etree._ElementTree) -> etree.XMLSchema:
    if not _SCHEMAS:
        _SCHEMAS.append(etree.XMLSchema(document))
    return _SCHEMAS[0]


PAGE = musicxml.Page(
    dedication="for Anna",
    transposition=transposition_named("tenor sax"),
    feel="Swing",
    swung=True,
    marks={0: "Chorus 1", 2: "Chorus 2"},
    lines=frozenset({0, 2}),
)


@needs_data
@settings(deadline=None, derandomize=True, max_examples=60)
@given(sheets())
def test_a_page_is_valid_and_reads_back(sheet: LeadSheet) -> None:
    """With repeats, a part for a tenor, a dedication, marks and a swing sign."""
    document = musicxml.dumps(sheet, PAGE)
    folder = DATA / "musicxml-schema"
    schema = etree.parse(folder / "musicxml.xsd")
    for element in schema.iter("{http://www.w3.org/2001/XMLSchema}import"):
        element.set("schemaLocation", str(folder / element.get("schemaLocation").split("/")[-1]))
    valid(_schema(schema), document)
    back = musicxml.parse(document, "back")
    assert [span.onset for span in back.changes.spans] == [s.onset for s in sheet.changes.spans]
    assert [bar.section for bar in back.changes.bars] == [b.section for b in sheet.changes.bars]
    heard = [[(n.onset, n.duration, n.pitch) for n in part.notes] for part in back.parts]
    assert heard == [[(n.onset, n.duration, n.pitch) for n in part.notes] for part in sheet.parts]
    assert [span.chord.bass_pitch_class for span in back.changes.spans] == [
        span.chord.bass_pitch_class for span in sheet.changes.spans
    ]


def test_losses_are_named() -> None:
    notes = (Note(-200, 10, 60), Note(0, 200, 61, 91, PitchName.parse("C#")))
    sheet = LeadSheet("Two  spaces\x01", Changes((Bar(),)), parts=(Part(" x", notes),))
    assert len(musicxml.losses(sheet)) == 4
    musicxml.parse(musicxml.dumps(sheet), "back")


BOMB = b"""<?xml version="1.0"?><!DOCTYPE score-partwise [<!ENTITY a "aaaaaaaaaaaa">
<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><score-partwise>&b;</score-partwise>"""
OUTSIDE = b"""<?xml version="1.0"?><!DOCTYPE score-partwise [<!ENTITY x SYSTEM "file:///etc/passwd">]>
<score-partwise>&x;</score-partwise>"""


@pytest.mark.parametrize(
    ("document", "words"),
    [
        (b"", "not well-formed"),
        (b"hello", "not well-formed"),
        (b"<score-partwise>", "not well-formed"),
        (b"<html/>", "not a MusicXML score"),
        (b"<score-partwise/>", "no measure"),
        (BOMB, "entities"),
        (OUTSIDE, "entities"),
        (b"<?xml version='1.0' encoding='klingon'?><a/>", "encoding|well-formed"),
        (b"<a>" * 1000, "elements deep"),
        (b"PK\x03\x04 broken", "broken packed score"),
        (score(bar(ATTRIBUTES + harmony("C", "wonderful"))), r"measure 1.*wonderful"),
        (score(bar(ATTRIBUTES.replace(">4</beat-type", ">0</beat-type"))), "4/0 is not a meter"),
        (score(bar(ATTRIBUTES + note("C", 8, octave=40))), "measure 1: a note's pitch"),
        (score(bar(ATTRIBUTES + note("C", 8, octave=12))), "outside MIDI's range"),
        (score(bar(ATTRIBUTES + note("C", 8_000_000))), "longer than 256 quarters"),
        (score(bar(ATTRIBUTES.replace(">2<", ">24<") + note("C", 97))), "do not add up"),
    ],
)
def test_bad_scores_are_sentences(document: bytes, words: str) -> None:
    with pytest.raises(SidemanError, match=words):
        musicxml.parse(document, "bad.musicxml")


def test_bombs_are_answered_at_once() -> None:
    begun = time.process_time()
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("score.xml", b"<score-partwise>" + b" " * 200_000_000)
    with pytest.raises(FormatError, match="unpacks to more than 64 MiB"):
        musicxml.parse(stream.getvalue(), "bomb.mxl")
    for text in (b"[" * 10_000_000, b"<" * 10_000_000, b"<a" * 5_000_000):
        with pytest.raises(SidemanError):
            musicxml.parse(text, "brackets")
    assert time.process_time() - begun < 20


def test_a_chord_error_names_the_measure() -> None:
    with pytest.raises(ChordError, match=r"song, measure 7"):
        musicxml.parse(score(bar(ATTRIBUTES + harmony("C", "zig"), 7)), "song")


@needs_data
def test_mutants_give_a_result_or_a_sentence() -> None:
    rng = random.Random(1)
    data = (FOLDER / "Blue_Bossa.xml").read_bytes()
    pieces = [b"<", b">", b"0", b"-1", b"99999999", b"<backup><duration>99</duration></backup>",
              b"<grace/>", b"<chord/>", b"none", b"major", b"&", b"\xff", b"</note>"]  # fmt: skip
    begun = time.process_time()
    for _ in range(400):
        mutant = bytearray(data)
        for _ in range(rng.randint(1, 4)):
            at = rng.randrange(len(mutant))
            if rng.random() < 0.7:  # inside a number, so that the document stays well-formed
                at = mutant.find(b"</", at)
                mutant[at - 1 : at] = rng.choice([b"0", b"7", b"-3", b"123456", b"x", b"1.5"])
            else:
                mutant[at : at + rng.randint(0, 20)] = rng.choice(pieces)
        with contextlib.suppress(SidemanError):
            musicxml.dumps(musicxml.parse(bytes(mutant), "mutant"))
        if time.process_time() - begun > 12:
            break


def test_later_keys_and_tempos_that_are_left_out_are_named() -> None:
    form = typed.parse("| C | F | G |").changes
    first, second, third = form.bars
    second = replace(second, key=Key(-1), tempo_bpm=150.0)
    sheet = LeadSheet("Rising", Changes((first, second, third)), key=Key(0), tempo_bpm=120)
    back = musicxml.parse(musicxml.dumps(sheet), "a.musicxml")
    assert (back.key, back.tempo_bpm) == (Key(0), 120)
    assert back.notices == (
        "a.musicxml, measure 2: another key begins here and is left out, as one key is read.",
        "a.musicxml, measure 2: another tempo begins here and is left out, as one tempo is read.",
    )
    assert not musicxml.parse(musicxml.dumps(replace(sheet, changes=form)), "a").notices
