"""Attacks: other pages, other hosts, large and slow bodies, hostile files and names."""

from __future__ import annotations

import asyncio
import io
import os
import random
import socket
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from pkgutil import resolve_name
from typing import Any
from urllib.parse import quote

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

import child_work
from sideman.processes import TooLargeError, TooSlowError
from sideman.studio import app as application
from sideman.studio import guards
from sideman.studio.doors import changes as changes_door
from sideman.studio.doors import system
from sideman.studio.settings import Settings, is_loopback

LOCAL = "http://127.0.0.1:7711"
JSON = {"Content-Type": "application/json"}
BYTES = {"Content-Type": "application/octet-stream"}
MARKUP = '<img src=x onerror="alert(1)">'


# Who asks ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200),
        ("LOCALHOST:7711", 200),
        ("127.0.0.1:80", 200),
        ("[::1]:7711", 200),
        ("evil.example", 421),
        ("evil.example:7711", 421),
        ("localhost.evil.example", 421),
        ("127.0.0.1.evil.example", 421),
        ("evil@localhost", 421),
        ("localhost/evil", 421),
        ("localhost:999999", 421),
        ("localhost#", 421),
        ("0.0.0.0", 421),
        ("", 421),
    ],
)
def test_other_hosts_are_refused(quiet: TestClient, host: str, status: int) -> None:
    answer = quiet.get("/health", headers={"Host": host})
    assert answer.status_code == status
    if status == 421:
        assert "evil" not in answer.text


def test_two_hosts_are_refused(quiet: TestClient) -> None:
    answer = quiet.get("/health", headers=[("Host", "localhost"), ("Host", "evil.example")])
    assert answer.status_code == 421


def test_a_name_can_be_allowed(tmp_path: Path) -> None:
    app = application.create(Settings(tmp_path, allowed=("Studio.Example",)))
    client = TestClient(app, LOCAL)
    assert client.get("/health", headers={"Host": "studio.example:7711"}).status_code == 200
    assert client.get("/health", headers={"Host": "other.example"}).status_code == 421
    app.state.studio.store.close()


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://127.0.0.1:7711", 200),
        ("http://127.0.0.1:7712", 403),
        ("http://localhost:7711", 403),
        ("http://evil.example", 403),
        ("null", 403),
        ("", 403),
        ("http://127.0.0.1:7711.evil.example", 403),
    ],
)
def test_other_origins_are_refused(quiet: TestClient, origin: str, status: int) -> None:
    assert quiet.get("/health", headers={"Origin": origin}).status_code == status


@pytest.mark.parametrize("site", ["cross-site", "same-site", "strange"])
def test_other_sites_may_only_follow_a_link_to_the_page(quiet: TestClient, site: str) -> None:
    def status(path: str, method: str = "GET", **more: str) -> int:
        headers = {"Sec-Fetch-Site": site} | {
            f"Sec-Fetch-{name.title()}": value for name, value in more.items()
        }
        return quiet.request(method, path, headers=headers).status_code

    assert status("/", mode="navigate", dest="document") == 200
    assert status("/", mode="navigate", dest="iframe") == 403
    assert status("/", mode="no-cors") == 403
    assert status("/") == 403
    assert status("/", "POST", mode="navigate", dest="document") == 403
    assert status("/api/takes", mode="navigate", dest="document") == 403
    assert status("/health") == 403
    ours = {"Sec-Fetch-Site": "same-origin"}
    assert quiet.get("/health", headers=ours).status_code == 200


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "", "json"]
)
def test_bodies_of_other_types_are_refused(quiet: TestClient, kind: str) -> None:
    headers = {"Content-Type": kind} if kind else {}
    for path in ("/api/takes", "/api/changes/check", "/api/takes/" + "a" * 22 + "/restore"):
        answer = quiet.post(path, content=b"{}", headers=headers)
        assert answer.status_code == 415
        assert "access-control-allow-origin" not in answer.headers


def test_no_other_page_is_told_that_it_may(quiet: TestClient) -> None:
    answer = quiet.options(
        "/api/takes",
        headers={"Origin": LOCAL, "Access-Control-Request-Method": "POST"},
    )
    assert answer.status_code == 405
    assert not [name for name in answer.headers if name.startswith("access-control")]


