"""The commands that work with a take: files as said, the same bytes, every bad input a sentence."""

import hashlib
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

import sideman
from commands import call, sentence
from sideman.errors import ModelError
from sideman.formats.midi import reading, to_solo, writing
from sideman.library import charts, songbook
from sideman.models import file
from sideman.score import Arrangement, Changes, Note, Part, Solo
from sideman.service import playing
from sideman.service.takes import licks


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A take of one chorus, a bare phrase, and a chart without notes."""
    folder = tmp_path_factory.mktemp("takes")
    options = ("--seed", "1", "--choruses", "1", "--model", "soloist", "--no-audio")
    assert call("improvise", "blues-f", "--out", folder, *options).returncode == 0
    notes = tuple(Note(24 + 12 * at, 12, 60 + (0, 2, 3, 5, 7)[at % 5]) for at in range(9))
    bare = Arrangement("", (Part("Line", notes, 56),), Changes(()))
    (folder / "phrase.mid").write_bytes(writing.dumps(bare))
    charts.write(folder / "empty.ls", songbook.load("blues-f"))
    return folder


def solo(path: Path) -> Solo:
    return to_solo(reading.read(path))


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_improvise_keeps_bars(folder: Path, tmp_path: Path) -> None:
    options = ("--take", folder / "blues-f-1.mid", "--keep", "1-4,9", "--seed", "2", "--no-audio")
    for out in ("a", "b"):
        result = call("improvise", "blues-f", "--out", tmp_path / out, *options)
        assert result.returncode == 0, result.stderr
    assert bytes_of(tmp_path / "a") == bytes_of(tmp_path / "b")
    assert "\nnovelty: " in result.stdout
    old, new = solo(folder / "blues-f-1.mid"), solo(tmp_path / "a" / "blues-f-2.mid")
    kept = [(0, 4 * 96), (8 * 96, 9 * 96)]

    def stays(line: Solo) -> list[Note]:
        return [note for note in line.notes if any(a <= note.onset < b for a, b in kept)]

    assert stays(new) == stays(old)
    assert new.notes != old.notes
    assert new.changes == old.changes


def test_improvise_goes_on_from_a_phrase(folder: Path, tmp_path: Path) -> None:
    options = ("--prime", folder / "phrase.mid", "--seed", "2", "--no-audio", "--choruses", "1")
    result = call("improvise", "blues-f", "--out", tmp_path, *options)
    assert result.returncode == 0, result.stderr
    new = solo(tmp_path / "blues-f-2.mid")
    assert [(note.onset, note.pitch) for note in new.notes[:4]] == [
        (24, 60),
        (36, 62),
        (48, 63),
        (60, 65),
    ]
    assert new.notes[-1].onset > 8 * 96


def test_vary_writes_variations(folder: Path, tmp_path: Path) -> None:
    options = ("--seed", "5", "--count", "2", "--amount", "0.3")
    for out in ("a", "b"):
        result = call("vary", folder / "blues-f-1.mid", "--out", tmp_path / out, *options)
        assert result.returncode == 0, result.stderr
    assert bytes_of(tmp_path / "a") == bytes_of(tmp_path / "b")
    names = ["blues-f-1-vary-5-1.mid", "blues-f-1-vary-5-2.mid"]
    assert list(bytes_of(tmp_path / "a")) == names
    old = set(solo(folder / "blues-f-1.mid").notes)
    for name in names:
        new = set(solo(tmp_path / "a" / name).notes)
        assert len(old & new) > len(old) / 3
        assert new != old
    assert reading.read(tmp_path / "a" / names[0]).parts[0].program == 66


def test_licks_writes_a_sheet_pages_and_loops(folder: Path, tmp_path: Path) -> None:
    result = call("licks", folder / "blues-f-1.mid", "--out", tmp_path, "--lick", "1")
    assert result.returncode == 0, result.stderr
    assert list(bytes_of(tmp_path)) == [
        "blues-f-1-lick-01.mid",
        "blues-f-1-lick-01.musicxml",
        "blues-f-1-licks.musicxml",
    ]
    keys = charts.read(tmp_path / "blues-f-1-lick-01.musicxml")
    assert len(keys.changes.bars) % 12 == 0
    loop = solo(tmp_path / "blues-f-1-lick-01.mid")
    assert loop.changes is not None
    assert len(loop.changes.bars) == 2 * len(keys.changes.bars)
    assert [note.pitch for note in loop.notes] == [note.pitch for note in keys.melody]


def marks(path: Path) -> list[str]:
    """The rehearsal marks of a page."""
    return [mark.text or "" for mark in ElementTree.parse(path).iter("rehearsal")]


def test_licks_are_printed_for_a_player(folder: Path, tmp_path: Path) -> None:
    pytest.importorskip("verovio")
    pytest.importorskip("typst")
    take = folder / "blues-f-1.mid"
    options = ("--lick", "1", "--lick", "2", "--for", "Anna", "--part", "alto")
    scores = ("--score", "pdf", "--score", "svg")
    result = call("licks", take, "--out", tmp_path / "alto", *options, *scores)
    assert result.returncode == 0, result.stderr
    written = bytes_of(tmp_path / "alto")
    assert set(written) >= {
        "blues-f-1-licks.musicxml",
        "blues-f-1-licks.pdf",
        "blues-f-1-licks.svg",
        "blues-f-1-lick-01.pdf",
        "blues-f-1-lick-02.musicxml",
    }
    assert written["blues-f-1-lick-01.pdf"].startswith(b"%PDF")
    assert b"for Anna" in written["blues-f-1-licks.svg"]
    # Every lick has a line of its own, which says where it comes from.
    assert marks(tmp_path / "alto" / "blues-f-1-licks.musicxml") == [
        f"{lick.number}, bar {lick.bar + 1}" for lick in licks.licks(solo(take))[:2]
    ]
    # Keys are called as they are read; what sounds is the same for everybody.
    page = "blues-f-1-lick-01.musicxml"
    assert call("licks", take, "--out", tmp_path / "c", "--lick", "1").returncode == 0
    assert marks(tmp_path / "c" / page)[:5] == ["F", "B♭", "E♭", "A♭", "D♭"]
    # In D♭ its second chord would sound as B double flat, which no chord is called.
    assert " ".join(marks(tmp_path / "alto" / page)) == "D G C F B♭ E♭ A♭ C♯ F♯ B E A"
    concert, alto = (charts.read(tmp_path / out / page) for out in ("c", "alto"))
    assert alto.title == "Blues in F, lick 1"
    assert [note.pitch for note in alto.melody] == [note.pitch for note in concert.melody]
    assert [span.chord.tones for span in alto.changes.spans] == [
        span.chord.tones for span in concert.changes.spans
    ]


def test_trade_writes_phrase_and_answer(folder: Path, tmp_path: Path) -> None:
    options = ("--changes", "blues-f", "--bars", "4", "--seed", "3")
    for out in ("a", "b"):
        result = call("trade", folder / "phrase.mid", "--out", tmp_path / out, *options)
        assert result.returncode == 0, result.stderr
    assert bytes_of(tmp_path / "a") == bytes_of(tmp_path / "b")
    both = solo(tmp_path / "a" / "phrase-trade-3.mid")
    assert both.changes is not None
    assert len(both.changes.bars) == 8
    assert [note.pitch for note in both.notes[:3]] == [60, 62, 63]
    assert any(note.onset >= 4 * 96 for note in both.notes)
    # The trumpet of the phrase answers.
    assert reading.read(tmp_path / "a" / "phrase-trade-3.mid").parts[0].program == 56


@pytest.mark.parametrize(
    "words", [("vary", "blues-f-1.mid"), ("trade", "blues-f-1.mid", "--bars", "1")]
)
def test_what_is_played_is_printed_too(
    folder: Path, tmp_path: Path, words: tuple[str, ...]
) -> None:
    options = ("--score", "musicxml", "--part", "tenor sax", "--for", "Anna", "--roll", "svg")
    result = call(
        words[0], folder / words[1], *words[2:], "--seed", "4", "--out", tmp_path, *options
    )
    assert result.returncode == 0, result.stderr
    name = f"blues-f-1-{words[0]}-4"
    assert list(bytes_of(tmp_path)) == [f"{name}-roll.svg", f"{name}.mid", f"{name}.musicxml"]
    assert "for Anna" in (tmp_path / f"{name}.musicxml").read_text()
    line = solo(tmp_path / f"{name}.mid").notes
    page = charts.read(tmp_path / f"{name}.musicxml")
    assert [note.pitch for note in page.melody] == [note.pitch for note in line]


def test_sound_is_written_where_one_says_how_it_shall_be(folder: Path, tmp_path: Path) -> None:
    pytest.importorskip("soundfile")
    words = ("trade", folder / "blues-f-1.mid", "--bars", "1", "--seed", "4")
    name = "blues-f-1-trade-4"
    sound = ("--sound", "flac", "--stems", "--without", "solo")
    band = {f"{name}{part}.flac" for part in ("", "-chords", "-bass", "-drums")}
    for out, options, sounds in (
        ("a", sound, band),
        ("b", ("--score", "musicxml", "--part", "Bb", "--no-audio"), {f"{name}.musicxml"}),
    ):
        result = call(*words, "--out", tmp_path / out, *options)
        assert result.returncode == 0, result.stderr
        assert set(bytes_of(tmp_path / out)) == {f"{name}.mid", *sounds}
    assert b"seed=4" in (tmp_path / "a" / f"{name}.flac").read_bytes()[:4096].lower()


def test_trade_answers_the_last_bars_of_a_take(folder: Path, tmp_path: Path) -> None:
    take = folder / "blues-f-1.mid"
    result = call("trade", take, "--bars", "4", "--seed", "3", "--out", tmp_path)
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines()[0] == f"answering bars 9 to 12, the last of {take}"
    both, whole = solo(tmp_path / "blues-f-1-trade-3.mid"), solo(take)
    assert both.changes is not None
    assert whole.changes is not None
    assert len(both.changes.bars) == 8
    # The phrase with its chords, and then the form from its top.
    start = 8 * 96
    assert [note for note in both.notes if note.onset < 4 * 96] == [
        replace(note, onset=note.onset - start, duration=min(note.duration, 12 * 96 - note.onset))
        for note in whole.notes
        if note.onset >= start
    ]
    chords = [[change.chord for change in bar.chords] for bar in whole.changes.bars]
    found = [[change.chord for change in bar.chords] for bar in both.changes.bars]
    assert found[1:4] + found[4:] == chords[9:12] + chords[:4]
    # The same by its changes and the bar where the phrase begins; a shorter phrase is whole.
    phrase = folder / "phrase.mid"
    named = call("trade", phrase, "--changes", "blues-f", "--seed", "3", "--out", tmp_path)
    assert "answering" not in named.stdout
    for option in ("--quiet", "--json"):
        quiet = call("trade", take, "--bars", "4", "--seed", "3", option, "--out", tmp_path)
        assert "answering" not in quiet.stdout
    # Over other changes the same phrase is answered, and the title names both.
    over = call("trade", take, "--changes", "rhythm-changes-bb", "--seed", "4", "--out", tmp_path)
    told = f"answering bars 9 to 12, the last of {take}, over Rhythm Changes in Bb"
    assert over.stdout.splitlines()[0] == told
    answered = solo(written := tmp_path / "blues-f-1-trade-4.mid")
    assert answered.title == "Blues in F over Rhythm Changes in Bb"
    assert answered.changes is not None
    assert len(answered.changes.bars) == 8
    assert [n.pitch for n in answered.notes if n.onset < start / 2] == [
        n.pitch for n in whole.notes if n.onset >= start
    ]
    assert sideman.Take(written.read_bytes()).again().midi == written.read_bytes()
    assert sideman.trade(take, "rhythm-changes-bb", seed=4).midi == written.read_bytes()
    answer = sideman.trade(str(take), bars=4, seed=3)
    assert answer.midi == (tmp_path / "blues-f-1-trade-3.mid").read_bytes()
    assert call("trade", take, "--bars", "65", "--out", tmp_path).returncode == 2


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("improvise", "blues-f", "--keep", "1-4"), "give the take. (option --take)"),
        (("improvise", "blues-f", "--take", "blues-f-1.mid"), "Nothing is to stay"),
        (("improvise", "blues-f", "--take", "blues-f-1.mid", "--keep", "13"), "bars 1 to 12"),
        (("improvise", "blues-f", "--take", "blues-f-1.mid", "--keep", "x"), "1-4,9-12"),
        (("improvise", "blues-f", "--take", "no.mid", "--keep", "1"), "no.mid: cannot be read"),
        (("improvise", "blues-f", "--take", "empty.ls", "--keep", "1"), "has no melody"),
        (("improvise", "waltz-blues-g", "--take", "blues-f-1.mid", "--keep", "1"), "in 4/4"),
        (("improvise", "waltz-blues-g", "--prime", "phrase.mid"), "in 3/4"),
        (
            ("improvise", "blues-f", "--prime", "phrase.mid", "--instrument", "flute"),
            "flute plays",
        ),
        (
            (
                *("improvise", "blues-f", "--prime", "phrase.mid"),
                *("--take", "blues-f-1.mid", "--keep", "1"),
            ),
            "give one of the two. (option --prime)",
        ),
        (("improvise", "blues-f", "--prime", "phrase.mid", "--model", "course"), "soloist"),
        (("improvise", "blues-f", "--max-copy", "4"), "hold them to 5 or more"),
        (("vary", "phrase.mid"), "contains no chords"),
        (("vary", "blues-f-1.mid", "--amount", "2"), "no share"),
        (("vary", "blues-f-1.mid", "--count", "0"), "1 to 1000"),
        (("vary", "blues-f-1.mid", "--model", "course"), "soloist"),
        (("vary", "blues-f-1.mid", "--tempo", "1"), "tempo of 1"),
        (("vary", "blues-f-1.mid", "--score", "pdf", "--part", "kazoo"), "kazoo"),
        (("licks", "blues-f-1.mid", "--lick", "77"), "no lick 77"),
        (("licks", "blues-f-1.mid", "--tempo", "1"), "tempo of 1"),
        (("licks", "blues-f-1.mid", "--part", "kazoo"), "kazoo"),
        (("vary", "blues-f-1.mid", "--part", "kazoo"), "for a page"),
        (("vary", "blues-f-1.mid", "--font", "handwritten"), "for a page"),
        (("vary", "blues-f-1.mid", "--whole"), "for a page"),
        (("vary", "blues-f-1.mid", "--dedication", "Anna"), "a page or a sound file"),
        (("vary", "blues-f-1.mid", "--no-audio", "--mute", "solo"), "--no-audio out"),
        (("licks", "empty.ls"), "has no melody"),
        (("trade", "phrase.mid"), "give the changes. (option --changes)"),
        (("trade", "phrase.mid", "--changes", "waltz-blues-g"), "in 3/4"),
        (("trade", "phrase.mid", "--changes", "blues-f", "--bars", "0"), "1 to 64"),
        (("trade", "phrase.mid", "--score", "png", "--part", "kazoo"), "kazoo"),
        (("trade", "phrase.mid", "--changes", "blues-f", "--tempo", "0"), "tempo of 0"),
    ],
)
def test_bad_input_is_one_sentence(
    folder: Path, tmp_path: Path, words: tuple[str, ...], told: str
) -> None:
    files = {"phrase.mid", "blues-f-1.mid", "empty.ls", "no.mid"}
    placed = [folder / word if word in files else word for word in words]
    options = () if words[0] == "licks" else ("--seed", "1")
    result = call(*placed, "--out", tmp_path / "out", "--no-audio", *options)
    assert told in sentence(result)
    assert not (tmp_path / "out").exists()


def test_a_take_is_a_chart_too(folder: Path) -> None:
    name, sheet = charts.find(str(folder / "blues-f-1.mid"))
    assert name == "blues-f-1"
    assert sheet.changes == solo(folder / "blues-f-1.mid").changes


@pytest.fixture
def by_grammar(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A take that a grammar file has played, beside that file."""
    (tmp_path / "own.grammar").write_text("(startsymbol P) (rule (P) (C4 L8 C8 R4) 1)")
    monkeypatch.chdir(tmp_path)
    words = ("improvise", "blues-f", "--seed", "1", "--choruses", "1", "--no-audio", "--out", ".")
    assert call(*words, "--model", "own.grammar").returncode == 0
    return tmp_path / "blues-f-1.mid"


