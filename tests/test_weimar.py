import json
import signal
import sqlite3
import time
from contextlib import closing, suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from databases import SCHEMA, Tone, build, transcriptions
from realdata import DATA, needs_data
from sideman import cli
from sideman.errors import ChordError, FileError, FormatError, SidemanError
from sideman.evaluation import loading, report
from sideman.formats import registry, weimar
from sideman.theory.meter import Meter

LINE: list[Tone] = [
    (0, 4, 2, 2, 60, 0.5),  # a pickup: the second eighth of the last beat before the form
    (1, 1, 1, 1, 65, 1.0),
    (1, 2, 2, 3, 67, 0.25),
    (2, 1, 3, 4, 69.4, 0.1),
    (3, 1, 1, 1, 70, 9.0),
    (3, 1, 1, 2, 71, 0.5),  # on the same tick as the one before
    (4, 4, 1, 1, 72, 2.0),
]


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return build(tmp_path / "small.db", {"Player1_Tune": LINE, "Player2_Tune": LINE[1:4]})


def test_a_solo_as_the_tables_say_it(database: Path) -> None:
    first, second = transcriptions(database)
    assert (first.number, first.name, first.performer) == (1, "Player1_Tune", "Player 1")
    assert (first.title, first.signature, first.tempo_bpm) == ("Tune 1", "4/4", 120.0)
    assert [tone.pitch for tone in first.tones] == [60, 65, 67, 69.4, 70, 71, 72]
    assert first.tones[2].beat_seconds == 0.5
    assert len(first.beats) == 20
    assert [span.first for span in first.spans("PHRASE")] == [0, 2]
    assert len(second.tones) == 3
    assert transcriptions(database, [2]) == (second,)


def test_a_solo_on_the_grid(database: Path) -> None:
    solo = weimar.solo(transcriptions(database)[0])
    assert [note.onset for note in solo.notes] == [-12, 0, 32, 96 + 12, 192, 3 * 96 + 72]
    assert [note.pitch for note in solo.notes] == [60, 65, 67, 69, 70, 72]
    # Performed durations, cut at the next onset.
    assert [note.duration for note in solo.notes] == [12, 24, 6, 2, 168, 48]
    assert solo.changes is not None
    assert [span.chord.symbol for span in solo.changes.spans] == ["Fmaj7", "Bb7"]
    assert [span.onset for span in solo.changes.spans] == [0, 192]
    assert solo.changes.bars[0].section == "A1"
    assert solo.chorus_bars == (0, 2)
    assert solo.phrase_starts == (0, 2)
    assert solo.tempo_bpm == 120


def test_other_meters_and_an_intro_with_chords(tmp_path: Path) -> None:
    path = build(
        tmp_path / "waltz.db",
        {"A_B": [(2, 3, 1, 1, 60, 1.0)]},
        meter="3/4",
        chords={(0, 2): "C7", (1, 1): "F"},
    )
    solo = weimar.solo(transcriptions(path)[0])
    assert solo.changes is not None
    assert solo.changes.meter == Meter(3, 4)
    # Bar 0 has a chord other than "NC", so the form begins there.
    assert solo.notes[0].onset == 2 * 72 + 48
    assert solo.changes.spans[1].onset == 24


def test_nothing_is_written_beside_the_file(database: Path) -> None:
    before = database.read_bytes()
    transcriptions(database)
    assert database.read_bytes() == before
    assert [path.name for path in database.parent.iterdir()] == ["small.db"]


def test_a_file_in_write_ahead_mode_is_read(database: Path) -> None:
    data = bytearray(database.read_bytes())
    data[18:20] = b"\2\2"
    assert len(weimar.parse(bytes(data))) == 2


@pytest.mark.parametrize("table", SCHEMA)
def test_a_missing_table_is_a_sentence(tmp_path: Path, table: str) -> None:
    path = build(tmp_path / "part.db", {"A_B": LINE}, without=table)
    with pytest.raises(FormatError, match=f"part.db: has no table '{table}'"):
        transcriptions(path)


@pytest.mark.parametrize(
    "column", ["melody.pitch", "melody.tatum", "beats.chord", "solo_info.signature", "sections.end"]
)
def test_a_missing_column_is_a_sentence(tmp_path: Path, column: str) -> None:
    table, name = column.split(".")
    path = build(tmp_path / "part.db", {"A_B": LINE}, without=column)
    with pytest.raises(FormatError, match=f"table '{table}' has no column '{name}'"):
        transcriptions(path)


