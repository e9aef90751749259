"""Requests as values, JSON there and back, and takes that carry what they were asked for."""

from __future__ import annotations

import io
import json
import math
from dataclasses import fields, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import mido
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

import sideman
from commands import call, sentence
from sideman.band.arranging import Plan
from sideman.errors import FormatError, ModelError, MusicError, SidemanError
from sideman.formats import registry
from sideman.formats.midi import writing
from sideman.library import songbook
from sideman.score import Arrangement, LeadSheet, Note, Part, Solo
from sideman.service import converting, measuring, playing, rendering, requests
from sideman.service.portable import sheet_from, sheet_json, solo_from, solo_json
from sideman.service.requests import (
    BaseRequest,
    LicksRequest,
    Line,
    PlayRequest,
    TradeRequest,
    Tune,
    VaryRequest,
)
from sideman.service.results import PlayResult
from sideman.theory.meter import Meter


@lru_cache(maxsize=1)
def result() -> PlayResult:
    return playing.play(PlayRequest(changes=Tune(name="blues-f"), choruses=1, seed=5))


def line() -> Line:
    return Line(result().solo, Meter(), "trumpet")


REQUESTS: list[BaseRequest] = [
    PlayRequest(),
    PlayRequest(
        changes=Tune(sheet=songbook.load("greensleeves"), name="greensleeves"),
        key="Bm",
        choruses=2,
        tempo=99.5,
        instrument="flute",
        style="waltz",
        style_file="words = []",
        swing=1.25,
        model="mine.safetensors",
        fingerprint="0" * 64,
        player="Charlie Parker",
        controls={"density": 0.5, "resolve": False, "top_k": 3},
        max_copy=None,
        arrangement=Plan(intro=True, head=False),
        prime=Line(Solo("A phrase", (Note(-12, 12, 60, 80), Note(0, 24, 62)))),
        keep="1-4",
        lock="rhythm",
        seed=0,
        extra={"colour": ["blue"]},
    ),
    PlayRequest(changes=Tune(name="chart.ls", data=b"\x00\xff(title A)", title="A")),
    TradeRequest(phrase=Line(Solo("x", (Note(0, 12, 60),))), changes=Tune(text="| F7 |"), bars=2),
    VaryRequest(take=Line(Solo("x", (Note(0, 12, 60),))), amount=1.0, count=3, number=2),
    LicksRequest(take=Line(Solo("x", (Note(0, 12, 60),))), numbers=(1, 3), part="Bb"),
]


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda one: one.kind)
def test_a_request_goes_to_json_and_back_without_loss(request_: BaseRequest) -> None:
    text = requests.dumps(request_)
    assert json.loads(text)["schema"] == 1
    assert requests.loads(text) == request_
    assert requests.dumps(requests.loads(text)) == text


@pytest.mark.parametrize("name", songbook.names())
def test_every_tune_goes_to_json_and_back(name: str) -> None:
    sheet = songbook.load(name)
    back = sheet_from(json.loads(json.dumps(sheet_json(sheet))))
    assert replace(back, parts=()) == replace(sheet, parts=())
    assert [part.notes for part in back.parts] == [part.notes for part in sheet.parts]


def test_a_line_goes_to_json_and_back() -> None:
    solo = result().solo
    assert solo_from(json.loads(json.dumps(solo_json(solo)))) == solo


def wrong(**values: Any) -> str:
    return json.dumps({"schema": 1, "kind": "play", **values})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no JSON"),
        ("[" * 10_000, "no JSON"),
        ("[]", "kind must be one of play, trade, vary, licks"),
        ('{"kind": "sing"}', "kind must be one of"),
        ('{"kind": "play"}', "layout None"),
        ('{"kind": "play", "schema": 2}', "use the version that made it"),
        ('{"kind": "play", "schema": true}', "layout True"),
        (wrong(tempo="fast"), "tempo in the request"),
        (wrong(choruses=2.5), "choruses in the request"),
        (wrong(seed=True), "seed in the request"),
        (wrong(seed=-1), "seed must be 0 or more"),
        (wrong(changes=3), "The tune in the request is damaged"),
        (wrong(changes={"data": "?"}), "The tune in the request is damaged"),
        (wrong(changes={"sheet": {"changes": "| Q |"}}), "'Q' is not a chord symbol"),
        (wrong(changes={"sheet": {}}), "a lead sheet in the request is damaged"),
        (wrong(prime={"notes": [[0, 0, 60, 90]]}), "a line in the request is damaged"),
        (wrong(prime={"notes": [[0, 1, 128, 90]]}), "a line in the request is damaged"),
        (wrong(prime={"notes": [[0, 1e9, 60, 90]]}), "a line in the request is damaged"),
        (wrong(arrangement={"intro": 1}), "arrangement in the request"),
        (wrong(arrangement={"solo": True}), "arrangement in the request"),
        (wrong(controls={"volume": 3}), "There is no control 'volume'"),
        (wrong(controls={"density": "x"}), "controls in the request"),
        (wrong(swing=math.nan), "no JSON"),
        (wrong(controls={"density": math.inf}), "no JSON"),
        (wrong(extra="x" * 70_000), "longer than 65,536 bytes"),
    ],
)
def test_a_damaged_request_is_one_sentence(text: str, words: str) -> None:
    with pytest.raises(SidemanError, match=words) as raised:
        requests.loads(text)
    assert "\n" not in str(raised.value)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=6,
)