PLAYS_ON = [
    ("vary",),
    ("trade", "--bars", "2"),
    ("improvise", "blues-f", "--keep", "1-2", "--take"),
    ("improvise", "--again"),
    ("explain",),
]


@pytest.mark.parametrize("words", PLAYS_ON)
def test_the_grammar_file_that_played_a_take_plays_on(
    by_grammar: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    (elsewhere := by_grammar.parent / "elsewhere").mkdir()
    monkeypatch.chdir(elsewhere)  # the grammar is beside the take
    rest = () if words[0] == "explain" else ("--out", "out", "--no-audio")
    result = call(*words, by_grammar, *rest)
    assert result.returncode == 0, result.stderr
    if rest:
        (written,) = Path("out").glob("*.mid")
        carried = playing.requested(written.read_bytes(), str(written))
        assert carried.model == "own.grammar"
        assert (written.read_bytes() == by_grammar.read_bytes()) == ("--again" in words)
    else:
        assert "derived" in result.stdout


@pytest.mark.parametrize("words", PLAYS_ON)
@pytest.mark.parametrize("changed", [False, True])
def test_no_other_model_plays_on_from_a_take_unasked(
    by_grammar: Path, words: tuple[str, ...], changed: bool
) -> None:
    own = by_grammar.with_name("own.grammar")
    if changed:
        own.write_text(own.read_text().replace("C4", "L4"))
    else:
        own.unlink()
    out = () if words[0] == "explain" else ("--out", "out", "--no-audio")
    told = sentence(call(*words, by_grammar, *out))
    assert "own.grammar" in told
    assert "(option --model)" in told
    if words[0] in ("vary", "trade"):
        assert call(*words, by_grammar, *out, "--model", "soloist").returncode == 0


def test_a_model_of_sidemans_plays_on_where_it_keeps_notes(tmp_path: Path) -> None:
    # A file of the course beside its take keeps no notes either.
    (tmp_path / "own.safetensors").write_bytes(file.content("course")[1])
    own = str(tmp_path / "own.safetensors")
    for model, heir in (("cfg", "cfg"), ("course", "soloist"), (own, "soloist")):
        out = tmp_path / Path(model).name.removesuffix(".safetensors")
        words = ("improvise", "blues-f", "--seed", "1", "--no-audio", "--out", out)
        assert call(*words, "--model", model, "--choruses", "1").returncode == 0
        path = out / "blues-f-1.mid"
        if model == own:
            (out / "own.safetensors").write_bytes(Path(own).read_bytes())
        assert call("vary", path, "--out", out, "--seed", "2").returncode == 0
        varied = out / "blues-f-1-vary-2.mid"
        assert playing.requested(varied.read_bytes(), "").model == heir


def test_the_api_plays_on_with_the_grammar_file_too(by_grammar: Path) -> None:
    for source in (str(by_grammar), by_grammar.read_bytes(), sideman.read(by_grammar)):
        (varied,) = sideman.vary(source, seed=3)
        assert varied.request is not None
        assert varied.request.model == "own.grammar"
    assert varied.again() == varied
    by_grammar.with_name("own.grammar").unlink()
    with pytest.raises(ModelError, match=r"was played by own\.grammar") as refused:
        sideman.vary(by_grammar)
    assert refused.value.field == "model"
    assert sideman.vary(by_grammar, model="soloist", seed=3)


def test_a_take_names_no_file_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "own.grammar").write_bytes(b"(startsymbol P) (rule (P) (C4) 1)")
    print_of = hashlib.sha256((tmp_path / "own.grammar").read_bytes()).hexdigest()
    assert file.same("own.grammar", print_of, [tmp_path / "no", tmp_path]) is not None
    for name in ("../own.grammar", str(tmp_path / "own.grammar"), "own", "a\0.grammar", ""):
        assert file.same(name, print_of, [tmp_path, tmp_path / "no"]) is None
    assert file.same("own.grammar", "memory", [tmp_path]) is None
