"""A studio whose takes are played beforehand, so that it does little but write: for kills.

Arguments: the folder, and a file with a pickled answer of the players.
"""

from __future__ import annotations

import pickle
import sys
from pathlib import Path
from typing import Any

from sideman.studio import app, serving
from sideman.studio.pool import Pool
from sideman.studio.settings import Settings

asked, played = pickle.loads(Path(sys.argv[2]).read_bytes())


async def run(self: Pool, function: Any, *arguments: Any, **options: Any) -> Any:
    return asked if function.__name__ == "settled" else played


def warm(_: Pool) -> None:
    pass


Pool.run, Pool.warm = run, warm  # type: ignore[method-assign, assignment]
with serving.bound("127.0.0.1", int(sys.argv[3])) as listening:
    application = app.create(Settings(Path(sys.argv[1])))
    sys.stdout.write(f"studio: http://127.0.0.1:{listening.getsockname()[1]}/\n")
    sys.stdout.flush()
    serving.serve(application, listening)
