import itertools
import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from realdata import DATA, needs_data
from sideman.errors import ModelError, MusicError
from sideman.evaluation import likelihood, loading, scorers
from sideman.formats import typed
from sideman.library import songbook
from sideman.models import corpus, file, lstm, motifs, soloing, soloist
from sideman.models.constraints import FREE
from sideman.models.controls import Controls
from sideman.models.encoding import FACTORS, MEMORIES, Vocabulary, encode
from sideman.models.events import Events
from sideman.models.protocol import Setting
from sideman.models.sampler import sample
from sideman.models.soloist import NeuralSoloist
from sideman.models.stepping import Query, evaluate
from sideman.score import Changes

Array = NDArray[np.float32]
PLAIN = Vocabulary(np.array([3, 4, 6, 8, 12, 16, 18, 24, 36, 48, 72, 96]), ("Ann", "Bob Lee"))


def form(text: str) -> Changes:
    return typed.parse(text, "a form").changes


def line(notes: int = 60, seed: int = 0, meter: int = 96, changes: Changes | None = None) -> Events:
    """A line that repeats itself now and then, over changes."""
    rng = np.random.default_rng(seed)
    iois = rng.choice([6, 8, 12, 12, 12, 24, 30, 200], notes)
    pitches = np.clip(60 + np.cumsum(rng.integers(-4, 5, notes)), 20, 110)
    for begin in range(20, notes - 10, 25):
        iois[begin : begin + 8], pitches[begin : begin + 8] = iois[2:10], pitches[2:10]
    return Events(
        "line",
        np.cumsum(iois) - 12,
        pitches.astype(np.int64),
        rng.integers(0, 15, notes),
        changes if changes is not None else form("| F7 | Bb7 | Cm7 F7 | N.C. |").repeated(4),
        (0, 4 * meter, 8 * meter),
        140.0,
        "Ann",
        meter,
    )


def counted(solos: Sequence[Events], *, whole: bool = False) -> Vocabulary:
    """The values that are told apart, and the counts of some solos."""
    return replace(
        PLAIN,
        corpus={
            factor: corpus.count(
                factor,
                [PLAIN.counted_part(encode(one).known, one, factor) for one in solos],
                whole=whole,
            )
            for factor in FACTORS
        },
    )


VOCABULARY = counted([line(200, seed=seed) for seed in range(100, 104)])


def random_weights(
    factor: str, seed: int, vocabulary: Vocabulary = VOCABULARY, units: int = 12
) -> dict[str, Array]:
    rng = np.random.default_rng(seed)
    return {
        name: rng.normal(0, 0.3, shape).astype(np.float32)
        for name, shape in soloist.shapes(vocabulary, factor, units).items()
    }


def make(seed: int = 0, several: int = 1, vocabulary: Vocabulary = VOCABULARY) -> NeuralSoloist:
    return NeuralSoloist(
        vocabulary,
        {
            factor: tuple(random_weights(factor, seed + one, vocabulary) for one in range(several))
            for factor in FACTORS
        },
    )


def test_shapes_are_keras_own() -> None:
    for factor in FACTORS:
        shapes = soloist.shapes(VOCABULARY, factor, 10)
        example = VOCABULARY.example(encode(line()), line(), factor)
        assert tuple(shapes) == soloist.NAMES
        assert shapes["kernel"] == (VOCABULARY.inputs(factor), 40)
        assert example.index.max() < VOCABULARY.inputs(factor)
        assert example.counts.shape[1:] == (
            VOCABULARY.counted(factor),
            motifs.size(MEMORIES[factor]) + corpus.size(factor),
        )
        assert (example.target < VOCABULARY.symbols(factor)).all()


@pytest.mark.parametrize("several", [1, 2])
def test_every_factor_sums_to_one_and_rules_nothing_out(several: int) -> None:
    expected = make(several=several).distributions(line())
    for each in (expected.ioi, expected.pitch, expected.duration):
        assert np.allclose(each.sum(axis=1), 1, atol=1e-5)
        assert (each > 0).all()


