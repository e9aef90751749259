"""The Python API: what ``import sideman`` offers a notebook and a program."""

from __future__ import annotations

import ast
import base64
import builtins
import inspect
import io
import json
import pydoc
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import lru_cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, get_type_hints

import mido
import numpy as np
import pytest
import soundfile

import sideman
from commands import call
from databases import build
from sideman.api import options
from sideman.api.names import CONTROLS
from sideman.api.options import Improvising, Playing, Trading, Varying
from sideman.band.arranging import Plan
from sideman.errors import FileError, MissingExtraError, ModelError, SidemanError
from sideman.formats.midi import writing
from sideman.models import registry
from sideman.models.controls import KNOBS
from sideman.models.events import DURATION_TICKS, LONGEST_IOI, Distributions, Events
from sideman.score import Bar, Changes, Note, Part, Performance
from sideman.service.requests import PlayRequest, TradeRequest, VaryRequest

NAMES = [name for name in sideman.__all__ if not name.startswith("__")]


@lru_cache(maxsize=1)
def take() -> sideman.Take:
    return sideman.improvise("blues-f", seed=7, choruses=1)


# What is offered.


def test_import_loads_nothing_and_is_quick() -> None:
    program = "import sideman, sys; print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    loaded = {name for name in done.stdout.split() if name.startswith("sideman")}
    assert loaded == {"sideman", "sideman.version"}
    assert "numpy" not in done.stdout.split()


@pytest.mark.parametrize("name", NAMES)
def test_every_name_is_described_typed_and_has_an_example(name: str) -> None:
    found = getattr(sideman, name)
    text = inspect.getdoc(found) or ""
    assert text
    if name == "SidemanError":
        return
    assert ">>> import sideman" in text, "give an example"
    members = [found]
    if inspect.isclass(found):
        members = [
            each.fget if isinstance(each, property) else getattr(each, "func", each)
            for label, each in vars(found).items()
            if not label.startswith("_") and (callable(each) or hasattr(each, "__get__"))
            if not isinstance(each, (bytes, str))
        ]
        members = [each for each in members if inspect.isfunction(each)]
        assert members
    for member in members:
        assert inspect.getdoc(member), member
        signature = inspect.signature(member)
        assert signature.return_annotation is not inspect.Signature.empty, member
        for parameter in signature.parameters.values():
            if parameter.name != "self":
                assert parameter.annotation is not inspect.Parameter.empty, (member, parameter)


def test_help_begins_with_a_first_call() -> None:
    text = pydoc.plain(pydoc.render_doc(sideman))
    first = text.partition("DESCRIPTION")[2].strip().splitlines()[:5]
    assert any('sideman.improvise("blues-f"' in line for line in first)
    assert text.index("sideman.improvise(") < text.index("floor  rooms")


def test_every_keyword_is_in_the_signature_and_described() -> None:
    signature = inspect.signature(sideman.improvise)
    hints = get_type_hints(Improvising)
    assert {*signature.parameters} == {"changes", *hints}
    text = inspect.getdoc(sideman.improvise) or ""
    for name in signature.parameters:
        assert re.search(rf"\b{name}\b", text), name
    assert signature.parameters["head"].default is Plan().head
    assert signature.parameters["instrument"].default == PlayRequest().instrument
    assert "Examples" in text


def test_the_keywords_of_the_controls_are_those_of_the_options() -> None:
    assert {*CONTROLS.values()} == {*KNOBS}
    assert {*CONTROLS} <= {*get_type_hints(Playing)}, "add the control to Playing"
    help_ = call("improvise", "--help").stdout
    for group in (Improvising, Trading, Varying):
        for name in get_type_hints(group):
            if group is Improvising or name in CONTROLS:
                assert re.search(rf"--(no-)?{name.replace('_', '-')}\b", help_), name


# One request, one result.


