"""``sideman train``: a model file from solos, or from names."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sideman import terminal
from sideman.cli import options
from sideman.cli.options import option

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sideman.models.file import ModelFile
    from sideman.training.loop import Progress, Settings, Trained


_LETTERS_EPOCHS = 40


def _defaults(name: str) -> str:
    """Return the default of a setting for each kind of model, as the help shows it."""
    from sideman.training import loop, recipe, soloist

    text = f"{getattr(loop.Settings(), name):g}"
    if name == "units":
        return f"{text}; soloist: {min(soloist.UNITS.values())} to {max(soloist.UNITS.values())}"
    usual, adapted = (
        getattr(next(iter(recipe.usual_settings(adapting=one).values())), name)
        for one in (False, True)
    )
    text += f"; soloist: {usual:g}, or {adapted:g} with --init-from"
    return f"{text}; letters: {_LETTERS_EPOCHS}" if name == "epochs" else text


@click.command("train")
@click.argument("files", nargs=-1, metavar="[FILES]...", type=click.Path(path_type=Path))
@options.file("--out", required=True, metavar="MODEL", help="Model file, such as m.safetensors.")
@option(
    "--changes",
    metavar="CHANGES",
    help="Changes for solos without chords: a tune of the songbook, a file, or typed changes.",
)
@option(
    "--model-kind",
    type=click.Choice(["course", "soloist", "letters"]),
    default="course",
    help="Kind of model: the LSTM of the course, the soloist, or a letter model for sideman say.",
)
@options.file("--split", help="Soloist: JSON file that lists the solos of train and valid.")
@option(
    "--init-from",
    "begin",
    aliases=("--from",),
    metavar="NAME_OR_FILE",
    help="Soloist to fine-tune on these solos.",
)
@option(
    "--epochs",
    type=int,
    metavar="N",
    default_text=lambda: _defaults("epochs"),
    help="Number of passes over the data.",
)
@option(
    "--units",
    type=int,
    metavar="N",
    default_text=lambda: _defaults("units"),
    help="Number of units of each LSTM.",
)
@option("--seed", type=int, default=0, help="Seed of the random numbers.")
@option(
    "--learning-rate",
    type=float,
    metavar="X",
    default_text=lambda: _defaults("learning_rate"),
    help="Initial learning rate.",
)
@option("--resume", is_flag=True, help="Continue from a checkpoint; fail if there is none.")
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
    """Train a model on solos or names.

    FILES are MIDI files, lead sheets with melodies (.ls), databases in the Weimar schema, or
    folders; the default is the solos that come with sideman.  For --model-kind letters they are
    text files with one name per line.  Ctrl-C saves a checkpoint beside MODEL, and the same command
    continues from it.
    """
    from sideman.errors import FileError, ModelError
    from sideman.files import check_folder
    from sideman.training import networks

    if out.is_dir():
        raise FileError(f"{out}: is a folder; give the name of a file.")
    check_folder(out.parent, field="out")
    networks.check()
    if model_kind == "letters":
        if begin is not None or split is not None or changes is not None:
            raise ModelError(
                "A letter model takes no --init-from, --split or --changes; leave them out."
            )
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
    """Train a course model."""
    from sideman.library import charts, corpus
    from sideman.models import course, file
    from sideman.training import loop

    settings = _settings(epochs, units, seed, learning_rate)
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


def _settings(
    epochs: int | None, units: int | None, seed: int, learning_rate: float | None, **more: Any
) -> Settings:
    """Return the settings of a course or letter model; None stands for the default."""
    from dataclasses import replace

    from sideman.training import loop

    given: dict[str, Any] = {
        "epochs": epochs,
        "units": units,
        "learning_rate": learning_rate,
        **more,
    }
    return replace(
        loop.Settings(seed=seed),
        **{name: value for name, value in given.items() if value is not None},
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
    """Train a letter model."""
    from sideman.errors import FormatError
    from sideman.models import file, letters
    from sideman.training import loop

    if not files:
        raise FormatError("There are no names to learn from: give a text file with one a line.")
    names = list(dict.fromkeys(name for path in files for name in letters.read(path)))
    settings = _settings(
        _LETTERS_EPOCHS if epochs is None else epochs,
        units,
        seed,
        learning_rate,
        window=1 + max(map(len, names)),  # a name and its end
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
    """Raise an error if ``--resume`` is given and there is no checkpoint."""
    from sideman.errors import ModelError
    from sideman.training import loop

    checkpoint = loop.checkpoint_path(out)
    if resume and not checkpoint.exists():
        raise ModelError(f"{checkpoint}: no checkpoint to continue from; leave out --resume.")


def _run(
    sentences: Sequence[Sequence[str]],
    settings: Settings,
    out: Path,
    kind: str,
    unit: str,
    completed: Callable[[ModelFile], ModelFile] = lambda content: content,
) -> Trained:
    """Return the trained model; show progress, and exit if training was stopped or failed."""
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
            "them.  To continue, run the same command again.",
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
    """Train a soloist, or fine-tune one."""
    from sideman.errors import ModelError, MusicError
    from sideman.models import file, registry, soloist
    from sideman.models.soloist import NeuralSoloist
    from sideman.training import curves, devices, recipe
    from sideman.training.networks import load_jax
    from sideman.training.soloist import Watch

    checkpoints = recipe.checkpoints(out)
    if resume and not recipe.is_begun(out):
        raise ModelError(f"{out}: no checkpoint to continue from; leave out --resume.")
    if not files:
        raise MusicError("A soloist needs solos to learn from: name files, or a Weimar database.")
    given: NeuralSoloist | None = None
    if begin is not None:
        kind, given = registry.open_model(begin)
        if kind.name != soloist.KIND:
            raise ModelError(
                f"{begin}: is no soloist; --init-from needs a model of kind 'soloist'."
            )
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
            "To continue, run the same command again.",
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
    """Save the last good weights of a failed training, and return the error to raise."""
    from sideman.errors import ModelError
    from sideman.models import file

    advice = f"train with a lower --learning-rate than {learning_rate:g}."
    if trained.losses:
        file.write(out, trained.content)
        advice = f"{out} holds the weights of epoch {len(trained.losses)}; {advice}"
    return ModelError(f"The loss became no number in epoch {trained.failed_in}; {advice}")


class _Stopping:
    """Stop after the current epoch on the first Ctrl-C, and at once on the second.

    Unless `held`, the first Ctrl-C also stops at once until the first epoch has begun.
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
    """Show progress as a bar on a terminal, as ten lines elsewhere."""

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
    """Show one line per epoch of a soloist, and on a terminal a progress bar below."""

    def __init__(self) -> None:
        self._bar: Any = None
        self._factor = ""

    def __enter__(self) -> _NoteBar:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.close()

    def tick(self, factor: str, heard: int, notes: int) -> None:
        """Show how many notes have been processed, counted again in each epoch."""
        if self._bar is None or (self._factor, self._bar.total) != (factor, notes):
            self.__exit__()
            self._bar = terminal.progress_bar(notes, factor, "note", done=heard, unit_scale=True)
            self._factor = factor
        self._bar.update(heard - self._bar.n)

    def tell(self, progress: Any) -> None:
        """Print the result of one epoch of one network."""
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