@pytest.mark.parametrize("factor", FACTORS)
def test_nothing_later_is_heard(factor: str) -> None:
    """What is said of a note depends on no later note, nor on what of its own is still open."""
    model, events, note = make(), line(), 40
    said = model.likelihoods(events, factor)
    rng = np.random.default_rng(5)
    onset, pitch, duration = events.onset.copy(), events.pitch.copy(), events.duration.copy()
    onset[note + 1 :] += 7
    pitch[note + 1 :] = rng.integers(40, 90, len(events) - note - 1)
    duration[note:] = (duration[note:] + 3) % 15
    if factor != "duration":
        pitch[note] += 5
    if factor == "ioi":
        onset[note:] += 11
    other = replace(events, onset=onset, pitch=pitch, duration=duration)
    assert not np.array_equal(encode(other).fields["ioi1"], encode(events).fields["ioi1"])
    assert np.array_equal(model.likelihoods(other, factor)[: note + 1], said[: note + 1])
    assert not np.allclose(model.likelihoods(other, factor)[note + 2], said[note + 2])


@pytest.mark.parametrize("meter", [72, 96, 120, 144])
def test_playing_hears_what_judging_hears(meter: int) -> None:
    """Stepping note by note gives the odds of whole solos, beyond the memory's span too."""
    events = line(motifs.SPAN * 2 + 60 if meter == 96 else 50, meter=meter)
    model = make(several=2 if meter == 72 else 1).resembling("bob")
    player = model.player(events.until(0))
    said: dict[str, list[Array]] = {factor: [] for factor in FACTORS}
    for onset, pitch, duration in zip(events.onset, events.pitch, events.duration, strict=True):
        said["ioi"] += evaluate([player.iois()])
        said["pitch"] += evaluate([player.pitches(int(onset))])
        said["duration"] += evaluate([player.durations(int(pitch))])
        player.take(int(duration))
    for factor, odds in said.items():
        stepped = np.exp(lstm.log_softmax(np.array(odds)))
        whole = np.exp(model.likelihoods(events, factor))
        assert np.abs(stepped - whole).max() < 1e-5


@pytest.mark.parametrize("several", [1, 2])
def test_many_are_answered_as_one_is(several: int) -> None:
    """Questions of several solos, at different decisions, have the answers that each has alone."""
    model = make(several=several)

    def players() -> list[soloing.SoloEncoder]:
        begun = [
            soloing.SoloEncoder(model.vocabulary, model.networks, line(9).until(0), label, motif)
            for label, motif in ((0, 1.0), (1, 1.0), (2, 1.0), (0, 0.5))
        ]
        for number, player in enumerate(begun):
            for note in range(3 + number):
                evaluate([player.iois()])
                evaluate([player.pitches(12 * note)])
                evaluate([player.durations(60 + note)])
                player.take(5)
        return begun

    def asked(players: Sequence[soloing.SoloEncoder]) -> list[Query]:
        first, *others = players
        return [first.pitches(200), *(player.iois() for player in others)]

    together = evaluate(asked(players()))
    alone = [evaluate([query])[0] for query in asked(players())]
    assert [len(odds) for odds in together] == [len(odds) for odds in alone]
    for one, other in zip(together, alone, strict=True):
        assert np.abs(lstm.log_softmax(one) - lstm.log_softmax(other)).max() < 1e-5
    assert not np.allclose(together[1], together[2])


def test_memory_counts_what_followed() -> None:
    """By hand: the counts of a memory are faded occurrences after the same features."""
    memory = (motifs.Memory(("last",), (0, 1), half_life=2),)
    known = {"last": np.array([9, 1, 2, 1, 2, 1])}
    counts = motifs.motif_counts(memory, known, np.array([1, 2, 1, 2, 1, 2]), 3)
    # The first note counts for nothing; notes 2 and 4 (two and four back from 5) followed a 1.
    assert counts[5, :, 1] == pytest.approx([0, 0, 0.5 + 0.25])
    assert counts[5, :, 0] == pytest.approx([0, 0.5**1.5 + 0.5**0.5, 0.5 + 0.25])
    assert not counts[:2].any()


