"""Grammars that play: derivations with exact probabilities, forms filled exactly, lines."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from realdata import DATA, needs_data
from sideman.errors import ModelError, MusicError
from sideman.formats import typed
from sideman.models import registry, sampler
from sideman.models.constraints import FREE, Constraints, Slot
from sideman.models.controls import Controls, Feature
from sideman.models.file import ModelFile
from sideman.models.grammar import deriving, playing, reading, tones
from sideman.models.grammar.deriving import Derivation, Form
from sideman.models.grammar.playing import GrammarSession, GrammarSoloist
from sideman.models.grammar.productions import Options, Place, Productions, Work
from sideman.models.grammar.terminals import Slope, Tone
from sideman.models.protocol import Setting
from sideman.score import Changes
from sideman.theory.meter import Meter

GRAMMARS = DATA / "grammars"
BLUES = typed.parse(
    "| F7 | Bb7 | F7 | F7 | Bb7 | Bb7 | F7 | D7 | Gm7 | C7 | F7 D7 | Gm7 C7 |"
).changes
C7 = typed.parse("| C7 | C7 | C7 | C7 |").changes
BLOCKS = """(startsymbol P)
(rule (P Y) ((START 1) (P (- Y 480))) 1)
(rule (P Y) ((START 2) (P (- Y 960))) 10)
(rule (P Y) ((START 4) (P (- Y 1920))) 100)
(rule (P Y) ((START 8) (P (- Y 3840))) 1000)
(rule (P Y) ((START 16) (P (- Y 7680))) 10000)
(rule (START Z) ((Bar Z)) 1)
(base (Bar 0) () 1)
(rule (Bar Z) (One (Bar (- Z 1))) 1)
(rule (One) (C4 C8 L8 R4 C4) 3)
(rule (One) ((slope 1 4 C4 C4) R2) 1)
"""
PLACE = Place()


def productions(text: str) -> Productions:
    return Productions(reading.loads(text, "x.grammar"))


def soloist(text: str) -> GrammarSoloist:
    return playing.from_text(text, "x.grammar")


def session(
    text: str | GrammarSoloist,
    changes: Changes = C7,
    seed: int = 0,
    constraints: Constraints = FREE,
    **setting: int | bool,
) -> GrammarSession:
    rng = np.random.default_rng(seed)
    player = text if isinstance(text, GrammarSoloist) else soloist(text)
    given = Setting(changes, **setting)  # type: ignore[arg-type]
    begun = player.begin(given, Controls(), constraints, rng)
    sampler.finish(begun, rng=rng)
    return begun


def in_meter(changes: Changes, *meters: Meter) -> Changes:
    return Changes(
        tuple(
            replace(
                bar,
                meter=meter,
                chords=tuple(one for one in bar.chords if one.onset < meter.ticks_per_bar),
            )
            for bar, meter in zip(changes.bars, meters, strict=True)
        )
    )


def probabilities(options: Options | None) -> dict[str, float]:
    assert options is not None
    pairs = zip(options.productions, options.probabilities, strict=True)
    return {str(one.rule.right[0]): round(share, 6) for one, share in pairs}


def exhaust(derivation: Derivation, share: float = 1.0) -> Iterator[tuple[str, float]]:
    """Yield every derivation's terminals with its probability."""
    if derivation.done:
        yield " ".join(str(placed.terminal) for placed in derivation.placed), share
        return
    for index, each in enumerate(derivation.applicable.probabilities):
        other = derivation.branch()
        other.choose(index, np.random.default_rng(0))
        yield from exhaust(other, share * each)


def outcomes(text: str, changes: Changes = C7) -> dict[str, float]:
    form = Form(changes)
    found: dict[str, float] = {}
    for line, share in exhaust(Derivation(productions(text), form, [(0, form.end)], "x")):
        found[line] = found.get(line, 0) + share
    return found


# Rules and their probabilities -----------------------------------------------------------------


def test_blocks_overshoot_or_are_chosen_by_weight() -> None:
    known = productions(BLOCKS)
    shares = {8: 1000, 4: 100, 2: 10, 1: 1}
    first = probabilities(known.options("P", (5760,), PLACE, 5760))
    assert first == {
        f"('START', '{bars}')": round(weight / 1111, 6) for bars, weight in shares.items()
    }
    second = probabilities(known.options("P", (1920,), PLACE, 1920))
    assert second["('START', '4')"] == round(100 / 111, 6)
    both = first["('START', '8')"] * second["('START', '4')"]
    assert both == pytest.approx(0.811, abs=5e-4)


