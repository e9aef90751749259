"""Practice: ramps of tempo, cycles of keys, looped bars, and sheets of licks."""

import io
import json
from itertools import pairwise
from pathlib import Path

import click
import mido
import music21
import numpy as np
import pytest

import sideman
from commands import call, sentence
from sideman.band import styles
from sideman.cli import command_line, options
from sideman.errors import FileError
from sideman.feel import perform
from sideman.formats import registry, typed
from sideman.formats.midi import dumps
from sideman.formats.midi.reading import parse
from sideman.formats.midi.solo import to_solo
from sideman.library import songbook
from sideman.score import Arrangement, Bar, Changes, Part
from sideman.score import Note as Written
from sideman.score.practice import CYCLES, Practice, Ramp, excerpt, keys_of
from sideman.service import portable
from sideman.service.requests import PlayRequest, PracticeRequest
from sideman.studio.work import takes as studio
from sideman.theory.pitch import Key

BLUES = songbook.load("blues-f")
FOURTHS = ["F", "Bb", "Eb", "Ab", "Db", "Gb", "B", "E", "A", "D", "G", "C"]


def chords(changes: Changes, first: int, end: int) -> list[str]:
    return [str(span.chord) for span in Changes(changes.bars[first:end]).spans]


@pytest.fixture(scope="module")
def take() -> sideman.Take:
    """Three choruses, each in another key and at another tempo."""
    return sideman.improvise(
        "blues-f", seed=1, choruses=3, ramp="100:180", cycle="fourths", count_in=True
    )