def test_players_are_told_apart_and_nobody_is_one_of_them() -> None:
    model = make()
    like = model.resembling("Bob")
    assert like.like == "Bob Lee"
    assert like.name == "soloist, like Bob Lee"
    assert like.resembling("").name == "soloist"
    said = [one.likelihoods(line(), "pitch") for one in (model, like, model.resembling("ann"))]
    assert not np.allclose(said[0], said[1])
    assert not np.allclose(said[1], said[2])
    assert model.resembling("bob le").like == "Bob Lee"
    with pytest.raises(ModelError, match="'Zzzz'; the soloist has Ann, Bob Lee"):
        model.resembling("Zzzz")


def test_file_gives_the_model_back() -> None:
    model = make(several=2)
    content = file.parse(file.dumps(soloist.to_file(model, half=False)), "it")
    again = soloist.from_file(content, "it")
    assert again.vocabulary.performers == VOCABULARY.performers
    for factor, counts in VOCABULARY.corpus.items():
        for name, table in counts.packed().items():
            assert np.array_equal(again.vocabulary.corpus[factor].packed()[name], table)
    assert np.array_equal(again.likelihoods(line(), "pitch"), model.likelihoods(line(), "pitch"))
    halved = soloist.from_file(file.parse(file.dumps(soloist.to_file(model)), "it"), "it")
    assert halved.weights["ioi"][1]["kernel"].dtype == np.float32
    assert np.abs(halved.likelihoods(line(), "ioi") - model.likelihoods(line(), "ioi")).max() < 0.1


def test_files_that_do_not_fit_are_refused() -> None:
    content = soloist.to_file(make(), half=False)
    tensors = dict(content.weights)
    for wrong in (
        replace(content, kind="other"),
        replace(content, config={}),
        replace(
            content, config={**content.config, "units": {"ioi": [], "pitch": [], "duration": []}}
        ),
        replace(
            content, config={**content.config, "units": {**content.config["units"], "ioi": [13]}}
        ),
        replace(content, config={**content.config, "performers": ["A", "A"]}),
        replace(content, config={**content.config, "performers": ["A"]}),
        replace(content, config={**content.config, "layout": 1}),
        replace(content, weights={**tensors, "corpus.pitch.count": tensors["corpus.ioi.count"]}),
        replace(content, weights={**tensors, "iois": np.array([4, 3], np.uint16)}),
        replace(content, weights={**tensors, "more": np.zeros(1, np.float32)}),
        replace(content, weights={key: tensors[key] for key in tensors if key != "pitch.0.prior"}),
    ):
        with pytest.raises(ModelError, match="it"):
            soloist.from_file(wrong, "it")


@pytest.mark.parametrize(
    ("changes", "bars"),
    [("| F7 | Bb7 | F7 | % |", 4), ("| F7 | F7 | F7 | F7 |", 4), ("| Dm7 | G7 | Dm7 | G7 |", 4)],
)
def test_the_networks_are_told_where_a_chorus_begins_and_do_not_guess_it(
    changes: str, bars: int
) -> None:
    """Bars that repeat inside a form are no choruses."""
    twice = form(changes).repeated(2)
    assert twice.chorus_starts == (0, bars)
    setting = Setting(twice, 120, 50, 80)
    solo = make().begin(setting, Controls(), FREE, np.random.default_rng(0))
    assert solo._player._choruses == [0, bars * 96]


@pytest.mark.parametrize(
    ("asked", "found"),
    [("coltraine", "John Coltrane"), ("mils davis", "Miles Davis"), ("Nobody", None)],
)
def test_a_player_is_found_by_a_name_that_is_nearly_right(asked: str, found: str | None) -> None:
    known = ["John Coltrane", "Miles Davis", "Woody Shaw", "Bob Berg"]
    if found is None:
        with pytest.raises(ModelError, match="No player"):
            soloist.nearest(asked, known)
    else:
        assert soloist.nearest(asked, known) == found


