"""Soundfonts: the default one, the best one that the system has, and the check of a given one."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

from sideman.errors import FileError, MissingExtraError

BEST = "best"
"""The word for the best soundfont that the system has."""

_BEST = ("MuseScore_General_Lite.sf3", "MuseScore_General.sf3")


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


def best_path() -> Path:
    """Return the path of MuseScore_General, in its small or its whole version, on this system.

    Raises
    ------
    FileError
        If it is not installed.
    """
    shared = os.environ.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share"
    own = os.environ.get("XDG_DATA_HOME") or "~/.local/share"
    for folder in (own, *shared.split(":")):
        for name in _BEST:
            found = Path(folder).expanduser() / "sounds" / "sf3" / name
            if found.is_file():
                return found
    raise FileError(
        "The soundfont MuseScore_General is not installed; run apt install "
        "musescore-general-soundfont-small, give the path of another soundfont, or leave best out.",
        field="soundfont",
    )


def checked(soundfont: str | os.PathLike[str] | None) -> Path:
    """Return the path of a soundfont whose header is valid.

    The default one is returned for None, that of :func:`best_path` for ``best``.

    Raises
    ------
    FileError
        If it cannot be read, or is no soundfont.
    """
    if soundfont is None:
        chosen = soundfont_path()
    else:
        chosen = best_path() if str(soundfont) == BEST else Path(soundfont)
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
        f"{soundfont}: is not a valid soundfont; give an .sf2 or .sf3 file.", field="soundfont"
    )
