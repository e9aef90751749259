"""Every address of the studio, as the page uses it."""

from __future__ import annotations

import io
import json
import wave
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from sideman import opening
from sideman.formats import registry
from sideman.formats.midi.reading import parse
from sideman.service import playing
from sideman.service.requests import PlayRequest, Tune
from sideman.studio import problems
from sideman.studio.metrics import Metrics
from sideman.studio.plays import new_id
from sideman.studio.store import Stored
from sideman.version import VERSION

FILES = Path(__file__).parent.parent / "files"
Take = dict[str, Any]


def events(client: TestClient, address: str) -> list[tuple[str, Any]]:
    """The events of a stream, read to its end."""
    text = client.get(address).text
    found = []
    for block in text.split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if lines:
            found.append((lines["event"], json.loads(lines["data"])))
    return found


def test_a_take_has_its_request_and_its_music(client: TestClient, take: Take) -> None:
    assert len(take["id"]) == 22
    assert take["request"]["seed"] == 7
    assert take["request"]["version"] == VERSION
    assert take["request"]["changes"]["sheet"]["title"] == "Blues in F"
    assert take["music"]["title"] == "Blues in F"
    assert len(take["music"]["bars"]) >= 12
    assert (take["name"], take["note"], take["starred"], take["parent"]) == ("", "", False, None)
    assert client.get(f"/api/takes/{take['id']}").json() == take


def test_the_same_request_gives_the_same_bytes_as_the_package(
    client: TestClient, take: Take
) -> None:
    data = client.get(f"/api/takes/{take['id']}.mid").content
    request = PlayRequest(changes=Tune(name="blues-f"), choruses=1, seed=7)
    assert data == playing.play(request).midi()
    again = client.post("/api/takes", json={"request": take["request"]}).json()
    assert again["id"] != take["id"]
    assert client.get(f"/api/takes/{again['id']}.mid").content == data


def test_a_request_of_another_version_has_a_remark(client: TestClient, take: Take) -> None:
    request = {**take["request"], "version": "0.0.9"}
    assert "version 0.0.9" in client.post("/api/takes", json={"request": request}).json()["remark"]


def test_events_tell_how_far_it_is(client: TestClient) -> None:
    request = {"changes": {"text": "| Dm7 | G7 | C6 | . |"}, "choruses": 4, "seed": 3}
    answer = client.post(
        "/api/takes", json={"request": request}, headers={"Prefer": "respond-async"}
    )
    assert answer.status_code == 202
    told = answer.json()
    assert told["events"] == f"/api/takes/{told['id']}/events" == answer.headers["location"]
    found = events(client, told["events"])
    assert {name for name, _ in found[:-1]} <= {"queued", "bars"}
    bars = [each for name, each in found if name == "bars"]
    assert all(each["of"] == 16 for each in bars)
    assert [each["done"] for each in bars] == sorted({each["done"] for each in bars})
    assert bars[-1]["done"] == 16
    name, last = found[-1]
    assert name == "take"
    assert last == client.get(f"/api/takes/{told['id']}").json()
    # Whoever comes later gets the take too.
    assert events(client, told["events"]) == found or events(client, told["events"])[-1][1] == last


def test_a_problem_is_an_event_too(client: TestClient) -> None:
    request = {"changes": {"text": "| F7 | H99 |"}}
    told = client.post(
        "/api/takes", json={"request": request}, headers={"Prefer": "respond-async"}
    ).json()
    ((name, problem),) = events(client, told["events"])
    assert name == "problem"
    assert problem["status"] == 422
    assert problem["problems"][0]["symbol"] == "H99"
    assert client.get(f"/api/takes/{told['id']}").status_code == 404


