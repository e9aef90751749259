"""The course notebook runs from top to bottom, and what is committed of it is clean."""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from realdata import DATA, needs_data

DOCS = Path(__file__).parent.parent / "docs"
NOTEBOOK = DOCS / "course.ipynb"

needs_kernel = pytest.mark.skipif(
    any(importlib.util.find_spec(name) is None for name in ("nbclient", "ipykernel", "keras")),
    reason="needs the extras train and notebook",
)
# What the machinery of kernels warns of is not ours.
pytestmark = pytest.mark.filterwarnings("ignore")


def runner() -> ModuleType:
    spec = importlib.util.spec_from_file_location("notebook", DOCS / "notebook.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def committed() -> list[dict[str, Any]]:
    cells = json.loads(NOTEBOOK.read_text())["cells"]
    assert isinstance(cells, list)
    return cells


def source(cell: Any) -> str:
    return "".join(cell["source"])


def printed(cell: Any) -> str:
    outputs = [output for output in cell["outputs"] if output["output_type"] == "stream"]
    return "".join("".join(output["text"]) for output in outputs if output["name"] == "stdout")


def before_the_layers(cells: list[Any]) -> list[Any]:
    """The cells whose outputs are the same everywhere: music and numbers, no network yet."""
    first = next(i for i, cell in enumerate(cells) if "reshapor = Reshape" in source(cell))
    return cells[:first]


@pytest.mark.train
@pytest.mark.slow
@pytest.mark.timeout(900)
@needs_kernel
def test_it_runs(tmp_path: Path) -> None:
    cells = runner().executed(tmp_path, 600).cells  # raises where a cell fails
    checks = [cell for cell in cells if re.match(r".*^check_\w+\(", source(cell), re.S | re.M)]
    passing = [cell for cell in checks if "✓" in printed(cell)]
    assert len(passing) == len(checks) == 6
    assert any("41,678 parameters" in printed(cell) for cell in checks)
    assert (tmp_path / "output" / "my_music.midi").read_bytes().startswith(b"MThd")
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    kinds = [kind for cell in code for output in cell["outputs"] for kind in output.get("data", {})]
    assert kinds.count("image/png") == 8
    if importlib.util.find_spec("tinysoundfont") is not None:
        assert kinds.count("text/html") == 3  # the players
    written = {source(cell): printed(cell) for cell in committed() if cell["cell_type"] == "code"}
    for cell in before_the_layers(cells):
        if cell["cell_type"] == "code":
            assert printed(cell) == written[source(cell)], "run: python docs/notebook.py"


@needs_data
@needs_kernel
def test_its_music_is_read_from_the_course_file_where_that_is(tmp_path: Path) -> None:
    import nbformat
    from nbclient import NotebookClient

    (tmp_path / "data").mkdir()
    shutil.copy(DATA / "metheny" / "original_metheny.mid", tmp_path / "data")
    book = nbformat.read(NOTEBOOK, as_version=4)
    book.cells = before_the_layers(book.cells)
    resources = {"metadata": {"path": str(tmp_path)}}
    NotebookClient(book, timeout=120, kernel_name="python3", resources=resources).execute()
    said = "".join(printed(cell) for cell in book.cells if cell["cell_type"] == "code")
    assert "193 words in the corpus, 78 of them distinct" in said


def test_what_is_committed_is_clean() -> None:
    text = NOTEBOOK.read_text()
    assert len(text) < 1_000_000
    assert "base64," not in text
    assert not re.search(r"/(home|root|tmp|work|Users)/", text)
    code = [cell for cell in committed() if cell["cell_type"] == "code"]
    assert [cell["execution_count"] for cell in code] == list(range(1, len(code) + 1))
    kinds = {output["output_type"] for cell in code for output in cell["outputs"]}
    assert kinds <= {"stream", "display_data", "execute_result"}


def test_the_learner_writes_first_and_the_solutions_are_folded() -> None:
    code = [cell for cell in committed() if cell["cell_type"] == "code"]
    tagged = [(set(cell["metadata"].get("tags", ())), cell) for cell in code]
    exercises = [i for i, (tags, _) in enumerate(tagged) if "exercise" in tags]
    assert len(exercises) == 5
    for i in exercises:
        name = re.search(r"^def (\w+)", source(code[i]), re.M)
        assert name is not None
        assert "return None" in source(code[i])
        tags, solution = tagged[i + 1]
        assert "solution" in tags
        assert solution["metadata"]["jupyter"]["source_hidden"] is True
        assert f"    {name[1]} = {name[1]}_solution" in source(solution)
        assert source(code[i + 2]).startswith(("check_", "model =", "inference_model ="))


def test_one_star_import_gives_the_course() -> None:
    code = [source(cell) for cell in committed() if cell["cell_type"] == "code"]
    assert code[0] == "from sideman.course import *"
    assert sum("import *" in cell for cell in code) == 1


@pytest.mark.train
@needs_kernel
def test_what_the_learner_wrote_counts_and_its_mistake_is_named(tmp_path: Path) -> None:
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    book = nbformat.read(NOTEBOOK, as_version=4)
    last = next(i for i, cell in enumerate(book.cells) if "check_djmodel(model" in cell.source)
    wanted = re.compile(
        r"import \*|^# Pictures|X, Y, n_values|reshapor =|^# Solution.*\ndef djm", re.M
    )
    book.cells = [cell for cell in book.cells[: last + 1] if wanted.search(cell.source)]
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
