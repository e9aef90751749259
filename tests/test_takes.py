"""Working with a take: what is kept is there to the tick, locks hold, copies stay short."""

from dataclasses import replace
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sideman.errors import MusicError, SidemanError
from sideman.evaluation import novelty, uptake
from sideman.evaluation.style import phrases
from sideman.formats.midi import writing
from sideman.library import charts, songbook
from sideman.models import registry, soloing
from sideman.models.constraints import FREE, Constraints, Script, Slot, given
from sideman.models.protocol import VELOCITY, Soloist
from sideman.score import Arrangement, Changes, LeadSheet, Note, Part, Solo
from sideman.service.takes import licks, reading, settling, trading, varying
from sideman.service.takes.performer import Performer
from sideman.theory.instruments import INSTRUMENTS, Instrument
from sideman.theory.meter import Meter

LOW, HIGH = 50, 79
BLUES = songbook.load("blues-f")
WALTZ = songbook.load("waltz-blues-g")


@lru_cache(maxsize=1)
def soloist() -> Soloist:
    return registry.load("soloist")


def instrument(low: int = LOW, high: int = HIGH) -> Instrument:
    """A tenor saxophone that reaches from `low` to `high`."""
    tenor = INSTRUMENTS["tenor sax"]
    below, above = tenor.low - tenor.reach[0], tenor.reach[1] - tenor.high
    return replace(tenor, low=low + below, high=high - above)


def performer(tempo: float = 140, max_copy: int | None = 10, best_of: int = 1) -> Performer:
    controls = replace(soloist().defaults, best_of=best_of, effort=1)
    return Performer(soloist(), tempo, instrument(), controls, max_copy)


def line(
    changes: Changes,
    seed: int,
    plan: Constraints = FREE,
    tempo: float = 140,
    max_copy: int | None = 10,
) -> tuple[Note, ...]:
    return performer(tempo, max_copy).play(
        changes, rng=np.random.default_rng(seed), constraints=plan
    )


@lru_cache(maxsize=4)
def take(form: str = "blues-f", choruses: int = 2) -> Solo:
    """A solo without its plan's loudness, which notes that are fixed do not keep."""
    sheet = songbook.load(form)
    changes = sheet.changes.repeated(choruses)
    return Solo(
        sheet.title,
        tuple(replace(note, velocity=VELOCITY) for note in line(changes, 3)),
        changes,
        key=sheet.key,
        tempo_bpm=140,
        style=sheet.style,
    )


def over(solo: Solo) -> Changes:
    assert solo.changes is not None
    return solo.changes


def in_bars(notes: tuple[Note, ...], changes: Changes, bars: set[int]) -> list[Note]:
    return [note for note in notes if changes.bar_at(note.onset) in bars]


# What the command line says.


@pytest.mark.parametrize(
    ("text", "bars"),
    [
        ("1", {0}),
        ("1-4,9-12", {0, 1, 2, 3, 8, 9, 10, 11}),
        (" 3 - 4 , 3,12 ", {2, 3, 11}),
        ("2–3", {1, 2}),
    ],
)
def test_bars_are_read(text: str, bars: set[int]) -> None:
    assert settling.bar_numbers(text, 12) == bars


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "names no bars"),
        ("1,,2", "names no bars"),
        ("a-b", "names no bars"),
        ("-3", "names no bars"),
        ("1-2-3", "names no bars"),
        ("4-2", "write 2-4"),
        ("0", "no bar 0: the take has bars 1 to 12"),
        ("9-13", "no bar 13"),
        ("99999999", "names no bars"),
    ],
)
def test_bars_that_are_none_are_refused(text: str, told: str) -> None:
    with pytest.raises(MusicError, match=told):
        settling.bar_numbers(text, 12)


# What stays.


@pytest.mark.parametrize(("form", "kept"), [("blues-f", "1-4,9-12,20"), ("waltz-blues-g", "2,7-9")])
def test_kept_bars_are_untouched_to_the_tick(form: str, kept: str) -> None:
    old = take(form)
    changes = over(old)
    bars = set(settling.bar_numbers(kept, len(changes.bars)))
    plan = settling.rewriting(old, changes, kept=bars)
    for seed in range(3):
        new = line(changes, seed, plan)
        assert in_bars(new, changes, bars) == in_bars(old.notes, changes, bars)
        assert in_bars(new, changes, set(range(24)) - bars) != in_bars(
            old.notes, changes, set(range(24)) - bars
        )
        # One line: nothing sounds on into a bar that is kept, or under a note that is.
        assert all(one.end <= two.onset for one, two in pairwise(new))
        for bar in bars:
            start = changes.bar_starts[bar]
            inside = [note for note in new if note.onset < start < note.end]
            assert all(changes.bar_at(note.onset) in bars for note in inside)


