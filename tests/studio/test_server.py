"""The whole server as a process: its command, kills, slow and many connections, its end."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import pickle
import random
import select
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sideman.studio.limits import MOST_WAITING
from sideman.studio.store import NAME
from sideman.studio.work import takes
from studio_server import JSON, Server, serving

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="uses signals")
CANNED = Path(__file__).with_name("canned_server.py")
LONG = {"changes": {"name": "rhythm-changes-bb"}, "choruses": 8}
SHORT = {"changes": {"text": "| Dm7 | G7 | C6 | . |"}, "choruses": 1}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("served"), "--log-json") as server:
        yield server


class Events:
    """The events of a take that is asked for."""

    def __init__(self, server: Server, request: dict[str, Any]) -> None:
        status, told = server.ask(
            "POST", "/api/takes", {"request": request}, Prefer="respond-async"
        )
        assert status == 202
        self.id = told["id"]
        self._socket = socket.create_connection(("127.0.0.1", server.port), timeout=60)
        self._stream = self._socket.makefile("rb")
        self._socket.sendall(f"GET {told['events']} HTTP/1.0\r\nHost: localhost\r\n\r\n".encode())
        assert b" 200 " in self._stream.readline()
        while self._stream.readline() != b"\r\n":
            pass

    def next(self) -> tuple[str, Any]:
        name = ""
        while True:
            line = self._stream.readline().decode()
            assert line.endswith("\n"), "the stream has ended"
            line = line.rstrip("\n")
            if line.startswith("event: "):
                name = line.removeprefix("event: ")
            elif line.startswith("data: "):
                return name, json.loads(line.removeprefix("data: "))
            else:
                assert line in ("", ": waiting"), line

    def until_bars(self) -> None:
        while self.next()[0] != "bars":
            pass

    def close(self) -> None:
        self._stream.close()
        self._socket.close()


def test_a_solo_comes_bar_by_bar(server: Server) -> None:
    with contextlib.closing(Events(server, {**SHORT, "choruses": 4})) as events:
        name, told = events.next()
        while name != "take":
            assert name in ("queued", "bars")
            name, told = events.next()
        assert told["id"] == events.id


def test_closing_the_stream_ends_the_work(server: Server) -> None:
    server.idle()
    with contextlib.closing(Events(server, LONG)) as events:
        events.until_bars()
    server.idle()
    time.sleep(0.2)
    # What is played to its end is kept.
    assert server.ask("GET", f"/api/takes/{events.id}")[0] == 404
    assert server.ask("POST", "/api/takes", {"request": SHORT})[0] == 201


def test_leaving_a_plain_request_ends_the_work(server: Server) -> None:
    server.idle()
    before = len(server.ask("GET", "/api/takes")[1]["takes"])
    connection = http.client.HTTPConnection("127.0.0.1", server.port)
    connection.request("POST", "/api/takes", json.dumps({"request": LONG}), JSON)
    while not server.metric("processes_busy"):
        time.sleep(0.02)
    connection.close()
    server.idle()
    assert len(server.ask("GET", "/api/takes")[1]["takes"]) == before


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads the table of processes")
def test_a_process_killed_in_the_middle_is_told(server: Server) -> None:
    server.idle()
    with contextlib.closing(Events(server, LONG)) as events:
        events.until_bars()
        killed = set(server.children())
        for child in killed:
            os.kill(child, signal.SIGKILL)
        name, told = events.next()
        while name == "bars":
            name, told = events.next()
    assert name == "problem"
    assert told["status"] == 503
    assert "was ended" in told["detail"]
    assert server.ask("GET", f"/api/takes/{events.id}")[0] == 404
    while killed & set(server.children()):  # the system takes its time to end them
        time.sleep(0.01)
    assert server.ask("POST", "/api/takes", {"request": SHORT})[0] == 201


def test_the_log_holds_no_names(tmp_path: Path) -> None:
    with serving(tmp_path, "--log-json") as server:
        title = "Secret Title"
        request = {"changes": {"sheet": {"title": title, "changes": "| C |"}}, "choruses": 1}
        take = server.ask("POST", "/api/takes", {"request": request})[1]
        server.ask("PATCH", f"/api/takes/{take['id']}", {"name": "Secret Name"})
        server.ask("GET", "/api/songbook?q=SecretWord")
        server.ask("GET", "/SecretPath")
        server.process.send_signal(signal.SIGINT)
        output, _ = server.process.communicate(timeout=60)
        assert server.process.returncode == 0
        assert "Secret" not in output
        lines = [json.loads(line) for line in output.splitlines() if line.startswith("{")]
        assert [(line["method"], line["door"], line["status"]) for line in lines] == [
            ("POST", "/api/takes", 201),
            ("PATCH", "/api/takes/{id}", 200),
            ("GET", "/api/songbook", 200),
            ("GET", "/{name}", 404),
        ]
        copy = tmp_path / "copy.sqlite"
        done = subprocess.run(
            [
                *(sys.executable, "-m", "sideman", "studio"),
                *("--data", str(tmp_path), "--backup", str(copy)),
            ],
            capture_output=True,
            text=True,
            check=True,
        )
        assert str(copy) in done.stdout
        with contextlib.closing(sqlite3.connect(copy)) as database:
            assert database.execute("SELECT id FROM takes").fetchall() == [(take["id"],)]


def test_the_address_that_is_printed_is_answered(tmp_path: Path) -> None:
    with serving(tmp_path, "--host", "0.0.0.0") as server:
        line = next(each for each in server.told if each.startswith("studio:"))
        host, _, query = line.split("//")[1].strip().partition("/")
        assert server.ask("GET", f"/{query}", Host=host)[0] == 303
        assert server.ask("GET", f"/{query}", Host="elsewhere.example")[0] == 421


def test_two_servers_share_their_takes_and_ctrl_c_ends_one_soon(
    server: Server, tmp_path: Path
) -> None:
    with serving(tmp_path) as first, serving(tmp_path, "--port", str(first.port)) as second:
        assert second.port == first.port + 1 or second.port > first.port
        take = first.ask("POST", "/api/takes", {"request": SHORT})[1]
        assert second.ask("GET", f"/api/takes/{take['id']}")[1] == take
        assert second.ask("PATCH", f"/api/takes/{take['id']}", {"name": "x"})[0] == 200
        assert first.ask("GET", f"/api/takes/{take['id']}")[1]["name"] == "x"
        with contextlib.closing(Events(first, LONG)) as events:
            events.until_bars()
            first.process.send_signal(signal.SIGINT)
            first.process.communicate(timeout=60)
        assert first.process.returncode == 0
        # What is played to its end is kept.
        assert second.ask("GET", f"/api/takes/{events.id}")[0] == 404
        assert second.ask("GET", f"/api/takes/{take['id']}")[0] == 200


def test_the_refusal_of_a_large_body_is_read_by_its_sender(server: Server) -> None:
    for _ in range(3):  # a connection that is closed at once would be reset
        status, told = server.ask("POST", "/api/takes", {"request": "x" * 5_000_000})
        assert (status, told["status"]) == (413, 413)


def test_nothing_is_played_that_no_one_follows(server: Server) -> None:
    server.idle()
    before = len(server.ask("GET", "/api/takes")[1]["takes"])
    asked = [202]
    while asked[-1] == 202 and len(asked) < 10 * MOST_WAITING:
        asked.append(
            server.ask("POST", "/api/takes", {"request": SHORT}, Prefer="respond-async")[0]
        )
    assert asked[-1] == 429
    assert len(asked) > 20
    # There is one process: what was given to it before would be played before.
    assert server.ask("POST", "/api/takes", {"request": SHORT})[0] == 201
    assert len(server.ask("GET", "/api/takes")[1]["takes"]) == before + 1


def test_a_head_that_does_not_end_is_cut(server: Server) -> None:
    begun = time.monotonic()
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as slow:
        slow.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n")
        with contextlib.suppress(ConnectionError):
            for _ in range(600):
                slow.sendall(b"X")
                slow.settimeout(0.1)
                with contextlib.suppress(TimeoutError):
                    if not slow.recv(1):
                        break
            else:
                raise AssertionError("the connection is open after a minute")
    assert time.monotonic() - begun > 4


def cut(connection: socket.socket) -> bool:
    """Return whether the server has closed a connection that is ready to be read."""
    try:
        return connection.recv(1) == b""
    except ConnectionError:
        return True


def test_an_address_has_so_many_connections(server: Server) -> None:
    with contextlib.ExitStack() as stack:
        held = [
            stack.enter_context(socket.create_connection(("127.0.0.1", server.port)))
            for _ in range(103)
        ]
        ended, _, _ = select.select(held, [], [], 60)
        # Those beyond the limit are cut first; the others may be idle for five seconds.
        while len(ended) < 3:
            time.sleep(0.01)
            ended, _, _ = select.select(held, [], [], 60)
        assert len(ended) < 10
        assert all(cut(one) for one in ended)
    for _ in range(6000):  # until the server has seen that they are closed
        with contextlib.suppress(ConnectionError, http.client.HTTPException):
            if server.ask("GET", "/health")[0] == 200:
                return
        time.sleep(0.01)
    raise AssertionError("no connection is answered")


def test_no_take_that_was_confirmed_is_lost_by_kills(tmp_path: Path) -> None:
    request = {"schema": 1, "kind": "play", **SHORT, "seed": 1}
    asked = takes.settled(request)
    played = takes.play(asked.request, progress=lambda _: None)
    answer = tmp_path / "answer"
    answer.write_bytes(pickle.dumps((asked, played)))
    folder = tmp_path / "data"
    rng = random.Random(1)
    confirmed: dict[str, str] = {}
    launcher = subprocess.Popen(
        [sys.executable, str(CANNED), str(folder), str(answer)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert launcher.stdin is not None
    assert launcher.stdout is not None
    with launcher:
        for _ in range(10):
            launcher.stdin.write("start\n")
            launcher.stdin.flush()
            pid, port = map(int, launcher.stdout.readline().split())
            server = Server(launcher, port)
            kill: threading.Timer | None = None
            while True:
                try:
                    status, take = server.ask("POST", "/api/takes", {"request": request})
                    assert status == 201
                    confirmed[take["id"]] = ""
                    if kill is None:
                        kill = threading.Timer(rng.uniform(0.05, 0.3), os.kill, (pid, 9))
                        kill.start()
                    name = f"named {len(confirmed)}"
                    server.ask("PATCH", f"/api/takes/{take['id']}", {"name": name})
                    confirmed[take["id"]] = name
                except (OSError, http.client.HTTPException):
                    break
            assert kill is not None
            kill.join()
        launcher.stdin.close()
    assert len(confirmed) >= 10
    with contextlib.closing(sqlite3.connect(folder / NAME)) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        found = {
            id: (name, midi)
            for id, name, midi in database.execute("SELECT id, name, midi FROM takes")
        }
    assert not list(folder.glob("*broken*"))
    for id, name in confirmed.items():
        assert found[id][1] == played.midi
        assert found[id][0] == name or not name
