"""``sideman train``: a model file from solos, or from names."""

from __future__ import annotations

import signal
import sys
import time
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from sideman import terminal
from sideman.cli import asked, options
from sideman.cli.options import argument, option
from sideman.models import registry
from sideman.words import counted

if TYPE_CHECKING:
    from sideman.service.learning import TrainRequest, TrainResult
    from sideman.training.plan import Progress


def _defaults(setting: str) -> str:
    """Return the default of a setting for each kind of model, as the help shows it."""
    from sideman.service import learning

    first, *others = learning.defaults(setting).items()
    return "; ".join([f"{first[0]}: {first[1]}", *(f"{name}: {text}" for name, text in others)])


@click.command("train")
@argument("files", nargs=-1, metavar="[FILES]...", type=click.Path(path_type=Path))
@options.file(
    "--out",
    metavar="MODEL",
    default_text="sideman-out/KIND.safetensors, with a number where there is another model",
    help="Model file, such as m.safetensors, or m.grammar; an earlier one is replaced.",
)
@option(
    "--changes",
    metavar="CHANGES",
    shell_complete=options.tunes,
    help="Changes for solos without chords: a tune of the songbook, a file, or typed changes.",
)
@option(
    "--model-kind",
    "kind",
    type=click.Choice(registry.trained()),
    default_text="that of the model to fine-tune, or course",
    help="Kind of model: the LSTM of the course, the soloist, a grammar of chained clusters of "
    "bars (jazz-grammar) or of single bars (cfg), changes for sideman surprise (harmony), or a "
    "letter model for sideman say.",
)
@options.split("only those of train are learnt or counted.", "Soloist, grammars: ")
@option(
    "--init-from",
    "base",
    aliases=("--from",),
    metavar="NAME_OR_FILE",
    default_text="none, or soloist to add counts to",
    help="Soloist to fine-tune on these solos, or to add their counts to.",
)
@option(
    "--counts-only",
    is_flag=True,
    default=None,
    help="Soloist: train nothing, only add the solos to the counts of the corpus.",
)
@option(
    "--weight",
    type=float,
    metavar="X",
    default_text="30",
    help="How often each note counts with --counts-only; above 30 lines are nearer to the solos.",
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
@option(
    "--order",
    type=int,
    metavar="N",
    default_text=lambda: _defaults("order"),
    help="Grammars: what follows a bar depends on the clusters of the last N - 1 bars, 1 to 4.",
)
@option(
    "--clusters",
    type=int,
    metavar="N",
    default_text=lambda: _defaults("clusters"),
    help="Grammars: number of clusters of bars.",
)
@option(
    "--windows-per-cluster",
    "per_cluster",
    type=int,
    metavar="N",
    default_text=lambda: _defaults("per_cluster"),
    help="Grammars: least number of windows for each cluster.",
)
@option(
    "--window",
    type=int,
    metavar="BEATS",
    default_text=lambda: _defaults("window"),
    help="Grammars: length of a window in quarters.",
)
@option(
    "--form",
    metavar="FORM",
    default_text=lambda: _defaults("form"),
    help="Grammars: write bars as slopes of chord and colour tones, as scale degrees, or both.",
)
@option(
    "--player",
    metavar="NAME",
    help="Grammars, --counts-only: learn from the solos of this player only.",
)
@option(
    "--as-played",
    is_flag=True,
    default=None,
    help="Grammars: learn played onsets and lengths as they are, not cleaned.",
)
@option(
    "--whole-bars",
    is_flag=True,
    default=None,
    help="Grammars: fit the likelihood of whole bars, which do not share their parts; needs "
    "--split.",
)
@options.file(
    "--log",
    help="Also write the losses of each epoch to this CSV file, or go on in it with a checkpoint.",
)
@option(
    "--tensorboard",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Also write the losses as event files of TensorBoard to this folder.",
)
@option("--resume", is_flag=True, help="Continue from a checkpoint; fail if there is none.")
def command(
    files: tuple[Path, ...],
    out: Path | None,
    changes: str | None,
    split: str | None,
    base: str | None,
    resume: bool,
    log: Path | None,
    tensorboard: Path | None,
    **settings: Any,
) -> None:
    """Train a model on solos, charts or names, or learn a grammar from solos.

    FILES are MIDI files, lead sheets with melodies (.ls), databases in the Weimar schema, or
    folders; the default is the solos that come with sideman.  For --model-kind harmony they are
    charts of any format, such as playlists of iReal Pro, and the default is the songbook and the
    études; for letters they are text files with one name per line.  A grammar is written as text
    where MODEL ends in .grammar.  Ctrl-C saves a checkpoint beside MODEL, and the same command
    continues from it, within an epoch too; a grammar and a model of harmony are learnt in a minute,
    and have none.

    With --counts-only a soloist takes up the vocabulary of your solos at once: they are counted,
    in any key, and the counts are combined with the networks of --init-from while it plays.
    """
    from sideman.errors import FileError
    from sideman.files import check_folder, is_file, read_bytes
    from sideman.models.file import GRAMMAR
    from sideman.service import learning

    unnamed = out is None
    out = out or _unnamed(settings["kind"])
    if out.is_dir():
        raise FileError(f"{out}: is a folder; give the name of a file.")
    check_folder(out.parent, field="out")
    if any(is_file(path) and is_file(out) and out.samefile(path) for path in files):
        raise FileError(
            f"{out}: is one of the files to learn from; give the model another name.", field="out"
        )
    _check_suffix(out, settings["kind"])
    if out.suffix == GRAMMAR and out.is_file() and not learning.is_learnt(read_bytes(out)):
        raise FileError(
            f"{out}: is a grammar that no training has written; give the model another name.",
            field="out",
        )
    request = learning.TrainRequest(
        corpus=asked.training_corpus(files, settings["kind"]),
        changes=None if changes is None else asked.tune(changes),
        split=asked.split(split),
        base=None if base is None else asked.model_file(base, learning.tunable()),
        **settings,
    )
    asked.target(log, out, *files, field="log")
    result = _trained(request, out, resume, (log, tensorboard))
    _written(result, out, settings["kind"], unnamed)


def _unnamed(kind: str | None) -> Path:
    """Return the first path for a model of a kind where there is none, a checkpoint aside."""
    stem = kind or "model"
    names = (stem if number == 1 else f"{stem}-{number}" for number in count(1))
    paths = (options.FOLDER / f"{name}.safetensors" for name in names)
    return next(path for path in paths if not path.exists())


def _trained(
    request: TrainRequest, out: Path, resume: bool, log: tuple[Path | None, Path | None]
) -> TrainResult:
    """Train; show progress, and exit if the training was stopped."""
    from sideman.service import learning
    from sideman.training.logs import Logs
    from sideman.training.plan import Watch

    resumable = learning.resumable(request.kind)
    with _Stopping(resumable) as stopping, _Bar() as bar:
        result = learning.train(
            request,
            out=out,
            resume=resume,
            log=Logs(*log),
            cancel=stopping,
            watching=Watch(report=bar.report, tick=bar.tick, tell=_say),
        )
    if not result.finished and not resumable:
        _nothing_written()
    if not result.finished and not result.failure:
        done = f"after {counted(result.epochs, 'epoch')}"
        print(
            f"Stopped {done if result.epochs else 'in the first epoch'}; a checkpoint is "
            f"beside {out}.  To continue, run the same command again.",
            file=sys.stderr,
        )
        sys.exit(130)
    return result


def _check_suffix(out: Path, kind: str | None) -> None:
    """Raise an error for a text file of a kind that has none, or a suffix that no grammar has."""
    from sideman.errors import FileError
    from sideman.models import file
    from sideman.service import learning

    own = learning.text_suffixes(kind)
    if out.suffix not in own and any(out.suffix in one.suffixes for one in registry.kinds()):
        raise FileError(
            f"{out}: a model of kind {kind or 'course'!r} is not text; give a name that ends in "
            f"{file.SUFFIX}.",
            field="out",
        )
    written = (file.SUFFIX, *own)
    if own and out.suffix not in written:
        raise FileError(
            f"{out}: a grammar is a file of {' or '.join(written)}; give such a name.", field="out"
        )


def _written(result: TrainResult, out: Path, kind: str | None, unnamed: bool) -> None:
    """Write the model and its losses, remove the checkpoints, and print what was written.

    Where the name was chosen here, an earlier model with the same content has it again.
    """
    from sideman import files
    from sideman.errors import ModelError
    from sideman.service import learning
    from sideman.training import devices

    learnt, curve = out, out.with_suffix(".png")
    has_curve = result.model is not None and result.has_held_out
    if result.model is not None:
        text = result.text if out.suffix in learning.text_suffixes(kind) else None
        contents = {out.suffix: text or result.model}
        if has_curve:
            contents[".png"] = result.picture()
        # What is named is replaced, and the picture of a model that is replaced; others are kept.
        replaced = () if unnamed else (*contents,) if out.exists() else (out.suffix,)
        stem = (kind or "model") if unnamed else out.stem
        with files.staging(out.parent) as staged:
            for suffix, content in contents.items():
                folder = out.parent if suffix in replaced else staged
                files.write_whole(folder / f"{stem}{suffix}", content)
            placed = files.place(staged, out.parent, stem)
        learnt = placed.get(f"{stem}{out.suffix}", out)
        curve = placed.get(f"{stem}.png", curve)
    learning.forget(out)
    out = learnt
    if result.failure:
        kept = f"{out} holds the last good weights" if result.model else "nothing was written"
        raise ModelError(
            f"The loss became no number ({result.failure}); {kept}; train with a learning rate "
            f"lower than {result.learning_rate:g}.",
            field="learning_rate",
        )
    print(
        f"{out}  {result.description}"
        + (f"; {curve}" if has_curve else "")
        + f"; at most {devices.peak_memory() / 1e9:.1f} GB of memory"
        + (f"; generate some:  sideman say {out}" if kind == "letters" else "")
        + ("" if result.text is None else f"; hear it:  sideman improvise blues-f --model {out}")
    )


def _say(sentence: str) -> None:
    print(sentence, flush=True)


def _nothing_written() -> NoReturn:
    print("Stopped; nothing was written.", file=sys.stderr)
    sys.exit(130)


class _Stopping:
    """Stop after the present update on the first Ctrl-C, and at once on the second.

    Before the first epoch, and where there are no checkpoints, the first Ctrl-C stops at once.
    Where its exception is lost, as in a callback of the garbage collector, the training stops
    before the first epoch.
    """

    def __init__(self, resumable: bool = True) -> None:
        self._resumable = resumable
        self._wanted = False
        self._begun = False
        self._before: Any = None
        self._hook: Any = None

    def __call__(self) -> bool:
        self._begun = True
        return self._wanted

    def __enter__(self) -> _Stopping:
        self._before = signal.signal(signal.SIGINT, self._interrupted)
        self._hook, sys.unraisablehook = sys.unraisablehook, self._lost
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        signal.signal(signal.SIGINT, self._before)
        sys.unraisablehook = self._hook
        if kind is KeyboardInterrupt and self._begun and not self._resumable:
            _nothing_written()

    def _lost(self, lost: Any) -> None:
        if lost.exc_type is not KeyboardInterrupt:
            self._hook(lost)

    def _interrupted(self, *_: object) -> None:
        again, self._wanted = self._wanted, True
        if again or not self._begun or not self._resumable:
            raise KeyboardInterrupt
        print("\nStopping ...", file=sys.stderr, flush=True)


_COMPILED = 2  # updates of a network, after which no more is compiled


class _Bar:
    """Print ten lines for a short training and one per epoch for a long one, and the time left.

    A terminal has a bar that counts the symbols of a network; elsewhere there is a line every ten
    seconds on standard error.
    """

    def __init__(self) -> None:
        self._bar: Any = None
        self._counted: tuple[str, int] | None = None
        self._drawn = sys.stderr.isatty()
        self._begun = time.monotonic()

    def __enter__(self) -> _Bar:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.close()

    def tick(self, network: str, done: int, symbols: int) -> None:
        """Show how many symbols have been processed in all epochs of a network."""
        name = network or "Training"
        if self._counted != (network, symbols):
            self.__exit__()
            self._counted = network, symbols
            self._ticks, self._last = 0, time.monotonic()
            if self._drawn:
                self._bar = terminal.progress_bar(symbols, name, "", done=done, unit_scale=True)
        now = time.monotonic()
        self._ticks += 1
        if self._ticks <= _COMPILED:
            self._first, self._since = done, now
        if self._bar is not None:
            self._bar.update(done - self._bar.n)
        elif now - self._last >= terminal.LINE_SECONDS and done > self._first:
            self._last = now
            rate = (done - self._first) / (now - self._since)
            _note(f"{name}: {done / symbols:.0%}, {_duration((symbols - done) / rate)} left")

    def report(self, progress: Progress) -> None:
        """Show one epoch, or what a step found."""
        if progress.text:
            print(progress.text, flush=True)
            took = _duration(time.monotonic() - self._begun)
            _note(f"step {progress.epoch}/{progress.epochs}, {took} so far")
            return
        rate = progress.symbols / max(progress.seconds, 1e-9)
        left = (progress.epochs - progress.epoch) * progress.seconds
        loss = f"{progress.loss:.3f} nats"
        if progress.held_out is not None:
            loss += f", held out {progress.held_out:.3f}"
        line = (
            f"{progress.network or 'epoch'} {progress.epoch}/{progress.epochs}  {loss}  "
            f"{rate:,.0f} symbols/s  {_duration(left)} left"
        )
        if self._bar is None:
            every = 1 if progress.network else max(1, progress.epochs // 10)
            if progress.epoch % every == 0 or progress.epoch == progress.epochs:
                print(line, flush=True)
        elif progress.network:
            self._bar.write(line)
        else:
            self._bar.set_postfix_str(loss)


def _note(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
