"""``sideman measure``: what lines are like, beside real players'."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from sideman.cli import asked


@click.command("measure")
@click.argument(
    "files", nargs=-1, required=True, metavar="FILES...", type=click.Path(path_type=Path)
)
@click.option(
    "--split",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="JSON that lists the solos of each part; without it all solos are measured.",
)
@click.option("--part", default="test", show_default=True, help="Which part of the split.")
@click.option(
    "--against",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Another set, to compare with: overlap and KL divergence. May be given several times.",
)
@click.option(
    "--players",
    default="test",
    show_default=True,
    metavar="SET",
    help="The real players beside: test (held-out solos) or all.",
)
@click.option(
    "--picture",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Draw every statistic into a PNG, SVG or PDF.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def command(
    files: tuple[Path, ...],
    split: Path | None,
    part: str,
    against: tuple[Path, ...],
    players: str,
    picture: Path | None,
    as_json: bool,
) -> None:
    """Measure lines: harmony, rhythm, phrases, novelty.

    FILES are MIDI files, lead sheets with melodies, databases in the Weimar schema, or folders of
    them.  Every statistic stands beside real players' mean and spread; docs/benchmark.md says what
    each one is.
    """
    from sideman.files import write_whole
    from sideman.service import measuring

    result = measuring.measure(
        measuring.MeasureRequest(
            corpus=asked.corpus(files),
            split=asked.split(split),
            part=part,
            against=asked.corpus(against) if against else None,
            players=players,
        )
    )
    if picture is not None:
        write_whole(picture, measuring.picture(result, str(picture)))
    click.echo(json.dumps(result, indent=2, ensure_ascii=False) if as_json else _text(result))


def _text(result: Mapping[str, Any]) -> str:
    from sideman.evaluation.style import STATISTICS
    from sideman.formats.report import table

    corpus, real, found = result["corpus"], result["players"], result["summary"]
    distance = result.get("distance")
    rows = []
    for statistic in STATISTICS:
        own, other = found[statistic.name], real["statistics"][statistic.name]
        row = [
            statistic.label,
            _number(own["mean"], statistic.digits),
            _number(own["spread"], statistic.digits),
            _number(other["mean"], statistic.digits),
            _number(other["spread"], statistic.digits),
            _apart(own, other),
        ]
        if distance is not None:
            pair = distance[statistic.name] or {"overlap": None, "kl": None}
            row += [_number(pair["overlap"], 2), _number(pair["kl"], 2)]
        rows.append((*row, statistic.source))
    compared = ("overlap", "KL") if distance is not None else ()
    heads = ("statistic", "mean", "spread", "players", "spread", "off", *compared, "after")
    novelty = result["novelty"]
    lines = [
        f"{corpus['solos']} solos, {corpus['notes']:,} notes, beside {real['solos']} solos by real "
        f"players (set {real['name']!r}); off = distance of the means in players' spreads.",
    ]
    if corpus["absent"]:
        lines.append(f"Not found: {corpus['absent']} that the split names.")
    lines += ["", *table(heads, rows, "l" + "r" * (len(heads) - 2)), ""]
    if novelty["longest"]:
        lines.append(
            f"Longest match with the Weimar solos: {novelty['longest']} notes, in "
            f"{novelty['of']} from note {novelty['first_note'] + 1}, as in {novelty['source']}; "
            f"{novelty['mean_longest']:.1f} on average; {novelty['share']:.0%} of the notes stand "
            "in matches of six or more."
        )
    else:
        lines.append("No match of six notes or more with the Weimar solos.")
    lines.append(
        f"corpus {corpus['fingerprint'][:16]}, "
        + ", ".join(f"{name} {version}" for name, version in result["versions"].items())
    )
    return "\n".join(lines)


def _number(value: float | None, digits: int) -> str:
    return "" if value is None else f"{value:.{digits}f}"


def _apart(own: Mapping[str, Any], other: Mapping[str, Any]) -> str:
    """How many of the players' spreads the means are apart."""
    if own["mean"] is None or not other["spread"]:
        return ""
    return f"{(own['mean'] - other['mean']) / other['spread']:+.1f}"
