"""Grammars that are learnt: cleaning, chains, clusters, and the rules that come of them."""

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from realdata import DATA, needs_data
from sideman import files
from sideman.errors import MusicError
from sideman.library import etudes
from sideman.models.events import from_solo
from sideman.models.grammar import chains, doubts, fitting, learning, reading, tones, writing
from sideman.models.grammar.abstract import windows
from sideman.models.grammar.cleaning import cleaned, is_written
from sideman.models.grammar.learning import Fold, Lesson, Settings, Trial
from sideman.models.grammar.rules import Expression, Grammar, Rule, number
from sideman.models.grammar.terminals import Degree, Slope, Tone, kinds, terminal
from sideman.score import Bar, Changes, ChordChange, Note, Solo
from sideman.theory.chord import Chord
from sideman.theory.meter import Meter

ETUDES = ("blues-bb-late-bus", "blues-f-corner-table", "two-five-one-tin-cup")


def line(*notes: tuple[int, int]) -> Solo:
    """A solo of one pitch from onsets and lengths."""
    return Solo("played", tuple(Note(onset, length, 60) for onset, length in notes))


def times(solo: Solo) -> list[tuple[int, int]]:
    return [(note.onset, note.duration) for note in solo.notes]


def lessons(names: Sequence[str] = ETUDES) -> tuple[Lesson, ...]:
    solos = map(etudes.load, names)
    return tuple(
        Lesson(learning.title(solo), windows(solo, index=index)) for index, solo in enumerate(solos)
    )


def learnt(order: int = 3, k: int = 4) -> Grammar:
    found = lessons()
    labels = learning.sorted_into(learning.rows(found), k, 0) if order else None
    return learning.grammar(found, labels, Settings(order=order or None), (55, 80))


@pytest.mark.parametrize(
    ("played", "written"),
    [
        # Eighths that are cut short, and one on the triplet grid after a late beat.
        ([(0, 7), (13, 9), (25, 5), (40, 7), (72, 20)], [(0, 12), (12, 12), (24, 16), (40, 8)]),
        # A gap of an eighth is closed, a longer one stays.
        ([(0, 11), (24, 7), (60, 5)], [(0, 24), (24, 6), (60, 6)]),
        # More notes in a beat than sixteenths hold: thirty-seconds; grace notes give way.
        ([(3 * n, 2) for n in range(8)], [(3 * n, 3) for n in range(7)]),
        ([(0, 1), (1, 20), (24, 23)], [(0, 24)]),
        ([(-25, 13), (-11, 10)], [(-24, 12)]),
    ],
)
def test_played_lengths_are_cleaned(
    played: list[tuple[int, int]], written: list[tuple[int, int]]
) -> None:
    once = cleaned(line(*played))
    assert times(once)[: len(written)] == written
    assert is_written(once)
    assert cleaned(once) == once


def test_written_solos_stay_as_they_are() -> None:
    for solo in etudes.all():
        assert cleaned(solo) is solo


def test_cleaning_leaves_one_note_at_a_time_and_keeps_most() -> None:
    rng = np.random.default_rng(5)
    onsets = np.cumsum(rng.integers(3, 14, 400))
    played = line(*((int(onset), int(rng.integers(1, 12))) for onset in onsets))
    found = cleaned(played)
    assert len(found.notes) > 380
    assert is_written(found)
    assert all(a.end <= b.onset for a, b in zip(found.notes, found.notes[1:], strict=False))
    assert max(min(abs(note.onset - onset) for onset in onsets) for note in found.notes) <= 4


def stated(rules: Sequence[Rule]) -> list[str]:
    text = writing.dumps(Grammar("START", tuple(rules)))
    return text.splitlines()[1:]


