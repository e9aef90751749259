"""The header of a text chart: title, composer, key, tempo, style and meter above the bars.

A line is ``Title = My Tune``, ``key: Bb``, several of them separated by tabs or wide spaces, or
``[Tempo 140]`` as in the text that Band-in-a-Box copies. A first line of plain words is the title.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise
from unicodedata import combining, normalize

from sideman.errors import FormatError
from sideman.formats import words
from sideman.theory.chord.notations import german, latin
from sideman.theory.meter import Meter
from sideman.theory.pitch import Key

_NAMES = {
    "title": "title", "song": "title", "song title": "title", "tune": "title", "name": "title",
    "composer": "composer", "composedby": "composer", "composed by": "composer", "by": "composer",
    "music": "composer", "music by": "composer", "author": "composer", "written by": "composer",
    "key": "key", "dbkeysig": "key", "keysig": "key", "key sig": "key", "key signature": "key",
    "concert key": "key", "tempo": "tempo", "bpm": "tempo", "tempo bpm": "tempo",
    "style": "style", "feel": "style", "groove": "style", "rhythm": "style", "genre": "style",
    "time": "meter", "timesig": "meter", "time sig": "meter", "time signature": "meter",
    "meter": "meter", "metre": "meter",
    "bars": "bars", "measures": "bars",
    "titre": "title", "titel": "title", "titolo": "title", "titulo": "title",
    "komponist": "composer", "musik": "composer", "compositeur": "composer",
    "compositor": "composer", "compositore": "composer", "autor": "composer", "autore": "composer",
    "tonart": "key", "tonalite": "key", "ton": "key", "tonalita": "key", "tonalidad": "key",
    "tonalidade": "key", "tom": "key", "andamento": "tempo", "stil": "style", "stile": "style",
    "estilo": "style", "ritmo": "style", "rythme": "style", "takt": "meter", "taktart": "meter",
    "mesure": "meter", "compas": "meter", "compasso": "meter",
}  # fmt: skip
_LEFT_OUT = frozenset(
    (
        *("album", "arranged by", "arranger", "artist", "capo", "chorus", "choruses", "comment"),
        *("comments", "copyright", "date", "ending", "form", "intro bars", "lyricist", "lyrics"),
        *("lyrics by", "melody", "memo", "notes", "performer", "source", "subtitle", "transcribed"),
        *("transcribed by", "transpose", "words", "words by", "year", "from", "duration"),
    )
)
_PIECES = re.compile(r"\t+|\s{3,}|;|,(?=\s*[A-Za-z][A-Za-z ]{0,20}\s?[:=])")
_NEXT = re.compile(
    rf"(?i)(?<=\S)\s+(?=(?:{'|'.join(sorted(_NAMES, key=len, reverse=True))})\s?[:=])"
)
_PIECE = re.compile(r"([^\W\d_](?:[^\W\d]|[ ().#-]){0,30}?)\s*([:=])\s*(.*)")
_UNSIGNED = re.compile(
    r"(?P<key>key)\s(?:[-–—]\s)?(?P<of>.+)|(?P<tempo>tempo)\s(?:[-–—]\s)?(?P<at>\d{2,3}(?: ?bpm)?)"
    r"|(?:time|meter)\s(?:[-–—]\s)?(?P<meter>\d{1,2}/\d{1,2})"
    r"|(?P<name>title|composer|style)\s[-–—]\s(?P<value>.+)",
    re.IGNORECASE,
)
_LABELLED = re.compile(r"([^\W\d_][\w ]{1,30}):\s+(\S.*)")
_BRACKETED = re.compile(
    r"\[\s*([A-Za-z]+)(?:\s*[:=]\s*|\s+)([^\[\]]+)\]\s*|\[\s*([A-Za-z]+)\s*\]\s*[:=]?\s*([^\[\]]+)"
)
_BRACKET_NAMES = frozenset(
    ("title", "key", "tempo", "style", "form", "composer", "bars", "comments")
)
_MINOR = r"min(?:or|ore|eur)?|menor|moll"
_MODE = rf"(M|m|-|(?i:maj(?:or|eur)?|ma[iy]or|maggiore|dur|{_MINOR})|)\.?\s*"
_KEY = re.compile(rf"\s*([A-Ga-g])\s?(b|#|♭|♯|flat|sharp|)\s*(?:-(?=\w))?\s*{_MODE}")
_LATIN_KEY = re.compile(
    r"\s*((?i:do|ut|re|mi|fa|sol|la|si))\s?"
    rf"((?i:b(?:emol(?:le)?)?|#|♭|♯|diese|diesis|s[ou]stenido|))\s*{_MODE}"
)
_SIGNATURE = re.compile(r"(?:(\d) (flat|sharp)s?|no sharps or flats)")
_GERMAN_KEY = re.compile(r"\s*([A-Ha-h](?:is|es|s)?)[\s-]*(?i:(dur|moll))\s*")
_LONGEST_LINE = 300
_SECTIONS = re.compile(
    r"(?i)(?:intro|verse|chorus|bridge|head|solos?|coda|outro|ending|interlude|vamp|tag|refrain"
    r"|shout|pre-?chorus|break|section|part)\b"
)
_BAR_SIGNS = re.compile(r"[|‖│¦𝄆𝄇%𝄎]")
_LINE_NUMBER = re.compile(r"(?m)^([ \t]*\d{1,3})(?=[ \t]*\|)")
_LETTER_CHORD = re.compile(r"(?<![^\s|(])[A-G]")
_BAR_NUMBER = re.compile(r"(?m)^[ \t]*\d{1,4}[:)][ \t]")


@dataclass(frozen=True, slots=True)
class Header:
    """The header of a text chart.

    Parameters
    ----------
    title, composer, style : str
        Empty if not given.
    key : Key or None
        The key.
    tempo_bpm : float or None
        Quarter notes a minute.
    meter : Meter or None
        The meter at the beginning.
    bars : int or None
        The number of bars.
    corpus : bool
        Whether it is of a chart of the Jazz Chord Progressions Corpus, with the field ``DBKeySig``:
        a repeated chord only continues, and chords are spelled as in Impro-Visor.
    notices : tuple of str
        What was left out.
    """

    title: str = ""
    composer: str = ""
    style: str = ""
    key: Key | None = None
    tempo_bpm: float | None = None
    meter: Meter | None = None
    bars: int | None = None
    corpus: bool = False
    notices: tuple[str, ...] = ()


def split(text: str, name: str, is_chord: Callable[[str], bool]) -> tuple[Header, str]:
    """Return the header of a text, and the text with spaces in place of the header.

    Parameters
    ----------
    text : str
        The text.
    name : str
        The name of the text, for messages.
    is_chord : callable
        Returns whether a word is a chord symbol.

    Raises
    ------
    FormatError
        If a meter cannot be read.
    """
    header = Header()
    lines = text.splitlines(keepends=True)
    barred = [number for number, line in enumerate(lines) if _BAR_SIGNS.search(line)]
    for number, line in enumerate(lines[: barred[0] if barred else len(lines)]):
        plain = re.sub(r"([:=])\s+", r"\1 ", line.strip())
        if not plain or re.fullmatch(r"[=*_~-]{3,}", plain):
            lines[number] = _blank(line)
            continue
        if len(plain) > _LONGEST_LINE:
            break
        fields = _fields(plain)
        if fields:
            header = replace(header, corpus=header.corpus or plain.startswith("DBKeySig"))
            for field, value in fields:
                header = _with(header, field, value, name)
        elif plain.startswith(("# ", "//")) or re.fullmatch(r"[A-D]\d?'?(?:[A-D]\d?'?){2,}", plain):
            header = _left_out(header, plain, name)
        elif barred and _is_doubtful(plain, is_chord):
            raise FormatError(
                f"{name}: the line {plain[:60]!r} above the bars may be a header or a bar; write "
                "a header such as 'Key: Bb', or bar lines around the chords."
            )
        elif barred and not header.title and _is_title(plain, is_chord):
            header = replace(header, title=plain)
        elif not (barred and header.title and _is_title(plain, is_chord)):
            break
        else:
            header = _left_out(header, plain, name)
        lines[number] = _blank(line)
    return header, _without_bar_numbers("".join(lines))


def written(expected: Header, is_chord: Callable[[str], bool]) -> tuple[str, Header]:
    """Return header lines, and what is read from them.

    A field that would be read as another value is left out.

    Examples
    --------
    >>> header = Header("Blue Song", key=Key.parse("Bb"), tempo_bpm=92.0)
    >>> text, again = written(header, lambda word: False)
    >>> text.splitlines(), again == header
    (['Title: Blue Song', 'Key: Bb major', 'Tempo: 92'], True)
    """
    tempo = expected.tempo_bpm
    lines = {
        "title": expected.title,
        "composer": expected.composer,
        "key": "" if expected.key is None else str(expected.key),
        "tempo_bpm": "" if tempo is None else f"{tempo:.3f}".rstrip("0").rstrip("."),
        "style": expected.style,
    }
    text, held = "", Header()
    for field, value in lines.items():
        longer = f"{text}{field.removesuffix('_bpm').capitalize()}: {value}\n"
        wanted = replace(held, **{field: getattr(expected, field)})
        if value and split(f"{longer}| C |", "", is_chord) == (wanted, _blank(longer) + "| C |"):
            text, held = longer, wanted
    return text, held


def _blank(text: str) -> str:
    return re.sub(r"[^\r\n]", " ", text)


def is_field(text: str) -> bool:
    """Return whether a text begins with the name of a field and its colon."""
    name, colon, _ = text.partition(":")
    return bool(colon) and _plain(name).strip().lower() in _NAMES


def _without_bar_numbers(text: str) -> str:
    """Return a text with spaces in place of the bar numbers at the starts of its lines."""
    text = _BAR_NUMBER.sub(lambda found: " " * len(found[0]), text)
    numbers = list(_LINE_NUMBER.finditer(text))
    rising = all(int(one[1]) < int(two[1]) for one, two in pairwise(numbers))
    if len(numbers) > 1 and rising and _LETTER_CHORD.search(text):
        text = _LINE_NUMBER.sub(lambda found: " " * len(found[0]), text)
    return text


def _fields(line: str) -> list[tuple[str, str]]:
    """Return the fields of a header line; empty if it is none."""
    if line.startswith("["):
        found = list(_BRACKETED.finditer(line))
        held = [((one[1] or one[3]).lower(), (one[2] or one[4]).strip()) for one in found]
        if "".join(one[0] for one in found) != line:
            return []
        known = all(field in _BRACKET_NAMES for field, _ in held)
        return [(_NAMES.get(field, field), value) for field, value in held] if known else []
    if named := re.fullmatch(r"(?i)(?:in\s+)?(?:the\s+)?key\s+of\s+(.{1,20})", line):
        return [("key", named[1])]
    if words.is_tempo(line):
        return [("tempo", line)]
    if (said := _UNSIGNED.fullmatch(line)) and (not said["key"] or read_key(said["of"])):
        if said["name"]:
            return [(said["name"].lower(), said["value"])]
        given = (("key", said["of"]), ("tempo", said["at"]), ("meter", said["meter"]))
        return [(field, value) for field, value in given if value]
    paced = re.sub(r"(?<![\w=])\d{2,3}(?!\w)", "", line)
    labelled = re.match(r"[^\s]+\s?[:=]", line) or _SECTIONS.match(line)
    if not labelled and words.style_in(paced, only=True):
        return [("style", line)]
    fields: list[tuple[str, str]] = []
    for piece in _pieces(line):
        match = _PIECE.fullmatch(piece.strip())
        if match is None and fields and fields[-1][0] in ("title", "composer", "style"):
            fields[-1] = (fields[-1][0], f"{fields[-1][1]}; {piece.strip()}")
            continue
        if match is None:
            return []
        field = " ".join(re.sub(r"[()._#-]", " ", _plain(match[1])).lower().split())
        if field not in _NAMES and field not in _LEFT_OUT and match[2] == ":":
            return []
        value = match[3].strip()
        if field == "tonart" and value[:1] in ("B", "b") and not re.match("[Bb][b♭]", value):
            value = f"Bb{value[1:]}"
        fields.append((_NAMES.get(field, match[1]), value))
    return fields


def _pieces(line: str) -> list[str]:
    """Return the fields of a line, apart by tabs, wide spaces, commas, or a name that follows."""
    pieces = []
    for piece in _PIECES.split(line):
        begin = 0
        for found in _NEXT.finditer(piece):
            if re.search(r"[:=]\s*\S", piece[begin : found.start()]):
                pieces.append(piece[begin : found.start()])
                begin = found.end()
        pieces.append(piece[begin:])
    return pieces


def _plain(text: str) -> str:
    """Return a text without accents."""
    return "".join(one for one in normalize("NFD", text) if not combining(one))


def _is_doubtful(line: str, is_chord: Callable[[str], bool]) -> bool:
    """Return whether a line without bar lines is a chord after a word that is no section's."""
    found = _LABELLED.fullmatch(line)
    return (
        found is not None
        and not _SECTIONS.match(line)
        and len(found[1]) > 2
        and all(map(is_chord, found[2].split()))
    )


