"""Sound from the bytes of a MIDI file."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sideman.output import audio
from sideman.output.audio import EVERYBODY, UNTAGGED, Mix, Tags
from sideman.service.requests import File
from sideman.service.watching import Cancel, Progress, watch


@dataclass(frozen=True)
class Sound:
    """A sound file.

    Parameters
    ----------
    data : bytes
        The file.
    seconds : float
        Its length.
    stems : mapping of str to bytes
        A file for each part, by the part's name in lower case, if there are stems.
    """

    data: bytes
    seconds: float
    stems: Mapping[str, bytes]


def render(
    song: File,
    kind: str = "mp3",
    *,
    mix: Mix = EVERYBODY,
    tags: Tags = UNTAGGED,
    stems: bool = False,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> Sound:
    """Return the sound of a MIDI file.

    Parameters
    ----------
    song : File
        The MIDI file.
    kind : str
        ``mp3``, ``wav``, ``flac`` or ``ogg``.
    mix : Mix
        Which parts play, and how.
    tags : Tags
        The tags; title and tempo are the song's where they are not given.
    stems : bool
        Whether to return each part by itself as well.
    progress, cancel : callable or None
        See :mod:`sideman.service.watching`.

    Raises
    ------
    SidemanError
        As :func:`sideman.output.audio.render_midi`.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"sound.{kind}"
        seconds = audio.render_midi(
            song.data,
            path,
            name=song.name,
            tags=tags,
            mix=mix,
            stems=stems,
            progress=watch(progress, cancel),
        )
        parts = audio.stem_paths(song.data, path, name=song.name, mix=mix) if stems else ()
        files = {part.stem.removeprefix("sound-"): part.read_bytes() for part in parts}
        return Sound(path.read_bytes(), seconds, files)
