"""The course's notebooks run from top to bottom, and what is committed of them is clean."""

from __future__ import annotations

import base64
import importlib.util
import json
import re
import shutil
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from realdata import DATA, needs_data

DOCS = Path(__file__).parent.parent / "docs"
NOTEBOOKS = {"3a": DOCS / "course.ipynb", "4": DOCS / "course-v4.ipynb"}
PARAMETERS = {"3a": "41,678 parameters", "4": "45,530 parameters"}
EXERCISES = {
    "3a": [
        "lstm_step",
        "djmodel",
        "one_hot",
        "music_inference_model",
        "predict_and_sample",
        "sample_with_temperature",
    ],
    "4": [
        "lstm_step",
        "djmodel",
        "music_inference_model",
        "predict_and_sample",
        "sample_with_temperature",
    ],
}
PLAYER = re.compile(r'<audio controls src="data:audio/mpeg;base64,([^"]+)"></audio>')

both = pytest.mark.parametrize("version", NOTEBOOKS)
needs_kernel = pytest.mark.skipif(
    any(importlib.util.find_spec(name) is None for name in ("nbclient", "ipykernel", "keras")),
    reason="needs the extras train and notebook",
)
needs_format = pytest.mark.skipif(
    any(importlib.util.find_spec(name) is None for name in ("nbclient", "nbformat")),
    reason="needs the extra notebook",
)
# What the machinery of kernels warns of is not ours.
pytestmark = pytest.mark.filterwarnings("ignore")


