"""Styles: the settings of the band and of the time feel, one TOML file each.

The styles of the package are beside this module; ``docs/styles.md`` explains every line.  A file
is fully checked when it is read.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from sideman import files
from sideman.band import rhythm
from sideman.band.rhythm import Rhythms, Weighted
from sideman.errors import FormatError, MusicError
from sideman.theory.meter import Meter

STYLE = "swing"
"""The default style."""

VOICINGS = ("rootless", "shell", "quartal", "triads")
"""The kinds of voicings."""

FEELS = ("walking", "two", "patterns")
"""The feels of the bass."""

VOICES = {
    "ride": 51, "bell": 53, "crash": 49, "hihat": 42, "pedal": 44, "open": 46, "kick": 36,
    "snare": 38, "rim": 37, "brush": 40, "high": 50, "mid": 47, "floor": 43, "shaker": 82,
    "backbeat": 38, "clave": 75, "cowbell": 56, "conga": 63, "slap": 62, "tumba": 64, "maracas": 70,
}  # fmt: skip
"""The voices of the drums, with their General MIDI keys."""


COMPING_SIGNS, BASS_SIGNS, DRUM_SIGNS = "xXo", "135nax", "xXo"
FILL_SIGNS = {
    "s": "snare", "h": "high", "m": "mid", "f": "floor", "k": "kick", "c": "crash", "r": "ride",
    "p": "pedal",
}  # fmt: skip
"""The voices of a fill, by its signs; a capital is an accent."""

_SUFFIX = ".toml"
_ALREADY_SLOW, _SLOWER = 100, 0.65  # quarter notes a minute; factor
_LARGEST_BYTES = 100_000


@dataclass(frozen=True, slots=True)
class Comping:
    """The piano: one of `VOICINGS`, and its rhythms."""

    voicings: str = "rootless"
    rhythms: Rhythms = Rhythms()


@dataclass(frozen=True, slots=True)
class Bass:
    """The bass: a feel of `FEELS` is drawn for each section.

    `patterns` are for the feel of that name; `skips` is the share of the beats of a walking line
    with an added eighth, 0 to 1, and `doubles` the share of its bars in double time where the
    soloist is at the most intense.
    """

    feels: Weighted[str] = Weighted(("walking",), (1.0,))
    patterns: Rhythms = Rhythms()
    skips: float = 0.05
    doubles: float = 0.0


@dataclass(frozen=True, slots=True)
class Drums:
    """The drums, with sticks or brushes: rhythms of each of `VOICES`, and of fills and solos.

    `patterns` are rhythms of several voices together, with signs such as ``ride x``.
    """

    brushes: bool = False
    patterns: Rhythms = Rhythms()
    voices: tuple[tuple[str, Rhythms], ...] = ()
    fills: Rhythms = Rhythms()
    solo: Rhythms = Rhythms()


@dataclass(frozen=True)
class Style:
    """A style of the rhythm section.

    Parameters
    ----------
    words : tuple of str
        Words on a lead sheet that select it.
    in_three : str
        The style used instead in 3/4; empty for this one.
    tempo_bpm : float
        Quarter notes a minute where neither tune nor request gives a tempo.
    swing : float or None
        On-beat eighth over off-beat eighth, 1 for straight eighths; None to derive it from the
        tempo.
    laid_back_seconds : float
        Added to the delay of the soloist that the tempo gives.
    ornaments : float
        A factor on the number of the soloist's scoops, bends and falls.
    vibrato : float
        A factor on the soloist's vibrato.
    double_time : float or None
        The share of a solo in double time; None leaves it to the tempo.
    melody : float
        The share of the melody's phrases that a solo paraphrases where the request gives none.
    """

    name: str
    words: tuple[str, ...] = ()
    in_three: str = ""
    tempo_bpm: float = 132.0
    swing: float | None = None
    laid_back_seconds: float = 0.0
    ornaments: float = 1.0
    vibrato: float = 1.0
    double_time: float | None = None
    melody: float = 0.0
    comping: Comping = Comping()
    bass: Bass = Bass()
    drums: Drums = Drums()

    def tempo_for(self, text: str) -> float:
        """Return the tempo for a lead sheet's style text, slower where it says slow or ballad."""
        slow = self.tempo_bpm > _ALREADY_SLOW and re.search(r"(?i)\b(slow|ballad)\b", text)
        return self.tempo_bpm * _SLOWER if slow else self.tempo_bpm