def test_the_toy_chain() -> None:
    toy = chains.count([(0, 1, 0, 1, 2)], 2)
    assert stated(chains.rules(toy)) == [
        "(rule (START Z) ((Cluster0 Z)) 0.4)",
        "(rule (START Z) ((Cluster1 Z)) 0.4)",
        "(rule (START Z) ((Cluster2 Z)) 0.2)",
        "(rule (Cluster0 Z) (Q0 (Cluster1 (- Z 1))) 1.0)",
        "(rule (Cluster1 Z) (Q1 (Cluster0 (- Z 1))) 0.5)",
        "(rule (Cluster1 Z) (Q1 (Cluster2 (- Z 1))) 0.5)",
        "(rule (Cluster2 Z) (Q2 (START (- Z 1))) 1.0)",
        "(base (START 0) () 1)",
        "(base (Cluster0 0) () 1)",
        "(base (Cluster1 0) () 1)",
        "(base (Cluster2 0) () 1)",
    ]


def test_longer_histories_grow_slide_and_are_shortened_at_an_end() -> None:
    found = stated(chains.rules(chains.count([(0, 1, 0, 1, 2), (2, 0, 0)], 3)))
    assert "(rule (Cluster0 Z) (Q0 (Cluster0to1 (- Z 1))) 0.6667)" in found
    assert "(rule (Cluster0to1 Z) (Q1 (Cluster1to0 (- Z 1))) 0.5)" in found
    # Nothing follows 1 2, but 0 follows 2; nothing follows 0 0, but 0 or 1 follows 0.
    assert "(rule (Cluster0to1 Z) (Q1 (Cluster2 (- Z 1))) 0.5)" in found
    assert "(rule (Cluster2to0 Z) (Q0 (Cluster0 (- Z 1))) 1.0)" in found
    assert not any("Cluster1to2" in rule or "Cluster0to0" in rule for rule in found)


def test_order_one_has_no_memory() -> None:
    found = stated(chains.rules(chains.count([(0, 1, 0, 1, 2)], 1)))
    assert "(rule (Cluster1 Z) (Q1 (START (- Z 1))) 1.0)" in found
    assert not any("to" in rule.split()[1] for rule in found)


def test_no_chain_goes_from_one_solo_to_the_next() -> None:
    assert chains.count([(0, 1), (2, 3)], 4).following == {(0,): {1: 1}, (2,): {3: 1}}


def test_small_shares_do_not_vanish() -> None:
    assert [chains.share(1, whole) for whole in (1, 3, 8, 30_000)] == [
        "1.0",
        "0.3333",
        "0.125",
        "0.00003333",
    ]


def test_held_out_nats_of_a_chain() -> None:
    toy = chains.count([(0, 1, 0, 1, 2)], 2)
    shares = [(2 + 3 / 4) / 8, (2 + 3 / 4) / 8, (1 + 3 / 4) / 8, (0 + 3 / 4) / 8]
    # After 0: two continuations, all of one kind.  After 3: nothing is known but the shares.
    expected = [(2 + 1 * shares[1]) / 3, (0 + 2 * shares[3]) / 4, shares[0]]
    nats = chains.nats(toy, [(0, 1, 3, 0)], 4, 2)
    assert nats == pytest.approx(-sum(map(math.log, expected)) / 3)


@pytest.mark.parametrize("order", [0, 1, 2, 3, 4])
def test_a_learnt_grammar_is_complete(order: int) -> None:
    grammar = learnt(order)
    names = {rule.name for rule in grammar.rules}
    called = {
        one if isinstance(one, str) else one[0]
        for rule in grammar.rules
        for one in rule.right
        if not (isinstance(one, tuple) and one[0] == "slope")
    }
    assert called <= names
    assert names - called == {"P"} - called
    weights: Counter[str] = Counter()
    for rule in grammar.rules:
        if not rule.base and rule.name != "P":
            weights[rule.name] += float(str(rule.weights[0]))  # type: ignore[assignment]
    assert all(abs(total - 1) < 0.01 for total in weights.values())
    again = reading.loads(writing.dumps(grammar), "learnt.grammar")
    assert again == grammar
    assert [rule.comment for rule in again.rules] == [rule.comment for rule in grammar.rules]
    kind = "jazz-grammar" if order else None
    assert grammar.values.get("model-kind") == kind


