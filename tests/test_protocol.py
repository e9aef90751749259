"""What a soloist has to be, and that nothing else in the package needs to know a kind of model."""

from __future__ import annotations

import ast
import math
from collections.abc import Iterator
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
from numpy.typing import NDArray

import counted_scorer
import counted_soloist
from commands import Result, call, run
from frozen.facts import PHRASE
from playing import small_model
from sideman.errors import FormatError, ModelError, MusicError
from sideman.evaluation import likelihood, novelty
from sideman.library import songbook
from sideman.models import registry, sampler, soloist
from sideman.models.constraints import FREE, Constraints, Slot
from sideman.models.controls import KNOBS, Controls, Feature, check
from sideman.models.course import network as course
from sideman.models.events import Distributions, Events, from_solo
from sideman.models.protocol import Session, Setting, Soloist
from sideman.models.registry import Kind
from sideman.score import Changes, Note, Solo

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src" / "sideman"
COUNTED = ROOT / "examples" / "blues.phrases"
Array = NDArray[np.float32]


# A soloist of one's own.


class Climbing:
    """Quarter notes that repeat, rise or fall."""

    def __init__(self, setting: Setting, notes: tuple[Note, ...] = ()) -> None:
        self.setting, self.notes = setting, notes

    @property
    def done(self) -> bool:
        return 24 * len(self.notes) >= self.setting.changes.length

    def options(self) -> tuple[Array, Array]:
        return np.log(np.array([0.2, 0.5, 0.3], np.float32)), np.zeros(3, np.float32)

    def choose(self, index: int, rng: np.random.Generator) -> None:
        pitch = (self.notes[-1].pitch if self.notes else 62) + (0, 2, -3)[index]
        pitch = min(max(pitch, self.setting.low), self.setting.high)
        self.notes = (*self.notes, Note(24 * len(self.notes), 24, pitch, 92))

    def line(self) -> tuple[Note, ...]:
        return self.notes

    def branch(self) -> Climbing:
        return Climbing(self.setting, self.notes)


class Climber:
    name, defaults = "climber", Controls()
    features: frozenset[Feature] = frozenset()

    def begin(
        self, setting: Setting, controls: Controls, constraints: Constraints, rng: object
    ) -> Climbing:
        return Climbing(setting)


class Judge(Climber):
    """The same, who likes high notes."""

    features = frozenset({Feature.SCORING})

    def distributions(self, events: Events) -> Distributions:
        high = np.exp(np.arange(128) / 4)
        rows = [np.full((len(events), size), 1 / size) for size in (1536, 128, 15)]
        rows[1][:] = high / high.sum()
        return Distributions(*rows)


BLUES = songbook.load("blues-f").changes
SETTING = Setting(BLUES, 120)


def line(soloist: Soloist, seed: int = 0, **asked: float) -> tuple[Note, ...]:
    controls = soloist.defaults.asked(asked)
    return sampler.play(soloist, SETTING, rng=np.random.default_rng(seed), controls=controls)


def test_a_soloist_of_ones_own_plays() -> None:
    notes = line(Climber())
    assert [note.onset for note in notes] == list(range(0, BLUES.length, 24))
    assert line(Climber()) == notes
    assert line(Climber(), seed=1) != notes
    # Randomness and difficulty are the sampler's: every soloist has them.
    assert {b.pitch - a.pitch for a, b in pairwise(notes)} > {2, -3}
    cold = line(Climber(), temperature=0)
    assert [note.pitch for note in cold][:4] == [64, 66, 68, 70]
    easy = [note.pitch for note in line(Climber(), difficulty=1)]
    assert max(easy) - min(easy) <= 14


def test_whoever_scores_has_a_best_of_several() -> None:
    lines = list(
        sampler.plays(
            Judge(),
            SETTING,
            rng=np.random.default_rng(5),
            controls=Controls(),
            constraints=FREE,
            count=4,
        )
    )
    worth = [sampler.worth(one, SETTING, Judge(), FREE) for one in lines]
    assert len(set(worth)) == 4
    assert line(Judge(), seed=5, best_of=4) == lines[int(np.argmax(worth))]


def test_the_best_of_several_copies_less() -> None:
    """A note in a match with a Weimar solo costs four nats."""

    class Half:
        def barred(self, *_: object) -> NDArray[np.bool_]:
            raise AssertionError

        def broken(self, *_: object) -> bool:
            return False

        def copied(self, line: object) -> float:
            return 0.5

    notes = line(Judge())
    free = sampler.worth(notes, SETTING, Judge(), FREE)
    assert sampler.worth(notes, SETTING, Judge(), Constraints(guard=Half())) == free - 2.0


