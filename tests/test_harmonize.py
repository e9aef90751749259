"""Changes that are written: the dial, forms, endings, melodies, refusals."""

import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import sideman
from commands import call, sentence
from sideman.errors import MusicError
from sideman.evaluation.fitting import Fit, fit
from sideman.files import File
from sideman.formats import registry
from sideman.formats.typed import parse
from sideman.library import charts, songbook
from sideman.models.harmony import alphabet, generating, rhythm
from sideman.models.harmony.alphabet import NO_ROOT, SYMBOLS, WORDS, key_symbols, spelled_out
from sideman.models.harmony.model import HarmonyModel, Progression
from sideman.score import Bar, Changes, LeadSheet, Note, Part, Solo
from sideman.service import harmonizing, harmony, playing
from sideman.service.harmonizing import HarmonizeRequest
from sideman.service.requests import Line
from sideman.theory.chord import DIALECTS, Chord
from sideman.theory.meter import Meter
from sideman.theory.pitch import Key


@pytest.fixture(scope="module")
def model() -> HarmonyModel:
    return harmony.opened("harmony")


def test_a_chord_is_drawn_up_to_half_the_dial(model: HarmonyModel) -> None:
    """Of 96 chords, equally likely to be drawn, each rarer than the last: a quarter of them."""
    bits = np.arange(NO_ROOT) / 10
    drawn: dict[float, set[int]] = {}
    for dial in (0.5, 1.0):
        rng = np.random.default_rng(0)
        draft = generating.Draft(model, Key(0), dial, rng, Changes((Bar(),)))
        drawn[dial] = {draft.draw(np.ones(NO_ROOT), 2.0**-bits) for _ in range(500)}
    assert [len(each) for each in drawn.values()] == [25, 25]
    assert drawn[0.5] > set(range(12, 36))
    assert drawn[1.0] > set(range(36, 60))


