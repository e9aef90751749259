"""Lists of what a request can name, and what this installation has."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import fields
from functools import cache
from math import isinf
from typing import Any

from sideman.band import styles as band
from sideman.errors import MissingExtraError, ModelError, SidemanError
from sideman.library import songbook as tunes
from sideman.models import registry, shaping
from sideman.models.controls import KNOBS, Controls
from sideman.output import audio, engraving
from sideman.output.audio import soundfonts
from sideman.output.printed import printed
from sideman.service import playing
from sideman.service.portable import Json
from sideman.service.requests import PlayRequest
from sideman.studio.tasks import Font
from sideman.studio.work import changes
from sideman.theory.instruments import INSTRUMENTS
from sideman.theory.pitch import Key
from sideman.version import VERSION

_HASH_DIGITS = 16
_MARKED = 0.6
"""Standard deviations from the mean of players beyond which a trait is named."""
_MANNERS = (
    ("faster notes", "slower notes"),
    ("shorter phrases", "longer phrases"),
    ("shorter rests", "longer rests"),
    ("fewer repeated notes", "more repeated notes"),
    ("fewer steps", "more steps"),
    ("fewer leaps", "more leaps"),
    ("fewer chord notes", "more chord notes"),
    ("more notes outside the scale", "fewer notes outside the scale"),
    ("a narrower range", "a wider range"),
)
"""Less and more of each of :data:`sideman.models.shaping.TRAITS`."""


@cache
def songbook() -> list[Json]:
    """Return the tunes of the songbook."""
    found = []
    for name in tunes.names():
        facts = changes.facts(sheet := tunes.load(name))
        kept = {each: facts[each] for each in ("title", "composer", "key", "style", "tempo")}
        found.append({"name": name, **kept, "bars": len(sheet.changes.bars)})
    return found


def players() -> list[Json]:
    """Return the players that the model can imitate."""
    try:
        soloist: Any = registry.load()
    except ModelError:  # about() says so
        return []
    known = shaping.players()
    return [
        {"name": name, "label": name, "detail": _manner(known, name)} for name in soloist.players
    ]


def _manner(known: shaping.Players, name: str) -> str:
    """Return how a player differs most from the others, in words; empty where little."""
    own = known.own.get(name)
    if own is None:
        return ""
    spreads = known.covariance.diagonal() ** 0.5
    away = [
        (amount / spread, words)
        for amount, spread, words in zip(own, spreads, _MANNERS, strict=True)
    ]
    most = sorted(away, key=lambda one: -abs(one[0]))[:2]
    return ", ".join(words[int(score > 0)] for score, words in most if abs(score) > _MARKED)


def styles() -> list[Json]:
    """Return the styles of the band."""
    return [
        {"name": name, "label": name.replace("-", " "), "detail": f"{style.tempo_bpm:g} bpm"}
        for name in band.names()
        for style in [band.named(name)]
    ]


def instruments() -> list[Json]:
    """Return the instruments with a common name."""
    return [
        {
            "name": each.name,
            "label": each.name,
            "detail": printed(f"{Key(0).spell(each.low)} to {Key(0).spell(each.high)}"),
        }
        for each in INSTRUMENTS.values()
    ]


def knobs() -> list[Json]:
    """Return the controls; `high` is None where there is no bound."""
    defaults = registry.defaults(registry.DEFAULT)
    return [
        {
            "name": each.name,
            "label": knob.label,
            "help": knob.help,
            "low": knob.low,
            "high": None if isinf(knob.high) else knob.high,
            "default": getattr(defaults, each.name),
            "unit": knob.unit,
            "group": knob.group,
        }
        for each in fields(Controls)
        for knob in [KNOBS[each.name]]
    ]


def about() -> Json:
    """Return the version, and what this installation has and lacks."""
    lacks: dict[str, str] = {}

    def there(name: str, check: Callable[[], object]) -> bool:
        try:
            check()
        except (SidemanError, OSError) as error:
            lacks[name] = str(error)
            return False
        return True

    fingerprint = ""
    try:
        fingerprint = playing.model_named(PlayRequest().model).fingerprint
    except (SidemanError, OSError):
        lacks["model"] = (
            "The soloist's model is not in this installation, so nothing can be improvised; "
            "install sideman again. All else works."
        )
    there("soundfont", soundfonts.soundfont_path)
    found = font()
    return {
        "version": VERSION,
        "fingerprint": fingerprint,
        "sound": {
            "soundfont": None if found is None else f"/assets/{found.name}",
            "mp3": there("mp3", lambda: audio.check("mp3")),
        },
        "pages": {
            "score": there("score", lambda: engraving.check("svg")),
            "pdf": there("pdf", lambda: engraving.check("pdf")),
        },
        "model": bool(fingerprint),
        "sentences": lacks,
    }


@cache
def font() -> Font | None:
    """Return the soundfont that the page plays, its hash in its name; None where there is none."""
    try:
        path = soundfonts.soundfont_path()
    except MissingExtraError:
        return None
    digits = hashlib.sha256(path.read_bytes()).hexdigest()[:_HASH_DIGITS]
    return Font(f"{path.stem}-{digits}.sf2", path)