@given(
    kind=st.sampled_from(list(requests.KINDS)),
    name=st.sampled_from(
        sorted({each.name for kind in requests.KINDS.values() for each in fields(kind)})
    ),
    value=VALUES,
)
@settings(deadline=None, max_examples=300, derandomize=True)
def test_any_value_is_a_request_or_a_sentence(kind: str, name: str, value: Any) -> None:
    try:
        request = requests.loads(json.dumps({"schema": 1, "kind": kind, name: value}))
    except SidemanError:
        return
    assert requests.loads(requests.dumps(request)) == request


def test_a_take_carries_its_request_and_plays_the_same_bytes_again() -> None:
    take = result().midi()
    asked = playing.requested(take, "take.mid")
    assert asked == result().request
    assert playing.again(asked).midi() == take


def test_trades_variations_and_licks_play_again_too() -> None:
    phrase = Line(replace(result().solo, notes=result().solo.notes[:6]), Meter(), "trumpet")
    traded = playing.trade(
        TradeRequest(phrase=phrase, changes=Tune(name="blues-f"), bars=2, seed=1)
    )
    varied = list(playing.vary(VaryRequest(take=line(), count=2, seed=2)))
    assert [one.request.number for one in varied] == [1, 2]  # type: ignore[attr-defined]
    loops = [each.loop for each in playing.cut(LicksRequest(take=line())).licks[:2]]
    for one in (traded, *varied, *loops):
        take = one.midi()
        assert playing.again(playing.requested(take, "take.mid")).midi() == take


def short(*pitches: int) -> Line:
    """Return a line of eighths over a blues."""
    notes = tuple(Note(12 * at, 12, pitch) for at, pitch in enumerate(pitches))
    return Line(Solo("a line", notes, songbook.load("blues-f").changes))


def test_a_request_that_was_tampered_with_is_one_sentence() -> None:
    def again(request: BaseRequest, **changed: Any) -> None:
        content = json.loads(requests.dumps(request))
        playing.again(requests.loads(json.dumps({**content, **changed})))

    vary = VaryRequest(take=short(60, 62, 64, 65, 67), seed=1)
    for number in (-1, 2):
        with pytest.raises(MusicError, match="There is no variation"):
            again(vary, number=number)
    beyond = replace(vary.take.solo, notes=(*vary.take.solo.notes, Note(9999, 12, 60)))
    with pytest.raises(MusicError, match="after the last bar"):
        again(replace(vary, take=Line(beyond)))
    with pytest.raises(FormatError, match="is no JSON"):
        again(PlayRequest(seed=1), changes={"name": "\ud800"})
    play = PlayRequest(take=vary.take, keep="1", seed=1)
    with pytest.raises(MusicError, match="have no bars"):
        again(play, changes={"sheet": {"changes": ""}})


@pytest.mark.parametrize("pitch", [0, 127])
def test_notes_beyond_the_pitches_of_the_model_are_kept(pitch: int) -> None:
    take = short(*[pitch] * 60)
    varied = next(playing.vary(VaryRequest(take=take, seed=1)))
    assert varied.solo.notes[0].pitch == pitch


def test_a_take_holds_no_path_and_another_program_reads_it() -> None:
    take = result().midi()
    text = requests.dumps(result().request)
    assert len(text) < 20_000
    assert "/" not in json.dumps({**json.loads(text), "changes": ""})
    file = mido.MidiFile(file=io.BytesIO(take))
    assert sum(message.type == "note_on" for track in file.tracks for message in track) > 100


