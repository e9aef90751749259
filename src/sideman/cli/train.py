"""``sideman train``: solos in, or names, a model file out."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sideman import terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sideman.models.file import ModelFile
    from sideman.training.loop import Progress, Settings, Trained


@click.command("train")
@click.argument("files", nargs=-1, metavar="[FILES]...", type=click.Path(path_type=Path))
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path),
    metavar="MODEL",
    help="Where the model goes, such as mine.safetensors.",
)
@click.option("--changes", help="Changes to hear the solos over: a form's name, a file, or typed.")
@click.option(
    "--model-kind",
    type=click.Choice(["course", "soloist", "letters"]),
    default="course",
    show_default=True,
    help="The course's LSTM; the soloist, which hears changes, metre and its own motifs; "
    "or letters, which learns names from a text file, for sideman say.",
)
@click.option(
    "--split",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="For a soloist: JSON that lists the solos of the parts train and valid.",
)
@click.option(
    "--from",
    "begin",
    metavar="NAME_OR_PATH",
    help="Go on from a soloist, to adapt it to these solos.",
)
@click.option(
    "--epochs",
    type=int,
    help="How often all is heard.  [default: 30; a soloist 14, or 6 with --from; letters 40]",
)
@click.option("--units", type=int, help="Units of an LSTM.  [default: 64; a soloist 128 to 256]")
@click.option("--seed", type=int, default=0, show_default=True, help="Where chance begins.")
@click.option(
    "--learning-rate",
    type=float,
    help="How far a step goes.  [default: 0.01; a soloist 0.002, or 0.0003 with --from]",
)
@click.option("--resume", is_flag=True, help="Go on from a checkpoint; refuse to begin anew.")
def command(
    files: tuple[Path, ...],
    out: Path,
    changes: str | None,
    model_kind: str,
    split: Path | None,
    begin: str | None,
    epochs: int | None,
    units: int | None,
    seed: int,
    learning_rate: float | None,
    resume: bool,
) -> None:
    """Train a model on solos, or on names.

    FILES are MIDI files, lead sheets with melodies (.ls), databases in the Weimar schema or folders
    of them; without any, the solos that come with sideman.  For --model-kind letters they are text
    files with a name on each line.  Ctrl-C leaves a checkpoint beside MODEL, and the same command
    goes on from it.
    """
    from sideman.errors import FileError, ModelError

    if out.is_dir():
        raise FileError(f"{out}: is a folder; give the name of a file.")
    if model_kind == "letters":
        if begin is not None or split is not None or changes is not None:
            raise ModelError("Names have no --from, --split or --changes; leave them out.")
        _letters(files, out, epochs, units, seed, learning_rate, resume)
    elif model_kind == "soloist" or begin is not None:
        _soloist(files, out, split, begin, epochs, units, seed, learning_rate, resume)
    else:
        _course(files, out, changes, epochs, units, seed, learning_rate, resume)


def _course(
    files: tuple[Path, ...],
    out: Path,
    changes: str | None,
    epochs: int | None,
    units: int | None,
    seed: int,
    learning_rate: float | None,
    resume: bool,
) -> None:
    """Train the course's model."""
    from sideman.library import charts, corpus
    from sideman.models import course, file
    from sideman.training import loop

    settings = loop.Settings(
        epochs=30 if epochs is None else epochs,
        units=64 if units is None else units,
        seed=seed,
        learning_rate=0.01 if learning_rate is None else learning_rate,
    )
    form = charts.find(changes)[1].changes if changes is not None else None
    _require_checkpoint(out, resume)
    if files:
        solos = [solo for path in corpus.files(files) for solo in corpus.read(path, changes=form)]
    else:
        solos = list(corpus.embedded())
    from sideman.training import tokens

    sentences = tokens.sentences(solos)
    print(
        f"{len(sentences)} solos, {sum(map(len, sentences))} tokens, "
        f"{len({word for words in sentences for word in words})} different; "
        f"corpus {tokens.fingerprint(sentences)[:12]}",
        flush=True,
    )
    trained = _run(sentences, settings, out, course.KIND, "token")
    file.write(out, trained.content)
    loop.forget(loop.checkpoint_path(out))
    print(
        f"{out}  {settings.epochs} epochs, {trained.losses[-1]:.3f} nats a token; "
        f"compiling took {trained.compile_seconds:.1f} s"
    )


