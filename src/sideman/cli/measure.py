"""``sideman measure``: what lines are like, beside real players'."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from sideman.cli import asked, facts, options
from sideman.cli.options import argument, option
from sideman.words import counted

if TYPE_CHECKING:
    from sideman.evaluation.typical import Example
    from sideman.service.comparing import NearestRequest

_SHOWN, _FURTHEST = 5, 3


@click.command("measure")
@argument("files", nargs=-1, required=True, metavar="FILES...", type=click.Path(path_type=Path))
@options.SPLIT
@options.SUBSET
@options.solo("the only solo to measure", "all solos")
@options.file(
    "--against",
    multiple=True,
    help="Another set to compare with, by overlap and KL divergence; repeatable.",
)
@option(
    "--reference",
    "players",
    aliases=("--players",),
    default="test",
    metavar="SET",
    help="Set of real players' solos to compare with: test (held-out solos) or all.",
)
@options.file(
    "--plot", "picture", aliases=("--picture",), help="Plot every statistic to a PNG, SVG or PDF."
)
@option(
    "--nearest",
    is_flag=True,
    help="Print which of 46 players each solo is nearest to, instead of the statistics.",
)
@options.file(
    "--typical-bars",
    "typical",
    help="Engrave typical bars of the two nearest players to this .svg, .pdf, .png or .musicxml.",
)
@options.file(
    "--corpus",
    multiple=True,
    help="Database with solos of the players, for --typical-bars; repeatable.",
)
@option(
    "--player",
    "shown",
    multiple=True,
    metavar="NAME",
    help="Player whose bars --typical-bars engraves, instead of the nearest; repeatable.",
)
@facts.options
def command(
    files: tuple[Path, ...],
    split: str | None,
    part: str,
    solo: str,
    against: tuple[Path, ...],
    players: str,
    picture: Path | None,
    nearest: bool,
    typical: Path | None,
    corpus: tuple[Path, ...],
    shown: tuple[str, ...],
    printing: facts.Facts,
) -> None:
    """Compute statistics of solos, and compare them with players'.

    FILES are MIDI files, lead sheets with melodies, databases in the Weimar schema, or folders of
    them.  Every statistic is printed beside the mean and spread of real players;
    docs/benchmark.md defines them.  With --nearest each solo is compared with players by the kinds
    of bars that they play (docs/players.md).
    """
    if nearest or typical or corpus or shown:
        from sideman.service import comparing

        request = comparing.NearestRequest(asked.corpus(files), asked.split(split), part, solo)
        _nearest(request, _Page(typical, corpus, shown), printing)
        return
    from sideman.files import write_whole
    from sideman.service import measuring

    result = measuring.measure(
        measuring.MeasureRequest(
            corpus=asked.corpus(files),
            split=asked.split(split),
            part=part,
            against=asked.corpus(against) if against else None,
            players=players,
            solo=solo,
        )
    )
    if picture is not None:
        write_whole(picture, measuring.picture(result, str(picture)))
    printing.show(
        result,
        lambda: _text(result),
        brief=lambda: _brief(result),
        more=lambda: _solos(result),
    )
    if picture is not None:
        printing.written([picture])


class _Page(NamedTuple):
    """The page of typical bars: its file, the corpus with the bars, and whose bars."""

    target: Path | None
    corpus: tuple[Path, ...]
    players: tuple[str, ...]


def _nearest(request: NearestRequest, page: _Page, printing: facts.Facts) -> None:
    from sideman.output import engraving
    from sideman.service import comparing

    if page.target is None and (page.corpus or page.players):
        raise click.UsageError(
            "--corpus and --player are for typical bars; add --typical-bars FILE."
        )
    if page.target is not None and not page.corpus:
        raise click.UsageError("--typical-bars takes the bars from a database; add --corpus FILE.")
    if page.target is not None:
        engraving.check(engraving.kind_of(str(page.target)))
    result = comparing.nearest(request)
    found: tuple[Example, ...] = ()
    if page.target is not None:
        near = [one["player"] for one in result["solos"][0]["nearest"][:2]]
        found = comparing.examples(asked.corpus(page.corpus), page.players or near)
        engraving.write_pages(page.target, comparing.engrave(found, str(page.target)))
    printing.show(
        result,
        lambda: _order(result, _SHOWN),
        brief=lambda: "\n".join(
            f"{solo['name']}: {solo['nearest'][0]['player']}, {solo['nearest'][0]['distance']:.2f}"
            for solo in result["solos"]
        ),
        more=lambda: _order(result),
    )
    if page.target is not None and (printing.quiet or printing.as_json):
        printing.written([page.target])
    elif found:
        click.echo("\n".join(["", *(f"{page.target}  {one.label}" for one in found)]))


def _order(result: Mapping[str, Any], shown: int | None = None) -> str:
    """Return the nearest players of each solo as text, all of them where `shown` is None."""
    from sideman.formats.report import table

    lines = [
        f"The nearest of {result['players']} players by cluster profile; the distance is in units "
        "of the spread among one player's solos.",
    ]
    for solo in result["solos"]:
        rows = [
            (one["player"], f"{one['distance']:.2f}", str(one["solos"]))
            for one in solo["nearest"][:shown]
        ]
        lines += ["", f"{solo['name']}, {solo['windows']} windows of four quarters", ""]
        lines += table(("player", "distance", "learnt from solos"), rows, "lrr")
    return "\n".join(lines)


def _brief(result: Mapping[str, Any]) -> str:
    """Return the statistics that are furthest from players', in one line."""
    from sideman.evaluation.style import STATISTICS

    real, found = result["players"]["statistics"], result["summary"]
    apart = {one.label: _apart(found[one.name], real[one.name]) for one in STATISTICS}
    told = sorted(
        (name for name in apart if apart[name]), key=lambda name: -abs(float(apart[name]))
    )
    furthest = ", ".join(f"{name} {apart[name]}" for name in told[:_FURTHEST])
    corpus = result["corpus"]
    return (
        f"{counted(corpus['solos'], 'solo')}, {counted(corpus['notes'], 'note')}; furthest from "
        f"players, in their spreads: {furthest}"
    )


