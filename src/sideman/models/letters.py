"""Names, letter by letter: the same network and the same sampler, without music.

*Its input*: the letter before, as a one-hot vector (zeros before the first).

*Its output*: the probability of each letter, and of the end of the name, as the next symbol.

*Its parameters*: those of :mod:`sideman.models.lstm`, and hashes of the training names, so that
new names can be distinguished from those in the training set.

*Its legal mask*: a name does not end before its first letter, nor go on beyond
:data:`LONGEST_NAME`.

It is the "Dinosaurus Island" of the course "Sequence Models" (deeplearning.ai), after Andrej
Karpathy, "The Unreasonable Effectiveness of Recurrent Neural Networks", 2015.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from sideman import files
from sideman.errors import FormatError, ModelError, MusicError
from sideman.models import lstm
from sideman.models.file import ModelFile
from sideman.models.lstm import Parameters, Stepper

Array = NDArray[np.float32]
KIND = "letters"
END = "\n"
"""The symbol that ends a name, as it ends a line."""
LONGEST_NAME = 100
MOST_NAMES = 200_000
LARGEST_FILE = 8 * files.MEBIBYTE
_LEARNT = "heard"  # the stored name


def parse(data: bytes, name: str) -> tuple[str, ...]:
    """Return the names in a UTF-8 text file, one a line, each once, in the order of the file.

    Accents are composed (Unicode's NFC), so that one letter is one symbol.  A FormatError is raised
    if it is no text, or holds fewer than two names, too many, or a line too long for a name.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FormatError(
            f"{name}: is no UTF-8 text; give a text file with a name on each line."
        ) from error
    names: dict[str, None] = {}
    for number, line in enumerate(text.splitlines(), 1):
        one = unicodedata.normalize("NFC", " ".join(line.split()))
        if any(unicodedata.category(letter) == "Cc" for letter in one):
            raise FormatError(
                f"{name}, line {number}: holds a control character; give a text file with a name "
                "on each line."
            )
        if len(one) > LONGEST_NAME:
            raise FormatError(
                f"{name}, line {number}: {len(one)} letters are too long for a name (at most "
                f"{LONGEST_NAME}); write each name on a line of its own."
            )
        if one:
            names[one] = None
    if len(names) < 2:
        raise FormatError(
            f"{name}: holds {'1 name' if names else 'no names'}, and there is nothing to "
            "learn from fewer than two; write each name on a line of its own."
        )
    if len(names) > MOST_NAMES:
        raise FormatError(f"{name}: {len(names)} names are more than {MOST_NAMES}; give fewer.")
    return tuple(names)


def spelled(names: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """Return the symbols of each name: its letters, and :data:`END`."""
    return tuple((*name, END) for name in names)


def _hash(name: str) -> int:
    """Return the hash of a name, without regard to case."""
    folded = unicodedata.normalize("NFC", name.casefold())
    return int.from_bytes(hashlib.sha256(folded.encode()).digest()[:4], "little")


@dataclass(frozen=True, slots=True, eq=False)
class LettersModel:
    """The network with its alphabet of letters and :data:`END`.

    `learnt` holds hashes of the names of the training set.
    """

    parameters: Parameters
    alphabet: tuple[str, ...]
    learnt: frozenset[int]

    def is_new(self, name: str) -> bool:
        """Return whether a name is none of the training names; case does not matter."""
        return _hash(name) not in self.learnt

    def begin(self, text: str = "") -> Spelling:
        """Begin a name with `text`.

        Its first letter is upper or lower case, whichever is more probable; the others are as given
        where the names have such letters, and else in the other case.  A MusicError is raised if it
        is too long, or holds a letter that no name has.
        """
        text = unicodedata.normalize("NFC", text)
        if len(text) >= LONGEST_NAME:
            raise MusicError(
                f"{len(text)} letters are too many to begin with; give fewer than {LONGEST_NAME}."
            )
        known = set(self.alphabet) - {END}
        cases = [
            [way for way in dict.fromkeys((letter, letter.lower(), letter.upper())) if way in known]
            for letter in text
        ]
        if not all(cases):
            strange = sorted({letter for letter, ways in zip(text, cases, strict=True) if not ways})
            raise MusicError(
                f"No name that this model learnt from has {', '.join(map(repr, strange))}; begin "
                "with other letters."
            )
        rest = "".join(ways[0] for ways in cases[1:])
        begun = [Spelling(self, first + rest) for first in (cases[0] if cases else [""])]
        return max(begun, key=lambda spelling: spelling.log_probability)


class Spelling:
    """A name while it is generated: see :class:`sideman.models.protocol.Decisions`."""

    __slots__ = ("_end", "_last", "_model", "_stepper", "done", "log_probability", "mask", "text")

    def __init__(self, model: LettersModel, text: str = "") -> None:
        self._model = model
        self._stepper = Stepper(model.parameters)
        self._last = len(model.alphabet)
        self._end = model.alphabet.index(END)
        self.text = ""
        """The letters so far."""
        self.done = False
        """Whether the name has ended."""
        self.log_probability = 0.0
        """How likely the network found its beginning."""
        self.mask: Array = np.zeros(len(model.alphabet), np.float32)
        """0 for each legal symbol, minus infinity for the others."""
        self._settle()
        for letter in text:
            probability = lstm.softmax(self.options()[0])
            index = model.alphabet.index(letter)
            self.log_probability += float(np.log(probability[index] + 1e-30))
            self._take(index)

    def options(self) -> tuple[Array, Array]:
        """Return the logits of the next symbol, and which symbols are legal."""
        return self._stepper(self._last), self.mask

    def choose(self, index: int, rng: Generator) -> None:
        """Choose a symbol; no random number is drawn."""
        self._take(index)

    def _take(self, choice: int) -> None:
        if choice == self._end:
            self.done = True
            return
        self._last = choice
        self.text += self._model.alphabet[choice]
        self._settle()

    def _settle(self) -> None:
        # A name of spaces is none.
        self.mask[self._end] = 0 if self.text.strip() else -np.inf
        if len(self.text) >= LONGEST_NAME:
            self.mask[:] = -np.inf
            self.mask[self._end] = 0


def with_heard(content: ModelFile, names: Sequence[str]) -> ModelFile:
    """Return a trained network's file with the hashes of the training names."""
    hashes = np.array(sorted({_hash(name) for name in names}), np.uint32)
    return replace(content, weights={**content.weights, _LEARNT: hashes})


def from_file(content: ModelFile, name: str) -> LettersModel:
    """Return the model of a file; `name` is for messages.  Raise ModelError if it is damaged."""
    if content.kind != KIND:
        raise ModelError(
            f"{name}: generates no names (it is of kind {content.kind[:40]!r}); train one of kind "
            f"{KIND} on a text file of names."
        )
    parameters = lstm.from_file(content, name)
    learnt = content.weights.get(_LEARNT)
    if (
        set(content.weights) != {*lstm.NAMES, _LEARNT}
        or learnt is None
        or learnt.dtype != np.uint32
        or learnt.ndim != 1
    ):
        raise ModelError(f"{name}: its weights are not those of a letters model; train it again.")
    if END not in content.vocabulary or any(len(word) != 1 for word in content.vocabulary):
        raise ModelError(f"{name}: its alphabet is damaged; train it again.")
    return LettersModel(parameters, content.vocabulary, frozenset(map(int, learnt)))