def test_a_call_as_long_as_what_is_left_takes_any_rule_and_is_cut() -> None:
    known = productions(BLOCKS)
    assert len(probabilities(known.options("P", (240,), PLACE, 240))) == 5
    assert known.options("P", (240,), PLACE, 480) is None
    assert known.options("P", (0,), PLACE, 480) is None


def test_a_base_that_fits_has_priority() -> None:
    known = productions(BLOCKS)
    assert probabilities(known.options("Bar", (1,), PLACE, 480)) == {"One": 1}
    options = known.options("Bar", (0,), PLACE, 480)
    assert options is not None
    assert [one.rule.base for one in options.productions] == [True]


def test_positions_that_one_side_lacks_are_ignored() -> None:
    known = productions(
        "(startsymbol P) (rule (P) (C4) 1) (rule (P 5 6) (R4) 1) (rule (P Y Y) (L4) 2)"
    )
    assert set(probabilities(known.options("P", (5,), PLACE, 1))) == {"C4", "R4", "L4"}
    assert set(probabilities(known.options("P", (7, 7), PLACE, 1))) == {"C4", "L4"}
    assert set(probabilities(known.options("P", (7, 8), PLACE, 1))) == {"C4"}


def test_weights_by_family_of_chord() -> None:
    known = productions(
        "(startsymbol P) (rule (P) ((X 1 8)) (* .5 (builtin chord-family (major dominant))))"
        "(rule (P) ((X 2 8)) 1.5) (rule (P) ((X 3 8)) 0)"
    )
    dominant = known.options("P", (), Place("dominant"), 480)
    assert probabilities(dominant) == {"('X', '1', '8')": 0.25, "('X', '2', '8')": 0.75}
    assert probabilities(known.options("P", (), Place("minor7"), 480)) == {"('X', '2', '8')": 1}


@pytest.mark.parametrize("call", ["(P (* Y Y))", "(P (/ Y 0))", "(P (- Y big))", "(P (- 1 Y))"])
def test_a_rule_whose_arithmetic_fails_does_not_apply(call: str) -> None:
    known = productions(f"(startsymbol P) (rule (P Y) ({call}) 9) (rule (P Y) (C4) 1)")
    assert probabilities(known.options("P", (5_000_000,), PLACE, 480)) == {"C4": 1}


def test_where_all_weights_are_zero_they_count_alike() -> None:
    known = productions("(startsymbol P) (rule (P) (C4) 0) (rule (P) (R4) 0)")
    assert probabilities(known.options("P", (), PLACE, 480)) == {"C4": 0.5, "R4": 0.5}


def test_bricks_count_where_the_harmony_is_one_of_that_length() -> None:
    known = productions(
        BLOCKS + "(rule (P Y) ((BRICK 960) (P (- Y 960))) 10)"
        "(rule (BRICK 960) (C2 L2 C2 L2) (builtin brick Straight-Approach) 3)"
        "(rule (BRICK 960) (L2 C2 L2 C2) (builtin brick POT) 1)"
    )
    assert "('BRICK', '960')" not in probabilities(known.options("P", (5760,), PLACE, 5760))
    here = Place("minor7", frozenset({("Straight-Approach", 960)}))
    # Longer blocks would pass over the brick.
    assert probabilities(known.options("P", (5760,), here, 5760)) == {
        "('START', '1')": round(1 / 21, 6),
        "('START', '2')": round(10 / 21, 6),
        "('BRICK', '960')": round(10 / 21, 6),
    }
    assert probabilities(known.options("BRICK", (960,), here, 5760)) == {"C2": 1}
    other = Place("minor7", frozenset({("Straight-Approach", 480)}))
    assert "('BRICK', '960')" not in probabilities(known.options("P", (5760,), other, 5760))


