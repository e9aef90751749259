"""``sideman evaluate``: the benchmark."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from sideman import terminal
from sideman.cli import asked, facts, options
from sideman.cli.options import argument, option
from sideman.words import counted


@click.command("evaluate")
@argument("corpus", nargs=-1, required=True, metavar="CORPUS...", type=click.Path(path_type=Path))
@option(
    "--model", metavar="MODEL", default_text="the best that comes along", help="Model to score."
)
@option("--baseline", default="ngram", metavar="MODEL", help="Model to compare it with.")
@options.SPLIT
@options.SUBSET
@option("--seed", type=int, default=0, help="Seed of the bootstrap.")
@facts.options
def command(
    corpus: tuple[Path, ...],
    model: str | None,
    baseline: str,
    split: str | None,
    part: str,
    seed: int,
    printing: facts.Facts,
) -> None:
    """Score a model on held-out solos.

    CORPUS is a database in the Weimar schema, or MIDI files, lead sheets and folders of them; its
    solos in 4/4 are scored.  MODEL is unigram, bigram, kneser-ney, ngram, blend, another model that
    comes with sideman, or a model file.  docs/benchmark.md defines the figures.
    """
    from sideman.service import measuring

    request = measuring.EvaluateRequest(
        corpus=asked.corpus(corpus),
        model=None if model is None else asked.scorer(model),
        baseline=asked.scorer(baseline),
        split=asked.split(split),
        part=part,
        seed=seed,
    )
    with terminal.share_bar("Scoring") as progress:
        result = measuring.evaluate(request, progress=progress)
    printing.show(
        result,
        lambda: _table(result),
        brief=lambda: _brief(result),
        more=lambda: _factors(result),
    )


def _brief(result: dict[str, Any]) -> str:
    paired = result["paired"]
    low, high = paired["interval"]
    return (
        f"{result['model']['name']}: {result['model']['joint_nats']:.3f} nats a note, "
        f"{paired['difference']:+.3f} ({low:+.3f} to {high:+.3f}) beside "
        f"{result['baseline']['name']}"
    )


def _factors(result: dict[str, Any]) -> str:
    """Return the difference of each factor, and the whole fingerprint."""
    from sideman.formats.report import table

    rows = [
        (
            name,
            f"{each['difference']:+.3f}",
            *(f"{end:+.3f}" for end in each["interval"]),
            f"{each['spread']:.3f}",
        )
        for name, each in result["paired"]["factors"].items()
    ]
    heads = ("nats a note", "difference", "from", "to", "spread")
    return "\n".join(
        (*table(heads, rows, "lrrrr"), "", f"corpus {result['corpus']['fingerprint']}")
    )


def _table(result: dict[str, Any]) -> str:
    from sideman.formats.report import table

    corpus, paired = result["corpus"], result["paired"]
    heads = ("model", "rhythm", "pitch", "duration", "joint", "pitch ppl", "pitch acc", "ioi ppl")
    rows = [
        (
            side["name"],
            *(f"{side[f'{factor}_nats']:.3f}" for factor in ("rhythm", "pitch", "duration")),
            f"{side['joint_nats']:.3f}",
            f"{side['pitch_perplexity']:.2f}",
            f"{side['pitch_accuracy']:.3f}",
            f"{side['ioi_perplexity']:.2f}",
            f"{side['ioi_accuracy']:.3f}",
        )
        for side in (result["model"], result["baseline"])
    ]
    lines = [
        f"{counted(corpus['solos'], 'solo')}, {counted(corpus['notes'], 'note')} scored"
        + (f" (part {corpus['part']!r})" if corpus["part"] else "")
        + f"; {corpus['dropped']} dropped, {corpus['moved']} moved",
    ]
    if corpus["other_meters"]:
        lines.append(f"left out: {corpus['other_meters']} that are not in 4/4")
    if corpus["absent"]:
        lines.append(f"not found: {corpus['absent']} that the split names")
    lines += ["", *table((*heads, "ioi acc"), rows, "lrrrrrrrr"), ""]
    low, high = paired["interval"]
    lines += [
        f"nats a note, difference {paired['difference']:+.3f} "
        f"(95 % of {paired['draws']:,} draws over solos: {low:+.3f} to {high:+.3f})",
        f"corpus {corpus['fingerprint'][:16]}, seed {paired['seed']}, "
        + ", ".join(f"{name} {version}" for name, version in result["versions"].items()),
    ]
    return "\n".join(lines)