def test_every_answer_is_guarded(quiet: TestClient) -> None:
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; "
        "img-src 'self' data:; font-src 'self'; connect-src 'self'; worker-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    for answer in (
        quiet.get("/"),
        quiet.get("/health"),
        quiet.get("/nothing"),
        quiet.get("/health", headers={"Host": "evil.example"}),
        quiet.post("/api/takes", content=b"{", headers=JSON),
    ):
        assert answer.headers["content-security-policy"] == policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cross-origin-opener-policy"] == "same-origin"
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
        assert "server" not in answer.headers


def test_other_machines_need_the_token(tmp_path: Path) -> None:
    assert [is_loopback(host) for host in ("127.0.0.1", "::1", "localhost", "0.0.0.0", "x")] == [
        True,
        True,
        True,
        False,
        False,
    ]
    app = application.create(Settings(tmp_path, host="0.0.0.0", token="secret"))
    client = TestClient(app, LOCAL, follow_redirects=False)
    for path in ("/", "/health", "/api/takes", "/?token=wrong", "/api/takes?token=secret"):
        assert client.get(path).status_code == 401, path
    cookie = {"Cookie": f"{guards.COOKIE}=wrong"}
    assert client.get("/health", headers=cookie).status_code == 401
    answer = client.get("/?token=secret")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    told = answer.headers["set-cookie"].casefold()
    assert "httponly" in told
    assert "samesite=strict" in told
    assert client.get("/health").status_code == 200  # with its cookie
    # The name that is printed and the address that was called are its own.
    for host, status in ((socket.gethostname(), 200), ("127.0.0.1", 200), ("evil.example", 421)):
        assert client.get("/health", headers={"Host": f"{host}:7711"}).status_code == status
    app.state.studio.store.close()


# What is sent ------------------------------------------------------------------------------------


def test_large_bodies_are_refused_by_their_length(quiet: TestClient) -> None:
    for length in ("2000001", "999999999999999999999", "-1", "x"):
        answer = quiet.post(
            "/api/changes/check", content=b"x", headers={**BYTES, "Content-Length": length}
        )
        assert answer.status_code == 413, length


def test_large_bodies_are_counted_while_they_are_read(quiet: TestClient) -> None:
    sent = 0

    def pieces() -> Iterator[bytes]:
        nonlocal sent
        for _ in range(100):
            sent += 100_000
            yield bytes(100_000)

    answer = quiet.post("/api/changes/check", content=pieces(), headers=BYTES)
    assert answer.status_code == 413


def asked(app: Any, scope: dict[str, Any], receive: Callable[[], Any]) -> list[dict[str, Any]]:
    """The messages with which an application answers."""
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    whole: dict[str, Any] = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "scheme": "http",
    }
    whole |= {"method": "POST", "path": "/api/changes/check", "raw_path": b"", "root_path": ""}
    whole |= {"query_string": b"", "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 7711)}
    asyncio.run(app({**whole, **scope}, receive, send))
    return sent


def test_a_body_that_does_not_end_is_refused(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guards, "BODY_SECONDS", 0.1)
    pieces = iter([b"{"])

    async def receive() -> dict[str, Any]:
        for piece in pieces:
            return {"type": "http.request", "body": piece, "more_body": True}
        await asyncio.sleep(60)
        raise AssertionError

    headers = [(b"host", b"localhost"), (b"content-type", b"application/json")]
    headers.append((b"transfer-encoding", b"chunked"))
    sent = asked(app, {"headers": headers}, receive)
    assert sent[0]["status"] == 408


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"request":' + b"9" * 5000 + b"}",
        b'{"request":{"seed":1e400}}',
        b'{"request":{"tempo":NaN}}',
        b'{"request":{"changes":{"sheet":{"title":"\\ud800","changes":"| C |"}}}}',
        b'{"request":{"changes":{"sheet":' + b'{"a":' * 900 + b"1" + b"}" * 900 + b"}}}",
        b'{"request":{"later":NaN,"changes":{"name":"blues-f"}}}',
        b'{"request":{"kind":"trade"}}',
        b'{"request":{"schema":99,"changes":{"name":"blues-f"}}}',
        b'{"request":{"changes":{"name":"blues-f"},"choruses":13}}',
        b'{"request":{"changes":{"name":"blues-f"},"controls":{"top_k":2.5}}}',
        b'{"request":{"changes":{"name":"blues-f"},"controls":{"nothing":1}}}',
        b'{"request":{"changes":{"text":"|: C | :| x99"},"choruses":8}}',
        b'{"request":{"changes":{"data":"AAAA","name":"../x.mid"}}}',
        b'{"request":{"changes":{"data":"*"}}}',
        b'{"request":{"kind":"vary","take":{"notes":[[0,1,2]]}}}',
        b'{"request":{"changes":{"name":"blues-f"},"keep":"1-4"}}',
        b'{"request":{"changes":{"name":"blues-f"},"fingerprint":"memory"}}',
        b'{"request":{"changes":{"name":"blues-f"},"model":"/etc/passwd"}}',
        b'{"request":{"changes":{"name":"blues-f"},"style":"/etc/passwd.toml"}}',
        b'{"request":{"changes":{"name":"blues-f"},"style_file":"["}}',
        b'{"request":{}}',
    ],
)
def test_bad_requests_are_refused_in_a_sentence(client: TestClient, body: bytes) -> None:
    answer = client.post("/api/takes", content=body, headers=JSON)
    assert answer.status_code in (400, 404, 422), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    assert told["status"] == answer.status_code
    assert told["detail"].endswith((".", "?")), told
    assert "Traceback" not in answer.text
    assert len(answer.content) < 4000


