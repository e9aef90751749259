"""Matches of a line with a corpus, in any key.

A note is represented by its interval from the note before and by the class of its IOI; n notes in
a row are n - 1 such symbols, the same in every transposition.  An :class:`Index` contains the runs
of 5, 8 and 11 symbols (6, 9 and 12 notes) of every solo of a corpus, as hashes.  A line matches a
solo over n notes if every run of those sizes inside them occurs somewhere in that solo.  So a copy
is never overlooked; pieces of a long match that occur in one solo in another order are counted as
one match.

:class:`Limit` bounds the longest match of a line while it is played.  :func:`shipped` is the index
of the Weimar solos: hashes with the solos' names, no notes.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sideman.errors import ModelError, MusicError
from sideman.models import file
from sideman.models.events import IOI_EDGES, IntArray
from sideman.score import Note, Solo
from sideman.words import counted

KIND = "fingerprint"
SIZES = (5, 8, 11)
"""The runs that are known, in symbols: one less than notes."""
FEWEST = SIZES[0]
"""The notes to which matches can be held: longer ones show."""
PLAYERS_LONGEST = 8.2
"""Notes of the longest match of a held-out solo with another of the 417 Weimar solos: the mean of
the 46 of part test, a solo without a match counted as 0; ``benchmarks/measure_players.py``."""
MOST_SOLOS = 60_000
_SEED, _FACTOR = 0x5851F42D4C957F2D, 0x9E3779B97F4A7C15
# Each size with the longest match that shows by it alone: a longer one shows by the next size.
_LEVELS = tuple(zip(SIZES, (*SIZES[1:], 1 << 30), strict=True))
_SIDES: tuple[Literal["left", "right"], ...] = ("left", "right")
_SHIPPED = Path(__file__).parent / "weimar.safetensors"


@dataclass(frozen=True, slots=True)
class Match:
    """The longest match of a line with a corpus, in notes; 0 where none has six.

    `source` is the solo that contains it (the first in the index; empty where none), `first_note`
    the note of the line at which it begins, and `share` that of the line's notes inside matches, 0
    to 1.
    """

    longest: int
    source: str
    first_note: int
    share: float


@dataclass(frozen=True, slots=True, eq=False)
class Index:
    """The runs of a corpus.

    `runs` hold, for each of :data:`SIZES`, rising hashes (uint32), and for each the number of the
    solo in which it occurs (uint16); a run that occurs in several solos is listed for each.
    """

    names: tuple[str, ...]
    runs: Mapping[int, tuple[NDArray[np.uint32], NDArray[np.uint16]]]

    def match(self, solo: Solo, without: Collection[str] = ()) -> Match:
        """Return the longest match of a solo: see :meth:`match_symbols`."""
        return self.match_symbols(symbols_of(solo.notes), without)

    def match_symbols(self, symbols: IntArray, without: Collection[str] = ()) -> Match:
        """Return the longest match of a line (:func:`symbols_of`), and its share in matches.

        Solos of the corpus that are named in `without` are ignored, such as the line itself.
        """
        barred = np.array([name in without for name in self.names], dtype=bool)
        inside = np.zeros(len(symbols) + 1, dtype=bool)
        longest, source, first = 0, -1, 0
        for size, above in _LEVELS:
            place, number = self._found(hashes_of(symbols, size), size, barred)
            if size == SIZES[0]:
                for offset in range(size + 1):
                    inside[place + offset] = True
            lengths, starts, solos = chains_of(place, number)
            if not len(lengths):
                break
            best = int(lengths.argmax())
            # A longer one would show among the longer runs.
            notes = min(int(lengths[best]) + size, above)
            if notes > longest:
                longest, source, first = notes, int(solos[best]), int(starts[best])
        share = float(inside.mean())
        return Match(longest, self.names[source] if source >= 0 else "", first, share)

    def beyond(self, notes: Sequence[Note], most: int) -> tuple[tuple[int, int], ...]:
        """Return every match of more than `most` notes (at least five): first note and length."""
        symbols = symbols_of(notes)
        none = np.zeros(len(self.names), dtype=bool)
        found: list[tuple[int, int]] = []
        for size, above in _LEVELS:
            if above > most:
                place, number = self._found(hashes_of(symbols, size), size, none)
                lengths, starts, _ = chains_of(place, number)
                counts = np.minimum(lengths + size, above)
                long = counts > most
                found += zip(starts[long].tolist(), counts[long].tolist(), strict=True)
        return tuple(found)

    def _found(
        self, hashes: NDArray[np.uint32], size: int, barred: NDArray[np.bool_]
    ) -> tuple[IntArray, IntArray]:
        """Return every place in the line whose run occurs in a solo, with the solo's number."""
        known, numbers = self.runs[size]
        low = np.searchsorted(known, hashes, side="left")
        many = np.searchsorted(known, hashes, side="right") - low
        place = np.repeat(np.arange(len(hashes)), many)
        steps = np.arange(many.sum()) - np.repeat(np.cumsum(many) - many, many)
        number = numbers[np.repeat(low, many) + steps].astype(np.int64)
        counts = ~barred[number] if len(number) else np.zeros(0, dtype=bool)
        return place[counts], number[counts]


