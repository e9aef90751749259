"""Names: the recurrent core, the training loop and the sampler at work without any music."""

import ast
import unicodedata
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from commands import call, sentence
from playing import small_model_file
from sideman.errors import FormatError, ModelError, MusicError
from sideman.models import file, letters, lstm, sampler
from sideman.models.controls import Controls
from sideman.models.letters import END, LONGEST_NAME, LettersModel

SOURCE = Path(__file__).parent.parent / "src" / "sideman"
# Animals that never were.
ANIMALS = """
Abrasaurus Amberodon Anvilops Ashenraptor Basaltosaurus Bellowsaurus Bramblodon Brindlops
Calderasaurus Cinderaptor Cobblosaurus Copperodon Cragosaurus Cravenops Dapplosaurus Dewclawraptor
Drumlinodon Duskosaurus Emberops Errantosaurus Estuarodon Fablosaurus Fernoraptor Flintodon
Fogosaurus Fordops Galeosaurus Garnetodon Glenoraptor Gorseosaurus Granitops Hazelosaurus
Heatherodon Hollowops Humblosaurus Inkosaurus Ironodon Islandoraptor Jadeosaurus Junipodon
Kelposaurus Kestrelops Kindleraptor Lanternosaurus Larchodon Lichenops Loamosaurus Marlosaurus
Meadowdon Mistoraptor Mossosaurus Nettleodon Nimblosaurus Oakenops Obsidiosaurus Ochreodon
Orchardoraptor Pebblosaurus Pepperodon Plumosaurus Quarryops Quillodon Ramblosaurus Ravinodon
Reedoraptor Russetops Saffrosaurus Saltodon Scarpops Shalosaurus Sleetoraptor Slatodon Sorrelosaurus
Tamarodon Thicketops Thimblosaurus Thistleraptor Tidalosaurus Tumbrelodon Umberops Umbrosaurus
Valleyodon Velvetosaurus Wanderoraptor Wickerodon Willowops Windosaurus Yarrowdon Yewosaurus
Zephyroraptor Zincodon
"""
NAMES = ANIMALS.split()
AS_LEARNT = Controls()


def network(alphabet: str, seed: int = 0) -> LettersModel:
    """An alphabet and random weights."""
    rng = np.random.default_rng(seed)
    symbols = tuple(sorted({END, *alphabet}))
    sizes = lstm.shapes(len(symbols), 8)
    weights = {name: rng.normal(0, 0.5, shape).astype("f4") for name, shape in sizes.items()}
    content = file.ModelFile(letters.KIND, {"units": 8}, symbols, weights)
    return letters.from_file(letters.with_heard(content, ["Bo"]), "it")