def test_a_line_that_copies_too_much_is_played_again() -> None:
    class First(novelty.Limit):
        """Refuses the first lines."""

        refused: ClassVar[list[object]] = []

        def broken(self, line: object, fixed: object) -> bool:
            self.refused.append(line)
            return len(self.refused) <= most

    guarded = Constraints(guard=First(novelty.shipped(), 10))

    def play() -> tuple[Note, ...]:
        rng = np.random.default_rng(0)
        return sampler.play(Climber(), SETTING, rng=rng, constraints=guarded)

    most = 3
    notes = play()
    assert len(First.refused) == 4
    assert notes == First.refused[-1]
    assert len(set(First.refused)) == 4
    most = 10_000
    First.refused.clear()
    with pytest.raises(MusicError, match="20 lines were played") as told:
        play()
    assert told.value.field == "max_copy"
    assert len(First.refused) == sampler.MOST_DRAWS


def test_what_a_soloist_lacks_is_refused_with_a_message_made_from_the_feature() -> None:
    asked: dict[str, float] = {
        name: one.high if math.isfinite(one.high) else 3 for name, one in KNOBS.items()
    }
    for name, one in KNOBS.items():
        if one.needs is None:
            continue
        with pytest.raises(MusicError) as refused:
            sampler.check(Climber(), Controls().asked({name: asked[name]}))
        assert str(refused.value) == (
            f"{one.label} needs {one.needs.value}, which the model climber does not have; choose "
            "another model, such as soloist."
        )
        assert refused.value.field == name
    fixed = {
        Feature.PRIME: Constraints((Slot(0, 24, 60),), ((0, 96),)),
        Feature.CONSTRAINTS: Constraints((Slot(96, 24, 60),), ((96, 192),)),
    }
    for feature, constraints in fixed.items():
        with pytest.raises(MusicError, match=f"what is fixed of the solo needs {feature.value}"):
            sampler.check(Climber(), Controls(), constraints)


def test_what_a_soloist_plays_by_default_is_no_request() -> None:
    class Dense(Climber):
        defaults = Controls(density=2)

    assert line(Dense())
    with pytest.raises(MusicError, match="density needs separate choices of onset"):
        line(Dense(), density=1)


def played_on(session: Session, seed: int) -> tuple[Note, ...]:
    sampler.finish(session, rng=np.random.default_rng(seed))
    return session.line()


@pytest.mark.parametrize("kind", ["soloist", "course", "small", "counted", "climber"])
def test_a_branch_goes_on_as_its_session_would_and_leaves_it_alone(kind: str) -> None:
    """A network's state is copied whole: no array of the copy is a view of the original."""
    counted = counted_soloist.from_text(COUNTED.read_text(), "blues.phrases")
    others: dict[str, Soloist] = {"small": small_model(), "counted": counted, "climber": Climber()}
    player = others.get(kind) or registry.load(kind)
    changes = Changes(BLUES.bars[:4])

    def begun() -> Session:
        rng = np.random.default_rng(2)
        session = sampler.begin(player, Setting(changes), rng=rng, controls=player.defaults)
        for _ in range(5):
            logits, mask = session.options()
            session.choose(sampler.choose(logits, mask, rng, Controls()), rng)
        return session

    expected, other = played_on(begun(), 3), played_on(begun(), 4)
    assert expected != other
    session = begun()
    one, two = session.branch(), session.branch()
    assert played_on(one, 4) == other
    assert played_on(two, 3) == expected
    assert played_on(two.branch(), 0) == expected
    assert played_on(session, 3) == expected


# Controls.


@pytest.mark.parametrize("name", KNOBS)
def test_the_bounds_of_every_knob(name: str) -> None:
    one = KNOBS[name]
    wrong = [one.low if one.above else math.nextafter(one.low, -math.inf), math.nan, math.inf]
    if math.isfinite(one.high):
        wrong.append(one.high + 1)
        check(name, one.high)
    for value in wrong:
        for attempt in (partial(check, name, value), partial(Controls().asked, {name: value})):
            with pytest.raises(MusicError) as refused:
                attempt()
            message = str(refused.value)
            assert refused.value.field == name
            assert message.startswith(f"{one.label} must be ")
            assert message.endswith(f", got {value:g}.")
            assert f"{one.low:g}" in message
            assert one.unit in message
            assert math.isinf(one.high) or f"{one.high:g}" in message
    if not one.above:
        check(name, one.low)


