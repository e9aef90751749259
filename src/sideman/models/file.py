"""The one model file: safetensors, with what a model is in its header.

Nothing in such a file can run.  Its tensors are plain arrays: float32 or float16, or whole
numbers in tables of counts (uint8, uint16, uint32).  Its metadata has one entry, ``sideman``, which
is canonical JSON (keys sorted, no spaces), so that the same model always gives the same bytes:

``format``
    the version of this layout, 1;
``kind``
    which model it is, such as ``course``;
``config``
    sizes and choices that the model needs to be built;
``vocabulary``
    what its outputs mean, in order;
``grammar``
    the version of the grammar that the vocabulary is written in;
``corpus``
    the fingerprint of what it learnt from;
``training``
    how it was trained: epochs, seed, loss;
``versions``
    the libraries it was trained with.

This module checks the file; the model's own module checks that tensors and configuration fit.
"""

from __future__ import annotations

import contextlib
import difflib
import hashlib
import json
import math
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import safetensors
from numpy.typing import NDArray
from safetensors.numpy import save

from sideman import files
from sideman.errors import FileError, ModelError
from sideman.models import course

Weights = Mapping[str, NDArray[Any]]
# The types a tensor may have, by their names in the file.
_TYPES: dict[str, np.dtype[Any]] = {
    "F16": np.dtype("<f2"),
    "F32": np.dtype("<f4"),
    "U8": np.dtype("u1"),
    "U16": np.dtype("<u2"),
    "U32": np.dtype("<u4"),
}
FORMAT = 1
LARGEST_FILE = 64 * files.MEBIBYTE
LARGEST_HEADER = 4 * files.MEBIBYTE
MOST_TENSORS = 256
MOST_WORDS = 65_536
LONGEST_WORD = 256
_SHIPPED = Path(__file__).parent / "weights"
SUFFIX = ".safetensors"
GRAMMAR = ".grammar"
"""The suffix of a grammar as text, a model file that is no safetensors file."""
_KEY = "sideman"


@dataclass(frozen=True, slots=True, eq=False)
class ModelFile:
    """The content of a model file; see the module for the meaning of each field.

    `weights` are float32 or float16, or uint8, uint16 or uint32 in tables of counts; `config` and
    `training` hold plain values (numbers, strings, booleans, lists and mappings of them).
    """

    kind: str
    config: Mapping[str, Any]
    vocabulary: tuple[str, ...]
    weights: Weights
    corpus: str = ""
    training: Mapping[str, Any] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    grammar: int = course.VERSION


def dumps(model: ModelFile) -> bytes:
    """Return a model as the bytes of a safetensors file; raise ModelError if not all is finite."""
    tensors = {}
    for name in sorted(model.weights):
        given = np.asarray(model.weights[name])
        kind = given.dtype.newbyteorder("<")
        tensor = np.array(given, kind if kind in _TYPES.values() else "<f4", order="C")
        if not np.isfinite(tensor).all():
            raise ModelError(f"The weights {name!r} hold a value that is no number; not written.")
        tensors[name] = tensor
    header = {
        "format": FORMAT,
        "kind": model.kind,
        "config": dict(model.config),
        "vocabulary": list(model.vocabulary),
        "grammar": model.grammar,
        "corpus": model.corpus,
        "training": dict(model.training),
        "versions": dict(model.versions),
    }
    text = json.dumps(header, sort_keys=True, separators=(",", ":"), allow_nan=False)
    # One entry alone: the library writes several in no fixed order.
    return save(tensors, {_KEY: text})


def write(path: str | os.PathLike[str], model: ModelFile) -> None:
    """Write a model file whole or not at all; raise FileError or, as :func:`dumps`, ModelError."""
    files.write_whole(path, dumps(model))


def read(path: str | os.PathLike[str]) -> ModelFile:
    """Return the content of a file of at most 64 MiB; raise as :func:`parse`, or a FileError."""
    return parse(files.read_bytes(path, at_most=LARGEST_FILE), os.fspath(path))


