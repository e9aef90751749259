"""A take as JSON: what is needed to draw, follow and play it (``docs/service.md``).

Everything comes from the take's MIDI file: the notes as played and the tempo map, the bars, chords
and sections of the whole piece, and the solo as written.  So a take that was just played, one that
was stored and one that was opened from a file give the same.

Times are seconds from the start of the file, rounded to 0.1 ms.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sideman.band import comping
from sideman.band.arranging import head_out_bar
from sideman.errors import FormatError
from sideman.evaluation import novelty, players, style
from sideman.feel.inflection import BREATH
from sideman.formats.midi.bars import bar_lines
from sideman.formats.midi.reading import MidiFile, MidiPart, parse
from sideman.formats.midi.solo import chord_symbols
from sideman.formats.midi.writing import PAN, VOLUME
from sideman.formats.midi.written import SOLO, written
from sideman.formats.musicxml.spelling import spell_line
from sideman.output.printed import printed
from sideman.score import PITCH, Changes, Note, Solo
from sideman.score.relations import heard_at, kinds
from sideman.service.portable import Json
from sideman.service.requests import BaseRequest, Tune
from sideman.theory.chord import Chord
from sideman.theory.instruments import PROGRAMS
from sideman.theory.meter import TICKS_PER_QUARTER, Meter, quarters_to_ticks

ROLES = {SOLO: "solo", "Chords": "chords", "Bass": "bass", "Drums": "drums"}
"""The role of each part of a take, by its name."""
_DIGITS = 4
_WITHIN = 2 * TICKS_PER_QUARTER
"""The largest distance in ticks of a played note from its written place."""
_LOWEST_BASS = 36


def music_json(data: bytes, name: str, request: BaseRequest | None = None) -> Json:
    """Return what a take holds, as values for JSON (``docs/service.md``).

    Parameters
    ----------
    data : bytes
        A MIDI file that sideman has played.
    name : str
        The name that its files begin with.
    request : BaseRequest or None
        The request that it answers, for player, seed and composer.

    Raises
    ------
    FormatError
        If it is no MIDI file, was not played by sideman, or was edited since.
    """
    file = parse(data, f"{name}.mid")
    solo = written(file)
    piece = None if solo is None or not solo.changes else _piece(file, solo, solo.changes)
    if solo is None or piece is None:
        raise FormatError(
            f"{name}: carries no line that sideman has written, or was edited since; give a take "
            "as sideman has played it."
        )
    front = next((part for part in file.parts if part.name == SOLO), None)
    match = novelty.shipped().match(solo)
    return {
        "title": solo.title,
        "composer": _composer(request),
        "key": "" if solo.tonality is None else solo.tonality.name,
        "style": solo.style,
        "tempo": solo.tempo_bpm or file.tempo_bpm,
        "meter": str(piece.changes.meter),
        "instrument": _instrument(front, request),
        "player": None if request is None else request.player,
        "seed": None if request is None else request.seed,
        "choruses": max(1, len(solo.chorus_bars)),
        "file": name,
        "seconds": piece.seconds(max(piece.starts[-1], file.end / piece.scale)),
        "tempos": [
            [_rounded(file.seconds(tick)), round(60_000_000 / pace, 3)]
            for tick, pace in file.tempos
        ],
        "bars": list(_bars(piece)),
        "chords": list(_chords(piece)),
        "parts": [_part(piece, part) for part in file.parts],
        "solo": _line(piece, solo),
        "novelty": {"sentence": novelty.told(match), "longest": match.longest},
        "statistics": statistics(solo),
    }


def solo_json(file: MidiFile) -> tuple[Solo, list[Json], list[float]] | None:
    """Return the line of a take, its notes in :func:`music_json`, and when they are written.

    The last are the seconds of the places of the notes in their bars; None is returned where the
    file has no line.
    """
    solo = written(file)
    piece = None if solo is None or not solo.changes else _piece(file, solo, solo.changes)
    if solo is None or piece is None:
        return None
    start = piece.starts[piece.first]
    return solo, _line(piece, solo), [piece.seconds(start + note.onset) for note in solo.notes]


def statistics(solo: Solo) -> list[Json]:
    """Return the statistics of a line with the means and spreads of players."""
    beside = players.reference("test")["statistics"]
    found = []
    for statistic in style.STATISTICS:
        value = statistic.of(solo)
        label, _, unit = statistic.label.removesuffix(")").partition(" (")
        found.append(
            {
                "name": label,
                "value": None if value is None else round(value, 6),
                "players": beside[statistic.name]["mean"],
                "spread": beside[statistic.name]["spread"],
                "unit": unit,
                "digits": statistic.digits,
            }
        )
    return found


# Where everything is -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Place:
    """Bars of a piece, from `first` up to `last`; `form` is the bar of the form at `first`."""

    name: str
    first: int
    last: int
    form: int | None = None


@dataclass(frozen=True)
class _Piece:
    """A take's file with its bars, in ticks of 24 to the quarter from the start of the file.

    `starts` ends with the end of the piece, `labels` are the marks of sections by bar, `first` is
    the bar in which the solo begins, `size` the bars of the form that the band repeats.
    """

    file: MidiFile
    changes: Changes
    starts: tuple[int, ...]
    meters: tuple[Meter, ...]
    labels: dict[int, str]
    first: int
    size: int

    @property
    def scale(self) -> float:
        """Ticks of the file in one written tick."""
        return float(self.file.ticks_per_quarter) / TICKS_PER_QUARTER

    def seconds(self, tick: float) -> float:
        return _rounded(self.file.seconds(round(tick * self.scale)))

    def bar_at(self, tick: int) -> int:
        return min(max(bisect_right(self.starts, tick) - 1, 0), len(self.meters) - 1)

    @property
    def places(self) -> Iterator[_Place]:
        """Count-in, intro, pickup, head, solo, fours, head and ending: those that are played."""
        first, after = self.first, self.first + len(self.changes.bars)
        bar = 0
        if self._begins(0, "Count-in"):
            bar = min((other for other in self.labels if other > 0), default=first)
            yield _Place("count-in", 0, bar)
        if bar < first and self._begins(bar, "Intro"):
            long = min(bar + 4, first)
            heads = (at for at in range(bar + 1, long) if self._begins(at, "Head"))
            until = next(heads, long)
            yield _Place("intro", bar, until, self.size - (until - bar))
            bar = until
        if bar < first and not self._begins(bar, "Head"):
            heads = (at for at in range(bar, first) if self._begins(at, "Head"))
            until = next(heads, first)
            yield _Place("pickup", bar, until)
            bar = until
        if bar < first:
            yield _Place("head", bar, first, 0)
        own = [bar.section for bar in self.changes.bars]  # one of the tune may have such a name
        marked = (at for at in range(first, after) if self.labels.get(at) != own[at - first])
        fours = next((at for at in marked if self._begins(at, "Fours")), after)
        yield _Place("solo", first, fours, 0)
        yield _Place("fours", fours, after, fours - first)
        last = len(self.meters)
        ending = last - 1 if self._begins(last - 1, "Ending") else last
        out = head_out_bar(Changes(self.changes.bars[: self.size]))
        yield _Place("head", after, max(ending, after), out)
        yield _Place("ending", max(ending, after), last)

    def _begins(self, bar: int, name: str) -> bool:
        label = self.labels.get(bar, "")
        return label == name or label.startswith(f"{name} ")


_NAMES = ("Count-in", "Intro", "Head out", "Head", "Ending")


def _piece(file: MidiFile, solo: Solo, changes: Changes) -> _Piece | None:
    """Return where the bars of a take are; None if the solo is not found among them."""
    until = quarters_to_ticks(float(file.quarters(file.tracks[0].end)))
    lines = bar_lines(file, max(until - 1, 0))
    starts = (*lines.starts, lines.end(len(lines.starts) - 1))
    # A note that sounds on after the last bar makes no bar.
    many = bisect_right(starts, until) - 1
    starts, meters = starts[: many + 1], lines.meters[:many]
    at = {start: bar for bar, start in enumerate(starts)}
    labels = {}
    for text in file.tracks[0].texts:
        tick = quarters_to_ticks(float(file.quarters(text.tick)))
        if text.kind == "marker" and text.text.startswith("[") and tick in at:
            labels[at[tick]] = text.text[1:].removesuffix("]")
    asked = [bar.meter for bar in changes.bars]
    played = sorted(next((part.notes for part in file.parts if part.name == SOLO), ()))
    best: tuple[int, _Piece] | None = None
    for first, label in sorted(labels.items()):
        if not label.startswith(("Solo 1", "Fours")):
            continue
        if list(meters[first : first + len(asked)]) != asked:
            continue
        tops = [first + top for top in changes.chorus_starts[1:]]
        again = (top - first for top in tops if _is_chorus(labels.get(top, "")))
        found = _Piece(file, changes, starts, meters, labels, first, next(again, len(asked)))
        many = sum(index is not None for index in _played_as(found, solo.notes, played))
        if best is None or many > best[0]:
            best = many, found
    return None if best is None else best[1]


def _is_chorus(label: str) -> bool:
    return label.startswith(("Solo 2", "Fours"))


def _played_as(
    piece: _Piece, notes: Sequence[Note], played: Sequence[Any]
) -> tuple[int | None, ...]:
    """Return the index of each written note among the played ones, both by rising onset.

    The line is played as it is written, one note after the other; where a head follows, its upbeat
    may replace the last notes, which gives None.
    """
    if not notes:
        return ()
    begin = piece.starts[piece.first] + notes[0].onset
    best: tuple[int, float, int] = (0, 0.0, 0)
    for index, note in enumerate(played):
        away = abs(note.onset / piece.scale - begin)
        if note.pitch != notes[0].pitch or away > _WITHIN:
            continue
        same = 0
        for one, other in zip(notes, played[index:], strict=False):
            if one.pitch != other.pitch:
                break
            same += 1
        best = max(best, (same, -away, index))
    same, _, start = best
    return tuple(start + at if at < same else None for at in range(len(notes)))


# What is told of it ------------------------------------------------------------------------------


def _bars(piece: _Piece) -> Iterator[Json]:
    tops = piece.changes.chorus_starts or (0,)
    for place in piece.places:
        for bar in range(place.first, place.last):
            within = None if place.form is None else place.form + bar - place.first
            chorus = None if within is None else bisect_right(tops, within) - 1
            inside = place.name in ("solo", "fours")
            section = piece.labels.get(bar, "")
            if inside:
                section = piece.changes.bars[bar - piece.first].section or ""
            elif bar == place.first:
                name = next((name for name in _NAMES if piece._begins(bar, name)), "")
                section = section.removeprefix(name).strip()
            yield {
                "start": piece.seconds(piece.starts[bar]),
                "end": piece.seconds(piece.starts[bar + 1]),
                "beats": [piece.seconds(tick) for tick in _beats(piece, bar)],
                "place": place.name,
                "chorus": chorus + 1 if inside and chorus is not None else None,
                "form": None if within is None or chorus is None else within - tops[chorus],
                "written": bar - piece.first if inside else None,
                "section": section,
            }


def _beats(piece: _Piece, bar: int) -> range:
    """Return the ticks of the beats of a bar as they are counted: two in 6/8."""
    meter = piece.meters[bar]
    step = meter.ticks_per_beat * (3 if meter.compound else 1)
    return range(piece.starts[bar], piece.starts[bar + 1], step)


def _chords(piece: _Piece) -> Iterator[Json]:
    arrivals = [one for one in chord_symbols(piece.file) if one[0] < piece.starts[-1]]
    ends = [*(tick for tick, _ in arrivals[1:]), piece.starts[-1]]
    number = 0
    after = piece.first + len(piece.changes.bars)
    before: tuple[int, ...] = ()
    for (tick, chord), end in zip(arrivals, ends, strict=True):
        bar = piece.bar_at(tick)
        written = piece.first <= bar < after
        number += written
        before = voiced(chord, before)
        yield {
            "symbol": printed(chord.symbol),
            "start": piece.seconds(tick),
            "end": piece.seconds(end),
            "bar": bar,
            "n": number if written else None,
            "pitches": list(before),
        }


@lru_cache(maxsize=4096)
def voiced(chord: Chord, before: tuple[int, ...] = ()) -> tuple[int, ...]:
    """Return the pitches of a chord to be heard by itself: a bass note and a voicing above it.

    The voicing is the one nearest to that of the chord `before`; N.C. has no pitches.
    """
    if chord.is_no_chord:
        return ()
    upper = comping.voicing(chord, before[1:])
    bass = chord.bass or chord.root
    low = _LOWEST_BASS if bass is None else _LOWEST_BASS + bass.pitch_class
    return (low, *(pitch for pitch in upper if pitch != low))


def _part(piece: _Piece, part: MidiPart) -> Json:
    controls = {
        change.controller: change.value
        for change in piece.file.tracks[part.track].controls
        if change.channel == part.channel
    }
    return {
        "name": part.name,
        "role": ROLES.get(part.name, "melody"),
        "program": part.program,
        "percussion": part.percussion,
        "volume": controls.get(VOLUME, 100),
        "pan": controls.get(PAN, 64),
        "notes": [
            [
                _rounded(piece.file.seconds(note.onset)),
                _rounded(piece.file.seconds(note.end)),
                note.pitch,
                note.velocity,
            ]
            for note in sorted(part.notes)
        ],
        "controls": [
            [_rounded(piece.file.seconds(change.tick)), change.controller, change.value]
            for change in piece.file.tracks[part.track].controls
            if change.channel == part.channel and change.controller in (PITCH, BREATH)
        ],
    }


def _line(piece: _Piece, solo: Solo) -> list[Json]:
    played = sorted(next((part.notes for part in piece.file.parts if part.name == SOLO), ()))
    start = piece.starts[piece.first]
    found = []
    for number, (note, index, kind, name) in enumerate(
        zip(
            solo.notes,
            _played_as(piece, solo.notes, played),
            kinds(solo.notes, piece.changes),
            spell_line(solo.notes, solo.key, piece.changes),
            strict=True,
        ),
        start=1,
    ):
        chord = piece.changes.chord_at(heard_at(note))
        begin, end, velocity = piece.seconds(start + note.onset), 0.0, note.velocity
        if index is None:
            end = piece.seconds(start + note.end)
        else:
            begin = _rounded(piece.file.seconds(played[index].onset))
            end = _rounded(piece.file.seconds(played[index].end))
            velocity = played[index].velocity
        found.append(
            {
                "n": number,
                "tick": note.onset,
                "duration": note.duration,
                "start": begin,
                "end": end,
                "pitch": note.pitch,
                "velocity": velocity,
                "part_note": index,
                "kind": _KINDS[kind],
                "chord": "" if chord is None else printed(chord.symbol),
                "bar": piece.bar_at(start + note.onset),
                "name": printed(str(name)),
            }
        )
    return found


_KINDS = {
    "chord tone": "chord",
    "scale tone": "scale",
    "approach": "approach",
    "outside": "outside",
    "no chord": "none",
}


def _composer(request: BaseRequest | None) -> str:
    tune: Tune | None = getattr(request, "changes", None)
    return "" if tune is None or tune.sheet is None else tune.sheet.composer


def _instrument(front: MidiPart | None, request: BaseRequest | None) -> str:
    asked = getattr(request, "instrument", None)
    return str(asked or ("" if front is None else PROGRAMS[front.program]))


def _rounded(seconds: float) -> float:
    return round(seconds, _DIGITS)