def shape(item: Expression) -> str:
    """The form of an item, with names and numbers in place of its atoms."""
    match terminal(item):
        case Tone(kind=kind):
            return kind
        case Degree():
            return "(X degree length)"
        case Slope():
            return "(slope)"
    if isinstance(item, str):
        if item in ("-", "share", "unshare"):
            return item
        return "name" if number(item) is None else "number"
    return f"({' '.join(map(shape, item))})"


def shapes(grammar: Grammar) -> Counter[str]:
    """Return the number of occurrences of each form in a grammar."""
    found: Counter[str] = Counter()
    for rule in grammar.rules:
        found[f"{'base' if rule.base else 'rule'} {shape(rule.left)}"] += 1
        found.update(f"right {shape(item)}" for item in rule.right or ((),))
        found.update(f"weight {shape(each)}" for each in rule.weights)
    return found


# Forms in the grammars of Impro-Visor; all 57 files hold each at least four hundred times.
PUBLISHED = {
    *("rule (name)", "rule (name name)", "base (name number)", "weight number"),
    *("right ()", "right name", "right (name name)", "right (name number)"),
    *("right (name (- name number))", "right R", "right (slope)", "right (X degree length)"),
}


@needs_data
def test_three_published_files_hold_all_forms_of_a_learnt_grammar() -> None:
    found: Counter[str] = Counter()
    for name in ("_wholeNote", "chord+approach", "PaulDesmondTake5"):
        data = (DATA / "grammars" / f"{name}.grammar").read_bytes()
        found += shapes(reading.loads(files.decoded(data, name), name))
    assert found.keys() >= PUBLISHED


@pytest.mark.parametrize("form", learning.FORMS)
@pytest.mark.parametrize("order", [0, 1, 4])
def test_a_learnt_grammar_uses_only_published_forms(order: int, form: str) -> None:
    """Also with the parameters that a split adds, from the text that is written."""
    found = lessons()
    labels = learning.sorted_into(learning.rows(found), 4, 0) if order else None
    grammar = learning.grammar(found, labels, Settings(order=order or None, form=form), (55, 80))
    fitted = fitting.fitted(grammar, [from_solo(etudes.load(ETUDES[0]), "x").until(9)], (1.0,))
    assert fitted
    parameters = (*grammar.parameters, *fitted)
    text = writing.dumps(replace(grammar, parameters=parameters), "Learnt.")
    again = reading.loads(text, "x")
    assert shapes(again).keys() <= PUBLISHED
    assert not again.others
    assert not again.declared
    assert not doubts.unknown_parameters(again)
    kinds_ = {kind for rule in again.rules for kind in kinds(rule.right)}
    assert kinds_ <= {"C", "L", "A", "X", "R", "degree", "slope"}


def test_each_melody_names_the_bar_that_it_was_learnt_from() -> None:
    grammar = learnt()
    found = [rule for rule in grammar.rules if rule.name.startswith("Q")]
    assert len({rule.name for rule in found}) == 4
    riff = [rule for rule in found if rule.comment == "Late Bus, bar 1"]
    # f g bb db' bb over Bb7, after an eighth rest.
    assert [writing.dumps(Grammar("Q", tuple(riff))).splitlines()[1].split(" ", 2)[2]] == [
        "((slope 0 0 R8 C8) (slope 2 3 L8 C4 X8) (slope -3 -3 C4)) "
        f"{riff[0].weights[0]}) // Late Bus, bar 1"
    ]
    windows_ = sum(len(lesson.windows) for lesson in lessons())
    more = sum(
        int(rule.comment.split(" and ")[1].split()[0]) for rule in found if " and " in rule.comment
    )
    assert len(found) + more == windows_


def test_the_same_solos_give_the_same_grammar() -> None:
    assert learnt() == learnt()


def test_no_cluster_is_empty() -> None:
    table = learning.rows(lessons(etudes.names()[:12]))
    for k in (1, 7, 40):
        labels = learning.sorted_into(table, k, 3)
        assert np.bincount(labels, minlength=k).min() >= 1
        assert sorted(np.bincount(labels), reverse=True) == np.bincount(labels).tolist()


