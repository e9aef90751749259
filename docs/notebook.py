"""Run docs/course.ipynb and keep its text and pictures, but not its sound.

``python docs/notebook.py`` writes the notebook back with the outputs of a fresh run.
"""

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

NOTEBOOK = Path(__file__).parent / "course.ipynb"
_SOUND = "IPython.lib.display.Audio"


def executed(folder: Path, seconds: int = 600) -> Any:
    """Run the notebook in a folder and give it back with its outputs."""
    book = nbformat.read(NOTEBOOK, as_version=4)
    client = NotebookClient(
        book, timeout=seconds, kernel_name="python3", resources={"metadata": {"path": str(folder)}}
    )
    client.execute()
    return book


def stripped(book: Any) -> Any:
    """Take out what is large or of one run alone: sound, times, warnings."""
    for cell in book.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type == "code":
            cell.outputs = _joined(output for output in map(_kept, cell.outputs) if output)
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


def _kept(output: Any) -> Any:
    if output.output_type == "stream":
        return output if output.name == "stdout" else None
    if "data" in output and _SOUND in output.data.get("text/plain", ""):
        output.data = {"text/plain": "▶ run the cell to hear it"}
    return output


def main() -> None:
    """Run it and write it back."""
    os.environ.setdefault("PYTHONHASHSEED", "0")
    with tempfile.TemporaryDirectory() as folder:
        book = stripped(executed(Path(folder)))
    nbformat.write(book, NOTEBOOK)
    print(f"{NOTEBOOK}: {NOTEBOOK.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
