"""Models of harmony: alphabets, places, memories, figures on held-out tunes, surprise."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from commands import call
from realdata import DATA, needs_data
from sideman.errors import ModelError, MusicError, SidemanError
from sideman.evaluation import harmony as evaluation
from sideman.files import File
from sideman.formats.typed import parse
from sideman.library import charts, songbook
from sideman.models import file
from sideman.models.harmony import alphabet, hearing, keys, learning, memory, substitutions
from sideman.models.harmony.alphabet import NO_ROOT, WORDS
from sideman.models.harmony.learning import Tune
from sideman.models.harmony.model import (
    BUCKETS,
    Corpus,
    HarmonyModel,
    Progression,
    Weights,
    counted,
    from_file,
    ngram,
    to_file,
)
from sideman.models.harmony.places import places
from sideman.models.harmony.substitutions import Rules
from sideman.models.ngram import quality_class
from sideman.score import Changes
from sideman.service import harmony
from sideman.service import learning as training
from sideman.service.requests import Tune as Asked
from sideman.theory.chord import DIALECTS
from sideman.theory.pitch import Key
from sideman.training.plan import Given
from sideman.training.trainers import harmony as trainer

PLAYLIST = DATA / "leadsheets/ireal/jazz1460.txt"


def changes(text: str) -> Changes:
    return parse(text).changes


def progression(text: str, tonic: int = 0, *, minor: bool = False) -> Progression:
    return Progression.of(changes(text), tonic, minor=minor)


@pytest.fixture(scope="module")
def shipped() -> HarmonyModel:
    return harmony.opened("harmony")


# Symbols --------------------------------------------------------------------------------------


def test_no_chord_is_a_symbol_without_a_root() -> None:
    found = progression("| N.C. | Dm7 | N.C. | G7/B | G7 | G9 | Cm |", 0)
    assert [WORDS[each] for each in found.symbols] == ["NC", "2:m7", "NC", "7:7", "0:m"]
    words = [alphabet.INTERVAL_WORDS[each] for each in found.intervals]
    assert words == ["NC", "-:m7", "NC", "5:7", "5:m"]
    assert found.last.tolist() == [-1, -1, 2, 2, 7]
    assert [(each.onset, each.end) for each in found.changes[3:]] == [(288, 576), (576, 672)]


def test_a_chord_of_a_symbol_has_its_class_in_every_key_and_dialect() -> None:
    for name, symbol, simple in product(("C", "Gb", "F#", "G#m"), range(NO_ROOT), (False, True)):
        key = Key.parse(name)
        found = alphabet.chord(symbol, key, simple=simple)
        assert found.root is not None
        assert quality_class(found) == symbol % alphabet.CLASSES + 1
        assert (found.root.pitch_class - key.tonic.pitch_class) % 12 == symbol // alphabet.CLASSES
        assert all(found.format(dialect) for dialect in DIALECTS)
    assert alphabet.chord(NO_ROOT, Key(0)).is_no_chord


def test_intervals_and_keys_are_the_same_chords() -> None:
    rows = np.random.default_rng(0).random((3, len(alphabet.INTERVAL_WORDS)))
    found = alphabet.from_intervals(rows, np.array([-1, 0, 7]))
    assert found.shape == (3, len(WORDS))
    assert found[2, WORDS.index("0:m")] == rows[2, WORDS.index("5:m")]
    assert found[0, WORDS.index("3:7")] == pytest.approx(
        rows[0, alphabet.INTERVAL_WORDS.index("-:7")] / 12
    )
    assert (found[:, NO_ROOT] == rows[:, NO_ROOT]).all()


# The tune itself ------------------------------------------------------------------------------


def test_places_count_from_the_section() -> None:
    sheet = songbook.load("rhythm-changes-bb")
    letters = "".join(name for _, name in sheet.changes.sections)
    assert letters == "AABA"
    found = Progression.of(sheet.changes, 10, minor=False).places
    starts = [tick for tick, _ in sheet.changes.sections]
    at = [found.onsets.index(start) for start in starts]
    assert found.features["letter"][at].tolist() == [1, 1, 2, 1]
    assert found.features["rank"][at].tolist() == [0, 1, 0, 2]
    assert found.features["bar8"][at].tolist() == [0, 0, 0, 0]
    assert found.features["left"][at].tolist() == [32, 32, 32, 32]
    second, last = found.sources[at[1]], found.sources[at[3]]
    assert second[0].same_letter
    assert second[0].index == 0
    assert [each.index for each in last if each.same_letter] == [at[1], at[0]]


def test_a_memory_takes_what_followed_the_longest_match() -> None:
    assert memory.recalled([1, 2, 3, 1, 2]) == (2, Counter({3: 1}))
    assert memory.recalled([1, 2, 3, 4, 2]) == (1, Counter({3: 1}))
    assert memory.recalled([1, 2, 3, 4, 2], least=2) == (0, Counter())
    assert memory.recalled([1, 2, 1, 3, 1]) == (1, Counter({2: 1, 3: 1}))
    assert memory.recalled([]) == (0, Counter())


@pytest.mark.parametrize("size", [0, 1, 2, 40, memory.FURTHEST + 60])
def test_the_memory_along_a_tune_is_that_at_each_change(size: int) -> None:
    tune = np.random.default_rng(size).integers(0, 3, size).tolist()
    tune[30:39] = tune[10:19]  # longer than the longest match
    found = list(memory.recalled_along(tune))
    assert found == [memory.recalled(tune[:at]) for at in range(len(tune))]


def test_a_copy_prefers_the_section_of_the_letter() -> None:
    sheet = songbook.load("rhythm-changes-bb")
    found = Progression.of(sheet.changes, 10, minor=False)
    starts = [found.places.onsets.index(tick) for tick, _ in sheet.changes.sections]
    for at in range(starts[1] + 3, starts[1] + 8):
        copy = found.copied[at]
        assert copy is not None
        assert copy[1] == found.symbols[at]
        assert copy[0] > 4  # of a section with its letter
    assert found.copied[0] is None


# The worked example ---------------------------------------------------------------------------

_TOY = ("| Dm7 | G7 | Cmaj7 |",) * 3 + ("| Dm7 | Db7 | Cmaj7 |",)


def toy() -> HarmonyModel:
    """The bigram of the toy corpus, not smoothed, and its substitutions."""
    tunes = [progression(text) for text in _TOY]
    chain = counted(tunes, ngram(1))
    levels = tuple(replace(level, discounts=(0.0, 0.0, 0.0)) for level in chain.levels)
    rules = Rules(substitutions.induced([each.changes for each in tunes], least_contexts=1))
    recalling = np.tile([1.0, 0, 0], (BUCKETS, 1))
    nothing = Corpus(np.zeros(0, np.uint32), np.zeros(0, np.float32))
    return HarmonyModel(
        (replace(chain, levels=levels),), Weights(np.ones(1), recalling), rules, nothing
    )


def test_the_toy_has_exact_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    model = toy()
    usual, rare = (model.surprise(progression(_TOY[at])) for at in (0, 3))
    assert usual == pytest.approx([0, -math.log2(3 / 4), 0], abs=1e-12)
    assert rare == pytest.approx([0, 2, 0], abs=1e-12)
    (only,) = model.rules.substitutions
    assert str(only) == "bII7 <-> V7"
    assert (only.shared, only.contexts) == (1, 1)
    assert only.score == pytest.approx(math.log(1 * 4 / (3 * 1)))
    # Heard as its substitute, bII costs what V costs.
    monkeypatch.setattr(substitutions, "_THEORY", 0.0)
    tune = progression(_TOY[3])
    rule = model.rules.explanation(model.expect(tune)[1], int(tune.symbols[1]))
    assert rule is not None
    assert rule.bits == pytest.approx(-math.log2(3 / 4))
    assert str(rule) == "tritone substitution: bII7 for V7"


def test_an_expected_chord_needs_no_rule() -> None:
    model = toy()
    tune = progression(_TOY[0])
    assert model.rules.explanation(model.expect(tune)[1], int(tune.symbols[1])) is None


# The playlist ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def tunes() -> tuple[Tune, ...]:
    found = []
    for one in charts.tunes(PLAYLIST):
        sheet = one.open()
        assert sheet.key is not None
        tonic = sheet.key.tonic.pitch_class
        found.append(Tune(sheet.title, sheet.changes, tonic, sheet.key.minor))
    return tuple(found)


@pytest.fixture(scope="module")
def corpus(tunes: tuple[Tune, ...]) -> evaluation.Corpus:
    return evaluation.Corpus.of(tunes)


@needs_data
def test_the_split_is_that_of_the_titles(corpus: evaluation.Corpus) -> None:
    sizes = {part: len(found) for part, found in corpus.tunes.items()}
    assert sizes == {"train": 1171, "valid": 132, "test": 157}
    counts = {part: sum(map(len, corpus.progressions(part))) for part in corpus.tunes}
    assert counts == {"train": 49703, "valid": 5404, "test": 6716}
    groups = [{tune.title for tune in group} for group in corpus.crossing]
    assert len(groups) == 4
    assert [len(group) for group in groups] == [8, 5, 3, 2]
    assert {"Salt Peanuts", "Theme, The", "Oleo"} < groups[0]
    assert sum(corpus.apart("test")) == 155


@needs_data
@pytest.mark.parametrize(
    ("by_interval", "orders", "plain", "memory", "tree"),
    [(False, (0, 3), (30.85, 8.95), 5.6, 11.1), (True, (0, 4), (24.94, 10.2), 6.45, 13.4)],
)
def test_n_grams_have_the_figures_of_the_specification(
    corpus: evaluation.Corpus,
    by_interval: bool,
    orders: Sequence[int],
    plain: Sequence[float],
    memory: float,
    tree: float,
) -> None:
    rows = evaluation.ngrams(corpus, by_interval)
    assert evaluation.best_order(corpus, rows, 0) == orders[1]
    assert rows[0].perplexity("test") == pytest.approx(plain[0], abs=0.01)
    assert rows[orders[1]].perplexity("test") <= plain[1]
    assert evaluation.with_memory(corpus, rows, by_interval).perplexity("test") <= memory
    assert evaluation.tree(corpus, by_interval).perplexity("test") == pytest.approx(tree, abs=0.01)


@needs_data
def test_the_model_is_better_than_the_n_gram_with_memory(
    tunes: tuple[Tune, ...], corpus: evaluation.Corpus
) -> None:
    model = learning.learn(tunes)
    row = evaluation.of_model(corpus, model, remembers=True, by_interval=False)
    assert row.perplexity("test") < 4.2  # the n-gram with memory: 5.58
    assert row.perplexity("test", corpus.apart("test")) < 4.25
    found = [str(each) for each in model.rules.substitutions]
    ones = [each for each in found if len(each.split()) == 3]
    assert "bII7 <-> V7" in ones[:3]
    assert "IIm7 V7 <-> V7" in found[:100]
    assert "IIm7 V7 <-> IIø V7" in found[:100]
    # The place of each tune among them, by counts that did not see it.
    tune = corpus.progressions("test")[0]
    assert len(model.corpus.bits) == len(tunes)
    assert model.corpus.own(tune) == pytest.approx(float(model.surprise(tune).mean()), abs=1e-3)
    assert model.corpus.own(progression("| C7 |")) is None


def test_a_bootstrap_compares_two_ways_to_predict() -> None:
    better, worse = (
        evaluation.Row(name, {"test": tuple(np.full(8, bits + at % 2) for at in range(6))})
        for name, bits in (("a", 1.0), ("b", 2.0))
    )
    rng = np.random.default_rng(0)
    assert evaluation.compare(better, worse, [True] * 6, rng) == pytest.approx((-1, -1, -1))
    assert better.perplexity("test", [True, False, True, False, False, False]) == pytest.approx(2)


# The model that is shipped --------------------------------------------------------------------


def test_the_shipped_model_is_what_training_makes(shipped: HarmonyModel) -> None:
    result = training.train(training.TrainRequest(kind="harmony"))
    assert result.model is not None
    found, kept = (
        file.parse(data, "harmony") for data in (result.model, file.shipped("harmony").data)
    )
    same = replace(found, versions=kept.versions)
    assert file.dumps(same) == file.shipped("harmony").data, (
        "the songbook or the études changed: benchmarks/train_harmony.py"
    )
    assert result.finished
    assert shipped.training["tunes"] == {"train": 76, "valid": 4, "test": 4}


@pytest.mark.parametrize("name", ["rhythm-changes-bb", "greensleeves", "limehouse-blues"])
def test_a_walk_expects_what_the_model_does(shipped: HarmonyModel, name: str) -> None:
    sheet = songbook.load(name)
    assert sheet.key is not None
    tune = Progression.of(sheet.changes, sheet.key.tonic.pitch_class, minor=sheet.key.minor)
    for remembers in (True, False):
        expected = shipped.expect(tune, remembers=remembers)
        assert expected.sum(axis=1) == pytest.approx(np.ones(len(tune)))
        assert (expected > 0).all()
        walk = shipped.begin(tune.places)
        for row, symbol in zip(expected, tune.symbols.tolist(), strict=True):
            assert walk.expect(remembers=remembers) == pytest.approx(row, abs=1e-12)
            walk.choose(symbol)
        assert walk.done


def test_a_walk_branches(shipped: HarmonyModel) -> None:
    form = progression("| Dm7 | G7 | Cmaj7 |").places
    walk = shipped.begin(form)
    walk.choose(WORDS.index("2:m7"))
    other = walk.branch()
    other.choose(WORDS.index("7:7"))
    assert len(walk.symbols) == 1
    assert not other.done
    assert other.expect()[WORDS.index("0:maj")] > walk.expect()[WORDS.index("0:maj")]


def test_a_position_is_bar_and_beat_from_one() -> None:
    found = changes("| (3/4) C | (6/8) F | (4/4) G |")
    assert [found.position(tick) for tick in (0, 36, 72, 84, 144, 168)] == [
        (1, 1.0),
        (1, 2.5),
        (2, 1.0),
        (2, 2.0),
        (3, 1.0),
        (3, 2.0),
    ]


def test_places_need_no_chords() -> None:
    bare = changes("| C | C | C | C |")
    assert places(bare, [0, 96, 240]).features["bar4"].tolist() == [0, 4, 10]


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("| Dm7 | G7 |", (0, False)),
        ("| Dm7b5 | G7 |", (0, True)),
        ("| F7 | Bb7 | F7 | C7 |", (5, False)),
        ("| Cdim7 |", None),
        ("| Ab+ | E+ |", None),
    ],
)
def test_keys_are_told_by_chords(
    shipped: HarmonyModel, text: str, key: tuple[int, bool] | None
) -> None:
    assert keys.inferred(shipped, changes(text)) == key


def test_a_damaged_file_is_refused() -> None:
    content = file.parse(file.shipped("harmony").data, "m")
    assert from_file(content, "m").rules.substitutions
    assert file.dumps(to_file(from_file(content, "m"))) == file.dumps(
        replace(content, versions={"numpy": np.__version__})
    )
    wrong = [
        replace(content, config={**content.config, "chains": [[False, "key9"]]}),
        replace(content, config={**content.config, "levels": []}),
        replace(content, config={}),
        replace(content, vocabulary=content.vocabulary[:-1]),
        replace(content, weights={}),
    ]
    for name, shape in (("weights.recalling", (2, 8)), ("corpus.bits", (3,))):
        wrong.append(
            replace(content, weights={**content.weights, name: np.ones(shape, np.float32)})
        )
    for name in ("substitutions.first", "weights.alone", "chains.symbol"):
        damaged = np.full_like(content.weights[name], 200)
        damaged = -damaged if damaged.dtype.kind == "f" else damaged
        wrong.append(replace(content, weights={**content.weights, name: damaged}))
    for each in wrong:
        with pytest.raises(ModelError, match="train it again"):
            from_file(each, "m")


# Training -------------------------------------------------------------------------------------


def _typed(count: int, head: str = "") -> list[File]:
    chords = ("C", "Dm7", "Em7", "F", "G7", "Am7")
    texts = [f"{head}| {chords[at % 6]} | {chords[at // 6 % 6]} | G7 | C |" for at in range(count)]
    return [File(f"tune {at}.txt", text.encode()) for at, text in enumerate(texts)]


@pytest.mark.parametrize(
    ("files", "message"),
    [
        (_typed(60), "None of the 60 tunes has a key"),
        (_typed(49, "Key: C\n"), "There are 49 tunes with chords and a key, too few"),
        (_typed(1, "Key: C\n"), "There is 1 tune with chords and a key, too few"),
        ([File("a.txt", b"")], "a: no bars"),
        ([File("a.db", b"SQLite format 3\0")], "a.db"),
        ([File("a.html", b"irealb://x")], "a.html"),
        ([File("a.safetensors", file.shipped("harmony").data)], "which holds no chart"),
    ],
)
def test_a_corpus_that_cannot_be_learnt_from_is_refused(files: list[File], message: str) -> None:
    with pytest.raises(SidemanError, match=message) as caught:
        trainer.prepare(Given(files=files))
    assert "\n" not in str(caught.value)


def test_a_tune_counts_once() -> None:
    plan = trainer.prepare(Given(files=_typed(60, "Key: C\n") * 2))
    assert len(plan.tunes) == 60
    assert plan.description.startswith("60 tunes, ")


def test_training_takes_no_epochs(tmp_path: Path) -> None:
    told = call(
        "train", "--model-kind", "harmony", "--epochs", "2", "--out", tmp_path / "h.safetensors"
    )
    assert told.returncode == 2
    assert "counted in one pass over charts" in told.stderr


# Surprise -------------------------------------------------------------------------------------


def test_surprise_names_the_rule_and_draws(tmp_path: Path) -> None:
    picture = tmp_path / "x.svg"
    asked = "| Dm7 | Db7 | Cmaj7 | A7 | Dm7 | G7 | Cmaj7 | % |"
    told = call("surprise", asked, "--out", picture)
    assert told.returncode == 0, told.stderr
    assert "in C major, by its chords" in told.stdout
    assert "bar 2: Db7, tritone substitution: bII7 for V7" in told.stdout
    assert "of the" not in told.stdout.splitlines()[-2]  # fewer than 100 tunes: no place
    assert ElementTree.parse(picture).getroot().tag.endswith("svg")
    first = picture.read_bytes()
    assert b"tritone" in first or b"<path" in first
    assert b'id="xtick_8"' in first  # a short tune has a number at every bar
    found = json.loads(call("surprise", asked, "--json", "--out", picture).stdout)
    assert picture.read_bytes() == first
    assert found["place"] is None
    assert [each["chord"] for each in found["changes"]][:3] == ["Dm7", "Db7", "Cmaj7"]
    assert len(found["bars"]) == 8
    assert found["bars"][7] == {"bar": 8, "unheard": 0, "deduced": 0}
    for each in found["changes"]:
        assert 0 <= each["deduced"] <= each["unheard"]
        assert (each["rule"] is not None) == (each["deduced"] < each["unheard"])


def test_surprise_has_a_place_among_a_hundred_tunes(shipped: HarmonyModel) -> None:
    bits = np.linspace(0, 9, 100, dtype=np.float32)
    many = replace(shipped, corpus=Corpus(np.arange(100, dtype=np.uint32), bits))
    data = file.dumps(to_file(many))
    found = harmony.surprise(Asked(name="blues-f"), File("m.safetensors", data))
    assert found.place == pytest.approx((bits < found.mean).mean())
    assert not found.known
    assert harmony.surprise(Asked(name="blues-f")).place is None


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("| N.C. | N.C. |",), "has no chords to go on with"),
        (("| | |",), "has no chords"),
        (("nosuchtune",), "is not in the songbook"),
        (("/nowhere/x.ls",), "cannot be read"),
        (("| Foo |",), "is not a chord symbol"),
        (("| Cdim7 |",), "names no key"),
        (("blues-f", "--model", "course"), "is a model of kind 'course'"),
        (("blues-f", "--model", "nosuchmodel"), "Unknown model"),
        (("blues-f", "--out", "x.gif"), "is not drawn in that format"),
        (("blues-f", "--out", "."), "is a folder"),
    ],
)
def test_surprise_refuses_in_a_sentence(
    arguments: Sequence[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    told = call("surprise", *arguments)
    assert told.returncode == 2
    assert message in told.stderr
    assert told.stderr.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_it_plays_no_solos() -> None:
    told = call("improvise", "blues-f", "--model", "harmony")
    assert told.returncode == 2
    assert "plays no solos" in told.stderr


def test_inspect_lists_figures_and_substitutions(tmp_path: Path) -> None:
    path = tmp_path / "h.safetensors"
    path.write_bytes(file.shipped("harmony").data)
    told = call("inspect", path)
    assert told.returncode == 0, told.stderr
    assert "learnt from 84 tunes" in told.stdout
    assert "Lempel-Ziv tree" in told.stdout
    assert "modal interchange" in told.stdout
    found = json.loads(call("inspect", path, "--json").stdout)
    assert found["substitutions"][0]["first"] == "Vm7"
    other = tmp_path / "c.safetensors"
    other.write_bytes(file.shipped("course").data)
    assert "inspect does not show a sideman model" in call("inspect", other).stderr


def test_a_chart_without_a_key_takes_that_of_its_chords(shipped: HarmonyModel) -> None:
    found = harmony.read(Asked(text="| Ebm7 | Ab7 | Dbmaj7 | % |"), shipped)
    assert (str(found.key), found.inferred) == ("Db major", True)
    with pytest.raises(MusicError, match="could be in several"):
        harmony.read(Asked(text="| C+ |"), shipped)
    long = "| Cmaj7 | Am7 | Dm7 | G7 " * 60 + "|"
    assert str(harmony.read(Asked(text=long), shipped).key) == "C major"


@pytest.mark.parametrize(
    ("chords", "key"),
    [
        ("| A#m7 | D#7 | G#maj7 | A#m7 | D#7 | G#maj7 | % |", "Ab major"),
        ("| Bbm7 | Eb7 | Abmaj7 | Bbm7 | Eb7 | Abmaj7 | % |", "Ab major"),
        ("| G#m7b5 | C#7b9 | F#m6 | G#m7b5 | C#7b9 | F#m6 | % |", "F# minor"),
        ("| Abm7b5 | Db7b9 | Gbm6 | Abm7b5 | Db7b9 | Gbm6 | % |", "F# minor"),
    ],
)
def test_an_inferred_key_has_at_most_seven_accidentals(chords: str, key: str) -> None:
    assert harmony.surprise(Asked(text=chords)).chart.to_json()["key"] == key


def test_the_fields_of_json_are_documented() -> None:
    page = (Path(__file__).parent.parent / "docs" / "harmony.md").read_text(encoding="utf-8")
    for command, given in (
        ("surprise", ("avalon",)),
        ("analyze", ("avalon",)),
        ("reharmonize", ("avalon", "--steps", "1")),
        ("harmonize", ("--form", "A1")),
    ):
        told = re.split(f"`sideman {command}[^`]*--json` prints one object", page)[1]
        rows = told.split("\n\n")[1].splitlines()[2:]
        named = [name for row in rows for name in re.findall("`([a-z_]+)`", row.split("|")[1])]
        assert named == list(json.loads(call(command, *given, "--json").stdout)), command


def test_a_decoder_is_answered_as_the_model_expects(shipped: HarmonyModel) -> None:
    sheet = songbook.load("indiana")
    form = sheet.changes.repeated(2)
    assert sheet.key is not None
    tune = Progression.of(form, sheet.key.tonic.pitch_class, minor=sheet.key.minor)
    onsets = [each.onset for each in tune.changes]
    # A form without letters, as decoded from a file.
    bare = Progression.of(
        Changes(tuple(replace(bar, section="") for bar in form.bars)),
        sheet.key.tonic.pitch_class,
        minor=sheet.key.minor,
    )
    heard = hearing.Heard(form_of(form), onsets, tune.symbols.tolist(), sheet.key.minor)
    asked = list(enumerate(tune.symbols.tolist()[:-1], start=1))
    found = hearing.expected(shipped, heard, asked)
    np.testing.assert_allclose(found, shipped.expect(bare)[1:], atol=1e-12)
    # Another chord before a change gives another answer.
    other = hearing.expected(shipped, heard, [(5, WORDS.index("1:o"))])
    assert np.abs(other - found[4]).max() > 0.1


def form_of(whole: Changes) -> Changes:
    return Changes(tuple(replace(bar, chords=(), section="") for bar in whole.bars))


@pytest.mark.filterwarnings("error")
def test_a_title_may_have_letters_that_the_font_has_not(tmp_path: Path) -> None:
    path = tmp_path / "日本.txt"
    path.write_text("| Dm7 | G7 | Cmaj7 | % |")
    told = call("surprise", path, "--out", tmp_path / "x.svg")
    assert told.returncode == 0
    assert not told.stderr


def test_a_context_costs_the_same_alone_and_beside_others() -> None:
    """Contexts that occur several times are evaluated once."""
    model = harmony.opened("harmony")
    tune = Progression.of(parse("| Dm7 G7 | Cmaj7 |" * 3).changes, 0, minor=False)
    for chain in model.chains:
        together = chain.expect(tune.features, tune.last)
        for at in range(len(tune)):
            alone = {name: values[at : at + 1] for name, values in tune.features.items()}
            found = chain.expect(alone, tune.last[at : at + 1])
            assert found[0].tolist() == together[at].tolist()
