"""Arguments as the parts of a request; the files that they name are read here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sideman.cli import options
from sideman.models import registry

if TYPE_CHECKING:
    from sideman.service.playing import Model
    from sideman.service.rating import Marks
    from sideman.service.requests import File, Line, Tune


def tune(asked: str, title: str | None = None) -> Tune:
    """Return the tune that an argument names, contains as text, or gives as a file.

    What could not be read of it is printed on the error stream.
    """
    from sideman import opening
    from sideman.service.requests import Tune

    name, sheet = opening.find(asked, title)
    for notice in sheet.notices:
        click.echo(notice, err=True)
    return Tune(name=name, sheet=sheet)


def file(path: Path) -> File:
    """Return a file of any format."""
    from sideman.formats import registry
    from sideman.service.requests import File

    return File(str(path), registry.content(path))


def choruses(asked: str) -> dict[int, str] | None:
    """Return the marks of the choruses of a take that an argument names; None for other music."""
    from sideman.service import converting

    path = Path(asked)
    return converting.choruses(file(path)) if path.is_file() else None


def target(out: Path | None, *sources: str | Path | None, field: str = "out") -> Path | None:
    """Return a file that is named as output; raise a FileError where it cannot be written.

    A named file is replaced if it exists, but not where it is one of the `sources`.
    """
    from sideman.errors import FileError
    from sideman.files import check_file, is_file

    if out is not None:
        check_file(out, field=field)
        if any(
            source and is_file(source) and is_file(out) and out.samefile(source)
            for source in sources
        ):
            raise FileError(
                f"{out}: is the file that is read; give the output another name.", field=field
            )
    return out


def melody(asked: str) -> File:
    """Return the file that an argument names, or the tune of that name in the songbook as one."""
    from sideman import opening
    from sideman.service import harmonizing
    from sideman.service.requests import Tune

    path = Path(asked)
    if path.exists():
        return file(path)
    name, sheet = opening.find(asked)
    return harmonizing.as_file(Tune(name=name, sheet=sheet))


def shipped(name: str) -> File | None:
    """Return the model that comes with sideman under a name; None if none does."""
    from sideman.models import file

    return file.shipped(name) if name in file.names() and not Path(name).exists() else None


def corpus(paths: Iterable[Path], *, charts: bool = False) -> Iterator[File]:
    """Yield the files, and those with solos (or charts) in folders, each read when it is needed."""
    from sideman.library import corpus

    left = list(reversed(corpus.files(paths, charts=charts)))
    # A path that was read caches more than its text, and is not needed again.
    return (file(left.pop()) for _ in range(len(left)))


def solo_files(paths: Iterable[Path]) -> tuple[Path, ...]:
    """Return the paths of the files, and of those with solos in folders."""
    from sideman.library import corpus

    return corpus.files(paths)


def training_corpus(paths: Iterable[Path], kind: str | None) -> Iterator[File]:
    """Yield the files that a kind of model is trained on: with solos, with charts, or text."""
    from sideman import files
    from sideman.service import learning

    largest = learning.largest_text(kind)
    if not largest:
        return corpus(paths, charts=learning.reads_charts(kind))
    return (files.File(str(path), files.read_bytes(path, at_most=largest)) for path in paths)


def model_file(name: str, known: Sequence[str]) -> str | File:
    """Return the name of a model that comes with sideman, or else the file of a model.

    The error for an unknown name lists the names `known`.
    """
    from sideman.files import File
    from sideman.models import file

    if name in file.names():
        return name
    path, data = file.content(name, known)
    return File(str(path), data)


def split(name: str | None) -> File | None:
    """Return the split with a name, or in a file, that divides a corpus; None for None."""
    if name is None:
        options.refuse(
            ["part", "parts"],
            "--subset reads a subset of a split, and none is given; add --split wjazzd, the "
            "benchmark's, or a file, or leave --subset out.",
        )
        return None
    from sideman.evaluation import loading

    return loading.split_file(name)


def scorer(name: str) -> str | File:
    """Return the name of a model that comes with sideman, or the file of another one."""
    from sideman.evaluation import scorers

    return name if name in scorers.known() else model_file(name, scorers.scoring())


def harmony_model(name: str) -> str | File:
    """Return the name of a model of harmony that comes with sideman, or the file of another."""
    from sideman.models.harmony.model import KIND

    return model_file(name, (KIND,))


def line(path: Path | None) -> Line | None:
    """Return the phrase or take in a file; None for None."""
    if path is None:
        return None
    from sideman.service import playing

    return playing.line(file(path))


def model(name: str) -> Model | None:
    """Return the model in a file; None for the name of one that comes with sideman."""
    from sideman.models import file
    from sideman.service.playing import model_from

    if name in file.names():
        return None
    path, data = file.content(name, registry.players())
    return model_from(data, path.name)


def taste(path: Path | None) -> Marks | None:
    """Return the marks in a taste file; None for None."""
    if path is None:
        return None
    from sideman.errors import concerning
    from sideman.service import rating

    with concerning("taste"):
        return rating.load(path)


def performer(
    name: str | None,
    player: str | None,
    max_copy: int,
    controls: dict[str, Any],
    marks: Path | None,
    take: Path | None = None,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the model and the taste in files, and the fields of a request that name who plays.

    Controls that are None are left out.  Where no model is named, that of the take plays.
    """
    from sideman.service import playing

    tasted = taste(marks)
    if take is not None:
        playing.check_taste(file(take), tasted)
    if name is not None:
        given = model(name)
    elif take is not None:
        name, given = playing.performer_of(file(take), (take.parent, "."))
    else:
        name, given = registry.DEFAULT, None
    return {"model": given, "taste": tasted}, {
        "model": name if given is None else given.name,
        "player": player,
        "max_copy": max_copy,
        "controls": {name: value for name, value in controls.items() if value is not None},
    }


def style(name: str | None) -> dict[str, Any]:
    """Return the fields of a style: its name, or the text of a file."""
    if name is None or not name.casefold().endswith(".toml"):
        return {"style": name}
    from sideman import files

    text = files.read_bytes(name, at_most=files.MEBIBYTE).decode("utf-8", "replace")
    return {"style": name, "style_file": text}
