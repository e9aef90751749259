"""Takes: what is played, as MIDI, sound, pages and pictures."""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Unpack

from sideman import files, opening
from sideman.api import options, showing
from sideman.api.arguments import converted, typed
from sideman.api.chart import Chart, opened
from sideman.api.names import naming
from sideman.api.options import Saving, Varying, keywords
from sideman.api.sources import Music, Source
from sideman.errors import FormatError, MusicError, SidemanError
from sideman.formats import registry
from sideman.formats.chart import chart
from sideman.formats.midi.reading import MidiFile, parse
from sideman.formats.midi.solo import title
from sideman.formats.midi.written import request as written_request
from sideman.models.protocol import Soloist
from sideman.score import LeadSheet, Solo
from sideman.service import playing, practising, rating, rendering, results
from sideman.service.music import music_json
from sideman.service.requests import BaseRequest, File, Line, PlayRequest, Tune, VaryRequest
from sideman.service.results import PlayResult, note_table

_OTHERS = (".ls", ".html", ".txt")
_PRINTED = ("part", "font", "whole", "dedication")
_HEARD = ("mute", "click", "soundfont", "dedication")


@dataclass(frozen=True, repr=False)
class Take(Music):
    """A solo with its band: a MIDI file, and all that is made of it.

    In a notebook it shows its score, a player, its piano roll and its changes.  Two takes are equal
    where their MIDI files are.

    Parameters
    ----------
    midi : bytes
        The MIDI file.
    name : str
        A short name for files.

    Examples
    --------
    >>> import sideman
    >>> take = sideman.improvise("blues-f", seed=7, choruses=1)
    >>> take
    <Take 'Blues in F': 1 chorus, 12 bars at 140, 52 notes, seed 7>
    >>> take.notes[0]["part"], take.seed, take.midi[:4]
    ('Solo', 7, b'MThd')
    >>> take.save("blues.mid")
    [PosixPath('blues.mid')]
    >>> sideman.read("blues.mid") == take.again() == take
    True
    """

    midi: bytes
    name: str = field(default="take", compare=False)

    def __post_init__(self) -> None:
        for name, hint in (("midi", bytes), ("name", str)):
            converted(name, getattr(self, name), hint)
        with naming("midi"):
            _ = self._midi_file  # so that a damaged file is an error here

    @cached_property
    def _midi_file(self) -> MidiFile:
        return parse(self.midi, f"{self.name}.mid")

    @cached_property
    def solo(self) -> Solo:
        """The line as written (:class:`sideman.score.Solo`)."""
        return self._line().solo

    @cached_property
    def request(self) -> BaseRequest | None:
        """The request that made the take (``docs/service.md``); None for music from elsewhere."""
        if written_request(self._midi_file) is None:
            return None
        return playing.requested(self.midi, f"{self.name}.mid")

    @cached_property
    def notices(self) -> tuple[str, ...]:
        """Sentences on faults of the model and on missing notes; none for a take that was read."""
        return ()

    @property
    def title(self) -> str:
        """The title."""
        return title(self._midi_file)

    @property
    def seed(self) -> int | None:
        """The seed; None for music from elsewhere."""
        return None if self.request is None else self.request.seed

    @property
    def changes(self) -> str:
        """The changes of a chorus as text, which can be played over again; empty without chords."""
        return "" if self.solo.changes is None else chart(self.solo.changes.first_chorus)

    @cached_property
    def notes(self) -> list[dict[str, Any]]:
        """The notes as played, for ``pandas.DataFrame``: part, onset, duration, pitch, velocity."""
        return note_table(self._midi_file.parts, self._midi_file.seconds)

    @typed
    def score(
        self,
        kind: str = "pdf",
        part: str = "C",
        *,
        dedication: str = "",
        font: str = "engraved",
        whole: bool = False,
    ) -> list[bytes]:
        """Return the pages: see :meth:`Chart.score`.

        With `whole` they have all that the soloist plays, with the head and the ending.
        """
        if not whole:
            return super().score(kind, part, dedication=dedication, font=font)
        if self.request is None:
            raise MusicError(
                f"{self.name}: carries no request, so only its solo can be printed; leave whole "
                "out.",
                field="whole",
            )
        with naming("kind", score="kind"):
            music, marks = playing.whole(self.request, self.solo)
            return results.page(music, kind, part, dedication=dedication, font=font, marks=marks)

    @typed
    def roll(self, kind: str = "png") -> bytes:
        """Return the piano roll, notes coloured by role in the chord, as ``png`` or ``svg``."""
        from sideman.output import pianoroll

        with naming("kind"):
            return pianoroll.draw(self.solo, kind)

    @typed
    def sound(
        self,
        kind: str = "mp3",
        *,
        mute: Sequence[str] = (),
        click: bool = False,
        soundfont: str | os.PathLike[str] | None = None,
        dedication: str = "",
    ) -> bytes:
        """Return a sound file: ``mp3``, ``wav``, ``flac`` or ``ogg``.

        `mute` names parts to leave out, `click` adds a metronome, `soundfont` is an ``.sf2`` or
        ``.sf3`` file, or ``best``.
        """
        from sideman.output.audio import Mix, encoding

        without = (mute,) if isinstance(mute, str) else tuple(mute)
        mix = Mix(without=without, click=click, soundfont=soundfont)
        song = File(f"{self.name}.mid", self.midi)
        with naming("kind", synth="kind", audio="kind"):
            encoding.check_suffix(Path(f"{self.name}.{kind}"))
            return rendering.render(song, kind, mix=mix, tags=self._tags(dedication)).data

    @typed
    def save(self, path: str | os.PathLike[str], **settings: Unpack[Saving]) -> list[Path]:
        """Write the take, whole or not at all, and return the files.

        The suffix gives the format: .mid; .mp3, .wav, .flac or .ogg; a page as .pdf, .png, .svg or
        .musicxml; .json (:meth:`to_json`); a chart as .ls, .html or .txt.  `part`, `dedication`,
        `font` and `whole` are for pages (:meth:`score`); `mute`, `click`, `soundfont` and
        `dedication` for :meth:`sound`.
        """
        from sideman.output import engraving
        from sideman.output.audio.encoding import FORMATS

        suffix = Path(path).suffix.lower()
        fitting = _PRINTED if suffix in engraving.SUFFIXES else _HEARD if suffix in FORMATS else ()
        given = options.checked(Saving, settings)
        with naming("path", kind="path", audio="path"):
            known = (".mid", *FORMATS, *engraving.SUFFIXES, ".json", *_OTHERS)
            if suffix not in known:
                raise FormatError(
                    f"{path}: a take is not written in that format; let the name end in one of "
                    f"{', '.join(known)}."
                )
            if other := [name for name in given if name not in fitting]:
                raise MusicError(
                    f"{path}: {other[0]} has no effect on a file with that ending; leave it out.",
                    field=other[0],
                )
            if suffix in engraving.SUFFIXES:
                return list(engraving.write_pages(path, self.score(suffix[1:], **given)))
            if suffix in FORMATS:
                content = self.sound(suffix[1:], **given)
            elif suffix in _OTHERS:
                content = registry.dumps(self.chart().sheet, str(path))[0]
            elif suffix == ".json":
                content = json.dumps(self.to_json(), ensure_ascii=False).encode()
            else:
                content = self.midi
            files.write_whole(path, content)
            return [Path(path)]

    def to_json(self) -> dict[str, Any]:
        """Return title, seed, changes, the request and the notes as values for JSON.

        ``music`` has bars, chords, tempos, parts and the solo (``docs/service.md``); None for music
        that sideman has not played.
        """
        return {
            "title": self.title,
            "seed": self.seed,
            "changes": self.changes,
            "request": None if self.request is None else self.request.to_json(),
            "notes": self.notes,
            "music": self._music,
        }

    @cached_property
    def _music(self) -> dict[str, Any] | None:
        try:
            return music_json(self.midi, self.name, self.request)
        except FormatError:
            return None

    def chart(self) -> Chart:
        """Return the changes with the solo as their melody."""
        return opened(self.midi, f"{self.name}.mid")

    def again(
        self,
        model: str | os.PathLike[str] | Soloist | None = None,
        taste: str | os.PathLike[str] | None = None,
    ) -> "Take":
        """Play the request again: the same bytes, in the version of sideman that has played it.

        `model` is the one that played, where it does not come with sideman; `taste` the taste file,
        where one was given.
        """
        with naming("model"):
            request = playing.requested(self.midi, f"{self.name}.mid")
            given = playing.beside(request, (".",)) if model is None else options.model(model)[1]
            marks = None if taste is None else options.taste(taste)
            return played(playing.again(request, model=given, taste=marks))

    @typed
    def rate(
        self, mark: str, taste: str | os.PathLike[str], bars: str | None = None
    ) -> dict[str, Any]:
        """Mark the take, or some `bars`, ``up`` or ``down`` in the file of a `taste` to play by.

        >>> import sideman
        >>> take = sideman.improvise("blues-f", seed=7, choruses=2)
        >>> take.rate("up", "my.taste", bars="1-12")["marks"]
        1
        """
        if mark not in rating.WORDS:
            raise MusicError(f"A mark is up or down, and not {mark!r:.20}.", field="mark")
        with naming():
            before = options.taste(taste) if files.is_file(taste) else rating.Marks(str(taste))
            marks = rating.rated(before, self._file(), mark == "up", bars)
            files.write_whole(taste, marks.data())
            return marks.json()

    @keywords(Varying, VaryRequest)
    def vary(self, **settings: Unpack[Varying]) -> "list[Take]":
        """Return variations of the take: see :func:`vary`."""
        return vary(self, **settings)

    def _facts(self) -> str:
        try:
            seed = "" if self.seed is None else f", seed {self.seed}"
            return f"{results.extent(self.solo, self.solo.tempo_bpm)}{seed}"
        except SidemanError:  # a file without a melody can still be heard
            return f"{len(self.notes)} notes"

    def __repr__(self) -> str:
        return f"<Take {self.title!r}: {self._facts()}>"

    def _repr_html_(self) -> str:
        return self._html

    @cached_property
    def _html(self) -> str:
        named = self.title
        parts = [
            showing.heading(named, self._facts()),
            showing.possible(lambda: showing.player(self.sound("ogg"), "ogg")),
            showing.possible(lambda: showing.score(self._written)),
            showing.possible(
                lambda: showing.picture(self.roll("png"), "png", f"Piano roll of {named}")
            ),
            showing.possible(lambda: showing.text(self.changes)),
        ]
        return showing.document(parts)

    def _tags(self, dedication: str = "") -> Any:
        from sideman.output.audio import UNTAGGED

        if self.request is None:
            return UNTAGGED
        return results.tags(self.title, self.solo.tempo_bpm, self.seed, dedication)

    @cached_property
    def _written(self) -> LeadSheet | Solo:
        return self.solo

    def _tune(self) -> Tune:
        if isinstance(self.request, PlayRequest):
            name, sheet = playing.tune(self.request.changes)
            return Tune(name=name, sheet=practising.tune(self.request, sheet))
        return Tune(name=self.name, sheet=opening.chart(self.midi, f"{self.name}.mid"))

    def _line(self) -> Line:
        return playing.line(self._file())

    def _file(self) -> File:
        return File(f"{self.name}.mid", self.midi)


def played(result: PlayResult, name: str = "", page: LeadSheet | None = None) -> Take:
    """Return a result as a take."""
    take = Take(result.midi(), name or f"{result.name}-{result.request.seed}")
    vars(take)["request"] = result.request  # one that is too long for the file is known so too
    vars(take)["notices"] = result.notices
    if page is not None:
        vars(take)["_written"] = page
    return take


@keywords(Varying, VaryRequest)
def vary(take: Source, **settings: Unpack[Varying]) -> list[Take]:
    """Return variations of a take, or of any melody over changes; notes on strong beats stay.

    >>> import sideman
    >>> sideman.vary(sideman.improvise("blues-f", seed=7, choruses=1), seed=1, count=2)[1]
    <Take 'Blues in F': 1 chorus, 12 bars at 140, 51 notes, seed 1>
    """
    given = options.of_take(take, settings)
    given_files, values = options.fields_of(given, take)
    found = list(playing.vary(VaryRequest(**values), **given_files))
    return [
        played(one, f"{one.name}-{one.request.seed}" + (f"-{at}" if len(found) > 1 else ""))
        for at, one in enumerate(found, start=1)
    ]