def test_bars_anew_keep_the_others(client: TestClient, take: Take) -> None:
    answer = client.post(f"/api/takes/{take['id']}/anew", json={"bars": "5-8", "seed": 9})
    assert answer.status_code == 201, answer.text
    new = answer.json()
    assert new["parent"] == take["id"]
    assert new["request"]["keep"] == "1-4,9-12"

    def notes(one: Take, bars: range) -> list[tuple[int, int]]:
        ticks = range(bars.start * 96, bars.stop * 96)
        return [
            (each["tick"], each["pitch"])
            for each in one["music"]["solo"]
            if max(each["tick"], 0) in ticks
        ]

    for bars in (range(4), range(8, 12)):
        assert notes(new, bars) == notes(take, bars)
    assert notes(new, range(4, 8)) != notes(take, range(4, 8))
    # All bars anew is another solo, and anew of a variation works too.
    whole = client.post(f"/api/takes/{take['id']}/anew", json={"bars": "1-12", "seed": 7})
    assert whole.json()["music"]["solo"] == take["music"]["solo"]
    wrong = client.post(f"/api/takes/{take['id']}/anew", json={"bars": "40"})
    assert (wrong.status_code, wrong.json()["field"]) == (422, "bars")


def test_a_variation_keeps_some_of_the_line(client: TestClient, take: Take) -> None:
    answer = client.post(f"/api/takes/{take['id']}/vary", json={"amount": 0.3, "seed": 5})
    assert answer.status_code == 201, answer.text
    varied = answer.json()
    assert varied["parent"] == take["id"]
    assert varied["request"]["kind"] == "vary"
    assert varied["music"]["solo"] != take["music"]["solo"]
    again = client.post("/api/takes", json={"request": varied["request"]})
    assert again.status_code == 201, again.text
    assert again.json()["music"] == varied["music"]
    anew = client.post(f"/api/takes/{varied['id']}/anew", json={"bars": "1-4", "seed": 1})
    assert anew.status_code == 201, anew.text
    assert anew.json()["request"]["keep"] == "5-12"


def test_names_notes_stars_and_deleting_with_undo(client: TestClient, take: Take) -> None:
    new = client.post("/api/takes", json={"request": take["request"]}).json()
    address = f"/api/takes/{new['id']}"
    changed = client.patch(address, json={"name": "<b>Anna</b>", "starred": True})
    assert changed.status_code == 200
    assert changed.json() == {**new, "name": "<b>Anna</b>", "starred": True}
    assert client.patch(address, json={"note": "good"}).json()["name"] == "<b>Anna</b>"
    assert client.patch(address, json={}).json()["note"] == "good"
    listed = client.get("/api/takes").json()["takes"]
    assert listed[0]["id"] == new["id"]
    assert listed[0]["title"] == "Blues in F"
    assert "music" not in listed[0]
    assert all(
        0 <= x <= 1 and 0 <= width <= 1 and 0 <= height <= 1
        for x, width, height, _ in listed[0]["cover"]
    )
    assert client.delete(address).status_code == 204
    assert client.get(address).status_code == 404
    assert client.delete(address).status_code == 404
    assert client.patch(address, json={"name": "x"}).status_code == 404
    assert new["id"] not in {one["id"] for one in client.get("/api/takes").json()["takes"]}
    assert client.post(f"{address}/restore").json()["note"] == "good"
    assert client.get(address).status_code == 200