def test_the_messages_of_the_bounds() -> None:
    for name, value, told in (
        ("density", 9, "density must be between 0.25 and 4, got 9."),
        ("top_p", 0, "top-p must be above 0 and at most 1, got 0."),
        ("top_k", -1, "top-k must be 0 or more, got -1."),
        ("softness", 30, "range softness must be between 1 and 24 semitones, got 30."),
    ):
        with pytest.raises(MusicError) as refused:
            check(name, value)
        assert str(refused.value) == told


def test_what_is_asked_replaces_what_is_usual() -> None:
    usual = soloist.DEFAULTS
    assert usual.asked({}) == usual
    assert usual.asked(dict.fromkeys(KNOBS)) == usual
    found = usual.asked({"temperature": 0.5, "resolve": False, "density": None})
    assert (found.temperature, found.resolve, found.density) == (0.5, False, usual.density)
    assert found.asked({"temperature": usual.temperature, "resolve": True}) == usual
    with pytest.raises(MusicError, match="difficulty must be between 1 and 5, got 7"):
        usual.asked({"difficulty": 7})
    with pytest.raises(TypeError):
        usual.asked({"colour": 1})


def test_every_control_says_what_it_needs() -> None:
    assert Controls().asking(Feature.PHRASING) == ()
    assert not Controls().shaped
    assert Controls(best_of=2).asking(Feature.SCORING) == ("best_of",)
    assert set(soloist.DEFAULTS.asking(Feature.PHRASING)) == {
        *("pitch", "breath", "register", "manner", "resolve")
    }
    assert not course.DEFAULTS.asking(Feature.PHRASING)
    for one in KNOBS.values():
        assert one.label
        assert one.help.endswith(".")
        assert one.group


# Kinds.


PENDULUM = '''
"""A kind of another package: two notes in turn."""

import numpy as np

from sideman.errors import FormatError
from sideman.models.controls import Controls
from sideman.models.registry import Kind
from sideman.score import Note

KIND = Kind("pendulum", "pendulum", (".pendulum",))


def from_text(text, name):
    try:
        return Pendulum(*map(int, text.split()))
    except (TypeError, ValueError):
        raise FormatError(f"{name}: write two degrees, such as 0 7.") from None


class Pendulum:
    name, features, defaults = "pendulum", frozenset(), Controls()

    def __init__(self, *degrees):
        self.low, self.high = degrees

    def begin(self, setting, controls, constraints, rng):
        return Swinging(self, setting, ())


class Swinging:
    def __init__(self, pendulum, setting, notes):
        self.pendulum, self.setting, self.notes = pendulum, setting, notes

    @property
    def done(self):
        return 48 * (len(self.notes) + 1) > self.setting.changes.length

    def options(self):
        return np.zeros(2, np.float32), np.zeros(2, np.float32)

    def choose(self, index, rng):
        degree = (self.pendulum.low, self.pendulum.high)[index]
        note = Note(48 * len(self.notes), 24, self.setting.low + degree, 92)
        self.notes = (*self.notes, note)

    def line(self):
        return self.notes

    def branch(self):
        return Swinging(self.pendulum, self.setting, self.notes)
'''


