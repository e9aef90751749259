"""A solo over changes from a MIDI file.

The steps: choose the parts and the range (:mod:`~sideman.formats.midi.parts`), quantise the
melody's notes (:func:`quantised`), keep the top line, and read chord symbols in the file or name
the chords that a part plays (:func:`chord_arrivals`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from pathlib import PurePath

from sideman.errors import SidemanError
from sideman.formats.midi import harmony
from sideman.formats.midi.bars import BarLines, bar_lines
from sideman.formats.midi.parts import Choice, Profile, choose
from sideman.formats.midi.reading import MidiFile, MidiNote, MidiPart, MidiText
from sideman.formats.midi.writing import CHORDS_ARE_MARKERS
from sideman.formats.midi.written import written
from sideman.formats.prior import Prior
from sideman.score import Bar, Changes, ChordChange, Note, Solo, monophonic
from sideman.theory.chord import NO_CHORD, Chord, from_pitches
from sideman.theory.chord.context import Notation
from sideman.theory.meter import TICKS_PER_QUARTER, quantise, quarters_to_ticks
from sideman.theory.pitch import Key

GRIDS = (4, 3)
"""The grids for quantisation, in lines per quarter: sixteenths and eighth triplets."""

_KEYBOARDS = 8  # General MIDI programs of pianos
_EIGHTH = TICKS_PER_QUARTER // 2
_LONGEST_HELD = 16  # Maximum number of windows in which a held stroke counts as sounding.
_SECTION = re.compile(r"\[(.{1,60})\]")
_BARE_LETTER = re.compile(r"[A-Ga-g]")
# A longer list of text events cannot be chord symbols or sections.
_MOST_SYMBOLS = 20_000
_LONGEST_SYMBOL = 40
_LONGEST_SILENCE = 64 * 4 * TICKS_PER_QUARTER  # after the last chord of a form

Arrival = tuple[int, Chord]  # tick, 24 to the quarter from the start of the file; chord


@dataclass(frozen=True, slots=True)
class Taken:
    """A solo from a MIDI file, with the choices made.

    Parameters
    ----------
    solo : Solo
        Tick 0 is the downbeat of `first_bar`.
    choice : Choice
        The parts and the range.
    lines : BarLines
        The file's bar lines up to the end of the solo.
    first_bar : int
        Index in `lines` of the bar at which the form begins.
    chord_source : str
        The source of the chords, in words.
    """

    solo: Solo
    choice: Choice
    lines: BarLines
    first_bar: int
    chord_source: str


def to_solo(
    file: MidiFile,
    *,
    melody: str | int | None = None,
    chords: str | int | None = None,
    quarters: tuple[float | Fraction, float | Fraction] | None = None,
    grids: tuple[int, ...] = GRIDS,
    prior: Prior | None = None,
) -> Solo:
    """Return the melody and the changes of a file.

    The written line of a file by sideman (:mod:`sideman.formats.midi.written`) is preferred unless
    a part or a range is given.

    Parameters
    ----------
    file : MidiFile
        The file.
    melody, chords : str, int or None
        The part by number or by a part of its name; None to find it.
    quarters : pair or None
        First and last quarter from the start of the file, the last excluded; None to find them.
    grids : tuple of int
        The grids for quantisation, in lines per quarter.
    prior : Prior or None
        For chords inferred from a piano.

    Returns
    -------
    Solo
        A monophonic line; without changes or notes if the file has no chords or no melody.

    Raises
    ------
    MusicError
        If a named part does not exist, the range is empty, or the piece is too long.
    """
    if melody is None and chords is None and quarters is None:
        own = written(file)
        if own is not None:
            return own
    taken = take(file, melody=melody, chords=chords, quarters=quarters, grids=grids, prior=prior)
    return taken.solo


def take(
    file: MidiFile,
    *,
    melody: str | int | None = None,
    chords: str | int | None = None,
    quarters: tuple[float | Fraction, float | Fraction] | None = None,
    grids: tuple[int, ...] = GRIDS,
    prior: Prior | None = None,
) -> Taken:
    """Return the solo of :func:`to_solo` as performed, with the choices made."""
    choice = choose(file, melody=melody, chords=chords, quarters=quarters)
    if choice.melody is not None:
        file = file.pattern(choice.melody.part.track)
    line = () if choice.melody is None else quantised(file, choice.melody.part, grids)
    first, last = quantise(choice.first, grids), quarters_to_ticks(float(choice.last))
    if not choice.whole:
        line = tuple(note for note in line if first <= note.onset < last)
    written = chord_symbols(file) if chords is None else ()
    whole = written and choice.whole
    until = last
    if whole:  # The form lasts to the end of the first track; its last bars may be empty.
        until = max(until, written[-1][0] + 1)
        silent = quarters_to_ticks(float(file.quarters(file.tracks[0].end)))
        until = max(until, min(silent, until + _LONGEST_SILENCE))
    lines = bar_lines(file, max(until - 1, first))
    if written:
        arrivals, source = written, f"{len(written)} chord symbols written in the file"
    else:
        alone = () if chords is not None else _keyboards(choice)
        arrivals, source = ((), "none") if len(alone) == 1 else _played(file, choice, lines)
        if alone and not arrivals:
            arrivals, source = _inferred(file, alone, lines, prior)
    first_bar = _first_bar(line, first, choice, arrivals, lines, symbols=bool(written))
    start = lines.starts[first_bar]
    changes = None
    if arrivals:
        wanted = range(first_bar, lines.bar_at(max(until - 1, start)) + 1)
        changes = _changes(arrivals, sections(file), lines, wanted)
    solo = Solo(
        title=title(file),
        notes=tuple(replace(note, onset=note.onset - start) for note in monophonic(line)),
        changes=changes,
        key=_key_at(file, choice.first),
        tempo_bpm=file.tempo_bpm,
    )
    return Taken(solo, choice, lines, first_bar, source)


def _played(file: MidiFile, choice: Choice, lines: BarLines) -> tuple[tuple[Arrival, ...], str]:
    """Return the chords that parts play, and their source in words."""
    arrivals, players = chord_arrivals(file, choice, lines)
    first_label, *others = [player.label for player in players] or [""]
    fill = f", where it is silent {' or '.join(others)}" if others else ""
    return arrivals, f"named from what {first_label} plays{fill}" if arrivals else "none"


def _keyboards(choice: Choice) -> tuple[Profile, ...]:
    """Return the parts of a piano that plays alone, of one or two hands; else none."""
    pitched = tuple(one for one in choice.profiles if not one.drums)
    return (
        pitched
        if len(pitched) in (1, 2) and all(one.part.program < _KEYBOARDS for one in pitched)
        else ()
    )


def _inferred(
    file: MidiFile, players: Sequence[Profile], lines: BarLines, prior: Prior | None
) -> tuple[tuple[Arrival, ...], str]:
    """Return the chords inferred from all notes of a piano, and their source in words."""
    notes = [note for player in players for note in quantised(file, player.part)]
    windows = harmony.notes_by_bar(notes, lines)
    if len(windows) > harmony.MOST_WINDOWS:
        most = f"at most {harmony.MOST_WINDOWS // 2} bars of 4/4"
        return (), f"none; they are inferred from {most}, and the piece is longer"
    guesses = harmony.infer(windows, file.keys[0][1].fifths if file.keys else 0, prior)
    if not guesses:
        return (), "none; the notes do not give a likely harmony"
    mean = sum(guess.confidence for guess in guesses) / len(guesses)
    source = f"inferred from the notes of {players[0].label}, with a confidence of {mean:.0%}"
    return tuple((guess.tick, guess.chord) for guess in guesses), source


def _key_at(file: MidiFile, quarter: Fraction) -> Key | None:
    """Return the key at a quarter, else the first key of the file."""
    if not file.keys:
        return None
    before = [key for tick, key in file.keys if file.quarters(tick) <= quarter]
    return before[-1] if before else file.keys[0][1]


def title(file: MidiFile) -> str:
    """Return the title: the name of the first track if it has no notes, else of the file."""
    first = file.tracks[0]
    return first.name if first.name and not first.notes else PurePath(file.name).stem


def quantised(file: MidiFile, part: MidiPart, grids: tuple[int, ...] = GRIDS) -> tuple[Note, ...]:
    """Return a part's notes, onsets and lengths each on the nearest line of the grids.

    A length of zero becomes the shortest step. Notes are in rising order, 24 ticks to the quarter
    from the start of the file.
    """
    shortest = TICKS_PER_QUARTER // max(grids)
    notes = []
    for note in part.notes:
        onset = quantise(file.quarters(note.onset), grids)
        length = quantise(file.quarters(note.end - note.onset), grids) or shortest
        notes.append(Note(onset, length, note.pitch, note.velocity))
    return tuple(sorted(notes, key=lambda note: (note.onset, note.pitch)))


def chord_symbols(file: MidiFile) -> tuple[Arrival, ...]:
    """Return the chord symbols in a file, by rising tick: XF chords, else texts.

    Of the kinds of text (marker, lyric, cue, text) the one with most chords is used, if at least
    60 % of it is chords.
    """
    trusted = any(text.text == CHORDS_ARE_MARKERS for text in file.texts)
    if file.chords and not trusted:
        return file.chords
    best: tuple[Arrival, ...] = ()
    for kind in ("marker", "lyric", "cue", "text"):
        words = [
            text
            for text in file.texts
            if text.kind == kind
            and text.text
            and not _SECTION.fullmatch(text.text)
            and text.text != CHORDS_ARE_MARKERS
        ]
        if not words or len(words) > _MOST_SYMBOLS:
            continue
        notation = _notation(words)
        chords = [_chord_or_none(text.text, notation) for text in words]
        known = sum(chord is not None for chord in chords)
        # Single letters that begin with A are usually sections, not chords.
        letters = all(_BARE_LETTER.fullmatch(text.text) for text in words)
        doubtful = letters and words[0].text.upper() == "A"
        if (trusted and kind == "marker") or (known >= 0.6 * len(words) and not doubtful):
            found = {
                _near_eighth(quarters_to_ticks(float(file.quarters(text.tick))), trusted): chord
                for text, chord in zip(words, chords, strict=True)
                if chord is not None
            }
            if len(found) > len(best):
                best = tuple(found.items())
    return best


def sections(file: MidiFile) -> tuple[tuple[int, str], ...]:
    """Return ticks and labels of the section marks: the markers that are not chords."""
    markers = [text for text in file.texts if text.kind == "marker" and text.text]
    if len(markers) > _MOST_SYMBOLS:
        return ()
    bracketed = [text for text in markers if _SECTION.fullmatch(text.text)]
    if not bracketed and chord_symbols(file):
        notation = _notation(markers)
        bracketed = [text for text in markers if _chord_or_none(text.text, notation) is None]
    chosen: Sequence[MidiText] = bracketed or ([] if chord_symbols(file) else markers)
    return tuple(
        (quarters_to_ticks(float(file.quarters(text.tick))), _SECTION.sub(r"\1", text.text))
        for text in chosen
    )


def _notation(words: Sequence[MidiText]) -> Notation:
    """Return the notation of texts; names without digits, such as "La", are no Latin chords."""
    texts = [word.text for word in words if len(word.text) <= _LONGEST_SYMBOL]
    notation = Notation.of(texts)
    digits = sum(any(sign.isdigit() for sign in text) for text in texts)
    return notation if notation.kind != "latin" or 2 * digits >= len(texts) else Notation()


def _near_eighth(tick: int, exact: bool) -> int:
    """Return the eighth within two ticks of a chord symbol, which programs place loosely."""
    eighth = TICKS_PER_QUARTER // 2
    nearest = round(tick / eighth) * eighth
    return nearest if abs(nearest - tick) <= 2 and not exact else tick


@lru_cache(maxsize=4096)
def _chord_or_none(text: str, notation: Notation) -> Chord | None:
    latin = notation.kind == "latin"
    # "Do7" is ambiguous but among Latin chords.
    if len(text) > _LONGEST_SYMBOL or (text.startswith("Do") and not latin):
        return None
    try:
        if latin or notation.kind in ("german", "either"):
            return notation.parse(text)
        return Chord.parse(text, "weimar")
    except SidemanError:
        return None


def chord_arrivals(
    file: MidiFile, choice: Choice, lines: BarLines
) -> tuple[tuple[Arrival, ...], tuple[Profile, ...]]:
    """Name the chords that a part plays, at most one per half bar.

    In each half bar (or bar, if the meter has no half) the stroke with most notes is named. A
    stroke in the last eighth that is held over counts for the next half, as an anticipation. The
    bass note, if any, decides the root. Where the part rests for two bars or more, the next part
    that plays chords is used; where all rest for four bars, there is no chord.

    Returns
    -------
    arrivals : tuple of (int, Chord)
        Ticks of 24 to the quarter from the start of the file, rising; no chord twice in a row.
    players : tuple of Profile
        The parts that were used.
    """
    if choice.chords is None:
        return (), ()
    windows = _windows(lines)
    end = lines.end(-1)
    bar = lines.meters[0].ticks_per_bar
    speaking: dict[int, tuple[int, ...]] = {}
    silent = set(range(len(windows.starts)))
    players: list[Profile] = []
    for player in (choice.chords, *choice.stand_ins):
        open_windows = set(range(len(windows.starts)))
        if players:
            open_windows = {i for run in _runs(silent, windows, 2 * bar, end) for i in run}
        strokes, sounding = _strokes(file, player.part.notes, windows, end)
        spoken = {index: pitches for index, pitches in strokes.items() if index in open_windows}
        if spoken:
            speaking |= spoken
            silent -= sounding
            players.append(player)
    bass = _lowest(file, choice.bass.part.notes, windows) if choice.bass is not None else {}
    named = {index: _name(pitches, bass.get(index)) for index, pitches in speaking.items()}
    for run in _runs(silent, windows, 4 * bar, end):
        named[run[0]] = NO_CHORD
    arrivals: list[Arrival] = []
    for index in sorted(named):
        chord = named[index]
        if chord is None or (not arrivals and chord == NO_CHORD):
            continue
        if not arrivals or arrivals[-1][1] != chord:
            arrivals.append((windows.starts[index], chord))
    return tuple(arrivals), tuple(players)


def _runs(silent: set[int], windows: BarLines, ticks: int, end: int) -> list[list[int]]:
    """Return the runs of neighbouring windows that last at least so many ticks."""
    runs: list[list[int]] = []
    for index in sorted(silent):
        if runs and runs[-1][-1] == index - 1:
            runs[-1].append(index)
        else:
            runs.append([index])
    edges = (*windows.starts, end)
    return [run for run in runs if edges[run[-1] + 1] - edges[run[0]] >= ticks]


def _windows(lines: BarLines) -> BarLines:
    """Return the halves of bars as bar lines."""
    starts: list[int] = []
    for start, meter in zip(lines.starts, lines.meters, strict=True):
        starts.append(start)
        if meter.beats % 2 == 0 and meter.beats >= 4:
            starts.append(start + meter.ticks_per_bar // 2)
    return BarLines(tuple(starts), ())


def _strokes(
    file: MidiFile, notes: Iterable[MidiNote], windows: BarLines, until: int
) -> tuple[dict[int, tuple[int, ...]], set[int]]:
    """Return the fullest stroke of each window, pitches rising, and the windows that sound."""
    strokes: dict[int, set[int]] = {}
    held: dict[int, int] = {}
    for note in notes:
        onset = quantise(file.quarters(note.onset), GRIDS)
        if onset < until:
            end = quarters_to_ticks(float(file.quarters(note.end)))
            strokes.setdefault(onset, set()).add(note.pitch)
            held[onset] = max(held.get(onset, 0), end)
    fullest: dict[int, tuple[int, int, int]] = {}  # window: notes, length, minus onset
    sounding: set[int] = set()
    for onset, pitches in strokes.items():
        index = windows.bar_at(onset)
        last = windows.bar_at(max(onset, held[onset] - 1))
        sounding.update(range(index, min(last, index + _LONGEST_HELD) + 1))
        after = index + 1
        if after < len(windows.starts) and windows.starts[after] - onset <= _EIGHTH:
            # A stroke that sounds longer after the bar line than before it is an anticipation.
            index += held[onset] - windows.starts[after] > windows.starts[after] - onset
        rank = (min(len(pitches), 4), held[onset] - onset, -onset)
        if len(pitches) >= 2 and rank > fullest.get(index, (0, 0, 0)):
            fullest[index] = rank
    chosen = {index: tuple(sorted(strokes[-rank[2]])) for index, rank in fullest.items()}
    return chosen, sounding


def _lowest(file: MidiFile, notes: Iterable[MidiNote], windows: BarLines) -> dict[int, int]:
    """Return the bass note on the first quarter of each window."""
    struck: dict[int, tuple[int, int]] = {}
    for note in notes:
        onset = quantise(file.quarters(note.onset), GRIDS)
        index = windows.bar_at(onset + TICKS_PER_QUARTER // 4)
        if onset - windows.starts[index] < TICKS_PER_QUARTER:
            struck[index] = min(struck.get(index, (onset, note.pitch)), (onset, note.pitch))
    return {index: pitch for index, (_, pitch) in struck.items()}


@lru_cache(maxsize=4096)
def _name(voicing: tuple[int, ...], bass: int | None) -> Chord | None:
    """Name a voicing; the bass is included only if it is the root."""
    alone = from_pitches(voicing) if len({pitch % 12 for pitch in voicing}) >= 3 else None
    if bass is None:
        return alone
    below = bass - 12 if bass >= min(voicing) else bass
    if len({pitch % 12 for pitch in (below, *voicing)}) < 3:
        return alone
    grounded = from_pitches((below, *voicing))
    rooted = grounded is not None and (
        grounded.root is not None and grounded.root.pitch_class == below % 12
    )
    if rooted or alone is None:
        return grounded
    return replace(alone, bass=None)  # The lowest note of the voicing is not the bass.


def _first_bar(
    line: Sequence[Note],
    first: int,
    choice: Choice,
    arrivals: Sequence[Arrival],
    lines: BarLines,
    *,
    symbols: bool,
) -> int:
    """Return the bar at which the form begins: after a pickup, or at the first chord symbol."""
    onset = line[0].onset if line else first
    bar = lines.bar_at(first if not choice.whole else onset)
    if not choice.whole or not arrivals:
        return bar
    chord_bar = lines.bar_at(arrivals[0][0])
    if symbols:
        # Up to two bars of melody before the first symbol are a pickup.
        return chord_bar if chord_bar <= bar + 2 else bar
    late = 2 * (onset - lines.starts[bar]) >= lines.meters[bar].ticks_per_bar
    short = bar == 0 and len(lines.meters) > 1 and lines.end(0) * 2 <= lines.end(1) - lines.end(0)
    return bar + 1 if chord_bar == bar + 1 and (late or short) else bar


def _changes(
    arrivals: Sequence[Arrival],
    marks: Sequence[tuple[int, str]],
    lines: BarLines,
    wanted: range,
) -> Changes:
    """Return bars with chords and section labels; the first bar has the chord in force."""
    bars: list[Bar] = []
    chords: dict[int, list[ChordChange]] = {}
    before: Chord | None = None
    for tick, chord in arrivals:
        index = lines.bar_at(tick)
        if index < wanted.start:
            before = chord
        elif tick < lines.end(index):
            chords.setdefault(index, []).append(ChordChange(tick - lines.starts[index], chord))
    labels: dict[int, str] = {}
    beyond = lines.end(len(lines.starts) - 1)
    for tick, label in marks:
        if tick < beyond:
            labels.setdefault(lines.bar_at(tick + _EIGHTH), label)
    opening = chords.setdefault(wanted.start, [])
    if before is not None and (not opening or opening[0].onset > 0):
        opening.insert(0, ChordChange(0, before))
    for index in wanted:
        bars.append(Bar(tuple(chords.get(index, ())), lines.meters[index], labels.get(index)))
    return Changes(tuple(bars), chorus_starts=())