@pytest.mark.parametrize("column", ["melody.loud_med", "solo_info.tempoclass", "solo_info.key"])
def test_what_is_not_needed_may_be_absent(tmp_path: Path, column: str) -> None:
    path = build(tmp_path / "part.db", {"A_B": LINE}, without=column)
    assert len(weimar.solo(transcriptions(path)[0]).notes) == 6


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE melody SET division = 0", "impossible value"),
        ("UPDATE melody SET pitch = 'high'", "'pitch' is not a number"),
        ("UPDATE melody SET bar = 99999999", "impossible value"),
        ("UPDATE melody SET beatdur = 0", "impossible value"),
        ("UPDATE melody SET onset = NULL", "'onset' is not a number"),
        ("UPDATE melody SET onset = 9e999", "impossible value"),
        ("UPDATE beats SET bar = 'x'", "'bar' in 'beats' is not a whole number"),
        ("UPDATE beats SET beat = 1000", "beat 1000"),
        ("DROP TABLE beats; CREATE VIEW beats AS SELECT * FROM melody", "not a plain table"),
    ],
)
def test_impossible_values_are_sentences(database: Path, statement: str, said: str) -> None:
    with closing(sqlite3.connect(database)) as db, db:
        db.executescript(statement)
    with pytest.raises(FormatError, match=said):
        transcriptions(database)


def test_an_unknown_chord_names_solo_and_bar(tmp_path: Path) -> None:
    path = build(tmp_path / "odd.db", {"A_B": LINE}, chords={(2, 1): "H%7"})
    with pytest.raises(ChordError, match=r"A_B, bar 2: .*H%7"):
        weimar.solo(transcriptions(path)[0])


def test_what_is_no_database_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="no such file"):
        registry.open_document(tmp_path / "absent.db")
    with pytest.raises(FormatError, match="not an SQLite database"):
        weimar.parse(b"MThd", "tune.db")
    foreign = tmp_path / "foreign.db"
    with closing(sqlite3.connect(foreign)) as db, db:
        db.execute("CREATE TABLE recipes (name TEXT)")
    with pytest.raises(FormatError, match="has no table 'solo_info'"):
        transcriptions(foreign)


def test_an_unknown_number_is_a_sentence(database: Path) -> None:
    with pytest.raises(FormatError, match="has no solo 7; it holds 2 solos, 1 to 2"):
        transcriptions(database, [7])


def test_a_schema_that_loops_ends(database: Path) -> None:
    with closing(sqlite3.connect(database)) as db, db:
        db.executescript(
            "ALTER TABLE beats RENAME TO real_beats; CREATE VIEW beats AS WITH RECURSIVE "
            "c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT n AS melid FROM c"
        )
    with pytest.raises(FormatError, match="not a plain table"):
        transcriptions(database)


def test_ctrl_c_while_a_database_is_read_is_no_damage(database: Path) -> None:
    class Reader:
        def __init__(self, connection: sqlite3.Connection, _: str) -> None:
            self.connection = connection

        def transcriptions(self, _: object) -> None:
            signal.setitimer(signal.ITIMER_REAL, 0.05)
            numbers = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c)"
            self.connection.execute(f"{numbers} SELECT count(*) FROM c").fetchall()

    before = signal.signal(signal.SIGALRM, signal.default_int_handler)
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("sideman.formats.weimar.reading._Reader", Reader)
            with pytest.raises(KeyboardInterrupt):
                transcriptions(database)
    finally:
        signal.signal(signal.SIGALRM, before)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = build(tmp_path_factory.mktemp("fuzz") / "small.db", {"A_B": LINE})
    return path.read_bytes()


@settings(deadline=None, max_examples=150, derandomize=True)
@given(st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=40))
def test_damaged_bytes_give_solos_or_a_sentence(
    small: bytes, changes: list[tuple[float, int]]
) -> None:
    data = bytearray(small)
    for at, value in changes:
        data[int(at * len(data))] = value
    with suppress(SidemanError):
        for transcription in weimar.parse(bytes(data)):
            weimar.solo(transcription)


@settings(deadline=None, max_examples=40, derandomize=True)
@given(st.floats(0, 1))
def test_a_cut_file_gives_solos_or_a_sentence(small: bytes, share: float) -> None:
    with suppress(SidemanError):
        weimar.parse(small[: int(share * len(small))])