@pytest.mark.parametrize("kind", ["mid", "musicxml", "svg", "ls", "json", "mp3", "wav"])
def test_files_are_what_they_are_called(client: TestClient, take: Take, kind: str) -> None:
    address = f"/api/takes/{take['id']}.{kind}"
    answer = client.get(address)
    assert answer.status_code == 200, answer.text
    data, told = answer.content, answer.headers
    if kind != "svg":
        assert told["content-disposition"] == f'attachment; filename="blues-f-7.{kind}"'
    if kind == "mid":
        assert playing.requested(data, "x.mid").to_json() == take["request"]
        assert parse(data, "x.mid").tempo_bpm == 140
    elif kind in ("musicxml", "ls"):
        sheet = opening.chart(data, f"x.{kind}")
        assert sheet.changes.bars[0].chords[0].chord.symbol == "F7"
        assert registry.loads(data, f"x.{kind}").phrase is not None
    elif kind == "svg":
        root = ElementTree.fromstring(data)
        assert "n1" in {element.get("id") for element in root.iter()}
        assert b"<style" not in data
        assert "sandbox" in told["content-security-policy"]
    elif kind == "json":
        assert json.loads(data) == take
    elif kind == "mp3":
        assert data[:3] == b"ID3"
    elif kind == "wav":
        with wave.open(io.BytesIO(data)) as sound:
            assert sound.getnframes() / sound.getframerate() > take["music"]["seconds"] - 1
    tag = told["etag"]
    known = client.get(address, headers={"If-None-Match": tag})
    assert (known.status_code, known.content) == (304, b"")
    assert client.get(address, headers={"If-None-Match": '"other"'}).content == data
    if kind in ("mp3", "wav"):
        for asked, found in (
            ("bytes=10-19", data[10:20]),
            ("bytes=-5", data[-5:]),
            (f"bytes={len(data) - 3}-", data[-3:]),
        ):
            part = client.get(address, headers={"Range": asked})
            assert (part.status_code, part.content) == (206, found)
        beyond = client.get(address, headers={"Range": f"bytes={len(data)}-"})
        assert beyond.status_code == 416
        assert beyond.headers["content-range"] == f"bytes */{len(data)}"
        changed = {"Range": "bytes=0-9", "If-Range": '"other"'}
        assert client.get(address, headers=changed).content == data


def test_pages_are_for_a_part_and_for_somebody(client: TestClient, take: Take) -> None:
    pytest.importorskip("typst")
    address = f"/api/takes/{take['id']}"
    pdf = client.get(f"{address}.pdf", params={"part": "Bb", "dedication": "Anna"})
    assert pdf.content.startswith(b"%PDF")
    png = client.get(f"{address}.png")
    assert png.content.startswith(b"\x89PNG")
    other = client.get(f"{address}.pdf", params={"font": "handwritten", "whole": "true"})
    assert b"PetalumaScript" in other.content
    assert client.get(f"{address}.pdf", params={"font": "comic"}).status_code == 422
    whole = client.get(f"{address}.musicxml", params={"whole": "true"}).text
    assert "Ending" in whole
    assert "Ending" not in client.get(f"{address}.musicxml").text
    assert client.get(f"{address}.png", params={"page": 9}).json()["field"] == "page"
    lines = [client.get(f"{address}.svg", params={"bars": bars}).text for bars in (1, 2, 4)]
    assert len(set(lines)) == 3
    assert client.get(f"{address}.svg", params={"bars": 3}).status_code == 422
    wrong = client.get(f"{address}.svg", params={"part": "kazoo"})
    assert (wrong.status_code, wrong.json()["field"]) == (422, "part")


# Changes -----------------------------------------------------------------------------------------


def check(client: TestClient, text: str) -> Any:
    answer = client.post("/api/changes/check", json={"text": text})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_typed_changes_become_a_chart(client: TestClient) -> None:
    text = "[A] F7 | Bb7 . . Bdim7 | % |\n[Solo F7] (3/4) C | N.C. |"
    chart = check(client, text)
    assert chart["problems"] == []
    shown = [
        (bar["section"], bar["meter"], [each["symbol"] for each in bar["chords"]], bar["repeat"])
        for bar in chart["bars"]
    ]
    assert shown == [
        ("A", "4/4", ["F7"], False),
        ("", "4/4", ["B♭7", "Bdim7"], False),
        ("", "4/4", ["B♭7", "Bdim7"], True),
        ("Solo F7", "3/4", ["C"], False),
        ("", "3/4", ["N.C."], False),
    ]
    for bar in chart["bars"]:
        for chord in bar["chords"]:
            symbol = chart["text"][chord["start"] : chord["end"]]
            assert symbol.replace("b", "♭", 1) in (
                chord["symbol"],
                chord["symbol"].replace("b", "♭"),
            )
            assert bool(chord["pitches"]) == (symbol != "N.C.")
    assert check(client, chart["text"])["bars"] == chart["bars"]
    played = client.post(
        "/api/takes", json={"request": {"changes": {"sheet": chart["sheet"]}, "choruses": 1}}
    )
    assert played.status_code == 201, played.text


