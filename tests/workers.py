"""Work for the processes of a batch, in a module that they can import."""

from __future__ import annotations

import os
import signal

from sideman.errors import SidemanError
from sideman.output.audio import Mix
from sideman.output.audio.batch import Job, Rendered


def work(job: Job, mix: Mix, stems: bool) -> Rendered | SidemanError:
    """Render nothing; die each time, or the first time, as the name of the song says."""
    name = job.song.stem
    if name.startswith("dies"):
        os.kill(os.getpid(), signal.SIGKILL)
    if name.startswith("once") and not job.sound.exists():
        job.sound.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    if name.startswith("bad"):
        return SidemanError("This song is bad; give another.")
    return Rendered(job.sound, 1.0)


def die(*_: object) -> None:
    """End the process as a crash does."""
    os.abort()
