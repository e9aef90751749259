"""A take as JSON: bars, chords, parts and the solo, as they are played."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache
from itertools import pairwise
from typing import Any

import pytest
from numpy.random import default_rng

import sideman
from sideman.band.arranging import Plan
from sideman.errors import FormatError
from sideman.formats.midi import writing
from sideman.library import songbook
from sideman.score import Arrangement, Note, Part, Solo
from sideman.service import improviser, playing
from sideman.service.music import music_json, voiced
from sideman.service.requests import (
    LicksRequest,
    Line,
    PlayRequest,
    TradeRequest,
    Tune,
    VaryRequest,
)
from sideman.service.results import PlayResult
from sideman.theory.chord import Chord
from sideman.theory.meter import Meter

WHOLE = Plan(count_in=True, intro=True, head=True, fours=True, ending=True)
PICKUP = Line(Solo("", (Note(-24, 24, 60), Note(0, 24, 62))))
SHORT = "| C | Am7 | Dm7 | G7 |"


def tune(text: str = "", name: str = "", **values: Any) -> PlayRequest:
    settings = {"choruses": 1, "seed": 3, **values}
    return PlayRequest(changes=Tune(text=text, name=name), **settings)


REQUESTS = {
    "plain": tune(name="blues-f", choruses=2, seed=1),
    "everything": tune(name="happy-birthday", choruses=2, arrangement=WHOLE),
    "head with a pickup": tune(name="happy-birthday"),
    "waltz": tune(name="happy-birthday-waltz", arrangement=WHOLE, style="waltz"),
    "five": tune("5/4 | [A] F7 | Bb7 | F7 C7 | C7 |", choruses=2, arrangement=Plan(fours=True)),
    "six": tune("6/8 | F7 | Bb7 | F7 | C7 |", arrangement=Plan(count_in=True), style="bossa"),
    "half a head": tune(name="amazing-grace", arrangement=WHOLE),
    "long form": tune(name="bye-bye-blackbird", arrangement=WHOLE),
    "slow": tune("| N.C. | C | G7 | C6 |", tempo=60.0, arrangement=WHOLE, style="ballad"),
    "solo only": tune("| C | G7 |", seed=1, arrangement=Plan(head=False, ending=False)),
    "three bars": tune("| C | F | G7 |", choruses=3, arrangement=WHOLE, style="funk"),
    "pickup": tune(SHORT, prime=PICKUP),
    "pickup after a head": tune(name="happy-birthday", prime=PICKUP),
    "sections like ours": tune(
        "[Solo 1] C | F | [Head] G7 | C | [Fours] C | [Ending] F", choruses=2
    ),
    "meters that change": tune("[A] 4/4 C | Am7 | [B] 3/4 Dm7 | G7 |", arrangement=WHOLE),
}


@cache
def result(name: str) -> PlayResult:
    line = (
        Line(result("plain").solo, Meter(), "trumpet")
        if name in ("trade", "vary", "lick")
        else None
    )
    if line is None:
        return playing.play(REQUESTS[name])
    if name == "trade":
        phrase = Line(Solo("p", line.solo.notes[:9]), Meter())
        return playing.trade(TradeRequest(phrase=phrase, changes=Tune(name="blues-f"), seed=1))
    if name == "vary":
        return next(playing.vary(VaryRequest(take=line, seed=1)))
    return playing.cut(LicksRequest(take=line, numbers=(1,))).licks[0].loop


@cache
def music(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(result(name).music()))
    return found


NAMES = [*REQUESTS, "trade", "vary", "lick"]
every = pytest.mark.parametrize("name", NAMES)


@every
def test_bars_tile_the_time_and_beats_lie_in_their_bar(name: str) -> None:
    told = music(name)
    bars = told["bars"]
    assert bars[0]["start"] == 0
    for bar, after in pairwise(bars):
        assert bar["end"] == after["start"]
    for bar in bars:
        edges = [*bar["beats"], bar["end"]]
        assert edges[0] == bar["start"]
        assert all(one < other for one, other in pairwise(edges))
    performance = result(name).performance
    assert len(bars) == len(performance.changes.bars)
    assert told["seconds"] == pytest.approx(performance.seconds, abs=1e-3)
    for bar, tick in zip(bars, performance.changes.bar_starts, strict=False):
        assert bar["start"] == pytest.approx(performance.seconds_at(tick * 20), abs=1e-3)


@every
def test_every_written_note_is_found_in_the_part(name: str) -> None:
    told, solo = music(name), result(name).solo
    part = next(part for part in told["parts"] if part["role"] == "solo")
    assert [note["n"] for note in told["solo"]] == list(range(1, len(solo.notes) + 1))
    indices = [note["part_note"] for note in told["solo"]]
    assert indices == list(range(indices[0], indices[0] + len(indices)))
    for note, written in zip(told["solo"], solo.notes, strict=True):
        sounding = [note["start"], note["end"], note["pitch"], note["velocity"]]
        assert sounding == part["notes"][note["part_note"]]
        assert (note["tick"], note["duration"], note["pitch"]) == (
            written.onset, written.duration, written.pitch,
        )  # fmt: skip
        bar = told["bars"][note["bar"]]
        # A note may sound out of its bar by as much as players deviate.
        assert bar["start"] - 0.1 <= note["start"] < bar["end"] + 0.1
        assert note["kind"] in ("chord", "scale", "approach", "outside", "none")


@every
def test_places_follow_each_other_and_count_their_bars(name: str) -> None:
    told, solo = music(name), result(name).solo
    assert solo.changes is not None
    order = ["count-in", "intro", "pickup", "head", "solo", "fours", "head", "ending"]
    for place in dict.fromkeys(bar["place"] for bar in told["bars"]):
        assert place in order
    written = [bar for bar in told["bars"] if bar["place"] in ("solo", "fours")]
    assert [bar["written"] for bar in written] == list(range(len(solo.changes.bars)))
    assert [bar["section"] or None for bar in written] == [bar.section for bar in solo.changes.bars]
    tops = solo.changes.chorus_starts
    assert [i for i, bar in enumerate(written) if bar["form"] == 0] == list(tops)
    assert {bar["chorus"] for bar in written} == set(range(1, len(tops) + 1))
    assert told["choruses"] == len(tops)
    for bar in told["bars"]:
        outside = bar["place"] not in ("solo", "fours")
        assert (bar["chorus"] is None) == (bar["written"] is None) == outside
        assert (bar["form"] is None) == (bar["place"] in ("count-in", "pickup", "ending"))


@every
def test_chords_tile_the_bars_that_have_some(name: str) -> None:
    told = music(name)
    chords = told["chords"]
    for chord, after in pairwise(chords):
        assert chord["end"] == after["start"]
    assert chords[-1]["end"] == told["bars"][-1]["end"]
    for chord in chords:
        bar = told["bars"][chord["bar"]]
        assert bar["start"] <= chord["start"] < bar["end"]
        assert (chord["pitches"] == []) == (chord["symbol"] == "N.C.")
    solo = result(name).solo
    assert solo.changes is not None
    own = [chord for chord in chords if chord["n"] is not None]
    assert [chord["n"] for chord in own] == list(range(1, len(solo.changes.spans) + 1))


@every
def test_parts_are_those_that_are_played(name: str) -> None:
    told, performance = music(name), result(name).performance
    assert [part["name"] for part in told["parts"]] == [
        part.name for part in performance.parts if part.notes
    ]
    for part, own in zip(told["parts"], (p for p in performance.parts if p.notes), strict=True):
        assert (part["program"], part["percussion"]) == (own.program, own.percussion)
        assert (part["volume"], part["pan"]) == (own.volume, own.pan)
        assert part["notes"] == sorted(part["notes"], key=lambda note: note[0])
        assert all(0 <= begin <= end <= told["seconds"] for begin, end, _, _ in part["notes"])


def places(name: str) -> list[tuple[str, int]]:
    """The places of a take with the number of bars of each."""
    found: list[tuple[str, int]] = []
    for bar in music(name)["bars"]:
        if found and found[-1][0] == bar["place"]:
            found[-1] = (bar["place"], found[-1][1] + 1)
        else:
            found.append((bar["place"], 1))
    return found


def test_the_places_of_some_takes() -> None:
    assert places("everything") == [
        ("count-in", 2), ("intro", 4), ("head", 8), ("solo", 8), ("fours", 8), ("head", 7),
        ("ending", 1),
    ]  # fmt: skip
    assert places("plain") == [("solo", 24), ("ending", 1)]
    assert places("head with a pickup")[:3] == [("pickup", 1), ("head", 8), ("solo", 8)]
    assert places("pickup") == [("pickup", 1), ("solo", 4), ("ending", 1)]
    assert places("slow")[0] == ("count-in", 1)
    assert places("solo only") == [("solo", 2)]
    assert places("three bars")[:3] == [("count-in", 2), ("intro", 3), ("solo", 6)]
    assert places("sections like ours") == [("solo", 12), ("ending", 1)]


def test_bars_of_the_head_know_their_place_in_the_form() -> None:
    name = "long form"
    form = songbook.load("bye-bye-blackbird").changes
    out = [bar for bar in music(name)["bars"] if bar["place"] == "head"][len(form.bars) :]
    assert [bar["form"] for bar in out[:2]] == [16, 17]
    intro = [bar["form"] for bar in music(name)["bars"] if bar["place"] == "intro"]
    assert intro == [28, 29, 30, 31]


def test_beats_are_counted_as_they_are_felt() -> None:
    counts = {
        name: len(music(name)["bars"][1]["beats"]) for name in ("plain", "waltz", "five", "six")
    }
    assert counts == {"plain": 4, "waltz": 3, "five": 5, "six": 2}


def test_bars_grow_longer_in_the_ritardando() -> None:
    bars = music("plain")["bars"]
    lengths = [bar["end"] - bar["start"] for bar in bars]
    assert lengths[0] == pytest.approx(4 * 60 / 140, abs=1e-3)
    assert lengths[-1] > lengths[-2] > lengths[-3] > lengths[-4] - 1e-3


def test_what_it_is_called_and_measured() -> None:
    told = music("plain")
    assert (told["title"], told["key"], told["meter"]) == ("Blues in F", "F", "4/4")
    assert (told["tempo"], told["seed"], told["file"]) == (140.0, 1, "blues-f-1")
    assert told["instrument"] == "tenor sax"
    assert told["tempos"][0] == [0.0, 140.0]
    line = {one["name"]: one for one in told["statistics"]}
    assert line["notes a bar"]["value"] == pytest.approx(len(told["solo"]) / 24, rel=0.1)
    assert line["range"]["unit"] == "semitones"
    assert 0 < line["chord tones"]["players"] < 1
    assert told["novelty"]["sentence"] == result("plain").novelty
    chords = {one["symbol"] for one in told["chords"]}
    assert {"B♭7", "Am7♭5"} <= chords


def test_a_stored_take_gives_the_same() -> None:
    for name in ("plain", "everything"):
        own = result(name)
        request = playing.requested(own.midi(), "x.mid")
        assert music_json(own.midi(), own.music()["file"], request) == own.music()


def test_the_take_of_the_python_api_holds_it() -> None:
    take = sideman.Take(result("plain").midi(), "blues-f-1")
    assert take.to_json()["music"] == result("plain").music()
    assert take.to_json()["notes"] == take.notes


def test_music_from_elsewhere_has_none() -> None:
    changes = songbook.load("blues-f").changes
    part = Part("Solo", (Note(0, 24, 60),))
    data = writing.dumps(Arrangement("A", (part,), changes))
    with pytest.raises(FormatError, match="carries no line"):
        music_json(data, "x")
    assert sideman.Take(data).to_json()["music"] is None


@pytest.mark.parametrize("symbol", ["F7", "Bbmaj7/D", "Am7b5", "C", "Gsus4", "E7#9", "Cdim7"])
def test_a_chord_by_itself_has_its_bass_below(symbol: str) -> None:
    chord = Chord.parse(symbol)
    low, *upper = voiced(chord)
    bass = chord.bass or chord.root
    assert bass is not None
    assert low % 12 == bass.pitch_class
    assert upper == sorted(upper)
    assert low < upper[0]
    assert voiced(Chord.parse("N.C.")) == ()


def test_a_note_that_the_head_replaces_has_its_straight_time() -> None:
    sheet = songbook.load("happy-birthday")
    end = sheet.changes.length
    notes = (
        Note(0, 24, 60),
        Note(end - 48, 24, 62),
        Note(end - 24, 12, 64),
        Note(end - 12, 12, 65),
    )
    solo = Solo("Happy", notes, sheet.changes, tempo_bpm=120.0)
    take = improviser.accompany(solo, rng=default_rng(1), sheet=sheet)
    played = PlayResult(PlayRequest(seed=1), "x", take.solo, take.arrangement, take.performance)
    told = played.music()
    assert [note["part_note"] is None for note in told["solo"]] == [False, False, True, True]
    last = told["solo"][-1]
    bar = told["bars"][last["bar"]]
    assert (bar["written"], last["velocity"]) == (7, 90)
    assert last["start"] == pytest.approx(bar["beats"][3] + 0.25, abs=1e-3)
    assert last["end"] == pytest.approx(bar["end"], abs=1e-3)


def test_playing_and_telling_of_it_need_no_engraver() -> None:
    program = (
        "import sys, sideman.service.music, sideman.service.playing, sideman.cli; "
        "sys.exit(bool({'verovio', 'typst', 'fontTools', 'sideman.processes'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