def content(name: str | os.PathLike[str], known: Sequence[str] | None = None) -> tuple[Path, bytes]:
    """Return the path of a model (:func:`locate`) and its bytes, at most 64 MiB."""
    path = locate(name, known)
    return path, files.read_bytes(path, at_most=LARGEST_FILE)


def same(name: str, fingerprint: str, folders: Iterable[str | os.PathLike[str]]) -> bytes | None:
    """Return the file of a name and a SHA-256 from the first folder that has it; None for none."""
    if not name.lower().endswith((SUFFIX, GRAMMAR)) or Path(name).name != name:
        return None
    for path in (Path(folder, name) for folder in folders):
        with contextlib.suppress(FileError):
            if files.is_file(path):
                data = files.read_bytes(path, at_most=LARGEST_FILE)
                if hashlib.sha256(data).hexdigest() == fingerprint:
                    return data
    return None


@contextlib.contextmanager
def fitting(message: str) -> Iterator[None]:
    """Raise a ModelError with a message where the content of a file does not fit a model."""
    try:
        yield
    except (KeyError, ValueError, TypeError, IndexError, OverflowError) as error:
        raise ModelError(message) from error


def parse(data: bytes, name: str) -> ModelFile:
    """Return the content of a model file's bytes; raise ModelError if it isn't of this version."""
    header = _header(data, name)
    tensors = _tensors(data, name)

    def entry(key: str, kind: type, default: Any = None) -> Any:
        value = header.get(key, default)
        if type(value) is not kind:
            raise ModelError(f"{name}: its header has no proper {key!r}; train the model again.")
        return value

    version = entry("format", int)
    if version != FORMAT:
        raise ModelError(
            f"{name}: written in format {version}, and this sideman reads format {FORMAT}; "
            "train the model again, or use the sideman that wrote it."
        )
    if (spoken := entry("grammar", int)) != course.VERSION:
        raise ModelError(
            f"{name}: speaks version {spoken} of the grammar, and this sideman speaks "
            f"{course.VERSION}; train the model again."
        )
    words = entry("vocabulary", list)
    if len(words) > MOST_WORDS or not all(
        isinstance(word, str) and len(word) <= LONGEST_WORD for word in words
    ):
        raise ModelError(
            f"{name}: its vocabulary is not a list of at most {MOST_WORDS} words of at most "
            f"{LONGEST_WORD} letters; train the model again."
        )
    if len(set(words)) < len(words):
        raise ModelError(f"{name}: its vocabulary names a word twice; train the model again.")
    versions = entry("versions", dict, {})
    if not all(isinstance(value, str) for value in versions.values()):
        raise ModelError(f"{name}: its header has no proper 'versions'; train the model again.")
    return ModelFile(
        kind=entry("kind", str),
        config=entry("config", dict),
        vocabulary=tuple(words),
        weights=tensors,
        corpus=entry("corpus", str, ""),
        training=entry("training", dict, {}),
        versions=versions,
        grammar=spoken,
    )


def _header(data: bytes, name: str) -> dict[str, Any]:
    """Read what sideman has put into the file's metadata."""
    size = int.from_bytes(data[:8], "little")
    if len(data) < 8 or data[8:9] != b"{":
        raise ModelError(
            f"{name}: not a safetensors file; give a model that `sideman train` made, "
            f"or a grammar whose name ends in {GRAMMAR}."
        )
    if size > LARGEST_HEADER:
        raise ModelError(
            f"{name}: its header is said to be {size} bytes long, and at most {LARGEST_HEADER} are "
            "read; it is damaged."
        )
    if 8 + size > len(data):
        raise ModelError(f"{name}: cut short; get the whole file.")
    try:
        outer = json.loads(data[8 : 8 + size], parse_constant=_no_constant)
        metadata = outer.get("__metadata__")
        text = metadata.get(_KEY) if isinstance(metadata, dict) else None
        if not isinstance(text, str):
            raise ModelError(
                f"{name}: a safetensors file, but no model of sideman's; give one that "
                "`sideman train` made."
            )
        header = json.loads(text, parse_constant=_no_constant)
        if not isinstance(header, dict):
            raise ValueError("no mapping")
    # Too deep a nesting is a RecursionError, a number of ten thousand digits a ValueError.
    except (ValueError, RecursionError, AttributeError) as error:
        raise ModelError(f"{name}: its header is damaged; get the file again.") from error
    return header


