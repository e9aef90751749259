"""Many songs at once, each in a process of its own.

Each sound appears whole or not at all, so that a batch that was interrupted can go on: those that
are there are done.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from sideman.errors import FileError, SidemanError
from sideman.formats import registry
from sideman.output.audio import EVERYBODY, Mix, render, synthesiser

SONGS = registry.named("midi").suffixes
MOST_SONGS = 10_000


@dataclass(frozen=True, slots=True)
class Job:
    """A song and its sound.

    Parameters
    ----------
    song : pathlib.Path
        A MIDI file.
    sound : pathlib.Path
        Where it shall sound.
    """

    song: Path
    sound: Path


def jobs(sources: Sequence[Path], folder: Path | None, suffix: str) -> tuple[Job, ...]:
    """Plan what goes where.

    Parameters
    ----------
    sources : sequence of pathlib.Path
        MIDI files, and folders whose MIDI files count at any depth.
    folder : pathlib.Path or None
        Where sounds go, those of a folder's songs into the same subfolders; beside the songs where
        None.
    suffix : str
        What the sounds' names end in, such as ``.mp3``.

    Returns
    -------
    tuple of Job
        In the order of the sources and of the names in each; none twice.

    Raises
    ------
    FileError
        If a source is not there, a folder holds no MIDI file, there are more than 10,000, or two
        songs would sound in one file.
    """
    planned: dict[Path, Path] = {}
    for source in sources:
        if not source.exists():
            raise FileError(f"{source}: no such file or folder; check the name.")
        songs = _songs(source) if source.is_dir() else [source]
        root = source if source.is_dir() else source.parent
        for song in songs:
            place = song if folder is None else folder / song.relative_to(root)
            sound = place.with_suffix(suffix)
            if planned.setdefault(sound, song) != song:
                raise FileError(
                    f"{song}: would sound in {sound}, as {planned[sound]} does; rename one of them."
                )
        if len(planned) > MOST_SONGS:
            raise FileError(f"{source}: makes more than {MOST_SONGS:,} songs; give fewer at once.")
    return tuple(Job(song, sound) for sound, song in planned.items())


def _songs(folder: Path) -> list[Path]:
    found = sorted(
        path for path in folder.rglob("*") if path.suffix.lower() in SONGS and path.is_file()
    )
    if not found:
        raise FileError(f"{folder}: holds no MIDI file ({', '.join(SONGS)}); check the name.")
    return found


def render_all(
    planned: Sequence[Job],
    *,
    mix: Mix = EVERYBODY,
    stems: bool = False,
    processes: int | None = None,
) -> Iterator[tuple[Job, float | SidemanError]]:
    """Render songs side by side.

    Parameters
    ----------
    planned : sequence of Job
        What to render.
    mix : Mix
        Who is heard, and how.
    stems : bool
        Whether each part gets a file as well.
    processes : int or None
        How many at once; as many as there are processors where None.

    Yields
    ------
    job : Job
        One that is finished.
    outcome : float or SidemanError
        Its seconds, or what was wrong with it.

    Raises
    ------
    SidemanError
        If the synthesiser or the soundfont cannot be used.
    """
    synthesiser.load(mix.synthesiser, mix.soundfont)
    count = min(processes or os.cpu_count() or 1, len(planned))
    if count <= 1:
        for job in planned:
            yield job, _outcome(job, mix, stems)
        return
    others = set(multiprocessing.active_children())
    pool = ProcessPoolExecutor(count, multiprocessing.get_context("spawn"), _obedient)
    try:
        waiting = {pool.submit(_outcome, job, mix, stems): job for job in planned}
        for done in as_completed(waiting):
            yield waiting[done], done.result()
        pool.shutdown()
    except BaseException:
        for child in set(multiprocessing.active_children()) - others:
            child.terminate()
        pool.shutdown(cancel_futures=True)
        raise


_stopped = False


def _obedient() -> None:
    """Let the parent alone say when to stop, and clear up then."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _stop)


def _stop(*_: object) -> None:
    global _stopped
    _stopped = True
    # Where Python cannot pass the exit on, as in a finaliser, the song is ended first, in silence.
    sys.unraisablehook = lambda _: None
    sys.exit(1)


def _outcome(job: Job, mix: Mix, stems: bool) -> float | SidemanError:
    with contextlib.suppress(SystemExit):
        if not _stopped:
            try:
                return render(job.song, job.sound, mix=mix, stems=stems)
            except SidemanError as error:
                return error
    return 0.0
