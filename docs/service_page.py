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


def page() -> str:
    """Return the page."""
    common = {each.name for each in fields(requests.BaseRequest)}
    parts = [_HEAD, _table("Fields of every request", requests.BaseRequest, {"extra"})]
    for kind, request in requests.KINDS.items():
        parts.append(_table(f"`{kind}`: {_first_line(request)}", request, common))
    parts.append(_table("A tune", requests.Tune, set()))
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