def test_a_bar_of_silence_is_kept_too() -> None:
    changes = BLUES.changes
    old = Solo("", (Note(0, 24, 60), Note(6 * 96, 24, 62)), changes)
    new = line(changes, 1, settling.rewriting(old, changes, kept={1, 2, 3, 4, 6}))
    assert not in_bars(new, changes, {1, 2, 3, 4})
    assert in_bars(new, changes, {6}) == [replace(old.notes[1], velocity=VELOCITY)]
    assert in_bars(new, changes, {0, 5, 7, 8, 9, 10, 11})


def test_the_soloist_reaches_kept_bars_smoothly() -> None:
    """The interval into a kept bar is under a fourth on average, and hardly ever over an octave."""
    old = take()
    changes = over(old)
    bars = set(range(2, 24, 4)) | set(range(3, 24, 4))
    kept = [in_bars(old.notes, changes, {bar, bar + 1}) for bar in range(2, 24, 4)]
    firsts = {notes[0] for notes in kept if notes}
    plan = settling.rewriting(old, changes, kept=bars)
    seams = []
    for seed in range(8):
        new = line(changes, seed, plan)
        for before, after in pairwise(new):
            if after in firsts and after.onset - before.end < 24:
                seams.append(abs(after.pitch - before.pitch))
    assert len(seams) >= 6
    assert np.mean(seams) < 5
    assert np.quantile(seams, 0.9) <= 12


@pytest.mark.parametrize("form", ["blues-f", "waltz-blues-g"])
def test_a_locked_rhythm_has_new_pitches(form: str) -> None:
    old = take(form)
    new = line(over(old), 5, settling.rewriting(old, over(old), lock="rhythm"))
    assert [(note.onset, note.duration) for note in new] == [
        (note.onset, note.duration) for note in old.notes
    ]
    same = np.mean([a.pitch == b.pitch for a, b in zip(new, old.notes, strict=True)])
    assert same < 0.5


def directions(notes: tuple[Note, ...]) -> list[int]:
    pitches = np.array([note.pitch for note in notes])
    return [int(way) for way in np.sign(np.diff(pitches))]


@pytest.mark.parametrize("form", ["blues-f", "waltz-blues-g"])
def test_a_locked_contour_rises_and_falls_alike(form: str) -> None:
    old = take(form)
    new = line(over(old), 6, settling.rewriting(old, over(old), lock="contour"))
    assert directions(new) == directions(old.notes)
    assert [note.onset for note in new] != [note.onset for note in old.notes]
    starts = {phrase[0].onset for phrase in phrases(old)}
    assert starts <= {note.onset for note in new}
    assert all(LOW <= note.pitch <= HIGH for note in new)


@pytest.mark.parametrize("lock", ["rhythm", "contour"])
def test_locks_and_kept_bars_go_together(lock: str) -> None:
    old = take()
    changes = over(old)
    bars = set(settling.bar_numbers("3-6,15", 24))
    new = line(changes, 7, settling.rewriting(old, changes, kept=bars, lock=lock))
    assert in_bars(new, changes, bars) == in_bars(old.notes, changes, bars)
    if lock == "contour":
        assert directions(new) == directions(old.notes)
    else:
        assert [note.onset for note in new] == [note.onset for note in old.notes]


def test_a_contour_that_no_range_holds_is_refused() -> None:
    climb = Solo("", tuple(Note(12 * at, 12, 40 + at) for at in range(40)), BLUES.changes)
    plan = settling.rewriting(climb, BLUES.changes, lock="contour")
    with pytest.raises(MusicError, match="no room in the instrument's range"):
        line(BLUES.changes, 0, plan)


def test_what_cannot_be_rewritten_is_refused() -> None:
    old = take()
    with pytest.raises(MusicError, match="nothing is left to play"):
        settling.rewriting(old, over(old), kept=set(range(24)))
    with pytest.raises(MusicError, match=r"notes up to bar 2\d, and the changes are 12 bars"):
        settling.rewriting(old, BLUES.changes, lock="rhythm")
    with pytest.raises(MusicError, match="'colour' cannot be locked"):
        settling.rewriting(old, over(old), lock="colour")
    with pytest.raises(MusicError, match="there are no notes to follow"):
        settling.rewriting(replace(old, notes=()), over(old), lock="rhythm")
    course = Performer(registry.load("course"), 120)
    for plan, needed in (
        (settling.rewriting(old, over(old), kept={0, 5}), "fixed bars or rhythms"),
        (settling.rewriting(old, over(old), lock="rhythm"), "fixed bars or rhythms"),
        (
            settling.priming(replace(old, notes=old.notes[:5]), over(old), instrument()),
            "continuing a given phrase",
        ),
    ):
        told = f"needs {needed}, which the model course does not have; choose another model, such"
        with pytest.raises(MusicError, match=told):
            course.play(over(old), rng=np.random.default_rng(0), constraints=plan)