def test_controls_may_be_whole_numbers(client: TestClient) -> None:
    controls = {"top_k": 5, "difficulty": 2, "best_of": 2, "temperature": 0.5}
    request = {"changes": {"text": "| F7 | Bb7 |"}, "model": "jazz-grammar", "controls": controls}
    answer = client.post("/api/takes", json={"request": {**request, "choruses": 1}})
    assert answer.status_code == 201, answer.text
    take = answer.json()
    assert take["request"]["controls"] == controls
    body = {"bars": "1", "controls": {"difficulty": 3}}
    answer = client.post(f"/api/takes/{take['id']}/anew", json=body)
    assert answer.status_code == 201, answer.text


def test_errors_do_not_repeat_what_was_sent(quiet: TestClient) -> None:
    secret = "Zx9secret" * 2000
    bodies: list[Any] = [
        {"request": secret},
        {"request": {"seed": secret, "tempo": secret}},
        {"request": {"changes": {"sheet": secret, secret: 1}}},
        {"request": {"controls": {secret: secret}}},
        {secret: secret},
        secret,
    ]
    for body in bodies:
        answer = quiet.post("/api/takes", json=body)
        assert answer.status_code == 422
        assert "Zx9secret" not in answer.text
    for path in (f"/{secret}", f"/api/takes/{secret}", f"/api/songbook?q={secret}"):
        assert "Zx9secret" not in quiet.get(path).text
    assert "Zx9secret" not in quiet.get("/health", headers={"X-Note": secret[:500]}).text


def test_a_fault_is_told_without_its_traceback(
    quiet: TestClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: Any) -> None:
        raise RuntimeError("the secret of the house")

    monkeypatch.setattr(system, "_page", fail)
    answer = quiet.get("/docs")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert "secret of the house" in caplog.text  # for who runs it


def zipped(size: int) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        container = '<container><rootfiles><rootfile full-path="a.xml"/></rootfiles></container>'
        archive.writestr("META-INF/container.xml", container)
        with archive.open("a.xml", "w", force_zip64=True) as stream:
            for _ in range(size >> 20):
                stream.write(b" " * (1 << 20))
    return data.getvalue()


def entities() -> bytes:
    rows = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    return f'<!DOCTYPE x [<!ENTITY a0 "ha">{rows}]><score-partwise>&a11;</score-partwise>'.encode()