@pytest.mark.parametrize(
    ("keywords", "words"),
    [
        ({}, ()),
        (
            {"tempo": 120, "instrument": "trumpet", "style": "bossa", "difficulty": np.int64(3)},
            (
                *("--tempo", "120", "--instrument", "trumpet", "--style", "bossa"),
                "--difficulty",
                "3",
            ),
        ),
        (
            {"key": "Bb", "phrasing": 1, "typical_p": 0.9, "max_match": 12, "head": False}
            | {"resolve": False, "player": "Charlie Parker", "swing": 1.5},
            (
                *("--key", "Bb", "--phrasing", "1", "--typical-p", "0.9", "--max-match", "12"),
                *("--no-head", "--no-resolve", "--player", "Charlie Parker", "--swing", "1.5"),
            ),
        ),
    ],
    ids=["plain", "band", "controls"],
)
def test_api_command_and_again_give_the_same_bytes(
    tmp_path: Path, keywords: dict[str, Any], words: tuple[str, ...]
) -> None:
    mine = sideman.improvise("blues-f", seed=7, choruses=1, **keywords)
    common = ("--out", tmp_path, "--no-audio")
    done = call("improvise", "blues-f", "--seed", "7", "--choruses", "1", *words, *common)
    assert done.returncode == 0, done.stderr
    theirs = sideman.read(tmp_path / "blues-f-7.mid")
    assert isinstance(theirs, sideman.Take)
    assert mine.request is not None
    assert theirs.request is not None
    assert mine.request == theirs.request
    assert mine.request.to_json() == theirs.request.to_json()
    assert mine.midi == theirs.midi
    assert theirs.name == mine.name == "blues-f-7"
    mine.save(tmp_path / "mine.mid")
    done = call("improvise", "--again", tmp_path / "mine.mid", *common)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "mine.mid").read_bytes() == mine.midi == mine.again().midi


def test_trade_vary_and_licks_give_the_bytes_of_their_commands(tmp_path: Path) -> None:
    phrase = sideman.improvise("| F7 | Bb7 |", seed=1, choruses=1)
    phrase.save(tmp_path / "phrase.mid")
    take().save(tmp_path / "take.mid")
    out = ("--out", tmp_path)
    call(
        "trade", tmp_path / "phrase.mid", "--changes", "blues-f", "--bars", "2", "--seed", "5", *out
    )
    call("vary", tmp_path / "take.mid", "--count", "2", "--seed", "3", *out)
    call("licks", tmp_path / "take.mid", "--lick", "2", *out)
    answer = sideman.trade(phrase, "blues-f", bars=2, seed=5)
    assert answer.midi == (tmp_path / "phrase-trade-5.mid").read_bytes()
    for number, one in enumerate(take().vary(count=2, seed=3), start=1):
        assert one.midi == (tmp_path / f"take-vary-3-{number}.mid").read_bytes()
    assert sideman.vary(tmp_path / "take.mid", count=2, seed=3) == take().vary(count=2, seed=3)
    sheet, loops = sideman.licks(take(), numbers=[2])
    assert [one.midi for one in loops] == [(tmp_path / "take-lick-02.mid").read_bytes()]
    (page,) = loops[0].score("musicxml")
    assert page == (tmp_path / "take-lick-02.musicxml").read_bytes()
    again = [answer.again(), take().vary(count=2, seed=3)[1].again(), loops[0].again()]
    assert again == [answer, take().vary(count=2, seed=3)[1], loops[0]]
    assert sheet.score("musicxml") == [(tmp_path / "take-licks.musicxml").read_bytes()]


def test_a_take_is_read_from_everywhere(tmp_path: Path) -> None:
    path = tmp_path / "some take.mid"
    take().save(path)
    for source in (path, str(path), take().midi):
        found = sideman.read(source)
        assert found == take()
        assert isinstance(found, sideman.Take)
        assert (found.solo, found.seed, found.notes) == (take().solo, 7, take().notes)
    chart = sideman.read("blues-f")
    ways: list[Any] = ["blues-f", chart, take()]
    assert {sideman.improvise(way, seed=7, choruses=1).midi for way in ways} == {take().midi}
    chart.save(tmp_path / "blues-f.ls")
    listed = sideman.read((tmp_path / "blues-f.ls").read_bytes(), name="blues-f.ls")
    assert isinstance(listed, sideman.Chart)
    assert listed.changes == take().changes
    assert sideman.improvise(take().changes, seed=1, choruses=1).changes == take().changes
    assert repr(sideman.read("| F7 |\n" * 100)).endswith("100 bars>")
    with pytest.raises(SidemanError, match="is not in the songbook"):
        sideman.read("x" * 300)
    # Constraints from a value, a path and bytes.
    held = [
        sideman.improvise("blues-f", seed=2, take=way, keep="1-8")
        for way in (take(), path, take().midi)
    ]
    assert held[0] == held[1] == held[2] != take()