def test_problems_have_places_and_the_good_bars_stay(client: TestClient) -> None:
    text = "| F7 | Bb7 Xm7 | Qx | C7 |"
    chart = check(client, text)
    assert chart["sheet"] is None
    assert chart["text"] == text
    assert [text[each["start"] : each["end"]] for each in chart["problems"]] == ["Xm7", "Qx"]
    assert [each["bar"] for each in chart["problems"]] == [2, 3]
    assert [[each["symbol"] for each in bar["chords"]] for bar in chart["bars"]] == [
        ["F7"],
        ["B♭7"],
        [],
        ["C7"],
    ]
    empty = check(client, "")
    assert empty["bars"] == []
    assert empty["problems"][0]["message"]


def test_files_become_charts_or_choices(client: TestClient, take: Take) -> None:
    kinds = {"Content-Type": "application/octet-stream"}
    for kind in ("mid", "ls", "musicxml"):
        data = client.get(f"/api/takes/{take['id']}.{kind}").content
        answer = client.post(f"/api/changes/check?name=x.{kind}", content=data, headers=kinds)
        assert answer.status_code == 200, answer.text
        assert len(answer.json()["bars"]) >= 12
    from sideman.formats import ireal
    from sideman.library import songbook

    link = ireal.dumps([songbook.load("blues-f"), songbook.load("happy-birthday")])
    for given in (
        client.post("/api/changes/check?name=x.html", content=link, headers=kinds),
        client.post("/api/changes/check", json={"text": link}),
    ):
        titles = [tune["title"] for tune in given.json()["tunes"]]
        assert titles == ["Blues in F", "Happy Birthday to You"]
    chosen = client.post(
        "/api/changes/check?name=x.html&tune=Blues in F", content=link, headers=kinds
    )
    assert chosen.json()["title"] == "Blues in F"
    nothing = client.post("/api/changes/check?name=x.mid", content=b"MThd", headers=kinds)
    assert nothing.status_code == 422
    assert nothing.headers["content-type"] == "application/problem+json"


def test_the_songbook_is_searched_by_word(client: TestClient) -> None:
    found = client.get("/api/songbook", params={"q": "birthday"}).json()["tunes"]
    assert [each["name"] for each in found] == ["happy-birthday", "happy-birthday-waltz"]
    assert found[0]["bars"] == 8
    assert len(client.get("/api/songbook").json()["tunes"]) > 20
    assert client.get("/api/songbook/blues-f").json()["title"] == "Blues in F"
    missing = client.get("/api/songbook/blues-q")
    assert missing.status_code == 404
    assert "songbook" in missing.json()["detail"]


def test_there_is_something_to_choose_from(client: TestClient) -> None:
    for name in ("players", "styles", "instruments"):
        found = client.get(f"/api/{name}").json()
        assert len(found) > 5
        assert all(each["name"] and each["label"] for each in found)
    knobs = {each["name"]: each for each in client.get("/api/knobs").json()}
    assert knobs["density"]["low"] == 0.25
    assert knobs["top_k"]["high"] is None
    assert all(each["help"] for each in knobs.values())
    about = client.get("/api/about").json()
    assert about["version"] == VERSION
    assert about["model"] is True
    font = client.get(about["sound"]["soundfont"], headers={"Range": "bytes=0-3"})
    assert (font.status_code, font.content) == (206, b"RIFF")
    assert "immutable" in font.headers["cache-control"]
    none = client.get(about["sound"]["soundfont"], headers={"Range": "bytes=99999999-"})
    assert (none.status_code, none.json()["status"]) == (416, 416)


