"""Compute anew what ships about real players: their statistics, and the index of their runs.

``.venv/bin/python benchmarks/measure_players.py wjazzd.db split.json --out FOLDER``

Writes ``players.json`` (means, spreads, quantiles of the 4/4 solos) and ``weimar.safetensors``
(hashes of interval-and-IOI runs of all solos).  The same files give the same bytes.  Prints the
longest run that a held-out solo shares with another one, on average.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from sideman import files
from sideman.evaluation import loading, novelty, players, report
from sideman.models import file


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus")
    parser.add_argument("split")
    parser.add_argument("--out", required=True, type=Path)
    options = parser.parse_args()
    found = {}
    for name, split in (("test", options.split), ("all", None)):
        chosen = loading.select([options.corpus], split, name, only_common_time=True)
        found[name] = {
            "fingerprint": loading.fingerprint(chosen.events),
            "solos": len(chosen.items),
            "statistics": players.summary([report.statistics(item) for item in chosen.items]),
        }
    text = json.dumps(found, indent=1) + "\n"
    files.write_whole(options.out / "players.json", text)
    everything = loading.select([options.corpus])
    index = novelty.build((item.name, item.solo) for item in everything.items)
    held_out = loading.select([options.corpus], options.split, "test").items
    longest = [index.match(item.solo, [item.name]).longest for item in held_out]
    print(f"novelty.PLAYERS_LONGEST: {sum(longest) / len(longest):.1f} of {len(longest)} solos")
    content = novelty.to_file(index, loading.fingerprint(everything.events))
    file.write(options.out / "weimar.safetensors", content)


if __name__ == "__main__":
    main()