def test_the_notes_are_those_of_the_file() -> None:
    song = mido.MidiFile(file=io.BytesIO(take().midi))
    assert max(one["onset"] + one["duration"] for one in take().notes) <= song.length + 0.01
    played = sum(
        message.type == "note_on" and message.velocity > 0
        for track in song.tracks
        for message in track
    )
    assert len(take().notes) == played
    assert {one["part"] for one in take().notes} == {"Solo", "Chords", "Bass", "Drums"}


# Files.


def test_save_writes_every_format(tmp_path: Path) -> None:
    heads = {
        ".mid": b"MThd", ".ogg": b"OggS", ".flac": b"fLaC", ".wav": b"RIFF", ".mp3": b"ID3",
        ".pdf": b"%PDF", ".png": b"\x89PNG", ".svg": b"<svg", ".musicxml": b"<?xml",
        ".mxl": b"PK", ".json": b"{", ".ls": b"(", ".txt": b"Title: ",
    }  # fmt: skip
    short = sideman.improvise("| F7 | Bb7 |", seed=1, choruses=1)
    for suffix, head in heads.items():
        (written,) = short.save(tmp_path / "new" / f"take{suffix}")
        assert written.read_bytes().startswith(head), suffix
    assert {path.suffix for path in (tmp_path / "new").iterdir()} == {*heads}
    found = json.loads((tmp_path / "new" / "take.json").read_text())
    assert found["request"]["seed"] == found["seed"] == 1
    assert found["notes"] == short.notes
    mono = short.sound("wav", mute=["drums", "bass", "chords"])
    assert mono != (tmp_path / "new" / "take.wav").read_bytes()
    assert soundfile.info(io.BytesIO(mono)).samplerate == 48_000
    short.save(tmp_path / "mono.wav", mute=["drums", "bass", "chords"])
    assert (tmp_path / "mono.wav").read_bytes() == mono
    short.save(tmp_path / "tenor.musicxml", part="tenor sax", dedication="Anna", whole=True)
    assert b"for Anna" in (tmp_path / "tenor.musicxml").read_bytes()


def test_an_option_that_a_format_does_not_have_is_refused(tmp_path: Path) -> None:
    refused: list[tuple[Callable[[Path], object], str, str]] = [
        (lambda path: take().save(path, part="Bb"), ".mid", "part"),
        (lambda path: take().save(path, font="handwritten"), ".wav", "font"),
        (lambda path: take().save(path, mute=["bass"]), ".pdf", "mute"),
        (lambda path: take().save(path, click=True), ".ls", "click"),
    ]
    for save, suffix, name in refused:
        path = tmp_path / f"take{suffix}"
        with pytest.raises(SidemanError, match=f"{name} has no effect") as found:
            save(path)
        assert found.value.field == name
        assert not path.exists()


def test_a_sound_file_is_the_commands(tmp_path: Path) -> None:
    words = ("--seed", "1", "--choruses", "1", "--audio-format", "ogg", "--out", tmp_path)
    assert call("improvise", "| F7 | Bb7 |", *words).returncode == 0
    mine = sideman.improvise("| F7 | Bb7 |", seed=1, choruses=1)
    assert mine.sound("ogg") == (tmp_path / "changes-1.ogg").read_bytes()


def test_a_chart_is_converted_moved_and_engraved(tmp_path: Path) -> None:
    chart = sideman.read("happy-birthday")
    assert isinstance(chart, sideman.Chart)
    for suffix in (".ls", ".musicxml", ".mid", ".html", ".txt", ".svg", ".pdf"):
        (written,) = chart.save(tmp_path / f"tune{suffix}")
        assert written.stat().st_size > 50
    done = call("convert", "happy-birthday", tmp_path / "theirs.musicxml")
    assert done.returncode == 0
    assert (tmp_path / "tune.musicxml").read_bytes() == (tmp_path / "theirs.musicxml").read_bytes()
    assert "the composer" in " ".join(chart.lost("x.txt")) or chart.lost("x.mid")
    assert str(chart.transposed(2).sheet.key) == "G major"
    assert chart.transposed(key="Eb").changes != chart.changes
    assert "happy-birthday" in sideman.songbook("birthday")
    with pytest.raises(SidemanError, match="part, dedication and font are for pages") as refused:
        chart.save(tmp_path / "x.ls", part="Bb")
    assert refused.value.field == "part"


# In a notebook.


