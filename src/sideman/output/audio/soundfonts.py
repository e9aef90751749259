"""Soundfonts: the default one, and the check of a given one."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

from sideman.errors import FileError, MissingExtraError


def soundfont_path() -> Path:
    """Return the path of the default soundfont, TimGM6mb.

    Raises
    ------
    MissingExtraError
        If it is not installed.
    """
    spec = importlib.util.find_spec("pretty_midi")  # its wheel carries it; it is not imported
    for folder in (spec and spec.submodule_search_locations) or ():
        found = Path(folder) / "TimGM6mb.sf2"
        if found.is_file():
            return found
    raise MissingExtraError(
        "The soundfont that comes with pretty_midi is not installed; run pip install pretty_midi "
        "or name a soundfont of your own.",
        field="soundfont",
    )


def checked(soundfont: str | os.PathLike[str] | None) -> Path:
    """Return the path of a soundfont whose header is valid; the default one for None.

    Raises
    ------
    FileError
        If it cannot be read, or is no soundfont.
    """
    chosen = Path(soundfont) if soundfont is not None else soundfont_path()
    try:
        with chosen.open("rb") as stream:
            head = stream.read(12)
            size = stream.seek(0, os.SEEK_END)
    except (OSError, ValueError) as error:
        raise FileError(
            f"{chosen}: this soundfont cannot be read; check the name.", field="soundfont"
        ) from error
    whole = int.from_bytes(head[4:8], "little") + 8 <= size
    if head[:4] != b"RIFF" or head[8:] != b"sfbk" or not whole:
        raise broken(chosen)
    return chosen


def broken(soundfont: Path) -> FileError:
    """Return the error for a damaged soundfont."""
    return FileError(
        f"{soundfont}: is not a valid soundfont; give an .sf2 file.", field="soundfont"
    )
