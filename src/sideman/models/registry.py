"""The kinds of model, and how one is opened by name or by path.

A new kind is one module and one line: of :data:`KINDS`, or, in another package, an entry point of
the group ``sideman.kinds`` whose object is a :class:`Kind`.  The module offers
``from_file(content, name)`` for a safetensors file, or ``from_text(text, name)`` for a text file;
what it returns is a :class:`~sideman.models.protocol.Soloist`, a
:class:`~sideman.models.protocol.Scorer`, or both.  ``examples/counted_soloist.py`` is a kind of
another package.

This module loads neither NumPy nor a model, so that a command line can list the kinds.
"""

from __future__ import annotations

import importlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sideman import files
from sideman.errors import ModelError
from sideman.models.controls import Controls, Feature

if TYPE_CHECKING:
    from sideman.models.protocol import Soloist


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of model.

    `module`, which loads it, is imported on first use.  `suffixes` are those of its text files,
    empty for a kind in safetensors files alone; `packed` says whether a kind of text files may also
    be in a safetensors file.  `marks` is a regular expression that is found in its text files; of
    two kinds with a suffix, the first whose marks are found is taken.  `plays` says whether it
    plays solos, best with `defaults`; `trainer` is the module that trains it
    (``sideman.training.plan.Trainer``), if any.
    """

    name: str
    module: str
    suffixes: tuple[str, ...] = ()
    plays: bool = True
    defaults: Controls = Controls()
    trainer: str = ""
    packed: bool = False
    marks: bytes = b""

    def load(self, data: bytes, name: str) -> Any:
        """Return the model in a file's bytes; raise ModelError or FormatError if it's damaged."""
        from sideman.models import file

        module = importlib.import_module(self.module)
        if not self.suffixes or (self.packed and name.lower().endswith(file.SUFFIX)):
            return module.from_file(file.parse(data, name), name)
        return module.from_text(files.decoded(data, name), name)

    def is_in(self, data: bytes, name: str) -> bool:
        """Return whether a text file is of this kind."""
        return name.lower().endswith(self.suffixes) and bool(re.search(self.marks, data, re.M))


KINDS: tuple[Kind, ...] = (
    Kind(
        "soloist",
        "sideman.models.soloist",
        defaults=Controls(pitch=0.93, breath=1, register=1, manner=1, resolve=True, effort=2),
        trainer="sideman.training.trainers.soloist",
    ),
    Kind(
        "course",
        "sideman.models.course.network",
        defaults=Controls(temperature=0.9),
        trainer="sideman.training.trainers.course",
    ),
    Kind("ngram", "sideman.models.ngram", plays=False),
    Kind(
        "letters",
        "sideman.models.letters",
        plays=False,
        trainer="sideman.training.trainers.letters",
    ),
    Kind(
        "harmony",
        "sideman.models.harmony.model",
        plays=False,
        trainer="sideman.training.trainers.harmony",
    ),
    Kind(
        "jazz-grammar",
        "sideman.models.grammar.playing",
        suffixes=(".grammar",),
        trainer="sideman.training.trainers.jazz_grammar",
        packed=True,
        marks=rb"^\s*\(\s*parameter\s*\(\s*model-kind\s+jazz-grammar\s*\)",
    ),
    Kind(
        "cfg",
        "sideman.models.grammar.playing",
        suffixes=(".grammar",),
        trainer="sideman.training.trainers.cfg",
        packed=True,
    ),
)
DEFAULT = KINDS[0].name
GROUP = "sideman.kinds"
"""The entry points of other packages; the object of each is a :class:`Kind`."""


@lru_cache(maxsize=1)
def _installed() -> tuple[Kind, ...]:
    from importlib import metadata  # takes a while to load

    found: list[Kind] = []
    for entry in metadata.entry_points(group=GROUP):
        try:
            found.append(entry.load())
        except (ImportError, AttributeError) as error:
            raise ModelError(
                f"The kind of model {entry.name!r} ({entry.value}) cannot be loaded: {error}; "
                "install its package again, or remove it."
            ) from error
    return tuple(found)


def kinds() -> Iterator[Kind]:
    """Yield the kinds of this package, then those of other packages, searched for on demand."""
    yield from KINDS
    yield from _installed()


def trained() -> tuple[str, ...]:
    """Return the names of the kinds of model that can be trained."""
    return tuple(kind.name for kind in kinds() if kind.trainer)


def players() -> tuple[str, ...]:
    """Return the names of the models that come with sideman and play solos, sorted."""
    from sideman.models import file

    playing_ = {kind.name for kind in KINDS if kind.plays}
    # A model that comes with sideman has the name of its kind.
    return tuple(name for name in file.names() if name in playing_)


def defaults(kind: str) -> Controls:
    """Return the controls with which models of a kind of this package play best."""
    return next(one.defaults for one in KINDS if one.name == kind)


def identify(data: bytes, name: str) -> Kind:
    """Return the kind of a model file: by its suffix, or by the header of a safetensors file.

    Raise ModelError or FormatError if it is no model file, or of an unknown kind.
    """
    from sideman.models import file

    if not name.lower().endswith(file.SUFFIX):
        for kind in kinds():
            if kind.is_in(data, name):
                return kind
    said = file.parse(data, name).kind
    for kind in kinds():
        if kind.name == said and (kind.packed or not kind.suffixes):
            return kind
    raise ModelError(
        f"{name}: a model of kind {said[:40]!r} is unknown to this version of sideman, which "
        f"knows {', '.join(kind.name for kind in kinds())}; name another."
    )


def open_model(name: str | os.PathLike[str]) -> tuple[Kind, Any]:
    """Return kind and model by shipped name or path; raise FileError, FormatError or ModelError."""
    from sideman.models import file

    path, data = file.content(name)
    called = os.fspath(path)
    kind = identify(data, called)
    return kind, kind.load(data, called)


def load(name: str | os.PathLike[str] | None = None, *, like: str | None = None) -> Soloist:
    """Return a soloist by name or path (``soloist`` where None), imitating the player `like`.

    Raise FileError, or ModelError if it plays no solos or has no such player.
    """
    from sideman.models import file

    path, data = file.content(name or DEFAULT, players())
    return imitating(playing(data, os.fspath(path)), like)


def playing(data: bytes, name: str) -> Soloist:
    """Return the soloist in a file's bytes.

    Raise ModelError or FormatError if it is damaged, of an unknown kind, or plays no solos.
    """
    kind = identify(data, name)
    if not kind.plays:
        raise ModelError(
            f"{name}: a model of kind {kind.name!r} plays no solos; name one of kind "
            f"{' or '.join(one.name for one in kinds() if one.plays)}.",
            field="model",
        )
    soloist: Soloist = kind.load(data, name)
    return soloist


def imitating(soloist: Soloist, player: str | None) -> Soloist:
    """Return a soloist that imitates the player with the nearest name; the same where it is None.

    Raise ModelError if the soloist has no players, or not this one.
    """
    if player is None:
        return soloist
    if Feature.PLAYERS not in soloist.features:
        raise ModelError(
            f"The model {soloist.name} has no players; choose one that has, such as soloist.",
            field="player",
        )
    model: Any = soloist
    found: Soloist = model.resembling(player)
    return found