@needs_data
def test_the_whole_database() -> None:
    began = time.process_time()
    every = transcriptions(DATA / "wjazzd" / "wjazzd.db")
    solos = [weimar.solo(transcription) for transcription in every]
    assert time.process_time() - began < 12  # 2 seconds where nothing else runs
    assert len(solos) == 417
    assert sum(len(transcription.tones) for transcription in every) == 184_971
    assert len({transcription.name for transcription in every}) == 417
    for solo in solos:
        assert solo.changes is not None
        assert solo.notes[0].onset > -40 * 96
        assert solo.phrase_starts[0] == 0
        assert all(a.end <= b.onset for a, b in zip(solo.notes, solo.notes[1:], strict=False))
    desafinado = solos[1]
    assert (desafinado.performer, desafinado.title) == ("Art Pepper", "Desafinado")
    assert desafinado.changes is not None
    assert [span.chord.symbol for span in desafinado.changes.spans[:3]] == [
        "C7alt",
        "Fmaj7",
        "G7alt",
    ]


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as left:
        cli.main([str(argument) for argument in arguments])
    printed = capsys.readouterr()
    return int(left.value.code or 0), printed.out, printed.err


def test_inspect_lists_the_solos(database: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "inspect", database)
    assert code == 0
    assert "2 solos by 2 players, 10 notes" in out
    assert "Player 2  Tune 2" in out
    code, out, _ = run(capsys, "inspect", database, "--json")
    found = json.loads(out)
    assert [solo["name"] for solo in found["solos"]] == ["Player1_Tune", "Player2_Tune"]
    assert found["solos"][0]["notes"] == 7


@pytest.mark.parametrize("named", ["1", "Player1_Tune"])
def test_inspect_shows_one_solo(
    database: Path, capsys: pytest.CaptureFixture[str], named: str
) -> None:
    code, out, _ = run(capsys, "inspect", database, "--solo", named)
    assert code == 0
    assert "Player 1: Tune 1 (solo 1, Player1_Tune)" in out
    assert "| Fmaj7 | %     |" in out
    assert "\n     0  4.5:C4 0.5\n     1  1:F4 1  2.333:G4 0.25\n" in out
    code, out, _ = run(capsys, "inspect", database, "--solo", named, "--json")
    found = json.loads(out)
    assert found["choruses"] == [1, 3]
    assert found["bars"] == ["Fmaj7", "%", "Bb7", "%"]
    assert found["measures"][0]["notes"][0]["pitch"] == "C4"


@pytest.mark.parametrize("named", ["9", "Nobody", "²", "-1", "9" * 30])
def test_inspect_of_an_absent_solo_is_a_sentence(
    database: Path, capsys: pytest.CaptureFixture[str], named: str
) -> None:
    code, out, err = run(capsys, "inspect", database, f"--solo={named}")
    assert (code, out) == (2, "")
    assert "has no solo" in err


def test_the_command_names_what_is_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = build(tmp_path / "part.db", {"A_B": LINE}, without="beats")
    for command in ("inspect", "evaluate", "measure"):
        code, out, err = run(capsys, command, path)
        assert (code, out) == (2, "")
        assert "has no table 'beats'" in err


VALUES = st.one_of(
    st.none(),
    st.integers(-(2**40), 2**40),
    st.integers(-3, 200),
    st.floats(allow_nan=False, allow_infinity=True),
    st.text(max_size=8),
    st.binary(max_size=4),
)
CELLS = [
    (table, column.split()[0]) for table, columns in SCHEMA.items() for column in columns.split(",")
]


@settings(
    deadline=None,
    max_examples=150,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.sampled_from(CELLS), VALUES)
def test_any_value_gives_solos_or_a_sentence(
    small: bytes, tmp_path: Path, cell: tuple[str, str], value: object
) -> None:
    table, column = cell
    path = tmp_path / "odd.db"
    path.write_bytes(small)
    with closing(sqlite3.connect(path)) as db, suppress(sqlite3.Error):
        db.execute(
            f'UPDATE {table} SET "{column}" = ? WHERE rowid = (SELECT max(rowid) FROM {table})',
            (value,),
        )
        db.commit()
    with suppress(SidemanError):
        for item in loading.select([path]).items:
            assert len(item.events) <= len(LINE)
            report.statistics(item)


def test_a_large_database_is_read_from_a_file(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sideman.formats.weimar import reading

    data = database.read_bytes()
    expected = reading.parse(data)
    monkeypatch.setattr(reading, "LARGEST_IN_MEMORY", 0)
    assert reading.parse(data) == expected
    with pytest.raises(FormatError, match="is damaged"):
        reading.parse(data[:100] + bytes(len(data) - 100))
