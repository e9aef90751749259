"""The command line of the attack."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from attack import running
from attack.targets import TARGETS

_FOLDER = Path("attack-findings")


def main() -> None:
    """Attack readers, save findings, and exit with code 1 if there are any."""
    parser = argparse.ArgumentParser(prog="python -m attack")
    parser.add_argument("readers", nargs="*", metavar="READER", help=", ".join(TARGETS))
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--inputs", type=int, default=10**9)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--replay", type=Path, metavar="FILE")
    options = parser.parse_args()
    if options.replay is not None:
        reader = options.replay.name.rsplit("-", 1)[0]
        print(running.outcome(reader, options.replay.read_bytes()))
        return
    found = 0
    for reader in options.readers or TARGETS:
        report = running.run(
            reader, inputs=options.inputs, seconds=60 * options.minutes, seed=options.seed
        )
        counts = ", ".join(f"{count:,} {name}" for name, count in report.outcomes.most_common())
        print(f"{reader}: {report.inputs:,} files, {counts}", flush=True)
        for finding in report.findings.values():
            _FOLDER.mkdir(exist_ok=True)
            path = _FOLDER / finding.name
            path.write_bytes(finding.data)
            print(f"  {path}: {finding.reason}", flush=True)
            found += 1
    sys.exit(bool(found))


main()
