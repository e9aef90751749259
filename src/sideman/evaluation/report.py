"""Measures of solos as one result: statistics, novelty, distances, and a picture of them."""

from __future__ import annotations

import math
import zlib
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from io import BytesIO
from typing import Any

import numpy as np

from sideman.evaluation import distance, loading, novelty, players, style
from sideman.evaluation.benchmark import versions
from sideman.score import Solo


def statistics(item: loading.Item) -> dict[str, float | None]:
    """Return the statistics of a solo; the swing ratio of a transcription is the performed one."""
    found = style.measure(item.solo)
    if item.entry.swing_shares is not None:
        found["swing_ratio"] = style.performed_swing_ratio(item.entry.swing_shares())
    return {name: None if value is None else round(value, 6) for name, value in found.items()}


class _Rows:
    """Numbers of the solos that were measured; the solos themselves are not kept."""

    def __init__(self) -> None:
        self.notes = array("q")
        self._values = array("d")
        self._fingerprint = loading.Fingerprint()

    def add(self, item: loading.Item) -> None:
        found = statistics(item)
        self._values.extend(math.nan if value is None else value for value in found.values())
        self._fingerprint.add(item.events)
        self.notes.append(len(item.solo.notes))

    def statistics(self) -> list[dict[str, float | None]]:
        names = [statistic.name for statistic in style.STATISTICS]
        values = iter([None if math.isnan(value) else value for value in self._values])
        return [dict(zip(names, values, strict=False)) for _ in self.notes]

    @property
    def fingerprint(self) -> str:
        return self._fingerprint.text()


class _Matches:
    """Matches of lines with the Weimar solos, of which those that are measured do not count."""

    def __init__(self) -> None:
        self._index = novelty.shipped()
        self._found: list[novelty.Match] = []
        self._lengths = array("q")
        # Every line, to match it again where a later document has solos that do not count.
        self._compressor = zlib.compressobj()
        self._symbols = bytearray()
        self._ignored: set[str] = set()
        self._settled_from = 0

    def ignore(self, names: set[str]) -> None:
        """Ignore the solos of these names, for the lines so far too."""
        new = names.intersection(self._index.names) - self._ignored
        if new:
            self._ignored |= new
            self._settled_from = len(self._found)

    def add(self, solo: Solo) -> None:
        symbols = novelty.symbols_of(solo.notes)
        self._found.append(self._index.match_symbols(symbols, self._ignored))
        self._lengths.append(len(symbols))
        self._symbols += self._compressor.compress(symbols.astype(np.int32).tobytes())

    def result(self) -> list[novelty.Match]:
        if self._settled_from:
            self._symbols += self._compressor.flush()
            symbols = np.frombuffer(zlib.decompress(self._symbols), dtype=np.int32)
            lines = np.split(symbols.astype(np.int64), np.cumsum(self._lengths)[:-1])
            for number, line in enumerate(lines[: self._settled_from]):
                self._found[number] = self._index.match_symbols(line, self._ignored)
            self._settled_from = 0
        return self._found


def solos(
    reading: loading.Reading, told: Callable[[float], object]
) -> Iterator[tuple[loading.Item, set[str]]]:
    """Yield each solo of two notes or more, and the names of the solos in its document.

    `told` gets the number of documents that are done.  A MusicError is raised if there is no solo.
    """
    any_solo = False
    for done, items in enumerate(reading):
        solos = [item for item in items if item.length > 1]
        names = {item.name for item in solos if item.entry.name}
        for number, item in enumerate(solos, start=1):
            # The copy is released with what is read of it.
            yield replace(item), names
            told(done + number / len(solos))
        any_solo |= bool(solos)
        if not solos:
            told(done + 1)
    if not any_solo:
        raise reading.nothing()


def measure(
    chosen: loading.Reading,
    against: loading.Reading | None = None,
    beside: str = "test",
    progress: Callable[[float], object] = lambda _: None,
) -> dict[str, Any]:
    """Return the statistics of every solo, their summaries, and those of players.

    The result has ``solos`` (each with ``statistics`` and ``novelty``), ``summary`` and ``players``
    (as :func:`sideman.evaluation.players.summary`), ``novelty`` (over all), ``distance`` (by
    statistic, where `against` is given), ``corpus`` and ``versions``.  `beside` is ``test`` or
    ``all`` players; `progress` gets the share of the documents that are measured, from 0 to 1.  A
    SidemanError is raised if a document cannot be read, or there is no such set of players.
    """
    real = players.reference(beside)
    count = chosen.count + (0 if against is None else against.count)

    def told(done: float) -> None:
        progress(done / count if count else 0.0)

    rows, matching = _Rows(), _Matches()
    names: list[str] = []
    titles: list[str] = []
    alike: dict[str, str] = {}
    for item, named in solos(chosen, told):
        # A database's own solos are in the index: they are no source of a match.
        matching.ignore(named)
        matching.add(item.solo)
        rows.add(item)
        names.append(item.name)
        titles.append(alike.setdefault(item.solo.title, item.solo.title))
    measured, matches = rows.statistics(), matching.result()
    longest = max(range(len(matches)), key=lambda at: matches[at].longest)
    result: dict[str, Any] = {
        "corpus": {
            "fingerprint": rows.fingerprint,
            "part": chosen.part,
            "solos": len(names),
            "notes": sum(rows.notes),
            "absent": chosen.absent,
        },
        "solos": [
            {
                "name": name,
                "title": title,
                "notes": notes,
                "statistics": found,
                "novelty": _match(match),
            }
            for name, title, notes, found, match in zip(
                names, titles, rows.notes, measured, matches, strict=True
            )
        ],
        "summary": players.summary(measured),
        "players": {"name": beside, **real},
        "novelty": {
            "mean_longest": round(sum(match.longest for match in matches) / len(matches), 6),
            "share": round(sum(match.share for match in matches) / len(matches), 6),
            "of": names[longest],
            **_match(matches[longest], share=False),
        },
        "versions": versions(),
    }
    if against is not None:
        theirs = _Rows()
        for item, _ in solos(against, lambda done: told(chosen.count + done)):
            theirs.add(item)
        others = theirs.statistics()
        result["distance"] = {
            statistic.name: distance.compare(
                _values(measured, statistic.name), _values(others, statistic.name)
            )
            for statistic in style.STATISTICS
        }
        result["against"] = {
            "fingerprint": theirs.fingerprint,
            "solos": len(others),
            "summary": players.summary(others),
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
