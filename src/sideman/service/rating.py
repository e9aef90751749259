"""Marks on passages of takes, the file that keeps them, and the taste that is learnt from them.

A taste file is JSON lines: a header, ``{"kind": "taste", "schema": 1, "version": ...}``, then a
mark a line, with the request of its take, the line as written and the bars that it is about.  So
the taste (:mod:`sideman.models.taste`) is learnt from the file alone, wherever the takes are.  An
empty file, and one with the header alone, have no marks and change nothing.

Marks are added at the end.  A take that was played with the first of them can be played again with
the longer file: the fingerprint of a taste is a hash of its marks, in their order.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sideman import files
from sideman.errors import FormatError, ModelError, MusicError, SidemanError, concerning
from sideman.files import MEBIBYTE, File
from sideman.formats.midi import written
from sideman.formats.midi.reading import parse
from sideman.models import critic, file, registry, taste
from sideman.models.controls import Controls, Feature
from sideman.models.protocol import Soloist
from sideman.models.taste import Taste
from sideman.output.printed import printed
from sideman.score import Changes, Solo
from sideman.service import practising, requests
from sideman.service.portable import Json, solo_from, solo_json
from sideman.service.requests import BaseRequest, PlayRequest, TradeRequest, VaryRequest
from sideman.theory.pitch import Key
from sideman.version import VERSION

Floats = NDArray[np.float64]
SCHEMA = 1
"""The number of the file's layout; a larger one is refused."""
LARGEST = 32 * MEBIBYTE
MOST_MARKS = 1000
WORDS = ("down", "up")
_KIND = "taste"
_PLAYED = (PlayRequest.kind, TradeRequest.kind, VaryRequest.kind)
_FEWEST = 5  # marks of each kind before a difference is told
_CLEAR = 3.0  # Welch's t from which it is


@dataclass(frozen=True, eq=False)
class Mark:
    """A passage that is liked or not.

    Parameters
    ----------
    liked : bool
        Whether it is marked up.
    line : Solo
        The whole line of the take, over its changes.
    request : BaseRequest
        The request that played it.
    bars : str or None
        The bars of the passage, counted from 1, such as ``9-12``; None for all.
    """

    liked: bool
    line: Solo
    request: BaseRequest
    bars: str | None = None

    def to_json(self) -> Json:
        """Return the mark as JSON."""
        return {
            "mark": self.told,
            **({} if self.bars is None else {"bars": self.bars}),
            "request": self.request.to_json(),
            "line": solo_json(self.line),
        }

    @classmethod
    def from_json(cls, content: Json) -> Mark:
        """Return the mark that JSON describes; an error where it is damaged."""
        request = content["request"]
        if request["kind"] not in _PLAYED:
            raise ValueError
        return cls(
            bool(WORDS.index(content["mark"])),
            solo_from(content["line"]),
            requests.KINDS[request["kind"]].from_json(request),
            content.get("bars"),
        )

    @property
    def told(self) -> str:
        """The mark in a word."""
        return WORDS[self.liked]

    @property
    def about(self) -> tuple[str, range]:
        """The take and the bars, the same of two marks on one passage."""
        return requests.dumps(self.request), self._chosen

    @cached_property
    def features(self) -> Mapping[int, Floats]:
        """The features of the passage (:meth:`sideman.models.critic.Judge.passage`).

        A MusicError is raised where there are too few notes.
        """
        changes, notes = self._changes, self.line.notes
        begin, end = 0, len(notes)
        if self.bars is not None:
            inside = [at for at, bar in enumerate(self._homes) if bar in self._chosen]
            if not inside:
                raise MusicError(
                    f"{self.line.title}: has no notes in bars {self.bars}; rate other bars.",
                    field="bars",
                )
            begin, end = inside[0], inside[-1] + 1
        found = critic.shipped().over(changes).passage(notes, begin, end, changes.length)
        if not found:
            raise MusicError(
                f"{self.line.title}: has {len(notes)} notes, and a taste is learnt from takes of "
                f"{min(critic.shipped().trees)} or more; rate a longer one."
            )
        return found

    @property
    def _chosen(self) -> range:
        """The bars of the passage, from 0."""
        many = len(self._changes.bars)
        if self.bars is None:
            return range(many)
        with concerning("bars"):
            return practising.bars(self.bars, many, self.line.title)

    @property
    def _changes(self) -> Changes:
        changes = self.line.changes
        if changes is None or not changes.spans:
            raise MusicError(f"{self.line.title}: contains no chords; rate a take that does.")
        return changes

    @property
    def _homes(self) -> list[int]:
        """The bar of each note, from 0; that of a pickup is the first, that of a tail the last."""
        last = len(self._changes.bars) - 1
        return [min(max(self._changes.bar_at(note.onset), 0), last) for note in self.line.notes]


