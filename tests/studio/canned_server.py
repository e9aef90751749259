"""Studios whose takes are played beforehand, so that they do little but write: for kills.

Arguments: the folder, and a file with pickled answers of the processes.  For each line of the input
a studio is started in a process of its own, and its number and its port are printed.
"""

from __future__ import annotations

import os
import pickle
import signal
import sys
from pathlib import Path
from typing import Any

from sideman.studio import app, ports, serving
from sideman.studio.pool import Pool
from sideman.studio.settings import Settings
from sideman.studio.tasks import Task


def main(folder: Path, answers: Path) -> None:
    """Start a studio for each line of the input."""
    asked, played = pickle.loads(answers.read_bytes())

    async def run(self: Pool, function: Any, *arguments: Any, **options: Any) -> Any:
        return asked if function == Task.SETTLE else played

    def warm(_: Pool) -> None:
        pass

    Pool.run, Pool.warm = run, warm  # type: ignore[method-assign, assignment]
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for _ in sys.stdin:
        listening = ports.bound("127.0.0.1", 7811)
        child = os.fork()
        if child == 0:
            serving.serve(app.create(Settings(folder)), listening)
            os._exit(0)
        sys.stdout.write(f"{child} {listening.getsockname()[1]}\n")
        sys.stdout.flush()
        listening.close()


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
