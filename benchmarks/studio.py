"""The studio: first paint, first bars, and fifty listeners at once.

    python benchmarks/studio.py                   everything, ten minutes of listeners
    python benchmarks/studio.py speed             first paint and first bars
    python benchmarks/studio.py listeners --minutes 10 --listeners 50
    python benchmarks/studio.py kills --kills 100

Times are of this machine: compare the ratios.  A listener loads the page, looks at takes and
pages, types changes and improvises one chorus now and then, with pauses between.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections import defaultdict
from http.client import HTTPException
from pathlib import Path
from typing import Any

from load import resident

STATIC = Path(__file__).parents[1] / "src" / "sideman" / "studio" / "static"
FIRST = ("index.html", "archivo.", "app.")
"""The files needed for the first paint, by the beginnings of their names."""
PAUSE_SECONDS = 5.0
TUNES = ("blues-f", "happy-birthday", "rhythm-changes-bb", "ballad-eb")


class Studio:
    """A studio in a process of its own."""

    def __init__(self, data: Path, workers: int = 1) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "sideman", "studio", "--no-browser"),
                *("--port", str(self.port), "--data", str(data), "--workers", str(workers)),
            ],
            stdout=subprocess.DEVNULL,
        )
        while True:
            try:
                self.get("/health")
                break
            except OSError:
                time.sleep(0.05)

    def ask(self, path: str, content: Any = None, timeout: float = 120) -> bytes:
        """Return the answer to a request, which posts JSON where there is some."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}")
        if content is not None:
            request.data = json.dumps(content).encode()
            request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            data: bytes = answer.read()
        return data

    def get(self, path: str) -> bytes:
        """Return what is there."""
        return self.ask(path)

    def improvise(self, tune: str, choruses: int = 1, seed: int | None = None) -> Any:
        """Return a take."""
        request = {"changes": {"name": tune}, "choruses": choruses, "seed": seed}
        return json.loads(self.ask("/api/takes", {"request": request}))

    def memory(self) -> dict[str, int]:
        """Return the resident bytes of the server and of each child."""
        found = {"server": resident(self.process.pid)}
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        for number, child in enumerate(sorted(children.read_text().split(), key=int)):
            size = resident(int(child))
            found[f"child {number + 1}"] = size
            found["server"] -= size
        return found

    def stop(self, by: int = signal.SIGINT) -> float:
        """End it; return how many seconds that took."""
        begun = time.perf_counter()
        self.process.send_signal(by)
        self.process.wait(30)
        return time.perf_counter() - begun


