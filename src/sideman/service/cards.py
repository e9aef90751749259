"""Model cards: what a model file says of itself, as Markdown.

What no file says, the licence of the solos and figures on solos of one's own, is named as missing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import takewhile
from pathlib import PurePath
from typing import Any

from sideman.errors import ModelError
from sideman.files import File, printable
from sideman.formats.report import Report
from sideman.models import file as model_file
from sideman.models import registry
from sideman.models.grammar.playing import TEXT
from sideman.models.harmony.model import KIND as HARMONY
from sideman.models.letters import KIND as LETTERS
from sideman.models.registry import Kind
from sideman.service import grammars

_MOST_EPOCHS = 200
_BY_HAND = "cfg"


_SCORED = 'figures = sideman.evaluate("{}", "wjazzd.db", split="wjazzd")'
_SHELL = "sideman say {}"


@dataclass(frozen=True, slots=True)
class _Use:
    """Description of a kind of model, a line of code that uses it, and its limits."""

    is_a: str
    line: str
    limits: str


_USES = {
    "soloist": _Use(
        "three LSTMs for inter-onset interval, pitch and duration, beside counts of the corpus",
        'take = sideman.improvise("blues-f", model="{}")',
        "It plays one line over chords on a grid of 24 ticks to the quarter, in 3/4, 4/4, 5/4 and "
        "6/4, and imitates its training solos: their instruments, tempos and style.",
    ),
    "course": _Use(
        "an LSTM over the tokens of the course's jazz grammar",
        'take = sideman.improvise("blues-f", model="{}")',
        "It has neither chords nor bar lines as input, and few lengths of notes.",
    ),
    "ngram": _Use(
        "counts of what followed contexts in solos, mixed",
        _SCORED,
        "It plays no solos.  Durations are as performed, so scores of notated files are not "
        "comparable with scores of performances.",
    ),
    LETTERS: _Use(
        "an LSTM over the letters of names",
        _SHELL,
        "It knows no music.  With many epochs it repeats the names of its list.",
    ),
    HARMONY: _Use(
        "counts of how changes go on, with induced substitutions",
        'bits = sideman.surprise("blues-f", model="{}")["unheard"]',
        "It plays no solos, and finds surprising what its charts do not have.",
    ),
    "jazz-grammar": _Use(
        "a probabilistic grammar of chained clusters of bars, learnt from solos",
        'take = sideman.improvise("blues-f", model="{}")',
        "It plays bars of its solos in other orders, and remembers nothing of its own solo.",
    ),
    "cfg": _Use(
        "a probabilistic grammar of bars",
        'take = sideman.improvise("blues-f", model="{}")',
        "It plays by its rules alone, and remembers nothing of its own solo.",
    ),
}
_OTHER = _Use("a kind of another package", 'take = sideman.improvise("blues-f", model="{}")', "")


def card(file: File) -> Report:
    """Return the card of a model, as Markdown and as values.

    Raises
    ------
    SidemanError
        If the file is no model, or is damaged.
    """
    if not file.name.lower().endswith((model_file.SUFFIX, model_file.GRAMMAR)):
        raise ModelError(
            f"{file.name}: is no model; give one that sideman train made, a grammar, or the name "
            "of a model that comes with sideman.",
            field="card",
        )
    kind = registry.identify(file.data, file.name)
    model = kind.load(file.data, file.name)
    use = _USES.get(kind.name, _OTHER)
    packed = file.name.lower().endswith(model_file.SUFFIX)
    content = model_file.parse(file.data, file.name) if packed else None
    # Of a grammar that is written by hand, it depends on the rules.
    scores = None if kind.name == _BY_HAND else hasattr(model, "distributions")
    ships = _ships(file)
    name = PurePath(file.name).stem if ships else file.name
    data: dict[str, Any] = {
        "file": file.name,
        "kind": kind.name,
        "is": use.is_a,
        "bytes": len(file.data),
        "sha256": hashlib.sha256(file.data).hexdigest(),
        "plays": kind.plays,
        "scores": scores,
        "players": len(getattr(model, "players", ())),
        "ships": ships,
        "corpus": content.corpus if content else "",
        "sizes": _sizes(content) if content else {},
        "training": dict(content.training) if content else {},
        "versions": dict(content.versions) if content else {},
        "use": list(_code(use, name, scores)),
        "limits": use.limits,
    }
    if kind.name in grammars.KINDS:
        data["grammar"] = grammars.report(file).data
        data["heading"] = _heading(grammars.text(file).decode("utf-8", "replace"))
    return Report("\n".join(map(printable, _lines(data, use, kind))), data)


def _ships(file: File) -> bool:
    name = PurePath(file.name).stem
    return name in model_file.names() and model_file.shipped(name).data == file.data


def _heading(text: str) -> list[str]:
    """Return the comment at the beginning of a grammar."""
    lines = takewhile(lambda line: line.startswith("//"), text.splitlines())
    return [line.removeprefix("//").strip() for line in lines]


def _sizes(content: model_file.ModelFile) -> dict[str, Any]:
    numbers = {name: int(array.size) for name, array in content.weights.items() if name != TEXT}
    plain = {name: value for name, value in content.config.items() if _is_plain(value)}
    return {
        "parameters": sum(numbers.values()),
        "tensors": len(numbers),
        "vocabulary": len(content.vocabulary),
        **plain,
    }


def _is_plain(value: object) -> bool:
    return isinstance(value, str | int | float | bool)


def _lines(data: Mapping[str, Any], use: _Use, kind: Kind) -> Iterator[str]:
    name = PurePath(str(data["file"])).name
    yield f"# Model card: `{PurePath(name).stem}`"
    yield ""
    yield f"`{name}`, {data['bytes']:,} bytes, kind `{kind.name}`: {use.is_a}."
    yield ""
    yield f"SHA-256 `{data['sha256']}`."
    for title, body in _SECTIONS.items():
        lines = list(body(data))
        if lines:
            yield from ("", f"## {title}", "", *lines)


_SCORES = {
    True: "gives the likelihood of solos",
    False: "gives no likelihood of solos",
    None: "gives the likelihood of solos where its rules allow it",
}


def _use(data: Mapping[str, Any]) -> Iterator[str]:
    does = [
        "plays solos" if data["plays"] else "plays no solos",
        _SCORES[data["scores"]],
    ]
    if data["players"]:
        does.append(f"knows {data['players']} players")
    yield f"It {', '.join(does)}."
    yield from ("", "```", *data["use"], "```")


def _code(use: _Use, name: str, scores: bool | None) -> Iterator[str]:
    """Yield the lines of Python, or the command, that use a model."""
    if use.line is not _SHELL:
        yield "import sideman"
        yield ""
    yield use.line.format(name)
    if scores and use.line is not _SCORED:
        yield _SCORED.format(name)


def _contents(data: Mapping[str, Any]) -> Iterator[str]:
    yield from _table(("size", "value"), data["sizes"].items())
    if "grammar" in data:
        found = data["grammar"]
        forms = {name: count for name, count in found["forms"].items() if count}
        yield from _table(("form", "number"), forms.items())
        yield ""
        yield from _table(("parameter", "value"), found["parameters"].items())


def _trained(data: Mapping[str, Any]) -> Iterator[str]:
    yield from data.get("heading", ())
    if data["corpus"]:
        yield f"Corpus fingerprint `{data['corpus']}`; the file names no titles of its material."
    plain, losses = dict(_flat(data["training"])), _losses(data["training"])
    rows = {name: value for name, value in plain.items() if _is_plain(value)}
    if rows:
        yield ""
        yield from _table(("setting or figure", "value"), map(_row, rows.items()))
    for alphabet, found in _perplexities(data["training"]).items():
        yield ""
        yield f"Perplexity a change, `{alphabet}`; the last column without tunes that cross parts:"
        yield ""
        yield from _table(("model", "valid", "test", "apart")[: len(found[0])], map(tuple, found))
    for name, columns in losses.items():
        yield ""
        yield f"Losses by epoch{f' of `{name}`' if name else ''}, nats a symbol:"
        yield ""
        count = len(columns["losses"])
        heads = ("epoch", "training", *(("held out",) if columns["held_out"] else ()))
        every = -(-count // _MOST_EPOCHS)
        numbers = [at for at in range(count) if (at + 1) % every == 0 or at == count - 1]
        yield from _table(
            heads,
            (
                (at + 1, *(f"{column[at]:.4f}" for column in columns.values() if column))
                for at in numbers
            ),
        )
    if not losses and "epochs" in data["training"]:
        yield ""
        yield "Losses by epoch are not in the file."


def _row(each: tuple[str, Any]) -> tuple[str, Any]:
    name, value = each
    return name, f"{value:.6g}" if isinstance(value, float) else value


def _perplexities(training: Mapping[str, Any]) -> Mapping[str, list[list[Any]]]:
    """Return the tables of held-out figures of a model of harmony."""
    found = training.get("perplexity")
    if not isinstance(found, dict):
        return {}
    return {
        name: rows
        for name, rows in found.items()
        if isinstance(rows, list) and rows and all(isinstance(row, list) for row in rows)
    }


def _losses(training: Mapping[str, Any]) -> dict[str, dict[str, list[float]]]:
    """Return the losses of each network."""
    found = training.get("losses")
    networks = found if isinstance(found, dict) else {"": found}
    quiet = training.get("held_out_losses")
    held_out = quiet if isinstance(quiet, dict) else {}
    return {
        name: {"losses": losses, "held_out": _numbers(held_out.get(name))}
        for name, losses in ((name, _numbers(values)) for name, values in networks.items())
        if losses
    }


def _numbers(values: object) -> list[float]:
    sound = isinstance(values, list) and all(isinstance(value, int | float) for value in values)
    return [float(value) for value in values] if sound and isinstance(values, list) else []


def _flat(values: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{before}{name}.")
        else:
            yield f"{before}{name}", value


def _made(data: Mapping[str, Any]) -> Iterator[str]:
    if data["versions"]:
        yield ", ".join(f"{name} {version}" for name, version in data["versions"].items())


def _licence(data: Mapping[str, Any]) -> Iterator[str]:
    if data["ships"]:
        yield "It comes with sideman; its card in docs/models names its data and their licence."
    else:
        yield (
            "The file does not say under which licence its material stands.  Name it here before "
            "you share the model: that of the Weimar Jazz Database (Open Database License 1.0), "
            "for example, asks for attribution."
        )


def _limits(data: Mapping[str, Any]) -> Iterator[str]:
    if data["limits"]:
        yield data["limits"]
        yield ""
    yield (
        "Figures in this card are those that its training stored; for others score it on solos "
        "that it has not learnt from, after `sideman match` has compared the two sets."
    )


def _table(heads: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> Iterator[str]:
    """Yield the lines of a table in Markdown; none without rows."""
    for number, row in enumerate(rows):
        if not number:
            yield f"| {' | '.join(heads)} |"
            yield f"|{' --- |' * len(heads)}"
        yield f"| {' | '.join(str(cell).replace('|', chr(92) + '|') for cell in row)} |"


_SECTIONS: Mapping[str, Callable[[Mapping[str, Any]], Iterator[str]]] = {
    "Use": _use,
    "Contents": _contents,
    "Training": _trained,
    "Made with": _made,
    "Licence": _licence,
    "Limits": _limits,
}