def said(model: LettersModel, seed: int, begin: str = "", controls: Controls = AS_LEARNT) -> str:
    name = model.begin(begin)
    sampler.finish(name, rng=np.random.default_rng(seed), controls=controls)
    return name.text


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("names") / "names.txt"
    path.write_text("\n".join(NAMES), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def trained(names: Path) -> Path:
    pytest.importorskip("jax")
    out = names.with_name("names.safetensors")
    result = call("train", names, "--model-kind", "letters", "--out", out)
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith(f"{len(NAMES)} names, ")
    assert "nats a letter" in result.stdout.splitlines()[-1]
    assert sorted(path.name for path in out.parent.iterdir()) == [out.name, names.name]
    return out


@pytest.mark.parametrize("module", ["models/lstm", "models/letters", "training/networks"])
def test_core_and_names_know_no_music(module: str) -> None:
    music = {"chord", "score", "pitch", "meter", "grammar", "corpus", "band", "feel", "improviser"}
    tree = ast.parse((SOURCE / f"{module}.py").read_text(encoding="utf-8"))
    imported = [
        f"{node.module}.{alias.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    ]
    assert any(name.startswith("sideman.") for name in imported)
    assert not music & {part for name in imported for part in name.split(".")[1:]}


@pytest.mark.train
def test_it_says_names_that_nobody_wrote(trained: Path) -> None:
    result = call("say", trained, "--count", "100", "--seed", "1")
    assert result.returncode == 0, result.stderr
    spoken = result.stdout.splitlines()
    new = sum(name not in NAMES for name in spoken)
    assert len(spoken) == 100
    assert result.stderr == f"{new} of 100 are not in the list that it learnt from; seed 1\n"
    # It has learnt how such names end, and makes up most of what stands before.
    endings = ("saurus", "odon", "don", "ops", "raptor")
    assert sum(name.endswith(endings) for name in spoken) >= 90
    assert new >= 40
    assert call("say", trained, "--count", "100", "--seed", "1").stdout == result.stdout
    assert call("say", trained, "--count", "100", "--seed", "2").stdout != result.stdout


@pytest.mark.train
def test_a_beginning_is_kept_and_its_case_is_the_names(trained: Path) -> None:
    for begin in ("Ty", "ty", "Gran"):
        spoken = call("say", trained, "--begin", begin, "--seed", "0").stdout.splitlines()
        assert len(spoken) == 10
        assert all(name.startswith(begin.capitalize()) for name in spoken)
    assert "has '7', 'ß'" in sentence(call("say", trained, "--begin", "7ß"))
    assert "too many to begin with" in sentence(call("say", trained, "--begin", "a" * 100))
    coldest = call("say", trained, "--temperature", "0", "--count", "3").stdout.splitlines()
    assert len(set(coldest)) == 1
    cold = sentence(call("say", trained, "--temperature", "-1"))
    assert "temperature must be between 0 and 100, got -1." in cold


@pytest.mark.train
def test_the_same_names_give_the_same_bytes(names: Path, tmp_path: Path) -> None:
    pytest.importorskip("jax")
    made = []
    for number in range(2):
        out = tmp_path / f"{number}.safetensors"
        result = call(
            "train", names, "--model-kind", "letters", "--out", out, "--epochs", "2", "--units", "9"
        )
        assert result.returncode == 0, result.stderr
        made.append(out.read_bytes())
    assert made[0] == made[1]
    content = file.read(tmp_path / "0.safetensors")
    assert content.config == {"units": 9}
    assert content.training["whole"] is True
    # The names themselves are not in it.
    assert b"Abrasaurus" not in made[0]


@pytest.mark.train
def test_any_script_is_learnt(tmp_path: Path) -> None:
    pytest.importorskip("jax")
    listed = ["Ængus", "Ødger", "Zoë", "Jürg", "Δάφνη", "Иван", "さくら", "李小龙", "Mary Jane"]
    path = tmp_path / "all.txt"
    # With a byte-order mark, with Windows' ends of lines, accents in pieces, one name twice.
    lines = [unicodedata.normalize("NFD", name) for name in [*listed, "Zoë", "", " Jürg "]]
    path.write_bytes(b"\xef\xbb\xbf" + "\r\n".join(lines).encode())
    assert letters.parse(path.read_bytes(), path.name) == tuple(listed)
    out = tmp_path / "all.safetensors"
    result = call("train", path, "--model-kind", "letters", "--out", out, "--epochs", "150")
    assert result.returncode == 0, result.stderr
    model = letters.from_file(file.read(out), "all")
    assert set(model.alphabet) == {END, *"".join(listed)}
    cold = Controls(temperature=0)
    assert said(model, 0, "さ", cold) == "さくら"
    assert said(model, 0, "mary", cold) == "Mary Jane"
    assert not model.is_new("JÜRG")
    assert not model.is_new(unicodedata.normalize("NFD", "Zoë"))
    assert model.is_new("Zoe")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "holds no names"),
        (b"\n \n\t\n", "holds no names"),
        (b"Solo\n", "holds 1 name, and there is nothing to learn from fewer than two"),
        (b"Solo\nSolo\n", "holds 1 name,"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "is no UTF-8 text"),
        ("Jürg\nZoë\n".encode("latin-1"), "is no UTF-8 text"),
        (b"Bo\nA\x00b\n", "line 2: holds a control character"),
        (b"Bo\n" + b"a" * 101, "line 2: 101 letters are too long for a name"),
    ],
)
def test_what_holds_no_names_is_refused(data: bytes, words: str, tmp_path: Path) -> None:
    path = tmp_path / "names.txt"
    path.write_bytes(data)
    out = tmp_path / "out.safetensors"
    told = sentence(call("train", path, "--model-kind", "letters", "--out", out))
    assert words in told
    assert "names.txt" in told
    assert "Write" in told or "write" in told or "give" in told
    assert not out.exists()