def test_the_system_answers(client: TestClient, take: Take) -> None:
    assert client.get("/health").json() == {"status": "ok"}
    text = client.get("/metrics").text
    values = dict(
        line.rsplit(" ", 1) for line in text.splitlines() if line and not line.startswith("#")
    )
    assert float(values["sideman_solos_total"]) >= 1
    assert float(values['sideman_requests_total{method="POST",status="201"}']) >= 1
    page = client.get("/docs")
    assert "/api/takes/{id}/anew" in page.text
    assert "<script" not in page.text
    assert client.get("/docs.css").headers["content-type"].startswith("text/css")
    assert client.get("/").headers["content-type"].startswith("text/html")
    assert client.get("/nothing").status_code == 404
    assert client.put("/api/takes").status_code == 405


def test_the_head_of_an_answer_is_that_of_get(client: TestClient, take: Take) -> None:
    address = f"/api/takes/{take['id']}"
    for path in ("/", "/health", "/docs", address, f"{address}.mid", "/api/songbook?q=blues"):
        whole, head = client.get(path), client.head(path)
        assert (head.status_code, head.content) == (200, b"")
        for name in ("content-length", "content-type", "etag", "content-security-policy"):
            assert head.headers.get(name) == whole.headers.get(name)
    assert client.head("/nothing").status_code == 404
    tag = client.head(f"{address}.mid").headers["etag"]
    assert client.head(f"{address}.mid", headers={"If-None-Match": tag}).status_code == 304


def test_the_head_of_a_refusal_has_no_body(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    client = TestClient(app, "http://localhost")  # which raises what the server would log
    refused = client.head("/health", headers={"Host": "evil.example"})
    assert (refused.status_code, refused.content) == (421, b"")
    monkeypatch.setattr(Metrics, "text", lambda *_: 1 / 0)
    monkeypatch.setattr(problems, "report", lambda _: None)
    failed = client.head("/metrics")
    assert (failed.status_code, failed.content) == (500, b"")


def test_the_head_of_events_begins_no_work(client: TestClient) -> None:
    request = {"changes": {"text": "| C |"}, "choruses": 1}
    told = client.post(
        "/api/takes", json={"request": request}, headers={"Prefer": "respond-async"}
    ).json()
    assert client.head(told["events"]).headers["content-type"].startswith("text/event-stream")
    studio: Any = client.app.state.studio  # type: ignore[attr-defined]
    assert studio.plays.running[told["id"]].task is None
    assert events(client, told["events"])[-1][0] == "take"


def test_takes_are_listed_sixty_at_a_time(app: FastAPI, quiet: TestClient) -> None:
    for number in range(61):
        summary = {"title": "A", "tempo": 120, "seed": number, "instrument": "flute", "cover": []}
        take = Stored(
            new_id(),
            "2026-11-30T00:00:00Z",
            "",
            "",
            False,
            None,
            "",
            json.dumps(summary),
            "",
            "",
            b"",
        )
        app.state.studio.store.add(take)
    first = quiet.get("/api/takes").json()
    assert first["more"] is True
    assert [take["seed"] for take in first["takes"]] == list(range(60, 0, -1))
    rest = quiet.get("/api/takes", params={"before": first["takes"][-1]["id"]}).json()
    assert rest["more"] is False
    assert [take["seed"] for take in rest["takes"]] == [0]


def test_a_player_has_what_differs_from_the_others(client: TestClient) -> None:
    told = {one["name"]: one["detail"] for one in client.get("/api/players").json()}
    assert told["Paul Desmond"] == "slower notes, fewer notes outside the scale"
    assert told["Charlie Parker"].startswith("fewer repeated notes")
    assert sum(map(bool, told.values())) > len(told) / 2