def test_the_share_of_substitutes_is_six_tenths_of_the_dial(
    model: HarmonyModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    shares: list[float] = []

    def odds(sums: Sequence[float], share: float) -> float:
        shares.append(share)
        return 1

    monkeypatch.setattr(generating, "_odds", odds)
    for dial in (0.5, 1.0):
        draft = generating.Draft(model, Key(0), dial, np.random.default_rng(0), Changes((Bar(),)))
        draft.expect(0)
        draft.add(0, WORDS.index("0:maj"))
        draft.replace(0, 1)
    assert shares == [0.3, 0.6]


def test_the_rarest_tenth_is_left_out() -> None:
    likely = np.array([0.05, 0.5, 0.28, 0.11, 0.06])
    assert generating._common(likely).tolist() == [0, 0.5, 0.28, 0.11, 0.06]
    assert generating._common(likely[[0, 1, 2, 4, 3]]).tolist() == [0, 0.5, 0.28, 0.06, 0.11]


def test_the_weights_of_notes_and_of_an_open_ending(model: HarmonyModel) -> None:
    """Over Cmaj7: E, a chord tone; D, a colour; F and C sharp, neither; half off the beat."""
    bars = Changes((Bar(),))
    grid = generating._grid(bars)
    melody = [Note(24 * at, 24, pitch) for at, pitch in enumerate((64, 62, 65))]
    found = generating._fit([*melody, Note(84, 12, 61)], bars, grid, Key(0))
    assert found[:, WORDS.index("0:maj")].tolist() == [0, -0.4, -6, -3]
    draft = generating.Draft(model, Key(0), 0.3, np.random.default_rng(0), bars)
    last = generating._ahead(draft, grid, np.zeros((len(grid), NO_ROOT)))[-1]
    closed = [WORDS[at] for at in np.flatnonzero(last == 0)]
    assert closed == ["0:maj", "0:7"]
    assert set(last[last != 0].tolist()) == {-12}


def test_a_held_note_is_a_part_of_the_fit_of_later_chords() -> None:
    bars = Changes((Bar(), Bar()))
    grid = generating._grid(bars)
    found = generating._fit([Note(24, 60, 65)], bars, grid, Key(0))
    assert found[:, WORDS.index("0:maj")].tolist() == [0, -6, -1.5, -1.5, 0, 0, 0, 0]


@pytest.mark.parametrize("name", ["happy-birthday", "greensleeves", "avalon"])
def test_a_harmonized_melody_ends_on_the_tonic(name: str) -> None:
    head = File(f"{name}.ls", registry.dumps(songbook.load(name), f"{name}.ls")[0])
    for seed in range(4):
        sheet = harmonizing.harmonize(HarmonizeRequest(melody=head, seed=seed)).sheet
        key = sheet.tonality
        assert key is not None
        last = sheet.changes.spans[-1].chord
        assert last.root is not None
        assert last.root.pitch_class == key.tonic.pitch_class
        assert last.quality.third == (3 if key.minor else 4)


def test_bits_rise_with_the_dial() -> None:
    """With fewer seeds and a shorter form than `benchmarks/harmonize.py --dial`."""
    means = [
        np.mean(
            [
                harmonizing.harmonize(
                    HarmonizeRequest(form="A16", key="Bb", surprise=dial, seed=seed)
                ).bits
                for seed in range(5)
            ]
        )
        for dial in (0.1, 0.3, 0.5, 0.7, 0.9)
    ]
    assert all(np.diff(means) > 0), means


def test_a_dial_draws_near_its_quantile() -> None:
    """By hand: four symbols of 1, 2, 3 and 3 bits."""
    likely = np.array([0.125, 0.5, 0.125, 0.25])
    rng = np.random.default_rng(0)
    found = {
        dial: {generating.draw(likely, likely, dial, rng) for _ in range(50)}
        for dial in (0, 0.4, 0.6, 0.9, 1)
    }
    assert found == {0: {1}, 0.4: {1}, 0.6: {3}, 0.9: {0, 2}, 1: {0, 2}}


@pytest.mark.parametrize(("form", "key", "dial"), [("AABA", "Bb", 0.3), ("AAB4A", "F#m", 0.9)])
def test_equal_letters_are_equal_but_for_two_bars(
    model: HarmonyModel, form: str, key: str, dial: float
) -> None:
    sections = generating.form(form)
    named = Key.parse(key)
    changes = generating.over(sections, named, model, dial, np.random.default_rng(3))
    assert [name for _, name in changes.sections] == [each.letter for each in sections]
    starts = np.cumsum([0, *(each.bars for each in sections)])
    bodies: dict[str, list[Chord | None]] = {}
    for section, start in zip(sections, starts, strict=False):
        body = [
            changes.chord_at(changes.bar_starts[bar] + beat * 24)
            for bar in range(start, start + section.bars - 2)
            for beat in range(4)
        ]
        assert bodies.setdefault(section.letter, body) == body
    assert len(changes.bars) == starts[-1]
    last = spelled_out(changes)[-1]
    home = key_symbols([last], named.tonic.pitch_class)[0]
    assert WORDS[home] in {"0:maj", "0:7", "0:m", "0:m7", "7:7", "1:7"}


@pytest.mark.parametrize("form", ["A1", "AB1"])
def test_a_last_section_of_one_bar_ends_with_the_tonic(model: HarmonyModel, form: str) -> None:
    sections = generating.form(form)
    for seed in range(8):
        changes = generating.over(sections, Key(0), model, 0.5, np.random.default_rng(seed))
        assert len(changes.bars) == sum(each.bars for each in sections)
        assert _words(changes, "C")[-1] in ("0:maj", "0:7")


def test_every_chord_prints_in_every_dialect() -> None:
    for key in (*map(Key, range(-7, 8)), Key(-3, minor=True)):
        for symbol in range(SYMBOLS - 1):
            chord = generating.readable(alphabet.chord(symbol, key), key)
            assert chord.root is not None
            assert chord.root.pitch_class == (symbol // 8 + key.tonic.pitch_class) % 12
            for dialect in DIALECTS:
                assert chord.format(dialect)
    flats = generating.readable(alphabet.chord(WORDS.index("1:7"), Key(-2)), Key(-2))
    assert str(flats) == "B7"


def test_harmonic_rhythm_is_counted_by_class_and_place() -> None:
    tune = Progression.of(parse("| Dm7 G7 | Cmaj7 | % | F7 |").changes, 0, minor=False)
    chain = rhythm.counted([(tune.changes, tune.places.features["bar4"], 96)])
    for place, before, word, length in (
        (0, (), "5:m7", 2),
        (2, (2,), "2:7", 2),
        (4, (2, 2), "0:maj", 8),
        (12, (2, 2, 8), "11:7", 4),
    ):
        rates = rhythm.rates(chain, place, before)
        assert rates.sum(axis=1) == pytest.approx(1)
        assert rates[WORDS.index(word)].argmax() == length - 1


def test_chords_are_held_longer_where_chords_were_held() -> None:
    """One tune has two chords a bar, and one a chord in four bars."""
    tunes = [
        Progression.of(parse(text).changes, 0, minor=False)
        for text in ("| C F " * 16 + "|", ("| C" + "| % " * 3 + "| F" + "| % " * 3) * 2 + "|")
    ]
    chain = rhythm.counted((each.changes, each.places.features["bar4"], 96) for each in tunes)
    for before, length in (((2, 2, 2), 2), ((16, 16), 16)):
        assert rhythm.rates(chain, 0, before)[0].argmax() == length - 1
    ten = Progression.of(parse("| C |" + " % |" * 9).changes, 0, minor=False)
    whole = rhythm.counted([(ten.changes, ten.places.features["bar4"], 96)])
    assert rhythm.rates(whole, 0)[0].argmax() == rhythm.LONGEST - 1


def test_chords_are_held_as_long_as_in_the_songbook(model: HarmonyModel) -> None:
    """3.0 % of the chords of the songbook last four bars or more, 0.6 % more than four."""
    held = np.concatenate(
        [
            [each.end - each.onset for each in spelled_out(_over(model, "AABA", "Bb", 0.3, seed))]
            for seed in range(25)
        ]
    )
    assert 0 < (held >= 4 * 96).mean() < 0.03
    assert (held > 4 * 96).mean() < 0.01


def _over(model: HarmonyModel, form: str, key: str, dial: float, seed: int) -> Changes:
    rng = np.random.default_rng(seed)
    return generating.over(generating.form(form), Key.parse(key), model, dial, rng)


def _words(changes: Changes, key: str) -> list[str]:
    return [
        WORDS[each] for each in key_symbols(spelled_out(changes), Key.parse(key).tonic.pitch_class)
    ]


def test_a_minor_tune_begins_and_ends_in_its_key(model: HarmonyModel) -> None:
    """77 % of the minor tunes of the playlist begin with i, 72 % end with i or V."""
    found = [_words(_over(model, "AABA", "Cm", 0.3, seed), "Cm") for seed in range(20)]
    assert np.mean([each[0] in ("0:m", "0:m7") for each in found]) >= 0.77
    # All of them, though a substitute may have sounded before the last bars.
    assert {each[-1] for each in found} <= {"0:m", "0:m7", "7:7", "1:7"}


def test_the_first_chord_is_what_is_expected(model: HarmonyModel) -> None:
    """With substitutes, half of the minor tunes at 0.9 would begin in another key."""
    for seed in range(6):
        first = _words(_over(model, "AABA", "Cm", 0.9, seed), "Cm")[0]
        assert first != "0:maj"


def test_a_tune_ends_with_the_tonic_chord_that_it_has(model: HarmonyModel) -> None:
    """The last tonic chord of 90 % of the tunes of the playlist is the usual one of the tune."""
    blues = 0
    for seed in range(12):
        changes = _over(model, "A12", "F", 0.0, seed)
        body = _words(replace(changes, bars=changes.bars[:10]), "F")
        ends = _words(replace(changes, bars=changes.bars[10:]), "F")
        tonics = {"0:maj", "0:7"} & set(ends)
        if body.count("0:7") > body.count("0:maj") and tonics:
            assert tonics == {"0:7"}
            blues += 1
    assert blues


def test_substitutes_are_the_share_that_was_asked_and_lead_on(model: HarmonyModel) -> None:
    """Between ii and I, V gives way to a chord that resolves to I, and I to none without a rule."""
    changes = Changes((Bar(section="A"), *(Bar(),) * 7))
    words = ("0:maj", "2:m7", "7:7", "0:maj")
    found: list[list[str]] = []
    for seed in range(200):
        draft = generating.Draft(model, Key(0), 1.0, np.random.default_rng(seed), changes)
        for at, word in enumerate(words):
            draft.expect(at * 96)
            draft.add(at * 96, WORDS.index(word))
        draft.replace(0, 4, after=WORDS.index("2:m7"))
        assert [WORDS[each] for each in draft.walk.symbols] == list(words)
        found.append([WORDS[each] for each in draft.heard])
    replaced = np.array(found) != np.array(words)
    assert replaced.sum(axis=1).mean() / 4 == pytest.approx(0.6, abs=0.05)
    assert not replaced[:, 0].any()
    dominants = Counter(each[2] for each in found)
    assert dominants["1:7"] > dominants["10:7"] > 0
    draft = generating.Draft(model, Key(0), 0.0, np.random.default_rng(0), changes)
    for at, word in enumerate(words):
        draft.add(at * 96, WORDS.index(word))
    draft.replace(0, 4)
    assert draft.heard == draft.walk.symbols


def test_a_section_names_the_chord_that_sounds_on() -> None:
    bars = Changes(tuple(Bar(section="A" if at % 4 == 0 else None) for at in range(8)))
    found = generating.filled(bars, [0], [WORDS.index("0:maj")], Key(0))
    assert [bool(bar.chords) for bar in found.bars] == [True, *(False,) * 3] * 2
    assert len(spelled_out(found)) == 1


def test_the_same_seed_gives_the_same_bytes_and_it_plays(tmp_path: Path) -> None:
    asked = ("harmonize", "--form", "A8B4", "--key", "Eb", "--surprise", "0.4", "--seed", "5")
    one, other = tmp_path / "a.ls", tmp_path / "b.ls"
    for path in (one, other):
        told = call(*asked, "--out", path)
        assert told.returncode == 0, told.stderr
    assert one.read_bytes() == other.read_bytes()
    assert charts.read(one).key == Key.parse("Eb")
    shown = call(*asked).stdout
    assert "AB4 in Eb major, 12 bars" in shown
    assert "\nB  | " in shown
    assert call(*asked[:-1], "6").stdout != shown
    played = call("improvise", one, "--seed", "1", "--choruses", "1", "--out", tmp_path)
    assert played.returncode == 0, played.stderr
    assert (tmp_path / "a-1.mid").exists()


@pytest.mark.parametrize("suffix", [".musicxml", ".html", ".mid", ".cho", ".abc", ".txt"])
def test_it_writes_what_convert_writes(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"x{suffix}"
    told = call("harmonize", "--form", "A4", "--key", "Cm", "--seed", "5", "--out", path)
    assert told.returncode == 0, told.stderr
    assert len(charts.read(path).changes.bars) >= 4


# Under a melody -------------------------------------------------------------------------------


def _file(sheet: LeadSheet, name: str = "tune.ls") -> File:
    return File(name, registry.dumps(sheet, name)[0])


def test_changes_fit_a_melody_no_worse_than_its_own() -> None:
    own, new = Fit(), Fit()
    for name in [each for each in songbook.names() if songbook.load(each).melody][:3]:
        asked = HarmonizeRequest(melody=_file(songbook.load(name)), seed=1)
        found = harmonizing.harmonize(asked)
        assert found == harmonizing.harmonize(asked)
        assert found.fit is not None
        assert found.own_fit is not None
        assert found.sheet.melody
        own, new = own + found.own_fit, new + found.fit
    assert new.share_inside >= own.share_inside
    assert new.share_avoided <= own.share_avoided


def test_fit_counts_tones_at_onsets() -> None:
    """C is a chord tone of C7, F an avoid note, off the beat the first time; D is a colour tone."""
    melody = (Note(0, 12, 60), Note(12, 12, 65), Note(24, 24, 65), Note(48, 24, 62))
    assert fit(melody, parse("| C7 |").changes) == Fit(4, 2, 3, 1)
    foreign = (Note(0, 12, 63),)  # Eb, which is neither, but not above a chord tone
    assert fit(foreign, parse("| C7 |").changes) == Fit(1, 0, 1, 0)


def test_a_melody_keeps_its_meter(model: HarmonyModel) -> None:
    waltz = Changes(tuple(Bar(meter=Meter(3, 4)) for _ in range(8)))
    notes = tuple(Note(24 * at, 24, 60 + (0, 4, 7)[at % 3]) for at in range(24))
    rng = np.random.default_rng(1)
    found = generating.under(notes, waltz, Key(0), model, 0.2, rng)
    assert {each.onset for bar in found.bars for each in bar.chords} == {0}
    assert [bar.meter for bar in found.bars] == [bar.meter for bar in waltz.bars]


# Refusals -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--form", "AAXA"), "is not a form"),
        (("--form", "A8A12"), "equally many"),
        (("--form", "A0"), "1 to 32 bars"),
        (("--form", "A\u0663"), "is not a form"),
        (("--form", "A" * 17), "at most 16 sections"),
        (("--surprise", "1.5"), "between 0 and 1"),
        (("--surprise", "nan"), "between 0 and 1"),
        (("--key", "H"), "is not a key"),
        (("--key", "A#"), "seven accidentals"),
        (("--key", ""), "This is empty"),
        (("--form", ""), "This is empty"),
        (("--melody", "avalon", "--key", ""), "This is empty"),
        (("--melody", "blues-f"), "has no melody"),
        (("--melody", "| C | F |"), "has no melody"),
        (("--melody", "no-such-tune"), "is not in the songbook"),
        (("--model", "course"), "of kind 'course'"),
        (("--model", "missing.safetensors"), "missing.safetensors"),
        (("--melody", "missing.ls"), "missing.ls"),
        (("--tune", "x"), "give the file"),
        (("--out", "x.gif"), "x.gif"),
        (("--out", "."), "is a folder"),
    ],
)
def test_bad_input_is_refused_in_a_sentence(
    arguments: Sequence[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    out = () if "--out" in arguments else ("--out", "x.ls")
    assert message in sentence(call("harmonize", "--seed", "1", *arguments, *out))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("notes", "key", "message"),
    [
        ((), Key(0), "no melody"),
        ((Note(0, 24, 60),), Key(0), "has 1 note"),
        ((Note(0, 24, 60), Note(24, 24, 62)), None, "names no key"),
    ],
)
def test_a_poor_melody_is_refused(
    notes: tuple[Note, ...], key: Key | None, message: str, tmp_path: Path
) -> None:
    sheet = LeadSheet("Poor", Changes((Bar(),) * 2), parts=(Part("", notes),), key=key)
    path = tmp_path / "poor.musicxml"
    path.write_bytes(_file(sheet, path.name).data)
    assert message in sentence(call("harmonize", "--melody", path))
    assert "cannot both be given" in sentence(call("harmonize", "--melody", path, "--form", "AABA"))


def test_a_melody_is_named_as_changes_are(tmp_path: Path) -> None:
    path = tmp_path / "avalon.ls"
    path.write_bytes(_file(songbook.load("avalon"), path.name).data)
    named, read = (
        call("harmonize", "--melody", each, "--seed", "2", "--json") for each in ("avalon", path)
    )
    assert named.returncode == 0, named.stderr
    assert named.stdout == read.stdout
    said = call("harmonize", "--melody", "avalon", "--seed", "2").stdout
    own = "under those of the chart: 91% of the melody's notes are chord or colour tones; "
    assert f"{own}avoid notes on the beat: 4 of 47" in said


@pytest.mark.parametrize("melody", ["| C |", "blues-f"])
def test_a_tune_without_a_melody_is_named_by_its_title(melody: str) -> None:
    title = songbook.load(melody).title if melody == "blues-f" else "typed changes"
    assert f"{title}: has no melody" in sentence(call("harmonize", "--melody", melody))
    for source in (melody, sideman.read(melody)):
        with pytest.raises(MusicError, match=f"^{title}: has no melody"):
            sideman.harmonize(melody=source)


def test_a_mode_that_the_melody_does_not_name_is_said(tmp_path: Path) -> None:
    sheet = replace(songbook.load("avalon"), key=Key(-1, has_mode=False))
    path = tmp_path / "avalon.ls"
    path.write_bytes(_file(sheet, path.name).data)
    begun = ("harmonize", "--melody", path, "--seed", "1")
    told = call(*begun).stdout
    assert told.startswith("Avalon, in F major, by its signature of 1 flat and its chords, 32 bars")
    found = json.loads(call(*begun, "--json").stdout)
    assert (found["key"], found["key_inferred"], found["mode_inferred"]) == ("F major", False, True)
    assert call(*begun, "--key", "F").stdout.startswith("Avalon, in F major, 32 bars")
    path.write_bytes(_file(replace(sheet, key=None), path.name).data)
    assert call(*begun).stdout.startswith("Avalon, in F major, by its chords, 32 bars")


def test_the_result_as_json(tmp_path: Path) -> None:
    out = tmp_path / "x.ls"
    told = call("harmonize", "--form", "A4B4", "--key", "Cm", "--seed", "5", "--json", "--out", out)
    found = json.loads(told.stdout)
    sheet = charts.read(out)
    assert (found["key"], found["seed"], found["fit"]) == ("C minor", 5, None)
    assert found["sections"] == ["A", *[None] * 3, "B", *[None] * 3]
    assert found["changes"] == [
        [str(each.chord) for each in bar.chords] for bar in sheet.changes.bars
    ]
    assert str(out) in told.stderr
    under = json.loads(call("harmonize", "--melody", "avalon", "--seed", "2", "--json").stdout)
    assert set(under["fit"]) == {"notes", "inside", "on_beat", "avoided"}
    assert under["fit"]["notes"] == under["own_fit"]["notes"]


def test_without_a_seed_each_run_differs() -> None:
    seeds = set()
    for _ in range(2):
        told = call("harmonize", "--form", "A1", "--json")
        seeds.add(json.loads(told.stdout)["seed"])
        told = call("reharmonize", "| Dm7 | G7 | Cmaj7 |", "--steps", "1", "--json")
        seeds.add(json.loads(told.stdout)["seed"])
    assert len(seeds) == 4


def test_a_midi_file_without_chords_has_a_melody(tmp_path: Path) -> None:
    import mido

    track = mido.MidiTrack([mido.MetaMessage("time_signature", numerator=4, denominator=4)])
    for pitch in (60, 64, 67, 72):
        track.append(mido.Message("note_on", note=pitch, velocity=80, time=0))
        track.append(mido.Message("note_off", note=pitch, velocity=0, time=480))
    path = tmp_path / "line.mid"
    mido.MidiFile(ticks_per_beat=480, tracks=[track]).save(str(path))
    assert "names no key" in sentence(call("harmonize", "--melody", path))
    told = call("harmonize", "--melody", path, "--key", "C", "--seed", "1")
    assert told.returncode == 0, told.stderr
    assert "under these changes" in told.stdout


@pytest.mark.parametrize("suffix", [".mid", ".musicxml", ".ls", ".abc"])
def test_a_melody_of_a_file_without_meter_is_refused(suffix: str, tmp_path: Path) -> None:
    notes = tuple(Note(24 * at, 24, 60 + at) for at in range(4))
    sheet = LeadSheet("Free", Changes((Bar(),) * 2), parts=(Part("", notes),), key=Key(0))
    path = tmp_path / f"free{suffix}"
    path.write_bytes(_file(sheet, path.name).data)
    assert harmonizing.melody(File(path.name, path.read_bytes())).melody
    if suffix == ".mid":
        import mido

        held = mido.MidiFile(path)
        for track in held.tracks:
            track[:] = [each for each in track if each.type != "time_signature"]
        held.save(path)
    else:
        text = path.read_text()
        for meter in (r"(?s)<time>.*?</time>", r"\(meter 4 4\)", r"(?m)^M:.*\n"):
            text = re.sub(meter, "", text)
        path.write_text(text)
    assert "names no meter" in sentence(call("harmonize", "--melody", path))
    assert not list(tmp_path.glob("*.out"))


def test_a_line_without_meter_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """As of a take without changes."""
    sheet = LeadSheet("None", Changes((Bar(),)), parts=(), key=Key(0))
    line = Line(Solo("None", (Note(0, 24, 60), Note(24, 24, 62))))
    monkeypatch.setattr(playing, "line", lambda _: line)
    with pytest.raises(MusicError, match="has no meter"):
        harmonizing.melody(_file(sheet))


def test_one_bar_is_said_in_the_singular() -> None:
    assert (
        "A1 in C major, 1 bar, 1 change, "
        in call("harmonize", "--form", "A1", "--seed", "1").stdout
    )


def test_chords_under_a_melody_are_held_as_long_as_in_the_corpus() -> None:
    """Three chords can fit a pentatonic head; the songbook's own charts hold 1.0 bars a chord."""
    held: list[float] = []
    for name in ("amazing-grace", "auld-lang-syne", "londonderry-air"):
        sheet = harmonizing.harmonize(
            HarmonizeRequest(melody=_file(songbook.load(name)), seed=1)
        ).sheet
        bar = sheet.changes.meter.ticks_per_bar
        held += [(each.end - each.onset) / bar for each in spelled_out(sheet.changes)]
    assert 0.8 < np.mean(held) < 1.6
    assert np.mean(np.array(held) >= 4) < 0.1


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("x.krn", "**kern\n*C:\n=1\n4c\n4d\n4e\n4f\n==\n*-\n", "names no meter"),
        ("x.mscx", "{}", "names no meter"),
        ("x.mscx", "<TimeSig><sigN>4</sigN><sigD>4</sigD></TimeSig>{}", ""),
    ],
)
def test_a_score_without_a_time_signature_has_no_meter(
    name: str, text: str, message: str, tmp_path: Path
) -> None:
    notes = "".join(
        f"<Chord><durationType>half</durationType><Note><pitch>{pitch}</pitch></Note></Chord>"
        for pitch in (60, 64)
    )
    if name.endswith(".mscx"):
        text = (
            '<museScore version="3.02"><Score><Division>480</Division><Part><Staff id="1"/></Part>'
            f'<Staff id="1"><Measure><voice>{text.format(notes)}</voice></Measure></Staff></Score>'
            "</museScore>"
        )
    path = tmp_path / name
    path.write_text(text)
    told = call("harmonize", "--melody", path, "--key", "C", "--seed", "1")
    if message:
        assert message in sentence(told)
    else:
        assert told.returncode == 0, told.stderr


def test_a_midi_file_has_no_tunes_to_choose_from(tmp_path: Path) -> None:
    import mido

    track = mido.MidiTrack([mido.MetaMessage("time_signature", numerator=4, denominator=4)])
    for pitch in (60, 64, 67, 72):
        track.append(mido.Message("note_on", note=pitch, velocity=80, time=0))
        track.append(mido.Message("note_off", note=pitch, velocity=0, time=480))
    path = tmp_path / "line.mid"
    mido.MidiFile(ticks_per_beat=480, tracks=[track]).save(str(path))
    told = call("harmonize", "--melody", path, "--key", "C", "--seed", "1", "--tune", "Tenor")
    assert "holds no tunes" in sentence(told)


def test_the_title_of_a_form_has_the_bars_that_are_not_eight() -> None:
    sheet = harmonizing.harmonize(HarmonizeRequest(form="A12B", key="Cm", seed=1)).sheet
    assert sheet.title == "A12B in C minor"