def meta(midi: bytes, kind: str) -> list[tuple[int, mido.MetaMessage]]:
    """The events of a kind in the first track by quarter, as another library reads them."""
    file = mido.MidiFile(file=io.BytesIO(midi))
    now, found = 0, []
    for message in file.tracks[0]:
        now += message.time
        if message.type == kind:
            found.append((now // file.ticks_per_beat, message))
    return found


def test_twelve_fourths_go_through_all_keys_and_come_back() -> None:
    form = Practice("fourths").form(BLUES, 13)
    assert [key.name for _, key in form.keys] == [*FOURTHS, "F"]
    for chorus, key in enumerate([*FOURTHS, "F"]):
        moved = BLUES.in_key(Key.parse(key).tonic).changes
        assert chords(form, 12 * chorus, 12 * chorus + 12) == chords(moved, 0, 12)
    assert form.chorus_starts == tuple(range(0, 156, 12))


@pytest.mark.parametrize("cycle", CYCLES)
def test_each_cycle_comes_back_after_its_keys(cycle: str) -> None:
    size = keys_of(cycle)
    keys = [key for _, key in Practice(cycle).form(BLUES, size + 1).keys]
    assert len({key.tonic.pitch_class for key in keys}) == size
    assert keys[size] == keys[0]
    assert (keys[1].tonic.pitch_class - keys[0].tonic.pitch_class - CYCLES[cycle]) % 12 == 0
    assert all(abs(key.fifths) <= 6 for key in keys)


def test_keys_and_tempos_of_bars_are_kept_in_requests_and_takes(take: sideman.Take) -> None:
    changes = take.solo.changes
    assert changes is not None
    assert [key.name for _, key in changes.keys] == FOURTHS[:3]
    assert [tempo for _, tempo in changes.tempos] == [100, 140, 180]
    assert portable.solo_from(portable.solo_json(take.solo)) == take.solo
    assert to_solo(parse(take.midi)) == take.solo


def test_the_midi_file_has_tempo_and_key_of_each_chorus(take: sideman.Take) -> None:
    starts = [8 + 48 * chorus for chorus in range(3)]
    tempos = {at: round(60e6 / event.tempo) for at, event in meta(take.midi, "set_tempo")}
    assert [tempos[at] for at in (0, *starts)] == [100, 100, 140, 180]
    keys = [(at, event.key) for at, event in meta(take.midi, "key_signature")]
    assert keys == list(zip((0, *starts[1:]), FOURTHS, strict=False))
    sections = [event.text for _, event in meta(take.midi, "marker") if event.text[0] == "["]
    assert sections[:2] == ["[Count-in]", "[Solo 1]"]


def test_it_ends_slower_than_the_last_tempo_and_in_the_last_key(take: sideman.Take) -> None:
    after = [60e6 / event.tempo for at, event in meta(take.midi, "set_tempo") if at > 8 + 96]
    assert max(after[1:]) < 180
    assert [event.text for _, event in meta(take.midi, "marker")][-1] == "Eb7"


def test_the_head_is_in_the_first_key_before_and_after() -> None:
    played = sideman.improvise("happy-birthday", seed=1, choruses=2, cycle="semitones")
    assert [event.key for _, event in meta(played.midi, "key_signature")] == ["F", "Gb", "F"]
    assert [event.text for _, event in meta(played.midi, "marker")][-1] == "F6"


def test_bass_and_chords_follow_the_key(take: sideman.Take) -> None:
    """The bass plays the root on most downbeats on which the chord changes."""
    file = parse(take.midi)
    bass = next(part for part in file.parts if part.name == "Bass")
    changes = take.solo.changes
    assert changes is not None
    near = {round(note.onset / 480): note.pitch % 12 for note in bass.notes}
    downbeats = [(8 + 4 * bar, changes.chord_at(changes.bar_starts[bar])) for bar in range(36)]
    roots = [
        near.get(at) == chord.root.pitch_class for at, chord in downbeats if chord and chord.root
    ]
    assert sum(roots) > 0.6 * len(roots)


def test_swing_follows_the_tempo() -> None:
    bars = (Bar(tempo_bpm=120.0), Bar(tempo_bpm=300.0))
    notes = tuple(Written(12 * at, 12, 60 + at) for at in range(16))
    style = styles.named("swing")
    written = Arrangement("", (Part("Bass", notes),), Changes(bars), 120.0)
    played = perform(written, style, np.random.default_rng(1)).parts[0].notes

    def offbeats(first: int) -> float:
        some = played[first : first + 8]
        return (
            sum((b.onset - a.onset) / 480 for a, b in zip(some[::2], some[1::2], strict=True)) / 4
        )

    assert offbeats(0) > 0.62
    assert offbeats(8) < 0.58


def test_a_ramp_falls_too_and_has_whole_numbers_between() -> None:
    assert Ramp(200, 120).tempos(3) == (200, 160, 120)
    assert Ramp(99.5, 120).tempos(4) == (99.5, 106, 113, 120)


def test_no_note_is_too_short_for_the_fastest_chorus() -> None:
    played = sideman.improvise("blues-f", seed=2, choruses=2, ramp="90:300")
    onsets = [note.onset for note in played.solo.notes]
    assert min(b - a for a, b in pairwise(onsets)) >= 9


def test_only_the_bars_of_a_loop_are_played() -> None:
    sheet = songbook.load("happy-birthday")
    looped = excerpt(sheet, 4, 8)
    assert looped.title == "Happy Birthday to You, bars 5 to 8"
    assert chords(looped.changes, 0, 4) == chords(sheet.changes, 4, 8)
    start = sheet.changes.bar_starts[4]
    assert {note.onset for note in looped.melody} == {
        note.onset - start for note in sheet.melody if note.onset >= start
    }
    played = sideman.improvise("happy-birthday", seed=1, loop="5-8", choruses=2)
    assert played.name == "happy-birthday-bars-5-8-1"
    assert played.solo.changes is not None
    assert len(played.solo.changes.bars) == 8
    assert played.again() == played


def test_a_looped_bar_without_a_chord_has_the_one_before() -> None:
    sheet = typed.parse("| Dm7 | G7 | Cmaj7 | % |")
    assert chords(excerpt(sheet, 3, 4).changes, 0, 1) == ["Cmaj7"]


def test_all_together_are_played_again_byte_for_byte(take: sideman.Take) -> None:
    assert take.again() == take
    assert isinstance(take.request, PlayRequest)
    again = PlayRequest.from_json(json.loads(json.dumps(take.request.to_json())))
    assert again == take.request
    kept = sideman.improvise(
        "blues-f", seed=4, take=take, keep="1-12", ramp="100:180", cycle="fourths"
    )
    assert kept.solo.changes == take.solo.changes
    whole = sideman.improvise(
        "blues-f", seed=4, loop="1-4", cycle="fifths", ramp="80:100", choruses=2, transpose=2
    )
    assert whole.again() == whole
    assert whole.solo.changes is not None
    assert [key.name for _, key in whole.solo.changes.keys] == ["G", "D"]


def test_variations_and_answers_follow_keys_and_tempos(take: sideman.Take) -> None:
    varied = take.vary(seed=1)[0]
    assert varied.solo.changes == take.solo.changes
    tempos = [round(60e6 / event.tempo) for _, event in meta(varied.midi, "set_tempo")]
    assert tempos[:3] == [100, 140, 180]
    steady = take.vary(seed=1, tempo=120)[0]
    assert steady.solo.changes is not None
    assert steady.solo.changes.tempos == ()
    answer = sideman.trade(take, bars=4, seed=1)
    assert answer.solo.changes is not None
    assert (answer.solo.tempo_bpm, answer.solo.key) == (180, Key.parse("Eb"))
    assert answer.solo.changes.tempos == ()
    for one in (varied, steady, answer):
        assert one.again() == one


def test_the_page_has_key_and_tempo_of_each_chorus(take: sideman.Take) -> None:
    for part, signs in (("C", [-1, -2, -3]), ("alto sax", [2, 1, 0])):
        score = music21.converter.parse(take.score("musicxml", part)[0].decode(), format="musicxml")
        keys = score.recurse().getElementsByClass(music21.key.KeySignature)
        marks = score.recurse().getElementsByClass(music21.tempo.MetronomeMark)
        assert [(one.measureNumber, one.sharps) for one in keys] == list(
            zip((1, 13, 25), signs, strict=True)
        )
        assert [(one.measureNumber, one.number) for one in marks] == [
            (1, 100), (13, 140), (25, 180),
        ]  # fmt: skip
    printed = take.score("svg")[0].decode()
    assert "140" in printed


def test_parts_have_at_most_six_signs_in_every_key() -> None:
    form = Practice("fourths").form(BLUES, 12)
    moved = form.transposed(3)
    assert max(abs(key.fifths) for _, key in moved.keys) == 6
    for (_, before), (_, after) in zip(form.keys, moved.keys, strict=True):
        assert (after.tonic.pitch_class - before.tonic.pitch_class) % 12 == 9


def test_a_format_without_changes_of_key_says_so(take: sideman.Take) -> None:
    sheet = take.chart().sheet
    assert sheet.changes.keys
    for name, lost in (("a.ls", True), ("a.txt", True), ("a.mid", False), ("a.musicxml", False)):
        assert ("changes of key and tempo" in registry.dumps(sheet, name)[1]) is lost


def test_a_take_that_is_played_again_has_its_own_practice(
    take: sideman.Take, tmp_path: Path
) -> None:
    take.save(tmp_path / "take.mid")
    asked = ("improvise", "--again", tmp_path / "take.mid", "--out", tmp_path)
    refused = sentence(call(*asked, "--ramp", "100:120"))
    assert "--again repeats the request of the take; leave this out. (option --ramp)" in refused
    for option in ("--seed", "--choruses", "--density", "--tempo"):
        assert f"leave this out. (option {option})" in sentence(call(*asked, option, "60"))


def test_the_shell_completes_cycles() -> None:
    context, option = click.Context(click.Command("any")), click.Option(["--cycle"])
    assert options.cycles(context, option, "se") == ["semitones", "semitones-down"]
    command = command_line.get_command(context, "practice")
    assert command is not None
    given = next(each for each in command.params if each.name == "cycle")
    assert [each.value for each in given.shell_complete(context, "fo")] == ["fourths"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (
            ["--ramp", "120"],
            "'120' is no ramp; write the first and the last tempo, of 20 to 400 each",
        ),
        (["--ramp", "120:120"], "A ramp from 120 to 120 keeps one tempo"),
        (["--ramp", "5:120"], "A tempo of 5 quarters per minute cannot be played"),
        (["--ramp", "120:200", "--tempo", "90"], "A ramp has tempos of its own"),
        (["--ramp", "120:200", "--choruses", "1"], "there is 1 chorus; ask for 2 or more"),
        (["--cycle", "sixths"], "There is no cycle 'sixths'; choose from fourths, fifths"),
        (["--cycle", "fourths", "--choruses", "1"], "A cycle changes the key from chorus"),
        (["--loop", "9-14"], "There is no bar 14: Blues in F has bars 1 to 12."),
        (["--loop", "0-2"], "There is no bar 0"),
        (["--loop", "4-2"], "The bars 4-2 run backwards; write 2-4."),
        (["--loop", "a"], "'a' names no bars"),
    ],
)
def test_wrong_practice_is_refused_before_any_work(
    words: list[str], told: str, tmp_path: Path
) -> None:
    refused = sentence(call("improvise", "blues-f", "--out", tmp_path / "new", *words))
    assert told in refused
    assert f"(option {words[0]})" in refused
    assert not (tmp_path / "new").exists()


def test_the_studio_plays_it_and_plays_bars_anew() -> None:
    content = {
        "changes": {"name": "blues-f"}, "ramp": "100:120", "cycle": "fourths", "choruses": 2,
        "loop": "1-4", "seed": 1, "model": "cfg",
    }  # fmt: skip
    asked = studio.settled(content)
    assert asked.bars == 8
    assert studio.settled({**content, "choruses": None}).bars == 48
    played = studio.play(asked.request, progress=lambda _: None)
    anew = studio.anew(json.loads(played.request), played.midi, "1-2", 5, {})
    again = studio.play(studio.settled(anew).request, progress=lambda _: None)
    before, after = (to_solo(parse(one.midi)) for one in (played, again))
    assert before.changes == after.changes
    varied = studio.play(
        studio.settled(studio.varied(json.loads(played.request), played.midi, 0.5, 1)).request,
        progress=lambda _: None,
    )
    anew = studio.anew(json.loads(varied.request), varied.midi, "1-2", 5, {})
    once = studio.play(studio.settled(anew).request, progress=lambda _: None)
    changes = to_solo(parse(once.midi)).changes
    assert before.changes is not None
    assert changes is not None
    assert (changes.keys, changes.tempos) == (before.changes.keys, before.changes.tempos)


# Practice sheets ----------------------------------------------------------------------------------


def test_a_sheet_has_each_lick_in_each_key_at_each_tempo() -> None:
    plain = sideman.improvise("blues-f", seed=7, choruses=1)
    chart, loop = sideman.practice(plain, numbers=[1, 2], ramp="80:120", steps=3)
    sections = [label for _, label in chart.sheet.changes.sections]
    assert sections[0] == "Lick 1: F"
    assert sections[12] == "Lick 2: F"
    assert [one.replace("♭", "b") for one in sections[1:12]] == FOURTHS[1:]
    assert loop.solo.changes is not None
    assert [tempo for _, tempo in loop.solo.changes.tempos] == [80, 100, 120] * 2
    labels = [label for _, label in loop.solo.changes.sections]
    assert len(labels) == 2 * 3 * 12 * 2
    assert labels[:4] == ["Lick 1: F", "F, you", "Bb", "Bb, you"]
    assert loop.again() == loop
    assert isinstance(loop.request, PracticeRequest)
    # Sounding pitches: each key is the first one moved.
    notes = chart.sheet.melody
    size = len([note for note in notes if note.onset < chart.sheet.changes.sections[1][0]])
    steps = [b.pitch - a.pitch for a, b in pairwise(notes[:size])]
    for key in range(12):
        part = notes[key * size : (key + 1) * size]
        assert [b.pitch - a.pitch for a, b in pairwise(part)] == steps
        assert (part[0].pitch - notes[0].pitch - 5 * key) % 12 == 0


def test_a_student_is_compared_where_the_sheet_leaves_room() -> None:
    plain = sideman.improvise("blues-f", seed=7, choruses=1)
    _, loop = sideman.practice(plain, numbers=[1], steps=1, cycle="major-thirds")
    changes = loop.solo.changes
    assert changes is not None
    length = changes.sections[1][0]
    moved = tuple(
        Written(note.onset + length, note.duration, note.pitch) for note in loop.solo.notes
    )
    mine = dumps(
        Arrangement("", (Part("Piano", moved),), changes.steady(), loop.solo.tempo_bpm or 0)
    )
    found = sideman.compare(loop, mine)
    assert found["total"]["right"] == found["total"]["notes"] == len(loop.solo.notes)
    assert abs(found["tempo"]["played"] - found["tempo"]["take"]) < 1
    first = {changes.bar_at(start) + 1 for start, label in changes.sections if "you" in label}
    assert {bar["bar"] for bar in found["bars"]} <= {
        bar + at for bar in first for at in range(length // 96)
    }


def test_the_command_writes_page_and_midi_with_a_heading(tmp_path: Path) -> None:
    sideman.improvise("blues-f", seed=7, choruses=1).save(tmp_path / "take.mid")
    asked = ["--lick", "1", "--steps", "2", "--cycle", "minor-thirds", "--dedication", "Anna"]
    told = call("practice", tmp_path / "take.mid", "--out", tmp_path, *asked).stdout
    assert "at 84 to 140" in told
    page = (tmp_path / "take-practice.musicxml").read_text()
    assert "for Anna: 4 keys by minor thirds at 84, 140" in page
    assert (tmp_path / "take-practice.mid").exists()
    titled = call("practice", tmp_path / "take.mid", "--out", tmp_path, *asked, "--title", "Mine")
    assert "take-practice-2.mid  MIDI: Mine: practice" in titled.stdout
    assert "length: " in titled.stdout
    one = call("practice", tmp_path / "take.mid", "--out", tmp_path / "one", "--steps", "1")
    assert " bars at 140, " in one.stdout


@pytest.mark.parametrize(
    ("error", "code", "kept"),
    [
        (KeyboardInterrupt(), 130, set()),
        (FileError("x: the disk is full; make room."), 2, {".mid", ".musicxml"}),
    ],
)
def test_ctrl_c_while_the_sound_is_made_leaves_nothing_and_an_error_what_is_whole(
    error: BaseException, code: int, kept: set[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def render(*_: object, **__: object) -> float:
        raise error

    monkeypatch.setattr("sideman.output.audio.render_midi", render)
    (tmp_path / "take.ls").write_text("(title A) (key -1) F7 | Bb7 | f4 g4 a4 c4 d4 f4 g4 a4")
    out = tmp_path / "out"
    done = call("practice", tmp_path / "take.ls", "--steps", "1", "--audio", "--out", out)
    assert done.returncode == code
    assert ({path.suffix for path in out.iterdir()} if out.exists() else set()) == kept


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--title", ""], "This is empty; write a text, or leave this out. (option --title)"),
        (["--part", ""], "(option --part)"),
        (["--lick", "99"], "There is no lick 99"),
        (["--cycle", "x"], "There is no cycle 'x'"),
        (["--steps", "0"], "0 tempos cannot be practised; ask for 1 to 20."),
        (["--steps", "1", "--ramp", "80:120"], "A ramp has two tempos or more"),
        (["--ramp", "80:120", "--tempo", "90"], "A ramp has tempos of its own"),
        (["--ramp", "fast"], "'fast' is no ramp"),
        (["--tempo", "900"], "A tempo of 900 quarters per minute cannot be played"),
    ],
)
def test_wrong_sheets_are_refused(words: list[str], told: str, tmp_path: Path) -> None:
    (tmp_path / "take.ls").write_text("(title A) (key -1) F7 | Bb7 | f4 g4 a4 c4 d4 f4 g4 a4")
    refused = sentence(call("practice", tmp_path / "take.ls", "--out", tmp_path / "new", *words))
    assert told in refused
    assert not (tmp_path / "new").exists()


def test_a_sheet_without_licks_is_refused(tmp_path: Path) -> None:
    (tmp_path / "take.ls").write_text("(title A) F7 | Bb7 | f4 g4")
    assert "has no phrase" in sentence(call("practice", tmp_path / "take.ls", "--out", tmp_path))