def test_plans_out_of_order_are_refused() -> None:
    for slots, told in (
        ((Slot(24, 12, 60), Slot(12, 12, 60)), "do not follow one another"),
        ((Slot(96, 12, 60),), "beyond the form"),
    ):
        with pytest.raises(MusicError, match=told):
            Script(Constraints(slots), 96, LOW, HIGH, 4)


def test_a_phrase_is_gone_on_from() -> None:
    phrase = Solo("a phrase", (Note(-12, 12, 64), Note(0, 18, 65), Note(24, 30, 69)))
    plan = settling.priming(phrase, BLUES.changes, instrument())
    for seed in range(3):
        new = line(BLUES.changes, seed, plan)
        assert [replace(note, velocity=90) for note in new[:3]] == list(phrase.notes)
        assert new[3].onset >= 54
        assert new[-1].onset > 6 * 96


def test_phrases_that_do_not_fit_are_refused() -> None:
    notes = (Note(0, 24, 60), Note(24, 24, 64))

    def told(phrase: Solo, changes: Changes, low: int = LOW, meter: Meter | None = None) -> str:
        with pytest.raises(MusicError) as caught:
            settling.priming(phrase, changes, instrument(low), meter)
        return str(caught.value)

    assert "is in 4/4, and the changes are in 3/4" in told(
        Solo("p", notes), WALTZ.changes, meter=Meter()
    )
    assert "lies between C4 and E4, and the tenor sax plays D4 to G5" in told(
        Solo("p", notes), BLUES.changes, low=62
    )
    assert "has no notes" in told(Solo("p", ()), BLUES.changes)
    long = Solo("p", tuple(Note(at * 96, 96, 60) for at in range(12)))
    assert "is 12 bars long, and the changes 12" in told(long, BLUES.changes)


# Copying.


def test_no_solo_copies_more_than_is_allowed() -> None:
    """Fifty solos, at a limit that the soloist would often pass."""
    index = novelty.shipped()
    free = 0
    for seed in range(50):
        notes = line(BLUES.changes, seed, max_copy=6)
        assert index.match(Solo("", notes)).longest <= 6
        assert not index.beyond(notes, 6)
        if seed < 10:
            free += index.match(Solo("", line(BLUES.changes, seed, max_copy=None))).longest > 6
    assert free > 0


def test_a_quotation_is_the_players_own_and_not_made_longer() -> None:
    # A solo whose runs stand in an index of its own: every continuation as it went is barred.
    own = take()
    index = novelty.build([("own", own)])
    limit = novelty.Limit(index, 10)
    for at in range(12, 40):
        after = own.notes[at]
        barred = limit.barred(own.notes[:at], after.onset, np.arange(30, 102))
        assert barred[after.pitch - 30]
    plan = Constraints(tuple(map(given, own.notes[:14])), ((0, own.notes[13].end),))
    found = index.beyond(own.notes[:14], 10)
    assert found
    asked = {slot.onset for slot in plan.slots}
    assert all(note.onset in asked for first, many in found for note in own.notes[first:many])


# Files.


def test_takes_and_phrases_are_read_from_any_format(tmp_path: Path) -> None:
    sheet = LeadSheet("Mine", BLUES.changes, parts=(Part("Solo", take().notes[:20]),))
    charts.write(tmp_path / "mine.ls", sheet)
    heard = reading.read_take(tmp_path / "mine.ls")
    assert heard.exact
    assert heard.meter == Meter()
    assert [note.pitch for note in heard.solo.notes] == [note.pitch for note in sheet.melody]
    bare = Arrangement("", (Part("Line", (Note(12, 12, 60), Note(24, 24, 62))),), Changes(()))
    (tmp_path / "phrase.mid").write_bytes(writing.dumps(bare))
    phrase = reading.read_phrase(tmp_path / "phrase.mid")
    assert not phrase.exact
    assert [note.onset for note in phrase.solo.notes] == [12, 24]
    with pytest.raises(SidemanError, match="contains no chords"):
        reading.read_take(tmp_path / "phrase.mid")
    given_form = reading.read_take(tmp_path / "phrase.mid", BLUES.changes)
    assert over(given_form.solo) == BLUES.changes
    with pytest.raises(SidemanError, match="is in 4/4, and the changes are in 3/4"):
        reading.read_take(tmp_path / "phrase.mid", WALTZ.changes)
    (tmp_path / "changes.txt").write_text("| F7 | Bb7 |")
    with pytest.raises(SidemanError, match="give one line as MIDI"):
        reading.read_phrase(tmp_path / "changes.txt")