@dataclass(frozen=True)
class Preference:
    """A quality in which passages that are marked up differ from those marked down.

    Parameters
    ----------
    quality : str
        One of :data:`sideman.models.critic.QUALITIES`.
    up, down : float
        The means of both, in the unit of the quality.
    t : float
        Welch's t; positive for more of it in those marked up.
    """

    quality: str
    up: float
    down: float
    t: float

    @property
    def told(self) -> str:
        """The preference in words, with the means of both kinds of marks."""
        less, more, unit = _WORDS[self.quality]
        up, down = (unit(value) for value in (self.up, self.down))
        return f"{more if self.t > 0 else less} ({up} where up, {down} where down)"

    def json(self) -> Json:
        """Return the preference as values for JSON."""
        return {
            "quality": self.quality,
            "up": round(self.up, 4),
            "down": round(self.down, 4),
            "t": round(self.t, 2),
        }


@dataclass(frozen=True, eq=False)
class Marks:
    """The marks of a taste file.

    Parameters
    ----------
    name : str
        The name of the file, for messages.
    marks : tuple of Mark
        The marks, in the order of the file.
    texts : tuple of str
        The line of each in the file.
    header : str
        The first line.
    """

    name: str
    marks: tuple[Mark, ...] = ()
    texts: tuple[str, ...] = ()
    header: str = ""

    def __len__(self) -> int:
        return len(self.marks)

    @property
    def model(self) -> str:
        """The name of the model that has played the takes; empty without marks."""
        return self.marks[0].request.model if self.marks else ""

    @property
    def fingerprint(self) -> str:
        """The SHA-256 of the marks; empty without any."""
        return hashlib.sha256("".join(self.texts).encode()).hexdigest() if self.marks else ""

    def as_of(self, fingerprint: str) -> Marks | None:
        """Return the first marks that have a fingerprint; None where none have."""
        digest = hashlib.sha256()
        for count, text in enumerate(self.texts, start=1):
            digest.update(text.encode())
            if digest.hexdigest() == fingerprint:
                return replace(self, marks=self.marks[:count], texts=self.texts[:count])
        return None

    @cached_property
    def counted(self) -> tuple[Mark, ...]:
        """The marks of which the taste is learnt: of several on a passage the last."""
        return tuple({mark.about: mark for mark in self.marks}.values())

    @cached_property
    def taste(self) -> Taste:
        """The taste that the marks tell."""
        known = [(mark.features, mark.liked) for mark in self.counted]
        return taste.fitted(known, tuple(critic.QUALITIES.values()))

    def check(self, soloist: Soloist, model: str, controls: Controls, *, chosen: bool) -> None:
        """Raise an error where the taste cannot act on what a soloist of a model plays.

        `chosen` says whether the critic also chooses the best of several lines.
        """
        if not self.marks:
            return
        if Feature.CRITIC not in soloist.features:
            raise ModelError(
                f"A taste needs {Feature.CRITIC.value}, which the model {model} does not have; let "
                f"another model play, such as {registry.DEFAULT}, or leave the taste out.",
                field="taste",
            )
        if model != self.model:
            raise ModelError(
                f"{self.name}: has marks on takes by {self.model}, and {model} plays; let "
                f"{self.model} play, or give marks on takes by {model}.",
                field="taste",
            )
        liked = {mark.liked for mark in self.counted}
        if len(liked) == 1:
            there, lacking = WORDS[liked.pop()], WORDS[not self.counted[0].liked]
            raise MusicError(
                f"{self.name}: has marks {there} alone, from which no preference follows; also "
                f"mark some passages {lacking}.",
                field="taste",
            )
        if controls.effort == 1 and not (chosen and controls.best_of > 1):
            more = ", or the best of several solos" if chosen else ""
            raise MusicError(
                f"A taste acts where the critic chooses; ask for effort 2 or 3{more}, or leave "
                "the taste out.",
                field="taste",
            )

    @property
    def notices(self) -> tuple[str, ...]:
        """A sentence where there are no marks."""
        return () if self.marks else (f"{self.name}: has no marks, so that it changes nothing.",)

    def preferences(self) -> list[Preference]:
        """Return the qualities in which passages marked up and down clearly differ, most first."""
        size = min(critic.shipped().trees)
        recognizer = critic.shipped().recognizers[size]
        rows = {
            liked: np.array(
                [
                    recognizer.usual(mark.features[size])
                    for mark in self.counted
                    if mark.liked == liked
                ]
            )
            for liked in (False, True)
        }
        if min(map(len, rows.values())) < _FEWEST:
            return []
        up, down = rows[True], rows[False]
        error = up.var(axis=0, ddof=1) / len(up) + down.var(axis=0, ddof=1) / len(down)
        t = (up.mean(axis=0) - down.mean(axis=0)) / np.sqrt(np.maximum(error, 1e-12))
        found = [
            Preference(name, float(up[:, at].mean()), float(down[:, at].mean()), float(t[at]))
            for name, at in critic.QUALITIES.items()
            if abs(t[at]) >= _CLEAR
        ]
        return sorted(found, key=lambda each: -abs(each.t))

    def json(self) -> Json:
        """Return what is told of the marks as values for JSON."""
        liked = sum(mark.liked for mark in self.counted)
        return {
            "taste": self.name,
            "fingerprint": self.fingerprint,
            "model": self.model,
            "marks": len(self.counted),
            "up": liked,
            "down": len(self.counted) - liked,
            "prefers": [each.json() for each in self.preferences()],
        }

    def data(self) -> bytes:
        """Return the bytes of the file."""
        header = self.header or _line({"kind": _KIND, "schema": SCHEMA, "version": VERSION})
        return "".join((header, *self.texts)).encode()