def _no_constant(word: str) -> None:
    raise ValueError(f"{word} is no number")


def _tensors(data: bytes, name: str) -> dict[str, NDArray[Any]]:
    """Read the arrays; all must be of known types and finite."""
    try:
        found = safetensors.deserialize(data)  # type: ignore[no-untyped-call]
    except safetensors.SafetensorError as error:
        raise ModelError(f"{name}: its tensors don't fit the file; get the file again.") from error
    if len(found) > MOST_TENSORS:
        raise ModelError(f"{name}: more than {MOST_TENSORS} tensors; it is no model of sideman's.")
    tensors = {}
    for key, tensor in found:
        shape = tuple(tensor["shape"])
        if tensor["dtype"] not in _TYPES:
            raise ModelError(
                f"{name}: the weights {key[:40]!r} are {tensor['dtype']}, and only "
                f"{', '.join(_TYPES)} are read; train the model again."
            )
        kind = _TYPES[tensor["dtype"]]
        if len(shape) > 8 or math.prod(shape) * kind.itemsize != len(tensor["data"]):
            raise ModelError(f"{name}: the weights {key[:40]!r} have no proper shape.")
        values = np.frombuffer(tensor["data"], kind).reshape(shape).astype(kind.newbyteorder("="))
        if not np.isfinite(values).all():
            raise ModelError(
                f"{name}: the weights {key[:40]!r} hold a value that is no number; "
                "the training went wrong: train the model again."
            )
        tensors[key] = values
    return tensors


def names() -> tuple[str, ...]:
    """Return the names of the models that come with sideman, sorted."""
    return tuple(sorted(_shipped()))


def _shipped() -> dict[str, Path]:
    """Return the files of the models that come with sideman, by name."""
    paths = _SHIPPED.iterdir()
    return {path.stem: path for path in paths if path.suffix in (SUFFIX, GRAMMAR)}


def locate(name: str | os.PathLike[str], known: Sequence[str] | None = None) -> Path:
    """Return the path of a model by the name it is shipped under, or by its path.

    A FileError is raised for a path where no file is, and a ModelError for an unknown name, which
    lists the names `known`: those that fit the purpose, or all where None.
    """
    text = os.fspath(name)
    shipped_ = _shipped()
    if text in shipped_:
        return shipped_[text]
    path = Path(text)
    if files.is_file(path):
        return path
    if files.is_folder(path):
        raise FileError(f"{text}: is a folder; give the file of a model.", field="model")
    if path.suffix or len(path.parts) > 1:
        make = "sideman train"
        if text.endswith(GRAMMAR):
            make += ", or sideman inspect, which copies a grammar"
        raise FileError(
            f"{text}: no such model file; check the name, or make it: {make}.", field="model"
        )
    raise unknown(text, known, f" Or give the path of a {SUFFIX} or {GRAMMAR} file.")


def unknown(name: str, known: Sequence[str] | None = None, advice: str = "") -> ModelError:
    """Return the error for a name that no model has; it lists the names `known`, all where None."""
    listed = names() if known is None else known
    near = difflib.get_close_matches(name.lower(), listed, n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(near)}?" if near else "check the name."
    shown = f" Known: {', '.join(listed)}." if listed else ""
    return ModelError(f"Unknown model {name[:40]!r}; {hint}{shown}{advice}", field="model")


def shipped(name: str, known: Sequence[str] | None = None) -> files.File:
    """Return the file of a model that comes with sideman; raise a ModelError if there is none."""
    found = _shipped()
    if name not in found:
        raise unknown(name, known)
    path = found[name]
    return files.File(path.name, path.read_bytes())
