"""Results of a request: the music as values, and as MIDI, pages and sound."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Unpack

from sideman.errors import MusicError
from sideman.evaluation import novelty
from sideman.formats.midi import writing
from sideman.formats.midi.written import inscribed
from sideman.score import Arrangement, LeadSheet, Performance, Solo
from sideman.service import requests
from sideman.service.requests import BaseRequest, File
from sideman.service.watching import Progress
from sideman.words import counted

if TYPE_CHECKING:
    from sideman.output.engraving import Printing


def note_table(parts: Iterable[Any], seconds: Callable[[int], float]) -> list[dict[str, Any]]:
    """Return the notes of parts by onset: part, onset and duration in seconds, pitch, velocity.

    `seconds` returns the time of a tick.
    """
    return [
        {
            "part": part.name,
            "onset": seconds(note.onset),
            "duration": seconds(note.end) - seconds(note.onset),
            "pitch": note.pitch,
            "velocity": note.velocity,
        }
        for part in parts
        for note in sorted(part.notes)
    ]


@dataclass(frozen=True)
class PlayResult:
    """A solo that was played, and the request that plays it again.

    Parameters
    ----------
    request : BaseRequest
        The request with everything filled in: its seed, its tune as a lead sheet.
    name : str
        A short name that can begin a file's name.
    solo : Solo
        The line as written, over all its choruses.
    arrangement : Arrangement
        The solo and its band as written.
    performance : Performance
        The same as played.
    notices : tuple of str
        Sentences on places of the model without effect, and on a solo without notes.
    """

    request: BaseRequest
    name: str
    solo: Solo
    arrangement: Arrangement
    performance: Performance
    notices: tuple[str, ...] = ()

    @cached_property
    def _match(self) -> novelty.Match:
        return novelty.shipped().match(self.solo)

    @property
    def novelty(self) -> str:
        """What the line shares with the Weimar solos, in words."""
        return novelty.told(self._match)

    def facts(self) -> dict[str, Any]:
        """Return what is printed of the take, as JSON values."""
        match, changes = self._match, self.solo.changes
        return {
            "title": self.solo.title,
            "choruses": len(self.solo.chorus_bars),
            "bars": len(changes.bars) if changes else 0,
            "tempo": self.arrangement.tempo_bpm,
            "notes": len(self.solo.notes),
            "recording": {
                "bars": len(self.arrangement.changes.bars),
                "seconds": round(self.performance.seconds, 3),
            },
            "novelty": {
                "longest": match.longest,
                "players": novelty.PLAYERS_LONGEST,
                "sentence": novelty.sentence(match),
                "details": self.novelty,
                "source": match.source,
                "first_note": match.first_note + 1 if match.longest else None,
                "share": round(match.share, 6),
            },
            "model": self.request.model,
            "player": self.request.player,
            "seed": self.request.seed,
            "notices": list(self.notices),
        }

    @property
    def description(self) -> str:
        """Title, choruses, bars, tempo and notes, in a line."""
        return f"{self.solo.title}, {extent(self.solo, self.arrangement.tempo_bpm)}"

    @cached_property
    def _midi(self) -> bytes:
        text = requests.dumps(self.request)
        if len(text.encode()) > requests.LARGEST_JSON:
            text = ""  # a take that long carries no request
        played = writing.dumps(self.performance)
        return inscribed(played, self.solo, [f"Novelty: {self.novelty}"], request=text)

    def midi(self) -> bytes:
        """Return a standard MIDI file, which carries the written line and the request."""
        return self._midi

    def notes(self) -> list[dict[str, Any]]:
        """Return the notes of every part as played, in seconds, by onset."""
        return note_table(self.performance.parts, self.performance.seconds_at)

    def music(self) -> dict[str, Any]:
        """Return what is needed to draw, follow and play it: see :mod:`sideman.service.music`."""
        from sideman.service.music import music_json

        return music_json(self.midi(), f"{self.name}-{self.request.seed}", self.request)

    def page(self, kind: str = "pdf", part: str = "C", **printing: Unpack[Printing]) -> list[bytes]:
        """Return the solo engraved: see :func:`page`."""
        return page(self.solo, kind, part, **printing)

    def sound(
        self,
        kind: str = "mp3",
        mix: Any = None,
        *,
        tags: Any = None,
        progress: Progress | None = None,
    ) -> bytes:
        """Return the performance as a sound file: see :func:`sideman.service.rendering.render`."""
        from sideman.output.audio import EVERYBODY
        from sideman.service import rendering

        return rendering.render(
            File(self.name, self.midi()),
            kind,
            mix=mix or EVERYBODY,
            tags=tags or self.tags(),
            progress=progress,
        ).data

    def tags(self, dedication: str = "") -> Any:
        """Return the tags of a sound file of this performance."""
        return tags(self.solo.title, self.arrangement.tempo_bpm, self.request.seed, dedication)


def extent(solo: Solo, tempo_bpm: float | None) -> str:
    """Return choruses, bars, tempo and notes of a solo, in a few words."""
    bars = len(solo.changes.bars) if solo.changes else 0
    choruses = len(solo.chorus_bars)
    at = f" at {tempo_bpm:g}" if tempo_bpm else ""
    tempos = [] if solo.changes is None else [tempo for _, tempo in solo.changes.tempos]
    if len(tempos) > 1 and tempos[-1] != tempo_bpm:
        at += f" to {tempos[-1]:g}"
    return (
        f"{counted(choruses, 'chorus', 'es')}, {counted(bars, 'bar')}{at}, "
        f"{counted(len(solo.notes), 'note')}"
    )


def tags(title: str, tempo_bpm: float | None, seed: int | None, dedication: str = "") -> Any:
    """Return the tags of a sound file of music that sideman has played."""
    from sideman.output import audio

    return audio.Tags(
        title=title,
        artist="sideman",
        comment=f"For {dedication}" if dedication else "",
        tempo_bpm=tempo_bpm,
        seed=seed,
    )


def page(
    music: LeadSheet | Solo, kind: str, part: str = "C", **printing: Unpack[Printing]
) -> list[bytes]:
    """Return music engraved: a file, or a file a page for PNG and SVG.

    Parameters
    ----------
    music : LeadSheet or Solo
        The music.
    kind : str
        ``pdf``, ``png``, ``svg`` or ``musicxml``.
    part : str
        The part: C, Bb, Eb, F, or an instrument.
    **printing
        What else is printed (:class:`sideman.output.engraving.Printing`).

    Raises
    ------
    MusicError
        If there is no such kind or part.
    MissingExtraError
        If the extra ``page`` is needed, for PDF and PNG, and not installed.
    """
    from sideman.output import engraving

    if f".{kind}" not in engraving.SUFFIXES:
        raise MusicError(
            f"A page cannot be {kind!r:.20}; choose pdf, png, svg or musicxml.", field="score"
        )
    asked: Printing = {**printing, "transposition": part}
    return engraving.render(music, kind, **asked)