@pytest.fixture
def pendulum(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Path:
    """A model file of a kind that a module outside sideman adds by one line."""
    package = tmp_path / "package"
    package.mkdir()
    (package / "pendulum.py").write_text(PENDULUM)
    model = tmp_path / "mine.pendulum"
    model.write_text("0 7")
    monkeypatch.syspath_prepend(str(package))
    return model


def improvise(folder: Path, model: Path, *more: str) -> Result:
    words = ("--choruses", "1", "--seed", "1", "--no-audio", "--no-head", "--out", folder)
    return call("improvise", "blues-f", "--model", model, *words, *more)


def test_one_line_adds_a_kind_that_opens_from_text_and_plays(
    tmp_path: Path, pendulum: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert improvise(tmp_path / "before", pendulum).returncode == 2
    line = Kind("pendulum", "pendulum", (".pendulum",))
    monkeypatch.setattr(registry, "KINDS", (*registry.KINDS, line))
    assert registry.load(pendulum).name == "pendulum"
    result = improvise(tmp_path / "out", pendulum)
    assert result.returncode == 0, result.stderr
    assert "Blues in F, 1 chorus, 12 bars at 140, 24 notes" in result.stdout
    for more, told in (
        (("--density", "2"), f"density needs {Feature.PHRASING.value}, which the model pendulum"),
        (("--best-of", "2"), f"best of needs {Feature.SCORING.value}, which the model pendulum"),
        (("--prime", str(PHRASE)), f"needs {Feature.PRIME.value}, which the model pendulum"),
        (("--like", "parker"), "The model pendulum has no players"),
    ):
        refused = improvise(tmp_path / "out", pendulum, *more)
        assert refused.returncode == 2
        assert told in refused.stderr
    scored = call("evaluate", next((tmp_path / "out").glob("*.mid")), "--model", pendulum)
    assert scored.returncode == 2
    assert "a model of kind 'pendulum' does not give the likelihood of notes" in scored.stderr
    pendulum.write_text("0")
    assert "write two degrees" in improvise(tmp_path / "out", pendulum).stderr
    pendulum.write_bytes(b"0\0")
    told = improvise(tmp_path / "out", pendulum).stderr
    assert "is not a text file; save it as text in UTF-8" in told


def _distribution(folder: Path, entry: str) -> None:
    info = folder / "pendulum-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: pendulum\nVersion: 1\n")
    (info / "entry_points.txt").write_text(f"[{registry.GROUP}]\npendulum = {entry}\n")


@pytest.fixture
def fresh() -> Iterator[None]:
    """No kinds of other packages are remembered, before and after."""
    registry._installed.cache_clear()
    yield
    registry._installed.cache_clear()


@pytest.mark.usefixtures("fresh")
def test_an_entry_point_of_another_package_adds_a_kind(
    tmp_path: Path, pendulum: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _distribution(tmp_path / "package", "pendulum:KIND")
    assert improvise(tmp_path / "out", pendulum).returncode == 0
    # In a process of its own, too.
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "package"))
    words = ("--seed", "1", "--no-audio", "--out", tmp_path / "alone")
    assert run("improvise", "blues-f", "--model", pendulum, *words).returncode == 0


@pytest.mark.usefixtures("fresh")
def test_an_entry_point_that_leads_nowhere_is_told(tmp_path: Path, pendulum: Path) -> None:
    _distribution(tmp_path / "package", "pendulum:NOTHING")
    with pytest.raises(ModelError, match=r"'pendulum' \(pendulum:NOTHING\) cannot be loaded"):
        registry.open_model(pendulum)
    # Nobody looks for other packages to open a model of this one.
    assert registry.load("course").name == "course"


# The example.


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(registry, "KINDS", (*registry.KINDS, counted_soloist.KIND))
    return COUNTED


def test_the_counted_soloist_improvises_trades_and_has_a_best_of_several(
    tmp_path: Path, counted: Path
) -> None:
    for number, more in enumerate(((), ("--best-of", "3"), ("--prime", str(PHRASE)))):
        result = improvise(tmp_path / str(number), counted, *more)
        assert result.returncode == 0, result.stderr
    played = {path.read_bytes() for path in tmp_path.glob("*/blues-f-1.mid")}
    assert len(played) == 3
    words = ("--changes", "blues-f", "--seed", "2", "--out", tmp_path)
    result = call("trade", PHRASE, "--model", counted, *words)
    assert result.returncode == 0, result.stderr
    scored = call("evaluate", tmp_path / "0" / "blues-f-1.mid", "--model", counted, "--json")
    assert scored.returncode == 0, scored.stderr
    for more, feature in (
        (("--density", "2"), Feature.PHRASING),
        (
            ("--lock", "rhythm", "--take", str(tmp_path / "0" / "blues-f-1.mid")),
            Feature.CONSTRAINTS,
        ),
    ):
        refused = improvise(tmp_path, counted, *more)
        assert refused.returncode == 2
        assert f"needs {feature.value}, which the model counted does not have" in refused.stderr


def test_the_counted_soloist_plays_what_it_counted_and_finds_it_likely() -> None:
    counted = counted_soloist.from_text("0/12 4/12 7/24\n# nothing\n\n4/12 7/24 0/12", "two")
    assert [f"{d}/{w}" for d, w in zip(counted.degrees, counted.waits, strict=True)] == [
        *("0/12", "4/12", "7/24")
    ]
    # After 4 there is always 7; each note counts once more by how often it comes at all.
    np.testing.assert_allclose(counted.odds[1], np.array([1 / 3, 1 / 3, 2 + 1 / 3]) / 3)
    np.testing.assert_allclose(counted.odds[-1], np.array([4 / 3, 4 / 3, 1 / 3]) / 3)
    notes = sampler.sample(counted, SETTING, rng=np.random.default_rng(1))
    degrees = {counted_scorer.degree(BLUES, note.onset, note.pitch) for note in notes}
    assert degrees == {0, 4, 7}
    assert notes[-1].end <= BLUES.length
    mine = likelihood.score(counted, [from_solo(Solo("", notes, BLUES))])
    other = tuple(Note(note.onset, 12, 60 + at % 11) for at, note in enumerate(notes))
    theirs = likelihood.score(counted, [from_solo(Solo("", other, BLUES))])
    assert (mine.nats < theirs.nats).all()