def many_notes() -> bytes:
    track = b"\0\x90\x3c\x40" + b"\x01\x3c\x40\x01\x3c\x00" * 300_000 + b"\0\xff\x2f\0"
    head = b"MThd" + bytes((0, 0, 0, 6, 0, 0, 0, 1, 0, 96))
    return head + b"MTrk" + len(track).to_bytes(4, "big") + track


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("bomb.mxl", zipped(1 << 30)),
        ("bomb.musicxml", entities()),
        ("many.mid", many_notes()),
        ("deep.xml", b"<score-partwise>" + b"<a>" * 300_000),
        ("text.txt", b"| C " * 400_000),
        ("brackets.txt", b"(" * 1_500_000),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_hostile_files_are_refused_and_the_next_request_is_served(
    client: TestClient, name: str, data: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes_door, "FILE_SECONDS", 3.0)
    assert len(data) < 2_000_000
    answer = client.post(f"/api/changes/check?name={name}", content=data, headers=BYTES)
    assert answer.status_code in (200, 413, 422), answer.text
    if answer.status_code == 200:
        assert answer.json()["problems"] or "notices" in answer.json()
    else:
        assert answer.json()["detail"].endswith(".")
    monkeypatch.setattr(changes_door, "FILE_SECONDS", 60.0)
    assert client.post("/api/changes/check", json={"text": "| C |"}).json()["bars"]