@cache
def names() -> tuple[str, ...]:
    """Return the names of the package's styles, sorted."""
    return files.packaged(__name__, _SUFFIX)


def load(name_or_path: str | Path) -> Style:
    """Return a style by its name, or from a path that ends in ``.toml``.

    Raise MusicError, FileError or FormatError if there is none, or the file is unusable.
    """
    if isinstance(name_or_path, Path) or name_or_path.casefold().endswith(_SUFFIX):
        path = Path(name_or_path)
        return parse(files.read_bytes(path, at_most=_LARGEST_BYTES), str(path))
    return named(name_or_path, " or give the path of a file that ends in .toml")


def named(name: str, otherwise: str = "") -> Style:
    """Return a style by its name alone; the MusicError where there is none offers the nearest."""
    wanted = _slug(name)
    if wanted not in names():
        near = difflib.get_close_matches(wanted, names(), n=3, cutoff=0.4) or names()
        also = f",{otherwise}" if otherwise else ""
        raise MusicError(f"{name[:60]!r} is not a style; choose {_listed(near)}{also}.")
    return _shipped(wanted)


@cache
def _shipped(name: str) -> Style:
    return parse((resources.files(__name__) / (name + _SUFFIX)).read_bytes(), name + _SUFFIX)


def matching(text: str, meter: Meter = Meter()) -> Style:  # noqa: B008 - frozen
    """Return the package's style that fits a lead sheet's style text and meter best.

    That is ``swing`` where no word matches; in three, the style's `in_three`.
    """
    written = f" {_slug(text).replace('-', ' ')} "
    best, longest = STYLE, 0
    for name in names():
        for word in (name, *_shipped(name).words):
            plain = _slug(word).replace("-", " ")
            if len(plain) > longest and f" {plain} " in written:
                best, longest = name, len(plain)
    style = _shipped(best)
    in_three = len(rhythm.pulses(meter)) == 4
    return _shipped(style.in_three) if in_three and style.in_three else style


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.strip().casefold()).strip("-")


def _listed(words: Collection[str]) -> str:
    *most, last = words
    return f"{', '.join(most)} or {last}" if most else last


def parse(data: bytes, source: str) -> Style:
    """Read a style from a TOML file; raise FormatError, with file and key, if it is malformed."""
    try:
        table = tomllib.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise FormatError(f"{source}: is not UTF-8 text; save it as UTF-8.") from None
    except ValueError as error:  # of TOML, or a number of thousands of digits
        raise FormatError(f"{source}: is not TOML: {error}; correct that line.") from None
    except RecursionError:
        raise FormatError(f"{source}: is nested too deeply to be a style.") from None
    page = _Page(source, "", table)
    page.only(
        "words",
        "in_three",
        "tempo_bpm",
        "swing",
        "laid_back_seconds",
        "ornaments",
        "vibrato",
        "double_time",
        "melody",
        *_PLAYERS,
    )
    in_three = page.text("in_three", "")
    if in_three and in_three not in names():
        raise page.wrong("in_three", f"name a style of the house: {_listed(names())}")
    return Style(
        name=Path(source).stem,
        words=page.words("words"),
        in_three=in_three,
        tempo_bpm=page.number("tempo_bpm", 132, 20, 400),
        swing=_swing(page),
        laid_back_seconds=page.number("laid_back_seconds", 0, -0.1, 0.1),
        ornaments=page.number("ornaments", 1, 0, 3),
        vibrato=page.number("vibrato", 1, 0, 2),
        double_time=page.number("double_time", 0, 0, 0.9) if "double_time" in table else None,
        melody=page.number("melody", 0, 0, 1),
        comping=_comping(page.table("comping")),
        bass=_bass(page.table("bass")),
        drums=_drums(page.table("drums")),
    )


_PLAYERS = ("comping", "bass", "drums")


def _swing(page: _Page) -> float | None:
    written = page.values.get("swing", "tempo")
    if written == "tempo":
        return None
    if written == "straight":
        return 1.0
    if isinstance(written, str):
        raise page.wrong("swing", 'write "tempo", "straight" or a ratio from 1 to 4')
    return page.number("swing", 1, 1, 4)


def _comping(page: _Page) -> Comping:
    page.only("voicings", "rhythms")
    voicings = page.text("voicings", VOICINGS[0])
    if voicings not in VOICINGS:
        raise page.wrong("voicings", f"choose {_listed(VOICINGS)}")
    return Comping(voicings, page.rhythms("rhythms", COMPING_SIGNS))