def load(path: str | os.PathLike[str]) -> Marks:
    """Return the marks of a file of limited size; raise FileError, or as :func:`read`."""
    return read(File(str(path), files.read_bytes(path, at_most=LARGEST)))


def read(source: File) -> Marks:
    """Return the marks of a taste file.

    Raises
    ------
    FormatError
        If it is no taste file, of a later layout, or damaged.
    ModelError
        If its marks are on takes by several models.
    """
    name = source.name
    lines = [line for line in source.data.split(b"\n") if line.strip()]
    if not lines:
        return Marks(name)
    header = _content(lines[0])
    if header is None or header.get("kind") != _KIND:
        raise FormatError(f"{name}: is no taste file; give one that sideman rate has written.")
    schema = header.get("schema")
    if type(schema) is not int or not 1 <= schema <= SCHEMA:
        raise FormatError(
            f"{name}: has layout {schema!r:.20}, and this version of sideman reads layout "
            f"{SCHEMA}; use the version that wrote it."
        )
    _check_count(name, len(lines) - 1)
    found: list[Mark] = []
    for number, line in enumerate(lines[1:], start=2):
        found.append(_mark(line, name, number))
        first, model = found[0].request.model, found[-1].request.model
        if model != first:
            raise ModelError(
                f"{name}: line {number} is a mark on a take by {model}, and those before are by "
                f"{first}; keep a file for each model."
            )
    texts = tuple(_line(_content(line)) for line in lines[1:])
    return Marks(name, tuple(found), texts, _line(header))


def _mark(data: bytes, name: str, number: int) -> Mark:
    try:
        content = _content(data)
        if content is None:
            raise ValueError
        mark = Mark.from_json(content)
        _ = mark.features
    except (SidemanError, LookupError, TypeError, ValueError, AttributeError) as error:
        raise FormatError(
            f"{name}: line {number} is no whole mark; give a copy of the file that is whole, or "
            "remove the line."
        ) from error
    return mark


def _content(line: bytes) -> Json | None:
    """Return the JSON object of a line; None for anything else."""
    try:
        content = json.loads(line)
        # Half of a surrogate pair is no text, and NaN no number.
        json.dumps(content, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) else None


def _line(content: Json | None) -> str:
    """Return a line of a taste file; equal content gives equal text."""
    text = json.dumps(content, separators=(",", ":"), sort_keys=True, ensure_ascii=False)
    return f"{text}\n"