def test_another_file_of_the_model_is_refused() -> None:
    asked = replace(result().request, fingerprint="0" * 64)
    with pytest.raises(ModelError, match="another file of the model soloist"):
        playing.again(asked)
    with pytest.raises(ModelError, match="played by the model mine, which does not come"):
        playing.again(replace(asked, model="mine"))


def test_a_file_without_a_request_cannot_be_played_again() -> None:
    sheet = songbook.load("blues-f")
    plain = writing.dumps(Arrangement("x", (Part("Solo", (Note(0, 24, 60),)),), sheet.changes))
    with pytest.raises(FormatError, match="carries no request"):
        playing.requested(plain, "plain.mid")
    with pytest.raises(SidemanError):
        playing.requested(b"no music", "plain.mid")


def test_a_result_gives_notes_pages_and_sound() -> None:
    take = replace(result(), solo=replace(result().solo, notes=result().solo.notes[:20]))
    notes = take.notes()
    assert {note["part"] for note in notes} == {"Solo", "Chords", "Bass", "Drums"}
    assert all(note["duration"] > 0 for note in notes)
    assert take.page("musicxml")[0].startswith(b"<?xml")
    with pytest.raises(MusicError, match="choose pdf, png, svg or musicxml"):
        take.page("doc")


def test_the_sound_of_a_result() -> None:
    samples, rate = soundfile.read(io.BytesIO(result().sound("ogg")))
    assert rate == 48_000
    assert abs(samples).max() > 0.1


def test_a_tune_is_a_name_a_text_or_the_bytes_of_a_file() -> None:
    assert playing.tune(Tune(name="Blues F"))[0] == "blues-f"
    assert playing.tune(Tune(text="| F7 | Bb7 |"))[0] == "changes"
    data = b"(title A tune)\n(meter 4 4)\nF7 | Bb7 |\n"
    name, sheet = playing.tune(Tune(name="My Chart.ls", data=data))
    assert (name, sheet.title, len(sheet.changes.bars)) == ("my-chart", "A tune", 2)
    own = LeadSheet("Own", sheet.changes)
    assert playing.tune(Tune(sheet=own)) == ("own", own)


def test_nothing_is_played_of_a_wrong_request() -> None:
    for wrong_one, field in (
        (PlayRequest(changes=Tune(name="blues-f"), keep="1"), "take"),
        (PlayRequest(changes=Tune(text="| F7 | Q |")), "changes"),
        (PlayRequest(changes=Tune(name="blues-f"), controls={"density": 9}), "density"),
        (PlayRequest(changes=Tune(name="blues-f"), model="course", player="Bird"), "player"),
    ):
        with pytest.raises(SidemanError) as raised:
            playing.play(wrong_one)
        assert raised.value.field == field


def test_cancelling_ends_the_work() -> None:
    with pytest.raises(playing.CancelledError):
        playing.play(PlayRequest(changes=Tune(name="blues-f")), cancel=lambda: True)


def test_the_command_plays_a_take_again(tmp_path: Path) -> None:
    first = tmp_path / "first" / "a.mid"
    first.parent.mkdir()
    first.write_bytes(result().midi())
    done = call("improvise", "--again", str(first), "--out", str(tmp_path / "b"), "--no-audio")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "b" / "a.mid").read_bytes() == first.read_bytes()
    both = call("improvise", "blues-f", "--again", str(first), "--out", str(tmp_path))
    assert "give one of the two" in sentence(both)


def test_playing_reports_how_far_it_is_and_plays_the_same() -> None:
    for controls in ({}, {"best_of": 2}):
        request = PlayRequest(changes=Tune(name="blues-f"), choruses=2, controls=controls, seed=5)
        shares: list[float] = []
        watched = playing.play(request, progress=shares.append)
        assert watched.midi() == playing.play(request).midi()
        assert shares == sorted(shares)
        assert shares[0] == 0
        assert shares[-1] == 1
        assert len(shares) > 5


def test_cancelling_ends_a_solo_that_is_being_played() -> None:
    answers = iter([False, False, True])
    request = PlayRequest(changes=Tune(name="blues-f"), choruses=100)
    with pytest.raises(playing.CancelledError):
        playing.play(request, cancel=lambda: next(answers))


def test_variations_and_licks_report_how_far_they_are() -> None:
    varied: list[float] = []
    assert len(list(playing.vary(VaryRequest(take=line(), count=2), progress=varied.append))) == 2
    cut: list[float] = []
    playing.cut(LicksRequest(take=line(), numbers=(1, 2)), progress=cut.append)
    assert (cut, varied[0], varied[-1]) == ([0, 0.5, 1], 0, 1)


