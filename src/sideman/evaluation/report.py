"""The measures of some files as one answer: statistics, novelty, distances, one picture."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from sideman.errors import FileError
from sideman.evaluation import distance, loading, novelty, players, style
from sideman.evaluation.benchmark import versions
from sideman.files import writing_whole


def statistics(item: loading.Item) -> dict[str, float | None]:
    """Measure one solo; a performed one swings as it was performed.

    Parameters
    ----------
    item : Item
        The solo.

    Returns
    -------
    dict of str to float or None
        By the names of :data:`sideman.evaluation.style.STATISTICS`.
    """
    found = style.measure(item.solo)
    if item.entry.swing_shares is not None:
        found["swing_ratio"] = style.performed_swing_ratio(item.entry.swing_shares())
    return {name: None if value is None else round(value, 6) for name, value in found.items()}


def measure(
    paths: Iterable[str | os.PathLike[str]],
    split: str | os.PathLike[str] | None = None,
    part: str = "test",
    against: Sequence[str | os.PathLike[str]] = (),
    beside: str = "test",
) -> dict[str, Any]:
    """Measure every solo of some files.

    Parameters
    ----------
    paths : iterable of path-like
        MIDI files, lead sheets, databases, or folders of them.
    split : path-like or None
        Which solos make up which part; all are measured where None.
    part : str
        Which part of the split.
    against : sequence of path-like
        Another set to compare with; none where empty.
    beside : str
        The players whose mean and spread are given too: ``test`` or ``all``.

    Returns
    -------
    dict
        ``solos`` (each with ``statistics`` and ``novelty``), ``summary`` and ``players`` (as
        :func:`sideman.evaluation.players.summary`), ``novelty`` (over all), ``distance`` (by
        statistic, where `against` is given), ``corpus`` and ``versions``.

    Raises
    ------
    SidemanError
        If a file cannot be read or there is nothing to measure.
    """
    real = players.reference(beside)
    chosen = loading.select(paths, split, part)
    items = [item for item in chosen.items if item.length > 1]
    index = novelty.shipped()
    # A database's own solos stand in the index: nobody copies from himself.
    own = {item.name for item in items if item.entry.name}
    measured = [statistics(item) for item in items]
    matches = [index.match(item.solo, own) for item in items]
    longest = max(range(len(items)), key=lambda at: matches[at].longest)
    result: dict[str, Any] = {
        "corpus": {
            "fingerprint": loading.fingerprint([item.events for item in items]),
            "part": part if split is not None else None,
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
    if against:
        others = loading.select(against)
        theirs = [statistics(item) for item in others.items if item.length > 1]
        result["distance"] = {
            statistic.name: distance.compare(
                _values(measured, statistic.name), _values(theirs, statistic.name)
            )
            for statistic in style.STATISTICS
        }
        result["against"] = {
            "fingerprint": loading.fingerprint([i.events for i in others.items if i.length > 1]),
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


def picture(result: Mapping[str, Any], path: str | os.PathLike[str]) -> None:
    """Draw every statistic beside the players'.

    One panel a statistic: the band holds the middle 90 in 100 players, the darker one the middle
    half, the line their median; each dot is a solo, the diamond the mean.

    Parameters
    ----------
    result : mapping
        What :func:`measure` gave.
    path : path-like
        Where; PNG, SVG or PDF by the name's end.

    Raises
    ------
    FileError
        If the file cannot be written.
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure

    kind = Path(path).suffix.lower().lstrip(".") or "png"
    if kind not in ("png", "svg", "pdf"):
        raise FileError(f"{path}: pictures are PNG, SVG or PDF; end the name in .png.")
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
            # Dots stand in rising order, so that many of them show their distribution.
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
        with writing_whole(path) as temporary:
            figure.savefig(temporary, format=kind, dpi=150, metadata=metadata[kind])