def _solos(result: Mapping[str, Any]) -> str:
    """Return the statistics of each solo, a row for each."""
    from sideman.evaluation.style import STATISTICS
    from sideman.formats.report import table

    rows = [
        (solo["name"], *(_number(solo["statistics"][one.name], one.digits) for one in STATISTICS))
        for solo in result["solos"]
    ]
    heads = ("solo", *(one.label for one in STATISTICS))
    return "\n".join(table(heads, rows, "l" + "r" * len(STATISTICS)))


def _text(result: Mapping[str, Any]) -> str:
    from sideman.evaluation.novelty import PLAYERS_LONGEST
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
        f"{counted(corpus['solos'], 'solo')}, {counted(corpus['notes'], 'note')}, beside "
        f"{counted(real['solos'], 'solo')} by real players "
        f"(set {real['name']!r}); off = distance of the means in players' spreads.",
    ]
    if corpus["absent"]:
        lines.append(f"Not found: {corpus['absent']} that the split names.")
    lines += ["", *table(heads, rows, "l" + "r" * (len(heads) - 2)), ""]
    if novelty["longest"]:
        lines.append(
            f"The longest run shared with a recorded solo is {novelty['longest']} notes, in "
            f"{novelty['of']} from note {novelty['first_note'] + 1}, as in {novelty['source']}; "
            f"{novelty['mean_longest']:.1f} on average, and players share {PLAYERS_LONGEST:g}; "
            f"{novelty['share']:.0%} of the notes are in shared runs of six or more."
        )
    else:
        lines.append(
            "No run of six notes is shared with a recorded solo; players share "
            f"{PLAYERS_LONGEST:g} on average."
        )
    lines.append(
        f"corpus {corpus['fingerprint'][:16]}, "
        + ", ".join(f"{name} {version}" for name, version in result["versions"].items())
    )
    return "\n".join(lines)


def _number(value: float | None, digits: int) -> str:
    return "" if value is None else f"{value:.{digits}f}"


def _apart(own: Mapping[str, Any], other: Mapping[str, Any]) -> str:
    """Return the difference of the means in units of the players' spread."""
    if own["mean"] is None or not other["spread"]:
        return ""
    return f"{(own['mean'] - other['mean']) / other['spread']:+.1f}"
