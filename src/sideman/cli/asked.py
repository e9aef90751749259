"""Arguments as the parts of a request; the files that they name are read here."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sideman.service.playing import Model
    from sideman.service.requests import Line, Tune


def tune(asked: str, title: str | None = None) -> Tune:
    """Return the tune that an argument names, contains as text, or gives as a file."""
    from sideman.library import charts
    from sideman.service.requests import Tune

    name, sheet = charts.find(asked, title)
    return Tune(name=name, sheet=sheet)


def line(path: Path | None) -> Line | None:
    """Return the phrase or take in a file; None for None."""
    if path is None:
        return None
    from sideman.service.requests import Line
    from sideman.service.takes import reading

    heard = reading.read_phrase(path)
    played = "" if heard.program is None else heard.instrument.name
    return Line(heard.solo, heard.meter, played)


def model(name: str) -> Model | None:
    """Return the model in a file; None for the name of one that comes with sideman."""
    from sideman import files
    from sideman.models import file
    from sideman.service.playing import model_from

    if name in file.names():
        return None
    path = file.locate(name)
    return model_from(files.read_bytes(path, at_most=file.LARGEST_FILE), path.name)


def style(name: str | None) -> dict[str, Any]:
    """Return the fields of a style: its name, or the text of a file."""
    if name is None or not name.casefold().endswith(".toml"):
        return {"style": name}
    from sideman import files

    text = files.read_bytes(name, at_most=files.MEBIBYTE).decode("utf-8", "replace")
    return {"style": name, "style_file": text}


def controls(asked: dict[str, Any]) -> dict[str, float]:
    """Return the controls that are not None."""
    return {name: value for name, value in asked.items() if value is not None}
