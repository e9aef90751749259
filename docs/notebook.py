"""Make the course's notebooks from the chapters in docs/course, and run them.

``python docs/notebook.py`` writes ``docs/course.ipynb`` (version 3a) and ``docs/course-v4.ipynb``
with the outputs of a fresh run; ``python docs/notebook.py 4`` writes that one alone.

A chapter is Markdown.  A fence ``python`` is a code cell, and a word after it is its tag:
``helper`` and ``solution`` are hidden, ``exercise`` is the learner's.  Lines between ``::: 4`` and
``:::`` belong to that version alone, and ``{{name}}`` is what :data:`VERSIONS` says.
"""

import os
import re
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

DOCS = Path(__file__).parent
CHAPTERS = DOCS / "course"
NOTEBOOKS = {"3a": DOCS / "course.ipynb", "4": DOCS / "course-v4.ipynb"}
VERSIONS = {
    "3a": {
        "version": "3a (about 2019), and for versions 1 to 3 before it,",
        "other_version": "The notebook for version 4 is [course-v4.ipynb](course-v4.ipynb).",
        "exercises": "six",
        "module": "sideman.course",
        "constant": "V3A",
        "original": "Keras 2",
        "reshaper": "reshapor",
        "n": "78",
        "parameters": "41,678",
        "lstm_parameters": "36{,}608",
        "dense_parameters": "5{,}070",
        "blind": "126.3",
        "last_loss": "6",
        "djmodel_arguments": "30, n_a, n_values",
        "inference_arguments": "LSTM_cell, densor, n_values, n_a",
        "long_rests": "",
    },
    "4": {
        "version": "4 (about 2021)",
        "other_version": "The notebook for versions 1 to 3a is [course.ipynb](course.ipynb).",
        "exercises": "five",
        "module": "sideman.course.v4",
        "constant": "V4",
        "original": "TensorFlow 2.3",
        "reshaper": "reshaper",
        "n": "90",
        "parameters": "45,530",
        "lstm_parameters": "39{,}680",
        "dense_parameters": "5{,}850",
        "blind": "130.5",
        "last_loss": "6",
        "djmodel_arguments": "30, LSTM_cell, densor, reshaper",
        "inference_arguments": "LSTM_cell, densor",
        "long_rests": " Rests of more than four beats are left out.",
    },
}
_FENCE = re.compile(r"^```python ?(\w*)\n(.*?)^```\n", re.M | re.S)
_HIDDEN = ("helper", "solution")
_PLAYER = "<audio"


def composed(version: str) -> Any:
    """Make a version's notebook, without outputs."""
    cells = []
    for chapter in sorted(CHAPTERS.glob("*.md")):
        text = _of_version(chapter.read_text(encoding="utf-8"), version)
        for number, (tag, source) in enumerate(_pieces(text)):
            name = f"{chapter.stem}-{number}"
            if tag is None:
                cells.append(new_markdown_cell(source, id=name))
                continue
            metadata: dict[str, Any] = {"tags": [tag]} if tag else {}
            if tag in _HIDDEN:
                metadata = {"jupyter": {"source_hidden": True}, "tags": ["hide-input", tag]}
            cells.append(new_code_cell(source, id=name, metadata=metadata))
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return new_notebook(cells=cells, metadata={"kernelspec": kernel})


def _of_version(text: str, version: str) -> str:
    """Keep the lines of a version, and fill in its names."""
    kept, here = [], True
    for line in text.splitlines():
        if line.startswith(":::"):
            here = line in (":::", f"::: {version}")
        elif here:
            kept.append(line)
    names = VERSIONS[version]
    return re.sub(r"\{\{(\w+)\}\}", lambda found: names[found[1]], "\n".join(kept) + "\n")


def _pieces(text: str) -> Iterator[tuple[str | None, str]]:
    """Cut a chapter into Markdown (no tag) and code (a tag, which may be empty)."""
    position = 0
    for fence in _FENCE.finditer(text):
        if prose := text[position : fence.start()].strip():
            yield None, prose
        yield fence[1], fence[2].rstrip()
        position = fence.end()
    if prose := text[position:].strip():
        yield None, prose


def executed(version: str, folder: Path, seconds: int = 600) -> Any:
    """Run a notebook in a folder and give it back with its outputs."""
    book = composed(version)
    client = NotebookClient(
        book, timeout=seconds, kernel_name="python3", resources={"metadata": {"path": str(folder)}}
    )
    client.execute()
    return book


def stripped(book: Any) -> Any:
    """Remove the outputs that differ between runs: times and warnings."""
    for cell in book.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type == "code":
            cell.outputs = _joined(output for output in cell.outputs if _kept(output))
    book.metadata.pop("widgets", None)
    book.metadata["language_info"] = {"name": "python"}
    return book


def _joined(outputs: Iterable[Any]) -> list[Any]:
    """Join what was printed in pieces: where it breaks is chance."""
    joined: list[Any] = []
    for output in outputs:
        if joined and output.output_type == joined[-1].output_type == "stream":
            joined[-1].text += output.text
        else:
            joined.append(output)
    return joined


def _kept(output: Any) -> bool:
    if output.output_type == "stream":
        return bool(output.name == "stdout")
    if _PLAYER in output.get("data", {}).get("text/html", ""):
        output.data["text/plain"] = "a player"
    return True


def main(versions: list[str]) -> None:
    """Run them and write them."""
    os.environ.setdefault("PYTHONHASHSEED", "0")
    for version in versions or NOTEBOOKS:
        with tempfile.TemporaryDirectory() as folder:
            book = stripped(executed(version, Path(folder)))
        nbformat.write(book, NOTEBOOKS[version])
        print(f"{NOTEBOOKS[version]}: {NOTEBOOKS[version].stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main(sys.argv[1:])