def test_too_many_names_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(letters, "MOST_NAMES", 3)
    with pytest.raises(FormatError, match="4 names are more than 3; give fewer"):
        letters.parse(b"a\nb\nc\nd\n", "names.txt")


def test_what_names_do_not_have_is_refused(names: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.safetensors"
    letters_kind = ("--model-kind", "letters", "--out", out)
    assert "no names to learn from" in sentence(call("train", *letters_kind))
    for option in ("--split", "--from", "--changes"):
        given = {"--split": str(names), "--from": "course", "--changes": "blues-f"}[option]
        said = sentence(call("train", names, *letters_kind, option, given))
        assert "leave it out" in said or "cannot be fine-tuned" in said
    assert "no checkpoint to continue from" in sentence(
        call("train", names, *letters_kind, "--resume")
    )
    assert "nothing.txt" in sentence(call("train", tmp_path / "nothing.txt", *letters_kind))


def test_a_model_of_music_says_no_names(tmp_path: Path) -> None:
    for name in ("course", "soloist", small_model_file(tmp_path)):
        assert "generates no names" in sentence(call("say", name))
    assert "no such model file" in sentence(call("say", tmp_path / "none.safetensors"))


def test_a_model_of_names_plays_no_music(tmp_path: Path) -> None:
    path = tmp_path / "names.safetensors"
    model = network("Bo")
    weights = {name: getattr(model.parameters, name) for name in lstm.NAMES}
    content = file.ModelFile(letters.KIND, {"units": 8}, model.alphabet, weights)
    file.write(path, letters.with_heard(content, ["Bo"]))
    told = sentence(call("improvise", "blues-f", "--model", path, "--out", tmp_path / "out"))
    assert "a model of kind 'letters' plays no solos; name one of kind soloist or course" in told
    assert "without another model" in sentence(
        call("train", "x.db", "--from", path, "--out", tmp_path / "a.s")
    )
    for damage in (
        replace(content),
        replace(content, weights={**weights, "heard": np.zeros(2, np.float32)}),
        replace(content, weights={**weights, "heard": np.zeros((2, 2), np.uint32)}),
        replace(letters.with_heard(content, []), vocabulary=("a", "b", "c")),
        replace(letters.with_heard(content, []), vocabulary=("\n", "b", "cc")),
        replace(letters.with_heard(content, []), config={"units": 9}),
    ):
        with pytest.raises(ModelError, match=r"^it: .*train it again"):
            letters.from_file(damage, "it")


def test_a_name_is_never_empty_and_never_endless() -> None:
    model = network("ab ")
    for seed in range(30):
        name = said(model, seed, controls=Controls(temperature=3))
        assert name.strip()
        assert len(name) <= LONGEST_NAME
        assert set(name) <= set("ab ")
    # With an end that is never likely, every name stops at the longest.
    parameters = model.parameters
    bias = parameters.dense_bias.copy()
    bias[model.alphabet.index(END)] = -100
    endless = replace(model, parameters=replace(parameters, dense_bias=bias))
    assert len(said(endless, 0)) == LONGEST_NAME


def test_names_are_drawn_as_likely_as_the_network_says() -> None:
    model = network("ab", seed=3)
    begun = model.begin()
    odds = sampler.probabilities(*begun.options(), Controls())
    rng = np.random.default_rng(0)
    firsts = []
    for _ in range(2000):
        name = model.begin()
        sampler.finish(name, rng=rng)
        firsts.append(name.text[0])
    share = firsts.count("a") / len(firsts)
    expected = float(odds[model.alphabet.index("a")])
    assert abs(share - expected) < 4 * np.sqrt(expected * (1 - expected) / len(firsts))
    with pytest.raises(MusicError, match="has 'z'; begin with other letters"):
        model.begin("z")