def test_bricks_alone_are_taken_whatever_the_harmony() -> None:
    text = (
        "(startsymbol P) (rule (P Y) ((BRICK 960) (P (- Y 960))) 10)"
        "(rule (P Y) ((BRICK 1920) (P (- Y 1920))) 99)"
        "(rule (P Y) ((START 1) (P (- Y 480))) 1000)"
        "(rule (BRICK 960) (C1 L1) (builtin brick POT) 3)"
        "(rule (BRICK 1920) (C1 L1 C1 L1) (builtin brick POT) 3)"
        "(rule (START Z) ((Cluster0 Z)) 1)"
    )
    known = productions(text)
    assert known.undefined == {"Cluster0"}
    assert known.unproductive == {"START"}
    most = 5760 // 3
    assert set(probabilities(known.options("P", (5760,), Place(most=most), 5760))) == {
        "('BRICK', '960')",
        "('BRICK', '1920')",
    }
    # In a chorus of twelve bars of three quarters four bars of four are more than a third.
    assert set(probabilities(known.options("P", (4320,), Place(most=1440), 4320))) == {
        "('BRICK', '960')"
    }


def test_what_leads_nowhere_is_not_drawn_while_something_leads_somewhere() -> None:
    text = "(startsymbol P) (rule (P) (Q) 1000) (rule (Q) (Nothing) 1) (rule (P) (C4) 1)"
    known = productions(text)
    assert known.undefined == {"Nothing"}
    assert known.unproductive == {"Q"}
    assert probabilities(known.options("P", (), PLACE, 480)) == {"C4": 1}


# Derivations -----------------------------------------------------------------------------------


def test_whole_notes_over_four_bars() -> None:
    text = (
        "(startsymbol P) (base (P 0) () 1) (rule (P Y) (Seg (P (- Y 480))) 1) (rule (Seg) (C1) 1)"
    )
    assert outcomes(text) == {" ".join([str(Tone("C", 480))] * 4): 1}


def test_a_shared_rule_is_chosen_once() -> None:
    text = (
        "(startsymbol P) (rule (P) ((fill 2 (share V))) 1) (rule (V) (C4) 1) (rule (V) (C8 L8) 1)"
    )
    one_bar = Changes(in_meter(C7, *[Meter(2, 4)] * 4).bars[:1])
    quarter, eighth, colour = (str(Tone(*each)) for each in (("C", 120), ("C", 60), ("L", 60)))
    assert outcomes(text, one_bar) == {
        f"{quarter} {quarter}": 0.5,
        f"{eighth} {colour} {eighth} {colour}": 0.5,
    }
    # What `unshare` plays is forgotten.
    forgotten = text.replace("(fill 2 (share V))", "(share V) (unshare V) (share V) (unshare V)")
    one = Changes(C7.bars[:1])
    assert len(outcomes(forgotten, one)) == 4
    assert set(outcomes(forgotten, one).values()) == {0.25}


@pytest.mark.parametrize(
    ("right", "expected"),
    [
        ("(muse-switch 1 ((default R1) (0 R1) (1 C1) (2 L1)))", Tone("C", 480)),
        ("(muse-switch 1 ((0 R1) (1 C1) (default L1)))", Tone("L", 480)),
        ("(muse-switch 0 ((0 Quiet) (1 Loud)))", Tone("C", 480)),
        ("(splice literal C1)", Tone("C", 480)),
        ("(R2 R2)", Tone("R", 240)),
        ("7 C1", Tone("C", 480)),
        ("Y C1", Tone("C", 480)),
        ("(slope -2 1 C1)", Slope(-2, 1, (Tone("C", 480),))),
    ],
)
def test_wrappers(right: str, expected: object) -> None:
    text = f"(startsymbol P) (rule (P Y) ({right}) 1) (rule (Quiet) (R1) 1) (rule (Loud) (C1) 1)"
    derivation = session(text).derivation
    assert derivation.placed[0].terminal == expected
    assert sum(each.slots for each in derivation.placed) == 4 * 480


def test_steps_name_their_parents() -> None:
    derivation = session(BLOCKS, BLUES).derivation
    for index, step in enumerate(derivation.steps):
        assert -1 <= step.parent < index
        assert 0 < step.probability <= 1
        if step.parent >= 0:
            assert step.slot >= derivation.steps[step.parent].slot
    for placed in derivation.placed:
        assert derivation.steps[placed.step].rule.name == "One"


