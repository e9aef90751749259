"""The command line of the attack."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from attack import crashes, running
from attack.crashes import Command
from attack.targets import TARGETS

_FOLDER = Path("attack-findings")


def kills(count: int) -> int:
    """Kill commands at random moments, and return the number of faults."""
    with tempfile.TemporaryDirectory() as name:
        songs = Path(name) / "songs"
        playing = "improvise blues-f --choruses 1 --seed {seed} --no-audio --out"
        for seed in (1, 2, 3):
            assert Command.of(f"{playing.format(seed=seed)} {songs}").run(songs) == 0
        names = Path(name) / "names.txt"
        names.write_text("Bebop\nBlues\nSwing\n", encoding="utf-8")
        commands = {
            "improvise": f"{playing.format(seed=4)} {{out}} --score musicxml --roll svg",
            "render": f"render {songs} --out {{out}} --format ogg --jobs 2 --resume",
            "train": f"train {names} --model-kind letters --epochs 40 --units 8 "
            "--out {out}/m.safetensors",
            "evaluate": f"evaluate {songs} --model unigram",
        }
        found = 0
        for command, line in commands.items():
            wrong = crashes.kills(Command.of(line), count, 1, ("checkpoint",))
            print(
                f"{command}: {count} kills, {len(wrong)} faults", *wrong[:5], sep="\n  ", flush=True
            )
            found += len(wrong)
    return found


def main() -> None:
    """Attack readers, save findings, and exit with code 1 if there are any."""
    parser = argparse.ArgumentParser(prog="python -m attack")
    parser.add_argument("readers", nargs="*", metavar="READER", help=", ".join(TARGETS))
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--inputs", type=int, default=10**9)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--replay", type=Path, metavar="FILE")
    options = parser.parse_args()
    if options.replay is not None:
        reader = options.replay.name.rsplit("-", 1)[0]
        print(running.outcome(reader, options.replay.read_bytes()))
        return
    found = kills(options.kills) if options.kills else 0
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