@pytest.mark.parametrize(
    ("text", "told"),
    [("", "holds no phrase"), ("0/12\n4", "line 2"), ("12/12", "line 1"), ("0/0", "line 1")],
)
def test_a_text_that_cannot_be_counted_is_refused(text: str, told: str) -> None:
    with pytest.raises(FormatError, match=told):
        counted_soloist.from_text(text, "it")


def test_nothing_but_its_own_file_and_a_registry_line_knows_the_example() -> None:
    for path in SOURCE.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        if path.name == "registry.py":
            text = text.replace("``examples/counted_soloist.py``", "")
        assert "counted_soloist" not in text, path


# The inside.


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(SOURCE.parent).with_suffix("").parts).removesuffix(".__init__")


MODULES = {module_name(path): ast.parse(path.read_text()) for path in sorted(SOURCE.rglob("*.py"))}
MODELS = {name for name in MODULES if f"{name}.".startswith("sideman.models.")}
# The alternatives of a union, which are told apart by their types.
UNIONS = {"sideman.models.grammar.terminals", "sideman.models.grammar.productions"}
CLASSES = {
    f"{name}.{node.name}"
    for name in MODELS - UNIONS
    for node in ast.walk(MODULES[name])
    if isinstance(node, ast.ClassDef)
}


def names(tree: ast.Module) -> dict[str, str]:
    """What the imports of a module call things, wherever they stand."""
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                found[alias.asname or alias.name] = f"{node.module}.{alias.name}"
        elif isinstance(node, ast.Import):
            for alias in node.names:
                found[alias.asname or alias.name.split(".")[0]] = alias.asname or alias.name
    return found


def asked_types(tree: ast.Module) -> Iterator[tuple[int, ast.expr]]:
    """The types that a module tells apart: by isinstance, issubclass or match."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id in ("isinstance", "issubclass") and len(node.args) == 2:
                for part in ast.walk(node.args[1]):
                    if isinstance(part, ast.Name | ast.Attribute):
                        yield node.lineno, part
        elif isinstance(node, ast.MatchClass):
            yield node.cls.lineno, node.cls


def test_the_type_of_a_model_is_asked_nowhere() -> None:
    assert "sideman.models.course.network.CourseModel" in CLASSES
    for module, tree in MODULES.items():
        called = names(tree)
        for number, part in asked_types(tree):
            first, *rest = ast.unparse(part).split(".")
            full = ".".join((called.get(first, f"{module}.{first}"), *rest))
            owner = full.rpartition(".")[0]
            assert full not in CLASSES or owner == module, f"{module}, line {number}: {full}"


def test_the_search_for_types_finds_them() -> None:
    text = """
from sideman.models import course as c
from sideman.models.soloist import NeuralSoloist as Neural
def f(x):
    isinstance(x, (int, Neural)), isinstance(x, c.CourseModel | str)
    match x:
        case Neural(): pass
"""
    tree = ast.parse(text)
    found = {ast.unparse(part) for _, part in asked_types(tree)}
    assert {"Neural", "c.CourseModel"} <= found
    assert names(tree)["Neural"] == "sideman.models.soloist.NeuralSoloist"
    assert names(tree)["c"] == "sideman.models.course"


MOST_PARAMETERS = 7


def functions(node: ast.AST, inside: str) -> Iterator[tuple[str, int]]:
    """Every function with the number of its parameters, self and cls aside."""
    for child in ast.iter_child_nodes(node):
        here = inside
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            here = f"{inside}.{child.name}"
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            every = (*child.args.posonlyargs, *child.args.args, *child.args.kwonlyargs)
            yield here, sum(one.arg not in ("self", "cls") for one in every)
        yield from functions(child, here)


def test_no_function_has_more_than_seven_parameters() -> None:
    found = {
        name: many
        for module, tree in MODULES.items()
        if not f"{module}.".startswith(("sideman.cli.", "sideman.course."))
        for name, many in functions(tree, module)
        if many > MOST_PARAMETERS
    }
    assert not found, "group some of the parameters in a dataclass"