@pytest.mark.parametrize(
    "text",
    [
        "(startsymbol P) (rule (P) (P P) 1) (rule (P) (C4) 0)",
        "(startsymbol P) (rule (P Y) ((P (+ Y 1))) 1) (rule (P Y) (C4) 0)",
        "(startsymbol P) (rule (P) ((fill 4 Q)) 1) (rule (Q) () 1) (rule (Q) (C4) 0)",
        "(startsymbol P) (rule (P) (Q) 1) (rule (Q) (P) 1) (rule (Q) (C4) 0)",
    ],
)
def test_a_grammar_that_does_not_end_says_so(text: str) -> None:
    with pytest.raises(MusicError, match=r"x: .*(P|Q).*;") as caught:
        session(text)
    assert caught.value.field == "model"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("(startsymbol P) (base (P 0) () 1) (rule (Q) (C4) 1)", "no rule of its start symbol P"),
        ("(startsymbol P) (rule (Q) (C4) 1)", "its start symbol P has no rule"),
        ("(startsymbol P) (rule (P) (Q) 1)", r"Q \(line 1\) has no rule"),
    ],
)
def test_a_grammar_without_terminals_is_refused(text: str, reason: str) -> None:
    with pytest.raises(ModelError, match=reason):
        session(text)


# Lines -----------------------------------------------------------------------------------------


def check(played: GrammarSession, changes: Changes, reach: tuple[int, int]) -> None:
    """Check that a solo fills its form exactly and can be played."""
    at = 0
    for placed in played.derivation.placed:
        assert placed.slot == at
        at += placed.slots
    assert at == changes.length * 5
    line = played.line()
    assert all(earlier.end <= later.onset for earlier, later in pairwise(line))
    assert all(note.duration > 0 and reach[0] <= note.pitch <= reach[1] for note in line)
    assert not line or line[-1].end <= changes.length


def forms() -> dict[str, Changes]:
    found = {}
    for beats in (3, 4, 5):
        found[f"12 of {beats}/4"] = in_meter(BLUES, *[Meter(beats, 4)] * 12)
        long = Changes((*BLUES.bars, *BLUES.bars, *BLUES.bars[:8]))
        found[f"32 of {beats}/4"] = in_meter(long, *[Meter(beats, 4)] * 32)
    found["pickup"] = in_meter(BLUES, Meter(1, 4), *[Meter(4, 4)] * 11)
    found["one beat"] = in_meter(Changes(C7.bars[:1]), Meter(1, 4))
    found["6/8"] = in_meter(C7, *[Meter(6, 8)] * 4)
    return found


@pytest.mark.parametrize("name", forms())
def test_the_shipped_grammar_fills_every_form(name: str) -> None:
    changes = forms()[name]
    cfg = registry.load("cfg")
    assert isinstance(cfg, GrammarSoloist)
    for seed in range(3):
        check(session(cfg, changes, seed), changes, (54, 76))


@needs_data
@pytest.mark.parametrize("path", sorted(GRAMMARS.glob("*.grammar")), ids=lambda path: path.stem)
def test_every_grammar_fills_every_form(path: Path) -> None:
    player = playing.from_text(path.read_text("latin-1"), path.name)
    if path.stem in ("_empty", "_emptyMotif"):
        with pytest.raises(ModelError, match="start symbol"):
            session(player)
        return
    chosen = forms() if os.environ.get("SIDEMAN_ALL") else {"12 of 5/4": forms()["12 of 5/4"]}
    for changes in (*chosen.values(), forms()["pickup"], forms()["one beat"]):
        played = session(player, changes)
        check(played, changes, player.reach(Setting(changes)))
        supplied: dict[int, int] = {}
        for placed in played.derivation.placed:
            supplied[placed.step] = supplied.get(placed.step, 0) + placed.slots
        if len(changes.bars) >= 12:
            assert max(supplied.values()) <= changes.length * 5 / 3


@needs_data
def test_twenty_seeds_give_twenty_solos() -> None:
    for name in ("_muse-brainwave", "CharlieParkerMotif", "BillWatrous"):
        player = playing.from_text((GRAMMARS / f"{name}.grammar").read_text("latin-1"), name)
        assert len({session(player, BLUES, seed).line() for seed in range(20)}) == 20, name


@needs_data
def test_the_blocks_of_a_published_grammar() -> None:
    known = productions((GRAMMARS / "BillWatrous.grammar").read_text("latin-1"))
    found = probabilities(known.options("P", (5760,), PLACE, 5760))
    assert [round(found[f"('START', '{bars}')"], 4) for bars in (8, 4, 2, 1)] == [
        0.9001,
        0.09,
        0.009,
        0.0009,
    ]
    assert len(found) == 4