@dataclass(frozen=True, slots=True, eq=False)
class Limit:
    """The longest match that a line may have, a :class:`sideman.models.constraints.Guard`.

    A MusicError is raised if `most` is below five: matches of fewer than six notes are not indexed.
    """

    index: Index
    most: int

    def __post_init__(self) -> None:
        if self.most < FEWEST:
            raise MusicError(
                f"Matches cannot be held to {self.most} notes; hold them to {FEWEST} or more: "
                "shorter ones are everybody's."
            )

    def broken(self, line: Sequence[Note], fixed: frozenset[int | None]) -> bool:
        """Return whether a longer match with a Weimar solo contains a note that is not fixed."""
        return any(
            any(note.onset not in fixed for note in line[first : first + many])
            for first, many in self.index.beyond(line, self.most)
        )

    def copied(self, line: Sequence[Note]) -> float:
        """Return the share of a line's notes that are in a match of six or more."""
        return self.index.match(Solo("", tuple(line))).share

    def barred(self, notes: Sequence[Note], onset: int, pitches: IntArray) -> NDArray[np.bool_]:
        """Return which MIDI numbers, at tick `onset` after a line, would make a match too long."""
        barred = np.zeros(len(pitches), dtype=bool)
        line = notes[-(self.most + 2) :]
        if len(line) < SIZES[0]:
            return barred
        before = symbols_of(line).tolist()
        shorter = 0
        for size, above in _LEVELS:
            allowed = max(0, self.most - size)
            enough = above > self.most and len(before) >= size - 1 + allowed
            if enough and (allowed or not shorter or len(self._holders(before, shorter))):
                solos = self._in_chain(before, size, allowed) if allowed else None
                if solos is None or len(solos):
                    last = _symbol(pitches - line[-1].pitch, np.array(onset - line[-1].onset))
                    barred |= self._known(before[len(before) - size + 1 :], last, solos)
            shorter = size
        return barred

    def _known(
        self, symbols: Sequence[int], last: IntArray, solos: NDArray[np.uint16] | None
    ) -> NDArray[np.bool_]:
        """Return which last symbols complete a run of one of some solos; of any where None."""
        known, numbers = self.index.runs[len(symbols) + 1]
        mixed = _mixed(np.full(len(last), _mixed_one(symbols), np.uint64), last)
        hashes = (mixed >> np.uint64(32)).astype(np.uint32)
        low, high = (np.searchsorted(known, hashes, side=side) for side in _SIDES)
        found = high > low
        if solos is not None:
            for which in np.flatnonzero(found):
                found[which] = np.isin(numbers[low[which] : high[which]], solos).any()
        return found

    def _holders(self, symbols: Sequence[int], size: int) -> NDArray[np.uint16]:
        """Return the solos that contain the last `size` of some symbols."""
        known, numbers = self.index.runs[size]
        run = np.uint32(_mixed_one(symbols[len(symbols) - size :]) >> 32)
        low, high = (int(known.searchsorted(run, side=side)) for side in _SIDES)
        return numbers[low:high]

    def _in_chain(self, symbols: list[int], size: int, many: int) -> NDArray[np.uint16]:
        """Return the solos that contain every one of the last `many` runs."""
        solos = self._holders(symbols, size)
        for back in range(1, many):
            if not len(solos):
                break
            solos = np.intersect1d(solos, self._holders(symbols[:-back], size))
        return solos


def sentence(match: Match) -> str:
    """Return the longest match of a line beside that of players.

    >>> sentence(Match(7, "CharlieParker_Donna'sLee", 12, 0.2))
    'the longest run shared with a recorded solo is 7 notes; players share 8 on average'
    """
    players = f"players share {PLAYERS_LONGEST:.0f} on average"
    if not match.longest:
        return f"no run of {SIZES[0] + 1} notes is shared with a recorded solo; {players}"
    return (
        f"the longest run shared with a recorded solo is {counted(match.longest, 'note')}; "
        f"{players}"
    )


def told(match: Match) -> str:
    """Return a sentence on what a line shares with the Weimar solos."""
    if not match.longest:
        return "no match of six notes or more with the Weimar solos"
    return (
        f"longest match with the Weimar solos {match.longest} notes, from note "
        f"{match.first_note + 1}, as in {match.source}; {match.share:.0%} of the notes in matches "
        "of six or more"
    )


