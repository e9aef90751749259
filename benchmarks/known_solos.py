"""Compute ``src/sideman/evaluation/wjazzd.known.json`` from a copy of the Weimar Jazz Database.

python benchmarks/known_solos.py wjazzd.db > src/sideman/evaluation/wjazzd.known.json
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from sideman.evaluation import known
from sideman.formats import weimar


def main(path: Path) -> str:
    """Return the fingerprints of the solos of a database as JSON, a line for each."""
    solos = sorted(weimar.parse(path.read_bytes(), str(path)), key=lambda one: one.name)
    rows = (f"{json.dumps(one.name)}: {json.dumps(known.of(one))}" for one in solos)
    return "{\n" + ",\n".join(rows) + "\n}\n"


if __name__ == "__main__":
    sys.stdout.write(main(Path(sys.argv[1])))
