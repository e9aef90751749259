"""The report on a grammar file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from sideman.errors import SidemanError
from sideman.files import File, decoded, printable
from sideman.formats.report import Report, table
from sideman.library import songbook
from sideman.models.constraints import Constraints
from sideman.models.controls import Controls
from sideman.models.file import GRAMMAR, parse
from sideman.models.grammar import describing, doubts, playing
from sideman.models.grammar.learning import KIND
from sideman.models.protocol import Setting
from sideman.words import counted

FORM = "blues-f"
"""The tune over which the entropy is estimated."""
KINDS = (KIND, "cfg")
"""The kinds of grammars, in text or packed in a model file."""
_NAMED = 12
_KINDS = {
    "C": "chord tones",
    "L": "colour tones",
    "A": "approach tones",
    "S": "scale tones",
    "H": "helpful tones",
    "X": "any tones",
    "Y": "tones a semitone above a helpful one",
    "R": "rests",
    "degree": "scale degrees",
    "slope": "slopes",
    "triadic": "rows of triads",
}


def report(file: File) -> Report:
    """Return the content of a grammar file: forms, parameters, symbols, terminals, bricks, entropy.

    The entropy is that of the choices of rules over the songbook's blues in F, in bits a bar
    (:func:`sideman.models.grammar.describing.entropy`); in its place stands the reason why the
    grammar cannot play.
    """
    soloist = _soloist(file)
    grammar, productions = soloist.grammar, soloist.productions
    found = describing.summary(grammar, productions, soloist.findings)
    bits, refused = None, ""
    changes = songbook.load(FORM).changes
    try:
        soloist.begin(Setting(changes), Controls(), Constraints(), np.random.default_rng(0))
        bits = describing.entropy(productions, changes, soloist.name)
    except SidemanError as error:
        refused = str(error)
    data = {
        "file": file.name,
        "format": "grammar",
        "kind": KIND if grammar.values.get("model-kind") == KIND else "cfg",
        "start": grammar.start,
        "forms": found.forms,
        "unknown_forms": found.others,
        "parameters": {name: grammar.values[name] for name, _ in grammar.parameters},
        "unknown_parameters": list(found.unknown_parameters),
        "undefined_symbols": list(found.undefined),
        "unproductive_symbols": list(found.unproductive),
        "terminals": found.terminals,
        "bricks": found.bricks,
        "unknown_bricks": found.unknown_bricks,
        "unknown_functions": list(found.unknown_functions),
        "entropy": None if bits is None else {"bits_a_bar": round(bits, 2), "over": FORM},
        "refused": refused,
        "silent": not refused and not productions.sounds,
        "doubts": doubts.sentences(soloist.findings, grammar, soloist.text),
    }
    return Report("\n".join(map(printable, _lines(data))), data)


def text(file: File) -> bytes:
    """Return the text of a grammar file, or of the grammar in a model file."""
    return file.data if _is_text(file) else _soloist(file).text.encode()


def _is_text(file: File) -> bool:
    return file.name.lower().endswith(GRAMMAR)


def _soloist(file: File) -> playing.GrammarSoloist:
    if _is_text(file):
        return playing.from_text(decoded(file.data, file.name), file.name)
    return playing.from_file(parse(file.data, file.name), file.name)


def _lines(data: Mapping[str, Any]) -> Iterable[str]:
    forms = data["forms"]
    yield f"{data['file']}: a grammar of kind {data['kind']}"
    brick_rules = forms["brick rule"]
    yield ", ".join(
        (
            counted(forms["rule"], "rule"),
            f"{counted(brick_rules, 'rule')} for {'a brick' if brick_rules == 1 else 'bricks'}",
            counted(forms["base"], "base rule"),
            counted(forms["parameter"], "parameter"),
        )
    )
    yield f"start symbol: {data['start']}"
    if data["entropy"]:
        yield f"choices of rules: {data['entropy']['bits_a_bar']:.2f} bits a bar over {FORM}"
    else:
        yield f"cannot play: {data['refused']}"
    for label, key in (
        ("left out, forms of an unknown kind", "unknown_forms"),
        ("left out, unknown parameters", "unknown_parameters"),
        ("undefined symbols", "undefined_symbols"),
        ("unproductive symbols", "unproductive_symbols"),
        ("bricks recognised, with their rules", "bricks"),
        ("bricks not recognised", "unknown_bricks"),
    ):
        if data[key]:
            yield f"{label}: {_named(data[key])}"
    if data["silent"]:
        yield "plays nothing: its rules hold rests alone; add a note, such as C4"
    found = data["doubts"]
    yield from found[:_NAMED]
    if len(found) > _NAMED:
        yield f"and {counted(len(found) - _NAMED, 'more such line')}"
    if data["parameters"]:
        values = data["parameters"]
        yield ""
        yield from table(
            ("parameter", "value", ""),
            [(name, values[name], _effect(name, data)) for name in values],
        )
    if data["terminals"]:
        yield ""
        rows = [(kind, _KINDS[kind], count) for kind, count in data["terminals"].items()]
        yield from table(("terminals", "", "number"), rows, "llr")


def _effect(name: str, data: Mapping[str, Any]) -> str:
    if name in data["unknown_parameters"]:
        return "unknown, left out"
    return "" if name in doubts.PLAYED | doubts.OWN else "no effect"


def _named(names: Mapping[str, int] | list[str]) -> str:
    """Return the first names of a list, with any counts, and how many more there are.

    >>> _named({"POT": 3, "SPOT": 1}), _named(["Q"])
    ('POT 3, SPOT 1', 'Q')
    """
    said = [f"{name} {names[name]}" if isinstance(names, Mapping) else name for name in names]
    more = f" and {len(said) - _NAMED} more" if len(said) > _NAMED else ""
    return f"{', '.join(said[:_NAMED])}{more}"