def _with(header: Header, field: str, value: str, name: str) -> Header:
    """Return the header with one more field."""
    if not value:
        return header
    if field in ("title", "composer"):
        return replace(header, title=value) if field == "title" else replace(header, composer=value)
    if field == "style":
        tempo = header.tempo_bpm or words.tempo_in(value)
        if tempo is None and (number := re.search(r"(?<![\w=/])\d{2,3}$", value)):
            tempo = float(number[0])
        return replace(header, style=value, tempo_bpm=tempo)
    if field == "meter":
        return replace(header, meter=_meter(value, name))
    if field == "key" and (key := read_key(re.sub(r"\s\([^()]*\)$", "", value))) is not None:
        return replace(header, key=key)
    if field == "tempo":
        if tempo := words.tempo_in(value):
            return replace(header, tempo_bpm=tempo)
        number = re.search(r"(?<!\d)\d{2,3}(?:\.\d{1,3})?(?!\d)", value)
        if number is not None and 20 <= float(number[0]) <= 400:
            return replace(header, tempo_bpm=float(number[0]))
        if number is None and (style := words.style_in(value)):
            return replace(header, style=header.style or style)
    if field == "bars" and re.fullmatch(r"\d{1,5}", value):
        return replace(header, bars=int(value))
    return _left_out(header, f"{field}: {value}", name)


