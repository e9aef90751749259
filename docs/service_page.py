"""Print docs/service.md: the fields of the requests, from their dataclasses and docstrings."""

from __future__ import annotations

import inspect
import json
import re
from dataclasses import MISSING, Field, fields
from typing import Any

from sideman.service import requests

_HEAD = f"""# The request as JSON

`sideman.service` plays requests: frozen values that become JSON and back without loss. A take
contains its request, so that `sideman improvise --again TAKE.mid` plays it again.

- `schema` is the number of the layout, now {requests.SCHEMA}. It rises when a field changes its
  meaning or disappears, not when one is added; a larger number is refused in one sentence.
- `kind` is one of {", ".join(f"`{name}`" for name in requests.KINDS)}.
- A field with its default value may be left out. A field that this version does not define is kept,
  and written again.
- A request has at most {requests.LARGEST_JSON:,} bytes, and a longer one is left out of its take.
  It is untrusted: every value is checked when it is read.
- It contains no path. A tune is a name, a text, the bytes of a file in base64, or a lead sheet; a
  phrase or a take is its notes; a model is a name and the SHA-256 of its file.

The smallest request:

```json
{{"schema": {requests.SCHEMA}, "kind": "play", "changes": {{"name": "blues-f"}}}}
```
"""


_MUSIC_HEAD = """## A take as JSON

`sideman.service.music.music_json(midi, name, request)` returns what is needed to draw, follow and
play a take; `PlayResult.music()` and `Take.to_json()["music"]` are the same. All of it comes from
the MIDI file. Times are seconds from the start of the file, as played.

| field | |
|---|---|
"""
_MUSIC_ROWS = (
    "| `title`, `composer`, `key`, `style`, `tempo`, `meter`, `instrument`, `player`, `seed`,"
    " `choruses` | What the take is; unknown texts are empty. |",
    "| `file` | How the names of its files begin. |",
    "| `seconds`, `tempos` | How long it is, and `[seconds, quarter notes a minute]` of each "
    "tempo. |",
    "| `bars` | `start`, `end`, `beats` (as they are counted: two in 6/8), `place` (`count-"
    "in`, `intro`, `pickup`, `head`, `solo`, `fours`, `ending`), `chorus` (from 1; in the "
    "solo), `form` (the bar of the chorus, from 0; not in count-in, pickup and ending), "
    "`written` (the bar of the solo, from 0), `section` (where one begins). |",
    "| `chords` | Each until the next: `symbol` as printed, `start`, `end`, `bar` (index in "
    "`bars`), `n` (from 1, in the solo), `pitches` (a voicing with its bass). |",
    "| `parts` | `name`, `role` (`solo`, `chords`, `bass`, `drums`), `program`, `percussion`,"
    " `volume`, `pan`, `notes` as `[start, end, pitch, velocity]`, and `controls` as "
    "`[seconds, controller, value]`: 11 for breath, −1 for the pitch wheel (0 to 16383). |",
    "| `solo` | The notes of the solo alone: `n` (from 1), `tick` and `duration` as written "
    "(24 to the quarter), `start`, `end` and `velocity` as played, `part_note` (the index "
    "among the notes of the part; null where the upbeat of the head replaces the note, which then "
    "has straight times), `pitch`, `name`, `kind` (`chord`, `scale`, `approach`, `outside`, "
    "`none`), `chord`, `bar`. |",
    "| `novelty` | `sentence`, and the notes of the `longest` match. |",
    "| `statistics` | `name`, `value`, mean (`players`) and `spread` of held-out players, "
    "`unit`, `digits` to print. |",
)
_MUSIC_END = """
In MusicXML and in the engraved SVG note 17 of the solo is `n17` (further notes tied to it `n17-2`
…), bar 3 is `b3` (the upbeat `b0`), and chord 5 is `c5`.
"""


def page() -> str:
    """Return the page."""
    common = {each.name for each in fields(requests.BaseRequest)}
    parts = [_HEAD, _table("Fields of every request", requests.BaseRequest, {"extra"})]
    for kind, request in requests.KINDS.items():
        parts.append(_table(f"`{kind}`: {_first_line(request)}", request, common))
    parts += [_table("A tune", requests.Tune, set())]
    parts.append(_MUSIC_HEAD + "\n".join(_MUSIC_ROWS) + "\n" + _MUSIC_END)
    return "\n".join(parts)


def _first_line(described: type[Any]) -> str:
    return inspect.cleandoc(described.__doc__ or "").split("\n")[0].rstrip(".")


def _table(title: str, described: type[Any], without: set[str]) -> str:
    rows = [each for each in fields(described) if each.name not in without]
    texts = _descriptions(described)
    lines = [f"## {title}", "", "| field | type | default | |", "|---|---|---|---|"]
    for each in rows:
        kind, text = texts[each.name]
        lines.append(f"| `{each.name}` | {kind} | {_default(each)} | {text} |")
    return "\n".join([*lines, ""])


def _descriptions(described: type[Any]) -> dict[str, tuple[str, str]]:
    """Return type and description of each parameter in a NumPy docstring."""
    body = inspect.cleandoc(described.__doc__ or "").split("----------\n")[1]
    found: dict[str, tuple[str, str]] = {}
    for entry in re.split(r"\n(?=\S)", body):
        head, *rest = entry.split("\n")
        name, _, kind = head.partition(" : ")
        text = " ".join(line.strip() for line in rest).replace("``", "`")
        found[name] = (kind, text)
    return found


def _default(each: Field[Any]) -> str:
    if each.default_factory is not MISSING or each.default is MISSING:
        return ""
    value = each.default
    plain = value is None or isinstance(value, (str, int, float))
    return f"`{json.dumps(value)}`" if plain else ""


if __name__ == "__main__":
    print(page(), end="")