def test_a_long_file_holds_up_nothing_else(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = time.monotonic()
    assert client.post("/api/changes/check", json={"text": "| C |"}).json()["bars"]
    # The longer the slower the machine is, as the file takes longer too.
    monkeypatch.setattr(changes_door, "FILE_SECONDS", 2.0 + 10 * (time.monotonic() - begun))
    studio: Any = client.app.state.studio  # type: ignore[attr-defined]
    answers: list[int] = []

    def send() -> None:
        told = client.post("/api/changes/check?name=a.mid", content=many_notes(), headers=BYTES)
        answers.append(told.status_code)

    sending = threading.Thread(target=send)
    sending.start()
    while not studio.pools.openers.busy:
        time.sleep(0.01)
    monkeypatch.setattr(changes_door, "FILE_SECONDS", 60.0)
    assert client.post("/api/changes/check", json={"text": "| C |"}).json()["bars"]
    assert studio.pools.openers.busy
    assert answers == []
    sending.join()
    assert answers == [422]


def test_too_large_and_too_slow_work_is_ended(client: TestClient) -> None:
    studio: Any = client.app.state.studio  # type: ignore[attr-defined]
    assert client.portal is not None
    for function, value, seconds, error in (
        (child_work.take, 700 << 20, 30.0, TooLargeError),
        (child_work.sleep, 60, 0.2, TooSlowError),
    ):
        if error is TooLargeError and sys.platform != "linux":
            continue
        with pytest.raises(error):
            client.portal.call(_run, studio.pools.readers, function, value, seconds)
    assert client.post("/api/changes/check", json={"text": "| C |"}).json()["bars"]


async def _run(pool: Any, function: Any, value: Any, seconds: float) -> Any:
    return await pool.run(function, value, seconds=seconds)


# Names and markup --------------------------------------------------------------------------------


def test_markup_stays_text(client: TestClient) -> None:
    sheet = {
        "title": MARKUP,
        "composer": MARKUP,
        "style": MARKUP,
        "changes": '["<img src=x onerror=alert(1)>"] | C | F | G7 | C |',
    }
    request = {"changes": {"sheet": sheet, "name": MARKUP}, "choruses": 1, "seed": 1}
    answer = client.post("/api/takes", json={"request": request})
    assert answer.status_code == 201, answer.text
    take = answer.json()
    assert take["music"]["title"] == MARKUP
    address = f"/api/takes/{take['id']}"
    client.patch(address, json={"name": MARKUP, "note": MARKUP})
    for kind in ("svg", "musicxml"):
        text = client.get(f"{address}.{kind}", params={"part": "Bb"}).text
        assert "<img" not in text
    for kind in ("mid", "musicxml", "ls", "json"):
        named = client.get(f"{address}.{kind}").headers["content-disposition"]
        assert named == f'attachment; filename="img-src-x-onerror-alert-1-1.{kind}"'
    wrong = client.get(f"{address}.svg", params={"part": MARKUP})
    assert wrong.headers["content-type"] == "application/problem+json"


WATCHED: list[str] | None = None


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if WATCHED is not None and event in ("open", "os.listdir", "os.scandir", "sqlite3.connect"):
        WATCHED.append(os.fsdecode(arguments[0]) if isinstance(arguments[0], str | bytes) else "")


sys.addaudithook(_watch)


class Here:
    """A pool that works in this process, where what it opens is seen."""

    waiting = busy = 0
    full = False

    async def run(self, function: str, *arguments: Any, **options: Any) -> Any:
        reports = {"progress": options["progress"]} if options.get("progress") else {}
        return resolve_name(function)(*arguments, **reports)


def hostile(decoys: Path) -> list[str]:
    """Five hundred names that are paths, or nearly."""
    rng = random.Random(7)
    targets = [str(path) for path in sorted(decoys.iterdir())] + ["/etc/passwd", "/etc/hosts"]
    targets += [os.path.relpath(target) for target in targets]
    forms = (
        "{}", "file://{}", "{}\0.mid", "\0{}", "./{}", ".//{}", "C:{}", "C:\\{}", "\\\\host{}",
        "../../../../../../../..{}", "..%2f..%2f..{}", "%2e%2e/{}", "....//{}", "~{}", "~root{}",
        "|{}|", "{} | C |", "`cat {}`", "$(cat {})", "blues-f/../{}", "blues-f\0{}", "{}#", "{}?x",
        "{}/", "/proc/self/root{}", "CON", "aux.mid", "a" * 400 + "{}", "\u202e{}", "．．／{}",
    )  # fmt: skip
    return [rng.choice(forms).format(rng.choice(targets)) for _ in range(500)]


def test_no_name_becomes_a_path(app: FastAPI, tmp_path: Path) -> None:
    global WATCHED
    decoys = tmp_path / "decoys"
    decoys.mkdir()
    for suffix in ("mid", "ls", "toml", "musicxml", "txt", "sf2", "safetensors"):
        (decoys / f"decoy.{suffix}").write_text("| C | F |\n")
    pools = app.state.studio.pools
    pools.readers = pools.players = pools.openers = Here()

    def request(**fields: Any) -> dict[str, Any]:
        content = {"changes": {"name": "no-such"}, "choruses": 1, **fields}
        return {"json": {"request": content}}

    known = {"sheet": {"changes": "| C |"}}
    file: dict[str, Any] = {"content": b"| C |", "headers": BYTES}
    client = TestClient(app, LOCAL, raise_server_exceptions=False)
    places: list[Callable[[str], Any]] = [
        lambda name: client.get(f"/{quote(name, safe='')}"),
        lambda name: client.get(f"/assets/{quote(name, safe='/')}"),
        lambda name: client.get(f"/api/takes/{quote(name, safe='/')}"),
        lambda name: client.get(f"/api/takes/{quote(name)}.mid"),
        lambda name: client.get(f"/api/songbook/{quote(name, safe='/')}"),
        lambda name: client.get("/api/songbook", params={"q": name}),
        lambda name: client.post("/api/changes/check", params={"name": name}, **file),
        lambda name: client.post("/api/changes/check", params={"tune": name}, **file),
        lambda name: client.post("/api/changes/check", json={"text": name}),
        lambda name: client.post("/api/takes", **request(changes={"name": name})),
        lambda name: client.post("/api/takes", **request(changes={"text": name})),
        lambda name: client.post(
            "/api/takes", **request(changes={"data": "fCBDIHw=", "name": name, "title": name})
        ),
        lambda name: client.post("/api/takes", **request(changes=known, style=name)),
        lambda name: client.post("/api/takes", **request(changes=known, model=name)),
        lambda name: client.post("/api/takes", **request(changes=known, player=name)),
        lambda name: client.post("/api/takes", **request(changes=known, instrument=name)),
        lambda name: client.post("/api/takes", **request(changes=known, key=name)),
    ]

    for place in places:
        place("blues-f")  # what is loaded once
    names = hostile(decoys)
    WATCHED = []
    try:
        (tmp_path / "data" / "seen").write_text("")  # the watch works
        for number, name in enumerate(names):
            for place in (places[number % len(places)], places[(7 * number) % len(places)]):
                assert place(name).status_code < 500, name
    finally:
        opened, WATCHED = WATCHED, None
    package = str(Path(application.__file__).parents[1])
    own = (package, sys.prefix, sys.base_prefix, str(tmp_path / "data"), "/proc/", "/dev/")
    strange = {
        path for path in opened if path and Path(path).is_absolute() and not path.startswith(own)
    }
    assert not strange
    assert str(tmp_path / "data" / "seen") in opened
    assert not [path for path in opened if "decoy" in path or "passwd" in path]
    assert changes_door.plain_name("../..\\x\0.mid") == "x�.mid"