def _left_out(header: Header, line: str, name: str) -> Header:
    notice = f"{name}: the line {line[:60]!r} above the bars is left out."
    return replace(header, notices=(*header.notices, notice))


def read_key(value: str) -> Key | None:
    """Return the key of a text such as ``Bb``, ``F sharp moll``, ``h-Moll`` or ``3 flats``."""
    if found := _SIGNATURE.fullmatch(value):
        signs = int(found[1] or 0)
        return Key(-signs if found[2] == "flat" else signs, has_mode=False)
    if found := _GERMAN_KEY.fullmatch(value):
        name = {"B": "Bb"}.get(found[1].upper(), found[1].capitalize())
        root, mode = german(name) or name, found[2]
    else:
        found = _KEY.fullmatch(value) or _LATIN_KEY.fullmatch(_plain(value))
        if found is None:
            return None
        sign, mode = found[2].lower(), found[3]
        flat, sharp = sign[:1] in ("b", "♭", "f"), sign not in ("", "b", "♭", "flat")
        root = latin(found[1].capitalize()) or found[1].upper()
        root += "b" if flat else "#" if sharp else ""
    minor = re.fullmatch(rf"m|-|(?i:{_MINOR})", mode) is not None
    return Key.parse(f"{root}{' minor' if minor else ''}")


def _meter(value: str, name: str) -> Meter:
    plain = {
        "c": "4/4",
        "common": "4/4",
        "common time": "4/4",
        "cut time": "2/2",
        "cut": "2/2",
        "c|": "2/2",
    }.get(value.lower(), value)
    try:
        return Meter.parse("/".join(re.split(r"[\s/]+", plain.strip())))
    except FormatError as error:
        raise FormatError(f"{name}: the meter: {error}") from None


def _is_title(line: str, is_chord: Callable[[str], bool]) -> bool:
    """Return whether a line is words and no chords."""
    if _SECTIONS.match(line):
        return False
    said = re.findall(r"[^\s,()]+", re.sub(r"\s\((?:in )?[^()]*\)$", "", line))
    letters = [word for word in said if re.fullmatch(r"[^\W\d_]{3,}[^\W\d_'’.!?-]*", word)]
    mistyped = any(re.match(r"[A-G][^\s]*\d", word) for word in said)
    return (
        bool(letters)
        and not mistyped
        and not any(is_chord(word) for word in said if len(word) > 1)
        and not line.endswith(":")
    )
