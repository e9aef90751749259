"""Words on a chart that name a style or a tempo."""

from __future__ import annotations

import re

_MOST_WORDS, _LONGEST = 6, 50
_GENRE = (
    r"swing(?:ing|ue|y|in')?|swung|jazz|bebop|bop|hard bop|post bop|shuffle|blues|groove|fox\s?trot"
    r"|bossa(?: nova)?|samba|baiao|baião|choro|partido alto|afoxe|afoxé|maracatu"
    r"|latin|bolero|salsa|son|montuno|son montuno|mambo|rh?umba|guajira|guaracha|songo|cha[- ]?cha"
    r"(?:[- ]?cha)?|merengue|calypso|beguine|tango|milonga|habanera|chacarera|afro(?:[- ]cuban)?"
    r"|ballads?|balada|rubato|torch song|(?:jazz )?waltz|valse|vals"
    r"|funk(?:y)?|rock(?: ?(?:'n'|&|and|n) ?roll)?|rockabilly|pop|soul|motown"
    r"|r ?'?(?:&|n|and)?'? ?b"
    r"|rnb|disco|gospel|hip[- ]hop|fusion|house|metal|reggae|ska|country|bluegrass|folk|smooth"
    r"|(?:even|straight)(?: (?:8|16)(?:ths?|th notes)?| eighths?| sixteenths?)?"
    r"|modal(?: jazz)?|vamp|two[- ]?beat|2[- ]?beat|in two|in 2|dixie(?:land)?|trad(?:itional)?"
    r"|new orleans|second line|ragtime|rag|march|polka|stride|charleston|cakewalk"
    r"|gypsy(?: jazz)?|manouche|la pompe|gipsy|hot club|boogaloo|guaguanc[oó]|timba|cuban|cumbia"
    r"|descarga|batucada|chorinho|frevo|soca|brazilian"
)
_PACE = (
    r"slow(?:ly)?|medium|med\.?|moderate(?:ly)?|mod\.?|fast|up|up[- ]?tempo|bright(?:ly)?|brisk"
    r"|easy|lively"
)
_GENRE_INSIDE = re.compile(rf"(?<!\w)(?:{_GENRE})(?!\w)", re.IGNORECASE)
_ONLY = re.compile(
    rf"(?:(?:{_GENRE}|{_PACE}|feel|style|tempo|beat|time|double|half|8ths?|16ths?)\W*)+",
    re.IGNORECASE,
)
_PACE_ALONE = re.compile(rf"(?:(?:{_PACE})\W*)+", re.IGNORECASE)
_UNITS = {
    "𝅗𝅥": 2.0, "half": 2.0, "minim": 2.0, "1/2": 2.0, "♪": 0.5, "eighth": 0.5, "quaver": 0.5,
    "1/8": 0.5,
}  # fmt: skip
_TEMPO = re.compile(
    r"(?P<before>(?<!\d)\d{2,3}(?:\.\d{1,3})?)\s?bpm\b|\bbpm\W{0,3}(?P<after>\d{2,3})(?!\d)"
    r"|(?P<dotted>\bdotted[- ])?(?P<unit>♩|♪|𝅘𝅥|𝅗𝅥|\b(?:q|quarter|crotchet|half|minim|eighth|quaver"
    r"|1/[248]))(?:[- ]note)?(?P<dot>\s?\.)?"
    r"\s?=\s?(?:c\w{0,4}\.?\s?|~\s?)?(?P<number>\d{2,3})(?!\d)",
    re.IGNORECASE,
)


def style_in(text: str, *, only: bool = False) -> str:
    """Return the words that name a style, without brackets and tempo; empty if they name none.

    With `only`, every word must be about the style, so that a title such as Blue Bossa is none.
    """
    plain = _TEMPO.sub("", text)
    plain = " ".join(re.sub(r"[()\[\]]|=\s?\d+", " ", plain).split()).strip(" ,;:-–—.=")
    if len(plain) > _LONGEST or len(plain.split()) > _MOST_WORDS:
        return ""
    if only and not _ONLY.fullmatch(plain):
        return ""
    return plain if _GENRE_INSIDE.search(plain) or _PACE_ALONE.fullmatch(plain) else ""


def tempo_in(text: str) -> float | None:
    """Return the quarter notes a minute that a text gives, from 20 to 400; None for none."""
    found = _TEMPO.search(text)
    if found is None:
        return None
    tempo = float(found["before"] or found["after"] or found["number"])
    tempo *= _UNITS.get((found["unit"] or "").lower(), 1.0)
    tempo *= 1.5 if found["dotted"] or found["dot"] else 1.0
    return tempo if 20 <= tempo <= 400 else None


def is_tempo(text: str) -> bool:
    """Return whether a text is a tempo such as ``♩ = 140`` and nothing else."""
    found = _TEMPO.fullmatch(text.strip(" ()"))
    return found is not None
