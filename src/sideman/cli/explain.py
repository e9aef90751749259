"""``sideman explain``: why each note of a take is there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sideman import terminal
from sideman.cli import asked, facts, options
from sideman.cli.options import argument, option
from sideman.words import counted

if TYPE_CHECKING:
    from sideman.service.explaining import Explanation

_LONGEST = 96
_DEEPEST = 12  # columns before the notes
_ROW = "{:>4}  {:<5} {:<5} {:<4} {:<9} {:<6} {:<6} {}"
_HEADS = _ROW.format("note", "beat", "pitch", "kind", "window", "class", "prob.", "").rstrip()
_METHODS = {
    "derived": "derived again",
    "parsed": "parsed, the most probable derivation",
}
_REMARKS = {
    "held": "the note before, held",
    "left out": "too short to be played",
    "moved": "its pitch moved to fit the chord",
    "wider": "no chord tone within; the next one",
    "range": "moved into the range",
    "kept": "kept, as the request says",
}
_MISFITS = {
    "window": "misfit: outside the window",
    "kind": "misfit: not of this kind",
    "pitch": "misfit: outside the window, not of this kind",
    "unexpected": "misfit: no terminal begins here",
    "unplayed": "misfit: not played",
}


@click.command("explain")
@argument("take", type=click.Path(path_type=Path))
@option(
    "--model",
    metavar="MODEL",
    default_text="the grammar that has played the take, else jazz-grammar",
    help="Grammar: cfg, jazz-grammar, or a .grammar or .safetensors file.",
)
@options.solo("the solo to explain", "the only solo")
@option("--bar", type=int, metavar="N", default_text="all bars", help="Bar to explain.")
@options.file(
    "--out",
    help="Also engrave the solo with the explanation under the staff, as sideman engrave does.",
)
@facts.options
def command(
    take: Path,
    model: str | None,
    solo: str,
    bar: int | None,
    out: Path | None,
    printing: facts.Facts,
) -> None:
    """Explain each note of a take by a grammar.

    TAKE is a MIDI file that sideman has written, or any file with a solo over chords.  The rules of
    the derivation are printed as a tree by bars; each note has its kind (C chord tone, L colour
    tone, A approach tone ...), the pitches that its slope allows, what it is over the chord, the
    probability of the pitch and, of a learnt grammar, the bar that it was learnt from.  A take that
    a grammar has played is derived again; another solo is parsed, and what does not fit is marked.
    """
    from sideman.output import engraving
    from sideman.service import explaining, playing

    if out is not None:
        engraving.kind_of(str(out))
    named = None if model is None else asked.model(model) or playing.model_named(model)
    source = asked.file(take)
    given = named or playing.played_by(source, (take.parent, "."))
    with terminal.share_bar("Parsing") as progress:
        result = explaining.explain(source, model=given, bar=bar, solo=solo, progress=progress)
    written: Iterable[Path] = ()
    if out is not None:
        written = engraving.write_pages(out, explaining.pages(result, str(out)))
    printing.show(
        result.data(),
        lambda: "\n".join(_text(result)),
        brief=lambda: _heading(result),
        more=lambda: _rules(result),
    )
    printing.written(written)


def _notes(result: Explanation) -> int:
    return sum(each["n"] is not None for each in result.notes)


def _heading(result: Explanation) -> str:
    misfits = ""
    if result.method == "parsed":
        misfits = f", {counted(result.misfits, 'misfit')}"
    many = counted(_notes(result), "note")
    return f"{result.solo.title}: {many} by {result.model}, {_METHODS[result.method]}{misfits}"


def _rules(result: Explanation) -> str:
    """Return the rules of the derivation, the most frequent first, with their lines in the file."""
    from sideman.formats.report import table

    used = Counter(
        (each["line"], each["left"], each["right"], each["probability"])
        for bar in result.bars
        for each in bar["tree"]
        if each["entry"] == "rule"
    )
    rows = [
        (times, line, _share(probability), _cut(f"{left} → {right}"))
        for (line, left, right, probability), times in sorted(
            used.items(), key=lambda each: (-each[1], each[0])
        )
    ]
    return "\n".join(table(("used", "line", "prob.", "rule"), rows, "rrrl"))


def _text(result: Explanation) -> Iterator[str]:
    """Yield the lines of an explanation."""
    yield _heading(result)
    if result.remark:
        yield result.remark
    if 2 * result.misfits > _notes(result):
        yield "Most of its notes are misfits: this grammar does not describe the solo."
    yield ""
    deepest = max((each["depth"] for each in result.notes), default=0)
    indent = " " * min(2 * deepest + 2, _DEEPEST)
    yield indent + _HEADS
    for bar in result.bars:
        if bar is not result.bars[0]:
            yield ""
        yield " ".join((f"bar {bar['bar']}" if bar["bar"] else "pickup", "", *bar["chords"]))
        yield from _tree(bar["tree"], indent)


def _tree(entries: Iterable[Mapping[str, Any]], before_notes: str) -> Iterator[str]:
    """Yield the lines of a bar; those of notes begin with `before_notes`."""
    source = None
    for each in entries:
        indent = "  " * (each["depth"] + 1)
        if each["entry"] == "rule":
            source = each["from"]
            right = "" if each["terminals"] else f" → {each['right']}"
            learnt = f"  {_said(source)}" if source else ""
            yield f"{indent}{_cut(each['left'] + right)}  {_share(each['probability'])}{learnt}"
        elif each["entry"] == "terminal":
            learnt = f"  {_said(each['from'])}" if each["from"] and each["from"] != source else ""
            cut = "  cut at the end" if each["cut"] else ""
            yield f"{indent}{_cut(each['terminal'])}{cut}{learnt}"
        else:
            yield before_notes + _note(each)


def _note(each: Mapping[str, Any]) -> str:
    number = "–" if each["n"] is None else each["n"]
    window = "–".join(each["names"])
    share = "" if each["misfit"] else _share(each["probability"])
    said = _MISFITS.get(each["misfit"]) or _REMARKS.get(each["remark"], "")
    beat, name = f"{each['beat']:g}", each["name"] or ""
    return _ROW.format(
        number, beat, name, each["kind"], window, each["class"], share, said
    ).rstrip()


def _said(comment: str) -> str:
    """Return the bar that a rule was learnt from, or what else stands behind it in its file."""
    from sideman.service import explaining

    return f"from {comment}" if explaining.is_bar(comment) else f"// {comment}"


def _share(probability: float) -> str:
    return f"{probability:.3g}".removeprefix("0")


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 2]} …"
