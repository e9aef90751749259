"""``sideman render``: MIDI files in, sound out."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sideman import terminal
from sideman.cli import options
from sideman.cli.options import argument, option
from sideman.cli.written import Files
from sideman.errors import FileError, SidemanError

if TYPE_CHECKING:
    from sideman.output.audio import Mix
    from sideman.output.audio.batch import Job


def _synthesiser() -> str:
    """Return the name of the default synthesiser."""
    from sideman.output.audio import Mix

    return Mix().synthesiser


def _present(_: click.Context, __: click.Parameter, name: str) -> str:
    """Return a synthesiser's name; for tinysoundfont, the earlier default, the present default."""
    return _synthesiser() if name == "tinysoundfont" else name


@click.command("render")
@argument("paths", type=click.Path(path_type=Path), nargs=-1, required=True)
@option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    default_text="beside the MIDI files",
    help="Folder for the sound files.",
)
@option(
    "--format",
    "kind",
    type=click.Choice(["mp3", "wav", "flac", "ogg"]),
    default="mp3",
    help="Format of the sound files, where no sound file is named.",
)
@options.MUTE
@option("--only", multiple=True, metavar="PART", help="Render only this part; repeatable.")
@options.METRONOME
@options.STEMS
@option("--dry", is_flag=True, help="Add no reverb.")
@options.SOUNDFONT
@option(
    "--synth",
    type=click.Choice(["midirenderer", "fluidsynth", "tinysoundfont"]),
    default=_synthesiser,
    metavar="[midirenderer|fluidsynth]",
    callback=_present,
    help="Synthesiser; FluidSynth must be installed, and its versions sound slightly different.",
)
@option(
    "--jobs",
    type=click.IntRange(1, 64),
    metavar="N",
    default_text="one per processor",
    help="Number of files to render in parallel.",
)
@option("--resume", is_flag=True, help="Skip files whose sound file already exists.")
@options.QUIET
@options.AS_JSON
def command(
    paths: tuple[Path, ...],
    out: Path | None,
    kind: str,
    without: tuple[str, ...],
    only: tuple[str, ...],
    metronome: bool,
    stems: bool,
    dry: bool,
    soundfont: Path | None,
    synth: str,
    jobs: int | None,
    resume: bool,
    quiet: bool,
    as_json: bool,
) -> None:
    """Render a MIDI file to sound.

    PATHS are one MIDI file and its sound file (song.mid song.mp3, or .wav, .flac, .ogg), or any
    number of MIDI files and folders.  A sound file that is named is replaced if it exists; the
    others get a number (song-2.mp3) where there is another sound of the same name.
    """
    from sideman.output import audio
    from sideman.output.audio import batch
    from sideman.processes import KilledError

    mix = audio.Mix(only, without, metronome, not dry, soundfont, synth)
    planned = _planned(paths, out, kind)
    written = Files(quiet, as_json)
    if resume:
        planned = tuple(job for job in planned if not job.sound.exists())
        if not planned:
            click.echo("Every sound is there already.", err=quiet or as_json)
            written.end()
            return
    if len(planned) == 1:
        _alone(planned[0], mix, stems, written)
        return
    failed = killed = 0
    with terminal.progress_bar(len(planned), "Rendering", "song", disable=None) as bar:
        for _, outcome in batch.render_all(planned, mix=mix, stems=stems, processes=jobs):
            bar.update()
            if isinstance(outcome, SidemanError):
                failed += 1
                killed += isinstance(outcome, KilledError)
                bar.write(f"sideman: {outcome}", file=sys.stderr)
            else:
                line = _line(written, outcome.sound, outcome.seconds)
                if line:
                    bar.write(line, file=sys.stdout)
    written.end()
    if failed:
        summary = (
            f"{failed} of {len(planned)} songs could not be rendered: see above; correct or leave "
            "them out, and go on with --resume."
        )
        if failed > killed:
            raise FileError(summary)
        # The songs are not at fault.
        click.echo(f"sideman: {summary}", err=True)
        sys.exit(1)


def _planned(paths: tuple[Path, ...], out: Path | None, kind: str) -> tuple[Job, ...]:
    """Return the songs and their targets, from one song and its sound or any number of songs."""
    from sideman.output.audio import batch, encoding

    last = paths[-1]
    if len(paths) == 1 or last.is_dir() or last.suffix.lower() in batch.SONGS:
        return batch.jobs(paths, out, f".{kind}")
    encoding.check_suffix(last)
    if len(paths) > 2 or paths[0].is_dir():
        raise FileError(
            f"{last}: one sound cannot hold several songs; say --out FOLDER --format "
            f"{last.suffix[1:].lower()} instead."
        )
    return (batch.Job(paths[0], last if out is None else out / last, named=True),)


def _alone(job: Job, mix: Mix, stems: bool, written: Files) -> None:
    """Render one song to its file, in bounded memory, and show the progress."""
    from sideman.output.audio import batch

    layout = "{desc}: {percentage:3.0f}%|{bar}| {elapsed}<{remaining}"
    with terminal.progress_bar(
        1.0, "Rendering", "song", disable=None, leave=False, bar_format=layout
    ) as bar:
        done = batch.rendered(
            job, mix=mix, stems=stems, progress=lambda share: bar.update(share - bar.n)
        )
    for sound in (done.sound, *done.stems):
        if line := _line(written, sound, done.seconds):
            click.echo(line)
    written.end()


def _line(written: Files, sound: Path, seconds: float) -> str:
    from sideman.output.audio import clock

    told = f"{sound.suffix[1:].upper()}: {clock(seconds)}"
    return written.line(sound, told, seconds=round(seconds, 3))