def test_slopes_and_approach_tones_are_realised_as_worked_out() -> None:
    text = (
        "(startsymbol P) (parameter (model-kind cfg)) (parameter (min-pitch 40))"
        "(parameter (max-pitch 80)) (parameter (leap-prob 0))"
        "(rule (P) ((slope 0 0 C8) (slope 1 3 A8 C8) (slope -4 -2 C8) (slope -4 -1 C8 L8)) 1)"
    )
    seen = set()
    for seed in range(12):
        found = session(text, seed=seed).sounded[:6]
        assert [each.kind for each in found] == list("CACCCL")
        assert [each.pitch for each in found[:5]] == [60, 63, 64, 60, 58]
        assert [each.probability for each in found] == [1, 1, 1, 1, 1, 0.5]
        assert found[4].window == (56, 59)
        seen.add((found[5].pitch, found[5].tone_class))
    assert seen == {(54, "L"), (57, "L")}


def test_a_cut_slope_ends_with_the_form() -> None:
    played = session("(startsymbol P) (rule (P) ((slope 1 2 C1 C1 L1 C1 C1 C1)) 1)")
    assert sum(placed.slots for placed in played.derivation.placed) == 1920
    assert [each.onset for each in played.sounded] == [0, 96, 192, 288]


def test_repeats_are_held_and_strange_tones_moved() -> None:
    text = "(startsymbol P) (rule (P) ((slope 0 0 C8 C8 C4) R2) 1)"
    first = session(text).line()[0]
    assert first.duration == 48
    loose = session(text + "(parameter (avoid-repeats false))").line()
    assert [note.duration for note in loose[:3]] == [12, 12, 24]
    # B over C7 is no chord tone, and no semitone from what follows it.
    degrees = "(startsymbol P) (rule (P) ((X 1 4) (X #7 4) (X 5 4) R4) 1)"
    house = "(parameter (colours house))"
    assert [note.pitch % 12 for note in session(degrees + house).line()[:3]] == [0, 10, 7]
    kept = session(degrees + house + "(parameter (rectify false))").line()
    assert [note.pitch % 12 for note in kept[:3]] == [0, 11, 7]


def test_odd_durations_keep_their_onsets() -> None:
    text = "(startsymbol P) (rule (P) ((slope 1 2 C8/5 L8/5 C8/5 L8/5 C8/5)) 1)"
    onsets = [each.onset for each in session(text).sounded[:11]]
    assert onsets == [0, 10, 19, 29, 38, 48, 58, 67, 77, 86, 96]


def test_notes_too_short_for_the_tempo_are_left_out() -> None:
    text = "(startsymbol P) (rule (P) ((slope 1 2 C32 L32 C32 L32)) 1)"
    onsets = [note.onset for note in session(text, shortest=6).line()]
    assert onsets[:3] == [0, 6, 12]


def test_triads() -> None:
    text = "(startsymbol P) (rule (P) ((triadic 1 8)) 1) (parameter (rectify false))"
    played = session(text, seed=3)
    pitches = [each.pitch for each in played.sounded]
    assert len(pitches) == 32
    for at in range(0, 30, 8):
        intervals = sorted(pitches[at : at + 3])
        assert len({pitch % 12 for pitch in intervals}) == 3


def test_colours_are_those_that_a_grammar_states() -> None:
    plain = "(startsymbol P) (rule (P) (L4) 1)"
    assert soloist(plain).colours == tones.IMPRO_VISOR
    assert soloist(plain + "(parameter (colours house))").colours == tones.HOUSE
    assert soloist(plain + "(parameter (model-kind jazz-grammar))").colours == tones.HOUSE


def test_the_range_is_the_grammars_own_unless_one_is_asked_for() -> None:
    text = "(startsymbol P) (rule (P) (H8) 1) (parameter (min-pitch 60)) (parameter (max-pitch 72))"
    own = {note.pitch for note in session(text).line()}
    assert min(own) >= 60
    assert max(own) <= 72
    asked = {note.pitch for note in session(text, low=40, high=52, asked=True).line()}
    assert min(asked) >= 40
    assert max(asked) <= 52


# The sampler -----------------------------------------------------------------------------------