def rated(marks: Marks, take: File, liked: bool, bars: str | None = None) -> Marks:
    """Return marks with one more, on a take or some of its bars.

    Raises
    ------
    SidemanError
        If the take was not played by sideman, by another model than that of the marks or one
        without a critic, or was edited since; or if there are no such bars, or too few notes.
    """
    request, line = _played(take)
    if marks.marks and request.model != marks.model:
        raise ModelError(
            f"{take.name}: was played by {request.model}, and {marks.name} has marks on takes by "
            f"{marks.model}; give another file for {request.model}.",
            field="taste",
        )
    known = request.model in file.names() and request.model != registry.DEFAULT
    if known and Feature.CRITIC not in registry.load(request.model).features:
        raise ModelError(
            f"{take.name}: was played by {request.model}, which has no critic, and a taste needs "
            f"one; rate takes of another model, such as {registry.DEFAULT}."
        )
    with concerning("taste"):
        _check_count(marks.name, len(marks) + 1)
    text = _line(Mark(liked, line, request, bars).to_json())
    mark = Mark.from_json(json.loads(text))  # what the file will have
    _ = mark.features  # so that too short a passage is an error here
    return replace(marks, marks=(*marks.marks, mark), texts=(*marks.texts, text))


def _played(take: File) -> tuple[BaseRequest, Solo]:
    """Return the request of a take, and its line as written."""
    midi = parse(take.data, take.name)
    text = written.request(midi)
    if text is None:
        raise FormatError(
            f"{take.name}: carries no request; rate a take that this version of sideman has played."
        )
    request = requests.loads(text)
    if request.kind not in _PLAYED:
        raise MusicError(
            f"{take.name}: is made of licks to practise; rate the take that they are of."
        )
    line = written.written(midi)
    if line is None:
        raise MusicError(
            f"{take.name}: was edited since sideman played it; rate the take as it was played."
        )
    return request, line


def settled(request: BaseRequest, given: Marks | None) -> Marks | None:
    """Return the marks with which a request is played; None for none.

    A request that was played with marks is played again with these alone.  A MusicError is raised
    where they are not among those that are given.
    """
    if not request.taste:
        return given
    if given is None:
        raise MusicError(
            "The request was played with a taste, whose marks are not here; give the taste file.",
            field="taste",
        )
    found = given.as_of(request.taste)
    if found is None:
        raise MusicError(
            f"{given.name}: does not begin with the marks with which the request was played; give "
            "the taste file of then, to which marks may have been added.",
            field="taste",
        )
    return found


def check_source(source: File, request: BaseRequest | None, given: Marks | None) -> None:
    """Raise a MusicError where a take, whose request it is, is played on from without its taste.

    With a file without marks it is.
    """
    if request is None or not request.taste or (given is not None and not given.marks):
        return
    if given is None:
        raise MusicError(
            f"{source.name}: was played with a taste; give the taste file, or an empty file to go "
            "on without.",
            field="taste",
        )
    if given.as_of(request.taste) is None:
        raise MusicError(
            f"{given.name}: does not begin with the marks with which {source.name} was played; "
            "give the taste file of then, to which marks may have been added, or an empty file to "
            "go on without.",
            field="taste",
        )


def _check_count(name: str, count: int) -> None:
    if count > MOST_MARKS:
        raise FormatError(
            f"{name}: has {count} marks, and at most {MOST_MARKS} are read; begin another file."
        )


def _share(what: str) -> Any:
    return lambda value: f"{value:.0%} of {what}"


_WORDS: dict[str, tuple[str, str, Any]] = {
    "rhythms": ("more even rhythms", "more varied rhythms", lambda nats: f"{nats:.2f} nats"),
    "notes": ("fewer notes", "more notes", lambda notes: f"{notes:.1f} a beat"),
    "rests": ("fewer rests", "more rests", _share("the beats")),
    "leaps": ("fewer leaps", "more leaps", _share("the intervals")),
    "steps": ("fewer steps", "more steps", _share("the intervals")),
    "range": ("a narrower range", "a wider range", lambda spread: f"±{spread:.1f} semitones"),
    "register": (
        "a lower register",
        "a higher register",
        lambda pitch: printed(str(Key(0).spell(round(pitch)))),
    ),
    "repeats": ("fewer repeats", "more repeats", _share("the cells")),
    "chord tones": ("fewer chord tones", "more chord tones", _share("the notes")),
    "scale tones": ("fewer scale tones", "more scale tones", _share("the notes")),
}
