"""Measures of solos as one result: statistics, novelty, distances, and a picture of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from io import BytesIO
from typing import Any

from sideman.evaluation import distance, loading, novelty, players, style
from sideman.evaluation.benchmark import versions


def statistics(item: loading.Item) -> dict[str, float | None]:
    """Return the statistics of a solo; the swing ratio of a transcription is the performed one."""
    found = style.measure(item.solo)
    if item.entry.swing_shares is not None:
        found["swing_ratio"] = style.performed_swing_ratio(item.entry.swing_shares())
    return {name: None if value is None else round(value, 6) for name, value in found.items()}


def measure(
    chosen: loading.Selection,
    against: loading.Selection | None = None,
    beside: str = "test",
    progress: Callable[[float], object] = lambda _: None,
) -> dict[str, Any]:
    """Return the statistics of every solo, their summaries, and those of players.

    The result has ``solos`` (each with ``statistics`` and ``novelty``), ``summary`` and ``players``
    (as :func:`sideman.evaluation.players.summary`), ``novelty`` (over all), ``distance`` (by
    statistic, where `against` is given), ``corpus`` and ``versions``.  `beside` is ``test`` or
    ``all`` players; `progress` gets the share of the solos that are measured, from 0 to 1.  A
    SidemanError is raised if a solo cannot be read, or there is no such set of players.
    """
    real = players.reference(beside)
    items = [item for item in chosen.items if item.length > 1]
    index = novelty.shipped()
    others = [item for item in against.items if item.length > 1] if against is not None else []
    # A database's own solos are in the index: they are no source of a match.
    own = {item.name for item in items if item.entry.name}
    measured, matches = [], []
    for number, item in enumerate(items, start=1):
        measured.append(statistics(item))
        matches.append(index.match(item.solo, own))
        progress(number / (len(items) + len(others)))
    longest = max(range(len(items)), key=lambda at: matches[at].longest)
    result: dict[str, Any] = {
        "corpus": {
            "fingerprint": loading.fingerprint([item.events for item in items]),
            "part": chosen.part,
            "solos": len(items),
            "notes": sum(len(item.solo.notes) for item in items),
            "absent": chosen.absent,
        },
        "solos": [
            {
                "name": item.name,
                "title": item.solo.title,
                "notes": len(item.solo.notes),
                "statistics": found,
                "novelty": _match(match),
            }
            for item, found, match in zip(items, measured, matches, strict=True)
        ],
        "summary": players.summary(measured),
        "players": {"name": beside, **real},
        "novelty": {
            "mean_longest": round(sum(match.longest for match in matches) / len(matches), 6),
            "share": round(sum(match.share for match in matches) / len(matches), 6),
            "of": items[longest].name,
            **_match(matches[longest], share=False),
        },
        "versions": versions(),
    }
    if against is not None:
        theirs = []
        for number, item in enumerate(others, start=len(items) + 1):
            theirs.append(statistics(item))
            progress(number / (len(items) + len(others)))
        result["distance"] = {
            statistic.name: distance.compare(
                _values(measured, statistic.name), _values(theirs, statistic.name)
            )
            for statistic in style.STATISTICS
        }
        result["against"] = {
            "fingerprint": loading.fingerprint([item.events for item in others]),
            "solos": len(theirs),
            "summary": players.summary(theirs),
        }
    return result


def _match(match: novelty.Match, *, share: bool = True) -> dict[str, Any]:
    found: dict[str, Any] = {
        "longest": match.longest,
        "source": match.source,
        "first_note": match.first_note,
    }
    if share:
        found["share"] = round(match.share, 6)
    return found


def _values(measured: Sequence[Mapping[str, float | None]], name: str) -> list[float]:
    return [value for one in measured if (value := one[name]) is not None]


def picture(result: Mapping[str, Any], kind: str = "png") -> bytes:
    """Return a picture of every statistic beside the players', as ``png``, ``svg`` or ``pdf``.

    One panel a statistic: the band contains the middle 90 in 100 players, the darker one the middle
    half, the line their median; each dot is a solo, the diamond the mean.
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure

    columns = 5
    rows = -(-len(style.STATISTICS) // columns)
    # Fixed ids and no date, so that the same figures give the same bytes.
    with mpl.rc_context({"svg.hashsalt": "sideman", "font.size": 8}):
        figure = Figure(figsize=(2.2 * columns, 1.5 * rows), layout="constrained")
        axes = figure.subplots(rows, columns, squeeze=False).ravel()
        for axis, statistic in zip(axes, style.STATISTICS, strict=False):
            low, quarter, median, three_quarters, high = result["players"]["statistics"][
                statistic.name
            ]["quantiles"]
            values = _values([solo["statistics"] for solo in result["solos"]], statistic.name)
            axis.axvspan(low, high, color="#dfe7ef", lw=0)
            axis.axvspan(quarter, three_quarters, color="#b5c9dc", lw=0)
            axis.axvline(median, color="#4a6a8a", lw=1)
            # Dots in rising order, so that many of them show their distribution.
            heights = [(at + 0.5) / len(values) for at in range(len(values))]
            axis.plot(sorted(values), heights, ".", color="#b03a2e", ms=3, alpha=0.7)
            if values:
                axis.plot(sum(values) / len(values), 0.5, "D", color="#7b241c", ms=5)
            axis.set_title(statistic.label, fontsize=8)
            axis.set_ylim(-0.05, 1.05)
            axis.set_yticks([])
            for side in ("left", "right", "top"):
                axis.spines[side].set_visible(False)
        for axis in axes[len(style.STATISTICS) :]:
            axis.set_visible(False)
        count = result["players"]["solos"]
        figure.suptitle(
            f"{result['corpus']['solos']} solos (red) beside {count} by real players (blue)"
        )
        metadata = {"png": {"Software": None}, "svg": {"Date": None}, "pdf": {"CreationDate": None}}
        stream = BytesIO()
        figure.savefig(stream, format=kind, dpi=150, metadata=metadata[kind])
    return stream.getvalue()