def test_temperature_zero_takes_the_likeliest() -> None:
    cold = Controls(temperature=0)
    player, setting = soloist(BLOCKS), Setting(BLUES)
    lines = {
        sampler.sample(player, setting, rng=np.random.default_rng(seed), controls=cold)
        for seed in range(4)
    }
    assert len(lines) == 1
    assert sampler.sample(player, setting, rng=np.random.default_rng(1)) not in lines


def test_a_branch_goes_its_own_way() -> None:
    rng = np.random.default_rng(0)
    begun = registry.load("cfg").begin(Setting(BLUES), Controls(), FREE, rng)
    for _ in range(40):
        begun.choose(sampler.choose(*begun.options(), rng, Controls()), rng)
    other = begun.branch()
    sampler.finish(other, rng=np.random.default_rng(1))
    line = other.line()
    sampler.finish(begun, rng=np.random.default_rng(2))
    assert other.line() == line
    assert begun.line() != line
    again = registry.load("cfg").begin(Setting(BLUES), Controls(), FREE, rng)
    sampler.finish(again, rng=np.random.default_rng(3))
    assert again.line()


def test_a_phrase_is_gone_on_from_its_end() -> None:
    given = (Slot(-24, 24, 60), Slot(0, 90, 78))
    primed = Constraints(given, ((-24, 90),))
    text = "(startsymbol P) (rule (P) ((slope 1 2 C4)) 1) (parameter (model-kind cfg))"
    played = session(text, seed=0, constraints=primed)
    line = played.line()
    assert [(note.onset, note.duration, note.pitch) for note in line[:2]] == [
        (-24, 24, 60),
        (0, 90, 78),
    ]
    assert line[2].onset == 90
    # The first window lies above the last note given.
    assert played.sounded[2].window == (79, 80)
    assert sum(each.slots for each in played.derivation.placed) == (384 - 90) * 5


def test_bars_are_kept_and_the_others_filled() -> None:
    kept = Constraints((Slot(96, 48, 61), Slot(150, 12, 62)), ((96, 192), (288, 384)))
    played = session(BLOCKS, constraints=kept)
    spans = [(each.slot, each.slot + each.slots) for each in played.derivation.placed]
    assert all(end <= 480 or 960 <= begin < end <= 1440 for begin, end in spans)
    assert sum(end - begin for begin, end in spans) == 960
    inside = [note for note in played.line() if 96 <= note.onset < 192 or note.onset >= 288]
    assert [(note.onset, note.duration, note.pitch) for note in inside] == [
        (96, 48, 61),
        (150, 12, 62),
    ]


def test_a_kept_rhythm_gets_new_pitches_and_a_contour_is_refused() -> None:
    rhythm = Constraints((Slot(0, 24), Slot(24, 48), Slot(96, 12)), ((0, 384),))
    line = session(BLOCKS, constraints=rhythm).line()
    assert [(note.onset, note.duration) for note in line] == [(0, 24), (24, 48), (96, 12)]
    contour = Constraints((Slot(0, None, None, None, 96), Slot(None, None, None, 1, 96)))
    with pytest.raises(MusicError, match="contour") as caught:
        session(BLOCKS, constraints=contour)
    assert caught.value.field == "lock"
    assert {Feature.PRIME, Feature.CONSTRAINTS} <= soloist(BLOCKS).features


def test_a_model_file_holds_the_text() -> None:
    text = np.frombuffer(BLOCKS.encode(), np.uint8)
    model = playing.from_file(ModelFile("cfg", {}, (), {"grammar": text}), "some/where.safetensors")
    assert model.name == "where"
    assert model.grammar == soloist(BLOCKS).grammar
    with pytest.raises(ModelError, match="no text of a grammar"):
        playing.from_file(ModelFile("cfg", {}, (), {}), "x.safetensors")


def test_the_example_of_the_documentation_plays() -> None:
    page = (Path(__file__).parent.parent / "docs" / "grammars.md").read_text()
    example = page.split("```lisp\n")[1].split("```")[0]
    player = soloist(example)
    known = player.productions
    assert not known.undefined | known.unproductive
    check(session(player, BLUES), BLUES, (54, 76))
    triplets = page.split("add `")[1].split("`")[0]
    repeated = page.split("idea: `")[1].split("`")[0]
    for more in (triplets, f"(rule (Phrase) {repeated} 9)"):
        changed = soloist(example + more)
        lines = {session(changed, BLUES, seed).line() for seed in range(4)}
        assert lines != {session(player, BLUES, seed).line() for seed in range(4)}