def quantile(values: list[float], share: float) -> float:
    """Return the value below which a share of the values lies."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def speed(folder: Path) -> None:
    """Print bytes and time of the first paint, and how soon a chorus of blues is there."""
    names = [each for each in STATIC.iterdir() if each.name.startswith(FIRST)]
    first = sum(len(gzip.compress(each.read_bytes())) for each in names)
    everything = list(STATIC.iterdir())
    packed = sum(len(gzip.compress(each.read_bytes())) for each in everything)
    raw = sum(each.stat().st_size for each in everything)
    print(f"first paint needs {first / 1000:.0f} kB gzip (at most 250)")
    print(f"all without the soundfont {packed / 1000:.0f} kB gzip (500), {raw / 1e6:.2f} MB (1.3)")
    studio = Studio(folder / "speed")
    studio.improvise("blues-f", seed=1)
    took = []
    for seed in range(10):
        begun = time.perf_counter()
        take = studio.improvise("blues-f", seed=seed)
        played = time.perf_counter()
        studio.get(f"/api/takes/{take['id']}.svg?bars=4")
        took.append((played - begun, time.perf_counter() - begun))
    print(
        f"a chorus of blues: take after {statistics.median(a for a, _ in took):.2f} s, "
        f"its score after {statistics.median(b for _, b in took):.2f} s (at most 1.0)"
    )
    chromium = shutil.which("chromium")
    if chromium:
        from playwright.sync_api import sync_playwright

        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
            )
            paints = []
            for _ in range(5):
                page = browser.new_context().new_page()
                page.goto(f"http://127.0.0.1:{studio.port}/")
                page.locator(".go").wait_for()
                paints.append(
                    page.evaluate(
                        "performance.getEntriesByName('first-contentful-paint')[0].startTime"
                    )
                )
                page.context.close()
            browser.close()
        print(f"first paint after {statistics.median(paints) / 1000:.2f} s (at most 1)")
    print(f"ended {studio.stop():.2f} s after Ctrl-C (at most 2)")


def listeners(folder: Path, minutes: float, many: int) -> None:
    """Print times by kind of request, errors, and memory of every process by minute."""
    studio = Studio(folder / "listeners")
    times: dict[str, list[float]] = defaultdict(list)
    errors: list[str] = []
    end = time.monotonic() + 60 * minutes
    takes: list[str] = []

    def listen(number: int) -> None:
        luck = random.Random(number)
        while time.monotonic() < end:
            time.sleep(luck.expovariate(1 / PAUSE_SECONDS))
            kind = luck.choices(
                ("page", "takes", "score", "midi", "check", "improvise"), (2, 2, 3, 1, 4, 2)
            )[0]
            begun = time.perf_counter()
            try:
                if kind == "improvise" or not takes:
                    kind = "improvise"
                    takes.append(studio.improvise(luck.choice(TUNES))["id"])
                elif kind == "page":
                    studio.get("/")
                elif kind == "takes":
                    studio.get("/api/takes")
                elif kind == "check":
                    studio.ask("/api/changes/check", {"text": "| Cm7 F7 | Bbmaj7 | Q7 |"})
                else:
                    suffix = "svg?bars=4" if kind == "score" else "mid"
                    studio.get(f"/api/takes/{luck.choice(takes)}.{suffix}")
            except OSError as error:
                errors.append(f"{kind}: {error}")
                continue
            times[kind].append(time.perf_counter() - begun)

    threads = [threading.Thread(target=listen, args=(one,)) for one in range(many)]
    for thread in threads:
        thread.start()
    by_minute: list[dict[str, list[int]]] = []
    begun = time.monotonic()
    while time.monotonic() < end:
        minute = int((time.monotonic() - begun) // 60)
        while len(by_minute) <= minute:
            by_minute.append(defaultdict(list))
        for name, size in studio.memory().items():
            by_minute[minute][name].append(size)
        time.sleep(1)
    for thread in threads:
        thread.join()
    for kind, found in sorted(times.items()):
        print(
            f"{kind}: {len(found)} requests, median {statistics.median(found) * 1000:.0f} ms, "
            f"99 % within {quantile(found, 0.99) * 1000:.0f} ms"
        )
    print(f"{len(errors)} errors", *errors[:5], sep="\n  ")
    means = [statistics.mean(each["server"]) / 2**20 for each in by_minute]
    print("memory of the server by minute, MiB:", *(f"{mean:.1f}" for mean in means))
    if len(by_minute) > 2:
        for name, sizes in by_minute[1].items():
            last = by_minute[-1].get(name) or by_minute[-2][name]
            print(
                f"memory of {name}: last minute over second "
                f"{statistics.mean(last) / statistics.mean(sizes):.3f} (at most 1.05)"
            )
    studio.stop()


def kills(folder: Path, many: int) -> None:
    """Kill a studio while it writes; each confirmed take must be there whole, or print its loss."""
    data = folder / "kills"
    confirmed: dict[str, str] = {}
    lost = torn = 0
    luck = random.Random(1)
    for number in range(many):
        studio = Studio(data)
        for name, title in confirmed.items():
            try:
                if json.loads(studio.get(f"/api/takes/{name}"))["music"]["title"] != title:
                    torn += 1
                studio.get(f"/api/takes/{name}.mid")
            except OSError:
                lost += 1
        confirmed = dict(list(confirmed.items())[-20:])

        def write(studio: Studio = studio, first: int = number, kept: Any = confirmed) -> None:
            try:
                for seed in range(20):
                    take = studio.improvise("blues-f", seed=100 * first + seed)
                    kept[take["id"]] = take["music"]["title"]
            except (OSError, ValueError, HTTPException):
                pass

        thread = threading.Thread(target=write)
        thread.start()
        time.sleep(luck.uniform(0.2, 3.0))
        studio.stop(signal.SIGKILL)
        thread.join()
    print(f"{many} kills, {len(confirmed)} takes looked at last, {lost} lost, {torn} torn")


def main() -> None:
    """Run one benchmark, or all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("only", nargs="?", choices=("speed", "listeners", "kills"))
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--listeners", type=int, default=50)
    parser.add_argument("--kills", type=int, default=100)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if asked.only in (None, "speed"):
            speed(folder)
        if asked.only in (None, "listeners"):
            listeners(folder, asked.minutes, asked.listeners)
        if asked.only in (None, "kills"):
            kills(folder, asked.kills)


if __name__ == "__main__":
    main()