def test_auld_lang_syne_has_sixteen_bars() -> None:
    changes = songbook.load("auld-lang-syne").changes.repeated(3)
    assert changes.chorus_starts == (0, 16, 32)
    assert changes.transposed(2).chorus_starts == changes.chorus_starts


CHANGES = {
    "4/4": "| F7 | Bb7 | F7 | Cm7 F7 |",
    "3/4": "3/4 | F7 | Bb7 | F7 | Cm7 F7 |",
    "5/4": "5/4 | F7 | Bb7 | F7 | Cm7 F7 |",
}


@pytest.mark.parametrize("meter", CHANGES)
@pytest.mark.parametrize("seed", range(4))
def test_mask_lets_no_ill_formed_solo_through(meter: str, seed: int) -> None:
    changes = form(CHANGES[meter]).repeated(4)
    notes = sample(
        make(seed),
        Setting(changes, 180.0, 55, 70, shortest=4),
        rng=np.random.default_rng(seed),
        controls=Controls(temperature=2.0),
    )
    bar = changes.meter.ticks_per_bar
    assert notes
    assert all(55 <= note.pitch <= 70 for note in notes)
    assert notes[0].onset < bar
    assert notes[-1].end <= changes.length
    assert notes[-1].onset >= changes.length - 2 * bar - 3 * bar
    for one, other in itertools.pairwise(notes):
        assert 1 <= one.duration <= other.onset - one.onset
        assert 4 <= other.onset - one.onset <= 3 * bar
    beats: dict[int, list[int]] = {}
    for note in notes:
        beats.setdefault(note.onset // 24, []).append(note.onset % 24)
    for places in beats.values():
        assert all(place % 3 == 0 for place in places) or all(place % 4 == 0 for place in places)


def test_same_seed_same_solo() -> None:
    changes = form(CHANGES["4/4"]).repeated(2)
    takes = [
        sample(make(), Setting(changes, low=50, high=80), rng=np.random.default_rng(seed))
        for seed in (1, 1, 2)
    ]
    assert takes[0] == takes[1]
    assert takes[0] != takes[2]


def test_what_cannot_be_played_is_refused() -> None:
    with pytest.raises(MusicError, match="nothing to play over"):
        Setting(Changes(()), low=50, high=80)
    with pytest.raises(MusicError, match="no range"):
        Setting(form("| C |"), low=60, high=65)
    high = Setting(form("| C |"), low=98, high=120)
    with pytest.raises(MusicError, match="less than an octave"):
        make().begin(high, Controls(), FREE, np.random.default_rng(0))


def test_a_whole_form_of_silence_ends() -> None:
    """A model that only wants to wait comes to the end all the same."""
    model = make()
    weights = model.weights["ioi"][0]
    bias = weights["dense_bias"].copy()
    bias[len(VOCABULARY.iois) - 1] = 1e4
    patient = replace(model, weights={**model.weights, "ioi": ({**weights, "dense_bias": bias},)})
    setting = Setting(form("| C | F |"), low=50, high=80)
    notes = sample(patient, setting, rng=np.random.default_rng(0))
    assert 1 <= len(notes) <= 3
    assert math.isfinite(notes[-1].pitch)


def test_the_shipped_soloist_is_small_and_knows_players() -> None:
    path = file.locate("soloist")
    assert path.stat().st_size <= 16 * 2**20
    model = soloist.from_file(file.read(path), "it")
    assert "Charlie Parker" in model.vocabulary.performers


@needs_data
@pytest.mark.slow
def test_the_shipped_soloist_beats_the_baseline() -> None:
    wjazzd = DATA / "wjazzd"
    chosen = loading.select([wjazzd / "wjazzd.db"], wjazzd / "split.json", only_common_time=True)
    solos = [item.events for item in chosen.items][::4]
    mine, baseline = (likelihood.score(scorers.named(name), solos) for name in ("soloist", "ngram"))
    difference = likelihood.compare(mine, baseline, np.random.default_rng(0))["joint"]
    assert isinstance(difference["difference"], float)
    assert difference["difference"] < -0.3
    assert isinstance(difference["interval"], list)
    assert difference["interval"][1] < 0