def test_the_distribution_of_the_documentation() -> None:
    odds = tones.in_slope("X", 1, 4, 60, tones.classes(C7.chord_at(0)), (54, 84))
    assert odds == ((61, 62, 63, 64), (0.125, 0.25, 0.125, 0.5))


def test_too_many_rules_to_compare_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deriving, "_TRIED", 0)
    monkeypatch.setattr(deriving, "_TRIED_PER_QUARTER", 1)
    rules = "".join(f"(rule (P Y) (C4) {at})" for at in range(1, 100))
    with pytest.raises(MusicError, match=r"99 rules were compared.*fewer rules"):
        session("(startsymbol P)" + rules)


def unproductive_by_rounds(text: str) -> set[str]:
    """Return the unproductive symbols of rules of atoms alone, every rule compared every round."""
    rules = reading.loads(text, "x.grammar").rules
    empty = {rule.name for rule in rules if not rule.right}
    calls = [{str(each) for each in rule.right} - {"C4"} for rule in rules]
    living, first = set(range(len(rules))), None
    while True:
        leading: set[str] = set()
        for _ in rules:
            leading |= {
                rules[at].name for at in living if "C4" in rules[at].right or calls[at] & leading
            }
        first = leading if first is None else first
        dead = {at for at in living if calls[at] - leading - empty}
        if not dead:
            break
        living -= dead
    if "N0" in first and "N0" not in leading:
        leading = first
    return {rule.name for rule in rules} - leading


def test_symbols_that_lead_nowhere_are_those_of_a_plain_search() -> None:
    rng = np.random.default_rng(0)
    found = 0
    for _ in range(300):
        names = [f"N{at}" for at in range(rng.integers(1, 8))]
        items = [*names, "Undefined", "C4"]
        lines = ["(startsymbol N0)"]
        for _ in range(rng.integers(1, 14)):
            right = " ".join(rng.choice(items, rng.integers(0, 4)))
            lines.append(f"(rule ({rng.choice(names)}) ({right}) 1)")
        text = "\n".join(lines)
        expected = unproductive_by_rounds(text)
        found += len(expected)
        assert productions(text).unproductive == expected, text
    assert found > 100


def test_a_long_chain_of_dead_rules_is_compiled_in_one_pass() -> None:
    # Compared round by round, one rule a round, these would be 400 million.
    lines = [f"(rule (N{at}) (C4 N{at + 1}) 1)" for at in range(20_000)]
    many = productions("(startsymbol P) (rule (P) (N0) 1) (rule (P) (C4) 1)\n" + "\n".join(lines))
    assert len(many.unproductive) == 20_000
    assert many.productive


def test_many_rules_for_bricks_are_compared_once_a_length() -> None:
    # Compared for each rule that calls them, these would be 25 million.
    lines = ["(startsymbol P) (rule (P Y) (C1 (P (- Y 480))) 1)", "(base (P 0) () 1)"]
    for at in range(5000):
        lines.append(f"(rule (P Y) ((BRICK 480) (P (- Y 480))) {at + 1})")
        lines.append("(rule (BRICK 480) (L1) (builtin brick POT) 1)")
    many = productions("\n".join(lines))
    work = Work()
    many.options("P", (1920,), PLACE, 1920, work)
    assert work.tried == 10_001


def test_two_threads_derive_the_same_as_one() -> None:
    path = Path(playing.__file__).parents[1] / "weights" / "cfg.grammar"

    def chorus(one: GrammarSoloist, seed: int) -> tuple[object, ...]:
        played = session(one, BLUES, seed)
        return played.line(), tuple(played.derivation.steps)

    alone = [chorus(soloist(path.read_text()), seed) for seed in range(8)]
    together = soloist(path.read_text())
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(lambda seed: chorus(together, seed), range(8))) == alone


def test_the_rules_compared_do_not_depend_on_what_was_derived_before() -> None:
    many = productions(BLOCKS)
    counts = []
    for _ in range(2):
        work = Work()
        for left in (1920, 960, 1920):
            many.options("P", (left,), PLACE, left, work)
        counts.append(work.tried)
    assert counts == [10, 10]


def test_a_misspelt_degree_is_no_note() -> None:
    assert productions("(startsymbol P) (rule (P) ((X foo 8) C8) 1)").undefined == {"X"}
