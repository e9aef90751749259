import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from commands import call, sentence
from databases import Tone, build
from sideman.errors import ModelError
from sideman.evaluation import novelty
from sideman.library import corpus, songbook
from sideman.models import continuations, file, ngram, registry, sampler, soloist
from sideman.models.constraints import FREE
from sideman.models.controls import Controls
from sideman.models.encoding import FACTORS, LOWEST, encode
from sideman.models.events import Events, from_solo
from sideman.models.lstm import log_softmax
from sideman.models.protocol import Setting
from sideman.models.soloist import NeuralSoloist
from sideman.models.stepping import evaluate
from sideman.score import Note, Solo
from test_soloist import VOCABULARY, line, make

SOLOS = [line(seed=seed) for seed in range(1, 5)]
COUNTING = make().counting(SOLOS)


def following(factor: str, solos: list[Events]) -> dict[tuple[object, ...], Counter[int]]:
    """Count the values that followed each context, one note at a time."""
    found: dict[tuple[object, ...], Counter[int]] = {}
    for solo in solos:
        known = ngram.features(solo)
        target = VOCABULARY.target(solo, factor)
        symbol = known["interval"] if factor == "pitch" else target
        for note in range(1, len(solo)):
            if factor == "ioi" and target[note] == len(VOCABULARY.iois):
                continue
            for names in continuations.CONTEXTS[factor]:
                context = (names, *(int(known[name][note]) for name in names))
                found.setdefault(context, Counter())[int(symbol[note])] += 1
    return found


@pytest.mark.parametrize("factor", FACTORS)
def test_logits_are_those_of_counts_made_one_by_one(factor: str) -> None:
    other, gate = line(seed=9), {"ioi": 0.04, "pitch": 0.1, "duration": 0.04}[factor]
    counts, known = following(factor, SOLOS), ngram.features(line(seed=9))
    plain = make().likelihoods(other, factor)
    wanted = plain.astype(np.float64)
    for note in range(len(other)):
        for names in continuations.CONTEXTS[factor]:
            context = (names, *(int(known[name][note]) for name in names))
            for symbol, count in counts.get(context, {}).items():
                last = int(other.pitch[note - 1]) if note else ngram.UNHEARD
                value = symbol + last - LOWEST if factor == "pitch" else symbol
                if 0 <= value < wanted.shape[1] - (factor != "duration"):
                    likely = np.exp(max(float(plain[note, value]), np.log(1e-6)))
                    wanted[note, value] += gate * np.log1p(count / (3 * likely))
    found = COUNTING.likelihoods(other, factor)
    assert np.abs(found - plain).max() > 0.1
    np.testing.assert_allclose(
        log_softmax(found), log_softmax(wanted.astype(np.float32)), atol=1e-4
    )


def test_playing_and_scoring_give_the_same() -> None:
    solo = line(seed=9)
    wanted = [COUNTING.likelihoods(solo, factor, encode(solo)) for factor in FACTORS]
    player = COUNTING.player(solo)
    for note in range(len(solo)):
        queries = (
            player.iois,
            lambda note=note: player.pitches(int(solo.onset[note])),
            lambda note=note: player.durations(int(solo.pitch[note])),
        )
        for query, rows in zip(queries, wanted, strict=True):
            (logits,) = evaluate([query()])
            if note:
                np.testing.assert_allclose(
                    log_softmax(logits[None])[0], log_softmax(rows[note][None])[0], atol=1e-4
                )
        player.take(int(solo.duration[note]))


def test_the_key_makes_no_difference_without_chords() -> None:
    moved = [
        replace(one, pitch=one.pitch + 5, changes=None) for one in (line(seed=1), line(seed=2))
    ]
    as_is = [replace(one, changes=None) for one in (line(seed=1), line(seed=2))]
    one, two = (make().counting(solos).counted for solos in (as_is, moved))
    assert one is not None
    assert two is not None
    names = [name for name in continuations.to_tensors(one) if "pitch" in name]
    # Features that name the degree differ, and nothing else does.
    index = [
        at for at, names in enumerate(continuations.CONTEXTS["pitch"]) if "degree1" not in names
    ]
    assert len(index) == 5
    assert names
    known = [ngram.features(solos[0]) for solos in (as_is, moved)]
    keys = [
        continuations.keys_of("pitch", continuations.features_of("pitch", each)) for each in known
    ]
    assert (keys[0][:, index] == keys[1][:, index]).all()


def test_counts_add_up() -> None:
    pieces = make().counting(SOLOS[:1]).counting(SOLOS[1:3]).counting(SOLOS[3:])
    assert pieces.counted is not None
    assert COUNTING.counted is not None
    one, two = (continuations.to_tensors(each.counted or {}) for each in (pieces, COUNTING))
    assert one.keys() == two.keys()
    assert all((one[name] == two[name]).all() for name in one)


def test_a_file_holds_the_counts() -> None:
    content = soloist.to_file(make().counting(SOLOS, 2.5), half=False)
    read = soloist.from_file(file.parse(file.dumps(content), "m.safetensors"), "m")
    solo = line(seed=9)
    for factor in FACTORS:
        wanted = make().counting(SOLOS, 2.5).likelihoods(solo, factor)
        np.testing.assert_array_equal(read.likelihoods(solo, factor), wanted)
    again = soloist.to_file(read, half=False)
    assert file.dumps(again) == file.dumps(content)