def _letters(
    files: tuple[Path, ...],
    out: Path,
    epochs: int | None,
    units: int | None,
    seed: int,
    learning_rate: float | None,
    resume: bool,
) -> None:
    """Train a model of names."""
    from sideman.errors import FormatError
    from sideman.models import file, letters
    from sideman.training import loop

    if not files:
        raise FormatError("There are no names to learn from: give a text file with one a line.")
    names = list(dict.fromkeys(name for path in files for name in letters.read(path)))
    settings = loop.Settings(
        epochs=40 if epochs is None else epochs,
        units=64 if units is None else units,
        seed=seed,
        learning_rate=0.01 if learning_rate is None else learning_rate,
        # A name and its end in one window.
        window=1 + max(map(len, names)),
        whole=True,
    )
    _require_checkpoint(out, resume)
    spelled = letters.spelled(names)
    print(
        f"{len(names):,} names, {sum(map(len, names)):,} letters, "
        f"{len(set().union(*spelled)) - 1} different",
        flush=True,
    )
    trained = _run(
        spelled,
        settings,
        out,
        letters.KIND,
        "letter",
        lambda content: letters.with_heard(content, names),
    )
    file.write(out, trained.content)
    loop.forget(loop.checkpoint_path(out))
    print(
        f"{out}  {settings.epochs} epochs, {trained.losses[-1]:.3f} nats a letter; "
        f"hear some:  sideman say {out}"
    )


def _require_checkpoint(out: Path, resume: bool) -> None:
    """Refuse to go on from nothing."""
    from sideman.errors import ModelError
    from sideman.training import loop

    checkpoint = loop.checkpoint_path(out)
    if resume and not checkpoint.exists():
        raise ModelError(f"{checkpoint}: there is no checkpoint to go on from; leave out --resume.")


def _run(
    sentences: Sequence[Sequence[str]],
    settings: Settings,
    out: Path,
    kind: str,
    unit: str,
    completed: Callable[[ModelFile], ModelFile] = lambda content: content,
) -> Trained:
    """Train under a bar, and complete the model's file; leave if it was stopped or went wrong."""
    from dataclasses import replace

    from sideman.training import loop

    checkpoint = loop.checkpoint_path(out)
    with _Stopping() as stopping, _Bar(settings.epochs, unit) as bar:
        trained = loop.train(
            sentences, settings, checkpoint=checkpoint, report=bar.show, stop=stopping, kind=kind
        )
    trained = replace(trained, content=completed(trained.content))
    if trained.failed_in is not None:
        loop.forget(checkpoint)
        raise _failure(trained, out, settings.learning_rate)
    if not trained.finished:
        print(
            f"Stopped after {len(trained.losses)} of {settings.epochs} epochs; {checkpoint} keeps "
            "them.  To go on, give the same command again.",
            file=sys.stderr,
        )
        sys.exit(130)
    return trained


def _soloist(
    files: tuple[Path, ...],
    out: Path,
    split: Path | None,
    begin: str | None,
    epochs: int | None,
    units: int | None,
    seed: int,
    learning_rate: float | None,
    resume: bool,
) -> None:
    """Train a soloist, or adapt one."""
    from sideman.errors import ModelError, MusicError
    from sideman.models import file, registry, soloist
    from sideman.models.soloist import NeuralSoloist
    from sideman.training import curves, devices, recipe
    from sideman.training.networks import load_jax
    from sideman.training.soloist import Watch

    checkpoints = recipe.checkpoints(out)
    if resume and not recipe.is_begun(out):
        raise ModelError(f"{out}: there is no checkpoint to go on from; leave out --resume.")
    if not files:
        raise MusicError("A soloist needs solos to learn from: name files, or a Weimar database.")
    given: NeuralSoloist | None = None
    if begin is not None:
        kind, given = registry.open_model(begin)
        if kind.name != soloist.KIND:
            raise ModelError(f"{begin}: is no soloist; --from goes on from one of kind 'soloist'.")
    learnt, held_out = recipe.read(files, split)
    notes = sum(len(events) - 1 for events in learnt)
    print(
        f"{len(learnt)} solos, {notes:,} notes to learn; {len(held_out)} solos held out; "
        f"on {devices.told(load_jax())}",
        flush=True,
    )
    settings = recipe.usual_settings(
        epochs, seed, learning_rate, units=units, adapting=given is not None
    )
    with _Stopping(held=False) as stopping, _NoteBar() as bar:
        if given is None:
            print("Counting an n-gram, and what it says of each solo ...", flush=True)
        result = recipe.learn(
            learnt,
            held_out,
            settings=settings,
            begin=given,
            partner=None if given is not None else recipe.counted(learnt, held_out),
            checkpoint=checkpoints,
            watch=Watch(bar.tell, stopping, bar.tick if sys.stderr.isatty() else None),
        )
    if result.content is None and not result.failed:
        print(
            f"Stopped; checkpoints beside {out} keep what is done.  "
            "To go on, give the same command again.",
            file=sys.stderr,
        )
        sys.exit(130)
    if result.content is not None:
        file.write(out, result.content)
        curve = out.with_suffix(".png")
        curves.draw(curve, {key: (one.losses, one.held_out) for key, one in result.trained.items()})
        best = sum(min(one.held_out) for one in result.trained.values())
        print(
            f"{out}  {best:.3f} nats a note on the held-out solos; {curve}; "
            f"at most {devices.peak_memory() / 1e9:.1f} GB of memory"
        )
    recipe.forget(out)
    if result.failed:
        which = ", ".join(f"{factor} in epoch {epoch}" for factor, epoch in result.failed.items())
        kept = f"{out} holds the last good weights" if result.content else "nothing was written"
        raise ModelError(
            f"The loss became no number ({which}); {kept}; train with a lower --learning-rate "
            f"than {settings['ioi'].learning_rate:g}."
        )