def test_a_take_names_the_version_that_played_it(tmp_path: Path) -> None:
    asked = playing.requested(result().midi(), "take.mid")
    assert asked.version == sideman.__version__
    assert playing.remark(asked) == ""
    other = replace(asked, version="9.9")
    assert "was played by version 9.9 of sideman" in playing.remark(other)
    with pytest.raises(ModelError, match=r"or use version 9\.9 of sideman"):
        playing.again(replace(other, fingerprint="0" * 64))
    take = replace(result(), request=other)
    (tmp_path / "a.mid").write_bytes(take.midi())
    done = call(
        "improvise", "--again", str(tmp_path / "a.mid"), "--out", str(tmp_path), "--no-audio"
    )
    assert done.returncode == 0
    assert "version 9.9" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_take_of_version_0_1_carries_no_request() -> None:
    path = Path(__file__).parent / "frozen" / "take-0.1.mid"
    with pytest.raises(FormatError, match="carries no request"):
        playing.requested(path.read_bytes(), "take-0.1.mid")


def test_charts_pages_and_rolls_are_bytes() -> None:
    tune = Tune(name="blues-f")
    chart = converting.convert(tune, "blues.txt", key="Bb")
    assert b"\n| Bb7 |" in chart.data
    assert chart.lost == ()
    assert converting.convert(Tune(name="happy-birthday"), "x.txt").lost == ("the melody",)
    back = converting.convert(Tune(name="blues.txt", data=chart.data), "x.txt")
    assert back.sheet.changes == chart.sheet.changes
    assert converting.engrave(tune, "blues.musicxml").pages[0].startswith(b"<?xml")
    drawn = converting.roll(Tune(name="happy-birthday"), "happy.svg")
    assert b"<svg" in drawn.pages[0]
    report = converting.inspect(requests.File("blues.txt", chart.data), tune=None)
    assert isinstance(report.data["bars"], list)
    with pytest.raises(MusicError, match="beats is not for typed changes") as raised:
        converting.inspect(requests.File("blues.txt", chart.data), beats=(1, 2))
    assert raised.value.field == "beats"
    with pytest.raises(FormatError, match="does not write this format"):
        converting.convert(tune, "blues.pdf")


def test_solos_are_scored_and_measured() -> None:
    solo = result().solo
    assert solo.changes is not None
    sheet = LeadSheet("A line", solo.changes, parts=(Part("Solo", solo.notes),))
    corpus = (requests.File("line.musicxml", registry.dumps(sheet, "line.musicxml")[0]),)
    shares: list[float] = []
    request = measuring.EvaluateRequest(corpus, model="bigram", baseline="unigram")
    figures = measuring.evaluate(request, progress=shares.append)
    assert figures["model"]["notes"] > 10
    assert shares == [0.5, 1]
    shares.clear()
    split = requests.File("split.json", b'{"test": ["line"]}')
    found = measuring.measure(
        measuring.MeasureRequest(corpus, split=split, against=corpus), progress=shares.append
    )
    assert shares == [0.5, 1]
    assert found["corpus"]["part"] == "test"
    assert found["against"]["solos"] == 1
    shares.clear()
    measuring.measure(measuring.MeasureRequest(iter(corpus * 2)), progress=shares.append)
    assert shares == [0.5, 1]
    assert measuring.picture(found, "figures.svg").startswith(b"<?xml")
    with pytest.raises(playing.CancelledError):
        measuring.measure(measuring.MeasureRequest(corpus), cancel=lambda: True)
    with pytest.raises(ModelError, match="Unknown model '/etc/passwd'"):
        measuring.evaluate(replace(request, model="/etc/passwd"))


def test_a_midi_file_becomes_sound() -> None:
    song = requests.File("song.mid", result().midi())
    shares: list[float] = []
    sound = rendering.render(song, "ogg", stems=True, progress=shares.append)
    assert shares[-1] == 1
    assert set(sound.stems) == {"solo", "chords", "bass", "drums"}
    assert soundfile.info(io.BytesIO(sound.data)).duration == pytest.approx(sound.seconds, abs=0.1)
    with pytest.raises(playing.CancelledError):
        rendering.render(song, cancel=lambda: True)


def test_a_negative_zero_is_written_as_zero() -> None:
    negative, positive = (
        PlayRequest(expression=zero, controls={"motif": zero}) for zero in (-0.0, 0.0)
    )
    assert negative == positive
    assert requests.dumps(negative) == requests.dumps(positive)