@pytest.mark.parametrize("name", ["pitch.context", "ioi.entries", "duration.count", "weight"])
def test_damaged_counts_are_refused(name: str) -> None:
    content = soloist.to_file(COUNTING)
    config, weights = dict(content.config), dict(content.weights)
    if name == "weight":
        config["counted"] = 99.0
    else:
        weights[f"counted.{name}"] = weights[f"counted.{name}"][::-1] * 0
    with pytest.raises(ModelError, match="train the model again"):
        soloist.from_file(replace(content, config=config, weights=weights), "m")


def played(model: NeuralSoloist, seed: int) -> tuple[Note, ...]:
    setting = Setting(songbook.load("blues-f").changes.repeated(2), 180.0)
    return sampler.play(model, setting, rng=np.random.default_rng(seed), controls=Controls())


def test_several_solos_at_once_are_those_of_one() -> None:
    setting = Setting(songbook.load("blues-f").changes, 180.0)
    begun = [
        COUNTING.begin(setting, Controls(), FREE, np.random.default_rng(seed)) for seed in range(3)
    ]
    twin = [session.branch() for session in begun]
    for _ in range(12):
        together = COUNTING.options_of(begun)
        for (logits, mask), alone in zip(together, twin, strict=True):
            np.testing.assert_allclose(logits, alone.options()[0], atol=1e-4)
            choice = int(np.argmax(logits + mask))
            alone.choose(choice, np.random.default_rng(0))
        for session, (logits, mask) in zip(begun, together, strict=True):
            session.choose(int(np.argmax(logits + mask)), np.random.default_rng(0))


def test_lines_take_up_the_vocabulary() -> None:
    own = corpus.embedded()[:6]
    index = novelty.build((str(at), solo) for at, solo in enumerate(own))
    base = registry.load("soloist")
    assert isinstance(base, NeuralSoloist)
    shares = []
    for model in (base, base.counting([from_solo(solo) for solo in own], 4)):
        lines = [played(model, seed) for seed in range(2)]
        shares.append(np.mean([index.match(Solo("", each)).share for each in lines]))
        assert played(model, 1) == lines[1]
    assert shares[1] > shares[0] + 0.05


TONES: list[Tone] = [
    (bar, beat, tatum, 2, 60 + (bar * 7 + beat * 5 + tatum * 3) % 20, 0.4)
    for bar in (1, 2, 3, 4)
    for beat in (1, 2, 3, 4)
    for tatum in (1, 2)
]


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return build(tmp_path / "own.db", {"A_One": TONES, "B_Two": TONES[3:], "C_Three": TONES[:9]})


def test_the_command_counts_without_training(database: Path, tmp_path: Path) -> None:
    out, split = tmp_path / "own.safetensors", tmp_path / "split.json"
    split.write_text('{"train": ["A_One", "B_Two"], "left out": ["C_Three"]}')
    done = call("train", database, "--counts-only", "--split", split, "--out", out)
    assert done.returncode == 0, done.stderr
    assert "2 solos, 59 notes to count" in done.stdout
    assert "the counts of 59 notes beside the networks of soloist" in done.stdout
    assert not list(tmp_path.glob("*checkpoint*"))
    first = out.read_bytes()
    call("train", database, "--counts-only", "--split", split, "--out", out)
    assert out.read_bytes() == first
    content = file.read(out)
    assert content.config["counted"] == 1
    assert content.training == {"notes": 59, "solos": 2}
    # More counts on top, of one player, with another weight.
    more = tmp_path / "more.safetensors"
    options = ("--init-from", out, "--player", "Player 3", "--weight", "2")
    done = call("train", database, "--counts-only", *options, "--out", more)
    assert "1 solos, 8 notes to count" in done.stdout
    assert file.read(more).config["counted"] == 2
    sums = [int(file.read(each).weights["counted.pitch.count"].sum()) for each in (out, more)]
    assert sums[1] - sums[0] == 8 * len(continuations.CONTEXTS["pitch"])
    found = json.loads(call("evaluate", database, "--model", more, "--json").stdout)
    assert found["model"]["notes"] == 67


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--counts-only", "--weight", "0"], "weight"),
        (["--counts-only", "--weight", "11"], "weight"),
        (["--counts-only", "--epochs", "3"], "Counts are not trained"),
        (["--counts-only", "--model-kind", "course"], "course"),
        (["--counts-only", "--init-from", "course"], "without another model"),
        (["--counts-only", "--player", "Lester Young"], "these files have"),
        (["--weight", "2", "--init-from", "soloist"], "counts only"),
        (["--weight", "2"], "without a weight of counts"),
    ],
)
def test_what_does_not_fit_counts_is_refused(
    database: Path, tmp_path: Path, options: list[str], reason: str
) -> None:
    done = call("train", database, *options, "--out", tmp_path / "own.safetensors")
    assert done.returncode == 2
    assert reason in sentence(done)
    assert not (tmp_path / "own.safetensors").exists()
