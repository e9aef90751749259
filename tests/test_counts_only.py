import json
from pathlib import Path

import numpy as np
import pytest

from commands import call, sentence
from databases import Tone, build
from sideman.evaluation import novelty
from sideman.library import corpus as shipped
from sideman.library import songbook
from sideman.models import corpus, file, registry, sampler, soloist
from sideman.models.controls import Controls
from sideman.models.encoding import FACTORS, encode
from sideman.models.events import from_solo
from sideman.models.protocol import Setting
from sideman.models.soloist import NeuralSoloist
from sideman.score import Note, Solo
from test_soloist import PLAIN, counted, line, make

SOLOS = [line(seed=seed) for seed in range(1, 5)]


def base() -> NeuralSoloist:
    return make(vocabulary=counted(SOLOS[:2], whole=True))


def test_counts_add_up() -> None:
    """The sum is what counting all solos at once gives, in any pieces."""
    together = counted(SOLOS, whole=True).corpus
    pieces = base().counting(SOLOS[2:3]).counting(SOLOS[3:]).vocabulary.corpus
    for factor in FACTORS:
        one, two = together[factor].packed(), pieces[factor].packed()
        assert all(np.array_equal(one[name], two[name]) for name in corpus.TABLES)


def test_added_notes_count_by_their_weight() -> None:
    known = encode(SOLOS[3]).known
    values = corpus.values_of("pitch", known)
    tables = [
        one.corpus["pitch"].counts(values, 72, known["pitch1"] - 30)
        for one in (
            counted(SOLOS[:2], whole=True),
            counted(SOLOS[2:3], whole=True),
            base().counting(SOLOS[2:3], 2.5).vocabulary,
        )
    ]
    assert tables[1].any()
    np.testing.assert_array_equal(tables[2], tables[0] + np.float32(2.5) * tables[1])


def test_counts_change_what_is_likely() -> None:
    solo = SOLOS[2]
    for factor in FACTORS:
        plain = base().likelihoods(solo, factor)
        assert np.abs(base().counting([solo], 3).likelihoods(solo, factor) - plain).max() > 0.1


def test_a_file_holds_weighted_counts() -> None:
    model = base().counting(SOLOS[2:], 2.5)
    content = soloist.to_file(model, half=False)
    read = soloist.from_file(file.parse(file.dumps(content), "m.safetensors"), "m")
    for factor in FACTORS:
        np.testing.assert_array_equal(
            read.likelihoods(SOLOS[3], factor), model.likelihoods(SOLOS[3], factor)
        )
    assert file.dumps(soloist.to_file(read, half=False)) == file.dumps(content)


def played(model: NeuralSoloist, seed: int) -> tuple[Note, ...]:
    setting = Setting(songbook.load("blues-f").changes.repeated(2), 180.0)
    return sampler.play(model, setting, rng=np.random.default_rng(seed), controls=Controls())


def test_lines_take_up_the_vocabulary() -> None:
    own = shipped.embedded()[:6]
    index = novelty.build((str(at), solo) for at, solo in enumerate(own))
    plain = registry.load("soloist")
    assert isinstance(plain, NeuralSoloist)
    shares = []
    for model in (plain, plain.counting([from_solo(solo) for solo in own], 300)):
        lines = [played(model, seed) for seed in range(4)]
        shares.append(np.mean([index.match(Solo("", each)).share for each in lines]))
        assert played(model, 1) == lines[1]
    assert shares[1] > shares[0] + 0.02


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
    assert content.training == {"notes": 59, "solos": 2, "weight": 30.0}
    # More counts on top, of one player, with another weight.
    more = tmp_path / "more.safetensors"
    options = ("--init-from", out, "--player", "Player 3", "--weight", "2")
    done = call("train", database, "--counts-only", *options, "--out", more)
    assert "1 solos, 8 notes to count" in done.stdout
    sums = [file.read(each).weights["corpus.pitch.count"].sum() for each in (out, more)]
    assert sums[1] - sums[0] == 2 * 8 * corpus.size("pitch")
    found = json.loads(call("evaluate", database, "--model", more, "--json").stdout)
    assert found["model"]["notes"] == 67


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--counts-only", "--weight", "0"], "weight"),
        (["--counts-only", "--weight", "1001"], "weight"),
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


def test_networks_without_counts_take_none(database: Path, tmp_path: Path) -> None:
    old = tmp_path / "old.safetensors"
    old.write_bytes(file.dumps(soloist.to_file(make(vocabulary=PLAIN))))
    out = tmp_path / "own.safetensors"
    done = call("train", database, "--counts-only", "--init-from", old, "--out", out)
    assert done.returncode == 2
    assert "trained without counts" in sentence(done)
    assert not out.exists()