def test_swung_eighths_are_eighths_and_triplets_triplets() -> None:
    onsets = [0, 16, 24, 40, 48, 56, 64, 72, 78, 84, 112]
    read = reading.even([Note(onset, 6, 60) for onset in onsets])
    assert [note.onset for note in read] == [0, 12, 24, 36, 48, 56, 64, 72, 78, 84, 108]


# Variations.


@pytest.mark.parametrize("form", ["blues-f", "waltz-blues-g"])
def test_variations_keep_the_skeleton(form: str) -> None:
    old = take(form)
    framed = varying.skeleton(old, over(old))
    assert 0 < len(framed) < len(old.notes)
    made = list(
        varying.vary(
            old,
            performer(),
            rng=np.random.default_rng(1),
            count=2,
            amount=0.5,
        )
    )
    assert made[0].notes != made[1].notes
    for new in made:
        sounding = {(note.onset, note.pitch) for note in new.notes}
        assert {(note.onset, note.pitch) for note in framed} <= sounding
        changed = [
            bar
            for bar in range(len(over(old).bars))
            if in_bars(new.notes, over(old), {bar}) != in_bars(old.notes, over(old), {bar})
        ]
        assert 1 <= len(changed) <= len(over(old).bars) / 2 + 1


def test_little_variation_changes_one_bar() -> None:
    old = take()
    plan = varying.varying(old, over(old), 0.01, np.random.default_rng(0))
    free = [slot for slot in plan.slots if slot.pitch is None]
    assert len({over(old).bar_at(slot.onset or 0) for slot in free}) <= 1
    assert len(plan.slots) >= len(old.notes) - 16


@pytest.mark.parametrize(
    ("more", "told"),
    [({"amount": 0.0}, "no share"), ({"amount": 1.5}, "no share"), ({"count": 0}, "1 to 1000")],
)
def test_variations_that_cannot_be(more: dict[str, float], told: str) -> None:
    options = {"amount": 0.5, "count": 1} | more
    with pytest.raises(MusicError, match=told):
        next(
            varying.vary(
                take(),
                performer(),
                rng=np.random.default_rng(1),
                amount=options["amount"],
                count=int(options["count"]),
            )
        )


# Licks.


def test_licks_go_through_twelve_keys() -> None:
    old = take()
    found = licks.licks(old)
    assert [lick.number for lick in found] == list(range(1, len(found) + 1))
    for lick in found:
        assert len(lick.changes.bars) <= licks.MOST_BARS + 1
        assert lick.changes.bars[0].chords[0].onset == 0
        keys = licks.in_keys(lick, "Lick", low=LOW, high=HIGH)
        length = lick.changes.length
        labels = [bar.section for bar in keys.changes.bars if bar.section]
        assert labels == ["F", "Bb", "Eb", "Ab", "Db", "Gb", "B", "E", "A", "D", "G", "C"]
        for key in range(12):
            here = [n for n in keys.melody if key * length <= n.onset < (key + 1) * length]
            shift = {two.pitch - one.pitch for one, two in zip(lick.notes, here, strict=True)}
            assert len(shift) == 1
            assert (shift.pop() - 5 * key) % 12 == 0
            assert [n.onset - key * length for n in here] == [n.onset for n in lick.notes]
            width = max(n.pitch for n in here) - min(n.pitch for n in here)
            if width <= HIGH - LOW - 11:
                assert all(LOW <= note.pitch <= HIGH for note in here)
            # The chords moved with the notes.
            span = keys.changes.chord_at(key * length)
            own = lick.changes.chord_at(0)
            assert span is not None
            assert own is not None
            assert (span.tones[0] - own.tones[0] - 5 * key) % 12 == 0


