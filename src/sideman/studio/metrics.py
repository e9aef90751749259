"""Counters of a studio, in Prometheus' text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@dataclass
class Metrics:
    """Counters since the start."""

    requests: Counter[tuple[str, int]] = field(default_factory=Counter)
    request_seconds: float = 0.0
    solos: int = 0
    solo_seconds: float = 0.0

    def answered(self, method: str, status: int, seconds: float) -> None:
        """Count a request."""
        known = method if method in ("GET", "HEAD", "POST", "PATCH", "DELETE") else "other"
        self.requests[known, status] += 1
        self.request_seconds += seconds

    def played(self, seconds: float) -> None:
        """Count a solo, and how long it took."""
        self.solos += 1
        self.solo_seconds += seconds

    def text(self, waiting: int, busy: int) -> str:
        """Return all counters, the jobs that wait, and the processes at work."""
        return "\n".join([*self._lines(waiting, busy), ""])

    def _lines(self, waiting: int, busy: int) -> Iterator[str]:
        yield from _head("requests_total", "counter", "Requests by method and status.")
        for (method, status), many in sorted(self.requests.items()):
            yield f'sideman_requests_total{{method="{method}",status="{status}"}} {many}'
        for name, kind, text, value in (
            ("request_seconds_total", "counter", "Seconds of all requests.", self.request_seconds),
            ("solos_total", "counter", "Solos that were played.", self.solos),
            ("solo_seconds_total", "counter", "Seconds of all solos.", self.solo_seconds),
            ("queue", "gauge", "Requests that wait for a process.", waiting),
            ("processes_busy", "gauge", "Processes at work.", busy),
        ):
            yield from _head(name, kind, text)
            yield f"sideman_{name} {value:g}"


def _head(name: str, kind: str, text: str) -> Iterator[str]:
    yield f"# HELP sideman_{name} {text}"
    yield f"# TYPE sideman_{name} {kind}"
