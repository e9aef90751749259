"""Matches of the solos of a corpus with held-out solos, by title and by runs in any key.

A run is a row of notes with the same intervals in both solos, whatever their rhythm.  Trills,
repeated notes and sequences are common to solos that have nothing else in common, so a run counts
for its *different* notes: its different cells of four notes, and three.  A run in which no such
cell returns counts for all its notes.

Of 29,430 pairs of a training solo and a held-out solo of the Weimar database, which are of
different tunes, 362 share 12 notes or more in a row, and the longest run has 36 notes; 45 share 12
different notes, 3 share 14 and none shares :data:`LIMIT`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePath

import numpy as np
from numpy.typing import NDArray

from sideman.errors import MusicError
from sideman.evaluation import novelty
from sideman.evaluation.loading import Item
from sideman.models.events import IntArray
from sideman.score import Note

LIMIT = 15
"""The different notes in a run from which two solos count as one."""
SHORTEST = 9
"""The fewest notes of a run that is found."""
_SIZE, _CELL = SHORTEST - 1, 3
_MOST_ALIKE = 100  # places of one window of intervals: more frequent ones are trills and the like
_NOWHERE = 999  # no interval: between two solos
_TAKE = re.compile(
    r"[-_]\d+$|[-_, (]+(alternate|alt\.?)[ _]take\W*\d*\)?$|[-_, (]+take \d+\)?$", re.IGNORECASE
)
_ASIDE = re.compile(r"[(\[]([^)\]]*)[)\]]")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z0-9])|(?<=[0-9])(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Run:
    """A run of notes that two solos share.

    `different` is what it counts for; `first_note` and `source_note` are its first notes in the
    line and in the held-out solo `source`, from 0.
    """

    notes: int
    different: int
    first_note: int
    source: str
    source_note: int


@dataclass(frozen=True, slots=True)
class Found:
    """The matches of a solo: held-out solos of its title, and the shared run that counts most.

    `run` is None where no run of nine notes is shared.
    """

    titles: tuple[str, ...]
    run: Run | None


class HeldOut:
    """Held-out solos, prepared to be matched; a MusicError where there is none."""

    def __init__(self, items: Iterable[Item]) -> None:
        solos = [(item.name, item.solo) for item in items if item.length > 1]
        if not solos:
            raise MusicError("There is no held-out solo to match with; name other parts or files.")
        self.names = tuple(name for name, _ in solos)
        self._titles = [_forms(solo.title) for _, solo in solos]
        lines = [np.append(intervals(solo.notes), _NOWHERE) for _, solo in solos]
        self._line = np.concatenate(lines)
        self._starts = np.cumsum([0, *map(len, lines)])
        hashes = novelty.hashes_of(self._line, _SIZE)
        self._order = np.argsort(hashes, kind="stable")
        self._hashes = hashes[self._order]

    def match(self, title: str, notes: Sequence[Note], name: str = "") -> Found:
        """Return what a solo shares with these; `name` is another name of it, such as its file's.

        Its title is the same where it begins with the words of the held-out one.
        """
        words = [*_forms(title), *_forms(_CAMEL.sub(" ", PurePath(name).stem))]
        same = [
            held
            for held, forms in zip(self.names, self._titles, strict=True)
            if any(_begins(own, form) for own in words for form in forms)
        ]
        return Found(tuple(same), self._longest(intervals(notes)))

    def _longest(self, line: IntArray) -> Run | None:
        best: Run | None = None
        lengths, firsts, shifts = self._windows(line)
        for at in np.argsort(-lengths, kind="stable"):
            size = int(lengths[at]) + _SIZE - 1
            if best is not None and size + 1 <= best.different:
                break
            first, there = int(firsts[at]), int(firsts[at] + shifts[at])
            shared = line[first : first + size]
            if not np.array_equal(shared, self._line[there : there + size]):
                continue  # equal hashes of unequal intervals
            counts = different(shared)
            if best is None or counts > best.different:
                owner = int(np.searchsorted(self._starts, there, side="right")) - 1
                begin = there - int(self._starts[owner])
                best = Run(size + 1, counts, first, self.names[owner], begin)
        return best

    def _windows(self, line: IntArray) -> tuple[IntArray, IntArray, IntArray]:
        """Return rows of windows found in a held-out solo: how many, the first, and the shift."""
        wanted = novelty.hashes_of(line, _SIZE)
        low = np.searchsorted(self._hashes, wanted, side="left")
        many = np.searchsorted(self._hashes, wanted, side="right") - low
        many[many > _MOST_ALIKE] = 0
        place = np.repeat(np.arange(len(wanted)), many)
        steps = np.arange(many.sum()) - np.repeat(np.cumsum(many) - many, many)
        there = self._order[np.repeat(low, many) + steps]
        return novelty.chains_of(place, there - place)


def intervals(notes: Sequence[Note]) -> IntArray:
    """Return the intervals between the notes of a solo, in semitones."""
    pitch: IntArray = np.array([note.pitch for note in notes], dtype=np.int64)
    return pitch[1:] - pitch[:-1]


def different(run: IntArray) -> int:
    """Return the notes that a run of intervals counts for."""
    cells: NDArray[np.int64] = np.lib.stride_tricks.sliding_window_view(run, _CELL)
    return len(np.unique(cells, axis=0)) + _CELL


def _forms(title: str) -> list[list[str]]:
    """Return the words of a title in the ways that it is written, without take and article."""
    text = _TAKE.sub("", _TAKE.sub("", title.strip()))
    aside = " ".join(_ASIDE.findall(text))
    plain = _ASIDE.sub(" ", text)
    # "Another You (There Will Never Be)" is also written the other way round.
    found = [_words(plain), _words(f"{aside} {plain}")]
    return [words for words in found if words]


def _words(text: str) -> list[str]:
    bare = "".join(
        one for one in unicodedata.normalize("NFKD", text.replace("&", " and ")) if one.isascii()
    )
    words = re.findall(r"[a-z0-9]+", re.sub(r"['`]", "", bare.casefold()))
    while words and words[0] in ("the", "a", "an"):
        del words[0]
    return words


def _begins(words: Sequence[str], held: Sequence[str]) -> bool:
    """Return whether words begin with those of a held-out title, however they are divided."""
    wanted, sofar = "".join(held), ""
    for word in words:
        sofar += word
        if len(sofar) >= len(wanted):
            return sofar == wanted
    return False