def _failure(trained: Any, out: Path, learning_rate: float) -> Exception:
    """Keep what is good of a training that went wrong, and say so."""
    from sideman.errors import ModelError
    from sideman.models import file

    advice = f"train with a lower --learning-rate than {learning_rate:g}."
    if trained.losses:
        file.write(out, trained.content)
        advice = f"{out} holds the weights of epoch {len(trained.losses)}; {advice}"
    return ModelError(f"The loss became no number in epoch {trained.failed_in}; {advice}")


class _Stopping:
    """Turns the first Ctrl-C into a wish to stop after this epoch; obeys a second one at once.

    Not `held`, it obeys the first one too, until it is first asked: no epoch has begun.
    """

    def __init__(self, *, held: bool = True) -> None:
        self._wished = False
        self._held = held
        self._before: Any = None

    def __call__(self) -> bool:
        self._held = True
        return self._wished

    def __enter__(self) -> _Stopping:
        self._before = signal.signal(signal.SIGINT, self._hear)
        return self

    def __exit__(self, *_: object) -> None:
        signal.signal(signal.SIGINT, self._before)

    def _hear(self, *_: object) -> None:
        if self._wished or not self._held:
            raise KeyboardInterrupt
        self._wished = True
        print("\nStopping after this epoch ...", file=sys.stderr, flush=True)


class _Bar:
    """Shows progress: a bar on a terminal, a plain line now and then elsewhere."""

    def __init__(self, epochs: int, unit: str) -> None:
        self._bar: Any = None
        self._unit = unit
        self._lines = max(1, epochs // 10)

    def __enter__(self) -> _Bar:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.close()

    def show(self, progress: Progress) -> None:
        """Show one epoch."""
        rate = progress.tokens / max(progress.seconds, 1e-9)
        if not sys.stderr.isatty():
            if progress.epoch % self._lines == 0 or progress.epoch == progress.epochs:
                left = (progress.epochs - progress.epoch) * progress.seconds
                print(
                    f"epoch {progress.epoch}/{progress.epochs}  {progress.loss:.3f} nats a "
                    f"{self._unit}  {rate:,.0f} {self._unit}s/s  {left:.0f} s left",
                    flush=True,
                )
            return
        if self._bar is None:
            self._bar = terminal.epoch_bar(progress.epochs, progress.epoch - 1)
        self._bar.set_postfix_str(
            f"{progress.loss:.3f} nats a {self._unit}, {rate:,.0f} {self._unit}s/s"
        )
        self._bar.update()


class _NoteBar:
    """Shows how a soloist learns: a line an epoch, and on a terminal a bar below them."""

    def __init__(self) -> None:
        self._bar: Any = None
        self._factor = ""

    def __enter__(self) -> _NoteBar:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.close()

    def tick(self, factor: str, heard: int, notes: int) -> None:
        """Show how many of the notes a network has heard; each is counted in every epoch."""
        if self._bar is None or (self._factor, self._bar.total) != (factor, notes):
            self.__exit__()
            self._bar = terminal.progress_bar(notes, factor, "note", done=heard, unit_scale=True)
            self._factor = factor
        self._bar.update(heard - self._bar.n)

    def tell(self, progress: Any) -> None:
        """Tell of one epoch of one network."""
        rate = progress.notes / progress.seconds
        left = (progress.epochs - progress.epoch) * progress.seconds
        line = (
            f"{progress.factor} {progress.epoch}/{progress.epochs}  {progress.loss:.3f} nats a "
            f"note, held out {progress.held_out:.3f}  {rate:,.0f} notes/s  "
            f"{left / 60:.0f} min left of this network"
        )
        if self._bar is None:
            print(line, flush=True)
        else:
            self._bar.write(line)
