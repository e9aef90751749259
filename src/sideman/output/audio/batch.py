"""Render many songs at once, each in its own process.

Every sound file appears whole or not at all, so that an interrupted batch can be continued.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sideman import files
from sideman.errors import FileError, SidemanError
from sideman.formats import registry
from sideman.formats.midi.reading import MOST_BYTES
from sideman.output.audio import EVERYBODY, Mix, render, stem_paths, synthesiser
from sideman.processes import KilledError

SONGS = registry.named("midi").suffixes
MOST_SONGS = 10_000


@dataclass(frozen=True, slots=True)
class Job:
    """A MIDI file and the sound file to write, which replaces another one only if it is `named`."""

    song: Path
    sound: Path
    named: bool = False


@dataclass(frozen=True, slots=True)
class Rendered:
    """The sound file of a job as it was called, its length in seconds, and its stems."""

    sound: Path
    seconds: float
    stems: tuple[Path, ...] = ()


def rendered(
    job: Job,
    *,
    mix: Mix = EVERYBODY,
    stems: bool = False,
    progress: Callable[[float], object] | None = None,
) -> Rendered:
    """Render a job; its files get a number where others of their names are there."""
    if job.named:
        seconds = render(job.song, job.sound, mix=mix, stems=stems, progress=progress)
        return Rendered(job.sound, seconds, _stems(job.song, job.sound, mix) if stems else ())
    folder = job.sound.parent
    with files.staging(folder) as staged:
        target = staged / job.sound.name
        seconds = render(job.song, target, mix=mix, stems=stems, progress=progress)
        others = _stems(job.song, target, mix) if stems else ()
        placed = files.place(staged, folder, job.sound.stem)
    return Rendered(placed[target.name], seconds, tuple(placed[each.name] for each in others))


def _stems(song: Path, sound: Path, mix: Mix) -> tuple[Path, ...]:
    data = files.read_bytes(song, at_most=MOST_BYTES)
    return stem_paths(data, sound, name=str(song), mix=mix)


def jobs(sources: Sequence[Path], folder: Path | None, suffix: str) -> tuple[Job, ...]:
    """Return the jobs for MIDI files and folders, in their order, none twice.

    Parameters
    ----------
    sources : sequence of pathlib.Path
        MIDI files, and folders whose MIDI files are taken at any depth.
    folder : pathlib.Path or None
        The target, with the subfolders of `sources`; beside the songs where None.
    suffix : str
        The suffix of the sound files, such as ``.mp3``.

    Raises
    ------
    FileError
        If a source does not exist, a folder holds no MIDI file, there are more than 10,000, or two
        songs have the same target.
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
                    f"{song}: has the same target as {planned[sound]}, {sound}; rename one of them."
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


Outcome = Rendered | SidemanError
Work = Callable[..., Outcome]


def render_all(
    planned: Sequence[Job],
    *,
    mix: Mix = EVERYBODY,
    stems: bool = False,
    processes: int | None = None,
    work: Work | None = None,
) -> Iterator[tuple[Job, Outcome]]:
    """Yield each finished job with its sound, or with its error.

    If a process is killed, as by the system when memory ends, the jobs that it may have run are
    repeated one at a time; one that is killed twice more has a KilledError.

    Parameters
    ----------
    planned : sequence of Job
        The jobs.
    mix : Mix
        Which parts play, and how.
    stems : bool
        Whether each part is rendered by itself as well.
    processes : int or None
        The number of processes; that of processors where None.
    work : callable or None
        Renders one job in its process; for tests.

    Raises
    ------
    SidemanError
        If the synthesiser or the soundfont cannot be used.
    """
    synthesiser.load(mix.synthesiser, mix.soundfont)
    count = min(processes or os.cpu_count() or 1, len(planned))
    run = partial(work or _outcome, mix=mix, stems=stems)
    if count <= 1:
        for job in planned:
            yield job, run(job)
        return
    left = list(planned)
    while left:
        for job, outcome in _pooled(left, run, count):
            left.remove(job)
            yield job, outcome
        # The pool was broken by one of the jobs that were running or about to run.
        for job in left[: 2 * count]:
            left.remove(job)
            alone = list(_pooled([job], run, 1)) or list(_pooled([job], run, 1))
            yield from alone or [(job, _killed(job))]


def _killed(job: Job) -> KilledError:
    return KilledError(
        f"{job.song}: the process that rendered it was killed, perhaps because memory was short; "
        "render it alone, or with fewer jobs."
    )


def _pooled(
    planned: Sequence[Job], run: Callable[[Job], Outcome], count: int
) -> Iterator[tuple[Job, Outcome]]:
    """Yield the outcomes of jobs in some processes, until one of these is killed."""
    others = set(multiprocessing.active_children())
    pool = ProcessPoolExecutor(count, multiprocessing.get_context("spawn"), _initialise)
    try:
        waiting = {pool.submit(run, job): job for job in planned}
        with contextlib.suppress(BrokenProcessPool):
            for done in as_completed(waiting):
                yield waiting[done], done.result()
        pool.shutdown()
    except BaseException:
        for child in set(multiprocessing.active_children()) - others:
            child.terminate()
        pool.shutdown(cancel_futures=True)
        for folder in {job.sound.parent for job in planned}:
            with contextlib.suppress(OSError):  # nothing is there yet
                files.remove_abandoned(folder)  # that of a process stopped just as it made one
        raise


_stopped = 0
_busy = False


def _initialise() -> None:
    """Leave Ctrl-C to the parent, which terminates this process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _stop)


def _stop(*_: object) -> None:
    global _stopped
    _stopped += 1
    # The pool terminates what its first one has stopped already: let that remove its file.
    if _busy and _stopped > 1:
        return
    # In a finaliser Python reports the exit instead of raising it: then finish the song silently.
    sys.unraisablehook = lambda _: None
    sys.exit(1)


def _outcome(job: Job, mix: Mix, stems: bool) -> Outcome:
    global _busy
    _busy = True
    try:
        if not _stopped:
            return rendered(job, mix=mix, stems=stems)
    except SidemanError as error:
        return error
    except SystemExit:
        pass
    finally:
        _busy = False
        if _stopped > 1:
            os._exit(1)
    return Rendered(job.sound, 0.0)