class Shown(HTMLParser):
    """The tags of a cell and the files in their data URIs."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.files: list[tuple[str, bytes]] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag not in ("img", "br"):
            self.open.append(tag)
        for name, value in attrs:
            if name == "src":
                kind, _, data = (value or "").removeprefix("data:").partition(";base64,")
                self.files.append((kind, base64.b64decode(data, validate=True)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_a_cell_shows_score_player_roll_and_changes() -> None:
    text = take()._repr_html_()
    shown = Shown(text)
    assert not shown.open
    assert [kind for kind, _ in shown.files] == ["audio/ogg", "image/svg+xml", "image/png"]
    (_, sound), (_, score), (_, roll) = shown.files
    assert sound == take().sound("ogg")
    assert b"<svg" in score
    assert roll == take().roll("png")
    assert f"OGG, {len(sound) / 1e6:.1f} MB" in text
    assert "seed 7" in text
    assert "| Gm7" in text
    assert len(text) < 1_000_000
    assert take()._repr_html_() is text
    assert repr(take()).count("\n") == 0


def test_a_title_cannot_add_markup() -> None:
    chart = sideman.read(b"(title <script>alert(1)</script>)\nF7 | Bb7 |\n", name="x.ls")
    text = chart._repr_html_()
    solo = sideman.improvise(chart, seed=1, choruses=1)._repr_html_()
    assert "&lt;script&gt;" in text
    assert "&lt;script&gt;" in solo
    assert "script" not in {*Shown(text).tags, *Shown(solo).tags}


def test_what_an_extra_is_missing_for_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    without(monkeypatch, "midirenderer", "verovio")
    fresh = sideman.Take(take().midi, "take")
    text = fresh._repr_html_()
    assert [kind for kind, _ in Shown(text).files] == ["image/png"]
    lines = re.findall(r"<p><em>(.*?)</em></p>", text)
    assert len(lines) == 2
    assert all("install" in line and "\n" not in line for line in lines)
    assert "| Gm7" in text
    assert "pip install verovio" in sideman.read("blues-f")._repr_html_()


def without(monkeypatch: pytest.MonkeyPatch, *libraries: str) -> None:
    """Make libraries look as if they were not installed."""
    from importlib import util

    find, load = util.find_spec, builtins.__import__

    def found(name: str, *more: Any) -> Any:
        return None if name in libraries else find(name, *more)

    def imported(name: str, *more: Any) -> Any:
        if name in libraries:
            raise ImportError(name)
        return load(name, *more)

    monkeypatch.setattr(util, "find_spec", found)
    monkeypatch.setattr(builtins, "__import__", imported)


def test_music_from_elsewhere_is_shown_too() -> None:
    notes = tuple(Note(480 * at, 400, 60 + at % 5) for at in range(16))
    bars = Changes((Bar(),) * 4)
    found = sideman.read(writing.dumps(Performance("Mine", (Part("Melody", notes),), bars)))
    assert isinstance(found, sideman.Take)
    assert (found.request, found.seed) == (None, None)
    assert len(found.notes) == 16
    assert Shown(found._repr_html_()).files[0][0] == "audio/ogg"
    with pytest.raises(SidemanError, match="carries no request"):
        found.again()


# Errors.


@pytest.mark.parametrize(
    ("keywords", "field", "words"),
    [
        ({"temprature": 1}, "temprature", "did you mean temperature"),
        ({"breath": 1}, "breath", "did you mean phrasing?"),
        ({"zzz": 1}, "zzz", "there are "),
        ({"choruses": "3"}, "choruses", "must be a whole number, got '3'"),
        ({"choruses": True}, "choruses", "must be a whole number, got True"),
        ({"choruses": 0}, "choruses", "ask for 1 to 100"),
        ({"intro": "no"}, "intro", "must be True or False"),
        ({"tempo": 5}, "tempo", "from 20 to 400"),
        ({"phrasing": 9}, "phrasing", "phrasing must be between 0 and 4"),
        ({"max_match": 1}, "max_match", "5 or more"),
        ({"instrument": "kazoox"}, "instrument", "not a known instrument"),
        ({"model": "solist"}, "model", "did you mean soloist?"),
        ({"model": "no.safetensors"}, "model", "no such model file"),
        ({"model": object()}, "model", "plays no solos"),
        ({"player": "Nobodyish"}, "player", "No player is called"),
        ({"style": "zydeco"}, "style", "is not a style"),
        ({"style": "no.toml"}, "style", "no.toml"),
        ({"swing": 9}, "swing", "swing must be"),
        ({"key": "H"}, "key", "is not a key"),
        ({"transpose": 99}, "transpose", "99 semitones"),
        ({"prime": "none.mid"}, "prime", "none.mid: cannot be read"),
        ({"keep": "1-2"}, "take", "give the take"),
        ({"seed": -1}, "seed", "seed must be 0 or more"),
    ],
)
def test_an_error_is_one_sentence_with_its_argument(
    keywords: dict[str, Any], field: str, words: str
) -> None:
    with pytest.raises(SidemanError) as refused:
        sideman.improvise("blues-f", **keywords)
    assert words in str(refused.value)
    assert refused.value.field == field
    assert "\n" not in str(refused.value)


def test_the_first_arguments_are_keywords_too() -> None:
    again = sideman.improvise(changes="blues-f", seed=7, choruses=1)
    assert again == take()
    assert sideman.vary(take=again, seed=1) == sideman.vary(again, seed=1)
    answer = sideman.trade(again, "blues-f", bars=1, seed=1)
    assert sideman.trade(phrase=again, changes="blues-f", bars=1, seed=1) == answer
    with pytest.raises(TypeError, match="changes"):
        sideman.improvise()  # type: ignore[call-arg]


WRONG: list[tuple[Any, str]] = [
    (lambda: sideman.improvise("blues-f", style=5), "style"),  # type: ignore[arg-type]
    (lambda: sideman.improvise("blues-f", tempo=10**400), "tempo"),
    (lambda: sideman.improvise("blues-f", top_k=10**400), "top_k"),
    (lambda: sideman.improvise("blues-f", transpose=10**5000), "transpose"),
    (lambda: sideman.improvise("blues-f", model="x" * 5000), "model"),
    (lambda: sideman.trade(None), "phrase"),  # type: ignore[arg-type]
    (lambda: sideman.vary(None), "take"),  # type: ignore[arg-type]
    (lambda: sideman.licks(take(), numbers=1), "numbers"),  # type: ignore[arg-type]
    (lambda: sideman.licks(take(), numbers=["1"]), "numbers"),  # type: ignore[list-item]
    (lambda: sideman.licks(take(), numbers=[99]), "numbers"),
    (lambda: sideman.licks(take(), min_notes=999), "min_notes"),
    (lambda: sideman.licks(take(), part="kazoo"), "part"),
    (lambda: sideman.licks(take(), tempo=5), "tempo"),
    (lambda: sideman.explain(None), "take"),  # type: ignore[arg-type]
    (lambda: sideman.explain(take(), bar="1"), "bar"),  # type: ignore[arg-type]
    (lambda: sideman.explain(take(), bar=99), "bar"),
    (lambda: sideman.explain(take(), model="course"), "model"),
    (lambda: sideman.surprise(None), "changes"),  # type: ignore[arg-type]
    (lambda: sideman.surprise("| NC |"), "changes"),
    (lambda: sideman.surprise("blues-f", model="course"), "model"),
    (lambda: sideman.analyze("blues-f", tune=5), "tune"),  # type: ignore[arg-type]
    (lambda: sideman.harmonize("AXBA"), "form"),
    (lambda: sideman.harmonize(key="H"), "key"),
    (lambda: sideman.harmonize(surprise=2), "surprise"),
    (lambda: sideman.harmonize(seed=-1), "seed"),
    (lambda: sideman.harmonize(melody=5), "melody"),  # type: ignore[arg-type]
    (lambda: sideman.harmonize(melody="| F7 | Bb7 |"), "melody"),
    (lambda: sideman.harmonize(melody="no-such-tune"), "melody"),
    (lambda: sideman.harmonize(model="x" * 5000), "model"),
    (lambda: sideman.reharmonize("blues-f", by=["polka"]), "by"),
    (lambda: sideman.reharmonize("blues-f", by=5), "by"),  # type: ignore[arg-type]
    (lambda: sideman.reharmonize("blues-f", steps=0), "steps"),
    (lambda: sideman.reharmonize("blues-f", seed=-1), "seed"),
    (lambda: sideman.read(take()), "source"),  # type: ignore[arg-type]
    (lambda: sideman.read(b"MThd", name="cut.mid"), "source"),
    (lambda: sideman.songbook(5), "search"),  # type: ignore[arg-type]
    (lambda: sideman.measure("x" * 5000), "corpus"),
    (lambda: sideman.measure(np.array(1)), "corpus"),
    (lambda: sideman.measure(take(), reference=["all"]), "reference"),  # type: ignore[arg-type]
    (lambda: sideman.measure(take(), split=3), "split"),  # type: ignore[arg-type]
    (lambda: sideman.measure(take(), split={"test": 3}), "split"),  # type: ignore[dict-item]
    (lambda: sideman.measure(take(), progress=0.5), "progress"),  # type: ignore[arg-type]
    (lambda: sideman.evaluate("unigram", take(), seed=-1), "seed"),
    (lambda: take().save(5), "path"),  # type: ignore[arg-type]
    (lambda: take().save("a.mp3", mute=5), "mute"),  # type: ignore[arg-type]
    (lambda: take().save("a.mp3", muted=[]), "muted"),  # type: ignore[call-arg]
    (lambda: take().sound(mute=5), "mute"),  # type: ignore[arg-type]
    (lambda: take().sound(soundfont=5), "soundfont"),  # type: ignore[arg-type]
    (lambda: take().roll("gif"), "kind"),
    (lambda: take().roll(None), "kind"),  # type: ignore[arg-type]
    (lambda: take().score("musicxml", part="kazoo"), "part"),
    (lambda: sideman.read("blues-f").save("a.pdf", part=None), "part"),  # type: ignore[arg-type]
    (lambda: sideman.read("blues-f").transposed("2"), "semitones"),  # type: ignore[union-attr,arg-type]
    (lambda: sideman.Take("take.mid"), "midi"),  # type: ignore[arg-type]
    (lambda: sideman.Take(b"RIFF"), "midi"),
    (lambda: sideman.Chart("blues-f"), "sheet"),  # type: ignore[arg-type]
]


@pytest.mark.parametrize(("wrong", "field"), WRONG)
def test_a_value_of_another_type_is_refused_in_one_sentence(wrong: Any, field: str) -> None:
    with pytest.raises(SidemanError) as refused:
        wrong()
    assert refused.value.field == field
    assert re.fullmatch(r"[^\n]{10,1000}[.?]", str(refused.value))


def test_sources_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    for function, field in (
        (sideman.read, "source"),
        (sideman.improvise, "changes"),
        (sideman.trade, "phrase"),
        (sideman.vary, "take"),
        (sideman.licks, "take"),
        (sideman.explain, "take"),
        (sideman.surprise, "changes"),
        (sideman.analyze, "changes"),
        (sideman.reharmonize, "changes"),
        (lambda path: sideman.harmonize(melody=path), "melody"),
        (lambda path: sideman.analyze(path), "changes"),
        (lambda path: sideman.surprise("blues-f", model=path), "model"),
        (lambda path: sideman.explain(take(), model=path), "model"),
        (sideman.measure, "corpus"),
        (lambda path: sideman.evaluate("ngram", path), "corpus"),
        (lambda path: sideman.evaluate("ngram", take(), split=path), "split"),
        (lambda path: sideman.evaluate(path, take()), "model"),
    ):
        with pytest.raises(FileError) as refused:
            function(tmp_path / "none.mid")
        assert refused.value.field == field
    with pytest.raises(SidemanError, match="3 is no music") as wrong:
        sideman.improvise(3)  # type: ignore[arg-type]
    assert wrong.value.field == "changes"


def test_a_missing_extra_and_an_unwritable_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FileError, match="cannot be written") as unwritable:
        take().save(tmp_path / "file" / "take.mid")
    assert unwritable.value.field == "path"
    with pytest.raises(SidemanError, match="let the name end in one of") as unknown:
        take().save(tmp_path / "take.doc")
    assert unknown.value.field == "path"
    without(monkeypatch, "midirenderer", "verovio")
    for call_, field in (
        (lambda: take().save(tmp_path / "take.mp3"), "path"),
        (lambda: take().save(tmp_path / "take.pdf"), "path"),
        (lambda: take().sound("mp3"), "kind"),
        (lambda: take().score("pdf"), "kind"),
    ):
        with pytest.raises(MissingExtraError, match="install") as missing:
            call_()
        assert missing.value.field == field
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


# Models and figures.


class Even:
    """A Scorer: every value is as likely as every other."""

    name = "even"

    def distributions(self, events: Events) -> Distributions:
        sizes = (LONGEST_IOI, 128, len(DURATION_TICKS))
        return Distributions(*(np.full((len(events), size), 1 / size) for size in sizes))


def test_a_scorer_of_ones_own_is_evaluated(tmp_path: Path) -> None:
    tones = [(bar, 1, 1, 1, 60 + bar, 1.0) for bar in range(1, 5)]
    path = build(tmp_path / "two.db", {"A": tones, "B": tones})
    split = {"train": ["A"], "test": ["B"]}
    found = sideman.evaluate(Even(), path, split=split)
    expected = np.log(LONGEST_IOI) + np.log(128) + np.log(len(DURATION_TICKS))
    assert found["model"]["joint_nats"] == pytest.approx(expected, abs=1e-5)
    assert (found["model"]["name"], found["corpus"]["solos"]) == ("even", 1)
    (tmp_path / "split.json").write_text(json.dumps(split))
    assert sideman.evaluate(Even(), path, split=tmp_path / "split.json") == found
    assert sideman.evaluate(Even(), path, split=split, baseline=Even())["paired"]["difference"] == 0
    done = call("evaluate", path, "--model", "ngram", "--baseline", "unigram", "--json")
    mine = sideman.evaluate("ngram", path, baseline="unigram")
    assert json.loads(done.stdout) == mine
    with pytest.raises(ModelError, match="does not give the likelihood") as refused:
        sideman.evaluate(object(), path)  # type: ignore[arg-type]
    assert refused.value.field == "model"


def test_measures_are_the_commands(tmp_path: Path) -> None:
    takes = [take(), sideman.improvise("blues-f", seed=8, choruses=1)]
    for one in takes:
        one.save(tmp_path / f"{one.name}.mid")
    done = call("measure", tmp_path, "--json")
    theirs, mine = json.loads(done.stdout), sideman.measure(takes)
    assert mine["summary"] == theirs["summary"] == sideman.measure(tmp_path)["summary"]
    assert "distance" in sideman.measure(takes[0], against=takes[1])


def test_explanations_are_the_commands(tmp_path: Path) -> None:
    own = tmp_path / "own.grammar"
    own.write_text("(startsymbol P) (rule (P) (C4 L8 C8 R4) 1)")
    derived = sideman.improvise("| F7 | Bb7 |", model=own, seed=1, choruses=1)
    (path,) = derived.save(tmp_path / "take.mid")
    theirs = json.loads(call("explain", path, "--bar", "2", "--json").stdout)
    assert theirs["method"] == "derived"  # the grammar is beside the take
    assert sideman.explain(path, bar=2) == theirs
    assert sideman.explain(derived, model=own, bar=2) == theirs
    found = sideman.explain(derived, model=registry.load(own), bar=2)
    assert (found["method"], found["model"]) == ("parsed", "own")  # an object has no fingerprint
    with pytest.raises(ModelError, match=r"played by own\.grammar, which does not come") as refused:
        sideman.explain(derived)
    assert refused.value.field == "model"
    assert sideman.explain(take(), bar=1)["model"] == "jazz-grammar"


def test_harmony_is_that_of_the_commands(tmp_path: Path) -> None:
    for name, *words in (
        ("surprise", "blues-f"),
        ("analyze", "blues-f"),
        ("reharmonize", "blues-f", "--by", "tritone", "--steps", "2", "--seed", "1"),
    ):
        theirs = json.loads(call(name, *words, "--json").stdout)
        if name == "reharmonize":
            _, mine = sideman.reharmonize("blues-f", by="tritone", steps=2, seed=1)
            assert mine["steps"]
        else:
            mine = getattr(sideman, name)("blues-f")
            assert getattr(sideman, name)(sideman.read("blues-f")) == mine
        assert mine == theirs
    for function in (sideman.surprise, sideman.analyze):
        function("blues-f", out=tmp_path / "page.svg")
        assert (tmp_path / "page.svg").read_bytes().startswith((b"<?xml", b"<svg"))
        with pytest.raises(SidemanError) as refused:
            function("blues-f", out=tmp_path / "page.doc")
        assert refused.value.field == "out"
    sideman.read("happy-birthday").save(tmp_path / "melody.ls")
    chart = sideman.harmonize(melody="happy-birthday", seed=2)
    path = tmp_path / "theirs.ls"
    form, melody = ("--form", "A12", "--key", "F"), ("--melody", tmp_path / "melody.ls")
    for words_, own in ((form, sideman.harmonize("A12", key="F", seed=2)), (melody, chart)):
        call("harmonize", *words_, "--seed", "2", "--out", path)
        assert sideman.read(path).changes == own.changes
    assert chart == sideman.harmonize(melody=sideman.read("happy-birthday"), seed=2)
    assert sideman.harmonize(melody=take(), seed=2, key="F").changes


def test_a_soloist_of_ones_own_plays_again_only_where_it_is_given(tmp_path: Path) -> None:
    soloist = registry.load("course")
    mine = sideman.improvise("| F7 | Bb7 |", model=soloist, seed=1, choruses=1)
    assert mine.request is not None
    assert (mine.request.model, mine.request.fingerprint) == ("course", "memory")
    assert mine.again(soloist) == mine
    with pytest.raises(ModelError, match="a model without a file, course; give that") as refused:
        mine.again()
    assert refused.value.field == "model"
    assert sideman.players() == list(registry.load("soloist").players)  # type: ignore[attr-defined]
    assert sideman.players(soloist) == []


def test_a_control_of_the_package_is_a_keyword_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(CONTROLS, "lilt", "density")
    assert options.fields_of(options.checked(Varying, {"lilt": 1}))[1] == {
        "controls": {"density": 1.0}
    }
    assert TradeRequest().bars == inspect.signature(sideman.trade).parameters["bars"].default
    assert VaryRequest().amount == inspect.signature(sideman.vary).parameters["amount"].default


# The documentation.

ROOT = Path(__file__).parent.parent
SNIPPET = re.compile(r"^```python\n(.*?)^```", re.M | re.S)


def snippets(page: str) -> list[str]:
    """The Python examples of a page that call the API."""
    found = SNIPPET.findall((ROOT / page).read_text(encoding="utf-8"))
    return [text for text in found if "sideman." in text.replace("sideman.course", "")]


@pytest.mark.parametrize("page", ["README.md", "docs/index.md", "docs/api.md", "docs/benchmark.md"])
def test_the_examples_of_a_page_run(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tones = [(bar, 1, 1, 1, 60 + bar, 1.0) for bar in range(1, 5)]
    build(tmp_path / "wjazzd.db", {"A": tones, "B": tones})
    for split in ("split.json", "wjazzd"):
        (tmp_path / split).write_text(json.dumps({"train": ["A"], "test": ["B"]}))
    shutil.copy(ROOT / "examples" / "blues.phrases", tmp_path)
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    found = snippets(page)
    assert found
    for text in found:
        exec(compile(text, page, "exec"), names)
    assert any(tmp_path.glob("*.m*")), "something is saved"
    assert "Traceback" not in capsys.readouterr().out


def test_the_page_of_the_api_names_what_the_package_offers() -> None:
    text = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    directives = re.findall(r"^\.\. auto\w+:: (\w+)$", text, re.M)
    assert {*directives} == {*NAMES}
    assert all(re.search(rf"`{name}[`(]", text) for name in NAMES)


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs"])
def test_the_links_of_the_documentation_resolve(page: str) -> None:
    paths = sorted((ROOT / page).rglob("*.md")) if page == "docs" else [ROOT / page]
    for path in paths:
        for link in re.findall(r"\]\(([^)\s]+)\)", path.read_text(encoding="utf-8")):
            if ":" in link or link.startswith("#"):
                continue
            assert (path.parent / link.partition("#")[0]).exists(), f"{path.name}: {link}"


@pytest.mark.parametrize("name", ["counted_scorer", "counted_soloist"])
def test_the_examples_are_as_short_as_is_said(name: str) -> None:
    text = (ROOT / "examples" / f"{name}.py").read_text(encoding="utf-8")
    described = {
        line
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node)
        for line in range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1)
    }
    lines = enumerate(text.splitlines(), start=1)
    code = [one for at, one in lines if one.split("#")[0].strip() and at not in described]
    assert len(code) <= 60


def test_every_page_is_in_the_contents_of_the_site() -> None:
    docs = ROOT / "docs"
    lists = re.findall(r"```{toctree}(.*?)```", (docs / "index.md").read_text("utf-8"), re.S)
    pages = {*docs.glob("*.md"), *docs.glob("models/*.md")} - {docs / "index.md"}
    named = {docs / f"{line}.md" for text in lists for line in text.split()}
    assert pages <= named


def test_broken_links_of_a_site_are_found(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text('<a id="x"></a><a href="b.html#%C3%A9"></a><a href="#x"></a>')
    (tmp_path / "b.html").write_text('<h1 id="é"></h1><a href="http://x/y"></a><img src="c.png">')
    done = subprocess.run(
        [sys.executable, ROOT / "docs" / "links.py", tmp_path], capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (1, "b.html: c.png\n")
    (tmp_path / "c.png").write_bytes(b"")
    (tmp_path / "d.html").write_text('<a href="a.html#y"></a><a href="../a.html"></a>')
    done = subprocess.run(
        [sys.executable, ROOT / "docs" / "links.py", tmp_path], capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (1, "d.html: a.html#y\nd.html: ../a.html\n")