@pytest.mark.parametrize("k", [None, 4])
def test_bars_are_written_as_slopes_as_degrees_or_as_both(k: int | None) -> None:
    found = lessons()
    labels = None if k is None else learning.sorted_into(learning.rows(found), k, 0)
    settings = [Settings(form=form) for form in learning.FORMS]
    slopes, degrees, both = (learning.grammar(found, labels, one, (55, 80)) for one in settings)

    def bars(grammar: Grammar) -> dict[tuple[str, Expression], Rule]:
        return {(rule.name, rule.right): rule for rule in grammar.rules if rule.comment}

    assert bars(both).keys() == bars(slopes).keys() | bars(degrees).keys()
    assert not bars(slopes).keys() & bars(degrees).keys()
    assert "form" not in slopes.values
    assert (degrees.values["form"], both.values["form"]) == ("degrees", "both")
    for grammar in (degrees, both):
        assert reading.loads(writing.dumps(grammar), "x") == grammar
        totals: defaultdict[str, float] = defaultdict(float)
        for rule in bars(grammar).values():
            totals[rule.name] += float(str(rule.weights[0]))
        assert all(total == pytest.approx(1, abs=0.005) for total in totals.values())
    # Over its own chords a bar of degrees has the pitches that it was learnt from.
    first = found[0].windows[0]
    solo = etudes.load(ETUDES[0])
    assert solo.changes is not None
    played = [note for note in solo.notes if note.onset < 96 * (first.bar + 1)]
    steps = iter(played)
    for step in first.degrees:
        if isinstance(step, Degree):
            note = next(steps)
            chord = solo.changes.chord_at(note.onset)
            ((pitch,), _) = tones.degree(step.degree, chord, note.pitch, (40, 90))
            assert pitch == note.pitch
    assert (k is None) == ("Seg4" in {name for name, _ in bars(degrees)})


def test_numbers_of_clusters_and_the_best_of_them() -> None:
    assert learning.candidates(22_000, Settings()) == (2, 5, 10, 20, 30, 40, 60, 80)
    assert learning.candidates(300, Settings()) == (2, 5, 10, 20, 25)
    assert learning.candidates(5, Settings()) == (1,)
    assert learning.candidates(300, Settings(clusters=7)) == (7,)
    trials = [Trial(5, 1.3, 1.2, 0), Trial(10, 2.0, 1.8, 0), Trial(20, 2.5, 2.4, 0)]
    assert learning.best(trials) == 10
    found = lessons(etudes.names()[:12])
    fold = Fold(found[:10], found[10:])
    trials = [learning.tried([fold], 5, Settings(order=order)) for order in (1, 2, 3)]
    assert 0 < trials[0].chained < math.log(5) * 1.5
    # The number of clusters is chosen by the cluster before, whatever the order.
    assert len({(trial.shares, trial.chained) for trial in trials}) == 1
    assert trials[0].ordered == trials[0].shares
    assert trials[1].ordered == trials[1].chained
    assert trials[2].ordered not in (trials[0].shares, trials[0].chained)


def test_windows_must_fill_bars() -> None:
    bars = [Bar((ChordChange(0, Chord.parse("C")),), Meter(*meter)) for meter in ((4, 4), (3, 4))]
    four, three, mixed = (Changes(tuple(some)) for some in (bars[:1], bars[1:], bars))
    solos = [Solo("", (Note(0, 24, 60),), changes) for changes in (four, three, mixed, None)]
    assert [learning.fits(solo, 4) for solo in solos] == [True, False, False, False]
    assert [learning.fits(solo, 2) for solo in solos] == [True, False, False, False]
    assert [learning.fits(solo, 6) for solo in solos] == [False, True, False, False]
    assert [learning.fits(solo, 8) for solo in solos] == [True, False, False, False]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"order": 5}, "order must be a whole number from 1 to 4, got 5"),
        ({"window": 0}, "window must be a whole number from 1 to 16, got 0"),
        ({"clusters": 0}, "clusters must be a whole number from 1"),
        ({"per_cluster": -1}, "windows per cluster must be a whole number from 1"),
        ({"seed": -1}, "seed of -1"),
    ],
)
def test_settings_out_of_bounds(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(MusicError, match=words) as error:
        Settings(**settings)
    assert error.value.field in settings