def symbols_of(notes: Sequence[Note]) -> IntArray:
    """Return one number for each note after the first: its interval and the class of its IOI."""
    pitch = np.array([note.pitch for note in notes], dtype=np.int64)
    onset = np.array([note.onset for note in notes], dtype=np.int64)
    return _symbol(np.diff(pitch), np.diff(onset))


def _symbol(interval: IntArray, ioi: IntArray) -> IntArray:
    return (interval + 128) * 16 + np.searchsorted(IOI_EDGES, ioi, side="right")


def hashes_of(symbols: IntArray, size: int) -> NDArray[np.uint32]:
    """Return the hash of every run of `size` symbols of a line."""
    count = max(0, len(symbols) - size + 1)
    mixed = np.full(count, _SEED, dtype=np.uint64)
    for offset in range(size):
        mixed = _mixed(mixed, symbols[offset : offset + count])
    return (mixed >> np.uint64(32)).astype(np.uint32)


def _mixed(mixed: NDArray[np.uint64], symbol: IntArray) -> NDArray[np.uint64]:
    mixed = mixed ^ symbol.astype(np.uint64)
    mixed *= np.uint64(_FACTOR)
    mixed ^= mixed >> np.uint64(29)
    return mixed


def _mixed_one(symbols: Iterable[int]) -> int:
    """Return the hash state of one run, as :func:`_mixed` computes it for many at once."""
    mixed = _SEED
    for symbol in symbols:
        mixed = (mixed ^ symbol) * _FACTOR & 0xFFFF_FFFF_FFFF_FFFF
        mixed ^= mixed >> 29
    return mixed


def chains_of(place: IntArray, number: IntArray) -> tuple[IntArray, IntArray, IntArray]:
    """Return every chain of neighbouring places in one solo: lengths, starts, solos."""
    order = np.lexsort((place, number))
    place, number = place[order], number[order]
    breaks = (np.diff(place) != 1) | (np.diff(number) != 0)
    starts = np.concatenate([[0], np.flatnonzero(breaks) + 1]) if len(place) else place
    lengths = np.diff(np.append(starts, len(place)))
    return lengths, place[starts], number[starts]


def build(solos: Iterable[tuple[str, Solo]]) -> Index:
    """Return the index of named solos; a ModelError where there are more than 60,000."""
    names: list[str] = []
    found: dict[int, list[NDArray[np.uint64]]] = {size: [] for size in SIZES}
    for name, solo in solos:
        symbols = symbols_of(solo.notes)
        for size in SIZES:
            hashes = np.unique(hashes_of(symbols, size)).astype(np.uint64)
            found[size].append(hashes << np.uint64(16) | np.uint64(len(names)))
        names.append(name)
        if len(names) > MOST_SOLOS:
            raise ModelError(f"An index holds at most {MOST_SOLOS:,} solos; give fewer.")
    runs = {}
    for size, parts in found.items():
        both = np.sort(np.concatenate([*parts, np.zeros(0, dtype=np.uint64)]))
        runs[size] = (
            (both >> np.uint64(16)).astype(np.uint32),
            (both & np.uint64(0xFFFF)).astype(np.uint16),
        )
    return Index(tuple(names), runs)


def to_file(index: Index, corpus: str) -> file.ModelFile:
    """Return an index as a model file; `corpus` is the fingerprint of the solos."""
    weights: dict[str, NDArray[np.generic]] = {}
    for size, (hashes, numbers) in index.runs.items():
        weights[f"hashes.{size}"], weights[f"solos.{size}"] = hashes, numbers
    return file.ModelFile(KIND, {"sizes": list(SIZES)}, index.names, weights, corpus)


def read(path: str | os.PathLike[str]) -> Index:
    """Return the index in a file (:func:`to_file`); raise FileError or ModelError if it is none."""
    content = file.read(path)
    runs = {}
    sound = content.kind == KIND and content.config.get("sizes") == list(SIZES)
    for size in SIZES if sound else ():
        hashes = content.weights.get(f"hashes.{size}", np.zeros(1))
        numbers = content.weights.get(f"solos.{size}", np.zeros(0))
        sound &= hashes.dtype == np.uint32 and numbers.dtype == np.uint16
        sound &= hashes.ndim == 1 and hashes.shape == numbers.shape
        sound = sound and bool((hashes[1:] >= hashes[:-1]).all())
        sound = sound and int(numbers.max(initial=0)) < max(1, len(content.vocabulary))
        runs[size] = (hashes, numbers)
    if not sound:
        raise ModelError(f"{path}: is no index of solos of this version; build it again.")
    return Index(content.vocabulary, runs)


@lru_cache(maxsize=1)
def shipped() -> Index:
    """Return the index of the 417 Weimar solos that comes with sideman."""
    return read(_SHIPPED)