def _bass(page: _Page) -> Bass:
    page.only("skips", "doubles", "feels", "patterns")
    patterns = page.rhythms("patterns", BASS_SIGNS)
    inner = page.table("feels")
    inner.only(*FEELS)
    feels = [(feel, inner.number(feel, 0, 0, 1000)) for feel in inner.values]
    if not feels:
        feels = [("walking", 1.0)]
    if not any(weight for _, weight in feels):
        raise page.wrong("feels", "give at least one feel a weight above 0")
    if not patterns and any(feel == "patterns" and weight for feel, weight in feels):
        raise page.wrong("patterns", "write at least one, as feels ask for them")
    chosen = rhythm.weighted_choice((feel, weight) for feel, weight in feels if weight)
    skips, doubles = page.number("skips", 0, 0, 1), page.number("doubles", 0, 0, 1)
    return Bass(chosen, patterns, skips, doubles)


def _drums(page: _Page) -> Drums:
    page.only("brushes", "patterns", "fills", "solo", *VOICES)
    brushes = page.values.get("brushes", False)
    if not isinstance(brushes, bool):
        raise page.wrong("brushes", "write true or false")
    voices = tuple(
        (voice, page.rhythms(voice, DRUM_SIGNS)) for voice in VOICES if voice in page.values
    )
    signs = "".join(FILL_SIGNS) + "".join(FILL_SIGNS).upper()
    return Drums(
        brushes,
        page.patterns("patterns"),
        voices,
        page.rhythms("fills", signs),
        page.rhythms("solo", signs),
    )


@dataclass(frozen=True, slots=True)
class _Page:
    """One table of a file, with its place for messages."""

    source: str
    place: str
    values: Mapping[str, Any]

    def wrong(self, key: str, what: str) -> FormatError:
        return FormatError(f"{self.source}: {self.place}{key}: {what}.")

    def only(self, *known: str) -> None:
        for key in self.values:
            if key not in known:
                near = difflib.get_close_matches(key, known, n=1) or known
                raise self.wrong(key[:40], f"is not known here; it may be {_listed(near)}")

    def table(self, key: str) -> _Page:
        value = self.values.get(key, {})
        if not isinstance(value, dict):
            raise self.wrong(key, f"write it as a table, [{self.place}{key}]")
        return _Page(self.source, f"{self.place}{key}.", value)

    def text(self, key: str, otherwise: str) -> str:
        value = self.values.get(key, otherwise)
        if not isinstance(value, str):
            raise self.wrong(key, "write a word in quotation marks")
        return value

    def words(self, key: str) -> tuple[str, ...]:
        value = self.values.get(key, [])
        if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
            raise self.wrong(key, 'write a list of words, ["like", "this"]')
        return tuple(value)

    def number(self, key: str, otherwise: float, low: float, high: float) -> float:
        value = self.values.get(key, otherwise)
        fits = isinstance(value, int | float) and not isinstance(value, bool)
        if not fits or not low <= value <= high:  # nan fits nowhere
            raise self.wrong(key, f"write a number from {low:g} to {high:g}")
        return float(value)

    def rhythms(self, key: str, signs: str) -> Rhythms:
        inner = self.table(key)
        weighted = []
        for text in inner.values:
            shown = f'"{text[:60]}"'
            try:
                written = rhythm.parse(text, signs)
            except FormatError as error:
                raise inner.wrong(shown, str(error)) from None
            page = _Page(self.source, inner.place, {shown: inner.values[text]})
            weight = page.number(shown, 1, 0, 1000)
            if weight:
                weighted.append((written, weight))
        return Rhythms(tuple(weighted))

    def patterns(self, key: str) -> Rhythms:
        """Return the rhythms of several voices of a table of tables."""
        inner = self.table(key)
        weighted = []
        for name in inner.values:
            page = inner.table(name)
            page.only("level", "weight", *VOICES)
            voices = {}
            for voice in VOICES:
                if voice in page.values:
                    text = page.text(voice, "")
                    try:
                        voices[voice] = rhythm.parse(text, DRUM_SIGNS)
                    except FormatError as error:
                        raise page.wrong(voice, str(error)) from None
            try:
                whole = rhythm.together(name, voices, page.number("level", 0.5, 0, 1))
            except FormatError as error:
                raise inner.wrong(name[:60], str(error)) from None
            weighted.append((whole, page.number("weight", 1, 0, 1000)))
        return Rhythms(tuple((whole, weight) for whole, weight in weighted if weight))
