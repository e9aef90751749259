"""The tune's melody in a solo, and slow solos that sing: what is asked for, given and refused."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from sideman.band import styles
from sideman.errors import MusicError
from sideman.formats import typed
from sideman.library import songbook
from sideman.score import Note, Solo
from sideman.score.practice import ALIKE, Practice
from sideman.service import improviser, playing, requests
from sideman.service.requests import Line, PlayRequest, TradeRequest, Tune, VaryRequest
from sideman.service.results import PlayResult

BIRTHDAY, BALLAD = "happy-birthday", "londonderry-air"


def play(tune: str, *, seed: int = 1, melody: float | None = None, **asked: Any) -> PlayResult:
    controls: dict[str, float] = {"effort": 1}
    if melody is not None:
        controls["melody"] = melody
    request = PlayRequest(changes=Tune(name=tune), choruses=2, seed=seed, controls=controls)
    return playing.play(replace(request, **asked))


def sounded(melody: Sequence[Note], notes: Sequence[Note]) -> float:
    """Return the share of a melody's notes that a solo sounds, in any octave, within an eighth."""
    near = [
        any(abs(n.onset - one.onset) <= 12 and (n.pitch - one.pitch) % 12 == 0 for n in notes)
        for one in melody
    ]
    return float(np.mean(near))


def test_the_melody_is_played_as_far_as_it_is_asked_for() -> None:
    own = ALIKE.melody(songbook.load(BIRTHDAY), 2)
    another = ALIKE.melody(songbook.load("after-youve-gone"), 1)
    by_share = {
        share: [play(BIRTHDAY, seed=seed, melody=share).solo.notes for seed in range(3)]
        for share in (0.0, 0.5, 1.0)
    }
    none, half, all_ = (np.mean([sounded(own, one) for one in by_share[s]]) for s in by_share)
    assert none < 0.4 < half < 0.8 < all_
    control = [another[: len(own)]]
    assert np.mean([sounded(one, notes) for one in control for notes in by_share[1.0]]) < 0.4


def test_without_it_nothing_changes() -> None:
    assert play(BIRTHDAY).solo == play(BIRTHDAY, melody=0.0).solo != play(BIRTHDAY, melody=0.5).solo


def test_ballads_paraphrase_unless_the_request_says_otherwise() -> None:
    usual = play(BALLAD)
    assert usual.request.controls == {"effort": 1, "melody": styles.load("ballad").melody}
    assert play(BALLAD, melody=0.0).request.controls["melody"] == 0
    # In another style it is not usual, nor without a melody; what is played again is the same.
    assert "melody" not in play(BALLAD, style="swing").request.controls
    assert "melody" not in play("ballad-eb").request.controls
    kept = requests.loads(requests.dumps(usual.request))
    assert playing.again(kept).midi() == usual.midi()


def test_a_model_that_cannot_paraphrase_is_not_asked_to() -> None:
    assert (
        "melody"
        not in playing.play(
            PlayRequest(changes=Tune(name=BALLAD), model="course", choruses=1, seed=1)
        ).request.controls
    )


def test_without_a_melody_it_is_refused() -> None:
    changes = typed.parse("| C | G7 | C | C |").changes
    phrase = Line(Solo("a phrase", (Note(0, 24, 60, 92), Note(24, 24, 64, 92)), changes))
    asked = {"melody": 0.5}
    answers: tuple[Callable[[], object], ...] = (
        lambda: play("blues-f", melody=0.5),
        lambda: playing.trade(TradeRequest(phrase=phrase, bars=2, seed=1, controls=asked)),
        lambda: next(playing.vary(VaryRequest(take=phrase, seed=1, controls=asked))),
        lambda: play(BIRTHDAY, melody=0.5, changes=Tune(text="| C | F |")),
    )
    for answer in answers:
        with pytest.raises(MusicError, match="needs a tune with a written melody") as caught:
            answer()
        assert caught.value.field == "melody"
    for wrong in (-0.1, 1.5, float("nan")):
        with pytest.raises(MusicError, match="melody must be between 0 and 1"):
            play(BIRTHDAY, melody=wrong)


def test_the_melody_of_every_chorus_is_in_its_key() -> None:
    sheet = songbook.load(BIRTHDAY)
    length, first = sheet.changes.length, sheet.melody[0]
    assert first.onset < 0, "it begins with a pickup"
    notes = Practice("fourths").melody(sheet, 3)
    assert [note.pitch - first.pitch for note in notes[:: len(sheet.melody)]] == [0, 5, -2]
    assert notes[len(sheet.melody)].onset == length + first.onset
    assert all(one.end <= after.onset for one, after in pairwise(notes))
    # A pickup of more than a bar is cut.
    early = replace(sheet.parts[0], notes=(replace(first, onset=-200), *sheet.melody))
    assert ALIKE.melody(replace(sheet, parts=(early,)), 1)[0] == replace(first, name=None)


@pytest.mark.parametrize("where", [{"loop": "2-3"}, {"cycle": "fourths"}, {"key": "B"}])
def test_other_keys_loops_and_ranges(where: dict[str, Any]) -> None:
    result = play(BIRTHDAY, melody=1.0, instrument="trumpet", **where)
    assert result.solo.notes


def test_a_ballad_has_longer_notes_than_the_same_tune_in_another_style() -> None:
    def long(style: str) -> float:
        solos = [play("ballad-eb", seed=seed, style=style, tempo=66.0) for seed in range(3)]
        lengths = np.array([note.duration for take in solos for note in take.solo.notes])
        return float(lengths[lengths >= 24].sum() / lengths.sum())

    assert long("ballad") > 1.2 * long("swing")


def test_the_style_is_that_of_the_tune_where_none_is_asked_for() -> None:
    sheet = songbook.load(BALLAD)
    soloist = playing.model_named("soloist").soloist
    usual = improviser.usual_controls
    assert usual(sheet, None, soloist) == usual(sheet, styles.load("ballad"), soloist) != {}
    assert usual(replace(sheet, parts=()), None, soloist) == {}
    assert usual(songbook.load(BIRTHDAY), None, soloist) == {}