@cache
def runner() -> ModuleType:
    spec = importlib.util.spec_from_file_location("notebook", DOCS / "notebook.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def committed(version: str) -> list[dict[str, Any]]:
    cells = json.loads(NOTEBOOKS[version].read_text())["cells"]
    assert isinstance(cells, list)
    return cells


def code_of(version: str) -> list[dict[str, Any]]:
    return [cell for cell in committed(version) if cell["cell_type"] == "code"]


def source(cell: Any) -> str:
    return "".join(cell["source"])


def printed(cell: Any) -> str:
    outputs = [output for output in cell["outputs"] if output["output_type"] == "stream"]
    return "".join("".join(output["text"]) for output in outputs if output["name"] == "stdout")


def shown(cell: Any, kind: str) -> list[str]:
    data = [output.get("data", {}) for output in cell["outputs"]]
    return ["".join(each[kind]) for each in data if kind in each]


def before_the_layers(cells: list[Any]) -> list[Any]:
    """The cells whose outputs are the same everywhere: music and numbers, no network yet."""
    first = next(i for i, cell in enumerate(cells) if re.search(r"reshap.r = Resh", source(cell)))
    return cells[:first]


@pytest.mark.train
@pytest.mark.slow
@pytest.mark.timeout(900)
@needs_kernel
@both
def test_it_runs(version: str, tmp_path: Path) -> None:
    cells = runner().executed(version, tmp_path, 600).cells  # raises where a cell fails
    checks = [cell for cell in cells if re.match(r".*^check_\w+\(", source(cell), re.S | re.M)]
    passing = [cell for cell in checks if "✓" in printed(cell)]
    assert len(passing) == len(checks) == len(EXERCISES[version]) + 1  # and the training
    assert any(PARAMETERS[version] in printed(cell) for cell in checks)
    passed = sum("All tests passed!" in printed(cell) for cell in cells if "outputs" in cell)
    assert passed == {"3a": 0, "4": 2}[version]
    assert (tmp_path / "output" / "my_music.midi").read_bytes().startswith(b"MThd")
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert sum(len(shown(cell, "image/png")) for cell in code) == 12
    if importlib.util.find_spec("midirenderer") is not None:
        assert sum(len(shown(cell, "text/html")) for cell in code) == 7  # the players
    written = {cell["id"]: printed(cell) for cell in code_of(version)}
    for cell in before_the_layers(cells):
        if cell["cell_type"] == "code":
            assert printed(cell) == written[cell["id"]], "run: python docs/notebook.py"


@needs_data
@needs_kernel
@both
def test_its_music_is_read_from_the_course_file_where_that_is(version: str, tmp_path: Path) -> None:
    from nbclient import NotebookClient

    (tmp_path / "data").mkdir()
    shutil.copy(DATA / "metheny" / "original_metheny.mid", tmp_path / "data")
    book = runner().composed(version)
    book.cells = before_the_layers(book.cells)
    resources = {"metadata": {"path": str(tmp_path)}}
    NotebookClient(book, timeout=120, kernel_name="python3", resources=resources).execute()
    output = "".join(printed(cell) for cell in book.cells if cell["cell_type"] == "code")
    counts = {"3a": "193 tokens in the corpus, 78", "4": "275 tokens in the corpus, 90"}
    assert f"{counts[version]} of them distinct" in output


@needs_format
@both
def test_what_is_committed_is_made_of_the_chapters(version: str) -> None:
    made = [(cell.id, cell.cell_type, cell.source) for cell in runner().composed(version).cells]
    there = [(cell["id"], cell["cell_type"], source(cell)) for cell in committed(version)]
    assert made == there, "run: python docs/notebook.py"
    assert not any(mark in text for *_, text in made for mark in ("{{", ":::"))


@both
def test_what_is_committed_is_clean(version: str) -> None:
    text = NOTEBOOKS[version].read_text()
    assert len(text) < 1_500_000
    assert not re.search(r"/(home|root|tmp|work|Users)/\w", re.sub(r"base64,[^\\]+", "", text))
    code = code_of(version)
    assert [cell["execution_count"] for cell in code] == list(range(1, len(code) + 1))
    kinds = {output["output_type"] for cell in code for output in cell["outputs"]}
    assert kinds <= {"stream", "display_data", "execute_result"}
    # Only the solos that come with sideman may be committed.
    corpus = {"3a": "195 tokens", "4": "207 tokens"}[version]
    assert any(printed(cell).startswith(corpus) for cell in code)


@both
def test_what_is_committed_can_be_heard_without_running(version: str) -> None:
    players = [found for cell in code_of(version) for found in shown(cell, "text/html")]
    assert len(players) == 7
    for player in players:
        found = PLAYER.fullmatch(player)
        assert found is not None
        sound = base64.b64decode(found[1], validate=True)
        assert sound[0] == 0xFF  # a frame of MP3
        assert 20_000 < len(sound) < 80_000


@both
def test_the_learner_writes_first_then_come_hints_and_a_folded_solution(version: str) -> None:
    cells = committed(version)
    tags = [set(cell["metadata"].get("tags", ())) for cell in cells]
    exercises = [i for i, found in enumerate(tags) if "exercise" in found]
    names = [re.search(r"^def (\w+)", source(cells[i]), re.M) for i in exercises]
    assert [name and name[1] for name in names] == EXERCISES[version]
    for i, name in zip(exercises, EXERCISES[version], strict=True):
        assert "return None" in source(cells[i])
        hints = re.findall(
            r"<details><summary>Hint (\d)</summary>\n\n(.*?)\n</details>",
            source(cells[i + 1]),
            re.S,
        )
        assert [number for number, _ in hints] == ["1", "2", "3"]
        assert "solution" in tags[i + 2]
        assert cells[i + 2]["metadata"]["jupyter"]["source_hidden"] is True
        assert f"    {name} = {name}_solution" in source(cells[i + 2])
        assert source(cells[i + 3]).startswith(("check_", "model =", "inference_model ="))


@both
def test_each_part_says_how_long_it_takes(version: str) -> None:
    text = [source(cell) for cell in committed(version) if cell["cell_type"] == "markdown"]
    parts = [part for part in text if re.match(r"## \d+ · ", part)]
    assert len(parts) == 11
    assert all(re.match(r"## .+\n\n\*Time: .+\*\n", part) for part in parts)
    assert "## Glossary" in text[-1]


@both
def test_one_star_import_gives_the_course(version: str) -> None:
    code = [source(cell) for cell in code_of(version)]
    module = {"3a": "sideman.course", "4": "sideman.course.v4"}[version]
    assert code[0] == f"from {module} import *"
    assert sum("import *" in cell for cell in code) == 1


def test_each_version_sees_its_own_names() -> None:
    old, new = (" ".join(map(source, committed(version))) for version in ("3a", "4"))
    for name in ("reshaper", "tf.math.argmax", "comparator(", "load_music_utils(path)", "mid2wav"):
        assert name in new
        assert name not in old
    for name in ("reshapor", "K.argmax", "load_music_utils()", "n_values=78"):
        assert name in old
        assert name not in new


@pytest.mark.train
@needs_kernel
def test_what_the_learner_wrote_counts_and_its_mistake_is_named(tmp_path: Path) -> None:
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    book = runner().composed("3a")
    last = next(i for i, cell in enumerate(book.cells) if "check_djmodel(model" in cell.source)
    wanted = re.compile(
        r"import \*|^# Pictures|X, Y, n_values|^reshapor =|^# Solution.*\ndef djm", re.M
    )
    book.cells = [
        cell
        for cell in book.cells[: last + 1]
        if cell.cell_type == "code" and wanted.search(cell.source)
    ]
    own = nbformat.v4.new_code_cell(
        "def djmodel(Tx, n_a, n_values):\n"
        "    X, a0, c0 = Input((Tx, n_values)), Input((n_a,)), Input((n_a,))\n"
        "    outputs = []\n"
        "    for t in range(Tx):\n"
        "        a, _, c = LSTM_cell(reshapor(X[:, t]), initial_state=[a0, c0])\n"
        "        outputs.append(densor(a))\n"
        "    return Model(inputs=[X, a0, c0], outputs=outputs)\n"
    )
    check = nbformat.v4.new_code_cell(
        "model = djmodel(30, 64, 78)\ncheck_djmodel(model, LSTM_cell, densor)"
    )
    book.cells.insert(-1, own)
    book.cells.append(check)
    resources = {"metadata": {"path": str(tmp_path)}}
    client = NotebookClient(book, timeout=120, kernel_name="python3", resources=resources)
    with pytest.raises(CellExecutionError, match="starts from a0 and c0 again"):
        client.execute()