def test_the_sheet_holds_every_lick_and_a_loop_leaves_room_to_answer() -> None:
    old = take()
    found = licks.licks(old)
    sheet = licks.sheet(old, found)
    assert len(sheet.melody) == sum(len(lick.notes) for lick in found)
    assert [bar.section for bar in sheet.changes.bars if bar.section] == [
        f"{lick.number}, bar {lick.bar + 1}" if lick.bar >= 0 else f"{lick.number}, pickup"
        for lick in found
    ]
    loop = licks.loop(found[0], old, instrument=Instrument("horn", 66, LOW, HIGH), tempo_bpm=140)
    assert over(loop).length == 24 * found[0].changes.length
    answers = range(found[0].changes.length, over(loop).length, 2 * found[0].changes.length)
    for start in answers:
        assert not [
            note for note in loop.notes if start <= note.onset < start + found[0].changes.length
        ]
    with pytest.raises(MusicError, match="no lick 99"):
        licks.numbered(found, [1, 99])


def test_a_take_of_short_phrases_has_no_licks() -> None:
    with pytest.raises(MusicError, match="no phrase of 4 notes"):
        licks.licks(Solo("", (Note(0, 12, 60), Note(96, 12, 62)), BLUES.changes))


# Trading.


def call(notes: int = 9, pitch: int = 60) -> Solo:
    steps = (0, 2, 3, 5, 3, 2, 0, -2, 0)
    line = tuple(Note(24 + 12 * at, 12, pitch + steps[at % 9]) for at in range(notes))
    return Solo("call", line)


def trade(
    phrase: Solo,
    changes: Changes = BLUES.changes,
    *,
    seed: int = 1,
    bars: int = 4,
    first_bar: int = 0,
    best_of: int = 1,
) -> trading.Exchange:
    return trading.exchange(
        performer(best_of=best_of),
        phrase,
        changes,
        bars=bars,
        first_bar=first_bar,
        rng=np.random.default_rng(seed),
    )


def test_a_phrase_is_answered_in_its_bars() -> None:
    for first_bar in (0, 8):
        traded = trade(call(), first_bar=first_bar)
        assert len(over(traded.answer).bars) == 4
        assert traded.answer.notes
        assert all(note.onset >= 0 and note.end <= 4 * 96 for note in traded.answer.notes)
        assert all(LOW <= note.pitch <= HIGH for note in traded.answer.notes)
        assert traded.call.notes == call().notes
        whole = traded.whole
        assert len(over(whole).bars) == 8
        assert len(whole.notes) == len(traded.answer.notes) + 9
        expected = [BLUES.changes.chord_at(((first_bar + bar) % 12) * 96) for bar in range(8)]
        assert [over(whole).chord_at(bar * 96) for bar in range(8)] == expected
    assert trade(call(), bars=2).answer.changes is not None
    assert trade(call()).answer == trade(call()).answer
    assert trade(call()).answer != trade(call(), seed=2).answer
    # A longer call takes two turns; one that nobody can sing is heard in another octave.
    assert len(over(trade(call(40)).call).bars) == 8
    assert trade(call(pitch=110)).answer.notes


def test_answers_take_up_what_they_heard() -> None:
    mine, yours = call(), Solo("other", tuple(Note(36 * at, 30, 70 - 5 * at) for at in range(5)))
    own, other = [], []
    for seed in range(8):
        answer = trade(mine, seed=seed, best_of=3).answer.notes
        own.append(uptake.uptake(mine.notes, answer))
        other.append(uptake.uptake(yours.notes, answer))
    assert np.mean(own) > np.mean(other) + 0.1


def test_the_phrase_is_heard_once_for_all_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second answer branches off from one player's memory; nobody begins anew."""
    begun: list[int] = []
    begin = soloing.SoloEncoder.__init__

    def counting(player: soloing.SoloEncoder, *arguments: Any, **options: Any) -> None:
        begun.append(1)
        begin(player, *arguments, **options)

    monkeypatch.setattr(soloing.SoloEncoder, "__init__", counting)
    trade(call(30), best_of=1)
    one = len(begun)
    trade(call(30), best_of=3)
    assert one == 1
    assert len(begun) == 2


def test_trades_that_cannot_be() -> None:
    for bars in (0, 65):
        with pytest.raises(MusicError, match="trade 1 to 64"):
            trade(call(), bars=bars)
    with pytest.raises(MusicError, match="no notes to answer"):
        trade(call(0))
    with pytest.raises(MusicError, match="over: give changes with chords"):
        trade(call(), Changes(()))


def test_a_note_of_a_lick_ends_with_it() -> None:
    changes = Changes(BLUES.changes.bars[:2])
    pieces = [("1", changes, (Note(168, 48, 60),)), ("2", changes, (Note(0, 24, 62),))]
    _, notes = licks.joined(pieces)
    assert [(note.onset, note.end) for note in notes] == [(168, 192), (192, 216)]
